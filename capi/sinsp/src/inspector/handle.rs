//! `sinsp_inspector`: the handle that C holds, its reference count, and access to the core inspector.

use crate::event::data::sinsp_event;
use crate::ffi::{Failure, SINSP_ABI_VERSION, borrow, guard_handle, guard_status, release, sinsp_error, sinsp_status};
use crate::inspector::about::About;
use crate::inspector::attached::Attached;
use crate::inspector::chosen::{Chosen, Dumps};
use crate::inspector::gate::{Call, Calling, Gate, Guest, Read, Refused, Write};
use crate::inspector::hooks::Hooks;
use crate::plugin::listeners::Listeners;
use crate::state::store::Stores;
use crate::table::handed::Handed;
use plugin::manager::Plugins;
use plugin::pool::Pool;
use plugin::running;
use sinsp_core::EventBuf;
use sinsp_core::EventContext;
use sinsp_core::codes::CodeSet;
use sinsp_core::context::Moment;
use sinsp_core::filter::{Factory, Filter};
use sinsp_core::inspector::ScanOptions;
use sinsp_core::inspector::{Injector, Inspector, PurgeOptions, Statistics, Wants};
use sinsp_core::logger::{self, Messages};
use sinsp_core::state::Clock;
use std::cell::{Cell, OnceCell, RefCell};
use std::ffi::c_void;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicPtr, AtomicUsize, Ordering, fence};

/// An engine, the state that its events build up, and the current event. Owned; freed with `sinsp_inspector_free`.
pub struct sinsp_inspector {
    core: Gate<Inspector>,
    /// Queues events from outside the engine; any thread may use it.
    pub(crate) injector: Injector,
    /// The counters; any thread may read them.
    pub(crate) statistics: Statistics,
    /// Advances before each exclusive access to the core, and with each change of its state; any thread may read it.
    pub(crate) clock: Clock,
    /// The program's callbacks. Accessed within the gate only.
    pub(crate) hooks: Cell<Hooks>,
    /// Which steps call the program. Accessed within the gate only.
    pub(crate) wants: Cell<Wants>,
    /// The filter of the events that `next` returns. Accessed within the gate only.
    pub(crate) filter: RefCell<Option<Rc<Filter>>>,
    /// Compiles the inspector's filters and formatters, so that they share extracted values.
    pub(crate) factory: Factory,
    /// The program's functions for objects of threads and fds, after `sinsp_inspector_set_stores`.
    pub(crate) stores: OnceCell<Arc<Stores>>,
    /// The tables, entries and fields that C has pointers to.
    pub(crate) tables: Handed,
    /// Its plugins.
    pub(crate) plugins: RefCell<Plugins>,
    /// Those of them that take part in the open capture.
    pub(crate) listeners: Listeners,
    /// Where the routines of plugins run; made at the first use.
    pub(crate) pool: RefCell<Option<Arc<dyn Pool>>>,
    /// The number of references: the program's, and one for each held table entry.
    count: AtomicUsize,
    /// The number of the program's.
    of_program: AtomicUsize,
    /// The libscap platform, after the first `sinsp_inspector_platform`.
    pub(crate) platform: Attached,
    /// What stays the same while the capture is open; any thread may read it.
    pub(crate) about: About,
    /// Which filters the events are selected for in the kernel, after `sinsp_inspector_start_selection`.
    pub(crate) chosen: RefCell<Option<Chosen>>,
    /// The captures that are written of its events.
    pub(crate) dumps: Dumps,
    identity: Identity,
}

/// The inspector that a program, a formatter or a check belongs to: its address, which the inspector's `Drop` sets to null.
#[derive(Clone, Default)]
pub(crate) struct Identity(Arc<AtomicPtr<sinsp_inspector>>);

impl Identity {
    /// An error unless `inspector` is the inspector of this identity.
    pub fn check(&self, inspector: *const sinsp_inspector) -> Result<(), Failure> {
        let own = self.inspector();
        if own.is_null() || own != inspector { Err(Identity::refused(own)) } else { Ok(()) }
    }

    /// The inspector; null after it was dropped.
    #[inline]
    fn inspector(&self) -> *const sinsp_inspector {
        self.0.load(Ordering::Relaxed)
    }

    #[cold]
    fn refused(own: *const sinsp_inspector) -> Failure {
        Failure::illegal(match own.is_null() {
            true => "the inspector that this was made for is gone",
            false => "this was made for another inspector than that of the event",
        })
    }

