use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use rcgen::{Certificate, ExtendedKeyUsagePurpose, KeyPair, SigningKey};
use rustls::pki_types::CertificateDer;

use super::*;
use crate::tls::tests::server::{Authority, Show, serve};
use crate::tls::tests::{dane, met_at, nobody, tlsa};
use crate::tls::{TlsError, VERSIONS};

/// Lines of an index of OpenSSL.
const VALID: &str = "V\t400101000000Z\t\t90010203\tunknown\t/CN=leaf\n";
const REVOKED_SINCE: &str = "R\t400101000000Z\t240101000000Z\t90010203\tunknown\t/CN=leaf\n";
/// 1 January 2025.
const NOW: u64 = 1_735_689_600;
const SERIAL: &[u8] = &[0, 0x90, 1, 2, 3];
const ECDSA_SHA256: &[u8] = &[0x30, 10, 6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2];

fn value(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let content = parts.concat();
    let mut out = vec![tag];
    match u8::try_from(content.len()) {
        Ok(short @ 0..=0x7f) => out.push(short),
        _ => {
            out.push(0x82);
            out.extend(u16::try_from(content.len()).unwrap().to_be_bytes());
        }
    }
    out.extend(content);
    out
}

/// An answer as a responder writes it.
struct Draft {
    serial: &'static [u8],
    status: Vec<u8>,
    this_update: &'static str,
    next_update: Option<&'static str>,
    certificate: Option<Certificate>,
}

impl Draft {
    fn new(status: u8) -> Self {
        let revoked = value(GENERALIZED_TIME, &[b"20240601000000Z"]);
        Self {
            serial: SERIAL,
            status: match status {
                REVOKED => value(REVOKED | CONSTRUCTED, &[&revoked]),
                other => vec![other, 0],
            },
            this_update: "20241231000000Z",
            next_update: Some("20250107000000Z"),
            certificate: None,
        }
    }

    fn write(&self, leaf: &Certificate, sign: impl Fn(&[u8]) -> Vec<u8>) -> Vec<u8> {
        let (_, leaf) = X509Certificate::from_der(leaf.der()).unwrap();
        let hash = digest(&SHA1_FOR_LEGACY_USE_ONLY, leaf.issuer().as_raw());
        let sha1 = value(SEQUENCE, &[&value(OID, &[&[0x2b, 14, 3, 2, 26]])]);
        let id = value(
            SEQUENCE,
            &[
                &sha1,
                &value(OCTET_STRING, &[hash.as_ref()]),
                &value(OCTET_STRING, &[&[7; 20]]),
                &value(INTEGER, &[self.serial]),
            ],
        );
        let time = |time: &str| value(GENERALIZED_TIME, &[time.as_bytes()]);
        let next = self.next_update.map(|next| value(EXPLICIT_0, &[&time(next)]));
        let single = value(
            SEQUENCE,
            &[&id, &self.status, &time(self.this_update), &next.unwrap_or_default()],
        );
        let responder = value(0xa2, &[&value(OCTET_STRING, &[&[7; 20]])]);
        let data =
            value(SEQUENCE, &[&responder, &time(self.this_update), &value(SEQUENCE, &[&single])]);
        let signature = value(BIT_STRING, &[&[0], &sign(&data)]);
        let certificates = self.certificate.as_ref().map(|certificate| {
            value(EXPLICIT_0, &[&value(SEQUENCE, &[certificate.der().as_ref()])])
        });
        let basic =
            value(SEQUENCE, &[&data, ECDSA_SHA256, &signature, &certificates.unwrap_or_default()]);
        let bytes = value(SEQUENCE, &[&value(OID, &[BASIC]), &value(OCTET_STRING, &[&basic])]);
        value(SEQUENCE, &[&value(ENUMERATED, &[&[0]]), &value(EXPLICIT_0, &[&bytes])])
    }
}

