//! The mail domains of the test world: what each publishes, and what must come out for it.
//!
//! Everything ends in `test.` (RFC 6761 section 6.2). A domain's name says its peculiarity in Dutch.

/// One mail domain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Case {
    /// The mail domain, without the last dot.
    pub domain: &'static str,
    /// What it is for.
    pub purpose: &'static str,
    /// How its zone is signed.
    pub zone: Zone,
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
    /// With NSEC.
    Nsec,
    /// With NSEC3.
    Nsec3,
    /// Not at all: an insecure delegation.
    Unsigned,
    /// Signed, then the TXT record altered.
    BogusTxt,
    /// Signed, then the TLSA records altered.
    BogusTlsa,
    /// Signed, but the parent's DS is of another key.
    WrongDs,
    /// Signed, with signatures that ended in 2020.
    ExpiredSignatures,
}

/// A receiving host.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Host {
    /// Its name, in one of the zones of [`DOMAINS`].
    pub name: &'static str,
    /// Its certificate.
    pub certificate: Cert,
    /// What it publishes at `_25._tcp` and at the world's port.
    pub tlsa: Tlsa,
    /// Who answers there.
    pub server: Server,
}

/// The certificate of a host.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cert {
    /// From the world's authority, in date, with the host's name.
    World,
    /// Signed by itself.
    Own,
    /// From an authority that nobody trusts, which is in the chain.
    Other,
    /// From the world's authority, for another name.
    WrongName,
    /// From the world's authority, ended in 2021.
    Expired,
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
    /// `2 1 1` of its authority's key.
    Ta,
    /// `3 1 1` of a key that it does not have.
    Mismatch,
    /// Only `1 1 1`, which SMTP cannot use (RFC 7672 section 3.1.3).
    Unusable,
}

/// Who answers at a host's address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Server {
    /// Postfix with STARTTLS.
    StartTls,
    /// Postfix without STARTTLS.
    Plain,
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

const fn case(
    domain: &'static str,
    purpose: &'static str,
    txt: &'static [&'static str],
    mx: &'static [(u16, &'static str)],
    verdict: Verdict,
    step: &'static str,
) -> Case {
    Case { domain, purpose, zone: Zone::Nsec, txt, mx, verdict, step }
}

const fn zoned(zone: Zone, case: Case) -> Case {
    Case { zone, ..case }
}

const fn host(name: &'static str, certificate: Cert, tlsa: Tlsa, server: Server) -> Host {
    Host { name, certificate, tlsa, server }
}

use Verdict::{AnotherWay, Direct, Later, Refuse, RefusedByHost};

