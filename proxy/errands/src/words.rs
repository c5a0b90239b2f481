//! Why something is not done yet, in Dutch and English.

use retrieval::aside::AsideError;
use vault::Reason;

/// The account is gone.
pub(crate) const NO_ACCOUNT: (&str, &str) = (
    "het account staat niet meer in de instellingen; voeg het weer toe",
    "its account is no longer in the settings; add it again",
);

/// There is no folder for what was sent.
pub(crate) const NO_SENT: (&str, &str) = (
    "uw mailprovider heeft geen map Verzonden; maak er een in uw mailprogramma",
    "your mail provider has no folder Sent; make one in your mail program",
);

/// The whole took too long.
pub(crate) const TOO_LONG: (&str, &str) = (
    "uw mailprovider deed er te lang over; het wordt later opnieuw geprobeerd",
    "your mail provider took too long; it is tried again later",
);

pub(crate) fn reason((nl, en): (&str, &str)) -> Reason {
    Reason { nl: nl.to_owned(), en: en.to_owned() }
}

pub(crate) fn of(error: &AsideError) -> Reason {
    Reason {
        nl: format!("uw mailprovider: {}", error.nl()),
        en: format!("your mail provider: {error}"),
    }
}