fn judge_with(leaf: &Certificate, chain: &[CertificateDer<'_>], staple: &[u8]) -> Ocsp {
    let (_, leaf) = X509Certificate::from_der(leaf.der()).unwrap();
    let provider = crate::tls::provider();
    let question = Question {
        leaf: &leaf,
        chain,
        now: UnixTime::since_unix_epoch(core::time::Duration::from_secs(NOW)),
        algorithms: &provider.signature_verification_algorithms,
    };
    question.judge(staple)
}

fn judge(authority: &Authority, leaf: &Certificate, staple: &[u8]) -> Ocsp {
    judge_with(leaf, &[authority.middle.der().clone()], staple)
}

#[test]
fn the_issuer_s_word_is_believed_while_it_is_in_date() {
    let authority = Authority::new();
    let (leaf, _) = authority.leaf("mx.example.nl", 4000);
    let sign = |message: &[u8]| authority.sign(message);
    let changed = |change: fn(&mut Draft)| {
        let mut draft = Draft::new(GOOD);
        change(&mut draft);
        draft
    };
    for (draft, ocsp) in [
        (Draft::new(GOOD), Ocsp::Good),
        (Draft::new(REVOKED), Ocsp::Revoked),
        (Draft::new(0x82), Ocsp::Unknown),
        (changed(|draft| draft.serial = &[1]), Ocsp::Foreign),
        (changed(|draft| draft.this_update = "20250102000000Z"), Ocsp::Stale),
        (changed(|draft| draft.next_update = Some("20241231235959Z")), Ocsp::Stale),
        (changed(|draft| draft.next_update = None), Ocsp::Stale),
        (changed(|draft| draft.next_update = Some("9")), Ocsp::Stale),
    ] {
        assert_eq!(judge(&authority, &leaf, &draft.write(&leaf, sign)), ocsp);
    }
    assert_eq!(judge(&authority, &leaf, &[]), Ocsp::Absent);
}

#[test]
fn good_is_believed_from_nobody_else_and_revoked_from_anybody() {
    let authority = Authority::new();
    let (leaf, _) = authority.leaf("mx.example.nl", 4000);
    let stranger = KeyPair::generate().unwrap();
    let sign = |message: &[u8]| stranger.sign(message).unwrap();
    let good = Draft::new(GOOD).write(&leaf, sign);
    assert_eq!(judge(&authority, &leaf, &good), Ocsp::Unproved);
    let revoked = Draft::new(REVOKED).write(&leaf, sign);
    assert_eq!(judge(&authority, &leaf, &revoked), Ocsp::Revoked);
    // Without the issuer's certificate its signature cannot be checked.
    let own = Draft::new(GOOD).write(&leaf, |message| authority.sign(message));
    assert_eq!(judge_with(&leaf, &[], &own), Ocsp::Unproved);
}

#[test]
fn a_responder_speaks_where_the_issuer_named_it_for_that() {
    let authority = Authority::new();
    let other = Authority::new();
    let (leaf, _) = authority.leaf("mx.example.nl", 4000);
    for (by, purpose, ocsp) in [
        (&authority, ExtendedKeyUsagePurpose::OcspSigning, Ocsp::Good),
        (&authority, ExtendedKeyUsagePurpose::ServerAuth, Ocsp::Unproved),
        (&other, ExtendedKeyUsagePurpose::OcspSigning, Ocsp::Unproved),
    ] {
        let (certificate, key) = by.responder(purpose);
        let mut draft = Draft::new(GOOD);
        draft.certificate = Some(certificate);
        let staple = draft.write(&leaf, |message| key.sign(message).unwrap());
        assert_eq!(judge(&authority, &leaf, &staple), ocsp);
    }
}

#[test]
fn an_answer_that_is_cut_or_changed_anywhere_is_never_good() {
    let authority = Authority::new();
    let (leaf, _) = authority.leaf("mx.example.nl", 4000);
    let whole = Draft::new(GOOD).write(&leaf, |message| authority.sign(message));
    assert_eq!(judge(&authority, &leaf, &whole), Ocsp::Good);
    for at in 0..whole.len() {
        assert_ne!(judge(&authority, &leaf, &whole[..at]), Ocsp::Good, "cut at {at}");
        let mut changed = whole.clone();
        changed[at] ^= 0x5a;
        assert_ne!(judge(&authority, &leaf, &changed), Ocsp::Good, "changed at {at}");
    }
}

#[tokio::test]
async fn a_stapled_revoked_refuses_the_connection_and_a_stale_good_is_remarked() {
    let authority = Authority::new();
    for (status, ocsp) in [(REVOKED, Err(TlsError::Revoked)), (GOOD, Ok(Ocsp::Stale))] {
        let (leaf, key) = authority.leaf("mx.example.nl", 4000);
        let staple = Draft::new(status).write(&leaf, |message| authority.sign(message));
        let address =
            serve(Show { chain: authority.chain(&leaf), key, staple, versions: VERSIONS })
                .await
                .address;
        let expect = dane(vec![tlsa(3, 1, 1, leaf.der())]);
        let met = met_at(address, expect, &nobody()).await;
        assert_eq!(met.as_ref().map(|met| met.ocsp).map_err(Clone::clone), ocsp);
        if let Ok(met) = met {
            assert_eq!(met.remarks.len(), 1);
        }
    }
}

/// OpenSSL as the responder, in a folder: its index says V for a valid certificate, R for a revoked one.
fn openssl_answers(
    dir: &Path,
    authority: &Authority,
    leaf: &Certificate,
    index: &str,
    delegated: Option<(&Certificate, &KeyPair)>,
) -> Vec<u8> {
    let put = |name: &str, text: &str| std::fs::write(dir.join(name), text).unwrap();
    let (middle, issuer) = (authority.middle.pem(), authority.issuer.key().serialize_pem());
    let signer = delegated.map(|(certificate, key)| (certificate.pem(), key.serialize_pem()));
    let (certificate, key) = signer.unwrap_or_else(|| (middle.clone(), issuer));
    put("issuer.pem", &middle);
    put("signer.pem", &certificate);
    put("signer.key", &key);
    put("leaf.pem", &leaf.pem());
    put("index.txt", index);
    let arguments = "ocsp -issuer issuer.pem -cert leaf.pem -no_nonce -index index.txt -CA issuer.pem \
                     -rsigner signer.pem -rkey signer.key -ndays 7 -respout answer.der -noverify";
    let done = Command::new("openssl")
        .args(arguments.split_whitespace())
        .current_dir(dir)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&done.stderr);
    std::fs::read(dir.join("answer.der")).unwrap_or_else(|_| panic!("{said}"))
}

