//! PDF (ISO 32000): the text of its pages, forms and notes, its properties, the files in it.
//!
//! Objects, cross-references and decryption are `lopdf`'s; streams are unpacked and pages read here,
//! within bounds. A page that shows a picture and no text is a scan; letters whose font does not say
//! what they are cannot be read. Both are said.

mod cmap;
mod font;
mod join;
mod lex;
mod page;
mod paint;

use std::io;

use flate2::read::DeflateDecoder;
use lopdf::{Dictionary, Document, LoadOptions, Object, Stream};

use super::{Desk, Here, open, xml};
use crate::{Reason, charset};

pub(crate) fn read(bytes: &[u8], here: &Here, desk: &mut Desk) {
    let options =
        LoadOptions { max_decompressed_size: Some(desk.bounds().file), ..LoadOptions::default() };
    // One step a kilobyte: what loading costs.
    desk.step(bytes.len() / 1024);
    let document = match Document::load_mem_with_options(bytes, options) {
        Ok(document) if document.is_encrypted() => Err(Reason::Encrypted),
        Ok(document) => Ok(document),
        Err(_) if holds(bytes, b"/Encrypt") => Err(Reason::Encrypted),
        Err(_) => Err(Reason::Damaged),
    };
    match document {
        Ok(document) => all(&document, here, desk),
        Err(reason) => desk.opaque(here, reason),
    }
}

fn all(document: &Document, here: &Here, desk: &mut Desk) {
    let info = document.trailer.get_deref(b"Info", document).and_then(Object::as_dict);
    let mut text = info.map(|info| properties(info, document)).unwrap_or_default();
    let pages = page::read(document, desk);
    let (mut around, mut files) = (String::new(), Vec::new());
    for object in document.objects.values() {
        if !desk.step(1) {
            break;
        }
        each(object, 0, desk, &mut |dictionary, desk| {
            beside(dictionary, document, desk, &mut around);
            files.extend(embedded(dictionary, document));
        });
    }
    text.push_str(&pages.text);
    text.push('\n');
    text.push_str(&around);
    desk.text(here, &text);
    if pages.pictures > 0 {
        desk.opaque(here, Reason::Scanned);
    }
    if pages.unmapped > 0 {
        desk.opaque(here, Reason::Unmapped);
    }
    if pages.count == 0 && text.trim().is_empty() && files.is_empty() {
        desk.opaque(here, Reason::Damaged);
    }
    for (name, stream) in files {
        if !desk.entry() {
            break;
        }
        desk.file_name(&name);
        let inside =
            here.inside(Some(&name), "application/octet-stream", stream.content.len() as u64);
        match unpack(stream, document, desk) {
            Some(content) => open(&content, &inside, desk),
            None => desk.opaque(&inside, Reason::Damaged),
        }
    }
}

/// Shows each dictionary of an object: notes and files may stand in a list as they are, without an
/// object of their own.
fn each<'a>(
    object: &'a Object,
    depth: usize,
    desk: &mut Desk,
    see: &mut impl FnMut(&'a Dictionary, &mut Desk),
) {
    if depth > NESTED {
        desk.cut(Reason::TooDeep);
        return;
    }
    match object {
        Object::Dictionary(dictionary) | Object::Stream(Stream { dict: dictionary, .. }) => {
            if !desk.step(1) {
                return;
            }
            see(dictionary, desk);
            for (_, value) in dictionary.iter() {
                each(value, depth + 1, desk, see);
            }
        }
        Object::Array(items) => {
            for item in items {
                each(item, depth + 1, desk, see);
            }
        }
        _ => {}
    }
}

/// The document's own properties, a line each.
fn properties(info: &Dictionary, document: &Document) -> String {
    let mut out = String::new();
    for (key, value) in info.iter() {
        let known = ["Producer", "Creator", "CreationDate", "ModDate", "Trapped"];
        let key = String::from_utf8_lossy(key);
        if key.starts_with("PTEX") {
            continue;
        }
        let value = string(value, document);
        if let Some(value) = value.filter(|_| !known.contains(&key.as_ref())) {
            out.push_str(&format!("{key}: {value}\n"));
        }
    }
    out
}

