//! Signatures of every make, judged.

use jiff::Timestamp;
use proptest::prelude::*;

use super::forge::*;
use super::now;
use super::pki::{Authority, JAN, Leaf, later};
use crate::ber::{INTEGER, constructed, encoded};
use crate::certificate::Parsed;
use crate::key::KeyKind;
use crate::open::Hash;
use crate::{
    Anchors, Coverage, Known, Teller, Verdict, Word, is_signature, open_signature, sign_detached,
};

const CONTENT: &[u8] = b"Content-Type: text/plain\r\n\r\nhallo\r\n";

struct Desk {
    authority: Authority,
    leaf: Leaf,
}

impl Desk {
    fn new() -> Self {
        let authority = Authority::new();
        let leaf = authority.leaf(KeyKind::P256, JAN);
        Self { authority, leaf }
    }

    fn forge(&self) -> Forge {
        Forge::new(&self.leaf, CONTENT)
    }

    fn judged(&self, signature: &[u8]) -> Verdict {
        open_signature(signature, Some(CONTENT), &self.authority.anchors, now())
    }

    fn of(&self, forge: &Forge) -> Verdict {
        self.judged(&forge.alone(&self.leaf))
    }

    fn codes(&self, forge: &Forge) -> Vec<&'static str> {
        codes(&self.of(forge))
    }
}

fn codes(verdict: &Verdict) -> Vec<&'static str> {
    verdict.reasons.iter().map(crate::Reason::code).collect()
}

/// The forge with its attributes changed.
fn with(forge: Forge, change: impl FnOnce(&mut Vec<Vec<u8>>)) -> Forge {
    let mut forge = forge;
    change(forge.attributes.as_mut().unwrap());
    forge
}

#[test]
fn a_good_signature_passes_and_says_by_whom() {
    let desk = Desk::new();
    let verdict = desk.of(&desk.forge());
    assert!(verdict.valid() && verdict.cades, "{verdict:?}");
    let [signer] = verdict.signers.as_slice() else { panic!("one signer") };
    assert_eq!(signer.address.as_deref(), Some(JAN));
    assert_eq!(signer.anchor.as_deref(), Some("Zorg Root"));
    assert_eq!(signer.path, ["CN=Jan de Vries", "CN=Zorg Root, O=Zorg"].map(str::to_owned));
    assert_eq!(signer.algorithms, ["SHA-256", "ECDSA", "ECDSA P-256"]);
    assert_eq!(signer.revocation, Known::Unknown);
    assert_eq!(signer.signing_time, Some("2026-11-23T10:00:00Z".parse::<Timestamp>().unwrap()));
    assert_eq!(codes(&verdict), ["signed", "revocation-unknown"]);
}

#[test]
fn attributes_may_be_signed_as_sent_or_in_der_order() {
    let desk = Desk::new();
    let sorted = |forge: &Forge| {
        let mut all = forge.attributes.clone().unwrap();
        all.sort();
        all
    };
    let in_order = sorted(&desk.forge());
    let backwards: Vec<Vec<u8>> = in_order.iter().rev().cloned().collect();
    for (sent, signed, good) in [
        (&in_order, &in_order, true),
        (&backwards, &backwards, true),
        (&backwards, &in_order, true),
        (&in_order, &backwards, false),
    ] {
        let mut forge = desk.forge();
        forge.attributes = Some(sent.clone());
        forge.signed = Some(signed.clone());
        assert_eq!(desk.of(&forge).valid(), good);
    }
}

#[test]
fn indefinite_lengths_and_content_in_pieces_are_read() {
    let desk = Desk::new();
    let der = desk.forge().alone(&desk.leaf);
    for depth in 1..4 {
        let ber = in_ber(&der, depth);
        assert_ne!(ber, der);
        assert!(desk.judged(&ber).valid(), "{depth}");
    }
    let mut frame = Frame::new(&[&desk.leaf]);
    let (one, two) = CONTENT.split_at(9);
    frame.inside = Some(encoded(0x24, &[octets(one), encoded(0x24, &octets(two))].concat()));
    let opaque = frame.with(&[desk.forge().info(&desk.leaf)]);
    let judged = |bytes: &[u8]| open_signature(bytes, None, &desk.authority.anchors, now());
    assert!(judged(&opaque).valid());
    assert!(judged(&in_ber(&opaque, 4)).valid());
}

