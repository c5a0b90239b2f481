//! The notice that a message was not delivered, as mail: a report in three parts (RFC 6522), for a
//! person, for programs (RFC 3464), and two header fields by which a mail program finds the message
//! that it is about.
//!
//! It says for whom, when and why, in Dutch and English, and has nothing of what the message says:
//! no subject, no text, no attachment. What this room does not do: it reads no clock, sends
//! nothing, and does not decide what has failed.
//!
//! ```
//! use jiff::Timestamp;
//! use mail::{Address, Envelope, Message};
//! use notice::{Cause, Failed, Language, Notice, Original};
//!
//! let message = Message::new(b"Message-ID: <1@praktijk.nl>\r\nSubject: geheim\r\n\r\nx".to_vec());
//! let envelope = Envelope { reverse_path: None, params: Vec::new(), recipients: Vec::new() };
//! let notice = Notice {
//!     id: "01ARZ3NDEKTSV4RRFFQ69G5FAV.1".to_owned(),
//!     account: Address::parse("jan@praktijk.nl").unwrap(),
//!     held: "01ARZ3NDEKTSV4RRFFQ69G5FAV".to_owned(),
//!     arrived: Timestamp::UNIX_EPOCH,
//!     at: Timestamp::UNIX_EPOCH,
//!     language: Language::Dutch,
//!     original: Original::of(&message, &envelope),
//!     failed: vec![Failed {
//!         recipient: Address::parse("a@b.nl").unwrap(),
//!         original: None,
//!         cause: Cause::Refused,
//!         nl: "550 5.1.1 no such user".to_owned(),
//!         en: "550 5.1.1 no such user".to_owned(),
//!         host: Some("mx.b.nl".to_owned()),
//!     }],
//! };
//! let text = String::from_utf8(notice.message()).unwrap();
//! assert!(text.contains("Final-Recipient: rfc822; a@b.nl\r\nAction: failed\r\nStatus: 5.1.1\r\n"));
//! assert!(!text.contains("geheim"));
//! ```
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used))]

mod encode;
mod status;
#[cfg(test)]
mod tests;
mod text;

use jiff::Timestamp;
use mail::{Address, Envelope, Message, Recipient, days};

/// A notice that is to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// What makes it the only one of its kind: letters, digits, dots and hyphens. The same notice
    /// made again has the same.
    pub id: String,
    /// Whom it is for: the account that sent the message.
    pub account: Address,
    /// The id under which the message is held.
    pub held: String,
    /// When the message was taken from the mail program.
    pub arrived: Timestamp,
    /// When it failed.
    pub at: Timestamp,
    /// Which language stands first.
    pub language: Language,
    /// What identifies the message.
    pub original: Original,
    /// Who does not get it; not empty.
    pub failed: Vec<Failed>,
}

/// Which language stands first; the other follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// Dutch.
    Dutch,
    /// English.
    English,
}

/// What identifies a message to those who have it, and says nothing of what is in it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Original {
    message_id: Option<String>,
    date: Option<String>,
    envelope_id: Option<String>,
}

/// A recipient who does not get the message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failed {
    /// Who.
    pub recipient: Address,
    /// What the mail program called this recipient (ORCPT, RFC 3461 section 4.2), as it wrote it.
    pub original: Option<String>,
    /// What kind of end it was.
    pub cause: Cause,
    /// Why, in Dutch; a server's reply as it came.
    pub nl: String,
    /// The same in English.
    pub en: String,
    /// The server that was spoken to last.
    pub host: Option<String>,
}

/// Why nothing more is tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cause {
    /// It will not be taken.
    Refused,
    /// It was not taken for too long (RFC 3463: X.4.7, "delivery time expired").
    Expired,
}

impl Original {
    /// Of a message and its envelope. What cannot stand in a header as it is, is left out.
    #[must_use]
    pub fn of(message: &Message, envelope: &Envelope) -> Self {
        let field = |name: &str| {
            let text = message.field(name).map(|field| field.unfolded());
            text.filter(|text| encode::is_plain(text))
        };
        let envelope_id = envelope.params.iter().find(|param| param.is("ENVID"));
        let envelope_id = envelope_id.and_then(|param| encode::from_xtext(param.value()?));
        Self {
            message_id: field("message-id").filter(|id| !id.contains(' ')),
            date: field("date"),
            envelope_id: envelope_id.filter(|id| encode::is_plain(id)),
        }
    }
}

