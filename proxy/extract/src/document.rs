//! Documents, opened within bounds.
//!
//! A file is told by its first bytes, then by its name and media type. Each format has a reader of
//! its own that writes on one [`Desk`]; files inside files come back to [`open`], one level deeper.
//! Nothing is carried out: no macro, no link, no entity of a document's own.

mod card;
mod compound;
mod desk;
mod kind;
mod lzfu;
mod mapi;
mod msg;
mod object;
mod odf;
mod office;
mod pdf;
mod rtf;
mod sheet;
mod table;
mod tnef;
mod xml;
mod zip;

use mail::Message;

pub(crate) use card::text as card;
pub(crate) use desk::{Desk, Here};
pub(crate) use kind::{Kind, contained, holds_armour, is_no_text, names_mail, reads_as_text};
pub(crate) use table::csv;

use crate::{Bounds, Extract, File, Reason, charset, html, walk};

/// Reads one file of a message, and what is in it.
pub(crate) fn read(file: &File, bounds: &Bounds) -> Extract {
    let here = Here {
        name: file.name.clone(),
        content_type: file.content_type.clone(),
        bytes: file.encoded,
        depth: 0,
    };
    let mut desk = Desk::new(*bounds);
    open(&file.bytes, &here, &mut desk);
    desk.done()
}

/// Reads a file at its depth. What a bound cut short is said once, behind what was read.
pub(crate) fn open(bytes: &[u8], here: &Here, desk: &mut Desk) {
    if here.depth > desk.bounds().depth {
        desk.opaque(here, Reason::TooDeep);
        return;
    }
    let outer = desk.start();
    match kind::of(bytes, here) {
        Kind::Zip => container(bytes, here, desk),
        Kind::Pdf => pdf::read(bytes, here, desk),
        Kind::Rtf => rtf::read(bytes, here, desk),
        Kind::Compound => compound::read(bytes, here, desk),
        Kind::Tnef => tnef::read(bytes, here, desk),
        Kind::Gzip => zip::gzip(bytes, here, desk),
        Kind::Message => message(bytes, here, desk),
        Kind::Html => desk.text(here, &html::text(&charset::text(bytes, None))),
        Kind::Csv => desk.text(here, &csv(&charset::text(bytes, None))),
        Kind::Card => desk.text(here, &card(&charset::text(bytes, None))),
        Kind::Text => {
            let text = charset::text(bytes, None);
            desk.text(here, &text);
            if holds_armour(&text) {
                desk.opaque(here, Reason::Encrypted);
            }
        }
        Kind::Picture => desk.silent(here),
        Kind::Closed(reason) => desk.opaque(here, reason),
        Kind::Empty => {}
    }
    desk.finish(outer, here);
}

/// A zip file is a document of an office program, or an archive.
fn container(bytes: &[u8], here: &Here, desk: &mut Desk) {
    let Some(archive) = zip::Archive::parse(bytes, desk) else {
        desk.opaque(here, Reason::Damaged);
        return;
    };
    if archive.damaged {
        desk.opaque(here, Reason::Damaged);
    }
    let has = |start: &str| archive.entries.iter().any(|entry| entry.name.starts_with(start));
    if has("[Content_Types].xml") && (has("word/") || has("ppt/")) {
        office::read(&archive, here, desk);
    } else if has("[Content_Types].xml") && has("xl/") {
        sheet::read(&archive, here, desk);
    } else if has("content.xml") && (has("META-INF/manifest.xml") || has("mimetype")) {
        odf::read(&archive, here, desk);
    } else {
        zip::read(&archive, here, desk);
    }
}

/// A message inside a file: its subjects and bodies are text of that file, its files lie in it.
fn message(bytes: &[u8], here: &Here, desk: &mut Desk) {
    let message = Message::new(bytes.to_vec());
    let limits = crate::Limits { text: desk.text_left(), ..crate::Limits::default() };
    let (inner, files) = walk::walk(&message, &limits);
    desk.enclosed(here, inner);
    for field in message.fields() {
        if field.is("x-nta7516") {
            desk.claims_nta();
        } else if field.is("message-id") {
            desk.references(crate::header::ids(&field));
        }
    }
    for file in files {
        let inside = here.inside(file.name.as_deref(), &file.content_type, file.encoded);
        open(&file.bytes, &inside, desk);
    }
}
