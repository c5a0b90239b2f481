#![allow(clippy::unwrap_used)]

use std::path::Path;

use detect::Level;
use mail::{Address, Envelope, Message, Recipient};
use screen::{Evidence, Why};
use vault::keyring::MemoryKeyring;
use vault::outbox::NewHeld;

use super::*;
use crate::choose::{ChooseError, NOTHING_FOUND, Wanted};
use crate::look::{Look, RunMark};

/// About one patient, by words that a person may call wrong; and with a labelled number.
const WORDS: &str = "Mw. De Vries had een CVA.";
const NUMBER: &str = "Dhr. Jansen, BSN 123456782, had een CVA.";

struct House {
    _folder: tempfile::TempDir,
    engine: Arc<Engine>,
}

impl House {
    fn new() -> Self {
        Self::with("")
    }

    fn with(more: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let account =
            "[[account]]\naddress = \"arts@praktijk.test\"\nsmtp = { host = \"smtp.test\" }\n";
        let account = format!("{more}{account}");
        let settings = Settings::parse(&account, &folder.path().join("zorgzegel.toml")).unwrap();
        let settings = Settings { data_dir: folder.path().join("data"), ..settings };
        let engine = Engine::new(settings, None, Arc::new(MemoryKeyring::new())).unwrap();
        Self { _folder: folder, engine }
    }

    /// Holds a message as a mail program's transaction does; its id.
    async fn hold(&self, head: &str, body: &str) -> String {
        let text = format!("Subject: overleg\r\n{head}\r\n{body}\r\n");
        let message = Message::new(text.into_bytes());
        let unreadable = self.engine.settings().detect.unreadable;
        let workers = self.engine.workers();
        let evidence =
            screen::judge(&self.engine.detector(), &workers, unreadable, &message).evidence;
        assert_eq!(evidence.why, Some(Why::Health), "{body}");
        self.keep(message, evidence).await
    }

    async fn keep(&self, message: Message, evidence: Evidence) -> String {
        let to = Address::parse("a@elders.test").unwrap();
        let recipients = vec![Recipient { address: to, params: Vec::new() }];
        let new = NewHeld {
            account: Address::parse("arts@praktijk.test").unwrap(),
            envelope: Envelope { reverse_path: None, params: Vec::new(), recipients },
            message,
            evidence: serde_json::to_string(&evidence).unwrap(),
        };
        let now = self.engine.now();
        let held = self.engine.with_vault(move |vault| vault.hold(new, now)).await.unwrap();
        held.id().to_string()
    }

    async fn look(&self, id: &str) -> Look {
        self.engine.look(id).await.unwrap()
    }

    /// Dismisses all that can be in this message.
    async fn dismiss_all(&self, id: &str) {
        for mark in marks(&self.look(id).await).into_iter().filter(|mark| !mark.firm) {
            self.engine.dismiss(id, &mark.finding.unwrap().to_string()).await.unwrap();
        }
    }

    /// The score of a message that comes in now.
    fn score(&self, text: &str) -> f32 {
        self.engine.detector().judge(&[Piece { field: detect::Field::Body, text }]).score
    }
}

fn marks(look: &Look) -> Vec<RunMark> {
    let runs = look.passages.iter().flat_map(|one| &one.runs);
    runs.filter_map(|run| run.mark.clone()).collect()
}

fn of(look: &Look, kind: Kind) -> RunMark {
    marks(look).into_iter().find(|mark| mark.kind == kind).unwrap()
}

#[tokio::test]
async fn what_is_dismissed_counts_for_nothing_here_and_less_in_the_next_mail_at_once() {
    let house = House::new();
    let id = house.hold("", WORDS).await;
    let before = house.score(WORDS);
    let finding = of(&house.look(&id).await, Kind::Medical).finding.unwrap().to_string();
    house.engine.dismiss(&id, &finding).await.unwrap();
    let after = house.score(WORDS);
    assert!(after < before, "{after} {before}");
    let mark = of(&house.look(&id).await, Kind::Medical);
    assert!(mark.dismissed && !mark.firm, "it is still shown: {mark:?}");
    house.engine.dismiss(&id, &finding).await.unwrap_err();
    assert_eq!(house.score(WORDS), after, "in one message it is said once");
    house.engine.undo_dismissal(&id, &finding).await.unwrap();
    assert_eq!(house.score(WORDS), before);
    assert!(!of(&house.look(&id).await, Kind::Medical).dismissed);
}

