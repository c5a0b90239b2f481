use core::time::Duration;
use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{UnixListener, UnixStream};
use tokio::time::timeout;

use super::{ControlError, REQUEST, RESPONSE, Request, Response};
use crate::engine::Engine;
use crate::error::EngineError;

/// The listening side.
#[derive(Debug)]
pub struct Server {
    listener: UnixListener,
    path: PathBuf,
}

impl Server {
    /// Listens in the data folder. The engine's lock is held, so a socket that is there already
    /// was left by an engine that died.
    ///
    /// # Errors
    /// [`EngineError::Control`].
    pub fn bind(data_dir: &Path) -> Result<Self, EngineError> {
        let path = data_dir.join(SOCKET);
        let failed = |source| EngineError::Control { path: path.display().to_string(), source };
        match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(failed(error)),
            _ => {}
        }
        let listener = UnixListener::bind(&path).map_err(failed)?;
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).map_err(failed)?;
        Ok(Self { listener, path })
    }

    /// Answers until dropped.
    pub async fn run(self, engine: Arc<Engine>) {
        loop {
            match self.listener.accept().await {
                Ok((stream, _)) => {
                    let engine = Arc::clone(&engine);
                    tokio::spawn(async move {
                        let served = timeout(PATIENCE, serve(engine, stream)).await;
                        if let Ok(Err(error)) = served {
                            tracing::warn!(%error, "a control request failed");
                        }
                    });
                }
                Err(error) => {
                    tracing::warn!(%error, "the control socket does not accept");
                    tokio::time::sleep(Duration::from_millis(200)).await;
                }
            }
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.path);
    }
}

/// Asks the engine that uses this data folder.
///
/// # Errors
/// [`ControlError`]; a refusal is a [`Response`].
pub async fn ask(data_dir: &Path, request: &Request) -> Result<Response, ControlError> {
    let mut stream =
        UnixStream::connect(data_dir.join(SOCKET)).await.map_err(|error| match error.kind() {
            io::ErrorKind::PermissionDenied => ControlError::OtherUser,
            _ => ControlError::NotRunning,
        })?;
    let unclear = |error: &dyn core::error::Error| ControlError::Unclear(error.to_string());
    let mut line = serde_json::to_vec(request).map_err(|error| unclear(&error))?;
    line.push(b'\n');
    stream.write_all(&line).await.map_err(|error| unclear(&error))?;
    let mut answer = Vec::new();
    stream.take(RESPONSE).read_to_end(&mut answer).await.map_err(|error| unclear(&error))?;
    serde_json::from_slice(&answer).map_err(|error| unclear(&error))
}

async fn serve(engine: Arc<Engine>, mut stream: UnixStream) -> io::Result<()> {
    let own = rustix::process::geteuid().as_raw();
    if stream.peer_cred()?.uid() != own {
        return Ok(());
    }
    let (reading, mut writing) = stream.split();
    let mut line = String::new();
    BufReader::new(reading.take(REQUEST)).read_line(&mut line).await?;
    let response = match serde_json::from_str::<Request>(&line) {
        Ok(request) => engine.answer(request).await,
        Err(error) => Response::Refused { why: format!("the request is not understood: {error}") },
    };
    let mut bytes = serde_json::to_vec(&response)?;
    bytes.push(b'\n');
    writing.write_all(&bytes).await?;
    writing.shutdown().await
}

/// The socket's name in the data folder.
const SOCKET: &str = "control.sock";
/// The longest that one request may take, DNS look-ups for every recipient included.
const PATIENCE: Duration = Duration::from_secs(120);