/// OpenSSL as a server that staples; ends when dropped.
struct Stapling(Child, std::net::SocketAddr);

impl Stapling {
    /// With what lies in the folder.
    fn start(dir: &Path, key: &KeyPair, version: &str) -> Self {
        std::fs::write(dir.join("leaf.key"), key.serialize_pem()).unwrap();
        let arguments = "s_server -accept 127.0.0.1:0 -cert leaf.pem -key leaf.key \
                         -cert_chain issuer.pem -status_file answer.der";
        let mut server = Command::new("openssl")
            .args(arguments.split_whitespace())
            .arg(version)
            .current_dir(dir)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let lines = BufReader::new(server.stdout.as_mut().unwrap()).lines();
        let address =
            lines.map_while(Result::ok).find_map(|line| line.strip_prefix("ACCEPT ")?.parse().ok());
        Self(server, address.expect("where it listens"))
    }
}

impl Drop for Stapling {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[tokio::test]
async fn what_a_server_of_openssl_staples_is_in_the_proof() {
    let authority = Authority::new();
    let (responder, responder_key) = authority.responder(ExtendedKeyUsagePurpose::OcspSigning);
    let (server_like, server_key) = authority.responder(ExtendedKeyUsagePurpose::ServerAuth);
    let own = None;
    for (index, signer, met) in [
        (VALID, own, Ok(Ocsp::Good)),
        (VALID, Some((&responder, &responder_key)), Ok(Ocsp::Good)),
        (VALID, Some((&server_like, &server_key)), Ok(Ocsp::Unproved)),
        (REVOKED_SINCE, own, Err(TlsError::Revoked)),
        ("", own, Ok(Ocsp::Unknown)),
    ] {
        for version in ["-tls1_2", "-tls1_3"] {
            let dir = tempfile::tempdir().unwrap();
            let (leaf, key) = authority.leaf("mx.example.nl", 4000);
            openssl_answers(dir.path(), &authority, &leaf, index, signer);
            let server = Stapling::start(dir.path(), &key, version);
            let expect = dane(vec![tlsa(3, 1, 1, leaf.der())]);
            let seen = met_at(server.1, expect, &nobody()).await;
            assert_eq!(seen.map(|met| met.ocsp), met, "{version} {index}");
        }
    }
}

#[test]
fn the_answers_of_openssl_are_understood() {
    let authority = Authority::new();
    let (leaf, _) = authority.leaf("mx.example.nl", 4000);
    for (line, ocsp) in [(VALID, Ocsp::Good), (REVOKED_SINCE, Ocsp::Revoked), ("", Ocsp::Unknown)] {
        let dir = tempfile::tempdir().unwrap();
        let staple = openssl_answers(dir.path(), &authority, &leaf, line, None);
        let (_, parsed) = X509Certificate::from_der(leaf.der()).unwrap();
        let provider = crate::tls::provider();
        let question = Question {
            leaf: &parsed,
            chain: &[authority.middle.der().clone()],
            now: UnixTime::now(),
            algorithms: &provider.signature_verification_algorithms,
        };
        assert_eq!(question.judge(&staple), ocsp, "{line}");
    }
}
