UPDATE filing SET attempts = attempts + 1, tried = 1, form = coalesce(form, ?3)
WHERE held = (SELECT held FROM offer
    WHERE held = ?1 AND what = ?2 AND state = 'due' AND NOT underway
        AND (form IS NOT NULL OR ?3 IS NULL OR ?3 = form_now));
