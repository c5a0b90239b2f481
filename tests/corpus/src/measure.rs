use detect::{Detector, Field, Findings, Kind, Piece};

use crate::{Mail, Text};

/// A mail and what the detector said of it.
#[derive(Debug)]
pub struct Judged<'a> {
    /// The mail.
    pub mail: &'a Mail,
    /// The answer; pieces are subject, body, files.
    pub findings: Findings,
}

/// Right and wrong answers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Figures {
    /// Health mails that were told.
    pub told: usize,
    /// Health mails that were missed.
    pub missed: usize,
    /// Other mails that were asked about.
    pub false_prompts: usize,
    /// Other mails that passed.
    pub passed: usize,
}

/// How the labels of a kind were met.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Spans {
    /// Labels.
    pub labels: usize,
    /// Labels of which findings of the same kind cover half or more.
    pub met: usize,
    /// Labels with a finding of exactly their bytes.
    pub exact: usize,
    /// Findings.
    pub findings: usize,
    /// Findings that touch a label of the same kind.
    pub right: usize,
}

/// The pieces of a mail as the detector reads them.
pub(crate) fn pieces(mail: &Mail) -> Vec<Piece<'_>> {
    let mut out = vec![
        Piece { field: Field::Subject, text: &mail.subject.text },
        Piece { field: Field::Body, text: &mail.body.text },
    ];
    out.extend(mail.files.iter().map(|file| Piece { field: Field::FileName, text: &file.text }));
    out
}

/// Judges every mail.
#[must_use]
pub fn judge<'a>(detector: &Detector, mails: &'a [Mail]) -> Vec<Judged<'a>> {
    mails.iter().map(|mail| Judged { mail, findings: detector.judge(&pieces(mail)) }).collect()
}

/// Counts the answers.
#[must_use]
pub fn figures<'a>(judged: impl IntoIterator<Item = &'a Judged<'a>>) -> Figures {
    let mut out = Figures::default();
    for one in judged {
        match (one.mail.health, one.findings.health) {
            (true, true) => out.told += 1,
            (true, false) => out.missed += 1,
            (false, true) => out.false_prompts += 1,
            (false, false) => out.passed += 1,
        }
    }
    out
}

