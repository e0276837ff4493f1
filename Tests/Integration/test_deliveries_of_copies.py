# Deliveries where the vault they are in is copied, restored, imported into, or of an older release.

import json
import os
import shutil
import sqlite3
import unittest

from support import CofferTest, Home
from test_deliveries import VALUE, JobTest

AGAIN = b"look at `coffer deliver --list`"
NEWER = b"a newer value \xfe"
# What turns a vault into one of the release of that number, as long as it has no jobs and grants.
EARLIER = {
    2: "DROP TABLE policy; PRAGMA user_version = 2;",
    1: "DROP TABLE policy; DROP INDEX audit_entry_of_deposits; DROP TABLE inbox;"
       " DROP TABLE retired_key; PRAGMA user_version = 1;",
}


def lines(*secrets):
    return b"".join(json.dumps(secret).encode() + b"\n" for secret in secrets)


class RestoredTest(JobTest):
    def setUp(self):
        super().setUp()
        self.copy = f"{self.home.folder('copies')}/copy.db"

    def back_up(self):
        self.succeed(self.home.run("backup", self.copy))

    def restore(self, *words):
        return self.succeed(
            self.coffer("restore", self.copy, "--replace", "--accept-rollback", *words))

    def delivered(self):
        listed = json.loads(self.succeed(self.coffer("deliver", "--list", "--json")).out)
        return [(found["job"], found["secret"]) for found in listed]

    def test_on_another_machine_the_same_identity_opens_it_and_what_comes_later(self):
        self.back_up()
        there = Home()
        self.addCleanup(there.remove)
        shutil.copy(self.home.key, there.key)
        shutil.copy(f"{self.home.path}/nightly.job", f"{there.path}/nightly.job")
        restored = self.succeed(there.run("restore", self.copy, "--key-file", there.key))
        self.assertIn(b"1 delivery", restored.err)
        get = ("get", "one", "--job-file", "nightly.job")
        self.assertEqual(self.succeed(there.run(*get)).out, VALUE)
        self.succeed(there.with_key("capture", "one", "--stdin", "--replace", stdin=NEWER))
        self.assertEqual(self.succeed(there.run(*get)).out, NEWER)
        # The vault that was copied knows nothing of that.
        self.assertEqual(self.succeed(self.job("one")).out, VALUE)
        for home in (there, self.home):
            self.succeed(home.with_key("audit verify"))

    def test_what_was_revoked_since_is_delivered_again_and_that_is_said(self):
        self.back_up()
        self.succeed(self.coffer("deliver", "one", "--to", "nightly", "--revoke"))
        self.refuse(self.job("one"), 4)
        restored = self.restore()
        self.assertIn(b"1 delivery", restored.err)
        self.assertIn(AGAIN, restored.err)
        self.assertEqual(self.succeed(self.job("one")).out, VALUE)
        self.assertEqual(self.delivered(), [("nightly", "one")])
        self.succeed(self.coffer("deliver", "one", "--to", "nightly", "--revoke"))
        self.refuse(self.job("one"), 4)
        self.succeed(self.coffer("audit verify"))

    def test_a_job_and_a_grant_that_were_taken_away_since_are_there_again_and_that_is_said(self):
        shutil.copy(os.path.realpath("/bin/true"), f"{self.home.path}/tool")
        self.succeed(self.coffer("grant add", "two", "--to", "tool"))
        self.back_up()
        self.succeed(self.coffer("job remove", "nightly"))
        self.succeed(self.coffer("grant revoke", "two"))
        self.refuse(self.job("one"), 4)
        restored = self.restore("--yes")
        self.assertIn(b"1 delivery", restored.err)
        self.assertIn(b"1 grant", restored.err)
        self.assertIn(b"look at `coffer grant list`", restored.err)
        self.assertEqual(self.succeed(self.job("one")).out, VALUE)
        grants = json.loads(self.succeed(self.coffer("grant list", "--json")).out)
        self.assertEqual([grant["secret"] for grant in grants], ["two"])

    def test_what_is_over_is_neither_delivered_again_nor_spoken_of(self):
        self.succeed(self.coffer("deliver", "one", "--to", "nightly", "--revoke"))
        self.back_up()
        self.succeed(self.coffer("deliver", "one", "--to", "nightly"))
        restored = self.restore()
        self.assertNotIn(AGAIN, restored.err)
        self.refuse(self.job("one"), 4)
        self.assertEqual(self.delivered(), [])

    def test_a_job_that_was_added_since_is_none_of_the_restored_vault(self):
        self.back_up()
        self.succeed(self.coffer("job add", "later", "--identity-file", "later.job"))
        self.succeed(self.coffer("deliver", "two", "--to", "later"))
        self.restore()
        self.refuse(self.home.run("get", "two", "--job-file", "later.job"), 4)
        # Its name is free, and its file stays what it was: of another job.
        self.succeed(self.coffer("job add", "later", "--identity-file", "again.job"))
        self.succeed(self.coffer("deliver", "two", "--to", "later"))
        self.refuse(self.home.run("get", "two", "--job-file", "later.job"), 4)
        self.assertEqual(
            self.succeed(self.home.run("get", "two", "--job-file", "again.job")).out,
            b"not for a job")

    def test_a_backup_from_before_new_keys_delivers_with_the_keys_of_then(self):
        self.back_up()
        self.succeed(self.coffer("rekey", "--yes", "--kdf-memory", "64MiB"))
        self.store("one", NEWER, "--replace")
        self.assertEqual(self.succeed(self.job("one")).out, NEWER)
        self.assertIn(b"1 delivery", self.restore().err)
        self.assertEqual(self.succeed(self.job("one")).out, VALUE)
        self.store("one", NEWER, "--replace")
        self.assertEqual(self.succeed(self.job("one")).out, NEWER)
        self.succeed(self.coffer("audit verify"))

    def test_an_older_copy_opens_for_its_job_still_and_the_vault_is_none_the_worse(self):
        self.back_up()
        self.store("one", NEWER, "--replace")
        self.succeed(self.coffer("deliver", "one", "--to", "nightly", "--revoke"))
        copied = self.home.run("get", "one", "--job-file", "nightly.job", "--vault", self.copy)
        self.assertEqual(self.succeed(copied).out, VALUE)
        self.refuse(self.job("one"), 4)
        self.assertHolds("one", NEWER)
        self.succeed(self.coffer("audit verify"))


