//! Whether the certificates of a path were revoked (RFC 5280 section 6.3, RFC 6960 section 3.2), from
//! what the question has at hand.

use core::cell::RefCell;
use std::collections::HashMap;

use jiff::Timestamp;

use crate::anchors::{Anchors, Statement};
use crate::answer::Told;
use crate::certificate::Certificate;
use crate::crl::{ALL_REASONS, Entry, HOLD, REMOVED, RevocationList};
use crate::der::dotted;
use crate::extensions::{KeyUsage, OCSP_SIGNING};
use crate::ocsp::{CertStatus, Response, Single};
use crate::question::{PolicyInputs, Purpose, Question};
use crate::refusal::Reason;
use crate::revocation::{Doubt, Revocation, RevocationReason};
use crate::search::{Next, Search};
use crate::validate::{Inputs, validate};

/// All that is at hand about revocation.
pub(crate) struct Statuses<'s, 'a> {
    search: &'s Search<'a>,
    lists: Vec<RevocationList<'a>>,
    responses: Vec<Response<'a>>,
    unreadable: bool,
    at: Timestamp,
    weak: crate::question::Weak,
    checked: RefCell<HashMap<(usize, usize), Result<(), Reason>>>,
}

/// What is known of one certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Status {
    Good(Told),
    Revoked { when: Timestamp, reason: RevocationReason },
    Unknown(Doubt),
}

/// The least is the gravest: whoever stole an issuer's key may call a certificate of his own "superseded", and
/// that is not to hide what the issuer above says.
fn gravity(when: Timestamp, reason: RevocationReason) -> (bool, Timestamp) {
    (reason.spares_what_was_signed_before(), when)
}

/// The gravest of the revocations among them: an issuer's older list may not know yet that a key was stolen.
fn gravest(told: &[Status]) -> Option<&Status> {
    let revoked = told.iter().filter_map(|status| match status {
        Status::Revoked { when, reason } => Some((gravity(*when, *reason), status)),
        _ => None,
    });
    revoked.min_by_key(|(gravity, _)| *gravity).map(|(_, status)| status)
}

/// Serial numbers and issuers whose status is being asked for, so that nothing waits for itself.
type Busy<'b> = Vec<(&'b [u8], &'b [u8])>;

impl<'s, 'a> Statuses<'s, 'a> {
    pub(crate) fn new(
        search: &'s Search<'a>,
        anchors: &'a Anchors,
        question: &Question<'a>,
    ) -> Self {
        let mut lists: Vec<_> =
            question.crls.iter().take(LISTS_MOST).map(|raw| RevocationList::read(raw)).collect();
        let mut responses: Vec<_> =
            question.ocsp.iter().take(LISTS_MOST).map(|raw| Response::read(raw)).collect();
        for statement in anchors.told().take(LISTS_MOST) {
            match statement {
                Statement::List(raw) => lists.push(RevocationList::read(raw)),
                Statement::Response(raw) => responses.push(Response::read(raw)),
            }
        }
        let unreadable = lists.iter().any(Result::is_err) || responses.iter().any(Result::is_err);
        Self {
            search,
            lists: lists.into_iter().flatten().collect(),
            responses: responses.into_iter().flatten().collect(),
            unreadable,
            at: question.at,
            weak: question.weak,
            checked: RefCell::default(),
        }
    }

    /// Nothing is at hand.
    pub(crate) fn is_empty(&self) -> bool {
        self.lists.is_empty() && self.responses.is_empty()
    }

    /// Asks for every certificate of a path (numbers of [`Search`], leaf first, anchor last).
    /// Also who said of the leaf that it is good.
    pub(crate) fn of_path(&self, path: &[usize]) -> (Revocation, Option<Told>) {
        let called = |place: usize| self.search.certificate(path[place]).called();
        let Some(below) = path.len().checked_sub(1).filter(|below| *below > 0) else {
            let (subject, doubt) = (called(0), Doubt::Anchor);
            return (Revocation::Unknown { place: 0, subject, doubt }, None);
        };
        let (mut unknown, mut revoked, mut leaf) = (None, Vec::new(), None);
        for place in 0..below {
            let certificate = self.search.certificate(path[place]);
            match self.status(certificate, &path[place + 1..], &mut Vec::new()) {
                Status::Good(told) if place == 0 => leaf = Some(told),
                Status::Good(_) => {}
                Status::Revoked { when, reason } => revoked.push((place, when, reason)),
                Status::Unknown(doubt) => {
                    unknown.get_or_insert(Revocation::Unknown {
                        place,
                        subject: called(place),
                        doubt,
                    });
                }
            }
        }
        let gravest = revoked.into_iter().min_by_key(|&(_, when, reason)| gravity(when, reason));
        let revocation = match gravest {
            Some((place, when, reason)) => {
                Revocation::Revoked { place, subject: called(place), when, reason }
            }
            None => unknown.unwrap_or(Revocation::Good),
        };
        (revocation, leaf)
    }

