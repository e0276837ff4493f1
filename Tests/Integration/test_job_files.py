# Files and descriptors of a job: gone whatever fails, its own whoever else runs (attack case F99).

import fcntl
import os
import pathlib
import resource
import signal
import subprocess
import time
import unittest

from shell import Shell
from support import PATIENCE, CofferTest, needs, wait_until
from tracing import proc, traced

VALUE = b"value of a"


class JobCase(CofferTest):
    def setUp(self):
        super().setUp()
        self.make_vault(a=VALUE, b=b"value of b", c=b"value of c")
        self.place = pathlib.Path(self.home.environment["XDG_RUNTIME_DIR"]) / "coffer"

    def assertNothingLeft(self):
        self.assertEqual([str(path) for path in self.place.glob("*")], [])

    def start(self, *command):
        """A job with a file, in a session without a terminal; returns the path that it says."""
        job = self.home.start(
            "run", "--key-file", self.home.key, "--file", "F=a", "--", *command,
            start_new_session=True)
        self.addCleanup(job.communicate)
        self.addCleanup(job.kill)
        return job, job.stdout.readline().decode().strip()

    def child(self, job):
        path = pathlib.Path(f"/proc/{job.pid}/task/{job.pid}/children")
        return int(wait_until(lambda: path.read_text().split(), "the job has started")[0])


class FailureTest(JobCase):
    def test_what_fails_behind_the_first_file_leaves_none(self):
        for words, code in (
            (["--file", "F=a", "--file", "G=missing"], 4),
            (["--file", "F=a", "--env", "F=b"], 2),
            (["--file", "F=a", "--file", "F=b"], 2),
            (["--file", "F=a", "--stdin", "missing"], 4),
            (["--file", "F=a", "--fd", "7=a#nothing"], 4),
        ):
            with self.subTest(words=words):
                outcome = self.coffer("run", *words, "--", "echo", "started")
                self.refuse(outcome, code)
                self.assertNothingLeft()

    @needs("strace")
    def test_a_signal_at_any_moment_leaves_none(self):
        words = ["run", "--key-file", self.home.key, "--file", "F=a", "--", "/bin/true"]
        names = ["mkdir", "flock", "openat", "write", "unlink", "rmdir"]
        outcome, trace = traced(self.home, words, trace=",".join(names), options=("-b", "execve"))
        self.succeed(outcome)
        self.assertGreater(trace.count("flock"), 0, "the control")
        for name in names:
            for number in range(1, trace.count(name) + 1):
                for sent in ("TERM", "HUP", "INT"):
                    with self.subTest(name=name, number=number, signal=sent):
                        outcome, _ = traced(
                            self.home, words, inject=f"{name}:signal={sent}:when={number}",
                            trace=name, options=("-b", "execve"))
                        self.assertIn(outcome.code, (0, -signal.Signals[f"SIG{sent}"]))
                        self.assertNothingLeft()

    @needs("strace")
    def test_a_job_whose_end_is_not_told_is_a_failure(self):
        words = ["run", "--key-file", self.home.key, "--file", "F=a", "--", "/bin/true"]
        outcome, _ = traced(
            self.home, words, inject="wait4:error=ECHILD", trace="wait4", options=("-b", "execve"))
        self.refuse(outcome, 1)
        self.assertNothingLeft()

    @needs("strace")
    def test_a_file_that_cannot_be_written_is_said_in_the_systems_words(self):
        words = ["run", "--key-file", self.home.key, "--file", "F=a", "--", "/bin/true"]
        path = f"{self.place}/run-"
        # Both runs make as many calls: neither has an anchor to read, and both seal.
        self.home.forget()
        time.sleep(1.1)
        _, trace = traced(self.home, words, trace="openat")
        number = next(
            place for place, (_, rest) in enumerate(trace.calls("openat"), 1)
            if path in rest and "O_EXCL" in rest)
        self.home.forget()
        time.sleep(1.1)
        outcome, _ = traced(
            self.home, words, inject=f"openat:error=ENOSPC:when={number}", trace="openat")
        self.refuse(outcome, 9)
        self.assertIn(b"no space left on device", outcome.err)
        self.assertNothingLeft()


