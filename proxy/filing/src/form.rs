//! Under what a mail is filed, as a page shows it and a person confirms it.

use dossier::{Bsn, Filing, Kind, Patient, PatientError, Proposal, day};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use settings::{Account, Credential, Destination, Dossier};
use ts_rs::TS;

use crate::Asked;

/// What a record system is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum DestinationKind {
    /// A folder that it reads.
    Folder,
    /// A FHIR R4 server.
    Fhir,
    /// A folder that takes EDIFACT MEDVRI files.
    Medvri,
}

/// A record system of an account. Its secret is never told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct DestinationView {
    /// What a person calls it.
    pub name: String,
    /// What it is.
    pub kind: DestinationKind,
    /// The folder or the address.
    pub place: String,
    /// It knows us by a certificate rather than by a token.
    pub certificate: bool,
    /// Who sends, as the carrier knows them; for `medvri`.
    pub sender: String,
    /// Who gets it.
    pub receiver: String,
}

/// What came of trying a record system. No word of a patient was told it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct DestinationTried {
    /// The account.
    pub address: String,
    /// Which.
    pub name: String,
    /// It works.
    pub works: bool,
    /// What was seen, and what to do.
    pub sentence: String,
}

/// What kind of document is filed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum DocumentKind {
    /// A letter or message.
    #[default]
    Correspondence,
    /// A referral.
    Referral,
    /// A result of an examination.
    Result,
}

/// Under what a mail is filed: told as a proposal, and asked as a person left it.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize, TS)]
pub struct FilingForm {
    /// The record system.
    pub destination: String,
    /// The patient's name.
    pub name: String,
    /// The date of birth, as people write it: day, month, year.
    pub birth_date: String,
    /// The citizen service number.
    pub bsn: String,
    /// Who wrote the mail.
    pub author: String,
    /// The day on which it was written, as people write it.
    pub date: String,
    /// When that was, where the day is left as it was proposed.
    pub written_at: String,
    /// What it is.
    pub kind: DocumentKind,
    /// The person said that this is the patient. Never so in a proposal.
    pub confirmed: bool,
}

impl core::fmt::Debug for FilingForm {
    /// A patient is private.
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("FilingForm").field("confirmed", &self.confirmed).finish_non_exhaustive()
    }
}

/// What is proposed for filing a mail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct Proposed {
    /// The record systems of the account.
    pub destinations: Vec<DestinationView>,
    /// What is proposed.
    pub form: FilingForm,
    /// The mail names more than one patient.
    pub several: bool,
}

/// A field of the form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum FilingField {
    /// The record system.
    Destination,
    /// The patient's name.
    Name,
    /// The date of birth.
    BirthDate,
    /// The citizen service number.
    Bsn,
    /// Who wrote it.
    Author,
    /// When.
    Date,
    /// That this is the patient.
    Confirmed,
}

/// What is wrong with a field, Dutch and English.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Which.
    pub field: FilingField,
    /// What, and what to do, in Dutch.
    pub nl: String,
    /// The same in English.
    pub en: String,
}

/// What a person confirmed, for one of these record systems. The day of today and the zone are arguments.
///
/// # Errors
/// What is wrong, at its field; nothing is to be filed then.
pub fn read(
    form: &FilingForm,
    known: &[Destination],
    (today, zone): (Date, &TimeZone),
) -> Result<Asked, Vec<Fault>> {
    let mut faults = Vec::new();
    let mut fault = |field, (nl, en): (&str, &str)| {
        faults.push(Fault { field, nl: nl.to_owned(), en: en.to_owned() });
    };
    let bsn = match form.bsn.trim() {
        "" => None,
        text => Bsn::parse(text).or_else(|| {
            fault(FilingField::Bsn, (PatientError::Bsn.nl(), &PatientError::Bsn.to_string()));
            None
        }),
    };
    let born = match form.birth_date.trim() {
        "" => None,
        text => four(text, today).filter(|date| *date <= today).or_else(|| {
            fault(FilingField::BirthDate, BIRTH_DATE);
            None
        }),
    };
    let date = moment(form, (today, zone));
    if date.is_none() {
        fault(FilingField::Date, DATE);
    }
    let author = form.author.trim();
    if author.is_empty() {
        fault(FilingField::Author, AUTHOR);
    }
    if known.iter().all(|one| one.name != form.destination) {
        fault(FilingField::Destination, DESTINATION);
    }
    let patient = Patient::confirmed(bsn, &form.name, born);
    // What is wrong with a field is told there; that it is too little is told only of a form without.
    if let (Err(error), true) = (&patient, faults.is_empty()) {
        let field = match error {
            PatientError::LongName => FilingField::Name,
            PatientError::Bsn | PatientError::TooLittle => FilingField::Bsn,
        };
        faults.push(Fault { field, nl: error.nl().to_owned(), en: error.to_string() });
    }
    if !form.confirmed && faults.is_empty() {
        let (nl, en) = CONFIRMED;
        let (nl, en) = (nl.to_owned(), en.to_owned());
        faults.push(Fault { field: FilingField::Confirmed, nl, en });
    }
    match (patient, date) {
        (Ok(patient), Some(date)) if faults.is_empty() => {
            let filing = Filing { patient, author: author.to_owned(), date, kind: kind(form.kind) };
            Ok(Asked { destination: Some(form.destination.clone()), filing })
        }
        _ => Err(faults),
    }
}

