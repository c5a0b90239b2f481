//! The control socket: how the command line speaks to the running engine.
//!
//! One request and one response, each a line of JSON, a connection. Only the user who runs the
//! engine can ask: on Unix a socket in the data folder, on Windows a named pipe whose name stands
//! in the data folder; each platform's module says how it keeps others out. What can be asked, the
//! window does by calling [`Engine`] itself.
//!
//! [`Engine`]: crate::engine::Engine

use mail::Address;
use serde::{Deserialize, Serialize};

use crate::cards::{Pin, Unlocked};
use crate::choose::{Chosen, Pending, Wanted};

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

/// What can be asked of the running engine.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case", deny_unknown_fields)]
#[non_exhaustive]
pub enum Request {
    /// What waits for a choice, is on its way, or failed.
    Pending,
    /// A person's choice for a held message.
    Choose {
        /// The id that the 250 said.
        id: String,
        /// What is wanted.
        choice: Wanted,
        /// Also hand it to the patient record.
        dossier: bool,
    },
    /// Give the card of an account its PIN.
    UnlockCard {
        /// The account's address.
        account: Address,
        /// The PIN; `None` where it is given at the reader.
        pin: Option<Pin>,
    },
    /// Let every card want its PIN again.
    LockCards,
    /// Read the settings file again.
    Reload,
}

/// What the engine answers.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "answer", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Response {
    /// To [`Request::Pending`].
    Pending {
        /// Oldest first.
        messages: Vec<Pending>,
    },
    /// To [`Request::Choose`].
    Chosen(Chosen),
    /// To [`Request::UnlockCard`].
    Unlocked(Unlocked),
    /// To [`Request::LockCards`].
    Locked,
    /// To [`Request::Reload`].
    Reloaded,
    /// The request was understood and cannot be done.
    Refused {
        /// What happened, and what to do.
        why: String,
    },
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
