"""What the specification says must be rejected, the reader and the program reject alike."""

import hashlib
import os
import socket
import unittest

from reference_case import ExampleCase, ReferenceCase, reader, writer

p = reader.p
u, lp, texts, version = writer.u, p.lp, writer.texts, writer.version
INTEGRITY, UNSUPPORTED = 5, 6
TIME = writer.MADE * 1_000
ONE = (12, texts([version(1, 2, TIME, [b"client_secret"])]))
TWO = (12, texts([version(1, 3, TIME, [b"client_secret"]),
                  version(2, 2, TIME, [b"client_secret"])]))


def own(name, value):
    return lp(name) + b"\1" + lp(value)


def rotation(mode=1, state=1, old=1, new=0, grace=0, strays=()):
    return (bytes(16) + bytes([mode, state, 0]) + u(64, TIME) + u(64, TIME) + u(32, old)
            + u(32, new) + u(32, 0) + u(32, 0) + u(64, grace) + bytes(3)
            + texts([lp(key) for key in strays]))


class Sealed(ExampleCase):
    """Rows that carry the right seal and say what nobody writes."""

    def put_metadata(self, encoded, name=writer.ZPA_NAME, pad=writer.padded, revision=1):
        context = p.metadata_context(writer.VAULT, 1, writer.ZPA_RID, revision)
        blob = writer.sealed(self.example.keys["meta"], context, pad(encoded), os.urandom(24))
        self.edit((
            "UPDATE metadata SET blob = ?, name_index = ?, revision = ? WHERE sid = 1", blob,
            p.blind_index(self.example.keys["idx"], name), revision))
        self.seal_state()

    def put_record(self, value, kind=1, pad=writer.padded, number=1, state=2):
        context = p.record_context(writer.VAULT, 1, writer.ZPA_RID, number, kind)
        blob = writer.sealed(self.example.keys["rec"], context, pad(value), os.urandom(24))
        self.edit((
            "UPDATE record SET blob = ?, digest = ?, version = ?, state = ? WHERE id = 1", blob,
            hashlib.sha256(blob).digest(), number, state))
        self.seal_state()

    def seal_state(self):
        """Makes the state tree fit what was edited."""
        with self.connected() as connection:
            self.example.seal_state(connection)

    def refused(self, code=INTEGRITY, lists=INTEGRITY):
        self.agree("get", "zpa/prod/ci", code=code)
        self.agree("list", code=lists)

    def test_metadata_that_is_not_canonical(self):
        field = lambda name, value: lp(name) + lp(value)
        many = [b"f%04d" % number for number in range(1_025)]
        cases = {
            "unknown tag": [ONE, (14, b"")], "tag zero": [(0, b""), ONE],
            "repeated tag": [(3, b"a"), (3, b"a"), ONE], "order": [ONE, (3, b"a")],
            "default issuer": [(1, b"generic"), ONE], "bad issuer": [(1, b"Zpa"), ONE],
            "empty issuer": [(1, b""), ONE], "long issuer": [(1, b"a" * 65), ONE],
            "status 0": [(2, b"\0"), ONE], "status 2": [(2, b"\2"), ONE],
            "status too long": [(2, b"\1\0"), ONE], "elsewhere 0": [(11, b"\0"), ONE],
            "reason 0": [ONE, (13, b"\0")], "reason 2": [ONE, (13, b"\2")],
            "empty label": [(3, b""), ONE], "long label": [(3, b"x" * 1_025), ONE],
            "label not UTF-8": [(3, b"\xed\xa0\x80"), ONE],
            "no fields": [(4, texts([])), ONE],
            "fields unsorted": [(4, texts([field(b"b", b""), field(b"a", b"")])), ONE],
            "field twice": [(4, texts([field(b"a", b""), field(b"a", b"x")])), ONE],
            "field name": [(4, texts([field(b"1a", b"")])), ONE],
            "field too long": [(4, texts([field(b"a", b"x" * 16_385)])), ONE],
            "field not UTF-8": [(4, texts([field(b"a", b"\xff")])), ONE],
            "too many fields": [(4, texts([field(name, b"") for name in many])), ONE],
            "fields left over": [(4, texts([field(b"a", b"")]) + b"\0"), ONE],
            "no tags": [(5, texts([])), ONE], "empty tag": [(5, texts([lp(b"")])), ONE],
            "tags unsorted": [(5, texts([lp(b"b"), lp(b"a")])), ONE],
            "tag twice": [(5, texts([lp(b"a"), lp(b"a")])), ONE],
            "long tag": [(5, texts([lp(b"x" * 129)])), ONE],
            "created 0": [(6, u(64, 0)), ONE], "short time": [(6, u(32, 1)), ONE],
            "modified as created": [(6, u(64, 5)), (7, u(64, 5)), ONE],
            "modified as the default": [(7, u(64, 0)), ONE],
            "no versions": [(12, texts([]))],
            "version 0": [(12, texts([version(0, 2, 1, [b"a"])]))],
            "versions unsorted": [
                (12, texts([version(2, 3, 1, [b"a"]), version(1, 2, 1, [b"a"])]))],
            "version twice": [
                (12, texts([version(1, 3, 1, [b"a"]), version(1, 2, 1, [b"a"])]))],
            "state 0": [(12, texts([version(1, 0, 1, [b"a"])]))],
            "state 6": [(12, texts([version(1, 6, 1, [b"a"])]))],
            "no field names": [(12, texts([version(1, 2, 1, [])]))],
            "field name twice": [(12, texts([version(1, 2, 1, [b"a", b"a"])]))],
            "too many field names": [(12, texts([version(1, 2, 1, many)]))],
            "versions left over": [(12, ONE[1] + b"\0")],
            "a rotation's state": [ONE, (15, rotation(state=13))],
            "a rotation's mode": [ONE, (15, rotation(mode=0))],
            "a rotation without an old version": [ONE, (15, rotation(old=0))],
            "a rotation that is begun with a new version": [ONE, (15, rotation(new=2))],
            "a rotation that is pending without one": [ONE, (15, rotation(state=4))],
            "a rotation's grace": [ONE, (15, rotation(grace=315_360_001))],
            "a rotation's keys unsorted": [ONE, (15, rotation(strays=[b"b", b"a"]))],
            "a rotation's key": [ONE, (15, rotation(strays=[b""]))],
            "a rotation left over": [ONE, (15, rotation() + b"\0")],
            "no own fields": [TWO, (16, texts([]))],
            "own fields of none": [TWO, (16, texts([u(32, 1) + texts([])]))],
            "own fields of the current": [TWO, (16, texts([u(32, 2) + texts([own(b"a", b"")])]))],
            "own fields of no version": [TWO, (16, texts([u(32, 3) + texts([own(b"a", b"")])]))],
            "own fields without versions": [(16, texts([u(32, 1) + texts([own(b"a", b"")])]))],
            "own fields twice": [TWO, (16, texts(2 * [u(32, 1) + texts([own(b"a", b"")])]))],
            "own field twice": [TWO, (16, texts([u(32, 1) + texts(2 * [own(b"a", b"")])]))],
            "own field of 2": [TWO, (16, texts([u(32, 1) + texts([lp(b"a") + b"\2"])]))],
            "own field too long": [
                TWO, (16, texts([u(32, 1) + texts([own(b"a", b"x" * 16_385)])]))],
            "own fields too long": [
                TWO, (16, texts([u(32, 1) + texts(
                    [own(name, b"x" * 16_384) for name in many[:65]])]))],
            "too many own fields": [
                TWO, (16, texts([u(32, 1) + texts(
                    [lp(b"f%04d" % number) + b"\0" for number in range(2_049)])]))],
            "own fields left over": [
                TWO, (16, texts([u(32, 1) + texts([own(b"a", b"")])]) + b"\0")],
        }
        for words, attributes in cases.items():
            with self.subTest(words):
                self.put_metadata(writer.metadata(writer.ZPA_NAME, attributes))
                self.refused()

    def test_metadata_whose_frame_is_not_as_written(self):
        good = writer.metadata(writer.ZPA_NAME, [ONE])
        name = lp(writer.ZPA_NAME)
        for words, encoded in {
                "left over": good + b"\0", "cut": good[:-1], "empty": b"", "no count": name,
                "count too small": name + u(32, 0) + good[len(name) + 4:],
                "count too large": name + u(32, 2) + good[len(name) + 4:],
                "length beyond the end": u(32, 2**32 - 1) + good[4:]}.items():
            with self.subTest(words):
                self.put_metadata(encoded)
                self.refused()

    def test_names_that_are_none_or_another(self):
        for name in (b"", b"-a", b"a//b", b"/a", b"a/", b".", b"a/..", b"a b", b"\xc3\xa9",
                     b"a" * 129, b"zpa/prod/cj"):
            with self.subTest(name):
                self.put_metadata(writer.metadata(name, [ONE]))
                self.refused()

    def test_padding_that_is_not_as_written(self):
        for words, pad in {
                "version": lambda value: b"\2" + writer.padded(value)[1:],
                "rest": lambda value: writer.padded(value)[:-1] + b"\1",
                "bucket": lambda value: writer.padded(value) + bytes(64),
                "none": lambda value: b"\1" + lp(value),
                "length": lambda value: b"\1" + u(32, 2**32 - 1) + bytes(59),
                "empty": lambda value: b""}.items():
            with self.subTest(words):
                self.put_record(writer.ZPA_VALUE, pad=pad)
                self.refused(lists=0)
        self.put_record(writer.ZPA_VALUE)
        self.agree("get", "zpa/prod/ci", output=writer.ZPA_VALUE)
        self.put_metadata(self.example.zpa, pad=lambda value: writer.padded(value) + bytes(64))
        self.refused()

    def test_fields_of_a_record_that_are_not_those_of_the_metadata(self):
        names = [b"b", b"a"]
        self.put_metadata(writer.metadata(
            writer.ZPA_NAME, [(12, texts([version(1, 2, 1, names)]))]))
        pack = lambda *pairs: u(16, len(pairs)) + b"".join(lp(a) + lp(b) for a, b in pairs)
        good = pack((b"b", b"1"), (b"a", b""))
        self.put_record(good, kind=2)
        self.agree("get", "zpa/prod/ci#b", output=b"1")
        self.agree("get", "zpa/prod/ci#a", output=b"")
        self.agree("get", "zpa/prod/ci", code=2)
        for words, value, kind in (
                ("kind", good, 1), ("order", pack((b"a", b""), (b"b", b"1")), 2),
                ("name", pack((b"b", b"1"), (b"c", b"")), 2), ("one", pack((b"b", b"1")), 2),
                ("three", pack((b"b", b"1"), (b"a", b""), (b"c", b"")), 2),
                ("left over", good + b"\0", 2), ("cut", good[:-1], 2), ("empty", b"", 2)):
            with self.subTest(words):
                self.put_record(value, kind=kind)
                self.agree("get", "zpa/prod/ci#b", code=INTEGRITY)

    def test_values_that_are_too_long(self):
        for count, code in ((16_777_216, 0), (16_777_217, INTEGRITY), (17_301_499, INTEGRITY),
                            (17_301_500, INTEGRITY)):
            with self.subTest(count=count):
                self.put_record(bytes(count))
                self.agree("get", "zpa/prod/ci", code=code)
        names = [b"b", b"a"]
        self.put_metadata(writer.metadata(
            writer.ZPA_NAME, [(12, texts([version(1, 2, 1, names)]))]))
        for count, code in ((16_842_752, 0), (16_842_753, INTEGRITY)):
            with self.subTest(count=count):
                head = u(16, 2) + lp(b"b") + lp(b"value") + lp(b"a")
                self.put_record(head + lp(bytes(count - len(head) - 4)), kind=2)
                self.agree("get", "zpa/prod/ci#b", code=code)

    def test_what_is_unusual_and_allowed_is_read(self):
        most = 2**64 - 1
        for state, selector, code in ((1, "pending", 0), (3, "previous", 0), (4, "4294967295", 0),
                                      (5, "4294967295", 4)):
            number = 2**32 - 1
            self.put_metadata(writer.metadata(writer.ZPA_NAME, [
                (3, b"\0\x1b[2J\xef\xbb\xbf"), (6, u(64, most)), (7, u(64, 1)), (8, u(64, most)),
                (10, u(64, 0)), (11, b"\1"),
                (12, texts([version(number, state, most, [b"x"])]))]), revision=2**63 - 1)
            self.put_record(b"unusual", number=number, state=state)
            with self.subTest(state):
                self.agree("get", f"zpa/prod/ci@{selector}", code=code)
                self.agree("get", "zpa/prod/ci", code=4)
                self.agree("list", output=b"slack/bot\nzpa/prod/ci\n")

    def test_slots_that_are_refused(self):
        limits = {
            "suite 0": (6, u(16, 0), 6), "suite 2": (6, u(16, 2), 6), "kind 0": (5, b"\0", 6),
            "kind 2": (5, b"\2", 6), "flags": (84, u(32, 1), 6), "m": (28, u(32, 19_456), 6),
            "argon": (40, u(32, 0x13), 6), "epoch 0": (24, u(32, 0), 5), "number": (4, b"\2", 5),
            "number 8": (4, b"\x08", 5), "created": (76, u(64, 253_402_300_800), 5),
            "vault id": (8, b"\xff", 3), "epoch 2": (24, u(32, 2), 3), "salt": (44, b"\xff", 3),
            "commitment": (112, bytes(32), 3), "tag": (176, bytes(16), 3)}
        self.edit("DELETE FROM slot WHERE number = 0", "DELETE FROM slot_copy WHERE number = 0")
        for words, (offset, data, code) in limits.items():
            with self.subTest(words):
                self.put_slot(1, patched(self.example.slots[1], offset, data))
                self.refused(code, code)
        self.put_slot(1, self.example.slots[1])
        self.agree("get", "zpa/prod/ci", output=writer.ZPA_VALUE)

    def test_costs_of_a_passphrase_slot_out_of_bounds(self):
        self.edit("DELETE FROM slot WHERE number = 1", "DELETE FROM slot_copy WHERE number = 1")
        least = (b"m", 28, 19_456)
        for words, offset, value, code in (
                ("m", 28, 19_455, 6), ("m", 28, 4_194_305, 6), ("m", 28, 2**32 - 1, 6),
                ("t", 32, 0, 6), ("t", 32, 65, 6), ("p", 36, 0, 6), ("p", 36, 65, 6),
                ("version", 40, 0x10, 6), ("version", 40, 0, 6), (*least, 3)):
            with self.subTest(words=words, value=value):
                self.put_slot(0, patched(self.example.slots[0], offset, u(32, value)))
                answer = self.read_with_passphrase(writer.PASSPHRASE, "get", "zpa/prod/ci")
                self.assertEqual(answer[0], code)
                file = f"{self.home}/p"
                with open(os.open(file, os.O_CREAT | os.O_WRONLY, 0o600), "wb") as sink:
                    sink.write(writer.PASSPHRASE)
                self.coffer("get", "zpa/prod/ci", key=["--passphrase-file", file], code=code)

    def test_copies_and_neighbours_of_slots(self):
        good = self.example.slots[1]
        bad = good[:100] + bytes([good[100] ^ 1]) + good[101:]
        unknown = patched(good, 6, u(16, 2))
        self.edit("DELETE FROM slot WHERE number = 0", "DELETE FROM slot_copy WHERE number = 0")
        for first, copy, code in (
                (bad, good, 0), (good, bad, 0), (unknown, good, 0), (None, good, 0),
                (good, None, 0), (bad, bad, 5), (bad, unknown, 6), (unknown, bad, 6),
                (None, None, 5)):
            self.put_slot(1, first, copy)
            self.refused(code, code) if code else self.agree("get", "zpa/prod/ci")
        self.put_slot(1, good)
        other = patched(self.example.slots[0], 8, b"\xff")
        for neighbour, code in (
                (self.example.slots[0], 0), (patched(self.example.slots[0], 6, u(16, 2)), 0),
                (bad, 0), (other, 5), (patched(self.example.slots[0], 24, u(32, 2)), 5)):
            self.put_slot(0, neighbour)
            self.agree("list", code=code)

    def put_slot(self, number, data, copy=b""):
        for table, content in (("slot", data), ("slot_copy", data if copy == b"" else copy)):
            self.edit((f"DELETE FROM {table} WHERE number = ?", number))
            if content is not None:
                self.edit((f"INSERT INTO {table} VALUES (?, ?)", number, content))


