//! By what a record system knows us, as it is kept.

use dossier::fhir::Server;
use identity::IdentityError;
use jiff::Timestamp;
use mail::Address;
use net::https::Credential;
use net::tls::{ClientCertificate, TlsError};
use secrecy::SecretString;
use settings::{Destination, Dossier};
use zeroize::Zeroizing;

/// What is shown to a record system.
#[derive(Debug)]
pub enum Secret {
    /// Nothing: a folder, or a server that asks for nothing.
    Nothing,
    /// A bearer token.
    Token(SecretString),
    /// A certificate of ours.
    Certificate(ClientCertificate),
}

/// Why something is no secret for a record system.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// A token has other letters than visible ASCII, or none.
    #[error("a token has only letters, digits and signs, and no blanks; copy it anew")]
    Token,
    /// The file is none with a certificate and its key.
    #[error(transparent)]
    File(#[from] IdentityError),
    /// A certificate or its key cannot be used.
    #[error(transparent)]
    Certificate(#[from] TlsError),
}

impl SecretError {
    /// The same sentence in Dutch.
    #[must_use]
    pub fn nl(&self) -> String {
        match self {
            Self::Token => {
                "Een token bestaat uit letters, cijfers en tekens zonder spaties; kopieer het opnieuw."
                    .to_owned()
            }
            Self::File(error) => error.nl(),
            Self::Certificate(error) => error.nl(),
        }
    }
}

/// Whether what is kept for the one record system is shown to the other too: only where both are one
/// server that knows us in one way. Another server is never shown it.
#[must_use]
pub fn carries_over(from: &Destination, to: &Destination) -> bool {
    let server = |one: &Destination| match &one.dossier {
        Dossier::Fhir { url, credential } => {
            let server = Server::parse(url)?;
            Some((server.host.to_ascii_lowercase(), server.port, *credential))
        }
        Dossier::Folder(_) | Dossier::Medvri { .. } => None,
    };
    server(from).is_some_and(|from| server(to) == Some(from))
}

impl Secret {
    /// A token as a person gives it.
    ///
    /// # Errors
    /// [`SecretError::Token`].
    pub fn token(text: &str) -> Result<Self, SecretError> {
        let text = text.trim();
        let plain = !text.is_empty() && text.chars().all(|letter| letter.is_ascii_graphic());
        plain.then(|| Self::Token(SecretString::from(text))).ok_or(SecretError::Token)
    }

    /// What was kept of a certificate: PEM.
    ///
    /// # Errors
    /// [`SecretError::Certificate`].
    pub fn certificate(pem: &[u8]) -> Result<Self, SecretError> {
        Ok(Self::Certificate(ClientCertificate::parse(pem)?))
    }

    pub(crate) fn credential(&self) -> Credential<'_> {
        match self {
            Self::Nothing => Credential::Nobody,
            Self::Token(token) => Credential::Token(token),
            Self::Certificate(certificate) => Credential::Certificate(certificate),
        }
    }
}

/// A certificate with its key out of a file, as it is kept: PEM. Whatever the file is that
/// [`identity::read`] reads; blocks for as long as its password takes.
///
/// # Errors
/// [`SecretError`].
pub fn certificate(
    file: &[u8],
    password: Option<&str>,
    account: &Address,
    now: Timestamp,
) -> Result<Zeroizing<String>, SecretError> {
    let new = identity::read(file, password, account, now)?;
    let mut text = Zeroizing::new(String::new());
    for one in &new.chain {
        text.push_str(&identity::encode_pem("CERTIFICATE", one));
    }
    text.push_str(&Zeroizing::new(identity::encode_pem("PRIVATE KEY", &new.pkcs8)));
    ClientCertificate::new(new.chain, &new.pkcs8).check()?;
    Ok(text)
}

#[cfg(test)]
mod tests {
    use settings::Credential as Kept;

    use super::*;

    #[test]
    fn a_kept_secret_stays_with_its_server_and_with_its_kind() {
        let fhir = |url: &str, credential| Destination {
            name: "HIS".to_owned(),
            dossier: Dossier::Fhir { url: url.to_owned(), credential },
        };
        let known = fhir("https://his.test/fhir", Kept::Token);
        let renamed = Destination { name: "EPD".to_owned(), ..known.clone() };
        for same in [renamed, fhir("https://HIS.test:443/r4", Kept::Token)] {
            assert!(carries_over(&known, &same), "{same:?}");
        }
        let folder = Destination { dossier: Dossier::Folder("/his".into()), ..known.clone() };
        for other in [
            fhir("https://other.test/fhir", Kept::Token),
            fhir("https://his.test:8443/fhir", Kept::Token),
            fhir("https://his.test/fhir", Kept::Certificate),
            folder.clone(),
        ] {
            assert!(!carries_over(&known, &other), "{other:?}");
        }
        assert!(!carries_over(&folder, &folder), "a folder is shown nothing");
    }
}
