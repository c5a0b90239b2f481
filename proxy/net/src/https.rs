//! Fetching one small document over HTTPS (RFC 9110, RFC 9112), under the same TLS rules as
//! everything else. No redirects, no cookies, nothing of the user is told but the path.

use core::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Empty, Limited};
use hyper::Request;
use hyper::header::{ACCEPT, HOST, USER_AGENT};
use hyper_util::rt::TokioIo;
use tokio::time::timeout;

use crate::dial::{DialError, dial_name};
use crate::tls::{Expect, Roots, TlsError, connect};

/// A document to fetch.
#[derive(Debug, Clone, Copy)]
pub struct Document<'a> {
    /// The server's name, which its certificate must have.
    pub host: &'a str,
    /// Its port; 443 where nothing else is said.
    pub port: u16,
    /// Path and query.
    pub path: &'a str,
    /// The most bytes that are read of it.
    pub at_most: usize,
    /// For everything together.
    pub within: Duration,
}

/// Why a document could not be had.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HttpsError {
    /// The server was not reached.
    #[error("{0}")]
    Dial(#[from] DialError),
    /// It did not prove its name.
    #[error("{0}")]
    Tls(#[from] TlsError),
    /// It answered with another status than 200.
    #[error("it answered {0}")]
    Status(u16),
    /// What it said is no HTTP, or more than was asked for.
    #[error("{0}")]
    Garbled(String),
    /// No answer in time.
    #[error("no answer within {} s", .0.as_secs())]
    Silent(Duration),
}

/// Fetches a document.
///
/// # Errors
/// [`HttpsError`].
pub async fn get(roots: &Roots, document: Document<'_>) -> Result<Bytes, HttpsError> {
    let within = document.within;
    timeout(within, fetch(roots, document)).await.map_err(|_| HttpsError::Silent(within))?
}

async fn fetch(roots: &Roots, document: Document<'_>) -> Result<Bytes, HttpsError> {
    let Document { host, port, path, at_most, within } = document;
    let stream = dial_name(host, port, within).await?;
    let (stream, _) = connect(stream, Expect::Server(host.to_owned()), roots).await?;
    let io = TokioIo::new(stream);
    let (mut sender, connection) = hyper::client::conn::http1::handshake(io).await?;
    let request = Request::get(path)
        .header(HOST, host)
        .header(USER_AGENT, "Zorgzegel")
        .header(ACCEPT, "*/*")
        .body(Empty::<Bytes>::new())
        .map_err(|error| HttpsError::Garbled(error.to_string()))?;
    let answer = async {
        let response = sender.send_request(request).await?;
        if response.status().as_u16() != 200 {
            return Err(HttpsError::Status(response.status().as_u16()));
        }
        let body = Limited::new(response.into_body(), at_most).collect().await;
        Ok(body.map_err(|error| HttpsError::Garbled(error.to_string()))?.to_bytes())
    };
    // The connection moves its bytes only while it is looked after.
    tokio::pin!(answer);
    tokio::select! {
        biased;
        answer = &mut answer => answer,
        _ = connection => answer.await,
    }
}

impl From<hyper::Error> for HttpsError {
    fn from(error: hyper::Error) -> Self {
        Self::Garbled(error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;
    use crate::listen::{Listener, TlsAcceptor};
    use crate::local::LocalCertificate;

    /// Serves this answer once, and gives what was asked.
    async fn fetched(answer: &'static [u8], host: &str) -> (Result<Bytes, HttpsError>, Vec<u8>) {
        let certificate = LocalCertificate::create(jiff::Timestamp::now()).unwrap();
        let authority = ("authority".to_owned(), certificate.authority().into_bytes());
        let roots = Roots::load(&[authority]).unwrap();
        let acceptor = TlsAcceptor::new(&certificate).unwrap();
        let listener = Listener::bind("127.0.0.1:0".parse().unwrap()).await.unwrap();
        let port = listener.address().port();
        let serving = tokio::spawn(async move {
            let stream = listener.accept().await.unwrap();
            let Ok(mut stream) = acceptor.accept(stream).await else { return Vec::new() };
            let mut asked = vec![0; 4096];
            let n = stream.read(&mut asked).await.unwrap();
            asked.truncate(n);
            let _ = stream.write_all(answer).await;
            let _ = stream.shutdown().await;
            asked
        });
        let document =
            Document { host, port, path: "/a?b=c", at_most: 10, within: Duration::from_secs(10) };
        let got = get(&roots, document).await;
        (got, serving.await.unwrap())
    }

    #[tokio::test]
    async fn a_document_is_fetched_and_nothing_else_is_told() {
        let answer = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nfour";
        let (got, asked) = fetched(answer, "localhost").await;
        assert_eq!(got.unwrap(), "four");
        let asked = String::from_utf8(asked).unwrap().to_ascii_lowercase();
        assert!(asked.starts_with("get /a?b=c http/1.1\r\nhost: localhost\r\n"), "{asked}");
        assert!(!asked.contains("cookie") && !asked.contains("authorization"), "{asked}");
    }

    #[tokio::test]
    async fn a_redirect_garbage_and_too_much_are_each_a_plain_no() {
        let redirect = b"HTTP/1.1 302 Found\r\nLocation: https://else.test/\r\n\r\n";
        assert!(matches!(fetched(redirect, "localhost").await.0, Err(HttpsError::Status(302))));
        let garbage = b"220 mail.test ESMTP\r\n";
        assert!(matches!(fetched(garbage, "localhost").await.0, Err(HttpsError::Garbled(_))));
        let much = b"HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\neleven byte";
        assert!(matches!(fetched(much, "localhost").await.0, Err(HttpsError::Garbled(_))));
    }

    #[tokio::test]
    async fn a_server_that_does_not_prove_its_name_is_asked_nothing() {
        let certificate = LocalCertificate::create(jiff::Timestamp::now()).unwrap();
        let acceptor = TlsAcceptor::new(&certificate).unwrap();
        let listener = Listener::bind("127.0.0.1:0".parse().unwrap()).await.unwrap();
        let port = listener.address().port();
        let serving = tokio::spawn(async move {
            acceptor.accept(listener.accept().await.unwrap()).await.is_err()
        });
        let document = Document {
            host: "localhost",
            port,
            path: "/",
            at_most: 10,
            within: Duration::from_secs(10),
        };
        // Its authority is not among these.
        let got = get(&Roots::load(&[]).unwrap(), document).await;
        assert!(matches!(got, Err(HttpsError::Tls(_))), "{got:?}");
        assert!(serving.await.unwrap());
    }
}
