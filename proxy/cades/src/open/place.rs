//! How a part is named in a [`SignedPart`](super::SignedPart): numbers from 1 at each level of the tree,
//! `/` behind a signature that has its content inside. Who draws a message beside its verdict names parts
//! by this too, or it would show as covered what is not.

/// The place of the part with this number, from 1, in that place; the message itself is `""`.
#[must_use]
pub fn inner(place: &str, number: usize) -> String {
    match place {
        "" => number.to_string(),
        place if place.ends_with('/') => format!("{place}{number}"),
        place => format!("{place}.{number}"),
    }
}

/// The name of a place, as in [`SignedPart::part`](super::SignedPart::part).
#[must_use]
pub fn named(place: &str) -> String {
    match place {
        "" => "0".to_owned(),
        place if place.ends_with('/') => format!("{place}0"),
        place => place.to_owned(),
    }
}

/// A message signed, encrypted and signed again has two; each level hashes its content once more.
pub const LEVELS_MOST: usize = 5;
