use std::process::{Command, Stdio};

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1, RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey, VerificationAlgorithm,
};
use cades::{Anchors, Signer, SoftwareKey};
use jiff::Timestamp;
use mail::Message;
use rcgen::{CertificateParams, KeyPair};

use super::{Failure, Row, clean, rate, row};

/// Signing a mail, and verifying it with the path from its signer to an anchor, beside the bare
/// operations of the key; and as a program beside OpenSSL's.
pub(super) fn rows() -> Result<Vec<Row>, Failure> {
    let now = Timestamp::now();
    let message = Message::new(clean(20 * 1024));
    let mut rows = Vec::new();
    // Whoever signs has to hash the mail.
    let hash = rate(|| {
        std::hint::black_box(digest(&SHA256, message.bytes()));
        Ok::<_, std::fmt::Error>(())
    })?;
    for (name, goal, verifier) in [
        // SHA-256 over 20 KB takes nearly as long as the key operation: .6 of it is all there can be.
        ("P-256", "", &ECDSA_P256_SHA256_ASN1 as &'static dyn VerificationAlgorithm),
        ("RSA-3072", ">= 0.80x", &RSA_PKCS1_2048_8192_SHA256),
    ] {
        let (key, public, root) = vouched_for(name)?;
        let raw = rate(|| key.sign(b"signed attributes").map(drop))?;
        let whole = rate(|| cades::sign(&message, Some("LAB"), &key, now, [1; 16]).map(drop))?;
        let floor = 1.0 / (1.0 / raw + 1.0 / hash);
        rows.push(row(
            &format!("signing a mail of 20 KB, {name}"),
            format!(
                "{:.2}x the raw key operation, {:.2}x that and the hash of the mail ({whole:.0}/s against {raw:.0}/s and {hash:.0}/s)",
                whole / raw,
                whole / floor
            ),
            goal,
        ));
        let signed = Message::new(cades::sign(&message, Some("LAB"), &key, now, [1; 16])?);
        let signature = key.sign(b"signed attributes")?;
        let raw = rate(|| {
            UnparsedPublicKey::new(verifier, &public).verify(b"signed attributes", &signature)
        })?;
        let trusted = || {
            let mut anchors = Anchors::new();
            anchors.add_der(None, &root).map(|()| anchors)
        };
        let judged = |anchors: &Anchors| {
            let verdict = cades::open(&signed, anchors, now);
            verdict.valid().then_some(()).ok_or_else(|| std::io::Error::other("it does not verify"))
        };
        let first = rate(|| judged(&trusted().map_err(std::io::Error::other)?))?;
        rows.push(row(
            &format!("verifying it with its path, {name}, the first mail of a signer"),
            format!(
                "{:.2}x the two raw operations that this takes ({first:.0}/s against {raw:.0}/s)",
                2.0 * first / raw
            ),
            ">= 0.50x",
        ));
        let anchors = trusted()?;
        let next = rate(|| judged(&anchors))?;
        rows.push(row(
            &format!("and the next, whose issuer's signature is known to hold, {name}"),
            format!("{:.2}x the raw operation ({next:.0}/s against {raw:.0}/s)", next / raw),
            ">= 0.50x",
        ));
        rows.push(as_programs(name, &signed, &root)?);
    }
    Ok(rows)
}

/// A key with its certificate, its public key, and the root that vouches for it with a key of the
/// same kind.
fn vouched_for(kind: &str) -> Result<(SoftwareKey, Vec<u8>, Vec<u8>), Failure> {
    let make = || match kind {
        "P-256" => KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256),
        _ => KeyPair::generate_rsa_for(&rcgen::PKCS_RSA_SHA256, rcgen::RsaKeySize::_3072),
    };
    let mut params = CertificateParams::default();
    params.distinguished_name.push(rcgen::DnType::CommonName, "Root");
    params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    params.key_usages = vec![rcgen::KeyUsagePurpose::KeyCertSign];
    let root_key = make()?;
    let root = params.self_signed(&root_key)?.der().to_vec();
    let issuer = rcgen::Issuer::from_params(&params, &root_key);
    let mut params = CertificateParams::default();
    params.subject_alt_names = vec![rcgen::SanType::Rfc822Name("bench@praktijk.test".try_into()?)];
    let key = make()?;
    let own = params.signed_by(&key, &issuer)?.der().to_vec();
    let signer = SoftwareKey::new(key.serialized_der(), vec![own, root.clone()])?;
    Ok((signer, key.public_key_raw().to_vec(), root))
}

/// Verifying the same file as a program, ours and OpenSSL's, its start included.
fn as_programs(kind: &str, signed: &Message, root: &[u8]) -> Result<Row, Failure> {
    let folder = tempfile::tempdir()?;
    let path = |name: &str| folder.path().join(name);
    std::fs::write(path("mail.eml"), signed.bytes())?;
    std::fs::write(path("root.der"), root)?;
    let quiet = |command: &mut Command| {
        let ended = command.stdout(Stdio::null()).stderr(Stdio::null()).status()?;
        if ended.success() { Ok(()) } else { Err(std::io::Error::other("a verifier says no")) }
    };
    let convert = ["x509", "-inform", "DER", "-in", "root.der", "-out", "root.pem"];
    quiet(Command::new("openssl").args(convert).current_dir(folder.path()))?;
    let ours = tests::zorgzegel::binary()?;
    let ours = rate(|| {
        let arguments = ["verify", "mail.eml", "--anchor", "root.pem"];
        quiet(Command::new(&ours).args(arguments).current_dir(folder.path()))
    })?;
    let openssl = rate(|| {
        let arguments = ["cms", "-verify", "-cades", "-purpose", "smimesign", "-in", "mail.eml"];
        let anchor = ["-CAfile", "root.pem", "-out", "out"];
        quiet(Command::new("openssl").args(arguments).args(anchor).current_dir(folder.path()))
    })?;
    Ok(row(
        &format!("`zorgzegel verify` of that file beside `openssl cms -verify`, {kind}"),
        format!("{:.2}x ({ours:.0}/s against {openssl:.0}/s)", ours / openssl),
        "",
    ))
}
