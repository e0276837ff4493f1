# Zscaler's own SDK, unmodified, as a job of `coffer run`: with the secret in the variables that it
# reads, and with a bearer alone.

import json
import pathlib
import sys
import unittest

from calling_case import CallingTest, left_in
from issuers import faults
from issuers.zidentity import Zidentity
from issuers.zpa import Zpa
from support import COFFER, needs
from tracing import Trace

JOB = str(pathlib.Path(__file__).with_name("zscaler_job.py"))


def escaped(text):
    """A text as strace writes it."""
    return text.replace("\\", "\\\\").replace('"', '\\"')


class ZscalerJobTest(CallingTest):
    def job(self, *words, kind, rest=(), **more):
        """Runs the job with these words of `coffer run`."""
        return self.call("run", *words, "--", sys.executable, JOB, kind, *rest, **more)

    def told(self, outcome):
        return json.loads(self.succeed(outcome).out)

    def places_of(self, secret):
        """Where a secret was sent."""
        return {request.path for request in self.stage.requests if request.holds(secret)}

    def seen_by_the_job(self, *words):
        """The environment that `coffer run` gives a job with these words."""
        outcome = self.succeed(self.call(
            "run", *words, "--", sys.executable, "-c",
            "import json, os; print(json.dumps(dict(os.environ)))"))
        return json.loads(outcome.out)

    def assertNotInArguments(self, *words, kind, secrets):
        """Runs the job once more, and looks at the arguments of every program that was started."""
        log = f"{self.home.path}/trace"
        under = ["strace", "-f", "-qq", "-s", "100000", "-o", log, "-e", "trace=execve"]
        outcome = self.succeed(self.job(*words, kind=kind, under=under))
        with open(log, errors="replace") as file:
            text = file.read()
        self.assertIn(JOB, text)
        started = [rest for _, rest in Trace(text).calls("execve")]
        self.assertGreaterEqual(len(started), 2, "coffer, and the job in its place or beside it")
        for secret in secrets:
            for part in (secret, secret[:12], secret[-12:]):
                self.assertNotIn(escaped(part), text)
            self.assertSilent(outcome, secret)


@needs("curl", "strace")
class LegacyJobTest(ZscalerJobTest):
    def setUp(self):
        super().setUp()
        self.zpa = Zpa()
        self.key = self.zpa.grant()
        self.set_stage(self.zpa)
        self.hold("zpa/ci", "zpa", self.key.secret, client_id=self.key.login, cloud="PRODUCTION",
                  customer_id=self.zpa.customer)

    def assertUsed(self, told):
        """Asserts that the job listed, made and deleted a key, and that nothing is left of it."""
        new = self.zpa.created[-1]
        self.assertEqual(told, {"listed": [self.key.id], "made": new.id, "secret": new.secret})
        self.assertEqual(list(self.zpa.live()), [self.key.id])

    def test_the_variables_of_the_sdk_are_set(self):
        outcome = self.job("--secret", "zpa/ci", kind="zpa")
        self.assertUsed(self.told(outcome))
        self.assertSilent(outcome, self.key.secret)
        self.assertEqual(self.places_of(self.key.secret), {"/signin"})

    def test_the_cloud_is_that_of_the_secret(self):
        self.hold("zpa/beta", "zpa", self.key.secret, client_id=self.key.login, cloud="BETA",
                  customer_id=self.zpa.customer)
        self.assertUsed(self.told(self.job("--secret", "zpa/beta", kind="zpa")))
        self.assertEqual(
            {request.host for request in self.stage.requests}, {"config.zpabeta.net"})

    def test_a_bearer_is_enough(self):
        words = ("--token", "BEARER=zpa/ci", "--env", "ZPA_CUSTOMER_ID=zpa/ci#customer_id")
        outcome = self.job(*words, kind="zpa-bearer")
        self.assertUsed(self.told(outcome))
        self.assertSilent(outcome, self.key.secret)
        # It was coffer that signed in; the job did not, and could not.
        self.assertEqual(len(self.stage.asked("POST /signin")), 1)
        self.assertTrue(self.stage.asked("POST /signin")[0].holds(self.key.secret))
        environment = self.seen_by_the_job(*words)
        self.assertTrue(self.zpa.sessions.find(environment["BEARER"]))
        self.assertFalse([name for name, value in environment.items() if self.key.secret in value])

    def test_a_bearer_that_a_script_asks_for(self):
        """`coffer token` in a shell, as people write it."""
        script = 'BEARER=$("$0" token zpa/ci --key-file "$1") exec "$2" "$3" zpa-bearer'
        outcome = self.call(
            "run", "--env", "ZPA_CUSTOMER_ID=zpa/ci#customer_id", "--", "sh", "-c", script, COFFER,
            self.home.key, sys.executable, JOB)
        self.assertUsed(self.told(outcome))
        self.assertSilent(outcome, self.key.secret)

    def test_a_bearer_outlives_the_key_and_is_then_refused(self):
        words = ("--token", "BEARER=zpa/ci", "--env", "ZPA_CUSTOMER_ID=zpa/ci#customer_id")
        self.assertUsed(self.told(self.job(*words, kind="zpa-bearer")))
        self.key.active = False
        self.assertEqual(self.job(*words, kind="zpa-bearer").code, 0)
        self.stage.clock.advance(3_700)
        outcome = self.job(*words, kind="zpa-bearer")
        self.assertNotEqual(outcome.code, 0)
        self.assertSilent(outcome, self.key.secret)

    def test_what_goes_wrong_in_the_job_shows_no_secret(self):
        self.stage.fail(self.zpa, faults.failure(500), on="POST /signin", times=9)
        outcome = self.job("--secret", "zpa/ci", kind="zpa")
        self.assertEqual(outcome.code, 1, outcome)
        self.assertSilent(outcome, self.key.secret)

    def test_neither_is_in_an_argument_or_a_file(self):
        self.assertNotInArguments("--secret", "zpa/ci", kind="zpa", secrets=[self.key.secret])
        words = ("--token", "BEARER=zpa/ci", "--env", "ZPA_CUSTOMER_ID=zpa/ci#customer_id")
        bearer = self.seen_by_the_job(*words)["BEARER"]
        self.assertNotInArguments(*words, kind="zpa-bearer", secrets=[self.key.secret, bearer])
        for secret in (self.key.secret, bearer):
            self.assertEqual(left_in(self.home.path, secret.encode()), [])


