"""The SQLite file of a vault and the files around it: docs/spec/vault-format.md, "Container"."""

import ctypes
import os
import sqlite3
import stat
import urllib.parse

from refusal import Refusal, need

APPLICATION = 0x436F6656
LARGEST_BLOB = 35_651_584
NETWORK_FILE_SYSTEMS = {
    0x6969, 0x517B, 0xFF534D42, 0xFE534D42, 0x5346414F, 0x73757245, 0x564C, 0xC36400, 0x01021997}

SCHEMA = sorted([
    ("table", "audit_entry", "audit_entry", """CREATE TABLE audit_entry (
    number INTEGER PRIMARY KEY CHECK (number >= 0),
    time INTEGER NOT NULL CHECK (time >= 0),
    operation INTEGER NOT NULL CHECK (operation BETWEEN 0 AND 255),
    outcome INTEGER NOT NULL CHECK (outcome BETWEEN 0 AND 255),
    user INTEGER NOT NULL CHECK (user BETWEEN 0 AND 4294967295),
    process INTEGER NOT NULL CHECK (process BETWEEN 0 AND 4294967295),
    object BLOB NOT NULL CHECK (length(object) = 16),
    detail BLOB NOT NULL CHECK (length(detail) <= 65536),
    link BLOB NOT NULL CHECK (length(link) = 32),
    next_key BLOB CHECK (length(next_key) = 32),
    signature BLOB CHECK (length(signature) = 64),
    CHECK ((next_key IS NULL) = (signature IS NULL))
) STRICT"""),
    ("index", "audit_entry_by_object", "audit_entry",
     "CREATE INDEX audit_entry_by_object ON audit_entry (object)"),
    ("index", "audit_entry_of_deposits", "audit_entry",
     "CREATE INDEX audit_entry_of_deposits ON audit_entry (object) WHERE operation = 23"),
    ("table", "inbox", "inbox", """CREATE TABLE inbox (
    id INTEGER PRIMARY KEY,
    deposit BLOB NOT NULL CHECK (length(deposit) = 16),
    quarantined INTEGER NOT NULL CHECK (quarantined BETWEEN 0 AND 1),
    bytes BLOB NOT NULL CHECK (length(bytes) BETWEEN 1 AND 35651584)
) STRICT"""),
    ("index", "inbox_by_deposit", "inbox",
     "CREATE UNIQUE INDEX inbox_by_deposit ON inbox (deposit)"),
    ("table", "audit_tip", "audit_tip", """CREATE TABLE audit_tip (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    first_key BLOB NOT NULL CHECK (length(first_key) = 32),
    entries INTEGER NOT NULL CHECK (entries >= 0),
    seals INTEGER NOT NULL CHECK (seals >= 0),
    tip BLOB NOT NULL CHECK (length(tip) = 32),
    sealed_entries INTEGER NOT NULL CHECK (sealed_entries BETWEEN 0 AND entries),
    sealed INTEGER NOT NULL CHECK (sealed >= 0),
    failures INTEGER NOT NULL CHECK (failures >= 0),
    failures_since INTEGER NOT NULL CHECK (failures_since >= 0),
    signing_key BLOB NOT NULL CHECK (length(signing_key) = 32)
) STRICT"""),
    ("table", "head", "head", """CREATE TABLE head (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    bytes BLOB NOT NULL CHECK (length(bytes) = 243),
    mac BLOB NOT NULL CHECK (length(mac) = 32)
) STRICT"""),
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
    ("table", "policy", "policy", """CREATE TABLE policy (
    number INTEGER PRIMARY KEY,
    kind INTEGER NOT NULL CHECK (kind BETWEEN 1 AND 3),
    id BLOB NOT NULL CHECK (length(id) = 16),
    digest BLOB NOT NULL CHECK (length(digest) = 32),
    blob BLOB NOT NULL CHECK (length(blob) BETWEEN 128 AND 35651584)
) STRICT"""),
    ("index", "policy_by_id", "policy",
     "CREATE UNIQUE INDEX policy_by_id ON policy (kind, id)"),
    ("table", "record", "record", """CREATE TABLE record (
    id INTEGER PRIMARY KEY,
    rid BLOB NOT NULL CHECK (length(rid) = 16),
    version INTEGER NOT NULL CHECK (version BETWEEN 1 AND 4294967295),
    epoch INTEGER NOT NULL CHECK (epoch BETWEEN 1 AND 4294967295),
    state INTEGER NOT NULL CHECK (state BETWEEN 1 AND 5),
    digest BLOB NOT NULL CHECK (length(digest) = 32),
    blob BLOB NOT NULL CHECK (length(blob) BETWEEN 136 AND 35651584)
) STRICT"""),
    ("index", "record_by_version", "record",
     "CREATE UNIQUE INDEX record_by_version ON record (rid, version)"),
    ("table", "retired_key", "retired_key", """CREATE TABLE retired_key (
    epoch INTEGER PRIMARY KEY CHECK (epoch BETWEEN 1 AND 4294967294),
    bytes BLOB NOT NULL CHECK (length(bytes) = 200)
) STRICT"""),
    ("table", "tombstone", "tombstone", """CREATE TABLE tombstone (
    id INTEGER PRIMARY KEY,
    rid BLOB NOT NULL CHECK (length(rid) = 16),
    version INTEGER NOT NULL CHECK (version BETWEEN 1 AND 4294967295),
    epoch INTEGER NOT NULL CHECK (epoch BETWEEN 1 AND 4294967295)
) STRICT"""),
    ("index", "tombstone_by_rid", "tombstone",
     "CREATE UNIQUE INDEX tombstone_by_rid ON tombstone (rid)"),
    ("table", "tree", "tree", """CREATE TABLE tree (
    number INTEGER PRIMARY KEY CHECK (number BETWEEN 0 AND 256),
    codes BLOB NOT NULL CHECK (length(codes) BETWEEN 64 AND 8224)
) STRICT"""),
] + [("table", name, name, f"""CREATE TABLE {name} (
    number INTEGER PRIMARY KEY CHECK (number BETWEEN 0 AND 7),
    bytes BLOB NOT NULL CHECK (length(bytes) = 224)
) STRICT""") for name in ("slot", "slot_copy")], key=lambda row: row[1])


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
    return whole, size, log


class Container:
    """The SQLite file, checked."""

    def __init__(self, path):
        whole, size, log = check_files(path)
        self.is_whole = size % 4_096 == 0 or bool(log)
        try:
            is_fixed = os.statvfs(whole).f_flag & os.ST_RDONLY
            self.immutable = is_fixed and not os.access(whole, os.W_OK)
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
            self.connection.close()
            raise self.refusal(error) from error
        except Refusal:
            self.connection.close()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.connection.close()

    @staticmethod
    def refusal(error):
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        # The statements are ours: SQLITE_ERROR is a schema format that SQLite does not know.
        foreign = (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_ERROR)
        kind = "unsupported" if code in foreign else "integrity"
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
        need(version <= 3, "unsupported", "a newer version")
        need(self.immutable or one("PRAGMA journal_mode") == b"wal", "unsupported", "not WAL")
        need(self.is_whole, "unsupported", "cut short")
        found = self.rows("SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY name")
        expected = [tuple(text.encode() for text in row) for row in SCHEMA]
        need(found == expected, "unsupported", "another schema")


def is_bytes(value, count=None):
    return isinstance(value, bytes) and len(value) <= LARGEST_BLOB and count in (None, len(value))


def is_number(value, least, most):
    return isinstance(value, int) and least <= value <= most
