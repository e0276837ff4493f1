# The main job against an issuer: AWS's own command line and a server that answers as AWS does.

import json
import logging
import pathlib
import subprocess
import sys
import unittest

from support import CofferTest

try:
    from moto.server import ThreadedMotoServer
except ImportError:
    ThreadedMotoServer = None

PATIENCE = 60
CREATE = ["aws", "iam", "create-access-key", "--user-name", "ci"]


@unittest.skipUnless(ThreadedMotoServer, "needs moto (Tests/Integration/requirements.txt)")
class AWSTest(CofferTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        logging.getLogger("werkzeug").setLevel(logging.ERROR)
        cls.server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
        cls.server.start()
        cls.addClassCleanup(cls.server.stop)
        host, port = cls.server.get_host_and_port()
        cls.address = f"http://{host}:{port}"

    def setUp(self):
        super().setUp()
        self.home.environment |= {
            "PATH": f"{pathlib.Path(sys.executable).parent}:/usr/local/bin:/usr/bin:/bin",
            "AWS_ENDPOINT_URL": self.address, "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_EC2_METADATA_DISABLED": "true", "NO_PROXY": "127.0.0.1",
        }
        self.administrator = {"AWS_ACCESS_KEY_ID": "admin", "AWS_SECRET_ACCESS_KEY": "admin"}
        self.make_vault()
        reset = subprocess.run(
            [sys.executable, "-c", "import sys, urllib.request as r;"
             "r.urlopen(r.Request(sys.argv[1] + '/moto-api/reset', method='POST'))", self.address])
        self.assertEqual(reset.returncode, 0)
        self.aws("iam", "create-user", "--user-name", "ci")

    def aws(self, *words):
        done = subprocess.run(
            ["aws", *words, "--output", "json"], env=self.home.environment | self.administrator,
            cwd=self.home.path, capture_output=True, timeout=PATIENCE, check=True)
        return json.loads(done.stdout) if done.stdout else None

    def key_ids(self):
        keys = self.aws("iam", "list-access-keys", "--user-name", "ci")["AccessKeyMetadata"]
        return [key["AccessKeyId"] for key in keys]

    def capture(self, *command):
        return self.home.run(
            "capture", "aws/ci", "--issuer", "aws-iam", "--key-file", self.home.key, "--",
            *command, extra=self.administrator)

    def test_a_key_goes_from_the_issuing_command_to_a_job_and_nobody_sees_it(self):
        captured = self.succeed(self.capture(*CREATE))
        value = self.succeed(self.coffer("get", "aws/ci#secret_access_key")).out
        public = self.succeed(self.coffer("get", "aws/ci#access_key_id")).out.decode()
        self.assertEqual(len(value), 40)
        self.assertEqual(self.key_ids(), [public], "the key is the one that the issuer knows")
        for shown in (captured.out, captured.err):
            self.assertNotIn(value, shown)
            self.assertNotIn(b"SecretAccessKey", shown)
        self.assertIn(b"\xe2\x80\xa6" + value[-4:], captured.out)
        job = self.succeed(self.coffer(
            "run", "--secret", "aws/ci", "--", "aws", "sts", "get-caller-identity",
            "--output", "json"))
        self.assertEqual(json.loads(job.out)["Arn"], "arn:aws:iam::123456789012:user/ci")

    def test_without_the_key_the_same_job_fails(self):
        """The control: it is the vault that lets it in."""
        done = subprocess.run(
            ["aws", "sts", "get-caller-identity"], env=self.home.environment, cwd=self.home.path,
            capture_output=True, timeout=PATIENCE)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn(b"redentials", done.stderr)

    def test_output_in_another_form_is_not_lost(self):
        """It looks like no key, which is said; and it is kept whole."""
        outcome = self.capture(*CREATE, "--output", "text")
        (public,) = self.key_ids()
        self.assertIn(b"coffer: warning: ", outcome.err)
        self.assertNotIn(public.encode(), outcome.out + outcome.err)
        kept = self.succeed(self.coffer("get", "aws/ci")).out
        self.assertIn(public.encode(), kept)

    def test_a_failing_issuing_command_passes_its_failure_on_and_stores_nothing(self):
        words = ["aws", "iam", "create-access-key", "--user-name", "nobody"]
        alone = subprocess.run(
            words, env=self.home.environment | self.administrator, capture_output=True,
            timeout=PATIENCE)
        outcome = self.capture(*words)
        self.assertEqual(outcome.code, alone.returncode)
        self.assertNotEqual(outcome.code, 0)
        self.assertEqual(outcome.out, b"")
        self.assertIn(b"NoSuchEntity", outcome.err)
        self.assertEqual(self.names(), [])

    def test_a_name_that_is_taken_is_refused_before_the_issuer_is_asked(self):
        self.store("aws/ci", b"mine")
        self.refuse(self.capture(*CREATE), 1)
        self.assertEqual(self.key_ids(), [])
        self.assertHolds("aws/ci", b"mine")

    def test_errors_that_repeat_the_secret_are_redacted(self):
        """K144."""
        script = 'aws iam create-access-key --user-name ci | tee /dev/stderr; echo done >&2'
        outcome = self.succeed(self.capture("sh", "-c", script))
        value = self.succeed(self.coffer("get", "aws/ci#secret_access_key")).out
        self.assertNotIn(value, outcome.out + outcome.err)
        self.assertIn(b'"SecretAccessKey": "[redacted]"', outcome.err)
        self.assertIn(self.key_ids()[0].encode(), outcome.err)
        self.assertIn(b"done", outcome.err)

    def test_a_second_key_is_a_second_version(self):
        self.succeed(self.capture(*CREATE))
        first = self.coffer("get", "aws/ci#secret_access_key").out
        self.succeed(self.home.run(
            "capture", "aws/ci", "--issuer", "aws-iam", "--replace", "--key-file", self.home.key,
            "--", *CREATE, extra=self.administrator))
        self.assertNotEqual(self.coffer("get", "aws/ci#secret_access_key").out, first)
        self.assertHolds("aws/ci#secret_access_key@previous", first)
        self.assertEqual(len(self.key_ids()), 2)

    def test_the_key_stands_in_no_file_of_the_home(self):
        """Nor does the binary leave what the command printed anywhere."""
        self.succeed(self.capture(*CREATE))
        value = self.coffer("get", "aws/ci#secret_access_key").out
        files = [path for path in pathlib.Path(self.home.path).rglob("*") if path.is_file()]
        self.assertTrue(files)
        for path in files:
            self.assertNotIn(value, path.read_bytes(), path)


if __name__ == "__main__":
    unittest.main()
