//! What a FHIR server says of itself (<https://hl7.org/fhir/R4/capabilitystatement.html>), and whether it
//! can take what we offer: asked without a word of any patient.

use serde_json::Value;

use crate::answer::{Trouble, short};

/// What was found out about a server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// It can take what we offer.
    Good(Trouble),
    /// It cannot, and what to do.
    Not(Trouble),
}

/// Reads the answer to `GET metadata`.
#[must_use]
pub fn of(status: u16, body: &[u8]) -> Found {
    let said: Option<Value> = serde_json::from_slice(body).ok();
    match (status, said) {
        (200, Some(said)) if said["resourceType"] == "CapabilityStatement" => statement(&said),
        (200, _) => not(
            "op dit adres antwoordt iets anders dan een FHIR-dienst; kijk het adres na",
            "something else than a FHIR service answers at this address; look at the address",
        ),
        (401 | 403, _) => not_admitted(),
        (404 | 405 | 410, _) => not(
            "op dit adres is geen FHIR-dienst (404); kijk het pad in het adres na",
            "there is no FHIR service at this address (404); look at the path in the address",
        ),
        (500..=599, _) => not(
            "de dienst is er, maar heeft nu een storing; probeer het later opnieuw",
            "the service is there, but has trouble now; try again later",
        ),
        (status, _) => not(
            format!(
                "de dienst antwoordt met status {status}; vraag de leverancier wat dat betekent"
            ),
            format!("the service answers with status {status}; ask its vendor what that means"),
        ),
    }
}

/// It is there, and does not know us.
#[must_use]
pub fn not_admitted() -> Found {
    not(
        "de dienst is er, maar laat ons niet toe; geef het token of het certificaat opnieuw",
        "the service is there, but does not admit us; give the token or the certificate anew",
    )
}

fn statement(said: &Value) -> Found {
    let name = said["software"]["name"].as_str().or_else(|| said["publisher"].as_str());
    let name = name.map(short).filter(|name| !name.trim().is_empty());
    let name = name.unwrap_or_else(|| "FHIR".to_owned());
    let version = said["fhirVersion"].as_str().map(short).unwrap_or_default();
    if !version.starts_with("4.") {
        return not(
            format!("{name} spreekt FHIR {version}, en wij FHIR R4 (4.0); vraag naar het R4-adres"),
            format!("{name} speaks FHIR {version}, and we FHIR R4 (4.0); ask for the R4 address"),
        );
    }
    let interactions = said["rest"].as_array().into_iter().flatten();
    let mut interactions = interactions.flat_map(|rest| {
        rest["interaction"].as_array().into_iter().flatten().filter_map(|one| one["code"].as_str())
    });
    if !interactions.any(|code| code == "transaction") {
        return not(
            format!(
                "{name} zegt geen transacties aan te nemen; vraag de leverancier die aan te zetten"
            ),
            format!("{name} says that it takes no transactions; ask its vendor to switch them on"),
        );
    }
    Found::Good(Trouble::new(
        format!("{name} is bereikt, spreekt FHIR {version} en neemt transacties aan"),
        format!("{name} was reached, speaks FHIR {version} and takes transactions"),
    ))
}

fn not(nl: impl Into<String>, en: impl Into<String>) -> Found {
    Found::Not(Trouble::new(nl, en))
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = r#"{"resourceType":"CapabilityStatement","fhirVersion":"4.0.1",
        "software":{"name":"HIS"},"rest":[{"mode":"server","interaction":[{"code":"transaction"}]}]}"#;

    fn told(status: u16, body: &str) -> Result<String, String> {
        match of(status, body.as_bytes()) {
            Found::Good(told) => Ok(told.nl),
            Found::Not(told) => Err(told.nl),
        }
    }

    #[test]
    fn a_server_of_r4_that_takes_transactions_is_good_and_is_named() {
        let told = told(200, GOOD).unwrap();
        assert!(told.contains("HIS") && told.contains("4.0.1"), "{told}");
    }

    #[test]
    fn each_fault_has_a_sentence_of_its_own() {
        let old = GOOD.replace("4.0.1", "3.0.2");
        let batch = GOOD.replace("transaction", "batch");
        let cases = [
            (200, "<html>", "anders dan een FHIR"),
            (200, r#"{"resourceType":"Patient"}"#, "anders dan een FHIR"),
            (200, old.as_str(), "R4"),
            (200, batch.as_str(), "transacties"),
            (401, "", "token"),
            (403, "", "token"),
            (404, "", "pad"),
            (503, "", "later"),
            (302, "", "302"),
        ];
        for (status, body, words) in cases {
            let told = told(status, body).unwrap_err();
            assert!(told.contains(words), "{status} {body}: {told}");
        }
    }
}