#[test]
fn every_required_attribute_stands_there_once_with_one_value() {
    let desk = Desk::new();
    let digest = octets(Hash::Sha256.digest(CONTENT).as_ref());
    let extra: Vec<(&str, Vec<u8>)> = vec![
        ("doubled", attribute(CONTENT_TYPE, &[&oid(DATA)])),
        ("doubled", attribute(MESSAGE_DIGEST, &[&digest])),
        ("doubled", attribute(SIGNING_TIME, &[&utc("261123100000Z")])),
        ("doubled", attribute(ESS_V2, &[&ess(&desk.leaf, Hash::Sha256)])),
    ];
    for (why, attribute) in extra {
        let forge = with(desk.forge(), |all| all.push(attribute));
        assert_eq!(desk.codes(&forge), ["attributes"], "{why}");
        assert_eq!(desk.of(&forge).verdict, Word::PermError);
    }
    for (place, changed) in [
        (0, attribute(CONTENT_TYPE, &[&oid("1.2.840.113549.1.7.5")])),
        (0, attribute(CONTENT_TYPE, &[&oid(DATA), &oid(DATA)])),
        (0, attribute(CONTENT_TYPE, &[])),
        (0, attribute("1.2.3", &[&oid(DATA)])),
        (1, attribute(SIGNING_TIME, &[&utc("261323100000Z")])),
        (1, attribute(SIGNING_TIME, &[&octets(b"261123100000Z")])),
        (2, attribute("1.2.3", &[&digest])),
        (2, attribute(MESSAGE_DIGEST, &[&digest, &digest])),
        (3, attribute(ESS_V2, &[&seq(&[&seq(&[])])])),
    ] {
        let forge = with(desk.forge(), |all| all[place] = changed);
        assert_eq!(desk.codes(&forge), ["attributes"], "{place}");
    }
    let without = with(desk.forge(), |all| drop(all.remove(1)));
    let verdict = desk.of(&without);
    assert!(verdict.valid() && verdict.signers[0].signing_time.is_none());
}

#[test]
fn a_signature_without_attributes_is_never_valid() {
    let desk = Desk::new();
    let mut forge = desk.forge();
    forge.attributes = None;
    let verdict = desk.of(&forge);
    assert_eq!(verdict.verdict, Word::Policy);
    assert!(codes(&verdict).contains(&"no-attributes") && !verdict.valid() && !verdict.cades);
    let other =
        open_signature(&forge.alone(&desk.leaf), Some(b"x"), &desk.authority.anchors, now());
    assert_eq!(other.verdict, Word::Fail);
}

