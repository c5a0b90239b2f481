//! A record system tried without a word of any patient: is it there, does it know us, can it take what we
//! offer?

use core::time::Duration;

use dossier::answer::{self, Trouble};
use dossier::capability::{self, Found};
use dossier::fhir::{self, Server};
use dossier::folder;
use net::dial::DialError;
use net::https::{self, Answer, Document, HttpsError};
use net::tls::Roots;
use settings::{Destination, Dossier};

use crate::secret::Secret;
use crate::{FHIR_JSON, STOPPING, bad_address};

/// What came of it: a sentence, Dutch and English.
pub type Tried = Found;

/// Tries a destination. A folder: something empty is written and taken away again. A FHIR server: its
/// capability statement is read, and it is asked for a document that nobody has.
pub async fn run(roots: &Roots, destination: &Destination, secret: &Secret) -> Tried {
    match &destination.dossier {
        Dossier::Folder(folder) | Dossier::Medvri { folder, .. } => {
            let folder = folder.clone();
            // A folder of a network that is gone takes its time.
            let tried = tokio::task::spawn_blocking(move || folder::try_out(&folder)).await;
            match tried {
                Ok(Ok(())) => Found::Good(sentence(FOLDER_GOOD)),
                Ok(Err(error)) => Found::Not(Trouble::new(error.nl(), error.to_string())),
                Err(_) => Found::Not(sentence(STOPPING)),
            }
        }
        Dossier::Fhir { url, .. } => match Server::parse(url) {
            Some(server) => asked(roots, &server, secret).await,
            None => Found::Not(bad_address()),
        },
    }
}

async fn asked(roots: &Roots, server: &Server, secret: &Secret) -> Tried {
    let found = match ask(roots, server, secret, "metadata").await {
        Ok(answer) => capability::of(answer.status, &answer.body),
        Err(error) => return unreachable(&server.host, &error),
    };
    if matches!(found, Found::Not(_)) {
        return found;
    }
    // Anybody may read the statement: whether we may ask more is another question.
    match ask(roots, server, secret, &fhir::lookup_of_nothing()).await {
        Ok(answer) => searched(found, &answer),
        Err(error) => unreachable(&server.host, &error),
    }
}

/// What is left of what was found, once it was asked for a document that nobody has.
fn searched(found: Tried, answer: &Answer) -> Tried {
    if matches!(answer.status, 401 | 403) {
        return capability::not_admitted();
    }
    match answer::to_lookup(answer.status, &answer.body) {
        Some(false) => found,
        Some(true) => Found::Not(sentence(BLIND_SEARCH)),
        None => Found::Not(sentence(NO_SEARCH)),
    }
}

async fn ask(
    roots: &Roots,
    server: &Server,
    secret: &Secret,
    what: &str,
) -> Result<Answer, HttpsError> {
    let path = format!("{}/{what}", server.base);
    let (at_most, within) = (LONGEST_STATEMENT, PATIENCE);
    let document = Document { host: &server.host, port: server.port, path: &path, at_most, within };
    https::ask(roots, document, FHIR_JSON, secret.credential()).await
}

/// No answer: why, and what to do.
fn unreachable(host: &str, error: &HttpsError) -> Tried {
    let (nl, en) = match error {
        HttpsError::Tls(error) => (
            format!(
                "{host} bewijst niet wie het is: {}; vraag de leverancier naar het certificaat",
                error.nl()
            ),
            format!(
                "{host} does not prove who it is: {error}; ask its vendor about the certificate"
            ),
        ),
        HttpsError::Dial(DialError::Name(_)) => (
            format!("de naam {host} bestaat niet; kijk het adres na"),
            format!("there is no host {host}; look at the address"),
        ),
        HttpsError::Dial(error) => (
            format!("{host} is niet bereikbaar ({error}); kijk naar het netwerk en de poort"),
            format!("{host} cannot be reached ({error}); look at the network and the port"),
        ),
        HttpsError::Silent(_) => (
            format!(
                "{host} antwoordt niet binnen {} seconden; vraag de leverancier of de dienst draait",
                PATIENCE.as_secs()
            ),
            format!(
                "{host} does not answer within {} seconds; ask its vendor whether it runs",
                PATIENCE.as_secs()
            ),
        ),
        error => (
            format!("{host} antwoordt onverstaanbaar ({error}); kijk het adres en de poort na"),
            format!(
                "the answer of {host} cannot be understood ({error}); look at address and port"
            ),
        ),
    };
    Found::Not(Trouble::new(nl, en))
}

fn sentence((nl, en): (&str, &str)) -> Trouble {
    Trouble::new(nl, en)
}

const FOLDER_GOOD: (&str, &str) =
    ("in de map kan worden geschreven", "the folder can be written to");
const NO_SEARCH: (&str, &str) = (
    "de dienst is er, maar beantwoordt niet of een document er al staat; vraag de leverancier om zoeken op DocumentReference",
    "the service is there, but does not tell whether it has a document already; ask its vendor for searching on DocumentReference",
);
const BLIND_SEARCH: (&str, &str) = (
    "de dienst is er, maar zegt ook van een document dat niemand heeft dat het er staat; vraag de leverancier om zoeken van DocumentReference op identifier",
    "the service is there, but finds even a document that nobody has; ask its vendor for searching DocumentReference by identifier",
);
/// A person waits for it.
const PATIENCE: Duration = Duration::from_secs(15);
/// HAPI's statement has half a megabyte.
const LONGEST_STATEMENT: usize = 16 * 1024 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_folder_is_good_where_it_can_be_written_to_and_else_it_is_said_why() {
        let (roots, folder) = (Roots::load(&[]).unwrap(), tempfile::tempdir().unwrap());
        let to = |path: std::path::PathBuf| Destination {
            name: "x".to_owned(),
            dossier: Dossier::Folder(path),
        };
        let good = run(&roots, &to(folder.path().to_owned()), &Secret::Nothing).await;
        assert!(matches!(good, Found::Good(_)), "{good:?}");
        let gone = run(&roots, &to(folder.path().join("weg")), &Secret::Nothing).await;
        let Found::Not(why) = gone else { panic!("it is not there") };
        assert!(why.nl.contains("weg"), "{why:?}");
    }

    #[test]
    fn a_service_is_good_only_where_it_does_not_find_what_nobody_has() {
        let good = || Found::Good(sentence(FOLDER_GOOD));
        let of =
            |status, body: &str| searched(good(), &Answer { status, body: body.to_owned().into() });
        assert_eq!(of(200, r#"{"resourceType":"Bundle","total":0}"#), good());
        // It leaves out of account what it does not know, and counts all that it has.
        let all = of(200, r#"{"resourceType":"Bundle","total":4711}"#);
        assert_eq!(all, Found::Not(sentence(BLIND_SEARCH)));
        assert_eq!(of(200, "<html>"), Found::Not(sentence(NO_SEARCH)));
        assert_eq!(of(403, ""), capability::not_admitted());
    }

    #[tokio::test]
    async fn a_host_that_nobody_answers_at_is_told_by_name() {
        let roots = Roots::load(&[]).unwrap();
        let url = "https://127.0.0.1:1/fhir".to_owned();
        let dossier = Dossier::Fhir { url, credential: settings::Credential::Token };
        let to = Destination { name: "x".to_owned(), dossier };
        let Found::Not(why) = run(&roots, &to, &Secret::Nothing).await else { panic!("nobody") };
        assert!(why.nl.contains("127.0.0.1"), "{why:?}");
    }
}
