//! When the mail program of an account was last here. A mail program that was never here still
//! sends past us, straight to the provider, and nothing that it sends is looked at.
//!
//! Kept in a small file beside the vault, where no address stands: only the hash of it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use aws_lc_rs::digest::{SHA256, digest};
use jiff::{SignedDuration, Timestamp};
use mail::{Address, Message};
use serde::{Deserialize, Serialize};

use crate::engine::{Engine, Notice};

/// When a mail program was last here.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Visit {
    /// It handed in a message over SMTP, whatever became of it.
    #[serde(default)]
    pub handed_in: Option<Timestamp>,
    /// It logged in over IMAP.
    #[serde(default)]
    pub fetched: Option<Timestamp>,
}

/// What a mail program does here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Errand {
    /// It hands in a message.
    HandsIn,
    /// It logs in to fetch mail.
    Fetches,
}

/// The visits of all accounts.
#[derive(Debug, Default)]
pub(crate) struct Visits {
    /// None until the file was read.
    known: Mutex<Option<Known>>,
    /// The Message-ID of the mail that we send ourselves, as a mail program would.
    ours: Mutex<Option<String>>,
}

#[derive(Debug)]
struct Known {
    visits: BTreeMap<String, Visit>,
    written: Option<Timestamp>,
}

impl Visits {
    /// Whether a message that is handed in is the one of [`Engine::sends_itself`].
    pub(crate) fn is_ours(&self, message: &Message) -> bool {
        let ours = self.ours.lock().unwrap_or_else(PoisonError::into_inner);
        let id = message.field("Message-ID").map(|field| field.unfolded().trim().to_owned());
        id.is_some() && id == *ours
    }

    fn known(&self, folder: &Path) -> MutexGuard<'_, Option<Known>> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.get_or_insert_with(|| Known { visits: read(folder), written: None });
        known
    }

    fn of(&self, folder: &Path, name: &str) -> Visit {
        let known = self.known(folder);
        known.as_ref().and_then(|known| known.visits.get(name)).copied().unwrap_or_default()
    }

    /// Notes a visit; what is to be written, where it is new or the file is old.
    fn note(&self, folder: &Path, name: &str, errand: Errand, now: Timestamp) -> Option<Vec<u8>> {
        let mut known = self.known(folder);
        let known = known.as_mut()?;
        let visit = known.visits.entry(name.to_owned()).or_default();
        let place = match errand {
            Errand::HandsIn => &mut visit.handed_in,
            Errand::Fetches => &mut visit.fetched,
        };
        let first = place.replace(now).is_none();
        let old = known.written.is_none_or(|at| now.duration_since(at) > WRITTEN_ANEW);
        if !first && !old {
            return None;
        }
        known.written = Some(now);
        serde_json::to_vec(&known.visits).ok()
    }
}

impl Engine {
    /// When the mail program of an account was last here.
    #[must_use]
    pub fn visit(&self, account: &Address) -> Visit {
        self.visits().of(&self.settings().data_dir, &name(account))
    }

    /// Names the mail that this program hands in itself: it is no visit of a mail program.
    pub fn sends_itself(&self, message_id: &str) {
        let mut ours = self.visits().ours.lock().unwrap_or_else(PoisonError::into_inner);
        *ours = Some(message_id.to_owned());
    }

    /// The mail program of an account is here.
    pub(crate) fn visited(self: &Arc<Self>, account: &Address, errand: Errand) {
        let folder = self.settings().data_dir.clone();
        if let Some(text) = self.visits().note(&folder, &name(account), errand, self.now()) {
            tokio::task::spawn_blocking(move || {
                if let Err(error) = disk::replace(&file(&folder), &text) {
                    tracing::warn!(%error, "when the mail program was here cannot be kept");
                }
            });
        }
        self.tell(Notice::Visited(account.clone()));
    }
}

/// A faulty file is as good as none: it says nothing that does not come again by itself.
fn read(folder: &Path) -> BTreeMap<String, Visit> {
    let text = std::fs::read(file(folder)).unwrap_or_default();
    serde_json::from_slice(&text).unwrap_or_default()
}

fn file(folder: &Path) -> PathBuf {
    folder.join("mail-programs.json")
}

/// The name of an account in the file.
fn name(account: &Address) -> String {
    let lower = account.to_string().to_ascii_lowercase();
    let hash = digest(&SHA256, lower.as_bytes());
    hash.as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// How old the file may be while a mail program comes and goes every minute.
const WRITTEN_ANEW: SignedDuration = SignedDuration::from_mins(10);

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn a_visit_is_there_after_a_restart_and_names_nobody() {
        let folder = tempfile::tempdir().unwrap();
        let name = name(&Address::parse("Arts@praktijk.test").unwrap());
        assert_eq!(name, super::name(&Address::parse("arts@Praktijk.test").unwrap()));
        let visits = Visits::default();
        let text = visits.note(folder.path(), &name, Errand::HandsIn, at(100)).unwrap();
        std::fs::write(file(folder.path()), &text).unwrap();
        assert!(!String::from_utf8(text).unwrap().contains("praktijk"));
        let visit = Visits::default().of(folder.path(), &name);
        assert_eq!((visit.handed_in, visit.fetched), (Some(at(100)), None));
    }

    #[test]
    fn a_mail_program_that_comes_every_minute_is_written_down_now_and_then() {
        let folder = tempfile::tempdir().unwrap();
        let visits = Visits::default();
        let note = |errand, second| visits.note(folder.path(), "a", errand, at(second));
        assert!(note(Errand::Fetches, 0).is_some());
        assert!(note(Errand::Fetches, 60).is_none());
        assert!(note(Errand::HandsIn, 61).is_some(), "the first of its kind at once");
        assert!(note(Errand::Fetches, 600).is_none());
        assert!(note(Errand::Fetches, 662).is_some());
        assert_eq!(visits.of(folder.path(), "a").fetched, Some(at(662)));
    }

    #[test]
    fn a_faulty_file_is_none() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(file(folder.path()), "{").unwrap();
        assert_eq!(Visits::default().of(folder.path(), "a"), Visit::default());
    }

    #[test]
    fn the_mail_that_we_send_ourselves_is_no_visit() {
        let visits = Visits::default();
        let mail = |id: &str| Message::new(format!("Message-ID:\r\n {id}\r\n\r\nx").into_bytes());
        assert!(!visits.is_ours(&mail("<1@a>")));
        assert!(!visits.is_ours(&Message::new(&b"Subject: x\r\n\r\n"[..])), "one without an id");
        *visits.ours.lock().unwrap() = Some("<1@a>".to_owned());
        assert!(visits.is_ours(&mail("<1@a>")) && !visits.is_ours(&mail("<2@a>")));
    }
}
