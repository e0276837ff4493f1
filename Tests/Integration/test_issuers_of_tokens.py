"""The test issuers that hand out tokens and keys do what the documents of the real ones say."""

import base64
import datetime
import json
import time
import unittest

from issuer_case import StageTest
from issuers.anthropic import VERSION, Anthropic
from issuers.cloudflare import Cloudflare
from issuers.docker_hub import DockerHub
from issuers.github import Github
from issuers.gitlab import Gitlab
from issuers.google import GRANT, TOKEN_URL, Google
from issuers.openai import OpenAI
from statement import pair, signed


class GitlabTest(StageTest):
    BASE = "https://gitlab.com/api/v4"

    def setUp(self):
        self.use(Gitlab())

    def use(self, gitlab):
        self.gitlab = gitlab
        self.key = gitlab.grant()
        self.set_stage(gitlab)

    def call(self, method, step, secret=None, **more):
        return self.ask(method, f"{self.BASE}/{step}", headers={
            "PRIVATE-TOKEN": secret or self.key.secret}, **more)

    def rotate(self, secret=None, **more):
        return self.call("POST", "personal_access_tokens/self/rotate", secret, **more)

    def in_days(self, days):
        day = datetime.datetime.now(datetime.UTC).date() + datetime.timedelta(days=days)
        return day.isoformat()

    def test_rotating_revokes_the_old_token_at_once(self):
        new = self.assertStatus(self.rotate(), 200).json()
        self.assertEqual(self.gitlab.live(), {str(new["id"]): new["token"]})
        self.assertStatus(self.call("GET", "user", new["token"]), 200)

    def test_a_new_token_ends_in_a_week_unless_a_date_is_given(self):
        first = self.rotate().json()
        self.assertEqual(first["expires_at"], self.in_days(7))
        second = self.rotate(first["token"], data={"expires_at": self.in_days(90)}).json()
        self.assertEqual(second["expires_at"], self.in_days(90))
        third = self.rotate(second["token"], json={"expires_at": self.in_days(365)}).json()
        self.assertEqual(third["expires_at"], self.in_days(365))
        for wrong in (self.in_days(366), self.in_days(0), "soon"):
            self.assertStatus(self.rotate(third["token"], data={"expires_at": wrong}), 400)
        self.assertEqual(list(self.gitlab.live()), [str(third["id"])])
        self.stage.clock.advance(366 * 86_400)
        self.assertStatus(self.call("GET", "user", third["token"]), 401)

    def test_whoever_uses_a_rotated_token_kills_its_family(self):
        new = self.rotate().json()
        newest = self.rotate(new["token"]).json()
        self.assertStatus(self.call("GET", "user"), 401)
        self.assertStatus(self.call("GET", "user", newest["token"]), 401)
        self.assertEqual(self.gitlab.live(), {})

    def test_or_only_who_rotates_it_again(self):
        self.use(Gitlab(reuse_on_rotation_only=True))
        new = self.rotate().json()
        self.assertStatus(self.call("GET", "user"), 401)
        self.assertStatus(self.call("GET", "user", new["token"]), 200)
        self.assertStatus(self.rotate(), 401)
        self.assertStatus(self.call("GET", "user", new["token"]), 401)

    def test_tokens_are_listed_without_their_values_and_revoked(self):
        listed = self.assertStatus(self.call("GET", "personal_access_tokens"), 200)
        self.assertNotIn(self.key.secret, listed.text)
        self.assertEqual(listed.json()[0]["id"], int(self.key.id))
        shown = self.call("GET", "personal_access_tokens/self").json()
        self.assertTrue(shown["active"] and shown["last_used_at"])
        self.assertStatus(self.call("DELETE", f"personal_access_tokens/{self.key.id}"), 204)
        self.assertStatus(self.call("GET", "user"), 401)


