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
    use super::*;

    #[test]
    fn both_catalogues_are_read_and_have_what_tray_and_notifications_say() {
        for language in [Language::Nl, Language::En] {
            let words = Words::of(language);
            for key in KEYS {
                assert_ne!(words.get(key), **key, "{language:?} lacks {key}");
            }
        }
    }

    #[test]
    fn a_number_finds_its_form_and_its_place() {
        let words = Words::of(Language::Nl);
        assert!(words.count("tray.waiting", 1).starts_with("1 "));
        assert!(words.count("tray.waiting", 3).starts_with("3 "));
    }

    /// Every key that this crate uses.
    const KEYS: &[&str] = &[
        "tray.open",
        "tray.waiting.none",
        "tray.waiting.one",
        "tray.waiting.other",
        "tray.quit",
        "tray.tooltip.well",
        "tray.tooltip.waiting",
        "tray.tooltip.trouble",
        "window.main",
        "window.question",
        "notify.held.title",
        "notify.held.text",
        "notify.remind.title",
        "notify.remind.text.one",
        "notify.remind.text.other",
        "notify.failed.title",
        "notify.failed.text",
        "notify.unfiled.title",
        "notify.unfiled.text",
        "notify.trouble.title",
        "trust.done",
        "trust.by_hand",
        "report.title",
        "standing.good",
        "standing.attention",
        "standing.bad",
        "said.no_address",
        "said.unwritable",
        "said.stopping",
        "said.not_with_computer",
        "said.try_out_only",
        "said.no_terms",
        "said.no_colleague",
        "said.no_domain",
        "report.domain.title",
        "domain.verdict.direct",
        "domain.verdict.other_way",
        "domain.verdict.refuse",
        "domain.verdict.later",
        "step.attempt",
        "seen.good",
        "seen.not_looked_at",
        "seen.attention",
        "seen.unknown",
        "seen.bad",
        "way.refused",
        "way.direct.works",
        "way.direct.no_record",
        "way.direct.closed",
        "way.direct.no_host",
        "way.provider.works",
        "way.provider.no_mark",
        "way.provider.no_record",
        "way.gateway.works",
        "said.no_mail_domain",
        "said.no_selector",
        "said.no_mark",
        "said.no_account",
        "said.not_in_try_out",
        "said.no_gateway",
        "said.no_server",
        "said.no_request",
        "said.no_card",
        "said.no_card_software",
        "notify.leaving.title",
        "notify.leaving.text.one",
        "notify.leaving.text.other",
        "notify.claim.title",
        "notify.claim.text",
        "notify.pin.title",
        "notify.pin.text",
        "came.signature.valid",
        "came.signature.partly",
        "came.signature.not_trusted",
        "came.signature.revoked_since",
        "came.signature.not_signed",
        "came.signature.later",
        "came.signature.unclear",
        "came.signature.broken",
        "came.author.same",
        "came.author.stranger",
        "came.author.unknown",
        "came.nta.holds",
        "came.nta.none",
        "came.nta.period",
        "came.nta.faulty",
        "came.nta.bogus",
        "came.nta.unknown",
        "came.nta.later",
        "came.nta.unmarked",
        "came.domain.proved",
        "came.domain.provider",
        "came.domain.failed",
        "came.domain.none",
        "report.verify.title",
        "verify.outcome.valid",
        "verify.outcome.partly",
        "verify.outcome.not_trusted",
        "verify.outcome.not_signed",
        "verify.outcome.later",
        "verify.outcome.unclear",
        "verify.outcome.broken",
    ];
}
