//! Mail that came in, as the pages are told it. Everything here is a pure function.

use engine::choose::Offer;
use engine::incoming::{
    Alignment, Case, Claim as Claimed, Coverage, FromMatch, Incoming, Received, RecordState,
    Standing, Told, Word,
};

use super::signed::of_word;
use crate::view::{Claim, ReceivedItem, ReceivedLine, SeenState, Signed, Trust, WhySigned};
use crate::words::Words;

/// `filing`: how far its copy is with the record system.
pub(crate) fn received(words: &Words, one: &Incoming, filing: Option<&Offer>) -> ReceivedItem {
    let of = &one.received;
    let lines = [signature(words, of), author(words, of), nta(words, of), domain(words, of)];
    ReceivedItem {
        id: one.id.to_string(),
        account: one.account.to_string(),
        received_at: one.when.to_string(),
        from: one.from.clone(),
        subject: one.subject.clone(),
        trust: trust(of),
        lines: lines.into_iter().flatten().collect(),
        reasons: reasons(words, &of.reasons),
        copy: one.copy.clone(),
        filing: filing.map(|state| super::filing(words, state)),
    }
}

/// What its claims are worth, as the keyword says it too. A person is told of it unasked where they failed,
/// and there alone.
pub(crate) fn trust(of: &Received) -> Trust {
    match of.standing() {
        Standing::Proved => Trust::Proved,
        Standing::Ordinary => Trust::Ordinary,
        Standing::Later => Trust::Later,
        Standing::Partly => Trust::Partly,
        Standing::Failed => Trust::Failed,
    }
}

/// Those on which the verdict rests first, and of these the gravest.
fn reasons(words: &Words, all: &[Told]) -> Vec<WhySigned> {
    let mut sorted: Vec<&Told> = all.iter().collect();
    sorted.sort_by_key(|told| (!told.counts, core::cmp::Reverse(told.verdict)));
    let one = |told: &Told| WhySigned {
        code: told.code.clone(),
        outcome: of_word(told.verdict),
        sentence: words.pick(&told.nl, &told.en),
    };
    sorted.into_iter().map(one).collect()
}

fn signature(words: &Words, of: &Received) -> Option<ReceivedLine> {
    if !of.claims.contains(&Claimed::Signature) {
        return None;
    }
    let outcome = match (of.signature.verdict, of.signature.coverage) {
        (Word::Policy, Coverage::Partial) => Signed::Partly,
        (word, _) => of_word(word),
    };
    let (state, key) = match outcome {
        Signed::NotTrusted if of.is_of_later("revoked-since") => {
            (SeenState::Attention, "came.signature.revoked_since")
        }
        Signed::Valid => (SeenState::Good, "came.signature.valid"),
        Signed::Partly => (SeenState::Attention, "came.signature.partly"),
        Signed::NotTrusted => (SeenState::Attention, "came.signature.not_trusted"),
        Signed::NotSigned => (SeenState::NotLookedAt, "came.signature.not_signed"),
        Signed::Later => (SeenState::Unknown, "came.signature.later"),
        Signed::Unclear => (SeenState::Attention, "came.signature.unclear"),
        Signed::Broken => (SeenState::Bad, "came.signature.broken"),
    };
    Some(ReceivedLine { what: Claim::Signature, state, sentence: words.get(key) })
}

fn author(words: &Words, of: &Received) -> Option<ReceivedLine> {
    let signer = of.signer.as_ref()?;
    let who = signer.address.as_deref().unwrap_or(&signer.subject);
    let (state, key) = match of.from_match {
        FromMatch::Same => (SeenState::Good, "came.author.same"),
        FromMatch::Other => (SeenState::Bad, "came.author.stranger"),
        FromMatch::NotAsked => (SeenState::Attention, "came.author.unknown"),
    };
    Some(ReceivedLine { what: Claim::Author, state, sentence: words.with(key, "who", who) })
}

/// What the domain declares, where the mail claims to be NTA mail, or the domain that it sends such.
fn nta(words: &Words, of: &Received) -> Option<ReceivedLine> {
    let marked = of.claims.contains(&Claimed::Nta);
    let declared = of.domain.as_ref();
    let name = declared.map(|domain| domain.name.to_unicode()).unwrap_or_else(|| "?".to_owned());
    let record = declared.map_or(RecordState::Unknown, |domain| domain.record);
    // What is not there today may have been there then: it is nothing bad.
    let gone =
        [RecordState::None, RecordState::OutsidePeriod, RecordState::Faulty, RecordState::Bogus];
    let later = gone.contains(&record) && RECORD.iter().any(|code| of.is_of_later(code));
    let (state, key) = match (marked, record) {
        (true, _) if later => (SeenState::Attention, "came.nta.later"),
        (true, RecordState::Holds) => (SeenState::Good, "came.nta.holds"),
        (true, RecordState::None) => (SeenState::Bad, "came.nta.none"),
        (true, RecordState::OutsidePeriod) => (SeenState::Bad, "came.nta.period"),
        (true, RecordState::Faulty) => (SeenState::Bad, "came.nta.faulty"),
        (true, RecordState::Bogus) => (SeenState::Bad, "came.nta.bogus"),
        (true, RecordState::Unknown) => (SeenState::Unknown, "came.nta.unknown"),
        (false, _) if of.case == Some(Case::C) => (SeenState::NotLookedAt, "came.nta.unmarked"),
        (false, _) => return None,
    };
    Some(ReceivedLine { what: Claim::Nta, state, sentence: words.with(key, "domain", &name) })
}

