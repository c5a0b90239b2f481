use super::*;
use crate::journal::JournalState;
use crate::tests::{at, hold, open, vault, vault_and_keyring};

const CVA: (&str, &str) = ("medical", "cva");

fn times(vault: &Vault, (kind, words): (&str, &str)) -> u32 {
    vault.dismissal_snapshot().unwrap().times(kind, words)
}

#[test]
fn what_was_dismissed_is_counted_by_kind_and_words_and_outlives_the_process() {
    let (folder, keyring, vault) = vault_and_keyring();
    assert_eq!(times(&vault, CVA), 0);
    let (one, two) = (hold(&vault, "one", at(0)), hold(&vault, "two", at(1)));
    let id = vault.dismiss(one, CVA, "jan", at(2)).unwrap();
    vault.dismiss(two, CVA, "jan", at(3)).unwrap();
    assert_eq!(times(&vault, CVA), 2);
    assert_eq!(times(&vault, ("name", "cva")), 0, "another kind");
    assert_eq!(times(&vault, ("medical", "tia")), 0, "other words");
    drop(vault);
    let vault = open(&folder, &keyring).unwrap();
    assert_eq!(times(&vault, CVA), 2);
    let kept = vault.dismissals().unwrap();
    assert_eq!(kept.len(), 1);
    assert_eq!((kept[0].id, kept[0].kind.as_str(), kept[0].count), (id, "medical", 2));
    assert_eq!(kept[0].last_at, at(3));
}

#[test]
fn in_one_message_it_counts_once_and_the_count_has_an_end() {
    let (_folder, vault) = vault();
    let message = hold(&vault, "one", at(0));
    for _ in 0..5 {
        vault.dismiss(message, CVA, "jan", at(1)).unwrap();
    }
    assert_eq!(times(&vault, CVA), 1);
    for number in 0..10 {
        let other = hold(&vault, &format!("other {number}"), at(2));
        vault.dismiss(other, CVA, "jan", at(3)).unwrap();
    }
    assert_eq!(times(&vault, CVA), MOST);
}

#[test]
fn it_can_be_taken_back_in_the_message_where_it_was_said() {
    let (_folder, vault) = vault();
    let (one, two) = (hold(&vault, "one", at(0)), hold(&vault, "two", at(1)));
    let id = vault.dismiss(one, CVA, "jan", at(2)).unwrap();
    assert_eq!(vault.dismissed_in(one).unwrap(), HashSet::from([id]));
    assert!(!vault.undo_dismissal(two, id, "jan", at(3)).unwrap(), "nothing was said there");
    assert_eq!(times(&vault, CVA), 1);
    assert!(vault.undo_dismissal(one, id, "jan", at(3)).unwrap());
    assert!(!vault.undo_dismissal(one, id, "jan", at(3)).unwrap());
    assert_eq!(times(&vault, CVA), 0);
    assert!(vault.dismissals().unwrap().is_empty() && vault.dismissed_in(one).unwrap().is_empty());
}

#[test]
fn one_or_all_can_be_forgotten_and_the_key_goes_with_the_last() {
    let (_folder, vault) = vault();
    let message = hold(&vault, "one", at(0));
    let cva = vault.dismiss(message, CVA, "jan", at(1)).unwrap();
    vault.dismiss(message, ("name", "de vries"), "jan", at(1)).unwrap();
    assert_eq!(vault.forget_dismissals(Some(cva), "jan", at(2)).unwrap(), 1);
    assert_eq!(vault.forget_dismissals(Some(cva), "jan", at(2)).unwrap(), 0);
    assert_eq!((times(&vault, CVA), times(&vault, ("name", "de vries"))), (0, 1));
    assert_eq!(vault.forget_dismissals(None, "jan", at(3)).unwrap(), 1);
    assert_eq!(vault.forget_dismissals(None, "jan", at(3)).unwrap(), 0);
    assert!(vault.dismissed_in(message).unwrap().is_empty());
    let again = vault.dismiss(message, CVA, "jan", at(4)).unwrap();
    assert_ne!(again, cva, "another key");
}

#[test]
fn another_vault_has_other_hashes_and_no_words_are_kept_anywhere() {
    let ids: Vec<FindingId> = (0..2)
        .map(|_| {
            let (_folder, vault) = vault();
            let message = hold(&vault, "one", at(0));
            let id = vault.dismiss(message, ("name", "geheimewoorden"), "jan", at(1)).unwrap();
            let lines = serde_json::to_string(&vault.export_journal().unwrap()).unwrap();
            assert!(lines.contains(&id.to_string()) && lines.contains("dismissed"), "{lines}");
            assert!(!lines.contains("geheimewoorden"), "{lines}");
            let hashes = vault
                .look(|database| {
                    let rows = "SELECT count(*) FROM dismissal
                        WHERE CAST(hash AS TEXT) LIKE '%geheim%' OR kind LIKE '%geheim%'";
                    Ok(database.query_row(rows, [], |row| row.get::<_, u32>(0))?)
                })
                .unwrap();
            assert_eq!(hashes, 0);
            id
        })
        .collect();
    assert_ne!(ids[0], ids[1]);
}

#[test]
fn every_step_stands_in_the_journal_and_an_unknown_message_changes_nothing() {
    let (_folder, vault) = vault();
    let message = hold(&vault, "one", at(0));
    let id = vault.dismiss(message, CVA, "jan", at(1)).unwrap();
    vault.undo_dismissal(message, id, "jan", at(2)).unwrap();
    let id = vault.dismiss(message, CVA, "jan", at(3)).unwrap();
    vault.forget_dismissals(Some(id), "jan", at(4)).unwrap();
    let entries: Vec<Entry> =
        vault.export_journal().unwrap().into_iter().skip(1).map(|line| line.entry).collect();
    assert!(matches!(&entries[0], Entry::Dismissed { undone: false, who, .. } if who == "jan"));
    assert!(
        matches!(&entries[1], Entry::Dismissed { undone: true, what, .. } if what == "medical")
    );
    assert!(matches!(&entries[3], Entry::DismissalsForgotten { finding: Some(_), .. }));
    assert_eq!(vault.verify_journal().unwrap(), JournalState::Whole { entries: 5 });
    let nobody: HeldId = "01J00000000000000000000000".parse().unwrap();
    let unknown = vault.dismiss(nobody, CVA, "jan", at(5));
    assert!(matches!(unknown, Err(VaultError::UnknownMessage { .. })), "{unknown:?}");
    assert_eq!(times(&vault, CVA), 0);
}

#[test]
fn an_id_is_read_as_it_is_written() {
    let id: FindingId = "00112233445566778899aabbccddeeff".parse().unwrap();
    assert_eq!(id.to_string(), "00112233445566778899aabbccddeeff");
    for text in ["", "1", "zz112233445566778899aabbccddeeff", "+0112233445566778899aabbccddeeff"] {
        assert!(text.parse::<FindingId>().is_err(), "{text}");
    }
}
