//! The patient record as the pages are told it.

use engine::choose::{Earlier, FilingState, Offer};
use engine::filing::Stopped;
use filing::form::Fault;

use crate::view::{EarlierFiling, FilingFault, FilingStands, FilingView};
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

pub(crate) fn filing(words: &Words, offer: &Offer) -> FilingView {
    let bare = |stands| FilingView {
        stands,
        sentence: None,
        said: None,
        maybe_there: false,
        place: None,
        next_attempt_at: None,
        system: offer.system.clone(),
        earlier: offer.earlier.iter().map(earlier).collect(),
    };
    match &offer.state {
        FilingState::AfterSending => bare(FilingStands::AfterSending),
        FilingState::Due { trouble, next, attempts } => FilingView {
            sentence: trouble.as_ref().map(|(nl, en)| sentence(&words.pick(nl, en))),
            maybe_there: *attempts > 0,
            next_attempt_at: trouble.as_ref().map(|_| next.to_string()),
            ..bare(FilingStands::Due)
        },
        FilingState::Filed { place } => {
            FilingView { place: place.clone(), ..bare(FilingStands::Filed) }
        }
        FilingState::Refused { nl, en, said } => FilingView {
            sentence: Some(sentence(&words.pick(nl, en))),
            said: said.clone(),
            // A refusal may be of a second attempt, or because it lies there already.
            maybe_there: true,
            ..bare(FilingStands::Refused)
        },
        FilingState::Stopped { there } => {
            FilingView { maybe_there: *there == Stopped::MaybeThere, ..bare(FilingStands::Stopped) }
        }
    }
}

fn earlier(one: &Earlier) -> EarlierFiling {
    EarlierFiling {
        system: one.system.clone(),
        at: one.at.to_string(),
        place: one.place.clone(),
        in_doubt: one.in_doubt,
    }
}
