//! Which mail hosts a domain names, and how many (R-DNS-3, RFC 5321 section 5.1, RFC 7672 section 2.2).

use super::Verdict::{AnotherWay, Direct, Refuse};
use super::Zone::Above;
use super::{Alias, Case, Cert, Host, Server, Tlsa, VALID, Zone, case, host, zoned};

/// The domains.
#[rustfmt::skip]
pub const CASES: &[Case] = &[
    case("praktijk.test", "the sender's own domain", &[VALID, "v=spf1 -all"], &[(10, "mx.praktijk.test")], Direct("mx.praktijk.test"), "R-SEND-5"),
    zoned(Zone::Nsec3, case("goed.test", "DANE 3 1 1, the good case", &[VALID], &[(10, "mx.goed.test")], Direct("mx.goed.test"), "R-SEND-5")),

    zoned(Above, case("ntamx1.test", "one ntamx, in another zone; the MX takes no mail", &["v=NTA7516-1;startdate=2020-01;enddate=2035-12;provider=LAB;ntamx=10 mx.goed.test"], &[(10, "mx.onbereikbaar.test")], Direct("mx.goed.test"), "R-SEND-5")),
    case("ntamx.test", "two ntamx: the lowest number first, the MX is not for NTA mail", &["v=NTA7516-1;startdate=2020-01;enddate=2035-12;provider=LAB;ntamx=20 nta2.ntamx.test;ntamx=10 nta1.ntamx.test"], &[(10, "mx.ntamx.test")], Direct("nta1.ntamx.test"), "R-SEND-5"),
    case("reserve.test", "two ntamx, the first one down", &["v=NTA7516-1;startdate=2020-01;enddate=2035-12;provider=LAB;ntamx=10 nta1.reserve.test;ntamx=20 nta2.reserve.test"], &[(10, "nta1.reserve.test")], Direct("nta2.reserve.test"), "R-SEND-5"),
    zoned(Above, case("ntamxmis.test", "two ntamx, the first with TLSA of another key", &["v=NTA7516-1;startdate=2020-01;enddate=2035-12;provider=LAB;ntamx=10 mx.mismatch.test;ntamx=20 mx.goed.test"], &[(10, "mx.goed.test")], Direct("mx.goed.test"), "R-SEND-5")),
    zoned(Above, case("ntamxslecht.test", "one ntamx with TLSA of another key; the MX is good, and not for NTA mail", &["v=NTA7516-1;startdate=2020-01;enddate=2035-12;provider=LAB;ntamx=10 mx.mismatch.test"], &[(10, "mx.goed.test")], Refuse, "R-SEND-5")),
    zoned(Above, case("ntamxonveilig.test", "an ntamx in an unsigned zone, certificate good", &["v=NTA7516-1;startdate=2020-01;enddate=2035-12;provider=LAB;ntamx=10 mx.onveilig.test"], &[(10, "mx.goed.test")], Direct("mx.onveilig.test"), "R-SEND-6")),
    zoned(Above, case("ntamxnulmx.test", "an ntamx, and a null MX: ordinary mail is not taken", &["v=NTA7516-1;startdate=2020-01;enddate=2035-12;provider=LAB;ntamx=10 mx.goed.test"], &[(0, ".")], Direct("mx.goed.test"), "R-SEND-5")),

    zoned(Above, case("tweemx.test", "two MX, the first with TLSA of another key", &[VALID], &[(20, "mx.goed.test"), (10, "mx.mismatch.test")], Direct("mx.goed.test"), "R-SEND-5")),
    zoned(Above, case("mxuit.test", "two MX, the first down", &[VALID], &[(10, "mx.onbereikbaar.test"), (20, "mx.goed.test")], Direct("mx.goed.test"), "R-SEND-5")),
    zoned(Above, case("mxbogus.test", "three MX, of which one has TLSA that is bogus and one no address", &[VALID], &[(10, "mx.tlsanagemaakt.test"), (20, "nergens.goed.test"), (30, "mx.goed.test")], Direct("mx.goed.test"), "R-SEND-5")),
    zoned(Above, case("mxdanepkix.test", "two MX: DANE that mismatches, then none and a good certificate", &[VALID], &[(10, "mx.mismatch.test"), (20, "mx.pkix.test")], Direct("mx.pkix.test"), "R-SEND-6")),
    zoned(Above, case("danenietpkixniet.test", "two MX: DANE that mismatches, then none and a certificate for another name", &[VALID], &[(10, "mx.mismatch.test"), (20, "mx.verkeerdenaam.test")], Refuse, "R-SEND-5")),
    zoned(Above, case("nulmx.test", "a record, and a null MX: takes no mail", &[VALID], &[(0, ".")], AnotherWay, "R-SEND-5")),
    zoned(Above, case("nulmxnaast.test", "a null MX beside an MX, which RFC 7505 forbids: the host counts", &[VALID], &[(0, "."), (10, "mx.goed.test")], Direct("mx.goed.test"), "R-SEND-5")),
    case("zondermx.test", "no MX, but an address: the domain is the host (RFC 5321 section 5.1)", &[VALID], &[], Direct("zondermx.test"), "R-SEND-5"),
    zoned(Above, case("zonderhost.test", "neither MX nor address", &[VALID], &[], AnotherWay, "R-SEND-5")),
    zoned(Above, case("mxadres.test", "an MX that looks like an address", &[VALID], &[(10, "127.0.0.1")], AnotherWay, "R-SEND-5")),
    zoned(Above, case("mxlos.test", "an MX host that does not exist", &[VALID], &[(10, "nergens.goed.test")], AnotherWay, "R-SEND-5")),
    zoned(Above, case("mx-onveilig.test", "its MX host stands in an unsigned zone, certificate good", &[VALID], &[(10, "mx.onveilig.test")], Direct("mx.onveilig.test"), "R-SEND-6")),
    case("xn--zrg-gna.test", "a domain of another script: zórg.test", &[VALID], &[(10, "mx.xn--zrg-gna.test")], Direct("mx.xn--zrg-gna.test"), "R-SEND-5"),

    case("alias.test", "its MX is a CNAME within the zone; TLSA at the end of it (RFC 7672 section 2.2.3)", &[VALID], &[(10, "mx.alias.test")], Direct("echt.alias.test"), "R-SEND-5"),
    zoned(Above, case("aliasuit.test", "its MX is a CNAME into another signed zone", &[VALID], &[(10, "mx.aliasuit.test")], Direct("mx.goed.test"), "R-SEND-5")),
    zoned(Above, case("aliasonveilig.test", "its MX is a CNAME into an unsigned zone; the certificate has the MX name", &[VALID], &[(10, "mx.aliasonveilig.test")], Direct("mx.onveilig.test"), "R-SEND-6")),
    zoned(Above, case("aliasdane.test", "its MX is a CNAME into an unsigned zone; TLSA at the MX name, which is signed (RFC 7672 section 2.2.2)", &[VALID], &[(10, "mx.aliasdane.test")], Direct("mx.onveilig.test"), "R-SEND-5")),
    zoned(Above, case("aliasdanemis.test", "its MX is a CNAME into an unsigned zone; TLSA of another key at the MX name, certificate good", &[VALID], &[(10, "mx.aliasdanemis.test")], Refuse, "R-SEND-5")),
    zoned(Above, case("aliaszelf.test", "its MX is a CNAME; TLSA at the MX name alone", &[VALID], &[(10, "mx.aliaszelf.test")], Direct("mx.pkix.test"), "R-SEND-5")),
    zoned(Above, case("aliasmis.test", "its MX is a CNAME; TLSA of another key at its end, and of the right one at the MX name", &[VALID], &[(10, "mx.aliasmis.test")], Refuse, "R-SEND-5")),
    zoned(Above, case("aliasweg.test", "its MX is a CNAME; the TLSA at its end are bogus, the certificate is good", &[VALID], &[(10, "mx.aliasweg.test")], Refuse, "R-SEND-5")),
];

