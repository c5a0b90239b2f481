-- A time more than a month ahead was noted by a clock that was wrong.
SELECT held, account, what, attempts, changed, source, form, failures FROM offer
WHERE state = 'due' AND (next_at <= ?1 OR next_at > ?1 + 2678400000) AND NOT underway ORDER BY next_at;
