use super::*;
use crate::{
    Algorithm, CadesError, Chain, Keeper, Refusal, Signer, check, describe, sign, sign_detached,
};

const MESSAGE: &[u8] = b"From: a@praktijk.example\r\nX-NTA7516: forged\r\nSubject: s\r\n\
    x-nta7516: twice\r\nMIME-Version: 1.0\r\nContent-Type: text/plain\r\n\r\nhello\r\n";

#[test]
fn the_mark_is_ours_and_mime_version_stands_once() {
    let identity = identity(KeyKind::P256);
    let signed = signed(MESSAGE, &key(&identity));
    let marks: Vec<String> = signed
        .fields()
        .filter(|field| field.is("x-nta7516"))
        .map(|field| field.unfolded())
        .collect();
    assert_eq!(marks, ["praktijk.example"]);
    assert_eq!(signed.fields().filter(|f| f.is("mime-version")).count(), 1);
    assert_eq!(signed.fields().filter(|f| f.is("content-type")).count(), 1);

    let message = Message::new(MESSAGE.to_vec());
    let unmarked = sign(&message, None, &key(&identity), now(), [9; 16]).unwrap();
    assert!(Message::new(unmarked).field("x-nta7516").is_none());
}

#[test]
fn refuses_a_mark_that_could_begin_another_field() {
    let identity = identity(KeyKind::P256);
    let message = Message::new(MESSAGE.to_vec());
    for mark in ["", " ", "a\r\nBcc: b", "a\nb", "caf\u{e9}", &"a".repeat(501)] {
        let refused = sign(&message, Some(mark), &key(&identity), now(), [0; 16]);
        assert_eq!(refused, Err(CadesError::Mark), "{mark:?}");
    }
}

#[test]
fn check_names_the_signer_and_covers_the_first_part() {
    let identity = identity(KeyKind::P384);
    let signed = signed(MESSAGE, &key(&identity));
    let checked = check(&signed).unwrap();
    assert_eq!(&signed.bytes()[checked.covered], b"Content-Type: text/plain\r\n\r\nhello\r\n");
    assert_eq!(checked.signer, describe(&identity.chain[0]).unwrap());
    assert_eq!(checked.signer.addresses, ["j.devries@praktijk.example"]);
    assert_eq!(checked.signer.key, "ECDSA P-384");
    assert!(checked.signer.self_signed);
    assert!(checked.signer.subject.contains("proefidentiteit"));
    assert_eq!(checked.algorithm, crate::Algorithm::EcdsaP384Sha384);
    assert!(now().duration_since(checked.signing_time).as_secs() < 600);
}

#[test]
fn any_changed_byte_of_content_or_signature_is_refused() {
    let identity = identity(KeyKind::P256);
    let signed = signed(MESSAGE, &key(&identity));
    let covered = check(&signed).unwrap().covered;
    for at in covered {
        let mut bytes = signed.bytes().to_vec();
        bytes[at] ^= 1;
        assert!(check(&Message::new(bytes)).is_err(), "byte {at} of the content");
    }

    // Bytes, not their base64: the last character before `=` has bits that stand for nothing.
    let start = memchr::memmem::find(signed.bytes(), b"smime.p7s\"\r\n\r\n").unwrap() + 14;
    let end = memchr::memmem::rfind(signed.bytes(), b"\r\n--").unwrap();
    let (before, after) = (&signed.bytes()[..start], &signed.bytes()[end..]);
    let der = mail::mime::tree_of(signed.bytes(), mail::mime::Limits::default()).root.children[1]
        .decoded(signed.bytes())
        .bytes;
    let with = |der: &[u8]| {
        let mut bytes = before.to_vec();
        crate::encode::base64(der, &mut bytes);
        Message::new([bytes.strip_suffix(b"\r\n").unwrap(), after].concat())
    };
    assert_eq!(with(&der).bytes(), signed.bytes());
    for at in 0..der.len() {
        let mut changed = der.to_vec();
        changed[at] ^= 1;
        assert!(check(&with(&changed)).is_err(), "byte {at} of the signature");
    }
}

#[test]
fn a_third_part_a_preamble_and_an_epilogue_are_refused() {
    let identity = identity(KeyKind::P256);
    let signed = signed(MESSAGE, &key(&identity));
    let text = core::str::from_utf8(signed.bytes()).unwrap();
    let boundary = text.split("boundary=\"").nth(1).unwrap();
    let boundary = boundary.split('"').next().unwrap();
    let closing = format!("--{boundary}--\r\n");
    let opening = format!("\r\n--{boundary}\r\n");
    let part = format!("--{boundary}\r\n\r\nthird\r\n{closing}");
    let shapes = [
        text.replace(&closing, &part),
        text.replacen(&opening, &format!("\r\nread this{opening}"), 1),
        format!("{text}read this"),
        text.replace(&closing, ""),
        text.replace("Subject: s\r\n", "Subject: s\r\nContent-Type: text/html\r\n"),
    ];
    for shape in shapes {
        assert_ne!(shape, text);
        assert!(check(&Message::new(shape.into_bytes())).is_err());
    }
    let unsigned = check(&Message::new(MESSAGE.to_vec()));
    assert_eq!(unsigned, Err(Refusal::NotSigned));
}

