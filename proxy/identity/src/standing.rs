use jiff::Timestamp;
use mail::days;
use serde::Serialize;

use crate::kept::{Identity, Revoked, RevokedFor};

/// How an identity stands at a time: whether it signs, and what a person should do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(tag = "standing", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Standing {
    /// It signs, and for more than 60 days still.
    Good,
    /// It signs for 60 days or fewer: a new one should be asked for.
    Ending {
        /// Whole days left, 15 to 60.
        days: i64,
    },
    /// It signs for 14 days or fewer: a new one must be asked for now.
    EndingSoon {
        /// Whole days left, 1 to 14.
        days: i64,
    },
    /// It signs for less than a day.
    EndingToday,
    /// It expired: it signs nothing.
    Expired {
        /// End of its validity.
        at: Timestamp,
    },
    /// It is not valid yet: it signs nothing until then.
    NotYetValid {
        /// Start of its validity.
        from: Timestamp,
    },
    /// Its issuer took it back: it signs nothing.
    Revoked(Revoked),
    /// Its certificate does not allow to sign mail (RFC 8550 section 4.4): it signs nothing.
    NotForMail,
    /// Its certificate cannot be read: it signs nothing.
    Unreadable,
}

impl Standing {
    /// How the identity stands now. What its issuer took back stays so also after it expired; all
    /// else depends on the clock alone.
    #[must_use]
    pub fn of(identity: &Identity, now: Timestamp) -> Self {
        if let Some(revoked) = identity.revoked {
            return Self::Revoked(revoked);
        }
        let leaf = identity.chain.first().map(Vec::as_slice).unwrap_or_default();
        let Ok(summary) = cades::describe(leaf) else {
            return Self::Unreadable;
        };
        match cades::may_sign_mail(leaf, now) {
            Ok(()) => Self::by_days(days_left(summary.not_after, now)),
            Err(cades::CadesError::Expired { at }) => Self::Expired { at },
            Err(cades::CadesError::NotYetValid { from }) => Self::NotYetValid { from },
            Err(cades::CadesError::Use) => Self::NotForMail,
            Err(_) => Self::Unreadable,
        }
    }

    /// `None`: without an end.
    fn by_days(left: Option<i64>) -> Self {
        match left {
            Some(days) if days < 1 => Self::EndingToday,
            Some(days) if days <= MUST_ACT => Self::EndingSoon { days },
            Some(days) if days <= SHOULD_ACT => Self::Ending { days },
            _ => Self::Good,
        }
    }

    /// Whether it signs.
    #[must_use]
    pub fn signs(self) -> bool {
        matches!(
            self,
            Self::Good | Self::Ending { .. } | Self::EndingSoon { .. } | Self::EndingToday
        )
    }

    /// What is to be known and done, in Dutch; `None` where all is well.
    #[must_use]
    pub fn nl(self) -> Option<String> {
        let why = match self {
            Self::Good => return None,
            Self::Ending { days } => format!(
                "De identiteit is nog {days} dagen geldig. Vraag bij de uitgever een nieuwe aan."
            ),
            Self::EndingSoon { days: 1 } => "De identiteit is nog 1 dag geldig. Vraag nu bij de uitgever een nieuwe aan; zonder kan veilige mail niet worden ondertekend.".to_owned(),
            Self::EndingSoon { days } => format!("De identiteit is nog {days} dagen geldig. Vraag nu bij de uitgever een nieuwe aan; zonder kan veilige mail niet worden ondertekend."),
            Self::EndingToday => "De identiteit verloopt binnen een dag. Vraag nu bij de uitgever een nieuwe aan; daarna blijft veilige mail vastgehouden.".to_owned(),
            Self::Expired { at } => format!("De identiteit is verlopen op {} en ondertekent niets meer. Vraag bij de uitgever een nieuwe aan.", days::dutch(at)),
            Self::NotYetValid { from } => format!("De identiteit geldt pas vanaf {} en ondertekent nog niets. Wacht tot dan, of kijk of de klok van deze computer goed staat.", days::dutch_moment(from)),
            Self::Revoked(Revoked { since, reason }) => format!("De identiteit is op {} door de uitgever ingetrokken ({}) en ondertekent niets meer. Vraag een nieuwe aan.", days::dutch(since), reason.nl()),
            Self::NotForMail => "Het certificaat is niet bedoeld om mail te ondertekenen. Kies of vraag een ander.".to_owned(),
            Self::Unreadable => "Het certificaat van de identiteit is niet te lezen. Verwijder haar en neem haar opnieuw over.".to_owned(),
        };
        Some(why)
    }

    /// What is to be known and done, in English; `None` where all is well.
    #[must_use]
    pub fn en(self) -> Option<String> {
        let why = match self {
            Self::Good => return None,
            Self::Ending { days } => {
                format!("The identity is valid for {days} more days. Ask the issuer for a new one.")
            }
            Self::EndingSoon { days: 1 } => "The identity is valid for 1 more day. Ask the issuer for a new one now; without it safe mail cannot be signed.".to_owned(),
            Self::EndingSoon { days } => format!("The identity is valid for {days} more days. Ask the issuer for a new one now; without it safe mail cannot be signed."),
            Self::EndingToday => "The identity expires within a day. Ask the issuer for a new one now; after that safe mail stays held.".to_owned(),
            Self::Expired { at } => format!("The identity expired on {} and signs nothing any more. Ask the issuer for a new one.", days::english(at)),
            Self::NotYetValid { from } => format!("The identity is valid only from {} and signs nothing yet. Wait until then, or see whether the clock of this computer is right.", days::english_moment(from)),
            Self::Revoked(Revoked { since, reason }) => format!("The identity was revoked by its issuer on {} ({}) and signs nothing any more. Ask for a new one.", days::english(since), reason.en()),
            Self::NotForMail => "The certificate is not meant for signing mail. Choose or ask for another.".to_owned(),
            Self::Unreadable => "The certificate of the identity cannot be read. Remove it and import it again.".to_owned(),
        };
        Some(why)
    }
}

impl RevokedFor {
    /// The reason in Dutch.
    #[must_use]
    pub fn nl(self) -> &'static str {
        match self {
            Self::Unspecified => "zonder reden te noemen",
            Self::Compromise => "de sleutel is misschien in andere handen",
            Self::Holder => "de gegevens van de houder kloppen niet meer",
            Self::Replaced => "er is een ander voor in de plaats gekomen",
            Self::Hold => "voorlopig opgeschort",
        }
    }

    /// The reason in English.
    #[must_use]
    pub fn en(self) -> &'static str {
        match self {
            Self::Unspecified => "no reason given",
            Self::Compromise => "the key may be in other hands",
            Self::Holder => "what it says of its holder is no longer right",
            Self::Replaced => "another has taken its place",
            Self::Hold => "put on hold for now",
        }
    }
}

/// Whole days from now to the end of validity, negative after it; `None` where there is no
/// well-defined end (RFC 5280 section 4.1.2.5: 99991231235959Z).
#[must_use]
pub fn days_left(not_after: Timestamp, now: Timestamp) -> Option<i64> {
    (not_after < Timestamp::MAX).then(|| not_after.duration_since(now).as_secs().div_euclid(DAY))
}

/// Seconds in a day.
const DAY: i64 = 24 * 60 * 60;
/// Days before the end from which a person should act: issuers of health care certificates take weeks.
const SHOULD_ACT: i64 = 60;
/// Days before the end from which a person must.
const MUST_ACT: i64 = 14;
