use std::ops::Range;
use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, AhoCorasickKind};
use lexicon::labels::GOODS;
use regex::Regex;

use crate::figures::{self, Figures};
use crate::identifiers::window;

/// Stretches of digits that are something else than a citizen service number, a date or a
/// telephone number: bank accounts, VAT numbers, amounts, links. Sorted, and not overlapping.
pub(crate) fn taken(text: &str, figures: &Figures) -> Vec<Range<usize>> {
    let mut out: Vec<Range<usize>> = Vec::new();
    for (re, (pattern, before)) in OTHERS.iter() {
        let own = |range: &Range<usize>| *pattern != figures::TRADED || !is_labelled(text, range);
        out.extend(within(re, text, &figures.of(*pattern, *before)).filter(own));
    }
    out.sort_by_key(|range| (range.start, range.end));
    let mut merged: Vec<Range<usize>> = Vec::with_capacity(out.len());
    for range in out {
        match merged.last_mut() {
            Some(last) if range.start < last.end => last.end = last.end.max(range.end),
            _ => merged.push(range),
        }
    }
    merged
}

/// Does a label of a person stand right before the number of trade: "Factuur bsn.123456782"?
fn is_labelled(text: &str, range: &Range<usize>) -> bool {
    let own = text.get(range.clone()).unwrap_or_default();
    let head = own.split(|char: char| char.is_ascii_digit()).next().unwrap_or_default();
    let label = head.trim_end_matches(|char: char| !char.is_alphabetic());
    let label = label.rsplit(|char: char| !char.is_alphabetic()).next().unwrap_or_default();
    ["bsn", "geb", "gebd", "gbd", "gd", "dob", "tel", "mob", "pat", "patnr"]
        .iter()
        .any(|own| label.eq_ignore_ascii_case(own))
}

/// The lines that have digits, each with the line before it, where its label may stand. Most lines of
/// mail have none, and no pattern of numbers need read them.
pub(crate) fn windows(text: &str) -> Vec<Range<usize>> {
    around(text, |byte| byte.is_ascii_digit())
}

/// The lines in which such a byte stands, each with the line before it; sorted, not overlapping.
pub(crate) fn around(text: &str, is: impl Fn(u8) -> bool) -> Vec<Range<usize>> {
    let bytes = text.as_bytes();
    let line_before = |at: usize| memchr::memrchr(b'\n', &bytes[..at]).map_or(0, |at| at + 1);
    let mut out: Vec<Range<usize>> = Vec::new();
    let mut at = 0;
    while let Some(next) = bytes.get(at..).and_then(|rest| fold::position(rest, &is)) {
        let found = at + next;
        let line = line_before(found);
        let start = line_before(line.saturating_sub(1));
        let end = memchr::memchr(b'\n', &bytes[found..]).map_or(bytes.len(), |end| found + end + 1);
        match out.last_mut() {
            Some(last) if start <= last.end => last.end = end,
            _ => out.push(start..end),
        }
        at = end;
    }
    out
}

/// What a pattern matches in these windows, in bytes of the text.
pub(crate) fn within<'t>(
    re: &'t Regex,
    text: &'t str,
    windows: &'t [Range<usize>],
) -> impl Iterator<Item = Range<usize>> + 't {
    windows.iter().flat_map(move |window| {
        let part = text.get(window.clone()).unwrap_or_default();
        re.find_iter(part).map(|found| window.start + found.start()..window.start + found.end())
    })
}

/// Does the range touch one of the sorted ranges?
pub(crate) fn touches(taken: &[Range<usize>], range: &Range<usize>) -> bool {
    let at = taken.partition_point(|other| other.end <= range.start);
    taken.get(at).is_some_and(|other| other.start < range.end)
}

/// Does a word of trade stand in the line before a number that may be anyone's?
pub(crate) fn is_trade(text: &str, range: &Range<usize>) -> bool {
    let before = window(text, range.start.saturating_sub(LINE), range.start);
    let line = memchr::memrchr(b'\n', before.as_bytes()).map_or(0, |end| end + 1);
    let line = before.get(line..).unwrap_or_default();
    TRADED.as_ref().is_some_and(|words| words.is_match(line))
}

/// Is it a part of a longer number? Behind a comma a number of its own may stand, as in the row of a table.
pub(crate) fn is_inside(text: &str, range: &Range<usize>) -> bool {
    let before = window(text, range.start.saturating_sub(ROW), range.start).bytes();
    let after = window(text, range.end, range.end + ROW).bytes();
    goes_on(before.rev()) || goes_on(after)
}

