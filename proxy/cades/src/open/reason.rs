use jiff::Timestamp;
use paths::{Refusal, Revocation};
use serde::ser::SerializeStruct as _;
use serde::{Serialize, Serializer};

use crate::open::author::Unclear;
use crate::open::verdict::Word;

/// Why a verdict is what it is. In JSON an object: `code`, `verdict`, and the sentences `nl` and `en`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reason {
    /// Nothing is signed.
    NotSigned,
    /// It has certificates and no signature (RFC 8551 section 3.2.2).
    CertificatesOnly,
    /// It is encrypted: a signature may lie inside.
    Encrypted,
    /// It is signed in another way than S/MIME, such as OpenPGP.
    NotSmime,
    /// The signature holds and an anchor vouches for the signer.
    Signed {
        /// The signer.
        by: String,
        /// The anchor's name.
        anchor: String,
    },
    /// The signature does not name its certificate: plain S/MIME, not CAdES-BES. No objection.
    NotCades {
        /// The signer.
        by: String,
    },
    /// The signature names its certificate by SHA-1 (RFC 2634 section 5.4). No objection.
    OldAttribute {
        /// The signer.
        by: String,
    },
    /// Whether the certificate was revoked is not known. No objection.
    NotKnown(Revocation),
    /// Text stands before or after the parts. No objection: mail programs do not show it.
    Outside,
    /// A signature inside the signed part does not hold. No objection to the one around it.
    Inside {
        /// Where it stands.
        part: String,
    },
    /// Only a part of the message is signed.
    Partly,
    /// The signature has no signed attributes (RFC 5652 section 5.4), which CAdES needs.
    NoAttributes {
        /// The signer.
        by: String,
    },
    /// Nobody vouches for the signer, or nobody may.
    NoPath(Refusal),
    /// Digest, signature or key can be forged.
    Weak {
        /// The signer.
        by: String,
        /// What is weak: a digest by name, or a key by size.
        what: String,
    },
    /// No signer is the author (RFC 8550 section 3).
    OtherSender {
        /// Address in From.
        from: String,
        /// The signer.
        by: String,
    },
    /// It is not clear who the author is.
    NoAuthor(Unclear),
    /// The time of signing that is claimed lies outside the validity of the certificate, or ahead.
    SigningTime {
        /// The signer.
        by: String,
        /// The claim.
        at: Timestamp,
    },
    /// The content is not what was signed.
    Changed {
        /// The signer.
        by: String,
    },
    /// The signature is not that key's.
    Signature {
        /// The signer.
        by: String,
    },
    /// The signature names another certificate than the one whose key made it.
    OtherCertificate {
        /// The signer.
        by: String,
    },
    /// A signature that stands beside its content has content of its own: what is shown may not be what was
    /// signed.
    TwoContents,
    /// A certificate on the path was revoked.
    Revoked(Revocation),
    /// The issuer's signature under a certificate of the path is wrong.
    BadPath(Refusal),
    /// Not exactly a content part and a signature part (RFC 1847 section 2.1), or not closed.
    Structure,
    /// The signature part cannot be decoded.
    Damaged,
    /// The signature is no SignedData that can be read (RFC 5652).
    Unreadable,
    /// The content lies neither inside nor beside the signature.
    NoContent,
    /// There is too much of something.
    TooMuch(Much),
    /// The certificate of a signer is not enclosed, or cannot be read.
    NoCertificate,
    /// A signed attribute is missing, doubled or unreadable.
    Attributes {
        /// The signer.
        by: String,
    },
    /// An algorithm is not used here.
    Algorithm {
        /// The signer.
        by: String,
        /// The algorithm, as dotted number.
        oid: String,
    },
    /// Digest and signature algorithm do not belong together.
    Disagree {
        /// The signer.
        by: String,
    },
}

/// What there is too much of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Much {
    /// Signers in one message.
    Signers,
    /// Elements of a signature in each other.
    Depth,
    /// Elements of a signature.
    Elements,
    /// Parts of the message, or levels of them.
    Parts,
}

impl Reason {
    /// The word that it brings.
    #[must_use]
    pub fn word(&self) -> Word {
        self.facts().0
    }

    /// A word for scripts and logs; it does not change.
    #[must_use]
    pub fn code(&self) -> &'static str {
        self.facts().1
    }

    fn facts(&self) -> (Word, &'static str) {
        use Word::{Fail, None, Pass, PermError, Policy, TempError};
        match self {
            Self::NotSigned => (None, "not-signed"),
            Self::CertificatesOnly => (None, "certificates-only"),
            Self::Encrypted => (None, "encrypted"),
            Self::NotSmime => (None, "not-smime"),
            Self::Signed { .. } => (Pass, "signed"),
            Self::NotCades { .. } => (Pass, "not-cades"),
            Self::OldAttribute { .. } => (Pass, "old-attribute"),
            Self::NotKnown(_) => (Pass, "revocation-unknown"),
            Self::Outside => (Pass, "outside"),
            Self::Inside { .. } => (Pass, "inside"),
            Self::Partly => (Policy, "partly"),
            Self::NoAttributes { .. } => (Policy, "no-attributes"),
            Self::NoPath(refusal) => match refusal.reason {
                paths::Reason::NotYetValid { .. } => (TempError, "not-yet-valid"),
                paths::Reason::Unreadable | paths::Reason::TooMany(_) => (PermError, "no-path"),
                _ => (Policy, "no-path"),
            },
            Self::Weak { .. } => (Policy, "weak"),
            Self::OtherSender { .. } => (Policy, "other-sender"),
            Self::NoAuthor(_) => (Policy, "no-author"),
            Self::SigningTime { .. } => (Policy, "signing-time"),
            Self::Changed { .. } => (Fail, "changed"),
            Self::Signature { .. } => (Fail, "signature"),
            Self::OtherCertificate { .. } => (Fail, "other-certificate"),
            Self::TwoContents => (Fail, "two-contents"),
            Self::Revoked(_) => (Fail, "revoked"),
            Self::BadPath(_) => (Fail, "bad-path"),
            Self::Structure => (PermError, "structure"),
            Self::Damaged => (PermError, "damaged"),
            Self::Unreadable => (PermError, "unreadable"),
            Self::NoContent => (PermError, "no-content"),
            Self::TooMuch(_) => (PermError, "too-much"),
            Self::NoCertificate => (PermError, "no-certificate"),
            Self::Attributes { .. } => (PermError, "attributes"),
            Self::Algorithm { .. } => (PermError, "algorithm"),
            Self::Disagree { .. } => (PermError, "disagree"),
        }
    }
}

impl Serialize for Reason {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_struct("Reason", 4)?;
        object.serialize_field("code", self.code())?;
        object.serialize_field("verdict", &self.word())?;
        object.serialize_field("nl", &self.dutch())?;
        object.serialize_field("en", &self.english())?;
        object.end()
    }
}
