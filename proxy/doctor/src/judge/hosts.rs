//! The mail hosts, and what each publishes to prove itself by.

use mail::Domain;
use nta7516::facts::{HostFacts, Security, Seen, Tlsa};

use super::{believed, connection, not_looked, shown};
use crate::facts::{Certificate, Facts, Named, Visit};
use crate::{Publish, State, Step, Text, Topic, Verdict};

pub(super) fn steps(facts: &Facts, verdict: Verdict) -> Vec<Step> {
    let mut steps = vec![which(facts)];
    steps.extend(proved(facts));
    for host in facts.hosts() {
        let name = &host.host;
        // The last connection to a host is the one that proved it, or the last that was tried.
        let visit = facts.visits.iter().rfind(|visit| visit.call.host == *name);
        if let Some(step) = without_address(host) {
            steps.push(step.about(name));
            continue;
        }
        let mut own = vec![tlsa(facts, host, visit)];
        match visit {
            Some(visit) => own.extend(connection::steps(facts, visit)),
            None => own.push(not_looked(
                Topic::StartTls,
                "R-SMTP-1",
                "Niet geprobeerd: er is geen adres dat te geloven is, of er zijn te veel mailservers.",
                "Not tried: there is no address that can be believed, or there are too many mail hosts.",
            )),
        }
        let other_proved =
            verdict == Verdict::Direct && visit.is_none_or(|v| v.sight.outcome.is_err());
        steps.extend(own.into_iter().map(|step| {
            let step = step.about(name);
            match step.state {
                // Another host takes the mail: this one wants attention, and stops nothing.
                State::Bad | State::Unknown if other_proved => {
                    Step { state: State::Attention, ..step }
                }
                _ => step,
            }
        }));
    }
    steps
}

const WHICH: (Topic, &str) = (Topic::MailHosts, "R-DNS-3");

pub(super) fn which(facts: &Facts) -> Step {
    let domain = shown(&facts.domain);
    let what = (format!("de mailservers van {domain}"), format!("the mail hosts of {domain}"));
    let hosts = match believed(&facts.recipient.hosts, WHICH, (&what.0, &what.1)) {
        Ok(hosts) => hosts,
        Err(step) => return *step,
    };
    let names: Vec<String> =
        hosts.iter().map(|host| format!("{} {}", host.priority, host.host)).collect();
    let names = names.join(", ");
    let step =
        |state, nl: String, en: String| Step::new(WHICH.0, WHICH.1, state, Text::new(nl, en));
    match facts.named {
        Named::Null => step(
            State::Bad,
            format!("{domain} zegt geen mail te ontvangen (MX 0 .)."),
            format!("{domain} says that it takes no mail (MX 0 .)."),
        )
        .mend(
            "Ontvangt u wel mail, noem dan uw mailserver in MX, of in ntamx.",
            "If you do take mail, name your mail host in MX, or in ntamx.",
        ),
        _ if hosts.is_empty() => step(
            State::Bad,
            format!("{domain} noemt geen mailserver die te vinden is."),
            format!("{domain} names no mail host that can be found."),
        )
        .mend("Noem een mailserver in MX, of in ntamx.", "Name a mail host in MX, or in ntamx."),
        Named::NtaMx => step(
            State::Good,
            format!("NTA-mail gaat naar de mailservers van ntamx: {names}."),
            format!("NTA mail goes to the mail hosts of ntamx: {names}."),
        ),
        Named::Itself => step(
            State::Attention,
            format!("{domain} heeft geen MX-record; mail gaat naar het domein zelf."),
            format!("{domain} has no MX record; mail goes to the domain itself."),
        )
        .mend("Publiceer een MX-record.", "Publish an MX record."),
        Named::Mx | Named::Unseen => step(
            State::Good,
            format!("NTA-mail gaat naar de mailservers van MX: {names}."),
            format!("NTA mail goes to the mail hosts of MX: {names}."),
        ),
    }
}

const PROVED: (Topic, &str) = (Topic::MailHostsDnssec, "R-SEND-6");

/// Says nothing where the step before said why nothing was seen.
pub(super) fn proved(facts: &Facts) -> Option<Step> {
    let seen = facts.recipient.hosts.as_ref().ok()?;
    match seen.security {
        Security::Secure => Some(Step::new(
            PROVED.0,
            PROVED.1,
            State::Good,
            Text::new(
                "DNSSEC bewijst welke mailservers dit zijn.",
                "DNSSEC proves which mail hosts these are.",
            ),
        )),
        Security::Insecure => Some(
            Step::new(
                PROVED.0,
                PROVED.1,
                State::Bad,
                Text::new(
                    "Welke mailservers dit zijn, is niet met DNSSEC bewezen.",
                    "Which mail hosts these are is not proved by DNSSEC.",
                ),
            )
            .mend("Laat de zone van het domein ondertekenen.", "Have the domain's zone signed."),
        ),
        Security::Bogus | Security::Indeterminate => None,
    }
}

/// A host that is named and is not there.
fn without_address(host: &HostFacts) -> Option<Step> {
    let seen = matches!(host.address_security, Security::Secure | Security::Insecure);
    if !seen || host.address_trouble.is_some() || !host.addresses.is_empty() {
        return None;
    }
    let name = &host.host;
    let step = Step::new(
        Topic::StartTls,
        "R-SMTP-1",
        State::Bad,
        Text::new(
            format!("{name} heeft geen adres, dus er is geen mailserver."),
            format!("{name} has no address, so there is no mail host."),
        ),
    );
    Some(step.mend(
        "Publiceer een A- of AAAA-record voor de mailserver, of noem een andere in MX of ntamx.",
        "Publish an A or AAAA record for the mail host, or name another one in MX or ntamx.",
    ))
}

