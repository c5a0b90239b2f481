use jiff::Timestamp;
use mail::days;
use serde::Serialize;

/// Whether anything on a path below its anchor was revoked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub enum Revocation {
    /// Of each certificate it is known that it was not.
    Good,
    /// One was; of several the gravest: first what casts doubt on older signatures too, then the earliest.
    Revoked {
        /// Which: 0 is the leaf.
        place: usize,
        /// Its subject, as text.
        subject: String,
        /// Since when: the revocation, or the moment before it since which its issuer calls the certificate
        /// invalid (RFC 5280 section 5.3.2). This may lie after the time in question: whether a signature made before
        /// still counts is for the caller to say.
        when: Timestamp,
        /// Why, as its issuer says.
        reason: RevocationReason,
    },
    /// Of one at least it is not known.
    Unknown {
        /// The first of them: 0 is the leaf.
        place: usize,
        /// Its subject, as text.
        subject: String,
        /// What is missing.
        doubt: Doubt,
    },
}

/// Why a certificate was revoked (RFC 5280 section 5.3.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum RevocationReason {
    /// Not said.
    Unspecified,
    /// Somebody else has the key.
    KeyCompromise,
    /// Somebody else has the issuer's key.
    CaCompromise,
    /// The holder works elsewhere or is called otherwise.
    AffiliationChanged,
    /// There is a newer one.
    Superseded,
    /// It is no longer needed.
    CessationOfOperation,
    /// It is put aside for now.
    CertificateHold,
    /// The holder may no longer have it.
    PrivilegeWithdrawn,
    /// Somebody else has the key of an attribute authority.
    AaCompromise,
}

/// Why it is not known whether a certificate was revoked: of all that was at hand, what came nearest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub enum Doubt {
    /// Nothing was at hand.
    Nothing,
    /// What was at hand cannot be read.
    Unreadable,
    /// What was at hand is too old.
    Stale {
        /// Until when it told.
        until: Timestamp,
    },
    /// What was at hand is newer than the certificate's end, and tells nothing about it.
    AfterExpiry,
    /// What was at hand is signed by somebody who may not, or whose own certificate does not hold.
    Signer,
    /// The signature under it is wrong.
    Signature,
    /// The signature under it is weak, or of a kind that is not used here.
    Algorithm,
    /// It speaks of some certificates or some reasons only.
    Scope,
    /// It has a critical extension that is not understood.
    UnknownCritical {
        /// The extension, as dotted number.
        oid: String,
    },
    /// The responder does not know the certificate (RFC 6960 section 2.2).
    NotKnownThere,
    /// The certificate is itself an anchor: nobody could revoke it.
    Anchor,
    /// There is too much to look through.
    TooMany,
}

impl Revocation {
    /// What is known and what to do, in Dutch. None where all is good.
    #[must_use]
    pub fn dutch(&self) -> Option<String> {
        match self {
            Self::Good => None,
            Self::Revoked { subject, when, reason, .. } => Some(format!(
                "Het certificaat van {subject} is op {} ingetrokken ({}). Vertrouw dit bericht niet en neem contact op met de afzender.",
                days::dutch(*when),
                reason.dutch()
            )),
            Self::Unknown { doubt: Doubt::Anchor, subject, .. } => Some(format!(
                "Het certificaat van {subject} is zelf als vertrouwd toegevoegd; niemand kan het intrekken. Verwijder het als u het niet meer vertrouwt."
            )),
            Self::Unknown { subject, doubt, .. } => Some(format!(
                "Of het certificaat van {subject} is ingetrokken, is niet bekend: {}. Vraag het na bij de afzender als het erop aankomt.",
                doubt.dutch()
            )),
        }
    }

    /// What is known and what to do, in English. None where all is good.
    #[must_use]
    pub fn english(&self) -> Option<String> {
        match self {
            Self::Good => None,
            Self::Revoked { subject, when, reason, .. } => Some(format!(
                "The certificate of {subject} was revoked on {} ({}). Do not trust this message, and ask the sender.",
                days::english(*when),
                reason.english()
            )),
            Self::Unknown { doubt: Doubt::Anchor, subject, .. } => Some(format!(
                "The certificate of {subject} was itself added as trusted; nobody can revoke it. Remove it if you no longer trust it."
            )),
            Self::Unknown { subject, doubt, .. } => Some(format!(
                "Whether the certificate of {subject} was revoked is not known: {}. Ask the sender if it matters.",
                doubt.english()
            )),
        }
    }
}

impl RevocationReason {
    /// By the number of CRLReason. None for 7, which is not used, 8, which takes an entry away, and
    /// what is not defined.
    pub(crate) fn numbered(number: u8) -> Option<Self> {
        Some(match number {
            0 => Self::Unspecified,
            1 => Self::KeyCompromise,
            2 => Self::CaCompromise,
            3 => Self::AffiliationChanged,
            4 => Self::Superseded,
            5 => Self::CessationOfOperation,
            6 => Self::CertificateHold,
            9 => Self::PrivilegeWithdrawn,
            10 => Self::AaCompromise,
            _ => return None,
        })
    }

