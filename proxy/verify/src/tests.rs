use cades::{Coverage, KeyKind, SoftwareKey, Word, create_identity, sign, sign_detached};
use mail::{Address, Message};

use super::*;

const JAN: &str = "jan@praktijk.example";

/// A mail with a text and a file, signed.
struct Desk {
    anchors: Anchors,
    key: SoftwareKey,
    now: Timestamp,
}

impl Desk {
    fn new() -> Self {
        let now = "2026-11-23T10:00:00Z".parse().unwrap();
        let identity =
            create_identity(KeyKind::P256, &Address::parse(JAN).unwrap(), "Jan", now, 1).unwrap();
        let mut anchors = Anchors::new();
        anchors.add_der(None, &identity.chain[0]).unwrap();
        let key = SoftwareKey::new(&identity.pkcs8, identity.chain).unwrap();
        Self { anchors, key, now }
    }

    fn signed(&self) -> String {
        let message = Message::new(MAIL.as_bytes().to_vec());
        String::from_utf8(sign(&message, None, &self.key, self.now, [7; 16]).unwrap()).unwrap()
    }

    fn look(&self, file: &[u8]) -> Looked {
        look(file, None, &self.anchors, self.now).unwrap()
    }
}

const MAIL: &str = "From: Jan <jan@praktijk.example>\r\nSubject: =?utf-8?Q?Uitslag_r=C3=B6ntgen?=\r\n\
    MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=m\r\n\r\n--m\r\n\
    Content-Type: multipart/alternative; boundary=a\r\n\r\n--a\r\n\r\nBeste collega\r\n--a\r\n\
    Content-Type: text/html\r\n\r\n<b>Beste collega</b>\r\n--a--\r\n--m\r\n\
    Content-Type: application/pdf; name=brief.pdf\r\nContent-Disposition: attachment\r\n\r\n%PDF\r\n--m--\r\n";

/// The kinds in order, each with its depth and what covers it.
fn drawn(blocks: &[Block]) -> Vec<(usize, BlockKind, Cover)> {
    fn put(blocks: &[Block], depth: usize, into: &mut Vec<(usize, BlockKind, Cover)>) {
        for block in blocks {
            into.push((depth, block.kind, block.cover));
            put(&block.inside, depth + 1, into);
        }
    }
    let mut all = Vec::new();
    put(blocks, 0, &mut all);
    all
}

const NONE: Cover = Cover::Nothing;

#[test]
fn a_signed_mail_is_a_header_that_nothing_covers_and_a_signed_part_with_its_pieces() {
    let desk = Desk::new();
    let looked = desk.look(desk.signed().as_bytes());
    assert!(looked.verdict.valid(), "{:?}", looked.verdict);
    assert_eq!(looked.subject, "Uitslag röntgen");
    assert_eq!(looked.from, "Jan <jan@praktijk.example>");
    let by = Cover::Intact(0);
    let expected = vec![
        (0, BlockKind::Header, NONE),
        (0, BlockKind::Signed(0), NONE),
        (1, BlockKind::Text, by),
        (1, BlockKind::File, by),
        (1, BlockKind::Signature, NONE),
    ];
    assert_eq!(drawn(&looked.blocks), expected);
    assert_eq!(looked.blocks[1].inside[1].name.as_deref(), Some("brief.pdf"));
    assert_eq!((looked.blocks[1].inside[1].size, looked.left_out), (4, 0));
}

#[test]
fn what_a_list_put_beside_the_signed_part_is_covered_by_nothing() {
    let desk = Desk::new();
    let signed = desk.signed();
    let (header, body) = signed.split_once("MIME-Version: 1.0\r\n").unwrap();
    let mail = format!(
        "{header}MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=lijst\r\n\r\n\
         --lijst\r\n{body}\r\n--lijst\r\nContent-Type: text/plain\r\n\r\nMaak over aan\r\n--lijst--\r\n"
    );
    let looked = desk.look(mail.as_bytes());
    assert_eq!(
        (looked.verdict.verdict, looked.verdict.coverage),
        (Word::Policy, Coverage::Partial)
    );
    let drawn = drawn(&looked.blocks);
    assert_eq!(drawn[2], (1, BlockKind::Text, Cover::Intact(0)), "{drawn:?}");
    assert_eq!(drawn.last(), Some(&(0, BlockKind::Text, NONE)));
}

#[test]
fn a_changed_text_stands_in_a_broken_part() {
    let desk = Desk::new();
    let changed = desk.signed().replacen("collega", "patient", 1);
    let looked = desk.look(changed.as_bytes());
    assert_eq!(looked.verdict.verdict, Word::Fail);
    assert_eq!(drawn(&looked.blocks)[2], (1, BlockKind::Text, Cover::Broken(0)));
}

