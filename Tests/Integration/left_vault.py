# A vault as it lies there, seen by the independent reader in a copy: looking tidies nothing up.

import os
import pathlib
import shutil

from reference_case import reader

import auditlog


class LeftVault:
    """One state of a vault. Its log is verified, and held against the head and the anchor."""

    def __init__(self, home):
        folder, name = os.path.split(home.vault)
        copy = f"{home.path}/left"
        shutil.copytree(folder, copy)
        try:
            self.content = b"".join(path.read_bytes() for path in pathlib.Path(copy).iterdir())
            with reader.Container(f"{copy}/{name}") as container:
                self._read(container, home)
        finally:
            shutil.rmtree(copy)

    def _read(self, container, home):
        memory = f"{home.path}/state/coffer"
        key = reader.p.raw_key(pathlib.Path(home.key).read_bytes())
        vault = reader.Vault(container, reader.RAW_KEY, key, memory)
        log = reader.verified(container, memory)
        self.anchor = reader.Anchor.read(memory, vault.vault)
        self.generation, self.slots = vault.tree.head.generation, len(vault.slots)
        self.first_key, self.entries, self.seals = log.first_key, log.entries, log.seals
        self.signing_key = auditlog.Tip(container).signing_key
        rows = container.rows("SELECT name_index, rid, revision, epoch, blob FROM metadata")
        found = [vault.metadata(row) for row in rows]
        self.labels = {secret.name.decode(): secret.label for secret in found}
        self.values = {
            secret.name.decode(): vault.value(secret.name, allow_disabled=True)
            for secret in found if secret.removed is None and secret.version("current")}
        self.details = [vault.details.opened(entry.number, entry.detail) for entry in log.entries]

    def done(self, start=0):
        """What the entries from a number on say was done: (operation, outcome, name)."""
        return [
            (auditlog.OPERATIONS[entry.operation], auditlog.OUTCOMES[entry.outcome],
             detail.get("name", b"").decode())
            for entry, detail in zip(self.entries[start:], self.details[start:])]

    @property
    def links(self):
        return [entry.link for entry in self.entries]

    @property
    def signed(self):
        """(public key, how many entries it signed, signature) of every seal."""
        sealed = [entry for entry in self.entries if entry.signature]
        keys = [self.first_key, *(entry.next_key for entry in sealed)]
        return [(key, entry.number + 1, entry.signature) for key, entry in zip(keys, sealed)]
