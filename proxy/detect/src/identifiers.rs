use std::collections::HashSet;
use std::ops::Range;

use regex::Regex;

use crate::citizens::Citizens;
use crate::figures::{self, Figures};
use crate::names::{self, Form};
use crate::numbers::{self, pattern};
use crate::patients::Patients;
use crate::places::Places;
use crate::score::{Evidence, Label, Role, Why};
use crate::tables::{Cell, Tables};
use crate::tokens::Token;
use crate::{Field, Kind, codes, dates, tables};
use lexicon::labels::{CITIZEN_LABELS, STRONG_LABELS};

/// Finds what says who someone is.
#[derive(Debug)]
pub(crate) struct Identifiers {
    staff: Vec<String>,
    citizens: Citizens,
    patients: Patients,
    tables: Tables,
    date: Regex,
    month_first: Regex,
    birth_label: Regex,
    own_date: Regex,
    short_date: Regex,
    places: Places,
    age: Regex,
}

/// What is known of a text before its numbers are read.
pub(crate) struct Place<'a> {
    /// Their lines.
    pub(crate) figures: &'a Figures,
    /// Numbers of trade, which are nobody's.
    pub(crate) taken: &'a [Range<usize>],
    /// Cells under headings that tell what they hold.
    pub(crate) cells: &'a [Cell],
}

impl Identifiers {
    pub(crate) fn new(staff: &[String]) -> Self {
        Self {
            staff: staff
                .iter()
                .map(|name| name.trim().to_lowercase())
                .filter(|name| !name.is_empty())
                .collect(),
            citizens: Citizens::new(),
            patients: Patients::new(),
            tables: Tables::new(STRONG_LABELS, CITIZEN_LABELS),
            date: pattern(
                r"^(?:[0-9]{1,2} ?[-/.] ?[0-9]{1,2} ?[-/.] ?(?:'?[0-9]{2}|(?:1[6-9]|20)[0-9]{2})|(?:19|20)[0-9]{2}[-/.][0-9]{1,2}[-/.][0-9]{1,2}|(?:19|20)[0-9]{6}|[0-3][0-9][01][0-9](?:19|20)[0-9]{2}|[0-9]{1,2} [0-9]{1,2} (?:19|20)[0-9]{2}|[0-9]{1,2}(?:e|st|nd|rd|th)?(?:[-/.]| {0,2})(?i:januari|februari|maart|april|mei|juni|juli|augustus|september|oktober|november|december|jan|feb|mrt|apr|jun|jul|aug|sept?|okt|oct|nov|dec|january|february|march|may|june|july|august|october|december)(?:[-/]| {0,2}|\.[-/ ]?|\.?,[- ]?)(?:'?[0-9]{2}|(?:1[6-9]|20)[0-9]{2}))\b",
            ),
            month_first: pattern(
                r"\b(?i:january|february|march|april|may|june|july|august|september|october|november|december|(?:jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec)\.?) [0-9]{1,2}(?:st|nd|rd|th)?,? (?:1[6-9]|20)[0-9]{2}\b",
            ),
            own_date: pattern(
                r"^(?:[ \t]?[(,:|;*\t/-]{0,2}[ \t]?(?:geb\.?|born|dob|gd)?[ :]{0,2})(?:[0-9]{1,2} ?[-/.] ?[0-9]{1,2} ?[-/.] ?(?:'?[0-9]{2}|(?:19|20)[0-9]{2})|(?:19|20)[0-9]{2}-[0-9]{2}-[0-9]{2})\b",
            ),
            short_date: pattern(r"^[0-3][0-9][01][0-9][0-9]{2}\b"),
            birth_label: pattern(
                r"(?i)(?:\b(?:geboren|geb|geboortedatum|geb\.? ?datum|gebdat|gebdatum|geb\.?dat|geb\.?dt|gbd|gbdt|dob|born|d\.o\.b|date of birth|birth ?date|birthday|geboortedag|g\.d\.|gd|geboortedtm)\b|[\p{L}.)][ ,(]{0,2}[*°])[^0-9\n]{0,22}$",
            ),
            places: Places::new(),
            age: pattern(
                r"(?i)\b[0-9]{1,3}[- ]?jarige\b|\b(?:van|leeftijd|lft\.?|vrouw,?|man,?) ?:?[0-9]{1,3} ?(?:jaar|jr|jr\.)(?:\b|$|\s)|\p{Lu}\p{L}+,? \(?[0-9]{1,3} ?(?:jaar|jr\b|\))|\b[0-9]{1,3} ?jaar oud|\b[mv] ?[/,]? ?[0-9]{2} ?(?:jaar|jr)\b|\baged? [0-9]{1,3}\b|\b[0-9]{1,3}[- ]year[- ]old\b",
            ),
        }
    }

