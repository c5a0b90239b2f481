use std::collections::BTreeMap;
use std::ops::Range;

use regex::Regex;

use crate::labels::{CODE, OTHER_LABELS, STRONG_LABELS, WEAK_LABELS};
use crate::names::{self, Form};
use crate::numbers::{self, pattern};
use crate::places::Places;
use crate::score::{Evidence, Role};
use crate::tokens::Token;
use crate::{Field, Kind, dates};

/// Finds what says who someone is.
#[derive(Debug)]
pub(crate) struct Identifiers {
    staff: Vec<String>,
    bsn: Regex,
    bsn_label: Regex,
    date: Regex,
    birth_label: Regex,
    own_date: Regex,
    short_date: Regex,
    patient_number: Regex,
    file_number: Regex,
    lone_number: Regex,
    own_number: Regex,
    places: Places,
    age: Regex,
}

impl Identifiers {
    pub(crate) fn new(staff: &[String]) -> Self {
        Self {
            staff: staff
                .iter()
                .map(|name| name.trim().to_lowercase())
                .filter(|name| !name.is_empty())
                .collect(),
            bsn: pattern(
                r"\b(?:[0-9]{8,9}|[0-9]{4}[. ]{1,2}[0-9]{2}[. ][0-9]{2,3}|[0-9]{3}[. -][0-9]{3}[. -][0-9]{3}|[0-9]{3}[. ][0-9]{2}[. ][0-9]{3}|[0-9]{2} [0-9]{3} [0-9]{3}|[0-9]{2} [0-9]{2} [0-9]{2} [0-9]{3}|[0-9]{3} [0-9]{2} [0-9]{2} [0-9]{2})\b",
            ),
            bsn_label: pattern(
                r"(?i)\b(?:bsn|bsnnr|bsn-nummer|bsn-nr|burgerservicenummer|burger service nummer|burgerservicenr|sofi|sofinummer|sofi-nummer|persoonsnummer|citizen service number|service number)(?:\b|[0-9])",
            ),
            date: pattern(
                r"\b(?:[0-9]{1,2} ?[-/.] ?[0-9]{1,2} ?[-/.] ?(?:'?[0-9]{2}|(?:1[6-9]|20)[0-9]{2})|(?:19|20)[0-9]{2}[-/.][0-9]{1,2}[-/.][0-9]{1,2}|(?:19|20)[0-9]{6}|[0-3][0-9][01][0-9](?:19|20)[0-9]{2}|[0-9]{1,2}(?:e|st|nd|rd|th)?[- ](?i:januari|februari|maart|april|mei|juni|juli|augustus|september|oktober|november|december|jan|feb|mrt|apr|jun|jul|aug|sept?|okt|oct|nov|dec|january|february|march|may|june|july|august|october|december)\.?,?[- ](?:'?[0-9]{2}|(?:1[6-9]|20)[0-9]{2})|(?i:january|february|march|april|may|june|july|august|september|october|november|december) [0-9]{1,2}(?:st|nd|rd|th)?,? (?:1[6-9]|20)[0-9]{2})\b",
            ),
            own_date: pattern(
                r"^(?:[ \t]?[(,:|;*\t/-]{0,2}[ \t]?(?:geb\.?|born|dob|gd)?[ :]{0,2})(?P<date>[0-9]{1,2} ?[-/.] ?[0-9]{1,2} ?[-/.] ?(?:'?[0-9]{2}|(?:19|20)[0-9]{2})|(?:19|20)[0-9]{2}-[0-9]{2}-[0-9]{2})\b",
            ),
            short_date: pattern(r"\b[0-3][0-9][01][0-9][0-9]{2}\b"),
            birth_label: pattern(
                r"(?i)(?:\b(?:geboren|geb|geboortedatum|geb\.? ?datum|gebdat|gebdatum|geb\.?dat|geb\.?dt|gbd|gbdt|dob|born|d\.o\.b|date of birth|birth ?date|birthday|geboortedag|g\.d\.|gd|dd|geboortedtm)\b|[*°])[^0-9\n]{0,22}$",
            ),
            patient_number: pattern(&format!(
                r"(?i)\b(?:{STRONG_LABELS}|(?P<weak>{WEAK_LABELS}))\s{{0,12}}[:.#=(]?\s{{0,2}}(?:is |was |van |op |onder |met )?(?-i:{CODE})",
            )),
            file_number: pattern(r"\b(?:[A-Z]{1,3}[0-9]{0,2}-)?[0-9]{5,10}\b"),
            lone_number: pattern(r"(?m)(?:^|[ \t|/(,;])[A-Z]{0,3}-?[0-9]{6,8}(?:$|[ \t|/),;])"),
            own_number: pattern(r"^[ (,:|\t]{1,3}(?:[A-Z]{1,3}-)?[0-9]{5,10}\b"),
            places: Places::new(),
            age: pattern(
                r"(?i)\b[0-9]{1,3}[- ]?jarige\b|\b(?:van|leeftijd|lft\.?|vrouw,?|man,?) ?:?[0-9]{1,3} ?(?:jaar|jr|jr\.)(?:\b|$|\s)|\p{Lu}\p{L}+,? \(?[0-9]{1,3} ?(?:jaar|jr\b|\))|\b[0-9]{1,3} ?jaar oud|\b[mv] ?[/,]? ?[0-9]{2} ?(?:jaar|jr)\b|\baged? [0-9]{1,3}\b|\b[0-9]{1,3}[- ]year[- ]old\b",
            ),
        }
    }

