//! Finds a provider's servers from a mail address, and says how it lets a program log in.
//!
//! First the table of large providers, by the address's domain; then what the domain itself says
//! (Thunderbird's autoconfiguration over HTTPS; SRV, RFC 6186 and RFC 8314 section 5.1); then the
//! table again, by the domain's MX, since many
//! practices have a domain of their own at a large provider; then the usual name. Nothing is sent
//! to what is found here: a person sees it first, and its certificate has to prove its name.

pub mod autoconfig;
mod table;
#[cfg(test)]
mod tests;

use core::time::Duration;

use mail::{Address, Domain};
use net::dns::{MxAnswer, Resolver};
use net::https::{self, Document};
use net::tls::Roots;
use nta7516::facts::Security;

/// A provider's servers that were found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Where mail is handed in.
    pub outgoing: Server,
    /// Where it is fetched (IMAP); none where nothing names one, or none lets a password in.
    pub incoming: Option<Server>,
    /// How they were found.
    pub source: Source,
    /// The table, the domain itself or proved DNS says so; else a person looks at it before a
    /// password is tried there (RFC 6186 section 6).
    pub sure: bool,
    /// How the provider lets a program log in.
    pub login: Login,
}

/// A server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Server {
    /// Its name.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// TLS from the first byte, or else STARTTLS.
    pub implicit: bool,
    /// The name to log in with; the address where nothing else is said.
    pub username: Option<String>,
}

/// How a provider lets a program log in. Where nothing is known, by the password.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Login {
    /// By the password of the mailbox.
    Password,
    /// By a password made for one program alone, at this page of the provider.
    AppPassword(&'static str),
    /// By the password of the mailbox where the organisation's administrator allows it.
    Allowed,
    /// By no password at all: it wants OAuth 2.0 (RFC 6749), which Zorgzegel does not speak.
    NotPossible,
}

impl Login {
    /// The word of the catalogue.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Password => "password",
            Self::AppPassword(_) => "app_password",
            Self::Allowed => "allowed",
            Self::NotPossible => "not_possible",
        }
    }

    /// The page at which a password for one program is made.
    #[must_use]
    pub fn page(self) -> Option<&'static str> {
        match self {
            Self::AppPassword(page) => Some(page),
            _ => None,
        }
    }
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

/// The most likely servers of an address. Asks DNS and the domain, so it takes its time.
pub async fn find(resolver: &Resolver, roots: &Roots, address: &Address) -> Found {
    found(&Outside { resolver, roots }, address).await
}

/// Who is asked.
trait World {
    /// The host and port of a service, and how surely DNS says so.
    async fn service(&self, service: &str, domain: &Domain) -> Option<(Domain, u16, Security)>;
    /// The mail hosts of a domain, best first; empty where it has none, or DNS does not say.
    async fn mail_hosts(&self, domain: &Domain) -> Vec<Domain>;
    /// A document of an HTTPS server that proved its name; none where there is none.
    async fn document(&self, host: &str, path: &'static str) -> Option<Vec<u8>>;
}

/// The name servers and web servers of the world.
struct Outside<'a> {
    resolver: &'a Resolver,
    roots: &'a Roots,
}

impl World for Outside<'_> {
    async fn service(&self, service: &str, domain: &Domain) -> Option<(Domain, u16, Security)> {
        let seen = self.resolver.srv(service, domain).await.ok()?;
        let (host, port) = seen.value?;
        Some((host, port, seen.security))
    }

    async fn mail_hosts(&self, domain: &Domain) -> Vec<Domain> {
        match self.resolver.mx(domain).await.map(|seen| seen.value) {
            Ok(MxAnswer::Hosts(hosts)) => hosts.into_iter().map(|(_, host)| host).collect(),
            _ => Vec::new(),
        }
    }

    async fn document(&self, host: &str, path: &'static str) -> Option<Vec<u8>> {
        document(self.roots, host, HTTPS, path).await
    }
}

async fn document(roots: &Roots, host: &str, port: u16, path: &'static str) -> Option<Vec<u8>> {
    let (at_most, within) = (LARGEST, PATIENCE);
    let got = https::get(roots, Document { host, port, path, at_most, within }).await;
    got.ok().map(|bytes| bytes.to_vec())
}

