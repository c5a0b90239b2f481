use std::collections::BTreeMap;
use std::ops::Range;

use regex::Regex;

use crate::names::{Form, Names};
use crate::numbers::{self, pattern};
use crate::score::{Evidence, Role};
use crate::{Kind, dates};

/// Finds what says who someone is.
#[derive(Debug)]
pub(crate) struct Identifiers {
    names: Names,
    staff: Vec<String>,
    bsn: Regex,
    bsn_label: Regex,
    date: Regex,
    birth_label: Regex,
    patient_number: Regex,
    address: Regex,
    postcode: Regex,
    phone: Regex,
    email: Regex,
    age: Regex,
}

impl Identifiers {
    pub(crate) fn new(staff: &[String]) -> Self {
        Self {
            names: Names::new(),
            staff: staff
                .iter()
                .map(|name| name.trim().to_lowercase())
                .filter(|name| !name.is_empty())
                .collect(),
            bsn: pattern(
                r"\b(?:[0-9]{8,9}|[0-9]{4}\.[0-9]{2}\.[0-9]{2,3}|[0-9]{3}[. -][0-9]{3}[. -][0-9]{3}|[0-9]{4} [0-9]{2} [0-9]{3})\b",
            ),
            bsn_label: pattern(
                r"(?i)\b(?:bsn|bsnnr|bsn-nummer|bsn-nr|burgerservicenummer|burger service nummer|burgerservicenr|sofi|sofinummer|persoonsnummer|citizen service number|service number)\b",
            ),
            date: pattern(
                r"\b(?:[0-9]{1,2} ?[-/.] ?[0-9]{1,2} ?[-/.] ?(?:19|20)?[0-9]{2}|(?:19|20)[0-9]{2}[-/.][0-9]{1,2}[-/.][0-9]{1,2}|(?:19|20)[0-9]{6}|[0-9]{1,2}[- ](?i:januari|februari|maart|april|mei|juni|juli|augustus|september|oktober|november|december|jan|feb|mrt|apr|jun|jul|aug|sept?|okt|nov|dec|january|february|march|may|june|july|august|october|december)\.?[- ](?:'?[0-9]{2}|(?:19|20)[0-9]{2}))\b",
            ),
            birth_label: pattern(
                r"(?i)(?:\b(?:geboren|geb|geboortedatum|geb\.?datum|gebdat|gebdatum|geb\.?dat|gbd|dob|born|date of birth|birth ?date|birthday|geboortedag|g\.d\.|gd)\b|[*])[^0-9\n]{0,14}$",
            ),
            patient_number: pattern(
                r"(?i)\b(?:pati[^ \n0-9]{2,6}t(?:en)?|pat|pt|cli[^ \n0-9]{2,4}t(?:en)?|bewoner(?:s)?|epd|zis|mrn|opname|ziekenhuis|z|hospital|patient|client|dossier|zorgdossier|huisarts)[- .]{0,2}(?:nummer|nr\.?|no\.?|id|number|dossier|code)\s{0,2}[:.#=]?\s{0,2}(?:is )?(?:[A-Z]{0,3}[-]?)[0-9][0-9 .-]{2,12}[0-9]\b",
            ),
            address: pattern(
                r"(?:straat|laan|weg|plein|dijk|kade|singel|gracht|hof|pad|park|dreef|steeg|plantsoen|markt|baan|wal|burg|veld|oord|hage|str\.) [0-9]{1,4}(?: ?-? ?(?:[a-zA-Z]|[IVX]+|bis|hs|[0-9]{1,3}))?\b",
            ),
            postcode: pattern(r"\b[1-9][0-9]{3} ?[A-Z]{2}\b"),
            phone: pattern(
                r"(?:(?:\+31|0031)[ -]?(?:\(0\))?[ -]?[1-9]|\b\(?0[1-9])(?:[ ()-]{0,2}[0-9]){8}\b",
            ),
            email: pattern(
                r"(?i)\b[a-z0-9._%+-]{1,64}@[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){1,6}\b",
            ),
            age: pattern(
                r"(?i)\b[0-9]{1,3}[- ]?jarige\b|\b(?:van|leeftijd|lft\.?|vrouw,?|man,?) ?:?[0-9]{1,3} ?(?:jaar|jr|jr\.)(?:\b|$|\s)|\p{Lu}\p{L}+,? \(?[0-9]{1,3} ?(?:jaar|jr\b|\))|\b[0-9]{1,3} ?jaar oud|\b[mv] ?[/,]? ?[0-9]{2} ?(?:jaar|jr)\b|\baged? [0-9]{1,3}\b|\b[0-9]{1,3}[- ]year[- ]old\b",
            ),
        }
    }

