//! Header fields of the signed part: the same fields, in a form that no mail server changes.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use mail::Field;
use mail::mime::{ContentType, Disposition};

use crate::encode::{LineEnds, is_safe};

/// True where the field can stay as it is but for blanks at line ends.
pub(crate) fn is_safe_field(field: &Field<'_>) -> bool {
    is_safe(&tidied(field), LineEnds::CrLf)
}

/// Writes a Content-* field. One that is not 7-bit or has too long a line is written anew: parameters
/// by RFC 2231, other text by RFC 2047.
pub(crate) fn write_field(field: &Field<'_>, into: &mut Vec<u8>) {
    let tidy = tidied(field);
    if is_safe(&tidy, LineEnds::CrLf) {
        into.extend_from_slice(&tidy);
        return;
    }
    into.extend_from_slice(field.name());
    into.extend_from_slice(b": ");
    if field.is("content-type") {
        into.extend_from_slice(ContentType::parse(field.value()).encode().as_bytes());
    } else if field.is("content-disposition") {
        into.extend_from_slice(Disposition::parse(field.value()).encode().as_bytes());
    } else {
        encoded_words(field, into);
    }
    into.extend_from_slice(b"\r\n");
}

/// Writes a field of the message's own header as it is, each line with CRLF. A bare CR, which
/// no server may pass on (RFC 5321 section 2.3.8), becomes a blank.
pub(crate) fn write_outer(field: &Field<'_>, into: &mut Vec<u8>) {
    for line in field.raw().split_inclusive(|&byte| byte == b'\n') {
        let line = line.strip_suffix(b"\n").unwrap_or(line);
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        into.extend(line.iter().map(|&byte| if byte == b'\r' { b' ' } else { byte }));
        into.extend_from_slice(b"\r\n");
    }
}

/// The field without blanks at line ends and before the colon, and without lines that are only
/// blank: such a line would end the header.
fn tidied(field: &Field<'_>) -> Vec<u8> {
    let mut tidy = Vec::with_capacity(field.raw().len() + 2);
    tidy.extend_from_slice(field.name());
    tidy.push(b':');
    for (place, line) in field.value().split(|&byte| byte == b'\n').enumerate() {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let end =
            line.iter().rposition(|byte| !matches!(byte, b' ' | b'\t')).map_or(0, |last| last + 1);
        if place == 0 || end > 0 {
            let line = line[..end].iter();
            tidy.extend(line.map(|&byte| if byte == b'\r' { b' ' } else { byte }));
            tidy.extend_from_slice(b"\r\n");
        }
    }
    tidy
}

/// RFC 2047 section 2: words of at most 75 characters, each holding whole characters.
fn encoded_words(field: &Field<'_>, into: &mut Vec<u8>) {
    let value: Vec<u8> =
        field.value().iter().copied().filter(|byte| !matches!(byte, b'\r' | b'\n' | 0)).collect();
    let value = value.trim_ascii();
    let (charset, pieces) = match core::str::from_utf8(value) {
        Ok(text) => ("utf-8", by_character(text)),
        Err(_) => ("iso-8859-1", value.chunks(WORD_TAKES).collect()),
    };
    for (place, piece) in pieces.iter().enumerate() {
        if place > 0 {
            into.extend_from_slice(b"\r\n ");
        }
        let word = format!("=?{charset}?B?{}?=", STANDARD.encode(piece));
        into.extend_from_slice(word.as_bytes());
    }
}

fn by_character(text: &str) -> Vec<&[u8]> {
    let mut pieces = Vec::new();
    let mut start = 0;
    for (at, character) in text.char_indices() {
        if at + character.len_utf8() - start > WORD_TAKES {
            pieces.push(&text.as_bytes()[start..at]);
            start = at;
        }
    }
    pieces.push(&text.as_bytes()[start..]);
    pieces
}

/// 27 bytes are 36 characters of base64: with charset and field name a line stays below 76.
const WORD_TAKES: usize = 27;
