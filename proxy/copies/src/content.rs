use std::borrow::Cow;

use mail::Message;
use mail_parser::{Address, HeaderValue, MessageParser};

use crate::sorted::Sorted;

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
    /// Parts beyond [`ATTACHMENTS`], or at least one beyond the bounds of the tree, that are in the message
    /// only.
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
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Body {
    /// Text, or HTML.
    pub format: Format,
    /// The text, decoded.
    pub text: String,
}

/// How a text is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
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
        let Sorted { shown, plain, attachments, left_out, .. } = Sorted::of(message);
        let head = match MessageParser::default().parse_headers(message.bytes()) {
            Some(parsed) => Self {
                from: people(parsed.from()),
                reply_to: people(parsed.reply_to()),
                to: people(parsed.to()),
                cc: people(parsed.cc()),
                bcc: people(parsed.bcc()),
                date: raw(message, "date"),
                subject: parsed.subject().unwrap_or_default().to_owned(),
                message_id: raw(message, "message-id"),
                ..Self::default()
            },
            None => Self::outline(message),
        };
        Self { shown, plain, attachments, left_out, ..head }
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
    fn a_text_without_a_header_and_a_multipart_that_says_it_is_encoded_are_read() {
        for mail in [
            "\r\nhallo",
            "Content-Type: multipart/mixed; boundary=b\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n\
                --b\r\n\r\nhallo\r\n--b--\r\n",
        ] {
            let content = Content::read(&Message::new(mail.as_bytes().to_vec()));
            assert_eq!(
                content.shown.iter().map(|one| one.text.trim()).collect::<String>(),
                "hallo",
                "{mail}"
            );
            assert!(content.attachments.is_empty());
        }
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

    /// A reader that goes into each mail of a nest needs memory and stack for all of them.
    #[test]
    fn a_nest_of_mails_is_one_attachment_plain_and_encoded() {
        let nest = "Content-Type: message/rfc822\r\n\r\n".repeat(100_000);
        let digests =
            "Content-Type: multipart/digest; boundary=b\r\n\r\n--b\r\n\r\n".repeat(50_000);
        let head = "Subject: nest\r\nContent-Type: multipart/mixed; boundary=a\r\n\r\n--a\r\n\r\nzie bijlage\r\n--a\r\n";
        let encoded = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, &nest);
        let encoded = format!(
            "Content-Type: message/rfc822\r\nContent-Transfer-Encoding: base64\r\n\r\n{encoded}\r\n"
        );
        for (nest, left_out) in [(nest, 0), (digests, 1), (encoded, 0)] {
            let mail = format!("{head}{nest}\r\n--a--\r\n");
            let content = Content::read(&Message::new(mail.into_bytes()));
            assert_eq!(content.subject, "nest");
            assert_eq!(content.shown[0].text, "zie bijlage");
            assert!(!content.attachments.is_empty());
            assert_eq!(content.left_out, left_out);
        }
    }

    #[test]
    fn parts_beyond_the_bound_are_counted() {
        let part = "--b\r\nContent-Type: image/png\r\n\r\n\r\n";
        let mail = |count| {
            format!(
                "Content-Type: multipart/mixed; boundary=b\r\n\r\n{}--b--\r\n",
                part.repeat(count)
            )
        };
        for (count, left_out) in [(ATTACHMENTS, 0), (ATTACHMENTS + 7, 7), (20_000, 5_000)] {
            let content = Content::read(&Message::new(mail(count).into_bytes()));
            assert_eq!(content.attachments.len(), ATTACHMENTS);
            assert!(
                content.left_out >= left_out && (count > 10_000 || content.left_out == left_out)
            );
        }
    }

    #[test]
    fn what_is_text_and_what_is_a_file_is_sorted_as_mail_programs_do() {
        let part = |kind: &str, text: &str| format!("Content-Type: {kind}\r\n\r\n{text}");
        let multi = |kind: &str, edge: &str, parts: &[String]| {
            let parts: String =
                parts.iter().map(|part| format!("--{edge}\r\n{part}\r\n")).collect();
            format!("Content-Type: multipart/{kind}; boundary={edge}\r\n\r\n{parts}--{edge}--\r\n")
        };
        let (plain, html, png) =
            (part("text/plain", "P"), part("text/html", "H"), part("image/png", "I"));
        let named = part("text/plain; name=n.txt", "N");
        let related = multi("related", "r", &[html.clone(), png.clone()]);
        let both = multi("alternative", "a", &[plain.clone(), related.clone()]);
        for (mail, shown, kept_plain, files) in [
            (plain.clone(), "P", "P", ""),
            (html.clone(), "H", "H", ""),
            (png.clone(), "", "", "I"),
            (both.clone(), "H", "P", "I"),
            (
                multi("mixed", "m", &[both, plain.clone(), named.clone(), png.clone()]),
                "HP",
                "PP",
                "INI",
            ),
            (multi("mixed", "m", &[named, plain.clone()]), "NP", "NP", ""),
            (
                multi("alternative", "a", &[plain.clone(), part("text/calendar", "C")]),
                "P",
                "P",
                "C",
            ),
            (multi("alternative", "a", &[related]), "H", "H", "I"),
            (multi("related", "r", &[html.clone(), plain.clone()]), "H", "H", "P"),
            // What is in neither text is a file.
            (
                multi("alternative", "a", &[multi("mixed", "m", &[plain, html.clone(), html])]),
                "P",
                "P",
                "HH",
            ),
        ] {
            let content = Content::read(&Message::new(mail.clone().into_bytes()));
            let texts =
                |all: &[Body]| all.iter().map(|one| one.text.trim_end()).collect::<String>();
            let bytes = content.attachments.iter().flat_map(|one| one.bytes.clone()).collect();
            let got =
                (texts(&content.shown), texts(&content.plain), String::from_utf8(bytes).unwrap());
            let (shown, kept_plain) = (shown.to_owned(), kept_plain.to_owned());
            assert_eq!(got, (shown, kept_plain, files.to_owned()), "{mail}");
        }
    }
}
