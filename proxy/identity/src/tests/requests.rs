//! Requests and what issuers answer, by OpenSSL; revocation lists; and how identities stand.

use std::path::PathBuf;
use std::process::Command;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rcgen::{
    CertificateRevocationListParams, KeyIdMethod, KeyUsagePurpose, RevocationReason,
    RevokedCertParams, SerialNumber,
};

use super::*;
use crate::answer::{answered, certificates};
use crate::error::IdentityError;
use crate::kept::{Pending, Revoked, RevokedFor};
use crate::pem;
use crate::request::{NewRequest, Purpose, Wish};
use crate::shown::{RequestCard, cards};
use crate::standing::Standing;
use crate::status::{Status, status};
use crate::uses::Use;

fn wish(kind: KeyKind, purpose: Purpose) -> Wish {
    let organisation = Some("Praktijk Ë".to_owned());
    Wish { kind, name: "J. de Vriës".to_owned(), organisation, purpose }
}

fn pending(request: &NewRequest) -> Pending {
    Pending {
        id: request.id.clone(),
        account: address("arts@zorg.test"),
        request: request.request.clone(),
        created_at: at("2026-11-26T12:00:00Z"),
    }
}

/// An issuer that works with OpenSSL, in a folder of its own.
struct Office {
    folder: tempfile::TempDir,
}

impl Office {
    fn new() -> Self {
        let office = Self { folder: tempfile::tempdir().unwrap() };
        let make = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"];
        let mut make = make.to_vec();
        make.extend(["-nodes", "-keyout", "ca.key", "-out", "ca.pem", "-subj", "/CN=Uitgever"]);
        office.run(&make);
        office
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn run(&self, arguments: &[&str]) -> String {
        let mut command = Command::new("openssl");
        let output = command.args(arguments).current_dir(self.folder.path()).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "openssl {arguments:?}: {said}");
        said + &String::from_utf8_lossy(&output.stdout)
    }

    fn write(&self, name: &str, text: &str) {
        std::fs::write(self.path(name), text).unwrap();
    }

    fn file(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.path(name)).unwrap()
    }

    /// Signs what the request asks for.
    fn certify(&self, request: &Pending) {
        self.write("request.pem", &RequestCard::of(request).pem);
        let sign = ["x509", "-req", "-in", "request.pem", "-CA", "ca.pem", "-CAkey", "ca.key"];
        let mut sign = sign.to_vec();
        sign.extend(["-copy_extensions", "copyall", "-days", "700", "-out", "own.pem"]);
        self.run(&sign);
    }
}

#[test]
fn openssl_reads_in_a_request_what_was_wished_and_finds_its_signature_good() {
    let office = Office::new();
    let kinds = [KeyKind::P256, KeyKind::P384, KeyKind::Rsa3072];
    for (kind, also) in
        kinds.into_iter().zip(["Key Agreement", "Key Agreement", "Key Encipherment"])
    {
        for purpose in [Purpose::Sign, Purpose::SignAndEncrypt] {
            let made = NewRequest::make(&address("arts@zorg.test"), &wish(kind, purpose)).unwrap();
            office.write("request.pem", &RequestCard::of(&pending(&made)).pem);
            let read = ["req", "-in", "request.pem", "-verify", "-noout", "-text", "-utf8"];
            let said = office.run(&[&read[..], &["-nameopt", "utf8"]].concat());
            assert!(said.contains("verify OK"), "{said}");
            for words in ["email:arts@zorg.test", "Digital Signature, Non Repudiation"] {
                assert!(said.contains(words), "{words}: {said}");
            }
            assert!(said.contains("E-mail Protection") && said.contains("J. de Vriës"), "{said}");
            assert_eq!(said.contains(also), purpose == Purpose::SignAndEncrypt, "{said}");
        }
    }
}

#[test]
fn a_wish_that_cannot_stand_in_a_certificate_is_refused() {
    let account = address("arts@zorg.test");
    let named = |name: &str| Wish { name: name.to_owned(), ..wish(KeyKind::P256, Purpose::Sign) };
    for name in ["", "  ", "a\u{7}b", &"a".repeat(65)] {
        let refused = NewRequest::make(&account, &named(name)).unwrap_err();
        assert_eq!(refused, IdentityError::Certificate(cades::CadesError::Name), "{name:?}");
    }
    let foreign = address("jürgen@zorg.test");
    let refused = NewRequest::make(&foreign, &named("Jürgen")).unwrap_err();
    assert_eq!(refused, IdentityError::Certificate(cades::CadesError::Address));
}

