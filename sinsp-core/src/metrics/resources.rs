//! The metrics of the resources that this process and the host use.

use super::{Metric, Unit, Value};
use scap_sys::linux::Resources;

/// The metrics of the resources in use. Memory in KiB that does not fit into 32 bits is the largest value that does.
pub fn of_resources(r: &Resources) -> Vec<Metric> {
    let kib = |name, value: u64| Metric::gauge(name, Value::U32(value.try_into().unwrap_or(u32::MAX)), Unit::Kibibytes);
    vec![
        Metric::gauge("cpu_usage_perc", Value::F64(r.cpu_percent), Unit::Percent),
        kib("memory_rss_kb", r.rss_kib),
        kib("memory_vsz_kb", r.vsz_kib),
        kib("memory_pss_kb", r.pss_kib),
        Metric::gauge("container_memory_used_bytes", Value::U64(r.container_memory_bytes), Unit::Bytes),
        Metric::gauge("host_cpu_usage_perc", Value::F64(r.host_cpu_percent), Unit::Percent),
        kib("host_memory_used_kb", r.host_memory_kib),
        Metric::gauge("host_procs_running", Value::U32(r.host_running.try_into().unwrap_or(u32::MAX)), Unit::Count),
        Metric::gauge("host_open_fds", Value::U64(r.host_open_fds), Unit::Count),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_units() {
        let metrics =
            of_resources(&Resources { host_memory_kib: 1 << 40, host_cpu_percent: 12.5, ..Resources::default() });
        let named: Vec<_> = metrics.iter().map(|m| (m.name.as_str(), m.unit)).collect();
        let expected = [
            ("cpu_usage_perc", Unit::Percent),
            ("memory_rss_kb", Unit::Kibibytes),
            ("memory_vsz_kb", Unit::Kibibytes),
            ("memory_pss_kb", Unit::Kibibytes),
            ("container_memory_used_bytes", Unit::Bytes),
            ("host_cpu_usage_perc", Unit::Percent),
            ("host_memory_used_kb", Unit::Kibibytes),
            ("host_procs_running", Unit::Count),
            ("host_open_fds", Unit::Count),
        ];
        assert_eq!(named, expected);
        assert_eq!((metrics[5].value, metrics[6].value), (Value::F64(12.5), Value::U32(u32::MAX)));
        assert!(metrics.iter().all(|m| !m.monotonic));
    }
}
