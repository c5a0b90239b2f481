//! A message as a document that anyone can open and that keeps: PDF/A-3a (ISO 19005-3) with the tags of
//! PDF/UA-1 (ISO 14289-1), the original `.eml`, the XML and the attachments inside (R-KEEP-2, R-KEEP-3). A copy of the header alone
//! has the original inside, and nothing else.
//!
//! Text of a mail is placed as text and never as markup; nothing that a mail refers to is fetched. What
//! the fonts do not have is shown as `[U+XXXX]` and said. The same message at the same time gives the
//! same bytes. What this room does not do: it opens no file, reads no clock, and runs in no process that
//! has keys: only the worker's program imports it.
//!
//! ```text
//! Content --html, plain--> blocks --line, font--> lines --flow--> pages and a tree of tags --draw--> PDF
//! ```
//!
//! A message on which a richer form breaks has a plainer one ([`copies::Form`]); whoever asks goes down by one.
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

pub mod block;
mod draw;
mod flow;
mod font;
pub mod html;
mod line;
mod picture;
mod plain;
mod sheet;
mod tree;
mod words;

use copies::{AttachedAs, Content, Form, Source, names};
use krilla::embed::AssociationKind;

use flow::Flow;
use picture::Pictures;
use tree::Tree;
use words::Words;

/// Why there are no pages.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TypesetError {
    /// The writer found something that does not conform.
    #[error("the page writer refused: {0}")]
    Refused(String),
    /// The XML inside cannot be written.
    #[error(transparent)]
    Xml(#[from] copies::CopyError),
}

/// Why one attempt gave no pages.
pub(crate) enum Failed {
    /// A picture cannot be read after all.
    Picture,
    Refused(String),
    Other(&'static str),
}

/// A file inside the PDF.
pub(crate) struct File {
    pub(crate) name: String,
    pub(crate) media_type: String,
    pub(crate) description: String,
    pub(crate) kind: AssociationKind,
    /// True for what is packed as it is.
    pub(crate) packed: bool,
    pub(crate) data: Vec<u8>,
}

/// The message as a PDF, A4.
///
/// # Errors
/// [`TypesetError`]; a plainer form may succeed.
pub fn pdf(source: &Source<'_>, form: Form) -> Result<Vec<u8>, TypesetError> {
    let content = match form {
        Form::Bare(_) => Content::outline(source.message),
        _ => Content::read(source.message),
    };
    let files = files(source, &content, form)?;
    let with = matches!(form, Form::Whole);
    let done = match attempt(source, &content, form, &files, with) {
        // A picture whose header is sound and whose body is not: all pictures go, the layout stays.
        Err(Failed::Picture) => attempt(source, &content, form, &files, false),
        done => done,
    };
    done.map_err(|failed| match failed {
        Failed::Picture => TypesetError::Refused("picture".to_owned()),
        Failed::Refused(what) => TypesetError::Refused(what),
        Failed::Other(what) => TypesetError::Refused(what.to_owned()),
    })
}

fn attempt(
    source: &Source<'_>,
    content: &Content,
    form: Form,
    files: &[Named<'_>],
    with_pictures: bool,
) -> Result<Vec<u8>, Failed> {
    let words = Words::of(source.about.language);
    let pictures = Pictures::new(content, with_pictures);
    let find = |from: &block::From| pictures.find(from);
    let mut flow = Flow::new(words, &find);
    flow.blocks(Tree::ROOT, &sheet::head(source, content, form, words));
    let (blocks, cut) = sheet::text(content, form, words);
    flow.limit = if form == Form::Whole { PAGES } else { PLAIN_PAGES };
    flow.blocks(Tree::ROOT, &blocks);
    flow.limit = usize::MAX;
    flow.blocks(Tree::ROOT, &sheet::foot(source, content, words));
    let cut = cut || flow.cut;
    let last = sheet::colophon(source, form, words, &flow.fonts, cut);
    flow.blocks(Tree::ROOT, &last);
    draw::draw(source, content, flow, files.iter().map(Named::file).collect(), words)
}

/// A file inside, before it is given to the writer: an attempt may need it again.
struct Named<'a> {
    name: String,
    media_type: String,
    kind: AssociationKind,
    data: std::borrow::Cow<'a, [u8]>,
}

impl Named<'_> {
    fn file(&self) -> File {
        let kind = self.media_type.as_str();
        let packed = kind.starts_with("image/") && kind != "image/svg+xml" && kind != "image/bmp"
            || kind.starts_with("video/")
            || kind.starts_with("audio/")
            || kind.contains("zip")
            || kind.contains("openxmlformats")
            || kind == "application/pdf";
        File {
            name: self.name.clone(),
            media_type: self.media_type.clone(),
            description: self.name.clone(),
            kind: self.kind,
            packed,
            data: self.data.to_vec(),
        }
    }
}

/// The original, the XML and the attachments, each under a name of its own.
fn files<'a>(
    source: &Source<'a>,
    content: &'a Content,
    form: Form,
) -> Result<Vec<Named<'a>>, TypesetError> {
    let mut files = vec![Named {
        name: ORIGINAL.to_owned(),
        media_type: "message/rfc822".to_owned(),
        kind: AssociationKind::Source,
        data: source.message.bytes().into(),
    }];
    // An XML of the header alone would say that there is neither text nor attachment.
    if matches!(form, Form::Bare(_)) {
        return Ok(files);
    }
    let mut taken: std::collections::HashMap<String, usize> = std::collections::HashMap::new();
    for name in [ORIGINAL, XML] {
        taken.insert(name.to_owned(), 1);
    }
    let mut given = |name: &str| {
        let wish = names::safe(name, "bijlage");
        loop {
            // File systems that unpack it may not tell small letters from large ones.
            let count = taken.entry(wish.to_lowercase()).or_insert(0);
            *count += 1;
            let name = names::numbered(&wish, *count);
            if name == wish || !taken.contains_key(&name.to_lowercase()) {
                taken.entry(name.to_lowercase()).or_insert(1);
                return name;
            }
        }
    };
    let own: Vec<String> = content.attachments.iter().map(|one| given(&one.name)).collect();
    let xml = copies::xml_of(source, content, AttachedAs::Files(&own))?;
    files.push(Named {
        name: XML.to_owned(),
        media_type: "application/xml".to_owned(),
        kind: AssociationKind::Alternative,
        data: xml.into(),
    });
    for (name, one) in own.into_iter().zip(&content.attachments) {
        let known = one.content_type.len() <= MEDIA_TYPE;
        files.push(Named {
            name,
            media_type: if known { one.content_type.clone() } else { String::new() },
            kind: AssociationKind::Supplement,
            data: one.bytes.as_slice().into(),
        });
    }
    Ok(files)
}

/// The original inside.
pub const ORIGINAL: &str = "bericht.eml";
/// The XML inside.
pub const XML: &str = "bericht.xml";
/// Pages of text: more is in the original only, for a copy of ten thousand pages is read by nobody.
const PAGES: usize = 1_000;
/// Pages of a plainer copy: it must come to its end where the richer one did not.
const PLAIN_PAGES: usize = 100;
/// Bytes of a media type: a name in PDF/A has at most 127 (ISO 19005-3 section 6.1.13), escaped.
const MEDIA_TYPE: usize = 100;
