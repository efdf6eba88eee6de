//! Reads one thread from its directory in /proc.

use std::collections::HashMap;

use rustix::fs::{AtFlags, StatVfsMountFlags, StatxFlags};
use rustix::io::{Errno, Result, retry_on_intr};
use rustix::path::Arg;

use super::Scanner;
use super::machine::start_since_boot;
use super::mounts::Layer;
use super::procfs::{Dir, lines, number, words};
use crate::ThreadInfo;

/// The most bytes of a command line, `argv[0]` included; the same limit as in execve events.
pub const MAX_ARGS: usize = 4096;
/// The most bytes of an environment; the same limit as in execve events.
pub const MAX_ENV: usize = 4096;
/// The most bytes of an environment with [`ScanOptions::large_environments`](super::ScanOptions::large_environments).
const MAX_LARGE_ENV: usize = 8 << 20;

/// `PPM_CL_CLONE_FILES` and `PPM_CL_CLONE_THREAD`. /proc does not have the clone flags of a thread; other threads than the
/// main one are assumed to come from pthread_create(3), which sets these.
pub(super) const SIBLING: u32 = 1 << 0 | 1 << 13;

/// `OVERLAYFS_SUPER_MAGIC`
const OVERLAYFS: rustix::fs::FsWord = 0x794c_7630;

impl Scanner {
    /// Reads all data of the thread `tid`, whose directory is `dir`.
    pub(super) fn read_thread(&mut self, dir: &Dir, tid: i64) -> Result<ThreadInfo> {
        let mut info = ThreadInfo { tid, ..ThreadInfo::default() };
        let exepath = dir.link(c"exe");
        self.read_text(dir, c"cmdline", MAX_ARGS)?;
        if self.buffer.is_empty() && exepath.is_err() {
            // A kernel thread or a zombie.
            return Err(Errno::SRCH);
        }
        set_command_line(&mut info, &self.buffer);
        info.exepath = exepath.unwrap_or_default();
        info.exe_from_memfd = info.exepath.starts_with(b"/memfd:");
        self.read_environment(dir, c"environ")?;
        info.env = self.buffer.clone();
        // The limit is shared by the threads of a process, so it is not part of `read_own`.
        if dir.read(c"limits", &mut self.buffer, 8192).is_ok() {
            info.fdlimit = open_files_limit(&self.buffer);
        }
        self.read_own(dir, &mut info)?;
        self.read_executable(dir, &mut info);
        Ok(info)
    }

    /// Reads the data that the thread `tid` has of its own; the rest is copied from the main thread, `main`.
    pub(super) fn read_sibling(&mut self, dir: &Dir, tid: i64, main: &ThreadInfo) -> Result<ThreadInfo> {
        let mut info = ThreadInfo { tid, ..main.clone() };
        self.read_own(dir, &mut info)?;
        info.exe_ino_ctime_duration_clone_ts = later(info.clone_ts, info.exe_ino_ctime);
        Ok(info)
    }

    fn read_own(&mut self, dir: &Dir, info: &mut ThreadInfo) -> Result<()> {
        dir.read(c"status", &mut self.buffer, 1 << 16)?;
        parse_status(&self.buffer, info);
        dir.read(c"stat", &mut self.buffer, 4096)?;
        let start = parse_stat(&self.buffer, info).ok_or(Errno::SRCH)?;
        info.clone_ts = self.pid_namespaces.boot_time.saturating_add(start);
        info.flags = if info.tid == info.pid { 0 } else { SIBLING };
        info.cwd = unless_denied(dir.link(c"cwd"))?;
        info.root = unless_denied(dir.link(c"root"))?;
        // Kernels without CONFIG_AUDIT do not have this file.
        info.loginuid = match dir.read(c"loginuid", &mut self.buffer, 32) {
            Ok(()) => number(self.buffer.trim_ascii(), 10).map_or(u32::MAX, |n| n as u32),
            Err(_) => u32::MAX,
        };
        unless_denied(dir.read(c"cgroup", &mut self.buffer, 1 << 16))?;
        info.cgroups = self.cgroups.resolve(&self.buffer);
        info.pidns_init_start_ts = self.pid_namespaces.start(dir, info, &mut self.buffer);
        Ok(())
    }

