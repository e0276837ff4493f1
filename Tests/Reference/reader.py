#!/usr/bin/env python3
"""Reads a vault: written from docs/spec/vault-format.md alone, to see that it says enough.

    reader.py VAULT (--key-file FILE | --passphrase-fd N) [--allow-disabled] list
    reader.py VAULT (--key-file FILE | --passphrase-fd N) [--allow-disabled] get NAME[#FIELD][@VERSION]

Values are in ordinary memory here: this is for tests, not for use.
"""

import argparse
import hashlib
import hmac
import os
import re
import sqlite3
import stat
import sys
import urllib.parse

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

import primitives as p

EXIT_CODES = {
    "usage": 2, "locked": 3, "missing": 4, "integrity": 5, "unsupported": 6, "refused": 8}
APPLICATION = 0x436F6656
LARGEST_BLOB = 35_651_584
PASSPHRASE, RAW_KEY = 1, 3
STATES = {"pending": 1, "current": 2, "previous": 3}
DESTROYED = 5
NETWORK_FILE_SYSTEMS = {
    0x6969, 0x517B, 0xFF534D42, 0xFE534D42, 0x5346414F, 0x73757245, 0x564C, 0xC36400, 0x01021997}

SCHEMA = [
    ("table", "metadata", "metadata", """CREATE TABLE metadata (
    sid INTEGER PRIMARY KEY,
    name_index BLOB NOT NULL CHECK (length(name_index) = 16),
    rid BLOB NOT NULL CHECK (length(rid) = 16),
    revision INTEGER NOT NULL CHECK (revision >= 1),
    epoch INTEGER NOT NULL CHECK (epoch BETWEEN 1 AND 4294967295),
    blob BLOB NOT NULL CHECK (length(blob) BETWEEN 136 AND 35651584)
) STRICT"""),
    ("index", "metadata_by_name", "metadata",
     "CREATE UNIQUE INDEX metadata_by_name ON metadata (name_index)"),
    ("table", "record", "record", """CREATE TABLE record (
    id INTEGER PRIMARY KEY,
    rid BLOB NOT NULL CHECK (length(rid) = 16),
    version INTEGER NOT NULL CHECK (version BETWEEN 1 AND 4294967295),
    epoch INTEGER NOT NULL CHECK (epoch BETWEEN 1 AND 4294967295),
    state INTEGER NOT NULL CHECK (state BETWEEN 1 AND 5),
    blob BLOB NOT NULL CHECK (length(blob) BETWEEN 136 AND 35651584)
) STRICT"""),
    ("index", "record_by_version", "record",
     "CREATE UNIQUE INDEX record_by_version ON record (rid, version)"),
] + [("table", name, name, f"""CREATE TABLE {name} (
    number INTEGER PRIMARY KEY CHECK (number BETWEEN 0 AND 7),
    bytes BLOB NOT NULL CHECK (length(bytes) = 224)
) STRICT""") for name in ("slot", "slot_copy")]


class Refusal(Exception):
    """Why nothing is read; the class is one of the spec's table in "Rejecting"."""

    def __init__(self, kind, words):
        super().__init__(f"{kind}: {words}")
        self.kind = kind


def need(condition, kind, words):
    if not condition:
        raise Refusal(kind, words)


# Sealed messages.

