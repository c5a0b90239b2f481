//! What kind of file it is, where it is no mail.

use mail::Message;

use crate::MOST;

/// Why a file is not looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NotMail {
    /// There is nothing in it.
    #[error("the file is empty; choose the file of a mail (.eml) or of a signature (.p7s, .p7m)")]
    Empty,
    /// It has more than [`MOST`] bytes.
    #[error("the file is larger than {} MB, the most that is looked at; no mail is that large", MOST / MEGABYTE)]
    TooLarge,
    /// A compound file: what Outlook makes of a mail that is dragged out of it, or an old document.
    #[error(
        "this is a file of Outlook (.msg) or an old document, in which a mail does not stand as it came; save the mail as .eml, or drag it here from another mail program"
    )]
    Outlook,
    /// A file of a known kind.
    #[error("this is no mail but {}; save the mail itself as .eml", .0.en())]
    Document(Kind),
    /// Nothing in it looks like a mail.
    #[error(
        "this is no mail and no signature; choose the file of a mail (.eml) or of a signature (.p7s, .p7m)"
    )]
    Unknown,
    /// A content beside a mail.
    #[error("a content goes with a signature file (.p7s); a mail file has its content inside")]
    ContentOfMail,
}

/// A kind of file that people mistake for a signed mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// PDF, whose signatures are of another kind (PAdES).
    Pdf,
    /// A zip, and with it the documents of Office.
    Zip,
    /// A picture.
    Picture,
    /// A certificate, or a key with it.
    Certificate,
}

impl Kind {
    fn en(self) -> &'static str {
        match self {
            Self::Pdf => "a PDF, whose signatures are checked by a PDF reader",
            Self::Zip => "an Office document or a zip",
            Self::Picture => "a picture",
            Self::Certificate => "a certificate, which signs nothing by itself",
        }
    }

    fn nl(self) -> &'static str {
        match self {
            Self::Pdf => "een PDF. Handtekeningen daarin controleert u met een PDF-lezer",
            Self::Zip => "een Office-document of een zip-bestand",
            Self::Picture => "een plaatje",
            Self::Certificate => "een certificaat. Daar is zelf niets mee ondertekend",
        }
    }
}

impl NotMail {
    /// The sentence in Dutch: what happened, and what to do.
    #[must_use]
    pub fn nl(&self) -> String {
        match self {
            Self::Empty => "Dit bestand is leeg. Kies het bestand van een mail (.eml) of van een handtekening (.p7s, .p7m).".to_owned(),
            Self::TooLarge => format!(
                "Dit bestand is groter dan {} MB en wordt niet bekeken. Zo groot is geen mail.",
                MOST / MEGABYTE
            ),
            Self::Outlook => "Dit is een bestand van Outlook (.msg) of een oud document. Daarin staat een mail niet meer zoals hij is aangekomen. Bewaar de mail als .eml, of sleep hem uit een ander mailprogramma hierheen.".to_owned(),
            Self::Document(kind) => {
                format!("Dit is geen mail maar {}. Bewaar de mail zelf als .eml.", kind.nl())
            }
            Self::Unknown => "Dit is geen mail en geen handtekening. Kies het bestand van een mail (.eml) of van een handtekening (.p7s, .p7m).".to_owned(),
            Self::ContentOfMail => "Geen van deze twee bestanden is een losse handtekening (.p7s). Bij een mail zit de inhoud er al in: kies alleen de mail.".to_owned(),
        }
    }
}

pub(crate) fn check_size(file: &[u8]) -> Result<(), NotMail> {
    match file.len() {
        0 => Err(NotMail::Empty),
        size if size > MOST => Err(NotMail::TooLarge),
        _ => Ok(()),
    }
}

/// A mail or a signature goes on.
pub(crate) fn check(file: &[u8]) -> Result<(), NotMail> {
    check_size(file)?;
    if let Some((_, why)) = BEGINNINGS.iter().find(|(begins, _)| file.starts_with(begins)) {
        return Err(*why);
    }
    if cades::is_signature(file) {
        return Ok(());
    }
    let begin = &file[..file.len().min(HEADER_LOOKED_AT)];
    let message = Message::new(begin.to_vec());
    let is_mail = message.fields().any(|field| FIELDS.iter().any(|name| field.is(name)));
    if is_mail { Ok(()) } else { Err(NotMail::Unknown) }
}

/// How files of other kinds begin.
const BEGINNINGS: &[(&[u8], NotMail)] = &[
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", NotMail::Outlook),
    (b"%PDF-", NotMail::Document(Kind::Pdf)),
    (b"PK\x03\x04", NotMail::Document(Kind::Zip)),
    (b"\x89PNG", NotMail::Document(Kind::Picture)),
    (b"\xff\xd8\xff", NotMail::Document(Kind::Picture)),
    (b"-----BEGIN CERTIFICATE-----", NotMail::Document(Kind::Certificate)),
    (b"-----BEGIN PRIVATE KEY-----", NotMail::Document(Kind::Certificate)),
];

/// A file with one of these is a mail, or a part of one that was saved by itself.
const FIELDS: &[&str] = &[
    "from",
    "received",
    "return-path",
    "date",
    "subject",
    "message-id",
    "mime-version",
    "content-type",
];

/// Bytes in which those fields are looked for: a header is longer than a screen, and a hundredth of this.
const HEADER_LOOKED_AT: usize = 1024 * 1024;
const MEGABYTE: usize = 1024 * 1024;
