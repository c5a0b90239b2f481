//! Pages to PDF.

use copies::{Content, Source};
use jiff::tz::TimeZone;
use krilla::color::rgb;
use krilla::configure::{Accessibility, Archival, ConfigurationBuilder};
use krilla::destination::XyzDestination;
use krilla::embed::{EmbeddedFile, MimeType};
use krilla::error::KrillaError;
use krilla::geom::{PathBuilder, Point, Rect, Size, Transform};
use krilla::metadata::{DateTime, Metadata};
use krilla::num::NormalizedF32;
use krilla::outline::{Outline, OutlineNode};
use krilla::page::PageSettings;
use krilla::paint::Fill;
use krilla::surface::Surface;
use krilla::tagging::{Artifact, ArtifactType, ContentTag, Identifier, SpanTag};
use krilla::{Document, SerializeSettings};

use crate::block::Run;
use crate::flow::{Flow, MARGIN, Mark, Op, PAGE, Shade, TITLE, first};
use crate::font::Fonts;
use crate::line;
use crate::tree::NodeId;
use crate::words::Words;
use crate::{Failed, File};

/// Writes the pages that were set.
pub(crate) fn draw(
    source: &Source<'_>,
    content: &Content,
    flow: Flow<'_>,
    files: Vec<File>,
    words: &Words,
) -> Result<Vec<u8>, Failed> {
    let language = source.about.language.code();
    let title = match first(content.subject.trim(), TITLE).trim() {
        "" => words.no_subject.to_owned(),
        title => title.to_owned(),
    };
    let mut document = document()?;
    let Flow { pages, tree, headings, mut fonts, .. } = flow;
    let mut marked: Vec<Vec<Identifier>> = (0..tree.len()).map(|_| Vec::new()).collect();
    let count = pages.len();
    for (at, ops) in pages.into_iter().enumerate() {
        let settings =
            PageSettings::from_wh(PAGE.0, PAGE.1).ok_or(Failed::Other("size of a page"))?;
        let mut page = document.start_page_with(settings);
        let mut surface = page.surface();
        content_of(&mut surface, &mut fonts, ops, &mut marked);
        footer(
            &mut surface,
            &mut fonts,
            &title,
            &format!("{} {} {} {count}", words.page, at + 1, words.of),
        );
        surface.finish();
        page.finish();
    }
    document.set_tag_tree(tree.build(&mut marked, language));
    let mut outline = Outline::new();
    for heading in headings.iter().filter(|heading| heading.level <= 2) {
        let place = XyzDestination::new(heading.page, Point::from_xy(0.0, heading.y));
        outline.push_child(OutlineNode::new(heading.title.clone(), place));
    }
    document.set_outline(outline);
    document.set_metadata(
        Metadata::new()
            .title(title)
            .language(language.to_owned())
            .creator("Zorgzegel".to_owned())
            .creation_date(date(source)),
    );
    for file in files {
        embed(&mut document, file, date(source))?;
    }
    document.finish().map_err(failed)
}

/// PDF/A-3a (ISO 19005-3) and PDF/UA-1 (ISO 14289-1): the writer refuses what would not conform.
fn document() -> Result<Document, Failed> {
    let configuration = ConfigurationBuilder::new()
        .with_archival_validator(Archival::A3_A)
        .with_accessibility_validator(Accessibility::UA1)
        .finish()
        .map_err(|_| Failed::Other("standards"))?;
    Ok(Document::new_with(SerializeSettings { configuration, ..SerializeSettings::default() }))
}

fn failed(error: KrillaError) -> Failed {
    match error {
        KrillaError::Image(..) | KrillaError::SixteenBitImage(..) => Failed::Picture,
        KrillaError::Validation(errors) => {
            // Only what kind of fault it is: the rest would be text of the mail.
            let kinds = errors.iter().map(|(error, _)| kind(&format!("{error:?}")));
            let mut kinds: Vec<String> = kinds.collect();
            kinds.dedup();
            Failed::Refused(kinds.join(", "))
        }
        other => Failed::Refused(kind(&format!("{other:?}"))),
    }
}

fn kind(debug: &str) -> String {
    debug.chars().take_while(char::is_ascii_alphanumeric).collect()
}

