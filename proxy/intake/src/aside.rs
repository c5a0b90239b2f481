//! Messages fetched and marked on a connection aside, one account at a time. How often a connection is
//! tried the [`House`] decides, which tries none while a provider is down or refuses the password; here
//! thousands that wait do not even ask.

use core::time::Duration;
use std::collections::HashMap;

use imap::client::Reason;
use imap::{Access, Selected};
use mail::Address;
use retrieval::aside::{Aside, AsideError, Fetched};
use settings::Account;
use tokio::time::Instant;
use vault::incoming::Place;

use crate::House;

/// The connection that is open, if one is.
#[derive(Default)]
pub(crate) struct Beside {
    open: Option<Open>,
    /// The accounts whose provider could not be had, how often a connection broke since the last answer,
    /// and until when nothing is asked for their sake.
    resting: HashMap<Address, (u32, Instant)>,
}

struct Open {
    account: Address,
    aside: Aside,
    selected: Option<Selected>,
}

/// What came of asking for a message.
pub(crate) enum Asked {
    /// Its bytes.
    Message(Vec<u8>),
    /// It is not there, or not that message any more, or too large to be looked at.
    Never,
    /// Another time it may be had.
    NotNow,
    /// The server does not open the mailbox and does not say why: it may be busy, or the mailbox may be
    /// gone. Some tries tell.
    Unclear,
}

/// Whether a keyword was stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Marked {
    /// It was.
    Yes,
    /// The mailbox does not take it, or the message is another.
    No,
    /// Not now: the connection failed, or the server is busy.
    NotNow,
}

impl Beside {
    /// Fetches a message and leaves its flags alone.
    pub(crate) async fn fetch(
        &mut self,
        house: &impl House,
        account: &Account,
        place: &Place,
    ) -> Asked {
        let fetched = match self.open(house, account, place, Access::ReadOnly).await {
            Ok(Some(open)) => open.aside.fetch(place.uid).await,
            Ok(None) => return Asked::Never,
            Err(asked) => return asked,
        };
        if fetched.is_ok() {
            self.resting.remove(&account.address);
        }
        match fetched {
            Ok(Fetched::Message(bytes)) => Asked::Message(bytes),
            Ok(Fetched::Gone) => Asked::Never,
            Ok(Fetched::TooLarge) => {
                tracing::info!("a message that claims something is too large to be looked at");
                // The server may be in the middle of it.
                self.open = None;
                Asked::Never
            }
            Err(error) => self.failed(&error),
        }
    }

    /// Stores a keyword at a message, if it is this one.
    pub(crate) async fn mark(
        &mut self,
        house: &impl House,
        account: &Account,
        place: &Place,
        (message, keyword): (&[u8], &str),
    ) -> Marked {
        let result = self.store(house, account, place, (message, keyword)).await;
        // Back to reading: who has a mailbox open for writing takes \Recent from the mail program.
        if let Some(Open { aside, selected: Some(selected), .. }) = &mut self.open
            && selected.access == Access::ReadWrite
        {
            match aside.open(&place.mailbox, Access::ReadOnly).await {
                Ok(now) => *selected = now,
                Err(_) => self.open = None,
            }
        }
        result
    }

    async fn store(
        &mut self,
        house: &impl House,
        account: &Account,
        place: &Place,
        (message, keyword): (&[u8], &str),
    ) -> Marked {
        let open = match self.open(house, account, place, Access::ReadWrite).await {
            Ok(Some(open)) => open,
            Ok(None) | Err(Asked::Never) => return Marked::No,
            Err(_) => return Marked::NotNow,
        };
        if !open.selected.as_ref().is_some_and(|selected| selected.takes(keyword)) {
            return Marked::No;
        }
        let stored = match open.aside.fetch(place.uid).await {
            Ok(Fetched::Message(bytes)) if bytes == message => {
                open.aside.mark(place.uid, keyword).await
            }
            Ok(_) => return Marked::No,
            Err(error) => Err(error),
        };
        match stored {
            Ok(()) => Marked::Yes,
            Err(error) => match self.failed(&error) {
                Asked::NotNow => Marked::NotNow,
                _ => Marked::No,
            },
        }
    }

    /// Ends the connection.
    pub(crate) async fn hang_up(&mut self) {
        if let Some(open) = self.open.take() {
            open.aside.log_out().await;
        }
    }

    /// The account whose connection is open.
    pub(crate) fn account(&self) -> Option<&Address> {
        self.open.as_ref().map(|open| &open.account)
    }

    pub(crate) fn is_open(&self) -> bool {
        self.open.is_some()
    }