#[test]
fn a_signature_names_its_certificate_or_is_plain_smime() {
    let desk = Desk::new();
    let parsed = Parsed::read(&desk.leaf.certificate).unwrap();
    let (issuer, serial) = parsed.issuer_and_number();
    let own = &desk.leaf.certificate;
    let named = |version: &str, value: Vec<u8>| {
        with(desk.forge(), |all| all[3] = attribute(version, &[&value]))
    };
    let plain = desk.of(&with(desk.forge(), |all| drop(all.pop())));
    assert!(plain.valid() && !plain.cades && codes(&plain).contains(&"not-cades"));

    let old = desk.of(&named(ESS, ess(&desk.leaf, Hash::Sha1)));
    assert!(old.valid() && old.cades && codes(&old).contains(&"old-attribute"));

    // The same issuer in another string type (RFC 5280 section 7.1), and case.
    let other_type: Vec<u8> = {
        let mut name = issuer.to_vec();
        for tag in name.iter_mut().filter(|byte| **byte == 0x0c) {
            *tag = 0x13;
        }
        name
    };
    assert_ne!(other_type, issuer);
    assert!(desk.of(&named(ESS_V2, ess_of(own, Hash::Sha256, &other_type, serial))).valid());

    let another = desk.authority.leaf(KeyKind::P256, JAN);
    let name = seq(&[]);
    for (version, value) in [
        (ESS_V2, ess(&another, Hash::Sha256)),
        (ESS, ess(&another, Hash::Sha1)),
        (ESS, ess(&desk.leaf, Hash::Sha256)),
        (ESS_V2, ess_of(own, Hash::Sha256, issuer, b"\x01")),
        (ESS_V2, ess_of(own, Hash::Sha256, &name, serial)),
        (ESS_V2, ess_of(own, Hash::Sha384, issuer, serial)),
    ] {
        let verdict = desk.of(&named(version, value));
        assert_eq!(codes(&verdict), ["other-certificate"]);
        assert_eq!((verdict.verdict, verdict.coverage), (Word::Fail, Coverage::None));
    }
    let both = |one: Vec<u8>| with(desk.forge(), |all| all.push(attribute(ESS, &[&one])));
    assert!(desk.of(&both(ess(&desk.leaf, Hash::Sha1))).valid());
    assert_eq!(desk.codes(&both(ess(&another, Hash::Sha1))), ["other-certificate"]);
}

#[test]
fn digest_and_signature_algorithm_must_agree_and_be_known() {
    let desk = Desk::new();
    let null: &[u8] = &[5, 0];
    for (digest, algorithm, code) in [
        (seq(&[&oid(SHA256), null]), seq(&[&oid(ECDSA_SHA256), null]), "signed"),
        (seq(&[&oid(SHA256)]), seq(&[&oid("1.2.840.10045.4.3.3")]), "disagree"),
        (seq(&[&oid(SHA256)]), seq(&[&oid("1.2.840.113549.1.1.12")]), "disagree"),
        (seq(&[&oid(SHA256), &octets(b"x")]), seq(&[&oid(ECDSA_SHA256)]), "disagree"),
        (seq(&[&oid("2.16.840.1.101.3.4.2.3")]), seq(&[&oid("1.3.101.112")]), "disagree"),
        (seq(&[&oid(SHA256)]), seq(&[&oid("1.3.101.112")]), "disagree"),
        (seq(&[&oid("1.2.840.113549.2.5")]), seq(&[&oid(ECDSA_SHA256)]), "weak"),
        (seq(&[&oid("1.2.3.4")]), seq(&[&oid(ECDSA_SHA256)]), "algorithm"),
        (seq(&[&oid(SHA256)]), seq(&[&oid("1.2.840.10040.4.3")]), "algorithm"),
        (seq(&[&oid(SHA256)]), pss("2.16.840.1.101.3.4.2.2"), "disagree"),
        // A key of another kind.
        (seq(&[&oid(SHA256)]), pss(SHA256), "algorithm"),
        (seq(&[&oid(SHA256)]), seq(&[&oid("1.2.840.113549.1.1.11")]), "algorithm"),
    ] {
        let mut forge = desk.forge();
        (forge.digest, forge.algorithm) = (digest, algorithm);
        assert_eq!(desk.codes(&forge)[0], code);
        assert_eq!(desk.of(&forge).valid(), code == "signed");
    }
}

/// RSASSA-PSS with this hash, in the mask too (RFC 4055 section 3.1).
fn pss(hash: &str) -> Vec<u8> {
    let hash = seq(&[&oid(hash)]);
    let mask = seq(&[&oid("1.2.840.113549.1.1.8"), &hash]);
    let parameters = seq(&[&encoded(constructed(0), &hash), &encoded(constructed(1), &mask)]);
    seq(&[&oid("1.2.840.113549.1.1.10"), &parameters])
}

#[test]
fn a_signer_may_be_named_by_key_identifier() {
    let desk = Desk::new();
    let identifier =
        Parsed::read(&desk.leaf.certificate).unwrap().key_identifier().unwrap().to_vec();
    let mut forge = desk.forge();
    forge.id = encoded(0x80, &identifier);
    assert!(desk.of(&forge).valid());
    forge.id = encoded(0xa0, &octets(&identifier));
    assert!(desk.of(&forge).valid());
    forge.id = encoded(0x80, b"other");
    assert_eq!(desk.codes(&forge), ["no-certificate"]);
}

