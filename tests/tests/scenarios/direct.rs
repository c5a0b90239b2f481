//! The route `direct` beyond the good case: what the organisation sets, several mail hosts, and
//! what a server can and cannot take.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde_json::Value;
use tests::domains::OU_MARK;
use tests::script::{Scripted, Step};
use tests::zorgzegel::Options;
use tests::{Session, World, Zorgzegel, guard};

use super::routes::{account, attempted, choose, hold, hold_for, pending};

fn product(world: &World, session: &Session, name: &str, more: &str) -> Zorgzegel {
    let options = Options { more: more.to_owned(), first_retry: "1h", ..account(name) };
    Zorgzegel::start(world, session, options).unwrap()
}

/// The proofs of a message.
fn proofs(product: &Zorgzegel, id: &str) -> Vec<Value> {
    let said = product.cli(&["proof", id, "--json"]).unwrap().must("proof").unwrap();
    serde_json::from_str(&said).unwrap()
}

/// Sends it the safe way, and gives the proof of the one recipient when an attempt was made.
fn sent(product: &Zorgzegel, to: &str) -> Value {
    let id = hold(product, to);
    choose(product, &id, &["secure"]);
    let left = attempted(product);
    let mut proofs = proofs(product, &id);
    assert_eq!(proofs.len(), 1, "{proofs:?}");
    let proof = proofs.remove(0);
    assert_eq!(left.is_none(), proof["end"]["came_to"] == "taken", "{left:?} {proof}");
    if left.is_some() {
        choose(product, &id, &["withdraw"]);
    }
    proof
}

/// One test at a time puts its server in the place of this host, `mx.script3.test`.
fn place() -> MutexGuard<'static, ()> {
    static PLACE: Mutex<()> = Mutex::new(());
    PLACE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The same of `mx1.uitwijk.test`.
fn uitwijk() -> MutexGuard<'static, ()> {
    static PLACE: Mutex<()> = Mutex::new(());
    PLACE.lock().unwrap_or_else(PoisonError::into_inner)
}

fn kept_back(proof: &Value, step: &str) {
    assert_eq!(proof["end"]["came_to"], "kept_back", "{proof}");
    assert_eq!(proof["end"]["step"], step, "{proof}");
}

#[test]
fn a_domain_without_dnssec_gets_mail_only_by_a_certificate_with_an_accepted_mark() {
    let (world, session) = (World::shared(), Session::start().unwrap());
    let marks = format!("[nta]\nou_marks = [\"ANDERS\", \"{OU_MARK}\"]\n");
    let marked = product(world, &session, "bijlageb", &marks);
    let to = "bijlageb@bijlageb.test";
    let proof = sent(&marked, to);
    assert_eq!(proof["end"]["came_to"], "taken", "{proof}");
    assert_eq!(proof["records"]["recipient"]["security"], "insecure", "{proof}");
    let met = &proof["tls"];
    assert_eq!((&met["proof"]["by"], &met["proof"]["mark"]), (&"ou".into(), &OU_MARK.into()));
    assert_eq!(met["proof"]["name"], "mx.bijlageb.test", "{proof}");
    assert_eq!(met["units"], serde_json::json!([OU_MARK]), "{proof}");
    let got = guard::until("the stored mail", guard::PATIENCE, || {
        let got = world.received(to).unwrap();
        (!got.is_empty()).then_some(got)
    });
    assert!(got.unwrap()[0].over_tls());
    // A good certificate without the mark is not enough.
    let proof = sent(&marked, "bijlageb@onveilig.test");
    kept_back(&proof, "R-SEND-7");
    assert!(proof["end"]["words"]["nl"].as_str().unwrap().contains("kenmerk"), "{proof}");
    assert!(world.received("bijlageb@onveilig.test").unwrap().is_empty());
    let check = marked.cli(&["check", "bijlageb.test", "--json"]).unwrap();
    let check: Value = serde_json::from_str(&check.must("check").unwrap()).unwrap();
    assert_eq!((&check["verdict"], &check["proof"]), (&"direct".into(), &"ou".into()), "{check}");
    // The looks of the window and of `pending` hold to it too.
    let id = hold(&marked, "kijk@bijlageb.test");
    let prospect = pending(&marked)[0]["recipients"][0]["prospect"].clone();
    assert_eq!((&prospect["verdict"], &prospect["proof"]), (&"handover".into(), &"ou".into()));
    choose(&marked, &id, &["withdraw"]);

    for (name, more) in [("bijlageb2", ""), ("bijlageb3", "[nta]\nou_marks = [\"nta-lab\"]\n")] {
        let other = product(world, &session, name, more);
        kept_back(&sent(&other, "ander@bijlageb.test"), "R-SEND-7");
        assert!(world.received("ander@bijlageb.test").unwrap().is_empty());
    }
}

