//! What holds for the whole house: the import table of the design, the size of files, and that the
//! conformance table names places that exist.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand};

/// A room, the rooms that it may import, and crates that may not even come in through others.
const TABLE: &[(&str, &[&str], &[&str])] = &[
    ("mail", &[], NO_IO),
    ("wire", &[], NO_IO),
    ("smtp", &["mail", "wire"], NO_IO),
    ("imap", &["mail", "wire"], NO_IO),
    ("extract", &["mail"], NO_IO),
    ("lexicon", &[], NO_IO),
    ("fold", &[], NO_IO),
    ("detect", &["fold", "lexicon"], NO_IO),
    ("nta7516", &["mail"], NO_IO),
    ("doctor", &["mail", "nta7516"], NO_IO),
    ("dkim", &["mail"], NO_IO),
    ("paths", &["mail"], NO_IO),
    ("cades", &["mail", "paths"], &["tokio", "tauri", "typst", "keyring-core", "rusqlite"]),
    ("verify", &["mail", "cades", "extract"], NO_IO),
    (
        "identity",
        &["mail", "cades", "paths"],
        &["tokio", "tauri", "typst", "keyring-core", "rusqlite"],
    ),
    // A library of others runs in it, and no room of ours does but the one that signs.
    ("card", &["cades"], &["tokio", "tauri", "typst", "keyring-core", "rusqlite"]),
    // Record types are spelt with the nouns of `mail`.
    ("net", &["wire", "nta7516", "mail"], &["tauri", "typst", "keyring-core", "rusqlite"]),
    (
        "revocation",
        &["cades", "net", "paths", "settings"],
        &["tauri", "typst", "keyring-core", "rusqlite"],
    ),
    ("discover", &["mail", "nta7516", "net"], &["tauri", "typst", "keyring-core", "rusqlite"]),
    ("retrieval", &["imap", "net"], &["tauri", "typst", "keyring-core", "rusqlite"]),
    // The DKIM verifier brings a resolver along that is never asked.
    (
        "incoming",
        &["mail", "cades", "nta7516"],
        &["tauri", "typst", "keyring-core", "rusqlite", "domain"],
    ),
    (
        "intake",
        &[
            "mail",
            "imap",
            "archive",
            "retrieval",
            "incoming",
            "nta7516",
            "cades",
            "net",
            "revocation",
            "settings",
            "vault",
            "extract",
        ],
        &["tauri", "typst"],
    ),
    ("notice", &["mail"], NO_IO),
    ("errands", &["imap", "mail", "notice", "retrieval", "settings", "vault"], &["tauri", "typst"]),
    // The SMTP client over a connection of `net`.
    (
        "session",
        &["mail", "smtp", "net", "nta7516"],
        &["tauri", "typst", "keyring-core", "rusqlite"],
    ),
    ("disk", &[], NO_IO),
    ("settings", &["mail", "dkim", "nta7516", "disk"], NO_IO),
    ("keyring", &[], &["tokio", "tauri", "typst", "rusqlite"]),
    ("sealing", &["disk"], NO_IO),
    (
        "vault",
        &["mail", "cades", "identity", "nta7516", "disk", "keyring", "sealing"],
        &["tauri", "typst", "tokio-rustls", "domain"],
    ),
    (
        "dossier",
        &["mail", "copies", "detect", "disk"],
        &["tokio", "tauri", "typst", "keyring-core", "rusqlite"],
    ),
    (
        "filing",
        &["mail", "cades", "identity", "nta7516", "copies", "dossier", "net", "settings", "worker"],
        &["tauri", "krilla", "keyring-core", "rusqlite"],
    ),
    (
        "archive",
        &["mail", "extract", "disk", "settings", "vault"],
        &["tokio", "tauri", "typst", "tokio-rustls", "domain"],
    ),
    (
        "shelf",
        &[
            "mail", "extract", "cades", "verify", "nta7516", "copies", "disk", "settings", "vault",
            "archive", "worker",
        ],
        &["tokio", "tauri", "krilla", "tokio-rustls", "domain"],
    ),
    (
        "offers",
        &[
            "mail", "nta7516", "copies", "dossier", "filing", "net", "settings", "shelf", "vault",
            "worker",
        ],
        &["tauri", "krilla"],
    ),
    (
        "copies",
        &["mail", "cades", "nta7516", "detect"],
        &["tokio", "tauri", "keyring-core", "rusqlite"],
    ),
    ("typeset", &["mail", "copies"], &["tokio", "tauri", "keyring-core", "rusqlite"]),
    (
        "worker",
        &["mail", "extract", "copies", "typeset"],
        &["tokio", "tauri", "keyring-core", "rusqlite"],
    ),
    ("control", &[], &["tauri", "krilla", "keyring-core", "rusqlite"]),
    (
        "screen",
        &["mail", "extract", "detect", "settings", "worker"],
        &["tauri", "krilla", "keyring-core", "rusqlite"],
    ),
    (
        "engine",
        &[
            "mail",
            "wire",
            "smtp",
            "imap",
            "retrieval",
            "incoming",
            "intake",
            "errands",
            "extract",
            "detect",
            "nta7516",
            "doctor",
            "cades",
            "identity",
            "card",
            "dkim",
            "net",
            "session",
            "revocation",
            "screen",
            "control",
            "disk",
            "settings",
            "vault",
            "archive",
            "dossier",
            "filing",
            "offers",
            "copies",
            "worker",
        ],
        &["tauri", "krilla"],
    ),
    (
        "proxy",
        &[
            "engine",
            "mail",
            "smtp",
            "extract",
            "detect",
            "nta7516",
            "cades",
            "verify",
            "dkim",
            "net",
            "revocation",
            "settings",
            "vault",
            "archive",
            "shelf",
            "copies",
            "dossier",
            "filing",
            "worker",
            "disk",
        ],
        &["tauri", "krilla"],
    ),
    (
        "setup",
        &["engine", "mail", "discover", "net", "session", "settings", "vault"],
        &["tauri", "krilla"],
    ),
    ("checkup", &["engine", "mail", "nta7516", "settings", "vault"], &["tauri", "krilla"]),
    // Pages are set in the worker: the page writer slows neither the build nor the start of the others.
    ("contract", &["filing", "shelf"], &["tauri", "krilla"]),
    (
        "desktop",
        &[
            "contract",
            "engine",
            "setup",
            "checkup",
            "verify",
            "revocation",
            "filing",
            "shelf",
            "proxy",
            "mail",
            "detect",
        ],
        &["krilla"],
    ),
    ("tests", &[], &["tauri", "typst"]),
    ("corpus", &["mail", "extract", "detect"], NO_IO),
];

