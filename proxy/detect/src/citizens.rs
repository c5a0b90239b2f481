use std::ops::Range;

use regex::Regex;

use crate::figures;
use crate::identifiers::{Found, Place, Told, window};
use crate::score::Role;
use crate::{Kind, dates, numbers, tables};
use lexicon::labels::{CITIZEN_LABELS, GOODS_LABELS};

/// Finds citizen service numbers.
#[derive(Debug)]
pub(crate) struct Citizens {
    number: Regex,
    label: Regex,
    label_behind: Regex,
    goods: Regex,
}

impl Citizens {
    pub(crate) fn new() -> Self {
        Self {
            number: numbers::pattern(
                r"^(?:[0-9]{8,9}|[0-9]{4}[. ]{1,2}[0-9]{2}[. ][0-9]{2,3}|[0-9]{3}[. -][0-9]{3}[. -][0-9]{3}|[0-9]{3}[. -][0-9]{2}[. -][0-9]{3,4}|[0-9]{2} [0-9]{3} [0-9]{3}|[0-9]{2} [0-9]{2} [0-9]{2} [0-9]{3}|[0-9]{3} [0-9]{2} [0-9]{2} [0-9]{2})\b",
            ),
            label: numbers::pattern(CITIZEN_LABELS),
            label_behind: numbers::pattern(
                r"(?i)^[ ,]{0,2}[(=]?[ ]?(?:(?:is|als)[ ])?(?:(?:het|mijn|haar|zijn|uw|je|her|his|my|your)[ ])?(?:bsn|burgerservicenummer|sofinummer)\b[^0-9]{0,6}(?:$|[^0-9 ])",
            ),
            goods: numbers::pattern(GOODS_LABELS),
        }
    }

    /// Is a number of this kind told of?
    pub(crate) fn is_label(&self, text: &str) -> bool {
        self.label.is_match(text)
    }

    /// Numbers behind a label, in any grouping and over a line's end.
    pub(crate) fn labelled(&self, text: &str, place: &Place<'_>, out: &mut Found) {
        for window in place.figures.of(figures::CITIZEN_LABEL, 0) {
            let part = text.get(window.clone()).unwrap_or_default();
            for found in self.label.find_iter(part) {
                let from = window.start + found.start();
                if let Some(range) = behind(text, from, from + found.len())
                    && !numbers::touches(place.taken, &range)
                    && !numbers::is_inside(text, &range)
                {
                    out.add_labelled(range, &LABELLED, from..from + found.len());
                }
            }
        }
    }

    /// Numbers in the usual groupings whose label stands elsewhere, or nowhere; of eight digits only where the
    /// message tells of such numbers.
    pub(crate) fn others(
        &self,
        text: &str,
        place: &Place<'_>,
        told_of: &dyn Fn() -> bool,
        out: &mut Found,
    ) {
        for range in place.figures.begun(&self.number, text, figures::CITIZEN) {
            let number = text.get(range.clone()).unwrap_or_default();
            let free = !numbers::touches(place.taken, &range) && !numbers::is_inside(text, &range);
            if !free || !elfproef(number) {
                continue;
            }
            if let Some(label) = self.label_of(text, &range, place) {
                out.add_labelled(range, &LABELLED, label);
                continue;
            }
            let nine = number.bytes().filter(u8::is_ascii_digit).count() == 9;
            let may_be = nine || told_of();
            if may_be && dates::parse(number).is_none() && !self.is_of_goods(text, &range) {
                out.add(range, &BARE);
            }
        }
    }

    fn label_of(
        &self,
        text: &str,
        range: &Range<usize>,
        place: &Place<'_>,
    ) -> Option<Range<usize>> {
        let from = range.start.saturating_sub(LABEL);
        let before = window(text, from, range.start);
        if let Some(label) = self.label.find_iter(before).last() {
            let from = range.start - before.len();
            return Some(from + label.start()..from + label.end());
        }
        if let Some(cell) = tables::around(place.cells, range)
            && cell.kind == Kind::Bsn
        {
            return Some(cell.label.clone());
        }
        let behind = window(text, range.end, range.end + LABEL);
        let found = self.label_behind.find(behind)?;
        let label = self.label.find(found.as_str())?;
        Some(range.end + label.start()..range.end + label.end())
    }

    /// Does a word of trade stand right before it, or an amount in its row?
    fn is_of_goods(&self, text: &str, range: &Range<usize>) -> bool {
        let before = window(text, range.start.saturating_sub(LABEL), range.start);
        let behind = window(text, range.end, range.end + ROW);
        let row = behind.split('\n').next().unwrap_or_default();
        let priced = row.contains('\u{20ac}') && row.starts_with(['\t', '|', ';', ' ']);
        let line = before.rsplit('\n').next().unwrap_or_default();
        self.goods.is_match(line) || (priced && row.contains(['\t', '|', ';']))
    }
}

