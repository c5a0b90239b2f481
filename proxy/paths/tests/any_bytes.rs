//! Whatever bytes come, they are judged to an end.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use proptest::prelude::*;

#[path = "../../../fuzz/checks/paths.rs"]
mod checks;

/// Certificates and lists of PKITS, as they stand in the archive.
fn vectors() -> Vec<Vec<u8>> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/pkits/pkits.tar");
    let archive = std::fs::read(path).expect("pkits.tar");
    // Each file begins on a block of 512 bytes with the SEQUENCE that fills it.
    let starts = (512..archive.len()).step_by(512);
    let files = starts.filter_map(|at| match archive[at..] {
        [0x30, 0x82, high, low, ..] => {
            let end = at + 4 + usize::from(u16::from_be_bytes([high, low]));
            archive.get(at..end).map(<[u8]>::to_vec)
        }
        _ => None,
    });
    files.collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn any_bytes_are_judged(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
        checks::total(&bytes);
    }

    #[test]
    fn damaged_certificates_and_lists_are_judged(
        pick in any::<prop::sample::Index>(),
        other in any::<prop::sample::Index>(),
        damage in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4),
        cut in any::<prop::sample::Index>(),
    ) {
        static VECTORS: std::sync::LazyLock<Vec<Vec<u8>>> = std::sync::LazyLock::new(vectors);
        assert!(VECTORS.len() > 570);
        let mut bytes = pick.get(&VECTORS).clone();
        for (place, value) in damage {
            let place = place.index(bytes.len());
            bytes[place] = value;
        }
        checks::total(&bytes);
        checks::total(&bytes[..cut.index(bytes.len())]);
        bytes.extend(other.get(&VECTORS));
        checks::total(&bytes);
    }
}
