//! What pages ask of the patient record.

use serde::Deserialize;
use ts_rs::TS;
use zeroize::Zeroizing;

use super::Loaded;
use crate::view::DestinationKind;

/// A record system to keep.
#[derive(Clone, PartialEq, Deserialize, TS)]
pub struct NewDestination {
    /// The account.
    pub address: String,
    /// The name of the one that it replaces; none: it is new.
    pub before: Option<String>,
    /// What a person calls it.
    pub name: String,
    /// What it is.
    pub kind: DestinationKind,
    /// The folder or the address.
    pub place: String,
    /// Who sends, as the carrier knows them; for `medvri`.
    pub sender: String,
    /// Who gets it.
    pub receiver: String,
    /// A server knows us by a certificate rather than by a token.
    pub certificate: bool,
    /// The token, or the password of the file; wiped here. Empty: the one that is kept, or none.
    #[ts(type = "string")]
    pub secret: Zeroizing<String>,
    /// The file with certificate and key; none: the one that is kept.
    pub file: Option<Loaded>,
}

impl core::fmt::Debug for NewDestination {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("NewDestination").field("kind", &self.kind).finish_non_exhaustive()
    }
}
