//! Signed mail in every shape, judged.

use jiff::Timestamp;
use mail::Message;
use proptest::prelude::*;

use super::now;
use super::pki::{Authority, JAN, Leaf};
use crate::key::KeyKind;
use crate::{Anchors, Coverage, FromMatch, Teller, Told, Verdict, Word, open, sign};

const PLAIN: &[u8] =
    b"From: Jan <jan@praktijk.example>\r\nTo: k@huis.example\r\nSubject: s\r\n\r\n\
    Beste collega,\r\n\r\nAlles wel.\r\n";

struct Desk {
    authority: Authority,
    leaf: Leaf,
}

impl Desk {
    fn new() -> Self {
        let authority = Authority::new();
        let leaf = authority.leaf(KeyKind::P256, JAN);
        Self { authority, leaf }
    }

    fn signed(&self, message: &[u8]) -> String {
        let message = Message::new(message.to_vec());
        let signed = sign(&message, None, &self.leaf.key(), now(), [7; 16]).unwrap();
        String::from_utf8(signed).unwrap()
    }

    fn open(&self, mail: &str) -> Verdict {
        open(&Message::new(mail.as_bytes().to_vec()), &self.authority.anchors, now())
    }
}

fn codes(verdict: &Verdict) -> Vec<&'static str> {
    verdict.reasons.iter().map(crate::Reason::code).collect()
}

/// The boundary that `sign` chose.
fn boundary(mail: &str) -> &str {
    mail.split("boundary=\"").nth(1).unwrap().split('"').next().unwrap()
}

/// A part in a multipart/mixed, with a text beside it.
fn beside(part: &str, footer: &str) -> String {
    let (header, body) = part.split_once("MIME-Version: 1.0\r\n").unwrap();
    format!(
        "{header}MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=lijst\r\n\r\n--lijst\r\n{body}\
         \r\n--lijst{footer}\r\n"
    )
}

const FOOTER: &str = "\r\nContent-Type: text/plain\r\n\r\nUitschrijven kan hier\r\n--lijst--";

#[test]
fn own_mail_passes_and_every_changed_byte_of_its_content_fails() {
    let desk = Desk::new();
    let mail = desk.signed(PLAIN);
    let verdict = desk.open(&mail);
    assert!(verdict.valid() && verdict.cades, "{verdict:?}");
    assert_eq!(verdict.signers[0].from_match, FromMatch::Same);
    assert_eq!(verdict.parts[0].part, "0");
    let covered = crate::check(&Message::new(mail.clone().into_bytes())).unwrap().covered;
    for at in covered {
        let mut bytes = mail.clone().into_bytes();
        bytes[at] ^= 1;
        let verdict = open(&Message::new(bytes), &desk.authority.anchors, now());
        assert!(!verdict.valid(), "byte {at}");
    }
}

#[test]
fn mail_with_the_line_ends_of_a_file_passes() {
    let desk = Desk::new();
    assert!(desk.open(&desk.signed(PLAIN).replace("\r\n", "\n")).valid());
}

#[test]
fn what_servers_do_to_signed_mail_breaks_it_or_does_not_matter() {
    let desk = Desk::new();
    let mail = desk.signed(PLAIN);
    let mark = format!("--{}", boundary(&mail));
    for (from, to, code) in [
        // RFC 8551 section 3.5.3.2 and older names; micalg is a hint.
        ("micalg=sha-256", "micalg=sha256", "signed"),
        ("micalg=sha-256", "micalg=sha1", "signed"),
        ("micalg=sha-256", "x=y", "signed"),
        ("application/pkcs7-signature", "application/x-pkcs7-signature", "signed"),
        ("Alles wel.", "Alles wel. ", "changed"),
        ("Alles wel.\r\n", "Alles wel.", "changed"),
        ("Beste collega", ">Beste collega", "changed"),
        ("Content-Type: text/plain", "Content-Type:  text/plain", "changed"),
        ("protocol=\"application/pkcs7-signature\"", "protocol=\"application/x\"", "structure"),
        ("protocol=\"application/pkcs7-signature\";", "", "structure"),
        ("Content-Type: application/pkcs7-signature", "Content-Type: application/x", "structure"),
        ("Subject: s\r\n", "Subject: s\r\nContent-Type: text/html\r\n", "not-signed"),
        ("\"\r\n\r\n--=_", "\"\r\nContent-Type: text/html\r\n\r\n--=_", "structure"),
        ("\r\nMII", "\r\n*MII", "damaged"),
    ] {
        let changed = mail.replace(from, to);
        assert_ne!(changed, mail, "{from}");
        let verdict = desk.open(&changed);
        assert_eq!(codes(&verdict)[0], code, "{from} -> {to}");
        assert_eq!(verdict.valid(), code == "signed");
    }
    let closing = format!("{mark}--\r\n");
    let third = mail.replace(&closing, &format!("{mark}\r\n\r\nderde\r\n{closing}"));
    assert_eq!(codes(&desk.open(&third)), ["structure"]);
    assert_eq!(codes(&desk.open(&mail.replace(&closing, ""))), ["structure"]);
    let lost = mail.replace(
        &format!("\r\n{mark}\r\nContent-Type: app"),
        &format!("{mark}\r\nContent-Type: app"),
    );
    assert!(!desk.open(&lost).valid());
}

