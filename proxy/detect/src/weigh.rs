use std::collections::HashSet;
use std::ops::Range;

use crate::cues::{Cue, Cues};
use crate::features::{self, Gathered, Read};
use crate::model::{Gist, Model};
use crate::score::{Evidence, Reading, Role};
use crate::words::{self, Mark, Quick};
use crate::{Dismissals, Field, Finding, Kind, hash, normalised, phrases, prepare, reasons};

/// What the whole message says of its parts.
pub(crate) struct Weighing<'a> {
    dismissals: Option<&'a dyn Dismissals>,
    /// Names of the sender, of those written to, of professionals: they identify no patient.
    known: HashSet<u64>,
    cues: &'a Cues,
    model: &'a Model,
}

/// The evidence of a reading with its weights, and the same as a reader marks it.
pub(crate) struct Marks {
    weighed: Vec<(Evidence, f32)>,
    joined: Vec<(Evidence, f32)>,
    /// What is left of each of `joined` after what people said of it: 1 where they said nothing.
    left: Vec<f32>,
}

impl<'a> Weighing<'a> {
    pub(crate) fn new(
        readings: &[Reading<'_>],
        dismissals: Option<&'a dyn Dismissals>,
        (cues, model): (&'a Cues, &'a Model),
    ) -> Self {
        Self { dismissals, known: prepare::known_names(readings), cues, model }
    }

    /// Weighs the evidence of a reading: nothing counts in a quiet place, nor the name of one who is no
    /// patient.
    pub(crate) fn marks(&self, reading: &Reading<'_>) -> Marks {
        let text = reading.folded.text();
        let mut quiet = reading.quiet.from(0);
        let weighed: Vec<(Evidence, f32)> = reading
            .evidence
            .iter()
            .map(|evidence| {
                let mut evidence = *evidence;
                let name = evidence.kind == Kind::Name && !evidence.titled;
                if name && self.is_known(text, &evidence) {
                    evidence.role = Role::Nobody;
                }
                let is_quiet = quiet.holds(evidence.start) && evidence.role != Role::Strong;
                let nobody = matches!(evidence.role, Role::Nobody | Role::Hailed);
                (evidence, if is_quiet || nobody { 0.0 } else { evidence.weight })
            })
            .collect();
        let joined = phrases::joined(text, &weighed);
        let left = joined.iter().map(|(evidence, _)| self.left(text, evidence)).collect();
        Marks { weighed, joined, left }
    }

    fn is_known(&self, text: &str, evidence: &Evidence) -> bool {
        let words = text.get(evidence.start..evidence.end).unwrap_or_default();
        self.known.contains(&hash::of_small(words))
    }

    /// What is left of a finding that people dismissed before. Labelled numbers and birth dates are left
    /// whole: no habit of clicking teaches those away.
    fn left(&self, text: &str, evidence: &Evidence) -> f32 {
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

    /// What is left of the message's dismissed findings on the whole, and the message as it would be
    /// without them; nothing where none was dismissed. Where a labelled number or birth date, or a number
    /// that may be a citizen service number, stands with a diagnosis, medicine or measurement, no dismissal
    /// counts for the score: that is the floor.
    pub(crate) fn struck(&self, marks: &[Marks]) -> Option<(f32, Vec<Marks>)> {
        let all =
            || marks.iter().flat_map(|marks| &marks.weighed).filter(|(_, weight)| *weight > 0.0);
        let somebody = all().any(|(one, _)| one.role == Role::Strong || one.kind == Kind::Bsn);
        let certain =
            somebody && all().any(|(one, _)| one.role == Role::Medical && one.weight >= 2.0);
        let counting = marks.iter().flat_map(|marks| marks.joined.iter().zip(&marks.left));
        let left: Vec<f32> = counting
            .filter(|((_, weight), left)| *weight > 0.0 && **left < 1.0)
            .map(|(_, left)| *left)
            .collect();
        if certain || left.is_empty() {
            return None;
        }
        let share = left.iter().sum::<f32>() / features::count(left.len());
        Some((share, marks.iter().map(Marks::struck).collect()))
    }

    /// Everything found, in bytes of the original texts.
    pub(crate) fn findings(&self, readings: &[Reading<'_>], marks: &[Marks]) -> Vec<Finding> {
        let mut out = Vec::new();
        for (reading, marks) in readings.iter().zip(marks) {
            let told = marks.joined.iter().zip(&marks.left);
            let told = told.filter(|((one, _), _)| one.role != Role::Cue);
            for ((evidence, weight), left) in told.take(FINDINGS.saturating_sub(out.len())) {
                let (start, end) = reading.folded.range(evidence.start, evidence.end);
                out.push(Finding {
                    piece: reading.index,
                    start,
                    end,
                    kind: evidence.kind,
                    weight: weight * left,
                    reason: reasons::of(reading.folded.text(), evidence),
                });
            }
        }
        out.sort_by_key(|finding: &Finding| (finding.piece, finding.start, finding.end));
        out
    }

    /// The features and the words of a passage.
    pub(crate) fn gist(
        &self,
        readings: &[Reading<'_>],
        marks: &[Marks],
        people: &[(usize, Evidence, f32)],
        passage: &[(usize, Range<usize>)],
    ) -> Gist {
        let (mut gathered, mut seen) = (Gathered::default(), HashSet::default());
        let mut words = words::Seen::new(self.model);
        let inside = |at: usize, start: usize| {
            passage.iter().any(|(own, range)| *own == at && range.contains(&start))
        };
        let elsewhere = people.iter().filter(|(at, one, _)| !inside(*at, one.start));
        gathered.carry(elsewhere.take(CARRIED).map(|(_, one, weight)| (*one, *weight)));
        for (at, range) in passage {
            if let (Some(reading), Some(marks)) = (readings.get(*at), marks.get(*at)) {
                self.stretch(reading, marks, range, (&mut gathered, &mut seen, &mut words));
            }
        }
        let anybody = gathered.anybody(self.cues.groups());
        let sure = gathered.sure(self.cues.groups());
        Gist { values: gathered.values(), words: words.sum(), anybody, sure }
    }

    fn stretch(
        &self,
        reading: &Reading<'_>,
        marks: &Marks,
        range: &Range<usize>,
        (gathered, seen, words): (&mut Gathered, &mut HashSet<u64, Quick>, &mut words::Seen<'_>),
    ) {
        let whole = reading.folded.text();
        let text = whole.get(range.clone()).unwrap_or_default();
        let from = range.start;
        let mut quiet = reading.quiet.from(from);
        let weighed: Vec<(Evidence, f32)> = within(&marks.weighed, range)
            .iter()
            .map(|(evidence, weight)| {
                let own = whole.get(evidence.start..evidence.end).unwrap_or_default();
                if evidence.role == Role::Nobody && !quiet.holds(evidence.start) {
                    gathered.professional();
                }
                // Evidence counts once: the same word in a hundred quotes says no more.
                let counts = *weight > 0.0 && seen.insert(hash::of_small(own));
                let moved = Evidence {
                    start: evidence.start - from,
                    end: evidence.end - from,
                    ..*evidence
                };
                (moved, if counts { *weight } else { 0.0 })
            })
            .collect();
        let mut quiet = reading.quiet.from(from);
        let first = reading.cues.partition_point(|cue| cue.start < from);
        let cues: Vec<Cue> = reading.cues[first..]
            .iter()
            .take_while(|cue| cue.start < range.end)
            .filter(|cue| !quiet.holds(cue.start))
            .map(|cue| Cue { start: cue.start - from, ..*cue })
            .collect();
        let (field, groups) = (reading.field, self.cues.groups());
        gathered.add(&Read { field, text, evidence: &weighed, cues: &cues, groups });
        let joined: Vec<Mark> = within(&marks.joined, range)
            .iter()
            .filter(|(evidence, _)| evidence.role != Role::Cue)
            .map(|(evidence, weight)| Mark {
                start: evidence.start - from,
                end: evidence.end.min(range.end) - from,
                class: words::class(evidence.kind, *weight),
            })
            .collect();
        let long = !matches!(field, Field::Subject | Field::FileName) || text.len() < LONG_NAME;
        if long {
            words.read(text, &joined);
        }
    }
}

impl Marks {
    /// The same without what was dismissed.
    fn struck(&self) -> Self {
        let left = |evidence: &Evidence| {
            let at = self.joined.partition_point(|(one, _)| one.start <= evidence.start);
            let around =
                at.checked_sub(1).and_then(|at| Some((self.joined.get(at)?, self.left.get(at)?)));
            let own =
                around.filter(|((one, _), _)| one.kind == evidence.kind && evidence.end <= one.end);
            own.is_none_or(|(_, left)| *left >= 1.0)
        };
        let keep = |(evidence, weight): &(Evidence, f32)| {
            (*evidence, if left(evidence) { *weight } else { 0.0 })
        };
        Self {
            weighed: self.weighed.iter().map(keep).collect(),
            joined: self.joined.iter().map(keep).collect(),
            left: self.left.clone(),
        }
    }
}

/// The first people whom the message labels or names with a title, with the number of their reading.
pub(crate) fn people(marks: &[Marks]) -> Vec<(usize, Evidence, f32)> {
    let all = marks.iter().enumerate().flat_map(|(at, marks)| {
        let told = marks
            .weighed
            .iter()
            .filter(|(one, weight)| *weight > 0.0 && (one.role == Role::Strong || one.titled));
        told.map(move |(one, weight)| (at, *one, *weight))
    });
    all.take(PEOPLE).collect()
}

/// What begins in the range.
fn within<'b>(marks: &'b [(Evidence, f32)], range: &Range<usize>) -> &'b [(Evidence, f32)] {
    let first = marks.partition_point(|(one, _)| one.start < range.start);
    let behind = marks.partition_point(|(one, _)| one.start < range.end);
    let all = marks.get(first..behind).unwrap_or_default();
    // What a passage's end cuts through is whole in the next one, which begins before it.
    let whole = all.iter().rposition(|(one, _)| one.end <= range.end).map_or(0, |last| last + 1);
    all.get(..whole).unwrap_or_default()
}

/// People looked for in the message.
const PEOPLE: usize = 24;
/// People carried into a passage from elsewhere; more say no more.
const CARRIED: usize = 4;
/// Findings kept: all are weighed, but no one reads more, and a table of measurements has millions.
const FINDINGS: usize = 20_000;
/// Bytes from which the name of a file is no name.
const LONG_NAME: usize = 10_000;
