//! What a mail host can prove: TLSA (R-SEND-5, RFC 7672 section 3) and certificates (R-SEND-6).

use super::Verdict::{AnotherWay, Direct, Refuse};
use super::{Case, Cert, Host, Server, Tlsa, VALID, Verdict, case, host};

/// A domain of which only the mail host matters; the host's name is `mx.` before it.
const fn proof(
    domain: &'static str,
    purpose: &'static str,
    mx: &'static [(u16, &'static str)],
    verdict: Verdict,
    step: &'static str,
) -> Case {
    case(domain, purpose, &[VALID], mx, verdict, step)
}

/// The domains.
#[rustfmt::skip]
pub const CASES: &[Case] = &[
    proof("dane301.test", "DANE 3 0 1", &[(10, "mx.dane301.test")], Direct("mx.dane301.test"), "R-SEND-5"),
    proof("dane312.test", "DANE 3 1 2", &[(10, "mx.dane312.test")], Direct("mx.dane312.test"), "R-SEND-5"),
    proof("dane310.test", "DANE 3 1 0: the whole key in the record", &[(10, "mx.dane310.test")], Direct("mx.dane310.test"), "R-SEND-5"),
    proof("goed-ta.test", "DANE-TA 2 1 1", &[(10, "mx.goed-ta.test")], Direct("mx.goed-ta.test"), "R-SEND-5"),
    proof("ta201.test", "DANE-TA 2 0 1", &[(10, "mx.ta201.test")], Direct("mx.ta201.test"), "R-SEND-5"),
    proof("sleutelwissel.test", "two TLSA, of which one matches: a key is being replaced", &[(10, "mx.sleutelwissel.test")], Direct("mx.sleutelwissel.test"), "R-SEND-5"),
    proof("gemengd.test", "TLSA of a usage that SMTP cannot use, and one that matches", &[(10, "mx.gemengd.test")], Direct("mx.gemengd.test"), "R-SEND-5"),
    proof("danelos.test", "DANE 3 1 1 with a certificate that is old and for another name: neither counts (RFC 7672 section 3.1.1)", &[(10, "mx.danelos.test")], Direct("mx.danelos.test"), "R-SEND-5"),
    proof("onbruikbaar.test", "TLSA of a usage that SMTP cannot use, certificate good", &[(10, "mx.onbruikbaar.test")], Direct("mx.onbruikbaar.test"), "R-SEND-6"),
    proof("onbekendtype.test", "TLSA of a matching type that nobody knows, certificate good", &[(10, "mx.onbekendtype.test")], Direct("mx.onbekendtype.test"), "R-SEND-6"),

    proof("mismatch.test", "TLSA of another key; the certificate itself is good", &[(10, "mx.mismatch.test")], Refuse, "R-SEND-5"),
    proof("gemengdmis.test", "TLSA that SMTP cannot use, and one of another key; the certificate itself is good", &[(10, "mx.gemengdmis.test")], Refuse, "R-SEND-5"),
    proof("tanaam.test", "DANE-TA, a certificate for another name (RFC 7672 section 3.2.2)", &[(10, "mx.tanaam.test")], Refuse, "R-SEND-5"),
    proof("taverlopen.test", "DANE-TA, a certificate that has expired", &[(10, "mx.taverlopen.test")], Refuse, "R-SEND-5"),
    proof("danersa1024.test", "TLSA that matches an RSA key of 1024 bits (R-TLS-1)", &[(10, "mx.danersa1024.test")], Refuse, "R-SEND-5"),
    proof("danetls10.test", "TLSA, and TLS 1.0 alone", &[(10, "mx.danetls10.test")], Refuse, "R-SEND-5"),
    proof("danegeentls.test", "TLSA, but no STARTTLS", &[(10, "mx.danegeentls.test")], Refuse, "R-SEND-5"),

    proof("jokercert.test", "a trusted certificate with a wildcard for the host", &[(10, "mx.jokercert.test")], Direct("mx.jokercert.test"), "R-SEND-6"),
    proof("rsa2048.test", "a trusted certificate with an RSA key of 2048 bits: reported, not refused", &[(10, "mx.rsa2048.test")], Direct("mx.rsa2048.test"), "R-SEND-6"),
    proof("rsa1024.test", "a trusted certificate with an RSA key of 1024 bits", &[(10, "mx.rsa1024.test")], AnotherWay, "R-SEND-6"),
    proof("zelfondertekend.test", "a certificate signed by itself", &[(10, "mx.zelfondertekend.test")], AnotherWay, "R-SEND-6"),
    proof("onbruikbaarzelf.test", "TLSA of a usage that SMTP cannot use, certificate signed by itself", &[(10, "mx.onbruikbaarzelf.test")], AnotherWay, "R-SEND-6"),
    proof("verkeerdenaam.test", "a trusted certificate for another name", &[(10, "mx.verkeerdenaam.test")], AnotherWay, "R-SEND-6"),
    proof("certverlopen.test", "a trusted certificate that has expired", &[(10, "mx.certverlopen.test")], AnotherWay, "R-SEND-6"),
    proof("certtoekomst.test", "a trusted certificate that is not valid yet", &[(10, "mx.certtoekomst.test")], AnotherWay, "R-SEND-6"),
    proof("onbekendeca.test", "a certificate of an authority that nobody trusts", &[(10, "mx.onbekendeca.test")], AnotherWay, "R-SEND-6"),
    proof("tls10.test", "a trusted certificate, and TLS 1.0 alone", &[(10, "mx.tls10.test")], AnotherWay, "R-SEND-6"),
    proof("cbc.test", "a trusted certificate, and no suite with authenticated encryption", &[(10, "mx.cbc.test")], AnotherWay, "R-SEND-6"),
    proof("geentls.test", "no STARTTLS, no TLSA", &[(10, "mx.geentls.test")], AnotherWay, "R-SEND-6"),
];

