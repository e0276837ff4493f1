"""Key slots: docs/spec/vault-format.md, "Slots"."""

import hashlib
import hmac
import os

import primitives as p
from container import is_bytes, is_number
from refusal import need

PASSPHRASE, RAW_KEY = 1, 3


class Slot:
    """A slot that passed every check that needs no key."""

    DAMAGED, REFUSED = "damaged", "refused"

    def __init__(self, data):
        number = lambda start, count: int.from_bytes(data[start:start + count], "big")
        self.header, self.sealed = data[:88], data[88:192]
        self.number, self.kind = data[4], data[5]
        self.vault, self.epoch = data[8:24], number(24, 4)
        self.memory, self.passes, self.lanes = number(28, 4), number(32, 4), number(36, 4)
        self.argon_version, self.salt = number(40, 4), data[44:76]
        self.suite, self.created, self.flags = number(6, 2), number(76, 8), number(84, 4)

    @classmethod
    def read(cls, data, row):
        """A slot, or what keeps it from being read."""
        if not is_bytes(data, 224) or data[:4] != b"SLT1":
            return cls.DAMAGED
        if not hmac.compare_digest(hashlib.sha256(data[:192]).digest(), data[192:]):
            return cls.DAMAGED
        slot = cls(data)
        if slot.suite != 1 or slot.kind not in (PASSPHRASE, RAW_KEY) or slot.flags != 0:
            return cls.REFUSED
        if slot.number > 7 or slot.epoch < 1 or slot.created > 253_402_300_799:
            return cls.DAMAGED
        if not slot.has_good_derivation():
            return cls.REFUSED
        return slot if slot.number == row else cls.DAMAGED

    def has_good_derivation(self):
        costs = (self.memory, self.passes, self.lanes)
        if self.kind == RAW_KEY:
            return costs == (0, 0, 0) and self.argon_version == 0
        machine = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGESIZE") // 1_024
        return (self.argon_version == 0x13 and 19_456 <= self.memory <= 4_194_304
                and self.memory <= machine // 2 and 1 <= self.passes <= 64
                and 1 <= self.lanes <= 64 and 8 * self.lanes <= self.memory)

    def root(self, kind, key):
        """The root key, or None."""
        if kind != self.kind:
            return None
        if kind == RAW_KEY:
            kek = p.raw_kek(key, self.salt)
        else:
            kek = p.passphrase_kek(key, self.salt, self.memory, self.passes, self.lanes)
        return p.open_sealed(kek, p.slot_context(self.header), self.sealed)


def read_slots(container):
    tables = [dict(container.rows(f"SELECT number, bytes FROM {table} LIMIT 256"))
              for table in ("slot", "slot_copy")]
    numbers = sorted(set(tables[0]) | set(tables[1]))
    need(all(is_number(number, 0, 255) for number in numbers), "integrity", "a slot's number")
    slots, is_any_refused = [], False
    for number in numbers:
        copies = [Slot.read(table.get(number), number) for table in tables]
        readable = [copy for copy in copies if isinstance(copy, Slot)]
        if readable:
            slots.append(readable[0])
        elif Slot.REFUSED in copies:
            is_any_refused = True
    need(slots, "unsupported" if is_any_refused else "integrity", "no slot can be read")
    first = slots[0]
    need(all((slot.vault, slot.epoch) == (first.vault, first.epoch) for slot in slots),
         "integrity", "slots of different vaults")
    return slots
