# Kills, full disks and failing devices at every call of a capture, an init and a get: before or
# after, never in between, and what is said of it (attack cases C44-C59). `test_sweeps.py` has all
# other commands.
#
# Faults are put in by strace at the n-th call of a kind, for every n that a run without faults has.

import os
import shutil
import unittest

from support import CofferTest, Home, needs
from tracing import counts, traced

DISTURBED = [
    "openat", "pwrite64", "write", "fsync", "fdatasync", "ftruncate", "unlink", "renameat2",
    "mkdir", "fchown", "close",
]
OLD, NEW = b"the old value", b"a newer value"


@needs("strace")
class FaultTest(CofferTest):
    """Base: a vault with one secret, copied afresh for every fault."""

    def setUp(self):
        super().setUp()
        self.make_vault(old=OLD)
        self.pristine = self.home.copy_vault("pristine")
        self.capture = ["capture", "new", "--stdin", "--key-file", self.home.key]

    def reset(self):
        folder = os.path.dirname(self.home.vault)
        for name in os.listdir(folder):
            os.unlink(f"{folder}/{name}")
        shutil.copyfile(self.pristine, self.home.vault)
        os.chmod(self.home.vault, 0o600)
        # What was seen of the vault since would call the copy a rollback.
        self.home.forget()

    def counts(self, words, stdin, names=DISTURBED):
        self.reset()
        return counts(self.home, words, stdin, names)

    def assertBeforeOrAfter(self):
        """The vault holds the old secret, and the new one wholly or not at all."""
        names = self.names()
        self.assertIn(names, (["old"], ["new", "old"]))
        self.assertHolds("old", OLD)
        if "new" in names:
            self.assertHolds("new", NEW)
        return "new" in names

    def faults(self, words, stdin, fault, names, every="{}"):
        """What to tell strace for this fault at every place where it can happen."""
        return [
            f"{name}:{fault}:when={every.format(number)}"
            for name, count in self.counts(words, stdin, names).items()
            for number in range(1, count + 1)
        ]

    def with_fault(self, inject, words, stdin):
        """Runs on a fresh copy of the vault with one fault."""
        self.reset()
        name = inject.partition(":")[0]
        return traced(self.home, words, stdin, inject, trace=f"{name},write", options=["-y"])


class KillTest(FaultTest):
    def test_a_capture_killed_anywhere_leaves_the_state_before_or_after(self):
        """C44, C59."""
        seen, killed = set(), 0
        for inject in self.faults(self.capture, NEW, "signal=KILL", DISTURBED):
            with self.subTest(inject=inject):
                outcome, _ = self.with_fault(inject, self.capture, NEW)
                self.assertEqual(outcome.code, -9, outcome)
                killed += 1
                stored = self.assertBeforeOrAfter()
                seen.add(stored)
                if b"stored" in outcome.out:
                    self.assertTrue(stored, "acknowledged, and not there")
        self.assertGreater(killed, 40)
        self.assertEqual(seen, {False, True})