#[test]
fn the_same_text_in_another_transfer_encoding_is_other_content() {
    let desk = Desk::new();
    let quoted = "Content-Transfer-Encoding: quoted-printable\r\n\r\nCaf=C3=A9";
    let mail = format!("From: {JAN}\r\nContent-Type: text/plain; charset=utf-8\r\n{quoted}\r\n");
    let mail = desk.signed(mail.as_bytes());
    assert!(desk.open(&mail).valid());
    for same in [
        quoted.replace("=C3=A9", "=c3=a9"),
        quoted.replace("Caf", "Ca=66"),
        quoted.replace("Caf", "Ca=\r\nf"),
        "Content-Transfer-Encoding: 8bit\r\n\r\nCafé".to_owned(),
        "Content-Transfer-Encoding: base64\r\n\r\nQ2Fmw6kNCg==".to_owned(),
    ] {
        let changed = mail.replace(quoted, &same);
        assert_ne!(changed, mail);
        let verdict = desk.open(&changed);
        assert_eq!((codes(&verdict)[0], verdict.verdict), ("changed", Word::Fail), "{same}");
    }
}

#[test]
fn text_outside_the_parts_is_said_and_changes_nothing() {
    let desk = Desk::new();
    let mail = desk.signed(PLAIN);
    let after = desk.open(&format!("{mail}\r\n-- \r\nUitschrijven kan hier\r\n"));
    assert!(after.valid() && codes(&after).contains(&"outside"));
    let first = format!("\r\n\r\n--{}\r\n", boundary(&mail));
    let before =
        |text: &str| desk.open(&mail.replacen(&first, &format!("\r\n\r\n{text}{first}"), 1));
    let usual = before("This is an S/MIME signed message");
    assert!(usual.valid() && !codes(&usual).contains(&"outside"));
    let long = before("Lees dit.\r\n\r\nEn dit.");
    assert!(long.valid() && codes(&long).contains(&"outside"));
}

#[test]
fn anything_unsigned_beside_a_signed_part_is_partly_signed() {
    let desk = Desk::new();
    let mail = desk.signed(PLAIN);
    let verdict = desk.open(&beside(&mail, FOOTER));
    assert_eq!((verdict.verdict, verdict.coverage), (Word::Policy, Coverage::Partial));
    assert_eq!(codes(&verdict)[0], "partly");
    assert!(!verdict.valid());
    assert_eq!((verdict.parts[0].part.as_str(), verdict.parts[0].verdict), ("1", Word::Pass));
    // Nothing beside it: a wrapper alone changes nothing.
    assert!(desk.open(&beside(&mail, "--")).valid());
    // Forwarded as a file: the header around it is unsigned, and its own From counts for it.
    let forwarded = format!("From: k@huis.example\r\nContent-Type: message/rfc822\r\n\r\n{mail}");
    let verdict = desk.open(&forwarded);
    assert_eq!((verdict.verdict, verdict.coverage), (Word::Policy, Coverage::Partial));
    assert_eq!(verdict.signers[0].from_match, FromMatch::Same);
    // A signature that does not hold covers nothing.
    let broken = desk.open(&beside(&mail, FOOTER).replace("Alles wel", "Alles mis"));
    assert_eq!((broken.verdict, broken.coverage), (Word::Fail, Coverage::None));
}

