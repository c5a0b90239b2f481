//! The world itself: what the other scenarios stand on.

mod names;
mod servers;
mod session;
