# Somebody else's hand in the file while it is closed (attack cases A1-A24, B28-B33).
#
# The oracle: what the vault says is what it said before, or exit 3, 5, 6 or 8 with one clear line on
# standard error; never a signal, a hang, another value, or a new empty vault.

import hashlib
import os
import shutil
import sqlite3
import struct
import unittest

from support import CofferTest, as_root

FIRST, SECOND = b"value one, first", b"value one, second"
OTHER = b"value of two" * 40


class TamperingTest(CofferTest):
    """Base: a vault of two secrets, three versions, two slots."""

    def setUp(self):
        super().setUp()
        self.make_vault(one=FIRST)
        self.succeed(self.coffer("capture", "one", "--stdin", "--replace", stdin=SECOND))
        self.store("two", OTHER, "--label", "labelled")
        self.spare = self.home.path + "/spare"
        self.succeed(self.coffer("slot", "add", "--new-key-file", self.spare))
        self.pristine = self.home.copy_vault("pristine")
        self.folder = os.path.dirname(self.home.vault)
        with open(self.pristine, "rb") as file:
            self.content = file.read()
        self.asked = [("list",), ("get", "one"), ("get", "one@previous"), ("get", "two")]
        self.baseline = [self.succeed(self.coffer(*words)).out for words in self.asked]
        self.assertEqual(self.baseline, [b"one\ntwo\n", SECOND, FIRST, OTHER])

    def put(self, content):
        """Replaces the vault's file; whatever else lies in its directory goes."""
        for name in os.listdir(self.folder):
            path = f"{self.folder}/{name}"
            shutil.rmtree(path) if os.path.isdir(path) else os.unlink(path)
        self.home.file("vault/v.db", content)

    def attack(self, *statements):
        """Edits a fresh copy with plain SQLite, as an attacker would."""
        self.put(self.content)
        connection = sqlite3.connect(self.home.vault, isolation_level=None)
        connection.execute("PRAGMA ignore_check_constraints = ON")
        for statement in statements:
            words = (statement,) if isinstance(statement, str) else statement
            connection.execute(*words)
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.close()
        for name in os.listdir(self.folder):
            os.chmod(f"{self.folder}/{name}", 0o600)

    def assertOracle(self, codes=(3, 5, 6, 8)):
        """Asks everything; returns the exit codes."""
        found = []
        for words, expected in zip(self.asked, self.baseline):
            outcome = self.coffer(*words)
            found.append(outcome.code)
            if outcome.code == 0:
                self.assertEqual(outcome.out, expected, words)
            else:
                self.assertRefused(outcome, codes)
        return found

    def assertRefused(self, outcome, codes):
        self.refuse(outcome, *codes)
        lines = outcome.err.decode().splitlines()
        complaints = [line for line in lines if line.startswith("coffer: error: ")]
        self.assertEqual(len(complaints), 1, outcome)
        allowed = ("coffer: error: ", "coffer: hint: ", "coffer: warning: ")
        self.assertTrue(all(line.startswith(allowed) for line in lines), outcome)
        for value in (FIRST, SECOND, OTHER):
            self.assertNotIn(value, outcome.err)