const NO_IO: &[&str] = &["tokio", "tauri", "typst", "keyring-core", "rusqlite", "hickory-resolver"];

/// Rooms in which time, files and randomness are arguments.
const CLOCKED: &[&str] = &[
    "mail", "wire", "smtp", "imap", "notice", "extract", "lexicon", "detect", "nta7516", "doctor",
    "dkim", "paths", "cades", "identity", "incoming",
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace").to_owned()
}

fn metadata() -> Metadata {
    let manifest = root().join("Cargo.toml");
    MetadataCommand::new().manifest_path(manifest).no_deps().exec().expect("cargo metadata")
}

#[test]
fn each_room_imports_only_the_rooms_of_its_line_in_the_table() {
    let metadata = metadata();
    let rooms: BTreeSet<String> =
        metadata.workspace_packages().iter().map(|package| package.name.to_string()).collect();
    for package in metadata.workspace_packages() {
        let line = TABLE.iter().find(|(room, ..)| package.name.as_str() == *room);
        let (room, may, _) = line.unwrap_or_else(|| panic!("{} stands in no table", package.name));
        for import in &package.dependencies {
            let ours = rooms.contains(&import.name) && import.kind == DependencyKind::Normal;
            assert!(!ours || may.contains(&import.name.as_str()), "{room} imports {}", import.name);
        }
    }
}

