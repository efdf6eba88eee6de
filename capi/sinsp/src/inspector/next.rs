//! Reading events. While a callback of the program runs, nothing of the inspector is borrowed.

use crate::event::data::sinsp_event;
use crate::ffi::{Failure, borrow, guard_status, sinsp_error, sinsp_status};
use crate::inspector::gate::{Call, Calling, Write};
use crate::inspector::handle::sinsp_inspector;
use crate::inspector::hooks::sinsp_notice;
use driver::EventType;
use sinsp_core::EventBuf;
use sinsp_core::inspector::{Inspector, Next, Step};

impl sinsp_inspector {
    /// Runs the steps of the next event. `event` describes it to the callbacks and to the caller.
    ///
    /// # Safety
    /// `event` must be writable until this returns, and only callbacks may use it meanwhile.
    #[inline]
    pub(crate) unsafe fn drive(&self, call: &Calling<'_, Inspector>, event: *mut sinsp_event) -> Result<Next, Failure> {
        let mut core = call.write()?;
        core.begin(self.wants.get());
        if let Some(current) = core.next_apart() {
            // SAFETY: by `# Safety`, `event` is writable; no callback runs here.
            unsafe { &mut *event }.describe(&current, false);
            return Ok(Next::Event);
        }
        loop {
            let step = core.step();
            match step {
                Step::Done(Next::Event) => {
                    // SAFETY: by `# Safety`, `event` is writable; no callback runs here.
                    unsafe { self.show(&core, event) };
                    return Ok(Next::Event);
                }
                Step::Done(Next::Filtered) => {
                    // SAFETY: as above.
                    unsafe { self.show_rejected(&core, event) };
                    return Ok(Next::Filtered);
                }
                Step::Done(next) => return Ok(next),
                Step::Failed => return Err(core.take_failure().into()),
                _ => {}
            }
            // SAFETY: this `# Safety` includes that of `call_out`.
            core = unsafe { self.call_out(call, core, step, event) }?;
        }
    }

    /// Describes the current event in `event`, if there is one.
    ///
    /// # Safety
    /// `event` must be writable, and no callback may run.
    #[inline]
    unsafe fn show(&self, core: &Inspector, event: *mut sinsp_event) {
        if let Some(current) = core.current() {
            // SAFETY: by `# Safety`, `event` is writable and nothing else uses it.
            unsafe { &mut *event }.describe(&current, core.is_rejected());
        }
    }

    /// Describes an event that the filter rejected in `event`, without bytes if it was not processed at all.
    ///
    /// # Safety
    /// As [`sinsp_inspector::show`].
    unsafe fn show_rejected(&self, core: &Inspector, event: *mut sinsp_event) {
        match core.current() {
            // SAFETY: by `# Safety`, `event` is writable and nothing else uses it.
            Some(current) => unsafe { &mut *event }.describe(&current, true),
            // SAFETY: the same.
            None => unsafe { (*event).bytes = std::ptr::null() },
        }
    }

    /// Runs a step that calls code outside the core, with the core released. If it fails, the event is finished.
    ///
    /// # Safety
    /// As [`sinsp_inspector::drive`].
    #[cold]
    unsafe fn call_out<'a>(
        &self,
        call: &Calling<'a, Inspector>,
        core: Write<'a, Inspector>,
        step: Step,
        event: *mut sinsp_event,
    ) -> Result<Write<'a, Inspector>, Failure> {
        if !matches!(step, Step::Fetch | Step::Filter | Step::Parse) {
            // SAFETY: by `# Safety`, `event` is writable; no callback runs here.
            unsafe { self.show(&core, event) };
        }
        let notice = core.notice();
        drop(core);
        let hooks = self.hooks.get();
        let done = match step {
            Step::Observe => {
                notice.map_or(Ok(()), |notice| hooks.observe(|| Ok(sinsp_notice::of(&*self.core()?, notice)), event))
            }
            Step::Process(outcome) => hooks.process(outcome, event),
            Step::Filter => self.run_filter(),
            Step::Fetch => self.fetch(),
            Step::Parse => self.parse_by_plugins(),
            Step::Done(_) | Step::Failed => Ok(()),
        };
        let mut core = call.write()?;
        match done {
            Ok(()) => Ok(core),
            Err(failure) => {
                core.finish();
                Err(failure)
            }
        }
    }

    /// Runs the steps of the events at the start of a capture, which only callbacks see.
    pub(crate) fn drive_initial(&self, call: &Calling<'_, Inspector>) -> Result<(), Failure> {
        self.hooks.get().start()?;
        // SAFETY: null pointers, numbers and `false` are all zeros.
        let mut event = unsafe { std::mem::zeroed::<sinsp_event>() };
        // SAFETY: `event` is a local that outlives the call.
        unsafe { self.drive(call, &raw mut event) }.map(drop)
    }

    fn run_filter(&self) -> Result<(), Failure> {
        let filter = self.filter.borrow().clone();
        let passes = {
            let core = self.core()?;
            match (filter, core.current()) {
                (Some(filter), Some(current)) => filter.run(&current)?,
                _ => true,
            }
        };
        self.core_mut()?.set_passes(passes);
        Ok(())
    }

    fn fetch(&self) -> Result<(), Failure> {
        let lent = self.core_mut()?.lend_engine();
        if let Some(mut engine) = lent {
            let result = engine.next();
            self.core_mut()?.return_engine(engine, result);
        }
        Ok(())
    }
}

