use imap::client::{ClientError, Refusal, Security};
use secrecy::SecretString;

use super::*;

fn provider(port: u16, password: &str) -> Provider {
    Provider {
        host: "127.0.0.1".to_owned(),
        port,
        security: Security::Clear,
        user: "arts".to_owned(),
        password: SecretString::from(password),
        mechanisms: vec![imap::Mechanism::Plain],
    }
}

#[test]
fn the_wait_doubles_up_to_its_bound_and_a_refused_password_ends_the_tries() {
    let now = Instant::now();
    let down = UpstreamError::Silent(25);
    for (failures, seconds) in [(0, 5), (1, 10), (2, 20), (8, 1280), (9, 1800), (1000, 1800)] {
        let until = now + Duration::from_secs(seconds);
        let expected = Standing::Rests { failures: failures + 1, until };
        assert_eq!(after(failures, 0, &down, now), expected, "{failures}");
        assert!(may_try(Some(expected), now).is_err());
        assert!(may_try(Some(expected), until).is_ok());
    }
    let wrong = UpstreamError::Dialogue(ClientError::NoMechanism);
    assert_eq!(after(0, 0, &wrong, now), Standing::Shut);
    let much_later = now + Duration::from_secs(1_000_000);
    assert!(matches!(may_try(Some(Standing::Shut), much_later), Err(UpstreamError::Shut)));
    assert!(may_try(None, now).is_ok());
}

/// A server that refuses every log-in in these words; how many came.
async fn refusing(words: &'static str) -> (u16, std::sync::Arc<std::sync::atomic::AtomicUsize>) {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};

    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let count = std::sync::Arc::new(AtomicUsize::new(0));
    let counted = std::sync::Arc::clone(&count);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            counted.fetch_add(1, Ordering::SeqCst);
            let mut stream = BufReader::new(stream);
            let hello = b"* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN SASL-IR] x\r\n";
            stream.write_all(hello).await.unwrap();
            let mut line = String::new();
            if stream.read_line(&mut line).await.is_ok() {
                let tag = line.split(' ').next().unwrap_or("*");
                let no = format!("{tag} {words}\r\n");
                let _ = stream.write_all(no.as_bytes()).await;
            }
        }
    });
    (port, count)
}

#[tokio::test]
async fn a_wrong_password_is_tried_once_and_the_right_to_try_comes_with_another() {
    let (port, count) = refusing("NO [AUTHENTICATIONFAILED] x").await;
    let came = || count.load(std::sync::atomic::Ordering::SeqCst);
    let (gate, roots) = (Gate::default(), Roots::load(&[]).unwrap());
    let ask = async |password: &str| {
        let provider = provider(port, password);
        gate.connect("a@b.nl", provider, &roots, Limits::default()).await.unwrap_err()
    };
    assert!(matches!(ask("fout").await, UpstreamError::Refused(_)));
    for _ in 0..20 {
        assert!(matches!(ask("fout").await, UpstreamError::Shut));
    }
    assert_eq!((came(), gate.standing("a@b.nl")), (1, Some(Standing::Shut)));
    assert!(matches!(ask("ook fout").await, UpstreamError::Refused(_)));
    assert_eq!(came(), 2);
    // Another account's door is its own, and who got in opens this one.
    assert_eq!(gate.standing("c@d.nl"), None);
    gate.opened("a@b.nl");
    assert!(matches!(ask("ook fout").await, UpstreamError::Refused(_)));
    assert_eq!(came(), 3);
}

#[tokio::test]
async fn a_mail_program_that_comes_back_does_not_bring_a_wrong_password_again_and_again() {
    for (words, tries) in [
        ("NO [AUTHENTICATIONFAILED] x", 1),
        ("NO [EXPIRED] x", 1),
        ("NO x", 3),
        ("BAD x", 3),
        ("NO [LIMIT] x", 5),
        // Nothing is said against the password: a right is missing, or somebody is to be asked.
        ("NO [AUTHORIZATIONFAILED] x", 5),
        ("NO [CONTACTADMIN] x", 5),
    ] {
        let (port, count) = refusing(words).await;
        let (gate, roots) = (Gate::default(), Roots::load(&[]).unwrap());
        for _ in 0..5 {
            let asked = gate.connect_program("a@b.nl", provider(port, "fout"), &roots).await;
            assert!(asked.is_err(), "{words}");
        }
        let came = || count.load(std::sync::atomic::Ordering::SeqCst);
        assert_eq!(came(), tries, "{words}");
        // Another password is tried at once, and who got in elsewhere opens it for all.
        let _ = gate.connect_program("a@b.nl", provider(port, "ook fout"), &roots).await;
        gate.opened("a@b.nl");
        let _ = gate.connect_program("a@b.nl", provider(port, "ook fout"), &roots).await;
        assert_eq!(came(), tries + 2, "{words}");
    }
    let now = Instant::now();
    let door = Door { login: 1, standing: Standing::Shut, unclear: 0, wrong: Some(now) };
    assert!(door.keeps_programs_out(now + PROGRAMS - Duration::from_secs(1)));
    assert!(!door.keeps_programs_out(now + PROGRAMS), "the provider may have erred");
    assert!(!Door { wrong: None, ..door }.keeps_programs_out(now));
}

