"""The private part of an entry: docs/spec/audit-log.md, "Private part"."""

import hpke
import primitives as p
from metadata import Cursor, Malformed, demand, is_name, text
from refusal import Refusal, need

LONGEST_TEXT = 1_024
TEXTS = {2: "terminal", 3: "unit", 4: "working_directory", 5: "job", 6: "reason", 10: "prefix"}
NAMES = {7: "name", 8: "new_name", 13: "recipient"}
NUMBERS = {9: ("version", 4), 11: ("slot", 1), 12: ("count", 8)}
UNDER_KEY, TO_DEPOSIT_KEY = 1, 2


def decoded(encoded):
    """The attributes by their words; Malformed if they are not as they are written."""
    cursor = Cursor(encoded)
    found, last = {}, 0
    for _ in range(cursor.number(4)):
        tag = cursor.number(2)
        demand(last < tag <= 13)
        inner = Cursor(cursor.prefixed())
        read(tag, inner, found)
        inner.end()
        last = tag
    cursor.end()
    return found


def read(tag, cursor, found):
    rest = lambda: cursor.take(len(cursor.data))
    if tag == 1:
        found["chain"] = chain(cursor)
    elif tag in TEXTS:
        found[TEXTS[tag]] = text(rest(), 0, LONGEST_TEXT)
    elif tag in NAMES:
        name = rest()
        demand(is_name(name))
        found[NAMES[tag]] = name
    else:
        word, count = NUMBERS[tag]
        found[word] = cursor.number(count)


def chain(cursor):
    """(pid, executable, path) of each process."""
    count = cursor.number(1)
    demand(1 <= count <= 16)
    processes = []
    for _ in range(count):
        pid, executable = cursor.number(4), cursor.number(1)
        demand(executable <= 3)
        processes.append((pid, executable, text(cursor.prefixed(), 0, LONGEST_TEXT)))
    return processes


def context(vault, epoch, number):
    return p.domain("audit") + vault + epoch.to_bytes(4, "big") + number.to_bytes(8, "big")


def info(vault, epoch):
    return p.domain("audit-locked") + vault + epoch.to_bytes(4, "big")


class Opener:
    """Opens private parts with the keys of an epoch, and with those that it keeps of others."""

    def __init__(self, root, vault, epoch, retired=()):
        self.vault, self.epoch = vault, epoch
        self.key = p.subkey(root, vault, epoch, "audit")
        self.private = hpke.private_key(p.subkey(root, vault, epoch, "deposit"))
        self.others = {}
        for ended, sealed in retired:
            self.others[ended] = Retired(
                vault, ended, p.subkey(root, vault, epoch, "retired"), epoch, sealed)

    def opened(self, number, sealed):
        """What stands in a private part; nothing in an empty one."""
        if not sealed:
            return {}
        try:
            return decoded(self.value(number, sealed))
        except Malformed:
            raise Refusal("integrity", f"entry {number}: a detail is not as written") from None

    def value(self, number, sealed):
        epoch = int.from_bytes(sealed[1:5], "big")
        if epoch in self.others:
            return self.others[epoch].value(number, sealed)
        need(epoch == self.epoch, "integrity", "another epoch")
        padded = None
        if sealed[0] == UNDER_KEY:
            padded = p.open_sealed(
                self.key, context(self.vault, self.epoch, number), sealed[5:])
        elif sealed[0] == TO_DEPOSIT_KEY:
            padded = hpke.opened(
                self.private, info(self.vault, self.epoch), number.to_bytes(8, "big"), sealed[5:])
        value = None if padded is None else p.unpadded(padded)
        need(value is not None, "integrity", f"entry {number}: its detail does not open")
        return value


class Retired(Opener):
    """The keys of an epoch that a rekey ended."""

    def __init__(self, vault, ended, key, epoch, sealed):
        context_ = (p.domain("retired") + vault + epoch.to_bytes(4, "big")
                    + ended.to_bytes(4, "big"))
        padded = p.open_sealed(key, context_, sealed)
        keys = None if padded is None else p.unpadded(padded)
        need(keys is not None and len(keys) == 64, "integrity", "the keys of an epoch")
        self.vault, self.epoch, self.others = vault, ended, {}
        self.key, self.private = keys[:32], hpke.private_key(keys[32:])
