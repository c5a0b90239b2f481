-- What is still to be done in the account's own mailboxes. `begun_at`: since when it may be there.
CREATE TABLE errand (
    seq      INTEGER PRIMARY KEY AUTOINCREMENT,
    message  INTEGER NOT NULL REFERENCES message (seq) ON DELETE CASCADE,
    task     TEXT NOT NULL,
    made_at  INTEGER NOT NULL,
    begun_at INTEGER,
    attempts INTEGER NOT NULL DEFAULT 0,
    tried_at INTEGER,
    next_at  INTEGER NOT NULL,
    trouble  TEXT
) STRICT;
CREATE INDEX errand_due ON errand (next_at);
