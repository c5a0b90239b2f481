use secrecy::SecretString;
use wire::{Machine as _, Pause};

use super::{Aside, Done, Event, Moment, Sought, Special};
use crate::client::{ClientError, Config, Reason, Security};
use crate::relay::Limits;
use crate::{Access, Selected};

fn pump(aside: &mut Aside) -> (String, Vec<Event>, Option<ClientError>) {
    let (mut out, mut events) = (Vec::new(), Vec::new());
    loop {
        match aside.next() {
            Pause::Write(bytes) => out.extend(bytes),
            Pause::Event(event) => events.push(event),
            Pause::Read => return (String::from_utf8(out).unwrap(), events, None),
            Pause::Failed(error) => {
                return (String::from_utf8(out).unwrap(), events, Some(error));
            }
        }
    }
}

fn logged_in() -> Aside {
    let config = Config::new(Security::Implicit, "jan", SecretString::from("x"));
    let mut aside = Aside::new(config, Limits { tap: 1_000, message: 100 });
    aside.feed(b"* OK [CAPABILITY SASL-IR AUTH=PLAIN] hi\r\nZ1 OK [CAPABILITY A] in\r\n");
    let (said, events, error) = pump(&mut aside);
    assert!(said.starts_with("Z1 AUTHENTICATE PLAIN ") && error.is_none());
    assert!(matches!(events.as_slice(), [Event::LoggedIn(_)]));
    aside
}

/// Feeds what the server says a byte at a time; what the command came to, and what was said.
fn answer(aside: &mut Aside, text: &str) -> (String, Option<Done>) {
    let (mut said, mut done) = (pump(aside).0, None);
    for byte in text.bytes() {
        aside.feed(&[byte]);
        let (more, events, error) = pump(aside);
        assert!(error.is_none() || events.contains(&Event::Done(Done::LoggedOut)), "{error:?}");
        said += &more;
        for event in events {
            let Event::Done(it) = event else { panic!("{event:?}") };
            assert!(done.replace(it).is_none());
        }
    }
    (said, done)
}

fn opened(aside: &mut Aside, name: &str, access: Access, end: &str) -> (String, Selected) {
    aside.open(name.as_bytes(), access);
    let flags = "* FLAGS (\\Seen)\r\n* OK [PERMANENTFLAGS (\\Seen \\*)] x\r\n";
    let text = format!("{flags}* 3 EXISTS\r\n* OK [UIDVALIDITY 7] x\r\n{end}\r\n");
    let (said, done) = answer(aside, &text);
    let Some(Done::Opened(selected)) = done else { panic!("{done:?}") };
    (said, selected)
}

