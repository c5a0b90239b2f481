//! Finds a provider's submission server from a mail address.
//!
//! First the table of large providers, by the address's domain; then what the domain itself says
//! (Thunderbird's autoconfiguration over HTTPS; SRV, RFC 6186 and RFC 8314 section 5.1); then the
//! table again, by the domain's MX, since many
//! practices have a domain of their own at a large provider; then the usual name. Nothing is sent
//! to what is found here: a person sees it first, and its certificate has to prove its name.

pub mod autoconfig;

use core::time::Duration;

use mail::{Address, Domain};
use net::dns::{MxAnswer, Resolver};
use net::https::{self, Document};
use net::tls::Roots;
use nta7516::facts::Security;

/// A submission server that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Its name.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// TLS from the first byte, or else STARTTLS.
    pub implicit: bool,
    /// The name to log in with; the address where nothing else is said.
    pub username: Option<String>,
    /// How it was found.
    pub source: Source,
    /// The table, the domain itself or proved DNS says so; else a person looks at it before a
    /// password is tried there (RFC 6186 section 6).
    pub sure: bool,
}

/// How a server was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// It stands in the table of large providers.
    Table,
    /// The domain publishes it for mail programs, over HTTPS.
    Autoconfig,
    /// The domain names it in DNS.
    Dns,
    /// It is the usual name; nothing says that it is there.
    Guess,
}

impl Source {
    /// The word of the catalogue.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Table => "table",
            Self::Autoconfig => "autoconfig",
            Self::Dns => "dns",
            Self::Guess => "guess",
        }
    }
}

/// The most likely submission server of an address. Asks DNS, so it takes its time.
pub async fn find(resolver: &Resolver, roots: &Roots, address: &Address) -> Found {
    let Some(domain) = address.domain() else {
        return guess("localhost");
    };
    if let Some(found) = in_table(domain.as_str(), BY_DOMAIN) {
        return found;
    }
    if let Some(found) = published(roots, address, domain).await {
        return found;
    }
    for (service, implicit) in SERVICES {
        if let Ok(seen) = resolver.srv(service, domain).await
            && let Some((host, port)) = seen.value
        {
            let host = host.to_string();
            let (implicit, username) = (*implicit, None);
            let sure = seen.security == Security::Secure || below(&host, domain);
            return Found { host, port, implicit, username, source: Source::Dns, sure };
        }
    }
    if let Ok(seen) = resolver.mx(domain).await
        && let MxAnswer::Hosts(hosts) = seen.value
        && let Some(found) = hosts.iter().find_map(|(_, host)| by_mx(host))
    {
        return found;
    }
    guess(&format!("smtp.{domain}"))
}

/// What the domain publishes for mail programs; only its domain is told, never who asks.
async fn published(roots: &Roots, address: &Address, domain: &Domain) -> Option<Found> {
    let at = async |host: String, path: &'static str| {
        let (host, at_most, within) = (host.as_str(), LARGEST, PATIENCE);
        https::get(roots, Document { host, port: 443, path, at_most, within }).await
    };
    let (own, well_known) = tokio::join!(
        at(format!("autoconfig.{domain}"), "/mail/config-v1.1.xml"),
        at(domain.to_string(), "/.well-known/autoconfig/mail/config-v1.1.xml"),
    );
    let local = address.to_string();
    let local = local.rsplit_once('@')?.0;
    // A page that answers everything may stand at one of the two.
    let read = |text: &[u8]| autoconfig::read(str::from_utf8(text).ok()?, local, domain.as_str());
    let found = [own, well_known].iter().flatten().find_map(|text| read(text))?;
    Some(Found {
        host: found.host,
        port: found.port,
        implicit: found.implicit,
        username: Some(found.username),
        source: Source::Autoconfig,
        sure: true,
    })
}

