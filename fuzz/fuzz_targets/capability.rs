//! What a FHIR server says of itself: any answer has a sentence, in both languages, that a window can show.

#![no_main]

use dossier::capability::{self, Found};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|answer: (u16, &[u8])| {
    let (status, body) = answer;
    let found = capability::of(status, body);
    if matches!(found, Found::Good(_)) {
        assert_eq!(status, 200);
    }
    let (Found::Good(told) | Found::Not(told)) = found;
    for sentence in [told.nl, told.en] {
        // A server's words are cut: its name and its version, in a sentence of ours.
        assert!(!sentence.is_empty() && sentence.chars().count() < 1_000);
        assert!(!sentence.contains(char::is_control), "{sentence:?}");
    }
});
