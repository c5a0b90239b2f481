use core::fmt;

use jiff::Timestamp;
use mail::days;
use serde::{Deserialize, Serialize};

use crate::Error;

/// A month of a record, `YYYY-MM`, in Europe/Amsterdam (R-DNS-1). Written and serialised as
/// that text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Month {
    year: u16,
    month: u8,
}

impl Month {
    /// Parses `4DIGIT "-" 2DIGIT`, the month from 01 to 12.
    ///
    /// # Errors
    /// [`Error::Month`] for any other text.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let &[y1, y2, y3, y4, b'-', m1, m2] = text.as_bytes() else {
            return Err(Error::Month);
        };
        let digits = [y1, y2, y3, y4, m1, m2];
        if !digits.iter().all(u8::is_ascii_digit) {
            return Err(Error::Month);
        }
        let digit = |c: u8| u16::from(c - b'0');
        let year = digit(y1) * 1000 + digit(y2) * 100 + digit(y3) * 10 + digit(y4);
        let month = (m1 - b'0') * 10 + (m2 - b'0');
        Self::new(year, month)
    }

    /// The month by its numbers: a year to 9999, a month from 1 to 12.
    ///
    /// # Errors
    /// [`Error::Month`] outside these.
    pub fn new(year: u16, month: u8) -> Result<Self, Error> {
        if year > 9999 || !(1..=12).contains(&month) {
            return Err(Error::Month);
        }
        Ok(Self { year, month })
    }

    /// The month that `now` falls in, in Europe/Amsterdam.
    #[must_use]
    pub fn of(now: Timestamp) -> Self {
        let local = days::clocks().to_datetime(now);
        Self {
            // Before the year 0 there are no records: the clamp changes no answer.
            year: u16::try_from(local.year()).unwrap_or(0),
            month: u8::try_from(local.month()).unwrap_or(1),
        }
    }

    /// The year, 0 to 9999.
    #[must_use]
    pub fn year(self) -> u16 {
        self.year
    }

    /// The month of the year, 1 to 12.
    #[must_use]
    pub fn month(self) -> u8 {
        self.month
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.year, self.month)
    }
}

impl TryFrom<String> for Month {
    type Error = Error;
    fn try_from(text: String) -> Result<Self, Error> {
        Self::parse(&text)
    }
}

impl From<Month> for String {
    fn from(month: Month) -> Self {
        month.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_month_is_four_digits_a_dash_and_two_digits() {
        for text in ["2019-06", "2020-12", "0001-01", "9999-12"] {
            assert_eq!(Month::parse(text).unwrap().to_string(), text);
        }
        for text in [
            "",
            "2019",
            "2019-6",
            "2019-00",
            "2019-13",
            "2019-6 ",
            "19-06",
            "2019-06-",
            "2019/06",
            "2019-06-01",
            "+019-06",
            "2019-0a",
            "２０19-06",
        ] {
            assert_eq!(Month::parse(text), Err(Error::Month), "{text:?}");
        }
    }

    #[test]
    fn a_month_begins_and_ends_at_midnight_in_amsterdam() {
        for (now, month) in [
            ("2020-09-30T21:59:59Z", "2020-09"),
            ("2020-09-30T22:00:00Z", "2020-10"),
            ("2020-12-31T22:59:59Z", "2020-12"),
            ("2020-12-31T23:00:00Z", "2021-01"),
            ("2019-05-31T21:59:59Z", "2019-05"),
            ("2019-05-31T22:00:00Z", "2019-06"),
        ] {
            let now: Timestamp = now.parse().unwrap();
            assert_eq!(Month::of(now).to_string(), month, "{now}");
        }
    }

    #[test]
    fn months_are_ordered_as_on_the_calendar() {
        let month = |text| Month::parse(text).unwrap();
        assert!(month("2019-12") < month("2020-01"));
        assert!(month("2020-01") < month("2020-10"));
    }
}
