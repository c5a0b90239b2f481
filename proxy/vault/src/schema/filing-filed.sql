UPDATE filing SET state = 'filed', place = ?2, what = '', nl = NULL, en = NULL,
   said = NULL
WHERE held = ?1;
