use secrecy::SecretString;
use wire::{Machine as _, Pause};

use super::{Aside, Done, Event};
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

    aside.append("Verzonden \u{eb}".as_bytes(), &["\\Seen", "$X"], b"Subject: x\r\n\r\n\xff");
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

#[test]
fn a_refusal_leaves_the_connection_usable() {
    let mut aside = logged_in();
    aside.append(b"Weg", &[], b"x");
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
    flagged.append(b"x", &["\\Seen\r\n"], b"x");
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
