# `run --mask`: what a job prints, with what it was handed taken out, and nothing else changed
# (attack case K146).

import fcntl
import os
import pty
import signal
import struct
import subprocess
import sys
import termios
import time
import unittest

import frozen
from frozen import describe, find
from support import COFFER, PATIENCE, CofferTest, as_root

VALUE = "p@ss/wörd+\"\\9f8e7d6c ~5b4a"
WORD = b"[redacted]"
# Prints the value that it was handed in every form, cut into pieces of `size` bytes.
PRINTER = """
import base64, json, os, sys, time, urllib.parse
value = os.environ['V'].encode()
forms = [value, value.hex().encode(), value.hex().upper().encode()]
for text in (value, b'u:' + value, b'us:' + value + b'!', b'use:' + value + b'!!'):
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        forms += [encode(text), encode(text).rstrip(b'=')]
forms += [urllib.parse.quote(value, safe='').encode(), urllib.parse.quote_plus(value).encode(),
          json.dumps(value.decode())[1:-1].encode(),
          json.dumps(value.decode(), ensure_ascii=False)[1:-1].encode()]
out = b''.join(b'<%s>\\n' % form for form in forms)
size = int(sys.argv[1])
for start in range(0, len(out), size):
    os.write(1, out[start:start + size])
    os.write(2, out[start:start + size])
"""


class MaskCase(CofferTest):
    def setUp(self):
        super().setUp()
        self.make_vault(v=VALUE.encode())

    def words(self, *command, hand=("--env", "V=v")):
        return ("run", "--key-file", self.home.key, "--mask", *hand, "--", *command)

    def job(self, *command, **options):
        return self.home.run(*self.words(*command), **options)

    def python(self, code, *words):
        return self.job(sys.executable, "-I", "-c", code, *words)


class MaskTest(MaskCase):
    def test_every_form_however_it_is_cut(self):
        for size in (1, 2, 3, 7, 64, 100_000):
            outcome = self.succeed(self.python(PRINTER, str(size)))
            for stream in (outcome.out, outcome.err):
                lines = stream.splitlines()
                self.assertEqual(len(lines), 3 + 16 + 4)
                for line in lines:
                    self.assertIn(WORD, line)
                    # What is left beside it are the ends of a longer base64.
                    self.assertLess(len(line.replace(WORD, b"")), 14, line)
                self.assertEqual(lines[:3], [b"<%s>" % WORD] * 3)
                self.assertEqual(lines[-4:], [b"<%s>" % WORD] * 4)

    def test_everything_else_passes_as_it_is(self):
        """All bytes, much of them, and a great deal that begins like the value."""
        noise = bytes(range(256)) * 40_000 + VALUE.encode()[:-1] * 1_000 + b"\xff"
        path = self.home.file("noise", noise)
        outcome = self.succeed(self.job("cat", path))
        self.assertEqual(outcome.out, noise)

    def test_a_flood_of_the_value_is_one_word(self):
        outcome = self.succeed(self.python(
            "import os, sys; sys.stdout.write(os.environ['V'] * 200_000)"))
        self.assertEqual(outcome.out, WORD)

    def test_nothing_waits_that_is_no_beginning(self):
        job = self.home.start(*self.words(
            "sh", "-c", 'printf "name? "; read x; printf "p@"; read x; printf "X "; read x'))
        self.addCleanup(job.communicate)
        self.assertEqual(job.stdout.read(6), b"name? ")
        job.stdin.write(b"a\n")
        job.stdin.flush()
        time.sleep(0.3)
        os.set_blocking(job.stdout.fileno(), False)
        self.assertIsNone(job.stdout.read(1), "this may be the value")
        os.set_blocking(job.stdout.fileno(), True)
        job.stdin.write(b"b\n")
        job.stdin.flush()
        self.assertEqual(job.stdout.read(4), b"p@X ")

    def test_what_it_was_handed_in_other_ways(self):
        for hand, command in (
                (("--stdin", "v"), "cat"), (("--fd", "9=v"), "cat <&9"),
                (("--file", "F=v"), 'cat "$F"'), (("--secret", "v"), 'printf %s "$V"')):
            with self.subTest(hand=hand):
                outcome = self.succeed(self.home.run(*self.words("sh", "-c", command, hand=hand)))
                self.assertEqual(outcome.out, WORD)

    def test_several_values_that_overlap(self):
        self.store("w", b"5b4a and more")
        outcome = self.succeed(self.home.run(*self.words(
            "sh", "-c", 'printf "%s and more." "$V"; printf "$W"',
            hand=("--env", "V=v", "--env", "W=w"))))
        self.assertEqual(outcome.out, WORD + b"." + WORD)

    def test_short_and_long_values_are_said(self):
        self.store("s", b"abc")
        self.store("l", b"x" * 262_145)
        outcome = self.succeed(self.home.run(*self.words(
            "sh", "-c", 'printf %s "$S"; tail -c 4 "$L"', hand=("--env", "S=s", "--file", "L=l"))))
        self.assertEqual(outcome.out, b"abcxxxx")
        self.assertIn(b"warning: the value for S has fewer than 4 bytes", outcome.err)
        self.assertIn(b"warning: the value for L is longer than 256 KiB", outcome.err)
        self.store("m", b"y" * 262_144)
        outcome = self.succeed(self.home.run(*self.words(
            "sh", "-c", 'cat "$M"', hand=("--file", "M=m"))))
        self.assertEqual((outcome.out, outcome.err), (WORD, b""))

    def test_order_stays_where_both_streams_are_one(self):
        code = "import os\nfor i in range(500): os.write(1 + i % 2, b'%d\\n' % i)"
        process = self.home.start(
            *self.words(sys.executable, "-I", "-c", code), stderr=subprocess.STDOUT)
        out, _ = process.communicate(timeout=PATIENCE)
        self.assertEqual(out, b"".join(b"%d\n" % i for i in range(500)))


