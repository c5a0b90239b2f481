//! Whether the mail program sends through us at all. One that was never here sends straight to the
//! provider, and nothing that it sends is looked at, however green the rest is.

use engine::Engine;
use engine::visits::Visit;
use jiff::Timestamp;
use mail::days;

use crate::{Item, Standing, good};

/// An item an account.
pub(crate) fn items(engine: &Engine) -> Vec<Item> {
    let accounts = &engine.settings().accounts;
    let several = accounts.len() > 1;
    let item = |account: &settings::Account| {
        let named = several.then(|| account.address.to_string());
        item(engine.visit(&account.address), named.as_deref(), engine.now())
    };
    accounts.iter().map(item).collect()
}

/// `account`: said where there are several.
fn item(visit: Visit, account: Option<&str>, now: Timestamp) -> Item {
    let nl = account.map(|account| format!(" voor {account}")).unwrap_or_default();
    let en = account.map(|account| format!(" for {account}")).unwrap_or_default();
    let Some(at) = visit.handed_in else {
        let sentence = match visit.fetched {
            None => (
                format!(
                    "Er is nog nooit mail van uw mailprogramma gekomen{nl}: het verstuurt nog buiten Zorgzegel om."
                ),
                format!(
                    "No mail ever came from your mail program{en}: it still sends past Zorgzegel."
                ),
            ),
            Some(_) => (
                format!(
                    "Uw mailprogramma haalt mail op via Zorgzegel{nl}, maar gaf nog nooit mail af: misschien verstuurt het nog erbuiten om."
                ),
                format!(
                    "Your mail program fetches mail through Zorgzegel{en}, but never handed any in: it may still send past it."
                ),
            ),
        };
        return attention(sentence);
    };
    let days = (now.as_second() - at.as_second()).div_euclid(A_DAY);
    if days > QUIET {
        return attention((
            format!("Al {days} dagen kwam er geen mail van uw mailprogramma{nl}."),
            format!("For {days} days no mail came from your mail program{en}."),
        ));
    }
    let (day, time) = clock(at);
    good(
        "program",
        &format!("Uw mailprogramma verstuurt via Zorgzegel{nl}; het laatst op {day} om {time}."),
        &format!("Your mail program sends through Zorgzegel{en}; last on {day} at {time}."),
    )
}

fn attention(sentence: (String, String)) -> Item {
    let mend = (
        "Loop bij Instellingen de stappen na (‘Gegevens voor uw mailprogramma’), en stuur uzelf vanuit uw mailprogramma een mail.".to_owned(),
        "Go through the steps in Settings (“Details for your mail program”), and send yourself a mail from your mail program.".to_owned(),
    );
    Item { what: "program", state: Standing::Attention, sentence, mend: Some(mend) }
}

/// As clocks in the Netherlands show it.
fn clock(at: Timestamp) -> (String, String) {
    let day = days::clocks().to_datetime(at).strftime("%d-%m-%Y").to_string();
    (day, days::time(at))
}

const A_DAY: i64 = 24 * 60 * 60;
/// Days without a mail after which it is asked whether the mail program still sends here: longer
/// than most are away, and an update of the mail program may have taken it elsewhere.
const QUIET: i64 = 21;

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn a_mail_program_that_never_came_is_no_good() {
        let now = at("2026-11-26T17:00:00Z");
        let never = item(Visit::default(), None, now);
        assert_eq!(never.state, Standing::Attention);
        assert!(never.sentence.0.contains("nog nooit mail") && never.mend.is_some());
        let fetches = Visit { fetched: Some(now), handed_in: None };
        let fetches = item(fetches, Some("a@b.test"), now);
        assert_eq!(fetches.state, Standing::Attention);
        assert!(fetches.sentence.0.contains("haalt mail op"), "{fetches:?}");
        assert!(fetches.sentence.1.contains("for a@b.test"), "{fetches:?}");
    }

    #[test]
    fn the_last_mail_is_told_by_the_dutch_clock_and_a_long_silence_is_asked_about() {
        let now = at("2026-11-26T17:00:00Z");
        let visit = Visit { handed_in: Some(at("2026-11-25T15:40:00Z")), fetched: None };
        let good = item(visit, None, now);
        assert_eq!((good.state, good.mend.as_ref()), (Standing::Good, None));
        assert!(good.sentence.0.contains("25-11-2026 om 16:40"), "{good:?}");
        let long = item(visit, None, at("2026-12-25T17:00:00Z"));
        assert_eq!(long.state, Standing::Attention);
        assert!(long.sentence.0.contains("30 dagen"), "{long:?}");
    }
}
