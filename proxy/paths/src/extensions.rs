use crate::der::{self, BOOLEAN, Element, INTEGER, Malformed, OCTET_STRING, OID, Reader, SEQUENCE};

/// The extensions of a certificate that are understood here (RFC 5280 section 4.2). One that cannot
/// be read makes the certificate unreadable: what it meant to forbid is not known.
#[derive(Debug, Clone, Default)]
pub(crate) struct Extensions<'a> {
    pub(crate) authority_key: Option<&'a [u8]>,
    pub(crate) subject_key: Option<&'a [u8]>,
    pub(crate) basic: Option<BasicConstraints>,
    pub(crate) key_usage: Option<KeyUsage>,
    /// Object identifiers of key purposes.
    pub(crate) extended_key_usage: Option<Vec<&'a [u8]>>,
    pub(crate) alternative_names: Option<Vec<GeneralName<'a>>>,
    pub(crate) name_constraints: Option<NameConstraints<'a>>,
    /// Object identifiers of policies.
    pub(crate) policies: Option<Vec<&'a [u8]>>,
    pub(crate) mappings: Vec<Mapping<'a>>,
    pub(crate) require_explicit: Option<u32>,
    pub(crate) inhibit_mapping: Option<u32>,
    pub(crate) inhibit_any: Option<u32>,
    pub(crate) distribution_points: Vec<DistributionPoint<'a>>,
    /// Where OCSP responders are asked (section 4.2.2.1).
    pub(crate) responders: Vec<&'a [u8]>,
    /// id-pkix-ocsp-nocheck (RFC 6960 section 4.2.2.2.1).
    pub(crate) no_check: bool,
    /// A critical extension that is not understood.
    pub(crate) unknown_critical: Option<&'a [u8]>,
}

/// issuerDomainPolicy and subjectDomainPolicy (section 4.2.1.5).
pub(crate) type Mapping<'a> = (&'a [u8], &'a [u8]);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct BasicConstraints {
    pub(crate) ca: bool,
    pub(crate) path_length: Option<u32>,
}

/// KeyUsage (section 4.2.1.3), bit 0 lowest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct KeyUsage(u16);

impl KeyUsage {
    /// digitalSignature or nonRepudiation.
    pub(crate) fn signs(self) -> bool {
        self.0 & 0b11 != 0
    }

    pub(crate) fn digital_signature(self) -> bool {
        self.0 & 1 != 0
    }

    pub(crate) fn signs_certificates(self) -> bool {
        self.0 & (1 << 5) != 0
    }

    pub(crate) fn signs_lists(self) -> bool {
        self.0 & (1 << 6) != 0
    }
}

/// GeneralName (section 4.2.1.6), as it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum GeneralName<'a> {
    /// otherName: type-id and the DER of its value.
    Other { oid: &'a [u8], value: &'a [u8] },
    /// rfc822Name.
    Mail(&'a [u8]),
    /// dNSName.
    Host(&'a [u8]),
    /// directoryName, as the DER of a Name.
    Directory(&'a [u8]),
    /// uniformResourceIdentifier.
    Uri(&'a [u8]),
    /// iPAddress; with a mask in name constraints.
    Ip(&'a [u8]),
    /// x400Address, ediPartyName, registeredID: by tag number.
    Odd(u8),
}

/// NameConstraints (section 4.2.1.10).
#[derive(Debug, Clone, Default)]
pub(crate) struct NameConstraints<'a> {
    pub(crate) permitted: Vec<GeneralName<'a>>,
    pub(crate) excluded: Vec<GeneralName<'a>>,
    /// A subtree has `minimum` other than 0, or `maximum`: "minimum MUST be zero, and maximum MUST
    /// be absent".
    pub(crate) bounded: bool,
}

/// DistributionPoint (section 4.2.1.13).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct DistributionPoint<'a> {
    pub(crate) name: Option<PointName<'a>>,
    /// ReasonFlags, bit 0 lowest.
    pub(crate) reasons: Option<u16>,
    pub(crate) issuer: Vec<GeneralName<'a>>,
}

/// DistributionPointName.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum PointName<'a> {
    Full(Vec<GeneralName<'a>>),
    /// The DER of the SET, with the tag of a SET.
    Relative(Vec<u8>),
}

/// One extension as it stands.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Extension<'a> {
    pub(crate) oid: &'a [u8],
    pub(crate) critical: bool,
    pub(crate) value: &'a [u8],
}

/// Reads Extensions from the element around them (`[0]` of CRLs, `[1]` of OCSP, `[3]` of certificates).
pub(crate) fn list<'a>(wrapper: Element<'a>) -> Result<Vec<Extension<'a>>, Malformed> {
    entries(der::whole(wrapper.content, SEQUENCE)?)
}

