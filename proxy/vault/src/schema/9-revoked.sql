-- What issuers said of identities that were removed: it counts where one comes back.
CREATE TABLE identity_revoked (
    id      TEXT PRIMARY KEY,
    revoked TEXT NOT NULL
) STRICT, WITHOUT ROWID;
