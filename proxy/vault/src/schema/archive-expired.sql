SELECT held, number FROM archive
WHERE account = ?1 AND at < ?2 AND told_at < ?3 AND NOT EXISTS
   (SELECT 1 FROM filing f WHERE f.held = archive.held
       AND f.state IN ('due', 'refused'))
ORDER BY seq;
