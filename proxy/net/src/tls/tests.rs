pub(crate) mod server;

use aws_lc_rs::digest::{SHA256, SHA512, digest};
use nta7516::tls::Grade;
use rcgen::{Certificate, KeyPair};
use rustls::SupportedProtocolVersion;
use rustls::client::danger::ServerCertVerifier;
use rustls::pki_types::UnixTime;
use x509_parser::prelude::{FromDer, X509Certificate};

use super::*;
use crate::dial::dial;
use server::{Authority, RsaOf, Show, serve};

const HOST: &str = "mx.example.nl";
const ONLY_12: &[&SupportedProtocolVersion] = &[&TLS12];
const ONLY_13: &[&SupportedProtocolVersion] = &[&TLS13];

fn names(names: &[&str]) -> Vec<Domain> {
    names.iter().map(|name| Domain::parse(name).unwrap()).collect()
}

fn trusting(root: &Certificate) -> Roots {
    let mut store = RootCertStore::empty();
    store.add(root.der().clone()).unwrap();
    Roots(Arc::new(store))
}

pub(crate) fn nobody() -> Roots {
    Roots(Arc::new(RootCertStore::empty()))
}

pub(crate) fn tlsa(usage: u8, selector: u8, matching: u8, certificate: &[u8]) -> Tlsa {
    let (_, parsed) = X509Certificate::from_der(certificate).unwrap();
    let selected = match selector {
        0 => certificate,
        _ => parsed.public_key().raw,
    };
    let data = match matching {
        0 => selected.to_vec(),
        1 => digest(&SHA256, selected).as_ref().to_vec(),
        _ => digest(&SHA512, selected).as_ref().to_vec(),
    };
    Tlsa { usage, selector, matching, data }
}

pub(crate) fn dane(tlsa: Vec<Tlsa>) -> Expect {
    let names = names(&[HOST]);
    Expect::Dane { tlsa, names }
}

fn pkix(host: &str) -> Expect {
    let names = names(&[host]);
    Expect::Pkix { names }
}

fn show(authority: &Authority, leaf: &Certificate, key: KeyPair) -> Show {
    Show { chain: authority.chain(leaf), key, staple: Vec::new(), versions: VERSIONS }
}

pub(crate) async fn met_at(
    address: std::net::SocketAddr,
    expect: Expect,
    roots: &Roots,
) -> Result<Met, TlsError> {
    let stream = dial(address, core::time::Duration::from_secs(10)).await.unwrap();
    connect(stream, expect, roots).await.map(|(_, met)| met)
}

#[tokio::test]
async fn dane_holds_for_each_form_that_matches_and_for_no_other() {
    let authority = Authority::new();
    let (leaf, key) = authority.leaf(HOST, 4000);
    let (foreign, _) = authority.leaf(HOST, 4000);
    let address = serve(show(&authority, &leaf, key)).await.address;
    for (usage, right, wrong) in
        [(3, leaf.der(), foreign.der()), (2, authority.middle.der(), foreign.der())]
    {
        for (selector, matching) in [(0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2)] {
            let form = format!("{usage} {selector} {matching}");
            let record = tlsa(usage, selector, matching, right);
            let met = met_at(address, dane(vec![record.clone()]), &nobody()).await;
            let Proof::Dane { usage: by, data, .. } = met.unwrap().proof else {
                panic!("{form}");
            };
            assert_eq!(by, usage);
            assert!(data.starts_with(&format!("{:02x}", record.data[0])));
            let other = tlsa(usage, selector, matching, wrong);
            let refused = met_at(address, dane(vec![other]), &nobody()).await;
            let expected = match (usage, selector, matching) {
                // The whole anchor stands in the record, and it issued nothing.
                (2, 0, 0) => TlsError::UnknownIssuer,
                _ => TlsError::NoTlsaMatch,
            };
            assert_eq!(refused.unwrap_err(), expected, "{form}");
        }
    }
}

