//! DER as it stands: every element keeps the bytes that it came in, and nothing is encoded anew.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

/// The bytes are no DER, or not what RFC 5280 or RFC 6960 want in this place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Malformed;

/// Tag, content, and both with the length between them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Element<'a> {
    pub(crate) tag: u8,
    pub(crate) content: &'a [u8],
    pub(crate) raw: &'a [u8],
}

impl<'a> Element<'a> {
    /// What is inside, element by element.
    pub(crate) fn inside(self) -> Reader<'a> {
        Reader::new(self.content)
    }
}

/// Reads elements that stand one after the other.
#[derive(Debug, Clone)]
pub(crate) struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// What comes next, whatever its tag.
    pub(crate) fn any(&mut self) -> Result<Element<'a>, Malformed> {
        let (&tag, after) = self.rest.split_first().ok_or(Malformed)?;
        // No structure that is read here has a tag number over 30.
        if tag & 0x1f == 0x1f {
            return Err(Malformed);
        }
        let (length, content) = length(after)?;
        if content.len() < length {
            return Err(Malformed);
        }
        let head = self.rest.len() - content.len();
        let (raw, rest) = self.rest.split_at(head + length);
        self.rest = rest;
        Ok(Element { tag, content: &raw[head..], raw })
    }

    /// What comes next, which must have this tag.
    pub(crate) fn take(&mut self, tag: u8) -> Result<Element<'a>, Malformed> {
        let element = self.any()?;
        if element.tag == tag { Ok(element) } else { Err(Malformed) }
    }

    /// What comes next, where it has this tag; else nothing is read.
    pub(crate) fn optional(&mut self, tag: u8) -> Result<Option<Element<'a>>, Malformed> {
        if self.rest.first() == Some(&tag) { self.any().map(Some) } else { Ok(None) }
    }

    /// Nothing may come after.
    pub(crate) fn end(&self) -> Result<(), Malformed> {
        if self.rest.is_empty() { Ok(()) } else { Err(Malformed) }
    }
}

/// One element that fills the bytes.
pub(crate) fn whole(bytes: &[u8], tag: u8) -> Result<Element<'_>, Malformed> {
    let mut reader = Reader::new(bytes);
    let element = reader.take(tag)?;
    reader.end()?;
    Ok(element)
}

/// X.690 section 10.1: definite, in the fewest bytes.
fn length(bytes: &[u8]) -> Result<(usize, &[u8]), Malformed> {
    let (&first, rest) = bytes.split_first().ok_or(Malformed)?;
    if first < 0x80 {
        return Ok((usize::from(first), rest));
    }
    let count = usize::from(first & 0x7f);
    // Four bytes say 4 GiB.
    if count == 0 || count > 4 || rest.len() < count {
        return Err(Malformed);
    }
    let (bytes, rest) = rest.split_at(count);
    let length = bytes.iter().fold(0_u64, |sum, &byte| (sum << 8) | u64::from(byte));
    if bytes.first() == Some(&0) || length < 0x80 {
        return Err(Malformed);
    }
    usize::try_from(length).map(|length| (length, rest)).map_err(|_| Malformed)
}

/// A BOOLEAN. DER wants 0xff for true; some issuers write 1.
pub(crate) fn boolean(element: Element<'_>) -> Result<bool, Malformed> {
    match element.content {
        [byte] => Ok(*byte != 0),
        _ => Err(Malformed),
    }
}

/// An INTEGER that counts something. What is too large to count is as good as the largest number.
pub(crate) fn count(content: &[u8]) -> Result<u32, Malformed> {
    match content {
        [] => Err(Malformed),
        [first, ..] if first & 0x80 != 0 => Err(Malformed),
        bytes => Ok(bytes.iter().fold(0_u32, |sum, &byte| {
            sum.checked_mul(256).and_then(|sum| sum.checked_add(byte.into())).unwrap_or(u32::MAX)
        })),
    }
}

/// The bytes of a BIT STRING that has no unused bits.
pub(crate) fn octets_of_bits(element: Element<'_>) -> Result<&[u8], Malformed> {
    match element.content.split_first() {
        Some((0, bytes)) => Ok(bytes),
        _ => Err(Malformed),
    }
}

/// The bytes of a signature. No signature has unused bits: one that has is read as none, so that what
/// it stands under is told to be wrongly signed rather than unreadable.
pub(crate) fn signature(element: Element<'_>) -> Result<&[u8], Malformed> {
    match element.content.split_first() {
        Some((0, bytes)) => Ok(bytes),
        Some((1..=7, _)) => Ok(&[]),
        _ => Err(Malformed),
    }
}

