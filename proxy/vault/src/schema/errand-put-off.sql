UPDATE errand SET attempts = attempts + 1, tried_at = ?2, next_at = ?3,
   trouble = ?4
WHERE seq = ?1;
