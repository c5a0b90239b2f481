//! The engine's facts as the pages are told them. Everything here is a pure function.

mod cards;
mod chain;
mod dossier;
mod identity;
mod incoming;
mod signed;

use std::time::Duration;

use checkup::{Item, Standing as Stands};
use engine::Origin;
use engine::choose::{Pending, PendingRecipient, Prospect, Route, State as Stage, Waits};
use engine::identities::IdentityCard;
use engine::look::{Look, Passage as Seen, Run as SeenRun, Unread};
use engine::screen::Why as Held;
use engine::sent::{Sent, SentRecipient as Got, Told};
use engine::settings::{self, Settings, Unreadable};
use engine::teach::{self, Dismissal};
use engine::trial::Trial as Tried;
use jiff::Timestamp;

use crate::view::{
    AccountView, CheckItem, Fact, GatewayView, Held as HeldLine, HeldKind, Language, Level, Mark,
    Outlook, Passage, Place, Proof, Recipient, RouteView, Run, SentItem, SentRecipient, ServerAt,
    SettingsView, Standing, State, TaughtItem, Trial, UnreadFile, WayOut, Why,
};
use crate::words::Words;

pub(crate) use cards::{ask_pin, cards};
pub(crate) use chain::report as domain_report;
pub(crate) use dossier::{faults, filing, sentence};
pub(crate) use identity::identities;
pub(crate) use incoming::{received, trust};
pub(crate) use signed::verified;

pub(crate) fn recipients(words: &Words, message: &Pending) -> Vec<Recipient> {
    message.recipients.iter().map(|one| recipient(words, one)).collect()
}

fn recipient(words: &Words, one: &PendingRecipient) -> Recipient {
    let prospect = one.prospect.as_ref();
    let kept = one.reason.as_ref().map(|reason| words.pick(&reason.nl, &reason.en));
    let told = prospect.map(|prospect| words.pick(&prospect.nl, &prospect.en));
    let may_go = prospect.is_some_and(|prospect| prospect.verdict == "handover");
    Recipient {
        address: one.address.to_string(),
        state: state(one.state),
        outlook: prospect.map_or(Outlook::Unknown, outlook),
        proof: prospect.and_then(|prospect| proof(prospect.proof.as_deref()?)),
        host: prospect.and_then(|prospect| prospect.host.clone()),
        guarantee: prospect
            .and_then(|prospect| prospect.route)
            .map(|route| words.pick(route.guarantee_nl(), route.guarantee_en())),
        chain: prospect
            .map(|prospect| chain::of_mail(words, one, &prospect.seen))
            .unwrap_or_default(),
        // What a way would give is no answer to why it did not go.
        sentence: if may_go { kept.or(told) } else { told.or(kept) }.unwrap_or_default(),
        step: prospect.and_then(|prospect| prospect.step.clone()).or_else(|| one.step.clone()),
        words: one.words.clone(),
        in_doubt: one.in_doubt,
        attempts: one.attempts,
        next_attempt_at: one.next_attempt_at.map(|at| at.to_string()),
    }
}

fn state(state: Stage) -> State {
    match state {
        Stage::Waiting => State::Waiting,
        Stage::Chosen => State::Chosen,
        Stage::Sending => State::Sending,
        Stage::Sent => State::Sent,
        Stage::Failed => State::Failed,
        Stage::Withdrawn => State::Withdrawn,
    }
}

/// A route's word is what the settings and the journal call it.
fn outlook(prospect: &Prospect) -> Outlook {
    let route = prospect.route.map(|route| route.as_str());
    match (prospect.verdict.as_str(), route) {
        ("handover", Some("direct")) => Outlook::Direct,
        ("handover", Some("provider")) => Outlook::Provider,
        (_, Some("gateway")) => Outlook::Gateway,
        ("later", _) => Outlook::Later,
        ("refuse", _) => Outlook::Refused,
        _ => Outlook::NoWay,
    }
}

fn proof(word: &str) -> Option<Proof> {
    match word {
        "dane" => Some(Proof::Dane),
        "pkix" => Some(Proof::Pkix),
        "ou" => Some(Proof::Ou),
        _ => None,
    }
}

pub(crate) fn held(words: &Words, message: &Pending, again: Option<Timestamp>) -> HeldLine {
    let any = |states: &[Stage]| message.recipients.iter().any(|one| states.contains(&one.state));
    let put_off = |one: &PendingRecipient| {
        one.state == Stage::Chosen && one.attempts > 0 && one.next_attempt_at.is_some()
    };
    HeldLine {
        id: message.id.to_string(),
        kind: match message.what {
            Waits::Message => HeldKind::Message,
            Waits::Copy => HeldKind::Copy,
        },
        subject: message.subject.clone(),
        account: message.account.to_string(),
        held_at: message.held_at.to_string(),
        asked_again_at: again.map(|at| at.to_string()),
        can_choose: any(&[Stage::Waiting, Stage::Failed]),
        can_hurry: message.recipients.iter().any(put_off),
        can_take_back: any(&[Stage::Chosen]),
        can_withdraw: any(&[Stage::Waiting, Stage::Chosen, Stage::Failed]),
        recipients: recipients(words, message),
        filing: message.filing.as_ref().map(|state| filing(words, state)),
    }
}

