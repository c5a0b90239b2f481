//! Signing by a real PKCS #11 module, SoftHSM 2, as OpenSSL sees it. A missing program fails a test.
//!
//! Where SoftHSM keeps its tokens stands in an environment variable that is read when the module is
//! loaded, so each test runs in a process of its own: this program, started again for the one test.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use cades::{CadesError, Padding};
use card::{Asked, CardError, Cards, GivenPin, Held, Pin, PinSource, PinState, Place, Tries};
use mail::Message;

const MODULE: &str = "/usr/lib/softhsm/libsofthsm2.so";
const PIN: &str = "12345";
const LONG: Duration = Duration::from_secs(600);
const MAIL: &[u8] = b"From: jan@praktijk.example\r\nSubject: x\r\n\r\nBeste collega,\r\n";

/// A folder with tokens in it. Only inside a process of its own.
struct Tokens {
    folder: PathBuf,
}

impl Tokens {
    fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    fn token(&self, label: &str) {
        let pins = ["--so-pin", "987654", "--pin", PIN];
        run(Command::new("softhsm2-util")
            .args(["--init-token", "--free", "--label", label])
            .args(pins));
    }

    /// A key of that kind on the token, with a certificate of the mail address and the same id.
    fn key(&self, label: &str, id: &str, kind: &[&str], more: &[&str]) {
        let (key, certificate) = (self.path("key.pem"), self.path(&format!("{label}-{id}.pem")));
        run(Command::new("openssl")
            .args(["req", "-x509", "-nodes", "-days", "30", "-subj", "/CN=Jan", "-newkey"])
            .args(kind)
            .args(["-addext", "subjectAltName=email:jan@praktijk.example"])
            .args(["-addext", "keyUsage=digitalSignature,nonRepudiation", "-keyout"])
            .arg(&key)
            .arg("-out")
            .arg(&certificate));
        let (key_der, certificate_der) = (self.path("key.der"), self.path("certificate.der"));
        let der = |what: &str, from: &Path, to: &Path| {
            run(Command::new("openssl")
                .args([what, "-outform", "DER", "-in"])
                .arg(from)
                .arg("-out")
                .arg(to));
        };
        der("pkey", &key, &key_der);
        der("x509", &certificate, &certificate_der);
        let write = |kind: &str, file: &Path, more: &[&str]| {
            let to = ["--module", MODULE, "--token-label", label, "--login", "--pin", PIN];
            run(Command::new("pkcs11-tool")
                .args(to)
                .args(["--id", id, "--label", id])
                .args(more)
                .args(["--type", kind, "--write-object"])
                .arg(file));
        };
        write("privkey", &key_der, more);
        write("cert", &certificate_der, &[]);
    }

    fn cards(&self) -> Cards {
        self.cards_for(LONG, Padding::Pkcs1)
    }

    fn cards_for(&self, lasts: Duration, padding: Padding) -> Cards {
        Cards::new(&[PathBuf::from(MODULE)], lasts, padding)
    }

    /// What OpenSSL says of a signed mail, with that certificate as its only anchor.
    fn openssl(&self, signed: &[u8], certificate: &str) {
        let file = self.path("mail.eml");
        std::fs::write(&file, signed).unwrap();
        run(Command::new("openssl")
            .args(["cms", "-verify", "-cades", "-purpose", "smimesign", "-in"])
            .arg(file)
            .arg("-CAfile")
            .arg(self.path(certificate))
            .arg("-out")
            .arg(self.path("out")));
    }
}

/// Runs the test of this name in a process of its own, with a SoftHSM of its own.
fn alone(name: &str, test: impl FnOnce(&Tokens)) {
    if let Some(folder) = std::env::var_os("CARD_TEST_FOLDER") {
        return test(&Tokens { folder: PathBuf::from(folder) });
    }
    let folder = tempfile::tempdir().unwrap();
    let tokens = folder.path().join("tokens");
    std::fs::create_dir(&tokens).unwrap();
    let conf = folder.path().join("softhsm2.conf");
    let text = format!("directories.tokendir = {}\nlog.level = ERROR\n", tokens.display());
    std::fs::write(&conf, text).unwrap();
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", name, "--nocapture", "--test-threads=1"])
        .env("CARD_TEST_FOLDER", folder.path())
        .env("SOFTHSM2_CONF", &conf)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    assert!(output.status.success() && said.contains("1 passed"), "{said}");
}

fn run(command: &mut Command) {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    assert!(output.status.success(), "{command:?}: {said}");
}

