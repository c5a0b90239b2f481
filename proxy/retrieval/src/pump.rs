//! Bytes both ways, until one side ends.
//!
//! Each way is a [`Lane`], and the two do not wait for each other: a mail program that pipelines
//! without reading, and a provider that answers without reading, are held up by nothing here that
//! would not hold them up on a direct connection.

use core::future::poll_fn;
use core::mem::MaybeUninit;
use core::pin::Pin;
use core::task::{Context, Poll, ready};
use core::time::Duration;
use std::collections::VecDeque;
use std::io;

use imap::relay::{Event, Relay};
use net::Stream;
use tokio::io::{AsyncRead as _, AsyncWrite as _, AsyncWriteExt as _, ReadBuf};
use tokio::sync::watch;
use tokio::time::timeout;

use crate::session::{Ear, stopped};
use crate::upstream::Upstream;
use crate::words::Words;

/// See the [module](self).
pub(crate) struct Pump {
    program: Stream,
    provider: Stream,
    tap: Tap,
    up: Lane,
    down: Lane,
}

/// What looks at the bytes, and who hears what it saw.
pub(crate) struct Tap {
    relay: Relay,
    ear: Ear,
    /// What was seen and not told yet: bytes pass first.
    seen: VecDeque<Event>,
}

/// Why a session is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    /// The mail program ended its side.
    Program,
    /// The mail program takes nothing any more.
    ProgramGone,
    /// The provider ended its side.
    Provider,
    /// The provider takes nothing any more.
    ProviderGone,
    /// This program ends.
    Stopped,
}

/// One way.
#[derive(Default)]
struct Lane {
    /// What is still to be written.
    out: Vec<u8>,
    written: usize,
    source: Source,
    sink: Sink,
}

/// Where bytes come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Source {
    #[default]
    Open,
    Ended,
}

/// Where bytes go: TLS may keep some of them back until it is flushed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Sink {
    #[default]
    Flushed,
    Unflushed,
}

impl Pump {
    /// A session behind both log-ins; `early` is what the mail program said behind its own.
    pub(crate) fn new(
        program: Stream,
        early: &[u8],
        upstream: Upstream,
        (relay, ear): (Relay, Ear),
    ) -> Self {
        let (up, down) = (Lane::default(), Lane::default());
        let tap = Tap { relay, ear, seen: VecDeque::new() };
        let mut pump = Self { program, provider: upstream.stream, tap, up, down };
        pump.tap.client(early, &mut pump.up.out);
        pump.tap.server(Some(&upstream.early), &mut pump.down.out);
        pump
    }

    /// Passes bytes until one side ends, and then ends the other.
    pub(crate) async fn run(mut self, words: Words, stop: &mut watch::Receiver<bool>) -> End {
        let end = tokio::select! {
            end = poll_fn(|context| self.poll(context)) => end,
            () = stopped(stop) => End::Stopped,
        };
        match end {
            End::ProgramGone => {}
            End::Program => {
                let _ = timeout(FAREWELL, self.provider.shutdown()).await;
                // What the provider still has to say to a program that only stopped talking.
                if self.last_words().await {
                    let _ = timeout(FAREWELL, self.program.shutdown()).await;
                }
            }
            End::ProviderGone => {
                // It may have said why.
                let _ = self.last_words().await;
                self.farewell(words.lost).await;
            }
            End::Provider => self.farewell(words.lost).await,
            End::Stopped => self.farewell(words.stopping).await,
        }
        end
    }

    fn poll(&mut self, context: &mut Context<'_>) -> Poll<End> {
        let tap = &mut self.tap;
        let heard = |heard: Option<&[u8]>, out: &mut Vec<u8>| {
            tap.client(heard.unwrap_or_default(), out);
        };
        match self.up.poll(context, &mut self.program, &mut self.provider, heard) {
            Poll::Ready(Ok(())) => return Poll::Ready(End::Program),
            Poll::Ready(Err(_)) => return Poll::Ready(End::ProviderGone),
            Poll::Pending => {}
        }
        let end = match ready!(self.poll_down(context)) {
            Ok(()) => End::Provider,
            Err(_) => End::ProgramGone,
        };
        Poll::Ready(end)
    }

    fn poll_down(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let tap = &mut self.tap;
        let heard = |heard: Option<&[u8]>, out: &mut Vec<u8>| tap.server(heard, out);
        let polled = self.down.poll(context, &mut self.provider, &mut self.program, heard);
        self.tap.tell();
        polled
    }

