//! Verdicts on messages that come in, for the window and the command line. The work is the rooms'
//! `intake` (gathers, keeps, marks) and `incoming` (decides).

use std::sync::Arc;

pub use ::incoming::{
    Alignment, Case, Claim, DkimResult, Keyword, Moment, Receipt, ReceiptBy, Received, RecordState,
    SenderDomain, Signature, Signer, Standing, Statement, Told, Word,
};
use ::retrieval::aside::Aside;
pub use cades::{Coverage, FromMatch, Known};
use intake::House;
pub use intake::{Incoming, list, one};
use jiff::Timestamp;
use net::dns::Resolver;
pub use nta7516::facts::Security;
use settings::{Account, Settings};
pub use vault::incoming::IncomingId;
use vault::{Vault, VaultError};

use crate::engine::{Engine, Notice};
use crate::retrieval::{self, NoUpstream};

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

/// Looks at what comes in, until dropped.
pub(crate) async fn run(engine: Arc<Engine>) {
    intake::run(Desk(Arc::clone(&engine)), engine.intake()).await;
}

/// What the room `intake` needs of the engine.
struct Desk(Arc<Engine>);

impl House for Desk {
    type Error = NoUpstream;

    fn settings(&self) -> Arc<Settings> {
        self.0.settings()
    }

    fn resolver(&self) -> Arc<Resolver> {
        self.0.resolver()
    }

    async fn with_vault<T: Send + 'static>(
        &self,
        call: impl FnOnce(&Vault) -> Result<T, VaultError> + Send + 'static,
    ) -> Result<T, VaultError> {
        self.0.with_vault(call).await
    }

    async fn connect(&self, account: &Account) -> Result<Aside, NoUpstream> {
        retrieval::connect_aside(&self.0, account).await
    }

    fn now(&self) -> Timestamp {
        self.0.now()
    }

    fn tell(&self, id: IncomingId) {
        self.0.tell(Notice::Incoming(id));
    }
}
