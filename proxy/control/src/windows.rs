//! A named pipe of Windows.
//!
//! Every program on the machine sees the names of pipes, and the first to make a pipe owns its name.
//! So the name is random, made anew at each start, made as the *first* instance (or not at all), and
//! told to the command line by a file in the data folder, which Windows removes when the engine's
//! process ends, also by a crash. Nobody can have made that pipe before us, and after us the
//! command line looks for none.
//!
//! A pipe that is made without a security descriptor takes Windows' default: full control for its
//! owner, administrators and the system; others may open it for reading only. They cannot write a
//! request, so they are never answered, and are let go when they stay silent. Computers elsewhere
//! in the network are refused.

use core::time::Duration;
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::windows::fs::OpenOptionsExt;
use std::path::Path;
use std::sync::Arc;

use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::io::AsyncReadExt;
use tokio::net::windows::named_pipe::{
    ClientOptions, NamedPipeClient, NamedPipeServer, ServerOptions,
};
use tokio::time::{sleep, timeout};

use crate::{BindError, ControlError, Handler, exchange};

/// The listening side.
#[derive(Debug)]
pub struct Server {
    /// The instance that the next client finds.
    next: NamedPipeServer,
    pipe: String,
    /// Says the pipe's name as long as this process lives.
    _note: File,
}

impl Server {
    /// Listens. The engine's lock is held, so a note that is there already was left by a machine
    /// that lost its power.
    ///
    /// # Errors
    /// [`BindError`].
    pub fn bind(data_dir: &Path) -> Result<Self, BindError> {
        let mut random = [0; 16];
        aws_lc_rs::rand::fill(&mut random).map_err(|_| BindError::NoRandomness)?;
        let name: String = random.iter().map(|byte| format!("{byte:02x}")).collect();
        let pipe = pipe_of(&name);
        let next = ServerOptions::new()
            .first_pipe_instance(true)
            .reject_remote_clients(true)
            .create(&pipe)
            .map_err(|source| BindError::Place { path: pipe.clone(), source })?;
        let path = data_dir.join(NOTE);
        let note = write_note(&path, &name)
            .map_err(|source| BindError::Place { path: path.display().to_string(), source })?;
        Ok(Self { next, pipe, _note: note })
    }

    /// Answers until dropped.
    pub async fn run<H: Handler>(mut self, handler: Arc<H>) {
        loop {
            let connected = self.next.connect().await;
            // The successor first, so that a client always finds one.
            match ServerOptions::new().reject_remote_clients(true).create(&self.pipe) {
                Ok(successor) => {
                    let stream = core::mem::replace(&mut self.next, successor);
                    if connected.is_ok() {
                        tokio::spawn(serve(Arc::clone(&handler), stream));
                    }
                }
                Err(error) => {
                    tracing::warn!(%error, "the control pipe does not accept");
                    sleep(PAUSE).await;
                }
            }
        }
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
    let note = tokio::fs::read_to_string(data_dir.join(NOTE)).await.map_err(refusal)?;
    let name = note.trim();
    // What stands there becomes a path: nothing but our own kind of name goes into it.
    if name.len() != 32 || !name.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Err(ControlError::NotRunning);
    }
    exchange::ask(connect(&pipe_of(name)).await?, request).await
}

async fn connect(pipe: &str) -> Result<NamedPipeClient, ControlError> {
    for _ in 0..TRIES {
        match ClientOptions::new().open(pipe) {
            Err(error) if error.raw_os_error() == Some(ERROR_PIPE_BUSY) => sleep(PAUSE).await,
            other => return other.map_err(refusal),
        }
    }
    Err(ControlError::Unclear("it is busy".to_owned()))
}

fn refusal(error: io::Error) -> ControlError {
    match error.kind() {
        io::ErrorKind::PermissionDenied => ControlError::OtherUser,
        _ => ControlError::NotRunning,
    }
}

async fn serve<H: Handler>(handler: Arc<H>, mut stream: NamedPipeServer) {
    let served = timeout(exchange::PATIENCE, exchange::serve(&handler, &mut stream)).await;
    if let Ok(Err(error)) = served {
        tracing::warn!(%error, "a control request failed");
    }
    // To close a pipe is to throw away what the client did not read yet: it closes first.
    let _ = timeout(PARTING, stream.read(&mut [0])).await;
}

/// Shared for reading and removal only, and removed with its last handle.
fn write_note(path: &Path, name: &str) -> io::Result<File> {
    let mut note = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .share_mode(FILE_SHARE_READ | FILE_SHARE_DELETE)
        .custom_flags(FILE_FLAG_DELETE_ON_CLOSE)
        .open(path)?;
    note.write_all(name.as_bytes())?;
    Ok(note)
}

fn pipe_of(name: &str) -> String {
    format!(r"\\.\pipe\zorgzegel-{name}")
}

/// The file in the data folder that says the pipe's name.
const NOTE: &str = "control.pipe";
/// Five seconds in all.
const TRIES: u32 = 100;
const PAUSE: Duration = Duration::from_millis(50);
const PARTING: Duration = Duration::from_secs(5);

// From Microsoft's winnt.h, winbase.h and winerror.h.
const FILE_SHARE_READ: u32 = 0x1;
const FILE_SHARE_DELETE: u32 = 0x4;
const FILE_FLAG_DELETE_ON_CLOSE: u32 = 0x0400_0000;
const ERROR_PIPE_BUSY: i32 = 231;
