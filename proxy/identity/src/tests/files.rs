//! Files as other programs write them. A missing program fails the test.

use std::path::PathBuf;
use std::process::Command;

use cades::{NewIdentity, PrivateKey};
use proptest::prelude::*;
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, SanType};

use super::*;
use crate::error::IdentityError;
use crate::pem;
use crate::taken::{read, read_within};

const ADDRESS: &str = "arts@zorg.test";
const PASSWORD: &str = "wachtwoord";
/// Letters beyond Latin-1, and one beyond the Basic Multilingual Plane.
const FOREIGN: &str = "wáchtwóórd € 😀";

/// A key, its certificate and the one above it, as PEM files in a folder of their own.
struct Desk {
    folder: tempfile::TempDir,
    key: Vec<u8>,
    chain: Vec<Vec<u8>>,
}

impl Desk {
    fn new(kind: KeyKind) -> Self {
        let authority = |name: &str| {
            let mut params = CertificateParams::default();
            params.distinguished_name.push(DnType::CommonName, name);
            params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
            (params, KeyPair::generate().unwrap())
        };
        let (root, root_key) = authority("Root");
        let root_der = root.self_signed(&root_key).unwrap().der().to_vec();
        let root = Issuer::from_params(&root, &root_key);
        let (middle, middle_key) = authority("Uitgever");
        let middle_der = middle.signed_by(&middle_key, &root).unwrap().der().to_vec();
        let middle = Issuer::from_params(&middle, &middle_key);
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, "Arts");
        params.subject_alt_names = vec![SanType::Rfc822Name(ADDRESS.try_into().unwrap())];
        let own = PrivateKey::generate(kind).unwrap();
        let leaf = params.signed_by(&own, &middle).unwrap().der().to_vec();
        let key = own.into_pkcs8().to_vec();
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: String| {
            std::fs::write(folder.path().join(name), text).unwrap();
        };
        write("key.pem", pem::encode("PRIVATE KEY", &key));
        write("own.pem", pem::encode("CERTIFICATE", &leaf));
        let above = [&middle_der, &root_der].map(|der| pem::encode("CERTIFICATE", der)).concat();
        write("above.pem", above);
        Self { folder, key, chain: vec![leaf, middle_der] }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn run(&self, program: &str, arguments: &[&str]) {
        let mut command = Command::new(program);
        command.args(arguments).current_dir(self.folder.path());
        // Passwords come as UTF-8, whatever the machine speaks.
        command.env("LC_ALL", "C.UTF-8");
        let output = command.output().unwrap_or_else(|error| panic!("{program}: {error}"));
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{program} {arguments:?}: {said}");
    }

    /// What OpenSSL makes of key and certificates.
    fn openssl(&self, password: &str, more: &[&str]) -> Vec<u8> {
        let password = format!("pass:{password}");
        let mut arguments = vec!["pkcs12", "-export", "-inkey", "key.pem", "-in", "own.pem"];
        arguments.extend(["-certfile", "above.pem", "-out", "out.p12", "-passout", &password]);
        arguments.extend(more);
        self.run("openssl", &arguments);
        self.file("out.p12")
    }

    fn file(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.path(name)).unwrap()
    }

    /// Asserts that the file gives this key and its chain.
    fn opens(&self, file: &[u8], password: &str, what: &str) {
        let identity = taken(file, Some(password));
        let identity = identity.unwrap_or_else(|error| panic!("{what}: {error}"));
        assert_eq!(identity.chain, self.chain, "{what}");
        let key = |der: &[u8]| PrivateKey::read(der.to_vec().into()).unwrap();
        assert_eq!(key(&identity.pkcs8).public_key(), key(&self.key).public_key(), "{what}");
        assert_eq!(identity.check(&address(ADDRESS), now()), Ok(()), "{what}");
    }
}

/// Asserts that a wrong password is told from none.
fn wants_its_password(file: &[u8], what: &str) {
    let wrong = taken(file, Some("een ander"));
    assert_eq!(wrong.unwrap_err(), IdentityError::Password, "{what}");
    assert_eq!(taken(file, None).unwrap_err(), IdentityError::PasswordNeeded, "{what}");
}

