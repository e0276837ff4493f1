# Writes the corpora from which fuzzing begins: what the vectors hold, for each
# decoder. `python3 Tests/Fuzz/seed.py` after a change of the format. The other files there were
# found by fuzzing.

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


def described(name, *attributes):
    """A description: tags and their values, ascending."""
    return wire.lp(name) + wire.number(len(attributes), 4) + b"".join(
        wire.number(tag, 2) + wire.lp(value) for tag, value in attributes)


def version(number, state):
    """A version with one secret field."""
    return wire.number(number, 4) + bytes([state]) + bytes(8) + b"\0\1" + wire.lp("secret")


# A previous, a current and a pending one; the first and the last have fields of their own.
VERSIONS = wire.number(3, 4) + version(1, 3) + version(2, 2) + version(4, 1)
OWN = (wire.number(2, 4) + wire.number(1, 4) + wire.number(2, 4) + wire.lp("a") + b"\0"
       + wire.lp("client_id") + b"\1" + wire.lp("x") + wire.number(4, 4) + wire.number(1, 4)
       + wire.lp("client_id") + b"\1" + wire.lp(""))
KEY = described("a/b", (12, VERSIONS), (14, b"\1"), (15, ROTATIONS[2]), (16, OWN))
RECEIPT = wire.lp(KEY) + wire.number(2, 4) + wire.number(1, 4) + wire.lp("secret") + wire.lp("wxyz")
ID = bytes(range(16))


def event(number, object_id=None, detail=None):
    return (wire.number(number, 8) + wire.number(1_700_000_000_000, 8) + b"\x26\0"
            + wire.number(1000, 4) + wire.number(4711, 4) + wire.optional(object_id)
            + wire.optional(None if detail is None else wire.lp(detail)))


DETAILS = [bytes.fromhex(detail["encoded"]) for detail in KNOWN["audit_details"]]
# By what was asked, which the first byte of an answer stands for: there is more than one of some.
ANSWERS = [
    # A failure, a value, what unlocking found, a status.
    b"\0\x2a\0\2" + wire.lp("a") + wire.lp("current"),
    b"\1" + wire.lp(bytes.fromhex(KNOWN["descriptions"][0]["encoded"])) + wire.number(1, 4)
    + wire.number(1, 4) + wire.lp("secret") + wire.lp("x"),
    b"\2\1" + bytes(8) + b"\0" + wire.number(1, 4) + b"\1" + wire.lp(bytes(16)) + b"\0",
    b"\3" + wire.number(1, 4) + b"\1" + wire.number(60, 8),
    # A receipt, descriptions, names.
    b"\4" + RECEIPT,
    b"\5" + wire.lp(KEY) + wire.lp(described("b")),
    b"\6\3a/b\3zpa\0\1b\7generic\3",
    # Entries, facts of a deposit, a history, the receipt of a rotation, what happened to deposits.
    b"\7" + wire.number(3, 4) + event(0) + event(1, ID, DETAILS[1]) + event(2, None, DETAILS[3])
    + wire.number(1, 4) + wire.number(3, 8),
    b"\x08" + ID + wire.lp(bytes(6)) + wire.number(1, 4) + bytes(8) + wire.number(99, 8) + b"\1\2"
    + wire.lp("a/b"),
    b"\x09" + wire.lp(KEY) + wire.number(2, 4) + wire.number(1, 4) + bytes(8) + b"\2"
    + wire.number(2, 4) + bytes(8) + b"\x33",
    b"\x0a" + RECEIPT + b"\1",
    b"\x0b" + wire.number(5, 4) + b"\0" + wire.lp(ID) + wire.lp("a-2") + wire.number(1, 4)
    + wire.lp("a") + b"".join(bytes([kind]) + wire.lp(ID) for kind in (1, 2, 3)) + b"\4" + bytes(8),
    # Grants of sessions, keys with their ids, a pending version, how many there are.
    b"\x0c" + wire.number(2, 4) + wire.lp("a") + wire.lp("/usr/bin/docker") + wire.number(4711, 4)
    + wire.lp("b") + wire.lp("/bin/x") + wire.number(1, 4),
    b"\x0d" + ID + wire.lp(KEY) + ID[::-1] + wire.lp(described("b")),
    b"\x0e" + RECEIPT + b"\1" + ID,
    b"\x0f" + wire.number(2, 8) + wire.number(0, 8)]