/// Their hosts.
#[rustfmt::skip]
pub const HOSTS: &[Host] = &[
    host("mx.dane301.test", Cert::Own, Tlsa::EeCertificate, Server::StartTls),
    host("mx.dane312.test", Cert::Own, Tlsa::EeSha512, Server::StartTls),
    host("mx.dane310.test", Cert::Own, Tlsa::EeWhole, Server::StartTls),
    host("mx.goed-ta.test", Cert::Other, Tlsa::Ta, Server::StartTls),
    host("mx.ta201.test", Cert::Other, Tlsa::TaCertificate, Server::StartTls),
    host("mx.sleutelwissel.test", Cert::Own, Tlsa::RollOver, Server::StartTls),
    host("mx.gemengd.test", Cert::Own, Tlsa::Mixed, Server::StartTls),
    host("mx.danelos.test", Cert::OwnOldOfOther, Tlsa::Ee, Server::StartTls),
    host("mx.onbruikbaar.test", Cert::World, Tlsa::Unusable, Server::StartTls),
    host("mx.onbekendtype.test", Cert::World, Tlsa::UnknownMatching, Server::StartTls),
    host("mx.mismatch.test", Cert::World, Tlsa::Mismatch, Server::StartTls),
    host("mx.gemengdmis.test", Cert::World, Tlsa::MixedMismatch, Server::StartTls),
    host("mx.tanaam.test", Cert::OtherWrongName, Tlsa::Ta, Server::StartTls),
    host("mx.taverlopen.test", Cert::OtherExpired, Tlsa::Ta, Server::StartTls),
    host("mx.danersa1024.test", Cert::Rsa(1024), Tlsa::Ee, Server::StartTls),
    host("mx.danetls10.test", Cert::Own, Tlsa::Ee, Server::Tls10),
    host("mx.danegeentls.test", Cert::Own, Tlsa::Ee, Server::Plain),
    host("mx.jokercert.test", Cert::Wildcard, Tlsa::Absent, Server::StartTls),
    host("mx.rsa2048.test", Cert::Rsa(2048), Tlsa::Absent, Server::StartTls),
    host("mx.rsa1024.test", Cert::Rsa(1024), Tlsa::Absent, Server::StartTls),
    host("mx.zelfondertekend.test", Cert::Own, Tlsa::Absent, Server::StartTls),
    host("mx.onbruikbaarzelf.test", Cert::Own, Tlsa::Unusable, Server::StartTls),
    host("mx.verkeerdenaam.test", Cert::WrongName, Tlsa::Absent, Server::StartTls),
    host("mx.certverlopen.test", Cert::Expired, Tlsa::Absent, Server::StartTls),
    host("mx.certtoekomst.test", Cert::Future, Tlsa::Absent, Server::StartTls),
    host("mx.onbekendeca.test", Cert::Other, Tlsa::Absent, Server::StartTls),
    host("mx.tls10.test", Cert::World, Tlsa::Absent, Server::Tls10),
    host("mx.cbc.test", Cert::World, Tlsa::Absent, Server::OnlyCbc),
    host("mx.geentls.test", Cert::Own, Tlsa::Absent, Server::Plain),
];
