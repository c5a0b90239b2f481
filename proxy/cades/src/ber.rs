//! BER as it was received (X.690): every element keeps the bytes that it came in.
//!
//! Thunderbird, gpgsm and OpenSSL write lengths that are not known beforehand ("indefinite") and strings
//! in pieces; signatures are over bytes, so that nothing may be encoded anew before it is hashed.

use core::cell::Cell;
use std::borrow::Cow;

/// Why bytes are not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// They are no BER, or not what belongs in this place.
    Form,
    /// Elements lie in each other deeper than 40 levels.
    Depth,
    /// There are more elements than two million.
    Steps,
}

/// How many elements may still be looked at, over all readers of one signature.
#[derive(Debug)]
pub struct Steps(Cell<usize>);

impl Default for Steps {
    fn default() -> Self {
        Self::new()
    }
}

impl Steps {
    /// As many as any signature or identity has.
    #[must_use]
    pub fn new() -> Self {
        Self(Cell::new(STEPS_MOST))
    }

    /// How many were looked at.
    #[cfg(test)]
    pub(crate) fn taken(&self) -> usize {
        STEPS_MOST - self.0.get()
    }

    fn take(&self) -> Result<(), Fault> {
        let left = self.0.get().checked_sub(1).ok_or(Fault::Steps)?;
        self.0.set(left);
        Ok(())
    }
}

/// An element of BER: tag, content, and all of it as it came.
#[derive(Debug, Clone, Copy)]
pub struct Element<'a> {
    /// The first byte of the tag.
    pub tag: u8,
    /// Without the end-of-contents that an indefinite length has.
    pub content: &'a [u8],
    /// Tag, length and content as they came.
    pub raw: &'a [u8],
    steps: &'a Steps,
    depth: usize,
}

impl<'a> Element<'a> {
    /// What is inside, element by element.
    ///
    /// # Errors
    /// [`Fault`].
    pub fn inside(self) -> Result<Reader<'a>, Fault> {
        let constructed = self.tag & CONSTRUCTED != 0;
        if !constructed {
            return Err(Fault::Form);
        }
        Ok(Reader { rest: self.content, steps: self.steps, depth: deeper(self.depth)? })
    }

    /// The bytes of an OCTET STRING, its pieces put together (X.690 section 8.7).
    ///
    /// # Errors
    /// [`Fault`].
    pub fn octets(self) -> Result<Cow<'a, [u8]>, Fault> {
        if self.tag & CONSTRUCTED == 0 {
            return Ok(Cow::Borrowed(self.content));
        }
        let mut joined = Vec::with_capacity(self.content.len());
        self.join(&mut joined)?;
        Ok(Cow::Owned(joined))
    }

    fn join(self, joined: &mut Vec<u8>) -> Result<(), Fault> {
        let mut pieces = self.inside()?;
        while !pieces.is_empty() {
            let piece = pieces.any()?;
            match piece.tag {
                OCTET_STRING => joined.extend_from_slice(piece.content),
                OCTET_STRING_IN_PIECES => piece.join(joined)?,
                _ => return Err(Fault::Form),
            }
        }
        Ok(())
    }

    /// The element in DER: shortest lengths, strings in one piece, sets in order (X.690 sections 10
    /// and 11.6).
    ///
    /// # Errors
    /// [`Fault`].
    pub fn to_der(self) -> Result<Vec<u8>, Fault> {
        if self.tag == OCTET_STRING_IN_PIECES {
            return Ok(encoded(OCTET_STRING, &self.octets()?));
        }
        if self.tag & HIGH_TAG == HIGH_TAG || self.tag & CONSTRUCTED == 0 {
            let short = self.tag & HIGH_TAG != HIGH_TAG;
            return Ok(if short { encoded(self.tag, self.content) } else { self.raw.to_vec() });
        }
        Ok(encoded(self.tag, &self.content_in_der(self.tag == SET)?))
    }

    /// The content in DER; `set` where its elements are those of a SET OF.
    ///
    /// # Errors
    /// [`Fault`].
    pub fn content_in_der(self, set: bool) -> Result<Vec<u8>, Fault> {
        let mut elements = Vec::new();
        let mut inside = self.inside()?;
        while !inside.is_empty() {
            elements.push(inside.any()?.to_der()?);
        }
        if set {
            elements.sort();
        }
        Ok(elements.concat())
    }
}

/// Reads elements that stand one after the other.
#[derive(Debug)]
pub struct Reader<'a> {
    rest: &'a [u8],
    steps: &'a Steps,
    depth: usize,
}

impl<'a> Reader<'a> {
    /// Of these bytes, counting into those steps.
    #[must_use]
    pub fn new(bytes: &'a [u8], steps: &'a Steps) -> Self {
        Self { rest: bytes, steps, depth: 0 }
    }

