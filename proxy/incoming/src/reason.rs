//! Why a verdict is what it is, and the sentences that say so.

use cades::{Revocation, RevocationReason, Word};
use jiff::Timestamp;
use mail::Domain;
use nta7516::facts::Trouble;
use nta7516::record::{Month, Provider};

use crate::dkim::Why;
use crate::received::{Moment, Receipt, ReceiptBy, Told};

/// Why a verdict is what it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Reason {
    /// The record of that day names the header's supplier.
    Declared { domain: Domain, mark: Provider },
    /// The domain claims nothing.
    NoRecord { domain: Domain, seen: Moment },
    /// No record holds in that month.
    OutsidePeriod { domain: Domain, month: Month, seen: Moment },
    /// The claim breaks a rule.
    Faulty { domain: Domain, seen: Moment },
    /// The header names another supplier than the record.
    OtherMark { mark: Provider, record: Provider, seen: Moment },
    /// The header names no supplier, or several.
    Mark,
    /// The answer does not hold by DNSSEC.
    Bogus { domain: Domain, seen: Moment },
    /// It could not be told whether the answer holds.
    Indeterminate { domain: Domain },
    /// There was no answer.
    NoAnswer { domain: Domain, trouble: Trouble },
    /// The record is not protected by DNSSEC.
    Insecure { domain: Domain },
    /// It was looked at after that day.
    SeenLater { month: Month },
    /// The provider's date cannot be read.
    NoDay,
    /// The receiver's own domain declares nothing that day (annex D, case B).
    OwnDomain { domain: Domain },
    /// The supplier is none of those that the organisation accepts (case D).
    NotAccepted { mark: Provider },
    /// The supplier's own record does not hold (case D).
    SupplierRecord { mark: Provider, domain: Domain, seen: Moment },
    /// The supplier's own record could not be looked up.
    SupplierTrouble { mark: Provider, trouble: Trouble },
    /// Nothing here tells whether the supplier is certified.
    SupplierUnknown { mark: Provider },
    /// The domain declares, and the message does not bear the header (case C).
    Ordinary { domain: Domain },
    /// NTA mail is signed, and this is not (R-SEND-8).
    Unsigned,
    /// A certificate of the signer's path was revoked after the message came, for a reason that says
    /// nothing against what was signed before.
    RevokedSince { subject: String, when: Timestamp, why: RevocationReason },
    /// A DKIM signature of the author's domain holds.
    Dkim { domain: Domain, key: KeyState },
    /// None of the author's domain is there.
    NoDkim { others: Others },
    /// One is there and does not hold, by the key as it is now.
    DkimNot { domain: Option<Domain>, why: Why, seen: Moment },
    /// It held when the message came to the provider, by the provider's word.
    DkimBefore { id: String },
    /// What the provider says of DMARC.
    Dmarc { id: String, word: Word },
    /// What the provider says of SPF.
    Spf { id: String, word: Word },
    /// The settings name no id of the provider's.
    NoId,
    /// The provider says nothing under its id.
    NotStated { id: String },
}

/// How the DKIM key came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum KeyState {
    /// Secured by DNSSEC.
    Secure,
    /// Not.
    Insecure,
}

/// Whether other domains signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Others {
    /// Yes.
    Some,
    /// No.
    None,
}

/// Whether the verdict on the message rests on a reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Counts {
    /// It does.
    Yes,
    /// It is told for completeness.
    No,
}

impl Reason {
    /// What an objection to the signature is on a message that the provider received at that moment, where
    /// it is only that a certificate was revoked since. A day that no provider names proves nothing.
    pub(crate) fn revoked_since(objection: &cades::Reason, receipt: Receipt) -> Option<Self> {
        let cades::Reason::Revoked(Revocation::Revoked { subject, when, reason, .. }) = objection
        else {
            return None;
        };
        let since = receipt.by == ReceiptBy::Provider && receipt.at < *when;
        (since && reason.spares_what_was_signed_before()).then(|| Self::RevokedSince {
            subject: subject.clone(),
            when: *when,
            why: *reason,
        })
    }

