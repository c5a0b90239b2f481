//! `check` and `record` against the real world: what every domain publishes, step by step.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde_json::Value;
use tests::domains::{self, Verdict};
use tests::script::{Scripted, Step};
use tests::zorgzegel::Options;
use tests::{Misbehaviour, Said, Session, SlowResolver, World, Zorgzegel};

fn product(session: &Session, resolver: Option<std::net::SocketAddr>) -> Zorgzegel {
    let options = Options { resolver, identity: false, ..Options::default() };
    Zorgzegel::blank(World::shared(), session, options).unwrap()
}

fn objects(said: &Said) -> Vec<Value> {
    let lines = said.text.lines().filter(|line| line.starts_with('{'));
    lines.map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn check(product: &Zorgzegel, arguments: &[&str]) -> (Option<i32>, Vec<Value>) {
    let said = product.cli(&[&["check", "--json", "--lang", "en"], arguments].concat()).unwrap();
    (said.code, objects(&said))
}

/// The steps of one domain, by code; of several with one code, the worst is nobody's to choose: the
/// first stays.
fn steps(answer: &Value) -> BTreeMap<&str, &Value> {
    let mut found = BTreeMap::new();
    for step in answer["steps"].as_array().unwrap() {
        found.entry(step["code"].as_str().unwrap()).or_insert(step);
    }
    found
}

fn states(answer: &Value) -> BTreeMap<&str, &str> {
    let steps = steps(answer).into_iter();
    steps.map(|(code, step)| (code, step["state"].as_str().unwrap())).collect()
}

#[test]
fn every_domain_gets_the_verdict_of_its_row_and_every_step_says_what_to_do() {
    let session = Session::start().unwrap();
    let product = product(&session, None);
    let cases: Vec<_> = domains::all().filter(|case| !case.is_scripted()).collect();
    let names: Vec<String> = cases.iter().map(|case| case.mail_domain()).collect();
    let list = product.folder().join("domeinen.txt");
    std::fs::write(&list, names.join("\n")).unwrap();
    let (code, answers) = check(&product, &["--file", list.to_str().unwrap()]);
    assert_eq!(code, Some(1));
    assert_eq!(answers.len(), cases.len());
    for ((case, name), answer) in cases.iter().zip(&names).zip(&answers) {
        let expected = match case.verdict {
            Verdict::Direct(_) | Verdict::RefusedByHost(_) => "direct",
            Verdict::AnotherWay => "other-way",
            Verdict::Refuse => "refuse",
            // That a host puts recipients off shows only when it is given one.
            Verdict::Later if case.domain == "steltuit.test" => "direct",
            Verdict::Later => "tempfail",
        };
        assert_eq!(answer["domain"], name.as_str(), "in the order of the list");
        assert_eq!(answer["verdict"], expected, "{answer:#}");
        assert_eq!(answer["step"], case.step, "{answer:#}");
        assert_eq!(answer["proof"].is_null(), expected != "direct", "{answer:#}");
        if case.step == "R-SEND-6" && expected == "direct" {
            assert_eq!(answer["proof"], "pkix");
        }
        assert!(!answer["reasons"][0].as_str().unwrap().is_empty(), "{answer:#}");
        for step in answer["steps"].as_array().unwrap() {
            let settled = ["good", "not-looked-at"].contains(&step["state"].as_str().unwrap());
            assert_eq!(step["mend"].is_null(), settled, "{name}: {step:#}");
            assert!(step["clause"].as_str().unwrap().starts_with("R-"), "{step:#}");
        }
    }
}

#[test]
fn a_domain_with_all_good_is_told_so_step_by_step() {
    let session = Session::start().unwrap();
    let product = product(&session, None);
    let arguments = ["gezond.test", "--supplier", "lab.test", "--selector", "lang", "--mailbox"];
    let (code, answers) = check(&product, &arguments);
    assert_eq!(code, Some(0), "{answers:?}");
    let answer = &answers[0];
    assert_eq!((&answer["verdict"], &answer["proof"]), (&"direct".into(), &"dane".into()));
    let bad: Vec<_> = states(answer).into_iter().filter(|(_, state)| *state != "good").collect();
    assert!(bad.is_empty(), "{bad:?} {answer:#}");
    assert_eq!(states(answer).len(), 13);
    // And in words, in either language.
    let dutch = product.cli(&[&["check"], &arguments[..]].concat()).unwrap();
    println!("{}", dutch.text);
    assert!(dutch.text.contains("gezond.test: veilige mail kan (R-SEND-5)"), "{dutch:?}");
    assert!(dutch.text.contains("[goed] SPF (R-SPF-1)"), "{dutch:?}");
    let english = product.cli(&["check", "gezond.test", "--lang", "en"]).unwrap();
    assert!(english.text.contains("[not looked at] DKIM (R-DKIM-1)"), "{english:?}");
}

#[test]
fn what_ails_a_domain_is_named_with_its_clause_and_what_to_publish() {
    let (world, session) = (World::shared(), Session::start().unwrap());
    let product = product(&session, None);
    world.set_reply("nta7516@ziek.test", Some("550 5.1.1 onbekend")).unwrap();
    let (code, answers) = check(&product, &["ziek.test", "--selector", "kort", "--mailbox"]);
    world.set_reply("nta7516@ziek.test", None).unwrap();
    assert_eq!(code, Some(0), "the way itself is right: {answers:?}");
    let answer = &answers[0];
    let found = steps(answer);
    let told = |code: &str| {
        let step = found[code];
        let publish = step["publish"]["line"].as_str().map(str::to_owned);
        (step["state"].as_str().unwrap(), step["clause"].as_str().unwrap(), publish)
    };
    let spf = "ziek.test. IN TXT \"v=spf1 mx -all\"".to_owned();
    assert_eq!(told("spf"), ("bad", "R-SPF-1", Some(spf)));
    let dmarc = "_dmarc.ziek.test. IN TXT \"v=DMARC1; p=reject\"".to_owned();
    assert_eq!(told("dmarc"), ("bad", "R-DMARC-1", Some(dmarc)));
    assert_eq!(told("dkim"), ("bad", "R-DKIM-1", None));
    assert!(found["dkim"]["seen"].as_str().unwrap().contains("512 bits"), "{answer:#}");
    assert_eq!(told("mailbox"), ("bad", "R-DNS-6", None));
    assert!(found["mailbox"]["seen"].as_str().unwrap().contains("550 5.1.1"), "{answer:#}");
    // 2 1 1 proves the host, and 3 1 1 is asked for: of the key that it showed.
    assert_eq!(told("certificate").0, "good");
    let (state, clause, publish) = told("tlsa");
    assert_eq!((state, clause), ("attention", "R-DANE-1"));
    let publish = publish.unwrap();
    let start = format!("_{}._tcp.mx.ziek.test. IN TLSA 3 1 1 ", world.port());
    assert_eq!(publish.strip_prefix(&start).map(str::len), Some(64), "{publish}");
    // Where the proof failed, the record of the key that was shown is proposed all the same.
    let said = product.cli(&[
        "check",
        "ziek.test",
        "mismatch.test",
        "ongeldig.test",
        "--selector",
        "kort",
    ]);
    println!("{}", said.unwrap().text);
    let (_, answers) = check(&product, &["mismatch.test"]);
    let found = steps(&answers[0]);
    assert_eq!(found["tlsa"]["state"], "bad");
    assert_eq!(found["certificate"]["state"], "bad");
    assert!(found["tlsa"]["publish"]["value"].as_str().unwrap().starts_with("3 1 1 "));
}

#[test]
fn dmarc_and_dkim_are_looked_up_where_they_stand() {
    let session = Session::start().unwrap();
    let product = product(&session, None);
    let (_, answers) = check(&product, &["huisarts.jokerteken.test"]);
    let dmarc = steps(&answers[0])["dmarc"].clone();
    assert_eq!((&dmarc["state"], &dmarc["about"]), (&"good".into(), &"jokerteken.test".into()));
    let (_, answers) = check(&product, &["gezond.test", "--selector", "oud", "--selector", "weg"]);
    let keys = answers[0]["steps"].as_array().unwrap().iter();
    let keys: Vec<_> = keys.filter(|step| step["code"] == "dkim").collect();
    assert_eq!(keys.len(), 2);
    assert!(keys[0]["seen"].as_str().unwrap().contains("revoked"), "{keys:?}");
    assert!(keys[1]["seen"].as_str().unwrap().contains("no DKIM key"), "{keys:?}");
}

#[test]
fn temporary_trouble_is_told_as_such_and_never_as_a_fault_of_the_domain() {
    let (world, session) = (World::shared(), Session::start().unwrap());
    for how in [Misbehaviour::Strips, Misbehaviour::Fails, Misbehaviour::Garbage] {
        let resolver = world.bad_resolver(how).unwrap();
        let product = product(&session, Some(resolver.address()));
        let (code, answers) = check(&product, &["gezond.test"]);
        assert_eq!(code, Some(1));
        assert_eq!(answers[0]["verdict"], "tempfail", "{how:?}: {answers:?}");
        for (step, state) in states(&answers[0]) {
            assert!(["unknown", "not-looked-at"].contains(&state), "{how:?} {step}: {answers:?}");
        }
    }
    let product = product(&session, None);
    let (_, answers) = check(&product, &["onbereikbaar.test"]);
    assert_eq!(answers[0]["verdict"], "tempfail");
    assert_eq!(states(&answers[0])["start-tls"], "unknown", "{answers:?}");
}

#[test]
fn a_thousand_domains_of_a_list_are_told_in_its_order_and_bad_names_stop_none() {
    let session = Session::start().unwrap();
    let product = product(&session, None);
    let mut names: Vec<String> =
        (0..994).map(|number| format!("praktijk{number:03}.jokerteken.test")).collect();
    names.extend(["goed.test", "pkix.test", "ntamx.test", "zonderrecord.test"].map(str::to_owned));
    names.extend(["nagemaakt.test", "onbereikbaar.test"].map(str::to_owned));
    assert_eq!(names.len(), 1_000);
    let mut list = format!("# alle praktijken\n\n{}\n", names.join("\n"));
    list.push_str("geen domein\npraktijk007.jokerteken.test # nog eens\njan@goed.test\n");
    let said = product.cli_with(&["check", "--json", "--file", "-"], list.as_bytes()).unwrap();
    assert_eq!(said.code, Some(2), "two names are none");
    let answers = objects(&said);
    let told: Vec<&str> = answers.iter().map(|answer| answer["domain"].as_str().unwrap()).collect();
    assert_eq!(told, names);
    for (name, answer) in names.iter().zip(&answers) {
        let expected = match name.as_str() {
            "zonderrecord.test" => "other-way",
            "nagemaakt.test" => "refuse",
            "onbereikbaar.test" => "tempfail",
            _ => "direct",
        };
        assert_eq!(answer["verdict"], expected, "{answer:#}");
    }
    for words in ["regel 1003: \"geen domein\"", "regel 1004: praktijk007", "regel 1005: \"jan@"] {
        assert!(said.text.contains(words), "{words}: {}", said.text.lines().next().unwrap());
    }
    assert!(!said.text.contains('\r'), "no progress where nobody looks");
    // A host that all share was not asked a thousand times.
    let log = World::shared().receivers_log().unwrap();
    let visits = log.lines().filter(|line| line.contains("mx.jokerteken.test")).count();
    assert!(visits < 100, "{visits}");
}

#[test]
fn a_list_is_polite_to_the_resolver_and_shows_a_person_how_far_it_is() {
    let (world, session) = (World::shared(), Session::start().unwrap());
    // Long enough for a slow machine to put several questions before the first is answered.
    let slow = SlowResolver::start(world.plain_resolver(), Duration::from_millis(60)).unwrap();
    let product = product(&session, Some(slow.address()));
    let names = (0..200).map(|number| format!("zorg{number}.jokerteken.test\n"));
    let list = product.folder().join("lijst");
    std::fs::write(&list, names.collect::<String>()).unwrap();
    let file = list.to_str().unwrap();
    let said = product.cli_on_terminal(&["check", "--file", file]).unwrap();
    assert_eq!(said.code, Some(0), "{}", said.text);
    // 32 domains are looked at at once, each by one question at a time, and A and AAAA by two.
    let peak = slow.peak();
    assert!((8..=64).contains(&peak), "{peak} questions at once");
    let asked = slow.asked();
    assert!(asked.len() < 200 * 10, "{} questions for 200 domains", asked.len());
    // What is a domain's own is asked once; on a loaded machine one may be put again.
    let own = |question: &&Vec<u8>| question.windows(4).any(|part| part == b"zorg");
    let own: Vec<_> = asked.iter().filter(own).collect();
    let different: BTreeSet<_> = own.iter().collect();
    assert!(own.len() <= different.len() * 11 / 10, "{} of {}", own.len(), different.len());
    // The line is written over, cleared before each answer, and gone at the end.
    assert!(said.text.contains("\r0/200"), "{:?}", &said.text[..200]);
    let cleared = said.text.matches("\r\u{1b}[K").count();
    assert_eq!(cleared, 201, "one for each answer, and one at the end");
    let last = said.text.rsplit("\r\u{1b}[K").next().unwrap();
    assert_eq!(last.trim(), "", "{last:?}");
}

#[test]
fn a_silent_host_is_waited_for_once_whatever_name_leads_to_it() {
    let (world, session) = (World::shared(), Session::start().unwrap());
    let product = product(&session, None);
    let text = std::fs::read_to_string(product.config()).unwrap();
    let quick = text.replace("[delivery]\n", "[delivery]\nreply_timeout = \"10s\"\n");
    std::fs::write(product.config(), quick).unwrap();
    let (at, identity) = world.script("mx.script5.test").unwrap();
    let host = Scripted::start(at, Some(identity), vec![vec![Step::Silence]]).unwrap();
    let (code, answers) = check(&product, &["script5.test", "scriptnaam.test"]);
    assert_eq!(code, Some(1), "{answers:?}");
    for answer in &answers {
        assert_eq!(answer["verdict"], "tempfail", "{answer:#}");
        let reason = answer["reasons"][0].as_str().unwrap();
        assert!(reason.contains("did not answer the greeting"), "{answer:#}");
    }
    assert_eq!((answers.len(), host.heard().len()), (2, 1), "{answers:?}");
}

#[test]
fn a_list_without_json_is_a_table() {
    let session = Session::start().unwrap();
    let product = product(&session, None);
    let list = product.folder().join("lijst");
    std::fs::write(&list, "goed.test\nzonderrecord.test\n").unwrap();
    let said = product.cli(&["check", "--file", list.to_str().unwrap(), "--lang", "en"]).unwrap();
    assert_eq!(said.code, Some(1));
    let lines: Vec<&str> = said.text.lines().collect();
    assert_eq!(lines[0], "goed.test          direct     R-SEND-5   dane");
    assert!(lines[1].starts_with("zonderrecord.test  other-way  R-SEND-2   -     "), "{lines:?}");
    assert_eq!(product.cli(&["check", "--file", "/nergens"]).unwrap().code, Some(2));
    assert_eq!(product.cli(&["check"]).unwrap().code, Some(2));
    assert_eq!(product.cli(&["check", "a..b"]).unwrap().code, Some(2));
}

#[test]
fn a_published_record_is_read_back_in_either_language() {
    let session = Session::start().unwrap();
    let product = product(&session, None);
    for (arguments, code, words) in [
        (&["--domain", "goed.test"][..], 0, "geldig"),
        (&["--domain", "goed.test", "--lang", "en"], 0, "DNSSEC proves this answer"),
        (&["--domain", "lab.test", "--supplier", "--lang", "en"], 0, "valid"),
        (&["--domain", "goed.test", "--supplier"], 1, "er is geen record"),
        (&["--domain", "verlopen.test"], 1, "vandaag niet"),
        (&["--domain", "ongeldig.test", "--lang", "en"], 1, "character 13"),
        (&["--domain", "nagemaakt.test", "--lang", "en"], 1, "may be forged"),
        (&["--domain", "overlap.test"], 1, "dezelfde maand"),
        (&["--domain", "zonderrecord.test"], 1, "er is geen record"),
    ] {
        let said = product.cli(&[&["record"], arguments].concat()).unwrap();
        assert_eq!(said.code, Some(code), "{arguments:?}: {said:?}");
        assert!(said.text.contains(words), "{arguments:?}: {said:?}");
    }
    let written = ["record", "--provider", "LAB", "--start", "2020-01", "--end", "2099-12"];
    let text = product.cli(&written).unwrap().must("record").unwrap();
    let said = product.cli(&["record", "--check", text.trim(), "--json"]).unwrap();
    let answer: Value = serde_json::from_str(&said.must("record").unwrap()).unwrap();
    assert_eq!((&answer["valid"], &answer["holds"]), (&true.into(), &true.into()), "{answer}");
}
