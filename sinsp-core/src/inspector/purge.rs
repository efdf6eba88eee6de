//! The schedule of purges of the thread table.

/// The delay of the first purge, if the interval is longer, in nanoseconds. It is short so that faults show early.
const FIRST: u64 = 30_000_000_000;

/// How threads are removed from the thread table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PurgeOptions {
    /// Whether threads are removed when they exit or are inactive.
    pub enabled: bool,
    /// The time between two purges of a live inspector, in nanoseconds.
    pub interval: u64,
    /// After how long without an event a thread is checked, in nanoseconds.
    pub timeout: u64,
}

impl Default for PurgeOptions {
    /// Enabled, every 20 minutes, for threads without an event for 30 minutes.
    fn default() -> Self {
        PurgeOptions { enabled: true, interval: 1_200_000_000_000, timeout: 1_800_000_000_000 }
    }
}

#[derive(Debug, Default)]
pub(super) struct PurgeClock {
    last: u64,
}

impl PurgeClock {
    /// Sets the time of the last purge; 0 for none.
    pub fn set_last(&mut self, ts: u64) {
        self.last = ts;
    }

    /// Whether [`PurgeClock::is_due`] has anything to do.
    pub fn comes_due(&self, now: u64, interval: u64) -> bool {
        self.last == 0 || now > self.last.saturating_add(interval)
    }

    /// Whether a purge is due; then `now` becomes the time of the last one.
    pub fn is_due(&mut self, now: u64, interval: u64) -> bool {
        if self.last == 0 {
            let ago = if interval > FIRST { interval - FIRST } else { interval };
            self.last = now.saturating_sub(ago);
        }
        let due = now > self.last.saturating_add(interval);
        if due {
            self.last = now;
        }
        due
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_look_comes_early_and_then_each_after_the_interval() {
        const NOW: u64 = 1_600_000_000_000_000_000;
        let interval = PurgeOptions::default().interval;
        let mut clock = PurgeClock::default();
        assert!(!clock.is_due(NOW, interval) && !clock.is_due(NOW + FIRST, interval));
        assert!(clock.is_due(NOW + FIRST + 1, interval));
        assert!(!clock.is_due(NOW + FIRST + interval, interval));
        assert!(clock.is_due(NOW + FIRST + interval + 2, interval));
        let mut clock = PurgeClock::default();
        assert!(!clock.is_due(NOW, 10) && clock.is_due(NOW + 1, 10), "a short one begins at once");
    }
}
