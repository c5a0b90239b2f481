use cades::Coverage;
use nta7516::facts::{Seen, Trouble};
use nta7516::record::SupplierClaim;

use super::*;
use crate::received::Standing;
use crate::testing::{ID, RECORD, World, codes, domain, keys, mail, received, txt, with_dkim};

fn marked() -> mail::Message {
    received("", &with_dkim(mail(Some("LAB"))))
}

fn stating(results: &str) -> String {
    format!("Authentication-Results: {ID}; {results}\r\n")
}

fn outcome(received: &Received) -> (Word, Option<Case>) {
    (received.verdict, received.case)
}

#[test]
fn nta_mail_as_it_should_be_passes_and_tells_who_signed() {
    let received = World::default().judge(&marked());
    assert_eq!(outcome(&received), (Word::Pass, None), "{received:?}");
    assert_eq!(received.claims, [Claim::Nta, Claim::Signature, Claim::Dkim]);
    assert_eq!(received.mark.as_deref(), Some("LAB"));
    assert_eq!(received.from_match, FromMatch::Same);
    assert_eq!(received.signer.as_ref().unwrap().anchor.as_deref(), Some("UMC"));
    assert_eq!(received.signature.coverage, Coverage::Whole);
    assert!(received.signature.cades);
    assert_eq!(received.dkim[0].result, Word::Pass);
    let sender = received.domain.as_ref().unwrap();
    assert_eq!((sender.record, sender.supplier.as_deref()), (RecordState::Holds, Some("LAB")));
    assert_eq!(received.keyword().unwrap().as_str(), "$NtaVerified");
    for code in ["declared", "signed", "dkim", "no-authserv-id"] {
        assert!(codes(&received).contains(&code), "{:?}", codes(&received));
    }
}

#[test]
fn case_a_is_a_header_that_no_declaration_of_that_day_covers() {
    let expired = RECORD.replace("enddate=2026-12", "enddate=2026-10");
    let other = RECORD.replace("LAB", "lab");
    for (record, word, code, state) in [
        ("", Word::Fail, "no-record", RecordState::None),
        (expired.as_str(), Word::Fail, "outside-period", RecordState::OutsidePeriod),
        (other.as_str(), Word::Fail, "other-mark", RecordState::Holds),
        ("v=NTA7516-1;x", Word::PermError, "record-faulty", RecordState::Faulty),
    ] {
        let world = World { sender: Ok(Seen::secure(txt(record))), ..World::default() };
        let received = world.judge(&marked());
        assert_eq!(outcome(&received), (word, Some(Case::A)), "{record}");
        assert!(codes(&received).contains(&code), "{record}");
        assert_eq!(received.domain.as_ref().unwrap().record, state);
        assert_eq!(received.keyword(), Some(crate::Keyword::Failed));
    }
}

#[test]
fn the_day_of_receipt_counts_and_not_the_day_of_reading() {
    let november =
        RECORD.replace("startdate=2026-01;enddate=2026-12", "startdate=2026-11;enddate=2026-11");
    let world = World {
        sender: Ok(Seen::secure(txt(&november))),
        now: "2027-02-01T00:00:00Z".parse().unwrap(),
        own: None,
        ..World::default()
    };
    let received = world.judge(&marked());
    assert_eq!(outcome(&received), (Word::Pass, None), "{received:?}");
    assert!(codes(&received).contains(&"seen-later"));
    // What is not there later may have been there then: that is said, and counts for less.
    let gone = World { sender: Ok(Seen::secure(Vec::new())), ..world };
    assert_eq!(outcome(&gone.judge(&marked())), (Word::Policy, None));
}