class JobTest(MaskCase):
    """Exit codes, signals and what is left behind are those of `run`."""

    def test_exit_codes_and_signals(self):
        self.assertEqual(self.job("sh", "-c", "exit 23").code, 23)
        self.assertEqual(self.job("sh", "-c", "kill -9 $$").code, -9)
        self.assertEqual(self.job("sh", "-c", "kill -TERM $$").code, -15)
        self.assertEqual(self.job("./nothing").code, 127)
        self.assertEqual(self.job(self.home.key).code, 126)

    def test_a_signal_to_us_is_passed_on(self):
        job = self.home.start(*self.words(
            "sh", "-c", 'trap "printf caught; exit 5" TERM; echo ready; while :; do sleep 0.05; done'))
        self.addCleanup(job.communicate)
        self.assertEqual(job.stdout.readline(), b"ready\n")
        job.send_signal(signal.SIGTERM)
        self.assertEqual(job.stdout.read(), b"caught")
        self.assertEqual(job.wait(PATIENCE), 5)

    def test_the_job_is_told_when_nobody_reads(self):
        """As without a mask: by a signal, so that it does not go on for ever."""
        job = self.home.start(*self.words("yes"))
        self.assertEqual(job.stdout.readline(), b"y\n")
        job.stdout.close()
        self.assertEqual(job.wait(PATIENCE), -signal.SIGPIPE)
        job.stdin.close()
        self.assertEqual(job.stderr.read(), b"")
        job.stderr.close()

    def test_a_full_disk_is_said(self):
        with open("/dev/full", "wb") as full:
            outcome = self.job("sh", "-c", 'trap "" PIPE; echo x; sleep 0.2; echo y', stdout=full)
        self.assertIn(b"the output cannot be written", outcome.err)

    def test_what_the_job_leaves_behind_does_not_hold_us(self):
        start = time.monotonic()
        outcome = self.job("sh", "-c", 'sleep 60 & echo "$!"')
        self.assertLess(time.monotonic() - start, PATIENCE / 2)
        os.kill(int(outcome.out), signal.SIGKILL)

    def test_what_the_job_leaves_behind_may_go_on_to_print(self):
        """It is listened to for a while after the job's end, and not for as long as it prints."""
        for chatter in ("while :; do echo chatter; sleep 0.05; done", "exec yes chatter"):
            with self.subTest(chatter=chatter):
                start = time.monotonic()
                outcome = self.job("sh", "-c", f'sh -c "{chatter}" & echo "$!" >&2')
                self.assertLess(time.monotonic() - start, PATIENCE / 2)
                self.assertIn(b"chatter\n", outcome.out)
                try:
                    os.kill(int(outcome.err), signal.SIGKILL)
                except ProcessLookupError:
                    pass  # It got SIGPIPE.

    def test_what_the_job_said_last_comes_to_a_slow_reader(self):
        job = self.home.start(*self.words("sh", "-c", "head -c 150000 /dev/zero; echo END"))
        self.addCleanup(job.communicate)
        time.sleep(1.5)
        self.assertEqual(job.stdout.read(), b"\0" * 150_000 + b"END\n")

    def test_nothing_of_ours_is_in_the_job(self):
        code = ("import os, signal; print(sorted(n for n in map(int, os.listdir('/proc/self/fd'))"
                " if os.path.exists(f'/proc/self/fd/{n}')), os.getpgrp(),"
                # 32 and 33 belong to the C library.
                " [int(l[8:], 16) & ~(3 << 31) for l in open('/proc/self/status')"
                " if l[:6] in ('SigBlk', 'SigIgn')])")
        words = (sys.executable, "-I", "-c", code)
        plain = subprocess.run(
            [*words], env=self.home.environment, cwd=self.home.path, capture_output=True)
        self.assertEqual(self.job(*words).out, plain.stdout)


