use nta7516::facts::Route;
use nta7516::proof::{End, Proof, Way};

use super::*;
use crate::archive::{ArchiveMeta, Direction, NewCopy, Text};
use crate::journal::{Entry, JournalState, Line};
use crate::tests::{address, at, hold, open, seen, vault, vault_and_keyring};
use crate::{Vault, VaultError};

fn states(vault: &Vault, id: HeldId) -> Vec<State> {
    let message = vault.get(id).unwrap();
    message.recipients.iter().map(|one| one.state).collect()
}

fn a() -> Address {
    address("a@b.nl")
}

fn c() -> Address {
    address("c@d.nl")
}

fn sent() -> Outcome {
    Outcome::Sent { route: "direct".to_owned() }
}

fn attempt((recipient, outcome): (Address, Outcome)) -> Attempt {
    Attempt { recipient, outcome, proof_json: Some(r#"{"dane":true}"#.to_owned()) }
}

/// What came of it for one recipient.
fn record(
    vault: &Vault,
    id: HeldId,
    to: &Address,
    outcome: &Outcome,
    now: Timestamp,
) -> Result<(), VaultError> {
    vault.record_results(id, &[attempt((to.clone(), outcome.clone()))], now)
}

fn temporary(next: Timestamp) -> Outcome {
    Outcome::Temporary { words: "451 4.7.1 later".to_owned(), next }
}

fn permanent() -> Outcome {
    Outcome::Permanent { words: "550 5.1.1 no such user".to_owned() }
}

/// A message that was chosen to go the secure way.
fn chosen(vault: &Vault) -> HeldId {
    let id = hold(vault, "x", at(0));
    vault.choose(id, Choice::Secure, at(1)).unwrap();
    id
}

#[test]
fn a_choice_needs_a_recipient_that_waits_or_failed() {
    let (_folder, vault) = vault();
    let id = chosen(&vault);
    let twice = vault.choose(id, Choice::Secure, at(2));
    assert!(matches!(twice, Err(VaultError::NotNow { asked: "chosen", .. })));
    vault.begin_handover(id, &seen(&[a()]), &Choice::Secure, at(3)).unwrap();
    record(&vault, id, &a(), &sent(), at(4)).unwrap();
    record(&vault, id, &c(), &permanent(), at(4)).unwrap();
    assert_eq!(states(&vault, id), [State::Sent, State::Failed]);
    vault.choose(id, Choice::Secure, at(5)).unwrap();
    assert_eq!(states(&vault, id), [State::Sent, State::Chosen]);
    assert_eq!(vault.get(id).unwrap().recipients[1].words, None, "old words are gone");
    vault.choose(id, Choice::Withdraw, at(6)).unwrap();
    assert_eq!(states(&vault, id), [State::Sent, State::Withdrawn]);
    assert!(vault.choose(id, Choice::Secure, at(7)).is_err());
    assert!(vault.get(id).unwrap().is_finished());
    assert!(vault.list().unwrap().is_empty());
}

#[test]
fn ordinary_mail_needs_a_reason() {
    let (_folder, vault) = vault();
    let id = hold(&vault, "x", at(0));
    for reason in ["", " \t"] {
        let reason = reason.to_owned();
        assert!(vault.choose(id, Choice::Ordinary { reason }, at(1)).is_err());
    }
    assert_eq!(states(&vault, id), [State::Waiting, State::Waiting]);
    let choice = Choice::Ordinary { reason: "no patient".into() };
    vault.choose(id, choice.clone(), at(1)).unwrap();
    assert_eq!(vault.get(id).unwrap().recipients[0].choice, Some(choice));
}

#[test]
fn a_choice_may_be_for_some_recipients_and_is_journalled_with_its_maker() {
    let (_folder, vault) = vault();
    let id = hold(&vault, "x", at(0));
    let choosing = Choosing {
        choice: Choice::Secure,
        who: "jan".to_owned(),
        dossier: true,
        filing: None,
        recipients: Some(vec![c()]),
    };
    let message = vault.choose_with(id, &choosing, at(1)).unwrap();
    assert!(message.dossier);
    assert_eq!(states(&vault, id), [State::Waiting, State::Chosen]);
    let entry = vault.export_journal().unwrap().pop().unwrap().entry;
    let expected = Entry::Chosen {
        id,
        who: "jan".to_owned(),
        choice: Choice::Secure,
        dossier: true,
        recipients: vec![c()],
        in_doubt: Vec::new(),
    };
    assert_eq!(entry, expected);
    let nobody = Choosing { recipients: Some(vec![address("x@y.nl")]), ..choosing };
    assert!(matches!(vault.choose_with(id, &nobody, at(2)), Err(VaultError::UnknownRecipient)));
}

#[test]
fn nothing_unchosen_or_withdrawn_is_handed_over() {
    let (_folder, vault) = vault();
    let id = hold(&vault, "x", at(0));
    assert!(vault.begin_handover(id, &seen(&[a()]), &Choice::Secure, at(1)).is_err());
    assert!(vault.due(at(9)).unwrap().is_empty());
    vault.choose(id, Choice::Secure, at(2)).unwrap();
    assert_eq!(vault.due(at(9)).unwrap(), [Due { id, recipients: vec![a(), c()] }]);
    vault.choose(id, Choice::Withdraw, at(3)).unwrap();
    assert!(vault.begin_handover(id, &seen(&[a(), c()]), &Choice::Secure, at(4)).is_err());
    assert!(vault.due(at(9)).unwrap().is_empty());
}

#[test]
fn a_choice_that_was_taken_back_or_made_anew_stops_what_was_on_its_way() {
    let (_folder, vault) = vault();
    let id = chosen(&vault);
    vault.begin_handover(id, &seen(&[a()]), &Choice::Secure, at(2)).unwrap();
    vault.take_back(id, "arts", at(3)).unwrap();
    assert_eq!(states(&vault, id), [State::Sending, State::Waiting], "not what a server has");
    assert!(vault.take_back(id, "arts", at(3)).is_err());
    assert!(vault.begin_handover(id, &seen(&[c()]), &Choice::Secure, at(4)).is_err());
    let late = Outcome::Permanent { words: "550 no".to_owned() };
    record(&vault, id, &c(), &late, at(4)).unwrap();
    assert_eq!(states(&vault, id), [State::Sending, State::Waiting], "a late answer says nothing");
    vault.choose(id, Choice::Ordinary { reason: "patiënt vroeg het".into() }, at(5)).unwrap();
    assert!(vault.begin_handover(id, &seen(&[c()]), &Choice::Secure, at(6)).is_err());
    let ordinary = Choice::Ordinary { reason: String::new() };
    vault.begin_handover(id, &seen(&[c()]), &ordinary, at(6)).unwrap();
    let taken = |line: &Line| matches!(&line.entry, Entry::TakenBack { who, .. } if who == "arts");
    assert_eq!(vault.export_journal().unwrap().iter().filter(|line| taken(line)).count(), 1);
}

#[test]
fn a_handover_is_for_all_named_or_for_none() {
    let (_folder, vault) = vault();
    let id = chosen(&vault);
    vault.begin_handover(id, &seen(&[a()]), &Choice::Secure, at(2)).unwrap();
    assert!(vault.begin_handover(id, &seen(&[a(), c()]), &Choice::Secure, at(3)).is_err());
    assert_eq!(states(&vault, id), [State::Sending, State::Chosen]);
    assert!(vault.choose(id, Choice::Withdraw, at(3)).is_ok(), "withdraws the other one");
    assert_eq!(states(&vault, id), [State::Sending, State::Withdrawn]);
}

#[test]
fn a_temporary_failure_is_due_again_at_its_time() {
    let (folder, keyring, vault) = vault_and_keyring();
    let id = chosen(&vault);
    record(&vault, id, &a(), &temporary(at(300)), at(10)).unwrap();
    record(&vault, id, &c(), &temporary(at(600)), at(10)).unwrap();
    assert!(vault.due(at(299)).unwrap().is_empty());
    assert_eq!(vault.next_due(at(299)).unwrap(), Some(at(300)));
    drop(vault);
    let vault = open(&folder, &keyring).unwrap();
    assert_eq!(vault.due(at(300)).unwrap(), [Due { id, recipients: vec![a()] }]);
    assert_eq!(vault.next_due(at(300)).unwrap(), Some(at(600)));
    let message = vault.get(id).unwrap();
    assert_eq!(message.recipients[0].attempts, 1);
    assert_eq!(message.recipients[0].words.as_deref(), Some("451 4.7.1 later"));
}

#[test]
fn a_clock_set_back_does_not_put_a_retry_off() {
    let (_folder, vault) = vault();
    let id = chosen(&vault);
    record(&vault, id, &a(), &temporary(at(10_300)), at(10_000)).unwrap();
    record(&vault, id, &c(), &temporary(at(10_300)), at(10_000)).unwrap();
    assert!(vault.due(at(10_100)).unwrap().is_empty());
    assert_eq!(vault.due(at(0)).unwrap().len(), 1);
}

#[test]
fn an_engine_that_was_killed_in_a_handover_leaves_doubt_and_no_retry() {
    let (folder, keyring, vault) = vault_and_keyring();
    let id = chosen(&vault);
    vault.begin_handover(id, &seen(&[a()]), &Choice::Secure, at(2)).unwrap();
    drop(vault);
    let vault = open(&folder, &keyring).unwrap();
    assert_eq!(
        states(&vault, id)[0],
        State::Sending,
        "a command beside the engine changes nothing"
    );
    let _lock = vault.lock_engine(at(3)).unwrap();
    let message = vault.get(id).unwrap();
    assert_eq!(
        (message.recipients[0].state, message.recipients[0].in_doubt),
        (State::Failed, true)
    );
    // What was seen before is told after it.
    let proof = message.recipients[0].proof_json.as_deref().unwrap();
    let proof: Proof = serde_json::from_str(proof).unwrap();
    assert_eq!((proof.at, proof.host.unwrap().name.as_str()), (at(2), "mx.b.nl"));
    assert_eq!(proof.way, Some(Way::Route(Route::Direct)));
    let End::InDoubt { words } = proof.end else { panic!("{:?}", proof.end) };
    assert!(words.nl.contains("programma eindigde") && words.en.contains("ended"), "{words:?}");
    let journal = serde_json::to_string(&vault.export_journal().unwrap()).unwrap();
    assert_eq!(journal.matches("mx.b.nl").count(), 1, "{journal}");
    assert_eq!(vault.due(at(99)).unwrap(), [Due { id, recipients: vec![c()] }]);
    vault.choose(id, Choice::Secure, at(4)).unwrap();
    let message = vault.get(id).unwrap();
    assert_eq!(
        (message.recipients[0].state, message.recipients[0].in_doubt),
        (State::Chosen, false)
    );
    let entry = vault.export_journal().unwrap().pop().unwrap().entry;
    assert!(matches!(entry, Entry::Chosen { in_doubt, .. } if in_doubt == [a()]));
}

#[test]
fn who_is_asked_elsewhere_is_due_again_in_the_same_attempt() {
    let (folder, keyring, vault) = vault_and_keyring();
    let id = chosen(&vault);
    vault.begin_handover(id, &seen(&[a()]), &Choice::Secure, at(2)).unwrap();
    let not_here = Outcome::NotHere { words: "451 4.3.0 later".to_owned() };
    record(&vault, id, &a(), &not_here, at(3)).unwrap();
    let one = vault.get(id).unwrap().recipients.remove(0);
    assert_eq!((one.state, one.in_doubt, one.attempts), (State::Chosen, false, 0));
    assert_eq!(one.words.as_deref(), Some("451 4.3.0 later"));
    // Who dies before the next server is given the end has lost nothing, and is in no doubt.
    drop(vault);
    let vault = open(&folder, &keyring).unwrap();
    let _lock = vault.lock_engine(at(4)).unwrap();
    assert_eq!(vault.due(at(4)).unwrap(), [Due { id, recipients: vec![a(), c()] }]);
    vault.begin_handover(id, &seen(&[a()]), &Choice::Secure, at(5)).unwrap();
    record(&vault, id, &a(), &sent(), at(6)).unwrap();
    assert_eq!(vault.get(id).unwrap().recipients[0].attempts, 1);
}

#[test]
fn an_outcome_needs_the_state_it_follows() {
    let (_folder, vault) = vault();
    let id = hold(&vault, "x", at(0));
    assert!(record(&vault, id, &a(), &sent(), at(1)).is_err());
    vault.choose(id, Choice::Secure, at(1)).unwrap();
    assert!(record(&vault, id, &a(), &sent(), at(2)).is_err(), "no hand-over was begun");
    vault.begin_handover(id, &seen(&[a()]), &Choice::Secure, at(3)).unwrap();
    record(&vault, id, &a(), &sent(), at(4)).unwrap();
    assert!(record(&vault, id, &a(), &permanent(), at(5)).is_err(), "sent is final");
    let recipient = vault.get(id).unwrap().recipients.remove(0);
    assert_eq!(recipient.proof_json.as_deref(), Some(r#"{"dane":true}"#));
    assert_eq!(recipient.route.as_deref(), Some("direct"));
    assert!(!recipient.in_doubt);
}

#[test]
fn kept_back_waits_with_its_reason() {
    let (_folder, vault) = vault();
    let id = chosen(&vault);
    let reason = Reason { nl: "geen record".into(), en: "no record".into() };
    let kept = Outcome::Kept { step: "R-SEND-3".into(), reason: reason.clone() };
    record(&vault, id, &c(), &kept, at(2)).unwrap();
    let recipient = vault.get(id).unwrap().recipients.remove(1);
    assert_eq!(recipient.state, State::Waiting);
    assert_eq!((recipient.step.as_deref(), recipient.reason), (Some("R-SEND-3"), Some(reason)));
}

#[test]
fn a_servers_words_are_kept_within_bounds() {
    let (_folder, vault) = vault();
    let id = chosen(&vault);
    let words = format!("550 {}\r\n\0é", "x".repeat(10_000));
    record(&vault, id, &a(), &Outcome::Permanent { words }, at(2)).unwrap();
    let words = vault.get(id).unwrap().recipients[0].words.clone().unwrap();
    assert!(words.len() <= 4_000 && !words.contains(char::is_control));
}

#[test]
fn the_journal_tells_the_whole_story() {
    let (_folder, vault) = vault();
    let id = chosen(&vault);
    vault.begin_handover(id, &seen(&[a(), c()]), &Choice::Secure, at(2)).unwrap();
    let results = [(a(), sent()), (c(), temporary(at(60)))].map(attempt);
    vault.record_results(id, &results, at(3)).unwrap();
    let lines = vault.export_journal().unwrap();
    let kinds: Vec<String> = lines
        .iter()
        .map(|line| serde_json::to_value(&line.entry).unwrap()["kind"].to_string())
        .collect();
    let expected = ["held", "chosen", "handover_begun", "delivered", "deferred", "attempted"];
    assert_eq!(kinds, expected.map(|kind| format!("\"{kind}\"")));
    assert_eq!(vault.verify_journal().unwrap(), JournalState::Whole { entries: 6 });
    assert!(!serde_json::to_string(&lines).unwrap().contains("Subject"));
}

#[test]
fn who_is_withdrawn_while_another_is_handed_over_does_not_undo_what_the_server_said() {
    let (_folder, vault) = vault();
    let id = chosen(&vault);
    vault.begin_handover(id, &seen(&[a()]), &Choice::Secure, at(2)).unwrap();
    vault.choose(id, Choice::Withdraw, at(3)).unwrap();
    vault.record_results(id, &[(c(), permanent()), (a(), sent())].map(attempt), at(4)).unwrap();
    assert_eq!(states(&vault, id), [State::Sent, State::Withdrawn]);
    let lines = vault.export_journal().unwrap();
    assert!(lines.iter().all(|line| !matches!(line.entry, Entry::Failed { .. })));
}

#[test]
fn what_counts_as_sent_has_its_copy_and_where_that_cannot_be_kept_neither_stands() {
    let (_folder, vault) = vault();
    let id = chosen(&vault);
    let meta = ArchiveMeta {
        account: address("jan@praktijk.nl"),
        direction: Direction::Sent,
        from: None,
        recipients: vec![a()],
        subject: "x".to_owned(),
        sent_at: at(3),
        signed: true,
        attachments: Vec::new(),
        proofs: Vec::new(),
    };
    static NO_TEXT: Text = Text::EMPTY;
    fn new(meta: &ArchiveMeta) -> NewCopy<'_> {
        NewCopy { bytes: b"as sent", meta, text: &NO_TEXT }
    }
    let results = [(a(), sent()), (c(), permanent())].map(attempt);
    let early = vault.record_sent(id, &results, new(&meta), at(2));
    assert!(matches!(early, Err(VaultError::NotNow { .. })), "no hand-over was begun");
    assert!(vault.list_copies().unwrap().is_empty());
    vault.begin_handover(id, &seen(&[a()]), &Choice::Secure, at(3)).unwrap();
    let copy = vault.record_sent(id, &results, new(&meta), at(4)).unwrap();
    assert_eq!(states(&vault, id), [State::Sent, State::Failed]);
    assert_eq!(vault.read_copy(copy).unwrap().bytes(), b"as sent");
    // The other one later, in the same form: one copy with both.
    vault.choose(id, Choice::Secure, at(5)).unwrap();
    vault.begin_handover(id, &seen(&[c()]), &Choice::Secure, at(6)).unwrap();
    let both = ArchiveMeta { recipients: vec![c()], ..meta };
    let again = vault.record_sent(id, &[attempt((c(), sent()))], new(&both), at(7)).unwrap();
    assert_eq!(again, copy);
    assert_eq!(states(&vault, id), [State::Sent, State::Sent]);
    assert_eq!(vault.list_copies().unwrap()[0].meta.recipients, [a(), c()]);
}
