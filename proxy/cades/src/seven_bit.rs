//! Makes the signed part: the same content in a form that no mail server changes (RFC 8551 section
//! 3.1.3: "multipart/signed ... MUST have 7-bit data").
//!
//! Where all is safe already, every byte stays. Else each leaf that is not safe is encoded anew, and
//! decodes to the same bytes:
//! - text with few escapes as quoted-printable, all else as base64; a transfer encoding that was
//!   there is undone first;
//! - multipart and message parts may not be encoded (RFC 2046 sections 5.1 and 5.2.1), so
//!   their children are;
//! - what would break by that is enclosed whole, byte for byte, as an attached `.eml` file: a
//!   multipart/signed or encrypted message that is not safe itself, a message whose header has 8-bit
//!   bytes or too long lines, an unknown transfer encoding, what is nested too deep to be read.
//!
//! Preamble and epilogue have no meaning (RFC 2046 section 5.1.1): safe ones stay, others are
//! left out.

use std::borrow::Cow;

use mail::Field;
use mail::mime::{ContentType, Encoding, Limits, Parameter, Part, decode, tree_of};

use crate::encode::{LineEnds, base64, copy, is_safe, quoted_printable, suits_quoted_printable};
use crate::header::{is_safe_field, write_field};

/// Writes the signed part of a message. `fresh` is a boundary for a multipart whose own cannot stay.
pub(crate) fn write_signed_part(message: &[u8], fresh: &str, into: &mut Vec<u8>) {
    let limits = Limits { depth: DEPTH, ..Limits::default() };
    let tree = tree_of(message, limits);
    let mut writer =
        Writer { bytes: message, ends: LineEnds::of(message), fresh, used: 0, out: into };
    let fields: Vec<Field<'_>> =
        tree.root.fields(message).into_iter().filter(is_content_field).collect();
    let safe = is_safe(&message[tree.root.body.clone()], writer.ends);
    let how = match (tree.cuts.is_empty(), safe) {
        // In a file with LF line ends a binary part may be among the parts.
        (true, true) if writer.ends == LineEnds::CrLf => How::AsIs,
        (true, _) => writer.how(&tree.root),
        (false, true) => How::AsIs,
        (false, false) => How::Enclose,
    };
    if matches!(how, How::AsIs) && !tree.root.content_type.given {
        // RFC 2045 section 5.2, said rather than left to be known.
        writer.line(&["Content-Type: text/plain; charset=us-ascii"]);
    }
    writer.write(&tree.root, &fields, how);
}

/// True for a field that speaks of the body and moves into the signed part.
pub(crate) fn is_content_field(field: &Field<'_>) -> bool {
    field.name().get(..8).is_some_and(|start| start.eq_ignore_ascii_case(b"content-"))
}

struct Writer<'a, 'b> {
    bytes: &'a [u8],
    ends: LineEnds,
    fresh: &'b str,
    used: usize,
    out: &'b mut Vec<u8>,
}

/// What becomes of a part.
enum How {
    /// Every byte of the body stays, but for LF that means CRLF.
    AsIs,
    /// As it is, without the blanks at line ends: fields of a report, where they mean nothing.
    Trimmed,
    /// A leaf in another transfer encoding.
    Encode,
    /// The children, each by itself.
    Nest,
    /// As an attached file that holds the exact bytes.
    Enclose,
}

