SELECT NOT EXISTS (SELECT 1 FROM archive WHERE held = ?1)
AND NOT EXISTS (SELECT 1 FROM recipient r JOIN message m ON m.seq = r.message
    WHERE m.id = ?1 AND r.state NOT IN ('sent', 'withdrawn'));
