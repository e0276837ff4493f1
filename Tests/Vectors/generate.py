# Writes the vectors beside it. Run it with python3, `cryptography` and `argon2-cffi` installed.
#
# worked-example.json  every intermediate value of one vault
# known-answers.json   more of each kind: edges of padding and chunks, texts, descriptions
# reject/<room>/*.txt  one failure a file; `expect` names the layer that must find it
#
# Every salt is fixed, for vectors only. Running it again changes nothing.

import json
import pathlib
import shutil
import sys

sys.dont_write_bytecode = True

import coffer1 as c
import rejects

HERE = pathlib.Path(__file__).parent

VAULT = bytes(range(0x00, 0x10))
ROOT = bytes(range(0x20, 0x40))
RID = bytes(range(0x80, 0x90))
NAME = "zpa/prod/ci"
VALUE = b"EXAMPLE'$#}\x00\xff\nend"


SUBKEYS = ("rec", "meta", "idx", "state", "audit", "deposit")


def run(first, count):
    return bytes(range(first, first + count))


def pattern(count):
    return bytes(at % 251 for at in range(count))


def worked_example():
    """The same inputs and field names as the published worked example, as far as this is built."""
    typed = b"correct horse battery staple"
    salt, seal_salt = run(0x40, 32), run(0x60, 24)
    memory, passes, lanes = 65_536, 3, 4
    header = c.slot_header(
        0, 1, VAULT, 1, memory, passes, lanes, 0x13, salt, 1_700_000_000)
    kek = c.argon2id(typed, salt, memory, passes, lanes)
    raw_key, raw_salt, raw_seal_salt = run(0x11, 32), run(0x41, 32), run(0x61, 24)
    raw_header = c.slot_header(1, 3, VAULT, 1, 0, 0, 0, 0, raw_salt, 1_700_000_001)
    raw_kek = c.raw_slot_key(raw_key, raw_salt)
    keys = {label: c.subkey(ROOT, VAULT, 1, label) for label in SUBKEYS}
    record_salt, meta_salt = run(0xA0, 24), run(0xB8, 24)
    record_context = c.record_context(VAULT, 1, RID, 1, 1)
    meta_context = c.metadata_context(VAULT, 1, RID, 1)
    described = c.metadata(NAME, [])
    record_blob = c.seal(keys["rec"], record_context, c.pad(VALUE), record_salt)
    meta_blob = c.seal(keys["meta"], meta_context, c.pad(described), meta_salt)
    index = c.blind_index(keys["idx"], NAME)
    slots = [
        c.slot(header, kek, ROOT, seal_salt), c.slot(raw_header, raw_kek, ROOT, raw_seal_salt)]
    audit = worked_audit()
    tip = bytes.fromhex(audit["steps"][-1]["tip"])
    tree = worked_tree(keys, record_blob, meta_blob, index, slots, tip)
    return {
        "vault_id": VAULT.hex(), "root_key": ROOT.hex(), "epoch": 1,
        "passphrase": typed.decode(),
        "slot_passphrase": {
            "t": passes, "m_kib": memory, "p": lanes, "salt": salt.hex(),
            "argon2id": kek.hex(), "header": header.hex(), "seal_salt": seal_salt.hex(),
            "record": slots[0].hex()},
        "slot_raw": {
            "raw_key": raw_key.hex(), "kek": raw_kek.hex(), "header": raw_header.hex(),
            "seal_salt": raw_seal_salt.hex(),
            "record": slots[1].hex()},
        "subkeys": {label: key.hex() for label, key in keys.items()},
        "record": {
            "rid": RID.hex(), "version": 1, "kind": 1, "value": VALUE.hex(),
            "state": 2, "salt": record_salt.hex(), "context": record_context.hex(),
            "padded": c.pad(VALUE).hex(), "blob": record_blob.hex(),
            "leaf": tree["leaves"][0], "bucket": int.from_bytes(RID[:2], "big")},
        "meta": {
            "name": NAME, "mver": 1, "salt": meta_salt.hex(), "context": meta_context.hex(),
            "padded": c.pad(described).hex(), "blob": meta_blob.hex(), "blind_index": index.hex(),
            "leaf": tree["leaves"][1], "bucket": int.from_bytes(index[:2], "big")},
        "tree": tree["tree"], "audit": audit, "head": tree["head"], "deposit": tree["deposit"],
        "padding": {
            str(count): c.bucket(count)
            for count in (1, 64, 65, 1024, 1025, 10_000, 1 << 20, (16 << 20) + 5)},
    }


