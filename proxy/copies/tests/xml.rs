//! The XML as other programs read it: xmllint against the schema, and a reader that wants back what went in.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::path::Path;
use std::process::Command;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use copies::{About, AttachedAs, Content, Language, Line, Signature, Source, xml, xml_of};
use mail::Message;
use quick_xml::Reader;
use quick_xml::events::Event;

fn about() -> About {
    let made_at = "2026-11-23T10:00:00Z".parse().unwrap();
    let line = |label: &str, text: &str| Line { label: label.to_owned(), text: text.to_owned() };
    About {
        signature: Some(Signature {
            word: "policy".to_owned(),
            coverage: "whole".to_owned(),
            headline: "Ondertekend, maar niet te vertrouwen.".to_owned(),
            reasons: vec!["Niemand staat voor de ondertekenaar in.".to_owned()],
            signers: vec![line("Ondertekenaar", "CN=Jan")],
        }),
        proof: vec![vec![line("Ontvanger", "a@b.nl"), line("Bewijs", "DANE <3 1 1> & meer")]],
        ..About::new("test", made_at, Language::Dutch)
    }
}

/// True where `xmllint` finds nothing wrong; what it says else.
fn validates(xml: &[u8]) -> Result<(), String> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a.xml");
    std::fs::write(&file, xml).unwrap();
    let schema = Path::new(env!("CARGO_MANIFEST_DIR")).join("schema/bericht-1.xsd");
    let done = Command::new("xmllint")
        .args(["--nonet", "--noout", "--huge", "--schema"])
        .args([&schema, &file])
        .output()
        .expect("xmllint is not installed: `make setup-test`");
    if done.status.success() {
        Ok(())
    } else {
        Err(String::from_utf8_lossy(&done.stderr).into_owned())
    }
}

const MAIL: &[u8] = "From: =?utf-8?q?Jan_de_Vri=C3=ABs?= <jan@praktijk.nl>\r\nTo: A <a@b.nl>, c@d.nl\r\nSubject: =?utf-8?b?8J+YgCBVaXRzbGFn?=\r\n\
    Received: from x\r\n by y; Mon, 23 Nov 2026 10:00:00 +0000\r\nReceived: from z by x; Mon, 23 Nov 2026 09:59:00 +0000\r\n\
    X-Odd: \x01 ]]> <b>&amp;\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\
    Content-Type: multipart/alternative; boundary=c\r\n\r\n--c\r\n\r\nGeachte <b>collega</b>,\r\nHbA1c is 58.\r\n--c\r\n\
    Content-Type: text/html\r\n\r\n<p>HbA1c is <b>58</b>.</p>\r\n--c--\r\n--b\r\n\
    Content-Type: text/csv; charset=iso-8859-1; name=lab.csv\r\nContent-Disposition: attachment; filename=lab.csv\r\n\r\n\
    a;b\r\n--b\r\nContent-Type: image/svg+xml; name=\"a<b>.svg\"\r\nContent-Transfer-Encoding: base64\r\nContent-ID: <s@x>\r\n\r\nPHN2Zy8+Cg==\r\n--b--\r\n"
    .as_bytes();

/// The elements of this name: their attributes by name, and the text in them.
fn elements(xml: &[u8], wanted: &str) -> Vec<(Vec<(String, String)>, String)> {
    let text = core::str::from_utf8(xml).unwrap();
    let mut reader = Reader::from_str(text);
    let mut found = Vec::new();
    let mut inside = None;
    loop {
        match reader.read_event().unwrap() {
            Event::Eof => return found,
            Event::Start(start) | Event::Empty(start) if start.name().as_ref() == wanted => {
                let attributes = start.attributes().map(|one| {
                    let one = one.unwrap();
                    let value = one.normalized_value(quick_xml::XmlVersion::Implicit1_0).unwrap();
                    (one.key.as_ref().to_owned(), value.into_owned())
                });
                found.push((attributes.collect(), String::new()));
                inside = Some(());
            }
            Event::End(end) if end.name().as_ref() == wanted => inside = None,
            Event::Text(text) if inside.is_some() => found.last_mut().unwrap().1.push_str(&text),
            Event::GeneralRef(name) if inside.is_some() => {
                let c = match name.as_ref() {
                    "lt" => '<',
                    "gt" => '>',
                    "amp" => '&',
                    "quot" => '"',
                    "apos" => '\'',
                    other => panic!("an entity of ours: {other}"),
                };
                found.last_mut().unwrap().1.push(c);
            }
            _ => {}
        }
    }
}

fn attribute<'a>(element: &'a (Vec<(String, String)>, String), name: &str) -> &'a str {
    element.0.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value)
}

