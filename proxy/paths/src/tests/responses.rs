use super::*;
use crate::certificate::Certificate;

/// What a response says, and how it is made.
struct Saying<'a> {
    status: Vec<u8>,
    this_update: &'a str,
    next_update: Option<&'a str>,
    delegate: Option<&'a Party>,
    /// singleExtensions, as they stand.
    extensions: Vec<u8>,
}

impl Default for Saying<'_> {
    fn default() -> Self {
        Self {
            status: vec![0x80, 0],
            this_update: "20260501000000Z",
            next_update: Some("20260701000000Z"),
            delegate: None,
            extensions: Vec::new(),
        }
    }
}

/// An OCSPResponse by this issuer about that certificate.
fn response(issuer: &Party, leaf: &Party, saying: Saying<'_>) -> Vec<u8> {
    let (about, by) =
        (Certificate::read(&leaf.der).unwrap(), Certificate::read(&issuer.der).unwrap());
    let hash = |bytes: &[u8]| {
        let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA1_FOR_LEGACY_USE_ONLY, bytes);
        tlv(0x04, &[digest.as_ref()])
    };
    let sha1 = tlv(0x30, &[&[6, 5, 0x2b, 14, 3, 2, 26], &[5, 0]]);
    let id = [sha1, hash(about.issuer), hash(by.key.bytes), tlv(0x02, &[about.serial])].concat();
    let next = saying.next_update.map(|time| tlv(0xa0, &[&tlv(0x18, &[time.as_bytes()])]));
    let single = tlv(
        0x30,
        &[
            &tlv(0x30, &[&id]),
            &saying.status,
            &tlv(0x18, &[saying.this_update.as_bytes()]),
            &next.unwrap_or_default(),
            &saying.extensions,
        ],
    );
    let signer = saying.delegate.unwrap_or(issuer);
    let name = Certificate::read(&signer.der).unwrap().subject;
    let data = tlv(
        0x30,
        &[
            &tlv(0xa1, &[name]),
            &tlv(0x18, &[saying.this_update.as_bytes()]),
            &tlv(0x30, &[&single]),
        ],
    );
    let ecdsa = tlv(0x30, &[&[6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2]]);
    let signature = tlv(0x03, &[&[0], &signer.sign(&data)]);
    let enclosed = saying.delegate.map(|party| tlv(0xa0, &[&tlv(0x30, &[&party.der])]));
    let basic = tlv(0x30, &[&data, &ecdsa, &signature, &enclosed.unwrap_or_default()]);
    let kind = [6, 9, 0x2b, 6, 1, 5, 5, 7, 0x30, 1, 1];
    let bytes = tlv(0x30, &[&kind, &tlv(0x04, &[&basic])]);
    tlv(0x30, &[&[0x0a, 1, 0], &tlv(0xa0, &[&bytes])])
}

fn told(root: &Party, leaf: &Party, response: &[u8]) -> Revocation {
    let mut asked = question(leaf, &[]);
    asked.ocsp = vec![response];
    found(judge(&anchors(&[root]), &asked)).revocation
}

