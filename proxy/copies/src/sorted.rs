use aws_lc_rs::digest::{SHA256, digest};
use mail::Message;
use mail::mime::{self, Cut, Limits, Parameter, Part};
use mail_parser::decoders::charsets::map::charset_decoder;
use mail_parser::{MessageParser, MimeHeaders};

use crate::content::{ATTACHMENTS, Attachment, Body, Format, hex};

/// The parts of a message: which are its text, and which are files (RFC 8621, section 4.1.4).
///
/// The tree is the one that signatures and findings are read from. A mail in the mail is a file: nobody
/// goes into it, so that a nest of mails costs no more than another attachment.
#[derive(Debug, Default)]
pub(crate) struct Sorted {
    pub(crate) shown: Vec<Body>,
    pub(crate) plain: Vec<Body>,
    pub(crate) attachments: Vec<Attachment>,
    pub(crate) left_out: usize,
    /// A multipart that says it is encoded was read as it stands.
    unwrapped: bool,
}

/// Which of the two texts a part belongs to.
#[derive(Debug, Clone, Copy)]
struct Texts {
    shown: bool,
    plain: bool,
}

impl Sorted {
    pub(crate) fn of(message: &Message) -> Self {
        let tree = mime::tree(message, Limits::default());
        let mut sorted = Self::default();
        let into = Texts { shown: true, plain: true };
        sorted.sort(message.bytes(), &[tree.root], ("mixed", false), into);
        // How many there are beyond the tree nobody knows.
        sorted.left_out += usize::from(tree.cuts.contains(&Cut::TooMany));
        sorted
    }

    /// Sorts the parts of a multipart of this subtype, in an alternative or not.
    fn sort(
        &mut self,
        bytes: &[u8],
        parts: &[Part],
        (within, alternative): (&str, bool),
        mut into: Texts,
    ) {
        let before = (self.shown.len(), self.plain.len());
        for (at, part) in parts.iter().enumerate() {
            let subtype = part.content_type.subtype.as_str();
            if part.content_type.kind == "multipart" && !part.children.is_empty() {
                let own = (subtype, alternative || subtype == "alternative");
                self.sort(bytes, &part.children, own, into);
                continue;
            }
            if let Some((own, inside)) = self.unwrap(bytes, part) {
                self.sort(&own, &[inside], (within, alternative), into);
                continue;
            }
            let head = Head::of(bytes, part);
            let media = matches!(part.content_type.kind.as_str(), "image" | "audio" | "video");
            let inline = !is_disposed(part, "attachment")
                && (at == 0 || (within != "related" && (media || head.name.is_empty())));
            let format = match (part.content_type.kind.as_str(), subtype) {
                ("text", "plain") => Format::Plain,
                ("text", "html") => Format::Html,
                _ => {
                    self.attach(bytes, part, head, inline && media);
                    continue;
                }
            };
            let mut own = into;
            if within == "alternative" {
                own = Texts { shown: format == Format::Html, plain: format == Format::Plain };
            } else if inline && alternative {
                match format {
                    Format::Plain => into.shown = false,
                    Format::Html => into.plain = false,
                }
                own = into;
            }
            if inline && (own.shown || own.plain) {
                self.read(bytes, part, format, own);
            } else {
                self.attach(bytes, part, head, false);
            }
        }
        if within == "alternative" && into.shown && into.plain {
            // Where there is one of the two, it is the other as well.
            if self.plain.len() == before.1 {
                self.plain.extend_from_slice(&self.shown[before.0..]);
            } else if self.shown.len() == before.0 {
                self.shown.extend_from_slice(&self.plain[before.1..]);
            }
        }
    }

    /// A multipart that says it is encoded, which RFC 2045 forbids in section 6.4, as it stands. One in a
    /// message: each costs a copy of what is in it.
    fn unwrap(&mut self, bytes: &[u8], part: &Part) -> Option<(Vec<u8>, Part)> {
        let odd = part.content_type.kind == "multipart"
            && part.children.is_empty()
            && !part.encoding.is_identity();
        if !odd || core::mem::replace(&mut self.unwrapped, true) {
            return None;
        }
        let header = format!("Content-Type: {}\r\n\r\n", part.content_type.encode());
        let own = [header.as_bytes(), bytes.get(part.body.clone())?].concat();
        let root = mime::tree_of(&own, Limits::default()).root;
        (!root.children.is_empty()).then_some((own, root))
    }

    fn read(&mut self, bytes: &[u8], part: &Part, format: Format, into: Texts) {
        let named = part.content_type.param("charset").map(Parameter::text);
        let decoder = named.and_then(|name| charset_decoder(name.as_bytes()));
        let decoded = part.decoded(bytes).bytes;
        let text = match decoder {
            Some(decoder) => decoder(&decoded),
            None => String::from_utf8_lossy(&decoded).into_owned(),
        };
        if text.trim().is_empty() {
            return;
        }
        let body = Body { format, text };
        if into.shown && into.plain {
            self.shown.push(body.clone());
            self.plain.push(body);
        } else if into.shown {
            self.shown.push(body);
        } else {
            self.plain.push(body);
        }
    }

    fn attach(&mut self, bytes: &[u8], part: &Part, head: Head, inline: bool) {
        if self.attachments.len() == ATTACHMENTS {
            self.left_out += 1;
            return;
        }
        // Text too is kept as the bytes that were sent: its hash is that of the file.
        let content = part.decoded(bytes).bytes.into_owned();
        self.attachments.push(Attachment {
            name: head.name,
            content_type: format!("{}/{}", part.content_type.kind, part.content_type.subtype),
            content_id: head.content_id,
            inline: inline || is_disposed(part, "inline"),
            sha256: hex(digest(&SHA256, &content).as_ref()),
            bytes: content,
        });
    }
}

/// What the header of a part says of the file, decoded.
struct Head {
    name: String,
    content_id: Option<String>,
}

impl Head {
    fn of(bytes: &[u8], part: &Part) -> Self {
        let header = bytes.get(part.whole.start..part.body.start).unwrap_or_default();
        let parsed = MessageParser::default().parse_headers(header);
        let id = parsed.as_ref().and_then(|head| head.content_id());
        Self {
            name: parsed
                .as_ref()
                .and_then(|head| head.attachment_name())
                .unwrap_or_default()
                .into(),
            content_id: id.map(|id| id.trim_matches(['<', '>']).to_owned()),
        }
    }
}

fn is_disposed(part: &Part, how: &str) -> bool {
    part.disposition.as_ref().is_some_and(|own| own.kind == how)
}
