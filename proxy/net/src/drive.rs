//! The shell that drives a protocol machine over a socket.
//!
//! It reads while it writes, so that two peers that only write do not wait for each other for ever,
//! and keeps its buffers in itself, so that a call that is cancelled (a time-out) loses nothing.

use core::future::poll_fn;
use core::pin::Pin;
use core::task::{Context, Poll};
use std::collections::VecDeque;
use std::io;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use wire::{Machine, Pause};

use crate::Stream;
use crate::listen::TlsAcceptor;
use crate::tls::{Expect, Met, Roots, TlsError};

/// A machine and the socket that it speaks over.
pub struct Driver<M: Machine> {
    stream: Option<Stream>,
    machine: M,
    early: VecDeque<M::Event>,
    out: Vec<u8>,
    written: usize,
    ended: bool,
    input: Vec<u8>,
}

impl<M: Machine> core::fmt::Debug for Driver<M> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Driver")
            .field("ended", &self.ended)
            .finish_non_exhaustive()
    }
}

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

impl<M: Machine> Driver<M> {
    /// Drives a machine over a connection.
    pub fn new(stream: Stream, machine: M) -> Self {
        Self {
            stream: Some(stream),
            machine,
            early: VecDeque::new(),
            out: Vec::new(),
            written: 0,
            ended: false,
            input: Vec::new(),
        }
    }

    /// The machine, to answer its events and give it commands.
    pub fn machine_mut(&mut self) -> &mut M {
        &mut self.machine
    }

    /// The next event; `None` where the peer ended and the machine has no more to say. May be
    /// cancelled and called again.
    ///
    /// # Errors
    /// [`DriveError`]: the connection broke, or the machine gave up.
    pub async fn next(&mut self) -> Result<Option<M::Event>, DriveError<M::Error>> {
        if let Some(event) = self.early.pop_front() {
            return Ok(Some(event));
        }
        loop {
            self.write_out().await?;
            match self.machine.next() {
                Pause::Event(event) => return Ok(Some(event)),
                Pause::Write(bytes) => self.put(bytes),
                Pause::Read if self.ended => return Ok(None),
                Pause::Read => self.read_some().await?,
                Pause::Failed(error) => return Err(DriveError::Machine(error)),
            }
        }
    }

    /// Writes what the machine has to say, without waiting for the peer. An event that comes up
    /// meanwhile is kept for [`Driver::next`].
    ///
    /// # Errors
    /// As [`Driver::next`].
    pub async fn flush(&mut self) -> Result<(), DriveError<M::Error>> {
        loop {
            self.write_out().await?;
            match self.machine.next() {
                Pause::Event(event) => self.early.push_back(event),
                Pause::Write(bytes) => self.put(bytes),
                Pause::Read => return Ok(()),
                Pause::Failed(error) => return Err(DriveError::Machine(error)),
            }
        }
    }

    /// Puts the connection inside TLS as the server.
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
        let stream = self
            .stream
            .take()
            .ok_or_else(|| TlsError::Broken(gone().to_string()))?;
        let (stream, met) = crate::tls::connect(stream, expect, roots).await?;
        self.stream = Some(stream);
        Ok(met)
    }

    fn put(&mut self, bytes: Vec<u8>) {
        if self.out.is_empty() {
            self.out = bytes;
            self.written = 0;
        } else {
            self.out.extend_from_slice(&bytes);
        }
    }

    async fn write_out(&mut self) -> Result<(), DriveError<M::Error>> {
        if self.written < self.out.len() {
            poll_fn(|context| self.poll_write_out(context)).await?;
        }
        Ok(())
    }

    /// Writes all of `out`; where the peer does not take it, reads meanwhile, within bounds.
    fn poll_write_out(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let mut heard = 0;
        loop {
            let stream = Pin::new(self.stream.as_mut().ok_or_else(gone)?);
            if self.written == self.out.len() {
                core::task::ready!(stream.poll_flush(context))?;
                self.out = Vec::new();
                self.written = 0;
                return Poll::Ready(Ok(()));
            }
            match stream.poll_write(context, &self.out[self.written..]) {
                Poll::Ready(Ok(0)) => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                Poll::Ready(Ok(count)) => self.written += count,
                Poll::Ready(Err(error)) => return Poll::Ready(Err(error)),
                Poll::Pending if self.ended || heard >= HEARD_WHILE_WRITING => {
                    return Poll::Pending;
                }
                Poll::Pending => heard += core::task::ready!(self.poll_read_some(context))?,
            }
        }
    }

    async fn read_some(&mut self) -> Result<(), DriveError<M::Error>> {
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

fn gone() -> io::Error {
    io::Error::new(
        io::ErrorKind::NotConnected,
        "the connection was given up before",
    )
}

/// Bytes read at a time: one TLS record and a little.
const INPUT: usize = 17 * 1024;
/// What is read at most while one write goes on: a peer that sends without end while it does not
/// read would otherwise fill the memory.
const HEARD_WHILE_WRITING: usize = 1024 * 1024;
