use core::fmt;

use mail::Domain;
use serde::{Deserialize, Serialize};

use super::provider::MAX_MARK;
use super::{MAX_LENGTH, MAX_NTAMX, Month, Provider, RecordFault, Tag, What};

/// The professional's record (R-DNS-1): this domain complies in these months, by this supplier.
///
/// ```text
/// ntatxt = "v=NTA7516-1" ";" startdate ";" enddate ";" provider *( ";" ntamx )
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// The first month in which it holds.
    pub start: Month,
    /// The last month in which it holds, to its last day.
    pub end: Month,
    /// The supplier's mark.
    pub provider: Provider,
    /// The hosts that take NTA mail, as they are written; none: the ordinary MX hosts do
    /// (R-DNS-3).
    pub ntamx: Vec<NtaMx>,
}

/// One host of a record that takes NTA mail (R-DNS-1).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct NtaMx {
    /// 0 to 999; the lowest is tried first.
    pub priority: u16,
    /// Its name (RFC 1123 section 2.1).
    pub host: Domain,
}

impl Record {
    /// Parses the joined data of one TXT record, strictly.
    ///
    /// # Errors
    /// [`RecordFault`]: the first fault, its place and its mend.
    pub fn parse(data: &[u8]) -> Result<Self, RecordFault> {
        let mut fields = Fields::of(data)?;
        version(data)?;
        characters(data)?;
        fields.next();
        let (start, _) = fields.month(Tag::StartDate)?;
        let (end, place) = fields.month(Tag::EndDate)?;
        if end < start {
            return Err(RecordFault::new(place, What::EndBeforeStart));
        }
        let provider = fields.provider()?;
        let mut ntamx = Vec::new();
        for field in fields {
            if ntamx.len() == MAX_NTAMX {
                return Err(RecordFault::new(field.place, What::TooManyHosts));
            }
            ntamx.push(NtaMx::parse(&field.value(Tag::NtaMx)?)?);
        }
        Ok(Self { start, end, provider, ntamx })
    }

    /// True in a month of the record's period, both ends included (R-DNS-1).
    #[must_use]
    pub fn covers(&self, month: Month) -> bool {
        (self.start..=self.end).contains(&month)
    }
}

impl fmt::Display for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (start, end, provider) = (self.start, self.end, &self.provider);
        write!(f, "v=NTA7516-1;startdate={start};enddate={end};provider={provider}")?;
        self.ntamx
            .iter()
            .try_for_each(|NtaMx { priority, host }| write!(f, ";ntamx={priority} {host}"))
    }
}

impl NtaMx {
    /// `1*3DIGIT SP hostname`
    fn parse(value: &Field<'_>) -> Result<Self, RecordFault> {
        let digits = value.text.iter().take_while(|c| c.is_ascii_digit()).count();
        if !(1..=3).contains(&digits) || value.text.get(digits) != Some(&b' ') {
            return Err(RecordFault::new(value.place, What::Priority));
        }
        let priority =
            value.text[..digits].iter().fold(0, |sum, digit| sum * 10 + u16::from(digit - b'0'));
        let host = value.skip(digits + 1);
        host.without_blank()?;
        Ok(Self { priority, host: host.host()? })
    }
}

/// The fields between semicolons, each with its place.
pub(super) struct Fields<'a> {
    rest: Option<Field<'a>>,
    length: usize,
}

/// A stretch of the record that starts at byte `place`.
#[derive(Clone, Copy)]
pub(super) struct Field<'a> {
    pub(super) place: usize,
    pub(super) text: &'a [u8],
}

impl<'a> Fields<'a> {
    pub(super) fn of(data: &'a [u8]) -> Result<Self, RecordFault> {
        if data.len() > MAX_LENGTH {
            return Err(RecordFault::new(MAX_LENGTH, What::TooLong));
        }
        Ok(Self { rest: Some(Field { place: 0, text: data }), length: data.len() })
    }

