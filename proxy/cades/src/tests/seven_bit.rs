use std::sync::LazyLock;

use mail::mime::{Limits, Part, tree};
use proptest::prelude::*;

use super::*;
use crate::encode::{LineEnds, is_safe};

static KEY: LazyLock<SoftwareKey> = LazyLock::new(|| key(&identity(KeyKind::P256)));

/// Signs, checks that the signed part is safe, and gives it as a message of its own.
fn part_of(message: &[u8]) -> Message {
    let signed = signed(message, &KEY);
    let covered = crate::check(&signed).unwrap().covered;
    let part = signed.bytes()[covered].to_vec();
    assert!(is_safe(&part, LineEnds::CrLf), "the signed part is not safe");
    Message::new(part)
}

fn leaves<'a>(message: &Message, part: &'a Part, into: &mut Vec<(String, Vec<u8>, &'a Part)>) {
    if part.children.is_empty() {
        let kind = format!("{:?}", part.content_type);
        into.push((kind, part.decoded(message.bytes()).bytes.into_owned(), part));
    }
    for child in &part.children {
        leaves(message, child, into);
    }
}

fn contents(message: &Message) -> Vec<(String, Vec<u8>)> {
    let tree = tree(message, Limits::default());
    let mut found = Vec::new();
    leaves(message, &tree.root, &mut found);
    found.into_iter().map(|(kind, bytes, _)| (kind, bytes)).collect()
}

#[test]
fn a_safe_body_keeps_every_byte() {
    let message =
        b"Content-Type: multipart/mixed; boundary=b\r\n\r\npreamble\r\n--b\r\n\r\n\r\na\r\n\
        --b\r\nContent-Type: text/html\r\n\r\n<p>\r\n--b--\r\nepilogue\r\n";
    assert_eq!(part_of(message).bytes(), message);
}

#[test]
fn texts_become_quoted_printable_and_data_base64_with_the_same_content() {
    let text = "Coëfficiënt \r\nFrom me\r\n.\r\n--\r\n".as_bytes().to_vec();
    let data: Vec<u8> = (0..=255).collect();
    let mut message = b"MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n\
        --b  \r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
        .to_vec();
    message.extend_from_slice(&text);
    message.extend_from_slice(
        b"\r\n--b\r\nContent-Type: application/x-data\r\n\
        Content-Transfer-Encoding: binary\r\n\r\n",
    );
    message.extend_from_slice(&data);
    message.extend_from_slice(b"\r\n--b--\r\n");
    let part = part_of(&message);
    assert_eq!(
        contents(&part),
        [("text/plain".to_owned(), text), ("application/x-data".to_owned(), data)]
    );
    let shown = String::from_utf8_lossy(part.bytes()).into_owned();
    assert!(shown.contains("Content-Transfer-Encoding: quoted-printable"));
    assert!(shown.contains("Content-Transfer-Encoding: base64"));
    assert!(shown.contains("=46rom me"));
}

#[test]
fn a_text_without_a_type_gets_the_charset_that_it_has() {
    let table: [(&[u8], &str); 4] = [
        (b"Subject: s\r\n\r\nplain\r\n", "us-ascii"),
        ("\r\ncafé\r\n".as_bytes(), "utf-8"),
        (b"Subject: s\r\n\r\ncaf\xe9\r\n", "unknown-8bit"),
        (b"", "us-ascii"),
    ];
    for (message, charset) in table {
        let part = part_of(message);
        let tree = tree(&part, Limits::default());
        let named = tree.root.content_type.param("charset").unwrap().text();
        assert_eq!(named, charset);
    }
}

#[test]
fn a_file_with_lf_line_ends_gets_crlf() {
    let unix = b"Subject: s\nContent-Type: multipart/mixed;\n boundary=b\n\n--b\n\na\nb \n--b--\n";
    let signed = signed(unix, &KEY);
    assert!(
        signed.bytes().split(|&b| b == b'\n').all(|line| line.is_empty() || line.ends_with(b"\r"))
    );
    let part = part_of(unix);
    assert_eq!(contents(&part), [("text/plain".to_owned(), b"a\r\nb ".to_vec())]);
}

#[test]
fn an_enclosed_message_is_made_safe_inside_and_not_encoded() {
    let message = "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\
        Content-Type: message/rfc822\r\nContent-Transfer-Encoding: 8bit\r\n\r\nSubject: inner \r\n\
        Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n\
        één\r\n--b--\r\n"
        .as_bytes();
    let part = part_of(message);
    let tree = tree(&part, Limits::default());
    let enclosed = &tree.root.children[0];
    assert!(enclosed.content_type.is("message", "rfc822"));
    assert!(enclosed.encoding.is_identity());
    assert_eq!(enclosed.children[0].decoded(part.bytes()).bytes.as_ref(), "één".as_bytes());
}

#[test]
fn an_enclosed_message_that_would_break_is_attached_byte_for_byte() {
    let inner_signed = "Subject: s\r\nContent-Type: multipart/signed; boundary=i\r\n\r\n--i\r\n\r\n\
        één\r\n--i\r\nContent-Type: application/pgp-signature\r\n\r\nx\r\n--i--";
    let raw_header = "Subject: één\r\n\r\nbody";
    let long_header = format!("References: {}\r\n\r\nbody", "a".repeat(2000));
    for inner in [inner_signed, raw_header, &long_header] {
        let message = format!(
            "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: message/rfc822\r\n\
             \r\n{inner}\r\n--b--\r\n"
        );
        let part = part_of(message.as_bytes());
        assert_eq!(
            contents(&part),
            [("application/octet-stream".to_owned(), inner.as_bytes().to_vec())]
        );
    }
}

