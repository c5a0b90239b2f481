//! A receiving mail server for the demonstration: it takes what comes and keeps it in memory.

use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use net::Stream;
use net::drive::Driver;
use net::listen::{Listener, TlsAcceptor};
use smtp::Reply;
use smtp::server::{Config, Event, Login, Server, Tls};

/// What a [`Receiver`] took, oldest first.
#[derive(Clone, Default)]
pub(super) struct Mailbox(Arc<Mutex<Vec<Vec<u8>>>>);

/// A server on a port of 127.0.0.1 that the system gives.
pub(super) struct Receiver {
    /// Where it listens.
    pub(super) address: SocketAddr,
    /// What it took.
    pub(super) mailbox: Mailbox,
}

impl Mailbox {
    /// A copy of what was taken.
    pub(super) fn messages(&self) -> Vec<Vec<u8>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn keep(&self, message: Vec<u8>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(message);
    }
}

impl Receiver {
    /// Starts it; with an acceptor it offers STARTTLS.
    pub(super) async fn start(
        name: &'static str,
        acceptor: Option<TlsAcceptor>,
    ) -> io::Result<Self> {
        let listener = Listener::bind(SocketAddr::from(([127, 0, 0, 1], 0)))
            .await
            .map_err(io::Error::other)?;
        let address = listener.address();
        let mailbox = Mailbox::default();
        let receiver = Self { address, mailbox: mailbox.clone() };
        tokio::spawn(async move {
            while let Ok(stream) = listener.accept().await {
                tokio::spawn(serve(name, stream, acceptor.clone(), mailbox.clone()));
            }
        });
        Ok(receiver)
    }
}

async fn serve(
    name: &'static str,
    stream: Stream,
    acceptor: Option<TlsAcceptor>,
    mailbox: Mailbox,
) {
    let tls = if acceptor.is_some() { Tls::StartTls } else { Tls::None };
    let config = Config { login: Login::NotAsked, ..Config::new(name, tls) };
    let mut driver = Driver::new(stream, Server::new(config, [0; 16], 0));
    let mut message = Vec::new();
    while let Ok(Some(event)) = driver.next().await {
        let reply = match event {
            Event::StartTls => {
                let Some(acceptor) = &acceptor else { return };
                if driver.start_tls_server(acceptor).await.is_err() {
                    return;
                }
                driver.machine_mut().tls_established();
                continue;
            }
            Event::Mail { .. } => Reply::new(250, "2.1.0", "sender ok"),
            Event::Rcpt(_) => Reply::new(250, "2.1.5", "recipient ok"),
            Event::DataStart => Reply::new(354, "", "go on"),
            Event::Data(bytes) => {
                message.extend_from_slice(&bytes);
                continue;
            }
            Event::DataEnd => {
                mailbox.keep(core::mem::take(&mut message));
                Reply::new(250, "2.0.0", "taken")
            }
            Event::Reset => {
                message.clear();
                continue;
            }
            Event::Authenticate(_) => Reply::new(503, "5.5.1", "no login here"),
            Event::Quit => return,
        };
        driver.machine_mut().answer(reply);
    }
}
