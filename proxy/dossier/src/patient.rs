//! Whom a message is about: proposed from what was found, and confirmed by a person.

use detect::Kind;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// A citizen service number that passes the eleven-test.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Bsn(String);

impl Bsn {
    /// Reads nine digits, or eight with the leading nought lost; blanks, dots and hyphens between them
    /// are of no account. `None` where the eleven-test fails.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let digits: String =
            text.chars().filter(|c| !matches!(c, ' ' | '.' | '-' | '\u{a0}')).collect();
        if !matches!(digits.len(), 8 | 9) || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let digits = format!("{digits:0>9}");
        let sum: i32 = digits
            .bytes()
            .zip([9, 8, 7, 6, 5, 4, 3, 2, -1])
            .map(|(digit, weight)| i32::from(digit - b'0') * weight)
            .sum();
        (sum % 11 == 0 && digits != "000000000").then_some(Self(digits))
    }

    /// The nine digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl core::fmt::Debug for Bsn {
    /// The number is private.
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Bsn(*********)")
    }
}

impl TryFrom<String> for Bsn {
    type Error = PatientError;
    fn try_from(text: String) -> Result<Self, PatientError> {
        Self::parse(&text).ok_or(PatientError::Bsn)
    }
}

impl From<Bsn> for String {
    fn from(bsn: Bsn) -> Self {
        bsn.0
    }
}

/// Why what was typed is no patient.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PatientError {
    /// The number fails.
    #[error("this is no citizen service number (it fails the eleven-test); look at its digits")]
    Bsn,
    /// Neither number nor name with a birth date.
    #[error("a patient is known by a BSN, or by a name and a date of birth; give one of these")]
    TooLittle,
    /// The name is longer than any name.
    #[error("a name has at most 200 letters; shorten it")]
    LongName,
}

impl PatientError {
    /// The same sentence in Dutch.
    #[must_use]
    pub fn nl(self) -> &'static str {
        match self {
            Self::Bsn => {
                "Dit is geen burgerservicenummer (de elfproef klopt niet); kijk de cijfers na."
            }
            Self::TooLittle => {
                "Een patiënt is bekend met een BSN, of met naam en geboortedatum; geef een van beide."
            }
            Self::LongName => "Een naam heeft hooguit 200 letters; maak hem korter.",
        }
    }
}

/// A patient whom a person confirmed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Patient {
    bsn: Option<Bsn>,
    name: String,
    birth_date: Option<Date>,
}

impl Patient {
    /// The patient whom a person confirmed. Call this with what a person saw and left or corrected,
    /// never with a [`Proposal`] that nobody looked at.
    ///
    /// # Errors
    /// [`PatientError`] where that is too little to file under.
    pub fn confirmed(
        bsn: Option<Bsn>,
        name: &str,
        birth_date: Option<Date>,
    ) -> Result<Self, PatientError> {
        let name = name.split_whitespace().collect::<Vec<_>>().join(" ");
        if name.chars().count() > LONGEST_NAME {
            return Err(PatientError::LongName);
        }
        if bsn.is_none() && (name.is_empty() || birth_date.is_none()) {
            return Err(PatientError::TooLittle);
        }
        Ok(Self { bsn, name, birth_date })
    }

    /// The citizen service number.
    #[must_use]
    pub fn bsn(&self) -> Option<&Bsn> {
        self.bsn.as_ref()
    }

    /// The name; may be empty where there is a number.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The date of birth.
    #[must_use]
    pub fn birth_date(&self) -> Option<Date> {
        self.birth_date
    }
}

/// What a message seems to say about its patient, for a person to correct.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Proposal {
    /// The first number that passes the eleven-test.
    pub bsn: Option<Bsn>,
    /// The first name.
    pub name: Option<String>,
    /// The first date of birth.
    pub birth_date: Option<Date>,
    /// The message names more than one number, name or date: it may be about several people.
    pub several: bool,
}

/// Proposes a patient from what was found: pairs of a kind and its words, in the order of the message. The
/// day of today tells of what century a birth is.
#[must_use]
pub fn propose<'a>(found: impl IntoIterator<Item = (Kind, &'a str)>, today: Date) -> Proposal {
    let mut proposal = Proposal::default();
    for (kind, words) in found {
        match kind {
            Kind::Bsn => first(&mut proposal.bsn, Bsn::parse(words), &mut proposal.several),
            Kind::Dob => first(&mut proposal.birth_date, day(words, today), &mut proposal.several),
            Kind::Name => {
                let name = words.split_whitespace().collect::<Vec<_>>().join(" ");
                let longer = proposal.name.as_ref().is_some_and(|known| alike(known, &name));
                if longer {
                    // "mw. De Vries" and "Anna de Vries" are most likely one person.
                    let known = proposal.name.take().unwrap_or_default();
                    proposal.name = Some(if says(&name) > says(&known) { name } else { known });
                } else {
                    first(&mut proposal.name, Some(name), &mut proposal.several);
                }
            }
            _ => {}
        }
    }
    proposal
}

