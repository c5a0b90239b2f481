//! A certificate by which a server knows us (RFC 8446 section 4.4.2).

use rustls::client::WantsClientCert;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::{ClientConfig, ConfigBuilder};

use super::TlsError;

/// A certificate of ours, those above it, and its key.
pub struct ClientCertificate {
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
}

impl ClientCertificate {
    /// From the certificates in DER, our own first, and the key in PKCS #8.
    #[must_use]
    pub fn new(chain: Vec<Vec<u8>>, pkcs8: &[u8]) -> Self {
        let chain = chain.into_iter().map(CertificateDer::from).collect();
        Self { chain, key: PrivatePkcs8KeyDer::from(pkcs8.to_vec()).into() }
    }

    /// From PEM: certificates, our own first, and a key.
    ///
    /// # Errors
    /// [`TlsError::OwnCertificate`] where either is not there.
    pub fn parse(pem: &[u8]) -> Result<Self, TlsError> {
        let unusable =
            |error: rustls::pki_types::pem::Error| TlsError::OwnCertificate(error.to_string());
        let chain: Vec<_> =
            CertificateDer::pem_slice_iter(pem).collect::<Result<_, _>>().map_err(unusable)?;
        if chain.is_empty() {
            return Err(TlsError::OwnCertificate("there is no certificate".to_owned()));
        }
        Ok(Self { chain, key: PrivateKeyDer::from_pem_slice(pem).map_err(unusable)? })
    }

    /// Whether certificate and key belong together and a server can be shown them.
    ///
    /// # Errors
    /// [`TlsError::OwnCertificate`].
    pub fn check(&self) -> Result<(), TlsError> {
        let key = super::provider().key_provider.load_private_key(self.key.clone_key());
        let key = key.map_err(|error| TlsError::OwnCertificate(error.to_string()))?;
        rustls::sign::CertifiedKey::new(self.chain.clone(), key)
            .keys_match()
            .map_err(|error| TlsError::OwnCertificate(error.to_string()))
    }

    pub(super) fn shown_by(
        &self,
        config: ConfigBuilder<ClientConfig, WantsClientCert>,
    ) -> Result<ClientConfig, TlsError> {
        config
            .with_client_auth_cert(self.chain.clone(), self.key.clone_key())
            .map_err(|error| TlsError::OwnCertificate(error.to_string()))
    }
}

impl core::fmt::Debug for ClientCertificate {
    /// The key is secret.
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("ClientCertificate")
            .field("chain", &self.chain.len())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::net::SocketAddr;
    use std::sync::Arc;
    use std::time::Duration;

    use rustls::server::WebPkiClientVerifier;
    use rustls::{RootCertStore, ServerConfig};
    use tokio::net::TcpListener;
    use tokio::task::JoinHandle;
    use tokio_rustls::TlsAcceptor;

    use super::*;
    use crate::dial::dial;
    use crate::tls::tests::server::Authority;
    use crate::tls::{Expect, Roots, VERSIONS, connect_as, provider};

    const HOST: &str = "epd.example.nl";

    fn store(authority: &Authority) -> RootCertStore {
        let mut store = RootCertStore::empty();
        store.add(authority.root.der().clone()).unwrap();
        store
    }

    /// A server that admits only whom this authority knows; whether it admitted the one that came.
    async fn serve(authority: &Authority) -> (SocketAddr, JoinHandle<bool>) {
        let roots = Arc::new(store(authority));
        let verifier = WebPkiClientVerifier::builder_with_provider(roots, provider());
        let (leaf, key) = authority.leaf(HOST, 4000);
        let key = PrivatePkcs8KeyDer::from(key.serialize_der()).into();
        let config = ServerConfig::builder_with_provider(provider())
            .with_protocol_versions(VERSIONS)
            .unwrap()
            .with_client_cert_verifier(verifier.build().unwrap())
            .with_single_cert(authority.chain(&leaf), key)
            .unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let serving = tokio::spawn(async move {
            let (stream, _) = listener.accept().await.unwrap();
            TlsAcceptor::from(Arc::new(config)).accept(stream).await.is_ok()
        });
        (address, serving)
    }

    async fn admitted(authority: &Authority, client: Option<&ClientCertificate>) -> bool {
        let (address, serving) = serve(authority).await;
        let roots = Roots(Arc::new(store(authority)));
        let stream = dial(address, Duration::from_secs(10)).await.unwrap();
        // In TLS 1.3 the server's word comes after our handshake: it is the server who is asked.
        let connected = connect_as(stream, Expect::Server(HOST.to_owned()), &roots, client).await;
        let admitted = serving.await.unwrap();
        drop(connected);
        admitted
    }

    fn certificate(authority: &Authority) -> ClientCertificate {
        let (leaf, key) = authority.leaf("praktijk", 4000);
        let chain = authority.chain(&leaf).iter().map(|one| one.to_vec()).collect();
        ClientCertificate::new(chain, &key.serialize_der())
    }

    #[tokio::test]
    async fn a_server_that_wants_a_certificate_admits_ours_and_nobody_without() {
        let (authority, other) = (Authority::new(), Authority::new());
        assert!(admitted(&authority, Some(&certificate(&authority))).await);
        assert!(!admitted(&authority, None).await);
        assert!(!admitted(&authority, Some(&certificate(&other))).await);
    }

    #[test]
    fn a_key_that_does_not_belong_to_its_certificate_is_refused_before_it_is_kept() {
        let authority = Authority::new();
        let ((leaf, _), (_, other)) = (authority.leaf("a", 4000), authority.leaf("b", 4000));
        let chain = vec![leaf.der().to_vec()];
        let wrong = ClientCertificate::new(chain, &other.serialize_der());
        assert!(matches!(wrong.check(), Err(TlsError::OwnCertificate(_))));
        assert!(certificate(&authority).check().is_ok());
    }

    #[test]
    fn what_was_kept_as_pem_is_read_back_and_its_key_is_never_shown() {
        let (leaf, key) = Authority::new().leaf("praktijk", 4000);
        let pem = [leaf.pem(), key.serialize_pem()].concat();
        let read = ClientCertificate::parse(pem.as_bytes()).unwrap();
        assert!(read.check().is_ok());
        assert_eq!(format!("{read:?}"), "ClientCertificate { chain: 1, .. }");
        for wrong in [leaf.pem(), key.serialize_pem(), String::new()] {
            assert!(ClientCertificate::parse(wrong.as_bytes()).is_err());
        }
    }
}
