//! The engine: the probe attached, its rings read, its settings changed.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use driver::Sc;
use rustix::time::ClockId;

use super::counts::Counts;
use super::libbpf::Object;
use super::merge::{Merge, Next};
use super::options::DISPATCHER;
use super::preemption::Attached;
use super::ring::Record;
use super::shared::{Global, Interesting, SYSCALL_MAX, Settings};
use crate::engine::{Engine, NO_EVENT, ReadStats, Setting, Stats, Status};
use crate::{Error, Event, Result};

/// How long to sleep when there is nothing: longer each time in a row that little came up meanwhile. That is never nothing
/// where all system calls are captured, since the sleep itself is one.
pub(super) const SLEEP_MIN: Duration = Duration::from_micros(500);
pub(super) const SLEEP_MAX: Duration = Duration::from_millis(10);
/// The most events between two sleeps that count as idle.
const IDLE_EVENTS: u32 = 16;
/// A ring buffer is assumed to fill no faster than this in nanoseconds a byte, and is looked at before it is full.
pub(super) const FILL_NS: u64 = 5;

/// The engine that captures the running system with BPF.
pub struct BpfEngine {
    // In this order, so that programs are detached before the memory that they write to goes.
    pub(super) dispatcher: Option<Attached>,
    pub(super) attached: BTreeMap<(Sc, &'static str), Arc<Attached>>,
    pub(super) preemptible: bool,
    /// What may be attached besides the dispatcher, by each system call or tracepoint that needs it.
    pub(super) programs: Vec<(Sc, &'static str)>,
    pub(super) merge: Merge,
    pub(super) settings: Global<Settings>,
    pub(super) interesting: Global<Interesting>,
    pub(super) object: Object,
    /// The first CPU of each ring.
    pub(super) cpus: Vec<u16>,
    pub(super) selected: Vec<bool>,
    pub(super) started: bool,
    pub(super) boot_time: u64,
    /// The record that is shown, and its ring.
    pub(super) current: Option<(Record, usize)>,
    pub(super) sleep: Duration,
    pub(super) sleep_max: Duration,
    /// Events since the last sleep.
    pub(super) awake: u32,
    pub(super) counts: Arc<Counts>,
}

/// What a look at the rings brought.
pub(super) enum Poll {
    Event,
    /// There is one, but an older one may still come up within this time.
    Settling(Duration),
    Empty,
}

/// The programs that the kernel calls, each once: the dispatcher and these.
pub(super) fn called_by_kernel(programs: &[(Sc, &'static str)]) -> Vec<&'static str> {
    let mut names: Vec<&str> = programs.iter().map(|(_, program)| *program).collect();
    names.push(DISPATCHER);
    names.sort_unstable();
    names.dedup();
    names
}

impl BpfEngine {
    /// The number of ring buffers (`scap_get_ndevs` in C).
    pub fn rings(&self) -> usize {
        self.merge.len()
    }

    /// The counters of the probe. Run counts and run times of programs, attached or not, are 0 unless the kernel collects them
    /// (`/proc/sys/kernel/bpf_stats_enabled`).
    pub fn counts(&self) -> &dyn ReadStats {
        &*self.counts
    }

    /// Attaches and detaches programs until they are those that the selection of system calls requires.
    pub(super) fn apply(&mut self) -> Result<()> {
        let mut wanted = [0u8; SYSCALL_MAX];
        for (i, _) in self.selected.iter().enumerate().filter(|(_, s)| self.started && **s) {
            if let Some(nr) = Sc(i as u16).native()
                && let Some(slot) = wanted.get_mut(nr as usize)
            {
                *slot = 1;
            }
        }
        for i in 0..self.programs.len() {
            let (sc, program) = self.programs[i];
            if self.started && self.selected[sc.0 as usize] {
                self.attach_for(sc, program)?;
            } else {
                self.attached.remove(&(sc, program));
            }
        }
        self.interesting.set(wanted);
        if wanted.iter().all(|&w| w == 0) {
            self.dispatcher = None;
        } else if self.dispatcher.is_none() {
            self.dispatcher = Some(Attached::new(&self.object, DISPATCHER, self.preemptible)?);
        }
        Ok(())
    }

    /// Attaches a program for a system call or tracepoint, unless it is attached already.
    pub(super) fn attach_for(&mut self, sc: Sc, program: &'static str) -> Result<()> {
        if !self.attached.contains_key(&(sc, program)) {
            let link = match self.attached.iter().find(|((_, p), _)| *p == program) {
                Some((_, link)) => link.clone(),
                None => Arc::new(Attached::new(&self.object, program, self.preemptible)?),
            };
            self.attached.insert((sc, program), link);
        }
        Ok(())
    }

    #[inline]
    pub(super) fn poll(&mut self) -> Poll {
        self.current = None;
        let boot_time = self.boot_time;
        loop {
            match self.merge.next(|| Self::now(boot_time)) {
                Next::Record(record, ring) => {
                    // SAFETY: the rings live in `self.merge`, which releases the record only in the next call of `next`.
                    let bytes = unsafe { record.bytes() };
                    if Event::new(bytes, 0, 0).is_err() {
                        self.counts.malformed.fetch_add(1, Ordering::Relaxed);
                        continue;
                    }
                    self.awake += 1;
                    self.current = Some((record, ring));
                    return Poll::Event;
                }
                Next::Settling(time) => return Poll::Settling(time),
                Next::Empty => return Poll::Empty,
            }
        }
    }

    /// Sleeps at least `time`, longer if few events came since the last sleep.
    #[cold]
    pub(super) fn sleep(&mut self, time: Duration) {
        self.sleep = if self.awake > IDLE_EVENTS { SLEEP_MIN } else { (self.sleep * 2).min(self.sleep_max) };
        self.awake = 0;
        std::thread::sleep(self.sleep.max(time));
    }

    /// The clock of the events' timestamps: nanoseconds since the Unix epoch.
    fn now(boot_time: u64) -> u64 {
        let t = rustix::time::clock_gettime(ClockId::Boottime);
        boot_time + t.tv_sec as u64 * 1_000_000_000 + t.tv_nsec as u64
    }
}

impl Engine for BpfEngine {
    fn name(&self) -> &'static str {
        "modern_bpf"
    }

    fn as_bpf(&mut self) -> Option<&mut BpfEngine> {
        Some(self)
    }

    fn next(&mut self) -> Result<Status> {
        let mut slept = false;
        loop {
            match self.poll() {
                Poll::Event => return Ok(Status::Event),
                Poll::Settling(time) => self.sleep(time),
                Poll::Empty if slept => return Ok(Status::Timeout),
                Poll::Empty => {
                    self.sleep(Duration::ZERO);
                    slept = true;
                }
            }
        }
    }

    fn bytes(&self) -> &[u8] {
        match self.current {
            // SAFETY: `self.merge` releases the record only in its next call of `next`, which takes `&mut self` and so ends
            // this borrow.
            Some((record, _)) => unsafe { record.bytes() },
            None => &NO_EVENT,
        }
    }

    fn origin(&self) -> (u16, u32) {
        (self.current.map_or(0, |(_, ring)| self.cpus[ring]), 0)
    }

    fn start(&mut self) -> Result<()> {
        self.started = true;
        self.apply().inspect_err(|_| {
            self.started = false;
            // Detaches what was attached; that cannot fail.
            let _ = self.apply();
        })
    }

    fn stop(&mut self) -> Result<()> {
        self.started = false;
        self.apply()
    }

    fn schema_version(&self) -> Option<[u32; 3]> {
        Some(driver::SCHEMA_VERSION)
    }

    fn is_live(&self) -> bool {
        true
    }

    fn stats(&mut self) -> Result<Stats> {
        self.counts.read_stats()
    }

    fn stats_reader(&self) -> Option<Arc<dyn ReadStats>> {
        Some(self.counts.clone())
    }

    fn set_interesting(&mut self, sc: Sc, interesting: bool) -> Result<()> {
        *self.selected.get_mut(sc.0 as usize).ok_or_else(|| unknown(sc))? = interesting;
        if !self.started {
            return Ok(());
        }
        match sc.native() {
            // If the dispatcher is attached already and stays so, and the call needs no other program, one store suffices.
            Some(nr)
                if (nr as usize) < SYSCALL_MAX
                    && self.dispatcher.is_some()
                    && self.programs.iter().all(|(s, _)| *s != sc) =>
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
        if let Setting::Dropping(Some(ratio)) = setting
            && !(ratio.is_power_of_two() && ratio <= SAMPLING_MAX)
        {
            return Err(Error::Invalid(format!(
                "a sampling ratio of {ratio} is no power of two from 1 to {SAMPLING_MAX}"
            )));
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

/// The most parts of a second in dropping mode.
const SAMPLING_MAX: u32 = 128;

/// The largest snaplen (`RW_MAX_SNAPLEN` in C): an event has at most 64 KiB.
const SNAPLEN_MAX: u32 = u16::MAX as u32;

pub(super) fn unknown(sc: Sc) -> Error {
    Error::Invalid(format!("there is no system call with the code {}", sc.0))
}
