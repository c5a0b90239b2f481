use mail::{Address, Domain};
use serde::Deserialize;

use crate::DkimError;

/// Which key signs the mail of an account, as the settings say it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Place {
    /// The selector.
    pub selector: Domain,
    /// The domain that signs; `None`: the domain of the account's address.
    pub domain: Option<Domain>,
}

impl Place {
    /// The domain that signs for an address. DMARC believes only a signature of the address's own
    /// domain or one above it (RFC 7489 section 3.1.1).
    ///
    /// # Errors
    /// [`DkimError::OtherDomain`].
    pub fn signer(&self, address: &Address) -> Result<Domain, DkimError> {
        let other = || DkimError::OtherDomain;
        let own = address.domain().ok_or_else(other)?;
        let signer = self.domain.as_ref().unwrap_or(own);
        let above = format!(".{own}").ends_with(&format!(".{signer}"));
        above.then(|| signer.clone()).ok_or_else(other)
    }

    /// Where the public key stands in DNS: `SELECTOR._domainkey.DOMAIN` (RFC 6376 section 3.6.2.1).
    ///
    /// # Errors
    /// As [`Place::signer`], and [`DkimError::Name`].
    pub fn key(&self, address: &Address) -> Result<Domain, DkimError> {
        let name = format!("{}._domainkey.{}", self.selector, self.signer(address)?);
        Domain::parse(&name).map_err(|_| DkimError::Name)
    }
}