def worked_audit():
    """Two entries and a seal over both, one more and a seal over that."""
    seed = lambda number: c.sha256(b"kat-ed25519-" + c.u32(number))
    first = c.ed25519_public(seed(0))
    start = tip = c.chain_start(VAULT, first)
    steps, seals = [], 0
    for number, (operation, is_sealed) in enumerate([(1, False), (2, True), (3, True)]):
        entry = c.entry(number, 1_700_000_000_000 + number, operation, 0, 1_000, 4_242, RID, b"")
        tip = c.chain_link(tip, entry)
        steps.append({"entry": entry.hex(), "tip": tip.hex()})
        if is_sealed:
            following = c.ed25519_public(seed(seals + 1))
            signature, tip = c.chain_seal(VAULT, seed(seals), seals, number + 1, tip, following)
            steps.append({
                "seal": seals, "entries": number + 1, "pk_next": following.hex(),
                "signature": signature.hex(), "tip": tip.hex()})
            seals += 1
    return {
        "pk0": first.hex(),
        "sk_rule": "sk_j = SHA-256('kat-ed25519-' || u32be(j)), example only",
        "start": start.hex(), "steps": steps}


def worked_tree(keys, record_blob, meta_blob, index, slots, tip):
    leaves = [
        c.leaf(c.RECORD, RID, 1, 1, 2, c.sha256(record_blob)),
        c.leaf(c.METADATA, RID, 1, 1, 0, c.sha256(meta_blob) + index)]
    buckets, nodes, root = c.tree(keys["state"], VAULT, 1, [
        (RID, c.RECORD, RID, 1, leaves[0]), (index, c.METADATA, RID, 1, leaves[1])])
    private, public = c.deposit_keys(keys["deposit"])
    deposit = {"sk": private.hex(), "pk": public.hex(), **worked_deposit(public)}
    head = c.head(VAULT, 1, 7, 1, 1, root, slots, 2, 3, tip, public, 1_700_000_000_000)
    hexadecimal = lambda codes: {str(number): code.hex() for number, code in codes.items()}
    return {
        "leaves": [leaf.hex() for leaf in leaves],
        "tree": {
            "buckets": hexadecimal(buckets), "nodes": hexadecimal(nodes), "root": root.hex()},
        "head": {
            "generation": 7, "bytes": head.hex(), "mac": c.code(keys["state"], head).hex()},
        "deposit": deposit}


def worked_deposit(public):
    identifier, time, kind, material = run(0xD0, 16), 1_700_000_000_000, 1, run(0xE0, 32)
    plaintext = c.pad(c.lp(NAME.encode()) + c.lp(VALUE) + c.lp(b""))
    data = c.domain("deposit-aad") + identifier + c.u64(time) + bytes([kind])
    enc, sealed = c.hpke_seal(
        public, c.domain("deposit") + VAULT + c.u32(1), data, plaintext, material)
    row = identifier + c.u32(1) + c.u64(time) + bytes([kind]) + enc + sealed
    return {
        "ikmE": material.hex(), "dep_id": identifier.hex(), "time_ms": time, "kind": kind,
        "enc": enc.hex(), "ct": sealed.hex(), "row": row.hex(),
        "receipt": c.sha256(c.domain("receipt") + row)[:10].hex()}


