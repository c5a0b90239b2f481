use std::collections::HashSet;
use std::ops::Range;

use fold::Folded;
use lexicon::{Quick, hash};

use crate::cues::{Cue, Cues};
use crate::features::{self, Gathered, Read};
use crate::model::{Gist, Model};
use crate::prepare::Known;
use crate::score::{Evidence, Reading, Role, SHOWN};
use crate::words::{self, Mark};
use crate::{Dismissals, Finding, Kind, normalised, phrases, reasons};

/// What the whole message says of its parts.
pub(crate) struct Weighing<'a> {
    dismissals: Option<&'a dyn Dismissals>,
    known: &'a Known,
    cues: &'a Cues,
    model: &'a Model,
}

/// Someone whom the message labels or names with a title: the number of the reading, and the weight.
pub(crate) type Person = (usize, Evidence, f32);

/// What is left of a message's dismissed findings on the whole, and who is told of without them.
pub(crate) struct Struck {
    pub(crate) left: f32,
    pub(crate) people: Vec<Person>,
}

/// A reading that is weighed.
pub(crate) struct Open<'a> {
    pub(crate) folded: Folded<'a>,
    pub(crate) marks: Marks,
    /// The same without what was dismissed, where it is asked for.
    pub(crate) struck: Option<Marks>,
}

/// Its marks as they are, and without what was dismissed.
pub(crate) fn whole<'o>(open: &'o Open<'_>) -> &'o Marks {
    &open.marks
}

pub(crate) fn without<'o>(open: &'o Open<'_>) -> &'o Marks {
    open.struck.as_ref().unwrap_or(&open.marks)
}

/// A stretch of a reading, in a passage.
pub(crate) type Part<'p, 'a> = (usize, &'p Reading<'a>, &'p Open<'a>, Range<usize>);

/// The evidence of a reading with its weights, and the same as a reader marks it.
pub(crate) struct Marks {
    weighed: Vec<(Evidence, f32)>,
    joined: Vec<(Evidence, f32)>,
    /// What is left of each of `joined` after what people said of it: 1 where they said nothing.
    left: Vec<f32>,
}

impl<'a> Weighing<'a> {
    pub(crate) fn new(
        known: &'a Known,
        dismissals: Option<&'a dyn Dismissals>,
        (cues, model): (&'a Cues, &'a Model),
    ) -> Self {
        Self { dismissals, known, cues, model }
    }

