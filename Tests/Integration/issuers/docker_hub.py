"""Docker Hub: personal access tokens."""

import uuid

from .clock import seconds_of
from .key import Key
from .player import Player, on
from .reply import NOTHING, Reply, answer
from .request import Request
from .shape import URL_SAFE, made_of

TOKENS = "/v2/access-tokens"
SCOPES = {"repo:admin", "repo:write", "repo:read", "repo:public_read"}
LIFE = 600


class DockerHub(Player):
    """Many tokens a user, which are exchanged for a JWT of ten minutes; with that they are made,
    switched off and deleted. The value of a token is shown once, afterwards as `***`."""

    hosts = ("hub.docker.com",)
    user = "acme"

    def grant(self) -> Key:
        """A token that was made in the console before."""
        return self.ring.grant(*self._new(), facts={"label": "a token", "scopes": ["repo:admin"]})

    def _new(self) -> tuple[str, str, str]:
        return str(uuid.uuid4()), "dckr_pat_" + made_of(URL_SAFE, 27), self.user

    @on("POST", "/v2/auth/token")
    def exchange(self, request: Request) -> Reply:
        asked = request.json
        key = self.ring.admit(str(asked.get("secret")), str(asked.get("identifier")))
        if key is None:
            self.refuse(401, "Incorrect authentication credentials")
        return answer({"access_token": self.sessions.issue(key.login, LIFE).token})

    @on("GET", TOKENS)
    def list_tokens(self, request: Request) -> Reply:
        self._authorise(request)
        results = [self._shown(key) for key in self.ring]
        return answer({
            "count": len(results), "next": None, "previous": None, "results": results,
            "active_count": sum(self.ring.is_live(key) for key in self.ring)})

    @on("POST", TOKENS)
    def create_token(self, request: Request) -> Reply:
        self._authorise(request)
        asked = request.json
        scopes = asked.get("scopes")
        if not asked.get("token_label") or not scopes or not set(scopes) <= SCOPES:
            self.refuse(400, "token_label or scopes are missing")
        until = asked.get("expires_at")
        key = self.ring.create(*self._new(), expires=until and seconds_of(until), facts={
            "label": asked["token_label"], "scopes": scopes})
        return answer(self._shown(key) | {"token": key.secret}, 201)

    @on("GET", TOKENS + "/{identifier}")
    def show(self, request: Request, identifier: str) -> Reply:
        self._authorise(request)
        return answer(self._shown(self.find(identifier)))

    @on("PATCH", TOKENS + "/{identifier}")
    def change(self, request: Request, identifier: str) -> Reply:
        self._authorise(request)
        key = self.find(identifier)
        key.active = request.json.get("is_active", key.active)
        key.facts["label"] = request.json.get("token_label", key.facts["label"])
        return answer(self._shown(key))

    @on("DELETE", TOKENS + "/{identifier}")
    def delete(self, request: Request, identifier: str) -> Reply:
        self._authorise(request)
        self.ring.remove(self.find(identifier).id)
        return Reply(NOTHING)

    def _authorise(self, request: Request) -> None:
        if self.sessions.find(request.bearer) is None:
            self.refuse(401, "access denied")

    def _shown(self, key: Key) -> dict:
        return {
            "uuid": key.id, "client_id": "HUB", "creator_ip": "127.0.0.1", "creator_ua": "a client",
            "created_at": self.clock.text(key.created), "generated_by": "manual",
            "last_used": key.used and self.clock.text(key.used), "is_active": key.active,
            "token": "***", "token_label": key.facts["label"], "scopes": key.facts["scopes"],
            "expires_at": key.expires and self.clock.text(key.expires)}
