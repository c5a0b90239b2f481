//! Offers to record systems: asked, tried, stopped.

use super::*;
use crate::archive::{ArchiveMeta, Direction, Gone, NewCopy, Text};
use crate::outbox::{Attempt, Choice, Choosing, Outcome, Reason};
use crate::tests::{address, at, hold, seen, vault};

fn due(vault: &Vault, second: i64) -> Vec<HeldId> {
    vault.due_filings(at(second)).unwrap().0.into_iter().map(|one| one.source.id()).collect()
}

#[test]
fn an_offer_is_due_until_it_is_taken_and_is_taken_once() {
    let (_folder, vault) = vault();
    let (id, account) = (hold(&vault, "x", at(1)), address("jan@praktijk.nl"));
    vault.ask_filing(Source::Held(id), &account, "{}", at(1)).unwrap();
    assert_eq!(due(&vault, 1), [id]);
    assert!(vault.begin_filing(Source::Held(id), "{}", None).unwrap());
    let trouble = Some(("nu niet".to_owned(), "not now".to_owned()));
    let later = FilingState::Due { next: at(50), attempts: 1, trouble };
    vault.record_filing(Source::Held(id), "{}", &later, at(2)).unwrap();
    assert_eq!(vault.filing(id).unwrap(), Some(later));
    assert_eq!(vault.due_filings(at(2)).unwrap(), (Vec::new(), Some(at(50))));
    assert_eq!(due(&vault, 50), [id]);
    // It failed while the clock was a year ahead.
    let wrong = FilingState::Due { next: at(365 * 24 * 3600), attempts: 1, trouble: None };
    vault.record_filing(Source::Held(id), "{}", &wrong, at(50)).unwrap();
    assert_eq!(due(&vault, 50), [id]);
    let filed = FilingState::Filed { place: Some("DocumentReference/1".to_owned()) };
    vault.record_filing(Source::Held(id), "{}", &filed, at(51)).unwrap();
    let again = vault.ask_filing(Source::Held(id), &account, "{}", at(52));
    assert!(matches!(again, Err(VaultError::NotNow { .. })), "what was taken stays taken");
    assert_eq!(vault.filing(id).unwrap(), Some(filed));
    assert!(due(&vault, 99).is_empty());
}

#[test]
fn what_was_refused_is_tried_again_only_where_a_person_asks_again() {
    let (_folder, vault) = vault();
    let (id, account) = (hold(&vault, "x", at(1)), address("jan@praktijk.nl"));
    assert_eq!(vault.filing(id).unwrap(), None);
    vault.ask_filing(Source::Held(id), &account, "{\"a\":1}", at(1)).unwrap();
    let no = FilingState::Refused { nl: "nee".to_owned(), en: "no".to_owned(), said: None };
    vault.record_filing(Source::Held(id), "{\"a\":1}", &no, at(2)).unwrap();
    assert!(due(&vault, 99).is_empty());
    vault.ask_filing(Source::Held(id), &account, "{\"a\":2}", at(3)).unwrap();
    let (again, _) = vault.due_filings(at(3)).unwrap();
    assert_eq!(again[0].what, "{\"a\":2}");
    assert_eq!(vault.filing_wish(Source::Held(id)).unwrap().as_deref(), Some("{\"a\":2}"));
    let kinds: Vec<String> = vault
        .export_journal()
        .unwrap()
        .iter()
        .filter_map(|line| {
            serde_json::to_value(&line.entry).unwrap()["kind"].as_str().map(str::to_owned)
        })
        .filter(|kind| kind.contains("filing"))
        .collect();
    assert_eq!(kinds, ["filing_asked", "filing_refused", "filing_asked"]);
}

