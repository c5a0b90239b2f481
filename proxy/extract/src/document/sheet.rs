//! Workbooks of ECMA-376 (xlsx, xlsm): every sheet, row and column, the hidden ones too.

use std::collections::HashMap;

use super::office::{around, letters, part, prose, scanned};
use super::table::{self, Cell, Epoch, Row};
use super::xml::{self, Node};
use super::zip::Archive;
use super::{Desk, Here};
use crate::Reason;

pub(crate) fn read(archive: &Archive<'_>, here: &Here, desk: &mut Desk) {
    if archive.find("xl/workbook.bin").is_some() {
        desk.opaque(here, Reason::Unsupported);
        return;
    }
    let mut book = Book::default();
    for (name, read) in [
        ("xl/workbook.xml", Book::workbook as fn(&mut Book, &[u8], &mut Desk)),
        ("xl/styles.xml", Book::styles),
        ("xl/sharedStrings.xml", Book::strings),
    ] {
        if let Some(entry) = archive.find(name) {
            part(archive, entry, desk, here, |bytes, desk| read(&mut book, bytes, desk));
        }
    }
    let (mut text, mut written) = (core::mem::take(&mut book.names), 0);
    for entry in &archive.entries {
        let name = entry.name.as_str();
        let place = name.strip_prefix("xl/").filter(|place| place.ends_with(".xml"));
        let Some(place) = place.filter(|place| !place.contains("_rels")) else { continue };
        part(archive, entry, desk, here, |bytes, desk| {
            if place.starts_with("worksheets/") || place.starts_with("externalLinks/") {
                let (around, cells) = book.sheet(bytes, desk);
                written += letters(&cells);
                text.push_str(&around);
                text.push_str(&cells);
            } else if place.contains("pivotCacheDefinition") {
                book.pivot = Pivot::default();
                book.pivot_fields(bytes, desk);
                text.push_str(&book.pivot.told());
            } else if SPOKEN.iter().any(|start| place.starts_with(start)) {
                written += prose(bytes, desk, &mut text);
            }
        });
    }
    let before = text.len();
    pivots(archive, here, desk, &mut text);
    written += letters(text.get(before..).unwrap_or_default());
    desk.text(here, &text);
    around(archive, here, desk);
    scanned(archive, written, here, desk);
}

/// A pivot table keeps a copy of its rows, also of a sheet that was deleted.
fn pivots(archive: &Archive<'_>, here: &Here, desk: &mut Desk, text: &mut String) {
    for entry in &archive.entries {
        let Some((_, number)) = entry.name.split_once("pivotCacheRecords") else { continue };
        if entry.name.contains("_rels") {
            continue;
        }
        let mut book = Book::default();
        let definition = format!("xl/pivotCache/pivotCacheDefinition{number}");
        if let Some(fields) = archive.find(&definition) {
            part(archive, fields, desk, here, |bytes, desk| book.pivot_fields(bytes, desk));
        }
        part(archive, entry, desk, here, |bytes, desk| {
            text.push_str(&book.pivot.records(bytes, desk));
        });
    }
}

#[derive(Default)]
struct Book {
    names: String,
    epoch: Epoch,
    strings: Vec<String>,
    /// For each style of cells, whether it shows a date.
    dates: Vec<bool>,
    pivot: Pivot,
}

impl Book {
    fn workbook(&mut self, bytes: &[u8], desk: &mut Desk) {
        xml::walk(bytes, desk, |node, _| {
            let Node::Open(tag) = node else { return };
            match tag.name() {
                "workbookPr" => {
                    let told = tag.attr("date1904").unwrap_or_default();
                    if matches!(told.as_str(), "1" | "true") {
                        self.epoch = Epoch::Y1904;
                    }
                }
                "sheet" => {
                    self.names.push_str(&tag.attr("name").unwrap_or_default());
                    self.names.push('\n');
                }
                _ => {}
            }
        });
    }

