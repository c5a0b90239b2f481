//! The text of an office document, and its properties.

#![no_main]

#[path = "../checks/document.rs"]
mod document;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let parts: [(&str, &[u8]); 3] =
        [("[Content_Types].xml", b"x"), ("word/document.xml", data), ("docProps/custom.xml", data)];
    document::total("a.docx", &document::zip(&parts));
});
