INSERT INTO archive
   (held, number, body, digest, meta, size, kept_at, account, direction, at)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10);
