//! The proof of an attempt to hand a message over to one recipient: what was seen, what held, and
//! what the server said. It is kept with the message and in the journal, and told in the same
//! words by every command, window and copy.

mod words;

use std::net::SocketAddr;

use jiff::Timestamp;
use mail::{Address, Domain};
use serde::{Deserialize, Serialize};

use crate::facts::{RecipientFacts, Route, Security, Seen, SenderFacts, SupplierFacts, Trouble};
use crate::plan::{LeftOut, Requirement, Step};
use crate::record::{Claim, Provider, SupplierClaim};
use crate::tls::Grade;

pub use words::Told;

/// What is known of one attempt, for one recipient.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proof {
    /// The recipient.
    pub to: Address,
    /// When the attempt came to its end.
    pub at: Timestamp,
    /// The way; `None` where no way gives enough.
    pub way: Option<Way>,
    /// What the way gives, as it was worded then; `None` without a way.
    pub guarantee: Option<Words>,
    /// What came of it.
    pub end: End,
    /// What the domains said of themselves; `None` where it was not asked, as for ordinary mail.
    pub records: Option<Records>,
    /// The server that was connected to.
    pub host: Option<Host>,
    /// What TLS showed.
    pub tls: Option<Tls>,
    /// Hosts that could not be used, and why.
    pub not_used: Vec<NotUsed>,
    /// Who signed the message (R-SIG-1).
    pub signed_by: Option<Signer>,
    /// Where the key of the DKIM signature stands in DNS (RFC 6376 section 3.6.2).
    pub dkim: Option<Domain>,
}

/// A sentence in both languages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Words {
    /// In Dutch.
    pub nl: String,
    /// In English.
    pub en: String,
}

/// The way that a message goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(from = "Spelt", into = "Spelt")]
pub enum Way {
    /// A route of the account.
    Route(Route),
    /// As ordinary mail, by a person's choice.
    Ordinary,
}

/// A way as one word.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Spelt {
    Direct,
    Provider,
    Gateway,
    Ordinary,
}

/// What an attempt came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "came_to", rename_all = "snake_case")]
pub enum End {
    /// The server took the message and answers for it.
    Taken {
        /// Its reply.
        reply: String,
    },
    /// Not now; tried again.
    Deferred {
        /// The server's reply, or what was seen.
        words: Words,
    },
    /// Not at all.
    Refused {
        /// The server's reply, or what was seen.
        words: Words,
    },
    /// The message was sent whole and no reply came: the server may have it.
    InDoubt {
        /// What was seen.
        words: Words,
    },
    /// No way gives enough: it stays held.
    KeptBack {
        /// The step of the scheme that said no.
        step: Step,
        /// Why, and what to do.
        words: Words,
    },
}

/// What the domains said of themselves when the attempt was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Records {
    /// The recipient's domain (R-SEND-2 to R-SEND-4).
    pub recipient: RecordSeen,
    /// The sender's own domain (R-SEND-9).
    pub sender: RecordSeen,
    /// The recipient's supplier, where its domain is known (R-SEND-10).
    pub supplier: Option<SupplierSeen>,
}

/// What was seen of a domain's NTA record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordSeen {
    /// The domain.
    pub domain: Option<Domain>,
    /// The state of the answer by DNSSEC; `None` where there was no answer.
    pub security: Option<Security>,
    /// The record that held on that day, as it is written.
    pub record: Option<String>,
    /// The validator's reason or why there was no answer, a technical English text.
    pub why: Option<String>,
}

/// What was seen of a supplier's record (R-DNS-4).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SupplierSeen {
    /// The supplier's mark.
    pub mark: Provider,
    /// Its record.
    #[serde(flatten)]
    pub seen: RecordSeen,
}

/// The server that was connected to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Host {
    /// Its name, as MX, `ntamx` or the settings have it.
    pub name: String,
    /// Its preference or priority, where DNS named it.
    pub priority: Option<u16>,
    /// Its address and port, where they were looked up here.
    pub address: Option<SocketAddr>,
    /// What it had to show: `dane`, `pkix` or `ou`; `None` for a server of the settings.
    pub required: Option<String>,
}

