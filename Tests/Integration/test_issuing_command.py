# The issuing command of a capture, its terminal and its parent (attack cases A3, B2 and B3 of the edge).

import json
import os
import signal
import sys

from shell import Shell
from support import CofferTest
from test_jobs import WITNESS

# Says that it runs, and prints its secret when it is told to.
PATIENT = 'trap "" INT QUIT; : > ready; read word < go; echo issued-token'


class KeysTest(CofferTest):
    """What a person types while a command runs."""

    def setUp(self):
        super().setUp()
        self.make_vault()
        for name in ("ready", "go"):
            os.mkfifo(f"{self.home.path}/{name}")

    def start(self):
        shell = Shell(
            self.home, "capture", "t/keys", "--key-file", self.home.key, "--", "sh", "-c", PATIENT)
        self.wait_for_command()
        return shell

    def wait_for_command(self):
        with open(f"{self.home.path}/ready", "rb") as ready:
            ready.read()

    def go_on(self):
        with open(f"{self.home.path}/go", "wb") as go:
            go.write(b"go\n")

    def test_keys_that_the_command_ignores_end_neither(self):
        with self.start() as shell:
            shell.type(b"\x03\x1c\x03")
            self.go_on()
            shell.expect(b"stored \"t/keys\"")
            self.assertEqual(shell.stopped_or_ended(), 0)
        self.assertHolds("t/keys", b"issued-token")

    def test_the_stop_key_stops_both_and_both_go_on(self):
        with self.start() as shell:
            shell.type(b"\x1a")
            self.assertEqual(shell.stopped_or_ended(), "stopped")
            os.killpg(shell.job, signal.SIGCONT)
            self.go_on()
            shell.expect(b"stored \"t/keys\"")
            self.assertEqual(shell.stopped_or_ended(), 0)
        self.assertHolds("t/keys", b"issued-token")

    def test_signals_from_outside_are_the_commands_to_answer(self):
        command = 'trap "echo last-words; exit 0" {}; : > ready; while :; do sleep 0.01; done'
        for name in ("TERM", "HUP", "INT"):
            with self.subTest(name):
                process = self.home.start(
                    "capture", f"t/{name}", "--key-file", self.home.key, "--",
                    "sh", "-c", command.format(name))
                self.wait_for_command()
                process.send_signal(getattr(signal, "SIG" + name))
                _, errors = process.communicate(timeout=10)
                self.assertEqual(process.returncode, 0, errors)
                self.assertHolds(f"t/{name}", b"last-words")


class TalkTest(CofferTest):
    """A command that says more than is kept of it."""

    def setUp(self):
        super().setUp()
        self.make_vault()

    def capture(self, name, script, *words):
        return self.coffer("capture", name, *words, "--", "sh", "-c", script)

    def test_the_end_of_it_is_shown_without_the_secret(self):
        said = self.succeed(self.capture(
            "t/talkative",
            'head -c 20000000 /dev/zero | tr "\\0" e >&2; echo >&2; echo tok-123456789 >&2;'
            " echo the end >&2; echo tok-123456789"))
        self.assertIn(b"only the end of the command's messages follows", said.err)
        self.assertIn(b"the end", said.err)
        self.assertNotIn(b"tok-123", said.err)
        self.assertHolds("t/talkative", b"tok-123456789")

    def test_output_of_many_lines_is_taken_out_of_many_messages(self):
        said = self.capture(
            "t/lines", "seq 1000000 1030000; seq 2000000 2170000 >&2", "--issuer", "aws-iam")
        self.assertEqual(said.code, 1)
        self.assertIn(b"2170000", said.err)
        held = self.succeed(self.coffer("get", "t/lines#output"))
        self.assertTrue(held.out.rstrip().endswith(b"\n1030000"))


class ParentTest(CofferTest):
    def test_the_command_starts_with_what_our_parent_set(self):
        """As under nohup and in the background of a script; our own signals are held back from us
        alone."""
        def unusual():
            for number in (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGPIPE):
                signal.signal(number, signal.SIG_IGN)
            signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR2])
            os.umask(0o027)

        self.make_vault()
        wanted = 0
        for number in (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGPIPE):
            wanted |= 1 << number - 1
        self.succeed(self.coffer(
            "capture", "t/witness", "--", sys.executable, "-I", "-c", WITNESS, str(os.getpgrp()),
            preexec_fn=unusual, restore_signals=False))
        told = json.loads(self.succeed(self.coffer("get", "t/witness")).out)
        # Python itself ignores SIGXFSZ.
        self.assertEqual(told["ignored"] & ~(1 << signal.SIGXFSZ - 1), wanted)
        self.assertEqual(told["blocked"], 1 << signal.SIGUSR2 - 1)
        self.assertEqual(told["umask"], 0o027)

    def test_a_job_in_our_place_has_its_children_ignored_as_our_parent_wished(self):
        def ignore():
            signal.signal(signal.SIGCHLD, signal.SIG_IGN)

        self.make_vault(a=b"value of a")
        job = self.succeed(self.coffer(
            "run", "--env", "X=a", "--", "grep", "SigIgn", "/proc/self/status", preexec_fn=ignore))
        ignored = int(job.out.split()[1], 16)
        self.assertTrue(ignored & 1 << signal.SIGCHLD - 1, job)