    /// Everything that identifies, each stretch read once: numbers, dates, places, names, in this
    /// order. `told_of` answers whether the message tells of citizen service numbers.
    pub(crate) fn find(
        &self,
        text: &str,
        tokens: &[Token<'_>],
        (windows, figures): (&[Range<usize>], &Figures),
        (field, told_of): (Field, &dyn Fn() -> bool),
    ) -> Vec<Evidence> {
        let taken = &numbers::taken(text, figures);
        let cells = if windows.is_empty() { Vec::new() } else { self.tables.cells(text) };
        let place = &Place { figures, taken, cells: &cells };
        let codes = codes::codes(text, windows);
        let mut found = Found { busy: vec![false; text.len()], ..Found::default() };
        self.citizens.labelled(text, place, &mut found);
        let nobodys = self.patients.labelled(text, place, &codes, &mut found);
        self.citizens.others(text, place, told_of, &mut found);
        self.dates(text, place, &mut found);
        self.places.find(text, (figures, taken), &mut found);
        self.colleagues(text, &mut found);
        self.people(text, tokens, field == Field::FileName, &mut found);
        self.dates_behind_names(text, &mut found);
        self.patients.bare(text, (place, field), (&codes, &nobodys), &mut found);
        for age in numbers::within(&self.age, text, &figures.of(figures::AGE, 0)) {
            let told = Told(Kind::Dob, Role::Cue, 1.5, &("leeftijd", "age"));
            found.out.push(told.evidence(age));
        }
        found.out
    }

    /// Does a text tell of citizen service numbers?
    pub(crate) fn tells_of_citizens(&self, text: &str) -> bool {
        self.citizens.is_label(text)
    }

    fn dates(&self, text: &str, place: &Place<'_>, out: &mut Found) {
        let mut dates = place.figures.begun(&self.date, text, figures::DATE);
        let lines = place.figures.of(figures::MONTH, 0);
        dates.extend(numbers::within(&self.month_first, text, &lines));
        dates.sort_by_key(|range| range.start);
        dates.dedup_by(|next, before| next.start < before.end);
        for range in dates {
            if numbers::touches(place.taken, &range) || numbers::is_inside(text, &range) {
                continue;
            }
            let written = text.get(range.clone()).unwrap_or_default();
            let Some(date) = dates::parse(written) else {
                continue;
            };
            match self.birth_label(text, &range, place) {
                Some(_) if date.year < LIVING => {
                    let why: Why = &("geboortedatum van lang geleden", "date of birth of long ago");
                    out.add(range, &Told(Kind::Dob, Role::Nobody, 0.0, why));
                }
                Some(label) => {
                    let why: Why = &("geboortedatum", "date of birth");
                    out.add_labelled(range, &Told(Kind::Dob, Role::Strong, 3.5, why), label);
                }
                // "12 03 1956" without a label may be any numbers.
                None if date.year < ADULT && date.year >= LIVING && !is_bare(written) => {
                    out.add(range, &MAY_BE_BIRTH);
                }
                None => {}
            }
        }
        for range in place.figures.begun(&self.short_date, text, figures::SHORT_DATE) {
            let before = window(text, range.start.saturating_sub(LABEL), range.start);
            let cell = before.ends_with("| ") || before.ends_with('\t') || before.ends_with(';');
            let date = dates::parse_short(text.get(range.clone()).unwrap_or_default());
            if date.is_some()
                && !numbers::touches(place.taken, &range)
                && (cell || self.birth_label(text, &range, place).is_some())
            {
                out.add(range, &MAY_BE_BIRTH);
            }
        }
    }

    /// The words before a date, or above its column, that make it a birth date.
    fn birth_label(
        &self,
        text: &str,
        range: &Range<usize>,
        place: &Place<'_>,
    ) -> Option<Range<usize>> {
        if let Some(cell) = tables::around(place.cells, range)
            && cell.kind == Kind::Dob
        {
            return Some(cell.label.clone());
        }
        let before = window(text, range.start.saturating_sub(LABEL), range.start);
        let from = range.start - before.len();
        let label = self.birth_label.find(before)?;
        let own = label.as_str();
        // "De baby is geboren. Controle 14-05-2025"
        let told = own.get(..4).unwrap_or_default();
        let verb = ["gebo", "born"].iter().any(|verb| told.eq_ignore_ascii_case(verb));
        if verb && [". ", "! ", "? "].iter().any(|end| own.contains(end)) {
            return None;
        }
        // A star stands behind something: at the head of a line it begins an item.
        if let Some(star) = own.find(['*', '\u{b0}']).filter(|star| *star < 6) {
            let star = from + label.start() + star;
            return Some(star..text.ceil_char_boundary(star + 1));
        }
        let words = label.as_str().split([':', '.', '(']).next().unwrap_or_default().trim_end();
        Some(from + label.start()..from + label.start() + words.len().max(1))
    }

    /// Dates that stand right behind a name.
    fn dates_behind_names(&self, text: &str, out: &mut Found) {
        for end in out.ends(Kind::Name) {
            let behind = window(text, end, end + 30);
            if behind.bytes().take(12).any(|byte| byte.is_ascii_digit())
                && let Some(found) = self.own_date.find(behind)
                && let Some(digit) = found.as_str().find(|char: char| char.is_ascii_digit())
                && let Some(date) = found.as_str().get(digit..)
                && dates::parse(date).is_some_and(|date| date.year >= LIVING)
            {
                let why: Why = &("datum achter een naam", "date behind a name");
                let told = Told(Kind::Dob, Role::Person, 1.5, why);
                out.add(end + digit..end + found.end(), &told);
            }
        }
    }

    /// Mail addresses of colleagues are no patients'.
    fn colleagues(&self, text: &str, out: &mut Found) {
        for one in out.out.iter_mut().filter(|one| one.kind == Kind::Email) {
            let address = text.get(one.start..one.end).unwrap_or_default().to_lowercase();
            if self.staff.contains(&address) {
                (one.role, one.weight) = (Role::Nobody, 0.0);
                one.why = &("adres van een collega", "a colleague's address");
            }
        }
    }

    fn people(&self, text: &str, tokens: &[Token<'_>], is_name_of_file: bool, out: &mut Found) {
        for names::Name { start, end, form } in names::find(text, tokens, is_name_of_file) {
            let (mut own, mut whole) = (false, false);
            if !self.staff.is_empty() {
                let name = text.get(start..end).unwrap_or_default().to_lowercase();
                own = self.staff.iter().any(|staff| names::is_of(staff, &name));
                whole = self.staff.contains(&name);
            }
            let addressed = matches!(form, Form::Titled | Form::Greeted);
            let (role, weight, why): (Role, f32, Why) = match form {
                // "Mevrouw De Vries" may be a patient of Anna de Vries's name.
                _ if own && addressed && !whole => (
                    Role::First,
                    0.9,
                    &("naam als van een collega, met aanhef", "a colleague's name, with a title"),
                ),
                _ if own => (Role::Nobody, 0.0, &("naam van een collega", "a colleague's name")),
                Form::Titled => (Role::Person, 2.5, &("aanhef met naam", "title with a name")),
                Form::Greeted => {
                    (Role::Reader, 1.6, &("aangesproken met naam", "addressed by name"))
                }
                Form::Professional => {
                    (Role::Nobody, 0.0, &("naam van een zorgverlener", "a professional's name"))
                }
                Form::Plain => (Role::Person, 1.5, &("naam", "name")),
                Form::Hailed => {
                    (Role::Hailed, 0.0, &("aangesproken met voornaam", "addressed by given name"))
                }
                Form::First => (Role::First, 0.9, &("voornaam", "given name")),
                Form::Last => (Role::First, 0.7, &("achternaam", "surname")),
            };
            out.add(start..end, &Told(Kind::Name, role, weight, why));
            if form == Form::Titled
                && !own
                && let Some(last) = out.out.last_mut()
            {
                last.titled = last.start == start;
            }
        }
    }
}

/// Is a date written with nothing but digits and blanks, and no whole number?
fn is_bare(date: &str) -> bool {
    date.contains(' ') && date.bytes().all(|byte| byte == b' ' || byte.is_ascii_digit())
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
    /// The bytes of the text on which one stands.
    busy: Vec<bool>,
}

impl Found {
    /// Takes it in where nothing stands yet; tells whether.
    pub(crate) fn add(&mut self, range: Range<usize>, told: &Told) -> bool {
        if self.busy.len() < range.end {
            self.busy.resize(range.end, false);
        }
        let own = &mut self.busy[range.clone()];
        let free = !own.contains(&true);
        if free {
            own.fill(true);
            self.out.push(told.evidence(range));
        }
        free
    }

    /// The same of what a label tells.
    pub(crate) fn add_labelled(
        &mut self,
        range: Range<usize>,
        told: &Told,
        label: Range<usize>,
    ) -> bool {
        let free = self.add(range, told);
        if free && let Some(last) = self.out.last_mut() {
            last.label = Some(Label { start: label.start, end: label.end });
        }
        free
    }

    /// Where those of a kind end, in order.
    pub(crate) fn ends(&self, kind: Kind) -> Vec<usize> {
        let own = self.out.iter().filter(|one| one.kind == kind);
        let mut ends: Vec<usize> = own.map(|one| one.end).collect();
        ends.sort_unstable();
        ends
    }

    /// Where those of a kind start, in order.
    pub(crate) fn starts(&self, kind: Kind) -> Vec<usize> {
        let own = self.out.iter().filter(|one| one.kind == kind);
        let mut starts: Vec<usize> = own.map(|one| one.start).collect();
        starts.sort_unstable();
        starts
    }

    /// How the patient numbers are built: those with a label, and others that have more than digits.
    pub(crate) fn shapes(&self, text: &str) -> HashSet<String> {
        let own = self.out.iter().filter(|one| one.kind == Kind::PatientNumber);
        let shape = |one: &Evidence| {
            let shape = codes::shape(text.get(one.start..one.end)?);
            let mixed = shape.len() >= MIXED && shape.bytes().any(|byte| byte != b'9');
            (one.role == Role::Strong || mixed).then_some(shape)
        };
        own.filter_map(shape).collect()
    }

    #[cfg(test)]
    pub(crate) fn evidence(&self) -> &[Evidence] {
        &self.out
    }
}

/// Kind, role, weight, and the reason.
pub(crate) struct Told(pub(crate) Kind, pub(crate) Role, pub(crate) f32, pub(crate) Why);

impl Told {
    fn evidence(&self, range: Range<usize>) -> Evidence {
        Evidence {
            start: range.start,
            end: range.end,
            kind: self.0,
            role: self.1,
            weight: self.2,
            titled: false,
            why: self.3,
            label: None,
        }
    }
}

const MAY_BE_BIRTH: Told = Told(
    Kind::Dob,
    Role::Person,
    1.5,
    &("datum die een geboortedatum kan zijn", "date that may be a date of birth"),
);
/// Bytes of a number with other signs than digits by whose form others are known.
const MIXED: usize = 6;
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

    fn all(identifiers: &Identifiers, text: &str) -> Vec<Evidence> {
        let lower = tokens::lowered(text);
        let tokens = tokens::tokens(text, &lower, &mut tokens::Met::new(text.len()));
        let windows = numbers::windows(text);
        let figures = Figures::new(text, &tokens, &windows);
        identifiers.find(text, &tokens, (&windows, &figures), (Field::Body, &|| false))
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
            let found = all(&identifiers, text);
            let first = found.iter().find(|one| one.kind == kind);
            let first = first.unwrap_or_else(|| panic!("{text}: {found:?}"));
            assert_eq!(&text[first.start..first.end], words, "{text}");
            assert_eq!(first.role, role, "{text}");
        }
        let own = Identifiers::new(&["A@b.nl".to_owned()]);
        let found = all(&own, "a@b.nl");
        assert!(found.iter().any(|one| one.kind == Kind::Email && one.role == Role::Nobody));
        for text in ["metoprolol 1000 MG", "NL123456782B01", "€ 123456782", "12-03-2026 om 10 uur"]
        {
            let found = all(&identifiers, text);
            assert!(found.is_empty(), "{text}: {found:?}");
        }
    }
}
