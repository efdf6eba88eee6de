//! The modern BPF engine: loads the probe into the running kernel and delivers its events.
//!
//! The probe's programs write events straight into ring buffers, one a CPU by default, which are mapped here (`ring.rs`) and
//! merged by time (`merge.rs`). Which system calls are captured is a byte each in memory that both sides see.
//!
//! It takes Linux 5.8 with BTF, and the capabilities CAP_BPF and CAP_PERFMON. CAP_SYS_RESOURCE is taken by kernels before
//! 5.11 alone, whose accounting of BPF memory counts as locked memory: libbpf asks the kernel which it is.

mod libbpf;
mod merge;
mod ring;
mod shared;

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use driver::{EXIT_PROGRAMS, PROBE, SCS, Sc, TRACEPOINT_PROGRAMS};
use rustix::time::ClockId;

use self::libbpf::{Link, Object};
use self::merge::{Merge, Next};
use self::ring::{Record, Ring};
use self::shared::{Counters, Global, Interesting, SYSCALL_MAX, Settings};
use super::{Engine, NO_EVENT, Setting, Stats, Status};
use crate::linux::boot_time;
use crate::{Error, Event, Result};

/// The program that makes the events of system calls without one of their own.
const GENERIC: &str = "x_generic";
/// The program that is called at every exit from a system call.
const DISPATCHER: &str = "sys_exit";

/// How long to sleep when there is nothing: longer each time in a row that little came up meanwhile. That is never nothing
/// where all system calls are captured, since the sleep itself is one.
const SLEEP_MIN: Duration = Duration::from_micros(500);
const SLEEP_MAX: Duration = Duration::from_millis(10);
/// So many events are little.
const LITTLE: u32 = 16;
/// A ring buffer is assumed to fill no faster than this in nanoseconds a byte, and is looked at before it is full.
const FILL_NS: u64 = 5;

/// How to capture.
#[derive(Debug, Clone)]
pub struct BpfOptions {
    /// The size of each ring buffer: a power of two, and a multiple of the page size.
    pub buffer_bytes: usize,
    /// How many CPUs share one ring buffer; 0 for a single one for all. With more than one, [`Event::cpu`] names the first
    /// of them.
    pub cpus_per_buffer: u16,
    /// Makes ring buffers for the CPUs that are online alone. One that comes later shares the ring buffer of another.
    pub online_cpus_only: bool,
    /// The system calls and tracepoints to capture; `None` for all. [`Engine::set_interesting`] changes it.
    pub interesting: Option<Vec<Sc>>,
}

impl Default for BpfOptions {
    fn default() -> Self {
        BpfOptions { buffer_bytes: 8 << 20, cpus_per_buffer: 1, online_cpus_only: true, interesting: None }
    }
}

/// What one CPU counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CpuCounts {
    /// Events, those included that were dropped.
    pub n_evts: u64,
    /// Events that were dropped.
    pub n_drops: u64,
}

/// How often and how long a BPF program ran.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProgramRuns {
    /// Its name.
    pub name: String,
    /// How often.
    pub runs: u64,
    /// How long, in nanoseconds.
    pub run_time_ns: u64,
}

/// The engine that captures the running system by BPF.
pub struct BpfEngine {
    // In this order, so that programs are detached before the memory that they write to goes.
    dispatcher: Option<Link>,
    tracepoints: BTreeMap<&'static str, Link>,
    merge: Merge,
    settings: Global<Settings>,
    interesting: Global<Interesting>,
    object: Object,
    /// The first CPU of each ring.
    cpus: Vec<u16>,
    counters: Vec<Counters>,
    selected: Vec<bool>,
    started: bool,
    boot_time: u64,
    current: Option<(Record, u16)>,
    sleep: Duration,
    sleep_max: Duration,
    /// Events since the last sleep.
    awake: u32,
    malformed: u64,
}

