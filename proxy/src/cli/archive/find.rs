//! Copies listed, found, destroyed, and looked at.

use jiff::Timestamp;
use mail::Address;
use vault::Vault;
use vault::archive::{Archived, Direction, Gone, Query};
use vault::journal::JournalState;

use super::super::{Failure, Outcome, say, say_json};
use super::parse;

/// What a list is narrowed to.
#[derive(Debug, clap::Args)]
pub(crate) struct Wanted {
    /// Only this account.
    #[arg(long, value_name = "ADDRESS", value_parser = address)]
    account: Option<Address>,
    /// Only what was sent.
    #[arg(long, conflicts_with = "received")]
    sent: bool,
    /// Only what came in.
    #[arg(long)]
    received: bool,
    /// Only from this day on (2026-01-31, in UTC).
    #[arg(long, value_name = "DAY", value_parser = day)]
    since: Option<Timestamp>,
    /// Only from before this day.
    #[arg(long, value_name = "DAY", value_parser = day)]
    until: Option<Timestamp>,
    /// At most so many; default: all.
    #[arg(long, value_name = "NUMBER")]
    most: Option<usize>,
    /// Prints a line of JSON for each.
    #[arg(long)]
    json: bool,
    /// Prints CSV, for a spreadsheet.
    #[arg(long, conflicts_with = "json")]
    csv: bool,
}

/// `archive list` and `archive search`: exit code 1 where nothing is found by the words.
pub(super) fn list(vault: &Vault, words: &[String], wanted: &Wanted) -> Result<Outcome, Failure> {
    let direction = match (wanted.sent, wanted.received) {
        (true, _) => Some(Direction::Sent),
        (_, true) => Some(Direction::Received),
        _ => None,
    };
    let mut query = Query {
        words: words.join(" "),
        account: wanted.account.clone(),
        direction,
        since: wanted.since,
        until: wanted.until,
        after: None,
    };
    let mut left = wanted.most.unwrap_or(usize::MAX);
    let mut any = false;
    if wanted.csv {
        write(&copies::csv_head(&shelf::COLUMNS))?;
    }
    while left > 0 {
        let page = vault.find_copies(&query, left.min(PAGE))?;
        for copy in &page.copies {
            any = true;
            match (wanted.json, wanted.csv) {
                (true, _) => say_json(copy)?,
                (_, true) => write(&shelf::record(copy))?,
                _ => line(copy)?,
            }
        }
        left -= page.copies.len();
        query.after = page.next;
        if page.next.is_none() {
            break;
        }
    }
    Ok(if any || words.is_empty() { Outcome::Holds } else { Outcome::Not })
}

fn write(text: &str) -> Result<(), Failure> {
    Ok(std::io::Write::write_all(&mut std::io::stdout().lock(), text.as_bytes())?)
}

fn line(copy: &Archived) -> Result<(), Failure> {
    let meta = &copy.meta;
    let others = match meta.direction {
        Direction::Sent => meta.recipients.iter().map(ToString::to_string).collect(),
        Direction::Received => meta.from.iter().map(ToString::to_string).collect::<Vec<_>>(),
    };
    let arrow = match meta.direction {
        Direction::Sent => "->",
        Direction::Received => "<-",
    };
    let when = meta.sent_at.strftime("%Y-%m-%d %H:%M UTC");
    say(format_args!("{}  {when}  {arrow} {}  {}", copy.id, others.join(", "), meta.subject))
}

/// `archive delete`.
pub(super) fn delete(vault: &Vault, ids: &[String], yes: bool) -> Result<Outcome, Failure> {
    let mut all = Vec::new();
    for id in ids {
        let id = parse(id)?;
        let copy = vault.copy(id)?.ok_or_else(|| {
            Failure::usage(format!("there is no copy {id}; `zorgzegel archive list` shows them"))
        })?;
        line(&copy)?;
        all.push(id);
    }
    if !yes {
        say("these would be destroyed for good, and could not be brought back; add --yes")?;
        return Ok(Outcome::Not);
    }
    let who = Gone::Person(vault::outbox::os_user());
    let gone = vault.delete_copies(&all, &who, Timestamp::now())?;
    vault.purge_words()?;
    say(format_args!("destroyed: {gone}"))?;
    Ok(Outcome::Holds)
}

/// `archive expiring`.
pub(super) fn expiring(
    vault: &Vault,
    settings: &settings::Settings,
    (agree, keep): (bool, bool),
) -> Result<Outcome, Failure> {
    let now = Timestamp::now();
    if keep {
        for one in archive::going(vault, settings)? {
            vault.keep_agreed(&one.account, now)?;
        }
    }
    archive::over(vault, settings, now)?.iter().try_for_each(line)?;
    if agree {
        let count = archive::agree(vault, settings, now)?.len();
        say(format_args!("{count} of these go 30 days from now"))?;
    }
    for one in archive::going(vault, settings)? {
        let (copies, account, first) = (one.copies, one.account, one.first.strftime("%Y-%m-%d"));
        say(format_args!(
            "{copies} of {account} were let go, the first goes on {first}; --keep keeps them after all"
        ))?;
    }
    Ok(Outcome::Holds)
}

/// `archive verify`: exit code 1 where something is not as it was kept.
pub(super) fn verify(vault: &Vault) -> Result<Outcome, Failure> {
    let mut looked = 0;
    let unsound = archive::verify(vault, |seen, _| looked = seen)?;
    for one in &unsound {
        say(format_args!("{}  {}", one.id, one.why))?;
    }
    say(format_args!("copies: {looked}, not as they were kept: {}", unsound.len()))?;
    let journal = vault.verify_journal()?;
    let whole = matches!(journal, JournalState::Whole { .. });
    say(if whole { "journal: whole" } else { "journal: broken; see `zorgzegel journal verify`" })?;
    Ok(if unsound.is_empty() && whole { Outcome::Holds } else { Outcome::Not })
}

fn address(text: &str) -> Result<Address, String> {
    Address::parse(text).map_err(|error| error.to_string())
}

fn day(text: &str) -> Result<Timestamp, String> {
    let wrong = |_| "a day is written as 2026-01-31".to_owned();
    let date: jiff::civil::Date = text.parse().map_err(wrong)?;
    jiff::tz::Offset::UTC
        .to_timestamp(date.at(0, 0, 0, 0))
        .map_err(|_| "this day is outside the calendar".to_owned())
}

/// So many are read at a time: a list of any length costs the memory of a page.
const PAGE: usize = 500;