fn now() -> Timestamp {
    at("2026-11-26T12:00:00Z")
}

fn taken(file: &[u8], password: Option<&str>) -> Result<NewIdentity, IdentityError> {
    read(file, password, &address(ADDRESS), now())
}

#[test]
fn files_of_openssl_open_whatever_protects_them() {
    let desk = Desk::new(KeyKind::P256);
    let des = ["-keypbe", "PBE-SHA1-3DES", "-certpbe", "PBE-SHA1-3DES", "-macalg", "sha1"];
    let two = ["-legacy", "-keypbe", "PBE-SHA1-2DES", "-certpbe", "PBE-SHA1-RC2-128"];
    let ways: [&[&str]; 9] = [
        &[],
        &["-legacy"],
        &des,
        &two,
        &["-keypbe", "AES-128-CBC", "-certpbe", "AES-192-CBC", "-macalg", "sha512"],
        &["-keypbe", "DES-EDE3-CBC", "-macalg", "sha384"],
        &["-macalg", "sha224", "-iter", "5000"],
        &["-certpbe", "NONE"],
        &["-nomac"],
    ];
    for way in ways {
        for password in [PASSWORD, FOREIGN] {
            let (file, what) = (desk.openssl(password, way), format!("{way:?} {password}"));
            desk.opens(&file, password, &what);
            wants_its_password(&file, &what);
        }
    }
}

#[test]
fn keys_of_every_kind_come_out_of_files_old_and_new() {
    for kind in [KeyKind::P384, KeyKind::Rsa3072, KeyKind::Rsa4096] {
        let desk = Desk::new(kind);
        desk.opens(&desk.openssl(PASSWORD, &[]), PASSWORD, &format!("{kind:?}"));
        desk.opens(&desk.openssl(PASSWORD, &["-legacy"]), PASSWORD, &format!("{kind:?} old"));
    }
}

#[test]
fn a_file_as_windows_writes_it_opens() {
    let desk = Desk::new(KeyKind::Rsa3072);
    // A name, the provider's name, and the use of the key as an attribute of the key itself.
    let way = ["-legacy", "-certpbe", "PBE-SHA1-3DES", "-name", "Arts, Dr. Ë", "-keysig", "-CSP"];
    let mut way = way.to_vec();
    way.extend(["Microsoft Enhanced Cryptographic Provider v1.0", "-LMK"]);
    desk.opens(&desk.openssl(PASSWORD, &way), PASSWORD, "Windows");
}

#[test]
fn an_empty_password_opens_a_file_that_has_one_and_needs_no_asking() {
    let desk = Desk::new(KeyKind::P256);
    for way in [&[][..], &["-legacy"], &["-nomac"]] {
        let file = desk.openssl("", way);
        desk.opens(&file, "", &format!("{way:?}"));
        assert!(taken(&file, None).is_ok());
    }
    // GnuTLS tells an empty password, which has its two zeros, from none, which has no byte at all.
    for (none, cipher) in [("--empty-password", "3des"), ("--null-password", "3des")] {
        let file = desk.certtool(&[none, &format!("--pkcs-cipher={cipher}")]);
        assert_eq!(taken(&file, None).unwrap().chain, desk.chain, "{none}");
    }
    // Nothing is encrypted at all.
    let bare = desk.openssl("", &["-keypbe", "NONE", "-certpbe", "NONE", "-nomac"]);
    assert_eq!(taken(&bare, None).unwrap().chain, desk.chain);
}

impl Desk {
    fn certtool(&self, more: &[&str]) -> Vec<u8> {
        let mut arguments = vec!["--to-p12", "--load-privkey=key.pem", "--p12-name=arts"];
        let all = format!("{}{}", self.text("own.pem"), self.text("above.pem"));
        std::fs::write(self.path("all.pem"), all).unwrap();
        arguments.extend(["--load-certificate=all.pem", "--outfile=out.p12", "--outder"]);
        arguments.extend(more);
        self.run("certtool", &arguments);
        self.file("out.p12")
    }

    fn text(&self, name: &str) -> String {
        String::from_utf8(self.file(name)).unwrap()
    }

