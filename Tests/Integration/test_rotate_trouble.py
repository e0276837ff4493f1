# `coffer rotate` when something goes wrong at the issuer, or there is no room for another key.

import time
import unittest

import casts
from issuers import faults
from support import needs, wait_until


class StrayTests:
    """A key that was made and never arrived, at every issuer that lists keys."""

    is_quick = True

    def lose(self):
        """Begins a rotation whose first key is lost; that key."""
        scene = self.stage.fail(self.player, faults.lost_reply(), on=self.CREATE)
        outcome = self.begin()
        self.assertEqual(outcome.code, 8, outcome)
        self.assertEqual(scene.played, 1)
        (lost,) = self.player.created
        self.assertIn(self.id_of(lost).encode(), outcome.err)
        self.assertIn(b"--delete-key", outcome.err)
        self.assertEqual(self.rotation["strays"], [self.id_of(lost)])
        self.assertIn(lost.id, self.player.live(), "nobody said that it is to go")
        self.assertInUse(self.key)
        return lost

    def test_it_is_deleted_when_somebody_says_so(self):
        lost = self.lose()
        again = self.resume("--yes")
        self.assertEqual(again.code, 8, "a yes to everything is no word about this key")
        self.assertIn(lost.id, self.player.live())
        self.succeed(self.resume("--delete-key", self.id_of(lost)))
        self.assertNotIn(lost.id, self.player.live())
        self.assertEqual((self.state, self.rotation["strays"]), ("promoted", []))
        self.assertEqual(self.finish(), "retired")
        self.assertInUse(self.player.created[-1])
        self.assertEqual(len(self.player.created), 2)

    def test_a_deletion_whose_reply_is_lost_is_done_again(self):
        self.succeed(self.begin())
        scene = self.stage.fail(self.player, faults.lost_reply(), on=self.REVOKE, times=1)
        for _ in range(12):
            if self.state == "retired":
                break
            self.assertIn(self.rotate("--now").code, (0, 1))
            time.sleep(0.2)
        self.assertEqual((self.state, scene.played), ("retired", 1))
        self.assertNotIn(self.key.secret, self.player.live().values())


@needs("curl")
class ZpaStrayTest(StrayTests, casts.ZpaCast):
    def test_it_is_kept_when_somebody_says_so(self):
        lost = self.lose()
        self.succeed(self.resume("--keep-key", self.id_of(lost)))
        self.assertEqual((self.state, self.rotation["strays"]), ("promoted", []))
        self.assertEqual(self.finish(), "retired")
        self.assertEqual(self.rotation["strays"], [])
        self.assertIn(lost.id, self.player.live())

    def test_it_is_named_until_then(self):
        lost = self.lose()
        # Whoever walks away leaves it named, and no other key is touched by a wrong name.
        self.refuse(self.resume("--delete-key", self.id_of(self.key)), 2, 4, 8)
        self.assertIn(self.key.id, self.player.live())
        self.rotate("--abandon", "--yes", "--delete-key", self.id_of(lost))
        self.assertEqual((self.state, self.rotation["strays"]), ("abandoned", []))
        self.assertEqual(list(self.player.live().values()).count(self.key.secret), 1)
        self.assertNotIn(lost.id, self.player.live())


@needs("curl")
class ZidentityStrayTest(StrayTests, casts.ZidentityCast):
    pass


@needs("curl")
class EntraStrayTest(StrayTests, casts.EntraCast):
    pass


@needs("curl")
class GoogleStrayTest(StrayTests, casts.GoogleCast):
    pass


@needs("curl")
class DockerHubStrayTest(StrayTests, casts.DockerHubCast):
    pass


@needs("curl")
class OpenAIStrayTest(StrayTests, casts.OpenAICast):
    pass


