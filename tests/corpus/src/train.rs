use std::collections::{BTreeMap, BTreeSet};

use detect::Detector;

use crate::{Difficulty, Mail, measure};

/// A mail as the trainer sees it.
#[derive(Debug, Clone)]
pub struct Sample {
    /// The mail's id.
    pub id: String,
    /// Who wrote it.
    pub writer: String,
    /// The features.
    pub values: Vec<f64>,
    /// Its words and pairs of words, findings as classes.
    pub words: Vec<String>,
    /// It is health mail.
    pub health: bool,
    /// A reader in a hurry sees it at once.
    pub easy: bool,
}

/// What is learnt.
#[derive(Debug, Clone)]
pub struct Weights {
    /// In the order of the features.
    pub features: Vec<f64>,
    /// By word.
    pub words: BTreeMap<String, f64>,
    /// What the sum starts from.
    pub start: f64,
}

/// Which way the weight of a feature may point. What we know beforehand keeps a small corpus from
/// teaching that "offerte" means health, because one mail had it so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sign {
    /// For health mail only.
    For,
    /// Against health mail only.
    Against,
    /// Either.
    Free,
}

/// The samples of some mails.
#[must_use]
pub fn samples(detector: &Detector, mails: &[Mail]) -> Vec<Sample> {
    let sample = |mail: &Mail| {
        let (values, words) = detector.weighed(&measure::pieces(mail));
        let values = values.into_iter().map(f64::from).collect();
        let easy = mail.difficulty == Difficulty::Easy;
        let (id, writer) = (mail.id.clone(), mail.writer.clone());
        Sample { id, writer, values, words, health: mail.health, easy }
    };
    mails.iter().map(sample).collect()
}

/// Logistic regression with a penalty on large weights, by gradient descent with momentum: the same
/// weights in every run.
#[must_use]
pub fn fit(samples: &[&Sample], signs: &[Sign], penalty: f64) -> Weights {
    let vocabulary = vocabulary(samples);
    let rarity = rarity(samples, &vocabulary);
    let rows = rows(samples, signs.len(), (&vocabulary, &rarity));
    let fixed = signs.len();
    let mut weights = vec![0.0; fixed + vocabulary.len()];
    let mut speed = vec![0.0; weights.len()];
    let (mut start, mut start_speed) = (0.0, 0.0);
    let share = 1.0 / measure::number(samples.len());
    for _ in 0..STEPS {
        let mut slope: Vec<f64> = weights.iter().map(|weight| weight * penalty).collect();
        let mut start_slope = 0.0;
        for (row, sample) in rows.iter().zip(samples) {
            let sum: f64 = row.iter().map(|(at, value)| weights[*at] * value).sum();
            let wanted = f64::from(u8::from(sample.health));
            let cost = if sample.easy && !sample.health { EASY } else { 1.0 };
            let off = (1.0 / (1.0 + (-(sum + start)).exp()) - wanted) * share * cost;
            for (at, value) in row {
                slope[*at] += off * value;
            }
            start_slope += off;
        }
        start_speed = start_speed * MOMENTUM - start_slope * PACE;
        start += start_speed;
        for (at, ((weight, speed), slope)) in
            weights.iter_mut().zip(&mut speed).zip(&slope).enumerate()
        {
            *speed = *speed * MOMENTUM - slope * PACE;
            let next = *weight + *speed;
            *weight = match signs.get(at) {
                Some(Sign::For) => next.max(0.0),
                Some(Sign::Against) => next.min(0.0),
                _ => next,
            };
        }
    }
    let scales = scales(samples, fixed);
    let features = weights.iter().zip(&scales).map(|(weight, scale)| weight * scale).collect();
    let learnt = weights.iter().skip(fixed).zip(&rarity).map(|(weight, rarity)| weight * rarity);
    let words = vocabulary.into_keys().zip(learnt).collect();
    Weights { features, words, start }
}

/// The words that stand in several mails of several writers, numbered in their order.
fn vocabulary(samples: &[&Sample]) -> BTreeMap<String, usize> {
    let mut met: BTreeMap<&str, (usize, BTreeSet<&str>)> = BTreeMap::new();
    for sample in samples {
        for word in &sample.words {
            let (mails, writers) = met.entry(word).or_default();
            *mails += 1;
            writers.insert(&sample.writer);
        }
    }
    met.into_iter()
        .filter(|(_, (mails, writers))| *mails >= MAILS && writers.len() >= WRITERS)
        .enumerate()
        .map(|(number, (word, _))| (word.to_owned(), number))
        .collect()
}

/// What each word counts before the weights: the rarer, the more. The little words of the language are each
/// writer's habit and tell little of the mail.
fn rarity(samples: &[&Sample], vocabulary: &BTreeMap<String, usize>) -> Vec<f64> {
    let mut mails = vec![1_usize; vocabulary.len()];
    for word in samples.iter().flat_map(|sample| &sample.words) {
        if let Some(mails) = vocabulary.get(word).and_then(|number| mails.get_mut(*number)) {
            *mails += 1;
        }
    }
    let all = measure::number(samples.len() + 1);
    mails.into_iter().map(|mails| (all / measure::number(mails)).ln() * WORDS).collect()
}

/// What is not zero in each sample, features to the same scale first.
fn rows(
    samples: &[&Sample],
    fixed: usize,
    (vocabulary, rarity): (&BTreeMap<String, usize>, &[f64]),
) -> Vec<Vec<(usize, f64)>> {
    let scales = scales(samples, fixed);
    let row = |sample: &&Sample| {
        let values = sample.values.iter().zip(&scales).map(|(value, scale)| value * scale);
        let words = sample.words.iter().filter_map(|word| vocabulary.get(word));
        values
            .enumerate()
            .filter(|(_, value)| *value != 0.0)
            .chain(
                words.map(|number| (fixed + number, rarity.get(*number).copied().unwrap_or(0.0))),
            )
            .collect()
    };
    samples.iter().map(row).collect()
}

/// The score of a sample.
#[must_use]
pub fn score(weights: &Weights, sample: &Sample) -> f64 {
    let features: f64 =
        sample.values.iter().zip(&weights.features).map(|(value, weight)| value * weight).sum();
    let words: f64 = sample.words.iter().filter_map(|word| weights.words.get(word)).sum();
    1.0 / (1.0 + (-(features + words + weights.start)).exp())
}

/// One over the spread of each feature, so that the penalty is the same for all.
fn scales(samples: &[&Sample], features: usize) -> Vec<f64> {
    let share = 1.0 / measure::number(samples.len());
    (0..features)
        .map(|feature| {
            let values = || samples.iter().filter_map(|sample| sample.values.get(feature));
            let mean: f64 = values().sum::<f64>() * share;
            let spread = (values().map(|value| (value - mean).powi(2)).sum::<f64>() * share).sqrt();
            if spread > 1e-6 { 1.0 / spread } else { 0.0 }
        })
        .collect()
}

/// What a needless question costs where a reader in a hurry sees that it is one, beside any other fault.
const EASY: f64 = 2.0;
const STEPS: usize = 1_500;
const PACE: f64 = 0.01;
const MOMENTUM: f64 = 0.95;
/// A word in one of `e` mails counts so much beside a feature of spread one, before the weights.
const WORDS: f64 = 1.2;
/// In so many mails a word has to stand to be learnt, by so many writers: a habit of one is no sign.
const MAILS: usize = 3;
const WRITERS: usize = 3;