# Gives the first two rows each other's blobs.
SWAP = ("CREATE TEMP TABLE old AS SELECT {1} AS place, blob FROM {0}; UPDATE {0} SET blob ="
        " (SELECT blob FROM old WHERE place = 3 - {1}) WHERE {1} IN (1, 2)")


def patched(slot, offset, data):
    """A slot with other bytes and the right checksum."""
    body = slot[:offset] + data + slot[offset + len(data):192]
    return body + hashlib.sha256(body).digest()


# Of the audit log: what is seen of it without walking it.
LOG_EDITS = [(sql, 5, 5, 5) for sql in (
    "DELETE FROM audit_tip", "DELETE FROM audit_entry",
    "DELETE FROM audit_entry WHERE number = (SELECT max(number) FROM audit_entry)",
    "INSERT INTO audit_entry SELECT number + 9, time, operation, outcome, user, process, object,"
    " detail, link, next_key, signature FROM audit_entry WHERE number = 2",
    "UPDATE audit_tip SET tip = zeroblob(32)", "UPDATE audit_tip SET tip = zeroblob(31)",
    "UPDATE audit_tip SET entries = entries - 1", "UPDATE audit_tip SET seals = 0",
    "UPDATE audit_tip SET seals = 1", "UPDATE audit_tip SET sealed_entries = 0",
    "UPDATE audit_tip SET sealed_entries = 99", "UPDATE audit_tip SET first_key = x'00'",
    "UPDATE audit_tip SET seals = -1", "UPDATE audit_entry SET link = zeroblob(32)",
    "UPDATE audit_entry SET link = zeroblob(33)", "UPDATE audit_entry SET object = zeroblob(9)",
    "UPDATE audit_entry SET detail = zeroblob(65537)",
    "UPDATE audit_entry SET operation = 256", "UPDATE audit_entry SET user = 4294967296",
    "UPDATE audit_entry SET signature = NULL", "UPDATE audit_entry SET next_key = NULL",
    "UPDATE audit_entry SET signature = zeroblob(64)",
    "UPDATE audit_entry SET next_key = zeroblob(32)")]


