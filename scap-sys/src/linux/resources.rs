//! The resources that this process and the host use, as of one moment.

use super::ScanOptions;
use super::procfs::{lines, number, read_file, words};
use std::path::Path;

/// The most bytes that are read of a file.
const LIMIT: usize = 16 << 20;

/// The resources in use. What cannot be read is 0.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Resources {
    /// The CPU time of this process since its start, in percent of one CPU.
    pub cpu_percent: f64,
    /// The resident memory of this process, in KiB.
    pub rss_kib: u64,
    /// The virtual memory of this process, in KiB.
    pub vsz_kib: u64,
    /// The resident memory of this process, shared pages in proportion, in KiB.
    pub pss_kib: u64,
    /// The memory of this process's cgroup, in bytes.
    pub container_memory_bytes: u64,
    /// How busy the CPUs of the host were since its boot, in percent.
    pub host_cpu_percent: f64,
    /// The memory that the host uses, without buffers and caches, in KiB.
    pub host_memory_kib: u64,
    /// The number of running threads of the host.
    pub host_running: u64,
    /// The number of open files of the host.
    pub host_open_fds: u64,
}

impl Resources {
    /// Reads the resources. The host's files are those below the host's root directory in `options`; `cgroup_memory` is the file with the memory
    /// of the cgroup.
    pub fn read(options: &ScanOptions, cgroup_memory: &Path) -> Resources {
        let text = |path: &Path| read_file(path, LIMIT).unwrap_or_default();
        let host = |name: &str| text(&options.path(name));
        let own = |name: &str| text(&Path::new("/proc/self").join(name));
        let status = own("status");
        let memory = host("proc/meminfo");
        let stat = host("proc/stat");
        let free = ["MemFree:", "Buffers:", "Cached:"].map(|name| labelled(&memory, name)).iter().sum();
        Resources {
            cpu_percent: cpu_percent(&own("stat"), &host("proc/uptime")),
            rss_kib: labelled(&status, "VmRSS:"),
            vsz_kib: labelled(&status, "VmSize:"),
            pss_kib: labelled(&own("smaps_rollup"), "Pss:"),
            container_memory_bytes: first_number(&text(cgroup_memory)),
            host_cpu_percent: host_cpu_percent(&stat),
            host_memory_kib: labelled(&memory, "MemTotal:").saturating_sub(free),
            host_running: labelled(&stat, "procs_running"),
            host_open_fds: first_number(&host("proc/sys/fs/file-nr")),
        }
    }
}

/// The number behind the label at the start of a line; 0 if there is none.
fn labelled(text: &[u8], label: &str) -> u64 {
    let found = lines(text).map(words).find_map(|mut line| (line.next()? == label.as_bytes()).then(|| line.next())?);
    found.and_then(|word| number(word, 10)).unwrap_or(0)
}

fn first_number(text: &[u8]) -> u64 {
    words(text.trim_ascii()).next().and_then(|word| number(word, 10)).unwrap_or(0)
}

/// The CPU time of a process, from its `stat`, in percent of the time since its start; the host's `uptime` says how long ago that is.
fn cpu_percent(stat: &[u8], uptime: &[u8]) -> f64 {
    let ticks_per_second = rustix::param::clock_ticks_per_second().max(1) as f64;
    let after_name = stat.iter().rposition(|&b| b == b')').map_or(&[][..], |end| &stat[end + 1..]);
    // The words behind the name begin with the third field, `state`.
    let field = |number_of: usize| words(after_name).nth(number_of - 3).and_then(|word| number(word, 10));
    let (Some(user), Some(system), Some(start)) = (field(14), field(15), field(22)) else { return 0.0 };
    let uptime = words(uptime).next().and_then(|word| std::str::from_utf8(word).ok()?.parse::<f64>().ok());
    let elapsed = uptime.unwrap_or(0.0) - start as f64 / ticks_per_second;
    if elapsed > 0.0 { one_decimal(100.0 * ((user + system) as f64 / ticks_per_second) / elapsed) } else { 0.0 }
}

/// How busy all CPUs were since the boot, from `/proc/stat`: the part of the time that was not idle.
fn host_cpu_percent(stat: &[u8]) -> f64 {
    let mut times = [0u64; 7];
    let Some(mut cpu) = lines(stat).map(words).find_map(|mut line| (line.next()? == b"cpu").then_some(line)) else {
        return 0.0;
    };
    for time in &mut times {
        *time = cpu.next().and_then(|word| number(word, 10)).unwrap_or(0);
    }
    let sum: f64 = times.iter().map(|&time| time as f64).sum();
    if sum > 0.0 { one_decimal(100.0 - times[3] as f64 * 100.0 / sum) } else { 0.0 }
}

fn one_decimal(value: f64) -> f64 {
    (value * 10.0).round() / 10.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_process_and_this_host() {
        let missing = Path::new("/nowhere/memory.usage_in_bytes");
        let r = Resources::read(&ScanOptions::default(), missing);
        assert!(r.rss_kib > 0 && r.vsz_kib >= r.rss_kib && r.host_memory_kib > 0 && r.host_open_fds > 0, "{r:?}");
        assert!(r.host_running > 0 && (0.0..=100.0).contains(&r.host_cpu_percent) && r.cpu_percent >= 0.0, "{r:?}");
        assert_eq!(r.container_memory_bytes, 0);
    }

    #[test]
    fn what_is_not_there_is_zero() {
        let options = ScanOptions { host_root: "/nowhere".into(), ..ScanOptions::default() };
        let r = Resources::read(&options, Path::new("/proc/sys/kernel/pid_max"));
        assert_eq!((r.host_memory_kib, r.host_running, r.host_open_fds, r.cpu_percent), (0, 0, 0, 0.0));
        assert!(r.container_memory_bytes >= 301 && r.rss_kib > 0, "{r:?}");
    }

    #[test]
    fn the_cpu_time_counts_from_the_start_of_the_process() {
        let hz = rustix::param::clock_ticks_per_second();
        let stat = format!("7 (a) b) S 1 7 7 0 -1 0 0 0 0 0 {} {} 9 9 20 0 1 0 {} 0 0", 3 * hz, hz, 100 * hz);
        assert_eq!(cpu_percent(stat.as_bytes(), b"112.00 5.00\n"), 33.3);
        assert_eq!(cpu_percent(stat.as_bytes(), b"90.00 5.00\n"), 0.0, "a start in the future");
        assert_eq!(cpu_percent(b"7 (a) S", b"112.00"), 0.0);
    }

    #[test]
    fn the_host_is_busy_when_it_is_not_idle() {
        let stat = b"cpu  10 0 10 70 10 0 0 50 50\ncpu0 1 2 3\nprocs_running 12\nprocs_blocked 0\n";
        assert_eq!((host_cpu_percent(stat), labelled(stat, "procs_running")), (30.0, 12));
        assert_eq!((host_cpu_percent(b"cpu0 1 2 3 4\n"), labelled(b"", "procs_running")), (0.0, 0));
    }
}