#[tokio::test]
async fn a_message_of_which_nothing_is_left_waits_on_and_may_go_without_a_reason() {
    let house = House::new();
    let id = house.hold("", WORDS).await;
    let early = house.engine.choose(&id, Wanted::NothingFound, false).await;
    assert!(matches!(early, Err(ChooseError::StillFound)), "{early:?}");
    house.dismiss_all(&id).await;
    let look = house.look(&id).await;
    assert!(look.settled && look.level == detect::Level::None, "{look:?}");
    assert_eq!(look.why, Some(Why::Health), "why it was held is still said");
    let state = house.engine.message(&id).await.unwrap().recipients[0].state;
    assert_eq!(state, crate::choose::State::Waiting, "nothing goes by itself");
    house.engine.choose(&id, Wanted::NothingFound, false).await.unwrap();
    let journal = house.engine.with_vault(|vault| vault.export_journal()).await.unwrap();
    let journal = serde_json::to_string(&journal).unwrap();
    assert!(journal.contains(NOTHING_FOUND.0) && !journal.contains("De Vries"), "{journal}");
}

#[tokio::test]
async fn a_birth_date_that_is_left_is_not_called_nothing() {
    let house = House::new();
    let id = house.hold("", "Dhr. Jansen, geb. 12-03-1956, had een CVA.").await;
    house.dismiss_all(&id).await;
    let look = house.look(&id).await;
    let left: Vec<Kind> =
        marks(&look).iter().filter(|mark| !mark.dismissed).map(|mark| mark.kind).collect();
    assert_eq!(left, [Kind::Dob]);
    assert_eq!((look.why, look.settled), (Some(Why::Health), false));
    let refused = house.engine.choose(&id, Wanted::NothingFound, false).await;
    assert!(matches!(refused, Err(ChooseError::StillFound)), "{refused:?}");
}

/// Whether nothing is said to be left of a mail that was held for health information and has this
/// file, where the file could be looked into then, or could as little as now: no worker is there.
async fn settled_without_a_worker(kind: &str, read_then: bool) -> bool {
    let house = House::with("[detect]\nunreadable = \"pass\"\n");
    let text = format!(
        "Subject: overleg\r\nContent-Type: {kind}\r\nContent-Transfer-Encoding: base64\r\n\r\nAAAA\r\n"
    );
    let message = Message::new(text.into_bytes());
    let workers = worker::Workers::new("/nergens/zorgzegel-worker".into());
    let unreadable = house.engine.settings().detect.unreadable;
    let now = screen::judge(&house.engine.detector(), &workers, unreadable, &message).evidence;
    assert_eq!((now.why, now.unread.len()), (None, 1), "nobody asks about such a file by itself");
    let unread = if read_then { Vec::new() } else { now.unread.clone() };
    let evidence = Evidence { why: Some(Why::Health), level: Level::Certain, unread, ..now };
    let id = house.keep(message, evidence).await;
    let settled = house.look(&id).await.settled;
    let chosen = house.engine.choose(&id, Wanted::NothingFound, false).await;
    assert_eq!(chosen.is_ok(), settled, "{chosen:?}");
    settled
}

#[tokio::test]
async fn a_file_that_cannot_be_looked_into_now_is_not_called_nothing() {
    let (letter, film) = ("application/pdf; name=brief.pdf", "video/mp4; name=film.mp4");
    assert!(!settled_without_a_worker(letter, true).await, "the worker is not there now");
    assert!(!settled_without_a_worker(letter, false).await, "it broke then, but may have come far");
    assert!(!settled_without_a_worker(film, true).await);
    assert!(settled_without_a_worker(film, false).await, "nobody ever looked into it");
}

