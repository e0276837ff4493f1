# `coffer import --replace-with-helper`: AWS's own library and docker's read the file afterwards, and
# whatever happens to the import, the file is the old one or the new one.

import base64
import json
import os
import pathlib
import shutil
import subprocess
import sys
import threading
import unittest

from support import COFFER, CofferTest, as_root, needs
from tracing import counts, traced

try:
    import botocore  # noqa: F401
except ImportError:
    botocore = None

PATIENCE = 60
KEY_ID, KEY = "AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
CREDENTIALS = f"""# mine
[default]
region = eu-central-1
aws_access_key_id = {KEY_ID}
aws_secret_access_key = {KEY}

[session]
aws_access_key_id = ASIAX
aws_secret_access_key = {KEY}s
aws_session_token = token/{KEY}
""".encode()
CHANGING = ("openat", "write", "pwrite64", "fsync", "fdatasync", "fchown", "fchmod", "rename", "unlink")

ASK = """
import botocore.session, sys
found = botocore.session.Session(profile=sys.argv[1]).get_credentials().get_frozen_credentials()
print(found.access_key, found.secret_key, found.token)
"""


class ReplacingTest(CofferTest):
    def setUp(self):
        super().setUp()
        self.make_vault()
        self.folder = self.home.folder(".aws")
        self.path = self.home.file(".aws/credentials", CREDENTIALS)
        self.words = [
            "import", "--from", "aws-credentials", self.path, "--prefix", "aws/",
            "--replace-with-helper", "--key-file", self.home.key,
        ]

    def content(self):
        return pathlib.Path(self.path).read_bytes()


@unittest.skipUnless(botocore, "needs botocore (Tests/Integration/requirements.txt)")
class AWSLibraryTest(ReplacingTest):
    def ask(self, profile):
        done = subprocess.run(
            [sys.executable, "-c", ASK, profile], cwd=self.home.path, capture_output=True, text=True,
            env=self.home.environment | {"AWS_EC2_METADATA_DISABLED": "true"}, timeout=PATIENCE)
        return done.stdout.split() or done.stderr

    def test_a_rewritten_file_gives_the_same_keys(self):
        before = {profile: self.ask(profile) for profile in ("default", "session")}
        self.assertEqual(before["default"], [KEY_ID, KEY, "None"])
        self.succeed(self.home.run(*self.words))
        self.assertNotIn(KEY.encode(), self.content())
        self.assertIn(b"# mine\n[default]\nregion = eu-central-1\n", self.content())
        self.assertEqual({profile: self.ask(profile) for profile in before}, before)
        log = self.succeed(self.coffer("audit log", "--json")).out.decode()
        self.assertIn("python", log, "the program that asked is in the log")

    def test_a_secret_that_is_gone_from_the_vault_is_gone_for_the_client(self):
        """The control: the keys do not come from anywhere else."""
        self.succeed(self.home.run(*self.words))
        self.succeed(self.coffer("rm", "aws/default"))
        self.assertIn("removed", self.ask("default"))

    def test_a_key_in_the_settings_file(self):
        """As docs/helpers.md says."""
        self.succeed(self.home.run(*self.words))
        os.unlink(self.path)
        self.home.file(".aws/config", (
            f"[profile ci]\ncredential_process = {COFFER} --key-file {self.home.key}"
            " helper aws aws/session\n").encode())
        self.assertEqual(self.ask("ci"), ["ASIAX", KEY + "s", f"token/{KEY}"])


