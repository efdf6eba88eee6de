//! Compiled filters.

use crate::ast::{read, sinsp_ast_node};
use crate::event::sinsp_event;
use crate::ffi::{Failure, borrow, guard, guard_handle, release, sinsp_error, sinsp_str};
use crate::inspector::sinsp_inspector;
use sinsp_core::EventContext;
use sinsp_core::codes::CodeSet;
use sinsp_core::filter::{Ast, Filter};
use std::rc::Rc;

/// How many words the set of types has that `sinsp_program_types` answers.
pub const SINSP_TYPES_WORDS: usize = 8;

const _: () = assert!(SINSP_TYPES_WORDS * 64 == CodeSet::CAPACITY && CodeSet::CAPACITY >= driver::EVENT_COUNT);

/// A compiled filter. Owned; ended with `sinsp_program_free`. It runs on the events of the inspector that it was compiled for.
pub struct sinsp_program {
    core: Rc<Filter>,
}

/// A filter that an inspector keeps.
#[derive(Clone)]
pub(crate) struct Kept(Rc<Filter>);

impl Kept {
    /// Whether the event passes.
    pub fn passes(&self, event: &EventContext<'_>) -> bool {
        self.0.run(event)
    }
}

impl sinsp_program {
    /// The same filter for an inspector to keep.
    pub(crate) fn keep(&self) -> Kept {
        Kept(self.core.clone())
    }

    fn compiled(inspector: &sinsp_inspector, ast: &Ast) -> Result<sinsp_program, Failure> {
        Ok(sinsp_program { core: Rc::new(inspector.factory.compile(ast)?) })
    }
}

/// Compiles a filter for the events of an inspector. Null with an error, which has a position, if it is not well formed or does not
/// fit the fields that it uses.
///
/// # Safety
/// `inspector` must be null or live, `text` readable, `error` null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_program_compile(
    inspector: *const sinsp_inspector,
    text: sinsp_str,
    error: *mut *mut sinsp_error,
) -> *mut sinsp_program {
    let body = || {
        // SAFETY: the caller vouches for both.
        let (inspector, text) = unsafe { (borrow(inspector, "inspector")?, text.bytes()) };
        sinsp_program::compiled(inspector, &sinsp_core::filter::parse(text)?)
    };
    // SAFETY: the caller vouches for `error`.
    unsafe { guard_handle(error, body) }
}

/// The same from a tree of `count` nodes.
///
/// # Safety
/// `inspector` must be null or live, `nodes` readable with all texts, `error` null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_program_compile_ast(
    inspector: *const sinsp_inspector,
    nodes: *const sinsp_ast_node,
    count: usize,
    error: *mut *mut sinsp_error,
) -> *mut sinsp_program {
    let body = || {
        // SAFETY: the caller vouches for both.
        let (inspector, ast) = unsafe { (borrow(inspector, "inspector")?, read(nodes, count)?) };
        sinsp_program::compiled(inspector, &ast)
    };
    // SAFETY: the caller vouches for `error`.
    unsafe { guard_handle(error, body) }
}

/// The types of events for which a filter can hold: type `c` is bit `c % 64` of word `c / 64`, of which there are
/// `SINSP_TYPES_WORDS`. It fails for an event of any other type. Valid as long as the program; null for null.
///
/// # Safety
/// `program` must be null or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_program_types(program: *const sinsp_program) -> *const u64 {
    // SAFETY: the caller vouches for it.
    unsafe { program.as_ref() }.map_or(std::ptr::null(), |p| p.core.types().words().as_ptr())
}

/// Whether the current event of `inspector`, which `event` describes, passes: 1 or 0, or -1 with an error.
///
/// # Safety
/// `program` and `inspector` must be null or live, `event` null or readable, `error` null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_program_run(
    program: *const sinsp_program,
    inspector: *const sinsp_inspector,
    event: *const sinsp_event,
    error: *mut *mut sinsp_error,
) -> i32 {
    let body = || {
        // SAFETY: the caller vouches for them.
        let (program, inspector, event) =
            unsafe { (borrow(program, "filter")?, borrow(inspector, "inspector")?, borrow(event, "event")?) };
        // Most filters are about a few types of events: the others need not even be looked at.
        if !program.core.types().contains(event.code) {
            return Ok(0);
        }
        inspector.with_current(event, |current| Ok(program.core.run(current) as i32))
    };
    // SAFETY: the caller vouches for `error`.
    unsafe { guard(error, |_| -1, body) }
}

/// Ends a compiled filter; null is ignored.
///
/// # Safety
/// `program` must be null or owned and not ended yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_program_free(program: *mut sinsp_program) {
    // SAFETY: passed on.
    unsafe { release(program) }
}