#[test]
fn what_cannot_be_read_beside_a_good_signature_hides_nothing() {
    let desk = Desk::new();
    let mut forge = desk.forge();
    // A counter-signature and a time-stamp of no sense.
    forge.unsigned = [
        attribute("1.2.840.113549.1.9.6", &[&seq(&[])]),
        attribute("1.2.840.113549.1.9.16.2.14", &[&octets(b"no token")]),
    ]
    .concat();
    let mut frame = Frame::new(&[&desk.leaf]);
    frame.certificates.splice(
        0..0,
        [
            seq(&[]),
            seq(&[&[INTEGER, 1, 9]]),
            // Attribute certificates of version 1 and 2, and another format.
            encoded(constructed(1), &seq(&[])),
            encoded(constructed(2), &seq(&[])),
            encoded(constructed(3), &oid("1.2.3")),
            desk.leaf.certificate.clone(),
            desk.leaf.certificate[..].iter().map(|byte| byte ^ u8::from(*byte == 0x0c)).collect(),
        ],
    );
    let ocsp = |format: &str| encoded(constructed(1), &[oid(format), seq(&[])].concat());
    frame.revocations =
        vec![seq(&[]), ocsp("1.3.6.1.5.5.7.16.2"), ocsp("1.2.3"), encoded(constructed(1), b"")];
    let verdict = desk.judged(&frame.with(&[forge.info(&desk.leaf)]));
    assert!(verdict.valid() && verdict.cades, "{verdict:?}");
    // Where the set ends in rubbish, what came before it counts.
    frame.certificates.push(vec![0x30, 0x84, 0xff, 0xff, 0xff, 0xff]);
    frame.revocations.push(vec![0xff]);
    assert!(desk.judged(&frame.with(&[forge.info(&desk.leaf)])).valid());
}

#[test]
fn a_detached_signature_with_content_of_its_own_is_refused() {
    let desk = Desk::new();
    let mut frame = Frame::new(&[&desk.leaf]);
    frame.inside = Some(octets(CONTENT));
    let signature = frame.with(&[desk.forge().info(&desk.leaf)]);
    let verdict = desk.judged(&signature);
    assert_eq!((codes(&verdict).as_slice(), verdict.verdict), (&["two-contents"][..], Word::Fail));
    let without = open_signature(&desk.forge().alone(&desk.leaf), None, &Anchors::new(), now());
    assert_eq!(codes(&without), ["no-content"]);
}

#[test]
fn all_signers_must_hold() {
    let desk = Desk::new();
    let second = desk.authority.leaf(KeyKind::P256, "k@praktijk.example");
    let frame = Frame::new(&[&desk.leaf, &second]);
    let (one, two) = (desk.forge().info(&desk.leaf), Forge::new(&second, CONTENT).info(&second));
    let both = desk.judged(&frame.with(&[one.clone(), two]));
    assert!(both.valid() && both.signers.len() == 2);
    let other = Forge::new(&second, b"other").info(&second);
    let mixed = desk.judged(&frame.with(&[one, other]));
    assert_eq!((mixed.verdict, mixed.coverage), (Word::Fail, Coverage::None));
    assert_eq!(mixed.signers.iter().map(|s| s.intact).collect::<Vec<_>>(), [true, false]);
    // Somebody else's key under this name.
    let mut forge = desk.forge();
    forge.id = Forge::new(&second, CONTENT).id;
    assert_eq!(codes(&desk.judged(&frame.with(&[forge.info(&desk.leaf)]))), ["signature"]);
}

#[test]
fn nobody_signed_where_there_are_only_certificates() {
    let desk = Desk::new();
    let frame = Frame::new(&[&desk.leaf]);
    let verdict = open_signature(&frame.with(&[]), None, &desk.authority.anchors, now());
    assert_eq!(
        (codes(&verdict).as_slice(), verdict.verdict),
        (&["certificates-only"][..], Word::None)
    );
    let verdict = desk.judged(&frame.with(&[]));
    assert_eq!((verdict.verdict, verdict.coverage), (Word::None, Coverage::None));
}