#[test]
fn what_was_only_seen_later_is_never_a_failure() {
    let other_key = ::dkim::Key::read(&::dkim::Key::generate().unwrap()).unwrap().record().unwrap();
    let expired = RECORD.replace("enddate=2026-12", "enddate=2026-10");
    let supplier = Some(SupplierFacts {
        mark: Provider::parse("LAB").unwrap(),
        domain: domain("lab.nl"),
        claim: Ok(Seen::secure(SupplierClaim::None)),
    });
    let record = |text: &str| World { sender: Ok(Seen::secure(txt(text))), ..World::default() };
    let key = |seen| World { keys: keys(Ok(seen)), ..World::default() };
    let bogus = Ok(Seen::new(Security::Bogus, txt(RECORD)));
    for (what, code, world) in [
        ("the record is gone", "no-record", record("")),
        ("the record was renewed", "outside-period", record(&expired)),
        ("the record was spoilt", "record-faulty", record("v=NTA7516-1;x")),
        ("the supplier is another", "other-mark", record(&RECORD.replace("LAB", "lab"))),
        ("the zone is broken", "record-bogus", World { sender: bogus, ..World::default() }),
        ("the supplier's is gone", "supplier-record", World { supplier, ..World::default() }),
        ("the key is gone", "dkim-not", key(Seen::secure(Vec::new()))),
        ("the key was taken back", "dkim-not", key(Seen::secure(txt("v=DKIM1; p=")))),
        ("the key was changed", "dkim-not", key(Seen::secure(txt(&other_key)))),
        ("the key is spoilt", "dkim-not", key(Seen::secure(txt("v=spf1 -all")))),
        ("the key's zone is broken", "dkim-not", key(Seen::new(Security::Bogus, txt("x")))),
    ] {
        let at_once = world.judge(&marked());
        assert!(at_once.failed() && !at_once.is_of_later(code), "{what}: {at_once:?}");
        assert_eq!(at_once.keyword(), Some(crate::Keyword::Failed), "{what}");
        // A month later, within the month and the period of the record.
        let later = World { now: "2026-12-20T00:00:00Z".parse().unwrap(), ..world };
        let later = later.judge(&marked());
        assert_eq!(outcome(&later), (Word::Policy, None), "{what}: {later:?}");
        assert_eq!((later.standing(), later.keyword()), (Standing::Partly, None), "{what}");
        assert!(later.is_of_later(code), "{what}: {later:?}");
        assert!(later.dkim.iter().all(|one| one.result != Word::Fail), "{what}");
    }
}

#[test]
fn a_certificate_revoked_after_the_mail_came_fails_only_where_its_key_may_have_been_stolen() {
    use cades::RevocationReason as Why;
    let received = marked();
    let judged = |when: &str, reason| {
        let revoked = Some((when.parse().unwrap(), reason));
        World { revoked, ..World::default() }.judge(&received)
    };
    let (before, after) = ("2026-11-26T10:00:00Z", "2026-11-26T10:00:01Z");
    let harmless = [
        Why::AffiliationChanged,
        Why::Superseded,
        Why::CessationOfOperation,
        Why::PrivilegeWithdrawn,
    ];
    for reason in harmless {
        let since = judged(after, reason);
        assert_eq!(outcome(&since), (Word::Policy, None), "{reason:?}: {since:?}");
        assert_eq!((since.standing(), since.keyword()), (Standing::Partly, None), "{reason:?}");
        assert!(since.is_of_later("revoked-since"), "{reason:?}");
        assert_eq!(since.signature.verdict, Word::Policy, "{reason:?}");
        assert_eq!(since.signer.as_ref().unwrap().revocation, cades::Known::Revoked);
        let told = since.reasons.iter().find(|told| told.code == "revoked-since").unwrap();
        assert!(told.nl.contains("op 26 november 2026 ingetrokken"), "{}", told.nl);
        assert!(told.en.contains("revoked on 26 November 2026"), "{}", told.en);
        let then = judged(before, reason);
        assert!(then.failed() && codes(&then).contains(&"revoked"), "{reason:?}: {then:?}");
    }
    let harmful = [
        Why::Unspecified,
        Why::KeyCompromise,
        Why::CaCompromise,
        Why::AaCompromise,
        Why::CertificateHold,
    ];
    for reason in harmful {
        let since = judged(after, reason);
        assert!(since.failed() && since.signature.verdict == Word::Fail, "{reason:?}: {since:?}");
    }
}

