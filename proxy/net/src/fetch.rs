//! A document from an address that a stranger wrote down, over HTTP or HTTPS: a certificate names where
//! its issuer publishes. Such an address may point into the house, so that by default only addresses
//! of the public network are dialled, on the ports of the web. No redirects, no proxy; each bound is
//! the caller's.

use core::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use core::time::Duration;

use bytes::Bytes;
use http_body_util::Full;
use hyper::header::{CONTENT_TYPE, HOST, USER_AGENT};
use hyper::{Request, Uri};
use tokio::net::lookup_host;
use tokio::time::timeout;

use crate::dial::{DialError, dial};
use crate::https::{HttpsError, answered};
use crate::tls::{Expect, Roots, connect};

/// Where a fetch may go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// To addresses of the public network, on ports 80 and 443.
    Public,
    /// Anywhere, this computer and its network included, on any port: for an issuer inside the house.
    Everywhere,
}

/// What is fetched.
#[derive(Debug, Clone)]
pub struct Fetch<'a> {
    /// The address: `http://` or `https://`.
    pub url: &'a str,
    /// Media type and body of what is handed in (POST); none: GET.
    pub post: Option<(&'static str, Bytes)>,
    /// The most bytes that are read.
    pub at_most: usize,
    /// For everything together.
    pub within: Duration,
    /// Where it may go.
    pub reach: Reach,
}

/// Why it could not be had.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FetchError {
    /// It is no address of HTTP or HTTPS, or has a user in it.
    #[error("it is no address of the web")]
    Address,
    /// It leads into this computer or its network, or to another port than those of the web.
    #[error("it leads into the own network, or to a port that is not that of the web")]
    Inside,
    /// What went wrong on the way.
    #[error(transparent)]
    Https(#[from] HttpsError),
}

/// Fetches it. The name is looked up once, and what was looked at is what is dialled: a name that
/// changes its mind between leads nowhere else.
///
/// # Errors
/// [`FetchError`]; an answer other than 200 is one.
pub async fn fetch(roots: &Roots, what: Fetch<'_>) -> Result<Bytes, FetchError> {
    let target = Target::read(what.url)?;
    if what.reach == Reach::Public && ![80, 443].contains(&target.port) {
        return Err(FetchError::Inside);
    }
    let within = what.within;
    timeout(within, fetched(roots, &target, what)).await.map_err(|_| HttpsError::Silent(within))?
}

async fn fetched(roots: &Roots, target: &Target, what: Fetch<'_>) -> Result<Bytes, FetchError> {
    let mut stream = None;
    let mut last = FetchError::Inside;
    let looked = lookup_host((target.host.as_str(), target.port)).await;
    for address in looked.map_err(DialError::Name).map_err(HttpsError::from)? {
        if what.reach == Reach::Public && !is_public(address) {
            continue;
        }
        match dial(address, what.within).await {
            Ok(dialled) => {
                stream = Some(dialled);
                break;
            }
            Err(error) => last = HttpsError::from(error).into(),
        }
    }
    let stream = stream.ok_or(last)?;
    let stream = match target.secure {
        false => stream,
        true => {
            let expect = Expect::Server(target.host.clone());
            connect(stream, expect, roots).await.map_err(HttpsError::from)?.0
        }
    };
    let request = Request::builder().uri(&target.path).header(HOST, &target.authority);
    let request = request.header(USER_AGENT, "Zorgzegel");
    let request = match what.post {
        Some((kind, body)) => {
            request.method("POST").header(CONTENT_TYPE, kind).body(Full::new(body))
        }
        None => request.method("GET").body(Full::default()),
    };
    let request = request.map_err(|error| HttpsError::Garbled(error.to_string()))?;
    let answer = answered(stream, request, what.at_most).await?;
    match answer.status {
        200 => Ok(answer.body),
        status => Err(HttpsError::Status(status).into()),
    }
}

