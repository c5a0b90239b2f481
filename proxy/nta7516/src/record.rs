//! The TXT records by which organisations claim to comply (R-DNS-1 to R-DNS-4).
//!
//! The grammar is strict: what does not parse is no claim that mail may be sent by. The diagnosis
//! is kind: a [`RecordFault`] names what is wrong, at which byte, and what to write instead.

mod claim;
mod fault;
mod grammar;
mod month;
mod provider;
mod supplier;

pub use claim::{Claim, RecordSet, Txt};
pub use fault::{Fault, RecordFault, Tag, What};
pub use grammar::{NtaMx, Record};
pub use month::Month;
pub use provider::Provider;
pub use supplier::{SupplierClaim, SupplierRecord};

/// The longest time that any answer about a record may be kept, in seconds (R-DNS-2, R-DNS-7).
pub const MAX_TTL: u32 = 86_400;

/// The longest record that is read, in bytes. The grammar sets no end; a record with twenty hosts
/// of the longest name is about 5 KB, and a TXT record can hold 64 KB.
pub const MAX_LENGTH: usize = 8_192;

/// The most `ntamx` hosts that a record may name. The grammar sets no end, but each host costs
/// look-ups and connections, so a stranger's record must not choose how many we make.
pub const MAX_NTAMX: usize = 20;

#[cfg(test)]
mod tests;
