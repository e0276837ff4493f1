# What others put beside a vault or in its place (attack cases A2, A20, A21, F85, F86).

import os
import struct
import unittest

from attacked_vault import AttackedVault
from support import as_root, needs
from tracing import traced


class PlantedFileTest(AttackedVault):
    MAGIC = bytes.fromhex("d9d505f920a163d7")

    def test_a_planted_journal_is_refused_and_deletes_nothing(self):
        """A20: its end names another file, which plain SQLite would delete."""
        victim = self.home.file("precious", b"mine")
        name = victim.encode()
        journal = self.MAGIC + struct.pack(">IIIII", 0, 1, 7, 512, 4096).ljust(504, b"\0")
        trailer = name + struct.pack(">II", len(name), sum(name)) + self.MAGIC
        for content in (journal + trailer, journal, b"", b"garbage" * 100, trailer):
            with self.subTest(content=content[-40:]):
                self.put(self.content)
                self.home.file("vault/v.db-journal", content)
                for words in (*self.asked, ("capture", "new", "--stdin")):
                    self.assertRefused(self.coffer(*words, stdin=b"x"), (6,))
                with open(victim, "rb") as file:
                    self.assertEqual(file.read(), b"mine")

    def test_what_is_no_file_beside_the_vault_is_refused_and_not_touched(self):
        """A20b."""
        victim = self.home.file("precious", b"mine")
        for suffix in ("-journal", "-wal", "-shm"):
            for make in (lambda path: os.symlink(victim, path), os.mkfifo, os.mkdir,
                         lambda path: os.link(victim, path)):
                with self.subTest(suffix=suffix):
                    self.put(self.content)
                    make(self.home.vault + suffix)
                    for words in (*self.asked, ("capture", "new", "--stdin")):
                        self.assertRefused(self.coffer(*words, stdin=b"x"), (6, 8))
                    with open(victim, "rb") as file:
                        self.assertEqual(file.read(), b"mine")

    def test_garbage_in_the_log_and_its_index_gives_the_same_or_a_refusal(self):
        """A21."""
        for suffix in ("-wal", "-shm"):
            for content in (b"", b"\0" * 4096, os.urandom(32768), b"\x37\x7f\x06\x82" + bytes(60)):
                with self.subTest(suffix=suffix, content=content[:8]):
                    self.put(self.content)
                    self.home.file(f"vault/v.db{suffix}", content)
                    self.assertOracle()

    @needs("strace")
    def test_the_log_of_another_vault_gives_the_same_or_a_refusal(self):
        """A21: with valid checksums, so that SQLite plays it back."""
        log = self.log_of_another_vault()
        self.put(self.content)
        self.home.file("vault/v.db-wal", log)
        # Its pages take the place of ours, and with them our rows are gone: 4, as for removed rows.
        found = self.assertOracle((3, 4, 5, 6))
        self.assertTrue(all(found), "the control: it was played back")

    def log_of_another_vault(self):
        """The log that a kill leaves behind."""
        other, key = self.home.folder("other") + "/v.db", self.home.path + "/other-key"
        self.succeed(self.home.run("init", "--vault", other, "--new-key-file", key))
        words = ["capture", "one", "--vault", other, "--key-file", key, "--stdin"]
        outcome, _ = traced(self.home, words, b"planted", "write:signal=KILL:when=1", "write")
        self.assertEqual(outcome.code, -9, outcome)
        with open(f"{other}-wal", "rb") as file:
            log = file.read()
        self.assertGreater(len(log), 4096)
        return log


class PlaceTest(AttackedVault):
    def test_what_is_no_private_file_is_refused(self):
        """F85, F86."""
        for change, undo in (
            (lambda: os.chmod(self.home.vault, 0o640), lambda: os.chmod(self.home.vault, 0o600)),
            (lambda: os.chmod(self.folder, 0o750), lambda: os.chmod(self.folder, 0o700)),
            (lambda: os.link(self.home.vault, self.home.path + "/hard"),
             lambda: os.unlink(self.home.path + "/hard")),
        ):
            change()
            for words in self.asked:
                self.assertRefused(self.coffer(*words), (8,))
            undo()
        self.assertEqual(self.assertOracle(), [0, 0, 0, 0])

    @as_root
    def test_a_vault_of_another_user_is_refused(self):
        """F85."""
        for path in (self.home.vault, self.folder):
            os.chown(path, 65534, -1)
            for words in self.asked:
                self.assertRefused(self.coffer(*words), (8,))
            os.chown(path, 0, -1)

    def test_no_vault_is_made_where_there_was_one(self):
        """A2."""
        # A read of the last second leaves its entry in the log beside the vault.
        for name in os.listdir(self.folder):
            os.unlink(f"{self.folder}/{name}")
        for words in self.asked:
            self.assertRefused(self.coffer(*words), (4,))
        self.assertEqual(os.listdir(self.folder), [])


if __name__ == "__main__":
    unittest.main()
