CREATE TABLE migration (number INTEGER PRIMARY KEY) STRICT;

-- The key of one file in bodies/, wrapped; without it the file says nothing.
CREATE TABLE body (
    name    TEXT PRIMARY KEY,
    file    TEXT NOT NULL UNIQUE,
    wrapped BLOB NOT NULL,
    size    INTEGER NOT NULL
) STRICT;

CREATE TABLE message (
    seq        INTEGER PRIMARY KEY AUTOINCREMENT,
    id         TEXT NOT NULL UNIQUE,
    account    TEXT NOT NULL,
    envelope   TEXT NOT NULL,
    evidence   TEXT NOT NULL,
    digest     BLOB NOT NULL,
    size       INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    dossier    INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX message_digest ON message (digest, created_at);

CREATE TABLE recipient (
    message         INTEGER NOT NULL REFERENCES message (seq) ON DELETE CASCADE,
    position        INTEGER NOT NULL,
    state           TEXT NOT NULL DEFAULT 'waiting',
    in_doubt        INTEGER NOT NULL DEFAULT 0,
    choice          TEXT,
    chosen_at       INTEGER,
    attempts        INTEGER NOT NULL DEFAULT 0,
    tried_at        INTEGER,
    next_attempt_at INTEGER,
    words           TEXT,
    step            TEXT,
    reason          TEXT,
    route           TEXT,
    proof           TEXT,
    PRIMARY KEY (message, position)
) STRICT;
CREATE INDEX recipient_due ON recipient (state, next_attempt_at);

CREATE TABLE journal (
    seq   INTEGER PRIMARY KEY,
    at    INTEGER NOT NULL,
    entry TEXT NOT NULL,
    mac   BLOB NOT NULL
) STRICT;
-- One row: the journal's length and last code, sealed.
CREATE TABLE head (one INTEGER PRIMARY KEY CHECK (one = 1), sealed BLOB NOT NULL) STRICT;

CREATE TABLE archive (
    seq     INTEGER PRIMARY KEY AUTOINCREMENT,
    held    TEXT NOT NULL,
    number  INTEGER NOT NULL,
    body    TEXT NOT NULL,
    digest  BLOB NOT NULL,
    meta    TEXT NOT NULL,
    size    INTEGER NOT NULL,
    kept_at INTEGER NOT NULL,
    UNIQUE (held, number)
) STRICT;

CREATE TABLE identity (
    seq        INTEGER PRIMARY KEY AUTOINCREMENT,
    id         TEXT NOT NULL UNIQUE,
    account    TEXT NOT NULL,
    chain      BLOB NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;

-- Which secrets the keyring must have, and how often each was set anew.
CREATE TABLE secret (name TEXT PRIMARY KEY, version INTEGER NOT NULL) STRICT;

-- Digests of the Message-IDs of NTA mail, sent and received (R-CONT-1).
CREATE TABLE nta_mail (digest BLOB PRIMARY KEY) STRICT, WITHOUT ROWID;
