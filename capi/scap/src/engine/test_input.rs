//! The engine of a program's own events, behind its C vtable.

use super::test_events::Events;
use super::{NO_FILE, Opener};
use crate::types::engine::scap_vtable;
use crate::types::scap_open::scap_open_args;
use crate::types::scap_test::scap_test_input_data;
use scap_sys::{Error, Result};
use std::ffi::CStr;
use std::ptr::NonNull;

/// The parameters of the engine.
#[repr(C)]
pub struct scap_test_input_engine_params {
    /// The input of the engine.
    pub test_input_data: *mut scap_test_input_data,
}

pub(crate) struct TestInput;

pub(crate) const VTABLE: scap_vtable = super::vtable::<TestInput>(NO_FILE);

impl Opener for TestInput {
    type Engine = Events;
    const NAME: &'static CStr = c"test_input";

    unsafe fn open(args: &scap_open_args) -> Result<Events> {
        // SAFETY: the parameters are null or those of this engine (# Safety of `Opener::open`).
        let data = unsafe { data(args) }?;
        // SAFETY: the program keeps its input valid as long as the capture (scap_test.h).
        Ok(unsafe { Events::new(data) })
    }
}

/// The input of the engine. It belongs to the program, so no reference to it is kept.
///
/// # Safety
/// The engine's parameters are null or those of this engine.
pub(crate) unsafe fn data(args: &scap_open_args) -> Result<NonNull<scap_test_input_data>> {
    // SAFETY: null or the parameters of this engine (# Safety).
    let params = unsafe { args.engine_params.cast::<scap_test_input_engine_params>().as_ref() };
    let data = params.and_then(|params| NonNull::new(params.test_input_data));
    data.ok_or_else(|| Error::Invalid("No test input data provided".into()))
}
