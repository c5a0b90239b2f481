//! The way to one name server: UDP with TCP behind it, or TLS.

use core::pin::Pin;
use core::time::Duration;
use std::collections::VecDeque;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use domain::base::iana::Rcode;
use domain::base::name::ToName;
use domain::base::{Message, Name};
use domain::net::client::protocol::{AsyncConnect, TcpConnect, UdpConnect};
use domain::net::client::request::{
    ComposeRequest, Error, GetResponse, RequestMessage, SendRequest,
};
use domain::net::client::{dgram, dgram_stream, multi_stream, stream};
use nta7516::facts::Trouble;
use tokio::sync::watch;
use tokio::time::Instant;

use super::Dot;
use super::answer::Owner;
use super::memory::{Ends, ends};
use crate::Stream;
use crate::dial::dial;
use crate::tls::{Expect, connect};

pub(super) type Request = RequestMessage<Vec<u8>>;
pub(super) type Reply = Message<bytes::Bytes>;
type Sender = dyn SendRequest<Request> + Send + Sync;

/// A line to a name server that remembers what was seen on it.
#[derive(Clone)]
pub(super) struct Line {
    sender: Arc<Sender>,
    /// Why the last try to connect failed; `None` inside after one that did not.
    failed: watch::Receiver<Option<Trouble>>,
    seen: Arc<Mutex<Seen>>,
}

/// What was seen on a line.
#[derive(Debug, Default)]
struct Seen {
    /// The validator takes a key that could not be had for a key that is not there, and calls that
    /// bogus; it is trouble, and passes. Told apart by the name that was asked for, so that one zone
    /// whose servers fail excuses no other. The last is the newest.
    trouble: VecDeque<(Owner, Instant, Trouble)>,
    ends: Ends,
}

/// An answer on its way to the validator.
struct Awaited {
    /// The name that was asked for.
    about: Owner,
    answer: Box<dyn GetResponse + Send + Sync>,
    failed: watch::Receiver<Option<Trouble>>,
    seen: Arc<Mutex<Seen>>,
}

impl Line {
    /// Over UDP, and over TCP where an answer is too long. Needs a runtime.
    pub(super) fn datagrams(address: SocketAddr, wait: Duration) -> Self {
        let mut config = dgram_stream::Config::new();
        let mut datagrams = dgram::Config::new();
        datagrams.set_read_timeout(wait / (u32::from(REPETITIONS) + 1));
        datagrams.set_max_retries(REPETITIONS);
        datagrams.set_udp_payload_size(Some(UDP_PAYLOAD));
        config.set_dgram(datagrams);
        config.set_stream(streams(wait));
        let (connection, transport) = dgram_stream::Connection::with_config(
            UdpConnect::new(address),
            TcpConnect::new(address),
            config,
        );
        tokio::spawn(transport.run());
        Self::over(Arc::new(connection))
    }

    /// Over TLS, where the server proves its name. Needs a runtime.
    pub(super) fn tls(dot: Dot, wait: Duration) -> Self {
        let (failed, told) = watch::channel(None);
        let remote = TlsConnect { dot, wait, failed: Arc::new(failed) };
        let (connection, transport) = multi_stream::Connection::with_config(remote, streams(wait));
        tokio::spawn(transport.run());
        Self { failed: told, ..Self::over(Arc::new(connection)) }
    }

    /// Over something that takes questions.
    pub(super) fn over(sender: Arc<Sender>) -> Self {
        // Its other end is gone: nothing connects that could fail.
        let (_, failed) = watch::channel(None);
        Self { sender, failed, seen: Arc::default() }
    }

    /// Asks, and gives a reply that says something about the name.
    pub(super) async fn ask(&self, request: Request) -> Result<Reply, Trouble> {
        let reply = self.awaited(request).reply().await?;
        code(&reply).map_or(Ok(reply), Err)
    }

    /// Trouble in the time that is given, up to now, on the way from the root to one of these names.
    pub(super) fn recent_trouble(&self, names: &[Owner], within: Duration) -> Option<Trouble> {
        let seen = lock(&self.seen);
        let on_the_way = |about: &Owner| names.iter().any(|name| name.ends_with(about));
        let mut newest = seen.trouble.iter().rev().take_while(|(_, at, _)| at.elapsed() < within);
        newest.find(|(about, ..)| on_the_way(about)).map(|(.., trouble)| *trouble)
    }

    /// Until when all signatures that were seen hold.
    pub(super) fn ends(&self) -> Ends {
        lock(&self.seen).ends
    }

    /// From here on, signatures are seen afresh.
    pub(super) fn forget(&self) {
        lock(&self.seen).ends = Ends::default();
    }

    /// The signatures of this reply are seen.
    pub(super) fn note(&self, reply: &Reply) {
        lock(&self.seen).note(reply);
    }

