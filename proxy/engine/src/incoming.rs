//! Verdicts on messages that come in, for the window and the command line. The work is the rooms'
//! `intake` (gathers, keeps, marks) and `incoming` (decides).

use std::sync::Arc;

pub use ::incoming::{
    Alignment, Case, Claim, DkimResult, Keyword, Receipt, ReceiptBy, Received, RecordState,
    SenderDomain, Signature, Signer, Statement, Told, Word,
};
pub use cades::{Coverage, FromMatch, Known};
pub use intake::{Incoming, list, one};
pub use nta7516::facts::Security;
use vault::VaultError;
pub use vault::incoming::IncomingId;

use crate::engine::Engine;

impl Engine {
    /// The messages that claimed something, those received last first; at most `most`.
    ///
    /// # Errors
    /// [`VaultError`].
    pub async fn incoming(self: &Arc<Self>, most: usize) -> Result<Vec<Incoming>, VaultError> {
        self.with_vault(move |vault| list(vault, most)).await
    }

    /// One of them; none where there is none of this id.
    ///
    /// # Errors
    /// [`VaultError`].
    pub async fn incoming_one(
        self: &Arc<Self>,
        id: IncomingId,
    ) -> Result<Option<Incoming>, VaultError> {
        self.with_vault(move |vault| one(vault, id)).await
    }
}
