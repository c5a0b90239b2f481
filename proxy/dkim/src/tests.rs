use aws_lc_rs::signature::{RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use mail::{Domain, Message};

use super::{DkimError, Key, sign, zone_line};

fn domain(name: &str) -> Domain {
    Domain::parse(name).unwrap()
}

fn key() -> Key {
    Key::read(&Key::generate().unwrap()).unwrap()
}

fn signed(key: &Key, text: &str) -> Result<String, DkimError> {
    let message = Message::new(text.as_bytes().to_vec());
    let bytes = sign(&message, key, &domain("s1"), &domain("zorg.example"))?;
    Ok(String::from_utf8(bytes).unwrap())
}

/// The value of a tag of the signature, folds undone.
fn tag(signed: &str, name: &str) -> String {
    let (field, _) = signed.split_once("\r\nFrom").unwrap();
    let start = format!("\t{name}=");
    let (_, rest) = field.split_once(&start).unwrap();
    let value = rest.split(';').next().unwrap();
    value.chars().filter(|c| !c.is_ascii_whitespace()).collect()
}

#[test]
fn the_signature_is_over_the_fields_from_the_last_to_the_first_and_itself_without_its_value() {
    let key = key();
    let text = "From: a@zorg.example\r\nTo: b@c.example\r\nTo: d@e.example\r\nsubject:  x\r\n\ty\r\n\
                X-Other: 1\r\n\r\nbody\r\n\r\n\r\n";
    let signed = signed(&key, text).unwrap();
    assert!(signed.ends_with(text));
    assert_eq!(tag(&signed, "h"), "From:To:To:Subject:From");
    let (own, _) = signed.split_once("\tb=").unwrap();
    let hashed = format!(
        "From: a@zorg.example\r\nTo: d@e.example\r\nTo: b@c.example\r\nsubject:  x\r\n\ty\r\n{own}\tb="
    );
    let record = key.record().unwrap();
    let spki = STANDARD.decode(record.strip_prefix("v=DKIM1; k=rsa; p=").unwrap()).unwrap();
    // The subjectPublicKey stands at the end of a SubjectPublicKeyInfo of a 2048-bit key.
    let public = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, &spki[24..]);
    let signature = STANDARD.decode(tag(&signed, "b")).unwrap();
    public.verify(hashed.as_bytes(), &signature).unwrap();
    assert!(public.verify(hashed.replace("x\r\n", "z\r\n").as_bytes(), &signature).is_err());
}

#[test]
fn empty_lines_at_the_end_of_the_body_count_for_nothing() {
    let key = key();
    // RFC 6376 section 3.4.3 gives the hash of an empty body.
    let empty = "frcCV1k9oG9oKj3dpUqdJg1PxRT2RSN/XKdLCPjaYaY=";
    for body in ["", "\r\n", "\r\n\r\n"] {
        let text = format!("From: a@zorg.example\r\n\r\n{body}");
        assert_eq!(tag(&signed(&key, &text).unwrap(), "bh"), empty, "{body:?}");
    }
    let hash = |body: &str| tag(&signed(&key, &format!("From: a\r\n\r\n{body}")).unwrap(), "bh");
    assert_eq!(hash("a\r\nb"), hash("a\r\nb\r\n\r\n"));
    assert_ne!(hash("a\r\nb"), hash("a\r\n\r\nb"));
    assert_ne!(hash("a \r\n"), hash("a\r\n"), "simple forgives no blank");
}

#[test]
fn the_same_message_signed_again_is_the_same_message() {
    let (key, text) = (key(), "From: a@zorg.example\r\n\r\nb\r\n");
    assert_eq!(signed(&key, text), signed(&key, text));
}

#[test]
fn the_lines_of_the_field_are_short() {
    let key = key();
    let many = "References: <1@a.example>\r\n".repeat(20);
    let text = signed(&key, &format!("From: a@zorg.example\r\n{many}\r\nb\r\n")).unwrap();
    let (field, _) = text.split_once("\r\nFrom").unwrap();
    assert!(field.split("\r\n").all(|line| line.len() <= 78), "{field}");
}

#[test]
fn what_mail_servers_change_is_not_signed() {
    let key = key();
    let long = "x".repeat(999);
    for (text, error) in [
        ("To: a@b.example\r\n\r\nb\r\n".to_owned(), DkimError::NoFrom),
        ("From: a\r\n\r\nb\nc\r\n".to_owned(), DkimError::LineEnd { line: 3 }),
        ("From: a\r\n\r\nb\rc\r\n".to_owned(), DkimError::LineEnd { line: 3 }),
        (format!("From: a\r\n\r\n{long}\r\n"), DkimError::LongLine { line: 3 }),
    ] {
        assert_eq!(signed(&key, &text), Err(error), "{text:?}");
    }
    assert!(signed(&key, &format!("From: a\r\n\r\n{}", &long[1..])).is_ok());
}

#[test]
fn a_key_is_read_as_pkcs8_in_der_and_pem_and_nothing_else_is() {
    let pkcs8 = Key::generate().unwrap();
    let text = STANDARD.encode(&*pkcs8);
    let lines: Vec<&str> =
        (0..text.len()).step_by(64).map(|at| &text[at..(at + 64).min(text.len())]).collect();
    let pem = |label: &str| {
        format!("-----BEGIN {label}-----\r\n{}\r\n-----END {label}-----\r\n", lines.join("\r\n"))
    };
    let record = Key::read(&pkcs8).unwrap().record().unwrap();
    assert_eq!(Key::read(pem("PRIVATE KEY").as_bytes()).unwrap().record().unwrap(), record);
    for wrong in
        [pem("ENCRYPTED PRIVATE KEY"), pem("CERTIFICATE"), "-----BEGIN".to_owned(), String::new()]
    {
        assert_eq!(Key::read(wrong.as_bytes()).err(), Some(DkimError::Key), "{wrong}");
    }
    assert!(!format!("{:?}", Key::read(&pkcs8).unwrap()).contains(&text[..20]));
}

#[test]
fn a_record_is_split_into_strings_that_join_to_its_text() {
    let record = key().record().unwrap();
    assert!(record.len() > 255);
    let line = zone_line(&domain("s1._domainkey.zorg.example"), &record);
    let (name, strings) = line.split_once(" IN TXT ").unwrap();
    assert_eq!(name, "s1._domainkey.zorg.example.");
    let strings: Vec<&str> = strings.split("\" \"").map(|one| one.trim_matches('"')).collect();
    assert!(strings.len() > 1 && strings.iter().all(|one| one.len() <= 255));
    assert_eq!(strings.concat(), record);
}