#[test]
fn an_attempt_under_a_patient_who_was_corrected_meanwhile_is_no_filing() {
    let (_folder, vault) = vault();
    let (id, account) = (hold(&vault, "x", at(1)), address("jan@praktijk.nl"));
    vault.ask_filing(Source::Held(id), &account, "A", at(1)).unwrap();
    assert!(vault.begin_filing(Source::Held(id), "A", None).unwrap());
    vault.ask_filing(Source::Held(id), &account, "B", at(2)).unwrap();
    vault.record_filing(Source::Held(id), "A", &FilingState::Filed { place: None }, at(3)).unwrap();
    let (still, _) = vault.due_filings(at(3)).unwrap();
    assert_eq!((still[0].what.as_str(), still[0].attempts, still[0].changed), ("B", 1, true));
}

#[test]
fn an_attempt_begins_under_the_patient_who_is_confirmed_then_and_under_no_other() {
    let (_folder, vault) = vault();
    let account = address("jan@praktijk.nl");
    let (first, second) = (hold(&vault, "x", at(1)), hold(&vault, "y", at(1)));
    vault.ask_filing(Source::Held(first), &account, "A", at(1)).unwrap();
    vault.ask_filing(Source::Held(second), &account, "A", at(2)).unwrap();
    let (due, _) = vault.due_filings(at(2)).unwrap();
    assert!(vault.begin_filing(Source::Held(first), &due[0].what, None).unwrap());
    vault.ask_filing(Source::Held(second), &account, "B", at(3)).unwrap();
    assert!(
        !vault.begin_filing(Source::Held(second), &due[1].what, None).unwrap(),
        "corrected meanwhile"
    );
    let no = FilingState::Refused { nl: "nee".to_owned(), en: "no".to_owned(), said: None };
    vault.record_filing(Source::Held(second), "A", &no, at(4)).unwrap();
    let (due, _) = vault.due_filings(at(4)).unwrap();
    // The first is offered again after a crash, as one that may have been taken.
    let seen: Vec<_> =
        due.iter().map(|one| (one.source.id(), one.what.as_str(), one.attempts)).collect();
    assert_eq!(seen, [(first, "A", 1), (second, "B", 0)]);
    assert!(!due[1].changed, "it was never handed in under the other");
    assert!(vault.begin_filing(Source::Held(second), "B", None).unwrap());
    vault
        .record_filing(Source::Held(second), "B", &FilingState::Filed { place: None }, at(5))
        .unwrap();
    assert!(!vault.begin_filing(Source::Held(second), "B", None).unwrap(), "taken is taken");
}

fn choosing(choice: Choice, filing: Option<&str>) -> Choosing {
    let filing = filing.map(str::to_owned);
    Choosing { choice, who: "jan".to_owned(), dossier: filing.is_some(), filing, recipients: None }
}

/// How an offer that was stopped is journalled, in order.
fn kinds(vault: &Vault) -> Vec<String> {
    let all = vault.export_journal().unwrap();
    let kind =
        |entry: &Entry| serde_json::to_value(entry).unwrap()["kind"].as_str().unwrap().to_owned();
    all.iter().map(|line| kind(&line.entry)).filter(|kind| kind.contains("filing")).collect()
}

/// A server takes or refuses the message for everyone.
fn end(vault: &Vault, id: HeldId, outcome: &Outcome) {
    let to = [address("a@b.nl"), address("c@d.nl")];
    vault.begin_handover(id, &seen(&to), &Choice::Secure, at(10)).unwrap();
    let attempt =
        |recipient: Address| Attempt { recipient, outcome: outcome.clone(), proof_json: None };
    vault.record_results(id, &to.map(attempt), at(11)).unwrap();
}

