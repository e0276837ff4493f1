CREATE TABLE inbox (
    id INTEGER PRIMARY KEY,
    deposit BLOB NOT NULL CHECK (length(deposit) = 16),
    quarantined INTEGER NOT NULL CHECK (quarantined BETWEEN 0 AND 1),
    bytes BLOB NOT NULL CHECK (length(bytes) BETWEEN 1 AND 35651584)
) STRICT;

CREATE UNIQUE INDEX inbox_by_deposit ON inbox (deposit);

CREATE TABLE retired_key (
    epoch INTEGER PRIMARY KEY CHECK (epoch BETWEEN 1 AND 4294967294),
    bytes BLOB NOT NULL CHECK (length(bytes) = 200)
) STRICT;

CREATE INDEX audit_entry_of_deposits ON audit_entry (object) WHERE operation = 23;
