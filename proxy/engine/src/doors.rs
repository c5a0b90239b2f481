//! Where mail programs come in: the listeners, how many sessions there are, and their end.

use core::time::Duration;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};

use net::Stream;
use net::listen::{ListenError, Listener};
use settings::{Listen, ListenTls};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::sync::{Semaphore, watch};

use crate::engine::{Engine, Ready};
use crate::error::EngineError;
use crate::{retrieval, submission, words};

/// What is spoken at a listener.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protocol {
    /// Submission (RFC 6409).
    Smtp,
    /// IMAP (RFC 3501).
    Imap,
}

/// Places for sessions, and the word that they are to end.
#[derive(Debug)]
pub(crate) struct Doors {
    most: usize,
    smtp: Arc<Semaphore>,
    imap: Arc<Semaphore>,
    stop: watch::Sender<bool>,
    /// Where listeners go that are opened while it serves; none while it does not.
    more: Mutex<Option<UnboundedSender<(Listener, Ready)>>>,
}

impl Doors {
    /// Doors for so many sessions of each protocol.
    pub(crate) fn new(most: usize) -> Self {
        let [smtp, imap] = [(); 2].map(|()| Arc::new(Semaphore::new(most)));
        Self { most, smtp, imap, stop: watch::Sender::new(false), more: Mutex::new(None) }
    }

    /// Listens at every place of the settings; SMTP's first.
    pub(crate) async fn bind(listen: &Listen) -> Result<Vec<(Listener, Ready)>, EngineError> {
        let smtp = listen.smtp.iter().map(|place| (Protocol::Smtp, place));
        let imap = listen.imap.iter().map(|place| (Protocol::Imap, place));
        let mut listeners = Vec::new();
        for (protocol, place) in smtp.chain(imap) {
            let listener = Listener::bind(place.address).await?;
            let ready = Ready { protocol, address: listener.address(), tls: place.tls };
            listeners.push((listener, ready));
        }
        Ok(listeners)
    }

    /// Sessions may begin. What is given are the listeners that are opened later.
    pub(crate) fn open(&self) -> UnboundedReceiver<(Listener, Ready)> {
        self.stop.send_replace(false);
        let (sender, more) = unbounded_channel();
        *self.more.lock().unwrap_or_else(PoisonError::into_inner) = Some(sender);
        more
    }

    /// Serves at one more listener, where it serves at all.
    fn add(&self, listener: Listener, ready: Ready) -> bool {
        let more = self.more.lock().unwrap_or_else(PoisonError::into_inner);
        more.as_ref().is_some_and(|more| more.send((listener, ready)).is_ok())
    }

    /// Tells IMAP sessions to end, and gives them time to say so; a submission ends by itself, when
    /// its message is in other hands.
    pub(crate) async fn say_farewell(&self) {
        self.stop.send_replace(true);
        let all = u32::try_from(self.most).unwrap_or(u32::MAX);
        let _ = tokio::time::timeout(FAREWELL, self.imap.acquire_many(all)).await;
    }

    /// Turns true when sessions are to end.
    pub(crate) fn stop(&self) -> watch::Receiver<bool> {
        self.stop.subscribe()
    }

    /// Serves whoever comes to this listener.
    pub(crate) async fn accept(engine: Arc<Engine>, listener: Listener, at: Ready) {
        let doors = engine.doors();
        let (places, full) = match at.protocol {
            Protocol::Smtp => (&doors.smtp, FULL_SMTP),
            Protocol::Imap => (&doors.imap, FULL_IMAP),
        };
        let welcome = |stream| welcome(Arc::clone(&engine), stream, at.clone());
        net::listen::serve(listener, Arc::clone(places), full, welcome).await;
    }
}

