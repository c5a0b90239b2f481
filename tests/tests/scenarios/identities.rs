//! Identities from outside: a file of another program, an issuer's answer, one that expires.

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, SystemTime};

use cades::PrivateKey;
use rcgen::{
    BasicConstraints, CertificateParams, CrlDistributionPoint, DnType, IsCa, Issuer, KeyPair,
    SanType,
};
use serde_json::Value;
use tests::raw::transact;
use tests::zorgzegel::Options;
use tests::{Session, World, Zorgzegel, guard, held_as};

const HEALTH: &str =
    "Subject: overdracht\r\n\r\nBSN 123456782, dhr. Jansen, geb. 12-03-1956, CVA\r\n";

/// An issuer that lives as long as the test.
struct Office {
    params: CertificateParams,
    key: KeyPair,
    /// Where its certificates say that its list is.
    publishes: Option<SocketAddr>,
}

impl Office {
    fn new() -> Self {
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, "Uitgever van de proef");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Self { params, key: KeyPair::generate().unwrap(), publishes: None }
    }

    fn issuer(&self) -> Issuer<'_, &KeyPair> {
        Issuer::from_params(&self.params, &self.key)
    }

    /// A .p12 file of OpenSSL, as old programs write it, with a certificate that ends so soon.
    fn file(&self, folder: &Path, address: &str, ends_in: Duration) -> PathBuf {
        let mut params = CertificateParams::default();
        params.subject_alt_names = vec![SanType::Rfc822Name(address.try_into().unwrap())];
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
        params.not_after = rcgen::date_time_ymd(1970, 1, 1) + (now + ends_in);
        let list =
            |at: SocketAddr| CrlDistributionPoint { uris: vec![format!("http://{at}/list")] };
        params.crl_distribution_points = self.publishes.map(list).into_iter().collect();
        let key = PrivateKey::generate(cades::KeyKind::P256).unwrap();
        let certificate = params.signed_by(&key, &self.issuer()).unwrap();
        std::fs::write(folder.join("own.pem"), certificate.pem()).unwrap();
        std::fs::write(folder.join("key.der"), key.into_pkcs8()).unwrap();
        let key = ["pkcs8", "-inform", "DER", "-nocrypt", "-in", "key.der", "-out", "key.pem"];
        openssl(folder, &key);
        let file = ["pkcs12", "-export", "-legacy", "-inkey", "key.pem", "-in", "own.pem"];
        openssl(folder, &[&file[..], &["-out", "own.p12", "-passout", "pass:wáchtwoord"]].concat());
        folder.join("own.p12")
    }

    /// Its own certificate and key, for OpenSSL.
    fn files(&self, folder: &Path) {
        let own = self.params.self_signed(&self.key).unwrap().pem();
        std::fs::write(folder.join("ca.pem"), own).unwrap();
        std::fs::write(folder.join("ca.key"), self.key.serialize_pem()).unwrap();
    }

    /// The certificate that a request asks for.
    fn answer(&self, folder: &Path, request: &str) -> PathBuf {
        self.files(folder);
        std::fs::write(folder.join("request.pem"), request).unwrap();
        let sign = ["x509", "-req", "-in", "request.pem", "-CA", "ca.pem", "-CAkey", "ca.key"];
        let rest = ["-copy_extensions", "copyall", "-days", "300", "-out", "antwoord.pem"];
        openssl(folder, &[&sign[..], &rest].concat());
        folder.join("antwoord.pem")
    }
}

fn openssl(folder: &Path, arguments: &[&str]) {
    let run = Command::new("openssl").args(arguments).current_dir(folder).output().unwrap();
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
}

