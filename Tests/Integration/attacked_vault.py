# A vault in somebody else's hands while it is closed, and what must be true of it afterwards.
#
# The oracle: what the vault says is what it said before, or a refusal with one clear line on
# standard error; never a signal, a hang, another value, or a new empty vault.

import os
import shutil
import sqlite3

from support import CofferTest

FIRST, SECOND = b"value one, first", b"value one, second"
OTHER = b"value of two" * 40


class AttackedVault(CofferTest):
    """Base: a vault of two secrets, three versions, two slots."""

    def setUp(self):
        super().setUp()
        self.make_vault(one=FIRST)
        # An entry without a seal of its own among those that have one.
        self.succeed(self.coffer("show", "one"))
        self.succeed(self.coffer("capture", "one", "--stdin", "--replace", stdin=SECOND))
        self.store("two", OTHER, "--label", "labelled")
        self.spare = self.home.path + "/spare"
        self.succeed(self.coffer("slot add", "--new-key-file", self.spare))
        self.pristine = self.home.copy_vault("pristine")
        self.folder = os.path.dirname(self.home.vault)
        with open(self.pristine, "rb") as file:
            self.content = file.read()
        self.memory = self.home.path + "/state/coffer"
        shutil.copytree(self.memory, self.home.path + "/remembered")
        self.asked = [("list",), ("get", "one"), ("get", "one@previous"), ("get", "two")]
        self.baseline = [self.succeed(self.coffer(*words)).out for words in self.asked]
        self.assertEqual(self.baseline, [b"one\ntwo\n", SECOND, FIRST, OTHER])

    def put(self, content):
        """Replaces the vault's file; whatever else lies in its directory goes, and this machine
        remembers what it did when it was pristine."""
        self.forget()
        shutil.copytree(self.home.path + "/remembered", self.memory)
        for name in os.listdir(self.folder):
            path = f"{self.folder}/{name}"
            shutil.rmtree(path) if os.path.isdir(path) else os.unlink(path)
        self.home.file("vault/v.db", content)

    def forget(self):
        """Removes what this machine remembers of the vault."""
        shutil.rmtree(self.memory, ignore_errors=True)

    def attack(self, *statements):
        """Edits a fresh copy with plain SQLite, as an attacker would."""
        self.put(self.content)
        self.edit(*statements)

    def edit(self, *statements):
        """The same with the vault as it stands."""
        connection = sqlite3.connect(self.home.vault, isolation_level=None)
        connection.execute("PRAGMA ignore_check_constraints = ON")
        for statement in statements:
            words = (statement,) if isinstance(statement, str) else statement
            connection.execute(*words)
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.close()
        for name in os.listdir(self.folder):
            os.chmod(f"{self.folder}/{name}", 0o600)

    def assertOracle(self, codes=(3, 5, 6, 8)):
        """Asks everything; returns the exit codes."""
        found = []
        for words, expected in zip(self.asked, self.baseline):
            outcome = self.coffer(*words)
            found.append(outcome.code)
            if outcome.code == 0:
                self.assertEqual(outcome.out, expected, words)
            else:
                self.assertRefused(outcome, codes)
        return found

    def assertRefused(self, outcome, codes):
        self.refuse(outcome, *codes)
        lines = outcome.err.decode().splitlines()
        complaints = [line for line in lines if line.startswith("coffer: error: ")]
        self.assertEqual(len(complaints), 1, outcome)
        allowed = (
            "coffer: error: ", "coffer: hint: ", "coffer: warning: ",
            "coffer: this vault was not seen here before: ")
        self.assertTrue(all(line.startswith(allowed) for line in lines), outcome)
        for value in (FIRST, SECOND, OTHER):
            self.assertNotIn(value, outcome.err)
        return complaints[0].removeprefix("coffer: error: ")

    def assertTold(self, outcome, code, words):
        """Refused with this code and exactly these words."""
        self.assertEqual(self.assertRefused(outcome, (code,)), words)

    def rows(self, sql):
        """What the pristine vault holds."""
        connection = sqlite3.connect(f"file:{self.pristine}?immutable=1", uri=True)
        rows = connection.execute(sql).fetchall()
        connection.close()
        return rows