#[test]
fn the_list_of_suppliers_and_a_known_suppliers_own_record_are_held_to() {
    let (world, session) = (World::shared(), Session::start().unwrap());
    let at = |domain: &str| format!("[[nta.supplier]]\nmark = \"LAB\"\ndomain = \"{domain}\"\n");
    let good = product(world, &session, "leverancier1", &at("lab.test"));
    let proof = sent(&good, "leverancier1@goed.test");
    assert_eq!(proof["end"]["came_to"], "taken", "{proof}");
    let supplier = &proof["records"]["supplier"];
    assert_eq!((&supplier["mark"], &supplier["domain"]), (&"LAB".into(), &"lab.test".into()));
    assert!(supplier["record"].as_str().unwrap().starts_with("version=NTA7516-1"), "{proof}");
    for (name, more, words) in [
        ("leverancier2", at("praktijk.test"), "publiceert geen NTA-leveranciersrecord"),
        ("leverancier3", "[nta]\nsuppliers = [\"ANDERS\"]\n".to_owned(), "niet op de lijst"),
    ] {
        let product = product(world, &session, name, &more);
        let to = format!("{name}@goed.test");
        let proof = sent(&product, &to);
        kept_back(&proof, "R-SEND-10");
        assert!(proof["end"]["words"]["nl"].as_str().unwrap().contains(words), "{proof}");
        assert!(world.received(&to).unwrap().is_empty());
    }
    let listed = "[nta]\nsuppliers = [\"ANDERS\", \"LAB\"]\n";
    let proof = sent(&product(world, &session, "leverancier4", listed), "leverancier4@goed.test");
    assert_eq!(proof["end"]["came_to"], "taken", "{proof}");
}

#[test]
fn the_next_mail_host_is_tried_where_one_fails_and_never_where_it_may_have_the_mail() {
    let (world, session) = (World::shared(), Session::start().unwrap());
    let product = product(world, &session, "uitwijk", "");
    let _alone = uitwijk();
    let (at, identity) = world.script("mx1.uitwijk.test").unwrap();
    let (_, wrong) = world.script("mx.script3.test").unwrap();
    let cases = [
        ("nobody", None, identity),
        ("554", Some(vec![Step::say("554 5.3.2 geen dienst")]), identity),
        ("421", Some(vec![Step::say("421 4.3.2 vol")]), identity),
        ("ended", Some(vec![Step::Serve("EHLO")]), identity),
        ("wrong-key", Some(vec![Step::Serve("X")]), wrong),
        ("rcpt-450", Some(vec![Step::Serve("RCPT"), Step::say("450 4.2.1 nu niet")]), identity),
        ("data-421", Some(vec![Step::Serve("DATA"), Step::say("421 4.3.2 nu")]), identity),
    ];
    for (name, script, identity) in cases {
        let to = format!("{name}@uitwijk.test");
        let host = script.map(|script| Scripted::start(at, Some(identity), vec![script]).unwrap());
        let proof = sent(&product, &to);
        assert_eq!(proof["end"]["came_to"], "taken", "{name}: {proof}");
        assert_eq!(proof["host"]["name"], "mx2.uitwijk.test", "{name}: {proof}");
        assert_eq!(proof["not_used"][0]["host"], "mx1.uitwijk.test", "{name}: {proof}");
        let got = guard::until("the stored mail", guard::PATIENCE, || {
            let got = world.received(&to).unwrap();
            (!got.is_empty()).then_some(got)
        });
        assert_eq!(got.unwrap().len(), 1, "{name}");
        let heard = host.map(|host| host.heard()).unwrap_or_default();
        assert!(heard.iter().all(|heard| heard.data.is_empty()), "{name}: {heard:?}");
    }
    let go = || Step::say("354 go on");
    let final_cases = [
        (
            "rcpt-550",
            vec![Step::Serve("RCPT"), Step::say("550 5.1.1 onbekend"), Step::Serve("X")],
            "refused",
        ),
        ("doubt", vec![Step::Serve("DATA"), go(), Step::Message], "in_doubt"),
    ];
    for (name, script, end) in final_cases {
        let to = format!("{name}@uitwijk.test");
        let host = Scripted::start(at, Some(identity), vec![script]).unwrap();
        let proof = sent(&product, &to);
        assert_eq!(proof["end"]["came_to"], end, "{name}: {proof}");
        assert_eq!(proof["host"]["name"], "mx1.uitwijk.test", "{name}: {proof}");
        assert!(world.received(&to).unwrap().is_empty(), "{name}");
        assert_eq!(host.heard().len(), 1, "{name}");
    }
}

