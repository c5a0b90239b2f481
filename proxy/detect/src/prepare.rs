use std::cmp::Reverse;
use std::collections::HashSet;

use aho_corasick::{AhoCorasick, MatchKind};
use lexicon::{Quick, hash};
use memchr::memmem::Finder;

use crate::Kind;
use crate::kept::Kept;
use crate::score::{Evidence, Reading, Role, Why};
use crate::zones::Quiet;

/// What the whole message tells of its parts.
#[derive(Debug, Default, Clone)]
pub(crate) struct Known {
    /// Names in signatures and headers, in greetings, and of professionals, with their single words, by
    /// their hashes.
    names: HashSet<u64, Quick>,
    /// Patients' numbers.
    numbers: Vec<(String, Evidence)>,
}

impl Known {
    /// Learns of what was found in a text.
    pub(crate) fn learn(&mut self, text: &str, evidence: &[Evidence], quiet: &Quiet) {
        for one in evidence {
            let words = text.get(one.start..one.end).unwrap_or_default();
            match one.kind {
                Kind::Name if !one.titled => {
                    let ours =
                        quiet.holds(one.start) || matches!(one.role, Role::Nobody | Role::Hailed);
                    if ours {
                        let parts = words.split(' ').filter(|word| word.len() > 2);
                        self.names.extend(parts.map(hash::of_small));
                        self.names.insert(hash::of_small(words));
                    }
                }
                Kind::PatientNumber
                    if words.len() >= 5
                        && self.numbers.len() < NUMBERS
                        && self.numbers.iter().all(|(number, _)| number != words) =>
                {
                    self.numbers.push((words.to_owned(), *one));
                }
                _ => {}
            }
        }
    }

    /// Is it the name of the sender, of one written to, of a professional? It identifies no patient.
    pub(crate) fn has_name(&self, words: &str) -> bool {
        self.names.contains(&hash::of_small(words))
    }

    /// A patient's number is one wherever it stands: in the name of a file, in a second sentence.
    pub(crate) fn repeat_numbers(&self, readings: &mut [Reading<'_>]) {
        if self.numbers.is_empty() {
            return;
        }
        let numbers = Numbers::new(&self.numbers);
        for reading in readings {
            let folded = reading.folded();
            let text = folded.text();
            let mut found = numbers.find(text);
            found.retain(|(start, number)| {
                lexicon::stands_alone(text, *start, start + self.numbers[*number].0.len())
            });
            if found.is_empty() {
                continue;
            }
            let mut evidence: Vec<Evidence> = reading.evidence.iter().collect();
            let others = evidence.iter().filter(|one| one.role != Role::Medical);
            let mut busy: Vec<(usize, usize)> = others.map(|one| (one.start, one.end)).collect();
            busy.sort_unstable();
            let mut free = 0;
            for (start, number) in found {
                let (written, first) = &self.numbers[number];
                let end = start + written.len();
                let before = busy.partition_point(|one| one.0 < end);
                let last = before.checked_sub(1).and_then(|at| busy.get(at));
                if start >= free && last.is_none_or(|one| one.1 <= start) {
                    evidence.push(Evidence { start, end, why: AGAIN, label: None, ..*first });
                    free = end;
                }
            }
            order(&mut evidence);
            reading.evidence = Kept::new(&evidence);
        }
    }
}

/// Numbers looked for: an automaton costs more to make than some look-ups in a mail do.
enum Numbers<'n> {
    Few(Vec<Finder<'n>>),
    Many(AhoCorasick),
}

impl<'n> Numbers<'n> {
    fn new(numbers: &'n [(String, Evidence)]) -> Self {
        let all = || numbers.iter().map(|(number, _)| number.as_str());
        let many = || AhoCorasick::builder().match_kind(MatchKind::LeftmostLongest).build(all());
        match (numbers.len() > FEW).then(many) {
            Some(Ok(automaton)) => Self::Many(automaton),
            _ => Self::Few(all().map(Finder::new).collect()),
        }
    }

    /// Where they stand, and which each is; of those that begin in one place the longest first.
    fn find(&self, text: &str) -> Vec<(usize, usize)> {
        let all = match self {
            Self::Many(automaton) => {
                let found = automaton.find_iter(text);
                return found.map(|one| (one.start(), one.pattern().as_usize())).collect();
            }
            Self::Few(all) => all.iter().enumerate(),
        };
        let found = all.flat_map(|(at, number)| {
            let long = Reverse(number.needle().len());
            number.find_iter(text.as_bytes()).map(move |start| (start, long, at))
        });
        let mut found: Vec<_> = found.collect();
        found.sort_unstable();
        found.into_iter().map(|(start, _, at)| (start, at)).collect()
    }
}

/// Puts evidence in the order of the text. Medical evidence that lies under other one is left out, and
/// what lies over it counts as much as the heavier of both.
pub(crate) fn order(evidence: &mut Vec<Evidence>) {
    evidence.sort_by(|a, b| (a.start, b.end).cmp(&(b.start, a.end)));
    let mut out: Vec<Evidence> = Vec::with_capacity(evidence.len());
    let mut last = None;
    for one in evidence.drain(..) {
        if one.role != Role::Medical {
            out.push(one);
            continue;
        }
        match last.and_then(|at: usize| out.get_mut(at)) {
            Some(over) if one.end <= over.end => {
                if one.weight > over.weight {
                    (over.weight, over.why) = (one.weight, one.why);
                }
            }
            _ => {
                last = Some(out.len());
                out.push(one);
            }
        }
    }
    *evidence = out;
}

/// Why a number is a patient's in its second place, in Dutch and in English.
const AGAIN: Why =
    &("nummer dat elders een patiëntnummer is", "number that is a patient number elsewhere");
/// Numbers that are looked for one by one.
const FEW: usize = 4;
/// Numbers looked for a second time; a list of more patients needs no second look.
const NUMBERS: usize = 50;
