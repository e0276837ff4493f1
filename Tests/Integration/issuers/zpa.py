"""Zscaler Private Access, the legacy interface."""

import base64
import uuid

from .key import Key
from .player import Player, on
from .reply import NOTHING, Reply, answer
from .request import Request
from .session import Sessions
from .shape import DIGITS, LETTERS, made_of

KEYS = "/mgmtconfig/v1/admin/customers/{customer}/apiKeys"
LONGEST_SESSION = 3600
# Secrets of ZPA hold what shells and parsers trip over: every one that is made here does.
AWKWARD = "\"'$#}{`\\"


class Zpa(Player):
    """API keys of one customer. A key signs in for a session; sessions make, list and delete keys.

    The secret is in the reply that creates a key and in no other. A key that is deleted or disabled
    signs in no more; sessions that it opened run out by themselves.
    """

    hosts = ("config.private.zscaler.com", "config.zpatwo.net", "config.zpabeta.net",
             "config.zpagov.net", "config.zpagov.us")

    def __init__(self, customer: str = "216196257331281920") -> None:
        super().__init__()
        self.customer = customer
        # Whose sessions are accepted: its own, and those of another issuer that shares its users.
        self.guests: list[Sessions] = [self.sessions]

    def grant(self, name: str = "made in the console") -> Key:
        """A key that was made in the console before."""
        return self.ring.grant(**self._new(name))

    def _new(self, name: str, enabled: bool = True, life: str = "3600", role: str = "1") -> dict:
        client = base64.b64encode(f"2{made_of(DIGITS, 17)}-{uuid.uuid4()}".encode()).decode()
        secret = made_of(LETTERS + AWKWARD, 24) + AWKWARD
        facts = {"name": name, "roleId": role, "tokenExpiryTimeInSec": life}
        return {"identifier": "2" + made_of(DIGITS, 17), "secret": secret, "login": client,
                "active": enabled, "facts": facts}

    @on("POST", "/signin")
    def sign_in(self, request: Request) -> Reply:
        form = request.form
        key = self.ring.admit(form.get("client_secret", ""), form.get("client_id", ""))
        if key is None:
            return self.error(401, "authentication.failed")
        life = min(int(key.facts["tokenExpiryTimeInSec"]), LONGEST_SESSION)
        session = self.sessions.issue(key.login, life)
        return answer({
            "token_type": "Bearer", "access_token": session.token, "expires_in": str(life)})

    @on("GET", KEYS)
    def list_keys(self, request: Request, customer: str) -> Reply:
        self._authorise(request, customer)
        keys = [self._shown(key) for key in self.ring]
        return answer({"totalPages": "1", "totalCount": str(len(keys)), "list": keys})

    @on("POST", KEYS)
    def create_key(self, request: Request, customer: str) -> Reply:
        self._authorise(request, customer)
        asked = request.json
        if not asked.get("name"):
            self.refuse(400, "name.missing")
        key = self.ring.create(**self._new(
            asked["name"], asked.get("enabled", True), str(asked.get("tokenExpiryTimeInSec", 3600)),
            str(asked.get("roleId", 1))))
        return answer(self._shown(key) | {"clientSecret": key.secret}, 201)

    @on("GET", KEYS + "/{identifier}")
    def show_key(self, request: Request, customer: str, identifier: str) -> Reply:
        self._authorise(request, customer)
        return answer(self._shown(self.find(identifier)))

    @on("PUT", KEYS + "/{identifier}")
    def change_key(self, request: Request, customer: str, identifier: str) -> Reply:
        self._authorise(request, customer)
        key, asked = self.find(identifier), request.json
        key.active = asked.get("enabled", key.active)
        key.facts |= {name: asked[name] for name in key.facts if name in asked}
        return Reply(NOTHING)

    @on("DELETE", KEYS + "/{identifier}")
    def delete_key(self, request: Request, customer: str, identifier: str) -> Reply:
        self._authorise(request, customer)
        self.ring.remove(self.find(identifier).id)
        return Reply(NOTHING)

    def _authorise(self, request: Request, customer: str) -> None:
        if not any(guests.find(request.bearer) for guests in self.guests):
            self.refuse(401, "token.invalid")
        if customer != self.customer:
            self.refuse(403, "customer.forbidden")

    def _shown(self, key: Key) -> dict:
        return {
            "id": key.id, "clientId": key.login, "enabled": key.active, "readOnly": False,
            "isLocked": False, "pinSessionEnabled": False, "creationTime": str(int(key.created)),
            "modifiedTime": str(int(key.created)), **key.facts}

    def error(self, status: int, words: str) -> Reply:
        return answer({"id": words, "reason": words.replace(".", " ")}, status)
