//! What a FHIR server's answer means for what was offered to it.

use serde_json::Value;

/// What became of what was offered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Taken {
    /// It is filed; where, as the server says it.
    Filed {
        /// The reference of the DocumentReference, such as `DocumentReference/17/_history/1`.
        place: Option<String>,
    },
    /// Not now: try again. A person need do nothing yet.
    Later(Trouble),
    /// Not like this: it stays here until a person changes something.
    Refused(Trouble),
}

/// Why it was not taken, Dutch and English: what happened, and what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trouble {
    /// Dutch.
    pub nl: String,
    /// English.
    pub en: String,
    /// What the record system said itself: it knows its rules. It may name a patient.
    pub said: Option<String>,
}

impl Trouble {
    /// In our words alone.
    pub fn new(nl: impl Into<String>, en: impl Into<String>) -> Self {
        Self { nl: nl.into(), en: en.into(), said: None }
    }

    /// Our words with those of the record system behind them, Dutch and English.
    #[must_use]
    pub fn whole(self) -> (String, String) {
        match self.said {
            Some(said) => (format!("{} ({said})", self.nl), format!("{} ({said})", self.en)),
            None => (self.nl, self.en),
        }
    }
}

/// Reads the answer to a transaction (<https://hl7.org/fhir/R4/http.html#transaction>): all of it was
/// taken, or nothing.
#[must_use]
pub fn to_bundle(status: u16, body: &[u8]) -> Taken {
    let said = serde_json::from_slice::<Value>(body).ok();
    match status {
        200 | 201 => filed(said.as_ref()),
        401 | 403 => Taken::Refused(Trouble::new(
            "het dossiersysteem laat ons niet toe; geef het token opnieuw",
            "the record system does not admit us; give its token anew",
        )),
        404 | 405 | 410 => Taken::Refused(Trouble::new(
            "op dit adres is geen FHIR-dienst die berichten aanneemt; kijk het adres na in de instellingen",
            "there is no FHIR service at this address that takes messages; look at the address in the settings",
        )),
        409 | 412 => Taken::Refused(told(
            said.as_ref(),
            "het dossiersysteem kent deze patiënt of dit bericht meer dan eens; laat het daar nakijken",
            "the record system knows this patient or message more than once; have it looked at there",
        )),
        413 => Taken::Refused(Trouble::new(
            "het bericht is groter dan het dossiersysteem aanneemt; bewaar het in een map",
            "the message is larger than the record system takes; save it to a folder",
        )),
        408 | 425 | 429 | 500..=599 => Taken::Later(told(
            said.as_ref(),
            "het dossiersysteem heeft nu een storing; het wordt opnieuw geprobeerd",
            "the record system has trouble now; it is tried again",
        )),
        300..=399 => Taken::Refused(Trouble::new(
            "het dossiersysteem verwijst door naar een ander adres; zet dat in de instellingen",
            "the record system points to another address; put that into the settings",
        )),
        _ => Taken::Refused(told(
            said.as_ref(),
            "het dossiersysteem weigert het bericht",
            "the record system refuses the message",
        )),
    }
}

/// The message lies there, and under whom is not known.
#[must_use]
pub fn under_another() -> Trouble {
    Trouble::new(
        "het bericht staat al in het dossier, misschien onder een andere patiënt; laat het daar nakijken",
        "the record has the message already, perhaps under another patient; have it looked at there",
    )
}

/// The search of the record system finds what nobody has, and so says nothing of what is asked for.
#[must_use]
pub fn finds_anything() -> Trouble {
    Trouble::new(
        "het dossiersysteem zegt ook van een document dat niemand heeft dat het er staat, en dus is niet te weten of het bericht er staat; kijk daar, en vraag de leverancier om zoeken van DocumentReference op identifier",
        "the record system finds even a document that nobody has, and so it cannot be known whether it has the message; look there, and ask its vendor for searching DocumentReference by identifier",
    )
}

/// Reads the answer to the question whether the message is filed already; `None` where it does not tell.
#[must_use]
pub fn to_lookup(status: u16, body: &[u8]) -> Option<bool> {
    let said: Value = serde_json::from_slice(body).ok()?;
    let bundle = status == 200 && said["resourceType"] == "Bundle";
    bundle.then(|| said["total"].as_u64()).flatten().map(|total| total > 0)
}

/// Whether an answer to a transaction that was taken says that the document lay there before it: of what
/// `ifNoneExist` found the status is 200, of what was made 201
/// (<https://hl7.org/fhir/R4/http.html#cond-create>).
#[must_use]
pub fn lay_there(body: &[u8]) -> bool {
    let said = serde_json::from_slice::<Value>(body).unwrap_or_default();
    let entries = said["entry"].as_array().map(Vec::as_slice).unwrap_or_default();
    // The answers stand in the order of what was sent, where the document is the last; a server may leave
    // out where it put it.
    let document = entries.iter().rfind(|entry| place(entry).is_some()).or(entries.last());
    document.and_then(|entry| entry["response"]["status"].as_str()).is_some_and(is_found)
}

