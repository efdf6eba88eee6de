//! The routines of a plugin: functions of it that a pool of threads calls again and again, until they return 0 or are ended.

use crate::pool::Pool;
use crate::running;
use parking_lot::{Mutex, ReentrantMutex};
use std::ffi::c_void;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};

/// A routine's function: gets the plugin's state and the argument that the plugin chose.
pub type Function = unsafe extern "C" fn(plugin: *mut c_void, state: *mut c_void) -> u32;

/// What a routine's function is called with, and the context that it runs within.
struct Arguments(*mut c_void, *mut c_void, *const c_void);

// SAFETY: the plugin API lets any thread call a routine with these arguments, one at a time; the context is an address alone.
unsafe impl Send for Arguments {}

/// A routine: its id in the pool, 0 until that is known, and whether it was ended. It is locked while it runs.
#[derive(Default)]
struct Running {
    id: AtomicUsize,
    ended: AtomicBool,
    lock: ReentrantMutex<()>,
}

/// The routines of one plugin. The pool is called without a lock held, as it may be a program's.
pub(crate) struct Routines {
    pool: Arc<dyn Pool>,
    own: Mutex<Vec<Arc<Running>>>,
}

impl Routines {
    pub fn new(pool: Arc<dyn Pool>) -> Routines {
        Routines { pool, own: Mutex::default() }
    }

    /// Has the pool call a routine of `context` with the plugin's state and `argument` until it returns 0; returns its id, which is not 0, or `None` if there is no
    /// thread for it.
    ///
    /// # Safety
    /// Any thread may call the function so until the routine ends.
    pub unsafe fn start(
        &self,
        function: Function,
        plugin: *mut c_void,
        argument: *mut c_void,
        context: *const c_void,
    ) -> Option<usize> {
        let arguments = Arguments(plugin, argument, context);
        let running = Arc::new(Running::default());
        let of_task = running.clone();
        let task = move || {
            let arguments = &arguments;
            let _runs = of_task.lock.lock();
            if of_task.ended.load(Relaxed) {
                return false;
            }
            // SAFETY: this `# Safety`; no other thread runs the routine.
            let goes_on = running::within(arguments.2, || unsafe { function(arguments.0, arguments.1) }) != 0;
            if !goes_on {
                of_task.ended.store(true, Relaxed);
            }
            goes_on
        };
        let mut own = self.own.lock();
        own.retain(|routine| !routine.ended.load(Relaxed));
        own.push(running.clone());
        drop(own);
        let id = self.pool.subscribe(Box::new(task)).unwrap_or(0);
        running.id.store(id, Relaxed);
        if id == 0 {
            running.ended.store(true, Relaxed);
            return None;
        }
        Some(id)
    }

    /// Ends a routine, and returns once it does not run any more, unless it ends itself; whether there was one.
    pub fn stop(&self, id: usize) -> bool {
        let mut own = self.own.lock();
        let at = own.iter().position(|routine| id != 0 && routine.id.load(Relaxed) == id);
        let Some(routine) = at.map(|at| own.swap_remove(at)) else { return false };
        drop(own);
        self.end(&routine)
    }

    /// Ends a routine that is not in the list any more; whether it had not ended before.
    fn end(&self, routine: &Running) -> bool {
        let ended = routine.ended.swap(true, Relaxed);
        let id = routine.id.load(Relaxed);
        if id != 0 {
            self.pool.unsubscribe(id);
        }
        // A pool of the program may still call it.
        drop(routine.lock.lock());
        !ended
    }

    /// Ends all of them, also those that they start meanwhile.
    pub fn end_all(&self) {
        loop {
            let own = std::mem::take(&mut *self.own.lock());
            if own.is_empty() {
                return;
            }
            own.iter().for_each(|routine| {
                self.end(routine);
            });
        }
    }
}
