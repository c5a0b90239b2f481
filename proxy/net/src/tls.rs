//! TLS as a client: what a connection must prove, and what it proved (R-TLS-1, RFC 7672).
//!
//! Versions, suites and groups are written out, so that a new version of the TLS library cannot
//! widen them. There is no resumption and no early data: every connection is verified whole.
//! Handshake signatures are always the library's own check; only the question which certificate is
//! the right one is answered here.

mod client;
mod shown;
mod staple;
mod verify;

use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use mail::Domain;
use nta7516::facts::Tlsa;
use nta7516::tls::{Connection, Profile};
use rustls::client::Resumption;
use rustls::crypto::aws_lc_rs::{cipher_suite, default_provider, kx_group};
use rustls::crypto::{CryptoProvider, SupportedKxGroup};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::version::{TLS12, TLS13};
use rustls::{ClientConfig, RootCertStore, SupportedCipherSuite, SupportedProtocolVersion};
use tokio_rustls::TlsConnector;

use crate::Stream;
use crate::listen::plain;
pub use client::ClientCertificate;
pub use nta7516::proof::{Matched as Proof, Ocsp, Tls as Met};
pub use shown::Shown;
use verify::{Seen, Verifier};

/// What a server must prove. There is no fall-back from one to another.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Expect {
    /// One of these usable TLSA records matches (R-SEND-5, RFC 7672 section 3.1).
    Dane {
        /// The records.
        tlsa: Vec<Tlsa>,
        /// The names of which one must stand in the certificate where a record of usage 2
        /// matches; the first is sent as SNI (RFC 7672 section 8.1).
        names: Vec<Domain>,
    },
    /// A path to a trusted root, in date, with one of these names (R-SEND-6).
    Pkix {
        /// The names; the first is sent as SNI.
        names: Vec<Domain>,
    },
    /// As [`Expect::Pkix`], and one of these marks stands as an organisational unit in the
    /// subject (R-SEND-7).
    OrganisationalUnit {
        /// The names; the first is sent as SNI.
        names: Vec<Domain>,
        /// The marks, compared exactly.
        marks: Vec<String>,
    },
    /// A path to a trusted root, in date, for the host that a person configured: a name or an IP
    /// address.
    Server(String),
}

/// The roots that certificate paths may end in.
#[derive(Clone)]
pub struct Roots(Arc<RootCertStore>);

/// Why a connection is not protected as it must be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TlsError {
    /// No TLSA record matches the certificate.
    #[error("the server's certificate is not the one that its TLSA records name")]
    NoTlsaMatch,
    /// The certificate is for another name.
    #[error("the server's certificate is for another name")]
    WrongName,
    /// The certificate is out of date.
    #[error("the server's certificate has expired or is not valid yet")]
    Expired,
    /// The certificate does not lead to a trusted root.
    #[error("the server's certificate was issued by nobody who is trusted here")]
    UnknownIssuer,
    /// The certificate breaks a rule of X.509.
    #[error("the server's certificate is not acceptable: {0}")]
    Certificate(String),
    /// The RSA key is shorter than 2048 bits.
    #[error("the server's RSA key has {0} bits, fewer than 2048")]
    WeakKey(u32),
    /// The stapled OCSP answer says so.
    #[error("the server's certificate was revoked")]
    Revoked,
    /// The subject has no accepted organisational unit.
    #[error("the server's certificate has no mark of a certified supplier")]
    NoMark,
    /// No common version or suite, a wrong signature, or no TLS at all.
    #[error("the TLS handshake failed: {0}")]
    Handshake(String),
    /// The connection broke during the handshake; temporary.
    #[error("the connection broke during the TLS handshake: {0}")]
    Interrupted(String),
    /// Our own certificate, or its key, cannot be used.
    #[error("the client certificate cannot be used; give it anew ({0})")]
    OwnCertificate(String),
    /// The host that is to be asked for is no name and no address.
    #[error("{0} is no host name and no IP address")]
    HostName(String),
    /// A file with root certificates cannot be read.
    #[error("the root certificates in {0} cannot be read: it must hold PEM certificates")]
    Roots(String),
    /// Something in this program or the connection is broken.
    #[error("TLS cannot be used: {0}")]
    Broken(String),
}

