//! Pools of threads that run routines: functions that are called again and again, until they return false or are ended.

use parking_lot::{Condvar, Mutex};
use std::collections::VecDeque;
use std::sync::Arc;
use std::thread::{self, JoinHandle, ThreadId};

/// What a pool calls again and again, until it returns false.
pub type Task = Box<dyn FnMut() -> bool + Send>;

/// Where routines run: a pool of this library, or one of a program.
pub trait Pool: Send + Sync {
    /// Starts a routine; returns its id, which is not 0, or `None` if there is no thread for it.
    fn subscribe(&self, task: Task) -> Option<usize>;
    /// Ends a routine: it is not called any more, but a call in progress goes on. Whether there was one.
    fn unsubscribe(&self, id: usize) -> bool;
    /// Ends all routines, and returns once none runs any more, except one that calls this.
    fn purge(&self);
    /// How many routines there are.
    fn routines(&self) -> usize;
}

/// The least number of threads of a pool whose size is not given: a routine may wait for something.
const MIN_THREADS: usize = 4;

struct Entry {
    id: usize,
    /// `None` while it runs.
    task: Option<Task>,
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
    /// The threads that wait in [`Pool::purge`].
    ending: Vec<ThreadId>,
    threads: Vec<JoinHandle<()>>,
    stops: bool,
}

impl Line {
    /// Removes the entries that ended and do not run; returns their tasks, which are dropped without the lock.
    fn remove_ended(&mut self) -> Vec<Option<Task>> {
        let (gone, kept) = self.entries.drain(..).partition::<Vec<_>, _>(|e| e.ended && e.runs_on.is_none());
        self.entries = kept;
        gone.into_iter().map(|e| e.task).collect()
    }
}

#[derive(Default)]
struct Shared {
    line: Mutex<Line>,
    changed: Condvar,
}

/// A pool of this library. Its threads start with the first routines.
pub struct ThreadPool {
    shared: Arc<Shared>,
    most: usize,
}

impl ThreadPool {
    /// A pool of at most `most` threads; 0: as many as there are processors, but at least 4. More routines take turns.
    pub fn new(most: usize) -> ThreadPool {
        let most = match most {
            0 => thread::available_parallelism().map_or(MIN_THREADS, |n| n.get().max(MIN_THREADS)),
            most => most,
        };
        ThreadPool { shared: Arc::default(), most }
    }
}