#[test]
fn an_answer_in_any_form_finds_its_request_and_brings_its_chain() {
    let office = Office::new();
    let account = address("arts@zorg.test");
    let made: Vec<NewRequest> = [KeyKind::P384, KeyKind::P256]
        .map(|kind| NewRequest::make(&account, &wish(kind, Purpose::Sign)).unwrap())
        .into();
    let all: Vec<Pending> = made.iter().map(pending).collect();
    office.certify(&all[1]);
    office.run(&["x509", "-in", "own.pem", "-outform", "DER", "-out", "own.der"]);
    let bundle = ["crl2pkcs7", "-nocrl", "-certfile", "ca.pem", "-certfile", "own.pem"];
    office.run(&[&bundle[..], &["-out", "chain.p7b"]].concat());
    office.run(&[&bundle[..], &["-outform", "DER", "-out", "chain.p7c"]].concat());
    office.write("bare.b64", &STANDARD.encode(office.file("chain.p7c")));
    let own = office.file("own.der");
    for name in ["own.pem", "own.der", "chain.p7b", "chain.p7c", "bare.b64"] {
        let found = answered(&office.file(name), &all).unwrap();
        assert_eq!(found.pending, &all[1], "{name}");
        assert_eq!(found.chain, core::slice::from_ref(&own), "{name}: the root is left out");
        let refused = answered(&office.file(name), &all[..1]).unwrap_err();
        assert_eq!(refused, IdentityError::NoRequest, "{name}");
    }
    let identity = cades::NewIdentity { pkcs8: made[1].pkcs8.clone(), chain: vec![own] };
    assert_eq!(identity.check(&account, Timestamp::now()), Ok(()));
    assert_eq!(certificates(&office.file("chain.p7b")).unwrap().len(), 2);
}

#[test]
fn an_answer_that_is_none_says_what_it_is() {
    let account = address("arts@zorg.test");
    let made = NewRequest::make(&account, &wish(KeyKind::P256, Purpose::Sign)).unwrap();
    let all = [pending(&made)];
    let said = |file: &[u8]| answered(file, &all).unwrap_err();
    assert_eq!(said(b""), IdentityError::NoCertificate);
    assert_eq!(said("Geachte heer".as_bytes()), IdentityError::NoCertificate);
    assert_eq!(said(RequestCard::of(&all[0]).pem.as_bytes()), IdentityError::NoCertificate);
    assert!(matches!(said(&made.request), IdentityError::Certificate(_)));
    assert_eq!(said(b"\x30\x80\x06\x01"), IdentityError::Damaged);
    let key = cades::PrivateKey::read(made.pkcs8.clone()).unwrap();
    let own = CertificateParams::default().self_signed(&key).unwrap();
    assert_eq!(said(own.der()), IdentityError::NotIssued);
    assert_eq!(said(&vec![0x30; 2_000_000]), IdentityError::TooLarge);
}

#[test]
fn days_left_are_told_at_60_14_and_0_and_what_has_no_end_is_good() {
    let identity = identity("a", issued("praktijk@zorg.test", "2026-01-01", "2027-01-01"));
    let standing = |now: &str| Standing::of(&identity, at(now));
    let cases = [
        ("2026-10-31T00:00:00Z", Standing::Good),
        ("2026-11-01T00:00:01Z", Standing::Ending { days: 60 }),
        ("2026-12-17T00:00:00Z", Standing::Ending { days: 15 }),
        ("2026-12-17T00:00:01Z", Standing::EndingSoon { days: 14 }),
        ("2026-12-30T12:00:00Z", Standing::EndingSoon { days: 1 }),
        ("2026-12-31T12:00:00Z", Standing::EndingToday),
        ("2027-01-01T00:00:01Z", Standing::Expired { at: at("2027-01-01T00:00:00Z") }),
        ("2025-12-31T00:00:00Z", Standing::NotYetValid { from: at("2026-01-01T00:00:00Z") }),
    ];
    for (now, expected) in cases {
        assert_eq!(standing(now), expected, "{now}");
        assert_eq!(expected.nl().is_some(), expected != Standing::Good);
        assert!(expected.nl().is_none() || expected.nl() != expected.en());
    }
    assert!(!standing("2027-01-01T00:00:01Z").signs() && standing("2026-12-31T12:00:00Z").signs());
}