    /// Makes a store of NSS, as Firefox and Thunderbird have it, with the identity in it.
    fn nss(&self) {
        std::fs::create_dir(self.path("nss")).unwrap();
        let store = format!("sql:{}", self.path("nss").display());
        self.run("certutil", &["-N", "-d", &store, "--empty-password"]);
        self.openssl(PASSWORD, &["-name", "arts"]);
        self.run("pk12util", &["-i", "out.p12", "-d", &store, "-W", PASSWORD]);
    }
}

#[test]
fn files_of_gnutls_open_in_der_and_in_pem() {
    let desk = Desk::new(KeyKind::P256);
    // Each part asks for 600,000 rounds.
    let ways = [("3des-pkcs12", FOREIGN), ("rc2-40", PASSWORD), ("aes-128", PASSWORD)];
    for (cipher, password) in ways.into_iter().chain([("aes-192", PASSWORD), ("aes-256", FOREIGN)])
    {
        let (cipher, given) = (format!("--pkcs-cipher={cipher}"), format!("--password={password}"));
        desk.opens(&desk.certtool(&[&cipher, &given]), password, &format!("{cipher} {password}"));
    }
    let framed = pem::encode("PKCS12", &desk.certtool(&["--password=wachtwoord"]));
    desk.opens(framed.as_bytes(), PASSWORD, "PEM");
}

#[test]
fn files_of_nss_open_which_are_ber_also_inside() {
    let des = "PKCS #12 V2 PBE With SHA-1 And 3KEY Triple DES-CBC";
    let rc2 = "PKCS #12 V2 PBE With SHA-1 And 40 Bit RC2 CBC";
    let ways: [&[&str]; 4] = [
        &[],
        &["-c", "AES-256-CBC", "-C", "NONE", "-M", "SHA-512"],
        &["-c", des, "-C", rc2],
        &["-M", "SHA-1"],
    ];
    // Each part asks for 600,000 rounds.
    let export = |desk: &Desk, password: &str, way: &[&str]| {
        let store = format!("sql:{}", desk.path("nss").display());
        let out = ["-o", "nss.p12", "-n", "arts", "-d", &store, "-W", password];
        desk.run("pk12util", &[&out[..], way].concat());
        desk.file("nss.p12")
    };
    let desk = Desk::new(KeyKind::P256);
    desk.nss();
    for (way, password) in ways.into_iter().zip([PASSWORD, "wáchtwóórd €", PASSWORD, "ë"]) {
        let file = export(&desk, password, way);
        let infinite = file.windows(4).any(|part| part == [0x30, 0x80, 0x30, 0x80]);
        assert!(file[1] == 0x80 || infinite, "lengths are not told beforehand");
        desk.opens(&file, password, &format!("{way:?} {password}"));
    }
    wants_its_password(&export(&desk, PASSWORD, &[]), "NSS");
    let desk = Desk::new(KeyKind::Rsa3072);
    desk.nss();
    desk.opens(&export(&desk, PASSWORD, &[]), PASSWORD, "RSA");
}

#[test]
fn keys_in_pem_open_with_and_without_a_password() {
    let desk = Desk::new(KeyKind::P256);
    let certificates = [desk.text("above.pem"), desk.text("own.pem")].concat();
    let plain = format!("Bag Attributes\n  naam: x\n{certificates}{}", desk.text("key.pem"));
    assert_eq!(taken(plain.as_bytes(), None).unwrap().chain, desk.chain);
    for function in ["hmacWithSHA1", "hmacWithSHA256", "hmacWithSHA384", "hmacWithSHA512"] {
        let out = ["pkcs8", "-topk8", "-in", "key.pem", "-out", "locked.pem", "-v2", "aes256"];
        let mut arguments = out.to_vec();
        arguments.extend(["-v2prf", function, "-passout", "pass:wachtwoord"]);
        desk.run("openssl", &arguments);
        let locked = [desk.text("locked.pem"), certificates.clone()].concat();
        desk.opens(locked.as_bytes(), PASSWORD, function);
    }
    desk.run("openssl", &["ec", "-in", "key.pem", "-out", "old.pem"]);
    let old = [desk.text("old.pem"), certificates].concat();
    assert_eq!(taken(old.as_bytes(), None).unwrap_err(), IdentityError::NoKey);
}