#[test]
fn revoked_since_excuses_nothing_else_and_needs_a_day_that_the_provider_names() {
    let revoked =
        || Some(("2026-11-26T12:00:00Z".parse().unwrap(), cades::RevocationReason::Superseded));
    let world = || World { revoked: revoked(), ..World::default() };
    let no_day = mail::Message::new(with_dkim(mail(Some("LAB"))));
    let no_day = world().judge(&no_day);
    assert_eq!(no_day.receipt.by, ReceiptBy::Clock);
    assert!(no_day.failed() && codes(&no_day).contains(&"revoked"), "{no_day:?}");
    let forged = World { sender: Ok(Seen::secure(Vec::new())), ..world() };
    assert!(forged.judge(&marked()).failed(), "what else is wrong with it stays wrong");
}

#[test]
fn forged_mail_of_friday_evening_fails_when_it_is_first_seen_after_the_weekend() {
    let text = String::from_utf8(marked().bytes().to_vec()).unwrap();
    let friday =
        text.replacen("Thu, 26 Nov 2026 10:00:00 +0000", "Fri, 27 Nov 2026 17:00:00 +0100", 1);
    assert_ne!(friday, text);
    let friday = mail::Message::new(friday.into_bytes());
    let other_key = ::dkim::Key::read(&::dkim::Key::generate().unwrap()).unwrap().record().unwrap();
    let key = || keys(Ok(Seen::secure(txt(&other_key))));
    let no_record = || Ok(Seen::secure(Vec::new()));
    let seen =
        |world: World, now: &str| World { now: now.parse().unwrap(), ..world }.judge(&friday);
    for monday in ["2026-11-30T08:00:00+01:00", "2026-12-01T16:59:00+01:00"] {
        let signed = seen(World { keys: key(), ..World::default() }, monday);
        assert!(signed.failed() && !signed.is_of_later("dkim-not"), "{monday}: {signed:?}");
        assert_eq!(signed.dkim[0].result, Word::Fail);
        let declared = seen(World { sender: no_record(), ..World::default() }, monday);
        assert!(declared.failed() && declared.case == Some(Case::A), "{monday}: {declared:?}");
    }
    // Keys stay for a week, records not that long; behind that neither is held against it.
    let friday_after = "2026-12-04T16:59:00+01:00";
    assert!(seen(World { keys: key(), ..World::default() }, friday_after).failed());
    assert!(!seen(World { sender: no_record(), ..World::default() }, friday_after).failed());
    let later = seen(World { keys: key(), ..World::default() }, "2026-12-04T17:01:00+01:00");
    assert!(!later.failed() && later.is_of_later("dkim-not"), "{later:?}");
}

#[test]
fn what_does_not_change_with_time_fails_however_late_it_is_seen() {
    let now = "2027-06-01T00:00:00Z".parse().unwrap();
    let late =
        |text: String| World { now, ..World::default() }.judge(&received("", text.as_bytes()));
    let good = String::from_utf8(with_dkim(mail(Some("LAB")))).unwrap();
    assert_eq!(late(good.clone()).keyword(), Some(crate::Keyword::Verified));
    let changed = late(good.replace("Hallo", "Halli"));
    assert_eq!(changed.dkim[0].result, Word::Fail, "the digest of the body needs no key");
    assert!(changed.failed() && codes(&changed).contains(&"changed"));
    assert!(late(String::from_utf8(mail(Some("LAB"))).unwrap()).failed(), "no DKIM at all");
}

#[test]
fn without_a_day_of_receipt_nothing_that_changes_is_held_against_a_message() {
    let gone = World { sender: Ok(Seen::secure(Vec::new())), ..World::default() };
    let message = marked();
    let text = String::from_utf8(message.bytes().to_vec()).unwrap();
    let undated = text.replacen("; Thu, 26 Nov 2026 10:00:00 +0000", "", 1);
    assert_ne!(undated, text);
    let undated = gone.judge(&mail::Message::new(undated.into_bytes()));
    assert_eq!(undated.receipt.by, ReceiptBy::Clock);
    assert_eq!((undated.standing(), undated.case), (Standing::Partly, None));
    assert!(gone.judge(&message).failed());
}