/// What an object says beside the pages: a field of a form with its value, a note, an outline entry,
/// the XML of a form.
fn beside(object: &Dictionary, document: &Document, desk: &mut Desk, out: &mut String) {
    let told = |key: &[u8]| object.get(key).ok().and_then(|value| string(value, document));
    let (name, value) = (told(b"TU").or_else(|| told(b"T")), told(b"V"));
    if let Some(value) =
        value.filter(|_| object.has(b"FT") || object.has(b"T") || object.has(b"Parent"))
    {
        out.push_str(&format!("{}: {value}\n", name.unwrap_or_default()));
    }
    if object.has(b"Subtype")
        && let Some(note) = told(b"Contents")
    {
        out.push_str(&note);
        out.push('\n');
    }
    if object.has(b"Title")
        && object.has(b"Parent")
        && let Some(title) = told(b"Title")
    {
        out.push_str(&title);
        out.push('\n');
    }
    if let Ok(form) = object.get_deref(b"XFA", document) {
        let parts: Vec<&Object> = match form {
            Object::Array(parts) => parts.iter().collect(),
            other => vec![other],
        };
        for part in parts {
            let stream =
                document.dereference(part).ok().and_then(|(_, part)| part.as_stream().ok());
            if let Some(content) = stream.and_then(|stream| unpack(stream, document, desk)) {
                out.push_str(&xml::text(&content, desk));
            }
        }
    }
}

/// A file specification with the file in it (section 7.11.3).
fn embedded<'a>(object: &Dictionary, document: &'a Document) -> Option<(String, &'a Stream)> {
    let file =
        object.get_deref(b"EF", document).ok().and_then(|file| file.as_dict().ok().cloned())?;
    let place = [b"UF".as_slice(), b"F"].iter().find_map(|key| file.get(key).ok().cloned())?;
    let stream = document.get_object(place.as_reference().ok()?).ok()?.as_stream().ok()?;
    let name =
        [b"UF".as_slice(), b"F"].iter().find_map(|key| string(object.get(key).ok()?, document));
    Some((name.unwrap_or_else(|| "bijlage".to_owned()), stream))
}

/// A stream without its filters, within what is left.
fn unpack(stream: &Stream, document: &Document, desk: &mut Desk) -> Option<Vec<u8>> {
    let left = usize::try_from(desk.unpacked_left()).unwrap_or(usize::MAX);
    let limit = desk.bounds().file.min(left);
    let plain = match direct(stream, document) {
        Some(stream) => stream.get_plain_content_with_limit(limit),
        None => stream.get_plain_content_with_limit(limit),
    };
    match plain {
        Ok(content) => {
            desk.unpacked(content.len());
            desk.step(content.len() / 1024);
            Some(content)
        }
        Err(lopdf::Error::Decompress(lopdf::DecompressError::MemoryLimitExceeded { .. })) => {
            desk.unpacked(limit);
            desk.cut(Reason::Expands);
            None
        }
        Err(_) => None,
    }
}

/// The stream with its filters in place, where they stand in objects of their own.
fn direct(stream: &Stream, document: &Document) -> Option<Stream> {
    let filter = stream.dict.get(b"Filter").ok()?;
    let (_, found) = document.dereference(filter).ok()?;
    let resolved = match found {
        Object::Array(names) => {
            let name = |name| document.dereference(name).map(|(_, name)| name.clone());
            Object::Array(names.iter().filter_map(|one| name(one).ok()).collect())
        }
        other => other.clone(),
    };
    if resolved == *filter {
        return None;
    }
    let mut stream = stream.clone();
    stream.dict.set("Filter", resolved);
    Some(stream)
}

/// A deflated stream that does not reach its end. `lopdf` gives what it could unpack, without a word.
fn is_torn(stream: &Stream) -> bool {
    let deflated = stream.filters().is_ok_and(|filters| filters == [b"FlateDecode"]);
    // The checksum at the end is wrong at times, and is left alone.
    let inner = stream.content.get(2..).unwrap_or_default();
    deflated
        && !stream.content.is_empty()
        && io::copy(&mut DeflateDecoder::new(inner), &mut io::sink()).is_err()
}

/// A text string (section 7.9.2.2), or a name, or the strings of an array.
fn string(object: &Object, document: &Document) -> Option<String> {
    let (_, object) = document.dereference(object).ok()?;
    let text = match object {
        Object::String(bytes, _) if bytes.starts_with(b"\xfe\xff") => {
            let units = bytes.get(2..)?.chunks_exact(2);
            let units: Vec<u16> =
                units.map(|pair| u16::from_be_bytes([pair[0], pair[1]])).collect();
            String::from_utf16_lossy(&units)
        }
        Object::String(bytes, _) => charset::text(bytes, None),
        Object::Name(name) if name != b"Off" => String::from_utf8_lossy(name).into_owned(),
        Object::Array(items) => {
            let strings = items.iter().take(100).filter_map(|item| match item {
                Object::String(bytes, _) => Some(charset::text(bytes, None)),
                _ => None,
            });
            strings.collect::<Vec<_>>().join(", ")
        }
        _ => return None,
    };
    (!text.trim().is_empty()).then_some(text)
}

fn holds(bytes: &[u8], word: &[u8]) -> bool {
    bytes.windows(word.len()).any(|window| window == word)
}

/// Objects inside an object.
const NESTED: usize = 32;
