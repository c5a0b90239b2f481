use std::ops::Range;

use crate::dates;

/// A number or code as people have them: digits in groups, with capitals before, between or behind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Code {
    pub(crate) range: Range<usize>,
    pub(crate) digits: usize,
}

/// The codes in these windows, in order: from each digit as far as letters, digits and the signs that join
/// them go, and over blanks between short groups of digits.
pub(crate) fn codes(text: &str, windows: &[Range<usize>]) -> Vec<Code> {
    let bytes = text.as_bytes();
    let mut out = Vec::new();
    for window in windows {
        let mut at = window.start;
        while let Some(digit) = next_digit(bytes, at, window.end) {
            let start = begin(bytes, at.max(window.start), digit);
            let end = end(bytes, digit, window.end);
            let digits = bytes[start..end].iter().filter(|byte| byte.is_ascii_digit()).count();
            if digits >= FEWEST && end - start <= LONGEST {
                out.push(Code { range: start..end, digits });
            }
            at = end;
        }
    }
    out
}

fn next_digit(bytes: &[u8], from: usize, to: usize) -> Option<usize> {
    let rest = bytes.get(from..to)?;
    fold::position(rest, |byte| byte.is_ascii_digit()).map(|at| from + at)
}

/// Where the capitals begin that are joined to the first digit: `T/2219`, `DNA25-00871`. A word in small
/// letters, or one that is longer than letters of a code, is a label: `patnr4410927`.
fn begin(bytes: &[u8], from: usize, digit: usize) -> usize {
    let (mut start, mut letters) = (digit, 0);
    while start > from {
        let byte = bytes[start - 1];
        if byte.is_ascii_alphabetic() {
            letters += 1;
            if !byte.is_ascii_uppercase() || letters > LETTERS {
                return digit;
            }
        } else if !is_joint(byte) {
            break;
        }
        start -= 1;
    }
    if start > 0 && !bytes[start - 1].is_ascii() && bytes[start].is_ascii_alphabetic() {
        return digit;
    }
    while start < digit && is_joint(bytes[start]) {
        start += 1;
    }
    start
}

fn end(bytes: &[u8], digit: usize, to: usize) -> usize {
    let mut at = run(bytes, digit, to);
    // Groups: "880 441 20 1"; a date or a longer number behind it is another one.
    let mut group = at - digit;
    while group <= GROUP
        && bytes.get(at) == Some(&b' ')
        && at + 1 < to
        && bytes[at + 1].is_ascii_digit()
    {
        let next = run(bytes, at + 1, to);
        let plain = bytes[at + 1..next].iter().all(u8::is_ascii_digit);
        group = next - at - 1;
        // "June 2025 11:47"
        let time = bytes.get(next) == Some(&b':');
        if !plain || time || group > GROUP || next - digit > GROUPED {
            break;
        }
        at = next;
    }
    at
}

/// Letters, digits and single joints, to the last letter or digit.
fn run(bytes: &[u8], from: usize, to: usize) -> usize {
    let mut at = from;
    let mut end = from;
    while at < to {
        let byte = bytes[at];
        if byte.is_ascii_digit() || byte.is_ascii_uppercase() {
            end = at + 1;
        } else if !is_joint(byte) || !bytes[at - 1].is_ascii_alphanumeric() {
            break;
        }
        at += 1;
    }
    end
}

fn is_joint(byte: u8) -> bool {
    matches!(byte, b'-' | b'.' | b'/')
}

/// Is it a day, a time or a telephone number rather than a code?
pub(crate) fn is_something_else(text: &str, code: &Code) -> bool {
    let written = text.get(code.range.clone()).unwrap_or_default();
    let letters = written.bytes().any(|byte| byte.is_ascii_alphabetic());
    let joined = written.bytes().any(|byte| !byte.is_ascii_alphanumeric());
    // "mijn nummer is 0522 55 54 33", "0517 - 55 51 12"
    let behind = text.get(code.range.end..).unwrap_or_default();
    let goes_on = behind
        .strip_prefix([' ', '-'])
        .map(|rest| rest.trim_start_matches([' ', '-']))
        .is_some_and(|rest| rest.starts_with(|char: char| char.is_ascii_digit()));
    let phone = written.starts_with('0') && !letters;
    let abroad = written.starts_with("00") && code.digits >= 9 && written.contains(' ');
    let phone = phone && (code.digits == 10 || abroad || (code.digits <= 4 && goes_on));
    let day = joined && !letters && (dates::parse(written).is_some() || is_day(written));
    phone || day || behind.starts_with(['%', '\u{20ac}'])
}

/// `12-03`, `14/11`, `1844-1921`: days of this year, years of a life; `00-00-0000`.
fn is_day(written: &str) -> bool {
    let mut parts = written.split(['-', '/', '.']);
    let (one, two) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    let alone = parts.next().is_none();
    let days = alone && one.len() <= 2 && two.len() <= 2;
    let years = alone && is_year(one) && is_year(two);
    days || years || written.bytes().all(|byte| byte == b'0' || is_joint(byte))
}

/// `1956`, `2025`: a year in which someone may live.
pub(crate) fn is_year(written: &str) -> bool {
    written.len() == 4
        && (written.starts_with("18") || written.starts_with("19") || written.starts_with("20"))
}

/// How a code is built: `99.999` for `66.203`.
pub(crate) fn shape(written: &str) -> String {
    let class = |char: char| match char {
        '0'..='9' => '9',
        'A'..='Z' => 'A',
        other => other,
    };
    written.chars().map(class).collect()
}

/// Digits of the shortest code.
const FEWEST: usize = 3;
/// Bytes of the longest code.
const LONGEST: usize = 26;
/// Capitals before the first digit of a code.
const LETTERS: usize = 6;
/// Digits of the longest group behind or before a blank, and bytes of all groups together.
const GROUP: usize = 4;
const GROUPED: usize = 16;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::numbers;

    fn all(text: &str) -> Vec<&str> {
        let codes = codes(text, &numbers::windows(text));
        codes.into_iter().map(|code| &text[code.range]).collect()
    }

    #[test]
    fn codes_are_read_whole_with_their_capitals_and_groups() {
        for (text, code) in [
            ("nr 4410927.", "4410927"),
            ("T/2219, ", "T/2219"),
            ("(DNA25-00871)", "DNA25-00871"),
            ("C.03877;", "C.03877"),
            ("pati\u{eb}ntnr4410927", "4410927"),
            ("patnr4410927", "4410927"),
            ("polis 880 441 20 1.", "880 441 20 1"),
            ("900 218 7743", "900 218 7743"),
            ("29-03318-B", "29-03318-B"),
            ("4410927 12-03-1956", "4410927"),
            ("60 12345678", "12345678"),
        ] {
            assert!(all(text).contains(&code), "{text}: {:?}", all(text));
        }
        assert!(all("kamer 12, 08 uur").is_empty());
    }

    #[test]
    fn days_and_telephones_are_no_codes() {
        for (text, is) in [
            ("12-03-1956", true),
            ("0522555433", true),
            ("0517 - 55 51 12", true),
            ("4410927", false),
            ("0004471-B", false),
            ("70.118.3", false),
        ] {
            let code = codes(text, &numbers::windows(text)).remove(0);
            assert_eq!(is_something_else(text, &code), is, "{text}");
        }
    }
}
