//! SIGKILL at any moment: nothing acknowledged is lost, nothing leaves plain, nothing leaves twice.

use std::collections::BTreeSet;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde_json::Value;
use tests::zorgzegel::Options;
use tests::{SenderTls, Session, Stored, Submission, World, Zorgzegel, guard};

const ROUNDS: usize = 200;
const TO: &str = "val@goed.test";
const CLEAN_TO: &str = "lunch@elders.test";

/// A small generator: what is random must be repeatable from its seed.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, below: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % below
    }
}

fn submit(product: &Zorgzegel, to: &str, subject: &str, body: &str) -> bool {
    let submission = Submission {
        server: product.smtp().unwrap(),
        tls: SenderTls::StartTls,
        login: (product.user(), product.local_password()),
        mechanism: "PLAIN",
        from: product.user(),
        to: &[to],
    };
    let message = format!("From: {}\r\nSubject: {subject}\r\n\r\n{body}\r\n", product.user());
    submission.smtplib(message.as_bytes()).is_ok_and(|said| said.code == Some(0))
}

fn pending(product: &Zorgzegel) -> Vec<Value> {
    let said = product.cli(&["pending", "--json"]).unwrap();
    // A kill may come while the engine is asked.
    serde_json::from_str(&said.text).unwrap_or_default()
}

fn state(message: &Value) -> (String, bool) {
    let to = &message["recipients"][0];
    (to["state"].as_str().unwrap().to_owned(), to["in_doubt"].as_bool().unwrap())
}

fn with_subject<'a>(stored: &'a [Stored], subject: &str) -> Vec<&'a Stored> {
    let line = format!("Subject: {subject}\r\n");
    stored.iter().filter(|one| String::from_utf8_lossy(&one.message).contains(&line)).collect()
}

#[test]
fn nothing_acknowledged_is_lost_or_doubled_by_sigkill() {
    let seed = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_nanos();
    let seed = u64::try_from(seed % u128::from(u64::MAX)).unwrap() | 1;
    println!("seed {seed}");
    let mut dice = Dice(seed);
    let (world, session) = (World::shared(), Session::start().unwrap());
    let options = Options { address: "arts.crash@praktijk.test".to_owned(), ..Options::default() };
    let mut product = Zorgzegel::start(world, &session, options).unwrap();
    let (mut health, mut clean) = (BTreeSet::new(), BTreeSet::new());
    // Until when a kill may come: it follows how fast this machine is today, so that about as many
    // kills come too late as come too early.
    let mut reach = 420;
    for round in 0..ROUNDS {
        product.run().unwrap();
        let (pause, choosing) = (dice.roll(reach), dice.roll(3) == 0);
        let said = std::thread::scope(|scope| {
            let product = &product;
            let one = scope.spawn(move || {
                let body = "BSN 123456782, dhr. Jansen, geb. 12-03-1956, CVA";
                submit(product, TO, &format!("zorg {round}"), body)
            });
            let other = scope.spawn(move || {
                submit(product, CLEAN_TO, &format!("lunch {round}"), "Zullen we lunchen?")
            });
            let chooser = scope.spawn(move || {
                let waiting = if choosing { pending(product) } else { Vec::new() };
                for message in
                    waiting.iter().filter(|one| state(one) == ("waiting".to_owned(), false))
                {
                    let _ = product.cli(&["choose", message["id"].as_str().unwrap(), "secure"]);
                }
            });
            std::thread::sleep(Duration::from_millis(pause));
            kill(product);
            let _ = chooser.join();
            (one.join().unwrap(), other.join().unwrap())
        });
        // Where one mail takes much longer than the other, that one must get there too.
        reach = match said {
            (true, true) => reach * 9 / 10,
            (false, false) => reach * 11 / 10,
            _ => reach * 21 / 20,
        }
        .clamp(100, 10_000);
        if said.0 {
            health.insert(round);
        }
        if said.1 {
            clean.insert(round);
        }
        product.kill9();
    }
    product.run().unwrap();
    // Nobody kills it any more: what it does not answer is not nothing.
    let answered = || {
        let said = product.cli(&["pending", "--json"]).ok()?.must("pending").ok()?;
        serde_json::from_str::<Vec<Value>>(&said).ok()
    };
    for message in guard::until("what waits", guard::PATIENCE, answered).unwrap() {
        if state(&message) == ("waiting".to_owned(), false) {
            let id = message["id"].as_str().unwrap();
            product.cli(&["choose", id, "secure"]).unwrap().must("choose").unwrap();
        }
    }
    let left = guard::until("the deliveries", 2 * guard::PATIENCE, || {
        let left = answered()?;
        left.iter().all(|one| state(one).0 == "failed").then_some(left)
    })
    .unwrap();
    judge(world, &health, &clean, &left);
    product.cli(&["journal", "verify"]).unwrap().must("journal verify").unwrap();
}

fn kill(product: &Zorgzegel) {
    if let Some(pid) = product.pid().and_then(|pid| i32::try_from(pid).ok()) {
        let pid = rustix::process::Pid::from_raw(pid).unwrap();
        let _ = rustix::process::kill_process(pid, rustix::process::Signal::KILL);
    }
}

fn judge(world: &World, health: &BTreeSet<usize>, clean: &BTreeSet<usize>, left: &[Value]) {
    println!(
        "{} health and {} clean mails were answered 250; {} in doubt",
        health.len(),
        clean.len(),
        left.len()
    );
    assert!(health.len() > 20 && clean.len() > 20, "the kills came too early to show anything");
    assert!(left.iter().all(|one| state(one).1), "only what is in doubt may be left: {left:?}");
    let doubted: Vec<&str> = left.iter().map(|one| one["subject"].as_str().unwrap()).collect();
    let provider = world.provider().unwrap();
    let got = guard::until("the stored mail", guard::PATIENCE, || {
        let got = world.received(TO).unwrap();
        let there = |round: &usize| {
            let subject = format!("zorg {round}");
            doubted.contains(&subject.as_str()) || !with_subject(&got, &subject).is_empty()
        };
        health.iter().all(there).then_some(got)
    })
    .expect("every mail that was answered 250 arrives or is in doubt");
    for round in 0..ROUNDS {
        let subject = format!("zorg {round}");
        assert!(with_subject(&got, &subject).len() <= 1, "{subject} was sent twice");
        assert!(with_subject(&provider.taken(TO), &subject).is_empty(), "{subject} left plain");
    }
    assert!(got.iter().all(|one| {
        one.over_tls() && String::from_utf8_lossy(&one.message).contains("multipart/signed")
    }));
    let lunches = guard::until("the stored lunches", guard::PATIENCE, || {
        let got = provider.taken(CLEAN_TO);
        let there = |round: &usize| !with_subject(&got, &format!("lunch {round}")).is_empty();
        clean.iter().all(there).then_some(got)
    })
    .expect("every clean mail that was answered 250 arrives");
    for round in clean {
        assert_eq!(with_subject(&lunches, &format!("lunch {round}")).len(), 1, "lunch {round}");
    }
}
