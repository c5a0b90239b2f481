//! Another way (R-ALT-1): who may not go as NTA mail goes by the organisation's gateway, also where that
//! shows only on the connection, and never by anything weaker.

use serde_json::Value;
use tests::script::{Scripted, Step};
use tests::zorgzegel::Options;
use tests::{Session, World, Zorgzegel, guard};

use super::routes::{account, choose, hold_for, pending, with_gateway};

const ROUTES: &str = "routes = [\"direct\", \"gateway\"]";

/// Hosts that do not give the proof that the plan asks for, by DANE and by annex C.
const NO_PROOF: [(&str, &str, &str); 5] = [
    ("a@mismatch.test", "mx.mismatch.test", "DANE"),
    ("b@danegeentls.test", "mx.danegeentls.test", "STARTTLS"),
    ("c@verkeerdenaam.test", "mx.verkeerdenaam.test", "andere naam"),
    ("d@certverlopen.test", "mx.certverlopen.test", "verlopen"),
    ("e@geentls.test", "mx.geentls.test", "STARTTLS"),
];

/// The recipients of the only message, once each was attempted; none when all have it.
fn settled(product: &Zorgzegel) -> Vec<Value> {
    guard::until("all attempts", guard::PATIENCE, || {
        let Some(message) = pending(product).into_iter().next() else { return Some(Vec::new()) };
        let all = message["recipients"].as_array()?.clone();
        let tried = |one: &Value| {
            one["state"] != "sending" && one["attempts"].as_u64().is_some_and(|count| count > 0)
        };
        all.iter().all(tried).then_some(all)
    })
    .unwrap()
}

fn proofs(product: &Zorgzegel, id: &str) -> Vec<Value> {
    let said = product.cli(&["proof", id, "--json"]).unwrap().must("proof").unwrap();
    serde_json::from_str(&said).unwrap()
}

#[test]
fn who_has_no_host_that_gives_its_proof_goes_by_the_gateway_with_what_was_seen() {
    let (world, session) = (World::shared(), Session::start().unwrap());
    let gateway = Scripted::start(([127, 0, 0, 1], 0).into(), None, vec![vec![Step::Serve("X")]]);
    let gateway = gateway.unwrap();
    let options = Options { first_retry: "1h", ..account("omweg") };
    let product = with_gateway(&session, options, gateway.address(), ROUTES);
    // One whose host proves itself, one who is forged, one whose host is down: no gateway for them.
    let (good, forged, later) = ("f@goed.test", "g@nagemaakt.test", "h@onbereikbaar.test");
    let mut to: Vec<&str> = NO_PROOF.iter().map(|(to, ..)| *to).collect();
    to.extend([good, forged, later]);
    let id = hold_for(&product, &to);
    choose(&product, &id, &["secure"]);
    let left = settled(&product);
    let of = |to: &str| left.iter().find(|one| one["address"] == to).unwrap();
    for (to, ..) in NO_PROOF {
        assert_eq!(of(to)["state"], "sent", "{left:#?}");
        assert!(world.received(to).unwrap().is_empty(), "{to}: not at the host without proof");
        assert!(world.provider().unwrap().taken(to).is_empty(), "{to}");
    }
    assert_eq!(of(good)["state"], "sent");
    assert_eq!(
        (&of(forged)["state"], &of(forged)["step"]),
        (&"waiting".into(), &"R-SEND-4".into())
    );
    assert_eq!(of(later)["state"], "chosen", "what may pass by itself is tried again");

    let heard = gateway.heard();
    let rcpt = |to: &str| {
        let line = format!("RCPT TO:<{to}>");
        let lines = heard.iter().flat_map(|one| &one.lines);
        lines.filter(|heard| heard.starts_with(&line)).count()
    };
    assert!(NO_PROOF.iter().all(|(to, ..)| rcpt(to) == 1), "{heard:?}");
    assert!([good, forged, later].iter().all(|to| rcpt(to) == 0), "{heard:?}");
    for one in heard.iter().filter(|one| !one.data.is_empty()) {
        let data = String::from_utf8_lossy(&one.data);
        assert!(!data.contains("X-NTA7516") && !data.contains("multipart/signed"), "{data}");
    }
    let proofs = proofs(&product, &id);
    let of = |to: &str| proofs.iter().find(|one| one["to"] == to).unwrap();
    for (to, host, words) in NO_PROOF {
        let proof = of(to);
        assert_eq!((&proof["way"], &proof["end"]["came_to"]), (&"gateway".into(), &"taken".into()));
        let guarantee = proof["guarantee"]["nl"].as_str().unwrap();
        assert!(guarantee.starts_with("De beveiligde-mailvoorziening"), "{proof}");
        let seen = &proof["not_used"][0];
        assert_eq!(seen["host"], host, "{proof}");
        assert!(seen["words"]["nl"].as_str().unwrap().contains(words), "{proof}");
        assert_eq!(proof["records"]["recipient"]["security"], "secure", "{proof}");
        assert_eq!(proof["tls"], Value::Null, "nothing was proved: {proof}");
    }
    assert_eq!(of(good)["way"], "direct");
    let journal = product.cli(&["journal", "export"]).unwrap().must("journal").unwrap();
    let by_gateway = journal.matches("\"route\":\"gateway\"").count();
    assert_eq!(by_gateway, NO_PROOF.len(), "{journal}");
}

#[test]
fn a_gateway_that_cannot_take_it_now_is_tried_again_and_nothing_else_is() {
    let (world, session) = (World::shared(), Session::start().unwrap());
    let scripts = vec![vec![Step::say("421 4.3.2 nu niet")], vec![Step::Serve("X")]];
    let gateway = Scripted::start(([127, 0, 0, 1], 0).into(), None, scripts).unwrap();
    let product = with_gateway(&session, account("omweg2"), gateway.address(), ROUTES);
    let to = "omweg2@verkeerdenaam.test";
    let id = hold_for(&product, &[to]);
    choose(&product, &id, &["secure"]);
    guard::until("its end", guard::PATIENCE, || pending(&product).is_empty().then_some(()))
        .unwrap();
    let proof = proofs(&product, &id).remove(0);
    assert_eq!((&proof["way"], &proof["end"]["came_to"]), (&"gateway".into(), &"taken".into()));
    assert!(gateway.heard().len() >= 2, "{:?}", gateway.heard());
    assert!(world.received(to).unwrap().is_empty());
    assert!(world.provider().unwrap().taken(to).is_empty());
}

#[test]
fn without_a_gateway_it_stays_held_with_the_step_that_asked_for_most() {
    let (world, session) = (World::shared(), Session::start().unwrap());
    let product = Zorgzegel::start(world, &session, account("geenomweg")).unwrap();
    // The last host is tried last, and what the first one did not prove is told.
    for (to, step) in
        [("i@danenietpkixniet.test", "R-SEND-5"), ("j@verkeerdenaam.test", "R-SEND-6")]
    {
        let id = hold_for(&product, &[to]);
        choose(&product, &id, &["secure"]);
        let one = settled(&product).remove(0);
        assert_eq!((&one["state"], &one["step"]), (&"waiting".into(), &step.into()), "{one}");
        assert!(!one["reason"]["nl"].as_str().unwrap().is_empty(), "{one}");
        choose(&product, &id, &["withdraw"]);
    }
}
