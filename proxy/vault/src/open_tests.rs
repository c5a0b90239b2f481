use std::fs;

use super::*;
use crate::tests::{address, at, hold, open, vault_and_keyring};
use keyring::MemoryKeyring;

#[test]
fn each_trouble_of_the_keyring_is_its_own_answer_and_changes_nothing() {
    let (folder, keyring, vault) = vault_and_keyring();
    let id = hold(&vault, "x", at(0));
    drop(vault);
    let troubles =
        [KeyringError::Absent, KeyringError::Locked, KeyringError::Denied, KeyringError::Corrupt];
    let mut sentences = HashSet::new();
    for trouble in troubles {
        keyring.fail_with(Some(trouble.clone()));
        let error = open(&folder, &keyring).unwrap_err();
        assert!(matches!(&error, VaultError::Keyring(found) if *found == trouble), "{error}");
        assert!(sentences.insert(error.en()) && sentences.insert(error.nl()));
    }
    keyring.fail_with(None);
    assert!(open(&folder, &keyring).unwrap().read(id).is_ok());
}

#[test]
fn no_entry_where_something_is_kept_is_no_first_run() {
    let (folder, keyring, vault) = vault_and_keyring();
    hold(&vault, "x", at(0));
    drop(vault);
    let before = fs::read(folder.path().join(CARD)).unwrap();
    keyring.clear();
    for _ in 0..2 {
        assert!(matches!(open(&folder, &keyring), Err(VaultError::KeyLost)));
    }
    assert!(keyring.names().is_empty(), "no new key");
    assert_eq!(fs::read(folder.path().join(CARD)).unwrap(), before);
    fs::remove_file(folder.path().join(CARD)).unwrap();
    assert!(matches!(open(&folder, &keyring), Err(VaultError::KeyLost)), "nor without its id");
    assert!(keyring.names().is_empty());
}

#[test]
fn another_key_is_told_from_a_damaged_one() {
    let (folder, keyring, vault) = vault_and_keyring();
    drop(vault);
    let name = keyring.names().remove(0);
    keyring.set(&name, &[9; KEY_LEN]).unwrap();
    assert!(matches!(open(&folder, &keyring), Err(VaultError::WrongKey)));
    keyring.set(&name, b"short").unwrap();
    let damaged = open(&folder, &keyring);
    assert!(matches!(damaged, Err(VaultError::Keyring(KeyringError::Corrupt))));
}

#[test]
fn a_first_run_that_was_broken_off_is_taken_up() {
    let folder = tempfile::tempdir().unwrap();
    let keyring = Arc::new(MemoryKeyring::new());
    keyring.fail_with(Some(KeyringError::Locked));
    assert!(open(&folder, &keyring).is_err());
    keyring.fail_with(None);
    let id = Card::read(folder.path()).unwrap().unwrap().id;
    let vault = open(&folder, &keyring).unwrap();
    assert_eq!(vault.id, id);
    assert_eq!(keyring.names(), [format!("{id}/master")]);
}

#[test]
fn two_data_folders_share_a_keyring_without_meeting() {
    let (one, keyring, first) = vault_and_keyring();
    let two = tempfile::tempdir().unwrap();
    let second = open(&two, &keyring).unwrap();
    assert_eq!(keyring.names().len(), 2);
    assert_ne!(first.keys.check(), second.keys.check());
    let id = hold(&first, "x", at(0));
    assert!(second.get(id).is_err());
    drop((first, second));
    assert!(open(&one, &keyring).unwrap().get(id).is_ok());
}

#[test]
fn a_second_engine_is_refused_and_a_command_is_not() {
    let (folder, keyring, vault) = vault_and_keyring();
    let engine = vault.lock_engine(at(0)).unwrap();
    let command = open(&folder, &keyring).unwrap();
    let id = hold(&command, "x", at(0));
    assert!(vault.get(id).is_ok(), "each sees what the other kept");
    assert!(matches!(command.lock_engine(at(0)), Err(VaultError::EngineRuns)));
    assert!(matches!(EngineLock::take(folder.path()), Err(VaultError::EngineRuns)));
    drop(engine);
    assert!(command.lock_engine(at(0)).is_ok());
}

#[test]
fn the_engine_can_be_locked_before_the_keyring_is_there() {
    let folder = tempfile::tempdir().unwrap();
    let lock = EngineLock::take(folder.path()).unwrap();
    let keyring = Arc::new(MemoryKeyring::new());
    let vault = open(&folder, &keyring).unwrap();
    vault.recover(&lock, at(0)).unwrap();
}

#[test]
fn a_damaged_database_is_said_and_left_alone() {
    let (folder, keyring, vault) = vault_and_keyring();
    hold(&vault, "x", at(0));
    drop(vault);
    let path = folder.path().join(DATABASE);
    let whole = fs::read(&path).unwrap();
    let mut bent = whole.clone();
    bent[100] ^= 1;
    fs::write(&path, &bent).unwrap();
    assert!(matches!(open(&folder, &keyring), Err(VaultError::Corrupt { .. })));
    assert_eq!(fs::read(&path).unwrap(), bent);
    fs::remove_file(&path).unwrap();
    assert!(matches!(open(&folder, &keyring), Err(VaultError::Corrupt { .. })), "gone");
    assert!(!path.exists(), "no empty one is made in its place");
    fs::write(&path, &whole).unwrap();
    assert_eq!(open(&folder, &keyring).unwrap().list().unwrap().len(), 1);
}

