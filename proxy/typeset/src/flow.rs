//! Blocks to pages.

mod table;

use krilla::image::Image;

use crate::block::{Block, From, List, Picture, Run, Style, text_of};
use crate::font::Fonts;
use crate::line::{self, Piece};
use crate::tree::{Kind, NodeId, Tree};
use crate::words::Words;

/// What is drawn, and the node that it belongs to; without one it is an ornament.
pub(crate) struct Op {
    pub(crate) node: Option<NodeId>,
    pub(crate) mark: Mark,
}

/// Something on a page; lengths in points, from the top left.
pub(crate) enum Mark {
    /// A line of text on its base line.
    Text { pieces: Vec<Piece>, x: f32, y: f32, size: f32, shade: Shade },
    /// A filled box.
    Fill { x: f32, y: f32, width: f32, height: f32, shade: Shade },
    /// A picture.
    Picture { image: Image, x: f32, y: f32, width: f32, height: f32 },
}

/// How dark it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shade {
    /// Text.
    Black,
    /// Small print: still seven to one against white (WCAG 1.4.6).
    Grey,
    /// Lines.
    Line,
    /// Behind text.
    Pale,
}

/// A heading for the outline.
pub(crate) struct Headed {
    pub(crate) level: u16,
    pub(crate) title: String,
    pub(crate) page: usize,
    pub(crate) y: f32,
}

/// The pages in the making.
pub(crate) struct Flow<'a> {
    pub(crate) pages: Vec<Vec<Op>>,
    pub(crate) tree: Tree,
    pub(crate) headings: Vec<Headed>,
    pub(crate) fonts: Fonts,
    /// The pages after which text is left out.
    pub(crate) limit: usize,
    /// True where text was left out.
    pub(crate) cut: bool,
    words: &'a Words,
    pictures: &'a dyn Fn(&From) -> Option<Image>,
    y: f32,
    left: f32,
    right: f32,
    /// The next block begins where its frame does.
    tight: bool,
    level: u16,
}

/// How a stretch of text looks.
#[derive(Clone, Copy)]
struct Look {
    size: f32,
    before: f32,
    shade: Shade,
}

/// Where lines begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    Left,
    Right,
}

impl Side {
    fn of(blocks: &[Block]) -> Self {
        match blocks.iter().find_map(Block::direction) {
            Some(true) => Self::Right,
            _ => Self::Left,
        }
    }
}

impl<'a> Flow<'a> {
    pub(crate) fn new(words: &'a Words, pictures: &'a dyn Fn(&From) -> Option<Image>) -> Self {
        Self {
            pages: vec![Vec::new()],
            tree: Tree::new(),
            headings: Vec::new(),
            fonts: Fonts::default(),
            limit: usize::MAX,
            cut: false,
            words,
            pictures,
            y: MARGIN,
            left: MARGIN,
            right: PAGE.0 - MARGIN,
            tight: true,
            level: 0,
        }
    }

    pub(crate) fn blocks(&mut self, parent: NodeId, blocks: &[Block]) {
        for block in blocks {
            if self.cut && self.pages.len() >= self.limit {
                return;
            }
            self.block(parent, block);
        }
    }

    /// Readers of mail bound how deep blocks nest, and so this recursion.
    fn block(&mut self, parent: NodeId, block: &Block) {
        match block {
            Block::Heading(level, runs) => self.heading(parent, *level, runs),
            Block::Paragraph(runs) => {
                let node = self.tree.add(parent, Kind::Paragraph);
                self.text(node, runs, TEXT);
            }
            Block::List(list) => self.list(parent, list),
            Block::Quote(inner) => self.quote(parent, inner),
            Block::Table(data) => self.table(parent, data),
            Block::Picture(picture) => self.picture(parent, picture),
            Block::Pairs(pairs) => self.pairs(parent, pairs),
            Block::Notice(words) => self.notice(parent, words),
            Block::Rule => {
                self.room(12.0);
                self.y += 6.0;
                self.line_across(self.left, self.right);
                self.y += 6.0;
            }
        }
    }

