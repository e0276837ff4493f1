"""The access tokens that credentials are exchanged for."""

import secrets
from dataclasses import dataclass

from joserfc import jwt
from joserfc.jwk import OctKey

from .clock import Clock


@dataclass
class Session:
    """What a token stands for. It outlives the key that it was made with."""

    token: str
    subject: str
    audience: str
    expires: float


class Sessions:
    """The tokens of an issuer: JWTs, since some clients read the date in them."""

    def __init__(self) -> None:
        self.clock = Clock()
        self._key = OctKey.import_key(secrets.token_bytes(32))
        self._all: dict[str, Session] = {}

    def issue(self, subject: str, life: float, audience: str = "") -> Session:
        now = self.clock.now()
        claims = {"sub": subject, "iat": int(now), "exp": int(now + life)}
        claims |= {"aud": audience} if audience else {}
        claims["jti"] = secrets.token_hex(16)
        token = jwt.encode({"alg": "HS256"}, claims, self._key)
        session = Session(token, subject, audience, now + life)
        self._all[token] = session
        return session

    def find(self, token: str) -> Session | None:
        """What a token stands for, if it is still accepted."""
        session = self._all.get(token)
        return session if session and self.clock.now() < session.expires else None

    def revoke_all(self) -> None:
        self._all.clear()
