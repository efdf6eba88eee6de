//! Pools of threads that run routines, for C: pools of this library, and pools of a program.

use crate::ffi::{
    Failure, borrow, guard_handle, guard_plain, guard_status, read_sized, release, sinsp_error, sinsp_status,
};
use crate::inspector::gate::Call;
use crate::inspector::handle::sinsp_inspector;
use plugin::pool::{Pool, Task, ThreadPool};
use std::ffi::c_void;
use std::ptr::null_mut;
use std::sync::Arc;

/// A pool of threads that call routines again and again. Owned; any thread may use it, and end the reference with `sinsp_pool_free`. Routines of
/// the last reference end with it.
pub struct sinsp_pool {
    pub(crate) core: Arc<dyn Pool>,
}

/// A routine that a pool of a program runs: it calls `sinsp_task_run`, on any one thread at a time, until that returns false or the routine is
/// unsubscribed, and then `sinsp_task_free`.
pub struct sinsp_task {
    task: Task,
}

/// The functions of a pool of a program. Any thread may call them. They must not throw.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct sinsp_pool_calls {
    /// The size of this struct, in bytes.
    pub size: usize,
    /// Starts a routine, which it takes over; returns its id, or 0 on failure.
    pub subscribe: Option<unsafe extern "C" fn(context: *mut c_void, task: *mut sinsp_task) -> usize>,
    /// Ends a routine; whether there was one.
    pub unsubscribe: Option<unsafe extern "C" fn(context: *mut c_void, id: usize) -> bool>,
    /// Ends all routines, and waits for them.
    pub purge: Option<unsafe extern "C" fn(context: *mut c_void)>,
    /// How many routines there are.
    pub routines: Option<unsafe extern "C" fn(context: *mut c_void) -> usize>,
    /// Ends the program's context.
    pub free: Option<unsafe extern "C" fn(context: *mut c_void)>,
}

/// A function of a routine; false ends it.
pub type sinsp_routine = Option<unsafe extern "C" fn(context: *mut c_void) -> bool>;
/// Ends a context.
pub type sinsp_end = Option<unsafe extern "C" fn(context: *mut c_void)>;

/// A context of the program, which is ended once.
pub(super) struct Context {
    pointer: *mut c_void,
    end: sinsp_end,
}

// SAFETY: the functions of this ABI that take a context with its end require that any thread may use both.
unsafe impl Send for Context {}
// SAFETY: as above.
unsafe impl Sync for Context {}

impl Context {
    pub fn new(pointer: *mut c_void, end: sinsp_end) -> Context {
        Context { pointer, end }
    }

    pub fn pointer(&self) -> *mut c_void {
        self.pointer
    }
}

impl Drop for Context {
    fn drop(&mut self) {
        if let Some(end) = self.end {
            // SAFETY: the program passed it for this, and it is called once.
            unsafe { end(self.pointer) }
        }
    }
}

/// A pool of a program.
struct Foreign {
    calls: sinsp_pool_calls,
    context: Context,
}

impl Pool for Foreign {
    fn subscribe(&self, task: Task) -> Option<usize> {
        let subscribe = self.calls.subscribe?;
        let task = Box::into_raw(Box::new(sinsp_task { task }));
        // SAFETY: `sinsp_pool_of_program` has any thread call the functions with the context.
        Some(unsafe { subscribe(self.context.pointer(), task) }).filter(|id| *id != 0)
    }

    fn unsubscribe(&self, id: usize) -> bool {
        // SAFETY: as in `subscribe`.
        self.calls.unsubscribe.is_some_and(|unsubscribe| unsafe { unsubscribe(self.context.pointer(), id) })
    }

    fn purge(&self) {
        if let Some(purge) = self.calls.purge {
            // SAFETY: as in `subscribe`.
            unsafe { purge(self.context.pointer()) }
        }
    }

    fn routines(&self) -> usize {
        // SAFETY: as in `subscribe`.
        self.calls.routines.map_or(0, |routines| unsafe { routines(self.context.pointer()) })
    }
}

/// Makes a pool of at most `threads` threads, which start with the first routines; 0: as many as there are processors, but at least 4. More
/// routines take turns.
#[unsafe(no_mangle)]
pub extern "C" fn sinsp_pool_new(threads: usize) -> *mut sinsp_pool {
    guard_plain(null_mut(), || Box::into_raw(Box::new(sinsp_pool { core: Arc::new(ThreadPool::new(threads)) })))
}

/// Makes a pool of the functions of a program, with a context that `calls->free` ends after the last use. Null on failure, after which the context
/// is the caller's.
///
/// # Safety
/// `calls` must be null or readable as far as its size says, and any thread must be able to call its functions with `context` and without
/// throwing; `error` null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_pool_of_program(
    calls: *const sinsp_pool_calls,
    context: *mut c_void,
    error: *mut *mut sinsp_error,
) -> *mut sinsp_pool {
    let body = move || {
        if calls.is_null() {
            return Err(Failure::illegal("null functions of a pool"));
        }
        let none =
            sinsp_pool_calls { size: 0, subscribe: None, unsubscribe: None, purge: None, routines: None, free: None };
        // SAFETY: by `# Safety`, `calls`, which is not null, is readable as far as its size says; all its functions are optional.
        let calls = unsafe { read_sized(calls, none)? };
        let all =
            [calls.subscribe.is_some(), calls.unsubscribe.is_some(), calls.purge.is_some(), calls.routines.is_some()];
        if all.contains(&false) {
            return Err(Failure::illegal("the pool lacks a function"));
        }
        let context = Context::new(context, calls.free);
        Ok(sinsp_pool { core: Arc::new(Foreign { calls, context }) })
    };
    // SAFETY: by `# Safety`, `error` is null or writable.
    unsafe { guard_handle(error, body) }
}