/// The domain itself, or a host of it.
fn below(host: &str, domain: &Domain) -> bool {
    let host = host.to_ascii_lowercase();
    let domain = domain.as_str().to_ascii_lowercase();
    host.strip_suffix(&domain).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

fn by_mx(host: &Domain) -> Option<Found> {
    in_table(host.as_str(), BY_MX).or_else(|| in_table(host.as_str(), BY_DOMAIN))
}

fn in_table(name: &str, table: &[(&str, &str, u16)]) -> Option<Found> {
    let name = name.to_ascii_lowercase();
    let belongs = |suffix: &str| {
        name.strip_suffix(suffix).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
    };
    let (_, host, port) = table.iter().find(|(suffix, ..)| belongs(suffix))?;
    Some(Found {
        host: (*host).to_owned(),
        port: *port,
        implicit: *port == 465,
        username: None,
        source: Source::Table,
        sure: true,
    })
}

fn guess(host: &str) -> Found {
    let (host, username) = (host.to_owned(), None);
    Found { host, port: 587, implicit: false, username, source: Source::Guess, sure: false }
}

/// Bytes of an autoconfiguration: they have a few thousand.
const LARGEST: usize = 64 * 1024;
/// A person waits.
const PATIENCE: Duration = Duration::from_secs(5);

/// RFC 8314 section 5.1 prefers TLS from the first byte.
const SERVICES: &[(&str, bool)] = &[("_submissions._tcp", true), ("_submission._tcp", false)];

/// Mail domains, and the submission server that their provider documents.
const BY_DOMAIN: &[(&str, &str, u16)] = &[
    ("gmail.com", "smtp.gmail.com", 465),
    ("googlemail.com", "smtp.gmail.com", 465),
    ("outlook.com", "smtp-mail.outlook.com", 587),
    ("hotmail.com", "smtp-mail.outlook.com", 587),
    ("hotmail.nl", "smtp-mail.outlook.com", 587),
    ("live.nl", "smtp-mail.outlook.com", 587),
    ("live.com", "smtp-mail.outlook.com", 587),
    ("icloud.com", "smtp.mail.me.com", 587),
    ("me.com", "smtp.mail.me.com", 587),
    ("yahoo.com", "smtp.mail.yahoo.com", 465),
    ("fastmail.com", "smtp.fastmail.com", 465),
    ("mailbox.org", "smtp.mailbox.org", 465),
    ("soverin.net", "smtp.soverin.net", 465),
    ("ziggo.nl", "smtp.ziggo.nl", 587),
    ("kpnmail.nl", "smtp.kpnmail.nl", 587),
    ("planet.nl", "smtp.kpnmail.nl", 587),
    ("hetnet.nl", "smtp.kpnmail.nl", 587),
    ("xs4all.nl", "smtp.xs4all.nl", 587),
    ("freedom.nl", "smtp.freedom.nl", 465),
];

/// Mail hosts of providers that serve the domains of others.
const BY_MX: &[(&str, &str, u16)] = &[
    ("google.com", "smtp.gmail.com", 465),
    ("protection.outlook.com", "smtp.office365.com", 587),
    ("mx.microsoft", "smtp.office365.com", 587),
    ("messagingengine.com", "smtp.fastmail.com", 465),
    ("transip.email", "smtp.transip.email", 465),
    ("soverin.net", "smtp.soverin.net", 465),
    ("mailbox.org", "smtp.mailbox.org", 465),
];

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn a_domain_belongs_to_a_provider_only_with_whole_labels() {
        assert_eq!(in_table("ziggo.nl", BY_DOMAIN).unwrap().host, "smtp.ziggo.nl");
        assert_eq!(in_table("thuis.Ziggo.nl", BY_DOMAIN).unwrap().port, 587);
        assert_eq!(in_table("nietziggo.nl", BY_DOMAIN), None);
        assert!(in_table("gmail.com", BY_DOMAIN).unwrap().implicit);
    }

    #[test]
    fn a_host_of_another_domain_is_no_host_of_this_one() {
        let domain = Domain::parse("praktijk.nl").unwrap();
        assert!(below("smtp.Praktijk.nl", &domain) && below("praktijk.nl", &domain));
        assert!(!below("smtp.elders.example", &domain) && !below("nepraktijk.nl", &domain));
    }

    #[test]
    fn a_practice_with_its_own_domain_is_found_by_its_mail_host() {
        let host = Domain::parse("praktijk-nl.mail.protection.outlook.com").unwrap();
        assert_eq!(by_mx(&host).unwrap().host, "smtp.office365.com");
        assert_eq!(by_mx(&Domain::parse("mx.elders.nl").unwrap()), None);
    }
}
