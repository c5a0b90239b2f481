//! What must hold for any bytes; run by the fuzz targets and by `cargo test -p imap`.

use imap::aside::{self, Aside, Special};
use imap::client::{Config as ClientConfig, Security};
use imap::frame::{End, Frame, Framer, Side};
use imap::relay::{Event, Limits, Relay};
use imap::server::{Answer, Config, Server, Tls};
use wire::{Machine as _, Pause};

/// The first byte says whose bytes the rest are and how they are cut: the frames hold every byte,
/// and the cuts change nothing. A log-in of such bytes comes to rest.
pub(crate) fn framing(bytes: &[u8]) {
    let Some((&first, rest)) = bytes.split_first() else {
        return;
    };
    let side = if first & 1 == 0 { Side::Client } else { Side::Server };
    let size = usize::from(first >> 1).max(1);
    let whole = frames(side, rest, rest.len().max(1));
    assert_eq!(frames(side, rest, size), whole);
    let all: Vec<u8> = whole.into_iter().flat_map(|(_, bytes)| bytes).collect();
    assert_eq!(all, rest);
    login(rest);
}

fn frames(side: Side, bytes: &[u8], size: usize) -> Vec<(char, Vec<u8>)> {
    let mut framer = Framer::new(side);
    let mut found: Vec<(char, Vec<u8>)> = Vec::new();
    for piece in bytes.chunks(size) {
        let mut piece = piece;
        while let Some(frame) = framer.next(&mut piece) {
            let (kind, bytes) = match frame {
                Frame::Line { bytes, end: End::Open } => ('o', bytes),
                Frame::Line { bytes, .. } => ('w', bytes),
                Frame::Literal { bytes, left: 0 } => ('e', bytes),
                Frame::Literal { bytes, .. } => ('l', bytes),
                Frame::Opaque(bytes) => ('x', bytes),
            };
            match found.last_mut() {
                Some((open @ ('o' | 'l'), before)) => {
                    *open = kind;
                    before.extend_from_slice(bytes);
                }
                _ => found.push((kind, bytes.to_vec())),
            }
        }
    }
    found
}

fn login(bytes: &[u8]) {
    let mut server = Server::new(Config::new("localhost", Tls::None), [0; 16], 0);
    server.feed(bytes);
    server.feed_end();
    loop {
        match server.next() {
            Pause::Write(bytes) => assert!(bytes.ends_with(b"\r\n")),
            Pause::Event(imap::server::Event::Authenticate(_)) => server.answer(Answer::Wrong),
            Pause::Event(imap::server::Event::StartTls) => server.tls_established(),
            Pause::Event(_) => {}
            Pause::Read | Pause::Failed(_) => return,
        }
    }
}

/// What a session shows of messages does not depend on the cuts, and no event is larger than the
/// bounds. The first byte says how the rest is cut; a zero byte changes who speaks.
pub(crate) fn fetch(bytes: &[u8]) {
    let Some((&size, rest)) = bytes.split_first() else {
        return;
    };
    assert_eq!(session(rest, usize::from(size).max(1)), session(rest, rest.len().max(1)));
}

fn session(bytes: &[u8], size: usize) -> (Vec<Event>, Vec<u8>) {
    let (tap, message) = (200, 500);
    let mut relay = Relay::new(Limits { tap, message });
    let (mut events, mut out) = (Vec::new(), Vec::new());
    relay.client(b"a SELECT INBOX\r\n");
    for (turn, part) in bytes.split(|&byte| byte == 0).enumerate() {
        for piece in part.chunks(size) {
            match turn % 2 {
                0 => relay.server(piece, &mut out),
                _ => relay.client(piece),
            }
            while let Some(event) = relay.seen() {
                if let Event::Claimed(claimed) = &event {
                    assert!(!claimed.claims.is_empty());
                    let kept = claimed.message.as_ref().map_or(0, Vec::len);
                    assert!(kept <= tap + message);
                }
                events.push(event);
            }
        }
    }
    relay.server_end(&mut out);
    (events, out)
}

