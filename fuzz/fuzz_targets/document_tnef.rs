//! winmail.dat, with compressed rich text in it.

#![no_main]

#[path = "../checks/document.rs"]
mod document;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    document::total("winmail.dat", &[b"\x78\x9f\x3e\x22\x00\x00", data].concat());
});
