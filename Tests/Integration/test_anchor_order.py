# Two processes of one vault, of which one is stopped anywhere while it reads or writes what is
# remembered: neither cries wolf, and what is remembered never goes back (attack cases A14, D66).

import concurrent.futures
import os
import pathlib
import subprocess
import threading
import unittest

from frozen import FDATASYNC, Frozen
from left_vault import LeftVault, reader
from support import CofferTest, as_root
from tracing import descriptors

# How long a run may wait for one that is stopped, if it does at all, in seconds.
WAIT = 0.3


class AnchorWatch(threading.Thread):
    """Looks at what is remembered of a vault again and again, and notes every step back."""

    def __init__(self, anchor):
        super().__init__()
        self.anchor = pathlib.Path(anchor)
        self.newest, self.wrong, self.is_over = (0, 0), [], threading.Event()

    def run(self):
        while not self.is_over.wait(0.0002):
            anchor = reader.Anchor.parsed(
                self.anchor.read_bytes(), bytes.fromhex(self.anchor.name))
            found = anchor and (anchor.generation, anchor.entries)
            if found is None or found < self.newest:
                self.wrong.append((self.newest, found))
            self.newest = found or self.newest

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.is_over.set()
        self.join()


class AnchorOrderTest(CofferTest):
    def setUp(self):
        super().setUp()
        self.make_vault(a=b"first")
        (self.anchor,) = map(str, pathlib.Path(self.home.path, "state/coffer").iterdir())
        self.key = ["--key-file", self.home.key]
        self.change = ["capture", "a", "--stdin", "--replace", *self.key]

    def stopped(self, words, number, after=None):
        """A run that is stopped before its n-th call while the anchor is open, of those behind a
        call of the name `after`; None if it ends before."""
        late = Frozen(self.home, words, b"late")
        self.addCleanup(late.__exit__)
        for name, _ in late.calls():
            after = None if name == after else after
            if after is None and self.anchor in descriptors(late.pid).values():
                if number == 0:
                    return late
                number -= 1
        self.assertEqual(late.process.returncode, 0)
        return None

    def overtake(self, late):
        """A change from beginning to end, or until it waits for the run that is stopped; then that
        one goes on."""
        early = self.home.start(*self.change)
        early.stdin.write(b"early")
        early.stdin.close()
        early.stdin = None
        try:
            early.wait(WAIT)
        except subprocess.TimeoutExpired:
            pass
        code, _, complaint = late.finish()
        out, err = early.communicate()
        self.assertEqual((early.returncode, err), (0, b""), out)
        return code, complaint

    @as_root
    def test_a_run_that_is_late_does_not_take_back_what_another_remembers(self):
        """A14: committed in the order 1, 2; remembered in the order 2, 1."""
        number = 0
        while late := self.stopped(self.change, number, after=FDATASYNC):
            with self.subTest(number=number):
                self.assertEqual(self.overtake(late), (0, b""))
                left = LeftVault(self.home)
                self.assertEqual(left.anchor.generation, left.generation)
            number += 1
        self.assertGreater(number, 2)

    @as_root
    def test_a_read_that_began_before_a_change_cries_no_wolf(self):
        """A14: it looked at what is remembered, then the vault went on."""
        number, words = 0, ["get", "a", *self.key]
        while late := self.stopped(words, number):
            with self.subTest(number=number):
                self.assertEqual(self.overtake(late), (0, b""))
            number += 1
        self.assertGreater(number, 2)

    def test_what_is_remembered_never_goes_back(self):
        """D66: eight runs at a time."""
        def change(number):
            return self.coffer(*self.change[:-2], stdin=b"%d" % number).code

        with AnchorWatch(self.anchor) as watch, concurrent.futures.ThreadPoolExecutor(8) as pool:
            codes = set(pool.map(change, range(400)))
        self.assertEqual((codes, watch.wrong), ({0}, []))
        left = LeftVault(self.home)
        self.assertEqual((left.generation, left.anchor.generation), (402, 402))


if __name__ == "__main__":
    unittest.main()
