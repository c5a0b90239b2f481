use core::pin::Pin;
use core::str::FromStr;
use core::sync::atomic::{AtomicBool, Ordering};
use core::time::Duration;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use domain::base::iana::{Class, Rcode};
use domain::base::{Message, MessageBuilder, Name, Rtype};
use domain::dnssec::validator::anchor::TrustAnchors;
use domain::dnssec::validator::context::{Config, ValidationContext, ValidationState};
use domain::net::client::protocol::{TcpConnect, UdpConnect};
use domain::net::client::request::{
    ComposeRequest, Error, GetResponse, RequestMessage, SendRequest,
};
use domain::net::client::{dgram, dgram_stream, multi_stream, stream};
use domain::zonefile::inplace::{Entry, Zonefile};
use nta7516::facts::{Security, Trouble};
use tokio::sync::OnceCell;
use tokio::time::{Instant, timeout};

use super::answer::Answer;
use super::{DnsError, Settings, Upstream};

type Request = RequestMessage<Vec<u8>>;
type Connection = dgram_stream::Connection<UdpConnect, Request>;
type Reply = Message<bytes::Bytes>;

/// Asks and validates.
pub(super) struct Client {
    anchors: String,
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
    address: SocketAddr,
    /// It was seen to hand out signatures.
    signs: AtomicBool,
    /// Made at the first question: it has a task of its own, which needs a runtime.
    open: OnceCell<Open>,
}

struct Open {
    connection: Watched,
    context: ValidationContext<Watched>,
}

/// A connection that remembers its latest trouble. The validator takes a key that could not be had
/// for a key that is not there, and calls that bogus; it is trouble, and passes.
#[derive(Clone)]
struct Watched {
    connection: Connection,
    trouble: Arc<Mutex<Option<(Instant, Trouble)>>>,
}

#[derive(Debug)]
struct WatchedAnswer {
    answer: Box<dyn GetResponse + Send + Sync>,
    trouble: Arc<Mutex<Option<(Instant, Trouble)>>>,
}

impl Client {
    pub(super) fn new(settings: Settings) -> Result<Self, DnsError> {
        let anchors = settings.trust_anchor.unwrap_or_else(|| IANA_ANCHORS.to_owned());
        parse_anchors(&anchors)?;
        Ok(Self {
            anchors,
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
            match self.probe_one(&server).await {
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
            let addresses = match self.upstream {
                Upstream::Address(address) => vec![address],
                Upstream::System => system(),
            };
            let known = core::mem::take(&mut servers.list);
            let server = |address| {
                let same = known.iter().find(|server| server.address == address);
                same.cloned().unwrap_or_else(|| Server::new(address))
            };
            servers.list = addresses.into_iter().map(server).collect();
            servers.read = Some(Instant::now());
        }
        servers.list.clone()
    }

    /// Does the resolver hand out the signatures of the root's keys?
    async fn probe_one(&self, server: &Server) -> Result<(), Trouble> {
        let open = server.open(&self.anchors, self.timeout).await?;
        let reply = self.within(open.ask(&Name::root_vec(), Rtype::DNSKEY)).await?;
        let answers = reply.answer().map_err(|_| Trouble::Garbled)?;
        if answers.flatten().any(|record| record.rtype() == Rtype::RRSIG) {
            server.signs.store(true, Ordering::Relaxed);
            return Ok(());
        }
        Err(Trouble::Stripped)
    }

    async fn ask_one(
        &self,
        server: &Server,
        name: &Name<Vec<u8>>,
        kind: Rtype,
    ) -> Result<Answer, Trouble> {
        let open = server.open(&self.anchors, self.timeout).await?;
        let answer = self.within(open.validated(name, kind)).await?;
        if answer.security == Security::Bogus {
            let kept = BOGUS_KEPT + self.timeout * PATIENCE;
            if let Some(trouble) = open.connection.recent_trouble(kept) {
                return Err(trouble);
            }
            // A resolver that strips signatures makes every answer bogus: that is said instead.
            if !server.signs.load(Ordering::Relaxed) {
                self.probe_one(server).await?;
            }
        }
        Ok(answer)
    }

    async fn within<T>(
        &self,
        future: impl Future<Output = Result<T, Trouble>>,
    ) -> Result<T, Trouble> {
        timeout(self.timeout * PATIENCE, future).await.map_err(|_| Trouble::Timeout)?
    }
}

impl Server {
    fn new(address: SocketAddr) -> Arc<Self> {
        Arc::new(Self { address, signs: AtomicBool::new(false), open: OnceCell::new() })
    }

    async fn open(&self, anchors: &str, wait: Duration) -> Result<&Open, Trouble> {
        let make = || async {
            let mut config = dgram_stream::Config::new();
            let mut datagrams = dgram::Config::new();
            datagrams.set_read_timeout(wait / (u32::from(REPETITIONS) + 1));
            datagrams.set_max_retries(REPETITIONS);
            datagrams.set_udp_payload_size(Some(UDP_PAYLOAD));
            config.set_dgram(datagrams);
            let mut streams = stream::Config::new();
            streams.set_response_timeout(wait);
            let mut streams = multi_stream::Config::from(streams);
            streams.set_response_timeout(wait);
            config.set_stream(streams);
            let (connection, transport) = dgram_stream::Connection::with_config(
                UdpConnect::new(self.address),
                TcpConnect::new(self.address),
                config,
            );
            tokio::spawn(transport.run());
            let connection = Watched { connection, trouble: Arc::default() };
            let anchors = parse_anchors(anchors).map_err(|_| Trouble::Garbled)?;
            let mut config = Config::new();
            config.set_max_bogus_validity(BOGUS_KEPT);
            let context = ValidationContext::with_config(anchors, connection.clone(), config);
            Ok(Open { connection, context })
        };
        self.open.get_or_try_init(make).await
    }
}

impl Open {
    async fn validated(&self, name: &Name<Vec<u8>>, kind: Rtype) -> Result<Answer, Trouble> {
        let mut reply = self.ask(name, kind).await?;
        let (state, why) = self
            .context
            .validate_msg::<_, Vec<u8>>(&mut reply)
            .await
            .map_err(|_| Trouble::Garbled)?;
        let security = match state {
            ValidationState::Secure => Security::Secure,
            ValidationState::Insecure => Security::Insecure,
            ValidationState::Bogus => Security::Bogus,
            ValidationState::Indeterminate => Security::Indeterminate,
        };
        let why = why.map(|why| why.to_string());
        Answer::new(name.clone(), security, why, &reply)
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
        let mut sent = self.connection.connection.send_request(request);
        let reply = sent.get_response().await.map_err(|error| trouble(&error))?;
        code(&reply).map_or(Ok(reply), Err)
    }
}

impl Watched {
    fn recent_trouble(&self, kept: Duration) -> Option<Trouble> {
        let trouble = self.trouble.lock().unwrap_or_else(PoisonError::into_inner);
        trouble.filter(|(at, _)| at.elapsed() < kept).map(|(_, trouble)| trouble)
    }
}

impl SendRequest<Request> for Watched {
    fn send_request(&self, request: Request) -> Box<dyn GetResponse + Send + Sync> {
        Box::new(WatchedAnswer {
            answer: self.connection.send_request(request),
            trouble: Arc::clone(&self.trouble),
        })
    }
}

impl GetResponse for WatchedAnswer {
    fn get_response(
        &mut self,
    ) -> Pin<Box<dyn Future<Output = Result<Reply, Error>> + Send + Sync + '_>> {
        Box::pin(async {
            let reply = self.answer.get_response().await;
            let seen = match &reply {
                Ok(reply) => code(reply),
                Err(error) => Some(trouble(error)),
            };
            if let Some(seen) = seen {
                let mut latest = self.trouble.lock().unwrap_or_else(PoisonError::into_inner);
                *latest = Some((Instant::now(), seen));
            }
            reply
        })
    }
}

impl core::fmt::Debug for Client {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_tuple("Client").field(&self.upstream).finish()
    }
}

