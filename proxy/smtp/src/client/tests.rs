use mail::{Address, Param, Recipient};
use proptest::prelude::*;
use secrecy::SecretString;
use wire::{Machine as _, Pause};

use super::{Client, ClientError, Event, Limits, Sent};
use crate::{Mechanism, Reply};

/// What the client writes until it wants bytes, and what it told meanwhile.
fn pump(client: &mut Client) -> (String, Vec<Event>, Option<ClientError>) {
    let (mut out, mut events) = (Vec::new(), Vec::new());
    loop {
        match client.next() {
            Pause::Write(bytes) => out.extend(bytes),
            Pause::Event(event) => events.push(event),
            Pause::Read => return (String::from_utf8(out).unwrap(), events, None),
            Pause::Failed(error) => {
                return (String::from_utf8(out).unwrap(), events, Some(error));
            }
        }
    }
}

fn greeted() -> Client {
    let mut client = Client::new(Limits::default());
    client.feed(b"220 mx ESMTP\r\n");
    assert!(matches!(client.next(), Pause::Event(Event::Greeting(reply)) if reply.code() == 220));
    client
}

/// A client behind 354.
fn in_message() -> Client {
    let mut client = greeted();
    client.data();
    client.feed(b"354 go\r\n");
    pump(&mut client);
    client
}

fn recipient(text: &str) -> Recipient {
    Recipient {
        address: Address::parse(text).unwrap(),
        params: vec![Param::parse("NOTIFY=NEVER").unwrap()],
    }
}

fn answer(to: Sent, code: u16, text: &str) -> Event {
    let reply = Reply::new(code, "", text);
    Event::Reply { to, reply }
}

#[test]
fn a_pipelined_group_leaves_as_one_write_and_its_replies_are_told_apart() {
    let mut client = greeted();
    client.ehlo("ma chine\r\n.nl");
    assert_eq!(pump(&mut client).0, "EHLO machine.nl\r\n");
    client.feed(b"250-mx\r\n250 PIPELINING\r\n");
    assert_eq!(pump(&mut client).1.len(), 1);

    client.mail(None, &[Param::parse("SIZE=3").unwrap()]);
    client.rcpt(&recipient("\"a b\"@c.nl"));
    client.rcpt(&recipient("d@e.nl"));
    client.data();
    let group = "MAIL FROM:<> SIZE=3\r\nRCPT TO:<\"a b\"@c.nl> NOTIFY=NEVER\r\n\
                 RCPT TO:<d@e.nl> NOTIFY=NEVER\r\nDATA\r\n";
    assert!(matches!(client.next(), Pause::Write(bytes) if bytes == group.as_bytes()));
    client.feed(b"250 ok\r\n550-5.1.1 no\r\n550 5.1.1 user\r\n250 ok\r\n354 go\r\n");
    let events = pump(&mut client).1;
    assert_eq!(events[1], answer(Sent::Rcpt(0), 550, "5.1.1 no\n5.1.1 user"));
    assert_eq!(events[2], answer(Sent::Rcpt(1), 250, "ok"));
    assert_eq!(events[3], answer(Sent::Data, 354, "go"));

    for piece in [&b"a\r\n"[..], b".", b"b\r", b"\n.\r\n", b"end"] {
        client.chunk(piece);
    }
    client.finish();
    assert_eq!(pump(&mut client).0, "a\r\n..b\r\n..\r\nend\r\n.\r\n");
    client.feed(b"250 2.0.0 queued\r\n");
    assert_eq!(pump(&mut client).1, [answer(Sent::Message, 250, "2.0.0 queued")]);
    assert!(!client.awaits_reply());
    client.quit();
    assert_eq!(pump(&mut client).0, "QUIT\r\n");
}

/// The lines that the client writes, each behind what the server said; then the last event.
fn log_in(mechanism: Mechanism, user: &str, said: &[&str]) -> (Vec<String>, Event) {
    let mut client = greeted();
    client.auth(mechanism, user, &SecretString::from("tanstaaftanstaaf"));
    let mut lines = vec![pump(&mut client).0];
    for reply in said {
        client.feed(format!("{reply}\r\n").as_bytes());
        let (line, mut events, _) = pump(&mut client);
        match events.pop() {
            Some(event) => return (lines, event),
            None => lines.push(line),
        }
    }
    panic!("no end of {lines:?}");
}

