//! The sending scheme of the guide, for one recipient, as a function of facts (R-SEND-2 to
//! R-SEND-10).
//!
//! ```text
//!  record? --no--> another way            R-SEND-2    a bogus answer anywhere: refuse
//!  valid today? --no--> another way       R-SEND-3    no answer: later
//!  supplier accepted? --no--> another way R-SEND-10
//!  secure? -- yes --> MX secure? --no--> another way              R-SEND-6
//!     |                 | usable and secure TLSA: DANE            R-SEND-5
//!     |                 | else: certificate by X.509 and MX name  R-SEND-6
//!     +--- no ---> certificate with an accepted OU, else another way   R-SEND-7
//!  own record valid today? --no--> another way                    R-SEND-9
//!  the first route of the account that gives enough               R-SEND-8
//! ```
//!
//! A handover is a promise on a condition: whoever carries it out must see the [`Requirement`] met
//! on the connection itself, or not send.

mod decision;
mod hosts;
mod policy;
mod reason;

use jiff::Timestamp;
use mail::Domain;

use crate::facts::{
    Offer, RecipientFacts, Route, Security, Seen, SenderFacts, SupplierFacts, Trouble,
};
use crate::record::{Claim, Provider, Record, SupplierClaim};

pub use decision::{Decision, Kind, LeftOut, Requirement, Step, Target, Unproved};
pub use policy::{KnownSupplier, Policy};
pub use reason::{Cause, Lack, Looked, Reason, SupplierLack};

impl Policy {
    /// Decides for one recipient (R-SEND-2 to R-SEND-10).
    #[must_use]
    pub fn plan(
        &self,
        sender: &SenderFacts,
        recipient: &RecipientFacts,
        routes: &[Offer],
        now: Timestamp,
    ) -> Decision {
        self.prove(sender, recipient, now)
            .and_then(|proof| by_route(proof, routes, now))
            .unwrap_or_else(|stop| stop.decide(routes))
    }

    fn prove(
        &self,
        sender: &SenderFacts,
        recipient: &RecipientFacts,
        now: Timestamp,
    ) -> Result<Proof, Stop> {
        let (record, domain, trust) = claimed(recipient, now)?;
        self.accept_supplier(record, recipient.supplier.as_ref(), now)?;
        let trust = match trust {
            Trust::Record => hosts::Way::Secure,
            Trust::Nothing if self.ou_marks.is_empty() => {
                let cause = Cause::RecordInsecure(domain.clone());
                return Err(Stop::another_way(Step::AnnexB, cause));
            }
            Trust::Nothing => hosts::Way::AnnexB(&self.ou_marks),
        };
        let (targets, left_out) = hosts::targets(recipient, record, domain, trust)?;
        let mark = own_mark(sender, now)?;
        Ok(Proof {
            record_is_secure: matches!(trust, hosts::Way::Secure),
            domain: domain.clone(),
            targets,
            left_out,
            mark,
        })
    }

    /// R-SEND-10: the list of suppliers, and the supplier's own record where it was looked up.
    fn accept_supplier(
        &self,
        record: &Record,
        supplier: Option<&SupplierFacts>,
        now: Timestamp,
    ) -> Result<(), Stop> {
        let mark = &record.provider;
        if let Some(accepted) = &self.suppliers
            && !accepted.contains(mark)
        {
            return Err(Stop::by_supplier(SupplierLack::NotAccepted(mark.clone())));
        }
        match supplier {
            Some(supplier) => supplier_holds(supplier, mark, now),
            None => Ok(()),
        }
    }
}

/// What is left for a recipient of whose mail hosts none gave the proof that the plan asked for: what
/// the plan would have said, had it known (R-ALT-1). `step` is the one that failed on the connection,
/// `left_out` are the hosts that the plan did not try. A host that may do later, or whose proof does
/// not hold, rules out every other way, as it does where it is the only one.
#[must_use]
pub fn without_proof<'a>(step: Step, left_out: &'a [LeftOut], routes: &[Route]) -> Unproved<'a> {
    match left_out.iter().min_by_key(|host| host.kind) {
        Some(host) if host.kind == Kind::Later => Unproved::Later(host),
        Some(host) if host.kind == Kind::Refuse => Unproved::Refuse(host),
        _ => Unproved::AnotherWay(left_without_proof(step, routes)),
    }
}

