"""Auth0: one secret an application, which is replaced in its place."""

from .key import Delay, Key
from .player import Player, on
from .reply import Reply, answer
from .request import Request
from .shape import LETTERS, URL_SAFE, made_of


class Auth0(Player):
    """Rotating kills the old secret at once, while the new one takes a moment to work: for a while
    neither does. Unless a test says otherwise the first attempt with a new secret is refused."""

    hosts = ("*.auth0.com",)

    def __init__(self) -> None:
        super().__init__()
        self.delay = Delay(attempts=1)

    def grant(self, client: str | None = None) -> Key:
        """An application that was made in the console before."""
        client = client or made_of(LETTERS, 32)
        return self.ring.grant(client, made_of(URL_SAFE, 64), client)

    @on("POST", "/oauth/token")
    def exchange(self, request: Request) -> Reply:
        asked = request.fields
        client, secret = request.basic
        if not client:
            client, secret = asked.get("client_id", ""), asked.get("client_secret", "")
        if asked.get("grant_type") != "client_credentials" or not asked.get("audience"):
            return answer({"error": "invalid_request"}, 400)
        if self.ring.admit(secret, client) is None:
            return answer({"error": "access_denied", "error_description": "Unauthorized"}, 401)
        session = self.sessions.issue(client, 86_400, asked["audience"])
        return answer({
            "access_token": session.token, "expires_in": 86_400, "token_type": "Bearer"})

    @on("GET", "/api/v2/clients/{client}")
    def show(self, request: Request, client: str) -> Reply:
        self._authorise(request)
        return answer(self._shown(self.find(client)))

    @on("POST", "/api/v2/clients/{client}/rotate-secret")
    def rotate(self, request: Request, client: str) -> Reply:
        self._authorise(request)
        self.find(client)
        key = self.ring.create(client, made_of(URL_SAFE, 64), client)
        return answer(self._shown(key))

    def _authorise(self, request: Request) -> None:
        session = self.sessions.find(request.bearer)
        if session is None or session.audience != f"https://{request.host}/api/v2/":
            self.refuse(401, "Invalid token")

    def _shown(self, key: Key) -> dict:
        """With the secret: Auth0 shows it as often as it is asked."""
        return {
            "client_id": key.login, "client_secret": key.secret, "name": "an application",
            "app_type": "non_interactive", "token_endpoint_auth_method": "client_secret_post"}

    def error(self, status: int, words: str) -> Reply:
        return answer({"statusCode": status, "error": words, "message": words}, status)
