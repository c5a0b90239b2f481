use cades::{Coverage, FromMatch, SignedBy, Verdict, Word};
use nta7516::proof::Proof;
use serde::{Deserialize, Serialize};

use crate::Language;

/// A fact in words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// What it is about.
    pub label: String,
    /// What is known.
    pub text: String,
}

/// What became of the signatures of a message, in words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signature {
    /// The word of RFC 8601 section 2.7: `none`, `pass`, `policy`, `temperror`, `permerror`, `fail`.
    pub word: String,
    /// How much of the body is signed: `whole`, `partial`, `none`.
    pub coverage: String,
    /// The verdict in a few words.
    pub headline: String,
    /// The reasons, a sentence each.
    pub reasons: Vec<String>,
    /// Who signed, and how.
    pub signers: Vec<Line>,
}

impl Signature {
    /// A verdict in words.
    #[must_use]
    pub fn of(verdict: &Verdict, language: Language) -> Self {
        let reasons = verdict.reasons.iter();
        let reasons = reasons.map(|reason| language.choose(reason.dutch(), reason.english()));
        Self {
            word: word(verdict.verdict).to_owned(),
            coverage: coverage(verdict.coverage).to_owned(),
            headline: headline(verdict, language).to_owned(),
            reasons: reasons.filter(|reason| !reason.is_empty()).collect(),
            signers: verdict.signers.iter().map(|signer| line(signer, language)).collect(),
        }
    }
}

fn word(word: Word) -> &'static str {
    match word {
        Word::None => "none",
        Word::Pass => "pass",
        Word::Policy => "policy",
        Word::TempError => "temperror",
        Word::PermError => "permerror",
        Word::Fail => "fail",
    }
}

fn coverage(coverage: Coverage) -> &'static str {
    match coverage {
        Coverage::Whole => "whole",
        Coverage::Partial => "partial",
        Coverage::None => "none",
    }
}

fn headline(verdict: &Verdict, language: Language) -> &'static str {
    let (nl, en) = match (verdict.verdict, verdict.coverage) {
        _ if verdict.valid() && verdict.cades => {
            ("Geldig ondertekend (CAdES).", "Validly signed (CAdES).")
        }
        _ if verdict.valid() => ("Geldig ondertekend (S/MIME).", "Validly signed (S/MIME)."),
        (Word::None, _) => ("Niet ondertekend.", "Not signed."),
        (Word::Fail, _) => ("De handtekening klopt niet.", "The signature does not hold."),
        (Word::PermError, _) => {
            ("De handtekening is niet te beoordelen.", "The signature cannot be judged.")
        }
        (Word::TempError, _) => (
            "Over de handtekening was toen niets te zeggen.",
            "Nothing could be said about the signature at that time.",
        ),
        (_, Coverage::Partial) => ("Alleen een deel is ondertekend.", "Only a part is signed."),
        (Word::Pass | Word::Policy, _) => {
            ("Ondertekend, maar niet te vertrouwen.", "Signed, but not to be relied on.")
        }
    };
    language.choose(nl, en)
}

fn line(signer: &SignedBy, language: Language) -> Line {
    let address = signer.address.as_deref();
    let address = address.unwrap_or(language.choose("geen mailadres", "no mail address"));
    let author = match signer.from_match {
        FromMatch::Same => language.choose("is de afzender", "is the sender"),
        FromMatch::Other => language.choose("is niet de afzender", "is not the sender"),
        FromMatch::NotAsked => {
            language.choose("geen afzender om mee te vergelijken", "no sender to compare with")
        }
    };
    let mut text =
        format!("{}, {address}, {author}; {}", signer.subject, signer.algorithms.join(", "));
    if let Some(time) = signer.signing_time {
        let says = language.choose("zegt te hebben ondertekend op", "says to have signed at");
        text.push_str(&format!("; {says} {}", language.moment(time)));
    }
    Line { label: language.choose("Ondertekenaar", "Signer").to_owned(), text }
}

/// The proof of a message's way to one recipient, in the words that every screen uses.
#[must_use]
pub fn proof(proof: &Proof, language: Language) -> Vec<Line> {
    let lines = proof.told().into_iter();
    let line = |told: nta7516::proof::Told| match language {
        Language::Dutch => Line { label: told.label.nl, text: told.text.nl },
        Language::English => Line { label: told.label.en, text: told.text.en },
    };
    lines.map(line).collect()
}