#[test]
fn a_day_is_said_as_people_say_it_and_by_the_clocks_of_the_netherlands() {
    let expired = Standing::Expired { at: at("2026-11-14T22:59:59Z") };
    let (nl, en) = (expired.nl().unwrap(), expired.en().unwrap());
    assert!(nl.contains("verlopen op 14 november 2026 en"), "{nl}");
    assert!(en.contains("expired on 14 November 2026 and"), "{en}");
    // Late in the evening in UTC it is the next day already, also in summer.
    for (from, nl_day, en_day) in [
        ("2026-12-31T23:00:00Z", "1 januari 2027 om 00:00", "1 January 2027 at 00:00"),
        ("2026-05-31T22:00:00Z", "1 juni 2026 om 00:00", "1 June 2026 at 00:00"),
    ] {
        let early = Standing::NotYetValid { from: at(from) };
        assert!(early.nl().unwrap().contains(&format!("pas vanaf {nl_day} en")), "{early:?}");
        assert!(early.en().unwrap().contains(&format!("only from {en_day} and")), "{early:?}");
    }
}

#[test]
fn a_certificate_without_a_well_defined_end_is_read_and_never_ends() {
    let endless = super::identity("a", issued("praktijk@zorg.test", "2026-01-01", "9999-12-31"));
    // RFC 5280 section 4.1.2.5: the last second of that day.
    let mut leaf = endless.chain[0].clone();
    let place = leaf.windows(15).position(|at| at == b"99991231000000Z").unwrap();
    leaf[place..place + 15].copy_from_slice(b"99991231235959Z");
    let endless = super::identity("a", vec![leaf]);
    let now = at("2026-11-26T12:00:00Z");
    assert_eq!(Standing::of(&endless, now), Standing::Good);
    let card = cards(&[endless], now).unwrap().remove(0);
    assert_eq!((card.days_left, card.not_after), (None, None));
}

#[test]
fn a_card_tells_what_a_person_wants_to_know() {
    let now = at("2026-11-26T12:00:00Z");
    let all = [
        super::identity("real", issued("praktijk@zorg.test", "2026-01-01", "2028-01-01")),
        super::identity("trial", vec![trial("arts@zorg.test", now)]),
    ];
    let cards = cards(&all, now).unwrap();
    let [real, trial] = &cards[..] else { panic!("two cards") };
    assert!(!real.trying_out && trial.trying_out);
    assert!(real.signs_for_account && !trial.signs_for_account);
    assert_eq!(real.addresses, ["praktijk@zorg.test"]);
    assert_eq!((real.kind.as_str(), real.days_left), ("ECDSA P-256", Some(400)));
    assert_eq!(trial.uses, [Use::Sign]);
    assert!(trial.seen_by_recipients.en.contains("nobody vouches"));
    assert!(real.seen_by_recipients.nl.contains("CN=Uitgever"), "{:?}", real.seen_by_recipients);
    let json = serde_json::to_value(real).unwrap();
    assert_eq!((&json["standing"], &json["place"]), (&"good".into(), &"software".into()));
}

#[test]
fn a_certificate_that_is_not_for_mail_signs_nothing() {
    let mut params = CertificateParams::default();
    params.key_usages = vec![KeyUsagePurpose::KeyEncipherment];
    let key = KeyPair::generate().unwrap();
    let leaf = params.self_signed(&key).unwrap().der().to_vec();
    let identity = identity("a", vec![leaf]);
    let now = at("2026-11-26T12:00:00Z");
    assert_eq!(Standing::of(&identity, now), Standing::NotForMail);
    assert_eq!(cards(&[identity], now).unwrap()[0].uses, [Use::Encrypt]);
    let unread = super::identity("b", vec![b"no certificate".to_vec()]);
    assert_eq!(Standing::of(&unread, now), Standing::Unreadable);
    assert!(matches!(cards(&[unread], now), Err(IdentityError::Certificate(_))));
}

