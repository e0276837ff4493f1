"""The signed statements that clients authenticate with (RFC 7523)."""

import json

from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import RSAKey

BY_ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


class Unproven(Exception):
    """The statement proves nothing; the words say why."""


def peek(statement: str) -> tuple[dict, dict]:
    """Header and claims of a statement that nobody has verified yet."""
    try:
        parts = jws.extract_compact(statement.encode())
        header, claims = parts.headers(), json.loads(parts.payload)
    except (JoseError, ValueError):
        raise Unproven("it is no signed statement") from None
    if not isinstance(claims, dict):
        raise Unproven("it makes no claims")
    return header, claims


def verify(statement: str, key: str, audiences: list[str], now: float, longest: float) -> dict:
    """The claims of a statement that this key signed with RS256, for one of these audiences, and
    which lives no longer than `longest` seconds from now."""
    try:
        claims = jwt.decode(statement, RSAKey.import_key(key), algorithms=["RS256"]).claims
    except (JoseError, ValueError):
        raise Unproven("its signature is wrong") from None
    expires = claims.get("exp")
    if not isinstance(expires, (int, float)) or expires <= now:
        raise Unproven("it has expired")
    if expires > now + longest + 60:
        raise Unproven("it lives too long")
    if claims.get("aud") not in audiences:
        raise Unproven("it is meant for somebody else")
    return claims
