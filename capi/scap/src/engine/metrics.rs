//! The counters of an engine as metrics.

use crate::types::metrics_v2::*;
use capi_common::copy;
use scap_sys::engine::{ReadStats, Stats};
use scap_sys::linux::{Reported, reported_by_iterators};
use scap_sys::{Error, Result};
use std::io::ErrorKind;

/// The metrics of a driver, of the kinds in `flags`.
pub fn of_driver(driver: &dyn ReadStats, flags: u32, metrics: &mut Vec<metrics_v2>) -> Result<()> {
    if flags & (METRICS_V2_KERNEL_COUNTERS | METRICS_V2_KERNEL_COUNTERS_PER_CPU) != 0 {
        let stats = driver.read_stats()?;
        if driver.is_module() { module_counters(&stats, metrics) } else { kernel_counters(&stats, metrics) }
    }
    if flags & METRICS_V2_KERNEL_COUNTERS_PER_CPU != 0 {
        per_cpu(driver, metrics)?;
    }
    if flags & METRICS_V2_KERNEL_ITER_COUNTERS != 0 && !driver.is_module() {
        iterators(metrics);
    }
    if flags & METRICS_V2_LIBBPF_STATS != 0 && !driver.is_module() && kernel_counts_run_times()? {
        programs(driver, metrics)?;
    }
    Ok(())
}

/// The counters of the BPF probe, each with its name.
pub(crate) fn kernel_counters(s: &Stats, metrics: &mut Vec<metrics_v2>) {
    buffer_counters(s, metrics);
    metrics.push(counter("n_drops_scratch_map", s.n_drops_scratch_map));
    metrics.push(counter("n_drops", s.n_drops));
}

/// The counters of the kernel module, each with its name.
fn module_counters(s: &Stats, metrics: &mut Vec<metrics_v2>) {
    buffer_counters(s, metrics);
    let others = [
        ("n_drops_page_faults", s.n_drops_pf),
        ("n_drops_bug", s.n_drops_bug),
        ("n_drops", s.n_drops),
        ("n_preemptions", s.n_preemptions),
    ];
    metrics.extend(others.map(|(name, value)| counter(name, value)));
}

/// The counters that both drivers have: of events, and of those lost because a ring was full.
fn buffer_counters(s: &Stats, metrics: &mut Vec<metrics_v2>) {
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
    ];
    metrics.extend(counters.iter().map(|(name, value)| counter(name, *value)));
}

/// The counters of each CPU, with the probe, or of each device, with the module.
fn per_cpu(driver: &dyn ReadStats, metrics: &mut Vec<metrics_v2>) -> Result<()> {
    let what = if driver.is_module() { "dev" } else { "cpu" };
    for (cpu, counts) in driver.read_cpus()?.into_iter().enumerate() {
        let names =
            [(format!("n_evts_{what}_{cpu}"), counts.n_evts), (format!("n_drops_{what}_{cpu}"), counts.n_drops)];
        let metric = |(name, value): (String, u64)| metrics_v2 {
            flags: METRICS_V2_KERNEL_COUNTERS_PER_CPU,
            ..counter(&name, value)
        };
        metrics.extend(names.map(metric));
    }
    Ok(())
}

/// How many entries the BPF iterators returned, and how many they dropped: none, as the next read returns a record that did not fit.
fn iterators(metrics: &mut Vec<metrics_v2>) {
    let kinds = [
        (Reported::Thread, "task"),
        (Reported::Pipe, "task_file_pipe"),
        (Reported::Memfd, "task_file_memfd"),
        (Reported::RegularFile, "task_file_regular"),
        (Reported::Directory, "task_file_directory"),
        (Reported::Ipv4Socket, "task_file_socket_inet"),
        (Reported::Ipv6Socket, "task_file_socket_inet6"),
        (Reported::UnixSocket, "task_file_socket_unix"),
        (Reported::NetlinkSocket, "task_file_socket_netlink"),
        (Reported::AnonymousInode, "task_file_anon_inode"),
    ];
    let metric = |name: &str, value| metrics_v2 { flags: METRICS_V2_KERNEL_ITER_COUNTERS, ..counter(name, value) };
    metrics.extend(kinds.iter().map(|&(kind, name)| metric(&format!("n_evts_{name}"), reported_by_iterators(kind))));
    metrics.push(metric("n_drops_max_event_size", 0));
    metrics.extend(kinds.iter().map(|(_, name)| metric(&format!("n_drops_{name}"), 0)));
}

/// How often and how long the BPF programs ran.
fn programs(driver: &dyn ReadStats, metrics: &mut Vec<metrics_v2>) -> Result<()> {
    for program in driver.read_programs()? {
        let average = program.run_time_ns.checked_div(program.runs).unwrap_or(0);
        let metric = |what: &str, value| metrics_v2 {
            flags: METRICS_V2_LIBBPF_STATS,
            ..counter(&format!("{}.{what}", program.name), value)
        };
        metrics.push(metric("run_cnt", program.runs));
        metrics.push(metrics_v2 {
            unit: metrics_v2_value_unit::METRIC_VALUE_UNIT_TIME_NS_COUNT,
            ..metric("run_time_ns", program.run_time_ns)
        });
        metrics.push(metrics_v2 {
            unit: metrics_v2_value_unit::METRIC_VALUE_UNIT_TIME_NS,
            metric_type: metrics_v2_metric_type::METRIC_VALUE_METRIC_TYPE_NON_MONOTONIC_CURRENT,
            ..metric("avg_time_ns", average)
        });
    }
    Ok(())
}

/// A counter, which only grows.
pub(crate) fn counter(name: &str, value: u64) -> metrics_v2 {
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

/// Whether the kernel measures the run time of BPF programs.
pub(crate) fn kernel_counts_run_times() -> Result<bool> {
    const FILE: &str = "/proc/sys/kernel/bpf_stats_enabled";
    match std::fs::read(FILE) {
        Ok(text) => Ok(text.first() == Some(&b'1')),
        // The kernel cannot measure it, or this process may not read the setting.
        Err(e) if matches!(e.kind(), ErrorKind::NotFound | ErrorKind::PermissionDenied) => Ok(false),
        Err(e) => Err(Error::io(FILE, e)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use scap_sys::engine::CpuCounts;

    struct Driver {
        is_module: bool,
    }

    impl ReadStats for Driver {
        fn read_stats(&self) -> Result<Stats> {
            Ok(Stats::default())
        }

        fn read_cpus(&self) -> Result<Vec<CpuCounts>> {
            Ok(vec![CpuCounts { n_evts: 3, n_drops: 4 }])
        }

        fn is_module(&self) -> bool {
            self.is_module
        }
    }

    #[test]
    fn the_counters_of_cpus_have_the_names_of_their_driver() {
        for (is_module, expected) in
            [(false, ["n_evts_cpu_0", "n_drops_cpu_0"]), (true, ["n_evts_dev_0", "n_drops_dev_0"])]
        {
            let mut metrics = Vec::new();
            of_driver(&Driver { is_module }, METRICS_V2_KERNEL_COUNTERS_PER_CPU, &mut metrics).unwrap();
            let name = |m: &metrics_v2| m.name.iter().map(|c| *c as u8).take_while(|c| *c != 0).collect::<Vec<u8>>();
            let names: Vec<_> = metrics.iter().map(name).collect();
            assert!(names.ends_with(&expected.map(|n| n.as_bytes().to_vec())), "{is_module}");
            assert!(names.contains(&b"n_evts".to_vec()));
        }
    }
}
