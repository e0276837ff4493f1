# Many processes on one vault at once: nothing is lost, and everything is entered once (attack case
# D66).
#
# `make torture` has every worker run 1,000 commands of each kind, which takes minutes.

import collections
import concurrent.futures
import os
import unittest

from left_vault import LeftVault
from support import TORTURE, CofferTest, needs
from tracing import traced

WORKERS = 8
EACH = 1_000 if TORTURE else 125


def value(worker, number):
    return b"%d of worker %d" % (number, worker)


class StormTest(CofferTest):
    def work(self, worker):
        """Stores and reads; returns what was not as it should be."""
        wrong = []
        for number in range(EACH):
            name, content = f"w{worker}/{number}", value(worker, number)
            stored = self.coffer("capture", name, "--stdin", stdin=content)
            read = self.coffer("get", name)
            if stored.code or (read.code, read.out) != (0, content):
                wrong.append((name, stored, read))
        return wrong

    def test_workers_at_once_lose_nothing_and_enter_everything(self):
        """D66."""
        self.make_vault()
        with concurrent.futures.ThreadPoolExecutor(WORKERS) as pool:
            wrong = [told for found in pool.map(self.work, range(WORKERS)) for told in found]
        self.assertEqual(wrong, [])
        # The times of runs at once may cross; that is no clock that went back.
        self.assertNotIn(b"note: ", self.succeed(self.coffer("audit verify")).out)
        left = LeftVault(self.home)
        # Which has verified the log: its numbers, links and seals.
        self.assertEqual(left.values, {
            f"w{worker}/{number}": value(worker, number)
            for worker in range(WORKERS) for number in range(EACH)})
        self.assertEqual(collections.Counter(left.done()), collections.Counter(
            [("init", "done", ""), ("audit", "done", ""), *(
                (operation, "done", name)
                for name in left.values for operation in ("capture", "read"))]))
        self.assertEqual(left.generation, 1 + len(left.values))


@needs("strace")
@unittest.skipUnless(os.uname().machine == "x86_64", "knows where the count of names is")
class VanishingTest(CofferTest):
    def test_files_that_another_run_removes_meanwhile_are_no_attack(self):
        """D66: who closes the vault last removes the log and its index. The kernel says of a file
        that is removed while it is looked at that it is there and has no name."""
        self.make_vault(a=b"value")
        # A read of the last second leaves its entry in the log beside the vault.
        self.assertHolds("a", b"value")
        words = ["get", "a", "--key-file", self.home.key]
        outcome, trace = traced(self.home, words, trace="newfstatat")
        self.succeed(outcome)
        looks = [number for number, (_, rest) in enumerate(trace.calls(), start=1)
                 if f'"{self.home.vault}-' in rest and rest.endswith("= 0")]
        self.assertGreater(len(looks), 2)
        for number in looks:
            with self.subTest(number=number):
                # Device, inode and count of names.
                inject = f"newfstatat:poke_exit=@arg3={'00' * 24}:when={number}"
                outcome, _ = traced(self.home, words, inject=inject, trace="newfstatat")
                self.assertEqual(self.succeed(outcome).out, b"value")


if __name__ == "__main__":
    unittest.main()
