//! Mailboxes: their names, and what opening one tells of it.

use base64::Engine as _;
use base64::alphabet::IMAP_MUTF7;
use base64::engine::general_purpose::{GeneralPurpose, NO_PAD};

use crate::number;
use crate::response::{Response, Text};

/// A mailbox that is open.
#[derive(Clone, PartialEq, Eq)]
pub struct Selected {
    /// Its name as the protocol has it: modified UTF-7 (RFC 3501 section 5.1.3), whatever the mail
    /// program speaks. INBOX is in capitals.
    pub mailbox: Vec<u8>,
    /// UIDVALIDITY: with it a UID means one message for ever (RFC 3501 section 2.3.1.1). `None`
    /// where the server has no lasting UIDs.
    pub uid_validity: Option<u32>,
    /// Whether it can be changed.
    pub access: Access,
    permanent: Vec<Vec<u8>>,
}

/// Whether a mailbox can be changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// EXAMINE, or a mailbox that the user may not change.
    ReadOnly,
    /// SELECT.
    ReadWrite,
}

impl Selected {
    /// True where this flag or keyword can be set for good (PERMANENTFLAGS, RFC 3501 section 7.1).
    #[must_use]
    pub fn takes(&self, flag: &str) -> bool {
        let is = |has: &Vec<u8>| has == b"\\*" || has.eq_ignore_ascii_case(flag.as_bytes());
        self.access == Access::ReadWrite && self.permanent.iter().any(is)
    }
}

impl core::fmt::Debug for Selected {
    /// Not the name: folders are named after people.
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Selected")
            .field("uid_validity", &self.uid_validity)
            .field("access", &self.access)
            .finish_non_exhaustive()
    }
}

/// A mailbox that is being opened.
#[derive(Debug)]
pub(crate) struct Opening {
    selected: Selected,
    flags: Vec<Vec<u8>>,
    told: Told,
}

/// Whether the server said which flags last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Told {
    No,
    Yes,
}

impl Opening {
    pub(crate) fn new(mailbox: Vec<u8>, access: Access) -> Self {
        let selected = Selected { mailbox, uid_validity: None, access, permanent: Vec::new() };
        Self { selected, flags: Vec::new(), told: Told::No }
    }

    /// Takes what the server says while it opens the mailbox.
    pub(crate) fn hear(&mut self, response: Response<'_>) {
        match response {
            Response::Flags(flags) => self.flags = flags,
            Response::Untagged { text, .. } if text.is("UIDVALIDITY") => {
                self.selected.uid_validity = small(text.args);
            }
            Response::Untagged { text, .. } if text.is("PERMANENTFLAGS") => {
                self.selected.permanent = text.list();
                self.told = Told::Yes;
            }
            _ => {}
        }
    }

    /// The tagged OK came. Where PERMANENTFLAGS was not said, all flags last (RFC 3501 section
    /// 6.3.1).
    pub(crate) fn done(mut self, text: Text<'_>) -> Selected {
        if text.is("READ-ONLY") {
            self.selected.access = Access::ReadOnly;
        }
        if self.told == Told::No {
            self.selected.permanent = self.flags;
        }
        self.selected
    }
}

/// UIDVALIDITY and UID where the server said them (APPENDUID, RFC 4315).
pub(crate) fn append_uid(text: Text<'_>) -> Option<(u32, u32)> {
    let (validity, uid) = text.args.split_at_checked(text.args.iter().position(|&b| b == b' ')?)?;
    text.is("APPENDUID").then_some((small(validity)?, small(&uid[1..])?))
}

fn small(digits: &[u8]) -> Option<u32> {
    u32::try_from(number(digits)?).ok()
}

/// How the mail program writes mailbox names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Names {
    #[default]
    Utf7,
    /// After ENABLE UTF8=ACCEPT (RFC 6855) or IMAP4rev2.
    Utf8,
}