#[tokio::test]
async fn of_several_connections_at_once_one_tries_a_password_that_has_not_worked_yet() {
    let (port, count) = refusing("NO [AUTHENTICATIONFAILED] x").await;
    let (gate, roots) = (Gate::default(), Roots::load(&[]).unwrap());
    let ask = || gate.connect_program("a@b.nl", provider(port, "fout"), &roots);
    let own = gate.connect("a@b.nl", provider(port, "fout"), &roots, Limits::default());
    let (a, b, c, d, e, own) = tokio::join!(ask(), ask(), ask(), ask(), ask(), own);
    let programs = [a, b, c, d, e];
    let shut = |asked: &&Result<_, _>| matches!(asked, Err(UpstreamError::Shut));
    assert_eq!(programs.iter().filter(shut).count(), 4, "{programs:?}");
    assert!(matches!(own, Err(UpstreamError::Shut)));
    assert_eq!(count.load(std::sync::atomic::Ordering::SeqCst), 1);
}

#[tokio::test(start_paused = true)]
async fn a_log_in_that_worked_waits_for_nobody_and_one_that_did_not_no_longer_than_it_may() {
    let gate = Gate::default();
    let first = gate.turn("a@b.nl", 1).await.unwrap();
    assert!(first.is_some());
    let began = Instant::now();
    assert!(matches!(gate.turn("a@b.nl", 1).await, Err(UpstreamError::Silent(_))));
    assert_eq!(began.elapsed().as_secs(), upstream::CONNECT.as_secs());
    assert!(gate.turn("c@d.nl", 1).await.unwrap().is_some(), "another account");
    // Whoever waited while it worked goes on with all others.
    let (waited, ()) = tokio::join!(gate.turn("a@b.nl", 1), async {
        gate.proved("a@b.nl", 1);
        drop(first);
    });
    assert!(waited.unwrap().is_none());
    assert!(gate.turn("a@b.nl", 1).await.unwrap().is_none());
    let other = gate.turn("a@b.nl", 2).await.unwrap();
    assert!(other.is_some(), "another password");
    drop(other);
    // A password that worked and is wrong now is to be proved again.
    let (code, words) = ("AUTHENTICATIONFAILED".to_owned(), String::new());
    let wrong = UpstreamError::Refused(Refusal { reason: Reason::Refused, code, words });
    gate.failed("a@b.nl", 1, &wrong, Instant::now());
    assert!(gate.turn("a@b.nl", 1).await.unwrap().is_some());
}

#[tokio::test]
async fn what_the_server_says_of_the_password_shuts_the_gate_and_what_passes_does_not() {
    for (words, shuts) in [
        ("NO [AUTHENTICATIONFAILED] x", true),
        ("NO [AUTHORIZATIONFAILED] x", true),
        ("NO [EXPIRED] x", true),
        ("NO [CONTACTADMIN] app password", true),
        ("NO [UNAVAILABLE] x", false),
        ("NO [LIMIT] x", false),
        ("NO [ALERT] Too many simultaneous connections", false),
        ("NO x", false),
        ("BAD x", false),
    ] {
        let (port, _) = refusing(words).await;
        let (gate, roots) = (Gate::default(), Roots::load(&[]).unwrap());
        let asked = gate.connect("a@b.nl", provider(port, "x"), &roots, Limits::default()).await;
        assert!(matches!(asked, Err(UpstreamError::Refused(_))), "{words}");
        let standing = gate.standing("a@b.nl").unwrap();
        assert_eq!(standing == Standing::Shut, shuts, "{words}");
    }
}

