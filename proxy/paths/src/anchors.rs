use std::collections::HashMap;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};

use crate::certificate::{CERTIFICATE_MOST, Certificate};
use crate::error::PathsError;
use crate::held::Held;
use crate::name::Name;

/// Certificates that are trusted to vouch for others, each under a name by which people know it.
///
/// Trust is in the certificate as a whole: an anchor that has expired vouches for nobody, and its
/// pathLenConstraint, name constraints and extendedKeyUsage hold for what is below it
/// (RFC 5937 section 3).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Anchors {
    all: Vec<Anchor>,
    /// Places in `all`: of a hundred anchors a path needs one, and the others are not read for it.
    by_subject: HashMap<Name, Vec<usize>>,
    told: Vec<Statement>,
    held: Held,
}

/// What an issuer said of revocation, in DER as it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Statement {
    /// A revocation list (RFC 5280 section 5); it may have megabytes, and is shared.
    List(Arc<[u8]>),
    /// An OCSP response (RFC 6960 section 4.2.1).
    Response(Vec<u8>),
}

/// A trusted certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Anchor {
    /// The name under which it was added.
    pub name: String,
    /// The certificate in DER.
    pub der: Vec<u8>,
}

impl Anchors {
    /// Nobody is trusted.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a certificate (DER) under a name, or under its own where `name` is None. One that is there
    /// already keeps its first name.
    ///
    /// # Errors
    /// [`PathsError::Certificate`] where the bytes are no certificate, [`PathsError::TooMany`] where
    /// the set is full.
    pub fn add_der(&mut self, name: Option<&str>, der: &[u8]) -> Result<(), PathsError> {
        self.add(name, der, 1)
    }

    /// Adds all certificates of a PEM text, each under `name` or under its own; other things in the text
    /// are passed over. Taken are also texts that strict readers (RFC 7468) refuse: long lines, blanks,
    /// words before and after, line ends of any kind. Gives how many there were.
    ///
    /// # Errors
    /// Where one of them is no certificate or there is none; the set is then as before.
    pub fn add_pem(&mut self, name: Option<&str>, text: &[u8]) -> Result<usize, PathsError> {
        let before = self.all.len();
        let added = self.add_all(name, text);
        if added.is_err() {
            self.all.truncate(before);
            self.by_subject.values_mut().for_each(|places| places.retain(|&at| at < before));
        }
        added
    }

    /// Adds what a file holds, PEM or DER.
    ///
    /// # Errors
    /// As [`add_der`](Self::add_der) and [`add_pem`](Self::add_pem).
    pub fn add_file(&mut self, name: Option<&str>, bytes: &[u8]) -> Result<usize, PathsError> {
        // A certificate in DER begins with the tag of a SEQUENCE, which is the digit 0 of a text.
        if Certificate::read(bytes).is_ok() {
            return self.add_der(name, bytes).map(|()| 1);
        }
        self.add_pem(name, bytes)
    }

    /// Adds what an issuer said of revocation, and what is kept here beside the messages: it counts in
    /// every judgement by these anchors. It is not trusted: whose word it is, and whether it still
    /// holds, is looked at each time.
    pub fn hear(&mut self, statement: Statement) {
        self.told.push(statement);
    }

    /// What was heard.
    pub(crate) fn told(&self) -> impl Iterator<Item = &Statement> {
        self.told.iter()
    }

    /// Places of those with this subject, in the order in which they were added.
    pub(crate) fn named(&self, subject: &Name) -> &[usize] {
        self.by_subject.get(subject).map_or(&[], Vec::as_slice)
    }

    /// The anchor at a place.
    pub(crate) fn at(&self, place: usize) -> Option<&Anchor> {
        self.all.get(place)
    }

    /// Signatures that were found to hold.
    pub(crate) fn held(&self) -> &Held {
        &self.held
    }

    /// All of them, in the order in which they were added.
    pub fn iter(&self) -> impl Iterator<Item = &Anchor> {
        self.all.iter()
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.all.len()
    }

    /// True where nobody is trusted.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    fn add_all(&mut self, name: Option<&str>, text: &[u8]) -> Result<usize, PathsError> {
        let blocks = blocks(text);
        if blocks.is_empty() {
            return Err(PathsError::Empty);
        }
        for (place, block) in blocks.iter().enumerate() {
            let der = block.as_ref().ok_or(PathsError::Certificate { place: place + 1 })?;
            self.add(name, der, place + 1)?;
        }
        Ok(blocks.len())
    }

    fn add(&mut self, name: Option<&str>, der: &[u8], place: usize) -> Result<(), PathsError> {
        let certificate = Certificate::read(der).map_err(|_| PathsError::Certificate { place })?;
        if self.all.iter().any(|anchor| anchor.der == der) {
            return Ok(());
        }
        if self.all.len() == ANCHORS_MOST {
            return Err(PathsError::TooMany { most: ANCHORS_MOST });
        }
        let name = name.map_or_else(|| certificate.called(), str::to_owned);
        self.by_subject.entry(certificate.subject_name).or_default().push(self.all.len());
        self.all.push(Anchor { name, der: der.to_vec() });
        Ok(())
    }
}

/// The certificates of a PEM text; None for one that is no base64.
fn blocks(text: &[u8]) -> Vec<Option<Vec<u8>>> {
    let text = String::from_utf8_lossy(text);
    let mut found = Vec::new();
    for label in ["CERTIFICATE", "X509 CERTIFICATE", "TRUSTED CERTIFICATE"] {
        let (begin, end) = (format!("-----BEGIN {label}-----"), format!("-----END {label}-----"));
        let starts = text.match_indices(&begin).map(|(at, _)| (at, at + begin.len()));
        found.extend(starts.map(|(at, start)| (at, decoded(&text[start..], &end))));
    }
    found.sort_by_key(|(at, _)| *at);
    found.into_iter().map(|(_, der)| der).collect()
}

fn decoded(text: &str, end: &str) -> Option<Vec<u8>> {
    let body = &text[..text.find(end)?];
    // Headers of old OpenSSL ("friendlyName: ...") stand before the first base64 line.
    let lines = body.lines().filter(|line| !line.contains(':'));
    let signs: String = lines.flat_map(str::chars).filter(|sign| !sign.is_whitespace()).collect();
    if signs.len() > 2 * CERTIFICATE_MOST {
        return None;
    }
    let mut der = TOLERANT.decode(signs).ok()?;
    // TRUSTED CERTIFICATE has OpenSSL's settings behind the certificate.
    let length = crate::der::Reader::new(&der).any().ok()?.raw.len();
    der.truncate(length);
    Some(der)
}

const TOLERANT: GeneralPurpose = GeneralPurpose::new(
    &base64::alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// The CCADB's list for mail has about a hundred; an organisation adds a few.
const ANCHORS_MOST: usize = 1_000;