    /// Everything that identifies, each stretch read once: numbers, dates, places, names, in this
    /// order. `taken` are numbers of other kinds.
    pub(crate) fn find(&self, text: &str, taken: &[Range<usize>]) -> Vec<Evidence> {
        let mut found = Found::default();
        self.numbers(text, taken, &mut found);
        self.dates(text, taken, &mut found);
        self.places(text, taken, &mut found);
        self.people(text, &mut found);
        for age in self.age.find_iter(text) {
            let told = Told(Kind::Dob, Role::Cue, 1.5, "leeftijd", "age");
            found.out.push(told.evidence(age.range()));
        }
        found.out
    }

    fn numbers(&self, text: &str, taken: &[Range<usize>], out: &mut Found) {
        for found in self.patient_number.find_iter(text) {
            if self.bsn_label.is_match(found.as_str()) {
                continue;
            }
            let digits = found.as_str().find(|char: char| char.is_ascii_digit()).unwrap_or(0);
            let range = found.start() + digits..found.end();
            out.add(
                range,
                &Told(Kind::PatientNumber, Role::Strong, 3.5, "patiëntnummer", "patient number"),
            );
        }
        for found in self.bsn.find_iter(text) {
            let range = found.range();
            if numbers::touches(taken, &range) || !elfproef(found.as_str()) {
                continue;
            }
            if is_inside_number(text, &range) {
                continue;
            }
            let before = window(text, range.start.saturating_sub(LABEL), range.start);
            if self.bsn_label.is_match(before) {
                out.add(
                    range,
                    &Told(
                        Kind::Bsn,
                        Role::Strong,
                        4.0,
                        "burgerservicenummer",
                        "citizen service number",
                    ),
                );
            } else if found.len() >= 9 && dates::parse(found.as_str()).is_none() {
                let (nl, en) = (
                    "getal dat een burgerservicenummer kan zijn",
                    "number that may be a citizen service number",
                );
                out.add(range, &Told(Kind::Bsn, Role::Person, 1.2, nl, en));
            }
        }
    }

    fn dates(&self, text: &str, taken: &[Range<usize>], out: &mut Found) {
        for found in self.date.find_iter(text) {
            let range = found.range();
            if numbers::touches(taken, &range) || is_inside_number(text, &range) {
                continue;
            }
            let Some(date) = dates::parse(found.as_str()) else {
                continue;
            };
            let before = window(text, range.start.saturating_sub(LABEL), range.start);
            if self.birth_label.is_match(before) {
                out.add(
                    range,
                    &Told(Kind::Dob, Role::Strong, 3.5, "geboortedatum", "date of birth"),
                );
            } else if date.year < ADULT {
                let (nl, en) =
                    ("datum die een geboortedatum kan zijn", "date that may be a date of birth");
                out.add(range, &Told(Kind::Dob, Role::Person, 1.5, nl, en));
            }
        }
    }

    fn places(&self, text: &str, taken: &[Range<usize>], out: &mut Found) {
        let patterns = [
            (&self.email, Kind::Email, 0.2, "mailadres", "mail address"),
            (&self.phone, Kind::Phone, 0.4, "telefoonnummer", "telephone number"),
            (&self.address, Kind::Address, 1.0, "adres", "address"),
            (&self.postcode, Kind::Address, 0.6, "postcode", "postcode"),
        ];
        for (re, kind, weight, nl, en) in patterns {
            for found in re.find_iter(text) {
                let mut range = found.range();
                if kind == Kind::Address && re.as_str() == self.address.as_str() {
                    range.start = street(text, range.start);
                }
                let dose = kind == Kind::Address && is_dose(found.as_str());
                let is_free = kind == Kind::Email || !numbers::touches(taken, &range);
                if is_free && !dose {
                    out.add(range, &Told(kind, Role::Contact, weight, nl, en));
                }
            }
        }
    }

