//! May health mail go there? The scheme's answer, carried through to the mail hosts.

use nta7516::plan::{Decision, Requirement, Step as PlanStep, Target};

use crate::facts::{Facts, Failure, Lasts, Visit};
use crate::{Proof, Text, Verdict};

/// The head of a report.
pub(super) struct Found {
    pub(super) verdict: Verdict,
    pub(super) step: &'static str,
    pub(super) proof: Option<Proof>,
    pub(super) reasons: Vec<Text>,
}

pub(super) fn of(facts: &Facts) -> Found {
    let decision = facts.decision();
    let verdict = match &decision {
        Decision::Handover { hosts, .. } => return handed_over(facts, hosts),
        Decision::AnotherWay { .. } => Verdict::OtherWay,
        Decision::Refuse { .. } => Verdict::Refuse,
        Decision::Later { .. } => Verdict::Tempfail,
    };
    let step = decision.step().map_or(PlanStep::HandOver.clause(), PlanStep::clause);
    let reasons = decision.reason().map(|reason| Text::new(reason.nl(), reason.en()));
    Found { verdict, step, proof: None, reasons: reasons.into_iter().collect() }
}

/// As a mail would find it: the first host that gives its proof takes it. Where none does,
/// whatever may be otherwise later comes first.
fn handed_over(facts: &Facts, hosts: &[Target]) -> Found {
    let planned: Vec<(&Target, &Visit)> = hosts
        .iter()
        .flat_map(|host| {
            let own = facts.visits.iter().filter(|visit| visit.call.host == host.host);
            own.map(move |visit| (host, visit))
        })
        .collect();
    if let Some((host, met)) =
        planned.iter().find_map(|(host, visit)| Some((host, visit.sight.outcome.as_ref().ok()?)))
    {
        let name = &host.host;
        let by = proof_words(met.proof);
        let mut reasons = vec![Text::new(
            format!(
                "Veilige mail kan: de mailserver {name} bewees zich met {} ({}).",
                by.nl, met.connection
            ),
            format!(
                "Safe mail can go: the mail host {name} proved itself by {} ({}).",
                by.en, met.connection
            ),
        )];
        if facts.recipient.null_mx {
            reasons.push(Text::new(
                "Het domein zegt in MX geen gewone mail te ontvangen.",
                "The domain says in MX that it takes no ordinary mail.",
            ));
        }
        let step = host.require.step().clause();
        return Found { verdict: Verdict::Direct, step, proof: Some(met.proof), reasons };
    }
    let failures: Vec<(&Target, &Failure)> = planned
        .iter()
        .filter_map(|(host, visit)| Some((*host, visit.sight.outcome.as_ref().err()?)))
        .collect();
    let mut reasons: Vec<Text> =
        failures.iter().map(|(host, failure)| told(host, failure)).collect();
    let for_now = failures.iter().any(|(_, failure)| failure.lasts == Lasts::ForNow);
    if for_now || failures.is_empty() || !all_tried(facts, hosts) {
        if reasons.is_empty() {
            reasons.push(Text::new(
                "Geen mailserver kon worden gevraagd zich te bewijzen.",
                "No mail host could be asked to prove itself.",
            ));
        }
        let last = failures.last().map(|(host, _)| *host).or(hosts.first());
        let step = last.map_or(PlanStep::HandOver, |host| host.require.step()).clause();
        return Found { verdict: Verdict::Tempfail, step, proof: None, reasons };
    }
    // A host with TLSA records that cannot prove itself by them is refused, never asked for less:
    // its step decides, whatever another host failed by.
    let dane = hosts.iter().any(|host| matches!(host.require, Requirement::Dane { .. }));
    let verdict = if dane { Verdict::Refuse } else { Verdict::OtherWay };
    let deciding = if dane {
        PlanStep::Host
    } else {
        failures.last().map_or(PlanStep::HandOver, |(host, _)| host.require.step())
    };
    Found { verdict, step: deciding.clause(), proof: None, reasons }
}

/// The bound on connections may have left hosts out.
fn all_tried(facts: &Facts, hosts: &[Target]) -> bool {
    let tried = |host: &Target, address| {
        let mut calls = facts.visits.iter().map(|visit| &visit.call);
        calls.any(|call| call.host == host.host && call.address == address)
    };
    hosts.iter().all(|host| host.addresses.iter().all(|address| tried(host, *address)))
}

fn told(host: &Target, failure: &Failure) -> Text {
    let (name, text) = (&host.host, &failure.text);
    Text::new(format!("{name}: {}", text.nl), format!("{name}: {}", text.en))
}

pub(super) fn proof_words(proof: Proof) -> Text {
    match proof {
        Proof::Dane => Text::new("DANE", "DANE"),
        Proof::Pkix => Text::new(
            "een certificaat van een vertrouwde uitgever",
            "a certificate of a trusted issuer",
        ),
        Proof::Ou => Text::new(
            "een certificaat met het kenmerk van een leverancier",
            "a certificate with a supplier's mark",
        ),
    }
}
