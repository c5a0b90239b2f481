//! What a server can do (RFC 3501 section 7.2.1), and what of it must not reach the mail program.

use wire::sasl::Mechanism;

use crate::frame::End;

/// The words of a CAPABILITY response, in their order and spelling.
#[derive(Clone, PartialEq, Eq)]
pub struct Capabilities {
    words: Vec<Vec<u8>>,
}

/// What this program offers a mail program of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Offer {
    /// STARTTLS, and no login before it (RFC 3501 section 6.2.1).
    StartTls,
    /// The ways to log in.
    Login,
    /// Nothing: the mail program is logged in.
    Nothing,
}

impl Capabilities {
    /// Before the login, where the provider is not known yet: what the log-in itself can do.
    #[must_use]
    pub fn own() -> Self {
        Self::parse(b"IMAP4rev1 LITERAL+ ID")
    }

    /// Reads what stands behind the word CAPABILITY.
    #[must_use]
    pub fn parse(data: &[u8]) -> Self {
        let words = data.split(|byte| byte.is_ascii_whitespace());
        Self { words: words.filter(|word| !word.is_empty()).map(<[u8]>::to_vec).collect() }
    }

    /// True where this word is among them; case makes no difference.
    #[must_use]
    pub fn has(&self, word: &str) -> bool {
        self.words.iter().any(|has| has.eq_ignore_ascii_case(word.as_bytes()))
    }

    /// The known mechanisms that are offered, the one to be preferred first.
    #[must_use]
    pub fn auth(&self) -> Vec<Mechanism> {
        let offered = |mechanism: &Mechanism| self.has(&format!("AUTH={}", mechanism.name()));
        Mechanism::ALL.into_iter().filter(offered).collect()
    }

    /// Without what must not reach the mail program, and with what is offered here.
    #[must_use]
    pub fn offering(&self, offer: Offer) -> Self {
        let mut words = self.words.clone();
        words.retain(|word| !is_hidden(word) && !word.eq_ignore_ascii_case(b"SASL-IR"));
        let ours: &[&str] = match offer {
            Offer::StartTls => &["STARTTLS", "LOGINDISABLED"],
            Offer::Login => &["SASL-IR", "AUTH=CRAM-MD5", "AUTH=PLAIN", "AUTH=LOGIN"],
            Offer::Nothing => &[],
        };
        words.extend(ours.iter().map(|word| word.as_bytes().to_vec()));
        Self { words }
    }

    /// `CAPABILITY` and the words.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        self.words
            .iter()
            .fold(b"CAPABILITY".to_vec(), |line, word| [&line, &b" "[..], word].concat())
    }
}

impl core::fmt::Debug for Capabilities {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(&String::from_utf8_lossy(&self.encode()))
    }
}

/// True for a word that would make the mail program do what cannot pass here.
///
/// - STARTTLS, LOGINDISABLED and AUTH= are said of a connection that is not the mail program's;
///   with them goes every SCRAM-*-PLUS, whose channel binding could not hold (RFC 5929).
/// - COMPRESS= (RFC 4978) would make the session unreadable.
/// - UNAUTHENTICATE (RFC 8437) would make the mail program log in again, and its local password
///   would go to the provider.
fn is_hidden(word: &[u8]) -> bool {
    let begins = |name: &str| {
        word.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name.as_bytes()))
    };
    let is = |name: &str| word.eq_ignore_ascii_case(name.as_bytes());
    begins("COMPRESS=")
        || begins("AUTH=")
        || is("STARTTLS")
        || is("LOGINDISABLED")
        || is("UNAUTHENTICATE")
}

/// Takes hidden words out of the server's lines while they pass: out of `* CAPABILITY` and out of
/// the code `[CAPABILITY ...]` of a status response, and nowhere else. At most one word is held
/// back; every other byte goes on at once.
#[derive(Debug, Default)]
pub(crate) struct Rewriter {
    state: State,
    /// The beginning of a response, up to where it is known what it is. It was passed on.
    head: Vec<u8>,
}

#[derive(Debug, Default)]
enum State {
    /// At the beginning of a response.
    #[default]
    Head,
    /// In capability data, with the word that is held back and the blank before it.
    Data(Vec<u8>),
    /// In a word that is too long to be one to hide.
    LongWord,
    /// The rest of a response.
    Rest,
}