    pub(super) fn month(&mut self, tag: Tag) -> Result<(Month, usize), RecordFault> {
        self.expect(tag)?.value(tag)?.month()
    }

    fn provider(&mut self) -> Result<Provider, RecordFault> {
        let value = self.expect(Tag::Provider)?.value(Tag::Provider)?;
        value.without_blank()?;
        let what = match value.text.len() {
            0 => What::EmptyProvider,
            length if length > MAX_MARK => What::LongProvider,
            _ => What::Unknown,
        };
        core::str::from_utf8(value.text)
            .ok()
            .and_then(|text| Provider::parse(text).ok())
            .ok_or(RecordFault::new(value.place, what))
    }

    pub(super) fn expect(&mut self, tag: Tag) -> Result<Field<'a>, RecordFault> {
        let missing = RecordFault::new(self.length, What::Missing(tag));
        self.next().ok_or(missing)
    }
}

impl<'a> Iterator for Fields<'a> {
    type Item = Field<'a>;

    fn next(&mut self) -> Option<Field<'a>> {
        let rest = self.rest.take()?;
        let Some(end) = rest.text.iter().position(|&c| c == b';') else {
            return Some(rest);
        };
        self.rest = Some(rest.skip(end + 1));
        Some(Field { place: rest.place, text: &rest.text[..end] })
    }
}

impl<'a> Field<'a> {
    pub(super) fn skip(&self, count: usize) -> Self {
        Self { place: self.place + count, text: self.text.get(count..).unwrap_or_default() }
    }

    /// What stands behind `tag=`.
    fn value(&self, tag: Tag) -> Result<Self, RecordFault> {
        match self.signed(tag)? {
            (b'=', value) => Ok(value),
            _ => Err(RecordFault::new(self.place + tag.name().len(), What::Colon(tag))),
        }
    }

    /// The sign behind the tag, `=` or `:`, and what stands behind that.
    pub(super) fn signed(&self, tag: Tag) -> Result<(u8, Self), RecordFault> {
        let length = tag.name().len();
        match (self.starts(tag), self.text.get(length)) {
            (true, Some(&sign @ (b'=' | b':'))) => Ok((sign, self.skip(length + 1))),
            _ => Err(self.stranger(tag)),
        }
    }

    /// Why this is not the field of `expected`.
    fn stranger(&self, expected: Tag) -> RecordFault {
        if self.text.is_empty() {
            return RecordFault::new(self.place, What::EmptyField);
        }
        if let Err(blank) = self.without_blank_before_value() {
            return blank;
        }
        let length = expected.name().len();
        let same = self
            .text
            .get(..length)
            .is_some_and(|name| name.eq_ignore_ascii_case(expected.name().as_bytes()));
        if same && matches!(self.text.get(length), Some(b'=' | b':')) && !self.starts(expected) {
            return RecordFault::new(self.place, What::LetterCase(expected));
        }
        let what = match TAGS.into_iter().find(|tag| self.starts(*tag)) {
            Some(found) if expected == Tag::NtaMx => What::Repeated(found),
            Some(found) if found != expected => What::Misplaced { expected, found },
            _ => What::Unknown,
        };
        RecordFault::new(self.place, what)
    }

    fn starts(&self, tag: Tag) -> bool {
        self.text.starts_with(tag.name().as_bytes())
    }

    fn without_blank(&self) -> Result<(), RecordFault> {
        match self.text.iter().position(|&c| c == b' ') {
            Some(at) => Err(RecordFault::new(self.place + at, What::Blank)),
            None => Ok(()),
        }
    }

    fn without_blank_before_value(&self) -> Result<(), RecordFault> {
        let sign = self.text.iter().position(|c| matches!(c, b'=' | b':'));
        let name = &self.text[..sign.unwrap_or(self.text.len())];
        Field { place: self.place, text: name }.without_blank()
    }

