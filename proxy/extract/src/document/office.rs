//! Texts and presentations of ECMA-376 (docx, docm, pptx).
//!
//! Both spell text alike once prefixes are taken off: `t` holds it, `p` ends a line, `tbl`, `tr` and
//! `tc` make tables. Text that was deleted with changes tracked (`delText`) is still there and read.

use super::table::{self, Cell, Epoch, Row};
use super::xml::{self, Node, Tag};
use super::zip::{self, Archive, Entry};
use super::{Desk, Here};
use crate::Reason;

pub(crate) fn read(archive: &Archive<'_>, here: &Here, desk: &mut Desk) {
    let (mut text, mut written) = (String::new(), 0);
    for entry in &archive.entries {
        if is_text(&entry.name) {
            part(archive, entry, desk, here, |bytes, desk| {
                let letters = prose(bytes, desk, &mut text);
                written += if is_frame(&entry.name) { 0 } else { letters };
            });
        }
    }
    desk.text(here, &text);
    around(archive, here, desk);
    scanned(archive, written, here, desk);
}

/// Reads a part; one that cannot be read is told, and the rest goes on.
pub(super) fn part(
    archive: &Archive<'_>,
    entry: &Entry,
    desk: &mut Desk,
    here: &Here,
    with: impl FnOnce(&[u8], &mut Desk),
) {
    match archive.content(entry, desk) {
        Ok(bytes) => with(&bytes, desk),
        Err(reason) => desk.opaque(here, reason),
    }
}

/// What every office document has around its text: properties, and files put into it.
pub(super) fn around(archive: &Archive<'_>, here: &Here, desk: &mut Desk) {
    let mut text = String::new();
    for entry in &archive.entries {
        let name = entry.name.as_str();
        if is_properties(name) {
            part(archive, entry, desk, here, |bytes, desk| {
                text.push_str(&xml::properties(bytes, desk));
            });
        } else if name.starts_with("customXml/item")
            && !name.contains("Props")
            && name.ends_with(".xml")
        {
            part(archive, entry, desk, here, |bytes, desk| text.push_str(&xml::text(bytes, desk)));
        } else if is_enclosed(name) || !is_own(name) {
            zip::nested(archive, entry, here, desk);
        }
    }
    desk.text(here, &text);
}

/// Properties, as Office and as the packaging library of Windows name them.
fn is_properties(name: &str) -> bool {
    (name.starts_with("docProps/") && name.ends_with(".xml")) || name.ends_with(".psmdcp")
}

/// What office programs put there themselves, apart from files in it: parts, relations, signatures,
/// settings of printers and buttons, macros, pictures, sounds and fonts. Whatever else lies in the
/// archive is a file.
fn is_own(name: &str) -> bool {
    let place = name.rsplit('/').next().unwrap_or_default();
    let ending = place.rsplit_once('.').map_or("", |(_, ending)| ending).to_ascii_lowercase();
    if place.is_empty() || name == "[Content_Types].xml" || ending == "rels" {
        return true;
    }
    match ending.as_str() {
        "xml" => OWN_FOLDERS.iter().any(|folder| name.starts_with(folder)),
        "bin" => OWN_BINARIES.iter().any(|start| place.starts_with(start)),
        "sigs" => name.starts_with("_xmlsignatures/"),
        other => SILENT.contains(&other),
    }
}

/// A document that is nothing but pictures cannot be read; one without anything has nothing to read.
/// What stands around its body (properties, headers, names of sheets, what programs write under
/// pictures) is text, and says nothing of what the pictures show: only what is `written` in it counts.
pub(super) fn scanned(archive: &Archive<'_>, written: usize, here: &Here, desk: &mut Desk) {
    let is_picture = |entry: &Entry| {
        let media = entry.name.contains("/media/") && is_own(&entry.name);
        media || entry.name.contains("Pictures/")
    };
    if written <= FEW && archive.entries.iter().any(is_picture) {
        desk.opaque(here, Reason::Scanned);
    }
}

fn is_text(name: &str) -> bool {
    let place = name.strip_prefix("word/").or_else(|| name.strip_prefix("ppt/"));
    let Some(place) = place.filter(|place| place.ends_with(".xml")) else {
        return false;
    };
    let apart = [
        "theme/",
        "media/",
        "_rels/",
        "printerSettings/",
        "slideLayouts/",
        "slideMasters/",
        "notesMasters/",
        "handoutMasters/",
        "tags/",
    ];
    let settings = ["styles", "settings", "fontTable", "webSettings", "numbering", "presProps"];
    let name = place.rsplit('/').next().unwrap_or_default();
    !apart.iter().any(|folder| place.starts_with(folder))
        && !settings.iter().any(|start| name.starts_with(start))
}

/// What stands above and below each page.
fn is_frame(name: &str) -> bool {
    ["word/header", "word/footer"].iter().any(|start| name.starts_with(start))
}

/// Letters and digits: what a person wrote, without its spaces.
pub(super) fn letters(text: &str) -> usize {
    text.chars().filter(|letter| letter.is_alphanumeric()).count()
}

