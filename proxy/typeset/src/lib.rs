//! A message as PDF.
pub mod block;
pub mod html;
