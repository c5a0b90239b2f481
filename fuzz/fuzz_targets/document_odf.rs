//! OpenDocument text and sheets.

#![no_main]

#[path = "../checks/document.rs"]
mod document;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let parts: [(&str, &[u8]); 3] = [("mimetype", b"x"), ("content.xml", data), ("meta.xml", data)];
    document::total("a.ods", &document::zip(&parts));
});
