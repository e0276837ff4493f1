# A rekey under kills and on a failing disk: before or after, never between (attack cases C47, D67,
# J134, J136, J137).

import sqlite3
import threading
import unittest

from support import TORTURE, CofferTest, needs
from test_deposits import CAPSULE
from test_faults import OLD, FaultTest

NAMES = ["openat", "pwrite64", "fdatasync", "fsync", "ftruncate", "unlink"]


@needs("strace")
class FaultedTest(FaultTest):
    def setUp(self):
        super().setUp()
        for number in range(12):
            self.store(f"more/{number}", f"value {number}".encode())
        self.words = ["rekey", "--key-file", self.home.key]
        connection = sqlite3.connect(self.home.vault)
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.close()
        self.pristine = self.home.copy_vault("twelve")

    def places(self, fault):
        """All of them, or every seventh where there is less time."""
        found = self.faults(self.words, b"", fault, NAMES)
        return found if TORTURE else found[::7]

    def epoch(self):
        connection = sqlite3.connect(self.home.vault)
        (head,), = connection.execute("SELECT bytes FROM head").fetchall()
        epochs = set(connection.execute(
            "SELECT epoch FROM record UNION SELECT epoch FROM metadata").fetchall())
        connection.close()
        epoch = int.from_bytes(head[31:35], "big")
        self.assertEqual(epochs, {(epoch,)})
        return epoch

    def assertWhole(self):
        self.assertHolds("old", OLD)
        self.assertHolds("more/7", b"value 7")
        self.assertEqual(len(self.names()), 13)
        self.succeed(self.coffer("audit", "verify"))

    def test_killed_anywhere_it_is_of_one_epoch_or_the_next(self):
        """C47."""
        epochs = set()
        for inject in self.places("signal=KILL"):
            outcome, _ = self.with_fault(inject, self.words, b"")
            epoch = self.epoch()
            if outcome.code == 0:
                self.assertEqual(epoch, 2, inject)
            epochs.add(epoch)
            self.assertWhole()
        self.assertEqual(epochs, {1, 2})

    def test_on_a_device_that_fails_it_says_so_or_is_done(self):
        """C53."""
        for fault in ("error=EIO", "error=ENOSPC"):
            for inject in self.places(fault):
                if not inject.startswith(("pwrite64", "fdatasync")):
                    continue
                outcome, _ = self.with_fault(inject, self.words, b"")
                if outcome.code == 0:
                    self.assertEqual(self.epoch(), 2, inject)
                else:
                    self.refuse(outcome, 5, 8, 9)
                self.assertWhole()


class UseTest(CofferTest):
    def setUp(self):
        super().setUp()
        self.make_vault(a=b"value a", b=b"value b")

    def test_others_see_the_old_or_the_new_epoch_and_lose_nothing(self):
        """D67: readers and writers while the root key changes."""
        stop = threading.Event()
        failures, stored, deposited, handed_out = [], [], [], []

        def use(number):
            count = 0
            while not stop.is_set():
                read = self.coffer("get", "a")
                if read.code not in (0, 10) or (read.code == 0 and read.out != b"value a"):
                    failures.append(read)
                name = f"n{number}/{count}"
                wrote = self.coffer("capture", name, "--stdin", stdin=name.encode())
                if wrote.code == 0:
                    stored.append(name)
                elif wrote.code == 1 and wrote.out.startswith(b"deposited"):
                    # The keys changed under the value, and the new ones could be trusted.
                    deposited.append(name)
                elif wrote.code == 9 and CAPSULE.search(wrote.err):
                    # They could not.
                    handed_out.append((name, CAPSULE.search(wrote.err).group()))
                elif wrote.code != 10:
                    failures.append(wrote)
                count += 1

        users = [threading.Thread(target=use, args=(number,)) for number in range(3)]
        for user in users:
            user.start()
        rekeyed = 0
        for _ in range(6):
            outcome = self.coffer("rekey")
            self.assertIn(outcome.code, (0, 10), outcome)
            rekeyed += outcome.code == 0
        stop.set()
        for user in users:
            user.join()
        self.assertEqual(failures, [])
        self.assertGreater(rekeyed, 0)
        self.assertGreater(len(stored), 0)
        for name in stored:
            self.assertHolds(name, name.encode())
        for name, capsule in handed_out:
            self.succeed(self.coffer("capsule", "import", "-", stdin=capsule))
            outcome = self.succeed(self.coffer("get", f"{name}@pending"))
            self.assertEqual(outcome.out, name.encode())
        for name in deposited:
            outcome = self.succeed(self.coffer("get", f"{name}@pending"))
            self.assertEqual(outcome.out, name.encode())
        self.succeed(self.coffer("audit", "verify"))

    def test_a_damaged_row_is_named_and_nothing_is_changed(self):
        """J136."""
        connection = sqlite3.connect(self.home.vault)
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.execute("UPDATE record SET blob = zeroblob(length(blob)) WHERE id = 1")
        connection.commit()
        before = connection.execute("SELECT * FROM metadata").fetchall()
        outcome = self.coffer("rekey")
        self.refuse(outcome, 5)
        self.assertIn(b'version 1 of "a" does not fit its seal', outcome.err)
        self.assertEqual(connection.execute("SELECT * FROM metadata").fetchall(), before)
        connection.close()


if __name__ == "__main__":
    unittest.main()
