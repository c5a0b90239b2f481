use core::fmt;

use serde::{Deserialize, Serialize};

use super::{MAX_LENGTH, MAX_NTAMX, MAX_TTL};

/// What is wrong with one record, where, and what to write instead (R-DNS-1, R-DNS-4).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordFault {
    place: usize,
    what: What,
}

/// What makes a set of records an invalid claim (R-DNS-1, R-DNS-2).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Fault {
    /// A record does not parse. `index` counts the records that start with `v=NTA7516`, from 0.
    Record {
        /// Which record, from 0.
        index: usize,
        /// What is wrong with it.
        fault: RecordFault,
    },
    /// More than two records.
    TooMany {
        /// How many there are.
        count: usize,
    },
    /// The periods of the two records share a month.
    Overlap,
    /// A record may be cached for longer than 86400 seconds.
    Ttl {
        /// Which record, from 0.
        index: usize,
        /// Its time to live in seconds.
        ttl: u32,
    },
}

/// A tag of the record, in the order in which tags stand there (R-DNS-1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Tag {
    /// `v`
    V,
    /// `version`, of the supplier's record
    Version,
    /// `startdate`
    StartDate,
    /// `enddate`
    EndDate,
    /// `provider`
    Provider,
    /// `ntamx`
    NtaMx,
}

/// The faults that a record can have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum What {
    /// It does not start with `v=NTA7516-1`.
    NotARecord,
    /// It starts with `v=NTA7516` and another version than `-1`.
    OtherVersion,
    /// The dialect of an early draft: `v=NTA7516;version:…;expire:…`.
    DraftDialect,
    /// The supplier's record where the professional's belongs.
    SupplierRecord,
    /// The professional's record where the supplier's belongs.
    ProfessionalRecord,
    /// A tag in other upper and lower case.
    LetterCase(Tag),
    /// A quotation mark in the data itself.
    Quote,
    /// A space, tab or line end where none may be.
    Blank,
    /// A byte that is no visible ASCII.
    Character(u8),
    /// Nothing between two semicolons, or after the last.
    EmptyField,
    /// The record ends before this tag.
    Missing(Tag),
    /// One tag stands where another belongs.
    Misplaced {
        /// The tag that belongs here.
        expected: Tag,
        /// The tag that stands here.
        found: Tag,
    },
    /// A field that the grammar does not know.
    Unknown,
    /// A colon behind the tag where an equals sign belongs.
    Colon(Tag),
    /// Another sign behind the tag than behind the first date.
    MixedSigns(Tag),
    /// A tag for the second time.
    Repeated(Tag),
    /// No month `YYYY-MM`, 01 to 12.
    Month,
    /// `enddate` lies before `startdate`.
    EndBeforeStart,
    /// `provider=` without a mark.
    EmptyProvider,
    /// A mark of more than 255 characters.
    LongProvider,
    /// `ntamx=` does not start with one to three digits and one space.
    Priority,
    /// The `ntamx` host is no host name (RFC 1123 section 2.1).
    HostName,
    /// The `ntamx` host is an IP address.
    HostAddress,
    /// More hosts than are read.
    TooManyHosts,
    /// More bytes than are read.
    TooLong,
}

impl RecordFault {
    pub(crate) fn new(place: usize, what: What) -> Self {
        Self { place, what }
    }

    /// The byte at which the fault stands, from 0, in the joined data of the record; its length
    /// where something is missing at the end.
    #[must_use]
    pub fn place(&self) -> usize {
        self.place
    }

    /// The fault itself.
    #[must_use]
    pub fn what(&self) -> What {
        self.what
    }

    /// The fault, its place (counted from 1) and its mend, in Dutch.
    #[must_use]
    pub fn nl(&self) -> String {
        let (place, what) = (self.place + 1, self.what);
        format!("teken {place}: {}; {}", what.nl(), what.mend_nl())
    }

    /// The fault, its place (counted from 1) and its mend, in English.
    #[must_use]
    pub fn en(&self) -> String {
        let (place, what) = (self.place + 1, self.what);
        format!("character {place}: {}; {}", what.en(), what.mend_en())
    }
}

impl fmt::Display for RecordFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.en())
    }
}

impl core::error::Error for RecordFault {}

impl Fault {
    /// The fault and its mend, in Dutch.
    #[must_use]
    pub fn nl(&self) -> String {
        match self {
            Self::Record { index, fault } => format!("record {}, {}", index + 1, fault.nl()),
            Self::TooMany { count } => {
                format!("er zijn {count} NTA-records; laat er hoogstens twee staan")
            }
            Self::Overlap => "de twee records gelden in dezelfde maand; laat het ene beginnen na \
                              de laatste maand van het andere"
                .to_owned(),
            Self::Ttl { index, ttl } => format!(
                "record {} mag {ttl} seconden bewaard worden; zet de TTL op hoogstens {MAX_TTL}",
                index + 1
            ),
        }
    }

