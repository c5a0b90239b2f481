//! A proof in words.

use super::{End, Host, Matched, Ocsp, Proof, RecordSeen, Signer, Tls, Words};
use crate::facts::Security;
use crate::tls::{Grade, RSA_REPORTED_BELOW};

/// One line of a proof: what it is about, and what is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// What it is about.
    pub label: Words,
    /// What is known.
    pub text: Words,
}

impl Proof {
    /// The proof as lines for a person, in the order in which they are read.
    #[must_use]
    pub fn told(&self) -> Vec<Told> {
        let mut lines = Lines(Vec::new());
        lines.same("Ontvanger", "Recipient", &self.to.to_string());
        self.end(&mut lines);
        if let Some(guarantee) = &self.guarantee {
            lines.add("Waarborg", "Guarantee", guarantee.clone());
        }
        self.records(&mut lines);
        if let Some(host) = &self.host {
            lines.add("Mailserver", "Mail server", host_words(host));
        }
        if let Some(tls) = &self.tls {
            tls.told(&mut lines);
        }
        for one in &self.not_used {
            let words = |text: &str| format!("{}: {text}", one.host);
            let words = Words::new(words(&one.words.nl), words(&one.words.en));
            lines.add("Niet gebruikt", "Not used", words);
        }
        if let Some(Signer { subject, issuer, serial }) = &self.signed_by {
            let nl = format!("door {subject}; certificaat {serial} van {issuer}");
            let en = format!("by {subject}; certificate {serial} of {issuer}");
            lines.add("Ondertekend", "Signed", Words::new(nl, en));
        }
        if let Some(key) = &self.dkim {
            lines.same("DKIM", "DKIM", key.as_str());
        }
        let at = self.at.strftime("%Y-%m-%d %H:%M:%S UTC").to_string();
        lines.same("Tijd", "Time", &at);
        lines.0
    }

    fn end(&self, lines: &mut Lines) {
        let (nl, en) = match &self.end {
            End::Taken { .. } => ("aangenomen door de server", "taken by the server"),
            End::Deferred { .. } => {
                ("nu niet aangenomen; wordt opnieuw geprobeerd", "not taken now; tried again")
            }
            End::Refused { .. } => ("niet aangenomen", "not taken"),
            End::InDoubt { .. } => (
                "misschien aangenomen: alles is verzonden, en er kwam geen antwoord; vraag de ontvanger of het er is",
                "perhaps taken: all was sent, and no reply came; ask the recipient whether it is there",
            ),
            End::KeptBack { .. } => {
                ("niet verzonden; het blijft bewaard", "not sent; it stays held")
            }
        };
        lines.add("Uitkomst", "Outcome", Words::new(nl, en));
        match &self.end {
            End::Taken { reply } => lines.same("Antwoord", "Reply", reply),
            End::Deferred { words } | End::Refused { words } | End::InDoubt { words } => {
                lines.add("Gezien", "Seen", words.clone());
            }
            End::KeptBack { step, words } => {
                lines.same("Stap", "Step", step.clause());
                lines.add("Reden", "Reason", words.clone());
            }
        }
    }

    fn records(&self, lines: &mut Lines) {
        let Some(records) = &self.records else { return };
        let label = Words::new("NTA-record van de ontvanger", "The recipient's NTA record");
        lines.0.push(Told { label, text: record_words(&records.recipient) });
        if let Some(supplier) = &records.supplier {
            let nl = format!("Record van leverancier {}", supplier.mark);
            let en = format!("Record of the supplier {}", supplier.mark);
            let text = record_words(&supplier.seen);
            lines.0.push(Told { label: Words::new(nl, en), text });
        }
        let label = Words::new("Eigen NTA-record", "Own NTA record");
        lines.0.push(Told { label, text: record_words(&records.sender) });
    }
}

/// Lines as they are collected.
struct Lines(Vec<Told>);

impl Lines {
    fn add(&mut self, nl: &str, en: &str, text: Words) {
        self.0.push(Told { label: Words::new(nl, en), text });
    }

