use jiff::Timestamp;
use mail::Domain;
use nta7516::record::{Month, NtaMx, Provider, Record};

use super::{Failure, Outcome, say};

#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Checks this text instead of writing a record.
    #[arg(long, value_name = "TEXT", conflicts_with_all = ["provider", "start", "end", "ntamx"])]
    check: Option<String>,
    /// The supplier's mark.
    #[arg(long, value_name = "MARK", required_unless_present = "check")]
    provider: Option<String>,
    /// The first month, YYYY-MM; default: this month.
    #[arg(long, value_name = "MONTH")]
    start: Option<String>,
    /// The last month, YYYY-MM, inclusive.
    #[arg(long, value_name = "MONTH", required_unless_present = "check")]
    end: Option<String>,
    /// A mail host for NTA mail, as "10 mx.praktijk.nl"; may be given again.
    #[arg(long, value_name = "PRIORITY HOST")]
    ntamx: Vec<String>,
}

/// `zorgzegel record`.
pub(crate) fn run(arguments: &Arguments) -> Result<Outcome, Failure> {
    if let Some(text) = &arguments.check {
        return check(text);
    }
    let month =
        |text: &str| Month::parse(text).map_err(|error| Failure::usage(format!("{text}: {error}")));
    let start = match &arguments.start {
        Some(text) => month(text)?,
        None => Month::of(Timestamp::now()),
    };
    let end = month(arguments.end.as_deref().unwrap_or_default())?;
    if end < start {
        return Err(Failure::usage("the last month lies before the first"));
    }
    let provider = Provider::parse(arguments.provider.as_deref().unwrap_or_default())
        .map_err(Failure::usage)?;
    let ntamx = arguments.ntamx.iter().map(|text| host(text)).collect::<Result<_, _>>()?;
    let record = Record { start, end, provider, ntamx };
    say(&record)?;
    Ok(Outcome::Holds)
}

fn check(text: &str) -> Result<Outcome, Failure> {
    match Record::parse(text.as_bytes()) {
        Ok(record) if record.covers(Month::of(Timestamp::now())) => {
            say("geldig / valid")?;
            Ok(Outcome::Holds)
        }
        Ok(record) => {
            say(format_args!("goed geschreven, maar geldt vandaag niet: {record}"))?;
            Ok(Outcome::Not)
        }
        Err(fault) => {
            say(fault.nl())?;
            Ok(Outcome::Not)
        }
    }
}

fn host(text: &str) -> Result<NtaMx, Failure> {
    let wrong = || Failure::usage(format!("--ntamx {text:?}: write it as \"10 mx.praktijk.nl\""));
    let (priority, host) = text.split_once(' ').ok_or_else(wrong)?;
    let priority = priority.parse::<u16>().ok().filter(|number| *number < 1_000);
    Ok(NtaMx {
        priority: priority.ok_or_else(wrong)?,
        host: Domain::parse(host).map_err(|_| wrong())?,
    })
}
