//! The machine as it is, without events of its own, behind the C vtable.

use super::{NO_FILE, Opener};
use crate::types::scap_open::scap_open_args;
use crate::types::scap_vtable::scap_vtable;
use scap_sys::Result;
use scap_sys::engine::nodriver;
use std::ffi::CStr;

pub(crate) struct NoDriver;

pub(crate) const VTABLE: scap_vtable = super::vtable::<NoDriver>(NO_FILE);

impl Opener for NoDriver {
    type Engine = nodriver::NoDriver;
    const NAME: &'static CStr = c"nodriver";

    unsafe fn open(_args: &scap_open_args) -> Result<nodriver::NoDriver> {
        Ok(nodriver::NoDriver::new())
    }
}
