//! Signatures as others make them, piece by piece: also those that nobody should make.

use der::asn1::ObjectIdentifier;

use crate::Signer;
use crate::ber::{INTEGER, OCTET_STRING, OID, SEQUENCE, SET, constructed, encoded};
use crate::certificate::Parsed;
use crate::open::Hash;
use crate::tests::pki::Leaf;

pub(super) fn oid(dotted: &str) -> Vec<u8> {
    encoded(OID, ObjectIdentifier::new_unwrap(dotted).as_bytes())
}

pub(super) fn seq(parts: &[&[u8]]) -> Vec<u8> {
    encoded(SEQUENCE, &parts.concat())
}

pub(super) fn octets(bytes: &[u8]) -> Vec<u8> {
    encoded(OCTET_STRING, bytes)
}

pub(super) fn attribute(kind: &str, values: &[&[u8]]) -> Vec<u8> {
    seq(&[&oid(kind), &encoded(SET, &values.concat())])
}

pub(super) const CONTENT_TYPE: &str = "1.2.840.113549.1.9.3";
pub(super) const MESSAGE_DIGEST: &str = "1.2.840.113549.1.9.4";
pub(super) const SIGNING_TIME: &str = "1.2.840.113549.1.9.5";
pub(super) const ESS: &str = "1.2.840.113549.1.9.16.2.12";
pub(super) const ESS_V2: &str = "1.2.840.113549.1.9.16.2.47";
pub(super) const DATA: &str = "1.2.840.113549.1.7.1";
pub(super) const SHA1: &str = "1.3.14.3.2.26";
pub(super) const SHA256: &str = "2.16.840.1.101.3.4.2.1";
pub(super) const SHA384: &str = "2.16.840.1.101.3.4.2.2";
pub(super) const ECDSA_SHA256: &str = "1.2.840.10045.4.3.2";

/// What the SignerInfo of a forged signature is made of.
pub(super) struct Forge {
    pub(super) id: Vec<u8>,
    pub(super) digest: Vec<u8>,
    /// Encoded attributes, in the order in which they are sent; None: no signed attributes.
    pub(super) attributes: Option<Vec<Vec<u8>>>,
    /// In this order they are signed; None: as they are sent.
    pub(super) signed: Option<Vec<Vec<u8>>>,
    pub(super) algorithm: Vec<u8>,
    /// Encoded unsigned attributes.
    pub(super) unsigned: Vec<u8>,
    content: Vec<u8>,
}

/// What the SignedData around it is made of.
pub(super) struct Frame {
    pub(super) digests: Vec<u8>,
    pub(super) content_type: Vec<u8>,
    /// Encoded eContent.
    pub(super) inside: Option<Vec<u8>>,
    pub(super) certificates: Vec<Vec<u8>>,
    pub(super) revocations: Vec<Vec<u8>>,
}

impl Forge {
    /// What a good signature has; P-256 only.
    pub(super) fn new(leaf: &Leaf, content: &[u8]) -> Self {
        let parsed = Parsed::read(&leaf.certificate).unwrap();
        let (issuer, serial) = parsed.issuer_and_number();
        let id = seq(&[issuer, &encoded(INTEGER, serial)]);
        Self {
            id,
            digest: seq(&[&oid(SHA256)]),
            attributes: Some(vec![
                attribute(CONTENT_TYPE, &[&oid(DATA)]),
                attribute(SIGNING_TIME, &[&utc("261123100000Z")]),
                attribute(MESSAGE_DIGEST, &[&octets(Hash::Sha256.digest(content).as_ref())]),
                attribute(ESS_V2, &[&ess(leaf, Hash::Sha256)]),
            ]),
            signed: None,
            algorithm: seq(&[&oid(ECDSA_SHA256)]),
            unsigned: Vec::new(),
            content: content.to_vec(),
        }
    }

    /// The SignerInfo, signed.
    pub(super) fn info(&self, leaf: &Leaf) -> Vec<u8> {
        let signed = match self.signed.as_ref().or(self.attributes.as_ref()) {
            Some(attributes) => encoded(SET, &attributes.concat()),
            None => self.content.clone(),
        };
        let signature = octets(&leaf.key().sign(&signed).unwrap());
        let sent = self.attributes.as_ref();
        let sent = sent.map_or_else(Vec::new, |all| encoded(constructed(0), &all.concat()));
        let unsigned = match self.unsigned.as_slice() {
            [] => Vec::new(),
            some => encoded(constructed(1), some),
        };
        let version = [INTEGER, 1, 1];
        seq(&[&version, &self.id, &self.digest, &sent, &self.algorithm, &signature, &unsigned])
    }

    /// A detached signature with this signer alone.
    pub(super) fn alone(&self, leaf: &Leaf) -> Vec<u8> {
        Frame::new(&[leaf]).with(&[self.info(leaf)])
    }
}

impl Frame {
    pub(super) fn new(leaves: &[&Leaf]) -> Self {
        Self {
            digests: [SHA256, SHA384, SHA1].map(|hash| seq(&[&oid(hash)])).concat(),
            content_type: oid(DATA),
            inside: None,
            certificates: leaves.iter().map(|leaf| leaf.certificate.clone()).collect(),
            revocations: Vec::new(),
        }
    }

    pub(super) fn with(&self, infos: &[Vec<u8>]) -> Vec<u8> {
        let inside = self.inside.as_ref();
        let inside = inside.map_or_else(Vec::new, |bytes| encoded(constructed(0), bytes));
        let optional = |number: u8, all: &[Vec<u8>]| match all {
            [] => Vec::new(),
            some => encoded(constructed(number), &some.concat()),
        };
        let signed = seq(&[
            &[INTEGER, 1, 1],
            &encoded(SET, &self.digests),
            &seq(&[&self.content_type, &inside]),
            &optional(0, &self.certificates),
            &optional(1, &self.revocations),
            &encoded(SET, &infos.concat()),
        ]);
        seq(&[&oid("1.2.840.113549.1.7.2"), &encoded(constructed(0), &signed)])
    }
}

pub(super) fn utc(text: &str) -> Vec<u8> {
    encoded(0x17, text.as_bytes())
}

/// SigningCertificate (SHA-1) or SigningCertificateV2 that names the leaf.
pub(super) fn ess(leaf: &Leaf, hash: Hash) -> Vec<u8> {
    let parsed = Parsed::read(&leaf.certificate).unwrap();
    let (issuer, serial) = parsed.issuer_and_number();
    ess_of(&leaf.certificate, hash, issuer, serial)
}

pub(super) fn ess_of(certificate: &[u8], hash: Hash, issuer: &[u8], serial: &[u8]) -> Vec<u8> {
    let name = seq(&[&encoded(constructed(4), issuer)]);
    let issuer_serial = seq(&[&name, &encoded(INTEGER, serial)]);
    let digest = octets(hash.digest(certificate).as_ref());
    seq(&[&seq(&[&seq(&[&digest, &issuer_serial])])])
}

/// The same with an indefinite length wherever the outer structures have one, and content in pieces.
pub(super) fn in_ber(der: &[u8], depth: usize) -> Vec<u8> {
    let steps = crate::ber::Steps::new();
    let element = crate::ber::Reader::new(der, &steps).any().unwrap();
    if depth == 0 || element.tag & 0x20 == 0 {
        return element.raw.to_vec();
    }
    let mut out = vec![element.tag, 0x80];
    let mut inside = element.inside().unwrap();
    while !inside.is_empty() {
        out.extend(in_ber(inside.any().unwrap().raw, depth - 1));
    }
    out.extend([0, 0]);
    out
}
