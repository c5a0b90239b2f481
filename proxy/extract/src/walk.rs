use mail::Message;
use mail::mime::{self, Cut, Encoding, Part};

use crate::kind::{self, Kind};
use crate::{
    Extract, File, Limits, Opaque, Origin, Piece, Reason, charset, document, header, html,
};

/// One pass over the parts.
struct Walk<'a> {
    bytes: &'a [u8],
    left: usize,
    out: Extract,
    files: Vec<File>,
}

/// Where in the message a part stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    /// The message itself.
    Outer,
    /// Inside an attached message.
    Enclosed,
}

pub(crate) fn walk(message: &Message, limits: &Limits) -> (Extract, Vec<File>) {
    let tree = mime::tree(message, mime::Limits { depth: limits.depth, parts: limits.parts });
    let mut walk = Walk {
        bytes: message.bytes(),
        left: limits.text,
        out: Extract::default(),
        files: Vec::new(),
    };
    walk.part(&tree.root, Place::Outer, true);
    for cut in &tree.cuts {
        let reason = match cut {
            Cut::TooDeep => Reason::TooDeep,
            _ => Reason::TooMany,
        };
        walk.out.opaque.push(Opaque {
            name: None,
            content_type: "multipart/mixed".to_owned(),
            bytes: message.bytes().len() as u64,
            reason,
            document: true,
        });
    }
    (walk.out, walk.files)
}

