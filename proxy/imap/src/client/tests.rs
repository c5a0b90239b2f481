use proptest::prelude::*;
use secrecy::SecretString;
use wire::sasl::Mechanism;
use wire::{Machine as _, Pause};

use super::{Client, ClientError, Config, Event, Reason, Security};

#[derive(Debug, Default, PartialEq)]
struct Seen {
    events: Vec<Event>,
    out: Vec<u8>,
    end: Option<ClientError>,
}

fn pump(client: &mut Client, seen: &mut Seen) {
    loop {
        match client.next() {
            Pause::Write(bytes) => seen.out.extend(bytes),
            Pause::Event(event) => {
                let tls = event == Event::StartTls;
                seen.events.push(event);
                if tls && let Err(error) = client.tls_established() {
                    seen.end = Some(error);
                    return;
                }
            }
            Pause::Read => return,
            Pause::Failed(error) => {
                seen.end = Some(error);
                return;
            }
        }
    }
}

fn config(security: Security) -> Config {
    Config::new(security, "jan", SecretString::from("geh\"eim"))
}

/// Plays what the provider says (`S:`) and compares all that the client says with the `C:` lines.
fn play(config: Config, script: &str) -> Seen {
    let (mut client, mut seen) = (Client::new(config), Seen::default());
    for line in script.lines().map(str::trim_start) {
        match line.split_at_checked(3) {
            Some(("S: ", text)) => client.feed(format!("{text}\r\n").as_bytes()),
            Some(("C: ", text)) => {
                pump(&mut client, &mut seen);
                let expected = format!("{text}\r\n").into_bytes();
                let heard = String::from_utf8_lossy(&seen.out).into_owned();
                assert!(seen.out.starts_with(&expected), "wanted {text:?}, heard {heard:?}");
                seen.out.drain(..expected.len());
            }
            _ => assert!(line.is_empty(), "bad script line {line:?}"),
        }
    }
    pump(&mut client, &mut seen);
    assert_eq!(String::from_utf8_lossy(&seen.out), "", "said more");
    seen
}

/// What the client can do, once it is logged in, and what the server said behind that.
fn logged_in(seen: &Seen) -> (String, String) {
    let mut found = (String::new(), String::new());
    for event in &seen.events {
        match event {
            Event::LoggedIn(it) => found.0 = String::from_utf8(it.encode()).unwrap(),
            Event::Bytes(bytes) => found.1 += &String::from_utf8_lossy(bytes),
            Event::StartTls => {}
            Event::Refused(refusal) => panic!("{refusal:?}"),
        }
    }
    assert_eq!(seen.end, None);
    found
}

#[test]
fn dovecot_by_starttls_is_asked_anew_inside_tls() {
    let seen = play(
        config(Security::StartTls),
        "S: * OK [CAPABILITY IMAP4rev1 SASL-IR LOGINDISABLED AUTH=CRAM-MD5] Dovecot ready.
         C: Z1 STARTTLS
         S: * 5 EXISTS
         S: * CAPABILITY AUTH=PLAIN
         S: Z1 OK Begin TLS negotiation now.
         C: Z2 CAPABILITY
         S: * CAPABILITY IMAP4rev1 SASL-IR STARTTLS AUTH=PLAIN AUTH=LOGIN
         S: Z2 OK done
         C: Z3 AUTHENTICATE PLAIN AGphbgBnZWgiZWlt
         S: * CAPABILITY IMAP4rev1 IDLE
         S: Z3 OK [CAPABILITY IMAP4rev1 IDLE QUOTA] Logged in
         S: * 5 EXISTS",
    );
    let rest = "* 5 EXISTS\r\n".to_owned();
    assert_eq!(logged_in(&seen), ("CAPABILITY IMAP4rev1 IDLE QUOTA".to_owned(), rest));
}

