-- Where the key of an identity is, and what its issuer said of it, as JSON; NULL: in the keyring,
-- and nothing. A request waits with its key in the keyring until the issuer answers.
ALTER TABLE identity ADD COLUMN place TEXT;
ALTER TABLE identity ADD COLUMN revoked TEXT;
CREATE TABLE identity_request (
    seq        INTEGER PRIMARY KEY AUTOINCREMENT,
    id         TEXT NOT NULL UNIQUE,
    account    TEXT NOT NULL,
    request    BLOB NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;
