//! DMARC records (RFC 7489), as far as R-DMARC-1 asks: what becomes of mail that fails.

use mail::Domain;
use nta7516::record::Txt;

use crate::tags::{TagFault, Tags, excerpt};

/// What the TXT records at a `_dmarc` name say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Dmarc {
    /// No record starts with `v=DMARC1`.
    None,
    /// More than one does, so that none counts (RFC 7489 section 6.6.3).
    Many(usize),
    /// The record cannot be read.
    Broken(TagFault),
    /// It has no policy that exists; with what stands there.
    NoPolicy(Option<String>),
    /// It can be read.
    Asks(Policies),
}

/// The policies of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Policies {
    /// For the domain itself.
    pub(crate) own: Policy,
    /// For its subdomains, where that differs.
    pub(crate) below: Option<Policy>,
    /// The percentage of failing mail that it is for.
    pub(crate) percent: u8,
}

/// What is asked for mail that fails (RFC 7489 section 6.3, `p`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Policy {
    None,
    Quarantine,
    Reject,
}

/// Reads the TXT records of a `_dmarc` name (RFC 7489 sections 6.3 and 6.6.3).
pub(crate) fn read(records: &[Txt]) -> Dmarc {
    let claims: Vec<&Txt> = records.iter().filter(|txt| is_claim(&txt.data)).collect();
    let record = match claims.as_slice() {
        [] => return Dmarc::None,
        [one] => one,
        many => return Dmarc::Many(many.len()),
    };
    let tags = match Tags::parse(&record.data) {
        Ok(tags) => tags,
        Err(fault) => return Dmarc::Broken(fault),
    };
    let Some(own) = tags.get("p").and_then(Policy::parse) else {
        return Dmarc::NoPolicy(tags.get("p").map(excerpt));
    };
    Dmarc::Asks(Policies {
        own,
        // RFC 7489 section 6.3: what is no policy here is passed over.
        below: tags.get("sp").and_then(Policy::parse),
        percent: tags.get("pct").and_then(|text| text.parse().ok()).map_or(100, |n: u8| n.min(100)),
    })
}

/// The names at which a record may stand, in the order in which they are asked: the domain's own,
/// then that of each domain above it that has two labels or more.
///
/// RFC 7489 section 3.2 finds the organisational domain by a list of public suffixes. We carry none:
/// such a list ages, and a domain that it does not know would be judged wrongly in silence. Going up
/// label by label, as the successor of RFC 7489 does, ends at the same record, unless a registry
/// publishes one of its own at a suffix of two labels; where a record was found is always said.
pub(crate) fn names(domain: &Domain) -> Vec<(Domain, Domain)> {
    let labels: Vec<&str> = domain.as_str().split('.').collect();
    // A single label is a top-level domain: it is only asked where it is the domain itself.
    let last = labels.len().saturating_sub(2);
    let mut starts: Vec<usize> = (0..=last).collect();
    if starts.len() > QUESTIONS {
        // The own name first, then the highest, where an organisation's record stands.
        let from = starts.len() - (QUESTIONS - 1);
        starts = core::iter::once(0).chain(starts.into_iter().skip(from)).collect();
    }
    let at = |from: usize| {
        let above = Domain::parse(&labels.get(from..)?.join(".")).ok()?;
        Some((Domain::parse(&format!("_dmarc.{above}")).ok()?, above))
    };
    starts.into_iter().filter_map(at).collect()
}

impl Policies {
    /// The policy for the domain asked about, where the record stands at it or above it.
    pub(crate) fn of(&self, stands: Stands) -> Policy {
        match stands {
            Stands::AtTheDomain => self.own,
            Stands::Above => self.below.unwrap_or(self.own),
        }
    }
}

/// Where a record stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stands {
    AtTheDomain,
    Above,
}

impl Policy {
    fn parse(text: &str) -> Option<Self> {
        [Self::None, Self::Quarantine, Self::Reject]
            .into_iter()
            .find(|policy| policy.as_str().eq_ignore_ascii_case(text))
    }

    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Quarantine => "quarantine",
            Self::Reject => "reject",
        }
    }
}