#[tokio::test]
async fn what_was_shown_is_told_whether_it_proved_anything_or_not() {
    let authority = Authority::new();
    let (leaf, key) = authority.leaf(HOST, 4000);
    let (foreign, _) = authority.leaf(HOST, 4000);
    let address = serve(show(&authority, &leaf, key)).await.address;
    for (record, holds) in [(leaf.der(), true), (foreign.der(), false)] {
        let stream = dial(address, core::time::Duration::from_secs(5)).await.unwrap();
        let expect = dane(vec![tlsa(3, 1, 1, record)]);
        let mut shown = None;
        let connected = connect_and_tell(stream, expect, &nobody(), &mut shown).await;
        assert_eq!(connected.is_ok(), holds);
        let shown = shown.unwrap();
        let own = tlsa(3, 1, 1, leaf.der());
        let hex: String = own.data.iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(shown.key_sha256, hex, "that of the key that was shown, not the one asked for");
        assert_eq!(shown.names, [HOST]);
        assert!(shown.from < shown.until && !shown.issuer.is_empty(), "{shown:?}");
    }
}

#[tokio::test]
async fn one_matching_record_among_others_is_enough_and_unusable_ones_never_match() {
    let authority = Authority::new();
    let (leaf, key) = authority.leaf(HOST, 4000);
    let (foreign, _) = authority.leaf(HOST, 4000);
    let address = serve(show(&authority, &leaf, key)).await.address;
    let records =
        vec![tlsa(3, 1, 1, foreign.der()), tlsa(2, 0, 1, foreign.der()), tlsa(3, 1, 1, leaf.der())];
    met_at(address, dane(records), &nobody()).await.unwrap();
    for usage in [0, 1] {
        let record = tlsa(usage, 1, 1, leaf.der());
        let refused = met_at(address, dane(vec![record]), &trusting(&authority.root)).await;
        assert_eq!(refused.unwrap_err(), TlsError::NoTlsaMatch);
    }
    let refused = met_at(address, dane(Vec::new()), &trusting(&authority.root)).await;
    assert_eq!(refused.unwrap_err(), TlsError::NoTlsaMatch);
}

#[tokio::test]
async fn usage_3_asks_neither_name_nor_date_and_usage_2_asks_both() {
    let authority = Authority::new();
    for (host, until, by_anchor) in [
        (HOST, 4000, Ok(())),
        ("other.example.nl", 4000, Err(TlsError::WrongName)),
        (HOST, 2020, Err(TlsError::Expired)),
    ] {
        let (leaf, key) = authority.leaf(host, until);
        let address = serve(show(&authority, &leaf, key)).await.address;
        let own = dane(vec![tlsa(3, 1, 1, leaf.der())]);
        met_at(address, own, &nobody()).await.unwrap();
        let anchor = dane(vec![tlsa(2, 0, 1, authority.middle.der())]);
        let met = met_at(address, anchor, &nobody()).await;
        assert_eq!(met.map(drop), by_anchor, "{host} {until}");
    }
    let old = Authority::until(2020);
    let (leaf, key) = old.leaf(HOST, 4000);
    let address = serve(show(&old, &leaf, key)).await.address;
    let anchor = dane(vec![tlsa(2, 0, 1, old.middle.der())]);
    let refused = met_at(address, anchor, &nobody()).await;
    assert_eq!(refused.unwrap_err(), TlsError::Expired);
}

#[tokio::test]
async fn an_anchor_that_stands_whole_in_the_record_need_not_be_sent() {
    let authority = Authority::new();
    let (leaf, key) = authority.leaf(HOST, 4000);
    let address = serve(show(&authority, &leaf, key)).await.address;
    let root = authority.root.der();
    met_at(address, dane(vec![tlsa(2, 0, 0, root)]), &nobody()).await.unwrap();
    let hashed = met_at(address, dane(vec![tlsa(2, 0, 1, root)]), &nobody()).await;
    assert_eq!(hashed.unwrap_err(), TlsError::NoTlsaMatch);
}

#[tokio::test]
async fn any_of_the_names_satisfies_and_the_first_is_asked_for() {
    let authority = Authority::new();
    let (leaf, key) = authority.leaf(HOST, 4000);
    let server = serve(show(&authority, &leaf, key)).await;
    let expect = Expect::Dane {
        tlsa: vec![tlsa(2, 1, 1, authority.middle.der())],
        names: names(&["base.example.nl", HOST]),
    };
    let met = met_at(server.address, expect, &nobody()).await.unwrap();
    assert_eq!(met.host, "base.example.nl");
    let asked = server.asked.lock().unwrap().clone();
    assert_eq!(asked, [Some("base.example.nl".to_owned())]);
}