    fn styles(&mut self, bytes: &[u8], desk: &mut Desk) {
        let mut own: HashMap<usize, bool> = HashMap::new();
        let mut of_cells = false;
        xml::walk(bytes, desk, |node, _| match node {
            Node::Open(tag) => match tag.name() {
                "numFmt" => {
                    if let (Some(id), Some(code)) = (tag.number("numFmtId"), tag.attr("formatCode"))
                    {
                        own.insert(id, is_date_format(&code));
                    }
                }
                "cellXfs" => of_cells = true,
                "xf" if of_cells => {
                    let id = tag.number("numFmtId").unwrap_or_default();
                    let known = own.get(&id).copied();
                    let date = known.unwrap_or(matches!(id, 14..=17 | 22 | 27..=31 | 36 | 50..=58));
                    self.dates.push(date);
                }
                _ => {}
            },
            Node::Close("cellXfs") => of_cells = false,
            _ => {}
        });
    }

    fn strings(&mut self, bytes: &[u8], desk: &mut Desk) {
        let (mut now, mut speaking) = (String::new(), false);
        xml::walk(bytes, desk, |node, _| match node {
            Node::Open(tag) => speaking = tag.name() == "t",
            Node::Text(text) if speaking => now.push_str(&text),
            Node::Close("si") => self.strings.push(core::mem::take(&mut now)),
            Node::Close(_) => speaking = false,
            Node::Text(_) => {}
        });
    }

    /// What stands above and below the pages of a sheet, and its cells.
    fn sheet(&self, bytes: &[u8], desk: &mut Desk) -> (String, String) {
        let mut rows: Vec<Row> = Vec::new();
        let mut around = String::new();
        let (mut cell, mut held) = (Raw::default(), 0);
        xml::walk(bytes, desk, |node, desk| match node {
            Node::Open(tag) => match tag.name() {
                "row" => {
                    rows.push(Row::new());
                    cell.column = 0;
                }
                "c" | "cell" => {
                    let column = tag.attr("r").and_then(|place| column(&place));
                    cell = Raw {
                        column: column.unwrap_or(cell.column),
                        kind: tag.attr("t").unwrap_or_default(),
                        style: tag.number("s").unwrap_or_default(),
                        ..Raw::default()
                    };
                }
                // A formula is no value.
                name => {
                    cell.speaking = matches!(name, "v" | "t")
                        || name.ends_with("Header")
                        || name.ends_with("Footer")
                }
            },
            Node::Text(text) if cell.speaking => cell.value.push_str(&text),
            Node::Text(_) => {}
            Node::Close("c" | "cell") => {
                if rows.is_empty() {
                    rows.push(Row::new());
                }
                if let (Some(value), Some(row)) = (self.value(&cell, desk), rows.last_mut()) {
                    held += if let Cell::Text(text) = &value { text.len() } else { 0 };
                    // One long text that many cells share is held once in the file, and for each cell here.
                    if held > desk.text_left() {
                        desk.cut(Reason::TooLarge);
                    } else {
                        row.push((cell.column, value));
                    }
                }
                cell = Raw { column: cell.column + 1, ..Raw::default() };
            }
            Node::Close(name) => {
                cell.speaking = false;
                if name.ends_with("Header") || name.ends_with("Footer") {
                    around.push_str(&core::mem::take(&mut cell.value));
                    around.push('\n');
                }
            }
        });
        rows.retain(|row| !row.is_empty());
        (around, table::render(&rows, self.epoch))
    }

    fn value(&self, cell: &Raw, desk: &mut Desk) -> Option<Cell> {
        let text = cell.value.trim();
        if text.is_empty() {
            return None;
        }
        Some(match cell.kind.as_str() {
            "s" => {
                let shared = text.parse().ok().and_then(|at: usize| self.strings.get(at));
                if shared.is_none() {
                    // The cell points to a text that is not there.
                    desk.cut(Reason::Damaged);
                }
                Cell::Text(shared?.clone())
            }
            "str" | "inlineStr" | "e" | "b" | "d" => Cell::Text(cell.value.clone()),
            _ => match text.parse::<f64>() {
                Ok(number) if self.dates.get(cell.style).copied().unwrap_or(false) => {
                    Cell::Date(number)
                }
                Ok(number) => Cell::Number(number),
                Err(_) => Cell::Text(cell.value.clone()),
            },
        })
    }

