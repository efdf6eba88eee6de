//! The counters of the probe, readable by any thread during a capture.

use super::libbpf::{self, Object};
use super::shared::Counters;
use crate::engine::{CpuCounts, ProgramRuns, ReadStats, Stats};
use crate::{Error, Result};
use std::os::fd::{AsFd, OwnedFd};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Reads the counters through its own descriptors, independent of the engine's life.
pub(super) struct Counts {
    /// The per-CPU map with the counters.
    map: OwnedFd,
    /// The attached programs, with their names.
    programs: Vec<(&'static str, OwnedFd)>,
    /// Records that failed the check of [`Event::new`](crate::Event::new).
    pub malformed: Arc<AtomicU64>,
    possible: usize,
}

impl Counts {
    pub fn new(object: &Object, programs: &[&'static str], possible: usize) -> Result<Counts> {
        let own = |fd: std::os::fd::BorrowedFd<'_>| {
            fd.try_clone_to_owned().map_err(|e| Error::io("sharing the counters of the BPF probe", e))
        };
        let map = own(object.map_fd("counters")?)?;
        let programs =
            programs.iter().map(|&name| Ok((name, own(object.program_fd(name)?)?))).collect::<Result<_>>()?;
        Ok(Counts { map, programs, malformed: Arc::default(), possible })
    }

    /// The counters of each possible CPU.
    fn of_cpus(&self) -> Result<Vec<Counters>> {
        let mut counters = vec![Counters::default(); self.possible];
        // SAFETY: `Loader::open` checked that the map's value has the size of `Counters`, a struct of integers.
        unsafe { libbpf::read_per_cpu(self.map.as_fd(), &mut counters) }
            .map_err(|e| Error::io("reading the counters of the BPF probe", e))?;
        Ok(counters)
    }
}

impl ReadStats for Counts {
    fn read_stats(&self) -> Result<Stats> {
        // The kernel counts the runs that it skipped because the program was running on that CPU. This is read first: otherwise
        // a run that is skipped in between, and made up for by the second program, would count as a preemption.
        let mut missed = 0;
        for (name, program) in &self.programs {
            missed += libbpf::info(program.as_fd(), name)?.recursion_misses;
        }
        let counters = self.of_cpus()?;
        let mut s = Stats { n_drops_bug: self.malformed.load(Ordering::Relaxed), ..Stats::default() };
        for c in &counters {
            s.n_evts += c.n_evts;
            s.n_drops += c.n_drops_buffer + c.n_drops_max_event_size;
            s.n_drops_buffer += c.n_drops_buffer;
            s.n_drops_buffer_clone_fork_exit += c.n_drops_buffer_clone_fork_exit;
            s.n_drops_buffer_execve_exit += c.n_drops_buffer_execve_exit;
            s.n_drops_buffer_connect_enter += c.n_drops_buffer_connect_enter;
            s.n_drops_buffer_connect_exit += c.n_drops_buffer_connect_exit;
            s.n_drops_buffer_open_enter += c.n_drops_buffer_open_enter;
            s.n_drops_buffer_open_exit += c.n_drops_buffer_open_exit;
            s.n_drops_buffer_dir_file_exit += c.n_drops_buffer_dir_file_exit;
            s.n_drops_buffer_other_interest_exit += c.n_drops_buffer_other_interest_exit;
            s.n_drops_buffer_close_exit += c.n_drops_buffer_close_exit;
            s.n_drops_buffer_proc_exit += c.n_drops_buffer_proc_exit;
            s.n_drops_scratch_map += c.n_drops_max_event_size;
        }
        let stepped_in = counters.iter().map(|c| c.n_second_calls).sum();
        s.n_preemptions = u64::saturating_sub(missed, stepped_in);
        s.n_drops += s.n_preemptions;
        Ok(s)
    }

    fn read_cpus(&self) -> Result<Vec<CpuCounts>> {
        let count = |c: Counters| CpuCounts { n_evts: c.n_evts, n_drops: c.n_drops_buffer + c.n_drops_max_event_size };
        Ok(self.of_cpus()?.into_iter().map(count).collect())
    }

    fn read_programs(&self) -> Result<Vec<ProgramRuns>> {
        let runs = |(name, program): &(&'static str, OwnedFd)| {
            let info = libbpf::info(program.as_fd(), name)?;
            Ok(ProgramRuns { name: (*name).into(), runs: info.run_cnt, run_time_ns: info.run_time_ns })
        };
        self.programs.iter().map(runs).collect()
    }

    fn has_driver(&self) -> bool {
        true
    }
}
