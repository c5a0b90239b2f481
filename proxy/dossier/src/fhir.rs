//! The message as a FHIR R4 transaction bundle after IHE MHD "Provide Document Bundle" (ITI-65): a
//! DocumentReference with the PDF and the original as Binary, under a Patient known by BSN.
//!
//! No profile is claimed: ITI-65 wants a SubmissionSet whose codes the receiving organisation hands out,
//! and the Netherlands have no R4 profile of DocumentReference. Sent twice it files once: Patient and
//! DocumentReference carry `ifNoneExist` (<https://hl7.org/fhir/R4/http.html#cond-create>). A Binary has no
//! identifier to ask for, so [`lookup`] is asked before a second attempt.

use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::{Filing, Papers};

/// Where Dutch citizen service numbers are identifiers of FHIR.
pub const BSN: &str = "http://fhir.nl/fhir/NamingSystem/bsn";
/// Identifiers that are URIs (RFC 3986).
const URI: &str = "urn:ietf:rfc:3986";

/// Where a FHIR server is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Server {
    /// Its name, which its certificate must have.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// The path of its base address, without a slash at the end; empty for the root.
    pub base: String,
}

impl Server {
    /// Reads the base address of a server: `https://host[:port][/path]`. `None` for anything else: no
    /// other scheme, no user, no query.
    #[must_use]
    pub fn parse(url: &str) -> Option<Self> {
        let rest = url.strip_prefix("https://")?;
        let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        let plain = |c: char| c.is_ascii_alphanumeric() || "-._~/%".contains(c);
        let (host, port) = match authority.rsplit_once(':') {
            Some((host, port)) => (host, port.parse().ok().filter(|port| *port > 0)?),
            None => (authority, 443),
        };
        let named = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.');
        if host.is_empty() || !host.chars().all(named) || !path.chars().all(plain) {
            return None;
        }
        let base = path.trim_end_matches('/').to_owned();
        Some(Self { host: host.to_owned(), port, base })
    }
}

/// The bundle, to be POSTed to the base address of the server as `application/fhir+json`.
#[must_use]
pub fn bundle(papers: &Papers<'_>, filing: &Filing) -> Value {
    let identifier = papers.identifier();
    let place = |role: &str| uuid(&format!("{identifier}\n{role}"));
    let (patient, document) = (place("patient"), place("document"));
    let forms = [
        ("pdf", "application/pdf", papers.pdf),
        ("eml", "message/rfc822", papers.message.bytes()),
        ("xml", "application/xml", papers.xml),
    ];
    let mut content = Vec::new();
    let mut entries = vec![entry(&patient, person(filing), "Patient", same_patient(filing))];
    for (role, media_type, bytes) in forms {
        let url = place(role);
        let binary = json!({
            "resourceType": "Binary", "contentType": media_type, "data": STANDARD.encode(bytes),
        });
        entries.push(entry(&url, binary, "Binary", None));
        content.push(json!({ "attachment": {
            "contentType": media_type,
            "url": url,
            "size": bytes.len(),
            // SHA-1 is what R4 defines here; the manifest of the folder has SHA-256.
            "hash": STANDARD.encode(digest(&SHA1_FOR_LEGACY_USE_ONLY, bytes)),
            "title": title(papers),
            "creation": instant(filing.date),
        }}));
    }
    let names = core::iter::once(identifier.clone()).chain(papers.message_id());
    let identifiers: Vec<Value> =
        names.map(|name| json!({ "system": URI, "value": name })).collect();
    let mut document_reference = json!({
        "resourceType": "DocumentReference",
        "masterIdentifier": { "system": URI, "value": identifier },
        "identifier": identifiers,
        "status": "current",
        "docStatus": "final",
        "type": { "text": filing.kind.words().0 },
        "subject": { "reference": patient },
        "date": instant(filing.date),
        "description": title(papers),
        "content": content,
    });
    let author = string(&filing.author);
    if !author.is_empty() {
        document_reference["author"] = json!([{ "display": author }]);
    }
    let once = format!("identifier={URI}|{}", query(&identifier));
    entries.push(entry(&document, document_reference, "DocumentReference", Some(once)));
    json!({ "resourceType": "Bundle", "type": "transaction", "entry": entries })
}

