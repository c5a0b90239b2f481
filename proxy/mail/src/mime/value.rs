use core::fmt::Write as _;

use memchr::memchr;

/// Media type (RFC 2045 section 5). Debug shows types, never parameters: file names are private.
#[derive(Clone, PartialEq, Eq)]
pub struct ContentType {
    /// Top-level type in lower case: `text`, `multipart`.
    pub kind: String,
    /// Subtype in lower case: `plain`, `mixed`.
    pub subtype: String,
    /// Parameters in order, RFC 2231 undone.
    pub params: Vec<Parameter>,
    /// False where the field is absent or says nothing readable, and the default stands here.
    pub given: bool,
}

/// A parameter (RFC 2045 section 5.1) with its continuations joined and its octets decoded
/// (RFC 2231). The same name occurs once; the RFC 2231 form wins.
#[derive(Clone, PartialEq, Eq)]
pub struct Parameter {
    /// Name in lower case, without asterisks.
    pub name: String,
    /// Exact bytes of the value.
    pub value: Vec<u8>,
    /// Charset of the value, in lower case, where RFC 2231 names one.
    pub charset: Option<String>,
}

/// Content-Disposition (RFC 2183).
#[derive(Clone, PartialEq, Eq)]
pub struct Disposition {
    /// `inline`, `attachment` or another word, in lower case.
    pub kind: String,
    /// Parameters as of a [`ContentType`].
    pub params: Vec<Parameter>,
}

/// Content-Transfer-Encoding (RFC 2045 section 6).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Encoding {
    /// 7bit, also where the field is absent; `7-bit` is a known misspelling.
    SevenBit,
    /// 8bit.
    EightBit,
    /// binary.
    Binary,
    /// quoted-printable.
    QuotedPrintable,
    /// base64.
    Base64,
    /// Any other word, in lower case: the body must not be read (section 6.4).
    Other(String),
}

impl ContentType {
    /// Reads a field value; folds may be in it. What is no type/subtype becomes text/plain
    /// (RFC 2045 section 5.2).
    #[must_use]
    pub fn parse(value: &[u8]) -> Self {
        let mut reader = Reader::new(value);
        let kind = reader.word();
        let subtype = if reader.take(b'/') { reader.word() } else { String::new() };
        if kind.is_empty() || subtype.is_empty() {
            return Self { params: reader.params(), ..Self::absent("text", "plain") };
        }
        Self { kind, subtype, params: reader.params(), given: true }
    }

    /// The parameter of that name (in lower case).
    #[must_use]
    pub fn param(&self, name: &str) -> Option<&Parameter> {
        self.params.iter().find(|param| param.name == name)
    }

    /// True for this type and subtype, both in lower case.
    #[must_use]
    pub fn is(&self, kind: &str, subtype: &str) -> bool {
        self.kind == kind && self.subtype == subtype
    }

    /// A field value in US-ASCII, parameters folded one a line (RFC 2231 where they need it).
    #[must_use]
    pub fn encode(&self) -> String {
        encode(format!("{}/{}", self.kind, self.subtype), &self.params)
    }

    pub(super) fn absent(kind: &str, subtype: &str) -> Self {
        Self {
            kind: kind.to_owned(),
            subtype: subtype.to_owned(),
            params: Vec::new(),
            given: false,
        }
    }

    /// RFC 2046 section 5.1.1: no blank ends a boundary.
    pub(super) fn boundary(&self) -> Option<Vec<u8>> {
        let value = self.param("boundary")?.value.trim_ascii_end();
        (!value.is_empty()).then(|| value.to_vec())
    }
}

impl core::fmt::Debug for ContentType {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "{}/{}", self.kind, self.subtype)
    }
}

impl Parameter {
    /// The value as text: UTF-8, else ISO 8859-1, which has a character for every byte.
    #[must_use]
    pub fn text(&self) -> String {
        match core::str::from_utf8(&self.value) {
            Ok(text) => text.to_owned(),
            Err(_) => self.value.iter().map(|&byte| char::from(byte)).collect(),
        }
    }
}

impl core::fmt::Debug for Parameter {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "Parameter({})", self.name)
    }
}

impl Disposition {
    /// Reads a field value; folds may be in it.
    #[must_use]
    pub fn parse(value: &[u8]) -> Self {
        let mut reader = Reader::new(value);
        Self { kind: reader.word(), params: reader.params() }
    }

    /// The parameter of that name (in lower case).
    #[must_use]
    pub fn param(&self, name: &str) -> Option<&Parameter> {
        self.params.iter().find(|param| param.name == name)
    }
}

