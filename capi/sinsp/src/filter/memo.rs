//! What a filter remembers of the event on which it ran last, in memory that a program reads without a call.

use crate::event::data::sinsp_event;
use crate::inspector::handle::sinsp_inspector;
use sinsp_core::state::Clock;
use std::cell::UnsafeCell;
use std::ptr::null;
use std::sync::atomic::{AtomicBool, AtomicPtr, AtomicU64, Ordering};

/// What a filter remembers of the event on which it ran last. Its result for an event is `holds`, without a call of `sinsp_program_run`, if all of
/// these are true:
///
/// - `at` is equal to `*clock`;
/// - `of` and `bytes` are those of the event, and the event's `changed` is false;
/// - `inspector` is the event's inspector.
///
/// Otherwise the filter has to run: by `sinsp_program_run` on an event that is new to it, by `sinsp_program_remember` on one on which it ran before, which
/// stores the result here. The clock advances with everything that can change the result: each event, each change of the state, of tables, options
/// and callbacks, and the end of the inspector.
///
/// `clock` and `inspector` never change. Where several operating-system threads use the filter, the other members are read by atomic loads
/// (`__atomic_load_n`): `at` with `__ATOMIC_ACQUIRE`, then the others with `__ATOMIC_ACQUIRE`, then `at` again. If it changed meanwhile, the others are
/// not of one result. `*clock` is read with `__ATOMIC_RELAXED`.
#[repr(C)]
pub struct sinsp_memo {
    /// The address of the inspector's clock, valid as long as the filter, also after the inspector.
    pub clock: *const u64,
    /// The inspector that the filter was compiled for.
    pub inspector: *const sinsp_inspector,
    /// The value of the clock at which the result was found; 0: none is remembered.
    pub at: u64,
    /// `sinsp_event::of` of the event.
    pub of: u64,
    /// `sinsp_event::bytes` of the event.
    pub bytes: *const u8,
    /// Whether the event passed.
    pub holds: bool,
}

/// The memo of a filter, with the clock of its inspector.
pub(super) struct Memo {
    clock: Clock,
    memo: UnsafeCell<sinsp_memo>,
}

impl Memo {
    pub fn new(clock: &Clock, inspector: *const sinsp_inspector) -> Memo {
        let memo = sinsp_memo { clock: clock.address(), inspector, at: 0, of: 0, bytes: null(), holds: false };
        Memo { clock: clock.clone(), memo: UnsafeCell::new(memo) }
    }

    /// The clock's value, which must be read before the filter runs.
    pub fn now(&self) -> u64 {
        self.clock.now()
    }

    /// Remembers that the filter ran at `at` with the result `holds`, for an event that its inspector describes and that did not change. Must be called
    /// while the inspector is held: one thread at a time.
    pub fn remember(&self, at: u64, event: &sinsp_event, holds: bool) {
        let memo = self.memo.get();
        // SAFETY: the members are valid and aligned as long as `self`, and while a program can read them only written here, by atomic stores. `at` is 0
        // while the others are of different results.
        unsafe {
            let current = AtomicU64::from_ptr(&raw mut (*memo).at);
            current.store(0, Ordering::Relaxed);
            AtomicU64::from_ptr(&raw mut (*memo).of).store(event.of, Ordering::Release);
            AtomicPtr::from_ptr((&raw mut (*memo).bytes).cast::<*mut u8>())
                .store(event.bytes.cast_mut(), Ordering::Release);
            AtomicBool::from_ptr(&raw mut (*memo).holds).store(holds, Ordering::Release);
            current.store(at, Ordering::Release);
        }
    }

    /// Where programs read it.
    pub fn address(&self) -> *const sinsp_memo {
        self.memo.get()
    }
}
