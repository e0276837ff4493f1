# `coffer copy`: on the clipboard for a while, cleared by a process that outlives us, and only as long
# as it is still ours.

import base64
import fcntl
import os
import pathlib
import pty
import signal
import subprocess
import termios
import time
import unittest

from frozen import describe, find
from support import AWKWARD, COFFER, PATIENCE, CofferTest, as_root, needs, wait_until
from test_clipboard import ClipboardCase


def processes(vault):
    """Ids of processes that stay behind for a vault's clipboard."""
    found = []
    for entry in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            words = (entry / "cmdline").read_bytes().split(b"\0")
            state = (entry / "stat").read_text().rsplit(")", 1)[1].split()[0]
        except OSError:
            continue
        if words[:2] == [b"coffer", b"copy"] and vault.encode() in words and state != "Z":
            found.append(int(entry.name))
    return found


class CopyCase(ClipboardCase):
    def setUp(self):
        super().setUp()
        # A word of the command line by which the processes of this test are known.
        self.name = "copied/" + os.path.basename(self.home.path)
        self.store(self.name, AWKWARD)
        self.addCleanup(self.end)

    def end(self):
        for process in self.keepers():
            os.kill(process, signal.SIGKILL)

    def keepers(self):
        return processes(self.name)

    def copied(self, *words):
        outcome = self.succeed(self.coffer("copy", self.name, *words))
        self.assertEqual(outcome.out, b"")
        self.assertNotIn(b"SECRETPART", outcome.err)
        return outcome

    def replaced(self, content):
        """Somebody copies something else."""
        self.copy(content)


