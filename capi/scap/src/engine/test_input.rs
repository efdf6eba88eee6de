//! The program's own events behind the C vtable.

use super::test_events::Events;
use super::{NO_FILE, Opener};
use crate::types::engine::scap_vtable;
use crate::types::scap_open::scap_open_args;
use crate::types::scap_test::scap_test_input_data;
use scap_sys::{Error, Result};
use std::ffi::CStr;
use std::ptr::NonNull;

/// What it is opened with.
#[repr(C)]
pub struct scap_test_input_engine_params {
    /// What it delivers.
    pub test_input_data: *mut scap_test_input_data,
}

pub(crate) struct TestInput;

pub(crate) const VTABLE: scap_vtable = super::vtable::<TestInput>(NO_FILE);

impl Opener for TestInput {
    type Engine = Events;
    const NAME: &'static CStr = c"test_input";

    unsafe fn open(args: &scap_open_args) -> Result<Events> {
        // SAFETY: the parameters are those of this engine, or null.
        let data = unsafe { data(args) }?;
        // SAFETY: the program keeps its data as long as the capture is open.
        Ok(unsafe { Events::new(data) })
    }
}

/// What the test delivers. It stays the program's, and is not borrowed for longer than a look.
///
/// # Safety
/// The engine's parameters are those of this engine, or null.
pub(crate) unsafe fn data(args: &scap_open_args) -> Result<NonNull<scap_test_input_data>> {
    // SAFETY: as the caller promises.
    let params = unsafe { args.engine_params.cast::<scap_test_input_engine_params>().as_ref() };
    let data = params.and_then(|params| NonNull::new(params.test_input_data));
    data.ok_or_else(|| Error::Invalid("No test input data provided".into()))
}
