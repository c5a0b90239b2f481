//! TLS rules as dated data (R-TLS-1): what a connection may use at all, and how a connection that
//! was made stands by each publication.
//!
//! Names are those of the IANA TLS registries, with their numbers, so that no library's spelling
//! matters and no library's new default widens the list.

use serde::{Deserialize, Serialize};

/// A publication with requirements on TLS.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Profile {
    /// Footnote 19 of the guide: what NCSC called "good" in its guidelines 2.0 of 23 April 2019.
    #[serde(rename = "guide-footnote-19")]
    GuideFootnote19,
    /// The NCSC guidelines 2025-05: TLS 1.3 is "good", TLS 1.2 "sufficient".
    #[serde(rename = "ncsc-2025-05")]
    Ncsc2025,
}

/// How a publication rates a choice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Grade {
    /// Not to be used.
    Insufficient,
    /// May be used, next to something good.
    Sufficient,
    /// To be used.
    Good,
}

/// One version, suite or group.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
pub struct Choice {
    /// The name in the IANA registry.
    pub name: &'static str,
    /// The number in the IANA registry, or the protocol version on the wire.
    pub id: u16,
    /// The rating.
    pub grade: Grade,
}

/// What was seen of a connection, to be held against a profile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Connection {
    /// The protocol version on the wire: 0x0303 or 0x0304.
    pub version: u16,
    /// The IANA number of the cipher suite.
    pub suite: u16,
    /// The IANA number of the key exchange group, where it is known.
    pub group: Option<u16>,
    /// The length of the RSA key of the host's certificate, in bits; `None` for another key.
    pub rsa_bits: Option<u32>,
}

impl Profile {
    /// All profiles, the newest last.
    pub const ALL: [Self; 2] = [Self::GuideFootnote19, Self::Ncsc2025];

    /// The name under which proofs and settings speak of it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::GuideFootnote19 => "guide-footnote-19",
            Self::Ncsc2025 => "ncsc-2025-05",
        }
    }

    /// The protocol versions, the best first.
    #[must_use]
    pub fn versions(self) -> &'static [Choice] {
        match self {
            Self::GuideFootnote19 => &VERSIONS_2019,
            Self::Ncsc2025 => &VERSIONS_2025,
        }
    }

    /// The cipher suites of both versions, the best first. All are ECDHE with an AEAD and SHA-256
    /// or better; the 1.3 suites of the footnote follow from its parts, since it spells out only
    /// those of 1.2.
    #[must_use]
    pub fn suites(self) -> &'static [Choice] {
        match self {
            Self::GuideFootnote19 => &SUITES_2019,
            Self::Ncsc2025 => &SUITES_2025,
        }
    }

    /// The key exchange groups, the best first. Neither list has a group below 128 bits of
    /// strength; the hybrid with ML-KEM is younger than the footnote and stronger than what it
    /// asks.
    #[must_use]
    pub fn groups(self) -> &'static [Choice] {
        &GROUPS
    }

    /// How the connection stands by this profile: the grade of its weakest part.
    #[must_use]
    pub fn grade(self, connection: &Connection) -> Grade {
        let of = |list: &[Choice], id| {
            list.iter()
                .find(|choice| choice.id == id)
                .map_or(Grade::Insufficient, |choice| choice.grade)
        };
        let rsa = match connection.rsa_bits {
            Some(bits) if bits < RSA_REFUSED_BELOW => Grade::Insufficient,
            Some(bits) if bits < RSA_REPORTED_BELOW => Grade::Sufficient,
            _ => Grade::Good,
        };
        let group = connection.group.map(|id| of(self.groups(), id));
        of(self.versions(), connection.version)
            .min(of(self.suites(), connection.suite))
            .min(group.unwrap_or(Grade::Good))
            .min(rsa)
    }
}

/// A host whose RSA key is shorter is refused (R-TLS-1, as we read it), in bits.
pub const RSA_REFUSED_BELOW: u32 = 2048;

/// A host whose RSA key is shorter is reported in the proof (R-TLS-1), in bits.
pub const RSA_REPORTED_BELOW: u32 = 3072;

