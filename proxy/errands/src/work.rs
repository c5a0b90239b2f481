//! One errand at the mailboxes.

use imap::Access;
use imap::aside::{Moment, Sought, Special};
use jiff::tz::Offset;
use jiff::{SignedDuration, Timestamp};
use mail::Message;
use retrieval::aside::{Aside, AsideError, Fetched};
use vault::VaultError;
use vault::errand::{Ended, Errand};
use vault::journal::Entry;

use crate::prepare::Filing;
use crate::sent::{self, Kind, Ours};
use crate::{House, words};

/// Why an errand is not done.
pub(crate) enum Trouble {
    /// At the mailboxes.
    Mailbox(AsideError),
    /// Of our own.
    Vault(VaultError),
}

impl From<AsideError> for Trouble {
    fn from(error: AsideError) -> Self {
        Self::Mailbox(error)
    }
}

impl From<VaultError> for Trouble {
    fn from(error: VaultError) -> Self {
        Self::Vault(error)
    }
}

/// Puts a notice into INBOX, unread. Where it may be there already it is looked for first.
pub(crate) async fn put_notice(
    house: &impl House,
    aside: &mut Aside,
    errand: &Errand,
    (id, bytes): (&str, &[u8]),
) -> Result<Ended, Trouble> {
    let done = Ended::Done(Some(Entry::Notified { id: errand.message }));
    if errand.put_at.is_some() {
        return Ok(done);
    }
    if let (Some(begun), Some(sought)) = (errand.begun_at, Sought::new(id)) {
        aside.open(INBOX, Access::ReadOnly).await?;
        if !aside.search(&sought.since(moment(before(begun)))).await?.is_empty() {
            return Ok(done);
        }
    }
    put(house, aside, errand, (INBOX, &[], None, bytes)).await?;
    Ok(done)
}

/// Brings Sent in line with what was sent. A mail program may bring its copy later than we look: then
/// it is looked at once more, a few times.
pub(crate) async fn file(
    house: &impl House,
    aside: &mut Aside,
    errand: &Errand,
    filing: &Filing,
) -> Result<Ended, Trouble> {
    let Some(mailbox) = find_sent(aside).await? else {
        let next = look_again(house, errand);
        let trouble = Some(words::reason(words::NO_SENT));
        return Ok(next.map_or(Ended::Done(None), |next| Ended::Later { trouble, next }));
    };
    let selected = aside.open(&mailbox, Access::ReadWrite).await?;
    let found = look(aside, errand, filing).await?;
    let plan = sent::plan(&found, filing.signed.is_some(), Ours::of(errand));
    if let (true, Some(signed)) = (plan.put, &filing.signed) {
        let when = Some(moment(errand.made_at));
        put(house, aside, errand, (&mailbox, &["\\Seen"], when, signed.bytes())).await?;
    }
    let mut removed = false;
    if let Some(uid) = plan.remove {
        let can = selected.takes("\\Deleted") && aside.capabilities().has("UIDPLUS");
        removed = can && remove(aside, uid).await?;
    }
    let is_there = found.iter().any(|(_, kind)| *kind == Kind::HandedIn);
    match look_again(house, errand) {
        Some(next) if !is_there => Ok(Ended::Later { trouble: None, next }),
        _ => {
            let put = plan.put || errand.begun_at.is_some();
            let id = errand.message;
            Ok(Ended::Done((put || removed).then_some(Entry::SentFiled { id, put, removed })))
        }
    }
}

/// Puts a message into a mailbox, noted before.
async fn put(
    house: &impl House,
    aside: &mut Aside,
    errand: &Errand,
    (mailbox, flags, when, bytes): (&[u8], &[&str], Option<Moment>, &[u8]),
) -> Result<(), Trouble> {
    let (number, now) = (errand.number, house.now());
    house.with_vault(move |vault| vault.begin_errand(number, now)).await?;
    aside.append(mailbox, flags, when, bytes).await?;
    let now = house.now();
    Ok(house.with_vault(move |vault| vault.note_put(number, now)).await?)
}

/// Takes one message out, that one alone. False where the server does not: the message is left as it
/// was then.
async fn remove(aside: &mut Aside, uid: u32) -> Result<bool, AsideError> {
    match aside.mark(uid, "\\Deleted").await {
        Err(AsideError::Refused(_)) => return Ok(false),
        other => other?,
    }
    match aside.expunge(uid).await {
        Err(AsideError::Refused(_)) => {
            aside.unmark(uid, "\\Deleted").await?;
            Ok(false)
        }
        other => other.map(|()| true),
    }
}

async fn find_sent(aside: &mut Aside) -> Result<Option<Vec<u8>>, AsideError> {
    if aside.capabilities().has("SPECIAL-USE") {
        let special = aside.list(Special::Only).await?;
        let special: Vec<_> = special.into_iter().filter(|one| one.is("\\Sent")).collect();
        if let Some(mailbox) = sent::mailbox(&special) {
            return Ok(Some(mailbox));
        }
    }
    Ok(sent::mailbox(&aside.list(Special::OrNot).await?))
}

/// What in the open mailbox bears the Message-ID, and what each of them is.
async fn look(
    aside: &mut Aside,
    errand: &Errand,
    filing: &Filing,
) -> Result<Vec<(u32, Kind)>, AsideError> {
    let Some(sought) = Sought::new(&filing.id) else {
        return Ok(Vec::new());
    };
    let uids = aside.search(&sought).await?;
    let mut found = Vec::with_capacity(uids.len());
    for uid in uids.into_iter().take(LOOKED_AT) {
        let kind = match aside.fetch(uid).await? {
            Fetched::Message(bytes) => {
                let message = Message::new(bytes);
                sent::kind(&message, &filing.held, filing.signed.as_ref())
            }
            Fetched::Gone => continue,
            // What was put there before may be it: it is not put twice.
            Fetched::TooLarge if errand.begun_at.is_some() => Kind::AsSent,
            Fetched::TooLarge => Kind::Other,
        };
        found.push((uid, kind));
    }
    Ok(found)
}

/// When Sent is looked at once more; `None` where that was often enough.
fn look_again(house: &impl House, errand: &Errand) -> Option<Timestamp> {
    let wait = LOOKS.get(usize::try_from(errand.attempts).unwrap_or(usize::MAX))?;
    house.now().checked_add(*wait).ok()
}

/// Two days: a server's calendar may be a day off, and clocks are wrong.
fn before(begun: Timestamp) -> Timestamp {
    begun.saturating_sub(SignedDuration::from_hours(48)).unwrap_or(begun)
}

fn moment(at: Timestamp) -> Moment {
    let at = Offset::UTC.to_datetime(at);
    // A timestamp's year has four digits, and every other part is in range.
    let small = |number: i8| number.unsigned_abs();
    Moment {
        year: at.year().unsigned_abs(),
        month: small(at.month()),
        day: small(at.day()),
        hour: small(at.hour()),
        minute: small(at.minute()),
        second: small(at.second()),
    }
}

const INBOX: &[u8] = b"INBOX";
/// Messages of one Message-ID that are looked at: there is one, and perhaps its copy.
const LOOKED_AT: usize = 10;
/// Mail programs put their copy there before, during or soon after the submission; one that was shut
/// down does it when it is started next.
const LOOKS: [SignedDuration; 4] = [
    SignedDuration::from_mins(1),
    SignedDuration::from_mins(10),
    SignedDuration::from_hours(1),
    SignedDuration::from_hours(24),
];
