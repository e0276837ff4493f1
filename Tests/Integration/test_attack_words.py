# What a person is told of each attack on a closed vault: the exit code and the line (attack cases
# A4-A17, A23). That nothing else comes of them is tested in test_tampering.py and test_slots.py.

import hashlib
import json
import os
import struct
import unittest

from attacked_vault import SECOND, AttackedVault

DAMAGED = "the vault is damaged or was tampered with: "
STATE = DAMAGED + "state mismatch: its rows are not those that were left in it"
OLDER = "the vault is older than last seen "
BROKEN = "the audit log is not whole: "
LIST, ONE, PREVIOUS, TWO = ("list",), ("get", "one"), ("get", "one@previous"), ("get", "two")
VERIFY, CAPTURE = ("audit verify",), ("capture", "one", "--stdin", "--replace")


def seal_of(what):
    return f"{DAMAGED}{what} does not fit its seal"


class AttackWordsTest(AttackedVault):
    def setUp(self):
        super().setUp()
        ((self.one, self.first), (_, self.second), (self.two, self.other)) = self.rows(
            "SELECT rid, blob FROM record ORDER BY id")

    def say(self, code, told):
        """Each of these runs is refused so: words of the run → words of the line."""
        for words, line in told.items():
            with self.subTest(words=words):
                self.assertTold(self.coffer(*words, stdin=b"x"), code, line)

    def everything_says(self, code, line):
        self.say(code, dict.fromkeys((LIST, ONE, PREVIOUS, TWO, VERIFY, CAPTURE), line))

    def test_values_of_two_secrets(self):
        """A4."""
        self.attack(
            ("UPDATE record SET blob = ? WHERE rid = ?", (self.other, self.one)),
            ("UPDATE record SET blob = ? WHERE rid = ?", (self.second, self.two)))
        self.say(5, {
            ONE: seal_of('version 2 of "one"'), PREVIOUS: seal_of('version 1 of "one"'),
            TWO: seal_of('version 1 of "two"'), VERIFY: seal_of('version 1 of "one"')})

    def test_values_of_two_versions(self):
        """A5, A10: swapped, and the older one in the place of the current one."""
        change = "UPDATE record SET blob = ? WHERE rid = ? AND version = ?"
        older = (change, (self.first, self.one, 2))
        self.attack((change, (self.second, self.one, 1)), older)
        self.say(5, {
            ONE: seal_of('version 2 of "one"'), PREVIOUS: seal_of('version 1 of "one"'),
            VERIFY: seal_of('version 1 of "one"')})
        self.attack(older)
        self.say(5, {ONE: seal_of('version 2 of "one"'), VERIFY: seal_of('version 2 of "one"')})

    def test_descriptions_of_two_secrets(self):
        """A6: their blobs, their indexes, their record ids."""
        for column in ("blob", "name_index", "rid"):
            one, two = (row[0] for row in self.rows(f"SELECT {column} FROM metadata ORDER BY sid"))
            change = f"UPDATE metadata SET {column} = ? WHERE sid = ?"
            spare = bytes(16) if column != "blob" else one
            with self.subTest(column=column):
                self.attack((change, (spare, 1)), (change, (one, 2)), (change, (two, 1)))
                self.say(5, {
                    LIST: DAMAGED + "2 not listed, whose description does not fit its seal",
                    ONE: seal_of('the description of "one"'),
                    TWO: seal_of('the description of "two"'), VERIFY: seal_of("a description"),
                    CAPTURE: seal_of('the description of "one"')})

    def test_rows_that_are_gone(self):
        """A7, A8: never "not found"."""
        description = ("DELETE FROM metadata WHERE rid = ?", (self.one,))
        values = ("DELETE FROM record WHERE rid = ?", (self.one,))
        of_one = DAMAGED + 'the rows of "one", or rows beside them, are not what was left'
        for statements, verdict in (
                ([description], STATE), ([values], of_one), ([description, values], STATE),
                (["DELETE FROM record WHERE version = 2"], of_one)):
            with self.subTest(statements=statements):
                self.attack(*statements)
                self.say(5, {
                    LIST: STATE, ONE: STATE, PREVIOUS: STATE, VERIFY: verdict, CAPTURE: STATE})

    def test_rows_that_are_back(self):
        """A9: those of a purged secret."""
        self.put(self.content)
        self.succeed(self.coffer("purge", "one", "--yes"))
        self.mix("metadata", "sid = 1")
        self.mix("record", "id < 3")
        self.say(5, {LIST: STATE, ONE: STATE, CAPTURE: STATE})

    def test_rows_that_were_doubled(self):
        """A11: in the name of nobody, as another version, and under a name that is there."""
        self.attack("""INSERT INTO metadata (name_index, rid, revision, epoch, blob)
            SELECT randomblob(16), randomblob(16), revision, epoch, blob FROM metadata""")
        self.say(5, {
            LIST: DAMAGED + "2 not listed, whose description does not fit its seal",
            VERIFY: seal_of("a description")})
        self.attack("""INSERT INTO record (rid, version, epoch, state, digest, blob)
            SELECT rid, version + 7, epoch, state, digest, blob FROM record WHERE version = 1""")
        self.say(5, {LIST: STATE, ONE: STATE, TWO: STATE, VERIFY: seal_of('version 8 of "one"')})
        self.attack(
            "DROP INDEX metadata_by_name",
            """INSERT INTO metadata (name_index, rid, revision, epoch, blob)
            SELECT name_index, rid, revision, epoch, blob FROM metadata""",
            "CREATE INDEX metadata_by_name ON metadata (name_index)")
        self.everything_says(6, f'"{self.home.vault}" holds tables that no vault has')

    def test_another_vault(self):
        """A12: its rows, and all of it."""
        other, key = self.home.folder("other") + "/v.db", self.home.path + "/other-key"
        self.succeed(self.home.run("init", "--vault", other, "--new-key-file", key))
        self.succeed(self.home.run(
            "capture", "one", "--vault", other, "--key-file", key, "--stdin", stdin=b"planted"))
        for table, what in (
                ("record", 'version 2 of "one"'), ("metadata", 'the description of "one"')):
            with self.subTest(table=table):
                self.attack(
                    f"ATTACH '{other}' AS other",
                    f"UPDATE {table} SET blob = (SELECT blob FROM other.{table})",
                    "DETACH other")
                self.say(5, {ONE: seal_of(what)})
        with open(other, "rb") as file:
            self.put(file.read())
        for words in (LIST, ONE, VERIFY):
            self.assertTold(self.coffer(*words), 3, "wrong passphrase or key")

    def mix(self, table, rows="1"):
        """Rows of the pristine vault take the place of those that are there."""
        self.edit(
            f"ATTACH '{self.pristine}' AS past", f"DELETE FROM main.{table} WHERE {rows}",
            f"INSERT INTO main.{table} SELECT * FROM past.{table} WHERE {rows}")

    def grow(self):
        """Three more changes of the pristine vault."""
        self.put(self.content)
        for _ in range(3):
            self.store("one", b"value one, later", "--replace")
        return "(generation 5 < 8)"

    def test_an_older_head(self):
        """A13: to a machine that remembers a newer one, and to one that does not. The first entry
        that it does not have is that a description was shown, the next the change."""
        generations = self.grow()
        self.mix("head")
        self.say(7, dict.fromkeys((LIST, ONE, VERIFY, CAPTURE), OLDER + generations))
        self.forget()
        count = self.rows("SELECT count(*) FROM audit_entry")[0][0]
        ahead = f"{BROKEN}entry {count} tells of a change that the vault does not have"
        self.say(5, {LIST: STATE, ONE: STATE, CAPTURE: ahead})

    def test_a_whole_older_vault(self):
        """A14: refused, until it is accepted; then it is what there is, and the log says so."""
        generations = self.grow()
        self.turn_back()
        self.everything_says(7, OLDER + generations)
        self.assertTold(self.home.run("audit", "verify", "--locked"), 7, OLDER + generations)
        accepted = self.succeed(self.coffer("get", "one", "--accept-rollback"))
        self.assertEqual((accepted.out, accepted.err), (
            SECOND, b"coffer: warning: an older state of the vault was accepted, and logged\n"))
        self.assertEqual(self.succeed(self.coffer("get", "one@previous")).err, b"")
        lines = self.succeed(self.coffer("audit log", "--json")).out.splitlines()
        accepted = [found["count"] for found in map(json.loads, lines)
                    if found["operation"] == "accept-rollback"]
        self.assertEqual(accepted, [3])

    def turn_back(self):
        """The pristine file in the place of the one that is there."""
        for suffix in ("-wal", "-shm"):
            if os.path.exists(self.home.vault + suffix):
                os.unlink(self.home.vault + suffix)
        self.home.file("vault/v.db", self.content)

    def test_a_whole_older_vault_that_lost_reads(self):
        """A14: no change is missing, and yet it is older."""
        self.put(self.content)
        self.edit("UPDATE audit_tip SET sealed = 0")
        self.succeed(self.coffer("get", "one"))
        self.turn_back()
        count = self.rows("SELECT count(*) FROM audit_entry")[0][0]
        self.everything_says(7, f"{OLDER}({count} log entries < {count + 1})")

    def test_a_whole_older_vault_that_went_on(self):
        """A14: on another machine, to more changes than were seen here."""
        self.grow()
        remembered = self.remembered()
        self.put(self.content)
        self.forget()
        for _ in range(4):
            self.store("one", b"elsewhere", "--replace")
        with open(remembered[0], "wb") as file:
            file.write(remembered[1])
        self.everything_says(7, OLDER + "(it went on from an older copy)")

    def remembered(self):
        """The path and the content of what is remembered."""
        (name,) = os.listdir(self.memory)
        with open(f"{self.memory}/{name}", "rb") as file:
            return f"{self.memory}/{name}", file.read()

    def test_a_whole_older_vault_of_which_nothing_is_remembered(self):
        """A15: it opens and says so; a receipt tells."""
        self.grow()
        receipt = self.succeed(self.home.run("audit", "receipt")).out.decode().strip()
        self.turn_back()
        self.forget()
        found = self.succeed(self.coffer(*ONE))
        self.assertEqual((found.out, found.err), (
            SECOND, b"coffer: this vault was not seen here before: generation 5\n"))
        _, _, generation, entries, *_ = receipt.split()
        self.assertTold(
            self.home.run("audit", "verify", "--locked", "--receipt", receipt), 7,
            f"the vault is not what the receipt says: generation {generation[1:]},"
            f" {entries[1:]} log entries")

    def test_numbers_of_rows(self):
        """A16: epoch, state, version and revision in the clear."""
        for statement, told in {
                "UPDATE record SET epoch = 2":
                    {LIST: STATE, ONE: STATE, VERIFY: seal_of('version 1 of "one"')},
                "UPDATE metadata SET epoch = 2":
                    {ONE: seal_of('the description of "one"'), VERIFY: seal_of("a description")},
                "UPDATE metadata SET revision = revision + 1":
                    {ONE: seal_of('the description of "one"'), VERIFY: seal_of("a description")},
                "UPDATE record SET version = version + 7": {LIST: STATE, ONE: STATE, TWO: STATE},
                "UPDATE record SET state = 3 WHERE version = 2":
                    {LIST: STATE, ONE: STATE, VERIFY: seal_of('version 2 of "one"')},
                "UPDATE record SET state = 9 WHERE version = 2":
                    dict.fromkeys((LIST, ONE, VERIFY), DAMAGED + "the file is malformed")}.items():
            with self.subTest(statement=statement):
                self.attack(statement)
                self.say(5, told)

    def test_numbers_of_slots(self):
        """A16, A17: suite, kind, flags and epoch, with a good checksum."""
        unknown = f'"{self.home.vault}" is sealed in a way that this coffer does not know'
        wrong, mute = "wrong passphrase or key", DAMAGED + "every key slot is damaged"
        for offset, content, code, words in (
                (6, struct.pack(">H", 0), 6, unknown), (6, struct.pack(">H", 2), 6, unknown),
                (6, b"\xff\xff", 6, unknown), (5, b"\0", 6, unknown), (5, b"\2", 6, unknown),
                (84, struct.pack(">I", 1), 6, unknown), (24, struct.pack(">I", 2), 3, wrong),
                (24, bytes(4), 5, mute)):
            with self.subTest(offset=offset, content=content):
                self.attack(*(
                    (f"UPDATE {table} SET bytes = ? WHERE number = ?",
                     (self.changed(slot, offset, content), number))
                    for number, slot in self.rows("SELECT number, bytes FROM slot")
                    for table in ("slot", "slot_copy")))
                for run in (LIST, ONE, VERIFY):
                    self.assertTold(self.coffer(*run), code, words)

    def changed(self, slot, offset, content):
        body = slot[:offset] + content + slot[offset + len(content):192]
        return body + hashlib.sha256(body).digest()

    def test_a_policy(self):
        """A23: in a vault that has none, none can be added: the digest in the head is that of no
        row."""
        self.attack("INSERT INTO policy (kind, id, digest, blob)"
                    " VALUES (1, randomblob(16), randomblob(32), randomblob(200))")
        self.everything_says(
            5, DAMAGED + "its jobs, deliveries and grants are not those that were left in it")
        ((head,),) = self.rows("SELECT bytes FROM head")
        none = hashlib.sha256(b"").digest()
        self.assertEqual(head[123:155], none, "the control")
        granted = head.replace(none, hashlib.sha256(b"/usr/bin/evil").digest())
        self.attack(("UPDATE head SET bytes = ?", (granted,)))
        self.everything_says(5, DAMAGED + "its head does not fit this key")


if __name__ == "__main__":
    unittest.main()
