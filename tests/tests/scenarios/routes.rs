//! The ways that a chosen mail goes: by the provider, by a gateway, and to hosts that do it ill.

use std::net::SocketAddr;

use serde_json::Value;
use tests::domains::MARK;
use tests::raw::{base64, transact};
use tests::script::{Scripted, Step};
use tests::zorgzegel::Options;
use tests::{PASSWORD, Session, World, Zorgzegel, guard, held_as};

const HEALTH: &str = "Subject: overdracht\r\nOrganization: Praktijk\r\n\r\n\
    BSN 123456782, dhr. Jansen, geb. 12-03-1956, CVA\r\n";

pub(super) fn account(name: &str) -> Options {
    Options { address: format!("{name}@praktijk.test"), ..Options::default() }
}

/// Hands the mail in, and gives the id under which it is held.
pub(super) fn hold(product: &Zorgzegel, to: &str) -> String {
    hold_for(product, &[to])
}

/// The same for several recipients.
pub(super) fn hold_for(product: &Zorgzegel, to: &[&str]) -> String {
    hold_mail(product, to, HEALTH)
}

/// The same with this mail.
pub(super) fn hold_mail(product: &Zorgzegel, to: &[&str], mail: &str) -> String {
    let reply = transact(product, to, mail.as_bytes()).unwrap();
    held_as(&reply).unwrap_or_else(|| panic!("not held: {reply}"))
}

pub(super) fn pending(product: &Zorgzegel) -> Vec<Value> {
    let said = product.cli(&["pending", "--json"]).unwrap().must("pending").unwrap();
    serde_json::from_str(&said).unwrap()
}

pub(super) fn choose(product: &Zorgzegel, id: &str, what: &[&str]) {
    product.cli(&[&["choose", id], what].concat()).unwrap().must("choose").unwrap();
}

/// The one recipient of the one message, once an attempt came to something; `None`: it was sent.
pub(super) fn attempted(product: &Zorgzegel) -> Option<Value> {
    guard::until("an attempt", guard::PATIENCE, || {
        let Some(message) = pending(product).into_iter().next() else { return Some(None) };
        let one = message["recipients"][0].clone();
        let tried = one["attempts"].as_u64()? > 0 && one["state"] != "sending";
        (tried && !troubled(&one)).then_some(Some(one))
    })
    .unwrap()
}

/// The test provider's own trouble on a loaded machine is no outcome: it is tried again.
pub(super) fn troubled(recipient: &Value) -> bool {
    recipient["words"].as_str().is_some_and(|words| words.contains(PROVIDER_TROUBLE))
}

/// What Postfix says where Dovecot's process for log-ins did not answer it within ten seconds, which
/// its source fixes.
const PROVIDER_TROUBLE: &str = "Connection lost to authentication server";

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

/// Puts a line into the account in the settings, in place of its `routes`.
pub(super) fn set(product: &Zorgzegel, lines: &str) {
    let text = std::fs::read_to_string(product.config()).unwrap();
    let old = text.lines().find(|line| line.starts_with("routes = ")).expect("routes").to_owned();
    std::fs::write(product.config(), text.replace(&old, lines)).unwrap();
}

/// A product whose account has this gateway, with a password of its own, and these routes.
pub(super) fn with_gateway(
    session: &Session,
    options: Options,
    at: SocketAddr,
    routes: &str,
) -> Zorgzegel {
    let mut product = Zorgzegel::prepare(World::shared(), session, options).unwrap();
    let lines = format!(
        "gateway = {{ host = \"{}\", port = {}, tls = \"none\", auth = \"plain\", username = \"huis\" }}\n\
         {routes}",
        at.ip(),
        at.port()
    );
    set(&product, &lines);
    // The gateway has a login of its own: its password comes after the provider's.
    let add = ["account", "add", product.user(), "--password-stdin", "--gateway-password-stdin"];
    let passwords = format!("{PASSWORD}\nvan de poort\n");
    product.cli_with(&add, passwords.as_bytes()).unwrap().must("account add").unwrap();
    product.run().unwrap();
    product
}

#[test]
fn by_the_gateway_goes_unsigned_what_may_not_go_as_nta_mail_and_it_needs_no_identity() {
    let (world, session) = (World::shared(), Session::start().unwrap());
    let gateway = Scripted::start(([127, 0, 0, 1], 0).into(), None, vec![vec![Step::Serve("X")]]);
    let gateway = gateway.unwrap();
    let options = Options { identity: false, ..account("poort") };
    let routes = "routes = [\"gateway\"]";
    let product = with_gateway(&session, options, gateway.address(), routes);
    // One who takes NTA mail, and one who does not: both go by the gateway where it is all there is.
    let to = ["poort@zonderrecord.test", "poort@goed.test"];
    let id = hold_for(&product, &to);
    choose(&product, &id, &["secure"]);
    assert_eq!(attempted(&product), None);
    let heard = gateway.heard();
    let one = &heard[0];
    let login = one.lines.iter().find_map(|line| line.strip_prefix("AUTH PLAIN ")).unwrap();
    assert_eq!(login, base64(b"\0huis\0van de poort"));
    for to in to {
        let rcpt = format!("RCPT TO:<{to}>");
        let all = heard.iter().flat_map(|one| &one.lines);
        assert_eq!(all.filter(|line| line.starts_with(&rcpt)).count(), 1, "{heard:?}");
        assert!(world.provider().unwrap().taken(to).is_empty());
        assert!(world.received(to).unwrap().is_empty());
    }
    let data = String::from_utf8_lossy(&one.data).into_owned();
    assert!(data.contains("Jansen") && !data.contains("multipart/signed"), "{data}");
    assert!(!data.contains("X-NTA7516"), "{data}");
    let proof = product.cli(&["proof", &id]).unwrap().must("proof").unwrap();
    assert!(proof.contains("De beveiligde-mailvoorziening van uw organisatie"), "{proof}");
    assert!(!proof.contains("Ondertekend"), "{proof}");
}

