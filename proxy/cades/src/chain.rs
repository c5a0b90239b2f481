use aws_lc_rs::digest::{SHA256, digest};
use der::Encode;
use der::asn1::OctetString;
use jiff::Timestamp;

use crate::asn1::{EssCertIdV2, SigningCertificateV2};
use crate::ber::{constructed, encoded};
use crate::certificate::{Parsed, Uses};
use crate::error::CadesError;

/// The certificates of whoever signs, in DER, the signer's own first, then its issuers: read once, since
/// what a signature says of them is the same each time.
#[derive(Debug, Clone)]
pub struct Chain {
    all: Vec<Vec<u8>>,
    uses: Uses,
    named: Named,
    /// `certificates [0]` of SignedData.
    enclosed: Vec<u8>,
}

/// How a signature names the signer's certificate, in DER.
#[derive(Debug, Clone)]
struct Named {
    /// IssuerAndSerialNumber.
    signer: Vec<u8>,
    /// The value of signing-certificate-v2.
    certificate: Vec<u8>,
}

impl Named {
    fn of(own: &Parsed<'_>) -> Result<Self, der::Error> {
        let signer = own.issuer_and_serial()?.to_der()?;
        Ok(Self { signer, certificate: names(own)?.to_der()? })
    }
}

impl Chain {
    /// Reads them.
    ///
    /// # Errors
    /// [`CadesError::NoCertificate`] where there is none, [`CadesError::Certificate`] where one is no
    /// certificate, or no signature could name it.
    pub fn read(all: Vec<Vec<u8>>) -> Result<Self, CadesError> {
        let parsed: Vec<Parsed<'_>> = all
            .iter()
            .enumerate()
            .map(|(place, raw)| Parsed::read(raw).ok_or(CadesError::Certificate { place }))
            .collect::<Result<_, _>>()?;
        let own = parsed.first().ok_or(CadesError::NoCertificate)?;
        let uses = own.uses()?;
        let named = Named::of(own).map_err(|_| CadesError::Certificate { place: 0 })?;
        let enclosed = enclosed(&parsed);
        Ok(Self { all, uses, named, enclosed })
    }

    /// All of them.
    #[must_use]
    pub fn certificates(&self) -> &[Vec<u8>] {
        &self.all
    }

    /// Refuses to sign what no recipient would accept.
    pub(crate) fn may_sign_mail(&self, now: Timestamp) -> Result<(), CadesError> {
        self.uses.may_sign_mail(now)
    }

    pub(crate) fn signer(&self) -> &[u8] {
        &self.named.signer
    }

    pub(crate) fn signing_certificate(&self) -> &[u8] {
        &self.named.certificate
    }

    pub(crate) fn enclosed(&self) -> &[u8] {
        &self.enclosed
    }
}

/// RFC 5035 section 3: this certificate, by hash, issuer and serial number.
pub(crate) fn names(own: &Parsed<'_>) -> Result<SigningCertificateV2, der::Error> {
    Ok(SigningCertificateV2 {
        certs: vec![EssCertIdV2 {
            hash: OctetString::new(digest(&SHA256, own.raw()).as_ref())?,
            issuer_serial: own.issuer_serial()?,
        }],
    })
}

/// All but a root; a self-signed certificate of the signer's own is enclosed. A chain may name one
/// certificate twice; a set may not hold it twice, and is in order (X.690 section 11.6).
fn enclosed(chain: &[Parsed<'_>]) -> Vec<u8> {
    let own = chain.iter().take(1);
    let issuers = chain.iter().skip(1).filter(|certificate| !certificate.self_signed());
    let mut set: Vec<&[u8]> = own.chain(issuers).map(Parsed::raw).collect();
    set.sort_unstable();
    set.dedup();
    encoded(constructed(0), &set.concat())
}
