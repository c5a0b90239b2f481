UPDATE recipient SET state = 'chosen', in_doubt = 0, choice = ?3,
   chosen_at = ?4, attempts = 0, tried_at = NULL, next_attempt_at = NULL,
   words = NULL, step = NULL, reason = NULL
WHERE message = ?1 AND position = ?2;
