UPDATE filing SET state = 'stopped', what = '', tried = 0, nl = NULL, en = NULL, said = NULL WHERE held = ?1;