/// An address of the web, taken apart.
#[derive(Debug, PartialEq, Eq)]
struct Target {
    secure: bool,
    host: String,
    port: u16,
    authority: String,
    path: String,
}

impl Target {
    fn read(url: &str) -> Result<Self, FetchError> {
        let uri: Uri = url.parse().map_err(|_| FetchError::Address)?;
        let secure = match uri.scheme_str() {
            Some("http") => false,
            Some("https") => true,
            _ => return Err(FetchError::Address),
        };
        let authority = uri.authority().ok_or(FetchError::Address)?.as_str();
        let host = uri.host().unwrap_or_default().trim_matches(['[', ']']);
        if url.len() > URL_MOST || host.is_empty() || authority.contains('@') {
            return Err(FetchError::Address);
        }
        let path = uri.path_and_query().map_or("/", |path| path.as_str());
        Ok(Self {
            secure,
            host: host.to_owned(),
            port: uri.port_u16().unwrap_or(if secure { 443 } else { 80 }),
            authority: authority.to_owned(),
            path: path.to_owned(),
        })
    }
}

fn is_public(address: SocketAddr) -> bool {
    match address.ip() {
        IpAddr::V4(ip) => is_public_v4(ip),
        IpAddr::V6(ip) => is_public_v6(ip),
    }
}

/// IANA's register of special addresses (RFC 6890), as far as they lead to nobody, or inside.
fn is_public_v4(ip: Ipv4Addr) -> bool {
    let [a, b, c, _] = ip.octets();
    let inside = ip.is_private() || ip.is_loopback() || ip.is_link_local() || a == 0;
    let shared = a == 100 && b & 0xc0 == 64;
    let special = (a, b, c) == (192, 0, 0) || (a == 198 && b & 0xfe == 18) || ip.is_documentation();
    !(inside || shared || special || a >= 224)
}

/// Only what is given out to the public (2000::/3), and of it none that carries an address of the other
/// kind inside but where that is public itself.
fn is_public_v6(ip: Ipv6Addr) -> bool {
    let parts = ip.segments();
    let carried = |high: u16, low: u16| {
        let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
        is_public_v4(Ipv4Addr::new(a, b, c, d))
    };
    match parts {
        // ::ffff:a.b.c.d, and NAT64 (RFC 6052).
        [0, 0, 0, 0, 0, 0xffff, high, low] | [0x64, 0xff9b, 0, 0, 0, 0, high, low] => {
            carried(high, low)
        }
        // 6to4 (RFC 3056), Teredo (RFC 4380) and what is for documents.
        [0x2002, ..] | [0x2001, 0, ..] | [0x2001, 0xdb8, ..] => false,
        [first, ..] => first & 0xe000 == 0x2000,
    }
}

