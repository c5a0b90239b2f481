//! Whatever bytes come as an identity or as an issuer's answer, they are read to an end.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use cades::ber::{INTEGER, OCTET_STRING, OID, SEQUENCE, SET, constructed, encoded};
use proptest::prelude::*;

#[path = "../../../fuzz/checks/identity.rs"]
mod checks;

/// Numbers that mean something to the reader, so that it gets further than noise would.
fn known() -> impl Strategy<Value = Vec<u8>> {
    let pkcs = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d];
    let ends: Vec<&[u8]> = vec![
        &[1, 7, 1],
        &[1, 7, 2],
        &[1, 7, 6],
        &[1, 12, 10, 1, 1],
        &[1, 12, 10, 1, 2],
        &[1, 12, 10, 1, 3],
        &[1, 12, 10, 1, 6],
        &[1, 12, 1, 3],
        &[1, 12, 1, 6],
        &[1, 5, 12],
        &[1, 5, 13],
        &[1, 5, 14],
        &[1, 9, 21],
        &[1, 9, 22, 1],
        &[2, 9],
        &[3, 7],
    ];
    prop::sample::select(ends).prop_map(move |end| encoded(OID, &[&pkcs, end].concat()))
}

/// Structures as they occur, put together at random.
fn structure() -> impl Strategy<Value = Vec<u8>> {
    let leaf = prop_oneof![
        known(),
        prop::collection::vec(any::<u8>(), 0..4).prop_map(|content| encoded(INTEGER, &content)),
        prop::collection::vec(any::<u8>(), 0..40)
            .prop_map(|content| encoded(OCTET_STRING, &content)),
        Just(encoded(INTEGER, &[3])),
    ];
    leaf.prop_recursive(8, 200, 6, |inner| {
        let tags =
            prop::sample::select(vec![SEQUENCE, SEQUENCE, SET, OCTET_STRING, constructed(0)]);
        (tags, prop::collection::vec(inner, 0..6))
            .prop_map(|(tag, parts)| encoded(tag, &parts.concat()))
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn any_bytes_are_read_to_an_end(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        checks::file(&bytes);
        checks::answer(&bytes);
    }

    #[test]
    fn structures_of_any_shape_are_read_to_an_end(parts in prop::collection::vec(structure(), 0..4)) {
        let version = encoded(INTEGER, &[3]);
        let whole = encoded(SEQUENCE, &[version, parts.concat()].concat());
        checks::file(&whole);
        checks::answer(&whole);
        checks::answer(&encoded(SEQUENCE, &parts.concat()));
    }
}
