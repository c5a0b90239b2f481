use crate::Kind;
use crate::score::{Evidence, Label, Role, Why};

/// Evidence of a block as it is kept between reading and weighing, in its order. A long text has half a
/// million pieces of it: each takes 24 bytes here.
#[derive(Debug, Default)]
pub(crate) struct Kept {
    all: Box<[Small]>,
    /// The labels of those that have one, in the same order.
    labels: Box<[Label]>,
}

#[derive(Debug, Clone, Copy)]
struct Small {
    start: u32,
    end: u32,
    weight: f32,
    why: Why,
    kind: Kind,
    role: Role,
    titled: bool,
    labelled: bool,
}

impl Kept {
    pub(crate) fn new(evidence: &[Evidence]) -> Self {
        let small = |one: &Evidence| Small {
            start: short(one.start),
            end: short(one.end),
            weight: one.weight,
            why: one.why,
            kind: one.kind,
            role: one.role,
            titled: one.titled,
            labelled: one.label.is_some(),
        };
        Self {
            all: evidence.iter().map(small).collect(),
            labels: evidence.iter().filter_map(|one| one.label).collect(),
        }
    }

    /// How many pieces.
    pub(crate) fn len(&self) -> usize {
        self.all.len()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = Evidence> {
        let mut labels = self.labels.iter();
        self.all.iter().map(move |one| Evidence {
            start: one.start as usize,
            end: one.end as usize,
            kind: one.kind,
            role: one.role,
            weight: one.weight,
            titled: one.titled,
            why: one.why,
            label: if one.labelled { labels.next().copied() } else { None },
        })
    }
}

/// A place in a block, which is far shorter than what the number can tell.
pub(crate) fn short(place: usize) -> u32 {
    u32::try_from(place).unwrap_or(u32::MAX)
}
