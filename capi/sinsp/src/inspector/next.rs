//! Going from event to event. While a function of the program runs, nothing of the inspector is borrowed.

use crate::event::data::sinsp_event;
use crate::ffi::{Failure, borrow, guard_status, sinsp_error, sinsp_status};
use crate::inspector::gate::{Call, Calling, Write};
use crate::inspector::handle::sinsp_inspector;
use crate::inspector::hooks::sinsp_notice;
use driver::EventType;
use sinsp_core::EventBuf;
use sinsp_core::inspector::{Inspector, Next, Step};

impl sinsp_inspector {
    /// Goes through the steps of an event, which `event` describes to the program's functions and at the end. For within a call.
    ///
    /// # Safety
    /// `event` must be writable. The program's functions may use it while they run.
    #[inline]
    pub(crate) unsafe fn drive(&self, call: &Calling<'_, Inspector>, event: *mut sinsp_event) -> Result<Next, Failure> {
        let mut core = call.write()?;
        core.begin(self.wants.get());
        loop {
            let step = core.step();
            match step {
                Step::Done(Next::Event) => {
                    // SAFETY: the caller vouches for it.
                    unsafe { self.show(&core, event) };
                    return Ok(Next::Event);
                }
                Step::Done(next) => return Ok(next),
                Step::Failed => return Err(core.take_failure().into()),
                _ => {}
            }
            // SAFETY: as above.
            core = unsafe { self.call_out(call, core, step, event) }?;
        }
    }

    /// Describes the current event in `event`, if there is one.
    ///
    /// # Safety
    /// `event` must be writable, and used by nobody else now.
    #[inline]
    unsafe fn show(&self, core: &Inspector, event: *mut sinsp_event) {
        if let Some(current) = core.current() {
            // SAFETY: the caller vouches for it.
            unsafe { &mut *event }.describe(&current);
        }
    }

    /// Does what a step asks for, with nothing of the inspector borrowed. If it fails, the event is brought to its end.
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
        if !matches!(step, Step::Fetch | Step::Filter) {
            // SAFETY: the caller vouches for it, and the program's functions do not run now.
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
            Step::Parse | Step::Done(_) | Step::Failed => Ok(()),
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

    /// The same for the events at the start of a capture, which only the program's functions see.
    pub(crate) fn drive_initial(&self, call: &Calling<'_, Inspector>) -> Result<(), Failure> {
        self.hooks.get().start()?;
        // SAFETY: null pointers, numbers and `false` are all zeros.
        let mut event = unsafe { std::mem::zeroed::<sinsp_event>() };
        // SAFETY: it is a local.
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
            let answer = engine.next();
            self.core_mut()?.return_engine(engine, answer);
        }
        Ok(())
    }
}

/// Goes to the next event and describes it in `*event`. Answers `SINSP_SUCCESS`, `SINSP_TIMEOUT`, `SINSP_FILTERED_EVENT` (there was
/// one, which is not for the caller), `SINSP_EOF`, or a failure with an error: if one of the program's functions failed, the event is done
/// with, and the next call goes on behind it. Not within a call of one of the program's functions.
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
        // SAFETY: the caller vouches for it.
        let inspector = unsafe { borrow(inspector, "inspector")? };
        if event.is_null() {
            return Err(Failure::illegal("null event"));
        }
        let call = inspector.begin(Call::Next)?;
        // SAFETY: not null, and the caller vouches for the rest.
        Ok(match unsafe { inspector.drive(&call, event) }? {
            Next::Event => sinsp_status::SINSP_SUCCESS,
            Next::Filtered => sinsp_status::SINSP_FILTERED_EVENT,
            Next::Timeout => sinsp_status::SINSP_TIMEOUT,
            Next::Eof => sinsp_status::SINSP_EOF,
        })
    };
    // SAFETY: the caller vouches for `error`.
    unsafe { guard_status(error, body) }
}

/// Puts a copy of the event at `bytes` into the queue of events from outside, from which `sinsp_inspector_next` takes them in the order of
/// their times, between those of the capture. An event whose time is `UINT64_MAX` is the next one, at the time of the last one. Any thread
/// may call this at any time, also while another one is in `sinsp_inspector_next`. An error if the event does not hold together, if it is
/// of a type that the library does not know or more than 10 seconds ahead of the clock, if 4096 events wait already, or if no capture is open.
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
        // SAFETY: the caller vouches for it; only what threads may share is used of it.
        let inspector = unsafe { borrow(inspector, "inspector")? };
        if bytes.is_null() {
            return Err(Failure::illegal("null event"));
        }
        // SAFETY: not null, and the caller vouches for the length.
        let event = EventBuf::new(unsafe { std::slice::from_raw_parts(bytes, len) })?;
        if event.event().info().is_none() {
            return Err(Failure::illegal(format!("an event of the unknown type {}", event.event().ty().0)));
        }
        inspector.injector.push(event)?;
        Ok(sinsp_status::SINSP_SUCCESS)
    };
    // SAFETY: the caller vouches for `error`.
    unsafe { guard_status(error, body) }
}

/// Whether an event of this type belongs to the description of the system with which a capture begins.
#[unsafe(no_mangle)]
pub extern "C" fn sinsp_is_initial_state(code: u16) -> bool {
    sinsp_core::inspector::is_initial_state(EventType(code))
}
