use std::fs;
use std::sync::Arc;

use jiff::SignedDuration;
use mail::Recipient;

use super::super::*;
use crate::archive::{ArchiveMeta, Direction, Gone, NewCopy, Text};
use crate::errand::Ended;
use crate::filing::{FilingState, Source};
use crate::journal::Entry;
use crate::tests::{address, at, held, hold, open, seen, vault, vault_and_keyring};
use crate::{Vault, VaultError};

fn states(vault: &Vault, id: HeldId) -> Vec<State> {
    let message = vault.get(id).unwrap();
    message.recipients.iter().map(|one| one.state).collect()
}

/// A message that was chosen to go the secure way.
fn chosen(vault: &Vault) -> HeldId {
    let id = hold(vault, "x", at(0));
    vault.choose(id, Choice::Secure, at(1)).unwrap();
    id
}

#[test]
fn what_was_held_is_there_after_a_restart() {
    let (folder, keyring, vault) = vault_and_keyring();
    let id = hold(&vault, "BSN 123456782", at(5));
    drop(vault);
    let vault = open(&folder, &keyring).unwrap();
    let message = vault.get(id).unwrap();
    let new = held("BSN 123456782");
    assert_eq!((message.account, message.envelope), (new.account, new.envelope));
    assert_eq!((message.evidence, message.created_at), (new.evidence, at(5)));
    assert_eq!(states(&vault, id), [State::Waiting, State::Waiting]);
    assert_eq!(vault.read(id).unwrap().bytes(), new.message.bytes());
    assert_eq!(vault.list().unwrap().len(), 1);
}

#[test]
fn nothing_of_it_is_readable_in_the_data_folder() {
    let (folder, _keyring, vault) = vault_and_keyring();
    let id = hold(&vault, "mevrouw Jansen, CVA", at(5));
    vault.choose(id, Choice::Ordinary { reason: "telefonisch".into() }, at(6)).unwrap();
    let mut seen = 0;
    for part in [folder.path().to_owned(), folder.path().join("bodies")] {
        for entry in fs::read_dir(part).unwrap().map(Result::unwrap) {
            let Ok(bytes) = fs::read(entry.path()) else {
                continue;
            };
            for secret in ["Jansen", "a@b.nl", "telefonisch", "praktijk"] {
                let found = bytes.windows(secret.len()).any(|part| part == secret.as_bytes());
                assert!(!found, "{secret} in {:?}", entry.file_name());
            }
            seen += 1;
        }
    }
    assert!(seen >= 5, "{seen}");
}

#[test]
fn the_same_message_again_is_held_once() {
    let (_folder, vault) = vault();
    let id = hold(&vault, "x", at(0));
    let again = vault.hold(held("x"), at(100)).unwrap();
    assert_eq!(again, Hold::Again { id, waiting: true });
    assert!(matches!(vault.hold(held("y"), at(100)).unwrap(), Hold::New(_)));
    vault.choose(id, Choice::Secure, at(101)).unwrap();
    assert_eq!(vault.hold(held("x"), at(102)).unwrap(), Hold::Again { id, waiting: false });
    let lines = vault.export_journal().unwrap();
    let answered = lines.iter().filter(|line| line.entry == Entry::DuplicateAnswered { id });
    assert_eq!(answered.count(), 2);
    let files = fs::read_dir(vault.folder().join("bodies")).unwrap().count();
    assert_eq!(files, 2);
}

#[test]
fn after_the_window_or_a_withdrawal_it_is_a_new_message() {
    let (_folder, vault) = vault();
    let id = hold(&vault, "x", at(0));
    let late = at(0) + DUPLICATE_WINDOW + SignedDuration::from_secs(1);
    assert!(matches!(vault.hold(held("x"), late).unwrap(), Hold::New(new) if new != id));
    let other = hold(&vault, "y", at(0));
    vault.choose(other, Choice::Withdraw, at(1)).unwrap();
    assert!(matches!(vault.hold(held("y"), at(2)).unwrap(), Hold::New(_)));
    // One of two was withdrawn, and is to have it after all.
    let both = hold(&vault, "z", at(0));
    let one = vault.get(both).unwrap().recipients.remove(0).address;
    let choosing = Choosing {
        choice: Choice::Withdraw,
        who: "jan".to_owned(),
        dossier: false,
        filing: None,
        recipients: Some(vec![one]),
    };
    vault.choose_with(both, &choosing, at(1)).unwrap();
    assert!(matches!(vault.hold(held("z"), at(2)).unwrap(), Hold::New(_)));
}