    /// Reads an environment, from the file `name`.
    pub(super) fn read_environment(&mut self, dir: &Dir, name: impl Arg) -> Result<()> {
        let limit = if self.options.large_environments { MAX_LARGE_ENV } else { MAX_ENV };
        self.read_text(dir, name, limit)
    }

    /// The environment of the process `pid`, of 8 MiB at most: texts that each end with a NUL. `None` if it cannot be read.
    pub fn environment(&mut self, pid: i64) -> Option<Vec<u8>> {
        let dir = self.dir_of(pid).ok()?;
        dir.read(c"environ", &mut self.buffer, MAX_LARGE_ENV).ok()?;
        Some(self.buffer.clone())
    }

    /// Reads a file of NUL-terminated strings; the last string is terminated even if it was cut.
    pub(super) fn read_text(&mut self, dir: &Dir, name: impl Arg, limit: usize) -> Result<()> {
        unless_denied(dir.read(name, &mut self.buffer, limit))?;
        if self.buffer.last().is_some_and(|&last| last != 0) {
            self.buffer.truncate(limit - 1);
            self.buffer.push(0);
        }
        Ok(())
    }

    /// Reads the inode of the executable through its open handle, so that a changed path does not matter. Only the
    /// overlayfs layer is looked up by path.
    pub(super) fn read_executable(&mut self, dir: &Dir, info: &mut ThreadInfo) {
        let Ok(exe) = dir.handle(c"exe") else { return };
        let Ok(stat) = retry_on_intr(|| rustix::fs::fstat(&exe)) else { return };
        info.exe_ino = stat.st_ino;
        info.exe_ino_ctime = nanoseconds(stat.st_ctime, stat.st_ctime_nsec);
        info.exe_ino_mtime = nanoseconds(stat.st_mtime, stat.st_mtime_nsec);
        info.exe_ino_ctime_duration_clone_ts = later(info.clone_ts, info.exe_ino_ctime);
        info.exe_ino_ctime_duration_pidns_start = later(info.exe_ino_ctime, info.pidns_init_start_ts);
        info.exe_writable = writable(info, stat.st_uid, stat.st_gid, stat.st_mode, || {
            retry_on_intr(|| rustix::fs::fstatvfs(&exe)).is_ok_and(|s| s.f_flag.contains(StatVfsMountFlags::RDONLY))
        });
        if retry_on_intr(|| rustix::fs::fstatfs(&exe)).is_ok_and(|s| s.f_type == OVERLAYFS)
            && let Ok(statx) = retry_on_intr(|| rustix::fs::statx(&exe, c"", AtFlags::EMPTY_PATH, StatxFlags::MNT_ID))
            && stat.st_nlink > 0
        {
            let id = statx.stx_mnt_id as u32;
            let layer = self.mounts.layer(&self.proc, dir, id, &info.exepath, &mut self.buffer);
            info.exe_upper_layer = layer == Some(Layer::Upper);
            info.exe_lower_layer = layer == Some(Layer::Lower);
        }
    }
}

/// Splits a command line, in which a NUL follows each string.
pub(super) fn set_command_line(info: &mut ThreadInfo, text: &[u8]) {
    if !text.is_empty() {
        let exe = text.iter().position(|&b| b == 0).unwrap_or(text.len() - 1);
        info.exe = text[..exe].to_vec();
        info.args = text[exe + 1..].to_vec();
    }
}

/// Whether the thread may write a file with this owner, group and mode.
pub(super) fn writable(info: &ThreadInfo, uid: u32, gid: u32, mode: u32, read_only: impl FnOnce() -> bool) -> bool {
    // The owner can always change the mode.
    uid == info.uid || {
        let bit = if gid == info.gid { 0o020 } else { 0o002 };
        (info.uid == 0 || mode & bit != 0) && !read_only()
    }
}

/// Returns the default if access is denied; other errors, such as an exited process, stay errors.
pub(super) fn unless_denied<T: Default>(r: Result<T>) -> Result<T> {
    match r {
        Err(Errno::ACCESS | Errno::PERM) => Ok(T::default()),
        other => other,
    }
}

