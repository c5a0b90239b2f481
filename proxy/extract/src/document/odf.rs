//! OpenDocument (ISO/IEC 26300): odt, ods, odp and their kin.

use super::office::{letters, part, scanned};
use super::table::{self, Cell, Epoch, Row};
use super::xml::{self, Node, Tag};
use super::zip::{self, Archive};
use super::{Desk, Here};
use crate::Reason;

pub(crate) fn read(archive: &Archive<'_>, here: &Here, desk: &mut Desk) {
    if is_encrypted(archive, desk) {
        desk.opaque(here, Reason::Encrypted);
        return;
    }
    let mut written = 0;
    for entry in &archive.entries {
        let name = entry.name.as_str();
        let own = name.rsplit('/').next().unwrap_or_default();
        let mut text = String::new();
        if matches!(own, "content.xml" | "styles.xml") {
            part(archive, entry, desk, here, |bytes, desk| {
                let mut prose = Prose::default();
                xml::walk(bytes, desk, |node, _| prose.see(node));
                // Headers and footers stand among the styles.
                written += if own == "content.xml" { prose.written } else { 0 };
                text = prose.done();
            });
        } else if own == "meta.xml" {
            part(archive, entry, desk, here, |bytes, desk| text = xml::properties(bytes, desk));
        } else if is_enclosed(name) {
            zip::nested(archive, entry, here, desk);
        }
        desk.text(here, &text);
    }
    scanned(archive, written, here, desk);
}

/// The manifest says of each part whether it is encrypted (part 2, section 4.8.3); newer programs
/// encrypt the whole package as one part.
fn is_encrypted(archive: &Archive<'_>, desk: &mut Desk) -> bool {
    let entry = archive.find("META-INF/manifest.xml");
    let manifest = entry.and_then(|entry| archive.content(entry, desk).ok()).unwrap_or_default();
    let mut encrypted = false;
    xml::walk(&manifest, desk, |node, _| {
        encrypted |= matches!(node, Node::Open(tag) if tag.name() == "encryption-data");
    });
    encrypted
}

fn is_enclosed(name: &str) -> bool {
    let apart = ["mimetype", "META-INF/", "Thumbnails/", "Configurations", "Pictures/", "Basic/"];
    let known = [".xml", ".rdf", "/"];
    !apart.iter().any(|start| name.starts_with(start))
        && !known.iter().any(|end| name.ends_with(end))
        && !name.starts_with("ObjectReplacements/")
}

#[derive(Default)]
struct Prose {
    text: String,
    tables: Vec<Table>,
    /// Inside paragraphs, whose text counts.
    speaking: usize,
    /// Inside what is told of a picture.
    told: usize,
    /// Letters in paragraphs, not told of pictures.
    written: usize,
}

#[derive(Default)]
struct Table {
    rows: Vec<Row>,
    column: usize,
    /// The value of the cell, where it is no text.
    value: Option<Cell>,
    cell: String,
    repeated: usize,
}

impl Prose {
    fn target(&mut self) -> &mut String {
        match self.tables.last_mut() {
            Some(table) => &mut table.cell,
            None => &mut self.text,
        }
    }

    fn see(&mut self, node: Node<'_>) {
        match node {
            Node::Open(tag) => self.open(&tag),
            Node::Text(text) if self.speaking > 0 => {
                self.written += if self.told == 0 { letters(&text) } else { 0 };
                self.target().push_str(&text);
            }
            Node::Text(_) => {}
            Node::Close("title" | "desc") => {
                self.told = self.told.saturating_sub(1);
                self.target().push(' ');
            }
            Node::Close("p" | "h") => {
                self.speaking = self.speaking.saturating_sub(1);
                self.target().push('\n');
            }
            Node::Close("table-cell" | "covered-table-cell") => self.end_cell(),
            Node::Close("table") => self.end_table(),
            Node::Close(_) => {}
        }
    }

    fn open(&mut self, tag: &Tag<'_>) {
        match tag.name() {
            "p" | "h" => self.speaking += 1,
            "title" | "desc" => self.told += 1,
            "tab" => self.target().push('\t'),
            "s" => self.target().push(' '),
            "line-break" => self.target().push('\n'),
            "table" if self.tables.len() < TABLES => {
                let name = tag.attr("name").unwrap_or_default();
                self.target().push_str(&name);
                self.target().push('\n');
                self.tables.push(Table::default());
            }
            "table-row" => {
                if let Some(table) = self.tables.last_mut() {
                    table.rows.push(Row::new());
                    table.column = 0;
                }
            }
            "table-cell" | "covered-table-cell" => {
                if let Some(table) = self.tables.last_mut() {
                    table.value = value(tag);
                    table.cell.clear();
                    table.repeated = tag.number("number-columns-repeated").unwrap_or(1);
                }
            }
            // What was filled in on a form.
            _ => {
                for name in ["current-value", "value"] {
                    let told = tag.attr(name).filter(|_| is_control(tag.name()));
                    if let Some(told) = told {
                        let label = tag.attr("name").unwrap_or_default();
                        self.target().push_str(&format!("{label}: {told}\n"));
                    }
                }
            }
        }
    }

    fn end_cell(&mut self) {
        let Some(table) = self.tables.last_mut() else { return };
        let text = core::mem::take(&mut table.cell);
        let shown = (!text.trim().is_empty()).then_some(Cell::Text(text));
        let cell = table.value.take().or(shown);
        if let (Some(cell), Some(row)) = (cell, table.rows.last_mut()) {
            row.push((table.column, cell));
        }
        table.column = table.column.saturating_add(table.repeated);
    }

    fn end_table(&mut self) {
        if let Some(mut table) = self.tables.pop() {
            table.rows.retain(|row| !row.is_empty());
            let text = table::render(&table.rows, Epoch::Y1900);
            self.target().push_str(&text);
            self.target().push_str(&table.cell);
        }
    }

    fn done(mut self) -> String {
        while !self.tables.is_empty() {
            self.end_table();
        }
        self.text
    }
}

fn is_control(name: &str) -> bool {
    matches!(name, "text" | "textarea" | "formatted-text" | "combobox" | "date" | "number" | "item")
}

/// The value of a cell where its text may say less: numbers lose digits when shown, dates their year.
fn value(tag: &Tag<'_>) -> Option<Cell> {
    match tag.attr("value-type")?.as_str() {
        "float" => Some(Cell::Number(tag.attr("value")?.parse().ok()?)),
        "date" => Some(Cell::Text(day(&tag.attr("date-value")?))),
        _ => None,
    }
}

/// A date of XML as people write it: `1956-03-12T00:00:00` is `12-03-1956`.
pub(super) fn day(value: &str) -> String {
    let day = value.split('T').next().unwrap_or_default();
    let parts: Vec<&str> = day.split('-').collect();
    match parts.as_slice() {
        [year, month, day] if year.len() == 4 => format!("{day}-{month}-{year}"),
        _ => value.to_owned(),
    }
}

/// Tables inside tables.
const TABLES: usize = 50;
