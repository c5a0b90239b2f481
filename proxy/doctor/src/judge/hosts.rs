//! The mail hosts, and how each proves itself.

use jiff::Timestamp;
use nta7516::facts::{HostFacts, Security, Tlsa};
use nta7516::plan::Requirement;
use nta7516::tls::{Grade, RSA_REPORTED_BELOW};

use super::verdict::proof_words;
use super::{believed, bogus, not_looked, shown, troubled};
use crate::facts::{
    Certificate, Facts, Failure, FailureKind, Lasts, Met, Named, Staple, StartTls, Visit,
};
use crate::{Proof, Publish, State, Step, Text, Topic, Verdict};

pub(super) fn steps(facts: &Facts, verdict: Verdict) -> Vec<Step> {
    let mut steps = vec![which(facts)];
    steps.extend(proved(facts));
    for host in facts.hosts() {
        let name = &host.host;
        // The last connection to a host is the one that proved it, or the last that was tried.
        let visit = facts.visits.iter().rfind(|visit| visit.call.host == *name);
        let mut own = vec![tlsa(facts, host, visit)];
        match visit {
            Some(visit) => own.extend(connection(facts, visit)),
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

const TLSA: (Topic, &str) = (Topic::Tlsa, "R-DANE-1");

pub(super) fn tlsa(facts: &Facts, host: &HostFacts, visit: Option<&Visit>) -> Step {
    let name = &host.host;
    let what = (format!("de adressen van {name}"), format!("the addresses of {name}"));
    match (host.address_trouble, host.address_security) {
        (Some(trouble), _) => return troubled(TLSA.0, TLSA.1, trouble, (&what.0, &what.1)),
        (None, Security::Bogus) => return bogus(TLSA.0, TLSA.1, None, (&what.0, &what.1)),
        (None, Security::Insecure) => {
            return Step::new(
                TLSA.0,
                TLSA.1,
                State::Attention,
                Text::new(
                    format!(
                        "De zone van {name} is niet ondertekend (DNSSEC); TLSA telt daar niet."
                    ),
                    format!(
                        "The zone of {name} is not signed (DNSSEC); TLSA does not count there."
                    ),
                ),
            )
            .mend(
                "Laat de zone van de mailserver ondertekenen, en publiceer dan TLSA 3 1 1.",
                "Have the mail host's zone signed, and then publish TLSA 3 1 1.",
            );
        }
        _ => {}
    }
    let what = (format!("de TLSA-records van {name}"), format!("the TLSA records of {name}"));
    let records = match believed(&host.tlsa, TLSA, (&what.0, &what.1)) {
        Ok(records) => records,
        Err(step) => return *step,
    };
    let key = visit.and_then(|visit| visit.sight.certificate.as_ref());
    tlsa_records(facts, host, records, key, visit)
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

/// STARTTLS, certificate and TLS of one host.
fn connection(facts: &Facts, visit: &Visit) -> Vec<Step> {
    let name = &visit.call.host;
    let sight = &visit.sight;
    let mut steps = vec![starttls(visit)];
    if sight.starttls != StartTls::Offered {
        return steps;
    }
    match &sight.outcome {
        Ok(met) => {
            steps.push(good_certificate(facts, visit, met));
            steps.push(tls(name.as_str(), met));
        }
        Err(failure) => {
            steps.push(failed(visit, failure));
            steps.push(not_looked(
                Topic::Tls,
                "R-TLS-1",
                "Niet gekeken: de verbinding werd afgebroken voor er iets over ging.",
                "Not looked at: the connection was broken off before anything went over it.",
            ));
        }
    }
    steps
}

const STARTTLS: (Topic, &str) = (Topic::StartTls, "R-SMTP-1");

fn starttls(visit: &Visit) -> Step {
    let name = &visit.call.host;
    let step =
        |state, nl: String, en: String| Step::new(STARTTLS.0, STARTTLS.1, state, Text::new(nl, en));
    match (visit.sight.starttls, &visit.sight.outcome) {
        (StartTls::Offered, _) => step(
            State::Good,
            format!("{name} is bereikbaar en biedt STARTTLS."),
            format!("{name} can be reached and offers STARTTLS."),
        ),
        (StartTls::Missing, _) => step(
            State::Bad,
            format!("{name} biedt geen STARTTLS."),
            format!("{name} offers no STARTTLS."),
        )
        .mend(
            "Zet STARTTLS aan op de mailserver; zonder versleuteling gaat er geen veilige mail.",
            "Switch STARTTLS on at the mail host; without encryption no safe mail goes.",
        ),
        (StartTls::Unseen, Err(failure)) if failure.lasts == Lasts::UntilMended => step(
            State::Bad,
            format!("{name}: {}.", failure.text.nl),
            format!("{name}: {}.", failure.text.en),
        )
        .mend(
            "Laat de beheerder van de mailserver kijken waarom hij dit antwoordt.",
            "Have the mail host's administrator see why it answers so.",
        ),
        (StartTls::Unseen, outcome) => {
            let why = outcome.as_ref().err().map(|failure| failure.text.clone());
            let why = why.unwrap_or_else(|| Text::new("niets gezien", "nothing was seen"));
            step(
                State::Unknown,
                format!("Nu niet te zeggen: {name}: {}.", why.nl),
                format!("Cannot be told now: {name}: {}.", why.en),
            )
            .mend(
                "Kijk later opnieuw. Blijft dit zo, dan is de server er niet, of dit netwerk laat poort 25 niet door.",
                "Look again later. If it stays so, the host is not there, or this network does not let port 25 through.",
            )
        }
    }
}

fn certificate_clause(require: &Requirement) -> &'static str {
    match require {
        Requirement::Dane { .. } => "R-SEND-5",
        Requirement::Pkix { .. } => "R-SEND-6",
        Requirement::OrganisationalUnit { .. } => "R-SEND-7",
    }
}

fn good_certificate(facts: &Facts, visit: &Visit, met: &Met) -> Step {
    let name = &visit.call.host;
    let by = proof_words(met.proof);
    let clause = certificate_clause(&visit.call.require);
    let seen = Text::new(
        format!("{name} bewijst zich met {}.", by.nl),
        format!("{name} proves itself by {}.", by.en),
    );
    let step = |state| Step::new(Topic::Certificate, clause, state, seen.clone());
    let Some(certificate) = &visit.sight.certificate else {
        return step(State::Good);
    };
    let until = day(certificate.until);
    let outdated = certificate.until < facts.now || facts.now < certificate.from;
    if met.proof == Proof::Dane {
        // RFC 7672 section 3.1.1: with usage 3, neither dates nor names count.
        let fits = certificate.names.iter().any(|one| is_for(one, name.as_str()));
        if outdated || !fits {
            return step(State::Attention).mend(
                "Voor DANE telt dit niet, maar het certificaat is verlopen of voor een andere naam; andere afzenders kunnen erover vallen. Vernieuw het met dezelfde sleutel, of pas TLSA aan.",
                "For DANE this does not count, but the certificate has expired or is for another name; other senders may stumble over it. Renew it with the same key, or change TLSA.",
            );
        }
        return step(State::Good);
    }
    let left = certificate.until.as_second() - facts.now.as_second();
    if left < SOON {
        return step(State::Attention).mend(
            format!("Het certificaat eindigt op {until}. Vernieuw het nu."),
            format!("The certificate ends on {until}. Renew it now."),
        );
    }
    step(State::Good)
}

fn failed(visit: &Visit, failure: &Failure) -> Step {
    let name = &visit.call.host;
    let clause = certificate_clause(&visit.call.require);
    let state = match failure.lasts {
        Lasts::ForNow => State::Unknown,
        Lasts::UntilMended => State::Bad,
    };
    let issued = visit.sight.certificate.as_ref().map(|one| {
        let (issuer, until) = (crate::tags::excerpt(&one.issuer), day(one.until));
        Text::new(
            format!(" (uitgegeven door {issuer}, tot {until})"),
            format!(" (issued by {issuer}, until {until})"),
        )
    });
    let issued = issued.unwrap_or_else(|| Text::new("", ""));
    let seen = Text::new(
        format!("{name}: {}{}.", failure.text.nl, issued.nl),
        format!("{name}: {}{}.", failure.text.en, issued.en),
    );
    let (nl, en) = failure.kind.mend();
    Step::new(Topic::Certificate, clause, state, seen).mend(nl, en)
}

fn tls(name: &str, met: &Met) -> Step {
    let connection = &met.connection;
    let seen = Text::new(format!("{name}: {connection}."), format!("{name}: {connection}."));
    let step = |state| Step::new(Topic::Tls, "R-TLS-1", state, seen.clone());
    if let Some(bits) = met.rsa_bits.filter(|bits| *bits < RSA_REPORTED_BELOW) {
        return step(State::Attention).mend(
            format!("De RSA-sleutel heeft {bits} bits; de gids vraagt {RSA_REPORTED_BELOW}. Neem bij het volgende certificaat een langere, of een ECDSA-sleutel."),
            format!("The RSA key has {bits} bits; the guide asks for {RSA_REPORTED_BELOW}. With the next certificate take a longer one, or an ECDSA key."),
        );
    }
    if met.staple == Staple::ProvesNothing {
        return step(State::Attention).mend(
            "De meegestuurde OCSP-verklaring bewijst niets over dit certificaat. Laat de server haar vernieuwen.",
            "The stapled OCSP answer proves nothing about this certificate. Have the host renew it.",
        );
    }
    if met.guide != Grade::Good {
        return step(State::Attention).mend(
            "De gids vraagt TLS 1.2 of 1.3 met ECDHE en een AEAD. Zet op de server de betere aan.",
            "The guide asks for TLS 1.2 or 1.3 with ECDHE and an AEAD. Switch the better ones on.",
        );
    }
    if met.newest != Grade::Good {
        return step(State::Attention).mend(
            "Goed volgens de gids; NCSC noemt dit sinds 2025 voldoende. Zet TLS 1.3 aan.",
            "Good by the guide; NCSC calls this sufficient since 2025. Switch TLS 1.3 on.",
        );
    }
    step(State::Good)
}

impl FailureKind {
    fn mend(self) -> (&'static str, &'static str) {
        match self {
            Self::NoTlsaMatch => (
                "Laat TLSA bij de sleutel van de server passen: publiceer 3 1 1 van de sleutel die hij nu heeft, als die echt is.",
                "Make TLSA fit the host's key: publish 3 1 1 of the key that it has now, if that is the real one.",
            ),
            Self::WrongName => (
                "Neem een certificaat met de naam van de mailserver, zoals MX of ntamx hem noemt.",
                "Get a certificate with the mail host's name, as MX or ntamx gives it.",
            ),
            Self::Expired => ("Vernieuw het certificaat.", "Renew the certificate."),
            Self::UnknownIssuer => (
                "Neem een certificaat van een uitgever die algemeen wordt vertrouwd, stuur de hele keten mee, of publiceer TLSA 3 1 1.",
                "Get a certificate of an issuer that is trusted everywhere, send the whole chain, or publish TLSA 3 1 1.",
            ),
            Self::WeakKey => (
                "Neem een RSA-sleutel van 3072 bits of meer, of een ECDSA-sleutel.",
                "Get an RSA key of 3072 bits or more, or an ECDSA key.",
            ),
            Self::Revoked => ("Neem een nieuw certificaat.", "Get a new certificate."),
            Self::NoMark => (
                "Laat de zone met DNSSEC ondertekenen; dan is geen kenmerk in het certificaat nodig.",
                "Have the zone signed with DNSSEC; then no mark in the certificate is needed.",
            ),
            Self::Tls => (
                "Zet op de mailserver TLS 1.2 of 1.3 aan, met ECDHE en een AEAD (AES-GCM of ChaCha20).",
                "Switch TLS 1.2 or 1.3 on at the mail host, with ECDHE and an AEAD (AES-GCM or ChaCha20).",
            ),
            Self::Unreachable | Self::TurnedAway | Self::NoStartTls => super::LATER,
        }
    }
}

/// RFC 6125 section 6.4.3: a star stands for the leftmost label, whole.
fn is_for(pattern: &str, name: &str) -> bool {
    if pattern.eq_ignore_ascii_case(name) {
        return true;
    }
    let above = |text: &str| text.split_once('.').map(|(_, rest)| rest.to_ascii_lowercase());
    pattern.starts_with("*.") && above(pattern) == above(name)
}

fn day(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d").to_string()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A certificate that ends within three weeks is told of, in seconds.
const SOON: i64 = 21 * 86_400;
