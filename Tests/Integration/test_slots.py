# Key slots of a closed vault changed by somebody else (attack cases B28-B35).

import hashlib
import sqlite3
import struct
import unittest

from attacked_vault import AttackedVault


class SlotTest(AttackedVault):
    def slot(self, number=0):
        connection = sqlite3.connect(f"file:{self.pristine}?immutable=1", uri=True)
        (slot,) = connection.execute("SELECT bytes FROM slot WHERE number = ?", [number]).fetchone()
        connection.close()
        return slot

    def put_slot(self, number, slot, *tables):
        self.attack(*[(f"UPDATE {table} SET bytes = ? WHERE number = ?", (slot, number))
                      for table in tables or ("slot", "slot_copy")])

    def with_checksum(self, slot):
        return bytes(slot[:192]) + hashlib.sha256(slot[:192]).digest()

    def test_one_damaged_copy_of_a_slot_costs_nothing(self):
        """B32."""
        for table in ("slot", "slot_copy"):
            with self.subTest(table=table):
                self.put_slot(0, bytes(224), table)
                self.assertEqual(self.assertOracle(), [0, 0, 0, 0])

    def test_both_copies_damaged_leave_the_other_key(self):
        """B33."""
        self.put_slot(0, bytes(224))
        for words in self.asked:
            self.assertRefused(self.coffer(*words), (3, 5))
        self.home.key = self.spare
        self.assertEqual(self.assertOracle(), [0, 0, 0, 0])

    def test_every_byte_of_a_slot_with_the_checksum_made_good_opens_nothing(self):
        """B28, B30, B34."""
        slot = self.slot()
        for place in range(0, 192, 3):
            with self.subTest(place=place):
                changed = bytearray(slot)
                changed[place] ^= 0x01
                self.put_slot(0, self.with_checksum(changed))
                self.assertRefused(self.coffer("get", "one"), (3, 5, 6))

    def test_a_slot_that_someone_removed_is_told_until_the_next_change(self):
        """A35."""
        warning = b"the key slots were changed outside coffer"
        self.assertNotIn(warning, self.succeed(self.coffer("list")).err)
        self.attack("DELETE FROM slot WHERE number = 1", "DELETE FROM slot_copy WHERE number = 1")
        for _ in range(2):
            self.assertIn(warning, self.succeed(self.coffer("list")).err)
        self.assertIn(warning, self.succeed(self.coffer("disable", "one")).err)
        self.assertNotIn(warning, self.succeed(self.coffer("list")).err)
        self.attack("DELETE FROM slot WHERE number = 1", "DELETE FROM slot_copy WHERE number = 1")
        added = self.coffer("slot add", "--new-key-file", self.home.path + "/third")
        self.assertIn(warning, self.succeed(added).err)
        self.assertNotIn(warning, self.succeed(self.coffer("list")).err)

    def test_a_slot_of_another_number_opens_nothing(self):
        """B35: copied over its neighbour."""
        self.put_slot(1, self.slot(0))
        self.assertOracle()
        self.home.key = self.spare
        self.assertRefused(self.coffer("get", "one"), (3, 5, 6))

    def test_a_costly_derivation_is_refused_before_any_memory_is_taken(self):
        """B28, B29: passphrase parameters out of bounds in a slot with a good checksum."""
        passphrase = self.home.file("pass", b"correct horse battery staple")
        vault = self.home.folder("passphrase") + "/v.db"
        self.succeed(self.home.run(
            "init", "--vault", vault, "--passphrase-file", passphrase, "--kdf-memory", "64MiB"))
        connection = sqlite3.connect(vault, isolation_level=None)
        (slot,) = connection.execute("SELECT bytes FROM slot").fetchone()
        for memory, passes, lanes in (
            (64 << 20, 3, 4), (65536, 0xFFFFFFFF, 4), (65536, 3, 1 << 24), (65536, 0, 4),
            (65536, 3, 0), (8, 3, 4), (1024, 3, 4), (0xFFFFFFFF, 0xFFFFFFFF, 0xFFFFFFFF),
        ):
            with self.subTest(memory=memory, passes=passes, lanes=lanes):
                numbers = struct.pack(">III", memory, passes, lanes)
                changed = self.with_checksum(slot[:28] + numbers + slot[40:192])
                for table in ("slot", "slot_copy"):
                    connection.execute(f"UPDATE {table} SET bytes = ?", [changed])
                outcome = self.home.run(
                    "list", "--vault", vault, "--passphrase-file", passphrase)
                self.assertRefused(outcome, (6,))
        connection.close()


if __name__ == "__main__":
    unittest.main()
