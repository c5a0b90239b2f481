use std::borrow::Cow;

use aws_lc_rs::digest::{SHA256, digest};
use mail::Message;
use mail::mime::{self, Encoding};
use mail_parser::{Address, HeaderValue, MessageParser, MessagePart, MimeHeaders, PartType};

/// What stands in a message, read once.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Content {
    /// From.
    pub from: Vec<Person>,
    /// Reply-To.
    pub reply_to: Vec<Person>,
    /// To.
    pub to: Vec<Person>,
    /// Cc.
    pub cc: Vec<Person>,
    /// Bcc, which stands in what the sender keeps.
    pub bcc: Vec<Person>,
    /// Date, as it is written.
    pub date: String,
    /// Subject, decoded.
    pub subject: String,
    /// Message-ID, as it is written.
    pub message_id: String,
    /// What a mail program shows: of alternatives the richest.
    pub shown: Vec<Body>,
    /// What a mail program without HTML shows.
    pub plain: Vec<Body>,
    /// Parts that are kept as files, pictures of the text among them.
    pub attachments: Vec<Attachment>,
    /// Parts beyond [`ATTACHMENTS`] that are in the message only.
    pub left_out: usize,
}

/// Somebody in a header field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// The name shown; may be empty.
    pub name: String,
    /// The address; may be empty.
    pub address: String,
}

impl core::fmt::Display for Person {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match (self.name.is_empty(), self.address.is_empty()) {
            (false, false) => write!(f, "{} <{}>", self.name, self.address),
            (true, _) => f.write_str(&self.address),
            (false, true) => f.write_str(&self.name),
        }
    }
}

/// A text of the message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Body {
    /// Text, or HTML.
    pub format: Format,
    /// The text, decoded.
    pub text: String,
}

/// How a text is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// `text/plain` and its like.
    Plain,
    /// `text/html`.
    Html,
}

/// A part that is kept as a file.
#[derive(PartialEq, Eq)]
pub struct Attachment {
    /// Its name, decoded; empty where it has none.
    pub name: String,
    /// Its media type.
    pub content_type: String,
    /// Content-ID without its brackets: what HTML refers to.
    pub content_id: Option<String>,
    /// True for what belongs to the text, such as a picture in it.
    pub inline: bool,
    /// Its bytes, the transfer encoding undone and nothing else: an SVG or CSV stays as it came.
    pub bytes: Vec<u8>,
    /// SHA-256 of the bytes, in hexadecimal.
    pub sha256: String,
}

impl core::fmt::Debug for Attachment {
    /// Neither name nor content.
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "Attachment({}, {} bytes)", self.content_type, self.bytes.len())
    }
}

impl Content {
    /// Reads a message. What cannot be read is empty, and stands in the original only.
    #[must_use]
    pub fn read(message: &Message) -> Self {
        let Some(parsed) = MessageParser::default().parse(message.bytes()) else {
            return Self::outline(message);
        };
        let bodies = |part: &MessagePart<'_>| body(part);
        let all = parsed.attachments().count();
        Self {
            from: people(parsed.from()),
            reply_to: people(parsed.reply_to()),
            to: people(parsed.to()),
            cc: people(parsed.cc()),
            bcc: people(parsed.bcc()),
            date: raw(message, "date"),
            subject: parsed.subject().unwrap_or_default().to_owned(),
            message_id: raw(message, "message-id"),
            shown: parsed.html_bodies().filter_map(bodies).collect(),
            plain: parsed.text_bodies().filter_map(bodies).collect(),
            attachments: parsed
                .attachments()
                .take(ATTACHMENTS)
                .map(|part| attachment(part, message.bytes()))
                .collect(),
            left_out: all.saturating_sub(ATTACHMENTS),
        }
    }

    /// The header alone, as it is written: for a message on which a reader of mail breaks.
    #[must_use]
    pub fn outline(message: &Message) -> Self {
        let one = |name: &str| {
            let address = raw(message, name);
            let person = Person { name: String::new(), address };
            Some(person).filter(|person| !person.address.is_empty()).into_iter().collect()
        };
        Self {
            from: one("from"),
            reply_to: one("reply-to"),
            to: one("to"),
            cc: one("cc"),
            bcc: one("bcc"),
            date: raw(message, "date"),
            subject: raw(message, "subject"),
            message_id: raw(message, "message-id"),
            ..Self::default()
        }
    }

    /// The part that HTML refers to by `cid:` (RFC 2392).
    #[must_use]
    pub fn by_content_id(&self, id: &str) -> Option<&Attachment> {
        self.attachments.iter().find(|part| part.content_id.as_deref() == Some(id))
    }
}

