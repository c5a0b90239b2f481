//! One encrypted file for one message (R-KEEP-1).
//!
//! ```text
//! file  = magic(8) prefix(7) block* last
//! block = AES-256-GCM(64 KiB of the message)      nonce = prefix || counter(4) || 0
//! last  = AES-256-GCM(the rest, may be empty)     nonce = prefix || counter(4) || 1
//! associated data = magic || prefix || name
//! ```
//! This is the STREAM construction (Hoang, Reyhanitabar, Rogaway and Vizar, 2015): a block moved,
//! left out, repeated or cut off does not open, nor does a whole file under another name. Each
//! message has a random key of its own, so no nonce meets a key twice.

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::Path;

use aws_lc_rs::aead::{Aad, LessSafeKey, NONCE_LEN, Nonce};

use crate::{Key, SealingError};

/// Bytes of the message in one block: the memory that writing and reading need besides it.
const BLOCK: usize = 64 * 1024;
const TAG: usize = 16;
const MAGIC: &[u8; 8] = b"ZZBODY01";
const PREFIX: usize = 7;
const HEADER: usize = MAGIC.len() + PREFIX;

/// Writes `bytes` to `path`, synced and renamed into place, and answers the message's new key.
/// The file says nothing until the key is kept.
///
/// # Errors
/// [`SealingError::Io`] where the disk took it not; nothing is left of it then.
pub fn write(path: &Path, name: &str, bytes: &[u8]) -> Result<Key, SealingError> {
    let key: Key = Key::new(crate::random()?);
    let aside = disk::temporary(path);
    let written = disk::create_private(&aside)
        .map_err(SealingError::io("making the file of a message"))
        .and_then(|file| encrypt(file, name, bytes, &key))
        .and_then(|()| {
            std::fs::rename(&aside, path)
                .and_then(|()| disk::sync_folder(path))
                .map_err(SealingError::io("putting the file of a message in place"))
        });
    if let Err(error) = written {
        let _ = std::fs::remove_file(&aside);
        return Err(error);
    }
    Ok(key)
}

fn encrypt(mut file: File, name: &str, bytes: &[u8], key: &Key) -> Result<(), SealingError> {
    let mut header = [0; HEADER];
    header[..MAGIC.len()].copy_from_slice(MAGIC);
    header[MAGIC.len()..].copy_from_slice(&crate::random::<PREFIX>()?);
    let stream = Stream::new(&header, name, key.as_ref())?;
    let io = || SealingError::io("writing the file of a message");
    file.write_all(&header).map_err(io())?;
    let mut buffer = Vec::with_capacity(BLOCK + TAG);
    let mut rest = bytes;
    for counter in 0.. {
        let last = rest.len() <= BLOCK;
        let (block, after) = rest.split_at(rest.len().min(BLOCK));
        buffer.clear();
        buffer.extend_from_slice(block);
        stream.seal(counter, last, &mut buffer)?;
        file.write_all(&buffer).map_err(io())?;
        rest = after;
        if last {
            break;
        }
    }
    file.sync_all().map_err(io())
}

/// Reads a whole message back.
///
/// # Errors
/// [`SealingError::Damaged`] where the file is not there or not what was written under this name and
/// key; [`SealingError::Io`] where it cannot be read.
pub fn read(path: &Path, name: &str, key: &[u8]) -> Result<Vec<u8>, SealingError> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(damaged(name)),
        Err(error) => return Err(SealingError::io("opening the file of a message")(error)),
    };
    let size = file.metadata().map(|meta| meta.len()).unwrap_or(0);
    let mut message = Vec::with_capacity(usize::try_from(size).unwrap_or(0));
    decrypt(file, name, key, &mut message)?;
    Ok(message)
}

fn decrypt(
    mut file: impl Read,
    name: &str,
    key: &[u8],
    message: &mut Vec<u8>,
) -> Result<(), SealingError> {
    let mut header = [0; HEADER];
    if fill(&mut file, &mut header)? < HEADER || !header.starts_with(MAGIC) {
        return Err(damaged(name));
    }
    let stream = Stream::new(&header, name, key)?;
    let mut block = vec![0; BLOCK + TAG];
    let mut ahead = [0; 1];
    let mut have = fill(&mut file, &mut block)?;
    for counter in 0.. {
        // A block is the last one where nothing follows it.
        let more = have == block.len() && fill(&mut file, &mut ahead)? == 1;
        let plain = stream.open(counter, !more, &mut block[..have]).ok_or_else(|| damaged(name))?;
        message.extend_from_slice(plain);
        if !more {
            return Ok(());
        }
        block[0] = ahead[0];
        have = 1 + fill(&mut file, &mut block[1..])?;
    }
    Err(damaged(name))
}

/// Reads until the buffer is full or the file ends.
fn fill(file: &mut impl Read, buffer: &mut [u8]) -> Result<usize, SealingError> {
    let mut have = 0;
    while have < buffer.len() {
        match file.read(&mut buffer[have..]) {
            Ok(0) => break,
            Ok(count) => have += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(SealingError::io("reading the file of a message")(error)),
        }
    }
    Ok(have)
}

