//! Why a function of a table failed: the error as a value, and its text for `sinsp_table_error`.

use crate::ffi::{Failure, sinsp_status};
use sinsp_core::state::tables::TableError;
use std::borrow::Cow;
use std::cell::RefCell;

/// The cause of a failure of a table's function. Common ones allocate nothing.
#[derive(Debug)]
pub(crate) struct Problem(pub(super) Cow<'static, str>);

pub(crate) type Result<T> = std::result::Result<T, Problem>;

impl Problem {
    pub(super) fn new(message: String) -> Problem {
        Problem(message.into())
    }
}

impl From<&'static str> for Problem {
    fn from(message: &'static str) -> Problem {
        Problem(message.into())
    }
}

impl From<TableError> for Problem {
    fn from(e: TableError) -> Problem {
        Problem(e.into_message())
    }
}

impl From<Failure> for Problem {
    fn from(e: Failure) -> Problem {
        Problem(e.into_message().into())
    }
}

impl From<Problem> for Failure {
    fn from(problem: Problem) -> Failure {
        Failure::new(sinsp_status::SINSP_FAILURE, problem.0)
    }
}

thread_local! {
    /// The cause of the last failure of a table's function on this operating-system thread.
    pub(super) static ERROR: RefCell<String> = const { RefCell::new(String::new()) };
}

pub(super) fn set_error_text(message: &str) {
    ERROR.with_borrow_mut(|error| {
        error.clear();
        error.push_str(message);
    });
}

/// Sets the cause, in the memory of the last one.
pub(super) fn write_error(cause: std::fmt::Arguments<'_>) {
    ERROR.with_borrow_mut(|error| {
        error.clear();
        // Writing to a String does not fail.
        let _ = std::fmt::Write::write_fmt(error, cause);
    });
}

pub(super) fn clear_error() {
    ERROR.with_borrow_mut(String::clear);
}

pub(crate) fn take_error() -> String {
    ERROR.take()
}

pub(super) fn restore_error(error: String) {
    ERROR.set(error);
}

/// Returns what `body` returns; if it fails or panics, sets the cause and returns `failed`.
#[inline]
pub(crate) fn guard_table<R: Copy>(failed: R, body: impl FnOnce() -> Result<R>) -> R {
    let panicked = |message: &str| Err(Problem::new(message.to_string()));
    capi_common::guard(panicked, body).unwrap_or_else(|problem| {
        set_error_text(&problem.0);
        failed
    })
}
