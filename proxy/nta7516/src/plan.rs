//! The sending scheme of the guide, for one recipient, as a function of facts (R-SEND-2 to
//! R-SEND-10).
//!
//! ```text
//!  record? --no--> another way            R-SEND-2    a bogus answer anywhere: refuse
//!  valid today? --no--> another way       R-SEND-3    no answer: later
//!  supplier accepted? --no--> another way R-SEND-10
//!  secure? -- yes --> MX secure? --no--> another way              R-SEND-6
//!     |                 | usable TLSA, all secure: DANE           R-SEND-5
//!     |                 | else: certificate by X.509 and MX name  R-SEND-6
//!     +--- no ---> certificate with an accepted OU, else another way   R-SEND-7
//!  own record valid today? --no--> another way                    R-SEND-9
//!  the first route of the account that gives enough               R-SEND-8
//! ```
//!
//! A handover is a promise on a condition: whoever carries it out must see the [`Requirement`] met
//! on the connection itself, or not send.

mod hosts;
mod reason;

use std::net::IpAddr;

use jiff::Timestamp;
use mail::Domain;
use serde::{Deserialize, Serialize};

use crate::facts::{
    Offer, RecipientFacts, Route, Security, Seen, SenderFacts, SupplierFacts, Tlsa, Trouble,
};
use crate::record::{Claim, Provider, Record, SupplierClaim};

pub use reason::{Cause, Looked, Reason};

/// What to do for one recipient. Recipients do not influence each other (R-SEND-11).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "decision", rename_all = "snake_case")]
pub enum Decision {
    /// Send as NTA mail on this route.
    Handover {
        /// The route.
        route: Route,
        /// Where to, the first to be tried first; never empty for [`Route::Direct`], always empty
        /// for [`Route::Provider`], where the provider finds the host.
        hosts: Vec<Target>,
        /// The value of `X-NTA7516`: the mark of the sender's own record (R-DNS-5).
        provider_mark: Provider,
        /// Hosts that no mail may be handed to, and why.
        left_out: Vec<LeftOut>,
    },
    /// Not as NTA mail: another way, or no sending (R-ALT-1).
    AnotherWay {
        /// The step that said no.
        step: Step,
        /// Why, and what to do.
        reason: Reason,
        /// The account's route for another way: [`Route::Gateway`] where it has one.
        by: Option<Route>,
    },
    /// Something that ought to be proved does not hold: nothing is sent on any route.
    Refuse {
        /// The step that said no.
        step: Step,
        /// Why, and what to do.
        reason: Reason,
    },
    /// Something could not be seen: held, and decided anew later.
    Later {
        /// The step that could not be taken.
        step: Step,
        /// Why, and what to do.
        reason: Reason,
    },
}

/// A host to hand over to, and what it must prove.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Target {
    /// The host as MX or `ntamx` names it.
    pub host: Domain,
    /// Its priority: the lowest is tried first.
    pub priority: u16,
    /// Its addresses, at least one.
    pub addresses: Vec<IpAddr>,
    /// What the connection must show before anything of the mail is sent.
    pub require: Requirement,
}

/// A host that is not handed to, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeftOut {
    /// The host.
    pub host: Domain,
    /// The step that said no.
    pub step: Step,
    /// Why, and what to do.
    pub reason: Reason,
}

/// What a host must show after STARTTLS. There is no fall-back from one to another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "proof", rename_all = "snake_case")]
pub enum Requirement {
    /// One of these records matches (R-SEND-5, RFC 7672).
    Dane {
        /// The usable records, at least one.
        tlsa: Vec<Tlsa>,
        /// The names of which the certificate must carry one where a record of usage 2 matched
        /// (RFC 7672 section 3.2.2); the TLSA base name comes first.
        names: Vec<Domain>,
    },
    /// The certificate chains to a trusted root, is in date and carries one of these names
    /// (R-SEND-6).
    Pkix {
        /// The MX or `ntamx` host name.
        names: Vec<Domain>,
    },
    /// As [`Requirement::Pkix`], and the subject has an organisational unit that is one of the
    /// marks (R-SEND-7).
    OrganisationalUnit {
        /// The host name.
        names: Vec<Domain>,
        /// The accepted marks, at least one, compared exactly.
        marks: Vec<String>,
    },
}

/// A step of the scheme.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Step {
    /// Does the recipient's domain have a record?
    #[serde(rename = "R-SEND-2")]
    Claimed,
    /// Is the record set valid, today?
    #[serde(rename = "R-SEND-3")]
    Valid,
    /// Is the record to be trusted?
    #[serde(rename = "R-SEND-4")]
    Trusted,
    /// Which host, and does it have TLSA records?
    #[serde(rename = "R-SEND-5")]
    Host,
    /// Annex C: an MX look-up that is secure, and a certificate with its name.
    #[serde(rename = "R-SEND-6")]
    AnnexC,
    /// Annex B: a certificate with the mark of a certified supplier.
    #[serde(rename = "R-SEND-7")]
    AnnexB,
    /// Handing over, on a route that the account has.
    #[serde(rename = "R-SEND-8")]
    HandOver,
    /// Does the sender's own domain claim to comply?
    #[serde(rename = "R-SEND-9")]
    Own,
    /// Is the supplier one that is accepted?
    #[serde(rename = "R-SEND-10")]
    Supplier,
}