class TerminalTest(MaskCase):
    """A job on a terminal still has one."""

    def start(self, code, rows=33, columns=77):
        master, slave = pty.openpty()
        self.addCleanup(os.close, master)
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

        def lead():
            os.setsid()
            fcntl.ioctl(0, termios.TIOCSCTTY, 0)

        job = subprocess.Popen(
            [COFFER, *self.words(sys.executable, "-I", "-u", "-c", code)], stdin=slave, stdout=slave,
            stderr=slave, env=self.home.environment, cwd=self.home.path, preexec_fn=lead)
        os.close(slave)
        self.addCleanup(self.end, job)
        return job, master

    @staticmethod
    def end(job):
        job.kill()
        job.wait()

    def read_until(self, master, mark):
        heard = b""
        deadline = time.monotonic() + PATIENCE
        while mark not in heard:
            self.assertLess(time.monotonic(), deadline, heard)
            heard += os.read(master, 4_096)
        return heard

    def test_it_sees_a_terminal_of_the_same_size(self):
        job, master = self.start(
            "import os, signal, sys\n"
            "def told(*_): print('now', tuple(os.get_terminal_size(1)), flush=True)\n"
            "signal.signal(signal.SIGWINCH, told)\n"
            "print([os.isatty(n) for n in range(3)], tuple(os.get_terminal_size(1)), os.environ['V'])\n"
            "print('end', input('name? '))")
        heard = self.read_until(master, b"name? ")
        self.assertIn(b"[True, True, True] (77, 33) [redacted]\r\n", heard)
        fcntl.ioctl(master, termios.TIOCSWINSZ, struct.pack("HHHH", 20, 100, 0, 0))
        self.read_until(master, b"now (100, 20)")
        os.write(master, b"me\n")
        self.read_until(master, b"end me\r\n")
        self.assertEqual(job.wait(PATIENCE), 0)

    def test_the_keys_of_a_terminal_reach_it(self):
        job, master = self.start("print('ready'); import time; time.sleep(60)")
        self.read_until(master, b"ready")
        os.write(master, b"\x03")
        self.read_until(master, b"KeyboardInterrupt")
        self.assertEqual(job.wait(PATIENCE), -signal.SIGINT)

    def test_what_was_said_last_is_heard(self):
        job, master = self.start("import sys; sys.stdout.write('x' * 3000 + 'END p@')")
        heard = self.read_until(master, b"END p@")
        self.assertEqual(heard.count(b"x"), 3_000)
        self.assertEqual(job.wait(PATIENCE), 0)


@as_root
@unittest.skipUnless(frozen.NUMBERS, "needs the system call numbers of this machine")
class MaskMemoryTest(MaskCase):
    def test_values_are_in_locked_memory_alone(self):
        """Also while they pass, and in every form."""
        job = self.home.start(*self.words(
            "sh", "-c", 'echo ready; read x; printf "%s" "$V" | base64; read x; printf %s "$V";'
            " read x"))
        self.addCleanup(job.communicate)
        self.assertEqual(job.stdout.readline(), b"ready\n")
        for _ in range(2):
            hits = find(job.pid, value=VALUE.encode())
            self.assertIn("raw", [shape for _, shape, _ in hits], "the control: it is looked for")
            self.assertEqual(describe(hit for hit in hits if not hit[2].is_locked), [])
            job.stdin.write(b"go\n")
            job.stdin.flush()
            time.sleep(0.3)


if __name__ == "__main__":
    unittest.main()