#[test]
fn each_older_format_is_brought_to_the_newest_and_keeps_what_it_has() {
    for steps in 1..schema::MIGRATIONS.len() {
        let (folder, keyring, vault) = vault_and_keyring();
        let key = vault.keys.database().clone();
        drop(vault);
        for name in ["vault.db", "vault.db-wal", "vault.db-shm", "journal.head"] {
            let _ = fs::remove_file(folder.path().join(name));
        }
        let older = &schema::MIGRATIONS[..steps];
        let database = schema::open_up_to(&folder.path().join("vault.db"), &key, older).unwrap();
        let rows = "INSERT INTO message (id, account, envelope, evidence, digest, size, created_at)
             VALUES ('01ARZ3NDEKTSV4RRFFQ69G5FAV', 'a@b.nl', '', '', x'00', 1, 5);
             INSERT INTO archive (held, number, body, digest, meta, size, kept_at)
             VALUES ('01ARZ3NDEKTSV4RRFFQ69G5FAV', 1, 'x', x'00', '{\"account\":\"a@b.nl\",
             \"recipients\":[],\"subject\":\"s\",\"sent_at\":\"2026-01-01T00:00:00Z\",\"signed\":true,
             \"proofs\":[]}', 1, 5)";
        database.execute_batch(rows).unwrap();
        // From the third format on, what a copy is found by stands beside it.
        if steps >= 3 {
            database.execute_batch("UPDATE archive SET account = 'a@b.nl', at = 5").unwrap();
        }
        let offered = steps == 9;
        if offered {
            let rows = "INSERT INTO filing (held, account, what, state, next_at, attempts) VALUES
                 ('01ARZ3NDEKTSV4RRFFQ69G5FAV', 'a@b.nl', 'A', 'due', 5, 1),
                 ('01ARZ3NDEKTSV4RRFFQ69G5FAW', 'a@b.nl', 'B', 'due', 6, 0)";
            database.execute_batch(rows).unwrap();
        }
        drop(database);
        let vault = open(&folder, &keyring).unwrap();
        if offered {
            let due = vault.due_filings(at(9)).unwrap().0;
            let forms: Vec<_> = due.iter().map(|one| one.form).collect();
            let held = Some(crate::filing::Form::Held);
            assert_eq!(forms, [held, None], "what was offered is looked for as it was offered");
        }
        let account = Some(address("a@b.nl"));
        let query = crate::archive::Query { account, ..Default::default() };
        assert_eq!(vault.find_copies(&query, 9).unwrap().copies.len(), 1, "from format {steps}");
        let id = "01ARZ3NDEKTSV4RRFFQ69G5FAV".parse().unwrap();
        vault.dismiss(id, ("medical", "cva"), "jan", at(1)).unwrap();
        assert_eq!(vault.dismissals().unwrap().len(), 1);
        assert!(vault.identities().unwrap().is_empty() && vault.requests().unwrap().is_empty());
        assert!(vault.due_errands(at(9)).unwrap().is_empty());
    }
}

#[test]
fn a_newer_format_is_refused() {
    let (folder, keyring, vault) = vault_and_keyring();
    vault.change(|change| Ok(change.pragma_update(None, "user_version", 99)?)).unwrap();
    drop(vault);
    assert!(matches!(open(&folder, &keyring), Err(VaultError::Newer { found: 99, .. })));
}

#[cfg(unix)]
#[test]
fn only_its_owner_can_read_the_data_folder() {
    use std::os::unix::fs::PermissionsExt;
    let (folder, keyring, vault) = vault_and_keyring();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(folder.path()), 0o700);
    assert_eq!(mode(&folder.path().join(BODIES)), 0o700);
    for file in [CARD, "journal.head", "engine.lock"] {
        vault.lock_engine(at(0)).unwrap();
        assert_eq!(mode(&folder.path().join(file)), 0o600, "{file}");
    }
    drop(vault);
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
    open(&folder, &keyring).unwrap();
    assert_eq!(mode(folder.path()), 0o700, "taken back");
}

#[cfg(unix)]
#[test]
fn a_folder_of_others_keeps_its_rights_and_gets_nothing() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("theirs"), "x").unwrap();
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
    let keyring = Arc::new(MemoryKeyring::new());
    assert!(matches!(open(&folder, &keyring), Err(VaultError::OpenFolder { .. })));
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    let mode = fs::metadata(folder.path()).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o755);
}

/// Each round is a process of its own, since a process starts SQLCipher once. Without its start alone,
/// one process in 400 failed on a busy machine.
#[test]
fn whoever_opens_first_while_others_do_gets_in() {
    const INSIDE: &str = "ZORGZEGEL_TEST_FIRST_TO_OPEN";
    const NAME: &str = "open::tests::whoever_opens_first_while_others_do_gets_in";
    if std::env::var_os(INSIDE).is_none() {
        for round in 0..40 {
            let mut process = std::process::Command::new(std::env::current_exe().unwrap());
            let said = process.args(["--exact", NAME]).env(INSIDE, "").output().unwrap();
            let text = String::from_utf8_lossy(&said.stdout);
            assert!(said.status.success() && text.contains("1 passed"), "round {round}: {text}");
        }
        return;
    }
    let start = std::sync::Barrier::new(8);
    let open = || {
        let folder = tempfile::tempdir().unwrap();
        start.wait();
        schema::open(&folder.path().join("vault.db"), &seal::Key::new([7; 32])).map(drop)
    };
    std::thread::scope(|scope| {
        let all: Vec<_> = (0..8).map(|_| scope.spawn(open)).collect();
        all.into_iter().for_each(|one| one.join().unwrap().unwrap());
    });
}
