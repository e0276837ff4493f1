"""Zscaler OneAPI and the ZIdentity that guards it."""

import dataclasses

from .assertion import BY_ASSERTION, Unproven, peek, verify
from .key import Key
from .player import Player, on
from .reply import NOTHING, Reply, answer
from .request import Request
from .shape import LOWER, URL_SAFE, made_of
from .zpa import Zpa

AUDIENCE = "https://api.zscaler.com"
SECRETS = "/ziam/admin/api/v1/api-clients/{client}/secrets"
LONGEST_ASSERTION = 600


class Zidentity(Player):
    """API clients with any number of secrets, each with its own end or none.

    How the issuer lists secrets, and whether it shows their values again, is not documented; here
    it is an array without values. Tokens live on when the secret is gone: only an administrator
    can revoke them.
    """

    hosts = ("*.zslogin.net", "api.zsapi.net")

    def __init__(self, vanity: str = "acme", zpa: Zpa | None = None) -> None:
        super().__init__()
        self.vanity, self.zpa = vanity, zpa
        self.token_life = 86_399
        # Clients that may manage clients, and the public keys of those that sign (PEM).
        self.administrators: set[str] = set()
        self.public_keys: dict[str, str] = {}
        if zpa:
            zpa.guests.append(self.sessions)

    def grant(self, client: str = "client1", administrator: bool = True) -> Key:
        """A secret that was made in the console before, of a client that may manage clients."""
        if administrator:
            self.administrators.add(client)
        return self.ring.grant(made_of(LOWER, 13), made_of(URL_SAFE, 40), client)

    @on("POST", "/oauth2/v1/token")
    def exchange(self, request: Request) -> Reply:
        form = request.form
        if request.host != f"{self.vanity}.zslogin.net":
            return self.error(404, "no such tenant")
        if form.get("grant_type") != "client_credentials":
            return answer({"error": "unsupported_grant_type"}, 400)
        if form.get("audience") != AUDIENCE:
            return answer({"error": "invalid_target"}, 400)
        client = self._authenticated(form)
        if client is None:
            return answer({
                "error": "invalid_client", "error_description": "Client authentication failed",
            }, 401)
        session = self.sessions.issue(client, self.token_life, AUDIENCE)
        return answer({
            "access_token": session.token, "token_type": "Bearer", "expires_in": self.token_life})

    def _authenticated(self, form: dict[str, str]) -> str | None:
        """The client, if its secret or its signature is right."""
        client = form.get("client_id", "")
        if form.get("client_assertion_type") == BY_ASSERTION:
            return client if self._signed(client, form.get("client_assertion", "")) else None
        return client if self.ring.admit(form.get("client_secret", ""), client) else None

    def _signed(self, client: str, statement: str) -> bool:
        try:
            _, claims = peek(statement)
            key = self.public_keys.get(client)
            if key is None or not claims.get("iss") == claims.get("sub") == client:
                return False
            verify(statement, key, [AUDIENCE], self.clock.now(), LONGEST_ASSERTION)
        except Unproven:
            return False
        return True

    @on("GET", SECRETS)
    def list_secrets(self, request: Request, client: str) -> Reply:
        self._authorise(request, client)
        return answer([self._shown(key) for key in self.ring.of(client)])

    @on("POST", SECRETS)
    def create_secret(self, request: Request, client: str) -> Reply:
        self._authorise(request, client)
        until = request.json.get("expiresAt")
        try:
            expires = None if until is None else float(until)
        except (TypeError, ValueError):
            self.refuse(400, "expiresAt is no time")
        key = self.ring.create(
            made_of(LOWER, 13), made_of(URL_SAFE, 40), client, expires=expires)
        return answer(self._shown(key) | {"value": key.secret}, 201)

    @on("DELETE", SECRETS + "/{identifier}")
    def delete_secret(self, request: Request, client: str, identifier: str) -> Reply:
        self._authorise(request, client)
        self.ring.remove(self.find(identifier, client).id)
        return Reply(NOTHING)

    def _authorise(self, request: Request, client: str) -> None:
        session = self.sessions.find(request.bearer)
        if request.host != "api.zsapi.net" or session is None:
            self.refuse(401, "the token is not valid")
        if session.subject not in self.administrators:
            self.refuse(403, "the client may not manage clients")
        if client not in self.administrators and not self.ring.of(client):
            self.refuse(404, "there is no such client")

    def respond(self, request: Request) -> Reply:
        """Passes on what is asked of another product through OneAPI."""
        if self.zpa and request.host == "api.zsapi.net" and request.path.startswith("/zpa/"):
            return self.zpa.play(dataclasses.replace(request, target=request.target[4:]))
        return super().respond(request)

    def _shown(self, key: Key) -> dict:
        until = {} if key.expires is None else {"expiresAt": str(int(key.expires))}
        return {"id": key.id, "createdAt": str(int(key.created)), **until}

    def error(self, status: int, words: str) -> Reply:
        return answer({"code": status, "message": words}, status)
