//! What a mail host does once it is reached: puts off, refuses, or is not there.

use super::Verdict::{Direct, Later, RefusedByHost};
use super::Zone::Above;
use super::{Case, Cert, Host, Server, Tlsa, VALID, case, host, zoned};

/// The domains.
#[rustfmt::skip]
pub const CASES: &[Case] = &[
    case("onbereikbaar.test", "its only host is down", &[VALID], &[(10, "mx.onbereikbaar.test")], Later, "R-SEND-5"),
    case("storing.test", "its only host answers 454 to STARTTLS; no TLSA", &[VALID], &[(10, "mx.storing.test")], Later, "R-SEND-6"),
    case("danestoring.test", "its only host answers 454 to STARTTLS; TLSA", &[VALID], &[(10, "mx.danestoring.test")], Later, "R-SEND-5"),
    zoned(Above, case("storingreserve.test", "two MX, of which the first answers 454 to STARTTLS", &[VALID], &[(10, "mx.danestoring.test"), (20, "mx.goed.test")], Direct("mx.goed.test"), "R-SEND-5")),
    case("weigert.test", "refuses every recipient with 550", &[VALID], &[(10, "mx.weigert.test")], RefusedByHost("mx.weigert.test"), "R-SEND-5"),
    case("steltuit.test", "answers every recipient with 450", &[VALID], &[(10, "mx.steltuit.test")], Later, "R-SEND-5"),

    case("uitwijk.test", "two MX hosts; the first is scripted by a test, and down else", &[VALID], &[(10, "mx1.uitwijk.test"), (20, "mx2.uitwijk.test")], Direct("mx2.uitwijk.test"), "R-SEND-5"),

    case("script1.test", "a host that a test scripts", &[VALID], &[(10, "mx.script1.test")], Direct("mx.script1.test"), "R-SEND-5"),
    case("script2.test", "a host that a test scripts", &[VALID], &[(10, "mx.script2.test")], Direct("mx.script2.test"), "R-SEND-5"),
    case("script3.test", "a host that a test scripts", &[VALID], &[(10, "mx.script3.test")], Direct("mx.script3.test"), "R-SEND-5"),
    case("script4.test", "a host that a test scripts", &[VALID], &[(10, "mx.script4.test")], Direct("mx.script4.test"), "R-SEND-5"),
    case("script5.test", "a host that a test scripts", &[VALID], &[(10, "mx.script5.test")], Direct("mx.script5.test"), "R-SEND-5"),
    zoned(Above, case("scriptnaam.test", "the same host by another name", &[VALID], &[(10, "mx.scriptnaam.test")], Direct("mx.script5.test"), "R-SEND-5")),
];

/// Their hosts.
#[rustfmt::skip]
pub const HOSTS: &[Host] = &[
    host("mx.onbereikbaar.test", Cert::Own, Tlsa::Ee, Server::Nobody),
    host("mx.storing.test", Cert::World, Tlsa::Absent, Server::BrokenTls),
    host("mx.danestoring.test", Cert::Own, Tlsa::Ee, Server::BrokenTls),
    host("mx1.uitwijk.test", Cert::World, Tlsa::Ee, Server::Script),
    host("mx2.uitwijk.test", Cert::World, Tlsa::Ee, Server::StartTls),
    host("mx.weigert.test", Cert::Own, Tlsa::Ee, Server::StartTls),
    host("mx.steltuit.test", Cert::Own, Tlsa::Ee, Server::StartTls),
    host("mx.script1.test", Cert::World, Tlsa::Ee, Server::Script),
    host("mx.script2.test", Cert::World, Tlsa::Ee, Server::Script),
    host("mx.script3.test", Cert::World, Tlsa::Ee, Server::Script),
    host("mx.script4.test", Cert::World, Tlsa::Ee, Server::Script),
    host("mx.script5.test", Cert::World, Tlsa::Ee, Server::Script),
];