/// The time from `before` to `after`; 0 if either is unknown or they are in reverse order.
pub(super) fn later(after: u64, before: u64) -> u64 {
    if before == 0 { 0 } else { after.saturating_sub(before) }
}

fn parse_status(text: &[u8], info: &mut ThreadInfo) {
    for line in lines(text) {
        let Some(colon) = line.iter().position(|&b| b == b':') else { continue };
        let (key, value) = (&line[..colon], &line[colon + 1..]);
        let nth = |i, radix| words(value).nth(i).and_then(|w| number(w, radix));
        let innermost = || words(value).last().and_then(|w| number(w, 10)).map_or(-1, |n| n as i64);
        match key {
            b"Tgid" => info.pid = nth(0, 10).map_or(-1, |n| n as i64),
            b"PPid" => info.ptid = nth(0, 10).map_or(-1, |n| n as i64),
            // The second number is the effective id.
            b"Uid" => info.uid = nth(1, 10).map_or(u32::MAX, |n| n as u32),
            b"Gid" => info.gid = nth(1, 10).map_or(u32::MAX, |n| n as u32),
            b"CapInh" => info.cap_inheritable = nth(0, 16).unwrap_or(0),
            b"CapPrm" => info.cap_permitted = nth(0, 16).unwrap_or(0),
            b"CapEff" => info.cap_effective = nth(0, 16).unwrap_or(0),
            b"VmSize" => info.vmsize_kb = nth(0, 10).unwrap_or(0) as u32,
            b"VmRSS" => info.vmrss_kb = nth(0, 10).unwrap_or(0) as u32,
            b"VmSwap" => info.vmswap_kb = nth(0, 10).unwrap_or(0) as u32,
            // One number per pid namespace; the last is that of the thread's own.
            b"NSpid" => info.vtid = innermost(),
            b"NStgid" => info.vpid = innermost(),
            b"NSpgid" => info.vpgid = innermost(),
            _ => {}
        }
    }
}

/// Reads a `/proc/<pid>/stat` into `info`; returns the start time in nanoseconds since boot.
pub(super) fn parse_stat(text: &[u8], info: &mut ThreadInfo) -> Option<u64> {
    let open = text.iter().position(|&b| b == b'(')?;
    let close = text.iter().rposition(|&b| b == b')').filter(|&c| c > open)?;
    info.comm = text[open + 1..close].to_vec();
    let mut fields = words(&text[close + 1..]).skip(2);
    let mut signed = || str::from_utf8(fields.next()?).ok()?.parse::<i64>().ok();
    info.pgid = signed()?;
    info.sid = signed()?;
    info.tty = signed()? as u32;
    let (_terminal_group, _flags) = (signed()?, signed()?);
    let mut number = || number(fields.next()?, 10);
    info.pfminor = number()?;
    let _of_children = number()?;
    info.pfmajor = number()?;
    start_since_boot(text)
}

/// The user and system CPU time of a thread from its `stat`, in clock ticks.
pub(super) fn cpu_times(stat: &[u8]) -> Option<(u64, u64)> {
    let close = stat.iter().rposition(|&b| b == b')')?;
    let mut fields = words(&stat[close + 1..]).skip(11);
    Some((number(fields.next()?, 10)?, number(fields.next()?, 10)?))
}

/// The soft limit of open files; -1 for unlimited.
fn open_files_limit(limits: &[u8]) -> i64 {
    let line = lines(limits).find_map(|l| l.strip_prefix(b"Max open files"));
    line.and_then(|l| number(words(l).next()?, 10)).map_or(-1, |n| n as i64)
}

/// The start times of pid namespaces, by inode.
pub(super) struct PidNamespaces {
    pub boot_time: u64,
    starts: HashMap<u64, u64>,
}

impl PidNamespaces {
    pub fn new(boot_time: u64) -> PidNamespaces {
        PidNamespaces { boot_time, starts: HashMap::new() }
    }

