use std::collections::BTreeSet;

use aho_corasick::{AhoCorasick, MatchKind};

use crate::lexicon;
use crate::zones::Quiet;

/// Words that tell whether a text is about one person or about no one in particular.
#[derive(Debug)]
pub(crate) struct Cues {
    words: AhoCorasick,
    /// For each word: which way it points and how far.
    weights: Vec<(Way, f32)>,
}

/// Which way a cue points.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Way {
    /// One person's care.
    Person,
    /// The reader is the patient: "uw uitslag".
    Reader,
    /// The public, groups, teaching, trade.
    General,
}

/// The cues of a text, each counted once.
#[derive(Debug, Default, Clone)]
pub(crate) struct Found {
    pub(crate) words: BTreeSet<usize>,
    pub(crate) person: f32,
    pub(crate) reader: f32,
    pub(crate) general: f32,
}

impl Cues {
    pub(crate) fn new() -> Self {
        let mut entries = Vec::new();
        for (way, text) in [
            (Way::Person, lexicon::PERSON),
            (Way::Reader, lexicon::READER),
            (Way::General, lexicon::GENERAL),
        ] {
            for entry in lexicon::entries(text) {
                let (word, weight) = entry.split_once('=').unwrap_or((entry, "1"));
                entries.push((word.trim().to_owned(), (way, weight.parse().unwrap_or(1.0))));
            }
        }
        let words = AhoCorasick::builder()
            .ascii_case_insensitive(true)
            .match_kind(MatchKind::LeftmostLongest)
            .build(entries.iter().map(|(word, _)| word));
        debug_assert!(words.is_ok());
        Self {
            words: words.unwrap_or_else(|_| lexicon::nothing()),
            weights: entries.into_iter().map(|(_, weight)| weight).collect(),
        }
    }

    pub(crate) fn find(&self, text: &str, quiet: &Quiet) -> Found {
        let mut out = Found::default();
        for found in self.words.find_iter(text) {
            let index = found.pattern().as_usize();
            if out.words.contains(&index)
                || !lexicon::stands_alone(text, found.start(), found.end())
                || quiet.holds(found.start())
            {
                continue;
            }
            out.words.insert(index);
            if let Some((way, weight)) = self.weights.get(index) {
                out.count(*way, *weight);
            }
        }
        out
    }

    /// How a cue counts, for joining the pieces of a message.
    pub(crate) fn join(&self, all: &mut Found, other: &Found) {
        for &index in &other.words {
            if let Some((way, weight)) = self.weights.get(index)
                && all.words.insert(index)
            {
                all.count(*way, *weight);
            }
        }
    }
}

impl Found {
    fn count(&mut self, way: Way, weight: f32) {
        match way {
            Way::Person => self.person += weight,
            Way::Reader => self.reader += weight,
            Way::General => self.general += weight,
        }
    }
}
