"""AWS IAM and STS, by moto, and what moto leaves out."""

import json
import re

from moto import settings
from moto.iam.models import iam_backends
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app

from .key import Key
from .player import Player
from .reply import Reply
from .request import Request
from .shape import made_of
from .wsgi import Application

EVERYTHING_OF_IAM = json.dumps({
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "iam:*", "Resource": "*"}]})


class Aws(Player):
    """Access keys of users. moto checks signatures and policies and that a user has two keys at
    most, inactive ones included; it lets inactive keys in and makes new ones effective at once, and
    so this player looks at the key first.

    The title of a request is its action, such as `CreateAccessKey`: all have one path.
    """

    hosts = ("iam.amazonaws.com", "sts.amazonaws.com", "sts.*.amazonaws.com")

    def __init__(self) -> None:
        super().__init__()
        # It lets everybody in unless it is told from which request on it shall not.
        settings.INITIAL_NO_AUTH_ACTION_COUNT = 0
        # moto keeps accounts apart, and finds that of a key in its id: this one is ours alone.
        self.account = made_of("123456789", 12)
        self._iam = iam_backends[self.account]["aws"]
        self._moto = Application(DomainDispatcherApplication(create_backend_app))

    def grant(self, user: str = "ci") -> Key:
        """A key that has been there for long, of a user that may manage keys."""
        if user not in self._iam.users:
            self._iam.create_user("aws", user)
            self._iam.put_user_policy(user, "keys", EVERYTHING_OF_IAM)
        key = self._iam.create_access_key(user)
        return self.ring.grant(key.access_key_id, key.secret_access_key, user)

    def turn(self, key: Key, is_active: bool) -> None:
        """Switches a key on or off in the console."""
        self._iam.update_access_key(key.login, key.id, "Active" if is_active else "Inactive")
        self._catch_up()

    def forget(self, key: Key) -> None:
        """Deletes a key in the console."""
        self._iam.delete_access_key(key.id, key.login)
        self._catch_up()

    def title(self, request: Request) -> str:
        return request.form.get("Action") or request.query.get("Action") or super().title(request)

    def respond(self, request: Request) -> Reply:
        found = re.search(r"Credential=([^/]+)/", request.headers.get("Authorization", ""))
        key = self.ring.get(found.group(1)) if found else None
        if key is not None and self.ring.admit(key.secret) is None:
            return self.error(403, "InvalidClientTokenId")
        reply = self._moto.answer(request)
        self._catch_up()
        return reply

    def _catch_up(self) -> None:
        """Follows what moto did."""
        theirs = {
            key.access_key_id: key for user in self._iam.users.values() for key in user.access_keys}
        for key in self.ring:
            if key.id not in theirs:
                self.ring.remove(key.id)
        for identifier, key in theirs.items():
            ours = self.ring.get(identifier) or self.ring.create(
                identifier, key.secret_access_key, key.user_name)
            ours.active = key.status == "Active"

    def error(self, status: int, words: str) -> Reply:
        body = (
            '<ErrorResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><Error>'
            f"<Type>Sender</Type><Code>{words}</Code><Message>The security token included in the"
            " request is invalid.</Message></Error><RequestId>0</RequestId></ErrorResponse>")
        return Reply(status, body.encode(), {"Content-Type": "text/xml"})
