//! The nouns of mail: [`Address`], [`Domain`], [`Envelope`], [`Message`], header fields; and [`days`] as people
//! read them.
//!
//! A value of these types is valid by construction: what does not parse does not exist. A
//! [`Message`] keeps the exact bytes and an index into them, since bytes that are not ours pass
//! untouched and a signature covers bytes, not meanings. This room reads no clock, opens no file
//! and knows no protocol.
//!
//! ```
//! use mail::{Address, Message};
//!
//! let from = Address::parse("jan@Praktijk.Example").unwrap();
//! assert_eq!(from.domain().unwrap().as_str(), "praktijk.example");
//!
//! let message = Message::new(b"Subject: a\r\n b\r\nX-Mittente: x\r\n\r\nbody\r\n".to_vec());
//! assert_eq!(message.field("subject").unwrap().value(), b" a\r\n b");
//! let struck = message.without(|field| field.is("x-mittente"));
//! assert_eq!(struck, b"Subject: a\r\n b\r\n\r\nbody\r\n");
//! ```

mod address;
mod again;
pub mod days;
mod domain;
mod envelope;
mod message;
pub mod mime;

pub use address::{Address, AddressError, Host};
pub use domain::{Domain, DomainError};
pub use envelope::{Envelope, Param, ParamError, Recipient};
pub use message::{Field, Message};
