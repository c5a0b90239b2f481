use std::io::Write;
use std::path::Path;

use ::dossier::{Bsn, Filing, Kind, Patient, PatientError};
use engine::choose::{Earlier, FilingState, Offer};
use engine::control::{Request, Response, ask};
use engine::filing::{Asked, Source, Stopped};
use jiff::Timestamp;
use mail::days;
use vault::{Vault, VaultError};

use super::{Failure, Outcome, open_vault, say, settings, wait};

#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The id that the 250 said, or that of a copy in the archive.
    #[arg(value_name = "ID")]
    id: String,
    /// Offer it no more: it does not get into the record.
    #[arg(long, conflicts_with_all = ["bsn", "patient", "born", "author", "kind", "record"])]
    stop: bool,
    #[command(flatten)]
    filing: FilingArguments,
}

/// Under what the patient record files it. To give these is to confirm them.
#[derive(Debug, clap::Args)]
pub(super) struct FilingArguments {
    /// The patient's citizen service number.
    #[arg(long, value_name = "NUMBER")]
    bsn: Option<String>,
    /// The patient's name.
    #[arg(long, value_name = "NAME")]
    patient: Option<String>,
    /// The patient's date of birth (1956-03-12).
    #[arg(long, value_name = "DAY")]
    born: Option<jiff::civil::Date>,
    /// Who wrote the message; default: the account, or whom a received message is from.
    #[arg(long, value_name = "NAME")]
    author: Option<String>,
    /// What it is; default: correspondence.
    #[arg(long, value_enum)]
    kind: Option<KindWord>,
    /// Which record system of the account; default: its first.
    #[arg(long, value_name = "NAME")]
    record: Option<String>,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum KindWord {
    Correspondence,
    Referral,
    Result,
}

impl FilingArguments {
    /// Whether anything of a patient is given.
    pub(super) fn names_a_patient(&self) -> bool {
        self.bsn.is_some() || self.patient.is_some() || self.born.is_some()
    }

    /// Whether a record system is named.
    pub(super) fn names_a_system(&self) -> bool {
        self.record.is_some()
    }

    /// What says something of a filing, and files nothing without a patient; `None` where nothing does.
    pub(super) fn lacks_a_patient(&self) -> Option<&'static str> {
        let given = [
            (self.record.is_some(), "--record"),
            (self.author.is_some(), "--author"),
            (self.kind.is_some(), "--kind"),
        ];
        let given = given.into_iter().find_map(|(given, name)| given.then_some(name));
        given.filter(|_| !self.names_a_patient())
    }

    /// `None` where no patient is named.
    pub(super) fn filing(&self, vault: &Vault, id: &str) -> Result<Option<Asked>, Failure> {
        let (author, date) = written(vault, id)?;
        let filing = self.of(&author, date, Timestamp::now())?;
        Ok(filing.map(|filing| Asked { destination: self.record.clone(), filing }))
    }

    /// The filing of a message of this author and time. `None` where no patient is named.
    pub(super) fn of(
        &self,
        author: &str,
        date: Timestamp,
        now: Timestamp,
    ) -> Result<Option<Filing>, Failure> {
        if let Some(name) = self.lacks_a_patient() {
            return Err(Failure::usage(format_args!(
                "{name} goes with a patient; add --bsn, or --patient and --born"
            )));
        }
        if !self.names_a_patient() {
            return Ok(None);
        }
        let bsn = match &self.bsn {
            Some(text) => Some(Bsn::parse(text).ok_or_else(|| Failure::usage(PatientError::Bsn))?),
            None => None,
        };
        let today = days::day(now);
        if let Some(born) = self.born.filter(|born| *born > today) {
            return Err(Failure::usage(format_args!(
                "--born {born} lies in the future; give the day on which the patient was born"
            )));
        }
        let name = self.patient.as_deref().unwrap_or_default();
        let patient = Patient::confirmed(bsn, name, self.born).map_err(Failure::usage)?;
        let author = self.author.clone().unwrap_or_else(|| author.to_owned());
        let kind = match self.kind {
            None | Some(KindWord::Correspondence) => Kind::Correspondence,
            Some(KindWord::Referral) => Kind::Referral,
            Some(KindWord::Result) => Kind::Result,
        };
        Ok(Some(Filing { patient, author, date, kind }))
    }
}

/// Who wrote a message, and when it came in here.
fn written(vault: &Vault, id: &str) -> Result<(String, Timestamp), Failure> {
    match engine::filing::source(vault, id)? {
        (Source::Held(id), account) => Ok((account.to_string(), vault.get(id)?.created_at)),
        (Source::Copy(copy), account) => {
            let unknown = || VaultError::UnknownMessage { id: id.to_owned() };
            let meta = vault.copy(copy)?.ok_or_else(unknown)?.meta;
            Ok((meta.from.unwrap_or(account).to_string(), meta.sent_at))
        }
    }
}

