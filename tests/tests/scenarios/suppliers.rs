//! What the supplier's record of the account's provider is worth (R-DNS-4, R-SEND-10).

use serde_json::Value;
use tests::domains::Verdict;
use tests::domains::suppliers::SUPPLIERS;
use tests::raw::transact;
use tests::zorgzegel::Options;
use tests::{Session, World, Zorgzegel, guard, held_as};

use super::routes::troubled;

const HEALTH: &str =
    "Subject: overdracht\r\n\r\nBSN 123456782, dhr. Jansen, geb. 12-03-1956, CVA\r\n";

fn hold(product: &Zorgzegel, to: &str) -> String {
    let reply = transact(product, &[to], HEALTH.as_bytes()).unwrap();
    held_as(&reply).unwrap_or_else(|| panic!("not held: {reply}"))
}

/// The one recipient of the one message once it was decided about; `None`: it was sent.
fn decided(product: &Zorgzegel) -> Option<Value> {
    guard::until("a decision", guard::PATIENCE, || {
        let said = product.cli(&["pending", "--json"]).unwrap().must("pending").unwrap();
        let all: Vec<Value> = serde_json::from_str(&said).unwrap();
        let Some(message) = all.into_iter().next() else { return Some(None) };
        let one = message["recipients"][0].clone();
        let moving =
            one["state"] == "sending" || (one["state"] == "chosen" && one["attempts"] == 0);
        (!moving && !troubled(&one)).then_some(Some(one))
    })
    .unwrap()
}

#[test]
fn by_the_provider_goes_nothing_for_which_no_supplier_vouches_today() {
    let (world, session) = (World::shared(), Session::start().unwrap());
    for (number, supplier) in SUPPLIERS.iter().enumerate() {
        let options = Options {
            address: format!("lever{number}@praktijk.test"),
            routes: vec!["provider"],
            smtp_host: Some(supplier.host),
            first_retry: "1s",
            ..Options::default()
        };
        let product = Zorgzegel::start(world, &session, options).unwrap();
        let to = format!("lever{number}@goed.test");
        let id = hold(&product, &to);
        product.cli(&["choose", &id, "secure"]).unwrap().must("choose").unwrap();
        let left = decided(&product);
        let taken = world.provider().unwrap().taken(&to).len();
        match supplier.no {
            None => assert_eq!(left, None, "{}", supplier.purpose),
            Some(no) => {
                let one = left.unwrap_or_else(|| panic!("{}: it was sent", supplier.purpose));
                assert_eq!(
                    (&one["state"], &one["step"], taken),
                    (&"waiting".into(), &"R-SEND-10".into(), 0),
                    "{}: {one}",
                    supplier.purpose
                );
                // What may be forged is told otherwise than what is not there.
                let bogus = one["reason"]["en"].as_str().unwrap().contains("DNSSEC");
                assert_eq!(bogus, no == Verdict::Refuse, "{}: {one}", supplier.purpose);
            }
        }
    }
}