#[test]
fn a_group_of_commands_is_sent_at_once_and_each_recipient_has_an_answer_of_its_own() {
    let (world, session) = (World::shared(), Session::start().unwrap());
    let product = product(world, &session, "groep", "");
    let _alone = place();
    let (at, identity) = world.script("mx.script3.test").unwrap();
    // Answers only when all three commands are there: who waits for each reply gets none.
    let script = vec![
        Step::Serve("MAIL"),
        Step::Line,
        Step::Line,
        Step::Line,
        Step::say("250 2.1.0 ok"),
        Step::say("250 2.1.5 ok"),
        Step::Say(b"550-5.1.1 onbekend\r\n550 5.1.1 hier\r\n".to_vec()),
        Step::say("452 4.2.2 vol"),
        Step::Serve("X"),
    ];
    let host = Scripted::start(at, Some(identity), vec![script]).unwrap();
    let to = ["a@script3.test", "b@script3.test", "c@script3.test"];
    let id = hold_for(&product, &to);
    choose(&product, &id, &["secure"]);
    let ends = guard::until("three ends", guard::PATIENCE, || {
        let said = product.cli(&["proof", &id, "--json"]).unwrap();
        let proofs: Vec<Value> = serde_json::from_str(&said.text).unwrap();
        (proofs.len() == 3).then_some(proofs)
    });
    let ends = ends.unwrap();
    let end = |to: &str| ends.iter().find(|one| one["to"] == to).unwrap()["end"].clone();
    assert_eq!(end(to[0])["came_to"], "taken");
    assert_eq!(end(to[1])["words"]["nl"], "550 5.1.1 onbekend 5.1.1 hier");
    assert_eq!(
        (&end(to[1])["came_to"], &end(to[2])["came_to"]),
        (&"refused".into(), &"deferred".into())
    );
    let heard = host.heard();
    assert_eq!(heard.len(), 1);
    let mail = heard[0].lines.iter().find(|line| line.starts_with("MAIL")).unwrap();
    let size = mail.split(" SIZE=").nth(1).unwrap().split(' ').next().unwrap();
    // What was heard has the last dot, and dots that were doubled.
    let sent: usize = size.parse().unwrap();
    assert!((sent + 3..sent + 10).contains(&heard[0].data.len()), "{mail} {}", heard[0].data.len());
}

#[test]
fn a_server_without_any_extension_gets_the_mail_and_one_that_is_too_small_is_not_bothered() {
    let (world, session) = (World::shared(), Session::start().unwrap());
    let product = product(world, &session, "klein", "");
    let _alone = place();
    let (at, identity) = world.script("mx.script3.test").unwrap();
    let plain = Scripted::offering(at, Some(identity), vec![vec![Step::Serve("X")]], "").unwrap();
    let proof = sent(&product, "kaal@script3.test");
    assert_eq!(proof["end"]["came_to"], "taken", "{proof}");
    let heard = plain.heard().remove(0);
    assert!(heard.lines.iter().any(|line| line == "MAIL FROM:<klein@praktijk.test>"), "{heard:?}");
    assert!(heard.data.is_ascii());
    assert!(heard.data.split(|&byte| byte == b'\n').all(|line| line.len() <= 999));
    drop(plain);
    let small = vec![vec![Step::Serve("X")]];
    let small = Scripted::offering(at, Some(identity), small, "SIZE 1000\n8BITMIME").unwrap();
    let proof = sent(&product, "vol@script3.test");
    assert_eq!(proof["end"]["came_to"], "refused", "{proof}");
    let words = proof["end"]["words"]["nl"].as_str().unwrap();
    assert!(words.contains("hoogstens 1000 bytes") && words.contains("andere weg"), "{words}");
    let heard = small.heard().remove(0);
    assert!(heard.lines.iter().all(|line| !line.starts_with("MAIL")), "{heard:?}");
}

