//! Name servers: BIND with a signed root of its own, unbound in front, and resolvers that misbehave.

use std::io::{ErrorKind, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use crate::HarnessError;
use crate::guard::{Launch, Process};
use crate::place::{Place, write};
use crate::zones::{self, Published, Zones};

/// The name servers of a world.
#[derive(Debug)]
pub(crate) struct Dns {
    pub(crate) authority: SocketAddr,
    pub(crate) validating: SocketAddr,
    pub(crate) plain: SocketAddr,
    pub(crate) anchor: PathBuf,
    folder: PathBuf,
    _processes: [Process; 3],
}

impl Dns {
    /// Starts all; `text` is the name and text of one more TXT record, `port` the one that receiving
    /// hosts listen on.
    pub(crate) fn start(
        place: &mut Place,
        hosts: &[Published],
        text: &(String, String),
        port: u16,
    ) -> Result<Self, HarnessError> {
        let folder = place.subfolder("dns")?;
        let zones = zones::make(&folder, hosts, text, port)?;
        let anchor = place.folder().join("root.dnskey");
        write(&anchor, &zones.anchor)?;
        let authority = SocketAddr::from((Ipv4Addr::LOCALHOST, place.port_on_localhost()?));
        let (validating, plain) = (place.socket(2)?, place.socket(4)?);
        let mut named = named(&folder, authority.port(), &zones)?;
        let mut first = unbound(&folder, "validating", validating, authority, Some(&anchor))?;
        let mut second = unbound(&folder, "plain", plain, authority, None)?;
        for (process, address) in
            [(&mut named, authority), (&mut first, validating), (&mut second, plain)]
        {
            process.until("its first answer", |_| answers(address).then_some(()))?;
        }
        let _processes = [named, first, second];
        Ok(Self { authority, validating, plain, anchor, folder, _processes })
    }

    /// A second validating resolver at the address of the first, on port 53.
    pub(crate) fn start_on_port_53(&self) -> Result<Process, HarnessError> {
        let at = SocketAddr::new(self.validating.ip(), 53);
        let mut process = unbound(&self.folder, "53", at, self.authority, Some(&self.anchor))?;
        process.until("its first answer", |_| answers(at).then_some(()))?;
        Ok(process)
    }
}

fn named(folder: &Path, port: u16, zones: &Zones) -> Result<Process, HarnessError> {
    let log = folder.join("named.log");
    let mut conf = format!(
        "options {{ directory \"{folder}\"; listen-on port {port} {{ 127.0.0.1; }};\n\
         listen-on-v6 {{ none; }}; pid-file none; session-keyfile none; recursion no; notify no;\n\
         dnssec-validation no; empty-zones-enable no; }};\ncontrols {{ }};\n\
         logging {{ channel file {{ file \"{log}\"; }}; category default {{ file; }}; }};\n",
        folder = folder.display(),
        log = log.display(),
    );
    for (name, file) in &zones.files {
        let file = file.display();
        conf.push_str(&format!("zone \"{name}\" {{ type primary; file \"{file}\"; }};\n"));
    }
    let path = folder.join("named.conf");
    write(&path, conf)?;
    Launch::new("named").args(["-f", "-n", "1", "-c"]).arg(path).log(log).start()
}

fn unbound(
    folder: &Path,
    name: &str,
    at: SocketAddr,
    authority: SocketAddr,
    anchor: Option<&Path>,
) -> Result<Process, HarnessError> {
    let modules = if anchor.is_some() { "validator iterator" } else { "iterator" };
    let anchor = anchor.map(|file| format!("trust-anchor-file: \"{}\"\n", file.display()));
    let conf = format!(
        "server:\n{unhurried}interface: {ip}@{port}\naccess-control: 127.0.0.0/8 allow\n\
         do-not-query-localhost: no\nlocal-zone: \"test.\" nodefault\n\
         directory: \"{folder}\"\nchroot: \"\"\nusername: \"\"\npidfile: \"\"\nuse-syslog: no\n\
         do-daemonize: no\noutgoing-range: 200\nmodule-config: \"{modules}\"\n{anchor}\
         remote-control:\ncontrol-enable: no\n\
         forward-zone:\nname: \".\"\nforward-addr: {upstream}@{upstream_port}\n",
        unhurried = unhurried(),
        ip = at.ip(),
        port = at.port(),
        folder = folder.display(),
        anchor = anchor.unwrap_or_default(),
        upstream = authority.ip(),
        upstream_port = authority.port(),
    );
    let path = folder.join(format!("unbound-{name}.conf"));
    write(&path, conf)?;
    let log = folder.join(format!("unbound-{name}.log"));
    Launch::new("unbound").args(["-d", "-p", "-c"]).arg(path).log(log).start()
}

/// What lets a resolver wait for an authority that stands still for some seconds: it would give up after three and
/// remember that, and would answer nobody any more whose question is older than two. The latter is only known
/// to those that do so (1.19.1 and later, and Debian's 1.17.1).
pub(crate) fn unhurried() -> String {
    let mut lines = "infra-cache-min-rtt: 1000\noutbound-msg-retry: 32\n".to_owned();
    let mut asks = Command::new("unbound-checkconf");
    let known = asks.args(["-o", "discard-timeout", "/dev/null"]).output();
    if known.is_ok_and(|known| known.status.success()) {
        lines.push_str("discard-timeout: 0\n");
    }
    lines
}

/// Is the flag AD among those of dig's answer (RFC 4035 section 3.2.3)? In a signature the letters may stand by chance.
#[must_use]
pub fn says_authentic(answer: &str) -> bool {
    let flags = answer.lines().find_map(|line| line.strip_prefix(";; flags:"));
    let flags = flags.and_then(|flags| flags.split(';').next());
    flags.is_some_and(|flags| flags.split(' ').any(|flag| flag == "ad"))
}

/// Does a name server answer `test. SOA` here?
fn answers(server: SocketAddr) -> bool {
    let question = b"\x4a\x4a\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\x04test\x00\x00\x06\x00\x01";
    let ask = || -> std::io::Result<bool> {
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?;
        socket.set_read_timeout(Some(Duration::from_millis(200)))?;
        socket.connect(server)?;
        socket.send(question)?;
        let mut reply = [0; 512];
        let length = socket.recv(&mut reply)?;
        // RFC 1035 section 4.1.1: the low four bits of the fourth octet are RCODE.
        Ok(length > 12 && reply.get(3).is_some_and(|flags| flags & 0x0f == 0))
    };
    ask().unwrap_or(false)
}

/// How a resolver misbehaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Misbehaviour {
    /// It takes EDNS out of each question, so that no answer has a signature: a common home router.
    Strips,
    /// It takes questions and never answers.
    Silent,
    /// It answers SERVFAIL to everything.
    Fails,
    /// It answers with bytes that are no DNS message.
    Garbage,
    /// It answers every question with one address, as a network does that wants a login first.
    Captive,
}