/// A day whose year has four digits: a person who types `56` may mean a child or its grandfather.
fn four(text: &str, today: Date) -> Option<Date> {
    let years = text.split(|letter: char| !letter.is_ascii_digit()).filter(|part| part.len() == 4);
    if years.count() == 1 { day(text, today) } else { None }
}

/// When it was written: as proposed where the day was left alone, else the noon of that day, which is the
/// same day in every zone of Europe.
fn moment(form: &FilingForm, (today, zone): (Date, &TimeZone)) -> Option<Timestamp> {
    let date = four(form.date.trim(), today)?;
    let proposed = form.written_at.parse::<Timestamp>().ok();
    let same = |at: &Timestamp| zone.to_datetime(*at).date() == date;
    let noon = || zone.to_timestamp(date.at(12, 0, 0, 0)).ok();
    proposed.filter(same).or_else(noon)
}

fn kind(kind: DocumentKind) -> Kind {
    match kind {
        DocumentKind::Correspondence => Kind::Correspondence,
        DocumentKind::Referral => Kind::Referral,
        DocumentKind::Result => Kind::Result,
    }
}

/// A record system as a page shows it.
#[must_use]
pub fn destination(one: &Destination) -> DestinationView {
    let (kind, certificate, (sender, receiver)) = match &one.dossier {
        Dossier::Folder(_) => (DestinationKind::Folder, false, Default::default()),
        Dossier::Fhir { credential, .. } => {
            (DestinationKind::Fhir, *credential == Credential::Certificate, Default::default())
        }
        Dossier::Medvri { sender, receiver, .. } => {
            (DestinationKind::Medvri, false, (sender.clone(), receiver.clone()))
        }
    };
    let (name, place) = (one.name.clone(), one.place());
    DestinationView { name, kind, place, certificate, sender, receiver }
}

/// What is proposed for a mail of this author that came at this time; none where its account has no record
/// system.
#[must_use]
pub fn proposed(
    account: &Account,
    patient: &Proposal,
    (author, at): (&str, Timestamp),
    zone: &TimeZone,
) -> Option<Proposed> {
    let first = account.dossiers.first()?;
    Some(Proposed {
        destinations: account.dossiers.iter().map(destination).collect(),
        form: FilingForm {
            destination: first.name.clone(),
            name: patient.name.clone().unwrap_or_default(),
            birth_date: patient.birth_date.map(written).unwrap_or_default(),
            bsn: patient.bsn.as_ref().map(|bsn| bsn.as_str().to_owned()).unwrap_or_default(),
            author: author.to_owned(),
            date: day_of(at, zone),
            written_at: at.to_string(),
            kind: DocumentKind::Correspondence,
            confirmed: false,
        },
        several: patient.several,
    })
}

/// What was confirmed before, to be corrected; and whether the mail names more than one patient.
#[must_use]
pub fn asked_before(
    account: &Account,
    asked: &Asked,
    several: bool,
    zone: &TimeZone,
) -> Option<Proposed> {
    let first = account.dossiers.first()?;
    let (filing, patient) = (&asked.filing, &asked.filing.patient);
    let known = |name: &&String| account.dossiers.iter().any(|one| one.name == **name);
    Some(Proposed {
        destinations: account.dossiers.iter().map(destination).collect(),
        form: FilingForm {
            destination: asked.destination.as_ref().filter(known).unwrap_or(&first.name).clone(),
            name: patient.name().to_owned(),
            birth_date: patient.birth_date().map(written).unwrap_or_default(),
            bsn: patient.bsn().map(|bsn| bsn.as_str().to_owned()).unwrap_or_default(),
            author: filing.author.clone(),
            date: day_of(filing.date, zone),
            written_at: filing.date.to_string(),
            kind: shown(filing.kind),
            confirmed: false,
        },
        several,
    })
}

/// A day as Dutch people write it; the same in English, where the month would come first or not.
fn written(date: Date) -> String {
    date.strftime("%d-%m-%Y").to_string()
}

