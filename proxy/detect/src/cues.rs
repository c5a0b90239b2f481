use std::cmp::Reverse;

use lexicon::hash;
use lexicon::led::Led;
use lexicon::small::Part;

use crate::kept::short;
use crate::tokens::Token;

/// Words that tell whether a text is about one person or about no one in particular, in groups.
#[derive(Debug)]
pub(crate) struct Cues {
    /// Each with its number.
    led: Led<u32>,
    /// The group and the weight of each entry, by its number.
    told: Vec<(usize, f32)>,
    groups: Vec<String>,
}

/// A place of a cue in a block, as it is kept: the entry by its number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Met {
    start: u32,
    number: u32,
}

impl Met {
    pub(crate) fn start(self) -> usize {
        self.start as usize
    }
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

impl Cues {
    pub(crate) fn new() -> Self {
        let (mut groups, mut told, mut all) = (Vec::<String>::new(), Vec::new(), Vec::new());
        let mut group = 0;
        for line in lexicon::CUES.lines().filter(|line| !line.starts_with('#')) {
            if let Some(name) = line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
                group = groups.iter().position(|known| known == name).unwrap_or(groups.len());
                if group == groups.len() {
                    groups.push(name.to_owned());
                }
                continue;
            }
            for entry in lexicon::entries(line) {
                let (words, weight) = entry.split_once('=').unwrap_or((entry, "1"));
                all.push((words.trim(), short(told.len())));
                told.push((group, weight.parse().unwrap_or(1.0)));
            }
        }
        Self { led: Led::new(all.into_iter()), told, groups }
    }

    /// The names of the groups, in the order of their numbers.
    pub(crate) fn groups(&self) -> &[String] {
        &self.groups
    }

    /// A cue as it is weighed, its place told from here on.
    pub(crate) fn cue(&self, met: Met, from: usize) -> Cue {
        let word = met.number as usize;
        let (group, weight) = self.told.get(word).copied().unwrap_or_default();
        Cue { start: met.start().saturating_sub(from), group, weight, word }
    }

    /// The cues of a text, none over another; `tokens` are its words.
    pub(crate) fn find(&self, text: &str, tokens: &[Token<'_>]) -> Vec<Met> {
        let (mut out, mut free) = (Vec::new(), 0);
        let mut at = |start: usize, leads: &[(u64, usize)]| {
            let all = leads.iter().flat_map(|lead| self.led.at(text, start, *lead, |_| true));
            // The longest is the one that is meant.
            let longest = all.max_by_key(|(words, number)| (words.len(), Reverse(*number)));
            if let Some((words, number)) = longest
                && start >= free
            {
                free = start + words.len();
                if lexicon::stands_alone(text, start, free) {
                    out.push(Met { start: short(start), number });
                }
            }
        };
        for token in tokens {
            if token.odd && token.text.contains('\'') {
                let lower = token.lower();
                // "mama's": a part of it may be a word of its own.
                let mut from = 0;
                for part in lower.split('\'') {
                    let rest = lower.get(from..).unwrap_or_default();
                    let start = token.start + from;
                    let leads = [part, rest];
                    at(start, &leads.map(|word| (hash::hash(word.as_bytes()), start + word.len())));
                    from += part.len() + 1;
                }
            } else if token.parts.has(Part::Cue) {
                at(token.start, &[(token.hash, token.end())]);
            }
        }
        out
    }
}
