use std::ops::Range;
use std::sync::LazyLock;

use lexicon::Affixes;
use lexicon::small::{Part, Parts};
use regex::Regex;

use crate::tokens::{self, Token};

/// The lines in which numbers are read, the numbers in them, and for each which patterns may match there, as
/// bits. What a pattern needs beside a number is told by some bytes, so that each reads only the lines that
/// have it, or begins only at the numbers that have it.
#[derive(Debug, Default)]
pub(crate) struct Figures {
    lines: Vec<(Range<usize>, u32)>,
    /// Where each stretch of digits begins.
    numbers: Vec<(usize, u32)>,
}

impl Figures {
    /// All lines and numbers, each for every pattern.
    #[cfg(test)]
    pub(crate) fn every(text: &str, windows: &[Range<usize>]) -> Self {
        let mut out = Self::new(text, &[], windows);
        out.lines.iter_mut().for_each(|(_, may)| *may = u32::MAX);
        out.numbers.iter_mut().for_each(|(_, may)| *may = u32::MAX);
        out
    }

    /// Of the lines in these windows; `tokens` are the words of the text.
    pub(crate) fn new(text: &str, tokens: &[Token<'_>], windows: &[Range<usize>]) -> Self {
        let bytes = text.as_bytes();
        let whole = if text.contains('\u{bd}') { TABLET } else { 0 };
        let (mut out, mut word) = (Self::default(), 0);
        for window in windows {
            let mut at = window.start;
            while at < window.end {
                let end = memchr::memchr(b'\n', &bytes[at..window.end]);
                let line = at..end.map_or(window.end, |end| at + end + 1);
                at = line.end;
                // A label of trade tells of what stands behind its line's end, too.
                let may = whole | trade(&out.lines, &line) << 1;
                let (first, mut labels) = (out.numbers.len(), 0);
                let may = may | amounts(bytes, &line, &mut out.numbers);
                while let Some(token) = tokens.get(word).filter(|token| token.start < line.end) {
                    word += 1;
                    if token.start >= line.start {
                        labels |= token.labels;
                    }
                }
                out.numbers[first..].iter_mut().for_each(|(_, own)| *own |= labels & HOUSE);
                out.lines.push((line, may | labels));
            }
        }
        out
    }

    /// The lines in which one of these patterns may match, those that follow each other as one; with so
    /// many lines before each.
    pub(crate) fn of(&self, patterns: u32, before: usize) -> Vec<Range<usize>> {
        let mut out: Vec<Range<usize>> = Vec::new();
        for (at, (line, may)) in self.lines.iter().enumerate() {
            if may & patterns == 0 {
                continue;
            }
            let follows = |at: usize| at > 0 && self.lines[at - 1].0.end == self.lines[at].0.start;
            let first = (0..before).fold(at, |first, _| first - usize::from(follows(first)));
            let start = self.lines[first].0.start;
            match out.last_mut() {
                Some(last) if start <= last.end => last.end = line.end,
                _ => out.push(start..line.end),
            }
        }
        out
    }

    /// Where the numbers begin.
    pub(crate) fn starts(&self) -> impl Iterator<Item = usize> {
        self.numbers.iter().map(|(start, _)| *start)
    }

    /// Where those begin at which one of these patterns may begin.
    fn at(&self, patterns: u32) -> impl Iterator<Item = usize> {
        self.numbers.iter().filter(move |(_, may)| may & patterns != 0).map(|(start, _)| *start)
    }

    /// The stretches of lines around such numbers: from so many blanks before where it begins to so many
    /// bytes behind that.
    pub(crate) fn near(
        &self,
        text: &str,
        patterns: u32,
        (blanks, behind): (usize, usize),
    ) -> Vec<Range<usize>> {
        let bytes = text.as_bytes();
        let mut out: Vec<Range<usize>> = Vec::new();
        for at in self.at(patterns) {
            let mut left = blanks;
            let begins = |byte: &u8| {
                left -= usize::from(*byte == b' ');
                *byte == b'\n' || left == 0
            };
            // No further than any street goes: a line without blanks is not read for each of its numbers.
            let least = text.floor_char_boundary(at.saturating_sub(FURTHEST));
            let edge = bytes[least..at].iter().rposition(begins);
            let start = edge.map_or(least, |edge| least + edge + 1);
            let most = text.ceil_char_boundary(at + behind);
            let end = memchr::memchr(b'\n', &bytes[at..most]).map_or(most, |end| at + end);
            match out.last_mut() {
                Some(last) if start <= last.end => last.end = end.max(last.end),
                _ => out.push(start..end),
            }
        }
        out
    }

    /// What a pattern matches that begins with a number that stands behind no letter; `re` begins with `^`.
    pub(crate) fn begun(&self, re: &Regex, text: &str, patterns: u32) -> Vec<Range<usize>> {
        let bytes = text.as_bytes();
        let (mut out, mut free): (Vec<Range<usize>>, usize) = (Vec::new(), 0);
        for start in self.at(patterns) {
            let inside = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
            if start < free || start.checked_sub(1).is_some_and(|at| inside(&bytes[at])) {
                continue;
            }
            if let Some(found) = text.get(start..).and_then(|rest| re.find(rest)) {
                free = start + found.end();
                out.push(start..free);
            }
        }
        out
    }
}

/// The bit of a label of trade in the line right before this one.
fn trade(before: &[(Range<usize>, u32)], line: &Range<usize>) -> u32 {
    before.last().map_or(0, |(own, may)| if own.end == line.start { may & TRADE } else { 0 })
}

/// What the numbers of a line may be, on the whole and each.
fn amounts(bytes: &[u8], line: &Range<usize>, numbers: &mut Vec<(usize, u32)>) -> u32 {
    let (mut all, mut at) = (0, line.start);
    while let Some(next) = fold::position(&bytes[at..line.end], |byte| byte.is_ascii_digit()) {
        at += next;
        let run = bytes[at..line.end].iter().take_while(|byte| byte.is_ascii_digit()).count();
        let may = behind(bytes, at) | number(bytes, at, at + run);
        numbers.push((at, may));
        all |= may;
        at += run;
    }
    all
}

/// What a number may be by the word before it.
fn behind(bytes: &[u8], start: usize) -> u32 {
    let head = &bytes[..start];
    let gap = usize::from(head.last().is_some_and(u8::is_ascii_whitespace));
    let head = &head[..start - gap];
    let ends = |words: &[&str]| {
        words.iter().any(|word| {
            let tail = head.get(head.len().wrapping_sub(word.len())..);
            tail.is_some_and(|tail| tail.eq_ignore_ascii_case(word.as_bytes()))
        })
    };
    let bit = |is: bool, pattern: u32| if is { pattern } else { 0 };
    let month = head.strip_suffix(b".").unwrap_or(head).last_chunk::<3>();
    let is_month = month.is_some_and(|end| MONTH_ENDS.contains(&&end.map(|byte| byte | 32)));
    bit(is_month, MONTH)
        | match head.last().map_or(b'\n', |byte| byte | 32) {
            byte if !byte.is_ascii() => AMOUNT,
            b'l' => bit(ends(&["nl"]), VAT) | bit(ends(&["toestel"]), PHONE),
            b'o' => bit(ends(&["euro"]), AMOUNT),
            b'd' => bit(ends(&["usd"]), AMOUNT) | bit(ends(&["aged"]), AGE),
            b'e' => bit(ends(&["age"]), AGE),
            b'.' => bit(ends(&["tst."]), PHONE),
            b'n' => bit(ends(&["sein"]), PHONE),
            b't' => bit(ends(&["tst"]), PHONE) | bit(head.last() == Some(&b'T'), TEMPERATURE),
            b'r' => bit(ends(&["eur"]), AMOUNT),
            _ => 0,
        }
}

/// What one number may be, by its length and by what stands beside it.
fn number(bytes: &[u8], start: usize, end: usize) -> u32 {
    let before = start.checked_sub(1).and_then(|at| bytes.get(at)).copied().unwrap_or(b'\n');
    let after = |on: usize| bytes.get(end + on).copied().unwrap_or(b'\n');
    let (len, next) = (end - start, after(0));
    // Over one blank.
    let blank = usize::from(next == b' ');
    let unit = after(blank);
    let small = unit | 32;
    let word = bytes.get(end + blank..).unwrap_or_default();
    let begins = |words: &[&str]| words.iter().any(|own| starts(word, own));
    let digit = |on: usize| after(on).is_ascii_digit();
    // Over the signs of an amount, and over one that joins the parts of a day.
    let cut = bytes[end..].iter().take_while(|byte| matches!(byte, b'.' | b',')).count();
    let cut = cut + usize::from(after(cut) == b' ');
    let next_part = blank + 1 + usize::from(after(blank + 1) == b' ');
    let is_day = matches!(unit, b'-' | b'/' | b'.') && digit(next_part) || next == b' ' && digit(1);
    let month = after(1) | 32;
    let is_month = matches!(next, b' ' | b'-' | b'/' | b'.')
        && (!month.is_ascii() || b"jfmasond".contains(&month))
        || b"esnrtjfmaod".contains(&(next | 32))
        || next == b' ' && after(1) == b' ';
    let groups = match (len, next) {
        (2, b' ') | (3, b' ' | b'.' | b'-') => digit(1),
        (4, b' ' | b'.') => digit(1) || digit(2),
        _ => matches!(len, 8 | 9),
    };
    let joint = usize::from(matches!(next, b' ' | b'-'));
    let aged = [after(joint) | 32, after(joint + 1) | 32];
    // The letter behind the unit's first.
    let second = after(blank + 1) | 32;
    let times = len == 1 && next == b'-' && digit(1) && after(2) == b'-';
    let bit = |is: bool, pattern: u32| if is { pattern } else { 0 };
    let priced = after(cut) == 0xe2 || starts(&bytes[(end + cut).min(bytes.len())..], "eur");
    bit(len == 2 && before.is_ascii_uppercase() && unit.is_ascii_uppercase(), IBAN)
        | bit(priced, PRICE)
        | bit(groups, CITIZEN)
        | bit(len <= 2 && (is_day || is_month), DATE)
        | bit(len == 8 || (len == 4 && matches!(next, b'-' | b'/' | b'.')), DATE)
        | bit(len == 6, SHORT_DATE)
        | bit(may_be_phone(&bytes[start..], before), PHONE)
        | bit(len <= 7 && behind_street(bytes, start), HOUSE)
        | bit(len == 4 && unit.is_ascii_uppercase(), POSTCODE)
        | bit(len <= 3 && (matches!(&aged, b"ja" | b"jr" | b"ye") || unit == b')'), AGE)
        | bit(small == b'd' && matches!(second, b'd' | b'.'), DOSE)
        | bit(!unit.is_ascii() || (b"migup".contains(&small) && begins(&UNITS)), UNIT)
        | bit(times || (b"tcpzd".contains(&small) && begins(&TABLETS)), TABLET)
        | bit(!unit.is_ascii() || matches!(&[small, second], [b'x', _] | b"ke" | b"ma"), TIMES)
        | bit(before == b'T' || starts(word, "naar"), TEMPERATURE)
        | bit(before == b'G' || next == b'+', OBSTETRIC)
        | bit(before == b'T', TUMOUR)
        | bit(before.is_ascii_uppercase() && next == b'.', DIAGNOSIS)
}

/// May a telephone number begin with the number that begins here? It has eight digits or more, with no more
/// than signs between them, but for those of towns: `14 030`.
fn may_be_phone(own: &[u8], before: u8) -> bool {
    let of_phone = |byte: &&u8| byte.is_ascii_digit() || b" ().-/".contains(byte);
    let digits =
        || own.iter().take_while(of_phone).filter(|byte| byte.is_ascii_digit()).take(DIGITS);
    let of_town = own.starts_with(b"140") || own.starts_with(b"14 0");
    of_town || ((own.first() == Some(&b'0') || before == b'+') && digits().count() == DIGITS)
}

/// How the English names of months end, and their short forms.
const MONTH_ENDS: [&[u8; 3]; 20] = [
    b"ary", b"rch", b"ril", b"may", b"une", b"uly", b"ust", b"ber", b"jan", b"feb", b"mar", b"apr",
    b"jun", b"jul", b"aug", b"sep", b"ept", b"oct", b"nov", b"dec",
];

/// Does the text begin so, in whatever letters?
fn starts(text: &[u8], own: &str) -> bool {
    text.get(..own.len()).is_some_and(|head| head.eq_ignore_ascii_case(own.as_bytes()))
}

/// Does a word with a capital stand before the number, or a small one of a street's name?
fn behind_street(bytes: &[u8], start: usize) -> bool {
    let head = bytes[..start].trim_ascii_end();
    let mut len = 0;
    for byte in head.iter().rev().take_while(|byte| !byte.is_ascii_whitespace()) {
        if byte.is_ascii_uppercase() || !byte.is_ascii() || byte.is_ascii_digit() || len > STREET {
            return true;
        }
        len += 1;
    }
    let (head, word) = head.split_at(head.len() - len);
    // "'t Zand", "'s hof": whatever word stands behind these.
    let led = matches!(head, [.., b'\'', b's' | b't', b' ']);
    (1..=4).contains(&len) && (led || word.contains(&b'\'') || SMALL.contains(&word))
}

/// What a word names before a number.
pub(crate) fn labels(lower: &str, parts: Parts, odd: bool) -> u32 {
    let bit = |is: bool, pattern: u32| if is { pattern } else { 0 };
    let plays = |part| tokens::plays(lower, parts, odd, part);
    bit(CITIZEN_WORDS.begin(lower) || lower == "b", CITIZEN_LABEL)
        | bit(TRADE_WORDS.begin(lower) || lower == "k", TRADE)
        | bit(plays(Part::Measure), MEASURE)
        | bit(plays(Part::Codebook), DIAGNOSIS)
        // "in't Zand 3"
        | bit(odd && lower.contains('\''), HOUSE)
        | bit(LINKS.contains(&lower) || (odd && LINKS.iter().any(|link| lower.ends_with(link))), LINK)
}

// The patterns, each a bit.
pub(crate) const IBAN: u32 = 1;
pub(crate) const VAT: u32 = 1 << 1;
pub(crate) const AMOUNT: u32 = 1 << 2;
pub(crate) const PRICE: u32 = 1 << 3;
pub(crate) const CITIZEN: u32 = 1 << 4;
pub(crate) const DATE: u32 = 1 << 5;
pub(crate) const SHORT_DATE: u32 = 1 << 6;
pub(crate) const PHONE: u32 = 1 << 7;
pub(crate) const HOUSE: u32 = 1 << 8;
pub(crate) const POSTCODE: u32 = 1 << 9;
pub(crate) const AGE: u32 = 1 << 10;
pub(crate) const DOSE: u32 = 1 << 11;
pub(crate) const UNIT: u32 = 1 << 12;
pub(crate) const TABLET: u32 = 1 << 13;
pub(crate) const TIMES: u32 = 1 << 14;
pub(crate) const MEASURE: u32 = 1 << 15;
pub(crate) const TEMPERATURE: u32 = 1 << 16;
pub(crate) const OBSTETRIC: u32 = 1 << 17;
pub(crate) const TUMOUR: u32 = 1 << 18;
pub(crate) const DIAGNOSIS: u32 = 1 << 19;
/// A label of a citizen service number.
pub(crate) const CITIZEN_LABEL: u32 = 1 << 20;
/// A label of a number of trade, in this line or in the one before.
pub(crate) const TRADED: u32 = TRADE | TRADE << 1;
const TRADE: u32 = 1 << 21;
/// A month in English before its day.
pub(crate) const MONTH: u32 = 1 << 23;
/// A link.
pub(crate) const LINK: u32 = 1 << 24;
/// What units begin with: mg, mcg, mmol, mmHg, microgram, ml/min, IE, g/l, umol, u/l, pmol.
const UNITS: [&str; 11] = ["mg", "mcg", "mmo", "mmh", "mic", "ml/", "ie", "g/", "umo", "u/", "pmo"];

/// What a medicine is counted in begins with: tablet, capsule, puf, pil, zakje, druppels.
const TABLETS: [&str; 6] = ["ta", "ca", "pu", "pi", "za", "dr"];

/// What labels of citizen service numbers begin with, but for `b.s.n.`.
static CITIZEN_WORDS: LazyLock<Affixes> = LazyLock::new(|| {
    Affixes::new("bsn, burger, sofi, persoonsn, fiscaal, citizen, service, social")
});
/// What labels of numbers of trade begin with.
static TRADE_WORDS: LazyLock<Affixes> = LazyLock::new(|| {
    Affixes::new(
        "kvk, btw, rsin, ean, gtin, isbn, imei, agb, big, factuur, order, artikel, offerte, bestel, debiteur, \
         track, zending, pakket, ticket, melding, incident, chip, kenteken, inkoop, referentie, iban, \
         rekening, serie, contract, project, vergadering, meeting, webinar",
    )
});
/// The words that links begin with.
const LINKS: [&str; 3] = ["http", "https", "www"];
/// The small words of streets that may stand right before a number.
const SMALL: [&[u8]; 12] =
    [b"van", b"de", b"den", b"der", b"het", b"ten", b"ter", b"v.", b"d.", b"aan", b"in", b"op"];
/// Bytes read before the number of a house.
const FURTHEST: usize = 256;
/// Digits of the shortest telephone number, `0800 1234`.
const DIGITS: usize = 8;
/// Bytes of the longest word of a street that is looked at.
const STREET: usize = 40;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identifiers::Identifiers;
    use crate::medical::Medical;
    use crate::{Field, numbers, tokens};