    fn status<'b>(
        &'b self,
        certificate: &'b Certificate<'a>,
        above: &[usize],
        busy: &mut Busy<'b>,
    ) -> Status {
        if busy.len() == BUSY_MOST {
            return Status::Unknown(Doubt::TooMany);
        }
        busy.push((certificate.serial, certificate.issuer));
        let told =
            [self.by_responses(certificate, above, busy), self.by_lists(certificate, above, busy)];
        busy.pop();
        // A revocation outweighs all else: whoever says "good" may not have heard of it yet.
        let good = told.iter().find(|status| matches!(status, Status::Good(_)));
        if let Some(status) = gravest(&told).or(good) {
            return status.clone();
        }
        let doubts = told.into_iter().filter_map(|status| match status {
            Status::Unknown(doubt) => Some(doubt),
            _ => None,
        });
        match doubts.max_by_key(Doubt::nearness) {
            Some(Doubt::Nothing) | None if self.unreadable => Status::Unknown(Doubt::Unreadable),
            doubt => Status::Unknown(doubt.unwrap_or(Doubt::Nothing)),
        }
    }

    fn by_lists<'b>(
        &'b self,
        certificate: &'b Certificate<'a>,
        above: &[usize],
        busy: &mut Busy<'b>,
    ) -> Status {
        let (mut covered, mut said) = (0, None);
        let (mut doubt, mut revoked) = (Doubt::Nothing, Vec::new());
        for (number, list) in self.lists.iter().enumerate() {
            let reasons = list.reasons_for(certificate);
            if reasons == 0 || list.base.is_some() {
                if list.issuer == certificate.issuer_name {
                    doubt.nearer(Doubt::Scope);
                }
                continue;
            }
            match self.by_list(number, certificate, above, busy) {
                Ok(Some(Entry { when, reason })) => {
                    let reason = RevocationReason::numbered(reason);
                    let reason = reason.unwrap_or(RevocationReason::Unspecified);
                    revoked.push(Status::Revoked { when, reason });
                }
                Ok(None) => {
                    covered |= reasons;
                    // Of lists for different reasons the oldest says how far all of it goes.
                    let own = Told::by_list(list.this_update, list.until());
                    said = Some(said.filter(|before: &Told| before.at <= own.at).unwrap_or(own));
                }
                Err(other) => doubt.nearer(other),
            }
        }
        if let Some(status) = gravest(&revoked) {
            return status.clone();
        }
        if let Some(said) = said.filter(|_| covered == ALL_REASONS) {
            return Status::Good(said);
        }
        if covered != 0 {
            doubt.nearer(Doubt::Scope);
        }
        Status::Unknown(doubt)
    }

    /// What a complete list, with its delta, says of a certificate that it speaks of.
    fn by_list<'b>(
        &'b self,
        number: usize,
        certificate: &'b Certificate<'a>,
        above: &[usize],
        busy: &mut Busy<'b>,
    ) -> Result<Option<Entry>, Doubt> {
        let list = &self.lists[number];
        if let Some(oid) = list.unknown_critical {
            return Err(Doubt::UnknownCritical { oid: dotted(oid) });
        }
        let signer = self.list_signer(number, certificate, above, busy)?;
        let entry = list.entry(certificate).map_err(|_| Doubt::Unreadable)?;
        let entry = match self.newest_delta(number, signer) {
            Some(delta) => match delta.entry(certificate).map_err(|_| Doubt::Unreadable)? {
                Some(Entry { reason: REMOVED, .. }) => None,
                Some(newer) => Some(newer),
                None => entry,
            },
            None => entry,
        };
        // A revocation does not grow old. What is on hold may have come back since.
        if entry.is_some_and(|entry| entry.reason != HOLD && entry.reason != REMOVED) {
            return Ok(entry);
        }
        self.fresh(certificate, list.this_update, list.until())?;
        Ok(entry.filter(|entry| entry.reason != REMOVED))
    }

    /// Section 6.3.3 (a): what was said still held at the time in question. Said later, it says more,
    /// unless the certificate had expired by then: issuers forget those.
    fn fresh(
        &self,
        certificate: &Certificate<'_>,
        said: Timestamp,
        until: Timestamp,
    ) -> Result<(), Doubt> {
        if self.at > until {
            return Err(Doubt::Stale { until });
        }
        if said > certificate.not_after { Err(Doubt::AfterExpiry) } else { Ok(()) }
    }

    /// The newest delta that goes with a complete list, by the same key, current at the time.
    fn newest_delta(&self, complete: usize, signer: usize) -> Option<&RevocationList<'a>> {
        let list = &self.lists[complete];
        let usable = self.lists.iter().enumerate().filter(|(number, delta)| {
            delta.completes(list)
                && delta.unknown_critical.is_none()
                && self.at <= delta.until()
                && self.list_signed_by(*number, signer).is_ok()
        });
        usable.map(|(_, delta)| delta).max_by_key(|delta| delta.this_update)
    }

    fn list_signed_by(&self, number: usize, signer: usize) -> Result<(), Reason> {
        if let Some(known) = self.checked.borrow().get(&(number, signer)) {
            return known.clone();
        }
        let list = &self.lists[number];
        let verified = self.search.verify(signer, list.algorithm, list.tbs, list.signature);
        self.checked.borrow_mut().insert((number, signer), verified.clone());
        verified
    }

    /// Section 6.3.3 (f), (g): whose key signed the list, where it may.
    fn list_signer<'b>(
        &'b self,
        number: usize,
        certificate: &'b Certificate<'a>,
        above: &[usize],
        busy: &mut Busy<'b>,
    ) -> Result<usize, Doubt> {
        let list = &self.lists[number];
        let mut doubt = Doubt::Signer;
        let own = above.first().copied();
        let others = self.search.named(&list.issuer).iter().copied();
        let candidates = own.into_iter().chain(others.filter(|other| Some(*other) != own));
        for candidate in candidates {
            let signer = self.search.certificate(candidate);
            if signer.subject_name != list.issuer || !signer.extensions.may_sign_lists() {
                continue;
            }
            match self.list_signed_by(number, candidate) {
                Ok(()) => {}
                Err(Reason::TooMany(_)) => return Err(Doubt::TooMany),
                Err(reason) => {
                    doubt.nearer(Doubt::of_signature(&reason));
                    continue;
                }
            }
            // Who is on the path was found to hold, and is asked for its own status there.
            let on_path = above.contains(&candidate);
            if on_path || self.may_speak(candidate, certificate, above, busy) {
                return Ok(candidate);
            }
            // The signature is right: what is wrong is who signed.
            doubt = Doubt::Signer;
        }
        Err(doubt)
    }

    /// A signer that is not on the path has a path of its own to the same anchor, on which nothing was
    /// revoked. Of a list by the issuer's own name, the signer was certified by the issuer itself or
    /// by whoever certified the issuer: another of the same name elsewhere is somebody else.
    fn may_speak<'b>(
        &'b self,
        signer: usize,
        certificate: &'b Certificate<'a>,
        above: &[usize],
        busy: &mut Busy<'b>,
    ) -> bool {
        let it = self.search.certificate(signer);
        if busy.contains(&(it.serial, it.issuer)) {
            return false;
        }
        if it.subject_name == certificate.issuer_name && !self.is_family(it, above) {
            return false;
        }
        let inputs = Inputs {
            at: self.at,
            purpose: Purpose::Any,
            weak: self.weak,
            policies: &PolicyInputs::default(),
        };
        let mut speaks = false;
        self.search.climb(signer, &mut |path, _| {
            let certificates: Vec<_> = path.iter().map(|&n| self.search.certificate(n)).collect();
            if path.last() != above.last() || validate(&certificates, inputs).is_err() {
                return Next::GoOn;
            }
            speaks =
                (0..path.len() - 1).filter(|&place| !above.contains(&path[place])).all(|place| {
                    let certificate = self.search.certificate(path[place]);
                    matches!(self.status(certificate, &path[place + 1..], busy), Status::Good(_))
                });
            if speaks { Next::Stop } else { Next::GoOn }
        });
        speaks
    }

    /// Certified by the issuer itself (with another of its keys), or by whoever certified the issuer.
    fn is_family(&self, signer: &Certificate<'_>, above: &[usize]) -> bool {
        let above = above.iter().map(|&number| self.search.certificate(number));
        let own = above.take_while(|issuer| issuer.subject_name == signer.subject_name);
        own.last().is_some_and(|issuer| {
            signer.issuer_name == issuer.issuer_name || signer.issuer_name == issuer.subject_name
        })
    }

    fn by_responses<'b>(
        &'b self,
        certificate: &'b Certificate<'a>,
        above: &[usize],
        busy: &mut Busy<'b>,
    ) -> Status {
        let (mut best, mut revoked) = (Status::Unknown(Doubt::Nothing), Vec::new());
        let Some(&issuer) = above.first() else {
            return best;
        };
        let issuer = self.search.certificate(issuer);
        for response in &self.responses {
            for single in response.about(certificate, issuer) {
                let told = self.by_response(response, single, certificate, above, busy);
                match (told, &mut best) {
                    (status @ Status::Revoked { .. }, _) => revoked.push(status),
                    (good @ Status::Good(_), best) => *best = good,
                    (Status::Unknown(other), Status::Unknown(doubt)) => doubt.nearer(other),
                    (Status::Unknown(_), _) => {}
                }
            }
        }
        gravest(&revoked).cloned().unwrap_or(best)
    }

    fn by_response<'b>(
        &'b self,
        response: &'b Response<'a>,
        single: &Single<'a>,
        certificate: &Certificate<'a>,
        above: &[usize],
        busy: &mut Busy<'b>,
    ) -> Status {
        if let Some(oid) = response.unknown_critical.or(single.unknown_critical) {
            return Status::Unknown(Doubt::UnknownCritical { oid: dotted(oid) });
        }
        if let Err(doubt) = self.response_signed(response, above, busy) {
            return Status::Unknown(doubt);
        }
        if let CertStatus::Revoked { when, reason } = single.status
            && reason != HOLD
        {
            let reason = RevocationReason::numbered(reason);
            return Status::Revoked {
                when,
                reason: reason.unwrap_or(RevocationReason::Unspecified),
            };
        }
        let until = single.until().unwrap_or(Timestamp::MAX);
        if let Err(doubt) = self.fresh(certificate, single.this_update, until) {
            return Status::Unknown(doubt);
        }
        match single.status {
            CertStatus::Good => Status::Good(Told::by_response(single.this_update, single.until())),
            CertStatus::Revoked { when, .. } => {
                Status::Revoked { when, reason: RevocationReason::CertificateHold }
            }
            CertStatus::Unknown => Status::Unknown(Doubt::NotKnownThere),
        }
    }

    /// Section 4.2.2.2: signed by the issuer, or by one whom the issuer itself certified for it.
    fn response_signed<'b>(
        &'b self,
        response: &'b Response<'a>,
        above: &[usize],
        busy: &mut Busy<'b>,
    ) -> Result<(), Doubt> {
        let Some(&number) = above.first() else {
            return Err(Doubt::Signer);
        };
        let issuer = self.search.certificate(number);
        let mut doubt = Doubt::Signer;
        let known = self.search.certificates.iter();
        let delegates = response.certificates.iter().chain(known);
        let delegates = delegates.filter(|it| it.issuer_name == issuer.subject_name);
        for signer in core::iter::once(issuer).chain(delegates) {
            if !response.is_from(signer) {
                continue;
            }
            let own = signer.raw == issuer.raw;
            if !own && !self.is_delegate(signer, number, response.produced_at, above, busy) {
                continue;
            }
            let signed =
                self.search.verify_by(signer, response.algorithm, response.tbs, response.signature);
            match signed {
                Ok(()) => return Ok(()),
                Err(Reason::TooMany(_)) => return Err(Doubt::TooMany),
                Err(reason) => doubt.nearer(Doubt::of_signature(&reason)),
            }
        }
        Err(doubt)
    }

    fn is_delegate<'b>(
        &'b self,
        signer: &'b Certificate<'a>,
        issuer: usize,
        produced_at: Timestamp,
        above: &[usize],
        busy: &mut Busy<'b>,
    ) -> bool {
        // A response may be newer than the time in question, and its signer too.
        let moment = self.at.max(produced_at);
        let extensions = &signer.extensions;
        let named = extensions.extended_key_usage.as_ref();
        let fit = named.is_some_and(|named| named.contains(&OCSP_SIGNING))
            && extensions.key_usage.is_none_or(KeyUsage::digital_signature)
            && extensions.unknown_critical.is_none()
            && (signer.not_before..=signer.not_after).contains(&moment);
        if !fit || busy.contains(&(signer.serial, signer.issuer)) {
            return false;
        }
        let issued =
            self.search.verify(issuer, signer.algorithm, signer.tbs, signer.signature).is_ok();
        // "A CA may specify that an OCSP client can trust a responder for the lifetime of the
        // responder's certificate"; of others it is asked, as far as anything is known.
        issued
            && (extensions.no_check
                || !matches!(self.status(signer, above, busy), Status::Revoked { .. }))
    }
}

impl Doubt {
    fn of_signature(reason: &Reason) -> Self {
        if *reason == Reason::Signature { Self::Signature } else { Self::Algorithm }
    }
}

/// Lists, and responses, that are read: a path of ten with one each, and a cache's worth besides.
const LISTS_MOST: usize = 1_024;
/// A signer of a list has a status too, and so on: one who is certified by another, no deeper.
const BUSY_MOST: usize = 4;