/// Does a number go on in what stands beside it, from the sign that joins the two?
fn goes_on(mut beside: impl Iterator<Item = u8>) -> bool {
    let sign = beside.next();
    let more = |byte: &u8| byte.is_ascii_digit() || b".-/".contains(byte);
    let mut more = beside.take_while(more).peekable();
    more.peek().is_some_and(u8::is_ascii_digit)
        && match sign {
            Some(b'.' | b'-' | b'/') => true,
            Some(b',') => more.count() < ROW - 4,
            _ => false,
        }
}

/// A pattern of this room. A word's edge is that of ASCII, which the fast engine can do on any text.
/// The patterns are constants, so that any build with debug assertions, the tests'
/// among them, stops at one that does not compile.
pub(crate) fn pattern(re: &str) -> Regex {
    let built = Regex::new(&re.replace(r"\b", r"(?-u:\b)"));
    debug_assert!(built.is_ok(), "{re}: {built:?}");
    built.unwrap_or_else(|_| never())
}

/// Beginnings of words of trade, in whatever letters.
static TRADED: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| {
    let kind = Some(AhoCorasickKind::DFA);
    AhoCorasick::builder().ascii_case_insensitive(true).kind(kind).build(GOODS).ok()
});
/// Bytes read beside a number, to see whether another one stands there.
const ROW: usize = 10;
/// Bytes of a line that are read before a number.
const LINE: usize = 200;

/// Matches nothing.
fn never() -> Regex {
    #[allow(clippy::unwrap_used)] // the empty class is a valid pattern
    Regex::new("[^\\s\\S]").unwrap()
}

/// The lines that a pattern reads, told by its bits, and how many before each.
type Lines = (u32, usize);

/// Number forms of trade and machines, each at its own marks. The elfproef of a legal entity's RSIN
/// is that of a citizen service number, so a VAT number has to be seen first.
static OTHERS: LazyLock<Vec<(Regex, Lines)>> = LazyLock::new(|| {
    [
        // IBAN (ISO 13616), also in groups of four.
        (r"\b[A-Z]{2}[0-9]{2} ?[A-Z]{4}(?: ?[0-9]{2,4}){2,6}\b", (figures::IBAN, 0)),
        // VAT number of the Netherlands.
        (r"(?i:nl) ?[0-9]{4}[. ]?[0-9]{2}[. ]?[0-9]{3}[. ]?(?i:b) ?[0-9]{2}\b", (figures::VAT, 0)),
        // Amounts: never letters and digits of a person.
        (r"(?:€|(?i:\b(?:eur|euro|usd)))\s?[0-9][0-9.,]*(?:,-)?", (figures::AMOUNT, 1)),
        (r"[0-9][0-9.,]* ?(?:€|(?i:euro\b|eur\b))", (figures::PRICE, 0)),
        // Labelled numbers of trade and of professionals.
        (r"(?i)\b(?:kvk|k\.v\.k\.|btw|rsin|ean|gtin|isbn|imei|agb|big|factuur|order|artikel|offerte|bestel|debiteur|debiteuren|track ?(?:&|and) ?trace|zending|pakket|ticket|melding|incident|chip|kenteken|inkoop|referentie|iban|rekening|serie|contract|project|vergadering|meeting|webinar)(?:s?(?:nummer|nr\.?|no\.?|code|id))?(?:\s?id)?\s?[:#.=]?\s{0,2}(?:[a-z]{1,5}[-.]?|[a-z]{1,2} )?[0-9][0-9a-z.\-]*(?: [0-9]{2,}){0,4}\b", (figures::TRADED, 0)),
        // Links and mail addresses with numbers in them.
        (r"\b(?i:https?://|www\.)[^\s<>]+", (figures::LINK, 0)),
    ]
    .into_iter()
    .map(|(re, lines)| (pattern(re), lines))
    .collect()
});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_trade_are_taken_first() {
        for text in [
            "NL91 ABNA 0417 1643 00",
            "NL91ABNA0417164300",
            "NL123456782B01",
            "€ 1.234,56",
            "factuurnummer 123456782",
            "KvK: 12345678",
            "https://example.nl/123456782?x=1",
            "ordernr. 123456782",
        ] {
            let figures = Figures::every(text, &windows(text));
            assert_eq!(taken(text, &figures), vec![0..text.len()], "{text}");
        }
        let text = "BSN 123456782, geb. 12-03-1956";
        let figures = Figures::every(text, &windows(text));
        assert!(taken(text, &figures).is_empty());
    }

    #[test]
    fn windows_are_the_lines_with_digits_and_the_lines_before_them() {
        let text = "a\nb\nc 1\nd\ne\nf\ng 2\nh 3";
        let parts: Vec<&str> = windows(text).into_iter().map(|range| &text[range]).collect();
        assert_eq!(parts, ["b\nc 1\n", "f\ng 2\nh 3"]);
        assert!(windows("none\n").is_empty() && windows("").is_empty());
        assert_eq!(windows("7"), vec![0..1]);
    }
}
