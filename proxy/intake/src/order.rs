//! The order in which waiting messages are looked at. Providers count log-ins, and there is one connection
//! aside: it does all of an account's work, mailbox by mailbox, before the next account's is begun.

use mail::Address;
use vault::incoming::{DueIncoming, Place};

use crate::queue::Sighting;

/// A message that waits.
pub(crate) trait Waiting {
    /// Whose it is.
    fn account(&self) -> &Address;

    /// Where it lies; none where the mail program did not ask for that.
    fn place(&self) -> Option<&Place>;
}

impl Waiting for Sighting {
    fn account(&self) -> &Address {
        &self.account
    }

    fn place(&self) -> Option<&Place> {
        self.place.as_ref()
    }
}

impl Waiting for DueIncoming {
    fn account(&self) -> &Address {
        &self.place.account
    }

    fn place(&self) -> Option<&Place> {
        Some(&self.place)
    }
}

/// Sorts by account, the one first to which a connection is `open`, and by mailbox. What lies in the same
/// mailbox stays as it came.
pub(crate) fn by_account(work: &mut [impl Waiting], open: Option<&Address>) {
    work.sort_by(|one, other| key(one, open).cmp(&key(other, open)));
}

fn key<'a>(
    work: &'a impl Waiting,
    open: Option<&Address>,
) -> (bool, &'a Address, Option<&'a [u8]>) {
    let account = work.account();
    (open != Some(account), account, work.place().map(|place| place.mailbox.as_slice()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_open_account_comes_first_and_what_lies_together_is_looked_at_together() {
        let due = |account: &str, mailbox: &str, uid| DueIncoming {
            place: Place {
                account: Address::parse(account).unwrap(),
                mailbox: mailbox.as_bytes().to_vec(),
                uid_validity: 1,
                uid,
            },
            tries: 0,
        };
        let (a, b) = ("a@praktijk.nl", "b@praktijk.nl");
        let mut work = [
            due(a, "INBOX", 9),
            due(b, "INBOX", 4),
            due(a, "Archief", 1),
            due(b, "INBOX", 3),
            due(a, "INBOX", 2),
        ];
        by_account(&mut work, None);
        assert_eq!(work.each_ref().map(|due| due.place.uid), [1, 9, 2, 4, 3]);
        by_account(&mut work, Address::parse(b).ok().as_ref());
        assert_eq!(work.map(|due| due.place.uid), [4, 3, 1, 9, 2]);
    }
}