def policy():
    """A job with two deliveries, a grant, and the digest over their rows."""
    job, name, psk = run(0xF0, 16), "ci/deploy", run(0x51, 32)
    private, public = c.deposit_keys(run(0x31, 32))
    key, created = c.subkey(ROOT, VAULT, 7, "policy"), 1_700_000_000_123
    rows, delivered = [], []
    for number, (secret, fields, expires) in enumerate([
            ("aws/ci", [("access_key_id", b"A\x00"), ("secret_access_key", b"S\xff")], 0),
            (NAME, [("secret", VALUE)], 1_800_000_000_000)]):
        kind, value = c.pack(fields)
        described = {
            "created": created, "issuer": "aws-iam" if number == 0 else "generic",
            "fields": {"region": "x"} if number == 0 else {}, "requires_reason": number == 1,
            "versions": [{
                "number": 3 + number, "state": "current", "created": created + 1,
                "fields": [field for field, _ in fields]}]}
        plaintext = (
            RID + c.lp(c.metadata(secret, c.attributes(described))) + c.lp(value))
        identifier, blob = c.delivery(
            VAULT, job, public, psk, secret, created + 5, expires, plaintext, run(0x91, 32))
        rows.append((3, identifier, blob))
        delivered.append({
            "secret": secret, "version": 3 + number, "expires": expires, "time": created + 5,
            "id": identifier.hex(), "plaintext": plaintext.hex(), "blob": blob.hex(),
            "ikm_e": run(0x91, 32).hex(),
            "fields": [{"name": field, "value": value.hex()} for field, value in fields]})
    encoded = c.job_row(name, public, psk, created, [
        (one["secret"], RID, one["expires"]) for one in delivered])
    granted = c.grant_row(
        RID, NAME, "/usr/bin/terraform", run(0x10, 32), created, 1_800_000_000_000, "Grüße")
    salt, grant = run(0x71, 24), run(0xE0, 16)
    for kind, identifier, plaintext in ((2, job, encoded), (1, grant, granted)):
        rows.append((kind, identifier, c.seal(
            key, c.policy_context(VAULT, 7, kind, identifier), c.pad(plaintext), salt)))
    return {
        "job": job.hex(), "name": name, "created": created, "public_key": public.hex(),
        "shared": psk.hex(), "file": c.job_file(VAULT, job, name, private, psk).decode(),
        "encoded": encoded.hex(), "blob": rows[2][2].hex(), "deliveries": delivered,
        "grant": {
            "id": grant.hex(), "encoded": granted.hex(), "blob": rows[3][2].hex(),
            "path": "/usr/bin/terraform", "digest": run(0x10, 32).hex(), "note": "Grüße"},
        "digest": c.policy_digest(rows).hex()}


def trees():
    """Trees of no row, and of rows that share buckets and come in no order."""
    key = c.subkey(ROOT, VAULT, 7, "state")
    answers = []
    for count in (0, 1, 40):
        rows = []
        for number in range(count):
            seed = c.sha256(c.u32(number))
            # Four buckets: two of one node, the first and the last.
            rid = (b"\x00\x00", b"\xff\xff", b"\x12\x34", b"\x12\x00")[number % 4] + seed[:14]
            rows.append({
                "table": number % 3 + 1, "rid": rid, "version": 2**31 - number,
                "state": 1 + number % 5,
                "index": rid[:2] + seed[16:30], "blob": seed * 5})
        answers.append(tree_of(key, rows))
    return answers


def tree_of(key, rows):
    leaves = []
    for row in rows:
        digest = c.sha256(row["blob"])
        state = row["state"] if row["table"] == c.RECORD else 0
        rest = {c.RECORD: digest, c.METADATA: digest + row["index"], c.TOMBSTONE: b""}
        place = row["index"] if row["table"] == c.METADATA else row["rid"]
        leaf = c.leaf(
            row["table"], row["rid"], row["version"], 7, state, rest[row["table"]])
        leaves.append((place, row["table"], row["rid"], row["version"], leaf))
    buckets, nodes, root = c.tree(key, VAULT, 7, leaves)
    plain = [
        {name: value if isinstance(value, int) else value.hex() for name, value in row.items()}
        for row in rows]
    return {
        "rows": plain, "leaves": [leaf[-1].hex() for leaf in leaves],
        "buckets": {str(number): code.hex() for number, code in buckets.items()},
        "nodes": {str(number): code.hex() for number, code in nodes.items()},
        "root": root.hex(), "packed": rows_of(buckets, nodes)}