fn first<T: PartialEq>(slot: &mut Option<T>, found: Option<T>, several: &mut bool) {
    match (&slot, found) {
        (None, found) => *slot = found,
        (Some(known), Some(other)) if *known != other => *several = true,
        _ => {}
    }
}

/// Whether two names may be of one person: the last word is the same, no title gainsays the other, and the
/// given names agree, or one has none. Two relatives have one last name.
fn alike(one: &str, other: &str) -> bool {
    let (one, other) = (Parts::of(one), Parts::of(other));
    let sexes = one.sex.zip(other.sex).is_none_or(|(one, other)| one == other);
    let initial = |word: &str| word.chars().count() == 1;
    let mut given = one.given.iter().zip(&other.given);
    let agree = |(one, other): (&String, &String)| {
        one == other
            || (initial(one) && other.starts_with(one.as_str()))
            || (initial(other) && one.starts_with(other.as_str()))
    };
    one.last == other.last && sexes && given.all(agree)
}

/// How much a name says of who it is: its given names first, then its length.
fn says(name: &str) -> (usize, usize) {
    (Parts::of(name).given.iter().map(String::len).sum(), name.len())
}

/// A name in lower case, without its particles.
#[derive(Default)]
struct Parts {
    sex: Option<Sex>,
    given: Vec<String>,
    last: String,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Sex {
    Woman,
    Man,
}

impl Parts {
    fn of(name: &str) -> Self {
        let lower = name.to_lowercase();
        let mut parts = Self::default();
        let words = lower.split(|c: char| c.is_whitespace() || c == '.');
        for word in words.filter(|word| !word.is_empty()) {
            match word {
                _ if WOMAN.contains(&word) => parts.sex = Some(Sex::Woman),
                _ if MAN.contains(&word) => parts.sex = Some(Sex::Man),
                _ if OTHER_TITLES.contains(&word) || PARTICLES.contains(&word) => {}
                _ => parts.given.push(word.to_owned()),
            }
        }
        // A name of particles alone is its own last word.
        parts.last = parts.given.pop().unwrap_or(lower);
        parts
    }
}

const WOMAN: [&str; 8] = ["mw", "mevr", "mevrouw", "mej", "vrouw", "mrs", "ms", "miss"];
/// `mr` is also a Dutch lawyer of either sex, and says nothing.
const MAN: [&str; 5] = ["dhr", "heer", "hr", "meneer", "mijnheer"];
const OTHER_TITLES: [&str; 9] = ["mr", "dr", "drs", "prof", "ir", "ing", "fam", "familie", "ds"];
const PARTICLES: [&str; 17] = [
    "van", "de", "der", "den", "het", "'t", "’t", "ten", "ter", "te", "in", "op", "von", "la",
    "le", "du", "el",
];

/// A day as people write it: 12-03-1956, 12/3/56, 12 maart 1956, 1956-03-12. Of a year of two digits it is
/// the last such day that is not after today: nobody was born in the future.
#[must_use]
pub fn day(words: &str, today: Date) -> Option<Date> {
    let lower = words.to_lowercase();
    let parts: Vec<&str> =
        lower.split(|c: char| !c.is_alphanumeric()).filter(|part| !part.is_empty()).collect();
    let &[one, two, three] = parts.as_slice() else { return None };
    let number = |text: &str| text.parse::<i16>().ok();
    let month = |text: &str| {
        let named = MONTHS
            .iter()
            .position(|names| names.iter().any(|name| text.len() >= 3 && name.starts_with(text)));
        named.and_then(|at| i8::try_from(at + 1).ok()).or_else(|| text.parse().ok())
    };
    if one.len() == 4 {
        return Date::new(number(one)?, month(two)?, three.parse().ok()?).ok();
    }
    let (year, month, day) = (number(three)?, month(two)?, one.parse().ok()?);
    let in_year = |year| Date::new(year, month, day).ok();
    match three.len() {
        4 => in_year(year),
        2 => {
            let century = today.year() - today.year() % 100;
            let mut days = [century, century - 100].into_iter().filter_map(|c| in_year(c + year));
            days.find(|day| *day <= today)
        }
        _ => None,
    }
}

const MONTHS: [&[&str]; 12] = [
    &["januari", "january"],
    &["februari", "february"],
    &["maart", "mrt", "march"],
    &["april"],
    &["mei", "may"],
    &["juni", "june"],
    &["juli", "july"],
    &["augustus", "august"],
    &["september"],
    &["oktober", "october"],
    &["november"],
    &["december"],
];
/// Longer is no name but a sentence.
const LONGEST_NAME: usize = 200;

#[cfg(test)]
mod tests {
    use super::*;

    const TODAY: Date = Date::constant(2026, 11, 27);

