//! When the table of threads is looked through for those that are gone.

/// What the first look comes after, if the looks are further apart: faults show early then. Nanoseconds.
const FIRST: u64 = 30_000_000_000;

/// How the table of threads is kept clean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PurgeOptions {
    /// Whether threads leave the table when they exit or go quiet.
    pub enabled: bool,
    /// How often an inspector of a running system looks for threads that are gone, in nanoseconds.
    pub interval: u64,
    /// For how long a thread must have been quiet to be looked at, in nanoseconds.
    pub timeout: u64,
}

impl Default for PurgeOptions {
    /// Enabled, every 20 minutes, after half an hour.
    fn default() -> Self {
        PurgeOptions { enabled: true, interval: 1_200_000_000_000, timeout: 1_800_000_000_000 }
    }
}

/// When the table of threads was last looked through.
#[derive(Debug, Default)]
pub(super) struct PurgeClock {
    last: u64,
}

impl PurgeClock {
    /// Counts it as looked through at `ts`; 0: not yet.
    pub fn set_last(&mut self, ts: u64) {
        self.last = ts;
    }

    /// Whether it is time to look again; then that counts as done at `now`.
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