impl<'a> Writer<'a, '_> {
    fn body(&self, part: &Part) -> &'a [u8] {
        &self.bytes[part.body.clone()]
    }

    fn how(&self, part: &Part) -> How {
        let kind = part.content_type.kind.as_str();
        let exact = part.encoding == Encoding::Binary && kind != "text";
        let ends = if exact { LineEnds::CrLf } else { self.ends };
        let plain_nest = kind == "multipart" && !part.children.is_empty();
        if plain_nest && part.content_type.subtype != "signed" {
            return How::Nest;
        }
        if is_safe(self.body(part), ends) {
            return How::AsIs;
        }
        match kind {
            "message" if !part.children.is_empty() => {
                if part.children.iter().all(|child| self.stays_whole(child)) {
                    How::Nest
                } else {
                    How::Enclose
                }
            }
            "message" if is_safe(&trimmed(self.body(part)), ends) => How::Trimmed,
            "message" | "multipart" => How::Enclose,
            _ if matches!(part.encoding, Encoding::Other(_)) => How::Enclose,
            _ => How::Encode,
        }
    }

    /// True where this message, enclosed in another, can be made safe without harm.
    fn stays_whole(&self, message: &Part) -> bool {
        let header = message
            .fields(self.bytes)
            .iter()
            .all(|field| is_content_field(field) || is_safe_field(field));
        header && self.needs_no_file(message)
    }

    fn needs_no_file(&self, part: &Part) -> bool {
        match self.how(part) {
            How::AsIs | How::Trimmed | How::Encode => true,
            How::Enclose => false,
            How::Nest if part.content_type.kind == "message" => true,
            How::Nest => part.children.iter().all(|child| self.needs_no_file(child)),
        }
    }

    fn write(&mut self, part: &Part, fields: &[Field<'_>], how: How) {
        match how {
            How::AsIs => {
                self.header(fields, part, None, None);
                let ends = self.ends;
                copy(self.body(part), ends, self.out);
            }
            How::Trimmed => {
                self.header(fields, part, None, None);
                let body = trimmed(self.body(part));
                copy(&body, self.ends, self.out);
            }
            How::Encode => self.write_encoded(part, fields),
            How::Nest if part.content_type.kind == "message" => {
                self.header(fields, part, None, None);
                for child in &part.children {
                    self.write(child, &child.fields(self.bytes), self.how(child));
                }
            }
            How::Nest => self.write_multipart(part, fields),
            How::Enclose => self.write_enclosed(part, fields),
        }
    }

    fn write_encoded(&mut self, part: &Part, fields: &[Field<'_>]) {
        let text = part.content_type.kind == "text";
        let content = self.content(part, text);
        let unnamed = !part.content_type.given && part.content_type.param("charset").is_none();
        let charset = (unnamed && text).then(|| default_type(&content));
        if text && suits_quoted_printable(&content) {
            self.header(fields, part, charset, Some("quoted-printable"));
            quoted_printable(&content, self.out);
        } else {
            self.header(fields, part, charset, Some("base64"));
            base64(&content, self.out);
        }
    }

    /// The bytes that a reader gets. In a file with LF line ends a text has CRLF by meaning.
    fn content(&self, part: &Part, text: bool) -> Cow<'a, [u8]> {
        let content = decode(&part.encoding, self.body(part)).bytes;
        let lines = match part.encoding {
            Encoding::Base64 => false,
            Encoding::Binary => text,
            _ => true,
        };
        if self.ends == LineEnds::CrLf || !lines {
            return content;
        }
        let mut canonical = Vec::with_capacity(content.len() + content.len() / 32);
        copy(&content, self.ends, &mut canonical);
        Cow::Owned(canonical)
    }

    fn write_multipart(&mut self, part: &Part, fields: &[Field<'_>]) {
        let own = part.content_type.param("boundary").map(Parameter::text);
        let own = own.as_deref().map(str::trim_end);
        let kept = own.filter(|own| is_fit_boundary(own)).map(str::to_owned);
        let (boundary, changed) = match kept {
            Some(own) => (own, None),
            None => {
                self.used += 1;
                let fresh = format!("{}_{}", self.fresh, self.used);
                let changed = with_boundary(&part.content_type, &fresh);
                (fresh, Some(changed))
            }
        };
        self.header(fields, part, changed, None);
        self.beside(part.preamble.clone(), b"", b"\r\n");
        for child in &part.children {
            self.line(&["--", &boundary]);
            self.write(child, &child.fields(self.bytes), self.how(child));
            self.line(&[]);
        }
        self.out.extend_from_slice(b"--");
        self.out.extend_from_slice(boundary.as_bytes());
        self.out.extend_from_slice(b"--");
        if part.closed && self.bytes[..part.epilogue.start].ends_with(b"\n") {
            self.line(&[]);
            self.beside(part.epilogue.clone(), b"", b"");
        }
    }

    /// Preamble or epilogue, where safe.
    fn beside(&mut self, range: core::ops::Range<usize>, before: &[u8], after: &[u8]) {
        let text = &self.bytes[range];
        if !text.is_empty() && is_safe(text, self.ends) {
            self.out.extend_from_slice(before);
            copy(text, self.ends, self.out);
            self.out.extend_from_slice(after);
        }
    }

    fn write_enclosed(&mut self, part: &Part, fields: &[Field<'_>]) {
        let (name, content) = match part.content_type.kind.as_str() {
            "message" => ("bericht.eml", decode(&part.encoding, self.body(part)).bytes),
            "multipart" => {
                let mut content = Vec::new();
                for field in fields {
                    content.extend_from_slice(field.raw());
                }
                content.extend_from_slice(b"\r\n");
                content.extend_from_slice(self.body(part));
                ("bericht.eml", Cow::Owned(content))
            }
            _ => ("bijlage.bin", Cow::Borrowed(self.body(part))),
        };
        self.line(&["Content-Type: application/octet-stream; name=\"", name, "\""]);
        self.line(&["Content-Transfer-Encoding: base64"]);
        self.line(&["Content-Disposition: attachment; filename=\"", name, "\""]);
        self.line(&[]);
        base64(&content, self.out);
    }

    /// The header and the empty line. Of a field that may stand once, the first counts, as it did in
    /// the tree.
    fn header(
        &mut self,
        fields: &[Field<'_>],
        part: &Part,
        content_type: Option<ContentType>,
        encoding: Option<&str>,
    ) {
        let mut changed_type = content_type;
        let mut changed_encoding = match (encoding, &part.encoding) {
            (None, Encoding::EightBit | Encoding::Binary) => Some("7bit"),
            (encoding, _) => encoding,
        };
        let mut seen: Vec<&str> = Vec::new();
        for field in fields {
            if let Some(name) = ONCE.into_iter().find(|name| field.is(name)) {
                if seen.contains(&name) {
                    continue;
                }
                seen.push(name);
            }
            if field.is("content-length") {
                continue;
            }
            if field.is("content-type") && changed_type.is_some() {
                self.type_line(changed_type.take());
            } else if field.is("content-transfer-encoding") && changed_encoding.is_some() {
                self.encoding_line(changed_encoding.take());
            } else {
                write_field(field, self.out);
            }
        }
        self.type_line(changed_type);
        self.encoding_line(changed_encoding);
        self.line(&[]);
    }

    fn type_line(&mut self, content_type: Option<ContentType>) {
        if let Some(content_type) = content_type {
            self.line(&["Content-Type: ", &content_type.encode()]);
        }
    }

    fn encoding_line(&mut self, encoding: Option<&str>) {
        if let Some(encoding) = encoding {
            self.line(&["Content-Transfer-Encoding: ", encoding]);
        }
    }

    fn line(&mut self, words: &[&str]) {
        for word in words {
            self.out.extend_from_slice(word.as_bytes());
        }
        self.out.extend_from_slice(b"\r\n");
    }
}

/// RFC 2046 section 5.1.1 allows 70 characters of few kinds; more is let through, as long as it can
/// stand in one line and in quotes.
fn is_fit_boundary(boundary: &str) -> bool {
    let fit = |byte: u8| matches!(byte, b' '..=b'~') && !b"\"\\".contains(&byte);
    (1..=200).contains(&boundary.len()) && boundary.bytes().all(fit)
}

fn with_boundary(content_type: &ContentType, boundary: &str) -> ContentType {
    let mut changed = content_type.clone();
    changed.params.retain(|param| param.name != "boundary");
    changed.params.push(parameter("boundary", boundary));
    changed
}

/// A text that names no type and is not US-ASCII, whose default type would be wrong.
fn default_type(content: &[u8]) -> ContentType {
    let charset = match core::str::from_utf8(content) {
        _ if content.is_ascii() => "us-ascii",
        Ok(_) => "utf-8",
        // RFC 1428 section 3.
        Err(_) => "unknown-8bit",
    };
    ContentType {
        kind: "text".to_owned(),
        subtype: "plain".to_owned(),
        params: vec![parameter("charset", charset)],
        given: true,
    }
}

fn parameter(name: &str, value: &str) -> Parameter {
    Parameter { name: name.to_owned(), value: value.as_bytes().to_vec(), charset: None }
}

/// Without the blanks before line ends.
fn trimmed(body: &[u8]) -> Vec<u8> {
    let mut kept = Vec::with_capacity(body.len());
    for line in body.split_inclusive(|&byte| byte == b'\n') {
        let text = line.trim_ascii_end();
        let line_end = if line.ends_with(b"\r\n") {
            &b"\r\n"[..]
        } else if line.ends_with(b"\n") {
            &b"\n"[..]
        } else {
            b""
        };
        kept.extend_from_slice(text);
        kept.extend_from_slice(line_end);
    }
    kept
}

/// Fields of which a part has one (RFC 2045, RFC 2183).
const ONCE: [&str; 3] = ["content-type", "content-transfer-encoding", "content-disposition"];
/// A nested message is looked at once for each message around it, so the cost grows with the
/// square of the depth; twenty forwardings as attachment are enough.
const DEPTH: usize = 40;
