use jiff::Timestamp;
use mail::days;

/// What stands in the way of making or reading a signature.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CadesError {
    /// The private key is no PKCS #8 of a kind that is used here.
    #[error(
        "the private key cannot be used: it must be PKCS #8 with P-256, P-384 or RSA of 2048 bits or more"
    )]
    Key,
    /// The private key is encrypted.
    #[error(
        "the private key is encrypted with a password: take the password off first (openssl pkey)"
    )]
    Encrypted,
    /// The certificate is for other addresses.
    #[error("the certificate is for {names}, and not for this account: choose another file")]
    OtherAddress {
        /// The addresses in it.
        names: String,
    },
    /// The first certificate of the chain belongs to another key.
    #[error("the certificate belongs to another private key: import the two together again")]
    KeyMismatch,
    /// The chain is empty.
    #[error("the identity has no certificate: import one, or make an identity")]
    NoCertificate,
    /// A certificate of the chain is not in DER or says what RFC 5280 does not allow.
    #[error("certificate {place} of the chain cannot be read: import the identity again")]
    Certificate {
        /// Place in the chain, the signer's own being 0.
        place: usize,
    },
    /// The signer's certificate is not valid yet.
    #[error("the certificate is valid only from {}: check the clock of this computer", days::english_moment(*from))]
    NotYetValid {
        /// Start of its validity.
        from: Timestamp,
    },
    /// The signer's certificate has expired.
    #[error("the certificate expired on {}: get a new one before signing", days::english(*at))]
    Expired {
        /// End of its validity.
        at: Timestamp,
    },
    /// Key usage or extended key usage do not allow to sign mail (RFC 8550 section 4.4).
    #[error("the certificate is not meant for signing mail: choose another identity")]
    Use,
    /// The value for the X-NTA7516 field is no plain text of one line.
    #[error("the X-NTA7516 value must be 1 to 500 printable US-ASCII characters")]
    Mark,
    /// The name for a new certificate is empty, longer than 64 characters or not printable.
    #[error("the name must have 1 to 64 printable characters")]
    Name,
    /// The address has a local part or a host that rfc822Name cannot hold (RFC 5280 section 4.2.1.6).
    #[error("the address cannot stand in a certificate: only US-ASCII local parts can")]
    Address,
    /// The validity asked for is no whole number of years from 1 to 10, or the time is out of range.
    #[error("the validity must be 1 to 10 years within the years 1970 to 9999")]
    Validity,
    /// The time is outside what a signature can say.
    #[error("the time cannot be written in a signature: check the clock of this computer")]
    Time,
    /// The key operation was refused by the back end.
    #[error("the private key could not sign: try again, and import the identity again if it stays")]
    Signing,
    /// Whoever holds the key, such as a card, did not sign, and says why.
    #[error("{en}")]
    Withheld {
        /// What happened and what to do, in Dutch.
        nl: String,
        /// The same in English.
        en: String,
        /// Whether it may pass once a person has done something, as putting the card in.
        passes: bool,
    },
    /// DER could not be made of the values.
    #[error("the signature could not be encoded: {0}")]
    Encoding(#[from] der::Error),
    /// The result was read back and did not hold.
    #[error("the new signature did not pass its own check ({0}): the message was not signed")]
    SelfCheck(Refusal),
}

/// Why [`check`](crate::check) does not accept a message: a verdict, not an accident.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// The message is no multipart/signed with `application/pkcs7-signature`.
    #[error("the message is not multipart/signed")]
    NotSigned,
    /// Not exactly a content part and a base64 signature part, closed by a boundary.
    #[error("the message has not exactly a content part and a signature part")]
    Structure,
    /// The signature is no strict DER SignedData as [`sign_detached`](crate::sign_detached) makes.
    #[error("the signature is not in the form that this program writes")]
    Form,
    /// The signer's certificate is not in the signature, or cannot be read.
    #[error("the signer's certificate is missing or cannot be read")]
    Signer,
    /// A required signed attribute is missing, doubled or cannot be read.
    #[error("a signed attribute is missing, doubled or unreadable")]
    Attributes,
    /// The content is not what was signed.
    #[error("the content was changed after signing")]
    Digest,
    /// The signing-certificate-v2 attribute names another certificate.
    #[error("the signature names another certificate than the one enclosed")]
    SigningCertificate,
    /// The signature value does not fit the signed attributes and the key.
    #[error("the signature value is wrong")]
    Signature,
    /// Digest, signature algorithm and key do not belong together, or are not used here.
    #[error("the algorithms are not those that this program uses")]
    Algorithm,
}
