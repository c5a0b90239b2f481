use std::path::Path;

use engine::incoming::{Case, FromMatch, Incoming, Word, list};
use settings::Language;

use super::{Failure, LanguageArgument, Outcome, open_vault, say, say_json, settings};

#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Only those of which a claim does not hold, or cannot be judged now.
    #[arg(long)]
    trouble: bool,
    /// How many at most, those received last first.
    #[arg(long, value_name = "NUMBER", default_value_t = MOST)]
    most: usize,
    #[command(flatten)]
    language: LanguageArgument,
    /// Prints JSON: a list.
    #[arg(long)]
    json: bool,
}

/// `zorgzegel incoming`: the messages that came in and claimed something, with their verdicts.
pub(crate) fn run(config: Option<&Path>, arguments: &Arguments) -> Result<Outcome, Failure> {
    let settings = settings(config)?;
    let language = arguments.language.or(&settings);
    let mut messages = list(&open_vault(&settings)?, arguments.most)?;
    if arguments.trouble {
        messages.retain(|one| one.received.failed() || one.received.is_temporary());
    }
    if arguments.json {
        say_json(&messages)?;
    } else if messages.is_empty() {
        say(match language {
            Language::Dutch => "Er kwam niets binnen dat iets beweert.",
            Language::English => "Nothing came in that claims anything.",
        })?;
    } else {
        messages.iter().try_for_each(|one| tell(one, language))?;
    }
    Ok(Outcome::Holds)
}

fn tell(one: &Incoming, language: Language) -> Result<(), Failure> {
    let when = one.when.strftime("%Y-%m-%d %H:%M UTC");
    say(format_args!("{}  {when}  {}  {}", one.id, one.from, one.subject))?;
    let headline = headline(one, language);
    match (one.received.case, language) {
        (None, _) => say(format_args!("  {headline}"))?,
        (Some(case), Language::Dutch) => say(format_args!("  {headline} (bijlage D, casus {case:?})"))?,
        (Some(case), Language::English) => say(format_args!("  {headline} (annex D, case {case:?})"))?,
    }
    for told in &one.received.reasons {
        let sentence = match language {
            Language::Dutch => &told.nl,
            Language::English => &told.en,
        };
        say(format_args!("    {sentence}"))?;
    }
    if let Some(signer) = &one.received.signer {
        let author = match (one.received.from_match, language) {
            (FromMatch::Same, Language::Dutch) => "is de afzender",
            (FromMatch::Same, Language::English) => "is the sender",
            (_, Language::Dutch) => "is niet de afzender",
            (_, Language::English) => "is not the sender",
        };
        say(format_args!("    {}: {author}", signer.subject))?;
    }
    Ok(())
}

/// One line for a verdict: no more is claimed than holds.
fn headline(one: &Incoming, language: Language) -> &'static str {
    let nta = one.received.mark.is_some();
    let (nl, en) = match one.received.verdict {
        Word::Pass if nta => ("NTA-mail, en alles wat zij beweert klopt", "NTA mail, and all that it claims holds"),
        Word::Pass => ("ondertekend door de afzender", "signed by the sender"),
        Word::None => ("gewone mail", "ordinary mail"),
        Word::TempError => ("nu niet te zeggen; het wordt opnieuw bekeken", "cannot be told now; it is looked at again"),
        Word::Policy if one.received.case == Some(Case::B) => {
            ("niet als NTA-mail aan u te sturen", "not to be sent to you as NTA mail")
        }
        Word::Policy if !one.received.failed() => {
            ("hier niet te bevestigen", "cannot be confirmed here")
        }
        Word::Policy => ("niet te vertrouwen", "not to be trusted"),
        Word::PermError => ("niet te beoordelen", "cannot be judged"),
        Word::Fail => ("klopt niet", "does not hold"),
    };
    match language {
        Language::Dutch => nl,
        Language::English => en,
    }
}

const MOST: usize = 100;
