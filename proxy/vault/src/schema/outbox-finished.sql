-- Texts of no more use. Somebody got it and there is no copy: that was destroyed, before it was done with the others.
-- Where nobody got it, nothing happened to it since ?1. What was withdrawn in doubt may have been sent. A MEDVRI file
-- has no attachments: where it alone was taken, they are nowhere else.
SELECT m.id FROM message m
WHERE EXISTS (SELECT 1 FROM body b WHERE b.name = m.id || '.held')
AND NOT EXISTS (SELECT 1 FROM archive a WHERE a.held = m.id)
AND NOT EXISTS (SELECT 1 FROM recipient r WHERE r.message = m.seq AND (r.state NOT IN ('sent', 'withdrawn')
    OR r.state = 'withdrawn' AND r.in_doubt))
AND NOT EXISTS (SELECT 1 FROM filing f WHERE f.held = m.id AND f.state IN ('due', 'refused'))
AND NOT EXISTS (SELECT 1 FROM errand e WHERE e.message = m.seq)
AND (EXISTS (SELECT 1 FROM recipient r WHERE r.message = m.seq AND r.state = 'sent')
    OR NOT EXISTS (SELECT 1 FROM recipient r WHERE r.message = m.seq AND r.chosen_at >= ?1)
    AND NOT EXISTS (SELECT 1 FROM filing f WHERE f.held = m.id AND f.state = 'stopped' AND f.next_at >= ?1)
    AND NOT EXISTS (SELECT 1 FROM filing f WHERE f.held = m.id AND f.state = 'filed' AND f.place LIKE '%.edi')
    AND NOT EXISTS (SELECT 1 FROM filing_taken t WHERE t.held = m.id AND (t.at >= ?1 OR t.place LIKE '%.edi')))
ORDER BY m.seq;
