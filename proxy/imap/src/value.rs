//! The values of IMAP (RFC 3501 section 4): atoms, quoted strings, literals and lists.

use std::borrow::Cow;

use crate::frame;
use crate::unit::{Held, Unit};

/// One value.
#[derive(Debug)]
pub(crate) enum Value<'a> {
    /// An atom, a number, a flag, NIL.
    Atom(&'a [u8]),
    /// A quoted string without its quotes and escapes.
    Quoted(Cow<'a, [u8]>),
    Literal(&'a Held),
    List(Vec<Value<'a>>),
}

/// Why a value cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// The text ends at a literal that is still to come.
    Open,
    /// It is no IMAP, or none that this program must understand.
    Syntax,
}

/// Reads a [`Unit`] from left to right.
#[derive(Debug, Clone)]
pub(crate) struct Cursor<'a> {
    text: &'a [u8],
    literals: core::slice::Iter<'a, Held>,
}

impl<'a> Value<'a> {
    /// The bytes of an atom or a string; `None` for a list, and for a literal that was not kept.
    pub(crate) fn bytes(&self) -> Option<&[u8]> {
        match self {
            Self::Atom(bytes) => Some(bytes),
            Self::Quoted(bytes) => Some(bytes),
            Self::Literal(held) => held.is_whole().then_some(held.bytes.as_slice()),
            Self::List(_) => None,
        }
    }

    pub(crate) fn list(&self) -> &[Value<'a>] {
        match self {
            Self::List(values) => values,
            _ => &[],
        }
    }
}

impl<'a> Cursor<'a> {
    pub(crate) fn new(unit: &'a Unit) -> Self {
        let text = unit.text.strip_suffix(b"\r\n").unwrap_or(&unit.text);
        // The CRLF behind a literal's announcement belongs to the announcement.
        let text = if text.ends_with(b"}") { &unit.text } else { text };
        Self { text, literals: unit.literals.iter() }
    }

    /// A cursor over text that has no literals.
    pub(crate) fn over(text: &'a [u8]) -> Self {
        Self { text, literals: [].iter() }
    }

    pub(crate) fn rest(&self) -> &'a [u8] {
        self.text
    }

    pub(crate) fn is_at_end(&self) -> bool {
        self.text.is_empty() || self.text == b"\r\n"
    }

    pub(crate) fn take(&mut self, byte: u8) -> bool {
        let rest = self.text.strip_prefix(&[byte]);
        self.text = rest.unwrap_or(self.text);
        rest.is_some()
    }

    /// Takes bytes while they are of this kind.
    pub(crate) fn run(&mut self, is: impl Fn(u8) -> bool) -> &'a [u8] {
        let count = self.text.iter().position(|&byte| !is(byte)).unwrap_or(self.text.len());
        let (taken, rest) = self.text.split_at(count);
        self.text = rest;
        taken
    }

    /// The word up to the next blank, and the blank.
    pub(crate) fn word(&mut self) -> &'a [u8] {
        let word = self.run(|byte| !matches!(byte, b' ' | b'\r' | b'\n'));
        self.take(b' ');
        word
    }

    pub(crate) fn value(&mut self) -> Result<Value<'a>, Fault> {
        self.value_within(DEPTH)
    }

    fn value_within(&mut self, depth: usize) -> Result<Value<'a>, Fault> {
        match self.text.first() {
            Some(b'(') => self.list(depth.checked_sub(1).ok_or(Fault::Syntax)?),
            Some(b'"') => self.quoted().map(Value::Quoted),
            Some(b'{') => self.literal(),
            Some(b'~') if self.text.starts_with(b"~{") => {
                self.take(b'~');
                self.literal()
            }
            _ => {
                let atom = self.run(|byte| !matches!(byte, b' ' | b'(' | b')' | b'"' | 0..=31));
                if atom.is_empty() { Err(Fault::Syntax) } else { Ok(Value::Atom(atom)) }
            }
        }
    }

    /// Blanks between values may be missing, as between the bodies of a BODYSTRUCTURE.
    fn list(&mut self, depth: usize) -> Result<Value<'a>, Fault> {
        self.take(b'(');
        let mut values = Vec::new();
        loop {
            self.run(|byte| byte == b' ');
            if self.take(b')') {
                return Ok(Value::List(values));
            }
            values.push(self.value_within(depth)?);
        }
    }

    /// RFC 3501 section 9; bytes beyond US-ASCII are taken (RFC 6855, and servers of old).
    fn quoted(&mut self) -> Result<Cow<'a, [u8]>, Fault> {
        self.take(b'"');
        let plain = self.run(|byte| !matches!(byte, b'"' | b'\\' | b'\r' | b'\n'));
        if self.take(b'"') {
            return Ok(Cow::Borrowed(plain));
        }
        let mut text = plain.to_vec();
        loop {
            let (&byte, rest) = self.text.split_first().ok_or(Fault::Syntax)?;
            self.text = rest;
            match (byte, rest.split_first()) {
                (b'"', _) => return Ok(Cow::Owned(text)),
                (b'\\', Some((&escaped @ (b'"' | b'\\'), rest))) => {
                    text.push(escaped);
                    self.text = rest;
                }
                (b'\r' | b'\n' | b'\\', _) => return Err(Fault::Syntax),
                _ => text.push(byte),
            }
        }
    }

    fn literal(&mut self) -> Result<Value<'a>, Fault> {
        let announced = self.run(|byte| byte != b'\r');
        frame::literal(announced).ok_or(Fault::Syntax)?;
        self.text = self.text.strip_prefix(b"\r\n").ok_or(Fault::Syntax)?;
        match self.literals.next() {
            Some(held) => Ok(Value::Literal(held)),
            None if self.text.is_empty() => Err(Fault::Open),
            None => Err(Fault::Syntax),
        }
    }
}

