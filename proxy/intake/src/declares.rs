//! Whether a domain declares anything: asked for each domain that sends mail with DKIM.

use core::time::Duration;
use std::collections::HashMap;

use mail::Domain;
use net::dns::Resolver;
use nta7516::facts::Security;
use nta7516::record::Claim;
use tokio::time::Instant;

use crate::gather;

/// What is remembered of domains.
#[derive(Default)]
pub(crate) struct Declarations {
    /// Whether a domain declares something, until when that may be believed.
    known: HashMap<Domain, (Declares, Instant)>,
    /// How many domains, one after the other, had no answer.
    unanswered: u32,
    /// Until when no domain is asked about for the sake of DKIM alone: DNS does not answer.
    silent: Option<Instant>,
}

/// Whether a domain declares something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Declares {
    /// It declares something.
    Something,
    /// It declares nothing.
    Nothing,
    /// DNS does not answer now.
    Unknown,
}

impl Declarations {
    /// Whether a domain declares anything. `pause`: how long it is not asked again where DNS did not answer.
    pub(crate) async fn of(
        &mut self,
        resolver: &Resolver,
        domain: &Domain,
        pause: Duration,
    ) -> Declares {
        let now = Instant::now();
        if let Some((declares, until)) = self.known.get(domain)
            && *until > now
        {
            return *declares;
        }
        if self.silent.is_some_and(|until| until > now) {
            return Declares::Unknown;
        }
        let found = gather::claim(resolver, Some(domain)).await;
        let seen = match found.map(|found| found.claim) {
            Some(Ok(seen)) => seen,
            Some(Err(_)) | None => return self.unanswered(domain, pause),
        };
        if seen.security == Security::Indeterminate {
            return self.unanswered(domain, pause);
        }
        self.unanswered = 0;
        let (declares, ttl) = match seen.believed() {
            Some(Claim::Valid(set)) => (Declares::Something, set.ttl()),
            Some(Claim::Invalid(_)) => (Declares::Something, 0),
            Some(Claim::None) | None => (Declares::Nothing, DENIED),
        };
        // R-DNS-7. What is believed here decides only whether there is a look.
        self.remember(domain, declares, now + Duration::from_secs(u64::from(ttl)));
        declares
    }

    /// One domain's name servers may be gone, which says nothing of the others; several in a row mean that
    /// nobody answers here.
    fn unanswered(&mut self, domain: &Domain, pause: Duration) -> Declares {
        let until = Instant::now() + pause;
        self.remember(domain, Declares::Unknown, until);
        self.unanswered += 1;
        if self.unanswered >= IN_A_ROW {
            (self.unanswered, self.silent) = (0, Some(until));
        }
        Declares::Unknown
    }

    fn remember(&mut self, domain: &Domain, declares: Declares, until: Instant) {
        if self.known.len() >= DOMAINS {
            self.known.clear();
        }
        self.known.insert(domain.clone(), (declares, until));
    }
}

/// For how long a denial is believed without a TTL: the time that resolvers keep one at least.
const DENIED: u32 = 60;
/// Domains that are remembered.
const DOMAINS: usize = 5_000;
/// Domains without an answer, one after the other, after which DNS is taken for silent.
const IN_A_ROW: u32 = 3;

#[cfg(test)]
mod tests {
    use super::*;

    const PAUSE: Duration = Duration::from_secs(60);

    #[test]
    fn one_silent_domain_holds_up_no_other_and_three_are_a_silent_dns() {
        let domain = |name: &str| Domain::parse(name).unwrap();
        let mut declarations = Declarations::default();
        for name in ["a.nl", "b.nl"] {
            assert_eq!(declarations.unanswered(&domain(name), PAUSE), Declares::Unknown);
            assert_eq!(declarations.silent, None, "{name}");
        }
        let (declares, until) = declarations.known[&domain("a.nl")];
        assert!(declares == Declares::Unknown && until > Instant::now(), "it is not asked at once");
        declarations.unanswered(&domain("c.nl"), PAUSE);
        assert!(declarations.silent.is_some_and(|until| until <= Instant::now() + PAUSE));
    }
}
