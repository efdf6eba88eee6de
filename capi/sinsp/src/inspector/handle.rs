//! The inspector as C holds it: its parts, its references, and the way to its core.

use crate::event::data::sinsp_event;
use crate::ffi::{Failure, SINSP_ABI_VERSION, borrow, guard_handle, guard_status, release, sinsp_error, sinsp_status};
use crate::inspector::attached::Attached;
use crate::inspector::gate::{Call, Calling, Gate, Guest, Read, Write};
use crate::inspector::hooks::Hooks;
use crate::state::store::Stores;
use crate::table::handed::Handed;
use plugin::manager::Plugins;
use sinsp_core::EventBuf;
use sinsp_core::EventContext;
use sinsp_core::filter::{Factory, Filter};
use sinsp_core::inspector::ScanOptions;
use sinsp_core::inspector::{Injector, Inspector, PurgeOptions, Statistics, Wants};
use sinsp_core::logger::{self, Messages};
use std::cell::{Cell, OnceCell, RefCell};
use std::ffi::c_void;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicPtr, AtomicUsize, Ordering, fence};

/// An engine, the state that its events build up, and the current event. Owned; ended with `sinsp_inspector_free`.
pub struct sinsp_inspector {
    core: Gate<Inspector>,
    /// The way in for events from outside, for any thread.
    pub(crate) injector: Injector,
    /// What is counted, for any thread.
    pub(crate) statistics: Statistics,
    /// The functions of the program that it calls. Changed and asked within the gate.
    pub(crate) hooks: Cell<Hooks>,
    /// Which of its steps the program takes part in.
    pub(crate) wants: Cell<Wants>,
    /// Which events reach the program. Changed and asked within the gate.
    pub(crate) filter: RefCell<Option<Rc<Filter>>>,
    /// Makes its filters and formatters, which so share what they extract.
    pub(crate) factory: Factory,
    /// How the program's objects hold the data of threads and fds, once it said so.
    pub(crate) stores: OnceCell<Arc<Stores>>,
    /// What was handed out of its tables.
    pub(crate) tables: Handed,
    /// Its plugins.
    pub(crate) plugins: RefCell<Plugins>,
    /// How many references to it there are: those of the program, and an entry of a table that is held is one too.
    count: AtomicUsize,
    /// Its system as libscap shows it, once that was asked for.
    pub(crate) platform: Attached,
    identity: Identity,
}

/// Which inspector a program, a formatter or a check belongs to. It may outlive its inspector, and knows when that is gone.
#[derive(Clone, Default)]
pub(crate) struct Identity(Arc<AtomicPtr<sinsp_inspector>>);

impl Identity {
    /// The error of anything but this very inspector.
    pub fn check(&self, inspector: *const sinsp_inspector) -> Result<(), Failure> {
        let own = self.inspector();
        if own.is_null() || own != inspector { Err(Identity::refused(own)) } else { Ok(()) }
    }

    /// The inspector; null if it is gone.
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

    /// Hands an event to `read`. `inspector` is the event's, null for one that belongs to none: any inspector but this one is an
    /// error, as is one that is gone.
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
        let own = self.inspector();
        if own.is_null() || !(inspector.is_null() || inspector == own) {
            return Err(Identity::refused(own));
        }
        // SAFETY: an inspector takes its address out of its identity when it goes.
        let core = unsafe { (*own).core()? };
        // SAFETY: the caller vouches for the event.
        unsafe { event.with(&core, &(*own).stores, read) }
    }
}

impl sinsp_inspector {
    /// What C calls it.
    pub(crate) fn pointer(&self) -> *mut c_void {
        (&raw const *self).cast_mut().cast()
    }

    /// How the program's objects hold the data of threads and fds.
    pub(crate) fn stores(&self) -> Result<&Arc<Stores>, Failure> {
        self.stores.get().ok_or_else(|| Failure::illegal("the inspector was not told how objects hold threads and fds"))
    }

    /// The way to the core, for what belongs to the inspector and must not know it.
    pub(crate) fn gate(&self) -> &Gate<Inspector> {
        &self.core
    }

