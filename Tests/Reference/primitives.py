"""The constructions of docs/spec/vault-format.md that a reader and a writer share."""

import hashlib
import hmac
import unicodedata

from argon2.low_level import Type, hash_secret_raw
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

CHUNK = 16_384
LABEL = b"c2sp.org/chunked-encryption@v1+AEAD_AES_256_GCM\0"
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
KEY_PREFIX = b"coffer-key-1:"


def domain(label):
    """D(label)."""
    return b"coffer1/" + label.encode() + b"\0"


def lp(data):
    return len(data).to_bytes(4, "big") + data


def hkdf_expand(prk, info, count):
    output, block, number = b"", b"", 1
    while len(output) < count:
        block = hmac.digest(prk, block + info + bytes([number]), "sha512")
        output += block
        number += 1
    return output[:count]


def hkdf(salt, key, info, count=32):
    return hkdf_expand(hmac.digest(salt, key, "sha512"), info, count)


def message_keys(key, salt, context):
    """AES key, base nonce and commitment of one Cobblestone-256 message."""
    okm = hkdf_expand(key, LABEL + salt + context, 76)
    return okm[:32], okm[32:44], okm[44:]


def chunk_nonce(base, number):
    return (int.from_bytes(base, "big") ^ number).to_bytes(12, "big")


def bucket(count):
    if count <= 1_024:
        return -(-count // 64) * 64
    exponent = count.bit_length() - 1
    step = 1 << (exponent - exponent.bit_length())
    return -(-count // step) * step


def open_sealed(key, context, sealed):
    """The plaintext of a Cobblestone-256 message, or None."""
    body = len(sealed) - 56
    if body < 16 or body % (CHUNK + 16) < 16:
        return None
    aes_key, base, commitment = message_keys(key, sealed[:24], context)
    if not hmac.compare_digest(commitment, sealed[24:56]):
        return None
    cipher = AESGCM(aes_key)
    plaintext = []
    try:
        for number in range(body // (CHUNK + 16) + 1):
            start = 56 + number * (CHUNK + 16)
            chunk = sealed[start:start + CHUNK + 16]
            plaintext.append(cipher.decrypt(chunk_nonce(base, number), chunk, None))
    except InvalidTag:
        return None
    return b"".join(plaintext)


def unpadded(padded):
    """The value in a padded plaintext, or None."""
    if len(padded) < 5 or padded[0] != 1:
        return None
    length = int.from_bytes(padded[1:5], "big")
    if length > len(padded) - 5 or bucket(5 + length) != len(padded):
        return None
    if any(padded[5 + length:]):
        return None
    return padded[5:5 + length]


def prepared(typed):
    """The bytes of a passphrase that are hashed; ValueError if it cannot be one."""
    if not 1 <= len(typed) <= 1_024 or 0 in typed:
        raise ValueError("a passphrase has 1 to 1,024 bytes, none of them zero")
    if max(typed) < 0x80:
        return typed
    return unicodedata.normalize("NFC", typed.decode("utf-8", "strict")).encode()


def passphrase_kek(typed, salt, memory, passes, lanes):
    return hash_secret_raw(
        prepared(typed), salt, time_cost=passes, memory_cost=memory, parallelism=lanes,
        hash_len=32, type=Type.ID, version=0x13)


def raw_kek(key, salt):
    return hkdf(salt, key, domain("slot-raw"))


def subkey(root, vault, epoch, label):
    info = domain("sub") + (1).to_bytes(2, "big") + epoch.to_bytes(4, "big") + label.encode()
    return hkdf(vault, root, info)


def deposit_public_key(deposit_key):
    """The public half of DeriveKeyPair (RFC 9180, DHKEM(X25519, HKDF-SHA256))."""
    start = b"HPKE-v1" + b"KEM" + b"\x00\x20"
    extracted = hmac.digest(b"", start + b"dkp_prk" + deposit_key, "sha256")
    private = hmac.digest(extracted, b"\x00\x20" + start + b"sk" + b"\x01", "sha256")
    public = X25519PrivateKey.from_private_bytes(private).public_key()
    return public.public_bytes(Encoding.Raw, PublicFormat.Raw)


def blind_index(index_key, name):
    return hmac.digest(index_key, domain("name") + name, "sha256")[:16]


def slot_context(header):
    return domain("slot") + header


def record_context(vault, epoch, rid, version, kind):
    return (domain("rec") + vault + epoch.to_bytes(4, "big") + rid
            + version.to_bytes(4, "big") + bytes([kind]))


def metadata_context(vault, epoch, rid, revision):
    return (domain("meta") + vault + epoch.to_bytes(4, "big") + rid
            + revision.to_bytes(8, "big"))


def raw_key_checksum(key):
    return hashlib.sha256(domain("raw-key") + key).digest()[:3]


def raw_key_text(key):
    bits = int.from_bytes(key + raw_key_checksum(key), "big")
    return "".join(ALPHABET[bits >> 5 * place & 31] for place in reversed(range(56)))


def raw_key(text):
    """The key that a text holds; ValueError if it is none."""
    if len(text) > 1_024:
        raise ValueError("longer than 1,024 bytes")
    if text.startswith(KEY_PREFIX) and len(text) > len(KEY_PREFIX):
        text = text[len(KEY_PREFIX):]
    bits, count = 0, 0
    for character in text.decode("latin-1"):
        if character in " \t\r\n-":
            continue
        if "a" <= character <= "z":
            character = character.upper()
        character = {"O": "0", "I": "1", "L": "1"}.get(character, character)
        value = ALPHABET.find(character)
        if value < 0 or count == 56:
            raise ValueError("another character, or too many")
        bits, count = bits << 5 | value, count + 1
    if count != 56:
        raise ValueError("too few characters")
    whole = bits.to_bytes(35, "big")
    if not hmac.compare_digest(raw_key_checksum(whole[:32]), whole[32:]):
        raise ValueError("the checksum is wrong")
    return whole[:32]
