//! What the command line can ask of the running engine. The room `control` carries it; what can be
//! asked, the window does by calling [`Engine`] itself.

use std::path::Path;
use std::sync::Arc;

pub use ::control::ControlError;
use ::control::Handler;
use serde::{Deserialize, Serialize};

use crate::cards::{Locked, Pin, Unlocked, Whose};
use crate::choose::{Chosen, Pending, Wanted};
use crate::engine::Engine;
use crate::filing::{Asked, Stopped};

#[cfg(test)]
mod tests;

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
        /// Under what it is filed there, as a person confirmed it.
        #[serde(default)]
        filing: Option<Asked>,
    },
    /// Offer a message to the patient record, whatever becomes of it otherwise.
    Offer {
        /// The id that the 250 said.
        id: String,
        /// Under what it is filed there, as a person confirmed it.
        filing: Option<Asked>,
    },
    /// Offer a message to the patient record no more.
    StopOffer {
        /// The id that the 250 said, or that of a copy.
        id: String,
    },
    /// How a card stands, before its PIN is asked.
    Card {
        /// Whose card.
        whose: Whose,
    },
    /// Give a card its PIN.
    UnlockCard {
        /// Whose card.
        whose: Whose,
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
    /// To [`Request::Offer`].
    Offered,
    /// To [`Request::StopOffer`].
    OfferStopped {
        /// Whether the record system may have it already.
        there: Stopped,
    },
    /// To [`Request::Card`].
    Card(Locked),
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

/// An answer, or the refusal in words.
pub(crate) fn said<T, E: ToString>(
    result: Result<T, E>,
    answer: impl FnOnce(T) -> Response,
) -> Result<Response, String> {
    result.map(answer).map_err(|error| error.to_string())
}

impl Handler for Engine {
    type Request = Request;
    type Response = Response;

    async fn answer(self: &Arc<Self>, request: Request) -> Response {
        Engine::answer(self, request).await
    }

    fn not_understood(why: String) -> Response {
        Response::Refused { why: format!("the request is not understood: {why}") }
    }
}

/// Asks the engine that uses this data folder.
///
/// # Errors
/// [`ControlError`]; a refusal is a [`Response`].
pub async fn ask(data_dir: &Path, request: &Request) -> Result<Response, ControlError> {
    ::control::ask(data_dir, request).await
}
