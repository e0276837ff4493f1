# Keys on paper: a code that is typed back, shares that are typed, a slot that comes back from its
# sheet (attack case B33).

import re
import sqlite3
import unittest

from shell import Shell
from support import CofferTest

CODE = re.compile(rb"\s((?:[0-9A-Z]{7}-){7}[0-9A-Z]{7})\s")
SHARE = re.compile(rb"\s((?:[0-9A-Z]{8}-){8}[0-9A-Z]{8})\s")


class TypedBackTest(CofferTest):
    def shell(self, *words):
        shell = Shell(self.home, *words)
        self.addCleanup(shell.__exit__)
        return shell

    def shown(self, shell, pattern):
        """What is shown to be written down."""
        found = pattern.search(shell.expect(b"press Enter"))
        self.assertIsNotNone(found)
        return found[1]

    def test_a_recovery_code_is_typed_back_before_there_is_a_slot(self):
        self.make_vault(a=b"value")
        shell = self.shell("slot", "add", "--new-recovery", "--key-file", self.home.key)
        code = self.shown(shell, CODE)
        shell.type(b"\n")
        wrong = code[:-1] + (b"0" if code[-1:] != b"0" else b"1")
        for _ in range(3):
            shell.expect_prompt(b"type it back: ")
            shell.type(wrong + b"\n")
            shell.expect(b"that is not the code")
        # Offered again, the same one.
        self.assertEqual(self.shown(shell, CODE), code)
        shell.type(b"\n")
        shell.expect_prompt(b"type it back: ")
        self.assertNotIn(b"raw key\n  1", self.home.run("slot", "list").out)
        shell.type(code.lower().replace(b"-", b" ") + b"\n")
        shell.expect(b"added slot 1")
        self.assertEqual(shell.stopped_or_ended(), 0)
        shell = self.shell("get", "a", "--show", "--recovery")
        shell.expect_prompt(b"recovery code: ")
        shell.type(code + b"\n")
        shell.expect(b"value")

    def test_a_code_that_is_not_typed_back_makes_no_vault(self):
        shell = self.shell("init", "--kdf-memory", "64MiB")
        for prompt in (b"new passphrase: ", b"once more: "):
            shell.expect_prompt(prompt)
            shell.type(b"correct horse battery staple\n")
        shell.expect(b"a recovery code")
        shell.type(b"y\n")
        self.shown(shell, CODE)
        shell.type(b"\n")
        shell.expect_prompt(b"type it back: ")
        shell.type(b"\x03")
        self.assertEqual(shell.stopped_or_ended(), 130)
        self.assertEqual(self.home.run("slot", "list").code, 4)

    def test_shares_do_not_stay_on_the_screen(self):
        """Whatever ends it: nothing of them is where the terminal keeps what was shown."""
        self.make_vault(a=b"value")
        words = ("recovery", "split", "--shares", "2", "--threshold", "2", "--key-file",
                 self.home.key)
        shell = self.shell(*words)
        shown = b""
        for _ in range(2):
            shown += shell.expect(b"press Enter")
            shell.type(b"\n")
        shown += shell.expect(b"added slot")
        self.assertEqual(len(SHARE.findall(shown)), 2)
        self.assertEqual(self.left_on_screen(shown).strip(), b"")
        for end, code in ((b"\x03", -2), (b"\x1a\x03", -2), (b"\x1c", -3), (None, -15)):
            shell = self.shell(*words)
            shown = shell.expect(b"press Enter")
            if end is None:
                shell.send(15)
            for byte in end or b"":
                shell.type(bytes([byte]))
            self.assertEqual(shell.stopped_or_ended(), code)
            shown += shell.rest()
            self.assertTrue(SHARE.search(shown))
            self.assertFalse(SHARE.search(self.left_on_screen(shown)))
            self.assertIn(b"\x1b[2J\x1b[?1049l", shown)

    def left_on_screen(self, shown):
        """What was shown on the screen that stays."""
        return re.sub(rb"(?s)\x1b\[\?1049h.*?\x1b\[\?1049l", b"", shown)

    def test_shares_are_shown_and_typed(self):
        self.make_vault(a=b"value")
        shell = self.shell(
            "recovery", "split", "--shares", "3", "--threshold", "2", "--key-file", self.home.key)
        shares = []
        for _ in range(3):
            shares.append(self.shown(shell, SHARE))
            shell.type(b"\n")
        shell.expect(b"any 2 of 3 shares open it")
        self.assertEqual(len(set(shares)), 3)
        shell = self.shell("get", "a", "--show", "--recovery-shares")
        shell.expect_prompt(b"share 1: ")
        shell.type(shares[2] + b"\n")
        shell.expect_prompt(b"share 2: ")
        shell.type(shares[0][:-1] + b"\n")
        shell.expect(b"mistyped")
        shell.expect_prompt(b"share 2: ")
        shell.type(shares[0].lower() + b"\n")
        shell.expect(b"value")


class SameNumberTest(CofferTest):
    def test_a_new_passphrase_replaces_no_key_that_took_the_number_meanwhile(self):
        passphrase = b"correct horse battery staple\n"
        self.make_passphrase_vault(passphrase, a=b"value")
        slots = self.home.run("slot", "list").out.decode().splitlines()
        number = next(line.split()[0] for line in slots if "passphrase" in line)
        shell = Shell(self.home, "passphrase", "--key-file", self.home.key, "--kdf-memory", "64MiB")
        self.addCleanup(shell.__exit__)
        shell.expect_prompt(b"new passphrase: ")
        self.succeed(self.coffer("slot remove", number))
        job = f"{self.home.path}/job.key"
        self.succeed(self.coffer("slot add", "--new-key-file", job))
        self.assertIn(f"{number}  raw key", self.home.run("slot", "list").out.decode())
        for prompt in (b"", b"once more: "):
            if prompt:
                shell.expect_prompt(prompt)
            shell.type(b"another horse battery staple\n")
        shell.expect(b"changed the key slots")
        self.assertEqual(shell.stopped_or_ended(), 10)
        self.succeed(self.home.run("get", "a", "--key-file", job))


class SheetTest(CofferTest):
    def test_a_vault_whose_slots_are_damaged_opens_again_with_a_sheet(self):
        """B33."""
        self.make_vault(a=b"value")
        sheet = self.succeed(self.home.run("slot", "export", "0")).out
        database = sqlite3.connect(self.home.vault)
        for table in ("slot", "slot_copy"):
            database.execute(f"UPDATE {table} SET bytes = randomblob(224)")
        database.commit()
        database.close()
        damaged = self.refuse(self.coffer("get", "a"), 5)
        self.assertIn(b"coffer slot import", damaged.err)
        mistyped = self.home.file("mistyped", re.sub(rb"(?m)^(4: .*).$", rb"\1U", sheet))
        refused = self.refuse(self.home.run("slot", "import", mistyped), 2)
        self.assertIn(b"line 4 of the sheet is mistyped", refused.err)
        typed = self.home.file("typed", sheet.lower())
        self.succeed(self.home.run("slot", "import", typed))
        self.assertHolds("a", b"value")
        self.succeed(self.coffer("audit verify"))


if __name__ == "__main__":
    unittest.main()