/// What a command of our own comes to does not depend on how the answer is cut, and it comes to rest.
/// The first byte says which command, and how the rest is cut.
pub(crate) fn answer(bytes: &[u8]) {
    let Some((&first, rest)) = bytes.split_first() else {
        return;
    };
    let size = usize::from(first >> 2).max(1);
    assert_eq!(answered(first & 3, rest, size), answered(first & 3, rest, rest.len().max(1)));
}

fn answered(which: u8, bytes: &[u8], size: usize) -> Vec<String> {
    let config = ClientConfig::new(Security::Implicit, "jan", "x".to_owned().into());
    let mut aside = Aside::new(config, Limits { tap: 200, message: 500 });
    aside.feed(b"* OK [CAPABILITY SASL-IR AUTH=PLAIN] hi\r\nZ1 OK [CAPABILITY A] in\r\n");
    let mut seen = heard(&mut aside);
    match which {
        0 => aside.list(Special::OrNot),
        1 => aside.fetch(7),
        2 => aside.open(b"INBOX", imap::Access::ReadWrite),
        _ => aside.append(b"INBOX", &[], None, b"x"),
    }
    seen.extend(heard(&mut aside));
    for piece in bytes.chunks(size) {
        aside.feed(piece);
        seen.extend(heard(&mut aside));
    }
    seen
}

/// What the machine tells, up to its failure; what it writes is its own affair.
fn heard(aside: &mut Aside) -> Vec<String> {
    let mut seen = Vec::new();
    loop {
        match aside.next() {
            Pause::Write(_) => {}
            Pause::Event(aside::Event::Done(done)) => seen.push(format!("{done:?}")),
            Pause::Event(event) => seen.push(format!("{event:?}")),
            Pause::Read => return seen,
            // It stays so, and is told once.
            Pause::Failed(_) => return seen,
        }
    }
}

/// Capability data: what the mail program hears is what the provider said, less some words; nothing
/// hidden is left in it, and nothing is left out of a line that has none.
pub(crate) fn capabilities(bytes: &[u8]) {
    let Some((&size, rest)) = bytes.split_first() else {
        return;
    };
    let words: Vec<u8> = rest.iter().map(|byte| if *byte < b' ' { b' ' } else { *byte }).collect();
    let line = [b"* CAPABILITY ", words.as_slice(), b"\r\n"].concat();
    let mut relay = Relay::new(Limits::default());
    let mut out = Vec::new();
    line.chunks(usize::from(size).max(1)).for_each(|piece| relay.server(piece, &mut out));
    let mut given = line.iter();
    assert!(out.iter().all(|byte| given.any(|other| other == byte)), "nothing is added or moved");
    let data = words.split(|&byte| byte == b']').next().unwrap_or_default();
    let heard = out.strip_prefix(b"* CAPABILITY").unwrap_or_default();
    let heard = heard.split(|&byte| byte == b']' || byte == b'\r').next().unwrap_or_default();
    let hidden = |word: &&[u8]| {
        let word = word.to_ascii_uppercase();
        [&b"AUTH="[..], b"COMPRESS="].iter().any(|start| word.starts_with(start))
            || [&b"STARTTLS"[..], b"LOGINDISABLED", b"UNAUTHENTICATE"].contains(&word.as_slice())
    };
    let short = |word: &&[u8]| word.len() <= 200;
    let words = |data: &[u8]| -> Vec<Vec<u8>> {
        let words = data.split(|&byte| byte == b' ').filter(|word| !word.is_empty());
        words.filter(|word| short(word) && !hidden(word)).map(<[u8]>::to_vec).collect()
    };
    assert_eq!(words(heard), words(data), "all else is there");
    let left = heard.split(|&byte| byte == b' ').filter(|word| short(word) && hidden(word));
    assert_eq!(left.count(), 0, "nothing hidden is left");
}