#[test]
fn a_foreign_key_that_cannot_be_looked_up_decides_nothing() {
    let text = String::from_utf8(with_dkim(mail(Some("LAB")))).unwrap();
    let field = &text[..text.find("From: Arts").or_else(|| text.find("X-NTA7516")).unwrap()];
    let foreign = field.replace("d=umc.nl", "d=lijst.nl");
    let both = received("", format!("{foreign}{text}").as_bytes());
    let mut keys = crate::testing::good_keys();
    keys.insert(domain("s1._domainkey.lijst.nl"), Err(Trouble::Timeout));
    let judged = World { keys, ..World::default() }.judge(&both);
    assert_eq!(outcome(&judged), (Word::Pass, None), "{judged:?}");
    let other = judged.dkim.iter().find(|one| one.aligned == Alignment::Other).unwrap();
    assert_eq!(other.result, Word::TempError);
}

#[test]
fn case_b_is_a_receiver_who_declares_nothing_and_no_fault_of_the_senders() {
    let world = World { own: Some(Ok(Seen::secure(Vec::new()))), ..World::default() };
    let received = world.judge(&marked());
    assert_eq!(outcome(&received), (Word::Policy, Some(Case::B)));
    assert!(!received.failed());
    assert_eq!(received.keyword(), None);
    // What cannot be looked up is no case.
    for own in [None, Some(Err(Trouble::Timeout))] {
        let world = World { own, ..World::default() };
        assert_eq!(outcome(&world.judge(&marked())), (Word::Pass, None));
    }
}

#[test]
fn case_c_is_ordinary_mail_of_a_domain_that_declares() {
    let received_ = World::default().judge(&received("", &with_dkim(mail(None))));
    assert_eq!(outcome(&received_), (Word::None, Some(Case::C)), "{received_:?}");
    assert_eq!(received_.claims, [Claim::Dkim]);
    assert!(!received_.failed() && received_.keyword().is_none());
    // Without a signature of the domain it may be a stranger's: no case, and no claim.
    let stranger = World::default().judge(&received("", &mail(None)));
    assert_eq!((stranger.case, stranger.claims.len()), (None, 0));
    let broken = String::from_utf8(with_dkim(mail(None))).unwrap().replace("Hallo", "hallo");
    let broken = World::default().judge(&received("", broken.as_bytes()));
    assert_eq!(outcome(&broken), (Word::None, None));
    assert!(codes(&broken).contains(&"dkim-not"));
    // A domain that declares nothing has no business here.
    let world = World { sender: Ok(Seen::secure(Vec::new())), ..World::default() };
    assert!(world.judge(&received("", &with_dkim(mail(None)))).claims.is_empty());
}

#[test]
fn case_d_is_a_supplier_who_is_not_accepted_or_shows_nothing() {
    let nobody = Policy { suppliers: Some(Vec::new()), ..Policy::default() };
    let world = World { policy: nobody, ..World::default() };
    let received = world.judge(&marked());
    assert_eq!(outcome(&received), (Word::Policy, Some(Case::D)));
    assert!(codes(&received).contains(&"supplier-not-accepted"));
    let supplier = |claim| {
        let mark = Provider::parse("LAB").unwrap();
        Some(SupplierFacts { mark, domain: domain("lab.nl"), claim })
    };
    let nothing = supplier(Ok(Seen::secure(SupplierClaim::None)));
    let world = World { supplier: nothing, ..World::default() };
    assert_eq!(outcome(&world.judge(&marked())), (Word::Policy, Some(Case::D)));
    let world = World { supplier: supplier(Err(Trouble::Timeout)), ..World::default() };
    assert_eq!(outcome(&world.judge(&marked())), (Word::TempError, None));
    // Where the organisation names no suppliers, that is said, and no verdict.
    let world = World { policy: Policy::default(), ..World::default() };
    let received = world.judge(&marked());
    assert_eq!(outcome(&received), (Word::Pass, None));
    assert!(codes(&received).contains(&"supplier-unknown"));
}

