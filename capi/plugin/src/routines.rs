//! The routines of a plugin: functions of it that a pool of threads calls again and again, until they return 0 or are ended.

use crate::instance::Plugin;
use crate::pool::Pool;
use parking_lot::{Mutex, ReentrantMutex};
use std::ffi::c_void;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

/// A routine's function: gets the plugin's state and the argument that the plugin chose.
pub type Function = unsafe extern "C" fn(plugin: *mut c_void, state: *mut c_void) -> u32;

/// What a routine's function is called with.
struct Arguments(*mut c_void, *mut c_void);

// SAFETY: the plugin API lets any thread call a routine with these arguments, one at a time.
unsafe impl Send for Arguments {}

/// Whether a routine was ended. It is locked while the routine runs.
#[derive(Default)]
struct Running {
    ended: AtomicBool,
    lock: ReentrantMutex<()>,
}

/// The routines of one plugin.
pub(crate) struct Routines {
    pool: Arc<dyn Pool>,
    /// Their ids in the pool.
    own: Mutex<Vec<(usize, Arc<Running>)>>,
}

impl Routines {
    pub fn new(pool: Arc<dyn Pool>) -> Routines {
        Routines { pool, own: Mutex::default() }
    }

    /// Ends a routine, and returns once it does not run any more, unless it ends itself; whether there was one.
    fn end(&self, id: usize, running: &Running) -> bool {
        let ended = running.ended.swap(true, Relaxed);
        let known = self.pool.unsubscribe(id);
        // A pool of the program may still call it.
        drop(running.lock.lock());
        known && !ended
    }

    /// Ends all of them.
    pub fn end_all(&self) {
        let own = std::mem::take(&mut *self.own.lock());
        for (id, running) in own {
            self.end(id, &running);
        }
    }
}

impl Plugin {
    /// Has the pool call a routine of the plugin until it returns 0; returns its id, which is not 0, or `None` if the plugin is not initialised or
    /// there is no thread for it.
    ///
    /// # Safety
    /// Any thread may call the function with `state` until the routine or the plugin's state ends.
    pub unsafe fn start_routine(&self, function: Function, state: *mut c_void) -> Option<usize> {
        let arguments = Arguments(self.shared_state(), state);
        if arguments.0.is_null() {
            return None;
        }
        let running = Arc::new(Running::default());
        let of_task = running.clone();
        let task = move || {
            let arguments = &arguments;
            let _runs = of_task.lock.lock();
            if of_task.ended.load(Relaxed) {
                return false;
            }
            // SAFETY: this `# Safety`: the plugin's state ends after its routines, and no other thread runs this one.
            let goes_on = unsafe { function(arguments.0, arguments.1) } != 0;
            if !goes_on {
                of_task.ended.store(true, Relaxed);
            }
            goes_on
        };
        let mut own = self.routines.own.lock();
        own.retain(|(_, running)| !running.ended.load(Relaxed));
        let id = self.routines.pool.subscribe(Box::new(task)).filter(|id| *id != 0)?;
        own.push((id, running));
        Some(id)
    }

    /// Ends a routine of the plugin, and returns once it does not run any more, unless it ends itself; whether there was one.
    pub fn end_routine(&self, id: usize) -> bool {
        let mut own = self.routines.own.lock();
        let Some(at) = own.iter().position(|(known, _)| *known == id) else { return false };
        let (id, running) = own.swap_remove(at);
        drop(own);
        self.routines.end(id, &running)
    }

    /// Ends all routines of the plugin.
    pub fn end_routines(&self) {
        self.routines.end_all();
    }
}
