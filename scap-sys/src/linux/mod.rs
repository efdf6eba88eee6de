//! The scan of the running system: machine, interfaces, users, and every thread with its fds, from /proc or from BPF
//! iterators.
//!
//! [`scan`] passes everything to a [`SystemSink`]. A [`Scanner`] can also be asked for single threads and fds, such as a
//! thread that is unknown when its first event comes. A process that exits during the scan is left out.

mod cgroups;
mod fds;
mod interfaces;
mod iter;
mod machine;
mod mounts;
pub mod name_service;
mod procfs;
mod resources;
mod sockets;
mod threads;
mod users;
pub mod variables;

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::{Error, Result, SystemSink, ThreadInfo};
pub use cgroups::Cgroups;
use iter::Iterators;
pub use iter::{Reported, reported_by_iterators};
use mounts::Mounts;
use procfs::{Dir, has_scan_error, io, number, watched, words};
use sockets::Sockets;
use threads::PidNamespaces;

pub use interfaces::interfaces;
pub use machine::{agent_info, boot_time, machine_info, possible_cpus};
pub use resources::Resources;
pub use threads::{MAX_ARGS, MAX_ENV};
pub use users::{users, users_of_process};
pub use variables::Names;

/// The extent of the scan, and its place.
#[derive(Debug, Clone, Default)]
pub struct ScanOptions {
    /// The directory at which the host's root is mounted, with `/proc` and `/etc` below it. Empty or `/` if the program runs
    /// on the host.
    pub host_root: PathBuf,
    /// The host name, instead of the kernel's.
    pub hostname: Option<Vec<u8>>,
    /// Leaves out users and groups.
    pub without_users: bool,
    /// Scans only main threads, and of their fds only sockets.
    pub minimal: bool,
    /// The most fds per process; 0 for no limit.
    pub fd_limit: usize,
    /// The time after which the scan of threads ends. Threads that were left out are read when their first event comes.
    pub timeout: Option<Duration>,
    /// Uses BPF iterators for threads and fds, which needs the capabilities of the BPF engine. What they cannot read comes
    /// from /proc.
    pub iterators: bool,
    /// Reads environments of up to 8 MiB, instead of the first 4096 bytes.
    pub large_environments: bool,
    /// The interval of [`SystemSink::progress`] during a long scan.
    pub log_interval: Option<Duration>,
}

impl ScanOptions {
    /// The options that the environment variables [`variables::HOST_ROOT`] and [`variables::HOSTNAME`] set. A variable that is not
    /// set leaves the default.
    pub fn from_env() -> ScanOptions {
        let mut options = ScanOptions::default();
        options.read_env(&Names::default());
        options
    }

    /// Takes the host's root and the machine's name from the environment variables with these names.
    pub fn read_env(&mut self, names: &Names) {
        use std::os::unix::ffi::OsStringExt;
        self.host_root = std::env::var_os(&names.host_root).map(PathBuf::from).unwrap_or_default();
        self.hostname = std::env::var_os(&names.hostname).map(OsStringExt::into_vec);
    }

    fn path(&self, name: &str) -> PathBuf {
        if self.host_root.as_os_str().is_empty() { PathBuf::from("/").join(name) } else { self.host_root.join(name) }
    }
}

/// Passes the machine, the interfaces, the users, and all threads with their fds to `sink`.
pub fn scan(options: &ScanOptions, sink: &mut dyn SystemSink) -> Result<()> {
    Scanner::new(options)?.scan(sink)
}

/// Passes one thread to `sink`, and, for a main thread, its fds. `scan_sockets` includes sockets: their tables can take
/// long to read.
pub fn thread(tid: i64, scan_sockets: bool, options: &ScanOptions, sink: &mut dyn SystemSink) -> Result<()> {
    Scanner::new(options)?.thread(tid, scan_sockets, sink)
}

/// Scans the running system. Caches mounts and cgroup controllers for the duration of a scan.
pub struct Scanner {
    options: ScanOptions,
    proc: PathBuf,
    cgroups: Cgroups,
    mounts: Mounts,
    pid_namespaces: PidNamespaces,
    iterators: Option<Iterators>,
    buffer: Vec<u8>,
}

/// The CPU times of a thread, in clock ticks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct ThreadTimes {
    pub tid: i64,
    pub user: u64,
    pub system: u64,
}

impl Scanner {
    /// Opens /proc and reads the cgroup mounts; an error if there is no /proc.
    pub fn new(options: &ScanOptions) -> Result<Scanner> {
        let proc = options.path("proc");
        let dir = Dir::open(&proc).map_err(|e| io(&proc, e))?;
        Ok(Scanner {
            cgroups: watched(|| Ok(Cgroups::new(&dir, &proc)))?,
            mounts: Mounts::default(),
            pid_namespaces: PidNamespaces::new(boot_time()),
            iterators: options.iterators.then(|| Iterators::new(&dir)),
            buffer: Vec::new(),
            options: options.clone(),
            proc,
        })
    }

