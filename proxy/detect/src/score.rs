use std::ops::Range;

use crate::cues::{Cue, Cues};
use crate::fold::Folded;
use crate::model::{Gist, Model};
use crate::weigh::{self, Marks, Weighing};
use crate::zones::Quiet;
use crate::{Dismissals, Field, Finding, Findings, Kind, Level, prepare};

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
    /// The words that tell what it is.
    pub(crate) label: Option<Label>,
}

/// The words that tell what a number or a date is, in bytes of the folded text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Label {
    pub(crate) start: usize,
    pub(crate) end: usize,
}

impl Evidence {
    /// The same, so many bytes further on.
    pub(crate) fn moved(self, by: usize) -> Self {
        let label = self.label.map(|label| Label { start: label.start + by, end: label.end + by });
        Self { start: self.start + by, end: self.end + by, label, ..self }
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

/// What a message comes down to: its findings, and the gist of each of its passages.
pub(crate) struct Judgement {
    pub(crate) findings: Vec<Finding>,
    pub(crate) gists: Vec<Gist>,
    /// Where findings were dismissed: what is left of them on the whole, and the gists without them.
    struck: Option<(f32, Vec<Gist>)>,
}

/// Weighs what was read. A message of ordinary length is one passage; of a longer one each stretch of
/// some pages is weighed with the subject and the names of the files, for what the model learnt from
/// mails does not hold for the sum of a hundred pages.
pub(crate) fn gather(
    mut readings: Vec<Reading<'_>>,
    dismissals: Option<&dyn Dismissals>,
    (cues, model): (&Cues, &Model),
) -> Judgement {
    prepare::repeat_numbers(&mut readings);
    for reading in &mut readings {
        prepare::order(&mut reading.evidence);
    }
    let weighing = Weighing::new(&readings, dismissals, (cues, model));
    let marks: Vec<_> = readings.iter().map(|reading| weighing.marks(reading)).collect();
    let findings = weighing.findings(&readings, &marks);
    let passages = passages(&readings);
    let gists = |marks: &[Marks]| {
        let people = weigh::people(marks);
        let gist = |passage| weighing.gist(&readings, marks, &people, passage);
        passages.iter().map(|passage: &Passage| gist(passage)).collect()
    };
    let struck = weighing.struck(&marks);
    let struck = struck.map(|(left, marks)| (left, gists(&marks)));
    Judgement { findings, gists: gists(&marks), struck }
}

/// Stretches of the readings that are weighed together, by the number of the reading.
type Passage = Vec<(usize, Range<usize>)>;

fn passages(readings: &[Reading<'_>]) -> Vec<Passage> {
    let whole = |at: usize, reading: &Reading<'_>| (at, 0..reading.folded.text().len());
    let total: usize = readings.iter().map(|reading| reading.folded.text().len()).sum();
    if total <= PASSAGE {
        return vec![readings.iter().enumerate().map(|(at, one)| whole(at, one)).collect()];
    }
    let is_short = |reading: &Reading<'_>| {
        matches!(reading.field, Field::Subject | Field::FileName)
            && reading.folded.text().len() <= SHORT
    };
    let short: Passage = readings
        .iter()
        .enumerate()
        .filter(|(_, reading)| is_short(reading))
        .take(NAMES)
        .map(|(at, reading)| whole(at, reading))
        .collect();
    let mut out = Vec::new();
    let mut open = short.clone();
    let mut room = PASSAGE;
    for (at, reading) in readings.iter().enumerate().filter(|(_, reading)| !is_short(reading)) {
        let text = reading.folded.text();
        let mut from = 0;
        while from < text.len() {
            let to = crate::edge(text, from, room.max(LEAST));
            open.push((at, from..to));
            room = room.saturating_sub(to - from);
            from = to;
            if room < LEAST {
                out.push(std::mem::replace(&mut open, short.clone()));
                room = PASSAGE;
                // What the end of a passage cuts through is whole in the next.
                if to < text.len() {
                    from = text.floor_char_boundary(to.saturating_sub(OVERLAP));
                }
            }
        }
    }
    out.push(open);
    out
}

/// What the findings and gists mean.
pub(crate) fn close(
    judgement: Judgement,
    model: &Model,
    (threshold, certain): (f32, f32),
) -> Findings {
    let of = |gist: &Gist| match model.score(gist) {
        // Who and what in one sentence leave no doubt, once it is health mail at all; and whatever else
        // the passage is about, they are asked about.
        score if gist.sure && score >= threshold => score.max(certain),
        score if gist.sure => score.max(threshold),
        score => score,
    };
    let highest = |gists: &[Gist]| gists.iter().map(of).fold(0.0, f32::max);
    let whole = highest(&judgement.gists);
    let score = match &judgement.struck {
        // Between what it is and what it would be without, and never above what it is.
        Some((left, gists)) => {
            let without = highest(gists).min(whole);
            without + (whole - without) * left
        }
        None => whole,
    };
    let health = score >= threshold;
    let level = if !health {
        Level::None
    } else if score >= certain {
        Level::Certain
    } else {
        Level::Possible
    };
    Findings { score, level, health, findings: judgement.findings }
}

/// Bytes weighed together: the longest mail that people write.
const PASSAGE: usize = 4_000;
/// The least left of a passage that another piece may begin in.
const LEAST: usize = 1_000;
/// Bytes of the end of a passage that are read again in the next.
const OVERLAP: usize = 400;
/// Bytes of a subject or a file's name that is weighed with every passage.
const SHORT: usize = 500;
/// How many of them.
const NAMES: usize = 20;
