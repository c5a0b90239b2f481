//! What other programs sign, judged here. A missing program fails the test.

use std::path::PathBuf;
use std::process::Command;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use mail::Message;

use super::now;
use super::pki::{Authority, JAN, Leaf};
use crate::key::KeyKind;
use crate::{Reason, Verdict, Word, open, open_signature};

const CONTENT: &[u8] = b"Content-Type: text/plain\r\n\r\nBeste collega,\r\n\r\nAlles wel.\r\n";

/// A folder with signers' keys and certificates as files.
struct Shop {
    folder: tempfile::TempDir,
    authority: Authority,
}

impl Shop {
    fn new() -> Self {
        let shop = Self { folder: tempfile::tempdir().unwrap(), authority: Authority::new() };
        std::fs::write(shop.path("content"), CONTENT).unwrap();
        // The password of key files, for those who ask.
        std::fs::write(shop.path("word"), "x\n").unwrap();
        std::fs::write(shop.path("root.pem"), pem("CERTIFICATE", &shop.authority.root)).unwrap();
        shop
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes `name.key` and `name.pem`.
    fn signer(&self, name: &str, leaf: &Leaf) {
        let key = pem("PRIVATE KEY", &leaf.pkcs8);
        std::fs::write(self.path(&format!("{name}.key")), key).unwrap();
        let certificate = pem("CERTIFICATE", &leaf.certificate);
        std::fs::write(self.path(&format!("{name}.pem")), certificate).unwrap();
    }

    fn leaf(&self, name: &str, kind: KeyKind) {
        self.signer(name, &self.authority.leaf(kind, JAN));
    }

    fn run(&self, program: &str, arguments: &[&str]) -> Vec<u8> {
        self.tried(program, arguments).unwrap_or_else(|said| panic!("{said}"))
    }

    /// What a program writes, or says where it fails.
    fn tried(&self, program: &str, arguments: &[&str]) -> Result<Vec<u8>, String> {
        let output = Command::new(program)
            .args(arguments)
            .current_dir(self.folder.path())
            .stdin(std::fs::File::open(self.path("word")).unwrap())
            .output()
            .unwrap_or_else(|error| panic!("{program} cannot be started: {error}"));
        let said = String::from_utf8_lossy(&output.stderr);
        let done = output.status.success().then_some(output.stdout);
        done.ok_or_else(|| format!("{program} {arguments:?}: {said}"))
    }

    /// `openssl cms -sign` by these signers; what it writes, with a From before it.
    fn openssl(&self, signers: &[&str], options: &[&str]) -> Message {
        let files: Vec<[String; 2]> =
            signers.iter().map(|name| [format!("{name}.pem"), format!("{name}.key")]).collect();
        let mut arguments = vec!["cms", "-sign", "-in", "content", "-out", "mail.eml"];
        arguments.extend(["-certfile", "root.pem"]);
        for [certificate, key] in &files {
            arguments.extend(["-signer", certificate, "-inkey", key]);
            // Options of a key stand behind it.
            arguments.extend(
                options
                    .iter()
                    .filter(|option| option.starts_with("rsa_"))
                    .flat_map(|option| ["-keyopt", option]),
            );
        }
        arguments.extend(options.iter().filter(|option| !option.starts_with("rsa_")));
        self.run("openssl", &arguments);
        let mail = std::fs::read(self.path("mail.eml")).unwrap();
        Message::new([b"From: jan@praktijk.example\r\n".as_slice(), &mail].concat())
    }

    /// Writes `rsa.p12`, with which gpgsm and NSS take over a key.
    fn key_file(&self) {
        let files = ["-in", "rsa.pem", "-inkey", "rsa.key", "-certfile", "root.pem"];
        let how = ["-out", "rsa.p12", "-passout", "pass:x", "-name", "jan", "-legacy"];
        self.run("openssl", &[&["pkcs12", "-export"][..], &files, &how].concat());
    }

    fn judged(&self, mail: &Message) -> Verdict {
        open(mail, &self.authority.anchors, now())
    }
}

fn pem(label: &str, der: &[u8]) -> String {
    let text = STANDARD.encode(der);
    let lines: Vec<&str> =
        text.as_bytes().chunks(64).map(|line| core::str::from_utf8(line).unwrap()).collect();
    format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", lines.join("\n"))
}

fn codes(verdict: &Verdict) -> Vec<&'static str> {
    verdict.reasons.iter().map(Reason::code).collect()
}