class NeighbourTest(JobCase):
    """Several runs that share a directory, also from containers with process ids of their own."""

    def test_a_left_over_of_any_name_is_cleared_away_and_blocks_nobody(self):
        self.place.mkdir(mode=0o700)
        for name in ("run-1", f"run-{os.getpid()}", "run-abandoned"):
            (self.place / name).mkdir(mode=0o700)
            (self.place / name / "F").write_bytes(VALUE)
        self.succeed(self.coffer("run", "--file", "F=a", "--", "/bin/true"))
        self.assertNothingLeft()

    def test_the_files_of_a_run_that_lives_are_left_alone(self):
        self.place.mkdir(mode=0o700)
        foreign = self.place / "run-1"
        foreign.mkdir(mode=0o700)
        (foreign / "F").write_bytes(VALUE)
        descriptor = os.open(foreign, os.O_RDONLY)
        self.addCleanup(os.close, descriptor)
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        job, path = self.start("sh", "-c", "echo $F; cat; cat $F")
        self.succeed(self.coffer("run", "--file", "F=b", "--", "/bin/true"))
        self.assertEqual((foreign / "F").read_bytes(), VALUE)
        out, _ = job.communicate(b"", timeout=PATIENCE)
        self.assertEqual((job.returncode, out), (0, VALUE))
        self.assertFalse(os.path.exists(path))


class StopTest(JobCase):
    def test_a_job_that_is_stopped_alone_goes_on_alone(self):
        job, _ = self.start("sh", "-c", "echo $F; cat >/dev/null; exit 5")
        child = self.child(job)
        for _ in range(3):
            os.kill(child, signal.SIGSTOP)
            wait_until(lambda: b"State:\tT" in proc(child, "status"), "it has stopped")
            os.kill(child, signal.SIGCONT)
        job.communicate(b"", timeout=PATIENCE)
        self.assertEqual(job.returncode, 5)
        self.assertNothingLeft()

    def test_the_stop_key_stops_both_and_both_go_on(self):
        words = ("run", "--key-file", self.home.key, "--file", "F=a", "--")
        job = ["sh", "-c", "echo ready; while read x; do echo went $x; done"]
        with Shell(self.home, *words, *job) as shell:
            shell.expect(b"ready")
            for _ in range(3):
                shell.type(b"\x1a")
                self.assertEqual(shell.stopped_or_ended(), "stopped")
                shell.send(signal.SIGCONT)
                shell.type(b"on\n")
                shell.expect(b"went on")
            shell.type(b"\x04")
            self.assertEqual(shell.stopped_or_ended(), 0)
        self.assertNothingLeft()


class DescriptorTest(JobCase):
    def limited(self, descriptors, *words):
        def limit():
            resource.setrlimit(resource.RLIMIT_NOFILE, (descriptors, descriptors))

        return self.coffer("run", *words, preexec_fn=limit)

    def test_few_descriptors_are_enough(self):
        show = ["sh", "-c", 'cat; for n in "$@"; do cat /dev/fd/$n; done', "sh"]
        for more in ([], ["--file", "F=a"]):
            with self.subTest(more=more):
                outcome = self.succeed(self.limited(
                    64, "--stdin", "a", "--fd", "63=b", "--fd", "7=c", *more, "--", *show,
                    "63", "7"))
                self.assertEqual(outcome.out, b"value of avalue of bvalue of c")

    def test_descriptors_that_we_use_ourselves_are_given_in_any_order(self):
        show = ["sh", "-c", "cat <&3; cat <&5; cat <&4"]
        for more in ([], ["--file", "F=a"]):
            for order in (("3=a", "4=b", "5=c"), ("5=c", "3=a", "4=b"), ("4=b", "5=c", "3=a")):
                with self.subTest(more=more, order=order):
                    words = [word for pair in order for word in ("--fd", pair)]
                    outcome = self.succeed(self.coffer("run", *words, *more, "--", *show))
                    self.assertEqual(outcome.out, b"value of avalue of cvalue of b")

    def test_a_number_beyond_the_limit_is_said(self):
        for more in ([], ["--file", "F=a"]):
            with self.subTest(more=more):
                outcome = self.refuse(
                    self.limited(64, "--fd", "64=a", *more, "--", "/bin/true"), 9)
                self.assertIn(b"descriptor 64 cannot be made", outcome.err)
                self.assertIn(b"ulimit -n", outcome.err)
                self.assertNothingLeft()


if __name__ == "__main__":
    unittest.main()
