//! For how long copies are kept (`keep_years` of an account): shown to a person, and destroyed a month
//! after that person agreed. So long the text of a message is kept, too, that a person withdrew.

use core::time::Duration;

use jiff::tz::Offset;
use jiff::{Span, Timestamp};
use mail::Address;
use settings::Settings;
use vault::archive::{Archived, Gone, Query};
use vault::{Vault, VaultError};

use crate::steady::is_steady;

/// How long after a person's word something goes, at the least: a holiday lies between.
pub const NOTICE: Duration = Duration::from_secs(30 * 24 * 3600);

/// Copies of an account that are over their time, and nobody agreed to let go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leaving {
    /// The account.
    pub account: Address,
    /// How many.
    pub copies: usize,
    /// When the oldest of them was sent or came in.
    pub from: Timestamp,
    /// When the newest was.
    pub to: Timestamp,
}

/// What a pass over the archive came to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pass {
    /// To be told to the user: `zorgzegel archive expiring` shows them.
    pub leaving: Vec<Leaving>,
    /// How many were destroyed.
    pub destroyed: usize,
    /// Of how many messages that went to nobody, or have no copy any more, the text was destroyed.
    pub discarded: usize,
}

/// Counts what is over its time, and destroys what a person agreed to let go at least [`NOTICE`] ago.
/// Without `keep_years`, and without a person, no copy ever goes. What a person withdrew at least [`NOTICE`]
/// ago goes from the outbox ([`Vault::discard_finished`]): nobody got it, so that there is no copy. Where the
/// clock may have jumped nothing goes for its age, and the pass of another day sees to it.
///
/// # Errors
/// [`VaultError`]; what was done until then stands.
pub fn pass(vault: &Vault, settings: &Settings, now: Timestamp) -> Result<Pass, VaultError> {
    let mut pass = Pass { leaving: leaving(vault, settings, now)?, ..Pass::default() };
    if !is_steady(vault.folder(), now) {
        // What somebody got and has no copy goes whatever the time is: a person deleted the copy.
        pass.discarded = vault.discard_finished(Timestamp::UNIX_EPOCH, now)?;
        vault.purge_words()?;
        return Ok(pass);
    }
    let said = now.checked_sub(NOTICE).unwrap_or(Timestamp::MIN);
    for (address, end) in ends(settings, now) {
        if let Some(end) = end {
            let gone = vault.expired_copies(address, end, said)?;
            pass.destroyed += vault.delete_copies(&gone, &Gone::Retention, now)?;
        }
    }
    pass.discarded = vault.discard_finished(said, now)?;
    // Also where nothing was destroyed now: who destroyed something before may have ended before this.
    vault.purge_words()?;
    Ok(pass)
}

/// What is over its time and nobody agreed to let go, an account with any at a time.
///
/// # Errors
/// [`VaultError`].
pub fn leaving(
    vault: &Vault,
    settings: &Settings,
    now: Timestamp,
) -> Result<Vec<Leaving>, VaultError> {
    let mut all = Vec::new();
    for (address, end) in ends(settings, now) {
        let over = vault.expiring_copies(address, end)?;
        if let Some((from, to)) = over.between {
            all.push(Leaving { account: address.clone(), copies: over.copies, from, to });
        }
    }
    Ok(all)
}

/// Copies of an account that a person agreed to let go, and that are there still.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Going {
    /// The account.
    pub account: Address,
    /// How many.
    pub copies: usize,
    /// When the first of them goes, if nobody keeps them after all.
    pub first: Timestamp,
}

/// What a person agreed to let go, an account with any at a time.
///
/// # Errors
/// [`VaultError`].
pub fn going(vault: &Vault, settings: &Settings) -> Result<Vec<Going>, VaultError> {
    let mut all = Vec::new();
    for account in settings.accounts.iter().map(|account| &account.address) {
        if let (over, Some(since)) = vault.agreed_copies(account)? {
            let first = since.checked_add(NOTICE).unwrap_or(Timestamp::MAX);
            all.push(Going { account: account.clone(), copies: over.copies, first });
        }
    }
    Ok(all)
}

