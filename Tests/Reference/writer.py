#!/usr/bin/env python3
"""Makes the vault of the worked example in docs/spec/vault-format.md, or prints its values.

    writer.py PATH      makes the vault, which must not exist
    writer.py           prints the section of the document
    writer.py log       prints that of docs/spec/audit-log.md

Its salts and keys are fixed: never use it for a vault of your own.
"""

import hashlib
import os
import sqlite3
import sys

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

import anchor
import auditdetail
import auditlog
import hpke
import logwriter
import primitives as p
import tree
from container import APPLICATION, SCHEMA

VAULT = bytes(range(0x00, 0x10))
ROOT = bytes(range(0x20, 0x40))
PASSPHRASE = b"correct horse battery staple"
RAW_KEY = bytes(range(0x11, 0x31))
EPOCH = 1
MADE = 1_700_000_000
ZPA_RID = bytes(range(0x80, 0x90))
SLACK_RID = bytes(range(0x90, 0xA0))
GONE_RID = ZPA_RID[:2] + bytes(range(0xB2, 0xC0))
ZPA_NAME = b"zpa/prod/ci"
ZPA_VALUE = bytes.fromhex("4558414d504c452724237d00ff0a656e64")


def salt(first, count=24):
    return bytes(range(first, first + count))


def signing_key(number):
    """The private key of a seal; a real one is drawn."""
    return hashlib.sha256(b"example signing key " + u(32, number)).digest()


