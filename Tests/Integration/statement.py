# What clients sign instead of showing a secret.

import functools

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from joserfc import jwt
from joserfc.jwk import RSAKey


def signed(pem, **claims):
    """A statement in these words, signed with RS256; `kid` goes into the header."""
    header = {"alg": "RS256"} | ({"kid": claims.pop("kid")} if "kid" in claims else {})
    return jwt.encode(header, claims, RSAKey.import_key(pem))


@functools.cache
def pair(_: int = 0):
    """A private and a public key, in PEM; another pair for another number."""
    key = rsa.generate_private_key(65_537, 2048)
    public = key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption())
    return private.decode(), public.decode()