#[test]
fn a_message_is_fetched_marked_and_put_away() {
    let mut aside = logged_in();
    let (said, selected) =
        opened(&mut aside, "Pati&AOs-nten \"x\"", Access::ReadOnly, "Y1 OK [READ-ONLY] in");
    assert_eq!(said, "Y1 EXAMINE \"Pati&AOs-nten \\\"x\\\"\"\r\n");
    assert_eq!((selected.uid_validity, selected.access), (Some(7), Access::ReadOnly));
    assert!(!selected.takes("$NtaVerified"));

    aside.fetch(12);
    let (said, done) = answer(
        &mut aside,
        "* 4 EXISTS\r\n* 1 FETCH (UID 11 BODY[] {1}\r\nx)\r\n\
         * 2 FETCH (RFC822.SIZE 5 BODY[] {5}\r\n)\r\nY2 UID 12)\r\n* 1 EXPUNGE\r\nY2 OK done\r\n",
    );
    assert_eq!(said, "Y2 UID FETCH 12 (UID RFC822.SIZE BODY.PEEK[])\r\n");
    assert_eq!(done, Some(Done::Message(b")\r\nY2".to_vec())));

    aside.fetch(13);
    assert_eq!(answer(&mut aside, "Y3 OK done\r\n").1, Some(Done::Gone));
    aside.fetch(13);
    let large =
        format!("* 3 FETCH (UID 13 RFC822.SIZE 200 BODY[] {{200}}\r\n{})\r\n", "x".repeat(200));
    let done = answer(&mut aside, &format!("{large}Y4 OK done\r\n")).1;
    assert_eq!(done, Some(Done::TooLarge { size: Some(200) }));

    let (said, selected) = opened(&mut aside, "INBOX", Access::ReadWrite, "Y5 OK [READ-WRITE] in");
    assert_eq!(said, "Y5 SELECT \"INBOX\"\r\n");
    assert!(selected.takes("$NtaVerified"));
    aside.mark(12, "$NtaVerified");
    let (said, done) = answer(&mut aside, "* 2 FETCH (UID 12 MODSEQ (8))\r\nY6 OK done\r\n");
    assert_eq!(said, "Y6 UID STORE 12 +FLAGS.SILENT ($NtaVerified)\r\n");
    assert_eq!(done, Some(Done::Marked));

    aside.append("Verzonden \u{eb}".as_bytes(), &["\\Seen", "$X"], None, b"Subject: x\r\n\r\n\xff");
    aside.client.feed(b"");
    let mut out = Vec::new();
    for (consent, piece) in [
        ("", &b"Y7 APPEND {12}\r\n"[..]),
        ("+ ok\r\n", "Verzonden \u{eb} (\\Seen $X) {15}\r\n".as_bytes()),
        ("+ ok\r\n", b"Subject: x\r\n\r\n\xff\r\n"),
    ] {
        aside.feed(consent.as_bytes());
        assert_eq!(aside.next(), Pause::Write(piece.to_vec()));
        out.extend_from_slice(piece);
    }
    let done = answer(&mut aside, "Y7 OK [APPENDUID 3 9] done\r\n").1;
    assert_eq!(done, Some(Done::Appended { uid: Some((3, 9)) }));

    aside.log_out();
    let (said, done) = answer(&mut aside, "* BYE\r\nY8 OK bye\r\n");
    assert_eq!((said.as_str(), done), ("Y8 LOGOUT\r\n", Some(Done::LoggedOut)));
}

const MOMENT: Moment = Moment { year: 2026, month: 3, day: 1, hour: 9, minute: 5, second: 7 };

#[test]
fn a_message_is_found_dated_and_taken_out_alone() {
    let mut aside = logged_in();
    let sought = Sought::new("<a\"b@praktijk.nl>").unwrap();
    aside.search(&sought.clone().since(MOMENT));
    let (said, done) = answer(&mut aside, "* SEARCH 7 12\r\n* 3 EXISTS\r\nY1 OK done\r\n");
    let expected = "Y1 UID SEARCH SINCE 1-Mar-2026 HEADER Message-ID \"<a\\\"b@praktijk.nl>\"\r\n";
    assert_eq!((said.as_str(), done), (expected, Some(Done::Found(vec![7, 12]))));
    aside.search(&sought);
    let (said, done) = answer(&mut aside, "* SEARCH\r\nY2 OK done\r\n");
    assert!(said.starts_with("Y2 UID SEARCH HEADER Message-ID "), "{said}");
    assert_eq!(done, Some(Done::Found(Vec::new())));
    for id in ["", "<a b@c>", "<a@c>\r\nY3 DELETE x", "<\u{eb}@c>"] {
        assert_eq!(Sought::new(id), None);
    }

    aside.append(b"Sent", &["\\Seen"], Some(MOMENT), b"x");
    let (said, _) = answer(&mut aside, "+ go\r\nY3 OK done\r\n");
    let expected = "Y3 APPEND \"Sent\" (\\Seen) \" 1-Mar-2026 09:05:07 +0000\" {1}\r\nx\r\n";
    assert_eq!(said, expected);
    aside.unmark(12, "\\Deleted");
    let (said, done) = answer(&mut aside, "Y4 OK done\r\n");
    assert_eq!(said, "Y4 UID STORE 12 -FLAGS.SILENT (\\Deleted)\r\n");
    assert_eq!(done, Some(Done::Marked));
    aside.expunge(12);
    let (said, done) = answer(&mut aside, "* 2 EXPUNGE\r\nY5 OK done\r\n");
    assert_eq!((said.as_str(), done), ("Y5 UID EXPUNGE 12\r\n", Some(Done::Expunged)));
}

