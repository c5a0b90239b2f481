use super::*;
use crate::tests::vault;

const NOW: i64 = 1_780_000_000_000;

fn at(offset: i64) -> Timestamp {
    Timestamp::from_millisecond(NOW + offset).unwrap()
}

fn new(account: &str, text: &str, received: i64) -> NewIncoming {
    NewIncoming {
        account: Address::parse(account).unwrap(),
        message: Message::new(text.as_bytes().to_vec()),
        from: "arts@ziekenhuis.nl".to_owned(),
        subject: "overdracht".to_owned(),
        received_at: at(received),
        verdict: "{\"verdict\":\"pass\"}".to_owned(),
    }
}

fn place(uid: u32) -> Place {
    let account = Address::parse("a@b.nl").unwrap();
    Place { account, mailbox: b"INBOX".to_vec(), uid_validity: 7, uid }
}

#[test]
fn a_message_has_one_verdict_an_account_and_a_newer_one_takes_its_place() {
    let (_folder, vault) = vault();
    let text = "Message-ID: <1@x>\r\n\r\nhallo\r\n";
    let first = vault.put_incoming(&new("a@b.nl", text, 0), at(1)).unwrap();
    let again = NewIncoming { verdict: "{}".to_owned(), ..new("a@b.nl", text, 0) };
    assert_eq!(vault.put_incoming(&again, at(2)).unwrap(), first);
    let other = vault.put_incoming(&new("c@b.nl", text, -5), at(3)).unwrap();
    let changed = vault.put_incoming(&new("a@b.nl", &text.replace("hallo", "hoi"), 9), at(4));
    let listed = vault.list_incoming(10).unwrap();
    let ids: Vec<_> = listed.iter().map(|one| one.id).collect();
    assert_eq!(ids, [changed.unwrap(), first, other], "received last comes first");
    assert_eq!((listed[1].verdict.as_str(), listed[1].judged_at), ("{}", at(2)));
    assert_eq!(vault.incoming(first).unwrap().unwrap(), listed[1]);
    assert_eq!(vault.list_incoming(1).unwrap().len(), 1);
    let of = |account: &str, text: &str| {
        let one = new(account, text, 0);
        vault.incoming_of(&one.account, &one.message).unwrap().map(|kept| kept.id)
    };
    assert_eq!((of("a@b.nl", text), of("c@b.nl", text)), (Some(first), Some(other)));
    assert_eq!(of("a@b.nl", "Message-ID: <1@x>\r\n\r\nanders\r\n"), None);
    let unknown: IncomingId = "01J00000000000000000000000".parse().unwrap();
    assert_eq!(vault.incoming(unknown).unwrap(), None);
}

#[test]
fn a_place_is_known_and_looked_at_again_when_it_is_due() {
    let (_folder, vault) = vault();
    let id = vault.put_incoming(&new("a@b.nl", "Subject: x\r\n\r\n", 0), at(0)).unwrap();
    assert!(!vault.knows_place(&place(1)).unwrap());
    vault.note_place(&place(1), id, None).unwrap();
    vault.note_place(&place(2), id, Some(at(100))).unwrap();
    vault.note_place(&place(3), id, Some(at(50))).unwrap();
    assert!(vault.knows_place(&place(1)).unwrap());
    assert!(!vault.knows_place(&Place { uid_validity: 8, ..place(1) }).unwrap());
    assert_eq!(vault.due_incoming(at(49), 9).unwrap(), []);
    let uids = |now: i64, most: usize| -> Vec<(u32, u32)> {
        let due = vault.due_incoming(at(now), most).unwrap();
        due.iter().map(|one| (one.place.uid, one.tries)).collect()
    };
    assert_eq!(uids(100, 9), [(3, 1), (2, 1)]);
    assert_eq!(uids(100, 1), [(3, 1)]);
    vault.note_place(&place(3), id, Some(at(60))).unwrap();
    assert_eq!(uids(100, 1), [(3, 2)]);
    vault.note_place(&place(3), id, None).unwrap();
    // What cannot be had now makes room for what waits behind it.
    let second = vault.due_incoming(at(100), 1).unwrap().remove(0);
    vault.put_off(&second, Some(at(120))).unwrap();
    assert_eq!((uids(119, 9), uids(120, 9)), (Vec::new(), vec![(2, 1)]));
    vault.put_off(&DueIncoming { tries: 2, ..second.clone() }, Some(at(120))).unwrap();
    assert_eq!(uids(120, 9), [(2, 2)]);
    // It was put off while the clock was a year ahead.
    vault
        .put_off(&DueIncoming { tries: 2, ..second.clone() }, Some(at(365 * 24 * 3_600_000)))
        .unwrap();
    assert_eq!(uids(120, 9), [(2, 2)]);
    vault.put_off(&second, None).unwrap();
    assert_eq!(uids(200, 9), []);
    assert!(vault.knows_place(&place(2)).unwrap());
}

#[test]
fn neither_who_nor_what_is_printed() {
    let (_folder, vault) = vault();
    let one = new("a@b.nl", "Subject: geheim\r\n\r\n", 0);
    vault.put_incoming(&one, at(0)).unwrap();
    let kept = vault.list_incoming(1).unwrap();
    let printed =
        format!("{one:?} {kept:?} {:?}", Place { mailbox: b"Jansen".to_vec(), ..place(1) });
    for word in ["overdracht", "ziekenhuis", "geheim", "Jansen", "b.nl"] {
        assert!(!printed.contains(word), "{printed}");
    }
}
