use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};

use crate::lexicon;

/// Words that tell whether a text is about one person or about no one in particular, in groups.
#[derive(Debug)]
pub(crate) struct Cues {
    words: AhoCorasick,
    /// For each word: its group and how telling it is there.
    entries: Vec<(usize, f32)>,
    groups: Vec<String>,
}

/// A cue in a text.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Cue {
    pub(crate) start: usize,
    pub(crate) group: usize,
    pub(crate) weight: f32,
    /// Which word it is: the same word counts once.
    pub(crate) word: usize,
}

impl Cue {
    /// The same, so many bytes further on.
    pub(crate) fn moved(self, by: usize) -> Self {
        Self { start: self.start + by, ..self }
    }
}

impl Cues {
    pub(crate) fn new() -> Self {
        let (mut groups, mut words, mut entries) = (Vec::new(), Vec::new(), Vec::new());
        for line in lexicon::CUES.lines().filter(|line| !line.starts_with('#')) {
            if let Some(group) = line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
                groups.push(group.to_owned());
                continue;
            }
            for entry in lexicon::entries(line) {
                let (word, weight) = entry.split_once('=').unwrap_or((entry, "1"));
                words.push(word.trim().to_owned());
                entries.push((groups.len().saturating_sub(1), weight.parse().unwrap_or(1.0)));
            }
        }
        let automaton = AhoCorasick::builder()
            .ascii_case_insensitive(true)
            .match_kind(MatchKind::LeftmostLongest)
            // Some megabytes, for a third of the time on every text.
            .kind(Some(AhoCorasickKind::DFA))
            .build(&words);
        debug_assert!(automaton.is_ok());
        Self { words: automaton.unwrap_or_else(|_| lexicon::nothing()), entries, groups }
    }

    /// The names of the groups, in the order of their numbers.
    pub(crate) fn groups(&self) -> &[String] {
        &self.groups
    }

    pub(crate) fn find(&self, text: &str) -> Vec<Cue> {
        self.words
            .find_iter(text)
            .filter(|found| lexicon::stands_alone(text, found.start(), found.end()))
            .filter_map(|found| {
                let word = found.pattern().as_usize();
                let &(group, weight) = self.entries.get(word)?;
                Some(Cue { start: found.start(), group, weight, word })
            })
            .collect()
    }
}
