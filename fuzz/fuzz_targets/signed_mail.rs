//! Mail of any bytes: its signed parts end in a verdict, twice the same, with a reason.

#![no_main]

use cades::{Anchors, open};
use libfuzzer_sys::fuzz_target;
use mail::Message;

fuzz_target!(|data: &[u8]| {
    let anchors = Anchors::new();
    let now = "2026-11-23T10:00:00Z".parse().expect("a time");
    let message = Message::new(data.to_vec());
    let verdict = open(&message, &anchors, now);
    assert!(!verdict.valid(), "nobody is trusted");
    assert!(!verdict.reasons.is_empty());
    assert_eq!(verdict, open(&message, &anchors, now));
});