/// What certificates, lists and OCSP answers begin with (RFC 5280 sections 4.1 and 5.1, RFC 6960
/// section 4.2.1).
pub(crate) struct Signed<'a> {
    pub(crate) tbs: Element<'a>,
    pub(crate) algorithm: &'a [u8],
    pub(crate) signature: &'a [u8],
    /// What stands behind the signature.
    pub(crate) rest: Reader<'a>,
}

pub(crate) fn signed(raw: &[u8]) -> Result<Signed<'_>, Malformed> {
    let mut rest = whole(raw, SEQUENCE)?.inside();
    let tbs = rest.take(SEQUENCE)?;
    let algorithm = rest.take(SEQUENCE)?.raw;
    let signature = signature(rest.take(BIT_STRING)?)?;
    Ok(Signed { tbs, algorithm, signature, rest })
}

/// A BIT STRING of named bits, bit 0 being the lowest of the result. Bits over 15 are left out.
pub(crate) fn named_bits(content: &[u8]) -> Result<u16, Malformed> {
    let (&unused, bytes) = content.split_first().ok_or(Malformed)?;
    if unused > 7 || (bytes.is_empty() && unused != 0) {
        return Err(Malformed);
    }
    let mut bits = 0;
    for (place, byte) in bytes.iter().take(2).enumerate() {
        bits |= u16::from(byte.reverse_bits()) << (8 * place);
    }
    Ok(bits)
}

/// UTCTime or GeneralizedTime in the one form of RFC 5280 section 4.1.2.5: seconds, and Z.
pub(crate) fn time(element: Element<'_>) -> Result<Timestamp, Malformed> {
    let digits = element.content.strip_suffix(b"Z").ok_or(Malformed)?;
    if !digits.iter().all(u8::is_ascii_digit) {
        return Err(Malformed);
    }
    let two = |at: usize| {
        digits.get(at..at + 2).map(|pair| (pair[0] - b'0') * 10 + (pair[1] - b'0')).ok_or(Malformed)
    };
    let (year, start) = match (element.tag, digits.len()) {
        (UTC_TIME, 12) => {
            let year = i16::from(two(0)?);
            // "Where YY is greater than or equal to 50, the year SHALL be interpreted as 19YY".
            (if year >= 50 { 1900 + year } else { 2000 + year }, 2)
        }
        (GENERALIZED_TIME, 14) => (i16::from(two(0)?) * 100 + i16::from(two(2)?), 4),
        _ => return Err(Malformed),
    };
    let part =
        |place: usize| two(start + 2 * place).and_then(|n| i8::try_from(n).map_err(|_| Malformed));
    let civil = DateTime::new(year, part(0)?, part(1)?, part(2)?, part(3)?, part(4)?, 0);
    let civil = civil.map_err(|_| Malformed)?;
    match TimeZone::UTC.to_timestamp(civil) {
        Ok(timestamp) => Ok(timestamp),
        // "no well-defined expiration date" is 99991231235959Z, a day after the last Timestamp.
        Err(_) if year == 9999 => Ok(Timestamp::MAX),
        Err(_) => Err(Malformed),
    }
}

/// An object identifier as people write it.
pub(crate) fn dotted(oid: &[u8]) -> String {
    let mut numbers: Vec<u64> = Vec::new();
    let mut number = 0_u64;
    for &byte in oid {
        number = (number << 7) | u64::from(byte & 0x7f);
        // Longer numbers are UUIDs and the like: nobody knows them by heart.
        if number >> 56 != 0 {
            return hex(oid);
        }
        if byte & 0x80 == 0 {
            numbers.push(number);
            number = 0;
        }
    }
    let Some((&first, rest)) = numbers.split_first() else {
        return hex(oid);
    };
    let top = (first / 40).min(2);
    let mut text = format!("{top}.{}", first - 40 * top);
    for number in rest {
        text.push_str(&format!(".{number}"));
    }
    text
}

/// Lower-case hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    let digit = |half: u8| char::from(b"0123456789abcdef"[usize::from(half)]);
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

pub(crate) const BOOLEAN: u8 = 0x01;
pub(crate) const INTEGER: u8 = 0x02;
pub(crate) const BIT_STRING: u8 = 0x03;
pub(crate) const OCTET_STRING: u8 = 0x04;
pub(crate) const OID: u8 = 0x06;
pub(crate) const ENUMERATED: u8 = 0x0a;
pub(crate) const UTC_TIME: u8 = 0x17;
pub(crate) const GENERALIZED_TIME: u8 = 0x18;
pub(crate) const SEQUENCE: u8 = 0x30;
pub(crate) const SET: u8 = 0x31;

/// `[number]`, constructed: explicit tags, and implicit ones of structures.
pub(crate) const fn constructed(number: u8) -> u8 {
    0xa0 | number
}

/// `[number] IMPLICIT` of a primitive type.
pub(crate) const fn primitive(number: u8) -> u8 {
    0x80 | number
}
