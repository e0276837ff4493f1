# `coffer run --fallback`: a key was replaced at its issuer, and the job gets through with the one before.

import signal
import time
import unittest

from calling_case import CallingTest
from issuers import faults
from issuers.okta import Okta
from support import needs, wait_until

# Says which secret it has, and asks the issuer as a job does: 3 if it is not let in.
JOB = """
echo "$OKTA_CLIENT_SECRET" >> runs
curl -sf -o answer -u "$OKTA_CLIENT_CLIENTID:$OKTA_CLIENT_SECRET" -d grant_type=client_credentials \
    "$OKTA_CLIENT_ORGURL/oauth2/default/v1/token" || exit 3
echo through
"""


@needs("curl")
class FallbackTest(CallingTest):
    """A client secret of Okta that has a previous version; both are at the issuer."""

    def setUp(self):
        super().setUp()
        self.okta = Okta()
        self.okta.hosts = ("acme.okta.com",)
        self.old, self.new = self.okta.grant(), self.okta.grant()
        self.stage = self.set_stage(self.okta)
        self.hold("okta/ci", "okta", self.old.secret, client_id=self.old.login, scope="jobs",
                  org_url="https://acme.okta.com", authorization_server="default",
                  secret_id=self.old.id)
        self.succeed(self.coffer(
            "capture", "okta/ci", "--replace", "--stdin", "--issuer", "okta",
            "--set", f"secret_id={self.new.id}", stdin=self.new.secret.encode()))

    def job(self, *words, job=JOB, **more):
        words = words or ("--secret", "okta/ci")
        return self.call("run", "--fallback", *words, "--", "sh", "-c", job, **more)

    def runs(self):
        """The secrets that the job had, one a run."""
        with open(f"{self.home.path}/runs") as file:
            return file.read().split("\n")[:-1]

    def assertFellBack(self, outcome):
        self.succeed(outcome)
        self.assertIn(
            b'coffer: warning: the issuer refuses the current version: the job is run once more,'
            b' with version 1 of "okta/ci" in place of 2\n', outcome.err)
        self.assertEqual(outcome.err.count(b"coffer: "), 1, outcome)
        self.assertSilent(outcome, self.old.secret, self.new.secret)

    def test_a_key_that_is_switched_off(self):
        self.new.active = False
        outcome = self.job()
        self.assertFellBack(outcome)
        self.assertEqual(outcome.out, b"through\n")
        self.assertEqual(self.runs(), [self.new.secret, self.old.secret])

    def test_a_key_that_does_not_work_yet(self):
        self.new.ripe = time.time() + 3_600
        self.assertFellBack(self.job())
        self.new.ripe = 0
        self.succeed(self.job())
        self.assertEqual(self.runs(), [self.new.secret, self.old.secret, self.new.secret])

    def test_the_log_says_who_used_the_old_one(self):
        self.new.active = False
        self.succeed(self.job("--reason", "nightly", "--secret", "okta/ci"))
        log = self.succeed(self.coffer("audit log", "--name", "okta/ci", "--operation", "read"))
        lines = log.out.decode().splitlines()
        self.assertEqual(len(lines), 2, lines)
        self.assertIn("okta/ci@1 ", lines[0])
        self.assertIn("okta/ci@2 ", lines[1])
        for line in lines:
            self.assertRegex(line, r"/(da)?sh .*nightly")

    def test_a_job_that_fails_for_another_reason(self):
        outcome = self.job(job='echo "$OKTA_CLIENT_SECRET" >> runs; exit 5')
        self.assertEqual(outcome.code, 5, outcome)
        self.assertEqual(
            outcome.err, b'coffer: no second try: the issuer accepts version 2 of "okta/ci"\n')
        self.assertEqual(self.runs(), [self.new.secret])

    def test_both_are_refused(self):
        self.new.active = self.old.active = False
        outcome = self.job()
        self.assertEqual(outcome.code, 3, outcome)
        self.assertEqual(
            outcome.err, b"coffer: no second try: the issuer refuses the previous version too\n")
        self.assertEqual(self.runs(), [self.new.secret])

    def test_an_issuer_that_is_not_heard(self):
        self.new.active = False
        for fault in (faults.cut(), faults.failure(404)):
            with self.subTest(fault):
                # The job's own question, and then ours.
                self.stage.fail(self.okta, fault, on="POST */token", times=2)
                outcome = self.job()
                self.assertEqual(outcome.code, 3, outcome)
                self.assertRegex(
                    outcome.err, rb'coffer: no second try: of "okta/ci" nothing is known: .+\n$')
        self.assertEqual(self.runs(), [self.new.secret] * 2)

    def test_the_job_says_it_itself(self):
        self.new.active = False
        outcome = self.job("--fallback-on", "3", "--secret", "okta/ci")
        self.succeed(outcome)
        self.assertIn(b"exit code 3 says that the current version is refused", outcome.err)
        self.assertEqual(self.runs(), [self.new.secret, self.old.secret])
        # Nobody but the job asked.
        self.assertEqual(len(self.stage.asked("POST */token")), 2)

    def test_its_output_has_neither_version(self):
        self.new.active = False
        outcome = self.job("--mask", "--secret", "okta/ci", job=JOB + "cat runs\n")
        self.assertFellBack(outcome)
        self.assertEqual(outcome.out, b"through\n[redacted]\n[redacted]\n")

    def test_a_token_of_the_previous_version(self):
        self.new.active = False
        job = 'test -n "$T" && echo "$T"'
        outcome = self.succeed(self.job("--token", "T=okta/ci", job=job))
        self.assertTrue(self.okta.sessions.find(outcome.out.decode().strip()), outcome)
        self.assertEqual(
            outcome.err, b'coffer: warning: the issuer refuses the current version: the job runs'
            b' with version 1 of "okta/ci" in place of 2\n')
        # One word for all that the job gets of it.
        outcome = self.succeed(self.job(
            "--token", "T=okta/ci", "--env", "ID=okta/ci#secret_id", "--secret", "okta/ci",
            job='echo "$ID $OKTA_CLIENT_SECRET"'))
        self.assertEqual(outcome.out.decode(), f"{self.old.id} {self.old.secret}\n")
        # Without the option it is an error, as it was.
        outcome = self.call("run", "--token", "T=okta/ci", "--", "true")
        self.assertEqual(outcome.code, 8, outcome)

    def test_no_token_of_either(self):
        self.new.active = self.old.active = False
        outcome = self.refuse(self.job("--token", "T=okta/ci", job="echo ran"), 8)
        self.assertIn(b"the issuer does not accept the credential", outcome.err)

    def test_a_token_behind_a_failure(self):
        """The token was good when the job began."""
        job = 'echo "$T" >> runs; test "$(wc -l < runs)" = 2 || exit 3; echo done'
        self.succeed(self.call("token", "okta/ci"))
        self.new.active = False
        outcome = self.succeed(self.job("--mask", "--token", "T=okta/ci", job=job + "; cat runs"))
        self.assertFellBack(outcome)
        self.assertEqual(outcome.out, b"done\n[redacted]\n[redacted]\n")
        first, second = self.runs()
        self.assertNotEqual(first, second)
        for token in (first, second):
            self.assertTrue(self.okta.sessions.find(token))

    def test_of_several_those_that_are_refused(self):
        other = Okta()
        other.hosts = ("other.oktapreview.com",)
        keys = [other.grant(), other.grant()]
        self.stage = self.set_stage(self.okta, other)
        for key, words in zip(keys, ((), ("--replace",))):
            self.succeed(self.coffer(
                "capture", "other", "--stdin", "--issuer", "okta", *words,
                "--set", f"client_id={key.login}", "--set", "authorization_server=default",
                "--set", "org_url=https://other.oktapreview.com", stdin=key.secret.encode()))
        job = 'echo "$OKTA_CLIENT_SECRET $O" >> runs; test "$(wc -l < runs)" = 2 || exit 3'
        words = ("--secret", "okta/ci", "--env", "O=other#client_secret")
        # One is accepted as it is.
        self.new.active = False
        self.assertFellBack(self.job(*words, job=job))
        self.assertEqual(self.runs(), [
            f"{self.new.secret} {keys[1].secret}", f"{self.old.secret} {keys[1].secret}"])
        # One is refused in both.
        keys[0].active = keys[1].active = False
        self.home.file("runs", b"")
        self.assertFellBack(self.job(*words, job=job))
        self.assertEqual(self.runs(), [
            f"{self.new.secret} {keys[1].secret}", f"{self.old.secret} {keys[1].secret}"])

    def test_a_vault_that_is_closed_meanwhile(self):
        self.new.active = False
        job = JOB.replace("|| exit 3", '|| { mv key away; exit 3; }')
        outcome = self.job(job=job)
        self.assertEqual(outcome.code, 3, outcome)
        self.assertIn(b"coffer: no second try: ", outcome.err)
        self.assertEqual(self.runs(), [self.new.secret])

    def test_a_job_that_is_told_to_end(self):
        """By whoever waits for it: that is no want of a key."""
        self.new.active = False
        for number in (signal.SIGTERM, signal.SIGINT):
            with self.subTest(number):
                self.home.file("runs", b"")
                job = f'trap "exit 3" {number.name[3:]}; echo a >> runs; while :; do sleep 0.1; done'
                process = self.home.start(
                    "run", "--fallback", "--key-file", self.home.key, "--secret", "okta/ci", "--",
                    "sh", "-c", job)
                wait_until(self.runs, "the job")
                process.send_signal(number)
                _, err = process.communicate(timeout=10)
                self.assertEqual(process.returncode, 3, err)
                self.assertEqual(err, b"coffer: no second try: the job was told to end\n")
                self.assertEqual(self.runs(), ["a"])


if __name__ == "__main__":
    unittest.main()
