"""The test issuers whose secrets belong to clients do what the documents of the real ones say."""

import base64
import json
import time
import unittest
import urllib.parse

from issuer_case import StageTest
from issuers.assertion import BY_ASSERTION
from issuers.auth0 import Auth0
from issuers.entra import Entra
from issuers.key import Delay
from issuers.oauth import OAuth
from issuers.okta import Okta
from issuers.zidentity import AUDIENCE, Zidentity
from issuers.zpa import Zpa
from statement import pair, signed


class ZpaTest(StageTest):
    BASE = "https://config.private.zscaler.com"

    def setUp(self):
        self.zpa = Zpa()
        self.key = self.zpa.grant()
        self.set_stage(self.zpa)
        self.keys = f"{self.BASE}/mgmtconfig/v1/admin/customers/{self.zpa.customer}/apiKeys"

    def sign_in(self, login, secret):
        return self.ask(
            "POST", f"{self.BASE}/signin", data={"client_id": login, "client_secret": secret})

    def token(self):
        return self.sign_in(self.key.login, self.key.secret).json()["access_token"]

    def test_a_key_is_created_once_shown_listed_switched_off_and_deleted(self):
        token = self.token()
        asked = {"name": "new", "roleId": "7", "tokenExpiryTimeInSec": "60"}
        new = self.assertStatus(self.ask("POST", self.keys, token, json=asked), 201).json()
        listed = self.assertStatus(self.ask("GET", self.keys, token), 200).json()["list"]
        self.assertEqual([key["id"] for key in listed], [self.key.id, new["id"]])
        self.assertNotIn("clientSecret", json.dumps(listed))
        self.assertNotIn("clientSecret", self.ask("GET", f"{self.keys}/{new['id']}", token).json())
        session = self.assertStatus(self.sign_in(new["clientId"], new["clientSecret"]), 200).json()
        self.assertEqual(session["expires_in"], "60")
        place = f"{self.keys}/{new['id']}"
        for enabled, status in ((False, 401), (True, 200)):
            self.assertStatus(self.ask("PUT", place, token, json={"enabled": enabled}), 204)
            self.assertStatus(self.sign_in(new["clientId"], new["clientSecret"]), status)
        self.assertStatus(self.ask("DELETE", place, token), 204)
        self.assertStatus(self.ask("DELETE", place, token), 404)
        self.assertStatus(self.sign_in(new["clientId"], new["clientSecret"]), 401)
        self.assertEqual(list(self.zpa.live()), [self.key.id])

    def test_what_is_wrong_is_refused(self):
        self.assertStatus(self.sign_in(self.key.login, self.key.secret + "x"), 401)
        self.assertStatus(self.sign_in("x" + self.key.login, self.key.secret), 401)
        self.assertStatus(self.ask("GET", self.keys, "x"), 401)
        self.assertStatus(self.ask("POST", self.keys, self.token(), json={}), 400)
        other = self.keys.replace(self.zpa.customer, "1")
        self.assertStatus(self.ask("GET", other, self.token()), 403)
        self.assertStatus(self.ask("PATCH", self.keys, self.token()), 405)
        json_body = {"client_id": self.key.login, "client_secret": self.key.secret}
        self.assertStatus(self.ask("POST", f"{self.BASE}/signin", json=json_body), 401)


