-- Copies are found by a word, an account, a time. The index keeps words and where they stand, not
-- texts (contentless). `told_at`: when it was said that the copy will go by its age.
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
