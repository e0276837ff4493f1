CREATE TABLE slot (
    number INTEGER PRIMARY KEY CHECK (number BETWEEN 0 AND 7),
    bytes BLOB NOT NULL CHECK (length(bytes) = 224)
) STRICT;

CREATE TABLE slot_copy (
    number INTEGER PRIMARY KEY CHECK (number BETWEEN 0 AND 7),
    bytes BLOB NOT NULL CHECK (length(bytes) = 224)
) STRICT;

CREATE TABLE metadata (
    sid INTEGER PRIMARY KEY,
    name_index BLOB NOT NULL CHECK (length(name_index) = 16),
    rid BLOB NOT NULL CHECK (length(rid) = 16),
    revision INTEGER NOT NULL CHECK (revision >= 1),
    epoch INTEGER NOT NULL CHECK (epoch BETWEEN 1 AND 4294967295),
    blob BLOB NOT NULL CHECK (length(blob) BETWEEN 136 AND 35651584)
) STRICT;

CREATE UNIQUE INDEX metadata_by_name ON metadata (name_index);

CREATE TABLE record (
    id INTEGER PRIMARY KEY,
    rid BLOB NOT NULL CHECK (length(rid) = 16),
    version INTEGER NOT NULL CHECK (version BETWEEN 1 AND 4294967295),
    epoch INTEGER NOT NULL CHECK (epoch BETWEEN 1 AND 4294967295),
    state INTEGER NOT NULL CHECK (state BETWEEN 1 AND 5),
    digest BLOB NOT NULL CHECK (length(digest) = 32),
    blob BLOB NOT NULL CHECK (length(blob) BETWEEN 136 AND 35651584)
) STRICT;

CREATE UNIQUE INDEX record_by_version ON record (rid, version);

CREATE TABLE tombstone (
    id INTEGER PRIMARY KEY,
    rid BLOB NOT NULL CHECK (length(rid) = 16),
    version INTEGER NOT NULL CHECK (version BETWEEN 1 AND 4294967295),
    epoch INTEGER NOT NULL CHECK (epoch BETWEEN 1 AND 4294967295)
) STRICT;

CREATE UNIQUE INDEX tombstone_by_rid ON tombstone (rid);

CREATE TABLE tree (
    number INTEGER PRIMARY KEY CHECK (number BETWEEN 0 AND 256),
    codes BLOB NOT NULL CHECK (length(codes) BETWEEN 64 AND 8224)
) STRICT;

CREATE TABLE head (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    bytes BLOB NOT NULL CHECK (length(bytes) = 243),
    mac BLOB NOT NULL CHECK (length(mac) = 32)
) STRICT;

CREATE TABLE audit_entry (
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
) STRICT;

CREATE INDEX audit_entry_by_object ON audit_entry (object);

CREATE TABLE audit_tip (
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
) STRICT;
