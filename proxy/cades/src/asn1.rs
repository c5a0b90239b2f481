//! The structures of RFC 5652 and RFC 5035 as this program writes them.
//!
//! Certificates, names and serial numbers are kept as the bytes that came: the types of `cms` and
//! `x509-cert` encode them anew, which changes the bytes of a certificate that says
//! `critical FALSE` outright, and then neither its hash nor its issuer's signature holds.

use cms::content_info::CmsVersion;
use cms::signed_data::EncapsulatedContentInfo;
use der::asn1::{ObjectIdentifier, OctetString, SetOfVec};
use der::{Any, Sequence, ValueOrd};

/// RFC 5280 section 4.1.1.2.
#[derive(Clone, Debug, PartialEq, Eq, Sequence, ValueOrd)]
pub(crate) struct AlgorithmIdentifier {
    pub(crate) oid: ObjectIdentifier,
    pub(crate) parameters: Option<Any>,
}

/// RFC 5652 section 5.1, without `crls`: a message that has them is not of our making.
#[derive(Clone, Debug, PartialEq, Eq, Sequence)]
pub(crate) struct SignedData {
    pub(crate) version: CmsVersion,
    pub(crate) digest_algorithms: SetOfVec<AlgorithmIdentifier>,
    pub(crate) content: EncapsulatedContentInfo,
    #[asn1(context_specific = "0", tag_mode = "IMPLICIT", constructed = "true")]
    pub(crate) certificates: SetOfVec<Any>,
    pub(crate) signers: SetOfVec<SignerInfo>,
}

/// RFC 5652 section 5.3, with `issuerAndSerialNumber` and without unsigned attributes.
#[derive(Clone, Debug, PartialEq, Eq, Sequence, ValueOrd)]
pub(crate) struct SignerInfo {
    pub(crate) version: CmsVersion,
    pub(crate) signer: IssuerAndSerialNumber,
    pub(crate) digest: AlgorithmIdentifier,
    #[asn1(context_specific = "0", tag_mode = "IMPLICIT", constructed = "true")]
    pub(crate) attributes: SetOfVec<Attribute>,
    pub(crate) algorithm: AlgorithmIdentifier,
    pub(crate) signature: OctetString,
}

/// RFC 5652 section 10.2.4.
#[derive(Clone, Debug, PartialEq, Eq, Sequence, ValueOrd)]
pub(crate) struct IssuerAndSerialNumber {
    pub(crate) issuer: Any,
    pub(crate) serial: Any,
}

/// RFC 5652 section 5.3.
#[derive(Clone, Debug, PartialEq, Eq, Sequence, ValueOrd)]
pub(crate) struct Attribute {
    pub(crate) oid: ObjectIdentifier,
    pub(crate) values: SetOfVec<Any>,
}

/// RFC 5035 section 3, without policies.
#[derive(Clone, Debug, PartialEq, Eq, Sequence)]
pub(crate) struct SigningCertificateV2 {
    pub(crate) certs: Vec<EssCertIdV2>,
}

/// RFC 5035 section 4. `hashAlgorithm` is left out, which DER asks for with its default SHA-256.
#[derive(Clone, Debug, PartialEq, Eq, Sequence)]
pub(crate) struct EssCertIdV2 {
    pub(crate) hash: OctetString,
    pub(crate) issuer_serial: IssuerSerial,
}

/// RFC 5035 section 5.4.1: `issuer` is a GeneralNames with one `directoryName [4]`.
#[derive(Clone, Debug, PartialEq, Eq, Sequence)]
pub(crate) struct IssuerSerial {
    pub(crate) issuer: Vec<Any>,
    pub(crate) serial: Any,
}
