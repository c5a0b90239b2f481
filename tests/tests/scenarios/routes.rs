//! The ways that a chosen mail goes: by the provider, by a gateway, and to hosts that do it ill.

use serde_json::Value;
use tests::domains::MARK;
use tests::raw::Raw;
use tests::script::{Scripted, Step};
use tests::zorgzegel::Options;
use tests::{Session, World, Zorgzegel, guard};

const HEALTH: &str = "Subject: overdracht\r\nOrganization: Praktijk\r\n\r\n\
    BSN 123456782, dhr. Jansen, geb. 12-03-1956, CVA\r\n";

fn account(name: &str) -> Options {
    Options { address: format!("{name}@praktijk.test"), ..Options::default() }
}

/// Hands the mail in, and gives the id under which it is held.
fn hold(product: &Zorgzegel, to: &str) -> String {
    let at = product.smtp().unwrap();
    let mut raw = Raw::log_in(at, product.user(), product.local_password()).unwrap();
    raw.ask(&format!("MAIL FROM:<{}>", product.user()), "250").unwrap();
    raw.ask(&format!("RCPT TO:<{to}>"), "250").unwrap();
    raw.ask("DATA", "354").unwrap();
    raw.write(format!("{HEALTH}.\r\n").as_bytes()).unwrap();
    let reply = raw.reply().unwrap();
    let rest = reply.strip_prefix("250 2.0.0 held as ");
    rest.unwrap_or_else(|| panic!("not held: {reply}"))[..26].to_owned()
}

fn pending(product: &Zorgzegel) -> Vec<Value> {
    let said = product.cli(&["pending", "--json"]).unwrap().must("pending").unwrap();
    serde_json::from_str(&said).unwrap()
}

fn choose(product: &Zorgzegel, id: &str, what: &[&str]) {
    product.cli(&[&["choose", id], what].concat()).unwrap().must("choose").unwrap();
}

/// The one recipient of the one message, once an attempt came to something; `None`: it was sent.
fn attempted(product: &Zorgzegel) -> Option<Value> {
    guard::until("an attempt", guard::PATIENCE, || {
        let Some(message) = pending(product).into_iter().next() else { return Some(None) };
        let one = message["recipients"][0].clone();
        let tried = one["attempts"].as_u64()? > 0 && one["state"] != "sending";
        tried.then_some(Some(one))
    })
    .unwrap()
}

#[test]
fn by_the_provider_goes_signed_and_marked_what_its_suppliers_record_vouches_for() {
    let (world, session) = (World::shared(), Session::start().unwrap());
    let provider = world.provider().unwrap();
    let by = |name: &str, smtp_host| {
        let routes = vec!["provider"];
        let options = Options { routes, smtp_host, ..account(name) };
        Zorgzegel::start(world, &session, options).unwrap()
    };
    let product = by("bijleverancier", Some("smtp.lab.test"));
    let to = "bijleverancier@goed.test";
    let id = hold(&product, to);
    let prospect = pending(&product)[0]["recipients"][0]["prospect"].clone();
    assert_eq!(
        (&prospect["verdict"], &prospect["route"]),
        (&"handover".into(), &"provider".into())
    );
    choose(&product, &id, &["secure"]);
    assert_eq!(attempted(&product), None);
    let got = guard::until("the provider's store", guard::PATIENCE, || {
        let got = provider.taken(to);
        (!got.is_empty()).then_some(got)
    })
    .unwrap();
    assert_eq!(got.len(), 1);
    assert!(got[0].over_tls(), "{}", got[0].received);
    let text = String::from_utf8_lossy(&got[0].message);
    assert!(text.contains(&format!("X-NTA7516: {MARK}\r\n")), "{text}");
    assert!(text.contains("multipart/signed"), "{text}");
    assert!(world.received(to).unwrap().is_empty(), "not by ourselves");
    let journal = product.cli(&["journal", "export"]).unwrap().must("journal").unwrap();
    assert!(journal.contains("\"route\":\"provider\""), "{journal}");
    // A recipient of whom nothing is proved does not go by the provider either.
    for (to, step) in [("a@zonderrecord.test", "R-SEND-2"), ("a@nagemaakt.test", "R-SEND-4")] {
        let id = hold(&product, to);
        choose(&product, &id, &["secure"]);
        let one = attempted(&product).unwrap();
        assert_eq!((&one["state"], &one["step"]), (&"waiting".into(), &step.into()), "{one}");
        assert!(provider.taken(to).is_empty());
        choose(&product, &id, &["withdraw"]);
    }

    // By its address nobody can tell whose server it is, so no record vouches for it.
    let product = by("naamloos", None);
    let to = "naamloos@goed.test";
    choose(&product, &hold(&product, to), &["secure"]);
    let one = attempted(&product).unwrap();
    assert_eq!((&one["state"], &one["step"]), (&"waiting".into(), &"R-SEND-10".into()), "{one}");
    assert!(provider.taken(to).is_empty());
}