#[test]
fn what_dns_cannot_tell_now_is_asked_again_and_what_is_forged_is_not() {
    for (sender, word) in [
        (Err(Trouble::Timeout), Word::TempError),
        (Ok(Seen::new(Security::Indeterminate, txt(RECORD))), Word::TempError),
        (Ok(Seen::new(Security::Bogus, txt(RECORD))), Word::Fail),
    ] {
        let world = World { sender, ..World::default() };
        let received = world.judge(&marked());
        assert_eq!(outcome(&received), (word, None));
        assert_eq!(received.is_temporary(), word == Word::TempError);
    }
    let world = World { keys: keys(Err(Trouble::Timeout)), ..World::default() };
    assert!(world.judge(&marked()).is_temporary());
    let world = World { sender: Ok(Seen::insecure(txt(RECORD))), ..World::default() };
    let received = world.judge(&marked());
    assert_eq!(outcome(&received), (Word::Pass, None));
    assert!(codes(&received).contains(&"record-insecure"));
}

#[test]
fn a_mark_without_a_signature_or_without_origin_is_not_believed() {
    let unsigned = [b"X-NTA7516: LAB\r\n".to_vec(), mail(None)].concat();
    let unsigned_ = World::default().judge(&received("", &with_dkim(unsigned)));
    assert_eq!(outcome(&unsigned_), (Word::Policy, None));
    assert!(codes(&unsigned_).contains(&"nta-not-signed"));
    let no_dkim = World::default().judge(&received("", &mail(Some("LAB"))));
    assert_eq!(outcome(&no_dkim), (Word::Policy, None));
    assert!(codes(&no_dkim).contains(&"dkim-none"));
    let twice = [b"X-NTA7516: LAB\r\n".to_vec(), mail(Some("LAB"))].concat();
    let twice = World::default().judge(&received("", &with_dkim(twice)));
    assert_eq!(outcome(&twice), (Word::PermError, None));
    let nobody = String::from_utf8(mail(Some("LAB"))).unwrap().replace("From:", "X-From:");
    let nobody = World::default().judge(&received("", nobody.as_bytes()));
    assert_eq!(nobody.verdict, Word::Policy);
    assert_eq!(codes(&nobody).iter().filter(|code| **code == "no-author").count(), 1);
}

#[test]
fn a_changed_text_a_stranger_and_a_part_unsigned_are_told_by_the_signature() {
    let text = String::from_utf8(mail(Some("LAB"))).unwrap();
    let changed = with_dkim(text.replace("Hallo", "Halli").into_bytes());
    let changed = World::default().judge(&received("", &changed));
    assert_eq!(outcome(&changed), (Word::Fail, None));
    assert!(codes(&changed).contains(&"changed"));
    let other = text.replace("arts@umc.nl", "chef@umc.nl");
    let other = World::default().judge(&received("", &with_dkim(other.into_bytes())));
    assert_eq!(outcome(&other), (Word::Policy, None));
    assert_eq!(other.from_match, FromMatch::Other);
    let (_, body) = text.split_once("Content-Type:").unwrap();
    let partly = format!(
        "From: arts@umc.nl\r\nX-NTA7516: LAB\r\nContent-Type: multipart/mixed; boundary=zz\r\n\r\n\
         --zz\r\nContent-Type:{body}\r\n--zz\r\nContent-Type: text/plain\r\n\r\nreclame\r\n--zz--\r\n"
    );
    let partly = World::default().judge(&received("", &with_dkim(partly.into_bytes())));
    assert_eq!(outcome(&partly), (Word::Policy, None), "{partly:?}");
    assert!(codes(&partly).contains(&"partly"));
    assert_eq!(partly.signature.coverage, Coverage::Partial);
}