#[test]
fn what_is_missing_or_does_not_fit_is_named() {
    let (own, other) = (Desk::new(KeyKind::P256), Desk::new(KeyKind::P256));
    let said = |text: &str| taken(text.as_bytes(), None).unwrap_err();
    let (key, certificate) = (own.text("key.pem"), own.text("own.pem"));
    assert_eq!(said(""), IdentityError::NoIdentityFile);
    assert_eq!(said("een brief"), IdentityError::NoIdentityFile);
    assert_eq!(said(&certificate), IdentityError::NoKey);
    assert_eq!(said(&key), IdentityError::NoCertificate);
    let foreign = other.text("own.pem");
    assert_eq!(said(&format!("{key}{foreign}")), IdentityError::KeyMismatch);
    let garbage = pem::encode("PRIVATE KEY", b"no key");
    assert_eq!(said(&format!("{garbage}{certificate}")), IdentityError::NoKey);
    let torn = "-----BEGIN CERTIFICATE-----\nAAAA";
    assert_eq!(said(&format!("{key}{torn}")), IdentityError::Damaged);
    let unread = pem::encode("CERTIFICATE", b"no certificate");
    let unread = said(&format!("{key}{unread}"));
    assert!(matches!(unread, IdentityError::Certificate(_)), "{unread}");
    assert_eq!(taken(&own.chain[0], None).unwrap_err(), IdentityError::NoKey);
    let large = vec![0x30; 1024 * 1024 + 1];
    assert_eq!(taken(&large, None).unwrap_err(), IdentityError::TooLarge);
    for error in [IdentityError::Damaged, IdentityError::Password, IdentityError::NoKey] {
        assert_ne!(error.nl(), error.en());
    }
}

#[test]
fn more_work_than_any_program_asks_for_is_refused_before_it_is_done() {
    let desk = Desk::new(KeyKind::P256);
    let file = desk.openssl(PASSWORD, &["-iter", "20000"]);
    let within = |rounds| read_within(&file, Some(PASSWORD), &address(ADDRESS), now(), rounds);
    assert_eq!(within(10_000).unwrap_err(), IdentityError::TooMuchWork { rounds: 20_000 });
    assert!(within(200_000).is_ok());
}

#[test]
fn of_several_keys_the_one_for_the_address_that_may_sign_is_taken() {
    let issuer = KeyPair::generate().unwrap();
    let params = CertificateParams::default();
    let issuer = Issuer::from_params(&params, &issuer);
    let certified = |address: &str, uses: &[rcgen::KeyUsagePurpose], end: i32| {
        let mut params = CertificateParams::default();
        params.subject_alt_names = vec![SanType::Rfc822Name(address.try_into().unwrap())];
        params.key_usages = uses.to_vec();
        params.not_after = rcgen::date_time_ymd(end, 1, 1);
        let key = PrivateKey::generate(KeyKind::P256).unwrap();
        let leaf = params.signed_by(&key, &issuer).unwrap().der().to_vec();
        let block = pem::encode("PRIVATE KEY", &key.into_pkcs8());
        (leaf.clone(), format!("{block}{}", pem::encode("CERTIFICATE", &leaf)))
    };
    let sign = [rcgen::KeyUsagePurpose::DigitalSignature];
    let secret = [rcgen::KeyUsagePurpose::KeyEncipherment];
    let old = certified(ADDRESS, &sign, 2027);
    let own = certified(ADDRESS, &sign, 2028);
    let reading = certified(ADDRESS, &secret, 2030);
    let other = certified("ander@zorg.test", &sign, 2030);
    let expired = certified(ADDRESS, &sign, 2026);
    let text = [old.1, other.1, own.1, expired.1, reading.1].concat();
    assert_eq!(taken(text.as_bytes(), None).unwrap().chain, [own.0]);
}

