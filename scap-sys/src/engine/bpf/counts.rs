//! The counters of the probe, readable by any thread during a capture.

use super::libbpf::{self, Object};
use super::shared::{Counters, Drops, SYSCALL_MAX, TRACEPOINTS_MAX};
use crate::engine::{CpuCounts, ProgramRuns, ReadStats, ScDrops, Stats};
use crate::{Error, Result};
use driver::{DROP_TRACEPOINTS, SCS, Sc};
use std::os::fd::{AsFd, OwnedFd};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// The map with the drops by system call.
pub(super) const DROPS: &str = "drops_by_call";
const _: () = assert!(DROP_TRACEPOINTS.len() <= TRACEPOINTS_MAX);

/// Reads the counters through its own descriptors, independent of the engine's life.
pub(super) struct Counts {
    /// The per-CPU map with the counters.
    map: OwnedFd,
    /// The per-CPU map with the drops by system call.
    drops: OwnedFd,
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
        let (map, drops) = (own(object.map_fd("counters")?)?, own(object.map_fd(DROPS)?)?);
        let programs =
            programs.iter().map(|&name| Ok((name, own(object.program_fd(name)?)?))).collect::<Result<_>>()?;
        Ok(Counts { map, drops, programs, malformed: Arc::default(), possible })
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

    fn read_drops(&self) -> Result<Option<Vec<ScDrops>>> {
        let mut drops = vec![Drops::default(); self.possible];
        // SAFETY: `Loader::open` checked that the map's value has the size of `Drops`, a struct of integers.
        unsafe { libbpf::read_per_cpu(self.drops.as_fd(), &mut drops) }
            .map_err(|e| Error::io("reading the drops of the BPF probe by system call", e))?;
        Ok(Some(by_call(&drops)))
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

/// The sums over all CPUs, of those that are not zero: the most drops first, and equal ones by their code.
fn by_call(cpus: &[Drops]) -> Vec<ScDrops> {
    let sum = |i: usize| cpus.iter().map(|cpu| cpu.events[i]).sum();
    let calls = SCS.iter().filter_map(|row| Some((row.sc, usize::try_from(row.sc.native()?).ok()?)));
    let calls = calls.filter(|(_, number)| *number < SYSCALL_MAX);
    let tracepoints = DROP_TRACEPOINTS.iter().copied().zip(SYSCALL_MAX..);
    let drops = calls.chain(tracepoints).map(|(sc, i): (Sc, usize)| ScDrops { sc, drops: sum(i) });
    let mut drops: Vec<ScDrops> = drops.filter(|d| d.drops != 0).collect();
    drops.sort_unstable_by_key(|d| (std::cmp::Reverse(d.drops), d.sc));
    drops
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn drops_are_summed_by_call_and_the_most_come_first() {
        let code = |name: &str| SCS.iter().find(|row| row.name == Some(name)).unwrap().sc;
        let (openat, getppid, close) = (code("openat"), code("getppid"), code("close"));
        let mut cpus = [Drops::default(); 2];
        let mut count = |sc: Sc, on: [u64; 2]| {
            let tracepoint = DROP_TRACEPOINTS.iter().position(|t| *t == sc).map(|i| SYSCALL_MAX + i);
            let i = tracepoint.unwrap_or_else(|| sc.native().unwrap() as usize);
            cpus.iter_mut().zip(on).for_each(|(cpu, n)| cpu.events[i] = n);
        };
        count(openat, [3, 4]);
        count(close, [0, 1]);
        count(getppid, [0, 7]);
        count(code("sched_switch"), [9, 0]);
        count(Sc(0), [1, 1]);
        let expected =
            [(code("sched_switch"), 9), (getppid.min(openat), 7), (getppid.max(openat), 7), (Sc(0), 2), (close, 1)];
        assert_eq!(by_call(&cpus), expected.map(|(sc, drops)| ScDrops { sc, drops }));
        assert_eq!(by_call(&[]), []);
    }

    #[test]
    fn each_counter_belongs_to_one_call() {
        let mut numbers: Vec<i32> = SCS.iter().filter_map(|row| row.sc.native()).collect();
        let all = numbers.len();
        numbers.sort_unstable();
        numbers.dedup();
        assert_eq!(numbers.len(), all);
        assert!(numbers.iter().all(|n| (0..SYSCALL_MAX as i32).contains(n)));
        assert!(DROP_TRACEPOINTS.iter().all(|sc| sc.native().is_none()));
    }
}
