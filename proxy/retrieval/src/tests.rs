use core::time::Duration;

use imap::capabilities::Capabilities;
use imap::relay::{Event, Limits, Relay};
use imap::server::{Answer, Credentials, Tls};
use net::Stream;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

use crate::pump::{End, Pump};
use crate::session::{Admitted, Door, Ear, House, serve};
use crate::upstream::Upstream;
use crate::words::Words;

/// Both ends of a connection.
async fn connection() -> (TcpStream, TcpStream) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let near = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
    (near, listener.accept().await.unwrap().0)
}

struct Lab {
    program: TcpStream,
    provider: TcpStream,
    stop: watch::Sender<bool>,
    pump: tokio::task::JoinHandle<End>,
}

/// A session behind the log-ins, with its two peers in the hands of the test.
async fn session(early_program: &'static [u8], early_provider: &[u8]) -> Lab {
    heard_session(early_program, early_provider, Box::new(drop)).await
}

async fn heard_session(early_program: &'static [u8], early_provider: &[u8], ear: Ear) -> Lab {
    let ((program, near), (provider, far)) = (connection().await, connection().await);
    let upstream =
        Upstream::new(Stream::Plain(far), early_provider.to_vec(), Capabilities::own(), None);
    let (stop, mut stopped) = watch::channel(false);
    let pump = tokio::spawn(async move {
        let relay = Relay::new(Limits::default());
        let pump = Pump::new(Stream::Plain(near), early_program, upstream, (relay, ear));
        pump.run(Words::ENGLISH, &mut stopped).await
    });
    Lab { program, provider, stop, pump }
}

async fn hear(stream: &mut TcpStream, expected: &[u8]) {
    let mut heard = vec![0; expected.len()];
    stream.read_exact(&mut heard).await.unwrap();
    assert_eq!(String::from_utf8_lossy(&heard), String::from_utf8_lossy(expected));
}

#[tokio::test]
async fn what_was_said_behind_the_login_goes_first() {
    let mut lab = session(b"a NOOP\r\n", b"* 3 EXISTS\r\n").await;
    hear(&mut lab.provider, b"a NOOP\r\n").await;
    lab.provider.write_all(b"a OK done\r\n").await.unwrap();
    hear(&mut lab.program, b"* 3 EXISTS\r\na OK done\r\n").await;
}

#[tokio::test]
async fn one_way_goes_on_while_the_other_is_held_up() {
    let mut lab = session(b"", b"").await;
    // The provider reads nothing; the mail program writes until nothing more is taken.
    let block = vec![b'x'; 64 * 1024];
    let held_up = async {
        loop {
            let wrote = tokio::time::timeout(HELD_UP, lab.program.write(&block)).await;
            if wrote.is_err() {
                return;
            }
        }
    };
    held_up.await;
    let answer = vec![b'y'; 8 * 1024 * 1024];
    let (mut reads, _writes) = lab.program.split();
    let mut heard = vec![0; answer.len()];
    let (said, got) = tokio::join!(lab.provider.write_all(&answer), reads.read_exact(&mut heard));
    said.unwrap();
    got.unwrap();
    assert!(heard == answer);
}

#[tokio::test]
async fn an_end_is_told_once_and_only_between_responses() {
    let mut lab = session(b"", b"* 1 EXISTS\r\n").await;
    hear(&mut lab.program, b"* 1 EXISTS\r\n").await;
    drop(lab.provider);
    let mut said = String::new();
    lab.program.read_to_string(&mut said).await.unwrap();
    assert_eq!(said, format!("* BYE [UNAVAILABLE] {}\r\n", Words::ENGLISH.lost));
    assert_eq!(lab.pump.await.unwrap(), End::Provider);

    for last in ["* BYE good night\r\n", "* 1 FETCH (BODY[] {9}\r\nhalf"] {
        let mut lab = session(b"", last.as_bytes()).await;
        hear(&mut lab.program, last.as_bytes()).await;
        lab.stop.send_replace(true);
        let mut said = String::new();
        lab.program.read_to_string(&mut said).await.unwrap();
        assert_eq!(said, "", "behind {last:?}");
        assert_eq!(lab.pump.await.unwrap(), End::Stopped);
    }
}

#[tokio::test]
async fn a_program_that_only_stops_talking_still_hears_its_answer() {
    let mut lab = session(b"", b"").await;
    lab.program.write_all(b"a LOGOUT\r\n").await.unwrap();
    lab.program.shutdown().await.unwrap();
    let mut heard = String::new();
    lab.provider.read_to_string(&mut heard).await.unwrap();
    assert_eq!(heard, "a LOGOUT\r\n");
    lab.provider.write_all(b"* BYE out\r\na OK done\r\n").await.unwrap();
    drop(lab.provider);
    let mut said = String::new();
    lab.program.read_to_string(&mut said).await.unwrap();
    assert_eq!(said, "* BYE out\r\na OK done\r\n");
    assert_eq!(lab.pump.await.unwrap(), End::Program);
}

#[tokio::test]
async fn what_claims_something_is_heard_when_it_has_passed() {
    let (said, mut heard) = tokio::sync::mpsc::unbounded_channel();
    let ear: Ear = Box::new(move |event| drop(said.send(event)));
    let mut lab = heard_session(b"", b"", ear).await;
    let message = "* 1 FETCH (UID 3 BODY[] {22}\r\nX-NTA7516: S\r\n\r\ntext\r\n)\r\n";
    lab.provider.write_all(message.as_bytes()).await.unwrap();
    hear(&mut lab.program, message.as_bytes()).await;
    let Some(Event::Claimed(claimed)) = heard.recv().await else { panic!("nothing is heard") };
    assert_eq!((claimed.uid, claimed.message.map(|it| it.len())), (Some(3), Some(22)));
}

struct Nobody;

impl House for Nobody {
    async fn admit(&self, _: &Credentials) -> Result<Admitted, Answer> {
        Err(Answer::Wrong)
    }
}

#[tokio::test(start_paused = true)]
async fn who_does_not_log_in_within_a_minute_is_shown_out() {
    let (mut program, near) = connection().await;
    let (_stop, stopped) = watch::channel(false);
    let door = Door {
        tls: Tls::None,
        acceptor: None,
        seed: [0; 16],
        now_unix: 0,
        words: Words::DUTCH,
        stop: stopped,
    };
    let begin = tokio::time::Instant::now();
    let session = tokio::spawn(async move { serve(Stream::Plain(near), door, &Nobody).await });
    let mut said = String::new();
    program.read_to_string(&mut said).await.unwrap();
    session.await.unwrap();
    assert!(said.starts_with("* OK [CAPABILITY IMAP4rev1"), "{said}");
    assert!(said.ends_with(&format!("* BYE {}\r\n", Words::DUTCH.login)), "{said}");
    let spent = begin.elapsed();
    assert!((59..=63).contains(&spent.as_secs()), "{spent:?}");
}

#[test]
fn words_are_within_us_ascii() {
    for words in [Words::DUTCH, Words::ENGLISH] {
        for text in [words.login, words.lost, words.stopping] {
            assert!(text.is_ascii(), "{text}");
        }
    }
}

/// A socket that takes nothing for so long is full.
const HELD_UP: Duration = Duration::from_millis(300);
