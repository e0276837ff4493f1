"""GitHub: personal access tokens."""

from .key import Key
from .player import Player, on
from .reply import Reply, answer
from .request import Request
from .shape import LETTERS, checksum, made_of

MOST = 1000


class Github(Player):
    """No interface makes a token: people do, in the console. Anybody may have one revoked who knows
    it, for good, and must not authenticate for that."""

    hosts = ("api.github.com",)

    def grant(self, days: float | None = None) -> Key:
        """A token that a person made in the console."""
        body = made_of(LETTERS, 30)
        expires = None if days is None else self.clock.now() + days * 86_400
        return self.ring.grant(
            made_of("123456789", 9), f"ghp_{body}{checksum(body)}", "octo", expires=expires)

    @on("GET", "/user")
    def user(self, request: Request) -> Reply:
        key = self.ring.admit(request.bearer or request.authorization("token"))
        if key is None:
            self.refuse(401, "Bad credentials")
        reply = answer({"login": key.login, "id": 1}, X_OAuth_Scopes="repo")
        if key.expires is not None:
            reply.headers["GitHub-Authentication-Token-Expiration"] = self.clock.moment(
                key.expires).strftime("%Y-%m-%d %H:%M:%S UTC")
        return reply

    @on("POST", "/credentials/revoke")
    def revoke(self, request: Request) -> Reply:
        """Says nothing of which of them existed."""
        if request.headers.get("Authorization"):
            self.refuse(403, "This endpoint must not be authenticated")
        named = request.json.get("credentials")
        if not isinstance(named, list) or not 0 < len(named) <= MOST:
            self.refuse(422, "Validation Failed")
        for key in self.ring:
            if key.secret in named:
                key.active = False
        return answer({}, 202)

    def error(self, status: int, words: str) -> Reply:
        return answer({"message": words, "status": str(status)}, status)
