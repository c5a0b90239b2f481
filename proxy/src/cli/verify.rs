use std::path::{Path, PathBuf};

use cades::{Anchors, Coverage, FromMatch, Known, SignedBy, Teller, Verdict, Word};
use jiff::Timestamp;
use mail::days;
use settings::Fetch;

use super::{Failure, Outcome, say, say_json, scan, settings_or_default, wait};

#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The mail file, or a signature (.p7s, .p7m, .cms; DER or PEM); - is standard input.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Prints the verdict as JSON.
    #[arg(long)]
    json: bool,
    /// The time for which it is asked, such as 2026-11-23T10:00:00Z; default: now.
    #[arg(long, value_name = "TIME")]
    at: Option<Timestamp>,
    /// A file of certificates (PEM or DER) that may vouch for the signer, besides those of the
    /// settings.
    #[arg(long, value_name = "FILE")]
    anchor: Vec<PathBuf>,
    /// What a signature file signs, where that lies in a file of its own.
    #[arg(long, value_name = "FILE")]
    content: Option<PathBuf>,
}

/// `zorgzegel verify`: exit 0 where all of the message is signed by its author and an anchor vouches
/// for that.
pub(crate) fn run(config: Option<&Path>, arguments: &Arguments) -> Result<Outcome, Failure> {
    let settings = settings_or_default(config)?;
    let mut anchors = anchors(&settings, &arguments.anchor)?;
    let bytes = scan::read(&arguments.file)?;
    let now = arguments.at.unwrap_or_else(Timestamp::now);
    let content = arguments.content.as_deref().map(scan::read).transpose()?;
    let judge = |anchors: &Anchors| {
        let judged = verify::judge(&bytes, content.as_deref(), anchors, now);
        let (_, verdict) = judged.map_err(|error| Failure::usage(format!("--content: {error}")))?;
        Ok::<Verdict, Failure>(verdict)
    };
    let (mut verdict, book) = (judge(&anchors)?, revocation::Book::new());
    let today = Timestamp::now();
    if wait(book.ask_as_set(&verdict, &settings, today))? {
        book.tell(&mut anchors, today);
        verdict = judge(&anchors)?;
    }
    if arguments.json {
        say_json(&verdict)?;
    } else {
        tell(&verdict, settings.fetch)?;
    }
    Ok(if verdict.valid() { Outcome::Holds } else { Outcome::Not })
}

/// Who may vouch for signers: those of the settings, and these.
pub(super) fn anchors(settings: &settings::Settings, more: &[PathBuf]) -> Result<Anchors, Failure> {
    let mut anchors = Anchors::new();
    for file in settings.anchors.iter().chain(more) {
        let bytes = scan::read(file)?;
        anchors
            .add_file(None, &bytes)
            .map_err(|error| Failure::usage(format!("{}: {error}", file.display())))?;
    }
    Ok(anchors)
}

fn tell(verdict: &Verdict, fetch: Fetch) -> Result<(), Failure> {
    say(headline(verdict))?;
    verdict.reasons.iter().try_for_each(|reason| say(format_args!("  {}", reason.dutch())))?;
    verdict.signers.iter().try_for_each(|signer| tell_signer(signer, fetch))
}

fn headline(verdict: &Verdict) -> &'static str {
    match (verdict.verdict, verdict.coverage) {
        _ if verdict.valid() && verdict.cades => "geldig ondertekend (CAdES)",
        _ if verdict.valid() => "geldig ondertekend (S/MIME)",
        (Word::None, _) => "niet ondertekend",
        (Word::Fail, _) => "de handtekening klopt niet",
        (Word::PermError, _) => "de handtekening is niet te beoordelen",
        (Word::TempError, _) => "nu niet te zeggen, probeer het later",
        (_, Coverage::Partial) => "alleen een deel is ondertekend",
        (Word::Pass | Word::Policy, _) => "ondertekend, maar niet te vertrouwen",
    }
}

fn tell_signer(signer: &SignedBy, fetch: Fetch) -> Result<(), Failure> {
    let address = signer.address.as_deref().unwrap_or("geen mailadres");
    say(format_args!("  {}: {address}", signer.subject))?;
    let author = match signer.from_match {
        FromMatch::Same => "is de afzender",
        FromMatch::Other => "is niet de afzender",
        FromMatch::NotAsked => "geen afzender om mee te vergelijken",
    };
    let how = signer.algorithms.join(", ");
    say(format_args!("    {author}; {how}"))?;
    if !signer.path.is_empty() {
        say(format_args!("    {}", revoked(signer, fetch)))?;
    }
    match signer.signing_time {
        Some(time) => {
            say(format_args!("    zegt te hebben ondertekend op {}", days::dutch_moment(time)))
        }
        None => Ok(()),
    }
}

fn revoked(signer: &SignedBy, fetch: Fetch) -> String {
    match (signer.revocation, fetch, signer.revocation_told) {
        (Known::Good, _, Some(told)) => {
            let what = match told.by {
                Teller::List => "lijst",
                Teller::Response => "antwoord",
            };
            let until = told.until.map_or_else(String::new, |until| {
                format!(", geldig tot {}", days::dutch_moment(until))
            });
            format!(
                "niet ingetrokken ({what} van de uitgever van {}{until})",
                days::dutch_moment(told.at)
            )
        }
        (Known::Good, _, None) => "niet ingetrokken".to_owned(),
        (Known::Revoked, _, _) => "ingetrokken".to_owned(),
        (Known::Unknown, Fetch::Never, _) => {
            "intrekking niet bekend (niet gevraagd; zie [trust] fetch)".to_owned()
        }
        (Known::Unknown, _, _) => {
            "intrekking niet bekend (gevraagd, zonder bruikbaar antwoord)".to_owned()
        }
    }
}
