//! One document fetched or handed in over HTTPS (RFC 9110, RFC 9112), under the same TLS rules as
//! everything else. No redirects, no cookies; of the user nothing is told but what is asked for.

use core::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper::Request;
use hyper::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HOST, HeaderValue, USER_AGENT};
use hyper::http::request::Builder;
use hyper_util::rt::TokioIo;
use secrecy::{ExposeSecret, SecretString};
use tokio::time::timeout;

use crate::Stream;
use crate::dial::{DialError, dial_name};
use crate::tls::{ClientCertificate, Expect, Roots, TlsError, connect_as};

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
    /// The token has letters that a header field cannot carry.
    #[error("the token has letters that cannot be sent; give it anew")]
    Token,
    /// No answer in time.
    #[error("no answer within {} s", .0.as_secs())]
    Silent(Duration),
}

/// By what the server knows us.
#[derive(Debug, Clone, Copy)]
pub enum Credential<'a> {
    /// It does not.
    Nobody,
    /// As the bearer of a token (RFC 6750).
    Token(&'a SecretString),
    /// By a certificate, shown in the handshake (RFC 8446 section 4.4.2).
    Certificate(&'a ClientCertificate),
}

/// Something to hand in (POST), and what goes with it.
#[derive(Debug)]
pub struct Delivery<'a> {
    /// Where.
    pub document: Document<'a>,
    /// Its media type.
    pub content_type: &'a str,
    /// What is handed in.
    pub body: Bytes,
    /// How much of an answer is wanted (`Prefer`, RFC 7240).
    pub prefer: Option<&'static str>,
}

/// What a server answered, whatever its status.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The status code (RFC 9110 section 15).
    pub status: u16,
    /// The body.
    pub body: Bytes,
}

/// Fetches a document.
///
/// # Errors
/// [`HttpsError`]; an answer other than 200 is one.
pub async fn get(roots: &Roots, document: Document<'_>) -> Result<Bytes, HttpsError> {
    let answer = ask(roots, document, "*/*", Credential::Nobody).await?;
    match answer.status {
        200 => Ok(answer.body),
        status => Err(HttpsError::Status(status)),
    }
}

/// Fetches an answer of this media type, whatever its status.
///
/// # Errors
/// [`HttpsError`], where there was no answer.
pub async fn ask(
    roots: &Roots,
    document: Document<'_>,
    accept: &str,
    credential: Credential<'_>,
) -> Result<Answer, HttpsError> {
    let request = request(&document, "GET", accept, credential)?;
    exchange((roots, credential), &document, request.body(Full::default())).await
}

/// Hands something in, and gives the answer, whatever its status.
/// Where there is no answer it may have been taken all the same.
///
/// # Errors
/// [`HttpsError`].
pub async fn post(
    roots: &Roots,
    delivery: Delivery<'_>,
    credential: Credential<'_>,
) -> Result<Answer, HttpsError> {
    let Delivery { document, content_type, body, prefer } = delivery;
    let mut request = request(&document, "POST", content_type, credential)?;
    if let Some(prefer) = prefer {
        request = request.header("prefer", prefer);
    }
    let request = request.header(CONTENT_TYPE, content_type).body(Full::new(body));
    exchange((roots, credential), &document, request).await
}

fn request(
    document: &Document<'_>,
    method: &str,
    accept: &str,
    credential: Credential<'_>,
) -> Result<Builder, HttpsError> {
    let host = match document.port {
        443 => document.host.to_owned(),
        port => format!("{}:{port}", document.host),
    };
    let request = Request::builder()
        .method(method)
        .uri(document.path)
        .header(HOST, host)
        .header(USER_AGENT, "Zorgzegel")
        .header(ACCEPT, accept);
    let Credential::Token(token) = credential else { return Ok(request) };
    let mut value = HeaderValue::try_from(format!("Bearer {}", token.expose_secret()))
        .map_err(|_| HttpsError::Token)?;
    // Not shown where a request is.
    value.set_sensitive(true);
    Ok(request.header(AUTHORIZATION, value))
}

