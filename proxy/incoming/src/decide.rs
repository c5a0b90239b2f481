//! The decision: facts in, verdict out. Nothing is looked up here.

use cades::{FromMatch, Verdict, Word};
use jiff::Timestamp;
use nta7516::facts::{Security, SenderFacts, SupplierFacts};
use nta7516::plan::Policy;
use nta7516::record::{Claim as Record, Month, Provider};

use crate::dkim::{Checked, Why};
use crate::header::{Header, Mark};
use crate::reason::{Counts, KeyState, Others, Reason};
use crate::received::{
    Alignment, Case, Claim, DkimResult, Moment, Receipt, ReceiptBy, Received, RecordState,
    SenderDomain, Signature, Signer, Told,
};

/// All that a verdict rests on.
#[derive(Debug, Clone)]
pub struct Facts<'a> {
    /// What the header says.
    pub header: &'a Header,
    /// What the author's domain declares; none where the author is not clear.
    pub sender: Option<SenderFacts>,
    /// What the domain of the account declares that the message came to; none where that was not asked.
    pub own: Option<SenderFacts>,
    /// What the domain of the supplier says that the header names, where that domain is known.
    pub supplier: Option<SupplierFacts>,
    /// Which suppliers are accepted.
    pub policy: &'a Policy,
    /// What became of the signature on the body.
    pub signature: Verdict,
    /// What became of the DKIM signatures.
    pub dkim: Vec<Checked>,
    /// Whether the settings name an id of the provider's, and which.
    pub trusted: Option<&'a str>,
    /// When it was looked at.
    pub now: Timestamp,
}

/// Decides what is to be said of a message that came in (R-RECV-1 to R-RECV-3). A message whose
/// [`Received::claims`] are empty is nobody's business.
#[must_use]
pub fn decide(facts: &Facts<'_>) -> Received {
    let receipt = facts.header.receipt;
    let receipt = receipt.unwrap_or(Receipt { at: facts.now, by: ReceiptBy::Clock });
    let domain = facts.sender.as_ref().map(|sender| sender_domain(sender, receipt.at));
    let claims = claims(facts, domain.as_ref());
    let (seen, key) = (Moment::of(receipt, facts.now), Moment::of_key(receipt, facts.now));
    let mut bench = Bench { facts, receipt, seen, key, case: None, told: Vec::new() };
    match &facts.header.mark {
        Mark::None => bench.unmarked(&claims, domain.as_ref()),
        Mark::Unreadable => bench.add(Reason::Mark),
        Mark::One(mark) => bench.marked(mark),
    }
    bench.signature(&claims);
    bench.origin(&claims);
    bench.stated(&claims);
    let counting = bench.told.iter().filter(|told| told.counts);
    let signer = signer(&facts.signature);
    Received {
        verdict: counting.map(|told| told.verdict).max().unwrap_or(Word::None),
        case: bench.case,
        claims,
        mark: match &facts.header.mark {
            Mark::One(mark) => Some(mark.to_string()),
            Mark::None | Mark::Unreadable => None,
        },
        author: facts.header.author.as_ref().ok().cloned(),
        receipt,
        domain,
        signature: Signature {
            verdict: bench.signature_word(),
            coverage: facts.signature.coverage,
            cades: facts.signature.cades,
        },
        from_match: signer.as_ref().map_or(FromMatch::NotAsked, |(_, matches)| *matches),
        signer: signer.map(|(signer, _)| signer),
        dkim: facts.dkim.iter().map(|checked| dkim_result(checked, key)).collect(),
        provider: facts.header.statement.clone(),
        reasons: bench.told,
    }
}

fn claims(facts: &Facts<'_>, domain: Option<&SenderDomain>) -> Vec<Claim> {
    let declares = domain.is_some_and(|domain| {
        matches!(
            domain.record,
            RecordState::Holds | RecordState::OutsidePeriod | RecordState::Faulty
        )
    });
    let all = [
        (Claim::Nta, facts.header.mark != Mark::None),
        (Claim::Signature, !facts.signature.parts.is_empty()),
        (Claim::Dkim, declares && !facts.dkim.is_empty()),
    ];
    all.into_iter().filter(|(_, there)| *there).map(|(claim, _)| claim).collect()
}

fn sender_domain(sender: &SenderFacts, at: Timestamp) -> SenderDomain {
    let seen = sender.claim.as_ref().ok();
    let claim = seen.and_then(|seen| seen.believed());
    let record = match (&sender.claim, claim) {
        (_, Some(Record::None)) => RecordState::None,
        (_, Some(Record::Invalid(_))) => RecordState::Faulty,
        (_, Some(claim @ Record::Valid(_))) => match claim.current(at) {
            Some(_) => RecordState::Holds,
            None => RecordState::OutsidePeriod,
        },
        (Ok(seen), None) if seen.security == Security::Bogus => RecordState::Bogus,
        (_, None) => RecordState::Unknown,
    };
    SenderDomain {
        name: sender.domain.clone(),
        record,
        security: seen.map(|seen| seen.security),
        supplier: claim.and_then(|claim| claim.current(at)).map(|it| it.provider.to_string()),
    }
}

