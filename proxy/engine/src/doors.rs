//! Where mail programs come in: the listeners, how many sessions there are, and their end.

use core::time::Duration;
use std::sync::Arc;

use net::Stream;
use net::listen::Listener;
use settings::{Listen, ListenTls};
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
}

impl Doors {
    /// Doors for so many sessions of each protocol.
    pub(crate) fn new(most: usize) -> Self {
        let [smtp, imap] = [(); 2].map(|()| Arc::new(Semaphore::new(most)));
        Self { most, smtp, imap, stop: watch::Sender::new(false) }
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

    /// Sessions may begin.
    pub(crate) fn open(&self) {
        self.stop.send_replace(false);
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

/// What is said to whoever finds no place.
const FULL_SMTP: &str = "421 4.7.0 localhost too many sessions at once; try again later\r\n";
const FULL_IMAP: &str = "* BYE [UNAVAILABLE] Too many sessions at once; try again later\r\n";
/// For the last words of all IMAP sessions.
const FAREWELL: Duration = Duration::from_secs(3);