class Rows(ReferenceCase):
    """Rows of a vault that the program made, edited without a key."""

    def setUp(self):
        super().setUp()
        self.make()
        for value in (b"one", b"two"):
            self.coffer("capture", "a", "--stdin", "--replace", data=value)
        self.coffer("capture", "b", "--stdin", data=b"x" * 40_000)
        with open(self.vault, "rb") as source:
            self.baseline = source.read()

    def restore(self, data=None):
        for suffix in ("-wal", "-shm"):
            if os.path.lexists(self.vault + suffix):
                os.unlink(self.vault + suffix)
        self.forget()
        with open(self.vault, "wb") as sink:
            sink.write(self.baseline if data is None else data)

    def test_rows_that_were_edited(self):
        for sql, get, old, listed in (
                ("UPDATE record SET state = 4 WHERE version = 2", 5, 5, 5),
                ("UPDATE record SET state = 2", 5, 5, 5), ("UPDATE record SET epoch = 2", 5, 5, 5),
                ("DELETE FROM record WHERE version = 2", 5, 5, 5),
                ("UPDATE record SET version = 3 WHERE version = 2", 5, 5, 5),
                ("UPDATE record SET rid = zeroblob(16)  WHERE version = 2", 5, 5, 5),
                ("UPDATE record SET epoch = 4294967297", 5, 5, 5),
                ("UPDATE record SET state = 9 WHERE version = 2", 5, 5, 5),
                ("UPDATE record SET digest = zeroblob(32) WHERE version = 2", 5, 5, 5),
                ("UPDATE record SET digest = zeroblob(31)", 5, 5, 5),
                (SWAP.format("record", "id"), 5, 5, 0),
                ("UPDATE record SET blob = CAST(blob || x'00' AS BLOB)", 5, 5, 0),
                ("UPDATE record SET blob = x'00'", 5, 5, 0),
                ("UPDATE record SET blob = substr(blob, 1, 136) WHERE version = 2", 0, 0, 0),
                ("UPDATE record SET blob = zeroblob(136)", 5, 5, 0),
                ("UPDATE metadata SET epoch = 2", 5, 5, 5),
                ("UPDATE metadata SET revision = revision + 1", 5, 5, 5),
                ("UPDATE metadata SET rid = zeroblob(16)", 5, 5, 5),
                ("UPDATE metadata SET revision = -1", 5, 5, 5),
                ("UPDATE metadata SET rid = zeroblob(17)", 5, 5, 5),
                (SWAP.format("metadata", "sid"), 5, 5, 5),
                ("UPDATE metadata SET name_index = zeroblob(16) WHERE sid = 1", 5, 5, 5),
                ("DELETE FROM metadata WHERE sid = 1", 5, 5, 5),
                ("DELETE FROM metadata WHERE sid = 1; DELETE FROM record WHERE id < 3", 5, 5, 5),
                *LOG_EDITS,
                ("DELETE FROM head", 5, 5, 5), ("UPDATE head SET mac = zeroblob(32)", 5, 5, 5),
                ("UPDATE head SET bytes = zeroblob(243)", 5, 5, 5),
                ("UPDATE head SET bytes = zeroblob(9)", 5, 5, 5),
                ("DELETE FROM tree WHERE number = 256", 5, 5, 5),
                ("DELETE FROM tree WHERE number < 256", 5, 5, 5), ("DELETE FROM tree", 5, 5, 5),
                ("UPDATE tree SET codes = zeroblob(64) WHERE number = 256", 5, 5, 5),
                ("UPDATE tree SET codes = zeroblob(64) WHERE number < 256", 5, 5, 5),
                ("UPDATE tree SET codes = CAST(codes || zeroblob(32) AS BLOB)", 5, 5, 5),
                ("UPDATE tree SET codes = substr(codes, 1, length(codes) - 1)", 5, 5, 5),
                ("UPDATE tree SET codes = zeroblob(9000)", 5, 5, 5),
                ("UPDATE tree SET codes = CAST(x'00' || zeroblob(63) AS BLOB)", 5, 5, 5),
                (f"INSERT OR REPLACE INTO tree VALUES (257, x'80{'0' * 62}{'1' * 64}')", 0, 0, 5),
                ("INSERT INTO tombstone SELECT NULL, rid, 9, 1 FROM record WHERE id = 1", 5, 5, 5),
                ("INSERT INTO tombstone VALUES (NULL, zeroblob(16), 1, 1)", 0, 0, 5),
                ("DELETE FROM slot", 0, 0, 0), ("DELETE FROM slot_copy", 0, 0, 0)):
            with self.subTest(sql):
                self.restore()
                self.edit(*sql.split("; "))
                self.agree("get", "a", code=get)
                self.agree("get", "a@1", code=old)
                self.agree("list", code=listed)

    def test_rows_put_back_to_an_older_state(self):
        past = f"{self.home}/past.db"
        with open(past, "wb") as sink:
            sink.write(self.baseline)
        self.coffer("capture", "a", "--stdin", "--replace", data=b"three")
        with open(self.vault, "rb") as source:
            present = source.read()
        tables = ("metadata", "record", "tree", "head")
        for count in range(1, len(tables) + 1):
            with self.subTest(tables=tables[:count]):
                self.restore(present)
                self.edit(f"ATTACH '{past}' AS past", *(
                    statement for table in tables[:count] for statement in (
                        f"DELETE FROM main.{table}",
                        f"INSERT INTO main.{table} SELECT * FROM past.{table}")))
                # All of them are the vault as it was with a log that goes on: whoever verifies the
                # log, or was there, sees it.
                code = 0 if count == len(tables) else 5
                self.agree("get", "a", code=code, output=b"two" if code == 0 else None)
                self.agree("list", code=code)
                verdict = self.verify()[1]
                is_told = "a change that the head does not have" in verdict
                self.assertEqual(is_told, "head" in tables[:count], verdict)

    def test_a_name_that_was_never_there_is_proved_missing(self):
        self.agree("get", "c", code=4)
        self.coffer("purge", "a", "--yes")
        self.agree("get", "a", code=4)
        self.agree("list", output=b"b\n")
        self.edit("DELETE FROM tombstone")
        self.agree("list", code=5)

    def test_files_that_are_no_vault(self):
        for sql in (
                "PRAGMA application_id = 1", "PRAGMA user_version = 0", "PRAGMA user_version = -1",
                "PRAGMA user_version = 4", "PRAGMA journal_mode = DELETE", "ANALYZE",
                "CREATE TABLE other (x)", "CREATE VIEW other AS SELECT 1",
                "CREATE INDEX other ON record (state)", "DROP INDEX record_by_version",
                "CREATE TRIGGER other AFTER INSERT ON slot BEGIN SELECT 1; END",
                "ALTER TABLE record ADD COLUMN other BLOB"):
            with self.subTest(sql):
                self.restore()
                self.edit(sql)
                self.agree("get", "a", code=UNSUPPORTED)
                self.agree("list", code=UNSUPPORTED)

    def test_bytes_that_are_no_vault(self):
        for words, data, code in (
                ("empty", b"", 6), ("text", b"no vault at all\n" * 300, 6),
                ("header", b"x" + self.baseline[1:], 6), ("cut", self.baseline[:-1], 6),
                ("longer", self.baseline + b"\0", 6), ("one page", self.baseline[:4_096], 5),
                ("schema format", self.baseline[:47] + b"\5" + self.baseline[48:], 6)):
            with self.subTest(words):
                self.restore(data)
                self.agree("get", "a", code=code)

    def test_any_byte_that_was_changed_gives_the_value_or_a_refusal(self):
        for place in range(100, len(self.baseline), 487):
            changed = bytearray(self.baseline)
            changed[place] ^= 0x41
            self.restore(bytes(changed))
            code, output = self.read("get", "b")
            theirs = self.attempt("get", "b")
            with self.subTest(place=place, theirs=theirs.stderr):
                self.assertIn(code, (0, 3, 4, 5, 6))
                self.assertEqual(output, b"x" * 40_000 if code == 0 else b"")
                self.assertEqual((theirs.returncode, theirs.stdout), (code, output))