#[test]
fn no_room_has_what_it_must_not_have_not_even_through_others() {
    let there = metadata();
    for (room, _, not) in TABLE {
        if !there.workspace_packages().iter().any(|package| package.name.as_str() == *room) {
            continue;
        }
        let mut command = Command::new(env!("CARGO"));
        command.args([
            "tree",
            "--locked",
            "--offline",
            "-e",
            "normal",
            "--prefix",
            "none",
            "-p",
            room,
        ]);
        let output = command.current_dir(root()).output().expect("cargo tree");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let text = String::from_utf8(output.stdout).expect("UTF-8");
        let has: BTreeSet<&str> = text.lines().filter_map(|line| line.split(' ').next()).collect();
        assert!(has.contains(room), "{room} is in its own tree: {text}");
        let wrong: Vec<_> = not.iter().filter(|name| has.contains(**name)).collect();
        assert!(wrong.is_empty(), "{room} must not have {wrong:?}");
    }
}

#[test]
fn the_lock_file_has_no_rsa_below_0_10() {
    let lock = fs::read_to_string(root().join("Cargo.lock")).expect("Cargo.lock");
    let versions = versions(&lock);
    assert!(versions.contains_key("thiserror"), "the lock file is read rightly");
    for version in versions.get("rsa").into_iter().flatten() {
        let mut numbers = version.split(['.', '-']).filter_map(|part| part.parse::<u32>().ok());
        let number = (numbers.next(), numbers.next());
        assert!(
            number >= (Some(0), Some(10)),
            "rsa {version} has a timing fault (RUSTSEC-2023-0071)"
        );
    }
}

fn versions(lock: &str) -> BTreeMap<&str, Vec<&str>> {
    let mut versions: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for package in lock.split("[[package]]") {
        let value = |key: &str| {
            let line = package.lines().find(|line| line.starts_with(key))?;
            line.split('"').nth(1)
        };
        if let (Some(name), Some(version)) = (value("name = "), value("version = ")) {
            versions.entry(name).or_default().push(version);
        }
    }
    versions
}

#[test]
fn no_file_is_over_500_lines_and_no_room_much_over_3500() {
    let mut rooms: BTreeMap<PathBuf, usize> = BTreeMap::new();
    for file in rust_files(&root()) {
        let text = fs::read_to_string(&file).expect("a source file");
        let lines = text.lines().count();
        assert!(lines <= 500, "{} has {lines} lines", file.display());
        let room = file.ancestors().find(|folder| folder.join("Cargo.toml").exists());
        let code = if is_test(&file) { 0 } else { code_lines(&text) };
        *rooms.entry(room.expect("a crate").to_owned()).or_default() += code;
    }
    assert!(rooms.len() > 3, "the rooms are found");
    for (room, lines) in rooms {
        // "Much over" is read as a third more. `extract` reads fifteen formats, each in files of its own
        // that know nothing of the others. `engine` wires thirty rooms: it is to lose one before it grows.
        let most = match room.file_name().and_then(|name| name.to_str()) {
            Some("extract") => 5_700,
            Some("engine") => 5_200,
            _ => 4_700,
        };
        assert!(lines <= most, "{} has {lines} lines of code", room.display());
    }
}

/// Lines that a reader must understand: no tests, no comments, no blank lines.
fn code_lines(text: &str) -> usize {
    let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
    let lines = code.lines().map(str::trim);
    lines.filter(|line| !line.is_empty() && !line.starts_with("//")).count()
}

fn is_test(file: &Path) -> bool {
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    let inside = file.strip_prefix(root()).unwrap_or(file);
    name.ends_with("tests.rs") || inside.iter().any(|part| part == "tests")
}

#[test]
fn no_pure_room_reads_a_clock_or_a_file() {
    for room in CLOCKED {
        let files = rust_files(&root().join("proxy").join(room).join("src"));
        // Tests may take the time of day, and vectors from files.
        for file in files.into_iter().filter(|file| !is_test(file)) {
            let text = fs::read_to_string(&file).expect("a source file");
            let code = text.split("#[cfg(test)]").next().unwrap_or_default();
            for word in
                ["SystemTime::now", "Instant::now", "Timestamp::now", "Zoned::now", "std::fs"]
            {
                assert!(!code.contains(word), "{} has {word}", file.display());
            }
        }
    }
}