#[test]
fn mailboxes_are_listed_with_what_they_are_for() {
    let mut aside = logged_in();
    aside.list(Special::OrNot);
    let (said, done) = answer(
        &mut aside,
        "* LIST (\\HasNoChildren \\sent) \"/\" \"Verzonden items\"\r\n\
         * LIST (\\Noselect) NIL Weg\r\n* LIST () \".\" {5}\r\na\"b\r\n\r\nY1 OK done\r\n",
    );
    assert_eq!(said, "Y1 LIST \"\" \"*\"\r\n");
    let Some(Done::Listed(mailboxes)) = done else { panic!("{done:?}") };
    let told: Vec<_> = mailboxes
        .iter()
        .map(|one| (one.mailbox.as_slice(), one.is("\\Sent"), one.can_be_opened()))
        .collect();
    let expected: [(&[u8], _, _); 3] =
        [(b"Verzonden items", true, true), (b"Weg", false, false), (b"a\"b\r\n", false, true)];
    assert_eq!(told, expected);
    aside.list(Special::Only);
    let (said, done) = answer(&mut aside, "Y2 OK done\r\n");
    assert_eq!(said, "Y2 LIST (SPECIAL-USE) \"\" \"*\"\r\n");
    assert_eq!(done, Some(Done::Listed(Vec::new())));
}

#[test]
fn a_refusal_leaves_the_connection_usable() {
    let mut aside = logged_in();
    aside.append(b"Weg", &[], None, b"x");
    let (said, done) = answer(&mut aside, "Y1 NO [TRYCREATE] no such mailbox\r\n");
    assert_eq!(said, "Y1 APPEND \"Weg\" {1}\r\n");
    let Some(Done::Refused(refusal)) = done else { panic!() };
    assert_eq!(refusal.reason, Reason::NoMailbox);
    aside.open(b"Weg", Access::ReadOnly);
    assert!(matches!(answer(&mut aside, "Y2 NO no\r\n").1, Some(Done::Refused(_))));
}

#[test]
fn what_cannot_go_on_is_told() {
    let mut busy = logged_in();
    busy.fetch(1);
    busy.fetch(2);
    let mut early = Aside::new(
        Config::new(Security::Implicit, "jan", SecretString::from("x")),
        Limits::default(),
    );
    early.log_out();
    let mut forged = logged_in();
    forged.mark(1, "$X) \\Deleted");
    let mut flagged = logged_in();
    flagged.append(b"x", &["\\Seen\r\n"], None, b"x");
    for mut aside in [busy, early, forged, flagged] {
        assert_eq!(pump(&mut aside).2, Some(ClientError::OutOfOrder));
    }
    let mut bye = logged_in();
    bye.feed(b"* BYE idle too long\r\n");
    let words = "idle too long".to_owned();
    assert_eq!(pump(&mut bye).2, Some(ClientError::Bye { words }));
    let mut gone = logged_in();
    gone.fetch(1);
    gone.feed(b"* 1 FETCH (UID 1 BODY[] {9}\r\nhalf");
    gone.feed_end();
    assert_eq!(pump(&mut gone).2, Some(ClientError::Closed));
    let mut late = logged_in();
    late.fetch(1);
    pump(&mut late);
    late.feed(b"Y1 OK gone\r\n");
    late.feed_end();
    let (_, events, error) = pump(&mut late);
    assert_eq!((events, error), (vec![Event::Done(Done::Gone)], Some(ClientError::Closed)));
}

#[test]
fn ten_gigabytes_are_neither_kept_nor_waited_for() {
    let mut aside = logged_in();
    opened(&mut aside, "INBOX", Access::ReadOnly, "Y1 OK [READ-ONLY] in");
    aside.fetch(13);
    pump(&mut aside);
    aside.feed(b"* 1 FETCH (UID 13 BODY[] {10000000000}\r\nX-NTA7516: x\r\n");
    let (_, events, error) = pump(&mut aside);
    let expected = Done::TooLarge { size: Some(10_000_000_000) };
    assert_eq!((events, error), (vec![Event::Done(expected)], Some(ClientError::Ended)));
    // Whoever goes on feeding it makes it keep nothing, and asks it nothing.
    for _ in 0..1_000 {
        aside.feed(&[b'x'; 1_000]);
    }
    aside.fetch(14);
    let (said, events, error) = pump(&mut aside);
    assert_eq!((said.as_str(), events.len(), error), ("", 0, Some(ClientError::Ended)));
    assert_eq!(aside.unit.kept(), 0);
}
