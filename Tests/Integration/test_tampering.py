# Bytes, rows and the schema of a closed vault changed by somebody else (attack cases A1-A24).

import os
import sqlite3
import struct
import unittest

from attacked_vault import AttackedVault


class ByteTest(AttackedVault):
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
                refused += any(self.assertOracle())
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
        """A16, A19: page size, format versions, reserved bytes, encoding, marks."""
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


class RowTest(AttackedVault):
    def assertRefuses(self, *names, codes=(5,)):
        """These are refused; all else is as it was, or refused too."""
        found = self.assertOracle((*codes, 3, 5, 6))
        for words, code in zip(self.asked, found):
            if words[-1] in names:
                self.assertIn(code, codes, words)

    def test_swapped_values_are_refused(self):
        """A4."""
        (one, first), (_, second), (two, other) = self.records()
        self.attack(
            ("UPDATE record SET blob = ? WHERE rid = ?", (other, one)),
            ("UPDATE record SET blob = ? WHERE rid = ?", (second, two)))
        self.assertRefuses("one", "one@previous", "two")

    def test_swapped_versions_are_refused(self):
        """A5."""
        (one, first), (_, second), _ = self.records()
        change = "UPDATE record SET blob = ? WHERE rid = ? AND version = ?"
        self.attack((change, (second, one, 1)), (change, (first, one, 2)))
        self.assertRefuses("one", "one@previous")

    def test_an_older_version_in_the_place_of_the_current_one_is_refused(self):
        """A10."""
        (one, first), _, _ = self.records()
        self.attack(("UPDATE record SET blob = ? WHERE version = 2", (first,)))
        self.assertRefuses("one")

    def records(self):
        """(rid, blob) of the versions of one, first and second, and of two."""
        connection = sqlite3.connect(f"file:{self.pristine}?immutable=1", uri=True)
        rows = connection.execute("SELECT rid, blob FROM record ORDER BY id").fetchall()
        connection.close()
        return rows

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
                self.assertRefuses("list", "one", "one@previous")

    def test_a_row_that_was_doubled_is_no_second_secret(self):
        """A11: under another index and record id, and under another version."""
        self.attack("""INSERT INTO metadata (name_index, rid, revision, epoch, blob)
            SELECT randomblob(16), randomblob(16), revision, epoch, blob FROM metadata""")
        self.assertEqual(self.assertOracle((5,))[0], 5)
        self.attack("""INSERT INTO record (rid, version, epoch, state, digest, blob)
            SELECT rid, version + 7, epoch, state, digest, blob FROM record""")
        self.assertEqual(self.assertOracle((5,)), [5, 5, 5, 5])

    def test_rows_that_are_gone_are_no_missing_secret(self):
        """A7, A8: the description, the values, both, the last version alone."""
        (one, _), _, _ = self.records()
        description = ("DELETE FROM metadata WHERE rid = ?", (one,))
        values = ("DELETE FROM record WHERE rid = ?", (one,))
        for statements in (
            [description], [values], [description, values],
            ["DELETE FROM record WHERE version = 2"]):
            with self.subTest(statements=statements):
                self.attack(*statements)
                self.assertRefuses("list", "one", "one@previous")
                outcome = self.coffer("get", "one")
                self.assertIn(b"state mismatch", outcome.err)
                self.assertRefused(
                    self.coffer("capture", "one", "--stdin", "--replace", stdin=b"x"), (5,))

    def test_a_name_that_was_never_there_is_a_missing_secret(self):
        """The control of A7."""
        self.refuse(self.coffer("get", "three"), 4)

    def test_a_purged_secret_that_is_put_back_is_refused(self):
        """A9."""
        self.put(self.content)
        self.succeed(self.coffer("purge", "one", "--yes"))
        self.refuse(self.coffer("get", "one"), 4)
        self.mix("INSERT INTO main.{0} SELECT * FROM past.{0} WHERE {1} = 1", "metadata", "sid")
        self.mix("INSERT INTO main.{0} SELECT * FROM past.{0} WHERE {1} < 3", "record", "id")
        for words in (("get", "one"), ("list",), ("capture", "one", "--stdin")):
            self.assertRefused(self.coffer(*words, stdin=b"x"), (5,))

    def test_older_rows_with_their_codes_are_refused(self):
        """A10, A13: up to all but the head, and the head alone."""
        tables = ("metadata", "record", "tree")
        for chosen in (*(tables[:count] for count in range(1, 4)), ("head",)):
            with self.subTest(tables=chosen):
                self.grown_older(chosen)
                # A machine that saw a newer head knows more.
                code = 7 if chosen == ("head",) else 5
                for words in (("get", "one"), ("list",)):
                    self.assertRefused(self.coffer(*words), (code,))
                self.forget()
                for words in (("get", "one"), ("list",)):
                    self.assertRefused(self.coffer(*words), (5,))

    def grown_older(self, tables):
        """A vault with a third version, of which some tables are as they were before."""
        self.put(self.content)
        self.store("one", b"value one, third", "--replace")
        for table in tables:
            self.mix("DELETE FROM main.{0}", table)
            self.mix("INSERT INTO main.{0} SELECT * FROM past.{0}", table)

    def test_all_rows_of_an_older_vault_with_its_head_are_refused(self):
        """A14: where this machine remembers the newer one; else the log tells who verifies it."""
        tables = ("metadata", "record", "tree", "head")
        for chosen in (tables, (*tables, "audit_entry", "audit_tip")):
            with self.subTest(tables=chosen):
                self.grown_older(chosen)
                for words in (*self.asked, ("audit", "verify", "--locked")):
                    self.assertRefused(self.ask(words), (7,))
                self.forget()
                is_whole = len(chosen) > len(tables)
                self.assertEqual(
                    self.ask(("audit", "verify", "--locked")).code, 0 if is_whole else 5)

    def ask(self, words):
        return self.home.run(*words) if words[-1] == "--locked" else self.coffer(*words)

    def test_any_part_of_the_log_that_was_edited_is_found(self):
        """H114, H118: by whoever uses the vault or by whoever verifies the log."""
        columns = {
            "time": "time + 1", "operation": "4", "outcome": "1", "user": "77", "process": "77",
            "object": "randomblob(16)", "detail": "x'0000000001'", "link": "zeroblob(32)",
            "next_key": "zeroblob(32)", "signature": "zeroblob(64)", "number": "number + 9"}
        connection = sqlite3.connect(f"file:{self.pristine}?immutable=1", uri=True)
        (count,) = connection.execute("SELECT count(*) FROM audit_entry").fetchone()
        connection.close()
        for number in range(count):
            for column, value in columns.items():
                with self.subTest(number=number, column=column):
                    self.attack(
                        f"UPDATE audit_entry SET {column} = {value} WHERE number = {number}")
                    self.assertRefused(self.home.run("audit", "verify", "--locked"), (5,))
                    self.assertOracle((5,))
            with self.subTest(number=number, column="all"):
                self.attack(f"DELETE FROM audit_entry WHERE number = {number}")
                outcome = self.home.run("audit", "verify", "--locked")
                self.assertRefused(outcome, (5, 7))
                self.assertIn(f"entry {number}".encode(), outcome.err)

    def mix(self, statement, *words):
        """Edits the vault with the rows of the pristine one, as `past`, at hand."""
        connection = sqlite3.connect(self.home.vault, isolation_level=None)
        connection.execute(f"ATTACH '{self.pristine}' AS past")
        connection.execute(statement.format(*words))
        connection.close()
        os.chmod(self.home.vault, 0o600)

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


class SchemaTest(AttackedVault):
    def test_any_other_schema_is_refused_and_nothing_of_it_runs(self):
        """A18."""
        for statement in (
            "CREATE TRIGGER t AFTER INSERT ON record BEGIN DELETE FROM metadata; END",
            "CREATE VIEW v AS SELECT * FROM record", "CREATE INDEX i ON record (epoch)",
            "CREATE TABLE extra (a)", "DROP INDEX record_by_version",
            "CREATE VIRTUAL TABLE f USING fts5(a)",
            "ALTER TABLE record ADD COLUMN more BLOB",
            "ALTER TABLE record ADD COLUMN made BLOB AS (zeroblob(9))",
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
            "PRAGMA application_id = 1", "PRAGMA user_version = 0", "PRAGMA user_version = 4",
            "PRAGMA user_version = 99", "PRAGMA journal_mode = DELETE",
        ):
            with self.subTest(statement=statement):
                self.attack(statement)
                for words in self.asked:
                    self.assertRefused(self.coffer(*words), (6,))


if __name__ == "__main__":
    unittest.main()
