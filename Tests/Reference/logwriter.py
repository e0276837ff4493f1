"""Writes an audit log as docs/spec/audit-log.md says, with keys and salts that are given."""

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

import auditdetail as d
import auditlog as log
import hpke
import primitives as p


def u(width, value):
    return value.to_bytes(width // 8, "big")


def chain(*processes):
    """Of (pid, executable, path)."""
    return u(8, len(processes)) + b"".join(
        u(32, pid) + u(8, executable) + p.lp(path) for pid, executable, path in processes)


def detail(*attributes):
    """Of (tag, value)."""
    return u(32, len(attributes)) + b"".join(
        u(16, tag) + p.lp(value) for tag, value in attributes)


def locked_detail(padded, deposit_key, vault, epoch, number, ephemeral):
    message = hpke.sealed(deposit_key, d.info(vault, epoch), u(64, number), padded, ephemeral)
    return u(8, d.TO_DEPOSIT_KEY) + u(32, epoch) + message


class LogWriter:
    """A log that grows; `seed(j)` gives the private key of seal j."""

    def __init__(self, vault, seed):
        self.vault, self.seed = vault, seed
        self.first_key = log.public_half(seed(0))
        self.tip = log.start(vault, self.first_key)
        self.rows, self.seals, self.sealed_entries, self.sealed = [], 0, 0, 0

    def append(self, time, operation, outcome, user, process, object_, detail_):
        """Adds an entry and gives its bytes."""
        columns = (len(self.rows), time, operation, outcome, user, process, object_, detail_)
        entry = log.entry_bytes(*columns)
        self.tip = log.link(self.tip, entry)
        self.rows.append([*columns, self.tip, None, None])
        return entry

    def seal(self):
        """Seals what there is with the key whose turn it is."""
        count = len(self.rows)
        next_key = log.public_half(self.seed(self.seals + 1))
        message = log.seal_message(self.vault, self.seals, count, self.tip, next_key)
        signature = Ed25519PrivateKey.from_private_bytes(self.seed(self.seals)).sign(message)
        self.adopt(next_key, signature)
        return next_key, signature

    def adopt(self, next_key, signature):
        """Puts a seal behind the newest entry, whoever made it."""
        self.rows[-1][-2:] = next_key, signature
        self.tip = log.sealed_tip(self.tip, next_key, signature)
        self.seals, self.sealed_entries = self.seals + 1, len(self.rows)
        self.sealed = self.rows[-1][1]

    @property
    def tip_row(self):
        return (1, self.first_key, len(self.rows), self.seals, self.tip, self.sealed_entries,
                self.sealed, 0, 0, self.seed(self.seals))

    def write(self, connection):
        """Puts the log in the place of the one that is there."""
        for table in ("audit_entry", "audit_tip"):
            connection.execute(f"DELETE FROM {table}")
        places = ", ".join("?" * 11)
        connection.executemany(f"INSERT INTO audit_entry VALUES ({places})", self.rows)
        connection.execute(
            "INSERT INTO audit_tip VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", self.tip_row)