    /// The fault and its mend, in English.
    #[must_use]
    pub fn en(&self) -> String {
        match self {
            Self::Record { index, fault } => format!("record {}, {}", index + 1, fault.en()),
            Self::TooMany { count } => {
                format!("there are {count} NTA records; leave two at most")
            }
            Self::Overlap => "the two records hold in the same month; let the one start after \
                              the last month of the other"
                .to_owned(),
            Self::Ttl { index, ttl } => format!(
                "record {} may be cached for {ttl} seconds; set its TTL to {MAX_TTL} at most",
                index + 1
            ),
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.en())
    }
}

impl Tag {
    /// The tag as it is written, without its sign.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::V => "v",
            Self::Version => "version",
            Self::StartDate => "startdate",
            Self::EndDate => "enddate",
            Self::Provider => "provider",
            Self::NtaMx => "ntamx",
        }
    }
}

impl fmt::Display for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl What {
    fn nl(self) -> String {
        match self {
            Self::NotARecord => "dit begint niet als een NTA-record".to_owned(),
            Self::OtherVersion => "dit is een andere versie dan NTA7516-1".to_owned(),
            Self::DraftDialect => "dit is de schrijfwijze van een oud concept".to_owned(),
            Self::SupplierRecord => "dit is het record van een leverancier".to_owned(),
            Self::ProfessionalRecord => "dit is het record van een zorgverlener".to_owned(),
            Self::LetterCase(tag) => format!("{tag} staat hier met andere hoofdletters"),
            Self::Quote => "hier staat een aanhalingsteken".to_owned(),
            Self::Blank => "hier staat een spatie, tab of regeleinde".to_owned(),
            Self::Character(byte) => format!("byte {byte:#04x} is geen zichtbaar ASCII-teken"),
            Self::EmptyField => "tussen de puntkomma's staat niets".to_owned(),
            Self::Missing(tag) => format!("{tag} ontbreekt"),
            Self::Misplaced { expected, found } => {
                format!("hier staat {found} waar {expected} hoort")
            }
            Self::Unknown => "dit veld bestaat niet".to_owned(),
            Self::Colon(tag) => format!("achter {tag} staat een dubbele punt"),
            Self::MixedSigns(tag) => format!("achter {tag} staat een ander teken dan eerder"),
            Self::Repeated(tag) => format!("{tag} staat er een tweede keer"),
            Self::Month => "dit is geen maand".to_owned(),
            Self::EndBeforeStart => "enddate ligt voor startdate".to_owned(),
            Self::EmptyProvider => "achter provider= staat niets".to_owned(),
            Self::LongProvider => "het kenmerk is te lang".to_owned(),
            Self::Priority => "ntamx begint niet met een prioriteit en één spatie".to_owned(),
            Self::HostName => "dit is geen naam van een mailserver".to_owned(),
            Self::HostAddress => "dit is een IP-adres".to_owned(),
            Self::TooManyHosts => "er staan te veel mailservers".to_owned(),
            Self::TooLong => "het record is te lang".to_owned(),
        }
    }

    fn mend_nl(self) -> String {
        match self {
            Self::NotARecord | Self::OtherVersion => "begin met v=NTA7516-1;".to_owned(),
            Self::DraftDialect => format!("schrijf {SHAPE}"),
            Self::SupplierRecord => format!("schrijf bij het maildomein {SHAPE}"),
            Self::ProfessionalRecord => format!("schrijf bij de leverancier {SUPPLIER_SHAPE}"),
            Self::LetterCase(tag) => format!("schrijf {}", spelled(tag)),
            Self::Quote | Self::Blank | Self::Character(_) => "haal het weg".to_owned(),
            Self::EmptyField => "haal de puntkomma weg".to_owned(),
            Self::Missing(tag) => format!("voeg ;{tag}= toe"),
            Self::Misplaced { .. } => format!("gebruik deze volgorde: {SHAPE}"),
            Self::Unknown => "haal het veld weg".to_owned(),
            Self::Colon(tag) => format!("schrijf {tag}="),
            Self::MixedSigns(_) => "gebruik overal een dubbele punt".to_owned(),
            Self::Repeated(_) => "laat alleen de eerste staan".to_owned(),
            Self::Month => "schrijf JJJJ-MM, met een maand van 01 tot en met 12".to_owned(),
            Self::EndBeforeStart => "zet de maanden in de goede volgorde".to_owned(),
            Self::EmptyProvider => "schrijf het kenmerk van de leverancier".to_owned(),
            Self::LongProvider => "gebruik hoogstens 255 tekens".to_owned(),
            Self::Priority => "schrijf bijvoorbeeld ntamx=10 mx.example.nl".to_owned(),
            Self::HostName => "schrijf een naam van letters, cijfers, koppeltekens en punten, \
                               zonder punt aan het eind"
                .to_owned(),
            Self::HostAddress => "schrijf de naam van de mailserver".to_owned(),
            Self::TooManyHosts => format!("noem hoogstens {MAX_NTAMX} mailservers"),
            Self::TooLong => format!("gebruik hoogstens {MAX_LENGTH} bytes"),
        }
    }

