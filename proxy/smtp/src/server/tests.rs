use proptest::prelude::*;
use secrecy::SecretString;
use wire::{Machine as _, Pause};

use super::transcript::{Seen, play, play_in, play_within, pump, server};
use super::{Config, Event, Server, ServerError, Tls};
use crate::sasl;

#[test]
fn a_message_goes_through_behind_starttls_and_login() {
    let seen = play(
        server(Tls::StartTls),
        "S: 220 zz ESMTP ready
         C: EHLO [192.168.1.5]
         S: 250-zz
         S: 250-PIPELINING
         S: 250-SIZE 104857600
         S: 250-8BITMIME
         S: 250-SMTPUTF8
         S: 250-CHUNKING
         S: 250-DSN
         S: 250-STARTTLS
         S: 250 ENHANCEDSTATUSCODES
         C: MAIL FROM:<a@b.nl>
         S: 530 5.7.0 Say STARTTLS first
         C: AUTH PLAIN AGphbgBnZWhlaW0=
         S: 538 5.7.11 Say STARTTLS first
         C: STARTTLS
         C: MAIL FROM:<thrown@away.nl>
         S: 220 2.0.0 Go ahead
         C: MAIL FROM:<a@b.nl>
         S: 503 5.5.1 Say EHLO first
         C: HELO pc
         S: 250 zz
         C: STARTTLS
         S: 503 5.5.1 TLS is on already
         C: MAIL FROM:<a@b.nl>
         S: 530 5.7.0 Log in first (AUTH)
         C: AUTH PLAIN AGphbgBnZWhlaW0=
         S: 235 2.7.0 Logged in
         C: MAIL FROM:<a@b.nl> SIZE=10 RET=HDRS
         S: 250 2.1.0 OK
         C: RCPT TO:<nobody@c.nl>
         S: 550-5.1.1 No such user
         S: 550 5.1.1 Really
         C: RCPT TO:<c@d.nl> NOTIFY=NEVER
         S: 250 said
         C: DATA
         S: 354 Go
         C: Subject: x
         C:  
         C: ..dot
         C: .
         S: 250 2.0.0 Taken
         C: QUIT
         S: 221 2.0.0 Bye",
    );
    let message = "message \"Subject: x\\r\\n \\r\\n.dot\\r\\n\"";
    assert_eq!(seen.log, ["mail <a@b.nl> 2", "rcpt <c@d.nl>", message, "quit"]);
    assert_eq!(seen.end, Some(ServerError::Ended));
}

#[test]
fn every_way_to_log_in_is_taken_with_and_without_initial_response() {
    for script in [
        "C: AUTH PLAIN\nS: 334 \nC: AGphbgBnZWhlaW0=\nS: 235 2.7.0 Logged in",
        "C: AUTH LOGIN\nS: 334 VXNlcm5hbWU6\nC: amFu\nS: 334 UGFzc3dvcmQ6\nC: Z2VoZWlt\nS: 235 2.7.0 Logged in",
        "C: AUTH LOGIN amFu\nS: 334 UGFzc3dvcmQ6\nC: Z2VoZWlt\nS: 235 2.7.0 Logged in",
        "C: AUTH PLAIN\nS: 334 \nC: *\nS: 501 5.7.0 Login cancelled\nC: MAIL FROM:<>\nS: 530 5.7.0 Log in first (AUTH)",
        "C: AUTH PLAIN =\nS: 535 5.7.8 User name or password is wrong",
        "C: AUTH PLAIN AGphbgB4\nS: 535 5.7.8 User name or password is wrong",
        "C: AUTH PLAIN ????\nS: 501 5.5.2 The response is not base64",
        "C: AUTH CRAM-MD5 =\nS: 501 5.5.4 CRAM-MD5 takes no initial response",
        "C: AUTH GSSAPI\nS: 504 5.5.4 This way to log in is not known here",
    ] {
        play(server(Tls::None), &format!("S: 220 zz ESMTP ready\nC: HELO x\nS: 250 zz\n{script}"));
    }
}