#[test]
fn the_whole_login_happens_inside_the_machine() {
    let challenge = "334 PDE4OTYuNjk3MTcwOTUyQHBvc3RvZmZpY2UucmVzdG9uLm1jaS5uZXQ+";
    let (lines, event) = log_in(Mechanism::CramMd5, "tim", &[challenge, "235 ok"]);
    let response = "dGltIGI5MTNhNjAyYzdlZGE3YTQ5NWI0ZTZlNzMzNGQzODkw\r\n";
    assert_eq!(lines, ["AUTH CRAM-MD5\r\n", response]);
    assert!(matches!(event, Event::Authenticated(_)));

    let (lines, _) = log_in(Mechanism::Login, "tim", &["334 VXNlcm5hbWU6", "334 x", "235 ok"]);
    assert_eq!(lines, ["AUTH LOGIN\r\n", "dGlt\r\n", "dGFuc3RhYWZ0YW5zdGFhZg==\r\n"]);

    let (lines, event) = log_in(Mechanism::Plain, "tim", &["535 5.7.8 no"]);
    assert_eq!(lines, ["AUTH PLAIN AHRpbQB0YW5zdGFhZnRhbnN0YWFm\r\n"]);
    assert!(matches!(event, Event::AuthRefused(reply) if reply.code() == 535));

    let (lines, _) = log_in(Mechanism::Plain, &"u".repeat(600), &["334 ", "235 ok"]);
    assert_eq!(lines[0], "AUTH PLAIN\r\n");
    assert!(lines[1].len() > 800);
}

#[test]
fn a_challenge_that_makes_no_sense_is_cancelled() {
    let (lines, event) = log_in(Mechanism::CramMd5, "tim", &["334 ???", "501 cancelled"]);
    assert_eq!(lines, ["AUTH CRAM-MD5\r\n", "*\r\n"]);
    assert!(matches!(event, Event::AuthRefused(_)));
    let (lines, event) = log_in(Mechanism::Plain, "tim", &["334 ", "334 ", "235 ok"]);
    assert_eq!(lines.last().unwrap(), "*\r\n");
    assert!(matches!(event, Event::AuthRefused(reply) if reply.code() == 334));
}

#[test]
fn nothing_that_came_in_the_clear_survives_starttls() {
    let mut client = greeted();
    client.starttls();
    assert_eq!(pump(&mut client).0, "STARTTLS\r\n");
    client.feed(b"220 go\r\n");
    assert!(matches!(client.next(), Pause::Event(Event::StartTls(_))));
    assert_eq!(client.tls_established(), Ok(()));
    client.ehlo("x");
    assert_eq!(pump(&mut client).0, "EHLO x\r\n");

    for late in [false, true] {
        let mut client = greeted();
        client.starttls();
        pump(&mut client);
        client.feed(b"220 go\r\n");
        if !late {
            client.feed(b"250 evil\r\n");
        }
        assert!(matches!(client.next(), Pause::Event(Event::StartTls(_))));
        client.feed(b"250 evil\r\n");
        assert_eq!(client.tls_established(), Err(ClientError::Injected));
        assert_eq!(client.next(), Pause::Failed(ClientError::Injected));
    }
}

#[test]
fn a_refused_starttls_leaves_the_session_as_it_is() {
    let mut client = greeted();
    client.starttls();
    client.feed(b"454 4.7.0 not now\r\n");
    assert_eq!(pump(&mut client).1, [answer(Sent::StartTls, 454, "4.7.0 not now")]);
    assert_eq!(client.tls_established(), Err(ClientError::OutOfOrder));
}

#[test]
fn a_421_ends_the_session_at_any_moment() {
    let closing = Event::Closing(Reply::new(421, "", "4.3.0 bye"));
    let mut begun = greeted();
    begun.mail(None, &[]);
    for mut client in [Client::new(Limits::default()), greeted(), begun, in_message()] {
        client.feed(b"421 4.3.0 bye\r\n");
        let (_, events, error) = pump(&mut client);
        assert_eq!(events.as_slice(), core::slice::from_ref(&closing));
        assert_eq!(error, Some(ClientError::Closing));
    }
}

