"""The test issuer for AWS, asked by botocore, by curl and by AWS's own command line."""

import dataclasses
import os
import subprocess
import sys
import unittest

import botocore.config
import botocore.exceptions
import botocore.session

from issuer_case import PATIENCE, StageTest
from issuers import faults
from issuers.aws import Aws
from issuers.key import Delay


class AwsTest(StageTest):
    def setUp(self):
        self.aws = Aws()
        self.key = self.aws.grant("ci")
        self.set_stage(self.aws)

    def client(self, service, key=None):
        """botocore as it is; it makes one attempt, so that a test counts its own."""
        identifier, secret = (key.id, key.secret) if key else (self.key.id, self.key.secret)
        config = botocore.config.Config(retries={"total_max_attempts": 1})
        return botocore.session.Session().create_client(
            service, "us-east-1", aws_access_key_id=identifier, aws_secret_access_key=secret,
            config=config)

    def identity(self, key=None):
        return self.client("sts", key).get_caller_identity()

    def refused(self, code, call, *arguments, **named):
        with self.assertRaises(botocore.exceptions.ClientError) as caught:
            call(*arguments, **named)
        self.assertEqual(caught.exception.response["Error"]["Code"], code)

    def test_a_key_is_created_switched_off_and_deleted(self):
        iam = self.client("iam")
        iam.create_access_key(UserName="ci")
        (new,) = self.aws.created
        self.assertTrue(self.identity(new)["Arn"].endswith(":user/ci"))
        listed = iam.list_access_keys(UserName="ci")["AccessKeyMetadata"]
        self.assertEqual({one["AccessKeyId"] for one in listed}, {self.key.id, new.id})
        for status in ("Inactive", "Active", "Inactive"):
            iam.update_access_key(UserName="ci", AccessKeyId=new.id, Status=status)
            if status == "Active":
                self.identity(new)
                self.assertIn(new.id, self.aws.live())
            else:
                self.refused("InvalidClientTokenId", self.identity, new)
                self.assertNotIn(new.id, self.aws.live())
        iam.delete_access_key(UserName="ci", AccessKeyId=new.id)
        self.refused("InvalidClientTokenId", self.identity, new)
        self.refused("NoSuchEntity", iam.delete_access_key, UserName="ci", AccessKeyId=new.id)
        self.assertEqual(self.aws.live(), {self.key.id: self.key.secret})

    def test_two_keys_and_no_third_even_if_one_is_inactive(self):
        iam = self.client("iam")
        new = iam.create_access_key(UserName="ci")["AccessKey"]["AccessKeyId"]
        self.refused("LimitExceeded", iam.create_access_key, UserName="ci")
        iam.update_access_key(UserName="ci", AccessKeyId=new, Status="Inactive")
        self.refused("LimitExceeded", iam.create_access_key, UserName="ci")
        iam.delete_access_key(UserName="ci", AccessKeyId=new)
        iam.create_access_key()
        self.assertEqual([key.login for key in self.aws.created], ["ci", "ci"])

    def test_a_new_key_is_refused_at_first(self):
        self.aws.delay = Delay(attempts=2)
        self.client("iam").create_access_key(UserName="ci")
        (new,) = self.aws.created
        self.assertIn(new.id, self.aws.live())
        for _ in range(2):
            self.refused("InvalidClientTokenId", self.identity, new)
        self.identity(new)

    def test_a_wrong_secret_and_an_unknown_key_are_refused(self):
        wrong = dataclasses.replace(self.key, secret="x" * 40)
        self.refused("SignatureDoesNotMatch", self.identity, wrong)
        unknown = dataclasses.replace(self.key, id="AKIA" + "A" * 16)
        self.refused("InvalidClientTokenId", self.identity, unknown)

    def test_when_a_key_was_used_last_is_told(self):
        iam = self.client("iam")
        self.identity()
        used = iam.get_access_key_last_used(AccessKeyId=self.key.id)["AccessKeyLastUsed"]
        self.assertIn("LastUsedDate", used)

    def test_faults_are_scripted_by_action(self):
        self.stage.fail(self.aws, faults.lost_reply(), on="CreateAccessKey")
        iam = self.client("iam")
        iam.list_access_keys()
        with self.assertRaises(botocore.exceptions.ConnectionError):
            iam.create_access_key(UserName="ci")
        self.assertEqual(len(self.aws.created), 1)
        self.assertEqual(len(self.stage.asked("CreateAccessKey")), 1)
        self.assertEqual(len(self.stage.asked("ListAccessKeys")), 1)

    def test_the_secret_never_travels(self):
        self.client("iam").list_access_keys()
        self.assertFalse(any(request.holds(self.key.secret) for request in self.stage.requests))

    def test_curl_signs_for_it(self):
        words = ["--user", f"{self.key.id}:{self.key.secret}", "--data",
                 "Action=GetCallerIdentity&Version=2011-06-15", "https://sts.amazonaws.com/"]
        done = self.curl("--aws-sigv4", "aws:amz:us-east-1:sts", *words)
        self.assertIn(f"<Account>{self.aws.account}</Account>".encode(), done.stdout)
        done = self.curl("--aws-sigv4", "aws:amz:us-east-1:sts", *words, "--user", "AKIA:x")
        self.assertIn(b"InvalidClientTokenId", done.stdout)

    def test_its_own_command_line_comes_here(self):
        done = subprocess.run(
            [f"{os.path.dirname(sys.executable)}/aws", "sts", "get-caller-identity", "--query",
             "Account", "--output", "text"], capture_output=True, timeout=6 * PATIENCE,
            env=os.environ | {
                "AWS_ACCESS_KEY_ID": self.key.id, "AWS_SECRET_ACCESS_KEY": self.key.secret,
                "AWS_DEFAULT_REGION": "us-east-1", "HOME": "/nonexistent"})
        self.assertEqual(done.stdout.decode().strip(), self.aws.account, done.stderr)


if __name__ == "__main__":
    unittest.main()
