# `coffer token`: every issuer that gives session tokens gives one for what is in the vault.

import dataclasses
import json
import pathlib
import re
import signal
import time
import unittest

from calling_case import CallingTest, left_in
from issuers import faults
from issuers.auth0 import Auth0
from issuers.docker_hub import DockerHub
from issuers.entra import Entra
from issuers.google import Google
from issuers.oauth import OAuth
from issuers.okta import Okta
from issuers.player import Stranger
from issuers.reply import answer
from issuers.zidentity import Zidentity
from issuers.zpa import Zpa
from statement import pair
from support import COFFER, needs, wait_until
from tracing import Trace


@needs("curl")
class IssuerTest(CallingTest):
    """One test for each way in which an issuer is asked."""

    def assertToken(self, player, name, *secrets):
        """Asserts that the program prints a token that the issuer gave and still knows."""
        outcome = self.succeed(self.call("token", name))
        self.assertEqual(outcome.err, b"")
        token = outcome.out.decode()
        self.assertTrue(player.sessions.find(token), token[:20])
        header = self.succeed(self.call("token", name, "--header")).out.decode()
        self.assertRegex(header, r"\AAuthorization: Bearer \S+\n\Z")
        self.assertSilent(outcome, *secrets)
        return token

    def test_zpa(self):
        zpa = Zpa()
        key = zpa.grant()
        self.set_stage(zpa)
        self.hold("zpa/ci", "zpa", key.secret, client_id=key.login, customer_id=zpa.customer)
        self.assertToken(zpa, "zpa/ci", key.secret)

    def test_oneapi_with_a_secret(self):
        zidentity = Zidentity()
        key = zidentity.grant()
        self.set_stage(zidentity)
        self.hold("one", "zscaler-oneapi", key.secret, client_id=key.login, vanity_domain="acme")
        self.assertToken(zidentity, "one", key.secret)

    def test_oneapi_with_a_private_key(self):
        zidentity = Zidentity()
        private, public = pair()
        zidentity.public_keys["signer"] = public
        self.set_stage(zidentity)
        self.hold("one", "zscaler-private-key", private, client_id="signer", vanity_domain="acme")
        self.assertToken(zidentity, "one", private)

    def test_okta(self):
        okta = Okta()
        key = okta.grant()
        self.set_stage(okta)
        self.hold("okta", "okta", key.secret, client_id=key.login, scope="jobs",
                  org_url="https://acme.okta.com", authorization_server="default")
        self.assertToken(okta, "okta", key.secret)
        self.assertTrue(self.stage.asked("POST /oauth2/default/v1/token"))

    def test_auth0(self):
        auth0 = Auth0()
        key = auth0.grant()
        self.set_stage(auth0)
        self.hold("a", "auth0", key.secret, client_id=key.login, domain=auth0.hosts[0].replace(
            "*", "acme"), audience="https://api.acme.example")
        self.assertToken(auth0, "a", key.secret)

    def test_entra(self):
        entra = Entra()
        key = entra.grant()
        self.set_stage(entra)
        self.hold("e", "entra", key.secret, client_id=entra.client, tenant_id=entra.tenant)
        self.assertToken(entra, "e", key.secret)

    def test_docker_hub(self):
        hub = DockerHub()
        key = hub.grant()
        self.set_stage(hub)
        self.hold("d", "docker-hub", key.secret, username=hub.user)
        self.assertToken(hub, "d", key.secret)

    def test_google(self):
        google = Google()
        key = google.grant()
        self.set_stage(google)
        file = self.home.file("key.json", google.document(key).encode())
        self.succeed(self.coffer("capture", "g", "--json", file))
        self.assertToken(google, "g", key.secret)

    def test_oauth_in_both_places(self):
        oauth = OAuth()
        key = oauth.grant()
        self.set_stage(oauth)
        for place in ("basic", "post"):
            with self.subTest(place):
                self.hold(place, "oauth2-client", key.secret, client_id=key.login,
                          token_url=f"https://{oauth.hosts[0]}/token", client_authentication=place)
                token = self.succeed(self.call("token", place)).out.decode()
                me = self.ask("GET", f"https://{oauth.hosts[0]}/me", token)
                self.assertStatus(me, 200)

    def test_an_older_version_goes_to_its_own_host(self):
        oauth, stranger = OAuth(), Stranger("idp.elsewhere.example")
        key = oauth.grant()
        self.set_stage(oauth, stranger)
        self.hold("o", "oauth2-client", key.secret, client_id=key.login,
                  token_url=f"https://{oauth.hosts[0]}/token", client_authentication="post")
        self.succeed(self.coffer(
            "capture", "o", "--replace", "--stdin", "--set", "client_id=another",
            "--set", f"token_url=https://{stranger.hosts[0]}/token", stdin=b"another-secret-0123"))
        for version in ("o@1", "o@previous"):
            token = self.succeed(self.call("token", version)).out.decode()
            self.assertStatus(self.ask("GET", f"https://{oauth.hosts[0]}/me", token), 200)
        self.assertEqual(self.succeed(self.call("token", "o")).out, b"from-a-stranger")
        for request in self.stage.asked("* /token"):
            self.assertFalse(
                request.host == stranger.hosts[0] and request.holds(key.secret), request)

    def test_a_reply_whose_wait_is_no_text_is_one(self):
        oauth = OAuth()
        key = oauth.grant()
        stage = self.set_stage(oauth)
        said = answer({"access_token": "t", "expires_in": 60})
        headers = said.headers | {"Retry-After": "\u00e9"}
        odd = dataclasses.replace(said, headers=headers)
        stage.fail(oauth, faults.instead(odd), on="POST */token")
        self.hold("o", "oauth2-client", key.secret, client_id=key.login,
                  token_url=f"https://{oauth.hosts[0]}/token", client_authentication="post")
        self.assertEqual(self.succeed(self.call("token", "o")).out, b"t")

    def test_oauth_with_a_private_key(self):
        oauth = OAuth()
        private, public = pair()
        oauth.public_keys["signer"] = public
        self.set_stage(oauth)
        self.hold("o", "oauth2-private-key", private, client_id="signer",
                  token_url=f"https://{oauth.hosts[0]}/token")
        token = self.succeed(self.call("token", "o")).out.decode()
        self.assertStatus(self.ask("GET", f"https://{oauth.hosts[0]}/me", token), 200)


