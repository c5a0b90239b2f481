use lexicon::formed::formed;
use lexicon::small::{self, Part, Parts};
use lexicon::{Known, Tier, hash};

use crate::figures;

/// A word of the text: letters, with digits and apostrophes inside.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Token<'a> {
    pub(crate) start: usize,
    pub(crate) text: &'a str,
    pub(crate) shape: Shape,
    /// What it is known as in lower case.
    pub(crate) known: Known,
    /// The parts that it plays, in whatever letters it is written.
    pub(crate) parts: Parts,
    /// The hash of its small letters.
    pub(crate) hash: u64,
    /// The patterns of numbers that it is a label of, as bits.
    pub(crate) labels: u32,
    /// How telling it is by its form, where no list says so.
    pub(crate) formed: Option<Tier>,
    /// It begins a line, a sentence, a cell or an item.
    pub(crate) first: bool,
    /// It has an apostrophe, or letters beyond ASCII.
    pub(crate) odd: bool,
    /// It is written in small letters.
    pub(crate) small: bool,
}

impl Token<'_> {
    pub(crate) fn end(&self) -> usize {
        self.start + self.text.len()
    }

    /// The same in small letters.
    pub(crate) fn lower(&self) -> String {
        lowered(self.text)
    }

    /// Does it play this part, and is written in small letters?
    pub(crate) fn is_small(&self, part: Part) -> bool {
        self.parts.has(part) && self.small
    }

    /// Does it play this part, or a piece of it that an apostrophe or an accent cuts off?
    pub(crate) fn plays(&self, part: Part) -> bool {
        self.parts.has(part) || (self.odd && plays(&self.lower(), self.parts, true, part))
    }

    /// Is it a title, of whomever?
    pub(crate) fn is_title(&self) -> bool {
        self.parts.has(Part::Title) || self.parts.has(Part::Profession)
    }
}

/// Does a word of these parts play this one, or a piece of it that an apostrophe or an accent cuts off?
pub(crate) fn plays(lower: &str, parts: Parts, odd: bool, part: Part) -> bool {
    let piece_plays = |lower: &str| {
        let mut pieces = lower.split(|char: char| !char.is_ascii_alphanumeric());
        pieces.any(|piece| small::parts(piece).has(part))
    };
    parts.has(part) || (odd && piece_plays(lower))
}

/// How a word is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    /// One capital letter.
    Letter,
    /// A capital and small letters.
    Title,
    /// Capitals only.
    Upper,
    /// Anything else.
    Lower,
}

/// The text in small letters, each at its own place: a letter whose small one has another length stays.
pub(crate) fn lowered(text: &str) -> String {
    let mut out = text.as_bytes().to_ascii_lowercase();
    for (at, char) in fold::beyond_ascii(text) {
        let mut small = char.to_lowercase();
        let (first, more) = (small.next().unwrap_or(char), small.next());
        if more.is_none() && first.len_utf8() == char.len_utf8() {
            first.encode_utf8(&mut out[at..at + char.len_utf8()]);
        }
    }
    String::from_utf8(out).unwrap_or_else(|_| text.to_owned())
}

/// What was looked up last of the hashes that end alike: most words of a text come again and again, and the
/// table of all words is too large to stay near the processor. It lasts as long as its message: hashes of
/// words tell of a mail.
pub(crate) struct Met(Vec<Word>);

impl core::fmt::Debug for Met {
    /// Nothing of what is in it: hashes of words tell of a mail.
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Met")
    }
}

/// What the lists know of a word, in small letters.
#[derive(Debug, Clone, Copy, Default)]
struct Word {
    /// The upper half of its hash.
    mark: u32,
    parts: Parts,
    labels: u32,
    known: Known,
    formed: Option<Tier>,
}

impl Met {
    /// Room for the words of a text of so many bytes.
    pub(crate) fn new(len: usize) -> Self {
        let room = (len / 8).next_power_of_two().clamp(LEAST, MOST);
        Self(vec![Word::default(); room])
    }

