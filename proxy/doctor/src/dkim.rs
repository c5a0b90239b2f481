//! DKIM keys (RFC 6376 section 3.6.1, RFC 8301), as far as R-DKIM-1 asks.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use nta7516::record::Txt;
use x509_parser::prelude::FromDer;
use x509_parser::public_key::{PublicKey, RSAPublicKey};
use x509_parser::x509::SubjectPublicKeyInfo;

use crate::tags::{TagFault, Tags, excerpt};

/// What the TXT records of a selector say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Dkim {
    /// There is no key record.
    None,
    /// There is more than one, which verifiers may read as they like (section 3.6.2.2).
    Many(usize),
    /// It cannot be read.
    Broken(TagFault),
    /// A tag has a value that it cannot have.
    Value(&'static str, String),
    /// `p=` is empty: the key was taken back.
    Revoked,
    /// A key.
    Key(Key),
}

/// A key that is published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Key {
    pub(crate) kind: Kind,
    /// May SHA-256 be used with it? The guide asks for `rsa-sha256`.
    pub(crate) sha256: Allowed,
    /// `t=y`: "in testing", so that receivers may pass over what it proves.
    pub(crate) testing: Testing,
}

/// The kind of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// RSA of this many bits.
    Rsa(usize),
    /// Ed25519 (RFC 8463).
    Ed25519,
}

/// Whether something may be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Allowed {
    Yes,
    No,
}

/// Whether a key is being tried out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Testing {
    Yes,
    No,
}

/// Reads the TXT records of `selector._domainkey.domain`.
pub(crate) fn read(records: &[Txt]) -> Dkim {
    // Section 3.6.1: `v=` may be left out, so any record with a `p=` is a key.
    let keys: Vec<&Txt> = records.iter().filter(|txt| is_key(&txt.data)).collect();
    match (keys.as_slice(), records) {
        ([one], _) => key(&one.data).unwrap_or_else(|no| no),
        ([], []) => Dkim::None,
        ([], [other, ..]) => match Tags::parse(&other.data) {
            Err(fault) if other.data.starts_with(b"v=DKIM1") => Dkim::Broken(fault),
            Ok(tags) if tags.get("v") == Some("DKIM1") => Dkim::Value("p", String::new()),
            _ => Dkim::None,
        },
        (many, _) => Dkim::Many(many.len()),
    }
}

fn is_key(data: &[u8]) -> bool {
    Tags::parse(data).is_ok_and(|tags| tags.get("p").is_some())
}

fn key(data: &[u8]) -> Result<Dkim, Dkim> {
    let tags = Tags::parse(data).map_err(Dkim::Broken)?;
    let wrong = |tag: &'static str, value: &str| Dkim::Value(tag, excerpt(value));
    match tags.get("v") {
        // Where it stands, it stands first.
        Some(version) if version != "DKIM1" || tags.first() != Some("v") => {
            return Err(wrong("v", version));
        }
        _ => {}
    }
    let listed = |tag: &str, word: &str| {
        tags.get(tag).is_none_or(|list| list.split(':').any(|one| one.trim() == word))
    };
    if !listed("s", "*") && !listed("s", "email") {
        return Err(wrong("s", tags.get("s").unwrap_or_default()));
    }
    let data: String = tags.get("p").unwrap_or_default().split_ascii_whitespace().collect();
    if data.is_empty() {
        return Ok(Dkim::Revoked);
    }
    let bytes = STANDARD.decode(&data).map_err(|_| wrong("p", &data))?;
    let kind = match tags.get("k").unwrap_or("rsa") {
        "rsa" => Kind::Rsa(rsa_bits(&bytes).ok_or_else(|| wrong("p", &data))?),
        "ed25519" if bytes.len() == 32 => Kind::Ed25519,
        "ed25519" => return Err(wrong("p", &data)),
        other => return Err(wrong("k", other)),
    };
    let testing = tags.get("t").is_some() && listed("t", "y");
    Ok(Dkim::Key(Key {
        kind,
        sha256: if listed("h", "sha256") { Allowed::Yes } else { Allowed::No },
        testing: if testing { Testing::Yes } else { Testing::No },
    }))
}

