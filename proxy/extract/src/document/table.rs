//! Tables as text in which each value stands behind its own label.
//!
//! A number says nothing; "BSN: 123456782" does. So where the first row is a row of headers, every
//! value is written as `Header: value`, a row a line; where the first column holds the labels, the
//! row is `label: value`; else values stand side by side with tabs between. A number under a header
//! of citizen service numbers gets back the zeros that a sheet took from it, and a day number under a
//! header of dates is written as a date.

use core::fmt::Write as _;
use std::collections::HashMap;

/// A value in a table.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Cell {
    Text(String),
    Number(f64),
    /// A day number that the sheet shows as a date.
    Date(f64),
}

/// A row: columns and values, in order, empty ones left out.
pub(crate) type Row = Vec<(usize, Cell)>;

/// From where days are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Epoch {
    #[default]
    Y1900,
    Y1904,
}

/// Writes a table as text.
pub(crate) fn render(rows: &[Row], epoch: Epoch) -> String {
    let shape = Shape::of(rows);
    let mut out = String::new();
    for (number, row) in rows.iter().enumerate() {
        let headed = shape.header_at.is_some_and(|at| number > at);
        let labelled = shape.labels_first && row.len() > 1;
        for (index, (column, cell)) in row.iter().enumerate() {
            let header = if headed { shape.headers.get(column).map(String::as_str) } else { None };
            // A label in the first column says what the values behind it are.
            let label = match (header, row.first()) {
                (None, Some((_, Cell::Text(label)))) if labelled && index > 0 => {
                    Some(label.as_str())
                }
                (header, _) => header,
            };
            if index > 0 {
                out.push_str(if labelled && index == 1 { ": " } else { "\t" });
            }
            if let Some(header) = header {
                out.push_str(header.trim());
                out.push_str(": ");
            }
            write_cell(&mut out, cell, label.unwrap_or_default(), epoch);
        }
        out.push('\n');
    }
    out
}

/// Where a table keeps its labels.
#[derive(Default)]
struct Shape {
    header_at: Option<usize>,
    headers: HashMap<usize, String>,
    labels_first: bool,
}

impl Shape {
    fn of(rows: &[Row]) -> Self {
        let firsts = rows.iter().filter_map(|row| match row.first() {
            Some((_, Cell::Text(text))) if row.len() > 1 => Some(text),
            _ => None,
        });
        let firsts: Vec<&String> = firsts.take(LOOKED_AT).collect();
        let labels = firsts.iter().filter(|text| is_label(text)).count();
        // People are called Pat, and forms ask more than we know the words of.
        let labels_first = labels >= 2 && labels * 3 > firsts.len();
        for (number, row) in rows.iter().enumerate().take(LOOKED_AT) {
            if number + 1 < rows.len() && is_header(row) && (!labels_first || all_labels(row)) {
                let headers = row.iter().filter_map(|(column, cell)| match cell {
                    Cell::Text(text) => Some((*column, text.replace(['\n', '\t'], " "))),
                    _ => None,
                });
                return Self {
                    header_at: Some(number),
                    headers: headers.collect(),
                    labels_first: false,
                };
            }
        }
        Self { labels_first, ..Self::default() }
    }
}

/// Short words without digits, one of which is a label that we know.
fn is_header(row: &Row) -> bool {
    let plain = row.iter().all(|(_, cell)| match cell {
        Cell::Text(text) => text.len() <= HEADER && !text.chars().any(|one| one.is_ascii_digit()),
        _ => false,
    });
    let known = |cell: &Cell| matches!(cell, Cell::Text(text) if is_label(text));
    plain && row.iter().any(|(_, cell)| known(cell))
}

/// Nothing but labels that we know: no form has that in a row.
fn all_labels(row: &Row) -> bool {
    row.len() > 1 && row.iter().all(|(_, cell)| matches!(cell, Cell::Text(text) if is_label(text)))
}

fn is_label(text: &str) -> bool {
    let text = text.trim().to_lowercase();
    text.len() <= HEADER
        && !text.chars().any(|one| one.is_ascii_digit())
        && LABELS.iter().any(|label| begins_with_word(&text, label))
}

/// The word stands whole, or with what people write behind it in one: `patiëntnummer`, `naampatiënt`.
fn begins_with_word(text: &str, word: &str) -> bool {
    text.strip_prefix(word).is_some_and(|rest| {
        let end = rest.find(|letter: char| !letter.is_alphabetic()).unwrap_or(rest.len());
        let ending = rest.get(..end).unwrap_or_default();
        let joined = || LABELS.iter().any(|label| ending.starts_with(label));
        ending.is_empty() || ENDINGS.contains(&ending) || joined()
    })
}

fn is_bsn(label: &str) -> bool {
    let label = label.to_lowercase();
    ["bsn", "burgerservice", "sofi"].iter().any(|word| label.contains(word))
}

fn is_date(label: &str) -> bool {
    let label = label.to_lowercase();
    ["datum", "geb", "date", "dob", "birth"].iter().any(|word| label.contains(word))
}

