use super::*;
use crate::tests::{at, vault};

fn started(version: &str) -> Entry {
    Entry::Started { version: version.to_owned() }
}

fn with_lines(count: i64) -> (tempfile::TempDir, Vault) {
    let (folder, vault) = vault();
    for number in 1..=count {
        vault.append(&started(&number.to_string()), at(number)).unwrap();
    }
    (folder, vault)
}

/// What is found after this was done behind the journal's back.
fn after(sql: &str) -> JournalState {
    let (_folder, vault) = with_lines(5);
    vault
        .change(|change| {
            change.execute_batch(sql)?;
            Ok(())
        })
        .unwrap();
    vault.verify_journal().unwrap()
}

fn broken(at: u64, fault: JournalFault) -> JournalState {
    JournalState::Broken { at, fault }
}

#[test]
fn an_untouched_journal_is_whole() {
    let (_folder, vault) = with_lines(5);
    assert_eq!(vault.verify_journal().unwrap(), JournalState::Whole { entries: 5 });
    let lines = vault.export_journal().unwrap();
    assert_eq!(lines[2].entry, started("3"));
    assert_eq!((lines[2].seq, lines[2].at), (3, at(3)));
    let json = serde_json::to_string(&lines[2]).unwrap();
    assert!(json.contains(r#""kind":"started""#), "{json}");
    assert_eq!(serde_json::from_str::<Line>(&json).unwrap(), lines[2]);
}

#[test]
fn an_empty_journal_is_whole() {
    let (_folder, vault) = vault();
    assert_eq!(vault.verify_journal().unwrap(), JournalState::Whole { entries: 0 });
}

#[test]
fn a_changed_line_is_found() {
    let changed = "UPDATE journal SET entry = replace(entry, '3', '7') WHERE seq = 3";
    assert_eq!(after(changed), broken(3, JournalFault::Changed));
    let time = "UPDATE journal SET at = at + 1 WHERE seq = 1";
    assert_eq!(after(time), broken(1, JournalFault::Changed));
    let code = "UPDATE journal SET mac = zeroblob(32) WHERE seq = 5";
    assert_eq!(after(code), broken(5, JournalFault::Changed));
}

#[test]
fn a_removed_line_is_found() {
    let removed = "DELETE FROM journal WHERE seq = 3";
    assert_eq!(after(removed), broken(3, JournalFault::Removed));
    let closed_up = "DELETE FROM journal WHERE seq = 3;
        UPDATE journal SET seq = seq - 1 WHERE seq > 3";
    assert_eq!(after(closed_up), broken(3, JournalFault::Changed));
    let last = "DELETE FROM journal WHERE seq = 5";
    assert_eq!(after(last), broken(5, JournalFault::CutShort));
    let all = "DELETE FROM journal";
    assert_eq!(after(all), broken(1, JournalFault::CutShort));
}

#[test]
fn reordered_lines_are_found() {
    let swapped = "UPDATE journal SET seq = 99 WHERE seq = 3;
        UPDATE journal SET seq = 3 WHERE seq = 4;
        UPDATE journal SET seq = 4 WHERE seq = 99";
    assert!(matches!(after(swapped), JournalState::Broken { at: 3, .. }));
    let written_over = "UPDATE journal SET (at, entry, mac) =
        (SELECT at, entry, mac FROM journal WHERE seq = 1) WHERE seq = 2;";
    assert!(matches!(after(written_over), JournalState::Broken { at: 2, .. }));
}

#[test]
fn a_line_that_was_put_in_between_is_found() {
    let added = "INSERT INTO journal SELECT 6, at, entry, mac FROM journal WHERE seq = 5";
    assert!(matches!(after(added), JournalState::Broken { at: 6, .. }));
}

#[test]
fn a_lost_or_damaged_head_is_found() {
    assert_eq!(after("DELETE FROM head"), broken(5, JournalFault::Head));
    let (folder, vault) = with_lines(2);
    let file = folder.path().join(HEAD_FILE);
    let mut bytes = fs::read(&file).unwrap();
    bytes[20] ^= 1;
    fs::write(&file, bytes).unwrap();
    assert_eq!(vault.verify_journal().unwrap(), broken(2, JournalFault::Head));
    fs::remove_file(&file).unwrap();
    assert_eq!(vault.verify_journal().unwrap(), broken(2, JournalFault::Head));
}

#[test]
fn a_database_put_back_from_an_older_copy_is_found() {
    let (_folder, vault) = with_lines(5);
    // What an older copy holds: fewer lines, and a head that fits them.
    vault
        .change(|change| {
            let mac =
                change.query_row("SELECT mac FROM journal WHERE seq = 3", [], |r| r.get(0))?;
            change.execute_batch("DELETE FROM journal WHERE seq > 3")?;
            Head { count: 3, mac }.store(change, &vault.keys)
        })
        .unwrap();
    assert_eq!(vault.verify_journal().unwrap(), broken(4, JournalFault::CutShort));
}

#[test]
fn a_head_file_that_lags_is_no_fault() {
    let (folder, vault) = with_lines(3);
    let older = fs::read(folder.path().join(HEAD_FILE)).unwrap();
    vault.append(&started("4"), at(4)).unwrap();
    fs::write(folder.path().join(HEAD_FILE), older).unwrap();
    assert_eq!(vault.verify_journal().unwrap(), JournalState::Whole { entries: 4 });
}

#[test]
fn a_clock_set_back_does_not_break_the_chain() {
    let (_folder, vault) = vault();
    vault.append(&started("1"), at(100)).unwrap();
    vault.append(&started("2"), at(-5_000)).unwrap();
    assert_eq!(vault.verify_journal().unwrap(), JournalState::Whole { entries: 2 });
    assert!(vault.export_journal().unwrap()[1].at < at(0));
}

#[test]
fn a_change_that_fails_leaves_no_line() {
    let (_folder, vault) = with_lines(1);
    let failed: Result<(), VaultError> = vault.change(|change| {
        change.journal(&started("2"), at(2))?;
        Err(VaultError::Full)
    });
    assert!(failed.is_err());
    assert_eq!(vault.verify_journal().unwrap(), JournalState::Whole { entries: 1 });
}