    /// True where nothing comes any more.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// What comes next, whatever its tag.
    ///
    /// # Errors
    /// [`Fault`].
    pub fn any(&mut self) -> Result<Element<'a>, Fault> {
        self.steps.take()?;
        let head = Head::read(self.rest)?;
        let after = &self.rest[head.size..];
        let (content, end) = match head.length {
            Some(length) if length <= after.len() => (length, length),
            Some(_) => return Err(Fault::Form),
            None => {
                let length = until_end(after, self.steps, deeper(self.depth)?)?;
                (length, length + END.len())
            }
        };
        let (raw, rest) = self.rest.split_at(head.size + end);
        self.rest = rest;
        Ok(Element {
            tag: head.tag,
            content: &after[..content],
            raw,
            steps: self.steps,
            depth: self.depth,
        })
    }

    /// What comes next, which must have this tag.
    ///
    /// # Errors
    /// [`Fault`].
    pub fn take(&mut self, tag: u8) -> Result<Element<'a>, Fault> {
        let element = self.any()?;
        if element.tag == tag { Ok(element) } else { Err(Fault::Form) }
    }

    /// What comes next, where it has this tag; else nothing is read.
    ///
    /// # Errors
    /// [`Fault`].
    pub fn optional(&mut self, tag: u8) -> Result<Option<Element<'a>>, Fault> {
        if self.rest.first() == Some(&tag) { self.any().map(Some) } else { Ok(None) }
    }

    /// An OCTET STRING, in one piece or several.
    ///
    /// # Errors
    /// [`Fault`].
    pub fn octets(&mut self) -> Result<Cow<'a, [u8]>, Fault> {
        let element = self.any()?;
        match element.tag {
            OCTET_STRING | OCTET_STRING_IN_PIECES => element.octets(),
            _ => Err(Fault::Form),
        }
    }

    /// Nothing may come after.
    ///
    /// # Errors
    /// [`Fault`].
    pub fn end(&self) -> Result<(), Fault> {
        if self.rest.is_empty() { Ok(()) } else { Err(Fault::Form) }
    }
}

/// An element of this tag with that content, in DER.
#[must_use]
pub fn encoded(tag: u8, content: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(content.len() + 6);
    out.push(tag);
    if content.len() < 0x80 {
        out.push(content.len().to_le_bytes()[0]);
    } else {
        let bytes = content.len().to_be_bytes();
        let zeros = bytes.iter().take_while(|&&byte| byte == 0).count();
        let count = bytes.len() - zeros;
        out.push(0x80 | count.to_le_bytes()[0]);
        out.extend_from_slice(&bytes[zeros..]);
    }
    out.extend_from_slice(content);
    out
}

/// Tag and length.
struct Head {
    tag: u8,
    /// None: indefinite.
    length: Option<usize>,
    /// Bytes of tag and length.
    size: usize,
}

impl Head {
    fn read(bytes: &[u8]) -> Result<Self, Fault> {
        let &tag = bytes.first().ok_or(Fault::Form)?;
        let mut size = 1;
        if tag & HIGH_TAG == HIGH_TAG {
            // X.690 section 8.1.2.4; no structure that is read here has one, so that it is passed over.
            let more = bytes.iter().skip(1).take_while(|&&byte| byte & 0x80 != 0).count();
            if more >= TAG_BYTES_MOST {
                return Err(Fault::Form);
            }
            size += more + 1;
        }
        let &first = bytes.get(size).ok_or(Fault::Form)?;
        size += 1;
        let count = usize::from(first & 0x7f);
        let length = match first {
            0..=0x7f => Some(usize::from(first)),
            0x80 if tag & CONSTRUCTED == 0 => return Err(Fault::Form),
            0x80 => None,
            _ if count > LENGTH_BYTES_MOST => return Err(Fault::Form),
            _ => {
                let digits = bytes.get(size..size + count).ok_or(Fault::Form)?;
                size += count;
                let length = digits.iter().fold(0_u64, |sum, &byte| (sum << 8) | u64::from(byte));
                Some(usize::try_from(length).map_err(|_| Fault::Form)?)
            }
        };
        Ok(Self { tag, length, size })
    }
}

/// Where the end-of-contents stands that ends this content (X.690 section 8.1.5).
fn until_end(bytes: &[u8], steps: &Steps, depth: usize) -> Result<usize, Fault> {
    let mut at = 0;
    loop {
        steps.take()?;
        let rest = bytes.get(at..).ok_or(Fault::Form)?;
        if rest.starts_with(&END) {
            return Ok(at);
        }
        let head = Head::read(rest)?;
        let after = rest.get(head.size..).ok_or(Fault::Form)?;
        let length = match head.length {
            Some(length) => length,
            None => until_end(after, steps, deeper(depth)?)? + END.len(),
        };
        if length > after.len() {
            return Err(Fault::Form);
        }
        at += head.size + length;
    }
}

fn deeper(depth: usize) -> Result<usize, Fault> {
    if depth == DEPTH_MOST { Err(Fault::Depth) } else { Ok(depth + 1) }
}

