//! A value that any thread may use until it is revoked, which waits for the uses in progress.

use parking_lot::{Condvar, Mutex};
use std::thread::{self, ThreadId};

struct Line<T> {
    value: Option<T>,
    /// The threads that use the value, one entry for each use.
    users: Vec<ThreadId>,
    /// The threads that wait in [`Revocable::revoke`].
    revoking: Vec<ThreadId>,
}

/// A value that any thread may use until it is revoked. It is not locked while it is used: a use may use it again, and revoke it.
pub(crate) struct Revocable<T> {
    line: Mutex<Line<T>>,
    left: Condvar,
}

/// Ends a use, also when a panic passes it.
struct End<'a, T>(&'a Revocable<T>, ThreadId);

impl<T> Drop for End<'_, T> {
    fn drop(&mut self) {
        let mut line = self.0.line.lock();
        if let Some(at) = line.users.iter().position(|user| *user == self.1) {
            line.users.swap_remove(at);
        }
        if !line.revoking.is_empty() {
            self.0.left.notify_all();
        }
    }
}

impl<T: Clone> Revocable<T> {
    pub fn new(value: Option<T>) -> Revocable<T> {
        let line = Line { value, users: Vec::new(), revoking: Vec::new() };
        Revocable { line: Mutex::new(line), left: Condvar::new() }
    }

    /// Sets the value. Returns false, and changes nothing, if there is one.
    pub fn set(&self, value: T) -> bool {
        let mut line = self.line.lock();
        let free = line.value.is_none();
        if free {
            line.value = Some(value);
        }
        free
    }

    /// Whether there is a value.
    pub fn is_set(&self) -> bool {
        self.line.lock().value.is_some()
    }

    /// Calls `act` with the value; `None` if there is none.
    pub fn with<R>(&self, act: impl FnOnce(&T) -> R) -> Option<R> {
        let own = thread::current().id();
        let mut line = self.line.lock();
        let value = line.value.clone()?;
        line.users.push(own);
        drop(line);
        let _end = End(self, own);
        Some(act(&value))
    }

    /// Takes the value away, and returns once no other thread uses it. Does not wait for threads that wait here themselves, which would never end.
    pub fn revoke(&self) {
        let own = thread::current().id();
        let mut line = self.line.lock();
        let value = line.value.take();
        line.revoking.push(own);
        self.left.notify_all();
        while line.users.iter().any(|user| !line.revoking.contains(user)) {
            self.left.wait(&mut line);
        }
        if let Some(at) = line.revoking.iter().position(|thread| *thread == own) {
            line.revoking.swap_remove(at);
        }
        drop(line);
        // Without the lock: its end may use or revoke it.
        drop(value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicBool, AtomicU32, Ordering::SeqCst};
    use std::sync::{Arc, Barrier};
    use std::time::Duration;

    #[test]
    fn a_use_may_use_and_revoke_it() {
        let shared = Revocable::new(Some(7));
        assert!(!shared.set(8));
        let nested = shared.with(|outer| {
            let inner = shared.with(|inner| outer + inner);
            shared.revoke();
            (inner, shared.with(|n| *n))
        });
        assert_eq!(nested, Some((Some(14), None)));
        assert!(!shared.is_set() && shared.set(8) && shared.is_set());
        assert_eq!(shared.with(|n| *n), Some(8));
    }

    #[test]
    fn revoking_waits_for_the_uses_of_other_threads() {
        let (shared, entered, left) = (Revocable::new(Some(())), Barrier::new(2), AtomicBool::new(false));
        thread::scope(|scope| {
            scope.spawn(|| {
                shared.with(|()| {
                    entered.wait();
                    thread::sleep(Duration::from_millis(20));
                    left.store(true, SeqCst);
                })
            });
            entered.wait();
            shared.revoke();
            assert!(left.load(SeqCst) && shared.with(|()| ()).is_none());
        });
    }

    #[test]
    fn uses_of_two_threads_that_both_revoke_it_end() {
        let (shared, both) = (Revocable::new(Some(())), Barrier::new(2));
        thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| {
                    shared.with(|()| {
                        both.wait();
                        shared.revoke();
                    })
                });
            }
        });
        assert!(!shared.is_set());
    }

    #[test]
    fn a_panic_ends_the_use() {
        let shared = Arc::new(Revocable::new(Some(())));
        let (in_thread, uses) = (shared.clone(), Arc::new(AtomicU32::new(0)));
        let panics = thread::spawn(move || in_thread.with(|()| panic!("on purpose"))).join();
        assert!(panics.is_err());
        shared.with(|()| uses.fetch_add(1, SeqCst));
        shared.revoke();
        assert_eq!(uses.load(SeqCst), 1);
    }
}
