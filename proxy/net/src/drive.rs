//! The shell that drives a protocol machine over a socket.
//!
//! It reads while it writes, so that two peers that only write do not wait for each other for ever,
//! and keeps its buffers in itself, so that a call that is cancelled (a time-out) loses nothing.

use core::future::poll_fn;
use core::pin::Pin;
use core::task::{Context, Poll, ready};
use std::collections::VecDeque;
use std::io;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use wire::{Machine, Pause};

use crate::Stream;
use crate::listen::TlsAcceptor;
use crate::tls::{Expect, Met, Roots, Shown, TlsError};

/// A machine and the connection that it speaks over.
pub struct Driver<M: Machine, S = Stream> {
    stream: Option<S>,
    machine: M,
    /// What came up while something else was awaited, in order.
    early: VecDeque<Result<M::Event, M::Error>>,
    out: Vec<u8>,
    written: usize,
    /// Bytes read since `out` was last empty.
    heard: usize,
    ended: bool,
    input: Vec<u8>,
}

impl<M: Machine, S> core::fmt::Debug for Driver<M, S> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Driver").field("ended", &self.ended).finish_non_exhaustive()
    }
}

/// What a driver leaves behind: its connection, and what came up and was not asked for.
pub type Parts<M, S> = (S, VecDeque<Result<<M as Machine>::Event, <M as Machine>::Error>>);

/// Why a dialogue cannot go on.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DriveError<E: core::error::Error> {
    /// The connection broke.
    #[error("the connection broke: {0}")]
    Io(#[from] io::Error),
    /// The machine gave up; its last words were written.
    #[error(transparent)]
    Machine(E),
    /// TLS could not be started.
    #[error(transparent)]
    Tls(TlsError),
}

impl<M: Machine, S> Driver<M, S> {
    /// Drives a machine over a connection.
    pub fn new(stream: S, machine: M) -> Self {
        Self {
            stream: Some(stream),
            machine,
            early: VecDeque::new(),
            out: Vec::new(),
            written: 0,
            heard: 0,
            ended: false,
            input: Vec::new(),
        }
    }

    /// The connection, and the events that wait for [`Driver::next`]: to go on without the machine.
    /// For a machine that was flushed, else what it had to say is lost.
    ///
    /// # Errors
    /// The connection was given up before.
    pub fn into_parts(self) -> io::Result<Parts<M, S>> {
        Ok((self.stream.ok_or_else(gone)?, self.early))
    }

    /// The machine, to answer its events and give it commands.
    pub fn machine_mut(&mut self) -> &mut M {
        &mut self.machine
    }
}

impl<M: Machine, S: AsyncRead + AsyncWrite + Unpin> Driver<M, S> {
    /// The next event; `None` where the peer ended and the machine has no more to say. May be
    /// cancelled and called again. Everything that the machine said before the event is written
    /// by then.
    ///
    /// # Errors
    /// [`DriveError`]: the connection broke, or the machine gave up (its last words are written).
    pub async fn next(&mut self) -> Result<Option<M::Event>, DriveError<M::Error>> {
        loop {
            if !self.early.is_empty() {
                self.write_out().await?;
                if let Some(first) = self.early.pop_front() {
                    return first.map(Some).map_err(DriveError::Machine);
                }
            }
            match self.machine.next() {
                Pause::Event(event) => self.early.push_back(Ok(event)),
                Pause::Failed(error) => self.early.push_back(Err(error)),
                Pause::Write(bytes) => self.put(bytes).await?,
                // The peer is heard while this is written, so the machine is asked again after it.
                Pause::Read if !self.out.is_empty() => self.write_out().await?,
                Pause::Read if self.ended => return Ok(None),
                Pause::Read => self.read_some().await?,
            }
        }
    }

    /// Writes what the machine has to say, without waiting for the peer to say something. An event
    /// that comes up meanwhile is kept for [`Driver::next`].
    ///
    /// # Errors
    /// As [`Driver::next`].
    pub async fn flush(&mut self) -> Result<(), DriveError<M::Error>> {
        loop {
            match self.machine.next() {
                Pause::Event(event) => self.early.push_back(Ok(event)),
                Pause::Write(bytes) => self.put(bytes).await?,
                Pause::Read if self.out.is_empty() => return Ok(()),
                Pause::Read => self.write_out().await?,
                Pause::Failed(error) => {
                    self.write_out().await?;
                    return Err(DriveError::Machine(error));
                }
            }
        }
    }

    /// Writes what the machine has to say before its next event, which is kept for
    /// [`Driver::next`]; waits for nothing else.
    ///
    /// # Errors
    /// The connection broke.
    pub async fn say(&mut self) -> Result<(), DriveError<M::Error>> {
        while self.early.is_empty() {
            match self.machine.next() {
                Pause::Event(event) => self.early.push_back(Ok(event)),
                Pause::Failed(error) => self.early.push_back(Err(error)),
                Pause::Write(bytes) => self.put(bytes).await?,
                Pause::Read => break,
            }
        }
        Ok(self.write_out().await?)
    }

