//! Processes whose events nobody is to see: those of some names, some tids, and all that they start.

use super::Counter;
use driver::EventType;
use hashbrown::HashSet;
use scap_sys::Event;

/// Which events are kept back, and how many were.
#[derive(Debug, Default)]
pub struct Suppressed {
    comms: HashSet<Vec<u8>>,
    tids: HashSet<i64>,
    events: Counter,
    /// How many `tids` there are, for others.
    count: Counter,
    /// The threads that a scan has told so far, with their parents; of one that was told twice, both.
    scanned: Vec<(i64, i64)>,
}

impl Suppressed {
    /// Keeps back the events of the processes of this name that start from now on.
    pub fn add_comm(&mut self, comm: &[u8]) {
        self.comms.insert(comm.to_vec());
    }

    /// Keeps back the events of a thread.
    pub fn add_tid(&mut self, tid: i64) {
        self.insert(tid);
    }

    /// Lets processes start under any name again; those that were kept back stay so.
    pub fn clear_comms(&mut self) {
        self.comms.clear();
    }

    /// Lets the events of all threads through.
    pub fn clear_tids(&mut self) {
        self.tids.clear();
        self.count.set(0);
    }

    /// Whether the events of a thread are kept back. Thread 0, which stands for every processor's idle task, never is.
    pub fn has_tid(&self, tid: i64) -> bool {
        tid != 0 && self.tids.contains(&tid)
    }

    /// How many events were kept back.
    pub fn events(&self) -> u64 {
        self.events.get()
    }

    /// The two counters, of events and of threads.
    pub(crate) fn counters(&self) -> (Counter, Counter) {
        (self.events.clone(), self.count.clone())
    }

    fn insert(&mut self, tid: i64) {
        self.tids.insert(tid);
        self.count.set(self.tids.len() as u64);
    }

    /// Of how many threads the events are kept back.
    pub fn tids(&self) -> usize {
        self.tids.len()
    }

    /// Takes note of a thread that exists already, one of many if a scan is `running`; answers whether its name is one to keep
    /// back.
    pub fn scan(&mut self, tid: i64, ptid: i64, comm: &[u8], running: bool) -> bool {
        if self.comms.is_empty() && self.tids.is_empty() {
            return false;
        }
        if running {
            self.scanned.push((tid, ptid));
        }
        self.check_comm(tid, comm)
    }

    /// The scan is over: keeps back what the threads that are kept back have started.
    pub fn end_scan(&mut self) {
        let mut parents = std::mem::take(&mut self.scanned);
        loop {
            let before = parents.len();
            parents.retain(|&(tid, ptid)| {
                let below = self.has_tid(ptid);
                if below && tid != 0 {
                    self.insert(tid);
                }
                !below
            });
            if parents.len() == before {
                return;
            }
        }
    }

    fn check_comm(&mut self, tid: i64, comm: &[u8]) -> bool {
        let found = self.comms.contains(comm);
        if found {
            self.insert(tid);
            self.events += 1;
        }
        found
    }

    /// Whether to keep the event back.
    #[inline]
    pub(crate) fn keeps_back(&mut self, event: Event<'_>) -> bool {
        if self.tids.is_empty() && self.comms.is_empty() {
            return false;
        }
        self.look_at(event)
    }

    #[cold]
    fn look_at(&mut self, event: Event<'_>) -> bool {
        const PTID: usize = 5;
        const COMM: usize = 13;
        let tid = event.tid();
        match event.ty() {
            EventType::SYSCALL_CLONE_20_X
            | EventType::SYSCALL_CLONE3_X
            | EventType::SYSCALL_FORK_20_X
            | EventType::SYSCALL_VFORK_20_X
            | EventType::SYSCALL_EXECVE_19_X
            | EventType::SYSCALL_EXECVEAT_X => {
                let Some(comm) = event.param(COMM) else { return false };
                let ptid = event.param(PTID).and_then(|p| p.try_into().ok()).map_or(-1, i64::from_le_bytes);
                if self.has_tid(ptid) {
                    self.insert(tid);
                    self.events += 1;
                    return true;
                }
                self.check_comm(tid, comm.strip_suffix(&[0]).unwrap_or(comm))
            }
            // The thread goes from the table whether or not it was seen.
            EventType::PROCEXIT_1_E => {
                self.tids.remove(&tid);
                self.count.set(self.tids.len() as u64);
                false
            }
            _ => {
                let found = self.has_tid(tid);
                self.events += u64::from(found);
                found
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use scap_sys::encode::{self, Value};

    fn exec(tid: i64, ptid: i64, comm: &str) -> Vec<u8> {
        let mut params = vec![Value::Null; 14];
        params[5] = ptid.into();
        params[13] = comm.into();
        encode::event(1, tid, EventType::SYSCALL_EXECVE_19_X, &params).unwrap()
    }

    #[test]
    fn what_a_process_starts_is_kept_back_with_it() {
        let mut s = Suppressed::default();
        let keeps = |s: &mut Suppressed, bytes: &[u8]| s.keeps_back(Event::new(bytes, 0, 0).unwrap());
        let unlink = |tid| encode::event(1, tid, EventType::SYSCALL_UNLINK_2_X, &[0i64.into()]).unwrap();
        assert!(!keeps(&mut s, &exec(5, 1, "quiet")));
        s.add_comm(b"quiet");
        assert!(!keeps(&mut s, &unlink(5)) && !keeps(&mut s, &exec(6, 1, "loud")));
        assert!(keeps(&mut s, &exec(5, 1, "quiet")) && keeps(&mut s, &unlink(5)) && keeps(&mut s, &exec(7, 5, "loud")));
        assert_eq!((s.tids(), s.events(), s.has_tid(7)), (2, 3, true));
        s.clear_comms();
        assert!(keeps(&mut s, &unlink(7)));
        let exit = encode::event(1, 7, EventType::PROCEXIT_1_E, &[]).unwrap();
        assert!(!keeps(&mut s, &exit) && !keeps(&mut s, &unlink(7)));
        s.clear_tids();
        assert!(!keeps(&mut s, &unlink(5)));
    }

    #[test]
    fn a_scan_finds_what_was_started_before() {
        let mut s = Suppressed::default();
        s.add_comm(b"quiet");
        // A child may have a lower number than its parent.
        for (tid, ptid, comm, kept) in
            [(3, 9, "x", false), (9, 1, "quiet", true), (2, 3, "y", false), (4, 1, "z", false)]
        {
            assert_eq!(s.scan(tid, ptid, comm.as_bytes(), true), kept);
        }
        s.end_scan();
        assert!(s.has_tid(9) && s.has_tid(3) && s.has_tid(2) && !s.has_tid(4) && !s.has_tid(0));
    }
}
