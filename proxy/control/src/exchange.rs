//! One request and one response, whatever carries them.

use core::time::Duration;
use std::io;
use std::sync::Arc;

use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::time::timeout;
use zeroize::Zeroizing;

use crate::{ControlError, Handler};

/// The asking side. The answer ends at its line's end: a pipe of Windows may end with an error
/// where a socket ends with nothing.
pub(crate) async fn ask<Request: Serialize, Response: DeserializeOwned>(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    request: &Request,
) -> Result<Response, ControlError> {
    let unclear = |error: &dyn core::error::Error| ControlError::Unclear(error.to_string());
    // A request may hold a PIN.
    let mut line = Zeroizing::new(Vec::with_capacity(ONE_LINE));
    serde_json::to_writer(&mut *line, request).map_err(|error| unclear(&error))?;
    line.push(b'\n');
    stream.write_all(&line).await.map_err(|error| unclear(&error))?;
    let mut answer = Vec::new();
    BufReader::new(stream.take(RESPONSE))
        .read_until(b'\n', &mut answer)
        .await
        .map_err(|error| unclear(&error))?;
    serde_json::from_slice(&answer).map_err(|error| unclear(&error))
}

/// The answering side. Who connects and says nothing is soon let go.
pub(crate) async fn serve<H: Handler>(
    handler: &Arc<H>,
    stream: &mut (impl AsyncRead + AsyncWrite + Unpin),
) -> io::Result<()> {
    let line = timeout(SILENCE, one_line(stream)).await??;
    let response = match serde_json::from_slice::<H::Request>(&line) {
        Ok(request) => handler.answer(request).await,
        Err(error) => H::not_understood(error.to_string()),
    };
    let mut bytes = serde_json::to_vec(&response)?;
    bytes.push(b'\n');
    stream.write_all(&bytes).await?;
    stream.shutdown().await
}

/// A request, in memory that is wiped: it may hold a PIN.
async fn one_line(stream: &mut (impl AsyncRead + Unpin)) -> io::Result<Zeroizing<Vec<u8>>> {
    let mut line = Zeroizing::new(Vec::with_capacity(ONE_LINE));
    let mut some = Zeroizing::new([0; ONE_LINE]);
    while line.last() != Some(&b'\n') && line.len() < REQUEST {
        let count = stream.read(&mut *some).await?;
        match some.get(..count) {
            Some(read) if count > 0 => line.extend_from_slice(read),
            _ => break,
        }
    }
    Ok(line)
}

/// Most requests are shorter: their buffers need not grow, which would leave a copy behind.
const ONE_LINE: usize = 4 * 1024;
/// Bytes of a request or response. A response lists held messages with their evidence, so it may
/// be long; a request is short.
const RESPONSE: u64 = 64 * 1024 * 1024;
/// See [`RESPONSE`].
const REQUEST: usize = 64 * 1024;
/// The longest wait for a request: longer than a busy machine keeps whoever asks from it.
const SILENCE: Duration = Duration::from_secs(30);
/// The longest that one request may take, DNS look-ups for every recipient included.
pub(crate) const PATIENCE: Duration = Duration::from_secs(120);