class KilledTest(ReplacingTest):
    def setUp(self):
        super().setUp()
        self.pristine = self.home.copy_vault("pristine")

    def reset(self):
        for name in os.listdir(os.path.dirname(self.home.vault)):
            os.unlink(f"{os.path.dirname(self.home.vault)}/{name}")
        shutil.copyfile(self.pristine, self.home.vault)
        os.chmod(self.home.vault, 0o600)
        self.home.forget()
        for name in os.listdir(self.folder):
            os.unlink(f"{self.folder}/{name}")
        self.home.file(".aws/credentials", CREDENTIALS, 0o640)

    def faults(self, fault):
        self.reset()
        found = counts(self.home, self.words, b"", CHANGING)
        self.after = self.content()
        return [
            f"{name}:{fault}:when={number}"
            for name, count in found.items() for number in range(1, count + 1)
        ]

    def assertOldOrNew(self, inject):
        content = self.content()
        self.assertIn(content, (CREDENTIALS, self.after), inject)
        self.assertEqual(os.stat(self.path).st_mode & 0o777, 0o640)
        for name in set(os.listdir(self.folder)) - {"credentials"}:
            left = pathlib.Path(f"{self.folder}/{name}").read_bytes()
            self.assertNotIn(KEY.encode(), left, "what is left over holds no secret")
        if content != CREDENTIALS:
            self.assertHolds("aws/default#secret_access_key", KEY.encode())
            self.assertHolds("aws/session#secret_access_key", f"{KEY}s".encode())
        return content == self.after

    @needs("strace")
    def test_killed_anywhere_the_file_is_old_or_new_and_no_key_is_lost(self):
        seen = set()
        for inject in self.faults("signal=KILL"):
            with self.subTest(inject=inject):
                self.reset()
                outcome, _ = traced(
                    self.home, self.words, inject=inject, trace=inject.partition(":")[0])
                self.assertEqual(outcome.code, -9, outcome)
                seen.add(self.assertOldOrNew(inject))
        self.assertEqual(seen, {False, True})

    @needs("strace")
    def test_on_a_disk_that_fails_the_file_is_old_or_new_and_success_means_new(self):
        ended = set()
        for inject in self.faults("error=ENOSPC"):
            if inject.startswith("openat"):
                continue
            with self.subTest(inject=inject):
                self.reset()
                outcome, _ = traced(
                    self.home, self.words, inject=inject, trace=inject.partition(":")[0])
                is_new = self.assertOldOrNew(inject)
                ended.add(outcome.code)
                if outcome.code == 0:
                    self.assertTrue(is_new, outcome)
                else:
                    self.assertIn(b"coffer: error: ", outcome.err)
                    self.assertEqual(
                        [name for name in os.listdir(self.folder)], ["credentials"], outcome)
        self.assertIn(9, ended)

    def test_a_file_that_changes_meanwhile_is_left(self):
        """The import waits for a passphrase while another program writes the file."""
        for name in os.listdir(os.path.dirname(self.home.vault)):
            os.unlink(f"{os.path.dirname(self.home.vault)}/{name}")
        os.unlink(self.home.key)
        self.home.forget()
        self.make_passphrase_vault(b"a passphrase")
        reader, writer = os.pipe()
        words = [word for word in self.words if word not in ("--key-file", self.home.key)]
        process = self.home.start(
            *words, "--passphrase-fd", str(reader), pass_fds=[reader])
        os.close(reader)
        changed = CREDENTIALS + b"# another line\n"

        def change():
            self.home.file(".aws/credentials", changed)
            os.write(writer, b"a passphrase")
            os.close(writer)

        # It has read the file when it asks for the passphrase.
        timer = threading.Timer(1, change)
        timer.start()
        out, err = process.communicate(timeout=PATIENCE)
        timer.join()
        self.assertEqual(process.returncode, 9, err)
        self.assertIn(b"changed meanwhile: it was left", err)
        self.assertEqual(self.content(), changed)
        self.assertEqual(os.listdir(self.folder), ["credentials"])
        self.assertEqual(out, b"")
        self.assertHolds("aws/default#secret_access_key", KEY.encode())

    @as_root
    def test_the_owner_stays(self):
        os.chown(self.path, 1234, 4321)
        self.succeed(self.home.run(*self.words))
        found = os.stat(self.path)
        self.assertEqual((found.st_uid, found.st_gid), (1234, 4321))


class DockerSourceTest(CofferTest):
    def test_what_docker_had_comes_from_the_helper(self):
        try:
            from docker.auth import load_config
        except ImportError:
            self.skipTest("needs docker's library (Tests/Integration/requirements.txt)")
        self.make_vault()
        pair = base64.b64encode(b"ann:" + KEY.encode()).decode()
        path = self.home.file("config.json", json.dumps(
            {"auths": {"r.example": {"auth": pair}, "https://index.docker.io/v1/": {"auth": pair}},
             "HttpHeaders": {"X": "y"}}, indent=4).encode())
        os.symlink(COFFER, f"{self.home.folder('bin')}/docker-credential-coffer")
        self.home.environment["PATH"] = f"{self.home.path}/bin:{self.home.environment['PATH']}"
        self.succeed(self.coffer(
            "import", "--from", "docker", path, "--prefix", "d/", "--replace-with-helper"))
        content = json.loads(pathlib.Path(path).read_text())
        self.assertEqual(content["HttpHeaders"], {"X": "y"})
        # The library looks for the helper in its own $PATH.
        before = os.environ["PATH"]
        self.addCleanup(os.environ.__setitem__, "PATH", before)
        os.environ["PATH"] = self.home.environment["PATH"]
        environment = self.home.environment | {"COFFER_KEY_FILE": self.home.key}
        config = load_config(path, credstore_env=environment)
        for registry in ("r.example", None):
            found = config.resolve_authconfig(registry)
            self.assertEqual((found["Username"], found["Password"]), ("ann", KEY))


if __name__ == "__main__":
    unittest.main()