    /// Calls `read` with an event. `inspector` is the event's, null for an event of none. An error if it is another inspector, or if the
    /// inspector of this identity was dropped.
    ///
    /// # Safety
    /// `inspector` must be null or live; `event` as for [`sinsp_event::with`].
    #[inline]
    pub unsafe fn with_event<R>(
        &self,
        inspector: *const sinsp_inspector,
        event: &sinsp_event,
        read: impl FnOnce(&EventContext<'_>) -> Result<R, Failure>,
    ) -> Result<R, Failure> {
        // SAFETY: this `# Safety` includes that of the function.
        unsafe { self.with_event_unless(inspector, event, |_| None, read) }
    }

    /// As [`Identity::with_event`]. `known` is asked before, and `read` is not called if that has a result.
    ///
    /// # Safety
    /// As [`Identity::with_event`].
    #[inline]
    pub unsafe fn with_event_unless<R>(
        &self,
        inspector: *const sinsp_inspector,
        event: &sinsp_event,
        known: impl FnOnce(&Moment) -> Option<R>,
        read: impl FnOnce(&EventContext<'_>) -> Result<R, Failure>,
    ) -> Result<R, Failure> {
        let own = self.inspector();
        if own.is_null() || !(inspector.is_null() || inspector == own) {
            return Err(Identity::refused(own));
        }
        // SAFETY: an inspector clears its identity before it is freed, so an address that is not null is that of a live inspector.
        let core = unsafe { (*own).core()? };
        if let Some(result) = event.moment(&core).as_ref().and_then(known) {
            return Ok(result);
        }
        // SAFETY: `own` is live, as it is not null; the clause on `event` is that of `sinsp_event::with`.
        unsafe { event.with(&core, &(*own).stores, read) }
    }
}

impl sinsp_inspector {
    /// The pointer that C has.
    pub(crate) fn pointer(&self) -> *mut c_void {
        (&raw const *self).cast_mut().cast()
    }

    /// The program's functions for objects; an error before `sinsp_inspector_set_stores`.
    pub(crate) fn stores(&self) -> Result<&Arc<Stores>, Failure> {
        self.stores.get().ok_or_else(|| {
            Failure::illegal(
                "the inspector has no stores of threads and fds: sinsp_inspector_set_stores was not called",
            )
        })
    }

    /// The gate to the core, for parts of the inspector that do not depend on its type.
    pub(crate) fn gate(&self) -> &Gate<Inspector> {
        &self.core
    }

    /// Shared access to the core; an error while another thread is in `next`, `open` or `close`, or a caller on this thread writes.
    #[inline]
    pub(crate) fn core(&self) -> Result<Read<'_, Inspector>, Failure> {
        Ok(self.core.read()?)
    }

    /// Exclusive access to the core; an error while another thread is in `next`, `open` or `close`, or a caller on this thread has access.
    #[inline]
    pub(crate) fn core_mut(&self) -> Result<Write<'_, Inspector>, Failure> {
        Ok(self.core.write()?)
    }