#[test]
fn an_identity_signs_only_while_it_is_valid() {
    let identity = identity(KeyKind::P256);
    let summary = describe(&identity.chain[0]).unwrap();
    let key = key(&identity);
    let second = jiff::SignedDuration::from_secs(1);
    let (from, at) = (summary.not_before, summary.not_after);
    assert!(sign_detached(b"x", &key, from).is_ok());
    assert!(sign_detached(b"x", &key, at).is_ok());
    let early = sign_detached(b"x", &key, from - second);
    assert_eq!(early, Err(CadesError::NotYetValid { from }));
    let late = sign_detached(b"x", &key, at + second);
    assert_eq!(late, Err(CadesError::Expired { at }));
}

#[test]
fn a_key_and_a_certificate_that_do_not_belong_together_are_refused() {
    let (one, other) = (identity(KeyKind::P256), identity(KeyKind::P256));
    let refused = |pkcs8: &[u8], chain: Vec<Vec<u8>>| SoftwareKey::new(pkcs8, chain).unwrap_err();
    assert_eq!(refused(&one.pkcs8, other.chain), CadesError::KeyMismatch);
    assert_eq!(refused(&one.pkcs8, vec![]), CadesError::NoCertificate);
    assert_eq!(refused(b"no key", one.chain.clone()), CadesError::Key);
    let chain = vec![one.chain[0].clone(), b"0".to_vec()];
    assert_eq!(refused(&one.pkcs8, chain), CadesError::Certificate { place: 1 });
}

/// A card whose driver gives something for a signature.
struct Card(SoftwareKey, fn(Vec<u8>) -> Vec<u8>);

impl Signer for Card {
    fn chain(&self) -> &Chain {
        self.0.chain()
    }

    fn algorithm(&self) -> Algorithm {
        self.0.algorithm()
    }

    fn sign(&self, tbs: &[u8]) -> Result<Vec<u8>, CadesError> {
        self.0.sign(tbs).map(self.1)
    }
}

#[test]
fn what_a_card_gives_is_checked_before_it_goes_out() {
    let message = Message::new(MESSAGE.to_vec());
    let identity = identity(KeyKind::Rsa3072);
    let spoilt = |mut signature: Vec<u8>| {
        signature[100] ^= 1;
        signature
    };
    for (spoil, refusal) in [
        ((|signature| signature) as fn(Vec<u8>) -> Vec<u8>, None),
        (spoilt, Some(Refusal::Signature)),
        (|_| Vec::new(), Some(Refusal::Signature)),
    ] {
        let card = Card(key(&identity), spoil);
        let signed = sign(&message, None, &card, now(), [9; 16]);
        assert_eq!(signed.err(), refusal.map(CadesError::SelfCheck));
    }
    assert_eq!(key(&identity).keeper(), Keeper::Memory);
}

#[test]
fn a_root_in_the_chain_stays_out_of_the_signature() {
    let (one, root) = (identity(KeyKind::P256), identity(KeyKind::P256));
    let chain = vec![one.chain[0].clone(), root.chain[0].clone(), one.chain[0].clone()];
    let key = SoftwareKey::new(&one.pkcs8, chain).unwrap();
    assert_eq!(key.chain().certificates().len(), 3);
    let der = sign_detached(b"x", &key, now()).unwrap();
    assert!(memchr::memmem::find(&der, &root.chain[0]).is_none());
    assert_eq!(memchr::memmem::find_iter(&der, &one.chain[0]).count(), 1);
}

#[test]
fn what_cannot_stand_in_a_certificate_is_refused() {
    let address = Address::parse("j@praktijk.example").unwrap();
    let make = |address: &Address, name: &str, years| {
        create_identity(KeyKind::P256, address, name, now(), years).unwrap_err()
    };
    assert_eq!(make(&address, " ", 1), CadesError::Name);
    assert_eq!(make(&address, "a\nb", 1), CadesError::Name);
    assert_eq!(make(&address, &"a".repeat(65), 1), CadesError::Name);
    assert_eq!(make(&address, "a", 0), CadesError::Validity);
    assert_eq!(make(&address, "a", 11), CadesError::Validity);
    let international = Address::parse("jörg@praktijk.example").unwrap();
    assert_eq!(make(&international, "a", 1), CadesError::Address);
}

#[test]
fn nothing_secret_is_shown() {
    let identity = identity(KeyKind::P256);
    let shown = format!("{identity:?} {:?}", key(&identity));
    assert_eq!(shown, "NewIdentity { certificates: 1, .. } SoftwareKey(EcdsaP256Sha256)");
}