impl Rewriter {
    /// A slice of a line goes to `out`, as it is or without hidden words.
    pub(crate) fn line(&mut self, bytes: &[u8], end: End, out: &mut Vec<u8>) {
        let mut rest = bytes;
        while let Some((&byte, behind)) = rest.split_first() {
            if let State::Rest = self.state {
                break;
            }
            self.byte(byte, out);
            rest = behind;
        }
        out.extend_from_slice(rest);
        match end {
            End::Open => {}
            End::Whole => {
                self.release(out);
                self.head.clear();
                self.state = State::Head;
            }
            End::Literal(_) => {
                self.release(out);
                self.state = State::Rest;
            }
        }
    }

    /// Gives out the word that is held back: nothing follows it.
    pub(crate) fn release(&mut self, out: &mut Vec<u8>) {
        if let State::Data(word) = &mut self.state {
            out.append(word);
        }
    }

    fn byte(&mut self, byte: u8, out: &mut Vec<u8>) {
        match &mut self.state {
            State::Head if byte == b' ' => match seen(&self.head) {
                Seen::Capability => self.state = State::Data(vec![byte]),
                Seen::Open if self.head.len() < HEAD => {
                    self.head.push(byte);
                    out.push(byte);
                }
                Seen::Open | Seen::Other => {
                    out.push(byte);
                    self.state = State::Rest;
                }
            },
            State::Head => {
                out.push(byte);
                match self.head.len() < HEAD {
                    true => self.head.push(byte),
                    false => self.state = State::Rest,
                }
            }
            State::Data(word) => match byte {
                b' ' | b']' | b'\r' | b'\n' => {
                    if !is_hidden(word.get(1..).unwrap_or_default()) {
                        out.append(word);
                    }
                    word.clear();
                    word.push(byte);
                    if byte != b' ' {
                        out.append(word);
                        self.state = State::Rest;
                    }
                }
                _ if word.len() > WORD => {
                    out.append(word);
                    out.push(byte);
                    self.state = State::LongWord;
                }
                _ => word.push(byte),
            },
            State::LongWord if byte == b' ' => self.state = State::Data(vec![byte]),
            State::LongWord | State::Rest => out.push(byte),
        }
    }
}

/// What the beginning of a response is, at a blank.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Seen {
    /// Capability data follows.
    Capability,
    /// It may still become one of the two forms.
    Open,
    Other,
}

fn seen(head: &[u8]) -> Seen {
    let mut words = head.split(|&byte| byte == b' ');
    let (tag, word, code) = (words.next().unwrap_or_default(), words.next(), words.next());
    let is = |word: &[u8], name: &str| word.eq_ignore_ascii_case(name.as_bytes());
    let is_status = |word| ["OK", "NO", "BAD", "PREAUTH", "BYE"].iter().any(|name| is(word, name));
    match (tag, word, code) {
        (b"", ..) | (b"+", ..) => Seen::Other,
        (_, None, _) => Seen::Open,
        (b"*", Some(word), None) if is(word, "CAPABILITY") => Seen::Capability,
        (_, Some(word), None) if is_status(word) => Seen::Open,
        (_, Some(_), Some(code)) if is(code, "[CAPABILITY") => Seen::Capability,
        _ => Seen::Other,
    }
}

