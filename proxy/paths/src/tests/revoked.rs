use rcgen::RevocationReason as Why;

use super::*;

#[test]
fn all_is_good_where_every_issuer_says_so() {
    let root = Party::root("Root");
    let issuer = root.issuer("Issuer");
    let jan = issuer.signer("jan@praktijk.example");
    let (above, below) = (root.list(5, vec![]), issuer.list(5, vec![]));
    let mut asked = question(&jan, &[&issuer]);
    asked.crls = vec![&below];
    let path = found(judge(&anchors(&[&root]), &asked));
    assert!(matches!(path.revocation, Revocation::Unknown { place: 1, .. }), "one list is missing");
    asked.crls = vec![&above, &below];
    let path = found(judge(&anchors(&[&root]), &asked));
    assert_eq!(path.revocation, Revocation::Good);
    let told = path.told.unwrap();
    let until = Some("2026-07-01T00:00:00Z".parse().unwrap());
    let at = "2026-05-01T00:00:00Z".parse().unwrap();
    assert_eq!(told, Told { by: Teller::List, at, until });
}

#[test]
fn says_who_was_revoked_when_and_why() {
    let root = Party::root("Root");
    let issuer = root.issuer("Issuer");
    let jan = issuer.signer("jan@praktijk.example");
    let clean = root.list(5, vec![]);
    let list = issuer.list(5, vec![jan.revoked(Why::KeyCompromise)]);
    let mut asked = question(&jan, &[&issuer]);
    asked.crls = vec![&clean, &list];
    let path = found(judge(&anchors(&[&root]), &asked));
    let expected = Revocation::Revoked {
        place: 0,
        subject: "jan@praktijk.example".to_owned(),
        when: "2026-05-01T00:00:00Z".parse().unwrap(),
        reason: RevocationReason::KeyCompromise,
    };
    assert_eq!(path.revocation, expected);
    assert!(expected.dutch().unwrap().contains("een ander heeft de sleutel"));
    assert!(expected.english().unwrap().contains("somebody else has the key"));

    let list = root.list(5, vec![issuer.revoked(Why::CaCompromise)]);
    let clean = issuer.list(5, vec![]);
    asked.crls = vec![&clean, &list];
    let path = found(judge(&anchors(&[&root]), &asked));
    let Revocation::Revoked { place: 1, reason: RevocationReason::CaCompromise, .. } =
        path.revocation
    else {
        panic!("{:?}", path.revocation)
    };
}

