//! The mail domains of the test world: what each publishes, and what must come out for it.
//!
//! Everything ends in `test.` (RFC 6761 section 6.2). A domain's name says its peculiarity in Dutch.
//! The table is in parts by subject: [`records`], [`hosts`](mod@hosts), [`dnssec`], [`proofs`],
//! [`servers`], [`publishes`] and [`suppliers`]. Where only the record is peculiar, the domain's MX is a host that is good.

pub mod dnssec;
pub mod hosts;
pub mod proofs;
pub mod publishes;
pub mod records;
pub mod servers;
pub mod suppliers;

/// One mail domain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Case {
    /// The mail domain, without the last dot.
    pub domain: &'static str,
    /// What it is for.
    pub purpose: &'static str,
    /// How its zone is signed.
    pub zone: Zone,
    /// The TTL of its TXT records, in seconds.
    pub ttl: u32,
    /// Its TXT records.
    pub txt: &'static [&'static str],
    /// Its MX records: preference and host; `"."` is the null MX (RFC 7505).
    pub mx: &'static [(u16, &'static str)],
    /// What must come out for a health mail to it by the route `direct`.
    pub verdict: Verdict,
    /// The clause of the step that decides.
    pub step: &'static str,
}

/// What must come out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Handed over to this host, which takes it.
    Direct(&'static str),
    /// Another way (R-ALT-1): it may not go by this one.
    AnotherWay,
    /// Refused for good, never by a fall-back.
    Refuse,
    /// Tried again later: now nothing can be said, or the host said 4xx.
    Later,
    /// The way is right, and the host refuses the recipient with 5xx.
    RefusedByHost(&'static str),
}

/// How a zone is signed, and what is spoilt in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Zone {
    /// No zone of its own: a name in the zone above it.
    Above,
    /// Neither zone nor name: it does not exist.
    Missing,
    /// With NSEC.
    Nsec,
    /// With NSEC3.
    Nsec3,
    /// With NSEC3 and opt-out (RFC 5155 section 6): it says nothing about unsigned zones below it.
    OptOut,
    /// Not at all: an insecure delegation.
    Unsigned,
    /// Signed, and nobody above vouches for its key: an island of security (RFC 4033 section 2).
    Island,
    /// Signed, then altered.
    Spoilt(Spoil),
    /// Signed, but the parent's DS is of another key.
    WrongDs,
    /// Signed, with signatures that ended in 2020.
    ExpiredSignatures,
    /// Signed, with signatures that begin in 2090.
    FutureSignatures,
}

/// What is altered in a zone after signing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Spoil {
    /// The TXT records have another supplier.
    Txt,
    /// The MX records have another preference.
    Mx,
    /// The addresses are others.
    Addresses,
    /// The TLSA records have another selector.
    Tlsa,
    /// The TXT records are gone, with their signatures.
    NoTxt,
    /// The MX records are gone, with their signatures.
    NoMx,
    /// The TLSA records are gone, with their signatures.
    NoTlsa,
    /// The signatures of the TXT records are gone.
    NoSignature,
}

/// A receiving host.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Host {
    /// Its name, in one of the zones of the table.
    pub name: &'static str,
    /// Its certificate, for this name and those of its [`hosts::ALIASES`].
    pub certificate: Cert,
    /// What it publishes at `_25._tcp` and at the world's port.
    pub tlsa: Tlsa,
    /// Who answers there.
    pub server: Server,
}

/// Another name of a host: a CNAME.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Alias {
    /// The name, in one of the zones of the table.
    pub name: &'static str,
    /// The host's own name.
    pub host: &'static str,
    /// What is published of the host's key below the alias.
    pub tlsa: Tlsa,
}

/// The certificate of a host.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cert {
    /// From the world's authority, in date, with the host's name.
    World,
    /// The same, with a wildcard for the host's name (RFC 6125 section 6.4.3).
    Wildcard,
    /// The same, with an RSA key of this many bits.
    Rsa(u32),
    /// Signed by itself.
    Own,
    /// Signed by itself, for another name, and ended in 2021.
    OwnOldOfOther,
    /// From an authority that nobody trusts, which is in the chain.
    Other,
    /// The same, for another name.
    OtherWrongName,
    /// The same, ended in 2021.
    OtherExpired,
    /// From the world's authority, for another name.
    WrongName,
    /// From the world's authority, ended in 2021.
    Expired,
    /// From the world's authority, valid from 2040.
    Future,
    /// From the world's authority, with [`OU_MARK`] as an organisational unit.
    Marked,
}

