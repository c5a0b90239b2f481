//! An identity in PEM: any text ends in a key with its certificates, its own first, or in an error.

#![no_main]

use cades::{NewIdentity, SoftwareKey};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    if let Ok(identity) = NewIdentity::from_pem(text) {
        assert!(SoftwareKey::new(&identity.pkcs8, identity.chain).is_ok());
    }
});
