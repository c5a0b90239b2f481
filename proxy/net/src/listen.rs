//! Listeners, on loopback only (invariant 11), and TLS on them.

use core::time::Duration;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use rustls::ServerConfig;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::server::NoServerSessionStorage;
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::time::timeout;

use crate::Stream;
use crate::local::LocalCertificate;
use crate::tls::{TlsError, VERSIONS, provider};

/// A listening socket.
#[derive(Debug)]
pub struct Listener {
    listener: TcpListener,
    address: SocketAddr,
}

/// Why there is no listener.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ListenError {
    /// Other machines could connect.
    #[error("{0} is not on this computer alone; listen on 127.0.0.1 or [::1]")]
    NotLoopback(SocketAddr),
    /// Another program listens there.
    #[error(
        "another program already listens on {0}; stop it (is Zorgzegel running already?), or choose \
         another port in [listen]"
    )]
    InUse(SocketAddr),
    /// The system says why.
    #[error("cannot listen on {address}: {source}")]
    Io {
        /// Where.
        address: SocketAddr,
        /// What the system said.
        source: io::Error,
    },
}

impl Listener {
    /// Listens on a loopback address; port 0 lets the system choose.
    ///
    /// # Errors
    /// [`ListenError`].
    pub async fn bind(address: SocketAddr) -> Result<Self, ListenError> {
        if !address.ip().is_loopback() {
            return Err(ListenError::NotLoopback(address));
        }
        let failed = |source: io::Error| match source.kind() {
            io::ErrorKind::AddrInUse => ListenError::InUse(address),
            _ => ListenError::Io { address, source },
        };
        let listener = TcpListener::bind(address).await.map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        Ok(Self { listener, address })
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The next connection.
    ///
    /// # Errors
    /// What the system says; the listener can be asked again.
    pub async fn accept(&self) -> io::Result<Stream> {
        let (stream, _) = self.listener.accept().await?;
        crate::stream::set_up(&stream)?;
        Ok(Stream::Plain(stream))
    }
}

/// Serves whoever comes to a listener, for ever: each in a task of its own that keeps one of the
/// `places`. Who finds none hears the line `full`, and the connection is closed.
pub async fn serve<F: Future<Output = ()> + Send + 'static>(
    listener: Listener,
    places: Arc<Semaphore>,
    full: &'static str,
    serve: impl Fn(Stream) -> F,
) {
    loop {
        let stream = match listener.accept().await {
            Ok(stream) => stream,
            Err(error) => {
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(ACCEPT_AGAIN).await;
                continue;
            }
        };
        match Arc::clone(&places).try_acquire_owned() {
            Ok(place) => {
                let served = serve(stream);
                tokio::spawn(async move {
                    served.await;
                    drop(place);
                });
            }
            Err(_) => drop(tokio::spawn(turn_away(stream, full.as_bytes()))),
        }
    }
}

/// Says a last line to a connection that is not served, and closes it.
pub async fn turn_away(mut stream: Stream, line: &[u8]) {
    let said = async {
        stream.write_all(line).await?;
        stream.shutdown().await
    };
    let _ = timeout(FAREWELL, said).await;
}

/// TLS for a [`Listener`].
#[derive(Clone)]
pub struct TlsAcceptor(tokio_rustls::TlsAcceptor);

impl TlsAcceptor {
    /// TLS 1.2 and 1.3 with the local certificate.
    ///
    /// # Errors
    /// [`TlsError`] where key and certificate do not fit.
    pub fn new(certificate: &LocalCertificate) -> Result<Self, TlsError> {
        let chain = certificate.chain().iter().cloned().map(CertificateDer::from).collect();
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(certificate.key().to_vec()));
        let mut config = ServerConfig::builder_with_provider(provider())
            .with_protocol_versions(VERSIONS)
            .and_then(|builder| builder.with_no_client_auth().with_single_cert(chain, key))
            .map_err(|error| TlsError::Broken(error.to_string()))?;
        config.max_early_data_size = 0;
        // No resumption (R-TLS-1). It would save a millisecond on loopback, and tickets that a
        // client never reads turn its orderly end into a reset connection.
        config.session_storage = Arc::new(NoServerSessionStorage {});
        config.send_tls13_tickets = 0;
        Ok(Self(tokio_rustls::TlsAcceptor::from(Arc::new(config))))
    }

    /// The handshake, within 30 seconds.
    ///
    /// # Errors
    /// [`TlsError`]; the connection is gone then.
    pub async fn accept(&self, stream: Stream) -> Result<Stream, TlsError> {
        let tcp = plain(stream)?;
        let accepted = timeout(HANDSHAKE, self.0.accept(tcp)).await;
        let slow = |_| TlsError::Interrupted("the TLS handshake took too long".to_owned());
        let accepted = accepted.map_err(slow)?;
        let stream = accepted.map_err(|error| TlsError::in_handshake(&error))?;
        Ok(Stream::TlsServer(Box::new(stream)))
    }
}

impl core::fmt::Debug for TlsAcceptor {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("TlsAcceptor")
    }
}

pub(crate) fn plain(stream: Stream) -> Result<TcpStream, TlsError> {
    match stream {
        Stream::Plain(tcp) => Ok(tcp),
        _ => Err(TlsError::Broken("TLS inside TLS".to_owned())),
    }
}

/// Pause after a failed accept, as when the process has no file descriptors left.
const ACCEPT_AGAIN: Duration = Duration::from_millis(200);
/// For the TLS handshake of a mail program.
const HANDSHAKE: Duration = Duration::from_secs(30);
/// For the last line to a peer that may not read.
const FAREWELL: Duration = Duration::from_secs(2);

#[cfg(test)]
mod tests;
