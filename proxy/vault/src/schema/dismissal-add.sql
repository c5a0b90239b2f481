INSERT INTO dismissal (hash, kind, count, last_at) VALUES (?1, ?2, 1, ?3)
ON CONFLICT (hash) DO UPDATE
SET count = min(count + 1, ?4), last_at = excluded.last_at;
