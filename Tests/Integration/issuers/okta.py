"""Okta: the secrets of an application."""

import secrets

from .key import Key
from .player import Player, on
from .reply import NOTHING, Reply, answer
from .request import Request
from .shape import LETTERS, URL_SAFE, made_of

SECRETS = "/api/v1/apps/{app}/credentials/secrets"


class Okta(Player):
    """Two secrets an application, inactive ones included; only an inactive one can be deleted.

    Managed with a token of the organisation (SSWS), or with a bearer of the application itself.
    """

    hosts = ("*.okta.com", "*.oktapreview.com", "*.okta-emea.com")
    slots = 2

    def __init__(self) -> None:
        super().__init__()
        self.api_tokens: set[str] = set()

    def grant(self, app: str = "0oa1gjh63g214q0Hq0g4") -> Key:
        """A secret that was made in the console before."""
        return self.ring.grant(*self._new(app))

    def grant_api_token(self) -> str:
        """A token of the organisation that may manage applications."""
        token = "00" + made_of(URL_SAFE, 40)
        self.api_tokens.add(token)
        return token

    def _new(self, app: str) -> tuple[str, str, str]:
        return "ocs" + made_of(LETTERS, 17), made_of(URL_SAFE, 64), app

    @on("POST", "/oauth2/v1/token")
    @on("POST", "/oauth2/{server}/v1/token")
    def exchange(self, request: Request, server: str = "") -> Reply:
        form = request.form
        app, secret = request.basic
        if not app:
            app, secret = form.get("client_id", ""), form.get("client_secret", "")
        if form.get("grant_type") != "client_credentials":
            return answer({"error": "unsupported_grant_type"}, 400)
        if self.ring.admit(secret, app) is None:
            return answer({
                "error": "invalid_client", "error_description": "The client secret supplied for a"
                " confidential client is invalid."}, 401)
        session = self.sessions.issue(app, 3600, form.get("scope", ""))
        return answer({
            "token_type": "Bearer", "expires_in": 3600, "access_token": session.token,
            "scope": form.get("scope", "")})

    @on("GET", "/api/v1/users/me")
    def me(self, request: Request) -> Reply:
        if request.authorization("SSWS") not in self.api_tokens:
            self.refuse(401, "E0000011 Invalid token provided")
        return answer({"id": "00u1", "status": "ACTIVE"})

    @on("GET", SECRETS)
    def list_secrets(self, request: Request, app: str) -> Reply:
        self._authorise(request)
        return answer([self._shown(key) for key in self.ring.of(app)])

    @on("POST", SECRETS)
    def create_secret(self, request: Request, app: str) -> Reply:
        self._authorise(request)
        key = self.ring.create(*self._new(app))
        return answer(self._shown(key) | {"client_secret": key.secret}, 201)

    @on("GET", SECRETS + "/{identifier}")
    def show_secret(self, request: Request, app: str, identifier: str) -> Reply:
        self._authorise(request)
        return answer(self._shown(self.find(identifier, app)))

    @on("POST", SECRETS + "/{identifier}/lifecycle/activate")
    def activate(self, request: Request, app: str, identifier: str) -> Reply:
        return self._turn(request, app, identifier, True)

    @on("POST", SECRETS + "/{identifier}/lifecycle/deactivate")
    def deactivate(self, request: Request, app: str, identifier: str) -> Reply:
        return self._turn(request, app, identifier, False)

    def _turn(self, request: Request, app: str, identifier: str, active: bool) -> Reply:
        self._authorise(request)
        key = self.find(identifier, app)
        key.active = active
        return answer(self._shown(key))

    @on("DELETE", SECRETS + "/{identifier}")
    def delete_secret(self, request: Request, app: str, identifier: str) -> Reply:
        self._authorise(request)
        key = self.find(identifier, app)
        if key.active:
            self.refuse(400, "E0000001 Cannot delete an active secret")
        self.ring.remove(key.id)
        return Reply(NOTHING)

    def _authorise(self, request: Request) -> None:
        by_token = request.authorization("SSWS") in self.api_tokens
        if not by_token and self.sessions.find(request.bearer) is None:
            self.refuse(401, "E0000011 Invalid token provided")

    def _shown(self, key: Key) -> dict:
        return {
            "id": key.id, "status": "ACTIVE" if key.active else "INACTIVE",
            "secret_hash": made_of(URL_SAFE, 22), "created": self.clock.text(key.created),
            "lastUpdated": self.clock.text(key.created)}

    def full(self) -> Reply:
        return self.error(400, "E0000001 Api validation failed: there are two secrets already")

    def find(self, identifier: str, login: str | None = None) -> Key:
        key = self.ring.get(identifier)
        if key is None or key.login != login:
            self.refuse(404, f"E0000007 Not found: Resource not found: {identifier}")
        return key

    def error(self, status: int, words: str) -> Reply:
        code, _, summary = words.partition(" ")
        return answer({
            "errorCode": code, "errorSummary": summary, "errorLink": code,
            "errorId": "oae" + secrets.token_urlsafe(16), "errorCauses": []}, status)