/// Notes that a person was shown what is over its time, and lets it go; gives what that is.
///
/// # Errors
/// [`VaultError`].
pub fn agree(
    vault: &Vault,
    settings: &Settings,
    now: Timestamp,
) -> Result<Vec<Archived>, VaultError> {
    agree_to(vault, settings, now, now)
}

/// The same for what was over its time at `shown`, when a person saw it: nothing that came to it since.
///
/// # Errors
/// [`VaultError`].
pub fn agree_to(
    vault: &Vault,
    settings: &Settings,
    shown: Timestamp,
    now: Timestamp,
) -> Result<Vec<Archived>, VaultError> {
    let mut all = Vec::new();
    for (account, end) in ends(settings, shown) {
        if let Some(end) = end {
            all.extend(vault.agree_to_expiry(account, end, now)?);
        }
    }
    Ok(all)
}

/// Copies that are over their time, agreed to or not.
///
/// # Errors
/// [`VaultError`].
pub fn over(
    vault: &Vault,
    settings: &Settings,
    now: Timestamp,
) -> Result<Vec<Archived>, VaultError> {
    let mut all = Vec::new();
    for (account, end) in ends(settings, now) {
        let Some(end) = end else { continue };
        let account = Some(account.clone());
        let mut query = Query { account, until: Some(end), ..Query::default() };
        loop {
            let page = vault.find_copies(&query, 500)?;
            all.extend(page.copies);
            query.after = page.next;
            if page.next.is_none() {
                break;
            }
        }
    }
    Ok(all)
}

/// Each account, and from before when its copies are over their time; `None`: they are kept for good.
fn ends(
    settings: &Settings,
    now: Timestamp,
) -> impl Iterator<Item = (&Address, Option<Timestamp>)> {
    settings.accounts.iter().map(move |account| {
        (&account.address, account.keep_years.and_then(|years| years_before(now, years)))
    })
}