/// Reads Extensions.
pub(crate) fn entries<'a>(sequence: Element<'a>) -> Result<Vec<Extension<'a>>, Malformed> {
    let mut reader = sequence.inside();
    let mut found: Vec<Extension<'a>> = Vec::new();
    while !reader.is_empty() {
        let mut extension = reader.take(SEQUENCE)?.inside();
        let oid = extension.take(OID)?.content;
        let critical = extension.optional(BOOLEAN)?.map(der::boolean).transpose()?.unwrap_or(false);
        let value = extension.take(OCTET_STRING)?.content;
        extension.end()?;
        // Section 4.2: "A certificate MUST NOT include more than one instance of a particular
        // extension." Certificates have about ten.
        if found.len() == EXTENSIONS_MOST || found.iter().any(|known| known.oid == oid) {
            return Err(Malformed);
        }
        found.push(Extension { oid, critical, value });
    }
    Ok(found)
}

impl<'a> Extensions<'a> {
    pub(crate) fn read(wrapper: Element<'a>) -> Result<Self, Malformed> {
        let mut all = Self::default();
        for extension in list(wrapper)? {
            if !all.take(extension)? && extension.critical {
                all.unknown_critical.get_or_insert(extension.oid);
            }
        }
        Ok(all)
    }

    /// True where the extension is understood.
    fn take(&mut self, extension: Extension<'a>) -> Result<bool, Malformed> {
        let value = extension.value;
        match extension.oid {
            AUTHORITY_KEY => self.authority_key = authority_key(value)?,
            SUBJECT_KEY => self.subject_key = Some(der::whole(value, OCTET_STRING)?.content),
            [0x55, 0x1d, 15] => {
                let bits = der::whole(value, der::BIT_STRING)?.content;
                self.key_usage = Some(KeyUsage(der::named_bits(bits)?));
            }
            [0x55, 0x1d, 17] => self.alternative_names = Some(general_names(value)?),
            // issuerAltName binds nobody.
            [0x55, 0x1d, 18] => {}
            [0x55, 0x1d, 19] => self.basic = Some(basic(value)?),
            [0x55, 0x1d, 30] => self.name_constraints = Some(name_constraints(value)?),
            [0x55, 0x1d, 31] => self.distribution_points = distribution_points(value)?,
            [0x55, 0x1d, 32] => self.policies = Some(policies(value)?),
            [0x55, 0x1d, 33] => self.mappings = mappings(value)?,
            [0x55, 0x1d, 36] => {
                (self.require_explicit, self.inhibit_mapping) = policy_constraints(value)?;
            }
            [0x55, 0x1d, 37] => self.extended_key_usage = Some(purposes(value)?),
            // freshestCRL says where delta CRLs are, not what is allowed.
            [0x55, 0x1d, 46] => {}
            [0x55, 0x1d, 54] => {
                self.inhibit_any = Some(der::count(der::whole(value, INTEGER)?.content)?);
            }
            // authorityInfoAccess, subjectInfoAccess: likewise. One that cannot be read forbids nothing.
            [0x2b, 6, 1, 5, 5, 7, 1, 1] => self.responders = responders(value).unwrap_or_default(),
            [0x2b, 6, 1, 5, 5, 7, 1, 11] => {}
            [0x2b, 6, 1, 5, 5, 7, 0x30, 1, 5] => self.no_check = true,
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// The key may sign certificates, as far as keyUsage says.
    pub(crate) fn may_sign_certificates(&self) -> bool {
        self.key_usage.is_none_or(KeyUsage::signs_certificates)
    }

    /// The key may sign CRLs (section 6.3.3 (f)).
    pub(crate) fn may_sign_lists(&self) -> bool {
        self.key_usage.is_none_or(KeyUsage::signs_lists)
    }

    /// extendedKeyUsage is absent, or names this purpose or any (RFC 8550 section 4.4.4).
    pub(crate) fn serves(&self, purpose: &[u8]) -> bool {
        let named = self.extended_key_usage.as_ref();
        named.is_none_or(|named| named.iter().any(|oid| *oid == purpose || *oid == ANY_PURPOSE))
    }
}

/// The keyIdentifier of AuthorityKeyIdentifier.
pub(crate) fn authority_key(value: &[u8]) -> Result<Option<&[u8]>, Malformed> {
    let mut reader = der::whole(value, SEQUENCE)?.inside();
    Ok(reader.optional(der::primitive(0))?.map(|element| element.content))
}

fn basic(value: &[u8]) -> Result<BasicConstraints, Malformed> {
    let mut reader = der::whole(value, SEQUENCE)?.inside();
    let ca = reader.optional(BOOLEAN)?.map(der::boolean).transpose()?.unwrap_or(false);
    let length = reader.optional(INTEGER)?.map(|length| der::count(length.content)).transpose()?;
    reader.end()?;
    // "CAs MUST NOT include the pathLenConstraint field unless the cA boolean is asserted".
    if length.is_some() && !ca {
        Err(Malformed)
    } else {
        Ok(BasicConstraints { ca, path_length: length })
    }
}

pub(crate) fn general_names(value: &[u8]) -> Result<Vec<GeneralName<'_>>, Malformed> {
    let mut reader = der::whole(value, SEQUENCE)?.inside();
    several(&mut reader, general_name)
}

/// One GeneralName.
pub(crate) fn general_name<'a>(reader: &mut Reader<'a>) -> Result<GeneralName<'a>, Malformed> {
    let element = reader.any()?;
    Ok(match element.tag {
        0xa0 => {
            let mut inside = element.inside();
            let oid = inside.take(OID)?.content;
            let value = inside.take(der::constructed(0))?.content;
            inside.end()?;
            GeneralName::Other { oid, value }
        }
        0x81 => GeneralName::Mail(element.content),
        0x82 => GeneralName::Host(element.content),
        0xa4 => GeneralName::Directory(der::whole(element.content, SEQUENCE)?.raw),
        0x86 => GeneralName::Uri(element.content),
        0x87 => GeneralName::Ip(element.content),
        tag @ (0xa3 | 0xa5 | 0x88) => GeneralName::Odd(tag & 0x1f),
        _ => return Err(Malformed),
    })
}