#[test]
fn an_offer_waits_until_the_mail_is_no_longer_on_its_way() {
    let (_folder, vault) = vault();
    for outcome in [
        Outcome::Sent { route: "direct".to_owned() },
        Outcome::Permanent { words: "550 no".to_owned() },
    ] {
        let id = hold(&vault, &format!("{outcome:?}"), at(1));
        vault.choose_with(id, &choosing(Choice::Secure, Some("A")), at(2)).unwrap();
        assert_eq!(vault.filing(id).unwrap(), Some(FilingState::AfterSending));
        assert!(due(&vault, 99).is_empty(), "not before it is sent");
        assert!(!vault.begin_filing(Source::Held(id), "A", None).unwrap());
        vault.put_signed(id, b"signed").unwrap();
        end(&vault, id, &outcome);
        assert_eq!(due(&vault, 99), [id], "{outcome:?}");
        let form = match outcome {
            Outcome::Sent { .. } => Form::Signed,
            _ => Form::Held,
        };
        assert_eq!(vault.filing_form(Source::Held(id)).unwrap(), Some(form));
        assert!(vault.begin_filing(Source::Held(id), "A", Some(form)).unwrap());
        vault
            .record_filing(Source::Held(id), "A", &FilingState::Filed { place: None }, at(20))
            .unwrap();
    }
}

#[test]
fn of_a_mail_that_was_kept_back_nothing_is_filed_before_a_person_chooses_anew() {
    let (_folder, vault) = vault();
    for choice in [Choice::Withdraw, Choice::Secure] {
        let id = hold(&vault, &format!("{choice:?}"), at(1));
        vault.choose_with(id, &choosing(Choice::Secure, Some("A")), at(2)).unwrap();
        let reason = Reason { nl: String::new(), en: String::new() };
        end(&vault, id, &Outcome::Kept { step: "R-SEND-3".to_owned(), reason });
        assert_eq!(vault.filing(id).unwrap(), Some(FilingState::AfterSending));
        assert!(due(&vault, 99).is_empty(), "it was sent to nobody");
        let offered = choice == Choice::Secure;
        let again = choosing(choice, offered.then_some("A"));
        vault.choose_with(id, &again, at(20)).unwrap();
        let filing = vault.filing(id).unwrap();
        assert_eq!(filing == Some(FilingState::AfterSending), offered, "{filing:?}");
        assert!(due(&vault, 99).is_empty());
    }
}

#[test]
fn a_choice_and_its_filing_are_kept_together_or_not_at_all() {
    let (_folder, vault) = vault();
    let id = hold(&vault, "x", at(1));
    vault.ask_filing(Source::Held(id), &address("jan@praktijk.nl"), "A", at(1)).unwrap();
    vault.record_filing(Source::Held(id), "A", &FilingState::Filed { place: None }, at(2)).unwrap();
    let refused = vault.choose_with(id, &choosing(Choice::Secure, Some("B")), at(3));
    assert!(matches!(refused, Err(VaultError::NotNow { .. })), "the record has it already");
    let states: Vec<_> = vault.get(id).unwrap().recipients.iter().map(|one| one.state).collect();
    assert!(states.iter().all(|state| *state == crate::State::Waiting), "{states:?}");
    vault.choose_with(id, &choosing(Choice::Secure, None), at(4)).unwrap();
}

