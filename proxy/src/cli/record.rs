//! `zorgzegel record`: writes the TXT record to publish, or checks one.

use std::path::Path;

use engine::Engine;
use jiff::Timestamp;
use mail::Domain;
use nta7516::facts::{Security, Seen, Trouble};
use nta7516::record::{
    Claim, Fault, Month, NtaMx, Provider, Record, RecordFault, RecordSet, SupplierClaim,
    SupplierRecord, Txt,
};
use serde::Serialize;
use settings::{Language, Settings};

use super::{
    Failure, LanguageArgument, Outcome, say, say_json, settings_or_default, system_keyring, wait,
};

#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Checks this text instead of writing a record; given twice, it checks the two as a set.
    #[arg(long, value_name = "TEXT", conflicts_with_all = WRITING)]
    check: Vec<String>,
    /// Checks what this domain publishes instead of writing a record.
    #[arg(long, value_name = "DOMAIN", conflicts_with_all = WRITING, conflicts_with = "check")]
    domain: Option<String>,
    /// It is about the supplier's record (R-DNS-4), which stands at the supplier's domain.
    #[arg(long, conflicts_with_all = ["provider", "ntamx"])]
    supplier: bool,
    /// The supplier's mark.
    #[arg(long, value_name = "MARK", required_unless_present_any = ["check", "domain", "supplier"])]
    provider: Option<String>,
    /// The first month, YYYY-MM; default: this month.
    #[arg(long, value_name = "MONTH")]
    start: Option<String>,
    /// The last month, YYYY-MM, inclusive.
    #[arg(long, value_name = "MONTH", required_unless_present_any = ["check", "domain"])]
    end: Option<String>,
    /// A mail host for NTA mail, as "10 mx.praktijk.nl"; may be given again.
    #[arg(long, value_name = "PRIORITY HOST")]
    ntamx: Vec<String>,
    #[command(flatten)]
    language: LanguageArgument,
    /// Prints the result as JSON.
    #[arg(long)]
    json: bool,
}

/// What only the writing of a record needs.
const WRITING: [&str; 4] = ["provider", "start", "end", "ntamx"];

/// What comes out of a check; the schema is a contract.
#[derive(Debug, Serialize)]
struct Answer {
    /// What was checked or written.
    records: Vec<String>,
    /// Do they hold to the grammar, each and as a set?
    valid: bool,
    /// Does one hold today?
    holds: bool,
    faults: Vec<AnswerFault>,
    /// What else there is to know.
    remarks: Vec<String>,
}

#[derive(Debug, Serialize)]
struct AnswerFault {
    /// Which record, from 0; `null` for a fault of the set.
    record: Option<usize>,
    /// At which byte, from 0.
    place: Option<usize>,
    text: String,
}

/// `zorgzegel record`: exit 0 where what was written or checked holds today.
pub(crate) fn run(config: Option<&Path>, arguments: &Arguments) -> Result<Outcome, Failure> {
    let settings = settings_or_default(config)?;
    let language = arguments.language.or(&settings);
    let now = Timestamp::now();
    let answer = if let Some(name) = &arguments.domain {
        published(settings, name, arguments.supplier, (now, language))?
    } else if arguments.check.is_empty() {
        let text = written(arguments, Month::of(now))?;
        if !arguments.json {
            say(&text)?;
            return Ok(Outcome::Holds);
        }
        return say_json(&Answer::of_texts(&[text], (now, language))).map(|()| Outcome::Holds);
    } else {
        let texts: Vec<String> = arguments.check.clone();
        if arguments.supplier || texts.iter().any(|text| text.starts_with("version=")) {
            Answer::of_supplier_texts(&texts, (now, language))
        } else {
            Answer::of_texts(&texts, (now, language))
        }
    };
    if arguments.json {
        say_json(&answer)?;
    } else {
        answer.tell(language)?;
    }
    Ok(if answer.holds { Outcome::Holds } else { Outcome::Not })
}

