# `coffer capture --verify`: the issuer is asked at once, and nothing that it says loses a value.

import unittest

from calling_case import CallingTest
from issuers import faults
from issuers.anthropic import Anthropic
from issuers.aws import Aws
from issuers.cloudflare import Cloudflare
from issuers.github import Github
from issuers.gitlab import Gitlab
from issuers.openai import OpenAI
from issuers.zpa import Zpa
from support import needs

WHEN = r"^20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ version 1$"


@needs("curl")
class VerifiedCaptureTest(CallingTest):
    def take(self, name, issuer, secret, *words):
        return self.call(
            "capture", name, "--stdin", "--verify", "--issuer", issuer, *words,
            stdin=secret.encode())

    def assertAccepted(self, player, issuer, key, *words):
        """Asserts that a key that works is accepted, and one that does not is stored all the same."""
        outcome = self.succeed(self.take(f"{issuer}/a", issuer, key.secret, *words))
        self.assertIn(b"the issuer accepts it", outcome.err)
        self.assertRegex(self.fields(f"{issuer}/a")["verified"], WHEN)
        wrong = key.secret[:-1] + ("A" if key.secret[-1] != "A" else "B")
        outcome = self.take(f"{issuer}/b", issuer, wrong, *words)
        self.assertEqual(outcome.code, 8, outcome)
        self.assertIn(b"it is stored all the same", outcome.err)
        self.assertSilent(outcome, key.secret)
        self.assertHolds(f"{issuer}/b", wrong.encode())
        self.assertTrue(self.fields(f"{issuer}/b")["verified"].startswith("refused 20"))

    def test_issuers_that_have_a_call_for_it(self):
        for player, issuer in (
                (Github(), "github"), (Gitlab(), "gitlab"), (Cloudflare(), "cloudflare"),
                (OpenAI(), "openai"), (Anthropic(), "anthropic")):
            with self.subTest(issuer):
                key = player.grant()
                self.set_stage(player)
                self.assertAccepted(player, issuer, key)

    def test_aws_by_its_signature(self):
        aws = Aws()
        self.set_stage(aws)
        key = aws.grant()
        self.assertAccepted(aws, "aws-iam", key, "--set", f"access_key_id={key.id}")
        asked = self.stage.asked("GetCallerIdentity")
        self.assertEqual({request.host for request in asked}, {"sts.amazonaws.com"})

    def test_zpa_by_an_exchange(self):
        zpa = Zpa()
        key = zpa.grant()
        self.set_stage(zpa)
        self.assertAccepted(zpa, "zpa", key, "--set", f"client_id={key.login}")

    def test_what_cannot_be_asked_is_stored_too(self):
        github = Github()
        key = github.grant()
        stage = self.set_stage(github)
        stage.fail(github, faults.cut())
        outcome = self.take("a", "github", key.secret)
        self.assertEqual(outcome.code, 1, outcome)
        self.assertIn(b"is stored, but not verified", outcome.err)
        self.assertHolds("a", key.secret.encode())
        self.assertNotIn("verified", self.fields("a"))

    def test_it_is_told_before_there_is_a_value(self):
        outcome = self.refuse(self.take("a", "npm", "npm_x"), 2)
        self.assertIn(b"has no call that proves a credential", outcome.err)
        self.home.environment["PATH"] = self.home.folder("nothing")
        outcome = self.refuse(self.take("a", "github", "ghp_x"), 1)
        self.assertIn(b"the program curl", outcome.err)
        self.assertEqual(self.names(), [])


if __name__ == "__main__":
    unittest.main()