    /// Passes the machine, the interfaces, the users, and all threads with their fds to `sink`.
    pub fn scan(&mut self, sink: &mut dyn SystemSink) -> Result<()> {
        sink.machine(&machine_info(&self.options)?);
        sink.interfaces(interfaces()?);
        if !self.options.without_users {
            sink.users(users(&self.options)?);
        }
        self.threads(sink)
    }

    /// Clears the caches of mounts, cgroups and namespaces, whose ids the kernel reuses.
    fn forget(&mut self) {
        self.mounts = Mounts::default();
        self.cgroups.forget();
        self.pid_namespaces = PidNamespaces::new(boot_time());
    }

    /// Passes all threads with their fds to `sink`. On an error of this process or of the machine, such as EMFILE, `sink`
    /// still gets what could be read.
    pub fn threads(&mut self, sink: &mut dyn SystemSink) -> Result<()> {
        watched(|| self.all_threads(sink))
    }

    fn all_threads(&mut self, sink: &mut dyn SystemSink) -> Result<()> {
        let proc = self.proc_dir()?;
        self.forget();
        let mut progress = Progress::new(&self.options);
        let Some(mut iterators) = self.iterators.take() else {
            let walked = self.walk(&proc, true, &mut progress, sink).map(|_| ());
            progress.end(sink);
            return walked;
        };
        let scanned = self.iterate(&mut iterators, &proc, &mut progress, sink);
        self.iterators = Some(iterators);
        progress.end(sink);
        scanned
    }

    /// All threads and fds: from the iterators that exist, the rest from /proc.
    fn iterate(
        &mut self,
        iterators: &mut Iterators,
        proc: &Dir,
        progress: &mut Progress,
        sink: &mut dyn SystemSink,
    ) -> Result<()> {
        for note in iterators.notes.drain(..) {
            sink.progress(&note);
        }
        let files = iterators.has_files();
        let mut sockets = Sockets::default();
        let fds_of = |scanner: &mut Scanner, pid: i64, sink: &mut dyn SystemSink| match scanner.dir_of(pid) {
            Ok(dir) if !files => scanner.read_fds(&dir, pid, Some(&mut sockets), sink),
            _ => 0,
        };
        let mut missed_sockets = Sockets::default();
        let reported = match self.iterate_threads(iterators, proc, progress, sink, fds_of) {
            Some(Ok((reported, missed))) => {
                for pid in missed {
                    if let Ok(dir) = self.dir_of(pid) {
                        // A process that has exited in the meantime is left out.
                        let _ = self.process(&dir, pid, Some(&mut missed_sockets), sink);
                    }
                }
                reported
            }
            failed => {
                if let Some(Err(e)) = failed {
                    sink.progress(&format!("threads are read from /proc: {e}"));
                }
                self.walk(proc, !files, progress, sink)?
            }
        };
        if let Some(Err(e)) = self.iterate_fds(iterators, &reported, progress, sink) {
            sink.progress(&format!("open files are read from /proc: {e}"));
            let mut sockets = Sockets::default();
            for pid in reported {
                if let Ok(dir) = self.dir_of(pid) {
                    self.read_fds(&dir, pid, Some(&mut sockets), sink);
                }
            }
        }
        Ok(())
    }

    /// Passes all processes in /proc to `sink` and returns their pids.
    fn walk(
        &mut self,
        proc: &Dir,
        fds: bool,
        progress: &mut Progress,
        sink: &mut dyn SystemSink,
    ) -> Result<HashSet<i64>> {
        let mut sockets = Sockets::default();
        let mut reported = HashSet::new();
        let walked = proc.numbers(|pid, name| {
            let process = proc.sub(name).map(|dir| self.process(&dir, pid as i64, fds.then_some(&mut sockets), sink));
            match process {
                Ok(Ok(fds)) => {
                    reported.insert(pid as i64);
                    progress.one_more(pid, fds, sink)
                }
                // The process has exited, may not be read, or is a kernel thread.
                Ok(Err(_)) | Err(_) => !has_scan_error(),
            }
        });
        walked.map_err(|e| io(&self.proc, e))?;
        Ok(reported)
    }

    /// Passes one thread to `sink`, and, for a main thread, its fds; with sockets if `scan_sockets`.
    pub fn thread(&mut self, tid: i64, scan_sockets: bool, sink: &mut dyn SystemSink) -> Result<()> {
        watched(|| self.one_thread(tid, scan_sockets, sink))
    }