/// The certificate of the key that signed the message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signer {
    /// Its subject.
    pub subject: String,
    /// Its issuer.
    pub issuer: String,
    /// Its serial number, in hexadecimal.
    pub serial: String,
}

/// A host that could not be used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NotUsed {
    /// Its name.
    pub host: String,
    /// Why not.
    pub words: Words,
}

/// What a connection proved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tls {
    /// The name that the server was asked for.
    pub host: String,
    /// `TLSv1_3` or `TLSv1_2`.
    pub protocol: String,
    /// The cipher suite.
    pub suite: String,
    /// The key exchange group, where the library tells.
    pub group: Option<String>,
    /// SHA-256 of the server's certificate, in hexadecimal.
    pub certificate_sha256: String,
    /// The subject of the certificate, as `CN=…, O=…`.
    pub subject: String,
    /// Its organisational units.
    pub units: Vec<String>,
    /// What was proved.
    pub proof: Matched,
    /// The length of an RSA key in bits.
    pub rsa_bits: Option<u32>,
    /// The grade by each dated profile.
    pub profiles: Vec<(String, Grade)>,
    /// What the server stapled about its certificate.
    pub ocsp: Ocsp,
    /// What a person should know although the proof holds.
    pub remarks: Vec<String>,
}

/// How the server's certificate was proved to be the right one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "by", rename_all = "lowercase")]
#[non_exhaustive]
pub enum Matched {
    /// This TLSA record matched.
    Dane {
        /// Certificate usage.
        usage: u8,
        /// Selector.
        selector: u8,
        /// Matching type.
        matching: u8,
        /// The association data, in hexadecimal.
        data: String,
    },
    /// A path to a trusted root, with this name.
    Pkix {
        /// The name that matched.
        name: String,
    },
    /// As `Pkix`, with this organisational unit.
    Ou {
        /// The name that matched.
        name: String,
        /// The mark that was found.
        mark: String,
    },
}

/// What the server stapled about its own certificate (RFC 6960, RFC 6066 section 8).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Ocsp {
    /// Nothing, as most mail servers: no fault.
    #[default]
    Absent,
    /// The issuer says that the certificate is good, and the answer is in date.
    Good,
    /// The certificate was revoked; such a connection is always refused.
    Revoked,
    /// The responder does not know the certificate.
    Unknown,
    /// The answer is about another certificate, or cannot be read.
    Foreign,
    /// The answer is out of date.
    Stale,
    /// Neither the issuer nor a responder that it named signed the answer, or the server did not
    /// send the issuer's certificate.
    Unproved,
}

impl Proof {
    /// An attempt of which only way and end are known yet.
    #[must_use]
    pub fn new(to: Address, at: Timestamp, way: Option<Way>, end: End) -> Self {
        Self {
            to,
            at,
            way,
            guarantee: way.map(Way::guarantee),
            end,
            records: None,
            host: None,
            tls: None,
            not_used: Vec::new(),
            signed_by: None,
            dkim: None,
        }
    }
}

impl Words {
    /// A sentence in both languages.
    pub fn new(nl: impl Into<String>, en: impl Into<String>) -> Self {
        Self { nl: nl.into(), en: en.into() }
    }

    /// A server's own words, which are in whatever language it speaks: as one line, its beginning.
    #[must_use]
    pub fn said(words: &str) -> Self {
        let plain = words.chars().map(|c| if c.is_control() { ' ' } else { c });
        let words: String = plain.take(LONGEST_WORDS).collect();
        Self { nl: words.clone(), en: words }
    }
}

impl Way {
    /// The word used in the journal and JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Route(route) => route.as_str(),
            Self::Ordinary => "ordinary",
        }
    }

    /// The way of this word.
    #[must_use]
    pub fn of(word: &str) -> Option<Self> {
        WAYS.into_iter().find(|way| way.as_str() == word)
    }

    /// What the way gives: the one sentence that every screen, command, journal and copy uses.
    #[must_use]
    pub fn guarantee(self) -> Words {
        match self {
            Self::Route(route) => Words::new(route.guarantee_nl(), route.guarantee_en()),
            Self::Ordinary => Words::new(
                "Gewone mail, zoals gekozen: zonder waarborg van NTA 7516.",
                "Ordinary mail, as was chosen: without a guarantee of NTA 7516.",
            ),
        }
    }
}

