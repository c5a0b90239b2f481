use super::table::{self, Raw};
use super::{DEPTH, Read, TEXT};
use crate::block::{Block, List, Picture, Run, Style, text_of};

/// Blocks in the making: a stack of what is open.
#[derive(Debug, Default)]
pub(super) struct Builder {
    root: Frame,
    open: Vec<Frame>,
    /// Elements that are open too deep and have no frame, by their sort.
    flattened: [usize; 3],
    runs: Vec<Run>,
    /// A blank is due before the next letter.
    blank: bool,
    heading: Option<u16>,
    link: Option<Link>,
    pub(super) bold: usize,
    pub(super) mono: usize,
    pre: usize,
    bytes: usize,
    blocks: usize,
    cut: bool,
    absent: String,
}

#[derive(Debug, Default)]
struct Frame {
    kind: Kind,
    blocks: Vec<Block>,
    items: Vec<Vec<Block>>,
    rows: Vec<Vec<Raw>>,
}

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) enum Kind {
    #[default]
    Root,
    Quote,
    /// With the number of its first item.
    List(Option<u32>),
    Item,
    Table,
    Row,
    Cell {
        heads: bool,
        span: usize,
        rows: usize,
    },
}

impl Kind {
    pub(super) const CELL: Self = Self::Cell { heads: false, span: 1, rows: 1 };

    fn same(&self, other: &Self) -> bool {
        core::mem::discriminant(self) == core::mem::discriminant(other)
    }

    /// Those that can nest without end have a number.
    fn sort(&self) -> Option<usize> {
        match self {
            Self::Quote => Some(0),
            Self::List(_) => Some(1),
            Self::Table => Some(2),
            _ => None,
        }
    }
}

#[derive(Debug)]
struct Link {
    to: String,
    shown: String,
}

impl Builder {
    pub(super) fn new(absent: &str) -> Self {
        Self { absent: absent.to_owned(), ..Self::default() }
    }

    pub(super) fn finish(mut self) -> Read {
        self.close_link();
        self.flush();
        while !self.open.is_empty() {
            self.pop();
        }
        Read { blocks: self.root.blocks, cut: self.cut }
    }

    pub(super) fn text(&mut self, text: &str) {
        if self.pre > 0 {
            self.push(text);
            return;
        }
        for (at, word) in text.split(BLANK).enumerate() {
            self.blank |= at > 0;
            if word.is_empty() {
                continue;
            }
            let begins = self.runs.last().is_none_or(|run| run.text.ends_with('\n'));
            if core::mem::take(&mut self.blank) && !begins {
                self.push(" ");
            }
            self.push(word);
        }
    }

    pub(super) fn line(&mut self) {
        self.blank = false;
        self.push("\n");
    }

    fn push(&mut self, text: &str) {
        if self.cut || self.bytes + text.len() > TEXT {
            self.cut = true;
            return;
        }
        self.bytes += text.len();
        if let Some(link) = &mut self.link
            && link.shown.len() < ADDRESS
        {
            link.shown.push_str(text);
        }
        let style = Style { bold: self.bold > 0, mono: self.mono + self.pre > 0 };
        match self.runs.last_mut() {
            Some(run) if run.style == style => run.text.push_str(text),
            _ => self.runs.push(Run { text: text.to_owned(), style }),
        }
    }

    /// Ends the paragraph or heading that is being written.
    pub(super) fn flush(&mut self) {
        self.blank = false;
        let mut runs = core::mem::take(&mut self.runs);
        while let Some(last) = runs.last_mut() {
            last.text.truncate(last.text.trim_end().len());
            if !last.text.is_empty() {
                break;
            }
            runs.pop();
        }
        if let Some(first) = runs.first_mut() {
            let lines = first.text.trim_start_matches(['\n', '\r']);
            first.text = lines.to_owned();
        }
        if text_of(&runs).trim().is_empty() {
            return;
        }
        self.add(match self.heading {
            Some(level) => Block::Heading(level, runs),
            None => Block::Paragraph(runs),
        });
    }

    fn add(&mut self, block: Block) {
        if self.blocks >= BLOCKS {
            self.cut = true;
            return;
        }
        self.blocks += 1;
        self.top().blocks.push(block);
    }

    fn top(&mut self) -> &mut Frame {
        self.open.last_mut().unwrap_or(&mut self.root)
    }

    pub(super) fn heading(&mut self, level: u16) {
        self.flush();
        self.heading = Some(level);
    }

    pub(super) fn end_heading(&mut self) {
        self.flush();
        self.heading = None;
    }

    pub(super) fn open_pre(&mut self) {
        self.flush();
        self.pre += 1;
    }

    pub(super) fn close_pre(&mut self) {
        self.flush();
        self.pre = self.pre.saturating_sub(1);
    }

    pub(super) fn rule(&mut self) {
        self.flush();
        self.add(Block::Rule);
    }

    pub(super) fn picture(&mut self, picture: Picture) {
        self.flush();
        self.add(Block::Picture(picture));
    }

    /// A picture that is not in the message.
    pub(super) fn absent(&mut self, alt: &str) {
        let colon = if alt.is_empty() { "" } else { ": " };
        self.text(&format!(" [{}{colon}{alt}] ", self.absent));
    }

    pub(super) fn open_link(&mut self, to: &str) {
        self.close_link();
        self.link = Some(Link { to: to.trim().to_owned(), shown: String::new() });
    }

