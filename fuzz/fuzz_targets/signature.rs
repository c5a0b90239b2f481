//! Signatures of any bytes, with content beside them and without: BER and SignedData end in a verdict, twice
//! the same, with a reason in both languages.

#![no_main]

use cades::{Anchors, open_signature};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let anchors = Anchors::new();
    let now = "2026-11-23T10:00:00Z".parse().expect("a time");
    for content in [None, Some(&b"content"[..])] {
        let verdict = open_signature(data, content, &anchors, now);
        assert!(!verdict.valid(), "nobody is trusted");
        assert!(!verdict.reasons.is_empty());
        for reason in &verdict.reasons {
            assert!(!reason.dutch().is_empty() && !reason.english().is_empty());
        }
        assert_eq!(verdict, open_signature(data, content, &anchors, now));
    }
});