def u(width, value):
    return value.to_bytes(width // 8, "big")


def sealed(key, context, plaintext, salt24):
    aes_key, base, commitment = p.message_keys(key, salt24, context)
    cipher = AESGCM(aes_key)
    body = b""
    for number in range(len(plaintext) // p.CHUNK + 1):
        chunk = plaintext[number * p.CHUNK:(number + 1) * p.CHUNK]
        body += cipher.encrypt(p.chunk_nonce(base, number), chunk, None)
    return salt24 + commitment + body


def padded(value):
    whole = b"\x01" + p.lp(value)
    return whole.ljust(p.bucket(len(whole)), b"\0")


def slot(number, kind, costs, salt32, created, kek, seal_salt):
    version = 0x13 if kind == 1 else 0
    header = (b"SLT1" + u(8, number) + u(8, kind) + u(16, 1) + VAULT + u(32, EPOCH)
              + b"".join(u(32, cost) for cost in costs) + u(32, version) + salt32
              + u(64, created) + u(32, 0))
    body = header + sealed(kek, p.slot_context(header), ROOT, seal_salt)
    return body + hashlib.sha256(body).digest()


def texts(items):
    return u(32, len(items)) + b"".join(items)


def version(number, state, created, fields):
    return (u(32, number) + u(8, state) + u(64, created) + u(16, len(fields))
            + b"".join(p.lp(name) for name in fields))


def metadata(name, attributes):
    return (p.lp(name) + u(32, len(attributes))
            + b"".join(u(16, tag) + p.lp(value) for tag, value in attributes))


def from_shell(pid, *more):
    """A detail of the program that a shell ran."""
    programs = logwriter.chain((pid, 0, b"/usr/bin/coffer"), (4_200, 0, b"/usr/bin/bash"))
    return logwriter.detail((1, programs), *more)


EPHEMERAL = salt(0x31, 32)
DETAILS = [
    from_shell(4_242, (2, b"/dev/pts/3"), (4, b"/srv/ci")),
    logwriter.detail(
        (1, logwriter.chain((4_301, 1, b"/tmp/guess"), (1, 3, b""))),
        (3, b"user@1000.service"), (12, u(64, 1))),
    from_shell(
        4_311, (5, b"/usr/bin/terraform"), (6, "Ausrollen für #42".encode()), (7, ZPA_NAME),
        (9, u(32, 1)))]


class Example:
    """Every value of the worked example."""

    def __init__(self):
        costs = (65_536, 3, 4)
        self.passphrase_salt, self.raw_salt = salt(0x40, 32), salt(0x41, 32)
        self.passphrase_kek = p.passphrase_kek(PASSPHRASE, self.passphrase_salt, *costs)
        self.raw_kek = p.raw_kek(RAW_KEY, self.raw_salt)
        self.slots = [
            slot(0, 1, costs, self.passphrase_salt, MADE, self.passphrase_kek, salt(0x60)),
            slot(1, 3, (0, 0, 0), self.raw_salt, MADE + 1, self.raw_kek, salt(0x61))]
        self.keys = {label: p.subkey(ROOT, VAULT, EPOCH, label)
                     for label in ("rec", "meta", "idx", "state", "audit", "deposit")}
        self.deposit_key = p.deposit_public_key(self.keys["deposit"])
        self.codes = tree.Codes(self.keys["state"], VAULT, EPOCH)
        time = MADE * 1_000
        self.zpa = metadata(ZPA_NAME, [
            (1, b"zpa"), (3, "für CI".encode()),
            (4, texts([p.lp(b"client_id") + p.lp(b"id-1"), p.lp(b"cloud") + p.lp(b"BETA")])),
            (5, texts([p.lp(b"ci"), p.lp(b"prod")])), (6, u(64, time)),
            (7, u(64, time + 60_000)), (8, u(64, time + 90 * 86_400_000)),
            (10, u(64, 90 * 86_400)),
            (12, texts([version(1, 2, time, [b"client_secret"])]))])
        self.slack_fields = [(b"token", b"xoxb-1"), (b"signing_secret", b"\x00\xff")]
        self.slack = metadata(b"slack/bot", [
            (1, b"slack"), (2, b"\x01"), (6, u(64, time)),
            (12, texts([version(1, 2, time, [name for name, _ in self.slack_fields])]))])
        self.slack_value = u(16, 2) + b"".join(
            p.lp(name) + p.lp(value) for name, value in self.slack_fields)

    def metadata_row(self, name, rid, encoded, salt24):
        context = p.metadata_context(VAULT, EPOCH, rid, 1)
        blob = sealed(self.keys["meta"], context, padded(encoded), salt24)
        return p.blind_index(self.keys["idx"], name), rid, 1, EPOCH, blob

    def record_row(self, rid, kind, value, salt24):
        context = p.record_context(VAULT, EPOCH, rid, 1, kind)
        blob = sealed(self.keys["rec"], context, padded(value), salt24)
        return rid, 1, EPOCH, 2, hashlib.sha256(blob).digest(), blob

    def metadata_rows(self):
        return [self.metadata_row(ZPA_NAME, ZPA_RID, self.zpa, salt(0xC8)),
                self.metadata_row(b"slack/bot", SLACK_RID, self.slack, salt(0xD0))]

    def record_rows(self):
        return [self.record_row(ZPA_RID, 1, ZPA_VALUE, salt(0xA0)),
                self.record_row(SLACK_RID, 2, self.slack_value, salt(0xA8))]

    def tombstone_rows(self):
        """A secret that was purged after its third version."""
        return [(GONE_RID, 3, EPOCH)]

    def layers(self, connection):
        """Leaves by bucket, codes of buckets and nodes, and the root, of the rows there are."""
        leaves = {}
        for sql, of_row in tree.ALL_QUERIES:
            for row in connection.execute(sql).fetchall():
                leaf = of_row(*row)
                leaves.setdefault(leaf.bucket, []).append(leaf)
        buckets = {number: self.codes.bucket(number, here) for number, here in leaves.items()}
        nodes = [
            self.codes.node(node, [buckets.get(node << 8 | low, tree.EMPTY) for low in range(256)])
            for node in range(256)]
        return leaves, buckets, nodes, tree.root(nodes)

    def log(self, count=3):
        """The first entries of the log: made, a wrong key, and a value that was handed out."""
        log, time = logwriter.LogWriter(VAULT, signing_key), MADE * 1_000
        log.append(time, 1, 0, 1_000, 4_242, bytes(16), self.detail(0))
        log.seal()
        if count > 1:
            log.append(time + 10_000, 18, 2, 1_000, 4_301, bytes(16), self.detail(1))
        if count > 2:
            log.append(time + 20_000, 3, 0, 1_000, 4_311, ZPA_RID, self.detail(2))
            log.seal()
        return log

    def detail(self, number):
        """The private part of an entry."""
        padded_ = padded(DETAILS[number])
        if number == 1:
            return logwriter.locked_detail(
                padded_, self.deposit_key, VAULT, EPOCH, number, EPHEMERAL)
        context = auditdetail.context(VAULT, EPOCH, number)
        return (u(8, auditdetail.UNDER_KEY) + u(32, EPOCH)
                + sealed(self.keys["audit"], context, padded_, salt(0xE0 - 0x20 * number)))

    def head(self, root, records, descriptions, generation=1, audit=None):
        if audit is None:
            made = self.log(1)
            audit = (made.seals, len(made.rows), made.tip)
        return tree.head(VAULT, EPOCH, generation, records, descriptions, root, self.slots,
                         audit, self.deposit_key, MADE * 1_000)

    def seal_state(self, connection):
        """Writes the tree and the next head for whatever rows there are; the log is kept."""
        run = connection.execute
        _, buckets, nodes, root = self.layers(connection)
        run("DELETE FROM tree")
        rows = [[buckets.get(node << 8 | low, tree.EMPTY) for low in range(256)]
                for node in range(256)] + [nodes]
        for number, row in enumerate(map(tree.packed, rows)):
            if row is not None:
                run("INSERT INTO tree VALUES (?, ?)", (number, row))
        records, descriptions = (
            run(f"SELECT count(*) FROM {table}").fetchone()[0] for table in ("record", "metadata"))
        last = run("SELECT bytes FROM head").fetchone()
        if last is None:
            head = self.head(root, records, descriptions)
        else:
            generation = int.from_bytes(last[0][35:43], "big") + 1
            audit = run("SELECT seals, entries, tip FROM audit_tip").fetchone()
            head = self.head(root, records, descriptions, generation, audit)
        run("INSERT OR REPLACE INTO head VALUES (1, ?, ?)", (head, self.codes.head(head)))

    def fill(self, connection):
        """Makes the tables and their rows."""
        run = connection.execute
        for kind in ("table", "index"):
            for row in SCHEMA:
                if row[0] == kind:
                    run(row[3])
        for number, data in enumerate(self.slots):
            for table in ("slot", "slot_copy"):
                run(f"INSERT INTO {table} VALUES (?, ?)", (number, data))
        for row in self.metadata_rows():
            run("INSERT INTO metadata (name_index, rid, revision, epoch, blob)"
                " VALUES (?, ?, ?, ?, ?)", row)
        for row in self.record_rows():
            run("INSERT INTO record (rid, version, epoch, state, digest, blob)"
                " VALUES (?, ?, ?, ?, ?, ?)", row)
        for row in self.tombstone_rows():
            run("INSERT INTO tombstone (rid, version, epoch) VALUES (?, ?, ?)", row)
        self.log().write(connection)
        self.seal_state(connection)

    def make(self, path):
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_RDWR, 0o600))
        connection = sqlite3.connect(path, isolation_level=None)
        run = connection.execute
        for setting in ("page_size=4096", "encoding='UTF-8'", "journal_mode=WAL",
                        "synchronous=FULL", "secure_delete=ON", f"application_id={APPLICATION}"):
            run(f"PRAGMA {setting}")
        run("BEGIN IMMEDIATE")
        self.fill(connection)
        run("PRAGMA user_version=3")
        run("COMMIT")
        run("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.close()


def lines(data):
    digits = data.hex()
    return "\n".join(digits[start:start + 96] for start in range(0, len(digits), 96))


def block(title, *values):
    """A heading and named values as indented code."""
    text = f"**{title}**\n\n```\n"
    for name, value in values:
        shown = value if isinstance(value, str) else lines(value)
        text += f"{name}\n" + "".join(f"  {line}\n" for line in shown.split("\n"))
    return text + "```\n"


def keys_document(example):
    code = p.raw_key_text(RAW_KEY)
    groups = "-".join(code[start:start + 7] for start in range(0, 56, 7))
    return [
        block("Keys", ("vault id", VAULT), ("RK", ROOT), ("epoch", "1"),
              *((f"subkey {label}", key) for label, key in example.keys.items())),
        block("Slot 0, a passphrase, m = 65536, t = 3, p = 4", ("passphrase", PASSPHRASE.decode()),
              ("salt", example.passphrase_salt), ("KEK", example.passphrase_kek),
              ("seal: salt", salt(0x60)), ("slot, 224 bytes", example.slots[0])),
        block("Slot 1, a raw key", ("raw key", RAW_KEY), ("checksum", p.raw_key_checksum(RAW_KEY)),
              ("recovery code", groups), ("key file, and a line feed", f"coffer-key-1:{code}"),
              ("salt", example.raw_salt), ("KEK", example.raw_kek), ("seal: salt", salt(0x61)),
              ("slot, 224 bytes", example.slots[1]))]


def zpa_document(example):
    row, record = example.metadata_rows()[0], example.record_rows()[0]
    return [
        block("Secret `zpa/prod/ci`, one field", ("rid", ZPA_RID), ("blind index", row[0]),
              ("value of client_secret, 17 bytes", ZPA_VALUE),
              ("context of the record", p.record_context(VAULT, EPOCH, ZPA_RID, 1, 1)),
              ("padded", padded(ZPA_VALUE)), ("salt", salt(0xA0)),
              ("blob of the record", record[5]), ("digest of the record", record[4]),
              ("context of the metadata, revision 1", p.metadata_context(VAULT, EPOCH, ZPA_RID, 1)),
              (f"encoded metadata, {len(example.zpa)} bytes", example.zpa), ("salt", salt(0xC8)),
              (f"blob of the metadata, bucket {p.bucket(5 + len(example.zpa))}", row[4]))]


def slack_document(example):
    row, record = example.metadata_rows()[1], example.record_rows()[1]
    return [
        block("Secret `slack/bot`, two fields, disabled", ("rid", SLACK_RID),
              ("blind index", row[0]),
              ("fields token and signing_secret, packed", example.slack_value),
              ("context of the record", p.record_context(VAULT, EPOCH, SLACK_RID, 1, 2)),
              ("salt", salt(0xA8)), ("blob of the record", record[5]),
              ("digest of the record", record[4]),
              (f"encoded metadata, {len(example.slack)} bytes", example.slack),
              ("salt", salt(0xD0)), ("blob of the metadata", row[4]))]


def tree_document(example):
    """The state tree, from a vault that is made in memory."""
    connection = sqlite3.connect(":memory:", isolation_level=None)
    example.fill(connection)
    leaves, buckets, nodes, root = example.layers(connection)
    head, mac = connection.execute("SELECT bytes, mac FROM head").fetchone()
    connection.close()
    names = {tree.RECORD: "record", tree.METADATA: "metadata", tree.TOMBSTONE: "tombstone"}
    values = [("rid of a purged secret, last version 3", GONE_RID)]
    for number in sorted(leaves):
        for leaf in sorted(leaves[number], key=lambda leaf: leaf.order):
            table, rid, _ = leaf.order
            values.append((f"leaf of the {names[table]} of {rid.hex()}", leaf.hash))
        values.append((f"bucket {number}", buckets[number]))
    values += [(f"node {number}", code) for number, code in enumerate(nodes) if any(code)]
    rows = [(f"row {node} of tree", tree.packed(
        [buckets.get(node << 8 | low, tree.EMPTY) for low in range(256)])) for node in (85, 128)]
    return [block(
        "State tree", *values, ("root", root), *rows,
        ("row 256 of tree", tree.packed(nodes)),
        ("public key for deposits", example.deposit_key),
        ("audit tip of the head: 1 entry, 1 seal", head[171:203]),
        ("head, generation 1, 243 bytes", head), ("MAC of the head", mac)),
        anchor_document(example, mac)]


def anchor_document(example, mac):
    log = example.log()
    data = anchor.encoded(VAULT, EPOCH, 1, mac, log.seals, len(log.rows), log.tip,
                          example.deposit_key, log.first_key)
    return block(
        "Anchor, generation 1, 2 seals, 3 entries, 219 bytes", ("its file", VAULT.hex()),
        ("content", data))


def audit_document():
    """The worked example of docs/spec/audit-log.md."""
    example = Example()
    log = example.log()
    parts = [block(
        "Keys", ("vault id", VAULT), ("subkey audit", example.keys["audit"]),
        ("private key for deposits", hpke.private_key(example.keys["deposit"])),
        ("public key for deposits", example.deposit_key),
        *((f"sk_{number}", signing_key(number)) for number in range(3)),
        *((f"pk_{number}", auditlog.public_half(signing_key(number))) for number in range(3)),
        ("h_0", auditlog.start(VAULT, log.first_key)))]
    titles = ("the vault was made", "a wrong key", "a value was handed out")
    for number, (title, row) in enumerate(zip(titles, log.rows)):
        parts.append(entry_document(example, number, title, row))
    receipt = auditlog.receipt(VAULT, 1, len(log.rows), log.seals, log.tip)
    return "\n".join(parts + [block("Receipt", ("generation 1", receipt))])


def entry_document(example, number, title, row):
    *columns, link, next_key, signature = row
    if number == 1:
        how = [("info", auditdetail.info(VAULT, EPOCH)), ("aad", u(64, number)),
               ("ephemeral private key", EPHEMERAL)]
    else:
        how = [("context", auditdetail.context(VAULT, EPOCH, number)),
               ("salt", salt(0xE0 - 0x20 * number))]
    values = [
        ("detail, encoded", DETAILS[number]), *how, ("detail, sealed", columns[-1]),
        ("E", auditlog.entry_bytes(*columns)), ("link", link)]
    if signature is not None:
        values += [("next_key", next_key), ("signature", signature),
                   ("tip", auditlog.sealed_tip(link, next_key, signature))]
    return block(f"Entry {number}: {title}", *values)


def document():
    example = Example()
    return "\n".join(keys_document(example) + zpa_document(example) + slack_document(example)
                     + tree_document(example))


if __name__ == "__main__":
    if sys.argv[1:] == ["log"]:
        sys.stdout.write(audit_document())
    elif len(sys.argv) > 1:
        Example().make(sys.argv[1])
    else:
        sys.stdout.write(document())
