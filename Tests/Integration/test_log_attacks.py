# Attacks on the log of a closed vault, without a key and with all keys of today, and what is told
# of them: the exit code and the line (attack cases H114-H119, H122-H124).

import concurrent.futures
import os
import pathlib
import re
import time
import unittest

from attacked_vault import FIRST, OTHER, SECOND, AttackedVault
from frozen import shapes
from left_vault import LeftVault
from support import TORTURE
from thief import GONE, KEPT, MADE, Thief

import auditlog

BROKEN = "the audit log is not whole: "
CUT = BROKEN + "it ends at entry {}, before what is said of it"
LINK = BROKEN + "entry {} is not what was written"
SEAL = BROKEN + "the seal behind entry {} is not by the key that was to sign it"
KEY = BROKEN + "after entry {} the signing key is another than the last seal names"
UNFIT = "the vault is damaged or was tampered with: its audit log does not fit"
FORKED = "the vault is older than last seen (it went on from an older copy)"
FEWER = "the vault is older than last seen ({} log entries < {})"
# Of which columns every byte is flipped, or in a test that is to be short every few.
STRIDE = 1 if TORTURE else 13
WRONG_KEYS = 100_000 if TORTURE else 300


class LogAttack(AttackedVault):
    """Base: six entries, all but the third of them sealed."""

    def setUp(self):
        super().setUp()
        self.count = len(self.rows("SELECT number FROM audit_entry"))
        self.sealed = [number for number, in self.rows(
            "SELECT number FROM audit_entry WHERE signature IS NOT NULL ORDER BY number")]
        self.assertEqual((self.count, self.sealed), (6, [0, 1, 3, 4, 5]))

    def verify(self, *words):
        return self.home.run("audit", "verify", "--locked", *words)


