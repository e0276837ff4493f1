# Issuers with a secret each in the vault, as a person would have stored it: what rotations are
# tried on. Each class sets its stage, and says by what titles its calls are known.

import json

from issuers.auth0 import Auth0
from issuers.aws import Aws
from issuers.cloudflare import Cloudflare
from issuers.docker_hub import DockerHub
from issuers.entra import Entra
from issuers.gitlab import Gitlab
from issuers.google import Google
from issuers.okta import Okta
from issuers.openai import OpenAI
from issuers.zidentity import Zidentity
from issuers.zpa import Zpa
from rotating_case import RotatingTest


class Cast(RotatingTest):
    """A player, and the key of it that the vault holds."""

    CREATE, REVOKE = "POST *", "DELETE *"

    def setUp(self):
        super().setUp()
        self.arrange()
        self.stage.requests.clear()

    def play(self, player):
        self.player = player
        self.set_stage(player)
        return player

    def id_of(self, key):
        """The id by which the issuer lists a key."""
        return key.id


class ZpaCast(Cast):
    CREATE = "POST */apiKeys"
    player_class = Zpa

    def arrange(self):
        zpa = self.play(self.player_class())
        self.key = zpa.grant("ci")
        self.hold_key(self.NAME, self.key)

    def hold_key(self, name, key):
        self.hold(name, self.profile("zpa"), key.secret, client_id=key.login, key_id=key.id,
                  customer_id=self.player.customer, key_name=key.facts["name"], role="1")


class AdministeredZpaCast(ZpaCast):
    """Keys are administered with another key, which stays."""

    words = ("--admin", "administrator")

    def arrange(self):
        super().arrange()
        self.administrator = self.player.grant("administrator")
        self.hold_key("administrator", self.administrator)


class ZidentityCast(Cast):
    CREATE = "POST */secrets"

    def arrange(self):
        zidentity = self.play(Zidentity())
        self.key = zidentity.grant("client1")
        self.hold(self.NAME, self.profile("zscaler-oneapi"), self.key.secret, client_id="client1",
                  api_client_id="client1", vanity_domain="acme", secret_id=self.key.id)


class OktaCast(Cast):
    CREATE = "POST */credentials/secrets"
    words = ("--admin", "org")
    ORG = "https://acme.okta.com"

    def arrange(self):
        okta = self.play(Okta())
        self.key = okta.grant()
        self.hold("org", self.profile("okta-token"), okta.grant_api_token(), org_url=self.ORG)
        self.hold_secret(self.key)

    def hold_secret(self, key, *words):
        fields = {"client_id": key.login, "org_url": self.ORG, "secret_id": key.id,
                  "authorization_server": "default", "scope": "jobs"}
        fields = [word for pair in fields.items() for word in ("--set", "=".join(pair))]
        self.store(self.NAME, key.secret.encode(), "--issuer", self.profile("okta"), *fields,
                   *words)


class EntraCast(Cast):
    CREATE, REVOKE = "POST */addPassword", "POST */removePassword"

    def arrange(self):
        entra = self.play(Entra())
        self.key = entra.grant()
        self.hold(self.NAME, self.profile("entra"), self.key.secret, client_id=entra.client,
                  tenant_id=entra.tenant, key_id=self.key.id)


class AwsCast(Cast):
    CREATE, REVOKE = "CreateAccessKey", "DeleteAccessKey"
    FIELD = "secret_access_key"

    def arrange(self):
        aws = self.play(Aws())
        self.key = aws.grant("ci")
        self.hold_access_key(self.key)

    def hold_access_key(self, key, *words):
        self.store(
            self.NAME, key.secret.encode(), "--issuer", self.profile("aws-iam"), "--field",
            self.FIELD, "--set", f"access_key_id={key.id}", "--set", "user_name=ci", *words)


class GoogleCast(Cast):
    CREATE = "POST */keys"

    def arrange(self):
        google = self.play(Google())
        self.key = google.grant()
        file = self.home.file("key.json", google.document(self.key).encode())
        words = ("--issuer", self.profile("google-service-account"), "--json", file)
        self.succeed(self.coffer("capture", self.NAME, *words))

    def secret_in(self, value):
        return json.loads(value)["private_key"]


class DockerHubCast(Cast):
    CREATE = "POST */access-tokens"

    def arrange(self):
        hub = self.play(DockerHub())
        self.key = hub.grant()
        self.hold(self.NAME, self.profile("docker-hub"), self.key.secret, username=hub.user,
                  token_id=self.key.id, scope="repo:admin")


class OpenAICast(Cast):
    CREATE = "POST */service_accounts"
    words = ("--admin", "administrator")

    def arrange(self):
        openai = self.play(OpenAI())
        self.key, administrator = openai.grant(), openai.grant_admin()
        self.hold("administrator", self.profile("openai"), administrator.secret)
        self.hold(self.NAME, self.profile("openai"), self.key.secret, project="proj_abc",
                  key_id=self.key.id, service_account_id=self.id_of(self.key))

    def id_of(self, key):
        return key.facts["account"]


class Auth0Cast(Cast):
    """It asks for its own exchange: whatever it is lent to manage applications."""

    CREATE = "POST */rotate-secret"
    # Long enough for the first attempt with a new secret, which is refused, on a busy machine.
    is_quick, settling = True, 3
    DOMAIN = "acme.eu.auth0.com"

    def arrange(self):
        auth0 = self.play(Auth0())
        self.key = auth0.grant()
        self.hold_application(self.NAME, self.key)

    def hold_application(self, name, key):
        self.hold(name, self.profile("auth0"), key.secret, client_id=key.login,
                  domain=self.DOMAIN, audience=f"https://{self.DOMAIN}/api/v2/")


class AdministeredAuth0Cast(Auth0Cast):
    words = ("--admin", "administrator")

    def arrange(self):
        super().arrange()
        self.hold_application("administrator", self.player.grant())


class GitlabCast(Cast):
    CREATE = "POST */rotate"
    is_quick = True

    def arrange(self):
        gitlab = self.play(Gitlab())
        self.key = gitlab.grant()
        self.hold(self.NAME, self.profile("gitlab"), self.key.secret, token_id=self.key.id)


class CloudflareCast(Cast):
    CREATE = "PUT */value"
    is_quick = True

    def arrange(self):
        cloudflare = self.play(Cloudflare())
        self.key = cloudflare.grant()
        self.hold(self.NAME, self.profile("cloudflare"), self.key.secret, token_id=self.key.id)


class AdministeredCloudflareCast(CloudflareCast):
    words = ("--admin", "administrator")

    def arrange(self):
        super().arrange()
        administrator = self.player.grant()
        self.hold("administrator", self.profile("cloudflare"), administrator.secret,
                  token_id=administrator.id)
