"""The audit log as a verifier sees it, without a key of the vault: docs/spec/audit-log.md."""

import hashlib
import re

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

import primitives as p
from container import is_bytes, is_number
from refusal import need

OPERATIONS = dict(enumerate(
    ("init capture read list show edit rename enable disable rm undelete purge import slot-add"
     " slot-replace slot-remove unlock failed-unlock lock accept-rollback break-glass"
     " audit deposit take-in quarantine accept rekey").split(), start=1)) | {
         30: "export", 31: "backup", 32: "restore", 33: "slot-mend", 34: "discard",
         35: "refused-peer"} | dict(enumerate(
             "job-add job-remove deliver revoke collect grant-add grant-remove permit".split(), start=36)) | dict(
                 enumerate("rotate rotate-step rotate-store promote rollback retire"
                           " rotate-abandon".split(), start=48))
OUTCOMES = dict(enumerate("done missing refused damaged failed".split()))
# What is done in the transaction of a new head.
CHANGES = {1, 2, *range(6, 17), 20, *range(24, 28), 32, 34, *range(36, 40), 41, 42, *range(48, 55)}
LONGEST_DETAIL = 65_536
# Times are taken before the lock is: entries of several writers may cross, in milliseconds.
LONGEST_WAIT = 10_000
MOST = 2**63 - 1
ENTRY_COLUMNS = ("number, time, operation, outcome, user, process, object, detail, link, next_key,"
                 " signature")
TIP_COLUMNS = ("first_key, entries, seals, tip, sealed_entries, sealed, failures, failures_since,"
               " signing_key")


