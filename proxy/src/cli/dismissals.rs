use std::path::Path;

use jiff::Timestamp;
use settings::Settings;
use vault::dismissals::{Dismissal, FindingId};
use vault::outbox::os_user;

use super::{Failure, Outcome, open_vault, say, say_json, settings, wait};
use engine::control::{Request, ask};

#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// Lists the findings that were called wrong: what they are, how often, when last. Their words
    /// are not kept.
    List {
        /// Prints JSON: a list.
        #[arg(long)]
        json: bool,
    },
    /// Forgets one, or all; exit 1 where there was none.
    Forget {
        /// The id that `list` shows.
        #[arg(value_name = "ID", required_unless_present = "all", conflicts_with = "all")]
        id: Option<FindingId>,
        /// Forgets all of them.
        #[arg(long)]
        all: bool,
        /// Prints JSON.
        #[arg(long)]
        json: bool,
    },
}

/// `zorgzegel dismissals`.
pub(crate) fn run(config: Option<&Path>, command: &Command) -> Result<Outcome, Failure> {
    let settings = settings(config)?;
    match command {
        Command::List { json } => list(&settings, *json),
        Command::Forget { id, json, .. } => forget(&settings, *id, *json),
    }
}

fn list(settings: &Settings, json: bool) -> Result<Outcome, Failure> {
    let all = open_vault(settings)?.dismissals()?;
    if json {
        say_json(&all)?;
    } else if all.is_empty() {
        say("Er is niets weggestreept.")?;
    } else {
        all.iter().try_for_each(tell)?;
    }
    Ok(Outcome::Holds)
}

fn tell(one: &Dismissal) -> Result<(), Failure> {
    let last = one.last_at.strftime("%Y-%m-%d");
    say(format_args!("{}  {:<14} {} keer, laatst {last}", one.id, one.kind, one.count))
}

fn forget(settings: &Settings, id: Option<FindingId>, json: bool) -> Result<Outcome, Failure> {
    let (vault, now) = (open_vault(settings)?, Timestamp::now());
    let gone = vault.forget_dismissals(id, &os_user(), now)?;
    // An engine that runs judges by them from now on; one that does not reads them at its start.
    let _ = wait(ask(&settings.data_dir, &Request::Reload))?;
    if json {
        say_json(&serde_json::json!({ "forgotten": gone }))?;
    } else {
        say(format_args!("vergeten: {gone}"))?;
    }
    Ok(if gone > 0 { Outcome::Holds } else { Outcome::Not })
}
