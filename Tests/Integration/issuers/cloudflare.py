"""Cloudflare: API tokens of a user."""

from .clock import seconds_of
from .key import Key
from .player import Player, on
from .reply import Reply, answer
from .request import Request
from .shape import HEX, URL_SAFE, made_of

TOKENS = "/client/v4/user/tokens"


class Cloudflare(Player):
    """A token is created, changed and deleted, or rolled in its place, which kills its old value at
    once. Only tokens that may write tokens may do so."""

    hosts = ("api.cloudflare.com",)

    def grant(self, may_write_tokens: bool = True) -> Key:
        """A token that was made in the console before."""
        return self.ring.grant(*self._new(), facts={
            "name": "a token", "policies": [], "may_write": may_write_tokens})

    def _new(self) -> tuple[str, str, str]:
        return made_of(HEX, 32), made_of(URL_SAFE, 40), "user"

    @on("GET", TOKENS + "/verify")
    def verify(self, request: Request) -> Reply:
        key = self.ring.admit(request.bearer)
        if key is None:
            self.refuse(401, "1000 Invalid API Token")
        return self._success({"id": key.id, "status": "active"})

    @on("GET", TOKENS)
    def list_tokens(self, request: Request) -> Reply:
        self._authorise(request)
        return self._success([self._shown(key) for key in self.ring])

    @on("POST", TOKENS)
    def create_token(self, request: Request) -> Reply:
        self._authorise(request)
        asked = request.json
        if not asked.get("name") or not asked.get("policies"):
            self.refuse(400, "1001 Missing name or policies")
        until = asked.get("expires_on")
        # That a token may write tokens is a policy of its own, which is not read here.
        key = self.ring.create(*self._new(), expires=until and seconds_of(until), facts={
            "name": asked["name"], "policies": asked["policies"], "may_write": True})
        return self._success(self._shown(key) | {"value": key.secret})

    @on("GET", TOKENS + "/{identifier}")
    def show(self, request: Request, identifier: str) -> Reply:
        self._authorise(request)
        return self._success(self._shown(self.find(identifier)))

    @on("PUT", TOKENS + "/{identifier}")
    def change(self, request: Request, identifier: str) -> Reply:
        self._authorise(request)
        key = self.find(identifier)
        key.active = request.json.get("status", "active") == "active"
        return self._success(self._shown(key))

    @on("PUT", TOKENS + "/{identifier}/value")
    def roll(self, request: Request, identifier: str) -> Reply:
        self._authorise(request)
        old = self.find(identifier)
        key = self.ring.create(
            old.id, self._new()[1], old.login, expires=old.expires, facts=old.facts)
        return self._success(key.secret)

    @on("DELETE", TOKENS + "/{identifier}")
    def delete(self, request: Request, identifier: str) -> Reply:
        self._authorise(request)
        self.ring.remove(self.find(identifier).id)
        return self._success({"id": identifier})

    def _authorise(self, request: Request) -> None:
        key = self.ring.admit(request.bearer)
        if key is None:
            self.refuse(403, "9109 Invalid access token")
        if not key.facts["may_write"]:
            self.refuse(403, "9109 Unauthorized to access requested resource")

    def _shown(self, key: Key) -> dict:
        until = {} if key.expires is None else {"expires_on": self.clock.text(key.expires)}
        return {
            "id": key.id, "name": key.facts["name"],
            "status": "active" if key.active else "disabled",
            "issued_on": self.clock.text(key.created),
            "modified_on": self.clock.text(key.created), "policies": key.facts["policies"],
            **until}

    def _success(self, result: object) -> Reply:
        return answer({"result": result, "success": True, "errors": [], "messages": []})

    def find(self, identifier: str, login: str | None = None) -> Key:
        return self.ring.get(identifier) or self.refuse(404, "1003 API Token not found")

    def error(self, status: int, words: str) -> Reply:
        code, _, message = words.partition(" ")
        error = {"code": int(code) if code.isdigit() else 0, "message": message}
        return answer(
            {"result": None, "success": False, "errors": [error], "messages": []}, status)
