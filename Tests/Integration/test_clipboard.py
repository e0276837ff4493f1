# The clipboard, on a display of our own, through xclip and xsel.

import os
import pathlib
import shutil
import subprocess
import unittest

from support import AWKWARD, PATIENCE, CofferTest, needs, wait_until


class Display:
    """An X server that nobody sees."""

    def __init__(self):
        reader, writer = os.pipe()
        self.process = subprocess.Popen(
            ["Xvfb", "-displayfd", str(writer), "-screen", "0", "64x64x8", "-nolisten", "tcp",
             # It would begin anew, and refuse clients meanwhile, whenever the last one leaves.
             "-noreset"],
            pass_fds=[writer], stderr=subprocess.DEVNULL)
        os.close(writer)
        with os.fdopen(reader) as said:
            self.name = ":" + said.readline().strip()

    def end(self):
        """Whoever owns a selection there ends with it."""
        self.process.terminate()
        self.process.wait(PATIENCE)


class ClipboardCase(CofferTest):
    """Base: a display, and a clipboard program that can be watched."""

    program = "xclip"

    def setUp(self):
        super().setUp()
        display = Display()
        self.addCleanup(display.end)
        self.tools = self.home.folder("tools")
        self.home.environment |= {"DISPLAY": display.name, "PATH": self.tools}
        self.make_vault()
        self.real = shutil.which(self.program)
        self.log = self.home.file("calls", b"")
        self.install("")

    def install(self, after):
        """The program, with a log of its calls and something to do after each."""
        script = (
            f'#!/bin/sh\n"{self.real}" "$@"\ncode=$?\necho "$@" >> "{self.log}"\n'
            f"{after}\nexit $code\n")
        self.home.file(f"tools/{self.program}", script.encode(), 0o700)

    def calls(self):
        return pathlib.Path(self.log).read_text().splitlines()

    def copy(self, content):
        """Puts something on the clipboard, as a browser would: its owner stays there."""
        owner = subprocess.Popen(
            ["xclip", "-selection", "clipboard", "-in", "-quiet"],
            env=os.environ | {"DISPLAY": self.home.environment["DISPLAY"]},
            stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        owner.stdin.write(content)
        owner.stdin.close()
        self.addCleanup(owner.wait, PATIENCE)
        self.addCleanup(owner.terminate)
        wait_until(lambda: self.pasted() == content, "it is copied")

    def pasted(self):
        return subprocess.run(
            ["xclip", "-selection", "clipboard", "-out"], capture_output=True, timeout=PATIENCE,
            env=os.environ | {"DISPLAY": self.home.environment["DISPLAY"]}).stdout


@needs("Xvfb", "xclip")
class XclipTest(ClipboardCase):
    def test_it_is_taken_once_stored_and_cleared(self):
        self.copy(AWKWARD)
        outcome = self.succeed(self.coffer("capture", "a", "--clipboard"))
        self.assertHolds("a", AWKWARD)
        self.assertEqual(self.pasted(), b"")
        self.assertIn(b"cleared the clipboard", outcome.err)
        self.assertNotIn(b"SECRETPART", outcome.out + outcome.err)

    def test_nobody_waits_for_what_the_program_leaves_behind(self):
        """xclip keeps its output open for as long as it owns the clipboard: that must be no pipe
        of ours when it is told to own an empty one."""
        self.copy(b"the secret")
        self.install(
            f'exec 3>&1 4>&2; /bin/readlink "/proc/$$/fd/3" "/proc/$$/fd/4" >> "{self.log}"')
        self.succeed(self.coffer("capture", "a", "--clipboard"))
        told, output, errors = self.calls()[-3:]
        self.assertEqual(
            (told, output, errors), ("-selection clipboard -in", "/dev/null", "/dev/null"))

    def test_what_was_copied_meanwhile_is_not_cleared(self):
        """The program puts something else there as soon as it has been read the first time."""
        self.copy(b"the secret")
        self.install(
            f'[ $(wc -l < "{self.log}") = 1 ] && printf %s mine |'
            f' "{self.real}" -selection clipboard -in >/dev/null 2>&1')
        self.home.environment["PATH"] += ":/usr/bin:/bin"
        outcome = self.succeed(self.coffer("capture", "a", "--clipboard"))
        self.assertHolds("a", b"the secret")
        wait_until(lambda: self.pasted() == b"mine", "the other is still there")
        self.assertNotIn(b"cleared", outcome.err)

    def test_nothing_is_cleared_when_nothing_is_stored(self):
        self.store("a", b"taken")
        self.copy(b"the secret")
        self.refuse(self.coffer("capture", "a", "--clipboard"), 1)
        self.assertEqual(self.pasted(), b"the secret")
        self.assertEqual(self.calls(), [], "not even read")

    def test_an_empty_clipboard_is_said(self):
        self.refuse(self.coffer("capture", "a", "--clipboard"), 1)
        self.assertEqual(self.names(), [])

    def watch(self, window):
        """A capture that waits for something new, past its first look."""
        process = self.home.start(
            "capture", "a", "--clipboard", "--watch", window, "--key-file", self.home.key,
            stdin=subprocess.DEVNULL)
        self.addCleanup(process.communicate)
        wait_until(lambda: len(self.calls()) >= 2, "it watches")
        return process

    def test_something_new_is_taken_and_something_old_is_not(self):
        self.copy(b"old")
        process = self.watch("30s")
        self.copy(b"the new secret")
        out, err = process.communicate(timeout=PATIENCE)
        self.assertEqual(process.returncode, 0, err)
        self.assertIn(b"waiting 30 s", err)
        self.assertHolds("a", b"the new secret")
        self.assertEqual(self.pasted(), b"")

    def test_nothing_is_stored_when_the_window_ends(self):
        self.copy(b"old")
        self.refuse(self.coffer("capture", "a", "--clipboard", "--watch", "1s"), 1)
        self.assertEqual(self.names(), [])
        self.assertEqual(self.pasted(), b"old")

    def test_an_interrupted_watch_stores_nothing(self):
        self.copy(b"old")
        process = self.watch("30s")
        process.terminate()
        process.communicate(timeout=PATIENCE)
        self.assertEqual(process.returncode, -15)
        self.assertEqual(self.names(), [])
        self.assertEqual(self.pasted(), b"old")

    def test_a_window_without_bounds_is_refused(self):
        for window in ("0s", "601s", "1h", "soon"):
            self.refuse(self.coffer("capture", "a", "--clipboard", "--watch", window), 2)

    def test_without_a_clipboard_program_that_is_said(self):
        os.unlink(f"{self.tools}/xclip")
        outcome = self.refuse(self.coffer("capture", "a", "--clipboard"), 1)
        self.assertIn(b"install", outcome.err)

    def test_without_a_display_that_is_said(self):
        del self.home.environment["DISPLAY"]
        self.refuse(self.coffer("capture", "a", "--clipboard"), 1)

    def test_a_program_that_hangs_is_given_up(self):
        """An owner that does not answer must not hold us for ever."""
        self.home.file("tools/xclip", b"#!/bin/sh\nexec /bin/sleep 60\n", 0o700)
        self.refuse(self.coffer("capture", "a", "--clipboard"), 1)
        self.assertEqual(self.names(), [])


@needs("Xvfb", "xclip", "xsel")
class XselTest(ClipboardCase):
    program = "xsel"

    def test_it_is_used_where_xclip_is_not_there(self):
        self.copy(AWKWARD)
        self.succeed(self.coffer("capture", "a", "--clipboard"))
        self.assertHolds("a", AWKWARD)
        self.assertEqual(self.pasted(), b"")
        self.assertEqual(self.calls(), [
            "--clipboard --output", "--clipboard --output", "--clipboard --clear"])


if __name__ == "__main__":
    unittest.main()