#[test]
fn a_challenge_is_answered_once_and_never_repeats() {
    let mut server = server(Tls::None);
    let mut seen = Seen::default();
    let mut challenges = Vec::new();
    server.feed(b"HELO x\r\n");
    for password in ["wrong", "geheim"] {
        pump(&mut server, &mut seen);
        seen.out.clear();
        server.feed(b"AUTH CRAM-MD5\r\n");
        pump(&mut server, &mut seen);
        let text = String::from_utf8(core::mem::take(&mut seen.out)).unwrap();
        let challenge = sasl::decode(text[4..].trim_end()).unwrap();
        let digest = sasl::cram(&challenge, &SecretString::from(password)).unwrap();
        let response = sasl::encode(sasl::cram_response("jan", digest).as_bytes());
        server.feed(format!("{response}\r\n").as_bytes());
        challenges.push(challenge);
    }
    pump(&mut server, &mut seen);
    assert_eq!(seen.out, b"235 2.7.0 Logged in\r\n");
    assert_ne!(challenges[0], challenges[1]);
}

#[test]
fn a_pipelined_group_is_answered_by_one_write() {
    let mut server = server(Tls::Implicit);
    server.feed(b"EHLO x\r\nAUTH PLAIN AGphbgBnZWhlaW0=\r\n");
    let mut seen = Seen::default();
    pump(&mut server, &mut seen);
    seen = Seen::default();
    server.feed(b"MAIL FROM:<>\r\nRCPT TO:<a@b.nl>\r\nRCPT TO:<c@b.nl>\r\nDATA\r\n");
    pump(&mut server, &mut seen);
    assert_eq!(seen.writes, 1);
    assert_eq!(seen.out, b"250 2.1.0 OK\r\n250 said\r\n250 said\r\n354 Go\r\n");
    seen = Seen::default();
    server.feed(b".\r\nRSET\r\nNOOP\r\n");
    pump(&mut server, &mut seen);
    assert_eq!(seen.writes, 1);
    assert_eq!(seen.log, ["message \"\""]);
}

const BEGUN: &str = "C: MAIL FROM:<>\nC: RCPT TO:<a@b.nl>\nS: 250 2.1.0 OK\nS: 250 said\n";

#[test]
fn a_smuggled_transaction_is_read_to_the_real_end_and_not_taken() {
    for shape in ["\\n.\\n", "\\n.\\r\\n", "\\r\\n.\\n", "\\r.\\r", "\\r\\n.\\rX", "\\r.\\r\\n"] {
        let script = format!(
            "{BEGUN}C: DATA\nS: 354 Go\nC: a{shape}MAIL FROM:<evil@x.nl>\nC: .\n\
             S: 550 5.6.0 A dot stands between bare line ends (CR or LF alone); the message was not taken\n\
             C: NOOP\nS: 250 2.0.0 OK"
        );
        assert_eq!(play_in(&script).log, ["mail <> 0", "rcpt <a@b.nl>", "reset"], "{shape}");
    }
}

#[test]
fn chunks_make_a_message_byte_for_byte() {
    let seen = play_in(&format!(
        "{BEGUN}C| BDAT 4\\r\\n.\\r\\n.\nS: 250 2.0.0 4 bytes so far\n\
         C| BDAT 3 LAST\\r\\na\\0b\nS: 250 2.0.0 Taken\n\
         {BEGUN}C: BDAT 0 LAST\nS: 250 2.0.0 Taken\n\
         {BEGUN}C| BDAT 2\\r\\na\\nRSET\\r\\n\nS: 250 2.0.0 2 bytes so far\nS: 250 2.0.0 OK"
    ));
    assert_eq!(seen.log[2], "message \".\\r\\n.a\\0b\"");
    assert_eq!(seen.log[5], "message \"\"");
    assert_eq!(seen.log.last().unwrap(), "reset");
}

#[test]
fn the_bytes_of_a_refused_chunk_are_no_commands() {
    let seen = play_in(&format!(
        "C| BDAT 6 LAST\\r\\nQUIT\\r\\n\nS: 503 5.5.1 Say MAIL first\n\
         {BEGUN}C| BDAT 3 LAST\\r\\na\\n.\n\
         S: 550 5.6.0 A dot stands between bare line ends (CR or LF alone); the message was not taken\n\
         C| BDAT 6\\r\\nQUIT\\r\\n\nS: 503 5.5.1 Say MAIL first\n\
         C: BDAT x\nC: NOOP\nS: 501 5.5.4 The size of the chunk cannot be read"
    ));
    assert_eq!(seen.log, ["mail <> 0", "rcpt <a@b.nl>", "reset", "quit"]);
}

