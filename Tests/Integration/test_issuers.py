"""The issuers that other tests rely on are what they say: the proxy, the faults, the keys."""

import email.utils
import itertools
import json
import socket
import ssl
import time
import unittest
import unittest.mock
import urllib.parse

import requests

from issuer_case import StageTest
from issuers import faults
from issuers.faults import Certificate
from issuers.key import Delay, Full, Ring
from issuers.player import Player, Stranger
from issuers.reply import Reply
from issuers.stage import Stage
from issuers.zpa import Zpa
from support import wait_until

BASE = "https://config.private.zscaler.com"
# What curl ends with.
EMPTY_REPLY, PARTIAL, BROKEN, DISTRUST = 52, 18, 56, 60


class ZpaCase(StageTest):
    """One issuer, which stands for all: what is tried here is not of an issuer."""

    def setUp(self):
        self.zpa = Zpa()
        self.key = self.zpa.grant()
        self.set_stage(self.zpa, Stranger("elsewhere.example"))
        self.keys = f"{BASE}/mgmtconfig/v1/admin/customers/{self.zpa.customer}/apiKeys"

    def sign_in(self, key=None, **more):
        key = key or self.key
        form = {"client_id": key.login, "client_secret": key.secret}
        return self.ask("POST", f"{BASE}/signin", data=form, **more)

    def token(self):
        return self.assertStatus(self.sign_in(), 200).json()["access_token"]

    def create(self):
        return self.ask("POST", self.keys, self.token(), json={"name": "new", "roleId": "1"})

    def wait_for_distrust(self, times):
        """The server may hear of it after the client has ended."""
        expected = ["config.private.zscaler.com"] * times
        wait_until(lambda: self.stage.distrusted == expected, "a refused certificate")

    def curl_sign_in(self, *words):
        return self.curl(
            "--data-urlencode", f"client_id={self.key.login}",
            "--data-urlencode", f"client_secret={self.key.secret}", *words, f"{BASE}/signin")


class ProxyTest(ZpaCase):
    def test_curl_comes_to_the_player_under_its_real_name(self):
        done = self.curl_sign_in("--write-out", "\n%{http_code} %{remote_ip}")
        self.assertEqual(done.returncode, 0, done.stderr)
        body, last = done.stdout.decode().rsplit("\n", 1)
        self.assertEqual(last, "200 127.0.0.1")
        self.assertEqual(json.loads(body)["token_type"], "Bearer")

    def test_a_host_that_nobody_plays_is_refused_and_remembered(self):
        done = self.curl("https://nobody.example/")
        self.assertEqual(done.returncode, BROKEN)
        self.assertIn(b"502", done.stderr)
        self.assertEqual(self.stage.unplayed, ["nobody.example"])
        self.assertEqual(self.stage.requests, [])

    def test_a_client_that_does_not_know_the_authority_refuses(self):
        done = self.curl(f"{BASE}/", CURL_CA_BUNDLE="/etc/ssl/certs/ca-certificates.crt")
        self.assertEqual(done.returncode, DISTRUST)
        self.wait_for_distrust(1)
        self.assertEqual(self.stage.requests, [])

    def test_what_is_not_encrypted_is_refused_and_remembered(self):
        done = self.curl(
            "--write-out", "%{http_code}", "--output", "/dev/null", "http://x.example/y")
        self.assertEqual(done.stdout, b"403")
        self.assertEqual(self.stage.in_the_clear, ["GET http://x.example/y"])

    def test_a_request_is_kept_as_it_came(self):
        self.ask("PUT", f"{BASE}/a%20b?c=d%26&e=", headers={"X-One": "two"}, data=b"\x00\xff")
        (request,) = self.stage.requests
        self.assertEqual((request.method, request.host), ("PUT", "config.private.zscaler.com"))
        self.assertEqual((request.path, request.query), ("/a%20b", {"c": "d&", "e": ""}))
        self.assertEqual((request.headers["x-one"], request.body), ("two", b"\x00\xff"))
        self.assertEqual(request.outcome, 404)

    def test_a_secret_is_found_in_a_request_however_it_is_written(self):
        self.sign_in()
        (request,) = self.stage.requests
        self.assertNotIn(self.key.secret.encode(), request.body, "the form encodes it")
        self.assertTrue(request.holds(self.key.secret))
        self.assertFalse(request.holds(self.key.secret[::-1]))
        self.assertNotIn(self.key.secret, repr(self.stage.requests))

    def test_a_player_that_breaks_down_fails_the_test(self):
        class Broken(Player):
            hosts = ("broken.example",)

            def respond(self, request):
                raise KeyError("ours")

        stage = Stage(Broken())
        with unittest.mock.patch.dict("os.environ", stage.environment()):
            with self.assertRaises(requests.ConnectionError):
                self.ask("GET", "https://broken.example/")
        with self.assertRaisesRegex(AssertionError, "KeyError: 'ours'"):
            stage.close()

    def test_half_a_request_is_none(self):
        token = self.token()
        proxy = urllib.parse.urlsplit(self.stage.environment()["HTTPS_PROXY"])
        plain = socket.create_connection((proxy.hostname, proxy.port), timeout=5)
        plain.sendall(b"CONNECT config.private.zscaler.com:443 HTTP/1.1\r\n\r\n")
        self.assertIn(b" 200 ", plain.recv(4096))
        context = ssl.create_default_context(cafile=self.stage.environment()["SSL_CERT_FILE"])
        with context.wrap_socket(plain, server_hostname="config.private.zscaler.com") as secure:
            path = urllib.parse.urlsplit(self.keys).path
            secure.sendall(
                f"POST {path} HTTP/1.1\r\nAuthorization: Bearer {token}\r\nContent-Length: 99\r\n"
                '\r\n{"name": "half"}'.encode())
            secure.shutdown(socket.SHUT_WR)
            while secure.recv(4096):
                pass
        self.assertEqual(self.zpa.created, [])

    def test_one_connection_carries_several_requests(self):
        with requests.Session() as session:
            for _ in range(3):
                self.assertStatus(session.get(f"{BASE}/none", timeout=5), 404)
        self.assertEqual(len(self.stage.asked("GET /none")), 3)

    def test_what_was_asked_is_found_by_title_and_player(self):
        self.sign_in()
        self.ask("GET", "https://elsewhere.example/signin")
        self.assertEqual(len(self.stage.asked("* /signin")), 2)
        self.assertEqual(len(self.stage.asked("POST *")), 1)
        self.assertEqual(len(self.stage.asked(player=self.zpa)), 1)


