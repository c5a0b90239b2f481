//! `zorgzegel demo`: the whole main job on this machine alone, with the product's real code.
//!
//! A signed DNS zone, a mail provider and a hospital's mail server are started on loopback; the
//! engine runs between them as it runs between a mail program and the world. Each step is said in
//! a line that a GP understands.

mod dns;
mod receiver;
mod story;
mod tryout;

pub use tryout::{Sample, TryOut};

use engine::error::EngineError;

/// Why the demonstration stopped.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DemoError {
    /// A part of it could not be started.
    #[error("the demonstration could not start {what}: {why}")]
    Start {
        /// Which part.
        what: &'static str,
        /// What the system said.
        why: String,
    },
    /// The engine could not be started.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// The vault could not be used.
    #[error(transparent)]
    Vault(#[from] vault::VaultError),
    /// Something did not come out as it must.
    #[error("the demonstration did not go as it must: {0}")]
    Wrong(String),
    /// The terminal went away.
    #[error(transparent)]
    Io(#[from] std::io::Error),
}

/// Runs the demonstration to its end.
///
/// # Errors
/// [`DemoError`]: a step that does not hold ends it; nothing is glossed over.
pub(crate) fn run() -> Result<(), DemoError> {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    runtime.block_on(story::tell())
}
