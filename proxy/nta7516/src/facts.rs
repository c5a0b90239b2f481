//! What was seen of the world before a decision is made. Gathering fills these,
//! [`plan`](mod@crate::plan) reads them, the journal keeps them.

use std::net::IpAddr;

use jiff::Timestamp;
use mail::{Address, Domain};
use serde::{Deserialize, Serialize};

use crate::record::{Claim, Provider, SupplierClaim};

/// The state of an answer by DNSSEC (RFC 4033 section 5).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Security {
    /// Signed and proved, denials included.
    Secure,
    /// Proved to be unsigned.
    Insecure,
    /// Ought to be signed, and does not hold.
    Bogus,
    /// It could not be told which of these it is.
    Indeterminate,
}

/// An answer with the state in which it came. For a bogus or indeterminate answer `value` is
/// worth nothing and no decision reads it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seen<T> {
    /// The state by DNSSEC.
    pub security: Security,
    /// What was answered; empty for a denial.
    pub value: T,
    /// The validator's reason, where it gave one, as a technical English text for the log and
    /// the details of a proof.
    pub why: Option<String>,
}

/// A look-up that gave no answer at all: temporary, tried again later.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Trouble {
    /// No answer within the time.
    #[error("the name server gave no answer in time")]
    Timeout,
    /// The name server cannot be reached: no network, or nobody listens there.
    #[error("the name server cannot be reached")]
    Unreachable,
    /// The answer was "server failure" (RFC 1035 section 4.1.1, RCODE 2).
    #[error("the name server reports a failure")]
    ServFail,
    /// The answer was "refused" or another code that tells nothing about the name.
    #[error("the name server refuses to answer")]
    Refused,
    /// The answer could not be read.
    #[error("the name server's answer cannot be read")]
    Garbled,
    /// The resolver leaves out the signatures, so that nothing can be proved by it.
    #[error("the resolver removes the DNSSEC signatures")]
    Stripped,
    /// The network answers every name with one address of its own, until somebody has logged in.
    #[error("this network answers every name with its own address: it wants you to log in first")]
    Captive,
    /// The name server is asked over TLS, and did not prove its name (RFC 8310 section 5).
    #[error(
        "the name server did not prove by its TLS certificate that it is the one in the settings"
    )]
    Unproved,
}

/// What the sender's own domain says (R-SEND-9).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SenderFacts {
    /// The domain of the sender's address.
    pub domain: Domain,
    /// Its TXT records, read.
    pub claim: Result<Seen<Claim>, Trouble>,
}

/// What was seen of one recipient.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecipientFacts {
    /// The recipient's address.
    pub address: Address,
    /// The TXT records of the recipient's domain, read.
    pub claim: Result<Seen<Claim>, Trouble>,
    /// The hosts to hand over to: those of `ntamx` in the record that holds today, else those of
    /// MX, else the domain itself (RFC 5321 section 5.1). The security is that of the record for
    /// `ntamx`, that of the MX answer, its denial included, otherwise. Where no record holds today,
    /// nothing needs to be looked up: an insecure, empty list.
    pub hosts: Result<Seen<Vec<HostFacts>>, Trouble>,
    /// The domain's MX answer is "null MX": it takes no mail (RFC 7505).
    pub null_mx: bool,
    /// What the domain of the recipient's supplier says, where that domain is known (R-SEND-10).
    pub supplier: Option<SupplierFacts>,
}

/// What was seen of one mail host.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HostFacts {
    /// The host as MX or `ntamx` names it.
    pub host: Domain,
    /// Its preference (RFC 5321 section 5.1) or `ntamx` priority: the lowest is tried first.
    pub priority: u16,
    /// Its addresses.
    pub addresses: Vec<IpAddr>,
    /// The state of the addresses, the worst over A, AAAA and all CNAMEs on the way.
    pub address_security: Security,
    /// Why the addresses could not be looked up, where they could not.
    pub address_trouble: Option<Trouble>,
    /// The name below which TLSA was looked up: the end of the secure CNAME chain of `host`
    /// (RFC 7672 section 2.2.3); `None` where that is `host` itself.
    pub tlsa_base: Option<Domain>,
    /// The TLSA records of port 25. Where the addresses are not secure they are looked up only for
    /// a `host` that is an alias in a signed zone (RFC 7672 section 2.2.2); else an insecure, empty
    /// list. Whether they count is their own state alone: whoever has the key that they name is the
    /// host, at whatever address.
    pub tlsa: Result<Seen<Vec<Tlsa>>, Trouble>,
}