def rows_of(buckets, nodes):
    """The rows of `tree` by their numbers: of each node that holds anything, and of all nodes."""
    rows = {node: c.packed({number & 255: code for number, code in buckets.items()
                            if number >> 8 == node}) for node in nodes}
    return {str(number): row.hex() for number, row in [*rows.items(), (256, c.packed(nodes))]
            if row is not None}


DETAILS = [
    {},
    {"chain": [{"pid": 4_242, "executable": 0, "path": "/usr/bin/coffer"}]},
    {"chain": [{"pid": 2**32 - 1 - number, "executable": number % 4, "path": "/" * number}
               for number in range(16)], "count": 2**64 - 1},
    {"terminal": "/dev/pts/3", "unit": "ssh.service", "working_directory": "/srv/é",
     "job": "/usr/bin/terraform (deleted)", "reason": "\u202e\x1b[2J\x00",
     "name": "zpa/prod/ci", "new_name": "A/b.c/@+-:_9", "version": 4_294_967_295,
     "prefix": "", "slot": 7, "count": 0, "recipient": "ci/deploy"},
    {"reason": "\U0001f511" * 256, "name": "n" * 128, "version": 0, "slot": 255},
    {"chain": [{"pid": 1, "executable": 3, "path": ""}], "prefix": "zpa/", "count": 61},
]


def audit_details():
    """Private parts in both forms."""
    key, deposit = (c.subkey(ROOT, VAULT, 7, label) for label in ("audit", "deposit"))
    _, public = c.deposit_keys(deposit)
    answers = []
    for number, told in enumerate(DETAILS):
        encoded = c.detail(c.detail_pairs(told))
        padded, salt, material = c.pad(encoded), c.sha256(encoded)[:24], c.sha256(encoded)
        number = 2**63 - 1 if number == 3 else number
        answers.append({
            "told": told, "encoded": encoded.hex(), "number": number, "salt": salt.hex(),
            "open": c.open_detail(key, VAULT, 7, number, padded, salt).hex(),
            "ikmE": material.hex(),
            "locked": c.locked_detail(public, VAULT, 7, number, padded, material).hex()})
    return answers


# Every padding and chunk edge: 5 bytes of header stand in front of the value.
COUNTS = [
    0, 1, 58, 59, 60, 123, 124, 1_018, 1_019, 1_020, 1_083, 1_084, 4_000, 16_378, 16_379, 16_380,
    16_384, 32_763, 32_764, 32_768, 49_147, 100_000, 262_144,
]


def records():
    answers = []
    for number, count in enumerate(COUNTS):
        rid, salt, version = c.sha256(c.u32(number))[:16], c.sha256(c.u32(count))[:24], number + 1
        key = c.subkey(ROOT, VAULT, 7, "rec")
        context = c.record_context(VAULT, 7, rid, version, 1)
        padded = c.pad(pattern(count))
        blob = c.seal(key, context, padded, salt)
        answers.append({
            "pattern": count, "rid": rid.hex(), "version": version, "salt": salt.hex(),
            "padded_count": len(padded), "blob_count": len(blob),
            "blob_sha256": c.sha256(blob).hex()})
    return answers


def packings():
    cases = [
        [("secret", b"\x00\xff")],
        [("client_secret", b"")],
        [("access_key_id", b"AKIAEXAMPLE"), ("secret_access_key", b"a/b+c\n\x00")],
        [("b", b""), ("a", b"\xc3"), ("z_9", pattern(300))],
    ]
    answers = []
    for fields in cases:
        kind, packed = c.pack(fields)
        answers.append({
            "kind": kind, "packed": packed.hex(),
            "fields": [{"name": name, "value": value.hex()} for name, value in fields]})
    return answers


