use std::collections::HashSet;

use aho_corasick::AhoCorasick;

use crate::cues::{Cue, Cues};
use crate::features::{Gathered, Read};
use crate::fold::Folded;
use crate::lexicon;
use crate::model::Model;
use crate::zones::Quiet;
use crate::{Dismissals, Field, Finding, Findings, Kind, Level, Reason, normalised, phrases};

/// A finding before it is weighed, in bytes of the folded text.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Evidence {
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) kind: Kind,
    pub(crate) role: Role,
    pub(crate) weight: f32,
    /// A name behind a title.
    pub(crate) titled: bool,
    /// Why, in Dutch.
    pub(crate) nl: &'static str,
    /// Why, in English.
    pub(crate) en: &'static str,
}

impl Evidence {
    /// The same, so many bytes further on.
    pub(crate) fn moved(self, by: usize) -> Self {
        Self { start: self.start + by, end: self.end + by, ..self }
    }
}

/// What a piece of evidence says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    /// Someone, beyond doubt and wherever it stands: a labelled number or birth date.
    Strong,
    /// Someone.
    Person,
    /// The reader, who may be the patient.
    Reader,
    /// A given name or a surname alone.
    First,
    /// Greeted by name without a title: a colleague, a friend.
    Hailed,
    /// A way to reach someone.
    Contact,
    /// Someone's age: no finding by itself.
    Cue,
    /// No patient: a colleague, a professional.
    Nobody,
    /// Medical content.
    Medical,
}

/// A piece as it was read.
pub(crate) struct Reading<'a> {
    pub(crate) index: usize,
    pub(crate) field: Field,
    pub(crate) folded: Folded<'a>,
    pub(crate) quiet: Quiet,
    pub(crate) evidence: Vec<Evidence>,
    pub(crate) cues: Vec<Cue>,
}

/// What the whole message says of its parts, and the words of evidence met so far.
struct Weighing<'a> {
    dismissals: Option<&'a dyn Dismissals>,
    seen: HashSet<String>,
    /// Names of the sender, of those written to, of professionals: they identify no patient.
    known: HashSet<String>,
}

/// The features of a message, and its findings.
pub(crate) fn gather(
    mut readings: Vec<Reading<'_>>,
    dismissals: Option<&dyn Dismissals>,
    cues: &Cues,
) -> Gist {
    repeat_numbers(&mut readings);
    for reading in &mut readings {
        order(&mut reading.evidence);
    }
    let is_bsn = |one: &Evidence| one.kind == Kind::Bsn && one.role == Role::Strong;
    let certain = readings.iter().flat_map(|reading| &reading.evidence).any(is_bsn);
    let mut weighing = Weighing {
        // The floor: beside a labelled citizen service number no dismissal counts.
        dismissals: dismissals.filter(|_| !certain),
        seen: HashSet::new(),
        known: known_names(&readings),
    };
    let (mut gathered, mut findings) = (Gathered::default(), Vec::new());
    for reading in &readings {
        weighing.piece(reading, cues.groups(), &mut gathered, &mut findings);
    }
    findings.truncate(FINDINGS);
    findings.sort_by_key(|finding: &Finding| (finding.piece, finding.start, finding.end));
    let anybody = gathered.anybody(cues.groups());
    Gist { values: gathered.values(), anybody, findings }
}

/// What a message comes down to.
pub(crate) struct Gist {
    /// The features, in their order.
    pub(crate) values: Vec<f32>,
    /// Someone is told of.
    anybody: bool,
    findings: Vec<Finding>,
}

/// What the features and findings mean.
pub(crate) fn close(gist: Gist, model: &Model, (threshold, certain): (f32, f32)) -> Findings {
    let Gist { values, anybody, findings } = gist;
    let score = model.score(&values) * if anybody { 1.0 } else { NOBODY };
    let health = score >= threshold;
    let level = if !health {
        Level::None
    } else if score >= certain {
        Level::Certain
    } else {
        Level::Possible
    };
    Findings { score, level, health, findings }
}

