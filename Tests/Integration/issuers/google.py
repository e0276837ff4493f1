"""Google: keys of service accounts."""

import base64
import json

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from .assertion import Unproven, peek, verify
from .key import Key
from .player import Player, on
from .reply import Reply, answer
from .request import Request
from .shape import HEX, made_of

IAM, TOKENS = "iam.googleapis.com", "oauth2.googleapis.com"
TOKEN_URL = f"https://{TOKENS}/token"
KEYS = "/v1/projects/{project}/serviceAccounts/{account}/keys"
GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
LIFE = 3600


class Google(Player):
    """Ten keys an account, disabled ones included. A key proves itself by a statement that it signs
    (RS256); the issuer keeps the public half alone. `Key.secret` is the PEM of the private half."""

    hosts = (IAM, TOKENS)
    slots = 10
    project = "a-project"
    account = "robot@a-project.iam.gserviceaccount.com"

    def grant(self) -> Key:
        """A key that was made in the console before."""
        return self.ring.grant(**self._new())

    def _new(self) -> dict:
        private = rsa.generate_private_key(65_537, 2048)
        secret = private.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption())
        public = private.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
        return {"identifier": made_of(HEX, 40), "secret": secret.decode(), "login": self.account,
                "facts": {"public": public.decode()}}

    def document(self, key: Key) -> str:
        """The file that a person downloads once."""
        return json.dumps({
            "type": "service_account", "project_id": self.project, "private_key_id": key.id,
            "private_key": key.secret, "client_email": key.login, "client_id": "1" * 21,
            "auth_uri": "https://accounts.google.com/o/oauth2/auth", "token_uri": TOKEN_URL,
            "auth_provider_x509_cert_url": "https://www.googleapis.com/oauth2/v1/certs",
            "client_x509_cert_url": "https://www.googleapis.com/robot/v1/metadata/x509/robot",
            "universe_domain": "googleapis.com"}, indent=2)

    def respond(self, request: Request) -> Reply:
        """Keeps its two hosts apart."""
        if (request.host == TOKENS) != (request.path == "/token"):
            return self.error(404, "NOT_FOUND")
        return super().respond(request)

    @on("POST", "/token")
    def exchange(self, request: Request) -> Reply:
        form = request.form
        if form.get("grant_type") != GRANT:
            return answer({"error": "unsupported_grant_type"}, 400)
        try:
            claims = self._proven(form.get("assertion", ""))
        except Unproven as reason:
            return answer({
                "error": "invalid_grant", "error_description": f"Invalid JWT: {reason}"}, 400)
        if not claims.get("scope"):
            return answer({"error": "invalid_scope"}, 400)
        session = self.sessions.issue(claims["iss"], LIFE - 1)
        return answer({
            "access_token": session.token, "expires_in": LIFE - 1, "token_type": "Bearer"})

    def _proven(self, statement: str) -> dict:
        header, claims = peek(statement)
        key = self.ring.get(str(header.get("kid")))
        if key is None or self.ring.admit(key.secret, str(claims.get("iss"))) is None:
            raise Unproven("there is no such key")
        claims = verify(
            statement, key.facts["public"], [TOKEN_URL], self.clock.now(), LIFE)
        if not isinstance(begins := claims.get("iat"), int) or begins > self.clock.now() + 60:
            raise Unproven("it comes from the future")
        return claims

    @on("GET", KEYS)
    def list_keys(self, request: Request, project: str, account: str) -> Reply:
        self._authorise(request, account)
        return answer({"keys": [self._shown(key) for key in self.ring]})

    @on("POST", KEYS)
    def create_key(self, request: Request, project: str, account: str) -> Reply:
        self._authorise(request, account)
        key = self.ring.create(**self._new())
        document = base64.b64encode(self.document(key).encode()).decode()
        return answer(self._shown(key) | {
            "privateKeyData": document, "privateKeyType": "TYPE_GOOGLE_CREDENTIALS_FILE"})

    @on("POST", KEYS + "/{identifier}:disable")
    def disable(self, request: Request, project: str, account: str, identifier: str) -> Reply:
        self._authorise(request, account)
        self.find(identifier).active = False
        return answer({})

    @on("POST", KEYS + "/{identifier}:enable")
    def enable(self, request: Request, project: str, account: str, identifier: str) -> Reply:
        self._authorise(request, account)
        self.find(identifier).active = True
        return answer({})

    @on("DELETE", KEYS + "/{identifier}")
    def delete(self, request: Request, project: str, account: str, identifier: str) -> Reply:
        self._authorise(request, account)
        self.ring.remove(self.find(identifier).id)
        return answer({})

    def _authorise(self, request: Request, account: str) -> None:
        if self.sessions.find(request.bearer) is None:
            self.refuse(401, "UNAUTHENTICATED")
        if account != self.account:
            self.refuse(404, "NOT_FOUND")

    def _shown(self, key: Key) -> dict:
        name = f"projects/{self.project}/serviceAccounts/{self.account}/keys/{key.id}"
        return {
            "name": name, "validAfterTime": self.clock.text(key.created),
            "validBeforeTime": "9999-12-31T23:59:59Z", "keyAlgorithm": "KEY_ALG_RSA_2048",
            "keyOrigin": "GOOGLE_PROVIDED", "keyType": "USER_MANAGED",
            **({} if key.active else {"disabled": True})}

    def full(self) -> Reply:
        """Says as little as Google does."""
        return answer({"error": {
            "code": 400, "message": "Precondition check failed.", "status": "FAILED_PRECONDITION",
        }}, 400)

    def find(self, identifier: str, login: str | None = None) -> Key:
        return self.ring.get(identifier) or self.refuse(404, "NOT_FOUND")

    def error(self, status: int, words: str) -> Reply:
        return answer({"error": {"code": status, "message": words, "status": words}}, status)