fn body(part: &MessagePart<'_>) -> Option<Body> {
    let (format, text) = match &part.body {
        PartType::Text(text) => (Format::Plain, text),
        PartType::Html(text) => (Format::Html, text),
        _ => return None,
    };
    (!text.trim().is_empty()).then(|| Body { format, text: text.to_string() })
}

fn attachment(part: &MessagePart<'_>, message: &[u8]) -> Attachment {
    let bytes = exact(part, message);
    let content_type = part.content_type().map_or_else(
        || "text/plain".to_owned(),
        |kind| format!("{}/{}", kind.ctype(), kind.subtype().unwrap_or("octet-stream")),
    );
    let inline = matches!(part.body, PartType::InlineBinary(_))
        || part.content_disposition().is_some_and(|how| how.ctype().eq_ignore_ascii_case("inline"));
    Attachment {
        name: part.attachment_name().unwrap_or_default().to_owned(),
        content_type: content_type.to_ascii_lowercase(),
        content_id: part.content_id().map(|id| id.trim_matches(['<', '>']).to_owned()),
        inline,
        sha256: hex(digest(&SHA256, &bytes).as_ref()),
        bytes,
    }
}

/// The part's own bytes: a parser of mail would bring text into UTF-8, and then its hash is not that
/// of the file that was sent.
fn exact(part: &MessagePart<'_>, message: &[u8]) -> Vec<u8> {
    let encoding = match part.encoding {
        mail_parser::Encoding::None => Encoding::EightBit,
        mail_parser::Encoding::QuotedPrintable => Encoding::QuotedPrintable,
        mail_parser::Encoding::Base64 => Encoding::Base64,
    };
    let at = part.offset_body as usize..part.offset_end as usize;
    match message.get(at).map(|body| mime::decode(&encoding, body).bytes) {
        Some(Cow::Borrowed(bytes)) => bytes.to_vec(),
        Some(Cow::Owned(bytes)) => bytes,
        None => part.contents().to_vec(),
    }
}

fn people(address: Option<&Address<'_>>) -> Vec<Person> {
    let Some(address) = address else {
        return Vec::new();
    };
    let text = |text: &Option<Cow<'_, str>>| text.as_deref().unwrap_or_default().to_owned();
    let all =
        address.iter().map(|one| Person { name: text(&one.name), address: text(&one.address) });
    all.filter(|one| !one.name.is_empty() || !one.address.is_empty()).collect()
}

/// People as one line.
pub(crate) fn listed(people: &[Person]) -> String {
    people.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

fn raw(message: &Message, name: &str) -> String {
    message.field(name).map(|field| field.unfolded()).unwrap_or_default()
}

/// A header value as text, for the XML.
pub(crate) fn value_text(value: &HeaderValue<'_>) -> Option<String> {
    match value {
        HeaderValue::Text(text) => Some(text.to_string()),
        HeaderValue::TextList(list) => Some(list.join(", ")),
        HeaderValue::Address(address) => Some(listed(&people(Some(address)))),
        HeaderValue::DateTime(date) => Some(date.to_rfc3339()),
        _ => None,
    }
}

/// Bytes in hexadecimal, in small letters.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    use core::fmt::Write as _;
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Attachments that are listed: far more than a person sends, so that a hostile mail stays bounded.
pub const ATTACHMENTS: usize = 5_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attachments_are_the_bytes_that_were_sent_whatever_their_letters() {
        let mail = b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nhello\r\n--b\r\n\
            Content-Type: text/csv; charset=iso-8859-1; name=lab.csv\r\nContent-Disposition: attachment\r\n\r\n\
            na\xefef;1\r\n--b\r\nContent-Type: image/svg+xml\r\nContent-ID: <s@x>\r\nContent-Transfer-Encoding: base64\r\n\r\n\
            PHN2Zy8+Cg==\r\n--b--\r\n";
        let content = Content::read(&Message::new(mail.to_vec()));
        assert_eq!(content.attachments[0].bytes, b"na\xefef;1");
        assert_eq!(content.attachments[0].name, "lab.csv");
        assert_eq!(content.by_content_id("s@x").unwrap().bytes, b"<svg/>\n");
        assert_eq!(content.shown.len(), 1);
    }

    #[test]
    fn of_alternatives_the_richest_is_shown() {
        let mail =
            b"Content-Type: multipart/alternative; boundary=b\r\n\r\n--b\r\n\r\nplain\r\n--b\r\n\
            Content-Type: text/html\r\n\r\n<p>rich</p>\r\n--b--\r\n";
        let content = Content::read(&Message::new(mail.to_vec()));
        assert_eq!(content.shown, [Body { format: Format::Html, text: "<p>rich</p>".to_owned() }]);
        assert_eq!(content.plain, [Body { format: Format::Plain, text: "plain".to_owned() }]);
        assert!(content.attachments.is_empty());
    }
}
