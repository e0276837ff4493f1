# `coffer rotate` at issuers that exchange a value: the old one is dead at once.

import unittest

import casts
from issuers import faults
from issuers.key import Delay
from support import needs


class ExchangeTests:
    """What holds at every such issuer."""

    # Whether a new value can be had when one was lost.
    is_administered = False

    def test_the_plan_changes_nothing(self):
        outcome = self.succeed(self.rotate("--plan", *self.words))
        self.assertEqual(self.changes(), [])
        self.assertIn(b"make a new key at the issuer", outcome.out + outcome.err)
        self.assertNotIn(b"keep both valid", outcome.out + outcome.err)
        self.assertIsNone(self.rotation)
        self.assertInUse(self.key)

    def test_to_the_end(self):
        outcome = self.succeed(self.begin())
        (new,) = self.player.created
        self.assertEqual((self.state, self.versions[-1]), ("retired", "current"))
        self.assertNotIn("pending", self.versions)
        self.assertInUse(new)
        self.assertNotIn(self.key.secret, self.player.live().values())
        self.assertSilent(outcome, self.key.secret, new.secret)
        self.assertVerifies()

    def test_rotated_twice(self):
        for _ in range(2):
            self.succeed(self.begin())
        self.assertEqual(self.state, "retired")
        self.assertInUse(self.player.created[1])

    def test_a_value_that_was_lost_is_told_or_made_again(self):
        scene = self.stage.fail(self.player, faults.lost_reply(), on=self.CREATE)
        outcome = self.begin()
        self.assertEqual(scene.played, 1)
        self.assertSilent(outcome, *self.secrets())
        if self.is_administered:
            self.succeed(outcome)
            self.assertEqual((self.state, len(self.player.created)), ("retired", 2))
            self.assertInUse(self.player.created[-1])
            return
        self.assertIn(outcome.code, (1, 8), outcome)
        self.assertEqual((self.state, self.rotation["end"]), ("abandoned", "value-lost"))
        self.assertIn(b"the new one never arrived", outcome.err)
        self.assertEqual(self.value(), self.key.secret)

    def test_a_call_that_never_arrived_is_made_again(self):
        scene = self.stage.fail(self.player, faults.cut(), on=self.CREATE)
        outcome = self.begin()
        if outcome.code == 1:
            outcome = self.resume()
        self.succeed(outcome)
        self.assertEqual((scene.played, self.state), (1, "retired"))
        self.assertInUse(self.player.created[-1])


@needs("curl")
class Auth0Test(ExchangeTests, casts.Auth0Cast):
    """Auth0 refuses the first attempt with a new secret."""

    def test_a_secret_that_takes_longer_waits_as_pending(self):
        self.player.delay = Delay(seconds=3_600)
        outcome = self.begin()
        self.assertIn(outcome.code, (1, 8), outcome)
        (new,) = self.player.created
        # The only value that will be valid is held.
        self.assertEqual((self.state, self.versions), ("pending", ["current", "pending"]))
        self.assertInUse(new, "@pending")
        self.stage.clock.advance(3_601)
        self.succeed(self.resume())
        self.assertEqual(self.state, "retired")
        self.assertInUse(new)

    def test_abandoned_it_leaves_the_only_valid_value(self):
        self.player.delay = Delay(seconds=3_600)
        self.begin()
        self.rotate("--abandon", "--yes")
        self.assertEqual((self.state, self.versions), ("abandoned", ["current", "pending"]))
        self.assertInUse(self.player.created[0], "@pending")


@needs("curl")
class AdministeredAuth0Test(ExchangeTests, casts.AdministeredAuth0Cast):
    is_administered = True


@needs("curl")
class GitlabTest(ExchangeTests, casts.GitlabCast):
    """Who presents an exchanged token there loses the new one: the old one is never tried."""

    def test_a_value_that_was_lost_is_told_or_made_again(self):
        self.stage.fail(self.player, faults.lost_reply(), on=self.CREATE)
        self.refuse(self.begin(), 1)
        self.refuse(self.resume(), 8)
        self.assertEqual((self.state, self.rotation["doubts"]), ("searching", 1))
        (new,) = self.player.created
        self.assertEqual(list(self.player.live().values()), [new.secret])
        self.succeed(self.rotate("--abandon", "--yes"))
        self.assertEqual((self.state, self.rotation["doubts"]), ("abandoned", 1))
        self.assertEqual(list(self.player.live().values()), [new.secret])

    def test_a_call_that_never_arrived_is_made_again(self):
        self.stage.fail(self.player, faults.cut(), on=self.CREATE)
        self.refuse(self.begin(), 1)
        self.succeed(self.rotate("--abandon", "--yes"))
        self.succeed(self.begin())
        self.assertEqual(self.state, "retired")
        self.assertInUse(self.player.created[-1])

    def test_an_expiry_is_asked_for(self):
        self.succeed(self.begin("--expires", "90d"))
        (new,) = self.player.created
        days = (new.expires - self.stage.clock.now()) / 86_400
        self.assertTrue(88 < days <= 91, days)

    def test_a_token_whose_family_was_punished_is_told(self):
        """Somebody uses the old token afterwards: GitLab revokes the new one."""
        self.succeed(self.begin())
        self.assertStatus(self.ask(
            "GET", "https://gitlab.com/api/v4/user", self.key.secret), 401)
        self.assertEqual(self.player.live(), {})
        outcome = self.begin()
        self.assertIn(outcome.code, (1, 8), outcome)
        self.assertEqual(len(self.player.created), 1)
        self.assertVerifies()


@needs("curl")
class CloudflareTest(ExchangeTests, casts.CloudflareCast):
    pass


@needs("curl")
class AdministeredCloudflareTest(ExchangeTests, casts.AdministeredCloudflareCast):
    is_administered = True


if __name__ == "__main__":
    unittest.main()