/// Path and query, below the base address, of the question whether the message is filed already.
#[must_use]
pub fn lookup(papers: &Papers<'_>) -> String {
    asked_for(&papers.identifier())
}

/// The same question about a document that nobody has: whether we may ask at all.
#[must_use]
pub fn lookup_of_nothing() -> String {
    asked_for("ni:///sha-256;zorgzegel")
}

fn asked_for(identifier: &str) -> String {
    let identifier = query(identifier);
    format!("DocumentReference?identifier={}%7C{identifier}&_summary=count", query(URI))
}

fn entry(full_url: &str, resource: Value, url: &str, once: Option<String>) -> Value {
    let mut request = json!({ "method": "POST", "url": url });
    if let Some(once) = once {
        request["ifNoneExist"] = Value::String(once);
    }
    json!({ "fullUrl": full_url, "resource": resource, "request": request })
}

fn person(filing: &Filing) -> Value {
    let patient = &filing.patient;
    let mut person = json!({ "resourceType": "Patient" });
    if let Some(bsn) = patient.bsn() {
        person["identifier"] = json!([{ "system": BSN, "value": bsn.as_str() }]);
    }
    let name = string(patient.name());
    if !name.is_empty() {
        person["name"] = json!([{ "text": name }]);
    }
    if let Some(day) = patient.birth_date() {
        person["birthDate"] = Value::String(day.to_string());
    }
    person
}

/// By what the server finds a patient that it has. Without a number it always makes a new one: name and
/// birth date may be those of twins.
fn same_patient(filing: &Filing) -> Option<String> {
    filing.patient.bsn().map(|bsn| format!("identifier={BSN}|{}", bsn.as_str()))
}

fn title(papers: &Papers<'_>) -> String {
    let subject = string(&papers.content.subject);
    if subject.is_empty() { "Bericht".to_owned() } else { subject }
}

/// A string of FHIR: no control characters, no blanks of other kinds, and not empty
/// (<https://hl7.org/fhir/R4/datatypes.html#string>); where nothing is left it is left out.
fn string(text: &str) -> String {
    let plain = |c: char| if c.is_control() || c.is_whitespace() { ' ' } else { c };
    text.chars().map(plain).collect::<String>().trim().to_owned()
}

