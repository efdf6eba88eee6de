//! The engine: the probe attached, its rings read, its settings changed.

use std::collections::BTreeMap;
use std::sync::Arc;

use driver::{SCS, Sc};
use rustix::time::ClockId;

use super::counts::Counts;
use super::libbpf::Object;
use super::options::DISPATCHER;
use super::preemption::Attached;
use super::ring::Ring;
use super::shared::{Global, Interesting, SYSCALL_MAX, Settings};
use crate::Result;
use crate::engine::kept::{Kept, Selected};
use crate::engine::rings::{Poll, Reader, Startable};
use crate::engine::{Engine, ReadStats, Setting, Stats, Status};

/// The engine that captures the running system with BPF.
pub struct BpfEngine {
    // In this order, so that programs are detached before the memory that they write to goes.
    pub(super) dispatcher: Option<Attached>,
    pub(super) attached: BTreeMap<(Sc, &'static str), Arc<Attached>>,
    pub(super) preemptible: bool,
    /// What may be attached besides the dispatcher, by each system call or tracepoint that needs it.
    pub(super) programs: Vec<(Sc, &'static str)>,
    pub(super) reader: Reader<Ring>,
    pub(super) settings: Global<Settings>,
    pub(super) interesting: Global<Interesting>,
    pub(super) object: Object,
    pub(super) selected: Selected,
    pub(super) started: bool,
    pub(super) boot_time: u64,
    pub(super) counts: Arc<Counts>,
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
    /// The number of ring buffers that the probe writes to (`scap_get_ndevs` in C).
    pub fn rings(&self) -> usize {
        self.reader.len()
    }

    /// The counters of the probe. Run counts and run times of programs, attached or not, are 0 unless the kernel collects them
    /// (`/proc/sys/kernel/bpf_stats_enabled`).
    pub fn counts(&self) -> &dyn ReadStats {
        &*self.counts
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
        let boot_time = self.boot_time;
        self.reader.poll(|| Self::now(boot_time))
    }

    /// The clock of the events' timestamps: nanoseconds since the Unix epoch.
    fn now(boot_time: u64) -> u64 {
        let t = rustix::time::clock_gettime(ClockId::Boottime);
        boot_time + t.tv_sec as u64 * 1_000_000_000 + t.tv_nsec as u64
    }
}

impl Startable for BpfEngine {
    fn started(&mut self) -> &mut bool {
        &mut self.started
    }

    // Attaches and detaches programs until they are those that the selection of system calls requires.
    fn apply(&mut self) -> Result<()> {
        let mut wanted = [0u8; SYSCALL_MAX];
        for sc in SCS.iter().map(|row| row.sc).filter(|_| self.started) {
            if let Some(slot) = sc.native().and_then(|nr| wanted.get_mut(nr as usize)) {
                *slot = self.selected.of(sc).bits();
            }
        }
        self.interesting.set(wanted);
        // Before the tracepoints: a system call makes its thread known, an event of the scheduler or a page fault does not.
        if wanted.iter().all(|&w| w == 0) {
            self.dispatcher = None;
        } else if self.dispatcher.is_none() {
            self.dispatcher = Some(Attached::new(&self.object, DISPATCHER, self.preemptible)?);
        }
        for i in 0..self.programs.len() {
            let (sc, program) = self.programs[i];
            if self.started && self.selected.of(sc) != Kept::NONE {
                self.attach_for(sc, program)?;
            } else {
                self.attached.remove(&(sc, program));
            }
        }
        Ok(())
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
        let boot_time = self.boot_time;
        Ok(self.reader.next(|| Self::now(boot_time)))
    }

    fn bytes(&self) -> &[u8] {
        self.reader.bytes()
    }

    fn origin(&self) -> (u16, u32) {
        self.reader.origin()
    }

    fn start(&mut self) -> Result<()> {
        self.begin()
    }

    fn stop(&mut self) -> Result<()> {
        self.end()?;
        self.reader.end_wait();
        Ok(())
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
        self.selected.set(sc, interesting)?;
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
                self.interesting.store(nr as usize, self.selected.of(sc).bits());
                Ok(())
            }
            _ => self.apply(),
        }
    }

    fn keep(&mut self, kept: &[Kept]) -> Result<()> {
        self.selected.keep(kept);
        self.apply()
    }

    fn grow_buffer(&mut self, cpu: u32, bytes: usize) -> Result<()> {
        self.grow(cpu, bytes)
    }

    fn set(&mut self, setting: Setting) -> Result<()> {
        setting.check()?;
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
