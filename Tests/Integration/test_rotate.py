# `coffer rotate` at issuers where an old and a new key are valid side by side, with the profiles
# that are part of the program.

import json
import time
import unittest

import casts
from issuers.key import Delay
from support import needs


class DualTests:
    """What holds at every such issuer."""

    def new(self):
        """The one key that was made."""
        (new,) = self.player.created
        return new

    def test_the_plan_changes_nothing(self):
        outcome = self.succeed(self.rotate("--plan", *self.words))
        self.assertEqual(self.changes(), [])
        said = outcome.out + outcome.err
        for words in (b"make a new key at the issuer", b"keep both valid", b"retire"):
            self.assertIn(words, said)
        self.assertIsNone(self.rotation)
        self.assertInUse(self.key)
        self.assertSilent(outcome, self.key.secret)

    def test_to_the_end(self):
        outcome = self.succeed(self.begin())
        new = self.new()
        self.assertEqual((self.state, self.versions), ("promoted", ["previous", "current"]))
        self.assertInUse(new)
        self.assertInUse(self.key, "@previous")
        self.assertSilent(outcome, self.key.secret, new.secret)
        # The grace is a day: nothing happens before it is over.
        before = len(self.changes())
        self.succeed(self.resume())
        self.assertEqual((self.state, len(self.changes())), ("promoted", before))
        self.assertEqual(self.finish(), "retired")
        self.assertEqual(self.versions, ["retired", "current"])
        self.assertInUse(new)
        self.assertNotIn(self.key.secret, self.player.live().values())
        rotation = self.rotation
        self.assertEqual((rotation["strays"], rotation["doubts"]), ([], 0))
        self.assertEqual(self.stage.unplayed + self.stage.in_the_clear, [])
        self.assertVerifies()

    def test_rotated_twice(self):
        for _ in range(2):
            self.succeed(self.begin())
            self.assertEqual(self.finish(), "retired")
        self.assertInUse(self.player.created[1])
        self.assertEqual(self.versions, ["retired", "retired", "current"])
        self.assertNotIn(self.player.created[0].secret, self.player.live().values())

    def test_abandoned_in_the_grace(self):
        self.succeed(self.begin())
        new = self.new()
        self.succeed(self.rotate("--abandon", "--yes"))
        self.assertEqual((self.state, self.rotation["end"]), ("abandoned", "asked"))
        self.assertEqual(self.versions, ["current", "retired"])
        self.assertInUse(self.key)
        self.assertNotIn(new.secret, self.player.live().values())
        self.assertVerifies()
        # And then it is rotated all the same.
        self.succeed(self.begin())
        self.assertEqual(self.finish(), "retired")
        self.assertInUse(self.player.created[-1])


@needs("curl")
class ZpaTest(DualTests, casts.ZpaCast):
    def test_what_the_key_is_goes_over_to_the_new_one(self):
        self.succeed(self.begin())
        fields = self.fields(self.NAME)
        new = self.new()
        self.assertEqual((fields["client_id"], fields["key_id"]), (new.login, new.id))
        self.assertEqual(fields["customer_id"], self.player.customer)
        self.assertEqual(new.facts["roleId"], self.key.facts["roleId"])
        old = self.succeed(self.coffer("get", "k#client_id@previous")).out.decode()
        self.assertEqual(old, self.key.login)

    def test_the_grace_is_what_is_asked_for_and_remembered(self):
        self.succeed(self.begin("--grace", "3h"))
        self.assertEqual(self.rotation["grace_seconds"], 10_800)
        self.finish()
        self.succeed(self.begin())
        self.assertEqual(self.rotation["grace_seconds"], 10_800)

    def test_the_new_key_signs_in_for_tokens(self):
        old = self.succeed(self.call("token", self.NAME)).out
        self.succeed(self.begin())
        token = self.succeed(self.call("token", self.NAME)).out
        self.assertNotEqual(token, old)
        session = self.player.sessions.find(token.decode())
        self.assertEqual(session.subject, self.new().login)


@needs("curl")
class AdministeredZpaTest(DualTests, casts.AdministeredZpaCast):
    def test_the_administrator_stays(self):
        self.succeed(self.begin())
        self.finish()
        self.assertIn(self.administrator.secret, self.player.live().values())
        for request in self.changes():
            session = self.player.sessions.find(request.bearer)
            self.assertEqual(session.subject, self.administrator.login, request)
        self.assertEqual(self.succeed(self.coffer("get", "administrator")).out.decode(),
                         self.administrator.secret)


@needs("curl")
class ZidentityTest(DualTests, casts.ZidentityCast):
    def test_a_new_secret_expires_when_it_is_told_to(self):
        self.succeed(self.begin("--expires", "90d"))
        new = self.new()
        self.assertAlmostEqual(new.expires, self.stage.clock.now() + 90 * 86_400, delta=120)
        shown = json.loads(self.succeed(self.coffer("show", self.NAME, "--json")).out)
        self.assertEqual(shown["expires"][:10], self.stage.clock.text(new.expires)[:10])


@needs("curl")
class OktaTest(DualTests, casts.OktaCast):
    def switch_off(self):
        """A rotation whose grace is over, and whose old secret is off."""
        self.succeed(self.begin("--grace", "1s"))
        time.sleep(1.1)
        self.succeed(self.resume())
        self.assertEqual(self.state, "deactivated")
        self.assertEqual(list(self.player.live().values()), [self.new().secret])

    def test_abandoned_when_the_old_one_is_off(self):
        self.switch_off()
        self.succeed(self.rotate("--abandon", "--yes"))
        self.assertEqual(self.state, "abandoned")
        self.assertTrue(self.stage.asked("POST */lifecycle/activate"))
        self.assertEqual(list(self.player.live().values()), [self.key.secret])
        self.assertInUse(self.key)

    def test_an_old_one_is_off_for_an_hour_before_it_is_deleted(self):
        self.switch_off()
        self.succeed(self.resume())
        self.assertEqual(self.state, "deactivated")
        self.assertFalse(self.stage.asked("DELETE *"))
        self.succeed(self.rotate("--now"))
        self.assertEqual(self.state, "retired")
        self.assertEqual([key.secret for key in self.player.ring], [self.new().secret])


@needs("curl")
class EntraTest(DualTests, casts.EntraCast):
    pass


@needs("curl")
class AwsTest(DualTests, casts.AwsCast):
    def test_both_fields_go_over(self):
        self.succeed(self.begin())
        self.assertEqual(self.fields(self.NAME)["access_key_id"], self.new().id)


@needs("curl")
class GoogleTest(DualTests, casts.GoogleCast):
    pass


@needs("curl")
class DockerHubTest(DualTests, casts.DockerHubCast):
    pass


@needs("curl")
class OpenAITest(DualTests, casts.OpenAICast):
    pass


@needs("curl")
class SlowTest(casts.ZpaCast):
    """A new key that is not accepted at once."""

    is_quick, settling = True, 3

    def test_it_is_tried_again(self):
        self.player.delay = Delay(attempts=1)
        self.succeed(self.begin())
        (new,) = self.player.created
        self.assertEqual(self.state, "promoted")
        self.assertInUse(new)

    def test_one_that_is_never_accepted_is_not_used(self):
        self.player.delay = Delay(seconds=3_600)
        outcome = self.begin()
        self.assertIn(outcome.code, (1, 8), outcome)
        self.assertEqual((self.state, self.versions), ("pending", ["current", "pending"]))
        self.assertInUse(self.key)
        self.stage.clock.advance(3_601)
        self.succeed(self.resume())
        self.assertInUse(self.player.created[0])


if __name__ == "__main__":
    unittest.main()