/// TLSA records (RFC 6698) of a host.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tlsa {
    /// None.
    Absent,
    /// `3 1 1` of its key.
    Ee,
    /// `3 0 1` of its certificate.
    EeCertificate,
    /// `3 1 2` of its key.
    EeSha512,
    /// `3 1 0`: its key as it is.
    EeWhole,
    /// `3 1 1` of its key, by a wildcard `*._tcp`.
    EeWildcard,
    /// `3 1 1` of a key that it does not have, and one of its own: a roll-over.
    RollOver,
    /// `1 1 1` and `3 1 1`, both of its key.
    Mixed,
    /// `1 1 1` of its key and `3 1 1` of a key that it does not have.
    MixedMismatch,
    /// `2 1 1` of its authority's key.
    Ta,
    /// `2 0 1` of its authority's certificate.
    TaCertificate,
    /// `3 1 1` of a key that it does not have.
    Mismatch,
    /// Only `1 1 1`, which SMTP cannot use (RFC 7672 section 3.1.3).
    Unusable,
    /// Only `3 1 9`, a matching type that nobody has defined.
    UnknownMatching,
}

/// Who answers at a host's address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Server {
    /// Postfix with STARTTLS.
    StartTls,
    /// Postfix without STARTTLS.
    Plain,
    /// Postfix that offers STARTTLS and answers 454 to it: its own set-up is broken.
    BrokenTls,
    /// Postfix with STARTTLS by TLS 1.0 alone.
    Tls10,
    /// Postfix with STARTTLS by TLS 1.2 alone, and of that the suites with CBC.
    OnlyCbc,
    /// Nobody: the connection is refused.
    Nobody,
    /// Whoever a test starts with `World::script`.
    Script,
}

/// The TXT record that most domains publish; its period is long past and long to come.
pub const VALID: &str = "v=NTA7516-1;startdate=2020-01;enddate=2035-12;provider=LAB";

/// The sender's domain with a valid record.
pub const SENDER: &str = "praktijk.test";
/// A sender's domain without a record (R-SEND-9).
pub const SENDER_WITHOUT_RECORD: &str = "zonderclaim.test";
/// The domain of the provider; its supplier's record (R-DNS-4) stands here.
pub const PROVIDER: &str = "lab.test";
/// The provider's mark.
pub const MARK: &str = "LAB";
/// The mark of a certified supplier in certificates (R-SEND-7).
pub const OU_MARK: &str = "NTA-LAB";
/// Where the DKIM key of [`SENDER`] stands: `SELECTOR._domainkey.praktijk.test`.
pub const SELECTOR: &str = "lab";

/// Every mail domain of the world.
pub fn all() -> impl Iterator<Item = &'static Case> {
    let parts = [records::CASES, hosts::CASES, dnssec::CASES, proofs::CASES];
    parts.into_iter().chain([servers::CASES, publishes::CASES, suppliers::CASES]).flatten()
}

/// Every receiving host of the world. All listen on one port, each on an address of its own.
pub fn all_hosts() -> impl Iterator<Item = &'static Host> {
    let parts = [hosts::HOSTS, dnssec::HOSTS, proofs::HOSTS, servers::HOSTS, publishes::HOSTS];
    parts.into_iter().flatten()
}

/// The case of this domain.
#[must_use]
pub fn domain(name: &str) -> Option<&'static Case> {
    all().find(|case| case.domain == name)
}

impl Case {
    /// The apex of its own zone, where it has one: the domain, or what is right of a wildcard.
    pub(crate) fn apex(&self) -> Option<&'static str> {
        match self.zone {
            Zone::Above | Zone::Missing => None,
            _ => Some(self.domain.strip_prefix("*.").unwrap_or(self.domain)),
        }
    }

    /// Is a host of it one that tests script, so that its outcome changes while they run?
    #[must_use]
    pub fn is_scripted(&self) -> bool {
        self.domain.starts_with("script") || self.domain == "uitwijk.test"
    }

    /// A mail domain that the case is about: the domain, or one that its wildcard covers.
    #[must_use]
    pub fn mail_domain(&self) -> String {
        self.domain.replace('*', "huisarts")
    }
}

const fn case(
    domain: &'static str,
    purpose: &'static str,
    txt: &'static [&'static str],
    mx: &'static [(u16, &'static str)],
    verdict: Verdict,
    step: &'static str,
) -> Case {
    Case { domain, purpose, zone: Zone::Nsec, ttl: 300, txt, mx, verdict, step }
}

const fn zoned(zone: Zone, case: Case) -> Case {
    Case { zone, ..case }
}

const fn lasting(ttl: u32, case: Case) -> Case {
    Case { ttl, ..case }
}

const fn host(name: &'static str, certificate: Cert, tlsa: Tlsa, server: Server) -> Host {
    Host { name, certificate, tlsa, server }
}
