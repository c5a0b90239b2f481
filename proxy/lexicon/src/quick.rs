use std::hash::{BuildHasherDefault, Hasher};

use crate::hash;

/// For sets and maps whose keys are hashes already, or lists of ours: nobody else chooses what is in
/// them, so that no text can make them slow.
pub type Quick = BuildHasherDefault<Mixed>;

/// Takes a hash for what it is, and hashes words.
#[derive(Debug, Default)]
pub struct Mixed(u64);

impl Hasher for Mixed {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        self.0 = bytes.iter().fold(self.0, |state, byte| hash::fed(state, *byte));
    }

    fn write_u64(&mut self, number: u64) {
        self.0 = number;
    }
}
