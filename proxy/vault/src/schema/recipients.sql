SELECT position, state, in_doubt, choice, chosen_at, attempts, tried_at,
   next_attempt_at, words, step, reason, route, proof
FROM recipient WHERE message = ?1 ORDER BY position;
