"""Microsoft Entra: the passwords of an application."""

import uuid

from .clock import seconds_of
from .key import Key
from .player import Player, on
from .reply import NOTHING, Reply, answer
from .request import Request
from .shape import LETTERS, made_of

# Graph knows an application by the id of its object, and by that which authenticates.
APPLICATION = "/v1.0/applications/{application}"
BY_CLIENT = "/v1.0/applications(appId='{client}')"
LOGIN, GRAPH = "login.microsoftonline.com", "graph.microsoft.com"
TWO_YEARS = 2 * 365 * 86_400


class Entra(Player):
    """Many passwords an application, each with an end; the text of one is in the reply that adds it
    and in no other. An application may manage itself."""

    hosts = (LOGIN, GRAPH)

    def __init__(self) -> None:
        super().__init__()
        self.tenant = str(uuid.uuid4())
        # The application (client) id, which authenticates, and the id of the object in Graph.
        self.client, self.object = str(uuid.uuid4()), str(uuid.uuid4())

    def grant(self, days: int = 180) -> Key:
        """A password that was added in the console before."""
        return self.ring.grant(
            *self._new(), expires=self.clock.now() + days * 86_400, facts={"name": "a password"})

    def _new(self) -> tuple[str, str, str]:
        secret = f"{made_of(LETTERS, 3)}8Q~{made_of(LETTERS + '_.~-', 33)}{made_of(LETTERS, 1)}"
        return str(uuid.uuid4()), secret, self.client

    def respond(self, request: Request) -> Reply:
        """Keeps its two hosts apart."""
        if (request.host == LOGIN) != request.path.endswith("/oauth2/v2.0/token"):
            return self.error(404, "ResourceNotFound")
        return super().respond(request)

    @on("POST", "/{tenant}/oauth2/v2.0/token")
    def exchange(self, request: Request, tenant: str) -> Reply:
        form = request.form
        if tenant != self.tenant:
            return self._refusal(400, "invalid_request", 90002, "Tenant not found.")
        if form.get("grant_type") != "client_credentials":
            return self._refusal(400, "unsupported_grant_type", 70003, "Unsupported grant.")
        if not form.get("scope", "").endswith("/.default"):
            return self._refusal(400, "invalid_scope", 1002012, "The scope is not valid.")
        if form.get("client_id") != self.client:
            return self._refusal(400, "unauthorized_client", 700016, "Application not found.")
        if self.ring.admit(form.get("client_secret", ""), self.client) is None:
            return self._unproven(form.get("client_secret", ""))
        session = self.sessions.issue(self.client, 3599, form["scope"])
        return answer({
            "token_type": "Bearer", "expires_in": 3599, "ext_expires_in": 3599,
            "access_token": session.token})

    def _unproven(self, secret: str) -> Reply:
        if any(key.secret == secret and not self.ring.is_live(key) for key in self.ring):
            return self._refusal(401, "invalid_client", 7000222, "The client secret is expired.")
        return self._refusal(401, "invalid_client", 7000215, "Invalid client secret provided.")

    @on("GET", APPLICATION)
    @on("GET", BY_CLIENT)
    def show(self, request: Request, application: str = "", client: str = "") -> Reply:
        self._authorise(request, application, client)
        return answer({"id": self.object, "appId": self.client, "passwordCredentials": [
            self._shown(key) | {"secretText": None} for key in self.ring]})

    @on("POST", APPLICATION + "/addPassword")
    @on("POST", BY_CLIENT + "/addPassword")
    def add_password(
        self, request: Request, application: str = "", client: str = ""
    ) -> Reply:
        self._authorise(request, application, client)
        asked = request.json.get("passwordCredential") or {}
        until = asked.get("endDateTime")
        expires = seconds_of(until) if until else self.clock.now() + TWO_YEARS
        key = self.ring.create(
            *self._new(), expires=expires, facts={"name": asked.get("displayName")})
        return answer(self._shown(key) | {"secretText": key.secret})

    @on("POST", APPLICATION + "/removePassword")
    @on("POST", BY_CLIENT + "/removePassword")
    def remove_password(
        self, request: Request, application: str = "", client: str = ""
    ) -> Reply:
        self._authorise(request, application, client)
        key = self.ring.get(str(request.json.get("keyId")))
        if key is None:
            self.refuse(400, "Request_BadRequest")
        self.ring.remove(key.id)
        return Reply(NOTHING)

    def _authorise(self, request: Request, application: str, client: str) -> None:
        session = self.sessions.find(request.bearer)
        if session is None or not session.audience.startswith(f"https://{GRAPH}/"):
            self.refuse(401, "InvalidAuthenticationToken")
        if application != self.object and client != self.client:
            self.refuse(404, "Request_ResourceNotFound")

    def _shown(self, key: Key) -> dict:
        return {
            "customKeyIdentifier": None, "displayName": key.facts["name"], "keyId": key.id,
            "hint": key.secret[:3], "startDateTime": self.clock.text(key.created),
            "endDateTime": self.clock.text(key.expires)}

    def _refusal(self, status: int, error: str, code: int, words: str) -> Reply:
        return answer({
            "error": error, "error_description": f"AADSTS{code}: {words}", "error_codes": [code],
            "trace_id": str(uuid.uuid4())}, status)

    def error(self, status: int, words: str) -> Reply:
        return answer({"error": {"code": words, "message": words}}, status)
