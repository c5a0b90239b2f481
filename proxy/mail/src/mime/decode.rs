use std::borrow::Cow;

use memchr::{memchr, memchr_iter};

use super::Encoding;

/// A body with its transfer encoding undone.
#[derive(Clone, PartialEq, Eq)]
pub struct Decoded<'a> {
    /// The content. Borrowed where nothing had to be undone.
    pub bytes: Cow<'a, [u8]>,
    /// True where something in the body does not belong to the encoding: the content may be cut or
    /// changed.
    pub damaged: bool,
}

impl core::fmt::Debug for Decoded<'_> {
    /// Only the size.
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "Decoded({} bytes, damaged: {})", self.bytes.len(), self.damaged)
    }
}

/// Undoes a transfer encoding; never fails, says where it had to guess. An unknown encoding gives
/// the body as it is, and "damaged".
#[must_use]
pub fn decode<'a>(encoding: &Encoding, body: &'a [u8]) -> Decoded<'a> {
    let (bytes, damaged) = match encoding {
        Encoding::SevenBit | Encoding::EightBit | Encoding::Binary => (Cow::Borrowed(body), false),
        Encoding::Other(_) => (Cow::Borrowed(body), true),
        Encoding::Base64 => {
            let (bytes, damaged) = base64(body);
            (Cow::Owned(bytes), damaged)
        }
        Encoding::QuotedPrintable => {
            let (bytes, damaged) = quoted_printable(body);
            (Cow::Owned(bytes), damaged)
        }
    };
    Decoded { bytes, damaged }
}

/// RFC 2045 section 6.8: what is not in the alphabet is passed over, the first pad ends the data.
fn base64(body: &[u8]) -> (Vec<u8>, bool) {
    let mut bytes = Vec::with_capacity(body.len() / 4 * 3 + 3);
    let mut damaged = false;
    let (mut group, mut count) = (0_u32, 0_u8);
    let mut rest = body.iter();
    for &byte in rest.by_ref() {
        match SIXTETS[usize::from(byte)] {
            BLANK => continue,
            PAD => break,
            STRANGE => {
                damaged = true;
                continue;
            }
            sixtet => group = group << 6 | u32::from(sixtet),
        }
        count += 1;
        if count == 4 {
            bytes.extend_from_slice(&group.to_be_bytes()[1..]);
            (group, count) = (0, 0);
        }
    }
    // Nothing but one more pad may follow the first.
    damaged |= rest.any(|&byte| SIXTETS[usize::from(byte)] < PAD);
    match count {
        1 => damaged = true,
        2 => bytes.extend_from_slice(&(group << 12).to_be_bytes()[1..2]),
        3 => bytes.extend_from_slice(&(group << 6).to_be_bytes()[1..3]),
        _ => {}
    }
    (bytes, damaged)
}

/// RFC 2045 section 6.7: blanks at the end of a line were added on the way.
fn quoted_printable(body: &[u8]) -> (Vec<u8>, bool) {
    let mut bytes = Vec::with_capacity(body.len());
    let mut damaged = false;
    let mut start = 0;
    for line_feed in memchr_iter(b'\n', body) {
        let line = &body[start..line_feed];
        let (line, line_end) = match line.strip_suffix(b"\r") {
            Some(line) => (line, &b"\r\n"[..]),
            None => (line, &b"\n"[..]),
        };
        if !quoted_line(line, &mut bytes, &mut damaged) {
            bytes.extend_from_slice(line_end);
        }
        start = line_feed + 1;
    }
    quoted_line(&body[start..], &mut bytes, &mut damaged);
    (bytes, damaged)
}

/// Gives true where the line goes on in the next (a soft line break).
fn quoted_line(line: &[u8], bytes: &mut Vec<u8>, damaged: &mut bool) -> bool {
    let mut rest = trim_blanks(line);
    while let Some(equals) = memchr(b'=', rest) {
        bytes.extend_from_slice(&rest[..equals]);
        rest = &rest[equals + 1..];
        if rest.is_empty() {
            return true;
        }
        match rest {
            [high, low, after @ ..] if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() => {
                bytes.push(hex(*high) << 4 | hex(*low));
                rest = after;
            }
            _ => {
                *damaged = true;
                bytes.push(b'=');
            }
        }
    }
    bytes.extend_from_slice(rest);
    false
}

fn trim_blanks(line: &[u8]) -> &[u8] {
    let end =
        line.iter().rposition(|byte| !matches!(byte, b' ' | b'\t')).map_or(0, |last| last + 1);
    &line[..end]
}

fn hex(digit: u8) -> u8 {
    match digit {
        b'0'..=b'9' => digit - b'0',
        _ => (digit | 0x20) - b'a' + 10,
    }
}

const PAD: u8 = 64;
const BLANK: u8 = 65;
const STRANGE: u8 = 66;
/// RFC 2045 table 1, by byte.
const SIXTETS: [u8; 256] = {
    let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut table = [STRANGE; 256];
    let mut at = 0;
    while at < 64 {
        table[alphabet[at] as usize] = at as u8;
        at += 1;
    }
    table[b'=' as usize] = PAD;
    table[b'\r' as usize] = BLANK;
    table[b'\n' as usize] = BLANK;
    table[b' ' as usize] = BLANK;
    table[b'\t' as usize] = BLANK;
    table
};
