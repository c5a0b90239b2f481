//! The forms of a held message: as it came, as ordinary mail, signed; and the copy as sent.

use std::sync::Arc;

use cades::CadesError;
use identity::{Identity, Standing};
use jiff::Timestamp;
use mail::Message;
use nta7516::facts::Route;
use nta7516::proof::{Proof, Signer, Way, Words};
use nta7516::record::Provider;
use settings::Account;
use vault::archive::{ArchiveMeta, Direction};
use vault::journal::Entry;
use vault::outbox::HeldId;
use vault::{Vault, VaultError};

use crate::cards::{self, CardError, CardsError};
use crate::domain_key::{self, DomainKeyError};
use crate::engine::Engine;
use crate::error::EngineError;
use crate::send::{Form, Job};

/// Why a form of the message could not be had.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SealError {
    /// The vault cannot give it.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// Signing failed.
    #[error("the message cannot be signed: {0}")]
    Sign(#[from] cades::CadesError),
    /// The card that signs is not there, or wants its PIN.
    #[error("the message waits to be signed: {0}")]
    Card(CardError),
    /// No randomness.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// The DKIM signature, which the settings ask for, could not be made.
    #[error(transparent)]
    Dkim(#[from] DomainKeyError),
    /// It was signed under the mark that the record of the sender's domain had then: no receiver
    /// would believe it now (R-RECV-1), and what was signed is not altered (R-SIG-2).
    #[error(
        "the message was signed when your domain's record named another supplier; withdraw it, and \
         send it anew"
    )]
    OtherMark,
    /// It was signed, and the identity that did it ended while it waited: no receiver would believe it.
    #[error(
        "the message was signed by an identity that no longer signs ({}); withdraw it, and send it \
         anew with another identity", .standing.en().unwrap_or_default()
    )]
    SignerEnded {
        /// How that identity stands now.
        standing: Standing,
    },
}

impl SealError {
    /// What happened and what to do, in both languages.
    pub(crate) fn words(&self) -> Words {
        let nl = match self {
            Self::Vault(error) | Self::Dkim(DomainKeyError::Vault(error)) => error.nl(),
            Self::Dkim(error) => {
                format!("het bericht kan niet met DKIM worden ondertekend: {error}")
            }
            Self::Card(error) => format!("het bericht wacht op ondertekening: {}", error.nl()),
            Self::Sign(CadesError::Withheld { nl, .. }) => {
                format!("het bericht wacht op ondertekening: {nl}")
            }
            Self::Sign(error) => format!("het bericht kan niet worden ondertekend: {error}"),
            Self::Engine(error) => error.nl(),
            Self::OtherMark => OTHER_MARK_NL.to_owned(),
            Self::SignerEnded { standing } => format!(
                "het bericht is ondertekend met een identiteit die niet meer ondertekent ({}); trek \
                 het in en verstuur het opnieuw met een andere identiteit",
                standing.nl().unwrap_or_default()
            ),
        };
        Words::new(nl, self.to_string())
    }

    /// True where it may pass by itself: a keyring is unlocked, a disk gets room.
    pub(crate) fn is_temporary(&self) -> bool {
        match self {
            Self::Vault(error) | Self::Dkim(DomainKeyError::Vault(error)) => {
                use VaultError::{Corrupt, Identity, NoIdentity};
                !matches!(error, NoIdentity | Identity(_) | Corrupt { .. })
            }
            Self::Card(error) => error.passes(),
            Self::Sign(CadesError::Withheld { passes, .. }) => *passes,
            Self::Dkim(_) | Self::Sign(_) | Self::Engine(_) => false,
            Self::OtherMark | Self::SignerEnded { .. } => false,
        }
    }
}

impl From<CardsError> for SealError {
    fn from(error: CardsError) -> Self {
        match error {
            CardsError::Card(error) => Self::Card(error),
            CardsError::Vault(error) => Self::Vault(error),
            CardsError::Certificate(error) => Self::Sign(error),
            CardsError::NotOnCard => Self::Vault(VaultError::NoIdentity),
        }
    }
}

/// The form of the message that a job's way needs.
pub(crate) async fn form(
    engine: &Arc<Engine>,
    account: &Account,
    id: HeldId,
    job: &Job,
) -> Result<Form, SealError> {
    let (now, seed) = (engine.now(), engine.random()?);
    let (account, way, mark) = (account.clone(), job.way, job.mark.clone());
    let (cards, padding) = (engine.cards(), cards::padding(&engine.settings()));
    let formed = engine.with_vault(move |vault| {
        Ok(match (way, mark) {
            (Way::Ordinary, _) => unsigned(vault, id, strike),
            (Way::Route(_), None) => unsigned(vault, id, unmarked),
            (Way::Route(route), Some(mark)) => {
                let by = |message: &Message| {
                    cards::signer(vault, (&cards, padding), &account.address, message, now)
                };
                let signed = sign_once(vault, id, by, &mark, (now, seed));
                signed.and_then(|signed| marked(vault, &account, route, signed))
            }
        })
    });
    formed.await?
}

/// As NTA mail: marked and signed once; what was signed is what every attempt sends (R-SIG-2). On
/// the route `direct` nobody after us can put the domain's DKIM signature on it, so we do.
fn marked(
    vault: &Vault,
    account: &Account,
    route: Route,
    message: Message,
) -> Result<Form, SealError> {
    let signed_by = cades::check(&message).ok().map(|checked| checked.signer);
    let signed_by = signed_by.map(|signer| Signer {
        subject: signer.subject,
        issuer: signer.issuer,
        serial: signer.serial,
    });
    match (route, &account.dkim) {
        (Route::Direct, Some(own)) => {
            let (message, name) = domain_key::sign(vault, account, own, &message)?;
            Ok(Form { message, signed_by, dkim: Some(name) })
        }
        _ => Ok(Form { message, signed_by, dkim: None }),
    }
}

