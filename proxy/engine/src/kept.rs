//! What is kept: put into the index where it is not yet, and looked through once a day, the outbox with it,
//! for what is over its time. Once a day the issuers of our identities are asked too.

use core::time::Duration;
use std::sync::Arc;

use archive::Pass;
use tokio::time::sleep;
use vault::VaultError;

use crate::engine::{Engine, Notice};
use crate::own;

/// Runs until dropped. Trouble is logged and met again at the next round: nothing is lost by waiting.
pub(crate) async fn run(engine: Arc<Engine>) {
    loop {
        let wait = match round(&engine).await {
            Ok(()) => ONCE_A_DAY,
            Err(error) => {
                tracing::warn!(%error, "the archive is looked through later");
                AFTER_TROUBLE
            }
        };
        sleep(wait).await;
    }
}

async fn round(engine: &Arc<Engine>) -> Result<(), VaultError> {
    let settings = engine.settings();
    let search = settings.search;
    while engine.with_vault(move |vault| archive::index_older(vault, search, A_FEW)).await? {
        sleep(BREATH).await;
    }
    let now = engine.now();
    let Pass { leaving, destroyed, discarded } =
        engine.with_vault(move |vault| archive::pass(vault, &settings, now)).await?;
    if destroyed + discarded > 0 {
        tracing::info!(
            destroyed,
            discarded,
            "copies, and texts of the outbox, were over their time"
        );
    }
    for one in leaving {
        engine.tell(Notice::Leaving(Arc::new(one)));
    }
    own::ask(engine, None).await
}

const ONCE_A_DAY: Duration = Duration::from_secs(24 * 3600);
/// A keyring that is still locked is unlocked within the hour.
const AFTER_TROUBLE: Duration = Duration::from_secs(15 * 60);
/// So few at a time that the database is free for mail between them.
const A_FEW: usize = 20;
const BREATH: Duration = Duration::from_millis(50);
