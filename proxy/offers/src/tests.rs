//! Offers to record systems that are folders, and to one that is not there.

use core::future::Future;
use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use dossier::{Bsn, Filing, Kind, Patient};
use filing::Asked;
use jiff::Timestamp;
use mail::{Address, Envelope, Message, Recipient};
use net::tls::Roots;
use settings::{Account, Settings};
use vault::archive::{ArchiveMeta, Direction, NewCopy, Text};
use vault::filing::{FilingState, Form, Source, UNFILED};
use vault::outbox::{Choice, Choosing, HeldId, NewHeld};
use vault::{Keyring, MemoryKeyring, Vault, VaultError};
use worker::Workers;

use crate::round::{Came, attempt, groups, offer};
use crate::{House, OfferError, ToDossier, destination, secret, secret_name, source};

/// An account with two folders and a server at which nobody answers.
struct Practice {
    place: tempfile::TempDir,
    vault: Arc<Vault>,
    settings: Arc<Settings>,
    workers: Arc<Workers>,
    keyring: Arc<MemoryKeyring>,
    told: Mutex<Vec<HeldId>>,
    /// How many attempts still break off.
    breaks: AtomicU32,
}

impl House for Practice {
    type Work<'a> = ();

    async fn with_vault<T: Send + 'static>(
        &self,
        call: impl FnOnce(&Vault) -> Result<T, VaultError> + Send + 'static,
    ) -> Result<T, VaultError> {
        call(&self.vault)
    }

    fn settings(&self) -> Arc<Settings> {
        Arc::clone(&self.settings)
    }

    fn roots(&self) -> Arc<Roots> {
        Arc::new(Roots::load(&[]).unwrap())
    }

    fn workers(&self) -> Arc<Workers> {
        let left =
            self.breaks.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |n| n.checked_sub(1));
        assert!(left.is_err(), "an attempt breaks off");
        Arc::clone(&self.workers)
    }

    fn now(&self) -> Timestamp {
        Timestamp::now()
    }

    fn tell(&self, id: HeldId) {
        self.told.lock().unwrap().push(id);
    }

    fn working(&self) -> impl Future<Output = Self::Work<'_>> + Send {
        core::future::ready(())
    }
}

/// By another process: a child that is begun meanwhile has this one's files open, and what is open for writing cannot
/// be run.
fn write_program(path: &Path, text: &str) {
    let write = r#"printf %s "$1" >"$0" && chmod 700 "$0""#;
    let mut sh = std::process::Command::new("/bin/sh");
    assert!(sh.args(["-c", write]).arg(path).arg(text).status().unwrap().success());
}

fn address() -> Address {
    Address::parse("jan@praktijk.nl").unwrap()
}

impl Practice {
    fn new() -> Self {
        let place = tempfile::tempdir().unwrap();
        std::fs::create_dir(place.path().join("map")).unwrap();
        // A worker that sets every message on one empty page.
        let program = place.path().join("worker");
        let page = "printf '{\"pdf\":{\"size\":15}}\\n%%PDF-1.7\\n%%%%EOF\\n'";
        write_program(&program, &format!("#!/bin/sh\ncat >/dev/null\n{page}\n"));
        let account =
            "[[account]]\naddress = \"jan@praktijk.nl\"\nsmtp = { host = \"mail.praktijk.nl\" }\n";
        let folder = place.path().join("map");
        let text = format!(
            "{account}[[account.dossier]]\nname = \"HIS\"\nkind = \"fhir\"\nplace = \"https://127.0.0.1:1/fhir\"\n\
             [[account.dossier]]\nname = \"map\"\nkind = \"folder\"\nplace = {:?}\n",
            folder.display().to_string()
        );
        let settings = Settings::parse(&text, Path::new("zorgzegel.toml")).unwrap();
        let keyring = Arc::new(MemoryKeyring::new());
        let vault = Vault::open(&place.path().join("data"), Arc::clone(&keyring) as _).unwrap();
        Self {
            vault: Arc::new(vault),
            settings: Arc::new(settings),
            workers: Arc::new(Workers::new(program)),
            keyring,
            told: Mutex::default(),
            breaks: AtomicU32::new(0),
            place,
        }
    }

    fn account(&self) -> Account {
        self.settings.account(&address()).unwrap()
    }

    fn hold(&self, text: &str) -> HeldId {
        let to = Recipient { address: Address::parse("b@c.nl").unwrap(), params: Vec::new() };
        let envelope =
            Envelope { reverse_path: Some(address()), params: Vec::new(), recipients: vec![to] };
        let message = Message::new(format!("Subject: x\r\n\r\n{text}\r\n").into_bytes());
        let new = NewHeld { account: address(), envelope, message, evidence: "{}".to_owned() };
        self.vault.hold(new, Timestamp::now()).unwrap().id()
    }

