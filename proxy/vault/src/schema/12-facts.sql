-- What copies are narrowed by, in the order of the list, without the rest of their rows: a direction or a period
-- that few have is found without reading all copies.
CREATE INDEX archive_facts ON archive (seq, account, direction, at);
