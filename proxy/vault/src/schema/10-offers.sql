-- A record system is offered what is held, or a copy that is kept: `source`. `form`: in which of its forms a held
-- message was offered first. `said`: a record system's own words; they may name a patient.
ALTER TABLE filing ADD COLUMN source TEXT NOT NULL DEFAULT 'held';
ALTER TABLE filing ADD COLUMN form TEXT;
ALTER TABLE filing ADD COLUMN said TEXT;
-- What was offered until now was offered as it was held: the same bytes are looked for again.
UPDATE filing SET form = 'held' WHERE attempts > 0 AND state <> 'filed';
-- Secrets that are too long for a keyring, each sealed with a key that lies there.
CREATE TABLE long_secret (name TEXT PRIMARY KEY, sealed BLOB NOT NULL) STRICT, WITHOUT ROWID;
-- The copy that is kept of a message that came in.
ALTER TABLE incoming ADD COLUMN copy TEXT;
