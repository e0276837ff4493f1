# Jobs of a locked vault, and someone who can write its file (attack case A23).

import json
import os
import pathlib
import sqlite3
import time
import unittest

from agent_case import AgentTest
from reference_case import ReferenceCase, reader
from support import CofferTest, as_root

DAMAGED = b"its jobs, deliveries and grants are not those that were left in it"
NOBODY = 65534
VALUE = b"a value\n\x00with \xff bytes"


class JobTest(CofferTest):
    """Base: a vault, a job, and one of two secrets delivered to it."""

    def setUp(self):
        super().setUp()
        self.make_vault(one=VALUE, two=b"not for a job")
        self.succeed(self.coffer("job add", "nightly", "--identity-file", "nightly.job"))
        self.succeed(self.coffer("deliver", "one", "--to", "nightly"))

    def job(self, name, *words, **options):
        return self.home.run("get", name, "--job-file", "nightly.job", *words, **options)

    def connected(self):
        connection = sqlite3.connect(self.home.vault, isolation_level=None)
        connection.execute("PRAGMA ignore_check_constraints=ON")
        self.addCleanup(connection.close)
        return connection

    def change(self, sql, *values):
        connection = self.connected()
        connection.execute(sql, values)
        connection.close()

    def rows(self):
        connection = self.connected()
        rows = connection.execute(
            "SELECT kind, id, digest, blob FROM policy ORDER BY kind").fetchall()
        # One that stays open would keep a log that the program takes away.
        connection.close()
        return rows


class AttackTest(JobTest):
    EDITS = (
        "DELETE FROM policy", "DELETE FROM policy WHERE kind = 3",
        "UPDATE policy SET kind = 1 WHERE kind = 3", "UPDATE policy SET id = randomblob(16)",
        "UPDATE policy SET digest = randomblob(32) WHERE kind = 3",
        "UPDATE policy SET blob = randomblob(length(blob)) WHERE kind = 2",
        "UPDATE policy SET blob = randomblob(length(blob)) WHERE kind = 3",
        "UPDATE policy SET blob = zeroblob(127) WHERE kind = 3",
        "INSERT INTO policy (kind, id, digest, blob) VALUES (1, randomblob(16), randomblob(32),"
        " randomblob(200))",
        "INSERT INTO policy (kind, id, digest, blob) SELECT kind, randomblob(16), digest, blob"
        " FROM policy WHERE kind = 3")

    def test_an_edited_policy_is_refused_by_whatever_opens_the_vault(self):
        """A23."""
        content = pathlib.Path(self.home.vault).read_bytes()
        for edit in self.EDITS:
            with self.subTest(edit=edit):
                for suffix in ("-wal", "-shm"):
                    if os.path.exists(self.home.vault + suffix):
                        os.unlink(self.home.vault + suffix)
                pathlib.Path(self.home.vault).write_bytes(content)
                self.home.forget()
                self.change(edit)
                for words in (
                        ("get", "one"), ("list",), ("audit verify",), ("deliver", "--list"),
                        ("job list",), ("rename", "one", "three")):
                    outcome = self.refuse(self.coffer(*words), 5)
                    self.assertIn(b"the vault is damaged or was tampered with", outcome.err)
                stored = self.coffer("capture", "n", "--stdin", stdin=b"v")
                self.assertEqual(stored.code, 5, stored)

    def test_a_table_that_is_taken_out_is_not_that_of_an_older_release(self):
        """A23."""
        self.change("DROP TABLE policy")
        self.refuse(self.coffer("get", "one"), 6)
        self.change("PRAGMA user_version = 2")
        self.assertIn(DAMAGED, self.refuse(self.coffer("get", "one"), 5).err)

    def test_a_job_is_given_nothing_that_was_not_sealed_for_it(self):
        """A23: by someone who knows the job's public key, which is nowhere in the file."""
        row = [row for row in self.rows() if row[0] == 3][0]
        content = pathlib.Path(self.home.vault).read_bytes()
        for place in range(0, len(row[3]), 5):
            blob = bytearray(row[3])
            blob[place] ^= 0x10
            self.change("UPDATE policy SET blob = ? WHERE kind = 3", bytes(blob))
            outcome = self.refuse(self.job("one"), 5)
            self.assertIn(b"does not open for this job", outcome.err)
        self.change("UPDATE policy SET blob = ? WHERE kind = 3", row[3])
        self.assertEqual(self.succeed(self.job("one")).out, VALUE)
        self.assertNotIn(VALUE, content)

    def test_nothing_of_a_delivery_is_in_the_file_after_it_is_revoked(self):
        row = [row for row in self.rows() if row[0] == 3][0]
        self.succeed(self.coffer("deliver", "one", "--to", "nightly", "--revoke"))
        content = pathlib.Path(self.home.vault).read_bytes()
        for place in range(0, len(row[3]) - 16, 16):
            self.assertNotIn(row[3][place:place + 16], content)
        self.refuse(self.job("one"), 4)