/// `zorgzegel dossier`: offers a message to the patient record, whatever becomes of it otherwise, or stops
/// that.
pub(crate) fn run(config: Option<&Path>, arguments: &Arguments) -> Result<Outcome, Failure> {
    let settings = settings(config)?;
    let id = arguments.id.clone();
    let request = match arguments.stop {
        true => Request::StopOffer { id },
        false => {
            let filing = arguments.filing.filing(&open_vault(&settings)?, &id)?;
            Request::Offer { id, filing }
        }
    };
    match wait(ask(&settings.data_dir, &request))?? {
        Response::Offered => {
            say("aangeboden; `zorgzegel pending` toont het tot het dossiersysteem het heeft")?;
            Ok(Outcome::Holds)
        }
        Response::OfferStopped { there } => {
            say(stopped(there))?;
            Ok(Outcome::Holds)
        }
        Response::Refused { why } => {
            let _ = writeln!(std::io::stderr().lock(), "zorgzegel: {why}");
            Ok(Outcome::Not)
        }
        _ => Err(Failure::failed("the running Zorgzegel answered something else")),
    }
}

/// How far an offer is, in words, and what came of it before it was corrected.
pub(super) fn words(offer: &Offer) -> String {
    let earlier = offer.earlier.iter().map(|one| format!("; {}", before(one))).collect::<String>();
    let system = offer.system.as_ref().map(|name| format!("{name}: ")).unwrap_or_default();
    format!("{system}{}{earlier}", state(&offer.state))
}

fn before(one: &Earlier) -> String {
    let at = one.at.strftime("%Y-%m-%d %H:%M UTC");
    let place = one.place.as_ref().map(|place| format!(" ({place})")).unwrap_or_default();
    match (&one.system, one.in_doubt) {
        (None, _) => format!("op {at} in de map gelegd, om met de hand op te nemen{place}"),
        (Some(name), true) => {
            format!("tot {at} aangeboden aan {name}, zonder duidelijk antwoord: kijk daar")
        }
        (Some(name), false) => {
            format!(
                "op {at} al opgenomen in {name}{place}, en daarna verbeterd of gestopt: laat het daar nakijken"
            )
        }
    }
}

fn state(filing: &FilingState) -> String {
    match filing {
        FilingState::AfterSending => "wordt aangeboden zodra de mail verstuurd is".to_owned(),
        FilingState::Due { trouble: None, .. } => "wordt aangeboden".to_owned(),
        FilingState::Due { trouble: Some((nl, _)), next, .. } => {
            format!("{nl}; volgende poging: {}", next.strftime("%Y-%m-%d %H:%M UTC"))
        }
        FilingState::Filed { .. } => "opgenomen".to_owned(),
        FilingState::Refused { nl, said: None, .. } => format!("niet opgenomen: {nl}"),
        FilingState::Refused { nl, said: Some(said), .. } => {
            format!("niet opgenomen: {nl} ({said})")
        }
        FilingState::Stopped { there } => stopped(*there).to_owned(),
    }
}

fn stopped(there: Stopped) -> &'static str {
    match there {
        Stopped::NotThere => "wordt niet meer aangeboden; het staat niet in het dossier",
        Stopped::MaybeThere => {
            "wordt niet meer aangeboden; het dossiersysteem kan het al hebben: kijk daar"
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        filing: FilingArguments,
    }

    #[test]
    fn nobody_is_born_in_the_future() {
        let now: Timestamp = "2026-11-26T23:30:00Z".parse().unwrap();
        let of = |born: &str| {
            let line = Line::try_parse_from(["x", "--patient", "A. Jansen", "--born", born]);
            let filing = line.unwrap_or_else(|error| panic!("{error}")).filing;
            filing.of("Huisarts", now, now).map(|filing| filing.is_some()).ok()
        };
        assert_eq!(of("1956-03-12"), Some(true));
        assert_eq!(of("2026-11-27"), Some(true), "it is that day in the Netherlands");
        assert_eq!(of("2026-11-28"), None);
        assert_eq!(of("2099-01-01"), None);
    }

    fn lacks(words: &[&str]) -> Option<&'static str> {
        let line = Line::try_parse_from(core::iter::once(&"x").chain(words));
        line.unwrap_or_else(|error| panic!("{error}")).filing.lacks_a_patient()
    }

    #[test]
    fn what_a_first_record_system_took_is_told_beside_the_second() {
        let at: Timestamp = "2026-11-26T10:00:00Z".parse().unwrap();
        let (system, place) = (Some("HIS".to_owned()), Some("Document/7".to_owned()));
        let taken = Earlier { system, at, place, in_doubt: false };
        let system = Some("EPD".to_owned());
        let offer = Offer { state: FilingState::AfterSending, system, earlier: vec![taken] };
        let words = words(&offer);
        for word in ["EPD: wordt aangeboden", "2026-11-26 10:00 UTC", "HIS (Document/7)"] {
            assert!(words.contains(word), "{words}");
        }
    }

    #[test]
    fn what_is_said_of_a_filing_is_never_dropped_for_want_of_a_patient() {
        for (option, value) in [("--record", "HIS"), ("--author", "A"), ("--kind", "result")] {
            assert_eq!(lacks(&[option, value]), Some(option));
            assert_eq!(lacks(&[option, value, "--bsn", "123456782"]), None);
        }
        assert_eq!(lacks(&[]), None, "a folder takes it for a person to file");
    }
}
