//! What a domain publishes, as the pages are told it. Everything here is a pure function.

use engine::doctor::{self, Publish, Report, State, Step};
use jiff::Timestamp;

use crate::view::{ChainLink, DomainReport, Link, Proof, SeenState, SeenStep, ToPublish, Verdict};
use crate::words::Words;

pub(crate) fn report(words: &Words, report: &Report, now: Timestamp) -> DomainReport {
    let beside = report.steps.iter().filter(|one| one.link == doctor::Link::Sender);
    let mut told = DomainReport {
        domain: report.domain.to_unicode(),
        verdict: verdict(report.verdict),
        proof: report.proof.map(proof),
        step: report.step.clone().into_owned(),
        reasons: report.reasons.iter().map(|text| words.pick(&text.nl, &text.en)).collect(),
        links: chain(words, &report.steps),
        beside: beside.map(|one| step(words, one)).collect(),
        text: String::new(),
    };
    told.text = text(words, &told, now);
    told
}

/// The four links with their steps; none where nothing was looked at.
pub(crate) fn chain(words: &Words, steps: &[Step]) -> Vec<ChainLink> {
    if steps.is_empty() {
        return Vec::new();
    }
    let of = |which: &doctor::Link| {
        let own = steps.iter().filter(|one| one.link == *which);
        ChainLink {
            link: link(*which),
            state: state(which.state(steps)),
            steps: own.map(|one| step(words, one)).collect(),
        }
    };
    doctor::Link::CHAIN.iter().map(of).collect()
}

fn step(words: &Words, step: &Step) -> SeenStep {
    let name = step.code.name();
    SeenStep {
        name: words.pick(name.nl, name.en),
        about: step.about.clone(),
        clause: step.clause.clone().into_owned(),
        state: state(step.state),
        seen: words.pick(&step.seen.nl, &step.seen.en),
        mend: step.mend.as_ref().map(|mend| words.pick(&mend.nl, &mend.en)),
        publish: step.publish.as_ref().map(publish),
    }
}

fn publish(record: &Publish) -> ToPublish {
    ToPublish {
        name: record.name.clone(),
        kind: record.kind.clone().into_owned(),
        value: record.value.clone(),
    }
}

fn link(link: doctor::Link) -> Link {
    match link {
        doctor::Link::Dnssec => Link::Dnssec,
        doctor::Link::Host => Link::Host,
        doctor::Link::Proof => Link::Proof,
        doctor::Link::Record | doctor::Link::Sender => Link::Record,
    }
}

fn state(state: State) -> SeenState {
    match state {
        State::Good => SeenState::Good,
        State::NotLookedAt => SeenState::NotLookedAt,
        State::Attention => SeenState::Attention,
        State::Unknown => SeenState::Unknown,
        State::Bad => SeenState::Bad,
    }
}

fn verdict(verdict: doctor::Verdict) -> Verdict {
    match verdict {
        doctor::Verdict::Direct => Verdict::Direct,
        doctor::Verdict::OtherWay => Verdict::OtherWay,
        doctor::Verdict::Refuse => Verdict::Refuse,
        doctor::Verdict::Tempfail => Verdict::Later,
    }
}

fn proof(proof: doctor::Proof) -> Proof {
    match proof {
        doctor::Proof::Dane => Proof::Dane,
        doctor::Proof::Pkix => Proof::Pkix,
        doctor::Proof::Ou => Proof::Ou,
    }
}

/// A report as text, for whoever manages the domain.
fn text(words: &Words, report: &DomainReport, now: Timestamp) -> String {
    let verdict = match report.verdict {
        Verdict::Direct => "domain.verdict.direct",
        Verdict::OtherWay => "domain.verdict.other_way",
        Verdict::Refuse => "domain.verdict.refuse",
        Verdict::Later => "domain.verdict.later",
    };
    let mut lines = vec![
        words.with("report.domain.title", "domain", &report.domain),
        format!("{now} Zorgzegel {}", env!("CARGO_PKG_VERSION")),
        String::new(),
        format!("{} ({})", words.with(verdict, "domain", &report.domain), report.step),
    ];
    lines.extend(report.reasons.iter().cloned());
    let (links, beside) = (report.links.iter().map(|one| &one.steps), [&report.beside]);
    for steps in links.chain(beside).filter(|steps| !steps.is_empty()) {
        lines.push(String::new());
        for step in steps {
            told(words, step, &mut lines);
        }
    }
    lines.join("\n")
}

fn told(words: &Words, step: &SeenStep, lines: &mut Vec<String>) {
    let state = match step.state {
        SeenState::Good => "seen.good",
        SeenState::NotLookedAt => "seen.not_looked_at",
        SeenState::Attention => "seen.attention",
        SeenState::Unknown => "seen.unknown",
        SeenState::Bad => "seen.bad",
    };
    let about = step.about.as_ref().map(|about| format!(" {about}")).unwrap_or_default();
    let (name, clause) = (&step.name, &step.clause);
    lines.push(format!("[{}] {name}{about} ({clause}): {}", words.get(state), step.seen));
    lines.extend(step.mend.as_ref().map(|mend| format!("    {mend}")));
    if let Some(record) = &step.publish {
        lines.push(format!("    {} {} {}", record.name, record.kind, record.value));
    }
}