DESCRIPTIONS = [
    {"name": "a"},
    {"name": "A/b.c/@+-:_9", "issuer": "aws-iam", "created": 1_700_000_000_123},
    {"name": "x", "created": 5, "modified": 6, "disabled": True, "managed_elsewhere": True},
    {"name": "x", "expires": 0, "removed": (1 << 64) - 1, "maximum_age": 0},
    {"name": "tags", "tags": ["b", "a", "é", "Z", "e\u0301"]},
    {"name": "fields", "label": "Straße \u202e\x1b[2J",
     "fields": {"tenant_id": "", "client_id": "x\u0000y", "a": "\U0001f511"}},
    {"name": "v/1", "created": 1, "versions": [
        {"number": 1, "state": "destroyed", "created": 1, "fields": ["secret"]},
        {"number": 3, "state": "retired", "created": 2, "fields": ["b", "a"]},
        {"number": 4, "state": "previous", "created": 3, "fields": ["secret"]},
        {"number": 5, "state": "current", "created": 4, "fields": ["secret"]},
        {"number": 4_294_967_295, "state": "pending", "created": 0, "fields": ["secret"]}]},
    {"name": "all/of/it", "issuer": "zpa", "disabled": True, "label": "l",
     "fields": {"client_id": "1"}, "tags": ["t"], "created": 10, "modified": 20, "expires": 30,
     "removed": 40, "maximum_age": 50, "managed_elsewhere": True, "requires_reason": True,
     "versions": [{"number": 1, "state": "current", "created": 10, "fields": ["secret"]}]},
]


def descriptions():
    key = c.subkey(ROOT, VAULT, 7, "meta")
    answers = []
    for number, described in enumerate(DESCRIPTIONS):
        encoded = c.metadata(described["name"], c.attributes(described))
        salt = c.sha256(encoded)[:24]
        context = c.metadata_context(VAULT, 7, RID, number)
        answers.append({
            "described": described, "encoded": encoded.hex(), "revision": number,
            "salt": salt.hex(), "blob": c.seal(key, context, c.pad(encoded), salt).hex()})
    return answers


def known_answers():
    raw_keys = [bytes(32), b"\xff" * 32, run(0x11, 32), c.sha256(b"raw key")]
    typed = ["ascii only", "é", "e\u0301", "\u212b", "A\u030a", "\u1112\u1161\u11ab", "\ud55c",
             "\u1f82\u0345", "\U0001d160", "a\u0323\u0307", "a\u0307\u0323", "\ufb01", "\ufeffx"]
    names = ["a", "zpa/prod/ci", "ZPA/prod/ci", "n" * 128]
    salt = run(0x40, 32)
    index_key = c.subkey(ROOT, VAULT, 7, "idx")
    return {
        "vault_id": VAULT.hex(), "root_key": ROOT.hex(), "epoch": 7, "rid": RID.hex(),
        "raw_keys": [
            {"key": key.hex(), "recovery_code": c.recovery_code(key), "key_file": c.key_file(key)}
            for key in raw_keys],
        "passphrases": [
            {"typed": text.encode().hex(), "hashed": c.passphrase_bytes(text.encode()).hex()}
            for text in typed],
        "argon2id": [
            {"passphrase": text.encode().hex(), "salt": salt.hex(), "m_kib": m, "t": t, "p": p,
             "hash": c.argon2id(text.encode(), salt, m, t, p).hex()}
            for text, m, t, p in [
                ("p", 8, 1, 1), ("p" * 1_024, 64, 1, 2), ("Grüße", 1_024, 3, 4),
                ("p", 19_456, 2, 1), ("p", 512, 2, 64)]],
        "blind_indexes": [
            {"name": name, "index": c.blind_index(index_key, name).hex()} for name in names],
        "padding": {str(count): c.bucket(count) for n in COUNTS for count in (n + 5,)},
        "records": records(), "packings": packings(), "descriptions": descriptions(),
        "trees": trees(), "audit_details": audit_details(), "policy": policy(),
    }


def write(name, content):
    text = json.dumps(content, indent=1, ensure_ascii=True) + "\n"
    (HERE / name).write_text(text, encoding="utf-8")


def main():
    write("worked-example.json", worked_example())
    write("known-answers.json", known_answers())
    shutil.rmtree(HERE / "reject", ignore_errors=True)
    for room, name, header, body in rejects.vectors(VAULT, ROOT, RID):
        place = HERE / "reject" / room / f"{name}.txt"
        place.parent.mkdir(parents=True, exist_ok=True)
        lines = [f"{key}: {value}" for key, value in header.items()] + [""]
        digits = body.hex()
        lines += [digits[at:at + 96] for at in range(0, len(digits), 96)]
        place.write_text("\n".join(lines) + "\n", encoding="utf-8")


main()
