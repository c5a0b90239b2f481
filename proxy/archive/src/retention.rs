//! For how long copies are kept (`keep_years` of an account): first told of, then destroyed.

use core::time::Duration;

use jiff::tz::Offset;
use jiff::{Span, Timestamp};
use mail::Address;
use settings::Settings;
use vault::archive::Gone;
use vault::{Vault, VaultError};

/// How long before it goes a copy is told of, at the least: a holiday lies between.
pub const NOTICE: Duration = Duration::from_secs(30 * 24 * 3600);

/// Copies of an account that will go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leaving {
    /// The account.
    pub account: Address,
    /// How many.
    pub copies: usize,
    /// The first of them goes not before this time.
    pub not_before: Timestamp,
}

/// What a pass over the archive came to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pass {
    /// To be told to the user now, once.
    pub leaving: Vec<Leaving>,
    /// How many were destroyed.
    pub destroyed: usize,
}

/// Tells of what will go within [`NOTICE`], and destroys what is over its time and was told of at
/// least [`NOTICE`] ago. Without `keep_years` nothing ever goes. A clock that is set wrong for a day
/// destroys nothing: it can only tell too early.
///
/// # Errors
/// [`VaultError`]; what was done until then stands.
pub fn pass(vault: &Vault, settings: &Settings, now: Timestamp) -> Result<Pass, VaultError> {
    let mut pass = Pass::default();
    for account in &settings.accounts {
        let Some(end) = account.keep_years.and_then(|years| years_before(now, years)) else {
            continue;
        };
        let address = &account.address;
        let Ok(told) = now.checked_sub(NOTICE) else { continue };
        let gone = vault.expired_copies(address, end, told)?;
        pass.destroyed += vault.delete_copies(&gone, &Gone::Retention, now)?;
        let Ok(soon) = end.checked_add(NOTICE) else { continue };
        let leaving = vault.announce_expiry(address, soon, now)?;
        if let (copies @ 1.., Ok(not_before)) = (leaving.len(), now.checked_add(NOTICE)) {
            pass.leaving.push(Leaving { account: address.clone(), copies, not_before });
        }
    }
    Ok(pass)
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

    use vault::MemoryKeyring;
    use vault::archive::{ArchiveMeta, Direction, NewCopy, Text};

    use super::*;

    fn settings(keep: &str) -> Settings {
        let text = format!(
            "[[account]]\naddress = \"jan@praktijk.nl\"\nsmtp = {{ host = \"mail.praktijk.nl\" }}\n{keep}"
        );
        Settings::parse(&text, Path::new("zorgzegel.toml")).unwrap()
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
    fn what_is_old_is_told_of_first_and_goes_thirty_days_later() {
        let folder = tempfile::tempdir().unwrap();
        let vault = Vault::open(folder.path(), Arc::new(MemoryKeyring::new())).unwrap();
        keep(&vault, "2010-01-01T00:00:00Z");
        keep(&vault, "2026-01-01T00:00:00Z");
        let run = |settings: &Settings, now: &str| pass(&vault, settings, now.parse().unwrap());
        let forever = settings("");
        assert_eq!(run(&forever, "2026-02-01T00:00:00Z").unwrap(), Pass::default());
        let ten = settings("keep_years = 10\n");
        let told = run(&ten, "2026-02-01T00:00:00Z").unwrap();
        assert_eq!((told.leaving.len(), told.leaving[0].copies, told.destroyed), (1, 1, 0));
        assert_eq!(run(&ten, "2026-02-20T00:00:00Z").unwrap(), Pass::default());
        let gone = run(&ten, "2026-03-05T00:00:00Z").unwrap();
        assert_eq!((gone.leaving.len(), gone.destroyed), (0, 1));
        assert_eq!(vault.list_copies().unwrap().len(), 1);
    }
}