#[test]
fn the_providers_word_counts_under_its_id_alone() {
    let world = |trusted| World { trusted, ..World::default() };
    let bytes = with_dkim(mail(Some("LAB")));
    let failing = stating("spf=fail; dmarc=fail");
    let heard = world(Some(ID)).judge(&received(&failing, &bytes));
    assert_eq!(outcome(&heard), (Word::Fail, None));
    assert_eq!(heard.provider.as_ref().unwrap().dmarc, Some(Word::Fail));
    for trusted in [None, Some("mx.elders.nl")] {
        let unheard = world(trusted).judge(&received(&failing, &bytes));
        assert_eq!(outcome(&unheard), (Word::Pass, None));
        assert_eq!(unheard.provider, None);
    }
    // Mail that was forwarded fails SPF; DKIM says enough.
    let forwarded = world(Some(ID)).judge(&received(&stating("spf=fail"), &bytes));
    assert_eq!(outcome(&forwarded), (Word::Pass, None));
    assert!(codes(&forwarded).contains(&"spf"));
    // A provider that marks the subject breaks the signature that held when it came.
    let text = String::from_utf8(bytes).unwrap().replace("Subject: ", "Subject: [EXTERN] ");
    let held = received(&stating("dkim=pass header.d=umc.nl; dmarc=pass"), text.as_bytes());
    let held_ = world(Some(ID)).judge(&held);
    assert_eq!(outcome(&held_), (Word::Pass, None), "{held_:?}");
    assert!(codes(&held_).contains(&"dkim-before"));
    assert_eq!(outcome(&world(None).judge(&held)), (Word::Fail, None));
    // What the provider could not tell then never becomes temporary trouble of ours.
    let trouble = stating("dmarc=temperror");
    let trouble = world(Some(ID)).judge(&received(&trouble, &with_dkim(mail(Some("LAB")))));
    assert_eq!(outcome(&trouble), (Word::Pass, None));
}

#[test]
fn that_nobody_here_vouches_for_the_signer_is_no_fault_of_the_message() {
    let world = World { anchors: cades::Anchors::new(), ..World::default() };
    let unknown = world.judge(&marked());
    assert_eq!((unknown.verdict, unknown.case), (Word::Policy, None));
    assert!(!unknown.failed() && unknown.keyword().is_none());
    let bare = world.judge(&received("", &mail(Some("LAB"))));
    assert!(bare.failed(), "without DKIM there is more against it");
}

#[test]
fn a_signature_alone_is_judged_by_itself() {
    let signed = String::from_utf8(mail(Some("LAB"))).unwrap().replace("X-NTA7516: LAB\r\n", "");
    let world = World { sender: Ok(Seen::secure(Vec::new())), ..World::default() };
    let alone = world.judge(&received("", signed.as_bytes()));
    assert_eq!(outcome(&alone), (Word::Pass, None), "{alone:?}");
    assert_eq!(alone.claims, [Claim::Signature]);
    let world = World { anchors: cades::Anchors::new(), ..world };
    let unknown = world.judge(&received("", signed.as_bytes()));
    assert_eq!((unknown.verdict, unknown.failed()), (Word::Policy, false));
    let changed = world.judge(&received("", signed.replace("Hallo", "Halli").as_bytes()));
    assert!(changed.failed() && changed.keyword().is_none() && alone.keyword().is_none());
    let declared = World::default().judge(&received("", signed.as_bytes()));
    assert_eq!(outcome(&declared), (Word::Pass, Some(Case::C)));
}

#[test]
fn a_verdict_is_written_and_read_the_same_and_each_reason_has_both_languages() {
    let worlds = [
        World::default(),
        World { sender: Err(Trouble::Timeout), trusted: Some(ID), ..World::default() },
        World { sender: Ok(Seen::secure(Vec::new())), ..World::default() },
        World { own: Some(Ok(Seen::secure(Vec::new()))), ..World::default() },
    ];
    for world in worlds {
        let received = world.judge(&marked());
        let json = serde_json::to_string(&received).unwrap();
        assert_eq!(serde_json::from_str::<Received>(&json).unwrap(), received, "{json}");
        for told in &received.reasons {
            assert!(told.nl.ends_with('.') && told.en.ends_with('.') && told.nl != told.en);
        }
    }
}