    fn en(self) -> String {
        match self {
            Self::NotARecord => "this does not start as an NTA record".to_owned(),
            Self::OtherVersion => "this is another version than NTA7516-1".to_owned(),
            Self::DraftDialect => "this is the spelling of an old draft".to_owned(),
            Self::SupplierRecord => "this is the record of a supplier".to_owned(),
            Self::ProfessionalRecord => "this is the record of a professional".to_owned(),
            Self::LetterCase(tag) => format!("{tag} stands here in other upper and lower case"),
            Self::Quote => "there is a quotation mark here".to_owned(),
            Self::Blank => "there is a space, tab or line end here".to_owned(),
            Self::Character(byte) => format!("byte {byte:#04x} is no visible ASCII character"),
            Self::EmptyField => "there is nothing between the semicolons".to_owned(),
            Self::Missing(tag) => format!("{tag} is missing"),
            Self::Misplaced { expected, found } => {
                format!("{found} stands where {expected} belongs")
            }
            Self::Unknown => "there is no such field".to_owned(),
            Self::Colon(tag) => format!("there is a colon behind {tag}"),
            Self::MixedSigns(tag) => format!("behind {tag} is another sign than before"),
            Self::Repeated(tag) => format!("{tag} stands there a second time"),
            Self::Month => "this is no month".to_owned(),
            Self::EndBeforeStart => "enddate lies before startdate".to_owned(),
            Self::EmptyProvider => "there is nothing behind provider=".to_owned(),
            Self::LongProvider => "the mark is too long".to_owned(),
            Self::Priority => "ntamx does not start with a priority and one space".to_owned(),
            Self::HostName => "this is no name of a mail host".to_owned(),
            Self::HostAddress => "this is an IP address".to_owned(),
            Self::TooManyHosts => "there are too many mail hosts".to_owned(),
            Self::TooLong => "the record is too long".to_owned(),
        }
    }

    fn mend_en(self) -> String {
        match self {
            Self::NotARecord | Self::OtherVersion => "start with v=NTA7516-1;".to_owned(),
            Self::DraftDialect => format!("write {SHAPE}"),
            Self::SupplierRecord => format!("write at the mail domain {SHAPE}"),
            Self::ProfessionalRecord => format!("write at the supplier {SUPPLIER_SHAPE}"),
            Self::LetterCase(tag) => format!("write {}", spelled(tag)),
            Self::Quote | Self::Blank | Self::Character(_) => "take it away".to_owned(),
            Self::EmptyField => "take the semicolon away".to_owned(),
            Self::Missing(tag) => format!("add ;{tag}="),
            Self::Misplaced { .. } => format!("keep this order: {SHAPE}"),
            Self::Unknown => "take the field away".to_owned(),
            Self::Colon(tag) => format!("write {tag}="),
            Self::MixedSigns(_) => "use a colon everywhere".to_owned(),
            Self::Repeated(_) => "leave the first only".to_owned(),
            Self::Month => "write YYYY-MM, with a month from 01 to 12".to_owned(),
            Self::EndBeforeStart => "put the months in order".to_owned(),
            Self::EmptyProvider => "write the supplier's mark".to_owned(),
            Self::LongProvider => "use 255 characters at most".to_owned(),
            Self::Priority => "write for instance ntamx=10 mx.example.nl".to_owned(),
            Self::HostName => {
                "write a name of letters, digits, hyphens and dots, without a dot at the end"
                    .to_owned()
            }
            Self::HostAddress => "write the name of the mail host".to_owned(),
            Self::TooManyHosts => format!("name {MAX_NTAMX} mail hosts at most"),
            Self::TooLong => format!("use {MAX_LENGTH} bytes at most"),
        }
    }
}

/// How a tag is written with its fixed value, where it has one.
fn spelled(tag: Tag) -> String {
    match tag {
        Tag::V => "v=NTA7516-1".to_owned(),
        Tag::Version => "version=NTA7516-1".to_owned(),
        tag => format!("{tag}="),
    }
}

const SHAPE: &str =
    "v=NTA7516-1;startdate=2026-01;enddate=2028-12;provider=kenmerk;ntamx=10 mx.example.nl";
const SUPPLIER_SHAPE: &str = "version=NTA7516-1;startdate:2026-01;enddate:2026-12";
