use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};

use aws_lc_rs::digest::{Context, SHA256};

/// Issuers' signatures under certificates that were found to hold: whoever wrote before, and whoever has an issuer
/// with others, costs one signature less. Nothing is taken on trust by it: an entry is a digest of key,
/// algorithm, bytes and signature together, and what is once right stays so. Validity, names and revocation
/// are judged each time.
#[derive(Debug, Clone, Default)]
pub(crate) struct Held(Arc<Mutex<HashSet<[u8; 32]>>>);

impl PartialEq for Held {
    /// What was looked at already makes no difference.
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Held {}

impl Held {
    /// What names a signature together with all that it depends on.
    pub(crate) fn digest(parts: [&[u8]; 4]) -> Option<[u8; 32]> {
        let mut context = Context::new(&SHA256);
        for part in parts {
            // The length, so that no byte can go over from one part to the next.
            context.update(&part.len().to_be_bytes());
            context.update(part);
        }
        context.finish().as_ref().try_into().ok()
    }

    pub(crate) fn knows(&self, digest: &[u8; 32]) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).contains(digest)
    }

    pub(crate) fn keep(&self, digest: [u8; 32]) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= HELD_MOST {
            all.clear();
        }
        all.insert(digest);
    }
}

/// Correspondents of a practice and their issuers; 32 bytes each.
const HELD_MOST: usize = 4_096;