    fn ask(&self, source: Source, what: &str) {
        self.vault.ask_filing(source, &address(), what, Timestamp::now()).unwrap();
    }

    fn due(&self) -> Vec<vault::filing::DueFiling> {
        let later = Timestamp::now() + jiff::SignedDuration::from_secs(3_600);
        self.vault.due_filings(later).unwrap().0
    }

    fn files(&self) -> Vec<String> {
        let all = std::fs::read_dir(self.place.path().join("map")).unwrap();
        all.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect()
    }

    fn mail(&self, name: &str) -> String {
        let file = self.place.path().join("map").join(name).join("bericht.eml");
        std::fs::read_to_string(file).unwrap()
    }
}

fn asked(destination: &str) -> Asked {
    let patient = Patient::confirmed(Bsn::parse("123456782"), "", None).unwrap();
    let date = Timestamp::UNIX_EPOCH;
    let filing = Filing { patient, author: "Jan".to_owned(), date, kind: Kind::Result };
    Asked { destination: Some(destination.to_owned()), filing }
}

fn under(practice: &Practice, name: &str) -> String {
    ToDossier::Under(asked(name)).text(&practice.account()).unwrap().unwrap()
}

fn filed(came: &Came) -> bool {
    matches!(came, Came::Is(FilingState::Filed { .. }))
}

#[tokio::test]
async fn what_was_corrected_or_stopped_since_it_was_read_is_not_handed_in() {
    let practice = Practice::new();
    let what = under(&practice, "map");
    let (corrected, stopped) = (practice.hold("a"), practice.hold("b"));
    for id in [corrected, stopped] {
        practice.ask(Source::Held(id), &what);
    }
    let due = practice.due();
    practice.ask(Source::Held(corrected), &what.replace("Jan", "Piet"));
    practice.vault.stop_filing(Source::Held(stopped), Timestamp::now()).unwrap();
    for one in &due {
        let came = attempt(&practice, one).await;
        assert!(matches!(came, Came::Moved), "{came:?}");
    }
    assert!(practice.files().is_empty());
    let [now] = &practice.due()[..] else { panic!("the corrected one is due") };
    assert_eq!(now.attempts, 0, "it was never handed in");
    assert!(filed(&attempt(&practice, now).await));
    assert_eq!(practice.files(), [corrected.to_string()]);
}

#[tokio::test]
async fn an_attempt_is_counted_before_it_is_made_and_the_second_finds_the_first() {
    let practice = Practice::new();
    let id = practice.hold("a");
    practice.ask(Source::Held(id), &under(&practice, "map"));
    for attempts in [0, 1] {
        let due = practice.due();
        assert_eq!((due[0].attempts, due[0].form.is_some()), (attempts, attempts == 1));
        // As if the program ended before it could note what came of it.
        assert!(filed(&attempt(&practice, &due[0]).await));
    }
    assert_eq!(practice.files(), [id.to_string()], "it lies there once");
}

#[tokio::test]
async fn what_was_signed_and_sent_is_filed_as_it_went() {
    let practice = Practice::new();
    let id = practice.hold("a");
    let what = under(&practice, "map");
    let (to, now) = (Address::parse("b@c.nl").unwrap(), Timestamp::now());
    let filing = Some(what);
    let choosing = Choosing {
        choice: Choice::Secure,
        who: "jan".to_owned(),
        dossier: true,
        filing,
        recipients: None,
    };
    practice.vault.choose_with(id, &choosing, now).unwrap();
    assert!(practice.due().is_empty(), "not while it is on its way");
    practice.vault.put_signed(id, b"Subject: x\r\n\r\nsigned\r\n").unwrap();
    let words = nta7516::proof::Words::new("nog niet", "not yet");
    let end = nta7516::proof::End::InDoubt { words };
    let proof = nta7516::proof::Proof::new(to.clone(), now, None, end);
    practice.vault.begin_handover(id, &[proof], &Choice::Secure, now).unwrap();
    let outcome = vault::outbox::Outcome::Sent { route: "direct".to_owned() };
    let sent = vault::outbox::Attempt { recipient: to, outcome, proof_json: None };
    practice.vault.record_results(id, &[sent], now).unwrap();
    let due = practice.due();
    assert!(filed(&attempt(&practice, &due[0]).await));
    assert!(practice.mail(&id.to_string()).ends_with("signed\r\n"));
    assert_eq!(practice.due()[0].form, Some(Form::Signed));
}

