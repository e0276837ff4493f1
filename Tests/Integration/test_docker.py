# docker asks coffer: its library's client of credential helpers, and its command line where there is
# one, against a registry on the loopback.

import base64
import http.server
import json
import os
import random
import subprocess
import unittest

from loopback import TLSServer
from support import COFFER, CofferTest, needs

try:
    from docker.credentials import CredentialsNotFound, Store, StoreError
except ImportError:
    Store = None

PATIENCE = 60
VALUE = 'Zq7-\\"quoted"/\u00e9\t'


class DockerTest(CofferTest):
    def setUp(self):
        super().setUp()
        self.make_vault()
        os.symlink(COFFER, f"{self.home.folder('bin')}/docker-credential-coffer")
        self.home.environment |= {
            "PATH": f"{self.home.path}/bin:{os.environ['PATH']}",
            "COFFER_KEY_FILE": self.home.key, "NO_PROXY": "127.0.0.1",
            "DOCKER_CONFIG": self.home.folder(".docker"),
        }


@unittest.skipUnless(Store, "needs docker's library (Tests/Integration/requirements.txt)")
class DockerLibraryTest(DockerTest):
    def setUp(self):
        super().setUp()
        # The library looks for the helper in its own $PATH.
        before = os.environ["PATH"]
        self.addCleanup(os.environ.__setitem__, "PATH", before)
        os.environ["PATH"] = self.home.environment["PATH"]
        self.client = Store("coffer", environment=self.home.environment)

    def test_store_get_list_erase(self):
        with self.assertRaises(CredentialsNotFound):
            self.client.get("r.example:5000")
        self.client.store("r.example:5000", "ann", VALUE)
        self.client.store("https://index.docker.io/v1/", "bob", "other")
        found = self.client.get("r.example:5000")
        self.assertEqual((found["Username"], found["Secret"]), ("ann", VALUE))
        self.assertEqual(
            self.client.list(), {"r.example:5000": "ann", "https://index.docker.io/v1/": "bob"})
        with self.assertRaises(CredentialsNotFound):
            self.client.get("https://index.docker.io/v1/access-token")
        self.client.erase("r.example:5000")
        with self.assertRaises(CredentialsNotFound):
            self.client.get("r.example:5000")
        self.assertEqual(self.client.list(), {"https://index.docker.io/v1/": "bob"})

    def test_a_login_that_is_repeated_is_one_version_and_another_is_the_next(self):
        for value in ("one", "one", "two"):
            self.client.store("r.example", "ann", value)
        self.assertHolds("docker/r.example", b"two")
        self.assertHolds("docker/r.example@previous", b"one")
        self.refuse(self.coffer("get", "docker/r.example@3"), 4)

    def test_what_was_erased_comes_back(self):
        """No login is lost, and its name is free for the next one."""
        self.client.store("r.example", "ann", "one")
        self.client.erase("r.example")
        self.client.store("r.example", "eve", "two")
        self.assertHolds("docker/r.example@previous", b"one")
        self.assertEqual(self.client.get("r.example")["Username"], "eve")

    def test_a_token_takes_the_place_of_a_password(self):
        self.client.store("r.example", "ann", "one")
        self.client.store("r.example", "<token>", "identity")
        found = self.client.get("r.example")
        self.assertEqual((found["Username"], found["Secret"]), ("<token>", "identity"))
        self.client.store("r.example", "ann", "one")
        found = self.client.get("r.example")
        self.assertEqual((found["Username"], found["Secret"]), ("ann", "one"))

    def test_a_locked_vault_is_an_error_and_not_a_registry_without_a_login(self):
        del self.home.environment["COFFER_KEY_FILE"]
        client = Store("coffer", environment=self.home.environment)
        with self.assertRaises(StoreError) as raised:
            client.get("r.example")
        self.assertNotIsInstance(raised.exception, CredentialsNotFound)

    def test_requests_with_any_bytes_give_nothing_away_and_end(self):
        whole = json.dumps({"ServerURL": "r.example", "Username": "u", "Secret": VALUE}).encode()
        chance = random.Random(11)
        for number in range(120):
            request = bytearray(whole)
            place = chance.randrange(len(request) + 1)
            byte = bytes([chance.choice(b'\0\n{}[]":,\\\xff')])
            request[place:place + chance.randint(0, 1)] = byte
            verb = ("store", "get", "erase")[number % 3]
            with self.subTest(number=number, request=bytes(request)):
                outcome = self.home.run("helper", "docker", verb, stdin=bytes(request))
                self.assertIn(outcome.code, (0, 1, 2), outcome)
                self.assertNotIn(b"Zq7-", outcome.out + outcome.err)


class Registry:
    """Answers as a registry with basic authentication does."""

    def __init__(self, home, username, password):
        pair = base64.b64encode(f"{username}:{password}".encode()).decode()
        registry = self
        self.served = 0

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                is_known = self.headers.get("Authorization") == f"Basic {pair}"
                registry.served += is_known
                self.send_response(200 if is_known else 401)
                self.send_header("Docker-Distribution-Api-Version", "registry/2.0")
                if not is_known:
                    self.send_header("WWW-Authenticate", 'Basic realm="loopback"')
                self.send_header("Content-Length", "2")
                self.end_headers()
                self.wfile.write(b"{}")

            def log_message(self, *_):
                pass

        self.server = TLSServer(home, Handler)
        self.place = self.server.place


@needs("docker", "openssl")
class DockerCommandTest(DockerTest):
    """The command line logs in by itself where no daemon runs."""

    def test_login_and_logout(self):
        registry = Registry(self.home, "ann", "pass word")
        self.addCleanup(registry.server.stop)
        self.home.file(".docker/config.json", b'{"credsStore": "coffer"}')
        self.docker("login", "-u", "ann", "--password-stdin", registry.place, stdin="pass word")
        self.assertGreater(registry.served, 0)
        self.assertHolds(f"docker/{registry.place}", b"pass word")
        config = open(f"{self.home.path}/.docker/config.json", "rb").read()
        self.assertNotIn(base64.b64encode(b"ann:pass word"), config)
        before = registry.served
        self.docker("manifest", "inspect", "--insecure", f"{registry.place}/a:b", code=1)
        self.assertGreater(registry.served, before, "with what coffer has")
        self.docker("logout", registry.place)
        self.refuse(self.coffer("get", f"docker/{registry.place}"), 4)
        self.succeed(self.coffer("undelete", f"docker/{registry.place}"))
        self.assertHolds(f"docker/{registry.place}", b"pass word")

    def docker(self, *words, stdin="", code=0):
        done = subprocess.run(
            ["docker", *words], env=self.home.environment | {"DOCKER_HOST": "unix:///nowhere"},
            input=stdin, capture_output=True, text=True, timeout=PATIENCE)
        self.assertEqual(done.returncode, code, done)


if __name__ == "__main__":
    unittest.main()