class FaultTest(ZpaCase):
    def spoil(self, fault, on="POST */apiKeys", **more):
        return self.stage.fail(self.zpa, fault, on, **more)

    def test_a_reply_is_lost_and_the_key_is_there(self):
        scene = self.spoil(faults.lost_reply())
        with self.assertRaises(requests.ConnectionError):
            self.create()
        self.assertEqual((scene.played, len(self.zpa.created)), (1, 1))
        self.assertIn(self.zpa.created[0].secret, self.zpa.live().values())
        self.assertEqual(self.stage.requests[-1].outcome, "cut")

    def test_curl_names_a_lost_reply(self):
        self.spoil(faults.lost_reply(), on="POST /signin")
        self.assertIn(self.curl_sign_in().returncode, (EMPTY_REPLY, BROKEN))

    def test_a_cut_before_leaves_nothing(self):
        self.spoil(faults.cut())
        with self.assertRaises(requests.ConnectionError):
            self.create()
        self.assertEqual(self.zpa.created, [])

    def test_a_failure_comes_before_or_after(self):
        for status in (500, 502, 503):
            for done in (False, True):
                with self.subTest(status=status, done=done):
                    before = len(self.zpa.created)
                    self.spoil(faults.failure(status, done))
                    self.assertStatus(self.create(), status)
                    self.assertEqual(len(self.zpa.created) - before, done)

    def test_a_limit_says_when_to_come_again_in_three_ways(self):
        for said in (7, "13s"):
            self.spoil(faults.limited(said))
            response = self.assertStatus(self.create(), 429)
            self.assertEqual(response.headers["Retry-After"], str(said))
        self.spoil(faults.limited(60, as_date=True))
        moment = email.utils.parsedate_to_datetime(self.create().headers["Retry-After"])
        self.assertAlmostEqual(moment.timestamp(), time.time() + 60, delta=5)
        self.spoil(faults.limited(None))
        self.assertNotIn("Retry-After", self.create().headers)
        self.assertEqual(self.zpa.created, [])

    def test_garbage_and_half_a_document_are_no_json(self):
        for fault in (faults.garbage(), faults.truncated()):
            self.spoil(fault)
            with self.assertRaises(ValueError):
                self.create().json()
        self.assertEqual(len(self.zpa.created), 2)

    def test_a_document_says_something_else(self):
        self.spoil(faults.rewritten(lambda key: key | {"clientSecret": None, "id": "../x"}))
        new = self.assertStatus(self.create(), 201).json()
        self.assertEqual((new["clientSecret"], new["id"]), (None, "../x"))
        self.spoil(faults.instead(Reply(418, b"tea"), done=True))
        self.assertEqual(self.assertStatus(self.create(), 418).text, "tea")
        self.assertEqual(len(self.zpa.created), 2)

    def test_a_body_breaks_off(self):
        self.spoil(faults.broken_off(), on="POST /signin")
        done = self.curl_sign_in()
        self.assertIn(done.returncode, (PARTIAL, BROKEN))
        self.assertTrue(done.stdout.startswith(b'{"token_type"'))

    def test_a_body_has_no_end(self):
        self.spoil(faults.endless(), on="POST /signin")
        response = self.sign_in(stream=True)
        self.assertNotIn("Content-Length", response.headers)
        size = 0
        for piece in response.iter_content(1 << 20):
            size += len(piece)
            if size > 20_000_000:
                break
        response.close()
        self.assertGreater(size, 20_000_000)
        self.assertStatus(self.sign_in(), 200)

    def test_a_body_is_huge_and_right(self):
        self.spoil(faults.huge(), on="POST /signin")
        response = self.sign_in(stream=True)
        self.assertEqual(response.headers["Content-Length"], "100000000")
        response.close()
        self.spoil(faults.huge(3_000_000), on="POST /signin")
        response = self.sign_in()
        self.assertEqual(len(response.content), 3_000_000)
        self.assertIn("access_token", response.json())

    def test_a_reply_is_slow(self):
        self.spoil(faults.slow(2))
        headers = {"Authorization": f"Bearer {self.token()}"}
        with self.assertRaises(requests.ReadTimeout):
            requests.post(self.keys, json={"name": "x"}, timeout=(5, 0.5), headers=headers)
        self.assertEqual(len(self.zpa.created), 1, "it was done all the same")

    def test_a_reply_drips(self):
        self.spoil(faults.dripping(0.03), on="POST /signin")
        response = self.sign_in(stream=True)
        started = time.monotonic()
        first = b"".join(itertools.islice(response.iter_content(1), 10))
        self.assertEqual(first, b'{"token_ty')
        self.assertGreater(time.monotonic() - started, 8 * 0.03)
        response.close()

    def test_a_redirect_leads_to_another_host(self):
        self.spoil(faults.redirect("https://elsewhere.example/x", 307), "POST /signin", times=2)
        self.assertEqual(self.curl_sign_in().returncode, 0)
        self.assertEqual(self.stage.asked("POST /x"), [])
        self.curl_sign_in("--location")
        (request,) = self.stage.asked("POST /x")
        self.assertTrue(request.holds(self.key.secret), "who follows carries the secret along")

    def test_certificates_that_no_client_may_accept(self):
        for fault in Certificate:
            with self.subTest(fault):
                self.stage.fail(self.zpa, fault)
                done = self.curl_sign_in()
                self.assertEqual(done.returncode, DISTRUST, done.stderr)
        # It looks at the name only when the handshake is over: that one the server cannot see.
        self.wait_for_distrust(2)
        self.assertEqual(self.stage.requests, [])
        self.assertEqual(self.curl_sign_in().returncode, 0)

    def test_faults_happen_where_and_as_often_as_they_are_scripted(self):
        scene = self.spoil(faults.failure(500), times=2, skip=1)
        other = self.spoil(faults.failure(503), on="DELETE *")
        self.assertStatus(self.ask("POST", "https://elsewhere.example/x/apiKeys"), 200)
        self.assertEqual(
            [self.create().status_code for _ in range(4)], [201, 500, 500, 201])
        self.assertEqual((scene.played, other.played), (2, 0))