    /// The start time of the pid namespace of the thread in `dir`: nanoseconds since the Unix epoch, 0 if it cannot be
    /// read.
    fn start(&mut self, dir: &Dir, info: &ThreadInfo, buffer: &mut Vec<u8>) -> u64 {
        let Ok(ns) = dir.stat(c"ns/pid") else { return 0 };
        if info.vtid == 1 {
            self.starts.insert(ns.st_ino, info.clone_ts);
            return info.clone_ts;
        }
        if let Some(&start) = self.starts.get(&ns.st_ino) {
            return start;
        }
        // The init of that namespace has another pid here; in the namespace's own /proc it is pid 1. The process controls
        // what is mounted at its /proc, so the check is that it is procfs and of the same pid namespace.
        let init = dir.sub_of_process(c"root/proc").ok().filter(Dir::is_procfs);
        let own = |proc: &Dir| proc.stat(c"1/ns/pid").is_ok_and(|of_init| of_init.st_ino == ns.st_ino);
        if init.filter(own).is_none_or(|proc| proc.read(c"1/stat", buffer, 4096).is_err()) {
            return 0;
        }
        let Some(start) = start_since_boot(buffer) else { return 0 };
        let start = self.boot_time.saturating_add(start);
        self.starts.insert(ns.st_ino, start);
        start
    }
}

/// A time of a file. Its nanoseconds are signed on some architectures.
fn nanoseconds(s: i64, ns: impl TryInto<u64>) -> u64 {
    (s as u64).saturating_mul(1_000_000_000).saturating_add(ns.try_into().unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn status_in_nested_pid_namespaces() {
        let mut info = ThreadInfo::default();
        parse_status(
            b"Name:\tx\nTgid:\t70\nPPid:\t1\nUid:\t1\t2\t3\t4\nGid:\t5\t6\t7\t8\nNStgid:\t70\t9\t3\nNSpid:\t71\t10\t4\n\
              NSpgid:\t70\t9\t3\nVmSize:\t  120 kB\nCapPrm:\t000001ffffffffff\n",
            &mut info,
        );
        assert_eq!((info.pid, info.ptid, info.uid, info.gid), (70, 1, 2, 6));
        assert_eq!((info.vpid, info.vtid, info.vpgid), (3, 4, 3));
        assert_eq!((info.vmsize_kb, info.cap_permitted), (120, 0x1ff_ffff_ffff));
    }

    #[test]
    fn stat_with_any_name() {
        let mut info = ThreadInfo::default();
        let text = b"7 (a) (b) S 1 70 69 34816 70 4194304 11 12 13 14 15 16 17 18 20 0 1 0 250 0 0\n";
        parse_stat(text, &mut info).unwrap();
        assert_eq!(info.comm, b"a) (b");
        assert_eq!((info.pgid, info.sid, info.tty), (70, 69, 34816));
        assert_eq!((info.pfminor, info.pfmajor), (11, 13));
        assert_eq!(cpu_times(text), Some((15, 16)));
        for cut in 0..60 {
            assert_eq!(parse_stat(&text[..cut], &mut ThreadInfo::default()), None, "cut at {cut}");
        }
    }

    /// No file content causes a panic.
    #[test]
    fn broken_files() {
        let stat = b"7 (a) b) R 1 7 7 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 250 0 0\n".to_vec();
        let status = b"Tgid:\t70\nUid:\t1\t2\nNSpid:\t71\t10\nCapPrm:\t000001ff\nVmSize:\t 12 kB\n".to_vec();
        for text in [stat, status] {
            for at in 0..text.len() {
                for byte in [0, b'\n', b'(', b')', b':', b' ', b'9', 0xff] {
                    let mut broken = text.clone();
                    broken[at] = byte;
                    let mut info = ThreadInfo::default();
                    parse_status(&broken, &mut info);
                    let _ = parse_stat(&broken, &mut info);
                    let _ = (cpu_times(&broken), open_files_limit(&broken), start_since_boot(&broken));
                }
            }
        }
    }

    #[test]
    fn limits() {
        let text =
            b"Limit  Soft Limit  Hard Limit  Units\nMax open files            1024                 4096      files\n";
        assert_eq!(open_files_limit(text), 1024);
        assert_eq!(open_files_limit(b"Max open files  unlimited unlimited files\n"), -1);
        assert_eq!(open_files_limit(b""), -1);
    }
}
