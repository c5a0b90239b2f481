-- Where somebody's copy was withdrawn, whoever sends it again may mean that one: it is asked about anew.
SELECT id FROM message m WHERE digest = ?1 AND created_at BETWEEN ?2 AND ?3
AND NOT EXISTS (SELECT 1 FROM recipient r WHERE r.message = m.seq
   AND r.state = 'withdrawn')
ORDER BY seq DESC LIMIT 1;
