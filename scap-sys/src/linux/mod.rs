//! What the running system looks like before the first event: the machine, its interfaces and users, and every thread with
//! its open files, read from /proc, or through BPF iterators where that is asked for and the kernel has them.
//!
//! [`scan`] tells everything to a [`SystemSink`]; a [`Scanner`] answers single questions afterwards, such as a thread that
//! turned up in an event but was unknown. A process that ends while it is read is left out.

mod cgroups;
mod fds;
mod interfaces;
mod iter;
mod machine;
mod mounts;
mod procfs;
mod sockets;
mod threads;
mod users;
pub mod variables;

use std::collections::HashSet;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use crate::{Error, Result, SystemSink, ThreadInfo};
pub use cgroups::Cgroups;
use iter::Iterators;
pub use iter::{Told, told_by_iterators};
use mounts::Mounts;
use procfs::{Dir, in_trouble, io, number, watched, words};
use sockets::Sockets;
use threads::PidNamespaces;

pub use interfaces::interfaces;
pub use machine::{agent_info, boot_time, machine_info};
pub use threads::{MAX_ARGS, MAX_ENV};
pub use users::{users, users_of_process};

/// What to scan, and where.
#[derive(Debug, Clone, Default)]
pub struct ScanOptions {
    /// Where the root directory of the host is mounted: `/proc` and `/etc` are looked for below it. Empty or `/` where the
    /// program runs on the host itself.
    pub host_root: PathBuf,
    /// The machine's name, if not the one that the kernel says.
    pub hostname: Option<Vec<u8>>,
    /// Leaves the list of users and groups out.
    pub without_users: bool,
    /// Scans only processes, not their other threads, and only their sockets.
    pub minimal: bool,
    /// How many fds of a process to tell at most; 0 for all.
    pub fd_limit: usize,
    /// After how long to stop the scan of processes; those that are left out are found when they make an event.
    pub timeout: Option<Duration>,
    /// Asks BPF iterators for threads and open files, which takes the privileges of the BPF engine; what they do not tell is
    /// read from /proc.
    pub iterators: bool,
    /// How often to tell [`SystemSink::progress`] about a long scan.
    pub log_interval: Option<Duration>,
}

impl ScanOptions {
    /// The options that the environment variables [`variables::HOST_ROOT`] and [`variables::HOSTNAME`] set. A variable that is not
    /// set leaves the default.
    pub fn from_env() -> ScanOptions {
        use std::os::unix::ffi::OsStringExt;
        ScanOptions {
            host_root: std::env::var_os(variables::HOST_ROOT).map(PathBuf::from).unwrap_or_default(),
            hostname: std::env::var_os(variables::HOSTNAME).map(OsStringExt::into_vec),
            ..ScanOptions::default()
        }
    }

    /// The host's file `name`.
    fn path(&self, name: &str) -> PathBuf {
        if self.host_root.as_os_str().is_empty() { PathBuf::from("/").join(name) } else { self.host_root.join(name) }
    }
}

/// Tells `sink` about the machine, the interfaces, the users, and all threads with their open files.
pub fn scan(options: &ScanOptions, sink: &mut dyn SystemSink) -> Result<()> {
    Scanner::new(options)?.scan(sink)
}

/// Tells `sink` about one thread, and if it is the main one about its open files. Reading the sockets of its network
/// namespace can take long, and `scan_sockets` can spare it.
pub fn thread(tid: i64, scan_sockets: bool, options: &ScanOptions, sink: &mut dyn SystemSink) -> Result<()> {
    Scanner::new(options)?.thread(tid, scan_sockets, sink)
}

/// Reads the running system. It keeps what does not change between two questions (mounts, cgroup controllers).
pub struct Scanner {
    options: ScanOptions,
    proc: PathBuf,
    cgroups: Cgroups,
    mounts: Mounts,
    pid_namespaces: PidNamespaces,
    iterators: Option<Iterators>,
    buffer: Vec<u8>,
}

/// The CPU time of a thread, in clock ticks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct ThreadTimes {
    pub tid: i64,
    pub user: u64,
    pub system: u64,
}

impl Scanner {
    /// Looks at how the host's cgroups are mounted. Fails where there is no /proc.
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

    /// Tells `sink` about the machine, the interfaces, the users, and all threads with their open files.
    pub fn scan(&mut self, sink: &mut dyn SystemSink) -> Result<()> {
        sink.machine(&machine_info(&self.options)?);
        sink.interfaces(interfaces()?);
        if !self.options.without_users {
            sink.users(users(&self.options)?);
        }
        self.threads(sink)
    }

    /// Forgets what was learnt of mounts, cgroups and namespaces: their numbers are given to others once they are gone.
    fn forget(&mut self) {
        self.mounts = Mounts::default();
        self.cgroups.forget();
        self.pid_namespaces = PidNamespaces::new(boot_time());
    }

