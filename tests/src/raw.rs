//! A bare client of SMTP (and, below [`crate::imap`], of IMAP): each line as a test says it, each
//! reply as it came.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::time::Duration;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::aws_lc_rs::default_provider;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{
    ClientConfig, ClientConnection, DigitallySignedStruct, Error, SignatureScheme, StreamOwned,
};

use crate::Zorgzegel;

/// A connection.
#[derive(Debug)]
pub struct Raw {
    stream: Link,
    unread: Vec<u8>,
}

#[derive(Debug)]
enum Link {
    Plain(TcpStream),
    Tls(Box<StreamOwned<ClientConnection, TcpStream>>),
    Gone,
}

impl Raw {
    /// Connects; the greeting is not read yet.
    ///
    /// # Errors
    /// No connection.
    pub fn connect(at: SocketAddr) -> std::io::Result<Self> {
        let stream = TcpStream::connect(at)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        Ok(Self { stream: Link::Plain(stream), unread: Vec::new() })
    }

    /// Connects, starts TLS and logs in by PLAIN.
    ///
    /// # Errors
    /// A reply that is not the expected one, or a broken connection.
    pub fn log_in(at: SocketAddr, user: &str, password: &str) -> std::io::Result<Self> {
        let mut raw = Self::connect(at)?;
        raw.expect("220")?;
        raw.ask("EHLO raw", "250")?;
        raw.ask("STARTTLS", "220")?;
        raw.tls()?;
        raw.ask("EHLO raw", "250")?;
        let login = base64(format!("\0{user}\0{password}").as_bytes());
        raw.ask(&format!("AUTH PLAIN {login}"), "235")?;
        Ok(raw)
    }

    /// Puts the connection inside TLS; which certificate the server has is not checked.
    ///
    /// # Errors
    /// TLS inside TLS.
    pub fn tls(&mut self) -> std::io::Result<()> {
        let Link::Plain(stream) = std::mem::replace(&mut self.stream, Link::Gone) else {
            return Err(std::io::Error::other("TLS inside TLS"));
        };
        let name = ServerName::try_from("localhost").map_err(std::io::Error::other)?;
        let client =
            ClientConnection::new(any_certificate()?, name).map_err(std::io::Error::other)?;
        self.stream = Link::Tls(Box::new(StreamOwned::new(client, stream)));
        Ok(())
    }

    /// Writes bytes as they are.
    ///
    /// # Errors
    /// The connection broke.
    pub fn write(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        match &mut self.stream {
            Link::Plain(stream) => stream.write_all(bytes),
            Link::Tls(stream) => stream.write_all(bytes).and_then(|()| stream.flush()),
            Link::Gone => Err(std::io::ErrorKind::NotConnected.into()),
        }
    }

    /// Reads what comes next, at most 64 KiB; empty at the end of the connection.
    ///
    /// # Errors
    /// The connection broke.
    pub fn some(&mut self) -> std::io::Result<Vec<u8>> {
        if !self.unread.is_empty() {
            return Ok(std::mem::take(&mut self.unread));
        }
        let mut some = vec![0; 64 * 1024];
        let count = match &mut self.stream {
            Link::Plain(stream) => stream.read(&mut some)?,
            Link::Tls(stream) => stream.read(&mut some)?,
            Link::Gone => 0,
        };
        some.truncate(count);
        Ok(some)
    }

    /// Writes a line and reads a reply.
    ///
    /// # Errors
    /// The connection broke.
    pub fn say(&mut self, line: &str) -> std::io::Result<String> {
        self.write(format!("{line}\r\n").as_bytes())?;
        self.reply()
    }

    /// Writes a line and reads a reply with this code.
    ///
    /// # Errors
    /// Another code, or the connection broke.
    pub fn ask(&mut self, line: &str, code: &str) -> std::io::Result<String> {
        self.write(format!("{line}\r\n").as_bytes())?;
        self.expect(code)
    }

    /// Reads a reply with this code.
    ///
    /// # Errors
    /// Another code, or the connection broke.
    pub fn expect(&mut self, code: &str) -> std::io::Result<String> {
        let reply = self.reply()?;
        if reply.starts_with(code) {
            return Ok(reply);
        }
        Err(std::io::Error::other(format!("expected {code}, got {reply}")))
    }

    /// Reads a reply, all its lines.
    ///
    /// # Errors
    /// The connection ended or broke.
    pub fn reply(&mut self) -> std::io::Result<String> {
        let mut reply = String::new();
        loop {
            let line = self.line()?;
            let last = line.as_bytes().get(3) != Some(&b'-');
            reply.push_str(&line);
            if last {
                return Ok(reply);
            }
        }
    }

    fn line(&mut self) -> std::io::Result<String> {
        loop {
            if let Some(end) = self.unread.iter().position(|byte| *byte == b'\n') {
                let line: Vec<u8> = self.unread.drain(..=end).collect();
                return Ok(String::from_utf8_lossy(&line).into_owned());
            }
            let mut some = [0; 4096];
            let count = match &mut self.stream {
                Link::Plain(stream) => stream.read(&mut some)?,
                Link::Tls(stream) => stream.read(&mut some)?,
                Link::Gone => 0,
            };
            if count == 0 {
                return Err(std::io::ErrorKind::UnexpectedEof.into());
            }
            self.unread.extend_from_slice(&some[..count]);
        }
    }
}

/// Hands in a whole message as the product's own account and reads the reply to its end. Each line of
/// it ends in CRLF, and none begins with a dot.
///
/// # Errors
/// A reply before the end that is not the expected one, a product that does not run, or a broken
/// connection.
pub fn transact(product: &Zorgzegel, to: &[&str], message: &[u8]) -> std::io::Result<String> {
    let at = product.smtp().map_err(std::io::Error::other)?;
    let mut raw = Raw::log_in(at, product.user(), product.local_password())?;
    raw.ask(&format!("MAIL FROM:<{}>", product.user()), "250")?;
    for to in to {
        raw.ask(&format!("RCPT TO:<{to}>"), "250")?;
    }
    raw.ask("DATA", "354")?;
    raw.write(message)?;
    raw.write(b".\r\n")?;
    raw.reply()
}

/// Base64 (RFC 4648), for logins.
#[must_use]
pub fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for group in bytes.chunks(3) {
        let three = [group[0], *group.get(1).unwrap_or(&0), *group.get(2).unwrap_or(&0)];
        let number = u32::from_be_bytes([0, three[0], three[1], three[2]]);
        for place in 0..4 {
            let at = usize::try_from((number >> (18 - 6 * place)) & 63).unwrap_or(0);
            let filled = usize::try_from(place).unwrap_or(0) <= group.len();
            text.push(char::from(if filled { LETTERS[at] } else { b'=' }));
        }
    }
    text
}

#[derive(Debug)]
struct Any(Vec<SignatureScheme>);

impl ServerCertVerifier for Any {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.clone()
    }
}

fn any_certificate() -> std::io::Result<Arc<ClientConfig>> {
    let provider = Arc::new(default_provider());
    let schemes = provider.signature_verification_algorithms.supported_schemes();
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(std::io::Error::other)?;
    let verifier = Arc::new(Any(schemes));
    let config =
        builder.dangerous().with_custom_certificate_verifier(verifier).with_no_client_auth();
    Ok(Arc::new(config))
}

/// A reply that has not come by now does not come.
const PATIENCE: Duration = Duration::from_secs(100);
