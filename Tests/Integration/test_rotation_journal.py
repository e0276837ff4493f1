# A rotation through the agent, as its protocol and docs/spec/rotation.md say: each answer is on disk,
# whoever is killed right behind it, and a value that was sent is stored or not, never half.

import json
import os
import sys
import time

from agent_case import AgentTest
from agent_wire import (
    ADVANCE_ROTATION, BEGIN_ROTATION, DESCRIBE, MALFORMED, REFUSED, ROLLBACK, ROTATION_MOVED,
    ROTATION_RUNNING, ROTATION_UNFIT, STORE_ROTATED, Refused, frame, lp, number)

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "Reference"))
from metadata import Cursor, Metadata  # noqa: E402

DUAL = 1
INTENDED, CREATING, SEARCHING, PENDING, VERIFIED, PROMOTED = range(1, 7)
RETIRED = 9
# Where the parts of a journal lie.
STATE, NEW, ATTEMPTS, REST = 17, 39, 43, 59


def journal_in(description):
    """The bytes of attribute 15."""
    cursor = Cursor(description)
    cursor.prefixed()
    for _ in range(cursor.number(4)):
        tag, value = cursor.number(2), cursor.prefixed()
        if tag == 15:
            return value
    raise AssertionError("no rotation")


def changed(journal, state, attempts=None, rest=None):
    data = bytearray(journal)
    data[STATE] = state
    if attempts is not None:
        data[ATTEMPTS:ATTEMPTS + 4] = number(attempts, 4)
    return bytes(data) if rest is None else bytes(data[:REST]) + rest


def waiting():
    """The end of a journal whose wait began, by the wall clock."""
    return b"\1" + number(1_800_000_000_000, 8) + b"\0\0" + number(0, 4)