class Files(ReferenceCase):
    def setUp(self):
        super().setUp()
        self.make()
        self.coffer("capture", "a", "--stdin", data=b"value")

    def test_permissions_links_and_journals(self):
        for words, prepare, undo, code in (
                ("mode", lambda: os.chmod(self.vault, 0o640),
                 lambda: os.chmod(self.vault, 0o600), 8),
                ("folder", lambda: os.chmod(f"{self.home}/v", 0o750),
                 lambda: os.chmod(f"{self.home}/v", 0o700), 8),
                ("second name", lambda: os.link(self.vault, f"{self.home}/v/b"),
                 lambda: os.unlink(f"{self.home}/v/b"), 8),
                ("journal", lambda: os.close(os.open(f"{self.vault}-journal", os.O_CREAT, 0o600)),
                 lambda: os.unlink(f"{self.vault}-journal"), 6),
                ("journal is a link", lambda: os.symlink("none", f"{self.vault}-journal"),
                 lambda: os.unlink(f"{self.vault}-journal"), 6),
                ("log is a link", lambda: os.symlink("none", f"{self.vault}-wal"),
                 lambda: os.unlink(f"{self.vault}-wal"), 8),
                ("index is a folder", lambda: os.mkdir(f"{self.vault}-shm", 0o700),
                 lambda: os.rmdir(f"{self.vault}-shm"), 8)):
            with self.subTest(words):
                prepare()
                self.agree("get", "a", code=code)
                undo()
                self.agree("get", "a", output=b"value")

    def test_what_is_no_regular_file(self):
        real, folder = self.vault, f"{self.home}/v"
        os.symlink("vault.db", f"{folder}/link")
        os.mkfifo(f"{folder}/pipe", 0o600)
        server = socket.socket(socket.AF_UNIX)
        self.addCleanup(server.close)
        server.bind(f"{folder}/socket")
        for name, code in (("link", 8), ("pipe", 8), ("socket", 8), ("none", 4)):
            with self.subTest(name):
                self.vault = f"{folder}/{name}"
                self.agree("get", "a", code=code)
        self.vault = real
        self.agree("get", "a", output=b"value")


if __name__ == "__main__":
    unittest.main()
