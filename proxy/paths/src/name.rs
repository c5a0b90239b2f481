use std::sync::Arc;

use unicode_normalization::UnicodeNormalization;

use crate::der::{self, Malformed, OID, SEQUENCE, SET};

/// A distinguished name in the form in which names are compared (RFC 5280 section 7.1): neither the
/// type of a string, nor case, nor how many blanks there are makes a difference.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Name(Arc<Vec<Relative>>);

/// The attributes of one part of a name, in order.
type Relative = Vec<(Vec<u8>, Value)>;

#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Value {
    Text(String),
    Other(Vec<u8>),
}

/// One attribute of a name: type, string tag, content.
pub(crate) struct Attribute<'a> {
    pub(crate) oid: &'a [u8],
    tag: u8,
    content: &'a [u8],
    raw: &'a [u8],
}

/// True where two names (DER of `Name`) are the same by RFC 5280 section 7.1. What cannot be read is
/// the same as nothing.
#[must_use]
pub fn same_name(one: &[u8], other: &[u8]) -> bool {
    match Name::read(one) {
        Ok(_) if one == other => true,
        Ok(one) => Name::read(other).is_ok_and(|other| one == other),
        Err(Malformed) => false,
    }
}

impl Name {
    /// Reads the DER of `Name`.
    pub(crate) fn read(raw: &[u8]) -> Result<Self, Malformed> {
        let names = relative(raw)?.into_iter().map(|attributes| {
            let mut set: Vec<_> = attributes
                .iter()
                .map(|attribute| (attribute.oid.to_vec(), attribute.value()))
                .collect();
            set.sort();
            set
        });
        Ok(Self(Arc::new(names.collect())))
    }

    /// Name of one more part (RFC 5280 section 4.2.1.13, nameRelativeToCRLIssuer).
    pub(crate) fn with(&self, set: &[u8]) -> Result<Self, Malformed> {
        let raw_length = set.len();
        // The SET stands alone; as the one part of a Name it is read like any.
        let mut wrapped = Vec::with_capacity(raw_length + 4);
        wrapped.push(SEQUENCE);
        match u8::try_from(raw_length) {
            Ok(short) if short < 0x80 => wrapped.push(short),
            Ok(byte) => wrapped.extend([0x81, byte]),
            Err(_) => {
                let [high, low] = u16::try_from(raw_length).map_err(|_| Malformed)?.to_be_bytes();
                wrapped.extend([0x82, high, low]);
            }
        }
        wrapped.extend(set);
        let more = Self::read(&wrapped)?;
        Ok(Self(Arc::new([self.0.as_slice(), more.0.as_slice()].concat())))
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// True where this name lies at or below the other in the tree of names
    /// (RFC 5280 section 4.2.1.10, directoryName).
    pub(crate) fn within(&self, top: &Self) -> bool {
        self.0.starts_with(top.0.as_slice())
    }
}

impl Attribute<'_> {
    fn value(&self) -> Value {
        match self.text() {
            Some(text) => Value::Text(prepared(&text)),
            None => Value::Other(self.raw.to_vec()),
        }
    }

    /// The string as it stands. None where it is no string.
    pub(crate) fn text(&self) -> Option<String> {
        match self.tag {
            // UTF8String, NumericString, PrintableString, IA5String, VisibleString.
            0x0c | 0x12 | 0x13 | 0x16 | 0x1a => {
                core::str::from_utf8(self.content).ok().map(str::to_owned)
            }
            // TeletexString: in practice Latin-1.
            0x14 => Some(self.content.iter().copied().map(char::from).collect()),
            0x1e => {
                let units =
                    self.content.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]]));
                let whole = self.content.len().is_multiple_of(2);
                char::decode_utf16(units).collect::<Result<_, _>>().ok().filter(|_| whole)
            }
            0x1c => {
                let units = self.content.chunks_exact(4);
                let whole = units.remainder().is_empty();
                units
                    .map(|four| {
                        char::from_u32(u32::from_be_bytes([four[0], four[1], four[2], four[3]]))
                    })
                    .collect::<Option<_>>()
                    .filter(|_| whole)
            }
            _ => None,
        }
    }
}