    /// Levels are made to follow one another (PDF/UA-1 section 7.4.2), whatever a mail skips.
    fn heading(&mut self, parent: NodeId, level: u16, runs: &[Run]) {
        let level = level.clamp(1, (self.level + 1).min(6));
        self.level = level;
        let title = first(&text_of(runs), TITLE);
        let look = match level {
            1 => Look { size: 17.0, before: 0.0, ..TEXT },
            2 => Look { size: 13.0, before: 18.0, ..TEXT },
            _ => Look { size: 11.0, before: 12.0, ..TEXT },
        };
        // Two lines of what it heads stand with it.
        self.room(look.before + look.size * LEADING + 2.0 * TEXT.size * LEADING + TEXT.before);
        let bold =
            |run: &Run| Run { text: run.text.clone(), style: Style { bold: true, ..run.style } };
        let runs: Vec<Run> = runs.iter().map(bold).collect();
        let node = self.tree.add(parent, Kind::Heading(level, title.clone()));
        let (page, y) = (self.pages.len() - 1, self.y);
        self.text(node, &runs, look);
        self.headings.push(Headed { level, title, page, y });
    }

    fn list(&mut self, parent: NodeId, list: &List) {
        let node = self.tree.add(parent, Kind::List { numbered: list.first.is_some() });
        for (at, item) in list.items.iter().enumerate() {
            let label = match list.first {
                Some(first) => format!("{}.", u64::from(first) + at as u64),
                None => "•".to_owned(),
            };
            let entry = self.tree.add(node, Kind::Item);
            let name = self.tree.add(entry, Kind::Label);
            self.before(if at == 0 { TEXT.before } else { 2.0 });
            self.room(TEXT.size * LEADING);
            let start = self.y;
            let side = Side::of(item);
            let label = [Run::plain(label)];
            let left = self.left;
            if side == Side::Right {
                let (_, width) = line::widths(&mut self.fonts, &label, TEXT.size);
                self.left = self.right - width - 0.5;
            }
            self.text(name, &label, Look { before: 0.0, ..TEXT });
            (self.left, self.y) = (left, start);
            let body = self.tree.add(entry, Kind::Body);
            self.within(side, INDENT, |flow| {
                flow.tight = true;
                flow.blocks(body, item);
            });
            // An item that shows nothing still has its line.
            self.y = self.y.max(start + TEXT.size * LEADING);
        }
        self.tight = false;
    }

    fn quote(&mut self, parent: NodeId, inner: &[Block]) {
        let node = self.tree.add(parent, Kind::Quote);
        self.before(TEXT.before);
        self.tight = true;
        self.barred(Side::of(inner), |flow| flow.blocks(node, inner));
        self.tight = false;
    }

    fn notice(&mut self, parent: NodeId, words: &str) {
        let node = self.tree.add(parent, Kind::Paragraph);
        self.before(10.0);
        self.tight = true;
        let bold = Style { bold: true, mono: false };
        let runs = [Run { text: words.to_owned(), style: bold }];
        self.barred(Side::Left, |flow| flow.text(node, &runs, TEXT));
    }

    /// Sets something with a bar where its lines begin, on each page that it takes.
    fn barred(&mut self, side: Side, set: impl FnOnce(&mut Self)) {
        let (page, y) = (self.pages.len() - 1, self.y);
        let x = match side {
            Side::Left => self.left + 1.0,
            Side::Right => self.right - 3.0,
        };
        self.within(side, INDENT - 4.0, set);
        let last = self.pages.len() - 1;
        for at in page..=last {
            let top = if at == page { y } else { MARGIN };
            let bottom = if at == last { self.y } else { PAGE.1 - MARGIN };
            if let Some(ops) = self.pages.get_mut(at)
                && bottom > top
            {
                let height = bottom - top;
                let bar = Mark::Fill { x, y: top, width: 2.0, height, shade: Shade::Line };
                ops.push(Op { node: None, mark: bar });
            }
        }
    }