#[test]
fn the_size_is_judged_as_declared_and_as_counted() {
    let mut config = Config::new("zz", Tls::Implicit);
    config.limits.size = 5;
    let seen = play_within(
        config,
        &format!(
            "C: MAIL FROM:<> SIZE=6\nS: 552 5.3.4 Message is larger than 5 bytes\n\
             {BEGUN}C: DATA\nS: 354 Go\nC: abc\nC: .\nS: 250 2.0.0 Taken\n\
             {BEGUN}C: DATA\nS: 354 Go\nC: abcd\nC: .\nS: 552 5.3.4 Message is larger than 5 bytes\n\
             {BEGUN}C| BDAT 6\\r\\nabcdef\nS: 552 5.3.4 Message is larger than 5 bytes\n\
             {BEGUN}C| BDAT 3\\r\\nabc\nS: 250 2.0.0 3 bytes so far\n\
             C| BDAT 3 LAST\\r\\nabc\nS: 552 5.3.4 Message is larger than 5 bytes"
        ),
    );
    let resets = seen.log.iter().filter(|line| *line == "reset").count();
    assert_eq!(resets, 3);
    assert!(seen.message.is_empty());
}

#[test]
fn commands_out_of_turn_are_refused() {
    play_in(
        "C: RCPT TO:<a@b.nl>\nS: 503 5.5.1 Say MAIL first\n\
         C: DATA\nS: 503 5.5.1 Say MAIL first\n\
         C: AUTH PLAIN\nS: 503 5.5.1 Already logged in\n\
         C: MAIL FROM:<a@b.nl>\nS: 250 2.1.0 OK\n\
         C: MAIL FROM:<a@b.nl>\nS: 503 5.5.1 A transaction is open already\n\
         C: DATA\nS: 554 5.5.1 No valid recipients\n\
         C: RCPT TO:<sø@b.nl>\nS: 553 5.6.7 Only ASCII without SMTPUTF8\n\
         C: VRFY jan\nS: 252 2.1.5 Send it and see\n\
         C: EXPN jan\nS: 502 5.5.1 Command not carried out here\n\
         C: GET / HTTP/1.1\nS: 500 5.5.1 Command not known\n\
         C: HELP\nS: 214 2.0.0 See RFC 5321 and RFC 6409\n\
         C: EHLO again\nS: 250-zz\nS: 250-PIPELINING\nS: 250-SIZE 104857600\nS: 250-8BITMIME\n\
         S: 250-SMTPUTF8\nS: 250-CHUNKING\nS: 250-DSN\nS: 250-AUTH CRAM-MD5 PLAIN LOGIN\n\
         S: 250 ENHANCEDSTATUSCODES\nC: RCPT TO:<a@b.nl>\nS: 503 5.5.1 Say MAIL first\n\
         C: MAIL FROM:<sø@b.nl> SMTPUTF8\nS: 250 2.1.0 OK\nC: RCPT TO:<sø@b.nl>\nS: 250 said",
    );
}

#[test]
fn what_is_too_much_is_answered_and_ended() {
    let mut config = Config::new("zz", Tls::Implicit);
    config.limits.recipients = 1;
    play_within(
        config,
        &format!(
            "{BEGUN}C: RCPT TO:<c@b.nl>\nS: 452 4.5.3 Too many recipients; send the rest later"
        ),
    );
    let long = "x".repeat(3_000);
    play_in(&format!("C: {long}\nC: NOOP\nS: 500 5.5.6 The line is too long\nS: 250 2.0.0 OK"));

    for (line, count, last) in
        [("FOO", 20, "421 4.7.0 Too many errors"), ("NOOP", 60, "421 4.7.0 Too many commands")]
    {
        let mut server = server(Tls::None);
        let mut seen = Seen::default();
        server.feed(format!("{line}\r\n").repeat(count).as_bytes());
        pump(&mut server, &mut seen);
        assert!(seen.out.ends_with(format!("{last}\r\n").as_bytes()), "{line}");
        assert_eq!(seen.end, Some(ServerError::Ended));
    }
    let mut server = server(Tls::None);
    let mut seen = Seen::default();
    server.feed(&[b'x'; 70_000]);
    pump(&mut server, &mut seen);
    assert!(seen.out.ends_with(b"421 4.7.0 Too many commands\r\n"));
}

