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

CREATE TABLE bucket (
    number INTEGER PRIMARY KEY CHECK (number BETWEEN 0 AND 65535),
    mac BLOB NOT NULL CHECK (length(mac) = 32)
) STRICT;

CREATE TABLE node (
    number INTEGER PRIMARY KEY CHECK (number BETWEEN 0 AND 255),
    mac BLOB NOT NULL CHECK (length(mac) = 32)
) STRICT;

CREATE TABLE head (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    bytes BLOB NOT NULL CHECK (length(bytes) = 243),
    mac BLOB NOT NULL CHECK (length(mac) = 32)
) STRICT;