class CloudflareTest(StageTest):
    TOKENS = "https://api.cloudflare.com/client/v4/user/tokens"

    def setUp(self):
        self.cloudflare = Cloudflare()
        self.key = self.cloudflare.grant()
        self.set_stage(self.cloudflare)

    def call(self, method, step="", secret=None, **more):
        return self.ask(method, self.TOKENS + step, secret or self.key.secret, **more)

    def test_rolling_kills_the_old_value_and_keeps_the_id(self):
        rolled = self.assertStatus(self.call("PUT", f"/{self.key.id}/value", json={}), 200).json()
        self.assertStatus(self.call("GET", "/verify"), 401)
        verified = self.call("GET", "/verify", rolled["result"]).json()
        self.assertEqual(verified["result"], {"id": self.key.id, "status": "active"})
        self.assertEqual(self.cloudflare.live(), {self.key.id: rolled["result"]})

    def test_a_token_is_created_disabled_and_deleted(self):
        body = {"name": "new", "policies": [{"effect": "allow"}]}
        new = self.assertStatus(self.call("POST", json=body), 200).json()["result"]
        self.assertStatus(self.call("GET", "/verify", new["value"]), 200)
        self.assertNotIn(new["value"], self.call("GET").text)
        self.assertIn(new["id"], self.call("GET").text)
        self.call("PUT", f"/{new['id']}", json={"status": "disabled"})
        self.assertStatus(self.call("GET", "/verify", new["value"]), 401)
        self.assertStatus(self.call("DELETE", f"/{new['id']}"), 200)
        self.assertStatus(self.call("DELETE", f"/{new['id']}"), 404)

    def test_only_some_tokens_write_tokens(self):
        weak = self.cloudflare.grant(may_write_tokens=False)
        self.assertStatus(self.call("GET", "/verify", weak.secret), 200)
        self.assertStatus(self.call("PUT", f"/{weak.id}/value", weak.secret, json={}), 403)
        self.assertStatus(self.call("POST", json={"name": "new"}), 400)


class GithubTest(StageTest):
    BASE = "https://api.github.com"

    def setUp(self):
        self.github = Github()
        self.key, self.other = self.github.grant(days=10), self.github.grant()
        self.set_stage(self.github)

    def user(self, secret):
        return self.ask("GET", f"{self.BASE}/user", secret)

    def test_a_token_is_verified_and_says_when_it_ends(self):
        response = self.assertStatus(self.user(self.key.secret), 200)
        self.assertRegex(
            response.headers["GitHub-Authentication-Token-Expiration"], r"^\d{4}-.* UTC$")
        self.assertStatus(self.user("ghp_x"), 401)
        self.assertStatus(self.ask("GET", f"{self.BASE}/user", headers={
            "Authorization": f"token {self.key.secret}"}), 200)

    def test_anybody_revokes_what_he_knows_and_nobody_who_authenticates(self):
        body = {"credentials": [self.key.secret, "ghp_unknown"]}
        url = f"{self.BASE}/credentials/revoke"
        self.assertStatus(self.ask("POST", url, self.other.secret, json=body), 403)
        self.assertStatus(self.user(self.key.secret), 200)
        self.assertStatus(self.ask("POST", url, json=body), 202)
        self.assertStatus(self.user(self.key.secret), 401)
        self.assertEqual(list(self.github.live()), [self.other.id])
        self.assertStatus(self.ask("POST", url, json={"credentials": []}), 422)
        self.assertStatus(self.ask("POST", url, json={"credentials": ["x"] * 1001}), 422)


