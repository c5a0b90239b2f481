//! Certificates, revocation lists and OCSP responses of any bytes.

#![no_main]

use libfuzzer_sys::fuzz_target;

#[path = "../checks/paths.rs"]
mod checks;

fuzz_target!(|data: &[u8]| checks::total(data));