impl BpfEngine {
    /// Loads the probe. Nothing is captured before [`Engine::start`].
    pub fn open(options: &BpfOptions) -> Result<BpfEngine> {
        check_buffer_bytes(options.buffer_bytes)?;
        check_kernel()?;
        let possible = libbpf::possible_cpus().map_err(|e| Error::io("counting the possible CPUs", e))?;
        let layout = Layout::new(possible, &online_cpus(possible), options)?;

        let new_ring = || {
            libbpf::create_ring(options.buffer_bytes as u32).map_err(|e| {
                let hint = match e.raw_os_error() {
                    Some(libc::EPERM) => " (it takes the capability CAP_BPF, or CAP_SYS_ADMIN before Linux 5.8)",
                    Some(libc::ENOMEM) => " (a smaller buffer may do)",
                    _ => "",
                };
                Error::io(format!("making a ring buffer of {} bytes{hint}", options.buffer_bytes), e)
            })
        };
        let mut object = Object::open(PROBE)?;
        check_size::<Settings>(&object, ".data.settings")?;
        check_size::<Interesting>(&object, ".data.interesting")?;
        check_size::<Counters>(&object, "counters")?;
        object.set_max_entries("rings", possible as u32)?;
        object.set_max_entries("scratch", possible as u32)?;
        let template = new_ring()?;
        object.set_inner_map("rings", &template)?;
        object.load()?;
        drop(template);

        let mut rings = Vec::with_capacity(layout.first_cpus.len());
        for index in 0..layout.first_cpus.len() {
            let map = new_ring()?;
            let users = layout.ring_of_cpu.iter().enumerate().filter(|(_, r)| **r == index);
            for (cpu, _) in users {
                libbpf::set_fd(object.map_fd("rings")?, cpu as u32, std::os::fd::AsFd::as_fd(&map))
                    .map_err(|e| Error::io(format!("giving CPU {cpu} its ring buffer"), e))?;
            }
            rings.push(Ring::new(map, options.buffer_bytes).map_err(|e| Error::io("mapping a ring buffer", e))?);
        }
        fill_exit_programs(&object)?;
        // SAFETY: their sizes were checked, and the layouts are those of the probe.
        let (mut settings, interesting) = unsafe {
            let map = |name: &str| object.map_fd(name);
            (
                Global::<Settings>::new(map(".data.settings")?).map_err(|e| Error::io("mapping the settings", e))?,
                Global::<Interesting>::new(map(".data.interesting")?)
                    .map_err(|e| Error::io("mapping the selection of system calls", e))?,
            )
        };
        let boot_time = boot_time();
        settings.update(|s| {
            s.boot_time_ns = boot_time;
            s.scap_tgid = std::process::id();
        });

        let mut selected = vec![options.interesting.is_none(); SCS.len()];
        for sc in options.interesting.iter().flatten() {
            *selected.get_mut(sc.0 as usize).ok_or_else(|| unknown(*sc))? = true;
        }
        Ok(BpfEngine {
            dispatcher: None,
            tracepoints: BTreeMap::new(),
            merge: Merge::new(rings),
            settings,
            interesting,
            object,
            cpus: layout.first_cpus,
            counters: vec![Counters::default(); possible],
            selected,
            started: false,
            boot_time,
            current: None,
            sleep: SLEEP_MIN,
            sleep_max: Duration::from_nanos(options.buffer_bytes as u64 * FILL_NS).clamp(SLEEP_MIN, SLEEP_MAX),
            awake: 0,
            malformed: 0,
        })
    }

    /// How many ring buffers there are (`scap_get_ndevs` in C).
    pub fn rings(&self) -> usize {
        self.merge.len()
    }

    /// What each possible CPU counted, as of the last call of [`Engine::stats`].
    pub fn counts_per_cpu(&self) -> impl Iterator<Item = CpuCounts> {
        self.counters
            .iter()
            .map(|c| CpuCounts { n_evts: c.n_evts, n_drops: c.n_drops_buffer + c.n_drops_max_event_size })
    }

    /// How often and how long each of the programs ran that the kernel calls, attached at the moment or not. The numbers are 0
    /// unless the kernel counts (`/proc/sys/kernel/bpf_stats_enabled`).
    pub fn programs(&self) -> Result<Vec<ProgramRuns>> {
        let mut names: Vec<&str> = TRACEPOINT_PROGRAMS.iter().map(|(_, program)| *program).collect();
        names.push(DISPATCHER);
        names.sort_unstable();
        names.dedup();
        names.into_iter().map(|name| self.object.runs(name)).collect()
    }

