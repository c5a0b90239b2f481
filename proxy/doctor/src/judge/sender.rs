//! What the domain publishes for the mail that it sends: SPF, DMARC, DKIM, and its NTA7516 mailbox.

use super::{believed, not_looked, shown};
use crate::dkim::{self, Allowed, Dkim, Key, Kind, Testing};
use crate::dmarc::{self, Dmarc, Policies, Policy, Stands};
use crate::facts::{Asked, Facts, Taken, TxtAnswer};
use crate::spf::{self, End, Qualifier, Spf};
use crate::{Mailbox, Publish, Selector, State, Step, Text, Topic};

pub(super) fn steps(facts: &Facts) -> Vec<Step> {
    let mut steps = vec![spf_step(facts), dmarc_step(facts)];
    steps.extend(dkim_steps(facts));
    steps.push(mailbox(facts));
    steps
}

const SPF: (Topic, &str) = (Topic::Spf, "R-SPF-1");

/// The last record of the chain of redirects decides.
fn spf_step(facts: &Facts) -> Step {
    let Some(last) = facts.spf.last() else {
        return not_looked(SPF.0, SPF.1, "Niet gekeken.", "Not looked at.");
    };
    let first = facts.spf.len() == 1;
    let name = shown(&last.name);
    let what = (format!("het SPF-record van {name}"), format!("the SPF record of {name}"));
    let records = match believed(&last.txt, SPF, (&what.0, &what.1)) {
        Ok(records) => records,
        Err(step) => return *step,
    };
    let step = match spf::read(records) {
        Spf::None if first => {
            none(&name).publish(Publish::txt(last.name.as_str(), "v=spf1 mx -all"))
        }
        // RFC 7208 section 6.1: then the result is permerror.
        Spf::None => bad_spf(
            format!("redirect= wijst naar {name}, en daar staat geen SPF-record."),
            format!("redirect= points to {name}, and there is no SPF record there."),
        )
        .mend("Verbeter of verwijder de redirect.", "Mend the redirect, or take it away."),
        Spf::Many(count) => bad_spf(
            format!("{name} heeft {count} SPF-records; dan telt er geen (RFC 7208, 4.5)."),
            format!("{name} has {count} SPF records; then none counts (RFC 7208, 4.5)."),
        )
        .mend("Voeg ze samen tot één.", "Make one of them."),
        Spf::Broken(fault) => {
            let fault = fault.text();
            bad_spf(
                format!("Het SPF-record van {name} is niet te lezen: {}.", fault.nl),
                format!("The SPF record of {name} cannot be read: {}.", fault.en),
            )
            .mend("Verbeter het record.", "Mend the record.")
        }
        Spf::Reads(policy) => ends(facts, last, &policy),
    };
    if first { step } else { step.about(&last.name) }
}

fn none(name: &str) -> Step {
    bad_spf(
        format!("{name} heeft geen SPF-record: ieder kan mail uit die naam sturen."),
        format!("{name} has no SPF record: anybody can send mail in its name."),
    )
    .mend(
        "Publiceer dit record; noem ook wie verder voor u verzendt (include: of ip4:) vóór -all.",
        "Publish this record; name whoever else sends for you (include: or ip4:) before -all.",
    )
}

fn bad_spf(nl: String, en: String) -> Step {
    Step::new(SPF.0, SPF.1, State::Bad, Text::new(nl, en))
}