fn given(pin: &str) -> GivenPin {
    GivenPin(Some(Pin::new(pin.into())))
}

fn now() -> jiff::Timestamp {
    jiff::Timestamp::now()
}

/// The place and chain of the certificate with that name.
fn find(cards: &Cards, name: &str) -> (Place, Vec<Vec<u8>>) {
    let list = cards.list();
    let tokens = list.iter().flat_map(|(_, tokens)| tokens.as_ref().unwrap());
    let found = tokens.flat_map(|token| &token.certificates).find(|one| one.name == name);
    let found = found.unwrap_or_else(|| panic!("{name}: {list:?}"));
    (found.place.clone(), found.chain.clone())
}

fn sign(cards: &Cards, (place, chain): &(Place, Vec<Vec<u8>>)) -> Result<Vec<u8>, CadesError> {
    let key = cards.key(place, chain)?;
    cades::sign(&Message::new(MAIL.to_vec()), None, &key, now(), [7; 16])
}

fn withheld(error: CardError) -> Result<Vec<u8>, CadesError> {
    Err(CadesError::from(error))
}

#[test]
fn keys_of_each_kind_on_a_card_sign_mail_that_openssl_accepts() {
    alone("keys_of_each_kind_on_a_card_sign_mail_that_openssl_accepts", |tokens| {
        tokens.token("pas");
        let curve = |name| format!("ec_paramgen_curve:{name}");
        let (p256, p384) = (curve("P-256"), curve("P-384"));
        tokens.key("pas", "01", &["rsa:2048"], &["--usage-sign"]);
        tokens.key("pas", "02", &["rsa:3072"], &["--usage-sign"]);
        tokens.key("pas", "03", &["ec", "-pkeyopt", &p256], &["--usage-sign"]);
        tokens.key("pas", "04", &["ec", "-pkeyopt", &p384], &["--usage-sign"]);
        for (padding, names) in
            [(Padding::Pkcs1, &["01", "02", "03", "04"][..]), (Padding::Pss, &["01", "02"])]
        {
            let cards = tokens.cards_for(LONG, padding);
            for name in names {
                let found = find(&cards, name);
                let unlocked = cards.unlock(&found.0, &given(PIN)).unwrap();
                assert_eq!((unlocked.label.as_str(), unlocked.held), ("pas", Held::For(LONG)));
                let signed = sign(&cards, &found).unwrap();
                tokens.openssl(&signed, &format!("pas-{name}.pem"));
                let algorithm = cades::check(&Message::new(signed)).unwrap().algorithm;
                assert_eq!(algorithm, cades::algorithm_of(&found.1[0], padding).unwrap());
            }
        }
    });
}

#[test]
fn where_no_token_is_none_is_seen() {
    alone("where_no_token_is_none_is_seen", |tokens| {
        assert_eq!(tokens.cards().list(), [(PathBuf::from(MODULE), Ok(Vec::new()))]);
    });
}

#[test]
fn tokens_and_certificates_are_seen_without_a_pin() {
    alone("tokens_and_certificates_are_seen_without_a_pin", |tokens| {
        tokens.token("pas 1");
        tokens.token("pas 2");
        tokens.key("pas 2", "0a", &["ec", "-pkeyopt", "ec_paramgen_curve:P-256"], &[]);
        let list = tokens.cards().list();
        let mut seen = list[0].1.clone().unwrap();
        seen.sort_by(|a, b| a.label.cmp(&b.label));
        let labels: Vec<_> = seen.iter().map(|token| token.label.as_str()).collect();
        assert_eq!(labels, ["pas 1", "pas 2"]);
        assert!(seen[0].certificates.is_empty() && !seen[1].serial.is_empty());
        assert_eq!(seen[1].pin, PinState::Ready(Tries::Unknown));
        let [on_card] = seen[1].certificates.as_slice() else { panic!("{seen:?}") };
        assert_eq!((on_card.name.as_str(), &on_card.place.key), ("0a", &vec![0x0a]));
        let summary = cades::describe(&on_card.chain[0]).unwrap();
        assert_eq!(summary.addresses, ["jan@praktijk.example"]);
        let read: Place = on_card.place.to_string().parse().unwrap();
        assert_eq!(read.of(&on_card.chain[0]), on_card.place);
    });
}

