//! The tree of tags: what a screen reader reads (PDF/UA-1, ISO 14289-1).

use core::num::{NonZeroU16, NonZeroU32};

use krilla::tagging::{
    Identifier, ListNumbering, Node as Child, TableHeaderScope, Tag, TagGroup, TagKind, TagTree,
};

use crate::block::Heads;

/// A node, by its number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct NodeId(usize);

/// What a node is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Kind {
    Root,
    Heading(u16, String),
    Paragraph,
    Quote,
    List { numbered: bool },
    Item,
    Label,
    Body,
    Table,
    Row,
    Header(Heads, usize),
    Data(usize),
    Figure(String),
}

/// The tree, while it grows.
pub(crate) struct Tree {
    nodes: Vec<(Kind, Vec<NodeId>)>,
}

impl Tree {
    pub(crate) const ROOT: NodeId = NodeId(0);

    pub(crate) fn new() -> Self {
        Self { nodes: vec![(Kind::Root, Vec::new())] }
    }

    /// Adds a node behind the other children of its parent.
    pub(crate) fn add(&mut self, parent: NodeId, kind: Kind) -> NodeId {
        let id = NodeId(self.nodes.len());
        self.nodes.push((kind, Vec::new()));
        if let Some((_, children)) = self.nodes.get_mut(parent.0) {
            children.push(id);
        }
        id
    }

    /// The tree for the page writer. `content` has the marked content of each node, in order.
    pub(crate) fn build(&self, content: &mut [Vec<Identifier>], language: &str) -> TagTree {
        let mut tree = TagTree::new().with_lang(Some(language.to_owned()));
        for child in self.children(Self::ROOT) {
            if let Some(group) = self.group(*child, content) {
                tree.push(group);
            }
        }
        tree
    }

    /// How many nodes there are.
    pub(crate) fn len(&self) -> usize {
        self.nodes.len()
    }

    fn children(&self, id: NodeId) -> &[NodeId] {
        self.nodes.get(id.0).map_or(&[], |(_, children)| children)
    }

    /// Blocks are nested no deeper than the readers of mail let them, and so is this recursion.
    fn group(&self, id: NodeId, content: &mut [Vec<Identifier>]) -> Option<TagGroup> {
        let (kind, children) = self.nodes.get(id.0)?;
        let mut group = TagGroup::new(tag(kind)?);
        for leaf in content.get_mut(id.0).map(core::mem::take).unwrap_or_default() {
            group.push(Child::Leaf(leaf));
        }
        for child in children {
            if let Some(inner) = self.group(*child, content) {
                group.push(inner);
            }
        }
        (!group.children.is_empty()).then_some(group)
    }
}

impl NodeId {
    pub(crate) fn index(self) -> usize {
        self.0
    }
}

fn tag(kind: &Kind) -> Option<TagKind> {
    let span = |count: &usize| {
        let count = u32::try_from(*count).ok().and_then(NonZeroU32::new);
        count.filter(|count| count.get() > 1)
    };
    Some(match kind {
        Kind::Root => return None,
        Kind::Heading(level, title) => {
            Tag::Hn(NonZeroU16::new(*level)?, Some(title.clone())).into()
        }
        Kind::Paragraph => Tag::P.into(),
        Kind::Quote => Tag::BlockQuote.into(),
        Kind::List { numbered: true } => Tag::L(ListNumbering::Decimal).into(),
        Kind::List { numbered: false } => Tag::L(ListNumbering::Disc).into(),
        Kind::Item => Tag::LI.into(),
        Kind::Label => Tag::Lbl.into(),
        Kind::Body => Tag::LBody.into(),
        Kind::Table => Tag::Table.into(),
        Kind::Row => Tag::TR.into(),
        Kind::Header(heads, columns) => {
            let scope = match heads {
                Heads::Column => TableHeaderScope::Column,
                Heads::Row => TableHeaderScope::Row,
            };
            Tag::TH(scope).with_col_span(span(columns)).into()
        }
        Kind::Data(columns) => Tag::TD.with_col_span(span(columns)).into(),
        Kind::Figure(alt) => Tag::Figure(Some(alt.clone())).into(),
    })
}