fn parse_anchors(text: &str) -> Result<TrustAnchors, DnsError> {
    let unreadable = |why: String| DnsError::TrustAnchor(why);
    let mut lines = Zonefile::new();
    lines.set_default_class(Class::IN);
    lines.extend_from_slice(text.as_bytes());
    lines.extend_from_slice(b"\n");
    let mut count = 0;
    for line in lines {
        match line.map_err(|error| unreadable(error.to_string()))? {
            Entry::Record(record) if matches!(record.rtype(), Rtype::DS | Rtype::DNSKEY) => {
                count += 1;
            }
            Entry::Record(record) => {
                return Err(unreadable(format!("it holds a {} line", record.rtype())));
            }
            Entry::Include { .. } => return Err(unreadable("it includes a file".to_owned())),
        }
    }
    if count == 0 {
        return Err(unreadable("it is empty".to_owned()));
    }
    TrustAnchors::from_u8(text.as_bytes()).map_err(|error| unreadable(format!("{error:?}")))
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

/// What a reply is worth that says nothing about the name.
fn code(reply: &Reply) -> Option<Trouble> {
    match reply.header().rcode() {
        Rcode::NOERROR | Rcode::NXDOMAIN => None,
        Rcode::SERVFAIL => Some(Trouble::ServFail),
        _ => Some(Trouble::Refused),
    }
}

fn trouble(error: &Error) -> Trouble {
    match error {
        Error::Dgram(error) => match error.kind() {
            dgram::QueryErrorKind::Timeout => Trouble::Timeout,
            _ => Trouble::Unreachable,
        },
        Error::StreamReadTimeout | Error::StreamIdleTimeout => Trouble::Timeout,
        Error::MessageParseError
        | Error::ShortMessage
        | Error::FormError
        | Error::WrongReplyForQuery => Trouble::Garbled,
        _ => Trouble::Unreachable,
    }
}

/// Answers that one question may have to wait for, in units of the time for one: validation asks for
/// the keys of each zone above, and mostly has them.
const PATIENCE: u32 = 3;
/// Times that a question is put again where no answer comes.
const REPETITIONS: u8 = 2;
/// How long a zone stays bogus before it is asked for again: a person who mends it looks at once.
const BOGUS_KEPT: Duration = Duration::from_secs(5);
/// How long the system's list of resolvers is believed.
const SYSTEM_KEPT: Duration = Duration::from_secs(10);
/// The largest UDP answer (DNS flag day 2020: larger ones are cut up on the way and get lost).
const UDP_PAYLOAD: u16 = 1_232;
/// Resolvers asked in turn; systems name up to three.
const SERVERS: usize = 3;
/// The keys of the root: KSK-2017 and KSK-2024.
pub(super) const IANA_ANCHORS: &str = "\
. 172800 IN DS 20326 8 2 E06D44B80B8F1D39A95C0B0D7C65D08458E880409BBC683457104237C7F8EC8D
. 172800 IN DS 38696 8 2 683D2D0ACB8C9B712A1948B27F741219298D0A450D612C483AF444A4C0FB2B16
";
