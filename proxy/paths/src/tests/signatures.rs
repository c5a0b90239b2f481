//! Keys and signatures that OpenSSL makes. A missing `openssl` fails the test.

use std::process::Command;

use super::*;

/// The keys of a root and of a signer below it, with requests for their certificates.
struct Keys(tempfile::TempDir);

impl Keys {
    fn new(kind: &[&str]) -> Self {
        let keys = Self(tempfile::tempdir().unwrap());
        std::fs::write(keys.path("ca"), "basicConstraints=critical,CA:TRUE\n").unwrap();
        std::fs::write(keys.path("ee"), "keyUsage=digitalSignature\n").unwrap();
        for party in ["root", "leaf"] {
            let key = keys.path(&format!("{party}.key"));
            let request = keys.path(&format!("{party}.csr"));
            openssl(&[&["genpkey", "-out", &key], kind].concat());
            openssl(&[
                "req",
                "-new",
                "-key",
                &key,
                "-subj",
                &format!("/CN={party}"),
                "-out",
                &request,
            ]);
        }
        keys
    }

    /// Both certificates, signed by the root in this way.
    fn signed(&self, signing: &[&str]) -> (Vec<u8>, Vec<u8>) {
        let (root, leaf) = (self.path("root.der"), self.path("leaf.der"));
        let common = ["x509", "-req", "-days", "3650", "-outform", "DER"];
        let key = self.path("root.key");
        let own = ["-in", &self.path("root.csr"), "-key", &key, "-extfile", &self.path("ca")];
        openssl(&[&common[..], &own, signing, &["-out", &root]].concat());
        let by = ["-CA", &root, "-CAkey", &key, "-CAcreateserial", "-extfile", &self.path("ee")];
        let of = ["-in", &self.path("leaf.csr"), "-out", &leaf];
        openssl(&[&common[..], &by, &of, signing].concat());
        (std::fs::read(root).unwrap(), std::fs::read(leaf).unwrap())
    }

    fn path(&self, name: &str) -> String {
        self.0.path().join(name).into_os_string().into_string().unwrap()
    }
}

fn openssl(arguments: &[&str]) {
    let output = Command::new("openssl").args(arguments).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

fn judged((root, leaf): &(Vec<u8>, Vec<u8>), weak: Weak) -> Answer {
    let mut anchors = Anchors::new();
    anchors.add_der(None, root).unwrap();
    let mut question = Question::new(leaf, Purpose::Mail, soon());
    question.weak = weak;
    judge(&anchors, &question)
}

/// OpenSSL's certificates begin when they are made.
fn soon() -> Timestamp {
    Timestamp::now() + jiff::SignedDuration::from_hours(24)
}

const RSA: [&str; 4] = ["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"];

#[test]
fn takes_the_curves_and_rsa_with_either_padding() {
    for name in ["P-256", "P-384", "P-521"] {
        let curve = format!("ec_paramgen_curve:{name}");
        let keys = Keys::new(&["-algorithm", "EC", "-pkeyopt", &curve]);
        for hash in ["-sha256", "-sha384", "-sha512"] {
            found(judged(&keys.signed(&[hash]), Weak::Refuse));
        }
    }
    found(judged(&Keys::new(&["-algorithm", "ED25519"]).signed(&[]), Weak::Refuse));
    let keys = Keys::new(&RSA);
    for hash in ["-sha256", "-sha384", "-sha512"] {
        found(judged(&keys.signed(&[hash]), Weak::Refuse));
        // OpenSSL's own salt is as long as there is room for.
        for salt in ["rsa_pss_saltlen:digest", "rsa_pss_saltlen:max", "rsa_pss_saltlen:17"] {
            let pss = [hash, "-sigopt", "rsa_padding_mode:pss", "-sigopt", salt];
            found(judged(&keys.signed(&pss), Weak::Refuse));
        }
    }
}

#[test]
fn a_mask_by_another_hash_and_a_curve_that_is_not_used_here_are_refused() {
    let keys = Keys::new(&RSA);
    let pss = |mask: &'static str| {
        let padding = ["-sha256", "-sigopt", "rsa_padding_mode:pss", "-sigopt"];
        judged(&keys.signed(&[&padding[..], &[mask]].concat()), Weak::Allow)
    };
    found(pss("rsa_mgf1_md:sha256"));
    let oid = "1.2.840.113549.1.1.10".to_owned();
    assert_eq!(refused(pss("rsa_mgf1_md:sha384")), (Reason::UnknownAlgorithm { oid }, 0));
    let curve = Keys::new(&["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:secp256k1"]);
    let oid = "1.2.840.10045.4.3.2".to_owned();
    let refusal = refused(judged(&curve.signed(&["-sha256"]), Weak::Allow));
    assert_eq!(refusal, (Reason::UnknownAlgorithm { oid }, 0));
}

#[test]
fn short_keys_and_sha_1_are_refused_by_name_unless_weakness_is_allowed() {
    let rsa = |bits: usize| {
        Keys::new(&["-algorithm", "RSA", "-pkeyopt", &format!("rsa_keygen_bits:{bits}")])
    };
    let short = rsa(1024).signed(&["-sha256"]);
    assert_eq!(refused(judged(&short, Weak::Refuse)), (Reason::WeakKey { bits: 1024 }, 1));
    found(judged(&short, Weak::Allow));
    let keys = rsa(2048);
    let sha1 = keys.signed(&["-sha1"]);
    let refusal = Reason::WeakHash { hash: "SHA-1".to_owned() };
    assert_eq!(refused(judged(&sha1, Weak::Refuse)), (refusal, 0));
    found(judged(&sha1, Weak::Allow));
    let md5 = keys.signed(&["-md5"]);
    let refusal = Reason::WeakHash { hash: "MD5".to_owned() };
    assert_eq!(refused(judged(&md5, Weak::Allow)), (refusal, 0), "anybody can forge it");
    let tiny = rsa(768).signed(&["-sha256"]);
    assert_eq!(refused(judged(&tiny, Weak::Allow)), (Reason::WeakKey { bits: 768 }, 1));
}

#[test]
fn a_signature_that_was_changed_or_is_of_another_kind_is_told_apart() {
    let (root, leaf) = Keys::new(&RSA).signed(&["-sha256"]);
    let (by, of) = (
        certificate::Certificate::read(&root).unwrap(),
        certificate::Certificate::read(&leaf).unwrap(),
    );
    let check =
        |algorithm: &[u8], message: &[u8]| verify(by.key.raw, algorithm, message, of.signature);
    assert_eq!(check(of.algorithm, of.tbs), Verified::Good);
    assert_eq!(check(of.algorithm, &of.tbs[1..]), Verified::Wrong);
    let ed25519 = tlv(0x30, &[&[6, 3, 0x2b, 0x65, 0x70]]);
    let unknown = Verified::Unknown { oid: "1.3.101.112".to_owned() };
    assert_eq!(check(&ed25519, of.tbs), unknown, "an RSA key makes none of these");
    let dsa = tlv(0x30, &[&[6, 7, 0x2a, 0x86, 0x48, 0xce, 0x38, 4, 3]]);
    assert_eq!(check(&dsa, of.tbs), Verified::Unknown { oid: "1.2.840.10040.4.3".to_owned() });
    assert_eq!(verify(b"no key", of.algorithm, of.tbs, of.signature), Verified::Wrong);
}