#[test]
fn a_signature_inside_that_is_safe_stays_untouched() {
    let inner = "Content-Type: multipart/signed; protocol=\"application/pgp-signature\"; boundary=i\r\n\
        \r\n--i\r\nContent-Type: text/plain\r\n\r\nsigned\r\n--i\r\n\
        Content-Type: application/pgp-signature\r\n\r\nx\r\n--i--";
    let message = format!(
        "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n{inner}\r\n--b\r\n\
         Content-Type: text/plain; charset=utf-8\r\n\r\né\r\n--b--\r\n"
    );
    let part = part_of(message.as_bytes());
    assert!(memchr::memmem::find(part.bytes(), inner.as_bytes()).is_some());
}

#[test]
fn headers_of_parts_become_seven_bit_and_keep_their_meaning() {
    let name =
        "verwijsbrief coëfficiënt en nog heel veel meer tekst die niet op een regel past.pdf";
    let message = format!(
        "Content-Type: application/pdf; name=\"{name}\"\r\nContent-Description: ééns {}\r\n\
         Content-Disposition: attachment; filename=\"{name}\" \r\n \r\n\r\nx\r\n",
        "é".repeat(300)
    );
    let part = part_of(message.as_bytes());
    let tree = tree(&part, Limits::default());
    assert_eq!(tree.root.file_name().unwrap(), name);
    assert_eq!(tree.root.content_type.param("name").unwrap().text(), name);
    assert!(part.header().split(|&b| b == b'\n').all(|line| line.len() <= 78));
}

#[test]
fn a_boundary_that_cannot_stay_is_replaced() {
    let long = "x".repeat(1200);
    for boundary in ["één", &long] {
        let message = format!(
            "Content-Type: multipart/mixed; boundary=\"{boundary}\"\r\n\r\n--{boundary}\r\n\r\n\
             a\r\n--{boundary}\r\n\r\nb\r\n--{boundary}--\r\n"
        );
        let texts: Vec<Vec<u8>> =
            contents(&part_of(message.as_bytes())).into_iter().map(|(_, text)| text).collect();
        assert_eq!(texts, [b"a", b"b"]);
    }
}

#[test]
fn a_thousand_levels_are_signed_whole() {
    let mut message = Vec::new();
    for level in 0..1000 {
        message.extend_from_slice(
            format!("Content-Type: multipart/mixed; boundary=b{level}\r\n\r\n--b{level}\r\n")
                .as_bytes(),
        );
    }
    message.extend_from_slice("\r\nhéél diep\r\n".as_bytes());
    let part = part_of(&message);
    let found = contents(&part);
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].1, message);
}

#[test]
fn thirty_megabytes_with_long_lines_are_signed() {
    let mut message = b"Subject: big\r\nContent-Type: application/x-data\r\n\r\n".to_vec();
    let start = message.len();
    message.resize(start + 30 * 1024 * 1024, 0xa5);
    let part = part_of(&message);
    assert!(contents(&part)[0].1 == message[start..]);
}

fn body() -> impl Strategy<Value = Vec<u8>> {
    proptest::collection::vec(
        prop_oneof![
            4 => any::<u8>().prop_map(|byte| vec![byte]),
            1 => Just(b"\r\n".to_vec()),
            1 => Just(b"From ".to_vec()),
            1 => Just(b" \r\n".to_vec()),
            1 => Just(b"\r\n--b".to_vec()),
            1 => (1_usize..1100).prop_map(|n| vec![b'x'; n]),
        ],
        0..60,
    )
    .prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn any_body_decodes_to_the_same_bytes(body in body(), text in any::<bool>(), cut in any::<u8>()) {
        let kind = if text { "text/plain; charset=utf-8" } else { "application/x-data" };
        let mut message = format!("Subject: s\r\nContent-Type: {kind}\r\n\r\n").into_bytes();
        message.extend_from_slice(&body);
        prop_assert_eq!(&contents(&part_of(&message))[0].1, &body);

        let body = body.iter().copied().filter(|&byte| byte != b'-').collect::<Vec<u8>>();
        let at = usize::from(cut) % (body.len() + 1);
        let mut message = b"Subject: s\r\nContent-Type: multipart/mixed; boundary=b\r\n".to_vec();
        for piece in [&body[..at], &body[at..]] {
            message.extend_from_slice(format!("\r\n--b\r\nContent-Type: {kind}\r\n\r\n").as_bytes());
            message.extend_from_slice(piece);
        }
        message.extend_from_slice(b"\r\n--b--\r\n");
        let found: Vec<u8> = contents(&part_of(&message)).into_iter().flat_map(|(_, bytes)| bytes).collect();
        prop_assert_eq!(found, body);
    }

    #[test]
    fn any_message_at_all_is_signed(bytes in proptest::collection::vec(prop_oneof![
        3 => any::<u8>().prop_map(|byte| vec![byte]),
        3 => prop::sample::select(vec![
            "\r\n", "\n", "--b", "--b--", "\r\n--b\r\n", " ", "From ", "é",
            "Content-Type: multipart/mixed; boundary=b\r\n", "Content-Type: message/rfc822\r\n",
            "Content-Type: multipart/signed; boundary=b\r\n", "Content-Type: text/plain\r\n",
            "Content-Transfer-Encoding: base64\r\n", "Content-Transfer-Encoding: x-uu\r\n",
            "Content-Transfer-Encoding: quoted-printable\r\n", "Content-Length: 3\r\n",
            "Content-Type: message/delivery-status\r\n", "\r\n\r\n",
        ]).prop_map(|text| text.as_bytes().to_vec()),
    ], 0..40)) {
        part_of(&bytes.concat());
    }
}
