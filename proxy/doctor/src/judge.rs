//! Makes a report of what was seen. Every sentence is made here.

mod connection;
mod hosts;
mod record;
mod sender;
mod sending;
mod verdict;

use core::fmt::Display;

use mail::Domain;
use nta7516::facts::{Security, Seen, Trouble};

use crate::facts::Facts;
use crate::{Publish, Report, State, Step, Text, Topic};

pub use sending::before_sending;

/// Judges what was seen of a domain.
#[must_use]
pub fn judge(facts: &Facts) -> Report {
    let found = verdict::of(facts);
    let mut steps = record::steps(facts);
    steps.extend(hosts::steps(facts, found.verdict));
    steps.extend(sender::steps(facts));
    Report {
        domain: facts.domain.clone(),
        verdict: found.verdict,
        step: found.step.into(),
        proof: found.proof,
        reasons: found.reasons,
        steps,
    }
}

impl Step {
    fn new(code: Topic, clause: &'static str, state: State, seen: Text) -> Self {
        Self {
            code,
            link: code.link(),
            about: None,
            clause: clause.into(),
            state,
            seen,
            mend: None,
            publish: None,
        }
    }

    fn about(self, whom: impl Display) -> Self {
        Self { about: Some(whom.to_string()), ..self }
    }

    fn mend(self, nl: impl Into<String>, en: impl Into<String>) -> Self {
        Self { mend: Some(Text::new(nl, en)), ..self }
    }

    fn publish(self, publish: Publish) -> Self {
        Self { publish: Some(publish), ..self }
    }
}

/// Passes on what an answer says where it may be believed; else a step that says why not.
///
/// `nl` and `en` name what was asked for: "het DMARC-record".
fn believed<'a, T>(
    answer: &'a Result<Seen<T>, Trouble>,
    topic: (Topic, &'static str),
    (nl, en): (&str, &str),
) -> Result<&'a T, Box<Step>> {
    let (code, clause) = topic;
    match answer {
        Err(trouble) => Err(Box::new(troubled(code, clause, *trouble, (nl, en)))),
        Ok(seen) => match seen.security {
            Security::Secure | Security::Insecure => Ok(&seen.value),
            Security::Bogus => Err(Box::new(bogus(code, clause, seen.why.as_deref(), (nl, en)))),
            Security::Indeterminate => {
                let seen = Text::new(
                    format!("Of {nl} ondertekend hoort te zijn, is nu niet vast te stellen."),
                    format!("Whether {en} ought to be signed cannot be told now."),
                );
                let step = Step::new(code, clause, State::Unknown, seen);
                Err(Box::new(step.mend(LATER.0, LATER.1)))
            }
        },
    }
}

fn bogus(code: Topic, clause: &'static str, why: Option<&str>, (nl, en): (&str, &str)) -> Step {
    let because = why.map(|why| format!(" ({})", crate::tags::excerpt(why))).unwrap_or_default();
    Step::new(
        code,
        clause,
        State::Bad,
        Text::new(
            format!("De handtekening (DNSSEC) onder {nl} klopt niet{because}: het antwoord kan vervalst zijn."),
            format!("The signature (DNSSEC) of {en} is wrong{because}: the answer may be forged."),
        ),
    )
    .mend(
        "Laat de beheerder van de naamservers de zone opnieuw ondertekenen, en vergelijk het DS-record bij de registrar met de sleutel van de zone.",
        "Have the administrator of the name servers sign the zone again, and compare the DS record at the registrar with the zone's key.",
    )
}

fn troubled(code: Topic, clause: &'static str, trouble: Trouble, (nl, en): (&str, &str)) -> Step {
    let seen = Text::new(
        format!("Het opvragen van {nl} lukte niet. {}.", trouble.nl()),
        format!("Asking for {en} failed: {trouble}."),
    );
    let step = Step::new(code, clause, State::Unknown, seen);
    match trouble.mend() {
        Some((nl, en)) => step.mend(
            format!("Dit ligt niet aan het domein. {nl}"),
            format!("This is not about the domain. {en}"),
        ),
        None => step.mend(LATER.0, LATER.1),
    }
}

/// A step that was not taken, and why.
fn not_looked(code: Topic, clause: &'static str, nl: &str, en: &str) -> Step {
    Step::new(code, clause, State::NotLookedAt, Text::new(nl, en))
}

/// The name in the script that people read.
fn shown(domain: &Domain) -> String {
    domain.to_unicode()
}

const LATER: (&str, &str) = (
    "Kijk later opnieuw; dit zegt niets over het domein.",
    "Look again later; this says nothing about the domain.",
);

#[cfg(test)]
mod tests;
