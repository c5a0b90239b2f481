//! Certificate revocation lists as they stand (RFC 5280 section 5).

use jiff::Timestamp;

use crate::certificate::Certificate;
use crate::der::{self, Element, GENERALIZED_TIME, INTEGER, Malformed, Reader, SEQUENCE, UTC_TIME};
use crate::extensions::{self, DistributionPoint, Extension, GeneralName, PointName};
use crate::name::Name;
use crate::revocation::RevocationReason;

/// A list, complete or delta, of version 1 or 2.
#[derive(Debug, Clone)]
pub(crate) struct RevocationList<'a> {
    pub(crate) tbs: &'a [u8],
    pub(crate) algorithm: &'a [u8],
    pub(crate) signature: &'a [u8],
    pub(crate) issuer: Name,
    pub(crate) this_update: Timestamp,
    pub(crate) next_update: Option<Timestamp>,
    entries: Option<Element<'a>>,
    pub(crate) authority_key: Option<&'a [u8]>,
    /// cRLNumber, without leading zeros.
    pub(crate) number: Option<&'a [u8]>,
    /// BaseCRLNumber of a delta CRL, without leading zeros.
    pub(crate) base: Option<&'a [u8]>,
    pub(crate) point: Option<IssuingPoint<'a>>,
    /// A critical extension, of the list or of an entry, that is not understood.
    pub(crate) unknown_critical: Option<&'a [u8]>,
}

/// IssuingDistributionPoint (section 5.2.5).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct IssuingPoint<'a> {
    name: Option<PointName<'a>>,
    only_users: bool,
    only_issuers: bool,
    only_attributes: bool,
    only_reasons: Option<u16>,
    pub(crate) indirect: bool,
}

/// What a list says of one certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Entry {
    /// Since when it is not to be relied on: the revocation, or the invalidityDate before it.
    pub(crate) when: Timestamp,
    /// CRLReason, by number.
    pub(crate) reason: u8,
}

impl Entry {
    /// Section 5.3.2: invalidityDate is "the date on which it is known or suspected that the private key was
    /// compromised or that the certificate otherwise became invalid", and may lie before the revocation.
    /// One that cannot be read leaves it open since when: then no reason spares what was signed before.
    pub(crate) fn new(when: Timestamp, reason: u8, invalidity: Option<&[u8]>) -> Self {
        let since = invalidity.map(|value| der::whole(value, GENERALIZED_TIME).and_then(der::time));
        match since {
            None => Self { when, reason },
            Some(Ok(since)) => Self { when: when.min(since), reason },
            Some(Err(Malformed)) => {
                let named = RevocationReason::numbered(reason);
                let spares = named.is_some_and(RevocationReason::spares_what_was_signed_before);
                Self { when, reason: if spares { UNSPECIFIED } else { reason } }
            }
        }
    }
}

impl<'a> RevocationList<'a> {
    pub(crate) fn read(raw: &'a [u8]) -> Result<Self, Malformed> {
        if raw.len() > LIST_MOST {
            return Err(Malformed);
        }
        let der::Signed { tbs, algorithm, signature, rest } = der::signed(raw)?;
        rest.end()?;

        let mut inner = tbs.inside();
        // "version Version OPTIONAL": absent is 1, and only 2 is ever written.
        let second = inner.optional(INTEGER)?.map(|version| version.content);
        if second.is_some_and(|version| version != [1]) || inner.take(SEQUENCE)?.raw != algorithm {
            return Err(Malformed);
        }
        let issuer = Name::read(inner.take(SEQUENCE)?.raw)?;
        let this_update = der::time(inner.any()?)?;
        let next = match inner.optional(UTC_TIME)? {
            Some(time) => Some(time),
            None => inner.optional(GENERALIZED_TIME)?,
        };
        let mut list = Self {
            tbs: tbs.raw,
            algorithm,
            signature,
            issuer,
            this_update,
            next_update: next.map(der::time).transpose()?,
            entries: inner.optional(SEQUENCE)?,
            authority_key: None,
            number: None,
            base: None,
            point: None,
            unknown_critical: None,
        };
        if let Some(wrapper) = inner.optional(der::constructed(0))? {
            if second.is_none() {
                return Err(Malformed);
            }
            for extension in extensions::list(wrapper)? {
                list.take(extension)?;
            }
        }
        inner.end()?;
        list.check_entries()?;
        Ok(list)
    }

