INSERT INTO incoming
(id, account, digest, author, subject, received_at, judged_at, verdict)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
ON CONFLICT (digest) DO UPDATE SET
received_at = excluded.received_at, judged_at = excluded.judged_at,
verdict = excluded.verdict
RETURNING id;