#[test]
fn a_server_that_goes_away_is_told_with_what_it_owed() {
    let mut client = in_message();
    client.chunk(b"x");
    client.finish();
    pump(&mut client);
    client.feed(b"250 ok");
    client.feed_end();
    let awaiting = Some(Sent::Message);
    assert_eq!(pump(&mut client).2, Some(ClientError::Closed { awaiting }));

    let mut client = in_message();
    client.feed_end();
    let awaiting = None;
    assert_eq!(pump(&mut client).2, Some(ClientError::Closed { awaiting }));
}

#[test]
fn a_reply_before_the_end_of_the_message_is_never_taken_for_an_acceptance() {
    for finish in [false, true] {
        let mut client = in_message();
        client.chunk(b"half");
        client.feed(b"250 ok\r\n");
        if finish {
            client.finish();
        }
        let (out, events, error) = pump(&mut client);
        assert_eq!((out.as_str(), events.len()), ("half", 0));
        assert_eq!(error, Some(ClientError::AnsweredEarly { code: 250 }));
    }
    let mut client = in_message();
    client.feed(b"552 5.3.4 too big\r\n");
    let (_, events, error) = pump(&mut client);
    assert_eq!(events, [answer(Sent::Message, 552, "5.3.4 too big")]);
    assert_eq!(error, Some(ClientError::AnsweredEarly { code: 552 }));
}

#[test]
fn what_is_no_reply_ends_the_dialogue_with_a_clear_word() {
    let mut client = Client::new(Limits::default());
    client.feed(b"HTTP/1.1 400 Bad Request\r\n");
    let start = "HTTP/1.1 400 Bad Request".to_owned();
    assert_eq!(pump(&mut client).2, Some(ClientError::Garbage { start }));

    let mut client = Client::new(Limits::default());
    client.feed(&b"220-hello\r\n".repeat(10_000));
    assert_eq!(pump(&mut client).2, Some(ClientError::ReplyTooLong));

    let mut client = greeted();
    client.feed(b"250 what\r\n");
    assert_eq!(pump(&mut client).2, Some(ClientError::Unexpected { code: 250 }));
}

#[test]
fn commands_out_of_their_order_are_a_fault() {
    let faults: [fn(&mut Client); 4] = [
        |client| client.chunk(b"x"),
        Client::finish,
        |client| {
            client.starttls();
            client.noop();
        },
        |client| {
            client.data();
            client.rset();
        },
    ];
    for fault in faults {
        let mut client = greeted();
        fault(&mut client);
        assert_eq!(pump(&mut client).2, Some(ClientError::OutOfOrder));
    }
}

proptest! {
    #[test]
    fn the_replies_do_not_depend_on_how_the_bytes_are_cut(
        pieces in proptest::collection::vec(proptest::sample::select(vec![&b"250 ok\r\n"[..], b"250-a\r\n", b"550 5.1.1 no\r\n", b"354 go\r\n", b"421 bye\r\n", b"x", b"\r", b"\n"]), 0..30),
        size in 1_usize..9,
    ) {
        let bytes = pieces.concat();
        let begin = || {
            let mut client = greeted();
            client.mail(None, &[]);
            for _ in 0..10 {
                client.rcpt(&recipient("a@b.nl"));
            }
            client.data();
            client
        };
        let mut whole = begin();
        whole.feed(&bytes);
        whole.feed_end();
        let expected = pump(&mut whole);

        let mut cut = begin();
        let mut found = pump(&mut cut);
        for piece in bytes.chunks(size) {
            cut.feed(piece);
            let (_, events, error) = pump(&mut cut);
            found.1.extend(events);
            found.2 = error;
        }
        cut.feed_end();
        let (_, events, error) = pump(&mut cut);
        found.1.extend(events);
        found.2 = error;
        prop_assert_eq!(found, expected);
    }
}