fn ends(facts: &Facts, at: &Asked, policy: &spf::Policy) -> Step {
    let (name, text) = (shown(&at.name), crate::tags::excerpt(&policy.text()));
    let close = |step: Step| {
        step.mend(
            "Laat het record eindigen op -all; noem eerst ieder die voor u verzendt.",
            "Let the record end in -all; first name everybody who sends for you.",
        )
        .publish(Publish::txt(at.name.as_str(), policy.closed()))
    };
    match &policy.end {
        End::All(Qualifier::Fail) => Step::new(
            SPF.0,
            SPF.1,
            State::Good,
            Text::new(
                format!("SPF eindigt op -all: {text}. Wat include: toelaat en de grens van tien DNS-vragen zijn niet nagegaan."),
                format!("SPF ends in -all: {text}. What include: lets in and the limit of ten look-ups were not examined."),
            ),
        ),
        End::All(other) => close(bad_spf(
            format!("SPF van {name} eindigt op {}, niet op -all: {text}.", other.all()),
            format!("SPF of {name} ends in {}, not in -all: {text}.", other.all()),
        )),
        End::Open => close(bad_spf(
            format!("SPF van {name} heeft geen all en geen redirect, en eindigt dus neutraal: {text}."),
            format!("SPF of {name} has no all and no redirect, and so ends in neutral: {text}."),
        )),
        End::Redirect(target) => {
            let loops = facts.spf.iter().any(|one| one.name == *target);
            let (nl, en) = if loops {
                ("in een kring", "in a circle")
            } else {
                ("te ver door", "on too far")
            };
            bad_spf(
                format!("De redirects van SPF gaan {nl}: {name} wijst naar {target}."),
                format!("The redirects of SPF go {en}: {name} points to {target}."),
            )
            .mend("Verbeter de redirect.", "Mend the redirect.")
        }
        End::RedirectMacro(target) => Step::new(
            SPF.0,
            SPF.1,
            State::Unknown,
            Text::new(
                format!("SPF wijst met een macro door naar {target}; hoe het eindigt, hangt af van de afzender."),
                format!("SPF redirects by a macro to {target}; how it ends depends on the sender."),
            ),
        )
        .mend(
            "Zet -all in het eigen record, of noem een vaste naam.",
            "Put -all into the own record, or name a fixed name.",
        ),
    }
}

const DMARC: (Topic, &str) = (Topic::Dmarc, "R-DMARC-1");

fn dmarc_step(facts: &Facts) -> Step {
    let Some(last) = facts.dmarc.last() else {
        return not_looked(DMARC.0, DMARC.1, "Niet gekeken.", "Not looked at.");
    };
    let records = match believed(&last.txt, DMARC, ("het DMARC-record", "the DMARC record")) {
        Ok(records) => records,
        Err(step) => return *step,
    };
    let own = last.name == facts.domain;
    let at = format!("_dmarc.{}", facts.domain);
    let bad = |nl: String, en: String| Step::new(DMARC.0, DMARC.1, State::Bad, Text::new(nl, en));
    let fresh = || Publish::txt(at.clone(), "v=DMARC1; p=reject");
    let publish = (
        "Publiceer dit record. Begin met p=quarantine als u nog niet weet of al uw mail SPF of DKIM heeft.",
        "Publish this record. Start with p=quarantine if you do not know yet whether all your mail has SPF or DKIM.",
    );
    let step = match dmarc::read(records) {
        Dmarc::None => bad(
            format!("Er is geen DMARC-record, bij {} noch daarboven.", shown(&facts.domain)),
            format!("There is no DMARC record, neither at {} nor above it.", shown(&facts.domain)),
        )
        .mend(publish.0, publish.1)
        .publish(fresh()),
        Dmarc::Many(count) => bad(
            format!("Er zijn {count} DMARC-records; dan telt er geen (RFC 7489, 6.6.3)."),
            format!("There are {count} DMARC records; then none counts (RFC 7489, 6.6.3)."),
        )
        .mend("Laat er één staan.", "Leave one."),
        Dmarc::Broken(fault) => {
            let fault = fault.text();
            bad(
                format!("Het DMARC-record is niet te lezen: {}.", fault.nl),
                format!("The DMARC record cannot be read: {}.", fault.en),
            )
            .mend(publish.0, publish.1)
            .publish(fresh())
        }
        Dmarc::NoPolicy(what) => no_policy(what.as_deref())
            .mend("Schrijf p=reject of p=quarantine.", "Write p=reject or p=quarantine.")
            .publish(fresh()),
        Dmarc::Asks(policies) => {
            asks(facts, &policies, if own { Stands::AtTheDomain } else { Stands::Above })
        }
    };
    if own { step } else { step.about(&last.name) }
}

fn no_policy(what: Option<&str>) -> Step {
    let (nl, en) = match what {
        // The guide itself has this slip.
        Some(word) if word.eq_ignore_ascii_case("quarantaine") => (
            "DMARC vraagt p=quarantaine; het woord is quarantine.".to_owned(),
            "DMARC asks for p=quarantaine; the word is quarantine.".to_owned(),
        ),
        Some(word) => (
            format!("DMARC vraagt p={word}, en dat bestaat niet."),
            format!("DMARC asks for p={word}, which does not exist."),
        ),
        None => {
            ("Het DMARC-record heeft geen p=.".to_owned(), "The DMARC record has no p=.".to_owned())
        }
    };
    Step::new(DMARC.0, DMARC.1, State::Bad, Text::new(nl, en))
}

