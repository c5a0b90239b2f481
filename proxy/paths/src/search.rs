//! Finds the ways from a certificate up to an anchor: depth first, likely issuers first, within bounds.
//! Only issuers whose signature holds are climbed to, so that a heap of certificates with the same
//! name leads nowhere.

use core::cell::{Cell, RefCell};
use std::collections::{HashMap, HashSet};

use crate::anchors::Anchors;
use crate::certificate::Certificate;
use crate::held::Held;
use crate::name::{self, Name};
use crate::question::{Question, Weak};
use crate::refusal::{Bound, Reason, Refusal};
use crate::signature::{Verified, Weakness, verify_with};

/// All certificates that a question has, anchors included; the leaf is number 0.
pub(crate) struct Search<'a> {
    pub(crate) certificates: Vec<Certificate<'a>>,
    /// The anchor's place in [`Anchors`], by number of the certificate.
    anchors: HashMap<usize, usize>,
    by_subject: HashMap<Name, Vec<usize>>,
    weak: Weak,
    held: &'a Held,
    /// Signatures that were checked, of certificates and of all else.
    pub(crate) checks: Cell<usize>,
    checked: RefCell<HashMap<(usize, usize), Result<(), Reason>>>,
}

/// What the visitor of a path wants.
pub(crate) enum Next {
    Stop,
    GoOn,
}

/// The failure that came farthest so far.
#[derive(Default)]
pub(crate) struct Failure {
    best: Option<(usize, Refusal)>,
}

impl Failure {
    pub(crate) fn note(&mut self, weight: usize, refusal: Refusal) {
        if self.best.as_ref().is_none_or(|(known, _)| *known < weight) {
            self.best = Some((weight, refusal));
        }
    }

    pub(crate) fn into_refusal(self) -> Option<Refusal> {
        self.best.map(|(_, refusal)| refusal)
    }
}

/// One climb.
struct Climb<'v> {
    path: Vec<usize>,
    tried: usize,
    failure: Failure,
    visit: &'v mut dyn FnMut(&[usize], &mut Failure) -> Next,
}

impl<'a> Search<'a> {
    /// None where the leaf cannot be read.
    pub(crate) fn new(anchors: &'a Anchors, question: &Question<'a>) -> Option<Self> {
        let mut search = Self {
            certificates: vec![Certificate::read(question.leaf).ok()?],
            anchors: HashMap::new(),
            by_subject: HashMap::new(),
            weak: question.weak,
            held: anchors.held(),
            checks: Cell::new(0),
            checked: RefCell::default(),
        };
        let mut known: HashSet<&[u8]> = HashSet::from([question.leaf]);
        for raw in question.pool.iter().take(POOL_MOST) {
            if known.insert(raw)
                && let Ok(certificate) = Certificate::read(raw)
            {
                search.certificates.push(certificate);
            }
        }
        search.add_anchors(anchors);
        for (number, certificate) in search.certificates.iter().enumerate() {
            search.by_subject.entry(certificate.subject_name.clone()).or_default().push(number);
        }
        Some(search)
    }

    /// Adds the anchors that may stand above one of the certificates, or are among them.
    fn add_anchors(&mut self, anchors: &'a Anchors) {
        let names = self.certificates.iter().flat_map(|one| [&one.issuer_name, &one.subject_name]);
        let mut places: Vec<usize> = names.flat_map(|name| anchors.named(name)).copied().collect();
        places.sort_unstable();
        places.dedup();
        for place in places {
            let Some(anchor) = anchors.at(place) else { continue };
            let own = self.certificates.iter().position(|one| one.raw == anchor.der);
            if let Some(number) = own {
                self.anchors.insert(number, place);
            } else if let Ok(certificate) = Certificate::read(&anchor.der) {
                self.anchors.insert(self.certificates.len(), place);
                self.certificates.push(certificate);
            }
        }
    }

