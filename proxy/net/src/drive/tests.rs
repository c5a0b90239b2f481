use core::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};
use tokio::time::timeout;

use super::*;

/// Understands lines: `say N` writes N bytes, `fail` fails after a farewell, anything else is an
/// event.
#[derive(Default)]
struct Lines {
    buffer: wire::Buffer,
    say: VecDeque<Pause<String, Fault>>,
    fed: usize,
}

#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("fail was said")]
struct Fault;

impl Machine for Lines {
    type Event = String;
    type Error = Fault;

    fn feed(&mut self, bytes: &[u8]) {
        self.fed += bytes.len();
        self.buffer.push(bytes);
    }

    fn feed_end(&mut self) {
        self.say.push_back(Pause::Event("the end".to_owned()));
    }

    fn next(&mut self) -> Pause<String, Fault> {
        if let Some(pause) = self.say.pop_front() {
            return pause;
        }
        let wire::Line::Whole(line) = self.buffer.take_line(100_000) else {
            return Pause::Read;
        };
        let line = String::from_utf8(line).unwrap();
        if let Some(count) = line.strip_prefix("say ") {
            return Pause::Write(vec![b'x'; count.parse().unwrap()]);
        }
        if line == "fail" {
            self.say.push_back(Pause::Failed(Fault));
            return Pause::Write(b"farewell".to_vec());
        }
        Pause::Event(line)
    }
}

fn driver(room: usize) -> (Driver<Lines, DuplexStream>, DuplexStream) {
    let (ours, theirs) = duplex(room);
    (Driver::new(ours, Lines::default()), theirs)
}

/// Anything that is still not done when nothing can move any more: the clock is paused, so it
/// only runs on when every task waits.
const STUCK: Duration = Duration::from_secs(1);

#[tokio::test]
async fn events_come_in_order_and_then_the_end() {
    let (mut driver, mut peer) = driver(64);
    peer.write_all(b"one\r\ntwo\r\nthr").await.unwrap();
    assert_eq!(driver.next().await.unwrap().unwrap(), "one");
    assert_eq!(driver.next().await.unwrap().unwrap(), "two");
    peer.write_all(b"ee\r\n").await.unwrap();
    drop(peer);
    assert_eq!(driver.next().await.unwrap().unwrap(), "three");
    assert_eq!(driver.next().await.unwrap().unwrap(), "the end");
    assert_eq!(driver.next().await.unwrap(), None);
}

#[tokio::test]
async fn what_was_said_before_an_event_is_written_before_it_is_told() {
    let (mut driver, mut peer) = driver(64);
    peer.write_all(b"say 3\r\nsay 2\r\nnow\r\n").await.unwrap();
    assert_eq!(driver.next().await.unwrap().unwrap(), "now");
    drop(driver);
    let mut heard = String::new();
    peer.read_to_string(&mut heard).await.unwrap();
    assert_eq!(heard, "xxxxx");
}

#[tokio::test(start_paused = true)]
async fn saying_waits_for_nothing_and_keeps_the_event() {
    let (mut driver, mut peer) = driver(64);
    driver.machine_mut().feed(b"say 3\r\nnow\r\nsay 2\r\n");
    for _ in 0..2 {
        timeout(STUCK, driver.say()).await.unwrap().unwrap();
    }
    let mut heard = [0; 3];
    timeout(STUCK, peer.read_exact(&mut heard)).await.unwrap().unwrap();
    assert_eq!(driver.next().await.unwrap().unwrap(), "now");
    timeout(STUCK, driver.say()).await.unwrap().unwrap();
    drop(driver);
    let mut rest = String::new();
    peer.read_to_string(&mut rest).await.unwrap();
    assert_eq!(rest, "xx");
}

#[tokio::test]
async fn the_last_words_of_a_machine_that_fails_are_written() {
    let (mut driver, mut peer) = driver(64);
    peer.write_all(b"fail\r\n").await.unwrap();
    let failed = driver.next().await;
    assert!(matches!(failed, Err(DriveError::Machine(Fault))));
    let mut heard = [0; 8];
    peer.read_exact(&mut heard).await.unwrap();
    assert_eq!(&heard, b"farewell");
}

