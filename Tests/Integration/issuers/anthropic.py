"""Anthropic: keys that people make and the interface switches off."""

from .key import Key
from .player import Player, on
from .reply import Reply, answer
from .request import Request
from .shape import LETTERS, URL_SAFE, made_of

KEYS = "/v1/organizations/api_keys"
VERSION = "2023-06-01"
ADMIN = "administrators"


class Anthropic(Player):
    """The administrators' interface lists keys and sets their state; it makes and deletes none. An
    archived key stays what it is."""

    hosts = ("api.anthropic.com",)

    def grant(self) -> Key:
        """A key that a person made in the console."""
        return self._made("sk-ant-api03-", "a workspace")

    def grant_admin(self) -> Key:
        return self._made("sk-ant-admin01-", ADMIN)

    def _made(self, prefix: str, login: str) -> Key:
        secret = f"{prefix}{made_of(URL_SAFE, 93)}AA"
        return self.ring.grant("apikey_01" + made_of(LETTERS, 22), secret, login, facts={
            "name": "a key", "status": "active"})

    @on("GET", "/v1/models")
    def models(self, request: Request) -> Reply:
        key = self._presented(request)
        if key.login == ADMIN:
            self.refuse(401, "authentication_error")
        return answer({"data": [{"type": "model", "id": "a-model"}], "has_more": False})

    @on("GET", KEYS)
    def list_keys(self, request: Request) -> Reply:
        self._authorise(request)
        status = request.query.get("status")
        keys = [self._shown(key) for key in self.ring if key.login != ADMIN]
        keys = [key for key in keys if status in (None, key["status"])]
        return answer({
            "data": keys, "has_more": False, "first_id": keys[0]["id"] if keys else None,
            "last_id": keys[-1]["id"] if keys else None})

    @on("GET", KEYS + "/{identifier}")
    def show(self, request: Request, identifier: str) -> Reply:
        self._authorise(request)
        return answer(self._shown(self.find(identifier)))

    @on("POST", KEYS + "/{identifier}")
    def change(self, request: Request, identifier: str) -> Reply:
        self._authorise(request)
        key, status = self.find(identifier), request.json.get("status")
        if status is not None:
            if status not in ("active", "inactive", "archived"):
                self.refuse(400, "invalid_request_error")
            if key.facts["status"] == "archived" != status:
                self.refuse(400, "invalid_request_error")
            key.facts["status"], key.active = status, status == "active"
        key.facts["name"] = request.json.get("name", key.facts["name"])
        return answer(self._shown(key))

    def _presented(self, request: Request) -> Key:
        if request.headers.get("anthropic-version") != VERSION:
            self.refuse(400, "invalid_request_error")
        key = self.ring.admit(request.headers.get("x-api-key", ""))
        return key or self.refuse(401, "authentication_error")

    def _authorise(self, request: Request) -> None:
        if self._presented(request).login != ADMIN:
            self.refuse(401, "authentication_error")

    def _shown(self, key: Key) -> dict:
        return {
            "type": "api_key", "id": key.id, "name": key.facts["name"],
            "status": key.facts["status"], "workspace_id": None,
            "partial_key_hint": f"{key.secret[:16]}...{key.secret[-4:]}",
            "created_at": self.clock.text(key.created),
            "created_by": {"id": "user_1", "type": "user"}}

    def error(self, status: int, words: str) -> Reply:
        return answer({"type": "error", "error": {"type": words, "message": words}}, status)