#[test]
fn a_signed_mail_that_is_forwarded_is_covered_inside_and_not_around() {
    let desk = Desk::new();
    let mail = format!(
        "From: els@huis.example\r\nContent-Type: multipart/mixed; boundary=d\r\n\r\n--d\r\n\r\nZie onder\r\n\
         --d\r\nContent-Type: message/rfc822\r\n\r\n{}\r\n--d--\r\n",
        desk.signed()
    );
    let looked = desk.look(mail.as_bytes());
    let drawn = drawn(&looked.blocks);
    let expected = [
        (0, BlockKind::Header, NONE),
        (0, BlockKind::Text, NONE),
        (0, BlockKind::Message, NONE),
        (1, BlockKind::Header, NONE),
        (1, BlockKind::Signed(0), NONE),
        (2, BlockKind::Text, Cover::Intact(0)),
    ];
    assert_eq!(drawn[..6], expected);
    assert_eq!(looked.blocks[2].name.as_deref(), Some("Uitslag röntgen"));
}

#[test]
fn a_signature_file_goes_with_its_content_whichever_is_named_first() {
    let desk = Desk::new();
    let content = b"Beste collega\r\n";
    let signature = sign_detached(content, &desk.key, desk.now).unwrap();
    let looks = [(&signature[..], &content[..]), (&content[..], &signature[..])]
        .map(|(one, other)| look(one, Some(other), &desk.anchors, desk.now).unwrap());
    for looked in looks {
        assert_eq!(looked.file, File::Signature);
        assert!(looked.verdict.valid(), "{:?}", looked.verdict);
        let expected = vec![
            (0, BlockKind::Signed(0), NONE),
            (1, BlockKind::File, Cover::Intact(0)),
            (1, BlockKind::Signature, NONE),
        ];
        assert_eq!(drawn(&looked.blocks), expected);
    }
    let alone = desk.look(&signature);
    assert!(alone.verdict.reasons.contains(&cades::Reason::NoContent), "{:?}", alone.verdict);
}

#[test]
fn mail_that_nobody_signed_is_drawn_too() {
    let desk = Desk::new();
    let looked = desk.look(MAIL.as_bytes());
    assert_eq!(looked.verdict.verdict, Word::None);
    let expected =
        vec![(0, BlockKind::Header, NONE), (0, BlockKind::Text, NONE), (0, BlockKind::File, NONE)];
    assert_eq!(drawn(&looked.blocks), expected);
}

#[test]
fn what_is_no_mail_is_said_with_what_to_do() {
    let desk = Desk::new();
    let no = |file: &[u8], content: Option<&[u8]>| {
        look(file, content, &desk.anchors, desk.now).unwrap_err()
    };
    assert_eq!(no(b"", None), NotMail::Empty);
    assert_eq!(no(&vec![b'x'; MOST + 1], None), NotMail::TooLarge);
    assert_eq!(no(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\0\0", None), NotMail::Outlook);
    assert_eq!(no(b"Boodschappen: melk\r\n\r\nen brood", None), NotMail::Unknown);
    assert_eq!(no(MAIL.as_bytes(), Some(b"x")), NotMail::ContentOfMail);
    let pdf = no(b"%PDF-1.7", None);
    assert!(pdf.nl().contains("PDF-lezer") && pdf.to_string().contains("PDF reader"), "{pdf}");
}

#[test]
fn blocks_beyond_the_bound_are_counted_and_left_out() {
    let desk = Desk::new();
    let part = "--m\r\nContent-Disposition: attachment\r\n\r\nx\r\n".repeat(BLOCKS_MOST + 9);
    let mail =
        format!("From: {JAN}\r\nContent-Type: multipart/mixed; boundary=m\r\n\r\n{part}--m--\r\n");
    let looked = desk.look(mail.as_bytes());
    assert_eq!((looked.blocks.len(), looked.left_out), (BLOCKS_MOST, 10));
}

#[test]
fn anchors_that_cannot_be_read_are_said_and_never_left_out() {
    let folder = tempfile::tempdir().unwrap();
    let (away, text) = (folder.path().join("weg.pem"), folder.path().join("tekst.pem"));
    std::fs::write(&text, "geen certificaat").unwrap();
    for file in [away, text] {
        let error = anchors([&file]).unwrap_err();
        assert_eq!(error.file(), file);
        assert!(error.nl().contains(&file.display().to_string()), "{error}");
    }
    assert!(anchors([]).unwrap().is_empty());
}
