//! What the pages may ask ([`request`]) and what they are told ([`view`]): the one contract between the
//! window and the program. The types of the pages (`ui/src/contract.ts`) are made from these.
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used))]

pub mod request;
pub mod view;
mod written;