fn name_constraints(value: &[u8]) -> Result<NameConstraints<'_>, Malformed> {
    let mut constraints = NameConstraints::default();
    let mut reader = der::whole(value, SEQUENCE)?.inside();
    if let Some(permitted) = reader.optional(der::constructed(0))? {
        constraints.permitted = subtrees(permitted, &mut constraints.bounded)?;
    }
    if let Some(excluded) = reader.optional(der::constructed(1))? {
        constraints.excluded = subtrees(excluded, &mut constraints.bounded)?;
    }
    reader.end()?;
    Ok(constraints)
}

fn subtrees<'a>(
    element: Element<'a>,
    bounded: &mut bool,
) -> Result<Vec<GeneralName<'a>>, Malformed> {
    several(&mut element.inside(), |reader| {
        let mut subtree = reader.take(SEQUENCE)?.inside();
        let base = general_name(&mut subtree)?;
        let minimum = subtree.optional(der::primitive(0))?;
        let maximum = subtree.optional(der::primitive(1))?;
        subtree.end()?;
        *bounded |= maximum.is_some() || minimum.is_some_and(|minimum| minimum.content != [0]);
        Ok(base)
    })
}

fn distribution_points(value: &[u8]) -> Result<Vec<DistributionPoint<'_>>, Malformed> {
    several(&mut der::whole(value, SEQUENCE)?.inside(), |reader| {
        let mut point = reader.take(SEQUENCE)?.inside();
        let name = point.optional(der::constructed(0))?.map(point_name).transpose()?;
        let reasons = point.optional(der::primitive(1))?;
        let reasons = reasons.map(|reasons| der::named_bits(reasons.content)).transpose()?;
        let issuer = point.optional(der::constructed(2))?;
        let issuer = issuer.map(|names| several(&mut names.inside(), general_name)).transpose()?;
        point.end()?;
        Ok(DistributionPoint { name, reasons, issuer: issuer.unwrap_or_default() })
    })
}