/// Their hosts.
#[rustfmt::skip]
pub const HOSTS: &[Host] = &[
    host("mx.praktijk.test", Cert::Own, Tlsa::Ee, Server::StartTls),
    host("mx.goed.test", Cert::Own, Tlsa::Ee, Server::StartTls),
    host("nta1.ntamx.test", Cert::Own, Tlsa::Ee, Server::StartTls),
    host("nta2.ntamx.test", Cert::Own, Tlsa::Ee, Server::StartTls),
    host("mx.ntamx.test", Cert::Own, Tlsa::Ee, Server::StartTls),
    host("nta1.reserve.test", Cert::Own, Tlsa::Ee, Server::Nobody),
    host("nta2.reserve.test", Cert::Own, Tlsa::Ee, Server::StartTls),
    host("zondermx.test", Cert::Own, Tlsa::Ee, Server::StartTls),
    host("mx.xn--zrg-gna.test", Cert::Own, Tlsa::Ee, Server::StartTls),
    host("echt.alias.test", Cert::Own, Tlsa::Ee, Server::StartTls),
];

/// Other names of hosts.
#[rustfmt::skip]
pub const ALIASES: &[Alias] = &[
    Alias { name: "mx.alias.test", host: "echt.alias.test", tlsa: Tlsa::Absent },
    Alias { name: "mx.aliasuit.test", host: "mx.goed.test", tlsa: Tlsa::Absent },
    Alias { name: "mx.aliasonveilig.test", host: "mx.onveilig.test", tlsa: Tlsa::Absent },
    Alias { name: "mx.aliasdane.test", host: "mx.onveilig.test", tlsa: Tlsa::Ee },
    Alias { name: "mx.aliasdanemis.test", host: "mx.onveilig.test", tlsa: Tlsa::Mismatch },
    Alias { name: "mx.aliaszelf.test", host: "mx.pkix.test", tlsa: Tlsa::Ee },
    Alias { name: "mx.aliasmis.test", host: "mx.mismatch.test", tlsa: Tlsa::Ee },
    Alias { name: "mx.aliasweg.test", host: "mx.tlsaweg.test", tlsa: Tlsa::Absent },
    Alias { name: "mx.scriptnaam.test", host: "mx.script5.test", tlsa: Tlsa::Absent },
];