    fn pivot_fields(&mut self, bytes: &[u8], desk: &mut Desk) {
        let pivot = &mut self.pivot;
        xml::walk(bytes, desk, |node, _| {
            let Node::Open(tag) = node else { return };
            match tag.name() {
                "cacheField" => {
                    pivot.fields.push((tag.attr("name").unwrap_or_default(), Vec::new()));
                }
                "s" | "n" | "d" | "b" | "e" | "m" => {
                    if let Some((_, values)) = pivot.fields.last_mut() {
                        values.push(pivot_value(tag.name(), tag.attr("v")));
                    }
                }
                _ => {}
            }
        });
    }
}

/// A cell as it is written.
#[derive(Default)]
struct Raw {
    column: usize,
    kind: String,
    style: usize,
    value: String,
    speaking: bool,
}

/// The fields of a pivot table: names, and the values that rows point to.
#[derive(Default)]
struct Pivot {
    fields: Vec<(String, Vec<Cell>)>,
}

impl Pivot {
    fn headers(&self) -> Row {
        let names = self.fields.iter().enumerate();
        names.map(|(column, (name, _))| (column, Cell::Text(name.clone()))).collect()
    }

    /// The values of each field, for a cache that keeps no rows.
    fn told(&self) -> String {
        let mut out = String::new();
        for (name, values) in &self.fields {
            let row = |cell: &Cell| vec![(0, cell.clone())];
            let header = vec![(0, Cell::Text(name.clone()))];
            let rows: Vec<Row> = core::iter::once(header).chain(values.iter().map(row)).collect();
            out.push_str(&table::render(&rows, Epoch::Y1900));
        }
        out
    }

    fn records(&self, bytes: &[u8], desk: &mut Desk) -> String {
        let mut rows = vec![self.headers()];
        let mut column = 0;
        xml::walk(bytes, desk, |node, _| {
            let Node::Open(tag) = node else { return };
            let cell = match tag.name() {
                "r" => {
                    rows.push(Row::new());
                    column = 0;
                    return;
                }
                "x" => {
                    let values = self.fields.get(column).map(|(_, values)| values);
                    values.and_then(|values| values.get(tag.number("v")?)).cloned()
                }
                name @ ("s" | "n" | "d" | "b" | "e" | "m") => {
                    Some(pivot_value(name, tag.attr("v")))
                }
                _ => return,
            };
            if let (Some(cell), Some(row)) = (cell, rows.last_mut())
                && cell != Cell::Text(String::new())
            {
                row.push((column, cell));
            }
            column += 1;
        });
        table::render(&rows, Epoch::Y1900)
    }
}

fn pivot_value(kind: &str, value: Option<String>) -> Cell {
    let value = value.unwrap_or_default();
    match (kind, value.parse::<f64>()) {
        ("n", Ok(number)) => Cell::Number(number),
        ("d", _) => Cell::Text(super::odf::day(&value)),
        _ => Cell::Text(value),
    }
}

/// A format shows a date where it shows a day or a year outside of quotes, brackets and escapes.
fn is_date_format(code: &str) -> bool {
    let (mut quoted, mut bracketed, mut escaped) = (false, false, false);
    for letter in code.chars() {
        match letter {
            _ if escaped => escaped = false,
            '\\' | '_' | '*' => escaped = true,
            '"' => quoted = !quoted,
            '[' if !quoted => bracketed = true,
            ']' if !quoted => bracketed = false,
            'd' | 'D' | 'y' | 'Y' | 'j' | 'J' if !quoted && !bracketed => return true,
            _ => {}
        }
    }
    false
}

/// The column of a place such as `AB12`.
fn column(place: &str) -> Option<usize> {
    let letters = place.bytes().take_while(u8::is_ascii_alphabetic).take(3);
    let number = letters
        .fold(0, |sum, letter| sum * 26 + usize::from(letter.to_ascii_uppercase() - b'A') + 1);
    number.checked_sub(1)
}

/// Parts that hold text as paragraphs, comments or charts.
const SPOKEN: [&str; 5] = ["comments", "threadedComments", "drawings/", "charts/", "diagrams/"];