class ByteTest(TamperingTest):
    def test_flipped_bytes_give_the_same_or_a_refusal(self):
        """A1. A stride through the whole file, and every byte of the header."""
        refused = 0
        places = [*range(100), *range(100, len(self.content), 97)]
        for number, place in enumerate(places):
            mask = (0x01, 0x80, 0xFF)[number % 3]
            with self.subTest(place=place, mask=mask):
                content = bytearray(self.content)
                content[place] ^= mask
                self.put(content)
                codes = self.assertOracle()
                refused += any(codes)
        self.assertGreater(refused, 20)

    def test_a_truncated_file_is_refused_and_left_as_it_is(self):
        """A2."""
        lengths = [0, 1, 99, 100, 2048, len(self.content) - 1]
        lengths += range(4096, len(self.content), 4096)
        for length in lengths:
            with self.subTest(length=length):
                self.put(self.content[:length])
                for words in self.asked:
                    self.assertRefused(self.coffer(*words), (5, 6))
                with open(self.home.vault, "rb") as file:
                    self.assertEqual(file.read(), self.content[:length])

    def test_a_tail_changes_nothing(self):
        """A3: a page of garbage, a gibibyte of nothing."""
        self.put(self.content + b"\xa5" * 4096)
        self.assertOracle()
        self.put(self.content)
        os.truncate(self.home.vault, 1 << 30)
        self.assertOracle()

    def test_headers_of_other_databases_are_refused(self):
        """A16, A19: page size, format versions, reserved bytes, encoding, marks of the application."""
        fields = {
            16: struct.pack(">H", 512), 18: b"\x03\x03", 20: b"\x20", 28: b"\0\0\0\1",
            44: struct.pack(">I", 9), 56: struct.pack(">I", 2), 60: struct.pack(">I", 99),
            68: b"\0\0\0\0",
        }
        for place, content in fields.items():
            with self.subTest(place=place):
                changed = bytearray(self.content)
                changed[place : place + len(content)] = content
                self.put(changed)
                self.assertOracle((5, 6))
        for place in (18, 44, 56, 60, 68):
            with self.subTest(refused=place):
                changed = bytearray(self.content)
                changed[place : place + len(fields[place])] = fields[place]
                self.put(changed)
                self.assertIn(self.coffer("list").code, (5, 6))

    def test_a_free_list_that_goes_in_circles_does_not_hang(self):
        """A19."""
        changed = bytearray(self.content)
        changed[32:40] = struct.pack(">II", 2, 5)
        self.put(changed)
        self.assertOracle()


class RowTest(TamperingTest):
    def assertRefuses(self, *names, codes=(5,)):
        """These are refused; all else is as it was, or refused too."""
        found = self.assertOracle((*codes, 3, 5, 6))
        for words, code in zip(self.asked, found):
            if words[-1] in names:
                self.assertIn(code, codes, words)

    def test_swapped_values_are_refused(self):
        """A4."""
        self.attack("""UPDATE record SET blob = (SELECT b.blob FROM record b
            WHERE b.rid <> record.rid ORDER BY b.version LIMIT 1)""")
        self.assertRefuses("one", "one@previous", "two")

    def test_swapped_versions_are_refused(self):
        """A5."""
        self.attack("""UPDATE record SET blob = (SELECT b.blob FROM record b
            WHERE b.rid = record.rid AND b.version <> record.version)
            WHERE rid IN (SELECT rid FROM record WHERE version = 2)""")
        self.assertRefuses("one", "one@previous")

    def test_swapped_version_numbers_are_refused(self):
        """A5."""
        of_one = "WHERE rid IN (SELECT rid FROM record WHERE version = 9)"
        self.attack(
            "UPDATE record SET version = 9 WHERE version = 2",
            f"UPDATE record SET version = version + 1 {of_one} AND version = 1",
            "UPDATE record SET version = 1 WHERE version = 9")
        self.assertRefuses("one", "one@previous")

    def test_swapped_descriptions_are_refused(self):
        """A6: the blobs, the indexes, the record ids."""
        for column in ("blob", "name_index", "rid"):
            with self.subTest(column=column):
                spare = "zeroblob(16)"
                one, two = self.metadata("one"), self.metadata("two")
                self.attack(
                    f"UPDATE metadata SET {column} = {spare if column != 'blob' else 'blob'}"
                    f" WHERE sid = {one['sid']}",
                    (f"UPDATE metadata SET {column} = ? WHERE sid = ?",
                     (one[column], two["sid"])),
                    (f"UPDATE metadata SET {column} = ? WHERE sid = ?",
                     (two[column], one["sid"])))
                self.assertRefuses("list", "one", "one@previous", "two")

    def metadata(self, name):
        connection = sqlite3.connect(f"file:{self.pristine}?immutable=1", uri=True)
        connection.row_factory = sqlite3.Row
        rows = connection.execute("SELECT * FROM metadata ORDER BY sid").fetchall()
        connection.close()
        return rows[("one", "two").index(name)]

    def test_numbers_in_the_clear_are_bound_to_what_is_sealed(self):
        """A16."""
        for statement in (
            "UPDATE metadata SET revision = revision + 1", "UPDATE metadata SET epoch = 2",
            "UPDATE record SET epoch = 2", "UPDATE record SET version = version + 7",
        ):
            with self.subTest(statement=statement):
                self.attack(statement)
                self.assertRefuses("one", "two")

    def test_states_in_the_clear_decide_nothing(self):
        """A16: which version is current is sealed."""
        for state in (1, 3, 4, 5):
            with self.subTest(state=state):
                self.attack(f"UPDATE record SET state = {state} WHERE version = 2")
                self.assertOracle((5,))

    def test_a_value_whose_row_is_gone_is_refused(self):
        """A8."""
        self.attack("DELETE FROM record WHERE version = 2")
        self.assertRefuses("one")

    def test_blobs_of_impossible_lengths_are_refused(self):
        """A24."""
        for table in ("record", "metadata"):
            for length in (0, 55, 56, 71, 72, 135, 136, 137):
                with self.subTest(table=table, length=length):
                    self.attack(f"UPDATE {table} SET blob = zeroblob({length})")
                    self.assertRefuses("one", "one@previous", "two")

    def test_a_blob_longer_than_any_secret_is_refused(self):
        """A24."""
        self.attack("UPDATE record SET blob = zeroblob(68157440) WHERE version = 2")
        self.assertRefuses("one")

    def test_a_row_from_another_vault_is_refused(self):
        """A12: of the same name, with a key of the same kind."""
        other, key = self.home.folder("other") + "/v.db", self.home.path + "/other-key"
        self.succeed(self.home.run("init", "--vault", other, "--new-key-file", key))
        self.succeed(self.home.run(
            "capture", "one", "--vault", other, "--key-file", key, "--stdin", stdin=b"planted"))
        for table in ("record", "metadata"):
            with self.subTest(table=table):
                connection = sqlite3.connect(other)
                (blob,) = connection.execute(f"SELECT blob FROM {table}").fetchone()
                connection.close()
                self.attack((f"UPDATE {table} SET blob = ?", (blob,)))
                self.assertRefuses("one", "two")

    def test_a_whole_vault_in_the_place_of_another_does_not_open(self):
        """A12."""
        other, key = self.home.folder("other") + "/v.db", self.home.path + "/other-key"
        self.succeed(self.home.run("init", "--vault", other, "--new-key-file", key))
        with open(other, "rb") as file:
            self.put(file.read())
        for words in self.asked:
            self.assertRefused(self.coffer(*words), (3,))