impl Disposition {
    /// A field value in US-ASCII, parameters folded one a line (RFC 2231 where they need it).
    #[must_use]
    pub fn encode(&self) -> String {
        encode(self.kind.clone(), &self.params)
    }
}

impl core::fmt::Debug for Disposition {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "Disposition({})", self.kind)
    }
}

impl Encoding {
    /// Reads a field value.
    #[must_use]
    pub fn parse(value: &[u8]) -> Self {
        match Reader::new(value).word().as_str() {
            "" | "7bit" | "7-bit" => Self::SevenBit,
            "8bit" | "8-bit" => Self::EightBit,
            "binary" => Self::Binary,
            "quoted-printable" => Self::QuotedPrintable,
            "base64" => Self::Base64,
            other => Self::Other(other.to_owned()),
        }
    }

    /// True where body and content are the same bytes.
    #[must_use]
    pub fn is_identity(&self) -> bool {
        matches!(self, Self::SevenBit | Self::EightBit | Self::Binary)
    }
}

/// Reads a structured value without its folds.
struct Reader {
    value: Vec<u8>,
    at: usize,
}

/// One parameter as it stands: `name*2*=...` has section 2 and is extended.
struct Raw {
    name: String,
    section: Option<usize>,
    extended: bool,
    value: Vec<u8>,
}

impl Reader {
    fn new(value: &[u8]) -> Self {
        let value = &value[..value.len().min(VALUE_MOST)];
        Self {
            value: value.iter().copied().filter(|byte| !matches!(byte, b'\r' | b'\n')).collect(),
            at: 0,
        }
    }

    fn peek(&self) -> Option<u8> {
        self.value.get(self.at).copied()
    }

    fn take(&mut self, byte: u8) -> bool {
        self.skip();
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    /// Passes over blanks and comments (RFC 5322 section 3.2.2).
    fn skip(&mut self) {
        let mut depth = 0_usize;
        while let Some(byte) = self.peek() {
            match byte {
                b'(' => depth += 1,
                b')' if depth > 0 => depth -= 1,
                b'\\' if depth > 0 => self.at += 1,
                b' ' | b'\t' => {}
                _ if depth > 0 => {}
                _ => return,
            }
            self.at += 1;
        }
    }

    /// A token (RFC 2045 section 5.1) in lower case; bytes beyond US-ASCII become U+FFFD.
    fn word(&mut self) -> String {
        self.skip();
        let start = self.at.min(self.value.len());
        while self.peek().is_some_and(|byte| !is_special(byte)) {
            self.at += 1;
        }
        let end = self.at.clamp(start, self.value.len());
        String::from_utf8_lossy(&self.value[start..end]).to_ascii_lowercase()
    }

    fn params(&mut self) -> Vec<Parameter> {
        let mut raw = Vec::new();
        while raw.len() < PARAMS_MOST {
            let Some(semicolon) = self.value.get(self.at..).and_then(|rest| memchr(b';', rest))
            else {
                break;
            };
            self.at += semicolon + 1;
            let name = self.word();
            if name.is_empty() || !self.take(b'=') {
                continue;
            }
            self.skip();
            let value = if self.peek() == Some(b'"') { self.quoted() } else { self.bare() };
            raw.push(Raw::new(&name, value));
        }
        join(raw)
    }

    fn quoted(&mut self) -> Vec<u8> {
        let mut value = Vec::new();
        self.at += 1;
        while let Some(byte) = self.peek() {
            self.at += 1;
            match byte {
                b'"' => break,
                b'\\' => {
                    value.extend(self.peek());
                    self.at += 1;
                }
                _ => value.push(byte),
            }
        }
        value
    }

    /// A token, or, where blanks stand in it (`filename=my file.pdf`), all up to the semicolon
    /// or a comment.
    fn bare(&mut self) -> Vec<u8> {
        let rest = self.value.get(self.at..).unwrap_or_default();
        let end = memchr(b';', rest).unwrap_or(rest.len());
        let end = rest[..end].windows(2).position(|w| w == b" (").unwrap_or(end);
        self.at += end;
        rest[..end].trim_ascii().to_vec()
    }
}

impl Raw {
    fn new(name: &str, value: Vec<u8>) -> Self {
        let (name, extended) = match name.strip_suffix('*') {
            Some(name) => (name, true),
            None => (name, false),
        };
        let section =
            name.rsplit_once('*').and_then(|(base, digits)| Some((base, digits.parse().ok()?)));
        Self {
            name: section.map_or(name, |(base, _)| base).to_owned(),
            section: section.map(|(_, number)| number),
            extended,
            value,
        }
    }

