//! Cuts the bytes of one side into parts of lines and of literals (RFC 3501 section 4.3).
//!
//! Slices go in and the same slices come out: nothing is copied, a literal of any size passes, and
//! the events are the same however the bytes are cut. A line ends with CRLF and with nothing else:
//! a bare LF inside a quoted string must not make a new response out of a stranger's text.
//!
//! ```
//! use imap::frame::{End, Frame, Framer, Side};
//!
//! let mut framer = Framer::new(Side::Server);
//! let mut bytes = &b"* 1 FETCH (BODY[] {2}\r\nhi)\r\n"[..];
//! assert!(matches!(framer.next(&mut bytes), Some(Frame::Line { end: End::Literal(_), .. })));
//! assert!(matches!(framer.next(&mut bytes), Some(Frame::Literal { bytes: b"hi", left: 0 })));
//! assert!(matches!(framer.next(&mut bytes), Some(Frame::Line { bytes: b")\r\n", end: End::Whole })));
//! assert!(framer.next(&mut bytes).is_none());
//! ```

use memchr::memchr_iter;

/// Whose bytes they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// Commands.
    Client,
    /// Responses. A line that begins with `+` or a tag, or that is an untagged status, ends in text
    /// for people: `{5}` at its end is no literal (a server repeats a mailbox name so).
    Server,
}

/// A piece of the stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Frame<'a> {
    /// Bytes of a line, its CRLF included.
    Line {
        /// The bytes; never empty.
        bytes: &'a [u8],
        /// What follows them.
        end: End,
    },
    /// Bytes of a literal.
    Literal {
        /// The bytes; never empty.
        bytes: &'a [u8],
        /// How many are still to come.
        left: u64,
    },
    /// Framing was given up.
    Opaque(&'a [u8]),
}

/// What follows a slice of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// The line goes on.
    Open,
    /// The command or response is whole.
    Whole,
    /// The line is, and a literal follows; behind it the command or response goes on.
    Literal(Literal),
}

/// A literal that was announced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Literal {
    /// Its size in bytes.
    pub size: u64,
    /// Whether its sender waits.
    pub consent: Consent,
}

/// Whether the sender of a literal waits for the other side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Consent {
    /// A client that wrote `{n}` waits for `+`; the command ends here where a refusal comes.
    Awaited,
    /// `{n+}` (RFC 7888, LITERAL+ and LITERAL- alike), and every literal of a server.
    NotAwaited,
}

/// See the [module](self).
#[derive(Debug, Clone)]
pub struct Framer {
    side: Side,
    state: State,
    /// The first bytes of the command or response.
    head: Few<HEAD>,
    /// The last bytes of the line so far.
    tail: Few<TAIL>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// In a line; the first one of a command or response, or one behind a literal.
    Line(Part),
    Literal(u64),
    /// A literal of this many bytes was announced and none of it has come.
    Announced(u64),
    Lost,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    First,
    Later,
}

impl Framer {
    /// A framer at the beginning of a line.
    #[must_use]
    pub fn new(side: Side) -> Self {
        Self { side, state: State::Line(Part::First), head: Few::new(), tail: Few::new() }
    }

