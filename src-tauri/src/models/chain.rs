//! What a domain publishes, as the pages are told it. Everything here is a pure function.

use engine::choose::PendingRecipient;
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

/// The chain for a mail that was not sent yet. Where an attempt ended before stands at its link: it
/// may have been mended since.
pub(crate) fn of_mail(words: &Words, one: &PendingRecipient, seen: &[Step]) -> Vec<ChainLink> {
    let mut links = chain(words, seen);
    let (Some(clause), Some(reason)) = (&one.step, &one.reason) else { return links };
    let ended = match clause.as_str() {
        "R-SEND-2" | "R-SEND-3" | "R-SEND-10" => Link::Record,
        "R-SEND-4" => Link::Dnssec,
        "R-SEND-5" | "R-SEND-6" | "R-SEND-7" => Link::Proof,
        // What was lacking is our own.
        _ => return links,
    };
    if let Some(link) = links.iter_mut().find(|link| link.link == ended) {
        link.steps.push(SeenStep {
            name: words.get("step.attempt"),
            about: None,
            clause: clause.clone(),
            state: SeenState::Attention,
            seen: words.pick(&reason.nl, &reason.en),
            mend: None,
            publish: None,
        });
        if matches!(link.state, SeenState::Good | SeenState::NotLookedAt) {
            link.state = SeenState::Attention;
        }
    }
    links
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

#[cfg(test)]
mod tests {
    use engine::choose::{Reason, State as Stage};
    use engine::doctor::{Text, Topic};

    use super::*;
    use crate::view::Language;

    fn seen() -> Vec<Step> {
        let step = |code: Topic, state| Step {
            code,
            link: code.link(),
            about: None,
            clause: "R-X".into(),
            state,
            seen: Text::new("gezien", "seen"),
            mend: None,
            publish: None,
        };
        vec![
            step(Topic::Record, State::Good),
            step(Topic::Dnssec, State::Good),
            step(Topic::MailHosts, State::Bad),
            step(Topic::Certificate, State::NotLookedAt),
        ]
    }

    fn after(clause: Option<&str>) -> Vec<ChainLink> {
        let reason = Reason { nl: "past niet".to_owned(), en: "does not fit".to_owned() };
        let one = PendingRecipient {
            address: mail::Address::parse("a@b.nl").unwrap(),
            state: Stage::Waiting,
            in_doubt: false,
            prospect: None,
            step: clause.map(str::to_owned),
            reason: clause.map(|_| reason),
            words: None,
            attempts: 1,
            next_attempt_at: None,
        };
        of_mail(&Words::of(Language::En), &one, &seen())
    }

    #[test]
    fn where_an_attempt_ended_before_stands_at_its_link() {
        let fresh = after(None);
        assert_eq!(fresh, chain(&Words::of(Language::En), &seen()));
        let links = after(Some("R-SEND-5"));
        assert_eq!(links[3].state, SeenState::Attention);
        assert_eq!(links[3].steps.last().unwrap().seen, "does not fit");
        assert_eq!(after(Some("R-SEND-2"))[0].state, SeenState::Attention);
        assert_eq!(after(Some("R-SEND-9")), fresh, "the recipient lacks nothing");
    }

    #[test]
    fn nothing_that_was_seen_is_no_chain() {
        assert_eq!(chain(&Words::of(Language::Nl), &[]), Vec::new());
    }
}