    fn take(&mut self, extension: Extension<'a>) -> Result<(), Malformed> {
        let number = || der::whole(extension.value, INTEGER).map(|number| bare(number.content));
        match extension.oid {
            [0x55, 0x1d, 20] => self.number = Some(number()?),
            [0x55, 0x1d, 27] => self.base = Some(number()?),
            [0x55, 0x1d, 28] => self.point = Some(IssuingPoint::read(extension.value)?),
            [0x55, 0x1d, 35] => self.authority_key = extensions::authority_key(extension.value)?,
            // issuerAltName, freshestCRL, authorityInfoAccess: they change nothing.
            [0x55, 0x1d, 18 | 46] | [0x2b, 6, 1, 5, 5, 7, 1, 1] => {}
            oid if extension.critical => {
                self.unknown_critical.get_or_insert(oid);
            }
            _ => {}
        }
        Ok(())
    }

    /// Section 5.3: "If a CRL contains a critical CRL entry extension that the application cannot
    /// process, then the application MUST NOT use that CRL to determine the status of any
    /// certificates". So every entry is looked at.
    fn check_entries(&mut self) -> Result<(), Malformed> {
        let indirect = self.point.as_ref().is_some_and(|point| point.indirect);
        let mut unknown = None;
        self.each(|_, _, _, found| {
            for extension in found {
                let known = matches!(extension.oid, REASON | INVALIDITY_DATE)
                    || (indirect && extension.oid == CERTIFICATE_ISSUER);
                if extension.critical && !known {
                    unknown.get_or_insert(extension.oid);
                }
            }
            Ok(())
        })?;
        if let Some(oid) = unknown {
            self.unknown_critical.get_or_insert(oid);
        }
        Ok(())
    }

    /// What the list says of a certificate; None where it does not stand in it.
    pub(crate) fn entry(&self, certificate: &Certificate<'_>) -> Result<Option<Entry>, Malformed> {
        // Section 5.3.3: "If this extension is not present on the first entry in an indirect CRL, the
        // certificate issuer defaults to the CRL issuer", and on later ones to the entry before.
        let mut issued_here = self.issuer == certificate.issuer_name;
        let mut entry = None;
        self.each(|serial, when, _, extensions| {
            let (mut reason, mut invalidity) = (UNSPECIFIED, None);
            for extension in extensions {
                match extension.oid {
                    CERTIFICATE_ISSUER => {
                        let names = extensions::general_names(extension.value)?;
                        issued_here = names.iter().any(|name| match name {
                            GeneralName::Directory(raw) => {
                                Name::read(raw).is_ok_and(|name| name == certificate.issuer_name)
                            }
                            _ => false,
                        });
                    }
                    REASON => match der::whole(extension.value, der::ENUMERATED)?.content {
                        [number] => reason = *number,
                        _ => return Err(Malformed),
                    },
                    INVALIDITY_DATE => invalidity = Some(extension.value),
                    _ => {}
                }
            }
            if issued_here && serial == certificate.serial {
                entry = Some(Entry::new(when, reason, invalidity));
            }
            Ok(())
        })?;
        Ok(entry)
    }

    fn each(
        &self,
        mut look: impl FnMut(
            &'a [u8],
            Timestamp,
            &mut Reader<'a>,
            Vec<Extension<'a>>,
        ) -> Result<(), Malformed>,
    ) -> Result<(), Malformed> {
        let Some(entries) = self.entries else {
            return Ok(());
        };
        let mut reader = entries.inside();
        while !reader.is_empty() {
            let mut entry = reader.take(SEQUENCE)?.inside();
            let serial = entry.take(INTEGER)?.content;
            let when = der::time(entry.any()?)?;
            let found = match entry.optional(SEQUENCE)? {
                Some(sequence) => extensions::entries(sequence)?,
                None => Vec::new(),
            };
            entry.end()?;
            look(serial, when, &mut entry, found)?;
        }
        Ok(())
    }

    /// Until when the list speaks. One without nextUpdate speaks of the moment it was made.
    pub(crate) fn until(&self) -> Timestamp {
        self.next_update.unwrap_or(self.this_update)
    }

    /// The reasons (as bits) for which the list speaks of this certificate: section 6.3.3 (b), (d).
    /// 0 where it does not speak of it at all.
    pub(crate) fn reasons_for(&self, certificate: &Certificate<'_>) -> u16 {
        let own = DistributionPoint::default();
        let points = certificate.extensions.distribution_points.iter().chain([&own]);
        points.filter_map(|point| self.reasons_at(point, certificate)).fold(0, |all, one| all | one)
    }

