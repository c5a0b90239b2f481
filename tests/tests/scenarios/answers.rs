//! What the command line answers.

use serde_json::Value;
use tests::raw::transact;
use tests::zorgzegel::Options;
use tests::{Session, World, Zorgzegel, guard, held_as};

const HEALTH: &str = "Subject: overdracht\r\nMessage-ID: <eerste@praktijk.test>\r\n\r\n\
    BSN 123456782, dhr. Jansen, geb. 12-03-1956, CVA\r\n";

fn account(name: &str) -> Options {
    Options { address: format!("{name}@praktijk.test"), ..Options::default() }
}

fn held(reply: &str) -> String {
    held_as(reply).unwrap_or_else(|| panic!("not held: {reply}"))
}

fn pending(product: &Zorgzegel) -> Vec<Value> {
    let said = product.cli(&["pending", "--json"]).unwrap().must("pending").unwrap();
    serde_json::from_str(&said).unwrap()
}

#[test]
fn an_answer_to_nta_mail_is_health_mail_whatever_it_says() {
    let (world, session) = (World::shared(), Session::start().unwrap());
    let product = Zorgzegel::start(world, &session, account("verder")).unwrap();
    let to = "verder@goed.test";
    let id = held(&transact(&product, &[to], HEALTH.as_bytes()).unwrap());
    product.cli(&["choose", &id, "secure"]).unwrap().must("choose").unwrap();
    guard::until("the delivery", guard::PATIENCE, || pending(&product).is_empty().then_some(()))
        .unwrap();
    let other = "Subject: Re: x\r\nIn-Reply-To: <vreemd@elders.test>\r\n\r\nDank je!\r\n";
    assert!(
        !transact(&product, &["buur@elders.test"], other.as_bytes()).unwrap().contains("held as")
    );
    let answer = "Subject: Re: x\r\nIn-Reply-To: <eerste@praktijk.test>\r\n\r\nDank je!\r\n";
    let _ = held(&transact(&product, &["buur@elders.test"], answer.as_bytes()).unwrap());
    assert_eq!(pending(&product)[0]["evidence"]["why"], "goes_on_from_nta");
}

#[test]
fn a_choice_needs_a_message_an_identity_and_a_running_engine() {
    let (world, session) = (World::shared(), Session::start().unwrap());
    let options = Options { identity: false, ..account("kiezer") };
    let mut product = Zorgzegel::start(world, &session, options).unwrap();
    let unknown = product.cli(&["choose", "01J00000000000000000000000", "secure"]).unwrap();
    assert_eq!(unknown.code, Some(1), "{unknown:?}");
    let id = held(&transact(&product, &["kiezer@goed.test"], HEALTH.as_bytes()).unwrap());
    let refused = product.cli(&["choose", &id, "secure"]).unwrap();
    assert_eq!(refused.code, Some(1), "{refused:?}");
    assert!(refused.text.contains("identity create"), "{}", refused.text);
    assert_eq!(pending(&product)[0]["recipients"][0]["state"], "waiting");
    let nowhere = product.cli(&["choose", &id, "withdraw", "--dossier"]).unwrap();
    assert_eq!(nowhere.code, Some(1), "{nowhere:?}");
    product.stop();
    let stopped = product.cli(&["pending"]).unwrap();
    assert_eq!(stopped.code, Some(3), "{stopped:?}");
    assert!(stopped.text.contains("zorgzegel run"), "{}", stopped.text);
}

#[test]
fn the_dossier_folder_gets_the_message_whole() {
    let (world, session) = (World::shared(), Session::start().unwrap());
    let mut product = Zorgzegel::prepare(world, &session, account("dossier")).unwrap();
    let folder = product.folder().join("dossiers");
    std::fs::create_dir(&folder).unwrap();
    let line = format!("dossier = \"{}\"\naddress = ", folder.display());
    let text = std::fs::read_to_string(product.config()).unwrap();
    std::fs::write(
        product.config(),
        text.replace("address = \"dossier@", &format!("{line}\"dossier@")),
    )
    .unwrap();
    product.run().unwrap();
    let id = held(&transact(&product, &["dossier@goed.test"], HEALTH.as_bytes()).unwrap());
    product.cli(&["choose", &id, "withdraw", "--dossier"]).unwrap().must("choose").unwrap();
    let manifest = folder.join(&id).join("manifest.json");
    guard::until("the folder", guard::PATIENCE, || manifest.exists().then_some(())).unwrap();
    for name in ["bericht.eml", "bericht.pdf", "bericht.xml"] {
        assert!(folder.join(&id).join(name).exists(), "{name}");
    }
    let kept = std::fs::read_to_string(folder.join(&id).join("bericht.eml")).unwrap();
    assert_eq!(kept, HEALTH);
}