#[test]
fn signatures_inside_signed_parts_are_judged_and_the_outer_one_is_shown() {
    let desk = Desk::new();
    let inner = desk.signed(PLAIN);
    let outer = desk.signed(inner.as_bytes());
    let verdict = desk.open(&outer);
    assert!(verdict.valid());
    let places: Vec<&str> = verdict.parts.iter().map(|part| part.part.as_str()).collect();
    assert_eq!(places, ["0", "1"]);
    assert_eq!(verdict.signers.len(), 1);
    let broken = desk.signed(inner.replace("Alles wel", "Alles mis").as_bytes());
    let verdict = desk.open(&broken);
    assert!(verdict.valid() && codes(&verdict).contains(&"inside"));
    assert_eq!(verdict.parts[1].verdict, Word::Fail);
    // Deeper than anybody signs, it ends.
    let mut deep = inner;
    for _ in 0..8 {
        deep = desk.signed(deep.as_bytes());
    }
    let verdict = desk.open(&deep);
    assert!(verdict.valid() && verdict.parts.len() == 6);
}

/// A signature with its content inside.
fn enclosing(desk: &Desk, content: &[u8]) -> Vec<u8> {
    use super::forge::{Forge, Frame, octets};
    let mut frame = Frame::new(&[&desk.leaf]);
    frame.inside = Some(octets(content));
    frame.with(&[Forge::new(&desk.leaf, content).info(&desk.leaf)])
}

/// The mail as an opaque signature (RFC 8551 section 3.5.2).
fn opaque(desk: &Desk, header: &str, content: &[u8]) -> String {
    let mut body = Vec::new();
    crate::encode::base64(&enclosing(desk, content), &mut body);
    let body = String::from_utf8(body).unwrap();
    format!(
        "From: jan@praktijk.example\r\nContent-Transfer-Encoding: base64\r\nContent-Type: {header}\r\n\r\n{body}"
    )
}

#[test]
fn opaque_signatures_are_known_by_type_or_by_name_of_the_file() {
    let desk = Desk::new();
    let content = b"Content-Type: text/plain\r\n\r\nhallo\r\n";
    for header in [
        "application/pkcs7-mime; smime-type=signed-data; name=smime.p7m",
        "application/x-pkcs7-mime; name=smime.p7m",
        "application/pkcs7-mime; smime-type=enveloped-data",
        "application/octet-stream; name=smime.p7m",
    ] {
        let verdict = desk.open(&opaque(&desk, header, content));
        assert!(verdict.valid() && verdict.cades, "{header} {verdict:?}");
    }
    for header in ["application/octet-stream; name=a.bin", "application/pdf; name=smime.p7m"] {
        assert_eq!(codes(&desk.open(&opaque(&desk, header, content))), ["not-signed"]);
    }
    let inside = desk.signed(PLAIN);
    let verdict = desk.open(&opaque(&desk, "application/pkcs7-mime", inside.as_bytes()));
    let places: Vec<&str> = verdict.parts.iter().map(|part| part.part.as_str()).collect();
    assert!(verdict.valid());
    assert_eq!(places, ["0", "/0"]);
}

#[test]
fn an_opaque_signature_may_travel_as_the_bytes_that_it_is() {
    let desk = Desk::new();
    let header = "From: jan@praktijk.example\r\nContent-Type: application/pkcs7-mime; \
        smime-type=signed-data\r\nContent-Transfer-Encoding: binary\r\n\r\n";
    // Line ends of every kind inside: none of them may be touched.
    let content = b"Content-Type: application/x-data\r\n\r\na\nb\rc\r\n\0";
    let mut mail = [header.as_bytes(), &enclosing(&desk, content)].concat();
    let verdict = open(&Message::new(mail.clone()), &desk.authority.anchors, now());
    assert!(verdict.valid() && verdict.coverage == Coverage::Whole, "{verdict:?}");
    let at = memchr::memmem::find(&mail, b"a\nb").unwrap();
    mail[at + 1] = b'\r';
    let verdict = open(&Message::new(mail), &desk.authority.anchors, now());
    assert_eq!((codes(&verdict)[0], verdict.verdict), ("changed", Word::Fail));
}