fn asks(facts: &Facts, policies: &Policies, stands: Stands) -> Step {
    let policy = policies.of(stands);
    let word = policy.as_str();
    let (from_nl, from_en) = match stands {
        Stands::AtTheDomain => (String::new(), String::new()),
        Stands::Above => {
            let name = facts.dmarc.last().map(|last| shown(&last.name)).unwrap_or_default();
            (
                format!(" (van {name}, het domein erboven)"),
                format!(" (of {name}, the domain above)"),
            )
        }
    };
    let seen = Text::new(
        format!("DMARC vraagt {word} voor mail die niet klopt{from_nl}."),
        format!("DMARC asks for {word} for mail that fails{from_en}."),
    );
    let (percent, below) = (policies.percent, policies.below);
    if policy == Policy::None {
        return Step::new(DMARC.0, DMARC.1, State::Bad, seen)
            .mend(
                "Vraag reject of quarantine; behoud een rua= die u hebt.",
                "Ask for reject or quarantine; keep a rua= that you have.",
            )
            .publish(Publish::txt(format!("_dmarc.{}", facts.domain), "v=DMARC1; p=reject"));
    }
    if percent < 100 {
        return Step::new(DMARC.0, DMARC.1, State::Attention, seen).mend(
            format!("Het geldt maar voor {percent}% van die mail. Haal pct= weg."),
            format!("It is for {percent}% of such mail only. Take pct= away."),
        );
    }
    if stands == Stands::AtTheDomain && below == Some(Policy::None) {
        return Step::new(DMARC.0, DMARC.1, State::Attention, seen).mend(
            "Voor subdomeinen vraagt sp= niets; haal sp=none weg.",
            "For subdomains sp= asks for nothing; take sp=none away.",
        );
    }
    Step::new(DMARC.0, DMARC.1, State::Good, seen)
}

const DKIM: (Topic, &str) = (Topic::Dkim, "R-DKIM-1");

fn dkim_steps(facts: &Facts) -> Vec<Step> {
    if facts.dkim.is_empty() {
        return vec![not_looked(
            DKIM.0,
            DKIM.1,
            "Niet gekeken: DNS vertelt niet welke DKIM-selectors er zijn. Noem er een bij het controleren: s= in de kop DKIM-Signature van een bericht.",
            "Not looked at: DNS does not tell which DKIM selectors there are. Name one with the check: s= in a message's DKIM-Signature.",
        )];
    }
    facts.dkim.iter().map(|(selector, txt)| dkim_step(selector, txt)).collect()
}

fn dkim_step(selector: &Selector, txt: &TxtAnswer) -> Step {
    let name = selector.as_str();
    let what = (format!("DKIM-sleutel {name}"), format!("the DKIM key {name}"));
    let step = |state, nl: String, en: String| Step::new(DKIM.0, DKIM.1, state, Text::new(nl, en));
    let records = match believed(txt, DKIM, (&what.0, &what.1)) {
        Ok(records) => records,
        Err(step) => return step.about(name),
    };
    let made_anew = (
        "Laat uw mailserver een RSA-sleutel van 2048 bits of meer maken en publiceer wat hij geeft.",
        "Have your mail server make an RSA key of 2048 bits or more, and publish what it gives.",
    );
    let step = match dkim::read(records) {
        Dkim::None => step(
            State::Bad,
            format!("Er is geen DKIM-sleutel met de naam {name}."),
            format!("There is no DKIM key of the name {name}."),
        ),
        Dkim::Many(count) => step(
            State::Bad,
            format!("Bij {name} staan {count} DKIM-sleutels; hoogstens één mag."),
            format!("There are {count} DKIM keys at {name}; one at most may be."),
        ),
        Dkim::Broken(fault) => {
            let fault = fault.text();
            step(
                State::Bad,
                format!("DKIM-sleutel {name} is niet te lezen: {}.", fault.nl),
                format!("The DKIM key {name} cannot be read: {}.", fault.en),
            )
        }
        Dkim::Value(tag, value) => step(
            State::Bad,
            format!("In DKIM-sleutel {name} kan {tag}= niet zo: „{value}”."),
            format!("In the DKIM key {name} the tag {tag}= cannot be “{value}”."),
        ),
        Dkim::Revoked => step(
            State::Bad,
            format!("DKIM-sleutel {name} is ingetrokken (p= is leeg)."),
            format!("The DKIM key {name} was revoked (p= is empty)."),
        ),
        Dkim::Key(key) => return dkim_key(name, &key).about(name),
    };
    step.mend(made_anew.0, made_anew.1).about(name)
}