    fn look(&mut self, hash: u64, lower: &str, odd: bool) -> Word {
        // Two words stand beside each other, the one that was met last first.
        let at = hash as usize & (self.0.len() - 2);
        let mark = (hash >> 32) as u32;
        if self.0[at].mark != mark {
            self.0.swap(at, at + 1);
        }
        if self.0[at].mark != mark {
            let known = lexicon::of_hash(hash);
            let parts = if known.small() { small::of_hash(hash) } else { Parts::default() };
            let labels = figures::labels(lower, parts, odd);
            let formed = formed(lower, known);
            self.0[at] = Word { mark, parts, labels, known, formed };
        }
        self.0[at]
    }
}

/// The words of a text, in order; `lower` is the same text in small letters.
pub(crate) fn tokens<'a>(text: &'a str, lower: &str, met: &mut Met) -> Vec<Token<'a>> {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(text.len() / 4);
    let (mut first, mut at) = (true, 0);
    while let Some(&byte) = bytes.get(at) {
        // Most of what is no word, and it changes nothing.
        if byte == b' ' {
            at += 1;
            continue;
        }
        let start = at;
        match SIGNS[usize::from(byte)] {
            UPPER | LOWER => {}
            BEYOND if letter(text, at).0 => {}
            sign => {
                first = sign == BEGINS || (first && sign == GOES_ON);
                at += if sign == BEYOND { letter(text, at).1 } else { 1 };
                continue;
            }
        }
        let Read { end, hash, shape, odd, capitals } = word(text, lower.as_bytes(), start);
        at = end;
        let lower = lower.get(start..end).unwrap_or_default();
        let Word { known, parts, labels, formed, .. } = met.look(hash, lower, odd);
        let text = text.get(start..end).unwrap_or_default();
        let small = !capitals && (!odd || text == lower);
        out.push(Token {
            start,
            text,
            shape,
            known,
            parts,
            hash,
            labels,
            formed,
            first,
            odd,
            small,
        });
        first = false;
    }
    out
}

/// A word as its letters tell.
struct Read {
    end: usize,
    hash: u64,
    shape: Shape,
    odd: bool,
    capitals: bool,
}

/// Reads the word that begins here.
fn word(text: &str, small: &[u8], start: usize) -> Read {
    let bytes = text.as_bytes();
    let own = bytes.get(start..).unwrap_or_default();
    let mut letters = own.iter().zip(small.get(start..).unwrap_or_default());
    // What the first letter is counts for itself.
    let first = SIGNS[usize::from(bytes[start])];
    let (mut at, mut state, mut signs) = (start, hash::BEGIN, 0);
    if first != BEYOND
        && let Some((_, small)) = letters.next()
    {
        (at, state) = (start + 1, hash::fed(state, *small));
        for (byte, small) in letters {
            let sign = SIGNS[usize::from(*byte)];
            if sign & ALPHANUMERIC == 0 {
                break;
            }
            signs |= sign;
            state = hash::fed(state, *small);
            at += 1;
        }
    }
    let (end, odd) = match bytes.get(at) {
        Some(byte) if !byte.is_ascii() || *byte == b'\'' => word_end(text, at),
        _ => (at, false),
    };
    let rest = small.get(at..end).unwrap_or_default();
    let hash = hash::mixed(rest.iter().copied().fold(state, hash::fed));
    let shape = if odd {
        shape(text.get(start..end).unwrap_or_default())
    } else if first != UPPER || signs & DIGIT != 0 {
        Shape::Lower
    } else if end == start + 1 {
        Shape::Letter
    } else if signs & LOWER == 0 {
        Shape::Upper
    } else {
        Shape::Title
    };
    Read { end, hash, shape, odd, capitals: (first | signs) & UPPER != 0 }
}