class RotationTest(AgentTest):
    def setUp(self):
        super().setUp()
        self.start_agent()
        self.unlock()

    def killed(self):
        """Ends the agent without a word, and opens the vault by another."""
        self.kill()
        self.agent.wait()
        self.start_agent()
        self.unlock()

    def ask(self, topic, fields):
        with self.wire() as wire:
            return wire.ask(frame(topic, fields))

    def described(self):
        answer = Cursor(self.ask(DESCRIBE, lp("a"))).prefixed()
        return Metadata(answer), journal_in(answer)

    def begin(self, mode=DUAL, grace=600):
        answer = self.ask(BEGIN_ROTATION, lp("a") + number(mode, 1) + number(grace, 8))
        return journal_in(Cursor(answer).prefixed())

    def advance(self, seen, following):
        answer = self.ask(ADVANCE_ROTATION, lp("a") + lp(seen) + lp(following))
        return journal_in(Cursor(answer).prefixed())

    def stored(self, seen, key, value):
        fields = (lp("a") + lp(seen) + number(1, 4) + lp("key_id") + lp(key) + b"\0"
                  + number(1, 4) + lp("secret") + lp(value))
        return frame(STORE_ROTATED, fields)

    def refused(self, kind, question):
        with self.assertRaises(Refused) as caught:
            question()
        self.assertEqual(caught.exception.kind, kind)
        return caught.exception.numbers

    def test_every_step_is_on_disk_when_it_is_answered(self):
        journal = self.begin()
        self.killed()
        self.assertEqual(self.described()[1], journal)
        journal = self.advance(journal, changed(journal, CREATING, attempts=1))
        self.killed()
        self.assertEqual(self.described()[1], journal)
        with self.wire() as wire:
            self.assertEqual(wire.ask(self.stored(journal, "B", b"two"))[-1], 1)
        self.killed()
        metadata, journal = self.described()
        self.assertEqual((journal[STATE], metadata.rotation.new), (PENDING, 2))
        self.assertEqual([version.state for version in metadata.versions], [2, 1])
        self.assertEqual(metadata.versions[1].own, {b"key_id": b"B"})
        self.assertEqual(self.succeed(self.home.run("get", "a")).out, b"one")
        self.assertEqual(self.succeed(self.home.run("get", "a@pending")).out, b"two")
        journal = self.advance(journal, changed(journal, VERIFIED))
        journal = self.advance(journal, changed(journal, PROMOTED, rest=waiting()))
        self.killed()
        self.assertEqual(self.succeed(self.home.run("get", "a")).out, b"two")
        self.assertEqual(self.succeed(self.home.run("get", "a#key_id")).out, b"B")
        self.advance(journal, changed(journal, RETIRED))
        shown = json.loads(self.succeed(self.coffer("history", "a", "--json")).out)
        through = json.loads(self.succeed(self.home.run("history", "a", "--json")).out)
        self.assertEqual(shown, through)
        self.assertEqual([move["operation"] for move in shown["moves"]],
                         ["capture", "rotate", "rotate-store", "promote", "retire"])
        self.assertEqual([version["state"] for version in shown["versions"]],
                         ["retired", "current"])
        self.assertEqual(shown["rotation"]["state"], "retired")
        self.assertVerifies()

    def test_who_still_fetches_the_old_version_is_told(self):
        self.succeed(self.home.run("get", "a"))
        journal = self.begin()
        journal = self.advance(journal, changed(journal, CREATING, attempts=1))
        with self.wire() as wire:
            wire.ask(self.stored(journal, "B", b"two"))
        _, journal = self.described()
        self.assertEqual(self.users(), None)
        journal = self.advance(journal, changed(journal, VERIFIED))
        journal = self.advance(journal, changed(journal, PROMOTED, rest=waiting()))
        self.assertEqual(self.users(), [])
        self.succeed(self.home.run("get", "a"))
        for words in (("get", "a@1"), ("get", "a@previous"),
                      ("run", "--env", "T=a@1", "--", "/bin/true")):
            self.succeed(self.home.run(*words))
        users = self.users()
        self.assertEqual([(user["job"], user["count"]) for user in users],
                         [("/bin/true", 1), (None, 2)])
        self.assertEqual({user["user"] for user in users}, {os.geteuid()})
        self.assertEqual(len({user["program"] for user in users}), 1)
        text = self.succeed(self.home.run("history", "a")).out.decode()
        self.assertRegex(text, r"(?m)^  still used +version 1, 2 times, last 20.*, by /.*, uid \d+$")
        self.assertIn("audit", [event["operation"] for event in self.events()])
        self.advance(journal, changed(journal, RETIRED))
        self.assertEqual(self.users(), None)
        self.assertVerifies()

    def users(self):
        shown = json.loads(self.succeed(self.home.run("history", "a", "--json")).out)
        return shown["users_of_old"]

    def test_what_does_not_follow_is_refused(self):
        journal = self.begin()
        self.refused(ROTATION_RUNNING, self.begin)
        creating = self.advance(journal, changed(journal, CREATING, attempts=1))
        self.refused(ROTATION_MOVED, lambda: self.advance(journal, creating))
        self.refused(ROTATION_UNFIT, lambda: self.advance(
            creating, changed(creating, INTENDED, attempts=0)))
        # What contradicts itself is no journal.
        for wrong in (changed(creating, CREATING, attempts=0), changed(creating, 13),
                      changed(creating, PENDING), creating + b"\0", creating[:-1]):
            numbers = self.refused(REFUSED, lambda: self.advance(creating, wrong))
            self.assertEqual(numbers, (MALFORMED,))
        for mode, grace in ((0, 1), (5, 1), (1, 315_360_001)):
            self.refused(REFUSED, lambda: self.begin(mode, grace))
        self.refused(ROTATION_RUNNING, lambda: self.ask(ROLLBACK, lp("a") + bytes(8)))
        for words in (("rm", "a", "--yes"), ("rename", "a", "c"), ("rollback", "a"),
                      ("rm", "a", "--purge", "--yes")):
            self.refuse(self.home.run(*words), 8)
        captured = self.home.run("capture", "a", "--stdin", "--replace", stdin=b"three")
        self.refuse(captured, 8)
        self.assertIn(b"a rotation of \"a\" is under way", captured.err)
        self.assertEqual(self.described()[1], creating)
        self.assertEqual(self.succeed(self.home.run("get", "a")).out, b"one")
        self.assertVerifies()

    def test_a_value_is_stored_as_a_whole_or_not_at_all(self):
        journal = self.begin()
        journal = self.advance(journal, changed(journal, CREATING, attempts=1))
        stored = 0
        for delay in range(0, 60, 5):
            with self.wire() as wire:
                wire.send(self.stored(journal, f"K{delay}", b"value %d" % delay))
                time.sleep(delay / 1_000)
                self.kill()
            self.agent.wait()
            self.start_agent()
            self.unlock()
            metadata, found = self.described()
            waits = [version for version in metadata.versions if version.state == 1]
            self.assertIn(len(waits) - stored, (0, 1))
            stored = len(waits)
            for version in waits:
                value = self.succeed(self.home.run("get", f"a@{version.number}")).out
                self.assertEqual(b"value " + version.own[b"key_id"][1:], value)
            # The first that is there is the one that was waited for.
            self.assertEqual(found[STATE], PENDING if waits else CREATING)
            if waits:
                self.assertEqual(metadata.rotation.new, waits[0].number)
        self.assertGreater(stored, 0)
        self.assertVerifies()