    /// Makes what is attached and what is asked for the same.
    fn apply(&mut self) -> Result<()> {
        let mut wanted = [0u8; SYSCALL_MAX];
        for (i, _) in self.selected.iter().enumerate().filter(|(_, s)| self.started && **s) {
            if let Some(nr) = Sc(i as u16).native()
                && let Some(slot) = wanted.get_mut(nr as usize)
            {
                *slot = 1;
            }
        }
        for &(_, program) in TRACEPOINT_PROGRAMS {
            let needs = |&(sc, p): &(Sc, &str)| p == program && self.selected[sc.0 as usize];
            let needed = self.started && TRACEPOINT_PROGRAMS.iter().any(needs);
            if !needed {
                self.tracepoints.remove(program);
            } else if !self.tracepoints.contains_key(program) {
                self.tracepoints.insert(program, self.object.attach(program)?);
            }
        }
        self.interesting.set(wanted);
        if wanted.iter().all(|&w| w == 0) {
            self.dispatcher = None;
        } else if self.dispatcher.is_none() {
            self.dispatcher = Some(self.object.attach(DISPATCHER)?);
        }
        Ok(())
    }

    /// Sleeps at least `time`, and as long as it has been quiet.
    #[cold]
    fn sleep(&mut self, time: Duration) {
        self.sleep = if self.awake > LITTLE { SLEEP_MIN } else { (self.sleep * 2).min(self.sleep_max) };
        self.awake = 0;
        std::thread::sleep(self.sleep.max(time));
    }

    /// The clock that stamps the events.
    fn now(boot_time: u64) -> u64 {
        let t = rustix::time::clock_gettime(ClockId::Boottime);
        boot_time + t.tv_sec as u64 * 1_000_000_000 + t.tv_nsec as u64
    }
}

impl Engine for BpfEngine {
    fn name(&self) -> &'static str {
        "modern_bpf"
    }

    fn next(&mut self) -> Result<Status> {
        self.current = None;
        let boot_time = self.boot_time;
        let mut slept = false;
        loop {
            match self.merge.next(|| Self::now(boot_time)) {
                Next::Record(record, ring) => {
                    // SAFETY: the record is valid until the merge is asked for the next one.
                    let bytes = unsafe { record.bytes() };
                    if Event::new(bytes, 0, 0).is_err() {
                        self.malformed += 1;
                        continue;
                    }
                    self.awake += 1;
                    self.current = Some((record, self.cpus[ring]));
                    return Ok(Status::Event);
                }
                Next::Settling(time) => self.sleep(time),
                Next::Empty if slept => return Ok(Status::Timeout),
                Next::Empty => {
                    self.sleep(Duration::ZERO);
                    slept = true;
                }
            }
        }
    }

    fn bytes(&self) -> &[u8] {
        match self.current {
            // SAFETY: the record is valid until the merge is asked for the next one, which takes `&mut self`.
            Some((record, _)) => unsafe { record.bytes() },
            None => &NO_EVENT,
        }
    }

    fn origin(&self) -> (u16, u32) {
        (self.current.map_or(0, |(_, cpu)| cpu), 0)
    }

    fn start(&mut self) -> Result<()> {
        self.started = true;
        self.apply().inspect_err(|_| {
            self.started = false;
            // Nothing is left half attached; detaching cannot fail.
            let _ = self.apply();
        })
    }

    fn stop(&mut self) -> Result<()> {
        self.started = false;
        self.apply()
    }

    fn is_live(&self) -> bool {
        true
    }

    fn stats(&mut self) -> Result<Stats> {
        let map = self.object.map_fd("counters")?;
        // SAFETY: the size of the map's values was checked when it was opened; any numbers are valid counters.
        unsafe { libbpf::read_per_cpu(map, &mut self.counters) }
            .map_err(|e| Error::io("reading the counters of the BPF probe", e))?;
        let mut s = Stats { n_drops_bug: self.malformed, ..Stats::default() };
        for c in &self.counters {
            s.n_evts += c.n_evts;
            s.n_drops += c.n_drops_buffer + c.n_drops_max_event_size;
            s.n_drops_buffer += c.n_drops_buffer;
            s.n_drops_buffer_clone_fork_exit += c.n_drops_buffer_clone_fork_exit;
            s.n_drops_buffer_execve_exit += c.n_drops_buffer_execve_exit;
            s.n_drops_buffer_connect_exit += c.n_drops_buffer_connect_exit;
            s.n_drops_buffer_open_exit += c.n_drops_buffer_open_exit;
            s.n_drops_buffer_dir_file_exit += c.n_drops_buffer_dir_file_exit;
            s.n_drops_buffer_other_interest_exit += c.n_drops_buffer_other_interest_exit;
            s.n_drops_buffer_close_exit += c.n_drops_buffer_close_exit;
            s.n_drops_buffer_proc_exit += c.n_drops_buffer_proc_exit;
            s.n_drops_scratch_map += c.n_drops_max_event_size;
        }
        Ok(s)
    }

    fn set_interesting(&mut self, sc: Sc, interesting: bool) -> Result<()> {
        *self.selected.get_mut(sc.0 as usize).ok_or_else(|| unknown(sc))? = interesting;
        if !self.started {
            return Ok(());
        }
        match sc.native() {
            // One store, as long as something is captured before and after, and no tracepoint is concerned.
            Some(nr)
                if (nr as usize) < SYSCALL_MAX
                    && self.dispatcher.is_some()
                    && TRACEPOINT_PROGRAMS.iter().all(|(s, _)| *s != sc) =>
            {
                self.interesting.store(nr as usize, interesting.into());
                Ok(())
            }
            _ => self.apply(),
        }
    }

    fn set(&mut self, setting: Setting) -> Result<()> {
        if let Setting::Snaplen(n) = setting
            && n > SNAPLEN_MAX
        {
            return Err(Error::Invalid(format!("a snaplen of {n} bytes is more than {SNAPLEN_MAX}")));
        }
        self.settings.update(|s| match setting {
            Setting::Snaplen(n) => s.snaplen = n,
            Setting::Dropping(ratio) => {
                s.sampling_ratio = ratio.unwrap_or(1).max(1);
                s.dropping_mode = ratio.is_some().into();
            }
            Setting::DropFailed(on) => s.drop_failed = on.into(),
            Setting::DynamicSnaplen(on) => s.dynamic_snaplen = on.into(),
            Setting::FullCapturePorts(start, end) => (s.fullcapture_port_start, s.fullcapture_port_end) = (start, end),
            Setting::StatsdPort(port) => s.statsd_port = port,
        });
        Ok(())
    }
}

