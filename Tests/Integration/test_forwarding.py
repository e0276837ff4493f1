# Events that are forwarded are on disk in the vault before, and a log that lost some is told.

import os
import shutil
import unittest

from support import CofferTest, needs
from tracing import traced


class ForwardingTest(CofferTest):
    def setUp(self):
        super().setUp()
        self.make_vault(a=b"one")
        self.sink, self.cursor = f"{self.home.path}/events", f"{self.home.path}/cursor"
        self.words = ["audit", "forward", "--locked", "--all", "--once", "--file", self.sink,
                      "--cursor-file", self.cursor]

    def forward(self, *words):
        return self.home.run(*self.words, *words)

    def count(self):
        with open(self.sink) as file:
            return len(file.readlines())

    @needs("strace")
    def test_the_log_is_synced_before_an_event_leaves_and_before_the_cursor_counts_it(self):
        # A second process keeps the reads that were not synced in the log.
        self.succeed(self.coffer("get", "a"))
        outcome, trace = traced(
            self.home, self.words, trace="fdatasync,write,renameat,rename", options=["-y"])
        self.succeed(outcome)
        synced = trace.place("fdatasync(", f"<{self.home.vault}-wal>) = 0")
        sent = trace.place("write(", f"<{self.sink}>")
        counted = trace.place("write(", f"<{self.cursor}.new>")
        self.assertIsNotNone(synced, trace.lines)
        self.assertLess(synced, sent)
        self.assertLess(sent, counted)

    @needs("strace")
    def test_nothing_leaves_if_the_log_cannot_be_synced(self):
        self.succeed(self.coffer("get", "a"))
        outcome, _ = traced(self.home, self.words, inject="fdatasync:error=EIO", trace="fdatasync")
        self.refuse(outcome, 9)
        self.assertEqual(self.count(), 0)
        self.assertFalse(os.path.exists(self.cursor))

    def test_a_cursor_beyond_the_end_of_the_log_is_a_rollback(self):
        past = self.home.copy_vault("past")
        for _ in range(2):
            self.succeed(self.coffer("get", "a"))
        self.succeed(self.forward())
        seen = self.count()
        self.succeed(self.forward())
        self.assertEqual(self.count(), seen)
        for name in os.listdir(os.path.dirname(self.home.vault)):
            os.unlink(f"{os.path.dirname(self.home.vault)}/{name}")
        shutil.copyfile(past, self.home.vault)
        os.chmod(self.home.vault, 0o600)
        self.home.forget()
        for words in ([], ["--key-file", self.home.key]):
            # The entry that a key makes must not fill the gap.
            with open(self.cursor, "w") as file:
                file.write(f"{seen if not words else 3}\n")
            if words:
                self.words.remove("--locked")
            refused = self.refuse(self.forward(*words), 7)
            self.assertIn(b"the audit log is older than what was read of it before", refused.err)
            self.assertIn(b"remove the cursor file", refused.err)
            self.assertEqual(self.count(), seen)


if __name__ == "__main__":
    unittest.main()