    /// Takes the next piece off the front of `bytes`; `None` where there are none.
    pub fn next<'a>(&mut self, bytes: &mut &'a [u8]) -> Option<Frame<'a>> {
        if bytes.is_empty() {
            return None;
        }
        match self.state {
            State::Lost => Some(Frame::Opaque(core::mem::take(bytes))),
            State::Announced(0) | State::Literal(0) => {
                self.state = State::Line(Part::Later);
                Some(self.line(bytes, Part::Later))
            }
            State::Announced(left) | State::Literal(left) => {
                let count = usize::try_from(left).map_or(bytes.len(), |left| left.min(bytes.len()));
                let taken = split(bytes, count);
                let left = left - taken.len() as u64;
                self.state = match left {
                    0 => State::Line(Part::Later),
                    _ => State::Literal(left),
                };
                Some(Frame::Literal { bytes: taken, left })
            }
            State::Line(part) => Some(self.line(bytes, part)),
        }
    }

    /// The other side refused the literal that was announced: the command has ended. False where
    /// bytes of it came already; then nobody knows where the next command begins, and framing is
    /// given up.
    pub fn refuse_literal(&mut self) -> bool {
        let clean = matches!(self.state, State::Announced(_));
        self.state = if clean { State::Line(Part::First) } else { State::Lost };
        self.head = Few::new();
        clean
    }

    /// Gives framing up: all that follows is [`Frame::Opaque`].
    pub fn give_up(&mut self) {
        self.state = State::Lost;
    }

    /// True at the beginning of a command or response, with none begun.
    #[must_use]
    pub fn is_between(&self) -> bool {
        self.state == State::Line(Part::First) && self.head.get().is_empty()
    }

    fn line<'a>(&mut self, bytes: &mut &'a [u8], part: Part) -> Frame<'a> {
        let last = self.tail.get().last().copied();
        let ends = |at: &usize| match at.checked_sub(1) {
            Some(before) => bytes[before] == b'\r',
            None => last == Some(b'\r'),
        };
        let found = memchr_iter(b'\n', bytes).find(ends);
        let slice = split(bytes, found.map_or(bytes.len(), |at| at + 1));
        if part == Part::First {
            self.head.fill(slice);
        }
        self.tail.slide(slice);
        if found.is_none() {
            return Frame::Line { bytes: slice, end: End::Open };
        }
        let end = match self.announced(part) {
            Some(literal) => {
                self.state = State::Announced(literal.size);
                End::Literal(literal)
            }
            None => {
                self.state = State::Line(Part::First);
                self.head = Few::new();
                End::Whole
            }
        };
        self.tail = Few::new();
        Frame::Line { bytes: slice, end }
    }

    /// The literal that the line announces at its end.
    fn announced(&self, part: Part) -> Option<Literal> {
        if self.side == Side::Server && part == Part::First && is_status(self.head.get()) {
            return None;
        }
        let mut literal = literal(self.tail.get().strip_suffix(b"\r\n")?)?;
        if self.side == Side::Server {
            literal.consent = Consent::NotAwaited;
        }
        Some(literal)
    }
}

/// Reads `{n}`, `{n+}` or the same with `~` before it (RFC 4466) at the end of a line without its
/// CRLF. A number beyond 64 bits is no number.
pub(crate) fn literal(line: &[u8]) -> Option<Literal> {
    let inner = line.strip_suffix(b"}")?;
    let start = inner.iter().rposition(|&byte| byte == b'{')?;
    let inner = &inner[start + 1..];
    let (digits, consent) = match inner.strip_suffix(b"+") {
        Some(digits) => (digits, Consent::NotAwaited),
        None => (inner, Consent::Awaited),
    };
    Some(Literal { size: crate::number(digits)?, consent })
}

/// True for a response that ends in text: its first bytes are a tag, `+`, or `* OK` and its like.
fn is_status(head: &[u8]) -> bool {
    let Some(rest) = head.strip_prefix(b"* ") else {
        return true;
    };
    let word = rest.split(|byte| matches!(byte, b' ' | b'\r')).next().unwrap_or_default();
    STATUS.iter().any(|status| word.eq_ignore_ascii_case(status))
}

fn split<'a>(bytes: &mut &'a [u8], count: usize) -> &'a [u8] {
    let (taken, rest) = bytes.split_at(count);
    *bytes = rest;
    taken
}

/// A few bytes without a heap.
#[derive(Debug, Clone, Copy)]
struct Few<const N: usize> {
    bytes: [u8; N],
    len: usize,
}

impl<const N: usize> Few<N> {
    fn new() -> Self {
        Self { bytes: [0; N], len: 0 }
    }

    fn get(&self) -> &[u8] {
        &self.bytes[..self.len]
    }

    /// Keeps the first bytes.
    fn fill(&mut self, more: &[u8]) {
        let count = more.len().min(N - self.len);
        self.bytes[self.len..self.len + count].copy_from_slice(&more[..count]);
        self.len += count;
    }

    /// Keeps the last bytes.
    fn slide(&mut self, more: &[u8]) {
        let more = &more[more.len().saturating_sub(N)..];
        let over = (self.len + more.len()).saturating_sub(N);
        self.bytes.copy_within(over..self.len, 0);
        self.len -= over;
        self.fill(more);
    }
}

