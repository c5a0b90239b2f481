use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, OnceLock, PoisonError};

use crate::HarnessError;
use crate::certificates::{Authority, Identity, NOW, PAST, TO_COME, dkim_key};
use crate::cyrus::Cyrus;
use crate::dns::{BadResolver, Dns, Misbehaviour};
use crate::domains::hosts::ALIASES;
use crate::domains::suppliers::SUPPLIERS;
use crate::domains::{self, Alias, Cert, Host, OU_MARK, PROVIDER, SELECTOR, SENDER, Server, Tlsa};
use crate::guard::Process;
use crate::mailboxes::Mailboxes;
use crate::maildir::Stored;
use crate::place::{Place, write};
use crate::postfix::{Postfix, REPLIES, Service, old_tls};
use crate::provider::{self, Provider};
use crate::zones::{At, Below, Published};

/// Which servers a world has. Name servers are always there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Needs {
    /// The provider: submission and IMAP.
    pub provider: bool,
    /// The receiving hosts of [`crate::domains::all_hosts`].
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
    on_port_53: Mutex<Option<Process>>,
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
        let (dkim, on_port_53) = ((dkim_key, text.1), Mutex::default());
        Ok(Self { provider, receivers, dns, hosts, port, authority, dkim, on_port_53, place })
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

    /// The address of a validating resolver on port 53, for programs that read `resolv.conf`; started
    /// when it is first asked for.
    ///
    /// # Errors
    /// It did not come up: port 53 of all addresses is taken on this machine.
    pub fn resolver_on_port_53(&self) -> Result<IpAddr, HarnessError> {
        let mut running = self.on_port_53.lock().unwrap_or_else(PoisonError::into_inner);
        if running.is_none() {
            *running = Some(self.dns.start_on_port_53()?);
        }
        Ok(self.dns.validating.ip())
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

    /// An IMAP server of a test's own, which can be ended and started again; at the provider's address,
    /// with its users and its certificate.
    ///
    /// # Errors
    /// The world was started without a provider, or the server did not come up.
    pub fn mailboxes(&self) -> Result<Mailboxes, HarnessError> {
        let at = || self.place.socket(provider::LAST);
        let (starttls, implicit) = (at()?, at()?);
        let folder = self.place.subfolder(&format!("imap-{}", implicit.port()))?;
        Mailboxes::start(folder, starttls, implicit, self.provider()?.identity().clone())
    }

    /// A second IMAP server of another make, at the provider's address and with its certificate.
    ///
    /// # Errors
    /// The world was started without a provider, or the server did not come up.
    pub fn cyrus(&self) -> Result<Cyrus, HarnessError> {
        let at = self.place.socket(provider::LAST)?;
        let folder = self.place.subfolder(&format!("cyrus-{}", at.port()))?;
        Cyrus::start(&folder, at, self.provider()?.identity())
    }

    /// Where a host of [`crate::domains::all_hosts`] listens, or should.
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
        Ok(self.receiving()?.stored(Some(recipient)))
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
    let addresses: Vec<_> = (FIRST_HOST..=u8::MAX)
        .map(|last| place.address(last))
        .take(domains::all_hosts().count())
        .collect();
    let port = place.port_on(&addresses)?;
    let mut placed: Vec<Placed> = Vec::new();
    let mut published = Vec::new();
    for (host, address) in domains::all_hosts().zip(addresses) {
        let identity = identity(host, world, &other)?;
        let tlsa = tlsa(host.tlsa, &identity, &other);
        published.push(Published { name: host.name.to_owned(), at: At::Address(address), tlsa });
        placed.push(Placed { host, at: SocketAddr::from((address, port)), identity });
    }
    for Alias { name, host, tlsa: records } in ALIASES {
        let own = placed.iter().find(|placed| placed.host.name == *host);
        let tlsa = own.map(|own| tlsa(*records, &own.identity, &other)).unwrap_or_default();
        let at = At::Alias((*host).to_owned());
        published.push(Published { name: (*name).to_owned(), at, tlsa });
    }
    let own = ["smtp", "imap"].map(|name| format!("{name}.{PROVIDER}"));
    let others = SUPPLIERS.iter().map(|supplier| supplier.host.to_owned());
    for name in own.into_iter().chain(others) {
        let at = At::Address(place.address(provider::LAST));
        published.push(Published { name, at, tlsa: Vec::new() });
    }
    Ok((placed, published, port))
}

