//! Text out of message bodies, within bounds.
