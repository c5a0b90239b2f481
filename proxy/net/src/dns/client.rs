use core::str::FromStr;
use core::time::Duration;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use domain::base::{MessageBuilder, Name, Rtype};
use domain::dnssec::validator::context::{Config, ValidationContext, ValidationState};
use domain::net::client::request::{ComposeRequest, RequestMessage};
use nta7516::facts::{Security, Trouble};
use tokio::sync::OnceCell;
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout};

use super::answer::Answer;
use super::line::{Line, Reply, UDP_PAYLOAD};
use super::memory::{A_DAY, BOGUS_KEPT, Memory, Moment};
use super::{DnsError, Dot, Settings, Upstream, anchors};

/// Asks and validates.
pub(super) struct Client {
    anchors: Arc<str>,
    upstream: Upstream,
    servers: Mutex<Servers>,
    timeout: Duration,
}

/// Whom to ask, as last read from the system.
#[derive(Default)]
struct Servers {
    list: Vec<Arc<Server>>,
    read: Option<Instant>,
}

struct Server {
    way: Way,
    /// Made at the first question: it has a task of its own, which needs a runtime.
    open: OnceCell<Open>,
}

/// How a server is reached.
enum Way {
    Datagrams(SocketAddr),
    Tls(Dot),
}

/// A server that can be asked.
pub(super) struct Open {
    line: Line,
    anchors: Arc<str>,
    validator: Mutex<(Memory, Arc<Validator>)>,
}

type Validator = ValidationContext<Line>;

impl Client {
    pub(super) fn new(settings: Settings) -> Result<Self, DnsError> {
        let anchors = settings.trust_anchor.unwrap_or_else(|| anchors::IANA.to_owned());
        anchors::parse(&anchors)?;
        Ok(Self {
            anchors: anchors.into(),
            upstream: settings.resolver,
            servers: Mutex::default(),
            timeout: settings.timeout,
        })
    }

    /// Asks each server in turn until one answers.
    pub(super) async fn ask(&self, name: &str, kind: Rtype) -> Result<Answer, Trouble> {
        let name = Name::<Vec<u8>>::from_str(name).map_err(|_| Trouble::Garbled)?;
        let mut trouble = Trouble::Unreachable;
        for server in self.servers() {
            match self.ask_one(&server, &name, kind).await {
                Ok(answer) => return Ok(answer),
                Err(error) => trouble = error,
            }
        }
        Err(trouble)
    }

    pub(super) async fn probe(&self) -> Result<(), Trouble> {
        let mut trouble = Trouble::Unreachable;
        for server in self.servers() {
            let probed = match server.open(&self.anchors, self.timeout).await {
                Ok(open) => self.probe_one(open).await,
                Err(error) => Err(error),
            };
            match probed {
                Ok(()) => return Ok(()),
                Err(error) => trouble = error,
            }
        }
        Err(trouble)
    }

    /// The servers of today: a laptop moves from one network to the next.
    fn servers(&self) -> Vec<Arc<Server>> {
        let mut servers = self.servers.lock().unwrap_or_else(PoisonError::into_inner);
        let fresh = servers.read.is_some_and(|read| read.elapsed() < SYSTEM_KEPT);
        if !fresh {
            let known = core::mem::take(&mut servers.list);
            let datagrams = |address| {
                let same = |server: &&Arc<Server>| server.is_at(address);
                known
                    .iter()
                    .find(same)
                    .cloned()
                    .unwrap_or_else(|| Server::new(Way::Datagrams(address)))
            };
            servers.list = match &self.upstream {
                Upstream::System => system().into_iter().map(datagrams).collect(),
                Upstream::Address(address) => vec![datagrams(*address)],
                Upstream::Tls(_) if !known.is_empty() => known,
                Upstream::Tls(dot) => vec![Server::new(Way::Tls(dot.clone()))],
            };
            servers.read = Some(Instant::now());
        }
        servers.list.clone()
    }