/// Every mail domain of the world.
#[rustfmt::skip]
pub const DOMAINS: &[Case] = &[
    case("praktijk.test", "the sender's own domain", &[VALID, "v=spf1 -all"], &[(10, "mx.praktijk.test")], Direct("mx.praktijk.test"), "R-SEND-5"),
    case("zonderclaim.test", "a sender whose domain claims nothing", &[], &[(10, "mx.praktijk.test")], AnotherWay, "R-SEND-2"),

    zoned(Zone::Nsec3, case("goed.test", "DANE 3 1 1, the good case", &[VALID], &[(10, "mx.goed.test")], Direct("mx.goed.test"), "R-SEND-5")),
    case("goed-ta.test", "DANE-TA 2 1 1", &[VALID], &[(10, "mx.goed-ta.test")], Direct("mx.goed-ta.test"), "R-SEND-5"),
    case("ntamx.test", "two ntamx: the lowest number first, the MX is not for NTA mail", &["v=NTA7516-1;startdate=2020-01;enddate=2035-12;provider=LAB;ntamx=20 nta2.ntamx.test;ntamx=10 nta1.ntamx.test"], &[(10, "mx.ntamx.test")], Direct("nta1.ntamx.test"), "R-SEND-5"),
    case("reserve.test", "two ntamx, the first one down", &["v=NTA7516-1;startdate=2020-01;enddate=2035-12;provider=LAB;ntamx=10 nta1.reserve.test;ntamx=20 nta2.reserve.test"], &[(10, "nta1.reserve.test")], Direct("nta2.reserve.test"), "R-SEND-5"),
    case("onbereikbaar.test", "its only host is down", &[VALID], &[(10, "mx.onbereikbaar.test")], Later, "R-SEND-5"),
    zoned(Zone::Nsec3, case("pkix.test", "no TLSA, a certificate of a trusted authority", &[VALID], &[(10, "mx.pkix.test")], Direct("mx.pkix.test"), "R-SEND-6")),
    case("onbruikbaar.test", "TLSA of a usage that SMTP cannot use, certificate good", &[VALID], &[(10, "mx.onbruikbaar.test")], Direct("mx.onbruikbaar.test"), "R-SEND-6"),
    case("mx-onveilig.test", "its MX host stands in an unsigned zone, certificate good", &[VALID], &[(10, "mx.onveilig.test")], Direct("mx.onveilig.test"), "R-SEND-6"),
    case("tweerecords.test", "two records whose periods do not overlap", &["v=NTA7516-1;startdate=2019-01;enddate=2019-12;provider=OUD", VALID], &[(10, "mx.tweerecords.test")], Direct("mx.tweerecords.test"), "R-SEND-5"),
    case("*.jokerteken.test", "record and MX by a wildcard in an NSEC zone: use huisarts.jokerteken.test", &[VALID], &[(10, "mx.jokerteken.test")], Direct("mx.jokerteken.test"), "R-SEND-5"),

    zoned(Zone::Nsec3, case("zonderrecord.test", "no record; its mail host is good", &["v=spf1 -all"], &[(10, "mx.zonderrecord.test")], AnotherWay, "R-SEND-2")),
    case("verlopen.test", "a record whose period is over", &["v=NTA7516-1;startdate=2019-06;enddate=2020-09;provider=LAB"], &[(10, "mx.verlopen.test")], AnotherWay, "R-SEND-3"),
    case("toekomst.test", "a record whose period is to come", &["v=NTA7516-1;startdate=2090-01;enddate=2090-12;provider=LAB"], &[(10, "mx.toekomst.test")], AnotherWay, "R-SEND-3"),
    case("ongeldig.test", "a record that breaks the grammar", &["v=NTA7516-1; startdate=2020-1;enddate=2035-12;provider=LAB"], &[(10, "mx.ongeldig.test")], AnotherWay, "R-SEND-3"),
    case("overlap.test", "two records whose periods overlap", &[VALID, "v=NTA7516-1;startdate=2030-01;enddate=2036-12;provider=LAB"], &[(10, "mx.overlap.test")], AnotherWay, "R-SEND-3"),
    case("langettl.test", "a record with a TTL of 200000 s (R-DNS-2)", &[VALID], &[(10, "mx.langettl.test")], AnotherWay, "R-SEND-3"),
    case("geentls.test", "no STARTTLS, no TLSA", &[VALID], &[(10, "mx.geentls.test")], AnotherWay, "R-SEND-6"),
    case("verkeerdenaam.test", "a trusted certificate for another name", &[VALID], &[(10, "mx.verkeerdenaam.test")], AnotherWay, "R-SEND-6"),
    case("certverlopen.test", "a trusted certificate that has expired", &[VALID], &[(10, "mx.certverlopen.test")], AnotherWay, "R-SEND-6"),
    case("onbekendeca.test", "a certificate of an authority that nobody trusts", &[VALID], &[(10, "mx.onbekendeca.test")], AnotherWay, "R-SEND-6"),
    zoned(Zone::Unsigned, case("onveilig.test", "an unsigned zone", &[VALID], &[(10, "mx.onveilig.test")], AnotherWay, "R-SEND-7")),

    case("mismatch.test", "TLSA of another key; the certificate itself is good", &[VALID], &[(10, "mx.mismatch.test")], Refuse, "R-SEND-5"),
    case("danegeentls.test", "TLSA, but no STARTTLS", &[VALID], &[(10, "mx.danegeentls.test")], Refuse, "R-SEND-5"),
    zoned(Zone::BogusTxt, case("nagemaakt.test", "a record altered after signing", &[VALID], &[(10, "mx.nagemaakt.test")], Refuse, "R-SEND-4")),
    zoned(Zone::WrongDs, case("verkeerdeds.test", "a zone whose DS is of another key", &[VALID], &[(10, "mx.verkeerdeds.test")], Refuse, "R-SEND-4")),
    zoned(Zone::ExpiredSignatures, case("oudehandtekening.test", "a zone whose signatures have expired", &[VALID], &[(10, "mx.oudehandtekening.test")], Refuse, "R-SEND-4")),
    zoned(Zone::BogusTlsa, case("tlsanagemaakt.test", "TLSA altered after signing", &[VALID], &[(10, "mx.tlsanagemaakt.test")], Refuse, "R-SEND-5")),
    case("nulmx.test", "a record, and a null MX: takes no mail", &[VALID], &[(0, ".")], AnotherWay, "R-SEND-5"),

    case("weigert.test", "refuses every recipient with 550", &[VALID], &[(10, "mx.weigert.test")], RefusedByHost("mx.weigert.test"), "R-SEND-5"),
    case("steltuit.test", "answers every recipient with 450, until a test says otherwise", &[VALID], &[(10, "mx.steltuit.test")], Later, "R-SEND-5"),

    case("script1.test", "a host that a test scripts", &[VALID], &[(10, "mx.script1.test")], Direct("mx.script1.test"), "R-SEND-5"),
    case("script2.test", "a host that a test scripts", &[VALID], &[(10, "mx.script2.test")], Direct("mx.script2.test"), "R-SEND-5"),
    case("script3.test", "a host that a test scripts", &[VALID], &[(10, "mx.script3.test")], Direct("mx.script3.test"), "R-SEND-5"),
    case("script4.test", "a host that a test scripts", &[VALID], &[(10, "mx.script4.test")], Direct("mx.script4.test"), "R-SEND-5"),

    zoned(Zone::Unsigned, case("bijlageb.test", "an unsigned zone, a certificate with a supplier's mark (annex B)", &[VALID], &[(10, "mx.bijlageb.test")], AnotherWay, "R-SEND-7")),
    case("uitwijk.test", "two MX hosts; the first is scripted by a test, and down else", &[VALID], &[(10, "mx1.uitwijk.test"), (20, "mx2.uitwijk.test")], Direct("mx2.uitwijk.test"), "R-SEND-5"),
];

