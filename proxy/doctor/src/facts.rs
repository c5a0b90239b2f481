//! What was seen of a domain, before anything is judged.

use std::net::IpAddr;

use jiff::Timestamp;
use mail::{Address, Domain};
use nta7516::facts::{RecipientFacts, Seen, Trouble};
use nta7516::plan::{Policy, Requirement};
use nta7516::record::Txt;
use nta7516::tls::Grade;

use crate::{Proof, Selector, Text};

/// An answer to a question for TXT records.
pub type TxtAnswer = Result<Seen<Vec<Txt>>, Trouble>;

/// All that was seen of one domain.
#[derive(Debug, Clone)]
pub struct Facts {
    /// The domain.
    pub domain: Domain,
    /// When it was looked at.
    pub now: Timestamp,
    /// The port on which mail hosts were asked: 25.
    pub port: u16,
    /// What the organisation sets about the parts that the guide leaves open.
    pub policy: Policy,
    /// The TXT records of the domain itself.
    pub txt: TxtAnswer,
    /// What the sending scheme asks about a recipient there. Other than for a mail, hosts are
    /// looked up where no record holds, too.
    pub recipient: RecipientFacts,
    /// Where the hosts are from.
    pub named: Named,
    /// The TXT records of the supplier's domain, where that is known.
    pub supplier: Option<Asked>,
    /// The domain's own TXT records, then those of each domain that `redirect=` of SPF leads to.
    pub spf: Vec<Asked>,
    /// The names at which a DMARC record was looked for, up to where there was one.
    pub dmarc: Vec<Asked>,
    /// The selectors that were asked for.
    pub dkim: Vec<(Selector, TxtAnswer)>,
    /// The connections that were made, in order.
    pub visits: Vec<Visit>,
    /// Was `NTA7516@` the domain to be asked for?
    pub mailbox: crate::Mailbox,
}

/// A question for TXT records, and what came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// Whose records.
    pub name: Domain,
    /// The answer.
    pub txt: TxtAnswer,
}

/// Where the mail hosts of a domain are from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Named {
    /// From `ntamx` in the record that holds today.
    NtaMx,
    /// From MX records.
    Mx,
    /// The domain has no MX records and is its own host (RFC 5321 section 5.1).
    Itself,
    /// From nothing: the domain says that it takes no mail (RFC 7505).
    Null,
    /// It could not be seen.
    Unseen,
}

/// A connection to make: to this address, as this host, under this proof.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// The host.
    pub host: Domain,
    /// Its address.
    pub address: IpAddr,
    /// What it must prove.
    pub require: Requirement,
    /// Whether it takes mail for this address is asked, once it proved itself.
    pub mailbox: Option<Address>,
}

/// A connection that was made, and what was seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Visit {
    /// To whom.
    pub call: Call,
    /// What was seen.
    pub sight: Sight,
}

/// What was seen of a host on one connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sight {
    /// Does it offer STARTTLS?
    pub starttls: StartTls,
    /// The certificate that it showed, good or not.
    pub certificate: Option<Certificate>,
    /// What it proved, or why not.
    pub outcome: Result<Met, Failure>,
    /// What it said of the mailbox, where it was asked.
    pub mailbox: Option<Taken>,
}

/// Whether STARTTLS (RFC 3207) is offered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StartTls {
    /// The dialogue did not come that far.
    Unseen,
    /// It is not.
    Missing,
    /// It is.
    Offered,
}

/// A certificate as it was shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificate {
    /// SHA-256 of its public key (`SubjectPublicKeyInfo`), in hexadecimal: what TLSA 3 1 1 holds.
    pub key_sha256: String,
    /// The first moment at which it holds.
    pub from: Timestamp,
    /// The last.
    pub until: Timestamp,
    /// The names that it is for.
    pub names: Vec<String>,
    /// Who issued it.
    pub issuer: String,
}

/// A proof that held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Met {
    /// By what.
    pub proof: Proof,
    /// Version, suite and key exchange, as the TLS library names them.
    pub connection: String,
    /// The grade by the guide's own list (R-TLS-1).
    pub guide: Grade,
    /// The grade by the newest list.
    pub newest: Grade,
    /// The length of an RSA key in bits.
    pub rsa_bits: Option<u32>,
    /// What the host stapled about its certificate.
    pub staple: Staple,
}

/// An OCSP answer that came with the certificate; "revoked" is a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Staple {
    /// None came.
    Absent,
    /// It says that the certificate is good.
    Good,
    /// It proves nothing.
    ProvesNothing,
}

/// Why there is no proof.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// What kind of failure.
    pub kind: FailureKind,
    /// May it be otherwise later?
    pub lasts: Lasts,
    /// What happened, as a part of a sentence.
    pub text: Text,
}

/// Kinds of failure, by what mends them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FailureKind {
    /// No connection, or none that went on.
    Unreachable,
    /// The host turns us away.
    TurnedAway,
    /// It offers no STARTTLS.
    NoStartTls,
    /// The certificate is not the one that TLSA names.
    NoTlsaMatch,
    /// The certificate is for another name.
    WrongName,
    /// It is out of date.
    Expired,
    /// Nobody who is trusted issued it.
    UnknownIssuer,
    /// Its key is too short.
    WeakKey,
    /// It was revoked.
    Revoked,
    /// It has no supplier's mark.
    NoMark,
    /// TLS itself failed.
    Tls,
}

/// Whether a failure lasts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lasts {
    /// Trying later may help.
    ForNow,
    /// Until somebody mends something.
    UntilMended,
}

/// What a host said to RCPT.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Taken {
    /// It takes mail for the address.
    Yes,
    /// It does not; with its reply.
    No(String),
    /// It cannot say now; with its reply, or what happened.
    NotNow(String),
}
