use std::sync::atomic::Ordering;

use super::*;
use crate::testing::{ALIVE, DEAD, Home, OTHER, address};

fn received(verdict: &str, at: &str) -> Received {
    let json = format!(
        r#"{{"verdict":"{verdict}","case":null,"claims":["nta"],"mark":null,"author":null,
        "receipt":{{"at":"{at}","by":"provider"}},"domain":null,
        "signature":{{"verdict":"none","coverage":"none","cades":false}},"signer":null,
        "from_match":null,"dkim":[],"provider":null,"reasons":[]}}"#
    );
    serde_json::from_str(&json).unwrap()
}

#[test]
fn what_cannot_be_told_now_is_looked_at_again_ever_later_and_not_for_ever() {
    let settings = Settings::parse("", std::path::Path::new("zorgzegel.toml")).unwrap();
    let now: Timestamp = "2026-11-26T12:00:00Z".parse().unwrap();
    let waits = |received: &Received, tries| {
        let left = Left { verdict: received.is_temporary(), ..Left::default() };
        let next = again(left, received.receipt.at, tries, &settings, now);
        next.map(|next| next.duration_since(now).as_mins())
    };
    let today = received("temperror", "2026-11-26T11:00:00Z");
    let [first, second, last] = [0, 1, 30].map(|tries| waits(&today, tries));
    assert_eq!((first, second, last), (Some(5), Some(10), Some(240)));
    let old = received("temperror", "2026-11-01T11:00:00Z");
    assert_eq!((waits(&old, 0), waits(&old, 1)), (Some(5), None));
    for word in ["pass", "fail", "policy", "permerror", "none"] {
        assert_eq!(waits(&received(word, "2026-11-26T11:00:00Z"), 0), None, "{word}");
    }
}

#[test]
fn a_keyword_or_a_copy_that_could_not_be_stored_is_tried_again_and_not_for_ever() {
    let settings = Settings::parse("", std::path::Path::new("zorgzegel.toml")).unwrap();
    let now: Timestamp = "2026-11-26T12:00:00Z".parse().unwrap();
    let old: Timestamp = "2019-11-26T12:00:00Z".parse().unwrap();
    let keyword = Left { keyword: true, ..Left::default() };
    let copy = Left { copy: true, ..Left::default() };
    for left in [keyword, copy] {
        let waits = |tries| {
            let next = again(left, old, tries, &settings, now);
            next.map(|next| next.duration_since(now).as_mins())
        };
        let [first, second, last, never] = [0, 1, OURS - 1, OURS].map(waits);
        assert_eq!((first, second, last, never), (Some(5), Some(10), Some(240), None));
    }
}

#[test]
fn the_list_shows_nothing_that_a_terminal_would_obey() {
    let mail =
        Message::new(b"From: a\x1b[31mb\r\nSubject: =?utf-8?Q?a=1B]0;x=07b?=\r\n\r\n".to_vec());
    assert_eq!(text(&mail, "from"), "a[31mb");
    assert_eq!(subject(&mail), "a]0;xb");
    let long = Message::new(format!("Subject: {}\r\n\r\n", "x".repeat(2_000)).into_bytes());
    assert_eq!(subject(&long).len(), SHOWN);
    assert_eq!(subject(&Message::new(b"From: a\r\n\r\n".to_vec())), "");
}

#[tokio::test]
async fn an_account_that_cannot_be_had_does_not_keep_others_from_being_looked_at() {
    let home = Home::answering("EXAMINE", "NO [NONEXISTENT] gone").await;
    let uids = |account: &'static str| {
        let due = home.vault.due_incoming(home.at(1_000_000), 10_000).unwrap();
        due.iter().filter(|due| due.place.account == address(account)).count()
    };
    for uid in 1..=u32::try_from(DUE).unwrap() {
        home.note(DEAD, uid, 0);
    }
    home.note(ALIVE, 1, 1);
    let mut desk = Desk::new(home.clone());
    desk.again().await;
    assert_eq!((uids(DEAD), uids(ALIVE)), (DUE, 1), "as many as are looked at in one round");
    desk.again().await;
    assert_eq!((uids(DEAD), uids(ALIVE)), (DUE, 0), "it was looked at, and is gone");
    let due = home.vault.due_incoming(home.at(1_000_000), 10_000).unwrap();
    assert!(due.iter().all(|due| due.tries == 1), "not to be had is no try");
}

#[tokio::test]
async fn one_log_in_does_all_the_work_of_an_account() {
    let home = Home::answering("EXAMINE", "NO [NONEXISTENT] gone").await;
    let connected = || home.connected.load(Ordering::Relaxed);
    let accounts = [ALIVE, OTHER].into_iter().cycle();
    let mut seen: Vec<Sighting> = (1..=10)
        .zip(accounts)
        .map(|(uid, account)| Sighting {
            account: address(account),
            place: Some(Home::place(account, uid)),
            what: What::Claims(None),
        })
        .collect();
    let mut desk = Desk::new(home.clone());
    desk.look_at_all(&mut seen).await;
    assert!(seen.is_empty());
    assert_eq!((desk.seen.len(), connected()), (10, 2), "as they were seen");
    for uid in 11..=20 {
        home.note(if uid % 2 == 0 { ALIVE } else { OTHER }, uid, uid.into());
    }
    desk.again().await;
    assert_eq!(home.vault.due_incoming(home.at(1_000_000), 99).unwrap(), []);
    assert_eq!(connected(), 3, "as they are due: the open connection is used before the next");
}

#[tokio::test]
async fn a_mailbox_that_is_refused_without_a_reason_is_asked_for_again_and_not_for_ever() {
    let home = Home::answering("EXAMINE", "NO x").await;
    home.note(ALIVE, 1, 0);
    let due = |seconds| home.vault.due_incoming(home.at(seconds), 9).unwrap();
    let mut desk = Desk::new(home.clone());
    desk.again().await;
    assert_eq!(due(599), []);
    let once = due(600).remove(0);
    assert_eq!(once.tries, 2);
    let often = DueIncoming { tries: OURS, ..once };
    home.vault.put_off(&often, Some(home.at(0))).unwrap();
    desk.again().await;
    assert_eq!(due(1_000_000), []);
}