    /// Opens a reading; `struck` asks for what it is without what was dismissed.
    pub(crate) fn open<'t>(&self, reading: &Reading<'t>, struck: bool) -> Open<'t> {
        let folded = reading.folded();
        let marks = self.marks(reading, folded.text());
        let struck = struck.then(|| marks.struck());
        Open { folded, marks, struck }
    }

    /// Weighs the evidence of a reading: nothing counts in a quiet place, nor the name of one who is no
    /// patient.
    fn marks(&self, reading: &Reading<'_>, text: &str) -> Marks {
        let mut quiet = reading.quiet.from(0);
        let weighed: Vec<(Evidence, f32)> = reading
            .evidence
            .iter()
            .map(|mut evidence| {
                let name = evidence.kind == Kind::Name && !evidence.titled;
                let words = || text.get(evidence.start..evidence.end).unwrap_or_default();
                if name && self.known.has_name(words()) {
                    evidence.role = Role::Nobody;
                }
                let counts = counts(&evidence, quiet.holds(evidence.start));
                (evidence, if counts { evidence.weight } else { 0.0 })
            })
            .collect();
        let joined = phrases::joined(text, &weighed);
        let left = joined.iter().map(|(evidence, _)| self.left(text, evidence)).collect();
        Marks { weighed, joined, left }
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

    /// What is left of the message's dismissed findings on the whole; nothing where none was dismissed.
    /// Where a labelled number or birth date, or a number that may be a citizen service number, stands with a
    /// diagnosis, medicine or measurement, no dismissal counts for the score: that is the floor.
    pub(crate) fn struck(&self, readings: &[Reading<'_>]) -> Option<Struck> {
        self.dismissals?;
        let (mut somebody, mut heavy) = (false, false);
        let (mut sum, mut number, mut people) = (0.0, 0, Vec::new());
        for (at, reading) in readings.iter().enumerate() {
            let Marks { weighed, joined, left } = &self.marks(reading, reading.folded().text());
            for (one, _) in weighed.iter().filter(|(_, weight)| *weight > 0.0) {
                somebody |= one.role == Role::Strong || one.kind == Kind::Bsn;
                heavy |= one.role == Role::Medical && one.weight >= 2.0;
            }
            let counting = joined.iter().zip(left).filter(|((_, weight), _)| *weight > 0.0);
            for (_, left) in counting.filter(|(_, left)| **left < 1.0) {
                sum += left;
                number += 1;
            }
            if people.len() < PEOPLE {
                people.extend(named(at, struck(weighed, joined, left)));
            }
        }
        people.truncate(PEOPLE);
        let is = number > 0 && !(somebody && heavy);
        is.then(|| Struck { left: sum / features::count(number), people })
    }

    /// The first people whom the message labels or names with a title.
    pub(crate) fn people(&self, readings: &[Reading<'_>]) -> Vec<Person> {
        let all = readings.iter().enumerate().flat_map(|(at, reading)| {
            let mut quiet = reading.quiet.from(0);
            let weighed = reading.evidence.iter().map(move |one| {
                let counts = counts(&one, quiet.holds(one.start));
                (one, if counts { one.weight } else { 0.0 })
            });
            named(at, weighed)
        });
        all.take(PEOPLE).collect()
    }

    /// What was found in a reading, in bytes of the original text.
    pub(crate) fn findings(&self, reading: &Reading<'_>, open: &Open<'_>, out: &mut Vec<Finding>) {
        let told = open.marks.joined.iter().zip(&open.marks.left);
        let told = told.filter(|((one, _), _)| one.role != Role::Cue);
        for ((evidence, weight), left) in told.take(SHOWN.saturating_sub(out.len())) {
            let (start, end) = open.folded.range(evidence.start, evidence.end);
            out.push(Finding {
                piece: reading.index,
                start: reading.from + start,
                end: reading.from + end,
                kind: evidence.kind,
                weight: weight * left,
                reason: reasons::of(open.folded.text(), evidence),
            });
        }
    }

    /// The features and the words of a passage.
    pub(crate) fn gist(
        &self,
        parts: &[Part<'_, '_>],
        people: &[Person],
        marks: for<'o, 't> fn(&'o Open<'t>) -> &'o Marks,
    ) -> Gist {
        let (mut gathered, mut seen) = (Gathered::default(), HashSet::default());
        let mut words = words::Seen::new(self.model);
        let inside = |at: usize, start: usize| {
            parts.iter().any(|(own, _, _, range)| *own == at && range.contains(&start))
        };
        let elsewhere = people.iter().filter(|(at, one, _)| !inside(*at, one.start));
        gathered.carry(elsewhere.take(CARRIED).map(|(_, one, weight)| (*one, *weight)));
        for (_, reading, open, range) in parts {
            let told = (*reading, open.folded.text(), marks(open));
            self.stretch(told, range, (&mut gathered, &mut seen, &mut words));
        }
        let groups = self.cues.groups();
        let (anybody, sure) = (gathered.anybody(groups), gathered.sure(groups));
        Gist { values: gathered.values(groups), words: words.sum(), anybody, sure }
    }

    fn stretch(
        &self,
        (reading, whole, marks): (&Reading<'_>, &str, &Marks),
        range: &Range<usize>,
        (gathered, seen, words): (&mut Gathered, &mut HashSet<u64, Quick>, &mut words::Seen<'_>),
    ) {
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
        let first = reading.cues.partition_point(|met| met.start() < from);
        let cues: Vec<Cue> = reading.cues[first..]
            .iter()
            .take_while(|met| met.start() < range.end)
            .filter(|met| !quiet.holds(met.start()))
            .map(|met| self.cues.cue(*met, from))
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
        if !field.is_name() || text.len() < LONG_NAME {
            words.read(text, &joined);
        }
    }
}

impl Marks {
    /// The same without what was dismissed.
    fn struck(&self) -> Self {
        let without = |marks| struck(marks, &self.joined, &self.left).collect();
        let (weighed, joined) = (without(&self.weighed), without(&self.joined));
        Self { weighed, joined, left: self.left.clone() }
    }
}

/// Evidence without what was dismissed of the findings that it is joined to.
fn struck<'m>(
    marks: &'m [(Evidence, f32)],
    joined: &'m [(Evidence, f32)],
    left: &'m [f32],
) -> impl Iterator<Item = (Evidence, f32)> + 'm {
    let left = |evidence: &Evidence| {
        let at = joined.partition_point(|(one, _)| one.start <= evidence.start);
        let around = at.checked_sub(1).and_then(|at| Some((joined.get(at)?, left.get(at)?)));
        let own =
            around.filter(|((one, _), _)| one.kind == evidence.kind && evidence.end <= one.end);
        own.is_none_or(|(_, left)| *left >= 1.0)
    };
    marks.iter().map(move |(one, weight)| (*one, if left(one) { *weight } else { 0.0 }))
}

/// Does evidence count where it stands?
fn counts(one: &Evidence, is_quiet: bool) -> bool {
    match one.role {
        Role::Strong => true,
        Role::Nobody | Role::Hailed => false,
        _ => !is_quiet,
    }
}

/// Those who are labelled or named with a title.
fn named(
    at: usize,
    weighed: impl Iterator<Item = (Evidence, f32)>,
) -> impl Iterator<Item = Person> {
    weighed
        .filter(|(one, weight)| *weight > 0.0 && (one.role == Role::Strong || one.titled))
        .map(move |(one, weight)| (at, one, weight))
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
/// Bytes from which the name of a file is no name.
const LONG_NAME: usize = 10_000;