fn write_cell(out: &mut String, cell: &Cell, label: &str, epoch: Epoch) {
    match cell {
        Cell::Date(days) => date(out, *days, epoch),
        Cell::Number(days) if is_date(label) && DATES.contains(days) => date(out, *days, epoch),
        Cell::Number(number) if is_bsn(label) => {
            let digits = format!("{number:.0}");
            if (7..=9).contains(&digits.len()) && number.fract() == 0.0 {
                let _ = write!(out, "{digits:0>9}");
            } else {
                let _ = write!(out, "{number}");
            }
        }
        Cell::Number(number) => {
            let _ = write!(out, "{number}");
        }
        Cell::Text(text) => {
            let digits = text.trim();
            let bare = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
            if bare && (7..9).contains(&digits.len()) && is_bsn(label) {
                let _ = write!(out, "{digits:0>9}");
            } else {
                out.push_str(&text.trim().replace(['\n', '\r'], " "));
            }
        }
    }
}

/// A day number as a date, with the time of day where there is one.
fn date(out: &mut String, days: f64, epoch: Epoch) {
    if !DATES.contains(&days) && days != 0.0 {
        let _ = write!(out, "{days}");
        return;
    }
    let whole = days.floor();
    // Truncation is what is wanted: the range was checked.
    #[allow(clippy::cast_possible_truncation)]
    let number = whole as i64;
    // Sheets that count from 1900 have a 29 February 1900, which was not.
    let since_1970 = match epoch {
        Epoch::Y1900 if number >= 60 => number - 25_569,
        Epoch::Y1900 => number - 25_568,
        Epoch::Y1904 => number - 24_107,
    };
    let (year, month, day) = civil(since_1970);
    let _ = write!(out, "{day:02}-{month:02}-{year}");
    #[allow(clippy::cast_possible_truncation)]
    let minutes = ((days - whole) * 24.0 * 60.0).round() as i64;
    if minutes > 0 {
        let _ = write!(out, " {:02}:{:02}", minutes / 60, minutes % 60);
    }
}

/// The date of a day since 1970 in the Gregorian calendar: eras of 400 years that begin in March.
fn civil(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    (year + era * 400 + i64::from(month <= 2), month, day)
}

/// A table in which commas, semicolons or tabs stand between values (RFC 4180).
pub(crate) fn csv(text: &str) -> String {
    let first = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    let mark = [';', '\t', ','].into_iter().max_by_key(|mark| {
        // The first of equals wins in `min`, the last in `max`: commas stand in prose too.
        (first.matches(*mark).count(), usize::from(*mark != ','))
    });
    let Some(mark) = mark.filter(|mark| first.contains(*mark)) else {
        return text.to_owned();
    };
    let mut rows: Vec<Row> = vec![Vec::new()];
    let (mut value, mut column, mut quoted) = (String::new(), 0, false);
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '"' if quoted && letters.peek() == Some(&'"') => {
                letters.next();
                value.push('"');
            }
            '"' if quoted || value.is_empty() => quoted = !quoted,
            '\r' if !quoted => {}
            letter if !quoted && (letter == mark || letter == '\n') => {
                put(&mut rows, column, core::mem::take(&mut value));
                column += 1;
                if letter == '\n' {
                    rows.push(Vec::new());
                    column = 0;
                }
            }
            letter => value.push(letter),
        }
    }
    put(&mut rows, column, value);
    let shape = Shape::of(&rows);
    if shape.header_at.is_none() && !shape.labels_first {
        return text.to_owned();
    }
    render(&rows, Epoch::Y1900)
}

fn put(rows: &mut [Row], column: usize, value: String) {
    if let Some(row) = rows.last_mut()
        && !value.trim().is_empty()
    {
        row.push((column, Cell::Text(value)));
    }
}

/// Rows in which headers are looked for.
const LOOKED_AT: usize = 20;
/// Bytes of a header.
const HEADER: usize = 48;
/// Day numbers of the years 1900 to 2173.
const DATES: core::ops::RangeInclusive<f64> = 1.0..=100_000.0;
/// Words with which headers begin that say what stands under them.
const LABELS: [&str; 46] = [
    "bsn",
    "burgerservice",
    "sofi",
    "geb",
    "geboren",
    "geboorte",
    "dob",
    "birth",
    "date",
    "datum",
    "naam",
    "achternaam",
    "voornaam",
    "roepnaam",
    "voorletter",
    "name",
    "first name",
    "last name",
    "firstname",
    "lastname",
    "surname",
    "pat",
    "patient",
    "patiënt",
    "cliënt",
    "client",
    "zorgnummer",
    "dossier",
    "tel",
    "telefoon",
    "mobiel",
    "phone",
    "adres",
    "address",
    "postcode",
    "woonplaats",
    "e-mail",
    "email",
    "diagnose",
    "diagnosis",
    "medicatie",
    "indicatie",
    "huisarts",
    "verzekerd",
    "verzekerde",
    "verzekering",
];
/// What is written behind such a word without a space.
const ENDINGS: [&str; 33] = [
    "s",
    "e",
    "n",
    "en",
    "nr",
    "nrs",
    "nummer",
    "nummers",
    "ennummer",
    "number",
    "no",
    "id",
    "code",
    "codes",
    "naam",
    "namen",
    "name",
    "datum",
    "date",
    "dag",
    "plaats",
    "jaar",
    "ofbirth",
    "adres",
    "address",
    "gegevens",
    "tekst",
    "omschrijving",
    "stelling",
    "lijst",
    "overzicht",
    "praktijk",
    "land",
];