class UseTest(JobTest):
    def test_a_job_opens_what_is_delivered_to_it_and_the_log_has_it(self):
        self.assertEqual(self.succeed(self.job("one")).out, VALUE)
        self.refuse(self.job("two"), 4)
        events = [json.loads(line) for line in self.succeed(
            self.coffer("audit log", "--json", "--operation", "collect")).out.splitlines()]
        self.assertEqual(
            sorted((event["name"], event["outcome"], event["recipient"]) for event in events),
            [("one", "done", "nightly"), ("two", "missing", "nightly")])
        self.assertTrue(all(event["program"] for event in events))

    @as_root
    def test_a_job_is_given_nothing_where_that_cannot_be_logged(self):
        self.change("PRAGMA wal_checkpoint(TRUNCATE)")
        for folder, folders, files in os.walk(self.home.path):
            for name in [".", *folders, *files]:
                os.chown(f"{folder}/{name}", NOBODY, NOBODY)
        options = {"user": NOBODY, "group": NOBODY, "extra_groups": []}
        os.chmod(self.home.vault, 0o400)
        os.chmod(os.path.dirname(self.home.vault), 0o500)
        outcome = self.refuse(self.job("one", **options), 8)
        self.assertIn(b"nothing is released, since the log", outcome.err)

    def test_the_identity_is_a_private_file(self):
        path = f"{self.home.path}/nightly.job"
        self.assertEqual(os.stat(path).st_mode & 0o777, 0o600)
        os.chmod(path, 0o644)
        self.refuse(self.job("one"), 8)
        os.chmod(path, 0o600)
        os.rename(path, path + "-moved")
        os.symlink(path + "-moved", path)
        self.refuse(self.job("one"), 8)

    def test_a_backup_that_is_restored_delivers_what_it_has(self):
        copy = f"{self.home.folder('copies')}/copy.db"
        self.succeed(self.home.run("backup", copy))
        self.store("one", b"newer", "--replace")
        self.assertEqual(self.succeed(self.job("one")).out, b"newer")
        self.succeed(self.coffer("restore", copy, "--replace", "--accept-rollback"))
        self.assertEqual(self.succeed(self.job("one")).out, VALUE)
        self.assertHolds("one", VALUE)
        self.succeed(self.coffer("audit verify"))


class AgentKeepsTest(AgentTest):
    def test_a_vault_that_an_agent_keeps_open_brings_deliveries_after(self):
        self.succeed(self.coffer("job add", "ci", "--identity-file", "ci.job"))
        self.succeed(self.coffer("deliver", "a", "--to", "ci"))
        self.start_agent()
        self.unlock()
        job = ("get", "a", "--job-file", "ci.job")
        self.assertEqual(self.succeed(self.home.run(*job)).out, b"one")
        self.succeed(self.home.run("capture", "a", "--stdin", "--replace", stdin=b"three"))
        self.assertEqual(self.succeed(self.home.run(*job)).out, b"three")
        self.assertEqual(self.succeed(self.home.run("get", "a")).out, b"three")
        self.succeed(self.home.run("disable", "a"))
        self.refuse(self.home.run(*job), 4)
        self.succeed(self.home.run("lock"))
        self.refuse(self.home.run(*job), 4)
        self.succeed(self.coffer("audit verify"))