class TwoSlotTests:
    """Two keys at most, those included that are switched off."""

    is_quick = True

    def test_a_lost_key_takes_the_place(self):
        self.stage.fail(self.player, faults.lost_reply(), on=self.CREATE)
        self.assertEqual(self.begin().code, 8)
        (lost,) = self.player.created
        self.succeed(self.resume("--delete-key", self.id_of(lost)))
        self.assertEqual(self.state, "promoted")
        self.assertEqual(self.finish(), "retired")
        self.assertInUse(self.player.created[-1])

    def test_a_key_of_somebody_else_is_never_touched(self):
        for is_active in (True, False):
            with self.subTest(is_active=is_active):
                other = self.player.grant(self.key.login)
                self.turn(other, is_active)
                self.stage.requests.clear()
                for words in (("--plan", *self.words), ("--yes", *self.words)):
                    outcome = self.refuse(self.rotate(*words), 8)
                    self.assertIn(other.id.encode(), outcome.err)
                self.assertEqual(self.changes(), [])
                self.assertInUse(self.key)
                self.remove(other)

    def test_an_older_one_that_is_off_makes_room(self):
        newer = self.replace()
        self.turn(self.key, False)
        self.stage.requests.clear()
        plan = self.succeed(self.rotate("--plan", *self.words))
        self.assertIn(self.key.id.encode(), plan.out + plan.err)
        self.assertEqual(self.changes(), [])
        self.succeed(self.begin())
        self.assertIsNone(self.player.ring.get(self.key.id))
        self.assertIsNotNone(self.player.ring.get(newer.id))
        self.assertInUse(self.player.created[-1])
        self.assertEqual(self.finish(), "retired")

    def test_an_older_one_in_use_is_switched_off_and_waited_for(self):
        newer = self.replace()
        self.succeed(self.begin("--grace", "1s"))
        for _ in range(6):
            if self.state == "promoted":
                break
            time.sleep(1.1)
            self.succeed(self.resume() if self.rotation else self.begin("--grace", "1s"))
        self.assertEqual(self.state, "promoted")
        self.assertIsNone(self.player.ring.get(self.key.id))
        self.assertIsNotNone(self.player.ring.get(newer.id))
        titles = [self.player.title(request) for request in self.changes()]
        self.assertLess(self.first(titles, self.OFF), self.first(titles, self.REVOKE_TITLE))

    def test_it_is_missed_by_nobody_for_as_long_as_the_grace(self):
        """Longer than the soak of this profile, which is a second."""
        newer = self.replace()
        self.succeed(self.begin("--grace", "1h"))
        self.assertFalse(self.player.ring.get(self.key.id).active)
        time.sleep(1.2)
        self.begin("--grace", "1h")
        self.assertIsNotNone(self.player.ring.get(self.key.id), "deleted before its time")
        self.assertIsNotNone(self.player.ring.get(newer.id))
        self.assertEqual(self.player.created, [])

    def first(self, titles, word):
        return next(number for number, title in enumerate(titles) if word in title)


@needs("curl")
class OktaSlotTest(TwoSlotTests, casts.OktaCast):
    OFF, REVOKE_TITLE = "/deactivate", "DELETE"

    def turn(self, key, is_active):
        key.active = is_active

    def remove(self, key):
        self.player.ring.remove(key.id)

    def replace(self):
        newer = self.player.grant()
        self.hold_secret(newer, "--replace")
        return newer


@needs("curl")
class AwsSlotTest(TwoSlotTests, casts.AwsCast):
    OFF, REVOKE_TITLE = "UpdateAccessKey", "DeleteAccessKey"

    def turn(self, key, is_active):
        self.player.turn(key, is_active)

    def remove(self, key):
        self.player.forget(key)

    def replace(self):
        newer = self.player.grant("ci")
        self.hold_access_key(newer, "--replace")
        return newer


