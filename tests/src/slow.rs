//! A resolver that takes its time and counts what it is asked at once.

use std::collections::HashSet;
use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use crate::HarnessError;

/// A running resolver. Ends when dropped.
#[derive(Debug)]
pub struct SlowResolver {
    address: SocketAddr,
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Debug, Default)]
struct Shared {
    /// The questions that wait for their answers, as `asked` has them.
    open: Mutex<Vec<Vec<u8>>>,
    peak: AtomicUsize,
    /// The questions as they came, without their ids.
    asked: Mutex<Vec<Vec<u8>>>,
    ended: AtomicBool,
}

impl SlowResolver {
    /// Starts it on a free port of 127.0.0.1; `upstream` knows the answers, and `pause` goes by before
    /// each.
    ///
    /// # Errors
    /// No socket is to be had.
    pub fn start(upstream: SocketAddr, pause: Duration) -> Result<Self, HarnessError> {
        let failed = || HarnessError::socket("a slow resolver");
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).map_err(failed())?;
        let address = socket.local_addr().map_err(failed())?;
        socket.set_read_timeout(Some(TICK)).map_err(failed())?;
        let shared = Arc::<Shared>::default();
        let own = Arc::clone(&shared);
        let thread = std::thread::spawn(move || serve(&socket, upstream, pause, &own));
        Ok(Self { address, shared, thread: Some(thread) })
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The most questions that waited for an answer at one moment.
    #[must_use]
    pub fn peak(&self) -> usize {
        self.shared.peak.load(Ordering::SeqCst)
    }

    /// All questions so far: the octets behind the header, so that the same question is equal.
    #[must_use]
    pub fn asked(&self) -> Vec<Vec<u8>> {
        self.shared.asked.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for SlowResolver {
    fn drop(&mut self) {
        self.shared.ended.store(true, Ordering::SeqCst);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn serve(socket: &UdpSocket, upstream: SocketAddr, pause: Duration, shared: &Arc<Shared>) {
    let mut question = [0; 4096];
    while !shared.ended.load(Ordering::SeqCst) {
        let Ok((length, from)) = socket.recv_from(&mut question) else {
            continue;
        };
        let asked = question.get(..length).unwrap_or_default().to_vec();
        let body = asked.get(12..).unwrap_or_default().to_vec();
        let open = {
            let mut open = shared.open.lock().unwrap_or_else(PoisonError::into_inner);
            // Who waited long asks again before it is answered: that is no other question.
            if !open.contains(&body) {
                shared.asked.lock().unwrap_or_else(PoisonError::into_inner).push(body.clone());
            }
            open.push(body.clone());
            open.iter().collect::<HashSet<_>>().len()
        };
        shared.peak.fetch_max(open, Ordering::SeqCst);
        let (shared, reply_to) = (Arc::clone(shared), socket.try_clone());
        std::thread::spawn(move || {
            std::thread::sleep(pause);
            let reply = forward(upstream, &asked);
            let mut open = shared.open.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(at) = open.iter().position(|own| *own == body) {
                open.swap_remove(at);
            }
            drop(open);
            if let (Ok(socket), Ok(reply)) = (reply_to, reply) {
                let _ = socket.send_to(&reply, from);
            }
        });
    }
}

fn forward(upstream: SocketAddr, question: &[u8]) -> std::io::Result<Vec<u8>> {
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?;
    socket.set_read_timeout(Some(TICK * 50))?;
    socket.send_to(question, upstream)?;
    let mut reply = vec![0; 4096];
    let length = socket.recv(&mut reply)?;
    reply.truncate(length);
    Ok(reply)
}

/// How often the waiting thread looks whether it should end.
const TICK: Duration = Duration::from_millis(100);