    /// The same from the directory `proc`, which is laid out as /proc is.
    pub fn thread_below(&mut self, proc: &Path, tid: i64, scan_sockets: bool, sink: &mut dyn SystemSink) -> Result<()> {
        if proc == self.proc {
            return self.thread(tid, scan_sockets, sink);
        }
        let own = std::mem::replace(&mut self.proc, proc.to_path_buf());
        // They know the running kernel's threads alone.
        let iterators = self.iterators.take();
        let answer = self.thread(tid, scan_sockets, sink);
        (self.proc, self.iterators) = (own, iterators);
        answer
    }

    fn one_thread(&mut self, tid: i64, scan_sockets: bool, sink: &mut dyn SystemSink) -> Result<()> {
        let dir = self.dir_of(tid)?;
        self.forget();
        if let Some(info) = self.iterate_thread(tid) {
            let is_main = info.tid == info.pid;
            sink.thread(info);
            if is_main {
                self.fds_of(&dir, tid, scan_sockets, sink);
            }
            return Ok(());
        }
        let mut sockets = Sockets::default();
        let info = self.read_thread(&dir, tid).map_err(|e| io(&self.proc.join(tid.to_string()), e))?;
        let is_main = info.tid == info.pid;
        sink.thread(info);
        if is_main {
            self.read_fds(&dir, tid, scan_sockets.then_some(&mut sockets), sink);
        }
        Ok(())
    }

    /// Passes the fds of a process to `sink`.
    pub fn fds(&mut self, pid: i64, sink: &mut dyn SystemSink) -> Result<()> {
        watched(|| {
            let dir = self.dir_of(pid)?;
            self.fds_of(&dir, pid, true, sink);
            Ok(())
        })
    }

    fn fds_of(&mut self, dir: &Dir, pid: i64, sockets: bool, sink: &mut dyn SystemSink) {
        match self.iterate_fds_of(pid, None, sockets) {
            Some(fds) => fds.into_iter().for_each(|fd| sink.fd(pid, fd)),
            None => {
                self.read_fds(dir, pid, sockets.then_some(&mut Sockets::default()), sink);
            }
        }
    }

    /// Passes one fd of a process to `sink`.
    pub fn fd(&mut self, pid: i64, fd: i64, sink: &mut dyn SystemSink) -> Result<()> {
        watched(|| self.one_fd(pid, fd, sink))
    }

    fn one_fd(&mut self, pid: i64, fd: i64, sink: &mut dyn SystemSink) -> Result<()> {
        let dir = self.dir_of(pid)?;
        if let Some(info) = self.iterate_fds_of(pid, Some(fd), true).and_then(|mut fds| fds.pop()) {
            sink.fd(pid, info);
            return Ok(());
        }
        let info = u64::try_from(fd)
            .map_err(|_| rustix::io::Errno::BADF)
            .and_then(|fd| self.read_fd(&dir, pid, fd, Some(&mut Sockets::default())))
            .map_err(|e| io(&self.proc.join(format!("{pid}/fd/{fd}")), e))?;
        if let Some(info) = info {
            sink.fd(pid, info);
        }
        Ok(())
    }

    /// The device number of the mount `mount_id` in the mount namespace of the process `pid`; 0 if there is no such mount.
    pub fn device_of_mount(&mut self, pid: i64, mount_id: u32) -> u32 {
        match self.dir_of(pid) {
            Ok(dir) => self.mounts.device(&dir, mount_id, &mut self.buffer),
            Err(_) => 0,
        }
    }

    /// Whether the thread exists with this command name, if there is one; another name means that the tid was reused. `true` if that cannot
    /// be read.
    pub fn is_alive(&mut self, pid: i64, tid: i64, comm: Option<&[u8]>) -> bool {
        let comm_of =
            |dir: Dir, buffer| dir.read(format!("task/{tid}/comm"), buffer, 64).map_err(|e| io(&self.proc, e));
        match self.dir_of(pid).and_then(|dir| comm_of(dir, &mut self.buffer)) {
            Ok(()) => comm.is_none_or(|comm| self.buffer.strip_suffix(b"\n") == Some(comm)),
            Err(Error::Io { source, .. }) => !matches!(source.raw_os_error(), Some(libc::ENOENT | libc::ESRCH)),
            Err(_) => false,
        }
    }

    /// The pid of this process in the pid namespace of the scanned /proc.
    pub fn own_pid(&mut self) -> Result<i64> {
        let path = self.proc.join("self/stat");
        let stat = procfs::read_file(&path, 4096)?;
        let pid = words(&stat).next().and_then(|w| number(w, 10));
        pid.map(|p| p as i64).ok_or_else(|| Error::Invalid(format!("{}: no pid", path.display())))
    }

