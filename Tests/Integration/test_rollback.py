# `coffer rollback`: the version before, in the vault and at its issuer.

import json
import unittest

import casts
from issuers import faults
from support import needs, wait_until


class RollbackTest:
    def roll_back(self, *words, **more):
        return self.call("rollback", self.NAME, *words, **more)

    def operations(self):
        log = self.succeed(self.coffer("audit log", "--json")).out
        return [json.loads(line)["operation"] for line in log.splitlines()]


@needs("curl")
class OktaRollbackTest(RollbackTest, casts.OktaCast):
    """An issuer that switches keys off and on."""

    is_quick = True

    def replace(self):
        """A new key that a person made, and put in the place of the first one."""
        self.second = self.player.grant()
        self.hold_secret(self.second, "--replace")
        self.stage.requests.clear()

    def switch_off(self, key):
        self.player.ring.get(key.id).active = False

    def assertUnchanged(self):
        self.assertEqual(self.versions, ["previous", "current"])
        self.assertEqual(self.value(), self.second.secret)

    def test_one_that_is_accepted_is_current_again(self):
        self.replace()
        outcome = self.succeed(self.roll_back(*self.words))
        self.assertEqual(outcome.out, b'"k" version 1 is current again\n')
        self.assertInUse(self.key)
        self.assertEqual(self.fields("k")["secret_id"], self.key.id)
        self.assertEqual(self.changes(), [])
        self.assertSilent(outcome, self.key.secret, self.second.secret)
        # A second one undoes the first.
        self.succeed(self.roll_back(*self.words))
        self.assertInUse(self.second)
        self.assertVerifies()

    def test_one_that_is_switched_off_is_switched_on(self):
        self.replace()
        self.switch_off(self.key)
        outcome = self.succeed(self.roll_back(*self.words))
        self.assertIn(b"switched on the key of version 1 again", outcome.err)
        self.assertInUse(self.key)
        self.assertEqual(len(self.changes()), 1)
        self.assertIn(self.second.secret, self.player.live().values(), "both stay")

    def test_a_reply_that_is_lost_keeps_nothing_from_being_done_again(self):
        self.replace()
        self.switch_off(self.key)
        self.stage.fail(self.player, faults.lost_reply(), on="POST */activate", times=99)
        self.refuse(self.roll_back(*self.words), 1)
        self.assertUnchanged()
        self.succeed(self.roll_back(*self.words))
        self.assertInUse(self.key)

    def test_one_that_is_gone_is_refused(self):
        self.replace()
        self.player.ring.remove(self.key.id)
        outcome = self.refuse(self.roll_back(*self.words), 8)
        self.assertIn(b"the issuer does not accept version 1", outcome.err)
        self.assertUnchanged()
        # Unless somebody insists, who then is not asked for anything by the issuer.
        self.stage.requests.clear()
        outcome = self.succeed(self.roll_back("--offline"))
        self.assertIn(b"nothing was asked or changed at the issuer", outcome.err)
        self.assertEqual((self.value(), self.stage.requests), (self.key.secret, []))

    def test_an_issuer_that_is_not_heard_is_said(self):
        self.replace()
        self.stage.fail(self.player, faults.cut(), times=99)
        outcome = self.refuse(self.roll_back(*self.words), 1)
        self.assertIn(b"--offline", outcome.err)
        self.assertUnchanged()

    def test_one_that_may_not_be_switched_on_is_said(self):
        """Without a right to administer keys."""
        self.replace()
        self.switch_off(self.key)
        self.player.api_tokens.clear()
        outcome = self.refuse(self.roll_back(*self.words), 8)
        self.assertIn(b"does not accept the credential", outcome.err)
        self.assertTrue(self.stage.asked("POST */lifecycle/activate"))
        self.assertUnchanged()

    def test_one_whose_id_nobody_knows_is_not_switched_on(self):
        self.hold("bare", self.profile("okta"), self.key.secret, client_id=self.key.login,
                  org_url=self.ORG, authorization_server="default", scope="jobs")
        second = self.player.grant()
        self.store("bare", second.secret.encode(), "--replace", "--set", f"secret_id={second.id}")
        self.switch_off(self.key)
        self.stage.requests.clear()
        outcome = self.refuse(self.call("rollback", "bare", *self.words), 8)
        self.assertIn(b"its secret_id is not known", outcome.err)
        self.assertEqual(self.changes(), [])

    def test_one_that_shows_late_is_waited_for(self):
        self.replace()
        self.switch_off(self.key)
        # The first attempt to use it after it was switched on.
        self.player.ring.get(self.key.id).refusals = 1
        outcome = self.succeed(self.roll_back(*self.words))
        self.assertIn(b"waiting 1 s", outcome.err)
        self.assertInUse(self.key)

    def test_one_that_is_never_accepted_is_said_to_stay_on(self):
        self.replace()
        self.switch_off(self.key)
        self.player.ring.get(self.key.id).refusals = 99
        outcome = self.refuse(self.roll_back(*self.words), 8)
        self.assertIn(b"it stays switched on at the issuer", outcome.err)
        self.assertUnchanged()

    def test_the_key_of_another_version_is_not_switched_on(self):
        """Two versions go by one id."""
        self.replace()
        third = self.player.grant()
        self.hold_secret(third, "--replace")
        self.succeed(self.coffer("rollback", "k", "--offline"))
        self.succeed(self.coffer("edit", "k", "--set", f"secret_id={self.key.id}"))
        self.succeed(self.coffer("rollback", "k", "--offline"))
        self.player.ring.remove(self.second.id)
        self.switch_off(self.key)
        self.stage.requests.clear()
        self.refuse(self.roll_back(*self.words), 8)
        self.assertEqual(self.changes(), [])

    def test_one_that_is_managed_elsewhere_changes_nothing(self):
        self.replace()
        self.switch_off(self.key)
        self.succeed(self.coffer("edit", "k", "--managed", "elsewhere"))
        self.stage.requests.clear()
        self.refuse(self.roll_back(*self.words), 8)
        self.assertEqual(self.stage.requests, [])

    def test_one_that_somebody_else_has_is_refused(self):
        self.succeed(self.coffer("edit", "k", "--set", "compromised=2026-11-26T00:00:00Z version 1"))
        self.replace()
        self.switch_off(self.key)
        for words in (self.words, ("--offline",)):
            outcome = self.refuse(self.roll_back(*words), 8)
            self.assertIn(b"marked as compromised", outcome.err)
        self.assertEqual(self.stage.requests, [])
        self.assertUnchanged()

    def test_in_a_hasty_rotation_the_key_that_somebody_has_does_not_come_back(self):
        self.stage.fail(self.player, faults.cut(), on="DELETE *", times=99)
        self.assertEqual(self.call("compromised", "k", *self.words, "--yes").code, 1)
        self.assertEqual(self.state, "deactivated")
        (new,) = self.player.created
        self.refuse(self.roll_back(*self.words), 8)
        self.assertEqual(self.state, "deactivated")
        self.assertInUse(new)
        self.assertNotIn(self.key.secret, self.player.live().values())

    def test_what_came_meanwhile_is_not_put_aside(self):
        """While it waits for the issuer, somebody stores another version."""
        self.replace()
        self.switch_off(self.key)
        self.player.ring.get(self.key.id).refusals = 1
        scene = self.stage.fail(self.player, faults.slow(1), on="POST */activate")
        process = self.home.start("rollback", "k", *self.words, "--key-file", self.home.key)
        wait_until(lambda: scene.played, "the key is being switched on")
        third = self.player.grant()
        self.hold_secret(third, "--replace")
        _, err = process.communicate(timeout=60)
        self.assertEqual(process.returncode, 10, err)
        self.assertInUse(third)

    def test_in_the_grace_the_rotation_is_taken_back(self):
        self.succeed(self.begin())
        (new,) = self.player.created
        self.refuse(self.roll_back("--offline"), 8)
        self.assertEqual(self.state, "promoted")
        self.succeed(self.roll_back(*self.words))
        self.assertEqual(self.state, "abandoned")
        self.assertInUse(self.key)
        self.assertNotIn(new.secret, self.player.live().values())
        self.assertIn("rollback", self.operations())

    def test_when_the_old_one_is_off_too(self):
        self.succeed(self.begin("--grace", "0s"))
        self.assertEqual(self.state, "deactivated")
        # Killed in the middle, it goes on.
        scene = self.stage.fail(self.player, faults.cut(), on="POST */activate", times=99)
        self.refuse(self.roll_back(*self.words), 1)
        self.assertEqual(self.state, "restoring")
        scene.times = scene.played
        self.succeed(self.roll_back(*self.words))
        self.assertEqual(list(self.player.live().values()), [self.key.secret])
        self.assertInUse(self.key)

    def test_before_there_is_a_new_key_it_is_refused(self):
        self.stage.fail(self.player, faults.cut(), on="POST */secrets", times=99)
        self.assertNotEqual(self.begin().code, 0)
        outcome = self.refuse(self.roll_back(*self.words), 8)
        self.assertIn(b"a rotation of \"k\" is under way", outcome.err)