#[test]
fn a_clock_set_back_keeps_ids_in_order_and_swallows_nothing() {
    let (folder, keyring, vault) = vault_and_keyring();
    let first = hold(&vault, "x", at(1_000_000));
    let second = hold(&vault, "x", at(0));
    assert!(second > first, "a day-old duplicate from the future is none");
    drop(vault);
    let vault = open(&folder, &keyring).unwrap();
    let third = hold(&vault, "z", at(-500_000));
    assert!(third > second);
    let ids: Vec<HeldId> = vault.list().unwrap().iter().map(|one| one.id).collect();
    assert_eq!(ids, [first, second, third]);
}

#[test]
fn two_sessions_that_bring_the_same_message_hold_it_once() {
    let (_folder, vault) = vault();
    let vault = Arc::new(vault);
    let sessions: Vec<_> = (0..4)
        .map(|_| {
            let vault = Arc::clone(&vault);
            std::thread::spawn(move || vault.hold(held("x"), at(0)).unwrap().id())
        })
        .collect();
    let mut ids: Vec<HeldId> = sessions.into_iter().map(|one| one.join().unwrap()).collect();
    ids.dedup();
    assert_eq!(ids.len(), 1);
    assert_eq!(vault.list().unwrap().len(), 1);
}

#[test]
fn what_was_signed_is_kept_and_not_signed_anew() {
    let (_folder, vault) = vault();
    let id = chosen(&vault);
    assert!(vault.read_signed(id).unwrap().is_none());
    vault.put_signed(id, b"signed").unwrap();
    vault.put_signed(id, b"signed").unwrap();
    assert!(matches!(vault.put_signed(id, b"other"), Err(VaultError::AlreadySigned)));
    assert_eq!(vault.read_signed(id).unwrap().unwrap().bytes(), b"signed");
    assert!(vault.get(id).unwrap().signed);
}

#[test]
fn a_damaged_or_lost_file_is_said_and_nothing_else_suffers() {
    let (folder, _keyring, vault) = vault_and_keyring();
    let (one, two) = (hold(&vault, "x", at(0)), hold(&vault, "y", at(1)));
    let file = |id: HeldId| {
        let files = fs::read_dir(folder.path().join("bodies")).unwrap().map(Result::unwrap);
        let own = format!("{id}.held-");
        files.map(|e| e.path()).find(|p| p.to_string_lossy().contains(&own)).unwrap()
    };
    let (first, second) = (file(one), file(two));
    let bytes = fs::read(&first).unwrap();
    fs::copy(&second, &first).unwrap();
    assert!(matches!(vault.read(one), Err(VaultError::Corrupt { .. })), "swapped");
    fs::write(&first, &bytes[..bytes.len() - 3]).unwrap();
    assert!(matches!(vault.read(one), Err(VaultError::Corrupt { .. })), "cut");
    fs::remove_file(&first).unwrap();
    assert!(matches!(vault.read(one), Err(VaultError::Corrupt { .. })), "gone");
    assert!(vault.read(two).is_ok());
    assert_eq!(vault.list().unwrap().len(), 2);
}

#[test]
fn leftovers_of_a_killed_writer_are_swept_and_messages_stay() {
    let (folder, _keyring, vault) = vault_and_keyring();
    let id = hold(&vault, "x", at(0));
    let bodies = folder.path().join("bodies");
    fs::write(bodies.join(".tmp-1-a"), "half").unwrap();
    fs::write(bodies.join("01ARZ3NDEKTSV4RRFFQ69G5FAV.held-00000000"), "no row").unwrap();
    fs::write(folder.path().join(".tmp-1-vault.id"), "half").unwrap();
    let writing = vault.writing_bodies().unwrap();
    drop(vault.lock_engine(at(1)).unwrap());
    assert_eq!(fs::read_dir(&bodies).unwrap().count(), 3, "not while someone writes");
    drop(writing);
    drop(vault.lock_engine(at(1)).unwrap());
    assert_eq!(fs::read_dir(&bodies).unwrap().count(), 1);
    assert!(!folder.path().join(".tmp-1-vault.id").exists());
    assert!(vault.read(id).is_ok());
}

