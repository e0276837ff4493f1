"""The verifier that was written from docs/spec/audit-log.md takes the program's logs, and no other."""

import hashlib
import os
import pathlib
import sqlite3
import time
import unittest

from reference_case import ROOT, ExampleCase, ReferenceCase, reader, tree, writer

import auditdetail
import auditlog
import logwriter
from metadata import Malformed
from refusal import Refusal

INTEGRITY, ROLLBACK = 5, 7
COLUMNS = auditlog.ENTRY_COLUMNS.split(", ")


class Written(ReferenceCase):
    """Logs that the program wrote."""

    def tip(self):
        with self.connected() as connection:
            connection.row_factory = sqlite3.Row
            return connection.execute("SELECT * FROM audit_tip").fetchone()

    def wrong_key(self):
        path = f"{self.home}/wrong"
        if not os.path.exists(path):
            with open(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600), "w") as sink:
                sink.write("coffer-key-1:" + reader.p.raw_key_text(bytes(32)) + "\n")
        return ["--key-file", path]

    def test_every_operation_is_entered_and_the_log_verifies(self):
        self.make()
        self.coffer("capture", "a", "--stdin", data=b"one")
        self.coffer("capture", "a", "--stdin", code=1, data=b"two")
        self.coffer("capture", "a", "--stdin", "--replace", data=b"two")
        for _ in range(12):
            self.coffer("get", "a")
        self.coffer("get", "a@1")
        self.coffer("get", "none", code=4)
        self.coffer("list", "a")
        self.coffer("show", "a")
        self.coffer("rename", "a", "b")
        self.coffer("disable", "b")
        self.coffer("get", "b", code=8)
        self.coffer("enable", "b")
        self.coffer("rm", "b")
        self.coffer("undelete", "b")
        self.imported({"name": "c", "secret": "x"}, {"name": "d", "secret": "y"})
        self.coffer("slot", "add", "--new-key-file", f"{self.home}/k1")
        self.coffer("slot", "remove", "1")
        self.coffer("purge", "c", "--yes")
        lines = [line.split(" ", 1)[1] for line in self.log()]
        told = [
            "init done", "capture done name=a version=1", "capture refused name=a",
            "capture done name=a version=2",
            *["read done name=a version=2"] * 12, "read done name=a version=1",
            "read missing name=none", "list done prefix=a", "show done name=a",
            "rename done name=a new_name=b", "disable done name=b",
            "read refused name=b", "enable done name=b", "rm done name=b",
            "undelete done name=b", "import done count=2", "slot-add done slot=1",
            "slot-remove done slot=1", "purge done name=c"]
        self.assertEqual(lines, told)
        code, verdict = self.verify()
        self.assertEqual(code, 0, verdict)
        self.assertEqual(len(verdict.splitlines()), 1, verdict)

    def test_each_change_is_sealed_and_counted_by_the_head(self):
        self.make()
        seen = set()
        for number in range(5):
            self.coffer("capture", f"n{number}", "--stdin", data=b"x")
            tip, head = self.tip(), self.head()
            self.assertEqual(tip["entries"], tip["sealed_entries"])
            self.assertEqual(
                (head.entries, head.seals, head.audit_tip),
                (tip["entries"], tip["seals"], tip["tip"]))
            self.assertEqual(head.generation, number + 2)
            seen.add(tip["signing_key"])
        self.assertEqual(len(seen), 5)

    def head(self):
        with reader.Container(self.vault) as container:
            slot = reader.read_slots(container)[0]
            return tree.Head(container, slot.vault, slot.epoch)

    def test_a_command_that_failed_leaves_no_key_behind(self):
        self.make()
        for command, code in (("echo token; exit 3", 3), ("exit 4", 4)):
            with self.subTest(command=command):
                # What `coffer` appends goes to the shell, which does not look at it.
                self.coffer(
                    "capture", f"n{code}", "--vault", self.vault, "--key-file", self.key, "--",
                    "sh", "-c", command, code=code)
                log = pathlib.Path(self.vault + "-wal")
                self.assertFalse(log.exists() and log.read_bytes())
        self.assertEqual(self.verify()[0], 0)

    def test_what_a_refused_setting_tells_of_a_secret_is_entered(self):
        self.make()
        self.imported({
            "name": "aws/ci", "issuer": "aws-iam",
            "fields": {"access_key_id": "AKIAIOSFODNN7EXAMPLE"},
            "secrets": {"secret_access_key": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"}})
        words = ("--replace", "--stdin", "--set", "secret_access_key=1")
        self.coffer("capture", "aws/ci", *words, code=2, data=b"x")
        self.assertEqual(self.log()[-1].split(" ", 1)[1], "show done name=aws/ci")

    def test_reads_are_sealed_once_a_second_or_32_entries(self):
        self.make()
        self.coffer("capture", "a", "--stdin", data=b"x")
        self.age_seal(0)
        before = self.tip()
        self.coffer("get", "a")
        unsealed = self.tip()
        self.assertEqual(
            (unsealed["seals"], unsealed["entries"]), (before["seals"], before["entries"] + 1))
        self.assertEqual(unsealed["signing_key"], before["signing_key"])
        self.age_seal(1_001)
        self.coffer("get", "a")
        sealed = self.tip()
        self.assertEqual((sealed["seals"], sealed["sealed_entries"]), (
            before["seals"] + 1, before["entries"] + 2))
        for number in range(31):
            if number % 10 == 0:
                self.age_seal(0)
            self.coffer("get", "a")
        self.age_seal(0)
        self.assertEqual(self.tip()["seals"], sealed["seals"])
        self.coffer("get", "a")
        last = self.tip()
        self.assertEqual(
            (last["seals"], last["sealed_entries"]), (sealed["seals"] + 1, last["entries"]))
        self.assertEqual(self.verify()[0], 0)

    def age_seal(self, milliseconds):
        """The newest seal is as old as this."""
        moment = time.time_ns() // 1_000_000
        self.edit(("UPDATE audit_tip SET sealed = ?", moment - milliseconds))

    def test_a_signing_key_that_was_used_is_in_no_file(self):
        self.make()
        self.coffer("capture", "a", "--stdin", data=b"x")
        old = []
        for words in (("get", "a"), ("rm", "a"), ("undelete", "a"), ("list",),
                      ("slot", "add", "--new-key-file", f"{self.home}/k1"),
                      ("purge", "a", "--yes")):
            old.append(self.tip()["signing_key"])
            self.edit("UPDATE audit_tip SET sealed = 0")
            self.coffer(*words)
            folder = pathlib.Path(self.vault).parent
            content = b"".join(path.read_bytes() for path in folder.iterdir())
            for key in old:
                self.assertNotIn(key, content, words)
            self.assertIn(self.tip()["signing_key"], content)

    def test_keys_that_open_nothing_are_entered_once_a_minute(self):
        self.make()
        for _ in range(4):
            self.coffer("list", key=self.wrong_key(), code=3)
        self.assertEqual((self.tip()["entries"], self.tip()["failures"]), (2, 3))
        self.coffer("list")
        self.coffer("list", key=self.wrong_key(), code=3)
        self.assertEqual(self.tip()["failures"], 1)
        self.edit("UPDATE audit_tip SET failures_since = failures_since - 60000")
        self.coffer("list", key=self.wrong_key(), code=3)
        lines = [line.split(" ", 1)[1] for line in self.log()]
        self.assertEqual(lines, [
            "init done", "failed-unlock refused count=1", "failed-unlock refused count=3",
            "list done", "failed-unlock refused count=2"])
        with self.connected() as connection:
            forms = [row[0][0] for row in connection.execute(
                "SELECT detail FROM audit_entry ORDER BY number")]
        self.assertEqual(forms, [1, 2, 1, 1, 2])
        self.assertEqual(self.verify()[0], 0)

    def test_no_name_and_no_value_of_it_is_readable_without_a_key(self):
        self.make()
        self.coffer("capture", "a/long/name", "--stdin", data=b"a long value")
        self.coffer("get", "a/long/name")
        self.coffer("rename", "a/long/name", "another/long/name")
        self.coffer("list", key=self.wrong_key(), code=3)
        folder = pathlib.Path(self.vault).parent
        content = b"".join(path.read_bytes() for path in folder.iterdir())
        for word in (b"long", b"coffer-reference", b"/bin/", self.home.encode()):
            self.assertNotIn(word, content)
        with self.connected() as connection:
            objects = {row[0] for row in connection.execute("SELECT object FROM audit_entry")}
            rids = {row[0] for row in connection.execute("SELECT rid FROM metadata")}
        self.assertEqual(objects, rids | {bytes(16)})

    def test_a_vault_of_other_keys_has_another_log(self):
        self.make()
        first = self.tip()["first_key"]
        os.rename(f"{self.home}/v", f"{self.home}/w")
        os.rename(self.key, f"{self.home}/old")
        self.make()
        self.assertNotEqual(self.tip()["first_key"], first)


class Remembered(ReferenceCase):
    """What the program writes beside the vault, and what is made of an older vault."""

    def setUp(self):
        super().setUp()
        self.make()
        self.coffer("capture", "a", "--stdin", data=b"one")
        self.past = pathlib.Path(self.vault).read_bytes()

    def put(self, content):
        for suffix in ("", "-wal", "-shm"):
            pathlib.Path(self.vault + suffix).unlink(missing_ok=True)
        with open(os.open(self.vault, os.O_CREAT | os.O_WRONLY, 0o600), "wb") as sink:
            sink.write(content)

    def refused(self, words=None):
        for asked in (("get", "a"), ("list",), ("capture", "b", "--stdin")):
            result = self.attempt(*asked, data=b"x")
            self.assertEqual((result.returncode, result.stdout), (ROLLBACK, b""), result.stderr)
            if words:
                self.assertIn(words, result.stderr)
        self.assertEqual(self.read("get", "a")[0], ROLLBACK)
        self.assertEqual(self.verify()[0], ROLLBACK)

    def test_an_anchor_is_as_it_is_written(self):
        (path,) = pathlib.Path(self.state).iterdir()
        data = path.read_bytes()
        self.assertEqual((path.stat().st_mode & 0o777, len(data)), (0o600, 219))
        with reader.Container(self.vault) as container:
            slot = reader.read_slots(container)[0]
            head = tree.Head(container, slot.vault, slot.epoch)
            tip = auditlog.Tip(container)
        self.assertEqual(path.name, slot.vault.hex())
        self.assertEqual(data, writer.anchor.encoded(
            slot.vault, slot.epoch, 2, head.mac, head.seals, head.entries, head.audit_tip,
            head.bytes[203:235], tip.first_key))

    def test_an_older_file_is_refused(self):
        for number in range(3):
            self.coffer("capture", f"n{number}", "--stdin", data=b"x")
        self.put(self.past)
        self.refused(b"generation 2 < 5")

    def test_an_older_file_that_went_on_is_refused(self):
        present = f"{self.home}/present"
        self.coffer("capture", "a", "--stdin", "--replace", data=b"two")
        os.rename(self.state, present)
        self.put(self.past)
        for number in range(3):
            self.coffer("capture", f"n{number}", "--stdin", data=b"x")
        self.forget()
        os.rename(present, self.state)
        self.refused(b"it went on from an older copy")

    def test_an_older_file_without_an_anchor_is_taken_and_remembered(self):
        self.coffer("capture", "a", "--stdin", "--replace", data=b"two")
        self.put(self.past)
        self.forget()
        result = self.attempt("get", "a")
        self.assertEqual((result.returncode, result.stdout), (0, b"one"))
        self.assertIn(b"generation 2", result.stderr)
        self.agree("get", "a", output=b"one")

    def test_an_older_file_does_not_fit_a_receipt(self):
        with reader.Container(self.vault) as container:
            slot = reader.read_slots(container)[0]
            before, log = auditlog.Tip(container), reader.verified(container)
        old = auditlog.receipt(slot.vault, 2, before.entries, before.seals, before.tip)
        self.coffer("capture", "a", "--stdin", "--replace", data=b"two")
        with reader.Container(self.vault) as container:
            after = auditlog.Tip(container)
        new = auditlog.receipt(slot.vault, 3, after.entries, after.seals, after.tip)
        self.assertEqual([self.verify("--receipt", line)[0] for line in (old, new)], [0, 0])
        for line in (new[:-1], new.upper(), "", new.replace("g3", "g03"), new + " x"):
            self.assertEqual(self.verify("--receipt", line)[0], 2, line)
        self.assertEqual(self.coffer("audit", "receipt", key=[]).decode(), new + "\n")
        self.assertEqual(self.verify("--receipt", f" {new}\r\n")[0], 0)
        self.put(self.past)
        self.forget()
        self.assertEqual([self.verify("--receipt", line)[0] for line in (old, new)], [0, ROLLBACK])
        other = auditlog.receipt(bytes(16), 2, before.entries, before.seals, before.tip)
        self.assertEqual(self.verify("--receipt", other)[0], ROLLBACK)
        self.assertEqual(log.tip, before.tip)

    def test_a_damaged_anchor_says_nothing_and_is_replaced(self):
        (path,) = pathlib.Path(self.state).iterdir()
        good = path.read_bytes()
        for bad in (b"", good[:-1], good + b"\0", b"x" + good[1:], good[:50] + b"\0" + good[51:]):
            path.write_bytes(bad)
            self.agree("get", "a", output=b"one")
            self.coffer("edit", "a", "--tag", f"t{len(bad)}")
            self.assertEqual(len(path.read_bytes()), 219)

    def test_an_anchor_that_others_can_write_is_refused(self):
        (path,) = pathlib.Path(self.state).iterdir()
        path.chmod(0o660)
        self.agree("get", "a", code=8)
        path.chmod(0o600)
        os.link(path, f"{self.home}/second")
        self.agree("get", "a", code=8)
        path.unlink()
        path.symlink_to(f"{self.home}/second")
        self.agree("get", "a", code=8)


class Forged(ExampleCase):
    """Logs by someone who can write the file, and who may have keys of it."""

    def setUp(self):
        super().setUp()
        self.put(self.long())

    def long(self, count=6, vault=writer.VAULT, seed=writer.signing_key, edit=None):
        """A log with a seal behind every second entry; `edit` changes it before each seal."""
        log = logwriter.LogWriter(vault, seed)
        for number in range(count):
            log.append(writer.MADE * 1_000 + number, 3 if number else 1, 0, 1_000, 4_242,
                       writer.ZPA_RID, b"")
            if number % 2:
                log.seal()
        return log

    def put(self, log, head=True):
        """Puts a log into the vault; the head follows it if the writer has its key."""
        with self.connected() as connection:
            connection.execute("PRAGMA ignore_check_constraints=ON")
            log.write(connection)
            if head:
                self.example.seal_state(connection)

    def rejected(self, words, code=INTEGRITY):
        found, verdict = self.verify()
        self.assertEqual(found, code, verdict)
        self.assertIn(words, verdict)

    def test_the_log_of_the_writer_verifies_and_the_program_goes_on_with_it(self):
        for count in (1, 2, 6, 301):
            self.put(self.long(count))
            self.assertEqual(self.verify()[0], 0)
            self.agree("get", "zpa/prod/ci", output=writer.ZPA_VALUE)
            self.coffer("edit", "zpa/prod/ci", "--tag", f"t{count}")
            self.assertEqual(self.verify()[0], 0)
            self.forget()

    def test_any_column_of_any_entry_that_was_changed_is_found(self):
        for number in range(6):
            for column in COLUMNS:
                self.put(self.long())
                with self.connected() as connection:
                    connection.execute("PRAGMA ignore_check_constraints=ON")
                    (old,) = connection.execute(
                        f"SELECT {column} FROM audit_entry WHERE number = ?",
                        (number,)).fetchone()
                    new = 99 if isinstance(old, int) else bytes(16) if not old else (
                        bytes([old[0] ^ 1]) + old[1:])
                    connection.execute(
                        f"UPDATE audit_entry SET {column} = ? WHERE number = ?", (new, number))
                with self.subTest(number=number, column=column):
                    self.rejected(f"entry {number}")

    def test_any_column_of_the_tip_that_was_changed_is_found(self):
        for column in ("first_key", "entries", "seals", "tip", "sealed_entries", "signing_key"):
            self.put(self.long())
            self.edit(
                f"UPDATE audit_tip SET {column} = "
                + ("zeroblob(32)" if column in ("first_key", "tip", "signing_key")
                   else f"{column} - 1"))
            with self.subTest(column):
                self.rejected("")
        # These follow from nothing: whoever can write the file can write them.
        self.put(self.long())
        self.edit("UPDATE audit_tip SET sealed = 1, failures = 2, failures_since = 3")
        self.assertEqual(self.verify()[0], 0)

    def test_entries_that_are_gone_in_between_are_a_gap(self):
        for number in range(5):
            self.put(self.long())
            self.edit(f"DELETE FROM audit_entry WHERE number = {number}")
            with self.subTest(number):
                self.rejected(f"entry {number}: not there")
                self.edit(f"UPDATE audit_entry SET number = number - 1 WHERE number > {number}",
                          "UPDATE audit_tip SET entries = 5, sealed_entries = 5")
                self.rejected(f"entry {number}")

    def test_entries_that_are_gone_at_the_end_are_found(self):
        """The tip is made to fit what is left; without the old signing keys the seals do not."""
        for left in range(6):
            short, whole = self.long(left), self.long()
            self.put(whole)
            with self.connected() as connection:
                short.write(connection)
                if left < 6:
                    connection.execute(
                        "UPDATE audit_tip SET signing_key = ?", (whole.seed(whole.seals),))
            with self.subTest(left):
                self.rejected("another signing key")

    def test_an_unsealed_tail_that_is_gone_is_found_by_head_or_anchor_alone(self):
        self.put(self.long(7))
        with self.connected() as connection:
            self.long(6).write(connection)
        self.rejected("the log is not that of the head")
        self.put(self.long(6))
        self.put(self.long(7), head=False)
        self.assertEqual(self.verify()[0], 0)
        self.put(self.long(6), head=False)
        self.assertEqual(self.verify()[0], 0)

    def test_entries_that_were_swapped_are_found(self):
        self.edit("UPDATE audit_entry SET number = 9 WHERE number = 2",
                  "UPDATE audit_entry SET number = 2 WHERE number = 3",
                  "UPDATE audit_entry SET number = 3 WHERE number = 9")
        self.rejected("entry 2: does not fit its link")

    def test_a_thief_of_all_keys_of_today_cannot_change_what_was_sealed(self):
        """H116, H117: the chain is made anew from entry j, signed with the key that is there."""
        whole = self.long()
        for changed in range(6):
            stolen = whole.seed(whole.seals)
            sealed = (changed | 1) // 2
            log = logwriter.LogWriter(
                writer.VAULT, lambda j: whole.seed(j) if j < sealed else stolen)
            log.first_key, log.tip = whole.first_key, auditlog.start(
                writer.VAULT, whole.first_key)
            for number, row in enumerate(whole.rows):
                operation = 4 if number == changed else row[2]
                log.append(row[1], operation, *row[3:8])
                if number % 2:
                    # What was sealed before the change stays as it was.
                    log.adopt(*row[-2:]) if log.seals < sealed else log.seal()
            self.put(log)
            with self.subTest(changed):
                self.rejected(f"entry {changed | 1}: its seal is not by the key of seal {sealed}")

    def test_seals_over_something_else_are_found(self):
        good = auditlog.seal_message
        for words, message in {
                "another vault": lambda v, *more: good(bytes(16), *more),
                "another number": lambda v, j, *more: good(v, j + 1, *more),
                "other entries": lambda v, j, n, *more: good(v, j, n + 1, *more),
                "another tip": lambda v, j, n, tip, key: good(v, j, n, bytes(32), key),
                "another next key": lambda v, j, n, tip, key: good(v, j, n, tip, bytes(32)),
                "without a domain": lambda *parts: good(*parts)[8:]}.items():
            auditlog.seal_message = message
            try:
                log = self.long()
            finally:
                auditlog.seal_message = good
            self.put(log)
            with self.subTest(words):
                self.rejected("entry 1: its seal is not by the key of seal 0")

    def test_a_seal_over_nothing_new_is_found(self):
        with reader.Container(self.vault) as container:
            log = reader.verified(container)
        entry = log.entries[-1]
        entry.next_key, message = bytes(32), auditlog.seal_message(
            writer.VAULT, log.seals, 6, log.tip, bytes(32))
        key = logwriter.Ed25519PrivateKey.from_private_bytes(writer.signing_key(3))
        entry.signature = key.sign(message)
        with self.assertRaisesRegex(Refusal, "an empty seal"):
            log.seal(entry)

    def test_a_log_of_ones_own_is_another_first_key(self):
        """H119: whoever has the root key makes vault and log anew; who was there before knows."""
        self.coffer("get", "zpa/prod/ci")
        self.edit("UPDATE audit_tip SET sealed = 0")
        self.coffer("get", "zpa/prod/ci")
        seed = lambda number: hashlib.sha256(b"own" + bytes([number])).digest()
        self.put(self.long(12, seed=seed))
        self.assertEqual(self.attempt("get", "zpa/prod/ci").returncode, ROLLBACK)
        self.assertEqual(self.read("get", "zpa/prod/ci")[0], ROLLBACK)
        self.rejected("first key", ROLLBACK)
        self.forget()
        self.assertEqual(self.verify()[0], 0)

    def test_a_log_of_another_vault_is_found(self):
        self.put(self.long(vault=bytes(16)))
        self.rejected("entry 0: does not fit its link")

    def test_a_change_that_the_head_does_not_have_is_found(self):
        log = self.long()
        log.append(writer.MADE * 1_000, 2, 1, 1_000, 1, writer.ZPA_RID, b"")
        self.put(log, head=False)
        self.assertEqual(self.verify()[0], 0)
        log.append(writer.MADE * 1_000, 2, 0, 1_000, 1, writer.ZPA_RID, b"")
        log.seal()
        self.put(log, head=False)
        self.rejected("entry 7: a change that the head does not have")

    def test_a_head_of_another_place_in_the_chain_is_found(self):
        log = self.long()
        for words, audit in {
                "entries": (log.seals, 5, log.tip), "seals": (2, 6, log.tip),
                "tip": (3, 6, bytes(32)), "beyond": (4, 7, log.tip)}.items():
            with self.connected() as connection:
                root = self.example.layers(connection)[3]
                head = self.example.head(root, 2, 2, 9, audit)
                connection.execute(
                    "UPDATE head SET bytes = ?, mac = ?", (head, self.example.codes.head(head)))
            with self.subTest(words):
                self.rejected("the log is not that of the head")

    def test_an_index_that_does_not_list_every_entry_is_found(self):
        connection = sqlite3.connect(self.vault, isolation_level=None)
        connection.execute("PRAGMA writable_schema=ON")
        (page,) = connection.execute(
            "SELECT rootpage FROM sqlite_schema WHERE name = 'audit_entry_by_object'").fetchone()
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.close()
        data = bytearray(pathlib.Path(self.vault).read_bytes())
        at = (page - 1) * 4_096
        count = int.from_bytes(data[at + 3:at + 5], "big")
        self.assertEqual((data[at], count), (10, 6))
        data[at + 3:at + 5] = (count - 1).to_bytes(2, "big")
        pathlib.Path(self.vault).write_bytes(data)
        self.rejected("index")

    def test_a_clock_that_goes_backwards_is_a_note(self):
        log = self.long()
        for step in (-9_999, -10_001):
            log.append(writer.MADE * 1_000 + 5 + step, 3, 0, 1, 1, bytes(16), b"")
            log.seal()
        self.put(log)
        code, verdict = self.verify()
        self.assertEqual((code, verdict.splitlines()[1:]), (
            0, ["entry 7: the clock went backwards"]))

    def test_a_signing_key_that_is_not_the_next_one_signs_nothing(self):
        self.edit("UPDATE audit_tip SET signing_key = randomblob(32)")
        result = self.attempt("edit", "zpa/prod/ci", "--tag", "t")
        self.assertEqual(result.returncode, INTEGRITY, result.stderr)
        self.rejected("another signing key")

    def test_a_private_part_that_does_not_open_is_told_from_a_broken_chain(self):
        vectors = sorted((ROOT / "Tests/Vectors/reject/audit").iterdir())
        self.assertGreater(len(vectors), 80)
        opener = auditdetail.Opener(writer.ROOT, writer.VAULT, 1)
        for path in vectors:
            head, _, digits = path.read_text().partition("\n\n")
            number = int(head.partition("number: ")[2])
            with self.subTest(path.stem), self.assertRaises(Refusal):
                opener.opened(number, bytes.fromhex(digits.replace("\n", "")))
        log = self.long()
        log.append(writer.MADE * 1_000, 3, 0, 1, 1, bytes(16), self.example.detail(0))
        log.seal()
        self.put(log)
        self.assertEqual(self.verify()[0], 0)
        code, output, words = reader.run([self.vault, "--key-file", self.key, "log"])
        self.assertEqual((code, output), (INTEGRITY, b""), words)
        self.assertIn("entry 6", words)

    def test_what_is_unusual_and_allowed_is_read(self):
        detail = logwriter.detail(
            (1, logwriter.chain(*[(number, number % 4, b"") for number in range(16)])),
            (2, b""), (6, b"x" * 1_024), (9, bytes(4)), (11, b"\xff"), (12, b"\xff" * 8))
        found = auditdetail.decoded(detail)
        self.assertEqual((found["slot"], found["count"]), (255, 2**64 - 1))
        self.assertEqual(auditdetail.decoded(logwriter.detail()), {})
        with self.assertRaises(Malformed):
            auditdetail.decoded(b"")
        log = self.long()
        log.append(2**63 - 1, 255, 255, 2**32 - 1, 2**32 - 1, b"\xff" * 16, b"")
        log.seal()
        self.put(log)
        self.assertEqual(self.verify()[0], 0)
        code, _, words = reader.run([self.vault, "--key-file", self.key, "log"])
        self.assertEqual((code, "entry 6: of no kind" in words), (INTEGRITY, True))


if __name__ == "__main__":
    unittest.main()
