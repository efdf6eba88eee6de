//! Suppressed threads: by command name, by tid, and all their descendants.

use super::Counter;
use driver::EventType;
use hashbrown::HashSet;
use scap_sys::Event;

/// The rules of suppression and the number of suppressed events.
#[derive(Debug, Default)]
pub struct Suppressed {
    comms: HashSet<Vec<u8>>,
    tids: HashSet<i64>,
    events: Counter,
    /// The length of `tids`, for other threads to read.
    count: Counter,
    /// The tids and parent tids of the running scan; a thread that was reported twice is in it twice.
    scanned: Vec<(i64, i64)>,
}

impl Suppressed {
    /// Suppresses processes that start with this command name from now on.
    pub fn add_comm(&mut self, comm: &[u8]) {
        self.comms.insert(comm.to_vec());
    }

    /// Suppresses the events of a thread.
    pub fn add_tid(&mut self, tid: i64) {
        self.insert(tid);
    }

    /// Removes all command names; threads that are suppressed already stay so.
    pub fn clear_comms(&mut self) {
        self.comms.clear();
    }

    /// Removes all tids.
    pub fn clear_tids(&mut self) {
        self.tids.clear();
        self.count.set(0);
    }

    /// Whether the thread is suppressed. Tid 0, which all idle tasks share, never is.
    pub fn has_tid(&self, tid: i64) -> bool {
        tid != 0 && self.tids.contains(&tid)
    }

    /// The number of suppressed events.
    pub fn events(&self) -> u64 {
        self.events.get()
    }

    /// The counters of suppressed events and of suppressed threads.
    pub(crate) fn counters(&self) -> (Counter, Counter) {
        (self.events.clone(), self.count.clone())
    }

    fn insert(&mut self, tid: i64) {
        self.tids.insert(tid);
        self.count.set(self.tids.len() as u64);
    }

    /// The number of suppressed threads.
    pub fn tids(&self) -> usize {
        self.tids.len()
    }

    /// Checks a thread that exists already; `running` says whether it is part of a scan. Returns whether its command name
    /// is to be suppressed.
    pub fn scan(&mut self, tid: i64, ptid: i64, comm: &[u8], running: bool) -> bool {
        if self.comms.is_empty() && self.tids.is_empty() {
            return false;
        }
        if running {
            self.scanned.push((tid, ptid));
        }
        self.check_comm(tid, comm)
    }

    /// Ends the scan: suppresses the descendants of suppressed threads.
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

    /// Whether anything is to be suppressed.
    #[inline]
    pub(crate) fn is_active(&self) -> bool {
        !self.tids.is_empty() || !self.comms.is_empty()
    }

    #[inline]
    pub(crate) fn keeps_back(&mut self, event: Event<'_>) -> bool {
        self.is_active() && self.look_at(event)
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
                let ptid = event.param(PTID).and_then(|p| p.try_into().ok()).map_or(-1, i64::from_ne_bytes);
                if self.has_tid(ptid) {
                    self.insert(tid);
                    self.events += 1;
                    return true;
                }
                self.check_comm(tid, comm.strip_suffix(&[0]).unwrap_or(comm))
            }
            // Removed even if the exit event itself is dropped elsewhere.
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
        for (tid, ptid, comm, kept) in
            [(3, 9, "x", false), (9, 1, "quiet", true), (2, 3, "y", false), (4, 1, "z", false)]
        {
            assert_eq!(s.scan(tid, ptid, comm.as_bytes(), true), kept);
        }
        s.end_scan();
        assert!(s.has_tid(9) && s.has_tid(3) && s.has_tid(2) && !s.has_tid(4) && !s.has_tid(0));
    }
}
