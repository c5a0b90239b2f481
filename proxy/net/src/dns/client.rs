use core::str::FromStr;
use core::sync::atomic::{AtomicBool, Ordering};
use core::time::Duration;
use std::net::SocketAddr;

use domain::base::iana::Rcode;
use domain::base::{Message, MessageBuilder, Name, Rtype};
use domain::dnssec::validator::anchor::TrustAnchors;
use domain::dnssec::validator::context::{ValidationContext, ValidationState};
use domain::net::client::protocol::{TcpConnect, UdpConnect};
use domain::net::client::request::{
    ComposeRequest, Error, GetResponse, RequestMessage, SendRequest,
};
use domain::net::client::{dgram, dgram_stream};
use nta7516::facts::{Security, Trouble};
use tokio::sync::OnceCell;
use tokio::time::timeout;

use super::answer::Answer;
use super::{DnsError, Settings, Upstream};

type Request = RequestMessage<Vec<u8>>;
type Connection = dgram_stream::Connection<UdpConnect, Request>;

/// Asks and validates.
pub(super) struct Client {
    anchors: String,
    servers: Vec<Server>,
    timeout: Duration,
    /// The resolver was seen to hand out signatures.
    signs: AtomicBool,
}

struct Server {
    address: SocketAddr,
    /// Made at the first question: it has a task of its own, which needs a runtime.
    open: OnceCell<Open>,
}

struct Open {
    connection: Connection,
    context: ValidationContext<Connection>,
}

impl Client {
    pub(super) fn new(settings: Settings) -> Result<Self, DnsError> {
        let anchors = settings
            .trust_anchor
            .unwrap_or_else(|| IANA_ANCHORS.to_owned());
        parse_anchors(&anchors)?;
        let addresses = match settings.resolver {
            Upstream::Address(address) => vec![address],
            Upstream::System => system()?,
        };
        let server = |address| Server {
            address,
            open: OnceCell::new(),
        };
        Ok(Self {
            anchors,
            servers: addresses.into_iter().map(server).collect(),
            timeout: settings.timeout,
            signs: AtomicBool::new(false),
        })
    }

    /// Asks each server in turn until one answers.
    pub(super) async fn ask(&self, name: &str, kind: Rtype) -> Result<Answer, Trouble> {
        let name = Name::<Vec<u8>>::from_str(name).map_err(|_| Trouble::Garbled)?;
        let mut trouble = Trouble::Unreachable;
        for server in &self.servers {
            match self.ask_one(server, &name, kind).await {
                Ok(answer) => return self.believe(server, answer).await,
                Err(error) => trouble = error,
            }
        }
        Err(trouble)
    }

    pub(super) async fn probe(&self) -> Result<(), Trouble> {
        let mut trouble = Trouble::Unreachable;
        for server in &self.servers {
            match self.probe_one(server).await {
                Ok(()) => return Ok(()),
                Err(error) => trouble = error,
            }
        }
        Err(trouble)
    }

    /// A resolver that strips signatures makes every answer bogus: that is said instead.
    async fn believe(&self, server: &Server, answer: Answer) -> Result<Answer, Trouble> {
        if answer.security == Security::Bogus && !self.signs.load(Ordering::Relaxed) {
            self.probe_one(server).await?;
        }
        Ok(answer)
    }