def open_sealed(key, context, sealed):
    """The plaintext of a Cobblestone-256 message, or None."""
    body = len(sealed) - 56
    if body < 16 or body % (p.CHUNK + 16) < 16:
        return None
    aes_key, base, commitment = p.message_keys(key, sealed[:24], context)
    if not hmac.compare_digest(commitment, sealed[24:56]):
        return None
    cipher = AESGCM(aes_key)
    plaintext = []
    try:
        for number in range(body // (p.CHUNK + 16) + 1):
            start = 56 + number * (p.CHUNK + 16)
            chunk = sealed[start:start + p.CHUNK + 16]
            plaintext.append(cipher.decrypt(p.chunk_nonce(base, number), chunk, None))
    except InvalidTag:
        return None
    return b"".join(plaintext)


def unpadded(padded):
    """The value in a padded plaintext, or None."""
    if len(padded) < 5 or padded[0] != 1:
        return None
    length = int.from_bytes(padded[1:5], "big")
    if length > len(padded) - 5 or p.bucket(5 + length) != len(padded):
        return None
    if any(padded[5 + length:]):
        return None
    return padded[5:5 + length]


# Files.

def check_file(path):
    """The size of a private regular file, None if there is none."""
    try:
        found = os.lstat(path)
    except (FileNotFoundError, NotADirectoryError):
        return None
    need(stat.S_ISREG(found.st_mode), "refused", "not a regular file")
    need(found.st_uid == os.geteuid(), "refused", "another owner")
    need(found.st_nlink == 1, "refused", "a hard link")
    need(found.st_mode & 0o077 == 0, "refused", "open to others")
    return found.st_size


def file_system(directory):
    """f_type of statfs(2), which Python does not have."""
    import ctypes
    buffer = ctypes.create_string_buffer(256)
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.statfs(os.fsencode(directory), buffer) != 0:
        return 0
    return ctypes.c_long.from_buffer(buffer).value & 0xFFFFFFFF


def check_files(path):
    """Everything before SQLite is let near; the resolved path and whether it can be written."""
    parent = os.path.realpath(os.path.dirname(path) or ".")
    base = os.path.basename(path)
    need(os.path.exists(parent), "missing", "no such directory")
    found = os.lstat(parent)
    need(stat.S_ISDIR(found.st_mode), "refused", "not a directory")
    need(found.st_uid == os.geteuid(), "refused", "another owner of the directory")
    need(found.st_mode & 0o077 == 0, "refused", "the directory is open to others")
    need(file_system(parent) not in NETWORK_FILE_SYSTEMS, "refused", "a network file system")
    whole = os.path.join(parent, base)
    size = check_file(whole)
    need(size is not None, "missing", "no such file")
    need(size > 0, "unsupported", "empty")
    need(not os.path.lexists(whole + "-journal"), "unsupported", "a rollback journal")
    log = check_file(whole + "-wal")
    check_file(whole + "-shm")
    return whole, log


class Container:
    """The SQLite file, checked."""

    def __init__(self, path):
        whole, log = check_files(path)
        try:
            self.immutable = not os.access(whole, os.W_OK) and os.statvfs(whole).f_flag & os.ST_RDONLY
        except OSError as error:
            raise Refusal("refused", error.strerror) from error
        need(not (self.immutable and log), "refused", "a log on a medium that can only be read")
        mode = "immutable=1" if self.immutable else "mode=rw"
        try:
            self.connection = sqlite3.connect(
                f"file:{urllib.parse.quote(whole)}?{mode}", uri=True, isolation_level=None,
                timeout=10)
            self.connection.text_factory = bytes
            for setting in (
                "trusted_schema=OFF", "cell_size_check=ON", "mmap_size=0", "temp_store=MEMORY",
                "foreign_keys=ON", "query_only=ON"):
                self.connection.execute(f"PRAGMA {setting}")
            self.check()
        except sqlite3.Error as error:
            raise self.refusal(error) from error

    @staticmethod
    def refusal(error):
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        kind = "unsupported" if code == sqlite3.SQLITE_NOTADB else "integrity"
        return Refusal(kind, str(error))

    def rows(self, sql, *values):
        try:
            return self.connection.execute(sql, values).fetchall()
        except sqlite3.Error as error:
            raise self.refusal(error) from error

    def check(self):
        one = lambda sql: self.rows(sql)[0][0]
        need(one("PRAGMA application_id") == APPLICATION, "unsupported", "another application id")
        version = one("PRAGMA user_version")
        need(version >= 1, "unsupported", "no version")
        need(version <= 1, "unsupported", "a newer version")
        need(self.immutable or one("PRAGMA journal_mode") == b"wal", "unsupported", "not WAL")
        found = self.rows("SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY name")
        expected = [tuple(text.encode() for text in row) for row in SCHEMA]
        need(found == expected, "unsupported", "another schema")


def is_bytes(value, count=None):
    return isinstance(value, bytes) and len(value) <= LARGEST_BLOB and count in (None, len(value))


def is_number(value, least, most):
    return isinstance(value, int) and least <= value <= most


# Slots.

class Slot:
    """A slot that passed every check that needs no key."""

    DAMAGED, REFUSED = "damaged", "refused"

    def __init__(self, data):
        number = lambda start, count: int.from_bytes(data[start:start + count], "big")
        self.header, self.sealed = data[:88], data[88:192]
        self.number, self.kind = data[4], data[5]
        self.vault, self.epoch = data[8:24], number(24, 4)
        self.memory, self.passes, self.lanes = number(28, 4), number(32, 4), number(36, 4)
        self.argon_version, self.salt = number(40, 4), data[44:76]
        self.suite, self.created, self.flags = number(6, 2), number(76, 8), number(84, 4)

    @classmethod
    def read(cls, data, row):
        """A slot, or what keeps it from being read."""
        if not is_bytes(data, 224) or data[:4] != b"SLT1":
            return cls.DAMAGED
        if not hmac.compare_digest(hashlib.sha256(data[:192]).digest(), data[192:]):
            return cls.DAMAGED
        slot = cls(data)
        if slot.suite != 1 or slot.kind not in (PASSPHRASE, RAW_KEY) or slot.flags != 0:
            return cls.REFUSED
        if slot.number > 7 or slot.epoch < 1 or slot.created > 253_402_300_799:
            return cls.DAMAGED
        if not slot.has_good_derivation():
            return cls.REFUSED
        return slot if slot.number == row else cls.DAMAGED

    def has_good_derivation(self):
        costs = (self.memory, self.passes, self.lanes)
        if self.kind == RAW_KEY:
            return costs == (0, 0, 0) and self.argon_version == 0
        machine = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGESIZE") // 1_024
        return (self.argon_version == 0x13 and 19_456 <= self.memory <= 4_194_304
                and self.memory <= machine // 2 and 1 <= self.passes <= 64
                and 1 <= self.lanes <= 64 and 8 * self.lanes <= self.memory)

    def root(self, kind, key):
        """The root key, or None."""
        if kind != self.kind:
            return None
        if kind == RAW_KEY:
            kek = p.raw_kek(key, self.salt)
        else:
            kek = p.passphrase_kek(key, self.salt, self.memory, self.passes, self.lanes)
        return open_sealed(kek, p.slot_context(self.header), self.sealed)


def read_slots(container):
    tables = [dict(container.rows(f"SELECT number, bytes FROM {table} LIMIT 256"))
              for table in ("slot", "slot_copy")]
    numbers = sorted(set(tables[0]) | set(tables[1]))
    need(all(is_number(number, 0, 255) for number in numbers), "integrity", "a slot's number")
    slots, is_any_refused = [], False
    for number in numbers:
        copies = [Slot.read(table.get(number), number) for table in tables]
        readable = [copy for copy in copies if isinstance(copy, Slot)]
        if readable:
            slots.append(readable[0])
        elif Slot.REFUSED in copies:
            is_any_refused = True
    need(slots, "unsupported" if is_any_refused else "integrity", "no slot can be read")
    first = slots[0]
    need(all((slot.vault, slot.epoch) == (first.vault, first.epoch) for slot in slots),
         "integrity", "slots of different vaults")
    return slots


# Metadata.

class Malformed(Exception):
    """Bytes that are not as they are written."""


def demand(condition):
    if not condition:
        raise Malformed


def is_name(text):
    return (1 <= len(text) <= 128 and re.fullmatch(rb"[A-Za-z0-9._@:+/-]+", text)
            and not text.startswith(b"-")
            and not {b"", b".", b".."} & set(text.split(b"/")))


def is_field(text):
    return re.fullmatch(rb"[a-z][a-z0-9_]{0,63}", text)


class Cursor:
    """Takes bytes from the front."""

    def __init__(self, data):
        self.data, self.place = data, 0

    def take(self, count):
        demand(count <= len(self.data) - self.place)
        self.place += count
        return self.data[self.place - count:self.place]

    def number(self, count):
        return int.from_bytes(self.take(count), "big")

    def prefixed(self):
        return self.take(self.number(4))

    def end(self):
        demand(self.place == len(self.data))


def text(data, least, most):
    demand(least <= len(data) <= most)
    try:
        data.decode("utf-8", "strict")
    except UnicodeDecodeError:
        raise Malformed from None
    return data


def field(data):
    demand(is_field(data))
    return data


def ascending(items):
    demand(all(before < after for before, after in zip(items, items[1:])))
    return items


def counted(cursor, width, element):
    count = cursor.number(width)
    demand(1 <= count <= 1_024)
    return [element(cursor) for _ in range(count)]


class Version:
    """One entry of attribute 12."""

    def __init__(self, cursor):
        self.number, self.state, self.created = (
            cursor.number(4), cursor.number(1), cursor.number(8))
        self.fields = counted(cursor, 2, lambda cursor: field(cursor.prefixed()))
        demand(1 <= self.state <= 5 and len(set(self.fields)) == len(self.fields))


class Metadata:
    """The description of a secret, decoded."""

    def __init__(self, encoded):
        cursor = Cursor(encoded)
        self.name = cursor.prefixed()
        demand(is_name(self.name))
        self.issuer, self.disabled, self.label = b"generic", False, b""
        self.fields, self.tags, self.versions = {}, [], []
        self.created, self.modified = 0, None
        self.expires = self.removed = self.maximum_age = None
        self.elsewhere = False
        last = 0
        for _ in range(cursor.number(4)):
            tag = cursor.number(2)
            demand(last < tag <= 12)
            inner = Cursor(cursor.prefixed())
            self.read(tag, inner)
            inner.end()
            last = tag
        cursor.end()
        if self.modified is None:
            self.modified = self.created

    def read(self, tag, cursor):
        rest = lambda: cursor.take(len(cursor.data))
        if tag == 1:
            self.issuer = rest()
            demand(re.fullmatch(rb"[a-z][a-z0-9-]{0,63}", self.issuer))
            demand(self.issuer != b"generic")
        elif tag in (2, 11):
            demand(cursor.number(1) == 1)
            if tag == 2:
                self.disabled = True
            else:
                self.elsewhere = True
        elif tag == 3:
            self.label = text(rest(), 1, 1_024)
        elif tag == 4:
            pairs = counted(cursor, 4, lambda cursor: (
                field(cursor.prefixed()), text(cursor.prefixed(), 0, 16_384)))
            ascending([name for name, _ in pairs])
            self.fields = dict(pairs)
        elif tag == 5:
            self.tags = ascending(
                counted(cursor, 4, lambda cursor: text(cursor.prefixed(), 1, 128)))
        elif tag == 12:
            self.versions = counted(cursor, 4, Version)
            ascending([0] + [version.number for version in self.versions])
        else:
            self.read_number(tag, cursor.number(8))

    def read_number(self, tag, value):
        if tag == 6:
            demand(value != 0)
            self.created = value
        elif tag == 7:
            demand(value != self.created)
            self.modified = value
        elif tag == 8:
            self.expires = value
        elif tag == 9:
            self.removed = value
        else:
            self.maximum_age = value

    def version(self, selector):
        if isinstance(selector, int):
            found = [version for version in self.versions if version.number == selector]
        else:
            state = STATES[selector]
            found = [version for version in self.versions if version.state == state]
        return found[-1] if found else None


def unpacked(value, names):
    """The fields of a record, or Malformed."""
    if len(names) == 1:
        return {names[0]: value}
    cursor = Cursor(value)
    demand(cursor.number(2) == len(names))
    fields = {}
    for name in names:
        demand(cursor.prefixed() == name)
        fields[name] = cursor.prefixed()
    cursor.end()
    return fields


# The vault.

class Vault:
    """An open vault."""

    def __init__(self, path, kind, key):
        self.container = Container(path)
        self.slots = read_slots(self.container)
        self.vault, self.epoch = self.slots[0].vault, self.slots[0].epoch
        root = None
        for slot in self.slots:
            root = root or slot.root(kind, key)
        need(root is not None, "locked", "wrong passphrase or key")
        self.record_key, self.metadata_key, self.index_key = (
            p.subkey(root, self.vault, self.epoch, label) for label in ("rec", "meta", "idx"))

    def opened(self, key, context, blob):
        padded = open_sealed(key, context, blob)
        value = None if padded is None else unpadded(padded)
        need(value is not None, "integrity", "a blob does not fit its seal")
        return value

    def metadata(self, row):
        index, rid, revision, epoch, blob = row
        need(is_bytes(index, 16) and is_bytes(rid, 16) and is_bytes(blob)
             and is_number(revision, 1, 2**63 - 1) and epoch == self.epoch, "integrity", "a row")
        context = p.metadata_context(self.vault, self.epoch, rid, revision)
        try:
            return Metadata(self.opened(self.metadata_key, context, blob))
        except Malformed:
            raise Refusal("integrity", "metadata is not as it is written") from None

    def all(self):
        found = []
        for row in self.container.rows(
                "SELECT name_index, rid, revision, epoch, blob FROM metadata ORDER BY sid"):
            metadata = self.metadata(row)
            need(p.blind_index(self.index_key, metadata.name) == row[0], "integrity",
                 "a name under another's index")
            found.append(metadata)
        return sorted(found, key=lambda metadata: metadata.name)

    def find(self, name):
        rows = self.container.rows(
            "SELECT name_index, rid, revision, epoch, blob FROM metadata WHERE name_index = ?",
            p.blind_index(self.index_key, name))
        need(rows, "missing", "no such secret")
        metadata = self.metadata(rows[0])
        need(metadata.name == name, "integrity", "another name")
        return rows[0][1], metadata

    def fetch(self, name, selector="current", allow_disabled=False):
        """Metadata, version and the fields of one version."""
        self.container.rows("BEGIN")
        try:
            rid, metadata = self.find(name)
            need(metadata.removed is None, "missing", "removed")
            need(allow_disabled or not metadata.disabled, "refused", "disabled")
            version = metadata.version(selector)
            need(version is not None, "missing", "no such version")
            need(version.state != DESTROYED, "missing", "destroyed")
            return metadata, version, self.record(rid, version)
        finally:
            self.container.rows("COMMIT")

    def record(self, rid, version):
        rows = self.container.rows(
            "SELECT epoch, state, blob FROM record WHERE rid = ? AND version = ?",
            rid, version.number)
        need(rows, "integrity", "a version without its record")
        epoch, state, blob = rows[0]
        need(epoch == self.epoch and state == version.state and is_bytes(blob), "integrity",
             "a row that does not fit the metadata")
        kind = 1 if len(version.fields) == 1 else 2
        context = p.record_context(self.vault, self.epoch, rid, version.number, kind)
        try:
            return unpacked(self.opened(self.record_key, context, blob), version.fields)
        except Malformed:
            raise Refusal("integrity", "fields are not those of the metadata") from None

    def value(self, reference, allow_disabled=False):
        name, named, selector = parsed(reference)
        metadata, _, secrets = self.fetch(name, selector, allow_disabled)
        if named is None:
            need(len(secrets) == 1, "usage", "several secret fields")
            return next(iter(secrets.values()))
        if named in secrets:
            return secrets[named]
        need(named in metadata.fields, "missing", "no such field")
        return metadata.fields[named]


def parsed(reference):
    """Name, field or None, and version of NAME[#FIELD][@VERSION]."""
    rest, selector, named = reference.removeprefix(b"coffer://"), "current", None
    head, at, tail = rest.rpartition(b"@")
    if at:
        is_number_text = re.fullmatch(rb"[1-9][0-9]{0,9}", tail) and int(tail) < 2**32
        if tail.decode("latin-1") in STATES or is_number_text:
            rest, selector = head, int(tail) if is_number_text else tail.decode()
        else:
            need(b"#" not in head, "usage", "no reference")
    if b"#" in rest:
        rest, _, named = rest.partition(b"#")
        need(is_field(named), "usage", "no field")
    need(is_name(rest), "usage", "no name")
    return rest, named, selector


def offered(options):
    """The kind of key and the key."""
    if options.key_file is None:
        with os.fdopen(options.passphrase_fd, "rb") as source:
            typed = source.read(1_027)
        try:
            return PASSPHRASE, p.prepared(typed.removesuffix(b"\n"))
        except ValueError as error:
            raise Refusal("usage", str(error)) from None
    need(check_file(options.key_file) is not None, "missing", "no key file")
    try:
        with open(options.key_file, "rb") as source:
            return RAW_KEY, p.raw_key(source.read(1_025))
    except ValueError as error:
        raise Refusal("locked", str(error)) from None


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("vault")
    key = parser.add_mutually_exclusive_group(required=True)
    key.add_argument("--key-file")
    key.add_argument("--passphrase-fd", type=int)
    parser.add_argument("--allow-disabled", action="store_true")
    parser.add_argument("action", choices=["list", "get"])
    parser.add_argument("reference", nargs="?")
    options = parser.parse_args()
    if (options.action == "get") != (options.reference is not None):
        parser.error("get takes a reference, list none")
    try:
        vault = Vault(options.vault, *offered(options))
        if options.action == "get":
            output = vault.value(os.fsencode(options.reference), options.allow_disabled)
        else:
            names = [secret.name for secret in vault.all() if secret.removed is None]
            output = b"".join(name + b"\n" for name in names)
    except Refusal as refusal:
        print(f"reader: {refusal}", file=sys.stderr)
        return EXIT_CODES[refusal.kind]
    sys.stdout.buffer.write(output)
    return 0


if __name__ == "__main__":
    sys.exit(main())
