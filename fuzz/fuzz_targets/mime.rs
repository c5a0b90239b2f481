//! The reading of messages: any bytes end in pieces of text and parts that were not looked into, within
//! the bounds given.

#![no_main]

use extract::{Limits, extract};
use libfuzzer_sys::fuzz_target;
use mail::Message;

fuzz_target!(|data: &[u8]| {
    let message = Message::new(data.to_vec());
    let all = extract(&message, &Limits::default());
    // Twice the same answer.
    assert_eq!(extract(&message, &Limits::default()), all);
    assert!(all.pieces.iter().all(|piece| !piece.text.is_empty()));
    // Tight bounds say so instead of leaving out silently.
    let tight = Limits {
        depth: 2,
        parts: 4,
        text: 64,
    };
    let some = extract(&message, &tight);
    if some.pieces.len() < all.pieces.len() {
        assert!(some.opaque.iter().any(|opaque| opaque.document));
    }
});