/// Reads the next event and describes it in `*event`. Returns `SINSP_SUCCESS`; `SINSP_FILTERED_EVENT` if the filter rejected it, also with the
/// event, or if its thread is suppressed, then with null `bytes`; `SINSP_TIMEOUT`, `SINSP_EOF`, or a failure with an error. If a callback failed, the event is finished, and the next call continues after it. An
/// error in a callback of the inspector.
///
/// # Safety
/// `inspector` must be null or live, `event` writable, `error` null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_inspector_next(
    inspector: *mut sinsp_inspector,
    event: *mut sinsp_event,
    error: *mut *mut sinsp_error,
) -> sinsp_status {
    let body = move || {
        // SAFETY: by `# Safety`, `inspector` is null or live.
        let inspector = unsafe { borrow(inspector, "inspector")? };
        if event.is_null() {
            return Err(Failure::illegal("null event"));
        }
        let call = inspector.begin(Call::Next)?;
        // SAFETY: by `# Safety`, an `event` that is not null is writable.
        Ok(match unsafe { inspector.drive(&call, event) }? {
            Next::Event => sinsp_status::SINSP_SUCCESS,
            Next::Filtered => sinsp_status::SINSP_FILTERED_EVENT,
            Next::Timeout => sinsp_status::SINSP_TIMEOUT,
            Next::Eof => sinsp_status::SINSP_EOF,
        })
    };
    // SAFETY: by `# Safety`, `error` is null or writable.
    unsafe { guard_status(error, body) }
}

/// Queues a copy of the event at `bytes`. `sinsp_inspector_next` merges queued events with those of the capture by their times. An event with
/// the time `UINT64_MAX` is the next one and gets the time of the last one. Any thread may call this at any time, also while another one is in
/// `sinsp_inspector_next`. An error if the event is malformed, of an unknown type or more than 10 seconds ahead of the clock, if 4096 events
/// are queued already, or if no capture is open.
///
/// # Safety
/// `inspector` must be null or live until this returns, `bytes` null or readable for `len` bytes, `error` null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_inspector_push_async_event(
    inspector: *const sinsp_inspector,
    bytes: *const u8,
    len: usize,
    error: *mut *mut sinsp_error,
) -> sinsp_status {
    let body = move || {
        // SAFETY: by `# Safety`, `inspector` is null or live; only its injector is used, which threads may share.
        let inspector = unsafe { borrow(inspector, "inspector")? };
        if bytes.is_null() {
            return Err(Failure::illegal("null event"));
        }
        // SAFETY: by `# Safety`, `bytes` that are not null are readable for `len` bytes.
        let event = EventBuf::new(unsafe { std::slice::from_raw_parts(bytes, len) })?;
        if event.event().info().is_none() {
            return Err(Failure::illegal(format!("an event of the unknown type {}", event.event().ty().0)));
        }
        inspector.injector.push(event)?;
        Ok(sinsp_status::SINSP_SUCCESS)
    };
    // SAFETY: by `# Safety`, `error` is null or writable.
    unsafe { guard_status(error, body) }
}

/// Whether events of this type (`PPME_*`) describe the initial state at the start of a capture.
#[unsafe(no_mangle)]
pub extern "C" fn sinsp_is_initial_state(code: u16) -> bool {
    sinsp_core::inspector::is_initial_state(EventType(code))
}
