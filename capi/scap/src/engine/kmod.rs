//! The kernel module's place in the API: its engine cannot be opened.

use super::{NO_FILE, Opener};
use crate::types::scap_open::scap_open_args;
use crate::types::scap_vtable::scap_vtable;
use scap_sys::engine::{Engine, Status};
use scap_sys::{Error, Result};
use std::convert::Infallible;
use std::ffi::CStr;

pub(crate) struct Kmod;

pub(crate) const VTABLE: scap_vtable = super::vtable::<Kmod>(NO_FILE);

impl Opener for Kmod {
    type Engine = Closed;
    const NAME: &'static CStr = c"kmod";

    unsafe fn open(_args: &scap_open_args) -> Result<Closed> {
        Err(Error::NotSupported("the engine kmod (the kernel module)".into()))
    }
}

/// An engine that is never open.
pub(crate) struct Closed(Infallible);

impl Engine for Closed {
    fn name(&self) -> &'static str {
        match self.0 {}
    }

    fn next(&mut self) -> Result<Status> {
        match self.0 {}
    }

    fn bytes(&self) -> &[u8] {
        match self.0 {}
    }

    fn origin(&self) -> (u16, u32) {
        match self.0 {}
    }
}
