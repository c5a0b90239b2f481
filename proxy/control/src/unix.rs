//! A socket in the data folder. The folder is 0700, the socket 0600, and the peer's user id is
//! checked.

use core::time::Duration;
use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::net::{UnixListener, UnixStream};
use tokio::time::timeout;

use crate::{BindError, ControlError, Handler, exchange};

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
    /// [`BindError`].
    pub fn bind(data_dir: &Path) -> Result<Self, BindError> {
        let path = data_dir.join(SOCKET);
        let failed = |source| BindError::Place { path: path.display().to_string(), source };
        match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(failed(error)),
            _ => {}
        }
        let listener = UnixListener::bind(&path).map_err(failed)?;
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).map_err(failed)?;
        Ok(Self { listener, path })
    }

    /// Answers until dropped.
    pub async fn run<H: Handler>(self, handler: Arc<H>) {
        loop {
            match self.listener.accept().await {
                Ok((stream, _)) => {
                    let handler = Arc::clone(&handler);
                    tokio::spawn(async move {
                        let served = timeout(exchange::PATIENCE, serve(&handler, stream)).await;
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
/// [`ControlError`]; a refusal is a response.
pub async fn ask<Request: Serialize, Response: DeserializeOwned>(
    data_dir: &Path,
    request: &Request,
) -> Result<Response, ControlError> {
    let stream =
        UnixStream::connect(data_dir.join(SOCKET)).await.map_err(|error| match error.kind() {
            io::ErrorKind::PermissionDenied => ControlError::OtherUser,
            _ => ControlError::NotRunning,
        })?;
    exchange::ask(stream, request).await
}

async fn serve<H: Handler>(handler: &Arc<H>, mut stream: UnixStream) -> io::Result<()> {
    let own = rustix::process::geteuid().as_raw();
    if stream.peer_cred()?.uid() != own {
        return Ok(());
    }
    exchange::serve(handler, &mut stream).await
}

/// The socket's name in the data folder.
const SOCKET: &str = "control.sock";