/// Files inside: other documents, packages, pieces of HTML or mail that Word has yet to take in.
fn is_enclosed(name: &str) -> bool {
    let place = name.split_once('/').map_or(name, |(_, place)| place);
    let in_folder = name.contains("/embeddings/") || name.contains("/attachments/");
    let chunk = place.starts_with("afchunk") || place.starts_with("htmlChunk");
    // A file that no office program put there is one all the same.
    let stranger = name.rsplit_once('.').is_some_and(|(_, end)| STRANGERS.contains(&end));
    in_folder || stranger || (chunk && !name.contains("_rels"))
}

/// The text of one part, behind what is there; and how many letters of it were written, not told of
/// pictures.
pub(super) fn prose(bytes: &[u8], desk: &mut Desk, out: &mut String) -> usize {
    let mut prose = Prose::default();
    xml::walk(bytes, desk, |node, _| prose.see(node));
    let written = prose.written;
    out.push_str(&prose.done());
    written
}

#[derive(Default)]
struct Prose {
    text: String,
    tables: Vec<Table>,
    /// Inside an element whose text counts.
    speaking: usize,
    /// Inside what is said again for older programs.
    again: usize,
    /// Letters in elements whose text counts.
    written: usize,
}

#[derive(Default)]
struct Table {
    rows: Vec<Row>,
    column: usize,
    cell: String,
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
            Node::Open(tag) if tag.name() == "Fallback" => self.again += 1,
            Node::Close("Fallback") => self.again = self.again.saturating_sub(1),
            _ if self.again > 0 => {}
            Node::Open(tag) => self.open(&tag),
            Node::Close(name) => self.close(name),
            Node::Text(text) if self.speaking > 0 => {
                self.written += letters(&text);
                self.target().push_str(&text);
            }
            Node::Text(_) => {}
        }
    }

    fn open(&mut self, tag: &Tag<'_>) {
        match tag.name() {
            name if SPEAKING.contains(&name) => self.speaking += 1,
            // A tab stop in the settings of a paragraph has a place.
            "tab" if tag.attr("pos").is_none() => self.target().push('\t'),
            "ptab" => self.target().push('\t'),
            "br" | "cr" | "txbxContent" => self.target().push('\n'),
            "noBreakHyphen" => self.target().push('-'),
            "docPr" | "cNvPr" => {
                for told in ["descr", "title"].iter().filter_map(|name| tag.attr(name)) {
                    self.target().push_str(&told);
                    self.target().push('\n');
                }
            }
            "tbl" if self.tables.len() < TABLES => self.tables.push(Table::default()),
            "tr" => {
                if let Some(table) = self.tables.last_mut() {
                    table.rows.push(Row::new());
                    table.column = 0;
                    table.cell.clear();
                }
            }
            _ => {}
        }
    }

    fn close(&mut self, name: &str) {
        match name {
            name if SPEAKING.contains(&name) => {
                self.speaking = self.speaking.saturating_sub(1);
                if matches!(name, "v" | "text") {
                    self.target().push('\n');
                }
            }
            "p" => self.target().push('\n'),
            "tc" => {
                if let Some(table) = self.tables.last_mut() {
                    let cell = core::mem::take(&mut table.cell);
                    if let Some(row) = table.rows.last_mut()
                        && !cell.trim().is_empty()
                    {
                        row.push((table.column, Cell::Text(cell)));
                    }
                    table.column += 1;
                }
            }
            "tbl" => self.end_table(),
            _ => {}
        }
    }

    fn end_table(&mut self) {
        if let Some(table) = self.tables.pop() {
            let text = table::render(&table.rows, Epoch::Y1900);
            self.target().push_str(&text);
            // What stands in no cell belongs to no row, and is text all the same.
            self.target().push_str(&table.cell);
        }
    }

    fn done(mut self) -> String {
        while !self.tables.is_empty() {
            self.end_table();
        }
        if !self.text.is_empty() && !self.text.ends_with('\n') {
            self.text.push('\n');
        }
        self.text
    }
}

/// Letters that leave a document of pictures a scan: a page number, the name of a file.
pub(super) const FEW: usize = 12;
/// Runs, deleted runs, values of charts, comments of old presentations.
const SPEAKING: [&str; 4] = ["t", "delText", "v", "text"];
/// Endings of documents.
const STRANGERS: [&str; 16] = [
    "pdf", "docx", "docm", "doc", "xlsx", "xlsm", "xls", "pptx", "odt", "ods", "zip", "eml", "msg",
    "rtf", "txt", "csv",
];
/// Folders whose XML is the document's own.
const OWN_FOLDERS: [&str; 9] = [
    "word/",
    "ppt/",
    "xl/",
    "docProps/",
    "customXml/",
    "customUI/",
    "userCustomization/",
    "docMetadata/",
    "_xmlsignatures/",
];
/// Macros, buttons and settings.
const OWN_BINARIES: [&str; 6] =
    ["vbaProject", "vbaData", "attachedToolbars", "activeX", "printerSettings", "customProperty"];
/// Endings of pictures, sounds, films, fonts and old drawings.
const SILENT: [&str; 29] = [
    "png", "jpg", "jpeg", "jpe", "jfif", "gif", "bmp", "dib", "tif", "tiff", "emf", "wmf", "emz",
    "wmz", "ico", "wdp", "webp", "svg", "heic", "mp3", "wav", "m4a", "mp4", "wmv", "avi", "odttf",
    "fntdata", "ttf", "vml",
];
/// Tables inside tables.
const TABLES: usize = 50;