#[tokio::test]
async fn annex_c_asks_root_date_and_name() {
    let authority = Authority::new();
    let roots = trusting(&authority.root);
    for (shown, until, asked, trusted, met) in [
        (HOST, 4000, HOST, &roots, Ok(())),
        ("*.example.nl", 4000, HOST, &roots, Ok(())),
        (HOST, 4000, "other.example.nl", &roots, Err(TlsError::WrongName)),
        (HOST, 2020, HOST, &roots, Err(TlsError::Expired)),
        (HOST, 4000, HOST, &nobody(), Err(TlsError::UnknownIssuer)),
    ] {
        let (leaf, key) = authority.leaf(shown, until);
        let address = serve(show(&authority, &leaf, key)).await.address;
        let seen = met_at(address, pkix(asked), trusted).await;
        assert_eq!(seen.map(drop), met, "{shown} {until} {asked}");
    }
}

#[tokio::test]
async fn annex_b_asks_an_accepted_mark_as_well() {
    let authority = Authority::new();
    let roots = trusting(&authority.root);
    let (leaf, key) = authority.leaf(HOST, 4000);
    let address = serve(show(&authority, &leaf, key)).await.address;
    let with = |marks: &[&str]| Expect::OrganisationalUnit {
        names: names(&[HOST]),
        marks: marks.iter().map(|mark| (*mark).to_owned()).collect(),
    };
    let met = met_at(address, with(&["other", "a mark"]), &roots).await.unwrap();
    assert!(matches!(met.proof, Proof::Ou { mark, .. } if mark == "a mark"));
    for marks in [&[][..], &["a"], &["A mark"]] {
        let refused = met_at(address, with(marks), &roots).await;
        assert_eq!(refused.unwrap_err(), TlsError::NoMark, "{marks:?}");
    }
}

#[tokio::test]
async fn the_right_certificate_without_its_key_is_refused() {
    let authority = Authority::new();
    for versions in [ONLY_12, ONLY_13] {
        let (leaf, _) = authority.leaf(HOST, 4000);
        let mut stolen = show(&authority, &leaf, KeyPair::generate().unwrap());
        stolen.versions = versions;
        let address = serve(stolen).await.address;
        let refused = met_at(address, dane(vec![tlsa(3, 1, 1, leaf.der())]), &nobody()).await;
        assert!(matches!(refused, Err(TlsError::Handshake(_))), "{refused:?}");
    }
}

#[tokio::test]
async fn what_was_met_tells_version_suite_group_and_the_grade_by_each_profile() {
    let authority = Authority::new();
    let (leaf, key) = authority.leaf(HOST, 4000);
    let record = tlsa(3, 1, 1, leaf.der());
    let best = serve(show(&authority, &leaf, key)).await.address;
    let met = met_at(best, dane(vec![record.clone()]), &nobody()).await.unwrap();
    assert_eq!(met.protocol, "TLSv1_3");
    assert_eq!(met.suite, "TLS13_AES_256_GCM_SHA384");
    assert_eq!(met.group.as_deref(), Some("X25519MLKEM768"));
    let good = ["guide-footnote-19", "ncsc-2025-05"].map(|name| (name.to_owned(), Grade::Good));
    assert_eq!(met.profiles, good);
    assert_eq!(
        (met.subject.as_str(), &*met.units),
        ("CN=mx.example.nl, OU=a mark", &["a mark".to_owned()][..])
    );
    assert_eq!(met.ocsp, Ocsp::Absent);
    assert!(met.remarks.is_empty());

    let (leaf, key) = authority.leaf(HOST, 4000);
    let mut old = show(&authority, &leaf, key);
    old.versions = ONLY_12;
    let old = serve(old).await.address;
    let met = met_at(old, dane(vec![tlsa(3, 1, 1, leaf.der())]), &nobody()).await.unwrap();
    assert_eq!(met.suite, "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384");
    assert_eq!(met.profiles[1], ("ncsc-2025-05".to_owned(), Grade::Sufficient));
}

