//! What a mail host showed on a connection: STARTTLS, its certificate, TLS.

use mail::days;
use nta7516::plan::Requirement;
use nta7516::tls::{Grade, RSA_REPORTED_BELOW};

use super::not_looked;
use super::verdict::proof_words;
use crate::facts::{Facts, Failure, FailureKind, Lasts, Met, Staple, StartTls, Visit};
use crate::{Proof, State, Step, Text, Topic};

/// STARTTLS, certificate and TLS of one host.
pub(super) fn steps(facts: &Facts, visit: &Visit) -> Vec<Step> {
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
            format!(
                "Het certificaat eindigt op {}. Vernieuw het nu.",
                days::dutch(certificate.until)
            ),
            format!("The certificate ends on {}. Renew it now.", days::english(certificate.until)),
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
        let issuer = crate::tags::excerpt(&one.issuer);
        Text::new(
            format!(" (uitgegeven door {issuer}, tot {})", days::dutch(one.until)),
            format!(" (issued by {issuer}, until {})", days::english(one.until)),
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

/// A certificate that ends within three weeks is told of, in seconds.
const SOON: i64 = 21 * 86_400;