    fn people(&self, text: &str, out: &mut Found) {
        for (start, end, form) in self.names.find(text) {
            let name = text.get(start..end).unwrap_or_default().to_lowercase();
            let own = self.staff.iter().any(|staff| is_staff(staff, &name));
            let (role, weight, nl, en) = match form {
                _ if own => (Role::Nobody, 0.0, "naam van een collega", "a colleague's name"),
                Form::Titled => (Role::Person, 2.5, "aanhef met naam", "title with a name"),
                Form::Greeted => (Role::Reader, 1.6, "aangesproken met naam", "addressed by name"),
                Form::Professional => {
                    (Role::Nobody, 0.0, "naam van een zorgverlener", "a professional's name")
                }
                Form::Plain => (Role::Person, 1.5, "naam", "name"),
                Form::First => (Role::First, 0.9, "voornaam", "given name"),
            };
            out.add(start..end, &Told(Kind::Name, role, weight, nl, en));
        }
    }
}

/// The weights 9 to 2 and -1 sum to a multiple of eleven, and not all digits are zero. Eight digits have
/// lost their leading zero.
pub(crate) fn elfproef(text: &str) -> bool {
    let digits: Vec<i32> =
        text.bytes().filter(u8::is_ascii_digit).map(|digit| i32::from(digit - b'0')).collect();
    if !(8..=9).contains(&digits.len()) || digits.iter().all(|digit| *digit == 0) {
        return false;
    }
    let last = digits.len() - 1;
    let sum: i32 = digits
        .iter()
        .rev()
        .zip([-1, 2, 3, 4, 5, 6, 7, 8, 9])
        .map(|(digit, weight)| digit * weight)
        .sum();
    let same = digits.iter().take(last).all(|digit| Some(digit) == digits.last());
    sum % 11 == 0 && !same
}

/// Where a street's name begins whose last part, `straat`, starts here: the word, and the capitalised
/// words before it.
fn street(text: &str, last_part: usize) -> usize {
    let mut start = last_part;
    let line = window(text, last_part.saturating_sub(60), last_part);
    let mut left = line;
    for (count, word) in line.rsplit(' ').enumerate() {
        let is_first = count == 0;
        let is_name = word.chars().next().is_some_and(char::is_uppercase);
        if !(is_first || is_name) || word.contains(['\n', ',', ':', ';', '.']) || count > 3 {
            break;
        }
        left = left.get(..left.len() - word.len()).unwrap_or_default();
        start = last_part - (line.len() - left.len());
        left = left.strip_suffix(' ').unwrap_or(left);
    }
    start
}

/// `1000 MG` looks like a postcode.
fn is_dose(text: &str) -> bool {
    ["MG", "ML", "IE", "KG", "GR", "CM", "MM", "EU"].iter().any(|unit| text.ends_with(unit))
}

/// Is it a part of a longer number?
fn is_inside_number(text: &str, range: &Range<usize>) -> bool {
    let before = window(text, range.start.saturating_sub(2), range.start).as_bytes();
    let after = window(text, range.end, range.end + 2).as_bytes();
    let joined = |byte: Option<&u8>| byte.is_some_and(|byte| b".,-/".contains(byte));
    let digit = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_digit);
    (joined(before.last()) && digit(before.first()) && before.len() == 2)
        || (joined(after.first()) && digit(after.get(1)))
}

fn is_staff(staff: &str, name: &str) -> bool {
    staff == name
        || staff.ends_with(&format!(" {name}"))
        || name.ends_with(staff)
        || (staff.contains(' ') && name.contains(staff))
}

