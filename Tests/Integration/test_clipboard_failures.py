# A clipboard that fails, and a receipt that cannot be printed; through a program that plays xclip.

import os
import pathlib
import unittest

from support import CofferTest

VALUE = b"the secret"


class ClipboardFailureTest(CofferTest):
    def setUp(self):
        super().setUp()
        self.make_vault()
        self.tools = self.home.folder("tools")
        self.log = self.home.file("calls", b"")
        self.home.environment |= {"DISPLAY": ":none", "PATH": f"{self.tools}:/usr/bin:/bin"}

    def install(self, first, later):
        """What reading does the first time, and after that."""
        script = (
            f'#!/bin/sh\necho "$3" >> "{self.log}"\n[ "$3" = -in ] && exit 0\n'
            f'if [ $(wc -l < "{self.log}") = 1 ]; then {first}; else {later}; fi\n')
        self.home.file("tools/xclip", script.encode(), 0o700)

    def calls(self):
        return pathlib.Path(self.log).read_text().split()

    def capture(self, **options):
        return self.coffer("capture", "a", "--clipboard", **options)

    SAYS = f"printf %s '{VALUE.decode()}'"
    EMPTY = "echo 'Error: target STRING not available' >&2; exit 1"
    BROKEN = "echo \"Error: Can't open display: :none\" >&2; exit 1"

    def test_what_cannot_be_read_again_may_still_hold_the_secret(self):
        for later in (self.BROKEN, "kill -9 $$", "exit 3"):
            with self.subTest(later=later):
                self.home.file("calls", b"")
                self.install(self.SAYS, later)
                outcome = self.succeed(
                    self.coffer("capture", "a", "--clipboard", "--replace"))
                self.assertIn(b"it may still hold the secret", outcome.err)
                self.assertNotIn(b"cleared", outcome.err)
                self.assertEqual(self.calls(), ["-out", "-out"])
                self.assertHolds("a", VALUE)

    def test_what_is_empty_meanwhile_needs_no_word(self):
        self.install(self.SAYS, self.EMPTY)
        outcome = self.succeed(self.capture())
        self.assertNotIn(b"clipboard", outcome.err)

    def test_empty_and_unreadable_are_told_apart(self):
        self.install(self.EMPTY, self.EMPTY)
        self.assertIn(b"the clipboard is empty", self.refuse(self.capture(), 1).err)
        self.home.file("calls", b"")
        self.install(self.BROKEN, self.BROKEN)
        self.assertIn(b"the clipboard cannot be read", self.refuse(self.capture(), 1).err)

    @unittest.skipUnless(os.access("/dev/full", os.W_OK), "needs /dev/full")
    def test_the_clipboard_is_cleared_even_if_the_receipt_cannot_be_printed(self):
        self.install(self.SAYS, self.SAYS)
        with open("/dev/full", "wb") as full:
            outcome = self.capture(stdout=full)
        self.assertEqual(outcome.code, 9, outcome)
        self.assertIn(b"the secret is stored, but its receipt was not", outcome.err)
        self.assertEqual(self.calls(), ["-out", "-out", "-in"])
        self.assertHolds("a", VALUE)


if __name__ == "__main__":
    unittest.main()