#[test]
fn a_line_of_a_million_bytes_passes_in_pieces() {
    let mut server = server(Tls::Implicit);
    let mut seen = Seen::default();
    server.feed(
        b"EHLO x\r\nAUTH PLAIN AGphbgBnZWhlaW0=\r\nMAIL FROM:<>\r\nRCPT TO:<a@b.nl>\r\nDATA\r\n",
    );
    pump(&mut server, &mut seen);
    for _ in 0..64 {
        server.feed(&[b'x'; 16_384]);
        pump(&mut server, &mut seen);
        assert!(server.buffer.is_empty());
    }
    assert_eq!(seen.message.len(), 1_048_576);
}

#[test]
fn a_421_of_the_owner_ends_the_session() {
    let seen = play_in(
        "C: MAIL FROM:<>\nS: 250 2.1.0 OK\nC: RCPT TO:<closing@b.nl>\nC: NOOP\nS: 421 said",
    );
    assert_eq!(seen.log.last().unwrap(), "quit");
}

#[test]
fn faults_of_the_owner_and_a_vanished_client_are_told() {
    let mut server = server(Tls::None);
    server.feed(b"HELO x\r\nAUTH PLAIN AGphbgBnZWhlaW0=\r\n");
    assert!(matches!(server.next(), Pause::Event(Event::Authenticate(_))));
    assert!(matches!(server.next(), Pause::Write(_)));
    assert!(matches!(server.next(), Pause::Failed(ServerError::Unanswered)));
    server.authenticated(true);
    assert!(matches!(server.next(), Pause::Write(_)));
    assert!(matches!(server.next(), Pause::Read));
    server.feed(b"NOO");
    server.feed_end();
    assert!(matches!(server.next(), Pause::Failed(ServerError::Closed)));
    server.authenticated(true);
    assert!(matches!(server.next(), Pause::Failed(ServerError::Unasked)));
}

#[test]
fn debug_output_shows_no_address_and_no_content() {
    let address = mail::Address::parse("jan@praktijk.nl").unwrap();
    let recipient = mail::Recipient { address, params: Vec::new() };
    let shown = format!("{:?} {:?}", Event::Rcpt(recipient), Event::Data(b"jan".to_vec()));
    assert!(!shown.contains("jan"), "{shown}");
}

fn bytes_of_a_session() -> impl Strategy<Value = Vec<u8>> {
    let piece = proptest::sample::select(vec![
        &b"MAIL FROM:<a@b.nl>\r\n"[..],
        b"RCPT TO:<c@d.nl>\r\n",
        b"RCPT TO:<nobody@d.nl>\r\n",
        b"DATA\r\n",
        b"BDAT 5\r\n",
        b"BDAT 3 LAST\r\n",
        b"RSET\r\n",
        b"AUTH LOGIN\r\n",
        b"STARTTLS\r\n",
        b"\r\n.\r\n",
        b".",
        b"\r",
        b"\n",
        b"text",
    ]);
    proptest::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn a_session_does_not_depend_on_how_the_bytes_are_cut(
        bytes in bytes_of_a_session(),
        cuts in proptest::collection::vec(1_usize..40, 1..60),
        logged_in in any::<bool>(),
    ) {
        let start: &[u8] = match logged_in {
            true => b"EHLO x\r\nAUTH PLAIN AGphbgBnZWhlaW0=\r\n",
            false => b"EHLO x\r\n",
        };
        let bytes = [start, &bytes].concat();
        let mut whole = Seen::default();
        let mut server = Server::new(Config::new("zz", Tls::None), [1; 16], 0);
        server.feed(&bytes);
        pump(&mut server, &mut whole);

        let mut cut = Seen::default();
        let mut server = Server::new(Config::new("zz", Tls::None), [1; 16], 0);
        let mut rest = bytes.as_slice();
        for size in cuts.iter().cycle() {
            if rest.is_empty() {
                break;
            }
            let (now, later) = rest.split_at((*size).min(rest.len()));
            server.feed(now);
            pump(&mut server, &mut cut);
            rest = later;
        }
        whole.writes = 0;
        cut.writes = 0;
        prop_assert_eq!(cut, whole);
    }
}