    /// Passes what the provider still says; true where it ended and the mail program has it all.
    async fn last_words(&mut self) -> bool {
        let passed = timeout(LAST_WORDS, poll_fn(|context| self.poll_down(context))).await;
        matches!(passed, Ok(Ok(())))
    }

    /// Ends the mail program's connection: with `* BYE` where it has a whole response before it and
    /// has not heard one, and abruptly where half a response could be taken for a whole one.
    async fn farewell(&mut self, words: &str) {
        if !self.tap.relay.has_heard_bye() {
            if !self.tap.relay.is_between_responses() {
                return;
            }
            let line = format!("* BYE [UNAVAILABLE] {words}\r\n");
            self.down.out.extend_from_slice(line.as_bytes());
        }
        self.down.source = Source::Ended;
        let said = async {
            poll_fn(|context| self.poll_down(context)).await?;
            self.program.shutdown().await
        };
        // A mail program that does not read is not waited for.
        let _ = timeout(FAREWELL, said).await;
    }
}

impl Lane {
    /// Passes bytes as long as both sides can. Done where the source has ended and all is written.
    ///
    /// `tap` is given what was read, or `None` at the end, and puts behind the other what is to be
    /// written.
    fn poll(
        &mut self,
        context: &mut Context<'_>,
        from: &mut Stream,
        to: &mut Stream,
        mut tap: impl FnMut(Option<&[u8]>, &mut Vec<u8>),
    ) -> Poll<io::Result<()>> {
        loop {
            self.fill(context, from, &mut tap);
            let to = Pin::new(&mut *to);
            if self.written < self.out.len() {
                match ready!(to.poll_write(context, &self.out[self.written..]))? {
                    0 => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                    count => self.written += count,
                }
                self.sink = Sink::Unflushed;
                if self.written == self.out.len() {
                    self.out.clear();
                    self.written = 0;
                }
            } else if self.sink == Sink::Unflushed {
                ready!(to.poll_flush(context))?;
                self.sink = Sink::Flushed;
            } else if self.source == Source::Ended {
                return Poll::Ready(Ok(()));
            } else {
                // A session that rests keeps no buffer.
                self.out = Vec::new();
                return Poll::Pending;
            }
        }
    }

    /// Reads what is there, up to a block: what is written together costs least.
    fn fill(
        &mut self,
        context: &mut Context<'_>,
        from: &mut Stream,
        tap: &mut impl FnMut(Option<&[u8]>, &mut Vec<u8>),
    ) {
        while self.source == Source::Open && self.out.len() < BLOCK {
            let mut space = [const { MaybeUninit::uninit() }; READ];
            let mut buffer = ReadBuf::uninit(&mut space);
            match Pin::new(&mut *from).poll_read(context, &mut buffer) {
                Poll::Pending => return,
                Poll::Ready(Ok(())) if !buffer.filled().is_empty() => {
                    tap(Some(buffer.filled()), &mut self.out);
                }
                // A connection that broke has said all that it will.
                Poll::Ready(Ok(()) | Err(_)) => {
                    self.source = Source::Ended;
                    tap(None, &mut self.out);
                }
            }
        }
    }
}

impl Tap {
    fn client(&mut self, heard: &[u8], out: &mut Vec<u8>) {
        out.extend_from_slice(heard);
        self.relay.client(heard);
        self.take();
    }

    fn server(&mut self, heard: Option<&[u8]>, out: &mut Vec<u8>) {
        match heard {
            Some(bytes) => self.relay.server(bytes, out),
            None => self.relay.server_end(out),
        }
        self.take();
    }

    /// What was seen is in no bound of the relay's; of one block it is little, and where the mail program
    /// takes nothing, no more blocks are read.
    fn take(&mut self) {
        self.seen.extend(core::iter::from_fn(|| self.relay.seen()));
    }

    fn tell(&mut self) {
        self.seen.drain(..).for_each(|event| (self.ear)(event));
        self.seen.shrink_to(0);
    }
}

/// Bytes of one way that wait at most, and one reading more.
const BLOCK: usize = 64 * 1024;
/// Bytes read at a time: one TLS record.
const READ: usize = 16 * 1024;
/// For the last words to a mail program that does not read.
const FAREWELL: Duration = Duration::from_secs(2);
/// For what the provider still says when the other way is over.
const LAST_WORDS: Duration = Duration::from_secs(30);