fn damaged(name: &str) -> SealingError {
    SealingError::Damaged { name: name.to_owned() }
}

struct Stream {
    key: LessSafeKey,
    prefix: [u8; PREFIX],
    bound: Vec<u8>,
}

impl Stream {
    fn new(header: &[u8; HEADER], name: &str, key: &[u8]) -> Result<Self, SealingError> {
        let mut prefix = [0; PREFIX];
        prefix.copy_from_slice(&header[MAGIC.len()..]);
        Ok(Self {
            key: crate::aead(key)?,
            prefix,
            bound: [header.as_slice(), name.as_bytes()].concat(),
        })
    }

    fn nonce(&self, counter: u32, last: bool) -> Nonce {
        let mut nonce = [0; NONCE_LEN];
        nonce[..PREFIX].copy_from_slice(&self.prefix);
        nonce[PREFIX..PREFIX + 4].copy_from_slice(&counter.to_be_bytes());
        nonce[NONCE_LEN - 1] = u8::from(last);
        Nonce::assume_unique_for_key(nonce)
    }

    fn seal(&self, counter: u32, last: bool, block: &mut Vec<u8>) -> Result<(), SealingError> {
        let bound = Aad::from(self.bound.as_slice());
        self.key
            .seal_in_place_append_tag(self.nonce(counter, last), bound, block)
            .map_err(|_| SealingError::Crypto)
    }

    fn open<'b>(&self, counter: u32, last: bool, block: &'b mut [u8]) -> Option<&'b [u8]> {
        let bound = Aad::from(self.bound.as_slice());
        let plain = self.key.open_in_place(self.nonce(counter, last), bound, block);
        plain.ok().map(|plain| &*plain)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(length: usize) -> Vec<u8> {
        (0..length).map(|at| (at * 31 + at / 251) as u8).collect()
    }

    #[test]
    fn every_length_around_a_block_comes_back() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        for length in [0, 1, BLOCK - 1, BLOCK, BLOCK + 1, 2 * BLOCK, 2 * BLOCK + 5] {
            let key = write(&path, "a", &message(length)).unwrap();
            let back = read(&path, "a", key.as_ref()).unwrap();
            assert!(back == message(length), "{length}");
        }
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn the_file_shows_nothing_of_the_message() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        write(&path, "a", b"BSN 123456782 of mevrouw Jansen").unwrap();
        let raw = std::fs::read(&path).unwrap();
        assert!(!raw.windows(6).any(|part| part == b"Jansen"));
    }

    #[test]
    fn a_cut_a_flip_a_swap_and_another_key_are_found() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        let key = write(&path, "a", &message(2 * BLOCK + 9)).unwrap();
        let whole = std::fs::read(&path).unwrap();
        let sealed = BLOCK + TAG;
        let mut bent: Vec<Vec<u8>> = Vec::new();
        for length in [0, 5, HEADER, HEADER + 1, HEADER + sealed, HEADER + 2 * sealed] {
            bent.push(whole[..length].to_vec());
        }
        bent.push(whole[..whole.len() - 1].to_vec());
        bent.push([&whole[..], b"x"].concat());
        for at in [0, 9, HEADER, HEADER + sealed + 3, whole.len() - 1] {
            let mut copy = whole.clone();
            copy[at] ^= 0x10;
            bent.push(copy);
        }
        let (one, two) = (HEADER..HEADER + sealed, HEADER + sealed..HEADER + 2 * sealed);
        let swapped = [&whole[..HEADER], &whole[two.clone()], &whole[one], &whole[two.end..]];
        bent.push(swapped.concat());
        for (case, bytes) in bent.iter().enumerate() {
            std::fs::write(&path, bytes).unwrap();
            let found = read(&path, "a", key.as_ref());
            assert!(matches!(found, Err(SealingError::Damaged { .. })), "case {case}");
        }
        std::fs::write(&path, &whole).unwrap();
        assert!(read(&path, "b", key.as_ref()).is_err(), "another name");
        assert!(read(&path, "a", &[0; 32]).is_err(), "another key");
        assert!(read(&path, "a", key.as_ref()).is_ok());
        std::fs::remove_file(&path).unwrap();
        assert!(read(&path, "a", key.as_ref()).is_err(), "no file");
    }

    proptest::proptest! {
        #![proptest_config(proptest::prelude::ProptestConfig::with_cases(48))]
        #[test]
        fn the_result_does_not_depend_on_how_the_bytes_are_read(
            length in 0_usize..200_000,
            cut in 1_usize..70_000,
        ) {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("a");
            let key = write(&path, "a", &message(length)).unwrap();
            let file = File::open(&path).unwrap();
            let mut back = Vec::new();
            decrypt(Dribble(file, cut), "a", key.as_ref(), &mut back).unwrap();
            proptest::prop_assert!(back == message(length));
        }
    }

    struct Dribble(File, usize);

    impl Read for Dribble {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let length = buffer.len().min(self.1);
            self.0.read(&mut buffer[..length])
        }
    }
}
