//! TCP connections to others.

use core::time::Duration;
use std::io;
use std::net::SocketAddr;

use tokio::net::{TcpStream, lookup_host};
use tokio::time::timeout;

use crate::Stream;

/// Why no connection could be had.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DialError {
    /// The name has no address, or the system could not look it up.
    #[error("the name cannot be looked up ({0})")]
    Name(io::Error),
    /// The system says why.
    #[error("{0}")]
    Refused(#[from] io::Error),
    /// No answer in time.
    #[error("no answer within {} s", .0.as_secs())]
    Silent(Duration),
}

/// Connects to one address within the time.
///
/// # Errors
/// [`DialError`].
pub async fn dial(address: SocketAddr, within: Duration) -> Result<Stream, DialError> {
    let stream = timeout(within, TcpStream::connect(address))
        .await
        .map_err(|_| DialError::Silent(within))??;
    // Replies are coalesced by the machines; waiting for more bytes only costs time.
    crate::stream::set_up(&stream)?;
    Ok(Stream::Plain(stream))
}

/// Looks a name up by the system, within the time, and connects to its addresses in turn, each within the time.
///
/// # Errors
/// [`DialError`] of the last address.
pub async fn dial_name(host: &str, port: u16, within: Duration) -> Result<Stream, DialError> {
    let addresses = timeout(within, lookup_host((host, port)))
        .await
        .map_err(|_| DialError::Silent(within))?
        .map_err(DialError::Name)?;
    let mut last = DialError::Name(io::Error::new(io::ErrorKind::NotFound, "it has no address"));
    for address in addresses {
        match dial(address, within).await {
            Ok(stream) => return Ok(stream),
            Err(error) => last = error,
        }
    }
    Err(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOON: Duration = Duration::from_secs(10);

    #[tokio::test]
    async fn connects_without_delaying_small_writes_and_asks_a_silent_peer() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let Stream::Plain(tcp) = dial(address, SOON).await.unwrap() else {
            panic!("not plain");
        };
        assert!(tcp.nodelay().unwrap());
        let socket = socket2::SockRef::from(&tcp);
        assert!(socket.keepalive().unwrap(), "a peer that went without a word is noticed");
        dial_name("127.0.0.1", address.port(), SOON).await.unwrap();
        dial_name("localhost", address.port(), SOON).await.unwrap();
    }

    #[tokio::test]
    async fn a_port_where_nobody_listens_and_a_name_that_is_none_are_told_apart() {
        let socket = tokio::net::TcpSocket::new_v4().unwrap();
        socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
        // Bound, so that nobody else gets it, and not listening.
        let address = socket.local_addr().unwrap();
        let refused = dial(address, SOON).await.unwrap_err();
        assert!(matches!(refused, DialError::Refused(_)));
        let nameless = dial_name(&"a".repeat(64), 25, SOON).await.unwrap_err();
        assert!(matches!(nameless, DialError::Name(_)));
    }
}