#[test]
fn what_is_not_signed_is_none_with_its_reason() {
    use super::forge::{Frame, oid, seq};
    let desk = Desk::new();
    let file = |der: &[u8]| {
        let mut body = Vec::new();
        crate::encode::base64(der, &mut body);
        format!(
            "Content-Transfer-Encoding: base64\r\nContent-Type: application/pkcs7-mime; smime-type=x\r\n\r\n{}",
            String::from_utf8(body).unwrap()
        )
    };
    let encrypted = seq(&[&oid("1.2.840.113549.1.7.3"), &seq(&[])]);
    let pgp = "Content-Type: multipart/signed; protocol=\"application/pgp-signature\"; boundary=b\r\n\r\n\
        --b\r\n\r\nx\r\n--b\r\nContent-Type: application/pgp-signature\r\n\r\ny\r\n--b--\r\n";
    for (mail, code) in [
        (String::from_utf8(PLAIN.to_vec()).unwrap(), "not-signed"),
        (String::new(), "not-signed"),
        (file(&Frame::new(&[&desk.leaf]).with(&[])), "certificates-only"),
        (file(&encrypted), "encrypted"),
        (pgp.to_owned(), "not-smime"),
    ] {
        let verdict = desk.open(&mail);
        assert_eq!(codes(&verdict), [code]);
        assert_eq!((verdict.verdict, verdict.coverage), (Word::None, Coverage::None));
    }
    assert_eq!(codes(&desk.open(&file(b"rubbish"))), ["unreadable"]);
}

#[test]
fn the_signer_must_be_the_one_address_of_the_one_from_field() {
    let desk = Desk::new();
    let mail = desk.signed(PLAIN);
    for (from, code) in [
        ("From: JAN@Praktijk.EXAMPLE", "signed"),
        ("From: \"k@bank.example\" <jan@praktijk.example>", "signed"),
        ("From: jan@praktijk.example <k@bank.example>", "other-sender"),
        ("From: k@bank.example\r\nSender: jan@praktijk.example", "other-sender"),
        ("From: jan@praktijk.example.bank.example", "other-sender"),
        ("From: jan@praktijk.example, k@bank.example", "no-author"),
        ("From: jan@praktijk.example\r\nFrom: k@bank.example", "no-author"),
        ("Sender: jan@praktijk.example", "no-author"),
    ] {
        let changed = mail.replace("From: Jan <jan@praktijk.example>", from);
        let verdict = desk.open(&changed);
        let good = code == "signed";
        assert!(codes(&verdict).contains(&code), "{from}: {:?}", codes(&verdict));
        assert_eq!(verdict.valid(), good, "{from}");
        assert_eq!(verdict.verdict, if good { Word::Pass } else { Word::Policy });
        assert_eq!(verdict.signers[0].from_match == FromMatch::Same, good);
        assert!(verdict.signers[0].intact);
    }
}

#[test]
fn an_address_may_stand_in_the_subject_or_as_an_international_mailbox() {
    let authority = Authority::new();
    let in_subject = authority.leaf_with(KeyKind::P256, |params| {
        let kind = rcgen::DnType::CustomDnType(vec![1, 2, 840, 113_549, 1, 9, 1]);
        let value = rcgen::string::Ia5String::try_from(JAN).unwrap();
        params.distinguished_name.push(kind, rcgen::DnValue::Ia5String(value));
    });
    let mailbox = |address: &str| {
        authority.leaf_with(KeyKind::P256, |params| {
            let value = rcgen::OtherNameValue::Utf8String(address.to_owned());
            params.subject_alt_names =
                vec![rcgen::SanType::OtherName((vec![1, 3, 6, 1, 5, 5, 7, 8, 9], value))];
        })
    };
    for (leaf, from, good) in [
        (in_subject, JAN, true),
        (mailbox("jörg@zórg.example"), "jörg@zórg.example", true),
        (mailbox("jörg@zórg.example"), "jörg@xn--zrg-gna.example", true),
        (mailbox("jörg@zórg.example"), "jorg@zorg.example", false),
        (authority.leaf_with(KeyKind::P256, |_| ()), JAN, false),
    ] {
        let message = Message::new(format!("From: {from}\r\n\r\nx\r\n").into_bytes());
        let signed = sign(&message, None, &leaf.key(), now(), [7; 16]).unwrap();
        let verdict = open(&Message::new(signed), &authority.anchors, now());
        assert_eq!(verdict.valid(), good, "{from} {verdict:?}");
        assert!(good || codes(&verdict).contains(&"other-sender"));
    }
}

