//! The product's words, from the one catalogue that the pages use too (`ui/src/catalogue`).

use std::collections::HashMap;

use crate::view::Language;

/// The words of one language.
#[derive(Debug, Clone)]
pub(crate) struct Words {
    language: Language,
    all: HashMap<String, String>,
}

impl Words {
    /// The words of a language.
    #[must_use]
    pub(crate) fn of(language: Language) -> Self {
        let text = match language {
            Language::Nl => include_str!("../../ui/src/catalogue/nl.json"),
            Language::En => include_str!("../../ui/src/catalogue/en.json"),
        };
        // A test reads both, so that this default is never met.
        Self { language, all: serde_json::from_str(text).unwrap_or_default() }
    }

    /// Their language.
    #[must_use]
    pub(crate) fn language(&self) -> Language {
        self.language
    }

    /// The text of a key; the key itself where the catalogue lacks it.
    #[must_use]
    pub(crate) fn get(&self, key: &str) -> String {
        self.all.get(key).cloned().unwrap_or_else(|| key.to_owned())
    }

    /// The text of a key with one value put in.
    #[must_use]
    pub(crate) fn with(&self, key: &str, name: &str, value: &str) -> String {
        self.get(key).replace(&format!("{{{name}}}"), value)
    }

    /// The text of `key.one` or `key.other`, with the number put in.
    #[must_use]
    pub(crate) fn count(&self, key: &str, n: u32) -> String {
        let form = if n == 1 { "one" } else { "other" };
        self.with(&format!("{key}.{form}"), "n", &n.to_string())
    }

    /// The sentence of this language, of a pair Dutch and English.
    #[must_use]
    pub(crate) fn pick(&self, nl: impl Into<String>, en: impl Into<String>) -> String {
        match self.language {
            Language::Nl => nl.into(),
            Language::En => en.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::collections::HashSet;
    use std::fs;
    use std::path::Path;

    use super::*;

    /// Every key that stands in the sources of this crate, from them.
    fn keys() -> Vec<String> {
        let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src")];
        let mut found = Vec::new();
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    found.extend(written(&fs::read_to_string(path).unwrap()));
                }
            }
        }
        found
    }

    /// Texts between quotes that look like a key: words with dots between them, of a family that the
    /// catalogue has, and no name of a file or host.
    fn written(source: &str) -> Vec<String> {
        let words = Words::of(Language::Nl);
        let families: HashSet<&str> =
            words.all.keys().filter_map(|key| Some(key.split_once('.')?.0)).collect();
        let part = |part: &str| {
            let letter = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_';
            !part.is_empty() && part.bytes().all(letter)
        };
        let key = |text: &&str| {
            let family = text.split_once('.').is_some_and(|(first, _)| families.contains(first));
            let other = [".html", ".test", ".rs"].iter().any(|end| text.ends_with(end));
            family && !other && text.split('.').all(part)
        };
        source.split('"').filter(key).map(str::to_owned).collect()
    }

    #[test]
    fn both_catalogues_have_every_key_that_this_program_names() {
        let keys = keys();
        for known in ["tray.quit", "notify.held.title", "came.nta.later", "said.no_address"] {
            assert!(keys.iter().any(|key| key == known), "{known} was not found in {keys:?}");
        }
        for language in [Language::Nl, Language::En] {
            let words = Words::of(language);
            let has = |key: &String| {
                let counted = [".one", ".other"].map(|form| format!("{key}{form}"));
                words.all.contains_key(key) || counted.iter().all(|key| words.all.contains_key(key))
            };
            let lacking: Vec<_> = keys.iter().filter(|key| !has(key)).collect();
            assert!(lacking.is_empty(), "{language:?} lacks {lacking:?}");
        }
    }

    #[test]
    fn a_number_finds_its_form_and_its_place() {
        let words = Words::of(Language::Nl);
        assert!(words.count("tray.waiting", 1).starts_with("1 "));
        assert!(words.count("tray.waiting", 3).starts_with("3 "));
    }
}
