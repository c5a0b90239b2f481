//! Smart cards and tokens by PKCS #11 (OASIS, versions 2.40 to 3.1): what is on them, and signing
//! by a key that never leaves them (R-SIG-1: under the signer's sole control).
//!
//! ```text
//!   settings --modules--> Cards --list--> tokens, certificates         no PIN
//!                          |
//!                          +--unlock(place, PIN)--> a session, for a while or until the card is out
//!                          |
//!                          +--key(place)--> Key: cades::Signer         PinNeeded without a session
//! ```
//!
//! A module is a library of the card's maker that runs inside this process, so none is loaded but
//! those that the settings name; [`offered`] tells which are installed. A PIN is asked of a
//! [`PinSource`] when it is needed, held no longer than the call, and wiped; only for a key that
//! wants it at every signature (CKA_ALWAYS_AUTHENTICATE) it is held until the one signature for
//! which it was given.
//!
//! This room keeps nothing, reads no settings, and does not judge certificates.
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used))]

mod cards;
mod error;
mod key;
mod module;
mod offer;
mod pin;
mod place;
mod token;

pub use cards::{Cards, Held, Locked, Unlocked};
pub use error::CardError;
pub use key::Key;
pub use offer::{Offer, offered};
pub use pin::{Asked, GivenPin, Pin, PinSource, Tries};
pub use place::{NoPlace, Place};
pub use token::{OnCard, PinState, Token};