class ZidentityTest(StageTest):
    def setUp(self):
        self.zpa = Zpa()
        self.zidentity = Zidentity("acme", self.zpa)
        self.key = self.zidentity.grant("client1")
        self.set_stage(self.zidentity, self.zpa)
        self.secrets = "https://api.zsapi.net/ziam/admin/api/v1/api-clients/client1/secrets"

    def exchange(self, secret, **more):
        form = {"grant_type": "client_credentials", "client_id": "client1",
                "client_secret": secret, "audience": AUDIENCE} | more
        form = {name: value for name, value in form.items() if value is not None}
        return self.ask("POST", "https://acme.zslogin.net/oauth2/v1/token", data=form)

    def token(self):
        return self.exchange(self.key.secret).json()["access_token"]

    def test_a_second_secret_lives_beside_the_first_until_either_is_deleted(self):
        token = self.token()
        new = self.assertStatus(self.ask("POST", self.secrets, token, json={}), 201).json()
        for secret in (self.key.secret, new["value"]):
            self.assertEqual(self.exchange(secret).json()["expires_in"], 86_399)
        listed = self.assertStatus(self.ask("GET", self.secrets, token), 200).json()
        self.assertEqual([one["id"] for one in listed], [self.key.id, new["id"]])
        self.assertNotIn("value", json.dumps(listed))
        self.assertStatus(self.ask("DELETE", f"{self.secrets}/{self.key.id}", token), 204)
        self.assertStatus(self.exchange(self.key.secret), 401)
        self.assertStatus(self.exchange(new["value"]), 200)
        self.assertStatus(self.ask("GET", self.secrets, token), 200)

    def test_a_secret_ends_when_it_was_asked_to(self):
        until = int(self.stage.clock.now()) + 100
        body = {"expiresAt": str(until)}
        new = self.ask("POST", self.secrets, self.token(), json=body).json()
        self.assertEqual(new["expiresAt"], str(until))
        self.assertStatus(self.exchange(new["value"]), 200)
        self.stage.clock.advance(101)
        self.assertStatus(self.exchange(new["value"]), 401)
        self.assertEqual(list(self.zidentity.live()), [self.key.id])

    def test_a_client_may_sign_instead(self):
        private, self.zidentity.public_keys["client1"] = pair()
        now = int(time.time())
        right = {"iss": "client1", "sub": "client1", "aud": AUDIENCE, "exp": now + 600}
        for claims, status in (
                (right, 200), (right | {"aud": "https://x"}, 401), (right | {"exp": now - 1}, 401),
                (right | {"exp": now + 900}, 401), (right | {"iss": "client2"}, 401)):
            statement = signed(private, **claims)
            response = self.exchange(
                None, client_assertion=statement, client_assertion_type=BY_ASSERTION)
            self.assertStatus(response, status)
        forged = self.exchange(
            None, client_assertion=signed(pair(1)[0], **right), client_assertion_type=BY_ASSERTION)
        self.assertStatus(forged, 401)
        nobody = signed(private, **right | {"iss": "client2", "sub": "client2"})
        self.assertStatus(self.exchange(
            None, client_id="client2", client_assertion=nobody,
            client_assertion_type=BY_ASSERTION), 401)

    def test_what_is_wrong_is_refused(self):
        self.assertStatus(self.exchange(self.key.secret, audience=None), 400)
        self.assertStatus(self.exchange(self.key.secret, grant_type="password"), 400)
        self.assertStatus(self.ask("GET", self.secrets, "x"), 401)
        self.assertStatus(self.ask("POST", self.secrets, self.token(), json={
            "expiresAt": "soon"}), 400)
        self.zidentity.grant("client2", administrator=False)
        other = self.exchange(list(self.zidentity.live().values())[-1], client_id="client2")
        self.assertStatus(self.ask("GET", self.secrets, other.json()["access_token"]), 403)
        elsewhere = "https://other.zslogin.net/oauth2/v1/token"
        self.assertStatus(self.ask("POST", elsewhere, data={}), 404)

    def test_its_token_opens_zpa(self):
        customers = "https://api.zsapi.net/zpa/mgmtconfig/v1/admin/customers"
        keys = f"{customers}/{self.zpa.customer}/apiKeys"
        self.assertStatus(self.ask("POST", keys, self.token(), json={"name": "new"}), 201)
        self.assertStatus(self.ask("POST", keys, "x", json={"name": "new"}), 401)
        self.assertEqual(len(self.zpa.created), 1)


class OktaTest(StageTest):
    APP = "0oa1gjh63g214q0Hq0g4"
    BASE = "https://acme.okta.com"

    def setUp(self):
        self.okta = Okta()
        self.key = self.okta.grant(self.APP)
        self.set_stage(self.okta)
        self.secrets = f"{self.BASE}/api/v1/apps/{self.APP}/credentials/secrets"
        self.headers = {"Authorization": f"SSWS {self.okta.grant_api_token()}"}

    def exchange(self, secret):
        return self.ask("POST", f"{self.BASE}/oauth2/default/v1/token", auth=(self.APP, secret),
                        data={"grant_type": "client_credentials", "scope": "s"})

    def manage(self, method, step=""):
        return self.ask(method, self.secrets + step, headers=dict(self.headers))

    def test_two_secrets_and_no_third_even_if_one_is_inactive(self):
        new = self.assertStatus(self.manage("POST"), 201).json()
        self.assertStatus(self.exchange(self.key.secret), 200)
        self.assertStatus(self.exchange(new["client_secret"]), 200)
        full = self.assertStatus(self.manage("POST"), 400).json()
        self.assertEqual(full["errorCode"], "E0000001")
        self.manage("POST", f"/{self.key.id}/lifecycle/deactivate")
        self.assertStatus(self.manage("POST"), 400)
        self.assertStatus(self.manage("DELETE", f"/{self.key.id}"), 204)
        self.assertStatus(self.manage("POST"), 201)

    def test_an_active_secret_is_not_deleted_and_an_inactive_one_not_let_in(self):
        place = f"/{self.key.id}"
        self.assertStatus(self.manage("DELETE", place), 400)
        off = self.assertStatus(self.manage("POST", place + "/lifecycle/deactivate"), 200).json()
        self.assertEqual(off["status"], "INACTIVE")
        self.assertStatus(self.exchange(self.key.secret), 401)
        self.assertEqual(self.okta.live(), {})
        self.assertStatus(self.manage("POST", place + "/lifecycle/activate"), 200)
        self.assertStatus(self.exchange(self.key.secret), 200)
        self.manage("POST", place + "/lifecycle/deactivate")
        self.assertStatus(self.manage("DELETE", place), 204)
        self.assertStatus(self.manage("DELETE", place), 404)

    def test_a_secret_is_percent_encoded_in_basic_authentication(self):
        self.key.secret = "a+b%c:d"
        self.assertStatus(self.exchange("a%2Bb%25c%3Ad"), 200)
        self.assertStatus(self.exchange("a+b%c:d"), 401)

    def test_a_secret_is_shown_once(self):
        new = self.manage("POST").json()
        shown = self.manage("GET").text + self.manage("GET", f"/{new['id']}").text
        self.assertIn(new["id"], shown)
        self.assertNotIn(new["client_secret"], shown)

    def test_who_may_manage(self):
        me = f"{self.BASE}/api/v1/users/me"
        self.assertStatus(self.ask("GET", me, headers=dict(self.headers)), 200)
        token = self.exchange(self.key.secret).json()["access_token"]
        self.assertStatus(self.ask("GET", self.secrets, token), 200)
        self.assertStatus(self.ask("GET", self.secrets, "x"), 401)
        self.headers = {"Authorization": "SSWS x"}
        self.assertStatus(self.manage("GET"), 401)


