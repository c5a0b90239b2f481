use crate::features;

/// A linear model: each feature has a weight, their sum becomes a score between 0 and 1. Its weights
/// stand in `model/weights.txt`, made by `make train`.
#[derive(Debug)]
pub(crate) struct Model {
    start: f32,
    weights: Vec<f32>,
}

impl Model {
    /// The model over the fixed features and the groups of cues, in this order.
    pub(crate) fn new(groups: &[String]) -> Self {
        let weight = |name: &str| {
            WEIGHTS
                .lines()
                .filter(|line| !line.starts_with('#'))
                .filter_map(|line| line.rsplit_once('\t'))
                .find(|(known, _)| *known == name)
                .and_then(|(_, weight)| weight.trim().parse().ok())
                .unwrap_or(0.0)
        };
        Self { start: weight("start"), weights: names(groups).map(|name| weight(&name)).collect() }
    }

    /// The score of a message with these features.
    pub(crate) fn score(&self, values: &[f32]) -> f32 {
        let sum: f32 = values.iter().zip(&self.weights).map(|(value, weight)| value * weight).sum();
        1.0 / (1.0 + (-(sum + self.start)).exp())
    }
}

/// The names of all features.
pub(crate) fn names(groups: &[String]) -> impl Iterator<Item = String> {
    let fixed = features::NAMES.iter().map(|name| (*name).to_owned());
    fixed.chain(groups.iter().map(|group| format!("words: {group}")))
}

const WEIGHTS: &str = include_str!("../model/weights.txt");
