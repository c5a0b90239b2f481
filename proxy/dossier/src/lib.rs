//! What a record system is offered (R-DET-3): which patient a message is about, and the message in the
//! forms that record systems take.
//!
//! ```text
//! findings --propose--> Patient --a person corrects and confirms--> Filing
//! Filing + papers --> folder (one subfolder a message, with manifest.json)
//!                 --> fhir (a transaction bundle, FHIR R4 after IHE MHD ITI-65)
//!                 --> medvri (EDIFACT, text only)
//! ```
//!
//! A proposal is never a patient: only [`Patient::confirmed`] makes one, and the forms that file under a
//! patient take nothing else. What this room does not do: it speaks to no server and reads no settings.
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used))]

pub mod answer;
pub mod capability;
pub mod fhir;
pub mod folder;
pub mod medvri;
mod patient;

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use copies::Content;
use jiff::Timestamp;
use mail::Message;
use serde::{Deserialize, Serialize};

pub use patient::{Bsn, Patient, PatientError, Proposal, day, propose};

/// What kind of document is filed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A letter or message between care workers, or with a patient.
    #[default]
    Correspondence,
    /// A referral.
    Referral,
    /// A result of an examination.
    Result,
}

impl Kind {
    /// Its name, Dutch and English.
    #[must_use]
    pub fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Correspondence => ("Correspondentie", "Correspondence"),
            Self::Referral => ("Verwijzing", "Referral"),
            Self::Result => ("Uitslag", "Result"),
        }
    }
}

/// Under what a message is filed, as a person confirmed it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Filing {
    /// Whom it is about.
    pub patient: Patient,
    /// Who wrote it.
    pub author: String,
    /// When it was written.
    pub date: Timestamp,
    /// What it is.
    pub kind: Kind,
}

/// A message, with the copies that were made of it.
#[derive(Debug, Clone, Copy)]
pub struct Papers<'a> {
    /// The message, byte for byte.
    pub message: &'a Message,
    /// What stands in it.
    pub content: &'a Content,
    /// The PDF.
    pub pdf: &'a [u8],
    /// The XML.
    pub xml: &'a [u8],
}

impl Papers<'_> {
    /// By what the message is known everywhere: a URI of the SHA-256 of its bytes (RFC 6920 section 3).
    /// Two messages are two, though a program gave both the same Message-ID.
    #[must_use]
    pub fn identifier(&self) -> String {
        let hash = URL_SAFE_NO_PAD.encode(digest(&SHA256, self.message.bytes()));
        format!("ni:///sha-256;{hash}")
    }

    /// Its Message-ID as a URI (RFC 2392), by which mail programs find it; `None` where it has none that
    /// can be one.
    #[must_use]
    pub fn message_id(&self) -> Option<String> {
        let id = self.content.message_id.trim().trim_start_matches('<').trim_end_matches('>');
        let plain = |c: char| c.is_ascii_graphic() && !matches!(c, '<' | '>' | '|' | '\\' | '"');
        (id.contains('@') && id.chars().all(plain)).then(|| format!("mid:{id}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A message with two attachments, and what goes with it.
    pub(crate) struct Kept {
        pub(crate) message: Message,
        pub(crate) content: Content,
    }

    impl Kept {
        pub(crate) fn papers(&self) -> Papers<'_> {
            let (pdf, xml) = (b"%PDF-1.7".as_slice(), b"<bericht/>".as_slice());
            Papers { message: &self.message, content: &self.content, pdf, xml }
        }
    }

    pub(crate) fn papers(subject: &str) -> Kept {
        let text = "From: Huisarts <a@huisarts.test>\r\nTo: b@ziekenhuis.test\r\n\
            Message-ID: <1@huisarts.test>\r\nSubject: x\r\nMIME-Version: 1.0\r\n\
            Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nHbA1c is 58.\r\n--b\r\n\
            Content-Disposition: attachment; filename=uitslag.txt\r\n\r\none\r\n--b\r\n\
            Content-Disposition: attachment; filename=Uitslag.txt\r\n\r\ntwo\r\n--b--\r\n";
        let message = Message::new(text.as_bytes().to_vec());
        let content = Content { subject: subject.to_owned(), ..Content::read(&message) };
        Kept { message, content }
    }

    pub(crate) fn filing() -> Filing {
        let born = Some(jiff::civil::Date::constant(1956, 3, 12));
        Filing {
            patient: Patient::confirmed(Bsn::parse("123456782"), "A. de Vries", born).unwrap(),
            author: "Huisarts".to_owned(),
            date: "2026-11-26T10:00:00Z".parse().unwrap(),
            kind: Kind::Result,
        }
    }

    #[test]
    fn a_message_is_known_by_its_bytes_whatever_its_message_id() {
        let mut kept = papers("x");
        let one = kept.papers().identifier();
        assert!(one.starts_with("ni:///sha-256;") && one.len() == 57, "{one}");
        assert_eq!(kept.papers().message_id().as_deref(), Some("mid:1@huisarts.test"));
        for wrong in ["no id", "", "<a@b&_count=1|x>"] {
            kept.content.message_id = wrong.to_owned();
            assert_eq!(kept.papers().message_id(), None, "{wrong}");
        }
        let other = [kept.message.bytes(), b"P.S."].concat();
        kept.message = Message::new(other);
        assert_ne!(kept.papers().identifier(), one, "the same Message-ID is not the same message");
    }
}
