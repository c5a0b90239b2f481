//! A command that this program says itself, cut where the server's consent to a literal is awaited.

use std::collections::VecDeque;

use secrecy::zeroize::Zeroize as _;

use crate::mailbox;

/// The pieces of a command. The first is said at once, each other one after a `+`. Wiped when
/// dropped: a password may be in it.
#[derive(Default)]
pub(crate) struct Saying {
    pieces: VecDeque<Vec<u8>>,
    open: Vec<u8>,
}

impl Saying {
    /// A command of these words.
    pub(crate) fn new(tag: &str, words: &str) -> Self {
        let open = format!("{tag} {words}").into_bytes();
        Self { pieces: VecDeque::new(), open }
    }

    /// More words, after a blank.
    pub(crate) fn words(&mut self, words: &str) {
        self.open.push(b' ');
        self.open.extend_from_slice(words.as_bytes());
    }

    /// A string, after a blank: between quotes where it can be, else as a literal.
    pub(crate) fn string(&mut self, text: &[u8]) {
        match mailbox::quoted(text) {
            Some(mut quoted) => {
                self.open.push(b' ');
                self.open.extend_from_slice(&quoted);
                quoted.zeroize();
            }
            None => self.literal(text),
        }
    }

    /// A literal, after a blank. The server's consent is awaited always: a server that cannot take
    /// it says so before the bytes are on their way.
    pub(crate) fn literal(&mut self, bytes: &[u8]) {
        self.words(&format!("{{{}}}\r\n", bytes.len()));
        self.pieces.push_back(core::mem::take(&mut self.open));
        self.open.extend_from_slice(bytes);
    }

    /// The command is whole.
    pub(crate) fn end(mut self) -> Self {
        self.open.extend_from_slice(b"\r\n");
        let last = core::mem::take(&mut self.open);
        self.pieces.push_back(last);
        self
    }

    /// The next piece to say.
    pub(crate) fn next(&mut self) -> Option<Vec<u8>> {
        self.pieces.pop_front()
    }
}

impl Drop for Saying {
    fn drop(&mut self) {
        self.open.zeroize();
        self.pieces.iter_mut().for_each(|piece| piece.zeroize());
    }
}
