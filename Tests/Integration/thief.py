# Someone who has a vault with all keys of today, the root key and the key that signs next, and
# writes its log anew.

import hashlib
import sqlite3

import root_key
from reference_case import tree

import auditlog
import logwriter
from container import Container

KEPT, MADE, GONE = "kept", "made", "gone"


class Thief:
    """The vault at a path, which is closed."""

    def __init__(self, path, key_file):
        self.path = path
        header = root_key.slots(path)[0]
        self.vault, epoch = header[8:24], int.from_bytes(header[24:28], "big")
        keys = root_key.subkeys(root_key.root_key(path, key_file=key_file), path)
        self.codes = tree.Codes(keys["state"], self.vault, epoch)
        with Container(path) as container:
            log = auditlog.Verified(container, self.vault)
            self.signing_key = auditlog.Tip(container).signing_key
        self.first_key, self.entries = log.first_key, log.entries

    def stolen(self, _):
        """The key of today, whichever seal is to be signed."""
        return self.signing_key

    def own(self, number):
        """Keys of the thief's own."""
        return hashlib.sha256(b"own" + bytes([number])).digest()

    def copied(self, seals, seed, changed=0, count=None, first_key=None):
        """The first `count` entries, of which one is by another user. The seals behind it are kept,
        gone, or made with keys of `seed`; the ones before are kept."""
        log = logwriter.LogWriter(self.vault, seed)
        log.first_key = first_key or self.first_key
        log.tip = auditlog.start(self.vault, log.first_key)
        for entry in self.entries[:count]:
            user = 77 if entry.number == changed else entry.user
            log.append(entry.time, entry.operation, entry.outcome, user, entry.process,
                       entry.object, entry.detail)
            if entry.signature and (entry.number < changed or seals == KEPT):
                log.adopt(entry.next_key, entry.signature)
            elif entry.signature and seals == MADE:
                log.seal()
        return log

    def write(self, log, with_head=True):
        """Puts a log in the place of the one that is there; the head follows."""
        connection = sqlite3.connect(self.path)
        log.write(connection)
        if with_head:
            ((head,),) = connection.execute("SELECT bytes FROM head").fetchall()
            place = b"".join((
                log.seals.to_bytes(8, "big"), len(log.rows).to_bytes(8, "big"), log.tip))
            head = head[:155] + place + head[203:]
            connection.execute("UPDATE head SET bytes = ?, mac = ?", (head, self.codes.head(head)))
        connection.commit()
        connection.close()