#[test]
fn a_refusal_that_does_not_say_why_waits_longest_and_ends_the_tries_at_the_third() {
    let now = Instant::now();
    let refused = |reason, code: &str| {
        let (code, words) = (code.to_owned(), String::new());
        UpstreamError::Refused(Refusal { reason, code, words })
    };
    let rests = |failures, pause| Standing::Rests { failures, until: now + pause };
    for bare in [
        refused(Reason::Refused, ""),
        refused(Reason::Refused, "ALERT"),
        refused(Reason::NotUnderstood, ""),
    ] {
        assert_eq!(after(0, 1, &bare, now), rests(1, LONGEST));
        assert_eq!(after(1, 2, &bare, now), rests(2, LONGEST));
        assert_eq!(after(2, 3, &bare, now), Standing::Shut);
    }
    assert_eq!(after(0, 0, &UpstreamError::Silent(25), now), rests(1, FIRST));
    assert_eq!(after(0, 0, &refused(Reason::Unavailable, "LIMIT"), now), rests(1, FIRST));
}

#[test]
fn only_refusals_of_one_password_that_follow_each_other_shut_the_gate() {
    let now = Instant::now();
    let refused = |reason, code: &str| {
        let (code, words) = (code.to_owned(), String::new());
        UpstreamError::Refused(Refusal { reason, code, words })
    };
    let bare = || refused(Reason::Refused, "");
    let shut = |gate: &Gate| gate.standing("a@b.nl") == Some(Standing::Shut);
    let fail = |gate: &Gate, login, error| gate.failed("a@b.nl", login, &error, now);
    for between in [UpstreamError::Silent(25), refused(Reason::Unavailable, "LIMIT")] {
        let gate = Gate::default();
        for error in [bare(), bare(), between, bare(), bare()] {
            fail(&gate, 1, error);
            assert!(!shut(&gate));
        }
        fail(&gate, 1, bare());
        assert!(shut(&gate), "three in a row");
    }
    let gate = Gate::default();
    fail(&gate, 1, bare());
    fail(&gate, 1, bare());
    // Another password, and somebody who got in, begin anew.
    fail(&gate, 2, bare());
    fail(&gate, 2, bare());
    gate.opened("a@b.nl");
    fail(&gate, 2, bare());
    fail(&gate, 2, bare());
    assert!(!shut(&gate));
    fail(&gate, 2, bare());
    assert!(shut(&gate));
}

#[tokio::test(start_paused = true)]
async fn a_provider_that_is_down_is_not_stormed() {
    // Bound, so that nobody else gets it, and not listening.
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let port = socket.local_addr().unwrap().port();
    let (gate, roots) = (Gate::default(), Roots::load(&[]).unwrap());
    let mut tried = 0;
    let begin = Instant::now();
    while begin.elapsed() < Duration::from_secs(3600) {
        let provider = provider(port, "x");
        let asked = gate.connect("a@b.nl", provider, &roots, Limits::default()).await;
        tried += usize::from(!matches!(asked, Err(UpstreamError::Resting(_))));
        tokio::time::advance(Duration::from_secs(1)).await;
    }
    assert!((9..=12).contains(&tried), "{tried} in an hour");
}

#[test]
fn what_says_nothing_of_the_password_does_not_open_a_shut_gate() {
    let now = Instant::now();
    let refused = |reason, code: &str| {
        let (code, words) = (code.to_owned(), String::new());
        UpstreamError::Refused(Refusal { reason, code, words })
    };
    // Connections that began before the provider said so, and end after it.
    for later in [
        UpstreamError::Silent(25),
        refused(Reason::Unavailable, "LIMIT"),
        refused(Reason::Refused, ""),
        refused(Reason::NotAllowed, "NOPERM"),
    ] {
        let gate = Gate::default();
        gate.failed("a@b.nl", 1, &refused(Reason::Refused, "AUTHENTICATIONFAILED"), now);
        gate.failed("a@b.nl", 1, &later, now + Duration::from_secs(1));
        let door = gate.door("a@b.nl", 1).unwrap();
        assert_eq!((door.standing, door.wrong), (Standing::Shut, Some(now)), "{later:?}");
        // Another password has a door of its own.
        gate.failed("a@b.nl", 2, &UpstreamError::Silent(25), now);
        assert!(matches!(gate.standing("a@b.nl"), Some(Standing::Rests { failures: 1, .. })));
    }
}
