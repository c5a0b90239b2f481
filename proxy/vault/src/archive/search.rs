//! Copies found by a word, an account, a time; a page at a time, newest first.
//!
//! The index (SQLite's FTS5) lies in the database, whose every page is encrypted under the database's
//! key. It keeps words, not texts: what a copy says is read from its own file under its own key. How
//! the text falls into words: letters and digits, without regard to case and accents.

use jiff::Timestamp;
use mail::Address;
use rusqlite::types::Value;
use rusqlite::{Connection, params, params_from_iter};

use super::{ArchiveId, Archived, Direction, archived};
use crate::error::VaultError;
use crate::open::Vault;

/// The words by which a copy is found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Text {
    /// Its subject, decoded.
    pub subject: String,
    /// From and to: addresses and display names.
    pub people: String,
    /// What a reader reads; empty where the settings keep bodies out of the index.
    pub body: String,
    /// The names of its attachments.
    pub files: String,
}

impl Text {
    /// No words: found by account and time only.
    pub const EMPTY: Self = Self {
        subject: String::new(),
        people: String::new(),
        body: String::new(),
        files: String::new(),
    };
}

/// What is looked for. All that is given must hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Query {
    /// Words, each of which must stand somewhere in the copy, or begin a word there. No operators:
    /// any text may be typed.
    pub words: String,
    /// Only this account.
    pub account: Option<Address>,
    /// Only what was sent, or what came in.
    pub direction: Option<Direction>,
    /// Sent or received at this time or later.
    pub since: Option<Timestamp>,
    /// Sent or received before this time.
    pub until: Option<Timestamp>,
    /// Go on behind an earlier page: its [`Page::next`].
    pub after: Option<i64>,
}

/// Some of what was found, newest first.
#[derive(Debug, Clone, PartialEq)]
pub struct Page {
    /// The copies, without their bytes.
    pub copies: Vec<Archived>,
    /// Where the next page goes on; `None` at the end.
    pub next: Option<i64>,
}

impl Vault {
    /// The newest `most` copies for which the query holds.
    ///
    /// # Errors
    /// Where the database cannot be read.
    pub fn find_copies(&self, query: &Query, most: usize) -> Result<Page, VaultError> {
        let (sql, values) = statement(query, most);
        self.look(|database| {
            let mut statement = database.prepare_cached(&sql)?;
            let rows = statement.query_and_then(params_from_iter(values), |row| {
                Ok::<_, VaultError>((archived(row)?, row.get::<_, i64>(5)?))
            })?;
            let mut copies = Vec::new();
            let mut next = None;
            for row in rows {
                let (copy, seq) = row?;
                if copies.len() == most {
                    // One more than was asked for: there is another page, behind the last one here.
                    return Ok(Page { copies, next });
                }
                copies.push(copy);
                next = Some(seq);
            }
            Ok(Page { copies, next: None })
        })
    }

    /// Copies that are not in the index yet: those of before there was one.
    ///
    /// # Errors
    /// Where the database cannot be read.
    pub fn unindexed_copies(&self, most: usize) -> Result<Vec<ArchiveId>, VaultError> {
        self.look(|database| {
            let mut statement = database.prepare_cached(
                "SELECT held, number FROM archive WHERE indexed = 0 ORDER BY seq DESC LIMIT ?1",
            )?;
            let rows = statement.query_map([i64::try_from(most).unwrap_or(i64::MAX)], |row| {
                Ok((row.get::<_, String>(0)?, row.get::<_, u32>(1)?))
            })?;
            rows.map(|row| {
                let (held, number) = row?;
                Ok(ArchiveId { held: held.parse().map_err(|_| super::damaged())?, number })
            })
            .collect()
        })
    }

    /// Puts a kept copy into the index, in place of what stood there of it.
    ///
    /// # Errors
    /// Where it cannot be kept.
    pub fn index_copy(&self, id: ArchiveId, text: &Text) -> Result<(), VaultError> {
        self.change(|change| {
            let mut found =
                change.prepare_cached("SELECT seq FROM archive WHERE held = ?1 AND number = ?2")?;
            let held = id.held.to_string();
            match found.query_row(params![held, id.number], |row| row.get(0)) {
                Ok(seq) => index(change, seq, text),
                Err(rusqlite::Error::QueryReturnedNoRows) => Ok(()),
                Err(error) => Err(error.into()),
            }
        })
    }
}

/// Files the words of the copy in this row.
pub(super) fn index(database: &Connection, seq: i64, text: &Text) -> Result<(), VaultError> {
    database
        .prepare_cached(
            "INSERT OR REPLACE INTO archive_text (rowid, subject, people, body, files)
             VALUES (?1, ?2, ?3, ?4, ?5)",
        )?
        .execute(params![seq, text.subject, text.people, text.body, text.files])?;
    database.prepare_cached("UPDATE archive SET indexed = 1 WHERE seq = ?1")?.execute([seq])?;
    Ok(())
}

/// What is narrowed by stands in an index of its own: only the rows of the page are read.
pub(super) fn statement(query: &Query, most: usize) -> (String, Vec<Value>) {
    let columns = "SELECT held, number, meta, size, kept_at, seq FROM archive";
    let mut sql = format!("{columns} WHERE seq IN (SELECT a.seq FROM ");
    let mut values = Vec::new();
    let mut conditions: Vec<&str> = Vec::new();
    let words = matching(&query.words);
    // The table that is walked backwards gives the order, so that nothing is sorted.
    let order = if words.is_empty() { "a.seq" } else { "t.rowid" };
    if words.is_empty() {
        sql.push_str("archive a INDEXED BY archive_facts");
    } else {
        sql.push_str("archive_text t JOIN archive a INDEXED BY archive_facts ON a.seq = t.rowid");
        conditions.push("archive_text MATCH ?");
        values.push(Value::Text(words));
    }
    if let Some(account) = &query.account {
        conditions.push("a.account = ?");
        values.push(Value::Text(account.to_string()));
    }
    if let Some(direction) = query.direction {
        conditions.push("a.direction = ?");
        values.push(Value::Text(direction.as_str().to_owned()));
    }
    let bounds = [
        ("a.at >= ?", query.since.map(Timestamp::as_millisecond)),
        ("a.at < ?", query.until.map(Timestamp::as_millisecond)),
        (if order == "a.seq" { "a.seq < ?" } else { "t.rowid < ?" }, query.after),
    ];
    for (condition, value) in bounds {
        if let Some(value) = value {
            conditions.push(condition);
            values.push(Value::Integer(value));
        }
    }
    if !conditions.is_empty() {
        sql.push_str(" WHERE ");
        sql.push_str(&conditions.join(" AND "));
    }
    sql.push_str(&format!(" ORDER BY {order} DESC LIMIT ?) ORDER BY seq DESC"));
    values.push(Value::Integer(i64::try_from(most.saturating_add(1)).unwrap_or(i64::MAX)));
    (sql, values)
}

/// What was typed, as a query of the index: each word quoted and taken as a beginning.
fn matching(typed: &str) -> String {
    let words = typed.split(|letter: char| !letter.is_alphanumeric());
    let quoted: Vec<String> =
        words.filter(|word| !word.is_empty()).map(|word| format!("\"{word}\"*")).collect();
    quoted.join(" ")
}