    async fn probe_one(&self, server: &Server) -> Result<(), Trouble> {
        let open = server.open(&self.anchors, self.timeout).await?;
        let reply = self
            .within(open.ask(&Name::root_vec(), Rtype::DNSKEY))
            .await?;
        let answers = reply.answer().map_err(|_| Trouble::Garbled)?;
        if answers
            .flatten()
            .any(|record| record.rtype() == Rtype::RRSIG)
        {
            self.signs.store(true, Ordering::Relaxed);
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
        self.within(async {
            let mut reply = open.ask(name, kind).await?;
            match reply.header().rcode() {
                Rcode::NOERROR | Rcode::NXDOMAIN => {}
                Rcode::SERVFAIL => return Err(Trouble::ServFail),
                _ => return Err(Trouble::Refused),
            }
            let (state, why) = open
                .context
                .validate_msg::<_, Vec<u8>>(&mut reply)
                .await
                .map_err(|_| Trouble::ServFail)?;
            let security = match state {
                ValidationState::Secure => Security::Secure,
                ValidationState::Insecure => Security::Insecure,
                ValidationState::Bogus => Security::Bogus,
                ValidationState::Indeterminate => Security::Indeterminate,
            };
            Ok(Answer::new(
                name.clone(),
                security,
                why.map(|why| why.to_string()),
                &reply,
            ))
        })
        .await
    }

    async fn within<T>(
        &self,
        future: impl Future<Output = Result<T, Trouble>>,
    ) -> Result<T, Trouble> {
        timeout(self.timeout * PATIENCE, future)
            .await
            .map_err(|_| Trouble::Timeout)?
    }
}

impl Server {
    async fn open(&self, anchors: &str, wait: Duration) -> Result<&Open, Trouble> {
        let make = || async {
            let mut config = dgram_stream::Config::new();
            let mut datagrams = dgram::Config::new();
            datagrams.set_read_timeout(wait / 2);
            datagrams.set_max_retries(2);
            datagrams.set_udp_payload_size(Some(UDP_PAYLOAD));
            config.set_dgram(datagrams);
            let (connection, transport) = dgram_stream::Connection::with_config(
                UdpConnect::new(self.address),
                TcpConnect::new(self.address),
                config,
            );
            tokio::spawn(transport.run());
            let anchors = parse_anchors(anchors).map_err(|_| Trouble::Garbled)?;
            let context = ValidationContext::new(anchors, connection.clone());
            Ok(Open {
                connection,
                context,
            })
        };
        self.open.get_or_try_init(make).await
    }
}

impl Open {
    async fn ask(
        &self,
        name: &Name<Vec<u8>>,
        kind: Rtype,
    ) -> Result<Message<bytes::Bytes>, Trouble> {
        let mut message = MessageBuilder::new_vec();
        message.header_mut().set_rd(true);
        // The resolver is not to judge: what it thinks bogus comes through and is judged here.
        message.header_mut().set_cd(true);
        let mut message = message.question();
        message.push((name, kind)).map_err(|_| Trouble::Garbled)?;
        let mut request = RequestMessage::new(message).map_err(|_| Trouble::Garbled)?;
        request.set_dnssec_ok(true);
        request.set_udp_payload_size(UDP_PAYLOAD);
        let mut sent: Box<dyn GetResponse + Send + Sync> = self.connection.send_request(request);
        sent.get_response().await.map_err(|error| trouble(&error))
    }
}

impl core::fmt::Debug for Client {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let addresses = self.servers.iter().map(|server| server.address);
        f.debug_list().entries(addresses).finish()
    }
}

fn parse_anchors(text: &str) -> Result<TrustAnchors, DnsError> {
    let lines = text
        .lines()
        .map(|line| line.split(';').next().unwrap_or_default().trim());
    if !lines.clone().any(|line| !line.is_empty()) {
        return Err(DnsError::TrustAnchor("it is empty".to_owned()));
    }
    let text = lines.collect::<Vec<_>>().join("\n");
    TrustAnchors::from_u8(text.as_bytes())
        .map_err(|error| DnsError::TrustAnchor(format!("{error:?}")))
}

fn system() -> Result<Vec<SocketAddr>, DnsError> {
    let (config, _) = hickory_resolver::system_conf::read_system_conf()
        .map_err(|error| DnsError::NoResolver(error.to_string()))?;
    let mut addresses: Vec<SocketAddr> = Vec::new();
    for server in config.name_servers() {
        let port = server
            .connections
            .first()
            .map_or(53, |connection| connection.port);
        let address = SocketAddr::new(server.ip, port);
        if !addresses.contains(&address) {
            addresses.push(address);
        }
    }
    if addresses.is_empty() {
        return Err(DnsError::NoResolver("its list is empty".to_owned()));
    }
    addresses.truncate(SERVERS);
    Ok(addresses)
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

/// A question is repeated after half the time; validation asks for the keys of each zone above.
const PATIENCE: u32 = 3;
/// The largest UDP answer (DNS flag day 2020: larger ones are cut up on the way and get lost).
const UDP_PAYLOAD: u16 = 1_232;
/// Resolvers asked in turn; systems name up to three.
const SERVERS: usize = 3;
/// The keys of the root: KSK-2017 and KSK-2024.
const IANA_ANCHORS: &str = "\
. 172800 IN DS 20326 8 2 E06D44B80B8F1D39A95C0B0D7C65D08458E880409BBC683457104237C7F8EC8D
. 172800 IN DS 38696 8 2 683D2D0ACB8C9B712A1948B27F741219298D0A450D612C483AF444A4C0FB2B16
";
