# Writes the corpora from which fuzzing begins: what the vectors hold, for each
# decoder. `python3 Tests/Fuzz/seed.py` after a change of the format.

import base64
import hashlib
import json
import pathlib
import sys
import zlib

HERE = pathlib.Path(__file__).parent
VECTORS = HERE.parent / "Vectors"
KNOWN = json.loads((VECTORS / "known-answers.json").read_text())
WORKED = json.loads((VECTORS / "worked-example.json").read_text())

sys.path.insert(0, str(HERE.parent / "Integration"))
import agent_wire as wire  # noqa: E402


def anchor():
    """The body of an anchor, without its checksum."""
    return b"coffer1/anchor\0" + bytes(range(16)) + (1).to_bytes(4, "big") + bytes(
        number % 251 for number in range(152))


def armoured(row):
    """A deposit as a capsule."""
    text = base64.b64encode(row).decode()
    lines = [text[start:start + 64] for start in range(0, len(text), 64)]
    checksum = base64.b64encode(zlib.crc32(row).to_bytes(4, "big")).decode()
    return "\n".join(["-----BEGIN COFFER CAPSULE-----", *lines, "=" + checksum,
                      "-----END COFFER CAPSULE-----", ""]).encode()


def rotation(state, new, end, rest):
    """A journal up to its clocks and lists, and those."""
    return (bytes(range(16)) + bytes([1, state, end]) + bytes(16) + (1).to_bytes(4, "big")
            + new.to_bytes(4, "big") + (0 if state == 1 else 1).to_bytes(4, "big") + bytes(4)
            + bytes(8) + rest)


ROTATIONS = [
    rotation(1, 0, 0, bytes(7)),
    rotation(3, 0, 0, b"\0\1" + bytes(8) + b"\1\0\0\0\1\0\0\0\1a\0\0\0\1\0\0\0\1b"),
    rotation(6, 2, 0, b"\2" + bytes(33) + bytes(5)), rotation(12, 0, 3, b"\1" + bytes(14))]
POLICY = KNOWN["policy"]
DEPOSIT = bytes.fromhex(WORKED["deposit"]["row"])
SEEDS = {
    "deposit": [DEPOSIT],
    # Without the checksum and the end of its line.
    "identity": [POLICY["file"].encode()[:-9]],
    "job": [bytes.fromhex(POLICY["encoded"])],
    "grant": [bytes.fromhex(POLICY["grant"]["encoded"])],
    "delivery": [bytes.fromhex(delivery["blob"]) for delivery in POLICY["deliveries"]],
    "delivered": [bytes.fromhex(delivery["plaintext"]) for delivery in POLICY["deliveries"]],
    "deposited": [
        b"\0\0\0\x03a/b\0\0\0\x01v\0\0\0\0",
        b"\0\0\0\x03a/b\0\0\0\x01v\0\0\0\x0f\0\0\0\x01\0\x03\0\0\0\x05label"],
    "capsule": [armoured(DEPOSIT), b"> " + armoured(DEPOSIT).replace(b"\n", b"\r\n> ")],
    "address": [b"coffer-deposit-1:b544c3143519eac1ff70e336633e482700000001592cceaae45684f94eb82cb8"
                b"39cfecf6f09735a3589718242b1db818db4a4620899dea\n"],
    "slot": [
        bytes.fromhex(WORKED[name]["record"])[:192] for name in ("slot_passphrase", "slot_raw")],
    "head": [bytes.fromhex(WORKED["head"]["bytes"])],
    "anchor": [anchor()],
    "codes": [bytes.fromhex(row) for tree in KNOWN["trees"] for row in tree["packed"].values()],
    "detail": [bytes.fromhex(detail["encoded"]) for detail in KNOWN["audit_details"]],
    "metadata": [bytes.fromhex(found["encoded"]) for found in KNOWN["descriptions"]],
    "rotation": ROTATIONS,
    "packing": [bytes.fromhex(packing["packed"]) for packing in KNOWN["packings"]],
    "padding": [b"\x05\0\0\0\x01\x02\x03\0\0" + bytes(55), bytes(64)],
    "raw-key": [key[form].encode() for key in KNOWN["raw_keys"]
                for form in ("recovery_code", "key_file")],
    "passphrase": [bytes.fromhex(form["typed"]) for form in KNOWN["passphrases"]],
    "receipt": [b"coffer-receipt-1 0ee5a9d95173a5643a70bf5a12797a29 g5 e9 s5 576e1561a795e330\n"],
    # `run.sh` adds the built-in profiles.
    "profile": [
        b'{"schema":1,"id":"a","title":"t","fields":[{"name":"s","title":"S","role":"secret"}]}'],
    "json": [
        b'{"AccessKey":{"AccessKeyId":"AKIA","SecretAccessKey":"a\\u00e9\\n/+"},'
        b'"n":[1,-2.5e3,null]}',
        b'{"clientId":"c","clientSecret":"\\ud83d\\ude00","enabled":true,"name":"x"}', b"[[[[[]]]]]"],
    "csv": [b'Access key ID,Secret access key\r\nAKIA,"a""b\nc"\r\n', b"a;b\n1;2\n"],
    "git": [
        b"capability[]=state\nprotocol=https\nhost=h:1\npath=a/b\nusername=u\npassword=p\n\n"],
    "client-file": [
        b"[a]\naws_access_key_id = A\naws_secret_access_key = s\nregion = r\n",
        b'{"auths":{"r":{"auth":"dTpw","email":"e"}},"credHelpers":{"x":"y"}}',
        b"# c\nmachine a login u\n  password p\nmachine b login v\n"],
    # Without the length in front.
    "question": [frame[4:] for frame in (
        wire.hello("/", "why", "job", "/w"), wire.frame(wire.STATUS), wire.unlock(b"key", idle=60),
        wire.frame(wire.LOCK, b"\1"), wire.fetch("a/b", "3"),
        wire.frame(wire.LIST, wire.lp("a/") + b"\1"),
        wire.frame(wire.EDIT, wire.lp("a") + wire.number(2, 4) + b"\1" + wire.lp("x") + b"\7\0"),
        wire.frame(wire.STORE, wire.lp("a") + wire.lp("generic") + b"\1" + wire.lp("") + bytes(8)
                   + b"\0\0" + b"\0\0" + b"\1" + wire.number(1, 4) + wire.lp("secret")
                   + wire.lp("x")))],
    # The first byte says what was asked: a failure, a value, what unlocking found, a status.
    "answer": [
        b"\0\x2a\0\2" + wire.lp("a") + wire.lp("current"),
        b"\1" + wire.lp(bytes.fromhex(KNOWN["descriptions"][0]["encoded"])) + wire.number(1, 4)
        + wire.number(1, 4) + wire.lp("secret") + wire.lp("x"),
        b"\2\1" + bytes(8) + b"\0" + wire.number(1, 4) + b"\1" + wire.lp(bytes(16)) + b"\0",
        b"\3" + wire.number(1, 4) + b"\1" + wire.number(60, 8)],
    "line": [
        b'{"name":"a/b","secrets":{"x":"1"},"tags":["t"],"expires":"2027-01-01",'
        b'"status":"enabled"}',
        b'{"name": "a/one", "secret": "first", "fields": {"client_id": "c"}, "label": "l"}'],
}

for decoder, seeds in SEEDS.items():
    folder = HERE / "corpus" / decoder
    folder.mkdir(parents=True, exist_ok=True)
    for seed in seeds:
        (folder / hashlib.sha256(seed).hexdigest()[:16]).write_bytes(seed)