    /// Starts a call that is refused in callbacks and functions of plugins, and during which other threads are refused.
    #[inline]
    pub(crate) fn begin(&self, call: Call) -> Result<Calling<'_, Inspector>, Failure> {
        if running::runs(self.pointer()) {
            return Err(Refused::Nested(call).into());
        }
        let calling = self.core.call(call)?;
        if matches!(call, Call::Open | Call::Close) {
            // The platform's data are those of the old capture.
            self.platform.detach();
            self.about.clear();
            self.capture_ends();
            self.end_source()?;
        }
        Ok(calling)
    }

    /// Drops an engine that calls the program, while nothing is borrowed.
    fn end_source(&self) -> Result<(), Failure> {
        let engine = self.core_mut()?.take_calling_engine();
        if engine.is_some() {
            self.tables.during_call(self, || drop(engine));
        }
        Ok(())
    }

    /// What comes after the open of an engine without events that describe the initial state.
    pub(crate) fn opened(&self) -> Result<(), Failure> {
        self.hooks.get().start()?;
        self.capture_opened()
    }

    /// Changes the callbacks. Refused in a callback, whose context the program could free after it was replaced.
    pub(crate) fn change_hooks(&self, change: impl FnOnce(&mut Hooks)) -> Result<(), Failure> {
        let _call = self.begin(Call::Set)?;
        let mut hooks = self.hooks.get();
        change(&mut hooks);
        self.hooks.set(hooks);
        self.find_wants();
        self.reselect()
    }

    pub(crate) fn find_wants(&self) {
        let hooks = self.hooks.get();
        self.wants.set(Wants {
            observer: hooks.observer.is_some(),
            filter: self.filter.borrow().is_some(),
            parser: self.plugins.borrow().parse(),
            processor: hooks.processor.is_some(),
        });
    }

    /// Finds the types of events that plugins parse, after a plugin was added, initialised or ended.
    pub(crate) fn find_parsed(&self) -> Result<(), Failure> {
        let parsed = self.parsed_types();
        self.core_mut()?.set_parsed(parsed);
        self.reselect()
    }

    /// The types of events that plugins parse.
    pub(crate) fn parsed_types(&self) -> CodeSet {
        let plugins = self.plugins.borrow();
        (0..CodeSet::CAPACITY as u16).filter(|code| plugins.parses(*code)).collect()
    }

    /// The identity for programs, formatters and checks of this inspector.
    pub(crate) fn identity(&self) -> &Identity {
        self.identity.0.store((&raw const *self).cast_mut(), Ordering::Relaxed);
        &self.identity
    }

    /// Ends what calls the inspector or is called by it: the capture with its source, routines and async events, and the plugins.
    fn end(&self) {
        let end_capture = || {
            self.capture_ends();
            // The source of a plugin ends before the plugin.
            drop(self.end_source());
        };
        capi_common::guard(|_| (), end_capture);
        let end_plugins = || {
            let mut plugins = self.plugins.take();
            running::within(self.pointer(), || plugins.end());
        };
        capi_common::guard(|_| (), end_plugins);
    }

    /// Adds a reference, which [`release_count`] drops.
    pub(crate) fn retain(&self) {
        self.count.fetch_add(1, Ordering::Relaxed);
    }

    /// Changes the options of the purge of threads.
    pub(super) fn set_purge(&self, change: impl FnOnce(&mut PurgeOptions)) -> Result<(), Failure> {
        let mut core = self.core_mut()?;
        let mut options = core.purge_options();
        change(&mut options);
        core.set_purge_options(options);
        Ok(())
    }

    /// Changes how the running system is scanned.
    pub(super) fn set_scan(&self, change: impl FnOnce(&mut ScanOptions)) -> Result<(), Failure> {
        let mut core = self.core_mut()?;
        let mut options = core.scan_options().clone();
        change(&mut options);
        core.set_scan_options(options);
        Ok(())
    }

    /// Queues an event about a change as the next event.
    pub(crate) fn announce(&self, event: &[u8]) {
        let pushed = EventBuf::new(event).map_err(Failure::from).and_then(|event| Ok(self.injector.push(event)?));
        if let Err(failure) = pushed {
            logger::logger().log(failure.message().as_bytes(), logger::Severity::DEBUG);
        }
    }

    /// The address as a number; [`sinsp_inspector::at`] converts it back.
    pub(crate) fn address(&self) -> usize {
        (&raw const *self).expose_provenance()
    }

    /// The inspector at an [`sinsp_inspector::address`], which may have been freed; null for 0.
    pub(crate) fn at(address: usize) -> *const sinsp_inspector {
        std::ptr::with_exposed_provenance(address)
    }
}

impl Guest for Inspector {
    #[inline]
    fn has_messages(&self) -> bool {
        Inspector::has_messages(self)
    }

    fn take_messages(&mut self) -> Messages {
        Inspector::take_messages(self)
    }

    #[inline]
    fn before_changes(&self) {
        self.state().clock().advance();
    }
}

impl Drop for sinsp_inspector {
    /// Clears the identity, then the state: `detach` is called on the program's objects.
    fn drop(&mut self) {
        // Plugins may read tables when they end: an entry that they take and release then is not the last reference.
        self.count.store(usize::MAX / 2, Ordering::Relaxed);
        self.end();
        self.identity.0.store(std::ptr::null_mut(), Ordering::Relaxed);
        let core = self.core.get_mut();
        capi_common::guard(
            |_| (),
            || {
                core.close();
                core.state_mut().clear();
                core.view_mut().makers.clear();
            },
        );
    }
}

