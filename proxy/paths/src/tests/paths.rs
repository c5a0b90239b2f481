use rcgen::{CidrSubnet, GeneralSubtree, NameConstraints};

use super::*;
use crate::judge::weigh;
use crate::search::{CHECKS_MOST, Search, TRIED_MOST};

#[test]
fn finds_the_path_over_an_issuer_that_came_with_the_message() {
    let root = Party::root("Root");
    let issuer = root.issuer("Issuer");
    let jan = issuer.signer("jan@praktijk.example");
    let mut anchors = Anchors::new();
    anchors.add_der(Some("De wortel"), &root.der).unwrap();
    let path = found(judge(&anchors, &question(&jan, &[&issuer])));
    assert_eq!(path.anchor, "De wortel");
    let ders: Vec<_> = path.links.iter().map(|link| link.der.as_slice()).collect();
    assert_eq!(ders, [&jan.der[..], &issuer.der, &root.der], "the bytes are those that came");
    assert_eq!(path.links[0].issuer, "CN=Issuer");
    let Revocation::Unknown { place: 0, doubt: Doubt::Nothing, .. } = path.revocation else {
        panic!("{:?}", path.revocation)
    };
}

#[test]
fn names_the_issuer_that_is_missing() {
    let root = Party::root("Root");
    let issuer = root.issuer("Issuer");
    let jan = issuer.signer("jan@praktijk.example");
    let missing = Reason::NoIssuer { issuer: "CN=Issuer".to_owned() };
    assert_eq!(refused(judge(&anchors(&[&root]), &question(&jan, &[]))), (missing, 0));
    // With all certificates there, what is missing is trust in the root.
    let untrusted = Reason::NoIssuer { issuer: "CN=Root".to_owned() };
    let answer = judge(&Anchors::new(), &question(&jan, &[&issuer, &root]));
    assert_eq!(refused(answer), (untrusted, 1));
}

#[test]
fn a_certificate_that_signed_itself_is_trusted_only_as_an_anchor() {
    let key = KeyPair::generate().unwrap();
    let params = signer_params("jan@praktijk.example");
    let der = params.self_signed(&key).unwrap().der().to_vec();
    let jan = Party { params, key, der };
    assert_eq!(refused(judge(&Anchors::new(), &question(&jan, &[]))), (Reason::SelfSigned, 0));
    let path = found(judge(&anchors(&[&jan]), &question(&jan, &[])));
    assert_eq!(path.links.len(), 1);
    assert!(matches!(path.revocation, Revocation::Unknown { doubt: Doubt::Anchor, .. }));
    // It vouches for nobody else.
    let piet = jan.signer("piet@praktijk.example");
    assert_eq!(refused(judge(&anchors(&[&jan]), &question(&piet, &[]))), (Reason::NotCa, 1));
}

#[test]
fn another_key_of_the_issuers_name_does_not_vouch() {
    let (root, false_root) = (Party::root("Root"), Party::root("Root"));
    let jan = false_root.signer("jan@praktijk.example");
    assert_eq!(refused(judge(&anchors(&[&root]), &question(&jan, &[]))), (Reason::Signature, 0));
}

#[test]
fn says_which_certificate_has_expired_or_is_not_valid_yet() {
    let root = Party::root("Root");
    let mut old = issuer_params("Old issuer");
    old.not_after = date_time_ymd(2026, 1, 1);
    let old = root.issue(old);
    let jan = old.signer("jan@praktijk.example");
    let expired = Reason::Expired { at: "2026-01-01T00:00:00Z".parse().unwrap() };
    let mut asked = question(&jan, &[&old]);
    assert_eq!(refused(judge(&anchors(&[&root]), &asked)), (expired, 1));
    asked.at = "2025-12-31T00:00:00Z".parse().unwrap();
    found(judge(&anchors(&[&root]), &asked));
    asked.at = "2024-12-31T00:00:00Z".parse().unwrap();
    let early = Reason::NotYetValid { from: "2025-01-01T00:00:00Z".parse().unwrap() };
    assert_eq!(refused(judge(&anchors(&[&root]), &asked)), (early, 2), "the root is judged too");
}

#[test]
fn a_certificate_for_servers_or_for_encryption_signs_no_mail() {
    let root = Party::root("Root");
    let trusted = anchors(&[&root]);
    let mut server = signer_params("jan@praktijk.example");
    server.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    let server = root.issue(server);
    assert_eq!(refused(judge(&trusted, &question(&server, &[]))), (Reason::ExtendedKeyUsage, 0));
    let mut cipher = signer_params("jan@praktijk.example");
    cipher.key_usages = vec![KeyUsagePurpose::KeyEncipherment];
    let cipher = root.issue(cipher);
    assert_eq!(refused(judge(&trusted, &question(&cipher, &[]))), (Reason::KeyUsage, 0));
    let mut any = question(&cipher, &[]);
    any.purpose = Purpose::Any;
    found(judge(&trusted, &any));
    for usage in [vec![], vec![ExtendedKeyUsagePurpose::Any]] {
        let mut open = signer_params("jan@praktijk.example");
        open.extended_key_usages = usage;
        open.key_usages = vec![KeyUsagePurpose::ContentCommitment];
        found(judge(&trusted, &question(&root.issue(open), &[])));
    }
}

