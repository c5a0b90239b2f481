//! Copies of what came in, for the archive: every health mail that is received lies there, encrypted, with its
//! verdict (R-KEEP-1).

use ::incoming::{Claim, Received, Word};
use jiff::Timestamp;
use mail::{Address, Message};
use settings::{KeepReceived, Search};
use vault::archive::{ArchiveId, ArchiveMeta, Direction, NewCopy};
use vault::{Vault, VaultError};

/// Whether a message with this verdict is kept. What only comes from a domain that declares something, and
/// claims nothing for itself, is ordinary mail.
pub(crate) fn is_wanted(keep: KeepReceived, received: &Received) -> bool {
    let claims = |claim| received.claims.contains(&claim);
    match keep {
        KeepReceived::Claims => claims(Claim::Nta) || claims(Claim::Signature),
        KeepReceived::Nta => claims(Claim::Nta),
        KeepReceived::None => false,
    }
}

/// Keeps a copy: once, however often it is asked, and not again once somebody deleted it. A newer verdict
/// takes the place of the older. The copy, where there is one.
pub(crate) fn keep(
    vault: &Vault,
    message: &Message,
    account: Address,
    received: &Received,
    search: Search,
    now: Timestamp,
) -> Result<Option<ArchiveId>, VaultError> {
    let described = archive::describe(message, search);
    let meta = ArchiveMeta {
        recipients: vec![account.clone()],
        account,
        direction: Direction::Received,
        from: described.from,
        subject: described.subject,
        sent_at: received.receipt.at,
        signed: received.signature.verdict == Word::Pass,
        attachments: described.attachments,
        // A value of plain fields can always be written.
        proofs: serde_json::to_value(received).into_iter().collect(),
    };
    let copy = NewCopy { bytes: message.bytes(), meta: &meta, text: &described.text };
    vault.keep_received(copy, now)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn received(claims: &str) -> Received {
        let json = format!(
            r#"{{"verdict":"pass","case":null,"claims":{claims},"mark":null,"author":null,
            "receipt":{{"at":"2026-11-26T11:00:00Z","by":"provider"}},"domain":null,
            "signature":{{"verdict":"none","coverage":"none","cades":false}},"signer":null,
            "from_match":null,"dkim":[],"provider":null,"reasons":[]}}"#
        );
        serde_json::from_str(&json).unwrap()
    }

    #[test]
    fn what_claims_something_for_itself_is_kept_as_the_settings_want_it() {
        use KeepReceived::{Claims, None, Nta};
        for (claims, kept_by) in [
            (r#"["nta","signature","dkim"]"#, [true, true, false]),
            (r#"["nta"]"#, [true, true, false]),
            (r#"["signature","dkim"]"#, [true, false, false]),
            (r#"["dkim"]"#, [false, false, false]),
        ] {
            let wanted = [Claims, Nta, None].map(|keep| is_wanted(keep, &received(claims)));
            assert_eq!(wanted, kept_by, "{claims}");
        }
    }
}
