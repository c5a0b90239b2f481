use std::path::Path;

use vault::outbox::{HeldId, State};

use super::dossier::{self, FilingArguments};
use super::{Failure, Outcome, open_vault, say, say_json, settings, wait};
use engine::NoticeWaits;
use engine::choose::{Pending, PendingRecipient, Waits, Wanted};
use engine::control::{Request, Response, ask};

#[derive(Debug, clap::Args)]
pub(crate) struct PendingArguments {
    /// Prints JSON: a list.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, clap::Args)]
pub(crate) struct ChooseArguments {
    /// The id that the 250 said; `zorgzegel pending` shows it.
    #[arg(value_name = "ID")]
    id: String,
    /// What is to happen.
    way: Way,
    /// Also hand the message to the patient record.
    #[arg(long)]
    dossier: bool,
    #[command(flatten)]
    filing: FilingArguments,
    /// Why it may go as ordinary mail.
    #[arg(long, value_name = "TEXT", required_if_eq("way", "ordinary"))]
    reason: Option<String>,
    /// Prints JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Way {
    /// By a way that NTA 7516 accepts, signed.
    Secure,
    /// As ordinary mail; needs --reason.
    Ordinary,
    /// Not at all.
    Withdraw,
}

/// `zorgzegel pending`.
pub(crate) fn pending(
    config: Option<&Path>,
    arguments: &PendingArguments,
) -> Result<Outcome, Failure> {
    let settings = settings(config)?;
    let messages = match wait(ask(&settings.data_dir, &Request::Pending))?? {
        Response::Pending { messages } => messages,
        Response::Refused { why } => return Err(Failure::failed(why)),
        _ => {
            return Err(Failure::failed("the running Zorgzegel answered something else"));
        }
    };
    if arguments.json {
        say_json(&messages)?;
    } else if messages.is_empty() {
        say("Er wacht niets.")?;
    } else {
        messages.iter().try_for_each(tell)?;
    }
    Ok(Outcome::Holds)
}

/// `zorgzegel choose`.
pub(crate) fn choose(
    config: Option<&Path>,
    arguments: &ChooseArguments,
) -> Result<Outcome, Failure> {
    let settings = settings(config)?;
    let choice = match arguments.way {
        Way::Secure => Wanted::Secure,
        Way::Ordinary => Wanted::Ordinary { reason: arguments.reason.clone().unwrap_or_default() },
        Way::Withdraw => Wanted::Withdraw,
    };
    if !arguments.dossier && arguments.filing.names_a_patient() {
        return Err(Failure::usage("a patient is named for the dossier; add --dossier"));
    }
    let filing = match arguments.dossier {
        true => {
            let _: HeldId = arguments.id.parse().map_err(Failure::usage)?;
            arguments.filing.filing(&open_vault(&settings)?, &arguments.id)?
        }
        false => None,
    };
    let id = arguments.id.clone();
    let request = Request::Choose { id, choice, dossier: arguments.dossier, filing };
    match wait(ask(&settings.data_dir, &request))?? {
        Response::Chosen(chosen) => {
            if arguments.json {
                say_json(&chosen)?;
            } else {
                say(format_args!("{}: vastgelegd", chosen.id))?;
                for (address, state) in &chosen.recipients {
                    say(format_args!("  {address}: {}", words(*state)))?;
                }
                for guarantee in &chosen.guarantees {
                    say(format_args!("  {}", guarantee.nl))?;
                }
            }
            Ok(Outcome::Holds)
        }
        Response::Refused { why } => {
            use std::io::Write;
            let _ = writeln!(std::io::stderr().lock(), "zorgzegel: {why}");
            Ok(Outcome::Not)
        }
        _ => Err(Failure::failed("the running Zorgzegel answered something else")),
    }
}

fn tell(message: &Pending) -> Result<(), Failure> {
    let subject = if message.subject.is_empty() { "(geen onderwerp)" } else { &message.subject };
    say(format_args!(
        "{}  {}  {subject}",
        message.id,
        message.held_at.strftime("%Y-%m-%d %H:%M UTC")
    ))?;
    if let Some(evidence) = &message.evidence {
        for mark in evidence.marks.iter().take(MARKS) {
            say(format_args!(
                "    {}: {} — {} / {}",
                mark.place,
                mark.words.trim(),
                mark.reason_nl,
                mark.reason_en
            ))?;
        }
        for unread in &evidence.unread {
            let what = unread.name.as_deref().unwrap_or(&unread.content_type);
            say(format_args!("    {what}: kan niet in dit bestand kijken ({})", unread.reason))?;
        }
    }
    if message.what == Waits::Copy {
        say(format_args!("  ontvangen op {}", message.account))?;
    }
    message.recipients.iter().try_for_each(recipient)?;
    if let Some(filing) = &message.filing {
        say(format_args!("  dossier: {}", dossier::words(filing)))?;
    }
    if let Some(NoticeWaits { trouble: Some(trouble), next_attempt_at: next, .. }) = &message.notice
    {
        let next = next.strftime("%Y-%m-%d %H:%M UTC");
        say(format_args!("  het bericht hierover staat nog niet in uw INBOX: {}", trouble.nl))?;
        say(format_args!("    volgende poging: {next}"))?;
    }
    let stuck = |one: &PendingRecipient| {
        one.state == State::Failed || (one.state == State::Waiting && one.reason.is_some())
    };
    if message.recipients.iter().any(stuck) {
        let id = message.id;
        say(format_args!(
            "  Wat u kunt doen: is de oorzaak weg, kies dan opnieuw (zorgzegel choose {id} secure).\n  \
             Anders: bel de ontvanger of gebruik een portaal, en trek het in (zorgzegel choose {id} \
             withdraw);\n  of verstuur het bewust als gewone mail (zorgzegel choose {id} ordinary \
             --reason \"...\")."
        ))?;
    }
    Ok(())
}

fn recipient(one: &PendingRecipient) -> Result<(), Failure> {
    say(format_args!("  {}: {}", one.address, words(one.state)))?;
    if one.in_doubt {
        say(
            "    misschien al afgeleverd: het antwoord van de server kwam niet; vraag het na voor u opnieuw kiest",
        )?;
    }
    if let Some(reason) = &one.reason {
        let step = one.step.as_deref().unwrap_or_default();
        say(format_args!("    niet verstuurd ({step}): {}", reason.nl))?;
    }
    if let Some(words) = &one.words {
        say(format_args!("    laatst gezien: {words}"))?;
    }
    if let Some(next) = &one.next_attempt_at {
        say(format_args!("    volgende poging: {}", next.strftime("%Y-%m-%d %H:%M UTC")))?;
    }
    if let (Some(prospect), None) = (&one.prospect, &one.reason) {
        let step = prospect.step.as_ref().map(|step| format!(" ({step})")).unwrap_or_default();
        say(format_args!("    veilig versturen{step}: {}", prospect.nl))?;
    }
    Ok(())
}

fn words(state: State) -> &'static str {
    match state {
        State::Waiting => "wacht op uw keuze",
        State::Chosen => "gekozen, wordt verstuurd",
        State::Sending => "wordt nu overgedragen",
        State::Sent => "verstuurd",
        State::Failed => "mislukt, wacht op uw keuze",
        State::Withdrawn => "ingetrokken",
    }
}

/// Marks shown of one message; `--json` has them all.
const MARKS: usize = 12;
