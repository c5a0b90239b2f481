//! The control socket: how the command line speaks to the running engine.
//!
//! One request and one response, each a line of JSON, a connection. Only the user who runs the
//! engine can ask: on Unix a socket in the data folder, on Windows a named pipe whose name stands
//! in the data folder; each platform's module says how it keeps others out. What can be asked is not
//! known here: a [`Handler`] answers.

use std::sync::Arc;

use serde::Serialize;
use serde::de::DeserializeOwned;

mod exchange;
#[cfg(test)]
mod tests;
#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

#[cfg(unix)]
pub use unix::{Server, ask};
#[cfg(windows)]
pub use windows::{Server, ask};

/// Who answers what is asked.
pub trait Handler: Send + Sync + 'static {
    /// What can be asked.
    type Request: DeserializeOwned + Send;
    /// What is answered.
    type Response: Serialize + Send;

    /// Answers a request. One that takes more than two minutes is given up, without an answer.
    fn answer(
        self: &Arc<Self>,
        request: Self::Request,
    ) -> impl Future<Output = Self::Response> + Send;

    /// The answer to a line that is no request: what is wrong with it, in the words of the parser.
    fn not_understood(why: String) -> Self::Response;
}

/// Why nobody can be asked from now on.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BindError {
    /// The socket, the pipe or the file that tells its name cannot be made.
    #[error("the control socket {path} cannot be made: {source}")]
    Place {
        /// Its path.
        path: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// The system gives no random numbers, of which the pipe's name is made.
    #[error("the system gives no random numbers; restart the computer")]
    NoRandomness,
}

/// Why the engine could not be asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ControlError {
    /// No engine listens.
    #[error("Zorgzegel is not running: start it with `zorgzegel run` and try again")]
    NotRunning,
    /// The socket may not be opened by this user.
    #[error("Zorgzegel runs for another user; only that user can ask it")]
    OtherUser,
    /// The answer was cut, too long, or not understood.
    #[error("the running Zorgzegel gave no clear answer ({0}); is it the same version?")]
    Unclear(String),
}
