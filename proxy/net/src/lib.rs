//! DNS with DNSSEC, TLS, DANE, dial, listen; drives any machine.
