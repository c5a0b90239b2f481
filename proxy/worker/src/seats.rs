use std::sync::{Condvar, Mutex, PoisonError};
use std::time::Duration;

/// How many workers may run at once.
#[derive(Debug)]
pub(crate) struct Seats {
    free: Mutex<usize>,
    freed: Condvar,
}

/// The right to run one; given back when dropped.
pub(crate) struct Seat<'a>(&'a Seats);

impl Seats {
    pub(crate) fn new(count: usize) -> Self {
        Self { free: Mutex::new(count), freed: Condvar::new() }
    }

    /// Waits for a seat, but no longer than this.
    pub(crate) fn take(&self, patience: Duration) -> Option<Seat<'_>> {
        // Counting has no half-way state: a thread that died with the lock left it whole.
        let free = self.free.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = self.freed.wait_timeout_while(free, patience, |free| *free == 0);
        let (mut free, _) = waited.unwrap_or_else(PoisonError::into_inner);
        if *free == 0 {
            return None;
        }
        *free -= 1;
        Some(Seat(self))
    }
}

impl Drop for Seat<'_> {
    fn drop(&mut self) {
        *self.0.free.lock().unwrap_or_else(PoisonError::into_inner) += 1;
        self.0.freed.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_more_run_than_there_are_seats() {
        let seats = Seats::new(1);
        let one = seats.take(Duration::ZERO);
        assert!(one.is_some());
        assert!(seats.take(Duration::ZERO).is_none());
        drop(one);
        assert!(seats.take(Duration::ZERO).is_some());
    }
}
