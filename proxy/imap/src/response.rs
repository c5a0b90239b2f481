//! A response of the server, read as far as this room needs it (RFC 3501 section 7).

use crate::claim::{self, Claim};
use crate::command::is_tag;
use crate::number;
use crate::unit::{Held, Unit};
use crate::value::{Cursor, Fault, Value};

/// A response.
#[derive(Debug)]
pub(crate) enum Response<'a> {
    /// `+`, and what stands behind it.
    Continue(&'a [u8]),
    /// The end of a command.
    Tagged { tag: &'a [u8], status: Status, text: Text<'a> },
    /// `* OK` and its like.
    Untagged { status: Status, text: Text<'a> },
    /// `* CAPABILITY`.
    Capability(&'a [u8]),
    /// `* n FETCH`; the cursor stands before the list.
    Fetch { sequence: u32, items: Cursor<'a> },
    /// `* ENABLED` (RFC 5161).
    Enabled(&'a [u8]),
    /// `* FLAGS`.
    Flags(Vec<Vec<u8>>),
    /// `* SEARCH`, and its numbers.
    Search(&'a [u8]),
    /// `* LIST`; the cursor stands before the attributes.
    List(Cursor<'a>),
    /// Any other untagged data.
    Other,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Status {
    Ok,
    No,
    Bad,
    Preauth,
    Bye,
}

/// What stands behind a status: a code in brackets (RFC 5530) and words for people.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Text<'a> {
    /// The code's name, or nothing.
    pub(crate) code: &'a [u8],
    /// What stands behind the code's name.
    pub(crate) args: &'a [u8],
    pub(crate) words: &'a [u8],
}

impl<'a> Response<'a> {
    /// Reads a response; `None` where it is none.
    pub(crate) fn parse(unit: &'a Unit) -> Option<Self> {
        Self::parse_at(Cursor::new(unit))
    }

    /// Reads a response that is one line, without its CRLF.
    pub(crate) fn parse_line(line: &'a [u8]) -> Option<Self> {
        Self::parse_at(Cursor::over(line))
    }

    fn parse_at(mut cursor: Cursor<'a>) -> Option<Self> {
        let tag = cursor.word();
        if tag == b"+" {
            return Some(Self::Continue(cursor.rest()));
        }
        let word = cursor.word();
        let is = |name: &str| word.eq_ignore_ascii_case(name.as_bytes());
        let status = status(word);
        if tag != b"*" {
            let text = Text::parse(cursor.rest());
            return is_tag(tag).then_some(Self::Tagged { tag, status: status?, text });
        }
        if let Some(status) = status {
            return Some(Self::Untagged { status, text: Text::parse(cursor.rest()) });
        }
        if let Some(sequence) = number(word).and_then(|number| u32::try_from(number).ok()) {
            let fetch = cursor.word().eq_ignore_ascii_case(b"FETCH");
            return Some(if fetch { Self::Fetch { sequence, items: cursor } } else { Self::Other });
        }
        Some(match word {
            _ if is("CAPABILITY") => Self::Capability(cursor.rest()),
            _ if is("ENABLED") => Self::Enabled(cursor.rest()),
            _ if is("FLAGS") => Self::Flags(words(&cursor.value().ok()?)),
            _ if is("SEARCH") => Self::Search(cursor.rest()),
            _ if is("LIST") => Self::List(cursor),
            _ => Self::Other,
        })
    }
}

impl<'a> Text<'a> {
    pub(crate) fn parse(text: &'a [u8]) -> Self {
        let inner = text.strip_prefix(b"[").and_then(|rest| {
            let end = rest.iter().position(|&byte| byte == b']')?;
            Some((&rest[..end], rest[end + 1..].trim_ascii_start()))
        });
        let Some((inner, words)) = inner else {
            return Self { code: b"", args: b"", words: text };
        };
        let mut cursor = Cursor::over(inner);
        let code = cursor.word();
        Self { code, args: cursor.rest(), words }
    }

    pub(crate) fn is(&self, code: &str) -> bool {
        self.code.eq_ignore_ascii_case(code.as_bytes())
    }

    /// The argument as a list of words.
    pub(crate) fn list(&self) -> Vec<Vec<u8>> {
        Cursor::over(self.args).value().map(|value| words(&value)).unwrap_or_default()
    }
}

fn words(list: &Value<'_>) -> Vec<Vec<u8>> {
    list.list().iter().filter_map(Value::bytes).map(<[u8]>::to_vec).collect()
}

fn status(word: &[u8]) -> Option<Status> {
    let is = |name: &str| word.eq_ignore_ascii_case(name.as_bytes());
    Some(match word {
        _ if is("OK") => Status::Ok,
        _ if is("NO") => Status::No,
        _ if is("BAD") => Status::Bad,
        _ if is("PREAUTH") => Status::Preauth,
        _ if is("BYE") => Status::Bye,
        _ => return None,
    })
}

/// The items of a FETCH response that have to do with a message's bytes.
#[derive(Debug, Default)]
pub(crate) struct Fetch<'a> {
    pub(crate) uid: Option<u32>,
    pub(crate) size: Option<u64>,
    /// The whole message, where it came whole and was kept.
    pub(crate) message: Option<&'a Held>,
    /// Else the header, or the fields of it that were asked for, as far as they were kept.
    pub(crate) header: Option<&'a Held>,
    /// The size of the literal that is the whole message, kept or not.
    pub(crate) body: Option<u64>,
    pub(crate) claims: Vec<Claim>,
    /// What the literal is that is announced at the end.
    pub(crate) next: Piece,
}

/// What an item of FETCH gives of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Piece {
    /// All of it.
    Message,
    /// Its first bytes, or fields of its header.
    Start,
    /// Anything else.
    #[default]
    Other,
}

impl<'a> Fetch<'a> {
    /// Reads the items up to where the text goes; `None` where they are not understood.
    pub(crate) fn parse(mut items: Cursor<'a>) -> Option<Self> {
        let mut fetch = Self::default();
        if !items.take(b'(') {
            return None;
        }
        loop {
            items.run(|byte| byte == b' ');
            if items.take(b')') {
                fetch.claims.sort_unstable();
                fetch.claims.dedup();
                return Some(fetch);
            }
            let name = Name::parse(&mut items)?;
            if !items.take(b' ') {
                return None;
            }
            match items.value() {
                Ok(value) => fetch.item(&name, value),
                Err(Fault::Open) => {
                    fetch.next = name.piece();
                    return Some(fetch);
                }
                Err(Fault::Syntax) => return None,
            }
        }
    }

    fn item(&mut self, name: &Name<'a>, value: Value<'a>) {
        match (name.piece(), value) {
            (piece @ (Piece::Message | Piece::Start), Value::Literal(held)) => {
                self.claims.extend(&held.claims);
                if piece == Piece::Message {
                    self.body = Some(held.size);
                    self.message = held.is_whole().then_some(held);
                }
                self.header = self.message.is_none().then_some(held);
            }
            (Piece::Message | Piece::Start, Value::Quoted(text)) => {
                self.claims.extend(claim::of_header(&text));
            }
            (_, value) if name.is("UID") => {
                self.uid = value.bytes().and_then(number).and_then(|uid| u32::try_from(uid).ok());
            }
            (_, value) if name.is("RFC822.SIZE") => self.size = value.bytes().and_then(number),
            (_, value) if name.is("BODYSTRUCTURE") || name.is("BODY") => {
                self.claims.extend(structure_claim(&value));
            }
            _ => {}
        }
    }
}

/// The name of a FETCH item: `BODY[HEADER.FIELDS (FROM)]<0>`.
struct Name<'a> {
    word: &'a [u8],
    section: Option<&'a [u8]>,
    origin: Option<u64>,
}

impl<'a> Name<'a> {
    fn parse(items: &mut Cursor<'a>) -> Option<Self> {
        let word = items.run(|byte| byte.is_ascii_graphic() && !b"[]()<>{\"".contains(&byte));
        let mut name = Self { word, section: None, origin: None };
        if items.take(b'[') {
            let section = items.run(|byte| !matches!(byte, b']' | b'{' | b'\r'));
            name.section = items.take(b']').then_some(section);
            name.section?;
        }
        if items.take(b'<') {
            name.origin = number(items.run(|byte| byte.is_ascii_digit()));
            items.take(b'>').then_some(name.origin?)?;
        }
        (!word.is_empty()).then_some(name)
    }

    fn is(&self, word: &str) -> bool {
        self.section.is_none() && self.word.eq_ignore_ascii_case(word.as_bytes())
    }

    /// RFC 3501 section 6.4.5. BINARY (RFC 3516) is left alone: its bytes are decoded, and a
    /// signature covers the bytes as they were sent.
    fn piece(&self) -> Piece {
        let is = |word: &str| self.word.eq_ignore_ascii_case(word.as_bytes());
        match (self.section, self.origin) {
            (Some(b""), None) if is("BODY") => Piece::Message,
            (None, None) if is("RFC822") => Piece::Message,
            (None, None) if is("RFC822.HEADER") => Piece::Start,
            (Some(b""), Some(0)) if is("BODY") => Piece::Start,
            (Some(section), None | Some(0)) if is("BODY") => {
                let header = section.get(..6).is_some_and(|it| it.eq_ignore_ascii_case(b"HEADER"));
                if header { Piece::Start } else { Piece::Other }
            }
            _ => Piece::Other,
        }
    }
}

/// True where a response to FETCH can have to do with a message's bytes; most have flags alone.
pub(crate) fn may_claim(unit: &Unit) -> bool {
    let names =
        |word: &[u8]| word.eq_ignore_ascii_case(b"BODY") || word.eq_ignore_ascii_case(b"RFC8");
    !unit.literals.is_empty() || unit.text.windows(4).any(names)
}

/// A multipart has its parts first, then its subtype; any other part has its two types first
/// (RFC 3501 section 7.4.2).
fn structure_claim(body: &Value<'_>) -> Option<Claim> {
    let values = body.list();
    let parts = values.iter().take_while(|value| matches!(value, Value::List(_))).count();
    let kind = if parts > 0 { &b"multipart"[..] } else { values.first()?.bytes()? };
    claim::of_type(kind, values.get(parts.max(1))?.bytes()?)
}
