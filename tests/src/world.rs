use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use crate::HarnessError;
use crate::certificates::{Authority, Identity, dkim_key};
use crate::dns::{BadResolver, Dns, Misbehaviour};
use crate::domains::{Cert, HOSTS, Host, OU_MARK, PROVIDER, SELECTOR, SENDER, Server, Tlsa};
use crate::maildir::Stored;
use crate::place::{Place, write};
use crate::postfix::{Postfix, REPLIES, Service};
use crate::provider::{self, Provider};
use crate::zones::Published;

/// Which servers a world has. Name servers are always there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Needs {
    /// The provider: submission and IMAP.
    pub provider: bool,
    /// The receiving hosts of [`crate::domains::HOSTS`].
    pub receivers: bool,
}

impl Needs {
    /// Name servers only.
    pub const DNS: Self = Self { provider: false, receivers: false };
    /// Everything.
    pub const ALL: Self = Self { provider: true, receivers: true };
}

/// A mail world of its own on loopback: name servers, a provider, receiving hosts.
///
/// Everything lives in one folder and on one network 127.a.b.0/24 that no other world has, and ends
/// with the value, or with the test process however that ends.
#[derive(Debug)]
pub struct World {
    provider: Option<Provider>,
    receivers: Option<Postfix>,
    dns: Dns,
    hosts: Vec<Placed>,
    port: u16,
    authority: PathBuf,
    dkim: (PathBuf, String),
    place: Place,
}

#[derive(Debug)]
struct Placed {
    host: &'static Host,
    at: SocketAddr,
    identity: Identity,
}

impl World {
    /// Brings up a world.
    ///
    /// # Errors
    /// A server is not installed or did not come up; with what it said.
    pub fn start(needs: Needs) -> Result<Self, HarnessError> {
        let mut place = Place::take()?;
        let world = Authority::new("Zorgzegel test world")?;
        let authority = place.folder().join("world-ca.pem");
        write(&authority, world.pem())?;
        let (hosts, published, port) = hosts(&place, &world)?;
        let (key, record) = dkim_key()?;
        let dkim_key = place.folder().join("dkim.pem");
        write(&dkim_key, key)?;
        let text = (format!("{SELECTOR}._domainkey.{SENDER}"), record);
        let dns = Dns::start(&mut place, &published, &text, port)?;
        let receivers = if needs.receivers { Some(receivers(&place, &hosts)?) } else { None };
        let provider = if needs.provider { Some(Provider::start(&place, &world)?) } else { None };
        let dkim = (dkim_key, text.1);
        Ok(Self { provider, receivers, dns, hosts, port, authority, dkim, place })
    }