class GoogleTest(StageTest):
    def setUp(self):
        self.google = Google()
        self.key = self.google.grant()
        self.set_stage(self.google)
        self.keys = (f"https://iam.googleapis.com/v1/projects/{self.google.project}"
                     f"/serviceAccounts/{self.google.account}/keys")

    def statement(self, key, pem=None, **claims):
        now = int(time.time())
        return signed(pem or key.secret, **{
            "kid": key.id, "iss": self.google.account, "aud": TOKEN_URL, "iat": now,
            "exp": now + 3600, "scope": "https://www.googleapis.com/auth/cloud-platform"} | claims)

    def exchange(self, statement):
        return self.ask("POST", TOKEN_URL, data={"grant_type": GRANT, "assertion": statement})

    def call(self, method, step="", **more):
        token = self.exchange(self.statement(self.key)).json()["access_token"]
        return self.ask(method, self.keys + step, token, **more)

    def test_a_key_is_created_disabled_enabled_and_deleted(self):
        new = self.assertStatus(self.call("POST", json={}), 200).json()
        document = json.loads(base64.b64decode(new["privateKeyData"]))
        key = self.google.ring.get(document["private_key_id"])
        self.assertEqual(new["name"].rpartition("/")[2], key.id)
        self.assertEqual(document["private_key"], key.secret)
        for verb, status in (("disable", 400), ("enable", 200)):
            self.assertStatus(self.call("POST", f"/{key.id}:{verb}", json={}), 200)
            self.assertStatus(self.exchange(self.statement(key)), status)
        self.assertNotIn("privateKeyData", self.call("GET").text)
        self.assertStatus(self.call("DELETE", f"/{key.id}"), 200)
        self.assertStatus(self.call("DELETE", f"/{key.id}"), 404)
        self.assertStatus(self.exchange(self.statement(key)), 400)

    def test_ten_keys_and_no_eleventh(self):
        for number in range(9):
            self.google.ring.grant(str(number), self.key.secret, self.google.account, active=False)
        full = self.assertStatus(self.call("POST", json={}), 400).json()
        self.assertEqual(full["error"]["status"], "FAILED_PRECONDITION")
        self.call("DELETE", "/0")
        self.assertStatus(self.call("POST", json={}), 200)

    def test_only_a_right_statement_is_proof(self):
        now = int(time.time())
        for claims in (
                {"aud": "https://x"}, {"exp": now - 1}, {"exp": now + 7200}, {"iat": now + 600},
                {"iss": "other@x"}, {"scope": ""}, {"kid": "0" * 40}, {"pem": pair()[0]}):
            with self.subTest(list(claims)):
                self.assertStatus(self.exchange(self.statement(self.key, **claims)), 400)
        self.assertStatus(self.exchange("no.such.thing"), 400)


class DockerHubTest(StageTest):
    BASE = "https://hub.docker.com/v2"

    def setUp(self):
        self.hub = DockerHub()
        self.key = self.hub.grant()
        self.set_stage(self.hub)

    def exchange(self, secret):
        return self.ask("POST", f"{self.BASE}/auth/token", json={
            "identifier": self.hub.user, "secret": secret})

    def call(self, method, step="", **more):
        token = self.exchange(self.key.secret).json()["access_token"]
        return self.ask(method, f"{self.BASE}/access-tokens{step}", token, **more)

    def test_a_token_is_created_once_shown_switched_off_and_deleted(self):
        body = {"token_label": "new", "scopes": ["repo:read"]}
        new = self.assertStatus(self.call("POST", json=body), 201).json()
        self.assertStatus(self.exchange(new["token"]), 200)
        shown = self.call("GET", f"/{new['uuid']}").json()
        self.assertEqual((shown["token"], shown["is_active"]), ("***", True))
        self.assertEqual(self.call("GET").json()["count"], 2)
        place = f"/{new['uuid']}"
        self.assertStatus(self.call("PATCH", place, json={"is_active": False}), 200)
        self.assertStatus(self.exchange(new["token"]), 401)
        self.assertStatus(self.call("DELETE", place), 204)
        self.assertStatus(self.call("DELETE", place), 404)
        self.assertEqual(list(self.hub.live()), [self.key.id])

    def test_what_is_wrong_is_refused(self):
        self.assertStatus(self.exchange("x"), 401)
        self.assertStatus(self.call("POST", json={"token_label": "x", "scopes": ["all"]}), 400)
        token = self.exchange(self.key.secret).json()["access_token"]
        self.stage.clock.advance(601)
        self.assertStatus(self.ask("GET", f"{self.BASE}/access-tokens", token), 401)


