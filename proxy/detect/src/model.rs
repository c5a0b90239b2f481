use std::collections::HashMap;

use lexicon::Quick;
use lexicon::hash::{hash, of_pair};
use lexicon::led::Glance;

use crate::features;
use crate::score::Limits;

/// A linear model: each feature and each learnt word has a weight, their sum becomes a score between
/// 0 and 1. The weights stand in `model/`, made by `make train`.
#[derive(Debug)]
pub(crate) struct Model {
    start: f32,
    weights: Vec<f32>,
    /// By the hash of the word or pair of words: its number and its weight.
    words: HashMap<u64, (usize, f32), Quick>,
    /// Most pairs of a text are not among them.
    glance: Glance,
}

/// What a passage comes down to.
pub(crate) struct Gist {
    /// The features, in their order.
    pub(crate) values: Vec<f32>,
    /// The sum of the weights of its words and their pairs.
    pub(crate) words: f32,
    /// Someone is told of.
    pub(crate) anybody: bool,
    /// A labelled number or birth date and a diagnosis, medicine or measurement stand in one sentence, and
    /// nothing says that it is invented.
    pub(crate) sure: bool,
}

impl Model {
    /// The model over the fixed features and the groups of cues, in this order.
    pub(crate) fn new(groups: &[String]) -> Self {
        let weight = |name: &str| {
            let own = lines(WEIGHTS).find(|(known, _)| *known == name);
            own.map_or(0.0, |(_, weight)| weight)
        };
        let words: HashMap<u64, (usize, f32), Quick> = lines(WORDS)
            .enumerate()
            .map(|(number, (words, weight))| {
                let hash = |word: &str| hash(word.as_bytes());
                let pair =
                    words.split_once(' ').map(|(word, next)| of_pair(hash(word), hash(next)));
                (pair.unwrap_or_else(|| hash(words)), (number, weight))
            })
            .collect();
        Self {
            start: weight("start"),
            weights: names(groups).map(|name| weight(&name)).collect(),
            glance: Glance::new(words.keys()),
            words,
        }
    }

    /// How many words and pairs it has learnt.
    pub(crate) fn learnt(&self) -> usize {
        self.words.len()
    }

    /// May this be a learnt word or pair? Most of those of a text are none.
    pub(crate) fn may_be_word(&self, hash: u64) -> bool {
        self.glance.may_hold(hash)
    }

    /// The number and the weight of a learnt word or pair.
    pub(crate) fn word(&self, hash: u64) -> Option<(usize, f32)> {
        self.words.get(&hash).copied()
    }

    /// What the score of a passage is told as, to a detector that asks from `threshold` on.
    pub(crate) fn verdict(&self, gist: &Gist, (threshold, certain): Limits) -> f32 {
        match self.score(gist) {
            // Who and what in one sentence leave no doubt, once it is health mail at all; and whatever else
            // the passage is about, they are asked about.
            score if gist.sure && score >= threshold => score.max(certain),
            score if gist.sure => score.max(threshold),
            score => score,
        }
    }

    /// The score of a passage.
    fn score(&self, gist: &Gist) -> f32 {
        let features = gist.values.iter().zip(&self.weights).map(|(value, weight)| value * weight);
        let sum = self.start + features.sum::<f32>() + gist.words;
        let share = if gist.anybody { 1.0 } else { NOBODY };
        share / (1.0 + (-sum).exp())
    }
}

/// The names of all features.
pub(crate) fn names(groups: &[String]) -> impl Iterator<Item = String> {
    let fixed = features::NAMES.iter().map(|name| (*name).to_owned());
    fixed.chain(groups.iter().map(|group| format!("words: {group}")))
}

fn lines(list: &str) -> impl Iterator<Item = (&str, f32)> {
    // The first line is a remark; a number and a word, `# jaar`, are no remark.
    list.lines()
        .skip(1)
        .filter_map(|line| line.rsplit_once('\t'))
        .filter_map(|(name, weight)| Some((name, weight.trim().parse().ok()?)))
}

const WEIGHTS: &str = include_str!("../model/weights.txt");
const WORDS: &str = include_str!("../model/words.txt");
/// What is left of a score where nobody is told of.
const NOBODY: f32 = 0.4;