#[test]
fn an_issuer_for_servers_vouches_for_no_mail() {
    let root = Party::root("Root");
    let mut params = issuer_params("Servers");
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    let servers = root.issue(params);
    let jan = servers.signer("jan@praktijk.example");
    let answer = judge(&anchors(&[&root]), &question(&jan, &[&servers]));
    assert_eq!(refused(answer), (Reason::ExtendedKeyUsage, 1));
}

#[test]
fn who_is_no_issuer_cannot_issue() {
    let root = Party::root("Root");
    let jan = root.signer("jan@praktijk.example");
    let piet = jan.signer("piet@praktijk.example");
    let answer = judge(&anchors(&[&root]), &question(&piet, &[&jan]));
    assert_eq!(refused(answer), (Reason::NotCa, 1));
    let mut params = issuer_params("Lists only");
    params.key_usages = vec![KeyUsagePurpose::CrlSign];
    let lists = root.issue(params);
    let kees = lists.signer("kees@praktijk.example");
    let answer = judge(&anchors(&[&root]), &question(&kees, &[&lists]));
    assert_eq!(refused(answer), (Reason::NoCertSign, 1));
    let mut params = issuer_params("Leaves only");
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    let leaves = root.issue(params);
    let below = leaves.issuer("Below");
    let klaas = below.signer("klaas@praktijk.example");
    let answer = judge(&anchors(&[&root]), &question(&klaas, &[&leaves, &below]));
    assert_eq!(refused(answer).0, Reason::PathLength);
}

#[test]
fn goes_over_a_cross_certificate_to_the_root_that_is_trusted() {
    let (ours, theirs) = (Party::root("Ours"), Party::root("Theirs"));
    let issuer = theirs.issuer("Issuer");
    let jan = issuer.signer("jan@praktijk.example");
    // Our root certified the key of theirs, and theirs certified ours: a ring.
    let key = |party: &Party| KeyPair::try_from(party.key.serialize_der()).unwrap();
    let cross = ours.issue_for(theirs.params.clone(), key(&theirs));
    let back = theirs.issue_for(ours.params.clone(), key(&ours));
    let path =
        found(judge(&anchors(&[&ours]), &question(&jan, &[&theirs, &back, &cross, &issuer])));
    assert_eq!(path.anchor, "Ours");
    assert_eq!(path.links.len(), 4);
    // Without a trusted root the ring comes to an end too.
    refused(judge(&Anchors::new(), &question(&jan, &[&theirs, &back, &cross, &issuer])));
}

#[test]
fn a_mail_address_outside_of_what_the_issuer_may_name_is_refused_wherever_it_stands() {
    let root = Party::root("Root");
    let mut params = issuer_params("Practice");
    params.name_constraints = Some(NameConstraints {
        permitted_subtrees: vec![GeneralSubtree::Rfc822Name("praktijk.example".to_owned())],
        excluded_subtrees: vec![GeneralSubtree::Rfc822Name("Baas@praktijk.example".to_owned())],
    });
    let practice = root.issue(params);
    let trusted = anchors(&[&root]);
    let asked = |params| judge(&trusted, &question(&practice.issue(params), &[&practice]));
    found(asked(signer_params("jan@praktijk.example")));
    found(asked(signer_params("jan@PRAKTIJK.example")));
    for outside in ["jan@elders.example", "jan@sub.praktijk.example", "baas@praktijk.example"] {
        let refusal = Reason::NameConstraints { name: outside.to_owned() };
        assert_eq!(refused(asked(signer_params(outside))), (refusal, 0));
    }
    // In the form of RFC 9598, for addresses beyond US-ASCII.
    let mut wide = signer_params("jan@praktijk.example");
    let value = rcgen::OtherNameValue::Utf8String("j\u{e4}n@elders.example".to_owned());
    let mailbox = vec![1, 3, 6, 1, 5, 5, 7, 8, 9];
    wide.subject_alt_names.push(SanType::OtherName((mailbox, value)));
    let refusal = Reason::NameConstraints { name: "j\u{e4}n@elders.example".to_owned() };
    assert_eq!(refused(asked(wide)), (refusal, 0));
    // In the subject, beside an alternative name that is allowed.
    let mut both = signer_params("jan@praktijk.example");
    let email = DnType::CustomDnType(vec![1, 2, 840, 113_549, 1, 9, 1]);
    both.distinguished_name.push(email, "jan@elders.example");
    let refusal = Reason::NameConstraints { name: "jan@elders.example".to_owned() };
    assert_eq!(refused(asked(both)), (refusal, 0));
}