/// Another reference to a pool; null for null.
///
/// # Safety
/// `pool` must be null or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_pool_retain(pool: *const sinsp_pool) -> *mut sinsp_pool {
    // SAFETY: by `# Safety`, `pool` is null or live.
    let Some(pool) = (unsafe { pool.as_ref() }) else { return null_mut() };
    guard_plain(null_mut(), || Box::into_raw(Box::new(sinsp_pool { core: pool.core.clone() })))
}

/// Ends a reference to a pool; null is ignored.
///
/// # Safety
/// `pool` must be null or a reference that was not ended yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_pool_free(pool: *mut sinsp_pool) {
    // SAFETY: by `# Safety`, `pool` is null or owned, and this call is the one that frees it.
    unsafe { release(pool) }
}

/// Has the pool call a routine with `context` until it returns false or is unsubscribed, and then `end`, which may be null. Returns its id, or 0
/// on failure, after which the context is the caller's.
///
/// # Safety
/// `pool` must be null or live; any thread must be able to call `routine` and `end` with `context`, without throwing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_pool_subscribe(
    pool: *const sinsp_pool,
    routine: sinsp_routine,
    end: sinsp_end,
    context: *mut c_void,
) -> usize {
    // SAFETY: by `# Safety`, `pool` is null or live.
    let (Some(pool), Some(routine)) = (unsafe { pool.as_ref() }, routine) else { return 0 };
    guard_plain(0, || {
        let context = Context::new(context, end);
        // SAFETY: by `# Safety`, any thread may call the routine.
        let task = move || unsafe { routine(context.pointer()) };
        pool.core.subscribe(Box::new(task)).unwrap_or(0)
    })
}

/// Ends a routine: a pool of this library does not call it any more, but a call in progress goes on. Whether there was one.
///
/// # Safety
/// `pool` must be null or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_pool_unsubscribe(pool: *const sinsp_pool, id: usize) -> bool {
    // SAFETY: by `# Safety`, `pool` is null or live.
    guard_plain(false, || unsafe { pool.as_ref() }.is_some_and(|pool| pool.core.unsubscribe(id)))
}

/// Ends all routines of a pool, and returns once none runs any more, except one that calls this.
///
/// # Safety
/// `pool` must be null or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_pool_purge(pool: *const sinsp_pool) {
    // SAFETY: by `# Safety`, `pool` is null or live.
    guard_plain((), || unsafe { pool.as_ref() }.into_iter().for_each(|pool| pool.core.purge()));
}

/// How many routines a pool has.
///
/// # Safety
/// `pool` must be null or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_pool_routines(pool: *const sinsp_pool) -> usize {
    // SAFETY: by `# Safety`, `pool` is null or live.
    guard_plain(0, || unsafe { pool.as_ref() }.map_or(0, |pool| pool.core.routines()))
}

/// Calls a routine once; false: it has ended.
///
/// # Safety
/// `task` must be null, or live and used by no other thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_task_run(task: *mut sinsp_task) -> bool {
    // SAFETY: by `# Safety`, `task` is null, or live and used here alone.
    guard_plain(false, || unsafe { task.as_mut() }.is_some_and(|task| (task.task)()))
}

/// Ends a routine of a pool of a program; null is ignored.
///
/// # Safety
/// `task` must be null, or not ended yet and used by no other thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_task_free(task: *mut sinsp_task) {
    // SAFETY: by `# Safety`, `task` is null or owned.
    unsafe { release(task) }
}

impl sinsp_inspector {
    /// Where the routines of its plugins run.
    pub(crate) fn routine_pool(&self) -> Arc<dyn Pool> {
        self.pool.borrow_mut().get_or_insert_with(|| Arc::new(ThreadPool::new(0))).clone()
    }
}

/// A reference to the pool in which the routines of an inspector's plugins run. They end when a capture closes. Null for null.
///
/// # Safety
/// `inspector` must be null or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_inspector_pool(inspector: *const sinsp_inspector) -> *mut sinsp_pool {
    // SAFETY: by `# Safety`, `inspector` is null or live.
    let Some(inspector) = (unsafe { inspector.as_ref() }) else { return null_mut() };
    guard_plain(null_mut(), || Box::into_raw(Box::new(sinsp_pool { core: inspector.routine_pool() })))
}

/// Sets the pool in which the routines of an inspector's plugins run. An error once it has one: after `sinsp_inspector_pool`, or the first plugin.
///
/// # Safety
/// `inspector` and `pool` must be null or live, `error` null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_inspector_set_pool(
    inspector: *mut sinsp_inspector,
    pool: *const sinsp_pool,
    error: *mut *mut sinsp_error,
) -> sinsp_status {
    let body = move || {
        // SAFETY: by `# Safety`, `inspector` and `pool` are null or live.
        let (inspector, pool) = unsafe { (borrow(inspector, "inspector")?, borrow(pool, "pool")?) };
        let _call = inspector.begin(Call::Set)?;
        if inspector.pool.borrow().is_some() {
            return Err(Failure::illegal("the inspector has a pool of threads already"));
        }
        inspector.pool.replace(Some(pool.core.clone()));
        Ok(sinsp_status::SINSP_SUCCESS)
    };
    // SAFETY: by `# Safety`, `error` is null or writable.
    unsafe { guard_status(error, body) }
}