fn identity(host: &Host, world: &Authority, other: &Authority) -> Result<Identity, HarnessError> {
    let aliases = ALIASES.iter().filter(|alias| alias.host == host.name);
    let own: Vec<&str> = [host.name].into_iter().chain(aliases.map(|alias| alias.name)).collect();
    let above = host.name.split_once('.').map_or(host.name, |(_, above)| above);
    let wildcard = format!("*.{above}");
    let (names, authority, years) = match host.certificate {
        Cert::World => (own.as_slice(), Some(world), NOW),
        Cert::Wildcard => (&[wildcard.as_str()][..], Some(world), NOW),
        Cert::Rsa(bits) => return Identity::rsa(&own, bits, world),
        Cert::Marked => return Identity::marked(&own, OU_MARK, world),
        Cert::Own => (own.as_slice(), None, NOW),
        Cert::OwnOldOfOther => (&ELSEWHERE[..], None, PAST),
        Cert::Other => (own.as_slice(), Some(other), NOW),
        Cert::OtherWrongName => (&ELSEWHERE[..], Some(other), NOW),
        Cert::OtherExpired => (own.as_slice(), Some(other), PAST),
        Cert::WrongName => (&ELSEWHERE[..], Some(world), NOW),
        Cert::Expired => (own.as_slice(), Some(world), PAST),
        Cert::Future => (own.as_slice(), Some(world), TO_COME),
    };
    Identity::new(names, None, authority, years)
}

/// The data of these records: of the host's own key and certificate, or of its authority's.
fn tlsa(records: Tlsa, identity: &Identity, other: &Authority) -> Vec<(Below, String)> {
    let own = |usage: u8, selector: u8, matching: u8| {
        let data = identity.shown().tlsa(selector, matching);
        (Below::Port, format!("{usage} {selector} {matching} {data}"))
    };
    let above = |selector: u8| {
        let data = other.shown().tlsa(selector, 1);
        (Below::Port, format!("2 {selector} 1 {data}"))
    };
    let of_nobody = || (Below::Port, format!("3 1 1 {}", "0123456789ABCDEF".repeat(4)));
    match records {
        Tlsa::Absent => Vec::new(),
        Tlsa::Ee => vec![own(3, 1, 1)],
        Tlsa::EeCertificate => vec![own(3, 0, 1)],
        Tlsa::EeSha512 => vec![own(3, 1, 2)],
        Tlsa::EeWhole => vec![own(3, 1, 0)],
        Tlsa::EeWildcard => vec![(Below::Wildcard, own(3, 1, 1).1)],
        Tlsa::RollOver => vec![of_nobody(), own(3, 1, 1)],
        Tlsa::Mixed => vec![own(1, 1, 1), own(3, 1, 1)],
        Tlsa::MixedMismatch => vec![own(1, 1, 1), of_nobody()],
        Tlsa::Ta => vec![above(1)],
        Tlsa::TaCertificate => vec![above(0)],
        Tlsa::Mismatch => vec![of_nobody()],
        Tlsa::Unusable => vec![own(1, 1, 1)],
        Tlsa::UnknownMatching => vec![own(3, 1, 9)],
    }
}

fn receivers(place: &Place, hosts: &[Placed]) -> Result<Postfix, HarnessError> {
    let folder = place.subfolder("receivers")?;
    // Where it cannot read its certificate, Postfix offers STARTTLS and answers 454.
    let no_chain = folder.join("no-chain.pem");
    write(&no_chain, "")?;
    let services: Vec<Service> = hosts.iter().filter_map(|one| service(one, &no_chain)).collect();
    let main = [("last_word", "reject_unauth_destination".to_owned()), old_tls(&folder)?];
    Postfix::start(&folder, &main, &services, &REPLIES)
}

/// The service at a host's address; `None` where nobody answers, or a test does.
fn service(placed: &Placed, no_chain: &Path) -> Option<Service> {
    let set = |options: &[(&'static str, &str)]| {
        options.iter().map(|(name, value)| (*name, (*value).to_owned())).collect()
    };
    let options: Vec<(&'static str, String)> = match placed.host.server {
        Server::StartTls | Server::Plain => Vec::new(),
        Server::BrokenTls => vec![
            ("smtpd_tls_security_level", "may".to_owned()),
            ("smtpd_tls_chain_files", no_chain.to_string_lossy().into_owned()),
        ],
        Server::Tls10 => set(&[("smtpd_tls_protocols", ">=TLSv1, <=TLSv1")]),
        Server::OnlyCbc => set(&[
            ("smtpd_tls_protocols", ">=TLSv1.2, <=TLSv1.2"),
            ("tls_medium_cipherlist", "ECDHE-ECDSA-AES256-SHA384:ECDHE-ECDSA-AES128-SHA256"),
        ]),
        Server::Nobody | Server::Script => return None,
    };
    let without = matches!(placed.host.server, Server::Plain | Server::BrokenTls);
    Some(Service {
        at: placed.at,
        hostname: placed.host.name.to_owned(),
        identity: (!without).then(|| placed.identity.clone()),
        implicit_tls: false,
        options,
    })
}

/// The name in certificates that are for another host.
const ELSEWHERE: [&str; 1] = ["elders.test"];
const FIRST_HOST: u8 = 10;