#[test]
fn each_way_to_log_in_is_used_as_the_server_has_it() {
    let behind = "S: Z1 OK in\nC: Z2 CAPABILITY\nS: * CAPABILITY X\nS: Z2 OK done";
    for (mechanisms, script) in [
        (
            Mechanism::ALL.to_vec(),
            "S: * OK [CAPABILITY IMAP4rev1 AUTH=PLAIN AUTH=CRAM-MD5] Cyrus IMAP ready
             C: Z1 AUTHENTICATE CRAM-MD5
             S: + PDE4OTYuNjk3MTcwOTUyQHBvc3RvZmZpY2UucmVzdG9uLm1jaS5uZXQ+
             C: @CRAM@",
        ),
        (
            Mechanism::ALL.to_vec(),
            "S: * OK [CAPABILITY IMAP4rev1 AUTH=NTLM AUTH=PLAIN] The Microsoft Exchange IMAP4 service is ready.
             C: Z1 AUTHENTICATE PLAIN
             S: +
             C: AGphbgBnZWgiZWlt",
        ),
        (
            vec![Mechanism::Login],
            "S: * OK [CAPABILITY IMAP4rev1 AUTH=PLAIN] Gimap ready
             C: Z1 LOGIN \"jan\" \"geh\\\"eim\"",
        ),
    ] {
        let password = SecretString::from("geh\"eim");
        let challenge = b"<1896.697170952@postoffice.reston.mci.net>";
        let digest = wire::sasl::cram(challenge, &password).unwrap();
        let response = wire::sasl::cram_response("jan", digest);
        let cram = wire::sasl::encode(response.as_bytes());
        let script = format!("{}\n{behind}", script.replace("@CRAM@", &cram));
        let config = Config { mechanisms, ..config(Security::Implicit) };
        assert_eq!(logged_in(&play(config, &script)).0, "CAPABILITY X");
    }
}

#[test]
fn a_password_that_no_quotes_can_hold_goes_as_a_literal() {
    let config = Config {
        mechanisms: vec![Mechanism::Login],
        user: "j\u{e0}n".to_owned(),
        password: SecretString::from("\u{e9}"),
        ..config(Security::Clear)
    };
    let seen = play(
        config,
        "S: * OK hi
         C: Z1 CAPABILITY
         S: * CAPABILITY IMAP4rev1
         S: Z1 OK done
         C: Z2 LOGIN {4}
         S: + go on
         C: j\u{e0}n {2}
         S: + go on
         C: \u{e9}
         S: Z2 OK [CAPABILITY A] in",
    );
    assert_eq!(logged_in(&seen).0, "CAPABILITY A");
}

#[test]
fn a_refusal_is_a_fact_with_its_reason() {
    for (answer, reason) in [
        ("NO [AUTHENTICATIONFAILED] Authentication failed.", Reason::Refused),
        ("NO LOGIN failed.", Reason::Refused),
        ("NO [expired] new password please", Reason::Expired),
        ("NO [CONTACTADMIN] use an app password", Reason::NotAllowed),
        ("NO [UNAVAILABLE] later", Reason::Unavailable),
        ("BAD what", Reason::NotUnderstood),
    ] {
        let script = format!(
            "S: * OK [CAPABILITY SASL-IR AUTH=PLAIN] x\nC: Z1 AUTHENTICATE PLAIN AGphbgBnZWgiZWlt\nS: Z1 {answer}"
        );
        let seen = play(config(Security::Implicit), &script);
        assert_eq!(seen.end, Some(ClientError::Ended));
        let Some(Event::Refused(refusal)) = seen.events.last() else { panic!("{answer}") };
        assert_eq!(refusal.reason, reason, "{answer}");
        assert!(!format!("{:?}", seen.events).contains(&refusal.words));
    }
    for challenge in ["+ ???", "+ "] {
        let script = format!(
            "S: * OK [CAPABILITY AUTH=CRAM-MD5] x\nC: Z1 AUTHENTICATE CRAM-MD5\nS: {challenge}\nC: *\nS: Z1 BAD cancelled"
        );
        let seen = play(config(Security::Implicit), &script);
        assert!(matches!(seen.events.last(), Some(Event::Refused(_))));
    }
}

