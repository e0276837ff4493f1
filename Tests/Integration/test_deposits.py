# Deposits, the inbox and capsules under attack and on a failing disk (attack cases C51, C53,
# I125-I133).

import os
import re
import signal
import sqlite3
import unittest

from support import PATIENCE, CofferTest, needs, wait_until
from test_faults import NEW, FaultTest

CAPSULE = re.compile(
    rb"-----BEGIN COFFER CAPSULE-----\n.*\n-----END COFFER CAPSULE-----\n", re.DOTALL)


class DepositTest(CofferTest):
    """Base: a vault that was seen open here, and deposits into it."""

    def setUp(self):
        super().setUp()
        self.make_vault(old=b"the old value")

    def deposit(self, name, value, *words):
        return self.home.run("deposit", name, "--stdin", *words, stdin=value)

    def change(self, sql, *values):
        connection = sqlite3.connect(self.home.vault)
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.execute(sql, values)
        connection.commit()
        connection.close()

    def rows(self):
        connection = sqlite3.connect(self.home.vault)
        found = connection.execute("SELECT deposit, quarantined, bytes FROM inbox").fetchall()
        connection.close()
        return found


class AttackTest(DepositTest):
    def test_a_key_that_was_put_into_the_file_is_sealed_to_by_nobody(self):
        """I125."""
        self.change("UPDATE head SET bytes = CAST(substr(bytes, 1, 203) || randomblob(32)"
                    " || substr(bytes, 236) AS BLOB)")
        outcome = self.deposit("n", b"VALUE-OF-THE-DEPOSIT")
        self.refuse(outcome, 5)
        self.assertIn(b"its deposit key is not the one that was seen here", outcome.err)
        self.assertEqual(self.rows(), [])

    def test_without_a_key_that_was_seen_there_is_no_deposit_and_the_value_is_not_read(self):
        """I126."""
        self.home.forget()
        read, write = os.pipe()
        os.write(write, b"VALUE")
        # It would wait for the end of it.
        outcome = self.deposit("n", read)
        self.assertEqual(os.read(read, 10), b"VALUE")
        for descriptor in (read, write):
            os.close(descriptor)
        self.refuse(outcome, 8)
        self.assertIn(b"hint: open the vault once here", outcome.err)

    def test_a_row_that_was_edited_is_set_aside_and_named(self):
        """I127, I129: each column, and bytes at the ends and in the middle."""
        edits = [
            "bytes = CAST(substr(bytes, 1, {0}) || x'ff00' || substr(bytes, {0} + 3) AS BLOB)"
            .format(place) for place in (0, 15, 19, 27, 30, 60, 100, 138)
        ] + ["bytes = CAST(substr(bytes, 1, 140) AS BLOB)", "bytes = x'00'",
             "deposit = randomblob(16)", "bytes = CAST(bytes || x'00' AS BLOB)"]
        for edit in edits:
            with self.subTest(edit=edit):
                self.succeed(self.deposit("n", b"VALUE-OF-THE-DEPOSIT"))
                self.change(f"UPDATE inbox SET {edit} WHERE quarantined = 0")
                outcome = self.succeed(self.coffer("list"))
                self.assertRegex(outcome.err, rb"deposit [0-9a-f]{32} does not open")
                self.assertNotIn(b"n\n", outcome.out.replace(b"old\n", b""))
                self.assertTrue(all(quarantined for _, quarantined, _ in self.rows()))
        self.assertHolds("old", b"the old value")
        self.succeed(self.coffer("audit", "verify"))

    def test_a_row_that_is_gone_is_told_and_one_that_is_put_back_is_taken_in_once(self):
        """I127."""
        self.succeed(self.deposit("n", b"VALUE"))
        (identifier, _, sealed), = self.rows()
        self.change("DELETE FROM inbox")
        outcome = self.succeed(self.coffer("edit", "old", "--label", "x"))
        self.assertIn(f"deposit {identifier.hex()} is gone".encode(), outcome.err)
        again = "INSERT INTO inbox (deposit, quarantined, bytes) VALUES (?, 0, ?)"
        self.change(again, identifier, sealed)
        self.assertIn(b"is pending", self.succeed(self.coffer("list")).err)
        self.change(again, identifier, sealed)
        self.assertIn(b"was taken in before", self.succeed(self.coffer("list")).err)
        self.assertEqual(self.succeed(self.coffer("show", "n")).out.count(b"pending"), 1)

    def test_whatever_it_is_called_or_holds_it_replaces_nothing_and_is_not_lost(self):
        """I128."""
        for value in (b"\0\n\xff" * 7, b"x" * (16 << 20)):
            self.succeed(self.deposit("old", value))
            self.succeed(self.coffer("list"))
            self.assertHolds("old", b"the old value")
            self.assertEqual(self.succeed(self.coffer("get", "old@pending")).out, value)
        outcome = self.deposit("old", b"x" * ((16 << 20) + 1))
        self.refuse(outcome, 9)
        for name in ("../x", "a//b", "-x", "a\x1b[2J", "é", "x" * 129, ""):
            self.refuse(self.deposit(name, b"v"), 2)

    def test_a_capsule_with_any_line_changed_or_for_another_vault_is_refused(self):
        """I129, I130."""
        address = self.succeed(self.home.run("deposit-key")).out.decode().strip()
        text = self.succeed(self.deposit("n", b"v" * 200, "--to", address)).out
        lines = text.splitlines(keepends=True)
        for place in range(1, len(lines) - 1):
            swapped = lines[place][:-1].swapcase() + b"\n"
            for other in ([swapped], [], [lines[place], lines[place]]):
                changed = b"".join(lines[:place] + other + lines[place + 1:])
                self.refuse(self.coffer("capsule", "import", "-", stdin=changed), 5, 6)
        for cut in range(0, len(text), 7):
            self.refuse(self.coffer("capsule", "import", "-", stdin=text[:cut]), 5, 6)
        self.assertEqual(self.names(), ["old"])
        self.assertEqual(self.rows(), [])

    def test_a_depositor_tells_nobody_what_it_deposits(self):
        """I132: neither its arguments nor its errors."""
        outcome = self.deposit("n", b"SECRETPART")
        self.succeed(outcome)
        self.assertNotIn(b"SECRETPART", outcome.out + outcome.err)
        refused = self.home.run("deposit", "n", "SECRETPART", stdin=b"")
        self.refuse(refused, 2)
        self.assertNotIn(b"SECRETPART", refused.out + refused.err)
        with open(self.home.vault, "rb") as file:
            self.assertNotIn(b"SECRETPART", file.read())


