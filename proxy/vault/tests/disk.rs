//! A full disk and a folder that cannot be written to, on real file systems.
//!
//! Each test runs its part in a mount namespace of its own (`unshare`), which takes its mounts with
//! it when it ends.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

use std::fs::{self, File};
use std::io::Write;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use jiff::Timestamp;
use mail::{Address, Envelope, Message, Recipient};
use vault::journal::JournalState;
use vault::{Choice, EngineLock, HeldId, Hold, MemoryKeyring, NewHeld, Vault, VaultError};

fn play(part: &str) {
    let root = rustix::process::getuid().is_root();
    let output = Command::new("unshare")
        .args(if root { ["--mount"].as_slice() } else { &["--user", "--map-root-user", "--mount"] })
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", part, "--ignored", "--nocapture"])
        .env("ZZ_PLAYED", "1")
        .output()
        .expect("unshare is needed (Debian: util-linux)");
    let said = String::from_utf8_lossy(&output.stdout);
    let complained = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{part}: {said}\n{complained}");
    assert!(said.contains("1 passed"), "{part} was played: {said}");
}

/// Whether a test started this part: alone it would touch this machine's own mounts.
fn is_played() -> bool {
    std::env::var_os("ZZ_PLAYED").is_some()
}

fn mount(arguments: &[&str], folder: &Path) {
    let status = Command::new("mount").args(arguments).arg(folder).status().unwrap();
    assert!(status.success(), "mount {arguments:?}");
}

fn new(text: &str, length: usize) -> NewHeld {
    let address = |text| Address::parse(text).unwrap();
    let body = format!("Subject: {text}\r\n\r\n{}\r\n", "x".repeat(length));
    NewHeld {
        account: address("jan@praktijk.nl"),
        envelope: Envelope {
            reverse_path: None,
            params: Vec::new(),
            recipients: vec![Recipient { address: address("a@b.nl"), params: Vec::new() }],
        },
        message: Message::new(body.into_bytes()),
        evidence: "{}".to_owned(),
    }
}

fn hold(vault: &Vault, text: &str, length: usize) -> Result<HeldId, VaultError> {
    vault.hold(new(text, length), Timestamp::now()).map(Hold::id)
}

#[test]
fn a_full_disk_is_said_and_loses_nothing() {
    play("part_full_disk");
}

#[test]
fn a_folder_that_cannot_be_written_to_is_said() {
    play("part_read_only");
}

#[test]
#[ignore = "a part of the tests above"]
fn part_full_disk() {
    if !is_played() {
        return;
    }
    let place = tempfile::tempdir().unwrap();
    mount(&["-t", "tmpfs", "-o", "size=4m,mode=700", "tmpfs"], place.path());
    // Room that is made again at the end: what is left beside the last message may be next to nothing.
    let reserve = place.path().join("reserve");
    fs::write(&reserve, vec![0; 400_000]).unwrap();
    let folder = place.path().join("data");
    let keyring = Arc::new(MemoryKeyring::new());
    let vault = Vault::open(&folder, keyring.clone()).unwrap();
    let mut kept = Vec::new();
    let error = loop {
        match hold(&vault, &format!("{}", kept.len()), 300_000) {
            Ok(id) => kept.push(id),
            Err(error) => break error,
        }
    };
    assert!(matches!(error, VaultError::Full), "{error:?}");
    assert!(kept.len() > 3);
    let filler = place.path().join("filler");
    let mut file = File::create(&filler).unwrap();
    for size in [4_096, 512, 1] {
        while file.write_all(&vec![0; size]).is_ok() {}
    }
    for _ in 0..20 {
        let error = hold(&vault, "small", 10).unwrap_err();
        assert!(matches!(error, VaultError::Full), "{error:?}");
    }
    if let Err(error) = Vault::open(&folder, keyring.clone()) {
        assert!(matches!(error, VaultError::Full), "a second process: {error:?}");
    }
    if let Err(error) = vault.choose(kept[0], Choice::Secure, Timestamp::now()) {
        assert!(matches!(error, VaultError::Full), "{error:?}");
    }
    for id in &kept {
        assert!(vault.read(*id).is_ok(), "what was kept can be read");
    }
    assert_eq!(vault.list().unwrap().len(), kept.len());
    let files = || fs::read_dir(folder.join("bodies")).unwrap().count();
    // Where the disk was full at the commit of the last one, its file stays until the next start.
    assert!(files() <= kept.len() + 1, "no leftovers");
    drop(file);
    fs::remove_file(&filler).unwrap();
    fs::remove_file(&reserve).unwrap();
    let id = hold(&vault, "small", 10).unwrap();
    drop(vault);
    let vault = Vault::open(&folder, keyring).unwrap();
    assert_eq!(vault.list().unwrap().len(), kept.len() + 1);
    let _lock = vault.lock_engine(Timestamp::now()).unwrap();
    assert_eq!(files(), kept.len() + 1, "no leftovers after a start");
    assert!(vault.read(id).is_ok());
    assert!(matches!(vault.verify_journal().unwrap(), JournalState::Whole { .. }));
}

#[test]
#[ignore = "a part of the tests above"]
fn part_read_only() {
    if !is_played() {
        return;
    }
    let place = tempfile::tempdir().unwrap();
    let keyring = Arc::new(MemoryKeyring::new());
    let folder = place.path().join("data");
    let vault = Vault::open(&folder, keyring.clone()).unwrap();
    let id = hold(&vault, "x", 10).unwrap();
    drop(vault);
    let path = place.path().to_str().unwrap();
    mount(&["--bind", path], place.path());
    mount(&["-o", "remount,bind,ro"], place.path());
    for folder in [folder.clone(), place.path().join("new")] {
        let refused = Vault::open(&folder, keyring.clone());
        assert!(matches!(refused, Err(VaultError::ReadOnly)), "{refused:?}");
        let refused = EngineLock::take(&folder);
        assert!(matches!(refused, Err(VaultError::ReadOnly)), "{refused:?}");
    }
    mount(&["-o", "remount,bind,rw"], place.path());
    assert!(Vault::open(&folder, keyring).unwrap().read(id).is_ok());
}