    pub(crate) fn word(&self) -> Word {
        let unless_later = |seen: Moment| match seen {
            Moment::InTime => Word::Fail,
            Moment::Later => Word::Policy,
        };
        match self {
            Self::Declared { .. } | Self::Insecure { .. } | Self::SeenLater { .. } => Word::Pass,
            Self::NoDay | Self::SupplierUnknown { .. } | Self::Dkim { .. } => Word::Pass,
            Self::DkimBefore { .. } | Self::NoId | Self::NotStated { .. } => Word::Pass,
            Self::NoRecord { seen, .. } | Self::OutsidePeriod { seen, .. } => unless_later(*seen),
            Self::OtherMark { seen, .. } => unless_later(*seen),
            Self::Faulty { seen: Moment::InTime, .. } | Self::Mark => Word::PermError,
            Self::Faulty { .. } | Self::Unsigned | Self::NoDkim { .. } => Word::Policy,
            Self::RevokedSince { .. } => Word::Policy,
            Self::OwnDomain { .. } | Self::NotAccepted { .. } => Word::Policy,
            Self::SupplierRecord { .. } => Word::Policy,
            Self::Bogus { seen, .. } => unless_later(*seen),
            Self::Indeterminate { .. } | Self::NoAnswer { .. } => Word::TempError,
            Self::SupplierTrouble { .. } => Word::TempError,
            Self::Ordinary { .. } => Word::None,
            Self::DkimNot { why, seen, .. } => why.word_of(*seen),
            // What the provider once wrote never changes: it is no temporary trouble of ours.
            Self::Dmarc { word: Word::TempError, .. } | Self::Spf { word: Word::TempError, .. } => {
                Word::None
            }
            Self::Dmarc { word, .. } | Self::Spf { word, .. } => *word,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Declared { .. } => "declared",
            Self::NoRecord { .. } => "no-record",
            Self::OutsidePeriod { .. } => "outside-period",
            Self::Faulty { .. } => "record-faulty",
            Self::OtherMark { .. } => "other-mark",
            Self::Mark => "mark-unreadable",
            Self::Bogus { .. } => "record-bogus",
            Self::Indeterminate { .. } => "record-indeterminate",
            Self::NoAnswer { .. } => "record-unknown",
            Self::Insecure { .. } => "record-insecure",
            Self::SeenLater { .. } => "seen-later",
            Self::NoDay => "day-unknown",
            Self::OwnDomain { .. } => "own-domain",
            Self::NotAccepted { .. } => "supplier-not-accepted",
            Self::SupplierRecord { .. } => "supplier-record",
            Self::SupplierTrouble { .. } => "supplier-unknown-now",
            Self::SupplierUnknown { .. } => "supplier-unknown",
            Self::Ordinary { .. } => "ordinary",
            Self::Unsigned => "nta-not-signed",
            Self::RevokedSince { .. } => "revoked-since",
            Self::Dkim { .. } => "dkim",
            Self::NoDkim { .. } => "dkim-none",
            Self::DkimNot { why: Why::Trouble(_), .. } => "dkim-unknown",
            Self::DkimNot { .. } => "dkim-not",
            Self::DkimBefore { .. } => "dkim-before",
            Self::Dmarc { .. } => "dmarc",
            Self::Spf { .. } => "spf",
            Self::NoId => "no-authserv-id",
            Self::NotStated { .. } => "not-stated",
        }
    }

    pub(crate) fn told(&self, counts: Counts) -> Told {
        let (nl, en) = self.sentences();
        let counts = counts == Counts::Yes;
        let (code, verdict, seen) = (self.code().to_owned(), self.word(), self.seen());
        Told { code, verdict, counts, seen, nl, en }
    }

    /// When that was looked at on which it rests, where that changes.
    fn seen(&self) -> Moment {
        match self {
            Self::NoRecord { seen, .. }
            | Self::OutsidePeriod { seen, .. }
            | Self::Faulty { seen, .. }
            | Self::OtherMark { seen, .. }
            | Self::Bogus { seen, .. }
            | Self::SupplierRecord { seen, .. } => *seen,
            Self::RevokedSince { .. } => Moment::Later,
            Self::DkimNot { why, seen, .. } if why.is_of_the_key() => *seen,
            _ => Moment::InTime,
        }
    }
}