/// A resolver that misbehaves, over UDP and TCP. Ends when dropped.
#[derive(Debug)]
pub struct BadResolver {
    address: SocketAddr,
    state: Arc<State>,
    threads: Vec<JoinHandle<()>>,
}

#[derive(Debug, Default)]
struct State {
    mended: AtomicBool,
    ended: AtomicBool,
}

impl BadResolver {
    /// Starts it on a free port of 127.0.0.1; `upstream` is whom it asks where it asks anybody.
    ///
    /// # Errors
    /// No socket is to be had.
    pub fn start(how: Misbehaviour, upstream: SocketAddr) -> Result<Self, HarnessError> {
        let failed = || HarnessError::socket("a resolver that misbehaves");
        let (address, tcp, udp) = both().map_err(failed())?;
        udp.set_read_timeout(Some(TICK)).map_err(failed())?;
        let state = Arc::new(State::default());
        let (first, second) = (Arc::clone(&state), Arc::clone(&state));
        let threads = vec![
            std::thread::spawn(move || serve_udp(how, upstream, &udp, &first)),
            std::thread::spawn(move || serve_tcp(how, upstream, &tcp, &second)),
        ];
        Ok(Self { address, state, threads })
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// From now on it answers as the one upstream does.
    pub fn mend(&self) {
        self.state.mended.store(true, Ordering::SeqCst);
    }
}

impl Drop for BadResolver {
    fn drop(&mut self) {
        self.state.ended.store(true, Ordering::SeqCst);
        // Wakes the thread that waits in accept.
        let _ = TcpStream::connect(self.address);
        for thread in self.threads.drain(..) {
            let _ = thread.join();
        }
    }
}

/// Sockets for both with one port. The system gives a port that is free for TCP; a client may use the
/// same number for a question over UDP just now: then another is taken.
fn both() -> std::io::Result<(SocketAddr, TcpListener, UdpSocket)> {
    let mut tries = 0..TRIES;
    loop {
        let tcp = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let address = tcp.local_addr()?;
        match UdpSocket::bind(address) {
            Err(error) if error.kind() == ErrorKind::AddrInUse && tries.next().is_some() => {}
            udp => return udp.map(|udp| (address, tcp, udp)),
        }
    }
}

fn serve_udp(how: Misbehaviour, upstream: SocketAddr, socket: &UdpSocket, state: &State) {
    let mut question = [0; 4096];
    while !state.ended.load(Ordering::SeqCst) {
        let Ok((length, from)) = socket.recv_from(&mut question) else {
            continue;
        };
        let asked = question.get(..length).unwrap_or_default();
        if let Some(reply) = answer(how, upstream, asked, state) {
            let _ = socket.send_to(&reply, from);
        }
    }
}

fn serve_tcp(how: Misbehaviour, upstream: SocketAddr, listener: &TcpListener, state: &State) {
    let mut silent = Vec::new();
    while let Ok((mut stream, _)) = listener.accept() {
        if state.ended.load(Ordering::SeqCst) {
            return;
        }
        if how == Misbehaviour::Silent && !state.mended.load(Ordering::SeqCst) {
            silent.push(stream);
            continue;
        }
        let _ = stream.set_read_timeout(Some(TICK * 10));
        let mut length = [0; 2];
        while stream.read_exact(&mut length).is_ok() {
            let mut question = vec![0; usize::from(u16::from_be_bytes(length))];
            if stream.read_exact(&mut question).is_err() {
                break;
            }
            let Some(reply) = answer(how, upstream, &question, state) else {
                break;
            };
            let length = u16::try_from(reply.len()).unwrap_or(0).to_be_bytes();
            if stream.write_all(&[&length, reply.as_slice()].concat()).is_err() {
                break;
            }
        }
    }
}

fn answer(
    how: Misbehaviour,
    upstream: SocketAddr,
    question: &[u8],
    state: &State,
) -> Option<Vec<u8>> {
    match how {
        _ if state.mended.load(Ordering::SeqCst) => forward(upstream, question),
        Misbehaviour::Silent => None,
        Misbehaviour::Garbage => Some(vec![0xff; 40]),
        Misbehaviour::Fails => {
            let mut reply = without_edns(question)?;
            // QR and RA set, RCODE 2 (RFC 1035 section 4.1.1).
            *reply.get_mut(2)? |= 0x80;
            *reply.get_mut(3)? = 0x82;
            Some(reply)
        }
        Misbehaviour::Strips => forward(upstream, &without_edns(question)?),
        Misbehaviour::Captive => {
            let mut reply = without_edns(question)?;
            // QR and RA set, one answer (RFC 1035 section 4.1.1).
            *reply.get_mut(2)? |= 0x80;
            *reply.get_mut(3)? = 0x80;
            *reply.get_mut(7)? = 1;
            // The name asked for, A, IN, not to be kept, 10.0.0.1.
            reply.extend_from_slice(
                b"\xc0\x0c\x00\x01\x00\x01\x00\x00\x00\x00\x00\x04\x0a\x00\x00\x01",
            );
            Some(reply)
        }
    }
}

/// The question without what follows it: header and one question, no additional records.
fn without_edns(question: &[u8]) -> Option<Vec<u8>> {
    let mut at = 12;
    while *question.get(at)? != 0 {
        at += 1 + usize::from(*question.get(at)?);
    }
    let mut bare = question.get(..at + 5)?.to_vec();
    // Also CD, which only a validating stub sets: the low bits of the fourth octet.
    *bare.get_mut(3)? &= 0x8f;
    bare.get_mut(6..12)?.fill(0);
    Some(bare)
}

fn forward(upstream: SocketAddr, question: &[u8]) -> Option<Vec<u8>> {
    // Over TCP: without EDNS an answer over UDP ends at 512 octets.
    let mut stream = TcpStream::connect(upstream).ok()?;
    stream.set_read_timeout(Some(TICK * 50)).ok()?;
    let length = u16::try_from(question.len()).ok()?.to_be_bytes();
    stream.write_all(&[&length, question].concat()).ok()?;
    let mut length = [0; 2];
    stream.read_exact(&mut length).ok()?;
    let mut reply = vec![0; usize::from(u16::from_be_bytes(length))];
    stream.read_exact(&mut reply).ok()?;
    Some(reply)
}

/// How often a waiting thread looks whether it should end.
const TICK: Duration = Duration::from_millis(100);
/// How many ports are tried before a full range is believed.
const TRIES: usize = 200;