    fn reasons_at(
        &self,
        point: &DistributionPoint<'_>,
        certificate: &Certificate<'_>,
    ) -> Option<u16> {
        let issuers: Vec<Name> = directories(&point.issuer).collect();
        let indirect = self.point.as_ref().is_some_and(|own| own.indirect);
        // (b) (1)
        let named = match point.issuer.as_slice() {
            [] => self.issuer == certificate.issuer_name,
            _ => indirect && issuers.contains(&self.issuer),
        };
        if !named {
            return None;
        }
        let reasons = point.reasons.unwrap_or(ALL_REASONS) & ALL_REASONS;
        let Some(own) = &self.point else {
            return Some(reasons);
        };
        // (b) (2)
        let ca = certificate.extensions.basic.is_some_and(|basic| basic.ca);
        if (own.only_users && ca) || (own.only_issuers && !ca) || own.only_attributes {
            return None;
        }
        if let Some(name) = &own.name {
            let here = spelt(name, &self.issuer);
            let there = match &point.name {
                Some(name) => spelt(name, issuers.first().unwrap_or(&certificate.issuer_name)),
                // A point without a name, or none at all: the issuer's own place.
                None if issuers.is_empty() => vec![Spelt::Name(certificate.issuer_name.clone())],
                None => issuers.into_iter().map(Spelt::Name).collect(),
            };
            if !here.iter().any(|name| there.contains(name)) {
                return None;
            }
        }
        Some(reasons & own.only_reasons.unwrap_or(ALL_REASONS))
    }

    /// This delta CRL belongs to that complete one (section 5.2.4, 6.3.3 (c)).
    pub(crate) fn completes(&self, complete: &RevocationList<'_>) -> bool {
        let (Some(base), Some(number), Some(own)) = (self.base, complete.number, self.number)
        else {
            return false;
        };
        self.issuer == complete.issuer
            && self.point == complete.point
            && self.authority_key == complete.authority_key
            && rank(base) <= rank(number)
            && rank(number) < rank(own)
    }
}

impl<'a> IssuingPoint<'a> {
    fn read(value: &'a [u8]) -> Result<Self, Malformed> {
        let mut reader = der::whole(value, SEQUENCE)?.inside();
        let name = reader.optional(der::constructed(0))?.map(extensions::point_name).transpose()?;
        let flag = |element: Option<Element<'_>>| {
            element.map(der::boolean).transpose().map(Option::unwrap_or_default)
        };
        let only_users = flag(reader.optional(der::primitive(1))?)?;
        let only_issuers = flag(reader.optional(der::primitive(2))?)?;
        let reasons = reader.optional(der::primitive(3))?;
        let only_reasons = reasons.map(|bits| der::named_bits(bits.content)).transpose()?;
        let indirect = flag(reader.optional(der::primitive(4))?)?;
        let only_attributes = flag(reader.optional(der::primitive(5))?)?;
        reader.end()?;
        Ok(Self { name, only_users, only_issuers, only_attributes, only_reasons, indirect })
    }
}

/// A name of a distribution point, so that it can be compared.
#[derive(PartialEq, Eq)]
enum Spelt<'a> {
    Name(Name),
    Other(GeneralName<'a>),
}

fn spelt<'a>(name: &PointName<'a>, issuer: &Name) -> Vec<Spelt<'a>> {
    match name {
        PointName::Full(names) => names
            .iter()
            .map(|name| match name {
                GeneralName::Directory(raw) => {
                    Name::read(raw).map_or(Spelt::Other(*name), Spelt::Name)
                }
                other => Spelt::Other(*other),
            })
            .collect(),
        PointName::Relative(set) => issuer.with(set).map(Spelt::Name).into_iter().collect(),
    }
}

fn directories(names: &[GeneralName<'_>]) -> impl Iterator<Item = Name> {
    names.iter().filter_map(|name| match name {
        GeneralName::Directory(raw) => Name::read(raw).ok(),
        _ => None,
    })
}

/// A number without leading zeros.
fn bare(number: &[u8]) -> &[u8] {
    let start = number.iter().position(|&byte| byte != 0).unwrap_or(number.len());
    &number[start..]
}

/// Numbers of up to 20 bytes, in their order.
fn rank(number: &[u8]) -> (usize, &[u8]) {
    (number.len(), number)
}

/// ReasonFlags 1 to 8; bit 0 is unused.
pub(crate) const ALL_REASONS: u16 = 0b1_1111_1110;
/// reasonCode (section 5.3.1).
const REASON: &[u8] = &[0x55, 0x1d, 21];
/// invalidityDate (section 5.3.2).
pub(crate) const INVALIDITY_DATE: &[u8] = &[0x55, 0x1d, 24];
/// certificateIssuer (section 5.3.3).
const CERTIFICATE_ISSUER: &[u8] = &[0x55, 0x1d, 29];
/// unspecified, as CRLReason: what holds where none is named.
const UNSPECIFIED: u8 = 0;
/// removeFromCRL, as CRLReason.
pub(crate) const REMOVED: u8 = 8;
/// certificateHold, as CRLReason.
pub(crate) const HOLD: u8 = 6;

/// The longest lists of public issuers are some 10 MB.
const LIST_MOST: usize = 32 * 1024 * 1024;
