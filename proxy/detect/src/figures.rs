use std::ops::Range;
use std::sync::LazyLock;

use lexicon::Affixes;
use lexicon::small::Part;

use crate::tokens::Token;

/// The lines in which numbers are read, and for each which patterns may match in it, as bits. What a
/// pattern needs beside a number is told by some bytes, so that each reads only the lines that have it.
#[derive(Debug, Default)]
pub(crate) struct Figures(Vec<(Range<usize>, u32)>);

impl Figures {
    /// All lines, each for every pattern.
    #[cfg(test)]
    pub(crate) fn every(windows: &[Range<usize>]) -> Self {
        Self(windows.iter().map(|window| (window.clone(), u32::MAX)).collect())
    }

    /// Of the lines in these windows; `tokens` are the words of the text.
    pub(crate) fn new(text: &str, tokens: &[Token<'_>], windows: &[Range<usize>]) -> Self {
        let bytes = text.as_bytes();
        let whole = if text.contains('\u{bd}') { TABLET } else { 0 };
        let (mut out, mut word) = (Vec::new(), 0);
        for window in windows {
            let mut at = window.start;
            while at < window.end {
                let end = memchr::memchr(b'\n', &bytes[at..window.end]);
                let line = at..end.map_or(window.end, |end| at + end + 1);
                at = line.end;
                // A label of trade tells of what stands behind its line's end, too.
                let mut may = whole | amounts(bytes, &line) | (trade(&out, &line) << 1);
                while let Some(token) = tokens.get(word).filter(|token| token.start < line.end) {
                    word += 1;
                    if token.start >= line.start {
                        may |= named(token);
                    }
                }
                out.push((line, may));
            }
        }
        Self(out)
    }

    /// The lines in which one of these patterns may match, those that follow each other as one; with so
    /// many lines before each.
    pub(crate) fn of(&self, patterns: u32, before: usize) -> Vec<Range<usize>> {
        let mut out: Vec<Range<usize>> = Vec::new();
        for (at, (line, may)) in self.0.iter().enumerate() {
            if may & patterns == 0 {
                continue;
            }
            let follows = |at: usize| at > 0 && self.0[at - 1].0.end == self.0[at].0.start;
            let first = (0..before).fold(at, |first, _| first - usize::from(follows(first)));
            let start = self.0[first].0.start;
            match out.last_mut() {
                Some(last) if start <= last.end => last.end = line.end,
                _ => out.push(start..line.end),
            }
        }
        out
    }
}

/// The bit of a label of trade in the line right before this one.
fn trade(before: &[(Range<usize>, u32)], line: &Range<usize>) -> u32 {
    before.last().map_or(0, |(own, may)| if own.end == line.start { may & TRADE } else { 0 })
}

/// What the numbers of a line may be.
fn amounts(bytes: &[u8], line: &Range<usize>) -> u32 {
    let (mut may, mut at) = (0, line.start);
    while at < line.end {
        if !bytes[at].is_ascii_digit() {
            at += 1;
            continue;
        }
        let run = bytes[at..line.end].iter().take_while(|byte| byte.is_ascii_digit()).count();
        may |= number(bytes, at, at + run);
        at += run;
    }
    may
}

/// What one number may be, by its length and by what stands beside it.
fn number(bytes: &[u8], start: usize, end: usize) -> u32 {
    let before = |back: usize| {
        start.checked_sub(back).and_then(|at| bytes.get(at)).copied().unwrap_or(b'\n')
    };
    let after = |on: usize| bytes.get(end + on).copied().unwrap_or(b'\n');
    let (len, next) = (end - start, after(0));
    // Over one blank.
    let blank = usize::from(next == b' ');
    let unit = after(blank);
    let led = before(1 + usize::from(before(1).is_ascii_whitespace()));
    let (small, led_small, worded) = (unit | 32, led | 32, before(1) == b' ');
    let digit = |on: usize| after(on).is_ascii_digit();
    // Over the signs of an amount, and over one that joins the parts of a day.
    let cut = bytes[end..].iter().take_while(|byte| matches!(byte, b'.' | b',')).count();
    let priced = after(cut + usize::from(after(cut) == b' '));
    let next_part = blank + 1 + usize::from(after(blank + 1) == b' ');
    let is_day = matches!(unit, b'-' | b'/' | b'.') && digit(next_part);
    let month = after(1) | 32;
    let is_month = matches!(next, b' ' | b'-')
        && (!month.is_ascii() || b"jfmasond".contains(&month))
        || b"esnrt".contains(&(next | 32));
    let groups = match (len, next) {
        (2, b' ') | (3, b' ' | b'.' | b'-') => digit(1),
        (4, b' ' | b'.') => digit(1) || digit(2),
        _ => matches!(len, 8 | 9),
    };
    let aged = after(usize::from(matches!(next, b' ' | b'-'))) | 32;
    let bit = |is: bool, pattern: u32| if is { pattern } else { 0 };
    bit(len == 2 && before(1).is_ascii_uppercase() && unit.is_ascii_uppercase(), IBAN)
        | bit(led_small == b'l', VAT)
        | bit(!led.is_ascii() || matches!(led_small, b'r' | b'o' | b'd'), AMOUNT)
        | bit(matches!(priced, 0xe2 | b'e' | b'E'), PRICE)
        | bit(groups, CITIZEN)
        | bit(len <= 2 && (is_day || is_month), DATE)
        | bit(len == 8 || (len == 4 && matches!(next, b'-' | b'/' | b'.')), DATE)
        | bit(worded && b"yhletr".contains(&led_small), DATE)
        | bit(len == 6, SHORT_DATE)
        | bit(bytes[start] == b'0' || before(1) == b'+', PHONE)
        | bit(bytes[start..].starts_with(b"14"), PHONE)
        | bit(worded && b"lt.n".contains(&led_small), PHONE)
        | bit(len <= 7 && behind_street(bytes, start), HOUSE)
        | bit(len == 4 && unit.is_ascii_uppercase(), POSTCODE)
        | bit(len <= 3 && (matches!(aged, b'j' | b'y') || unit == b')'), AGE)
        | bit(worded && matches!(led_small, b'e' | b'd'), AGE)
        | bit(small == b'd', DOSE)
        | bit(!unit.is_ascii() || b"migup".contains(&small), UNIT)
        | bit(b"tcpzd".contains(&small) || (next == b'-' && digit(1)), TABLET)
        | bit(!unit.is_ascii() || b"xkm".contains(&small), TIMES)
        | bit(led == b'T' || small == b'n', TEMPERATURE)
        | bit(before(1) == b'G' || next == b'+', OBSTETRIC)
        | bit(before(1) == b'T', TUMOUR)
        | bit(before(1).is_ascii_uppercase() && next == b'.', DIAGNOSIS)
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
    (1..=4).contains(&len)
}

/// What a word names before a number.
fn named(token: &Token<'_>) -> u32 {
    let bit = |is: bool, pattern: u32| if is { pattern } else { 0 };
    bit(CITIZEN_WORDS.begin(token.lower) || token.lower == "b", CITIZEN_LABEL)
        | bit(TRADE_WORDS.begin(token.lower) || token.lower == "k", TRADE)
        | bit(token.plays(Part::Measure), MEASURE)
        | bit(token.plays(Part::Codebook), DIAGNOSIS)
        // "in't Zand 3"
        | bit(token.odd && token.text.contains('\''), HOUSE)
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
            "naam | 120356",
            "bel +31 6 12345678, 0522-555433, 14 030, toestel 214 of sein 55 12",
            "Dorpsstraat 12a, op't Zand 3, 2e Kade 14, van der Helstlaan 4 bis, 1011 AB Ee",
            "45-jarige, vrouw van 45 jaar, Jan Smit (45), m/45 jr, aged 45, 45-year-old",
            "2dd 500 mg, metoprolol 50 mg, 20 \u{b5}g, 2 tabletten per dag, \u{bd} pil per dag, 1-0-1",
            "3 x per week, 2 keer per week",
            "hb 7,2, leuko's 0.8, d-dimeer 500, vitamine b12 100, RR 120/80, temp 38.5, 5 mmol/l",
            "T 38.5, van 10 naar 20 graden, G2P1, AD 39+4, 39+4 wk, T2N0M0, L03.01",
            "DSM-5 en ICD10\nICPC\n1",
            "K.v.k. 12345678, factuurnummer\n2025-118, track & trace 3S12",
            "zijn b.s.n. is 123456782, sofinr. 111222333, burgerservicenummer 123456782",
            "pati\u{eb}nt\u{e9}hb 7, l'hb 7",
        ] {
            let lower = tokens::lowered(text);
            let tokens = tokens::tokens(text, &lower);
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
                let taken = numbers::taken(text, &windows, figures).into_iter();
                found.chain(taken.map(|one| (one.start, one.end, "taken"))).collect::<Vec<_>>()
            };
            let every = all(&Figures::every(&windows));
            assert_eq!(all(&Figures::new(text, &tokens, &windows)), every, "{text}");
            assert!(!every.is_empty(), "{text}");
        }
    }
}
