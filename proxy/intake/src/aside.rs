//! Messages fetched and marked on a connection aside, one account at a time.

use imap::client::Reason;
use imap::{Access, Selected};
use mail::Address;
use retrieval::aside::{Aside, AsideError, Fetched};
use settings::Account;
use vault::incoming::Place;

use crate::House;

/// The connection that is open, if one is.
#[derive(Default)]
pub(crate) struct Beside {
    open: Option<Open>,
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
}

/// Whether a keyword was stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Marked {
    /// It was.
    Yes,
    /// The mailbox does not take it, or the message is another.
    No,
    /// The connection failed.
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
        match fetched {
            Ok(Fetched::Message(bytes)) => Asked::Message(bytes),
            Ok(Fetched::Gone) => Asked::Never,
            Ok(Fetched::TooLarge) => {
                tracing::info!("a message that claims something is too large to be looked at");
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
            Err(AsideError::Refused(_)) => Marked::No,
            Err(error) => {
                self.failed(&error);
                Marked::NotNow
            }
        }
    }

    /// Ends the connection.
    pub(crate) async fn hang_up(&mut self) {
        if let Some(open) = self.open.take() {
            open.aside.log_out().await;
        }
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
            let aside = house.connect(account).await.map_err(|error| {
                tracing::warn!(?error, "no connection aside, to look at what came in");
                Asked::NotNow
            })?;
            let account = account.address.clone();
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
        if let Err(error) = opened {
            return Err(self.failed(&error));
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
                self.open = None;
                Asked::NotNow
            }
        }
    }
}
