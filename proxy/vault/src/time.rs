//! Times in the database: milliseconds since 1970 in UTC.

use jiff::Timestamp;

/// The time of a number; one beyond the calendar (a damaged row) becomes its nearest end.
pub(crate) fn from_ms(ms: i64) -> Timestamp {
    let end = if ms < 0 { Timestamp::MIN } else { Timestamp::MAX };
    Timestamp::from_millisecond(ms).unwrap_or(end)
}