    /// Says where a link leads, unless its own words say so.
    pub(super) fn close_link(&mut self) {
        let Some(Link { to, shown }) = self.link.take() else {
            return;
        };
        let known = SCHEMES.iter().any(|scheme| {
            to.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme))
        });
        let plain = |text: &str| {
            let text = text.trim().to_lowercase();
            let text = SCHEMES.iter().find_map(|scheme| text.strip_prefix(scheme)).unwrap_or(&text);
            text.trim_start_matches('/').trim_end_matches('/').to_owned()
        };
        if known && plain(&to) != plain(&shown) {
            let cut = to.char_indices().nth(ADDRESS).map(|(at, _)| at);
            let more = if cut.is_some() { "…" } else { "" };
            let to = to.get(..cut.unwrap_or(to.len())).unwrap_or_default().to_owned();
            self.text(&format!(" <{to}{more}>"));
        }
    }

    /// Opens a quote, a list or a table; too deep, its text joins what is around it.
    pub(super) fn open(&mut self, kind: Kind) {
        self.flush();
        let deep = self.open.iter().filter(|frame| frame.kind.sort().is_some()).count();
        match kind.sort() {
            Some(sort) if deep >= DEPTH => {
                if let Some(count) = self.flattened.get_mut(sort) {
                    *count += 1;
                }
            }
            _ => self.open.push(Frame { kind, ..Frame::default() }),
        }
    }

    /// Closes the innermost of its kind; a cell keeps what is in it from closing what is around it.
    pub(super) fn close(&mut self, kind: &Kind) {
        self.flush();
        if let Some(count) = kind.sort().and_then(|sort| self.flattened.get_mut(sort))
            && *count > 0
        {
            *count -= 1;
            return;
        }
        if let Some(at) = self.find(kind) {
            while self.open.len() > at {
                self.pop();
            }
        }
    }

    /// Where the innermost of its kind stands, within what bounds it.
    fn find(&self, kind: &Kind) -> Option<usize> {
        let bound = |frame: &Frame| match kind {
            Kind::Table => false,
            Kind::Row | Kind::Cell { .. } => frame.kind == Kind::Table,
            Kind::Item => matches!(frame.kind, Kind::Table | Kind::Cell { .. } | Kind::List(_)),
            _ => matches!(frame.kind, Kind::Table | Kind::Cell { .. }),
        };
        for (at, frame) in self.open.iter().enumerate().rev() {
            if frame.kind.same(kind) {
                return Some(at);
            }
            if bound(frame) {
                return None;
            }
        }
        None
    }

    pub(super) fn item(&mut self) {
        self.close(&Kind::Item);
        if let Some(at) = self.find(&Kind::List(None)) {
            while self.open.len() > at + 1 {
                self.pop();
            }
            self.open.push(Frame { kind: Kind::Item, ..Frame::default() });
        }
    }

    pub(super) fn row(&mut self) {
        self.flush();
        if self.flattened.get(2).is_some_and(|count| *count > 0) {
            return;
        }
        if let Some(at) = self.find(&Kind::Table) {
            while self.open.len() > at + 1 {
                self.pop();
            }
            self.open.push(Frame { kind: Kind::Row, ..Frame::default() });
        }
    }

    pub(super) fn cell(&mut self, heads: bool, span: usize, rows: usize) {
        self.flush();
        if self.flattened.get(2).is_some_and(|count| *count > 0) {
            return;
        }
        let Some(table) = self.find(&Kind::Table) else {
            return;
        };
        if self.find(&Kind::Row).is_none_or(|row| row < table) {
            self.row();
        }
        let row = self.find(&Kind::Row).unwrap_or(table);
        while self.open.len() > row + 1 {
            self.pop();
        }
        self.open.push(Frame { kind: Kind::Cell { heads, span, rows }, ..Frame::default() });
    }

    /// Closes the innermost frame and gives what it holds to the one around it.
    fn pop(&mut self) {
        self.flush();
        let Some(mut frame) = self.open.pop() else {
            return;
        };
        let around = self.open.last_mut().unwrap_or(&mut self.root);
        let stray = core::mem::take(&mut frame.blocks);
        match frame.kind {
            Kind::Root => around.blocks.extend(stray),
            Kind::Quote if stray.is_empty() => {}
            Kind::Quote => around.blocks.push(Block::Quote(stray)),
            Kind::Item => around.items.push(stray),
            Kind::List(first) => {
                around.blocks.extend(stray);
                frame.items.retain(|item| !item.is_empty());
                if !frame.items.is_empty() {
                    around.blocks.push(Block::List(List { first, items: frame.items }));
                }
            }
            Kind::Cell { heads, span, rows } => {
                let cell = Raw { heads, span, rows, blocks: stray };
                match around.rows.last_mut() {
                    Some(row) => row.push(cell),
                    None => around.rows.push(vec![cell]),
                }
            }
            Kind::Row => {
                around.blocks.extend(stray);
                around.rows.extend(frame.rows);
            }
            // What stands in a table and in none of its cells comes before it.
            Kind::Table => {
                around.blocks.extend(stray);
                around.blocks.extend(table::settle(frame.rows));
            }
        }
    }
}

/// The blanks of HTML; a no-break space is none.
const BLANK: [char; 5] = [' ', '\t', '\n', '\r', '\u{c}'];
/// Blocks of one text: each may cost a tag on the page.
const BLOCKS: usize = 50_000;
/// Characters of a link's address that are shown; the rest is in the original.
const ADDRESS: usize = 200;
const SCHEMES: [&str; 5] = ["https://", "http://", "mailto:", "tel:", "ftp://"];
