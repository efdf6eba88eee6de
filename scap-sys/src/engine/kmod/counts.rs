//! The counters of the module, readable by any thread during a capture and after it.

use std::ptr::NonNull;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::ring::{COUNTERS, Info};
use crate::Result;
use crate::engine::CpuCounts;
use crate::engine::{ReadStats, Stats};

type Counters = [u64; COUNTERS];

/// The shared pages of the rings or, once these are closed, what they last contained.
enum Source {
    Pages(Vec<NonNull<Info>>),
    Last(Vec<Counters>),
}

// SAFETY: the pages are shared mappings without ties to a thread.
unsafe impl Send for Source {}

pub(super) struct Counts {
    source: Mutex<Source>,
    /// Records that are no events.
    pub malformed: Arc<AtomicU64>,
}

impl Counts {
    /// # Safety
    /// The pages must stay valid until [`Counts::close`].
    pub unsafe fn new(pages: Vec<NonNull<Info>>) -> Counts {
        Counts { source: Mutex::new(Source::Pages(pages)), malformed: Arc::default() }
    }

    fn source(&self) -> MutexGuard<'_, Source> {
        self.source.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps what the pages contain now, and does not read them any more.
    pub fn close(&self) {
        let mut source = self.source();
        let last = source.read();
        *source = Source::Last(last);
    }

    /// Their sum.
    pub fn sum(&self) -> Stats {
        let mut s = Stats { n_drops_bug: self.malformed.load(Ordering::Relaxed), ..Stats::default() };
        for c in self.source().read() {
            // The last one, context switches, has no counter in `Stats`.
            let [
                n_evts,
                n_drops_buffer,
                clone_fork_exit,
                execve_exit,
                connect_enter,
                connect_exit,
                open_enter,
                open_exit,
                dir_file_exit,
                other_interest_exit,
                close_exit,
                proc_exit,
                n_drops_pf,
                n_preemptions,
                _,
                _,
            ] = c;
            s.n_evts += n_evts;
            s.n_drops += n_drops_buffer + n_drops_pf;
            s.n_drops_buffer += n_drops_buffer;
            s.n_drops_buffer_clone_fork_exit += clone_fork_exit;
            s.n_drops_buffer_execve_exit += execve_exit;
            s.n_drops_buffer_connect_enter += connect_enter;
            s.n_drops_buffer_connect_exit += connect_exit;
            s.n_drops_buffer_open_enter += open_enter;
            s.n_drops_buffer_open_exit += open_exit;
            s.n_drops_buffer_dir_file_exit += dir_file_exit;
            s.n_drops_buffer_other_interest_exit += other_interest_exit;
            s.n_drops_buffer_close_exit += close_exit;
            s.n_drops_buffer_proc_exit += proc_exit;
            s.n_drops_pf += n_drops_pf;
            s.n_preemptions += n_preemptions;
        }
        s
    }
}

impl Source {
    fn read(&self) -> Vec<Counters> {
        match self {
            Source::Last(last) => last.clone(),
            Source::Pages(pages) => pages
                .iter()
                .map(|page| {
                    // SAFETY: the pages are valid until `close`, which replaces them (# Safety of `new`).
                    let info = unsafe { page.as_ref() };
                    std::array::from_fn(|i| info.counters[i].load(Ordering::Relaxed))
                })
                .collect(),
        }
    }
}

impl ReadStats for Counts {
    fn read_stats(&self) -> Result<Stats> {
        Ok(self.sum())
    }

    // Those of the CPUs that were online.
    fn read_cpus(&self) -> Result<Vec<CpuCounts>> {
        Ok(self.source().read().iter().map(|c| CpuCounts { n_evts: c[0], n_drops: c[1] + c[12] }).collect())
    }

    fn has_driver(&self) -> bool {
        true
    }

    fn is_module(&self) -> bool {
        true
    }
}

#[cfg(test)]
mod tests {
    use super::super::ring::tests::Fake;
    use super::*;

    #[test]
    fn counters_are_summed_and_outlive_the_rings() {
        let fakes = [Fake::new(128), Fake::new(128)];
        for (i, fake) in fakes.iter().enumerate() {
            for (j, counter) in fake.info.counters.iter().enumerate() {
                counter.store(100 * i as u64 + j as u64, Ordering::Relaxed);
            }
        }
        // SAFETY: the fakes live until `close`.
        let counts = unsafe { Counts::new(fakes.iter().map(|f| f.ring().info()).collect()) };
        let sum = counts.sum();
        assert_eq!((sum.n_evts, sum.n_drops_buffer, sum.n_drops), (100, 102, 102 + 124));
        assert_eq!((sum.n_drops_buffer_proc_exit, sum.n_drops_pf, sum.n_preemptions), (122, 124, 126));
        assert_eq!(counts.read_cpus().unwrap()[1], CpuCounts { n_evts: 100, n_drops: 101 + 112 });
        counts.close();
        drop(fakes);
        assert_eq!(counts.read_stats().unwrap(), sum);
    }
}
