# The hidden prompt: whatever ends or stops it, the terminal is in order again (attack case F100).

import signal
import unittest

from shell import Shell
from support import CofferTest, wait_until

PASSPHRASE = b"correct horse battery staple"


class PromptTest(CofferTest):
    def setUp(self):
        super().setUp()
        self.make_passphrase_vault(PASSPHRASE, a=b"shown value")

    def prompt(self):
        """A run that asks for the passphrase, and has taken the terminal out of order for it."""
        shell = Shell(self.home, "get", "a", "--show")
        self.addCleanup(shell.__exit__)
        shell.expect_prompt(b"passphrase: ")
        return shell

    def assertShowsValue(self, shell):
        shell.type(PASSPHRASE + b"\n")
        shell.expect(b"shown value")
        self.assertEqual(shell.stopped_or_ended(), 0)
        self.assertTrue(shell.is_in_order)

    def test_a_passphrase_that_is_typed_is_not_shown(self):
        shell = self.prompt()
        shell.type(PASSPHRASE + b"\n")
        self.assertNotIn(PASSPHRASE[:4], shell.expect(b"shown value"))
        self.assertEqual(shell.stopped_or_ended(), 0)
        self.assertTrue(shell.is_in_order)
        self.assertNotIn(PASSPHRASE[:4], shell.rest())

    def test_signals_that_end_it_give_the_terminal_back(self):
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT):
            with self.subTest(signal=number.name):
                shell = self.prompt()
                shell.send(number)
                self.assertEqual(shell.stopped_or_ended(), -number)
                self.assertTrue(shell.is_in_order)

    def test_keys_that_end_it_give_the_terminal_back(self):
        for key in (b"\x03", b"\x1c", b"\x04"):
            with self.subTest(key=key):
                shell = self.prompt()
                shell.type(b"half a pass" if key != b"\x04" else b"")
                shell.type(key)
                self.assertEqual(shell.stopped_or_ended(), 130)
                self.assertTrue(shell.is_in_order)
                self.assertNotIn(b"half", shell.rest())

    def assertStopsAndGoesOn(self, stop):
        shell = self.prompt()
        shell.type(b"never mind\x15")
        for _ in range(2):
            stop(shell)
            self.assertEqual(shell.stopped_or_ended(), "stopped")
            self.assertTrue(shell.is_in_order)
            shell.send(signal.SIGCONT)
            wait_until(lambda: shell.is_hidden, "hidden again")
        self.assertShowsValue(shell)

    def test_the_stop_key_gives_the_terminal_back_and_goes_on_hidden(self):
        self.assertStopsAndGoesOn(lambda shell: shell.type(b"\x1a"))

    def test_a_stop_signal_gives_the_terminal_back_and_goes_on_hidden(self):
        self.assertStopsAndGoesOn(lambda shell: shell.send(signal.SIGTSTP))

    def test_a_wrong_passphrase_gives_the_terminal_back(self):
        shell = self.prompt()
        shell.type(b"incorrect\n")
        shell.expect(b"coffer: error: ")
        self.assertEqual(shell.stopped_or_ended(), 3)
        self.assertTrue(shell.is_in_order)

    def test_a_value_is_not_shown_on_a_terminal_unasked(self):
        """E76."""
        with Shell(self.home, "get", "a", "--key-file", self.home.key) as shell:
            shell.expect(b"--show")
            self.assertEqual(shell.stopped_or_ended(), 8)
            self.assertNotIn(b"shown value", shell.rest())

    def test_what_is_typed_too_early_or_too_late_is_not_taken_for_a_command(self):
        """The rest of a paste must not reach the shell."""
        shell = self.prompt()
        shell.type(PASSPHRASE + b"\nrm -rf x\n")
        shell.expect(b"shown value")
        self.assertEqual(shell.stopped_or_ended(), 0)
        self.assertNotIn(b"rm -rf", shell.rest())


if __name__ == "__main__":
    unittest.main()