@needs("curl", "strace")
class OneAPIJobTest(ZscalerJobTest):
    def setUp(self):
        super().setUp()
        self.zpa = Zpa()
        self.zidentity = Zidentity("acme", self.zpa)
        self.key = self.zidentity.grant("client1")
        self.set_stage(self.zidentity, self.zpa)
        self.hold("one", "zscaler-oneapi", self.key.secret, client_id="client1",
                  vanity_domain="acme", customer_id=self.zpa.customer)

    def test_the_variables_of_the_sdk_are_set(self):
        outcome = self.job("--secret", "one", kind="oneapi")
        self.assertEqual(self.told(outcome)["made"], self.zpa.created[0].id)
        self.assertSilent(outcome, self.key.secret)
        self.assertEqual(self.places_of(self.key.secret), {"/oauth2/v1/token"})

    def test_secrets_of_a_client_are_made_and_deleted(self):
        outcome = self.job("--secret", "one", kind="secrets", rest=["client1"])
        (new,) = self.zidentity.created
        self.assertEqual(self.told(outcome), {"made": new.id, "secret": new.secret})
        self.assertEqual(list(self.zidentity.live()), [self.key.id])
        self.assertSilent(outcome, self.key.secret)

    def test_a_bearer_is_enough(self):
        words = ("--token", "BEARER=one", "--env", "ZSCALER_CUSTOMER_ID=one#customer_id",
                 "--env", "ZSCALER_VANITY_DOMAIN=one#vanity_domain")
        outcome = self.job(*words, kind="oneapi-bearer")
        self.assertEqual(self.told(outcome)["made"], self.zpa.created[0].id)
        self.assertSilent(outcome, self.key.secret)
        self.assertEqual(len(self.stage.asked("POST /oauth2/v1/token")), 1)
        environment = self.seen_by_the_job(*words)
        self.assertTrue(self.zidentity.sessions.find(environment["BEARER"]))
        self.assertFalse([name for name, value in environment.items() if self.key.secret in value])

    def test_neither_is_in_an_argument_or_a_file(self):
        self.assertNotInArguments("--secret", "one", kind="oneapi", secrets=[self.key.secret])
        self.assertEqual(left_in(self.home.path, self.key.secret.encode()), [])


if __name__ == "__main__":
    unittest.main()