/// A file with these contents and nothing that protects it.
fn bare(kind: &[u8], content: &[u8]) -> Vec<u8> {
    use cades::ber::{INTEGER, OCTET_STRING, OID, SEQUENCE, constructed, encoded};
    let octets = encoded(OCTET_STRING, content);
    let info = [encoded(OID, kind), encoded(constructed(0), &octets)].concat();
    let safes = encoded(SEQUENCE, &encoded(SEQUENCE, &info));
    let data = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 7, 1];
    let outer =
        [encoded(OID, &data), encoded(constructed(0), &encoded(OCTET_STRING, &safes))].concat();
    encoded(SEQUENCE, &[encoded(INTEGER, &[3]), encoded(SEQUENCE, &outer)].concat())
}

#[test]
fn bags_in_bags_end_somewhere_and_unknown_ones_are_passed_over() {
    use cades::ber::{OID, SEQUENCE, constructed, encoded};
    let data = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 7, 1];
    let bag = |kind: u8, value: &[u8]| {
        let oid = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 12, 10, 1, kind];
        let bag = [encoded(OID, &oid), encoded(constructed(0), value)].concat();
        encoded(SEQUENCE, &encoded(SEQUENCE, &bag))
    };
    let desk = Desk::new(KeyKind::P256);
    let mut nested = bag(1, &desk.key);
    for _ in 0..3 {
        nested = bag(6, &nested);
    }
    assert_eq!(taken(&bare(&data, &nested), None).unwrap_err(), IdentityError::NoCertificate);
    for _ in 0..30 {
        nested = bag(6, &nested);
    }
    let deep = taken(&bare(&data, &nested), None).unwrap_err();
    assert_eq!(deep, IdentityError::Damaged);
    let secrets = bare(&data, &bag(5, &encoded(SEQUENCE, &[])));
    assert_eq!(taken(&secrets, None).unwrap_err(), IdentityError::NoKey);
    let enveloped = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 7, 3];
    let sealed = taken(&bare(&enveloped, &nested), None).unwrap_err();
    assert!(matches!(sealed, IdentityError::Protection { .. }), "{sealed}");
}

#[test]
fn the_newest_code_over_a_file_is_checked() {
    use aws_lc_rs::{hmac, pbkdf2};
    use cades::ber::{INTEGER, OCTET_STRING, OID, Reader, SEQUENCE, Steps, constructed, encoded};
    let desk = Desk::new(KeyKind::P256);
    let file = desk.openssl(FOREIGN, &["-nomac"]);
    let steps = Steps::new();
    let mut parts = Reader::new(&file, &steps).take(SEQUENCE).unwrap().inside().unwrap();
    let version = parts.take(INTEGER).unwrap().raw;
    let safe = parts.take(SEQUENCE).unwrap();
    let mut inside = safe.inside().unwrap();
    inside.take(OID).unwrap();
    let wrapped = inside.take(constructed(0)).unwrap();
    let content = wrapped.inside().unwrap().take(OCTET_STRING).unwrap().content;
    // RFC 9879 section 5: PBKDF2 and HMAC, the salt and rounds of old unused.
    let oid = |last: &[u8]| encoded(OID, &[&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d], last].concat());
    let sequence = |parts: &[Vec<u8>]| encoded(SEQUENCE, &parts.concat());
    let hash = sequence(&[oid(&[2, 11]), vec![5, 0]]);
    let coded = |length: u8, password: &str| {
        let params = [
            encoded(OCTET_STRING, b"zoutzout"),
            encoded(INTEGER, &[8, 0]),
            encoded(INTEGER, &[length]),
            hash.clone(),
        ];
        let derived = sequence(&[oid(&[1, 5, 12]), sequence(&params)]);
        let scheme = sequence(&[oid(&[1, 5, 14]), sequence(&[derived, hash.clone()])]);
        let mut key = vec![0; usize::from(length)];
        let rounds = 2048.try_into().unwrap();
        let function = pbkdf2::PBKDF2_HMAC_SHA512;
        pbkdf2::derive(function, rounds, b"zoutzout", password.as_bytes(), &mut key);
        let code = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA512, &key), content);
        let code = sequence(&[scheme, encoded(OCTET_STRING, code.as_ref())]);
        let unused = encoded(OCTET_STRING, b"NOT USED");
        let mac = sequence(&[code, unused, encoded(INTEGER, &[1])]);
        sequence(&[version.to_vec(), safe.raw.to_vec(), mac])
    };
    desk.opens(&coded(64, FOREIGN), FOREIGN, "PBMAC1");
    let forged = taken(&coded(64, PASSWORD), Some(FOREIGN));
    assert_eq!(forged.unwrap_err(), IdentityError::Password);
    let short = taken(&coded(19, FOREIGN), Some(FOREIGN));
    assert_eq!(short.unwrap_err(), IdentityError::Damaged);
}