    /// The mailbox of a place, open; none where the UIDs of the place mean nothing there any more.
    async fn open(
        &mut self,
        house: &impl House,
        account: &Account,
        place: &Place,
        access: Access,
    ) -> Result<Option<&mut Open>, Asked> {
        if self.open.as_ref().is_some_and(|open| open.account != account.address) {
            self.hang_up().await;
        }
        if self.open.is_none() {
            let now = Instant::now();
            if self.resting.get(&account.address).is_some_and(|(_, until)| *until > now) {
                return Err(Asked::NotNow);
            }
            let connected = house.connect(account).await;
            let account = account.address.clone();
            let aside = match connected {
                Ok(aside) => aside,
                Err(error) => {
                    tracing::warn!(?error, "no connection aside, to look at what came in");
                    self.rest(account, 0);
                    return Err(Asked::NotNow);
                }
            };
            self.open = Some(Open { account, aside, selected: None });
        }
        let fits = |selected: &Selected| {
            let enough = access == Access::ReadOnly || selected.access == access;
            selected.mailbox == place.mailbox && enough
        };
        let opened = match &mut self.open {
            Some(open) if !open.selected.as_ref().is_some_and(fits) => {
                open.selected = None;
                let opened = open.aside.open(&place.mailbox, access).await;
                opened.map(|selected| open.selected = Some(selected))
            }
            _ => Ok(()),
        };
        match opened {
            Err(AsideError::Refused(refusal)) if refusal.reason == Reason::Refused => {
                return Err(Asked::Unclear);
            }
            Err(error) => return Err(self.failed(&error)),
            Ok(()) => {}
        }
        let means = |open: &&mut Open| {
            let selected = open.selected.as_ref();
            selected.is_some_and(|it| it.uid_validity == Some(place.uid_validity))
        };
        Ok(self.open.as_mut().filter(means))
    }

    /// A server that says no has said it; a connection that failed is given up.
    fn failed(&mut self, error: &AsideError) -> Asked {
        // Not the server's words: they may repeat names.
        match error {
            AsideError::Refused(refusal) if refusal.reason == Reason::Unavailable => Asked::NotNow,
            AsideError::Refused(_) => Asked::Never,
            _ => {
                tracing::warn!("the connection aside broke");
                if let Some(Open { account, .. }) = self.open.take() {
                    self.rest(account, 1);
                }
                Asked::NotNow
            }
        }
    }

    /// Asks nothing for a while; the longer, the more often a connection `broke` that could be had.
    fn rest(&mut self, account: Address, broke: u32) {
        let before = self.resting.get(&account).map_or(0, |(broken, _)| *broken);
        let broken = before.saturating_add(broke);
        self.resting.insert(account, (broken, Instant::now() + pause(broken)));
    }
}

/// How long nothing is asked after so many connections broke, one after the other.
fn pause(broken: u32) -> Duration {
    BREATH.saturating_mul(2_u32.saturating_pow(broken.saturating_sub(1).min(16))).min(LONGEST)
}

/// Between two questions for a connection that cannot be had.
const BREATH: Duration = Duration::from_secs(5);
/// As long as the gate before connections waits at most.
const LONGEST: Duration = Duration::from_secs(30 * 60);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{ALIVE, Home, MESSAGE, address};

    #[tokio::test]
    async fn a_keyword_that_cannot_be_stored_now_is_no_keyword_that_is_never_taken() {
        for (answer, expected) in [
            ("OK done", Marked::Yes),
            ("NO [INUSE] x", Marked::NotNow),
            ("NO [UNAVAILABLE] x", Marked::NotNow),
            ("NO [SERVERBUG] x", Marked::NotNow),
            ("NO [NOPERM] x", Marked::No),
            ("NO x", Marked::No),
        ] {
            let home = Home::answering("STORE", answer).await;
            let account = home.settings().account(&address(ALIVE)).unwrap();
            let what = (MESSAGE.as_bytes(), "$NtaFailed");
            let mut beside = Beside::default();
            let marked = beside.mark(&home, &account, &Home::place(ALIVE, 1), what).await;
            assert_eq!(marked, expected, "{answer}");
        }
    }

    #[tokio::test]
    async fn a_mailbox_that_is_refused_without_a_reason_may_be_had_another_time() {
        for (answer, expected) in [
            ("NO [NONEXISTENT] x", "never"),
            ("NO [NOPERM] x", "never"),
            ("NO [INUSE] x", "not now"),
            ("NO x", "unclear"),
            ("NO [ALERT] too busy", "unclear"),
        ] {
            let home = Home::answering("EXAMINE", answer).await;
            let account = home.settings().account(&address(ALIVE)).unwrap();
            let mut beside = Beside::default();
            let asked = match beside.fetch(&home, &account, &Home::place(ALIVE, 1)).await {
                Asked::Message(_) => "a message",
                Asked::Never => "never",
                Asked::NotNow => "not now",
                Asked::Unclear => "unclear",
            };
            assert_eq!(asked, expected, "{answer}");
        }
    }

    #[test]
    fn a_provider_whose_connections_break_is_asked_ever_less_often() {
        for (broken, seconds) in
            [(0, 5), (1, 5), (2, 10), (3, 20), (9, 1280), (10, 1800), (99, 1800)]
        {
            assert_eq!(pause(broken), Duration::from_secs(seconds), "{broken}");
        }
    }
}