/// Every receiving host of the world. All listen on one port, each on an address of its own.
#[rustfmt::skip]
pub const HOSTS: &[Host] = &[
    host("mx.praktijk.test", Cert::Own, Tlsa::Ee, Server::StartTls),
    host("mx.goed.test", Cert::Own, Tlsa::Ee, Server::StartTls),
    host("mx.goed-ta.test", Cert::Other, Tlsa::Ta, Server::StartTls),
    host("nta1.ntamx.test", Cert::Own, Tlsa::Ee, Server::StartTls),
    host("nta2.ntamx.test", Cert::Own, Tlsa::Ee, Server::StartTls),
    host("mx.ntamx.test", Cert::Own, Tlsa::Ee, Server::StartTls),
    host("nta1.reserve.test", Cert::Own, Tlsa::Ee, Server::Nobody),
    host("nta2.reserve.test", Cert::Own, Tlsa::Ee, Server::StartTls),
    host("mx.onbereikbaar.test", Cert::Own, Tlsa::Ee, Server::Nobody),
    host("mx.pkix.test", Cert::World, Tlsa::Absent, Server::StartTls),
    host("mx.onbruikbaar.test", Cert::World, Tlsa::Unusable, Server::StartTls),
    host("mx.onveilig.test", Cert::World, Tlsa::Ee, Server::StartTls),
    host("mx.tweerecords.test", Cert::Own, Tlsa::Ee, Server::StartTls),
    host("mx.jokerteken.test", Cert::Own, Tlsa::Ee, Server::StartTls),
    host("mx.zonderrecord.test", Cert::Own, Tlsa::Ee, Server::StartTls),
    host("mx.verlopen.test", Cert::Own, Tlsa::Ee, Server::StartTls),
    host("mx.toekomst.test", Cert::Own, Tlsa::Ee, Server::StartTls),
    host("mx.ongeldig.test", Cert::Own, Tlsa::Ee, Server::StartTls),
    host("mx.overlap.test", Cert::Own, Tlsa::Ee, Server::StartTls),
    host("mx.langettl.test", Cert::Own, Tlsa::Ee, Server::StartTls),
    host("mx.geentls.test", Cert::Own, Tlsa::Absent, Server::Plain),
    host("mx.verkeerdenaam.test", Cert::WrongName, Tlsa::Absent, Server::StartTls),
    host("mx.certverlopen.test", Cert::Expired, Tlsa::Absent, Server::StartTls),
    host("mx.onbekendeca.test", Cert::Other, Tlsa::Absent, Server::StartTls),
    host("mx.mismatch.test", Cert::World, Tlsa::Mismatch, Server::StartTls),
    host("mx.danegeentls.test", Cert::Own, Tlsa::Ee, Server::Plain),
    host("mx.nagemaakt.test", Cert::Own, Tlsa::Ee, Server::StartTls),
    host("mx.verkeerdeds.test", Cert::Own, Tlsa::Ee, Server::StartTls),
    host("mx.oudehandtekening.test", Cert::Own, Tlsa::Ee, Server::StartTls),
    host("mx.tlsanagemaakt.test", Cert::Own, Tlsa::Ee, Server::StartTls),
    host("mx.weigert.test", Cert::Own, Tlsa::Ee, Server::StartTls),
    host("mx.steltuit.test", Cert::Own, Tlsa::Ee, Server::StartTls),
    host("mx.script1.test", Cert::World, Tlsa::Ee, Server::Script),
    host("mx.script2.test", Cert::World, Tlsa::Ee, Server::Script),
    host("mx.script3.test", Cert::World, Tlsa::Ee, Server::Script),
    host("mx.script4.test", Cert::World, Tlsa::Ee, Server::Script),
    host("mx.bijlageb.test", Cert::Marked, Tlsa::Absent, Server::StartTls),
    host("mx1.uitwijk.test", Cert::World, Tlsa::Ee, Server::Script),
    host("mx2.uitwijk.test", Cert::World, Tlsa::Ee, Server::StartTls),
];

impl Case {
    /// The zone's apex: the domain, or what is right of a wildcard.
    pub(crate) fn apex(&self) -> &'static str {
        self.domain.strip_prefix("*.").unwrap_or(self.domain)
    }

    /// The seconds that its records may be cached.
    pub(crate) fn ttl(&self) -> u32 {
        if self.domain == "langettl.test" { 200_000 } else { 300 }
    }
}

/// The case of this domain.
#[must_use]
pub fn domain(name: &str) -> Option<&'static Case> {
    DOMAINS.iter().find(|case| case.domain == name)
}