fn dkim_result(checked: &Checked, seen: Moment) -> DkimResult {
    DkimResult { result: checked.why.word_of(seen), ..checked.result.clone() }
}

/// The signer who is the author, else the first.
fn signer(verdict: &Verdict) -> Option<(Signer, FromMatch)> {
    let author = verdict.signers.iter().find(|one| one.from_match == FromMatch::Same);
    let one = author.or_else(|| verdict.signers.first())?;
    let signer = Signer {
        subject: one.subject.clone(),
        address: one.address.clone(),
        anchor: one.anchor.clone(),
        revocation: one.revocation,
        signing_time: one.signing_time,
    };
    Some((signer, one.from_match))
}

/// Where reasons are put on the table.
struct Bench<'a> {
    facts: &'a Facts<'a>,
    receipt: Receipt,
    /// When records were looked at.
    seen: Moment,
    /// When keys were.
    key: Moment,
    case: Option<Case>,
    told: Vec<Told>,
}

impl Bench<'_> {
    fn add(&mut self, reason: Reason) {
        self.told.push(reason.told(Counts::Yes));
    }

    fn mention(&mut self, reason: Reason) {
        self.told.push(reason.told(Counts::No));
    }

    fn put(&mut self, reason: Reason, counts: Counts) {
        self.told.push(reason.told(counts));
    }

    /// A case that rests on a record. What it says later is no word on that day.
    fn is_case(&mut self, case: Case) {
        if self.seen == Moment::InTime {
            self.case = Some(case);
        }
    }

    /// R-RECV-1 for a message with a mark that can be read.
    fn marked(&mut self, mark: &Provider) {
        let Some(sender) = &self.facts.sender else {
            // Why is told with the signature, or here where there is none.
            if let Err(unclear) = &self.facts.header.author
                && self.facts.signature.parts.is_empty()
            {
                self.objection(&cades::Reason::NoAuthor(*unclear), Counts::Yes);
            }
            return;
        };
        let domain = || sender.domain.clone();
        let (at, seen) = (self.receipt.at, self.seen);
        let answer = match &sender.claim {
            Ok(answer) => answer,
            Err(trouble) => {
                return self.add(Reason::NoAnswer { domain: domain(), trouble: *trouble });
            }
        };
        let Some(claim) = answer.believed() else {
            return self.add(match answer.security {
                Security::Bogus => Reason::Bogus { domain: domain(), seen },
                _ => Reason::Indeterminate { domain: domain() },
            });
        };
        let against = match (claim, claim.current(at)) {
            (_, Some(record)) if record.provider == *mark => None,
            (_, Some(record)) => {
                let record = record.provider.clone();
                Some(Reason::OtherMark { mark: mark.clone(), record, seen })
            }
            (Record::None, _) => Some(Reason::NoRecord { domain: domain(), seen }),
            (Record::Invalid(_), _) => Some(Reason::Faulty { domain: domain(), seen }),
            (Record::Valid(_), None) => {
                let month = Month::of(at);
                Some(Reason::OutsidePeriod { domain: domain(), month, seen })
            }
        };
        if let Some(against) = against {
            self.is_case(Case::A);
            self.add(against);
        } else {
            self.add(Reason::Declared { domain: domain(), mark: mark.clone() });
            self.parties(mark);
        }
        if answer.security == Security::Insecure {
            self.mention(Reason::Insecure { domain: domain() });
        }
        match (self.receipt.by, seen) {
            (ReceiptBy::Clock, _) => self.mention(Reason::NoDay),
            (ReceiptBy::Provider, Moment::Later) => {
                self.mention(Reason::SeenLater { month: Month::of(at) });
            }
            (ReceiptBy::Provider, Moment::InTime) => {}
        }
    }

    /// Annex D's cases B and D: the declaration is right, one of the parties is not.
    fn parties(&mut self, mark: &Provider) {
        let at = self.receipt.at;
        let policy = self.facts.policy;
        match (&policy.suppliers, &self.facts.supplier) {
            (Some(accepted), _) if !accepted.contains(mark) => {
                self.case = Some(Case::D);
                self.add(Reason::NotAccepted { mark: mark.clone() });
            }
            (_, Some(supplier)) => match &supplier.claim {
                Err(trouble) => {
                    let (mark, trouble) = (mark.clone(), *trouble);
                    self.add(Reason::SupplierTrouble { mark, trouble });
                }
                Ok(_) if !supplier.holds(at) => {
                    self.is_case(Case::D);
                    let (domain, seen) = (supplier.domain.clone(), self.seen);
                    self.add(Reason::SupplierRecord { mark: mark.clone(), domain, seen });
                }
                Ok(_) => {}
            },
            (Some(_), None) => {}
            (None, None) => self.mention(Reason::SupplierUnknown { mark: mark.clone() }),
        }
        if let Some(own) = &self.facts.own
            && let Ok(answer) = &own.claim
            && let Some(claim) = answer.believed()
            && claim.current(at).is_none()
        {
            self.is_case(Case::B);
            self.add(Reason::OwnDomain { domain: own.domain.clone() });
        }
    }

    /// Annex D's case C.
    fn unmarked(&mut self, claims: &[Claim], domain: Option<&SenderDomain>) {
        let Some(domain) = domain.filter(|domain| domain.record == RecordState::Holds) else {
            return;
        };
        // Who claims nothing and cannot be told from a stranger is no case.
        if claims.contains(&Claim::Signature) || self.is_proved() {
            self.case = Some(Case::C);
            self.mention(Reason::Ordinary { domain: domain.name.clone() });
        }
    }

    /// R-RECV-2.
    fn signature(&mut self, claims: &[Claim]) {
        let marked = claims.contains(&Claim::Nta);
        if !claims.contains(&Claim::Signature) {
            if marked {
                self.add(Reason::Unsigned);
            }
            return;
        }
        let facts = self.facts;
        for reason in &facts.signature.reasons {
            match Reason::revoked_since(reason, self.receipt) {
                Some(since) => self.add(since),
                None => self.objection(reason, Counts::Yes),
            }
        }
    }

    /// The word on the signature, as it stood when the message came.
    fn signature_word(&self) -> Word {
        let word = |reason: &cades::Reason| match Reason::revoked_since(reason, self.receipt) {
            Some(since) => since.word(),
            None => reason.word(),
        };
        self.facts.signature.reasons.iter().map(word).max().unwrap_or(Word::None)
    }

    fn objection(&mut self, reason: &cades::Reason, counts: Counts) {
        self.told.push(Told {
            code: reason.code().to_owned(),
            verdict: reason.word(),
            counts: counts == Counts::Yes,
            seen: Moment::InTime,
            nl: reason.dutch(),
            en: reason.english(),
        });
    }

    /// DKIM of the author's domain, by the message itself or by the provider's word of it.
    fn origin(&mut self, claims: &[Claim]) {
        let counts = if claims.contains(&Claim::Nta) { Counts::Yes } else { Counts::No };
        let (facts, seen) = (self.facts, self.key);
        let ours = |one: &&Checked| one.result.aligned == Alignment::Author;
        // One that holds is enough (RFC 6376 section 6.1); then the one that may still hold.
        let best = facts.dkim.iter().filter(ours).min_by_key(|one| match one.why {
            Why::Holds => 0,
            Why::Trouble(_) => 1,
            _ => 2,
        });
        let said = facts.header.statement.as_ref().filter(|it| it.dkim == Some(Word::Pass));
        let unreadable = || facts.dkim.iter().find(|one| one.result.domain.is_none());
        match (best, said) {
            (Some(Checked { why: Why::Holds, result }), _) => {
                let key = match result.key {
                    Some(Security::Secure) => KeyState::Secure,
                    _ => KeyState::Insecure,
                };
                if let Some(domain) = result.domain.clone() {
                    self.put(Reason::Dkim { domain, key }, counts);
                }
            }
            (_, Some(statement)) => {
                self.put(Reason::DkimBefore { id: statement.id.clone() }, counts);
            }
            (Some(Checked { why, result }), None) => {
                let domain = result.domain.clone();
                self.put(Reason::DkimNot { domain, why: *why, seen }, counts);
            }
            (None, None) => match unreadable() {
                Some(one) => {
                    self.put(Reason::DkimNot { domain: None, why: one.why, seen }, counts);
                }
                None => {
                    let others = if facts.dkim.is_empty() { Others::None } else { Others::Some };
                    self.put(Reason::NoDkim { others }, counts);
                }
            },
        }
    }

    /// SPF and DMARC, by the provider's word alone (R-RECV-3).
    fn stated(&mut self, claims: &[Claim]) {
        let id = match (self.facts.trusted, &self.facts.header.statement) {
            (None, _) => return self.mention(Reason::NoId),
            (Some(id), None) => return self.mention(Reason::NotStated { id: id.to_owned() }),
            (Some(id), Some(_)) => id,
        };
        let Some(statement) = self.facts.header.statement.clone() else {
            return;
        };
        let claims_itself = claims.iter().any(|claim| *claim != Claim::Dkim);
        if let Some(word) = statement.dmarc {
            // A DMARC failure speaks against any claim of who sent it.
            let counts = if claims_itself { Counts::Yes } else { Counts::No };
            self.put(Reason::Dmarc { id: id.to_owned(), word }, counts);
        }
        if let Some(word) = statement.spf {
            // SPF fails wherever mail is forwarded: with DKIM or DMARC in order it is no objection
            // (RFC 7489 section 3.1).
            let proved = self.is_proved() || statement.dmarc == Some(Word::Pass);
            let marked = claims.contains(&Claim::Nta);
            let counts = if marked && !proved { Counts::Yes } else { Counts::No };
            self.put(Reason::Spf { id: id.to_owned(), word }, counts);
        }
    }

    /// Whether the message is proved to come from the author's domain.
    fn is_proved(&self) -> bool {
        let own = self
            .facts
            .dkim
            .iter()
            .any(|one| one.why == Why::Holds && one.result.aligned == Alignment::Author);
        let statement = self.facts.header.statement.as_ref();
        own || statement.is_some_and(|it| it.dkim == Some(Word::Pass))
    }
}

#[cfg(test)]
mod tests;