class InitTest(CofferTest):
    """C49: no vault, or a complete one with its key; and then it runs again."""

    def injections(self, fault, names, every="{}"):
        home = Home()
        self.addCleanup(home.remove)
        found = counts(home, ["init", "--new-key-file", home.key], b"", names)
        return [
            f"{name}:{fault}:when={every.format(number)}"
            for name, count in found.items() for number in range(1, count + 1)
        ]

    def init_with_fault(self, inject):
        home = Home()
        self.addCleanup(home.remove)
        outcome, trace = traced(
            home, ["init", "--new-key-file", home.key], b"", inject, options=["-y"]
        )
        return home, outcome, trace

    def assertComplete(self, home):
        self.succeed(home.with_key("capture", "a", "--stdin", stdin=NEW))
        self.assertEqual(home.with_key("get", "a").out, NEW)

    def assertRunsAgain(self, home):
        self.assertFalse(os.path.exists(home.vault))
        home.key += "-again"
        self.succeed(home.run("init", "--new-key-file", home.key))
        self.assertComplete(home)

    @needs("strace")
    def test_the_name_of_a_key_file_is_on_disk_before_there_is_a_vault(self):
        home, outcome, trace = self.init_with_fault([])
        self.succeed(outcome)
        made = trace.place("openat(", home.key, "O_EXCL")
        synced = trace.place("fsync(", f"<{home.path}>) = 0")
        begun = trace.place("openat(", home.vault, "O_CREAT")
        self.assertLess(made, synced)
        self.assertLess(synced, begun)

    @needs("strace")
    def test_init_killed_anywhere_leaves_no_vault_or_a_complete_one_and_runs_again(self):
        seen = set()
        for inject in self.injections("signal=KILL", DISTURBED):
            with self.subTest(inject=inject):
                home, outcome, _ = self.init_with_fault(inject)
                self.assertEqual(outcome.code, -9, outcome)
                exists = os.path.exists(home.vault)
                seen.add(exists)
                self.assertComplete(home) if exists else self.assertRunsAgain(home)
                if b"made the vault" in outcome.out:
                    self.assertTrue(exists)
        self.assertEqual(seen, {False, True})

    @needs("strace")
    def test_init_on_a_disk_that_fails_once_or_for_good_is_exit_9_or_complete(self):
        """C51, C53. SQLite tries some things twice, so a single fault may do no harm."""
        codes = set()
        for fault, names in (("error=EIO", ["fsync", "fdatasync"]), ("error=ENOSPC", ["pwrite64"])):
            for every in ("{}", "{}+"):
                for inject in self.injections(fault, names, every):
                    with self.subTest(inject=inject):
                        codes.add(self.fail_init(inject))
        self.assertEqual(codes, {0, 9})

    def fail_init(self, inject):
        home, outcome, trace = self.init_with_fault(inject)
        self.assertIsNotNone(trace.place("(INJECTED)"), "no fault was put in")
        if outcome.code == 0:
            self.assertComplete(home)
        else:
            self.refuse(outcome, 9)
            folder = os.path.dirname(home.vault)
            self.assertEqual(os.listdir(folder) if os.path.isdir(folder) else [], [])
            self.assertFalse(os.path.exists(home.key), "a key that opens nothing")
            self.assertRunsAgain(home)
        return outcome.code


