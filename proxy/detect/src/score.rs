use std::collections::HashSet;

use crate::cues::{Cues, Found};
use crate::fold::Folded;
use crate::zones::Quiet;
use crate::{Dismissals, Field, Finding, Findings, Kind, Level, Piece, Reason, normalised};

/// A finding before it is weighed, in bytes of the folded text.
#[derive(Debug, Clone)]
pub(crate) struct Evidence {
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) kind: Kind,
    pub(crate) role: Role,
    pub(crate) weight: f32,
    /// Why, in Dutch.
    pub(crate) nl: &'static str,
    /// Why, in English.
    pub(crate) en: &'static str,
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
    /// A given name alone.
    First,
    /// A way to reach someone.
    Contact,
    /// Someone's age: no finding by itself.
    Cue,
    /// No patient: a colleague, a professional.
    Nobody,
    /// Medical content.
    Medical,
}

/// One message, piece by piece.
#[derive(Debug, Default)]
pub(crate) struct Case<'a> {
    dismissals: Option<&'a dyn Dismissals>,
    findings: Vec<Finding>,
    seen: HashSet<String>,
    strong: Vec<f32>,
    people: Vec<f32>,
    readers: Vec<f32>,
    contacts: f32,
    age: f32,
    medical: Vec<f32>,
    /// How many person and medical findings stand near each other.
    near: bool,
    cues: Found,
}

impl<'a> Case<'a> {
    pub(crate) fn new(dismissals: Option<&'a dyn Dismissals>) -> Self {
        Self { dismissals, ..Self::default() }
    }

    /// Takes in what was found in a piece.
    pub(crate) fn add(
        &mut self,
        piece: (usize, &Piece<'_>),
        folded: &Folded<'_>,
        quiet: &Quiet,
        mut found: Vec<Evidence>,
        (cues, all): (&Cues, Found),
    ) {
        let (index, piece) = piece;
        cues.join(&mut self.cues, &all);
        found.sort_by(|a, b| (a.start, b.end).cmp(&(b.start, a.end)));
        let text = folded.text();
        let mut last_medical = 0;
        let (mut people, mut medical) = (Vec::new(), Vec::new());
        for evidence in found {
            if evidence.role == Role::Medical {
                if evidence.end <= last_medical {
                    continue;
                }
                last_medical = evidence.end;
            }
            let is_quiet = quiet.holds(evidence.start) && evidence.role != Role::Strong;
            let counts = !is_quiet && self.is_new(text, &evidence);
            let factor = match piece.field {
                Field::Subject | Field::FileName => DELIBERATE,
                Field::Body | Field::Attachment => 1.0,
            };
            let doubt = self.doubt(text, &evidence);
            let weight = if counts { evidence.weight * factor * doubt } else { 0.0 };
            if !is_quiet {
                match evidence.role {
                    Role::Medical if evidence.weight >= 1.0 => medical.push(evidence.start),
                    Role::Strong | Role::Person | Role::Reader => people.push(evidence.start),
                    _ => {}
                }
            }
            self.count(evidence.role, weight);
            if evidence.role != Role::Cue && self.findings.len() < FINDINGS {
                let (start, end) = folded.range(evidence.start, evidence.end);
                self.findings.push(Finding {
                    piece: index,
                    start,
                    end,
                    kind: evidence.kind,
                    weight,
                    reason: Reason { nl: evidence.nl.to_owned(), en: evidence.en.to_owned() },
                });
            }
        }
        self.near |= are_near(&people, &medical);
    }

    /// Evidence counts once: the same word in a hundred quotes says no more.
    fn is_new(&mut self, text: &str, evidence: &Evidence) -> bool {
        let words = text.get(evidence.start..evidence.end).unwrap_or_default();
        self.seen.insert(words.to_lowercase())
    }

    /// What is left of the weight of a finding that people dismissed before. Labelled numbers and
    /// birth dates keep theirs: no habit of clicking teaches those away.
    fn doubt(&self, text: &str, evidence: &Evidence) -> f32 {
        let Some(dismissals) = self.dismissals.filter(|_| evidence.role != Role::Strong) else {
            return 1.0;
        };
        let words = text.get(evidence.start..evidence.end).unwrap_or_default();
        match dismissals.times(evidence.kind, &normalised(words)) {
            0 => 1.0,
            1 => 0.5,
            2 => 0.25,
            _ => 0.0,
        }
    }

    fn count(&mut self, role: Role, weight: f32) {
        if weight <= 0.0 {
            return;
        }
        match role {
            Role::Strong => self.strong.push(weight),
            Role::Person => self.people.push(weight),
            Role::Reader | Role::First => self.readers.push(weight),
            Role::Contact => self.contacts += weight,
            Role::Cue => self.age = self.age.max(weight),
            Role::Medical => self.medical.push(weight),
            Role::Nobody => {}
        }
    }

    /// Weighs everything.
    pub(crate) fn close(self, threshold: f32, certain: f32) -> Findings {
        let strong = fading(self.strong, 0.6);
        let people = fading(self.people, 0.4);
        let reader = fading(self.readers, 0.3);
        let told = self.cues.person.min(4.0);
        // A greeting alone identifies a reader, not a patient: with "uw uitslag" it does.
        let is_about_reader = self.cues.reader > 0.0 || self.cues.general <= 0.0;
        let share = if is_about_reader { 1.0 } else { 0.4 };
        let addressed = (self.cues.reader * 0.9).min(3.0) + reader.min(2.0) * share;
        let person = strong + people + told + addressed + self.contacts.min(1.0) + self.age;
        let medical = fading(self.medical, 0.75);
        let general = self.cues.general.min(6.0) * if strong > 0.0 { 0.35 } else { 0.8 };
        let near = if self.near { NEAR } else { 0.0 };
        let sum = person.min(6.0) * 0.75 + medical.min(8.0) * 0.6 + near - general - START;
        let mut score = 1.0 / (1.0 + (-sum * SLOPE).exp());
        if person < SOMEONE || medical < SOMETHING {
            score *= 0.4;
        }
        let health = score >= threshold;
        let level = if !health {
            Level::None
        } else if score >= certain {
            Level::Certain
        } else {
            Level::Possible
        };
        let mut findings = self.findings;
        findings.sort_by_key(|finding| (finding.piece, finding.start, finding.end));
        Findings { score, level, health, findings }
    }
}

/// A sum in which each next one, from the heaviest on, counts less.
fn fading(mut weights: Vec<f32>, factor: f32) -> f32 {
    weights.sort_by(|a, b| b.total_cmp(a));
    let mut share = 1.0;
    let mut sum = 0.0;
    for weight in weights {
        sum += weight * share;
        share *= factor;
    }
    sum
}

/// Does anyone stand within reach of something medical? Both are sorted.
fn are_near(people: &[usize], medical: &[usize]) -> bool {
    people.iter().any(|person| {
        let at = medical.partition_point(|place| place + REACH < *person);
        medical.get(at).is_some_and(|place| *place <= person + REACH)
    })
}

/// Findings kept: all are weighed, but no one reads more, and a table of measurements has millions.
const FINDINGS: usize = 20_000;
/// Subjects and file names are short and deliberate.
const DELIBERATE: f32 = 1.5;
/// Bytes between a person and a medical word that belong together: some lines.
const REACH: usize = 300;
const NEAR: f32 = 0.6;
/// What the evidence has to outweigh: most mail is about nobody's health.
const START: f32 = 2.9;
const SLOPE: f32 = 1.3;
/// The least that identifies someone.
const SOMEONE: f32 = 1.4;
/// The least that is medical.
const SOMETHING: f32 = 0.9;
