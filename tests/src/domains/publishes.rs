//! What a domain publishes for the mail that it sends: SPF, DMARC, DKIM.

use super::Verdict::Direct;
use super::{Case, Cert, Host, Server, Tlsa, VALID, case, host};

/// The domains.
#[rustfmt::skip]
pub const CASES: &[Case] = &[
    case("gezond.test", "publishes all that the guide asks for", &[VALID, "v=spf1 mx -all"], &[(10, "mx.gezond.test")], Direct("mx.gezond.test"), "R-SEND-5"),
    case("ziek.test", "the way is right, and what it publishes beside it is not", &["v=spf1 mx ~all", VALID], &[(10, "mx.ziek.test")], Direct("mx.ziek.test"), "R-SEND-5"),
];

/// Their hosts.
#[rustfmt::skip]
pub const HOSTS: &[Host] = &[
    host("mx.gezond.test", Cert::Own, Tlsa::Ee, Server::StartTls),
    host("mx.ziek.test", Cert::Other, Tlsa::Ta, Server::StartTls),
];

/// TXT records at names below a domain of the world: the domain, the name before it, the text.
/// Nobody has the private halves of the keys.
#[rustfmt::skip]
pub const BELOW: &[(&str, &str, &str)] = &[
    ("gezond.test", "_dmarc", "v=DMARC1; p=reject; rua=mailto:dmarc@gezond.test"),
    ("gezond.test", "lang._domainkey", "v=DKIM1; k=rsa; p=MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA4LogetjrceEEVPAbjaKeT03y5RpQDyggtR0C5YbdwYxAaQsSzmCBn2mAwT9rw+mY0EunIhoZW4rgyOhEy74up9AYMG1ER8qN/0g1qjwHhpu009taqBuOy6mPe8YSHmSRZa0rHcf7Z0dqJA4zLprjFdVsBhnb4as7gkoxB22LjZg8TvvYpUjeFgoj1kmpjEcnJegVKDtlIWnc7Rru9NOFbhbyRXogY2psYDJfDZHaq93ISXeJVNE8EmuCiGwCiAiSfA0rHPsathuuxmIGgvcN/zIcNvl66LSEykNeHcEjrtxJ9+21mX6w7nnU3Fx0vqwkK3Vpc8Jn7Yktl9QG2F1UWwIDAQAB"),
    ("gezond.test", "oud._domainkey", "v=DKIM1; k=rsa; p="),
    ("ziek.test", "_dmarc", "v=DMARC1; p=none"),
    ("ziek.test", "kort._domainkey", "v=DKIM1; k=rsa; p=MFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBANnTK+AQMeLX+D3gQIczwerKmQitihW58BtRo6RnyqxdNvdVkC1OFAEv9rU44HoJfc8u62ilc8kasiPqt1/0b9ECAwEAAQ=="),
    ("jokerteken.test", "_dmarc", "v=DMARC1; p=quarantine"),
];
