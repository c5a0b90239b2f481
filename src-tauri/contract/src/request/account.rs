//! An account to add, and one to change.

use serde::Deserialize;
use ts_rs::TS;
use zeroize::Zeroizing;

use crate::view::ServerAt;

/// An account to add.
#[derive(Clone, PartialEq, Eq, Deserialize, TS)]
pub struct NewAccount {
    /// Its address.
    pub address: String,
    /// The provider's submission server.
    pub outgoing: ServerAt,
    /// The provider's IMAP server, where mail that comes in is to be looked at.
    pub incoming: Option<ServerAt>,
    /// The password at the provider; kept in the keyring only, and wiped here.
    #[ts(type = "string")]
    pub password: Zeroizing<String>,
    /// Safe mail leaves by ourselves (`direct`).
    pub direct: bool,
    /// The provider's mark where it is a named NTA supplier (`provider`). With neither, health mail
    /// stays held.
    pub supplier: Option<String>,
}

impl core::fmt::Debug for NewAccount {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("NewAccount").finish_non_exhaustive()
    }
}

/// Other servers of an account, or another password.
#[derive(Clone, PartialEq, Eq, Deserialize, TS)]
pub struct NewServers {
    /// The account.
    pub address: String,
    /// The provider's submission server.
    pub outgoing: ServerAt,
    /// The provider's IMAP server; none: mail that comes in is not looked at.
    pub incoming: Option<ServerAt>,
    /// The password at the provider; kept in the keyring only, and wiped here. Empty: the one that
    /// is kept.
    #[ts(type = "string")]
    pub password: Zeroizing<String>,
}

impl core::fmt::Debug for NewServers {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("NewServers").finish_non_exhaustive()
    }
}