/// Reasons against what the sender's domain declares.
const RECORD: [&str; 4] = ["no-record", "outside-period", "record-faulty", "record-bogus"];

/// Whether the author's domain sent it: by its own DKIM signature, or as the provider saw it.
fn domain(words: &Words, of: &Received) -> Option<ReceivedLine> {
    let name = of.author.as_ref()?.domain()?.to_unicode();
    let own = || of.dkim.iter().filter(|one| one.aligned == Alignment::Author);
    let provider = of.provider.as_ref();
    let seen = provider.and_then(|one| one.dmarc.or(one.dkim));
    let (state, key) = if own().any(|one| one.result == Word::Pass) {
        (SeenState::Good, "came.domain.proved")
    } else if own().any(|one| one.result == Word::Fail) || seen == Some(Word::Fail) {
        (SeenState::Bad, "came.domain.failed")
    } else if seen == Some(Word::Pass) {
        (SeenState::Good, "came.domain.provider")
    } else {
        (SeenState::NotLookedAt, "came.domain.none")
    };
    Some(ReceivedLine { what: Claim::Domain, state, sentence: words.with(key, "domain", &name) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::Language;

    /// A marked mail whose signature brings this word, with these reasons.
    fn judged(word: &str, record: &str, reasons: &[(&str, &str)]) -> ReceivedItem {
        let reasons: Vec<String> = reasons
            .iter()
            .map(|(code, seen)| {
                format!(
                    r#"{{"code":"{code}","verdict":"policy","counts":true,"seen":"{seen}",
                    "nl":"nl","en":"en"}}"#
                )
            })
            .collect();
        let json = format!(
            r#"{{"id":"01ARZ3NDEKTSV4RRFFQ69G5FAV","account":"jan@praktijk.nl",
            "when":"2026-11-26T11:00:00Z","judged_at":"2026-12-26T11:00:00Z","from":"arts@umc.nl",
            "subject":"x","verdict":"policy","case":null,"claims":["nta","signature"],"mark":"LAB",
            "author":"arts@umc.nl","receipt":{{"at":"2026-11-26T11:00:00Z","by":"provider"}},
            "domain":{{"name":"umc.nl","record":"{record}","security":"secure","supplier":null}},
            "signature":{{"verdict":"{word}","coverage":"whole","cades":true}},
            "signer":{{"subject":"Arts","address":"arts@umc.nl","anchor":"UMC",
            "revocation":"revoked","signing_time":null}},
            "from_match":true,"dkim":[],"provider":null,"reasons":[{}]}}"#,
            reasons.join(",")
        );
        let one: Incoming = serde_json::from_str(&json).unwrap();
        received(&Words::of(Language::Nl), &one, None)
    }

    fn line(item: &ReceivedItem, what: Claim) -> (SeenState, &str) {
        let line = item.lines.iter().find(|line| line.what == what).unwrap();
        (line.state, &line.sentence)
    }

    #[test]
    fn a_certificate_revoked_since_is_said_as_that_and_hides_nothing_else() {
        let since = ("revoked-since", "later");
        let item = judged("policy", "holds", &[since]);
        assert_eq!(item.trust, Trust::Partly);
        let (state, sentence) = line(&item, Claim::Signature);
        assert_eq!(state, SeenState::Attention);
        assert!(sentence.contains("ingetrokken nadat deze mail binnenkwam"), "{sentence}");
        assert_eq!(line(&item, Claim::Nta).0, SeenState::Good);
        let other = judged("policy", "holds", &[("no-path", "in_time")]);
        assert!(!line(&other, Claim::Signature).1.contains("ingetrokken"));
        assert_eq!(line(&judged("fail", "holds", &[since]), Claim::Signature).0, SeenState::Bad);
        // A record that was never there is no matter of later.
        let forged = judged("policy", "none", &[since, ("no-record", "in_time")]);
        assert_eq!(line(&forged, Claim::Nta).0, SeenState::Bad);
        assert_eq!(forged.trust, Trust::Failed);
        let gone = judged("policy", "none", &[("no-record", "later")]);
        assert_eq!(line(&gone, Claim::Nta).0, SeenState::Attention);
    }
}