    fn within(&mut self, side: Side, indent: f32, set: impl FnOnce(&mut Self)) {
        let (left, right) = (self.left, self.right);
        // Deep inside there is still room for a few words.
        match side {
            Side::Left => self.left = (left + indent).min(right - NARROW),
            Side::Right => self.right = (right - indent).max(left + NARROW),
        }
        set(self);
        (self.left, self.right) = (left, right);
    }

    fn picture(&mut self, parent: NodeId, picture: &Picture) {
        let Some(image) = (self.pictures)(&picture.from) else {
            let colon = if picture.alt.is_empty() { "" } else { ": " };
            let words = format!("[{}{colon}{}]", self.words.picture_absent, picture.alt);
            return self.block(parent, &Block::Paragraph(vec![Run::plain(words)]));
        };
        let alt = match picture.alt.trim() {
            "" => self.words.picture_nameless.to_owned(),
            alt => first(alt, TITLE),
        };
        let (width, height) = image.size();
        // A point has four thirds of a dot of the web.
        let (width, height) = (width as f32 * 0.75, height as f32 * 0.75);
        let most = (self.right - self.left, PAGE.1 - 2.0 * MARGIN - 20.0);
        let scale = (most.0 / width).min(most.1 / height).min(1.0);
        let (width, height) = (width * scale, height * scale);
        self.before(TEXT.before);
        self.room(height);
        let node = self.tree.add(parent, Kind::Figure(alt));
        let mark = Mark::Picture { image, x: self.left, y: self.y, width, height };
        self.push(Some(node), mark);
        self.y += height;
    }

    fn text(&mut self, node: NodeId, runs: &[Run], look: Look) {
        self.before(look.before);
        let lines = line::lines(&mut self.fonts, runs, look.size, self.right - self.left);
        for line in lines {
            self.room(look.size * LEADING);
            if self.pages.len() > self.limit {
                self.cut = true;
                return;
            }
            self.y += look.size * LEADING;
            let y = self.y - BASE * look.size;
            let mark = Mark::Text {
                pieces: line.pieces,
                x: self.left,
                y,
                size: look.size,
                shade: look.shade,
            };
            self.push(Some(node), mark);
        }
    }

    /// The distance to what stands above.
    fn before(&mut self, distance: f32) {
        if !core::mem::take(&mut self.tight) {
            self.y += distance;
        }
    }

    /// Goes on to the next page where this much does not fit.
    fn room(&mut self, height: f32) {
        if self.y + height > PAGE.1 - MARGIN && self.y > MARGIN {
            self.pages.push(Vec::new());
            self.y = MARGIN;
        }
    }

    fn push(&mut self, node: Option<NodeId>, mark: Mark) {
        if let Some(page) = self.pages.last_mut() {
            page.push(Op { node, mark });
        }
    }

    fn line_across(&mut self, from: f32, to: f32) {
        let (x, y, width) = (from, self.y, to - from);
        self.push(None, Mark::Fill { x, y, width, height: 0.6, shade: Shade::Line });
    }
}

/// The beginning of a text, on one line.
pub(crate) fn first(text: &str, characters: usize) -> String {
    let text = crate::plain::harmless(text).replace('\n', " ");
    match text.char_indices().nth(characters) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default().trim_end()),
        None => text,
    }
}

/// A4, in points.
pub(crate) const PAGE: (f32, f32) = (595.28, 841.89);
/// About 2 cm.
pub(crate) const MARGIN: f32 = 57.0;
/// Distance of lines in font sizes.
const LEADING: f32 = 1.4;
/// From the bottom of a line up to its base line, in font sizes.
const BASE: f32 = 0.4;
const INDENT: f32 = 16.0;
/// What is left for text however deep it stands.
const NARROW: f32 = 120.0;
/// Characters of a title or an alternative text.
pub(crate) const TITLE: usize = 300;
const TEXT: Look = Look { size: 10.5, before: 7.0, shade: Shade::Black };
