SELECT DISTINCT m.id FROM recipient r JOIN message m ON m.seq = r.message
WHERE r.state = 'chosen'
   AND (r.next_attempt_at IS NULL OR r.next_attempt_at <= ?1 OR r.tried_at > ?1)
ORDER BY m.seq;
