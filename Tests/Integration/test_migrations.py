# `coffer migrate`: an API key of ZPA and the API client of OneAPI that takes its place live side by side.

import json
import pathlib
import re
import unittest

from calling_case import CallingTest
from issuers import faults
from issuers.zidentity import Zidentity
from issuers.zpa import Zpa
from statement import pair
from support import needs

REFERENCE = pathlib.Path(__file__).resolve().parents[2] / "docs/cli.md"
WHEN = r"^20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ version 1$"


@needs("curl")
class MigrationTest(CallingTest):
    def setUp(self):
        super().setUp()
        self.zpa = Zpa()
        self.zidentity = Zidentity(zpa=self.zpa)
        self.key = self.zpa.grant()
        self.client = self.zidentity.grant()
        self.stage = self.set_stage(self.zpa, self.zidentity)
        self.hold("zpa/ci", "zpa", self.key.secret, client_id=self.key.login,
                  customer_id=self.zpa.customer, cloud="PRODUCTION")

    def migrate(self, *words, secret=None, **more):
        document = json.dumps({"id": self.client.id, "value": secret or self.client.secret})
        file = self.home.file("new.json", document.encode())
        return self.call(
            "migrate", "zpa/ci", "oneapi/ci", "--json", file, "--set",
            f"client_id={self.client.login}", "--set", "vanity_domain=acme", *words, **more)

    def assertBothLive(self):
        for name, player in (("zpa/ci", self.zpa), ("oneapi/ci", self.zidentity)):
            token = self.succeed(self.call("token", name)).out.decode()
            self.assertTrue(player.sessions.find(token), name)

    def test_both_are_accepted_and_reach_the_same_keys(self):
        outcome = self.succeed(self.migrate("--verify"))
        self.assertIn(b"the issuer accepts it", outcome.err)
        self.assertSilent(outcome, self.key.secret, self.client.secret)
        self.assertBothLive()
        new, old = self.fields("oneapi/ci"), self.fields("zpa/ci")
        self.assertRegex(new.pop("verified"), WHEN)
        self.assertEqual(new, {
            "client_id": self.client.login, "vanity_domain": "acme", "secret_id": self.client.id,
            "customer_id": self.zpa.customer, "migrated_from": "zpa/ci"})
        self.assertEqual(old["migrated_to"], "oneapi/ci")
        # As the plan says: the same path below another host.
        path = f"mgmtconfig/v1/admin/customers/{new['customer_id']}/apiKeys"
        keys = []
        for name, host in (("zpa/ci", "config.private.zscaler.com"),
                           ("oneapi/ci", "api.zsapi.net/zpa")):
            token = self.succeed(self.call("token", name)).out.decode()
            reply = self.assertStatus(self.ask("GET", f"https://{host}/{path}", token), 200)
            keys.append(reply.json()["list"])
        self.assertEqual(keys[0], keys[1])
        self.assertEqual([key["id"] for key in keys[0]], [self.key.id])

    def test_a_job_gets_the_new_variables(self):
        outcome = self.succeed(self.migrate())
        self.assertEqual(self.stage.asked(), [], "nothing is asked without --verify")
        self.assertIn(b"coffer run --secret oneapi/ci -- COMMAND", outcome.out)
        seen = {}
        for name in ("zpa/ci", "oneapi/ci"):
            printed = self.succeed(self.call("run", "--secret", name, "--", "env", "-0")).out
            entries = dict(entry.split("=", 1) for entry in printed.decode().split("\0")[:-1])
            seen[name] = {key: value for key, value in entries.items()
                          if key.startswith(("ZPA_", "ZSCALER_"))}
        plan = self.call("migrate", "zpa/ci", "x", "--plan", "--format", "json")
        variables = json.loads(self.succeed(plan).out)["variables"]
        new = {pair["new"] for pair in variables if pair["new"]}
        self.assertLessEqual(set(seen["oneapi/ci"]), new)
        self.assertLessEqual(
            set(seen["zpa/ci"]), {pair["old"] for pair in variables if pair["old"]})
        for one in variables:
            if one["old"] in ("ZPA_CLIENT_ID", "ZPA_CLIENT_SECRET", "ZPA_CUSTOMER_ID"):
                self.assertIn(one["new"], seen["oneapi/ci"])

    def test_one_that_is_refused_is_stored_and_changes_no_job(self):
        wrong = self.client.secret[::-1]
        outcome = self.migrate("--verify", secret=wrong)
        self.assertEqual(outcome.code, 8, outcome)
        self.assertIn(b"change no job before it is accepted", outcome.err)
        self.assertNotIn(b"afterwards", outcome.out)
        self.assertHolds("oneapi/ci", wrong.encode())
        self.assertTrue(self.fields("oneapi/ci")["verified"].startswith("refused 20"))
        self.assertEqual(self.fields("zpa/ci")["migrated_to"], "oneapi/ci")
        self.assertSilent(outcome, wrong, self.key.secret)
        # The old one is as it was.
        token = self.succeed(self.call("token", "zpa/ci")).out.decode()
        self.assertTrue(self.zpa.sessions.find(token))

    def test_one_that_nobody_can_be_asked_about_is_stored(self):
        self.stage.fail(self.zidentity, faults.cut())
        outcome = self.migrate("--verify")
        self.assertEqual(outcome.code, 1, outcome)
        self.assertIn(b"is stored, but not verified", outcome.err)
        self.assertHolds("oneapi/ci", self.client.secret.encode())
        self.assertBothLive()

    def test_to_a_private_key(self):
        private, public = pair()
        self.zidentity.public_keys["signer"] = public
        outcome = self.succeed(self.call(
            "migrate", "zpa/ci", "oneapi/ci", "--to", "zscaler-private-key", "--stdin", "--verify",
            "--set", "client_id=signer", "--set", "vanity_domain=acme", stdin=private.encode()))
        self.assertIn(b"the issuer accepts it", outcome.err)
        self.assertBothLive()

    def test_the_plan_has_the_members_that_the_reference_lists(self):
        plan = self.call("migrate", "zpa/ci", "x", "--plan", "--format", "json")
        table = REFERENCE.read_text().split("### `migrate --plan`")[1].split("###")[0]
        listed = re.findall(r"(?m)^\| `(\w+)` \|", table)
        self.assertEqual(list(json.loads(self.succeed(plan).out)), listed)

    def own_profile(self, **successor):
        """A secret of a profile of one's own, which zpa takes the place of."""
        profile = {
            "schema": 1, "id": "acme", "title": "Acme", "successors": [{"issuer": "zpa", **successor}],
            "fields": [{"name": "user", "title": "User", "role": "public"},
                       {"name": "token", "title": "Token", "role": "secret"}]}
        self.home.folder("config/coffer/issuers")
        self.home.file("config/coffer/issuers/acme.json", json.dumps(profile).encode())

    def test_a_profile_that_is_hostile_or_wrong(self):
        self.own_profile()
        self.hold("acme", "acme", "value", user="\u00e9")
        hostile = "\x1b]52;c;eA==\x07"
        self.own_profile(
            reason=hostile, setup=[hostile], stops=[hostile],
            fields={"role": {"from": "user", "texts": {"\u00e9": hostile}}})
        for words in ((), ("--format", "json")):
            out = self.succeed(self.call("migrate", "acme", "x", "--plan", *words)).out
            for byte in (b"\x1b", b"\x07"):
                self.assertNotIn(byte, out)
        # A value that the new profile does not allow is not taken over.
        self.assertEqual(json.loads(out)["fields"], {"migrated_from": "acme"})
        for field in ("nowhere", "client_secret"):
            self.own_profile(fields={field: {"from": "user"}})
            outcome = self.refuse(self.call("migrate", "acme", "x", "--plan"), 1)
            self.assertIn(f'speaks of a public field "{field}"'.encode(), outcome.err)
        self.own_profile(issuer="nobody")
        self.refuse(self.call("migrate", "acme", "x", "--plan"), 4)

    def test_a_vault_that_is_kept_open(self):
        """An agent hands on what there is but deliveries, which are looked up with a key."""
        agent = self.home.start("agent", "--foreground")
        self.addCleanup(agent.communicate)
        self.addCleanup(agent.terminate)
        self.succeed(self.coffer("unlock"))
        file = self.home.file("new.json", json.dumps({"value": self.client.secret}).encode())
        outcome = self.succeed(self.home.run(
            "migrate", "zpa/ci", "oneapi/ci", "--json", file, "--set", "client_id=client1",
            "--set", "vanity_domain=acme"))
        self.assertIn(b"coffer deliver --list", outcome.out)
        self.assertEqual(self.fields("zpa/ci")["migrated_to"], "oneapi/ci")
        self.assertBothLive()

    def test_a_vault_that_is_locked(self):
        file = self.home.file("new.json", json.dumps({"value": self.client.secret}).encode())
        self.refuse(self.home.run("migrate", "zpa/ci", "oneapi/ci", "--json", file), 3)
        self.assertEqual(self.names(), ["zpa/ci"])


if __name__ == "__main__":
    unittest.main()
