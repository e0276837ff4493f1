# What a machine remembers of a vault, where it cannot be looked at or written.

import os
import shutil
import sqlite3
import subprocess
import tempfile
import time
import unittest

from left_vault import LeftVault
from support import COFFER, PATIENCE, CofferTest, as_root, needs

NOBODY = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--"]


class ObstacleTest(CofferTest):
    WARNING = b"the newest state of the vault could not be remembered here"

    def test_a_vault_that_is_made_or_gets_a_key_says_that_it_is_not_remembered(self):
        self.home.environment["XDG_STATE_HOME"] = "/proc"
        made = self.home.run("init", "--new-key-file", self.home.key)
        self.assertIn(self.WARNING, self.succeed(made).err)
        second = self.home.path + "/second"
        added = self.coffer("slot add", "--new-key-file", second)
        self.assertIn(self.WARNING, self.succeed(added).err)


class ReaderTest(CofferTest):
    """Somebody reads for long, which keeps SQLite's log from being emptied."""

    def setUp(self):
        super().setUp()
        self.make_vault(a=b"one")
        self.pristine = self.home.copy_vault("pristine")
        self.store("b", b"two")

    def hold(self):
        reader = sqlite3.connect(self.home.vault, isolation_level=None)
        self.addCleanup(reader.close)
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM record").fetchone()

    def assertRemembered(self):
        """All that is in the vault and sealed."""
        left = LeftVault(self.home)
        sealed = [entry.number for entry in left.entries if entry.signature][-1] + 1
        self.assertEqual(
            (left.anchor.generation, left.anchor.entries), (left.generation, sealed))

    def test_what_was_sealed_is_remembered_all_the_same(self):
        self.hold()
        time.sleep(1.1)
        self.assertHolds("a", b"one")
        self.store("c", b"three")
        self.assertRemembered()

    def test_an_accepted_rollback_is_remembered_all_the_same(self):
        os.replace(self.pristine, self.home.vault)
        os.chmod(self.home.vault, 0o600)
        self.hold()
        self.refuse(self.coffer("get", "a"), 7)
        self.assertEqual(self.succeed(self.coffer("get", "a", "--accept-rollback")).out, b"one")
        self.assertRemembered()


@as_root
@needs("setpriv")
class ClosedFolderTest(CofferTest):
    """Root may look anywhere, so everything here is done after giving root up."""

    def setUp(self):
        super().setUp()
        self.public = tempfile.mkdtemp(prefix="coffer-public-", dir="/tmp")
        self.addCleanup(shutil.rmtree, self.public)
        os.chmod(self.public, 0o755)
        self.binary = shutil.copy(COFFER, self.public + "/coffer")
        os.chmod(self.binary, 0o755)
        self.folder = self.public + "/nobody"
        os.mkdir(self.folder, 0o700)
        os.chown(self.folder, 65534, 65534)
        self.key = ["--key-file", self.folder + "/key"]
        made = self.coffer("init", "--new-key-file", self.folder + "/key")
        self.assertEqual(made.returncode, 0, made)
        stored = self.coffer("capture", "a", "--stdin", *self.key, input=b"one")
        self.assertEqual(stored.returncode, 0, stored)

    def coffer(self, *words, **options):
        return subprocess.run(
            [*NOBODY, self.binary, *words], capture_output=True, cwd=self.public,
            timeout=PATIENCE, env={"PATH": "/usr/bin:/bin", "HOME": self.folder}, **options)

    def test_a_folder_that_is_closed_is_not_one_in_which_nothing_was_remembered(self):
        state = self.folder + "/.local/state/coffer"
        self.assertEqual(len(os.listdir(state)), 1)
        (anchor,) = os.listdir(state)
        for path, mode in ((state, 0o700), (f"{state}/{anchor}", 0o600)):
            with self.subTest(path=path):
                os.chmod(path, 0)
                for words in (("get", "a"), ("list",), ("audit", "verify"), ("slot", "remove", "0")):
                    outcome = self.coffer(*words, *self.key)
                    self.assertEqual((outcome.returncode, outcome.stdout), (8, b""), outcome)
                    self.assertIn(b"what this machine remembers of the vault", outcome.stderr)
                    self.assertIn(b"XDG_STATE_HOME", outcome.stderr)
                os.chmod(path, mode)
                self.assertEqual(self.coffer("get", "a", *self.key).stdout, b"one")


if __name__ == "__main__":
    unittest.main()
