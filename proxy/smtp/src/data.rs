//! The bytes of a message between DATA and the final dot (RFC 5321 sections 4.1.1.4 and 4.5.2).
//!
//! Only CRLF.CRLF ends the data. A dot alone between line ends of which one is a bare CR or a bare
//! LF is the shape by which a message is smuggled past a server that reads line ends otherwise
//! than its neighbour; such a message is told, read to its real end and not handed on. Other bare
//! CRs and LFs are the message's own and pass untouched.

/// Takes the message out of the stream behind DATA: finds its end, removes the stuffed dots.
#[derive(Debug)]
pub struct Unstuffer {
    at: At,
    smuggling: bool,
}

/// How much of the stream was taken, and whether the message is whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Taken {
    /// Bytes of the stream that were consumed; all of them unless the message ended.
    pub bytes: usize,
    /// True where the final dot was among them.
    pub ended: bool,
}

/// Where the last byte left the reader.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum At {
    /// Behind CRLF, or at the very start: the CRLF of the DATA command counts.
    LineStart,
    /// Inside a line.
    Text,
    /// Behind a CR that may be half of a CRLF.
    Cr,
    /// Behind a dot that stands at the start of a line.
    Dot,
    /// Behind such a dot and a CR.
    DotCr,
    /// Behind a bare LF (behind a bare CR is `Cr`).
    Bare,
    /// Behind a bare CR or LF and a dot.
    BareDot,
}

impl Unstuffer {
    /// A reader that stands behind the CRLF of DATA.
    #[must_use]
    pub fn new() -> Self {
        Self { at: At::LineStart, smuggling: false }
    }

    /// Adds the message bytes among `stream` to `message`. Must not be called after the end.
    pub fn feed(&mut self, stream: &[u8], message: &mut Vec<u8>) -> Taken {
        let mut from = 0;
        for (at, &byte) in stream.iter().enumerate() {
            self.at = match (self.at, byte) {
                (At::LineStart, b'.') => {
                    message.extend_from_slice(&stream[from..at]);
                    from = at + 1;
                    At::Dot
                }
                (At::Dot, b'\r') => {
                    from = at + 1;
                    At::DotCr
                }
                (At::DotCr, b'\n') => {
                    let bytes = at + 1;
                    return Taken { bytes, ended: true };
                }
                (At::DotCr, _) => {
                    // The CR was bare after all; it was held back and is given now.
                    message.push(b'\r');
                    self.smuggling = true;
                    after(At::Cr, byte)
                }
                (At::Dot | At::BareDot, b'\n') | (At::BareDot, b'\r') => {
                    self.smuggling = true;
                    after(At::Text, byte)
                }
                (At::Dot, _) => At::Text,
                (before, _) => after(before, byte),
            };
        }
        message.extend_from_slice(&stream[from..]);
        Taken { bytes: stream.len(), ended: false }
    }

    /// True where a dot between bare line ends was met: the message must not be handed on.
    #[must_use]
    pub fn is_smuggling(&self) -> bool {
        self.smuggling
    }
}

impl Default for Unstuffer {
    fn default() -> Self {
        Self::new()
    }
}

/// Looks for smuggling shapes in a message that came in chunks (RFC 3030), unstuffed.
///
/// Such a message may go on by DATA, and stuffing guards only the dots behind CRLF.
#[derive(Debug)]
pub struct Shapes {
    at: At,
    smuggling: bool,
}

impl Shapes {
    /// A look-out at the start of a message.
    #[must_use]
    pub fn new() -> Self {
        Self { at: At::LineStart, smuggling: false }
    }

    /// Looks at the next bytes of the message.
    pub fn feed(&mut self, message: &[u8]) {
        for &byte in message {
            if self.at == At::BareDot && matches!(byte, b'\r' | b'\n') {
                self.smuggling = true;
            }
            self.at = after(self.at, byte);
        }
    }

    /// True where a dot between bare line ends was met.
    #[must_use]
    pub fn is_smuggling(&self) -> bool {
        self.smuggling
    }

    /// The same question about a whole message: DATA would put CRLF behind its last byte.
    #[must_use]
    pub fn is_smuggling_at_end(&self) -> bool {
        self.smuggling || self.at == At::BareDot
    }
}

impl Default for Shapes {
    fn default() -> Self {
        Self::new()
    }
}

/// Where a byte leads that has nothing to do with a dot at the start of a line.
fn after(before: At, byte: u8) -> At {
    match (before, byte) {
        (At::Cr, b'\n') => At::LineStart,
        (_, b'\r') => At::Cr,
        (_, b'\n') => At::Bare,
        (At::Cr | At::Bare, b'.') => At::BareDot,
        _ => At::Text,
    }
}

/// Puts a message into the stream behind DATA: a dot before each dot behind CRLF, and the end.
#[derive(Debug)]
pub struct Stuffer {
    at: At,
}