fn listed(product: &Zorgzegel) -> Vec<Value> {
    let said = product.cli(&["identity", "list", "--json"]).unwrap().must("list").unwrap();
    said.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn pending(product: &Zorgzegel) -> Value {
    let said = product.cli(&["pending", "--json"]).unwrap().must("pending").unwrap();
    serde_json::from_str(&said).unwrap()
}

fn hold(product: &Zorgzegel, to: &str) -> String {
    let mail = format!("From: {}\r\n{HEALTH}", product.user());
    let reply = transact(product, &[to], mail.as_bytes()).unwrap();
    held_as(&reply).unwrap_or_else(|| panic!("not held: {reply}"))
}

/// Imports a file whose certificate ends soon: where this machine is slow, a little later.
fn import_one_that_ends(product: &Zorgzegel, office: &Office) {
    let import = |seconds| {
        let ends_in = Duration::from_secs(seconds);
        let file = office.file(product.folder(), product.user(), ends_in);
        let import = ["identity", "import", file.to_str().unwrap(), "--password-stdin"];
        let wrong = product.cli_with(&import, b"wachtwoord\n").unwrap();
        assert_eq!(wrong.code, Some(2), "{wrong:?}");
        assert!(wrong.text.contains("password does not open"), "{}", wrong.text);
        product.cli_with(&import, "wáchtwoord\n".as_bytes()).unwrap().code == Some(0)
    };
    assert!([5, 20, 80].into_iter().any(import), "none was taken");
}

#[test]
fn an_identity_that_expired_holds_the_mail_until_the_issuers_answer_is_installed() {
    let (world, session) = (World::shared(), Session::start().unwrap());
    let address = "verlopen@praktijk.test".to_owned();
    let options = Options { identity: false, address, ..Options::default() };
    let product = Zorgzegel::start(world, &session, options).unwrap();
    let office = Office::new();
    import_one_that_ends(&product, &office);
    let id = hold(&product, "verlopen@goed.test");
    let expired = || (listed(&product)[0]["standing"] == "expired").then_some(());
    guard::until("the end of the identity", 2 * guard::PATIENCE, expired).unwrap();
    let refused = product.cli(&["choose", &id, "secure"]).unwrap();
    assert_eq!(refused.code, Some(1), "{refused:?}");
    assert!(refused.text.contains("The identity expired on"), "{}", refused.text);
    assert_eq!(pending(&product)[0]["recipients"][0]["state"], "waiting");

    let request = ["identity", "request", "--name", "Arts", "--key", "p384"];
    let request = product.cli(&request).unwrap().must("request").unwrap();
    let shown = listed(&product);
    assert_eq!(shown.len(), 2, "the identity that expired, and the request");
    assert!(shown[1]["request"]["id"].is_string(), "{shown:?}");
    let install =
        |file: &Path| product.cli(&["identity", "install", file.to_str().unwrap()]).unwrap();
    let stranger = install(&product.folder().join("own.pem"));
    assert_eq!(stranger.code, Some(2), "{stranger:?}");
    assert!(stranger.text.contains("answers no request"), "{}", stranger.text);
    install(&Office::new().answer(product.folder(), &request)).must("install").unwrap();

    product.cli(&["choose", &id, "secure"]).unwrap().must("choose").unwrap();
    let gone = || pending(&product).as_array().is_some_and(Vec::is_empty).then_some(());
    guard::until("the delivery", guard::PATIENCE, gone).unwrap();
    let shown = listed(&product);
    assert_eq!(shown.len(), 2, "{shown:?}");
    assert_eq!(shown[1]["kind"], "ECDSA P-384");
    assert_eq!(shown[1]["signs_for_account"], true);
    let old = shown[0]["id"].as_str().unwrap();
    product.cli(&["identity", "remove", &old[..8]]).unwrap().must("remove").unwrap();
    assert_eq!(listed(&product).len(), 1);
    assert_eq!(product.cli(&["identity", "remove", old]).unwrap().code, Some(2));
}

/// A list of the office's in which this certificate stands as revoked: PEM.
fn revoked(office: &Office, folder: &Path, certificate: &str) -> PathBuf {
    office.files(folder);
    std::fs::write(folder.join("index.txt"), "").unwrap();
    std::fs::write(folder.join("crlnumber"), "01\n").unwrap();
    let config = "[ca]\ndefault_ca = own\n[own]\ndatabase = index.txt\ncrlnumber = crlnumber\n\
        default_md = sha256\ndefault_crl_days = 1\n";
    std::fs::write(folder.join("ca.cnf"), config).unwrap();
    let ca = ["ca", "-config", "ca.cnf", "-cert", "ca.pem", "-keyfile", "ca.key"];
    let revoke = ["-revoke", certificate, "-crl_reason", "keyCompromise"];
    openssl(folder, &[&ca[..], &revoke].concat());
    openssl(folder, &[&ca[..], &["-gencrl", "-out", "crl.pem"]].concat());
    folder.join("crl.pem")
}

#[test]
fn mail_that_was_signed_before_its_identity_was_revoked_does_not_go_after_it() {
    let (world, session) = (World::shared(), Session::start().unwrap());
    let options = Options {
        identity: false,
        address: "ingetrokken@praktijk.test".to_owned(),
        ..Options::default()
    };
    let product = Zorgzegel::start(world, &session, options).unwrap();
    let (office, to) = (Office::new(), "ingetrokken@goed.test");
    world.set_reply(to, Some("450 4.2.0 later")).unwrap();
    let file = office.file(product.folder(), product.user(), Duration::from_secs(86_400));
    let import = ["identity", "import", file.to_str().unwrap(), "--password-stdin"];
    product.cli_with(&import, "wáchtwoord\n".as_bytes()).unwrap().must("import").unwrap();
    let id = hold(&product, to);
    product.cli(&["choose", &id, "secure"]).unwrap().must("choose").unwrap();
    let one = |state: &str| {
        let all = pending(&product);
        let one = all.as_array()?.iter().find(|one| one["id"] == id.as_str())?;
        let to = one["recipients"][0].clone();
        (to["state"] == state && to["attempts"].as_u64()? > 0).then_some(to)
    };
    guard::until("an attempt, and what the host said", guard::PATIENCE, || {
        one("chosen")?["words"].as_str()?.contains("450").then_some(())
    })
    .unwrap();

    let list = revoked(&office, product.folder(), "own.pem");
    let issuer = product.folder().join("ca.pem");
    let status = ["identity", "status", list.to_str().unwrap(), "--issuer"];
    let noted = product.cli(&[&status[..], &[issuer.to_str().unwrap()]].concat()).unwrap();
    assert_eq!(noted.code, Some(1), "it is revoked: {noted:?}");
    assert_eq!(listed(&product)[0]["standing"], "revoked");
    world.set_reply(to, None).unwrap();
    let ended = guard::until("the refusal", guard::PATIENCE, || one("failed")).unwrap();
    assert!(ended["words"].as_str().unwrap().contains("ingetrokken"), "{ended}");
    assert!(world.received(to).unwrap().is_empty(), "nothing went");
}

/// Serves a file to whoever asks, over HTTP.
fn published(file: PathBuf) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let lines = BufReader::new(stream.try_clone().unwrap()).lines();
            lines.map_while(Result::ok).take_while(|line| !line.is_empty()).for_each(drop);
            let list = std::fs::read(&file).unwrap();
            let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", list.len());
            let _ = stream.write_all(&[head.as_bytes(), &list].concat());
        }
    });
    address
}