/// INTEGER.
pub const INTEGER: u8 = 0x02;
/// OCTET STRING in one piece.
pub const OCTET_STRING: u8 = 0x04;
/// OCTET STRING in pieces (X.690 section 8.7.3).
pub const OCTET_STRING_IN_PIECES: u8 = 0x24;
/// OBJECT IDENTIFIER.
pub const OID: u8 = 0x06;
/// UTF8String.
pub const UTF8_STRING: u8 = 0x0c;
/// SEQUENCE and SEQUENCE OF.
pub const SEQUENCE: u8 = 0x30;
/// SET and SET OF.
pub const SET: u8 = 0x31;

/// `[number]`, constructed: explicit tags, and implicit ones of structures.
#[must_use]
pub const fn constructed(number: u8) -> u8 {
    0xa0 | number
}

const CONSTRUCTED: u8 = 0x20;
const HIGH_TAG: u8 = 0x1f;
const END: [u8; 2] = [0, 0];

/// A signature with an archive time-stamp in a counter-signature is some 25 deep; reading recurses.
const DEPTH_MOST: usize = 40;
/// A content of 50 MiB in pieces of 1 KiB, looked through once for each of the six lengths around it, takes
/// 300,000.
const STEPS_MOST: usize = 2_000_000;
/// Tag numbers up to 2^28.
const TAG_BYTES_MOST: usize = 4;
/// 64 bits.
const LENGTH_BYTES_MOST: usize = 8;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn first<'a>(bytes: &'a [u8], steps: &'a Steps) -> Result<Element<'a>, Fault> {
        Reader::new(bytes, steps).any()
    }

    #[test]
    fn an_indefinite_length_ends_at_its_own_end_of_contents() {
        let steps = Steps::new();
        let bytes = [0x30, 0x80, 0x30, 0x80, 0x02, 1, 0, 0, 0, 0x04, 2, 0, 0, 0, 0, 0xff];
        let element = first(&bytes, &steps).unwrap();
        assert_eq!(element.content, &bytes[2..13]);
        assert_eq!(element.raw, &bytes[..15]);
        assert_eq!(element.to_der().unwrap(), [0x30, 9, 0x30, 3, 2, 1, 0, 4, 2, 0, 0]);
    }

    #[test]
    fn a_string_in_pieces_is_put_together() {
        let steps = Steps::new();
        let bytes = [0x24, 0x80, 4, 1, b'a', 0x24, 3, 4, 1, b'b', 4, 0, 4, 1, b'c', 0, 0];
        let element = first(&bytes, &steps).unwrap();
        assert_eq!(element.octets().unwrap(), b"abc".as_slice());
        assert_eq!(element.to_der().unwrap(), b"\x04\x03abc");
        let wrong = [0x24, 3, 2, 1, 0];
        assert_eq!(first(&wrong, &steps).unwrap().octets(), Err(Fault::Form));
    }

    #[test]
    fn a_set_comes_into_order_and_long_lengths_become_short() {
        let steps = Steps::new();
        let bytes = [0x31, 0x82, 0, 7, 2, 1, 9, 2, 0x81, 1, 3];
        assert_eq!(first(&bytes, &steps).unwrap().to_der().unwrap(), [0x31, 6, 2, 1, 3, 2, 1, 9]);
    }

    #[test]
    fn what_is_cut_short_or_too_long_is_refused() {
        let steps = Steps::new();
        for bytes in [
            &[][..],
            &[0x30],
            &[0x30, 2, 0],
            &[0x30, 0x80, 2, 1, 0],
            &[0x04, 0x80, 0, 0],
            &[0x30, 0x89, 0, 0, 0, 0, 0, 0, 0, 0, 0],
            &[0x30, 0x88, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0],
            &[0x30, 0x80, 0x30, 0x88, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0, 0],
            &[0x3f, 0x80, 0x80, 0x80, 0x80, 0, 0],
        ] {
            assert!(matches!(first(bytes, &steps), Err(Fault::Form)), "{bytes:x?}");
        }
    }

    #[test]
    fn what_lies_too_deep_or_has_too_many_pieces_is_refused() {
        let deep = [0x30, 0x80].repeat(100_000);
        assert!(matches!(first(&deep, &Steps::new()), Err(Fault::Depth)));
        let mut wide = vec![0x30, 0x80];
        wide.extend([4, 1, 1].repeat(STEPS_MOST));
        wide.extend(END);
        assert!(matches!(first(&wide, &Steps::new()), Err(Fault::Steps)));
    }

    proptest! {
        #[test]
        fn der_of_any_bytes_is_its_own_der(bytes in proptest::collection::vec(prop_oneof![
            Just(0x30_u8), Just(0x31), Just(0x24), Just(0x80), Just(0), Just(4), Just(2), any::<u8>(),
        ], 0..200)) {
            let steps = Steps::new();
            if let Ok(element) = first(&bytes, &steps) {
                prop_assert!(bytes.starts_with(element.raw));
                if let Ok(der) = element.to_der() {
                    let again = first(&der, &steps).unwrap();
                    prop_assert_eq!(again.raw, der.as_slice());
                    prop_assert_eq!(again.to_der().unwrap(), der.clone());
                }
            }
        }
    }
}
