//! The copy of one command or response: its line text, and as much of its literals as is wanted.

use crate::claim::{self, Claim};
use crate::relay::Limits;

/// One command or response. In `text` a literal stands as `{n}` CRLF; its bytes are in `literals`,
/// in the same order.
#[derive(Debug, Default)]
pub(crate) struct Unit {
    pub(crate) text: Vec<u8>,
    pub(crate) literals: Vec<Held>,
    pub(crate) extent: Extent,
    take: Take,
    kept: usize,
    /// What is still to come of a literal that is kept whole.
    promised: usize,
}

/// Whether the copy is all there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Extent {
    #[default]
    Whole,
    /// A bound was passed: only the beginning of the text is here.
    Cut,
}

/// What was kept of a literal.
#[derive(Debug)]
pub(crate) struct Held {
    pub(crate) bytes: Vec<u8>,
    pub(crate) size: u64,
    pub(crate) claims: Vec<Claim>,
}

/// How much of a literal is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Take {
    #[default]
    Nothing,
    /// All, where it is as small as an argument is (a mailbox name).
    Argument,
    /// The header; and the whole message where its header claims something by itself.
    Claiming,
    /// The header, and nothing behind it.
    Header,
    /// All, within the bound for a message.
    Message,
}

impl Unit {
    pub(crate) fn line(&mut self, bytes: &[u8], limits: &Limits) {
        if self.extent == Extent::Cut {
            return;
        }
        let room = limits.tap.saturating_sub(self.text.len());
        self.text.extend_from_slice(&bytes[..bytes.len().min(room)]);
        if bytes.len() > room {
            self.extent = Extent::Cut;
        }
    }

    pub(crate) fn begin_literal(&mut self, size: u64, take: Take, limits: &Limits, room: usize) {
        if self.literals.len() >= LITERALS {
            self.extent = Extent::Cut;
        }
        if self.extent == Extent::Cut {
            self.take = Take::Nothing;
            return;
        }
        let most = match take {
            Take::Argument => limits.tap.saturating_sub(self.kept).min(ARGUMENT),
            _ => room,
        };
        let fits = usize::try_from(size).ok().filter(|size| *size <= most);
        (self.take, self.promised) = match (take, fits) {
            (Take::Argument | Take::Message, None) => (Take::Nothing, 0),
            (Take::Argument | Take::Message, Some(size)) => (take, size),
            (take, _) => (take, 0),
        };
        self.literals.push(Held { bytes: Vec::new(), size, claims: Vec::new() });
    }

    /// The next bytes of the literal. `room` is what may still be kept of a whole message.
    pub(crate) fn literal(&mut self, bytes: &[u8], left: u64, limits: &Limits, room: usize) {
        let Some(held) = self.literals.last_mut() else {
            return;
        };
        let before = held.bytes.len();
        let mut rest = bytes;
        if let Take::Claiming | Take::Header = self.take {
            let most = limits.tap.saturating_sub(self.kept).min(bytes.len());
            held.bytes.extend_from_slice(&bytes[..most]);
            let end = held.header_end(before);
            // What is kept must not depend on how the bytes were cut.
            held.bytes.truncate(end.unwrap_or(held.bytes.len()));
            rest = &bytes[held.bytes.len() - before..];
            if end.is_some() || !rest.is_empty() || left == 0 {
                held.claims = claim::of_header(&held.bytes);
                let missing = held.size.saturating_sub(held.bytes.len() as u64);
                let fits = usize::try_from(missing).ok().filter(|missing| *missing <= room);
                (self.take, self.promised) = match (self.take, fits) {
                    (Take::Claiming, Some(missing))
                        if held.claims.iter().any(|claim| claim.wants_all()) =>
                    {
                        (Take::Message, missing)
                    }
                    _ => (Take::Nothing, 0),
                };
            } else {
                rest = &[];
            }
        }
        if let Take::Argument | Take::Message = self.take {
            held.bytes.extend_from_slice(rest);
            self.promised = self.promised.saturating_sub(rest.len());
        }
        self.kept += held.bytes.len() - before;
        if left == 0 {
            self.take = Take::Nothing;
        }
    }

    /// Bytes of literals that are kept, or will be.
    pub(crate) fn kept(&self) -> usize {
        self.kept.saturating_add(self.promised)
    }

    /// Forgets all, to be used for the next command or response.
    pub(crate) fn clear(&mut self) {
        self.text.clear();
        self.text.shrink_to(SPARE);
        *self = Self { text: core::mem::take(&mut self.text), ..Self::default() };
    }

    /// Gives the bytes of a literal away.
    pub(crate) fn give(&mut self, index: usize) -> Vec<u8> {
        self.literals
            .get_mut(index)
            .map(|held| core::mem::take(&mut held.bytes))
            .unwrap_or_default()
    }

    /// The index of a literal of this unit.
    pub(crate) fn index(&self, literal: &Held) -> Option<usize> {
        self.literals.iter().position(|held| core::ptr::eq(held, literal))
    }
}

impl Held {
    /// True where nothing of it was let go.
    pub(crate) fn is_whole(&self) -> bool {
        self.bytes.len() as u64 == self.size
    }

    /// Where the empty line behind the header ends; what was here `before` was searched.
    fn header_end(&self, before: usize) -> Option<usize> {
        if self.bytes.starts_with(b"\r\n") {
            return Some(2);
        }
        let from = before.saturating_sub(3);
        let found = memchr::memmem::find(&self.bytes[from..], b"\r\n\r\n")?;
        Some(from + found + 4)
    }
}

/// A mailbox name or a password is shorter, in bytes.
const ARGUMENT: usize = 4_096;
/// Literals of one command or response that are looked at: a response has one or two for each part
/// of one message.
const LITERALS: usize = 64;
/// Memory for text that an idle session keeps, in bytes.
const SPARE: usize = 1_024;
