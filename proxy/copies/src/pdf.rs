mod layout;

use core::num::NonZeroU16;
use std::sync::Arc;

use jiff::tz::TimeZone;
use krilla::Document;
use krilla::color::rgb;
use krilla::embed::{AssociationKind, EmbeddedFile, MimeType};
use krilla::geom::Point;
use krilla::metadata::{DateTime, Metadata};
use krilla::num::NormalizedF32;
use krilla::page::PageSettings;
use krilla::paint::Fill;
use krilla::tagging::{Artifact, ArtifactType, ContentTag, Node, SpanTag, Tag, TagGroup, TagTree};
use krilla::text::{Font, TextDirection};

use crate::content::{self, Content};
use crate::{CopyError, Language, Source, xml};
use layout::{Block, Face, Layout, Line, PAGE};

/// The message as a PDF, A4, tagged, with a title and a language; the original `.eml` and the XML
/// are embedded.
///
/// # Errors
/// [`CopyError`].
pub fn pdf(source: &Source<'_>) -> Result<Vec<u8>, CopyError> {
    let content = content::read(source.message);
    let fonts = Fonts::load()?;
    let layout = Layout::of(&blocks(source, &content))
        .ok_or_else(|| CopyError::Pdf("the fonts cannot be read".to_owned()))?;
    let mut document = Document::new();
    let mut tags = TagTree::new().with_lang(Some(language(source.language).to_owned()));
    let mut open: Option<(usize, TagGroup)> = None;
    let pages = layout.pages.len();
    for (number, lines) in layout.pages.iter().enumerate() {
        let settings = PageSettings::from_wh(PAGE.0, PAGE.1)
            .ok_or_else(|| CopyError::Pdf("the page has no size".to_owned()))?;
        let mut page = document.start_page_with(settings);
        let mut surface = page.surface();
        for line in lines {
            let span = SpanTag::empty();
            let id = surface.start_tagged(ContentTag::Span(span));
            draw(&mut surface, &fonts, line);
            surface.end_tagged();
            match &mut open {
                Some((block, group)) if *block == line.block => group.push(Node::Leaf(id)),
                _ => {
                    if let Some((_, group)) = open.take() {
                        tags.push(group);
                    }
                    let mut group = group_of(line);
                    group.push(Node::Leaf(id));
                    open = Some((line.block, group));
                }
            }
        }
        surface.start_tagged(ContentTag::Artifact(Artifact::with_kind(ArtifactType::Footer)));
        draw(&mut surface, &fonts, &footer(source.language, number + 1, pages));
        surface.end_tagged();
        surface.finish();
        page.finish();
    }
    if let Some((_, group)) = open {
        tags.push(group);
    }
    document.set_tag_tree(tags);
    document.set_metadata(metadata(source, &content));
    embed(&mut document, source)?;
    document.finish().map_err(|error| CopyError::Pdf(format!("{error:?}")))
}

struct Fonts {
    regular: Font,
    bold: Font,
}

impl Fonts {
    fn load() -> Result<Self, CopyError> {
        let font = |bytes: &'static [u8]| {
            let shared: Arc<dyn AsRef<[u8]> + Send + Sync> = Arc::new(bytes);
            Font::new(shared.into(), 0)
                .ok_or_else(|| CopyError::Pdf("a font cannot be read".to_owned()))
        };
        Ok(Self { regular: font(layout::REGULAR)?, bold: font(layout::BOLD)? })
    }
}

fn draw(surface: &mut krilla::surface::Surface<'_>, fonts: &Fonts, line: &Line) {
    let grey = if line.quiet { 90 } else { 0 };
    surface.set_fill(Some(Fill {
        paint: rgb::Color::new(grey, grey, grey).into(),
        opacity: NormalizedF32::ONE,
        ..Fill::default()
    }));
    let font = match line.face {
        Face::Regular => &fonts.regular,
        Face::Bold => &fonts.bold,
    };
    let place = Point::from_xy(line.x, line.y);
    surface.draw_text(place, font.clone(), line.size, &line.text, false, TextDirection::Auto);
}

fn group_of(line: &Line) -> TagGroup {
    match line.heading.and_then(NonZeroU16::new) {
        Some(level) => TagGroup::new(Tag::Hn(level, Some(line.text.clone()))),
        None => TagGroup::new(Tag::P),
    }
}

fn footer(language: Language, number: usize, pages: usize) -> Line {
    let text = match language {
        Language::Dutch => format!("pagina {number} van {pages}"),
        Language::English => format!("page {number} of {pages}"),
    };
    Line {
        text,
        x: layout::MARGIN,
        y: PAGE.1 - layout::MARGIN / 2.0,
        size: 8.0,
        face: Face::Regular,
        quiet: true,
        heading: None,
        block: 0,
    }
}