/// `v=DMARC1` first, its value in these letters (RFC 7489 section 6.3); blanks may stand around the
/// sign (section 6.4).
fn is_claim(data: &[u8]) -> bool {
    let first = data.split(|c| *c == b';').next().unwrap_or_default();
    let mut parts = first.splitn(2, |c| *c == b'=').map(<[u8]>::trim_ascii);
    (parts.next(), parts.next()) == (Some(b"v"), Some(b"DMARC1"))
}

/// The most names that are asked for one domain: a long name must not choose how many.
const QUESTIONS: usize = 8;

#[cfg(test)]
mod tests {
    use super::*;

    fn txt(text: &str) -> Txt {
        Txt { data: text.as_bytes().to_vec(), ttl: 300 }
    }

    fn asks(own: Policy, below: Option<Policy>, percent: u8) -> Dmarc {
        Dmarc::Asks(Policies { own, below, percent })
    }

    #[test]
    fn a_record_says_what_becomes_of_mail_that_fails() {
        use Policy::{None as Nothing, Quarantine, Reject};
        for (text, expected) in [
            ("v=DMARC1; p=reject", asks(Reject, None, 100)),
            ("v=DMARC1;p=quarantine;", asks(Quarantine, None, 100)),
            ("v = DMARC1 ; p = REJECT ; sp=none", asks(Reject, Some(Nothing), 100)),
            ("v=DMARC1; p=none; rua=mailto:a@b.nl", asks(Nothing, None, 100)),
            ("v=DMARC1; p=reject; pct=20", asks(Reject, None, 20)),
            ("v=DMARC1; p=reject; pct=900; sp=x", asks(Reject, None, 100)),
            ("v=DMARC1; p=quarantaine", Dmarc::NoPolicy(Some("quarantaine".into()))),
            ("v=DMARC1; rua=mailto:a@b.nl", Dmarc::NoPolicy(None)),
            ("v=DMARC1", Dmarc::NoPolicy(None)),
            ("v=DMARC1; p=reject; p=none", Dmarc::Broken(TagFault::Twice("p".into()))),
            ("v=DMARC1; reject", Dmarc::Broken(TagFault::NoSign("reject".into()))),
            ("v=dmarc1; p=reject", Dmarc::None),
            ("p=reject; v=DMARC1", Dmarc::None),
            ("v=DMARC12; p=reject", Dmarc::None),
            ("v=spf1 -all", Dmarc::None),
            ("", Dmarc::None),
        ] {
            assert_eq!(read(&[txt(text)]), expected, "{text:?}");
        }
        assert_eq!(read(&[]), Dmarc::None);
        let two = [txt("v=DMARC1; p=reject"), txt("v=DMARC1; p=none")];
        assert_eq!(read(&two), Dmarc::Many(2));
        let with_other = [txt("v=spf1 -all"), txt("v=DMARC1; p=reject")];
        assert_eq!(read(&with_other), asks(Reject, None, 100));
    }

    #[test]
    fn a_subdomain_goes_by_the_policy_for_subdomains() {
        let policies = Policies { own: Policy::Reject, below: Some(Policy::None), percent: 100 };
        assert_eq!(policies.of(Stands::AtTheDomain), Policy::Reject);
        assert_eq!(policies.of(Stands::Above), Policy::None);
        let plain = Policies { below: None, ..policies };
        assert_eq!(plain.of(Stands::Above), Policy::Reject);
    }

    #[test]
    fn a_record_is_looked_for_at_the_domain_and_above_but_not_at_the_top() {
        let asked = |name: &str| -> Vec<String> {
            let names = names(&Domain::parse(name).unwrap());
            names.into_iter().map(|(at, _)| at.to_string()).collect()
        };
        assert_eq!(asked("a.nl"), ["_dmarc.a.nl"]);
        assert_eq!(asked("x.y.a.nl"), ["_dmarc.x.y.a.nl", "_dmarc.y.a.nl", "_dmarc.a.nl"]);
        assert_eq!(asked("nl"), ["_dmarc.nl"]);
        let long = asked("a.b.c.d.e.f.g.h.i.j.k.nl");
        assert_eq!(long.len(), 8);
        assert_eq!(long[0], "_dmarc.a.b.c.d.e.f.g.h.i.j.k.nl");
        assert_eq!(long[7], "_dmarc.k.nl");
    }
}
