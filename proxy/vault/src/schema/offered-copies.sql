-- Copies of what came in with which a record system is not done. One whose description is damaged is told by
-- what its row says, and does not hide the others.
SELECT held, number, iif(json_valid(meta), meta, json_object('account', account, 'direction', direction,
        'recipients', json_array(), 'subject', '', 'signed', json('false'), 'proofs', json_array(),
        'sent_at', strftime('%Y-%m-%dT%H:%M:%SZ', at / 1000, 'unixepoch'))), size, kept_at
FROM archive
WHERE held IN (SELECT held FROM filing WHERE source = 'copy' AND state IN ('due', 'refused'))
ORDER BY seq;