    #[test]
    fn a_line_is_read_by_every_pattern_that_finds_something_there() {
        let (identifiers, medical) = (Identifiers::new(&[]), Medical::new(&[]));
        for text in [
            "NL91 ABNA 0417 1643 00 en NL123456782B01",
            "dat kost \u{20ac}\n12,50 of EUR 1.000, of 14 euro",
            "12345672 111222333 1234.56.782 123 456 782",
            "3 mei '88, 12e juni 1950, 1956-03-12, 12 - 3 - 56, March 12, 1956, 19560312",
            "geb. 12 03 1956\ngeb. 12mrt1950\ngeb. 12  maart 1950\ngeb. Mar 12, 1956\nborn Sept. 3 1956",
            "naam | 120356",
            "bel +31 6 12345678",
            "bel +32 (0)2.555/54.33 of 0800-1234",
            "bel (0)6 1234 5678\nbel (0522) - 55 54 33\nof 0900 - 12 34 56",
            "14030\nof 14 030\ntoestel 214\nof sein 55 12",
            "Dorpsstraat 12a, op't Zand 3, 2e Kade 14, van der Helstlaan 4 bis, 1011 AB Ee",
            "adres: 't hof 3\nadres: 's hof 12\nadres: Aan de Dijk van 3\nadres: Hof v. 12",
            "45-jarige\nvrouw van 45 jaar\nJan Smit (45)\nm/45 jr\naged 45\n45-year-old\n45jarige",
            "2dd 500 mg, metoprolol 50 mg, 20 \u{b5}g, 2 tabletten per dag, \u{bd} pil per dag, 1-0-1",
            "2 DD 1\n3 d.d. 2\n20 mcg\n20 Microgram\n40 ie\n5 g/l\n7 umol/l\n8 u/l\n9 pmol/l\n60 ml/min\n90 mmHg",
            "3 x per week\n2 keer per week\n4x per week\n2 Maal per week",
            "hb 7,2, leuko's 0.8, d-dimeer 500, vitamine b12 100, RR 120/80, temp 38.5, 5 mmol/l",
            "T 38.5, van 10 naar 20 graden, G2P1, AD 39+4, 39+4 wk, T2N0M0, L03.01",
            "DSM-5 en ICD10\nICPC\n1",
            "K.v.k. 12345678, factuurnummer\n2025-118, track & trace 3S12",
            "zijn b.s.n. is 123456782, sofinr. 111222333, burgerservicenummer 123456782",
            "pati\u{eb}nt\u{e9}hb 7, l'hb 7",
        ] {
            let lower = tokens::lowered(text);
            let tokens = tokens::tokens(text, &lower, &mut tokens::Met::new(text.len()));
            let windows = numbers::windows(text);
            let all = |figures: &Figures| {
                let mut found = medical.find(text, &tokens, figures);
                found.extend(identifiers.find(
                    text,
                    &tokens,
                    (&windows, figures),
                    (Field::Body, &|| false),
                ));
                let found = found.into_iter().map(|one| (one.start, one.end, one.why.0));
                let taken = numbers::taken(text, figures).into_iter();
                found.chain(taken.map(|one| (one.start, one.end, "taken"))).collect::<Vec<_>>()
            };
            let every = all(&Figures::every(text, &windows));
            assert_eq!(all(&Figures::new(text, &tokens, &windows)), every, "{text}");
            assert!(!every.is_empty(), "{text}");
        }
    }
}