    /// Does the resolver hand out the signatures of the root's keys?
    async fn probe_one(&self, open: &Open) -> Result<(), Trouble> {
        let keys = self.within(open.ask(&Name::root_vec(), Rtype::DNSKEY)).await;
        let signed = keys.and_then(|reply| {
            let answers = reply.answer().map_err(|_| Trouble::Garbled)?;
            let signed = answers.flatten().any(|record| record.rtype() == Rtype::RRSIG);
            if signed { Ok(()) } else { Err(Trouble::Stripped) }
        });
        match signed {
            Ok(()) => Ok(()),
            Err(trouble) => Err(self.or_captive(open, trouble).await),
        }
    }

    async fn ask_one(
        &self,
        server: &Server,
        name: &Name<Vec<u8>>,
        kind: Rtype,
    ) -> Result<Answer, Trouble> {
        let open = server.open(&self.anchors, self.timeout).await?;
        let answer = match self.within(open.validated(name, kind)).await {
            Ok(answer) => answer,
            Err(trouble) => return Err(self.or_captive(open, trouble).await),
        };
        if answer.security == Security::Bogus {
            let kept = BOGUS_KEPT + self.timeout * PATIENCE;
            if let Some(trouble) = open.line.recent_trouble(&answer.rests_on, kept) {
                return Err(self.or_captive(open, trouble).await);
            }
            // A resolver that strips signatures makes every answer bogus: that is said instead.
            // Asked each time, because the same address is another resolver on another network.
            self.probe_one(open).await?;
        }
        Ok(answer)
    }

    /// The trouble, or that the network is captive where that is behind it: then a name that is not
    /// there has the address of one that is.
    async fn or_captive(&self, open: &Open, trouble: Trouble) -> Trouble {
        let answered = [Trouble::Stripped, Trouble::ServFail, Trouble::Refused, Trouble::Garbled];
        if !answered.contains(&trouble) {
            return trouble;
        }
        let address = async |name: Name<Vec<u8>>| {
            let reply = self.within(open.ask(&name, Rtype::A)).await.ok()?;
            let answer = Answer::new(name, Security::Indeterminate, None, &reply).ok()?;
            answer.addresses().first().copied()
        };
        let (Ok(nobody), Ok(known)) = (Name::from_str(&nobody()), Name::from_str(KNOWN)) else {
            return trouble;
        };
        let (nobody, known) = tokio::join!(address(nobody), address(known));
        if nobody.is_some() && nobody == known { Trouble::Captive } else { trouble }
    }

    async fn within<T>(
        &self,
        future: impl Future<Output = Result<T, Trouble>>,
    ) -> Result<T, Trouble> {
        timeout(self.timeout * PATIENCE, future).await.map_err(|_| Trouble::Timeout)?
    }
}

impl Server {
    fn new(way: Way) -> Arc<Self> {
        Arc::new(Self { way, open: OnceCell::new() })
    }

    fn is_at(&self, address: SocketAddr) -> bool {
        matches!(self.way, Way::Datagrams(own) if own == address)
    }

    async fn open(&self, anchors: &Arc<str>, wait: Duration) -> Result<&Open, Trouble> {
        let make = || async {
            let line = match &self.way {
                Way::Datagrams(address) => Line::datagrams(*address, wait),
                Way::Tls(dot) => Line::tls(dot.clone(), wait),
            };
            Open::new(line, Arc::clone(anchors))
        };
        self.open.get_or_try_init(make).await
    }
}

impl Open {
    pub(super) fn new(line: Line, anchors: Arc<str>) -> Result<Self, Trouble> {
        let validator = validator(&line, &anchors)?;
        let validator = Mutex::new((Memory::born(Moment::now()), validator));
        Ok(Self { line, anchors, validator })
    }

    pub(super) async fn validated(
        &self,
        name: &Name<Vec<u8>>,
        kind: Rtype,
    ) -> Result<Answer, Trouble> {
        let reply = self.ask(name, kind).await?;
        let (state, why, reply) = judge(self.validator(&reply)?, reply).await?;
        let security = match state {
            ValidationState::Secure => Security::Secure,
            ValidationState::Insecure => Security::Insecure,
            ValidationState::Bogus => Security::Bogus,
            ValidationState::Indeterminate => Security::Indeterminate,
        };
        if security == Security::Bogus {
            let mut kept = self.validator.lock().unwrap_or_else(PoisonError::into_inner);
            kept.0.bogus.get_or_insert_with(Instant::now);
        }
        Answer::new(name.clone(), security, why, &reply)
    }

