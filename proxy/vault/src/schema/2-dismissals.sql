-- Of the words of a finding that was called wrong only a keyed hash is kept; the key is wrapped,
-- and goes when the last is forgotten. `dismissed`: in which held message it was said. There it
-- counts once, and can be taken back.
CREATE TABLE dismissal_key (one INTEGER PRIMARY KEY CHECK (one = 1), wrapped BLOB NOT NULL) STRICT;
CREATE TABLE dismissal (hash BLOB PRIMARY KEY, kind TEXT NOT NULL, count INTEGER NOT NULL,
    last_at INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE dismissed (message INTEGER NOT NULL REFERENCES message (seq) ON DELETE CASCADE,
    hash BLOB NOT NULL, PRIMARY KEY (message, hash)) STRICT, WITHOUT ROWID;