/// The same date and time of day, so many years earlier, in UTC.
fn years_before(now: Timestamp, years: u16) -> Option<Timestamp> {
    let span = Span::new().try_years(i64::from(years)).ok()?;
    let earlier = Offset::UTC.to_datetime(now).checked_sub(span).ok()?;
    Offset::UTC.to_timestamp(earlier).ok()
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::sync::Arc;

    use mail::{Envelope, Message, Recipient};
    use vault::MemoryKeyring;
    use vault::archive::{ArchiveMeta, Direction, NewCopy, Text};
    use vault::outbox::{Choice, NewHeld};

    use super::*;

    /// A pass a day after the one before.
    fn pass(vault: &Vault, settings: &Settings, now: Timestamp) -> Result<Pass, VaultError> {
        let day_before = now.checked_sub(Duration::from_secs(24 * 3600)).unwrap();
        std::fs::write(vault.folder().join("clock"), format!("{day_before} steady\n")).unwrap();
        super::pass(vault, settings, now)
    }

    fn settings(keep: &str) -> Settings {
        let text = format!(
            "[[account]]\naddress = \"jan@praktijk.nl\"\nsmtp = {{ host = \"mail.praktijk.nl\" }}\n{keep}"
        );
        Settings::parse(&text, Path::new("zorgzegel.toml")).unwrap()
    }

    #[test]
    fn what_was_withdrawn_is_there_for_thirty_days_whatever_the_settings_say() {
        let folder = tempfile::tempdir().unwrap();
        let vault = Vault::open(folder.path(), Arc::new(MemoryKeyring::new())).unwrap();
        let day = |day: &str| day.parse::<Timestamp>().unwrap();
        let to = Address::parse("a@b.nl").unwrap();
        let held = NewHeld {
            account: Address::parse("jan@praktijk.nl").unwrap(),
            envelope: Envelope {
                reverse_path: None,
                params: Vec::new(),
                recipients: vec![Recipient { address: to, params: Vec::new() }],
            },
            message: Message::new(b"Subject: x\r\n\r\nx\r\n".to_vec()),
            evidence: "{}".to_owned(),
        };
        let id = vault.hold(held, day("2026-01-01T00:00:00Z")).unwrap().id();
        let run = |now: &str| pass(&vault, &settings(""), day(now)).unwrap().discarded;
        assert_eq!(run("2027-01-01T00:00:00Z"), 0, "it waits for a choice");
        vault.choose(id, Choice::Withdraw, day("2027-01-01T00:00:00Z")).unwrap();
        for errand in vault.errands_of(id).unwrap() {
            let done = vault::errand::Ended::Done(None);
            vault.end_errand(errand.number, &done, day("2027-01-01T00:00:00Z")).unwrap();
        }
        assert_eq!(run("2027-01-31T00:00:00Z"), 0);
        assert!(vault.read(id).is_ok());
        let jumped = super::pass(&vault, &settings(""), day("2028-01-31T00:00:01Z")).unwrap();
        assert_eq!(jumped.discarded, 0, "a clock that jumps destroys nothing");
        assert_eq!(run("2027-01-31T00:00:01Z"), 1);
        assert!(vault.read(id).is_err());
    }

    fn keep(vault: &Vault, at: &str) {
        let meta = ArchiveMeta {
            account: Address::parse("jan@praktijk.nl").unwrap(),
            direction: Direction::Received,
            from: None,
            recipients: Vec::new(),
            subject: at.to_owned(),
            sent_at: at.parse().unwrap(),
            signed: false,
            attachments: Vec::new(),
            proofs: Vec::new(),
        };
        let copy = NewCopy { bytes: at.as_bytes(), meta: &meta, text: &Text::EMPTY };
        vault.keep_received(copy, at.parse().unwrap()).unwrap();
    }

    #[test]
    fn what_is_old_goes_thirty_days_after_a_person_agreed_and_never_by_itself() {
        let folder = tempfile::tempdir().unwrap();
        let vault = Vault::open(folder.path(), Arc::new(MemoryKeyring::new())).unwrap();
        keep(&vault, "2010-01-01T00:00:00Z");
        keep(&vault, "2026-01-01T00:00:00Z");
        let run = |settings: &Settings, now: &str| pass(&vault, settings, now.parse().unwrap());
        let forever = settings("");
        assert_eq!(run(&forever, "2026-02-01T00:00:00Z").unwrap(), Pass::default());
        let ten = settings("keep_years = 10\n");
        for now in ["2026-02-01T00:00:00Z", "2027-02-01T00:00:00Z"] {
            let told = run(&ten, now).unwrap();
            assert_eq!((told.leaving.len(), told.leaving[0].copies, told.destroyed), (1, 1, 0));
        }
        let now = "2027-02-01T00:00:00Z".parse().unwrap();
        assert_eq!(over(&vault, &ten, now).unwrap().len(), 1);
        assert_eq!(going(&vault, &ten).unwrap(), []);
        assert_eq!(agree(&vault, &ten, now).unwrap().len(), 1);
        let account = Address::parse("jan@praktijk.nl").unwrap();
        let first = "2027-03-03T00:00:00Z".parse().unwrap();
        let all = [Going { account: account.clone(), copies: 1, first }];
        assert_eq!(going(&vault, &ten).unwrap(), all, "it is seen for all of the thirty days");
        let listed: Vec<_> = vault.list_copies().unwrap().into_iter().map(|one| one.id).collect();
        assert_eq!(vault.keep_agreed(&account, now).unwrap(), 1);
        let overtaken = vault.delete_copies(&listed, &Gone::Retention, now);
        assert_eq!(overtaken.unwrap(), 0, "it was listed before it was kept after all");
        assert_eq!(
            run(&ten, "2027-03-05T00:00:00Z").unwrap().destroyed,
            0,
            "it was kept after all"
        );
        assert_eq!(agree(&vault, &ten, now).unwrap().len(), 1);
        assert_eq!(run(&ten, "2027-02-20T00:00:00Z").unwrap(), Pass::default());
        let gone = run(&ten, "2027-03-05T00:00:00Z").unwrap();
        assert_eq!((gone.leaving.len(), gone.destroyed), (0, 1));
        assert_eq!(vault.list_copies().unwrap().len(), 1);
    }
}