impl Notice {
    /// The Message-ID, angle brackets included: the same each time the notice is made.
    #[must_use]
    pub fn message_id(&self) -> String {
        format!("<notice.{}@{HERE}>", self.id)
    }

    /// The notice as mail, in US-ASCII with CRLF at each line end.
    #[must_use]
    pub fn message(&self) -> Vec<u8> {
        let boundary = format!("=_{}", self.id);
        let mut out = self.header(&boundary);
        let mut part = |fields: &str, body: &str| {
            out.push_str(&format!("\r\n--{boundary}\r\n{fields}\r\n{body}"));
        };
        part(
            "Content-Type: text/plain; charset=utf-8\r\n\
             Content-Transfer-Encoding: quoted-printable\r\n",
            &encode::quoted_printable(&text::of(self)),
        );
        part("Content-Type: message/delivery-status\r\n", &status::of(self));
        let original = self.original.fields();
        if !original.is_empty() {
            // RFC 6522 section 4: the header fields, and here only these.
            part("Content-Type: text/rfc822-headers\r\n", &original);
        }
        out.push_str(&format!("\r\n--{boundary}--\r\n"));
        out.into_bytes()
    }

    fn header(&self, boundary: &str) -> String {
        let mut fields = vec![
            ("From", format!("Zorgzegel <mailer-daemon@{HERE}>")),
            ("To", addressee(&self.account)),
            ("Date", date(self.at)),
            ("Subject", text::subject(self)),
            ("Message-ID", self.message_id()),
        ];
        if let Some(id) = &self.original.message_id {
            fields.push(("In-Reply-To", id.clone()));
            fields.push(("References", id.clone()));
        }
        // RFC 3834 section 5: no program answers it.
        fields.push(("Auto-Submitted", "auto-replied".to_owned()));
        fields.push(("MIME-Version", "1.0".to_owned()));
        let kind = "multipart/report; report-type=delivery-status;";
        fields.push(("Content-Type", format!("{kind} boundary=\"{boundary}\"")));
        fields.iter().map(|(name, value)| encode::field(name, value)).collect()
    }
}

impl Original {
    fn fields(&self) -> String {
        let fields = [("Message-ID", &self.message_id), ("Date", &self.date)];
        let there = fields.iter().filter_map(|(name, value)| Some((name, value.as_ref()?)));
        there.map(|(name, value)| encode::field(name, value)).collect()
    }
}

/// True where the mail program wants to hear of a failure to this recipient: without NOTIFY it does
/// (RFC 3461 section 4.1), and never of a message without a sender, which is a notice itself
/// (section 6.2).
#[must_use]
pub fn is_wanted(envelope: &Envelope, recipient: &Recipient) -> bool {
    let notify = recipient.params.iter().find(|param| param.is("NOTIFY"));
    let words = notify.and_then(|param| param.value()).unwrap_or("FAILURE");
    envelope.reverse_path.is_some()
        && words.split(',').any(|word| word.eq_ignore_ascii_case("FAILURE"))
}

/// What the mail program called this recipient (ORCPT, RFC 3461 section 4.2).
#[must_use]
pub fn original_recipient(recipient: &Recipient) -> Option<String> {
    let param = recipient.params.iter().find(|param| param.is("ORCPT"))?;
    param.value().map(str::to_owned)
}

/// A header holds US-ASCII; an address beyond it (RFC 6531) would need a server that takes UTF-8.
fn addressee(account: &Address) -> String {
    match account.is_international() {
        true => "undisclosed-recipients:;".to_owned(),
        false => account.to_string(),
    }
}

/// RFC 5322 section 3.3, by the clocks of the Netherlands.
fn date(at: Timestamp) -> String {
    at.to_zoned_datetime(days::clocks().clone()).strftime("%a, %d %b %Y %H:%M:%S %z").to_string()
}

/// Where notices come from: a name that is nobody's (RFC 2606 section 2), so that no answer to one
/// ever leaves.
const HERE: &str = "zorgzegel.invalid";
