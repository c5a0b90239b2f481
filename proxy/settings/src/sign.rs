//! How mail is signed, by which cards, and whether issuers of signers are asked.

use std::path::PathBuf;
use std::time::Duration;

/// `[sign]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sign {
    /// How RSA keys sign; default PKCS #1 v1.5. Other kinds of key have one way only.
    pub rsa: RsaPadding,
}

/// How an RSA signature is padded (RFC 8017 section 8).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RsaPadding {
    /// `"pkcs1"`: PKCS #1 v1.5, which every mail program reads.
    Pkcs1,
    /// `"pss"`: PSS, which old mail programs do not know.
    Pss,
}

/// `[cards]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cards {
    /// PKCS #11 modules through which cards are reached; default none. They run inside this program.
    pub modules: Vec<PathBuf>,
    /// How long a card stays unlocked after its PIN was given, unless it is taken out; default 15
    /// minutes.
    pub stay_unlocked: Duration,
}

/// `[trust] fetch`: whether issuers are asked over the network if a signer was revoked. It tells them, and
/// whoever sees the way there, whose mail is read here and when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fetch {
    /// `"never"`: what a message brings along is all that is known.
    Never,
    /// `"public"`: those at addresses of the public network.
    Public,
    /// `"everywhere"`: those in the own network too, on any port.
    Everywhere,
}