class Auth0Test(StageTest):
    BASE = "https://acme.eu.auth0.com"

    def setUp(self):
        self.auth0 = Auth0()
        self.key = self.auth0.grant()
        self.set_stage(self.auth0)

    def exchange(self, secret, audience="https://acme.eu.auth0.com/api/v2/"):
        return self.ask("POST", f"{self.BASE}/oauth/token", json={
            "grant_type": "client_credentials", "client_id": self.key.login,
            "client_secret": secret, "audience": audience})

    def rotate(self, token):
        return self.ask("POST", f"{self.BASE}/api/v2/clients/{self.key.login}/rotate-secret", token)

    def test_the_old_secret_dies_before_the_new_one_works(self):
        token = self.exchange(self.key.secret).json()["access_token"]
        new = self.assertStatus(self.rotate(token), 200).json()
        self.assertEqual(new["client_id"], self.key.login)
        self.assertStatus(self.exchange(self.key.secret), 401)
        self.assertStatus(self.exchange(new["client_secret"]), 401)
        self.assertStatus(self.exchange(new["client_secret"]), 200)
        self.assertEqual(self.auth0.live(), {self.key.login: new["client_secret"]})

    def test_the_new_secret_takes_time_if_a_test_says_so(self):
        self.auth0.delay = Delay(seconds=30)
        new = self.rotate(self.exchange(self.key.secret).json()["access_token"]).json()
        self.assertStatus(self.exchange(new["client_secret"]), 401)
        self.stage.clock.advance(31)
        self.assertStatus(self.exchange(new["client_secret"]), 200)

    def test_the_secret_can_be_seen_again(self):
        token = self.exchange(self.key.secret).json()["access_token"]
        shown = self.ask("GET", f"{self.BASE}/api/v2/clients/{self.key.login}", token).json()
        self.assertEqual(shown["client_secret"], self.key.secret)

    def test_a_token_for_something_else_manages_nothing(self):
        token = self.exchange(self.key.secret, "https://api.acme.example").json()["access_token"]
        self.assertStatus(self.rotate(token), 401)
        self.assertEqual(self.auth0.created, [])
        self.assertStatus(self.exchange(self.key.secret, ""), 400)


