//! A command of the client, read as far as this room needs it (RFC 3501 section 6).

use crate::unit::{Held, Unit};
use crate::value::{Cursor, Fault, Value};

/// A command: who asks, what, and its arguments unread.
#[derive(Debug)]
pub(crate) struct Command<'a> {
    pub(crate) tag: &'a [u8],
    pub(crate) verb: Verb,
    pub(crate) args: Cursor<'a>,
}

/// The commands that mean something here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verb {
    Append,
    Authenticate,
    Capability,
    Close,
    Compress,
    Examine,
    Id,
    Login,
    Logout,
    Noop,
    Select,
    StartTls,
    Unselect,
    /// Any other; it passes, or is refused before the login.
    Other,
}

impl<'a> Command<'a> {
    /// Reads tag and verb; `None` where the line has none, as DONE and the lines of a SASL dialogue.
    pub(crate) fn parse(unit: &'a Unit) -> Option<Self> {
        let mut args = Cursor::new(unit);
        let tag = args.word();
        let verb = args.word();
        let known = VERBS.iter().find(|(name, _)| verb.eq_ignore_ascii_case(name.as_bytes()));
        let verb = match (known, verb) {
            (_, b"") => return None,
            (known, _) => known.map_or(Verb::Other, |(_, verb)| *verb),
        };
        is_tag(tag).then_some(Self { tag, verb, args })
    }
}

/// RFC 3501 section 9: a tag is made of what an astring may be made of, but `+`.
pub(crate) fn is_tag(tag: &[u8]) -> bool {
    let is = |byte: &u8| byte.is_ascii_graphic() && !b"(){%*\"\\+".contains(byte);
    !tag.is_empty() && tag.len() <= TAG && tag.iter().all(is)
}

/// APPEND up to where its text goes (RFC 3501 section 6.3.11; RFC 3502 for several messages,
/// RFC 6855 for `UTF8 (...)`).
#[derive(Debug, Default)]
pub(crate) struct Append<'a> {
    /// `None` where the mailbox's name is still to come.
    pub(crate) mailbox: Option<Vec<u8>>,
    pub(crate) flags: Vec<Vec<u8>>,
    pub(crate) date: Option<Vec<u8>>,
    /// The last message; flags and date are its own.
    pub(crate) message: Option<&'a Held>,
    pub(crate) next: Next,
}

/// What the literal is that an APPEND announces at its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Next {
    /// None is announced.
    #[default]
    Nothing,
    Mailbox,
    Message,
    /// A part of a message that the server puts together (CATENATE, RFC 4469).
    Part,
}

impl<'a> Append<'a> {
    pub(crate) fn parse(mut args: Cursor<'a>) -> Self {
        let mut append = Self::default();
        match args.value() {
            Ok(mailbox) => append.mailbox = mailbox.bytes().map(<[u8]>::to_vec),
            Err(Fault::Open) => {
                append.next = Next::Mailbox;
                return append;
            }
            Err(Fault::Syntax) => return append,
        }
        let mut next = Next::Message;
        loop {
            args.run(|byte| byte == b' ');
            match args.value() {
                Ok(Value::Literal(held)) => {
                    append.begin();
                    append.message = Some(held);
                }
                Ok(Value::List(values)) => append.list(&values),
                Ok(Value::Quoted(date)) => {
                    append.begin();
                    append.date = Some(date.into_owned());
                }
                Ok(Value::Atom(word)) if word.eq_ignore_ascii_case(b"CATENATE") => {
                    next = Next::Part;
                }
                Ok(Value::Atom(word)) if word.eq_ignore_ascii_case(b"UTF8") => {
                    args.run(|byte| byte == b' ');
                    args.take(b'(');
                }
                Ok(Value::Atom(_)) => {}
                Err(Fault::Open) => {
                    append.next = next;
                    return append;
                }
                Err(Fault::Syntax) => return append,
            }
        }
    }

    fn list(&mut self, values: &[Value<'a>]) {
        self.begin();
        self.flags = values.iter().filter_map(Value::bytes).map(<[u8]>::to_vec).collect();
    }

    /// What stands behind a message belongs to the next one.
    fn begin(&mut self) {
        if self.message.take().is_some() {
            self.flags.clear();
            self.date = None;
        }
    }
}

/// A longer tag is no tag: programs use a few characters.
const TAG: usize = 256;

const VERBS: [(&str, Verb); 13] = [
    ("APPEND", Verb::Append),
    ("AUTHENTICATE", Verb::Authenticate),
    ("CAPABILITY", Verb::Capability),
    ("CLOSE", Verb::Close),
    ("COMPRESS", Verb::Compress),
    ("EXAMINE", Verb::Examine),
    ("ID", Verb::Id),
    ("LOGIN", Verb::Login),
    ("LOGOUT", Verb::Logout),
    ("NOOP", Verb::Noop),
    ("SELECT", Verb::Select),
    ("STARTTLS", Verb::StartTls),
    ("UNSELECT", Verb::Unselect),
];
