use jiff::Timestamp;
use mail::Address;

use crate::error::IdentityError;
use crate::kept::Identity;
use crate::standing::Standing;

/// The identity that signs what an account sends: of the account's, those whose certificate names the
/// address that the message is from; where none does, those that name the account's own; else all. Of
/// these the newest that signs now.
///
/// One that an issuer vouches for is never replaced by one for trying out, because it expired: whoever
/// gets the mail would take that for a forgery. `identities` are in the order in which they were added.
///
/// # Errors
/// [`IdentityError::None`] where the account has none; [`IdentityError::Unusable`] where none of those
/// that are meant signs now, with how the newest of them stands.
pub fn pick<'a>(
    identities: &'a [Identity],
    account: &Address,
    from: Option<&Address>,
    now: Timestamp,
) -> Result<&'a Identity, IdentityError> {
    let all: Vec<Candidate<'_>> = identities
        .iter()
        .filter(|one| one.account.is_same_mailbox(account))
        .map(Candidate::read)
        .collect();
    let naming = |address: &Address| -> Vec<&Candidate<'_>> {
        all.iter().filter(|one| names(&one.addresses, address)).collect()
    };
    let mut meant = from.map(naming).unwrap_or_default();
    if meant.is_empty() {
        meant = naming(account);
    }
    if meant.is_empty() {
        meant = all.iter().collect();
    }
    let newest = meant.last().ok_or(IdentityError::None)?;
    meant
        .iter()
        .rev()
        .filter(|one| newest.trying_out || !one.trying_out)
        .find(|one| Standing::of(one.identity, now).signs())
        .map(|one| one.identity)
        .ok_or_else(|| IdentityError::Unusable { standing: Standing::of(newest.identity, now) })
}

struct Candidate<'a> {
    identity: &'a Identity,
    addresses: Vec<String>,
    trying_out: bool,
}

impl<'a> Candidate<'a> {
    fn read(identity: &'a Identity) -> Self {
        let summary = identity.chain.first().and_then(|leaf| cades::describe(leaf).ok());
        let (addresses, trying_out) =
            summary.map(|one| (one.addresses, one.self_signed)).unwrap_or_default();
        Self { identity, addresses, trying_out }
    }
}

/// Whether one of the addresses in a certificate is this one. Letter case before the @ does not count,
/// as it does not where recipients compare (RFC 8550 section 3).
pub(crate) fn names(addresses: &[String], address: &Address) -> bool {
    let same = |other: &Address| {
        other.host() == address.host() && other.local().eq_ignore_ascii_case(address.local())
    };
    addresses.iter().any(|one| Address::parse(one).is_ok_and(|other| same(&other)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kept::{Revoked, RevokedFor};
    use crate::tests::{address, at, identity, issued};

    const NOW: &str = "2026-11-26T12:00:00Z";

    fn picked<'a>(all: &'a [Identity], from: &str, now: &str) -> Result<&'a str, Standing> {
        let account = address("praktijk@zorg.test");
        match pick(all, &account, Some(&address(from)), at(now)) {
            Ok(identity) => Ok(&identity.id),
            Err(IdentityError::Unusable { standing }) => Err(standing),
            Err(other) => panic!("{other}"),
        }
    }

    #[test]
    fn the_address_in_from_decides_and_else_that_of_the_account() {
        let all = [
            identity("jan", issued("jan@zorg.test", "2026-01-01", "2028-01-01")),
            identity("own", issued("praktijk@zorg.test", "2026-01-01", "2028-01-01")),
            identity("els", issued("els@zorg.test", "2026-01-01", "2028-01-01")),
        ];
        assert_eq!(picked(&all, "Jan@Zorg.test", NOW), Ok("jan"));
        assert_eq!(picked(&all, "els@zorg.test", NOW), Ok("els"));
        assert_eq!(picked(&all, "balie@zorg.test", NOW), Ok("own"));
        assert_eq!(picked(&all[2..], "balie@zorg.test", NOW), Ok("els"), "no other is there");
        let other = pick(&all, &address("ander@zorg.test"), None, at(NOW));
        assert_eq!(other, Err(IdentityError::None), "another account's do not count");
    }

    #[test]
    fn of_several_the_newest_that_signs_is_taken() {
        let mut all = [
            identity("old", issued("praktijk@zorg.test", "2024-01-01", "2027-01-01")),
            identity("new", issued("praktijk@zorg.test", "2026-12-01", "2028-12-01")),
        ];
        let from = "praktijk@zorg.test";
        assert_eq!(picked(&all, from, NOW), Ok("old"), "the new one is not valid yet");
        assert_eq!(picked(&all, from, "2026-12-02T00:00:00Z"), Ok("new"));
        all[1].revoked = Some(Revoked { since: at(NOW), reason: RevokedFor::Compromise });
        assert_eq!(picked(&all, from, "2026-12-02T00:00:00Z"), Ok("old"));
        let both = picked(&all, from, "2027-02-01T00:00:00Z");
        assert!(matches!(both, Err(Standing::Revoked(_))), "{both:?}");
    }

    #[test]
    fn one_for_trying_out_never_stands_in_for_one_that_expired() {
        let from = "praktijk@zorg.test";
        let trial = crate::tests::trial(from, at("2026-01-01T00:00:00Z"));
        let all = [
            identity("trial", vec![trial]),
            identity("real", issued(from, "2024-01-01", "2026-11-01")),
        ];
        let end = at("2026-11-01T00:00:00Z");
        assert_eq!(picked(&all, from, NOW), Err(Standing::Expired { at: end }));
        assert_eq!(picked(&all[..1], from, NOW), Ok("trial"));
    }
}
