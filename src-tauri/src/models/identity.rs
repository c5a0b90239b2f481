//! Identities as the pages are told them. Everything here is a pure function.

use engine::identities::{IdentityCard, Place, RequestCard, Standing as Stands};

use crate::view::{IdentitiesView, IdentityView, RequestView, Standing};
use crate::words::Words;

pub(crate) fn identities(
    words: &Words,
    cards: &[IdentityCard],
    requests: &[RequestCard],
) -> IdentitiesView {
    IdentitiesView {
        items: cards.iter().map(|one| identity(words, one)).collect(),
        requests: requests.iter().map(request).collect(),
    }
}

pub(crate) fn identity(words: &Words, card: &IdentityCard) -> IdentityView {
    let advice = card.standing.nl().zip(card.standing.en());
    IdentityView {
        id: card.id.clone(),
        account: card.account.to_string(),
        addresses: card.addresses.clone(),
        subject: card.subject.clone(),
        issuer: card.issuer.clone(),
        key: card.kind.clone(),
        on_card: matches!(card.place, Place::Card { .. }),
        self_signed: card.trying_out,
        fingerprint: card.fingerprint.clone(),
        not_after: card.not_after.map(|at| at.to_string()),
        days_left: card.days_left.map(|days| i32::try_from(days).unwrap_or(i32::MAX)),
        standing: standing(card.standing, card.trying_out),
        advice: advice.map(|(nl, en)| words.pick(nl, en)),
        signs: card.signs_for_account,
        seen: words.pick(&card.seen_by_recipients.nl, &card.seen_by_recipients.en),
    }
}

/// One that signs, and not for long or for trying out alone, wants attention; one that signs nothing is bad.
fn standing(standing: Stands, trying_out: bool) -> Standing {
    match standing {
        Stands::Good if !trying_out => Standing::Good,
        one if one.signs() => Standing::Attention,
        _ => Standing::Bad,
    }
}

fn request(card: &RequestCard) -> RequestView {
    RequestView {
        id: card.id.clone(),
        account: card.account.to_string(),
        made_at: card.created_at.to_string(),
        pem: card.pem.clone(),
    }
}
