"""Zscaler's own SDK, unmodified, works against the test issuers: credentials in its variables."""

import json
import os
import pathlib
import subprocess
import sys
import unittest

from issuer_case import StageTest
from issuers import faults
from issuers.zidentity import Zidentity
from issuers.zpa import Zpa
from statement import pair

JOB = str(pathlib.Path(__file__).with_name("zscaler_job.py"))
PATIENCE = 60


class ZscalerCase(StageTest):
    def run_job(self, *words, **credentials):
        """Runs the job with nothing else in its environment."""
        environment = {"PATH": os.environ["PATH"], "HOME": "/nonexistent"}
        return subprocess.run(
            [sys.executable, JOB, *words], capture_output=True, timeout=PATIENCE,
            env=environment | self.stage.environment() | credentials)

    def succeed(self, done):
        self.assertEqual(done.returncode, 0, done.stderr[-2000:])
        return json.loads(done.stdout)

    def places_of(self, secret):
        """Where a secret was sent."""
        return {request.path for request in self.stage.requests if request.holds(secret)}


class LegacyTest(ZscalerCase):
    def setUp(self):
        self.zpa = Zpa()
        self.key = self.zpa.grant()
        self.set_stage(self.zpa)
        self.credentials = {
            "ZPA_CLIENT_ID": self.key.login, "ZPA_CLIENT_SECRET": self.key.secret,
            "ZPA_CUSTOMER_ID": self.zpa.customer, "ZPA_CLOUD": "PRODUCTION"}

    def test_it_signs_in_and_uses_keys(self):
        told = self.succeed(self.run_job("zpa", **self.credentials))
        (new,) = self.zpa.created
        self.assertEqual(told, {"listed": [self.key.id], "made": new.id, "secret": new.secret})
        self.assertEqual(list(self.zpa.live()), [self.key.id])
        self.assertEqual(self.places_of(self.key.secret), {"/signin"})

    def test_a_wrong_secret_lets_nobody_in(self):
        wrong = self.credentials | {"ZPA_CLIENT_SECRET": self.key.secret + "x"}
        self.assertNotEqual(self.run_job("zpa", **wrong).returncode, 0)
        self.assertEqual([request.outcome for request in self.stage.requests], [401])

    def test_it_waits_as_long_as_zpa_says_in_its_own_way(self):
        scene = self.stage.fail(self.zpa, faults.limited("1s"), on="GET */apiKeys")
        self.succeed(self.run_job("zpa", **self.credentials))
        self.assertEqual(scene.played, 1)


class OneAPITest(ZscalerCase):
    def setUp(self):
        self.zpa = Zpa()
        self.zidentity = Zidentity("acme", self.zpa)
        self.key = self.zidentity.grant("client1")
        self.set_stage(self.zidentity, self.zpa)
        self.client = {
            "ZSCALER_CLIENT_ID": "client1", "ZSCALER_VANITY_DOMAIN": "acme",
            "ZSCALER_CUSTOMER_ID": self.zpa.customer}
        self.secret = {"ZSCALER_CLIENT_SECRET": self.key.secret}

    def test_a_secret_is_exchanged_for_a_token_that_opens_zpa(self):
        told = self.succeed(self.run_job("oneapi", **self.client, **self.secret))
        self.assertEqual(told["made"], self.zpa.created[0].id)
        self.assertEqual(self.places_of(self.key.secret), {"/oauth2/v1/token"})

    def test_secrets_of_a_client_are_made_and_deleted(self):
        told = self.succeed(self.run_job("secrets", "client1", **self.client, **self.secret))
        (new,) = self.zidentity.created
        self.assertEqual(told, {"made": new.id, "secret": new.secret})
        self.assertEqual(list(self.zidentity.live()), [self.key.id])

    def test_a_private_key_does_as_well(self):
        private, self.zidentity.public_keys["client1"] = pair()
        self.succeed(self.run_job("oneapi", **self.client, ZSCALER_PRIVATE_KEY=private))
        self.assertEqual(len(self.zpa.created), 1)
        wrong, _ = pair(1)
        done = self.run_job("oneapi", **self.client, ZSCALER_PRIVATE_KEY=wrong)
        self.assertNotEqual(done.returncode, 0)
        self.assertEqual(self.stage.requests[-1].outcome, 401)

    def test_a_wrong_secret_lets_nobody_in(self):
        done = self.run_job("oneapi", **self.client, ZSCALER_CLIENT_SECRET="wrong")
        self.assertNotEqual(done.returncode, 0)
        self.assertEqual([request.outcome for request in self.stage.requests], [401])


if __name__ == "__main__":
    unittest.main()
