-- Verdicts on what came in: no content. `digest`: which message it is, keyed. `incoming_place`: where
-- it lies at the provider, and when it is looked at again.
CREATE TABLE incoming (
    seq         INTEGER PRIMARY KEY AUTOINCREMENT,
    id          TEXT NOT NULL UNIQUE,
    account     TEXT NOT NULL,
    digest      BLOB NOT NULL UNIQUE,
    author      TEXT NOT NULL,
    subject     TEXT NOT NULL,
    received_at INTEGER NOT NULL,
    judged_at   INTEGER NOT NULL,
    verdict     TEXT NOT NULL
) STRICT;
CREATE INDEX incoming_received ON incoming (received_at);
CREATE TABLE incoming_place (
    account      TEXT NOT NULL,
    mailbox      BLOB NOT NULL,
    uid_validity INTEGER NOT NULL,
    uid          INTEGER NOT NULL,
    incoming     INTEGER NOT NULL REFERENCES incoming (seq) ON DELETE CASCADE,
    tries        INTEGER NOT NULL,
    next_at      INTEGER,
    PRIMARY KEY (account, mailbox, uid_validity, uid)
) STRICT, WITHOUT ROWID;
CREATE INDEX incoming_place_of ON incoming_place (incoming);
CREATE INDEX incoming_due ON incoming_place (next_at) WHERE next_at IS NOT NULL;
