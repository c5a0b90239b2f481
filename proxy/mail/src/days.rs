//! Days and times as people in the Netherlands read them.

use std::sync::OnceLock;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::{TimeZone, TimeZoneDatabase, offset};

/// The clocks of the Netherlands, from the data that is built in: the answer depends on no machine's
/// settings. By those of UTC a certificate would end a day earlier here than there. The rule behind it
/// has held since 1996.
pub fn clocks() -> &'static TimeZone {
    static CLOCKS: OnceLock<TimeZone> = OnceLock::new();
    CLOCKS.get_or_init(|| {
        TimeZoneDatabase::bundled()
            .get("Europe/Amsterdam")
            .or_else(|_| TimeZone::posix("CET-1CEST,M3.5.0,M10.5.0/3"))
            .unwrap_or_else(|_| TimeZone::fixed(offset(1)))
    })
}

/// The day in Dutch: `3 maart 2026`.
#[must_use]
pub fn dutch(at: Timestamp) -> String {
    let at = clocks().to_datetime(at);
    let month = usize::try_from(at.month()).unwrap_or(1).saturating_sub(1);
    format!("{} {} {}", at.day(), MONTHS.get(month).unwrap_or(&"januari"), at.year())
}

/// The day in English: `3 March 2026`.
#[must_use]
pub fn english(at: Timestamp) -> String {
    clocks().to_datetime(at).strftime("%-d %B %Y").to_string()
}

/// The day; written out it is as names of files have it: `2026-03-03`.
#[must_use]
pub fn day(at: Timestamp) -> Date {
    clocks().to_datetime(at).date()
}

/// The time of the day: `14:05`.
#[must_use]
pub fn time(at: Timestamp) -> String {
    clocks().to_datetime(at).strftime("%H:%M").to_string()
}

/// The day and the time in Dutch: `3 maart 2026 om 14:05`.
#[must_use]
pub fn dutch_moment(at: Timestamp) -> String {
    format!("{} om {}", dutch(at), time(at))
}

/// The day and the time in English: `3 March 2026 at 14:05`.
#[must_use]
pub fn english_moment(at: Timestamp) -> String {
    format!("{} at {}", english(at), time(at))
}

const MONTHS: [&str; 12] = [
    "januari",
    "februari",
    "maart",
    "april",
    "mei",
    "juni",
    "juli",
    "augustus",
    "september",
    "oktober",
    "november",
    "december",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_told_by_the_clocks_of_the_netherlands() {
        let told = |at: &str| {
            let at = at.parse().unwrap();
            (dutch_moment(at), english_moment(at))
        };
        for (at, nl, en) in [
            ("2026-12-31T23:30:00Z", "1 januari 2027 om 00:30", "1 January 2027 at 00:30"),
            ("2026-06-30T23:30:00Z", "1 juli 2026 om 01:30", "1 July 2026 at 01:30"),
        ] {
            assert_eq!(told(at), (nl.to_owned(), en.to_owned()));
        }
    }
}
