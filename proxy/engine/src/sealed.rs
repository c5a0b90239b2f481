//! The forms of a held message: as it came, as ordinary mail, signed; and the copy as sent.

use std::sync::Arc;

use mail::{Address, Message};
use nta7516::record::Provider;
use serde_json::Value;
use vault::archive::ArchiveMeta;
use vault::journal::Entry;
use vault::outbox::HeldId;
use vault::settings::Account;
use vault::{Vault, VaultError};

use crate::engine::Engine;
use crate::error::EngineError;
use crate::send::Job;

/// Why a form of the message could not be had.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SealError {
    /// The vault cannot give it.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// Signing failed.
    #[error("the message cannot be signed: {0}")]
    Sign(#[from] cades::CadesError),
    /// No randomness.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// It was signed under the mark that the record of the sender's domain had then: no receiver
    /// would believe it now (R-RECV-1), and what was signed is not altered (R-SIG-2).
    #[error(
        "the message was signed when your domain's record named another supplier; withdraw it, and \
         send it anew"
    )]
    OtherMark,
}

impl SealError {
    /// True where it may pass by itself: a keyring is unlocked, a disk gets room.
    pub(crate) fn is_temporary(&self) -> bool {
        match self {
            Self::Vault(VaultError::NoIdentity | VaultError::Corrupt { .. }) => false,
            Self::Vault(_) => true,
            Self::Sign(_) | Self::Engine(_) | Self::OtherMark => false,
        }
    }
}

/// As NTA mail: marked and signed once; what was signed is what every attempt sends (R-SIG-2).
pub(crate) async fn signed(
    engine: &Arc<Engine>,
    account: &Account,
    id: HeldId,
    mark: &Provider,
) -> Result<Message, SealError> {
    let (now, seed) = (engine.now(), engine.random()?);
    let (address, mark) = (account.address.clone(), mark.clone());
    engine.with_vault(move |vault| Ok(sign_once(vault, id, &address, &mark, now, seed))).await?
}

fn sign_once(
    vault: &Vault,
    id: HeldId,
    account: &Address,
    mark: &Provider,
    now: jiff::Timestamp,
    seed: [u8; 16],
) -> Result<Message, SealError> {
    if let Some(signed) = vault.read_signed(id)? {
        return if bears(&signed, mark) { Ok(signed) } else { Err(SealError::OtherMark) };
    }
    let message = vault.read(id)?;
    let signer = vault.signer(account)?;
    let bytes = cades::sign(&message, Some(mark.as_str()), &*signer, now, seed)?;
    vault.put_signed(id, &bytes)?;
    let certificate = signer.chain().first().map(|leaf| cades::fingerprint(leaf));
    let entry = Entry::Signed { id, certificate: certificate.unwrap_or_default() };
    vault.append(&entry, now)?;
    Ok(Message::new(bytes))
}

fn bears(signed: &Message, mark: &Provider) -> bool {
    signed.field(nta7516::HEADER).is_some_and(|field| field.unfolded() == mark.as_str())
}

/// As it came, for another way; a mark that is not ours is taken off (R-DNS-5).
pub(crate) async fn plain(engine: &Arc<Engine>, id: HeldId) -> Result<Message, SealError> {
    let message = engine.with_vault(move |vault| vault.read(id)).await?;
    Ok(Message::new(message.without(|field| field.is(nta7516::HEADER))))
}

/// As ordinary mail (R-HDR-1).
pub(crate) async fn ordinary(engine: &Arc<Engine>, id: HeldId) -> Result<Message, SealError> {
    let message = engine.with_vault(move |vault| vault.read(id)).await?;
    Ok(Message::new(strike(&message)))
}

/// What goes out as ordinary mail: without the headers of R-HDR-1 and without a foreign mark.
pub(crate) fn strike(message: &Message) -> Vec<u8> {
    message.without(|field| nta7516::strike::struck(field.name()) || field.is(nta7516::HEADER))
}

/// What is known of the copy as sent besides its bytes.
pub(crate) fn meta(
    engine: &Engine,
    account: &Account,
    message: &Message,
    job: &Job,
    taken: Vec<(Address, Value)>,
) -> ArchiveMeta {
    let (recipients, proofs) = taken.into_iter().unzip();
    ArchiveMeta {
        account: account.address.clone(),
        recipients,
        subject: crate::screen::subject(message),
        sent_at: engine.now(),
        signed: job.mark.is_some(),
        proofs,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn what_was_signed_under_another_mark_is_not_sent_under_this_one() {
        let signed = Message::new(b"Subject: x\r\nX-NTA7516: ZorgMail\r\n\r\n".to_vec());
        let bears = |mark: &str| bears(&signed, &Provider::parse(mark).unwrap());
        assert!(bears("ZorgMail"));
        assert!(!bears("Zorgmail") && !bears("ZorgMail2"));
        let error = SealError::OtherMark;
        assert!(!error.is_temporary() && error.to_string().contains("withdraw"));
    }
}
