//! The program's own events behind the C vtable.

use super::{NO_FILE, Opener};
use crate::engine::test_input_public::scap_test_input_engine_params;
use crate::types::from_c;
use crate::types::scap::{scap_fdinfo, scap_threadinfo};
use crate::types::scap_open::scap_open_args;
use crate::types::scap_test::scap_test_input_data;
use crate::types::scap_vtable::scap_vtable;
use scap_sys::engine::{Engine, NO_EVENT, Status};
use scap_sys::{Error, Event, Result, SystemSink};
use std::ffi::CStr;
use std::ptr::NonNull;

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

/// The events of a program.
pub struct Events {
    data: NonNull<scap_test_input_data>,
    current: Option<Event<'static>>,
}

impl Events {
    /// An engine of the events of `data`.
    ///
    /// # Safety
    /// `data` stays where it is, with all that it names, for as long as the engine.
    pub unsafe fn new(data: NonNull<scap_test_input_data>) -> Events {
        Events { data, current: None }
    }

    /// Tells `sink` of the threads of `data`, and of the files of those that are main threads.
    ///
    /// # Safety
    /// `data` has as many threads as it says, each with as many fds as it says.
    pub unsafe fn tell_system(data: &scap_test_input_data, sink: &mut dyn SystemSink) -> Result<()> {
        // SAFETY: as the caller promises.
        for (thread, fds) in unsafe { system(data) } {
            sink.thread(from_c::thread(thread));
            for fd in fds {
                if let Some(fd) = from_c::fd(fd)? {
                    sink.fd(thread.tid as i64, fd);
                }
            }
        }
        Ok(())
    }
}

/// The threads of a test, each with its fds: the threads of a process share those of the main one.
///
/// # Safety
/// `data` has as many threads as it says, each with as many fds as it says.
pub(crate) unsafe fn system(data: &scap_test_input_data) -> impl Iterator<Item = (&scap_threadinfo, &[scap_fdinfo])> {
    /// # Safety
    /// `array` is null or has `n` entries.
    unsafe fn entries<'a, T>(array: *const T, n: usize) -> &'a [T] {
        // SAFETY: as the caller promises.
        if array.is_null() { &[] } else { unsafe { std::slice::from_raw_parts(array, n) } }
    }
    // SAFETY: the program says how many there are.
    let (threads, fds) = unsafe {
        (
            entries(data.threads.cast_const(), data.thread_count),
            entries(data.fdinfo_data.cast_const(), data.thread_count),
        )
    };
    threads.iter().enumerate().map(move |(i, thread)| {
        let own = fds.get(i).filter(|_| thread.pid == thread.tid);
        // SAFETY: the program says how many there are.
        (thread, own.map_or(&[][..], |fds| unsafe { entries(fds.fdinfos, fds.fdinfo_count) }))
    })
}

impl Engine for Events {
    fn name(&self) -> &'static str {
        "test_input"
    }

    fn next(&mut self) -> Result<Status> {
        // SAFETY: the program keeps its data as long as the capture is open.
        let data = unsafe { self.data.as_mut() };
        self.current = None;
        if data.events.is_null() || data.event_count == 0 {
            return Ok(Status::Timeout);
        }
        // SAFETY: there is one more event; it lives as long as the data.
        let event = unsafe {
            let event = *data.events;
            data.events = data.events.add(1);
            crate::capture::event::event(event)
        };
        data.event_count -= 1;
        match event {
            Some(event) => self.current = Some(Event::new(event.bytes(), 0, 0)?),
            None => return Err(Error::Invalid("an event of the test does not hold together".into())),
        }
        Ok(Status::Event)
    }

    fn bytes(&self) -> &[u8] {
        self.current.map_or(&NO_EVENT, |event| event.bytes())
    }

    fn origin(&self) -> (u16, u32) {
        // Every event comes from the device 1.
        (1, 0)
    }
}
