"""The state tree: docs/spec/vault-format.md, "State tree"."""

import hashlib
import hmac

import primitives as p
from container import is_bytes, is_number
from refusal import need

RECORD, METADATA, TOMBSTONE = 1, 2, 3
EMPTY = bytes(32)
HEAD = 243


def u(width, value):
    return value.to_bytes(width // 8, "big")


def leaf(table, rid, version, epoch, state, rest):
    return hashlib.sha256(
        b"\0" + p.domain("leaf") + u(8, table) + rid + u(64, version) + u(32, epoch)
        + u(8, state) + rest).digest()


class Leaf:
    """A row of the tree; sorts as leaves are hashed."""

    def __init__(self, place, table, rid, version, epoch, state=0, rest=b""):
        self.bucket = int.from_bytes(place[:2], "big")
        self.order = (table, rid, version)
        self.hash = leaf(table, rid, version, epoch, state, rest)


def of_record(rid, version, epoch, state, digest):
    need(is_bytes(rid, 16) and is_number(version, 1, 2**32 - 1)
         and is_number(epoch, 1, 2**32 - 1) and is_number(state, 1, 5)
         and is_bytes(digest, 32), "integrity", "a row of record")
    return Leaf(rid, RECORD, rid, version, epoch, state, digest)


def of_metadata(index, rid, revision, epoch, blob):
    need(is_bytes(index, 16) and is_bytes(rid, 16) and is_number(revision, 1, 2**63 - 1)
         and is_number(epoch, 1, 2**32 - 1) and is_bytes(blob), "integrity", "a row of metadata")
    return Leaf(index, METADATA, rid, revision, epoch, 0, hashlib.sha256(blob).digest() + index)


def of_tombstone(rid, version, epoch):
    need(is_bytes(rid, 16) and is_number(version, 1, 2**32 - 1)
         and is_number(epoch, 1, 2**32 - 1), "integrity", "a tombstone")
    return Leaf(rid, TOMBSTONE, rid, version, epoch)


class Codes:
    """The codes of one vault's tree, under the subkey "state"."""

    def __init__(self, key, vault, epoch):
        self.key, self.start = key, vault + u(32, epoch)

    def bucket(self, number, leaves):
        if not leaves:
            return EMPTY
        ordered = sorted(leaves, key=lambda leaf: leaf.order)
        return hmac.digest(
            self.key, p.domain("bucket") + self.start + u(16, number) + u(32, len(ordered))
            + b"".join(leaf.hash for leaf in ordered), "sha256")

    def node(self, number, buckets):
        """`buckets` are 256 codes."""
        if not any(map(any, buckets)):
            return EMPTY
        return hmac.digest(
            self.key, p.domain("node") + self.start + u(8, number) + b"".join(buckets), "sha256")

    def head(self, head):
        return hmac.digest(self.key, head, "sha256")


def root(nodes):
    """Of 256 codes."""
    return hashlib.sha256(b"".join(nodes)).digest()


def head(vault, epoch, generation, records, descriptions, root_, slots, deposit, time):
    """The head of a vault without policy and audit log."""
    return (p.domain("head") + u(16, 1) + vault + u(32, epoch) + u(64, generation)
            + u(64, records) + u(64, descriptions) + root_
            + hashlib.sha256(b"".join(slots)).digest() + hashlib.sha256(b"").digest()
            + u(64, 0) + u(64, 0) + EMPTY + deposit + u(64, time))


BUCKET_QUERIES = (
    ("SELECT rid, version, epoch, state, digest FROM record WHERE rid BETWEEN ? AND ?", of_record),
    ("SELECT name_index, rid, revision, epoch, blob FROM metadata"
     " WHERE name_index BETWEEN ? AND ?", of_metadata),
    ("SELECT rid, version, epoch FROM tombstone WHERE rid BETWEEN ? AND ?", of_tombstone))
ALL_QUERIES = (
    ("SELECT rid, version, epoch, state, digest FROM record ORDER BY id", of_record),
    ("SELECT name_index, rid, revision, epoch, blob FROM metadata ORDER BY sid", of_metadata),
    ("SELECT rid, version, epoch FROM tombstone ORDER BY id", of_tombstone))


class Tree:
    """Checks rows against the head."""

    def __init__(self, container, root_key, vault, epoch):
        self.container = container
        self.codes = Codes(p.subkey(root_key, vault, epoch, "state"), vault, epoch)
        rows = container.rows("SELECT bytes, mac FROM head WHERE id = 1")
        need(rows, "integrity", "no head")
        head_, mac = rows[0]
        need(is_bytes(head_, HEAD) and is_bytes(mac, 32)
             and hmac.compare_digest(self.codes.head(head_), mac)
             and head_.startswith(p.domain("head") + u(16, 1) + vault + u(32, epoch)),
             "integrity", "the head does not fit")
        self.counts = tuple(int.from_bytes(head_[at:at + 8], "big") for at in (43, 51))
        self.root = head_[59:91]

    def stored(self, sql, base, *values):
        """256 codes, the absent ones empty."""
        codes = [EMPTY] * 256
        for number, mac in self.container.rows(sql, *values):
            need(is_number(number, base, base + 255) and is_bytes(mac, 32), "integrity", "a code")
            codes[number - base] = mac
        return codes

    def nodes(self):
        nodes = self.stored("SELECT number, mac FROM node", 0)
        need(root(nodes) == self.root, "integrity", "the root does not fit")
        return nodes

    def buckets(self, node):
        least = node << 8
        buckets = self.stored(
            "SELECT number, mac FROM bucket WHERE number BETWEEN ? AND ?", least, least,
            least + 255)
        need(self.codes.node(node, buckets) == self.nodes()[node], "integrity", "a node")
        return buckets

    def check(self, identifier):
        """The bucket in which an identifier stands."""
        number = int.from_bytes(identifier[:2], "big")
        leaves = []
        for sql, of_row in BUCKET_QUERIES:
            least = identifier[:2]
            leaves += [of_row(*row) for row in
                       self.container.rows(sql, least, least + b"\xff" * 15)]
        code = self.codes.bucket(number, leaves)
        need(code == self.buckets(number >> 8)[number & 255], "integrity", "a bucket")

    def check_all(self):
        found = {}
        counts = []
        for sql, of_row in ALL_QUERIES:
            rows = self.container.rows(sql)
            counts.append(len(rows))
            for row in map(lambda row: of_row(*row), rows):
                found.setdefault(row.bucket, []).append(row)
        need(tuple(counts[:2]) == self.counts, "integrity", "another number of rows")
        nodes = []
        for node in range(256):
            made = [self.codes.bucket(node << 8 | low, found.get(node << 8 | low))
                    for low in range(256)]
            need(made == self.stored(
                "SELECT number, mac FROM bucket WHERE number BETWEEN ? AND ?", node << 8,
                node << 8, node << 8 | 255), "integrity", "a bucket")
            nodes.append(self.codes.node(node, made))
        need(nodes == self.nodes(), "integrity", "a node")