#[test]
fn a_heap_of_signers_is_refused_and_a_heap_of_certificates_is_looked_through() {
    let desk = Desk::new();
    let info = desk.forge().info(&desk.leaf);
    let crowd = desk.judged(&Frame::new(&[&desk.leaf]).with(&vec![info.clone(); 1_000]));
    assert_eq!((codes(&crowd).as_slice(), crowd.verdict), (&["too-much"][..], Word::PermError));
    assert!(crowd.signers.is_empty(), "none was judged");
    let mut frame = Frame::new(&[&desk.leaf]);
    let other = desk.authority.leaf(KeyKind::P256, JAN).certificate;
    for number in 0_u16..1_000 {
        let mut changed = other.clone();
        let end = changed.len() - 2;
        changed[end..].copy_from_slice(&number.to_be_bytes());
        frame.certificates.insert(0, changed);
    }
    // The signer's own comes after a thousand others: beyond the bound it is not found.
    assert_eq!(codes(&desk.judged(&frame.with(std::slice::from_ref(&info)))), ["no-certificate"]);
    frame.certificates.remove(0);
    let heap = frame.with(&[info]);
    assert!(desk.judged(&heap).valid());
    let steps = crate::ber::Steps::new();
    drop(crate::open::Received::read(&heap, &steps));
    assert!(steps.taken() < 1_200, "each certificate is one step: {}", steps.taken());
}

#[test]
fn what_is_no_signature_cannot_be_read() {
    let desk = Desk::new();
    let good = desk.forge().alone(&desk.leaf);
    let mut version = good.clone();
    let at = memchr::memmem::find(&version, &[INTEGER, 1, 1]).unwrap();
    version[at + 2] = 9;
    let deep = [0x30, 0x80].repeat(1_000);
    for (bytes, code) in [
        (vec![], "unreadable"),
        (b"x".to_vec(), "unreadable"),
        (good[..good.len() - 1].to_vec(), "unreadable"),
        ([good.as_slice(), b"\0"].concat(), "unreadable"),
        (version, "unreadable"),
        (deep, "too-much"),
        (seq(&[&oid("1.2.840.113549.1.7.3"), &encoded(constructed(0), &seq(&[]))]), "unreadable"),
    ] {
        assert_eq!(codes(&desk.judged(&bytes)), [code], "{bytes:x?}");
    }
}

#[test]
fn an_anchor_must_vouch_for_the_signer_now_and_for_mail() {
    let desk = Desk::new();
    let signature = desk.forge().alone(&desk.leaf);
    let at = |anchors: &Anchors, at| {
        let verdict = open_signature(&signature, Some(CONTENT), anchors, at);
        (codes(&verdict)[0], verdict.verdict)
    };
    let own = &desk.authority.anchors;
    assert_eq!(at(&Anchors::new(), now()), ("no-path", Word::Policy));
    assert_eq!(at(&Authority::new().anchors, now()), ("bad-path", Word::Fail), "of the same name");
    assert_eq!(at(own, later()), ("no-path", Word::Policy));
    let before = "2020-01-01T00:00:00Z".parse().unwrap();
    assert_eq!(at(own, before), ("not-yet-valid", Word::TempError));
    let server = desk.authority.leaf_with(KeyKind::P256, |params| {
        params.extended_key_usages = vec![rcgen::ExtendedKeyUsagePurpose::ServerAuth];
    });
    let verdict = desk.judged(&Forge::new(&server, CONTENT).alone(&server));
    assert_eq!((codes(&verdict)[0], verdict.verdict), ("no-path", Word::Policy));
    assert!(verdict.signers[0].intact && verdict.coverage == Coverage::Whole && !verdict.valid());
}