class SchemaTest(TamperingTest):
    def test_any_other_schema_is_refused_and_nothing_of_it_runs(self):
        """A18."""
        for statement in (
            "CREATE TRIGGER t AFTER INSERT ON record BEGIN DELETE FROM metadata; END",
            "CREATE VIEW v AS SELECT * FROM record", "CREATE INDEX i ON record (epoch)",
            "CREATE TABLE extra (a)", "DROP INDEX record_by_version",
            "CREATE VIRTUAL TABLE f USING fts5(a)",
            "ALTER TABLE record ADD COLUMN more",
            "ALTER TABLE record ADD COLUMN made AS (randomblob(9))",
        ):
            with self.subTest(statement=statement):
                self.attack(statement)
                for words in (*self.asked, ("capture", "new", "--stdin")):
                    self.assertRefused(self.coffer(*words, stdin=b"x"), (6,))

    def test_a_view_in_the_place_of_a_table_is_refused(self):
        """A18."""
        self.attack(
            "ALTER TABLE record RENAME TO stolen", "CREATE VIEW record AS SELECT * FROM stolen")
        self.assertRefused(self.coffer("get", "one"), (6,))

    def test_marks_of_other_programs_and_later_versions_are_refused(self):
        """A19."""
        for statement in (
            "PRAGMA application_id = 1", "PRAGMA user_version = 0", "PRAGMA user_version = 2",
            "PRAGMA user_version = 99", "PRAGMA journal_mode = DELETE",
        ):
            with self.subTest(statement=statement):
                self.attack(statement)
                for words in self.asked:
                    self.assertRefused(self.coffer(*words), (6,))


class SlotTest(TamperingTest):
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


