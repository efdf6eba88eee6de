//! The metrics of the state: how many threads and fds there are, and how the tables were used.

use super::{Metric, Unit, Value};
use crate::state::{Census, StateCounts};

/// The metrics of the state; those of `counts` only if they are passed.
pub fn of_state(census: Census, counts: Option<&StateCounts>) -> Vec<Metric> {
    let mut metrics = vec![
        Metric::gauge("n_threads", Value::U64(census.threads), Unit::Count),
        Metric::gauge("n_fds", Value::U64(census.fds), Unit::Count),
    ];
    if let Some(c) = counts {
        let counters = [
            ("n_noncached_fd_lookups", &c.fd_lookups_noncached),
            ("n_cached_fd_lookups", &c.fd_lookups_cached),
            ("n_failed_fd_lookups", &c.fd_lookups_failed),
            ("n_added_fds", &c.fds_added),
            ("n_removed_fds", &c.fds_removed),
            ("n_stored_evts", &c.enter_events_kept),
            ("n_store_evts_drops", &c.enter_events_not_kept),
            ("n_retrieved_evts", &c.enter_events_found),
            ("n_retrieve_evts_drops", &c.enter_events_missed),
            ("n_noncached_thread_lookups", &c.thread_lookups_noncached),
            ("n_cached_thread_lookups", &c.thread_lookups_cached),
            ("n_failed_thread_lookups", &c.thread_lookups_failed),
            ("n_added_threads", &c.threads_added),
            ("n_removed_threads", &c.threads_removed),
        ];
        metrics.extend(counters.map(|(name, count)| Metric::counter(name, Value::U64(count.get()))));
        metrics.push(Metric::counter("n_drops_full_threadtable", Value::U32(c.threads_dropped.get() as u32)));
    }
    metrics
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_counters_are_left_out_where_they_are_not_wanted() {
        let census = Census { threads: 4, fds: 9 };
        let few = of_state(census, None);
        assert_eq!(few.iter().map(|m| m.value).collect::<Vec<_>>(), [Value::U64(4), Value::U64(9)]);
        let counts = StateCounts::default();
        counts.fds_removed.add(3);
        counts.threads_dropped.add(7);
        let all = of_state(census, Some(&counts));
        assert_eq!(all.len(), 17);
        let value = |name: &str| all.iter().find(|m| m.name == name).map(|m| (m.value, m.monotonic));
        assert_eq!(value("n_removed_fds"), Some((Value::U64(3), true)));
        assert_eq!(value("n_drops_full_threadtable"), Some((Value::U32(7), true)));
        assert_eq!(value("n_threads"), Some((Value::U64(4), false)));
    }
}