#[test]
fn by_the_gateway_goes_unsigned_what_may_not_go_as_nta_mail_and_it_needs_no_identity() {
    let (world, session) = (World::shared(), Session::start().unwrap());
    let gateway = Scripted::start(([127, 0, 0, 1], 0).into(), None, vec![vec![Step::Serve("X")]]);
    let gateway = gateway.unwrap();
    let options = Options { identity: false, ..account("poort") };
    let product = Zorgzegel::prepare(world, &session, options).unwrap();
    let at = gateway.address();
    let lines = format!(
        "gateway = {{ host = \"{}\", port = {}, tls = \"none\", auth = \"none\" }}\naddress = ",
        at.ip(),
        at.port()
    );
    let text = std::fs::read_to_string(product.config()).unwrap();
    let text = text.replace("routes = [\"direct\"]", "routes = [\"gateway\"]");
    std::fs::write(
        product.config(),
        text.replace("address = \"poort@", &format!("{lines}\"poort@")),
    )
    .unwrap();
    let mut product = product;
    product.run().unwrap();
    choose(&product, &hold(&product, "poort@zonderrecord.test"), &["secure"]);
    assert_eq!(attempted(&product), None);
    let heard = gateway.heard().remove(0);
    let data = String::from_utf8_lossy(&heard.data).into_owned();
    assert!(data.contains("Jansen") && !data.contains("multipart/signed"), "{data}");
    assert!(!data.contains("X-NTA7516"), "{data}");
    assert!(world.provider().unwrap().taken("poort@zonderrecord.test").is_empty());
}

/// A host of the recipient's that proves itself and then does its work ill.
#[test]
fn a_host_that_breaks_off_or_lies_gets_no_mail_twice_and_costs_none() {
    let (world, session) = (World::shared(), Session::start().unwrap());
    let options = Options { first_retry: "1h", ..account("slordig") };
    let product = Zorgzegel::start(world, &session, options).unwrap();
    let (at, identity) = world.script("mx.script1.test").unwrap();
    let to_data = |steps: &[Step]| [&[Step::Serve("DATA")], steps].concat();
    let go = || Step::say("354 go on");
    let cases: Vec<(&str, Vec<Step>, &str, bool)> = vec![
        ("garbage", vec![Step::say("\u{1}\u{2} hello"), Step::Silence], "chosen", false),
        ("421", vec![Step::say("421 4.3.2 even niet")], "chosen", false),
        ("no greeting", vec![], "chosen", false),
        ("250 to DATA", to_data(&[Step::say("250 2.0.0 fine"), Step::Silence]), "chosen", false),
        (
            "421 at the end",
            to_data(&[go(), Step::Message, Step::say("421 4.3.2 nu")]),
            "chosen",
            false,
        ),
        ("451", to_data(&[go(), Step::Message, Step::say("451 4.3.0 later")]), "chosen", false),
        ("554", to_data(&[go(), Step::Message, Step::say("554 5.6.0 nooit")]), "failed", false),
        ("after the dot", to_data(&[go(), Step::Message]), "failed", true),
        ("354 at the end", to_data(&[go(), Step::Message, Step::say("354 more")]), "failed", true),
        ("garbage at the end", to_data(&[go(), Step::Message, Step::say("ok")]), "failed", true),
    ];
    // Whether the end was told before the break came is for the network to say: either is true.
    let either = [
        ("mid-DATA", to_data(&[go(), Step::Bytes(100), Step::Reset])),
        ("421 in DATA", to_data(&[go(), Step::Bytes(10), Step::say("421 4.3.2 nu")])),
    ];
    let cases =
        cases.into_iter().map(|(name, script, state, doubt)| (name, script, Some((state, doubt))));
    for (name, script, expected) in cases.chain(either.map(|(name, script)| (name, script, None))) {
        let host = Scripted::start(at, Some(identity), vec![script]).unwrap();
        let id = hold(&product, &format!("{}@script1.test", name.replace(' ', ".")));
        choose(&product, &id, &["secure"]);
        let one = attempted(&product).unwrap_or_else(|| panic!("{name}: it was sent"));
        let got = (one["state"].as_str().unwrap(), one["in_doubt"].as_bool().unwrap());
        match expected {
            Some(expected) => assert_eq!(got, expected, "{name}: {one}"),
            None => assert!([("chosen", false), ("failed", true)].contains(&got), "{name}: {one}"),
        }
        assert!(!one["words"].as_str().unwrap().is_empty(), "{name}: {one}");
        if name == "554" {
            assert_eq!(one["words"], "554 5.6.0 nooit");
        }
        choose(&product, &id, &["withdraw"]);
        assert!(pending(&product).is_empty(), "{name}");
        assert_eq!(host.heard().len(), 1, "{name}: tried once");
    }
}
