//! The engine of Zorgzegel: it wires the rooms, and is the command line `zorgzegel`.
//!
//! ```text
//!   MUA --submission--> screen --clean--> relay --> provider
//!                          |
//!                          +--health--> outbox (fsynced) --250--> MUA
//!                                          |
//!             choose (window, command line)+
//!                                          v
//!          gather (DNS) -> plan (nta7516) -> sign (cades) -> handover --> recipient's MX
//!                                          |
//!                                          +--> journal, archive, dossier
//! ```
//!
//! What the engine does not do: it draws no window (that is the `desktop` crate), decides nothing
//! inside a network call, and keeps nothing outside the vault.

pub mod checkup;
pub mod choose;
pub mod cli;
pub mod control;
mod deliver;
pub mod demo;
mod direct;
mod dossier;
pub mod engine;
pub mod error;
pub mod gather;
mod handover;
pub mod identities;
mod local;
pub mod look;
mod mua;
mod provider;
mod relay;
pub mod screen;
mod sealed;
mod send;
pub mod sent;
mod session;
pub mod setup;
mod submission;
mod words;

pub use extract::Origin;
pub use vault::settings;
