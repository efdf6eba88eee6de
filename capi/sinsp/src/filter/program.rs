//! Compiled filters.

use crate::event::data::sinsp_event;
use crate::ffi::{Failure, borrow, guard, guard_handle, release, sinsp_error, sinsp_position, sinsp_str};
use crate::filter::ast::{read, sinsp_ast_node};
use crate::filter::memo::{Memo, sinsp_memo};
use crate::filter::registry::{factory, sinsp_registry};
use crate::inspector::handle::{Identity, sinsp_inspector};
use sinsp_core::codes::CodeSet;
use sinsp_core::context::Moment;
use sinsp_core::filter::Filter;
use std::cell::Cell;
use std::rc::Rc;

/// How many words the set of types has that `sinsp_program_types` returns.
pub const SINSP_TYPES_WORDS: usize = 8;

const _: () = assert!(SINSP_TYPES_WORDS * 64 == CodeSet::CAPACITY && CodeSet::CAPACITY >= driver::EVENT_COUNT);

/// A compiled filter. Owned; ended with `sinsp_program_free`. It runs on the events of the inspector that it was compiled for, and on
/// those that belong to none.
pub struct sinsp_program {
    core: Rc<Filter>,
    of: Identity,
    memo: Memo,
}

impl sinsp_program {
    fn new(inspector: &sinsp_inspector, filter: Filter) -> sinsp_program {
        let memo = Memo::new(&inspector.clock, inspector);
        sinsp_program { core: Rc::new(filter), of: inspector.identity().clone(), memo }
    }

    /// The filter, for its inspector to keep; an error for another inspector.
    pub(crate) fn keep(&self, inspector: &sinsp_inspector) -> Result<Rc<Filter>, Failure> {
        self.of.check(inspector)?;
        Ok(self.core.clone())
    }
}

/// Compiles a filter for the events of an inspector. Null with an error, which has a position, if it is not well formed or does not
/// fit the fields that it uses. Fields are looked up in `registry`, in the library's table if that is null.
///
/// # Safety
/// `inspector` and `registry` must be null or live, `text` readable, `error` null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_program_compile(
    inspector: *const sinsp_inspector,
    registry: *const sinsp_registry,
    text: sinsp_str,
    error: *mut *mut sinsp_error,
) -> *mut sinsp_program {
    let body = move || {
        // SAFETY: by `# Safety`, `inspector` is null or live, `text` is readable.
        let (inspector, text) = unsafe { (borrow(inspector, "inspector")?, text.bytes()) };
        // SAFETY: by `# Safety`, `registry` is null or live.
        let factory = unsafe { factory(inspector, registry) };
        Ok(sinsp_program::new(inspector, factory.compile_text(text)?))
    };
    // SAFETY: by `# Safety`, `error` is null or writable.
    unsafe { guard_handle(error, body) }
}

/// The same from a tree of `count` nodes.
///
/// # Safety
/// `inspector` and `registry` must be null or live, `nodes` null or `count` nodes whose texts are readable, `error` null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_program_compile_ast(
    inspector: *const sinsp_inspector,
    registry: *const sinsp_registry,
    nodes: *const sinsp_ast_node,
    count: usize,
    error: *mut *mut sinsp_error,
) -> *mut sinsp_program {
    let body = move || {
        // SAFETY: by `# Safety`, `inspector` is null or live, `nodes` is null or `count` nodes whose texts are readable.
        let (inspector, ast) = unsafe { (borrow(inspector, "inspector")?, read(nodes, count)?) };
        // SAFETY: by `# Safety`, `registry` is null or live.
        let factory = unsafe { factory(inspector, registry) };
        Ok(sinsp_program::new(inspector, factory.compile(&ast)?))
    };
    // SAFETY: by `# Safety`, `error` is null or writable.
    unsafe { guard_handle(error, body) }
}

/// The `i`-th warning of a filter, valid as long as the program, and the position that it is about. Returns whether there is one.
///
/// # Safety
/// `program` must be null or live, `text` and `at` null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_program_warning(
    program: *const sinsp_program,
    i: usize,
    text: *mut sinsp_str,
    at: *mut sinsp_position,
) -> bool {
    // SAFETY: by `# Safety`, `program` is null or live, `text` and `at` are null or writable.
    let (program, text, at) = unsafe { (program.as_ref(), text.as_mut(), at.as_mut()) };
    let (Some(warning), Some(text), Some(at)) = (program.and_then(|p| p.core.warnings().get(i)), text, at) else {
        return false;
    };
    *text = sinsp_str::of(warning.what.as_bytes());
    *at = warning.at.into();
    true
}