/// The number behind a label that ends about here: the first stretch of eight or nine digits for which the
/// elfproef holds, whatever stands between them.
fn behind(text: &str, from: usize, end: usize) -> Option<Range<usize>> {
    let near = window(text, from, end + LABEL);
    let label = near.bytes().position(|byte| byte.is_ascii_digit())?;
    if label > end - from + LABEL {
        return None;
    }
    let start = from + label;
    let bytes = text.as_bytes();
    let (mut at, mut digits, mut found) = (start, Vec::with_capacity(9), None);
    while at < bytes.len() && digits.len() < 9 {
        if bytes[at].is_ascii_digit() {
            digits.push(bytes[at]);
            at += 1;
            let ends = bytes.get(at).is_none_or(|byte| !byte.is_ascii_alphanumeric());
            let written = text.get(start..at).unwrap_or_default();
            if ends && digits.len() >= 8 && elfproef(written) && !is_day(written) {
                found = Some(start..at);
            }
            continue;
        }
        let gap = bytes[at..].iter().take_while(|byte| b" .-/\r\n>\t".contains(byte)).count();
        if gap == 0 || gap > GAP {
            break;
        }
        at += gap;
    }
    found
}

/// `03-02-2006` in the row of a table whose heads tell of a number too.
fn is_day(written: &str) -> bool {
    written.contains(['-', '/', '.']) && dates::parse(written.trim()).is_some()
}

/// The weights 9 to 2 and -1 sum to a multiple of eleven, and not all digits are zero. Eight digits have
/// lost their leading zero.
pub(crate) fn elfproef(text: &str) -> bool {
    let (mut sum, mut weight, mut last) = (0_u32, 0_u32, None);
    let mut same = true;
    for byte in text.bytes().rev().filter(u8::is_ascii_digit) {
        let digit = u32::from(byte - b'0');
        // The last digit counts -1, which is 10 of 11.
        sum += digit * if weight == 0 { 10 } else { weight + 1 };
        weight += 1;
        same &= *last.get_or_insert(digit) == digit;
    }
    (8..=9).contains(&weight) && sum % 11 == 0 && !same
}

const LABELLED: Told =
    Told(Kind::Bsn, Role::Strong, 4.0, &("BSN: de elfproef klopt", "BSN: the check digit holds"));
const BARE: Told = Told(
    Kind::Bsn,
    Role::Person,
    1.2,
    &(
        "getal dat een BSN kan zijn: de elfproef klopt",
        "number that may be a BSN: the check digit holds",
    ),
);
/// Bytes before a number in which its label may stand.
const LABEL: usize = 40;
/// Bytes of a row read behind a number.
const ROW: usize = 120;
/// Bytes between two groups of one number.
const GAP: usize = 4;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::numbers::windows;

    #[test]
    fn the_elfproef_tells_citizen_service_numbers() {
        for (text, is) in [
            ("123456782", true),
            ("1234.56.782", true),
            ("123 456 782", true),
            ("111222333", true),
            ("123456789", false),
            ("000000000", false),
            ("12345672", true),
            ("1234567", false),
        ] {
            assert_eq!(elfproef(text), is, "{text}");
        }
    }

    fn found(text: &str) -> Vec<(String, Role)> {
        let citizens = Citizens::new();
        let windows = windows(text);
        let figures = figures::Figures::every(text, &windows);
        let taken = numbers::taken(text, &figures);
        let cells = tables::Tables::new("pnr", CITIZEN_LABELS).cells(text);
        let place = Place { figures: &figures, taken: &taken, cells: &cells };
        let mut out = Found::default();
        citizens.labelled(text, &place, &mut out);
        citizens.others(text, &place, &|| citizens.is_label(text), &mut out);
        let told = |one: &crate::score::Evidence| (text[one.start..one.end].to_owned(), one.role);
        out.evidence().iter().map(told).collect()
    }

    #[test]
    fn a_labelled_number_is_found_in_every_writing() {
        for (text, number) in [
            ("BSN 123456782", "123456782"),
            ("bsn: 1234.56.782.", "1234.56.782"),
            ("BSN-nr: 123-45-6782", "123-45-6782"),
            ("B.S.N. 123 456 782", "123 456 782"),
            ("burgerservicenummer (kind): 12 34 56 782", "12 34 56 782"),
            ("Burger Service Nummer = 123.456.782", "123.456.782"),
            ("sofinummer 1234/56/782", "1234/56/782"),
            ("bsnnr 12345672 12-03-1956", "12345672"),
            ("BSN123456782", "123456782"),
            ("BSN: 1234 5\n6782 van mw", "1234 5\n6782"),
            ("zijn BSN is\n123456782", "123456782"),
            ("123456782 (BSN)", "123456782"),
            ("naam | BSN\nJan | 123456782", "123456782"),
            ("naam\tbsn-nummer\tgeb\nJan\t361.788.83\t1-2-1950", "361.788.83"),
            ("citizen service number 123456782", "123456782"),
        ] {
            let found = found(text);
            assert!(found.contains(&(number.to_owned(), Role::Strong)), "{text}: {found:?}");
        }
    }

    #[test]
    fn numbers_of_goods_and_such_as_fail_the_elfproef_are_no_citizens() {
        for text in [
            "BSN 123456789",
            "lot 123456782",
            "Klantnummer: 123456782",
            "onder vermelding van 123456782",
            "artikel 123456782",
            "bestelling #123456782",
            "transducer\n123456782\t1\t\u{20ac} 40,00",
            "12345672",
        ] {
            assert!(found(text).is_empty(), "{text}: {:?}", found(text));
        }
        assert_eq!(found("zie 123456782"), [("123456782".to_owned(), Role::Person)]);
    }
}
