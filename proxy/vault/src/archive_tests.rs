//! What is kept, found again and destroyed.

use super::*;
use crate::tests::{address, at, hold, vault};

fn new<'a>(bytes: &'a [u8], meta: &'a ArchiveMeta) -> NewCopy<'a> {
    NewCopy { bytes, meta, text: &NO_TEXT }
}

static NO_TEXT: Text = Text::EMPTY;

fn meta(recipient: &str) -> ArchiveMeta {
    ArchiveMeta {
        account: address("jan@praktijk.nl"),
        direction: Direction::Sent,
        from: Some(address("jan@praktijk.nl")),
        recipients: vec![address(recipient)],
        subject: "Verwijzing".to_owned(),
        sent_at: at(5),
        signed: true,
        attachments: Vec::new(),
        proofs: vec![serde_json::json!({ "route": "direct", "to": recipient })],
    }
}

#[test]
fn a_copy_comes_back_byte_for_byte() {
    let (_folder, vault) = vault();
    let id = hold(&vault, "x", at(1));
    let copy = vault.keep_copy(id, new(b"as sent", &meta("a@b.nl")), at(2)).unwrap();
    assert_eq!(copy.to_string(), id.to_string());
    assert_eq!(vault.read_copy(copy).unwrap().bytes(), b"as sent");
    assert_eq!(vault.list_copies().unwrap()[0].meta, meta("a@b.nl"));
}

#[test]
fn the_same_bytes_are_kept_once_and_gather_recipients() {
    let (_folder, vault) = vault();
    let id = hold(&vault, "x", at(1));
    vault.keep_copy(id, new(b"as sent", &meta("a@b.nl")), at(2)).unwrap();
    vault.keep_copy(id, new(b"as sent", &meta("c@d.nl")), at(3)).unwrap();
    let other = vault.keep_copy(id, new(b"plain", &meta("e@f.nl")), at(4)).unwrap();
    assert_eq!(other.to_string(), format!("{id}-2"));
    assert_eq!(other, other.to_string().parse().unwrap());
    let copies = vault.list_copies().unwrap();
    assert_eq!(copies.len(), 2);
    assert_eq!(copies[0].meta.recipients.len(), 2);
    assert_eq!(copies[0].meta.proofs.len(), 2);
    assert_eq!(vault.read_copy(other).unwrap().bytes(), b"plain");
    assert_eq!(vault.copy(other).unwrap().unwrap().meta.recipients[0], address("e@f.nl"));
}

#[test]
fn an_answer_to_nta_mail_is_known_by_its_reference() {
    let (_folder, vault) = vault();
    let id = hold(&vault, "x", at(1));
    let signed = b"Message-ID: <1@praktijk.nl>\r\n\r\nx";
    vault.keep_copy(id, new(signed, &meta("a@b.nl")), at(2)).unwrap();
    vault.note_nta_mail(&Message::new(b"Message-Id:\r\n <2@b.nl>\r\n\r\n".to_vec())).unwrap();
    let knows = |id: &str| vault.knows_nta_mail(&["<0@x>".to_owned(), id.to_owned()]).unwrap();
    assert!(knows("<1@praktijk.nl>") && knows("2@b.nl"));
    assert!(!knows("<3@b.nl>"));
    assert!(!vault.knows_nta_mail(&[]).unwrap());
}

#[test]
fn an_unknown_copy_is_said_to_be_unknown() {
    let (_folder, vault) = vault();
    let id = "01ARZ3NDEKTSV4RRFFQ69G5FAV".parse().unwrap();
    assert!(vault.copy(id).unwrap().is_none());
    assert!(matches!(vault.read_copy(id), Err(VaultError::UnknownMessage { .. })));
    assert!("01ARZ3NDEKTSV4RRFFQ69G5FAV-x".parse::<ArchiveId>().is_err());
}
