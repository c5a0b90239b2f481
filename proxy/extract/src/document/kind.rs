use super::Here;
use crate::Reason;

/// What a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A zip archive, or a document of an office program that is one.
    Zip,
    Pdf,
    Rtf,
    /// A compound file: .msg, an encrypted office document, or an office document of before 2007.
    Compound,
    /// winmail.dat.
    Tnef,
    Gzip,
    /// A mail.
    Message,
    Html,
    /// A table as text.
    Csv,
    /// A calendar or a visiting card.
    Card,
    Text,
    /// Pictures, sound, film, signatures: nothing that holds text.
    Picture,
    Closed(Reason),
    Empty,
}

/// What a file is by its first bytes, else by its name, its media type, and whether it reads as text.
pub(crate) fn of(bytes: &[u8], here: &Here) -> Kind {
    if bytes.is_empty() {
        return Kind::Empty;
    }
    if let Some(kind) = contained(bytes) {
        return kind;
    }
    if PICTURES.iter().any(|start| bytes.starts_with(start)) || is_boxed_picture(bytes) {
        return Kind::Picture;
    }
    if PACKED.iter().any(|start| bytes.starts_with(start)) {
        return Kind::Closed(Reason::Unsupported);
    }
    let ending = here.own_name().rsplit_once('.').map(|(_, end)| end.to_lowercase());
    let by_ending = ending.as_deref().and_then(of_ending);
    let by_type = || of_type(&here.content_type);
    match by_ending.or_else(by_type) {
        Some(Kind::Closed(reason)) => Kind::Closed(reason),
        Some(kind) if reads_as_text(bytes) => kind,
        Some(Kind::Picture) => Kind::Picture,
        Some(_) => Kind::Closed(Reason::Unsupported),
        None if reads_as_html(bytes) => Kind::Html,
        None if reads_as_text(bytes) => Kind::Text,
        None => Kind::Closed(Reason::Unsupported),
    }
}

/// Formats that hold text behind a first mark of their own, whatever they are called.
pub(crate) fn contained(bytes: &[u8]) -> Option<Kind> {
    let has = |start: &[u8]| bytes.starts_with(start);
    if has(b"PK\x03\x04") || has(b"PK\x05\x06") || has(b"PK\x07\x08PK") {
        return Some(Kind::Zip);
    }
    if has(b"{\\rtf") {
        return Some(Kind::Rtf);
    }
    if has(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1") {
        return Some(Kind::Compound);
    }
    if has(b"\x78\x9f\x3e\x22") {
        return Some(Kind::Tnef);
    }
    if has(b"\x1f\x8b\x08") {
        return Some(Kind::Gzip);
    }
    // ISO 32000-1 annex H.3.4.1: readers take a header anywhere in the first 1024 bytes. In a text
    // the mark may be spoken of: there it must begin a line.
    let head = bytes.get(..1024).unwrap_or(bytes);
    let at = head.windows(5).position(|window| window == b"%PDF-")?;
    let begins = at == 0 || matches!(head.get(at - 1), Some(b'\n' | b'\r' | 0));
    begins.then_some(Kind::Pdf)
}

fn of_ending(ending: &str) -> Option<Kind> {
    Some(match ending {
        "htm" | "html" | "xhtml" => Kind::Html,
        "csv" | "tsv" | "tab" => Kind::Csv,
        "ics" | "vcs" | "vcf" | "ifb" => Kind::Card,
        "eml" | "mht" | "mhtml" => Kind::Message,
        "txt" | "text" | "log" | "md" | "json" | "xml" | "edi" | "hl7" | "yaml" | "yml" | "ini" => {
            Kind::Text
        }
        "p7s" | "asc" | "sig" | "ttf" | "otf" | "woff" => Kind::Picture,
        "gpg" | "pgp" | "p7m" | "aes" | "axx" => Kind::Closed(Reason::Encrypted),
        "pdf" | "docx" | "xlsx" | "pptx" | "odt" | "ods" | "odp" | "zip" | "msg" => {
            Kind::Closed(Reason::Damaged)
        }
        _ => return None,
    })
}

fn of_type(content_type: &str) -> Option<Kind> {
    Some(match content_type {
        "text/html" | "application/xhtml+xml" => Kind::Html,
        "text/csv" | "text/tab-separated-values" | "application/csv" => Kind::Csv,
        "text/calendar" | "text/vcard" | "text/x-vcard" => Kind::Card,
        "message/rfc822" | "message/global" => Kind::Message,
        "message/partial" | "message/external-body" => Kind::Closed(Reason::Unsupported),
        "application/pkcs7-mime" | "application/pgp-encrypted" => Kind::Closed(Reason::Encrypted),
        "application/pdf" | "application/ms-tnef" | "application/zip" => {
            Kind::Closed(Reason::Damaged)
        }
        other if other.starts_with("text/") => Kind::Text,
        other
            if ["image/", "audio/", "video/", "font/"].iter().any(|top| other.starts_with(top)) =>
        {
            Kind::Picture
        }
        _ => return None,
    })
}

/// No byte that no text has, in its beginning; UTF-16 has its own mark.
fn reads_as_text(bytes: &[u8]) -> bool {
    if bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff") {
        return true;
    }
    let head = bytes.get(..LOOKED_AT).unwrap_or(bytes);
    let strange = head
        .iter()
        .filter(|byte| **byte < 0x20 && !matches!(**byte, b'\t' | b'\n' | b'\r' | 0x0c | 0x1b));
    strange.count() * 100 <= head.len()
}

fn reads_as_html(bytes: &[u8]) -> bool {
    let head = bytes.get(..512).unwrap_or(bytes).trim_ascii_start().to_ascii_lowercase();
    head.starts_with(b"<!doctype html") || head.starts_with(b"<html")
}

/// ISO base media: HEIC photos and films.
fn is_boxed_picture(bytes: &[u8]) -> bool {
    bytes.get(4..8) == Some(b"ftyp")
        || (bytes.starts_with(b"RIFF")
            && matches!(bytes.get(8..12), Some(b"WEBP" | b"WAVE" | b"AVI ")))
}

const LOOKED_AT: usize = 4096;

/// PNG, JPEG, GIF, BMP, TIFF, icons, Windows and enhanced metafiles, MP3, Ogg, fonts.
const PICTURES: [&[u8]; 15] = [
    b"\x89PNG\r\n",
    b"\xff\xd8\xff",
    b"GIF87a",
    b"GIF89a",
    b"BM",
    b"II*\0",
    b"MM\0*",
    b"\0\0\x01\0",
    b"\xd7\xcd\xc6\x9a",
    b"\x01\0\0\0",
    b"ID3",
    b"OggS",
    b"\0\x01\0\0\0",
    b"OTTO",
    b"wOF",
];

/// 7z, RAR, bzip2, xz, cabinet, and the archives of other times.
const PACKED: [&[u8]; 7] = [
    b"7z\xbc\xaf\x27\x1c",
    b"Rar!\x1a\x07",
    b"BZh",
    b"\xfd7zXZ",
    b"MSCF",
    b"\x28\xb5\x2f\xfd",
    b"\x60\xea",
];
