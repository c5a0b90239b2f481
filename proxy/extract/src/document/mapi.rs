//! What Outlook knows of a mail, as .msg and winmail.dat both spell it.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};

use encoding_rs::Encoding;

use super::{Desk, Here, lzfu, rtf};
use crate::{charset, html};

/// The properties of a mail that are text.
#[derive(Debug, Default)]
pub(crate) struct Mail {
    pub(crate) subject: String,
    pub(crate) people: Vec<String>,
    pub(crate) body: String,
    pub(crate) html: Vec<u8>,
    /// Compressed rich text.
    pub(crate) rtf: Vec<u8>,
    /// The header of the mail as it came.
    pub(crate) header: String,
}

impl Mail {
    /// Puts the mail's text on the desk. A mail says the same in up to three forms; a richer one is
    /// told where it has words that a plainer one has not.
    pub(crate) fn tell(&self, here: &Here, desk: &mut Desk) {
        let mut head = format!("{}\n", self.subject.trim());
        for name in &self.people {
            head.push_str(name);
            head.push('\n');
        }
        desk.text(here, &head);
        let header = self.header.to_lowercase();
        if header.lines().any(|line| line.starts_with("x-nta7516:")) {
            desk.claims_nta();
        }
        let mut said = HashSet::new();
        tell_new(&self.body, &mut said, here, desk);
        if !self.html.is_empty() {
            let text = html::text(&charset::text(&self.html, None));
            tell_new(&text, &mut said, here, desk);
        }
        if !self.rtf.is_empty() {
            let rich = lzfu::unpack(&self.rtf, desk);
            let text = rtf::text(&rich, desk);
            tell_new(&text, &mut said, here, desk);
        }
    }
}

/// One form of a body; nothing where it has no word that the forms before it did not have.
fn tell_new(text: &str, said: &mut HashSet<u64>, here: &Here, desk: &mut Desk) {
    let words = text.split(|letter: char| !letter.is_alphanumeric());
    let mut new = false;
    for word in words.filter(|word| !word.is_empty()) {
        let mut hasher = DefaultHasher::new();
        word.hash(&mut hasher);
        new |= said.insert(hasher.finish());
    }
    if new {
        desk.text(here, text);
    }
}

/// A property of one byte a letter.
pub(crate) fn narrow(bytes: &[u8], codepage: Option<&'static Encoding>) -> String {
    let text = match codepage {
        Some(encoding) => encoding.decode(bytes).0.into_owned(),
        None => charset::text(bytes, None),
    };
    text.trim_end_matches('\0').to_owned()
}

/// A property of two bytes a letter.
pub(crate) fn wide(bytes: &[u8]) -> String {
    let units: Vec<u16> =
        bytes.chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]])).collect();
    String::from_utf16_lossy(&units).trim_end_matches('\0').to_owned()
}

pub(crate) const SUBJECT: u16 = 0x0037;
pub(crate) const HEADER: u16 = 0x007d;
pub(crate) const SENDER: u16 = 0x0c1a;
pub(crate) const CC: u16 = 0x0e03;
pub(crate) const TO: u16 = 0x0e04;
pub(crate) const BODY: u16 = 0x1000;
pub(crate) const RTF: u16 = 0x1009;
pub(crate) const HTML: u16 = 0x1013;
pub(crate) const DATA: u16 = 0x3701;
pub(crate) const SHORT_NAME: u16 = 0x3704;
pub(crate) const NAME: u16 = 0x3707;
pub(crate) const DISPLAY_NAME: u16 = 0x3001;
