//! An IMAP server of a few lines: whoever logs in is let in, and what its commands do is a test's
//! own. Without TLS; for what no real server does.

use std::io::{self, BufRead, BufReader, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use crate::HarnessError;

/// What a command does: the number of its connection, its tag, the rest of it, and where the answer
/// goes. An error ends the connection.
pub type Obey = dyn Fn(usize, &str, &str, &mut TcpStream) -> io::Result<()> + Send + Sync;

/// A running server. Ends when dropped.
#[derive(Debug)]
pub struct Little {
    address: SocketAddr,
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Debug, Default)]
struct Shared {
    /// Connections that are open.
    open: Mutex<Vec<(usize, TcpStream)>>,
    ended: AtomicBool,
}

impl Little {
    /// Starts it.
    ///
    /// # Errors
    /// No port is to be had.
    pub fn start(
        obey: impl Fn(usize, &str, &str, &mut TcpStream) -> io::Result<()> + Send + Sync + 'static,
    ) -> Result<Self, HarnessError> {
        let failed = || HarnessError::socket("a little IMAP server".to_owned());
        let listener = TcpListener::bind("127.0.0.1:0").map_err(failed())?;
        let address = listener.local_addr().map_err(failed())?;
        let shared = Arc::<Shared>::default();
        let (own, obey): (_, Arc<Obey>) = (Arc::clone(&shared), Arc::new(obey));
        let thread = std::thread::spawn(move || accept(&listener, &own, &obey));
        Ok(Self { address, shared, thread: Some(thread) })
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// How many connections it has.
    #[must_use]
    pub fn open(&self) -> usize {
        self.shared.open.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    /// Breaks all its connections off.
    pub fn break_off(&self) {
        for (_, stream) in &*self.shared.open.lock().unwrap_or_else(PoisonError::into_inner) {
            let _ = stream.shutdown(Shutdown::Both);
        }
    }
}

impl Drop for Little {
    fn drop(&mut self) {
        self.shared.ended.store(true, Ordering::SeqCst);
        // Wakes the thread that waits in accept.
        let _ = TcpStream::connect(self.address);
        self.break_off();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn accept(listener: &TcpListener, shared: &Arc<Shared>, obey: &Arc<Obey>) {
    for (number, stream) in listener.incoming().enumerate() {
        if shared.ended.load(Ordering::SeqCst) {
            return;
        }
        let Ok(stream) = stream else { continue };
        let _ = stream.set_nodelay(true);
        let open = || shared.open.lock().unwrap_or_else(PoisonError::into_inner);
        open().extend(stream.try_clone().map(|stream| (number, stream)));
        let (shared, obey) = (Arc::clone(shared), Arc::clone(obey));
        std::thread::spawn(move || {
            // A client that goes is part of many a test.
            let _ = serve(number, stream, &*obey);
            let mut open = shared.open.lock().unwrap_or_else(PoisonError::into_inner);
            open.retain(|(other, _)| *other != number);
        });
    }
}

fn serve(number: usize, mut stream: TcpStream, obey: &Obey) -> io::Result<()> {
    let mut lines = BufReader::new(stream.try_clone()?).lines();
    let offers = "CAPABILITY IMAP4rev1 IDLE AUTH=PLAIN COMPRESS=DEFLATE";
    write!(stream, "* OK [{offers}] little\r\n")?;
    while let Some(line) = lines.next() {
        let line = line?;
        let (tag, rest) = line.split_once(' ').unwrap_or((&line, ""));
        if rest.starts_with("AUTHENTICATE PLAIN") {
            stream.write_all(b"+ \r\n")?;
            lines.next().transpose()?;
            write!(stream, "{tag} OK [{offers}] in\r\n")?;
        } else {
            obey(number, tag, rest, &mut stream)?;
        }
    }
    Ok(())
}
