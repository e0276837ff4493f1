# Programs that ask for a password by running another one: ssh's and sudo. Git is in test_git.py.

import os
import pwd
import subprocess
import unittest

from support import COFFER, CofferTest, as_root, needs

PATIENCE = 60
VALUE = b"Zq7 pass phrase, with blanks"


class AskpassTest(CofferTest):
    def setUp(self):
        super().setUp()
        self.make_vault()
        self.store("ask/one", VALUE)
        self.program = f"{self.home.folder('bin')}/coffer-askpass"
        os.symlink(COFFER, self.program)
        self.home.environment |= {"COFFER_KEY_FILE": self.home.key, "COFFER_ASKPASS": "ask/one"}

    def run_client(self, *words, **extra):
        return subprocess.run(
            words, env=self.home.environment | extra, cwd=self.home.path, stdin=subprocess.DEVNULL,
            capture_output=True, timeout=PATIENCE, start_new_session=True)


@needs("ssh-keygen", "ssh")
class SSHTest(AskpassTest):
    def setUp(self):
        super().setUp()
        self.asking = {"SSH_ASKPASS": self.program, "SSH_ASKPASS_REQUIRE": "force"}
        made = self.run_client(
            "ssh-keygen", "-q", "-t", "ed25519", "-N", VALUE.decode(), "-f", "id")
        self.assertEqual(made.returncode, 0, made)

    def test_a_key_is_opened_with_its_passphrase(self):
        done = self.run_client("ssh-keygen", "-y", "-f", "id", **self.asking)
        self.assertEqual(done.returncode, 0, done)
        public = open(f"{self.home.path}/id.pub", "rb").read().split()[:2]
        self.assertEqual(done.stdout.split()[:2], public)

    def test_with_another_secret_it_is_not(self):
        """The control."""
        self.store("ask/two", b"another")
        done = self.run_client(
            "ssh-keygen", "-y", "-f", "id", **self.asking | {"COFFER_ASKPASS": "ask/two"})
        self.assertNotEqual(done.returncode, 0)

    def test_no_host_is_trusted_in_the_name_of_a_person(self):
        for prompt in ("The authenticity of host 'h' can't be established.\nAre you sure you want to"
                       " continue connecting (yes/no/[fingerprint])? ",
                       "Please type 'yes', 'no' or the fingerprint: "):
            done = self.run_client(self.program, prompt)
            self.assertEqual((done.returncode, done.stdout), (8, b""), done)
        done = self.run_client(self.program, "Allow use of key?", SSH_ASKPASS_PROMPT="confirm")
        self.assertEqual((done.returncode, done.stdout), (8, b""), done)

    def test_a_prompt_that_looks_like_an_option_is_a_prompt(self):
        for prompt in ("--help", "-x", "--", ""):
            done = self.run_client(self.program, prompt)
            self.assertEqual((done.returncode, done.stdout), (0, VALUE + b"\n"), done)

    def test_a_value_of_two_lines_is_refused(self):
        self.store("ask/lines", b"one\ntwo")
        done = self.run_client(self.program, "Password: ", COFFER_ASKPASS="ask/lines")
        self.assertEqual((done.returncode, done.stdout), (8, b""), done)

    def test_without_a_name_it_says_what_is_missing(self):
        done = self.run_client(self.program, "Password: ", COFFER_ASKPASS="")
        self.assertEqual((done.returncode, done.stdout), (2, b""), done)
        self.assertIn(b"COFFER_ASKPASS is not set", done.stderr)


@as_root
@needs("sudo", "useradd", "chpasswd")
class SudoTest(AskpassTest):
    """A user of this machine who may run what they want once sudo has their password."""

    USER = "coffer-sudo-test"

    def setUp(self):
        super().setUp()
        rules = f"/etc/sudoers.d/{self.USER}"
        self.addCleanup(subprocess.run, ["userdel", self.USER], capture_output=True)
        subprocess.run(["useradd", "--no-create-home", self.USER], check=True)
        subprocess.run(
            ["chpasswd"], input=f"{self.USER}:{VALUE.decode()}".encode(), check=True)
        self.addCleanup(os.unlink, rules)
        with open(rules, "w") as file:
            file.write(f"Defaults:{self.USER} !lecture\n{self.USER} ALL=(ALL) ALL\n")
        os.chmod(rules, 0o440)
        user = pwd.getpwnam(self.USER)
        for folder, _, files in os.walk(self.home.path):
            for path in [folder, *(f"{folder}/{name}" for name in files)]:
                os.chown(path, user.pw_uid, user.pw_gid, follow_symlinks=False)
        # The program itself, where that user can reach it.
        os.unlink(self.program)
        subprocess.run(["install", "-m", "755", COFFER, self.program], check=True)
        self.user = user

    def sudo(self, **extra):
        return subprocess.run(
            ["sudo", "-k", "-A", "id", "-u"], cwd=self.home.path, stdin=subprocess.DEVNULL,
            env=self.home.environment | {"SUDO_ASKPASS": self.program} | extra,
            capture_output=True, timeout=PATIENCE, user=self.user.pw_uid, group=self.user.pw_gid,
            extra_groups=[], start_new_session=True)

    def test_the_password_comes_from_the_vault(self):
        done = self.sudo()
        self.assertEqual((done.returncode, done.stdout), (0, b"0\n"), done)
        done = self.sudo(COFFER_ASKPASS="ask/none")
        self.assertNotEqual(done.returncode, 0, "the control")


if __name__ == "__main__":
    unittest.main()
