use std::path::Path;
use std::sync::Arc;

use mail::{Address, Domain};
use nta7516::facts::{Offer, RecipientFacts, Route, SenderFacts};
use nta7516::plan::{Decision, Requirement, Step, Target};
use serde::Serialize;

use super::{Failure, Outcome, say, say_json, settings_or_default, system_keyring, wait};
use engine::Engine;
use engine::direct::{NoHost, Opened, Walk};
use engine::gather;

#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The domains to look at.
    #[arg(required = true, value_name = "DOMAIN")]
    domains: Vec<String>,
    /// Prints a line of JSON for each domain.
    #[arg(long)]
    json: bool,
}

/// What comes out for a domain; the schema is a contract.
#[derive(Debug, Serialize)]
struct Answer {
    domain: String,
    verdict: Verdict,
    step: Option<&'static str>,
    proof: Option<Proof>,
    reasons: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
enum Verdict {
    Direct,
    OtherWay,
    Refuse,
    Tempfail,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Proof {
    Dane,
    Pkix,
    Ou,
}

/// `zorgzegel check`: exit 0 where health mail may go to every domain named.
pub(crate) fn run(config: Option<&Path>, arguments: &Arguments) -> Result<Outcome, Failure> {
    let settings = settings_or_default(config)?;
    let engine = Engine::new(settings, None, system_keyring())?;
    let mut all = true;
    for name in &arguments.domains {
        let domain = Domain::parse(name).map_err(|error| {
            Failure::usage(format!("{name} is no domain name ({error}); write it like praktijk.nl"))
        })?;
        let answer = wait(look(&engine, domain))?;
        all &= answer.verdict == Verdict::Direct;
        if arguments.json {
            say_json(&answer)?;
        } else {
            tell(&answer)?;
        }
    }
    Ok(if all { Outcome::Holds } else { Outcome::Not })
}

async fn look(engine: &Arc<Engine>, domain: Domain) -> Answer {
    let Ok(address) = Address::parse(&format!("NTA7516@{domain}")) else {
        let reasons = vec!["deze domeinnaam kan geen mailadres hebben".to_owned()];
        return Answer::new(&domain, Verdict::OtherWay, Some(Step::Claimed), None, reasons);
    };
    let now = engine.now();
    let recipient = gather::recipient(engine, &address, now).await;
    // R-SEND-9 asks about the sender. Here the domain stands for both, so that only what it
    // publishes itself decides.
    let sender = SenderFacts { domain: domain.clone(), claim: recipient.claim.clone() };
    let decision =
        engine.settings().nta.plan(&sender, &recipient, &[Offer::of(Route::Direct)], now);
    match decision {
        Decision::Handover { hosts, .. } => reach(engine, &domain, &recipient, &hosts).await,
        other => Answer::of_plan(&domain, &other),
    }
}

async fn reach(
    engine: &Arc<Engine>,
    domain: &Domain,
    facts: &RecipientFacts,
    hosts: &[Target],
) -> Answer {
    let opened = Walk::new(engine, hosts, "localhost").next().await;
    match opened {
        Ok(Opened { session, .. }) => {
            let met = session.met().cloned();
            session.quit().await;
            let proof = met.as_ref().map(|met| match met.proof {
                net::tls::Proof::Dane { .. } => Proof::Dane,
                net::tls::Proof::Ou { .. } => Proof::Ou,
                _ => Proof::Pkix,
            });
            let mut reasons = vec!["mag: het bewijs van de mailserver klopt".to_owned()];
            reasons.extend(met.iter().map(|met| format!("{} {}", met.protocol, met.suite)));
            reasons.extend(met.iter().flat_map(|met| met.remarks.iter().cloned()));
            if facts.null_mx {
                reasons.push("het domein zegt in MX geen mail te ontvangen".to_owned());
            }
            Answer::new(domain, Verdict::Direct, None, proof, reasons)
        }
        Err(NoHost::NotNow { step, words }) => {
            Answer::new(domain, Verdict::Tempfail, Some(step), None, vec![words.nl])
        }
        Err(NoHost::Refused { words }) => {
            let step = Some(Step::HandOver);
            Answer::new(domain, Verdict::OtherWay, step, None, vec![words.nl])
        }
        Err(NoHost::NoProof { step, words }) => {
            let dane = |host: &Target| matches!(host.require, Requirement::Dane { .. });
            let verdict = if hosts.iter().any(dane) { Verdict::Refuse } else { Verdict::OtherWay };
            Answer::new(domain, verdict, Some(step), None, vec![words.nl])
        }
    }
}

impl Answer {
    fn new(
        domain: &Domain,
        verdict: Verdict,
        step: Option<Step>,
        proof: Option<Proof>,
        reasons: Vec<String>,
    ) -> Self {
        let step = step.map(Step::clause);
        Self { domain: domain.to_string(), verdict, step, proof, reasons }
    }

    fn of_plan(domain: &Domain, decision: &Decision) -> Self {
        let verdict = match decision {
            Decision::Handover { .. } => Verdict::Direct,
            Decision::AnotherWay { .. } => Verdict::OtherWay,
            Decision::Refuse { .. } => Verdict::Refuse,
            Decision::Later { .. } => Verdict::Tempfail,
        };
        let reasons = decision.reason().map(|reason| reason.nl().to_owned()).into_iter().collect();
        Self::new(domain, verdict, decision.step(), None, reasons)
    }
}

fn tell(answer: &Answer) -> Result<(), Failure> {
    let verdict = match answer.verdict {
        Verdict::Direct => "veilige mail kan",
        Verdict::OtherWay => "een andere manier is nodig",
        Verdict::Refuse => "niet versturen",
        Verdict::Tempfail => "nu niet te zeggen, probeer het later",
    };
    let step = answer.step.map(|step| format!(" ({step})")).unwrap_or_default();
    say(format_args!("{}: {verdict}{step}", answer.domain))?;
    answer.reasons.iter().try_for_each(|reason| say(format_args!("  {reason}")))
}
