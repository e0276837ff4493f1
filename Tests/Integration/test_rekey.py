# A rekey while others use the vault, and of a damaged one (attack cases D67, J134, J136, J137).
# `test_sweeps.py` and `test_power_cuts.py` have it under faults.

import re
import sqlite3
import threading
import unittest

from left_vault import LeftVault
from support import CofferTest
from test_deposits import CAPSULE

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
        self.assertIn(b"--skip-damaged", outcome.err)
        self.assertEqual(connection.execute("SELECT * FROM metadata").fetchall(), before)
        connection.close()
        asked = self.refuse(self.coffer("rekey", "--skip-damaged"), 2)
        self.assertIn(b"what is damaged is left out", asked.err)
        done = self.succeed(self.coffer("rekey", "--skip-damaged", "--yes"))
        self.assertIn(b'damaged: version 1 of "a" does not fit its seal', done.err)
        kept = re.search(rb'as it was it is "(.*-replaced-.*\.db)"', done.out)[1].decode()
        self.assertHolds("b", b"value b")
        self.refuse(self.coffer("get", "a"), 4)
        self.assertIn(b"destroyed", self.succeed(self.coffer("show", "a")).out)
        self.succeed(self.coffer("audit verify"))
        self.assertEqual(LeftVault(self.home).values, {"b": b"value b"})
        log = self.succeed(self.coffer("audit log", "--operation", "rekey")).out
        self.assertIn(b"damaged", log)
        self.assertEqual(self.succeed(self.home.run(
            "get", "b", "--vault", kept, "--key-file", self.home.key,
            "--accept-rollback")).out, b"value b")


if __name__ == "__main__":
    unittest.main()
