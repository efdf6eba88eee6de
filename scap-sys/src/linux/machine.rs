//! The machine and the capturing program.

use super::ScanOptions;
use super::procfs::{Dir, io, lines, number, read_file, watched, words};
use crate::{AgentInfo, Error, MachineInfo, Result};
use rustix::time::ClockId;

/// The machine's CPUs, memory, host name and boot time.
pub fn machine_info(options: &ScanOptions) -> Result<MachineInfo> {
    let path = options.path("proc/stat");
    let stat = read_file(&path, 16 << 20)?;
    let mut num_cpus = 0;
    let mut boot_ts = None;
    for line in lines(&stat) {
        let mut words = words(line);
        match words.next() {
            Some([b'c', b'p', b'u', b'0'..=b'9', ..]) => num_cpus += 1,
            Some(b"btime") => boot_ts = words.next().and_then(|w| number(w, 10)),
            _ => {}
        }
    }
    let boot_ts = boot_ts.ok_or_else(|| Error::Invalid(format!("{}: no boot time (btime)", path.display())))?;
    let sysinfo = rustix::system::sysinfo();
    let max_pid = watched(|| Ok(read_file(&options.path("proc/sys/kernel/pid_max"), 32).ok()))?;
    Ok(MachineInfo {
        num_cpus,
        memory_bytes: sysinfo.totalram as u64 * u64::from(sysinfo.mem_unit),
        max_pid: max_pid.and_then(|t| number(t.trim_ascii(), 10)).unwrap_or(0),
        hostname: match &options.hostname {
            Some(name) => name.clone(),
            None => rustix::system::uname().nodename().to_bytes().to_vec(),
        },
        boot_ts: boot_ts.saturating_mul(1_000_000_000),
        flags: 0,
    })
}

/// The start time of this process, and the kernel's release.
pub fn agent_info(options: &ScanOptions) -> Result<AgentInfo> {
    let path = options.path("proc/self");
    let dir = Dir::open(&path).map_err(|e| io(&path, e))?;
    let mut text = Vec::new();
    dir.read(c"stat", &mut text, 4096).map_err(|e| io(&path.join("stat"), e))?;
    let start = start_since_boot(&text).unwrap_or(0);
    Ok(AgentInfo {
        start_ts_epoch: boot_time().saturating_add(start),
        start_time: start as f64 / 1e9,
        kernel_release: rustix::system::uname().release().to_bytes().to_vec(),
    })
}

/// The boot time from the clocks: nanoseconds since the Unix epoch. More exact than `btime` in `/proc/stat`, which
/// [`machine_info`] uses and which has whole seconds. The timestamps of events are based on it.
pub fn boot_time() -> u64 {
    let ns = |clock| {
        let t = rustix::time::clock_gettime(clock);
        (t.tv_sec as u64).saturating_mul(1_000_000_000).saturating_add(t.tv_nsec as u64)
    };
    // The boot clock is read between two reads of the wall clock, several times, and the closest pair counts: an
    // interruption in between must not shift all timestamps of the capture.
    let mut best = (u64::MAX, 0);
    for _ in 0..8 {
        let before = ns(ClockId::Realtime);
        let since_boot = ns(ClockId::Boottime);
        let after = ns(ClockId::Realtime);
        let gap = after.abs_diff(before);
        if gap < best.0 {
            best = (gap, (before + gap / 2).saturating_sub(since_boot));
        }
    }
    best.1
}

/// The start time of a process from its `/proc/<pid>/stat`: nanoseconds since boot.
pub(super) fn start_since_boot(stat: &[u8]) -> Option<u64> {
    let after_comm = stat.iter().rposition(|&b| b == b')')? + 1;
    let ticks = number(words(&stat[after_comm..]).nth(19)?, 10)?;
    Some(ticks.saturating_mul(1_000_000_000 / rustix::param::clock_ticks_per_second().max(1)))
}

/// The number of CPUs that the kernel may bring up, with those that are offline: counters of the driver have as many entries.
pub fn possible_cpus() -> Result<u32> {
    let path = std::path::Path::new("/sys/devices/system/cpu/possible");
    let list = read_file(path, 4096)?;
    end_of(&list).ok_or_else(|| Error::Invalid(format!("{}: it is no list of CPUs", path.display())))
}

/// The number behind the last one in a list of ranges, such as 8 for `0-3,7`.
fn end_of(list: &[u8]) -> Option<u32> {
    let last = list.trim_ascii().rsplit(|b| matches!(b, b',' | b'-')).next()?;
    u32::try_from(number(last, 10)?).ok()?.checked_add(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn possible_cpus_of_this_machine() {
        assert!(possible_cpus().unwrap() >= machine_info(&ScanOptions::default()).unwrap().num_cpus);
        let ends = [&b"0\n"[..], b"0-127\n", b"0-3,7", b"", b"0-", b"4294967295", b"x"].map(end_of);
        assert_eq!(ends, [Some(1), Some(128), Some(8), None, None, None, None]);
    }

    #[test]
    fn this_machine() {
        let m = machine_info(&ScanOptions::default()).unwrap();
        assert!(m.num_cpus >= 1);
        assert!(m.memory_bytes > 16 << 20);
        assert!(m.max_pid >= 301);
        assert_eq!(m.hostname, rustix::system::uname().nodename().to_bytes());
        assert!(m.boot_ts.abs_diff(boot_time()) < 3_000_000_000, "btime and the clocks agree");
    }

    #[test]
    fn a_name_given_by_the_caller() {
        let options = ScanOptions { hostname: Some(b"node-7".to_vec()), ..ScanOptions::default() };
        assert_eq!(machine_info(&options).unwrap().hostname, b"node-7");
    }

    #[test]
    fn a_wrong_host_root_is_named() {
        let options = ScanOptions { host_root: "/no/such/root".into(), ..ScanOptions::default() };
        let message = machine_info(&options).unwrap_err().to_string();
        assert!(message.contains("/no/such/root/proc/stat"), "{message}");
    }

    #[test]
    fn this_agent() {
        let a = agent_info(&ScanOptions::default()).unwrap();
        let age = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_nanos() as i64
            - a.start_ts_epoch as i64;
        assert!((-1_000_000_000..3_600_000_000_000).contains(&age), "{age}");
        assert!(a.start_time > 0.0);
        assert!(!a.kernel_release.is_empty());
    }

    #[test]
    fn a_name_with_a_parenthesis_does_not_shift_the_fields() {
        let stat = b"7 (a) b) R 1 7 7 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 250 0 0\n";
        let tick = 1_000_000_000 / rustix::param::clock_ticks_per_second();
        assert_eq!(start_since_boot(stat), Some(250 * tick));
        assert_eq!(start_since_boot(b"7 (a) R 1"), None);
    }
}