    #[test]
    fn a_number_is_believed_only_where_the_eleven_test_holds() {
        assert_eq!(Bsn::parse("123.456.782").unwrap().as_str(), "123456782");
        assert_eq!(Bsn::parse("10000008").unwrap().as_str(), "010000008");
        for wrong in ["123456789", "000000000", "", "1234567", "12345678a", "1234567820"] {
            assert!(Bsn::parse(wrong).is_none(), "{wrong}");
        }
        assert!(!format!("{:?}", Bsn::parse("123456782")).contains("123456782"));
    }

    #[test]
    fn a_patient_is_proposed_from_what_was_found_and_doubt_is_said() {
        let found = [
            (Kind::Name, "mw. De Vries"),
            (Kind::Bsn, "123456782"),
            (Kind::Dob, "12-03-1956"),
            (Kind::Name, "Anna  de Vries"),
            (Kind::Medical, "CVA"),
        ];
        let proposal = propose(found, TODAY);
        assert_eq!(proposal.bsn, Bsn::parse("123456782"));
        assert_eq!(proposal.name.as_deref(), Some("Anna de Vries"));
        assert_eq!(proposal.birth_date, Some(Date::constant(1956, 3, 12)));
        assert!(!proposal.several);
        let two = propose(found.into_iter().chain([(Kind::Name, "dhr. Jansen")]), TODAY);
        assert!(two.several);
        assert_eq!(two.name.as_deref(), Some("Anna de Vries"), "the first stays");
        assert_eq!(propose([], TODAY), Proposal::default());
    }

    #[test]
    fn two_relatives_are_two_patients_and_one_person_in_two_spellings_is_one() {
        let several =
            |names: &[&str]| propose(names.iter().map(|name| (Kind::Name, *name)), TODAY).several;
        for one in [
            ["Anna de Vries", "mw. De Vries"],
            ["A. de Vries", "Anna de Vries"],
            ["mevrouw A.B. de Vries", "Anna Berta de Vries"],
            ["dr. J. van den Berg", "dhr. Jan van den Berg"],
            ["Jan Jansen", "jan jansen"],
        ] {
            assert!(!several(&one), "{one:?}");
        }
        for two in [
            ["Anna de Vries", "Jan de Vries"],
            ["Anna de Vries", "Arie de Vries"],
            ["A. de Vries", "J. de Vries"],
            ["A.B. de Vries", "A.C. de Vries"],
            ["dhr. De Vries", "mw. De Vries"],
            ["Anna de Vries", "Anna Jansen"],
        ] {
            assert!(several(&two), "{two:?}");
        }
        // The longer name is not always the one that says more.
        assert!(several(&["A. de Vries", "mevrouw De Vries", "Jan de Vries"]));
    }

    #[test]
    fn dates_are_read_as_people_write_them() {
        let day = Some(Date::constant(1956, 3, 2));
        for written in ["02-03-1956", "2/3/56", "2 maart 1956", "2 mrt. 1956", "1956-03-02"] {
            assert_eq!(super::day(written, TODAY), day, "{written}");
        }
        for wrong in ["31-02-1956", "vandaag", "1-2", "2 ma 1956", ""] {
            assert_eq!(super::day(wrong, TODAY), None, "{wrong}");
        }
    }

    #[test]
    fn a_year_of_two_digits_is_the_last_one_that_is_not_in_the_future() {
        let day = |written: &str, today: Date| super::day(written, today).unwrap().to_string();
        for (written, read) in [
            ("2-3-12", "2012-03-02"),
            ("12-03-26", "2026-03-12"),
            ("27-11-26", "2026-11-27"),
            ("28-11-26", "1926-11-28"),
            ("12-03-27", "1927-03-12"),
            ("29-02-28", "1928-02-29"),
            ("12-03-56", "1956-03-12"),
        ] {
            assert_eq!(day(written, TODAY), read, "{written}");
        }
        let later = Date::constant(2031, 1, 1);
        assert_eq!(day("12-03-30", later), "2030-03-12");
        assert_eq!(
            day("29-02-00", Date::constant(2105, 1, 1)),
            "2000-02-29",
            "2100 has no such day"
        );
        assert_eq!(day("12-03-2031", TODAY), "2031-03-12", "it is written so");
    }

    #[test]
    fn too_little_is_no_patient() {
        let bsn = Bsn::parse("123456782");
        assert!(Patient::confirmed(bsn, "", None).is_ok());
        let born = Some(Date::constant(1956, 3, 2));
        assert_eq!(Patient::confirmed(None, " A  de Vries ", born).unwrap().name(), "A de Vries");
        assert_eq!(Patient::confirmed(None, "A", None), Err(PatientError::TooLittle));
        assert_eq!(Patient::confirmed(None, " ", born), Err(PatientError::TooLittle));
        let long = "x".repeat(LONGEST_NAME + 1);
        assert_eq!(Patient::confirmed(None, &long, born), Err(PatientError::LongName));
    }
}