#[test]
fn no_document_is_read_in_the_process_of_the_engine() {
    for room in ["proxy/screen/src", "proxy/engine/src", "proxy/src", "src-tauri/src"] {
        for file in rust_files(&root().join(room)) {
            let text = fs::read_to_string(&file).expect("a source file");
            assert!(!text.contains("extract::read"), "{} reads a document", file.display());
        }
    }
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let Ok(entries) = fs::read_dir(folder) else {
        return files;
    };
    for path in entries.flatten().map(|entry| entry.path()) {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if path.is_dir() && name != "target" && !name.starts_with('.') && name != "node_modules" {
            files.extend(rust_files(&path));
        } else if name.ends_with(".rs") {
            files.push(path);
        }
    }
    files
}

/// A place that the conformance table names between backticks: `path`, `path::item`, `path: test`.
#[derive(Debug, PartialEq, Eq)]
struct Place {
    path: String,
    named: Named,
}

#[derive(Debug, PartialEq, Eq)]
enum Named {
    File,
    Item(String),
    Test(String),
}

/// The places in the rows `| R-... | sentence | places | tests |` of a Markdown table.
fn places(table: &str) -> Vec<(String, Vec<Place>)> {
    let rows = table.lines().filter(|line| line.starts_with("| R-"));
    let row = |line: &str| {
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        let code = cells.iter().skip(3).flat_map(|cell| cell.split('`').skip(1).step_by(2));
        let clause = cells.get(1).copied().unwrap_or_default().to_owned();
        (clause, code.filter_map(place).collect())
    };
    rows.map(row).collect()
}

fn place(code: &str) -> Option<Place> {
    let (path, named) = match (code.split_once("::"), code.split_once(": ")) {
        (_, Some((path, test))) => (path, Named::Test(test.trim().to_owned())),
        (Some((path, item)), None) => (path, Named::Item(item.to_owned())),
        (None, None) => (code, Named::File),
    };
    // Other things stand between backticks too: header names, values, commands.
    let is_path = path.contains('/') && !path.contains(char::is_whitespace);
    is_path.then(|| Place { path: path.to_owned(), named })
}

#[test]
fn every_place_that_the_conformance_table_names_exists() {
    let file = root().join("proxy/CONFORMANCE.md");
    let Ok(table) = fs::read_to_string(&file) else {
        assert!(!file.exists(), "{} cannot be read", file.display());
        return;
    };
    let rows = places(&table);
    assert!(!rows.is_empty(), "the table has rows that begin with a clause");
    for (clause, places) in rows {
        for place in places {
            // Paths are told from the workspace, or from the table's own folder.
            let found = ["", "proxy"].map(|base| root().join(base).join(&place.path));
            let found = found.into_iter().find(|path| path.exists());
            let path = found.unwrap_or_else(|| panic!("{clause}: {} is not there", place.path));
            let text = || fs::read_to_string(&path).unwrap_or_default();
            let last = |item: &str| item.rsplit("::").next().unwrap_or_default().to_owned();
            let there = match &place.named {
                Named::File => true,
                Named::Item(item) => text().contains(&last(item)),
                Named::Test(test) => text().contains(&format!("fn {}(", last(test))),
            };
            assert!(there, "{clause}: {place:?} is not there");
        }
    }
}

#[test]
fn the_places_of_a_conformance_row_are_read_as_they_are_meant() {
    let table = "| clause | what | where | test |\n| --- | --- | --- | --- |\n\
        | R-HDR-1 | `Accept-Language` goes | `proxy/nta7516/src/strike.rs::struck` | \
        `tests/tests/scenarios/a.rs: strikes_all`, `proxy/README.md`, `X-NTA7516` |\n";
    let test = |path: &str, named| Place { path: path.to_owned(), named };
    let expected = vec![
        test("proxy/nta7516/src/strike.rs", Named::Item("struck".to_owned())),
        test("tests/tests/scenarios/a.rs", Named::Test("strikes_all".to_owned())),
        test("proxy/README.md", Named::File),
    ];
    assert_eq!(places(table), vec![("R-HDR-1".to_owned(), expected)]);
}
