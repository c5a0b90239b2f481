//! What stands in a copy: any mail is read to an end, twice alike and within bounds, and is XML of characters
//! that XML may have.

#![no_main]

use copies::{ATTACHMENTS, About, Content, Language, Source, xml};
use jiff::Timestamp;
use libfuzzer_sys::fuzz_target;
use mail::Message;

fuzz_target!(|data: &[u8]| {
    let message = Message::new(data);
    let content = Content::read(&message);
    assert!(content.attachments.len() <= ATTACHMENTS);
    assert_eq!(content, Content::read(&message));
    let about = About::new("fuzz", Timestamp::UNIX_EPOCH, Language::Dutch);
    let written = xml(&Source { message: &message, about: &about }).expect("a copy");
    let written = String::from_utf8(written).expect("UTF-8");
    assert!(written.chars().all(may_stand));
});

/// XML 1.0 section 2.2, production 2.
fn may_stand(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | '\u{20}'..='\u{fffd}' | '\u{10000}'..)
}