/// The types of events for which a filter can hold: type `c` is bit `c % 64` of word `c / 64`, of which there are
/// `SINSP_TYPES_WORDS`. It fails for an event of any other type. Valid as long as the program; null for null.
///
/// # Safety
/// `program` must be null or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_program_types(program: *const sinsp_program) -> *const u64 {
    // SAFETY: by `# Safety`, `program` is null or live.
    unsafe { program.as_ref() }.map_or(std::ptr::null(), |p| p.core.types().words().as_ptr())
}

/// Whether an event passes: 1 or 0, or -1 with an error. `inspector` is the event's, null if it belongs to none: an event of another
/// inspector than the program's is an error, as is one that is no longer its inspector's current event.
///
/// # Safety
/// `program` and `inspector` must be null or live, `event` null or readable with what it points to, `error` null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_program_run(
    program: *const sinsp_program,
    inspector: *const sinsp_inspector,
    event: *const sinsp_event,
    error: *mut *mut sinsp_error,
) -> i32 {
    let run = |program: &sinsp_program, event: &sinsp_event| {
        let known = |moment: &Moment| program.core.known(moment).map(i64::from);
        // SAFETY: by `# Safety`, `inspector` is null or live, `event` is readable with what it points to.
        unsafe {
            program.of.with_event_unless(inspector, event, known, |context| Ok(i64::from(program.core.run(context)?)))
        }
    };
    // SAFETY: by `# Safety`.
    unsafe { evaluate(program, event, error, run) }
}

/// Calls `run` with a filter and an event; -1 with an error. `run` returns eight bytes: a result with a smaller value is written in two parts and read as
/// one, which the processor has to wait for.
///
/// # Safety
/// `program` must be null or live, `event` null or readable, `error` null or writable.
#[inline(always)]
unsafe fn evaluate(
    program: *const sinsp_program,
    event: *const sinsp_event,
    error: *mut *mut sinsp_error,
    run: impl FnOnce(&sinsp_program, &sinsp_event) -> Result<i64, Failure>,
) -> i32 {
    let body = move || {
        // SAFETY: by `# Safety`, `program` is null or live, `event` is null or readable.
        let (program, event) = unsafe { (borrow(program, "filter")?, borrow(event, "event")?) };
        run(program, event)
    };
    // SAFETY: by `# Safety`, `error` is null or writable.
    unsafe { guard(error, |_| -1, body) as i32 }
}

/// As `sinsp_program_run`, and remembers the result in `sinsp_program_memo` if it can be: for an event on which the filter ran before, and probably runs
/// again.
///
/// # Safety
/// As for `sinsp_program_run`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_program_remember(
    program: *const sinsp_program,
    inspector: *const sinsp_inspector,
    event: *const sinsp_event,
    error: *mut *mut sinsp_error,
) -> i32 {
    let run = |program: &sinsp_program, event: &sinsp_event| {
        let described_at = Cell::new(None);
        let describe = |_: &Moment| {
            described_at.set(Some(program.memo.now()));
            None
        };
        // SAFETY: by `# Safety`, `inspector` is null or live, `event` is readable with what it points to.
        unsafe {
            program.of.with_event_unless(inspector, event, describe, |context| {
                let holds = program.core.run(context)?;
                if let Some(at) = described_at.get()
                    && program.core.lasts(context)
                {
                    program.memo.remember(at, event, holds);
                }
                Ok(i64::from(holds))
            })
        }
    };
    // SAFETY: by `# Safety`.
    unsafe { evaluate(program, event, error, run) }
}

/// What a filter remembers of the event on which it ran last, for programs that ask the same filter about one event again and again. Valid as long
/// as the filter; null for null.
///
/// # Safety
/// `program` must be null or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_program_memo(program: *const sinsp_program) -> *const sinsp_memo {
    // SAFETY: by `# Safety`, `program` is null or live.
    unsafe { program.as_ref() }.map_or(std::ptr::null(), |program| program.memo.address())
}

/// Ends a compiled filter; null is ignored.
///
/// # Safety
/// `program` must be null or owned and not ended yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_program_free(program: *mut sinsp_program) {
    // SAFETY: by `# Safety`, `program` is null or owned, and this call is the one that frees it.
    unsafe { release(program) }
}