class PlantedFileTest(TamperingTest):
    MAGIC = bytes.fromhex("d9d505f920a163d7")

    def test_a_planted_journal_is_refused_and_deletes_nothing(self):
        """A20: its end names another file, which plain SQLite would delete."""
        victim = self.home.file("precious", b"mine")
        name = victim.encode()
        journal = self.MAGIC + struct.pack(">IIIII", 0, 1, 7, 512, 4096).ljust(504, b"\0")
        trailer = name + struct.pack(">II", len(name), sum(name)) + self.MAGIC
        for content in (journal + trailer, journal, b"", b"garbage" * 100, trailer):
            with self.subTest(content=content[-40:]):
                self.put(self.content)
                self.home.file("vault/v.db-journal", content)
                for words in (*self.asked, ("capture", "new", "--stdin")):
                    self.assertRefused(self.coffer(*words, stdin=b"x"), (6,))
                with open(victim, "rb") as file:
                    self.assertEqual(file.read(), b"mine")

    def test_what_is_no_file_beside_the_vault_is_refused_and_not_touched(self):
        """A20b."""
        victim = self.home.file("precious", b"mine")
        for suffix in ("-journal", "-wal", "-shm"):
            for make in (lambda path: os.symlink(victim, path), os.mkfifo, os.mkdir,
                         lambda path: os.link(victim, path)):
                with self.subTest(suffix=suffix):
                    self.put(self.content)
                    make(self.home.vault + suffix)
                    for words in (*self.asked, ("capture", "new", "--stdin")):
                        self.assertRefused(self.coffer(*words, stdin=b"x"), (6, 8))
                    with open(victim, "rb") as file:
                        self.assertEqual(file.read(), b"mine")

    def test_garbage_in_the_log_and_its_index_gives_the_same_or_a_refusal(self):
        """A21."""
        for suffix in ("-wal", "-shm"):
            for content in (b"", b"\0" * 4096, os.urandom(32768), b"\x37\x7f\x06\x82" + bytes(60)):
                with self.subTest(suffix=suffix, content=content[:8]):
                    self.put(self.content)
                    self.home.file(f"vault/v.db{suffix}", content)
                    self.assertOracle()

    def test_the_log_of_another_vault_gives_the_same_or_a_refusal(self):
        """A21: with valid checksums, so that SQLite plays it back."""
        log = self.log_of_another_vault()
        self.put(self.content)
        self.home.file("vault/v.db-wal", log)
        found = self.assertOracle()
        self.assertTrue(all(found), "the control: it was played back")

    def log_of_another_vault(self):
        other, key = self.home.folder("other") + "/v.db", self.home.path + "/other-key"
        self.succeed(self.home.run("init", "--vault", other, "--new-key-file", key))
        holder = sqlite3.connect(other)
        holder.execute("BEGIN")
        holder.execute("SELECT count(*) FROM record").fetchone()
        self.succeed(self.home.run(
            "capture", "one", "--vault", other, "--key-file", key, "--stdin", stdin=b"planted"))
        with open(f"{other}-wal", "rb") as file:
            log = file.read()
        holder.close()
        self.assertGreater(len(log), 4096)
        return log


class PlaceTest(TamperingTest):
    def test_what_is_no_private_file_is_refused(self):
        """F85, F86."""
        for change, undo in (
            (lambda: os.chmod(self.home.vault, 0o640), lambda: os.chmod(self.home.vault, 0o600)),
            (lambda: os.chmod(self.folder, 0o750), lambda: os.chmod(self.folder, 0o700)),
            (lambda: os.link(self.home.vault, self.home.path + "/hard"),
             lambda: os.unlink(self.home.path + "/hard")),
        ):
            change()
            for words in self.asked:
                self.assertRefused(self.coffer(*words), (8,))
            undo()
        self.assertEqual(self.assertOracle(), [0, 0, 0, 0])

    @as_root
    def test_a_vault_of_another_user_is_refused(self):
        """F85."""
        for path in (self.home.vault, self.folder):
            os.chown(path, 65534, -1)
            for words in self.asked:
                self.assertRefused(self.coffer(*words), (8,))
            os.chown(path, 0, -1)

    def test_no_vault_is_made_where_there_was_one(self):
        """A2."""
        os.unlink(self.home.vault)
        for words in self.asked:
            self.assertRefused(self.coffer(*words), (4,))
        self.assertEqual(os.listdir(self.folder), [])


if __name__ == "__main__":
    unittest.main()
