//! Smart cards: what is in the readers, the key with which an account signs, and the PIN that a person
//! gives for it.

use std::path::PathBuf;
use std::sync::Arc;

use cades::{CadesError, Padding, Signer};
pub use card::{
    Asked, CardError, Cards, GivenPin, Held, Locked, Offer, OnCard, Pin, PinSource, PinState,
    Token, Tries, Unlocked, offered,
};
use identity::{Identity, Place};
use jiff::Timestamp;
use mail::{Address, Message};
use serde::{Deserialize, Serialize};
use settings::{RsaPadding, Settings};
use vault::outbox::HeldId;
use vault::{Vault, VaultError};

use crate::engine::Engine;

/// Why a card, or the identity on it, could not be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CardsError {
    /// What the card says.
    #[error(transparent)]
    Card(#[from] CardError),
    /// What the vault says.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// The certificate cannot be used for this account.
    #[error(transparent)]
    Certificate(#[from] CadesError),
    /// The account signs with a key in the keyring.
    #[error("the account signs with no card; register one with `zorgzegel identity card add`")]
    NotOnCard,
}

impl CardsError {
    /// The sentence in Dutch: what happened, and what to do.
    #[must_use]
    pub fn nl(&self) -> String {
        match self {
            Self::Card(error) => error.nl(),
            Self::Vault(error) => error.nl(),
            Self::Certificate(error) => identity::IdentityError::from(error.clone()).nl(),
            Self::NotOnCard => "Het account ondertekent niet met een pas; registreer er een bij Identiteiten (`zorgzegel identity card add`).".to_owned(),
        }
    }
}

/// The cards as these settings name them; nothing is loaded yet.
#[must_use]
pub fn of(settings: &Settings) -> Cards {
    Cards::new(&settings.cards.modules, settings.cards.stay_unlocked, padding(settings))
}

/// How RSA keys sign by these settings.
#[must_use]
pub fn padding(settings: &Settings) -> Padding {
    match settings.sign.rsa {
        RsaPadding::Pkcs1 => Padding::Pkcs1,
        RsaPadding::Pss => Padding::Pss,
    }
}

/// Who signs this message of an account: the address in From decides. A card must be unlocked.
///
/// # Errors
/// As [`Vault::signing_identity`] and [`Vault::software_key`]; what the card says.
pub fn signer(
    vault: &Vault,
    (cards, padding): (&Cards, Padding),
    account: &Address,
    message: &Message,
    now: Timestamp,
) -> Result<Box<dyn Signer>, CardsError> {
    let from = cades::author(message).ok();
    let identity = vault.signing_identity(account, from.as_ref(), now)?;
    match place(&identity) {
        None => Ok(Box::new(vault.software_key(&identity)?.padded(padding))),
        Some(place) => Ok(Box::new(cards.key(&place?, &identity.chain)?)),
    }
}

/// Whose card is meant.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "whose", rename_all = "snake_case")]
pub enum Whose {
    /// That of the identity with this id.
    Identity {
        /// The id.
        id: String,
    },
    /// That with which an account signs mail from this address; none: from its own.
    Account {
        /// The account's address.
        account: Address,
        /// The address in From.
        from: Option<Address>,
    },
}

/// A card that wants its PIN before a message is signed with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PinWanted {
    /// The identity on it.
    pub identity: String,
    /// How it stands.
    pub card: Locked,
}

impl Whose {
    fn identity(&self, vault: &Vault, now: Timestamp) -> Result<Identity, CardsError> {
        match self {
            Self::Account { account, from } => {
                Ok(vault.signing_identity(account, from.as_ref(), now)?)
            }
            Self::Identity { id } => {
                let mut all = vault.identities()?.into_iter();
                all.find(|one| one.id == *id).ok_or(CardsError::NotOnCard)
            }
        }
    }
}

/// Gives the card with which an account signs its PIN.
///
/// # Errors
/// [`CardsError::NotOnCard`]; what the card and the vault say.
pub fn unlock(
    vault: &Vault,
    cards: &Cards,
    (account, from): (&Address, Option<&Address>),
    pin: &dyn PinSource,
    now: Timestamp,
) -> Result<Unlocked, CardsError> {
    let identity = vault.signing_identity(account, from, now)?;
    Ok(cards.unlock(&on_card(&identity)?, pin)?)
}

/// How the card with this identity's key stands in its reader: whether its PIN is asked on the screen, and
/// how many tries are left.
///
/// # Errors
/// As [`unlock`].
pub fn stands(cards: &Cards, identity: &Identity) -> Result<Locked, CardsError> {
    Ok(cards.stands(&on_card(identity)?)?)
}

