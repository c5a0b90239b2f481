use std::collections::BTreeMap;

use fold::Folded;

use crate::cues::{Cues, Met};
use crate::kept::Kept;
use crate::model::Model;
use crate::passages::{Passage, Passages};
use crate::prepare::Known;
use crate::weigh::{self, Open, Person, Struck, Weighing};
use crate::zones::Quiet;
use crate::{Dismissals, Field, Finding, Findings, Kind, Level, Piece};

/// Why something is evidence, in Dutch and in English.
pub(crate) type Why = &'static (&'static str, &'static str);

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
    pub(crate) why: Why,
    /// The words that tell what it is.
    pub(crate) label: Option<Label>,
}

/// The words that tell what a number or a date is, in bytes of the folded text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Label {
    pub(crate) start: usize,
    pub(crate) end: usize,
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

/// A piece, or a block of a longer one, as it was read; its places are bytes of its folded text.
pub(crate) struct Reading<'a> {
    /// The number of the piece.
    pub(crate) index: usize,
    pub(crate) field: Field,
    /// As it came, and where that begins in its piece.
    pub(crate) text: &'a str,
    pub(crate) from: usize,
    /// Bytes of the folded text, which is made anew where it is needed: a long text is held once.
    pub(crate) len: usize,
    pub(crate) quiet: Quiet,
    pub(crate) evidence: Kept,
    pub(crate) cues: Box<[Met]>,
}

impl<'a> Reading<'a> {
    pub(crate) fn folded(&self) -> Folded<'a> {
        Piece { field: self.field, text: self.text }.folded()
    }
}

/// What a message comes down to.
pub(crate) struct Judgement {
    pub(crate) findings: Vec<Finding>,
    /// The features of its first passage.
    pub(crate) values: Vec<f32>,
    /// More text could change neither the level nor what is shown.
    pub(crate) settled: bool,
    /// The score of its heaviest passage.
    whole: f32,
    /// Where findings were dismissed: what is left of them on the whole, and the score without them.
    struck: Option<(f32, f32)>,
}

/// The scores from which a message is health mail, and health mail beyond doubt.
pub(crate) type Limits = (f32, f32);

/// Weighs what was read, passage by passage. Only the readings of one passage lie open at a time.
pub(crate) fn gather(
    readings: &mut [Reading<'_>],
    known: &Known,
    dismissals: Option<&dyn Dismissals>,
    (cues, model, limits): (&Cues, &Model, Limits),
) -> Judgement {
    known.repeat_numbers(readings);
    let weighing = Weighing::new(known, dismissals, (cues, model));
    let mut passages = Passages::new(readings);
    let mut desk = Desk::new(readings, &weighing, (model, limits));
    for (at, _) in passages.short() {
        desk.lay(*at);
    }
    for (at, reading) in readings.iter().enumerate() {
        let done = desk.is_done();
        if done && !reading.field.is_name() {
            continue;
        }
        desk.lay(at);
        if !done && passages.cuts(reading) {
            let full = desk.text(at).map_or_else(Vec::new, |text| passages.add(at, text));
            for passage in &full {
                desk.weigh(passage);
            }
            if !full.is_empty() {
                desk.clear(passages.open());
            }
        }
    }
    if !desk.is_done() {
        desk.weigh(passages.open());
    }
    desk.judgement()
}

/// The readings that are weighed now, and what came of those before.
struct Desk<'r, 'a> {
    readings: &'r [Reading<'a>],
    weighing: &'r Weighing<'r>,
    people: Vec<Person>,
    struck: Option<Struck>,
    open: BTreeMap<usize, Open<'a>>,
    /// Readings whose findings were taken.
    told: Vec<bool>,
    findings: Vec<Finding>,
    /// Those in the subject and the names of files, which have room of their own.
    named: Vec<Finding>,
    model: &'r Model,
    limits: Limits,
    values: Option<Vec<f32>>,
    /// The score of the heaviest passage, and of that without what was dismissed.
    whole: f32,
    without: f32,
}

impl<'r, 'a> Desk<'r, 'a> {
    fn new(
        readings: &'r [Reading<'a>],
        weighing: &'r Weighing<'r>,
        (model, limits): (&'r Model, Limits),
    ) -> Self {
        Self {
            model,
            limits,
            readings,
            weighing,
            people: weighing.people(readings),
            struck: weighing.struck(readings),
            open: BTreeMap::new(),
            told: vec![false; readings.len()],
            findings: Vec::new(),
            named: Vec::new(),
            values: None,
            whole: 0.0,
            without: 0.0,
        }
    }

    /// Opens a reading, and takes its findings the first time.
    fn lay(&mut self, at: usize) {
        let Some(reading) = self.readings.get(at).filter(|_| !self.told[at]) else {
            return;
        };
        let open = self.weighing.open(reading, self.struck.is_some());
        let named = reading.field.is_name();
        let findings = if named { &mut self.named } else { &mut self.findings };
        self.weighing.findings(reading, &open, findings);
        self.told[at] = true;
        self.open.insert(at, open);
    }

    fn text(&self, at: usize) -> Option<&str> {
        self.open.get(&at).map(|open| open.folded.text())
    }

    fn weigh(&mut self, passage: &Passage) {
        let parts = passage.iter().filter_map(|(at, range)| {
            Some((*at, self.readings.get(*at)?, self.open.get(at)?, range.clone()))
        });
        let parts: Vec<_> = parts.collect();
        if !self.is_enough(self.whole) {
            let gist = self.weighing.gist(&parts, &self.people, weigh::whole);
            self.whole = self.whole.max(self.model.verdict(&gist, self.limits));
            self.values.get_or_insert(gist.values);
        }
        if let Some(struck) = self.struck.as_ref().filter(|_| !self.is_enough(self.without)) {
            let gist = self.weighing.gist(&parts, &struck.people, weigh::without);
            self.without = self.without.max(self.model.verdict(&gist, self.limits));
        }
    }

    /// Can no passage tell more?
    fn is_enough(&self, score: f32) -> bool {
        score >= ENOUGH.max(self.limits.0).max(self.limits.1)
    }

    /// Is there nothing left to learn: neither of the score nor of what is shown?
    fn is_done(&self) -> bool {
        let scored =
            self.is_enough(self.whole) && (self.struck.is_none() || self.is_enough(self.without));
        scored && self.findings.len() >= SHOWN
    }

    /// Closes what this passage does not read.
    fn clear(&mut self, passage: &Passage) {
        self.open.retain(|at, _| passage.iter().any(|(own, _)| own == at));
    }

    fn judgement(self) -> Judgement {
        let settled = self.is_done();
        let mut findings = self.findings;
        findings.extend(self.named);
        findings.sort_by_key(|finding| (finding.piece, finding.start, finding.end));
        let struck = self.struck.map(|struck| (struck.left, self.without));
        let values = self.values.unwrap_or_default();
        Judgement { findings, values, settled, whole: self.whole, struck }
    }
}

/// What the findings and scores mean.
pub(crate) fn close(judgement: Judgement, (threshold, certain): Limits) -> Findings {
    let whole = judgement.whole;
    let score = match judgement.struck {
        // Between what it is and what it would be without, and never above what it is.
        Some((left, without)) => {
            let without = without.min(whole);
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

/// Findings kept, and as many more in names: all are weighed, but no one reads more, and a table of
/// measurements has millions.
pub(crate) const SHOWN: usize = 20_000;
/// The score from which no other passage is weighed: of a list of patients the first page tells all.
const ENOUGH: f32 = 0.999;
