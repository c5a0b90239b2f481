//! What an errand needs, from the vault and the settings, before anyone connects.

use mail::Message;
use notice::{Cause, Failed, Language, Notice, Original};
use settings::{self, Sent, Settings};
use vault::errand::{Ended, Errand, Failure, FailureKind, Task};
use vault::outbox::{HeldMessage, State};
use vault::{Vault, VaultError};

use crate::sent;

/// What is to be done at the mailboxes.
pub(crate) enum Prepared {
    /// Nothing, there.
    Ended(Ended),
    /// A notice is put into INBOX.
    Notice {
        /// Its Message-ID.
        id: String,
        bytes: Vec<u8>,
    },
    /// Sent is brought in line.
    Sent(Filing),
}

/// What Sent is brought in line with.
pub(crate) struct Filing {
    /// The Message-ID of all forms.
    pub(crate) id: String,
    /// What the mail program handed in.
    pub(crate) held: Message,
    /// What was sent; `None` where nobody got it.
    pub(crate) signed: Option<Message>,
}

/// Reads what is needed. What a person has settled meanwhile is settled.
pub(crate) fn prepare(
    vault: &Vault,
    settings: &Settings,
    errand: &Errand,
) -> Result<Prepared, VaultError> {
    let nothing = Prepared::Ended(Ended::Done(None));
    let held = vault.get(errand.message)?;
    let wants_sent =
        || settings.account(&errand.account).is_some_and(|account| account.sent == Sent::AsSent);
    match &errand.task {
        Task::Notice { failed } => {
            let failed = still_failed(&held, failed);
            if failed.is_empty() {
                return Ok(nothing);
            }
            let notice = notice(vault, settings, errand, &held, failed);
            Ok(Prepared::Notice { id: notice.message_id(), bytes: notice.message() })
        }
        Task::Sent | Task::Withdrawn if !wants_sent() || held.discarded => Ok(nothing),
        Task::Sent => match vault.read_signed(errand.message)? {
            Some(signed) => filing(vault, errand, Some(signed)),
            None => Ok(nothing),
        },
        Task::Withdrawn => filing(vault, errand, None),
    }
}

/// Without a Message-ID nothing is known again, and nothing is done.
fn filing(vault: &Vault, errand: &Errand, signed: Option<Message>) -> Result<Prepared, VaultError> {
    let held = vault.read(errand.message)?;
    Ok(match sent::message_id(&held) {
        Some(id) => Prepared::Sent(Filing { id, held, signed }),
        None => Prepared::Ended(Ended::Done(None)),
    })
}

/// Those for whom nobody has chosen anything since, and of whom the mail program wants to hear.
fn still_failed(held: &HeldMessage, failed: &[Failure]) -> Vec<Failed> {
    let one = |failure: &Failure| {
        let mut recipients = held.envelope.recipients.iter().zip(&held.recipients);
        let (recipient, _) = recipients.find(|(recipient, state)| {
            recipient.address == failure.recipient
                && state.state == State::Failed
                && !state.in_doubt
                && notice::is_wanted(&held.envelope, recipient)
        })?;
        Some(Failed {
            recipient: failure.recipient.clone(),
            original: notice::original_recipient(recipient),
            cause: match failure.kind {
                FailureKind::Refused => Cause::Refused,
                FailureKind::Expired => Cause::Expired,
            },
            nl: failure.why.nl.clone(),
            en: failure.why.en.clone(),
            host: failure.host.clone(),
        })
    };
    failed.iter().filter_map(one).collect()
}

fn notice(
    vault: &Vault,
    settings: &Settings,
    errand: &Errand,
    held: &HeldMessage,
    failed: Vec<Failed>,
) -> Notice {
    // A text that cannot be read any more is named by its number alone.
    let original = vault.read(errand.message).map(|text| Original::of(&text, &held.envelope));
    Notice {
        id: format!("{}.{}", errand.message, errand.number),
        account: errand.account.clone(),
        held: errand.message.to_string(),
        arrived: held.created_at,
        at: errand.made_at,
        language: match settings.desktop.language {
            settings::Language::Dutch => Language::Dutch,
            settings::Language::English => Language::English,
        },
        original: original.unwrap_or_default(),
        failed,
    }
}