    /// The core, to read it; an error while another thread moves it, or this one changes it further out.
    #[inline]
    pub(crate) fn core(&self) -> Result<Read<'_, Inspector>, Failure> {
        Ok(self.core.read()?)
    }

    /// The core, to change it; an error while another thread moves it, or this one uses it further out.
    #[inline]
    pub(crate) fn core_mut(&self) -> Result<Write<'_, Inspector>, Failure> {
        Ok(self.core.write()?)
    }

    /// Starts a call that must not be made from within a callback, and that other threads do not wait for.
    #[inline]
    pub(crate) fn begin(&self, call: Call) -> Result<Calling<'_, Inspector>, Failure> {
        let calling = self.core.call(call)?;
        if matches!(call, Call::Open | Call::Close) {
            // What depends on what was open until now ends.
            self.platform.detach();
        }
        Ok(calling)
    }

    /// Changes the functions of the program that are called. Not while one of them runs, which another might replace.
    pub(crate) fn change_hooks(&self, change: impl FnOnce(&mut Hooks)) -> Result<(), Failure> {
        let _call = self.begin(Call::Set)?;
        let mut hooks = self.hooks.get();
        change(&mut hooks);
        self.hooks.set(hooks);
        self.find_wants();
        Ok(())
    }

    pub(super) fn find_wants(&self) {
        let hooks = self.hooks.get();
        self.wants.set(Wants {
            observer: hooks.observer.is_some(),
            filter: self.filter.borrow().is_some(),
            parser: false,
            processor: hooks.processor.is_some(),
        });
    }

    /// Who it is, for what belongs to it.
    pub(crate) fn identity(&self) -> &Identity {
        self.identity.0.store((&raw const *self).cast_mut(), Ordering::Relaxed);
        &self.identity
    }

    /// One reference more, which [`release_count`] takes back.
    pub(crate) fn retain(&self) {
        self.count.fetch_add(1, Ordering::Relaxed);
    }

    /// Changes how the table of threads is kept clean.
    pub(super) fn set_purge(&self, change: impl FnOnce(&mut PurgeOptions)) -> Result<(), Failure> {
        let mut core = self.core_mut()?;
        let mut options = core.purge_options();
        change(&mut options);
        core.set_purge_options(options);
        Ok(())
    }

    /// Lets an event that tells of a change come from the inspector, as the next one.
    pub(crate) fn announce(&self, event: &[u8]) {
        let pushed = EventBuf::new(event).map_err(Failure::from).and_then(|event| Ok(self.injector.push(event)?));
        if let Err(failure) = pushed {
            logger::logger().log(failure.message().as_bytes(), logger::Severity::DEBUG);
        }
    }

    /// A number for what belongs to the inspector and finds it again; [`sinsp_inspector::at`] leads back.
    pub(crate) fn address(&self) -> usize {
        (&raw const *self).expose_provenance()
    }

    /// The inspector with this [`sinsp_inspector::address`]; null for 0.
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
}

impl Drop for sinsp_inspector {
    /// Objects of the program that outlive their threads are told so.
    fn drop(&mut self) {
        // Plugins may read tables when they end.
        capi_common::guard(|_| (), || self.plugins.take().end());
        self.identity.0.store(std::ptr::null_mut(), Ordering::Relaxed);
        let core = self.core.get_mut();
        capi_common::guard(
            |_| (),
            || {
                core.close();
                core.state_mut().clear();
            },
        );
    }
}

/// Makes an inspector, which is not open yet. `abi_version` is the `SINSP_ABI_VERSION` that the caller was compiled with; another
/// major number is an error.
///
/// # Safety
/// `error` must be null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_inspector_new(abi_version: u32, error: *mut *mut sinsp_error) -> *mut sinsp_inspector {
    let body = move || {
        if abi_version >> 16 != SINSP_ABI_VERSION >> 16 || abi_version > SINSP_ABI_VERSION {
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
        core.set_scan_options(ScanOptions::from_env("HOST_ROOT", "SCAP_HOSTNAME"));
        Ok(sinsp_inspector {
            injector: core.injector(),
            statistics: core.statistics(),
            core: Gate::new(core),
            hooks: Cell::default(),
            wants: Cell::default(),
            filter: RefCell::default(),
            factory: Factory::new(),

            stores: OnceCell::new(),
            tables: Handed::default(),
            plugins: RefCell::default(),
            count: AtomicUsize::new(1),
            platform: Attached::default(),
            identity: Identity::default(),
        })
    };
    // SAFETY: the caller vouches for `error`.
    unsafe { guard_handle(error, body) }
}

/// Takes back one reference; with the last one the inspector ends.
///
/// # Safety
/// `inspector` must be null or live, with a reference that is the caller's.
pub(crate) unsafe fn release_count(inspector: *mut sinsp_inspector) {
    // SAFETY: the caller's reference keeps it alive until it is taken back.
    let Some(count) = (unsafe { inspector.as_ref() }).map(|i| &i.count) else { return };
    if count.fetch_sub(1, Ordering::Release) == 1 {
        // What was done with the other references comes before.
        fence(Ordering::Acquire);
        // SAFETY: it was the last reference.
        unsafe { release(inspector) }
    }
}

/// Makes another reference to an inspector, and answers it: `sinsp_inspector_free` has to be called once more. Null for null. May be called
/// on any operating-system thread.
///
/// # Safety
/// `inspector` must be null or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_inspector_ref(inspector: *mut sinsp_inspector) -> *mut sinsp_inspector {
    // SAFETY: the caller vouches for it.
    if let Some(inspector) = unsafe { inspector.as_ref() } {
        inspector.retain();
    }
    inspector
}

/// Takes back a reference to an inspector; null is ignored. With the last one it ends, with all that was borrowed from it. Programs and
/// formatters may outlive it; entries of tables that are held are references too.
///
/// # Safety
/// `inspector` must be null, or live with a reference that is the caller's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_inspector_free(inspector: *mut sinsp_inspector) {
    // SAFETY: passed on.
    unsafe { release_count(inspector) }
}

/// The body of the functions that only move an inspector; `call` is the one that must not be nested.
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
        // SAFETY: the caller vouches for it.
        let inspector = unsafe { borrow(inspector, "inspector")? };
        let _call = call.map(|call| inspector.begin(call)).transpose()?;
        act(&mut *inspector.core_mut()?)?;
        Ok(sinsp_status::SINSP_SUCCESS)
    };
    // SAFETY: the caller vouches for `error`.
    unsafe { guard_status(error, body) }
}
