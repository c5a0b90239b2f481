//! A text as patterns read it, with the way back to the bytes of the original.
//!
//! [`Folded`] has plain blanks and hyphens, a letter and its accent in one character (Unicode NFC), full-width
//! letters and digits as narrow ones, and nothing invisible; [`Folded::range`] leads a place in it back to the
//! original. [`beyond_ascii`] and [`position`] go through a text by stretches, for most of it is plain ASCII.
//! What this room does not do: it knows no words, and finds nothing.
//!
//! ```
//! let folded = fold::Folded::new("cafe\u{301}\u{a0}Jan");
//! assert_eq!(folded.text(), "caf\u{e9} Jan");
//! // "Jan" stands behind nine bytes of the original: the accent has two, and so has the blank.
//! assert_eq!(folded.range(6, 9), (8, 11));
//! ```
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used))]

use std::borrow::Cow;

/// A text as the patterns read it: plain spaces and hyphens, letters with their accents in one
/// character, nothing invisible; with the way back to the original's bytes.
pub struct Folded<'a> {
    text: Cow<'a, str>,
    /// The places where the two texts differ, in order; between them they run together.
    turns: Vec<Turn>,
}

/// A character of the folded text that is another than the original's, or has bytes of the original
/// behind it that it does not have.
#[derive(Debug, Clone, Copy)]
struct Turn {
    /// Its bytes in the folded text.
    start: usize,
    len: usize,
    /// Its bytes in the original.
    from: usize,
    to: usize,
}

impl core::fmt::Debug for Folded<'_> {
    /// Its length alone: the text is private.
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "Folded({} bytes)", self.text.len())
    }
}

impl<'a> Folded<'a> {
    /// Of a running text.
    #[must_use]
    pub fn new(text: &'a str) -> Self {
        let (mut out, mut turns): (String, Vec<Turn>) = (String::new(), Vec::new());
        // What lies before was written.
        let mut done = 0;
        for (from, char) in beyond_ascii(text) {
            let folded = fold(char);
            if folded == Some(char) {
                continue;
            }
            if turns.is_empty() {
                out.reserve(text.len());
            }
            out.push_str(text.get(done..from).unwrap_or_default());
            let to = from + char.len_utf8();
            done = to;
            let (char, from) = match folded {
                Some(folded) => (folded, from),
                None => {
                    match is_mark(char).then(|| compose(&mut out, &mut turns, char)).flatten() {
                        Some((composed, len)) => (composed, from - len),
                        None => {
                            // Nothing is written: an empty turn carries the bytes that were left out.
                            turns.push(Turn { start: out.len(), len: 0, from, to });
                            continue;
                        }
                    }
                }
            };
            turns.push(Turn { start: out.len(), len: char.len_utf8(), from, to });
            out.push(char);
        }
        if turns.is_empty() {
            return Self { text: Cow::Borrowed(text), turns };
        }
        out.push_str(text.get(done..).unwrap_or_default());
        Self { text: Cow::Owned(out), turns }
    }

    /// Of the name of a file, or what is written like one: underscores are spaces.
    #[must_use]
    pub fn of_name(text: &'a str) -> Self {
        let mut folded = Self::new(text);
        if folded.text.contains('_') {
            folded.text = Cow::Owned(folded.text.replace('_', " "));
        }
        folded
    }

    /// The folded text.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// A range of the folded text, in UTF-8 bytes, in those of the original.
    #[must_use]
    pub fn range(&self, start: usize, end: usize) -> (usize, usize) {
        let from = self.original(start).0;
        let to = end.checked_sub(1).map_or(from, |last| self.original(last).1);
        (from, to.max(from))
    }

    /// The bytes of the original for one byte of the folded text.
    fn original(&self, at: usize) -> (usize, usize) {
        let next = self.turns.partition_point(|turn| turn.start <= at);
        match next.checked_sub(1).and_then(|last| self.turns.get(last)) {
            None => (at, at + 1),
            Some(turn) if at < turn.start + turn.len => (turn.from, turn.to),
            Some(turn) => {
                let original = turn.to + (at - turn.start - turn.len);
                (original, original + 1)
            }
        }
    }
}

