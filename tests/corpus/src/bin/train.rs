//! Makes the weights of the detector's model out of the develop half: `make train`.
//!
//! Before it writes them it tells what weights from all writers but one make of that one's mails, which is
//! what a corpus by somebody else will see; the test half is not read. `train --tries` tells it for other
//! penalties and shifts too, and `train --wrong` which mails those weights answer wrongly.

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
    let asked = |what: &str| std::env::args().any(|argument| argument == what);
    let tries: &[(f64, f64)] = if asked("--tries") {
        &[
            (0.02, 0.2),
            (0.05, 0.2),
            (0.03, 0.0),
            (0.03, 0.1),
            (0.03, 0.2),
            (0.03, 0.25),
            (0.03, 0.3),
        ]
    } else {
        &[(PENALTY, SHIFT)]
    };
    for one in tries {
        let (figures, wrong) = cross(&samples, &signs, *one);
        writeln!(out, "penalty {}, shift {}: {figures}", one.0, one.1)?;
        for line in wrong.iter().filter(|_| asked("--wrong")) {
            writeln!(out, "{line}")?;
        }
    }
    let all: Vec<&Sample> = samples.iter().collect();
    let weights = fit(&all, &signs, PENALTY);
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

/// Weights from all writers but one, tried on that one, for each: the figures, and the mails that were
/// answered wrongly.
fn cross(
    samples: &[Sample],
    signs: &[Sign],
    (penalty, shift): (f64, f64),
) -> (String, Vec<String>) {
    let writers: BTreeSet<&str> = samples.iter().map(|sample| sample.writer.as_str()).collect();
    let mut all = Vec::new();
    for writer in writers {
        let (own, others): (Vec<&Sample>, Vec<&Sample>) =
            samples.iter().partition(|sample| sample.writer == writer);
        let mut weights = fit(&others, signs, penalty);
        weights.start += shift;
        all.extend(own.into_iter().map(|sample| (sample, score(&weights, sample))));
    }
    let count = |health: bool, asked: bool, easy: bool| {
        let is = |(sample, score): &&(&Sample, f64)| {
            sample.health == health && (*score >= 0.5) == asked && (sample.easy || !easy)
        };
        i32::try_from(all.iter().filter(is).count()).map_or(0.0, f64::from)
    };
    let (told, missed) = (count(true, true, false), count(true, false, false));
    let (wrong, passed) = (count(false, true, false), count(false, false, false));
    let (easy_wrong, easy_passed) = (count(false, true, true), count(false, false, true));
    let figures = format!(
        "F1 {:.3}, recall {:.3}, false prompts {:.3} ({:.3} of easy mails)",
        2.0 * told / (2.0 * told + missed + wrong),
        told / (told + missed),
        wrong / (wrong + passed),
        easy_wrong / (easy_wrong + easy_passed),
    );
    let lines = all.iter().filter(|(sample, score)| sample.health != (*score >= 0.5));
    let lines = lines.map(|(sample, score)| {
        let kind = if sample.health { "missed" } else { "false" };
        let ease = if sample.easy { "easy" } else { "hard" };
        format!("{kind} {} {ease} {score:.2}", sample.id)
    });
    (figures, lines.collect())
}

fn sign(name: &str) -> Sign {
    match name {
        "professionals"
        | "amounts"
        | "percentages"
        | "links"
        | "nothing medical"
        | "only everyday words"
        | "only professions and places of care"
        | "together: the public" => Sign::Against,
        "length" | "ways to reach someone" | "everyday words of health" => Sign::Free,
        "medical content on the whole" => Sign::For,
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
const PENALTY: f64 = 0.03;
/// A missed mail is worse than a needless question: so much is added to every sum. With it the mails of a writer
/// who was left out are found as often as before easy mails counted double.
const SHIFT: f64 = 0.4;
const HEAD: &str = "# What each kind of evidence counts, made from tests/corpus/develop by `make train`. Licence: EUPL-1.2.\n";
