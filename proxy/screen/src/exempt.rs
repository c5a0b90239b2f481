//! Mail that is not asked about because all its recipients are in exempt domains.

use std::sync::Arc;

use extract::{Limits, Origin};
use mail::{Domain, Envelope, Message};
use settings::Unreadable;
use worker::Workers;

use crate::{Evidence, Unread, Why, reader_failed};

/// Whether every recipient is in one of these domains. A domain stands for itself alone.
#[must_use]
pub fn is_exempt(domains: &[Domain], envelope: &Envelope) -> bool {
    let within = |domain: &Domain| domains.contains(domain);
    let mut recipients = envelope.recipients.iter().map(|one| one.address.domain());
    !envelope.recipients.is_empty() && recipients.all(|domain| domain.is_some_and(within))
}

/// What is known of a message that goes to exempt domains alone: nothing is looked for in it. What
/// it answers or forwards is read all the same, also where the original lies in a file, for
/// R-CONT-1; the identifiers are given beside. A file whose reader failed may hold such an original.
pub async fn judge_aside(
    workers: Arc<Workers>,
    unreadable: Unreadable,
    message: Message,
) -> (Evidence, Vec<String>) {
    let read = tokio::task::spawn_blocking(move || {
        let extract = workers.extract(&message, &Limits::default());
        let subject = extract.pieces.iter().find(|piece| piece.origin == Origin::Subject);
        let subject = subject.map(|piece| piece.text.clone()).unwrap_or_default();
        let failed: Vec<Unread> =
            extract.opaque.iter().filter(|one| reader_failed(one)).map(crate::unread).collect();
        let why = if extract.claims_nta {
            Some(Why::GoesOnFromNta)
        } else if unreadable == Unreadable::Hold && failed.iter().any(|one| one.document) {
            Some(Why::CannotLookInside)
        } else {
            None
        };
        (Evidence { unread: failed, ..evidence(Some(subject), why) }, extract.references)
    });
    // What could not be read is held to be safe (invariant 2).
    read.await.unwrap_or_else(|_| (evidence(None, Some(Why::CannotJudge)), Vec::new()))
}

fn evidence(subject: Option<String>, why: Option<Why>) -> Evidence {
    let (marks, unread) = (Vec::new(), Vec::new());
    Evidence { subject, why, score: 0.0, level: detect::Level::None, marks, unread }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use mail::{Address, Recipient};

    use super::*;

    fn to(all: &[&str]) -> Envelope {
        let one =
            |text: &&str| Recipient { address: Address::parse(text).unwrap(), params: Vec::new() };
        Envelope {
            reverse_path: None,
            params: Vec::new(),
            recipients: all.iter().map(one).collect(),
        }
    }

    #[test]
    fn only_mail_whose_recipients_are_all_in_exempt_domains_is_exempt() {
        let domains = [Domain::parse("zorg.nl").unwrap(), Domain::parse("poli.nl").unwrap()];
        for (recipients, exempt) in [
            (&["a@zorg.nl"][..], true),
            (&["a@ZORG.nl", "b@poli.nl"][..], true),
            (&["a@zorg.nl", "b@elders.nl"][..], false),
            (&["a@afdeling.zorg.nl"][..], false),
            (&["a@zorg.nl.elders.nl"][..], false),
            (&["a@[192.0.2.1]"][..], false),
            (&[][..], false),
        ] {
            assert_eq!(is_exempt(&domains, &to(recipients)), exempt, "{recipients:?}");
        }
        assert!(!is_exempt(&[], &to(&["a@zorg.nl"])));
    }

    async fn judge(unreadable: Unreadable, text: &str) -> (Evidence, Vec<String>) {
        let workers = Arc::new(Workers::new("/nergens/zorgzegel-worker".into()));
        judge_aside(workers, unreadable, Message::new(text.as_bytes().to_vec())).await
    }

    #[tokio::test]
    async fn nothing_is_looked_for_and_an_answer_to_nta_mail_is_still_known() {
        let health = "Subject: CVA\r\n\r\nBSN 123456782, dhr. Jansen, geb. 12-03-1956, CVA\r\n";
        let (evidence, references) = judge(Unreadable::Hold, health).await;
        assert_eq!((evidence.why, evidence.subject.as_deref()), (None, Some("CVA")));
        assert!(references.is_empty());
        let answer = format!("In-Reply-To: <1@zorg.nl>\r\n{health}");
        let (_, references) = judge(Unreadable::Hold, &answer).await;
        assert_eq!(references, ["<1@zorg.nl>"]);
        let forward =
            "Content-Type: message/rfc822\r\n\r\nX-NTA7516: zorgpost\r\nSubject: x\r\n\r\ny\r\n";
        let (evidence, _) = judge(Unreadable::Hold, forward).await;
        assert_eq!(evidence.why, Some(Why::GoesOnFromNta));
    }

    #[tokio::test]
    async fn a_file_whose_reader_failed_waits_and_one_of_a_kind_that_is_not_read_goes() {
        let file = |kind: &str| {
            format!("Content-Type: {kind}\r\nContent-Transfer-Encoding: base64\r\n\r\nAAAA\r\n")
        };
        let mail = file("message/rfc822");
        let (evidence, _) = judge(Unreadable::Hold, &mail).await;
        assert_eq!((evidence.why, evidence.unread.len()), (Some(Why::CannotLookInside), 1));
        assert_eq!(judge(Unreadable::Pass, &mail).await.0.why, None);
        let (evidence, _) = judge(Unreadable::Hold, &file("video/mp4")).await;
        assert_eq!((evidence.why, evidence.unread.len()), (None, 0));
    }
}