    /// Everything that identifies, each stretch read once: numbers, dates, places, names, in this
    /// order.
    pub(crate) fn find(&self, text: &str, tokens: &[Token<'_>], field: Field) -> Vec<Evidence> {
        let windows = numbers::windows(text);
        let taken = &numbers::taken(text, &windows);
        let mut found = Found::default();
        self.numbers(text, (&windows, taken), &mut found);
        self.dates(text, (&windows, taken), &mut found);
        self.places.find(text, (&windows, taken), &mut found);
        self.colleagues(text, &mut found);
        self.people(text, tokens, field == Field::FileName, &mut found);
        self.bare_numbers(text, taken, field, &mut found);
        for age in numbers::within(&self.age, text, &windows) {
            let told = Told(Kind::Dob, Role::Cue, 1.5, "leeftijd", "age");
            found.out.push(told.evidence(age));
        }
        found.out
    }

    fn numbers(
        &self,
        text: &str,
        (windows, taken): (&[Range<usize>], &[Range<usize>]),
        out: &mut Found,
    ) {
        for window in windows {
            let part = text.get(window.clone()).unwrap_or_default();
            for found in self.patient_number.captures_iter(part) {
                let weak = found.name("weak").map(|label| window.start + label.end());
                if let Some(whole) = found.get(0) {
                    let whole = window.start + whole.start()..window.start + whole.end();
                    self.patient(text, (whole, weak), taken, out);
                }
            }
        }
        let told_of = self.bsn_label.is_match(text);
        for found in numbers::within(&self.bsn, text, windows) {
            self.citizen(text, found, taken, told_of, out);
        }
    }

    /// A number behind a label that patients' numbers have; `weak` is the end of one that others have too.
    fn patient(
        &self,
        text: &str,
        (whole, weak): (Range<usize>, Option<usize>),
        taken: &[Range<usize>],
        out: &mut Found,
    ) {
        let labelled = text.get(whole.clone()).unwrap_or_default();
        if self.bsn_label.is_match(labelled) {
            return;
        }
        let range = code(text, weak.unwrap_or(whole.start), whole.end);
        let number = text.get(range.clone()).unwrap_or_default();
        let digits = number.bytes().filter(u8::is_ascii_digit).count();
        let weak = weak.is_some();
        if digits < if weak { 4 } else { 3 } || (weak && numbers::touches(taken, &range)) {
            return;
        }
        let label = labelled.get(..range.start - whole.start).unwrap_or_default().to_lowercase();
        let other = OTHER_LABELS.iter().any(|other| label.starts_with(other));
        // "mijn nummer is 0522 55 54 33" is a telephone.
        let phone = number.starts_with('0') && digits == 10;
        if weak && (other || phone || numbers::is_trade(text, &range)) {
            return;
        }
        let (role, weight) = if weak { (Role::Contact, 0.5) } else { (Role::Strong, 3.5) };
        let (nl, en) = if weak {
            ("nummer van een dossier, zaak of polis", "number of a file, case or policy")
        } else {
            (
                "patiëntnummer: het woord ervoor zegt het",
                "patient number: the word before it says so",
            )
        };
        out.add(range, &Told(Kind::PatientNumber, role, weight, nl, en));
    }

    /// A number that may be a citizen service number.
    fn citizen(
        &self,
        text: &str,
        range: Range<usize>,
        taken: &[Range<usize>],
        told_of: bool,
        out: &mut Found,
    ) {
        let number = text.get(range.clone()).unwrap_or_default();
        let free = !numbers::touches(taken, &range) && !numbers::is_inside(text, &range);
        if !free || !elfproef(number) {
            return;
        }
        let before = window(text, range.start.saturating_sub(LABEL), range.start);
        let nine = number.bytes().filter(u8::is_ascii_digit).count() == 9;
        if self.bsn_label.is_match(before) {
            let (nl, en) = (
                "burgerservicenummer: de elfproef klopt en het woord ervoor zegt het",
                "citizen service number: the check digit is right and the word before it says so",
            );
            out.add(range, &Told(Kind::Bsn, Role::Strong, 4.0, nl, en));
        } else if (nine || told_of) && dates::parse(number).is_none() {
            let (nl, en) = (
                "getal dat een burgerservicenummer kan zijn: de elfproef klopt",
                "number that may be a citizen service number: the check digit is right",
            );
            out.add(range, &Told(Kind::Bsn, Role::Person, 1.2, nl, en));
        }
    }

    fn dates(
        &self,
        text: &str,
        (windows, taken): (&[Range<usize>], &[Range<usize>]),
        out: &mut Found,
    ) {
        for range in numbers::within(&self.date, text, windows) {
            if numbers::touches(taken, &range) || numbers::is_inside(text, &range) {
                continue;
            }
            let written = text.get(range.clone()).unwrap_or_default();
            let Some(date) = dates::parse(written) else {
                continue;
            };
            let before = window(text, range.start.saturating_sub(LABEL), range.start);
            let labelled = self.birth_label.is_match(before);
            if labelled && date.year < LIVING {
                let (nl, en) = ("geboortedatum van lang geleden", "date of birth of long ago");
                out.add(range, &Told(Kind::Dob, Role::Nobody, 0.0, nl, en));
            } else if labelled {
                out.add(
                    range,
                    &Told(
                        Kind::Dob,
                        Role::Strong,
                        3.5,
                        "geboortedatum: het woord ervoor zegt het",
                        "date of birth: the word before it says so",
                    ),
                );
            } else if date.year < ADULT && date.year >= LIVING {
                let (nl, en) =
                    ("datum die een geboortedatum kan zijn", "date that may be a date of birth");
                out.add(range, &Told(Kind::Dob, Role::Person, 1.5, nl, en));
            }
        }
        for range in numbers::within(&self.short_date, text, windows) {
            let before = window(text, range.start.saturating_sub(LABEL), range.start);
            let cell = before.ends_with("| ") || before.ends_with('\t') || before.ends_with(';');
            let labelled = self.birth_label.is_match(before);
            let date = dates::parse_short(text.get(range.clone()).unwrap_or_default());
            if (cell || labelled) && date.is_some() && !numbers::touches(taken, &range) {
                let (nl, en) =
                    ("datum die een geboortedatum kan zijn", "date that may be a date of birth");
                out.add(range, &Told(Kind::Dob, Role::Person, 1.5, nl, en));
            }
        }
    }

    /// Numbers without a label that stand right behind a name, or in the name of a file.
    fn bare_numbers(&self, text: &str, taken: &[Range<usize>], field: Field, out: &mut Found) {
        let names: Vec<usize> =
            out.out.iter().filter(|one| one.kind == Kind::Name).map(|one| one.end).collect();
        let (nl, en) = ("nummer achter een naam", "number behind a name");
        for end in names {
            let behind = window(text, end, end + 30);
            if let Some(date) = self.own_date.captures(behind).and_then(|found| found.name("date"))
                && dates::parse(date.as_str()).is_some_and(|date| date.year >= LIVING)
            {
                let (nl, en) = ("datum achter een naam", "date behind a name");
                let told = Told(Kind::Dob, Role::Person, 1.5, nl, en);
                out.add(end + date.start()..end + date.end(), &told);
                continue;
            }
            if let Some(found) = self.own_number.find(behind) {
                let range = code(text, end, end + found.end());
                if !numbers::touches(taken, &range) {
                    out.add(range, &Told(Kind::PatientNumber, Role::Person, 1.0, nl, en));
                }
            }
        }
        self.lone_numbers(text, taken, out);
        if field == Field::FileName {
            let (nl, en) = ("nummer in een bestandsnaam", "number in the name of a file");
            for found in self.file_number.find_iter(text) {
                if !numbers::touches(taken, &found.range()) {
                    let told = Told(Kind::PatientNumber, Role::Contact, 0.4, nl, en);
                    out.add(found.range(), &told);
                }
            }
        }
    }

    /// Mail addresses of colleagues are no patients'.
    fn colleagues(&self, text: &str, out: &mut Found) {
        for one in out.out.iter_mut().filter(|one| one.kind == Kind::Email) {
            let address = text.get(one.start..one.end).unwrap_or_default().to_lowercase();
            if self.staff.contains(&address) {
                (one.role, one.weight) = (Role::Nobody, 0.0);
                (one.nl, one.en) = ("adres van een collega", "a colleague's address");
            }
        }
    }

    /// Numbers in a line that also has a birth date: rows of lists of patients.
    fn lone_numbers(&self, text: &str, taken: &[Range<usize>], out: &mut Found) {
        let dates: Vec<usize> =
            out.out.iter().filter(|one| one.kind == Kind::Dob).map(|one| one.start).collect();
        let (nl, en) = ("nummer naast een geboortedatum", "number beside a date of birth");
        for date in dates {
            let before = window(text, date.saturating_sub(LINE), date);
            let own = before.rfind('\n').map_or(0, |at| at + 1);
            let from = date - before.len() + own;
            let behind = window(text, date, date + LINE);
            let end = date + behind.find('\n').unwrap_or(behind.len());
            let line = text.get(from..end).unwrap_or_default();
            for found in self.lone_number.find_iter(line) {
                let number = found.as_str().trim_matches([' ', '\t', '|', '/', '(', ')', ',', ';']);
                let at = from + found.start() + found.as_str().find(number).unwrap_or(0);
                let range = at..at + number.len();
                if !numbers::touches(taken, &range) {
                    out.add(range, &Told(Kind::PatientNumber, Role::Contact, 0.5, nl, en));
                }
            }
        }
    }

    fn people(&self, text: &str, tokens: &[Token<'_>], is_name_of_file: bool, out: &mut Found) {
        for names::Name { start, end, form } in names::find(text, tokens, is_name_of_file) {
            let name = text.get(start..end).unwrap_or_default().to_lowercase();
            let own = self.staff.iter().any(|staff| names::is_of(staff, &name));
            let whole = self.staff.contains(&name);
            let addressed = matches!(form, Form::Titled | Form::Greeted);
            let (role, weight, nl, en) = match form {
                // "Mevrouw De Vries" may be a patient of Anna de Vries's name.
                _ if own && addressed && !whole => (
                    Role::First,
                    0.9,
                    "naam als van een collega, met aanhef",
                    "a colleague's name, with a title",
                ),
                _ if own => (Role::Nobody, 0.0, "naam van een collega", "a colleague's name"),
                Form::Titled => (Role::Person, 2.5, "aanhef met naam", "title with a name"),
                Form::Greeted => (Role::Reader, 1.6, "aangesproken met naam", "addressed by name"),
                Form::Professional => {
                    (Role::Nobody, 0.0, "naam van een zorgverlener", "a professional's name")
                }
                Form::Plain => (Role::Person, 1.5, "naam", "name"),
                Form::Hailed => {
                    (Role::Hailed, 0.0, "aangesproken met voornaam", "addressed by given name")
                }
                Form::First => (Role::First, 0.9, "voornaam", "given name"),
                Form::Last => (Role::First, 0.7, "achternaam", "surname"),
            };
            out.add(start..end, &Told(Kind::Name, role, weight, nl, en));
            if form == Form::Titled
                && !own
                && let Some(last) = out.out.last_mut()
            {
                last.titled = last.start == start;
            }
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

/// The code behind a label: from its first digit, or the capitals before that.
fn code(text: &str, from: usize, end: usize) -> Range<usize> {
    let behind = text.get(from..end).unwrap_or_default();
    let digit = behind.find(|char: char| char.is_ascii_digit()).unwrap_or(0);
    let head = behind.get(..digit).unwrap_or_default();
    let letters = head.trim_end_matches(['-', ' ', '/']);
    let capitals = letters.chars().rev().take_while(char::is_ascii_uppercase).count();
    let glued = head.len() - letters.len() <= 1 && (1..=4).contains(&capitals);
    let alone = letters.len() == capitals
        || letters
            .as_bytes()
            .get(letters.len() - capitals - 1)
            .is_some_and(|byte| b" :(\t#".contains(byte));
    let start = if glued && alone { letters.len() - capitals } else { digit };
    from + start..end
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
pub(crate) struct Found {
    out: Vec<Evidence>,
    /// Start and end of each.
    ranges: BTreeMap<usize, usize>,
}

impl Found {
    /// Takes it in where nothing stands yet.
    pub(crate) fn add(&mut self, range: Range<usize>, told: &Told) {
        let before = self.ranges.range(..range.end).next_back();
        if before.is_none_or(|(_, end)| *end <= range.start) {
            self.ranges.insert(range.start, range.end);
            self.out.push(told.evidence(range));
        }
    }
}

/// Kind, role, weight, and the reason in Dutch and in English.
pub(crate) struct Told(
    pub(crate) Kind,
    pub(crate) Role,
    pub(crate) f32,
    pub(crate) &'static str,
    pub(crate) &'static str,
);

impl Told {
    fn evidence(&self, range: Range<usize>) -> Evidence {
        Evidence {
            start: range.start,
            end: range.end,
            kind: self.0,
            role: self.1,
            weight: self.2,
            titled: false,
            nl: self.3,
            en: self.4,
        }
    }
}

/// Bytes of a line read on either side of a birth date.
const LINE: usize = 200;
/// Bytes before a number in which its label may stand.
const LABEL: usize = 40;
/// Born before this year one is no patient any more.
const LIVING: u32 = 1908;
/// Dates before this year in a mail are hardly appointments.
const ADULT: u32 = 2016;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tokens;

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
            ("3511 AB Utrecht", Kind::Address, "3511 AB Utrecht", Role::Contact),
            ("dhr. J. van der Berg kwam", Kind::Name, "J. van der Berg", Role::Person),
            ("Beste mevrouw De Vries,", Kind::Name, "De Vries", Role::Reader),
            ("dr. Jansen belde", Kind::Name, "Jansen", Role::Nobody),
            ("mw. Bakker belde", Kind::Name, "Bakker", Role::First),
            ("Anna Bakker belde", Kind::Name, "Anna Bakker", Role::Nobody),
            ("mw. Hamersbakker belde", Kind::Name, "Hamersbakker", Role::Person),
            ("P. Smit, cardioloog", Kind::Name, "P. Smit", Role::Nobody),
            ("a@b.nl", Kind::Email, "a@b.nl", Role::Contact),
        ] {
            let found = identifiers.find(text, &tokens::tokens(text), Field::Body);
            let first = found.iter().find(|one| one.kind == kind);
            let first = first.unwrap_or_else(|| panic!("{text}: {found:?}"));
            assert_eq!(&text[first.start..first.end], words, "{text}");
            assert_eq!(first.role, role, "{text}");
        }
        let own = Identifiers::new(&["A@b.nl".to_owned()]);
        let found = own.find("a@b.nl", &tokens::tokens("a@b.nl"), Field::Body);
        assert!(found.iter().any(|one| one.kind == Kind::Email && one.role == Role::Nobody));
        for text in ["metoprolol 1000 MG", "NL123456782B01", "€ 123456782", "12-03-2026 om 10 uur"]
        {
            let found = identifiers.find(text, &tokens::tokens(text), Field::Body);
            assert!(found.is_empty(), "{text}: {found:?}");
        }
    }
}
