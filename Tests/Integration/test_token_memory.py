# What calls leave in memory: at no system call a secret or a token outside of locked memory.

import base64
import secrets
import unittest

import frozen
from calling_case import CallingTest
from cryptography.hazmat.primitives import serialization
from frozen import Frozen
from issuers import faults
from issuers.google import Google
from issuers.reply import answer
from issuers.zpa import Zpa
from support import as_root, needs


@as_root
@needs("curl")
@unittest.skipUnless(frozen.NUMBERS, "needs the system call numbers of this machine")
class TokenMemoryTest(CallingTest):
    def assertLocked(self, needles, *words, seen):
        """Asserts that none of these is ever outside of locked memory, and that some were there."""
        unlocked, found = [], set()
        with Frozen(self.home, [*words, "--key-file", self.home.key]) as process:
            for called, _ in process.calls():
                if called == frozen.EXIT_GROUP:
                    break
                for region in frozen.memory(process.pid, "rw", largest=4 << 20):
                    for name, needle in needles.items():
                        if needle in region.content:
                            found.add(name)
                            if not region.is_locked:
                                unlocked.append((name, region.line))
            code, out, err = process.finish()
        self.assertEqual(code, 0, err)
        self.assertEqual(unlocked, [])
        self.assertLessEqual(set(seen), found, "the control: they are seen")
        return out

    def test_a_secret_and_a_token(self):
        zpa = Zpa()
        key = zpa.grant()
        stage = self.set_stage(zpa)
        token = secrets.token_urlsafe(60)
        stage.fail(zpa, faults.instead(answer({"access_token": token, "expires_in": "600"})))
        self.hold("zpa/ci", "zpa", key.secret, client_id=key.login)
        needles = {"secret": key.secret[:24].encode(), "token": token.encode()}
        out = self.assertLocked(needles, "token", "zpa/ci", "--header", seen=needles)
        self.assertIn(token.encode(), out)
        # The second time it comes from where it is kept.
        self.assertLocked(needles, "token", "zpa/ci", "--json", seen=needles)

    def test_a_private_key(self):
        google = Google()
        key = google.grant()
        self.set_stage(google)
        file = self.home.file("key.json", google.document(key).encode())
        self.succeed(self.coffer("capture", "g", "--json", file))
        numbers = serialization.load_pem_private_key(key.secret.encode(), None).private_numbers()
        needles = {
            "pem": key.secret.splitlines()[3].encode(),
            "der": base64.b64decode("".join(key.secret.splitlines()[1:-1]))[200:260],
            # As libcrypto holds a prime: the least byte first.
            "prime": numbers.p.to_bytes(128, "little")[:64],
            "exponent": numbers.d.to_bytes(256, "little")[:64],
        }
        self.assertLocked(needles, "token", "g", seen=["pem"])


if __name__ == "__main__":
    unittest.main()
