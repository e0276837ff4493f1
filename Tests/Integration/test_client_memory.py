# What answering another program leaves in memory: at no system call a value outside of locked memory.

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
        words = ["helper", *words, "--key-file", self.home.key]
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
        self.assertLocked("git", "get", stdin=ask)
        given = ask + b"password=" + self.value + b"\n"
        self.assertLocked("git", "store", stdin=given, answers=False)
        self.assertLocked("git", "erase", stdin=given, answers=False)
        self.assertLocked(
            "git", "store", stdin=given.replace(b"h.example", b"new.example"), answers=False)

    def test_docker(self):
        self.assertLocked("docker", "get", stdin=b"r.example")
        given = {"ServerURL": "s.example", "Username": "u", "Secret": self.value.decode()}
        self.assertLocked("docker", "store", stdin=json.dumps(given).encode(), answers=False)

    def test_aws_kubernetes_and_prompts(self):
        self.assertLocked("aws", "a")
        self.assertLocked("kubernetes", "a#token")
        self.assertLocked("askpass", "Password: ", extra={"COFFER_ASKPASS": "a#token"})


if __name__ == "__main__":
    unittest.main()