/// What each byte is: a letter, a digit, a part of a character beyond ASCII, or a sign behind which
/// something begins, or goes on as before, or neither.
static SIGNS: [u8; 256] = {
    let mut out = [0; 256];
    let mut byte = 0_u8;
    loop {
        out[byte as usize] = match byte {
            b'A'..=b'Z' => UPPER,
            b'a'..=b'z' => LOWER,
            b'0'..=b'9' => DIGIT,
            b' ' | b'\'' | b'"' | b'(' | b'-' | b'/' | b',' | b'\r' => GOES_ON,
            b'\n' | b'.' | b'!' | b'?' | b'>' | b'|' | b'*' | b'\t' | b':' | b';' => BEGINS,
            0x80.. => BEYOND,
            _ => 0,
        };
        if byte == u8::MAX {
            break out;
        }
        byte += 1;
    }
};
const UPPER: u8 = 1;
const LOWER: u8 = 2;
const DIGIT: u8 = 4;
const ALPHANUMERIC: u8 = UPPER | LOWER | DIGIT;
const GOES_ON: u8 = 8;
const BEGINS: u8 = 16;
const BEYOND: u8 = 32;
/// Words remembered of those looked up, in a short text and in a long one; powers of two.
const LEAST: usize = 256;
const MOST: usize = 32_768;

/// Is it a letter that stands here, and how many bytes has it?
fn letter(text: &str, at: usize) -> (bool, usize) {
    match text.as_bytes().get(at) {
        Some(byte) if byte.is_ascii() => (byte.is_ascii_alphabetic(), 1),
        _ => {
            let char = text.get(at..).and_then(|rest| rest.chars().next());
            char.map_or((false, 1), |char| (char.is_alphabetic(), char.len_utf8()))
        }
    }
}

/// Where a word ends, of letters and digits and apostrophes before a letter, and whether it is odd.
fn word_end(text: &str, from: usize) -> (usize, bool) {
    let bytes = text.as_bytes();
    let (mut at, mut odd) = (from, false);
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'\'' if letter(text, at + 1).0 => (at, odd) = (at + 1, true),
            byte if byte.is_ascii_alphanumeric() => at += 1,
            byte if byte.is_ascii() => break,
            _ => match text.get(at..).and_then(|rest| rest.chars().next()) {
                Some(char) if char.is_alphanumeric() => (at, odd) = (at + char.len_utf8(), true),
                _ => break,
            },
        }
    }
    (at, odd)
}

fn shape(word: &str) -> Shape {
    let mut chars = word.chars();
    if !chars.next().is_some_and(char::is_uppercase) {
        return Shape::Lower;
    }
    let rest = chars.as_str();
    if rest.is_empty() {
        Shape::Letter
    } else if rest.bytes().any(|byte| byte.is_ascii_digit()) {
        Shape::Lower
    } else if rest.chars().all(|char| char.is_uppercase() || char == '\'') {
        Shape::Upper
    } else {
        Shape::Title
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_know_their_shape_and_whether_they_begin_something() {
        let text = "Dag Jan, d'Anjou belde. CVA\n- mw A. el Idrissi";
        let lower = lowered(text);
        let words = tokens(text, &lower, &mut Met::new(text.len()));
        let told: Vec<(&str, Shape, bool)> =
            words.iter().map(|word| (word.text, word.shape, word.first)).collect();
        assert_eq!(told[0], ("Dag", Shape::Title, true));
        assert_eq!(told[1], ("Jan", Shape::Title, false));
        assert_eq!(told[2], ("d'Anjou", Shape::Lower, false));
        assert_eq!(told[4], ("CVA", Shape::Upper, true));
        assert_eq!(told[5], ("mw", Shape::Lower, true));
        assert_eq!(told[6], ("A", Shape::Letter, false));
        assert_eq!(told[8], ("Idrissi", Shape::Title, false));
        assert_eq!(words[8].lower(), "idrissi");
        assert!(words[5].small && !words[8].small);
    }

    #[test]
    fn small_letters_stand_where_the_capitals_stood() {
        for (text, small) in [
            ("ABC", "abc"),
            ("\u{c9}\u{e9}n \u{d6}", "\u{e9}\u{e9}n \u{f6}"),
            ("\u{130}A", "\u{130}a"),
        ] {
            assert_eq!(lowered(text), small);
            assert_eq!(lowered(text).len(), text.len());
        }
    }
}