def u(width, value):
    return value.to_bytes(width // 8, "big")


def sha256(data):
    return hashlib.sha256(data).digest()


def entry_bytes(number, time, operation, outcome, user, process, object_, detail):
    return (u(64, number) + u(64, time) + u(8, operation) + u(8, outcome) + u(32, user)
            + u(32, process) + object_ + p.lp(detail))


def start(vault, first_key):
    return sha256(p.domain("audit0") + vault + first_key)


def link(tip, entry):
    return sha256(b"\x01" + tip + sha256(entry))


def seal_message(vault, seals, entries, tip, next_key):
    return p.domain("audit-seal") + vault + u(64, seals) + u(64, entries) + tip + next_key


def sealed_tip(tip, next_key, signature):
    return sha256(b"\x02" + tip + next_key + signature)


def public_half(seed):
    public = Ed25519PrivateKey.from_private_bytes(seed).public_key()
    return public.public_bytes(Encoding.Raw, PublicFormat.Raw)


def is_signed(key, signature, message):
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


class Entry:
    """A row of audit_entry within its bounds."""

    def __init__(self, row):
        (self.number, self.time, self.operation, self.outcome, self.user, self.process,
         self.object, self.detail, self.link, self.next_key, self.signature) = row
        words = f"entry {self.number}"
        need(is_number(self.number, 0, MOST) and is_number(self.time, 0, MOST)
             and is_number(self.operation, 0, 255) and is_number(self.outcome, 0, 255)
             and is_number(self.user, 0, 2**32 - 1) and is_number(self.process, 0, 2**32 - 1)
             and is_bytes(self.object, 16) and is_bytes(self.detail)
             and len(self.detail) <= LONGEST_DETAIL and is_bytes(self.link, 32),
             "integrity", f"{words}: a column")
        is_sealed = is_bytes(self.next_key, 32) and is_bytes(self.signature, 64)
        need(is_sealed or self.next_key is None and self.signature is None, "integrity",
             f"{words}: half of a seal")

    @property
    def bytes(self):
        return entry_bytes(self.number, self.time, self.operation, self.outcome, self.user,
                           self.process, self.object, self.detail)

    @property
    def tip(self):
        """Of the chain behind the entry and its seal."""
        if self.signature is None:
            return self.link
        return sealed_tip(self.link, self.next_key, self.signature)


class Tip:
    """The row of audit_tip within its bounds."""

    def __init__(self, container):
        rows = container.rows(f"SELECT {TIP_COLUMNS} FROM audit_tip WHERE id = 1")
        need(rows, "integrity", "no audit log")
        (self.first_key, self.entries, self.seals, self.tip, self.sealed_entries, self.sealed,
         self.failures, self.failures_since, self.signing_key) = rows[0]
        numbers = (self.entries, self.seals, self.sealed_entries, self.sealed, self.failures,
                   self.failures_since)
        need(all(is_number(number, 0, MOST) for number in numbers)
             and all(is_bytes(part, 32) for part in (self.first_key, self.tip, self.signing_key))
             and self.sealed_entries <= self.entries, "integrity", "the tip of the log")


def entry(container, number):
    rows = container.rows(f"SELECT {ENTRY_COLUMNS} FROM audit_entry WHERE number = ?", number)
    return Entry(rows[0]) if rows else None


class Place:
    """Where the log stands, looked at without walking it."""

    def __init__(self, container, vault):
        self.container, self.vault = container, vault
        self.tip = tip = Tip(container)
        newest = container.rows("SELECT max(number) FROM audit_entry")[0][0]
        newest = None if newest is None else entry(container, newest)
        sealed = entry(container, tip.sealed_entries - 1) if tip.sealed_entries else None
        need((tip.sealed_entries == 0) == (tip.seals == 0)
             and (tip.seals == 0 or sealed is not None and sealed.signature is not None)
             and tip.entries == (0 if newest is None else newest.number + 1)
             and tip.tip == (newest.tip if newest else start(vault, tip.first_key)),
             "integrity", "the log ends elsewhere")

    def had(self, tip, entries):
        """Whether the chain had this tip after so many entries."""
        if entries == 0:
            return tip == start(self.vault, self.tip.first_key)
        found = entry(self.container, entries - 1) if entries <= MOST else None
        return found is not None and tip in (found.tip, found.link)

    def check(self, head):
        need(self.tip.entries >= head.entries
             and 0 <= self.tip.seals - head.seals <= self.tip.entries - head.entries
             and self.had(head.audit_tip, head.entries), "integrity", "the log was cut")
        self.check_newest_seal()

    def check_newest_seal(self):
        """It is the one of its number, by the key that the seal before it names."""
        if not self.tip.seals:
            return
        count = self.tip.sealed_entries
        sealed = entry(self.container, count - 1)
        keys = self.container.rows(
            "SELECT next_key FROM audit_entry WHERE number < ? AND next_key IS NOT NULL"
            " ORDER BY number DESC LIMIT 1", count - 1)
        key = self.tip.first_key if self.tip.seals == 1 else keys[0][0] if keys else None
        message = seal_message(
            self.vault, self.tip.seals - 1, count, sealed.link, sealed.next_key)
        need(is_bytes(key, 32) and is_signed(key, sealed.signature, message), "integrity",
             "the newest seal is not the one of its number")


class Verified:
    """Every row of the log, verified in its order."""

    def __init__(self, container, vault, first_key=None):
        """`first_key` is the one that a verifier knows of."""
        tip = Tip(container)
        need(first_key in (None, tip.first_key), "rollback", "the log of another first key")
        self.vault, self.first_key, self.key = vault, tip.first_key, tip.first_key
        self.tip, self.seals, self.sealed_entries = start(vault, tip.first_key), 0, 0
        self.entries, self.notes, self.latest = [], [], 0
        # The tip after so many entries and seals.
        self.tips = {(0, 0): self.tip}
        for row in container.rows(f"SELECT {ENTRY_COLUMNS} FROM audit_entry ORDER BY number"):
            self.take(Entry(row))
        need((tip.entries, tip.seals, tip.tip, tip.sealed_entries)
             == (len(self.entries), self.seals, self.tip, self.sealed_entries),
             "integrity", "the log ends elsewhere")
        need(public_half(tip.signing_key) == self.key, "integrity", "another signing key")
        need(container.rows("PRAGMA integrity_check('audit_entry')") == [(b"ok",)], "integrity",
             "the index does not list every entry")

    def take(self, entry):
        count = len(self.entries)
        need(entry.number == count, "integrity", f"entry {count}: not there")
        self.tip = link(self.tip, entry.bytes)
        need(entry.link == self.tip, "integrity", f"entry {count}: does not fit its link")
        if entry.time + LONGEST_WAIT < self.latest:
            self.notes.append(f"entry {count}: the clock went backwards")
        self.latest = max(self.latest, entry.time)
        self.entries.append(entry)
        self.tips[count + 1, self.seals] = self.tip
        if entry.signature is not None:
            self.seal(entry)

    def seal(self, entry):
        count = len(self.entries)
        need(count > self.sealed_entries, "integrity", f"entry {count - 1}: an empty seal")
        message = seal_message(self.vault, self.seals, count, self.tip, entry.next_key)
        need(is_signed(self.key, entry.signature, message), "integrity",
             f"entry {count - 1}: its seal is not by the key of seal {self.seals}")
        self.tip, self.key = entry.tip, entry.next_key
        self.seals, self.sealed_entries = self.seals + 1, count
        self.tips[count, self.seals] = self.tip

    def check_head(self, head):
        """The head is of this chain, and nothing was changed since."""
        need(self.tips.get((head.entries, head.seals)) == head.audit_tip, "integrity",
             "the log is not that of the head")
        for entry in self.entries[head.entries:]:
            need(entry.operation not in CHANGES or entry.outcome != 0, "integrity",
                 f"entry {entry.number}: a change that the head does not have")

    def check_anchor(self, anchor):
        need(self.tips.get((anchor.entries, anchor.seals)) == anchor.tip
             and anchor.first_key in (None, self.first_key), "rollback",
             "not what was seen of the log")

    def check_receipt(self, line, generation):
        number = "(0|[1-9][0-9]{0,19})"
        form = f"coffer-receipt-1 ([0-9a-f]{{32}}) g{number} e{number} s{number} ([0-9a-f]{{16}})"
        words = re.fullmatch(form, " ".join(line.split()))
        need(words, "usage", "no receipt")
        vault, seen, entries, seals, digits = words.groups()
        tip = self.tips.get((int(entries), int(seals)))
        need(vault == self.vault.hex() and generation >= int(seen)
             and tip is not None and tip[:8].hex() == digits, "rollback",
             "not the vault of the receipt")


def receipt(vault, generation, entries, seals, tip):
    return f"coffer-receipt-1 {vault.hex()} g{generation} e{entries} s{seals} {tip[:8].hex()}"