#[tokio::test(start_paused = true)]
async fn two_peers_that_both_write_first_do_not_wait_for_each_other() {
    let (ours, theirs) = duplex(100);
    let talker = |stream| {
        let mut lines = Lines::default();
        lines.say.push_back(Pause::Write(vec![b'y'; 50_000]));
        lines.say.push_back(Pause::Write(b"\r\n".to_vec()));
        Driver::new(stream, lines)
    };
    let (mut one, mut other) = (talker(ours), talker(theirs));
    let both = async { tokio::join!(one.next(), other.next()) };
    let (first, second) = timeout(STUCK, both).await.expect("neither waits for ever");
    assert_eq!(first.unwrap().unwrap().len(), 50_000);
    assert_eq!(second.unwrap().unwrap().len(), 50_000);
}

#[tokio::test(start_paused = true)]
async fn a_peer_that_writes_without_end_and_never_reads_does_not_fill_the_memory() {
    let (mut driver, mut peer) = driver(4_096);
    driver.machine.say.push_back(Pause::Write(vec![b'y'; 50_000]));
    let flood = async {
        loop {
            peer.write_all(&[b'z'; 4_096]).await.unwrap();
        }
    };
    let both = async { tokio::join!(driver.flush(), flood) };
    assert!(timeout(STUCK, both).await.is_err());
    assert!(driver.machine.fed >= HEARD_WHILE_WRITING);
    assert!(driver.machine.fed <= HEARD_WHILE_WRITING + INPUT);
}

#[tokio::test(start_paused = true)]
async fn a_call_that_is_cancelled_loses_no_byte_either_way() {
    let (mut driver, mut peer) = driver(10);
    driver.machine.say.push_back(Pause::Write(vec![b'y'; 25]));
    let mut heard = Vec::new();
    let mut cancelled = 0;
    let mut rest: &[u8] = b"hello there\r\nand good day\r\n";
    let mut events = Vec::new();
    while events.len() < 2 {
        match timeout(STUCK, driver.next()).await {
            Ok(event) => events.push(event.unwrap().unwrap()),
            Err(_) => {
                cancelled += 1;
                if heard.len() < 25 {
                    let mut some = [0; 7];
                    let count = peer.read(&mut some).await.unwrap();
                    heard.extend_from_slice(&some[..count]);
                } else {
                    let (now, later) = rest.split_at(rest.len().min(3));
                    peer.write_all(now).await.unwrap();
                    rest = later;
                }
            }
        }
    }
    assert_eq!(events, ["hello there", "and good day"]);
    assert_eq!(heard, [b'y'; 25]);
    assert!(cancelled > 5);
}

/// Takes every byte at once, but flushes only when it may.
struct SlowToFlush {
    flushed: usize,
    may: bool,
}

impl AsyncRead for SlowToFlush {
    fn poll_read(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        _: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Poll::Pending
    }
}

impl AsyncWrite for SlowToFlush {
    fn poll_write(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        if !self.may {
            return Poll::Pending;
        }
        self.flushed += 1;
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

#[tokio::test(start_paused = true)]
async fn a_call_cancelled_while_it_flushed_flushes_when_called_again() {
    let stream = SlowToFlush { flushed: 0, may: false };
    let mut driver = Driver::new(stream, Lines::default());
    driver.machine.say.push_back(Pause::Write(b"220".to_vec()));
    assert!(timeout(STUCK, driver.flush()).await.is_err());
    driver.stream.as_mut().unwrap().may = true;
    driver.flush().await.unwrap();
    assert_eq!(driver.stream.unwrap().flushed, 1);
}

/// Counts the writes.
struct Counted(DuplexStream, usize);

impl AsyncRead for Counted {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(context, buffer)
    }
}

impl AsyncWrite for Counted {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.1 += 1;
        Pin::new(&mut self.0).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(context)
    }
}

#[tokio::test]
async fn what_belongs_together_goes_out_in_one_write() {
    let (ours, mut peer) = duplex(4_096);
    let mut driver = Driver::new(Counted(ours, 0), Lines::default());
    peer.write_all(b"say 3\r\nsay 2\r\nsay 1\r\nnow\r\n").await.unwrap();
    driver.next().await.unwrap();
    assert_eq!(driver.stream.unwrap().1, 1);
}
