//! Which functions of plugins run on an operating-system thread. A plugin must not end in one of its own functions, nor its inspector close; and what a
//! plugin takes in a call without giving it back ends with that call.

use std::cell::Cell;
use std::ffi::c_void;
use std::ptr::null;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// How many threads made calls. The numbers of the calls of a thread begin with its own.
static THREADS: AtomicU64 = AtomicU64::new(0);
const THREAD_SHIFT: u32 = 40;

/// A function that runs, on the stack of its caller.
struct Frame {
    /// What must stay: the inspector of the plugin, or the plugin if it has none.
    context: *const c_void,
    outer: *const Frame,
    /// The number of the call; 0 if what it takes does not end with it.
    call: u64,
    /// How much was taken in the call and not given back on this thread.
    taken: Cell<u64>,
}

struct Local {
    /// The innermost function; null for none.
    innermost: Cell<*const Frame>,
    /// The number of the last call that began; 0 before the first.
    last: Cell<u64>,
}

thread_local! {
    static LOCAL: Local = const { Local { innermost: Cell::new(null()), last: Cell::new(0) } };
}

impl Local {
    #[inline]
    fn innermost(&self) -> Option<&Frame> {
        // SAFETY: a frame is null or on the stack of this thread: `run` takes it from the list before it ends.
        unsafe { self.innermost.get().as_ref() }
    }

    /// Runs `function` in a frame. Returns its result, and whether something was not given back.
    #[inline]
    fn run<R>(&self, context: *const c_void, call: u64, function: impl FnOnce() -> R) -> (R, bool) {
        let frame = Frame { context, outer: self.innermost.get(), call, taken: Cell::new(0) };
        self.innermost.set(&frame);
        let _end = End { local: self, outer: frame.outer };
        (function(), frame.taken.get() != 0)
    }

    #[inline]
    fn next_call(&self) -> u64 {
        if self.last.get() == 0 {
            self.last.set((THREADS.fetch_add(1, Relaxed) + 1) << THREAD_SHIFT);
        }
        self.last.set(self.last.get() + 1);
        self.last.get()
    }
}

/// Ends a frame, also when a panic passes it.
struct End<'a> {
    local: &'a Local,
    outer: *const Frame,
}

impl Drop for End<'_> {
    #[inline]
    fn drop(&mut self) {
        self.local.innermost.set(self.outer);
    }
}

/// Runs a function of a plugin: one of `context`.
#[inline]
pub fn within<R>(context: *const c_void, function: impl FnOnce() -> R) -> R {
    LOCAL.with(|local| local.run(context, 0, function).0)
}

/// As [`within`], as a call. Returns the result, and the number of the call if it [took](take) what was not given back.
#[inline]
pub fn during_call<R>(context: *const c_void, function: impl FnOnce() -> R) -> (R, Option<u64>) {
    LOCAL.with(|local| {
        let call = local.next_call();
        let (result, took) = local.run(context, call, function);
        (result, took.then_some(call))
    })
}

/// Notes what the innermost function takes; returns the call that it belongs to, 0 for none.
#[inline]
pub fn take() -> u64 {
    LOCAL.with(|local| {
        local.innermost().map_or(0, |frame| {
            frame.taken.set(frame.taken.get() + 1);
            frame.call
        })
    })
}

/// Notes what was given back that this call took. On another thread it does nothing: the end of the call then looks for it in vain.
#[inline]
pub fn give_back(call: u64) {
    LOCAL.with(|local| {
        if let Some(frame) = local.innermost().filter(|frame| call != 0 && frame.call == call) {
            frame.taken.set(frame.taken.get().saturating_sub(1));
        }
    });
}

/// Whether this thread is in a function of `context`.
pub fn runs(context: *const c_void) -> bool {
    LOCAL.with(|local| {
        let mut at = local.innermost();
        while let Some(frame) = at {
            if std::ptr::eq(frame.context, context) {
                return true;
            }
            // SAFETY: as in `innermost`.
            at = unsafe { frame.outer.as_ref() };
        }
        false
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_context_runs_within_its_functions_alone() {
        let places = [0u8; 2];
        let [one, two] = places.each_ref().map(|place| (&raw const *place).cast());
        assert!(!runs(one));
        within(one, || {
            assert!(runs(one) && !runs(two));
            within(two, || assert!(runs(one) && runs(two)));
            assert!(runs(one) && !runs(two));
            assert!(
                std::thread::spawn({
                    let one = one.addr();
                    move || !runs(std::ptr::without_provenance(one))
                })
                .join()
                .is_ok_and(|not| not)
            );
        });
        let panics = std::panic::catch_unwind(|| within(std::ptr::dangling::<u8>().cast(), || panic!("on purpose")));
        assert!(panics.is_err() && !runs(std::ptr::dangling::<u8>().cast()) && !runs(one));
    }

    #[test]
    fn calls_know_what_they_took() {
        let place = 0u8;
        let here = (&raw const place).cast();
        assert_eq!((take(), during_call(here, || 3)), (0, (3, None)));
        let (inner, outer) = during_call(here, || {
            let mine = take();
            let ((), inner) = during_call(here, || assert_ne!(take(), mine));
            // Nothing of what this function takes ends with it.
            within(here, || assert_eq!(take(), 0));
            assert_eq!(during_call(here, || give_back(take())), ((), None));
            inner.zip(Some(mine))
        });
        assert!(inner.is_some_and(|(inner, mine)| inner > mine && outer == Some(mine)));
    }
}