/// A gateway is no way round the proof: it is given the mail in the hosts' place, and none of them is
/// asked for less. Only the steps that ask a host for its proof have anything left.
fn left_without_proof(step: Step, routes: &[Route]) -> Option<Route> {
    let asks_a_host = matches!(step, Step::Host | Step::AnnexC | Step::AnnexB);
    let gateway = |route: &&Route| asks_a_host && **route == Route::Gateway;
    routes.iter().find(gateway).copied()
}

/// Everything that the scheme asks was found; the route is still open.
struct Proof {
    record_is_secure: bool,
    domain: Domain,
    targets: Vec<Target>,
    left_out: Vec<LeftOut>,
    mark: Provider,
}

/// On what the recipient's record rests (R-SEND-4).
enum Trust {
    Record,
    Nothing,
}

/// A step that did not let the mail through.
struct Stop {
    kind: Kind,
    step: Step,
    cause: Cause,
}

impl Stop {
    fn another_way(step: Step, cause: Cause) -> Self {
        let kind = Kind::AnotherWay;
        Self { kind, step, cause }
    }

    fn refuse(step: Step, cause: Cause) -> Self {
        let kind = Kind::Refuse;
        Self { kind, step, cause }
    }

    fn later(step: Step, cause: Cause) -> Self {
        let kind = Kind::Later;
        Self { kind, step, cause }
    }

    fn by_supplier(lack: SupplierLack) -> Self {
        Self::another_way(Step::Supplier, Cause::Supplier(lack))
    }

    fn decide(self, routes: &[Offer]) -> Decision {
        let (step, reason) = (self.step, Reason::new(self.cause));
        match self.kind {
            Kind::Later => Decision::Later { step, reason },
            Kind::Refuse => Decision::Refuse { step, reason },
            Kind::AnotherWay => {
                let gateway = |offer: &&Offer| offer.route == Route::Gateway;
                let by = routes.iter().find(gateway).map(|offer| offer.route);
                Decision::AnotherWay { step, reason, by }
            }
        }
    }

    /// The one to be told, of several: the gravest kind, and the first of these.
    fn most_telling(stops: impl IntoIterator<Item = Self>) -> Option<Self> {
        stops.into_iter().min_by(|a, b| a.kind.cmp(&b.kind))
    }
}

/// What every answer must pass before its value is read: there is one, and it is secure or
/// insecure. Bogus refuses; what cannot be told is tried again (RFC 7672 section 2.1.1 treats an
/// indeterminate answer as a failed look-up).
fn readable<T>(
    seen: &Result<Seen<T>, Trouble>,
    step: Step,
    bogus: Step,
    looked: impl Fn() -> Looked,
) -> Result<(&T, Security), Stop> {
    match seen {
        Err(trouble) => Err(Stop::later(step, Cause::Trouble(looked(), *trouble))),
        Ok(seen) => match seen.security {
            Security::Bogus => Err(Stop::refuse(bogus, Cause::Bogus(looked()))),
            Security::Indeterminate => Err(Stop::later(bogus, Cause::Indeterminate(looked()))),
            state @ (Security::Secure | Security::Insecure) => Ok((&seen.value, state)),
        },
    }
}

/// R-SEND-2 to R-SEND-4.
fn claimed(recipient: &RecipientFacts, now: Timestamp) -> Result<(&Record, &Domain, Trust), Stop> {
    let Some(domain) = recipient.address.domain() else {
        return Err(Stop::another_way(Step::Claimed, Cause::AddressLiteral));
    };
    let looked = || Looked::Record(domain.clone());
    let (claim, state) = readable(&recipient.claim, Step::Claimed, Step::Trusted, looked)?;
    let record = match claim {
        Claim::None => {
            let cause = Cause::Record(domain.clone(), Lack::Absent);
            return Err(Stop::another_way(Step::Claimed, cause));
        }
        Claim::Invalid(faults) => {
            let cause = Cause::Record(domain.clone(), Lack::Invalid(faults.clone()));
            return Err(Stop::another_way(Step::Valid, cause));
        }
        Claim::Valid(set) => set.current(now).ok_or_else(|| {
            Stop::another_way(Step::Valid, Cause::Record(domain.clone(), Lack::OutsidePeriod))
        })?,
    };
    let trust = match state {
        Security::Secure => Trust::Record,
        _ => Trust::Nothing,
    };
    Ok((record, domain, trust))
}