async fn found(world: &impl World, address: &Address) -> Found {
    let Some(domain) = address.domain() else {
        return guess("localhost", None);
    };
    if let Some(found) = table::by_domain(domain.as_str()) {
        return found;
    }
    if let Some(found) = published(world, address, domain).await {
        return found;
    }
    if let Some(found) = in_dns(world, domain).await {
        return found;
    }
    let hosts = world.mail_hosts(domain).await;
    if let Some(found) = hosts.iter().find_map(|host| table::by_mail_host(host.as_str())) {
        return found;
    }
    guess(&format!("smtp.{domain}"), Some(&format!("imap.{domain}")))
}

/// What the domain publishes for mail programs; only its domain is told, never who asks.
async fn published(world: &impl World, address: &Address, domain: &Domain) -> Option<Found> {
    let own = format!("autoconfig.{domain}");
    let (own, well_known) = tokio::join!(
        world.document(&own, "/mail/config-v1.1.xml"),
        world.document(domain.as_str(), "/.well-known/autoconfig/mail/config-v1.1.xml"),
    );
    let local = address.to_string();
    let local = local.rsplit_once('@')?.0;
    // A page that answers everything may stand at one of the two.
    let read =
        |text: &Vec<u8>| autoconfig::read(str::from_utf8(text).ok()?, local, domain.as_str());
    let found = [own, well_known].iter().flatten().find_map(read)?;
    let login = table::login_at(&found.outgoing.host);
    let incoming = match (found.incoming, login) {
        (_, Login::Allowed | Login::NotPossible) => None,
        (Some(incoming), _) => Some(incoming),
        (None, _) => incoming_in_dns(world, domain).await.map(|(server, _)| server),
    };
    Some(Found {
        outgoing: found.outgoing,
        incoming,
        source: Source::Autoconfig,
        sure: true,
        login,
    })
}

async fn in_dns(world: &impl World, domain: &Domain) -> Option<Found> {
    let (outgoing, sure) = service(world, SUBMISSION, domain).await?;
    let login = table::login_at(&outgoing.host);
    let incoming = match login {
        Login::Allowed | Login::NotPossible => None,
        _ => incoming_in_dns(world, domain).await,
    };
    // One that nobody vouches for is looked at with the other.
    let sure = sure && incoming.as_ref().is_none_or(|(_, sure)| *sure);
    let incoming = incoming.map(|(server, _)| server);
    Some(Found { outgoing, incoming, source: Source::Dns, sure, login })
}

async fn incoming_in_dns(world: &impl World, domain: &Domain) -> Option<(Server, bool)> {
    service(world, RETRIEVAL, domain).await
}

/// The first of these services that the domain names, and whether that is beyond doubt.
async fn service(
    world: &impl World,
    services: &[(&str, bool)],
    domain: &Domain,
) -> Option<(Server, bool)> {
    for &(name, implicit) in services {
        if let Some((host, port, security)) = world.service(name, domain).await {
            let host = host.to_string();
            let sure = security == Security::Secure || below(&host, domain);
            return Some((Server { host, port, implicit, username: None }, sure));
        }
    }
    None
}

/// The domain itself, or a host of it.
fn below(host: &str, domain: &Domain) -> bool {
    let host = host.to_ascii_lowercase();
    let domain = domain.as_str().to_ascii_lowercase();
    host.strip_suffix(&domain).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

fn guess(outgoing: &str, incoming: Option<&str>) -> Found {
    let server = |host: &str, port, implicit| Server {
        host: host.to_owned(),
        port,
        implicit,
        username: None,
    };
    Found {
        outgoing: server(outgoing, 587, false),
        incoming: incoming.map(|host| server(host, 993, true)),
        source: Source::Guess,
        sure: false,
        login: Login::Password,
    }
}

/// The port of HTTPS (RFC 9110 section 4.2.2).
const HTTPS: u16 = 443;
/// Bytes of an autoconfiguration: they have a few thousand.
const LARGEST: usize = 64 * 1024;
/// A person waits.
const PATIENCE: Duration = Duration::from_secs(5);

/// RFC 8314 section 5.1 prefers TLS from the first byte.
const SUBMISSION: &[(&str, bool)] = &[("_submissions._tcp", true), ("_submission._tcp", false)];
/// The same for IMAP (RFC 6186 section 3.2).
const RETRIEVAL: &[(&str, bool)] = &[("_imaps._tcp", true), ("_imap._tcp", false)];