    /// The world that all tests of this test binary share: everything is in it.
    ///
    /// # Panics
    /// It does not come up: then no test can say anything.
    #[must_use]
    #[allow(
        clippy::panic,
        reason = "without a world no test can go on, and the reason must be shown"
    )]
    pub fn shared() -> &'static Self {
        static SHARED: OnceLock<World> = OnceLock::new();
        SHARED.get_or_init(|| Self::start(Needs::ALL).unwrap_or_else(|error| panic!("{error}")))
    }

    /// The validating resolver (unbound).
    #[must_use]
    pub fn resolver(&self) -> SocketAddr {
        self.dns.validating
    }

    /// A resolver that passes signatures on but validates nothing.
    #[must_use]
    pub fn plain_resolver(&self) -> SocketAddr {
        self.dns.plain
    }

    /// The authoritative server of all zones (BIND).
    #[must_use]
    pub fn authority(&self) -> SocketAddr {
        self.dns.authority
    }

    /// A resolver that misbehaves in this way.
    ///
    /// # Errors
    /// No socket is to be had.
    pub fn bad_resolver(&self, how: Misbehaviour) -> Result<BadResolver, HarnessError> {
        BadResolver::start(how, self.dns.plain)
    }

    /// A file with the DNSKEY of this world's root.
    #[must_use]
    pub fn trust_anchor(&self) -> &Path {
        &self.dns.anchor
    }

    /// A PEM file with the authority that this world's good certificates come from.
    #[must_use]
    pub fn root_certificate(&self) -> &Path {
        &self.authority
    }

    /// The DKIM key of [`crate::domains::SENDER`]: a PEM file, and the TXT record that is published.
    #[must_use]
    pub fn dkim(&self) -> (&Path, &str) {
        (&self.dkim.0, &self.dkim.1)
    }

    /// The port that every receiving host listens on.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The folder of this world, for files of a test that should go with it.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.place.folder()
    }

    /// The provider.
    ///
    /// # Errors
    /// The world was started without.
    pub fn provider(&self) -> Result<&Provider, HarnessError> {
        self.provider.as_ref().ok_or(HarnessError::NotStarted("a provider"))
    }

    /// Where a host of [`crate::domains::HOSTS`] listens, or should.
    #[must_use]
    pub fn host(&self, name: &str) -> Option<SocketAddr> {
        self.placed(name).map(|placed| placed.at)
    }

    /// Address, key and certificate of a host: for a scripted server in its place (`mx.script1.test`
    /// to `mx.script4.test`, `mx1.uitwijk.test`), whose TLSA records fit this key.
    #[must_use]
    pub fn script(&self, name: &str) -> Option<(SocketAddr, &Identity)> {
        self.placed(name).map(|placed| (placed.at, &placed.identity))
    }

    /// What the receiving hosts took for this recipient, oldest first.
    ///
    /// # Errors
    /// The world was started without receiving hosts.
    pub fn received(&self, recipient: &str) -> Result<Vec<Stored>, HarnessError> {
        let stored = self.receiving()?.stored().into_iter();
        Ok(stored.filter(|stored| stored.recipient == recipient).collect())
    }

    /// From the next session on, the receiving hosts answer RCPT for `who` so; `None`: it is taken.
    ///
    /// `who` is an address, a domain, or `local-part@`; `reply` is like `450 4.2.0 text` (access(5)).
    ///
    /// # Errors
    /// The world was started without receiving hosts, or the table cannot be written.
    pub fn set_reply(&self, who: &str, reply: Option<&str>) -> Result<(), HarnessError> {
        self.receiving()?.set_reply(who, reply)
    }

    /// What the receiving Postfix logged.
    ///
    /// # Errors
    /// The world was started without receiving hosts.
    pub fn receivers_log(&self) -> Result<String, HarnessError> {
        Ok(self.receiving()?.log())
    }

    fn receiving(&self) -> Result<&Postfix, HarnessError> {
        self.receivers.as_ref().ok_or(HarnessError::NotStarted("receiving hosts"))
    }

    fn placed(&self, name: &str) -> Option<&Placed> {
        self.hosts.iter().find(|placed| placed.host.name == name)
    }
}

type Hosts = (Vec<Placed>, Vec<Published>, u16);

/// Gives each host its address and certificate, and all of them one port.
fn hosts(place: &Place, world: &Authority) -> Result<Hosts, HarnessError> {
    let other = Authority::new("An authority that nobody trusts")?;
    let addresses: Vec<_> =
        (FIRST_HOST..).map(|last| place.address(last)).take(HOSTS.len()).collect();
    let port = place.port_on(&addresses)?;
    let mut placed = Vec::new();
    let mut published = Vec::new();
    for (host, address) in HOSTS.iter().zip(addresses) {
        let (name, authority, year) = match host.certificate {
            Cert::World => (host.name, Some(world), 2048),
            Cert::Own => (host.name, None, 2048),
            Cert::Other => (host.name, Some(&other), 2048),
            Cert::WrongName => ("elders.test", Some(world), 2048),
            Cert::Expired => (host.name, Some(world), 2021),
            Cert::Marked => (host.name, Some(world), 2048),
        };
        let unit = (host.certificate == Cert::Marked).then_some(OU_MARK);
        let identity = Identity::with_unit(&[name], None, authority, year, unit)?;
        let key = match host.tlsa {
            Tlsa::Ta => other.spki_sha256(),
            _ => identity.spki_sha256(),
        };
        let (name, key) = (host.name.to_owned(), key.to_owned());
        published.push(Published { name, address, tlsa: host.tlsa, key });
        placed.push(Placed { host, at: SocketAddr::from((address, port)), identity });
    }
    for name in ["smtp", "imap"] {
        published.push(Published {
            name: format!("{name}.{PROVIDER}"),
            address: place.address(provider::LAST),
            tlsa: Tlsa::Absent,
            key: String::new(),
        });
    }
    Ok((placed, published, port))
}

fn receivers(place: &Place, hosts: &[Placed]) -> Result<Postfix, HarnessError> {
    let services: Vec<Service> = hosts
        .iter()
        .filter_map(|placed| {
            let identity = match placed.host.server {
                Server::StartTls => Some(placed.identity.clone()),
                Server::Plain => None,
                Server::Nobody | Server::Script => return None,
            };
            let hostname = placed.host.name.to_owned();
            Some(Service {
                at: placed.at,
                hostname,
                identity,
                implicit_tls: false,
                options: Vec::new(),
            })
        })
        .collect();
    let main = [("last_word", "reject_unauth_destination".to_owned())];
    Postfix::start(&place.subfolder("receivers")?, &main, &services, &REPLIES)
}

const FIRST_HOST: u8 = 10;