/// An event has 64 KiB at most (`RW_MAX_SNAPLEN` in C).
const SNAPLEN_MAX: u32 = u16::MAX as u32;

fn unknown(sc: Sc) -> Error {
    Error::Invalid(format!("there is no system call with the code {}", sc.0))
}

/// Which ring each CPU writes to.
struct Layout {
    ring_of_cpu: Vec<usize>,
    first_cpus: Vec<u16>,
}

impl Layout {
    fn new(possible: usize, online: &[bool], options: &BpfOptions) -> Result<Layout> {
        let counts = |cpu: usize| !options.online_cpus_only || online.get(cpu).copied().unwrap_or(false);
        let cpus: Vec<usize> = (0..possible).filter(|&c| counts(c)).collect();
        let share = match options.cpus_per_buffer {
            0 => cpus.len(),
            n if usize::from(n) <= cpus.len() => usize::from(n),
            n => {
                let have = cpus.len();
                return Err(Error::Invalid(format!("a ring buffer for every {n} CPUs: there are {have} of them")));
            }
        };
        let first_cpus: Vec<u16> = cpus.chunks(share.max(1)).map(|c| c[0] as u16).collect();
        let mut ring_of_cpu: Vec<usize> = (0..possible).map(|cpu| cpu % first_cpus.len().max(1)).collect();
        for (i, &cpu) in cpus.iter().enumerate() {
            ring_of_cpu[cpu] = i / share;
        }
        Ok(Layout { ring_of_cpu, first_cpus })
    }
}

/// Which of the possible CPUs are online. Where the kernel does not say, all are.
fn online_cpus(possible: usize) -> Vec<bool> {
    let parse = |text: String| {
        let mut online = vec![false; possible];
        for range in text.trim().split(',') {
            let (first, last) = range.split_once('-').unwrap_or((range, range));
            let (first, last): (usize, usize) = (first.parse().ok()?, last.parse().ok()?);
            online.get_mut(first..=last)?.fill(true);
        }
        Some(online)
    };
    let text = std::fs::read_to_string("/sys/devices/system/cpu/online").ok();
    text.and_then(parse).unwrap_or_else(|| vec![true; possible])
}

