//! What other programs say of our signatures. A missing program fails the test.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use mail::mime::{Limits, tree};

use super::*;
use crate::Padding;

const PLAIN: &[u8] =
    b"From: j.devries@praktijk.example\r\nTo: k@huis.example\r\nSubject: plain\r\n\
    \r\nBeste collega,\r\n\r\nFrom here on all is well.  \r\nGroet\r\n";
const EIGHT_BIT: &[u8] = "From: j.devries@praktijk.example\r\nSubject: =?utf-8?Q?caf=C3=A9?=\r\n\
    MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8; format=flowed\r\n\
    Content-Transfer-Encoding: 8bit\r\n\r\nCoëfficiënt 38,5 °C – überprüft €\r\n"
    .as_bytes();
const MIXED: &[u8] = "From: j.devries@praktijk.example\r\nSubject: mixed\r\nMIME-Version: 1.0\r\n\
    Content-Type: multipart/mixed; boundary=\"buiten\"\r\n\r\nThis is MIME.\r\n\
    --buiten\r\nContent-Type: multipart/alternative; boundary=binnen\r\n\r\n\
    --binnen\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n\
    Patiënt gezien.\r\n--binnen\r\nContent-Type: text/html; charset=utf-8\r\n\
    Content-Transfer-Encoding: 8bit\r\n\r\n<p>Patiënt gezien.</p>\r\n--binnen--\r\n\
    --buiten\r\nContent-Type: application/pdf; name=\"brief é.pdf\"\r\n\
    Content-Transfer-Encoding: base64\r\nContent-Disposition: attachment\r\n\r\nJVBERi0xLjcK\r\n\
    --buiten--\r\n"
    .as_bytes();
const CALENDAR: &[u8] = b"From: j.devries@praktijk.example\r\nSubject: invitation\r\n\
    MIME-Version: 1.0\r\nContent-Type: multipart/alternative; boundary=\"=_c\"\r\n\r\n\
    --=_c\r\nContent-Type: text/plain\r\n\r\nAfspraak\r\n--=_c\r\n\
    Content-Type: text/calendar; charset=utf-8; method=REQUEST\r\n\r\nBEGIN:VCALENDAR\r\n\
    METHOD:REQUEST\r\nEND:VCALENDAR\r\n--=_c--\r\n";

#[test]
fn openssl_gpgsm_nss_and_gnutls_find_p_256_good() {
    tools_agree(KeyKind::P256, Padding::Pkcs1);
}

#[test]
fn openssl_gpgsm_nss_and_gnutls_find_p_384_good() {
    tools_agree(KeyKind::P384, Padding::Pkcs1);
}

#[test]
fn openssl_gpgsm_nss_and_gnutls_find_rsa_3072_good() {
    tools_agree(KeyKind::Rsa3072, Padding::Pkcs1);
}

#[test]
fn openssl_gpgsm_nss_and_gnutls_find_rsa_3072_with_pss_good() {
    tools_agree(KeyKind::Rsa3072, Padding::Pss);
}

#[test]
fn a_recipient_who_knows_only_the_root_finds_a_chain_good() {
    let authority = |name: &str| {
        let mut params = rcgen::CertificateParams::default();
        params.distinguished_name.push(rcgen::DnType::CommonName, name);
        params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
        params.key_usages = vec![rcgen::KeyUsagePurpose::KeyCertSign];
        (params, rcgen::KeyPair::generate().unwrap())
    };
    let (root_params, root_key) = authority("Root");
    let root = root_params.self_signed(&root_key).unwrap();
    let root_issuer = rcgen::Issuer::from_params(&root_params, &root_key);
    let (middle_params, middle_key) = authority("Intermediate");
    let middle = middle_params.signed_by(&middle_key, &root_issuer).unwrap();
    let issuer = rcgen::Issuer::from_params(&middle_params, &middle_key);
    let mut params = rcgen::CertificateParams::default();
    params.use_authority_key_identifier_extension = true;
    params.subject_alt_names =
        vec![rcgen::SanType::Rfc822Name("j.devries@praktijk.example".try_into().unwrap())];
    let own_key = rcgen::KeyPair::generate().unwrap();
    let own = params.signed_by(&own_key, &issuer).unwrap();

    let chain = [&own, &middle, &root].map(|certificate| certificate.der().to_vec());
    let key = SoftwareKey::new(own_key.serialized_der(), chain.to_vec()).unwrap();
    let tools = Tools::new(root.der());
    let signed = signed(MIXED, &key);
    tools.write(&signed);
    let (good, said) = tools.openssl();
    assert!(good, "{said}");
    assert!(!crate::check(&signed).unwrap().signer.self_signed);
}

fn tools_agree(kind: KeyKind, padding: Padding) {
    let identity = identity(kind);
    let key = key(&identity).padded(padding);
    let tools = Tools::new(&identity.chain[0]);
    for message in [PLAIN, EIGHT_BIT, MIXED, CALENDAR] {
        let signed = signed(message, &key);
        for (tool, output) in tools.verify(&signed) {
            assert!(
                output.0,
                "{tool} refuses {kind:?}, {:?}:\n{}",
                signed.field("subject").unwrap().unfolded(),
                output.1
            );
        }
    }
    let good = signed(MIXED, &key);
    let at = memchr::memmem::find(good.bytes(), b"Pati=C3=ABnt").unwrap();
    let mut bytes = good.bytes().to_vec();
    bytes[at] = b'p';
    let changed = Message::new(bytes);
    assert_eq!(crate::check(&changed), Err(crate::Refusal::Digest));
    for (tool, output) in tools.verify(&changed) {
        assert!(!output.0, "{tool} accepts a changed body:\n{}", output.1);
    }
}

