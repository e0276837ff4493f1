"""What an issuer answers."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Reply:
    """A status, headers and a body, which may come in pieces.

    `length` is what the header says, the length of the body unless a fault lies. If the body comes
    in pieces and no length is given, the end of the connection is the end of the body.
    """

    status: int = 200
    body: bytes | Iterable[bytes] = b""
    headers: dict[str, str] = field(default_factory=dict)
    length: int | None = None

    def __post_init__(self) -> None:
        if self.length is None and isinstance(self.body, bytes):
            self.length = len(self.body)

    @property
    def pieces(self) -> Iterable[bytes]:
        return [self.body] if isinstance(self.body, bytes) else self.body

    @property
    def whole(self) -> bytes:
        return b"".join(self.pieces)


def answer(value: Any, status: int = 200, **headers: str) -> Reply:
    """A reply in JSON; `_` in the names of headers stands for `-`."""
    named = {name.replace("_", "-"): text for name, text in headers.items()}
    body = json.dumps(value).encode()
    return Reply(status, body, {"Content-Type": "application/json", **named})


NOTHING = 204


class Refused(Exception):
    """Ends the work on a request with this reply."""

    def __init__(self, reply: Reply) -> None:
        super().__init__(reply.status)
        self.reply = reply


class Cut(Exception):
    """The connection ends here, without a reply."""
