UPDATE recipient SET state = 'failed', in_doubt = 1, next_attempt_at = NULL,
   words = ?3, proof = ?4
WHERE message = ?1 AND position = ?2;
