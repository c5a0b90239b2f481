//! Compiles the word lists of `lists/` into a table that costs nothing at the program's start.

use std::collections::BTreeMap;
use std::path::Path;
use std::{env, fs, io};

// The library's own: it has them for others, and more of them than are used here.
#[allow(dead_code, unreachable_pub)]
#[path = "src/forms.rs"]
mod forms;
#[allow(dead_code, unreachable_pub)]
#[path = "src/hash.rs"]
mod hash;

fn main() -> io::Result<()> {
    println!("cargo::rerun-if-changed=lists");
    println!("cargo::rerun-if-changed=src/forms.rs");
    println!("cargo::rerun-if-changed=src/hash.rs");
    let out = env::var_os("OUT_DIR").ok_or_else(|| io::Error::other("no OUT_DIR"))?;
    let out = Path::new(&out);
    let lists = Path::new("lists");
    let (medical, phrases) = terms(lists)?;
    let leads: Vec<String> =
        phrases.keys().filter_map(|phrase| Some(forms::lead(phrase)?.to_owned())).collect();
    let lines: Vec<String> =
        phrases.into_iter().map(|(phrase, tier)| format!("{tier}{phrase}")).collect();
    fs::write(out.join("phrases.txt"), lines.join("\n"))?;

    let mut words = BTreeMap::new();
    for list in ["woorden.txt", "words-en.txt"] {
        for word in read(lists, list)?.lines().filter(|line| !line.starts_with('#')) {
            words.insert(word.to_owned(), hash::WORD);
        }
    }
    for list in files(lists, "voornamen")? {
        for name in forms::entries(&list) {
            *words.entry(name.to_lowercase()).or_insert(0) |= hash::GIVEN;
        }
    }
    for list in files(lists, "achternamen")? {
        for entry in forms::entries(&list) {
            let (name, also) =
                entry.split_once('=').map_or((entry, 0), |(name, _)| (name, hash::WORD));
            *words.entry(name.to_lowercase()).or_insert(0) |= hash::SURNAME | also;
        }
    }
    for list in files(lists, "geen-namen")? {
        for name in forms::entries(&list) {
            *words.entry(name.to_lowercase()).or_insert(0) |= hash::NO_NAME;
        }
    }
    for (word, tier) in medical {
        *words.entry(word).or_insert(0) |= tier << hash::TIER;
    }
    for lead in leads {
        *words.entry(lead).or_insert(0) |= hash::LEAD;
    }
    for word in small(lists)? {
        *words.entry(word).or_insert(0) |= hash::SMALL;
    }
    fs::write(out.join("words.bin"), table(&words))
}

/// Medical words and phrases, each with its tier.
type Terms = (BTreeMap<String, u8>, BTreeMap<String, u8>);

fn terms(lists: &Path) -> io::Result<Terms> {
    let mut medical = BTreeMap::new();
    let mut phrases = BTreeMap::new();
    // A word of several lists keeps the tier of the last.
    for (start, tier) in [("D-", 3_u8), ("C-", 2), ("B-", 1)] {
        for list in files(lists, start)? {
            for entry in forms::entries(&list) {
                learn(&entry.to_lowercase(), tier, &mut medical, &mut phrases);
            }
        }
    }
    for entry in forms::entries(&read(lists, "rollen.txt")?) {
        learn(&entry.to_lowercase(), 3, &mut medical, &mut phrases);
    }
    for compound in compounds(&read(lists, "samenstellingen.txt")?) {
        medical.entry(compound).or_insert(1);
    }
    // Abbreviations with signs in them: "e.c.i.", "collum#".
    for list in files(lists, "A-")? {
        let signed = |entry: &&str| entry.len() >= 4 && !entry.chars().all(char::is_alphanumeric);
        for entry in forms::entries(&list).filter(signed) {
            phrases.insert(entry.to_lowercase(), 1);
        }
    }
    Ok((medical, phrases))
}

/// The words that play a part in the rules, those that cues begin with, and professions and places of care.
fn small(lists: &Path) -> io::Result<Vec<String>> {
    let small = read(lists, "kleine-woorden.txt")?;
    let cues = read(lists, "aanwijzingen.txt")? + &read(lists, "onderwerpen.txt")?;
    let small = forms::entries(&small).filter(|word| !word.starts_with('['));
    let leads = cues.lines().flat_map(forms::entries).filter_map(forms::lead);
    let roles = read(lists, "rollen.txt")?;
    let roles = forms::entries(&roles).flat_map(|role| forms::forms(&role.to_lowercase()));
    Ok(small.chain(leads).map(str::to_owned).chain(roles).collect())
}

/// Slots of four bytes: three of the word's hash, one of what it is. An empty one is zero.
fn table(words: &BTreeMap<String, u8>) -> Vec<u8> {
    let slots = (words.len() * 3 / 2).next_power_of_two();
    let mut table = vec![0_u32; slots];
    for (word, what) in words {
        let hash = hash::hash(word.as_bytes());
        let mut at = hash::slot(hash, slots);
        while table[at] != 0 {
            at = (at + 1) % slots;
        }
        table[at] = hash::mark(hash) << 8 | u32::from(*what);
    }
    table.into_iter().flat_map(u32::to_le_bytes).collect()
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
    tier: u8,
    words: &mut BTreeMap<String, u8>,
    phrases: &mut BTreeMap<String, u8>,
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
