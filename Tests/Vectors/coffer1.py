# The format coffer1 in Python: a second opinion on the program's own code. The libraries beneath
# (OpenSSL, libargon2) may be the same; the published vectors are there to judge those.

import hashlib
import hmac
import struct
import unicodedata

from argon2.low_level import Type, hash_secret_raw
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import (
    X25519PrivateKey, X25519PublicKey)
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF, HKDFExpand
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

LABEL = b"c2sp.org/chunked-encryption@v1+AEAD_AES_256_GCM\x00"
CHUNK = 16_384
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def u16(number):
    return struct.pack(">H", number)


def u32(number):
    return struct.pack(">I", number)


def u64(number):
    return struct.pack(">Q", number)


def lp(raw):
    return u32(len(raw)) + raw


def domain(label):
    return b"coffer1/" + label.encode() + b"\x00"


def sha256(raw):
    return hashlib.sha256(raw).digest()


def hkdf(key, salt, info):
    return HKDF(hashes.SHA512(), 32, salt, info).derive(key)


# Cobblestone-256

def okm(key, context, salt):
    raw = HKDFExpand(hashes.SHA512(), 76, LABEL + salt + context).derive(key)
    return raw[:32], int.from_bytes(raw[32:44], "big"), raw[44:]


def chunks(plaintext):
    """Full chunks and then a shorter one, possibly empty."""
    pieces = [plaintext[at:at + CHUNK] for at in range(0, len(plaintext), CHUNK)]
    return pieces if pieces and len(pieces[-1]) < CHUNK else pieces + [b""]


def seal_chunks(aes, nonce, pieces):
    cipher = AESGCM(aes)
    return [
        cipher.encrypt((nonce ^ number).to_bytes(12, "big"), piece, None)
        for number, piece in enumerate(pieces)
    ]


def seal(key, context, plaintext, salt):
    aes, nonce, commitment = okm(key, context, salt)
    return salt + commitment + b"".join(seal_chunks(aes, nonce, chunks(plaintext)))


# Padding