class OpenAITest(StageTest):
    BASE = "https://api.openai.com/v1"

    def setUp(self):
        self.openai = OpenAI()
        self.key, self.admin = self.openai.grant("proj_abc"), self.openai.grant_admin()
        self.set_stage(self.openai)

    def call(self, method, step, secret=None, **more):
        return self.ask(method, f"{self.BASE}/{step}", secret or self.admin.secret, **more)

    def test_a_service_account_brings_a_key_and_takes_it_along(self):
        accounts = "organization/projects/proj_abc/service_accounts"
        new = self.assertStatus(self.call("POST", accounts, json={"name": "new"}), 200).json()
        value = new["api_key"]["value"]
        self.assertStatus(self.call("GET", "models", value), 200)
        keys = self.call("GET", "organization/projects/proj_abc/api_keys")
        self.assertIn(new["api_key"]["id"], keys.text)
        self.assertNotIn(value, keys.text)
        listed = self.call("GET", accounts)
        self.assertIn(new["id"], [account["id"] for account in listed.json()["data"]])
        self.assertNotIn(value, listed.text)
        self.assertStatus(self.call("DELETE", f"{accounts}/{new['id']}"), 200)
        self.assertStatus(self.call("DELETE", f"{accounts}/{new['id']}"), 404)
        self.assertStatus(self.call("GET", "models", value), 401)

    def test_keys_of_administrators_are_created_and_deleted(self):
        new = self.call("POST", "organization/admin_api_keys", json={"name": "new"}).json()
        self.assertIn(new["value"], self.openai.live().values())
        listed = self.call("GET", "organization/admin_api_keys", new["value"])
        self.assertNotIn(new["value"], listed.text)
        self.assertStatus(self.call("DELETE", f"organization/admin_api_keys/{new['id']}"), 200)
        self.assertStatus(self.call("GET", "organization/admin_api_keys", new["value"]), 401)

    def test_each_kind_of_key_has_its_use(self):
        self.assertStatus(self.call("GET", "models", self.key.secret), 200)
        self.assertStatus(self.call("GET", "models"), 401)
        self.assertStatus(self.call("GET", "organization/admin_api_keys", self.key.secret), 403)
        place = f"organization/projects/proj_abc/api_keys/{self.key.id}"
        self.assertStatus(self.call("DELETE", place), 200)
        self.assertStatus(self.call("GET", "models", self.key.secret), 401)


class AnthropicTest(StageTest):
    BASE = "https://api.anthropic.com/v1"

    def setUp(self):
        self.anthropic = Anthropic()
        self.key, self.admin = self.anthropic.grant(), self.anthropic.grant_admin()
        self.set_stage(self.anthropic)

    def call(self, method, step, secret=None, version=VERSION, **more):
        return self.ask(method, f"{self.BASE}/{step}", headers={
            "x-api-key": secret or self.admin.secret, "anthropic-version": version}, **more)

    def test_a_key_is_switched_off_on_and_archived_for_good(self):
        place = f"organizations/api_keys/{self.key.id}"
        for status, models in (("inactive", 401), ("active", 200), ("archived", 401)):
            self.assertStatus(self.call("POST", place, json={"status": status}), 200)
            self.assertStatus(self.call("GET", "models", self.key.secret), models)
        self.assertStatus(self.call("POST", place, json={"status": "active"}), 400)
        self.assertEqual(list(self.anthropic.live()), [self.admin.id])

    def test_keys_are_listed_by_state_and_neither_made_nor_deleted(self):
        listed = self.call("GET", "organizations/api_keys?status=active").json()["data"]
        self.assertEqual([one["id"] for one in listed], [self.key.id])
        self.assertTrue(self.key.secret.startswith(listed[0]["partial_key_hint"].split("...")[0]))
        self.assertEqual(
            self.call("GET", "organizations/api_keys?status=inactive").json()["data"], [])
        self.assertStatus(self.call("POST", "organizations/api_keys", json={"name": "x"}), 405)
        place = f"organizations/api_keys/{self.key.id}"
        self.assertStatus(self.call("DELETE", place), 405)

    def test_what_is_wrong_is_refused(self):
        self.assertStatus(self.call("GET", "models"), 401)
        self.assertStatus(self.call("GET", "models", self.key.secret, version="1"), 400)
        self.assertStatus(self.call("GET", "organizations/api_keys", self.key.secret), 401)


if __name__ == "__main__":
    unittest.main()