fn check_buffer_bytes(bytes: usize) -> Result<()> {
    let page = rustix::param::page_size();
    let wrong = |what: String| Err(Error::Invalid(format!("a buffer of {bytes} bytes: the size {what}")));
    if bytes == 0 || !bytes.is_multiple_of(page) {
        return wrong(format!("must be a multiple of the page size, {page}"));
    }
    if !bytes.is_power_of_two() {
        return wrong("must be a power of two".into());
    }
    if bytes > 1 << 30 {
        return wrong(format!("must not be more than {}", 1 << 30));
    }
    Ok(())
}

fn check_kernel() -> Result<()> {
    if !Path::new("/sys/kernel/btf/vmlinux").exists() {
        let release = rustix::system::uname();
        let release = release.release().to_string_lossy().into_owned();
        return Err(Error::NotSupported(format!(
            "capturing by BPF on Linux {release}, which has no BTF (/sys/kernel/btf/vmlinux, CONFIG_DEBUG_INFO_BTF),"
        )));
    }
    Ok(())
}

fn check_size<T>(object: &Object, map: &str) -> Result<()> {
    match object.value_size(map)? {
        size if size == size_of::<T>() => Ok(()),
        size => Err(Error::Invalid(format!(
            "the BPF probe does not belong to this library: its {map} has {size} bytes instead of {}",
            size_of::<T>()
        ))),
    }
}

/// Tells the dispatcher which program makes the events of which system call.
fn fill_exit_programs(object: &Object) -> Result<()> {
    let programs: BTreeMap<i32, &str> = EXIT_PROGRAMS.iter().copied().collect();
    let table = object.map_fd("exit_progs")?;
    for nr in 0..SYSCALL_MAX {
        let program = programs.get(&(nr as i32)).copied().unwrap_or(GENERIC);
        libbpf::set_fd(table, nr as u32, object.program_fd(program)?)
            .map_err(|e| Error::io(format!("giving the system call {nr} the BPF program {program}"), e))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_of_buffers() {
        let page = rustix::param::page_size();
        assert!(check_buffer_bytes(page).is_ok());
        assert!(check_buffer_bytes(8 << 20).is_ok());
        let message = |bytes| check_buffer_bytes(bytes).unwrap_err().to_string();
        assert_eq!(
            message(page + 1),
            format!("a buffer of {} bytes: the size must be a multiple of the page size, {page}", page + 1)
        );
        assert_eq!(message(3 * page), format!("a buffer of {} bytes: the size must be a power of two", 3 * page));
        assert!(message(0).contains("page size"));
        assert!(message(1 << 40).contains("must not be more than 1073741824"));
    }

    #[test]
    fn rings_for_cpus() {
        let online = [true, false, true, true, true];
        let layout = |cpus_per_buffer, online_cpus_only| {
            let options = BpfOptions { cpus_per_buffer, online_cpus_only, ..BpfOptions::default() };
            Layout::new(6, &online, &options).map(|l| (l.ring_of_cpu, l.first_cpus))
        };
        // CPUs 1 and 5, which are not online, share a ring with others in case they come.
        assert_eq!(layout(1, true).unwrap(), (vec![0, 1, 1, 2, 3, 1], vec![0, 2, 3, 4]));
        assert_eq!(layout(1, false).unwrap(), (vec![0, 1, 2, 3, 4, 5], vec![0, 1, 2, 3, 4, 5]));
        assert_eq!(layout(3, true).unwrap(), (vec![0, 1, 0, 0, 1, 1], vec![0, 4]));
        assert_eq!(layout(0, true).unwrap(), (vec![0, 0, 0, 0, 0, 0], vec![0]));
        let message = layout(5, true).unwrap_err().to_string();
        assert_eq!(message, "a ring buffer for every 5 CPUs: there are 4 of them");
    }

    #[test]
    fn layouts_are_those_of_the_probe() {
        let object = Object::open(PROBE).unwrap();
        check_size::<Settings>(&object, ".data.settings").unwrap();
        check_size::<Interesting>(&object, ".data.interesting").unwrap();
        check_size::<Counters>(&object, "counters").unwrap();
        assert!(check_size::<u8>(&object, "counters").unwrap_err().to_string().contains("88 bytes instead of 1"));
    }
}