    /// A value that is the same in every language.
    fn same(&mut self, nl: &str, en: &str, text: &str) {
        self.add(nl, en, Words::said(text));
    }
}

impl Tls {
    fn told(&self, lines: &mut Lines) {
        lines.add("Bewijs", "Proof", self.proof.words());
        let digest = &self.certificate_sha256;
        let units = match self.units.as_slice() {
            [] => String::new(),
            units => format!("; OU {}", units.join(", ")),
        };
        let certificate = format!("SHA-256 {digest}; {}{units}", self.subject);
        lines.same("Certificaat", "Certificate", &certificate);
        let group = self.group.as_ref().map(|group| format!(", {group}")).unwrap_or_default();
        let tls = format!("{}, {}{group}", self.protocol, self.suite);
        lines.same("Versleuteling", "Encryption", &tls);
        let graded = |words: fn(Grade) -> &'static str| {
            let each =
                self.profiles.iter().map(|(name, grade)| format!("{name}: {}", words(*grade)));
            each.collect::<Vec<_>>().join("; ")
        };
        lines.add("TLS-richtlijn", "TLS guideline", Words::new(graded(grade_nl), graded(grade_en)));
        lines.add("OCSP", "OCSP", ocsp_words(self.ocsp));
        if let Some(bits) = self.rsa_bits.filter(|bits| *bits < RSA_REPORTED_BELOW) {
            let nl = format!("RSA-sleutel van {bits} bits; de gids vraagt 3072");
            let en = format!("an RSA key of {bits} bits; the guide asks for 3072");
            lines.add("Opmerking", "Remark", Words::new(nl, en));
        }
    }
}

impl Matched {
    fn words(&self) -> Words {
        match self {
            Self::Dane { usage, selector, matching, data } => {
                let record = format!("TLSA {usage} {selector} {matching} {data}");
                let nl = format!("DANE: het certificaat past bij {record}");
                Words::new(nl, format!("DANE: the certificate matches {record}"))
            }
            Self::Pkix { name } => Words::new(
                format!(
                    "het certificaat is geldig, van een vertrouwde uitgever, en op naam van {name}"
                ),
                format!("the certificate is valid, of a trusted issuer, and for the name {name}"),
            ),
            Self::Ou { name, mark } => Words::new(
                format!(
                    "het certificaat is geldig, van een vertrouwde uitgever, op naam van {name}, en \
                     draagt het kenmerk {mark} (OU)"
                ),
                format!(
                    "the certificate is valid, of a trusted issuer, for the name {name}, and has the \
                     mark {mark} (OU)"
                ),
            ),
        }
    }
}

fn host_words(host: &Host) -> Words {
    let at = host.address.map(|at| format!(" ({at})")).unwrap_or_default();
    let (nl, en) = match host.required.as_deref() {
        Some("dane") => ("; moest zich bewijzen met DANE", "; had to prove itself by DANE"),
        Some("ou") => (
            "; moest een geldig certificaat met het kenmerk van een leverancier tonen (bijlage B)",
            "; had to show a valid certificate with the mark of a supplier (annex B)",
        ),
        Some(_) => (
            "; moest een geldig certificaat op zijn naam tonen (bijlage C)",
            "; had to show a valid certificate with its name (annex C)",
        ),
        None => ("", ""),
    };
    Words::new(format!("{}{at}{nl}", host.name), format!("{}{at}{en}", host.name))
}

