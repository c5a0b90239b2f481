//! PDF, whole: its objects are read by another's code, its pages by ours.

#![no_main]

#[path = "../checks/document.rs"]
mod document;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    document::total("a.pdf", &[b"%PDF-1.7\n", data].concat());
});
