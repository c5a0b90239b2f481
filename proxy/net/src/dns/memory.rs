//! How long the validator's memory is believed (R-DNS-7).
//!
//! The validator keeps the keys of zones, and that there are none, by their TTL. It also keeps
//! whether a signature held, without its end; its clock stands still while the computer sleeps; and
//! a denial's TTL may be longer than a day. So its memory is thrown away as a whole at the first
//! moment at which something in it could be untrue.

use core::time::Duration;

use domain::base::Message;
use domain::rdata::Rrsig;
use domain::rdata::dnssec::Timestamp;
use tokio::time::Instant;

/// A moment by both clocks.
#[derive(Debug, Clone, Copy)]
pub(super) struct Moment {
    /// Never goes back, and stands still while the computer sleeps.
    pub(super) steady: Instant,
    /// Seconds since 1970 as signatures have them (RFC 4034 section 3.1.5).
    pub(super) wall: u32,
}

/// Until when all signatures hold that were seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Ends {
    /// None was seen.
    #[default]
    Never,
    /// The first of them ends then.
    At(u32),
    /// One of them did not hold by the clock when it was seen: the clock may be mended.
    Past,
}

/// A validator's memory, by its age.
#[derive(Debug, Clone, Copy)]
pub(super) struct Memory {
    born: Moment,
    /// Something was found bogus then.
    pub(super) bogus: Option<Instant>,
}

impl Moment {
    pub(super) fn now() -> Self {
        Self { steady: Instant::now(), wall: Timestamp::now().into_int() }
    }
}

impl Ends {
    pub(super) fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Past, _) | (_, Self::Past) => Self::Past,
            (Self::Never, end) | (end, Self::Never) => end,
            (Self::At(one), Self::At(other)) if is_before(one, other) => Self::At(one),
            (Self::At(_), later) => later,
        }
    }
}

impl Memory {
    pub(super) fn born(now: Moment) -> Self {
        Self { born: now, bogus: None }
    }

    /// Is all of it true still?
    pub(super) fn holds(&self, ends: Ends, now: Moment) -> bool {
        let steady = now.steady.saturating_duration_since(self.born.steady);
        let wall = now.wall.wrapping_sub(self.born.wall).cast_signed();
        let drift = i64::from(wall) - i64::try_from(steady.as_secs()).unwrap_or(i64::MAX);
        let ended = match ends {
            Ends::Never => false,
            Ends::At(end) => !is_before(now.wall, end),
            Ends::Past => true,
        };
        let bogus = self.bogus.is_some_and(|at| now.steady.duration_since(at) >= BOGUS_KEPT);
        steady < A_DAY && drift.abs() <= DRIFT && !ended && !bogus
    }
}

/// Until when the signatures of a reply hold.
pub(super) fn ends(reply: &Message<bytes::Bytes>) -> Ends {
    let now = Timestamp::now().into_int();
    let sections = [reply.answer(), reply.authority()];
    sections
        .into_iter()
        .flatten()
        .flat_map(|section| section.limit_to::<Rrsig<_, _>>())
        .flatten()
        .map(|record| {
            let (from, to) = (record.data().inception(), record.data().expiration());
            if is_before(now, from.into_int()) || !is_before(now, to.into_int()) {
                Ends::Past
            } else {
                Ends::At(to.into_int())
            }
        })
        .fold(Ends::Never, Ends::and)
}

/// RFC 4034 section 3.1.5: times of signatures are compared as serial numbers (RFC 1982).
fn is_before(one: u32, other: u32) -> bool {
    other.wrapping_sub(one).cast_signed() > 0
}

/// R-DNS-7: nothing is kept longer.
pub(super) const A_DAY: Duration = Duration::from_secs(86_400);
/// How long a zone stays bogus before it is asked for again: a person who mends it looks at once.
pub(super) const BOGUS_KEPT: Duration = Duration::from_secs(5);
/// Seconds that the clocks may differ; more, and the computer slept or its clock was set.
const DRIFT: i64 = 60;

#[cfg(test)]
mod tests {
    use super::*;

    fn after(start: Moment, steady: u64, wall: i64) -> Moment {
        let wall = (i64::from(start.wall) + wall) % (1 << 32);
        Moment {
            steady: start.steady + Duration::from_secs(steady),
            wall: u32::try_from(wall).unwrap(),
        }
    }

    #[test]
    fn memory_ends_after_a_day_after_sleep_and_with_the_first_signature() {
        // The counter of seconds goes round in 2106; signatures go on.
        for wall in [1_800_000_000, u32::MAX - 100] {
            let born = Moment { steady: Instant::now(), wall };
            let at = |seconds: u32| Ends::At(wall.wrapping_add(seconds));
            for (ends, steady, wall, holds) in [
                (Ends::Never, 0, 0, true),
                (Ends::Never, 86_399, 86_399, true),
                (Ends::Never, 86_400, 86_400, false),
                // Closed on Friday, opened on Monday.
                (Ends::Never, 10, 200_000, false),
                (Ends::Never, 10, 61, true),
                // The clock was set back.
                (Ends::Never, 100, 10, false),
                (at(50), 49, 49, true),
                (at(50), 50, 50, false),
                (at(200), 150, 150, true),
                (Ends::Past, 0, 0, false),
                (at(200).and(at(50)), 60, 60, false),
                (at(50).and(at(200)), 60, 60, false),
                (at(50).and(Ends::Past), 0, 0, false),
                (Ends::Never.and(at(50)), 60, 60, false),
            ] {
                let memory = Memory::born(born);
                let now = after(born, steady, wall);
                assert_eq!(memory.holds(ends, now), holds, "{ends:?} {steady} {wall}");
            }
        }
    }

    #[test]
    fn what_was_bogus_is_looked_at_again_soon() {
        let born = Moment::now();
        let memory = Memory { bogus: Some(born.steady), ..Memory::born(born) };
        assert!(memory.holds(Ends::Never, after(born, 4, 4)));
        assert!(!memory.holds(Ends::Never, after(born, 5, 5)));
    }
}
