CREATE TABLE policy (
    number INTEGER PRIMARY KEY,
    kind INTEGER NOT NULL CHECK (kind BETWEEN 1 AND 3),
    id BLOB NOT NULL CHECK (length(id) = 16),
    digest BLOB NOT NULL CHECK (length(digest) = 32),
    blob BLOB NOT NULL CHECK (length(blob) BETWEEN 128 AND 35651584)
) STRICT;

CREATE UNIQUE INDEX policy_by_id ON policy (kind, id);