/// Takes the last letter back and gives it with the mark on it, and how many bytes of the original it had.
fn compose(out: &mut String, turns: &mut Vec<Turn>, mark: char) -> Option<(char, usize)> {
    let last = out.chars().next_back()?;
    let composed = unicode_normalization::char::compose(last, mark)?;
    out.pop();
    let own = turns.pop_if(|turn| turn.start == out.len() && turn.len > 0);
    Some((composed, own.map_or(last.len_utf8(), |turn| turn.to - turn.from)))
}

fn is_mark(char: char) -> bool {
    matches!(char, '\u{300}'..='\u{36f}')
}

/// The characters beyond ASCII and their places, in UTF-8 bytes: few in most texts.
pub fn beyond_ascii(text: &str) -> impl Iterator<Item = (usize, char)> {
    let mut at = 0;
    core::iter::from_fn(move || {
        let rest = text.as_bytes().get(at..)?;
        let from = at + position(rest, |byte| !byte.is_ascii())?;
        let char = text.get(from..)?.chars().next()?;
        at = from + char.len_utf8();
        Some((from, char))
    })
}

/// Where the first such byte stands; a whole stretch is asked at once.
#[inline]
pub fn position(bytes: &[u8], is: impl Fn(u8) -> bool) -> Option<usize> {
    let none = |stretch: &&[u8; STRETCH]| !stretch.iter().fold(false, |any, byte| any | is(*byte));
    let (stretches, _) = bytes.as_chunks::<STRETCH>();
    let from = stretches.iter().take_while(none).count() * STRETCH;
    bytes[from..].iter().position(|byte| is(*byte)).map(|at| from + at)
}

/// Bytes that the processor asks at once.
const STRETCH: usize = 32;

/// The character to read; `None` for what is invisible or belongs to the letter before it.
fn fold(char: char) -> Option<char> {
    Some(match char {
        '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}' | '\u{202a}'..='\u{202e}' => {
            return None;
        }
        '\u{300}'..='\u{36f}' => return None,
        '\u{a0}' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{205f}' | '\u{3000}' => ' ',
        '\u{2010}'..='\u{2015}' | '\u{2212}' => '-',
        '\u{2018}' | '\u{2019}' => '\'',
        // Full-width digits and letters.
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(char) - 0xfee0).unwrap_or(char),
        other => other,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_place_finds_its_way_back() {
        for (text, folded, word, original) in [
            ("a\u{a0}b c", "a b c", "c", "c"),
            ("cafe\u{301} Jan", "café Jan", "Jan", "Jan"),
            ("cafe\u{301} Jan", "café Jan", "café", "cafe\u{301}"),
            ("o\u{302}\u{301}x y", "\u{1ed1}x y", "y", "y"),
            ("a\u{200b}\u{200b}b\u{ad}c d", "abc d", "bc", "b\u{ad}c"),
            ("\u{ff11}\u{ff12} x", "12 x", "12", "\u{ff11}\u{ff12}"),
            ("\u{301}x", "x", "x", "x"),
            ("ë \u{2013} ë", "ë - ë", "-", "\u{2013}"),
        ] {
            let read = Folded::new(text);
            assert_eq!(read.text(), folded, "{text:?}");
            let start = folded.rfind(word).unwrap();
            let (from, to) = read.range(start, start + word.len());
            assert_eq!(&text[from..to], original, "{text:?}");
        }
    }

    #[test]
    fn the_first_byte_that_is_asked_for_is_found_wherever_it_stands() {
        for len in [0, 1, 31, 32, 33, 64, 70] {
            let plain = vec![b'a'; len];
            assert_eq!(position(&plain, |byte| byte == b'x'), None, "{len}");
            for at in 0..len {
                let mut text = plain.clone();
                text[at..].fill(b'x');
                assert_eq!(position(&text, |byte| byte == b'x'), Some(at), "{at} of {len}");
            }
        }
    }
}