class EntraTest(StageTest):
    def setUp(self):
        self.entra = Entra()
        self.key = self.entra.grant()
        self.set_stage(self.entra)
        self.application = f"https://graph.microsoft.com/v1.0/applications/{self.entra.object}"

    def exchange(self, secret, **more):
        url = f"https://login.microsoftonline.com/{self.entra.tenant}/oauth2/v2.0/token"
        return self.ask("POST", url, data={
            "grant_type": "client_credentials", "client_id": self.entra.client,
            "client_secret": secret, "scope": "https://graph.microsoft.com/.default"} | more)

    def call(self, method, step="", **more):
        token = self.exchange(self.key.secret).json()["access_token"]
        return self.ask(method, self.application + step, token, **more)

    def test_passwords_live_side_by_side_until_one_is_removed(self):
        body = {"passwordCredential": {"displayName": "new"}}
        new = self.assertStatus(self.call("POST", "/addPassword", json=body), 200).json()
        self.assertEqual(new["hint"], new["secretText"][:3])
        self.assertStatus(self.exchange(new["secretText"]), 200)
        shown = self.call("GET")
        self.assertEqual([one["keyId"] for one in shown.json()["passwordCredentials"]],
                         [self.key.id, new["keyId"]])
        self.assertNotIn(new["secretText"], shown.text)
        gone = {"keyId": new["keyId"]}
        self.assertStatus(self.call("POST", "/removePassword", json=gone), 204)
        self.assertStatus(self.exchange(new["secretText"]), 401)
        self.assertStatus(self.call("POST", "/removePassword", json=gone), 400)

    def test_an_application_is_known_by_its_client_id_too(self):
        here = self.application
        self.application = here.replace(f"/{self.entra.object}", f"(appId='{self.entra.client}')")
        new = self.assertStatus(self.call("POST", "/addPassword", json={}), 200).json()
        shown = self.call("GET").json()["passwordCredentials"]
        self.assertEqual([one["keyId"] for one in shown], [self.key.id, new["keyId"]])
        self.call("POST", "/removePassword", json={"keyId": new["keyId"]})
        self.assertEqual(list(self.entra.live()), [self.key.id])
        self.application = here + "x"
        self.assertStatus(self.call("GET"), 404)

    def test_a_wrong_password_and_one_that_ended_are_told_apart(self):
        wrong = self.assertStatus(self.exchange("x"), 401).json()
        self.assertEqual(wrong["error_codes"], [7000215])
        body = {"passwordCredential": {"endDateTime": self.stage.clock.text(
            self.stage.clock.now() + 60)}}
        new = self.call("POST", "/addPassword", json=body).json()
        self.stage.clock.advance(61)
        self.assertEqual(self.exchange(new["secretText"]).json()["error_codes"], [7000222])

    def test_what_is_wrong_is_refused(self):
        self.assertStatus(self.exchange(self.key.secret, scope="all"), 400)
        self.assertStatus(self.ask("GET", self.application, "x"), 401)
        elsewhere = self.exchange(self.key.secret, scope="https://vault.azure.net/.default").json()
        self.assertStatus(self.ask("GET", self.application, elsewhere["access_token"]), 401)
        self.assertStatus(
            self.ask("POST", f"https://graph.microsoft.com/{self.entra.tenant}/oauth2/v2.0/token"),
            404)


class OAuthTest(StageTest):
    TOKEN = "https://auth.issuer.example/token"

    def setUp(self):
        self.oauth = OAuth()
        self.key = self.oauth.grant("client1")
        self.set_stage(self.oauth)

    def basic(self, secret):
        """As RFC 6749 wants it: both parts are percent-encoded first."""
        pair = f"client1:{urllib.parse.quote(secret, safe='')}".encode()
        return self.ask("POST", self.TOKEN, data={"grant_type": "client_credentials"}, headers={
            "Authorization": f"Basic {base64.b64encode(pair).decode()}"})

    def post(self, secret, **more):
        return self.ask("POST", self.TOKEN, data={
            "grant_type": "client_credentials", "client_id": "client1", "client_secret": secret,
            **more})

    def test_a_secret_is_presented_in_two_ways(self):
        for present in (self.basic, self.post):
            token = self.assertStatus(present(self.key.secret), 200).json()
            self.assertEqual(token["token_type"], "Bearer")
            me = "https://auth.issuer.example/me"
            self.assertStatus(self.ask("GET", me, token["access_token"]), 200)
            self.assertStatus(self.ask("GET", me, "x"), 401)
            self.assertEqual(
                self.assertStatus(present("x"), 401).json()["error"], "invalid_client")

    def test_another_secret_lives_beside_it(self):
        self.oauth.delay = Delay(attempts=1)
        new = self.oauth.add("client1")
        self.assertEqual([self.post(new.secret).status_code for _ in range(2)], [401, 200])
        self.oauth.ring.remove(self.key.id)
        self.assertStatus(self.post(self.key.secret), 401)
        self.assertStatus(self.post(new.secret), 200)

    def test_a_client_signs_each_statement_for_one_time(self):
        private, self.oauth.public_keys["client2"] = pair()
        right = {"iss": "client2", "sub": "client2", "aud": self.TOKEN, "jti": "1",
                 "exp": int(time.time()) + 60}
        for claims, status in ((right, 200), (right, 400), (right | {"jti": "2"}, 200),
                               (right | {"jti": "3", "aud": "https://x"}, 400)):
            response = self.ask("POST", self.TOKEN, data={
                "grant_type": "client_credentials", "client_assertion": signed(private, **claims),
                "client_assertion_type": BY_ASSERTION})
            self.assertStatus(response, status)
        self.assertStatus(self.post("x", client_id="client2"), 401)

    def test_other_grants_are_refused(self):
        response = self.post(self.key.secret, grant_type="password")
        self.assertEqual(response.json()["error"], "unsupported_grant_type")


if __name__ == "__main__":
    unittest.main()