/// The length of an RSA key. Section 3.6.1 speaks of an `RSAPublicKey`; what is published is that
/// within a `SubjectPublicKeyInfo` (erratum 3017). Both are read.
fn rsa_bits(der: &[u8]) -> Option<usize> {
    if let Ok((_, info)) = SubjectPublicKeyInfo::from_der(der) {
        return match info.parsed() {
            Ok(PublicKey::RSA(key)) => Some(key.key_size()),
            _ => None,
        };
    }
    RSAPublicKey::from_der(der).ok().map(|(_, key)| key.key_size())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn txt(text: &str) -> Txt {
        Txt { data: text.as_bytes().to_vec(), ttl: 300 }
    }

    fn rsa(bits: usize) -> String {
        crate::testing::rsa_key(bits)
    }

    fn of(text: &str) -> Dkim {
        read(&[txt(text)])
    }

    fn plain(kind: Kind) -> Dkim {
        Dkim::Key(Key { kind, sha256: Allowed::Yes, testing: Testing::No })
    }

    #[test]
    fn the_length_of_an_rsa_key_is_told() {
        for bits in [512, 1024, 2048, 4096] {
            let text = format!("v=DKIM1; k=rsa; p={}", rsa(bits));
            assert_eq!(of(&text), plain(Kind::Rsa(bits)));
        }
        // Long keys come with blanks where the record was broken into lines.
        let key = rsa(2048);
        let (start, end) = key.split_at(100);
        assert_eq!(of(&format!("p={start} {end}")), plain(Kind::Rsa(2048)));
    }

    #[test]
    fn flags_and_hashes_are_read() {
        let p = rsa(2048);
        for (text, expected) in [
            (format!("v=DKIM1; t=y; p={p}"), (Allowed::Yes, Testing::Yes)),
            (format!("v=DKIM1; t=s; p={p}"), (Allowed::Yes, Testing::No)),
            (format!("v=DKIM1; t=s:y; p={p}"), (Allowed::Yes, Testing::Yes)),
            (format!("v=DKIM1; h=sha1; p={p}"), (Allowed::No, Testing::No)),
            (format!("v=DKIM1; h=sha1:sha256; p={p}"), (Allowed::Yes, Testing::No)),
            (format!("v=DKIM1; s=email; n=a note; p={p}"), (Allowed::Yes, Testing::No)),
        ] {
            let (sha256, testing) = expected;
            let key = Key { kind: Kind::Rsa(2048), sha256, testing };
            assert_eq!(of(&text), Dkim::Key(key), "{text}");
        }
    }

    #[test]
    fn what_is_no_good_key_is_told_apart() {
        let p = rsa(2048);
        assert_eq!(read(&[]), Dkim::None);
        assert_eq!(of("v=spf1 -all"), Dkim::None);
        assert_eq!(of("v=DKIM1; p="), Dkim::Revoked);
        assert_eq!(of("v=DKIM1; k=rsa; p= "), Dkim::Revoked);
        assert_eq!(of("v=DKIM1; k=rsa"), Dkim::Value("p", String::new()));
        assert_eq!(of("v=DKIM1; p=geheim!"), Dkim::Value("p", "geheim!".into()));
        assert_eq!(of("v=DKIM1; p=AAAA"), Dkim::Value("p", "AAAA".into()));
        assert_eq!(of(&format!("v=DKIM2; p={p}")), Dkim::Value("v", "DKIM2".into()));
        assert_eq!(of(&format!("k=rsa; v=DKIM1; p={p}")), Dkim::Value("v", "DKIM1".into()));
        assert_eq!(of(&format!("k=dsa; p={p}")), Dkim::Value("k", "dsa".into()));
        assert_eq!(of(&format!("s=tlsrpt; p={p}")), Dkim::Value("s", "tlsrpt".into()));
        assert!(matches!(of("v=DKIM1; k=rsa; onzin"), Dkim::Broken(_)));
        let two = [txt(&format!("p={p}")), txt("p=")];
        assert_eq!(read(&two), Dkim::Many(2));
        let ed = STANDARD.encode([7; 32]);
        assert_eq!(of(&format!("v=DKIM1; k=ed25519; p={ed}")), plain(Kind::Ed25519));
        assert_eq!(of("v=DKIM1; k=ed25519; p=AAAA"), Dkim::Value("p", "AAAA".into()));
    }
}
