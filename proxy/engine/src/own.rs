//! Whether issuers took back identities of our own: asked before anything is signed with them, where the
//! settings let issuers be asked. What they say is kept with the identity, which signs nothing from then on.

use std::sync::Arc;

use identity::{Identity, IdentityError, RevokedFor, Status};
use jiff::Timestamp;
use mail::Address;
use revocation::Heard;
use settings::Fetch;
use vault::{Vault, VaultError};

use crate::engine::Engine;

/// Asks about the identities of an account; `None`: of all. Nobody is asked twice while an answer holds,
/// and an issuer that does not answer changes nothing.
pub(crate) async fn ask(engine: &Arc<Engine>, account: Option<&Address>) -> Result<(), VaultError> {
    let (settings, now) = (engine.settings(), engine.now());
    if settings.fetch == Fetch::Never {
        return Ok(());
    }
    for own in engine.with_vault(Vault::identities).await? {
        let meant = account.is_none_or(|account| own.account.is_same_mailbox(account));
        if meant && may_change(&own) {
            let heard = engine.book().ask_about_own(&own.chain, &settings, now).await;
            engine.with_vault(move |vault| note(vault, &heard, now)).await?;
        }
    }
    Ok(())
}

/// A revocation is final, unless it but puts on hold (RFC 5280 section 5.3.1). A hold may become one; it is
/// lifted by a person alone.
fn may_change(own: &Identity) -> bool {
    own.revoked.is_none_or(|told| told.reason == RevokedFor::Hold)
}

fn note(vault: &Vault, heard: &Heard, now: Timestamp) -> Result<(), VaultError> {
    for said in &heard.statements {
        match vault.note_status((said.bytes(), &heard.issuers), Status::heard_after, now) {
            // Some speak of issuers on the way alone.
            Ok(_) | Err(VaultError::Identity(IdentityError::NoStatus)) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}
