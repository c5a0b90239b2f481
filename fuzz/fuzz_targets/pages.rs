//! A mail on pages: any mail ends in a PDF, or in an error behind which a plainer form may succeed.

#![no_main]

use copies::{About, Form, Language, Source};
use jiff::Timestamp;
use libfuzzer_sys::fuzz_target;
use mail::Message;

fuzz_target!(|data: &[u8]| {
    let message = Message::new(data);
    let about = About::new("fuzz", Timestamp::UNIX_EPOCH, Language::Dutch);
    let source = Source { message: &message, about: &about };
    if let Ok(pdf) = typeset::pdf(&source, Form::Whole) {
        assert!(pdf.starts_with(b"%PDF-"));
    }
});
