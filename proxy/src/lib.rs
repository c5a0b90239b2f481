//! The command line `zorgzegel`, and the demonstration that it can give of itself.
//!
//! Everything it does, it asks of the `engine`; what it adds is words for a terminal, the contract
//! for scripts, and a world on loopback for who has no account yet.

pub mod cli;
pub mod demo;
