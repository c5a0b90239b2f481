//! Smart cards as the pages are told them. Everything here is a pure function.

use std::path::PathBuf;

use engine::cards::{CardError, Offer, OnCard, PinState, PinWanted, Token, Tries};
use engine::identities::IdentityError;
use jiff::Timestamp;

use crate::view::{CardCertificate, CardSoftware, CardView, CardsView, PinStands, View};
use crate::words::Words;

/// What was found by one piece of software.
type Found = (PathBuf, Result<Vec<Token>, CardError>);

pub(crate) fn cards(
    words: &Words,
    used: &[PathBuf],
    offers: &[Offer],
    found: &[Found],
    now: Timestamp,
) -> CardsView {
    let tokens = found.iter().filter_map(|(_, tokens)| tokens.as_ref().ok()).flatten();
    let errors = found.iter().filter_map(|(_, tokens)| tokens.as_ref().err());
    let offer = |offer: &Offer| CardSoftware {
        name: offer.name.to_owned(),
        module: offer.module.display().to_string(),
        used: used.contains(&offer.module),
    };
    let own = used.iter().filter(|module| !offers.iter().any(|offer| offer.module == **module));
    let named = own.map(|module| CardSoftware {
        name: module.file_stem().unwrap_or_default().to_string_lossy().into_owned(),
        module: module.display().to_string(),
        used: true,
    });
    CardsView {
        software: offers.iter().map(offer).chain(named).collect(),
        cards: tokens.map(|token| card(words, token, now)).collect(),
        troubles: errors.map(|error| words.pick(error.nl(), error.en())).collect(),
    }
}

fn card(words: &Words, token: &Token, now: Timestamp) -> CardView {
    CardView {
        label: token.label.clone(),
        pin: pin(token.pin),
        certificates: token
            .certificates
            .iter()
            .filter_map(|one| certificate(words, one, now))
            .collect(),
    }
}

/// The question for a PIN.
pub(crate) fn ask_pin(wanted: PinWanted) -> View {
    let PinWanted { identity, card } = wanted;
    View::AskPin { id: identity, card: card.label, pin: pin(card.pin) }
}

fn pin(state: PinState) -> PinStands {
    match state {
        PinState::Ready(Tries::Unknown) => PinStands::Ready,
        PinState::Ready(Tries::Few) => PinStands::Few,
        PinState::Ready(Tries::Last) => PinStands::Last,
        PinState::Locked => PinStands::Locked,
        PinState::ToSet => PinStands::ToSet,
        PinState::AtReader => PinStands::AtReader,
    }
}

/// None where it cannot be read: there is nothing to choose then.
fn certificate(words: &Words, one: &OnCard, now: Timestamp) -> Option<CardCertificate> {
    let own = one.chain.first()?;
    let says = verify::describe(own).ok()?;
    let refusal = verify::may_sign_mail(own, now).err().map(IdentityError::from);
    Some(CardCertificate {
        place: one.place.to_string(),
        subject: says.subject,
        issuer: says.issuer,
        not_after: says.not_after.to_string(),
        refusal: refusal.map(|error| words.pick(error.nl(), error.en())),
    })
}
