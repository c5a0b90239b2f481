//! The vault over a real Secret Service: gnome-keyring-daemon on a session bus of its own.
//!
//! Each test starts a bus, and on it this same program again with the part that it plays
//! (`dbus-run-session`, `gnome-keyring-daemon`: Debian's dbus and gnome-keyring).
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

use std::io::Read as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;

use jiff::Timestamp;
use mail::{Address, Envelope, Message, Recipient};
use secrecy::ExposeSecret;
use vault::{HeldId, Keyring, KeyringError, NewHeld, SystemKeyring, Vault, VaultError};

/// A home folder with its keyrings; nothing of this machine's user is touched.
struct Home(tempfile::TempDir);

impl Home {
    fn new() -> Self {
        let home = Self(tempfile::tempdir().unwrap());
        std::fs::create_dir(home.0.path().join("data")).unwrap();
        home
    }

    /// Plays a part on a bus whose keyring was unlocked with this password.
    fn unlocked(&self, password: &str, part: &str) {
        // The daemon goes on in the background, and has its name on the bus a moment later: until then the bus would
        // start another, which nobody unlocked.
        let unlock = "printf %s \"$PASSWORD\" | \
            gnome-keyring-daemon --unlock --components=secrets >/dev/null 2>&1; \
            for n in $(seq 1200); do \
                dbus-send --session --print-reply --dest=org.freedesktop.DBus / \
                    org.freedesktop.DBus.NameHasOwner string:org.freedesktop.secrets | \
                    grep -q true && break; sleep 0.05; done; exec \"$0\" \"$@\"";
        let mut command = session();
        command.args(["dbus-run-session", "--", "sh", "-c", unlock]);
        command.env("PASSWORD", password).env_remove("DISPLAY");
        self.play(command, part);
    }

    /// Plays a part on a locked keyring that can ask on a screen, where its question comes back
    /// without a password: to us the same as a user who closes it.
    fn refused(&self, part: &str) {
        let mut command = session();
        command.args(["dbus-run-session", "--"]).env("DISPLAY", ":closed");
        self.play(command, part);
    }

    /// Plays a part on a bus whose keyring nobody unlocked.
    fn locked(&self, part: &str) {
        let mut command = session();
        command.args(["dbus-run-session", "--"]).env_remove("DISPLAY");
        self.play(command, part);
    }

    /// Plays a part where there is no bus.
    fn without_bus(&self, part: &str) {
        let mut command = session();
        command.env_remove("DISPLAY");
        self.play(command, part);
    }

    fn play(&self, mut command: Command, part: &str) {
        let output = command
            .arg(std::env::current_exe().unwrap())
            .args(["--exact", part, "--ignored", "--nocapture"])
            .env("ZZ_PLAYED", "1")
            .env_remove("DBUS_SESSION_BUS_ADDRESS")
            .env_remove("WAYLAND_DISPLAY")
            .env("HOME", self.0.path())
            .env("XDG_DATA_HOME", self.0.path().join("share"))
            .env("XDG_RUNTIME_DIR", self.0.path())
            .env("ZZ_DATA", self.0.path().join("data"))
            .output()
            .expect("unshare is needed (Debian: util-linux; and dbus, gnome-keyring)");
        let said = String::from_utf8_lossy(&output.stdout);
        let complained = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{part}: {said}\n{complained}");
        assert!(said.contains("1 passed"), "{part} was played: {said}");
    }
}

/// Whether a test started this part: alone it would touch this machine's own keyring.
fn is_played() -> bool {
    std::env::var_os("ZZ_PLAYED").is_some()
}

/// Processes of their own, all of which end with the first: a keyring daemon that the bus started
/// may outlive its bus.
fn session() -> Command {
    let mut command = Command::new("unshare");
    if !rustix::process::getuid().is_root() {
        command.args(["--user", "--map-root-user"]);
    }
    command.args(["--pid", "--fork", "--kill-child", "--"]);
    command
}

fn open() -> Result<Vault, VaultError> {
    let folder = std::env::var_os("ZZ_DATA").unwrap();
    Vault::open(Path::new(&folder), Arc::new(SystemKeyring::new()))
}

fn account() -> Address {
    Address::parse("jan@praktijk.nl").unwrap()
}