    /// True where the key was the holder's alone up to the revocation: what was signed before it is still
    /// the holder's word. Not where no reason is given or the certificate is only on hold: it may turn out
    /// that the key was stolen.
    #[must_use]
    pub fn spares_what_was_signed_before(self) -> bool {
        match self {
            Self::AffiliationChanged | Self::Superseded => true,
            Self::CessationOfOperation | Self::PrivilegeWithdrawn => true,
            Self::Unspecified | Self::CertificateHold => false,
            Self::KeyCompromise | Self::CaCompromise | Self::AaCompromise => false,
        }
    }

    /// The reason in a few words, in Dutch.
    #[must_use]
    pub fn dutch(self) -> &'static str {
        match self {
            Self::Unspecified => "reden niet genoemd",
            Self::KeyCompromise => "een ander heeft de sleutel",
            Self::CaCompromise => "een ander heeft de sleutel van de uitgever",
            Self::AffiliationChanged => "de houder werkt elders of heet anders",
            Self::Superseded => "er is een nieuwer certificaat",
            Self::CessationOfOperation => "niet meer in gebruik",
            Self::CertificateHold => "opgeschort",
            Self::PrivilegeWithdrawn => "de houder mag het niet meer gebruiken",
            Self::AaCompromise => "een ander heeft de sleutel van een attribuutautoriteit",
        }
    }

    /// The reason in a few words, in English.
    #[must_use]
    pub fn english(self) -> &'static str {
        match self {
            Self::Unspecified => "no reason given",
            Self::KeyCompromise => "somebody else has the key",
            Self::CaCompromise => "somebody else has the issuer's key",
            Self::AffiliationChanged => "the holder works elsewhere or is called otherwise",
            Self::Superseded => "there is a newer certificate",
            Self::CessationOfOperation => "no longer in use",
            Self::CertificateHold => "suspended",
            Self::PrivilegeWithdrawn => "the holder may no longer use it",
            Self::AaCompromise => "somebody else has the key of an attribute authority",
        }
    }
}

impl Doubt {
    /// How near to an answer.
    pub(crate) fn nearness(&self) -> u8 {
        match self {
            Self::Nothing => 0,
            Self::Unreadable => 1,
            Self::Scope => 2,
            Self::AfterExpiry => 3,
            Self::Stale { .. } => 4,
            Self::UnknownCritical { .. } => 5,
            Self::Signer => 6,
            Self::Signature => 7,
            Self::Algorithm => 8,
            Self::NotKnownThere => 9,
            Self::Anchor => 10,
            Self::TooMany => 11,
        }
    }

    pub(crate) fn nearer(&mut self, other: Self) {
        if other.nearness() > self.nearness() {
            *self = other;
        }
    }

    fn dutch(&self) -> String {
        match self {
            Self::Nothing => "er zijn geen gegevens van de uitgever".to_owned(),
            Self::Unreadable => "de gegevens van de uitgever zijn niet te lezen".to_owned(),
            Self::Stale { until } => {
                format!("de gegevens van de uitgever golden tot {}", days::dutch_moment(*until))
            }
            Self::AfterExpiry => "het was al verlopen toen de gegevens werden gemaakt".to_owned(),
            Self::Signer => "de gegevens zijn ondertekend door wie dat niet mag".to_owned(),
            Self::Signature => "de handtekening onder de gegevens klopt niet".to_owned(),
            Self::Algorithm => "de gegevens zijn te zwak ondertekend".to_owned(),
            Self::Scope => "de gegevens gaan over andere certificaten of redenen".to_owned(),
            Self::UnknownCritical { oid } => {
                format!("de gegevens stellen een eis ({oid}) die dit programma niet kent")
            }
            Self::NotKnownThere => "de uitgever kent het certificaat niet".to_owned(),
            Self::Anchor => "niemand kan het intrekken".to_owned(),
            Self::TooMany => "er zijn te veel gegevens om na te gaan".to_owned(),
        }
    }

    fn english(&self) -> String {
        match self {
            Self::Nothing => "there is nothing from its issuer".to_owned(),
            Self::Unreadable => "what its issuer says cannot be read".to_owned(),
            Self::Stale { until } => {
                format!("what its issuer says held until {}", days::english_moment(*until))
            }
            Self::AfterExpiry => "it had expired when its issuer spoke".to_owned(),
            Self::Signer => "what is said was signed by somebody who may not".to_owned(),
            Self::Signature => "the signature under what is said is wrong".to_owned(),
            Self::Algorithm => "what is said was signed too weakly".to_owned(),
            Self::Scope => "what is said is about other certificates or reasons".to_owned(),
            Self::UnknownCritical { oid } => {
                format!("what is said demands something ({oid}) that this program does not know")
            }
            Self::NotKnownThere => "its issuer does not know the certificate".to_owned(),
            Self::Anchor => "nobody can revoke it".to_owned(),
            Self::TooMany => "there is too much to look through".to_owned(),
        }
    }
}