fn record_words(seen: &RecordSeen) -> Words {
    let domain = seen.domain.as_ref().map(mail::Domain::to_unicode).unwrap_or_default();
    let (nl, en) = match (&seen.record, seen.security) {
        (Some(record), Some(security)) => {
            let (nl, en) = security_words(security);
            (format!("\"{record}\", {nl}"), format!("\"{record}\", {en}"))
        }
        (_, Some(security @ (Security::Bogus | Security::Indeterminate))) => {
            let (nl, en) = security_words(security);
            (nl.to_owned(), en.to_owned())
        }
        (_, Some(security)) => {
            let (nl, en) = security_words(security);
            (format!("geen dat vandaag geldt, {nl}"), format!("none that holds today, {en}"))
        }
        (_, None) => ("geen antwoord van de DNS".to_owned(), "no answer from DNS".to_owned()),
    };
    Words::new(format!("{domain}: {nl}"), format!("{domain}: {en}"))
}

fn security_words(security: Security) -> (&'static str, &'static str) {
    match security {
        Security::Secure => ("met DNSSEC bewezen", "proved by DNSSEC"),
        Security::Insecure => ("niet met DNSSEC beveiligd", "not secured by DNSSEC"),
        Security::Bogus => {
            ("de handtekening (DNSSEC) klopt niet", "the signature (DNSSEC) is wrong")
        }
        Security::Indeterminate => (
            "of het ondertekend hoort te zijn, was niet vast te stellen",
            "whether it ought to be signed could not be told",
        ),
    }
}

fn grade_nl(grade: Grade) -> &'static str {
    match grade {
        Grade::Insufficient => "onvoldoende",
        Grade::Sufficient => "voldoende",
        Grade::Good => "goed",
    }
}

fn grade_en(grade: Grade) -> &'static str {
    match grade {
        Grade::Insufficient => "insufficient",
        Grade::Sufficient => "sufficient",
        Grade::Good => "good",
    }
}

fn ocsp_words(ocsp: Ocsp) -> Words {
    let (nl, en) = match ocsp {
        Ocsp::Absent => ("niet meegestuurd", "not stapled"),
        Ocsp::Good => ("niet ingetrokken, zegt de uitgever", "not revoked, says the issuer"),
        Ocsp::Revoked => ("ingetrokken", "revoked"),
        Ocsp::Unknown => ("onbekend bij de uitgever", "unknown to the issuer"),
        Ocsp::Foreign => ("gaat over een ander certificaat", "about another certificate"),
        Ocsp::Stale => ("verlopen", "out of date"),
        Ocsp::Unproved => ("niet door de uitgever ondertekend", "not signed by the issuer"),
    };
    Words::new(nl, en)
}

#[cfg(test)]
mod tests {
    use mail::{Address, Domain};

    use super::super::{Records, Way};
    use super::*;
    use crate::facts::{RecipientFacts, Route, Seen, SenderFacts, SupplierFacts, Trouble};
    use crate::plan::Step;
    use crate::record::{Claim, Provider, SupplierClaim, Txt};

    const RECORD: &str = "v=NTA7516-1;startdate=2026-01;enddate=2028-12;provider=merk";

    fn now() -> jiff::Timestamp {
        "2026-11-23T12:00:00Z".parse().unwrap()
    }

    fn records(security: Security) -> Records {
        let domain = Domain::parse("zorg.example").unwrap();
        let claim = Claim::read(&[Txt::join([RECORD.as_bytes()], 3600)]);
        let supplier = "version=NTA7516-1;startdate:2020-01;enddate:2035-12";
        let supplier = SupplierClaim::read(&[Txt::join([supplier.as_bytes()], 3600)]);
        let recipient = RecipientFacts {
            address: Address::parse("jan@zorg.example").unwrap(),
            claim: Ok(Seen::new(security, claim)),
            hosts: Ok(Seen::secure(Vec::new())),
            null_mx: false,
            supplier: Some(SupplierFacts {
                mark: Provider::parse("merk").unwrap(),
                domain: Domain::parse("merk.example").unwrap(),
                claim: Ok(Seen::secure(supplier)),
            }),
        };
        let sender = SenderFacts { domain, claim: Err(Trouble::Timeout) };
        Records::of(&sender, &recipient, now())
    }

    fn proof(way: Option<Way>, end: End) -> Proof {
        Proof::new(Address::parse("jan@zorg.example").unwrap(), now(), way, end)
    }

