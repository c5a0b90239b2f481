//! An account that signs with a smart card: SoftHSM 2 with its tokens in files.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use tests::guard::{PATIENCE, until};
use tests::zorgzegel::Options;
use tests::{Session, Submission, World, Zorgzegel, held_as, openssl};

const MODULE: &str = "/usr/lib/softhsm/libsofthsm2.so";
const PIN: &str = "Pin-van-de-pas-7";
const ADDRESS: &str = "kaart1@praktijk.test";
const HEALTH: &str = "From: kaart1@praktijk.test\r\nTo: collega@goed.test\r\nSubject: overdracht\r\n\
    \r\nBSN 123456782, dhr. Jansen, geb. 12-03-1956, CVA\r\n";

/// Tokens in a folder, with one card for the account on it.
struct Tokens {
    folder: tempfile::TempDir,
}

impl Tokens {
    fn new() -> Self {
        let tokens = Self { folder: tempfile::tempdir().unwrap() };
        std::fs::create_dir(tokens.path("tokens")).unwrap();
        let text = format!("directories.tokendir = {}\n", tokens.path("tokens").display());
        std::fs::write(tokens.conf(), text).unwrap();
        let pins = ["--so-pin", "13579753", "--pin", PIN];
        let init = ["--init-token", "--free", "--label", "UZI-pas"];
        tokens.run(Command::new("softhsm2-util").args(init).args(pins));
        let certificate = ["req", "-x509", "-nodes", "-days", "30", "-subj", "/CN=Jan Arts"];
        tokens.run(
            Command::new("openssl")
                .args(certificate)
                .args(["-newkey", "rsa:3072", "-keyout", "key.pem", "-out", "pas.pem"])
                .args(["-addext", &format!("subjectAltName=email:{ADDRESS}")])
                .args(["-addext", "keyUsage=digitalSignature,nonRepudiation"]),
        );
        for (what, from, to) in [("pkey", "key.pem", "key.der"), ("x509", "pas.pem", "pas.der")] {
            tokens.run(
                Command::new("openssl").args([what, "-in", from, "-outform", "DER", "-out", to]),
            );
        }
        for (kind, file) in [("privkey", "key.der"), ("cert", "pas.der")] {
            let on = ["--module", MODULE, "--token-label", "UZI-pas", "--login", "--pin", PIN];
            let what = ["--id", "01", "--label", "handtekening", "--type", kind];
            tokens.run(
                Command::new("pkcs11-tool").args(on).args(what).args(["--write-object", file]),
            );
        }
        std::fs::remove_file(tokens.path("key.pem")).unwrap();
        std::fs::remove_file(tokens.path("key.der")).unwrap();
        tokens
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn conf(&self) -> PathBuf {
        self.path("softhsm2.conf")
    }

    fn run(&self, command: &mut Command) {
        let command = command.current_dir(self.folder.path()).env("SOFTHSM2_CONF", self.conf());
        let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
        assert!(output.status.success(), "{command:?}: {output:?}");
    }
}

fn product(session: &Session, tokens: &Tokens) -> Zorgzegel {
    let options = Options {
        address: ADDRESS.to_owned(),
        identity: false,
        env: vec![("SOFTHSM2_CONF", tokens.conf().to_string_lossy().into_owned())],
        more: format!("[cards]\nmodules = [\"{MODULE}\"]\n"),
        // Long, so that only the PIN can have brought it on its way.
        first_retry: "1h",
        ..Options::default()
    };
    Zorgzegel::start(World::shared(), session, options).unwrap()
}

fn held(product: &Zorgzegel, to: &str) -> String {
    let to = [to];
    let submission = Submission::through(product, &to).unwrap();
    let said = submission.smtplib(HEALTH.as_bytes()).unwrap().text;
    held_as(&said).unwrap_or_else(|| panic!("not held: {said}"))
}

fn ok(product: &Zorgzegel, args: &[&str], input: &str) -> String {
    product.cli_with(args, input.as_bytes()).unwrap().must("zorgzegel").unwrap()
}

#[test]
fn mail_waits_for_the_card_and_goes_signed_by_it_when_the_pin_is_given() {
    let (world, session, tokens) = (World::shared(), Session::start().unwrap(), Tokens::new());
    let product = product(&session, &tokens);
    let listed = ok(&product, &["identity", "card", "list", "--json"], "");
    let card = listed.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let card = card.into_iter().find(|one| one["label"] == "UZI-pas").unwrap();
    assert_eq!(card["summaries"][0]["addresses"][0], ADDRESS, "{card}");
    ok(&product, &["identity", "card", "add"], "");
    let identities = ok(&product, &["identity", "list", "--json"], "");
    let identity: Value = serde_json::from_str(identities.lines().next().unwrap()).unwrap();
    assert_eq!(identity["place"], "card", "{identity}");
    let key = card["certificates"][0]["place"].as_str().unwrap();
    assert_eq!(identity["reference"], key, "{identity}");

    let to = "collega.kaart@goed.test";
    let id = held(&product, to);
    ok(&product, &["choose", &id, "secure"], "");
    let waiting = || -> Value {
        let said = ok(&product, &["pending", "--json"], "");
        let all: Vec<Value> = serde_json::from_str(&said).unwrap();
        all.into_iter().find(|one| one["id"] == id.as_str()).unwrap_or(Value::Null)
    };
    let told = until("the words", PATIENCE, || {
        Some(waiting().to_string()).filter(|told| told.contains("pincode"))
    })
    .unwrap();
    assert!(told.contains("\"chosen\"") && told.contains("UZI-pas"), "{told}");
    assert!(world.received(to).unwrap().is_empty());

    let wrong = ["identity", "card", "unlock", "--pin-stdin"];
    let said = product.cli_with(&wrong, b"Pin-van-een-ander\n").unwrap();
    assert_eq!(said.code, Some(1), "{said:?}");
    assert!(said.text.contains("PIN is wrong") && !said.text.contains("een-ander"), "{said:?}");
    assert!(world.received(to).unwrap().is_empty());
    let unlock = ["identity", "card", "unlock", "--pin-stdin", "--from", ADDRESS];
    let said = product.cli_with(&unlock, format!("{PIN}\n").as_bytes()).unwrap();
    let said = said.must("unlock").unwrap();
    assert!(said.contains("UZI-pas") && said.contains("15 minuten"), "{said}");
    assert!(said.contains("Only a few tries are left"), "a wrong one was given before: {said}");
    let got = until("the mail", PATIENCE, || world.received(to).unwrap().pop()).unwrap();
    openssl::verify(product.folder(), &got.message, &tokens.path("pas.pem")).unwrap();

    ok(&product, &["identity", "card", "lock"], "");
    let second = held(&product, "collega.kaart2@goed.test");
    ok(&product, &["choose", &second, "secure"], "");
    until("the words", PATIENCE, || {
        let said = ok(&product, &["pending", "--json"], "");
        said.contains("pincode").then_some(())
    })
    .unwrap();
    assert!(!anywhere(product.folder(), PIN.as_bytes()), "the PIN is on disk");
    assert!(!product.said().contains(PIN));
}

#[test]
fn a_file_is_signed_with_the_card_by_its_pin_and_not_without() {
    let (session, tokens) = (Session::start().unwrap(), Tokens::new());
    let product = product(&session, &tokens);
    ok(&product, &["identity", "card", "add"], "");
    let file = product.folder().join("brief.eml");
    std::fs::write(&file, HEALTH).unwrap();
    let out = product.folder().join("getekend.eml");
    let (file, out_name) = (file.to_str().unwrap(), out.to_str().unwrap());
    let sign = ["sign", file, "--out", out_name, "--pin-stdin"];
    let none = product.cli_with(&sign, b"").unwrap();
    assert_eq!(none.code, Some(3), "{none:?}");
    assert!(none.text.contains("wants its PIN") && !out.exists(), "{none:?}");
    ok(&product, &sign, &format!("{PIN}\n"));
    let signed = std::fs::read(&out).unwrap();
    openssl::verify(product.folder(), &signed, &tokens.path("pas.pem")).unwrap();
}

/// Whether a file below this folder holds these bytes.
fn anywhere(folder: &Path, bytes: &[u8]) -> bool {
    let entries = std::fs::read_dir(folder).unwrap().flatten();
    entries.map(|entry| entry.path()).any(|path| match path.is_dir() {
        true => anywhere(&path, bytes),
        false => {
            let text = std::fs::read(&path).unwrap_or_default();
            text.windows(bytes.len()).any(|part| part == bytes)
        }
    })
}