#[test]
fn addresses_of_machines_are_held_to_their_network() {
    let root = Party::root("Root");
    let mut params = issuer_params("Network");
    params.name_constraints = Some(NameConstraints {
        permitted_subtrees: vec![GeneralSubtree::IpAddress(CidrSubnet::from_v4_prefix(
            [192, 0, 2, 0],
            24,
        ))],
        excluded_subtrees: Vec::new(),
    });
    let network = root.issue(params);
    let asked = |address: [u8; 4]| {
        let mut params = signer_params("jan@praktijk.example");
        params.subject_alt_names.push(SanType::IpAddress(address.into()));
        judge(&anchors(&[&root]), &question(&network.issue(params), &[&network]))
    };
    found(asked([192, 0, 2, 9]));
    let refusal = Reason::NameConstraints { name: "192.0.3.9".to_owned() };
    assert_eq!(refused(asked([192, 0, 3, 9])), (refusal, 0));
}

#[test]
fn a_critical_extension_that_is_not_understood_stops_the_path() {
    let root = Party::root("Root");
    let mut params = signer_params("jan@praktijk.example");
    let mut extension =
        rcgen::CustomExtension::from_oid_content(&[1, 3, 6, 1, 4, 1, 99_999], vec![5, 0]);
    extension.set_criticality(true);
    params.custom_extensions = vec![extension];
    let refusal = Reason::UnknownCritical { oid: "1.3.6.1.4.1.99999".to_owned() };
    let jan = root.issue(params);
    assert_eq!(refused(judge(&anchors(&[&root]), &question(&jan, &[]))), (refusal, 0));
}

#[test]
fn a_thousand_certificates_of_strangers_cost_no_signature_check() {
    let root = Party::root("Root");
    let issuer = root.issuer("Issuer");
    let jan = issuer.signer("jan@praktijk.example");
    let stranger = Party::root("Stranger");
    let crowd: Vec<Party> = (0..1_000).map(|n| named(&stranger, &format!("Issuer {n}"))).collect();
    let mut pool: Vec<&Party> = crowd.iter().collect();
    pool.push(&issuer);
    let (answer, checks) = weigh(&anchors(&[&root]), &question(&jan, &pool));
    found(answer);
    assert_eq!(checks, 2, "one for each certificate of the path");
}

#[test]
fn an_issuers_signature_that_held_is_not_checked_twice_and_another_is() {
    let root = Party::root("Root");
    let issuer = root.issuer("Issuer");
    let (jan, piet) =
        (issuer.signer("jan@praktijk.example"), issuer.signer("piet@praktijk.example"));
    let known = anchors(&[&root]);
    let checks = |anchors: &Anchors, leaf| weigh(anchors, &question(leaf, &[&issuer])).1;
    assert_eq!([checks(&known, &jan), checks(&known, &jan)], [2, 0]);
    assert_eq!(checks(&known, &piet), 1, "the issuer is the same");
    assert_eq!(checks(&anchors(&[&root]), &jan), 2, "other anchors know nothing of it");
    // One bit of the signature, and it is another.
    let mut forged = issuer.signer("jan@praktijk.example");
    forged.der = jan.der.clone();
    *forged.der.last_mut().unwrap() ^= 1;
    let (answer, checks) = weigh(&known, &question(&forged, &[&issuer]));
    assert_eq!((refused(answer).0, checks), (Reason::Signature, 1));
    // What did not hold is not remembered as if it did.
    assert_eq!(refused(judge(&known, &question(&forged, &[&issuer]))).0, Reason::Signature);
    // Another key by the issuer's name, certified by the same root, has not signed what the issuer signed.
    let other = root.issuer("Issuer");
    found(judge(&known, &question(&other.signer("kees@praktijk.example"), &[&other])));
    assert_eq!(refused(judge(&known, &question(&jan, &[&other]))).0, Reason::Signature);
}

#[test]
fn of_many_anchors_those_that_may_stand_above_are_read() {
    let root = Party::root("Root");
    let jan = root.signer("jan@praktijk.example");
    let mut many = Anchors::new();
    for n in 0..300 {
        many.add_der(None, &Party::root(&format!("Root {n}")).der).unwrap();
    }
    many.add_der(Some("De wortel"), &root.der).unwrap();
    let question = question(&jan, &[]);
    let search = Search::new(&many, &question).unwrap();
    assert_eq!(search.certificates.len(), 2);
    assert_eq!(found(judge(&many, &question)).anchor, "De wortel");
    // An anchor that came with the message is an anchor there too.
    let own = self::question(&root, &[&root]);
    assert!(matches!(judge(&many, &own), Answer::Refused(_)), "no address of its own");
    assert_eq!(Search::new(&many, &own).unwrap().anchor(0), Some(300));
}

