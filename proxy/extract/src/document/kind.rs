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
    if let Some(kind) = armoured(bytes) {
        return kind;
    }
    if is_picture(bytes) {
        return Kind::Picture;
    }
    if is_packed(bytes) {
        return Kind::Closed(Reason::Unsupported);
    }
    let ending = here.own_name().rsplit_once('.').map(|(_, end)| end.to_lowercase());
    let by_ending = ending.as_deref().and_then(of_ending);
    let by_type = || of_type(&here.content_type);
    match by_ending.or_else(by_type) {
        Some(Kind::Closed(reason)) => Kind::Closed(reason),
        // What is called a picture and reads as text is text.
        Some(kind) if kind != Kind::Picture && reads_as_text(bytes) => kind,
        Some(Kind::Picture) if !reads_as_text(bytes) => Kind::Picture,
        Some(kind) if kind != Kind::Picture => Kind::Closed(Reason::Unsupported),
        _ if reads_as_html(bytes) => Kind::Html,
        _ if reads_as_text(bytes) => Kind::Text,
        _ => Kind::Closed(Reason::Unsupported),
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
    // Faxes and scanners write TIFF, and DICOM is a patient's and names him: no decoration, no snapshot.
    if has(b"II*\0") || has(b"MM\0*") {
        return Some(Kind::Closed(Reason::Scanned));
    }
    if bytes.get(128..132) == Some(b"DICM") {
        return Some(Kind::Closed(Reason::Unsupported));
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
        "image/dicom" => Kind::Closed(Reason::Unsupported),
        other if other.starts_with("text/") => Kind::Text,
        other
            if ["image/", "audio/", "video/", "font/"].iter().any(|top| other.starts_with(top)) =>
        {
            Kind::Picture
        }
        _ => return None,
    })
}

/// What a text part of a mail is not read as: armour, an archive of another kind, bytes of no text.
/// Wide letters without a mark of their own are told by their charset.
pub(crate) fn is_no_text(bytes: &[u8], wide: bool) -> bool {
    armoured(bytes).is_some() || is_packed(bytes) || (!wide && !reads_as_text(bytes))
}

/// Whether a file of this name is a mail, whatever its media type.
pub(crate) fn names_mail(name: &str) -> bool {
    let ending = name.rsplit_once('.').map(|(_, end)| end.to_lowercase());
    ending.as_deref().and_then(of_ending) == Some(Kind::Message)
}

/// No byte that no text has, in its beginning; UTF-16 has its own mark.
pub(crate) fn reads_as_text(bytes: &[u8]) -> bool {
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
    // A drawing says its words between its tags too.
    let drawing = head.starts_with(b"<") && head.windows(4).any(|window| window == b"<svg");
    head.starts_with(b"<!doctype html") || head.starts_with(b"<html") || drawing
}

/// The armour of OpenPGP (RFC 9580 section 6.2). A text that was signed in the clear is text.
fn armoured(bytes: &[u8]) -> Option<Kind> {
    let head = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes).trim_ascii_start();
    let label = head.strip_prefix(b"-----BEGIN PGP ")?;
    if label.starts_with(b"MESSAGE") {
        return Some(Kind::Closed(Reason::Encrypted));
    }
    // A signature or a key, if nothing is written behind it.
    let silent = ["SIGNATURE", "PUBLIC KEY BLOCK"].iter().find_map(|label| {
        let end = format!("-----END PGP {label}-----");
        let at = head.windows(end.len()).position(|window| window == end.as_bytes())?;
        head.get(at + end.len()..)
    });
    silent.is_some_and(|rest| rest.trim_ascii().is_empty()).then_some(Kind::Picture)
}

/// Whether the armour of an encrypted message begins a line of this text.
pub(crate) fn holds_armour(text: &str) -> bool {
    let begins = |line: &str| line.trim_start().starts_with("-----BEGIN PGP MESSAGE");
    text.contains("-----BEGIN PGP MESSAGE") && text.lines().any(begins)
}

/// By the marks of pictures, sound, film and fonts. Marks that a text may begin with count with more of
/// the header behind them only.
fn is_picture(bytes: &[u8]) -> bool {
    let has = |start: &[u8]| bytes.starts_with(start);
    let byte = |at: usize| bytes.get(at).copied();
    let word = |at: usize| bytes.get(at..at + 4);
    PICTURES.iter().any(|start| has(start))
        || (GIFS.iter().any(|start| has(start)) && !reads_as_text(bytes))
        // The size of the second header of a bitmap.
        || (has(b"BM") && matches!(word(14), Some([12 | 40 | 52 | 56 | 64 | 108 | 124, 0, 0, 0])))
        || (has(b"\x01\0\0\0") && word(40) == Some(b" EMF"))
        // The high byte of the number of pictures or tables, versions.
        || (has(b"\0\0\x01\0") && byte(5) == Some(0))
        || ((has(b"OTTO") || has(b"\0\x01\0\0") || has(b"OggS")) && byte(4) == Some(0))
        || ((has(b"wOFF") || has(b"wOF2")) && !reads_as_text(bytes))
        || (has(b"ID3") && byte(3).is_some_and(|version| version < 0x10))
        // ISO base media: HEIC photos and films.
        || (word(4) == Some(b"ftyp") && byte(0) == Some(0))
        || (has(b"RIFF") && matches!(word(8), Some(b"WEBP" | b"WAVE" | b"AVI ")) && !reads_as_text(bytes))
}

/// 7z, RAR, bzip2, xz, cabinet, and the archives of other times.
fn is_packed(bytes: &[u8]) -> bool {
    let has = |start: &[u8]| bytes.starts_with(start);
    PACKED.iter().any(|start| has(start)) || (has(b"BZh") && !reads_as_text(bytes))
}

const LOOKED_AT: usize = 4096;

/// PNG, JPEG, placeable Windows metafiles: marks that no text begins with.
const PICTURES: [&[u8]; 3] = [b"\x89PNG\r\n", b"\xff\xd8\xff", b"\xd7\xcd\xc6\x9a"];

const GIFS: [&[u8]; 2] = [b"GIF87a", b"GIF89a"];

const PACKED: [&[u8]; 6] = [
    b"7z\xbc\xaf\x27\x1c",
    b"Rar!\x1a\x07",
    b"\xfd7zXZ",
    b"MSCF\0\0\0\0",
    b"\x28\xb5\x2f\xfd",
    b"\x60\xea",
];
