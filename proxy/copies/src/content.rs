use aws_lc_rs::digest::{SHA256, digest};
use mail::Message;
use mail_parser::{Address, HeaderValue, MessageParser, MessagePart, MimeHeaders, PartType};

use crate::plain;

/// What a copy shows of a message.
#[derive(Debug, Default)]
pub(crate) struct Content {
    pub(crate) from: String,
    pub(crate) to: String,
    pub(crate) cc: String,
    pub(crate) date: String,
    pub(crate) subject: String,
    pub(crate) message_id: String,
    /// The text to read: text/plain parts, else HTML turned into text.
    pub(crate) body: String,
    pub(crate) attachments: Vec<Attachment>,
}

/// A part that is kept as a file.
#[derive(Debug)]
pub(crate) struct Attachment {
    pub(crate) name: String,
    pub(crate) content_type: String,
    pub(crate) sha256: String,
    pub(crate) bytes: Vec<u8>,
}

/// Reads a message. What cannot be read is empty, and stands in the embedded original.
pub(crate) fn read(message: &Message) -> Content {
    let Some(parsed) = MessageParser::default().parse(message.bytes()) else {
        return Content::default();
    };
    let mut content = Content {
        from: people(parsed.from()),
        to: people(parsed.to()),
        cc: people(parsed.cc()),
        date: raw(message, "date"),
        subject: parsed.subject().unwrap_or_default().to_owned(),
        message_id: raw(message, "message-id"),
        ..Content::default()
    };
    let mut texts: Vec<String> = parsed.text_bodies().map(text_of).collect();
    texts.retain(|text| !text.trim().is_empty());
    if texts.is_empty() {
        texts = parsed.html_bodies().map(text_of).collect();
    }
    content.body = texts.join("\n\n");
    content.attachments = parsed.attachments().take(ATTACHMENTS).map(attachment).collect();
    content
}

fn text_of(part: &MessagePart<'_>) -> String {
    match &part.body {
        PartType::Text(text) => text.to_string(),
        PartType::Html(html) => plain::of_html(html),
        _ => String::new(),
    }
}

fn attachment(part: &MessagePart<'_>) -> Attachment {
    let bytes = part.contents().to_vec();
    let content_type = part.content_type().map_or_else(
        || "text/plain".to_owned(),
        |kind| format!("{}/{}", kind.ctype(), kind.subtype().unwrap_or("octet-stream")),
    );
    Attachment {
        name: part.attachment_name().unwrap_or("(zonder naam)").to_owned(),
        content_type,
        sha256: hex(digest(&SHA256, &bytes).as_ref()),
        bytes,
    }
}

fn people(address: Option<&Address<'_>>) -> String {
    let Some(address) = address else {
        return String::new();
    };
    let one = |person: &mail_parser::Addr<'_>| match (&person.name, &person.address) {
        (Some(name), Some(address)) => format!("{name} <{address}>"),
        (None, Some(address)) => address.to_string(),
        (Some(name), None) => name.to_string(),
        (None, None) => String::new(),
    };
    address.iter().map(one).collect::<Vec<_>>().join(", ")
}

fn raw(message: &Message, name: &str) -> String {
    message.field(name).map(|field| field.unfolded()).unwrap_or_default()
}

/// A header value as text, for the XML.
pub(crate) fn value_text(value: &HeaderValue<'_>) -> String {
    match value {
        HeaderValue::Text(text) => text.to_string(),
        HeaderValue::TextList(list) => list.join(", "),
        HeaderValue::Address(address) => people(Some(address)),
        HeaderValue::DateTime(date) => date.to_rfc3339(),
        _ => String::new(),
    }
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    use core::fmt::Write;
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Attachments listed: far more than a person sends, so that a hostile mail stays bounded.
const ATTACHMENTS: usize = 5_000;