/// A FHIR instant: to the second, in UTC.
fn instant(time: Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// A name for a resource inside the bundle: the same message gives the same names (RFC 9562, version 8).
fn uuid(name: &str) -> String {
    let hash = digest(&SHA256, name.as_bytes());
    let mut bytes = [0_u8; 16];
    bytes.copy_from_slice(&hash.as_ref()[..16]);
    bytes[6] = bytes[6] & 0x0f | 0x80;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let hex = copies::hex(&bytes);
    let (one, two, three) = (&hex[..8], &hex[8..12], &hex[12..16]);
    format!("urn:uuid:{one}-{two}-{three}-{}-{}", &hex[16..20], &hex[20..])
}

/// A value in a query (RFC 3986 section 2.1): all but what is never special is escaped.
fn query(value: &str) -> String {
    use core::fmt::Write as _;
    value.bytes().fold(String::new(), |mut text, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            text.push(char::from(byte));
        } else {
            let _ = write!(text, "%{byte:02X}");
        }
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::{filing, papers};

    #[test]
    fn a_server_is_a_name_a_port_and_a_path_and_nothing_else() {
        let parsed = |url: &str| Server::parse(url).map(|s| (s.host, s.port, s.base));
        let some = |host: &str, port, base: &str| Some((host.to_owned(), port, base.to_owned()));
        assert_eq!(parsed("https://epd.test"), some("epd.test", 443, ""));
        assert_eq!(parsed("https://epd.test:8443/fhir/r4/"), some("epd.test", 8443, "/fhir/r4"));
        for wrong in [
            "http://epd.test",
            "https://",
            "https://a@epd.test",
            "https://epd.test:0",
            "https://epd.test/a?b",
            "https://epd.test/a b",
            "https://[::1]/",
            "https://epd.test:x/",
        ] {
            assert_eq!(parsed(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_bundle_has_the_original_byte_for_byte_and_names_its_patient_by_bsn() {
        let kept = papers("Uitslag");
        let bundle = bundle(&kept.papers(), &filing());
        let entries = bundle["entry"].as_array().unwrap();
        assert_eq!(entries.len(), 5);
        assert_eq!(entries[0]["resource"]["identifier"][0]["value"], "123456782");
        assert_eq!(
            entries[0]["request"]["ifNoneExist"],
            "identifier=http://fhir.nl/fhir/NamingSystem/bsn|123456782"
        );
        let document = &entries[4]["resource"];
        assert_eq!(document["masterIdentifier"]["value"], kept.papers().identifier());
        assert_eq!(document["identifier"][1]["value"], "mid:1@huisarts.test");
        assert_eq!(document["subject"]["reference"], entries[0]["fullUrl"]);
        for (at, one) in document["content"].as_array().unwrap().iter().enumerate() {
            let binary = &entries[at + 1];
            assert_eq!(one["attachment"]["url"], binary["fullUrl"]);
            let data = STANDARD.decode(binary["resource"]["data"].as_str().unwrap()).unwrap();
            assert_eq!(one["attachment"]["size"], data.len());
        }
        let original = entries[2]["resource"]["data"].as_str().unwrap();
        assert_eq!(STANDARD.decode(original).unwrap(), kept.message.bytes());
        assert!(bundle["meta"].is_null(), "no profile is claimed");
    }

    #[test]
    fn what_is_empty_is_left_out_and_no_string_has_what_strings_must_not_have() {
        let kept = papers(" Uitslag\u{1}\u{b}HbA1c\u{85}\u{a0}58\u{9f} ");
        let nobody = Filing { author: " \u{2} ".to_owned(), ..filing() };
        let document = &bundle(&kept.papers(), &nobody)["entry"][4]["resource"];
        assert!(document.get("author").is_none(), "{document}");
        assert_eq!(document["description"], "Uitslag  HbA1c  58");
        assert_eq!(document["content"][0]["attachment"]["title"], "Uitslag  HbA1c  58");
        let somebody = Filing { author: "Dr.\u{7f}Jansen".to_owned(), ..filing() };
        let document = &bundle(&kept.papers(), &somebody)["entry"][4]["resource"];
        assert_eq!(document["author"][0]["display"], "Dr. Jansen");
        let nothing = &bundle(&papers("\u{1}").papers(), &filing())["entry"][4]["resource"];
        assert_eq!(nothing["description"], "Bericht");
        let born = Some(jiff::civil::Date::constant(1956, 3, 12));
        let patient = crate::Patient::confirmed(None, "A.\u{1}de Vries", born).unwrap();
        let named =
            &bundle(&kept.papers(), &Filing { patient, ..filing() })["entry"][0]["resource"];
        assert_eq!(named["name"][0]["text"], "A. de Vries");
    }

    #[test]
    fn the_same_message_gives_the_same_bundle_and_is_asked_for_by_its_identifier() {
        let kept = papers("Uitslag");
        assert_eq!(bundle(&kept.papers(), &filing()), bundle(&kept.papers(), &filing()));
        let asked = lookup(&kept.papers());
        let start =
            "DocumentReference?identifier=urn%3Aietf%3Arfc%3A3986%7Cni%3A%2F%2F%2Fsha-256%3B";
        assert!(asked.starts_with(start) && asked.ends_with("&_summary=count"), "{asked}");
    }
}
