//! What an issuer sends back, of any bytes.

#![no_main]

use libfuzzer_sys::fuzz_target;

#[allow(dead_code)]
#[path = "../checks/identity.rs"]
mod checks;

fuzz_target!(|data: &[u8]| checks::answer(data));
