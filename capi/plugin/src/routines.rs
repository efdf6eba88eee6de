//! The routines of a plugin: functions of it that a pool of threads calls again and again, until they return 0 or are ended.

use crate::pool::Pool;
use crate::running;
use parking_lot::{Condvar, Mutex};
use std::ffi::c_void;
use std::sync::Arc;
use std::thread::{self, ThreadId};

/// A routine's function: gets the plugin's state and the argument that the plugin chose.
pub type Function = unsafe extern "C" fn(plugin: *mut c_void, state: *mut c_void) -> u32;

/// The state of a plugin, and the context that its functions run within.
#[derive(Clone, Copy)]
struct State(*mut c_void, *const c_void);

// SAFETY: the plugin API lets any thread call a routine with the plugin's state; the context is an address alone.
unsafe impl Send for State {}

/// What a routine's function is called with, and the context that it runs within.
struct Arguments(State, *mut c_void);

// SAFETY: the plugin API lets any thread call a routine with these arguments, one at a time.
unsafe impl Send for Arguments {}

#[derive(Default)]
struct Progress {
    /// The id in the pool; 0 until that is known.
    id: usize,
    /// Whether it is not called any more.
    ended: bool,
    /// The thread that runs it.
    runs_on: Option<ThreadId>,
}

#[derive(Default)]
struct Routine {
    progress: Mutex<Progress>,
    returned: Condvar,
}

impl Routine {
    /// Calls `function` unless the routine has ended. Returns whether it is to be called again.
    fn run(&self, function: impl FnOnce() -> bool) -> bool {
        let mut progress = self.progress.lock();
        if progress.ended {
            return false;
        }
        progress.runs_on = Some(thread::current().id());
        drop(progress);
        let goes_on = function();
        let mut progress = self.progress.lock();
        progress.runs_on = None;
        progress.ended |= !goes_on;
        self.returned.notify_all();
        !progress.ended
    }

    /// Has it not be called any more; returns its id, or `None` if it had ended.
    fn end(&self) -> Option<usize> {
        let mut progress = self.progress.lock();
        (!std::mem::replace(&mut progress.ended, true)).then_some(progress.id)
    }

    /// Returns once it does not run on another thread.
    fn wait(&self) {
        let own = thread::current().id();
        let mut progress = self.progress.lock();
        while progress.runs_on.is_some_and(|on| on != own) {
            self.returned.wait(&mut progress);
        }
    }
}

#[derive(Default)]
struct Own {
    /// The plugin's state; `None` while it has none, and may have no routines.
    state: Option<State>,
    /// Those that have not ended, or run.
    routines: Vec<Arc<Routine>>,
}

/// The routines of one plugin. The pool is called without a lock held, as it may be a program's.
pub(crate) struct Routines {
    pool: Arc<dyn Pool>,
    own: Mutex<Own>,
}

impl Routines {
    pub fn new(pool: Arc<dyn Pool>) -> Routines {
        Routines { pool, own: Mutex::default() }
    }

    /// Lets the plugin have routines until [`Routines::close`]: they are called with its state, within `context`.
    pub fn open(&self, state: *mut c_void, context: *const c_void) {
        self.own.lock().state = Some(State(state, context));
    }

    /// Ends all routines; there are none until [`Routines::open`].
    pub fn close(&self) {
        self.own.lock().state = None;
        self.end_all();
    }

    /// Has the pool call a routine with the plugin's state and `argument` until it returns 0; returns its id, which is not 0, or `None` if the plugin has
    /// no state, or there is no thread for it.
    ///
    /// # Safety
    /// Any thread may call the function so until [`Routines::close`] returned.
    pub unsafe fn start(&self, function: Function, argument: *mut c_void) -> Option<usize> {
        let mut own = self.own.lock();
        let arguments = Arguments(own.state?, argument);
        let routine = Arc::new(Routine::default());
        let of_task = routine.clone();
        let task = move || {
            let Arguments(State(plugin, context), argument) = &arguments;
            of_task.run(|| {
                // SAFETY: this `# Safety`; no other thread runs the routine.
                running::within(*context, || unsafe { function(*plugin, *argument) }) != 0
            })
        };
        own.routines.retain(|known| {
            let progress = known.progress.lock();
            !progress.ended || progress.runs_on.is_some()
        });
        own.routines.push(routine.clone());
        drop(own);
        let id = self.pool.subscribe(Box::new(task)).unwrap_or(0);
        let mut progress = routine.progress.lock();
        progress.id = id;
        progress.ended |= id == 0;
        (id != 0).then_some(id)
    }

    /// Ends a routine: it is not called any more, but a call in progress goes on, since the plugin may tell it only then to return. Whether there was one.
    pub fn stop(&self, id: usize) -> bool {
        let own = self.own.lock();
        let known = own.routines.iter().find(|known| id != 0 && known.progress.lock().id == id).cloned();
        drop(own);
        let Some(id) = known.and_then(|routine| routine.end()) else { return false };
        self.pool.unsubscribe(id);
        true
    }

    /// Ends all of them, also those that they start meanwhile, and returns once none runs on another thread.
    pub fn end_all(&self) {
        loop {
            let routines = std::mem::take(&mut self.own.lock().routines);
            if routines.is_empty() {
                return;
            }
            for routine in routines {
                if let Some(id) = routine.end().filter(|id| *id != 0) {
                    self.pool.unsubscribe(id);
                }
                routine.wait();
            }
        }
    }
}