/// A tag, a status and `[CAPABILITY`; a longer beginning is another response's.
const HEAD: usize = 300;
/// No known word comes near: the longest mechanism's name is twenty characters (RFC 4422).
const WORD: usize = 256;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::frame::{Frame, Framer, Side};

    fn rewritten(pieces: &[&[u8]]) -> Vec<u8> {
        let (mut framer, mut rewriter) = (Framer::new(Side::Server), Rewriter::default());
        let mut out = Vec::new();
        for piece in pieces {
            let mut rest = *piece;
            while let Some(frame) = framer.next(&mut rest) {
                match frame {
                    Frame::Line { bytes, end } => rewriter.line(bytes, end, &mut out),
                    Frame::Literal { bytes, .. } | Frame::Opaque(bytes) => {
                        out.extend_from_slice(bytes);
                    }
                }
            }
        }
        rewriter.release(&mut out);
        out
    }

    #[test]
    fn hidden_words_go_and_the_rest_keeps_order_and_spelling() {
        for (given, expected) in [
            (
                "* CAPABILITY IMAP4rev1 SASL-IR compress=DEFLATE IDLE AUTH=SCRAM-SHA-256-PLUS Foo\r\n",
                "* CAPABILITY IMAP4rev1 SASL-IR IDLE Foo\r\n",
            ),
            (
                "* OK [CAPABILITY IMAP4rev1 STARTTLS LOGINDISABLED] Dovecot STARTTLS ready.\r\n",
                "* OK [CAPABILITY IMAP4rev1] Dovecot STARTTLS ready.\r\n",
            ),
            (
                "a1 ok [capability IMAP4rev1 X UNAUTHENTICATE COMPRESS=DEFLATE] in\r\n* 1 EXISTS\r\n",
                "a1 ok [capability IMAP4rev1 X] in\r\n* 1 EXISTS\r\n",
            ),
            ("* CAPABILITY COMPRESS=DEFLATE\r\n", "* CAPABILITY\r\n"),
            ("* CAPABILITY COMPRESS=DEFLATE", "* CAPABILITY COMPRESS=DEFLATE"),
        ] {
            assert_eq!(String::from_utf8(rewritten(&[given.as_bytes()])).unwrap(), expected);
        }
        let long = format!("* CAPABILITY {} COMPRESS=DEFLATE X\r\n", "y".repeat(100_000));
        let expected = long.replace(" COMPRESS=DEFLATE", "");
        assert!(rewritten(&[long.as_bytes()]) == expected.as_bytes());
    }

    #[test]
    fn nothing_else_is_touched() {
        for text in [
            "* OK STARTTLS [CAPABILITY COMPRESS=DEFLATE] x\r\n",
            "* OK [ALERT] COMPRESS=DEFLATE STARTTLS\r\n",
            "* LIST () \"/\" CAPABILITY STARTTLS\r\n",
            "+ OK [CAPABILITY COMPRESS=DEFLATE]\r\n",
            "* 1 FETCH (BODY[] {27}\r\n* CAPABILITY STARTTLS X\r\n\r\n COMPRESS=DEFLATE)\r\n",
            "* X {0}\r\n* CAPABILITY STARTTLS X\r\n",
            " * CAPABILITY STARTTLS\r\n",
            "*  CAPABILITY STARTTLS\r\n",
            "* CAPABILITY\r\n",
            "\r\n",
        ] {
            assert_eq!(String::from_utf8(rewritten(&[text.as_bytes()])).unwrap(), text);
        }
    }

    #[test]
    fn what_is_offered_here_replaces_what_the_provider_offers() {
        let there = Capabilities::parse(b"IMAP4rev1 AUTH=XOAUTH2 SASL-IR STARTTLS QUOTA");
        let shown = |offer| String::from_utf8(there.offering(offer).encode()).unwrap();
        let login = "CAPABILITY IMAP4rev1 QUOTA SASL-IR AUTH=CRAM-MD5 AUTH=PLAIN AUTH=LOGIN";
        assert_eq!(shown(Offer::Login), login);
        assert_eq!(shown(Offer::StartTls), "CAPABILITY IMAP4rev1 QUOTA STARTTLS LOGINDISABLED");
        assert_eq!(shown(Offer::Nothing), "CAPABILITY IMAP4rev1 QUOTA");
        let offered = Capabilities::parse(b"auth=plain AUTH=CRAM-MD5 AUTH=GSSAPI");
        assert_eq!(offered.auth(), [Mechanism::CramMd5, Mechanism::Plain]);
    }

    proptest! {
        #[test]
        fn the_result_does_not_depend_on_how_the_bytes_are_cut(
            words in proptest::collection::vec(proptest::sample::select(vec![
                &b"* "[..], b"a1 ", b"OK ", b"[CAPABILITY", b"CAPABILITY", b" ", b"STARTTLS", b"]",
                b"\r\n", b"AUTH=", b"{4}\r\n", b"x", b"\r", b"\n",
            ]), 0..40),
            size in 1_usize..9,
        ) {
            let bytes = words.concat();
            let cut: Vec<&[u8]> = bytes.chunks(size).collect();
            prop_assert_eq!(rewritten(&cut), rewritten(&[&bytes]));
        }
    }
}
