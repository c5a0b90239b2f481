//! What must hold for any bytes; run by the fuzz targets and by `cargo test -p smtp`.

use smtp::Command;
use smtp::data::{Shapes, Stuffer, Unstuffer};
use smtp::server::{Config, Event, Server, Tls};
use wire::{Machine as _, Pause};

/// A line is parsed without a panic, and its addresses and parameters never carry a line end. A
/// whole session of such bytes comes to rest.
pub(crate) fn command(bytes: &[u8]) {
    match Command::parse(bytes) {
        Ok(Command::Mail { reverse_path, params }) => {
            let path = reverse_path.map(String::from).unwrap_or_default();
            assert!(!path.contains(['\r', '\n', '\0']));
            let params = params.iter().map(ToString::to_string);
            params.for_each(|param| assert!(!param.contains(['\r', '\n', ' '])));
        }
        Ok(Command::Rcpt(recipient)) => {
            assert!(!recipient.address.to_string().contains(['\r', '\n', '\0']));
        }
        Ok(_) => {}
        Err(error) => assert!(matches!(error.reply().code(), 500..=599)),
    }
    let mut server = Server::new(Config::new("localhost", Tls::None), [0; 16], 0);
    server.feed(b"EHLO x\r\nAUTH PLAIN AGEAYg==\r\n");
    session(&mut server);
    server.feed(bytes);
    server.feed_end();
    session(&mut server);
}

fn session(server: &mut Server) {
    let yes = || smtp::Reply::new(250, "", "yes");
    loop {
        match server.next() {
            Pause::Write(bytes) => assert!(bytes.ends_with(b"\r\n")),
            Pause::Event(Event::Authenticate(_)) => server.authenticated(true),
            Pause::Event(
                Event::Mail { .. } | Event::Rcpt(_) | Event::DataStart | Event::DataEnd,
            ) => server.answer(yes()),
            Pause::Event(Event::StartTls) => server.tls_established(),
            Pause::Event(_) => {}
            Pause::Read | Pause::Failed(_) => return,
        }
    }
}

/// The first byte says how the rest is cut. As a stream: the cuts change nothing. As a message:
/// what is stuffed comes back unstuffed, ends where it was ended, and is refused exactly where a
/// look-out over the message says so.
pub(crate) fn data(bytes: &[u8]) {
    let Some((&size, rest)) = bytes.split_first() else {
        return;
    };
    let size = usize::from(size).max(1);
    assert_eq!(unstuff(rest, rest.len().max(1)), unstuff(rest, size));

    let mut stream = Vec::new();
    let mut stuffer = Stuffer::new();
    rest.chunks(size).for_each(|piece| stuffer.feed(piece, &mut stream));
    stuffer.finish(&mut stream);
    let behind = stream.len();
    stream.extend_from_slice(b"QUIT\r\n");
    let (message, smuggling, end) = unstuff(&stream, size);
    let mut expected = rest.to_vec();
    if !rest.is_empty() && !rest.ends_with(b"\r\n") {
        expected.extend_from_slice(b"\r\n");
    }
    assert_eq!(message, expected);
    assert_eq!(end, Some(behind));
    let mut shapes = Shapes::new();
    shapes.feed(rest);
    assert_eq!(smuggling, shapes.is_smuggling_at_end());
}

/// The message, whether it is smuggling, and where the stream's end of it was found.
fn unstuff(stream: &[u8], size: usize) -> (Vec<u8>, bool, Option<usize>) {
    let mut reader = Unstuffer::new();
    let mut message = Vec::new();
    let mut done = 0;
    for piece in stream.chunks(size) {
        let taken = reader.feed(piece, &mut message);
        done += taken.bytes;
        if taken.ended {
            return (message, reader.is_smuggling(), Some(done));
        }
    }
    (message, reader.is_smuggling(), None)
}
