//! What is set on pages: a tree of blocks, of bounded depth.

use crate::line::direction;

/// A stretch of a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Block {
    /// A heading; 1 is the highest.
    Heading(u16, Vec<Run>),
    /// A paragraph. A `\n` in it ends a line.
    Paragraph(Vec<Run>),
    /// A list.
    List(List),
    /// What somebody else wrote.
    Quote(Vec<Self>),
    /// A table of data.
    Table(Table),
    /// A picture of the message.
    Picture(Picture),
    /// Labels and values, beside each other.
    Pairs(Vec<(String, Vec<Run>)>),
    /// A remark of ours, set apart.
    Notice(String),
    /// A line across.
    Rule,
}

/// A stretch of text in one style.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    /// The text.
    pub text: String,
    /// Its style.
    pub style: Style,
}

/// How text looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Style {
    /// Bold.
    pub bold: bool,
    /// All letters as wide.
    pub mono: bool,
}

/// A list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct List {
    /// The number of the first item; `None` where items have dots.
    pub first: Option<u32>,
    /// The items.
    pub items: Vec<Vec<Block>>,
}

/// A table: rows of cells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// The rows.
    pub rows: Vec<Vec<Cell>>,
}

impl Table {
    /// How many columns it has.
    #[must_use]
    pub fn columns(&self) -> usize {
        let width = |row: &Vec<Cell>| row.iter().map(|cell| cell.span).sum();
        self.rows.iter().map(width).max().unwrap_or(0)
    }
}

impl Table {
    /// As [`Block::direction`].
    pub(crate) fn direction(&self) -> Option<bool> {
        self.rows.iter().flatten().find_map(|cell| direction_of(&cell.runs))
    }
}

fn direction_of(runs: &[Run]) -> Option<bool> {
    runs.iter().find_map(|run| direction(&run.text))
}

/// A cell of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cell {
    /// What it heads, where it is a header.
    pub heads: Option<Heads>,
    /// How many columns it takes, at least 1.
    pub span: usize,
    /// Its text.
    pub runs: Vec<Run>,
}

/// What a header cell heads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Heads {
    /// The column below it.
    Column,
    /// The row behind it.
    Row,
}

/// A picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    /// Where its bytes are.
    pub from: From,
    /// What it shows, in words; may be empty.
    pub alt: String,
}

/// Where the bytes of a picture are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum From {
    /// In the part of the message with this Content-ID.
    Part(String),
    /// In the HTML itself (`data:`).
    Here(Vec<u8>),
}

impl Block {
    /// Whether what it says is written from right to left; `None` where it says nothing. Readers of mail
    /// bound how deep blocks nest, and so this recursion.
    pub(crate) fn direction(&self) -> Option<bool> {
        match self {
            Self::Heading(_, runs) | Self::Paragraph(runs) => direction_of(runs),
            Self::List(list) => list.items.iter().flatten().find_map(Self::direction),
            Self::Quote(inner) => inner.iter().find_map(Self::direction),
            Self::Table(table) => table.direction(),
            Self::Picture(_) | Self::Pairs(_) | Self::Notice(_) | Self::Rule => None,
        }
    }
}

impl Run {
    /// Text in the ordinary style.
    pub fn plain(text: impl Into<String>) -> Self {
        Self { text: text.into(), style: Style::default() }
    }

    /// Text in letters of one width.
    pub fn mono(text: impl Into<String>) -> Self {
        Self { text: text.into(), style: Style { mono: true, bold: false } }
    }
}

/// The text of runs, without their styles.
#[must_use]
pub fn text_of(runs: &[Run]) -> String {
    runs.iter().map(|run| run.text.as_str()).collect()
}