fn refused_with(expected: &KeyringError) {
    match open() {
        Err(VaultError::Keyring(found)) => assert_eq!(found, *expected),
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_was_kept_is_there_in_the_next_session() {
    let home = Home::new();
    home.unlocked("right", "part_keeps");
    home.unlocked("right", "part_finds");
}

#[test]
fn no_bus_a_locked_a_wrongly_unlocked_and_a_new_keyring_change_nothing() {
    let home = Home::new();
    home.unlocked("right", "part_keeps");
    home.without_bus("part_hears_absent");
    home.locked("part_hears_locked");
    home.unlocked("wrong", "part_hears_locked");
    let keyrings = home.0.path().join("share/keyrings");
    let aside = home.0.path().join("aside");
    std::fs::rename(&keyrings, &aside).unwrap();
    home.unlocked("new", "part_hears_key_lost");
    std::fs::remove_dir_all(&keyrings).unwrap();
    std::fs::rename(&aside, &keyrings).unwrap();
    home.unlocked("right", "part_finds");
}

#[test]
fn a_first_run_without_an_open_keyring_makes_nothing() {
    let home = Home::new();
    home.without_bus("part_hears_absent");
    home.locked("part_hears_locked");
    home.refused("part_hears_no_access");
    home.unlocked("right", "part_keeps");
    home.unlocked("right", "part_finds");
}

#[test]
fn an_unlock_that_the_user_does_not_grant_is_denied() {
    let home = Home::new();
    home.unlocked("right", "part_keeps");
    home.refused("part_hears_denied");
    home.unlocked("right", "part_finds");
}

#[test]
fn a_keyring_that_is_busy_is_waited_for() {
    let home = Home::new();
    home.unlocked("right", "part_waits_for_a_busy_one");
}

#[test]
fn a_keyring_that_restarts_is_spoken_to_again() {
    let home = Home::new();
    home.unlocked("right", "part_sees_a_restart");
}

#[test]
#[ignore = "a part of the tests above"]
fn part_keeps() {
    if !is_played() {
        return;
    }
    let vault = open().unwrap();
    let new = NewHeld {
        account: account(),
        envelope: Envelope {
            reverse_path: Some(account()),
            params: Vec::new(),
            recipients: vec![Recipient {
                address: Address::parse("a@b.nl").unwrap(),
                params: Vec::new(),
            }],
        },
        message: Message::new(b"Subject: x\r\n\r\nCVA\r\n".to_vec()),
        evidence: "{}".to_owned(),
    };
    vault.hold(new, Timestamp::now()).unwrap();
    vault.set_provider_password(&account(), &"geheim".into(), Timestamp::now()).unwrap();
    // An RSA-4096 key in PKCS #8 has 2,375 bytes.
    vault.write_sealed("large", &[0xA5; 2_400]).unwrap();
}

#[test]
#[ignore = "a part of the tests above"]
fn part_finds() {
    if !is_played() {
        return;
    }
    let vault = open().unwrap();
    let ids: Vec<HeldId> = vault.list().unwrap().iter().map(|one| one.id).collect();
    assert_eq!(ids.len(), 1);
    assert!(vault.read(ids[0]).unwrap().bytes().ends_with(b"CVA\r\n"));
    let password = vault.provider_password(&account()).unwrap();
    assert_eq!(password.expose_secret(), "geheim");
    let large = vault.read_sealed("large").unwrap().unwrap();
    assert_eq!(large.as_slice(), [0xA5; 2_400]);
}

#[test]
#[ignore = "a part of the tests above"]
fn part_hears_absent() {
    if !is_played() {
        return;
    }
    refused_with(&KeyringError::Absent);
}

#[test]
#[ignore = "a part of the tests above"]
fn part_hears_locked() {
    if !is_played() {
        return;
    }
    refused_with(&KeyringError::Locked);
}

#[test]
#[ignore = "a part of the tests above"]
fn part_hears_no_access() {
    if !is_played() {
        return;
    }
    let refused = open();
    let told = [KeyringError::Locked, KeyringError::Denied];
    assert!(matches!(&refused, Err(VaultError::Keyring(e)) if told.contains(e)), "{refused:?}");
}

#[test]
#[ignore = "a part of the tests above"]
fn part_hears_key_lost() {
    if !is_played() {
        return;
    }
    let refused = open();
    assert!(matches!(refused, Err(VaultError::KeyLost)), "{refused:?}");
}

#[test]
#[ignore = "a part of the tests above"]
fn part_hears_denied() {
    if !is_played() {
        return;
    }
    refused_with(&KeyringError::Denied);
}

#[test]
#[ignore = "a part of the tests above"]
fn part_waits_for_a_busy_one() {
    if !is_played() {
        return;
    }
    let keyring = SystemKeyring::new();
    keyring.set("a", b"secret").unwrap();
    let daemon = "$(dbus-send --session --print-reply --dest=org.freedesktop.DBus / \
        org.freedesktop.DBus.GetConnectionUnixProcessID string:org.freedesktop.secrets | \
        sed -n 's/.*uint32 //p')";
    // Longer than its two seconds, which the crate below us does not let one change.
    let script = format!("pid={daemon}; kill -STOP $pid; echo; sleep 3.5; kill -CONT $pid");
    let busy = |act: &dyn Fn()| {
        let mut sh = Command::new("sh");
        let mut sh = sh.args(["-c", &script]).stdout(Stdio::piped()).spawn().unwrap();
        let mut stopped = [0];
        sh.stdout.as_mut().unwrap().read_exact(&mut stopped).unwrap();
        act();
        assert!(sh.wait().unwrap().success());
    };
    busy(&|| assert_eq!(keyring.get("a").unwrap().expose_secret(), b"secret"));
    busy(&|| assert_eq!(SystemKeyring::new().get("a").unwrap().expose_secret(), b"secret"));
    busy(&|| keyring.set("b", b"other").unwrap());
    assert_eq!(keyring.get("b").unwrap().expose_secret(), b"other");
    busy(&|| keyring.delete("b").unwrap());
    assert_eq!(keyring.get("b").unwrap_err(), KeyringError::NoEntry);
}

#[test]
#[ignore = "a part of the tests above"]
fn part_sees_a_restart() {
    if !is_played() {
        return;
    }
    let keyring = SystemKeyring::new();
    keyring.set("a", b"secret").unwrap();
    assert_eq!(keyring.get("a").unwrap().expose_secret(), b"secret");
    assert_eq!(keyring.get("b").unwrap_err(), KeyringError::NoEntry);
    // Asks the running one to leave the bus; the next call starts another, which nobody unlocked.
    let replaced = Command::new("gnome-keyring-daemon")
        .args(["--replace", "--components=secrets", "--daemonize"])
        .status()
        .unwrap();
    assert!(replaced.success());
    let after = keyring.get("a").map(|secret| secret.expose_secret().to_vec());
    let told = [KeyringError::Locked, KeyringError::Denied, KeyringError::NoEntry];
    assert!(matches!(&after, Err(e) if told.contains(e)), "{after:?}");
}