    fn awaited(&self, request: Request) -> Awaited {
        let mut failed = self.failed.clone();
        failed.mark_unchanged();
        let about = asked(&request);
        let answer = self.sender.send_request(request);
        Awaited { about, answer, failed, seen: Arc::clone(&self.seen) }
    }
}

impl Seen {
    fn note(&mut self, reply: &Reply) {
        self.ends = self.ends.and(ends(reply));
    }

    fn fail(&mut self, about: &Owner, trouble: Trouble) {
        self.trouble.retain(|(known, ..)| known != about);
        if self.trouble.len() >= TROUBLED {
            self.trouble.pop_front();
        }
        self.trouble.push_back((about.clone(), Instant::now(), trouble));
    }
}

impl Awaited {
    async fn reply(&mut self) -> Result<Reply, Trouble> {
        let failure = async {
            let changed = self.failed.wait_for(Option::is_some).await;
            match changed.map(|trouble| *trouble) {
                Ok(Some(trouble)) => trouble,
                _ => core::future::pending().await,
            }
        };
        let reply = tokio::select! {
            reply = self.answer.get_response() => reply.map_err(|error| trouble(&error))?,
            failure = failure => return Err(failure),
        };
        lock(&self.seen).note(&reply);
        Ok(reply)
    }
}

impl SendRequest<Request> for Line {
    fn send_request(&self, request: Request) -> Box<dyn GetResponse + Send + Sync> {
        Box::new(self.awaited(request))
    }
}

impl GetResponse for Awaited {
    fn get_response(
        &mut self,
    ) -> Pin<Box<dyn Future<Output = Result<Reply, Error>> + Send + Sync + '_>> {
        Box::pin(async {
            let reply = self.reply().await;
            let trouble = reply.as_ref().map_or_else(|trouble| Some(*trouble), code);
            if let Some(trouble) = trouble {
                lock(&self.seen).fail(&self.about, trouble);
            }
            // The validator asks only whether there is an answer.
            reply.map_err(|_| Error::NoTransportAvailable)
        })
    }
}

impl core::fmt::Debug for Awaited {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Awaited")
    }
}

/// Connects to a name server over TLS (RFC 7858) in the strict profile (RFC 8310 section 5): where
/// it does not prove its name, nothing is asked.
#[derive(Clone)]
struct TlsConnect {
    dot: Dot,
    wait: Duration,
    failed: Arc<watch::Sender<Option<Trouble>>>,
}

impl TlsConnect {
    async fn open(self) -> io::Result<Stream> {
        let Dot { address, name, roots } = &self.dot;
        let opened = async {
            let stream = dial(*address, self.wait).await.map_err(|error| {
                tracing::info!(%error, "the name server cannot be reached over TLS");
                Trouble::Unreachable
            })?;
            let (stream, _) =
                connect(stream, Expect::Server(name.clone()), roots).await.map_err(|error| {
                    tracing::warn!(%error, "the name server does not prove its name");
                    if error.is_temporary() { Trouble::Unreachable } else { Trouble::Unproved }
                })?;
            Ok(stream)
        };
        let opened = tokio::time::timeout(self.wait, opened).await.unwrap_or(Err(Trouble::Timeout));
        self.failed.send_replace(opened.as_ref().err().copied());
        opened.map_err(io::Error::other)
    }
}

impl AsyncConnect for TlsConnect {
    type Connection = Stream;
    type Fut = Pin<Box<dyn Future<Output = io::Result<Stream>> + Send + Sync>>;

    fn connect(&self) -> Self::Fut {
        // A task's handle is Sync, which the handshake itself need not be.
        let opening = tokio::spawn(self.clone().open());
        Box::pin(async move { opening.await.map_err(io::Error::other)? })
    }
}

fn streams(wait: Duration) -> multi_stream::Config {
    let mut one = stream::Config::new();
    one.set_response_timeout(wait);
    let mut all = multi_stream::Config::from(one);
    all.set_response_timeout(wait);
    all
}

fn lock(seen: &Mutex<Seen>) -> std::sync::MutexGuard<'_, Seen> {
    seen.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The name that is asked for; the root, which is on the way to all, where it cannot be told.
fn asked(request: &Request) -> Owner {
    let message = request.to_message().ok();
    let name = message.and_then(|message| Some(message.sole_question().ok()?.qname().to_name()));
    name.unwrap_or_else(Name::root_vec)
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

/// Times that a question is put again where no answer comes.
const REPETITIONS: u8 = 2;
/// Names with trouble that are remembered: more than anyone looks at at once. Of one that is forgotten
/// an answer counts as bogus, so that nothing goes.
const TROUBLED: usize = 512;
/// The largest UDP answer (DNS flag day 2020: larger ones are cut up on the way and get lost).
pub(super) const UDP_PAYLOAD: u16 = 1_232;