class KeyTest(ZpaCase):
    def test_a_new_key_is_refused_for_some_attempts(self):
        self.zpa.delay = Delay(attempts=2)
        self.create()
        (key,) = self.zpa.created
        self.assertIn(key.id, self.zpa.live(), "it is there")
        self.assertEqual([self.sign_in(key).status_code for _ in range(4)], [401, 401, 200, 200])
        self.assertStatus(self.sign_in(), 200)

    def test_a_new_key_is_refused_for_some_time(self):
        self.zpa.delay = Delay(seconds=20)
        self.create()
        (key,) = self.zpa.created
        self.assertStatus(self.sign_in(key), 401)
        self.stage.clock.advance(19)
        self.assertStatus(self.sign_in(key), 401)
        self.stage.clock.advance(2)
        self.assertStatus(self.sign_in(key), 200)

    def test_a_session_ends(self):
        token = self.token()
        self.assertStatus(self.ask("GET", self.keys, token), 200)
        self.stage.clock.advance(3599)
        self.assertStatus(self.ask("GET", self.keys, token), 200)
        self.stage.clock.advance(2)
        self.assertStatus(self.ask("GET", self.keys, token), 401)

    def test_what_is_live_is_what_is_let_in(self):
        self.create()
        (key,) = self.zpa.created
        both = {self.key.id: self.key.secret, key.id: key.secret}
        self.assertEqual(self.zpa.live(), both)
        key.active = False
        self.assertEqual(self.zpa.live(), {self.key.id: self.key.secret})
        self.assertStatus(self.sign_in(key), 401)
        key.active, key.expires = True, self.stage.clock.now() + 10
        self.assertEqual(self.zpa.live(), both)
        self.stage.clock.advance(11)
        self.assertEqual(self.zpa.live(), {self.key.id: self.key.secret})
        self.assertStatus(self.sign_in(key), 401)

    def test_slots_are_counted_for_each_login_whatever_the_state(self):
        ring = Ring(slots=2)
        ring.create("1", "a", "me", active=False)
        ring.create("2", "b", "me")
        ring.create("3", "c", "you")
        with self.assertRaises(Full):
            ring.create("4", "d", "me")
        ring.remove("1")
        ring.create("4", "d", "me")
        self.assertEqual([key.id for key in ring.created], ["1", "2", "3", "4"])
        self.assertEqual([key.id for key in ring], ["2", "3", "4"])

    def test_an_empty_secret_is_no_secret(self):
        ring = Ring()
        ring.grant("1", "", "me")
        self.assertIsNone(ring.admit(""))
        self.assertIsNone(ring.admit("", "me"))


if __name__ == "__main__":
    unittest.main()
