//! Compiles the word lists of `lexicon/` into automata that cost nothing at the program's start.

use std::collections::BTreeMap;
use std::path::Path;
use std::{env, fs, io};

#[path = "src/forms.rs"]
mod forms;

fn main() -> io::Result<()> {
    println!("cargo::rerun-if-changed=lexicon");
    println!("cargo::rerun-if-changed=src/forms.rs");
    let out = env::var_os("OUT_DIR").ok_or_else(|| io::Error::other("no OUT_DIR"))?;
    let out = Path::new(&out);
    let lists = Path::new("lexicon");
    let mut medical = BTreeMap::new();
    let mut phrases = BTreeMap::new();
    // A word of several lists keeps the tier of the last.
    for (start, tier) in [("D-", 4_u64), ("C-", 3), ("B-", 2)] {
        for list in files(lists, start)? {
            for entry in forms::entries(&list) {
                learn(&entry.to_lowercase(), tier, &mut medical, &mut phrases);
            }
        }
    }
    for compound in compounds(&read(lists, "samenstellingen.txt")?) {
        medical.entry(compound).or_insert(2);
    }
    write(&out.join("medical.fst"), &medical)?;
    let lines: Vec<String> =
        phrases.into_iter().map(|(phrase, tier)| format!("{tier}{phrase}")).collect();
    fs::write(out.join("phrases.txt"), lines.join("\n"))?;

    let mut words = BTreeMap::new();
    for list in ["woorden.txt", "words-en.txt"] {
        for word in read(lists, list)?.lines().filter(|line| !line.starts_with('#')) {
            words.insert(word.to_owned(), WORD);
        }
    }
    for list in files(lists, "voornamen")? {
        for name in forms::entries(&list) {
            *words.entry(name.to_lowercase()).or_insert(0) |= GIVEN;
        }
    }
    for list in files(lists, "achternamen")? {
        for entry in forms::entries(&list) {
            let (name, also) = entry.split_once('=').map_or((entry, 0), |(name, _)| (name, WORD));
            *words.entry(name.to_lowercase()).or_insert(0) |= SURNAME | also;
        }
    }
    for list in files(lists, "geen-namen")? {
        for name in forms::entries(&list) {
            *words.entry(name.to_lowercase()).or_insert(0) |= NO_NAME;
        }
    }
    write(&out.join("words.fst"), &words)
}

/// Compounds: lines `part part part + head head`, every part joined to every head.
fn compounds(list: &str) -> impl Iterator<Item = String> {
    list.lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.split_once('+'))
        .flat_map(|(parts, heads)| {
            parts.split_whitespace().flat_map(move |part| {
                heads.split_whitespace().map(move |head| format!("{part}{head}"))
            })
        })
}

/// Takes an entry into the words, with its forms, or into the phrases.
fn learn(
    entry: &str,
    tier: u64,
    words: &mut BTreeMap<String, u64>,
    phrases: &mut BTreeMap<String, u64>,
) {
    if entry.chars().all(char::is_alphabetic) {
        for form in forms::forms(entry) {
            words.insert(form, tier);
        }
        words.insert(entry.to_owned(), tier);
    } else {
        phrases.insert(entry.to_owned(), tier);
    }
}

fn write(path: &Path, entries: &BTreeMap<String, u64>) -> io::Result<()> {
    let entries = entries.iter().map(|(word, number)| (word, *number));
    let map = fst::Map::from_iter(entries).map_err(io::Error::other)?;
    fs::write(path, map.as_fst().as_bytes())
}

fn read(lists: &Path, name: &str) -> io::Result<String> {
    fs::read_to_string(lists.join(name))
}

/// The lists whose names start so, in the order of their names.
fn files(lists: &Path, start: &str) -> io::Result<Vec<String>> {
    let mut names: Vec<_> = fs::read_dir(lists)?
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter(|name| name.starts_with(start))
        .collect();
    names.sort();
    names.iter().map(|name| read(lists, name)).collect()
}

// What a word is, as bits; read again in `lexicon.rs`.
const WORD: u64 = 1;
const GIVEN: u64 = 2;
const SURNAME: u64 = 4;
const NO_NAME: u64 = 8;
