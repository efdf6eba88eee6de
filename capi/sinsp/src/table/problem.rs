//! Why a function of a table failed: the error as a value, and its text for the plugin that has the table, or for `sinsp_table_error`.

use crate::ffi::{Failure, sinsp_status};
use plugin::host_error::HostError;
use sinsp_core::state::tables::TableError;
use std::borrow::Cow;
use std::cell::RefCell;
use std::fmt::Arguments;
use std::sync::Arc;

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
    /// The cause of the last failure of a table of the program on this operating-system thread.
    pub(super) static ERROR: RefCell<String> = const { RefCell::new(String::new()) };
}

pub(super) fn set_error_text(message: &str) {
    write_error(format_args!("{message}"));
}

/// Sets the cause, in the memory of the last one.
fn write_error(cause: Arguments<'_>) {
    ERROR.with_borrow_mut(|error| {
        error.clear();
        // Writing to a String does not fail.
        let _ = std::fmt::Write::write_fmt(error, cause);
    });
}

pub(super) fn clear_error() {
    ERROR.with_borrow_mut(String::clear);
}

/// Who gets the causes of the failures of a table.
#[derive(Clone, Default)]
pub(crate) struct Informed(Option<Arc<HostError>>);

impl Informed {
    /// A plugin.
    pub fn plugin(error: &Arc<HostError>) -> Informed {
        Informed(Some(error.clone()))
    }

    pub(super) fn write(&self, cause: Arguments<'_>) {
        match &self.0 {
            Some(plugin) => plugin.set(cause),
            None => write_error(cause),
        }
    }

    /// Has a plugin get the cause that a program has set on this thread.
    pub(super) fn take_of_program(&self) {
        if let Some(plugin) = &self.0 {
            ERROR.with_borrow(|error| plugin.set(format_args!("{error}")));
        }
    }

    /// Returns what `body` returns; if it fails or panics, sets the cause and returns `failed`.
    #[inline]
    pub fn guard<R: Copy>(&self, failed: R, body: impl FnOnce() -> Result<R>) -> R {
        let panicked = |message: &str| Err(Problem::new(message.to_string()));
        capi_common::guard(panicked, body).unwrap_or_else(|problem| {
            self.write(format_args!("{}", problem.0));
            failed
        })
    }
}

impl PartialEq for Informed {
    fn eq(&self, other: &Informed) -> bool {
        match (&self.0, &other.0) {
            (Some(one), Some(other)) => Arc::ptr_eq(one, other),
            (None, None) => true,
            _ => false,
        }
    }
}
