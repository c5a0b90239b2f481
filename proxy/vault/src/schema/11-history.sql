-- How often an offer came to nothing since a person asked for it: its waits grow by that. It may have come to
-- nothing before the record system was asked, which `attempts` does not count.
ALTER TABLE filing ADD COLUMN failures INTEGER NOT NULL DEFAULT 0;
-- Whether it was tried at the record system under which it stands now.
ALTER TABLE filing ADD COLUMN tried INTEGER NOT NULL DEFAULT 0;
UPDATE filing SET tried = attempts > 0;
-- What record systems took, or may have taken, of an offer. `system`: by what name the account knows it; NULL: a
-- folder took it for a person to file. `stands`: current, earlier (the offer was corrected or stopped meanwhile),
-- or maybe (it was tried there, and corrected to another system before an answer came).
CREATE TABLE filing_taken (
    held   TEXT NOT NULL,
    system TEXT,
    at     INTEGER NOT NULL,
    place  TEXT,
    stands TEXT NOT NULL
) STRICT;
CREATE INDEX filing_taken_of ON filing_taken (held, at);
-- Offers as they stand. `underway`: the message is on its way to somebody, or was kept back until a person
-- chooses anew. `form_now`: in which of its forms it would be offered first at this moment. What somebody got, or
-- may have got, is filed as it went. That a signed form lies there does not say that it went: who cannot be
-- reached safely may have got the other one.
CREATE VIEW offer AS SELECT f.*,
    EXISTS (SELECT 1 FROM message m JOIN recipient r ON r.message = m.seq
        WHERE m.id = f.held AND (r.state IN ('chosen', 'sending')
            OR r.state = 'waiting' AND r.choice IS NOT NULL)) AS underway,
    CASE f.source WHEN 'held' THEN coalesce(
        (SELECT CASE WHEN json_valid(a.meta) AND json_extract(a.meta, '$.signed') THEN 'signed' ELSE 'sent' END
            FROM archive a WHERE a.held = f.held AND a.number = 1),
        (SELECT 'signed' FROM message m JOIN recipient r ON r.message = m.seq
            WHERE m.id = f.held AND (r.in_doubt OR r.state = 'sent')
                AND json_valid(r.choice) AND json_extract(r.choice, '$.way') = 'secure'
                AND EXISTS (SELECT 1 FROM body b WHERE b.name = f.held || '.signed')
            LIMIT 1),
        'held') END AS form_now
    FROM filing f;