/// A stretch of text, its edges moved outwards to characters.
pub(crate) fn window(text: &str, from: usize, to: usize) -> &str {
    let mut from = from.min(text.len());
    let mut to = to.min(text.len());
    while !text.is_char_boundary(from) {
        from -= 1;
    }
    while !text.is_char_boundary(to) {
        to += 1;
    }
    text.get(from..to).unwrap_or_default()
}

/// What was found, no two overlapping.
#[derive(Default)]
struct Found {
    out: Vec<Evidence>,
    /// Start and end of each.
    ranges: BTreeMap<usize, usize>,
}

impl Found {
    /// Takes it in where nothing stands yet.
    fn add(&mut self, range: Range<usize>, told: &Told) {
        let before = self.ranges.range(..range.end).next_back();
        if before.is_none_or(|(_, end)| *end <= range.start) {
            self.ranges.insert(range.start, range.end);
            self.out.push(told.evidence(range));
        }
    }
}

/// Kind, role, weight, and the reason in Dutch and in English.
struct Told(Kind, Role, f32, &'static str, &'static str);

impl Told {
    fn evidence(&self, range: Range<usize>) -> Evidence {
        Evidence {
            start: range.start,
            end: range.end,
            kind: self.0,
            role: self.1,
            weight: self.2,
            nl: self.3,
            en: self.4,
        }
    }
}

/// Bytes before a number in which its label may stand.
const LABEL: usize = 40;
/// Dates before this year in a mail are hardly appointments.
const ADULT: u32 = 2016;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_elfproef_tells_citizen_service_numbers() {
        for (text, is) in [
            ("123456782", true),
            ("1234.56.782", true),
            ("123 456 782", true),
            ("111222333", true),
            ("123456789", false),
            ("000000000", false),
            ("12345672", true),
            ("1234567", false),
        ] {
            assert_eq!(elfproef(text), is, "{text}");
        }
    }

    #[test]
    fn kinds_are_told_apart() {
        let identifiers = Identifiers::new(&["Anna Bakker".to_owned()]);
        for (text, kind, words, role) in [
            ("BSN: 1234.56.782.", Kind::Bsn, "1234.56.782", Role::Strong),
            ("zie 123456782", Kind::Bsn, "123456782", Role::Person),
            ("geb. 12-03-1956", Kind::Dob, "12-03-1956", Role::Strong),
            ("geboortedatum: 3 mei 1988", Kind::Dob, "3 mei 1988", Role::Strong),
            ("patiëntnummer 1234567", Kind::PatientNumber, "1234567", Role::Strong),
            ("bel 06-12345678", Kind::Phone, "06-12345678", Role::Contact),
            ("Dorpsstraat 12a", Kind::Address, "Dorpsstraat 12a", Role::Contact),
            ("3511 AB Utrecht", Kind::Address, "3511 AB", Role::Contact),
            ("dhr. J. van der Berg kwam", Kind::Name, "J. van der Berg", Role::Person),
            ("Beste mevrouw De Vries,", Kind::Name, "De Vries", Role::Reader),
            ("dr. Jansen belde", Kind::Name, "Jansen", Role::Nobody),
            ("mw. Bakker belde", Kind::Name, "Bakker", Role::Nobody),
            ("P. Smit, cardioloog", Kind::Name, "P. Smit", Role::Nobody),
            ("a@b.nl", Kind::Email, "a@b.nl", Role::Contact),
        ] {
            let found = identifiers.find(text, &numbers::taken(text));
            let first = found.iter().find(|one| one.kind == kind);
            let first = first.unwrap_or_else(|| panic!("{text}: {found:?}"));
            assert_eq!(&text[first.start..first.end], words, "{text}");
            assert_eq!(first.role, role, "{text}");
        }
        for text in ["metoprolol 1000 MG", "NL123456782B01", "€ 123456782", "12-03-2026 om 10 uur"]
        {
            let found = identifiers.find(text, &numbers::taken(text));
            assert!(found.is_empty(), "{text}: {found:?}");
        }
    }
}