/// Reads DistributionPointName from the element around it.
pub(crate) fn point_name(wrapper: Element<'_>) -> Result<PointName<'_>, Malformed> {
    let mut reader = wrapper.inside();
    let element = reader.any()?;
    reader.end()?;
    match element.tag {
        0xa0 => several(&mut element.inside(), general_name).map(PointName::Full),
        0xa1 => {
            let mut set = element.raw.to_vec();
            if let Some(tag) = set.first_mut() {
                *tag = der::SET;
            }
            Ok(PointName::Relative(set))
        }
        _ => Err(Malformed),
    }
}

/// The addresses of AccessDescriptions with id-ad-ocsp.
fn responders(value: &[u8]) -> Result<Vec<&[u8]>, Malformed> {
    let all = several(&mut der::whole(value, SEQUENCE)?.inside(), |reader| {
        let mut description = reader.take(SEQUENCE)?.inside();
        let method = description.take(OID)?.content;
        Ok((method, general_name(&mut description)?))
    })?;
    let uri = |(method, name)| match name {
        GeneralName::Uri(uri) if method == AD_OCSP => Some(uri),
        _ => None,
    };
    Ok(all.into_iter().filter_map(uri).collect())
}

fn policies(value: &[u8]) -> Result<Vec<&[u8]>, Malformed> {
    let found = several(&mut der::whole(value, SEQUENCE)?.inside(), |reader| {
        // Qualifiers are for people; none of them changes what is allowed.
        Ok(reader.take(SEQUENCE)?.inside().take(OID)?.content)
    })?;
    // "A certificate policy OID MUST NOT appear more than once".
    let twice = found.iter().enumerate().any(|(place, oid)| found[..place].contains(oid));
    if twice || found.is_empty() { Err(Malformed) } else { Ok(found) }
}

fn mappings(value: &[u8]) -> Result<Vec<Mapping<'_>>, Malformed> {
    several(&mut der::whole(value, SEQUENCE)?.inside(), |reader| {
        let mut pair = reader.take(SEQUENCE)?.inside();
        let mapping = (pair.take(OID)?.content, pair.take(OID)?.content);
        pair.end()?;
        Ok(mapping)
    })
}

fn policy_constraints(value: &[u8]) -> Result<(Option<u32>, Option<u32>), Malformed> {
    let mut reader = der::whole(value, SEQUENCE)?.inside();
    let mut skip = |number| {
        let element = reader.optional(der::primitive(number))?;
        element.map(|element| der::count(element.content)).transpose()
    };
    let both = (skip(0)?, skip(1)?);
    reader.end()?;
    Ok(both)
}

fn purposes(value: &[u8]) -> Result<Vec<&[u8]>, Malformed> {
    several(&mut der::whole(value, SEQUENCE)?.inside(), |reader| Ok(reader.take(OID)?.content))
}

/// Reads the same thing until nothing is left, within a bound.
pub(crate) fn several<'a, T>(
    reader: &mut Reader<'a>,
    mut one: impl FnMut(&mut Reader<'a>) -> Result<T, Malformed>,
) -> Result<Vec<T>, Malformed> {
    let mut found = Vec::new();
    while !reader.is_empty() {
        if found.len() == ENTRIES_MOST {
            return Err(Malformed);
        }
        found.push(one(reader)?);
    }
    Ok(found)
}

const AUTHORITY_KEY: &[u8] = &[0x55, 0x1d, 35];
const SUBJECT_KEY: &[u8] = &[0x55, 0x1d, 14];
/// anyExtendedKeyUsage (section 4.2.1.12).
const ANY_PURPOSE: &[u8] = &[0x55, 0x1d, 37, 0];
/// id-kp-emailProtection.
pub(crate) const EMAIL_PROTECTION: &[u8] = &[0x2b, 6, 1, 5, 5, 7, 3, 4];
/// id-kp-OCSPSigning (RFC 6960 section 4.2.2.2).
pub(crate) const OCSP_SIGNING: &[u8] = &[0x2b, 6, 1, 5, 5, 7, 3, 9];

/// id-ad-ocsp (section 4.2.2.1).
const AD_OCSP: &[u8] = &[0x2b, 6, 1, 5, 5, 7, 0x30, 1];

/// Certificates have about ten extensions.
const EXTENSIONS_MOST: usize = 64;
/// The largest name constraints in public use have some hundred entries; every entry is compared with
/// every name, so that the square of this number is the work of one certificate.
const ENTRIES_MOST: usize = 512;