#[test]
fn what_is_taken_back_before_anybody_got_it_is_not_filed() {
    let (_folder, vault) = vault();
    let take_back = |vault: &Vault, id| vault.take_back(id, "jan", at(3)).map(drop);
    let withdraw = |vault: &Vault, id| {
        vault.choose_with(id, &choosing(Choice::Withdraw, None), at(3)).map(drop)
    };
    type Undo<'a> = &'a dyn Fn(&Vault, HeldId) -> Result<(), VaultError>;
    for (number, undo) in (0..).zip([&take_back as Undo<'_>, &withdraw]) {
        let id = hold(&vault, &format!("x{number}"), at(1));
        vault.choose_with(id, &choosing(Choice::Secure, Some("A")), at(2)).unwrap();
        undo(&vault, id).unwrap();
        assert_eq!(
            vault.filing(id).unwrap(),
            Some(FilingState::Stopped { there: Stopped::NotThere })
        );
        assert_eq!(vault.filing_wish(Source::Held(id)).unwrap(), None, "the patient is forgotten");
    }
    // A wish by itself does not hang on the mail.
    let id = hold(&vault, "apart", at(1));
    vault.ask_filing(Source::Held(id), &address("jan@praktijk.nl"), "A", at(1)).unwrap();
    withdraw(&vault, id).unwrap();
    assert_eq!(due(&vault, 99), [id]);
}

#[test]
fn what_somebody_got_is_filed_though_the_rest_is_taken_back() {
    let (_folder, vault) = vault();
    let id = hold(&vault, "x", at(1));
    vault.choose_with(id, &choosing(Choice::Secure, Some("A")), at(2)).unwrap();
    let first = [address("a@b.nl")];
    vault.begin_handover(id, &seen(&first), &Choice::Secure, at(3)).unwrap();
    let outcome = Outcome::Sent { route: "direct".to_owned() };
    let sent = Attempt { recipient: address("a@b.nl"), outcome, proof_json: None };
    vault.record_results(id, &[sent], at(4)).unwrap();
    vault.take_back(id, "jan", at(5)).unwrap();
    assert_eq!(due(&vault, 99), [id]);
}

#[test]
fn a_stopped_offer_is_tried_no_more_and_says_whether_it_may_be_there() {
    let (_folder, vault) = vault();
    let account = address("jan@praktijk.nl");
    let (never, tried) = (hold(&vault, "x", at(1)), hold(&vault, "y", at(1)));
    for id in [never, tried] {
        vault.ask_filing(Source::Held(id), &account, "A", at(1)).unwrap();
    }
    assert!(vault.begin_filing(Source::Held(tried), "A", Some(Form::Held)).unwrap());
    assert_eq!(vault.stop_filing(Source::Held(never), at(2)).unwrap(), Stopped::NotThere);
    assert_eq!(vault.stop_filing(Source::Held(tried), at(2)).unwrap(), Stopped::MaybeThere);
    assert!(
        vault.stop_filing(Source::Held(tried), at(3)).is_err(),
        "there is nothing left to stop"
    );
    assert!(due(&vault, 99).is_empty());
    assert_eq!(kinds(&vault), ["filing_asked", "filing_asked", "filing_stopped", "filing_stopped"]);

    // The attempt that was under way then ends: what is there is there.
    vault
        .record_filing(Source::Held(tried), "A", &FilingState::Filed { place: None }, at(4))
        .unwrap();
    assert_eq!(vault.filing(tried).unwrap(), Some(FilingState::Filed { place: None }));
    // Offered again, it is the same offer as before: in the same form, and looked for first.
    vault.ask_filing(Source::Held(never), &account, "B", at(5)).unwrap();
    let (again, _) = vault.due_filings(at(5)).unwrap();
    assert_eq!((again[0].attempts, again[0].changed, again[0].form), (0, false, None));
}

#[test]
fn what_was_refused_is_offered_in_the_same_form_and_as_what_may_lie_there_under_another() {
    let (_folder, vault) = vault();
    let (id, account) = (hold(&vault, "x", at(1)), address("jan@praktijk.nl"));
    let form = |vault: &Vault| vault.due_filings(at(99)).unwrap().0[0].form;
    vault.ask_filing(Source::Held(id), &account, "A", at(1)).unwrap();
    assert!(vault.begin_filing(Source::Held(id), "A", Some(Form::Held)).unwrap());
    assert!(vault.begin_filing(Source::Held(id), "A", Some(Form::Signed)).unwrap());
    assert_eq!(form(&vault), Some(Form::Held));
    let no =
        FilingState::Refused { nl: "nee".into(), en: "no".into(), said: Some("Jansen?".into()) };
    vault.record_filing(Source::Held(id), "A", &no, at(2)).unwrap();
    assert_eq!(vault.filing(id).unwrap(), Some(no));
    let journal = format!("{:?}", vault.export_journal().unwrap());
    assert!(!journal.contains("Jansen"), "a record system's words stay out of the journal");
    vault.ask_filing(Source::Held(id), &account, "A", at(3)).unwrap();
    assert_eq!(form(&vault), Some(Form::Held));
    assert!(vault.due_filings(at(99)).unwrap().0[0].changed, "what is found is under nobody known");
}

fn received(vault: &Vault, text: &str) -> ArchiveId {
    let meta = ArchiveMeta {
        account: address("jan@praktijk.nl"),
        direction: Direction::Received,
        from: None,
        recipients: Vec::new(),
        subject: "uitslag".to_owned(),
        sent_at: at(0),
        signed: false,
        attachments: Vec::new(),
        proofs: Vec::new(),
    };
    let copy = NewCopy { bytes: text.as_bytes(), meta: &meta, text: &Text::default() };
    vault.keep_received(copy, at(1)).unwrap().unwrap()
}

#[test]
fn a_copy_is_offered_as_a_held_message_is() {
    let (_folder, vault) = vault();
    let (copy, account) = (received(&vault, "a"), address("jan@praktijk.nl"));
    let source = Source::Copy(copy);
    vault.ask_filing(source, &account, "A", at(1)).unwrap();
    assert_eq!(vault.due_filings(at(1)).unwrap().0[0].source, source);
    assert_eq!(vault.offered_copies().unwrap()[0].id, copy);
    assert!(vault.list().unwrap().is_empty(), "it is no held message");
    assert!(vault.begin_filing(source, "A", None).unwrap());
    vault.record_filing(source, "A", &FilingState::Filed { place: None }, at(2)).unwrap();
    assert!(vault.offered_copies().unwrap().is_empty());
    assert_eq!(vault.filing(copy.held()).unwrap(), Some(FilingState::Filed { place: None }));
}

#[test]
fn whoever_destroys_the_text_stops_its_offer_and_age_waits_for_it() {
    let (_folder, vault) = vault();
    let account = address("jan@praktijk.nl");
    let (copy, other) = (received(&vault, "a"), received(&vault, "b"));
    let old = |vault: &Vault| vault.expired_copies(&account, at(50), at(60)).unwrap();
    for id in [copy, other] {
        vault.ask_filing(Source::Copy(id), &account, "A", at(1)).unwrap();
    }
    vault.agree_to_expiry(&account, at(50), at(51)).unwrap();
    assert!(old(&vault).is_empty(), "what is still to be filed does not go by its age");
    let no =
        FilingState::Refused { nl: "nee".into(), en: "no".into(), said: Some("Jansen?".into()) };
    vault.record_filing(Source::Copy(other), "A", &no, at(52)).unwrap();
    assert!(old(&vault).is_empty(), "nor what was refused, until a person mends or stops that");
    vault.delete_copies(&[copy, other], &Gone::Person("jan".to_owned()), at(53)).unwrap();
    for id in [copy, other] {
        let stopped = FilingState::Stopped { there: Stopped::NotThere };
        assert_eq!(vault.filing(id.held()).unwrap(), Some(stopped), "nothing is left to mend");
    }
    assert!(due(&vault, 99).is_empty() && vault.offered_copies().unwrap().is_empty());
}

#[test]
fn what_a_folder_took_for_a_person_to_file_can_still_be_filed_under_a_patient() {
    let (_folder, vault) = vault();
    let (id, account) = (hold(&vault, "x", at(1)), address("jan@praktijk.nl"));
    vault.ask_filing(Source::Held(id), &account, UNFILED, at(1)).unwrap();
    vault
        .record_filing(Source::Held(id), UNFILED, &FilingState::Filed { place: None }, at(2))
        .unwrap();
    assert_eq!(vault.filing(id).unwrap(), None);
    vault.ask_filing(Source::Held(id), &account, "A", at(3)).unwrap();
}

#[test]
fn a_form_that_was_read_before_the_mail_was_signed_and_sent_is_not_handed_in() {
    let (_folder, vault) = vault();
    let (id, account) = (hold(&vault, "x", at(1)), address("jan@praktijk.nl"));
    let source = Source::Held(id);
    vault.ask_filing(source, &account, "A", at(1)).unwrap();
    assert_eq!(vault.filing_form(source).unwrap(), Some(Form::Held));
    // While the copies are made, somebody has it signed and sent.
    vault.choose_with(id, &choosing(Choice::Secure, Some("A")), at(2)).unwrap();
    vault.put_signed(id, b"signed").unwrap();
    end(&vault, id, &Outcome::Sent { route: "direct".to_owned() });
    assert!(!vault.begin_filing(source, "A", Some(Form::Held)).unwrap(), "it went as another");
    assert_eq!(vault.due_filings(at(99)).unwrap().0[0].attempts, 0);
    assert_eq!(vault.filing_form(source).unwrap(), Some(Form::Signed));
    assert!(vault.begin_filing(source, "A", Some(Form::Signed)).unwrap());
}

#[test]
fn a_damaged_row_is_refused_for_its_message_alone_and_is_whole_once_it_is_asked_again() {
    let (_folder, vault) = vault();
    let account = address("jan@praktijk.nl");
    let ids = ["x", "y", "z"].map(|text| hold(&vault, text, at(1)));
    for id in ids {
        vault.ask_filing(Source::Held(id), &account, "A", at(1)).unwrap();
    }
    vault
        .change(|change| {
            let sql = "UPDATE filing SET account = 'nobody' WHERE held = ?1";
            Ok(change.execute(sql, [ids[0].to_string()])?)
        })
        .unwrap();
    assert_eq!(due(&vault, 2), ids[1..], "the others go on");
    let state = vault.filing(ids[0]).unwrap();
    let Some(FilingState::Refused { nl, en, .. }) = state else { panic!("{state:?}") };
    assert!(nl.contains("beschadigd") && en.contains("offer it anew"), "{nl} {en}");
    assert_eq!(kinds(&vault).last().map(String::as_str), Some("filing_refused"));
    vault.ask_filing(Source::Held(ids[0]), &account, "A", at(3)).unwrap();
    assert_eq!(due(&vault, 3).len(), 3);
}

#[test]
fn a_copy_whose_description_is_damaged_is_told_and_hides_no_other() {
    let (_folder, vault) = vault();
    let (one, other) = (received(&vault, "a"), received(&vault, "b"));
    for copy in [one, other] {
        vault.ask_filing(Source::Copy(copy), &address("jan@praktijk.nl"), "A", at(1)).unwrap();
    }
    vault
        .change(|change| {
            let sql = "UPDATE archive SET meta = '{\"cut' WHERE held = ?1";
            Ok(change.execute(sql, [one.held().to_string()])?)
        })
        .unwrap();
    let all = vault.offered_copies().unwrap();
    let seen: Vec<_> = all.iter().map(|copy| (copy.id, copy.meta.subject.as_str())).collect();
    assert_eq!(seen, [(one, ""), (other, "uitslag")]);
    assert_eq!(all[0].meta.direction, Direction::Received);
    assert_eq!(all[0].meta.account, address("jan@praktijk.nl"));
}

fn at_system(name: &str) -> String {
    format!("{{\"destination\":\"{name}\"}}")
}

#[test]
fn what_a_system_took_while_the_offer_was_corrected_to_another_stays_known() {
    let (_folder, vault) = vault();
    let (id, account) = (hold(&vault, "x", at(1)), address("jan@praktijk.nl"));
    let (source, a, b) = (Source::Held(id), at_system("A"), at_system("B"));
    vault.ask_filing(source, &account, &a, at(1)).unwrap();
    assert!(vault.begin_filing(source, &a, None).unwrap());
    vault.ask_filing(source, &account, &b, at(2)).unwrap();
    let offer = vault.offer(id).unwrap().unwrap();
    assert_eq!(offer.system.as_deref(), Some("B"));
    let doubt = Earlier { system: Some("A".into()), at: at(2), place: None, in_doubt: true };
    assert_eq!(offer.earlier, [doubt], "no answer of it was seen yet");
    let filed = |place: &str| FilingState::Filed { place: Some(place.to_owned()) };
    vault.record_filing(source, &a, &filed("Document/7"), at(3)).unwrap();
    let place = Some("Document/7".to_owned());
    let taken = Earlier { system: Some("A".into()), at: at(3), place, in_doubt: false };
    assert_eq!(vault.offer(id).unwrap().unwrap().earlier, std::slice::from_ref(&taken));
    assert!(matches!(vault.filing(id).unwrap(), Some(FilingState::Due { .. })));
    assert!(vault.begin_filing(source, &b, None).unwrap());
    vault.record_filing(source, &b, &filed("Document/8"), at(4)).unwrap();
    let offer = vault.offer(id).unwrap().unwrap();
    assert_eq!((offer.state, offer.system.as_deref()), (filed("Document/8"), Some("B")));
    assert_eq!(offer.earlier, [taken]);
    assert_eq!(kinds(&vault), ["filing_asked", "filing_asked"]);
    let journal = format!("{:?}", vault.export_journal().unwrap());
    assert!(journal.contains("Document/7") && journal.contains("Document/8"), "{journal}");
}

#[test]
fn where_an_offer_was_tried_before_it_was_stopped_and_went_elsewhere_stays_known() {
    let (_folder, vault) = vault();
    let (id, account) = (hold(&vault, "x", at(1)), address("jan@praktijk.nl"));
    let (source, a, b) = (Source::Held(id), at_system("A"), at_system("B"));
    vault.ask_filing(source, &account, &a, at(1)).unwrap();
    assert!(vault.begin_filing(source, &a, None).unwrap());
    vault.stop_filing(source, at(2)).unwrap();
    vault.ask_filing(source, &account, &b, at(3)).unwrap();
    let offer = vault.offer(id).unwrap().unwrap();
    let doubt = Earlier { system: Some("A".into()), at: at(2), place: None, in_doubt: true };
    assert_eq!((offer.system.as_deref(), offer.earlier), (Some("B"), vec![doubt]));
    vault.ask_filing(source, &account, &a, at(4)).unwrap();
    assert!(vault.begin_filing(source, &a, None).unwrap());
    vault.record_filing(source, &a, &FilingState::Filed { place: None }, at(5)).unwrap();
    let offer = vault.offer(id).unwrap().unwrap();
    assert_eq!(offer.system.as_deref(), Some("A"));
    let doubts: Vec<_> = offer.earlier.iter().map(|one| one.system.as_deref()).collect();
    assert_eq!(doubts, Vec::<Option<&str>>::new(), "what was in doubt there is known now");
}

#[test]
fn an_offer_that_comes_to_nothing_before_it_is_made_is_counted_and_may_not_be_there() {
    let (_folder, vault) = vault();
    let (id, account) = (hold(&vault, "x", at(1)), address("jan@praktijk.nl"));
    let source = Source::Held(id);
    vault.ask_filing(source, &account, "A", at(1)).unwrap();
    let trouble = Some(("geen pagina's".to_owned(), "no pages".to_owned()));
    let later = FilingState::Due { next: at(2), attempts: 0, trouble };
    for failures in 0..3 {
        assert_eq!(vault.due_filings(at(2)).unwrap().0[0].failures, failures);
        vault.record_filing(source, "A", &later, at(2)).unwrap();
    }
    assert_eq!(vault.stop_filing(source, at(3)).unwrap(), Stopped::NotThere, "nobody was asked");
    vault.ask_filing(source, &account, "A", at(4)).unwrap();
    assert_eq!(vault.due_filings(at(4)).unwrap().0[0].failures, 0, "a person begins anew");
}
