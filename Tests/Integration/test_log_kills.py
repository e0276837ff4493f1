# Kills, and disks that take nothing, with a log that goes on: what was read is entered, what was
# acknowledged is there, no seal key signs twice, and no machine cries wolf (attack cases C44, C46,
# C50, C52, H120, H121).
#
# A kill happens before the n-th call of a kind, for every n. Only calls before the vault's file is
# opened are left out: they look at the machine. Every kill begins from the same vault and what is
# remembered of it, and nothing is forgotten afterwards.

import os
import shutil
import unittest

from left_vault import LeftVault
from support import needs
from test_faults import NEW, OLD, FaultTest
from tracing import CALLS, traced

KEPT = b"what nobody touches"


@needs("strace")
class LogKillTest(FaultTest):
    def setUp(self):
        super().setUp()
        self.store("kept", KEPT)
        self.second = self.home.path + "/second"
        self.saved = self.home.path + "/saved"
        # How long ago the newest seal was made, in milliseconds.
        self.age = 60_000
        for name in ("vault", "state"):
            shutil.copytree(f"{self.home.path}/{name}", f"{self.saved}/{name}")

    def reset(self):
        """The vault and what is remembered of it, which belong together."""
        for name in ("vault", "state"):
            shutil.rmtree(f"{self.home.path}/{name}")
            shutil.copytree(f"{self.saved}/{name}", f"{self.home.path}/{name}")
        if os.path.exists(self.second):
            os.unlink(self.second)
        self.home.age_newest_seal(self.age)

    def places(self, words, stdin):
        """Every call of a run from the opening of the vault's file on: what to tell strace."""
        self.reset()
        outcome, trace = traced(self.home, words, stdin, trace=",".join(CALLS))
        self.succeed(outcome)
        begun = trace.place("openat(", f'"{self.home.vault}"')
        counts = dict.fromkeys(CALLS, 0)
        for number, (name, _) in enumerate(trace.calls()):
            counts[name] += 1
            if number >= begun:
                yield f"{name}:signal=KILL:when={counts[name]}"

    def kill_everywhere(self, words, entries, stdin=b"", **after):
        """Kills a run at each place. What is there of `entries` is their beginning, and all of them
        if and only if the vault is as `after` says. Returns how many seals whole runs made."""
        words = [*words, "--key-file", self.home.key]
        self.reset()
        start = LeftVault(self.home)
        seen, seals = set(), set()
        for number, inject in enumerate(self.places(words, stdin)):
            with self.subTest(inject=inject):
                outcome, _ = self.with_fault(inject, words, stdin)
                self.assertEqual(outcome.code, -9, outcome)
                left = LeftVault(self.home)
                entered = left.done(len(start.entries))
                is_done = entered == entries
                self.assertEqual(entered, entries[:len(entered)])
                if outcome.out:
                    self.assertTrue(is_done, "it was told, and is not in the log")
                for what, wanted in after.items():
                    before = getattr(start, what)
                    self.assertEqual(getattr(left, what), wanted if is_done else before)
                    self.assertNotEqual(before, wanted, "the control")
                seen.add(len(entered))
                seals |= {left.seals - start.seals} if is_done else set()
                self.assertGoesOn(start, left, number % 2 == 0, entered)
        self.assertEqual(seen, set(range(len(entries) + 1)))
        return seals

    def assertGoesOn(self, start, left, reads_first, entered):
        """The next runs work, and sign nothing with a key that has signed."""
        runs = [("get", "kept"), ("edit", "kept", "--label", "again")]
        for words in runs if reads_first else reversed(runs):
            self.succeed(self.coffer(*words))
        self.succeed(self.coffer("audit verify"))
        after = LeftVault(self.home)
        told = after.done(len(start.entries))
        self.assertEqual(told[:len(entered)], entered)
        self.assertEqual(sorted(told[len(entered):]), [
            ("audit", "done", ""), ("edit", "done", "kept"), ("read", "done", "kept"),
            ("show", "done", "kept")])
        self.assertEqual((after.values["kept"], after.labels["kept"]), (KEPT, b"again"))
        self.assertSignedOnce(start, left, after)

    def assertSignedOnce(self, *states):
        """Of one vault after the other: keys are used once, and erased when they are."""
        after = states[-1]
        keys = [key for key, _, _ in after.signed]
        self.assertEqual(len(keys), len(set(keys)))
        for before in states[:-1]:
            self.assertEqual(after.signed[:before.seals], before.signed)
            self.assertEqual(after.links[:len(before.links)], before.links)
            self.assertIn(before.signing_key, before.content, "the control")
            self.assertNotIn(before.signing_key, after.content)

    def test_a_value_that_a_killed_get_printed_is_in_the_log(self):
        """H121: of a get that seals the log, and of one that leaves that to the next."""
        read = [("read", "done", "old")]
        self.assertEqual(self.kill_everywhere(["get", "old"], read), {1})
        self.age = 0
        self.assertIn(0, self.kill_everywhere(["get", "old"], read))

    def test_a_capture_is_there_with_its_entry_or_not_at_all(self):
        """C44."""
        self.kill_everywhere(
            ["capture", "new", "--stdin"], [("capture", "done", "new")], NEW,
            values={"old": OLD, "kept": KEPT, "new": NEW})

    def test_a_new_version_is_there_with_its_entry_or_not_at_all(self):
        """C44."""
        self.kill_everywhere(
            ["capture", "old", "--stdin", "--replace"], [("capture", "done", "old")], NEW,
            values={"old": NEW, "kept": KEPT})

    def test_a_new_description_is_there_with_its_entry_or_not_at_all(self):
        """C50."""
        self.kill_everywhere(
            ["edit", "old", "--label", "new"],
            [("show", "done", "old"), ("edit", "done", "old")],
            labels={"old": b"new", "kept": b""})

    def test_a_new_name_is_there_with_its_entry_or_not_at_all(self):
        """C50."""
        self.kill_everywhere(
            ["rename", "old", "new"], [("rename", "done", "old")],
            values={"new": OLD, "kept": KEPT})

    def test_a_removal_is_done_with_its_entry_or_not_at_all(self):
        """C50."""
        self.kill_everywhere(["rm", "old"], [("rm", "done", "old")], values={"kept": KEPT})

    def test_a_new_key_opens_with_its_entry_or_not_at_all(self):
        """C46."""
        self.kill_everywhere(
            ["slot", "add", "--new-key-file", self.second], [("slot-add", "done", "")], slots=2)

    def test_no_value_leaves_if_its_entry_cannot_be_written(self):
        """C52, H121: the disk is full, or fails, from some call on."""
        self.reset()
        words, start = ["get", "old", "--key-file", self.home.key], LeftVault(self.home)
        why = "nothing is released, since the log in \"{}\" cannot be written: ".format(
            self.home.vault)
        seen = set()
        for error, reason in (("ENOSPC", "there is no space"), ("EIO", "")):
            fault = f"error={error}"
            for inject in self.faults(words, b"", fault, ["pwrite64", "fdatasync"], "{}+"):
                with self.subTest(inject=inject):
                    outcome, trace = self.with_fault(inject, words, b"")
                    self.assertIsNotNone(trace.place("(INJECTED)"), "no fault was put in")
                    entered = LeftVault(self.home).done(len(start.entries))
                    seen.add(outcome.code)
                    if outcome.code == 0:
                        self.assertEqual((outcome.out, entered), (OLD, [("read", "done", "old")]))
                        continue
                    self.refuse(outcome, 8, 9)
                    self.assertEqual(entered, [])
                    if outcome.code == 8 and "pwrite64" in inject:
                        self.assertIn(f"coffer: error: {why}{reason}", outcome.err.decode())
        self.assertEqual(seen, {0, 8, 9})


if __name__ == "__main__":
    unittest.main()