    pub(super) fn month(&self) -> Result<(Month, usize), RecordFault> {
        self.without_blank()?;
        core::str::from_utf8(self.text)
            .ok()
            .and_then(|text| Month::parse(text).ok())
            .map(|month| (month, self.place))
            .ok_or(RecordFault::new(self.place, What::Month))
    }

    /// RFC 1123 section 2.1: letters, digits and hyphens, and not to be taken for an address.
    fn host(&self) -> Result<Domain, RecordFault> {
        let fault = |what| RecordFault::new(self.place, what);
        let allowed = |c: &u8| c.is_ascii_alphanumeric() || matches!(c, b'-' | b'.');
        let text = core::str::from_utf8(self.text).map_err(|_| fault(What::HostName))?;
        let last = text.rsplit('.').next().unwrap_or_default();
        if text.parse::<std::net::IpAddr>().is_ok()
            || (!last.is_empty() && last.bytes().all(|c| c.is_ascii_digit()))
        {
            return Err(fault(What::HostAddress));
        }
        if !self.text.iter().all(allowed) || text.ends_with('.') {
            return Err(fault(What::HostName));
        }
        Domain::parse(text).map_err(|_| fault(What::HostName))
    }
}

/// The first field must be `v=NTA7516-1`; where it is not, which known thing it is.
fn version(data: &[u8]) -> Result<(), RecordFault> {
    let first = data.split(|&c| c == b';').next().unwrap_or_default();
    if first == VERSION {
        return Ok(());
    }
    let (place, what) = if data.first() == Some(&b'"') {
        (0, What::Quote)
    } else if is_draft(data) {
        (CLAIM.len(), What::DraftDialect)
    } else if data.starts_with(SUPPLIER_VERSION) {
        (0, What::SupplierRecord)
    } else if first.eq_ignore_ascii_case(VERSION) {
        (0, What::LetterCase(Tag::V))
    } else if first.trim_ascii() == VERSION {
        let place = if first.starts_with(VERSION) { VERSION.len() } else { 0 };
        (place, What::Blank)
    } else if data.starts_with(CLAIM) {
        (CLAIM.len(), What::OtherVersion)
    } else {
        (0, What::NotARecord)
    };
    Err(RecordFault::new(place, what))
}

/// An early draft of the norm, which was live for years: `v=NTA7516;version:2019-06;expire:2019-10;`
/// `provider:mark;ntamx:host`, met with blanks and with equals signs too.
fn is_draft(data: &[u8]) -> bool {
    let mut fields = data.split(|&c| c == b';');
    let second = fields.nth(1).map(<[u8]>::trim_ascii_start);
    let version = |field: &[u8]| field.starts_with(b"version:") || field.starts_with(b"version=");
    data.starts_with(b"v=NTA7516;") && second.is_some_and(version)
}

/// Visible ASCII without quotation marks, and spaces: where these may stand, the fields tell.
pub(super) fn characters(data: &[u8]) -> Result<(), RecordFault> {
    let bad = data.iter().position(|&c| !(c == b' ' || c.is_ascii_graphic()) || c == b'"');
    let Some(place) = bad else { return Ok(()) };
    let what = match data[place] {
        b'"' => What::Quote,
        b'\t' | b'\r' | b'\n' => What::Blank,
        other => What::Character(other),
    };
    Err(RecordFault::new(place, what))
}

/// What every claim starts with, of any version (R-DNS-1).
pub(super) const CLAIM: &[u8] = b"v=NTA7516";
pub(super) const SUPPLIER_VERSION: &[u8] = b"version=NTA7516";
const VERSION: &[u8] = b"v=NTA7516-1";
const TAGS: [Tag; 6] = [
    // `version` before `v`: the shorter is a beginning of the longer.
    Tag::Version,
    Tag::V,
    Tag::StartDate,
    Tag::EndDate,
    Tag::Provider,
    Tag::NtaMx,
];