#[test]
fn header_texts_and_attachments_come_back_as_they_went() {
    let (message, about) = (Message::new(MAIL.to_vec()), about());
    let xml = xml(&Source { message: &message, about: &about }).unwrap();
    validates(&xml).unwrap();
    let raw: Vec<u8> =
        elements(&xml, "ruw").iter().flat_map(|one| STANDARD.decode(&one.1).unwrap()).collect();
    assert_eq!(raw, message.header(), "the header, byte for byte");
    let values: Vec<_> = elements(&xml, "waarde").into_iter().map(|one| one.1).collect();
    assert!(values[3].starts_with("from x") && values[4].starts_with("from z"), "{values:?}");
    assert!(values[5].ends_with("]]> <b>&amp;"), "{values:?}");
    let from = &elements(&xml, "van")[0];
    assert_eq!(
        (attribute(from, "naam"), attribute(from, "adres")),
        ("Jan de Vriës", "jan@praktijk.nl")
    );
    assert_eq!(elements(&xml, "aan").len(), 2);
    assert_eq!(elements(&xml, "onderwerp")[0].1, "😀 Uitslag");
    let texts = elements(&xml, "tekst");
    assert_eq!(texts[0].1.trim(), "<p>HbA1c is <b>58</b>.</p>");
    assert_eq!(texts[1].1.trim(), "Geachte <b>collega</b>,\nHbA1c is 58.");
    assert_eq!(
        (attribute(&texts[0], "getoond"), attribute(&texts[1], "getoond")),
        ("true", "false")
    );
    let content = Content::read(&message);
    let files: Vec<_> =
        elements(&xml, "inhoud").iter().map(|one| STANDARD.decode(&one.1).unwrap()).collect();
    assert_eq!(files, [b"a;b".as_slice(), b"<svg/>\n"]);
    for (element, part) in elements(&xml, "bijlage").iter().zip(&content.attachments) {
        assert_eq!(attribute(element, "sha256"), part.sha256);
        assert_eq!(attribute(element, "naam"), part.name);
    }
    assert_eq!(attribute(&elements(&xml, "handtekening")[0], "oordeel"), "policy");
    let lines = elements(&xml, "regel");
    assert_eq!(lines.last().unwrap().1, "DANE <3 1 1> & meer");
    assert_eq!(attribute(&elements(&xml, "bron")[0], "bytes"), MAIL.len().to_string());
}

#[test]
fn attachments_may_stand_beside_it() {
    let (message, about) = (Message::new(MAIL.to_vec()), about());
    let content = Content::read(&message);
    let names = ["lab.csv".to_owned(), "a_b_.svg".to_owned()];
    let source = Source { message: &message, about: &about };
    let xml = xml_of(&source, &content, AttachedAs::Files(&names)).unwrap();
    validates(&xml).unwrap();
    let files = elements(&xml, "verwijzing");
    assert_eq!(files.iter().map(|one| attribute(one, "bestand")).collect::<Vec<_>>(), names);
    assert!(elements(&xml, "inhoud").is_empty());
}

#[test]
fn a_mail_cannot_become_markup() {
    let message = Message::new(b"Subject: </onderwerp><x/>\r\n\r\n<script>&amp; ]]>\r\n".to_vec());
    let about = about();
    let xml =
        String::from_utf8(xml(&Source { message: &message, about: &about }).unwrap()).unwrap();
    assert!(xml.contains("&lt;/onderwerp&gt;&lt;x/&gt;"), "{xml}");
    assert!(xml.contains("&lt;script&gt;&amp;amp; ]]&gt;"), "{xml}");
}

#[test]
fn no_mail_is_too_odd_for_xml_and_the_schema_refuses_what_is_not_ours() {
    let many =
        "--b\r\nContent-Type: application/pdf\r\nContent-Disposition: attachment\r\n\r\nx\r\n"
            .repeat(1_000);
    let about = about();
    for mail in [
        Vec::new(),
        b"Subject: a\r\n\r\n".to_vec(),
        b"just text\r\n".to_vec(),
        b"Subject: a\x01\x02\r\nFrom: \xff\xfe\r\n\r\n\0\0\x1b[31m\x0c]]> & <b>\r\n".to_vec(),
        b"Content-Type: multipart/mixed; boundary=\r\n\r\n--\r\n--x\r\n".to_vec(),
        format!("Content-Type: multipart/mixed; boundary=b\r\n\r\n{many}--b--\r\n").into_bytes(),
    ] {
        let message = Message::new(mail);
        let xml = xml(&Source { message: &message, about: &about }).unwrap();
        validates(&xml).unwrap();
        let text = String::from_utf8(xml).unwrap();
        for (ours, not) in
            [("oordeel=\"policy\"", "oordeel=\"goed\""), ("versie=\"1\"", "versie=\"2\"")]
        {
            assert!(validates(text.replace(ours, not).as_bytes()).is_err(), "{not}");
        }
    }
}