impl Weighing<'_> {
    fn piece(
        &mut self,
        reading: &Reading<'_>,
        groups: &[String],
        gathered: &mut Gathered,
        findings: &mut Vec<Finding>,
    ) {
        let text = reading.folded.text();
        let mut weighed = Vec::with_capacity(reading.evidence.len());
        for evidence in &reading.evidence {
            let mut evidence = *evidence;
            let words = text.get(evidence.start..evidence.end).unwrap_or_default().to_lowercase();
            if evidence.kind == Kind::Name && !evidence.titled && self.known.contains(&words) {
                evidence.role = Role::Nobody;
            }
            let is_quiet = reading.quiet.holds(evidence.start) && evidence.role != Role::Strong;
            if evidence.role == Role::Nobody && evidence.kind == Kind::Name && !is_quiet {
                gathered.professional();
            }
            let doubt = self.doubt(&words, &evidence);
            // Evidence counts once: the same word in a hundred quotes says no more.
            let counts = !is_quiet && evidence.role != Role::Nobody && self.seen.insert(words);
            weighed.push((evidence, if counts { evidence.weight * doubt } else { 0.0 }));
        }
        let cues: Vec<Cue> =
            reading.cues.iter().copied().filter(|cue| !reading.quiet.holds(cue.start)).collect();
        let field = reading.field;
        gathered.add(&Read { field, text, evidence: &weighed, cues: &cues, groups });
        for (evidence, weight) in phrases::joined(text, &weighed) {
            if evidence.role == Role::Cue || findings.len() >= FINDINGS {
                continue;
            }
            let (start, end) = reading.folded.range(evidence.start, evidence.end);
            findings.push(Finding {
                piece: reading.index,
                start,
                end,
                kind: evidence.kind,
                weight,
                reason: Reason { nl: evidence.nl.to_owned(), en: evidence.en.to_owned() },
            });
        }
    }

    /// What is left of the weight of a finding that people dismissed before. Labelled numbers and
    /// birth dates keep theirs: no habit of clicking teaches those away.
    fn doubt(&self, words: &str, evidence: &Evidence) -> f32 {
        let Some(dismissals) = self.dismissals.filter(|_| evidence.role != Role::Strong) else {
            return 1.0;
        };
        match dismissals.times(evidence.kind, &normalised(words)) {
            0 => 1.0,
            1 => 0.5,
            2 => 0.25,
            _ => 0.0,
        }
    }
}

/// A patient's number is one wherever it stands: in the name of a file, in a second sentence.
fn repeat_numbers(readings: &mut [Reading<'_>]) {
    let mut known: Vec<(String, Evidence)> = Vec::new();
    for reading in readings.iter() {
        let numbers = reading.evidence.iter().filter(|one| one.kind == Kind::PatientNumber);
        for evidence in numbers {
            let words = reading.folded.text().get(evidence.start..evidence.end).unwrap_or_default();
            let new = known.iter().all(|(number, _)| number != words);
            if words.len() >= 5 && new && known.len() < NUMBERS {
                known.push((words.to_owned(), *evidence));
            }
        }
    }
    let Ok(numbers) = AhoCorasick::new(known.iter().map(|(number, _)| number)) else {
        return;
    };
    for reading in readings.iter_mut().filter(|_| !known.is_empty()) {
        let text = reading.folded.text();
        let others = reading.evidence.iter().filter(|one| one.role != Role::Medical);
        let mut busy: Vec<(usize, usize)> = others.map(|one| (one.start, one.end)).collect();
        busy.sort_unstable();
        for found in numbers.find_iter(text) {
            let (start, end) = (found.start(), found.end());
            let before = busy.partition_point(|one| one.0 < end);
            let free =
                before.checked_sub(1).and_then(|at| busy.get(at)).is_none_or(|one| one.1 <= start);
            if let Some((_, first)) = known.get(found.pattern().as_usize())
                && free
                && lexicon::stands_alone(text, start, end)
            {
                reading.evidence.push(Evidence { start, end, ..*first });
            }
        }
    }
}

/// Puts evidence in the order of the text, and leaves out what lies under other medical evidence.
fn order(evidence: &mut Vec<Evidence>) {
    evidence.sort_by(|a, b| (a.start, b.end).cmp(&(b.start, a.end)));
    let mut last_medical = 0;
    evidence.retain(|one| {
        let covered = one.role == Role::Medical && one.end <= last_medical;
        if one.role == Role::Medical {
            last_medical = last_medical.max(one.end);
        }
        !covered
    });
}

/// Names in signatures and headers, in greetings, and of professionals, with their single words.
fn known_names(readings: &[Reading<'_>]) -> HashSet<String> {
    let mut out = HashSet::new();
    for reading in readings {
        let names = reading.evidence.iter().filter(|one| one.kind == Kind::Name && !one.titled);
        for name in names {
            let ours =
                reading.quiet.holds(name.start) || matches!(name.role, Role::Nobody | Role::Hailed);
            if ours && let Some(words) = reading.folded.text().get(name.start..name.end) {
                let words = words.to_lowercase();
                out.extend(words.split(' ').filter(|word| word.len() > 2).map(str::to_owned));
                out.insert(words);
            }
        }
    }
    out
}

/// Numbers looked for a second time; a list of more patients needs no second look.
const NUMBERS: usize = 50;
/// What is left of a score where nobody is told of.
const NOBODY: f32 = 0.4;
/// Findings kept: all are weighed, but no one reads more, and a table of measurements has millions.
const FINDINGS: usize = 20_000;
