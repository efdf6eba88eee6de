//! Which functions of plugins run on an operating-system thread. A plugin must not end in one of its own functions, nor its inspector close.

use std::cell::Cell;
use std::ffi::c_void;
use std::ptr::null;

/// A function that runs, on the stack of its caller.
struct Frame {
    /// What must stay: the inspector of the plugin, or the plugin if it has none.
    context: *const c_void,
    outer: *const Frame,
}

thread_local! {
    /// The innermost function; null for none.
    static INNERMOST: Cell<*const Frame> = const { Cell::new(null()) };
}

/// Ends a frame, also when a panic passes it.
struct End(*const Frame);

impl Drop for End {
    #[inline]
    fn drop(&mut self) {
        INNERMOST.set(self.0);
    }
}

/// Runs a function of a plugin: one of `context`.
#[inline]
pub fn within<R>(context: *const c_void, function: impl FnOnce() -> R) -> R {
    let frame = Frame { context, outer: INNERMOST.get() };
    INNERMOST.set(&frame);
    let _end = End(frame.outer);
    function()
}

/// Whether this thread is in a function of `context`.
pub fn runs(context: *const c_void) -> bool {
    let mut at = INNERMOST.get();
    // SAFETY: a frame is null or on the stack of this thread: `within` takes it from the list before it ends.
    while let Some(frame) = unsafe { at.as_ref() } {
        if std::ptr::eq(frame.context, context) {
            return true;
        }
        at = frame.outer;
    }
    false
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
}