pub(crate) fn passages(words: &Words, look: &Look) -> Vec<Passage> {
    look.passages.iter().map(|one| passage(words, one)).collect()
}

/// How many places are left out.
pub(crate) fn more(look: &Look) -> u32 {
    u32::try_from(look.more).unwrap_or(u32::MAX)
}

fn passage(words: &Words, seen: &Seen) -> Passage {
    let (place, name) = match &seen.origin {
        Origin::Subject => (Place::Subject, None),
        Origin::FileName => (Place::FileName, None),
        Origin::Attached { name } => (Place::Attachment, name.clone()),
        _ => (Place::Body, None),
    };
    Passage {
        place,
        name,
        cut_before: seen.cut_before,
        cut_after: seen.cut_after,
        runs: seen.runs.iter().map(|one| run(words, one)).collect(),
    }
}

fn run(words: &Words, run: &SeenRun) -> Run {
    let mark = run.mark.as_ref().map(|mark| Mark {
        kind: teach::word(mark.kind).to_owned(),
        reason: words.pick(&mark.nl, &mark.en),
        finding: mark.finding.map(|finding| finding.to_string()),
        firm: mark.firm,
        dismissed: mark.dismissed,
    });
    Run { text: run.text.clone(), mark }
}

pub(crate) fn level(level: detect::Level) -> Level {
    match level {
        detect::Level::None => Level::None,
        detect::Level::Possible => Level::Possible,
        detect::Level::Certain => Level::Certain,
    }
}

pub(crate) fn trial(words: &Words, number: u32, trial: &Tried) -> Trial {
    Trial {
        number,
        score: trial.score,
        threshold: trial.threshold,
        level: level(trial.level),
        runs: trial.runs.iter().map(|one| run(words, one)).collect(),
    }
}

pub(crate) fn taught(one: &Dismissal) -> TaughtItem {
    TaughtItem {
        finding: one.id.to_string(),
        kind: one.kind.clone(),
        count: one.count,
        last_at: one.last_at.to_string(),
    }
}

pub(crate) fn unread(words: &Words, files: &[Unread]) -> Vec<UnreadFile> {
    let one = |file: &Unread| UnreadFile {
        name: file.name.clone(),
        reason: words.pick(&file.nl, &file.en),
    };
    files.iter().map(one).collect()
}

pub(crate) fn why(why: Option<Held>) -> Why {
    match why {
        Some(Held::Health) => Why::Health,
        Some(Held::GoesOnFromNta) => Why::GoesOnFromNta,
        Some(Held::CannotLookInside) => Why::CannotLookInside,
        _ => Why::CannotJudge,
    }
}

pub(crate) fn sent(words: &Words, sent: &Sent) -> SentItem {
    SentItem {
        id: sent.id.to_string(),
        subject: sent.subject.clone(),
        account: sent.account.to_string(),
        chosen_at: sent.chosen_at.map(|at| at.to_string()),
        who: sent.who.clone(),
        recipients: sent.recipients.iter().map(|one| got(words, one)).collect(),
        filing: sent.filing.as_ref().map(|state| filing(words, state)),
    }
}

fn got(words: &Words, one: &Got) -> SentRecipient {
    let fact = |told: &Told| Fact {
        name: words.pick(&told.label.nl, &told.label.en),
        value: words.pick(&told.text.nl, &told.text.en),
    };
    SentRecipient {
        address: one.address.to_string(),
        route: one.route.clone(),
        guarantee: words.pick(&one.guarantee.0, &one.guarantee.1),
        reason: one.reason.clone(),
        proof: one.proof.iter().map(fact).collect(),
    }
}

/// The language that the settings name.
pub(crate) fn language(settings: &Settings) -> Language {
    match settings.desktop.language {
        settings::Language::Dutch => Language::Nl,
        settings::Language::English => Language::En,
    }
}

pub(crate) fn settings(
    settings: &Settings,
    identities: &[IdentityCard],
    start_with_computer: bool,
) -> SettingsView {
    let words = &Words::of(language(settings));
    SettingsView {
        accounts: settings.accounts.iter().map(|one| account(words, one)).collect(),
        identities: identities.iter().map(|one| identity::identity(words, one)).collect(),
        threshold: settings.detect.threshold,
        certain: settings.detect.certain,
        own_terms: settings.detect.own_terms.as_ref().map(|file| file.display().to_string()),
        staff: settings.detect.staff.clone(),
        exempt_domains: settings.detect.exempt_domains.iter().map(ToString::to_string).collect(),
        hold_unreadable: settings.detect.unreadable == Unreadable::Hold,
        notifications: settings.desktop.notifications,
        remind_after: minutes(settings.desktop.remind_after),
        start_with_computer,
        file: Some(settings.file.display().to_string()),
    }
}