/// RFC 8301 section 3.2: fewer than 1024 bits count for nothing, 2048 are advised.
fn dkim_key(name: &str, key: &Key) -> Step {
    let kind = match key.kind {
        Kind::Rsa(bits) => format!("RSA, {bits} bits"),
        Kind::Ed25519 => "Ed25519".to_owned(),
    };
    let seen = Text::new(
        format!(
            "DKIM-sleutel {name}: {kind}. De gids vraagt handtekeningen met rsa-sha256 en simple/simple; dat staat in elk bericht, niet hier."
        ),
        format!(
            "DKIM key {name}: {kind}. The guide asks for signatures with rsa-sha256 and simple/simple; that stands in each message, not here."
        ),
    );
    let step = |state| Step::new(DKIM.0, DKIM.1, state, seen.clone());
    let longer = (
        "Maak een sleutel van 2048 bits of meer, onder een nieuwe selector.",
        "Make a key of 2048 bits or more, at a new selector.",
    );
    match (key.kind, key) {
        (Kind::Rsa(..1024), _) => step(State::Bad).mend(longer.0, longer.1),
        (_, Key { sha256: Allowed::No, .. }) => step(State::Bad).mend(
            "h= laat SHA-256 niet toe. Haal h= weg.",
            "h= does not let SHA-256 be used. Take h= away.",
        ),
        (Kind::Rsa(..2048), _) => step(State::Attention).mend(longer.0, longer.1),
        (Kind::Ed25519, _) => step(State::Attention).mend(
            "De gids vraagt rsa-sha256, en niet elke ontvanger kent Ed25519. Onderteken ook met RSA.",
            "The guide asks for rsa-sha256, and not every receiver knows Ed25519. Sign with RSA as well.",
        ),
        (_, Key { testing: Testing::Yes, .. }) => step(State::Attention).mend(
            "t=y zegt dat u nog probeert; haal het weg als het werkt.",
            "t=y says that you are still trying; take it away once it works.",
        ),
        _ => step(State::Good),
    }
}

const MAILBOX: (Topic, &str) = (Topic::Mailbox, "R-DNS-6");

fn mailbox(facts: &Facts) -> Step {
    let address = &facts.recipient.address;
    if facts.mailbox == Mailbox::NotAsked {
        return not_looked(
            MAILBOX.0,
            MAILBOX.1,
            &format!(
                "Niet gevraagd of {address} mail aanneemt; dat gebeurt alleen als u erom vraagt."
            ),
            &format!(
                "Whether {address} takes mail was not asked; that is done where you ask for it only."
            ),
        );
    }
    let step =
        |state, nl: String, en: String| Step::new(MAILBOX.0, MAILBOX.1, state, Text::new(nl, en));
    let answered =
        facts.visits.iter().find_map(|visit| Some((visit, visit.sight.mailbox.as_ref()?)));
    let Some((visit, taken)) = answered else {
        return not_looked(
            MAILBOX.0,
            MAILBOX.1,
            "Niet gevraagd: geen mailserver bewees zich.",
            "Not asked: no mail host proved itself.",
        );
    };
    let host = &visit.call.host;
    match taken {
        Taken::Yes => step(
            State::Good,
            format!("{host} neemt mail voor {address} aan."),
            format!("{host} takes mail for {address}."),
        ),
        Taken::No(reply) => step(
            State::Bad,
            format!("{host} weigert mail voor {address}: {reply}"),
            format!("{host} refuses mail for {address}: {reply}"),
        )
        .mend(
            "Maak deze postbus of alias: elke organisatie die voldoet, antwoordt op dit adres.",
            "Make this mailbox or alias: each organisation that complies answers at this address.",
        ),
        Taken::NotNow(reply) => step(
            State::Unknown,
            format!("{host} kon nu niet zeggen of {address} mail aanneemt: {reply}"),
            format!("{host} could not say now whether {address} takes mail: {reply}"),
        )
        .mend(super::LATER.0, super::LATER.1),
    }
}
