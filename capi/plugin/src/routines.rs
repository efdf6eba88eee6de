//! The routines of a plugin: functions that threads of the host call again and again, until they return 0 or are ended.

use parking_lot::{Condvar, Mutex};
use std::collections::VecDeque;
use std::ffi::c_void;
use std::sync::Arc;
use std::thread::{self, JoinHandle, ThreadId};

/// A routine's function with its arguments.
#[derive(Clone, Copy)]
pub struct Routine {
    /// The function.
    pub function: unsafe extern "C" fn(plugin: *mut c_void, state: *mut c_void) -> u32,
    /// The plugin's state.
    pub plugin: *mut c_void,
    /// The argument that the plugin chose.
    pub state: *mut c_void,
}

// SAFETY: the plugin API lets any thread call a routine with these arguments, one at a time.
unsafe impl Send for Routine {}

/// How many threads a plugin's routines have at most. More routines take turns.
const MAX_THREADS: usize = 4;

struct Entry {
    id: usize,
    routine: Routine,
    /// The thread that runs it.
    runs_on: Option<ThreadId>,
    /// Whether it is not called any more.
    ended: bool,
}

#[derive(Default)]
struct Line {
    entries: Vec<Entry>,
    /// The ids of those that wait for a thread.
    waiting: VecDeque<usize>,
    last_id: usize,
    threads: Vec<JoinHandle<()>>,
    stops: bool,
}

#[derive(Default)]
struct Shared {
    line: Mutex<Line>,
    changed: Condvar,
}

/// The routines of one plugin, and the threads that call them, which start with the first routine.
#[derive(Default)]
pub struct Routines(Arc<Shared>);

impl Routines {
    /// Starts a routine; returns its id, which is not 0, or `None` if there is no thread for it.
    ///
    /// # Safety
    /// Any thread may call the routine until it has ended.
    pub unsafe fn start(&self, routine: Routine) -> Option<usize> {
        let mut line = self.0.line.lock();
        if line.stops {
            return None;
        }
        line.last_id += 1;
        let id = line.last_id;
        line.entries.push(Entry { id, routine, runs_on: None, ended: false });
        if line.threads.len() < MAX_THREADS.min(line.entries.len()) {
            let shared = self.0.clone();
            match thread::Builder::new().name("plugin routines".into()).spawn(move || shared.work()) {
                Ok(thread) => line.threads.push(thread),
                Err(_) if line.threads.is_empty() => {
                    line.entries.pop();
                    return None;
                }
                // The threads that there are take it over.
                Err(_) => {}
            }
        }
        line.waiting.push_back(id);
        self.0.changed.notify_all();
        Some(id)
    }

    /// Ends a routine, and returns once it does not run any more, unless it ends itself; whether there was one.
    pub fn end(&self, id: usize) -> bool {
        let own = thread::current().id();
        let mut line = self.0.line.lock();
        let Some(entry) = line.entries.iter_mut().find(|e| e.id == id && !e.ended) else { return false };
        entry.ended = true;
        while line.entries.iter().any(|e| e.id == id && e.runs_on.is_some_and(|thread| thread != own)) {
            self.0.changed.wait(&mut line);
        }
        line.entries.retain(|e| e.id != id || e.runs_on.is_some());
        true
    }

    /// Ends all routines and their threads. Must not be called by a routine.
    pub fn stop(&self) {
        let mut line = self.0.line.lock();
        line.stops = true;
        let threads = std::mem::take(&mut line.threads);
        self.0.changed.notify_all();
        drop(line);
        for thread in threads {
            // A thread that panicked has ended too.
            let _ = thread.join();
        }
        *self.0.line.lock() = Line::default();
    }
}

impl Shared {
    fn work(&self) {
        let own = thread::current().id();
        let mut line = self.line.lock();
        while !line.stops {
            let Some(id) = line.waiting.pop_front() else {
                self.changed.wait(&mut line);
                continue;
            };
            let Some(entry) = line.entries.iter_mut().find(|e| e.id == id && !e.ended) else { continue };
            entry.runs_on = Some(own);
            let routine = entry.routine;
            drop(line);
            // SAFETY: `Routines::start` has its caller guarantee it until the routine has ended, and only this thread runs it.
            let goes_on = unsafe { (routine.function)(routine.plugin, routine.state) } != 0;
            line = self.line.lock();
            if let Some(entry) = line.entries.iter_mut().find(|e| e.id == id) {
                entry.runs_on = None;
                entry.ended |= !goes_on;
                if entry.ended {
                    line.entries.retain(|e| e.id != id);
                } else {
                    line.waiting.push_back(id);
                }
            }
            self.changed.notify_all();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::ptr::null_mut;
    use std::sync::atomic::{AtomicU32, Ordering::SeqCst};

    unsafe extern "C" fn count(_: *mut c_void, counter: *mut c_void) -> u32 {
        // SAFETY: the tests pass an AtomicU32.
        unsafe { &*counter.cast::<AtomicU32>() }.fetch_add(1, SeqCst);
        thread::yield_now();
        1
    }

    unsafe extern "C" fn five_times(_: *mut c_void, counter: *mut c_void) -> u32 {
        // SAFETY: the tests pass an AtomicU32.
        u32::from(unsafe { &*counter.cast::<AtomicU32>() }.fetch_add(1, SeqCst) < 4)
    }

    fn start(
        routines: &Routines,
        function: unsafe extern "C" fn(*mut c_void, *mut c_void) -> u32,
        n: &AtomicU32,
    ) -> usize {
        let state = (&raw const *n).cast_mut().cast();
        // SAFETY: the counter outlives the routines, which the tests stop.
        unsafe { routines.start(Routine { function, plugin: null_mut(), state }) }.expect("a thread")
    }

    #[test]
    fn they_are_called_until_they_end() {
        let routines = Routines::default();
        let counters: Vec<AtomicU32> = (0..10).map(|_| AtomicU32::new(0)).collect();
        let ids: Vec<usize> = counters.iter().map(|n| start(&routines, count, n)).collect();
        let few = AtomicU32::new(0);
        start(&routines, five_times, &few);
        while counters.iter().any(|n| n.load(SeqCst) < 100) || few.load(SeqCst) < 5 {
            thread::yield_now();
        }
        assert!(routines.end(ids[3]) && !routines.end(ids[3]) && !routines.end(0));
        let ended = counters[3].load(SeqCst);
        let other = counters[4].load(SeqCst);
        while counters[4].load(SeqCst) < other + 100 {
            thread::yield_now();
        }
        assert_eq!((counters[3].load(SeqCst), few.load(SeqCst)), (ended, 5));
        routines.stop();
        let after: Vec<u32> = counters.iter().map(|n| n.load(SeqCst)).collect();
        thread::yield_now();
        assert_eq!(after, counters.iter().map(|n| n.load(SeqCst)).collect::<Vec<_>>());
        // Others can start after a stop.
        start(&routines, five_times, &AtomicU32::new(100));
        routines.stop();
    }
}