#[test]
fn no_credential_is_said_to_a_server_that_is_not_to_be_trusted() {
    let bye = |words: &str| ClientError::Bye { words: words.to_owned() };
    let garbage = |start: &str| ClientError::Garbage { start: start.to_owned() };
    let asked = "S: * OK [CAPABILITY AUTH=PLAIN SASL-IR] x\nC: Z1 STARTTLS\n";
    for (script, error) in [
        ("S: * PREAUTH [CAPABILITY IMAP4rev1] hi jan".to_owned(), ClientError::Preauth),
        ("S: * BYE too busy".to_owned(), bye("too busy")),
        ("S: HTTP/1.1 400 Bad Request".to_owned(), garbage("HTTP/1.1 400 Bad Request")),
        ("S: * 5 EXISTS".to_owned(), garbage("* 5 EXISTS")),
        (format!("{asked}S: Z1 BAD unknown"), ClientError::NoStartTls),
        (format!("{asked}S: * PREAUTH hi"), ClientError::Preauth),
        (format!("{asked}S: * BYE no\u{1b}[2J"), bye("no[2J")),
        (format!("{asked}S: + AGphbgBnZWhlaW0="), garbage("+ AGphbgBnZWhlaW0=")),
        (format!("{asked}S: Z9 OK go"), garbage("Z9 OK go")),
        (format!("{asked}S: Z1 OK go\nS: Z2 OK [CAPABILITY AUTH=PLAIN] in"), ClientError::Injected),
        (
            format!(
                "{asked}S: Z1 OK go\nC: Z2 CAPABILITY\nS: * CAPABILITY AUTH=NTLM LOGINDISABLED\nS: Z2 OK x"
            ),
            ClientError::NoMechanism,
        ),
        (format!("{asked}{}", "S: * OK filling\n".repeat(20_000)), ClientError::TooMuch),
        (format!("S: {}", "x".repeat(20_000)), ClientError::TooMuch),
    ] {
        let seen = play(config(Security::StartTls), &script);
        assert_eq!(seen.end, Some(error), "{:.200}", script);
    }
    // PREAUTH is refused inside TLS too: as whom we would be logged in is not known.
    let seen = play(config(Security::Implicit), "S: * PREAUTH hi");
    assert_eq!(seen.end, Some(ClientError::Preauth));
}

#[test]
fn bytes_that_come_while_tls_is_awaited_are_found() {
    let mut client = Client::new(config(Security::StartTls));
    client.feed(b"* OK hi\r\n");
    assert!(matches!(client.next(), Pause::Write(_)));
    client.feed(b"Z1 OK go\r\n");
    assert!(matches!(client.next(), Pause::Event(Event::StartTls)));
    assert_eq!(client.next(), Pause::Read);
    client.feed(b"* CAPABILITY AUTH=PLAIN\r\n");
    assert_eq!(client.tls_established(), Err(ClientError::Injected));
    assert_eq!(client.next(), Pause::Failed(ClientError::Injected));
}

#[test]
fn a_server_that_goes_away_is_told() {
    let mut client = Client::new(config(Security::Implicit));
    client.feed(b"* OK");
    client.feed_end();
    assert_eq!(client.next(), Pause::Failed(ClientError::Closed));
    let mut early = Client::new(config(Security::Implicit));
    early.pass(b"x");
    assert_eq!(early.next(), Pause::Failed(ClientError::OutOfOrder));
}

proptest! {
    #[test]
    fn the_dialogue_does_not_depend_on_how_the_bytes_are_cut(
        words in proptest::collection::vec(proptest::sample::select(vec![
            "* OK [CAPABILITY SASL-IR AUTH=PLAIN] x\r\n", "* OK x\r\n", "Z1 OK [CAPABILITY A] x\r\n",
            "Z1 OK x\r\n", "Z2 OK x\r\n", "* CAPABILITY AUTH=CRAM-MD5\r\n", "+ eA==\r\n", "* BYE x\r\n",
            "Z1 NO x\r\n", "\r", "* ",
        ]), 0..12),
        size in 1_usize..9,
    ) {
        let bytes = format!("* OK x\r\n{}", words.concat());
        let run = |size: usize| {
            let (mut client, mut seen) = (Client::new(config(Security::Implicit)), Seen::default());
            for piece in bytes.as_bytes().chunks(size) {
                client.feed(piece);
                pump(&mut client, &mut seen);
            }
            client.feed_end();
            pump(&mut client, &mut seen);
            let mut passed = Vec::new();
            seen.events.retain(|event| match event {
                Event::Bytes(bytes) => {
                    passed.extend_from_slice(bytes);
                    false
                }
                _ => true,
            });
            (seen, passed)
        };
        prop_assert_eq!(run(size), run(usize::MAX));
    }
}

#[test]
fn what_a_server_said_is_in_no_log() {
    let words = "Mailbox of Jansen is locked".to_owned();
    let errors =
        [ClientError::Garbage { start: words.clone() }, ClientError::Bye { words: words.clone() }];
    for error in errors {
        assert!(!format!("{error:?}").contains("Jansen"), "{error:?}");
        assert!(error.to_string().contains("Jansen"), "its own user is told");
    }
}
