use std::fs;
use std::sync::Arc;

use jiff::SignedDuration;
use mail::Recipient;

use super::super::*;
use crate::journal::Entry;
use crate::tests::{address, at, held, hold, open, vault, vault_and_keyring};
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
fn a_discarded_message_cannot_be_read_any_more() {
    let (folder, _keyring, vault) = vault_and_keyring();
    let id = chosen(&vault);
    vault.put_signed(id, b"signed").unwrap();
    assert!(matches!(vault.discard(id, at(2)), Err(VaultError::NotNow { .. })));
    vault.choose(id, Choice::Withdraw, at(2)).unwrap();
    vault.discard(id, at(3)).unwrap();
    assert!(matches!(vault.read(id), Err(VaultError::Discarded)));
    assert!(vault.get(id).unwrap().discarded);
    assert_eq!(fs::read_dir(folder.path().join("bodies")).unwrap().count(), 0);
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
