//! The patient record as the pages are told it.

use engine::choose::FilingState;
use filing::form::Fault;

use crate::view::{FilingFault, FilingStands, FilingView};
use crate::words::Words;

pub(crate) fn faults(words: &Words, faults: Vec<Fault>) -> Vec<FilingFault> {
    let sentence = |one: &Fault| words.pick(&one.nl, sentence(&one.en));
    faults.iter().map(|one| FilingFault { field: one.field, sentence: sentence(one) }).collect()
}

/// A sentence begins with a capital and ends with a full stop.
pub(crate) fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|first| first.to_uppercase().to_string()).unwrap_or_default();
    let stop = if text.ends_with('.') { "" } else { "." };
    format!("{first}{}{stop}", letters.as_str())
}

pub(crate) fn filing(words: &Words, state: &FilingState) -> FilingView {
    let (stands, sentence, place, next) = match state {
        FilingState::Due { trouble, next, .. } => {
            let next = trouble.as_ref().map(|_| next.to_string());
            let told = trouble.as_ref().map(|(nl, en)| sentence(&words.pick(nl, en)));
            (FilingStands::Due, told, None, next)
        }
        FilingState::Filed { place } => (FilingStands::Filed, None, place.clone(), None),
        FilingState::Refused { nl, en } => {
            (FilingStands::Refused, Some(sentence(&words.pick(nl, en))), None, None)
        }
    };
    FilingView { stands, sentence, place, next_attempt_at: next }
}
