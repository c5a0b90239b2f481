//! Copies listed, found, destroyed, and looked at.

use jiff::Timestamp;
use mail::Address;
use serde_json::json;
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
pub(super) fn delete(
    vault: &Vault,
    ids: &[String],
    (yes, json): (bool, bool),
) -> Result<Outcome, Failure> {
    let mut all = Vec::new();
    for id in ids {
        let id = parse(id)?;
        let copy = vault.copy(id)?.ok_or_else(|| {
            Failure::usage(format!("there is no copy {id}; `zorgzegel archive list` shows them"))
        })?;
        if !json {
            line(&copy)?;
        }
        all.push(id);
    }
    let mut gone = 0;
    if yes {
        let who = Gone::Person(vault::outbox::os_user());
        gone = vault.delete_copies(&all, &who, Timestamp::now())?;
        vault.purge_words()?;
    }
    match (json, yes) {
        (true, _) => say_json(&json!({ "copies": all, "destroyed": gone }))?,
        (_, true) => say(format_args!("destroyed: {gone}"))?,
        _ => say("these would be destroyed for good, and could not be brought back; add --yes")?,
    }
    Ok(if yes { Outcome::Holds } else { Outcome::Not })
}

/// `archive expiring`.
pub(super) fn expiring(
    vault: &Vault,
    settings: &settings::Settings,
    (agree, keep): (bool, bool),
    json: bool,
) -> Result<Outcome, Failure> {
    let now = Timestamp::now();
    if keep {
        for one in archive::going(vault, settings)? {
            vault.keep_agreed(&one.account, now)?;
        }
    }
    let over = archive::over(vault, settings, now)?;
    let agreed = if agree { Some(archive::agree(vault, settings, now)?.len()) } else { None };
    let going = archive::going(vault, settings)?;
    if json {
        let going = going
            .iter()
            .map(|one| json!({ "account": one.account, "copies": one.copies, "first": one.first }));
        let going: Vec<_> = going.collect();
        say_json(&json!({ "over": over, "let_go_now": agreed, "going": going }))?;
        return Ok(Outcome::Holds);
    }
    over.iter().try_for_each(line)?;
    if let Some(count) = agreed {
        say(format_args!("{count} of these go 30 days from now"))?;
    }
    for one in going {
        let (copies, account, first) = (one.copies, one.account, one.first.strftime("%Y-%m-%d"));
        say(format_args!(
            "{copies} of {account} were let go, the first goes on {first}; --keep keeps them after all"
        ))?;
    }
    Ok(Outcome::Holds)
}

/// `archive verify`: exit code 1 where something is not as it was kept.
pub(super) fn verify(vault: &Vault, json: bool) -> Result<Outcome, Failure> {
    let mut looked = 0;
    let unsound = archive::verify(vault, |seen, _| looked = seen)?;
    let journal = vault.verify_journal()?;
    let whole = matches!(journal, JournalState::Whole { .. });
    if json {
        let unsound = unsound.iter().map(|one| json!({ "id": one.id, "why": one.why.to_string() }));
        let unsound: Vec<_> = unsound.collect();
        say_json(&json!({ "copies": looked, "unsound": unsound, "journal_whole": whole }))?;
    } else {
        for one in &unsound {
            say(format_args!("{}  {}", one.id, one.why))?;
        }
        say(format_args!("copies: {looked}, not as they were kept: {}", unsound.len()))?;
        let broken = "journal: broken; see `zorgzegel journal verify`";
        say(if whole { "journal: whole" } else { broken })?;
    }
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
