SELECT count(*), min(at), max(at), min(told_at) FROM archive
WHERE account = ?1 AND told_at IS NOT NULL;