    /// RFC 2231 forms first; sections in order.
    fn rank(&self) -> (bool, usize) {
        (self.section.is_none() && !self.extended, self.section.unwrap_or(0))
    }
}

/// RFC 2231 section 3: joins the sections 0, 1, 2 of one name, up to the first that is missing.
fn join(raw: Vec<Raw>) -> Vec<Parameter> {
    let mut names: Vec<String> = Vec::new();
    for param in &raw {
        if !names.contains(&param.name) {
            names.push(param.name.clone());
        }
    }
    names
        .into_iter()
        .map(|name| {
            let mut sections: Vec<&Raw> = raw.iter().filter(|raw| raw.name == name).collect();
            sections.sort_by_key(|raw| raw.rank());
            join_one(name, &sections)
        })
        .collect()
}

fn join_one(name: String, sections: &[&Raw]) -> Parameter {
    let mut value = Vec::new();
    let mut charset = None;
    for (place, raw) in sections.iter().enumerate() {
        if place > 0 && raw.section != Some(place) {
            break;
        }
        let mut rest = raw.value.as_slice();
        if raw.extended && place == 0 {
            let mut split = rest.splitn(3, |&byte| byte == b'\'');
            if let (Some(named), Some(_language), Some(text)) =
                (split.next(), split.next(), split.next())
            {
                let named = String::from_utf8_lossy(named).to_ascii_lowercase();
                charset = (!named.is_empty()).then_some(named);
                rest = text;
            }
        }
        if raw.extended {
            percent(rest, &mut value);
        } else {
            value.extend_from_slice(rest);
        }
        if raw.section.is_none() {
            break;
        }
    }
    Parameter { name, value, charset }
}

fn percent(text: &[u8], into: &mut Vec<u8>) {
    let mut at = 0;
    while let Some(&byte) = text.get(at) {
        let pair = text.get(at + 1..at + 3).filter(|_| byte == b'%');
        match pair
            .and_then(|pair| core::str::from_utf8(pair).ok())
            .map(|pair| u8::from_str_radix(pair, 16))
        {
            Some(Ok(octet)) => {
                into.push(octet);
                at += 3;
            }
            _ => {
                into.push(byte);
                at += 1;
            }
        }
    }
}

/// RFC 2045 section 5.1: `tspecials`, blanks and controls end a token.
fn is_special(byte: u8) -> bool {
    byte <= b' ' || byte == 127 || b"()<>@,;:\\\"/[]?=".contains(&byte)
}

fn encode(head: String, params: &[Parameter]) -> String {
    let mut value = head.replace(|c: char| !c.is_ascii_graphic(), "");
    for param in params {
        write_param(param, &mut value);
    }
    value
}

/// Writes one parameter so that it stays within US-ASCII and 76 columns: as it is where it can, else
/// in RFC 2231 form with continuations. Each piece is preceded by `;`, a line end and a blank.
fn write_param(param: &Parameter, into: &mut String) {
    let plain = |byte: &u8| matches!(byte, b' '..=b'~') && !b"\"\\".contains(byte);
    let name = param.name.replace(|c: char| !c.is_ascii_graphic(), "");
    if param.value.len() <= PLAIN_MOST && param.value.iter().all(plain) {
        let _ = write!(into, ";\r\n {name}=\"{}\"", param.text());
        return;
    }
    let utf8 = core::str::from_utf8(&param.value).is_ok();
    let guess = if utf8 { "utf-8" } else { "iso-8859-1" };
    let charset = param.charset.as_deref().unwrap_or(guess);
    let charset = charset.replace(|c: char| !c.is_ascii_graphic() || c == '\'', "");
    let mut pieces = vec![format!("{charset}''")];
    for &byte in &param.value {
        let unit = if byte.is_ascii_alphanumeric() || b"-._".contains(&byte) {
            char::from(byte).to_string()
        } else {
            format!("%{byte:02X}")
        };
        match pieces.last_mut() {
            Some(last) if last.len() + unit.len() <= PIECE_MOST => last.push_str(&unit),
            _ => pieces.push(unit),
        }
    }
    for (place, piece) in pieces.iter().enumerate() {
        let section = match pieces.len() {
            1 => String::new(),
            _ => format!("*{place}"),
        };
        let _ = write!(into, ";\r\n {name}{section}*={piece}");
    }
}

/// A longer value goes into sections.
const PLAIN_MOST: usize = 60;
/// With a name of 20 characters a section still fits 76 columns.
const PIECE_MOST: usize = 50;
/// A field value of 64 KiB is no honest one; what follows is not read.
const VALUE_MOST: usize = 64 * 1024;
/// A long file name in RFC 2231 sections takes some tens.
const PARAMS_MOST: usize = 300;