impl Walk<'_> {
    /// The tree's depth is bounded by the limits, and so is this recursion.
    fn part(&mut self, part: &Part, place: Place, heads_message: bool) {
        if heads_message {
            self.head(part, place);
        }
        let name = part.file_name().map(|name| header::words(name.as_bytes()));
        if let Some(name) = &name {
            self.piece(Origin::FileName, name.clone());
        }
        let encloses = part.content_type.is("message", "rfc822");
        let place = if encloses { Place::Enclosed } else { place };
        for child in &part.children {
            self.part(child, place, encloses);
        }
        if part.children.is_empty() {
            self.leaf(part, name);
        } else {
            // What stands before and after the parts is shown by no mail program, and leaves all
            // the same.
            for around in [&part.preamble, &part.epilogue] {
                let bytes = self.bytes;
                if let Some(text) =
                    bytes.get(around.clone()).filter(|text| !text.trim_ascii().is_empty())
                {
                    self.piece(Origin::Body, charset::text(text, None));
                }
            }
        }
    }

    fn head(&mut self, part: &Part, place: Place) {
        let bytes = self.bytes;
        for field in part.fields(bytes) {
            if field.is("subject") {
                self.piece(Origin::Subject, header::text(&field));
            } else if place == Place::Outer && REFERRING.iter().any(|name| field.is(name)) {
                self.out.references.extend(header::ids(&field));
            } else if place == Place::Enclosed && field.is("x-nta7516") {
                self.out.claims_nta = true;
            } else if place == Place::Enclosed && field.is("message-id") {
                // A forward as an attachment names its original here only.
                self.out.references.extend(header::ids(&field));
            }
        }
    }

    fn leaf(&mut self, part: &Part, name: Option<String>) {
        let kind = kind::of(&part.content_type, name.as_deref());
        // A multipart without parts shows its body as text.
        let multipart = part.content_type.kind == "multipart";
        let kind = if multipart { Kind::Plain } else { kind };
        let message = ["rfc822", "global"].iter().any(|sub| part.content_type.is("message", sub));
        if message && !part.encoding.is_identity() {
            // RFC 2045 section 6.4 forbids it, some programs write and read it all the same.
            self.document(part, name);
            return;
        }
        if multipart && !part.encoding.is_identity() {
            self.opaque(part, name.clone(), Reason::Unsupported, true);
        }
        match kind {
            Kind::Closed(reason) => self.opaque(part, name, reason, true),
            Kind::Document => self.document(part, name),
            Kind::Silent if self.holds_document(part) => self.document(part, name),
            Kind::Silent => self.opaque(part, name, Reason::Unsupported, false),
            Kind::Plain | Kind::Html | Kind::Csv | Kind::Card => self.text(part, name, kind),
        }
    }

    /// A picture by its media type may be a document by its first bytes, or text.
    fn holds_document(&self, part: &Part) -> bool {
        if part.content_type.is("image", "dicom") {
            return true;
        }
        let body = self.bytes.get(part.body.clone()).unwrap_or_default();
        let head = body.get(..HEAD).unwrap_or(body);
        let head = mime::decode(&part.encoding, head).bytes;
        document::contained(&head).is_some()
            || (!head.trim_ascii().is_empty() && document::reads_as_text(&head))
    }

    fn document(&mut self, part: &Part, name: Option<String>) {
        let decoded = part.decoded(self.bytes);
        if decoded.damaged {
            let known = !matches!(part.encoding, Encoding::Other(..));
            let reason = if known { Reason::Damaged } else { Reason::Unsupported };
            self.opaque(part, name.clone(), reason, true);
        }
        self.set_apart(part, name, decoded.bytes.into_owned());
    }

    fn set_apart(&mut self, part: &Part, name: Option<String>, bytes: Vec<u8>) {
        self.files.push(File {
            after: self.out.pieces.len(),
            name,
            content_type: format!("{}/{}", part.content_type.kind, part.content_type.subtype),
            encoded: part.body.len() as u64,
            bytes,
        });
    }

    fn text(&mut self, part: &Part, name: Option<String>, kind: Kind) {
        let bytes = self.bytes;
        let decoded = part.decoded(bytes);
        if document::contained(&decoded.bytes).is_some() {
            // Said to be text, and is a document.
            self.document(part, name);
            return;
        }
        let label = part.content_type.param("charset").map(|charset| charset.text());
        let attached =
            name.is_some() || part.disposition.as_ref().is_some_and(|how| how.kind == "attachment");
        if attached && is_file(&decoded.bytes, name.as_deref(), label.as_deref()) {
            self.document(part, name);
            return;
        }
        let known = !matches!(part.encoding, Encoding::Other(..));
        if decoded.damaged {
            let reason = if known { Reason::Damaged } else { Reason::Unsupported };
            self.opaque(part, name.clone(), reason, true);
        }
        let mut content: &[u8] = &decoded.bytes;
        if content.len() > self.left {
            content = &content[..self.left];
            self.opaque(part, name.clone(), Reason::TooLarge, true);
        }
        let text = charset::text(content, label.as_deref());
        let text = match kind {
            Kind::Html => html::text(&text),
            Kind::Csv => document::csv(&text),
            Kind::Card => document::card(&text),
            _ => text,
        };
        self.out.claims_nta |= quotes_nta(&text);
        let origin = if attached { Origin::Attached { name } } else { Origin::Body };
        self.piece(origin, text);
    }

    fn piece(&mut self, origin: Origin, text: String) {
        self.left = self.left.saturating_sub(text.len());
        if !text.is_empty() {
            self.out.pieces.push(Piece { origin, text });
        }
    }

    fn opaque(&mut self, part: &Part, name: Option<String>, reason: Reason, document: bool) {
        self.out.opaque.push(Opaque {
            name,
            content_type: format!("{}/{}", part.content_type.kind, part.content_type.subtype),
            bytes: part.body.len() as u64,
            reason,
            document,
        });
    }
}

/// Whether what is attached as text is to be read as a file of its kind: it is a mail, or no text, or
/// armour stands in it. A body is what mail programs show of it.
fn is_file(bytes: &[u8], name: Option<&str>, charset: Option<&str>) -> bool {
    let wide = charset.is_some_and(|label| label.to_ascii_lowercase().starts_with("utf-16"));
    name.is_some_and(document::names_mail)
        || document::is_no_text(bytes, wide)
        || document::holds_armour(&String::from_utf8_lossy(bytes))
}

/// A header of NTA mail quoted in a text, as some programs do in a forward.
pub(crate) fn quotes_nta(text: &str) -> bool {
    let quoted = |line: &str| {
        let line = line.trim_start_matches(['>', ' ', '\t', '|']);
        line.get(..10).is_some_and(|start| start.eq_ignore_ascii_case("X-NTA7516:"))
    };
    text.contains("NTA7516:") && text.lines().any(quoted)
}

/// Encoded bytes in which the first mark of a document is looked for.
const HEAD: usize = 2048;

/// Fields that name the messages that this one goes on from (RFC 5322 section 3.6.4); the last is how
/// Thunderbird names what it forwards within the text.
const REFERRING: [&str; 3] = ["in-reply-to", "references", "x-forwarded-message-id"];
