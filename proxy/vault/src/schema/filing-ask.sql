-- A refusal does not say that nothing lies there: the form stays, and what is found of it is under nobody known.
-- A row that was damaged is whole again. ?6: it stands under the same record system as before.
INSERT INTO filing (held, account, what, next_at, source) VALUES (?1, ?2, ?3, ?4, ?5)
ON CONFLICT (held) DO UPDATE SET account = ?2, source = ?5, what = ?3, state = 'due', next_at = ?4,
    failures = 0, tried = tried AND ?6, nl = NULL, en = NULL, said = NULL,
    changed = changed OR (attempts > 0 AND (what <> ?3 OR state = 'refused'))
WHERE state <> 'filed';
