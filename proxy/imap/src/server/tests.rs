use proptest::prelude::*;
use secrecy::SecretString;
use wire::{Machine as _, Pause, sasl};

use super::{Answer, Config, Event, Server, ServerError, Tls};
use crate::capabilities::Capabilities;

#[derive(Debug, Default, PartialEq)]
struct Seen {
    log: Vec<String>,
    out: Vec<u8>,
    end: Option<ServerError>,
}

/// An owner who knows one password, and users for whom the provider is away or refuses.
fn pump(server: &mut Server, seen: &mut Seen) {
    loop {
        match server.next() {
            Pause::Write(bytes) => seen.out.extend(bytes),
            Pause::Event(Event::StartTls) => {
                server.feed(b"x LOGIN evil evil\r\n");
                server.tls_established();
            }
            Pause::Event(Event::Authenticate(credentials)) => {
                let good = credentials.matches(&SecretString::from("geheim"));
                seen.log.push(format!("login {}", credentials.user));
                server.answer(match (good, credentials.user.as_str()) {
                    (false, _) => Answer::Wrong,
                    (true, "weg") => Answer::Unavailable("De server\r\nis weg".to_owned()),
                    (true, "oud") => Answer::Refused("Ask the helpdesk".to_owned()),
                    (true, _) => {
                        let there = b"IMAP4rev1 IDLE COMPRESS=DEFLATE AUTH=PLAIN";
                        Answer::LoggedIn(Capabilities::parse(there))
                    }
                });
            }
            Pause::Event(Event::Bytes(bytes)) => {
                seen.log.push(format!("bytes {:?}", String::from_utf8_lossy(&bytes)));
            }
            Pause::Event(Event::Quit) => seen.log.push("quit".to_owned()),
            Pause::Read => return,
            Pause::Failed(error) => {
                seen.end = Some(error);
                return;
            }
        }
    }
}

fn server(tls: Tls) -> Server {
    Server::new(Config::new("zz", tls), [1; 16], 1_700_000_000)
}

/// Plays `C:` lines (CRLF is added, `C|` adds none) and compares all that the server says with the
/// `S:` lines.
fn play(mut server: Server, script: &str) -> Seen {
    let mut seen = Seen::default();
    for line in script.lines().map(str::trim_start) {
        match line.split_at_checked(3) {
            Some(("C: ", text)) => server.feed(format!("{text}\r\n").as_bytes()),
            Some(("C| ", text)) => server.feed(text.as_bytes()),
            Some(("S: ", text)) => {
                pump(&mut server, &mut seen);
                let expected = format!("{text}\r\n").into_bytes();
                let heard = String::from_utf8_lossy(&seen.out).into_owned();
                assert!(seen.out.starts_with(&expected), "wanted {text:?}, heard {heard:?}");
                seen.out.drain(..expected.len());
            }
            _ => assert!(line.is_empty(), "bad script line {line:?}"),
        }
    }
    pump(&mut server, &mut seen);
    assert_eq!(String::from_utf8_lossy(&seen.out), "", "said more");
    seen
}

const HELLO: &str = "S: * OK [CAPABILITY IMAP4rev1 LITERAL+ ID SASL-IR AUTH=CRAM-MD5 AUTH=PLAIN AUTH=LOGIN] Zorgzegel ready\n";
const IN: &str = "a OK [CAPABILITY IMAP4rev1 IDLE] Logged in";
const WRONG: &str = "a NO [AUTHENTICATIONFAILED] User name or password is wrong";