/// R-SEND-9: the mark of the sender's own record. We read: the claim must be valid today; it may
/// have come insecure, since the sender's organisation knows its own record, but not bogus.
fn own_mark(sender: &SenderFacts, now: Timestamp) -> Result<Provider, Stop> {
    let domain = &sender.domain;
    let looked = || Looked::OwnRecord(domain.clone());
    let (claim, _) = readable(&sender.claim, Step::Own, Step::Own, looked)?;
    let lack = match claim {
        Claim::None => Lack::Absent,
        Claim::Invalid(faults) => Lack::Invalid(faults.clone()),
        Claim::Valid(set) => match set.current(now) {
            Some(record) => return Ok(record.provider.clone()),
            None => Lack::OutsidePeriod,
        },
    };
    let cause = Cause::OwnRecord(domain.clone(), lack);
    Err(Stop::another_way(Step::Own, cause))
}

/// R-DNS-4: the supplier is the one that the domain's record names by `mark`, and its own record
/// is there, valid, and holds today. Facts about another supplier tell nothing about this one.
fn supplier_holds(supplier: &SupplierFacts, mark: &Provider, now: Timestamp) -> Result<(), Stop> {
    if supplier.mark != *mark {
        return Err(Stop::by_supplier(SupplierLack::OtherMark {
            record: mark.clone(),
            looked_up: supplier.mark.clone(),
        }));
    }
    let domain = &supplier.domain;
    let looked = || Looked::SupplierRecord(domain.clone());
    let (claim, _) = readable(&supplier.claim, Step::Supplier, Step::Supplier, looked)?;
    let lack = match claim {
        SupplierClaim::Valid(_) if claim.holds(now) => return Ok(()),
        SupplierClaim::Valid(_) => SupplierLack::OutsidePeriod(domain.clone()),
        SupplierClaim::None => SupplierLack::Absent(domain.clone()),
        SupplierClaim::Invalid(faults) => SupplierLack::Invalid(domain.clone(), faults.clone()),
    };
    Err(Stop::by_supplier(lack))
}

/// R-SEND-8: the first route, in the account's order, that gives enough. A gateway that is
/// listed before others is what the account prefers to them, but no way round a route before it
/// that met something bogus or temporary.
fn by_route(proof: Proof, routes: &[Offer], now: Timestamp) -> Result<Decision, Stop> {
    let mut stops = Vec::new();
    for offer in routes {
        match offer.route {
            Route::Direct => return Ok(proof.hand_over(Route::Direct)),
            Route::Provider => match proof.provider_gives_enough(offer, now) {
                Ok(()) => return Ok(proof.hand_over(Route::Provider)),
                Err(stop) => stops.push(stop),
            },
            Route::Gateway => {
                if stops.is_empty() {
                    stops.push(Stop::another_way(Step::HandOver, Cause::GatewayPreferred));
                }
                break;
            }
        }
    }
    let none = Stop::another_way(Step::HandOver, Cause::NoRoute);
    Err(Stop::most_telling(stops).unwrap_or(none))
}

impl Proof {
    fn hand_over(self, route: Route) -> Decision {
        Decision::Handover {
            route,
            hosts: match route {
                Route::Direct => self.targets,
                Route::Provider | Route::Gateway => Vec::new(),
            },
            provider_mark: self.mark,
            left_out: self.left_out,
        }
    }

    /// The provider is the supplier that the sender's own record names, and its supplier's record
    /// holds. The proof of annex B is in a certificate that only the one who connects can see, so
    /// it cannot be had on this route.
    fn provider_gives_enough(&self, offer: &Offer, now: Timestamp) -> Result<(), Stop> {
        if !self.record_is_secure {
            let cause = Cause::RecordInsecure(self.domain.clone());
            return Err(Stop::another_way(Step::AnnexB, cause));
        }
        match &offer.supplier {
            Some(supplier) => supplier_holds(supplier, &self.mark, now),
            None => Err(Stop::by_supplier(SupplierLack::Unnamed)),
        }
    }
}

#[cfg(test)]
mod tests;
