//! Name servers that are asked over TLS.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use rcgen::{Certificate, KeyPair};
use rustls::ServerConfig;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

use super::*;
use crate::tls::tests::server::Authority;
use crate::tls::{VERSIONS, provider};

const NAME: &str = "dns.example.nl";

/// A front before the real name server that speaks TLS; counts what it was asked.
async fn front(
    chain: &Authority,
    leaf: &Certificate,
    key: KeyPair,
) -> (SocketAddr, Arc<AtomicUsize>) {
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let config = ServerConfig::builder_with_provider(provider())
        .with_protocol_versions(VERSIONS)
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(chain.chain(leaf), key)
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let asked = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&asked);
    tokio::spawn(async move {
        while let Ok((tcp, _)) = listener.accept().await {
            tokio::spawn(answer_all(acceptor.clone(), tcp, Arc::clone(&count)));
        }
    });
    (address, asked)
}

async fn answer_all(
    acceptor: TlsAcceptor,
    tcp: TcpStream,
    count: Arc<AtomicUsize>,
) -> std::io::Result<()> {
    let mut stream = acceptor.accept(tcp).await?;
    loop {
        let mut question = vec![0; stream.read_u16().await?.into()];
        stream.read_exact(&mut question).await?;
        count.fetch_add(1, Ordering::SeqCst);
        let reply = fake::ask(&question).await;
        let length = u16::try_from(reply.len()).unwrap().to_be_bytes();
        stream.write_all(&[&length, reply.as_slice()].concat()).await?;
        stream.flush().await?;
    }
}

fn over_tls(address: SocketAddr, name: &str, root: Option<&Certificate>) -> Resolver {
    let pem = root.map(|root| ("root.pem".to_owned(), root.pem().into_bytes()));
    let roots = Roots::load(&Vec::from_iter(pem)).unwrap();
    let dot = Dot { address, name: name.to_owned(), roots };
    Resolver::new(Settings {
        resolver: Upstream::Tls(dot),
        trust_anchor: Some(World::get().anchor.clone()),
        timeout: Duration::from_secs(60),
    })
    .unwrap()
}

#[tokio::test]
async fn a_name_server_that_proves_its_name_is_asked_over_tls() {
    let authority = Authority::new();
    let (leaf, key) = authority.leaf(NAME, 4000);
    let (address, asked) = front(&authority, &leaf, key).await;
    let resolver = over_tls(address, NAME, Some(&authority.root));
    resolver.probe().await.unwrap();
    for (at, state) in [("test", Secure), ("plain.test", Insecure), ("changed.test", Bogus)] {
        let seen = resolver.txt(&name(at)).await.unwrap();
        assert_eq!(seen.security, state, "{at}: {:?}", seen.why);
    }
    let none = resolver.tlsa(25, &name("mx.n3.test")).await.unwrap();
    assert_eq!((none.security, none.value.len()), (Secure, 0));
    assert!(asked.load(Ordering::SeqCst) > 4);
}

#[tokio::test]
async fn a_name_server_that_does_not_prove_its_name_is_asked_nothing() {
    let authority = Authority::new();
    for (shown, until, asked_for, root) in [
        ("other.example.nl", 4000, NAME, Some(&authority.root)),
        (NAME, 2020, NAME, Some(&authority.root)),
        (NAME, 4000, "127.0.0.1", Some(&authority.root)),
        (NAME, 4000, NAME, None),
    ] {
        let (leaf, key) = authority.leaf(shown, until);
        let (address, asked) = front(&authority, &leaf, key).await;
        let resolver = over_tls(address, asked_for, root);
        let started = std::time::Instant::now();
        assert_eq!(resolver.txt(&name("test")).await, Err(Trouble::Unproved), "{shown} {until}");
        assert!(started.elapsed() < Duration::from_secs(50), "it is told at once");
        assert_eq!(resolver.probe().await, Err(Trouble::Unproved), "again");
        assert_eq!(asked.load(Ordering::SeqCst), 0, "{shown} {until}");
    }
}

#[tokio::test]
async fn a_port_without_tls_proves_nothing_and_one_where_nobody_listens_cannot_be_reached() {
    let plain = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = plain.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = plain.accept().await {
            stream.write_all(b"HTTP/1.1 302 Found\r\n\r\n").await.unwrap();
            let _ = stream.read_to_end(&mut Vec::new()).await;
        }
    });
    let resolver = over_tls(address, NAME, None);
    assert_eq!(resolver.txt(&name("test")).await, Err(Trouble::Unproved));

    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    // Bound, so that nobody else gets it, and not listening.
    let resolver = over_tls(socket.local_addr().unwrap(), NAME, None);
    assert_eq!(resolver.txt(&name("test")).await, Err(Trouble::Unreachable));
}

#[tokio::test]
async fn a_connection_that_ends_between_two_questions_is_made_anew() {
    let authority = Authority::new();
    let (leaf, key) = authority.leaf(NAME, 4000);
    let (address, _) = front(&authority, &leaf, key).await;
    // A front before the front that breaks every connection when told.
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let relay = listener.local_addr().unwrap();
    let (cut, mut cuts) = tokio::sync::watch::channel(());
    tokio::spawn(async move {
        while let Ok((mut client, _)) = listener.accept().await {
            let mut server = TcpStream::connect(address).await.unwrap();
            let mut cuts = cuts.clone();
            cuts.mark_unchanged();
            tokio::spawn(async move {
                tokio::select! {
                    _ = tokio::io::copy_bidirectional(&mut client, &mut server) => {}
                    _ = cuts.changed() => {}
                }
            });
        }
        cuts.mark_unchanged();
    });
    let resolver = over_tls(relay, NAME, Some(&authority.root));
    for at in ["test", "n3.test", "mx.test"] {
        let seen = resolver.txt(&name(at)).await.unwrap();
        assert_eq!(seen.security, Secure, "{at}");
        cut.send_replace(());
    }
}
