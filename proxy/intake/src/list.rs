//! The verdicts that are kept, as people and scripts see them.

use incoming::Received;
use jiff::Timestamp;
use mail::Address;
use serde::{Deserialize, Serialize};
use vault::incoming::{IncomingId, KeptIncoming};
use vault::{Vault, VaultError};

/// A message that came in and claimed something, with its verdict. Its JSON is a contract.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Incoming {
    /// Which.
    pub id: IncomingId,
    /// The account that it came to.
    pub account: Address,
    /// When the provider received it.
    pub when: Timestamp,
    /// When it was judged last.
    pub judged_at: Timestamp,
    /// Who it says it is from: the address in From where that is clear, else the field as it stands.
    pub from: String,
    /// Its subject, decoded; empty where there is none.
    pub subject: String,
    /// The copy that is kept of it; `None` where there is none (any more).
    #[serde(default)]
    pub copy: Option<String>,
    /// The verdict and all that it rests on.
    #[serde(flatten)]
    pub received: Received,
}

impl core::fmt::Debug for Incoming {
    /// Neither who nor what.
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Incoming")
            .field("id", &self.id)
            .field("verdict", &self.received.verdict)
            .finish_non_exhaustive()
    }
}

/// The messages that were received last, newest first; at most `most`.
///
/// # Errors
/// [`VaultError`].
pub fn list(vault: &Vault, most: usize) -> Result<Vec<Incoming>, VaultError> {
    Ok(vault.list_incoming(most)?.into_iter().filter_map(read).collect())
}

/// One of them; none where there is none of this id.
///
/// # Errors
/// [`VaultError`].
pub fn one(vault: &Vault, id: IncomingId) -> Result<Option<Incoming>, VaultError> {
    Ok(vault.incoming(id)?.and_then(read))
}

/// A verdict that a later version wrote in another form is left out, not an error for all.
pub(crate) fn read(kept: KeptIncoming) -> Option<Incoming> {
    let KeptIncoming { id, account, from, subject, received_at, judged_at, verdict, copy } = kept;
    let copy = copy.map(|copy| copy.to_string());
    let received = match serde_json::from_str(&verdict) {
        Ok(received) => received,
        Err(error) => {
            tracing::error!(%id, %error, "a kept verdict cannot be read");
            return None;
        }
    };
    Some(Incoming { id, account, when: received_at, judged_at, from, subject, copy, received })
}
