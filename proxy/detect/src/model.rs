use std::collections::HashMap;

use crate::features;
use crate::hash::hash;
use crate::words::Quick;

/// A linear model: each feature and each learnt word has a weight, their sum becomes a score between
/// 0 and 1. The weights stand in `model/`, made by `make train`.
#[derive(Debug)]
pub(crate) struct Model {
    start: f32,
    weights: Vec<f32>,
    /// By the hash of the word or pair of words.
    words: HashMap<u64, f32, Quick>,
}

/// What a passage comes down to.
pub(crate) struct Gist {
    /// The features, in their order.
    pub(crate) values: Vec<f32>,
    /// The hashes of its words and their pairs.
    pub(crate) words: Vec<u64>,
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
        Self {
            start: weight("start"),
            weights: names(groups).map(|name| weight(&name)).collect(),
            words: lines(WORDS).map(|(word, weight)| (hash(word.as_bytes()), weight)).collect(),
        }
    }

    /// The score of a passage.
    pub(crate) fn score(&self, gist: &Gist) -> f32 {
        let features = gist.values.iter().zip(&self.weights).map(|(value, weight)| value * weight);
        let words = gist.words.iter().filter_map(|word| self.words.get(word));
        let sum = self.start + features.sum::<f32>() + words.sum::<f32>();
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
    list.lines()
        .filter(|line| !line.starts_with("# "))
        .filter_map(|line| line.rsplit_once('\t'))
        .filter_map(|(name, weight)| Some((name, weight.trim().parse().ok()?)))
}

const WEIGHTS: &str = include_str!("../model/weights.txt");
const WORDS: &str = include_str!("../model/words.txt");
/// What is left of a score where nobody is told of.
const NOBODY: f32 = 0.4;