class KeylessTest(LogAttack):
    def finds(self, line, *statements):
        """Whoever verifies the log is told so."""
        self.attack(*statements)
        self.assertTold(self.verify(), 5, line)

    def test_any_byte_of_any_entry(self):
        """H114: the entry is named, or the one whose seal is over it."""
        numbers = ("time", "operation", "outcome", "user", "process")
        contents = ("object", "detail", "link", "next_key", "signature")
        flipped = 0
        for number in range(self.count):
            for column in numbers:
                with self.subTest(number=number, column=column):
                    self.finds(
                        LINK.format(number),
                        f"UPDATE audit_entry SET {column} = {column} + 1 WHERE number = {number}")
            for column in contents:
                ((content,),) = self.rows(
                    f"SELECT {column} FROM audit_entry WHERE number = {number}")
                line = SEAL if column in contents[-2:] else LINK
                for place in range((number + flipped) % STRIDE, len(content or b""), STRIDE):
                    with self.subTest(number=number, column=column, place=place):
                        flipped += 1
                        changed = bytearray(content)
                        changed[place] ^= 1 << place % 8
                        self.finds(line.format(number), (
                            f"UPDATE audit_entry SET {column} = ? WHERE number = {number}",
                            (bytes(changed),)))
        self.assertGreater(flipped, 2_500 // STRIDE)

    def test_entries_that_are_gone_doubled_or_elsewhere(self):
        """H114, H118."""
        move = "UPDATE audit_entry SET number = {} WHERE number {}".format
        copy = ("INSERT INTO audit_entry SELECT {}, time, operation, outcome, user, process,"
                " object, detail, link, next_key, signature FROM audit_entry WHERE number = 2")
        copy = copy.format
        shift = (move("number + 100", "> 2"), move("number - 99", "> 99"))
        for number in range(self.count - 1):
            self.finds(f"{BROKEN}entry {number} is missing",
                       f"DELETE FROM audit_entry WHERE number = {number}")
            self.finds(LINK.format(number), move(99, f"= {number}"),
                       move(number, f"= {number + 1}"), move(number + 1, "= 99"))
        more = "UPDATE audit_tip SET entries = entries + 1"
        self.finds(LINK.format(3), *shift, copy(3), more)
        self.finds(LINK.format(6), copy(6), more)
        self.finds(f"{BROKEN}entry 6 is missing", copy(8), more)

    def test_seals_that_are_gone_or_elsewhere(self):
        """H118."""
        for number in self.sealed[:-1]:
            nothing = (f"UPDATE audit_entry SET next_key = NULL, signature = NULL"
                       f" WHERE number = {number}")
            self.finds(LINK.format(number + 1), nothing)
            self.finds(SEAL.format(number), *(
                f"UPDATE audit_entry SET {column} = (SELECT {column} FROM audit_entry WHERE number"
                f" = 5) WHERE number = {number}" for column in ("next_key", "signature")))
        self.finds(CUT.format(6), "UPDATE audit_entry SET next_key = NULL, signature = NULL WHERE"
                   " number = 5")
        self.finds(SEAL.format(2), *(
            f"UPDATE audit_entry SET {column} = (SELECT {column} FROM audit_entry WHERE number = 3)"
            " WHERE number = 2" for column in ("next_key", "signature")))

    def test_what_no_column_may_hold(self):
        """H114: the entry is named here too."""
        for number in range(self.count):
            for change in ("operation = 256", "outcome = -1", "user = 4294967296",
                           "object = zeroblob(9)", "detail = zeroblob(65537)", "link = x'00'",
                           "next_key = x'00'", "signature = x'00'"):
                with self.subTest(number=number, change=change):
                    self.attack(f"UPDATE audit_entry SET {change} WHERE number = {number}")
                    told = self.assertRefused(self.verify(), (5,))
                    self.assertRegex(told, rf"\bentry {number}\b")

    def test_a_seal_before_what_no_column_may_hold(self):
        """H114: what is first at fault is named, with a key too, where opening sees the last."""
        seal = "UPDATE audit_entry SET signature = zeroblob(64) WHERE number = 1"
        gap = "DELETE FROM audit_entry WHERE number = 3"
        bounds = f"UPDATE audit_entry SET link = x'00' WHERE number = {self.count - 1}"
        self.finds(f"{BROKEN}entry 3 is missing", gap, bounds)
        self.finds(SEAL.format(1), seal, bounds)
        self.assertTold(self.coffer("audit", "verify"), 5, SEAL.format(1))

    def test_a_log_that_was_cut(self):
        """H115: with a tip that fits what is left. Use and verification tell."""
        for left in range(self.count):
            with self.subTest(left=left):
                self.put(self.content)
                thief = Thief(self.home.vault, self.home.key)
                cut = thief.copied(KEPT, thief.stolen, changed=self.count, count=left)
                thief.write(cut, with_head=False)
                self.assertTold(self.verify(), 7, FEWER.format(left, self.count))
                self.assertTold(self.coffer("get", "one"), 5, UNFIT)
                self.forget()
                self.assertTold(self.verify(), 5, KEY.format(left))
                self.assertTold(self.coffer("get", "one"), 5, UNFIT)


class ThiefTest(LogAttack):
    """What was sealed before the theft cannot be changed by someone with all keys of today."""

    def steal(self):
        self.put(self.content)
        return Thief(self.home.vault, self.home.key)

    def test_a_cut_with_a_head_that_fits(self):
        """H115, H116."""
        for left in range(self.count):
            with self.subTest(left=left):
                thief = self.steal()
                thief.write(thief.copied(KEPT, thief.stolen, changed=self.count, count=left))
                for outcome in (self.verify(), self.coffer("get", "one")):
                    self.assertTold(outcome, 7, FEWER.format(left, self.count))
                self.forget()
                self.assertTold(self.verify(), 5, KEY.format(left))

    def test_an_entry_that_was_changed(self):
        """H116, H117: later seals are kept, made with the key of today, or with the thief's own."""
        for changed in range(self.count):
            broken = next(number for number in self.sealed if number >= changed)
            for seals, name in ((KEPT, "stolen"), (MADE, "stolen"), (MADE, "own")):
                with self.subTest(changed=changed, seals=seals, keys=name):
                    thief = self.steal()
                    thief.write(thief.copied(seals, getattr(thief, name), changed))
                    for words in (("get", "one"), ("audit verify",)):
                        self.assertTold(self.coffer(*words), 7, FORKED)
                    self.assertTold(self.verify(), 5, SEAL.format(broken))
                    self.forget()
                    for outcome in (self.verify(), self.coffer("audit verify")):
                        self.assertTold(outcome, 5, SEAL.format(broken))

    def test_an_entry_that_was_changed_behind_the_last_seal_that_is_kept(self):
        """H116, H118: without a seal, the key that signs next is not the one the last one names."""
        for changed in range(self.count):
            with self.subTest(changed=changed):
                thief = self.steal()
                thief.write(thief.copied(GONE, thief.stolen, changed))
                for outcome in (self.verify(), self.coffer("get", "one")):
                    self.assertTold(outcome, 7, FORKED)
                self.forget()
                self.assertTold(self.verify(), 5, KEY.format(self.count))

    def test_a_log_of_ones_own(self):
        """H119: it is whole, and what is remembered or noted of the other tells."""
        receipt = self.succeed(self.home.run("audit", "receipt")).out.decode().strip()
        thief = self.steal()
        thief.write(thief.copied(
            MADE, thief.own, first_key=auditlog.public_half(thief.own(0))))
        for outcome in (self.verify(), self.coffer("get", "one")):
            self.assertTold(outcome, 7, FORKED)
        self.forget()
        _, _, generation, entries, *_ = receipt.split()
        self.assertTold(
            self.verify("--receipt", receipt), 7, "the vault is not what the receipt says:"
            f" generation {generation[1:]}, {entries[1:]} log entries")
        self.assertIn(b"the audit log is whole", self.succeed(self.verify()).out, "the control")


class OutsideTest(LogAttack):
    """What somebody without a key makes of a log, or reads in it."""

    def test_a_flood_of_wrong_keys(self):
        """H122: at most an entry a minute, which count all of them."""
        other = self.home.path + "/other-key"
        self.succeed(self.home.run(
            "init", "--vault", self.home.folder("other") + "/v.db", "--new-key-file", other))
        size, begun = self.size(), time.monotonic()

        def guess(_):
            return self.home.run("get", "one", "--key-file", other)

        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            for outcome in pool.map(guess, range(WRONG_KEYS)):
                self.assertTold(outcome, 3, "wrong passphrase or key")
        minutes = int(time.monotonic() - begun) // 60 + 1
        self.assertLess(self.size() - size, 65_536 + 4_096 * minutes)
        self.succeed(self.coffer("list"))
        left = LeftVault(self.home)
        failed = [detail for done, detail in zip(left.done(), left.details)
                  if done[0] == "failed-unlock"]
        # One more is by whoever opened it next.
        self.assertLessEqual(len(failed), minutes + 2)
        self.assertEqual(sum(detail["count"] for detail in failed), WRONG_KEYS)
        told = self.succeed(self.coffer("audit log")).out.decode()
        self.assertEqual(len(re.findall("failed-unlock", told)), len(failed), told)

    def size(self):
        """Of all that lies beside the vault, and of itself."""
        return sum(os.path.getsize(f"{self.folder}/{name}") for name in os.listdir(self.folder))

    def test_names_are_sealed_and_values_are_not_there_at_all(self):
        """H123."""
        self.succeed(self.coffer("edit", "two", "--label", "a label of two"))
        self.succeed(self.coffer("rename", "two", "prod/second"))
        self.succeed(self.coffer("get", "prod/second", "--reason", "an incident"))
        self.refuse(self.coffer("get", "prod/missing"), 4)
        content = b"".join(path.read_bytes() for folder in (self.folder, self.memory)
                           for path in pathlib.Path(folder).iterdir())
        page = self.home.path + "/page.html"
        told = b"".join(self.succeed(self.coffer(*words)).out for words in (
            ("audit log",), ("audit log", "--json"), ("audit report", "--html", page)))
        told += pathlib.Path(page).read_bytes()
        for word in (b"prod/second", b"prod/missing", b"a label of two", b"an incident"):
            for shape, form in shapes(word).items():
                self.assertNotIn(form, content, (word, shape))
            if word != b"a label of two":
                self.assertIn(word, told, "the control")
        for value in (FIRST, SECOND, OTHER):
            for shape, form in shapes(value).items():
                self.assertNotIn(form, content + told, (value, shape))

    def test_a_log_is_verified_and_read_without_a_key(self):
        """H124: names stay sealed."""
        self.put(self.content)
        for words in ((), ("--locked",)):
            told = self.succeed(self.home.run("audit", "verify", *words)).out.decode()
            self.assertEqual(told.splitlines(), [
                "the audit log is whole: 6 entries, 5 seals",
                "it goes on from what this machine last saw",
                "the rows of the vault were not verified: that takes a key"])
        told = self.succeed(self.home.run("audit", "log", "--locked")).out.decode()
        self.assertEqual([line.split()[1:] for line in told.splitlines()], [
            [word, "sealed"] for word in (
                "slot-add", "capture", "capture", "show", "capture", "init")])


if __name__ == "__main__":
    unittest.main()
