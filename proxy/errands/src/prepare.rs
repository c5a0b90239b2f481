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
            let newer = newer(errand, &vault.errands_of(errand.message)?);
            let failed = still_failed(&held, &last_word(failed, &newer));
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

/// The notices of the same message that were asked for later.
fn newer(errand: &Errand, all: &[Errand]) -> Vec<Failure> {
    let later = all.iter().filter(|other| other.number > errand.number);
    let failed = later.filter_map(|other| match &other.task {
        Task::Notice { failed } => Some(failed.clone()),
        Task::Sent | Task::Withdrawn => None,
    });
    failed.flatten().collect()
}

/// Without those for whom it was chosen again and failed again while this notice waited: the newer one
/// tells how it ended, and one notice a recipient is enough.
fn last_word(failed: &[Failure], newer: &[Failure]) -> Vec<Failure> {
    let told = |one: &&Failure| !newer.iter().any(|other| other.recipient == one.recipient);
    failed.iter().filter(told).cloned().collect()
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

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use mail::Address;
    use vault::Reason;

    use super::*;

    fn failure(to: &str) -> Failure {
        let why = Reason { nl: "weg".to_owned(), en: "gone".to_owned() };
        let recipient = Address::parse(to).unwrap();
        Failure { recipient, kind: FailureKind::Refused, why, host: None }
    }

    fn errand(number: i64, task: Task) -> Errand {
        Errand {
            number,
            message: "01ARZ3NDEKTSV4RRFFQ69G5FAV".parse().unwrap(),
            account: Address::parse("jan@praktijk.nl").unwrap(),
            task,
            made_at: Timestamp::UNIX_EPOCH,
            begun_at: None,
            put_at: None,
            attempts: 0,
            next_at: Timestamp::UNIX_EPOCH,
            trouble: None,
        }
    }

    #[test]
    fn a_recipient_who_failed_again_while_a_notice_waited_is_told_of_once() {
        let notice = |failed: &[&str]| {
            let failed = failed.iter().map(|to| failure(to)).collect();
            Task::Notice { failed }
        };
        let all = [
            errand(1, notice(&["a@b.nl", "c@d.nl"])),
            errand(2, Task::Sent),
            errand(3, notice(&["a@b.nl"])),
        ];
        let told = |errand: &Errand| -> Vec<String> {
            let Task::Notice { failed } = &errand.task else { return Vec::new() };
            let left = last_word(failed, &newer(errand, &all));
            left.iter().map(|one| one.recipient.to_string()).collect()
        };
        assert_eq!(told(&all[0]), ["c@d.nl"]);
        assert_eq!(told(&all[2]), ["a@b.nl"], "the last word is told");
    }
}
