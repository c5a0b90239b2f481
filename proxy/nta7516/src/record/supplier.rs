use core::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::grammar::{CLAIM, Fields, SUPPLIER_VERSION, characters};
use super::{Month, RecordFault, Tag, Txt, What};

/// The supplier's record, at the supplier's own domain (R-DNS-4).
///
/// ```text
/// "version=NTA7516-1" ";" "startdate" sign month ";" "enddate" sign month     ; sign = ":" / "="
/// ```
///
/// The guide prints colons and that is what we publish; the form with equals signs is met too.
/// One record uses one sign.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SupplierRecord {
    /// The first month in which it holds.
    pub start: Month,
    /// The last month in which it holds, to its last day.
    pub end: Month,
}

/// What a supplier's domain says of itself (R-DNS-4).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum SupplierClaim {
    /// There is no supplier's record.
    None,
    /// Each record parses.
    Valid(Vec<SupplierRecord>),
    /// At least one record does not parse.
    Invalid(Vec<RecordFault>),
}

impl SupplierRecord {
    /// Parses the joined data of one TXT record, strictly, in either spelling.
    ///
    /// # Errors
    /// [`RecordFault`]: the first fault, its place and its mend.
    pub fn parse(data: &[u8]) -> Result<Self, RecordFault> {
        let mut fields = Fields::of(data)?;
        let first = fields.next().map_or(&b""[..], |field| field.text);
        if first != VERSION {
            let what = match data {
                [b'"', ..] => What::Quote,
                data if data.starts_with(CLAIM) => What::ProfessionalRecord,
                _ if first.eq_ignore_ascii_case(VERSION) => What::LetterCase(Tag::Version),
                data if data.starts_with(SUPPLIER_VERSION) => What::OtherVersion,
                _ => What::NotARecord,
            };
            return Err(RecordFault::new(0, what));
        }
        characters(data)?;
        let (sign, value) = fields.expect(Tag::StartDate)?.signed(Tag::StartDate)?;
        let (start, _) = value.month()?;
        let field = fields.expect(Tag::EndDate)?;
        let (second, value) = field.signed(Tag::EndDate)?;
        if second != sign {
            let place = field.place + Tag::EndDate.name().len();
            return Err(RecordFault::new(place, What::MixedSigns(Tag::EndDate)));
        }
        let (end, place) = value.month()?;
        if end < start {
            return Err(RecordFault::new(place, What::EndBeforeStart));
        }
        match fields.next() {
            Some(field) if field.text.is_empty() => {
                Err(RecordFault::new(field.place, What::EmptyField))
            }
            Some(field) => Err(RecordFault::new(field.place, What::Unknown)),
            None => Ok(Self { start, end }),
        }
    }

    /// True in a month of the record's period, both ends included.
    #[must_use]
    pub fn covers(&self, month: Month) -> bool {
        (self.start..=self.end).contains(&month)
    }
}

impl fmt::Display for SupplierRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (start, end) = (self.start, self.end);
        write!(f, "version=NTA7516-1;startdate:{start};enddate:{end}")
    }
}

impl SupplierClaim {
    /// Reads the TXT records of a supplier's domain. Records that do not start with
    /// `version=NTA7516` are passed over: they say something else.
    #[must_use]
    pub fn read(records: &[Txt]) -> Self {
        let mut valid = Vec::new();
        let mut faults = Vec::new();
        for txt in records {
            if !txt.data.starts_with(SUPPLIER_VERSION) {
                continue;
            }
            match SupplierRecord::parse(&txt.data) {
                Ok(record) => valid.push(record),
                Err(fault) => faults.push(fault),
            }
        }
        match (faults.is_empty(), valid.is_empty()) {
            (false, _) => Self::Invalid(faults),
            (true, true) => Self::None,
            (true, false) => Self::Valid(valid),
        }
    }

    /// True where a valid record holds on the day of `now`.
    #[must_use]
    pub fn holds(&self, now: Timestamp) -> bool {
        let month = Month::of(now);
        match self {
            Self::Valid(records) => records.iter().any(|record| record.covers(month)),
            Self::None | Self::Invalid(_) => false,
        }
    }
}

const VERSION: &[u8] = b"version=NTA7516-1";