/// What an organisation sets about the parts that the guide leaves open. The default accepts
/// least where a proof is concerned.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Policy {
    /// Marks of certified suppliers in a certificate's OU (R-SEND-7); empty: annex B is refused.
    pub ou_marks: Vec<String>,
    /// Suppliers that are accepted for recipients (R-SEND-10); `None`: all that records name.
    pub suppliers: Option<Vec<Provider>>,
}

/// Decides for one recipient by the default [`Policy`].
///
/// `routes` are those of the account, in its order of preference.
#[must_use]
pub fn plan(
    sender: &SenderFacts,
    recipient: &RecipientFacts,
    routes: &[Offer],
    now: Timestamp,
) -> Decision {
    Policy::default().plan(sender, recipient, routes, now)
}

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
            let cause = Cause::SupplierNotAccepted(mark.clone());
            return Err(Stop::another_way(Step::Supplier, cause));
        }
        match supplier {
            Some(supplier) if supplier.mark == *mark => supplier_holds(supplier, now),
            // Facts about another supplier tell nothing about this one.
            Some(supplier) => Err(Stop::another_way(
                Step::Supplier,
                Cause::SupplierOfAnotherMark {
                    record: mark.clone(),
                    account: supplier.mark.clone(),
                },
            )),
            None => Ok(()),
        }
    }
}

impl Decision {
    /// The step that said no, or could not be taken; `None` for a handover.
    #[must_use]
    pub fn step(&self) -> Option<Step> {
        match self {
            Self::Handover { .. } => None,
            Self::AnotherWay { step, .. }
            | Self::Refuse { step, .. }
            | Self::Later { step, .. } => Some(*step),
        }
    }

    /// Why not, and what to do; `None` for a handover.
    #[must_use]
    pub fn reason(&self) -> Option<&Reason> {
        match self {
            Self::Handover { .. } => None,
            Self::AnotherWay { reason, .. }
            | Self::Refuse { reason, .. }
            | Self::Later { reason, .. } => Some(reason),
        }
    }
}

impl Step {
    /// The clause by which tests, documents and screens cite the step.
    #[must_use]
    pub fn clause(self) -> &'static str {
        match self {
            Self::Claimed => "R-SEND-2",
            Self::Valid => "R-SEND-3",
            Self::Trusted => "R-SEND-4",
            Self::Host => "R-SEND-5",
            Self::AnnexC => "R-SEND-6",
            Self::AnnexB => "R-SEND-7",
            Self::HandOver => "R-SEND-8",
            Self::Own => "R-SEND-9",
            Self::Supplier => "R-SEND-10",
        }
    }
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

/// The order tells which of several stops is told: what may pass by itself first, so that
/// temporary trouble never looks final.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Later,
    Refuse,
    AnotherWay,
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
fn readable<'a, T>(
    seen: &'a Result<Seen<T>, Trouble>,
    step: Step,
    bogus: Step,
    looked: impl Fn() -> Looked,
) -> Result<(&'a T, Security), Stop> {
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
            let cause = Cause::NoRecord(domain.clone());
            return Err(Stop::another_way(Step::Claimed, cause));
        }
        Claim::Invalid(faults) => {
            let cause = Cause::InvalidRecord(domain.clone(), faults.clone());
            return Err(Stop::another_way(Step::Valid, cause));
        }
        Claim::Valid(set) => set
            .current(now)
            .ok_or_else(|| Stop::another_way(Step::Valid, Cause::OutsidePeriod(domain.clone())))?,
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
    let cause = match claim {
        Claim::None => Cause::OwnNoRecord(domain.clone()),
        Claim::Invalid(faults) => Cause::OwnInvalidRecord(domain.clone(), faults.clone()),
        Claim::Valid(set) => match set.current(now) {
            Some(record) => return Ok(record.provider.clone()),
            None => Cause::OwnOutsidePeriod(domain.clone()),
        },
    };
    Err(Stop::another_way(Step::Own, cause))
}

/// R-DNS-4: the supplier's record is there, valid, and holds today.
fn supplier_holds(supplier: &SupplierFacts, now: Timestamp) -> Result<(), Stop> {
    let domain = &supplier.domain;
    let looked = || Looked::SupplierRecord(domain.clone());
    let (claim, _) = readable(&supplier.claim, Step::Supplier, Step::Supplier, looked)?;
    let cause = match claim {
        SupplierClaim::Valid(_) if claim.holds(now) => return Ok(()),
        SupplierClaim::Valid(_) => Cause::SupplierOutsidePeriod(domain.clone()),
        SupplierClaim::None => Cause::SupplierNoRecord(domain.clone()),
        SupplierClaim::Invalid(faults) => {
            Cause::SupplierInvalidRecord(domain.clone(), faults.clone())
        }
    };
    Err(Stop::another_way(Step::Supplier, cause))
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
        let Some(supplier) = &offer.supplier else {
            return Err(Stop::another_way(Step::Supplier, Cause::ProviderUnnamed));
        };
        if supplier.mark != self.mark {
            let cause = Cause::SupplierOfAnotherMark {
                record: self.mark.clone(),
                account: supplier.mark.clone(),
            };
            return Err(Stop::another_way(Step::Supplier, cause));
        }
        supplier_holds(supplier, now)
    }
}

#[cfg(test)]
mod tests {}
