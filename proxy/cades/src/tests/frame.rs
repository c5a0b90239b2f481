//! The form in which mail is signed: whatever the mail is, it is found where it was written.

use core::ops::Range;
use std::sync::LazyLock;

use proptest::prelude::*;

use super::*;
use crate::check::check_frame;
use crate::{Refusal, check};

static KEY: LazyLock<SoftwareKey> = LazyLock::new(|| key(&identity(KeyKind::P256)));

/// Where the base64 of the signature was written, the line end behind it included.
fn signature_of(signed: &Message) -> Range<usize> {
    let head = b"filename=\"smime.p7s\"\r\n\r\n";
    let start = memchr::memmem::rfind(signed.bytes(), head).unwrap() + head.len();
    start..memchr::memmem::rfind(signed.bytes(), b"\r\n--").unwrap() + 2
}

/// Texts that mail servers and readers stumble over.
fn body() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        3 => any::<u8>().prop_map(|byte| vec![byte]),
        6 => prop::sample::select(vec![
            "\r\n", "\r", "\n", "\r\r\n", "\n\r", "From ", "\r\nFrom ", ">From ", " \r\n", "\t\r\n", " ",
            "\r\n.\r\n", "..", "=", "=\r\n", "=20", "--", "\r\n--a", "\r\n--a--\r\n", "\0", "é", "\u{2028}",
        ]).prop_map(|text| text.as_bytes().to_vec()),
        1 => (70_usize..2_200).prop_map(|length| vec![b'x'; length]),
        1 => (30_usize..1_100).prop_map(|length| "ë".repeat(length).into_bytes()),
    ];
    proptest::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

/// Content fields and a body; or such entities in a multipart or an enclosed message.
fn entity() -> impl Strategy<Value = Vec<u8>> {
    let fields = prop::sample::select(vec![
        "",
        "Content-Type: text/plain\r\n",
        "Content-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n",
        "Content-Type: text/plain\r\nContent-Transfer-Encoding: base64\r\n",
        "Content-Type: text/plain\r\nContent-Transfer-Encoding: quoted-printable\r\n",
        "Content-Type: application/pdf; name=\"één brief.pdf\"\r\nContent-Transfer-Encoding: binary\r\n",
        "Content-Type: text/calendar; method=REQUEST \r\nContent-Transfer-Encoding: x-odd\r\n",
        "Content-Type: message/delivery-status\r\n",
    ]);
    let leaf =
        (fields, body()).prop_map(|(fields, body)| [fields.as_bytes(), b"\r\n", &body].concat());
    leaf.prop_recursive(4, 16, 4, |inner| {
        let kind =
            prop::sample::select(vec!["mixed", "alternative", "related", "digest", "signed"]);
        // The same boundary inside as outside, and a multipart that is never closed, occur too.
        let boundary = prop::sample::select(vec!["a", "b", "a b", "=_zorgzegel"]);
        let parts = proptest::collection::vec(inner.clone(), 0..4);
        let nest =
            (kind, boundary, parts, any::<bool>()).prop_map(|(kind, mark, parts, closed)| {
                let mut all =
                    format!("Content-Type: multipart/{kind}; boundary=\"{mark}\"\r\n\r\n")
                        .into_bytes();
                for part in parts {
                    all.extend_from_slice(format!("\r\n--{mark}\r\n").as_bytes());
                    all.extend(part);
                }
                if closed {
                    all.extend_from_slice(format!("\r\n--{mark}--\r\n").as_bytes());
                }
                all
            });
        let enclosed = inner.prop_map(|message| {
            [b"Content-Type: message/rfc822\r\n\r\nSubject: s\r\n".as_slice(), &message].concat()
        });
        prop_oneof![3 => nest, 1 => enclosed]
    })
}

fn mail() -> impl Strategy<Value = Vec<u8>> {
    let header = prop::sample::select(vec![
        "",
        "From: a@praktijk.example\r\nSubject: s\r\n",
        "Subject: een\r\n twee\r\nMIME-Version: 1.0\r\n",
        "From: a@praktijk.example\nSubject: s\n",
    ]);
    (header, entity()).prop_map(|(header, entity)| [header.as_bytes(), &entity].concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn any_mail_is_found_where_it_was_written_and_no_byte_of_it_may_change(
        mail in mail(), at in any::<prop::sample::Index>(), bit in 0_u8..8,
    ) {
        let signed = signed(&mail, &KEY);
        let covered = check(&signed).unwrap().covered;
        let signature = signature_of(&signed);
        prop_assert_eq!(check_frame(signed.bytes(), &covered, &signature), Ok(()));

        let mut changed = signed.bytes().to_vec();
        changed[covered.start + at.index(covered.len())] ^= 1 << bit;
        prop_assert!(check(&Message::new(changed)).is_err());
    }
}

#[test]
fn a_frame_in_which_a_reader_finds_anything_else_is_refused() {
    let signed = signed(b"Subject: s\r\n\r\nhallo\r\n", &KEY);
    let (bytes, text) = (signed.bytes(), core::str::from_utf8(signed.bytes()).unwrap());
    let (content, signature) = (check(&signed).unwrap().covered, signature_of(&signed));
    let (start, end) = (content.start, content.end);
    let (first, last) = (signature.start, signature.end);
    for (content, signature) in [
        (start + 1..end, first..last),
        (start..end - 2, first..last),
        (start..end + 2, first..last),
        (start..end, first - 2..last),
        (start..end, first..last - 2),
        (first..last, start..end),
    ] {
        let found = check_frame(bytes, &content, &signature);
        assert_eq!(found, Err(Refusal::Structure), "{content:?} {signature:?}");
    }
    // A delimiter within the content: a reader would end it there.
    let boundary =
        text.split("boundary=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap();
    let mut cut = bytes.to_vec();
    let more = format!("\r\n--{boundary}\r\n");
    cut.splice(end..end, more.bytes());
    let moved = |range: Range<usize>| range.start + more.len()..range.end + more.len();
    let found = check_frame(&cut, &(start..end + more.len()), &moved(first..last));
    assert_eq!(found, Err(Refusal::Structure));
}

#[test]
fn the_frame_names_its_digest_and_its_file_and_no_line_is_changed_on_the_way() {
    let body = format!("Subject: s\r\n\r\né \r\nFrom mij\r\n.\r\n{}", "x".repeat(3_000));
    for (kind, micalg) in
        [(KeyKind::P256, "sha-256"), (KeyKind::P384, "sha-384"), (KeyKind::Rsa3072, "sha-256")]
    {
        let signed = signed(body.as_bytes(), &key(&identity(kind)));
        let text = core::str::from_utf8(signed.bytes()).unwrap();
        assert!(text.contains(&format!("\r\n micalg={micalg}; boundary=")), "{text}");
        assert!(text.contains("Content-Type: application/pkcs7-signature; name=\"smime.p7s\"\r\n"));
        assert!(text.contains("Content-Disposition: attachment; filename=\"smime.p7s\"\r\n"));
        for line in text.split("\r\n") {
            let tame = line.len() <= 76 && line.bytes().all(|byte| (b' '..=b'~').contains(&byte));
            assert!(tame && !line.starts_with("From ") && !line.ends_with(' '), "{line}");
        }
    }
}
