"""OpenAI: keys of administrators, and of the service accounts of projects."""

from .key import Key
from .player import Player, on
from .reply import Reply, answer
from .request import Request
from .shape import LETTERS, made_of

ADMIN_KEYS = "/v1/organization/admin_api_keys"
PROJECT = "/v1/organization/projects/{project}"
ADMIN = "administrators"


class OpenAI(Player):
    """Many keys. Administrators' keys manage both kinds, and are of no use for models."""

    hosts = ("api.openai.com",)

    def grant(self, project: str = "proj_abc") -> Key:
        """A key of a project that was made in the console before."""
        return self.ring.grant(*self._new("svcacct", project), facts={
            "name": "a key", "account": self._account()})

    def grant_admin(self) -> Key:
        """A key of an administrator that was made in the console before."""
        return self.ring.grant(*self._new("admin", ADMIN), facts={"name": "an administrator's"})

    def _new(self, kind: str, login: str) -> tuple[str, str, str]:
        secret = f"sk-{kind}-{made_of(LETTERS, 74)}T3BlbkFJ{made_of(LETTERS, 74)}"
        return "key_" + made_of(LETTERS, 16), secret, login

    def _account(self) -> str:
        return "svc_acct_" + made_of(LETTERS, 16)

    @on("GET", "/v1/models")
    def models(self, request: Request) -> Reply:
        key = self.ring.admit(request.bearer)
        if key is None or key.login == ADMIN:
            self.refuse(401, "invalid_api_key")
        return answer({"object": "list", "data": [{"id": "a-model", "object": "model"}]})

    @on("GET", ADMIN_KEYS)
    def list_admin_keys(self, request: Request) -> Reply:
        self._authorise(request)
        return self._list([self._shown_admin(key) for key in self.ring.of(ADMIN)])

    @on("POST", ADMIN_KEYS)
    def create_admin_key(self, request: Request) -> Reply:
        self._authorise(request)
        name = self._name(request)
        key = self.ring.create(*self._new("admin", ADMIN), facts={"name": name})
        return answer(self._shown_admin(key) | {"value": key.secret})

    @on("DELETE", ADMIN_KEYS + "/{identifier}")
    def delete_admin_key(self, request: Request, identifier: str) -> Reply:
        self._authorise(request)
        self.ring.remove(self.find(identifier, ADMIN).id)
        return answer({
            "id": identifier, "object": "organization.admin_api_key.deleted", "deleted": True})

    @on("POST", PROJECT + "/service_accounts")
    def create_account(self, request: Request, project: str) -> Reply:
        """The reply that makes an account is the only one with the value of its key."""
        self._authorise(request)
        name, account = self._name(request), self._account()
        key = self.ring.create(*self._new("svcacct", project), facts={
            "name": name, "account": account})
        return answer({
            "object": "organization.project.service_account", "id": account, "name": name,
            "role": "member", "created_at": int(key.created), "api_key": {
                "object": "organization.project.service_account.api_key", "id": key.id,
                "name": "Secret Key", "value": key.secret, "created_at": int(key.created)}})

    @on("GET", PROJECT + "/service_accounts")
    def list_accounts(self, request: Request, project: str) -> Reply:
        self._authorise(request)
        return self._list([{
            "object": "organization.project.service_account", "id": key.facts["account"],
            "name": key.facts["name"], "role": "member", "created_at": int(key.created),
        } for key in self.ring.of(project)])

    @on("DELETE", PROJECT + "/service_accounts/{account}")
    def delete_account(self, request: Request, project: str, account: str) -> Reply:
        self._authorise(request)
        keys = [key for key in self.ring.of(project) if key.facts["account"] == account]
        if not keys:
            self.refuse(404, "not_found")
        for key in keys:
            self.ring.remove(key.id)
        return answer({
            "object": "organization.project.service_account.deleted", "id": account,
            "deleted": True})

    @on("GET", PROJECT + "/api_keys")
    def list_keys(self, request: Request, project: str) -> Reply:
        self._authorise(request)
        return self._list([self._shown(key) for key in self.ring.of(project)])

    @on("DELETE", PROJECT + "/api_keys/{identifier}")
    def delete_key(self, request: Request, project: str, identifier: str) -> Reply:
        self._authorise(request)
        self.ring.remove(self.find(identifier, project).id)
        return answer({
            "object": "organization.project.api_key.deleted", "id": identifier, "deleted": True})

    def _authorise(self, request: Request) -> None:
        key = self.ring.admit(request.bearer)
        if key is None:
            self.refuse(401, "invalid_api_key")
        if key.login != ADMIN:
            self.refuse(403, "insufficient_permissions")

    def _name(self, request: Request) -> str:
        return request.json.get("name") or self.refuse(400, "missing_required_parameter")

    def _list(self, keys: list[dict]) -> Reply:
        return answer({
            "object": "list", "data": keys, "has_more": False,
            "first_id": keys[0]["id"] if keys else None,
            "last_id": keys[-1]["id"] if keys else None})

    def _shown_admin(self, key: Key) -> dict:
        return self._shown(key) | {"object": "organization.admin_api_key", "owner": {
            "type": "user", "object": "organization.user", "id": "user_1", "role": "owner"}}

    def _shown(self, key: Key) -> dict:
        return {
            "object": "organization.project.api_key", "id": key.id, "name": key.facts["name"],
            "redacted_value": f"{key.secret[:8]}...{key.secret[-4:]}",
            "created_at": int(key.created), "last_used_at": key.used and int(key.used)}

    def error(self, status: int, words: str) -> Reply:
        return answer({"error": {
            "message": words, "type": "invalid_request_error", "param": None, "code": words,
        }}, status)