#[test]
fn what_is_withdrawn_while_a_host_takes_its_time_is_not_given_to_it() {
    let (world, session) = (World::shared(), Session::start().unwrap());
    let product = product(world, &session, "bedacht", "");
    let _alone = place();
    let (at, identity) = world.script("mx.script3.test").unwrap();
    let replied = |reply: Vec<Step>| {
        let script = [vec![Step::Serve("RCPT")], reply, vec![Step::Serve("X")]];
        script.concat()
    };
    let first = replied(vec![Step::Told, Step::say("250 2.1.5 ok")]);
    let slowly = Step::Slowly(b"250 2.1.5 ok\r\n".to_vec(), Duration::from_millis(400));
    let scripts = vec![first, replied(vec![slowly])];
    let host = Scripted::start(at, Some(identity), scripts).unwrap();
    let id = hold(&product, "bedacht@script3.test");
    choose(&product, &id, &["secure"]);
    guard::until("RCPT", guard::PATIENCE, || {
        let heard = host.heard();
        heard.first()?.lines.iter().any(|line| line.starts_with("RCPT")).then_some(())
    })
    .unwrap();
    choose(&product, &id, &["withdraw"]);
    host.tell();
    // One that comes later and is answered slowly: when it is over, so is the first.
    let proof = sent(&product, "gewenst@script3.test");
    assert_eq!(proof["end"]["came_to"], "taken", "{proof}");
    let heard = host.heard();
    assert_eq!(heard.len(), 2, "{heard:?}");
    assert!(!heard[0].lines.iter().any(|line| line == "DATA"), "{:?}", heard[0].lines);
    assert!(heard[0].data.is_empty() && !heard[1].data.is_empty());
}

#[test]
fn a_server_that_falls_silent_is_left_and_after_the_last_dot_it_is_in_doubt() {
    let (world, session) = (World::shared(), Session::start().unwrap());
    let options = Options { first_retry: "1h", ..account("stil") };
    let mut product = Zorgzegel::prepare(world, &session, options).unwrap();
    let text = std::fs::read_to_string(product.config()).unwrap();
    let quick = text.replace("[delivery]\n", "[delivery]\nreply_timeout = \"10s\"\n");
    std::fs::write(product.config(), quick).unwrap();
    product.run().unwrap();
    let _alone = place();
    let (at, identity) = world.script("mx.script3.test").unwrap();
    let go = || Step::say("354 go on");
    for (name, script, end) in [
        ("groet", vec![Step::Silence], "deferred"),
        ("data", vec![Step::Serve("DATA"), Step::Silence], "deferred"),
        ("einde", vec![Step::Serve("DATA"), go(), Step::Message, Step::Silence], "in_doubt"),
    ] {
        let mut host = Scripted::start(at, Some(identity), vec![script.clone()]).unwrap();
        let mut proof = sent(&product, &format!("{name}@script3.test"));
        for again in 0..3 {
            // Where this machine stood still before the message came, that is what it was left for.
            if end != "in_doubt" || host.heard().iter().any(|session| !session.data.is_empty()) {
                break;
            }
            drop(host);
            host = Scripted::start(at, Some(identity), vec![script.clone()]).unwrap();
            proof = sent(&product, &format!("{name}{again}@script3.test"));
        }
        assert_eq!(proof["end"]["came_to"], end, "{name}: {proof}");
        let words = proof["end"]["words"]["nl"].as_str().unwrap();
        assert!(words.contains("geen antwoord"), "{name}: {words}");
        assert_eq!(host.heard().len(), 1, "{name}: tried once");
    }
}

