//! An SMTP server that does what a script says: drops, stalls, lies, or behaves until a given point.
//!
//! ```text
//! vec![Step::Serve("DATA"), Step::say("354 go on"), Step::Bytes(100), Step::Reset]
//! ```
//! is a server that takes part in everything up to DATA, then breaks off inside the message.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

use crate::guard::{PATIENCE, until};
use crate::{HarnessError, Identity};

/// One step of a script. When the last is done the connection is closed.
#[derive(Debug, Clone)]
pub enum Step {
    /// Writes these bytes as they are.
    Say(Vec<u8>),
    /// Writes these bytes one at a time, with this pause before each.
    Slowly(Vec<u8>, Duration),
    /// Behaves as an ordinary server until a command comes that starts so; that one is not answered.
    ///
    /// Greets first where nothing was said yet; STARTTLS, AUTH and DATA work.
    Serve(&'static str),
    /// Reads one line.
    Line,
    /// Reads a message up to CRLF.CRLF.
    Message,
    /// Reads this many bytes of a message.
    Bytes(usize),
    /// Does the TLS handshake as a server.
    Tls,
    /// Waits for [`Scripted::tell`].
    Told,
    /// Says nothing more, and waits until the peer goes.
    Silence,
    /// Closes the connection with a TCP reset, so that what was not yet read is lost.
    Reset,
}

impl Step {
    /// Writes this reply and CRLF.
    #[must_use]
    pub fn say(reply: &str) -> Self {
        Self::Say(format!("{reply}\r\n").into_bytes())
    }
}

/// What one connection brought.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Heard {
    /// The command lines, without CRLF.
    pub lines: Vec<String>,
    /// The messages' bytes as they came, dot-stuffing and the last dot included.
    pub data: Vec<u8>,
    /// Was there a TLS handshake that ended well?
    pub tls: bool,
}

/// A scripted server. Ends when dropped.
#[derive(Debug)]
pub struct Scripted {
    address: SocketAddr,
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Debug)]
struct Shared {
    scripts: Vec<Vec<Step>>,
    tls: Option<Arc<ServerConfig>>,
    capabilities: String,
    heard: Mutex<Vec<Heard>>,
    open: Mutex<Vec<TcpStream>>,
    told: AtomicBool,
    ended: AtomicBool,
}

impl Scripted {
    /// Starts it; the n-th connection follows the n-th script, and later ones the last.
    ///
    /// # Errors
    /// The address is taken, or the certificate is not usable.
    pub fn start(
        at: SocketAddr,
        identity: Option<&Identity>,
        scripts: Vec<Vec<Step>>,
    ) -> Result<Self, HarnessError> {
        Self::offering(at, identity, scripts, CAPABILITIES)
    }

