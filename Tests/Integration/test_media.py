# A vault where nobody can write, and on a device that cannot be read (attack cases C53, C61).

import os
import shutil
import sqlite3
import subprocess
import unittest

from support import CofferTest, as_root, needs
from tracing import traced

NOBODY = 65534


class UnwritableTest(CofferTest):
    """Base: a vault of this release and one of each before, each in one file."""

    def setUp(self):
        super().setUp()
        self.make_vault(a=b"the value")
        self.folder = self.home.folder("medium")
        earlier = ""
        for name, missing in (
                ("third", ""), ("second", "DROP TABLE policy; PRAGMA user_version=2"),
                ("first", "DROP INDEX audit_entry_of_deposits; DROP TABLE inbox;"
                 " DROP TABLE retired_key; PRAGMA user_version=1")):
            earlier += f"{missing};"
            shutil.copyfile(self.home.vault, f"{self.folder}/{name}.db")
            connection = sqlite3.connect(f"{self.folder}/{name}.db")
            connection.executescript(f"{earlier} PRAGMA wal_checkpoint(TRUNCATE)")
            connection.close()
        for name in os.listdir(self.folder):
            os.chmod(f"{self.folder}/{name}", 0o600)

    def check(self, **options):
        """What needs no entry in the log works, of every release; nothing else is released."""
        for name in ("first", "second", "third"):
            with self.subTest(release=name):
                vault = f"{self.folder}/{name}.db"
                before = open(vault, "rb").read()
                for words in ("audit verify", "audit receipt", "slot list", "inbox list"):
                    self.succeed(self.home.run(*words.split(), "--vault", vault, **options))
                for words in ("get a", "list"):
                    refused = self.refuse(
                        self.coffer(words, "--vault", vault, **options), 8)
                    self.assertIn(b"it can only be read", refused.err)
                    self.assertIn(b"coffer restore", refused.err)
                copy = f"{self.home.folder(f'copy-of-{name}')}/v.db"
                self.own(os.path.dirname(copy))
                self.succeed(self.coffer(
                    f"restore {vault}", "--vault", copy, "--accept-rollback", **options))
                got = self.succeed(self.coffer("get a", "--vault", copy, **options))
                self.assertEqual(got.out, b"the value")
                backup = f"{os.path.dirname(copy)}/backup.db"
                told = self.succeed(
                    self.home.run("backup", backup, "--vault", vault, **options))
                self.assertIn(b"the backup is not in the audit log", told.err)
                self.assertEqual(open(vault, "rb").read(), before)
                # The next one is another state of the same vault.
                self.home.forget()

    def own(self, path):
        """Gives it to whoever runs the program."""

    @as_root
    @needs("mount", "umount")
    def test_on_a_medium_that_can_only_be_read(self):
        files = {name: open(f"{self.folder}/{name}", "rb").read()
                 for name in os.listdir(self.folder)}
        mount = ["mount", "-t", "tmpfs", "-o", "mode=0700", "coffer-test", self.folder]
        if subprocess.run(mount, capture_output=True).returncode:
            self.skipTest("nothing can be mounted here")
        self.addCleanup(subprocess.run, ["umount", self.folder], check=True)
        for name, content in files.items():
            self.home.file(f"medium/{name}", content)
        subprocess.run(["mount", "-o", "remount,ro", self.folder], check=True)
        self.check()

    @as_root
    def test_where_its_owner_may_only_read(self):
        for folder, folders, files in os.walk(self.home.path):
            for name in [".", *folders, *files]:
                os.chown(f"{folder}/{name}", NOBODY, NOBODY)
        for name in os.listdir(self.folder):
            os.chmod(f"{self.folder}/{name}", 0o400)
        os.chmod(self.folder, 0o500)
        self.own = lambda path: os.chown(path, NOBODY, NOBODY)
        self.check(user=NOBODY, group=NOBODY, extra_groups=[])


@needs("strace")
class UnreadableTest(CofferTest):
    def test_a_device_that_cannot_be_read_is_no_damage_and_no_other_format(self):
        """C53."""
        self.make_vault(a=b"the value")
        codes = set()
        for call in ("pread64", "openat"):
            for place in range(1, 12):
                outcome, trace = traced(
                    self.home, ["slot", "list"], b"", f"{call}:error=EIO:when={place}+",
                    trace=call, options=["-P", self.home.vault])
                if trace.place("(INJECTED)") is None:
                    continue
                # One of two copies of a slot may be enough.
                self.assertIn(outcome.code, (0, 9), (call, place, outcome))
                codes.add(outcome.code)
        self.assertIn(9, codes)
        self.assertHolds("a", b"the value")


if __name__ == "__main__":
    unittest.main()