const TLSA: (Topic, &str) = (Topic::Tlsa, "R-DANE-1");

pub(super) fn tlsa(facts: &Facts, host: &HostFacts, visit: Option<&Visit>) -> Step {
    let name = &host.host;
    let what = (format!("de adressen van {name}"), format!("the addresses of {name}"));
    let addresses = match host.address_trouble {
        Some(trouble) => Err(trouble),
        None => Ok(Seen::new(host.address_security, ())),
    };
    if let Err(step) = believed(&addresses, TLSA, (&what.0, &what.1)) {
        return *step;
    }
    let what = (format!("de TLSA-records van {name}"), format!("the TLSA records of {name}"));
    let records = match believed(&host.tlsa, TLSA, (&what.0, &what.1)) {
        Ok(records) => records,
        Err(step) => return *step,
    };
    // RFC 7672 section 2.2.2: an alias in a signed zone may lead into an unsigned one, so whether
    // the records count is their own state alone.
    if host.tlsa.as_ref().is_ok_and(|seen| seen.security == Security::Insecure) {
        return unsigned(name);
    }
    let key = visit.and_then(|visit| visit.sight.certificate.as_ref());
    tlsa_records(facts, host, records, key, visit)
}

fn unsigned(name: &Domain) -> Step {
    let seen = Text::new(
        format!("De zone van {name} is niet ondertekend (DNSSEC); TLSA telt daar niet."),
        format!("The zone of {name} is not signed (DNSSEC); TLSA does not count there."),
    );
    Step::new(TLSA.0, TLSA.1, State::Attention, seen).mend(
        "Laat de zone van de mailserver ondertekenen, en publiceer dan TLSA 3 1 1.",
        "Have the mail host's zone signed, and then publish TLSA 3 1 1.",
    )
}

fn tlsa_records(
    facts: &Facts,
    host: &HostFacts,
    records: &[Tlsa],
    shown: Option<&Certificate>,
    visit: Option<&Visit>,
) -> Step {
    let name = &host.host;
    let forms: Vec<String> = records
        .iter()
        .map(|one| format!("{} {} {}", one.usage, one.selector, one.matching))
        .collect();
    let forms = forms.join(", ");
    let step = |state, nl: String, en: String| Step::new(TLSA.0, TLSA.1, state, Text::new(nl, en));
    let of_key = |step: Step| publish_key(facts, host, shown, step);
    let ours: Vec<&Tlsa> = records.iter().filter(|one| is_3_1_1(one)).collect();
    let matches = |key: &Certificate| ours.iter().any(|one| hex(&one.data) == key.key_sha256);
    let proved = visit.is_some_and(|visit| visit.sight.outcome.is_ok());
    if records.is_empty() {
        return of_key(step(
            State::Attention,
            format!("{name} heeft geen TLSA-records; dan telt alleen het certificaat."),
            format!("{name} has no TLSA records; then the certificate alone counts."),
        ));
    }
    if !records.iter().any(Tlsa::usable) {
        return of_key(step(
            State::Attention,
            format!(
                "{name} heeft alleen TLSA-records die voor mail niet tellen ({forms}; RFC 7672, 3.1.3)."
            ),
            format!(
                "{name} has only TLSA records that do not count for mail ({forms}; RFC 7672, 3.1.3)."
            ),
        ));
    }
    match (ours.is_empty(), shown) {
        (true, _) => of_key(step(
            State::Attention,
            format!("{name} heeft TLSA {forms}, maar geen 3 1 1, waar de gids om vraagt."),
            format!("{name} has TLSA {forms}, but no 3 1 1, which the guide asks for."),
        )),
        (false, None) => step(
            State::NotLookedAt,
            format!("{name} heeft TLSA 3 1 1; de sleutel erbij was niet te zien."),
            format!("{name} has TLSA 3 1 1; the key that belongs to it could not be seen."),
        ),
        (false, Some(key)) if matches(key) => step(
            State::Good,
            format!("{name} heeft TLSA 3 1 1 van zijn sleutel."),
            format!("{name} has TLSA 3 1 1 of its key."),
        ),
        (false, Some(_)) => of_key(step(
            if proved { State::Attention } else { State::Bad },
            format!("Geen TLSA 3 1 1 van {name} hoort bij de sleutel die hij toont."),
            format!("No TLSA 3 1 1 of {name} belongs to the key that it shows."),
        )),
    }
}

/// Proposes the record of the key that was shown.
fn publish_key(facts: &Facts, host: &HostFacts, shown: Option<&Certificate>, step: Step) -> Step {
    let Some(key) = shown else {
        return step.mend(
            "Publiceer TLSA 3 1 1 van de sleutel van de mailserver.",
            "Publish TLSA 3 1 1 of the mail host's key.",
        );
    };
    // RFC 7672 section 2.2.3: below the end of the host's secure CNAME chain.
    let base = host.tlsa_base.as_ref().unwrap_or(&host.host);
    step.mend(
        "Publiceer dit record, nadat u op de mailserver zelf hebt nagegaan dat dit zijn sleutel is. Zet bij een nieuwe sleutel eerst het nieuwe record erbij.",
        "Publish this record, after you made sure on the mail host itself that this is its key. With a new key, first add the new record.",
    )
    .publish(Publish {
        name: format!("_{}._tcp.{base}", facts.port),
        kind: "TLSA".into(),
        value: format!("3 1 1 {}", key.key_sha256),
    })
}

/// RFC 6698 section 2.1: the host's own key, by SHA-256.
fn is_3_1_1(record: &Tlsa) -> bool {
    record.usable() && (record.usage, record.selector, record.matching) == (3, 1, 1)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
