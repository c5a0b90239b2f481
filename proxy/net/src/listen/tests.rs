use jiff::Timestamp;
use wire::{Machine, Pause};

use super::*;
use crate::dial::dial;
use crate::drive::Driver;
use crate::tls::{Expect, Met, Proof, Roots};

const SOON: Duration = Duration::from_secs(10);

fn certificate() -> LocalCertificate {
    LocalCertificate::create(Timestamp::now()).unwrap()
}

fn trusting(certificate: &LocalCertificate) -> Roots {
    Roots::load(&[("ca".to_owned(), certificate.authority().into_bytes())]).unwrap()
}

#[tokio::test]
async fn listens_on_this_computer_only() {
    for address in ["0.0.0.0:0", "[::]:0", "192.0.2.1:0", "[2001:db8::1]:0", "[::ffff:127.0.0.1]:0"]
    {
        let address = address.parse().unwrap();
        let refused = Listener::bind(address).await.unwrap_err();
        assert!(matches!(refused, ListenError::NotLoopback(at) if at == address), "{address}");
        assert!(refused.to_string().contains("127.0.0.1"));
    }
    for address in ["127.0.0.1:0", "127.0.0.2:0", "[::1]:0"] {
        let listener = Listener::bind(address.parse().unwrap()).await.unwrap();
        assert_ne!(listener.address().port(), 0);
    }
}

#[tokio::test]
async fn a_port_that_is_taken_is_told_with_what_to_do() {
    let first = Listener::bind("127.0.0.1:0".parse().unwrap()).await.unwrap();
    let refused = Listener::bind(first.address()).await.unwrap_err();
    assert!(matches!(refused, ListenError::InUse(at) if at == first.address()));
    assert!(refused.to_string().contains("[listen]"));
}

#[tokio::test]
async fn one_who_is_turned_away_hears_why() {
    use tokio::io::AsyncReadExt;

    let listener = Listener::bind("127.0.0.1:0".parse().unwrap()).await.unwrap();
    let mut peer = dial(listener.address(), SOON).await.unwrap();
    turn_away(listener.accept().await.unwrap(), b"421 4.3.2 busy\r\n").await;
    let mut heard = String::new();
    peer.read_to_string(&mut heard).await.unwrap();
    assert_eq!(heard, "421 4.3.2 busy\r\n");
}

async fn met_as(name: &str, served: &LocalCertificate, roots: &Roots) -> Result<Met, TlsError> {
    let acceptor = TlsAcceptor::new(served).unwrap();
    let listener = Listener::bind("127.0.0.1:0".parse().unwrap()).await.unwrap();
    let client = dial(listener.address(), SOON).await.unwrap();
    let server = listener.accept().await.unwrap();
    let expect = Expect::Server(name.to_owned());
    let (_, met) =
        tokio::join!(acceptor.accept(server), crate::tls::connect(client, expect, roots));
    met.map(|(_, met)| met)
}

#[tokio::test]
async fn the_local_certificate_proves_this_computer_and_nothing_else() {
    let certificate = certificate();
    let roots = trusting(&certificate);
    for name in ["localhost", "127.0.0.1", "::1"] {
        let met = met_as(name, &certificate, &roots).await.unwrap();
        assert_eq!(met.proof, Proof::Pkix { name: name.to_owned() });
    }
    let elsewhere = met_as("mail.example.nl", &certificate, &roots).await;
    assert_eq!(elsewhere.unwrap_err(), TlsError::WrongName);
    let distrusting = Roots::load(&[]).unwrap();
    let unknown = met_as("localhost", &certificate, &distrusting).await;
    assert_eq!(unknown.unwrap_err(), TlsError::UnknownIssuer);
}

/// Says one thing and tells every line.
struct Speaker {
    say: Option<&'static [u8]>,
    heard: wire::Buffer,
}

#[derive(Debug, thiserror::Error)]
#[error("never")]
struct Never;

impl Machine for Speaker {
    type Event = Vec<u8>;
    type Error = Never;

    fn feed(&mut self, bytes: &[u8]) {
        self.heard.push(bytes);
    }

    fn feed_end(&mut self) {}

    fn next(&mut self) -> Pause<Vec<u8>, Never> {
        if let Some(say) = self.say.take() {
            return Pause::Write(say.to_vec());
        }
        match self.heard.take_line(100) {
            wire::Line::Whole(line) => Pause::Event(line),
            _ => Pause::Read,
        }
    }
}

fn speaker(stream: Stream, say: &'static [u8]) -> Driver<Speaker> {
    let heard = wire::Buffer::new();
    let say = Some(say);
    Driver::new(stream, Speaker { say, heard })
}

#[tokio::test]
async fn both_sides_go_from_clear_text_into_tls_and_on() {
    let certificate = certificate();
    let roots = trusting(&certificate);
    let acceptor = TlsAcceptor::new(&certificate).unwrap();
    let listener = Listener::bind("127.0.0.1:0".parse().unwrap()).await.unwrap();
    let mut client = speaker(dial(listener.address(), SOON).await.unwrap(), b"STARTTLS\r\n");
    let mut server = speaker(listener.accept().await.unwrap(), b"220 ready\r\n");
    let (asked, ready) = tokio::join!(server.next(), client.next());
    assert_eq!(asked.unwrap().unwrap(), b"STARTTLS");
    assert_eq!(ready.unwrap().unwrap(), b"220 ready");

    let expect = Expect::Server("localhost".to_owned());
    let (accepted, met) =
        tokio::join!(server.start_tls_server(&acceptor), client.start_tls_client(expect, &roots),);
    accepted.unwrap();
    assert_eq!(met.unwrap().protocol, "TLSv1_3");
    client.machine_mut().say = Some(b"inside\r\n");
    client.flush().await.unwrap();
    assert_eq!(server.next().await.unwrap().unwrap(), b"inside");
    drop(client);
    assert!(server.next().await.unwrap().is_none());
}

#[tokio::test]
async fn what_came_in_clear_behind_starttls_never_gets_inside() {
    use tokio::io::AsyncWriteExt;

    let acceptor = TlsAcceptor::new(&certificate()).unwrap();
    let listener = Listener::bind("127.0.0.1:0".parse().unwrap()).await.unwrap();
    let mut peer = dial(listener.address(), SOON).await.unwrap();
    let mut server = speaker(listener.accept().await.unwrap(), b"220 ready\r\n");
    peer.write_all(b"STARTTLS\r\n").await.unwrap();
    assert_eq!(server.next().await.unwrap().unwrap(), b"STARTTLS");
    peer.write_all(b"MAIL FROM:<evil@example.nl>\r\n").await.unwrap();
    assert!(server.start_tls_server(&acceptor).await.is_err());
    assert!(server.next().await.is_err());
}

#[tokio::test]
async fn a_connection_whose_tls_failed_is_gone_and_never_used_in_clear() {
    let certificate = certificate();
    let acceptor = TlsAcceptor::new(&certificate).unwrap();
    let listener = Listener::bind("127.0.0.1:0".parse().unwrap()).await.unwrap();
    let mut client = speaker(dial(listener.address(), SOON).await.unwrap(), b"");
    let server = listener.accept().await.unwrap();
    let expect = Expect::Server("mail.example.nl".to_owned());
    let roots = trusting(&certificate);
    let (_, met) = tokio::join!(acceptor.accept(server), client.start_tls_client(expect, &roots));
    assert_eq!(met.unwrap_err(), TlsError::WrongName);
    client.machine_mut().say = Some(b"secret\r\n");
    assert!(client.flush().await.is_err());
}