#[test]
fn each_trouble_with_a_pin_has_its_own_answer() {
    alone("each_trouble_with_a_pin_has_its_own_answer", |tokens| {
        struct Hears(std::cell::RefCell<Vec<Asked>>, &'static str);
        impl PinSource for Hears {
            fn pin(&self, asked: &Asked) -> Option<Pin> {
                self.0.borrow_mut().push(asked.clone());
                Some(Pin::new(self.1.into()))
            }
        }
        tokens.token("pas");
        tokens.key("pas", "01", &["ec", "-pkeyopt", "ec_paramgen_curve:P-256"], &["--usage-sign"]);
        let cards = tokens.cards();
        let found = find(&cards, "01");
        let label = || "pas".to_owned();
        let needed = || CardError::PinNeeded { label: label() };
        assert_eq!(sign(&cards, &found), withheld(needed()), "before any PIN");
        assert_eq!(cards.unlock(&found.0, &GivenPin(None)), Err(needed()));
        let wrong = CardError::WrongPin { tries: Tries::Few };
        assert_eq!(cards.unlock(&found.0, &given("99999")), Err(wrong), "the token counts it");
        let least = 4;
        let short = cards.unlock(&found.0, &given("1"));
        assert!(
            matches!(short, Err(CardError::PinForm { least: found, .. }) if found == least)
                || matches!(short, Err(CardError::WrongPin { .. })),
            "{short:?}"
        );
        assert_eq!(sign(&cards, &found), withheld(needed()), "a wrong PIN unlocks nothing");
        let hears = Hears(Default::default(), PIN);
        cards.unlock(&found.0, &hears).unwrap();
        assert_eq!(
            *hears.0.borrow(),
            [Asked { label: label(), tries: Tries::Few }],
            "once, and told"
        );
        sign(&cards, &found).unwrap();
        assert_eq!(
            cards.unlock(&found.0, &given("99999")).map(drop),
            Err(CardError::WrongPin { tries: Tries::Few }),
            "an open session does not make a wrong PIN right"
        );
        assert_eq!(sign(&cards, &found), withheld(needed()));
        let other = (Place { serial: "0".to_owned(), ..found.0.clone() }, found.1.clone());
        let out = || CardError::NoCard { label: label() };
        assert_eq!(cards.unlock(&other.0, &given(PIN)), Err(out()));
        assert_eq!(sign(&cards, &other), withheld(out()));
        let none = Place { key: vec![9], ..found.0.clone() };
        assert_eq!(cards.unlock(&none, &given(PIN)), Err(out()), "it has others than that");
    });
}

#[test]
fn a_card_that_was_locked_elsewhere_wants_its_pin_and_misses_no_key() {
    alone("a_card_that_was_locked_elsewhere_wants_its_pin_and_misses_no_key", |tokens| {
        tokens.token("pas");
        tokens.key("pas", "01", &["ec", "-pkeyopt", "ec_paramgen_curve:P-256"], &["--usage-sign"]);
        let cards = tokens.cards();
        let found = find(&cards, "01");
        cards.unlock(&found.0, &given(PIN)).unwrap();
        let key = cards.key(&found.0, &found.1).unwrap();
        let wrong = tokens.cards().unlock(&found.0, &given("99999"));
        assert!(matches!(wrong, Err(CardError::WrongPin { .. })), "{wrong:?}");
        let needed = || CardError::PinNeeded { label: "pas".to_owned() };
        assert_eq!(cades::Signer::sign(&key, b"text"), withheld(needed()));
        assert_eq!(cards.key(&found.0, &found.1).map(drop), Err(needed()));
    });
}

#[test]
fn an_unlocked_card_stays_so_for_its_time_and_no_longer() {
    alone("an_unlocked_card_stays_so_for_its_time_and_no_longer", |tokens| {
        tokens.token("pas");
        tokens.key("pas", "01", &["ec", "-pkeyopt", "ec_paramgen_curve:P-256"], &["--usage-sign"]);
        let needed = || CardError::PinNeeded { label: "pas".to_owned() };
        let brief = tokens.cards_for(Duration::ZERO, Padding::Pkcs1);
        let found = find(&brief, "01");
        brief.unlock(&found.0, &given(PIN)).unwrap();
        assert_eq!(sign(&brief, &found), withheld(needed()));
        let cards = tokens.cards();
        cards.unlock(&found.0, &given(PIN)).unwrap();
        let key = cards.key(&found.0, &found.1).unwrap();
        cards.sweep();
        sign(&cards, &found).unwrap();
        sign(&cards, &found).unwrap();
        drop(key);
        cards.lock();
        assert_eq!(sign(&cards, &found), withheld(needed()));
    });
}

#[test]
fn a_key_that_wants_its_pin_each_time_signs_once_for_each_pin() {
    alone("a_key_that_wants_its_pin_each_time_signs_once_for_each_pin", |tokens| {
        tokens.token("pas");
        tokens.key("pas", "01", &["rsa:2048"], &["--usage-sign", "--always-auth"]);
        for padding in [Padding::Pkcs1, Padding::Pss] {
            let cards = tokens.cards_for(LONG, padding);
            let found = find(&cards, "01");
            for _ in 0..2 {
                let unlocked = cards.unlock(&found.0, &given(PIN)).unwrap();
                assert_eq!(unlocked.held, Held::Once);
                tokens.openssl(&sign(&cards, &found).unwrap(), "pas-01.pem");
                let needed = CardError::PinNeeded { label: "pas".to_owned() };
                assert_eq!(sign(&cards, &found), withheld(needed));
            }
        }
    });
}

#[test]
fn a_card_that_is_taken_out_is_told_and_wants_its_pin_when_it_is_back() {
    alone("a_card_that_is_taken_out_is_told_and_wants_its_pin_when_it_is_back", |tokens| {
        tokens.token("pas");
        tokens.key("pas", "01", &["ec", "-pkeyopt", "ec_paramgen_curve:P-256"], &["--usage-sign"]);
        let cards = tokens.cards();
        let found = find(&cards, "01");
        cards.unlock(&found.0, &given(PIN)).unwrap();
        sign(&cards, &found).unwrap();
        let (inside, outside) = (tokens.path("tokens"), tokens.path("elsewhere"));
        std::fs::rename(&inside, &outside).unwrap();
        std::fs::create_dir(&inside).unwrap();
        let out = CardError::NoCard { label: "pas".to_owned() };
        assert_eq!(sign(&cards, &found), withheld(out));
    });
}

#[test]
fn of_two_cards_the_one_meant_gets_the_pin_and_how_it_stands_is_told_before() {
    alone("of_two_cards_the_one_meant_gets_the_pin_and_how_it_stands_is_told_before", |tokens| {
        let curve = ["ec", "-pkeyopt", "ec_paramgen_curve:P-256"];
        for (label, id) in [("pas", "01"), ("andere", "02")] {
            tokens.token(label);
            tokens.key(label, id, &curve, &["--usage-sign"]);
        }
        let cards = tokens.cards();
        let (one, other) = (find(&cards, "01"), find(&cards, "02"));
        assert!(!one.0.model.is_empty(), "{:?}", one.0);
        let fresh = PinState::Ready(Tries::Unknown);
        assert_eq!(cards.stands(&one.0).unwrap().pin, fresh);
        cards.unlock(&one.0, &given("99999")).unwrap_err();
        assert_eq!(cards.stands(&one.0).unwrap().pin, PinState::Ready(Tries::Few));
        assert_eq!(cards.stands(&other.0).unwrap().pin, fresh, "the other heard nothing");
        cards.unlock(&one.0, &given(PIN)).unwrap();
        cards.unlock(&other.0, &given(PIN)).unwrap();
        sign(&cards, &one).unwrap();
        sign(&cards, &other).unwrap();
    });
}

#[test]
fn another_card_with_the_same_number_hears_no_pin_and_a_renamed_one_still_works() {
    alone(
        "another_card_with_the_same_number_hears_no_pin_and_a_renamed_one_still_works",
        |tokens| {
            let curve = ["ec", "-pkeyopt", "ec_paramgen_curve:P-256"];
            for label in ["pas", "andere", "lege"] {
                tokens.token(label);
            }
            tokens.key("pas", "01", &curve, &["--usage-sign"]);
            tokens.key("andere", "02", &curve, &["--usage-sign"]);
            let cards = tokens.cards();
            let (one, other) = (find(&cards, "01"), find(&cards, "02"));
            let list = cards.list().remove(0).1.unwrap();
            let empty = list.into_iter().find(|token| token.label == "lege").unwrap().serial;
            // As it looks where a maker numbers nothing and the own card is out.
            let numbered = |serial: &str| Place { serial: serial.to_owned(), ..one.0.clone() };
            let out = |place: &Place| CardError::NoCard { label: place.label.clone() };
            let named = Place { label: "andere".to_owned(), ..numbered(&other.0.serial) };
            let modelled = Place { model: "another".to_owned(), ..one.0.clone() };
            for place in [numbered(&other.0.serial), numbered(&empty), named, modelled] {
                assert_eq!(cards.unlock(&place, &given("99999")), Err(out(&place)), "{place}");
            }
            let seen = cards.list().remove(0).1.unwrap();
            let fresh = PinState::Ready(Tries::Unknown);
            assert!(seen.iter().all(|token| token.pin == fresh), "none heard it: {seen:?}");
            let before = (Place { label: "vroeger".to_owned(), ..one.0.clone() }, one.1.clone());
            cards.unlock(&before.0, &given(PIN)).unwrap();
            sign(&cards, &before).unwrap();
        },
    );
}

#[test]
fn a_card_whose_key_of_that_id_is_of_another_certificate_hears_no_pin_and_is_named() {
    alone(
        "a_card_whose_key_of_that_id_is_of_another_certificate_hears_no_pin_and_is_named",
        |tokens| {
            let curve = ["ec", "-pkeyopt", "ec_paramgen_curve:P-256"];
            for (label, id) in [("pas", "01"), ("andere", "01")] {
                tokens.token(label);
                tokens.key(label, id, &curve, &["--usage-sign"]);
            }
            let cards = tokens.cards();
            let list = cards.list().remove(0).1.unwrap();
            let on = |label: &str| {
                let token = list.iter().find(|token| token.label == label).unwrap();
                (token.certificates[0].place.clone(), token.certificates[0].chain.clone())
            };
            let (own, other) = (on("pas"), on("andere"));
            assert_ne!(own.0.certificate, other.0.certificate);
            // The other card, put in where the own one was registered.
            let swapped = other.0.clone().of(&own.1[0]);
            let refused = CardError::OtherCertificate { label: "andere".to_owned() };
            assert_eq!(cards.unlock(&swapped, &given("99999")), Err(refused));
            let fresh = PinState::Ready(Tries::Unknown);
            assert_eq!(cards.stands(&other.0).unwrap().pin, fresh, "it heard no PIN");
            // As a place is read back, before it is known of which certificate.
            let bare: Place = own.0.to_string().parse().unwrap();
            assert_eq!(bare.certificate, "");
            cards.unlock(&bare, &given(PIN)).unwrap();
            sign(&cards, &(bare.clone(), own.1.clone())).unwrap();
            assert_eq!(bare.of(&own.1[0]), own.0);
            cards.unlock(&own.0, &given(PIN)).unwrap();
            sign(&cards, &own).unwrap();
        },
    );
}

#[test]
fn at_a_reader_with_keys_of_its_own_the_pin_is_pressed_there_and_the_program_asks_for_none() {
    alone(
        "at_a_reader_with_keys_of_its_own_the_pin_is_pressed_there_and_the_program_asks_for_none",
        |tokens| {
            struct Nobody;
            impl PinSource for Nobody {
                fn pin(&self, asked: &Asked) -> Option<Pin> {
                    panic!("asked on the screen: {asked:?}")
                }
            }
            let curve = ["ec", "-pkeyopt", "ec_paramgen_curve:P-256"];
            tokens.token("pas");
            tokens.key("pas", "01", &curve, &["--usage-sign"]);
            tokens.key("pas", "02", &["rsa:2048"], &["--usage-sign", "--always-auth"]);
            let module = tokens.path("reader.so");
            let source = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/reader.c");
            run(Command::new("cc").args(["-shared", "-fPIC", source, "-ldl", "-o"]).arg(&module));
            let cards = Cards::new(&[module], LONG, Padding::Pkcs1);
            let press = |keys: &str| std::fs::write(tokens.path("pressed"), keys).unwrap();
            let (each, always) = (find(&cards, "01"), find(&cards, "02"));
            assert_eq!(cards.stands(&each.0).unwrap().pin, PinState::AtReader);
            assert_eq!(cards.unlock(&each.0, &Nobody), Err(CardError::Cancelled));
            press("99999");
            let wrong = cards.unlock(&each.0, &Nobody);
            assert!(matches!(wrong, Err(CardError::WrongPin { .. })), "{wrong:?}");
            press(PIN);
            for one in [&each, &always] {
                let held = cards.unlock(&one.0, &Nobody).unwrap().held;
                assert_eq!(held, Held::For(LONG), "each signature may be asked for there");
                sign(&cards, one).unwrap();
                sign(&cards, one).unwrap();
            }
            std::fs::remove_file(tokens.path("pressed")).unwrap();
            assert_eq!(sign(&cards, &always), withheld(CardError::Cancelled));
        },
    );
}