#[test]
fn what_openssl_signs_as_cades_passes_and_changed_fails() {
    let shop = Shop::new();
    for (name, kind) in
        [("p256", KeyKind::P256), ("p384", KeyKind::P384), ("rsa", KeyKind::Rsa3072)]
    {
        shop.leaf(name, kind);
    }
    let cases: &[(&[&str], &[&str])] = &[
        (&["rsa"], &["-cades"]),
        (&["rsa"], &["-cades", "-crlfeol"]),
        (&["rsa"], &["-cades", "-nodetach"]),
        (&["rsa"], &["-cades", "-nodetach", "-stream"]),
        (&["rsa"], &["-cades", "-stream"]),
        (&["rsa"], &["-cades", "-keyid"]),
        (&["rsa"], &["-cades", "-md", "sha384"]),
        (&["rsa"], &["-cades", "-md", "sha512"]),
        (&["rsa"], &["-cades", "rsa_padding_mode:pss"]),
        (&["rsa"], &["-cades", "rsa_padding_mode:pss", "rsa_pss_saltlen:-1"]),
        (&["rsa"], &["-cades", "rsa_padding_mode:pss", "rsa_pss_saltlen:20", "-md", "sha512"]),
        (&["p256"], &["-cades"]),
        (&["p256"], &["-cades", "-md", "sha512"]),
        (&["p384"], &["-cades", "-md", "sha384"]),
        (&["p384"], &["-cades", "-md", "sha256", "-binary"]),
        (&["p256", "rsa"], &["-cades"]),
    ];
    for (signers, options) in cases {
        let mail = shop.openssl(signers, options);
        let verdict = shop.judged(&mail);
        assert!(verdict.valid() && verdict.cades, "{signers:?} {options:?} {verdict:?}");
        assert_eq!(verdict.signers.len(), signers.len());
        if let Some(at) = memchr::memmem::find(mail.bytes(), b"Alles wel") {
            let mut bytes = mail.bytes().to_vec();
            bytes[at] = b'a';
            let verdict = shop.judged(&Message::new(bytes));
            assert_eq!((verdict.verdict, codes(&verdict)[0]), (Word::Fail, "changed"));
        }
    }
}

#[test]
fn what_openssl_signs_otherwise_is_told_apart() {
    let shop = Shop::new();
    shop.leaf("rsa", KeyKind::Rsa3072);
    let judged = |options: &[&str]| shop.judged(&shop.openssl(&["rsa"], options));
    let plain = judged(&[]);
    assert!(plain.valid() && !plain.cades && codes(&plain).contains(&"not-cades"));
    let bare = judged(&["-noattr"]);
    assert_eq!((bare.verdict, bare.valid()), (Word::Policy, false));
    assert!(codes(&bare).contains(&"no-attributes"));
    let without = shop.openssl(&["rsa"], &["-cades", "-nocerts"]);
    // -certfile still encloses the root.
    assert_eq!(codes(&shop.judged(&without)), ["no-certificate"]);
    let old = judged(&["-cades", "-md", "sha1"]);
    assert_eq!((old.verdict, old.cades), (Word::Policy, true), "{old:?}");
    assert!(codes(&old).contains(&"weak") && codes(&old).contains(&"old-attribute"));
    let broken = judged(&["-md", "md5"]);
    assert_eq!((broken.verdict, codes(&broken)[0]), (Word::Policy, "weak"));
    let server = shop.authority.leaf_with(KeyKind::P256, |params| {
        params.extended_key_usages = vec![rcgen::ExtendedKeyUsagePurpose::ServerAuth];
    });
    shop.signer("server", &server);
    let verdict = shop.judged(&shop.openssl(&["server"], &["-cades"]));
    assert_eq!((verdict.verdict, codes(&verdict)[0]), (Word::Policy, "no-path"));
}

#[test]
fn a_short_key_is_weak_and_what_it_signed_is_not_called_forged() {
    let shop = Shop::new();
    let request =
        ["req", "-x509", "-newkey", "rsa:1024", "-nodes", "-subj", "/CN=Jan", "-days", "9"];
    let own = ["-addext", "subjectAltName=email:jan@praktijk.example"];
    let files = ["-keyout", "short.key", "-out", "short.pem"];
    shop.run("openssl", &[&request[..], &own, &files].concat());
    let mail = shop.openssl(&["short"], &["-cades"]);
    let verdict = shop.judged(&mail);
    assert_eq!((verdict.verdict, verdict.valid()), (Word::Policy, false), "{verdict:?}");
    assert!(codes(&verdict).contains(&"weak") && verdict.signers[0].intact);
}

