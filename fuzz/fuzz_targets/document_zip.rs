//! An archive: directory, entries, and the files in it.

#![no_main]

#[path = "../checks/document.rs"]
mod document;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    document::total("a.zip", &[b"PK\x03\x04", data].concat());
});