impl Names {
    /// The name as a connection knows it that has enabled nothing.
    pub(crate) fn plain(self, name: &[u8]) -> Vec<u8> {
        if name.eq_ignore_ascii_case(b"INBOX") {
            return b"INBOX".to_vec();
        }
        match (self, core::str::from_utf8(name)) {
            (Self::Utf8, Ok(text)) => utf7(text),
            _ => name.to_vec(),
        }
    }
}

/// Modified UTF-7 (RFC 3501 section 5.1.3).
fn utf7(text: &str) -> Vec<u8> {
    let (mut out, mut shifted) = (Vec::new(), Vec::new());
    let flush = |out: &mut Vec<u8>, shifted: &mut Vec<u8>| {
        if !shifted.is_empty() {
            let encoded = GeneralPurpose::new(&IMAP_MUTF7, NO_PAD).encode(&*shifted);
            out.extend_from_slice(format!("&{encoded}-").as_bytes());
            shifted.clear();
        }
    };
    for character in text.chars() {
        if matches!(character, ' '..='~') {
            flush(&mut out, &mut shifted);
            out.push(character as u8);
            if character == '&' {
                out.push(b'-');
            }
        } else {
            let mut units = [0; 2];
            let units = character.encode_utf16(&mut units);
            shifted.extend(units.iter().flat_map(|unit| unit.to_be_bytes()));
        }
    }
    flush(&mut out, &mut shifted);
    out
}

/// A string as a command may have it between quotes (RFC 3501 section 9); `None` where only a
/// literal can carry it.
pub(crate) fn quoted(text: &[u8]) -> Option<Vec<u8>> {
    let plain = text.iter().all(|byte| matches!(byte, b' '..=b'~'));
    plain.then(|| {
        let escape = |byte: &u8| match byte {
            b'"' | b'\\' => vec![b'\\', *byte],
            _ => vec![*byte],
        };
        let inner: Vec<u8> = text.iter().flat_map(escape).collect();
        [b"\"", inner.as_slice(), b"\""].concat()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_told_as_a_plain_connection_knows_them() {
        let plain = |text: &str| String::from_utf8(Names::Utf8.plain(text.as_bytes())).unwrap();
        assert_eq!(plain("Inbox"), "INBOX");
        assert_eq!(plain("~peter/mail/台北/日本語"), "~peter/mail/&U,BTFw-/&ZeVnLIqe-");
        assert_eq!(plain("Patiënten & co"), "Pati&AOs-nten &- co");
        assert_eq!(Names::Utf7.plain(b"Pati&AOs-nten"), b"Pati&AOs-nten");
        assert_eq!(Names::Utf8.plain(b"\xff"), b"\xff");
    }

    #[test]
    fn only_printable_text_is_quoted() {
        assert_eq!(quoted(br#"a "b\"#).unwrap(), br#""a \"b\\""#);
        for text in [&b"a\r\nb"[..], b"\0", "é".as_bytes()] {
            assert_eq!(quoted(text), None);
        }
    }

    #[test]
    fn a_keyword_lasts_where_the_server_takes_it() {
        let open = |lines: &[&[u8]], end: &[u8]| {
            let mut opening = Opening::new(b"INBOX".to_vec(), Access::ReadWrite);
            for line in lines {
                opening.hear(Response::parse_line(line).unwrap());
            }
            opening.done(Text::parse(end))
        };
        let flags = &b"* FLAGS (\\Seen $NtaVerified)"[..];
        let any = &b"* OK [PERMANENTFLAGS (\\Seen \\*)] yes"[..];
        let few = &b"* OK [PERMANENTFLAGS (\\Seen)] no"[..];
        assert!(open(&[flags, any, b"* OK [UIDVALIDITY 7] x"], b"[READ-WRITE] in").takes("$X"));
        assert!(!open(&[flags, few], b"in").takes("$NtaVerified"));
        assert!(open(&[flags], b"in").takes("$ntaverified"));
        assert!(!open(&[any], b"[READ-ONLY] in").takes("$NtaVerified"));
        assert_eq!(append_uid(Text::parse(b"[APPENDUID 38505 3955] done")), Some((38505, 3955)));
        assert_eq!(append_uid(Text::parse(b"[APPENDUID 38505 3955:3956] done")), None);
    }
}
