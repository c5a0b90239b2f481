//! Makes the weights of the detector's model out of the develop half: `make train`.
//!
//! Before it writes them it tells what weights from three writers make of the mails of the fourth, which is
//! what a corpus by somebody else will see; the test half is not read.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::io::Write;
use std::path::Path;

use corpus::{Half, Sample, Sign, fit, read, samples, score};
use detect::{Detector, Options};

type Failure = Box<dyn std::error::Error>;

fn main() -> Result<(), Failure> {
    let detector = Detector::new(Options::default());
    let names = detector.features();
    let signs: Vec<Sign> = names.iter().map(|name| sign(name)).collect();
    let samples = samples(&detector, &read(Half::Develop)?);
    let mut out = std::io::stdout().lock();
    let tries: &[(f64, f64)] = if std::env::args().any(|argument| argument == "--tries") {
        &[(0.02, 0.0), (0.1, 0.0), (0.05, -0.1), (0.05, 0.0), (0.05, 0.1), (0.05, 0.2), (0.05, 0.3)]
    } else {
        &[(PENALTY, SHIFT)]
    };
    for one in tries {
        writeln!(out, "penalty {}, shift {}: {}", one.0, one.1, cross(&samples, &signs, *one))?;
    }
    let weights = fit(&samples, &signs, PENALTY);
    let mut features = format!("{HEAD}start\t{:.3}\n", weights.start + SHIFT);
    for (name, weight) in names.iter().zip(&weights.features) {
        writeln!(features, "{name}\t{weight:.3}")?;
    }
    let mut words = HEAD.to_owned();
    let telling = weights.words.iter().filter(|(_, weight)| weight.abs() >= LEAST);
    for (word, weight) in telling {
        writeln!(words, "{word}\t{weight:.3}")?;
    }
    let model = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../proxy/detect/model");
    std::fs::write(model.join("weights.txt"), features)?;
    std::fs::write(model.join("words.txt"), words)?;
    writeln!(out, "{} words", weights.words.len())?;
    Ok(())
}

/// Weights from all writers but one, tried on that one, for each.
fn cross(samples: &[Sample], signs: &[Sign], (penalty, shift): (f64, f64)) -> String {
    let writers: BTreeSet<&str> = samples.iter().map(|sample| sample.writer.as_str()).collect();
    let (mut told, mut missed, mut wrong, mut passed) = (0, 0, 0, 0);
    let (mut easy_wrong, mut easy_passed) = (0, 0);
    for writer in writers {
        let (own, others): (Vec<Sample>, Vec<Sample>) =
            samples.iter().cloned().partition(|sample| sample.writer == writer);
        let mut weights = fit(&others, signs, penalty);
        weights.start += shift;
        for sample in &own {
            let asked = score(&weights, sample) >= 0.5;
            if sample.easy && !sample.health {
                easy_wrong += i32::from(asked);
                easy_passed += i32::from(!asked);
            }
            match (sample.health, asked) {
                (true, true) => told += 1,
                (true, false) => missed += 1,
                (false, true) => wrong += 1,
                (false, false) => passed += 1,
            }
        }
    }
    let f1 = f64::from(2 * told) / f64::from(2 * told + missed + wrong);
    let recall = f64::from(told) / f64::from(told + missed);
    let prompts = f64::from(wrong) / f64::from(wrong + passed);
    let easy = f64::from(easy_wrong) / f64::from(easy_wrong + easy_passed);
    format!("F1 {f1:.3}, recall {recall:.3}, false prompts {prompts:.3} ({easy:.3} of easy mails)")
}

fn sign(name: &str) -> Sign {
    match name {
        "professionals" | "amounts" | "percentages" | "links" | "together: the public" => {
            Sign::Against
        }
        "length" | "ways to reach someone" | "everyday words of health" => Sign::Free,
        "any medical content" => Sign::For,
        name => match name.strip_prefix("words: ") {
            Some(
                "patient" | "relative" | "titled" | "pronoun" | "own" | "english" | "care" | "room"
                | "reader",
            ) => Sign::For,
            Some(_) => Sign::Against,
            None => Sign::For,
        },
    }
}

/// A word of less weight is left out.
const LEAST: f64 = 0.02;
/// How much large weights cost; chosen by `train --tries`.
const PENALTY: f64 = 0.05;
/// A missed mail is worse than a needless question: so much is added to every sum.
const SHIFT: f64 = 0.2;
const HEAD: &str = "# What each kind of evidence counts, made from tests/corpus/develop by `make train`. Licence: EUPL-1.2.\n";
