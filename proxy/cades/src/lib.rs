//! CAdES-BES in S/MIME: signs.