/// A temporary folder in which each tool trusts one certificate.
struct Tools {
    folder: tempfile::TempDir,
}

impl Tools {
    fn new(certificate: &[u8]) -> Self {
        let tools = Self { folder: tempfile::tempdir().unwrap() };
        let text = STANDARD.encode(certificate);
        let lines: Vec<&str> =
            text.as_bytes().chunks(64).map(|line| core::str::from_utf8(line).unwrap()).collect();
        let pem = format!(
            "-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n",
            lines.join("\n")
        );
        std::fs::write(tools.path("cert.pem"), pem).unwrap();
        tools.trust_in_gpgsm(certificate);
        tools.trust_in_nss();
        tools
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn trust_in_gpgsm(&self, certificate: &[u8]) {
        use std::os::unix::fs::PermissionsExt;
        let home = self.path("gpg");
        std::fs::create_dir(&home).unwrap();
        std::fs::set_permissions(&home, std::fs::Permissions::from_mode(0o700)).unwrap();
        let sha1 =
            aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA1_FOR_LEGACY_USE_ONLY, certificate);
        let print: String = sha1.as_ref().iter().map(|b| format!("{b:02X}")).collect();
        std::fs::write(home.join("trustlist.txt"), format!("{print} S relax\n")).unwrap();
        std::fs::write(home.join("gpgsm.conf"), "disable-crl-checks\n").unwrap();
        let imported = run(self.gpgsm().arg("--import").arg(self.path("cert.pem")));
        assert!(imported.0, "gpgsm --import: {}", imported.1);
    }

    fn trust_in_nss(&self) {
        let folder = self.path("nss");
        std::fs::create_dir(&folder).unwrap();
        let made =
            run(Command::new("certutil").args(["-N", "--empty-password", "-d"]).arg(&folder));
        assert!(made.0, "certutil -N: {}", made.1);
        let added = run(Command::new("certutil")
            .args(["-A", "-n", "signer", "-t", ",P,", "-d"])
            .arg(&folder)
            .arg("-i")
            .arg(self.path("cert.pem")));
        assert!(added.0, "certutil -A: {}", added.1);
    }

    fn gpgsm(&self) -> Command {
        let mut command = Command::new("gpgsm");
        command.arg("--homedir").arg(self.path("gpg"));
        command.args(["--batch", "--no-tty"]);
        command
    }

    fn write(&self, signed: &Message) {
        let tree = tree(signed, Limits::default());
        let [content, signature] = tree.root.children.as_slice() else {
            panic!("not two parts");
        };
        let der = signature.decoded(signed.bytes()).bytes;
        std::fs::write(self.path("mail.eml"), signed.bytes()).unwrap();
        std::fs::write(self.path("content"), &signed.bytes()[content.whole.clone()]).unwrap();
        std::fs::write(self.path("mail.p7s"), der).unwrap();
    }

    fn verify(&self, signed: &Message) -> Vec<(&'static str, (bool, String))> {
        self.write(signed);
        vec![
            ("openssl", self.openssl()),
            (
                "gpgsm",
                run(self
                    .gpgsm()
                    .arg("--verify")
                    .args([self.path("mail.p7s"), self.path("content")])),
            ),
            ("cmsutil", self.cmsutil()),
            (
                "certtool",
                run(Command::new("certtool")
                    .args(["--p7-verify", "--inder", "--load-ca-certificate"])
                    .arg(self.path("cert.pem"))
                    .arg("--load-data")
                    .arg(self.path("content"))
                    .arg("--infile")
                    .arg(self.path("mail.p7s"))),
            ),
        ]
    }

    /// cmsutil succeeds for every signature that it can read, and says the verdict.
    fn cmsutil(&self) -> (bool, String) {
        let (ended, said) = run(Command::new("cmsutil")
            .args(["-D", "-n", "-h", "2", "-u", "4", "-d"])
            .arg(self.path("nss"))
            .arg("-i")
            .arg(self.path("mail.p7s"))
            .arg("-c")
            .arg(self.path("content")));
        (ended && said.contains("status=GoodSignature"), said)
    }

    fn openssl(&self) -> (bool, String) {
        run(Command::new("openssl")
            .args(["cms", "-verify", "-cades", "-purpose", "smimesign", "-in"])
            .arg(self.path("mail.eml"))
            .arg("-CAfile")
            .arg(self.path("cert.pem"))
            .arg("-out")
            .arg(self.path("out")))
    }
}

impl Drop for Tools {
    /// gpgsm starts an agent of its own for this home.
    fn drop(&mut self) {
        stop_agent(&self.path("gpg"));
    }
}

pub(super) fn stop_agent(home: &Path) {
    let _ = Command::new("gpgconf").arg("--homedir").arg(home).args(["--kill", "all"]).output();
}

fn run(command: &mut Command) -> (bool, String) {
    let Output { status, stdout, stderr } =
        command.output().unwrap_or_else(|error| panic!("{command:?} cannot be started: {error}"));
    let said = [stdout, stderr].concat();
    (status.success(), String::from_utf8_lossy(&said).into_owned())
}
