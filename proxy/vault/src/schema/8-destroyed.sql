-- Which received copies were destroyed, by their keyed digest: they do not come back when the message is
-- seen again.
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
