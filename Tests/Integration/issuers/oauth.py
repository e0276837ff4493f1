"""An OAuth 2 server for client credentials, by a library that is used as one."""

import secrets
from typing import Any

import flask
from authlib.integrations.flask_oauth2 import AuthorizationServer, ResourceProtector
from authlib.oauth2.rfc6749 import grants
from authlib.oauth2.rfc6750 import BearerTokenValidator
from authlib.oauth2.rfc7523 import JWTBearerClientAssertion
from joserfc.jwk import RSAKey

from .key import Key
from .player import Player
from .reply import Reply
from .request import Request
from .session import Session
from .shape import URL_SAFE, made_of
from .wsgi import Application

LIFE = 3600
METHODS = ["client_secret_basic", "client_secret_post", "private_key_jwt"]


class OAuth(Player):
    """`https://HOST/token` for client_secret_basic, client_secret_post and private_key_jwt, and
    `https://HOST/me`, which a token opens. What is right is decided by Authlib.

    OAuth knows no interface for secrets: a test adds them with `add` and removes them from `ring`,
    in the name of a person in a console or of a command.
    """

    def __init__(self, host: str = "auth.issuer.example") -> None:
        super().__init__()
        self.hosts = (host,)
        # The public keys (PEM) of clients that sign, and the statements that were used.
        self.public_keys: dict[str, str] = {}
        self.used: set[str] = set()
        self._application = Application(_server(self, f"https://{host}/token"))

    def grant(self, client: str = "client1") -> Key:
        """A secret that has been there for long."""
        return self.ring.grant(*self._new(client))

    def add(self, client: str = "client1") -> Key:
        """A secret that somebody makes now."""
        return self.ring.create(*self._new(client))

    def _new(self, client: str) -> tuple[str, str, str]:
        # Its characters mean something in forms and in basic authentication.
        return made_of(URL_SAFE, 12), made_of(URL_SAFE, 32) + "%:+&= é", client

    def respond(self, request: Request) -> Reply:
        return self._application.answer(request)


class Client:
    """A client as Authlib asks for it."""

    def __init__(self, player: OAuth, identifier: str) -> None:
        self.player, self.client_id = player, identifier

    def check_client_secret(self, secret: str) -> bool:
        return self.player.ring.admit(secret, self.client_id) is not None

    def check_endpoint_auth_method(self, method: str, _: str) -> bool:
        signs = self.client_id in self.player.public_keys
        return signs if method == "private_key_jwt" else method in METHODS and not signs

    def check_grant_type(self, grant_type: str) -> bool:
        return grant_type == "client_credentials"

    def get_allowed_scope(self, scope: str | None) -> str:
        return scope or ""


class Assertion(JWTBearerClientAssertion):
    """private_key_jwt (RFC 7523); a statement is good for one time."""

    CLIENT_AUTH_METHOD = "private_key_jwt"

    def __init__(self, player: OAuth, url: str) -> None:
        super().__init__()
        self.player, self.url = player, url

    def get_audiences(self) -> list[str]:
        return [self.url]

    def validate_jti(self, claims: Any, jti: str) -> bool:
        fresh = jti not in self.player.used
        self.player.used.add(jti)
        return fresh

    def resolve_client_public_key(self, client: Client) -> RSAKey:
        return RSAKey.import_key(self.player.public_keys[client.client_id])


class Token:
    """A token as Authlib asks for it."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def is_expired(self) -> bool:
        return False

    def is_revoked(self) -> bool:
        return False

    def get_scope(self) -> str:
        return self.session.audience


class Validator(BearerTokenValidator):
    """Which tokens open `/me`: those that the player knows and that have not run out."""

    def __init__(self, player: OAuth) -> None:
        super().__init__()
        self.player = player

    def authenticate_token(self, text: str) -> Token | None:
        session = self.player.sessions.find(text)
        return Token(session) if session else None


class ClientCredentials(grants.ClientCredentialsGrant):
    TOKEN_ENDPOINT_AUTH_METHODS = METHODS


def _server(player: OAuth, url: str) -> flask.Flask:
    application = flask.Flask("issuer")

    def find(client: str) -> Client | None:
        known = client in player.public_keys or player.ring.of(client)
        return Client(player, client) if known else None

    def make(client: Client, scope: str, **_: Any) -> dict:
        session = player.sessions.issue(client.client_id, LIFE, scope or "")
        return {"token_type": "Bearer", "access_token": session.token, "expires_in": LIFE}

    server = AuthorizationServer(application, query_client=find, save_token=lambda *_: None)
    server.register_token_generator("default", make)
    server.register_grant(ClientCredentials)
    server.register_client_auth_method("private_key_jwt", Assertion(player, url))
    guard = ResourceProtector()
    guard.register_token_validator(Validator(player))

    @application.post("/token")
    def token() -> Any:
        return server.create_token_response()

    @application.get("/me")
    @guard()
    def me() -> dict:
        return {"ok": True, "id": secrets.token_hex(4)}

    return application
