"""HPKE (RFC 9180) with X25519, HKDF-SHA256 and AES-256-GCM, one message a context: in base mode, or
with a pre-shared key and its name."""

import hmac

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

KEM = b"KEM\x00\x20"
SUITE = b"HPKE\x00\x20\x00\x01\x00\x02"


def extract(suite, salt, label, material):
    return hmac.digest(salt, b"HPKE-v1" + suite + label + material, "sha256")


def expand(suite, key, label, info, count):
    """At most one block of HKDF-Expand."""
    labeled = count.to_bytes(2, "big") + b"HPKE-v1" + suite + label + info + b"\x01"
    return hmac.digest(key, labeled, "sha256")[:count]


def private_key(material):
    """The private half of DeriveKeyPair."""
    return expand(KEM, extract(KEM, b"", b"dkp_prk", material), b"sk", b"", 32)


def public_key(private):
    public = X25519PrivateKey.from_private_bytes(private).public_key()
    return public.public_bytes(Encoding.Raw, PublicFormat.Raw)


def cipher(private, public, kem_context, info, psk=b"", psk_id=b""):
    """AES-256-GCM and its first nonce; None if the public key gives every owner zeros."""
    try:
        agreed = X25519PrivateKey.from_private_bytes(private).exchange(
            X25519PublicKey.from_public_bytes(public))
    except ValueError:
        return None
    shared = expand(
        KEM, extract(KEM, b"", b"eae_prk", agreed), b"shared_secret", kem_context, 32)
    context = ((b"\1" if psk else b"\0") + extract(SUITE, b"", b"psk_id_hash", psk_id)
               + extract(SUITE, b"", b"info_hash", info))
    secret = extract(SUITE, shared, b"secret", psk)
    return (AESGCM(expand(SUITE, secret, b"key", context, 32)),
            expand(SUITE, secret, b"base_nonce", context, 12))


def sealed(public, info, data, plaintext, ephemeral, psk=b"", psk_id=b""):
    """enc and ciphertext under an ephemeral private key."""
    enc = public_key(ephemeral)
    aead, nonce = cipher(ephemeral, public, enc + public, info, psk, psk_id)
    return enc + aead.encrypt(nonce, plaintext, data)


def opened(private, info, data, message, psk=b"", psk_id=b""):
    """The plaintext of enc and ciphertext, or None."""
    if len(message) < 48:
        return None
    enc = message[:32]
    keys = cipher(private, enc, enc + public_key(private), info, psk, psk_id)
    if keys is None:
        return None
    try:
        return keys[0].decrypt(keys[1], message[32:], data)
    except InvalidTag:
        return None