#[test]
fn rsa_below_2048_bits_is_refused_and_below_3072_remarked() {
    let authority = Authority::new();
    for (bits, remarks) in [
        (1024, None),
        (2040, None),
        (2048, Some(1)),
        (3064, Some(1)),
        (3072, Some(0)),
        (4096, Some(0)),
    ] {
        let key = RsaOf::new(bits);
        let leaf = authority.certify(HOST, 4000, &key);
        let seen = Arc::new(Mutex::new(Seen::default()));
        let expect = dane(vec![tlsa(3, 1, 1, leaf.der())]);
        let verifier = Verifier::new(expect, nobody().0, provider(), Arc::clone(&seen));
        let name = ServerName::try_from(HOST).unwrap();
        let now = UnixTime::now();
        let judged = verifier.verify_server_cert(leaf.der(), &[], &name, &[], now);
        let seen = seen.lock().unwrap();
        match remarks {
            None => assert_eq!(seen.failure, Some(TlsError::WeakKey(key.bits()))),
            Some(count) => assert_eq!(seen.remarks.len(), count, "{bits}"),
        }
        assert_eq!(judged.is_ok(), remarks.is_some(), "{bits}");
    }
}

#[tokio::test]
async fn no_connection_rests_on_an_earlier_one() {
    let authority = Authority::new();
    for versions in [ONLY_12, ONLY_13] {
        let (leaf, key) = authority.leaf(HOST, 4000);
        let mut willing = show(&authority, &leaf, key);
        willing.versions = versions;
        // The server would resume: it hands out sessions and tickets.
        let mut server = serve(willing).await;
        for _ in 0..3 {
            let expect = dane(vec![tlsa(3, 1, 1, leaf.der())]);
            met_at(server.address, expect, &nobody()).await.unwrap();
        }
        for _ in 0..3 {
            let kind = server.kinds.recv().await.unwrap();
            assert_ne!(kind, rustls::HandshakeKind::Resumed);
        }
    }
}

#[tokio::test]
async fn a_server_that_speaks_no_tls_is_refused() {
    use tokio::io::AsyncWriteExt;

    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        stream.write_all(b"220 mx.example.nl ESMTP\r\n").await.unwrap();
        // Held until the client has seen it.
        core::future::pending::<()>().await;
    });
    let refused = met_at(address, pkix(HOST), &nobody()).await;
    assert!(matches!(refused, Err(TlsError::Handshake(_))));
}

#[tokio::test]
async fn a_connection_that_breaks_is_temporary_and_a_proof_that_fails_is_not() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok(accepted) = listener.accept().await {
            drop(accepted);
        }
    });
    let broken = met_at(address, pkix(HOST), &nobody()).await.unwrap_err();
    assert!(matches!(broken, TlsError::Interrupted(_)), "{broken:?}");
    assert!(broken.is_temporary());
    for lasting in [TlsError::NoTlsaMatch, TlsError::Handshake(String::new())] {
        assert!(!lasting.is_temporary());
    }
}

#[test]
fn roots_come_from_pem_and_a_file_without_any_is_named() {
    let pem = Authority::new().root.pem();
    let of = |text: &str| Roots::load(&[("extra.pem".to_owned(), text.as_bytes().to_vec())]);
    let system = Roots::load(&[]).unwrap().0.len();
    assert_eq!(of(&pem).unwrap().0.len(), system + 1);
    for text in [
        "",
        "nothing of the kind",
        "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
        "-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----\n",
    ] {
        let error = of(text).unwrap_err();
        assert_eq!(error, TlsError::Roots("extra.pem".to_owned()), "{text}");
    }
}

#[test]
fn only_the_suites_and_groups_of_the_profiles_are_offered() {
    let provider = provider();
    for profile in Profile::ALL {
        let listed: Vec<u16> = profile.suites().iter().map(|suite| suite.id).collect();
        let offered: Vec<u16> =
            provider.cipher_suites.iter().map(|suite| suite.suite().into()).collect();
        assert_eq!(offered, listed);
        let listed: Vec<u16> = profile.groups().iter().map(|group| group.id).collect();
        let offered: Vec<u16> =
            provider.kx_groups.iter().map(|group| group.name().into()).collect();
        assert_eq!(offered, listed);
    }
}
