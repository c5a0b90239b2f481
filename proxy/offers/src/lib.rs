//! What record systems are offered (R-DET-3): messages that are held, and kept copies of what came in.
//!
//! ```text
//! ToDossier (a person's) --text, with the choice in one step--> vault::filing
//!                                                                   | due
//!          groups by account and record system, side by side <------+
//!             | one after the other: papers (copies made) --begin_filing--> filing::hand_in
//!             +--> filed | refused, with what to do | later: the wait doubles
//! ```
//!
//! A record system that does not answer holds up its own offers alone. What is on its way by mail is offered
//! once that has ended, in the form that was signed and sent, with the proof of its way. A server that did not
//! answer may have taken it all the same: before each further attempt it is asked.
//!
//! What this room does not do: it speaks to no record system itself (`filing` does), and decides nothing about
//! mail.
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used))]

mod error;
mod papers;
mod round;
mod secret;
// The worker that the tests make up is a shell script.
#[cfg(all(test, unix))]
mod tests;
mod wish;

use std::sync::Arc;

use jiff::Timestamp;
use mail::Address;
use net::tls::Roots;
use settings::Settings;
use vault::archive::ArchiveId;
use vault::filing::Source;
use vault::outbox::HeldId;
use vault::{Vault, VaultError};
use worker::Workers;

pub use error::OfferError;
pub use round::run;
pub use secret::{secret, secret_name, token_name};
pub use wish::{ToDossier, asked, destination};

/// Whoever has the vault, the settings, and the way out.
pub trait House: Send + Sync + 'static {
    /// Held while a message is between two hands.
    type Work<'a>: Send
    where
        Self: 'a;

    /// Runs a call of the vault where blocking is allowed.
    fn with_vault<T: Send + 'static>(
        &self,
        call: impl FnOnce(&Vault) -> Result<T, VaultError> + Send + 'static,
    ) -> impl Future<Output = Result<T, VaultError>> + Send;

    /// The settings as they are now.
    fn settings(&self) -> Arc<Settings>;

    /// The trusted roots for certificate paths.
    fn roots(&self) -> Arc<Roots>;

    /// Who sets pages.
    fn workers(&self) -> Arc<Workers>;

    /// The time now.
    fn now(&self) -> Timestamp;

    /// Says that it goes on with the offer of this id ([`Source::id`]).
    fn tell(&self, id: HeldId);

    /// Begins what a stop of the program waits for.
    fn working(&self) -> impl Future<Output = Self::Work<'_>> + Send;
}

/// What is meant by an id that a person gives, and its account: a held message, also by the id of one of its
/// copies; or else a kept copy of what came in.
///
/// # Errors
/// [`VaultError::UnknownMessage`] where there is nothing of this id.
pub fn source(vault: &Vault, id: &str) -> Result<(Source, Address), VaultError> {
    let unknown = || VaultError::UnknownMessage { id: id.to_owned() };
    let copy: ArchiveId = id.parse().map_err(|_| unknown())?;
    match vault.get(copy.held()) {
        Ok(held) => Ok((Source::Held(held.id), held.account)),
        Err(VaultError::UnknownMessage { .. }) => {
            let kept = vault.copy(copy)?.ok_or_else(unknown)?;
            Ok((Source::Copy(kept.id), kept.meta.account))
        }
        Err(error) => Err(error),
    }
}
