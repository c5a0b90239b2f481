//! Whether the clock may be believed by what destroys for good: one that jumps a year ahead (an empty battery, a
//! machine that was put away) would end every time of thought at once, and putting it back brings nothing back.

use core::time::Duration;
use std::path::Path;

use jiff::Timestamp;

/// Did the clock go on from the last time that it was looked at, as days go by? Less than [`LEAST`] after that
/// tells nothing. More than [`MOST`], or backwards, is doubted once: where it went on from there the next time,
/// the machine was away. What cannot be read or written is doubted too.
pub(crate) fn is_steady(folder: &Path, now: Timestamp) -> bool {
    let file = folder.join(FILE);
    let last = std::fs::read_to_string(&file).ok();
    let last = last.as_deref().and_then(|line| {
        let (at, doubted) = line.trim().split_once(' ')?;
        Some((at.parse::<Timestamp>().ok()?, doubted == DOUBTED))
    });
    let gone_by = last.map(|(at, _)| Duration::try_from(now.duration_since(at)));
    let steady = match (gone_by, last) {
        (Some(Ok(gone_by)), _) if gone_by < LEAST => return false,
        (Some(Ok(gone_by)), Some((_, doubted))) => gone_by <= MOST || doubted,
        _ => false,
    };
    let line = format!("{now} {}\n", if steady { STEADY } else { DOUBTED });
    disk::replace(&file, line.as_bytes()).is_ok() && steady
}

/// In the data folder: when the clock was looked at, and what was thought of it.
const FILE: &str = "clock";
const STEADY: &str = "steady";
const DOUBTED: &str = "doubted";
/// Longer than a person needs to see that a clock is wrong and to put it right.
const LEAST: Duration = Duration::from_secs(20 * 3600);
/// A week, and a day.
const MOST: Duration = Duration::from_secs(8 * 24 * 3600);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_is_believed_that_goes_on_day_by_day_and_one_that_jumped_only_a_day_later() {
        let folder = tempfile::tempdir().unwrap();
        let steady = |now: &str| is_steady(folder.path(), now.parse().unwrap());
        assert!(!steady("2026-01-01T08:00:00Z"), "it was never looked at");
        assert!(!steady("2026-01-01T17:00:00Z"), "too soon");
        assert!(steady("2026-01-02T08:00:00Z"));
        // A year ahead; the program is started again some times.
        assert!(!steady("2027-01-02T09:00:00Z"));
        assert!(!steady("2027-01-02T09:05:00Z"));
        // It was put right.
        assert!(!steady("2026-01-02T10:00:00Z"));
        assert!(steady("2026-01-03T08:00:00Z"));
        // A holiday, and a machine that is used every two weeks.
        assert!(!steady("2026-02-01T08:00:00Z"));
        assert!(steady("2026-02-15T08:00:00Z"));
        assert!(!steady("2026-03-01T08:00:00Z"));
        assert!(steady("2026-03-15T08:00:00Z"));
    }

    #[test]
    fn a_file_that_says_nothing_is_doubted_and_written_anew() {
        let folder = tempfile::tempdir().unwrap();
        for nothing in ["", "gisteren steady", "2026-01-01T08:00:00Z"] {
            std::fs::write(folder.path().join(FILE), nothing).unwrap();
            assert!(!is_steady(folder.path(), "2026-01-02T08:00:00Z".parse().unwrap()));
            assert!(is_steady(folder.path(), "2026-01-03T08:00:00Z".parse().unwrap()));
        }
        let nowhere = folder.path().join("none");
        assert!(!is_steady(&nowhere, "2026-01-02T08:00:00Z".parse().unwrap()));
    }
}
