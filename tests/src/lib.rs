//! Real servers on loopback for the tests: what stands on both sides of Zorgzegel in life.
//!
//! ```text
//!   senders            Zorgzegel             World
//!   swaks, msmtp,  ->  the real binary  ->   Provider   Postfix + Dovecot, keeps what it takes
//!   curl, smtplib      Session: D-Bus   ->   all_hosts  Postfix, one address a host, one port
//!                      and a keyring     ?   DNS        BIND with a signed root, unbound
//!                                        ->  Script     an SMTP server that misbehaves by a script
//! ```
//!
//! [`World::start`] takes a few seconds, so tests share [`World::shared`], each with addresses of its
//! own. [`domains::all`] says what each domain is for and what must come out for it. Nothing of
//! this is for production: it trusts its own machine, runs as root, and panics nowhere but in
//! [`World::shared`]. Processes end with the test process, however it ends: see [`guard`].

mod certificates;
mod cyrus;
pub mod desktop;
mod dns;
pub mod domains;
mod dot;
mod dovecot;
mod error;
pub mod fhir;
pub mod files;
pub mod guard;
pub mod imap;
pub mod little;
mod mailboxes;
mod maildir;
pub mod openssl;
pub mod opinions;
mod place;
mod postfix;
mod provider;
pub mod raw;
pub mod script;
mod senders;
mod session;
mod slow;
pub mod thunderbird;
mod world;
mod zones;
pub mod zorgzegel;

pub use certificates::Identity;
pub use cyrus::Cyrus;
pub use dns::{BadResolver, Misbehaviour, says_authentic};
pub use dot::DnsOverTls;
pub use error::HarnessError;
pub use mailboxes::Mailboxes;
pub use maildir::Stored;
pub use place::Port;
pub use provider::{PASSWORD, Provider};
pub use senders::{Said, SenderTls, Submission, held_as};
pub use session::{Keyring, Session};
pub use slow::SlowResolver;
pub use world::{Needs, World};
pub use zorgzegel::Zorgzegel;
