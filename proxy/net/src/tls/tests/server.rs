//! Certificates and servers of the tests.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use rcgen::{
    BasicConstraints, Certificate, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa,
    Issuer, KeyPair, PublicKeyData, SigningKey, date_time_ymd,
};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use rustls::{HandshakeKind, ServerConfig, SupportedProtocolVersion};
use tokio::net::TcpListener;
use tokio::sync::mpsc;

use super::super::provider;

/// A root, an intermediate that it issued, and what the intermediate issues.
pub(crate) struct Authority {
    pub(crate) root: Certificate,
    pub(crate) middle: Certificate,
    pub(crate) issuer: Issuer<'static, KeyPair>,
}

impl Authority {
    pub(crate) fn new() -> Self {
        Self::until(4000)
    }

    /// The intermediate's last year is given.
    pub(crate) fn until(year: i32) -> Self {
        let root_key = KeyPair::generate().unwrap();
        let root_params = authority("root");
        let root = root_params.self_signed(&root_key).unwrap();
        let root_issuer = Issuer::new(root_params, root_key);
        let key = KeyPair::generate().unwrap();
        let mut params = authority("middle");
        params.not_after = date_time_ymd(year, 1, 1);
        let middle = params.signed_by(&key, &root_issuer).unwrap();
        Self { root, middle, issuer: Issuer::new(params, key) }
    }

    /// A leaf with its key, from 2020 to the given year.
    pub(crate) fn leaf(&self, name: &str, until: i32) -> (Certificate, KeyPair) {
        let key = KeyPair::generate().unwrap();
        (self.certify(name, until, &key), key)
    }

    pub(crate) fn certify(&self, name: &str, until: i32, key: &impl PublicKeyData) -> Certificate {
        let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        params.distinguished_name.push(DnType::CommonName, name);
        params.distinguished_name.push(DnType::OrganizationalUnitName, "a mark");
        params.not_before = date_time_ymd(2010, 1, 1);
        params.not_after = date_time_ymd(until, 1, 1);
        params.serial_number = Some(vec![0x90, 1, 2, 3].into());
        params.signed_by(key, &self.issuer).unwrap()
    }

    /// A responder for OCSP, or something else, that the intermediate names.
    pub(crate) fn responder(&self, purpose: ExtendedKeyUsagePurpose) -> (Certificate, KeyPair) {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::default();
        params.extended_key_usages = vec![purpose];
        (params.signed_by(&key, &self.issuer).unwrap(), key)
    }

    pub(crate) fn chain(&self, leaf: &Certificate) -> Vec<CertificateDer<'static>> {
        [leaf, &self.middle].map(|one| one.der().clone()).to_vec()
    }

    pub(crate) fn sign(&self, message: &[u8]) -> Vec<u8> {
        self.issuer.key().sign(message).unwrap()
    }
}

fn authority(name: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.not_before = date_time_ymd(2010, 1, 1);
    params
}

/// An RSA key of which nobody knows the private half.
pub(crate) struct RsaOf {
    bits: usize,
    der: Vec<u8>,
}

impl RsaOf {
    pub(crate) fn new(bits: usize) -> Self {
        let mut modulus = vec![0x9d; bits / 8];
        modulus.insert(0, 0);
        let length = u16::try_from(modulus.len()).unwrap().to_be_bytes();
        let mut fields = [&[2, 0x82][..], &length, &modulus, &[2, 3, 1, 0, 1]].concat();
        let length = u16::try_from(fields.len()).unwrap().to_be_bytes();
        fields.splice(0..0, [0x30, 0x82, length[0], length[1]]);
        Self { bits, der: fields }
    }

    pub(crate) fn bits(&self) -> u32 {
        u32::try_from(self.bits).unwrap()
    }
}

impl PublicKeyData for RsaOf {
    fn der_bytes(&self) -> &[u8] {
        &self.der
    }

    fn algorithm(&self) -> &'static rcgen::SignatureAlgorithm {
        &rcgen::PKCS_RSA_SHA256
    }
}

/// What a server shows.
pub(crate) struct Show {
    pub(crate) chain: Vec<CertificateDer<'static>>,
    pub(crate) key: KeyPair,
    pub(crate) staple: Vec<u8>,
    pub(crate) versions: &'static [&'static SupportedProtocolVersion],
}

/// Shows a certificate whether or not the key belongs to it.
#[derive(Debug)]
struct Shown {
    certified: Arc<CertifiedKey>,
    asked: Arc<Mutex<Vec<Option<String>>>>,
}

impl ResolvesServerCert for Shown {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let name = hello.server_name().map(str::to_owned);
        self.asked.lock().unwrap().push(name);
        Some(Arc::clone(&self.certified))
    }
}

pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    /// The names that clients asked for.
    pub(crate) asked: Arc<Mutex<Vec<Option<String>>>>,
    /// How each handshake went that came to its end.
    pub(crate) kinds: mpsc::UnboundedReceiver<HandshakeKind>,
}

/// Serves TLS handshakes until the test ends.
pub(crate) async fn serve(show: Show) -> Server {
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(show.key.serialize_der()));
    let key = provider().key_provider.load_private_key(key).unwrap();
    let mut certified = CertifiedKey::new(show.chain, key);
    certified.ocsp = Some(show.staple).filter(|staple| !staple.is_empty());
    let asked = Arc::default();
    let shown = Shown { certified: Arc::new(certified), asked: Arc::clone(&asked) };
    let config = ServerConfig::builder_with_provider(provider())
        .with_protocol_versions(show.versions)
        .unwrap()
        .with_no_client_auth()
        .with_cert_resolver(Arc::new(shown));
    let acceptor = tokio_rustls::TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (kind, kinds) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            // A client that refuses is what many tests are about.
            if let Ok(stream) = acceptor.accept(stream).await {
                kind.send(stream.get_ref().1.handshake_kind().unwrap()).ok();
            }
        }
    });
    Server { address, asked, kinds }
}