#[test]
fn the_json_of_a_verdict_is_a_contract() {
    let desk = Desk::new();
    let json = serde_json::to_value(desk.open(&desk.signed(PLAIN))).unwrap();
    assert_eq!(json["verdict"], "pass");
    assert_eq!(json["coverage"], "whole");
    assert_eq!(json["cades"], true);
    let signer = &json["signers"][0];
    assert_eq!((&signer["address"], &signer["from_match"]), (&JAN.into(), &true.into()));
    assert_eq!((&signer["intact"], &signer["anchor"]), (&true.into(), &"Zorg Root".into()));
    assert_eq!(signer["revocation"], "unknown");
    assert!(signer["revocation_told"].is_null(), "nobody said anything");
    let told = Told { by: Teller::Response, at: Timestamp::UNIX_EPOCH, until: None };
    let expected = r#"{"by":"response","at":"1970-01-01T00:00:00Z","until":null}"#;
    assert_eq!(serde_json::to_string(&told).unwrap(), expected);
    assert!(signer["path"].is_array() && signer["algorithms"].is_array());
    assert!(signer["signing_time"].is_string() && signer["subject"].is_string());
    let reason = &json["reasons"][0];
    assert_eq!((&reason["code"], &reason["verdict"]), (&"signed".into(), &"pass".into()));
    assert!(reason["nl"].as_str().unwrap().starts_with("Ondertekend door"));
    assert!(reason["en"].as_str().unwrap().starts_with("Signed by"));
    let mixed = serde_json::to_value(desk.open("x")).unwrap();
    assert_eq!((&mixed["verdict"], &mixed["coverage"]), (&"none".into(), &"none".into()));
    let words = [Word::TempError, Word::PermError, Word::Policy, Word::Fail];
    let words = serde_json::to_value(words).unwrap();
    assert_eq!(words, serde_json::json!(["temperror", "permerror", "policy", "fail"]));
}

fn pieces() -> impl Strategy<Value = Vec<u8>> {
    let words = prop::sample::select(vec![
        "\r\n",
        "\n--b\n",
        "--b--",
        "\r\n\r\n",
        "From: a@b.example\r\n",
        "From: <",
        "Content-Type: multipart/signed; protocol=\"application/pkcs7-signature\"; boundary=b\r\n",
        "Content-Type: application/pkcs7-signature\r\n",
        "Content-Type: application/pkcs7-mime\r\n",
        "Content-Type: message/rfc822\r\n\r\n",
        "Content-Transfer-Encoding: base64\r\n",
        "MIAGCSqGSIb3DQEHAqCA",
        "MAsGCSqGSIb3DQEHAQ",
    ])
    .prop_map(|word| word.as_bytes().to_vec());
    let bytes = proptest::collection::vec(any::<u8>(), 1..4);
    proptest::collection::vec(prop_oneof![5 => words, 1 => bytes], 0..40)
        .prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn any_bytes_have_a_verdict_with_a_reason_and_are_never_valid(bytes in pieces()) {
        let anchors = Anchors::new();
        let now = Timestamp::UNIX_EPOCH;
        let verdict = open(&Message::new(bytes.clone()), &anchors, now);
        prop_assert!(!verdict.valid() && !verdict.reasons.is_empty());
        prop_assert_eq!(&verdict, &open(&Message::new(bytes.clone()), &anchors, now));
        for reason in &verdict.reasons {
            prop_assert!(!reason.dutch().is_empty() && !reason.english().is_empty());
        }
        let (signature, content) = bytes.split_at(bytes.len() / 2);
        for content in [None, Some(content)] {
            let verdict = crate::open_signature(signature, content, &anchors, now);
            prop_assert!(!verdict.valid() && !verdict.reasons.is_empty());
        }
    }
}