    /// Tells `sink` about all threads with their open files. After an error of this program's or the machine's, such as no room
    /// for another open file, `sink` knows what could be read nevertheless.
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

    /// All threads and open files: what has an iterator by it, the rest from /proc.
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
        let told = match self.iterate_threads(iterators, proc, progress, sink, fds_of) {
            Some(Ok((told, missed))) => {
                for pid in missed {
                    if let Ok(dir) = self.dir_of(pid) {
                        // One that has ended by now is none to tell of.
                        let _ = self.process(&dir, pid, Some(&mut missed_sockets), sink);
                    }
                }
                told
            }
            failed => {
                if let Some(Err(e)) = failed {
                    sink.progress(&format!("threads are read from /proc: {e}"));
                }
                self.walk(proc, !files, progress, sink)?
            }
        };
        if let Some(Err(e)) = self.iterate_fds(iterators, &told, progress, sink) {
            sink.progress(&format!("open files are read from /proc: {e}"));
            let mut sockets = Sockets::default();
            for pid in told {
                if let Ok(dir) = self.dir_of(pid) {
                    self.read_fds(&dir, pid, Some(&mut sockets), sink);
                }
            }
        }
        Ok(())
    }

    /// Tells of all processes of /proc, and answers their ids.
    fn walk(
        &mut self,
        proc: &Dir,
        fds: bool,
        progress: &mut Progress,
        sink: &mut dyn SystemSink,
    ) -> Result<HashSet<i64>> {
        let mut sockets = Sockets::default();
        let mut told = HashSet::new();
        let walked = proc.numbers(|pid, name| {
            let process = proc.sub(name).map(|dir| self.process(&dir, pid as i64, fds.then_some(&mut sockets), sink));
            match process {
                Ok(Ok(fds)) => {
                    told.insert(pid as i64);
                    progress.one_more(pid, fds, sink)
                }
                // Gone in the meantime, not to be looked at, or a thread of the kernel.
                Ok(Err(_)) | Err(_) => !in_trouble(),
            }
        });
        walked.map_err(|e| io(&self.proc, e))?;
        Ok(told)
    }

    /// Tells `sink` about one thread, and if it is the main one about its open files; its sockets too if `scan_sockets`.
    pub fn thread(&mut self, tid: i64, scan_sockets: bool, sink: &mut dyn SystemSink) -> Result<()> {
        watched(|| self.one_thread(tid, scan_sockets, sink))
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

    /// Tells `sink` about the open files of a process.
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

    /// Tells `sink` about one open file of a process.
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

    /// The device that holds the mount `mount_id`, as the process `pid` sees it; 0 where there is no such mount.
    pub fn device_of_mount(&mut self, pid: i64, mount_id: u32) -> u32 {
        match self.dir_of(pid) {
            Ok(dir) => self.mounts.device(&dir, mount_id, &mut self.buffer),
            Err(_) => 0,
        }
    }

    /// Whether the thread still lives under the same name: a tid may have been given to another one. One of which that cannot be
    /// told lives.
    pub fn is_alive(&mut self, pid: i64, tid: i64, comm: &[u8]) -> bool {
        let comm_of =
            |dir: Dir, buffer| dir.read(format!("task/{tid}/comm"), buffer, 64).map_err(|e| io(&self.proc, e));
        match self.dir_of(pid).and_then(|dir| comm_of(dir, &mut self.buffer)) {
            Ok(()) => self.buffer.strip_suffix(b"\n") == Some(comm),
            Err(Error::Io { source, .. }) => !matches!(source.raw_os_error(), Some(libc::ENOENT | libc::ESRCH)),
            Err(_) => false,
        }
    }

    /// The pid of this very process as the host counts.
    pub fn own_pid(&mut self) -> Result<i64> {
        let path = self.proc.join("self/stat");
        let stat = procfs::read_file(&path, 4096)?;
        let pid = words(&stat).next().and_then(|w| number(w, 10));
        pid.map(|p| p as i64).ok_or_else(|| Error::Invalid(format!("{}: no pid", path.display())))
    }

    /// The CPU times of all threads of the system.
    pub fn thread_times(&mut self) -> Result<Vec<ThreadTimes>> {
        watched(|| self.all_thread_times())
    }

    fn all_thread_times(&mut self) -> Result<Vec<ThreadTimes>> {
        let proc = self.proc_dir()?;
        let mut all = Vec::new();
        let walked = proc.numbers(|pid, _| {
            if let Ok(tasks) = proc.sub(format!("{pid}/task")) {
                // A process that ends while its threads are listed keeps those already seen.
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

    /// Tells about a process, with `sockets` its open files, and its other threads. Answers how many files there were.
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

/// Watches over a long scan.
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

    /// Counts one more process; false when the time is up.
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