#[test]
fn revocation_lists_in_the_message_are_heard() {
    let desk = Desk::new();
    let parsed = Parsed::read(&desk.leaf.certificate).unwrap();
    let serial = parsed.issuer_and_number().1;
    let judged = |list: Vec<u8>| {
        let mut frame = Frame::new(&[&desk.leaf]);
        frame.revocations = vec![list];
        desk.judged(&frame.with(&[desk.forge().info(&desk.leaf)]))
    };
    let good = judged(desk.authority.list(&[b"\x01"]));
    assert_eq!(
        (codes(&good).as_slice(), good.signers[0].revocation),
        (&["signed"][..], Known::Good)
    );
    let told = good.signers[0].revocation_told.unwrap();
    assert_eq!((told.by, told.at <= now(), told.until > Some(now())), (Teller::List, true, true));
    let revoked = judged(desk.authority.list(&[serial]));
    assert_eq!(revoked.signers[0].revocation_told, None);
    assert_eq!((codes(&revoked)[0], revoked.verdict), ("revoked", Word::Fail));
    assert_eq!(revoked.signers[0].revocation, Known::Revoked);
    // Nobody believes a stranger's list.
    assert!(judged(Authority::new().list(&[serial])).valid());
}

#[test]
fn a_time_of_signing_that_cannot_be_is_no_pass() {
    let desk = Desk::new();
    for (time, good) in [("300101000000Z", false), ("990101000000Z", false)] {
        let forge = with(desk.forge(), |all| all[1] = attribute(SIGNING_TIME, &[&utc(time)]));
        let verdict = desk.of(&forge);
        assert_eq!(verdict.valid(), good, "{time}");
        assert!(codes(&verdict).contains(&"signing-time"));
    }
}

#[test]
fn every_changed_byte_of_an_own_signature_is_refused() {
    let desk = Desk::new();
    let good = sign_detached(CONTENT, &desk.leaf.key(), now()).unwrap();
    assert!(desk.judged(&good).valid());
    for at in 0..good.len() {
        // 0x20 is the case of a letter, which makes no other issuer (RFC 5280 section 7.1).
        for bit in [1, 0x40, 0x80] {
            let mut changed = good.clone();
            changed[at] ^= bit;
            assert!(!desk.judged(&changed).valid(), "byte {at} of the signature");
        }
    }
    for at in 0..CONTENT.len() {
        let mut changed = CONTENT.to_vec();
        changed[at] ^= 1;
        let verdict = open_signature(&good, Some(&changed), &desk.authority.anchors, now());
        assert_eq!(codes(&verdict), ["changed"], "byte {at} of the content");
    }
}

#[test]
fn pem_and_binary_files_are_told_from_mail() {
    use base64::Engine as _;
    let desk = Desk::new();
    let der = desk.forge().alone(&desk.leaf);
    let text = base64::engine::general_purpose::STANDARD.encode(&der);
    for label in ["CMS", "PKCS7"] {
        let pem = format!("-----BEGIN {label}-----\n{text}\n-----END {label}-----\n");
        assert!(is_signature(pem.as_bytes()) && desk.judged(pem.as_bytes()).valid());
    }
    assert!(is_signature(&der) && is_signature(&in_ber(&der, 2)));
    for mail in [&b"From: a@b.example\r\n\r\n"[..], b"0: x\r\n\r\n", b""] {
        assert!(!is_signature(mail));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]
    #[test]
    fn any_damage_ends_in_a_verdict_and_never_in_another_content(
        at in any::<prop::sample::Index>(), byte in any::<u8>(), cut in any::<prop::sample::Index>(),
    ) {
        thread_local! {
            static DESK: Desk = Desk::new();
        }
        DESK.with(|desk| {
            let mut bytes = desk.forge().alone(&desk.leaf);
            let at = at.index(bytes.len());
            bytes[at] = byte;
            let damaged = open_signature(&bytes, Some(b"other"), &desk.authority.anchors, now());
            assert!(!damaged.valid() && !damaged.reasons.is_empty());
            bytes.truncate(cut.index(bytes.len()));
            assert!(!desk.judged(&bytes).valid());
        });
    }
}
