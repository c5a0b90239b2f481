//! Lines on pages: wraps by the widths of the fonts.

use crate::plain::harmless;

/// A stretch of the document.
#[derive(Debug)]
pub(super) enum Block {
    /// A heading of a level.
    Heading(u16, String),
    /// A label and its value.
    Pair(String, String),
    /// Text; its line ends are kept.
    Paragraph(String),
    /// Small print.
    Quiet(String),
}

/// Which font.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Face {
    Regular,
    Bold,
}

/// A line in its place; lengths in points, from the top left.
#[derive(Debug, Clone)]
pub(super) struct Line {
    pub(super) text: String,
    pub(super) x: f32,
    pub(super) y: f32,
    pub(super) size: f32,
    pub(super) face: Face,
    pub(super) quiet: bool,
    pub(super) heading: Option<u16>,
    pub(super) block: usize,
}

/// The pages.
pub(super) struct Layout<'a> {
    pub(super) pages: Vec<Vec<Line>>,
    regular: ttf_parser::Face<'a>,
    bold: ttf_parser::Face<'a>,
    y: f32,
    block: usize,
}

/// How a block is set.
#[derive(Clone, Copy)]
struct Style {
    size: f32,
    face: Face,
    quiet: bool,
    heading: Option<u16>,
    indent: f32,
    before: f32,
}

impl Layout<'_> {
    /// Sets the blocks.
    pub(super) fn of(blocks: &[Block]) -> Option<Self> {
        let regular = ttf_parser::Face::parse(REGULAR, 0).ok()?;
        let bold = ttf_parser::Face::parse(BOLD, 0).ok()?;
        let mut layout = Self { pages: vec![Vec::new()], regular, bold, y: MARGIN, block: 0 };
        for block in blocks {
            layout.block += 1;
            layout.set(block);
        }
        Some(layout)
    }

    fn set(&mut self, block: &Block) {
        let text = Style {
            size: 10.5,
            face: Face::Regular,
            quiet: false,
            heading: None,
            indent: 0.0,
            before: 6.0,
        };
        match block {
            Block::Heading(level, words) => {
                let size = if *level == 1 { 18.0 } else { 12.5 };
                let before = if *level == 1 { 0.0 } else { 16.0 };
                let heading = Some(*level);
                self.lines(words, Style { size, face: Face::Bold, heading, before, ..text });
            }
            Block::Pair(label, value) => {
                let before = 4.0;
                self.lines(label, Style { face: Face::Bold, size: 9.5, before, ..text });
                self.y -= 9.5 * LEADING;
                self.lines(value, Style { indent: LABEL, before: 0.0, ..text });
            }
            Block::Paragraph(words) => self.lines(words, text),
            Block::Quiet(words) => {
                self.lines(words, Style { size: 8.5, quiet: true, before: 18.0, ..text });
            }
        }
    }

    fn lines(&mut self, words: &str, style: Style) {
        self.y += style.before;
        let words = self.covered(&harmless(words), style.face);
        for line in words.split('\n') {
            for text in self.wrap(line, style) {
                self.put(text, style);
            }
        }
    }

    fn put(&mut self, text: String, style: Style) {
        let height = style.size * LEADING;
        if self.y + height > PAGE.1 - MARGIN {
            self.pages.push(Vec::new());
            self.y = MARGIN;
        }
        self.y += height;
        if text.trim().is_empty() {
            return;
        }
        let line = Line {
            text,
            x: MARGIN + style.indent,
            y: self.y - 0.25 * height,
            size: style.size,
            face: style.face,
            quiet: style.quiet,
            heading: style.heading,
            block: self.block,
        };
        if let Some(page) = self.pages.last_mut() {
            page.push(line);
        }
    }

    /// Breaks at blanks; a word that is longer than a line is cut.
    fn wrap(&self, line: &str, style: Style) -> Vec<String> {
        let room = PAGE.0 - 2.0 * MARGIN - style.indent;
        let mut lines = Vec::new();
        let mut current = String::new();
        let mut width = 0.0;
        for word in line.split_inclusive(' ') {
            let word_width = self.width(word, style);
            if width + word_width > room && !current.is_empty() {
                lines.push(core::mem::take(&mut current));
                width = 0.0;
            }
            if word_width <= room {
                current.push_str(word);
                width += word_width;
                continue;
            }
            for c in word.chars() {
                let step = self.advance(c, style);
                if width + step > room && !current.is_empty() {
                    lines.push(core::mem::take(&mut current));
                    width = 0.0;
                }
                current.push(c);
                width += step;
            }
        }
        lines.push(current);
        lines
    }

    fn width(&self, text: &str, style: Style) -> f32 {
        text.chars().map(|c| self.advance(c, style)).sum()
    }

    fn advance(&self, c: char, style: Style) -> f32 {
        let face = self.face(style.face);
        let glyph = face.glyph_index(c).unwrap_or(ttf_parser::GlyphId(0));
        let units = face.glyph_hor_advance(glyph).unwrap_or(600);
        f32::from(units) / f32::from(face.units_per_em()) * style.size
    }

    /// Characters that the font does not have are shown by their number, never left out.
    fn covered(&self, text: &str, face: Face) -> String {
        let face = self.face(face);
        text.chars().fold(String::with_capacity(text.len()), |mut out, c| {
            if c == '\n' || face.glyph_index(c).is_some() {
                out.push(c);
            } else {
                out.push_str(&format!("[U+{:04X}]", u32::from(c)));
            }
            out
        })
    }

    fn face(&self, face: Face) -> &ttf_parser::Face<'_> {
        match face {
            Face::Regular => &self.regular,
            Face::Bold => &self.bold,
        }
    }
}

/// A4, in points.
pub(super) const PAGE: (f32, f32) = (595.28, 841.89);
/// About 2 cm.
pub(super) const MARGIN: f32 = 57.0;
/// Where values stand beside their labels.
const LABEL: f32 = 84.0;
/// Distance of lines in font sizes.
const LEADING: f32 = 1.4;

pub(super) const REGULAR: &[u8] = include_bytes!("../../fonts/NotoSans-Regular.ttf");
pub(super) const BOLD: &[u8] = include_bytes!("../../fonts/NotoSans-Bold.ttf");