#[tokio::test]
async fn a_copy_of_what_came_in_is_filed_with_its_verdict() {
    let practice = Practice::new();
    let meta = ArchiveMeta {
        account: address(),
        direction: Direction::Received,
        from: None,
        recipients: Vec::new(),
        subject: "uitslag".to_owned(),
        sent_at: Timestamp::UNIX_EPOCH,
        signed: false,
        attachments: Vec::new(),
        proofs: Vec::new(),
    };
    let bytes = b"Subject: uitslag\r\n\r\nreceived\r\n";
    let copy = NewCopy { bytes, meta: &meta, text: &Text::default() };
    let id = practice.vault.keep_received(copy, Timestamp::now()).unwrap().unwrap();
    let (found, account) = source(&practice.vault, &id.to_string()).unwrap();
    assert_eq!((found, account), (Source::Copy(id), address()));
    practice.ask(found, &under(&practice, "map"));
    let due = practice.due();
    assert!(filed(&attempt(&practice, &due[0]).await));
    assert!(practice.mail(&id.to_string()).ends_with("received\r\n"));
}

#[tokio::test]
async fn a_record_system_that_is_away_is_another_group_than_one_that_is_there() {
    let practice = Practice::new();
    let ids = [("HIS", "1"), ("map", "2"), ("HIS", "3")].map(|(name, text)| {
        let id = practice.hold(text);
        practice.ask(Source::Held(id), &under(&practice, name));
        id
    });
    let groups = groups(&practice.settings, practice.due());
    let of = |name: &str| {
        let group = &groups[&("jan@praktijk.nl".to_owned(), Some(name.to_owned()))];
        group.iter().map(|one| one.source.id()).collect::<Vec<_>>()
    };
    assert_eq!((groups.len(), of("HIS").len(), of("map")), (2, 2, vec![ids[1]]));
    let away = &groups[&("jan@praktijk.nl".to_owned(), Some("HIS".to_owned()))][0];
    let came = attempt(&practice, away).await;
    assert!(matches!(came, Came::Unreached(_)), "{came:?}");
}

#[tokio::test]
async fn without_a_patient_a_folder_takes_it_and_a_record_system_does_not() {
    let practice = Practice::new();
    let account = practice.account();
    assert_eq!(ToDossier::Unfiled.text(&account).unwrap().as_deref(), Some(UNFILED));
    let id = practice.hold("a");
    practice.ask(Source::Held(id), UNFILED);
    assert!(filed(&attempt(&practice, &practice.due()[0]).await));
    assert_eq!(practice.files(), [id.to_string()]);
    let his = Account { dossiers: account.dossiers[..1].to_vec(), ..account.clone() };
    assert_eq!(ToDossier::Unfiled.text(&his), Err(OfferError::NoPatient(address())));
    let none = Account { dossiers: Vec::new(), ..account };
    assert_eq!(ToDossier::Unfiled.text(&none), Err(OfferError::NoDossier(address())));
}

#[test]
fn a_record_system_that_is_gone_is_told_by_name_with_those_that_are_there() {
    let practice = Practice::new();
    let account = practice.account();
    let error = destination(&account, Some("EPD")).unwrap_err();
    assert!(matches!(error, OfferError::NoRecord { .. }), "{error:?}");
    for words in [error.nl(), error.to_string()] {
        assert!(words.contains("EPD") && words.contains("HIS, map"), "{words}");
    }
    assert_eq!(destination(&account, None).unwrap().name, "HIS");
}

#[tokio::test]
async fn each_record_system_is_one_group_whichever_way_it_is_meant() {
    let practice = Practice::new();
    let unnamed = serde_json::to_string(&Asked { destination: None, ..asked("") }).unwrap();
    let gone = under(&practice, "HIS").replace("HIS", "weg");
    let whats =
        [under(&practice, "HIS"), unnamed, under(&practice, "map"), UNFILED.to_owned(), gone];
    for (what, number) in whats.iter().zip(0..) {
        let id = practice.hold(&format!("{number}"));
        practice.ask(Source::Held(id), what);
    }
    let groups = groups(&practice.settings, practice.due());
    let seen: Vec<_> = groups.iter().map(|((_, name), due)| (name.as_deref(), due.len())).collect();
    assert_eq!(seen, [(None, 1), (Some("HIS"), 2), (Some("map"), 2)]);
}

#[test]
fn what_is_confirmed_for_the_first_record_system_names_it() {
    let practice = Practice::new();
    let first = Asked { destination: None, ..asked("") };
    let text = ToDossier::Under(first).text(&practice.account()).unwrap().unwrap();
    assert_eq!(crate::asked(&text).unwrap().destination.as_deref(), Some("HIS"));
}