#[test]
fn where_issuers_may_be_asked_an_identity_that_was_revoked_signs_nothing_and_it_is_said() {
    let (world, session) = (World::shared(), Session::start().unwrap());
    let folder = tempfile::tempdir().unwrap();
    let (address, to) = ("nagevraagd@praktijk.test", "nagevraagd@goed.test");
    let mut office = Office::new();
    office.publishes = Some(published(folder.path().join("list")));
    let file = office.file(folder.path(), address, Duration::from_secs(86_400));
    let list = revoked(&office, folder.path(), "own.pem");
    let der = ["crl", "-in", list.to_str().unwrap(), "-outform", "DER", "-out", "list"];
    openssl(folder.path(), &der);
    let anchor = folder.path().join("ca.pem");
    let more = format!("[trust]\nanchors = [{anchor:?}]\nfetch = \"everywhere\"\n");
    let address = address.to_owned();
    let options = Options { identity: false, address, more, ..Options::default() };
    let product = Zorgzegel::start(world, &session, options).unwrap();
    let import = ["identity", "import", file.to_str().unwrap(), "--password-stdin"];
    product.cli_with(&import, "wáchtwoord\n".as_bytes()).unwrap().must("import").unwrap();
    assert_eq!(listed(&product)[0]["signs_for_account"], true, "nobody was asked yet");
    let id = hold(&product, to);
    product.cli(&["choose", &id, "secure"]).unwrap().must("choose").unwrap();
    let refused = || {
        let all = pending(&product);
        let one = all.as_array()?.iter().find(|one| one["id"] == id.as_str())?;
        let to = one["recipients"][0].clone();
        let moving = ["chosen", "sending"].contains(&to["state"].as_str()?);
        (!moving && to["words"].is_string()).then_some(to)
    };
    let told = guard::until("the refusal", guard::PATIENCE, refused).unwrap();
    assert!(told["words"].as_str().unwrap().contains("ingetrokken"), "{told}");
    assert!(world.received(to).unwrap().is_empty(), "nothing went");
    assert_eq!(listed(&product)[0]["standing"], "revoked");
    let again = product.cli(&["choose", &id, "secure"]).unwrap();
    assert_eq!(again.code, Some(1), "{again:?}");
    assert!(again.text.contains("revoked by its issuer"), "{}", again.text);
}
