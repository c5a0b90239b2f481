//! A mail that is handed over, where issuers may be asked about its signer.

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

use engine::settings::Settings;
use rcgen::{
    BasicConstraints, CertificateParams, CertificateRevocationListParams, CrlDistributionPoint,
    IsCa, Issuer, KeyIdMethod, KeyPair, RevokedCertParams, SanType, SerialNumber,
};
use verify::Known;
use zeroize::Zeroizing;

use super::*;
use crate::controller::files::judged;
use crate::request::{Bytes, Dropped, Loaded};

/// A server of an issuer that took the certificate with number 7 back.
struct Publisher {
    issuer: Issuer<'static, KeyPair>,
    root: String,
    address: SocketAddr,
    asked: Arc<AtomicUsize>,
}

impl Publisher {
    fn new() -> Self {
        let mut params = CertificateParams::default();
        params.distinguished_name.push(rcgen::DnType::CommonName, "Uitgever");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        let root = params.self_signed(&key).unwrap().pem();
        let issuer = Issuer::new(params, key);
        let list = CertificateRevocationListParams {
            this_update: rcgen::date_time_ymd(2026, 1, 1),
            next_update: rcgen::date_time_ymd(2090, 1, 1),
            crl_number: SerialNumber::from(1_u64),
            issuing_distribution_point: None,
            revoked_certs: vec![RevokedCertParams {
                serial_number: SerialNumber::from(7_u64),
                revocation_time: rcgen::date_time_ymd(2026, 1, 1),
                reason_code: None,
                invalidity_date: None,
            }],
            key_identifier_method: KeyIdMethod::Sha256,
        };
        let list = list.signed_by(&issuer).unwrap().der().to_vec();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let asked = Arc::<AtomicUsize>::default();
        let count = Arc::clone(&asked);
        std::thread::spawn(move || {
            for mut stream in listener.incoming().flatten() {
                count.fetch_add(1, Ordering::SeqCst);
                let lines = BufReader::new(stream.try_clone().unwrap()).lines();
                lines.map_while(Result::ok).take_while(|line| !line.is_empty()).for_each(drop);
                let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", list.len());
                let _ = stream.write_all(&[head.as_bytes(), &list].concat());
            }
        });
        Self { issuer, root, address, asked }
    }

    /// A mail signed with the certificate that was taken back.
    fn mail(&self) -> Dropped {
        let mut params = CertificateParams::default();
        params.serial_number = Some(SerialNumber::from(7_u64));
        params.subject_alt_names = vec![SanType::Rfc822Name("els@huis.test".try_into().unwrap())];
        let uris = vec![format!("http://{}/list", self.address)];
        params.crl_distribution_points = vec![CrlDistributionPoint { uris }];
        let key = KeyPair::generate().unwrap();
        let own = params.signed_by(&key, &self.issuer).unwrap().der().to_vec();
        let signer = cades::SoftwareKey::new(&key.serialize_der(), vec![own]).unwrap();
        let mail = mail::Message::new(b"From: els@huis.test\r\n\r\nHallo\r\n".to_vec());
        let now = jiff::Timestamp::now();
        let signed = cades::sign(&mail, None, &signer, now, [7; 16]).unwrap();
        let file = Loaded { name: "groet.eml".to_owned(), bytes: Bytes(Zeroizing::new(signed)) };
        Dropped { file, content: None }
    }
}

#[tokio::test]
async fn the_window_asks_issuers_as_the_settings_say_and_what_they_said_counts() {
    let (publisher, folder) = (Publisher::new(), tempfile::tempdir().unwrap());
    let root = folder.path().join("root.pem");
    std::fs::write(&root, &publisher.root).unwrap();
    let mail = Arc::new(publisher.mail());
    for (word, known, asked) in [("never", Known::Unknown, 0), ("everywhere", Known::Revoked, 1)] {
        let text = format!("data_dir = \"d\"\n[trust]\nanchors = [{root:?}]\nfetch = \"{word}\"\n");
        let settings = Settings::parse(&text, Path::new("/etc/zorgzegel.toml")).unwrap();
        let looked = judged(&mail, Some(Arc::new(settings))).await;
        let verdict = looked.unwrap_or_else(|_| panic!("no verdict")).verdict;
        assert_eq!(verdict.signers[0].revocation, known, "{word}: {verdict:?}");
        assert_eq!(verdict.valid(), known == Known::Unknown);
        assert_eq!(publisher.asked.load(Ordering::SeqCst), asked, "{word}");
    }
}
