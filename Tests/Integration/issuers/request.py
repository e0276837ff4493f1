"""What a client asked."""

import base64
import binascii
import json
import urllib.parse
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Request:
    """A request as it came: `path` as it stood there, names of headers in any case."""

    method: str
    host: str
    target: str
    headers: Mapping[str, str]
    body: bytes = b""
    # How it ended: the status of the reply, or "cut" if the client got none.
    outcome: int | str | None = field(default=None, compare=False)

    @property
    def path(self) -> str:
        return self.target.partition("?")[0]

    @property
    def query(self) -> dict[str, str]:
        return dict(urllib.parse.parse_qsl(self.target.partition("?")[2], keep_blank_values=True))

    @property
    def form(self) -> dict[str, str]:
        """The body as a form; of a field that stands there twice the last."""
        text = self.body.decode("utf-8", "replace")
        return dict(urllib.parse.parse_qsl(text, keep_blank_values=True))

    @property
    def json(self) -> dict[str, Any]:
        """The body as a JSON object; an empty one if it is anything else."""
        try:
            value = json.loads(self.body or b"{}")
        except ValueError:
            return {}
        return value if isinstance(value, dict) else {}

    @property
    def fields(self) -> dict[str, Any]:
        """The body, in whichever of the two ways it says that it is written."""
        is_json = "json" in self.headers.get("Content-Type", "")
        return self.json if is_json else dict(self.form)

    def authorization(self, scheme: str) -> str:
        """What follows this scheme in `Authorization`, or nothing."""
        given, _, rest = self.headers.get("Authorization", "").partition(" ")
        return rest.strip() if given.lower() == scheme.lower() else ""

    @property
    def bearer(self) -> str:
        return self.authorization("Bearer")

    @property
    def basic(self) -> tuple[str, str]:
        """Name and password of basic authentication, decoded as RFC 6749 (2.3.1) wants it."""
        try:
            pair = base64.b64decode(self.authorization("Basic"), validate=True).decode()
        except (binascii.Error, UnicodeDecodeError):
            return "", ""
        name, _, password = pair.partition(":")
        return urllib.parse.unquote_plus(name), urllib.parse.unquote_plus(password)

    def holds(self, value: str | bytes) -> bool:
        """Whether a value stands anywhere in it, as it is or percent-encoded."""
        raw = value.encode() if isinstance(value, str) else value
        lines = [self.target, *(f"{name}: {text}" for name, text in self.headers.items())]
        whole = "\n".join(lines).encode() + b"\n" + self.body
        return raw in whole or raw in urllib.parse.unquote_to_bytes(whole.replace(b"+", b" "))

    def __str__(self) -> str:
        """Without headers and body: what a failing test prints is read by people."""
        return f"{self.method} {self.host}{self.path} -> {self.outcome}"

    __repr__ = __str__