#[test]
fn a_revocation_list_of_the_issuer_is_believed_and_of_nobody_else() {
    let authority = |name: &str| {
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let key = KeyPair::generate().unwrap();
        (params.self_signed(&key).unwrap().der().to_vec(), params, key)
    };
    let (own, params, key) = authority("Uitgever");
    let issuer = Issuer::from_params(&params, &key);
    let mut leaf = CertificateParams::default();
    leaf.serial_number = Some(SerialNumber::from(7_u64));
    let leaf = leaf.signed_by(&KeyPair::generate().unwrap(), &issuer).unwrap().der().to_vec();
    let day = |number| rcgen::date_time_ymd(2026, 11, number);
    let list = |issuer: &Issuer<'_, &KeyPair>, serials: &[u64]| {
        let revoked = serials.iter().map(|serial| RevokedCertParams {
            serial_number: SerialNumber::from(*serial),
            revocation_time: day(20),
            reason_code: Some(RevocationReason::KeyCompromise),
            invalidity_date: None,
        });
        let params = CertificateRevocationListParams {
            this_update: day(25),
            next_update: rcgen::date_time_ymd(2026, 12, 25),
            crl_number: SerialNumber::from(1_u64),
            issuing_distribution_point: None,
            revoked_certs: revoked.collect(),
            key_identifier_method: KeyIdMethod::Sha256,
        };
        params.signed_by(issuer).unwrap().der().to_vec()
    };
    let now = at("2026-11-26T12:00:00Z");
    let identity = identity("a", vec![leaf]);
    let told = |list: &[u8], issuers: &[Vec<u8>], now| status(&identity, list, issuers, now);
    let since = at("2026-11-20T00:00:00Z");
    let revoked = Status::Revoked(Revoked { since, reason: RevokedFor::Compromise });
    let (bad, good) = (list(&issuer, &[6, 7]), list(&issuer, &[6]));
    assert_eq!(told(&bad, core::slice::from_ref(&own), now), revoked);
    assert_eq!(
        told(pem::encode("X509 CRL", &bad).as_bytes(), core::slice::from_ref(&own), now),
        revoked
    );
    assert_eq!(told(&good, core::slice::from_ref(&own), now), Status::Good);
    assert_eq!(told(&bad, &[], now), Status::Unknown, "the issuer's key is not at hand");
    assert_eq!(
        told(&good, core::slice::from_ref(&own), at("2027-01-01T00:00:00Z")),
        Status::Unknown,
        "stale"
    );
    assert_eq!(told(b"nothing", core::slice::from_ref(&own), now), Status::Unknown);
    let (stranger, params, key) = authority("Uitgever");
    let forged = list(&Issuer::from_params(&params, &key), &[7]);
    assert_eq!(told(&forged, &[own, stranger], now), Status::Unknown);
    assert!(!Standing::Revoked(Revoked { since, reason: RevokedFor::Compromise }).signs());
}

#[test]
fn an_identity_whose_issuer_was_revoked_is_revoked() {
    let authority = |name: &str| {
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        (params, KeyPair::generate().unwrap())
    };
    let ((root, root_key), (mut sub, sub_key)) = (authority("Root"), authority("Sub"));
    sub.serial_number = Some(SerialNumber::from(7_u64));
    let by_root = Issuer::from_params(&root, &root_key);
    let middle = sub.signed_by(&sub_key, &by_root).unwrap().der().to_vec();
    let by_sub = Issuer::from_params(&sub, &sub_key);
    let leaf = CertificateParams::default();
    let leaf = leaf.signed_by(&KeyPair::generate().unwrap(), &by_sub).unwrap().der().to_vec();
    let root_der = root.self_signed(&root_key).unwrap().der().to_vec();
    let list = |serials: &[u64]| {
        let day = rcgen::date_time_ymd(2026, 11, 20);
        let revoked = serials.iter().map(|serial| RevokedCertParams {
            serial_number: SerialNumber::from(*serial),
            revocation_time: day,
            reason_code: Some(RevocationReason::CaCompromise),
            invalidity_date: None,
        });
        let params = CertificateRevocationListParams {
            this_update: day,
            next_update: rcgen::date_time_ymd(2026, 12, 25),
            crl_number: SerialNumber::from(1_u64),
            issuing_distribution_point: None,
            revoked_certs: revoked.collect(),
            key_identifier_method: KeyIdMethod::Sha256,
        };
        params.signed_by(&by_root).unwrap().der().to_vec()
    };
    let now = at("2026-11-26T12:00:00Z");
    for chain in [vec![leaf.clone(), middle.clone(), root_der.clone()], vec![leaf, middle]] {
        let identity = super::identity("a", chain);
        let told = |list: &[u8]| status(&identity, list, core::slice::from_ref(&root_der), now);
        let since = at("2026-11-20T00:00:00Z");
        let revoked = Status::Revoked(Revoked { since, reason: RevokedFor::Compromise });
        assert_eq!(told(&list(&[7])), revoked);
        assert_eq!(told(&list(&[8])), Status::Unknown, "of the identity itself it says nothing");
    }
}