PERMIT, SESSION_GRANTS, FORGET_GRANTS = 0x28, 0x29, 0x2a
EVENTS, RECORD, NAMES = 0x21, 0x22, 0x1b
FACTS, RETRY, DISCARD_DEPOSITS, DISCARD, SHOW_PENDING, ACCEPT = range(0x30, 0x36)
# Of grants, rotations, the log and the inbox.
QUESTIONS = [
    *(wire.frame(PERMIT, wire.lp("a/b") + scope)
      for scope in (b"\0", b"\1", b"\2" + wire.number(1_800_000_000_000, 8))),
    wire.frame(SESSION_GRANTS), wire.frame(FORGET_GRANTS),
    wire.frame(wire.BEGIN_ROTATION, wire.lp("a") + b"\1" + wire.number(604_800_000, 8)),
    wire.frame(wire.ADVANCE_ROTATION, wire.lp("a") + wire.lp(ROTATIONS[0]) + wire.lp(ROTATIONS[1])),
    wire.frame(wire.STORE_ROTATED, wire.lp("a") + wire.lp(ROTATIONS[1]) + wire.number(1, 4)
               + wire.lp("client_id") + wire.lp("x") + wire.optional(bytes(8)) + wire.number(1, 4)
               + wire.lp("secret") + wire.lp("x")),
    wire.frame(wire.HISTORY, wire.lp("a")),
    wire.frame(wire.ROLLBACK, wire.lp("a") + bytes((0, 0, 0, 2, 0, 0, 0, 1))),
    wire.frame(EVENTS, b"\0" + wire.number(9, 8) + wire.optional(ID) + b"\1\0"),
    wire.frame(RECORD, wire.lp("a")), wire.frame(NAMES, wire.lp("a/") + b"\0"),
    wire.frame(FACTS, ID), wire.frame(RETRY, b"\1" + wire.number(1, 4) + ID),
    wire.frame(DISCARD_DEPOSITS, wire.number(1, 4) + ID),
    wire.frame(DISCARD, wire.lp("a") + wire.number(2, 4)),
    wire.frame(SHOW_PENDING, wire.lp("a") + b"\0"),
    wire.frame(ACCEPT, wire.lp("a") + b"\1" + wire.number(2, 4))]
# By the format's place in `ImportFormat`, which the first byte stands for.
EXPORTS = [
    b"pw\nuser: u\notpauth://totp/x?secret=AB\nnote\n",
    b"GOPASS-SECRET-1.0\nPassword: pw\nuser: u\n\nnote\n",
    b"<KeePassFile><Root><Group><Name>g</Name><Entry><String><Key>Title</Key><Value>t</Value>"
    b"</String><String><Key>Password</Key><Value ProtectInMemory=\"True\">p</Value></String>"
    b"</Entry></Group></Root></KeePassFile>",
    b'"Group","Title","Username","Password","URL","Notes"\n"g","t","u","p","https://x","n"\n',
    b'{"encrypted":false,"folders":[{"id":"f","name":"F"}],"items":[{"type":1,"name":"n",'
    b'"folderId":"f","login":{"username":"u","password":"p"},"fields":[{"name":"k","value":"v",'
    b'"type":1}]}]}',
    b"Title,Url,Username,Password,OTPAuth,Notes\nt,https://x,u,p,,n\n",
    b'{"accounts":[{"vaults":[{"attrs":{"name":"v"},"items":[{"uuid":"i","categoryUuid":"001",'
    b'"overview":{"title":"t"},"details":{"loginFields":[{"value":"p","designation":"password"}],'
    b'"sections":[]}}]}]}]}',
    b"export A='x y'\nB=\"c\\nd\"\n# c\nC=d # e\n",
    b"[a]\naws_access_key_id = A\naws_secret_access_key = s\n",
    b"Access key ID,Secret access key\nAKIA,s\n",
    b'{"type":"service_account","project_id":"p","private_key_id":"k","private_key":'
    b'"-----BEGIN PRIVATE KEY-----\\nAA\\n-----END PRIVATE KEY-----\\n","client_email":"e"}',
    b"zia:\n  username: u\n  password: 'p'\n  api_key: k\nclientId: c\nclientSecret: s\n",
    b'{"clientId":"c","clientSecret":"s","vanityDomain":"v"}',
    b"machine a login u password p\n",
    b"//registry.example/:_authToken=t\n_auth=dTpw\n",
    b"[distutils]\nindex-servers = pypi\n[pypi]\nusername = __token__\npassword = pypi-x\n",
    b'{"auths":{"r":{"auth":"dTpw"}}}']
# The first byte stands for the call, the second for the status.
REPLIES = [
    b'{"access_token":"abc","token_type":"Bearer","expires_in":3600}',
    b'{"error":"invalid_client"}', b'{"id":"1","secret":"s","clientSecrets":[{"id":1}]}',
    b'[{"id":"k","name":"n","status":"ACTIVE"}]',
    b"<CreateAccessKeyResponse><CreateAccessKeyResult><AccessKey><AccessKeyId>AKIA</AccessKeyId>"
    b"<SecretAccessKey>s</SecretAccessKey><Status>Active</Status></AccessKey>"
    b"</CreateAccessKeyResult></CreateAccessKeyResponse>",
    b"<ListAccessKeysResponse><ListAccessKeysResult><AccessKeyMetadata><member><AccessKeyId>A"
    b"</AccessKeyId><Status>Active</Status></member></AccessKeyMetadata><IsTruncated>false"
    b"</IsTruncated></ListAccessKeysResult></ListAccessKeysResponse>"]
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
    "detail": DETAILS,
    "metadata": [*(bytes.fromhex(found["encoded"]) for found in KNOWN["descriptions"]), KEY,
                 described("a", (14, b"\1")), described("a", (15, ROTATIONS[1])),
                 described("a", (12, VERSIONS), (16, OWN))],
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
                   + wire.lp("x")), *QUESTIONS)],
    "answer": ANSWERS,
    "import": [bytes([place]) + text for place, text in enumerate(EXPORTS)],
    "reply": [bytes([7 * place, 0]) + text for place, text in enumerate(REPLIES)],
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
