//! Whether a domain's answers can be believed (R-SEND-4, RFC 4033 section 5).

use super::Verdict::{AnotherWay, Direct, Refuse};
use super::Zone::{
    Above, ExpiredSignatures, FutureSignatures, Island, Missing, Nsec3, OptOut, Spoilt, Unsigned,
    WrongDs,
};
use super::{Case, Cert, Host, Server, Spoil, Tlsa, VALID, case, host, zoned};

/// The domains.
#[rustfmt::skip]
pub const CASES: &[Case] = &[
    case("*.jokerteken.test", "record and MX by a wildcard in an NSEC zone", &[VALID], &[(10, "mx.jokerteken.test")], Direct("mx.jokerteken.test"), "R-SEND-5"),
    zoned(Nsec3, case("*.joker3.test", "record and MX by a wildcard in an NSEC3 zone", &[VALID], &[(10, "mx.joker3.test")], Direct("mx.joker3.test"), "R-SEND-5")),
    case("jokertlsa.test", "TLSA by a wildcard in an NSEC zone", &[VALID], &[(10, "mx.jokertlsa.test")], Direct("mx.jokertlsa.test"), "R-SEND-5"),
    zoned(Nsec3, case("jokertlsa3.test", "TLSA by a wildcard in an NSEC3 zone", &[VALID], &[(10, "mx.jokertlsa3.test")], Direct("mx.jokertlsa3.test"), "R-SEND-5")),
    zoned(Nsec3, case("pkix.test", "no TLSA, proved by NSEC3; a certificate of a trusted authority", &[VALID], &[(10, "mx.pkix.test")], Direct("mx.pkix.test"), "R-SEND-6")),
    case("pkixnsec.test", "no TLSA, proved by NSEC; a certificate of a trusted authority", &[VALID], &[(10, "mx.pkixnsec.test")], Direct("mx.pkixnsec.test"), "R-SEND-6"),

    zoned(OptOut, case("uitzondering.test", "an NSEC3 zone with opt-out, whose own records are signed", &[VALID], &[(10, "mx.goed.test")], Direct("mx.goed.test"), "R-SEND-5")),
    case("met.uitzondering.test", "a signed zone below one with opt-out", &[VALID], &[(10, "mx.goed.test")], Direct("mx.goed.test"), "R-SEND-5"),
    zoned(Unsigned, case("zonder.uitzondering.test", "an unsigned zone below one with opt-out", &[VALID], &[(10, "mx.goed.test")], AnotherWay, "R-SEND-7")),
    zoned(Missing, case("niets.uitzondering.test", "a name that does not exist below a zone with opt-out", &[], &[], AnotherWay, "R-SEND-2")),
    zoned(Above, case("boven.test", "a name in a zone with NSEC3", &[VALID], &[(10, "mx.goed.test")], Direct("mx.goed.test"), "R-SEND-5")),
    zoned(Unsigned, case("kind.jokertlsa.test", "an unsigned zone below one with NSEC", &[VALID], &[(10, "mx.goed.test")], AnotherWay, "R-SEND-7")),
    zoned(Unsigned, case("onveilig.test", "an unsigned zone; TLSA and certificate good", &[VALID], &[(10, "mx.onveilig.test")], AnotherWay, "R-SEND-7")),
    zoned(Unsigned, case("onveiligca.test", "an unsigned zone, certificate good: annex B without a mark", &[VALID], &[(10, "mx.pkix.test")], AnotherWay, "R-SEND-7")),
    zoned(Unsigned, case("onveiligntamx.test", "an unsigned zone whose ntamx is a host that is good", &["v=NTA7516-1;startdate=2020-01;enddate=2035-12;provider=LAB;ntamx=10 mx.goed.test"], &[(10, "mx.goed.test")], AnotherWay, "R-SEND-7")),
    zoned(Unsigned, case("onveiligleeg.test", "an unsigned zone without a record", &["v=spf1 -all"], &[(10, "mx.goed.test")], AnotherWay, "R-SEND-2")),
    zoned(Unsigned, case("onveiligverlopen.test", "an unsigned zone with a record whose period is over", &["v=NTA7516-1;startdate=2019-06;enddate=2020-09;provider=LAB"], &[(10, "mx.goed.test")], AnotherWay, "R-SEND-3")),
    zoned(Island, case("eiland.test", "a signed zone that nobody above vouches for", &[VALID], &[(10, "mx.goed.test")], AnotherWay, "R-SEND-7")),

    zoned(WrongDs, case("verkeerdeds.test", "a zone whose DS is of another key", &[VALID], &[(10, "mx.goed.test")], Refuse, "R-SEND-4")),
    zoned(ExpiredSignatures, case("oudehandtekening.test", "a zone whose signatures have expired", &[VALID], &[(10, "mx.goed.test")], Refuse, "R-SEND-4")),
    zoned(FutureSignatures, case("vroegehandtekening.test", "a zone whose signatures do not hold yet", &[VALID], &[(10, "mx.goed.test")], Refuse, "R-SEND-4")),
    zoned(Spoilt(Spoil::Txt), case("nagemaakt.test", "a record altered after signing", &[VALID], &[(10, "mx.goed.test")], Refuse, "R-SEND-4")),
    zoned(Spoilt(Spoil::NoTxt), case("recordweg.test", "a record taken out after signing: not the same as none", &[VALID], &[(10, "mx.goed.test")], Refuse, "R-SEND-4")),
    zoned(Spoilt(Spoil::NoSignature), case("handtekeningweg.test", "a record whose signature was taken out", &[VALID], &[(10, "mx.goed.test")], Refuse, "R-SEND-4")),
    zoned(Spoilt(Spoil::Mx), case("mxnagemaakt.test", "MX altered after signing", &[VALID], &[(10, "mx.goed.test")], Refuse, "R-SEND-5")),
    zoned(Spoilt(Spoil::NoMx), case("mxweg.test", "MX taken out after signing; the domain has an address with a good certificate", &[VALID], &[(10, "mx.goed.test")], Refuse, "R-SEND-5")),
    zoned(Spoilt(Spoil::Addresses), case("adresnagemaakt.test", "the host's address altered after signing", &[VALID], &[(10, "mx.adresnagemaakt.test")], Refuse, "R-SEND-5")),
    zoned(Spoilt(Spoil::Tlsa), case("tlsanagemaakt.test", "TLSA altered after signing", &[VALID], &[(10, "mx.tlsanagemaakt.test")], Refuse, "R-SEND-5")),
    zoned(Spoilt(Spoil::NoTlsa), case("tlsaweg.test", "TLSA taken out after signing, certificate good: not the same as none", &[VALID], &[(10, "mx.tlsaweg.test")], Refuse, "R-SEND-5")),
    zoned(Unsigned, case("bijlageb.test", "an unsigned zone, a certificate with a supplier's mark (annex B)", &[VALID], &[(10, "mx.bijlageb.test")], AnotherWay, "R-SEND-7")),
];