    /// The same with these capabilities in the answer to EHLO, separated by LF; STARTTLS is added
    /// where there is a certificate and TLS has not begun.
    ///
    /// # Errors
    /// As [`Self::start`].
    pub fn offering(
        at: SocketAddr,
        identity: Option<&Identity>,
        scripts: Vec<Vec<Step>>,
        capabilities: &str,
    ) -> Result<Self, HarnessError> {
        let failed = || HarnessError::socket(format!("a scripted server at {at}"));
        let tls = identity.map(tls_config).transpose()?;
        let listener = TcpListener::bind(at).map_err(failed())?;
        let address = listener.local_addr().map_err(failed())?;
        let shared = Arc::new(Shared {
            scripts,
            tls,
            capabilities: capabilities.to_owned(),
            heard: Mutex::default(),
            open: Mutex::default(),
            told: AtomicBool::new(false),
            ended: AtomicBool::new(false),
        });
        let own = Arc::clone(&shared);
        let thread = std::thread::spawn(move || accept(&listener, &own));
        Ok(Self { address, shared, thread: Some(thread) })
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What each connection brought so far, in the order in which they came.
    #[must_use]
    pub fn heard(&self) -> Vec<Heard> {
        self.shared.heard.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Lets every connection go on that waits for it ([`Step::Told`]), and those that come later.
    pub fn tell(&self) {
        self.shared.told.store(true, Ordering::SeqCst);
    }
}

impl Drop for Scripted {
    fn drop(&mut self) {
        self.shared.ended.store(true, Ordering::SeqCst);
        // Wakes the thread that waits in accept.
        let _ = TcpStream::connect(self.address);
        let open = std::mem::take(&mut *lock(&self.shared.open));
        for stream in open {
            let _ = stream.shutdown(Shutdown::Both);
        }
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn tls_config(identity: &Identity) -> Result<Arc<ServerConfig>, HarnessError> {
    let failed = |said: String| HarnessError::Failed { program: "rustls".to_owned(), said };
    let chain: Result<Vec<_>, _> =
        CertificateDer::pem_slice_iter(identity.chain_pem().as_bytes()).collect();
    let chain = chain.map_err(|error| failed(error.to_string()))?;
    let key = PrivateKeyDer::from_pem_slice(identity.key_pem().as_bytes());
    let key = key.map_err(|error| failed(error.to_string()))?;
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .and_then(|builder| builder.with_no_client_auth().with_single_cert(chain, key))
        .map(Arc::new)
        .map_err(|error| failed(error.to_string()))
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn accept(listener: &TcpListener, shared: &Arc<Shared>) {
    for (number, stream) in listener.incoming().enumerate() {
        if shared.ended.load(Ordering::SeqCst) {
            return;
        }
        let Ok(stream) = stream else { continue };
        lock(&shared.open).extend(stream.try_clone());
        lock(&shared.heard).push(Heard::default());
        let shared = Arc::clone(shared);
        std::thread::spawn(move || {
            let last = shared.scripts.len().saturating_sub(1);
            let script = shared.scripts.get(number.min(last)).cloned().unwrap_or_default();
            let mut talk = Talk {
                number,
                shared,
                stream: BufReader::new(Stream::Plain(stream)),
                greeted: false,
            };
            // A peer that goes is part of many a script.
            let _ = script.iter().try_for_each(|step| talk.step(step));
            talk.close();
        });
    }
}

enum Stream {
    Plain(TcpStream),
    Tls(Box<StreamOwned<ServerConnection, TcpStream>>),
}

impl Stream {
    fn tcp(&self) -> &TcpStream {
        match self {
            Self::Plain(stream) => stream,
            Self::Tls(stream) => &stream.sock,
        }
    }
}

impl Read for Stream {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Plain(stream) => stream.read(buffer),
            Self::Tls(stream) => stream.read(buffer),
        }
    }
}

impl Write for Stream {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Plain(stream) => stream.write(bytes),
            Self::Tls(stream) => stream.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Plain(stream) => stream.flush(),
            Self::Tls(stream) => stream.flush(),
        }
    }
}

struct Talk {
    number: usize,
    shared: Arc<Shared>,
    stream: BufReader<Stream>,
    greeted: bool,
}

impl Talk {
    fn step(&mut self, step: &Step) -> io::Result<()> {
        match step {
            Step::Say(bytes) => self.say(bytes),
            Step::Slowly(bytes, pause) => bytes.iter().try_for_each(|&byte| {
                std::thread::sleep(*pause);
                self.say(&[byte])
            }),
            Step::Serve(until) => self.serve(until),
            Step::Line => self.line().map(drop),
            Step::Message => self.message(),
            Step::Bytes(count) => {
                let mut bytes = vec![0; *count];
                self.stream.read_exact(&mut bytes)?;
                self.hear(|heard| heard.data.extend(&bytes));
                Ok(())
            }
            Step::Tls => self.start_tls(),
            Step::Told => {
                let told = || self.shared.told.load(Ordering::SeqCst).then_some(());
                until("a word", PATIENCE, told).map_err(|_| io::ErrorKind::TimedOut.into())
            }
            Step::Silence => io::copy(&mut self.stream, &mut io::sink()).map(drop),
            Step::Reset => {
                let tcp = self.stream.get_ref().tcp();
                // RFC 9293 section 3.10.4: lingering for no time at all makes close a reset.
                rustix::net::sockopt::set_socket_linger(tcp, Some(Duration::ZERO))?;
                Err(io::ErrorKind::ConnectionReset.into())
            }
        }
    }

    fn say(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.greeted = true;
        self.stream.get_mut().write_all(bytes)?;
        self.stream.get_mut().flush()
    }

    fn reply(&mut self, reply: &str) -> io::Result<()> {
        self.say(format!("{reply}\r\n").as_bytes())
    }

    fn line(&mut self) -> io::Result<String> {
        let mut line = Vec::new();
        if self.stream.read_until(b'\n', &mut line)? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let line = String::from_utf8_lossy(&line).trim_end_matches(['\r', '\n']).to_owned();
        self.hear(|heard| heard.lines.push(line.clone()));
        Ok(line)
    }

