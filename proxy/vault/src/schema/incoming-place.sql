INSERT INTO incoming_place
(account, mailbox, uid_validity, uid, incoming, tries, next_at)
SELECT ?1, ?2, ?3, ?4, seq, 1, ?5 FROM incoming WHERE id = ?6
ON CONFLICT (account, mailbox, uid_validity, uid) DO UPDATE SET
incoming = excluded.incoming, tries = tries + 1, next_at = excluded.next_at;