@needs("curl")
class TroubleTest(casts.ZpaCast):
    is_quick = True

    def test_an_issuer_that_is_down_is_waited_for_by_nobody(self):
        down = self.stage.fail(self.player, faults.cut(), times=999)
        outcome = self.refuse(self.begin(), 1)
        self.assertIn(b"the issuer was not heard", outcome.err)
        self.assertIn(self.state, (None, "intended"))
        self.assertInUse(self.key)
        down.times = down.played
        self.succeed(self.resume() if self.rotation else self.begin())
        self.assertEqual(self.state, "promoted")
        self.assertEqual(len(self.player.created), 1)

    def test_one_that_goes_down_in_the_middle(self):
        down = self.stage.fail(self.player, faults.cut(), on="DELETE *", times=999)
        self.succeed(self.begin())
        for _ in range(5):
            outcome = self.rotate("--now")
            if outcome.code:
                break
        self.refuse(outcome, 1)
        self.assertIn(b"--resume", outcome.err)
        self.assertIn(self.state, ("promoted", "deactivated"))
        down.times = down.played
        self.assertEqual(self.finish(), "retired")

    def test_429_is_waited_for_as_long_as_it_says(self):
        for on in ("POST /signin", "GET */apiKeys"):
            self.stage.fail(self.player, faults.limited("1s"), on=on)
        self.succeed(self.begin())
        self.assertEqual((self.state, len(self.player.created)), ("promoted", 1))

    def test_429_to_a_key_makes_one_key_in_the_end(self):
        self.stage.fail(self.player, faults.limited("1s"), on=self.CREATE)
        outcome = self.begin()
        if outcome.code:
            self.refuse(outcome, 1)
            self.assertIn(self.state, ("creating", "searching", "intended"))
            self.succeed(self.resume())
        self.assertEqual((self.state, len(self.player.created)), ("promoted", 1))

    def test_500_in_the_middle(self):
        """An error after the key was made looks like one before."""
        for done in (False, True):
            with self.subTest(done=done):
                made = len(self.player.created)
                self.stage.fail(self.player, faults.failure(500, done=done), on=self.CREATE)
                outcome = self.begin()
                if done:
                    self.assertEqual(outcome.code, 8, outcome)
                    (stray,) = self.rotation["strays"]
                    self.assertEqual(stray, self.player.created[-1].id)
                    outcome = self.resume("--delete-key", stray)
                self.succeed(outcome)
                self.assertEqual(len(self.player.created), made + 1 + done)
                self.assertEqual(self.finish(), "retired")
        self.assertEqual(len(self.player.live()), 1)

    def test_a_reply_that_is_not_understood_is_a_lost_one(self):
        for fault in (faults.garbage(), faults.truncated(), faults.broken_off()):
            with self.subTest(fault.__qualname__):
                self.stage.fail(self.player, fault, on=self.CREATE)
                outcome = self.begin()
                self.assertIn(outcome.code, (1, 8), outcome)
                self.assertSilent(outcome, *self.secrets())
                if outcome.code == 1:
                    # What came is kept, and may be looked at before anything is gone on with.
                    self.assertIn("pending", self.versions)
                    self.refuse(self.resume(), 8)
                (stray,) = self.rotation["strays"]
                self.succeed(self.resume("--delete-key", stray))
                self.finish()
        self.assertEqual(len(self.player.live()), 1)

    def test_a_second_one_is_refused_while_one_runs(self):
        self.stage.fail(self.player, faults.slow(2), on=self.CREATE)
        first = self.home.start("rotate", "k", "--yes", "--key-file", self.home.key)
        wait_until(lambda: self.stage.asked(self.CREATE), "a key is being made")
        self.refuse(self.begin(), 10)
        self.refuse(self.resume(), 10)
        _, err = first.communicate(timeout=30)
        self.assertEqual(first.returncode, 0, err)
        self.assertEqual((self.state, len(self.player.created)), ("promoted", 1))
        self.refuse(self.begin(), 10)
        self.assertEqual(self.finish(), "retired")

    def test_a_key_that_the_issuer_refuses_to_make(self):
        self.stage.fail(self.player, faults.instead(self.player.error(403, "no.permission")),
                        on=self.CREATE)
        outcome = self.begin()
        self.assertIn(outcome.code, (1, 8), outcome)
        self.assertInUse(self.key)
        if self.state != "abandoned":
            self.rotate("--abandon", "--yes")
        self.assertEqual((self.state, self.player.created), ("abandoned", []))

    def test_a_credential_that_is_refused_changes_nothing(self):
        self.key.active = False
        outcome = self.begin()
        self.assertIn(outcome.code, (1, 8), outcome)
        self.assertEqual((self.changes(), self.player.created), ([], []))
        self.assertSilent(outcome, self.key.secret)

    def test_an_id_that_contradicts_the_issuer_is_not_believed(self):
        """A key was put in the place of another by hand, and nobody said its id."""
        newer = self.player.grant("by hand")
        self.succeed(self.coffer("capture", "k", "--replace", "--stdin", "--set",
                                 f"client_id={newer.login}", stdin=newer.secret.encode()))
        if self.begin().code == 0:
            self.finish()
            self.assertNotIn(newer.id, self.player.live(), "that one was rotated")
            self.assertInUse(self.player.created[0])
        else:
            self.assertEqual(self.changes(), [])

    def test_nothing_to_go_on_with(self):
        for way in ("--resume", "--abandon", "--now"):
            self.refuse(self.rotate(way), 4)
        self.refuse(self.call("rotate", "nothing", "--yes"), 4)
        self.assertEqual(self.stage.requests, [])

    def test_a_word_too_many_begins_nothing(self):
        """`--now` typed once more when it is over makes no other key."""
        self.succeed(self.begin())
        self.succeed(self.rotate("--now"))
        self.assertEqual(self.state, "retired")
        self.refuse(self.rotate("--now"), 4, 8)
        self.assertEqual(len(self.player.created), 1)
        self.assertInUse(self.player.created[0])


if __name__ == "__main__":
    unittest.main()