async fn exchange(
    who: (&Roots, Credential<'_>),
    document: &Document<'_>,
    request: Result<Request<Full<Bytes>>, hyper::http::Error>,
) -> Result<Answer, HttpsError> {
    let request = request.map_err(|error| HttpsError::Garbled(error.to_string()))?;
    let within = document.within;
    timeout(within, exchanged(who, document, request))
        .await
        .map_err(|_| HttpsError::Silent(within))?
}

async fn exchanged(
    (roots, credential): (&Roots, Credential<'_>),
    document: &Document<'_>,
    request: Request<Full<Bytes>>,
) -> Result<Answer, HttpsError> {
    let &Document { host, port, at_most, within, .. } = document;
    let connecting = within.min(CONNECTING);
    let stream = dial_name(host, port, connecting).await?;
    let client = match credential {
        Credential::Certificate(client) => Some(client),
        Credential::Nobody | Credential::Token(_) => None,
    };
    let shaken = connect_as(stream, Expect::Server(host.to_owned()), roots, client);
    let shaken = timeout(connecting, shaken).await;
    let (stream, _) = shaken.map_err(|_| HttpsError::Silent(connecting))??;
    answered(stream, request, at_most).await
}

/// One request over a connection, and its answer within the bound.
pub(crate) async fn answered(
    stream: Stream,
    request: Request<Full<Bytes>>,
    at_most: usize,
) -> Result<Answer, HttpsError> {
    let io = TokioIo::new(stream);
    let (mut sender, connection) = hyper::client::conn::http1::handshake(io).await?;
    let answer = async {
        let response = sender.send_request(request).await?;
        let status = response.status().as_u16();
        let body = Limited::new(response.into_body(), at_most).collect().await;
        let body = body.map_err(|error| HttpsError::Garbled(error.to_string()))?.to_bytes();
        Ok(Answer { status, body })
    };
    // The connection moves its bytes only while it is looked after.
    tokio::pin!(answer);
    tokio::select! {
        biased;
        answer = &mut answer => answer,
        _ = connection => answer.await,
    }
}

/// For a connection, and again for its handshake. Whoever is there answers sooner, however long the answer
/// itself takes.
const CONNECTING: Duration = Duration::from_secs(15);

impl From<hyper::Error> for HttpsError {
    fn from(error: hyper::Error) -> Self {
        Self::Garbled(error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::task::JoinHandle;

    use super::*;
    use crate::listen::{Listener, TlsAcceptor};
    use crate::local::LocalCertificate;

    /// Serves this answer once, and gives what was asked.
    async fn fetched(answer: &'static [u8], host: &str) -> (Result<Bytes, HttpsError>, Vec<u8>) {
        let (roots, port, serving) = serving(answer).await;
        let got = get(&roots, document(host, port)).await;
        (got, serving.await.unwrap())
    }

    fn document(host: &str, port: u16) -> Document<'_> {
        Document { host, port, path: "/a?b=c", at_most: 10, within: Duration::from_secs(10) }
    }

    async fn serving(answer: &'static [u8]) -> (Roots, u16, JoinHandle<Vec<u8>>) {
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
        (roots, port, serving)
    }

    #[tokio::test]
    async fn what_is_handed_in_arrives_with_its_token_and_every_answer_is_one() {
        let answer = b"HTTP/1.1 422 No\r\nContent-Length: 4\r\n\r\nwhy?";
        let (roots, port, serving) = serving(answer).await;
        let token = SecretString::from("s3cret");
        let delivery = Delivery {
            document: document("localhost", port),
            content_type: "application/fhir+json",
            body: Bytes::from_static(b"{}"),
            prefer: Some("return=minimal"),
        };
        let got = post(&roots, delivery, Credential::Token(&token)).await.unwrap();
        assert_eq!(got, Answer { status: 422, body: Bytes::from_static(b"why?") });
        let asked = String::from_utf8(serving.await.unwrap()).unwrap().to_ascii_lowercase();
        assert!(asked.starts_with("post /a?b=c http/1.1\r\n"), "{asked}");
        for line in ["authorization: bearer s3cret\r\n", "content-type: application/fhir+json\r\n"]
        {
            assert!(asked.contains(line), "{asked}");
        }
    }

    #[tokio::test]
    async fn a_token_that_would_break_the_request_is_not_sent() {
        let token = SecretString::from("a\r\nX-Other: b");
        let roots = Roots::load(&[]).unwrap();
        let asked = ask(&roots, document("localhost", 1), "*/*", Credential::Token(&token)).await;
        assert!(matches!(asked, Err(HttpsError::Token)));
    }

    #[tokio::test]
    async fn a_document_is_fetched_and_nothing_else_is_told() {
        let answer = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nfour";
        let (got, asked) = fetched(answer, "localhost").await;
        assert_eq!(got.unwrap(), "four");
        let asked = String::from_utf8(asked).unwrap().to_ascii_lowercase();
        assert!(asked.starts_with("get /a?b=c http/1.1\r\nhost: localhost:"), "{asked}");
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

    #[tokio::test(start_paused = true)]
    async fn a_server_that_never_shakes_hands_is_waited_for_no_longer_than_one_that_is_away() {
        let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = silent.local_addr().unwrap().port();
        let within = Duration::from_secs(600);
        let document = Document { within, ..document("localhost", port) };
        let got = ask(&Roots::load(&[]).unwrap(), document, "*/*", Credential::Nobody).await;
        assert!(matches!(got, Err(HttpsError::Silent(CONNECTING))), "{got:?}");
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