@needs("curl")
class ZpaRollbackTest(RollbackTest, casts.ZpaCast):
    """An issuer that only lets in or does not."""

    def replace(self):
        self.second = self.player.grant("second")
        self.store(
            self.NAME, self.second.secret.encode(), "--replace", "--set",
            f"client_id={self.second.login}", "--set", f"key_id={self.second.id}")
        self.stage.requests.clear()

    def test_one_that_is_accepted_is_current_again(self):
        self.replace()
        self.succeed(self.roll_back())
        self.assertInUse(self.key)
        self.assertEqual(self.fields("k")["client_id"], self.key.login)
        self.assertEqual([request.path for request in self.stage.requests], ["/signin"])

    def test_one_that_is_gone_is_refused(self):
        self.replace()
        self.player.ring.remove(self.key.id)
        self.refuse(self.roll_back(), 8)
        self.assertEqual(self.value(), self.second.secret)

    def test_what_cannot_be_asked_is_said(self):
        """Without its address nobody can be asked."""
        self.store("bare", b"one", "--issuer", "okta")
        self.store("bare", b"two", "--replace")
        outcome = self.refuse(self.call("rollback", "bare"), 1)
        for words in (b"org_url", b"--offline"):
            self.assertIn(words, outcome.err)
        self.succeed(self.call("rollback", "bare", "--offline"))

    def test_a_secret_of_no_issuer_goes_back_without_one(self):
        self.store("own", b"one")
        self.store("own", b"two", "--replace")
        self.succeed(self.call("rollback", "own"))
        self.assertEqual(self.succeed(self.coffer("get", "own")).out, b"one")


@needs("curl")
class CommandRollbackTest(RollbackTest, casts.ZpaCast):
    """Keys that only the user's own commands know."""

    def test_it_is_taken_back_by_these(self):
        self.succeed(self.rotate(
            "--from", "echo another", "--verify-with", "grep -q another", "--yes"))
        self.assertEqual(self.state, "promoted")
        outcome = self.refuse(self.roll_back(), 8)
        self.assertIn(b"--revoke-with", outcome.err)
        self.assertEqual((self.state, self.value()), ("promoted", "another"))


@needs("curl")
class GitlabRollbackTest(RollbackTest, casts.GitlabCast):
    """An issuer that takes it for theft if an old token is presented."""

    def test_the_old_one_is_not_tried(self):
        second = self.player.grant()
        self.store(self.NAME, second.secret.encode(), "--replace")
        self.stage.requests.clear()
        outcome = self.refuse(self.roll_back(), 8)
        self.assertIn(b"for theft", outcome.err)
        self.succeed(self.roll_back("--offline"))
        self.assertEqual((self.value(), self.stage.requests), (self.key.secret, []))


if __name__ == "__main__":
    unittest.main()
