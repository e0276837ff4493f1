"""The state tree: docs/spec/vault-format.md, "State tree"."""

import hashlib
import hmac

import primitives as p
from container import is_bytes, is_number
from refusal import need

RECORD, METADATA, TOMBSTONE = 1, 2, 3
EMPTY = bytes(32)
HEAD = 243
NODES = 256


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


def packed(codes):
    """256 codes as a row of `tree`; None if none holds anything."""
    held = [number for number, code in enumerate(codes) if any(code)]
    bits = sum(1 << 255 - number for number in held)
    return bits.to_bytes(32, "big") + b"".join(codes[number] for number in held) if held else None


def unpacked(row):
    """The 256 codes in a row of `tree`, the absent ones empty."""
    need(is_bytes(row) and 64 <= len(row) <= 8_224, "integrity", "a row of codes")
    codes, bits, place = [EMPTY] * 256, int.from_bytes(row[:32], "big"), 32
    for number in range(256):
        if bits >> 255 - number & 1:
            codes[number] = row[place:place + 32]
            need(len(codes[number]) == 32 and any(codes[number]), "integrity", "a code")
            place += 32
    need(place == len(row), "integrity", "codes left over")
    return codes


def head(vault, epoch, generation, records, descriptions, root_, slots, audit, deposit, time,
         policy=hashlib.sha256(b"").digest()):
    """`audit` is seals, entries and tip; `policy` a digest, that of no row."""
    seals, entries, tip = audit
    return (p.domain("head") + u(16, 1) + vault + u(32, epoch) + u(64, generation)
            + u(64, records) + u(64, descriptions) + root_
            + hashlib.sha256(b"".join(slots)).digest() + policy
            + u(64, seals) + u(64, entries) + tip + deposit + u(64, time))


class Head:
    """What the head says. Its MAC is checked where there is a key."""

    def __init__(self, container, vault, epoch):
        rows = container.rows("SELECT bytes, mac FROM head WHERE id = 1")
        need(rows, "integrity", "no head")
        self.bytes, self.mac = rows[0]
        need(is_bytes(self.bytes, HEAD) and is_bytes(self.mac, 32)
             and self.bytes.startswith(p.domain("head") + u(16, 1) + vault + u(32, epoch)),
             "integrity", "the head is of another form")
        number = lambda at: int.from_bytes(self.bytes[at:at + 8], "big")
        self.generation, self.counts = number(35), (number(43), number(51))
        self.root, self.policy = self.bytes[59:91], self.bytes[123:155]
        self.seals, self.entries, self.audit_tip = number(155), number(163), self.bytes[171:203]


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
    """Checks the head, and rows against it."""

    def __init__(self, container, root_key, vault, epoch):
        self.container = container
        self.codes = Codes(p.subkey(root_key, vault, epoch, "state"), vault, epoch)
        self.head = Head(container, vault, epoch)
        need(hmac.compare_digest(self.codes.head(self.head.bytes), self.head.mac), "integrity",
             "the head does not fit")

    def stored(self, number):
        """256 codes: the buckets of a node, or the nodes."""
        rows = self.container.rows("SELECT codes FROM tree WHERE number = ?", number)
        return unpacked(rows[0][0]) if rows else [EMPTY] * 256

    def nodes(self):
        nodes = self.stored(NODES)
        need(root(nodes) == self.head.root, "integrity", "the root does not fit")
        return nodes

    def buckets(self, node):
        buckets = self.stored(node)
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
        need(tuple(counts[:2]) == self.head.counts, "integrity", "another number of rows")
        nodes = []
        for node in range(256):
            made = [self.codes.bucket(node << 8 | low, found.get(node << 8 | low))
                    for low in range(256)]
            need(made == self.stored(node), "integrity", "a bucket")
            nodes.append(self.codes.node(node, made))
        need(nodes == self.nodes(), "integrity", "a node")
        rows = sum(any(map(any, codes)) for codes in [nodes, *([code] for code in nodes)])
        need(self.container.rows("SELECT count(*) FROM tree")[0][0] == rows, "integrity",
             "a row of nothing")