class BusyTest(DepositTest):
    """A value that is here, a vault that another process does not let go of, and signals."""

    def waiting(self, *words):
        """A capture that has its value and waits, whoever holds the vault, and its messages."""
        ready, go = (os.path.join(self.home.path, name) for name in ("ready", "go"))
        for path in (ready, go):
            if os.path.exists(path):
                os.unlink(path)
        messages = os.path.join(self.home.path, "messages")
        script = f"touch {ready}; while [ ! -e {go} ]; do sleep 0.05; done; printf THE-VALUE-IN-HAND"
        with open(messages, "wb") as file:
            process = self.home.start(*words, "--", "sh", "-c", script, stderr=file)
        wait_until(lambda: os.path.exists(ready), "the issuing command")
        holder = sqlite3.connect(self.home.vault, isolation_level=None)
        holder.execute("BEGIN IMMEDIATE")
        with open(go, "wb"):
            pass
        self.await_message(messages, b"waiting for it")
        return process, holder, messages

    @staticmethod
    def await_message(path, text):
        def found():
            with open(path, "rb") as file:
                return text in file.read()
        wait_until(found, text)

    def end(self, process, holder, messages):
        code = process.wait(timeout=PATIENCE)
        process.communicate()
        holder.execute("ROLLBACK")
        holder.close()
        with open(messages, "rb") as file:
            return code, file.read()

    def expect_capsule(self, code, text, name):
        self.assertEqual(code, 9, text)
        self.assertNotIn(b"THE-VALUE-IN-HAND", text)
        self.succeed(self.coffer("capsule", "import", "-", stdin=CAPSULE.search(text).group()))
        outcome = self.succeed(self.coffer("get", f"{name}@pending"))
        self.assertEqual(outcome.out, b"THE-VALUE-IN-HAND")

    def test_a_signal_that_ends_the_wait_ends_it_in_a_capsule(self):
        verbs = {"capture": ["--key-file", self.home.key], "deposit": []}
        for verb, key in verbs.items():
            for number in (signal.SIGTERM, signal.SIGHUP):
                name = f"{verb}/{number.name}"
                with self.subTest(name=name):
                    process, holder, messages = self.waiting(verb, name, *key)
                    process.send_signal(number)
                    self.expect_capsule(*self.end(process, holder, messages), name)

    def test_the_first_interrupt_is_held_back_and_the_second_ends_the_wait(self):
        words = ["capture", "held", "--key-file", self.home.key]
        process, holder, messages = self.waiting(*words)
        process.send_signal(signal.SIGINT)
        self.await_message(messages, b"interrupt once more")
        holder.execute("ROLLBACK")
        self.assertEqual(process.wait(timeout=PATIENCE), 0)
        process.communicate()
        holder.close()
        self.assertHolds("held", b"THE-VALUE-IN-HAND")
        words[1] = "twice"
        process, holder, messages = self.waiting(*words)
        process.send_signal(signal.SIGINT)
        self.await_message(messages, b"interrupt once more")
        process.send_signal(signal.SIGINT)
        self.expect_capsule(*self.end(process, holder, messages), "twice")


class SeenVaultTest(FaultTest):
    """Base: each fresh copy of the vault was open here once."""

    def reset(self):
        super().reset()
        self.succeed(self.coffer("list"))


@needs("strace")
class FailingDiskTest(SeenVaultTest):
    def capsules(self, verb, fault):
        """Every place where the fault keeps a value from being stored, and what came of it."""
        words = [verb, "new", "--stdin"] + (
            ["--key-file", self.home.key] if verb == "capture" else [])
        handed_out = 0
        for inject in self.faults(words, NEW, fault, ["pwrite64", "fdatasync", "fsync"]):
            outcome, _ = self.with_fault(inject, words, NEW)
            self.assertNotIn(NEW, outcome.err + outcome.out)
            if outcome.code == 0:
                continue
            self.refuse(outcome, 8, 9)
            capsule = CAPSULE.search(outcome.err)
            if capsule is None:
                # Refused before the value was read.
                self.assertNotIn(b"NOT stored:", outcome.err)
                continue
            handed_out += 1
            self.succeed(self.coffer("capsule", "import", "-", stdin=capsule.group()))
            names = [name for name in self.names() if name.startswith("new")]
            values = [self.coffer("get", f"{name}@{version}").out
                      for name in names for version in (1, 2)]
            self.assertIn(NEW, values, inject)
        return handed_out

    def test_a_capture_that_a_full_disk_keeps_out_is_a_capsule_with_the_same_bytes(self):
        """C51, C53."""
        self.assertGreater(self.capsules("capture", "error=ENOSPC"), 0)

    def test_a_deposit_on_a_device_that_fails_is_a_capsule_with_the_same_bytes(self):
        """C51, C53."""
        self.assertGreater(self.capsules("deposit", "error=EIO"), 0)


if __name__ == "__main__":
    unittest.main()
