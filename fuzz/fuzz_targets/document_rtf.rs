//! Rich text.

#![no_main]

#[path = "../checks/document.rs"]
mod document;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    document::total("a.rtf", &[b"{\\rtf1", data].concat());
});
