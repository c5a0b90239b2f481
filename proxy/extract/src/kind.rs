use mail::mime::ContentType;

use crate::Reason;

/// What a leaf is to this room.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Text as it stands.
    Plain,
    /// Text with markup.
    Html,
    /// Nothing that holds text: pictures, sound, film, signatures.
    Silent,
    /// A calendar or a visiting card.
    Card,
    /// A table as text.
    Csv,
    /// A document, an archive, or something unknown.
    Document,
    /// What nobody here can read.
    Closed(Reason),
}

/// What a part is by its media type and file name. Programs send documents as
/// `application/octet-stream`, and text as anything: the ending of the name helps towards text, never
/// away from "document".
pub(crate) fn of(content_type: &ContentType, name: Option<&str>) -> Kind {
    let ending = name.and_then(|name| name.rsplit_once('.')).map(|(_, end)| end.to_lowercase());
    let ending = ending.as_deref().unwrap_or_default();
    match (content_type.kind.as_str(), content_type.subtype.as_str()) {
        ("text", "html") => Kind::Html,
        ("text", "rtf" | "richtext") => Kind::Document,
        ("text", "calendar" | "vcard" | "x-vcard" | "x-vcalendar" | "directory") => Kind::Card,
        ("text", "csv" | "tab-separated-values" | "comma-separated-values") => Kind::Csv,
        ("text", _) => match ending {
            "rtf" => Kind::Document,
            "csv" | "tsv" => Kind::Csv,
            "ics" | "vcf" | "vcs" => Kind::Card,
            _ => Kind::Plain,
        },
        // A piece of a message, or a pointer to one (RFC 2046 sections 5.2.2 and 5.2.3).
        ("message", "partial" | "external-body") => Kind::Closed(Reason::Unsupported),
        ("message", _) => Kind::Plain,
        ("application", "pkcs7-signature" | "x-pkcs7-signature" | "pgp-signature") => Kind::Silent,
        ("application", "pkcs7-mime" | "x-pkcs7-mime" | "pgp-encrypted") => {
            Kind::Closed(Reason::Encrypted)
        }
        ("application", "json" | "xml" | "yaml" | "edifact" | "hl7-v2") => Kind::Plain,
        ("application", "csv" | "x-csv") => Kind::Csv,
        ("application", "ics") => Kind::Card,
        ("application", "xhtml+xml") => Kind::Html,
        ("application", other) if other.ends_with("+json") || other.ends_with("+xml") => {
            Kind::Plain
        }
        ("application", _) => match ending {
            "txt" | "log" | "md" | "json" | "xml" | "edi" | "hl7" => Kind::Plain,
            "csv" | "tsv" => Kind::Csv,
            "ics" | "vcf" | "vcs" => Kind::Card,
            "htm" | "html" => Kind::Html,
            "p7s" | "asc" | "sig" => Kind::Silent,
            "gpg" | "pgp" | "p7m" => Kind::Closed(Reason::Encrypted),
            _ => Kind::Document,
        },
        ("image" | "audio" | "video" | "font" | "model", _) => Kind::Silent,
        _ => Kind::Document,
    }
}