/// Minutes after which a mail that was put off is asked about again.
pub(crate) fn minutes(remind_after: Duration) -> u32 {
    u32::try_from(remind_after.as_secs().div_ceil(60)).unwrap_or(u32::MAX)
}

/// The routes that are used in their order, then those that are not.
fn routes(words: &Words, account: &settings::Account) -> Vec<RouteView> {
    let own = account.routes.iter().copied();
    let all = [settings::Route::Direct, settings::Route::Provider, settings::Route::Gateway];
    let others = all.into_iter().filter(|route| !account.routes.contains(route));
    let view = |route: settings::Route, used: bool| {
        let (route, gives) = match route {
            settings::Route::Direct => (WayOut::Direct, Route::Direct),
            settings::Route::Provider => (WayOut::Provider, Route::Provider),
            settings::Route::Gateway => (WayOut::Gateway, Route::Gateway),
        };
        RouteView { route, used, guarantee: words.pick(gives.guarantee_nl(), gives.guarantee_en()) }
    };
    own.map(|route| view(route, true)).chain(others.map(|route| view(route, false))).collect()
}

fn account(words: &Words, account: &settings::Account) -> AccountView {
    AccountView {
        address: account.address.to_string(),
        outgoing: server(&account.smtp),
        incoming: account.imap.as_ref().map(server),
        routes: routes(words, account),
        mark: account.provider.clone(),
        gateway: account.gateway.as_ref().map(|one| GatewayView {
            host: one.host.clone(),
            port: one.port,
            implicit: one.tls == settings::Tls::Implicit,
            username: one.username.clone(),
        }),
        destinations: account.dossiers.iter().map(filing::form::destination).collect(),
    }
}

fn server(endpoint: &settings::Endpoint) -> ServerAt {
    ServerAt {
        host: endpoint.host.clone(),
        port: endpoint.port,
        implicit: endpoint.tls == settings::Tls::Implicit,
        username: endpoint.username.clone(),
    }
}

/// The page on which something is mended; none where it is not mended on a page.
fn link(item: &Item) -> Option<String> {
    let page = match item.what {
        "identity" => "identities",
        "provider" | "program" | "setting" => "settings",
        _ => return None,
    };
    item.mend.as_ref().map(|_| page.to_owned())
}

pub(crate) fn check_item(words: &Words, item: &Item) -> CheckItem {
    CheckItem {
        what: item.what.to_owned(),
        standing: match item.state {
            Stands::Good => Standing::Good,
            Stands::Attention => Standing::Attention,
            Stands::Bad => Standing::Bad,
        },
        sentence: words.pick(&item.sentence.0, &item.sentence.1),
        mend: item.mend.as_ref().map(|(nl, en)| words.pick(nl, en)),
        link: link(item),
    }
}

/// The checkup as text for who helps: no content, and no address, also where a server's own words
/// have one.
pub(crate) fn report(words: &Words, items: &[CheckItem], now: Timestamp) -> String {
    let mut lines = vec![
        words.get("report.title"),
        format!("{now} {} {}", std::env::consts::OS, std::env::consts::ARCH),
    ];
    for item in items {
        let standing = match item.standing {
            Standing::Good => "standing.good",
            Standing::Attention => "standing.attention",
            Standing::Bad => "standing.bad",
        };
        lines.push(format!("[{}] {}: {}", words.get(standing), item.what, item.sentence));
        lines.extend(item.mend.as_ref().map(|mend| format!("    {mend}")));
    }
    lines.iter().map(|line| without_addresses(line)).collect::<Vec<_>>().join("\n")
}

fn without_addresses(line: &str) -> String {
    let word = |word: &str| if word.contains('@') { "...@..." } else { word }.to_owned();
    line.split(' ').map(word).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_report_has_no_address_also_where_a_servers_words_have_one() {
        let item = CheckItem {
            what: "provider".to_owned(),
            standing: Standing::Bad,
            sentence: "Aanmelden lukt niet: 535 5.7.8 <arts@praktijk.test>: no such user"
                .to_owned(),
            mend: Some("Kijk naar het wachtwoord van arts@praktijk.test.".to_owned()),
            link: None,
        };
        let report = report(&Words::of(crate::view::Language::Nl), &[item], Timestamp::UNIX_EPOCH);
        assert!(report.contains("535 5.7.8 ...@... no such user"), "{report}");
        assert!(!report.contains("arts"), "{report}");
    }
}