fn doubt(revocation: Revocation) -> Doubt {
    match revocation {
        Revocation::Unknown { doubt, .. } => doubt,
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_issuer_itself_says_good_revoked_or_that_it_does_not_know() {
    let root = Party::root("Root");
    let jan = root.signer("jan@praktijk.example");
    let good = response(&root, &jan, Saying::default());
    assert_eq!(told(&root, &jan, &good), Revocation::Good);
    let when = tlv(0x18, &[b"20260510120000Z"]);
    let status = tlv(0xa1, &[&when, &tlv(0xa0, &[&[0x0a, 1, 4]])]);
    let revoked = response(&root, &jan, Saying { status, ..Saying::default() });
    let Revocation::Revoked { place: 0, when, reason: RevocationReason::Superseded, .. } =
        told(&root, &jan, &revoked)
    else {
        panic!("not revoked")
    };
    assert_eq!(when, "2026-05-10T12:00:00Z".parse().unwrap());
    // Whoever says good may not have heard of it.
    let mut asked = question(&jan, &[]);
    asked.ocsp = vec![&good, &revoked];
    let path = found(judge(&anchors(&[&root]), &asked));
    assert!(matches!(path.revocation, Revocation::Revoked { .. }));
    let unknown = response(&root, &jan, Saying { status: vec![0x82, 0], ..Saying::default() });
    assert_eq!(doubt(told(&root, &jan, &unknown)), Doubt::NotKnownThere);
}

#[test]
fn the_inner_response_alone_is_read_too() {
    let root = Party::root("Root");
    let jan = root.signer("jan@praktijk.example");
    let whole = response(&root, &jan, Saying::default());
    let wrapped = der::whole(&whole, der::SEQUENCE).unwrap();
    let mut inside = wrapped.inside();
    inside.any().unwrap();
    let bytes = der::whole(inside.any().unwrap().content, der::SEQUENCE).unwrap();
    let mut inside = bytes.inside();
    inside.any().unwrap();
    assert_eq!(told(&root, &jan, inside.any().unwrap().content), Revocation::Good);
}

#[test]
fn a_response_speaks_of_one_certificate_for_a_time() {
    let root = Party::root("Root");
    let (jan, piet) = (root.signer("jan@praktijk.example"), root.signer("piet@praktijk.example"));
    let about_piet = response(&root, &piet, Saying::default());
    assert_eq!(doubt(told(&root, &jan, &about_piet)), Doubt::Nothing);
    let old = Saying { next_update: Some("20260515000000Z"), ..Saying::default() };
    let until = "2026-05-15T00:00:00Z".parse().unwrap();
    assert_eq!(doubt(told(&root, &jan, &response(&root, &jan, old))), Doubt::Stale { until });
    // Without an end, a day.
    for (this_update, fresh) in [("20260531130000Z", true), ("20260531110000Z", false)] {
        let saying = Saying { this_update, next_update: None, ..Saying::default() };
        let good = told(&root, &jan, &response(&root, &jan, saying)) == Revocation::Good;
        assert_eq!(good, fresh, "{this_update}");
    }
}

#[test]
fn only_whom_the_issuer_certified_for_it_speaks_in_its_place() {
    let root = Party::root("Root");
    let jan = root.signer("jan@praktijk.example");
    let mut params = params("Responder");
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::OcspSigning];
    let say = |delegate: &Party| {
        let saying = Saying { delegate: Some(delegate), ..Saying::default() };
        told(&root, &jan, &response(&root, &jan, saying))
    };
    assert_eq!(say(&root.issue(params.clone())), Revocation::Good);
    let mut plain = params.clone();
    plain.extended_key_usages = vec![ExtendedKeyUsagePurpose::EmailProtection];
    assert_eq!(doubt(say(&root.issue(plain))), Doubt::Signer);
    let mut open = params.clone();
    open.extended_key_usages.clear();
    assert_eq!(doubt(say(&root.issue(open))), Doubt::Signer);
    let mut old = params.clone();
    old.not_after = date_time_ymd(2026, 5, 20);
    assert_eq!(doubt(say(&root.issue(old))), Doubt::Signer);
    assert_eq!(doubt(say(&Party::root("Root").issue(params))), Doubt::Signer);
}

#[test]
fn a_response_that_was_changed_says_nothing() {
    let root = Party::root("Root");
    let jan = root.signer("jan@praktijk.example");
    let mut changed = response(&root, &jan, Saying { status: vec![0x82, 0], ..Saying::default() });
    // With the thisUpdate behind it: two bytes alone may be part of a hash before it.
    let status: [u8; 4] = [0x82, 0, 0x18, 15];
    let place = changed.windows(status.len()).position(|bytes| bytes == status).unwrap();
    changed[place] = 0x80;
    assert_eq!(doubt(told(&root, &jan, &changed)), Doubt::Signature);
}

#[test]
fn of_several_responses_the_gravest_word_counts_in_any_order() {
    let root = Party::root("Root");
    let jan = root.signer("jan@praktijk.example");
    let revoked = |reason: u8| {
        let when = tlv(0x18, &[b"20260510120000Z"]);
        let status = tlv(0xa1, &[&when, &tlv(0xa0, &[&[0x0a, 1, reason]])]);
        response(&root, &jan, Saying { status, ..Saying::default() })
    };
    let (mild, grave) = (revoked(4), revoked(1));
    for responses in [[&mild, &grave], [&grave, &mild]] {
        let mut asked = question(&jan, &[]);
        asked.ocsp = responses.map(Vec::as_slice).to_vec();
        match found(judge(&anchors(&[&root]), &asked)).revocation {
            Revocation::Revoked { reason, .. } => {
                assert_eq!(reason, RevocationReason::KeyCompromise);
            }
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn a_response_may_say_since_when_a_certificate_is_invalid() {
    let root = Party::root("Root");
    let jan = root.signer("jan@praktijk.example");
    let say = |invalidity: &[u8]| {
        let when = tlv(0x18, &[b"20260510120000Z"]);
        let status = tlv(0xa1, &[&when, &tlv(0xa0, &[&[0x0a, 1, 5]])]);
        let value = tlv(0x04, &[&tlv(0x18, &[invalidity])]);
        let one = tlv(0x30, &[&[6, 3, 0x55, 0x1d, 24], &[1, 1, 0xff], &value]);
        let extensions = tlv(0xa1, &[&tlv(0x30, &[&one])]);
        let saying = Saying { status, extensions, ..Saying::default() };
        match told(&root, &jan, &response(&root, &jan, saying)) {
            Revocation::Revoked { when, reason, .. } => (when.to_string(), reason),
            other => panic!("{other:?}"),
        }
    };
    let (revoked_at, ceased) =
        ("2026-05-10T12:00:00Z".to_owned(), RevocationReason::CessationOfOperation);
    assert_eq!(say(b"20260301000000Z"), ("2026-03-01T00:00:00Z".to_owned(), ceased));
    assert_eq!(say(b"20260601000000Z"), (revoked_at.clone(), ceased));
    assert_eq!(say(b"20269901000000Z"), (revoked_at, RevocationReason::Unspecified));
}