@needs("Xvfb", "xclip")
class XclipCopyTest(CopyCase):
    def test_exact_bytes_for_a_while(self):
        outcome = self.copied("--clear-after", "2s")
        self.assertIn(b"the clipboard is cleared after 2 s", outcome.err)
        self.assertEqual(self.pasted(), AWKWARD)
        self.assertEqual(len(self.keepers()), 1)
        wait_until(lambda: self.pasted() == b"", "it is cleared")
        wait_until(lambda: not self.keepers(), "nobody stays behind")

    def test_what_was_copied_since_stays(self):
        self.copied("--clear-after", "1s")
        self.replaced(b"mine")
        wait_until(lambda: not self.keepers(), "nobody stays behind")
        self.assertEqual(self.pasted(), b"mine")

    def test_told_to_end_it_clears_at_once(self):
        for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
            with self.subTest(number=number):
                self.copied("--clear-after", "1h")
                self.assertEqual(self.pasted(), AWKWARD)
                os.kill(self.keepers()[0], number)
                wait_until(lambda: not self.keepers(), "it ends")
                self.assertEqual(self.pasted(), b"")

    def test_told_to_end_it_leaves_what_is_not_ours(self):
        self.copied("--clear-after", "1h")
        self.replaced(b"mine")
        os.kill(self.keepers()[0], signal.SIGTERM)
        wait_until(lambda: not self.keepers(), "it ends")
        self.assertEqual(self.pasted(), b"mine")

    def test_a_signal_that_ends_nobody_changes_nothing(self):
        self.copied("--clear-after", "1h")
        os.kill(self.keepers()[0], signal.SIGUSR1)
        time.sleep(0.3)
        self.assertEqual((len(self.keepers()), self.pasted()), (1, AWKWARD))

    def test_it_outlives_the_terminal(self):
        """The terminal closes and its whole session is hung up: the value is cleared in time."""
        master, slave = pty.openpty()

        def lead():
            os.setsid()
            fcntl.ioctl(0, termios.TIOCSCTTY, 0)

        shell = subprocess.Popen(
            ["/bin/sh", "-c", f'"{COFFER}" copy "{self.name}" --clear-after 3s --key-file'
             f' "{self.home.key}"; echo done; /bin/sleep 60'],
            stdin=slave, stdout=slave, stderr=slave, env=self.home.environment, preexec_fn=lead)
        os.close(slave)
        heard = b""
        while b"done" not in heard:
            heard += os.read(master, 4_096)
        os.close(master)
        self.assertEqual(shell.wait(PATIENCE), -signal.SIGHUP)
        self.assertEqual((len(self.keepers()), self.pasted()), (1, AWKWARD))
        keeper = self.keepers()[0]
        self.assertEqual(os.getsid(keeper), keeper)
        self.assertEqual(os.readlink(f"/proc/{keeper}/cwd") if os.geteuid() == 0 else "/", "/")
        wait_until(lambda: self.pasted() == b"", "it is cleared")

    def test_our_parent_may_wait_for_the_end_of_its_pipes(self):
        start = time.monotonic()
        self.copied("--clear-after", "1h")
        self.assertLess(time.monotonic() - start, PATIENCE / 2)

    def test_nobody_waits_under_nohup(self):
        """Ignored signals of the caller's do not keep it from being told to end."""
        def ignore():
            signal.signal(signal.SIGHUP, signal.SIG_IGN)

        self.succeed(self.coffer("copy", self.name, "--clear-after", "1h", preexec_fn=ignore))
        os.kill(self.keepers()[0], signal.SIGHUP)
        wait_until(lambda: self.pasted() == b"", "it is cleared")

    def test_a_long_value_and_bytes_that_are_no_text(self):
        for value in (b"x" * 1_000_000, bytes(range(1, 256)) + b"\n\n", b"a\0b"):
            self.store(self.name, value, "--replace")
            self.copied("--clear-after", "1h")
            self.assertEqual(self.pasted(), value)
            os.kill(self.keepers()[0], signal.SIGTERM)
            wait_until(lambda: not self.keepers(), "it ends")

    def test_nothing_is_said_of_the_value_to_other_processes(self):
        self.copied("--clear-after", "1h")
        keeper = self.keepers()[0]
        words = pathlib.Path(f"/proc/{keeper}/cmdline").read_bytes()
        self.assertNotIn(b"SECRETPART", words)
        self.assertNotIn(b"SECRETPART", b"".join(call.encode() for call in self.calls()))
        if os.geteuid() == 0:
            environment = pathlib.Path(f"/proc/{keeper}/environ").read_bytes()
            self.assertNotIn(b"SECRETPART", environment)
            self.assertNotIn(b"COFFER_VAULT", environment)

    @as_root
    def test_the_process_that_stays_has_it_in_locked_memory_alone(self):
        self.copied("--clear-after", "1h")
        hits = find(self.keepers()[0], value=AWKWARD)
        self.assertTrue(hits, "the control: it is looked for")
        self.assertEqual(describe(hit for hit in hits if not hit[2].is_locked), [])

    def test_a_program_that_gives_back_a_part_is_said(self):
        self.home.file(
            "tools/xclip",
            f'#!/bin/sh\ncase "$*" in *-out*) "{self.real}" "$@" | /usr/bin/head -c 5;;'
            f' *) exec "{self.real}" "$@";; esac\n'.encode(), 0o700)
        outcome = self.refuse(self.coffer("copy", self.name), 1)
        self.assertIn(b"does not give the value back", outcome.err)
        self.assertEqual((self.pasted(), self.keepers()), (b"", []))

    def test_what_somebody_copied_meanwhile_is_left(self):
        self.home.file(
            "tools/xclip",
            f'#!/bin/sh\ncase "$*" in *-out*) "{self.real}" "$@" | /bin/cat;;'
            ' *) /bin/cat > /dev/null;; esac\n'.encode(), 0o700)
        self.replaced(b"mine")
        outcome = self.refuse(self.coffer("copy", self.name), 1)
        self.assertIn(b"holds something else than the value", outcome.err)
        self.assertEqual((self.pasted(), self.keepers()), (b"mine", []))

    def test_a_program_that_fails_is_said(self):
        self.home.file("tools/xclip", b"#!/bin/sh\nexit 3\n", 0o700)
        outcome = self.refuse(self.coffer("copy", self.name), 1)
        self.assertIn(b"the clipboard cannot be written: `xclip` failed", outcome.err)
        self.assertEqual(self.keepers(), [])