impl Roots {
    /// The system's roots and those of PEM files, given with their names.
    ///
    /// # Errors
    /// [`TlsError::Roots`] for a file that holds no certificate.
    pub fn load(extra: &[(String, Vec<u8>)]) -> Result<Self, TlsError> {
        let mut store = RootCertStore::empty();
        let system = rustls_native_certs::load_native_certs();
        for error in &system.errors {
            tracing::warn!(%error, "some of the system's root certificates cannot be read");
        }
        store.add_parsable_certificates(system.certs);
        for (name, pem) in extra {
            let unreadable = |_| TlsError::Roots(name.clone());
            let certificates: Vec<CertificateDer<'_>> = CertificateDer::pem_slice_iter(pem)
                .collect::<Result<_, _>>()
                .map_err(unreadable)?;
            if certificates.is_empty() {
                return Err(TlsError::Roots(name.clone()));
            }
            for certificate in certificates {
                store.add(certificate.into_owned()).map_err(|_| TlsError::Roots(name.clone()))?;
            }
        }
        Ok(Self(Arc::new(store)))
    }
}

impl TlsError {
    /// True where the connection, not the peer's proof, was at fault: trying again may help.
    #[must_use]
    pub fn is_temporary(&self) -> bool {
        matches!(self, Self::Interrupted(_))
    }

    /// What happened, in Dutch, for the person who waits for it.
    #[must_use]
    pub fn nl(&self) -> String {
        let text = match self {
            Self::NoTlsaMatch => {
                "het certificaat van de server is niet dat wat in DNS staat (DANE)"
            }
            Self::WrongName => "het certificaat van de server is voor een andere naam",
            Self::Expired => "het certificaat van de server is verlopen of nog niet geldig",
            Self::UnknownIssuer => {
                "het certificaat van de server is uitgegeven door iemand die hier niet wordt vertrouwd"
            }
            Self::WeakKey(_) => "de sleutel van de server is te kort om veilig te zijn",
            Self::Revoked => "het certificaat van de server is ingetrokken",
            Self::NoMark => {
                "het certificaat van de server draagt geen kenmerk van een NTA-leverancier"
            }
            Self::OwnCertificate(_) => "ons eigen certificaat is niet bruikbaar; geef het opnieuw",
            _ => return format!("de versleutelde verbinding kwam niet tot stand ({self})"),
        };
        text.to_owned()
    }

    /// What the library says of a handshake that failed.
    pub(crate) fn in_handshake(error: &io::Error) -> Self {
        match error.get_ref() {
            Some(inner) if inner.is::<rustls::Error>() => Self::Handshake(error.to_string()),
            _ => Self::Interrupted(error.to_string()),
        }
    }
}

impl core::fmt::Debug for Roots {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "Roots({})", self.0.len())
    }
}

impl Expect {
    /// The name that is asked for (SNI).
    fn server_name(&self) -> Result<(ServerName<'static>, String), TlsError> {
        let text = match self {
            Self::Dane { names, .. }
            | Self::Pkix { names }
            | Self::OrganisationalUnit { names, .. } => {
                names.first().map(ToString::to_string).unwrap_or_default()
            }
            Self::Server(name) => name.clone(),
        };
        let name =
            ServerName::try_from(text.clone()).map_err(|_| TlsError::HostName(text.clone()))?;
        Ok((name, text))
    }
}

/// Puts a connection inside TLS and gives what the server proved. Where it does not prove what is
/// expected, the connection is dropped before anything is sent over it.
///
/// # Errors
/// [`TlsError`].
pub async fn connect(
    stream: Stream,
    expect: Expect,
    roots: &Roots,
) -> Result<(Stream, Met), TlsError> {
    connect_and_tell(stream, expect, roots, &mut None).await
}

/// The same, and shows the server a certificate of ours where it asks for one.
///
/// # Errors
/// [`TlsError`].
pub async fn connect_as(
    stream: Stream,
    expect: Expect,
    roots: &Roots,
    client: Option<&ClientCertificate>,
) -> Result<(Stream, Met), TlsError> {
    connected(stream, expect, (roots, client), &mut None).await
}