class ReferenceTest(ReferenceCase):
    """The reader that was written from the specification agrees."""

    def collect(self, name, code=0, output=None, *words):
        theirs = self.attempt("get", name, *words, key=["--job-file", f"{self.home}/ci.job"])
        ours = self.run_reader("--job-file", f"{self.home}/ci.job", *words, "get", name)
        self.assertEqual((theirs.returncode, ours[0]), (code, code), (theirs.stderr, ours))
        self.assertEqual(theirs.stdout, ours[1])
        if output is not None:
            self.assertEqual(ours[1], output)

    def run_reader(self, *words):
        return reader.run([self.vault, *words])

    def policy(self):
        code, output = self.read("policy")
        self.assertEqual(code, 0)
        return output.decode().splitlines()

    def setUp(self):
        super().setUp()
        self.make()
        self.assertEqual(self.policy(), [])
        self.coffer("capture", "a/b", "--stdin", data=VALUE)
        self.coffer("job", "add", "ci", "--identity-file", f"{self.home}/ci.job")

    def test_what_a_job_opens_agrees(self):
        self.collect("a/b", 4)
        self.coffer("deliver", "a/b", "--to", "ci", "--expires", "2099-01-01")
        self.collect("a/b", output=VALUE)
        self.imported(
            {"name": "two", "secrets": {"z": "Z\u00e9\u0000", "a": "\U0001f511"},
             "issuer": "slack", "fields": {"owner": "\u00c5"}})
        self.coffer("deliver", "two", "--to", "ci")
        self.collect("two#z", output="Z\u00e9\0".encode())
        self.collect("two#owner", output="\u00c5".encode())
        self.collect("two", 2)
        self.collect("two#none", 4)
        for count in (1, 59, 60, 1_019, 16_384, 100_000):
            value = bytes(number % 251 for number in range(count))
            self.coffer("capture", "a/b", "--stdin", "--replace", data=value)
            self.collect("a/b", output=value)
        lines = self.policy()
        self.assertEqual([line.split()[0] for line in lines], ["job", "delivery", "delivery"])
        self.assertRegex(lines[1], "^delivery a/b [0-9a-f]{32} 4070908800000$")
        self.coffer("rename", "a/b", "b/a")
        self.collect("a/b", 4)
        self.coffer("edit", "b/a", "--require-reason", "yes")
        self.collect("b/a", 8)
        self.collect("b/a", 0, None, "--reason", "because")
        self.coffer("rekey", "--yes", "--kdf-memory", "64MiB")
        self.collect("two#a", output="\U0001f511".encode())
        self.coffer("deliver", "b/a", "--to", "ci", "--expires", "1s", "--reason", "r")
        time.sleep(1.1)
        self.collect("b/a", 8, None, "--reason", "because")
        self.coffer("rm", "two")
        self.collect("two#a", 4)
        self.assertEqual(len(self.policy()), 1)
        self.assertEqual(
            [line.split()[1:3] for line in self.log()[-3:]],
            [["revoke", "done"], ["rm", "done"], ["collect", "missing"]])
        self.verify()

    def test_identities_that_are_none_agree(self):
        self.coffer("deliver", "a/b", "--to", "ci")
        path = pathlib.Path(f"{self.home}/ci.job")
        content = path.read_bytes()
        for place in range(0, len(content), 3):
            path.write_bytes(
                content[:place] + bytes([content[place] ^ 1]) + content[place + 1:])
            self.collect("a/b", 3)
        for other in (content[:-1], content + b"\n", b"", content.replace(b"\n", b"\r\n")):
            path.write_bytes(other)
            self.collect("a/b", 3)
        path.write_bytes(content)
        self.collect("a/b", output=VALUE)

    def test_tampered_policies_agree(self):
        self.coffer("deliver", "a/b", "--to", "ci")
        for edit in AttackTest.EDITS:
            with self.subTest(edit=edit):
                content = pathlib.Path(self.vault).read_bytes()
                self.forget()
                self.edit(edit)
                self.agree("get", "a/b", code=5)
                self.agree("list", code=5)
                for suffix in ("-wal", "-shm"):
                    if os.path.exists(self.vault + suffix):
                        os.unlink(self.vault + suffix)
                pathlib.Path(self.vault).write_bytes(content)
        self.forget()
        self.agree("get", "a/b", output=VALUE)


if __name__ == "__main__":
    unittest.main()