/// Their hosts.
#[rustfmt::skip]
pub const HOSTS: &[Host] = &[
    host("mx.jokerteken.test", Cert::Own, Tlsa::Ee, Server::StartTls),
    host("mx.joker3.test", Cert::Own, Tlsa::Ee, Server::StartTls),
    host("mx.jokertlsa.test", Cert::Own, Tlsa::EeWildcard, Server::StartTls),
    host("mx.jokertlsa3.test", Cert::Own, Tlsa::EeWildcard, Server::StartTls),
    host("mx.pkix.test", Cert::World, Tlsa::Absent, Server::StartTls),
    host("mx.pkixnsec.test", Cert::World, Tlsa::Absent, Server::StartTls),
    host("mx.onveilig.test", Cert::World, Tlsa::Ee, Server::StartTls),
    host("mxweg.test", Cert::World, Tlsa::Absent, Server::StartTls),
    host("mx.adresnagemaakt.test", Cert::Own, Tlsa::Ee, Server::StartTls),
    host("mx.tlsanagemaakt.test", Cert::Own, Tlsa::Ee, Server::StartTls),
    host("mx.tlsaweg.test", Cert::World, Tlsa::Ee, Server::StartTls),
    host("mx.bijlageb.test", Cert::Marked, Tlsa::Absent, Server::StartTls),
];
