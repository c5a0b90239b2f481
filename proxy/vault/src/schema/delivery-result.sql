UPDATE recipient SET state = ?3, in_doubt = ?4, next_attempt_at = ?5, words = ?6,
   step = ?7, reason = ?8, route = ?9, proof = ?10, tried_at = ?11,
   attempts = attempts + ?12
WHERE message = ?1 AND position = ?2;