#[test]
fn files_that_openssl_signs_pass_with_their_content_beside_or_inside() {
    let shop = Shop::new();
    shop.leaf("p256", KeyKind::P256);
    let sign = ["cms", "-sign", "-cades", "-binary", "-in", "content", "-signer", "p256.pem"];
    let with = |more: &[&str]| {
        shop.run("openssl", &[&sign[..], &["-inkey", "p256.key", "-out", "file"], more].concat());
        std::fs::read(shop.path("file")).unwrap()
    };
    let judged =
        |file: &[u8], content| open_signature(file, content, &shop.authority.anchors, now());
    for form in ["DER", "PEM"] {
        let beside = with(&["-outform", form]);
        assert!(judged(&beside, Some(CONTENT)).valid());
        assert_eq!(codes(&judged(&beside, Some(b"other"))), ["changed"]);
        let inside = with(&["-outform", form, "-nodetach"]);
        assert!(judged(&inside, None).valid());
        assert_eq!(codes(&judged(&inside, Some(CONTENT))), ["two-contents"]);
    }
}

#[test]
fn what_gpgsm_signs_passes_as_plain_smime() {
    use std::os::unix::fs::PermissionsExt as _;
    let shop = Shop::new();
    shop.leaf("rsa", KeyKind::Rsa3072);
    let home = shop.path("gpg");
    std::fs::create_dir(&home).unwrap();
    std::fs::set_permissions(&home, std::fs::Permissions::from_mode(0o700)).unwrap();
    let agent = Agent(home.clone());
    std::fs::write(home.join("gpgsm.conf"), "disable-crl-checks\n").unwrap();
    std::fs::write(home.join("gpg-agent.conf"), "allow-loopback-pinentry\n").unwrap();
    let sha1 = aws_lc_rs::digest::digest(
        &aws_lc_rs::digest::SHA1_FOR_LEGACY_USE_ONLY,
        &shop.authority.root,
    );
    let print: String = sha1.as_ref().iter().map(|byte| format!("{byte:02X}")).collect();
    std::fs::write(home.join("trustlist.txt"), format!("{print} S relax\n")).unwrap();
    let gpgsm = ["--homedir", "gpg", "--batch", "--no-tty", "--yes", "--pinentry-mode", "loopback"];
    let word = ["--passphrase-fd", "0"];
    shop.run("gpgsm", &[&gpgsm[..], &word, &["--import", "root.pem"]].concat());
    // Of some hundred files gpgsm cannot decrypt one; the same key in another file it can.
    let import = || {
        shop.key_file();
        shop.tried("gpgsm", &[&gpgsm[..], &word, &["--import", "rsa.p12"]].concat())
    };
    (0..5).find_map(|_| import().ok()).expect("gpgsm takes no key of ours");
    let sign = ["--local-user", JAN, "--output", "file"];
    for detached in [true, false] {
        let how: &[&str] = if detached { &["--detach-sign"] } else { &["--sign"] };
        shop.run("gpgsm", &[&gpgsm[..], &word, &sign, how, &["content"]].concat());
        let file = std::fs::read(shop.path("file")).unwrap();
        let content = detached.then_some(CONTENT);
        let verdict = open_signature(&file, content, &shop.authority.anchors, now());
        assert!(verdict.valid() && !verdict.cades, "{verdict:?}");
    }
    drop(agent);
}

/// gpgsm starts an agent of its own for this home.
struct Agent(PathBuf);

impl Drop for Agent {
    fn drop(&mut self) {
        super::interop::stop_agent(&self.0);
    }
}

#[test]
fn what_nss_signs_passes_as_plain_smime() {
    let shop = Shop::new();
    // cmsutil wants a key that can encrypt as well.
    let leaf = shop.authority.leaf_with(KeyKind::Rsa3072, |params| {
        params.subject_alt_names = vec![rcgen::SanType::Rfc822Name(JAN.try_into().unwrap())];
        params.key_usages.push(rcgen::KeyUsagePurpose::KeyEncipherment);
    });
    shop.signer("rsa", &leaf);
    shop.key_file();
    std::fs::create_dir(shop.path("nss")).unwrap();
    shop.run("certutil", &["-N", "--empty-password", "-d", "nss"]);
    shop.run("pk12util", &["-i", "rsa.p12", "-d", "nss", "-W", "x", "-K", ""]);
    shop.run("certutil", &["-A", "-n", "root", "-t", ",C,", "-d", "nss", "-i", "root.pem"]);
    for detached in [true, false] {
        let how: &[&str] = if detached { &["-T"] } else { &[] };
        let sign =
            ["-S", "-N", "jan", "-G", "-H", "SHA256", "-d", "nss", "-i", "content", "-o", "file"];
        shop.run("cmsutil", &[&sign[..], how].concat());
        let file = std::fs::read(shop.path("file")).unwrap();
        let content = detached.then_some(CONTENT);
        let verdict = open_signature(&file, content, &shop.authority.anchors, now());
        assert!(verdict.valid() && !verdict.cades, "{verdict:?}");
    }
}