/// Draws what belongs together as one stretch of marked content.
fn content_of(
    surface: &mut Surface<'_>,
    fonts: &mut Fonts,
    ops: Vec<Op>,
    marked: &mut [Vec<Identifier>],
) {
    let mut open: Option<Option<NodeId>> = None;
    for Op { node, mark } in ops {
        if open != Some(node) {
            if open.is_some() {
                surface.end_tagged();
            }
            let tag = match (&mark, node) {
                (_, None) => ContentTag::Artifact(Artifact::with_kind(ArtifactType::Layout)),
                (Mark::Text { .. }, Some(_)) => ContentTag::Span(SpanTag::empty()),
                (_, Some(_)) => ContentTag::Other,
            };
            let id = surface.start_tagged(tag);
            if let Some(list) = node.and_then(|node| marked.get_mut(node.index())) {
                list.push(id);
            }
            open = Some(node);
        }
        put(surface, fonts, mark);
    }
    if open.is_some() {
        surface.end_tagged();
    }
}

fn put(surface: &mut Surface<'_>, fonts: &mut Fonts, mark: Mark) {
    match mark {
        Mark::Text { pieces, x, y, size, shade } => {
            surface.set_fill(Some(fill(shade)));
            for piece in pieces {
                if let Some(font) = fonts.page(piece.font) {
                    let place = Point::from_xy(x + piece.x, y);
                    surface.draw_glyphs(place, &piece.glyphs, font, &piece.text, size, false);
                }
            }
        }
        Mark::Fill { x, y, width, height, shade } => {
            let mut path = PathBuilder::new();
            if let Some(rect) = Rect::from_xywh(x, y, width, height) {
                path.push_rect(rect);
            }
            if let Some(path) = path.finish() {
                surface.set_fill(Some(fill(shade)));
                surface.draw_path(&path);
            }
        }
        Mark::Picture { image, x, y, width, height } => {
            if let Some(size) = Size::from_wh(width, height) {
                surface.push_transform(&Transform::from_translate(x, y));
                surface.draw_image(image, size);
                surface.pop();
            }
        }
    }
}

fn fill(shade: Shade) -> Fill {
    let grey = match shade {
        Shade::Black => 0,
        Shade::Grey => 80,
        Shade::Line => 160,
        Shade::Pale => 238,
    };
    Fill {
        paint: rgb::Color::new(grey, grey, grey).into(),
        opacity: NormalizedF32::ONE,
        ..Fill::default()
    }
}

fn footer(surface: &mut Surface<'_>, fonts: &mut Fonts, title: &str, number: &str) {
    surface.start_tagged(ContentTag::Artifact(Artifact::with_kind(ArtifactType::Footer)));
    let y = PAGE.1 - MARGIN / 2.0;
    let room = PAGE.0 - 2.0 * MARGIN;
    for (text, right) in [(first(title, 80), false), (number.to_owned(), true)] {
        let runs = [Run::plain(text)];
        let (_, width) = line::widths(fonts, &runs, FOOTER);
        let x = if right { MARGIN + room - width } else { MARGIN };
        if let Some(line) = line::lines(fonts, &runs, FOOTER, width + 1.0).into_iter().next() {
            let pieces = line.pieces;
            put(surface, fonts, Mark::Text { pieces, x, y, size: FOOTER, shade: Shade::Grey });
        }
    }
    surface.end_tagged();
}

fn date(source: &Source<'_>) -> DateTime {
    let time = TimeZone::UTC.to_datetime(source.about.made_at);
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

fn embed(document: &mut Document, file: File, date: DateTime) -> Result<(), Failed> {
    // Packing what is packed already, or very large, costs seconds and gains little.
    let compress = file.data.len() <= PACKED && !file.packed;
    document
        .embed_file(EmbeddedFile {
            path: file.name,
            mime_type: MimeType::new(&file.media_type).or_else(|| MimeType::new(OCTETS)),
            description: Some(file.description),
            association_kind: file.kind,
            data: file.data.into(),
            modification_date: Some(date),
            compress: Some(compress),
            location: None,
        })
        .ok_or(Failed::Other("names of files"))
}

const FOOTER: f32 = 8.0;
/// Bytes of a file up to which it is packed.
const PACKED: usize = 8 * 1024 * 1024;
const OCTETS: &str = "application/octet-stream";