impl Stuffer {
    /// A writer that stands behind the CRLF of DATA.
    #[must_use]
    pub fn new() -> Self {
        Self { at: At::LineStart }
    }

    /// Adds the stuffed form of the next bytes of the message to `stream`.
    pub fn feed(&mut self, message: &[u8], stream: &mut Vec<u8>) {
        let mut from = 0;
        for (at, &byte) in message.iter().enumerate() {
            if self.at == At::LineStart && byte == b'.' {
                stream.extend_from_slice(&message[from..at]);
                stream.push(b'.');
                from = at;
            }
            self.at = after(self.at, byte);
        }
        stream.extend_from_slice(&message[from..]);
    }

    /// Adds the end of the data, and before it a CRLF where the message does not end with one.
    pub fn finish(self, stream: &mut Vec<u8>) {
        if self.at != At::LineStart {
            stream.extend_from_slice(b"\r\n");
        }
        stream.extend_from_slice(b".\r\n");
    }
}

impl Default for Stuffer {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The message, whether it was smuggling, and what was left behind its end; `None` where the
    /// end did not come.
    fn unstuff(stream: &[u8]) -> Option<(Vec<u8>, bool, &[u8])> {
        let mut reader = Unstuffer::new();
        let mut message = Vec::new();
        let taken = reader.feed(stream, &mut message);
        taken.ended.then(|| (message, reader.is_smuggling(), &stream[taken.bytes..]))
    }

    #[test]
    fn only_crlf_dot_crlf_ends_the_data() {
        for (stream, message) in [
            (&b".\r\n"[..], &b""[..]),
            (b"\r\n.\r\n", b"\r\n"),
            (b"a\r\n.\r\n", b"a\r\n"),
            (b"a\r\n..\r\n.\r\n", b"a\r\n.\r\n"),
            (b"..a\r\n.b\r\n.\r\n", b".a\r\nb\r\n"),
            (b"a\r\r\n.\r\n", b"a\r\r\n"),
            (b"a\nb\rc\r\n.\r\n", b"a\nb\rc\r\n"),
            (b"a\n..\n.b\r.c\r\n.\r\n", b"a\n..\n.b\r.c\r\n"),
            (b"\0\xff\r\n.\r\n", b"\0\xff\r\n"),
        ] {
            assert_eq!(unstuff(stream), Some((message.to_vec(), false, &b""[..])));
        }
        assert_eq!(unstuff(b".\r\nQUIT\r\n").unwrap().2, b"QUIT\r\n");
    }

    #[test]
    fn a_dot_between_bare_line_ends_is_told_and_ends_nothing() {
        let ends = [&b"\r\n"[..], b"\n", b"\r", b"\r\r", b"\n\n", b"\n\r"];
        for before in ends {
            for after in ends {
                let lawful = before == b"\r\n" && after == b"\r\n";
                let stream = [b"a", before, b".", after, b"MAIL FROM:<x@y.nl>\r\n.\r\n"].concat();
                let (_, smuggling, rest) = unstuff(&stream).unwrap();
                assert_eq!(smuggling, !lawful, "{stream:?}");
                assert_eq!(rest.is_empty(), !lawful, "{stream:?}");
            }
        }
        for stream in [&b".\n\r\n.\r\n"[..], b".\ra\r\n.\r\n", b".\r\r\n.\r\n"] {
            assert!(unstuff(stream).unwrap().1, "{stream:?}");
        }
        assert_eq!(unstuff(b".\ra\r\n.\r\n").unwrap().0, b"\ra\r\n");
    }

    #[test]
    fn chunks_are_searched_for_what_stuffing_does_not_guard() {
        for (message, during, at_end) in [
            (&b"a\n.\nb"[..], true, true),
            (b"a\r.\r\nb", true, true),
            (b"a\n.\r\n", true, true),
            (b"a\n.", false, true),
            (b"a\r\n.\r\n", false, false),
            (b".\n", false, false),
            (b"a\r\n.\nb", false, false),
            (b"a\n.b\n..\n", false, false),
        ] {
            let mut shapes = Shapes::new();
            shapes.feed(message);
            assert_eq!(shapes.is_smuggling(), during, "{message:?}");
            assert_eq!(shapes.is_smuggling_at_end(), at_end, "{message:?}");
        }
    }

    #[test]
    fn a_message_without_a_last_crlf_gets_one() {
        for (message, stream) in [
            (&b""[..], &b".\r\n"[..]),
            (b"a", b"a\r\n.\r\n"),
            (b"a\r\n", b"a\r\n.\r\n"),
            (b"a\r", b"a\r\r\n.\r\n"),
            (b".", b"..\r\n.\r\n"),
            (b"a\r\n.\r\n", b"a\r\n..\r\n.\r\n"),
        ] {
            let mut writer = Stuffer::new();
            let mut written = Vec::new();
            writer.feed(message, &mut written);
            writer.finish(&mut written);
            assert_eq!(written, stream);
        }
    }
}
