//! The counters of the probe, which any thread may read while the engine captures.

use super::libbpf::{self, Object};
use super::shared::Counters;
use crate::engine::{ReadStats, Stats};
use crate::{Error, Result};
use std::os::fd::{AsFd, OwnedFd};
use std::sync::atomic::{AtomicU64, Ordering};

/// What the counters are read from, with descriptors of its own: it needs nothing of the engine.
pub(super) struct Counts {
    /// The map of what each CPU counted.
    map: OwnedFd,
    /// The programs that the kernel calls, with their names.
    programs: Vec<(&'static str, OwnedFd)>,
    /// Records that did not hold together.
    pub malformed: AtomicU64,
    /// How many CPUs the machine may ever have.
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
        Ok(Counts { map, programs, malformed: AtomicU64::new(0), possible })
    }

    /// Reads what each CPU counted into `counters`, which has room for all of them, and adds it up.
    pub fn read(&self, counters: &mut [Counters]) -> Result<Stats> {
        // Where programs can be preempted, the kernel does not call one again before it has ended on that CPU. It is asked
        // first: what stepped in for a call that was missed is not counted before the miss is.
        let mut missed = 0;
        for (name, program) in &self.programs {
            missed += libbpf::info(program.as_fd(), name)?.recursion_misses;
        }
        // SAFETY: the size of the map's values was checked when it was opened; any numbers are valid counters.
        unsafe { libbpf::read_per_cpu(self.map.as_fd(), counters) }
            .map_err(|e| Error::io("reading the counters of the BPF probe", e))?;
        let mut s = Stats { n_drops_bug: self.malformed.load(Ordering::Relaxed), ..Stats::default() };
        for c in &*counters {
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
}

impl ReadStats for Counts {
    fn read_stats(&self) -> Result<Stats> {
        self.read(&mut vec![Counters::default(); self.possible])
    }
}