impl Engine {
    /// Listens for IMAP at once and at every start, where the settings name no place for it yet:
    /// on the first port from 1143 on that is free.
    ///
    /// # Errors
    /// [`EngineError`] where no port is free or the settings cannot be written; nothing listens then.
    pub async fn listen_for_imap(self: &Arc<Self>) -> Result<(), EngineError> {
        if !self.settings().listen.imap.is_empty() {
            return Ok(());
        }
        let listeners = on_a_free_port().await?;
        let places: Vec<SocketAddr> = listeners.iter().map(Listener::address).collect();
        let engine = Arc::clone(self);
        let change = settings::Change::ListenImap(places);
        let changed = tokio::task::spawn_blocking(move || engine.change(&change)).await;
        changed.map_err(|_| vault::VaultError::Interrupted)??;
        let tls = self.settings().listen.tls;
        let mut all = self.listeners();
        for listener in listeners {
            let ready = Ready { protocol: Protocol::Imap, address: listener.address(), tls };
            if self.doors().add(listener, ready.clone()) {
                all.push(ready);
            }
        }
        self.are_ready(all);
        Ok(())
    }
}

/// Listeners on both loopback addresses, since a mail program may take either for `localhost`; on
/// the one where the computer has no IPv6.
async fn on_a_free_port() -> Result<Vec<Listener>, ListenError> {
    let mut taken = None;
    for port in IMAP_PORTS {
        let first = match Listener::bind((Ipv4Addr::LOCALHOST, port).into()).await {
            Ok(listener) => listener,
            Err(error) => {
                taken = Some(error);
                continue;
            }
        };
        match Listener::bind((Ipv6Addr::LOCALHOST, port).into()).await {
            Ok(second) => return Ok(vec![first, second]),
            Err(error @ ListenError::InUse(_)) => taken = Some(error),
            Err(_) => return Ok(vec![first]),
        }
    }
    Err(taken.unwrap_or(ListenError::InUse((Ipv4Addr::LOCALHOST, *IMAP_PORTS.start()).into())))
}

async fn welcome(engine: Arc<Engine>, stream: Stream, at: Ready) {
    let acceptor = match (at.tls, engine.acceptor().await) {
        (ListenTls::None, _) => None,
        (_, Ok(acceptor)) => Some(acceptor),
        (ListenTls::StartTls, Err(error)) => {
            let words = words::one_line(&error.to_string());
            let line = match at.protocol {
                Protocol::Smtp => format!("421 4.3.0 localhost {words}\r\n"),
                Protocol::Imap => format!("* BYE [UNAVAILABLE] {words}\r\n"),
            };
            return net::listen::turn_away(stream, line.as_bytes()).await;
        }
        (ListenTls::Implicit, Err(error)) => {
            return tracing::error!(%error, "no certificate for TLS");
        }
    };
    let stream = match (at.tls, &acceptor) {
        (ListenTls::Implicit, Some(acceptor)) => match acceptor.accept(stream).await {
            Ok(stream) => stream,
            Err(error) => {
                return tracing::info!(%error, "the mail program's TLS handshake failed");
            }
        },
        _ => stream,
    };
    match at.protocol {
        Protocol::Smtp => submission::serve(engine, stream, smtp_tls(at.tls)).await,
        Protocol::Imap => retrieval::serve(engine, stream, at.tls, acceptor).await,
    }
}

fn smtp_tls(tls: ListenTls) -> smtp::server::Tls {
    match tls {
        ListenTls::None => smtp::server::Tls::None,
        ListenTls::StartTls => smtp::server::Tls::StartTls,
        ListenTls::Implicit => smtp::server::Tls::Implicit,
    }
}

/// Where mail programs fetch mail, the usual place first; the others for a computer where another
/// program, or another user's Zorgzegel, has that one.
const IMAP_PORTS: core::ops::RangeInclusive<u16> = 1143..=1192;
/// What is said to whoever finds no place.
const FULL_SMTP: &str = "421 4.7.0 localhost too many sessions at once; try again later\r\n";
const FULL_IMAP: &str = "* BYE [UNAVAILABLE] Too many sessions at once; try again later\r\n";
/// For the last words of all IMAP sessions.
const FAREWELL: Duration = Duration::from_secs(3);