@needs("curl", "strace")
class TokenTest(CallingTest):
    """What holds of every token, shown with ZPA's."""

    def setUp(self):
        super().setUp()
        self.zpa = Zpa()
        self.key = self.zpa.grant()
        self.set_stage(self.zpa)
        self.hold("zpa/ci", "zpa", self.key.secret, client_id=self.key.login, session_validity="60")

    def token(self, *words, **more):
        return self.call("token", "zpa/ci", *words, **more)

    def test_it_says_until_when(self):
        shown = json.loads(self.succeed(self.token("--json")).out)
        self.assertEqual(sorted(shown), ["encoding", "expires", "name", "value"])
        self.assertRegex(shown["expires"], r"^20\d\d-\d\d-\d\dT")

    def test_a_terminal_gets_none_unasked(self):
        outcome = self.call("token", "zpa/ci#client_id")
        self.refuse(outcome, 2)

    def test_no_secret_is_in_an_argument_or_an_environment(self):
        log = f"{self.home.path}/trace"
        under = ["strace", "-f", "-qq", "-v", "-s", "100000", "-o", log, "-e",
                 "trace=execve,openat,open,creat"]
        self.home.environment["COFFER_NOT_FOR_CURL"] = "1"
        outcome = self.succeed(self.token(under=under))
        with open(log, errors="replace") as file:
            text = file.read()
        curl = [rest for _, rest in Trace(text).calls("execve") if "/curl" in rest.split(",")[0]]
        self.assertEqual(len(curl), 1, "one call, one curl")
        self.assertIn('"--disable", "--config", "-"]', curl[0])
        environment = set(re.findall(r'"([A-Z_a-z]+)=', curl[0]))
        self.assertLessEqual(environment, {
            "HTTPS_PROXY", "https_proxy", "SSL_CERT_FILE", "CURL_CA_BUNDLE"})
        # strace escapes what is not printable; what is left of both is enough to find them.
        for secret in (self.key.secret[:20], outcome.out.decode()[:20], self.key.login):
            self.assertNotIn(secret, text)
        made = [line for line in text.splitlines() if "O_CREAT" in line and self.home.path in line]
        self.assertFalse([line for line in made if "curl" in line])
        self.assertEqual(left_in(self.home.path, self.key.secret.encode()), [])

    def test_settings_of_a_person_do_not_count(self):
        self.home.file(".curlrc", b'url = "https://elsewhere.example/"\nverbose\ninsecure\n')
        elsewhere = f"{self.home.path}/keys.log"
        outcome = self.succeed(self.token(SSLKEYLOGFILE=elsewhere, CURL_HOME=self.home.path))
        self.assertEqual(outcome.err, b"")
        self.assertFalse(left_in(self.home.path, b"CLIENT_RANDOM"))
        self.assertEqual(len(self.stage.asked("POST /signin")), 1)

    def test_a_certificate_that_nobody_vouches_for_is_refused(self):
        for certificate in faults.Certificate:
            with self.subTest(certificate):
                self.stage.fail(self.zpa, certificate)
                outcome = self.refuse(self.token(), 1)
                self.assertIn(b"not to be trusted", outcome.err)
        self.assertEqual(self.stage.asked("POST /signin"), [])

    def test_a_refusal_is_one(self):
        self.key.active = False
        outcome = self.refuse(self.token(), 8)
        self.assertIn(b"does not accept the credential", outcome.err)
        self.assertSilent(outcome, self.key.secret)
        self.assertEqual(len(self.stage.asked("POST /signin")), 1, "not tried again")

    def test_what_passes_is_waited_for(self):
        self.stage.fail(self.zpa, faults.limited("1s"))
        self.stage.fail(self.zpa, faults.failure(503))
        self.succeed(self.token())
        self.assertEqual(len(self.stage.asked("POST /signin")), 3)

    def test_what_does_not_pass_is_told(self):
        self.stage.fail(self.zpa, faults.failure(500), times=9)
        outcome = self.refuse(self.token(), 10)
        self.assertIn(b"status 500", outcome.err)
        self.assertEqual(len(self.stage.asked("POST /signin")), 4)

    def test_nobody_waits_for_hours(self):
        self.stage.fail(self.zpa, faults.limited(7_200))
        outcome = self.refuse(self.token(), 10)
        self.assertIn(b"again in 7200 s", outcome.err)
        self.assertEqual(len(self.stage.asked("POST /signin")), 1)

    def test_a_redirect_leads_nowhere(self):
        self.stage.fail(self.zpa, faults.redirect("https://config.zpatwo.net/signin", 307))
        outcome = self.refuse(self.token(), 1)
        self.assertIn(b"status 307", outcome.err)
        self.assertEqual(len(self.stage.asked()), 1)

    def test_nothing_of_an_odd_reply_is_shown(self):
        odd = {
            "garbage": faults.garbage(), "truncated": faults.truncated(),
            "two words": faults.instead(answer({"access_token": "ODDREPLY\r\nx: y"})),
            "an error": faults.instead(answer({"error": "ODDREPLY"}, 400)),
            "broken off": faults.broken_off(), "lost": faults.lost_reply(),
            "huge": faults.huge(3_000_000), "endless": faults.endless(),
        }
        for name, fault in odd.items():
            with self.subTest(name):
                self.stage.fail(self.zpa, fault)
                outcome = self.refuse(self.token(), 1)
                self.assertNotIn(b"ODDREPLY", outcome.err)
                self.assertSilent(outcome, self.key.secret)