    fn serve(&mut self, until: &str) -> io::Result<()> {
        if !self.greeted {
            self.reply("220 script.test ESMTP")?;
        }
        loop {
            let line = self.line()?.to_ascii_uppercase();
            if line.starts_with(&until.to_ascii_uppercase()) {
                return Ok(());
            }
            match line.split(' ').next().unwrap_or_default() {
                "EHLO" => self.capabilities()?,
                "STARTTLS" => {
                    self.reply("220 2.0.0 Ready")?;
                    self.start_tls()?;
                }
                "AUTH" => self.authenticate(&line)?,
                "DATA" => {
                    self.reply("354 Go on")?;
                    self.message()?;
                    self.reply("250 2.0.0 Taken")?;
                }
                "QUIT" => {
                    self.reply("221 2.0.0 Bye")?;
                    return Err(io::ErrorKind::UnexpectedEof.into());
                }
                _ => self.reply("250 2.0.0 Ok")?,
            }
        }
    }

    fn capabilities(&mut self) -> io::Result<()> {
        let mut lines = vec!["script.test".to_owned()];
        lines.extend(self.shared.capabilities.lines().map(str::to_owned));
        if self.shared.tls.is_some() && matches!(self.stream.get_ref(), Stream::Plain(_)) {
            lines.push("STARTTLS".to_owned());
        }
        let last = lines.len() - 1;
        let lines = lines.iter().enumerate();
        let text =
            lines.map(|(at, line)| format!("250{}{line}\r\n", if at == last { ' ' } else { '-' }));
        let text: String = text.collect();
        self.say(text.as_bytes())
    }

    /// Takes any password by any mechanism.
    fn authenticate(&mut self, line: &str) -> io::Result<()> {
        let mut words = line.split(' ').skip(1);
        let questions: &[&str] = match (words.next(), words.next()) {
            (Some("PLAIN"), None) => &["334 "],
            (Some("LOGIN"), None) => &["334 VXNlcm5hbWU6", "334 UGFzc3dvcmQ6"],
            (Some("LOGIN"), Some(_)) => &["334 UGFzc3dvcmQ6"],
            (Some("CRAM-MD5"), _) => &["334 PDEyMy40NTZAc2NyaXB0LnRlc3Q+"],
            _ => &[],
        };
        for question in questions {
            self.reply(question)?;
            self.line()?;
        }
        self.reply("235 2.7.0 Welcome")
    }

    fn message(&mut self) -> io::Result<()> {
        let mut data = Vec::new();
        let outcome = loop {
            match self.stream.read_until(b'\n', &mut data) {
                Ok(0) => break Err(io::ErrorKind::UnexpectedEof.into()),
                Ok(_) if data == b".\r\n" || data.ends_with(b"\r\n.\r\n") => break Ok(()),
                Ok(_) => {}
                Err(error) => break Err(error),
            }
        };
        // Also what came of a message that was broken off.
        self.hear(|heard| heard.data.extend(&data));
        outcome
    }

    fn start_tls(&mut self) -> io::Result<()> {
        let config = self.shared.tls.clone().ok_or(io::ErrorKind::Unsupported)?;
        let tcp = self.stream.get_ref().tcp().try_clone()?;
        let connection = ServerConnection::new(config).map_err(io::Error::other)?;
        let mut stream = StreamOwned::new(connection, tcp);
        while stream.conn.is_handshaking() {
            stream.conn.complete_io(&mut stream.sock)?;
        }
        self.stream = BufReader::new(Stream::Tls(Box::new(stream)));
        self.hear(|heard| heard.tls = true);
        Ok(())
    }

    fn hear(&self, note: impl FnOnce(&mut Heard)) {
        if let Some(heard) = lock(&self.shared.heard).get_mut(self.number) {
            note(heard);
        }
    }

    /// Lets go of every copy of the socket, so that it is really closed.
    fn close(self) {
        let address = self.stream.get_ref().tcp().peer_addr().ok();
        lock(&self.shared.open).retain(|stream| stream.peer_addr().ok() != address);
    }
}

const CAPABILITIES: &str =
    "PIPELINING\nSIZE 52428800\n8BITMIME\nENHANCEDSTATUSCODES\nAUTH PLAIN LOGIN";
