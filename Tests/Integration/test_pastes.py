# What a terminal sends at once without saying that it is a paste (attack case F100).

import fcntl
import os
import termios
import unittest

from shell import Shell
from support import CofferTest, wait_until
from tracing import proc

PEM = (
    b"-----BEGIN PRIVATE KEY-----\n" + b"MIIEvQIBADANBgkqhkiG9w0BAQEFAASC\n" * 40
    + b"\nrm -rf x\n-----END PRIVATE KEY-----\n"
)


class UnmarkedPasteTest(CofferTest):
    def setUp(self):
        super().setUp()
        self.make_vault()

    def capture(self, *words):
        shell = Shell(self.home, "capture", "pem", "--key-file", self.home.key, *words)
        self.addCleanup(shell.__exit__)
        shell.expect_prompt(b"Secret: ")
        return shell

    @staticmethod
    def is_quiet(shell):
        """Whether everything was read and more is waited for without end."""
        waiting = bytearray(4)
        terminal = os.open(f"/proc/{shell.leader}/fd/0", os.O_RDONLY | os.O_NOCTTY)
        fcntl.ioctl(terminal, termios.FIONREAD, waiting)
        os.close(terminal)
        return not any(waiting) and proc(shell.job, "syscall").split()[0] == b"0"

    def assertStored(self, shell, value):
        shell.expect(b"stored")
        self.assertEqual(shell.stopped_or_ended(), 0)
        self.assertTrue(shell.is_in_order)
        self.assertNotIn(b"rm -rf", shell.rest())
        self.assertHolds("pem", value)

    def test_all_of_it_is_the_value_if_that_is_wanted(self):
        shell = self.capture()
        shell.type(PEM)
        shell.expect(b"44 lines came at once")
        shell.expect(b"is all of it the value? [Y/n]: ")
        shell.type(b"\n")
        self.assertStored(shell, PEM)

    def test_a_paste_without_a_last_line_break_ends_with_enter_which_is_not_part_of_it(self):
        shell = self.capture("--yes")
        shell.type(PEM[:-1])
        wait_until(lambda: self.is_quiet(shell), "the paste is over")
        shell.type(b"\n")
        shell.expect(b"44 lines came at once")
        self.assertStored(shell, PEM[:-1])

    def test_a_no_asks_again_and_nothing_of_it_is_kept(self):
        shell = self.capture()
        shell.type(PEM)
        shell.expect(b"[Y/n]: ")
        shell.type(b"n\n")
        shell.expect_prompt(b"Secret: ")
        shell.type(b"one line\n")
        self.assertStored(shell, b"one line")

    def test_a_marked_paste_is_no_question(self):
        shell = self.capture()
        shell.paste(PEM)
        shell.type(b"\n")
        self.assertStored(shell, PEM)

    def test_unclear_answers_do_not_throw_the_value_away(self):
        shell = self.capture()
        shell.type(PEM)
        for answer in (b"maybe\n", b"what\n", b"ja\n", b"q\n", b"yes\n"):
            shell.expect(b"is all of it the value? [Y/n]: ")
            shell.type(answer)
        self.assertStored(shell, PEM)


if __name__ == "__main__":
    unittest.main()
