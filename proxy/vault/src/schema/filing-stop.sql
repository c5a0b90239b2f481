-- `next_at`: since when it is offered no more.
UPDATE filing SET state = 'stopped', next_at = ?2, what = '', tried = 0, nl = NULL, en = NULL, said = NULL
WHERE held = ?1;