fn on_card(identity: &Identity) -> Result<card::Place, CardsError> {
    Ok(place(identity).ok_or(CardsError::NotOnCard)??)
}

/// Registers a certificate on a card for an account, which signs with it from now on. Its id.
///
/// # Errors
/// [`CardsError::Certificate`] where it is somebody else's, expired or not for mail.
pub fn add(
    vault: &Vault,
    account: &Address,
    on_card: &OnCard,
    now: Timestamp,
) -> Result<String, CardsError> {
    let own = on_card.chain.first().ok_or(CadesError::NoCertificate)?;
    cades::may_sign_for(own, account, now)?;
    cades::algorithm_of(own, Padding::default())?;
    let reference = on_card.place.to_string();
    Ok(vault.add_card_identity(account, &on_card.chain, reference, now)?.id)
}

/// Where the key is, if on a card, and which certificate that card must hold: the one that was registered.
fn place(identity: &Identity) -> Option<Result<card::Place, VaultError>> {
    let Place::Card { reference } = &identity.place else { return None };
    let own = identity.chain.first().map(Vec::as_slice).unwrap_or_default();
    let damaged = |_| VaultError::Corrupt { what: "the place of a key on a card".to_owned() };
    Some(reference.parse().map(|place: card::Place| place.of(own)).map_err(damaged))
}

impl Engine {
    /// What is in the readers, module by module.
    pub async fn cards_seen(self: &Arc<Self>) -> Vec<(PathBuf, Result<Vec<Token>, CardError>)> {
        let cards = self.cards();
        tokio::task::spawn_blocking(move || cards.list()).await.unwrap_or_default()
    }

    /// Registers a certificate on a card for an account. Its id.
    ///
    /// # Errors
    /// As [`add`].
    pub async fn add_card(
        self: &Arc<Self>,
        account: &Address,
        on_card: OnCard,
    ) -> Result<String, CardsError> {
        let (now, account) = (self.now(), account.clone());
        self.with_vault(move |vault| Ok(add(vault, &account, &on_card, now))).await?
    }

    /// The card with which a held message is to be signed, where it is in a reader and wants its PIN
    /// before it signs. The address in From decides whose it is.
    ///
    /// # Errors
    /// [`VaultError`].
    pub async fn pin_wanted(
        self: &Arc<Self>,
        message: HeldId,
    ) -> Result<Option<PinWanted>, VaultError> {
        let (now, cards) = (self.now(), self.cards());
        self.with_vault(move |vault| {
            let held = vault.list()?.into_iter().find(|one| one.id == message);
            let Some(held) = held else { return Ok(None) };
            let from = cades::author(&vault.read(message)?).ok();
            let identity = vault.signing_identity(&held.account, from.as_ref(), now)?;
            let Some(place) = place(&identity).transpose()? else { return Ok(None) };
            Ok(match cards.key(&place, &identity.chain) {
                Err(CardError::PinNeeded { .. }) => {
                    cards.stands(&place).ok().map(|card| PinWanted { identity: identity.id, card })
                }
                _ => None,
            })
        })
        .await
    }

    /// As [`stands`], for one of the vault's.
    ///
    /// # Errors
    /// As [`unlock`].
    pub async fn card_stands(self: &Arc<Self>, whose: Whose) -> Result<Locked, CardsError> {
        let (now, cards) = (self.now(), self.cards());
        let stands = move |vault: &Vault| {
            Ok(whose.identity(vault, now).and_then(|identity| self::stands(&cards, &identity)))
        };
        self.with_vault(stands).await?
    }

    /// Gives a card its PIN; `None` where it is given at the reader. What waited for it is tried again
    /// at once.
    ///
    /// # Errors
    /// As [`unlock`].
    pub async fn unlock_card(
        self: &Arc<Self>,
        whose: Whose,
        pin: Option<Pin>,
    ) -> Result<Unlocked, CardsError> {
        let (now, cards) = (self.now(), self.cards());
        let unlocked = self.with_vault(move |vault| {
            let unlock = |identity: &Identity| -> Result<Unlocked, CardsError> {
                Ok(cards.unlock(&on_card(identity)?, &GivenPin(pin))?)
            };
            let identity = match whose.identity(vault, now) {
                Ok(identity) => identity,
                Err(error) => return Ok(Err(error)),
            };
            let unlocked = unlock(&identity);
            if unlocked.is_ok() {
                for held in vault.list()?.iter().filter(|one| one.account == identity.account) {
                    vault.hurry(held.id)?;
                }
            }
            Ok(unlocked)
        });
        let unlocked = unlocked.await??;
        self.wake();
        Ok(unlocked)
    }
}
