//! What the room `errands` needs of the engine, and what a person sees of an errand that waits.

use std::sync::Arc;

use ::retrieval::aside::Aside;
use errands::House;
use jiff::Timestamp;
use mail::Address;
use serde::{Deserialize, Serialize};
use settings::Settings;
use tokio::sync::broadcast;
use vault::errand::{Errand, Task};
use vault::outbox::HeldId;
use vault::{Reason, Vault, VaultError};

use crate::engine::{Engine, Notice};
use crate::retrieval::{self, NoUpstream};

/// Puts notices into INBOX, and brings Sent in line, until dropped.
pub(crate) async fn run(engine: Arc<Engine>) {
    let notices = engine.listen();
    errands::run(Mailboxes { engine, notices }).await;
}

/// A notice that a message failed, which is not yet in the account's INBOX.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct NoticeWaits {
    /// When the message failed.
    pub since: Timestamp,
    /// How often it was tried to put the notice there.
    pub attempts: u32,
    /// When it is tried next.
    pub next_attempt_at: Timestamp,
    /// Why it is not there yet, where it was tried.
    pub trouble: Option<Reason>,
}

impl NoticeWaits {
    /// The oldest of a message. What cannot be read is not shown, and stays.
    pub(crate) fn of(vault: &Vault, id: HeldId) -> Option<Self> {
        let notice = |errand: &Errand| matches!(errand.task, Task::Notice { .. });
        let errand = vault.errands_of(id).unwrap_or_default().into_iter().find(notice)?;
        Some(Self {
            since: errand.made_at,
            attempts: errand.attempts,
            next_attempt_at: errand.next_at,
            trouble: errand.trouble,
        })
    }
}

struct Mailboxes {
    engine: Arc<Engine>,
    notices: broadcast::Receiver<Notice>,
}

impl House for Mailboxes {
    async fn with_vault<T: Send + 'static>(
        &self,
        call: impl FnOnce(&Vault) -> Result<T, VaultError> + Send + 'static,
    ) -> Result<T, VaultError> {
        self.engine.with_vault(call).await
    }

    async fn connect(&self, account: &Address) -> Result<Aside, Reason> {
        let account = self.engine.settings().account(account);
        let connected = match &account {
            Some(account) => retrieval::connect_aside(&self.engine, account).await,
            None => Err(NoUpstream::NoServer),
        };
        connected.map_err(|error| Reason { nl: error.nl(), en: error.to_string() })
    }

    fn settings(&self) -> Arc<Settings> {
        self.engine.settings()
    }

    fn now(&self) -> Timestamp {
        self.engine.now()
    }

    async fn woken(&mut self) {
        // One that lagged behind has missed only that something happened.
        if let Err(broadcast::error::RecvError::Closed) = self.notices.recv().await {
            core::future::pending::<()>().await;
        }
    }
}