fn blocks(source: &Source<'_>, content: &Content) -> Vec<Block> {
    let words = Words::of(source.language);
    let subject = match content.subject.trim() {
        "" => words.no_subject,
        subject => subject,
    };
    let mut blocks = vec![Block::Heading(1, subject.to_owned())];
    for (label, value) in [
        (words.from, &content.from),
        (words.to, &content.to),
        (words.cc, &content.cc),
        (words.date, &content.date),
        ("Message-ID", &content.message_id),
    ] {
        if !value.trim().is_empty() {
            blocks.push(Block::Pair(label.to_owned(), value.clone()));
        }
    }
    if !source.proof.is_empty() {
        blocks.push(Block::Heading(2, words.proof.to_owned()));
        let lines = source.proof.iter();
        blocks.extend(lines.map(|line| Block::Pair(line.label.clone(), line.text.clone())));
    }
    blocks.push(Block::Heading(2, words.message.to_owned()));
    let body = content.body.trim();
    let body = if body.is_empty() { words.no_text } else { body };
    blocks.extend(body.split("\n\n").map(|text| Block::Paragraph(text.to_owned())));
    if !content.attachments.is_empty() {
        blocks.push(Block::Heading(2, words.attachments.to_owned()));
        for attachment in &content.attachments {
            blocks.push(Block::Paragraph(format!(
                "{}\n{}, {} bytes\nSHA-256 {}",
                attachment.name,
                attachment.content_type,
                attachment.bytes.len(),
                attachment.sha256
            )));
        }
    }
    blocks.push(Block::Quiet(format!(
        "{} {} ({}). {}",
        words.made,
        source.made_by,
        source.made_at.strftime("%Y-%m-%d %H:%M UTC"),
        words.embedded
    )));
    blocks
}

struct Words {
    from: &'static str,
    to: &'static str,
    cc: &'static str,
    date: &'static str,
    proof: &'static str,
    message: &'static str,
    attachments: &'static str,
    no_subject: &'static str,
    no_text: &'static str,
    made: &'static str,
    embedded: &'static str,
}

impl Words {
    fn of(language: Language) -> Self {
        match language {
            Language::Dutch => Self {
                from: "Van",
                to: "Aan",
                cc: "Kopie",
                date: "Datum",
                proof: "Bewijs",
                message: "Bericht",
                attachments: "Bijlagen",
                no_subject: "(geen onderwerp)",
                no_text: "(geen tekst)",
                made: "Kopie gemaakt door",
                embedded: "Het oorspronkelijke bericht zit ongewijzigd in dit bestand (bericht.eml).",
            },
            Language::English => Self {
                from: "From",
                to: "To",
                cc: "Cc",
                date: "Date",
                proof: "Proof",
                message: "Message",
                attachments: "Attachments",
                no_subject: "(no subject)",
                no_text: "(no text)",
                made: "Copy made by",
                embedded: "The original message is embedded unchanged in this file (bericht.eml).",
            },
        }
    }
}

fn metadata(source: &Source<'_>, content: &Content) -> Metadata {
    let title = crate::plain::harmless(&content.subject).replace('\n', " ");
    Metadata::new()
        .title(if title.trim().is_empty() { "E-mail".to_owned() } else { title })
        .language(language(source.language).to_owned())
        .creator("Zorgzegel".to_owned())
        .creation_date(date(source))
}

fn date(source: &Source<'_>) -> DateTime {
    let time = TimeZone::UTC.to_datetime(source.made_at);
    let small = |number: i8| u8::try_from(number).unwrap_or(0);
    DateTime::new(u16::try_from(time.year()).unwrap_or(1970))
        .month(small(time.month()))
        .day(small(time.day()))
        .hour(small(time.hour()))
        .minute(small(time.minute()))
        .second(small(time.second()))
        .utc_offset_hour(0)
        .utc_offset_minute(0)
}

fn embed(document: &mut Document, source: &Source<'_>) -> Result<(), CopyError> {
    let xml = xml(source)?;
    for (name, mime, kind, data) in [
        ("bericht.eml", "message/rfc822", AssociationKind::Source, source.message.bytes().to_vec()),
        ("bericht.xml", "application/xml", AssociationKind::Data, xml),
    ] {
        document
            .embed_file(EmbeddedFile {
                path: name.to_owned(),
                mime_type: MimeType::new(mime),
                description: Some(name.to_owned()),
                association_kind: kind,
                data: data.into(),
                modification_date: Some(date(source)),
                compress: None,
                location: None,
            })
            .ok_or_else(|| CopyError::Pdf(format!("{name} cannot be embedded")))?;
    }
    Ok(())
}

fn language(language: Language) -> &'static str {
    match language {
        Language::Dutch => "nl",
        Language::English => "en",
    }
}
