# An independent reader of a vault's key slots: from a passphrase or a key file to the root key.
#
# Written from the format, with other libraries than the program uses. It checks the whole slot, so
# a root key that it returns is the right one.

import hashlib
import hmac
import pathlib
import sqlite3
import struct

from argon2.low_level import Type, hash_secret_raw
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

HEADER, SLOT = 88, 224
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LABEL = b"c2sp.org/chunked-encryption@v1+AEAD_AES_256_GCM\0"


def domain(label):
    return b"coffer1/" + label + b"\0"


def expand(key, info, count):
    """HKDF-Expand with SHA-512 (RFC 5869)."""
    block, output = b"", b""
    while len(output) < count:
        block = hmac.digest(key, block + info + bytes([len(output) // 64 + 1]), "sha512")
        output += block
    return output[:count]


def open_sealed(key, sealed, context):
    """Opens a Cobblestone-256 message of one chunk; None if the key is not the right one."""
    salt, commitment, chunk = sealed[:24], sealed[24:56], sealed[56:]
    material = expand(key, LABEL + salt + context, 76)
    if not hmac.compare_digest(material[44:], commitment):
        return None
    return AESGCM(material[:32]).decrypt(material[32:44], chunk, None)


def raw_key(text):
    """The 32 bytes in a key file."""
    symbols = text.strip().removeprefix("coffer-key-1:").replace("-", "")
    number = 0
    for symbol in symbols:
        number = number << 5 | ALPHABET.index(symbol)
    key = number.to_bytes(35, "big")
    if hashlib.sha256(domain(b"raw-key") + key[:32]).digest()[:3] != key[32:]:
        raise ValueError("the checksum of the key file is wrong")
    return key[:32]


def subkeys(root, vault):
    """The keys that an open vault works with, by their labels."""
    header = slots(vault)[0]
    suite, vault_id, epoch = header[6:8], header[8:24], header[24:28]
    secret = hmac.digest(vault_id, root, "sha512")
    return {
        label: expand(secret, domain(b"sub") + suite + epoch + label.encode(), 32)
        for label in ("rec", "meta", "idx", "state", "audit", "deposit")
    }


def slots(vault):
    """The slots in the file, which is read as SQLite leaves it, without a log."""
    connection = sqlite3.connect(f"file:{vault}?immutable=1", uri=True)
    try:
        return [row[0] for row in connection.execute("SELECT bytes FROM slot ORDER BY number")]
    finally:
        connection.close()


def root_key(vault, passphrase=None, key_file=None):
    """The root key of a vault, opened with whichever key is given."""
    for slot in slots(vault):
        if len(slot) != SLOT or hashlib.sha256(slot[:192]).digest() != slot[192:]:
            raise ValueError("a slot is damaged")
        header, sealed = slot[:HEADER], slot[HEADER:192]
        kind = header[5]
        memory, passes, lanes, version = struct.unpack(">4I", header[28:44])
        salt = header[44:76]
        if kind == 1 and passphrase is not None:
            key = hash_secret_raw(passphrase, salt, passes, memory, lanes, 32, Type.ID, version)
        elif kind == 3 and key_file is not None:
            secret = hmac.digest(salt, raw_key(pathlib.Path(key_file).read_text()), "sha512")
            key = expand(secret, domain(b"slot-raw"), 32)
        else:
            continue
        if root := open_sealed(key, sealed, domain(b"slot") + header):
            return root
    raise ValueError("no slot opens with this key")