/// Creates an inspector, not yet open. `abi_version` is the `SINSP_ABI_VERSION` that the program was compiled with; another major number is an
/// error. A program of a newer minor one that uses nothing new runs: the dynamic linker refuses one that needs more than the library has.
///
/// # Safety
/// `error` must be null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_inspector_new(abi_version: u32, error: *mut *mut sinsp_error) -> *mut sinsp_inspector {
    let body = move || {
        if abi_version >> 16 != SINSP_ABI_VERSION >> 16 {
            return Err(Failure::new(
                sinsp_status::SINSP_NOT_SUPPORTED,
                format!(
                    "the program was compiled for version {}.{} of the library's ABI, which has version {}.{}",
                    abi_version >> 16,
                    abi_version & 0xffff,
                    SINSP_ABI_VERSION >> 16,
                    SINSP_ABI_VERSION & 0xffff
                ),
            ));
        }
        let mut core = Inspector::new();
        core.set_scan_options(ScanOptions::from_env());
        Ok(sinsp_inspector {
            injector: core.injector(),
            statistics: core.statistics(),
            clock: core.state().clock().clone(),
            core: Gate::new(core),
            hooks: Cell::default(),
            wants: Cell::default(),
            filter: RefCell::default(),
            factory: Factory::new(),

            stores: OnceCell::new(),
            tables: Handed::default(),
            plugins: RefCell::default(),
            listeners: Listeners::default(),
            pool: RefCell::default(),
            count: AtomicUsize::new(1),
            of_program: AtomicUsize::new(1),
            platform: Attached::default(),
            about: About::default(),
            chosen: RefCell::default(),
            dumps: Dumps::default(),
            identity: Identity::default(),
        })
    };
    // SAFETY: by `# Safety`, `error` is null or writable.
    unsafe { guard_handle(error, body) }
}

/// Drops a reference; the last one frees the inspector. In a function of one of its plugins, whose callers still use it, it is never freed.
///
/// # Safety
/// `inspector` must be null, or live with a reference that is the caller's.
pub(crate) unsafe fn release_count(inspector: *mut sinsp_inspector) {
    // SAFETY: by `# Safety`, the caller has a reference, which keeps the inspector live until `fetch_sub`.
    let Some(count) = (unsafe { inspector.as_ref() }).map(|i| &i.count) else { return };
    if count.fetch_sub(1, Ordering::Release) == 1 {
        // Uses through references that other threads dropped happen before the drop.
        fence(Ordering::Acquire);
        if running::runs(inspector.cast()) {
            let line = b"the last reference of an inspector was dropped in a function of one of its plugins: the inspector stays";
            return logger::logger().log(line, logger::Severity::ERROR);
        }
        // SAFETY: it was the last reference, so no thread uses the inspector; `guard_handle` made its box.
        unsafe { release(inspector) }
    }
}

/// Adds a reference, which one more call of `sinsp_inspector_free` drops; returns `inspector`. Any operating-system thread may call it.
///
/// # Safety
/// `inspector` must be null or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_inspector_ref(inspector: *mut sinsp_inspector) -> *mut sinsp_inspector {
    // SAFETY: by `# Safety`, `inspector` is null or live.
    if let Some(inspector) = unsafe { inspector.as_ref() } {
        inspector.retain();
        inspector.of_program.fetch_add(1, Ordering::Relaxed);
    }
    inspector
}

/// Drops a reference; null is ignored. The last one ends the capture and the plugins with their routines, and frees the inspector and all that was
/// borrowed from it. Programs and formatters may outlive it. A held table entry keeps the inspector's memory until it is released.
///
/// # Safety
/// `inspector` must be null, or live with a reference that is the caller's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_inspector_free(inspector: *mut sinsp_inspector) {
    // SAFETY: by `# Safety`, the caller has a reference, which keeps the inspector live.
    let Some(live) = (unsafe { inspector.as_ref() }) else { return };
    // The plugins may hold entries, so that the count of all references would not end. In a function of one of them they cannot end.
    if live.of_program.fetch_sub(1, Ordering::AcqRel) == 1 && !running::runs(inspector.cast()) {
        live.end();
    }
    // SAFETY: by `# Safety`, the caller owns the reference that this call gives up.
    unsafe { release_count(inspector) }
}

/// The body of functions that only run `act` on the core, within `call` if there is one.
///
/// # Safety
/// `inspector` must be null or live, `error` null or writable.
pub(crate) unsafe fn on_core(
    inspector: *mut sinsp_inspector,
    call: Option<Call>,
    error: *mut *mut sinsp_error,
    act: impl FnOnce(&mut Inspector) -> sinsp_core::Result<()>,
) -> sinsp_status {
    let body = move || {
        // SAFETY: by `# Safety`, `inspector` is null or live.
        let inspector = unsafe { borrow(inspector, "inspector")? };
        let _call = call.map(|call| inspector.begin(call)).transpose()?;
        act(&mut *inspector.core_mut()?)?;
        Ok(sinsp_status::SINSP_SUCCESS)
    };
    // SAFETY: by `# Safety`, `error` is null or writable.
    unsafe { guard_status(error, body) }
}