impl Pool for ThreadPool {
    fn subscribe(&self, task: Task) -> Option<usize> {
        let mut line = self.shared.line.lock();
        if line.stops {
            return None;
        }
        line.last_id += 1;
        let id = line.last_id;
        line.entries.push(Entry { id, task: Some(task), runs_on: None, ended: false });
        if line.threads.len() < self.most.min(line.entries.len()) {
            let shared = self.shared.clone();
            // Signals stay as in this thread: a routine is the plugin's code, and a program that it starts would inherit a mask.
            match thread::Builder::new().name("routines".into()).spawn(move || shared.work()) {
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
        self.shared.changed.notify_all();
        Some(id)
    }

    fn unsubscribe(&self, id: usize) -> bool {
        let mut line = self.shared.line.lock();
        let Some(entry) = line.entries.iter_mut().find(|e| !e.ended && e.id == id) else { return false };
        entry.ended = true;
        let tasks = line.remove_ended();
        drop(line);
        drop(tasks);
        true
    }

    /// Does not wait for routines that wait here themselves: two that end each other would wait for ever.
    fn purge(&self) {
        let own = thread::current().id();
        let mut line = self.shared.line.lock();
        line.entries.iter_mut().for_each(|entry| entry.ended = true);
        let last = line.last_id;
        line.ending.push(own);
        self.shared.changed.notify_all();
        while line.entries.iter().any(|e| e.id <= last && e.runs_on.is_some_and(|on| !line.ending.contains(&on))) {
            self.shared.changed.wait(&mut line);
        }
        if let Some(at) = line.ending.iter().position(|thread| *thread == own) {
            line.ending.swap_remove(at);
        }
        let tasks = line.remove_ended();
        drop(line);
        drop(tasks);
    }

    fn routines(&self) -> usize {
        self.shared.line.lock().entries.iter().filter(|e| !e.ended).count()
    }
}

impl Drop for ThreadPool {
    fn drop(&mut self) {
        self.purge();
        let mut line = self.shared.line.lock();
        line.stops = true;
        let threads = std::mem::take(&mut line.threads);
        self.shared.changed.notify_all();
        drop(line);
        let own = thread::current().id();
        // A routine may hold the last reference: its thread ends by itself.
        for thread in threads.into_iter().filter(|t| t.thread().id() != own) {
            // A thread that panicked has ended too.
            let _ = thread.join();
        }
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
            let Some(mut task) = entry.task.take() else { continue };
            entry.runs_on = Some(own);
            drop(line);
            let goes_on = task();
            line = self.line.lock();
            // An entry that runs is removed by this thread alone.
            let Some(entry) = line.entries.iter_mut().find(|e| e.id == id) else { continue };
            entry.ended |= !goes_on;
            if entry.ended {
                // Who waits for its end may count on its captured values being dropped.
                drop(line);
                drop(task);
                line = self.line.lock();
                line.entries.retain(|e| e.id != id);
            } else {
                entry.task = Some(task);
                entry.runs_on = None;
                line.waiting.push_back(id);
            }
            self.changed.notify_all();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicU32, Ordering::SeqCst};

    type Counter = Arc<AtomicU32>;

    fn start(pool: &ThreadPool, counter: &Counter, most: u32) -> usize {
        let counter = counter.clone();
        let task = move || {
            thread::yield_now();
            counter.fetch_add(1, SeqCst) + 1 < most
        };
        pool.subscribe(Box::new(task)).expect("a thread")
    }

    fn wait(counter: &Counter, for_more_than: u32) {
        while counter.load(SeqCst) <= for_more_than {
            thread::yield_now();
        }
    }

    #[test]
    fn routines_are_called_until_they_end() {
        for threads in [0, 1] {
            let pool = ThreadPool::new(threads);
            let counters: Vec<Counter> = (0..10).map(|_| Counter::default()).collect();
            let ids: Vec<usize> = counters.iter().map(|n| start(&pool, n, u32::MAX)).collect();
            let few = Counter::default();
            start(&pool, &few, 5);
            counters.iter().for_each(|n| wait(n, 100));
            wait(&few, 4);
            assert!(pool.unsubscribe(ids[3]) && !pool.unsubscribe(ids[3]) && !pool.unsubscribe(0));
            // Nothing but the pool holds it, until its last call returns.
            while Arc::strong_count(&counters[3]) != 1 {
                thread::yield_now();
            }
            let ended = counters[3].load(SeqCst);
            wait(&counters[4], counters[4].load(SeqCst) + 100);
            assert_eq!((counters[3].load(SeqCst), few.load(SeqCst)), (ended, 5));
            while pool.routines() != 9 {
                thread::yield_now();
            }
            pool.purge();
            assert_eq!(pool.routines(), 0);
            assert!(counters.iter().all(|n| Arc::strong_count(n) == 1));
            // Others can start after a purge.
            let last = Counter::default();
            start(&pool, &last, 1);
            wait(&last, 0);
        }
    }

    #[test]
    fn routines_may_end_each_other() {
        use parking_lot::Mutex;
        use std::sync::Barrier;
        let pool = Arc::new(ThreadPool::new(2));
        let (ids, both, done) = (Arc::new(Mutex::new(Vec::new())), Arc::new(Barrier::new(2)), Counter::default());
        let mut locked = ids.lock();
        for number in 0..2 {
            let (own, ids, both, done) = (pool.clone(), ids.clone(), both.clone(), done.clone());
            let task = move || {
                let other = { ids.lock()[1 - number] };
                both.wait();
                own.unsubscribe(other);
                own.purge();
                done.fetch_add(1, SeqCst);
                true
            };
            locked.push(pool.subscribe(Box::new(task)).expect("a thread"));
        }
        drop(locked);
        wait(&done, 1);
        while pool.routines() != 0 {
            thread::yield_now();
        }
    }

    #[test]
    fn a_routine_may_end_itself_and_start_others() {
        let pool = Arc::new(ThreadPool::new(1));
        let (counter, own) = (Counter::default(), pool.clone());
        let counted = counter.clone();
        pool.subscribe(Box::new(move || {
            own.purge();
            let counted = counted.clone();
            own.subscribe(Box::new(move || counted.fetch_add(1, SeqCst) < 9));
            true
        }));
        wait(&counter, 9);
    }
}