#[test]
fn commands_without_an_engine_answer_for_scripts() {
    let (world, session) = (World::shared(), Session::start().unwrap());
    let product = Zorgzegel::prepare(world, &session, account("scripts")).unwrap();
    let line = r#"{"id":"a","subject":"","body":"é BSN 123456782, dhr. Jansen, CVA"}"#;
    let said = product.cli_with(&["scan", "--jsonl"], line.as_bytes()).unwrap();
    let one: Value = serde_json::from_str(&said.must("scan").unwrap()).unwrap();
    assert_eq!((&one["id"], &one["health"]), (&"a".into(), &true.into()), "{one}");
    let spans = one["spans"].as_array().unwrap();
    let bsn = spans.iter().find(|span| span["type"] == "bsn").unwrap();
    assert_eq!(
        (&bsn["field"], &bsn["start"], &bsn["end"]),
        (&"body".into(), &7.into(), &16.into())
    );

    let good = ["record", "--check", "v=NTA7516-1;startdate=2020-01;enddate=2099-12;provider=X"];
    assert_eq!(product.cli(&good).unwrap().code, Some(0));
    assert_eq!(product.cli(&["record", "--check", "v=NTA7516;x"]).unwrap().code, Some(1));
    assert_eq!(product.cli(&["record"]).unwrap().code, Some(2));
    assert_eq!(product.cli(&["account", "test"]).unwrap().code, Some(0));
    let tested = product.cli(&["account", "test", "--json"]).unwrap().must("account test").unwrap();
    let tested: Value = serde_json::from_str(tested.lines().next().unwrap()).unwrap();
    assert_eq!((&tested["protocol"], &tested["trouble"]), (&"SMTP".into(), &Value::Null));

    let mail = product.folder().join("brief.eml");
    std::fs::write(&mail, HEALTH).unwrap();
    let (mail, out) = (mail.to_str().unwrap(), product.folder().join("uit"));
    let copy = ["copy", mail, "--pdf", "--xml", "--out", out.to_str().unwrap()];
    product.cli(&copy).unwrap().must("copy").unwrap();
    assert!(out.join("brief.pdf").exists() && out.join("brief.xml").exists());
    let before = std::fs::read(out.join("brief.pdf")).unwrap();
    product.cli(&copy).unwrap().must("copy").unwrap();
    assert!(out.join("brief (2).pdf").exists() && out.join("brief (2).xml").exists());
    assert_eq!(std::fs::read(out.join("brief.pdf")).unwrap(), before, "nothing is overwritten");
    let record = ["copy", mail, "--fhir", "--medvri", "--out", out.to_str().unwrap()];
    let nobody = product.cli(&record).unwrap();
    assert!(nobody.code == Some(2) && nobody.text.contains("--bsn"), "{}", nobody.text);
    let patient = ["--patient", "A. Jansen", "--born", "1956-03-12", "--kind", "result"];
    product.cli(&[record.as_slice(), &patient].concat()).unwrap().must("copy").unwrap();
    let bundle = std::fs::read(out.join("brief.json")).unwrap();
    let bundle: Value = serde_json::from_slice(&bundle).unwrap();
    assert_eq!(bundle["type"], "transaction", "{bundle}");
    let kinds: Vec<&Value> = bundle["entry"].as_array().unwrap().iter().collect();
    let kinds: Vec<&Value> = kinds.iter().map(|one| &one["resource"]["resourceType"]).collect();
    assert!(kinds.contains(&&"DocumentReference".into()), "{kinds:?}");
    let medvri = std::fs::read_to_string(out.join("brief.edi")).unwrap();
    assert!(medvri.contains("PID+1956:03:12++"), "{medvri}");
    let dropped = product.cli(&["copy", mail, "--pdf", "--bsn", "123456782"]).unwrap();
    assert_eq!(dropped.code, Some(2), "{}", dropped.text);
    let signed = product.cli(&["sign", mail]).unwrap().must("sign").unwrap();
    assert!(signed.contains("multipart/signed"), "{signed}");
}

#[test]
fn the_demonstration_tells_the_whole_job() {
    let (world, session) = (World::shared(), Session::start().unwrap());
    let product = Zorgzegel::prepare(world, &session, account("demo")).unwrap();
    let said = product.cli(&["demo"]).unwrap().must("demo").unwrap();
    for words in ["held as", "DANE", "Handtekening klopt", "Het logboek klopt", "Klaar."] {
        assert!(said.contains(words), "{words}: {said}");
    }
}
