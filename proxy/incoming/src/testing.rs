//! A sender's domain with its keys, and a receiver, for tests.

use std::sync::OnceLock;

use ::dkim::Key;
use cades::{
    Anchors, KeyKind, Known, Revocation, RevocationReason, SoftwareKey, Verdict, Word,
    create_identity,
};
use jiff::Timestamp;
use mail::{Address, Domain, Message};
use nta7516::facts::{Seen, SenderFacts, SupplierFacts, Trouble};
use nta7516::plan::Policy;
use nta7516::record::{Claim as Record, Provider, Txt};

use crate::dkim::{Keys, verify};
use crate::{Facts, Header, Received, Stands, Trusted, decide};

pub(crate) const RECORD: &str = "v=NTA7516-1;startdate=2026-01;enddate=2026-12;provider=LAB";
pub(crate) const ID: &str = "mx.provider.nl";
pub(crate) const RECEIVED: &str =
    "Received: from x by mx.provider.nl; Thu, 26 Nov 2026 10:00:00 +0000\r\n";
pub(crate) const BODY: &str = "Content-Type: text/plain\r\n\r\nHallo\r\n";

pub(crate) fn now() -> Timestamp {
    "2026-11-26T10:00:30Z".parse().unwrap()
}

pub(crate) fn domain(name: &str) -> Domain {
    Domain::parse(name).unwrap()
}

pub(crate) fn txt(text: &str) -> Vec<Txt> {
    vec![Txt::join([text.as_bytes()], 300)]
}

/// The key of umc.nl under the selector s1.
pub(crate) fn key() -> &'static Key {
    static KEY: OnceLock<Key> = OnceLock::new();
    KEY.get_or_init(|| Key::read(&Key::generate().unwrap()).unwrap())
}

pub(crate) fn keys(seen: Result<Seen<Vec<Txt>>, Trouble>) -> Keys {
    Keys::from([(domain("s1._domainkey.umc.nl"), seen)])
}

pub(crate) fn good_keys() -> Keys {
    keys(Ok(Seen::secure(txt(&key().record().unwrap()))))
}

/// The doctor's key and the certificate that vouches for it.
fn doctor() -> &'static (SoftwareKey, Anchors) {
    static DOCTOR: OnceLock<(SoftwareKey, Anchors)> = OnceLock::new();
    DOCTOR.get_or_init(|| {
        let address = Address::parse("arts@umc.nl").unwrap();
        let since = "2026-01-01T00:00:00Z".parse().unwrap();
        let made = create_identity(KeyKind::P256, &address, "Arts", since, 1).unwrap();
        let mut anchors = Anchors::new();
        anchors.add_der(Some("UMC"), &made.chain[0]).unwrap();
        (SoftwareKey::new(&made.pkcs8, made.chain).unwrap(), anchors)
    })
}

/// A message of umc.nl, with this header above its own; marked and signed where there is a mark.
pub(crate) fn mail(mark: Option<&str>) -> Vec<u8> {
    let plain = format!("From: Arts <arts@umc.nl>\r\nSubject: x\r\nMIME-Version: 1.0\r\n{BODY}");
    match mark {
        None => plain.into_bytes(),
        Some(mark) => {
            let message = Message::new(plain.into_bytes());
            cades::sign(&message, Some(mark), &doctor().0, now(), [7; 16]).unwrap()
        }
    }
}

/// With the DKIM signature of the domain.
pub(crate) fn with_dkim(bytes: Vec<u8>) -> Vec<u8> {
    ::dkim::sign(&Message::new(bytes), key(), &domain("s1"), &domain("umc.nl")).unwrap()
}

/// As the provider hands it over, with this on top.
pub(crate) fn received(above: &str, bytes: &[u8]) -> Message {
    Message::new([above.as_bytes(), RECEIVED.as_bytes(), bytes].concat())
}

/// What the world says around a message.
pub(crate) struct World {
    pub(crate) sender: Result<Seen<Vec<Txt>>, Trouble>,
    pub(crate) own: Option<Result<Seen<Vec<Txt>>, Trouble>>,
    pub(crate) supplier: Option<SupplierFacts>,
    pub(crate) policy: Policy,
    pub(crate) keys: Keys,
    pub(crate) trusted: Option<&'static str>,
    pub(crate) now: Timestamp,
    pub(crate) anchors: Anchors,
    /// When and why the issuer took the doctor's certificate back.
    pub(crate) revoked: Option<(Timestamp, RevocationReason)>,
}

impl Default for World {
    fn default() -> Self {
        let accepted = vec![Provider::parse("LAB").unwrap()];
        Self {
            sender: Ok(Seen::secure(txt(RECORD))),
            own: Some(Ok(Seen::secure(txt(RECORD)))),
            supplier: None,
            policy: Policy { suppliers: Some(accepted), ..Policy::default() },
            keys: good_keys(),
            trusted: None,
            now: now(),
            anchors: doctor().1.clone(),
            revoked: None,
        }
    }
}

impl World {
    pub(crate) fn judge(&self, message: &Message) -> Received {
        let trusted = self.trusted.map(|id| Trusted { id, stands: Stands::Top });
        let header = Header::read(message, trusted, self.now);
        let facts = |domain: &str, seen: &Result<Seen<Vec<Txt>>, Trouble>| SenderFacts {
            domain: Domain::parse(domain).unwrap(),
            claim: seen.clone().map(|seen| seen.map(|records| Record::read(&records))),
        };
        let at = header.receipt.map_or(self.now, |receipt| receipt.at);
        decide(&Facts {
            header: &header,
            sender: header.domain().map(|domain| facts(domain.as_str(), &self.sender)),
            own: self.own.as_ref().map(|seen| facts("praktijk.nl", seen)),
            supplier: self.supplier.clone(),
            policy: &self.policy,
            signature: self.signature(message, at),
            dkim: verify(message, header.domain(), &self.keys, at),
            trusted: self.trusted,
            now: self.now,
        })
    }

    /// As `cades` judges it, also where the issuer says that the certificate was revoked.
    fn signature(&self, message: &Message, at: Timestamp) -> Verdict {
        let mut verdict = cades::open(message, &self.anchors, at);
        if let Some((when, reason)) = self.revoked {
            let revoked =
                Revocation::Revoked { place: 0, subject: "Arts".to_owned(), when, reason };
            verdict.signers[0].revocation = Known::Revoked;
            let signed = |one: &cades::Reason| matches!(one, cades::Reason::Signed { .. });
            let place = verdict.reasons.iter().position(signed).unwrap();
            verdict.reasons[place] = cades::Reason::Revoked(revoked);
            verdict.verdict = Word::Fail;
        }
        verdict
    }
}

/// The codes of the reasons.
pub(crate) fn codes(received: &Received) -> Vec<&str> {
    received.reasons.iter().map(|told| told.code.as_str()).collect()
}