    /// Takes what the machine says; what belongs together goes out in one write.
    async fn put(&mut self, bytes: Vec<u8>) -> io::Result<()> {
        if self.out.is_empty() {
            self.out = bytes;
        } else {
            self.out.extend_from_slice(&bytes);
        }
        if self.out.len() - self.written >= COALESCED {
            self.write_out().await?;
        }
        Ok(())
    }

    async fn write_out(&mut self) -> io::Result<()> {
        if !self.out.is_empty() {
            poll_fn(|context| self.poll_write_out(context)).await?;
        }
        Ok(())
    }

    /// Writes and flushes all of `out`; where the peer does not take it, reads meanwhile, within
    /// bounds. TLS keeps bytes of its own, so flushing can have to wait as well.
    fn poll_write_out(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        loop {
            let stream = Pin::new(self.stream.as_mut().ok_or_else(gone)?);
            let step = if self.written < self.out.len() {
                stream.poll_write(context, &self.out[self.written..]).map_ok(Some)
            } else {
                stream.poll_flush(context).map_ok(|()| None)
            };
            match step? {
                Poll::Ready(Some(0)) => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                Poll::Ready(Some(count)) => self.written += count,
                Poll::Ready(None) => {
                    self.out = Vec::new();
                    self.written = 0;
                    self.heard = 0;
                    return Poll::Ready(Ok(()));
                }
                Poll::Pending if self.ended || self.heard >= HEARD_WHILE_WRITING => {
                    return Poll::Pending;
                }
                Poll::Pending => self.heard += ready!(self.poll_read_some(context))?,
            }
        }
    }

    async fn read_some(&mut self) -> io::Result<()> {
        poll_fn(|context| self.poll_read_some(context)).await?;
        Ok(())
    }

    /// Reads once and feeds the machine; gives the number of bytes, 0 at the end.
    fn poll_read_some(&mut self, context: &mut Context<'_>) -> Poll<io::Result<usize>> {
        let stream = Pin::new(self.stream.as_mut().ok_or_else(gone)?);
        self.input.resize(INPUT, 0);
        let mut buffer = ReadBuf::new(&mut self.input);
        let read = match stream.poll_read(context, &mut buffer) {
            Poll::Pending => {
                // An idle session keeps no buffer.
                self.input = Vec::new();
                return Poll::Pending;
            }
            Poll::Ready(Ok(())) => Ok(buffer.filled().len()),
            // A peer that ends TLS without saying so has ended all the same; what it sent before
            // was authenticated record by record.
            Poll::Ready(Err(error)) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(0),
            Poll::Ready(Err(error)) => Err(error),
        }?;
        if read == 0 {
            self.ended = true;
            self.machine.feed_end();
        } else {
            self.machine.feed(&self.input[..read]);
        }
        Poll::Ready(Ok(read))
    }
}

impl<M: Machine> Driver<M> {
    /// Puts the connection inside TLS as the server. Not to be called again where it was cancelled:
    /// the connection is gone then.
    ///
    /// # Errors
    /// [`DriveError::Tls`]; the connection is gone then.
    pub async fn start_tls_server(
        &mut self,
        acceptor: &TlsAcceptor,
    ) -> Result<(), DriveError<M::Error>> {
        let stream = self.stream.take().ok_or_else(gone)?;
        self.stream = Some(acceptor.accept(stream).await.map_err(DriveError::Tls)?);
        Ok(())
    }

    /// Puts the connection inside TLS as the client, under the proof that is expected.
    ///
    /// # Errors
    /// [`TlsError`]; the connection is gone then.
    pub async fn start_tls_client(
        &mut self,
        expect: Expect,
        roots: &Roots,
    ) -> Result<Met, TlsError> {
        self.start_tls_client_and_tell(expect, roots, &mut None).await
    }

    /// The same, and tells what the server showed, also where it proved nothing by it.
    ///
    /// # Errors
    /// As [`Driver::start_tls_client`].
    pub async fn start_tls_client_and_tell(
        &mut self,
        expect: Expect,
        roots: &Roots,
        shown: &mut Option<Shown>,
    ) -> Result<Met, TlsError> {
        let stream = self.stream.take().ok_or_else(|| TlsError::Broken(gone().to_string()))?;
        let (stream, met) = crate::tls::connect_and_tell(stream, expect, roots, shown).await?;
        self.stream = Some(stream);
        Ok(met)
    }
}

fn gone() -> io::Error {
    io::Error::new(io::ErrorKind::NotConnected, "the connection was given up before")
}

/// Bytes read at a time: one TLS record and a little.
const INPUT: usize = 17 * 1024;
/// What is read at most while one write goes on: a peer that sends without end while it does not
/// read would otherwise fill the memory.
const HEARD_WHILE_WRITING: usize = 1024 * 1024;
/// What is gathered into one write: small writes cost 40 ms each on a connection that is used
/// again (Nagle's algorithm against delayed acknowledgements).
const COALESCED: usize = 64 * 1024;

#[cfg(test)]
mod tests;
