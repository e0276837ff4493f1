"""What a machine remembers of a vault: docs/spec/vault-format.md, "Anchor"."""

import hashlib
import os

import primitives as p
from container import check_file
from refusal import need

DOMAIN = p.domain("anchor")
UNPROVED = bytes(32)


class Anchor:
    """The parts of an anchor's file."""

    def __init__(self, data):
        number = lambda at, count: int.from_bytes(data[at:at + count], "big")
        self.vault, self.epoch, self.generation = data[15:31], number(31, 4), number(35, 8)
        self.head_mac, self.seals, self.entries = data[43:75], number(75, 8), number(83, 8)
        self.tip, self.deposit_key = data[91:123], data[123:155]
        self.first_key = None if data[155:187] == UNPROVED else data[155:187]

    @classmethod
    def read(cls, folder, vault):
        """The anchor of a vault; None if there is none that says anything."""
        path = os.path.join(folder, vault.hex())
        if check_file(path) is None:
            return None
        with open(path, "rb") as source:
            return cls.parsed(source.read(513), vault)

    @classmethod
    def parsed(cls, data, vault):
        """What is in the file of a vault; None if that says nothing."""
        if (len(data) != 219 or not data.startswith(DOMAIN + vault)
                or hashlib.sha256(data[:187]).digest() != data[187:]):
            return None
        return cls(data)

    def check(self, head, place):
        """Fails if the vault is older than it was, or went on from an older copy."""
        need(head.generation >= self.generation, "rollback",
             f"generation {head.generation} < {self.generation}")
        need(place.tip.entries >= self.entries, "rollback",
             f"{place.tip.entries} log entries < {self.entries}")
        need((head.generation > self.generation or head.mac == self.head_mac)
             and self.first_key in (None, place.tip.first_key) and place.tip.seals >= self.seals
             and place.had(self.tip, self.entries), "rollback", "it went on from an older copy")


def encoded(vault, epoch, generation, head_mac, seals, entries, tip, deposit_key, first_key):
    u = lambda width, value: value.to_bytes(width // 8, "big")
    body = (DOMAIN + vault + u(32, epoch) + u(64, generation) + head_mac + u(64, seals)
            + u(64, entries) + tip + deposit_key + first_key)
    return body + hashlib.sha256(body).digest()
