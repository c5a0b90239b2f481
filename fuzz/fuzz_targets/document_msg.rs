//! A mail that Outlook saved.

#![no_main]

#[path = "../checks/document.rs"]
mod document;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    document::total("a.msg", &[b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", data].concat());
});
