//! The engine that delivers a program's own events, threads and fds.

use crate::types::from_c;
use crate::types::scap::{scap_fdinfo, scap_threadinfo};
use crate::types::scap_test::scap_test_input_data;
use scap_sys::engine::{Engine, NO_EVENT, Status};
use scap_sys::{Error, Event, Result, SystemSink};
use std::ptr::NonNull;

/// The events of a program.
pub struct Events {
    data: NonNull<scap_test_input_data>,
    current: Option<Event<'static>>,
}

impl Events {
    /// An engine of the events of `data`.
    ///
    /// # Safety
    /// `data` and all it points to stay valid and in place as long as the engine, on whose thread alone they are used.
    pub unsafe fn new(data: NonNull<scap_test_input_data>) -> Events {
        Events { data, current: None }
    }

    /// Passes the threads of `data` to `sink`, and the files of main threads.
    ///
    /// # Safety
    /// `data` has as many threads as it says, each with as many fds as it says.
    pub unsafe fn report_system(data: &scap_test_input_data, sink: &mut dyn SystemSink) -> Result<()> {
        // SAFETY: `data` has as many threads and fds as it says (# Safety).
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

/// The threads of a test, each with its fds: only main threads have fds, which the process shares.
///
/// # Safety
/// `data` has as many threads as it says, each with as many fds as it says.
pub(crate) unsafe fn system(data: &scap_test_input_data) -> impl Iterator<Item = (&scap_threadinfo, &[scap_fdinfo])> {
    /// # Safety
    /// `array` is null or has `n` entries.
    unsafe fn entries<'a, T>(array: *const T, n: usize) -> &'a [T] {
        // SAFETY: not null, so it has `n` entries (# Safety).
        if array.is_null() { &[] } else { unsafe { std::slice::from_raw_parts(array, n) } }
    }
    // SAFETY: `data` has as many threads and fds as it says (# Safety).
    let (threads, fds) = unsafe {
        (
            entries(data.threads.cast_const(), data.thread_count),
            entries(data.fdinfo_data.cast_const(), data.thread_count),
        )
    };
    threads.iter().enumerate().map(move |(i, thread)| {
        let own = fds.get(i).filter(|_| thread.pid == thread.tid);
        // SAFETY: `data` has as many threads and fds as it says (# Safety).
        (thread, own.map_or(&[][..], |fds| unsafe { entries(fds.fdinfos, fds.fdinfo_count) }))
    })
}

impl Engine for Events {
    fn name(&self) -> &'static str {
        "test_input"
    }

    fn next(&mut self) -> Result<Status> {
        // SAFETY: `data` is valid as long as the engine (# Safety of `Events::new`).
        let data = unsafe { self.data.as_mut() };
        self.current = None;
        if data.events.is_null() || data.event_count == 0 {
            return Ok(Status::Timeout);
        }
        // SAFETY: `event_count` is not 0, so there is an event; it lives as long as `data` (# Safety of `Events::new`).
        let event = unsafe {
            let event = *data.events;
            data.events = data.events.add(1);
            crate::capture::event::event(event)
        };
        data.event_count -= 1;
        match event {
            Some(event) => self.current = Some(Event::new(event.bytes(), 0, 0)?),
            None => {
                return Err(Error::Invalid("an event of the test is null, or its lengths do not fit together".into()));
            }
        }
        Ok(Status::Event)
    }

    fn bytes(&self) -> &[u8] {
        self.current.map_or(&NO_EVENT, |event| event.bytes())
    }

    fn origin(&self) -> (u16, u32) {
        // Every event comes from device 1.
        (1, 0)
    }
}
