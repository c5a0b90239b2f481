SELECT held, account, what, attempts, changed, source, form, failures FROM offer
WHERE state = 'due' AND next_at <= ?1 AND NOT underway ORDER BY next_at;
