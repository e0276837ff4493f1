# What handing values to other programs leaves in memory: at no system call a value outside of locked memory.

import json
import secrets
import unittest

import frozen
from frozen import Frozen, describe, find
from support import CofferTest, as_root


@as_root
@unittest.skipUnless(frozen.NUMBERS, "needs the system call numbers of this machine")
class ClientMemoryTest(CofferTest):
    def setUp(self):
        super().setUp()
        self.make_vault()
        self.value = secrets.token_urlsafe(60).encode()
        line = {
            "name": "a", "fields": {"url": "https://h.example", "username": "u",
                                    "registry": "r.example", "access_key_id": "AKIA"},
            "secrets": {"secret_access_key": self.value.decode(), "token": self.value.decode()}}
        self.succeed(self.coffer("import", "--json-lines", "-", stdin=json.dumps(line).encode()))

    def assertLocked(self, *words, stdin=b"", answers=True, extra=None):
        self.home.environment |= extra or {}
        unlocked, is_seen = [], False
        words = [*words, "--key-file", self.home.key]
        with Frozen(self.home, words, stdin=stdin) as process:
            for called, _ in process.calls():
                if called == frozen.EXIT_GROUP:
                    break
                for region in frozen.memory(process.pid, "rw", largest=4 << 20):
                    if self.value in region.content:
                        is_seen = True
                        if not region.is_locked:
                            unlocked.append(region.line)
            hits = find(process.pid, value=self.value)
            code, out, _ = process.finish()
        self.assertEqual(code, 0)
        self.assertTrue(is_seen, "the control: it is seen")
        self.assertEqual(unlocked, [])
        self.assertEqual(describe(hits), [])
        self.assertEqual(self.value in out, answers)

    def test_git(self):
        ask = b"protocol=https\nhost=h.example\nusername=u\n"
        self.assertLocked("helper", "git", "get", stdin=ask)
        given = ask + b"password=" + self.value + b"\n"
        self.assertLocked("helper", "git", "store", stdin=given, answers=False)
        self.assertLocked("helper", "git", "erase", stdin=given, answers=False)
        self.assertLocked(
            "helper", "git", "store", stdin=given.replace(b"h.example", b"new.example"), answers=False)

    def test_docker(self):
        self.assertLocked("helper", "docker", "get", stdin=b"r.example")
        given = {"ServerURL": "s.example", "Username": "u", "Secret": self.value.decode()}
        self.assertLocked("helper", "docker", "store", stdin=json.dumps(given).encode(), answers=False)

    def test_aws_kubernetes_and_prompts(self):
        self.assertLocked("helper", "aws", "a")
        self.assertLocked("helper", "kubernetes", "a#token")
        self.assertLocked("helper", "askpass", "Password: ", extra={"COFFER_ASKPASS": "a#token"})

    def test_templates_and_formats(self):
        template = b"{{ coffer://a#token }} {{ coffer://a#token | json }}"
        self.assertLocked("inject", "-i", "-", stdin=template)
        self.assertLocked("inject", "-i", "-", "-o", "made", stdin=template, answers=False)
        for name in ("json", "shell", "dotenv", "systemd", "env"):
            self.assertLocked("get", "a", "--format", name)
        self.assertLocked("get", "a", "--format", "k8s", answers=False)

    def test_a_template_that_holds_secrets_of_its_own(self):
        """It is held to be as secret as what is put into it, also where it is refused."""
        self.assertLocked("inject", "-i", "-", stdin=b"key=" + self.value + b" {{ coffer://a#url }}")


if __name__ == "__main__":
    unittest.main()