#[test]
fn a_thousand_false_issuers_of_the_same_name_are_tried_within_bounds() {
    let root = Party::root("Root");
    let issuer = root.issuer("Issuer");
    let jan = issuer.signer("jan@praktijk.example");
    let stranger = Party::root("Root");
    let crowd: Vec<Party> = (0..1_000).map(|_| named(&stranger, "Issuer")).collect();
    let mut pool: Vec<&Party> = crowd.iter().collect();
    let (answer, checks) = weigh(&anchors(&[&root]), &question(&jan, &pool));
    assert!(matches!(refused(answer).0, Reason::TooMany(Bound::Tried)));
    assert!(checks <= TRIED_MOST, "{checks}");
    // The right one among them is known by its key.
    pool.push(&issuer);
    let (answer, checks) = weigh(&anchors(&[&root]), &question(&jan, &pool));
    found(answer);
    assert_eq!(checks, 2);
}

#[test]
fn many_issuers_that_all_certified_each_other_end_in_a_bound() {
    // Every one certified every key: paths without number, all signatures right.
    let parties: Vec<Party> = (0..8).map(|n| Party::root(&format!("Issuer {n}"))).collect();
    let mut mesh = Vec::new();
    for one in &parties {
        for other in &parties {
            let key = KeyPair::try_from(other.key.serialize_der()).unwrap();
            mesh.push(one.issue_for(other.params.clone(), key));
        }
    }
    let jan = parties[0].signer("jan@praktijk.example");
    let pool: Vec<&Party> = mesh.iter().collect();
    let (answer, checks) = weigh(&anchors(&[&Party::root("Elsewhere")]), &question(&jan, &pool));
    assert!(matches!(refused(answer).0, Reason::TooMany(_)));
    assert!(checks <= TRIED_MOST && TRIED_MOST < CHECKS_MOST);
}

#[test]
fn a_path_of_more_than_ten_is_not_gone() {
    let mut line = vec![Party::root("0")];
    for n in 1..10 {
        let next = line[n - 1].issuer(&n.to_string());
        line.push(next);
    }
    let trusted = anchors(&[&line[0]]);
    let pool: Vec<&Party> = line.iter().collect();
    let short = line[8].signer("jan@praktijk.example");
    assert_eq!(found(judge(&trusted, &question(&short, &pool))).links.len(), 10);
    let long = line[9].signer("jan@praktijk.example");
    let (reason, _) = refused(judge(&trusted, &question(&long, &pool)));
    assert_eq!(reason, Reason::TooMany(Bound::Depth));
}

/// An issuer of this name with the key of whoever certifies it: keys are slow to make.
fn named(by: &Party, name: &str) -> Party {
    let mut params = issuer_params(name);
    params.key_identifier_method =
        KeyIdMethod::PreSpecified(by.key.public_key_raw()[1..21].to_vec());
    let key = KeyPair::try_from(by.key.serialize_der()).unwrap();
    let mut serial = Vec::from([2]);
    serial.extend(SERIAL.fetch_add(1, std::sync::atomic::Ordering::Relaxed).to_be_bytes());
    params.serial_number = Some(SerialNumber::from_slice(&serial));
    by.issue_for(params, key)
}

static SERIAL: std::sync::atomic::AtomicU32 = std::sync::atomic::AtomicU32::new(0);

#[test]
fn every_refusal_has_two_sentences_that_say_what_to_do() {
    let at = at();
    let text = || "1.2.3".to_owned();
    let reasons = [
        Reason::Unreadable,
        Reason::Expired { at },
        Reason::NotYetValid { from: at },
        Reason::SelfSigned,
        Reason::NoIssuer { issuer: text() },
        Reason::Signature,
        Reason::NotCa,
        Reason::NoCertSign,
        Reason::PathLength,
        Reason::KeyUsage,
        Reason::ExtendedKeyUsage,
        Reason::NameConstraints { name: text() },
        Reason::UnknownConstraint,
        Reason::UnknownCritical { oid: text() },
        Reason::Policy,
        Reason::PolicyMapping,
        Reason::WeakKey { bits: 1024 },
        Reason::WeakHash { hash: text() },
        Reason::UnknownAlgorithm { oid: text() },
        Reason::TooMany(Bound::Tried),
    ];
    for reason in reasons {
        let refusal = Refusal { reason, place: 0, subject: "Jan".to_owned() };
        for text in [refusal.dutch(), refusal.english()] {
            assert!(text.matches(['.', ':']).count() >= 2 && text.ends_with('.'), "{text}");
        }
        assert_ne!(refusal.dutch(), refusal.english());
    }
}
