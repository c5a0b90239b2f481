//! What the header of a message says, before anything is looked up.

use cades::Unclear;
use jiff::Timestamp;
use mail::{Address, Domain, Message};
use nta7516::record::Provider;

use crate::dkim;
use crate::received::{Receipt, Statement};
use crate::results::{Trusted, statement};
use crate::trace::receipt;

/// What the header of a message says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    /// `X-NTA7516`.
    pub mark: Mark,
    /// Who the message is from, or why that is not clear.
    pub author: Result<Address, Unclear>,
    /// When it was received; none where it never was.
    pub receipt: Option<Receipt>,
    /// The DKIM keys that are needed.
    pub keys: Vec<dkim::Wanted>,
    /// What the provider says that it found.
    pub statement: Option<Statement>,
}

/// The field `X-NTA7516` (R-DNS-5).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mark {
    /// It is not there.
    None,
    /// It names this supplier.
    One(Provider),
    /// It is there, and its value is no supplier's mark, or there are several.
    Unreadable,
}

impl Header {
    /// Reads a header. `trusted`: the id under which the account's provider writes
    /// Authentication-Results, and where; `now`: where the provider's date cannot be used.
    #[must_use]
    pub fn read(message: &Message, trusted: Option<Trusted<'_>>, now: Timestamp) -> Self {
        let author = cades::author(message);
        let domain = author.as_ref().ok().and_then(Address::domain);
        Self {
            mark: Mark::of(message),
            receipt: receipt(message, now),
            keys: dkim::wanted(message, domain),
            statement: trusted.and_then(|id| statement(message, id, domain)),
            author,
        }
    }

    /// The domain of the author.
    #[must_use]
    pub fn domain(&self) -> Option<&Domain> {
        self.author.as_ref().ok().and_then(Address::domain)
    }
}

impl Mark {
    /// The mark of a message.
    #[must_use]
    pub fn of(message: &Message) -> Self {
        let mut fields = message.fields().filter(|field| field.is(nta7516::HEADER));
        match (fields.next(), fields.next()) {
            (None, _) => Self::None,
            (Some(one), None) => {
                Provider::parse(&one.unfolded()).map_or(Self::Unreadable, Self::One)
            }
            (Some(_), Some(_)) => Self::Unreadable,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mark_is_one_field_with_one_mark() {
        let mark = |header: &str| Mark::of(&Message::new(format!("{header}\r\n\r\n").into_bytes()));
        let lab = Mark::One(Provider::parse("LAB").unwrap());
        assert_eq!(mark("Subject: x"), Mark::None);
        assert_eq!(mark("x-nta7516:LAB "), lab);
        assert_eq!(mark("X-NTA7516:\r\n LAB"), lab);
        for header in ["X-NTA7516: ", "X-NTA7516: a b", "X-NTA7516: LAB\r\nX-NTA7516: LAB"] {
            assert_eq!(mark(header), Mark::Unreadable, "{header}");
        }
    }
}
