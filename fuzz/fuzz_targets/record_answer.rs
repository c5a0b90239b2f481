//! What a FHIR server answers to what it was offered: any answer is filed, later or refused, with a sentence in
//! both languages, and it is filed only where the status says so.

#![no_main]

use dossier::answer::{Taken, lay_there, to_bundle, to_lookup};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|answer: (u16, &[u8])| {
    let (status, body) = answer;
    match to_bundle(status, body) {
        Taken::Filed { .. } => assert!(matches!(status, 200 | 201)),
        Taken::Later(trouble) | Taken::Refused(trouble) => {
            let (nl, en) = trouble.whole();
            for sentence in [nl, en] {
                assert!(!sentence.is_empty() && sentence.chars().count() < 1_000);
                assert!(!sentence.contains(char::is_control), "{sentence:?}");
            }
        }
    }
    assert!(to_lookup(status, body).is_none() || status == 200);
    let _ = lay_there(body);
});
