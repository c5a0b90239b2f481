//! Any file under any usual name: the first bytes tell what it is.

#![no_main]

#[path = "../checks/document.rs"]
mod document;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let (name, bytes) = data.split_at(data.len().min(1));
    let endings = ["docx", "pdf", "eml", "csv", "ics", "html", "txt", "msg"];
    let ending = endings[usize::from(name.first().copied().unwrap_or(0)) % endings.len()];
    document::total(&format!("a.{ending}"), bytes);
});
