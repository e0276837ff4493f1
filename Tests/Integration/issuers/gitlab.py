"""GitLab: personal access tokens, which replace themselves."""

import datetime

from .key import Key
from .player import Player, on
from .reply import NOTHING, Reply, answer
from .request import Request
from .shape import URL_SAFE, made_of

TOKENS = "/api/v4/personal_access_tokens"
LONGEST = 365


class Gitlab(Player):
    """Rotating revokes the old token at once; the new one ends in 7 days unless a date is given.

    Tokens that came from each other by rotation are a family. Who presents one that was rotated
    away has its living descendant revoked. The documents say so of every use; GitLab.com has been
    seen to do it on rotation only: `reuse_on_rotation_only`.
    """

    hosts = ("gitlab.com",)

    def __init__(self, reuse_on_rotation_only: bool = False) -> None:
        super().__init__()
        self.reuse_on_rotation_only = reuse_on_rotation_only

    def grant(self, days: int = 30, user: str = "42") -> Key:
        """A token that was made in the console before."""
        return self.ring.grant(*self._new(user), expires=self._midnight(days), facts={
            "name": "a token", "scopes": ["api"], "child": None})

    def _new(self, user: str) -> tuple[str, str, str]:
        return made_of("123456789", 8), "glpat-" + made_of(URL_SAFE, 20), user

    def _midnight(self, days: int) -> float:
        day = self.clock.moment().date() + datetime.timedelta(days=days)
        return datetime.datetime.combine(day, datetime.time(), datetime.UTC).timestamp()

    @on("GET", "/api/v4/user")
    def user(self, request: Request) -> Reply:
        return answer({"id": int(self._presented(request).login), "state": "active"})

    @on("GET", TOKENS)
    def list_tokens(self, request: Request) -> Reply:
        return answer([self._shown(key) for key in self.ring.of(self._presented(request).login)])

    @on("GET", TOKENS + "/{identifier}")
    def show(self, request: Request, identifier: str) -> Reply:
        return answer(self._shown(self._named(request, identifier)))

    @on("DELETE", TOKENS + "/{identifier}")
    def revoke(self, request: Request, identifier: str) -> Reply:
        self._named(request, identifier).active = False
        return Reply(NOTHING)

    @on("POST", TOKENS + "/{identifier}/rotate")
    def rotate(self, request: Request, identifier: str) -> Reply:
        old = self._named(request, identifier)
        if not self.ring.is_live(old):
            self._punish(old)
            self.refuse(401, "401 Unauthorized")
        expires = self._asked_expiry(request)
        old.active = False
        key = self.ring.create(*self._new(old.login), expires=expires, facts={
            **old.facts, "child": None})
        old.facts["child"] = key.id
        return answer(self._shown(key) | {"token": key.secret})

    def _asked_expiry(self, request: Request) -> float:
        text = request.fields.get("expires_at") or request.query.get("expires_at")
        if not text:
            return self._midnight(7)
        try:
            day = datetime.date.fromisoformat(text)
        except (TypeError, ValueError):
            self.refuse(400, "expires_at is invalid")
        days = (day - self.clock.moment().date()).days
        if not 0 < days <= LONGEST:
            self.refuse(400, "expires_at is out of range")
        return self._midnight(days)

    def _named(self, request: Request, identifier: str) -> Key:
        presented = self._presented(request)
        if identifier == "self":
            return presented
        key = self.ring.get(identifier)
        if key is None or key.login != presented.login:
            # Whose token it is, and whether there is one, is nobody's business.
            self.refuse(401, "401 Unauthorized")
        return key

    def _presented(self, request: Request) -> Key:
        secret = request.headers.get("PRIVATE-TOKEN", "") or request.bearer
        if key := self.ring.admit(secret):
            return key
        is_rotation = request.method == "POST" and request.path.endswith("/rotate")
        if is_rotation or not self.reuse_on_rotation_only:
            for key in self.ring:
                if key.secret == secret:
                    self._punish(key)
        self.refuse(401, "401 Unauthorized")

    def _punish(self, key: Key) -> None:
        """Revokes whatever came from a token that was rotated away."""
        while key.facts["child"]:
            key = self.ring.get(key.facts["child"])
            key.active = False

    def _shown(self, key: Key) -> dict:
        return {
            "id": int(key.id), "name": key.facts["name"], "revoked": not key.active,
            "created_at": self.clock.text(key.created), "scopes": key.facts["scopes"],
            "user_id": int(key.login), "last_used_at": key.used and self.clock.text(key.used),
            "active": self.ring.is_live(key),
            "expires_at": self.clock.moment(key.expires).date().isoformat()}