class BroughtTest(JobTest):
    """New versions, whichever way they come."""

    def bring(self, *words, stdin):
        self.succeed(self.coffer("import", *words, stdin=stdin))

    def test_an_import_brings_new_versions_to_the_job(self):
        self.bring("--json-lines", "-", "--replace", stdin=lines(
            {"name": "one", "secret": "imported"}, {"name": "three", "secret": "3"}))
        self.assertEqual(self.succeed(self.job("one")).out, b"imported")
        self.refuse(self.job("three"), 4)
        self.bring("--from", "dotenv", "-", "--skip-existing", stdin=b"one=left\nfour=4\n")
        self.assertEqual(self.succeed(self.job("one")).out, b"imported")
        self.bring("--from", "dotenv", "-", "--replace", stdin=b"one='of another store'\n")
        self.assertEqual(self.succeed(self.job("one")).out, b"of another store")
        self.succeed(self.coffer("audit verify"))

    def test_an_import_that_is_refused_changes_nothing_of_it(self):
        self.refuse(self.coffer("import", "--json-lines", "-", stdin=lines(
            {"name": "new", "secret": "n"}, {"name": "one", "secret": "not taken"})), 1)
        self.refuse(self.coffer("import", "--json-lines", "-", "--replace", stdin=lines(
            {"name": "one", "secret": "not taken"}) + b'{"name": "two"\n'), 1)
        self.assertEqual(self.succeed(self.job("one")).out, VALUE)

    def test_an_import_that_disables_takes_the_delivery_out(self):
        self.bring("--json-lines", "-", "--replace", stdin=lines(
            {"name": "one", "secret": "off", "status": "disabled"}))
        self.refuse(self.job("one"), 4)
        self.succeed(self.coffer("enable", "one"))
        self.refuse(self.job("one"), 4)

    def test_an_export_takes_values_along_and_no_deliveries(self):
        exported = self.succeed(self.coffer("export", "--plain")).out
        self.assertNotIn(b"nightly", exported)
        there = Home()
        self.addCleanup(there.remove)
        self.succeed(there.run("init", "--new-key-file", there.key))
        self.succeed(there.with_key("import", "--json-lines", "-", stdin=exported))
        self.assertEqual(there.with_key("get", "one").out, VALUE)
        self.assertEqual(there.with_key("deliver", "--list", "--json").out.strip(), b"[]")
        shutil.copy(f"{self.home.path}/nightly.job", f"{there.path}/nightly.job")
        # It is the identity of a job of another vault.
        self.refuse(there.run("get", "one", "--job-file", "nightly.job"), 3)

    def test_a_deposit_comes_to_the_job_when_it_is_accepted(self):
        self.succeed(self.home.run("deposit", "one", "--stdin", stdin=NEWER))
        self.assertEqual(self.succeed(self.job("one")).out, VALUE)
        self.succeed(self.coffer("list"))
        self.assertEqual(self.succeed(self.job("one")).out, VALUE)
        self.succeed(self.coffer("inbox accept", "one"))
        self.assertEqual(self.succeed(self.job("one")).out, NEWER)

    def test_a_rollback_brings_the_version_before(self):
        self.store("one", NEWER, "--replace")
        self.succeed(self.coffer("rollback", "one"))
        self.assertEqual(self.succeed(self.job("one")).out, VALUE)
        self.succeed(self.coffer("rollback", "one"))
        self.assertEqual(self.succeed(self.job("one")).out, NEWER)
        self.succeed(self.coffer("audit verify"))


