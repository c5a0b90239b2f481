//! The engine of Zorgzegel: it wires the rooms into one service between a mail program and the
//! world.
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
//!
//!   MUA <--retrieval--> provider (IMAP): bytes pass
//! ```
//!
//! What the engine does not do: it has no command line (that is `proxy`) and draws no window (that
//! is `desktop`), decides nothing inside a network call, and keeps nothing outside the vault.

pub mod cards;
mod changes;
pub mod choose;
pub mod control;
mod deliver;
pub mod direct;
pub mod doctor;
pub mod domain_key;
mod doors;
mod engine;
pub mod error;
pub mod filing;
pub mod gather;
mod handover;
pub mod identities;
pub mod incoming;
mod kept;
pub mod local;
pub mod look;
mod mailboxes;
pub mod mua;
mod own;
mod pending;
pub mod provider;
mod relay;
pub mod retrieval;
mod sealed;
mod send;
pub mod sent;
mod submission;
pub mod teach;
pub mod trial;
pub mod visits;
mod words;

pub use crate::doors::Protocol;
pub use crate::engine::{Engine, Notice, Ready};
pub use crate::mailboxes::NoticeWaits;
pub use ::{screen, settings};
pub use extract::Origin;
pub use worker::Workers;