fn day_of(at: Timestamp, zone: &TimeZone) -> String {
    written(zone.to_datetime(at).date())
}

fn shown(kind: Kind) -> DocumentKind {
    match kind {
        Kind::Correspondence => DocumentKind::Correspondence,
        Kind::Referral => DocumentKind::Referral,
        Kind::Result => DocumentKind::Result,
    }
}

const BIRTH_DATE: (&str, &str) = (
    "Schrijf de geboortedatum als dag-maand-jaar, met vier cijfers voor het jaar: 12-03-1956.",
    "write the date of birth as day-month-year, with four digits for the year: 12-03-1956",
);
const DATE: (&str, &str) = (
    "Schrijf de datum als dag-maand-jaar: 26-11-2026.",
    "write the date as day-month-year: 26-11-2026",
);
const AUTHOR: (&str, &str) = ("Vul in wie de mail schreef.", "fill in who wrote the mail");
const DESTINATION: (&str, &str) = (
    "Dit dossier staat niet meer in de instellingen. Kies een ander.",
    "this record system is no longer in the settings; pick another",
);
const CONFIRMED: (&str, &str) = (
    "Kijk of dit de juiste patiënt is, en zet dan het vinkje. Zonder dat gaat er niets naar het dossier.",
    "look whether this is the right patient, and then tick the box; nothing goes to the record without it",
);

#[cfg(test)]
mod tests {
    use super::*;

    fn his() -> [Destination; 1] {
        [Destination { name: "HIS".to_owned(), dossier: Dossier::Folder("/his".into()) }]
    }

    fn form() -> FilingForm {
        FilingForm {
            destination: "HIS".to_owned(),
            name: "A. de Vries".to_owned(),
            birth_date: "12-03-1956".to_owned(),
            bsn: "123456782".to_owned(),
            author: "Dr. Jansen".to_owned(),
            date: "26-11-2026".to_owned(),
            written_at: "2026-11-26T22:30:00Z".to_owned(),
            kind: DocumentKind::Result,
            confirmed: true,
        }
    }

    fn faults(form: &FilingForm) -> Vec<FilingField> {
        let now = (Date::constant(2026, 11, 26), &TimeZone::UTC);
        match read(form, &his(), now) {
            Ok(_) => Vec::new(),
            Err(faults) => faults.into_iter().map(|one| one.field).collect(),
        }
    }

    #[test]
    fn a_confirmed_form_is_a_filing_at_the_time_that_was_proposed() {
        let now = (Date::constant(2026, 11, 26), &TimeZone::UTC);
        let asked = read(&form(), &his(), now).unwrap();
        assert_eq!(asked.destination.as_deref(), Some("HIS"));
        assert_eq!(asked.filing.date.to_string(), "2026-11-26T22:30:00Z");
        assert_eq!(asked.filing.patient.birth_date(), Some(Date::constant(1956, 3, 12)));
        let moved = FilingForm { date: "25-11-2026".to_owned(), ..form() };
        let asked = read(&moved, &his(), now).unwrap();
        assert_eq!(asked.filing.date.to_string(), "2026-11-25T12:00:00Z");
    }

    #[test]
    fn nothing_is_filed_under_a_patient_whom_nobody_confirmed() {
        assert_eq!(faults(&FilingForm { confirmed: false, ..form() }), [FilingField::Confirmed]);
    }

    #[test]
    fn each_fault_is_told_at_its_field() {
        let with = |change: fn(&mut FilingForm)| {
            let mut form = form();
            change(&mut form);
            faults(&form)
        };
        assert_eq!(with(|form| form.bsn = "123456789".to_owned()), [FilingField::Bsn]);
        assert_eq!(with(|form| form.birth_date = "12-03-56".to_owned()), [FilingField::BirthDate]);
        assert_eq!(
            with(|form| form.birth_date = "12-03-2031".to_owned()),
            [FilingField::BirthDate]
        );
        assert_eq!(with(|form| form.date = "gisteren".to_owned()), [FilingField::Date]);
        assert_eq!(with(|form| form.author.clear()), [FilingField::Author]);
        let gone = |form: &mut FilingForm| form.destination = "EPD".to_owned();
        assert_eq!(with(gone), [FilingField::Destination]);
        assert_eq!(with(|form| form.name = "x".repeat(201)), [FilingField::Name]);
        let nobody = |form: &mut FilingForm| {
            form.bsn.clear();
            form.birth_date.clear();
        };
        assert_eq!(with(nobody), [FilingField::Bsn], "a name alone is no patient");
    }

    #[test]
    fn a_form_is_never_shown_where_values_are() {
        assert!(!format!("{:?}", form()).contains("Vries"));
    }
}