#[tokio::test]
async fn a_labelled_number_cannot_be_dismissed_and_holds_the_message() {
    let house = House::new();
    let id = house.hold("", NUMBER).await;
    let bsn = of(&house.look(&id).await, Kind::Bsn);
    assert!(bsn.firm);
    let refused = house.engine.dismiss(&id, &bsn.finding.unwrap().to_string()).await;
    assert!(matches!(refused, Err(TeachError::Firm)), "{refused:?}");
    house.dismiss_all(&id).await;
    let bsn = of(&house.look(&id).await, Kind::Bsn);
    assert!(bsn.firm && !bsn.dismissed);
    let list = house.engine.dismissals().await.unwrap();
    assert!(list.iter().all(|one| one.kind != "bsn") && !list.is_empty(), "{list:?}");
}

#[tokio::test]
async fn an_answer_to_nta_mail_is_asked_about_though_all_in_it_was_dismissed() {
    let house = House::new();
    let earlier = Message::new(b"Message-ID: <1@ziekenhuis.test>\r\n\r\nx\r\n".to_vec());
    house.engine.with_vault(move |vault| vault.note_nta_mail(&earlier)).await.unwrap();
    let id = house.hold("In-Reply-To: <1@ziekenhuis.test>\r\n", WORDS).await;
    house.dismiss_all(&id).await;
    let look = house.look(&id).await;
    assert_eq!((look.why, look.settled), (Some(Why::GoesOnFromNta), false));
    assert!(house.engine.choose(&id, Wanted::NothingFound, false).await.is_err());
}

#[tokio::test]
async fn forgetting_brings_the_findings_back_where_they_wait_and_where_they_come() {
    let house = House::new();
    let id = house.hold("", WORDS).await;
    let before = house.score(WORDS);
    house.dismiss_all(&id).await;
    let all = house.engine.dismissals().await.unwrap();
    let one = all[0].id.to_string();
    assert_eq!(house.engine.forget_dismissals(Some(&one)).await.unwrap(), 1);
    assert_eq!(house.engine.forget_dismissals(None).await.unwrap(), all.len() - 1);
    assert_eq!(house.score(WORDS), before);
    let look = house.look(&id).await;
    assert!(!look.settled && marks(&look).iter().all(|mark| !mark.dismissed));
}

#[tokio::test]
async fn what_is_not_there_is_said_and_changes_nothing() {
    let house = House::new();
    let id = house.hold("", WORDS).await;
    for finding in ["", "x", "00112233445566778899aabbccddeeff"] {
        let said = house.engine.dismiss(&id, finding).await;
        assert!(matches!(said, Err(TeachError::NotFound)), "{said:?}");
    }
    let said = house.engine.dismiss("01J00000000000000000000000", &"0".repeat(32)).await;
    assert!(matches!(said, Err(TeachError::Vault(VaultError::UnknownMessage { .. }))), "{said:?}");
    assert!(house.engine.dismissals().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_text_is_tried_by_the_settings_of_now_and_kept_nowhere() {
    let house = House::new();
    let trial = house.engine.try_text(NUMBER.to_owned()).await;
    assert!(trial.score >= trial.threshold && trial.level != detect::Level::None);
    let text: String = trial.runs.iter().map(|run| run.text.as_str()).collect();
    assert_eq!(text, NUMBER, "the whole text, cut into runs");
    let marked = trial.runs.iter().filter(|run| run.mark.is_some());
    assert!(marked.clone().any(|run| run.text == "123456782"), "{:?}", marked.collect::<Vec<_>>());
    let lunch = house.engine.try_text("Lunch?".to_owned()).await;
    assert_eq!(lunch.level, detect::Level::None);
    let long = house.engine.try_text("é".repeat(100_000)).await;
    assert!(long.runs.iter().map(|run| run.text.len()).sum::<usize>() <= 64 * 1024);
    assert!(!Path::new(&house.engine.settings().data_dir).exists(), "no vault was needed");
}
