use nta7516::proof::{Host, Words};

use super::*;
use crate::archive::{ArchiveMeta, Direction, NewCopy, Text};
use crate::outbox::{Choice, Choosing};
use crate::tests::{address, at, hold, open, seen, vault, vault_and_keyring};

fn attempt(to: &str, outcome: Outcome) -> Attempt {
    Attempt { recipient: address(to), outcome, proof_json: None }
}

fn refused(to: &str) -> Attempt {
    attempt(to, Outcome::Permanent { words: "550 5.1.1 no such user".to_owned() })
}

fn sent(to: &str) -> Attempt {
    attempt(to, Outcome::Sent { route: "direct".to_owned() })
}

fn chosen(vault: &Vault, text: &str) -> HeldId {
    let id = hold(vault, text, at(0));
    vault.choose(id, Choice::Secure, at(1)).unwrap();
    id
}

fn signed(signed: bool) -> ArchiveMeta {
    ArchiveMeta {
        account: address("jan@praktijk.nl"),
        direction: Direction::Sent,
        from: None,
        recipients: vec![address("a@b.nl")],
        subject: String::new(),
        sent_at: at(2),
        signed,
        attachments: Vec::new(),
        proofs: Vec::new(),
    }
}

#[test]
fn who_does_not_get_a_message_is_noted_in_the_step_that_records_it() {
    let (folder, keyring, vault) = vault_and_keyring();
    let id = chosen(&vault, "x");
    let words = Words::new("mx weg", "mx gone");
    let mut proof =
        Proof::new(address("c@d.nl"), at(2), None, End::Refused { words: words.clone() });
    proof.host =
        Some(Host { name: "mx.d.nl".to_owned(), priority: None, address: None, required: None });
    let expired = Attempt {
        proof_json: serde_json::to_string(&proof).ok(),
        ..attempt("c@d.nl", Outcome::Expired { words: words.en.clone() })
    };
    vault.record_results(id, &[refused("a@b.nl"), expired], at(2)).unwrap();
    drop(vault);
    // It is there after a restart.
    let vault = open(&folder, &keyring).unwrap();
    assert_eq!(vault.next_errand().unwrap(), Some(at(2)));
    assert!(vault.due_errands(at(1)).unwrap().is_empty());
    let due = vault.due_errands(at(2)).unwrap();
    let [errand] = due.as_slice() else { panic!("{due:?}") };
    assert_eq!((errand.message, errand.attempts, errand.begun_at), (id, 0, None));
    assert_eq!(errand.account, address("jan@praktijk.nl"));
    let Task::Notice { failed } = &errand.task else { panic!("{errand:?}") };
    let told: Vec<_> =
        failed.iter().map(|one| (one.kind, one.why.en.as_str(), one.host.as_deref())).collect();
    let expected = [
        (FailureKind::Refused, "550 5.1.1 no such user", None),
        (FailureKind::Expired, "mx gone", Some("mx.d.nl")),
    ];
    assert_eq!(told, expected);
    assert_eq!(failed[1].why.nl, "mx weg");
}

#[test]
fn what_did_not_fail_for_good_is_no_errand() {
    let (_folder, vault) = vault();
    let id = chosen(&vault, "x");
    let later = Outcome::Temporary { words: "451".to_owned(), next: at(9) };
    let reason = Reason { nl: String::new(), en: String::new() };
    let kept = Outcome::Kept { step: "R-SEND-3".to_owned(), reason };
    let results = [attempt("a@b.nl", later), attempt("c@d.nl", kept)];
    vault.record_results(id, &results, at(2)).unwrap();
    // What a person withdrew meanwhile has not failed either.
    vault.choose(id, Choice::Secure, at(3)).unwrap();
    let only = Choosing {
        choice: Choice::Withdraw,
        who: "jan".to_owned(),
        dossier: false,
        filing: None,
        recipients: Some(vec![address("a@b.nl")]),
    };
    vault.choose_with(id, &only, at(4)).unwrap();
    vault.record_results(id, &[refused("a@b.nl")], at(5)).unwrap();
    assert_eq!(vault.errands_of(id).unwrap(), []);
}