/// One TLSA record (RFC 6698 section 2.1).
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Tlsa {
    /// Certificate usage.
    pub usage: u8,
    /// Selector.
    pub selector: u8,
    /// Matching type.
    pub matching: u8,
    /// Certificate association data.
    pub data: Vec<u8>,
}

/// What a supplier's domain says (R-DNS-4).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SupplierFacts {
    /// The supplier's mark, as records name it.
    pub mark: Provider,
    /// The supplier's domain.
    pub domain: Domain,
    /// Its TXT records, read.
    pub claim: Result<Seen<SupplierClaim>, Trouble>,
}

/// A way on which an account can send, with the guarantee that it gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Route {
    /// This program hands over to the recipient's mail host itself, under a proof that it holds.
    Direct,
    /// The account's provider is a named NTA supplier and hands over.
    Provider,
    /// A secure-mail gateway of the organisation's takes the mail: another way (R-ALT-1).
    Gateway,
}

/// A route that an account has, with what was seen of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Offer {
    /// The route.
    pub route: Route,
    /// For [`Route::Provider`]: what the provider's domain says as an NTA supplier. `None` where
    /// the account names no supplier.
    pub supplier: Option<SupplierFacts>,
}

impl Trouble {
    /// What happened, in Dutch: a sentence without its full stop. `Display` has it in English, as a
    /// clause.
    #[must_use]
    pub fn nl(self) -> &'static str {
        match self {
            Self::Timeout => "De DNS-server gaf niet op tijd antwoord",
            Self::Unreachable => "De DNS-server is niet te bereiken",
            Self::ServFail => "De DNS-server meldt een storing",
            Self::Refused => "De DNS-server weigert te antwoorden",
            Self::Garbled => "Het antwoord van de DNS-server is onleesbaar",
            Self::Stripped => "De DNS-server laat de handtekeningen (DNSSEC) weg",
            Self::Captive => {
                "Dit netwerk beantwoordt elke naam met zijn eigen adres: het wil eerst dat u zich \
                 aanmeldt"
            }
            Self::Unproved => {
                "De DNS-server bewees niet met zijn TLS-certificaat dat hij die uit de \
                 instellingen is"
            }
        }
    }

    /// What to do, in Dutch and in English; `None` where only waiting helps.
    #[must_use]
    pub fn mend(self) -> Option<(&'static str, &'static str)> {
        match self {
            Self::Timeout | Self::Unreachable | Self::ServFail | Self::Refused | Self::Garbled => {
                None
            }
            Self::Stripped => Some((
                "Blijft dit zo, stel dan een andere DNS-server in: [dns] resolver.",
                "If this stays so, set another DNS server: [dns] resolver.",
            )),
            Self::Captive => Some((
                "Open uw browser en meld u aan op dit netwerk.",
                "Open your browser and log in to this network.",
            )),
            Self::Unproved => Some((
                "Meld u aan op dit netwerk, of controleer [dns] resolver in de instellingen.",
                "Log in to this network, or check [dns] resolver in the settings.",
            )),
        }
    }
}

impl<T> Seen<T> {
    /// A secure answer.
    pub fn secure(value: T) -> Self {
        Self::new(Security::Secure, value)
    }

    /// An insecure answer.
    pub fn insecure(value: T) -> Self {
        Self::new(Security::Insecure, value)
    }

    /// An answer in the given state, without a reason.
    pub fn new(security: Security, value: T) -> Self {
        Self { security, value, why: None }
    }

    /// What was answered, where the answer may be believed: secure, or proved to be unsigned.
    pub fn believed(&self) -> Option<&T> {
        match self.security {
            Security::Secure | Security::Insecure => Some(&self.value),
            Security::Bogus | Security::Indeterminate => None,
        }
    }

    /// The same state and reason with another value.
    pub fn map<U>(self, with: impl FnOnce(T) -> U) -> Seen<U> {
        Seen { security: self.security, value: with(self.value), why: self.why }
    }
}

