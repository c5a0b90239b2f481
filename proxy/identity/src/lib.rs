//! Identities, which are a private key with its certificate: how they come in, how each of them stands, and
//! which one signs a message (R-SIG-1).
//!
//! ```text
//! .p12 .pfx .pem --read(password)--> NewIdentity        Wish --NewRequest--> request for the issuer
//!                                         |                                      |
//!                                         v                                      v
//!        Identity (as the vault keeps it) <------------answered-------- the issuer's answer
//!             |-- Standing: does it sign, how long still, what is to be done
//!             |-- IdentityCard: what a person is shown
//!             `-- pick: which of an account's identities signs mail from this address
//! ```
//!
//! It keeps nothing, opens no file and reads no clock: bytes and `now` are arguments. Files are read in BER
//! as they came ([`cades::ber`]); ciphers and hashes are those of aws-lc-rs, and of two small crates for
//! what only old files use. What was secret in a file is wiped from memory.

#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

mod answer;
mod chain;
mod error;
mod kept;
mod p12;
mod pem;
mod pick;
mod request;
mod shown;
mod standing;
mod status;
mod taken;
#[cfg(test)]
mod tests;
mod uses;

pub use answer::{Answered, answered, certificates, key_id};
pub use error::IdentityError;
pub use kept::{Identity, Pending, Place, Revoked, RevokedFor};
pub use pem::encode as encode_pem;
pub use pick::pick;
pub use request::{NewRequest, Purpose, Wish};
pub use shown::{IdentityCard, RequestCard, Sentence, cards};
pub use standing::{Standing, days_left};
pub use status::{Status, status};
pub use taken::{read, read_within};
pub use uses::Use;