#[test]
fn an_errand_is_put_off_and_done_once() {
    let (_folder, vault) = vault();
    let id = chosen(&vault, "x");
    vault.record_results(id, &[refused("a@b.nl")], at(2)).unwrap();
    let number = vault.due_errands(at(2)).unwrap()[0].number;
    // What the server refused does not lie there.
    vault.begin_errand(number, at(2)).unwrap();
    vault.unbegin_errand(number).unwrap();
    assert_eq!(vault.due_errands(at(2)).unwrap()[0].begun_at, None);
    vault.begin_errand(number, at(3)).unwrap();
    vault.begin_errand(number, at(4)).unwrap();
    assert_eq!(vault.due_errands(at(4)).unwrap()[0].put_at, None);
    vault.note_put(number, at(4)).unwrap();
    vault.note_put(number, at(5)).unwrap();
    assert_eq!(vault.due_errands(at(4)).unwrap()[0].put_at, Some(at(4)));
    let trouble = Some(Reason { nl: "weg".to_owned(), en: "gone".to_owned() });
    let later = Ended::Later { trouble: trouble.clone(), next: at(60) };
    vault.end_errand(number, &later, at(5)).unwrap();
    assert!(vault.due_errands(at(59)).unwrap().is_empty());
    let due = vault.due_errands(at(60)).unwrap();
    assert_eq!((due[0].attempts, due[0].begun_at, &due[0].trouble), (1, Some(at(3)), &trouble));
    // A clock that was set back hides nothing.
    assert_eq!(vault.due_errands(at(4)).unwrap().len(), 1);
    vault.end_errand(number, &Ended::Done(Some(Entry::Notified { id })), at(61)).unwrap();
    assert_eq!(vault.next_errand().unwrap(), None);
    assert!(
        vault.export_journal().unwrap().iter().any(|line| line.entry == Entry::Notified { id })
    );
}

#[test]
fn what_was_sent_signed_or_withdrawn_for_all_is_an_errand_for_the_folder_sent() {
    let (_folder, vault) = vault();
    let tasks = |id| -> Vec<Task> {
        vault.errands_of(id).unwrap().into_iter().map(|errand| errand.task).collect()
    };
    let id = chosen(&vault, "signed");
    for to in ["a@b.nl", "c@d.nl"] {
        vault.begin_handover(id, &seen(&[address(to)]), &Choice::Secure, at(2)).unwrap();
        let copy = NewCopy { bytes: b"copy", meta: &signed(true), text: &Text::EMPTY };
        vault.record_sent(id, &[sent(to)], copy, at(3)).unwrap();
    }
    assert_eq!(tasks(id), [Task::Sent]);

    let id = hold(&vault, "ordinary", at(0));
    vault.choose(id, Choice::Ordinary { reason: "x".to_owned() }, at(1)).unwrap();
    let way = Choice::Ordinary { reason: String::new() };
    vault.begin_handover(id, &seen(&[address("a@b.nl")]), &way, at(2)).unwrap();
    let copy = NewCopy { bytes: b"copy 2", meta: &signed(false), text: &Text::EMPTY };
    vault.record_sent(id, &[sent("a@b.nl")], copy, at(3)).unwrap();
    vault.choose(id, Choice::Withdraw, at(4)).unwrap();
    assert_eq!(tasks(id), [], "someone has it, as it lies in Sent");

    let id = hold(&vault, "withdrawn", at(0));
    let withdraw = |to: &str| Choosing {
        choice: Choice::Withdraw,
        who: "jan".to_owned(),
        dossier: false,
        filing: None,
        recipients: Some(vec![address(to)]),
    };
    vault.choose_with(id, &withdraw("a@b.nl"), at(1)).unwrap();
    assert_eq!(tasks(id), []);
    vault.choose_with(id, &withdraw("c@d.nl"), at(2)).unwrap();
    assert_eq!(tasks(id), [Task::Withdrawn]);
}

#[test]
fn a_recipient_who_failed_again_while_a_notice_waited_is_told_of_once_whichever_goes_first() {
    let (_folder, vault) = vault();
    let id = chosen(&vault, "x");
    let told = || -> Vec<(i64, Vec<String>)> {
        let errands = vault.errands_of(id).unwrap().into_iter();
        let one = |errand: Errand| {
            let Task::Notice { failed } = errand.task else { panic!("a notice") };
            (errand.number, failed.iter().map(|one| one.recipient.to_string()).collect())
        };
        errands.map(one).collect()
    };
    let again = |to: &str, time: i64| {
        let choosing = Choosing {
            choice: Choice::Secure,
            who: "jan".to_owned(),
            dossier: false,
            filing: None,
            recipients: Some(vec![address(to)]),
        };
        vault.choose_with(id, &choosing, at(time)).unwrap();
        vault.record_results(id, &[refused(to)], at(time + 1)).unwrap();
    };
    let list = |told: &[&str]| told.iter().map(|one| (*one).to_owned()).collect::<Vec<_>>();
    vault.record_results(id, &[refused("a@b.nl"), refused("c@d.nl")], at(2)).unwrap();
    let first = told()[0].0;
    again("a@b.nl", 3);
    let second = told()[1].0;
    let expected = [(first, list(&["c@d.nl"])), (second, list(&["a@b.nl"]))];
    assert_eq!(told(), expected, "the last word is told");
    // The older has nobody left to tell of, and goes; one that may lie in the mailbox stays.
    again("c@d.nl", 5);
    let third = told()[1].0;
    assert_eq!(told(), [(second, list(&["a@b.nl"])), (third, list(&["c@d.nl"]))]);
    vault.begin_errand(second, at(7)).unwrap();
    again("a@b.nl", 8);
    let fourth = told()[2].0;
    let (gone, c, a) = (Vec::new(), list(&["c@d.nl"]), list(&["a@b.nl"]));
    assert_eq!(told(), [(second, gone), (third, c), (fourth, a)]);
}