#[test]
fn of_several_revocations_on_a_path_the_gravest_is_told() {
    let root = Party::root("Root");
    let issuer = root.issuer("Issuer");
    let jan = issuer.signer("jan@praktijk.example");
    for (leaf, above, place) in [
        (Why::Superseded, Why::KeyCompromise, 1),
        (Why::KeyCompromise, Why::Superseded, 0),
        (Why::CessationOfOperation, Why::Unspecified, 1),
    ] {
        let list = issuer.list(5, vec![jan.revoked(leaf)]);
        let upper = root.list(5, vec![issuer.revoked(above)]);
        let mut asked = question(&jan, &[&issuer]);
        asked.crls = vec![&upper, &list];
        match found(judge(&anchors(&[&root]), &asked)).revocation {
            Revocation::Revoked { place: told, .. } => assert_eq!(told, place, "{leaf:?}"),
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn of_several_lists_of_one_issuer_the_gravest_word_counts_in_any_order() {
    let root = Party::root("Root");
    let jan = root.signer("jan@praktijk.example");
    let mild = root.list(4, vec![jan.revoked(Why::Superseded)]);
    let grave = root.list(5, vec![jan.revoked(Why::KeyCompromise)]);
    let clean = root.list(3, vec![]);
    for lists in [[&mild, &grave, &clean], [&grave, &mild, &clean], [&clean, &mild, &grave]] {
        let mut asked = question(&jan, &[]);
        asked.crls = lists.map(Vec::as_slice).to_vec();
        match found(judge(&anchors(&[&root]), &asked)).revocation {
            Revocation::Revoked { reason, .. } => {
                assert_eq!(reason, RevocationReason::KeyCompromise);
            }
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn what_the_issuer_calls_invalid_before_the_revocation_counts_from_then() {
    let root = Party::root("Root");
    let jan = root.signer("jan@praktijk.example");
    let told = |list: &[u8]| {
        let mut asked = question(&jan, &[]);
        asked.crls = vec![list];
        match found(judge(&anchors(&[&root]), &asked)).revocation {
            Revocation::Revoked { when, reason, .. } => (when.to_string(), reason),
            other => panic!("{other:?}"),
        }
    };
    let list = |invalidity| {
        let mut revoked = jan.revoked(Why::CessationOfOperation);
        revoked.invalidity_date = Some(invalidity);
        root.list(5, vec![revoked])
    };
    let (since, ceased) = ("2026-03-01T00:00:00Z", RevocationReason::CessationOfOperation);
    let before = list(date_time_ymd(2026, 3, 1));
    assert_eq!(told(&before), (since.to_owned(), ceased));
    let revoked_at = "2026-05-01T00:00:00Z".to_owned();
    assert_eq!(told(&list(date_time_ymd(2026, 5, 20))), (revoked_at.clone(), ceased));
    // A month that does not exist, signed by the issuer all the same.
    let mut inner = before.clone();
    let place = inner.windows(8).position(|digits| digits == b"20260301").unwrap();
    inner[place + 4..place + 6].copy_from_slice(b"99");
    let unspecified = RevocationReason::Unspecified;
    assert_eq!(told(&root.signed_anew(&inner)), (revoked_at, unspecified));
}

#[test]
fn what_was_heard_beside_the_message_counts_as_what_it_brings_along() {
    let root = Party::root("Root");
    let issuer = root.issuer("Issuer");
    let jan = issuer.signer("jan@praktijk.example");
    let mut asked = question(&jan, &[&issuer]);
    let below = issuer.list(5, vec![]);
    asked.crls = vec![&below];
    let mut anchors = anchors(&[&root]);
    anchors.hear(Statement::List(root.list(5, vec![]).into()));
    assert_eq!(found(judge(&anchors, &asked)).revocation, Revocation::Good);
    anchors.hear(Statement::List(root.list(5, vec![issuer.revoked(Why::CaCompromise)]).into()));
    anchors.hear(Statement::Response(b"nothing".to_vec()));
    let told = found(judge(&anchors, &asked)).revocation;
    assert!(
        matches!(told, Revocation::Revoked { place: 1, .. }),
        "a revocation outweighs: {told:?}"
    );
    let stranger = Party::root("Root");
    let mut lied = super::anchors(&[&root]);
    lied.hear(Statement::List(stranger.list(5, vec![issuer.revoked(Why::CaCompromise)]).into()));
    let told = found(judge(&lied, &asked)).revocation;
    assert!(matches!(told, Revocation::Unknown { place: 1, .. }), "it is not trusted: {told:?}");
}

#[test]
fn what_is_heard_tells_until_when_it_holds() {
    let list = Statement::List(Party::root("Root").list(5, vec![]).into());
    assert!(list.until().unwrap() > "2026-05-01T00:00:00Z".parse().unwrap());
    assert!(list.size() > 100);
    assert_eq!(Statement::Response(vec![0x30, 3, 0x0a, 1, 3]).until(), None, "try later");
    assert_eq!(Statement::List(b"nothing".as_slice().into()).until(), None);
}

#[test]
fn an_old_list_no_longer_says_good_but_still_says_revoked() {
    let root = Party::root("Root");
    let jan = root.signer("jan@praktijk.example");
    let piet = root.signer("piet@praktijk.example");
    let hold = root.signer("hold@praktijk.example");
    let revoked = vec![jan.revoked(Why::Superseded), hold.revoked(Why::CertificateHold)];
    let list = root.list(1, revoked);
    let asked = |leaf| {
        let mut asked = question(leaf, &[]);
        asked.crls = vec![&list];
        found(judge(&anchors(&[&root]), &asked)).revocation
    };
    assert!(matches!(asked(&jan), Revocation::Revoked { .. }));
    let until = "2026-03-01T00:00:00Z".parse().unwrap();
    for unknown in [asked(&piet), asked(&hold)] {
        let Revocation::Unknown { doubt: Doubt::Stale { until: told }, .. } = unknown else {
            panic!("{unknown:?}")
        };
        assert_eq!(told, until);
    }
}

#[test]
fn a_list_made_after_the_mail_says_more_unless_the_certificate_had_expired() {
    let root = Party::root("Root");
    let jan = root.signer("jan@praktijk.example");
    let mut short = signer_params("piet@praktijk.example");
    short.not_after = date_time_ymd(2026, 7, 1);
    let piet = root.issue(short);
    let list = root.list(8, vec![]);
    let asked = |leaf| {
        let mut asked = question(leaf, &[]);
        asked.crls = vec![&list];
        found(judge(&anchors(&[&root]), &asked)).revocation
    };
    assert_eq!(asked(&jan), Revocation::Good);
    assert!(matches!(asked(&piet), Revocation::Unknown { doubt: Doubt::AfterExpiry, .. }));
}

#[test]
fn a_list_of_a_stranger_with_the_issuers_name_says_nothing() {
    let root = Party::root("Root");
    let jan = root.signer("jan@praktijk.example");
    let list = Party::root("Root").list(5, vec![jan.revoked(Why::KeyCompromise)]);
    let mut asked = question(&jan, &[]);
    asked.crls = vec![&list];
    let path = found(judge(&anchors(&[&root]), &asked));
    assert!(matches!(path.revocation, Revocation::Unknown { doubt: Doubt::Signature, .. }));
}

#[test]
fn a_namesake_below_another_issuer_does_not_speak_for_the_issuer() {
    let root = Party::root("Root");
    let (issuer, other) = (root.issuer("Issuer"), root.issuer("Other"));
    let jan = issuer.signer("jan@praktijk.example");
    // "Other" may issue; it makes itself a signer of lists that is called like "Issuer".
    let namesake = other.issuer("Issuer");
    let (above, list, clean) =
        (root.list(5, vec![]), namesake.list(5, vec![]), other.list(5, vec![]));
    let mut asked = question(&jan, &[&issuer, &other, &namesake]);
    asked.crls = vec![&above, &list, &clean];
    let path = found(judge(&anchors(&[&root]), &asked));
    let Revocation::Unknown { place: 0, doubt: Doubt::Signer, .. } = path.revocation else {
        panic!("{:?}", path.revocation)
    };
    // A second key that the root certified for the issuer does.
    let second = root.issue(issuer_params("Issuer"));
    let list = second.list(5, vec![]);
    asked.pool.push(&second.der);
    asked.crls.push(&list);
    assert_eq!(found(judge(&anchors(&[&root]), &asked)).revocation, Revocation::Good);
}

#[test]
fn a_path_on_which_nothing_was_revoked_is_preferred_but_never_saves_the_leaf() {
    let (first, second) = (Party::root("First"), Party::root("Second"));
    let issuer = first.issuer("Issuer");
    let key = KeyPair::try_from(issuer.key.serialize_der()).unwrap();
    let again = second.issue_for(issuer_params("Issuer"), key);
    let jan = issuer.signer("jan@praktijk.example");
    let trusted = anchors(&[&first, &second]);
    let bad = first.list(5, vec![issuer.revoked(Why::CessationOfOperation)]);
    let (good, leaf) = (second.list(5, vec![]), issuer.list(5, vec![]));
    let mut asked = question(&jan, &[&issuer, &again]);
    asked.crls = vec![&bad, &good, &leaf];
    let path = found(judge(&trusted, &asked));
    assert_eq!((path.anchor.as_str(), &path.revocation), ("Second", &Revocation::Good));
    let leaf = issuer.list(5, vec![jan.revoked(Why::KeyCompromise)]);
    asked.crls = vec![&bad, &good, &leaf];
    let path = found(judge(&trusted, &asked));
    // On the first path the issuer is revoked as well.
    assert!(matches!(path.revocation, Revocation::Revoked { place: 0, .. }));
}

#[test]
fn what_cannot_be_read_is_said_to_be_so() {
    let root = Party::root("Root");
    let jan = root.signer("jan@praktijk.example");
    let mut asked = question(&jan, &[]);
    asked.crls = vec![b"no list"];
    let path = found(judge(&anchors(&[&root]), &asked));
    assert!(matches!(path.revocation, Revocation::Unknown { doubt: Doubt::Unreadable, .. }));
}

#[test]
fn every_doubt_has_a_sentence_in_both_languages() {
    let doubts = [
        Doubt::Nothing,
        Doubt::Unreadable,
        Doubt::Stale { until: at() },
        Doubt::AfterExpiry,
        Doubt::Signer,
        Doubt::Signature,
        Doubt::Algorithm,
        Doubt::Scope,
        Doubt::UnknownCritical { oid: "1.2".to_owned() },
        Doubt::NotKnownThere,
        Doubt::Anchor,
        Doubt::TooMany,
    ];
    for doubt in doubts {
        let unknown = Revocation::Unknown { place: 0, subject: "Jan".to_owned(), doubt };
        let (dutch, english) = (unknown.dutch().unwrap(), unknown.english().unwrap());
        assert!(dutch.contains("Jan") && english.contains("Jan") && dutch != english);
    }
    assert_eq!((Revocation::Good.dutch(), Revocation::Good.english()), (None, None));
    let reasons: Vec<_> = (0..=255).filter_map(RevocationReason::numbered).collect();
    assert_eq!(reasons.len(), 9, "7 is not used, 8 takes an entry away");
}