/// Compares the findings of a kind with the labels.
#[must_use]
pub fn spans(judged: &[Judged<'_>], kind: Kind) -> Spans {
    let mut out = Spans::default();
    for one in judged.iter().filter(|one| one.mail.labelled) {
        let texts = [&one.mail.subject, &one.mail.body].into_iter().chain(&one.mail.files);
        for (piece, text) in texts.enumerate() {
            compare(text, &found(&one.findings, piece, kind), kind, &mut out);
        }
    }
    out
}

fn found(findings: &Findings, piece: usize, kind: Kind) -> Vec<(usize, usize)> {
    let own = findings.findings.iter().filter(|one| one.piece == piece && one.kind == kind);
    own.map(|one| (one.start, one.end)).collect()
}

fn compare(text: &Text, found: &[(usize, usize)], kind: Kind, out: &mut Spans) {
    let labels: Vec<_> = text.labels.iter().filter(|label| label.kind == kind).collect();
    for label in &labels {
        let covered: usize = found
            .iter()
            .map(|(start, end)| label.end.min(*end).saturating_sub(label.start.max(*start)))
            .sum();
        out.labels += 1;
        out.met += usize::from(covered * 2 >= label.end - label.start);
        out.exact += usize::from(found.contains(&(label.start, label.end)));
    }
    for (start, end) in found {
        out.findings += 1;
        out.right +=
            usize::from(labels.iter().any(|label| label.start < *end && *start < label.end));
    }
}

/// Where the labels of a kind stand that were not met, or the findings that touch none.
#[must_use]
pub fn astray(
    text: &Text,
    findings: &Findings,
    (piece, kind): (usize, Kind),
    extra: bool,
) -> Vec<(usize, usize)> {
    let found = found(findings, piece, kind);
    let labels: Vec<(usize, usize)> = text
        .labels
        .iter()
        .filter(|label| label.kind == kind)
        .map(|label| (label.start, label.end))
        .collect();
    if extra {
        let alone =
            |one: &(usize, usize)| !labels.iter().any(|label| label.0 < one.1 && one.0 < label.1);
        return found.into_iter().filter(alone).collect();
    }
    let missed = |label: &(usize, usize)| {
        let covered: usize =
            found.iter().map(|one| label.1.min(one.1).saturating_sub(label.0.max(one.0))).sum();
        covered * 2 < label.1 - label.0
    };
    labels.into_iter().filter(missed).collect()
}

impl Figures {
    /// Of the mails that were asked about, the share of health mails.
    #[must_use]
    pub fn precision(self) -> f64 {
        share(self.told, self.told + self.false_prompts)
    }

    /// Of the health mails, the share that was told.
    #[must_use]
    pub fn recall(self) -> f64 {
        share(self.told, self.told + self.missed)
    }

    /// The harmonic mean of precision and recall.
    #[must_use]
    pub fn f1(self) -> f64 {
        share(2 * self.told, 2 * self.told + self.missed + self.false_prompts)
    }

    /// Of the other mails, the share that was asked about.
    #[must_use]
    pub fn false_share(self) -> f64 {
        share(self.false_prompts, self.false_prompts + self.passed)
    }

    /// The bounds of F1 that hold 95 of 100 corpora drawn from this one, with replacement.
    #[must_use]
    pub fn f1_interval(judged: &[Judged<'_>]) -> (f64, f64) {
        let mut state = 1_u64;
        let mut drawn: Vec<f64> = (0..DRAWS)
            .map(|_| {
                let some = (0..judged.len()).filter_map(|_| judged.get(draw(&mut state, judged)));
                figures(some).f1()
            })
            .collect();
        drawn.sort_by(f64::total_cmp);
        let at = |place: usize| drawn.get(place).copied().unwrap_or_default();
        (at(DRAWS / 40), at(DRAWS - DRAWS / 40 - 1))
    }
}

/// The next place of a linear congruential generator (Knuth's constants): the same in every run.
fn draw(state: &mut u64, judged: &[Judged<'_>]) -> usize {
    *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    usize::try_from(*state >> 33).unwrap_or_default() % judged.len().max(1)
}

fn share(part: usize, whole: usize) -> f64 {
    if whole == 0 { 0.0 } else { number(part) / number(whole) }
}

#[allow(clippy::cast_precision_loss)] // a corpus has thousands, not quadrillions
pub(crate) fn number(count: usize) -> f64 {
    count as f64
}

impl Spans {
    /// Of the labels, the share that was met.
    #[must_use]
    pub fn recall(self) -> f64 {
        share(self.met, self.labels)
    }

    /// Of the labels, the share with a finding of exactly their bytes.
    #[must_use]
    pub fn exact_recall(self) -> f64 {
        share(self.exact, self.labels)
    }

    /// Of the findings, the share that touches a label.
    #[must_use]
    pub fn precision(self) -> f64 {
        share(self.right, self.findings)
    }
}

const DRAWS: usize = 2_000;

#[cfg(test)]
mod tests {
    use detect::Options;

    use super::*;
    use crate::{Difficulty, Half, read};

    #[test]
    fn the_half_that_nobody_tuned_on_is_told_apart_well_enough() {
        let mails = read(Half::Test).unwrap();
        let judged = judge(&Detector::new(Options::default()), &mails);
        let all = figures(&judged);
        assert!(all.f1() >= 0.92, "F1 {}", all.f1());
        assert!(all.recall() >= 0.93, "recall {}", all.recall());
        assert!(all.false_share() <= 0.09, "false prompts {}", all.false_share());
        let hard = figures(judged.iter().filter(|one| one.mail.difficulty == Difficulty::Hard));
        assert!(hard.f1() >= 0.87, "F1 of hard mails {}", hard.f1());
        let easy = figures(judged.iter().filter(|one| one.mail.difficulty == Difficulty::Easy));
        assert!(easy.false_share() <= 0.03, "false prompts, easy mails {}", easy.false_share());
    }

    #[test]
    fn labels_are_met() {
        let mails = read(Half::Test).unwrap();
        let judged = judge(&Detector::new(Options::default()), &mails);
        for (kind, least) in [
            (Kind::Bsn, 0.98),
            (Kind::Dob, 0.93),
            (Kind::Name, 0.91),
            (Kind::Address, 0.92),
            (Kind::PatientNumber, 0.88),
            (Kind::Phone, 0.95),
            (Kind::Email, 0.98),
            (Kind::Medical, 0.66),
        ] {
            let recall = spans(&judged, kind).recall();
            assert!(recall >= least, "{kind:?}: {recall}");
        }
    }
}