    /// A validator for this reply that remembers nothing but what is true.
    fn validator(&self, reply: &Reply) -> Result<Arc<Validator>, Trouble> {
        let mut kept = self.validator.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Moment::now();
        if !kept.0.holds(self.line.ends(), now) {
            self.line.forget();
            *kept = (Memory::born(now), validator(&self.line, &self.anchors)?);
        }
        self.line.note(reply);
        Ok(Arc::clone(&kept.1))
    }

    /// Asks, and gives a reply that says something about the name.
    async fn ask(&self, name: &Name<Vec<u8>>, kind: Rtype) -> Result<Reply, Trouble> {
        let mut message = MessageBuilder::new_vec();
        message.header_mut().set_rd(true);
        // The resolver is not to judge: what it thinks bogus comes through and is judged here.
        message.header_mut().set_cd(true);
        let mut message = message.question();
        message.push((name, kind)).map_err(|_| Trouble::Garbled)?;
        let mut request = RequestMessage::new(message).map_err(|_| Trouble::Garbled)?;
        request.set_dnssec_ok(true);
        request.set_udp_payload_size(UDP_PAYLOAD);
        self.line.ask(request).await
    }
}

impl core::fmt::Debug for Client {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_tuple("Client").field(&self.upstream).finish()
    }
}

fn validator(line: &Line, anchors: &str) -> Result<Arc<Validator>, Trouble> {
    let anchors = anchors::parse(anchors).map_err(|_| Trouble::Garbled)?;
    let mut config = Config::new();
    config.set_max_validity(A_DAY);
    config.set_max_bogus_validity(BOGUS_KEPT);
    Ok(Arc::new(ValidationContext::with_config(anchors, line.clone(), config)))
}

/// Judges a reply in a task of its own: a message that breaks the validator is one that cannot be
/// read, and takes nothing else along. The task ends with whoever waits for it.
async fn judge(
    validator: Arc<Validator>,
    mut reply: Reply,
) -> Result<(ValidationState, Option<String>, Reply), Trouble> {
    let mut task = JoinSet::new();
    task.spawn(async move {
        let judged = validator.validate_msg::<_, Vec<u8>>(&mut reply).await;
        judged.map(|(state, why)| (state, why.map(|why| why.to_string()), reply))
    });
    match task.join_next().await {
        Some(Ok(judged)) => judged.map_err(|_| Trouble::Garbled),
        Some(Err(error)) => {
            tracing::error!(%error, "the validator broke off");
            Err(Trouble::Garbled)
        }
        None => Err(Trouble::Garbled),
    }
}

/// A name that is not there, and that no resolver makes up by itself, as some do below `invalid`.
fn nobody() -> String {
    let mut random = [0; 8];
    // Without randomness it is a name that is not there either.
    let _ = aws_lc_rs::rand::fill(&mut random);
    format!("zorgzegel-{:016x}.arpa", u64::from_be_bytes(random))
}

/// The system's resolvers; none where it has none, as without a network.
fn system() -> Vec<SocketAddr> {
    let mut addresses: Vec<SocketAddr> = Vec::new();
    let config = match hickory_resolver::system_conf::read_system_conf() {
        Ok((config, _)) => config,
        Err(error) => {
            tracing::warn!(%error, "the system's DNS settings cannot be read");
            return addresses;
        }
    };
    for server in config.name_servers() {
        let port = server.connections.first().map_or(53, |connection| connection.port);
        let address = SocketAddr::new(server.ip, port);
        if !addresses.contains(&address) {
            addresses.push(address);
        }
    }
    addresses.truncate(SERVERS);
    addresses
}

/// Answers that one question may have to wait for, in units of the time for one: validation asks for
/// the keys of each zone above, and mostly has them.
const PATIENCE: u32 = 3;
/// How long the system's list of resolvers is believed.
const SYSTEM_KEPT: Duration = Duration::from_secs(10);
/// Resolvers asked in turn; systems name up to three.
const SERVERS: usize = 3;
/// A name that has an address wherever there is an internet.
const KNOWN: &str = "a.root-servers.net";