impl Security {
    /// The state of something that rests on two answers: the worse of both, in the order bogus,
    /// indeterminate, insecure, secure.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Bogus, _) | (_, Self::Bogus) => Self::Bogus,
            (Self::Indeterminate, _) | (_, Self::Indeterminate) => Self::Indeterminate,
            (Self::Insecure, _) | (_, Self::Insecure) => Self::Insecure,
            (Self::Secure, Self::Secure) => Self::Secure,
        }
    }
}

impl Tlsa {
    /// True for a record that SMTP may use: usage 2 or 3, selector 0 or 1, matching type 0 with
    /// data, 1 with 32 or 2 with 64 octets (RFC 6698 section 2.1, RFC 7672 section 3.1).
    ///
    /// Usages 0 and 1 are unusable for SMTP (RFC 7672 section 3.1.3); what is unusable is passed
    /// over, not taken for a mismatch.
    #[must_use]
    pub fn usable(&self) -> bool {
        let length = match self.matching {
            0 => !self.data.is_empty(),
            1 => self.data.len() == 32,
            2 => self.data.len() == 64,
            _ => false,
        };
        matches!(self.usage, 2 | 3) && self.selector <= 1 && length
    }
}

impl SupplierFacts {
    /// True where a record of the supplier holds on the day of `now`, in an answer that may be
    /// believed.
    #[must_use]
    pub fn holds(&self, now: Timestamp) -> bool {
        let claim = self.claim.as_ref().ok().and_then(Seen::believed);
        claim.is_some_and(|claim| claim.holds(now))
    }
}

impl Offer {
    /// A route of which nothing needs to be known.
    #[must_use]
    pub fn of(route: Route) -> Self {
        Self { route, supplier: None }
    }
}

impl Route {
    /// The guarantee of the route in Dutch: the one sentence that every screen, command, journal
    /// and copy uses.
    #[must_use]
    pub fn guarantee_nl(self) -> &'static str {
        match self {
            Self::Direct => {
                "Zorgzegel levert zelf af bij de mailserver van de ontvanger, alleen over een \
                 versleutelde verbinding waarvan het bewijs is gecontroleerd en bewaard."
            }
            Self::Provider => {
                "Zorgzegel controleert wat de ontvanger publiceert; uw mailleverancier levert af \
                 en staat als NTA-leverancier zelf in voor het veilige transport."
            }
            Self::Gateway => {
                "De beveiligde-mailvoorziening van uw organisatie neemt het bericht over; de \
                 ontvanger leest het op een andere manier dan als NTA-mail."
            }
        }
    }

    /// The word used in the settings, the journal and JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Direct => "direct",
            Self::Provider => "provider",
            Self::Gateway => "gateway",
        }
    }

    /// The guarantee of the route in English.
    #[must_use]
    pub fn guarantee_en(self) -> &'static str {
        match self {
            Self::Direct => {
                "Zorgzegel hands over to the recipient's mail host itself, only over an encrypted \
                 connection whose proof was checked and kept."
            }
            Self::Provider => {
                "Zorgzegel checks what the recipient publishes; your mail provider hands over and, \
                 as an NTA supplier, answers for secure transport itself."
            }
            Self::Gateway => {
                "The secure-mail gateway of your organisation takes the message over; the \
                 recipient reads it in another way than as NTA mail."
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_dane_usages_of_smtp_with_fitting_lengths_are_usable() {
        for usage in 0..=4 {
            for selector in 0..=2 {
                for matching in 0..=3 {
                    for length in [0, 1, 31, 32, 33, 63, 64, 65] {
                        let data = vec![7; length];
                        let tlsa = Tlsa { usage, selector, matching, data };
                        let fits = [length > 0, length == 32, length == 64, false];
                        let usable = (usage == 2 || usage == 3)
                            && selector < 2
                            && fits[usize::from(matching)];
                        assert_eq!(tlsa.usable(), usable, "{tlsa:?}");
                    }
                }
            }
        }
    }

    #[test]
    fn two_answers_are_as_good_as_the_worse() {
        use Security::{Bogus, Indeterminate, Insecure, Secure};
        let order = [Secure, Insecure, Indeterminate, Bogus];
        for (i, one) in order.into_iter().enumerate() {
            for (j, other) in order.into_iter().enumerate() {
                assert_eq!(one.and(other), order[i.max(j)]);
            }
        }
    }
}
