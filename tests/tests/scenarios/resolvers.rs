//! Name servers that cannot be believed, and one that is asked over TLS.

use serde_json::Value;
use tests::raw::transact;
use tests::zorgzegel::Options;
use tests::{DnsOverTls, Misbehaviour, Session, World, Zorgzegel, guard, held_as};

const HEALTH: &str = "Subject: overdracht\r\nMessage-ID: <een@praktijk.test>\r\n\r\n\
    BSN 123456782, dhr. Jansen, geb. 12-03-1956, CVA\r\n";

fn hold(product: &Zorgzegel, to: &str) -> String {
    let reply = transact(product, &[to], HEALTH.as_bytes()).unwrap();
    held_as(&reply).unwrap_or_else(|| panic!("not held: {reply}"))
}

fn pending(product: &Zorgzegel) -> Vec<Value> {
    let said = product.cli(&["pending", "--json"]).unwrap().must("pending").unwrap();
    serde_json::from_str(&said).unwrap()
}

/// What became of the only recipient of the only message at the first attempt.
fn attempted(product: &Zorgzegel) -> Value {
    guard::until("an attempt", guard::PATIENCE, || {
        let one = pending(product).remove(0)["recipients"][0].clone();
        (one["attempts"].as_u64()? > 0 && one["state"] != "sending").then_some(one)
    })
    .unwrap()
}

/// Replaces the lines of `[dns]` that name the resolver and tell how long it is waited for.
fn set_resolver(product: &Zorgzegel, resolver: &str, timeout: &str) {
    let text = std::fs::read_to_string(product.config()).unwrap();
    let lines = text.lines().filter(|line| !line.starts_with("timeout = "));
    let lines = lines.map(|line| match line.starts_with("resolver = ") {
        true => format!("resolver = \"{resolver}\"\ntimeout = \"{timeout}\"\n"),
        false => format!("{line}\n"),
    });
    std::fs::write(product.config(), lines.collect::<String>()).unwrap();
}

fn product(
    world: &World,
    session: &Session,
    name: &str,
    (resolver, timeout): (&str, &str),
) -> Zorgzegel {
    let options = Options { address: format!("{name}@praktijk.test"), ..Options::default() };
    let mut product = Zorgzegel::prepare(world, session, options).unwrap();
    set_resolver(&product, resolver, timeout);
    product.run().unwrap();
    product
}

#[test]
fn each_fault_of_a_name_server_has_its_own_sentence_and_the_mail_goes_when_it_is_mended() {
    let (world, session) = (World::shared(), Session::start().unwrap());
    for (how, name, sentence) in [
        (Misbehaviour::Strips, "strips", "De DNS-server laat de handtekeningen (DNSSEC) weg"),
        (Misbehaviour::Silent, "silent", "De DNS-server gaf niet op tijd antwoord"),
        (Misbehaviour::Fails, "fails", "De DNS-server meldt een storing"),
        // What is no DNS message is passed over, as if nothing had come.
        (Misbehaviour::Garbage, "garbage", "De DNS-server gaf niet op tijd antwoord"),
        (Misbehaviour::Captive, "captive", "Open uw browser en meld u aan op dit netwerk"),
    ] {
        let resolver = world.bad_resolver(how).unwrap();
        // Who answers, however slowly the machine lets it, is not one who is silent.
        let silent = [Misbehaviour::Silent, Misbehaviour::Garbage].contains(&how);
        let at = resolver.address().to_string();
        let asked = (at.as_str(), if silent { "1s" } else { LONG });
        let mut product = product(world, &session, name, asked);
        let to = format!("{name}@goed.test");
        let id = hold(&product, &to);
        product.cli(&["choose", &id, "secure"]).unwrap().must("choose").unwrap();
        let one = attempted(&product);
        assert_eq!(one["state"], "chosen", "{name}: tried again later: {one}");
        let words = one["words"].as_str().unwrap();
        assert!(words.contains(sentence), "{name}: {one}");
        assert!(words.contains("Het bericht blijft bewaard"), "{name}: {one}");
        assert!(world.received(&to).unwrap().is_empty(), "{name}");

        product.stop();
        set_resolver(&product, &world.resolver().to_string(), LONG);
        product.run().unwrap();
        guard::until("the mail", guard::PATIENCE, || {
            (world.received(&to).unwrap().len() == 1).then_some(())
        })
        .unwrap();
    }
}

#[test]
fn over_tls_a_name_server_is_believed_that_proves_its_name_and_no_other() {
    let (world, session) = (World::shared(), Session::start().unwrap());
    // Any certificate of the world's authority will do for a name server.
    let (_, identity) = world.script("mx.script1.test").unwrap();
    let server = DnsOverTls::start(world, identity).unwrap();
    let at = server.address();
    let other = format!("tls://{at}#ns.elders.test");
    let mut product = product(world, &session, "dot", (&other, LONG));
    let to = "dot@goed.test";
    let id = hold(&product, to);
    product.cli(&["choose", &id, "secure"]).unwrap().must("choose").unwrap();
    let one = attempted(&product);
    assert_eq!(one["state"], "chosen", "{one}");
    let words = one["words"].as_str().unwrap();
    assert!(words.contains("bewees niet met zijn TLS-certificaat"), "{one}");
    assert!(words.contains("Het bericht blijft bewaard"), "{one}");
    assert!(world.received(to).unwrap().is_empty());

    product.stop();
    set_resolver(&product, &format!("tls://{at}#mx.script1.test"), LONG);
    product.run().unwrap();
    guard::until("the mail", guard::PATIENCE, || {
        (world.received(to).unwrap().len() == 1).then_some(())
    })
    .unwrap();
    for (domain, verdict) in
        [("goed.test", "direct"), ("nagemaakt.test", "refuse"), ("onveilig.test", "other-way")]
    {
        let said = product.cli(&["check", domain, "--json"]).unwrap();
        let seen: Value = serde_json::from_str(&said.text).unwrap_or_else(|_| panic!("{said:?}"));
        assert_eq!(seen["verdict"], verdict, "{domain}: {seen}");
    }
}

/// Longer than a stalled machine takes.
const LONG: &str = "30s";