def bucket(count):
    if count <= 1_024:
        return max(64, -(-count // 64) * 64)
    exponent = count.bit_length() - 1
    mask = (1 << (exponent - exponent.bit_length())) - 1
    return (count + mask) & ~mask


def pad(value):
    padded = b"\x01" + lp(value)
    return padded.ljust(bucket(len(padded)), b"\x00")


# Keys and slots

def argon2id(passphrase, salt, memory, passes, lanes):
    return hash_secret_raw(passphrase, salt, passes, memory, lanes, 32, Type.ID, 0x13)


def passphrase_bytes(typed):
    if all(byte < 0x80 for byte in typed):
        return typed
    return unicodedata.normalize("NFC", typed.decode()).encode()


def subkey(root, vault, epoch, label):
    return hkdf(root, vault, domain("sub") + u16(1) + u32(epoch) + label.encode())


def slot_header(number, kind, vault, epoch, memory, passes, lanes, argon, salt, created,
                suite=1, flags=0):
    return (
        b"SLT1" + bytes([number, kind]) + u16(suite) + vault + u32(epoch) + u32(memory)
        + u32(passes) + u32(lanes) + u32(argon) + salt + u64(created) + u32(flags))


def raw_slot_key(raw, salt):
    return hkdf(raw, salt, domain("slot-raw"))


def slot(header, key, root, salt):
    body = header + seal(key, domain("slot") + header, root, salt)
    return body + sha256(body)


def symbols(raw_key):
    whole = raw_key + sha256(domain("raw-key") + raw_key)[:3]
    number = int.from_bytes(whole, "big")
    return "".join(ALPHABET[number >> 5 * (55 - at) & 31] for at in range(56))


def recovery_code(raw_key):
    text = symbols(raw_key)
    return "-".join(text[at:at + 7] for at in range(0, 56, 7))


def key_file(raw_key):
    return "coffer-key-1:" + symbols(raw_key) + "\n"


# The state tree

RECORD, METADATA, TOMBSTONE = 1, 2, 3
EMPTY = bytes(32)


def leaf(table, rid, version, epoch, state, rest=b""):
    """`rest` is SHA-256 of a blob, and for metadata the blind index behind it."""
    return sha256(
        b"\x00" + domain("leaf") + bytes([table]) + rid + u64(version) + u32(epoch)
        + bytes([state]) + rest)


def code(key, *parts):
    return hmac.new(key, b"".join(parts), hashlib.sha256).digest()


def tree(key, vault, epoch, rows):
    """Buckets, nodes and root over rows of (index or rid, table, rid, version, leaf)."""
    buckets, nodes = {}, {}
    for number in sorted({int.from_bytes(row[0][:2], "big") for row in rows}):
        here = sorted(row[1:] for row in rows if row[0][:2] == u16(number))
        buckets[number] = code(
            key, domain("bucket"), vault, u32(epoch), u16(number), u32(len(here)),
            *(row[-1] for row in here))
    for node in sorted({number >> 8 for number in buckets}):
        nodes[node] = code(
            key, domain("node"), vault, u32(epoch), bytes([node]),
            *(buckets.get(node << 8 | low, EMPTY) for low in range(256)))
    return buckets, nodes, sha256(b"".join(nodes.get(node, EMPTY) for node in range(256)))


def packed(codes):
    """A row of `tree` from codes by their places; None for none."""
    if not codes:
        return None
    bitmap = bytearray(32)
    for place in codes:
        bitmap[place >> 3] |= 0x80 >> (place & 7)
    return bytes(bitmap) + b"".join(codes[place] for place in sorted(codes))


def head(vault, epoch, generation, records, described, root, slots, seals, entries, tip, deposit,
         time):
    return (
        domain("head") + u16(1) + vault + u32(epoch) + u64(generation) + u64(records)
        + u64(described) + root + sha256(b"".join(slots)) + sha256(b"") + u64(seals)
        + u64(entries) + tip + deposit + u64(time))


# HPKE (RFC 9180), in base mode or with a pre-shared key: DHKEM(X25519, HKDF-SHA256), HKDF-SHA256,
# AES-256-GCM

KEM = b"KEM" + u16(0x20)
HPKE = b"HPKE" + u16(0x20) + u16(1) + u16(2)


def labeled_extract(suite, salt, label, raw):
    return code(salt, b"HPKE-v1", suite, label, raw)


def labeled_expand(suite, key, label, info, count):
    labeled = u16(count) + b"HPKE-v1" + suite + label + info
    return HKDFExpand(hashes.SHA256(), count, labeled).derive(key)


def deposit_keys(material):
    """DeriveKeyPair."""
    extracted = labeled_extract(KEM, b"", b"dkp_prk", material)
    private = labeled_expand(KEM, extracted, b"sk", b"", 32)
    public = X25519PrivateKey.from_private_bytes(private).public_key()
    return private, public.public_bytes(Encoding.Raw, PublicFormat.Raw)


def hpke_seal(public, info, data, plaintext, ephemeral_material, psk=b"", psk_id=b""):
    """SealBase, or SealPSK, with an ephemeral key of known material: "enc" and the ciphertext."""
    private, enc = deposit_keys(ephemeral_material)
    agreed = X25519PrivateKey.from_private_bytes(private).exchange(
        X25519PublicKey.from_public_bytes(public))
    extracted = labeled_extract(KEM, b"", b"eae_prk", agreed)
    shared = labeled_expand(KEM, extracted, b"shared_secret", enc + public, 32)
    context = (
        bytes([1 if psk else 0]) + labeled_extract(HPKE, b"", b"psk_id_hash", psk_id)
        + labeled_extract(HPKE, b"", b"info_hash", info))
    secret = labeled_extract(HPKE, shared, b"secret", psk)
    key = labeled_expand(HPKE, secret, b"key", context, 32)
    nonce = labeled_expand(HPKE, secret, b"base_nonce", context, 12)
    return enc, AESGCM(key).encrypt(nonce, plaintext, data)


# Jobs and what is delivered to them

def job_file(vault, job, name, private, psk):
    text = (
        f"coffer-job-1\nvault {vault.hex()}\njob {job.hex()}\nname {name}\nkey {private.hex()}\n"
        f"shared {psk.hex()}\nsum ").encode()
    return text + sha256(domain("job-identity") + text)[:4].hex().encode() + b"\n"


def delivery_id(vault, job, psk, name):
    info = domain("delivery-id") + job + lp(name.encode())
    return HKDF(hashes.SHA512(), 16, vault, info).derive(psk)


def delivery(vault, job, public, psk, name, time, expires, plaintext, ephemeral_material):
    """The id and the blob."""
    identifier = delivery_id(vault, job, psk, name)
    clear = u64(time) + u64(expires)
    enc, sealed = hpke_seal(
        public, domain("delivery") + vault + job, domain("delivery-aad") + identifier + clear,
        pad(plaintext), ephemeral_material, psk, job)
    return identifier, clear + enc + sealed


def job_row(name, public, psk, created, deliveries):
    """`deliveries` are (secret, rid, expires)."""
    return lp(name.encode()) + public + psk + u64(created) + u32(len(deliveries)) + b"".join(
        lp(secret.encode()) + rid + u64(expires) for secret, rid, expires in deliveries)


def grant_row(rid, secret, path, digest, created, expires, note):
    return (rid + lp(secret.encode()) + lp(path.encode()) + digest + u64(created) + u64(expires)
            + lp(note.encode()))


def policy_context(vault, epoch, kind, identifier):
    return domain("policy") + vault + u32(epoch) + bytes([kind]) + identifier


def policy_digest(rows):
    """Of (kind, id, blob)."""
    return sha256(b"".join(
        bytes([kind]) + identifier + sha256(blob) for kind, identifier, blob in sorted(rows)))


# The audit log

def entry(number, time, operation, outcome, user, process, meant, detail):
    return (
        u64(number) + u64(time) + bytes([operation, outcome]) + u32(user) + u32(process) + meant
        + lp(detail))


def chain_start(vault, first_key):
    return sha256(domain("audit0") + vault + first_key)


def chain_link(tip, entered):
    return sha256(b"\x01" + tip + sha256(entered))


def ed25519_public(seed):
    public = Ed25519PrivateKey.from_private_bytes(seed).public_key()
    return public.public_bytes(Encoding.Raw, PublicFormat.Raw)


def chain_seal(vault, seed, seals, entries, tip, next_key):
    """The signature, and the tip behind it."""
    message = domain("audit-seal") + vault + u64(seals) + u64(entries) + tip + next_key
    signature = Ed25519PrivateKey.from_private_bytes(seed).sign(message)
    return signature, sha256(b"\x02" + tip + next_key + signature)


def detail(pairs):
    """Of (tag, value) pairs in their order."""
    return u32(len(pairs)) + b"".join(u16(tag) + lp(value) for tag, value in pairs)


def detail_pairs(told):
    """The pairs of a detail told in words."""
    pairs = []
    if told.get("chain"):
        processes = told["chain"]
        pairs.append((1, bytes([len(processes)]) + b"".join(
            u32(one["pid"]) + bytes([one["executable"]]) + lp(one["path"].encode())
            for one in processes)))
    texts = ["terminal", "unit", "working_directory", "job", "reason", "name", "new_name"]
    for tag, word in enumerate(texts, start=2):
        if word in told:
            pairs.append((tag, told[word].encode()))
    for tag, word, number in [(9, "version", u32), (10, "prefix", str.encode),
                              (11, "slot", lambda slot: bytes([slot])), (12, "count", u64)]:
        if word in told:
            pairs.append((tag, number(told[word])))
    if "recipient" in told:
        pairs.append((13, told["recipient"].encode()))
    return pairs


def open_detail(key, vault, epoch, number, padded, salt):
    context = domain("audit") + vault + u32(epoch) + u64(number)
    return b"\x01" + u32(epoch) + seal(key, context, padded, salt)


def locked_detail(public, vault, epoch, number, padded, ephemeral_material):
    enc, sealed = hpke_seal(
        public, domain("audit-locked") + vault + u32(epoch), u64(number), padded,
        ephemeral_material)
    return b"\x02" + u32(epoch) + enc + sealed


# Records, metadata, names

def record_context(vault, epoch, rid, version, kind):
    return domain("rec") + vault + u32(epoch) + rid + u32(version) + bytes([kind])


def metadata_context(vault, epoch, rid, revision):
    return domain("meta") + vault + u32(epoch) + rid + u64(revision)


def pack(fields):
    """The kind and the plaintext of a version with these (name, value) pairs."""
    if len(fields) == 1:
        return 1, fields[0][1]
    return 2, u16(len(fields)) + b"".join(lp(n.encode()) + lp(v) for n, v in fields)


def blind_index(key, name):
    return hmac.new(key, domain("name") + name.encode(), hashlib.sha256).digest()[:16]


STATES = {"pending": 1, "current": 2, "previous": 3, "retired": 4, "destroyed": 5}


def version(entry):
    return (
        u32(entry["number"]) + bytes([STATES[entry["state"]]]) + u64(entry["created"])
        + u16(len(entry["fields"])) + b"".join(lp(name.encode()) for name in entry["fields"]))


def attributes(described):
    """The (tag, value) pairs of a description, defaults left out."""
    pairs = []
    created = described.get("created", 0)
    modified = described.get("modified", created)
    if described.get("issuer", "generic") != "generic":
        pairs.append((1, described["issuer"].encode()))
    if described.get("disabled"):
        pairs.append((2, b"\x01"))
    if described.get("label"):
        pairs.append((3, described["label"].encode()))
    if described.get("fields"):
        fields = sorted(described["fields"].items())
        pairs.append((4, u32(len(fields)) + b"".join(
            lp(name.encode()) + lp(value.encode()) for name, value in fields)))
    if described.get("tags"):
        tags = [tag.encode() for tag in described["tags"]]
        pairs.append((5, u32(len(tags)) + b"".join(map(lp, sorted(tags)))))
    if created:
        pairs.append((6, u64(created)))
    if modified != created:
        pairs.append((7, u64(modified)))
    for tag, name in [(8, "expires"), (9, "removed"), (10, "maximum_age")]:
        if name in described:
            pairs.append((tag, u64(described[name])))
    if described.get("managed_elsewhere"):
        pairs.append((11, b"\x01"))
    if described.get("versions"):
        versions = described["versions"]
        pairs.append((12, u32(len(versions)) + b"".join(map(version, versions))))
    if described.get("requires_reason"):
        pairs.append((13, b"\x01"))
    return pairs


def metadata(name, pairs):
    return lp(name.encode()) + u32(len(pairs)) + b"".join(u16(t) + lp(v) for t, v in pairs)
