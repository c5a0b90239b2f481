use std::path::Path;
use std::sync::Arc;

use super::{ControlError, Request, Response};
use crate::engine::Engine;
use crate::error::EngineError;

/// The listening side: not there on this platform yet.
#[derive(Debug)]
pub struct Server;

impl Server {
    /// Does nothing: the window calls the engine itself.
    ///
    /// # Errors
    /// None.
    pub fn bind(_data_dir: &Path) -> Result<Self, EngineError> {
        Ok(Self)
    }

    /// Waits for ever.
    pub async fn run(self, _engine: Arc<Engine>) {
        core::future::pending::<()>().await;
    }
}

/// Asks the engine.
///
/// # Errors
/// Always [`ControlError::NotRunning`] on this platform.
pub async fn ask(_data_dir: &Path, _request: &Request) -> Result<Response, ControlError> {
    Err(ControlError::NotRunning)
}
