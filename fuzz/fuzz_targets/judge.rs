//! Any text is judged, and every finding stands in it.

#![no_main]

use std::sync::LazyLock;

use detect::{Detector, Field, Options, Piece};
use libfuzzer_sys::fuzz_target;

static DETECTOR: LazyLock<Detector> = LazyLock::new(|| Detector::new(Options::default()));

fuzz_target!(|text: &str| {
    let pieces = [Field::Body, Field::Subject, Field::FileName].map(|field| Piece { field, text });
    for finding in DETECTOR.judge(&pieces).findings {
        assert!(text.get(finding.start..finding.end).is_some());
    }
});
