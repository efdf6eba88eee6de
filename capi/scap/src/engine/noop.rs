//! The engine that has nothing: opening it works, and its end is reached at once.

use super::{NO_FILE, Opener};
use crate::scap_open::scap_open_args;
use crate::scap_vtable::scap_vtable;
use scap_sys::Result;
use scap_sys::engine::{Engine, NO_EVENT, Status};
use std::ffi::CStr;

pub(crate) struct Noop;

pub(crate) const VTABLE: scap_vtable = super::vtable::<Noop>(NO_FILE);

impl Opener for Noop {
    type Engine = Nothing;
    const NAME: &'static CStr = c"noop";

    unsafe fn open(_args: &scap_open_args) -> Result<Nothing> {
        Ok(Nothing)
    }
}

/// No events.
pub(crate) struct Nothing;

impl Engine for Nothing {
    fn name(&self) -> &'static str {
        "noop"
    }

    fn next(&mut self) -> Result<Status> {
        Ok(Status::Eof)
    }

    fn bytes(&self) -> &[u8] {
        &NO_EVENT
    }
}
