//! A page of the archive.

use jiff::Timestamp;
use mail::Address;
use serde::{Deserialize, Serialize};
use ts_rs::TS;
use vault::Vault;
use vault::archive::{Archived, Direction, Query};

use crate::ShelfError;

/// What a person looks for. All that is given must hold.
#[derive(Clone, Default, PartialEq, Eq, Deserialize, TS)]
#[serde(default)]
pub struct Wanted {
    /// Given back with the answer: a later one is newer.
    pub number: u32,
    /// Words, each of which stands in the copy or begins a word there.
    pub words: String,
    /// Only this account.
    pub account: Option<String>,
    /// Only what was sent, or what came in.
    #[ts(type = "'sent' | 'received' | null")]
    pub direction: Option<Direction>,
    /// From this time on.
    #[ts(type = "string | null")]
    pub since: Option<Timestamp>,
    /// Before this time.
    #[ts(type = "string | null")]
    pub until: Option<Timestamp>,
    /// Goes on behind an earlier page: its `next`.
    #[ts(type = "number | null")]
    pub after: Option<i64>,
}

impl core::fmt::Debug for Wanted {
    /// Nothing of what is looked for.
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Wanted").field("number", &self.number).finish_non_exhaustive()
    }
}

/// A page of what was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct Found {
    /// The number of what was looked for.
    pub number: u32,
    /// It goes on behind an earlier page.
    pub more: bool,
    /// Newest first.
    pub items: Vec<CopyItem>,
    /// Where the next page goes on; none at the end.
    #[ts(type = "number | null")]
    pub next: Option<i64>,
    /// Something was looked for: that there is nothing does not mean that nothing is kept.
    pub narrowed: bool,
}

/// A line of the list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct CopyItem {
    /// Its id.
    pub id: String,
    /// The message of which it is a copy: what a record system is offered.
    pub message: String,
    /// The account that sent or received it.
    pub account: String,
    /// Whether it was sent or came in.
    #[ts(type = "'sent' | 'received'")]
    pub direction: Direction,
    /// Who got it, or who it says that it is from.
    pub people: Vec<String>,
    /// Its subject.
    pub subject: String,
    /// When it was sent, or came in.
    pub at: String,
    /// How many files are in it.
    pub files: u32,
}

/// The newest [`PAGE`] copies for which it holds.
///
/// # Errors
/// [`ShelfError::Vault`].
pub fn find(vault: &Vault, wanted: &Wanted) -> Result<Found, ShelfError> {
    let query = query(wanted);
    let narrowed = query != Query { after: query.after, ..Query::default() };
    let page = vault.find_copies(&query, PAGE)?;
    Ok(Found {
        number: wanted.number,
        more: wanted.after.is_some(),
        items: page.copies.iter().map(item).collect(),
        next: page.next,
        narrowed,
    })
}

fn query(wanted: &Wanted) -> Query {
    // Letters without end would be a query without end; nobody types so much.
    let words = wanted.words.chars().take(WORDS).collect::<String>();
    Query {
        words: words.trim().to_owned(),
        account: wanted.account.as_deref().and_then(|account| Address::parse(account).ok()),
        direction: wanted.direction,
        since: wanted.since,
        until: wanted.until,
        after: wanted.after,
    }
}

/// A copy as a line of a list.
pub(crate) fn item(copy: &Archived) -> CopyItem {
    let meta = &copy.meta;
    let people = match meta.direction {
        Direction::Sent => meta.recipients.iter().map(ToString::to_string).collect(),
        Direction::Received => meta.from.iter().map(ToString::to_string).collect(),
    };
    CopyItem {
        id: copy.id.to_string(),
        message: copy.id.held().to_string(),
        account: meta.account.to_string(),
        direction: meta.direction,
        people,
        subject: meta.subject.clone(),
        at: meta.sent_at.to_string(),
        files: u32::try_from(meta.attachments.len()).unwrap_or(u32::MAX),
    }
}

/// Copies a page: more than a screen shows, and nothing to wait for.
const PAGE: usize = 50;
/// Letters that are looked for.
const WORDS: usize = 300;