#[test]
fn ten_thousand_recipients_are_held_and_recorded() {
    let (_folder, vault) = vault();
    let mut new = held("x");
    let one = new.envelope.recipients[0].clone();
    new.envelope.recipients = (0..10_000)
        .map(|n| Recipient { address: address(&format!("p{n}@b.nl")), ..one.clone() })
        .collect();
    let id = vault.hold(new, at(0)).unwrap().id();
    let message = vault.choose(id, Choice::Secure, at(1)).unwrap();
    assert_eq!(message.in_state(State::Chosen).count(), 10_000);
}

#[test]
fn a_message_without_recipients_is_refused() {
    let (_folder, vault) = vault();
    let mut new = held("x");
    new.envelope.recipients.clear();
    assert!(vault.hold(new, at(0)).is_err());
}

#[test]
fn an_id_is_read_in_either_case_and_nothing_else_is_one() {
    let id: HeldId = "01ARZ3NDEKTSV4RRFFQ69G5FAV".parse().unwrap();
    assert_eq!("01arz3ndektsv4rrffq69g5fav".parse::<HeldId>(), Ok(id));
    for text in ["", "../vault.db", "01ARZ3NDEKTSV4RRFFQ69G5FA", "O1ARZ3NDEKTSV4RRFFQ69G5FAV"] {
        assert!(text.parse::<HeldId>().is_err(), "{text}");
    }
    let (_folder, vault) = vault();
    assert!(matches!(vault.get(id), Err(VaultError::UnknownMessage { .. })));
    assert!(matches!(vault.read(id), Err(VaultError::UnknownMessage { .. })));
}

/// Withdrawn for everybody, and taken out of Sent.
fn withdrawn(vault: &Vault, text: &str, when: i64) -> HeldId {
    let id = hold(vault, text, at(when));
    vault.choose(id, Choice::Withdraw, at(when)).unwrap();
    settle_errands(vault, id);
    id
}

fn settle_errands(vault: &Vault, id: HeldId) {
    for errand in vault.errands_of(id).unwrap() {
        vault.end_errand(errand.number, &Ended::Done(None), at(0)).unwrap();
    }
}

/// Of these, whose text is there still, once everything was discarded with which nothing happened since then.
fn left(vault: &Vault, since: i64, of: &[HeldId]) -> Vec<bool> {
    vault.discard_finished(at(since), at(99)).unwrap();
    of.iter().map(|id| !vault.get(*id).unwrap().discarded).collect()
}

#[test]
fn a_withdrawn_text_goes_with_what_was_found_in_it_once_its_time_is_over() {
    let (folder, _keyring, vault) = vault_and_keyring();
    let files = || fs::read_dir(folder.path().join("bodies")).unwrap().count();
    let id = withdrawn(&vault, "x", 5);
    vault.put_signed(id, b"signed").unwrap();
    assert_eq!(vault.discard_finished(at(5), at(9)).unwrap(), 0);
    assert!(vault.read(id).is_ok());

    assert_eq!(vault.discard_finished(at(6), at(9)).unwrap(), 1);
    assert_eq!(vault.discard_finished(at(6), at(9)).unwrap(), 0, "once");
    assert!(matches!(vault.read(id), Err(VaultError::Discarded)));
    assert!(vault.read_signed(id).unwrap().is_none());
    let message = vault.get(id).unwrap();
    assert!(message.discarded && message.evidence == "{}");
    assert_eq!((files(), states(&vault, id)), (0, vec![State::Withdrawn; 2]));
    let journal = vault.export_journal().unwrap();
    assert_eq!(journal.last().unwrap().entry, Entry::Discarded { id });
    let asked = vault.ask_filing(Source::Held(id), &address("jan@praktijk.nl"), "A", at(9));
    assert!(matches!(asked, Err(VaultError::Discarded)), "nothing is left to offer");
}

