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