/// The element in lengths that are not known beforehand, strings in pieces, and the layers of a file that
/// lie in strings too.
fn in_pieces(element: cades::ber::Element<'_>) -> Vec<u8> {
    use cades::ber::{Element, OCTET_STRING, OCTET_STRING_IN_PIECES, OID, Reader, SEQUENCE, Steps};
    // Lists of what begins with its kind: no certificate, whose bytes must stay.
    let is_layer = |element: &Element<'_>| {
        let first = element.inside().and_then(|mut list| list.take(SEQUENCE));
        first.and_then(Element::inside).and_then(|mut one| one.take(OID)).is_ok()
    };
    let endless = |tag: u8, content: &[u8]| [&[tag, 0x80], content, &[0, 0]].concat();
    if element.tag == OCTET_STRING {
        let steps = Steps::new();
        let layer = Reader::new(element.content, &steps).take(SEQUENCE).ok().filter(is_layer);
        let content = layer.map_or_else(|| element.content.to_vec(), in_pieces);
        let pieces = content.chunks(100);
        let pieces = pieces.flat_map(|piece| cades::ber::encoded(OCTET_STRING, piece));
        return endless(OCTET_STRING_IN_PIECES, &pieces.collect::<Vec<u8>>());
    }
    let Ok(mut inside) = element.inside() else {
        return element.raw.to_vec();
    };
    let mut content = Vec::new();
    while !inside.is_empty() {
        content.extend(in_pieces(inside.any().unwrap()));
    }
    endless(element.tag, &content)
}

#[test]
fn no_length_needs_to_be_told_beforehand_and_no_string_to_be_in_one_piece() {
    let desk = Desk::new(KeyKind::P256);
    let file = broken_up(&desk);
    assert!(file.starts_with(&[0x30, 0x80, 2, 1, 3, 0x30, 0x80]));
    desk.opens(&file, PASSWORD, "in pieces");
}

fn broken_up(desk: &Desk) -> Vec<u8> {
    let (file, steps) = (desk.openssl(PASSWORD, &["-nomac"]), cades::ber::Steps::new());
    in_pieces(cades::ber::Reader::new(&file, &steps).any().unwrap())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]
    #[test]
    fn a_file_that_was_cut_or_changed_gives_nothing_else(
        way in 0_usize..3, place in any::<prop::sample::Index>(), cut in any::<bool>(),
        change in 1_u8..=255,
    ) {
        let (mut bytes, chain) = EXAMPLES.with(|(files, chain)| (files[way].clone(), chain.clone()));
        let place = place.index(bytes.len());
        if cut {
            bytes.truncate(place);
        } else {
            bytes[place] ^= change;
        }
        let opened = read_within(&bytes, Some(PASSWORD), &address(ADDRESS), now(), 100_000);
        // Without a code over it a file may be changed: what comes out is still a key with its certificate.
        match (opened, way) {
            (Ok(identity), 2) => {
                prop_assert!(cades::SoftwareKey::new(&identity.pkcs8, identity.chain).is_ok());
            }
            (Ok(identity), _) => prop_assert_eq!(identity.chain, chain),
            (Err(error), _) => prop_assert!(!error.nl().is_empty()),
        }
    }
}

std::thread_local! {
    static EXAMPLES: ([Vec<u8>; 3], Vec<Vec<u8>>) = {
        let desk = Desk::new(KeyKind::P256);
        let (new, old) = (desk.openssl(PASSWORD, &[]), desk.openssl(PASSWORD, &["-legacy"]));
        ([new, old, broken_up(&desk)], desk.chain)
    };
}
