use detect::Detector;

use crate::{Mail, measure};

/// A mail as the trainer sees it.
#[derive(Debug, Clone)]
pub struct Sample {
    /// Who wrote it.
    pub writer: String,
    /// What is weighed in it.
    pub values: Vec<f64>,
    /// It is health mail.
    pub health: bool,
}

/// Weights of the features, and the start of the sum.
#[derive(Debug, Clone)]
pub struct Weights {
    /// In the order of the features.
    pub weights: Vec<f64>,
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
    let sample = |mail: &Mail| Sample {
        writer: mail.writer.clone(),
        values: detector.values(&measure::pieces(mail)).into_iter().map(f64::from).collect(),
        health: mail.health,
    };
    mails.iter().map(sample).collect()
}

/// Logistic regression with a penalty on large weights, by gradient descent with momentum: the same
/// weights in every run.
#[must_use]
pub fn fit(samples: &[Sample], signs: &[Sign], penalty: f64) -> Weights {
    let scales = scales(samples, signs.len());
    let mut weights = vec![0.0; signs.len()];
    let mut speed = vec![0.0; signs.len()];
    let (mut start, mut start_speed) = (0.0, 0.0);
    let share = 1.0 / measure::number(samples.len());
    for _ in 0..STEPS {
        let mut slope: Vec<f64> = weights.iter().map(|weight| weight * penalty).collect();
        let mut start_slope = 0.0;
        for sample in samples {
            let sum: f64 = sample
                .values
                .iter()
                .zip(&scales)
                .zip(&weights)
                .map(|((value, scale), weight)| value * scale * weight)
                .sum();
            let wanted = f64::from(u8::from(sample.health));
            let off = (1.0 / (1.0 + (-(sum + start)).exp()) - wanted) * share;
            for ((slope, value), scale) in slope.iter_mut().zip(&sample.values).zip(&scales) {
                *slope += off * value * scale;
            }
            start_slope += off;
        }
        start_speed = start_speed * MOMENTUM - start_slope * PACE;
        start += start_speed;
        for (((weight, speed), slope), sign) in
            weights.iter_mut().zip(&mut speed).zip(&slope).zip(signs)
        {
            *speed = *speed * MOMENTUM - slope * PACE;
            *weight = match sign {
                Sign::For => (*weight + *speed).max(0.0),
                Sign::Against => (*weight + *speed).min(0.0),
                Sign::Free => *weight + *speed,
            };
        }
    }
    let weights = weights.iter().zip(&scales).map(|(weight, scale)| weight * scale).collect();
    Weights { weights, start }
}

/// The score of a sample.
#[must_use]
pub fn score(weights: &Weights, sample: &Sample) -> f64 {
    let sum: f64 =
        sample.values.iter().zip(&weights.weights).map(|(value, weight)| value * weight).sum();
    1.0 / (1.0 + (-(sum + weights.start)).exp())
}

/// One over the spread of each feature, so that the penalty is the same for all.
fn scales(samples: &[Sample], features: usize) -> Vec<f64> {
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

const STEPS: usize = 4_000;
const PACE: f64 = 0.1;
const MOMENTUM: f64 = 0.9;
