//! Plays a session written as `C:` and `S:` lines against the server and an owner of its own.

use secrecy::SecretString;
use wire::{Machine as _, Pause};

use super::{Config, Event, Server, ServerError, Tls};
use crate::Reply;

/// What an owner would have seen, and what the client heard.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Seen {
    /// Envelopes and whole messages in order.
    pub(super) log: Vec<String>,
    /// Bytes of the message that is on its way.
    pub(super) message: Vec<u8>,
    pub(super) out: Vec<u8>,
    pub(super) writes: usize,
    pub(super) end: Option<ServerError>,
}

/// Carries out pauses until the server wants bytes or has ended.
pub(super) fn pump(server: &mut Server, seen: &mut Seen) {
    loop {
        match server.next() {
            Pause::Write(bytes) => {
                seen.writes += 1;
                seen.out.extend(bytes);
            }
            Pause::Event(event) => own(server, seen, event),
            Pause::Read => return,
            Pause::Failed(error) => {
                seen.end = Some(error);
                return;
            }
        }
    }
}

/// An owner who knows one password and one unknown recipient.
pub(super) fn own(server: &mut Server, seen: &mut Seen, event: Event) {
    match event {
        Event::StartTls => {
            server.feed(b"MAIL FROM:<evil@x.nl>\r\n");
            server.tls_established();
        }
        Event::Authenticate(credentials) => {
            let good = credentials.matches(&SecretString::from("geheim"));
            server.authenticated(good && credentials.user == "jan");
        }
        Event::Mail { reverse_path, params } => {
            let path = reverse_path.map(String::from).unwrap_or_default();
            seen.log.push(format!("mail <{path}> {}", params.len()));
            server.answer(Reply::new(250, "2.1.0", "OK"));
        }
        Event::Rcpt(recipient) if recipient.address.local() == "nobody" => {
            server.answer(Reply::new(550, "5.1.1", "No such user\nReally"));
        }
        Event::Rcpt(recipient) => {
            seen.log.push(format!("rcpt <{}>", recipient.address));
            let code = if recipient.address.local() == "closing" { 421 } else { 250 };
            server.answer(Reply::new(code, "", "said"));
        }
        Event::DataStart => server.answer(Reply::new(354, "", "Go")),
        Event::Data(bytes) => {
            assert!(!bytes.is_empty());
            seen.message.extend(bytes);
        }
        Event::DataEnd => {
            let message = core::mem::take(&mut seen.message);
            seen.log.push(format!("message {:?}", String::from_utf8_lossy(&message)));
            server.answer(Reply::new(250, "2.0.0", "Taken"));
        }
        Event::Reset => {
            seen.message.clear();
            seen.log.push("reset".to_owned());
        }
        Event::Quit => seen.log.push("quit".to_owned()),
    }
}

pub(super) fn server(tls: Tls) -> Server {
    Server::new(Config::new("zz", tls), [1; 16], 1_700_000_000)
}

/// Plays `C:` lines (a final CRLF is added; `\r`, `\n`, `\0` may be written so; `C|` adds no CRLF) and
/// compares the `S:` lines with what the server says, all of it.
pub(super) fn play(mut server: Server, script: &str) -> Seen {
    let mut seen = Seen::default();
    for line in script.lines().map(str::trim_start) {
        let escaped = |text: &str| {
            text.replace("\\r", "\r").replace("\\n", "\n").replace("\\0", "\0").into_bytes()
        };
        match line.split_at_checked(3) {
            Some(("C: ", text)) => {
                server.feed(&[escaped(text), b"\r\n".to_vec()].concat());
            }
            Some(("C| ", text)) => server.feed(&escaped(text)),
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

/// A script behind greeting, EHLO and login.
pub(super) fn play_in(script: &str) -> Seen {
    play_within(Config::new("zz", Tls::Implicit), script)
}

pub(super) fn play_within(config: Config, script: &str) -> Seen {
    let mut server = Server::new(config, [1; 16], 0);
    server.feed(b"EHLO pc\r\nAUTH PLAIN AGphbgBnZWhlaW0=\r\n");
    let mut seen = Seen::default();
    pump(&mut server, &mut seen);
    assert!(seen.out.ends_with(b"\r\n235 2.7.0 Logged in\r\n"));
    play(server, script)
}
