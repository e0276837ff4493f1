# Disks and outputs that take no more (attack cases C51, C52, C58, C62).

import os
import resource
import subprocess
import unittest

from support import PATIENCE, CofferTest, Outcome, as_root, needs, wait_until
from tracing import is_reading_standard_input, traced

OLD, NEW = b"the old value", b"a newer value"


def write_limit(size):
    """For preexec_fn: a limit on the size of any file written."""
    return lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


class ThreadTest(CofferTest):
    @needs("strace")
    def test_where_no_thread_is_to_be_had_all_is_done_by_the_one_there_is(self):
        self.succeed(self.home.run("init", "--new-key-file", self.home.key))
        lines = b"".join(b'{"name": "n%d", "secret": "s%d"}\n' % (n, n) for n in range(300))
        self.succeed(self.coffer("import", "--json-lines", "-", stdin=lines))
        for words in (["list"], ["audit", "verify"]):
            expected = self.succeed(self.coffer(*words)).out
            words += ["--key-file", self.home.key]
            with self.subTest(words=words):
                outcome, trace = traced(
                    self.home, words, inject=["clone3:error=EAGAIN", "clone:error=EAGAIN"],
                    trace="clone,clone3")
                self.assertEqual((outcome.code, outcome.err), (0, b""))
                if words[0] == "list":
                    self.assertEqual(outcome.out, expected)
                if os.cpu_count() > 1:
                    self.assertGreater(trace.count("clone3") + trace.count("clone"), 0)


class LimitTest(CofferTest):
    @as_root
    @needs("mount", "umount")
    def test_a_disk_that_fills_up_before_the_value_comes_is_exit_9(self):
        """C51, C52."""
        self.mount_small("size=104m,mode=700")
        self.make_vault(old=OLD)
        capture = self.home.start("capture", "new", "--stdin", "--key-file", self.home.key)
        wait_until(lambda: is_reading_standard_input(capture.pid), "the value is asked for")
        self.fill()
        out, err = capture.communicate(NEW, timeout=PATIENCE)
        self.refuse(Outcome(capture.returncode, out, err), 9)
        self.assertNotIn(NEW, err)
        got = self.coffer("get", "old")
        self.assertIn(got.code, (0, 8, 9), got)
        os.unlink(f"{self.place}/filler")
        self.assertEqual(self.names(), ["old"])
        self.assertHolds("old", OLD)
        self.store("new", NEW)

    @as_root
    @needs("mount", "umount")
    def test_a_disk_with_little_space_is_refused_before_the_value_is_asked_for(self):
        """C51: law 1 of capture without losing."""
        self.mount_small("size=256k,mode=700")
        self.succeed(self.home.run("init", "--new-key-file", self.home.key))
        reader, writer = os.pipe()
        outcome = self.coffer("capture", "new", "--stdin", stdin=reader)
        self.refuse(outcome, 9)
        self.assertIn(b"too little space", outcome.err)
        os.close(reader)
        os.close(writer)
        self.assertEqual(self.names(), [])

    def mount_small(self, options):
        self.place = self.home.folder("small")
        subprocess.run(["mount", "-t", "tmpfs", "-o", options, "none", self.place], check=True)
        self.addCleanup(subprocess.run, ["umount", self.place], check=True)
        self.home.vault = self.home.environment["COFFER_VAULT"] = f"{self.place}/v.db"

    def fill(self):
        with open(f"{self.place}/filler", "wb", buffering=0) as filler:
            for size in (1 << 20, 4096, 1):
                with self.assertRaises(OSError):
                    while filler.write(bytes(size)) == size:
                        pass
                    raise OSError("the rest did not fit")

    def test_a_limit_on_file_size_is_exit_9_and_no_signal(self):
        """C58."""
        self.make_vault(old=OLD)
        size = os.path.getsize(self.home.vault)
        for limit in (0, 1, 4096, 8192, 16384, size // 2):
            with self.subTest(limit=limit):
                outcome = self.coffer(
                    "capture", "new", "--stdin", stdin=NEW, preexec_fn=write_limit(limit)
                )
                self.refuse(outcome, 9)
                self.assertEqual(self.names(), ["old"])
                self.assertHolds("old", OLD)

    def test_the_limit_is_there(self):
        """So that the test above can fail: another program does get the signal."""
        process = subprocess.run(
            ["sh", "-c", f"echo x > {self.home.path}/x"], preexec_fn=write_limit(0),
            stderr=subprocess.DEVNULL,
        )
        self.assertNotEqual(process.returncode, 0)
        self.assertNotEqual(resource.getrlimit(resource.RLIMIT_FSIZE)[0], 0)


class OutputTest(CofferTest):
    """C62: what becomes of a value, or of a receipt, that nobody can take."""

    def test_a_full_device_behind_get_is_exit_9(self):
        self.make_vault(old=OLD)
        with open("/dev/full", "wb") as full:
            outcome = self.coffer("get", "old", stdout=full)
        self.refuse(outcome, 9)
        self.assertIn(b"no space left", outcome.err)

    def test_closed_output_behind_get_is_exit_9(self):
        self.make_vault(old=OLD)
        outcome = self.coffer("get", "old", preexec_fn=lambda: os.close(1))
        self.refuse(outcome, 9)

    def test_a_broken_pipe_behind_get_is_exit_9_and_no_signal(self):
        self.make_vault(old=OLD)
        reader, writer = os.pipe()
        os.close(reader)
        outcome = self.coffer("get", "old", stdout=writer)
        os.close(writer)
        self.refuse(outcome, 9)

    def test_a_capture_whose_receipt_cannot_be_written_is_stored_and_says_so(self):
        self.make_vault()
        with open("/dev/full", "wb") as full:
            on_full = self.coffer("capture", "full", "--stdin", stdin=NEW, stdout=full)
        closed = self.coffer(
            "capture", "closed", "--stdin", stdin=NEW, preexec_fn=lambda: os.close(1)
        )
        for outcome in (on_full, closed):
            self.refuse(outcome, 9)
            self.assertIn(b"the secret is stored, but its receipt was not", outcome.err)
        self.assertHolds("full", NEW)
        self.assertHolds("closed", NEW)


if __name__ == "__main__":
    unittest.main()
