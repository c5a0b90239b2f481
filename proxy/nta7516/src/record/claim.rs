use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::grammar::CLAIM;
use super::{Fault, MAX_TTL, Month, Record};
use crate::Error;

/// One TXT record of a domain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Txt {
    /// Its character-strings, joined without anything between (R-DNS-1).
    pub data: Vec<u8>,
    /// How long it may be cached, in seconds: the original TTL of its RRSIG where there is one,
    /// else the TTL shown (R-DNS-2).
    pub ttl: u32,
}

/// What a domain says of itself (R-DNS-1, R-DNS-2).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Claim {
    /// No record starts with `v=NTA7516`.
    None,
    /// One or two records that hold to all rules. Whether one holds today,
    /// [`RecordSet::current`] tells.
    Valid(RecordSet),
    /// There is a claim, and it breaks a rule: never to be taken for "no claim".
    Invalid(Vec<Fault>),
}

/// One or two records whose periods share no month, each with a TTL of a day at most (R-DNS-2).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Plain", into = "Plain")]
pub struct RecordSet {
    records: Vec<Record>,
    ttl: u32,
}

impl Txt {
    /// A TXT record from its character-strings (RFC 1035 section 3.3.14).
    pub fn join<'a>(strings: impl IntoIterator<Item = &'a [u8]>, ttl: u32) -> Self {
        let data = strings.into_iter().flatten().copied().collect();
        Self { data, ttl }
    }
}

impl Claim {
    /// Reads all TXT records of a mail domain. Records that do not start with `v=NTA7516`, SPF and
    /// the like, are passed over.
    #[must_use]
    pub fn read(records: &[Txt]) -> Self {
        let claims: Vec<&Txt> = records.iter().filter(|txt| txt.data.starts_with(CLAIM)).collect();
        if claims.is_empty() {
            return Self::None;
        }
        let mut faults = Vec::new();
        let mut parsed = Vec::new();
        // What is over the limit is counted, not parsed: a stranger's domain chooses how many.
        for (index, txt) in claims.iter().enumerate().take(MAX_RECORDS + 1) {
            match Record::parse(&txt.data) {
                Ok(record) => parsed.push(record),
                Err(fault) => faults.push(Fault::Record { index, fault }),
            }
            if txt.ttl > MAX_TTL {
                let ttl = txt.ttl;
                faults.push(Fault::Ttl { index, ttl });
            }
        }
        faults.extend(set_faults(&parsed, claims.len()));
        if !faults.is_empty() {
            return Self::Invalid(faults);
        }
        let ttl = claims.iter().map(|txt| txt.ttl).min().unwrap_or(0);
        Self::Valid(RecordSet { records: parsed, ttl })
    }

    /// The record that holds on the day of `now`, where the claim is valid.
    #[must_use]
    pub fn current(&self, now: Timestamp) -> Option<&Record> {
        match self {
            Self::Valid(set) => set.current(now),
            Self::None | Self::Invalid(_) => None,
        }
    }
}

impl RecordSet {
    /// Makes a set of one or two records; `ttl` in seconds.
    ///
    /// # Errors
    /// The faults of the set by R-DNS-2; a set without a record is [`Fault::TooMany`] of 0.
    pub fn new(records: Vec<Record>, ttl: u32) -> Result<Self, Vec<Fault>> {
        let mut faults = set_faults(&records, records.len());
        if records.is_empty() {
            faults.push(Fault::TooMany { count: 0 });
        }
        if ttl > MAX_TTL {
            faults.push(Fault::Ttl { index: 0, ttl });
        }
        if faults.is_empty() { Ok(Self { records, ttl }) } else { Err(faults) }
    }

    /// The records, one or two, in the order in which they came.
    #[must_use]
    pub fn records(&self) -> &[Record] {
        &self.records
    }

    /// The shortest time that one of the records may be cached, in seconds (R-DNS-7).
    #[must_use]
    pub fn ttl(&self) -> u32 {
        self.ttl
    }

    /// The record that holds on the day of `now` in Europe/Amsterdam. There is one at most,
    /// since periods share no month.
    #[must_use]
    pub fn current(&self, now: Timestamp) -> Option<&Record> {
        let month = Month::of(now);
        self.records.iter().find(|record| record.covers(month))
    }
}

/// R-DNS-2 for the set as a whole: its number and its periods.
fn set_faults(records: &[Record], count: usize) -> Vec<Fault> {
    let mut faults = Vec::new();
    if count > MAX_RECORDS {
        faults.push(Fault::TooMany { count });
    }
    if let [one, other, ..] = records
        && one.start <= other.end
        && other.start <= one.end
    {
        faults.push(Fault::Overlap);
    }
    faults
}

/// A set as it is written down.
#[derive(Serialize, Deserialize)]
struct Plain {
    records: Vec<Record>,
    ttl: u32,
}

impl TryFrom<Plain> for RecordSet {
    type Error = Error;
    fn try_from(plain: Plain) -> Result<Self, Error> {
        Self::new(plain.records, plain.ttl).map_err(|faults| Error::RecordSet(faults.len()))
    }
}

impl From<RecordSet> for Plain {
    fn from(set: RecordSet) -> Self {
        let RecordSet { records, ttl } = set;
        Self { records, ttl }
    }
}

/// R-DNS-2: "At most two records".
const MAX_RECORDS: usize = 2;