const fn good(name: &'static str, id: u16) -> Choice {
    let grade = Grade::Good;
    Choice { name, id, grade }
}

const fn sufficient(name: &'static str, id: u16) -> Choice {
    let grade = Grade::Sufficient;
    Choice { name, id, grade }
}

const VERSIONS_2019: [Choice; 2] = [good("TLS 1.3", 0x0304), good("TLS 1.2", 0x0303)];
const VERSIONS_2025: [Choice; 2] = [good("TLS 1.3", 0x0304), sufficient("TLS 1.2", 0x0303)];

const SUITES_2019: [Choice; 9] = [
    good("TLS_AES_256_GCM_SHA384", 0x1302),
    good("TLS_CHACHA20_POLY1305_SHA256", 0x1303),
    good("TLS_AES_128_GCM_SHA256", 0x1301),
    good("TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384", 0xc02c),
    good("TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256", 0xcca9),
    good("TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", 0xc02b),
    good("TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384", 0xc030),
    good("TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256", 0xcca8),
    good("TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", 0xc02f),
];

const SUITES_2025: [Choice; 9] = [
    good("TLS_AES_256_GCM_SHA384", 0x1302),
    good("TLS_CHACHA20_POLY1305_SHA256", 0x1303),
    good("TLS_AES_128_GCM_SHA256", 0x1301),
    sufficient("TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384", 0xc02c),
    sufficient("TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256", 0xcca9),
    sufficient("TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", 0xc02b),
    sufficient("TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384", 0xc030),
    sufficient("TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256", 0xcca8),
    sufficient("TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", 0xc02f),
];

const GROUPS: [Choice; 4] = [
    good("X25519MLKEM768", 0x11ec),
    good("x25519", 0x001d),
    good("secp256r1", 0x0017),
    good("secp384r1", 0x0018),
];

#[cfg(test)]
mod tests {
    use super::*;

    const BEST: Connection =
        Connection { version: 0x0304, suite: 0x1302, group: Some(0x11ec), rsa_bits: None };

    #[test]
    fn a_connection_is_as_good_as_its_weakest_part() {
        let old = Connection { version: 0x0303, suite: 0xc030, ..BEST };
        for (profile, connection, grade) in [
            (Profile::GuideFootnote19, BEST, Grade::Good),
            (Profile::Ncsc2025, BEST, Grade::Good),
            (Profile::GuideFootnote19, old, Grade::Good),
            (Profile::Ncsc2025, old, Grade::Sufficient),
            (Profile::Ncsc2025, Connection { version: 0x0302, ..BEST }, Grade::Insufficient),
            (Profile::Ncsc2025, Connection { suite: 0x009c, ..BEST }, Grade::Insufficient),
            (Profile::Ncsc2025, Connection { group: Some(0x0015), ..BEST }, Grade::Insufficient),
            (Profile::Ncsc2025, Connection { group: None, ..BEST }, Grade::Good),
        ] {
            assert_eq!(profile.grade(&connection), grade, "{profile:?} {connection:?}");
        }
    }

    #[test]
    fn rsa_below_3072_bits_is_reported_and_below_2048_refused() {
        for (bits, grade) in [
            (1024, Grade::Insufficient),
            (2047, Grade::Insufficient),
            (2048, Grade::Sufficient),
            (3071, Grade::Sufficient),
            (3072, Grade::Good),
            (4096, Grade::Good),
        ] {
            for profile in Profile::ALL {
                let connection = Connection { rsa_bits: Some(bits), ..BEST };
                assert_eq!(profile.grade(&connection), grade, "{bits}");
            }
        }
    }

    #[test]
    fn every_suite_is_authenticated_encryption_with_ephemeral_keys() {
        for profile in Profile::ALL {
            for suite in profile.suites() {
                let name = suite.name;
                assert!(name.ends_with("_SHA256") || name.ends_with("_SHA384"), "{name}");
                assert!(name.contains("_GCM_") || name.contains("_POLY1305_"), "{name}");
                assert!(name.contains("_ECDHE_") || !name.contains("_WITH_"), "{name}");
            }
        }
    }
}
