//! Offers a message to a record system (R-DET-3): makes the copies, hands them in, and says what came of
//! it; and tries a record system without a word of any patient.
//!
//! ```text
//! Asked (a person's) + Made (copies) --hand_in--> folder | FHIR server | MEDVRI file --> Came
//! Destination --trial::run--> Tried
//! ```
//!
//! What this room does not do: it keeps nothing, tries nothing twice (`offers` does), and knows no account.
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used))]

pub mod form;
mod secret;
pub mod trial;

use core::time::Duration;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use cades::Anchors;
use copies::{About, Content, CopyError, Source};
use dossier::answer::{self, Taken};
use dossier::fhir::{self, Server};
use dossier::{Filing, Papers, folder, medvri};
use jiff::Timestamp;
use mail::Message;
use net::https::{self, Answer, Credential, Delivery, Document, HttpsError};
use net::tls::Roots;
use nta7516::proof::Proof;
use serde::{Deserialize, Serialize};
use settings::{Destination, Dossier};
use worker::Workers;

pub use secret::{Secret, SecretError, carries_over, certificate};

/// Where a message is to be filed, and under what, as a person confirmed it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    /// The name of the destination; `None`: the account's first.
    #[serde(default)]
    pub destination: Option<String>,
    /// Under what.
    #[serde(flatten)]
    pub filing: Filing,
}

impl From<Filing> for Asked {
    fn from(filing: Filing) -> Self {
        Self { destination: None, filing }
    }
}

/// A message with the copies that a record system takes.
pub struct Made {
    message: Message,
    content: Content,
    pdf: Vec<u8>,
    xml: Vec<u8>,
}

impl Made {
    /// Blocks for as long as the worker sets the PDF.
    ///
    /// # Errors
    /// [`CopyError`].
    pub fn of(workers: &Workers, message: Message, about: &About) -> Result<Self, CopyError> {
        let source = Source { message: &message, about };
        let (pdf, xml) = (workers.pdf(&source)?.bytes, copies::xml(&source)?);
        Ok(Self { content: Content::read(&message), message, pdf, xml })
    }

    fn papers(&self) -> Papers<'_> {
        Papers { message: &self.message, content: &self.content, pdf: &self.pdf, xml: &self.xml }
    }
}

/// What stands in a copy besides the message: its signatures judged, and the proof of its way.
#[must_use]
pub fn about(
    message: &Message,
    (anchors, language): (&[impl AsRef<Path>], settings::Language),
    proofs: &[Proof],
    now: Timestamp,
) -> About {
    let language = match language {
        settings::Language::Dutch => copies::Language::Dutch,
        settings::Language::English => copies::Language::English,
    };
    let verdict = cades::open(message, &self::anchors(anchors), now);
    About::new("Zorgzegel", now, language).signed(&verdict).proved(proofs)
}

/// The anchors in these files. A file that has gone since the settings were read vouches for nobody.
#[must_use]
pub fn anchors(files: &[impl AsRef<Path>]) -> Anchors {
    let mut anchors = Anchors::new();
    for file in files.iter().map(AsRef::as_ref) {
        let added = std::fs::read(file)
            .map_err(|error| error.to_string())
            .and_then(|bytes| anchors.add_file(None, &bytes).map_err(|error| error.to_string()));
        if let Err(error) = added {
            tracing::error!(file = %file.display(), %error, "an anchor of [trust] cannot be used");
        }
    }
    anchors
}

/// Whether the message was offered before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Before {
    /// No.
    Never,
    /// Yes, under the same; whether it was taken is not known.
    Alike,
    /// Yes, under something else.
    Otherwise,
}