/// RFC 4518 section 2 as far as RFC 5280 section 7.1 asks for it: compatibility forms, case, and
/// blanks at the ends and between words.
fn prepared(text: &str) -> String {
    let folded = match text.is_ascii() {
        true => text.to_ascii_lowercase(),
        false => text.nfkc().flat_map(char::to_lowercase).collect(),
    };
    let mut prepared = String::with_capacity(folded.len());
    for word in folded.split_whitespace() {
        if !prepared.is_empty() {
            prepared.push(' ');
        }
        prepared.push_str(word);
    }
    prepared
}

/// The relative distinguished names of a Name, attribute by attribute.
pub(crate) fn relative(raw: &[u8]) -> Result<Vec<Vec<Attribute<'_>>>, Malformed> {
    let mut names = Vec::new();
    let mut sets = der::whole(raw, SEQUENCE)?.inside();
    while !sets.is_empty() {
        let mut attributes = Vec::new();
        let mut set = sets.take(SET)?.inside();
        while !set.is_empty() {
            let mut pair = set.take(SEQUENCE)?.inside();
            let oid = pair.take(OID)?.content;
            let value = pair.any()?;
            pair.end()?;
            attributes.push(Attribute {
                oid,
                tag: value.tag,
                content: value.content,
                raw: value.raw,
            });
        }
        // "RelativeDistinguishedName ::= SET SIZE (1..MAX)".
        if attributes.is_empty() {
            return Err(Malformed);
        }
        names.push(attributes);
    }
    Ok(names)
}

/// A Name for people, in the certificate's order: `C=NL, O=Praktijk, CN=Jan`.
pub(crate) fn text(raw: &[u8]) -> String {
    let parts = relative(raw).unwrap_or_default().into_iter().flatten().map(|attribute| {
        let known = SHORT.iter().find(|(oid, _)| *oid == attribute.oid);
        let kind =
            known.map_or_else(|| der::dotted(attribute.oid), |(_, short)| (*short).to_owned());
        let value = attribute.text().unwrap_or_else(|| format!("#{}", der::hex(attribute.raw)));
        format!("{kind}={value}")
    });
    plain(&parts.collect::<Vec<_>>().join(", "))
}

/// The first attribute of this type, for people.
pub(crate) fn attribute(raw: &[u8], oid: &[u8]) -> Option<String> {
    let attributes = relative(raw).unwrap_or_default().into_iter().flatten();
    attributes
        .filter(|attribute| attribute.oid == oid)
        .find_map(|attribute| attribute.text())
        .map(|text| plain(&text))
        .filter(|text| !text.trim().is_empty())
}

/// All attributes of this type, as they stand.
pub(crate) fn attributes(raw: &[u8], oid: &[u8]) -> Vec<Option<String>> {
    let attributes = relative(raw).unwrap_or_default().into_iter().flatten();
    attributes.filter(|attribute| attribute.oid == oid).map(|attribute| attribute.text()).collect()
}

/// Strangers' words on a screen: no control characters, nothing that turns the direction of writing,
/// and not without end.
pub(crate) fn plain(text: &str) -> String {
    let shown = text.chars().map(|sign| match sign {
        '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => '\u{fffd}',
        sign if sign.is_control() => '\u{fffd}',
        sign => sign,
    });
    shown.take(SHOWN_MOST).collect()
}

/// RFC 5280 appendix A.1 and RFC 4514 section 3.
const SHORT: &[(&[u8], &str)] = &[
    (COMMON_NAME, "CN"),
    (&[0x55, 4, 4], "SN"),
    (&[0x55, 4, 5], "serialNumber"),
    (&[0x55, 4, 6], "C"),
    (&[0x55, 4, 7], "L"),
    (&[0x55, 4, 8], "ST"),
    (ORGANISATION, "O"),
    (&[0x55, 4, 11], "OU"),
    (&[0x55, 4, 12], "title"),
    (&[0x55, 4, 42], "GN"),
    (&[0x55, 4, 97], "organizationIdentifier"),
    (EMAIL_ADDRESS, "emailAddress"),
    (&[0x09, 0x92, 0x26, 0x89, 0x93, 0xf2, 0x2c, 0x64, 1, 25], "DC"),
];

pub(crate) const COMMON_NAME: &[u8] = &[0x55, 4, 3];
pub(crate) const ORGANISATION: &[u8] = &[0x55, 4, 10];
/// PKCS #9 emailAddress (RFC 5280 section 4.1.2.6).
pub(crate) const EMAIL_ADDRESS: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9, 1];

/// A name of a person, a practice and a town has room in it; a page does not.
const SHOWN_MOST: usize = 300;
