use std::ops::Range;

use regex::Regex;

use crate::Kind;
use crate::numbers::pattern;

/// Knows the columns of tables by the words above them.
#[derive(Debug)]
pub(crate) struct Tables {
    heads: [(Kind, Regex); 3],
}

/// A cell under a heading that tells what it holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Cell {
    pub(crate) range: Range<usize>,
    pub(crate) kind: Kind,
    /// The heading.
    pub(crate) label: Range<usize>,
}

impl Tables {
    pub(crate) fn new(patient: &str, citizen: &str) -> Self {
        let birth = r"(?i)^(?:geb(?:oorte|\.)?[- ]?(?:datum|dat|dag|dt)?\.?|geboren(?: op)?|gebdat(?:um)?|dob|date of birth|birth ?date|born)$";
        Self {
            heads: [
                (Kind::Bsn, pattern(citizen)),
                (Kind::PatientNumber, pattern(&format!(r"(?i)^(?:{patient})(?:$|[ (])"))),
                (Kind::Dob, pattern(birth)),
            ],
        }
    }

    /// The cells under such headings, in order: rows that follow a line of headings and are cut by the same
    /// sign.
    pub(crate) fn cells(&self, text: &str) -> Vec<Cell> {
        let mut out = Vec::new();
        let bytes = text.as_bytes();
        let mut table: Option<(Sign, Vec<Head>)> = None;
        let (mut at, mut blank) = (0, 0);
        while at < bytes.len() {
            let end = memchr::memchr(b'\n', &bytes[at..]).map_or(bytes.len(), |end| at + end);
            let line = at..end;
            at = end + 1;
            let Some(sign) = sign(&bytes[line.clone()]) else {
                // Rows of HTML stand apart by blank lines.
                blank += 1;
                if blank > BLANK || bytes[line].iter().any(|byte| !byte.is_ascii_whitespace()) {
                    table = None;
                }
                continue;
            };
            blank = 0;
            match &table {
                Some((own, heads)) if *own == sign => rows(text, line, sign, heads, &mut out),
                _ => table = self.head(text, line, sign).map(|heads| (sign, heads)),
            }
        }
        out
    }

    /// The telling cells of a line of headings, by their numbers.
    fn head(&self, text: &str, line: Range<usize>, sign: Sign) -> Option<Vec<Head>> {
        if line.len() > HEAD || text.as_bytes()[line.clone()].iter().any(u8::is_ascii_digit) {
            return None;
        }
        let heads: Vec<_> = split(text, line, sign)
            .enumerate()
            .filter_map(|(number, cell)| {
                let words = text.get(cell.clone())?;
                let (kind, _) = self.heads.iter().find(|(_, head)| head.is_match(words))?;
                Some(Head { number, kind: *kind, cell })
            })
            .collect();
        (!heads.is_empty()).then_some(heads)
    }
}

/// What cuts the cells of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sign {
    One(char),
    /// Two blanks or more.
    Blanks,
}

/// A heading that tells what its column holds.
struct Head {
    number: usize,
    kind: Kind,
    cell: Range<usize>,
}

fn sign(line: &[u8]) -> Option<Sign> {
    if let Some(at) = memchr::memchr3(b'\t', b'|', b';', line) {
        return Some(Sign::One(char::from(line[at])));
    }
    memchr::memmem::find(line.trim_ascii(), b"  ").map(|_| Sign::Blanks)
}

fn rows(text: &str, line: Range<usize>, sign: Sign, heads: &[Head], out: &mut Vec<Cell>) {
    let mut heads = heads.iter().peekable();
    for (number, range) in split(text, line, sign).enumerate() {
        let Some(head) = heads.peek() else {
            return;
        };
        if number == head.number {
            out.push(Cell { range, kind: head.kind, label: head.cell.clone() });
            heads.next();
        }
    }
}

/// The cells of a line, without the blanks around them; one that is empty at the beginning is none.
fn split(text: &str, line: Range<usize>, sign: Sign) -> impl Iterator<Item = Range<usize>> {
    let (begin, whole) = (line.start, text.get(line).unwrap_or_default());
    let mut at = whole.len() - whole.trim_start_matches(['\t', '|', ' ']).len();
    let mut done = at >= whole.len();
    core::iter::from_fn(move || {
        if done {
            return None;
        }
        let rest = whole.get(at..).unwrap_or_default();
        let cut = match sign {
            Sign::One(sign) => rest.find(sign),
            Sign::Blanks => rest.find("  "),
        };
        let cell = rest.get(..cut.unwrap_or(rest.len())).unwrap_or_default();
        let from = begin + at + cell.len() - cell.trim_start().len();
        let range = from..from + cell.trim().len();
        done = cut.is_none();
        at += cell.len();
        let behind = whole.get(at..).unwrap_or_default();
        at += match sign {
            Sign::One(_) => 1,
            Sign::Blanks => behind.len() - behind.trim_start_matches(' ').len(),
        };
        Some(range)
    })
}

/// The cell that holds this stretch.
pub(crate) fn around<'a>(cells: &'a [Cell], range: &Range<usize>) -> Option<&'a Cell> {
    let next = cells.partition_point(|cell| cell.range.end < range.end);
    cells.get(next).filter(|cell| cell.range.start <= range.start)
}

/// Blank lines within a table.
const BLANK: usize = 5;
/// Bytes of the longest line of headings.
const HEAD: usize = 1_000;

#[cfg(test)]
mod tests {
    use super::*;
    use lexicon::labels::{CITIZEN_LABELS, STRONG_LABELS};

    #[test]
    fn cells_are_known_by_their_headings() {
        let tables = Tables::new(STRONG_LABELS, CITIZEN_LABELS);
        let text = "Lijst\nNaam | Pat.nr. | BSN | Geb.datum\n--- | --- | --- | ---\nJan | 4410 | 123456782 | 1-2-1950\nEinde\nPiet | 4411";
        let told: Vec<(Kind, &str)> = tables
            .cells(text)
            .into_iter()
            .map(|cell| (cell.kind, &text[cell.range]))
            .filter(|(_, words)| !words.starts_with('-'))
            .collect();
        let wanted =
            [(Kind::PatientNumber, "4410"), (Kind::Bsn, "123456782"), (Kind::Dob, "1-2-1950")];
        assert_eq!(told, wanted);
        for (text, number) in [
            ("Pati\u{eb}ntnr (blijft)    opmerking\n0071844        dubbel", "0071844"),
            ("Tijd\t\tPati\u{eb}ntnr\t\tNaam\n\n\n\t08.00\t\t1393.315\t\tBos", "1393.315"),
        ] {
            let cells = tables.cells(text);
            assert!(cells.iter().any(|cell| &text[cell.range.clone()] == number), "{cells:?}");
        }
        assert!(tables.cells("a | b\n1 | 2").is_empty() && tables.cells("").is_empty());
    }
}