@needs("curl")
class KeptTokenTest(CallingTest):
    """One token for many, as long as it is good."""

    def setUp(self):
        super().setUp()
        self.zpa = Zpa()
        self.key = self.zpa.grant()
        self.set_stage(self.zpa)
        self.hold("zpa/ci", "zpa", self.key.secret, client_id=self.key.login)

    def token(self, *words, **more):
        return self.succeed(self.call("token", "zpa/ci", *words, **more)).out

    @property
    def asked(self):
        return len(self.stage.asked("POST /signin"))

    @property
    def kept(self):
        folder = pathlib.Path(self.home.path, "runtime/coffer/tokens")
        return sorted(folder.iterdir()) if folder.exists() else []

    def test_a_second_use_asks_nobody(self):
        token = self.token()
        self.assertEqual((self.token(), self.asked), (token, 1))
        self.assertNotEqual(self.token("--fresh"), token)
        self.assertEqual(self.asked, 2)

    def test_each_use_is_in_the_log(self):
        self.token(), self.token()
        log = self.succeed(self.coffer("audit log", "--json")).out
        reads = [line for line in log.splitlines() if b'"read"' in line]
        self.assertEqual(len(reads), 2, log[:500])

    def test_a_disabled_secret_gives_none(self):
        self.token()
        self.succeed(self.coffer("disable", "zpa/ci"))
        self.refuse(self.call("token", "zpa/ci"), 8)

    def test_another_version_or_field_has_another(self):
        token = self.token()
        self.succeed(self.coffer("edit", "zpa/ci", "--set", "session_validity=2"))
        self.assertNotEqual(self.token(), token)
        self.assertEqual((self.asked, len(self.kept)), (2, 2))

    def test_it_is_not_used_to_its_end(self):
        self.succeed(self.coffer("edit", "zpa/ci", "--set", "session_validity=2"))
        token = self.token()
        self.assertEqual(self.token(), token)
        time.sleep(1.7)
        self.assertNotEqual(self.token(), token)

    def test_it_lies_sealed_in_memory(self):
        token = self.token()
        self.assertEqual(len(self.kept), 1)
        self.assertEqual(self.kept[0].stat().st_mode & 0o777, 0o600)
        self.assertEqual(left_in(self.home.path, token[:40]), [])
        self.assertEqual(left_in(self.home.path, self.key.secret.encode()), [])

    def test_what_is_not_its_own_is_not_taken(self):
        token = self.token()
        place = self.kept[0]
        for change in (lambda: place.write_bytes(place.read_bytes()[:-1]),
                       lambda: place.write_bytes(b""), lambda: place.write_bytes(b"x" * 200_000),
                       lambda: place.chmod(0o644)):
            change()
            other = self.token()
            self.assertNotEqual(other, token)
            place.unlink(missing_ok=True)
            token = self.token()
        place.unlink()
        place.symlink_to(self.home.file("elsewhere", b"untouched"))
        self.assertNotEqual(self.token(), token)
        with open(f"{self.home.path}/elsewhere", "rb") as file:
            self.assertEqual(file.read(), b"untouched")

    def test_of_many_at_once_one_asks(self):
        self.stage.fail(self.zpa, faults.slow(0.5))
        runs = [self.home.start("token", "zpa/ci", "--key-file", self.home.key) for _ in range(6)]
        tokens = {run.communicate(timeout=30)[0] for run in runs}
        self.assertEqual({run.returncode for run in runs}, {0})
        self.assertEqual((len(tokens), self.asked), (1, 1))

    def test_a_job_gets_it_and_not_the_secret(self):
        outcome = self.succeed(self.call(
            "run", "--token", "BEARER=zpa/ci", "--", "env"))
        lines = outcome.out.decode().splitlines()
        token = next(line[7:] for line in lines if line.startswith("BEARER="))
        self.assertTrue(self.zpa.sessions.find(token))
        self.assertNotIn(self.key.secret, outcome.out.decode())

    def test_curl_ends_with_us(self):
        for number in (signal.SIGKILL, signal.SIGINT, signal.SIGTERM):
            with self.subTest(number):
                self.stage.fail(self.zpa, faults.slow(30))
                process = self.home.start("token", "zpa/ci", "--key-file", self.home.key)
                children = wait_until(lambda: children_of(process.pid), "curl runs")
                process.send_signal(number)
                self.assertEqual(process.communicate(timeout=10)[0], b"")
                self.assertEqual(process.returncode, -number)
                wait_until(lambda: not any(
                    pathlib.Path(f"/proc/{child}").exists() for child in children), "it ended")

    def test_an_agent_gives_the_secret_and_calls_nobody(self):
        inner = [COFFER, "token", "zpa/ci"]
        outcome = self.succeed(self.call("with-agent", "--", *inner))
        self.assertTrue(self.zpa.sessions.find(outcome.out.decode()))
        self.assertEqual(self.token(), outcome.out, "the same for both")
        self.assertEqual(self.asked, 1)

    def test_a_job_of_a_locked_vault_has_tokens_too(self):
        self.succeed(self.coffer("job add", "nightly", "--identity-file", "nightly.job"))
        self.succeed(self.coffer("deliver", "zpa/ci", "--to", "nightly"))
        outcome = self.succeed(self.home.run("token", "zpa/ci", "--job-file", "nightly.job"))
        self.assertTrue(self.zpa.sessions.find(outcome.out.decode()))


def children_of(process):
    """The processes that a process started and that run."""
    with open(f"/proc/{process}/task/{process}/children") as file:
        return file.read().split()


if __name__ == "__main__":
    unittest.main()
