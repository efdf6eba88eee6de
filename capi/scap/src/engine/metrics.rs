//! The counters of an engine as metrics.

use crate::metrics_v2::*;
use capi_common::copy;
use scap_sys::engine::Stats;

/// The counters of the driver, each under its name.
pub(crate) fn kernel_counters(s: &Stats, metrics: &mut Vec<metrics_v2>) {
    let counters = [
        ("n_evts", s.n_evts),
        ("n_drops_buffer_total", s.n_drops_buffer),
        ("n_drops_buffer_clone_fork_exit", s.n_drops_buffer_clone_fork_exit),
        ("n_drops_buffer_execve_exit", s.n_drops_buffer_execve_exit),
        ("n_drops_buffer_connect_enter", s.n_drops_buffer_connect_enter),
        ("n_drops_buffer_connect_exit", s.n_drops_buffer_connect_exit),
        ("n_drops_buffer_open_enter", s.n_drops_buffer_open_enter),
        ("n_drops_buffer_open_exit", s.n_drops_buffer_open_exit),
        ("n_drops_buffer_dir_file_exit", s.n_drops_buffer_dir_file_exit),
        ("n_drops_buffer_other_interest_exit", s.n_drops_buffer_other_interest_exit),
        ("n_drops_buffer_close_exit", s.n_drops_buffer_close_exit),
        ("n_drops_buffer_proc_exit", s.n_drops_buffer_proc_exit),
        ("n_drops_scratch_map", s.n_drops_scratch_map),
        ("n_drops", s.n_drops),
    ];
    metrics.extend(counters.iter().map(|(name, value)| counter(name, *value)));
}

fn counter(name: &str, value: u64) -> metrics_v2 {
    let mut metric = metrics_v2 {
        name: [0; METRIC_NAME_MAX],
        flags: METRICS_V2_KERNEL_COUNTERS,
        metric_type: metrics_v2_metric_type::METRIC_VALUE_METRIC_TYPE_MONOTONIC,
        value: metrics_v2_value { u64: value },
        r#type: metrics_v2_value_type::METRIC_VALUE_TYPE_U64,
        unit: metrics_v2_value_unit::METRIC_VALUE_UNIT_COUNT,
    };
    copy(&mut metric.name, name.as_bytes());
    metric
}