impl From<Spelt> for Way {
    fn from(spelt: Spelt) -> Self {
        match spelt {
            Spelt::Direct => Self::Route(Route::Direct),
            Spelt::Provider => Self::Route(Route::Provider),
            Spelt::Gateway => Self::Route(Route::Gateway),
            Spelt::Ordinary => Self::Ordinary,
        }
    }
}

impl From<Way> for Spelt {
    fn from(way: Way) -> Self {
        match way {
            Way::Route(Route::Direct) => Self::Direct,
            Way::Route(Route::Provider) => Self::Provider,
            Way::Route(Route::Gateway) => Self::Gateway,
            Way::Ordinary => Self::Ordinary,
        }
    }
}

impl Records {
    /// What the plan for a recipient rested on.
    #[must_use]
    pub fn of(sender: &SenderFacts, recipient: &RecipientFacts, now: Timestamp) -> Self {
        Self {
            recipient: RecordSeen::of(recipient.address.domain(), &recipient.claim, now),
            sender: RecordSeen::of(Some(&sender.domain), &sender.claim, now),
            supplier: recipient.supplier.as_ref().map(|facts| SupplierSeen::of(facts, now)),
        }
    }
}

impl RecordSeen {
    fn of(domain: Option<&Domain>, claim: &Result<Seen<Claim>, Trouble>, now: Timestamp) -> Self {
        Self::read(domain, claim, |claim| match claim {
            Claim::Valid(set) => set.current(now).map(ToString::to_string),
            _ => None,
        })
    }

    fn read<T>(
        domain: Option<&Domain>,
        seen: &Result<Seen<T>, Trouble>,
        record: impl Fn(&T) -> Option<String>,
    ) -> Self {
        let domain = domain.cloned();
        match seen {
            Err(trouble) => {
                Self { domain, security: None, record: None, why: Some(trouble.to_string()) }
            }
            Ok(seen) => {
                // The value of an answer in another state is worth nothing.
                let readable = matches!(seen.security, Security::Secure | Security::Insecure);
                let record = readable.then(|| record(&seen.value)).flatten();
                Self { domain, security: Some(seen.security), record, why: seen.why.clone() }
            }
        }
    }
}

impl SupplierSeen {
    fn of(facts: &SupplierFacts, now: Timestamp) -> Self {
        let seen = RecordSeen::read(Some(&facts.domain), &facts.claim, |claim| match claim {
            SupplierClaim::Valid(records) if claim.holds(now) => {
                records.first().map(ToString::to_string)
            }
            _ => None,
        });
        Self { mark: facts.mark.clone(), seen }
    }
}

impl NotUsed {
    /// A host that the plan left out.
    #[must_use]
    pub fn of(left_out: &LeftOut) -> Self {
        let reason = &left_out.reason;
        Self { host: left_out.host.to_string(), words: Words::new(reason.nl(), reason.en()) }
    }
}

impl Host {
    /// A host of the plan, at the address that was used.
    #[must_use]
    pub fn planned(name: &Domain, priority: u16, at: SocketAddr, require: &Requirement) -> Self {
        Self {
            name: name.to_string(),
            priority: Some(priority),
            address: Some(at),
            required: Some(require.as_str().to_owned()),
        }
    }

    /// A server of the settings.
    #[must_use]
    pub fn configured(name: &str) -> Self {
        Self { name: name.to_owned(), priority: None, address: None, required: None }
    }
}

/// Characters of a server's words that are kept: a reply may have any number of lines of 512 bytes
/// (RFC 5321 section 4.5.3.1.5), of which the first say what there is to say.
const LONGEST_WORDS: usize = 2_000;
const WAYS: [Way; 4] = [
    Way::Route(Route::Direct),
    Way::Route(Route::Provider),
    Way::Route(Route::Gateway),
    Way::Ordinary,
];