#[test]
fn where_the_provider_offers_require_tls_it_is_asked_for_and_its_refusal_is_understood() {
    let (world, session) = (World::shared(), Session::start().unwrap());
    let (at, identity) = world.script("mx.script2.test").unwrap();
    let refusal = || Step::say("550 5.7.30 REQUIRETLS needed");
    let scripts = vec![
        // The first connection is for the mail program's own session, which sends nothing here.
        vec![Step::Serve("X")],
        vec![Step::Serve("RCPT"), refusal(), Step::Silence],
        vec![Step::Serve("X")],
    ];
    let offered = "REQUIRETLS\nAUTH PLAIN";
    let provider = Scripted::offering(at, Some(identity), scripts, offered).unwrap();
    let options = Options {
        routes: vec!["provider"],
        smtp: Some(at),
        smtp_host: Some("mx.script2.test"),
        more: "[[nta.supplier]]\nmark = \"LAB\"\ndomain = \"lab.test\"\n".to_owned(),
        ..account("requiretls")
    };
    let product = Zorgzegel::start(world, &session, options).unwrap();
    let id = hold(&product, "requiretls@goed.test");
    choose(&product, &id, &["secure"]);
    let one = attempted(&product).expect("it was refused");
    assert_eq!(one["state"], "failed", "{one}");
    let words = one["words"].as_str().unwrap();
    assert!(words.contains("REQUIRETLS") && words.contains("kies een andere weg"), "{words}");
    assert!(words.contains("550 5.7.30"), "{words}");
    let asked = |number: usize| {
        let heard = provider.heard();
        heard[number].lines.iter().find(|line| line.starts_with("MAIL")).unwrap().clone()
    };
    assert!(asked(1).ends_with(" REQUIRETLS"), "{}", asked(1));
    assert!(!asked(0).contains("REQUIRETLS"), "ordinary mail is none of its business");
    choose(&product, &id, &["secure"]);
    assert_eq!(attempted(&product), None);
    assert!(asked(2).ends_with(" REQUIRETLS"), "never without it: {}", asked(2));
}

#[test]
fn who_cannot_be_reached_by_any_route_stays_held_with_what_can_be_done() {
    let (world, session) = (World::shared(), Session::start().unwrap());
    let product = Zorgzegel::start(world, &session, account("geenweg")).unwrap();
    let id = hold(&product, "geenweg@zonderrecord.test");
    choose(&product, &id, &["secure"]);
    let one = attempted(&product).unwrap();
    assert_eq!((&one["state"], &one["step"]), (&"waiting".into(), &"R-SEND-2".into()), "{one}");
    let said = product.cli(&["pending"]).unwrap().must("pending").unwrap();
    for words in ["verklaart niet te voldoen", "choose", "ordinary", "withdraw", "portaal", &id] {
        assert!(said.contains(words), "{words}: {said}");
    }
    let proof = product.cli(&["proof", &id, "--json"]).unwrap().must("proof").unwrap();
    let proof: Value = serde_json::from_str(&proof).unwrap();
    assert_eq!(proof[0]["end"]["came_to"], "kept_back", "{proof}");
    assert_eq!(proof[0]["end"]["step"], "R-SEND-2", "{proof}");
    assert_eq!(proof[0]["records"]["recipient"]["security"], "secure", "{proof}");
    assert_eq!(proof[0]["records"]["recipient"]["record"], Value::Null, "{proof}");
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
        ("end at EHLO", vec![Step::Serve("EHLO")], "chosen", false),
        ("end at STARTTLS", vec![Step::Serve("STARTTLS")], "chosen", false),
        (
            "454 to STARTTLS",
            vec![Step::Serve("STARTTLS"), Step::say("454 4.7.0 nu niet")],
            "chosen",
            false,
        ),
        ("end at MAIL", vec![Step::Serve("MAIL")], "chosen", false),
        ("421 at MAIL", vec![Step::Serve("MAIL"), Step::say("421 4.3.2 nu")], "chosen", false),
        ("end at RCPT", vec![Step::Serve("RCPT")], "chosen", false),
        ("421 at RCPT", vec![Step::Serve("RCPT"), Step::say("421 4.3.2 nu")], "chosen", false),
        (
            "550 at MAIL",
            vec![Step::Serve("MAIL"), Step::say("550 5.7.1 nee"), Step::Serve("X")],
            "failed",
            false,
        ),
        ("554 greeting", vec![Step::say("554 5.3.2 geen dienst"), Step::Silence], "failed", false),
        ("end at DATA", to_data(&[]), "chosen", false),
        ("421 at DATA", to_data(&[Step::say("421 4.3.2 nu")]), "chosen", false),
        (
            "endless reply",
            vec![Step::Say(b"220-x\r\n".repeat(20_000)), Step::Silence],
            "chosen",
            false,
        ),
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