#[test]
fn a_session_begins_behind_starttls_and_login() {
    let seen = play(
        server(Tls::StartTls),
        "S: * OK [CAPABILITY IMAP4rev1 LITERAL+ ID STARTTLS LOGINDISABLED] Zorgzegel ready
         C: 1 capability
         S: * CAPABILITY IMAP4rev1 LITERAL+ ID STARTTLS LOGINDISABLED
         S: 1 OK CAPABILITY done
         C: 2 LOGIN jan geheim
         S: 2 NO [PRIVACYREQUIRED] Say STARTTLS first
         C: 3 SELECT INBOX
         S: 3 BAD Say STARTTLS first, then log in
         C: 4 STARTTLS
         C: 4b LOGIN thrown away
         S: 4 OK Begin TLS now
         C: 5 STARTTLS
         S: 5 BAD TLS is on already
         C: 6 ID (\"name\" {7}
         S: + Go ahead
         C| Mailbox
         C: )
         S: * ID (\"name\" \"Zorgzegel\")
         S: 6 OK ID done
         C: 7 NOOP
         S: 7 OK NOOP done
         C: a LOGIN jan geheim
         S: a OK [CAPABILITY IMAP4rev1 IDLE] Logged in
         C: 8 SELECT INBOX",
    );
    assert_eq!(seen.log, ["login jan", "bytes \"8 SELECT INBOX\\r\\n\""]);
    assert_eq!(seen.end, None);
}

#[test]
fn every_form_of_a_login_is_taken() {
    for script in [
        format!("C: a LOGIN jan geheim\nS: {IN}"),
        format!("C: a login \"jan\" \"geheim\"\nS: {IN}"),
        format!("C: a LOGIN {{3}}\nS: + Go ahead\nC: jan {{6}}\nS: + Go ahead\nC: geheim\nS: {IN}"),
        format!("C: a LOGIN {{3+}}\nC: jan {{6+}}\nC: geheim\nS: {IN}"),
        format!("C: a LOGIN jan {{6}}\nS: + Go ahead\nC| ge\nC: heim\nS: {IN}"),
        format!("C: a AUTHENTICATE PLAIN\nS: + \nC: AGphbgBnZWhlaW0=\nS: {IN}"),
        format!("C: a authenticate plain AGphbgBnZWhlaW0=\nS: {IN}"),
        format!(
            "C: a AUTHENTICATE LOGIN\nS: + VXNlcm5hbWU6\nC: amFu\nS: + UGFzc3dvcmQ6\nC: Z2VoZWlt\nS: {IN}"
        ),
        format!("C: a AUTHENTICATE LOGIN amFu\nS: + UGFzc3dvcmQ6\nC: Z2VoZWlt\nS: {IN}"),
        format!(
            "C: a AUTHENTICATE PLAIN\nS: + \nC: *\nS: a BAD Login cancelled\nC: a LOGIN jan geheim\nS: {IN}"
        ),
    ] {
        let seen = play(server(Tls::Implicit), &format!("{HELLO}{script}"));
        assert_eq!(seen.log, ["login jan"], "{script}");
    }
}

#[test]
fn a_failed_login_says_why() {
    for (script, answer) in [
        ("a LOGIN jan x", WRONG),
        ("a LOGIN \"j\\\"an\" {0+}\r\n", WRONG),
        ("a AUTHENTICATE PLAIN =", WRONG),
        ("a AUTHENTICATE PLAIN AGphbgB4", WRONG),
        ("a LOGIN weg geheim", "a NO [UNAVAILABLE] De server??is weg"),
        ("a LOGIN oud geheim", "a NO [CONTACTADMIN] Ask the helpdesk"),
        ("a AUTHENTICATE PLAIN ????", "a BAD The response is not base64"),
        ("a AUTHENTICATE CRAM-MD5 =", "a BAD CRAM-MD5 takes no initial response"),
        ("a AUTHENTICATE NTLM", "a NO This way to log in is not known here"),
        ("a LOGIN jan", "a BAD LOGIN takes a user name and a password"),
        ("a LOGIN jan geheim x", "a BAD LOGIN takes a user name and a password"),
        ("a LOGIN (jan) geheim", "a BAD LOGIN takes a user name and a password"),
        ("a LOGIN jan \"ge", "a BAD LOGIN takes a user name and a password"),
        ("a SELECT INBOX", "a BAD Log in first (LOGIN or AUTHENTICATE)"),
        ("a", "* BAD This is no command"),
        ("", "* BAD This is no command"),
        ("a+b NOOP", "* BAD This is no command"),
        ("a LOGIN {9999}", "a BAD [TOOBIG] The literal is too long"),
        ("a LOGOUT", "* BYE Logging out\nS: a OK LOGOUT done"),
        ("a LOGIN {9999+}", "* BYE The literal is too long"),
    ] {
        let mut server = server(Tls::None);
        server.feed(format!("{script}\r\n").as_bytes());
        play(server, &format!("{HELLO}S: {answer}"));
    }
}

#[test]
fn a_challenge_is_answered_once_and_never_repeats() {
    let mut server = server(Tls::Implicit);
    let (mut seen, mut challenges) = (Seen::default(), Vec::new());
    for password in ["wrong", "geheim"] {
        pump(&mut server, &mut seen);
        seen.out.clear();
        server.feed(b"a AUTHENTICATE CRAM-MD5\r\n");
        pump(&mut server, &mut seen);
        let text = String::from_utf8(core::mem::take(&mut seen.out)).unwrap();
        let challenge = sasl::decode(text[2..].trim_end()).unwrap();
        let digest = sasl::cram(&challenge, &SecretString::from(password)).unwrap();
        let response = sasl::encode(sasl::cram_response("jan", digest).as_bytes());
        server.feed(format!("{response}\r\n").as_bytes());
        challenges.push(challenge);
    }
    pump(&mut server, &mut seen);
    assert_eq!(seen.out, format!("{IN}\r\n").as_bytes());
    assert_ne!(challenges[0], challenges[1]);
}

#[test]
fn a_stranger_is_not_heard_without_end() {
    let six = format!("C: a LOGIN jan x\nS: {WRONG}\n").repeat(6);
    let seen = play(server(Tls::None), &format!("{HELLO}{six}S: * BYE Too many failed logins"));
    assert_eq!((seen.log.last().unwrap().as_str(), seen.end), ("quit", Some(ServerError::Ended)));

    let many = "C: a X\nS: a BAD Log in first (LOGIN or AUTHENTICATE)\n".repeat(20);
    play(server(Tls::None), &format!("{HELLO}{many}S: * BYE Too many errors"));

    for (bytes, words) in [
        (vec![b'x'; 10_000], "The line is too long"),
        (b"a NOOP\r\n".repeat(200), "Too many commands before the login"),
        (
            b"a NOOP {4000+}\r\n"
                .iter()
                .copied()
                .chain([b' '; 4_000])
                .collect::<Vec<_>>()
                .repeat(30),
            "",
        ),
    ] {
        let (mut server, mut seen) = (server(Tls::None), Seen::default());
        server.feed(&bytes);
        pump(&mut server, &mut seen);
        assert_eq!(seen.end, Some(ServerError::Ended), "{words}");
        assert!(String::from_utf8_lossy(&seen.out).contains(&format!("* BYE {words}")), "{words}");
        server.feed(b"a LOGIN jan geheim\r\n");
        pump(&mut server, &mut seen);
        assert_eq!(seen.log, ["quit"]);
    }
}

#[test]
fn behind_the_login_bytes_pass_in_both_directions() {
    let (mut server, mut seen) = (server(Tls::Implicit), Seen::default());
    server.feed(b"a LOGIN jan geheim\r\nb IDLE\r\n\0{5");
    pump(&mut server, &mut seen);
    assert_eq!(seen.log, ["login jan", "bytes \"b IDLE\\r\\n\\0{5\""]);
    seen.out.clear();
    server.pass(b"\xff\r\n* BYE");
    server.feed(b"x");
    server.feed_end();
    pump(&mut server, &mut seen);
    assert_eq!((seen.out.as_slice(), seen.end.as_ref()), (&b"\xff\r\n* BYE"[..], None));
    assert_eq!(seen.log.last().unwrap(), "bytes \"x\"");
    server.hang_up("The provider went away");
    pump(&mut server, &mut seen);
    assert!(seen.out.ends_with(b"* BYE The provider went away\r\n"));
}

#[test]
fn an_owner_who_breaks_the_contract_is_told() {
    let mut early = server(Tls::None);
    early.pass(b"x");
    let mut unasked = server(Tls::None);
    unasked.answer(Answer::Wrong);
    for mut server in [early, unasked] {
        assert!(matches!(server.next(), Pause::Failed(ServerError::Unasked)));
    }
    let mut open = server(Tls::None);
    open.feed(b"a LOGIN jan geheim\r\n");
    while let Pause::Write(_) | Pause::Event(_) = open.next() {}
    assert!(matches!(open.next(), Pause::Failed(ServerError::Unanswered)));
    let mut gone = server(Tls::None);
    gone.feed_end();
    assert!(matches!(gone.next(), Pause::Write(_)));
    assert!(matches!(gone.next(), Pause::Failed(ServerError::Closed)));
}

proptest! {
    #[test]
    fn the_dialogue_does_not_depend_on_how_the_bytes_are_cut(
        words in proptest::collection::vec(proptest::sample::select(vec![
            "a ", "LOGIN ", "jan ", "geheim", "\r\n", "{3+}\r\n", "{6}\r\n", "\"", "NOOP", "AUTHENTICATE ",
            "PLAIN ", "AGphbgBnZWhlaW0=", "*", "ID ", "NIL", "a LOGIN jan geheim\r\n", "\r",
        ]), 0..40),
        size in 1_usize..9,
    ) {
        let bytes = words.concat();
        let run = |size: usize| {
            let (mut server, mut seen) = (server(Tls::None), Seen::default());
            for piece in bytes.as_bytes().chunks(size) {
                server.feed(piece);
                pump(&mut server, &mut seen);
            }
            // Behind the login bytes come as they were cut.
            let (passed, mut log): (Vec<_>, Vec<_>) =
                seen.log.drain(..).partition(|line| line.starts_with("bytes "));
            let text = |line: String| line["bytes \"".len()..line.len() - 1].to_owned();
            log.push(passed.into_iter().map(text).collect());
            (seen.out, log, seen.end)
        };
        prop_assert_eq!(run(size), run(usize::MAX));
    }
}
