use std::collections::HashSet;

use aho_corasick::AhoCorasick;

use crate::score::{Evidence, Reading, Role};
use crate::{Kind, hash, lexicon};

/// A patient's number is one wherever it stands: in the name of a file, in a second sentence.
pub(crate) fn repeat_numbers(readings: &mut [Reading<'_>]) {
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
                let (nl, en) = AGAIN;
                reading.evidence.push(Evidence { start, end, nl, en, label: None, ..*first });
            }
        }
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
                    (over.weight, over.nl, over.en) = (one.weight, one.nl, one.en);
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

/// Names in signatures and headers, in greetings, and of professionals, with their single words, by
/// their hashes.
pub(crate) fn known_names(readings: &[Reading<'_>]) -> HashSet<u64> {
    let mut out = HashSet::new();
    for reading in readings {
        let names = reading.evidence.iter().filter(|one| one.kind == Kind::Name && !one.titled);
        for name in names {
            let ours =
                reading.quiet.holds(name.start) || matches!(name.role, Role::Nobody | Role::Hailed);
            if ours && let Some(words) = reading.folded.text().get(name.start..name.end) {
                let parts = words.split(' ').filter(|word| word.len() > 2);
                out.extend(parts.map(hash::of_small));
                out.insert(hash::of_small(words));
            }
        }
    }
    out
}

/// Why a number is a patient's in its second place, in Dutch and in English.
const AGAIN: (&str, &str) =
    ("nummer dat elders een patiëntnummer is", "number that is a patient number elsewhere");
/// Numbers looked for a second time; a list of more patients needs no second look.
const NUMBERS: usize = 50;