#[tokio::test]
async fn an_attempt_that_breaks_off_is_told_waits_and_holds_up_no_other() {
    let practice = Arc::new(Practice::new());
    let what = under(&practice, "map");
    let ids = ["a", "b"].map(|text| {
        let id = practice.hold(text);
        practice.ask(Source::Held(id), &what);
        id
    });
    practice.breaks.store(1, Ordering::SeqCst);
    let before = Timestamp::now();
    offer(&practice, practice.due()).await.unwrap();
    assert_eq!(practice.files(), [ids[1].to_string()]);
    let state = practice.vault.filing(ids[0]).unwrap();
    let Some(FilingState::Due { next, trouble: Some((nl, _)), .. }) = state else {
        panic!("{state:?}")
    };
    assert!(next > before && nl.contains("liep vast op dit bericht"), "{next} {nl}");
    assert_eq!(*practice.told.lock().unwrap(), ids);
}

#[tokio::test]
async fn what_cannot_be_set_on_pages_waits_longer_each_time_and_says_why() {
    let practice = Practice::new();
    write_program(&practice.place.path().join("worker"), "#!/bin/sh\nexit 1\n");
    let id = practice.hold("a");
    let what = under(&practice, "map");
    practice.ask(Source::Held(id), &what);
    let mut waits = Vec::new();
    for failures in 0..3 {
        let due = practice.due().remove(0);
        assert_eq!((due.failures, due.attempts), (failures, 0));
        let now = Timestamp::now();
        let Came::Is(state) = attempt(&practice, &due).await else { panic!("it is told") };
        let FilingState::Due { next, trouble: Some(_), .. } = &state else { panic!("{state:?}") };
        waits.push(next.duration_since(now).as_secs() / 60);
        // It is due now, for the test.
        let state = FilingState::Due { next: now, attempts: 0, trouble: None };
        practice.vault.record_filing(due.source, &what, &state, now).unwrap();
    }
    assert!(waits[0] < waits[1] && waits[1] < waits[2], "{waits:?}");
}

#[tokio::test]
async fn a_token_that_the_keyring_lost_is_told_in_words_that_mend_it() {
    let practice = Practice::new();
    let one = practice.account().dossiers.remove(0);
    practice.vault.write_sealed(&secret_name(&address(), &one), b"token").unwrap();
    for name in practice.keyring.names().iter().filter(|name| name.contains("own/")) {
        practice.keyring.delete(name).unwrap();
    }
    practice.ask(Source::Held(practice.hold("a")), &under(&practice, "HIS"));
    let came = attempt(&practice, &practice.due()[0]).await;
    let Came::Is(FilingState::Due { trouble: Some((nl, en)), .. }) = came else {
        panic!("{came:?}")
    };
    assert!(nl.contains("bij Instellingen") && en.contains("at Settings"), "{nl} {en}");
}

/// A leaf and its issuer, with RSA keys of 4,096 bits, as OpenSSL packs them.
fn long_chain(folder: &Path) -> Vec<u8> {
    let openssl = |arguments: &str| {
        let mut command = std::process::Command::new("openssl");
        let output = command.args(arguments.split(' ')).current_dir(folder).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    };
    std::fs::write(folder.join("ca.ext"), "basicConstraints=critical,CA:TRUE\n").unwrap();
    std::fs::write(folder.join("leaf.ext"), "extendedKeyUsage=clientAuth\n").unwrap();
    openssl(
        "req -x509 -newkey rsa:4096 -nodes -keyout ca.key -out root.pem -subj /CN=Wortel -days 9",
    );
    openssl("req -new -key ca.key -out mid.csr -subj /CN=Uitgever");
    openssl(
        "x509 -req -in mid.csr -CA root.pem -CAkey ca.key -set_serial 2 -extfile ca.ext -days 9 -out mid.pem",
    );
    openssl("req -newkey rsa:4096 -nodes -keyout leaf.key -out leaf.csr -subj /CN=Praktijk");
    openssl(
        "x509 -req -in leaf.csr -CA mid.pem -CAkey ca.key -set_serial 3 -extfile leaf.ext -days 9 -out leaf.pem",
    );
    openssl(
        "pkcs12 -export -inkey leaf.key -in leaf.pem -certfile mid.pem -passout pass:geheim -out all.p12",
    );
    std::fs::read(folder.join("all.p12")).unwrap()
}

#[tokio::test]
async fn a_client_certificate_with_a_long_rsa_chain_is_kept_and_shown() {
    let practice = Practice::new();
    let file = long_chain(practice.place.path());
    let pem = filing::certificate(&file, Some("geheim"), &address(), Timestamp::now()).unwrap();
    assert!(pem.len() > 6_000, "more than a keyring takes: {}", pem.len());
    let mut one = practice.account().dossiers.remove(0);
    let settings::Dossier::Fhir { credential, .. } = &mut one.dossier else { panic!("a server") };
    *credential = settings::Credential::Certificate;
    practice.vault.write_sealed(&secret_name(&address(), &one), pem.as_bytes()).unwrap();
    let kept = secret(&practice, &address(), &one).await.unwrap().unwrap();
    assert!(matches!(kept, filing::Secret::Certificate(_)), "{kept:?}");
}
