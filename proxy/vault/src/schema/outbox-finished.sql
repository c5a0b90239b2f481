-- Texts of no more use. Somebody got it and there is no copy: that was destroyed, before it was done with the others.
-- Where nobody got it, nothing happened to it since ?1; what is in doubt may have been sent.
SELECT m.id FROM message m
WHERE EXISTS (SELECT 1 FROM body b WHERE b.name = m.id || '.held')
AND NOT EXISTS (SELECT 1 FROM archive a WHERE a.held = m.id)
AND NOT EXISTS (SELECT 1 FROM recipient r WHERE r.message = m.seq AND r.state NOT IN ('sent', 'withdrawn'))
AND NOT EXISTS (SELECT 1 FROM filing f WHERE f.held = m.id AND f.state IN ('due', 'refused'))
AND NOT EXISTS (SELECT 1 FROM errand e WHERE e.message = m.seq)
AND (EXISTS (SELECT 1 FROM recipient r WHERE r.message = m.seq AND r.state = 'sent')
    OR NOT EXISTS (SELECT 1 FROM recipient r WHERE r.message = m.seq AND (r.in_doubt OR r.chosen_at >= ?1))
    AND NOT EXISTS (SELECT 1 FROM filing f WHERE f.held = m.id AND f.state = 'stopped' AND f.next_at >= ?1)
    AND NOT EXISTS (SELECT 1 FROM filing_taken t WHERE t.held = m.id AND t.at >= ?1))
ORDER BY m.seq;