fn is_found(status: &str) -> bool {
    status.split_whitespace().next() == Some("200")
}

/// Where the document of this entry lies; `None` where it is no document.
fn place(entry: &Value) -> Option<&str> {
    entry["response"]["location"].as_str().filter(|place| place.contains("DocumentReference/"))
}

fn filed(said: Option<&Value>) -> Taken {
    let garbled = || {
        Taken::Later(Trouble::new(
            "het dossiersysteem antwoordt onverstaanbaar; of het bericht er staat, wordt nagevraagd",
            "the record system's answer cannot be understood; it is asked again whether it has the message",
        ))
    };
    let Some(entries) = said.and_then(|said| said["entry"].as_array()) else {
        return garbled();
    };
    let good = |entry: &Value| {
        entry["response"]["status"].as_str().is_some_and(|status| status.starts_with('2'))
    };
    if entries.is_empty() || !entries.iter().all(good) {
        return garbled();
    }
    Taken::Filed { place: entries.iter().filter_map(place).map(short).next_back() }
}

/// Our words, and the server's own beside them.
fn told(said: Option<&Value>, nl: &str, en: &str) -> Trouble {
    let issues = said.and_then(|said| said["issue"].as_array());
    let text = |issue: &Value| {
        let words = issue["diagnostics"].as_str().or_else(|| issue["details"]["text"].as_str());
        words.map(short)
    };
    Trouble { said: issues.into_iter().flatten().find_map(text), ..Trouble::new(nl, en) }
}

/// A line of a stranger, cut to what a sentence bears.
pub(crate) fn short(words: &str) -> String {
    words.chars().filter(|c| !c.is_control()).take(MOST_WORDS).collect()
}

const MOST_WORDS: usize = 200;

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, body: &str) -> Taken {
        to_bundle(status, body.as_bytes())
    }

    #[test]
    fn only_an_answer_that_says_so_for_every_part_is_filed() {
        let good = r#"{"entry":[{"response":{"status":"200 OK","location":"Patient/1"}},
            {"response":{"status":"201","location":"DocumentReference/7/_history/1"}}]}"#;
        let place = Some("DocumentReference/7/_history/1".to_owned());
        assert_eq!(answer(200, good), Taken::Filed { place });
        for strange in ["", "<html>", "{}", r#"{"entry":[]}"#, &good.replace("201", "422")] {
            assert!(matches!(answer(200, strange), Taken::Later(_)), "{strange}");
        }
    }

    #[test]
    fn a_document_that_was_found_lay_there_and_one_that_was_made_did_not() {
        let patient = r#"{"response":{"status":"200 OK","location":"Patient/1"}}"#;
        let with = |document: &str| format!(r#"{{"entry":[{patient},{document}]}}"#);
        for (document, lay) in [
            (r#"{"response":{"status":"201 Created","location":"DocumentReference/7"}}"#, false),
            (r#"{"response":{"status":"200 OK","location":"DocumentReference/7"}}"#, true),
            (r#"{"response":{"status":"200"}}"#, true),
            (r#"{"response":{"status":"201"}}"#, false),
        ] {
            assert_eq!(lay_there(with(document).as_bytes()), lay, "{document}");
        }
        assert!(!lay_there(b"<html>"));
    }

    #[test]
    fn each_refusal_says_what_to_do_and_trouble_is_tried_again() {
        let outcome =
            r#"{"resourceType":"OperationOutcome","issue":[{"diagnostics":"no such\npatient"}]}"#;
        let Taken::Refused(trouble) = answer(422, outcome) else { panic!() };
        assert_eq!(trouble.said.as_deref(), Some("no suchpatient"));
        assert!(!trouble.nl.contains("patient"), "ours are ours: {trouble:?}");
        assert!(trouble.whole().0.ends_with("(no suchpatient)"));
        let mut seen = std::collections::HashSet::new();
        for status in [302, 400, 401, 404, 409, 413] {
            let Taken::Refused(trouble) = answer(status, "") else { panic!("{status}") };
            assert!(seen.insert(trouble.en));
        }
        for status in [408, 429, 500, 502, 503] {
            assert!(matches!(answer(status, "garbage"), Taken::Later(_)), "{status}");
        }
    }

    #[test]
    fn the_question_whether_it_is_there_is_answered_by_a_number_only() {
        assert_eq!(to_lookup(200, br#"{"resourceType":"Bundle","total":1}"#), Some(true));
        assert_eq!(to_lookup(200, br#"{"resourceType":"Bundle","total":0}"#), Some(false));
        assert_eq!(to_lookup(200, b"{}"), None);
        assert_eq!(to_lookup(401, br#"{"resourceType":"Bundle","total":1}"#), None);
    }
}