/// Addresses in certificates have some 60 characters.
const URL_MOST: usize = 2048;

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    use super::*;

    fn what(url: &str, reach: Reach) -> Fetch<'_> {
        Fetch { url, post: None, at_most: 10, within: Duration::from_secs(10), reach }
    }

    /// Answers once, and gives what was asked.
    async fn served(
        answer: &'static [u8],
        post: Option<(&'static str, Bytes)>,
    ) -> (Result<Bytes, FetchError>, String) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://localhost:{}/a.crl?x=1", listener.local_addr().unwrap().port());
        let serving = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut asked = vec![0; 4096];
            let mut n = 0;
            while !asked[..n].ends_with(b"\r\n\r\n") && !asked[..n].ends_with(b"body") {
                n += stream.read(&mut asked[n..]).await.unwrap();
            }
            let _ = stream.write_all(answer).await;
            asked.truncate(n);
            String::from_utf8(asked).unwrap().to_ascii_lowercase()
        });
        let roots = Roots::load(&[]).unwrap();
        let got = fetch(&roots, Fetch { post, ..what(&url, Reach::Everywhere) }).await;
        (got, serving.await.unwrap())
    }

    #[tokio::test]
    async fn a_list_is_fetched_over_plain_http_and_a_question_is_posted() {
        let answer = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nlist";
        let (got, asked) = served(answer, None).await;
        assert_eq!(got.unwrap(), "list");
        assert!(asked.starts_with("get /a.crl?x=1 http/1.1\r\nhost: localhost:"), "{asked}");
        let body = Some(("application/ocsp-request", Bytes::from_static(b"body")));
        let (got, asked) = served(answer, body).await;
        assert_eq!(got.unwrap(), "list");
        assert!(asked.starts_with("post ") && asked.contains("application/ocsp-request"));
    }

    #[tokio::test]
    async fn a_redirect_and_too_much_are_each_a_plain_no() {
        let redirect = b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1/\r\n\r\n";
        let got = served(redirect, None).await.0;
        assert!(matches!(got, Err(FetchError::Https(HttpsError::Status(302)))), "{got:?}");
        let much = b"HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\neleven byte";
        let got = served(much, None).await.0;
        assert!(matches!(got, Err(FetchError::Https(HttpsError::Garbled(_)))), "{got:?}");
    }

    #[tokio::test]
    async fn nothing_inside_the_house_is_dialled_unless_the_settings_say_so() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let roots = Roots::load(&[]).unwrap();
        let port = listener.local_addr().unwrap().port();
        for url in [
            format!("http://127.0.0.1:{port}/"),
            "http://127.0.0.1/".to_owned(),
            "http://localhost/".to_owned(),
            "http://[::1]/".to_owned(),
            "http://10.0.0.1/".to_owned(),
            "https://192.168.1.1/".to_owned(),
            "http://169.254.169.254/latest/meta-data".to_owned(),
            "http://0.0.0.0/".to_owned(),
            "http://[::ffff:127.0.0.1]/".to_owned(),
        ] {
            let got = fetch(&roots, what(&url, Reach::Public)).await;
            assert!(matches!(got, Err(FetchError::Inside)), "{url}: {got:?}");
        }
        let asked = timeout(Duration::ZERO, listener.accept()).await;
        assert!(asked.is_err(), "nobody came");
    }

    #[test]
    fn public_addresses_are_those_that_are_given_out_to_the_public() {
        let public = |text: &str| is_public(SocketAddr::new(text.parse().unwrap(), 80));
        for text in ["1.1.1.1", "198.20.0.1", "2a00::1", "64:ff9b::101:101"] {
            assert!(public(text), "{text}");
        }
        for text in [
            "0.1.2.3",
            "10.1.1.1",
            "100.64.0.1",
            "127.0.0.1",
            "169.254.1.1",
            "172.16.0.1",
            "192.0.0.8",
            "192.0.2.1",
            "192.168.0.1",
            "198.18.0.1",
            "224.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "fc00::1",
            "fe80::1",
            "ff02::1",
            "2001:db8::1",
            "2002:7f00:1::1",
            "2001:0:1::1",
            "64:ff9b::7f00:1",
            "::ffff:10.0.0.1",
            "::7f00:1",
        ] {
            assert!(!public(text), "{text}");
        }
    }

    #[test]
    fn only_addresses_of_the_web_are_taken() {
        let read = |url: &str| Target::read(url).ok().map(|target| (target.host, target.port));
        assert_eq!(read("http://crl.test/a"), Some(("crl.test".to_owned(), 80)));
        assert_eq!(read("https://crl.test"), Some(("crl.test".to_owned(), 443)));
        assert_eq!(read("http://[2a00::1]:8080/"), Some(("2a00::1".to_owned(), 8080)));
        for url in [
            "ldap://crl.test/a",
            "file:///etc/passwd",
            "crl.test/a",
            "http://u:p@crl.test/",
            "http:///a",
            "",
            "http://crl test/",
        ] {
            assert_eq!(read(url), None, "{url}");
        }
        assert_eq!(read(&format!("http://crl.test/{}", "a".repeat(URL_MOST))), None);
    }
}