class FullDiskTest(FaultTest):
    def assertFailsUnlessAcknowledged(self, outcome, trace):
        """Exit 9; unless the fault came after the receipt was out. Returns whether it is stored."""
        receipt, fault = trace.place("write(1<", "stored"), trace.place("(INJECTED)")
        self.assertIsNotNone(fault, "no fault was put in")
        if receipt is not None and receipt < fault:
            self.assertEqual(outcome.code, 0, outcome)
            self.assertTrue(self.assertBeforeOrAfter(), "acknowledged, and not there")
            return False
        if outcome.code == 0:
            # The anchor is written when the vault is on disk, and once more at the end: what fails
            # there takes nothing back.
            self.assertTrue(self.assertBeforeOrAfter(), "acknowledged, and not there")
            return False
        self.refuse(outcome, 9)
        self.assertNotIn(NEW, outcome.err)
        return self.assertBeforeOrAfter()

    def test_no_space_at_a_write_is_exit_9_and_nothing_is_stored(self):
        """C51: one write that fails, and a disk that stays full."""
        failed = 0
        for every in ("{}", "{}+"):
            for inject in self.faults(self.capture, NEW, "error=ENOSPC", ["pwrite64"], every):
                with self.subTest(inject=inject):
                    outcome, trace = self.with_fault(inject, self.capture, NEW)
                    failed += outcome.code == 9
                    self.assertFalse(self.assertFailsUnlessAcknowledged(outcome, trace))
        self.assertGreater(failed, 10)

    def test_a_sync_that_fails_is_exit_9_and_never_0(self):
        """C53."""
        failed = 0
        for every in ("{}", "{}+"):
            for inject in self.faults(self.capture, NEW, "error=EIO", ["fdatasync"], every):
                with self.subTest(inject=inject):
                    outcome, trace = self.with_fault(inject, self.capture, NEW)
                    failed += outcome.code == 9
                    self.assertSyncMattered(outcome, trace)
        self.assertGreaterEqual(failed, 2)

    def assertSyncMattered(self, outcome, trace):
        """The one sync whose failure SQLite keeps to itself is that of the directory in which the
        log was made; it is made good when the log is written into the file and that is synced."""
        folder = os.path.dirname(self.home.vault)
        failed = [line for line in trace.lines if "(INJECTED)" in line]
        if len(failed) == 1 and f"<{folder}>" in failed[0] and outcome.code == 0:
            self.assertTrue(self.assertBeforeOrAfter())
            last = [line for line in trace.lines if "fdatasync(" in line][-1]
            self.assertRegex(last, rf"<{self.home.vault}>\) += 0$")
        else:
            self.assertFailsUnlessAcknowledged(outcome, trace)

    def test_an_acknowledged_capture_was_synced_with_its_directory(self):
        """C59: the log, the directory in which it was made, the commit; then the receipt."""
        self.reset()
        names = "fdatasync,fsync,write"
        _, trace = traced(self.home, self.capture, NEW, trace=names, options=["-y"])
        receipt = trace.place("write(1<", "stored")
        synced = [
            line.partition("<")[2].partition(">")[0] for line in trace.lines[:receipt]
            if "sync(" in line and line.endswith("= 0")
        ]
        log, folder = self.home.vault + "-wal", os.path.dirname(self.home.vault)
        self.assertEqual(synced, [log, folder, log])

    def test_a_read_that_fails_is_exit_5_or_9_or_costs_one_copy_of_a_slot(self):
        """C54, B32: every slot is stored twice."""
        words = ["get", "old", "--key-file", self.home.key]
        places = self.faults(words, b"", "error=EIO", ["pread64"])
        self.assertGreater(len(places), 5)
        costs = set()
        for inject in places:
            with self.subTest(inject=inject):
                outcome, _ = self.with_fault(inject, words, b"")
                if outcome.code == 0:
                    # A copy of a slot, a look into the inbox, or what tidies up behind the value.
                    self.assertEqual(outcome.out, OLD)
                    costs.add(b"copies of slot 0 is damaged" in outcome.err)
                else:
                    self.refuse(outcome, 5, 9)
                    self.assertEqual(outcome.out, b"")
                self.assertHolds("old", OLD)
        self.assertIn(True, costs)

    def test_a_read_that_ends_early_gives_nothing_wrong(self):
        """C54: the end of the file where there should be more."""
        words = ["get", "old", "--key-file", self.home.key]
        refused = 0
        for inject in self.faults(words, b"", "retval=0", ["pread64"]):
            with self.subTest(inject=inject):
                outcome, _ = self.with_fault(inject, words, b"")
                if outcome.code == 0:
                    self.assertEqual(outcome.out, OLD)
                else:
                    self.refuse(outcome, 5, 6, 9)
                    refused += 1
                self.assertHolds("old", OLD)
        self.assertGreater(refused, 3)

    def test_a_key_file_that_cannot_be_read_is_exit_9(self):
        """C54."""
        words = ["get", "old", "--key-file", self.home.key]
        self.reset()
        _, trace = traced(self.home, words, trace="read", options=["-y"])
        number = 1 + next(
            n for n, (_, rest) in enumerate(trace.calls("read")) if f"<{self.home.key}>" in rest)
        outcome, _ = self.with_fault(f"read:error=EIO:when={number}", words, b"")
        self.refuse(outcome, 9)

    def test_a_system_without_random_numbers_is_exit_9_and_nothing_is_stored(self):
        """B41: from every draw on, until none is left that fails."""
        outcome, trace = traced(self.home, self.capture, NEW, trace="getrandom")
        self.assertEqual(outcome.code, 0, outcome)
        draws = len(list(trace.calls("getrandom")))
        refused = 0
        for number in range(1, draws + 1):
            outcome, _ = self.with_fault(
                f"getrandom:error=ENOSYS:when={number}+", self.capture, NEW)
            if outcome.code == 0:
                self.assertTrue(self.assertBeforeOrAfter())
                continue
            self.refuse(outcome, 9, "the system gives no random numbers")
            self.assertFalse(self.assertBeforeOrAfter())
            refused += 1
        self.assertGreater(refused, 3)

    def test_a_draw_that_a_signal_interrupts_is_drawn_again(self):
        """B41."""
        for number in range(1, 6):
            outcome, _ = self.with_fault(
                f"getrandom:error=EINTR:when={number}", self.capture, NEW)
            self.assertEqual(outcome.code, 0, outcome)
            self.assertTrue(self.assertBeforeOrAfter())


if __name__ == "__main__":
    unittest.main()
