//! What mail servers leave alone, and the two encodings that make it so.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use memchr::{memchr, memchr_iter, memchr2_iter};

/// What ends a line in the message as it was handed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LineEnds {
    /// CRLF: a bare LF is data.
    CrLf,
    /// A bare LF, as in a file on disk: it means CRLF.
    Lf,
}

impl LineEnds {
    /// The first line end decides.
    pub(crate) fn of(message: &[u8]) -> Self {
        match memchr(b'\n', message) {
            Some(0) => Self::Lf,
            Some(at) if message[at - 1] != b'\r' => Self::Lf,
            _ => Self::CrLf,
        }
    }
}

/// True for bytes that no mail server changes: 7-bit without NUL, lines of at most 998 characters
/// that end properly, none with `From ` at its start (mbox stores write `>From `) or blanks at its
/// end (RFC 8551 section 3.1.3, RFC 3156 section 3).
pub(crate) fn is_safe(bytes: &[u8], ends: LineEnds) -> bool {
    if !bytes.is_ascii() || memchr(0, bytes).is_some() {
        return false;
    }
    let mut start = 0;
    let mut signs = memchr2_iter(b'\r', b'\n', bytes);
    while let Some(end) = signs.next() {
        let after = match (bytes[end], ends) {
            (b'\r', _) if signs.next() == Some(end + 1) && bytes[end + 1] == b'\n' => end + 2,
            (b'\n', LineEnds::Lf) => end + 1,
            _ => return false,
        };
        if !is_safe_line(&bytes[start..end]) {
            return false;
        }
        start = after;
    }
    is_safe_line(&bytes[start..])
}

/// Of a line without its end.
fn is_safe_line(line: &[u8]) -> bool {
    line.len() <= LINE_MOST
        && !line.starts_with(b"From ")
        && !matches!(line.last(), Some(b' ' | b'\t'))
}

/// Copies with each line end as CRLF.
pub(crate) fn copy(bytes: &[u8], ends: LineEnds, into: &mut Vec<u8>) {
    if ends == LineEnds::CrLf {
        into.extend_from_slice(bytes);
        return;
    }
    let mut start = 0;
    for line_feed in memchr_iter(b'\n', bytes) {
        let line = &bytes[start..line_feed];
        into.extend_from_slice(line.strip_suffix(b"\r").unwrap_or(line));
        into.extend_from_slice(b"\r\n");
        start = line_feed + 1;
    }
    into.extend_from_slice(&bytes[start..]);
}

/// Base64 in lines of 76, each with its CRLF (RFC 2045 section 6.8).
pub(crate) fn base64(content: &[u8], into: &mut Vec<u8>) {
    into.reserve(content.len() / BASE64_TAKES * 78 + 78);
    let mut line = [0; 76];
    for chunk in content.chunks(BASE64_TAKES) {
        // 57 bytes give 76 characters: the slice is always long enough.
        let written = STANDARD.encode_slice(chunk, &mut line).unwrap_or_default();
        into.extend_from_slice(&line[..written]);
        into.extend_from_slice(b"\r\n");
    }
}

/// True where quoted-printable is shorter than base64 and loses nothing: no NUL (UTF-16 has line ends
/// of another kind) and less than a sixth to escape.
pub(crate) fn suits_quoted_printable(content: &[u8]) -> bool {
    let escaped = content
        .iter()
        .filter(|&&byte| !is_literal(byte) && !matches!(byte, b' ' | b'\t' | b'\r' | b'\n'))
        .count();
    memchr(0, content).is_none() && escaped <= content.len() / 6
}

/// Quoted-printable (RFC 2045 section 6.7). CRLF is a line end; bare CR and LF are escaped. A line
/// never starts with `From `, a hyphen (boundaries) or a dot (SMTP), nor ends with a blank.
pub(crate) fn quoted_printable(content: &[u8], into: &mut Vec<u8>) {
    into.reserve(content.len() + content.len() / 8);
    let mut column = 0;
    let mut at = 0;
    while let Some(&byte) = content.get(at) {
        let rest = &content[at + 1..];
        if byte == b'\r' && rest.first() == Some(&b'\n') {
            into.extend_from_slice(b"\r\n");
            column = 0;
            at += 2;
            continue;
        }
        let last = rest.is_empty() || rest.starts_with(b"\r\n");
        let blank = matches!(byte, b' ' | b'\t');
        let mut literal = (is_literal(byte) || (blank && !last)) && !at_risk(column, byte, rest);
        let width = if literal { 1 } else { 3 };
        // The last column is for the soft line break, unless the line ends here.
        if column + width > QP_MOST - usize::from(!last) {
            into.extend_from_slice(b"=\r\n");
            column = 0;
            literal = literal && !at_risk(column, byte, rest);
        }
        if literal {
            into.push(byte);
            column += 1;
        } else {
            let digits = b"0123456789ABCDEF";
            into.push(b'=');
            into.push(digits[usize::from(byte >> 4)]);
            into.push(digits[usize::from(byte & 15)]);
            column += 3;
        }
        at += 1;
    }
}

fn is_literal(byte: u8) -> bool {
    matches!(byte, b'!'..=b'~') && byte != b'='
}

fn at_risk(column: usize, byte: u8, rest: &[u8]) -> bool {
    column == 0 && (matches!(byte, b'-' | b'.') || (byte == b'F' && rest.starts_with(b"rom ")))
}

/// RFC 5322 section 2.1.1, without the CRLF.
const LINE_MOST: usize = 998;
/// RFC 2045 section 6.7, rule 5.
const QP_MOST: usize = 76;
/// 57 bytes are one line of 76 characters.
const BASE64_TAKES: usize = 57;