#[test]
fn who_answers_the_last_dot_with_4xx_has_not_taken_the_mail_and_the_next_host_does() {
    let (world, session) = (World::shared(), Session::start().unwrap());
    let product = product(world, &session, "uitgesteld", "");
    let _alone = uitwijk();
    let (at, identity) = world.script("mx1.uitwijk.test").unwrap();
    let last = ["451 4.3.0 later", "421 4.3.2 nu niet"];
    for (number, reply) in last.into_iter().enumerate() {
        let to = format!("punt{number}@uitwijk.test");
        let go = Step::say("354 go on");
        let script = vec![Step::Serve("DATA"), go, Step::Message, Step::say(reply)];
        let host = Scripted::start(at, Some(identity), vec![script]).unwrap();
        let id = hold(&product, &to);
        choose(&product, &id, &["secure"]);
        assert_eq!(attempted(&product), None, "{reply}");
        let proof = proofs(&product, &id).remove(0);
        assert_eq!(proof["end"]["came_to"], "taken", "{proof}");
        assert_eq!(proof["host"]["name"], "mx2.uitwijk.test", "{proof}");
        assert_eq!(proof["not_used"][0]["host"], "mx1.uitwijk.test", "{proof}");
        assert!(proof["not_used"][0]["words"]["nl"].as_str().unwrap().contains(reply), "{proof}");
        let got = guard::until("the stored mail", guard::PATIENCE, || {
            let got = world.received(&to).unwrap();
            (!got.is_empty()).then_some(got)
        });
        assert_eq!(got.unwrap().len(), 1, "{reply}");
        let heard = host.heard();
        assert_eq!(heard.len(), 1, "{heard:?}");
        assert!(heard[0].data.ends_with(b"\r\n.\r\n"), "it was given the whole message");
        // Each hand-over stands in the journal before it was begun, and the first has its end there.
        let journal = product.cli(&["journal", "export"]).unwrap().must("journal").unwrap();
        let own: Vec<&str> = journal.lines().filter(|line| line.contains(&id)).collect();
        let kinds = ["handover_begun", "deferred", "attempted", "handover_begun", "delivered"];
        let kinds: Vec<String> = kinds.iter().map(|kind| format!("\"kind\":\"{kind}\"")).collect();
        let mut lines = own.iter();
        let in_order = kinds.iter().all(|kind| lines.any(|line| line.contains(kind)));
        assert!(in_order, "{own:#?}");
    }
}

#[test]
fn a_crash_after_the_last_dot_leaves_what_was_seen_until_then() {
    let (world, session) = (World::shared(), Session::start().unwrap());
    let mut product = product(world, &session, "stroomuit", "");
    let _alone = place();
    let (at, identity) = world.script("mx.script3.test").unwrap();
    let go = Step::say("354 go on");
    let script = vec![Step::Serve("DATA"), go, Step::Message, Step::Silence];
    let host = Scripted::start(at, Some(identity), vec![script]).unwrap();
    let to = "stroomuit@script3.test";
    let id = hold(&product, to);
    choose(&product, &id, &["secure"]);
    guard::until("the last dot", guard::PATIENCE, || {
        let heard = host.heard();
        heard.first().is_some_and(|one| one.data.ends_with(b"\r\n.\r\n")).then_some(())
    })
    .unwrap();
    product.kill9();
    let doubted = |product: &Zorgzegel, words: &str| {
        let proof = proofs(product, &id).remove(0);
        assert_eq!((&proof["to"], &proof["way"]), (&to.into(), &"direct".into()), "{proof}");
        assert_eq!(proof["end"]["came_to"], "in_doubt", "{proof}");
        assert!(proof["end"]["words"]["nl"].as_str().unwrap().contains(words), "{proof}");
        assert_eq!(proof["host"]["name"], "mx.script3.test", "{proof}");
        assert_eq!(proof["tls"]["proof"]["by"], "dane", "{proof}");
        assert_eq!(proof["tls"]["certificate_sha256"].as_str().unwrap().len(), 64, "{proof}");
        assert_eq!(proof["records"]["recipient"]["security"], "secure", "{proof}");
        assert!(proof["signed_by"]["subject"].as_str().unwrap().contains("stroomuit"), "{proof}");
    };
    doubted(&product, "nog niet gezien");
    product.run().unwrap();
    let one = attempted(&product).expect("nobody knows whether it arrived");
    assert_eq!((&one["state"], &one["in_doubt"]), (&"failed".into(), &true.into()), "{one}");
    doubted(&product, "het programma eindigde");
    let told = product.cli(&["proof", &id]).unwrap().must("proof").unwrap();
    for words in ["misschien aangenomen", "TLSA 3 1 1", "mx.script3.test"] {
        assert!(told.contains(words), "{words}: {told}");
    }
    let journal = product.cli(&["journal", "export"]).unwrap().must("journal").unwrap();
    assert!(journal.contains("\"kind\":\"in_doubt\""), "{journal}");
    assert_eq!(host.heard().len(), 1, "never sent again by itself");
}
