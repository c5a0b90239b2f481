//! Makes the weights of the detector's model out of the develop half: `make train`.
//!
//! Before it writes them it tells what weights from all writers but one make of that one's mails, which is
//! what a corpus by somebody else will see; the test half is not read. `train --tries` tells it for other
//! penalties and shifts too, `train --writers` it of each writer, and `train --wrong` which mails those weights
//! answer wrongly.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::io::Write;
use std::path::Path;

use corpus::{Figures, Half, Sample, Sign, fit, read, samples, score};
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
        &[(0.005, 0.2), (0.02, 0.2), (0.01, 0.0), (0.01, 0.1), (0.01, 0.2), (0.01, 0.3)]
    } else {
        &[(PENALTY, SHIFT)]
    };
    for one in tries {
        let tried = cross(&samples, &signs, *one);
        writeln!(out, "penalty {}, shift {}: {}", one.0, one.1, figures(&tried))?;
        let writers: BTreeSet<&str> = tried.iter().map(|(own, _)| own.writer.as_str()).collect();
        for writer in writers.into_iter().filter(|_| asked("--writers")) {
            let own = tried.iter().filter(|(own, _)| own.writer == writer).copied();
            writeln!(out, "{writer}: {}", figures(&own.collect::<Vec<_>>()))?;
        }
        for (own, score) in tried.iter().filter(|one| asked("--wrong") && is_wrong(one)) {
            let kind = if own.health { "missed" } else { "false" };
            let ease = if own.easy { "easy" } else { "hard" };
            writeln!(out, "{kind} {} {ease} {score:.2}", own.id)?;
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

/// A mail, and its score by weights that know nothing of its writer.
type Tried<'s> = (&'s Sample, f64);

fn is_wrong((own, score): &Tried<'_>) -> bool {
    own.health != (*score >= 0.5)
}

/// Weights from all writers but one, tried on that one, for each.
fn cross<'s>(
    samples: &'s [Sample],
    signs: &[Sign],
    (penalty, shift): (f64, f64),
) -> Vec<Tried<'s>> {
    let writers: BTreeSet<&str> = samples.iter().map(|sample| sample.writer.as_str()).collect();
    let mut all = Vec::new();
    for writer in writers {
        let (own, others): (Vec<&Sample>, Vec<&Sample>) =
            samples.iter().partition(|sample| sample.writer == writer);
        let mut weights = fit(&others, signs, penalty);
        weights.start += shift;
        all.extend(own.into_iter().map(|sample| (sample, score(&weights, sample))));
    }
    all
}

/// What these answers come to.
fn figures(all: &[Tried<'_>]) -> String {
    let of = |easy: bool, hard: bool| {
        let count = |health: bool, wrong: bool| {
            let is = |one: &&Tried<'_>| {
                let ease = if one.0.easy { easy } else { hard };
                one.0.health == health && is_wrong(one) == wrong && ease
            };
            all.iter().filter(is).count()
        };
        Figures {
            told: count(true, false),
            missed: count(true, true),
            false_prompts: count(false, true),
            passed: count(false, false),
        }
    };
    let (both, easy, hard) = (of(true, true), of(true, false), of(false, true));
    format!(
        "F1 {:.3}, recall {:.3}, false prompts {:.3}; easy mails: recall {:.3}, false prompts {:.3} \
         ({}); hard mails: F1 {:.3}, recall {:.3}, false prompts {:.3}",
        both.f1(),
        both.recall(),
        both.false_share(),
        easy.recall(),
        easy.false_share(),
        easy.false_prompts,
        hard.f1(),
        hard.recall(),
        hard.false_share(),
    )
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
        | "together: the public"
        | "invented and medical content" => Sign::Against,
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
const LEAST: f64 = 0.04;
/// How much large weights cost; chosen by `train --tries`.
const PENALTY: f64 = 0.01;
/// A missed mail is worse than a needless question: so much is added to every sum. More finds hardly more of the
/// mails of a writer who was left out, and asks needlessly more often.
const SHIFT: f64 = 0.2;
const HEAD: &str = "# What each kind of evidence counts, made from tests/corpus/develop by `make train`. Licence: EUPL-1.2.\n";