/// Lists in lists: a BODYSTRUCTURE has two levels for each level of MIME.
const DEPTH: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::relay::Limits;
    use crate::unit::Take;

    fn shown(value: &Value<'_>) -> String {
        match value {
            Value::List(values) => {
                format!("({})", values.iter().map(shown).collect::<Vec<_>>().join(" "))
            }
            Value::Atom(atom) => String::from_utf8_lossy(atom).into_owned(),
            value => format!("<{}>", String::from_utf8_lossy(value.bytes().unwrap())),
        }
    }

    fn read(text: &str) -> Result<String, Fault> {
        let mut cursor = Cursor::over(text.as_bytes());
        cursor.value().map(|value| shown(&value) + &String::from_utf8_lossy(cursor.rest()))
    }

    #[test]
    fn values_are_atoms_strings_and_lists() {
        for (text, expected) in [
            ("INBOX", "INBOX"),
            ("\\Seen \\*", "\\Seen \\*"),
            (r#""a \"b\" \\ c" d"#, r#"<a "b" \ c> d"#),
            ("\"\"", "<>"),
            ("(a (b)(c \"d\")  NIL) e", "(a (b) (c <d>) NIL) e"),
            ("()", "()"),
        ] {
            assert_eq!(read(text).as_deref(), Ok(expected), "{text}");
        }
        let deep = "(".repeat(100);
        for text in ["", "(", "(a", "\"a", "\"a\\b\"", ")", "\"a\r\nb\"", "{1}", "{1}x", &deep] {
            assert_eq!(read(text), Err(Fault::Syntax), "{text}");
        }
        assert_eq!(read("({12}\r\n"), Err(Fault::Open));
    }

    #[test]
    fn a_literal_stands_where_it_was_announced() {
        let (mut unit, limits) = (Unit::default(), Limits::default());
        unit.line(b"({2}\r\n", &limits);
        unit.begin_literal(2, Take::Argument, &limits, 0);
        unit.literal(b")", 1, &limits, 0);
        unit.literal(b"(", 0, &limits, 0);
        unit.line(b" ~{1}\r\n", &limits);
        assert_eq!(Cursor::new(&unit).value().unwrap_err(), Fault::Open);
        unit.begin_literal(1, Take::Argument, &limits, 0);
        unit.literal(b"\0", 0, &limits, 0);
        unit.line(b")\r\n", &limits);
        assert_eq!(shown(&Cursor::new(&unit).value().unwrap()), "(<)(> <\0>)");
    }
}