#[test]
fn a_text_that_something_is_still_to_be_done_with_stays() {
    let (_folder, vault) = vault();
    let account = address("jan@praktijk.nl");
    let waiting = hold(&vault, "waiting", at(1));
    let in_sent = hold(&vault, "in Sent", at(1));
    vault.choose(in_sent, Choice::Withdraw, at(1)).unwrap();
    let [due, refused] = ["due", "refused"].map(|text| {
        let id = withdrawn(&vault, text, 1);
        vault.ask_filing(Source::Held(id), &account, "A", at(1)).unwrap();
        id
    });
    let no = FilingState::Refused { nl: "nee".into(), en: "no".into(), said: None };
    vault.record_filing(Source::Held(refused), "A", &no, at(1)).unwrap();
    let doubted = chosen(&vault);
    let to: Vec<_> =
        vault.get(doubted).unwrap().recipients.into_iter().map(|r| r.address).collect();
    vault.begin_handover(doubted, &seen(&to), &Choice::Secure, at(2)).unwrap();
    vault.doubt_unfinished(at(3)).unwrap();
    vault.choose(doubted, Choice::Withdraw, at(3)).unwrap();
    settle_errands(&vault, doubted);
    let all = [waiting, in_sent, due, refused, doubted];
    assert_eq!(left(&vault, 50, &all), [true; 5]);

    // A stopped offer can be made anew for as long as a withdrawn message.
    vault.stop_filing(Source::Held(refused), at(50)).unwrap();
    let taken = FilingState::Filed { place: None };
    vault.record_filing(Source::Held(due), "A", &taken, at(50)).unwrap();
    settle_errands(&vault, in_sent);
    assert_eq!(left(&vault, 50, &all), [true, false, true, true, true]);
    assert_eq!(left(&vault, 51, &all), [true, false, false, false, true]);
}

#[test]
fn what_a_record_system_took_as_text_alone_stays_for_its_attachments() {
    let (_folder, vault) = vault();
    let account = address("jan@praktijk.nl");
    let filed = |place: &str| {
        let id = withdrawn(&vault, place, 1);
        vault.ask_filing(Source::Held(id), &account, "A", at(1)).unwrap();
        let taken = FilingState::Filed { place: Some(place.to_owned()) };
        vault.record_filing(Source::Held(id), "A", &taken, at(2)).unwrap();
        id
    };
    let all = [filed("/uit/01J.edi"), filed("DocumentReference/7"), filed("/dossier/01J")];
    assert_eq!(left(&vault, 50, &all), [true, false, false]);
}

#[test]
fn of_what_somebody_got_the_text_goes_with_its_copy_and_never_before() {
    let (_folder, vault) = vault();
    let id = chosen(&vault);
    let meta = ArchiveMeta {
        account: address("jan@praktijk.nl"),
        direction: Direction::Sent,
        from: None,
        recipients: Vec::new(),
        subject: "Verwijzing".to_owned(),
        sent_at: at(2),
        signed: false,
        attachments: Vec::new(),
        proofs: Vec::new(),
    };
    let to = vault.get(id).unwrap().recipients.remove(0).address;
    vault.begin_handover(id, &seen(core::slice::from_ref(&to)), &Choice::Secure, at(2)).unwrap();
    let outcome = Outcome::Sent { route: "direct".to_owned() };
    let sent = [Attempt { recipient: to, outcome, proof_json: None }];
    let copy = NewCopy { bytes: b"as sent", meta: &meta, text: &Text::EMPTY };
    let copy = vault.record_sent(id, &sent, copy, at(2)).unwrap();
    let gone = || vault.delete_copies(&[copy], &Gone::Person("jan".to_owned()), at(3)).unwrap();
    assert_eq!(gone(), 1);
    assert_eq!(left(&vault, 50, &[id]), [true], "the other is still to get it");

    vault.choose(id, Choice::Withdraw, at(60)).unwrap();
    settle_errands(&vault, id);
    assert_eq!(left(&vault, 50, &[id]), [false], "its copy was destroyed, and so is it");

    let kept = withdrawn(&vault, "kept", 1);
    let copy = NewCopy { bytes: b"other", meta: &meta, text: &Text::EMPTY };
    vault.keep_copy(kept, copy, at(2)).unwrap();
    assert_eq!(left(&vault, 50, &[kept]), [true], "of a copy that is there the text is, too");
}