    fn tls(proof: Matched) -> Tls {
        Tls {
            host: "mx.zorg.example".to_owned(),
            protocol: "TLSv1_3".to_owned(),
            suite: "TLS13_AES_256_GCM_SHA384".to_owned(),
            group: Some("X25519".to_owned()),
            certificate_sha256: "ab12".to_owned(),
            subject: "CN=mx.zorg.example".to_owned(),
            units: vec!["NTA".to_owned()],
            proof,
            rsa_bits: Some(2048),
            profiles: vec![("guide-footnote-19".to_owned(), Grade::Sufficient)],
            ocsp: Ocsp::Good,
            remarks: Vec::new(),
        }
    }

    fn text(proof: &Proof) -> (String, String) {
        let lines = proof.told().into_iter();
        let each = lines.map(|line| {
            let join = |label: &str, text: &str| format!("{label}: {text}\n");
            (join(&line.label.nl, &line.text.nl), join(&line.label.en, &line.text.en))
        });
        each.unzip::<_, _, String, String>()
    }

    #[test]
    fn a_proof_tells_record_host_certificate_tls_and_reply_in_both_languages() {
        let mut proof = proof(
            Some(Way::Route(Route::Direct)),
            End::Taken { reply: "250 2.0.0 queued".to_owned() },
        );
        proof.records = Some(records(Security::Secure));
        let at = Some("192.0.2.1:25".parse().unwrap());
        let required = Some("dane".to_owned());
        proof.host = Some(Host { address: at, required, ..Host::configured("mx.zorg.example") });
        let data = "cd34".to_owned();
        proof.tls = Some(tls(Matched::Dane { usage: 3, selector: 1, matching: 1, data }));
        let name = |name: &str| name.to_owned();
        let (subject, issuer) = (name("CN=Jan"), name("CN=Uitgever"));
        proof.signed_by = Some(Signer { subject, issuer, serial: name("ef56") });
        proof.dkim = Some(Domain::parse("s1._domainkey.zorg.example").unwrap());
        let (nl, en) = text(&proof);
        for words in [RECORD, "192.0.2.1:25", "TLSA 3 1 1 cd34", "ab12", "OU NTA", "TLSv1_3"] {
            assert!(nl.contains(words) && en.contains(words), "{words}: {nl}{en}");
        }
        for words in ["met DNSSEC bewezen", "goed", "250 2.0.0 queued", "ef56", "s1._domainkey"] {
            let grade = words == "goed";
            assert_eq!(nl.contains(words), !grade, "{words}: {nl}");
        }
        assert!(nl.contains("voldoende") && nl.contains("2048") && nl.contains("merk.example"));
        assert!(nl.contains(Route::Direct.guarantee_nl()), "{nl}");
        assert!(en.contains(Route::Direct.guarantee_en()), "{en}");
    }

    #[test]
    fn a_bogus_record_is_never_shown_as_one_that_was_there() {
        let step = Step::Trusted;
        let words = Words::new("nee", "no");
        let mut proof = proof(None, End::KeptBack { step, words });
        proof.records = Some(records(Security::Bogus));
        let (nl, _) = text(&proof);
        assert!(!nl.contains("v=NTA7516-1") && nl.contains("klopt niet"), "{nl}");
        assert!(nl.contains("R-SEND-4") && !nl.contains("Waarborg"), "{nl}");
    }

    #[test]
    fn a_proof_survives_json() {
        let mut proof = proof(Some(Way::Ordinary), End::Refused { words: Words::said("550 no") });
        proof.records = Some(records(Security::Insecure));
        let mark = "NTA".to_owned();
        proof.tls = Some(tls(Matched::Ou { name: "mx.zorg.example".to_owned(), mark }));
        let text = serde_json::to_string(&proof).unwrap();
        assert_eq!(serde_json::from_str::<Proof>(&text).unwrap(), proof);
        assert!(text.contains(r#""way":"ordinary""#), "{text}");
    }
}
