//! An identity in a file of any bytes, .p12 or PEM.

#![no_main]

use libfuzzer_sys::fuzz_target;

#[allow(dead_code)]
#[path = "../checks/identity.rs"]
mod checks;

fuzz_target!(|data: &[u8]| checks::file(data));