/// The record that the arguments ask for; what is written is checked as a stranger's would be.
fn written(arguments: &Arguments, this_month: Month) -> Result<String, Failure> {
    let month =
        |text: &str| Month::parse(text).map_err(|error| Failure::usage(format!("{text}: {error}")));
    let start = arguments.start.as_deref().map_or(Ok(this_month), month)?;
    let end = month(arguments.end.as_deref().unwrap_or_default())?;
    if end < start {
        return Err(Failure::usage("the last month lies before the first"));
    }
    let (text, fault) = if arguments.supplier {
        let text = SupplierRecord { start, end }.to_string();
        let fault = SupplierRecord::parse(text.as_bytes()).err();
        (text, fault)
    } else {
        let mark = arguments.provider.as_deref().unwrap_or_default();
        let provider = Provider::parse(mark).map_err(Failure::usage)?;
        let ntamx = arguments.ntamx.iter().map(|text| host(text)).collect::<Result<_, _>>()?;
        let text = Record { start, end, provider, ntamx }.to_string();
        let fault = Record::parse(text.as_bytes()).err();
        (text, fault)
    };
    match fault {
        None => Ok(text),
        Some(fault) => Err(Failure::usage(format!("this record would not hold: {fault}: {text}"))),
    }
}

fn host(text: &str) -> Result<NtaMx, Failure> {
    let wrong = || Failure::usage(format!("--ntamx {text:?}: write it as \"10 mx.praktijk.nl\""));
    let (priority, host) = text.split_once(' ').ok_or_else(wrong)?;
    let digits = !priority.is_empty() && priority.bytes().all(|c| c.is_ascii_digit());
    let priority = priority.parse::<u16>().ok().filter(|number| digits && *number < 1_000);
    Ok(NtaMx {
        priority: priority.ok_or_else(wrong)?,
        host: Domain::parse(host).map_err(|_| wrong())?,
    })
}

fn published(
    settings: Settings,
    name: &str,
    supplier: bool,
    told: (Timestamp, Language),
) -> Result<Answer, Failure> {
    let domain = Domain::parse(name).map_err(|error| {
        Failure::usage(format!("{name} is no domain name ({error}); write it like praktijk.nl"))
    })?;
    let engine = Engine::new(settings, None, system_keyring())?;
    let seen: Result<Seen<Vec<Txt>>, Trouble> =
        wait(async { engine.resolver().txt(&domain).await })?;
    let seen = seen.map_err(|trouble| {
        Failure::failed(format!("{trouble} when asked for {domain}; try again later"))
    })?;
    let text = |txt: &Txt| String::from_utf8_lossy(&txt.data).replace(char::is_control, "?");
    let mut answer = if supplier {
        let own = seen.value.iter().filter(|txt| txt.data.starts_with(b"version=NTA7516"));
        let texts: Vec<String> = own.map(text).collect();
        Answer::of_supplier(&SupplierClaim::read(&seen.value), texts, told)
    } else {
        let own = seen.value.iter().filter(|txt| txt.data.starts_with(b"v=NTA7516"));
        let texts: Vec<String> = own.map(text).collect();
        Answer::of_claim(&Claim::read(&seen.value), texts, told)
    };
    answer.proved(seen.security, told.1);
    Ok(answer)
}

impl Answer {
    /// Texts that somebody wrote: each must be a record, and together they must be a set.
    fn of_texts(texts: &[String], told: (Timestamp, Language)) -> Self {
        let parsed: Vec<_> = texts.iter().map(|text| Record::parse(text.as_bytes())).collect();
        let faults = parsed.iter().enumerate().filter_map(|(index, one)| {
            let fault = one.as_ref().err()?.clone();
            Some(Fault::Record { index, fault })
        });
        let faults: Vec<Fault> = faults.collect();
        let claim = if faults.is_empty() {
            RecordSet::new(parsed.into_iter().flatten().collect(), 0)
                .map_or_else(Claim::Invalid, Claim::Valid)
        } else {
            Claim::Invalid(faults)
        };
        Self::of_claim(&claim, texts.to_vec(), told)
    }