/// Offers the message to the destination once.
///
/// # Errors
/// [`HttpsError`] where a server could not be asked: it may have taken it all the same.
pub async fn hand_in(
    roots: &Roots,
    (destination, secret): (&Destination, &Secret),
    (made, name): (&Arc<Made>, &str),
    filing: &Filing,
    before: Before,
) -> Result<Taken, HttpsError> {
    let (name, under) = (name.to_owned(), filing.clone());
    match &destination.dossier {
        Dossier::Folder(folder) => {
            let folder = folder.clone();
            Ok(aside(made, move |papers| {
                folder::put(&folder, &name, papers, Some(&under), Timestamp::now())
            })
            .await)
        }
        Dossier::Medvri { folder, sender, receiver } => {
            let (folder, own) = (folder.clone(), [sender.clone(), receiver.clone()]);
            Ok(aside(made, move |papers| {
                let mut parties = medvri::Parties::of_mail(papers);
                let of_mail = [&mut parties.sender, &mut parties.receiver];
                for (own, party) in own.into_iter().zip(of_mail) {
                    if !own.is_empty() {
                        *party = own;
                    }
                }
                folder::put_medvri(&folder, &name, papers, &under, &parties)
            })
            .await)
        }
        Dossier::Fhir { url, .. } => {
            let Some(server) = Server::parse(url) else { return Ok(Taken::Refused(bad_address())) };
            post(roots, (&server, secret), &made.papers(), filing, before).await
        }
    }
}

/// Puts the message into the folder for a person to file: under no patient.
pub async fn leave(folder: &Path, name: &str, made: &Arc<Made>, now: Timestamp) -> Taken {
    let (folder, name) = (folder.to_owned(), name.to_owned());
    aside(made, move |papers| folder::put(&folder, &name, papers, None, now)).await
}