    /// The CPU times of all threads.
    pub fn thread_times(&mut self) -> Result<Vec<ThreadTimes>> {
        watched(|| self.all_thread_times())
    }

    fn all_thread_times(&mut self) -> Result<Vec<ThreadTimes>> {
        let proc = self.proc_dir()?;
        let mut all = Vec::new();
        let walked = proc.numbers(|pid, _| {
            if let Ok(tasks) = proc.sub(format!("{pid}/task")) {
                // If the process exits during the listing, the threads read so far are kept.
                let _ = tasks.numbers(|tid, _| {
                    if tasks.read(format!("{tid}/stat"), &mut self.buffer, 4096).is_ok()
                        && let Some((user, system)) = threads::cpu_times(&self.buffer)
                    {
                        all.push(ThreadTimes { tid: tid as i64, user, system });
                    }
                    true
                });
            }
            true
        });
        walked.map_err(|e| io(&self.proc, e))?;
        Ok(all)
    }

    fn proc_dir(&self) -> Result<Dir> {
        Dir::open(&self.proc).map_err(|e| io(&self.proc, e))
    }

    fn dir_of(&self, id: i64) -> Result<Dir> {
        if id <= 0 {
            return Err(Error::Invalid(format!("no thread has the id {id}")));
        }
        let path = self.proc.join(id.to_string());
        Dir::open(&path).map_err(|e| io(&path, e))
    }

    /// Passes a process to `sink`: its main thread, its fds if `sockets` is `Some`, and its other threads. Returns the
    /// number of fds.
    fn process(
        &mut self,
        dir: &Dir,
        pid: i64,
        sockets: Option<&mut Sockets>,
        sink: &mut dyn SystemSink,
    ) -> rustix::io::Result<u64> {
        let main = self.read_thread(dir, pid)?;
        let template = ThreadInfo { tid: -1, ..main.clone() };
        sink.thread(main);
        let fds = sockets.map_or(0, |sockets| self.read_fds(dir, pid, Some(sockets), sink));
        if !self.options.minimal {
            let tasks = dir.sub(c"task")?;
            tasks.numbers(|tid, name| {
                if tid as i64 != pid
                    && let Ok(info) = tasks.sub(name).and_then(|task| self.read_sibling(&task, tid as i64, &template))
                {
                    sink.thread(info);
                }
                true
            })?;
        }
        Ok(fds)
    }
}

/// Logs the progress of a long scan and ends it after the timeout.
struct Progress {
    interval: Option<Duration>,
    timeout: Option<Duration>,
    start: Instant,
    logged: Instant,
    last: Instant,
    slowest: Duration,
    fastest: Duration,
    processes: u64,
    fds: u64,
    last_pid: u64,
    timed_out: bool,
}

impl Progress {
    fn new(options: &ScanOptions) -> Progress {
        let now = Instant::now();
        Progress {
            interval: options.log_interval.filter(|d| !d.is_zero()),
            timeout: options.timeout.filter(|d| !d.is_zero()),
            start: now,
            logged: now,
            last: now,
            slowest: Duration::ZERO,
            fastest: Duration::MAX,
            processes: 0,
            fds: 0,
            last_pid: 0,
            timed_out: false,
        }
    }

    /// Counts a process; returns `false` after the timeout.
    fn one_more(&mut self, pid: u64, fds: u64, sink: &mut dyn SystemSink) -> bool {
        if self.interval.is_none() && self.timeout.is_none() {
            return true;
        }
        let now = Instant::now();
        let took = now - self.last;
        self.slowest = self.slowest.max(took);
        self.fastest = self.fastest.min(took);
        self.last = now;
        self.processes += 1;
        self.fds += fds;
        self.last_pid = pid;
        if self.interval.is_some_and(|i| now - self.logged >= i) {
            self.logged = now;
            sink.progress(&self.message(""));
        }
        self.timed_out = self.timeout.is_some_and(|t| now - self.start >= t);
        !self.timed_out
    }

    fn end(&self, sink: &mut dyn SystemSink) {
        if self.timed_out {
            let limit = self.timeout.unwrap_or_default().as_millis();
            sink.progress(&self.message(&format!(" TIMEOUT ({limit} ms)")));
        } else if self.interval.is_some() && self.processes > 0 {
            sink.progress(&self.message(" DONE"));
        }
    }

    fn message(&self, state: &str) -> String {
        let total = self.last - self.start;
        format!(
            "scap_proc_scan{state}: {} proc in {} ms, avg={}/min={}/max={}, last pid {}, num_fds {}",
            self.processes,
            total.as_millis(),
            total.as_millis() / u128::from(self.processes.max(1)),
            self.fastest.as_millis(),
            self.slowest.as_millis(),
            self.last_pid,
            self.fds
        )
    }
}