class OlderReleaseTest(CofferTest):
    """Vaults of releases that knew no jobs."""

    def setUp(self):
        super().setUp()
        self.make_vault(one=VALUE, two=b"not for a job")

    def turn(self, path, release):
        connection = sqlite3.connect(path)
        connection.executescript(f"{EARLIER[release]} PRAGMA wal_checkpoint(TRUNCATE)")
        connection.close()

    def release(self, path):
        connection = sqlite3.connect(path)
        number, = connection.execute("PRAGMA user_version").fetchone()
        connection.close()
        return number

    def check_delivery(self):
        self.succeed(self.coffer("job add", "nightly", "--identity-file", "nightly.job"))
        self.succeed(self.coffer("deliver", "one", "--to", "nightly"))
        job = ("get", "one", "--job-file", "nightly.job")
        self.assertEqual(self.succeed(self.home.run(*job)).out, VALUE)
        self.store("one", NEWER, "--replace")
        self.assertEqual(self.succeed(self.home.run(*job)).out, NEWER)
        self.succeed(self.coffer("audit verify"))
        self.assertEqual(self.release(self.home.vault), 3)
        os.unlink(f"{self.home.path}/nightly.job")

    def test_such_a_vault_delivers_from_its_first_job_on(self):
        for release in EARLIER:
            with self.subTest(release=release):
                home = self.home = Home()
                self.addCleanup(home.remove)
                self.make_vault(one=VALUE)
                self.turn(self.home.vault, release)
                self.assertEqual(self.succeed(self.coffer("job list", "--json")).out, b"[]\n")
                self.check_delivery()

    def test_such_a_backup_is_restored_and_delivers(self):
        for release in EARLIER:
            with self.subTest(release=release):
                copy = f"{self.home.folder(f'copies-{release}')}/copy.db"
                self.succeed(self.home.run("backup", copy))
                self.turn(copy, release)
                words = ("--replace", "--accept-rollback")
                restored = self.succeed(self.coffer("restore", copy, *words))
                self.assertNotIn(AGAIN, restored.err)
                self.check_delivery()
                self.succeed(self.coffer("restore", copy, *words))
                self.assertHolds("one", VALUE)

    def test_an_identity_opens_nothing_in_such_a_backup(self):
        copy = f"{self.home.folder('copies')}/copy.db"
        self.succeed(self.home.run("backup", copy))
        self.turn(copy, 2)
        self.succeed(self.coffer("job add", "nightly", "--identity-file", "nightly.job"))
        self.succeed(self.coffer("deliver", "one", "--to", "nightly"))
        self.succeed(self.coffer("restore", copy, "--replace", "--accept-rollback"))
        self.refuse(self.home.run("get", "one", "--job-file", "nightly.job"), 4)
        self.assertHolds("one", VALUE)


if __name__ == "__main__":
    unittest.main()