/// Writes into a folder where that holds up nobody: one of a network that is gone takes its time.
async fn aside(
    made: &Arc<Made>,
    put: impl FnOnce(&Papers<'_>) -> Result<PathBuf, folder::FolderError> + Send + 'static,
) -> Taken {
    let made = Arc::clone(made);
    match tokio::task::spawn_blocking(move || put(&made.papers())).await {
        Ok(Ok(place)) => Taken::Filed { place: Some(place.display().to_string()) },
        Ok(Err(error)) => {
            let why = answer::Trouble::new(error.nl(), error.to_string());
            if error.is_temporary() { Taken::Later(why) } else { Taken::Refused(why) }
        }
        // It is told where the attempt is made.
        Err(error) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
        Err(_) => Taken::Later(answer::Trouble::new(STOPPING.0, STOPPING.1)),
    }
}

async fn post(
    roots: &Roots,
    (server, secret): (&Server, &Secret),
    papers: &Papers<'_>,
    filing: &Filing,
    before: Before,
) -> Result<Taken, HttpsError> {
    let credential = secret.credential();
    if before != Before::Never {
        let ours = ask(roots, (server, credential), &fhir::lookup(papers)).await?;
        match answer::to_lookup(ours.status, &ours.body) {
            Some(false) => {}
            Some(true) => {
                let nothing = ask(roots, (server, credential), &fhir::lookup_of_nothing()).await?;
                return Ok(there(&nothing, before));
            }
            None => return Ok(answer::to_bundle(ours.status, &[])),
        }
    }
    let path = if server.base.is_empty() { "/" } else { &server.base };
    let body = fhir::bundle(papers, filing).to_string();
    let delivery = Delivery {
        document: Document { within: patience(body.len()), ..document(server, path) },
        content_type: FHIR_JSON,
        body: body.into(),
        prefer: MINIMAL,
    };
    let answer = https::post(roots, delivery, credential).await?;
    if before != Before::Alike && answer::lay_there(&answer.body) {
        // A server that finds anything finds it under another patient too.
        let nothing = ask(roots, (server, credential), &fhir::lookup_of_nothing()).await?;
        if answer::to_lookup(nothing.status, &nothing.body) == Some(true) {
            return Ok(Taken::Later(answer::finds_anything()));
        }
    }
    Ok(came(answer.status, &answer.body, before))
}

async fn ask(
    roots: &Roots,
    (server, credential): (&Server, Credential<'_>),
    what: &str,
) -> Result<Answer, HttpsError> {
    let path = format!("{}/{what}", server.base);
    https::ask(roots, document(server, &path), FHIR_JSON, credential).await
}

/// What it means that the server says that it has a message which was offered before, with its answer about
/// a document that nobody has: a server may leave out of account what it does not know of a search, and
/// count all that it has (<https://hl7.org/fhir/R4/search.html#errors>).
fn there(nothing: &Answer, before: Before) -> Taken {
    match answer::to_lookup(nothing.status, &nothing.body) {
        Some(false) if before == Before::Otherwise => Taken::Refused(answer::under_another()),
        Some(false) => Taken::Filed { place: None },
        Some(true) => Taken::Later(answer::finds_anything()),
        None => answer::to_bundle(nothing.status, &[]),
    }
}

/// What the answer means of a message that was offered before, or not: one that lay there already is known
/// to lie under this patient only where it was offered so before.
fn came(status: u16, body: &[u8], before: Before) -> Taken {
    match answer::to_bundle(status, body) {
        Taken::Filed { .. } if before != Before::Alike && answer::lay_there(body) => {
            Taken::Refused(answer::under_another())
        }
        taken => taken,
    }
}

/// A message of 30 MB is 150 MB with its copies: it is given the time that a slow line takes.
fn patience(bytes: usize) -> Duration {
    PATIENCE + Duration::from_secs(u64::try_from(bytes / SLOW).unwrap_or_default())
}

fn document<'a>(server: &'a Server, path: &'a str) -> Document<'a> {
    let (at_most, within) = (LONGEST_ANSWER, PATIENCE);
    Document { host: &server.host, port: server.port, path, at_most, within }
}

/// The address in the settings is no address of a server.
#[must_use]
pub fn bad_address() -> answer::Trouble {
    answer::Trouble::new(
        "het adres van het dossiersysteem is geen https-adres; zet het goed in de instellingen",
        "the record system's address is no https address; correct it in the settings",
    )
}

pub(crate) const STOPPING: (&str, &str) =
    ("het programma wordt gestopt", "the program is being stopped");
/// A server that listens to it does not send the documents back.
const MINIMAL: Option<&str> = Some("return=minimal");
const FHIR_JSON: &str = "application/fhir+json";
/// For an answer, however much there is to think about.
const PATIENCE: Duration = Duration::from_secs(120);
/// Bytes a second of a slow line: half a megabit.
const SLOW: usize = 64 * 1024;
/// An answer to a transaction of five entries has some kilobytes, or the documents themselves.
const LONGEST_ANSWER: usize = 128 * 1024 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_large_offer_has_the_time_that_a_slow_line_takes() {
        assert_eq!(patience(10_000), PATIENCE);
        assert!(patience(150_000_000) > Duration::from_secs(40 * 60));
    }

    #[test]
    fn what_lay_there_already_is_filed_only_where_it_was_offered_under_this_patient_before() {
        let said = |status: &str| {
            let response = format!(r#"{{"status":"{status}","location":"DocumentReference/7"}}"#);
            format!(r#"{{"entry":[{{"response":{response}}}]}}"#)
        };
        let filed = Taken::Filed { place: Some("DocumentReference/7".to_owned()) };
        for (before, found) in [
            (Before::Never, Taken::Refused(answer::under_another())),
            (Before::Otherwise, Taken::Refused(answer::under_another())),
            (Before::Alike, filed.clone()),
        ] {
            assert_eq!(came(200, said("200 OK").as_bytes(), before), found, "{before:?}");
            assert_eq!(came(200, said("201 Created").as_bytes(), before), filed, "{before:?}");
        }
    }

    fn papers() -> Made {
        let mail = "From: Huisarts <a@huisarts.test>\r\nTo: Lab <b@ziekenhuis.test>\r\n\
            Subject: Uitslag\r\n\r\nHbA1c is 58.\r\n";
        let message = Message::new(mail.as_bytes().to_vec());
        let content = Content::read(&message);
        Made { message, content, pdf: b"%PDF-1.7".to_vec(), xml: b"<bericht/>".to_vec() }
    }

    fn under(name: &str) -> Filing {
        let born = Some(jiff::civil::Date::constant(1956, 3, 12));
        Filing {
            patient: dossier::Patient::confirmed(None, name, born).unwrap(),
            author: "Huisarts".to_owned(),
            date: Timestamp::UNIX_EPOCH,
            kind: dossier::Kind::Result,
        }
    }

    /// Offers are made in tasks of their own, and so whatever is awaited there must be able to move.
    fn in_a_task<T: Future + Send>(offer: T) -> T {
        offer
    }

    fn counted(status: u16, total: u64) -> Answer {
        let body = format!(r#"{{"resourceType":"Bundle","total":{total}}}"#);
        Answer { status, body: body.into() }
    }

    #[test]
    fn what_a_server_has_is_believed_where_it_does_not_find_what_nobody_has() {
        let none = counted(200, 0);
        assert_eq!(there(&none, Before::Alike), Taken::Filed { place: None });
        let other = there(&none, Before::Otherwise);
        assert_eq!(other, Taken::Refused(answer::under_another()));
        for before in [Before::Alike, Before::Otherwise] {
            let told = there(&counted(200, 4_711), before);
            assert_eq!(told, Taken::Later(answer::finds_anything()), "{before:?}");
            let failed = there(&counted(503, 0), before);
            assert!(matches!(failed, Taken::Later(_)), "{before:?}: {failed:?}");
        }
    }

    #[tokio::test]
    async fn a_medvri_file_names_the_parties_of_the_settings_and_else_those_of_the_mail() {
        let (roots, folder) = (Roots::load(&[]).unwrap(), tempfile::tempdir().unwrap());
        let made = Arc::new(papers());
        let (sender, receiver) = ("500012345".to_owned(), String::new());
        let dossier = Dossier::Medvri { folder: folder.path().to_owned(), sender, receiver };
        let to = Destination { name: "HIS".to_owned(), dossier };
        let (to, what) = ((&to, &Secret::Nothing), (&made, "01J"));
        let place = folder.path().join("01J.edi");
        let filed = Taken::Filed { place: Some(place.display().to_string()) };
        for before in [Before::Never, Before::Alike] {
            let under = under("A. Jansen");
            let taken = in_a_task(hand_in(&roots, to, what, &under, before)).await.unwrap();
            assert_eq!(taken, filed, "{before:?}");
        }
        let text = std::fs::read_to_string(&place).unwrap();
        assert!(text.starts_with("UNB+UNOA:1+500012345+b@ziekenhuis.test+"), "{text}");
        assert!(text.contains("A. Jansen") && text.contains("HbA1c is 58."), "{text}");
        let other =
            hand_in(&roots, to, what, &under("B. Jansen"), Before::Otherwise).await.unwrap();
        assert!(matches!(other, Taken::Refused(_)), "{other:?}");
        assert_eq!(std::fs::read_to_string(&place).unwrap(), text, "it stays as it is");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn what_was_asked_before_destinations_had_names_is_still_understood() {
        let old = r#"{"patient":{"bsn":"123456782","name":"","birth_date":null},"author":"a",
            "date":"2026-11-26T10:00:00Z","kind":"result"}"#;
        let asked: Asked = serde_json::from_str(old).unwrap();
        assert_eq!(asked.destination, None);
        let named = Asked { destination: Some("HIS".to_owned()), ..asked };
        let text = serde_json::to_string(&named).unwrap();
        assert_eq!(serde_json::from_str::<Asked>(&text).unwrap(), named);
    }
}
