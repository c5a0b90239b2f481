//! The database: SQLCipher (AES-256-CBC with HMAC-SHA512 on every page), opened with a raw key.

use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, OpenFlags, TransactionBehavior};
use zeroize::Zeroizing;

use crate::error::VaultError;
use crate::seal::{self, Key};

/// Opens the database, makes it where it is not there, and brings it to the newest format.
pub(crate) fn open(path: &Path, key: &Key) -> Result<Connection, VaultError> {
    open_up_to(path, key, MIGRATIONS)
}

/// The same, to the format that these steps come to.
pub(crate) fn open_up_to(path: &Path, key: &Key, steps: &[&str]) -> Result<Connection, VaultError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
        | OpenFlags::SQLITE_OPEN_CREATE
        | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut connection = Connection::open_with_flags(path, flags)?;
    // 32 bytes are taken as they are; a pass phrase would be stretched for 150 ms first.
    let hex = Zeroizing::new(seal::hex(key.as_ref()));
    // The cipher's own log goes to the standard error stream; what it says is told as an error here.
    connection.execute_batch("PRAGMA cipher_log_level = NONE;")?;
    let pragma = Zeroizing::new(format!("PRAGMA key = \"x'{}'\";", hex.as_str()));
    connection.execute_batch(&pragma)?;
    connection.busy_timeout(PATIENCE)?;
    // temp_store: sorting must not write readable pages to the disk. fullfsync is for macOS, where
    // fsync alone does not reach the platter.
    connection.execute_batch(
        "PRAGMA temp_store = MEMORY;
         PRAGMA journal_mode = WAL;
         PRAGMA synchronous = FULL;
         PRAGMA fullfsync = ON;
         PRAGMA secure_delete = ON;
         PRAGMA foreign_keys = ON;
         PRAGMA trusted_schema = OFF;
         PRAGMA journal_size_limit = 4194304;",
    )?;
    connection.set_prepared_statement_cache_capacity(64);
    migrate(&mut connection, steps)?;
    Ok(connection)
}

fn migrate(connection: &mut Connection, steps: &[&str]) -> Result<(), VaultError> {
    let newest = i64::try_from(steps.len()).unwrap_or(i64::MAX);
    let found = version(connection)?;
    if found == newest {
        return Ok(());
    }
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    // Another process may have been first.
    let found = version(&transaction)?;
    if found > newest {
        return Err(VaultError::Newer { found, known: newest });
    }
    for (number, step) in (1..).zip(steps).skip(usize::try_from(found).unwrap_or(0)) {
        transaction.execute_batch(step)?;
        transaction.execute("INSERT INTO migration (number) VALUES (?1)", [number])?;
        transaction.pragma_update(None, "user_version", number)?;
    }
    transaction.commit()?;
    Ok(())
}

fn version(connection: &Connection) -> Result<i64, VaultError> {
    Ok(connection.pragma_query_value(None, "user_version", |row| row.get(0))?)
}

/// How long one process waits for another's transaction. Transactions here take milliseconds.
const PATIENCE: Duration = Duration::from_secs(10);

/// The steps from one format to the next; a step that was released is never changed.
/// Times are milliseconds since 1970 in UTC.
pub(crate) const MIGRATIONS: &[&str] = &[
    "
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
",
    // Of the words of a finding that was called wrong only a keyed hash is kept; the key is wrapped,
    // and goes when the last is forgotten. `dismissed`: in which held message it was said. There it
    // counts once, and can be taken back.
    "
CREATE TABLE dismissal_key (one INTEGER PRIMARY KEY CHECK (one = 1), wrapped BLOB NOT NULL) STRICT;
CREATE TABLE dismissal (hash BLOB PRIMARY KEY, kind TEXT NOT NULL, count INTEGER NOT NULL,
    last_at INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE dismissed (message INTEGER NOT NULL REFERENCES message (seq) ON DELETE CASCADE,
    hash BLOB NOT NULL, PRIMARY KEY (message, hash)) STRICT, WITHOUT ROWID;
",
    // Copies are found by a word, an account, a time. The index keeps words and where they stand, not
    // texts (contentless). `told_at`: when it was said that the copy will go by its age.
    "
ALTER TABLE archive ADD COLUMN account   TEXT NOT NULL DEFAULT '';
ALTER TABLE archive ADD COLUMN direction TEXT NOT NULL DEFAULT 'sent';
ALTER TABLE archive ADD COLUMN at        INTEGER NOT NULL DEFAULT 0;
ALTER TABLE archive ADD COLUMN indexed   INTEGER NOT NULL DEFAULT 0;
ALTER TABLE archive ADD COLUMN told_at   INTEGER;
UPDATE archive SET account = json_extract(meta, '$.account'), at = kept_at;
CREATE INDEX archive_account ON archive (account, seq);
CREATE INDEX archive_age ON archive (account, at);
CREATE INDEX archive_digest ON archive (digest);
CREATE INDEX archive_unindexed ON archive (seq) WHERE indexed = 0;
CREATE VIRTUAL TABLE archive_text USING fts5(subject, people, body, files,
    content = '', contentless_delete = 1, tokenize = 'unicode61 remove_diacritics 2');
",
    // What is offered to a record system over the network. `what`: under what it is filed, as JSON.
    "
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
",
    // Where the key of an identity is, and what its issuer said of it, as JSON; NULL: in the keyring,
    // and nothing. A request waits with its key in the keyring until the issuer answers.
    "
ALTER TABLE identity ADD COLUMN place TEXT;
ALTER TABLE identity ADD COLUMN revoked TEXT;
CREATE TABLE identity_request (
    seq        INTEGER PRIMARY KEY AUTOINCREMENT,
    id         TEXT NOT NULL UNIQUE,
    account    TEXT NOT NULL,
    request    BLOB NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;
",
    // Verdicts on what came in: no content. `digest`: which message it is, keyed. `incoming_place`: where
    // it lies at the provider, and when it is looked at again.
    "
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
",
    // What is still to be done in the account's own mailboxes. `begun_at`: since when it may be there.
    "
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
",
    // Which received copies were destroyed, by their keyed digest: they do not come back when the message is
    // seen again.
    "
CREATE TABLE archive_gone (
    digest  BLOB NOT NULL,
    account TEXT NOT NULL,
    PRIMARY KEY (digest, account)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER archive_goes AFTER DELETE ON archive WHEN old.direction = 'received' BEGIN
    INSERT OR IGNORE INTO archive_gone (digest, account) VALUES (old.digest, old.account);
END;
-- When the server said that it has taken what an errand puts into a mailbox.
ALTER TABLE errand ADD COLUMN put_at INTEGER;
",
    // What issuers said of identities that were removed: it counts where one comes back.
    "
CREATE TABLE identity_revoked (
    id      TEXT PRIMARY KEY,
    revoked TEXT NOT NULL
) STRICT, WITHOUT ROWID;
",
];
