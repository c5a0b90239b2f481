-- What is offered to a record system over the network. `what`: under what it is filed, as JSON.
CREATE TABLE filing (
    held       TEXT PRIMARY KEY,
    account    TEXT NOT NULL,
    what       TEXT NOT NULL,
    state      TEXT NOT NULL DEFAULT 'due',
    attempts   INTEGER NOT NULL DEFAULT 0,
    changed    INTEGER NOT NULL DEFAULT 0,
    next_at    INTEGER NOT NULL,
    place      TEXT,
    nl         TEXT,
    en         TEXT
) STRICT, WITHOUT ROWID;
CREATE INDEX filing_due ON filing (state, next_at);
