//! An identity in a file of any bytes, .p12 or PEM: it ends in a key with its certificates, its own first, or
//! in an error that a person can read.

#![no_main]

use cades::SoftwareKey;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|file: &[u8]| {
    let now = "2026-11-23T10:00:00Z".parse().expect("a time");
    let address = mail::Address::parse("arts@zorg.test").expect("an address");
    // Few rounds: hashing is not what is looked for.
    for password in [None, Some("wachtwoord")] {
        match identity::read_within(file, password, &address, now, 5_000) {
            Ok(new) => assert!(SoftwareKey::new(&new.pkcs8, new.chain).is_ok()),
            Err(error) => assert!(!error.nl().is_empty() && !error.en().is_empty()),
        }
    }
});