/// `* PREAUTH` and a blank.
const HEAD: usize = 10;
/// `{`, twenty digits, `+`, `}`, CRLF.
const TAIL: usize = 25;
/// RFC 3501 section 7.1.
const STATUS: [&[u8]; 5] = [b"OK", b"NO", b"BAD", b"PREAUTH", b"BYE"];

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// What the framer says, with slices joined that the cuts had parted.
    fn frames(side: Side, pieces: &[&[u8]]) -> Vec<(char, Vec<u8>)> {
        let mut framer = Framer::new(side);
        let mut found: Vec<(char, Vec<u8>)> = Vec::new();
        for piece in pieces {
            let mut rest = *piece;
            while let Some(frame) = framer.next(&mut rest) {
                let (kind, bytes) = match frame {
                    Frame::Line { bytes, end: End::Open } => ('o', bytes),
                    Frame::Line { bytes, end: End::Whole } => ('w', bytes),
                    Frame::Line { bytes, end: End::Literal(literal) } => match literal.consent {
                        Consent::Awaited => ('a', bytes),
                        Consent::NotAwaited => ('n', bytes),
                    },
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

    fn kinds(side: Side, bytes: &[u8]) -> String {
        frames(side, &[bytes]).iter().map(|(kind, _)| kind).collect()
    }

    #[test]
    fn each_form_of_a_literal_is_known() {
        let client = |text: &str| kinds(Side::Client, text.as_bytes());
        assert_eq!(
            client("a LOGIN {3}\r\nabc {2+}\r\nde\r\nb NOOP\r\n"),
            "aenew w".replace(' ', "")
        );
        assert_eq!(client("a APPEND x ~{3+}\r\n\0\r\n\r\n"), "new");
        assert_eq!(client("a LOGIN {0}\r\n {0+}\r\n\r\n"), "anw");
        for text in ["{}", "{-1}", "{1-}", "{+}", "{1} ", "\"{1}\"", "{99999999999999999999}", "{1"]
        {
            assert_eq!(client(&format!("a X {text}\r\n")), "w", "{text}");
        }
        assert_eq!(client("a X {18446744073709551615}\r\nfor ever"), "al");
    }

    #[test]
    fn braces_in_a_servers_text_are_no_literal() {
        for line in [
            "a1 NO Mailbox does not exist: foo{5}",
            "* OK [ALERT] {5}",
            "* no {5}",
            "* BYE {5}",
            "+ {5}",
            "{5}",
        ] {
            assert_eq!(kinds(Side::Server, format!("{line}\r\nabcde").as_bytes()), "wo", "{line}");
        }
        let nested = b"* LIST () \"/\" {5}\r\nfoo{9\r\n* STATUS {1}\r\na (MESSAGES 1)\r\n";
        assert_eq!(kinds(Side::Server, nested), "newnew");
        assert_eq!(kinds(Side::Server, b"* OKAY {1}\r\nx\r\n"), "new");
    }

    #[test]
    fn only_crlf_ends_a_line() {
        assert_eq!(kinds(Side::Server, b"* x\n* CAPABILITY\r* 1 FETCH {5}\n\r\n"), "w");
    }

    #[test]
    fn a_refused_literal_ends_the_command_unless_it_had_begun() {
        for (sent, clean) in [(&b""[..], true), (b"x", false)] {
            let mut framer = Framer::new(Side::Client);
            let mut bytes = &b"a APPEND x {100}\r\n"[..];
            framer.next(&mut bytes);
            let mut bytes = sent;
            framer.next(&mut bytes);
            assert_eq!(framer.refuse_literal(), clean);
            let mut bytes = &b"b NOOP\r\n"[..];
            let whole = Frame::Line { bytes, end: End::Whole };
            let expected = if clean { whole } else { Frame::Opaque(bytes) };
            assert_eq!(framer.next(&mut bytes), Some(expected));
        }
    }

    fn stream() -> impl Strategy<Value = Vec<u8>> {
        let words: [&[u8]; 14] = [
            b"* ",
            b"OK ",
            b"+ ",
            b"a1 ",
            b"{3}\r\n",
            b"{2+}\r\n",
            b"~{0}\r\n",
            b"\r\n",
            b"\r",
            b"\n",
            b"{",
            b"}",
            b"\"",
            b"1 FETCH (BODY[] ",
        ];
        let word = prop_oneof![
            4 => proptest::sample::select(words.to_vec()).prop_map(<[u8]>::to_vec),
            1 => proptest::collection::vec(any::<u8>(), 0..4),
        ];
        proptest::collection::vec(word, 0..40).prop_map(|words| words.concat())
    }

    proptest! {
        #[test]
        fn the_frames_do_not_depend_on_how_the_bytes_are_cut(
            bytes in stream(), size in 1_usize..9, server in any::<bool>(),
        ) {
            let side = if server { Side::Server } else { Side::Client };
            let cut: Vec<&[u8]> = bytes.chunks(size).collect();
            let whole = frames(side, &[&bytes]);
            prop_assert_eq!(&frames(side, &cut), &whole);
            let all: Vec<u8> = whole.into_iter().flat_map(|(_, bytes)| bytes).collect();
            prop_assert_eq!(all, bytes);
        }
    }
}