/// The same, and tells what the server showed, also where it proved nothing by it and the
/// connection was dropped.
///
/// # Errors
/// [`TlsError`].
pub async fn connect_and_tell(
    stream: Stream,
    expect: Expect,
    roots: &Roots,
    shown: &mut Option<Shown>,
) -> Result<(Stream, Met), TlsError> {
    connected(stream, expect, (roots, None), shown).await
}

async fn connected(
    stream: Stream,
    expect: Expect,
    (roots, client): (&Roots, Option<&ClientCertificate>),
    shown: &mut Option<Shown>,
) -> Result<(Stream, Met), TlsError> {
    let tcp = plain(stream)?;
    let (name, host) = expect.server_name()?;
    let seen = Arc::new(Mutex::new(Seen::default()));
    let verifier = Verifier::new(expect, Arc::clone(&roots.0), provider(), Arc::clone(&seen));
    let config = ClientConfig::builder_with_provider(provider())
        .with_protocol_versions(VERSIONS)
        .map_err(|error| TlsError::Broken(error.to_string()))?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier));
    let mut config = match client {
        None => config.with_no_client_auth(),
        Some(client) => client.shown_by(config)?,
    };
    config.resumption = Resumption::disabled();
    config.enable_early_data = false;
    let connected = TlsConnector::from(Arc::new(config)).connect(name, tcp).await;
    let mut seen = core::mem::take(&mut *seen.lock().unwrap_or_else(PoisonError::into_inner));
    *shown = seen.shown.take();
    let stream = connected
        .map_err(|error| seen.failure.take().unwrap_or_else(|| TlsError::in_handshake(&error)))?;
    let met = met(host, seen, stream.get_ref().1)?;
    Ok((Stream::TlsClient(Box::new(stream)), met))
}

fn met(host: String, seen: Seen, connection: &rustls::ClientConnection) -> Result<Met, TlsError> {
    let missing = || TlsError::Broken("the handshake left no trace".to_owned());
    let version = connection.protocol_version().ok_or_else(missing)?;
    let suite = connection.negotiated_cipher_suite().ok_or_else(missing)?.suite();
    let group = connection.negotiated_key_exchange_group().map(SupportedKxGroup::name);
    let facts = Connection {
        version: version.into(),
        suite: suite.into(),
        group: group.map(Into::into),
        rsa_bits: seen.rsa_bits,
    };
    let name = |value: &dyn core::fmt::Debug| format!("{value:?}");
    Ok(Met {
        host,
        protocol: name(&version),
        suite: name(&suite),
        group: group.map(|group| name(&group)),
        certificate_sha256: seen.certificate_sha256,
        subject: seen.subject,
        units: seen.units,
        proof: seen.proof.ok_or_else(missing)?,
        rsa_bits: seen.rsa_bits,
        profiles: Profile::ALL.iter().map(|p| (p.name().to_owned(), p.grade(&facts))).collect(),
        ocsp: seen.ocsp,
        remarks: seen.remarks,
    })
}

/// The one set of algorithms of this program: TLS 1.3 suites, then the ECDHE suites of TLS 1.2 that
/// R-TLS-1 lists, in its order.
pub(crate) fn provider() -> Arc<CryptoProvider> {
    Arc::new(CryptoProvider {
        cipher_suites: SUITES.to_vec(),
        kx_groups: GROUPS.to_vec(),
        ..default_provider()
    })
}

/// TLS 1.2 and 1.3 only.
pub(crate) const VERSIONS: &[&SupportedProtocolVersion] = &[&TLS13, &TLS12];

const SUITES: [SupportedCipherSuite; 9] = [
    cipher_suite::TLS13_AES_256_GCM_SHA384,
    cipher_suite::TLS13_CHACHA20_POLY1305_SHA256,
    cipher_suite::TLS13_AES_128_GCM_SHA256,
    cipher_suite::TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
    cipher_suite::TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256,
    cipher_suite::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
    cipher_suite::TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
    cipher_suite::TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
    cipher_suite::TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
];

const GROUPS: [&dyn SupportedKxGroup; 4] =
    [kx_group::X25519MLKEM768, kx_group::X25519, kx_group::SECP256R1, kx_group::SECP384R1];

#[cfg(test)]
pub(crate) mod tests;
