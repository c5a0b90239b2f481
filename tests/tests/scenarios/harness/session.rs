use std::process::Command;

use tests::guard::{Launch, PATIENCE, until};
use tests::{Keyring, Session};

const STORE: [&str; 5] = ["store", "--label=proef", "proef", "een", "more"];
const LOOK_UP: [&str; 3] = ["lookup", "proef", "een"];

#[test]
fn an_open_keyring_keeps_and_gives_a_secret_also_after_a_restart() {
    let mut session = Session::start().unwrap();
    let (code, said) = session.run("secret-tool", &STORE[..4], b"geheim").unwrap();
    assert_eq!(code, Some(0), "{said}");
    assert_eq!(session.run("secret-tool", &LOOK_UP, b"").unwrap(), (Some(0), "geheim".to_owned()));
    session.become_keyring(Keyring::Locked).unwrap();
    assert!(!session.run("secret-tool", &LOOK_UP, b"").unwrap().1.contains("geheim"));
    session.become_keyring(Keyring::WrongPassword).unwrap();
    assert!(!session.run("secret-tool", &LOOK_UP, b"").unwrap().1.contains("geheim"));
    session.become_keyring(Keyring::Open).unwrap();
    assert!(session.run("secret-tool", &LOOK_UP, b"").unwrap().1.contains("geheim"));
}

#[test]
fn a_keyring_that_is_absent_or_locked_keeps_nothing() {
    for state in [Keyring::Locked, Keyring::Absent, Keyring::NoBus] {
        let session = Session::with(state).unwrap();
        let (code, said) = session.run("secret-tool", &STORE[..4], b"geheim").unwrap();
        assert_ne!(code, Some(0), "{state:?}: {said}");
    }
}

#[test]
fn victim_of_the_next_test() {
    let Some(note) = std::env::var_os("TESTS_VICTIM_NOTE") else {
        return;
    };
    let log = std::path::PathBuf::from(note);
    // A program with a child of its own that ignores polite signals.
    let script = "trap '' TERM; sleep 600 & echo $$ $!; wait";
    let process = Launch::new("sh").args(["-c", script]).log(&log).start().unwrap();
    until("its kill", 2 * PATIENCE, || None::<()>).unwrap();
    drop(process);
}

#[test]
fn nothing_outlives_a_test_process_that_is_killed() {
    let folder = tempfile::tempdir().unwrap();
    let note = folder.path().join("pids");
    let own = std::env::current_exe().unwrap();
    let mut victim = Command::new(own);
    victim.args(["--exact", "scenarios::harness::session::victim_of_the_next_test"]);
    victim.env("TESTS_VICTIM_NOTE", &note).stdout(std::process::Stdio::null());
    let mut victim = victim.spawn().unwrap();
    let pids = until("two processes", PATIENCE, || {
        let text = std::fs::read_to_string(&note).unwrap_or_default();
        let line = text.strip_suffix('\n')?;
        Some(line.split(' ').map(str::to_owned).collect::<Vec<_>>())
    });
    let alive = |pid: &String| state(pid).is_some_and(|state| state != 'Z');
    let pids = pids.unwrap();
    assert_eq!((pids.len(), pids.iter().all(alive)), (2, true));
    victim.kill().unwrap();
    victim.wait().unwrap();
    let gone = until("their end", PATIENCE, || (!pids.iter().any(alive)).then_some(()));
    gone.unwrap();
}

/// The state of a process by its letter in `/proc/PID/stat` (proc(5)), `None` where there is no
/// such process. Its command line would not do: that is empty for a moment while it starts.
fn state(pid: &str) -> Option<char> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name, between brackets, may hold anything; the state is the first letter behind it.
    stat.rsplit_once(") ")?.1.chars().next()
}