    pub(crate) fn certificate(&self, number: usize) -> &Certificate<'a> {
        &self.certificates[number]
    }

    pub(crate) fn anchor(&self, number: usize) -> Option<usize> {
        self.anchors.get(&number).copied()
    }

    pub(crate) fn named(&self, subject: &Name) -> &[usize] {
        self.by_subject.get(subject).map_or(&[], Vec::as_slice)
    }

    /// Shows every path from this certificate to an anchor, until the visitor has seen enough or a
    /// bound is reached. Gives the failure that came farthest.
    pub(crate) fn climb(
        &self,
        from: usize,
        visit: &mut dyn FnMut(&[usize], &mut Failure) -> Next,
    ) -> Failure {
        let mut climb = Climb { path: vec![from], tried: 0, failure: Failure::default(), visit };
        self.higher(&mut climb);
        climb.failure
    }

    fn higher(&self, climb: &mut Climb<'_>) -> Next {
        let place = climb.path.len() - 1;
        let Some(&number) = climb.path.last() else {
            return Next::Stop;
        };
        if self.anchor(number).is_some() {
            return (climb.visit)(&climb.path, &mut climb.failure);
        }
        let issuers = self.issuers(number, &climb.path);
        if issuers.is_empty() {
            climb.failure.note(place, self.no_issuer(&climb.path));
        }
        for issuer in issuers {
            let subject = self.certificate(number).called();
            let refused = |reason| Refusal { reason, place, subject };
            if climb.path.len() == DEPTH_MOST {
                climb.failure.note(BOUND + place, refused(Reason::TooMany(Bound::Depth)));
                return Next::GoOn;
            }
            climb.tried += 1;
            if climb.tried > TRIED_MOST {
                climb.failure.note(BOUND + place, refused(Reason::TooMany(Bound::Tried)));
                return Next::Stop;
            }
            if let Err(reason) = self.signed_by(number, issuer) {
                let refusal = match reason {
                    // It is the issuer's key that is short.
                    Reason::WeakKey { .. } => {
                        let subject = self.certificate(issuer).called();
                        Refusal { reason, place: place + 1, subject }
                    }
                    reason => refused(reason),
                };
                climb.failure.note(SIGNATURE + place, refusal);
                continue;
            }
            climb.path.push(issuer);
            let next = self.higher(climb);
            climb.path.pop();
            if matches!(next, Next::Stop) {
                return Next::Stop;
            }
        }
        Next::GoOn
    }

    /// Who may have issued this certificate by name, likely ones first. A name with a key that is on the
    /// path already would go round in circles.
    fn issuers(&self, number: usize, path: &[usize]) -> Vec<usize> {
        let child = self.certificate(number);
        let on_path = |candidate: &Certificate<'_>| {
            path.iter().map(|&number| self.certificate(number)).any(|known| {
                known.key == candidate.key && known.subject_name == candidate.subject_name
            })
        };
        let mut found: Vec<usize> = self.named(&child.issuer_name).to_vec();
        found.retain(|&candidate| !on_path(self.certificate(candidate)));
        found.sort_by_key(|&candidate| {
            let issuer = self.certificate(candidate);
            let key = match (child.extensions.authority_key, issuer.extensions.subject_key) {
                (Some(wanted), Some(own)) if wanted == own => 0,
                (Some(_), Some(_)) => 2,
                _ => 1,
            };
            let ca = issuer.extensions.basic.is_some_and(|basic| basic.ca);
            (self.anchor(candidate).is_none(), key, !ca)
        });
        found
    }

    /// The issuer's key signed this certificate, in a way that counts.
    pub(crate) fn signed_by(&self, number: usize, issuer: usize) -> Result<(), Reason> {
        if let Some(known) = self.checked.borrow().get(&(number, issuer)) {
            return known.clone();
        }
        let (child, by) = (self.certificate(number), self.certificate(issuer));
        let parts = [by.key.raw, child.algorithm, child.tbs, child.signature];
        let digest = Held::digest(parts).filter(|_| self.weak == Weak::Refuse);
        let verified = if digest.is_some_and(|digest| self.held.knows(&digest)) {
            Ok(())
        } else {
            self.verify(issuer, child.algorithm, child.tbs, child.signature)
        };
        if let (Ok(()), Some(digest)) = (&verified, digest) {
            self.held.keep(digest);
        }
        self.checked.borrow_mut().insert((number, issuer), verified.clone());
        verified
    }

    /// This certificate's key signed these bytes, in a way that counts.
    pub(crate) fn verify(
        &self,
        signer: usize,
        algorithm: &[u8],
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), Reason> {
        self.verify_by(self.certificate(signer), algorithm, message, signature)
    }

    pub(crate) fn verify_by(
        &self,
        signer: &Certificate<'_>,
        algorithm: &[u8],
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), Reason> {
        if self.checks.get() == CHECKS_MOST {
            return Err(Reason::TooMany(Bound::Tried));
        }
        self.checks.set(self.checks.get() + 1);
        match verify_with(&signer.key, algorithm, message, signature) {
            Verified::Good => Ok(()),
            Verified::Weak(_) if self.weak == Weak::Allow => Ok(()),
            Verified::Weak(Weakness::Key { bits })
            | Verified::Worthless(Weakness::Key { bits }) => Err(Reason::WeakKey { bits }),
            Verified::Weak(Weakness::Hash { name })
            | Verified::Worthless(Weakness::Hash { name }) => Err(Reason::WeakHash { hash: name }),
            Verified::Wrong => Err(Reason::Signature),
            Verified::Unknown { oid } => Err(Reason::UnknownAlgorithm { oid }),
        }
    }

    fn no_issuer(&self, path: &[usize]) -> Refusal {
        let place = path.len() - 1;
        let top = self.certificate(path[place]);
        let issuer = name::text(top.issuer);
        if !top.self_issued() {
            let subject = top.called();
            return Refusal { reason: Reason::NoIssuer { issuer }, place, subject };
        }
        // A root that nobody trusts: what is missing is trust in the issuer of the one below.
        match place.checked_sub(1) {
            Some(below) => Refusal {
                reason: Reason::NoIssuer { issuer },
                place: below,
                subject: self.certificate(path[below]).called(),
            },
            None => Refusal { reason: Reason::SelfSigned, place, subject: top.called() },
        }
    }
}

/// Weight of a failure: a path that reached an anchor says more than a bound, a bound more than a wrong
/// signature, and that more than an issuer who is not there; within each, the higher the more.
pub(crate) const REACHED: usize = 3_000;
const BOUND: usize = 2_000;
const SIGNATURE: usize = 1_000;

/// Certificates in a path. Four is common; bridges between governments need seven.
pub(crate) const DEPTH_MOST: usize = 10;
/// Issuers that are tried on one climb. Honest heaps need as many as the path is long, and a few more
/// where there are cross certificates.
pub(crate) const TRIED_MOST: usize = 64;
/// Signatures checked for one question, with those of revocation lists: some 50 ms.
pub(crate) const CHECKS_MOST: usize = 512;
/// Certificates read of a pool. A cache of many years' mail has some thousands.
const POOL_MOST: usize = 4_096;