fn unsigned(
    vault: &Vault,
    id: HeldId,
    form: impl Fn(&Message) -> Vec<u8>,
) -> Result<Form, SealError> {
    let message = Message::new(form(&vault.read(id)?));
    Ok(Form { message, signed_by: None, dkim: None })
}

fn sign_once(
    vault: &Vault,
    id: HeldId,
    signer: impl Fn(&Message) -> Result<Box<dyn cades::Signer>, CardsError>,
    mark: &Provider,
    (now, seed): (Timestamp, [u8; 16]),
) -> Result<Message, SealError> {
    if let Some(signed) = vault.read_signed(id)? {
        if !bears(&signed, mark) {
            return Err(SealError::OtherMark);
        }
        let by = cades::check(&signed).map_err(CadesError::SelfCheck)?.fingerprint;
        // Of one that was removed, what its issuer said is still known.
        let removed = vault.revoked_before(&by)?.map(Standing::Revoked);
        return match ended(&vault.identities()?, &by, now).or(removed) {
            None => Ok(signed),
            Some(standing) => Err(SealError::SignerEnded { standing }),
        };
    }
    let message = vault.read(id)?;
    let signer = signer(&message)?;
    let bytes = cades::sign(&message, Some(mark.as_str()), &*signer, now, seed)?;
    vault.put_signed(id, &bytes)?;
    let certificate = signer.chain().certificates().first().map(|leaf| cades::fingerprint(leaf));
    let entry = Entry::Signed { id, certificate: certificate.unwrap_or_default() };
    vault.append(&entry, now)?;
    Ok(Message::new(bytes))
}

/// How the identity with this certificate stands, where what it signed before must not go any more:
/// it was revoked, or expired. Of one that was removed nothing is said here.
fn ended(identities: &[Identity], fingerprint: &str, now: Timestamp) -> Option<Standing> {
    let is =
        |one: &&Identity| one.chain.first().is_some_and(|it| cades::fingerprint(it) == fingerprint);
    let standing = Standing::of(identities.iter().find(is)?, now);
    (!standing.signs()).then_some(standing)
}

fn bears(signed: &Message, mark: &Provider) -> bool {
    signed.field(nta7516::HEADER).is_some_and(|field| field.unfolded() == mark.as_str())
}

/// As it came, for another way; a mark that is not ours is taken off (R-DNS-5).
fn unmarked(message: &Message) -> Vec<u8> {
    message.without(|field| field.is(nta7516::HEADER))
}

/// What goes out as ordinary mail: without the headers of R-HDR-1 and without a foreign mark.
pub(crate) fn strike(message: &Message) -> Vec<u8> {
    message.without(|field| nta7516::strike::struck(field.name()) || field.is(nta7516::HEADER))
}

/// What is known of the copy as sent besides its bytes; `taken` are the proofs of those who got it.
pub(crate) fn meta(
    engine: &Engine,
    account: &Account,
    form: &Form,
    taken: &[&Proof],
) -> ArchiveMeta {
    ArchiveMeta {
        account: account.address.clone(),
        direction: Direction::Sent,
        from: None,
        recipients: taken.iter().map(|proof| proof.to.clone()).collect(),
        subject: screen::subject(&form.message),
        sent_at: engine.now(),
        signed: form.signed_by.is_some(),
        attachments: Vec::new(),
        proofs: taken.iter().filter_map(|proof| serde_json::to_value(proof).ok()).collect(),
    }
}

const OTHER_MARK_NL: &str = "het bericht is ondertekend toen het record van uw domein een andere \
                             leverancier noemde; trek het in en verstuur het opnieuw";

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
    #[test]
    fn what_an_identity_signed_before_it_was_revoked_or_expired_is_not_sent_after() {
        let address = mail::Address::parse("arts@praktijk.test").unwrap();
        let now: Timestamp = "2026-11-26T12:00:00Z".parse().unwrap();
        let made = cades::create_identity(cades::KeyKind::P256, &address, "Arts", now, 1).unwrap();
        let fingerprint = cades::fingerprint(&made.chain[0]);
        let mut identity = Identity {
            id: "a".to_owned(),
            account: address,
            chain: made.chain,
            place: identity::Place::Software,
            revoked: None,
            created_at: now,
        };
        let of = |identity: &Identity, at: &str| {
            ended(core::slice::from_ref(identity), &fingerprint, at.parse().unwrap())
        };
        let (soon, late) = ("2026-11-27T12:00:00Z", "2028-01-01T00:00:00Z");
        assert_eq!(of(&identity, soon), None);
        assert!(matches!(of(&identity, late), Some(Standing::Expired { .. })));
        assert_eq!(ended(&[], &fingerprint, now), None, "removed");
        let revoked = identity::Revoked { since: now, reason: identity::RevokedFor::Compromise };
        identity.revoked = Some(revoked);
        let standing = of(&identity, soon).unwrap();
        assert_eq!(standing, Standing::Revoked(revoked));
        let error = SealError::SignerEnded { standing };
        assert!(!error.is_temporary(), "a person must act");
        assert!(error.words().nl.contains("ingetrokken") && error.words().en.contains("revoked"));
    }
}
