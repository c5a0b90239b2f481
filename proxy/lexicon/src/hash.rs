//! How words are placed in the table that the build script writes; it reads this file too.

/// FNV-1a of the bytes, mixed so that its upper bits are as good as its lower ones.
#[must_use]
pub const fn hash(word: &[u8]) -> u64 {
    let (mut state, mut at) = (BEGIN, 0);
    while at < word.len() {
        state = fed(state, word[at]);
        at += 1;
    }
    mixed(state)
}

/// The hash of a text in small letters.
#[must_use]
pub fn of_small(text: &str) -> u64 {
    if text.is_ascii() {
        return mixed(
            text.bytes().fold(BEGIN, |state, byte| fed(state, byte.to_ascii_lowercase())),
        );
    }
    let mut bytes = [0; 4];
    let fed = |state, char: char| {
        let small = char.to_lowercase();
        small.fold(state, |state, char| char.encode_utf8(&mut bytes).bytes().fold(state, fed))
    };
    mixed(text.chars().fold(BEGIN, fed))
}

/// The hash of a word and the one behind it, out of theirs.
#[must_use]
pub fn of_pair(word: u64, next: u64) -> u64 {
    mixed(word.rotate_left(23) ^ next)
}

/// The state of a hash after one byte more.
#[must_use]
pub const fn fed(state: u64, byte: u8) -> u64 {
    (state ^ byte as u64).wrapping_mul(0x0100_0000_01b3)
}

/// The hash of what was fed.
#[must_use]
pub const fn mixed(state: u64) -> u64 {
    let out = (state ^ (state >> 32)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    out ^ (out >> 29)
}

/// The state before any byte.
pub const BEGIN: u64 = 0xcbf2_9ce4_8422_2325;

/// What a slot keeps of a hash: 24 bits, never zero. One in ten million unknown words is taken for
/// another; no list tells more than that.
pub(crate) fn mark(hash: u64) -> u32 {
    ((hash as u32) >> 8).max(1)
}

/// Where the search for a hash begins in a table of so many slots, a power of two.
pub(crate) fn slot(hash: u64, slots: usize) -> usize {
    (hash >> 32) as usize & (slots - 1)
}

// What a word is, as the bits of one byte.

/// A word of the language, written small.
pub(crate) const WORD: u8 = 1;
/// A given name.
pub(crate) const GIVEN: u8 = 2;
/// A surname.
pub(crate) const SURNAME: u8 = 4;
/// Written with a capital, and no person's name.
pub(crate) const NO_NAME: u8 = 8;
/// Where the two bits of a medical word's tier begin: 1 is B, 2 is C, 3 is D.
pub(crate) const TIER: u8 = 4;
/// A medical phrase begins with it.
pub(crate) const LEAD: u8 = 64;
/// A small word that plays a part in the rules.
pub(crate) const SMALL: u8 = 128;