@needs("Xvfb", "xclip", "xsel")
class XselCopyTest(CopyCase):
    program = "xsel"

    def test_it_is_copied_and_cleared(self):
        self.copied("--clear-after", "1h")
        self.assertEqual(self.pasted(), AWKWARD)
        os.kill(self.keepers()[0], signal.SIGTERM)
        wait_until(lambda: not self.keepers(), "it ends")
        self.assertEqual(self.pasted(), b"")


class RefusedCopyTest(CofferTest):
    def setUp(self):
        super().setUp()
        self.make_vault(a=b"value of a")

    def test_without_a_clipboard(self):
        """Before the vault is opened."""
        outcome = self.refuse(
            self.home.run("copy", "a", "--key-file", "no-such-key", start_new_session=True), 1)
        self.assertIn(b"there is no clipboard here", outcome.err)

    def test_times(self):
        for words in (("--clear-after", "0s"), ("--clear-after", "25h"), ("--clear-after", "soon"),
                      ("--osc52", "--clear-after", "5s")):
            self.refuse(self.coffer("copy", "a", *words), 2)

    def test_without_a_terminal(self):
        outcome = self.refuse(self.coffer("copy", "a", "--osc52", start_new_session=True), 1)
        self.assertIn(b"there is no terminal", outcome.err)


class TerminalCopyTest(CofferTest):
    """OSC 52: the terminal's own clipboard."""

    def copy(self, value):
        self.make_vault(a=value)
        master, slave = pty.openpty()
        self.addCleanup(os.close, master)

        def lead():
            os.setsid()
            fcntl.ioctl(0, termios.TIOCSCTTY, 0)

        job = subprocess.Popen(
            [COFFER, "copy", "a", "--osc52", "--key-file", self.home.key], stdin=slave,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=self.home.environment,
            preexec_fn=lead)
        os.close(slave)
        heard = b""
        while True:
            try:
                heard += os.read(master, 65_536)
            except OSError:
                break
        out, err = job.communicate(timeout=PATIENCE)
        return job.returncode, heard, out, err

    def test_the_value_in_base64_and_nothing_else(self):
        code, heard, out, err = self.copy(AWKWARD + b"\x1b]52;c;!\x07\x00")
        self.assertEqual((code, out), (0, b""), err)
        self.assertRegex(heard, rb"^\x1b\]52;c;[A-Za-z0-9+/=]+\x07$")
        self.assertEqual(base64.b64decode(heard[7:-1]), AWKWARD + b"\x1b]52;c;!\x07\x00")
        self.assertIn(b"it stays on its clipboard", err)

    def test_longer_ones_are_refused(self):
        code, heard, _, err = self.copy(b"x" * 49_153)
        self.assertEqual((code, heard), (2, b""))
        self.assertIn(b"longer than the 48 KiB", err)


class WaylandCopyTest(CofferTest):
    """What wl-copy is asked for; it is played by a script, for there is no compositor here."""

    def setUp(self):
        super().setUp()
        self.make_vault(a=b"value of a")
        tools = self.home.folder("tools")
        self.home.environment |= {
            "WAYLAND_DISPLAY": "wayland-9", "PATH": f"{tools}:/usr/bin:/bin", "DISPLAY": ""}

    def install(self, help):
        place = self.home.path
        self.home.file(
            "tools/wl-copy",
            f"""#!/bin/sh
case "$*" in
    --help) echo '{help}' ;;
    --clear) : > {place}/board ;;
    *) cat > {place}/board; echo "$*" > {place}/asked ;;
esac
""".encode(), 0o700)
        self.home.file("tools/wl-paste", f"#!/bin/sh\ncat {place}/board\n".encode(), 0o700)

    def asked(self, help):
        self.install(help)
        self.succeed(self.coffer("copy", "a", "--clear-after", "1s"))
        board = pathlib.Path(self.home.path, "board")
        self.assertEqual(board.read_bytes(), b"value of a")
        wait_until(lambda: board.read_bytes() == b"", "it is cleared")
        return pathlib.Path(self.home.path, "asked").read_text()

    def test_histories_are_told_where_it_knows_how(self):
        self.assertEqual(self.asked("--type, --sensitive"), "--type text/plain --sensitive\n")
        self.assertEqual(self.asked("--type"), "--type text/plain\n")


if __name__ == "__main__":
    unittest.main()