    fn of_supplier_texts(texts: &[String], told: (Timestamp, Language)) -> Self {
        let parsed: Result<Vec<_>, _> =
            texts.iter().map(|text| SupplierRecord::parse(text.as_bytes())).collect();
        let claim =
            parsed.map_or_else(|fault| SupplierClaim::Invalid(vec![fault]), SupplierClaim::Valid);
        Self::of_supplier(&claim, texts.to_vec(), told)
    }

    fn of_claim(
        claim: &Claim,
        records: Vec<String>,
        (now, language): (Timestamp, Language),
    ) -> Self {
        let dutch = language == Language::Dutch;
        let mut faults = Vec::new();
        if let Claim::Invalid(found) = claim {
            faults.extend(found.iter().map(|fault| {
                let (record, place) = match fault {
                    Fault::Record { index, fault } => (Some(*index), Some(fault.place())),
                    Fault::Ttl { index, .. } => (Some(*index), None),
                    _ => (None, None),
                };
                AnswerFault { record, place, text: if dutch { fault.nl() } else { fault.en() } }
            }));
        }
        let valid = matches!(claim, Claim::Valid(_));
        Self { records, valid, holds: claim.current(now).is_some(), faults, remarks: Vec::new() }
    }

    fn of_supplier(
        claim: &SupplierClaim,
        records: Vec<String>,
        (now, language): (Timestamp, Language),
    ) -> Self {
        let words = |fault: &RecordFault| match language {
            Language::Dutch => fault.nl(),
            Language::English => fault.en(),
        };
        let mut faults = Vec::new();
        if let SupplierClaim::Invalid(found) = claim {
            faults.extend(found.iter().map(|fault| AnswerFault {
                record: None,
                place: Some(fault.place()),
                text: words(fault),
            }));
        }
        let valid = matches!(claim, SupplierClaim::Valid(_));
        Self { records, valid, holds: claim.holds(now), faults, remarks: Vec::new() }
    }

    /// What DNSSEC says of what was published. What is bogus holds for nobody.
    fn proved(&mut self, security: Security, language: Language) {
        let (nl, en) = match security {
            Security::Secure => ("DNSSEC bewijst dit antwoord", "DNSSEC proves this answer"),
            Security::Insecure => (
                "de zone is niet ondertekend (DNSSEC), dus niemand kan weten of dit echt is",
                "the zone is not signed (DNSSEC), so nobody can know whether this is real",
            ),
            Security::Bogus => (
                "de handtekening (DNSSEC) klopt niet: dit kan vervalst zijn",
                "the signature (DNSSEC) is wrong: this may be forged",
            ),
            Security::Indeterminate => (
                "of dit ondertekend hoort te zijn, is nu niet vast te stellen",
                "whether this ought to be signed cannot be told now",
            ),
        };
        self.holds &= matches!(security, Security::Secure | Security::Insecure);
        self.remarks.push(if language == Language::Dutch { nl } else { en }.to_owned());
    }

    fn tell(&self, language: Language) -> Result<(), Failure> {
        let dutch = language == Language::Dutch;
        self.records.iter().try_for_each(say)?;
        let verdict = match (self.records.is_empty(), self.valid, self.holds, dutch) {
            (true, _, _, true) => "er is geen record",
            (true, _, _, false) => "there is no record",
            (_, true, true, true) => "geldig",
            (_, true, true, false) => "valid",
            (_, true, false, true) => "goed geschreven, maar het geldt vandaag niet",
            (_, true, false, false) => "well written, but it does not hold today",
            (_, false, _, true) => "ongeldig",
            (_, false, _, false) => "not valid",
        };
        say(verdict)?;
        self.faults.iter().try_for_each(|fault| say(format_args!("  {}", fault.text)))?;
        self.remarks.iter().try_for_each(|remark| say(format_args!("  {remark}")))
    }
}

#[cfg(test)]
mod tests;
