//! The inspector: opening an engine, going from event to event, and what is known of the system.

use crate::codes;
use crate::event::sinsp_event;
use crate::ffi::{
    Failure, SINSP_ABI_VERSION, borrow, guard, guard_handle, guard_plain, guard_status, release, sinsp_error,
    sinsp_status, sinsp_str,
};

use crate::gate::{Call, Calling, Gate, Guest, Read, Write};
use crate::hooks::Hooks;
use crate::platform::Attached;
use crate::program::{Kept, sinsp_program};
use crate::store::Stores;
use crate::table::Handed;
use driver::{SCS, Sc};
use scap::metrics_v2::metrics_v2;
use scap_sys::EventBuf;
use scap_sys::engine::bpf::{BpfEngine, BpfOptions};
use scap_sys::engine::savefile::SavefileEngine;
use scap_sys::engine::{Engine, Setting};
use scap_sys::linux::ScanOptions;
use sinsp_core::EventContext;
use sinsp_core::context::BufferFormat;
use sinsp_core::filter::Factory;
use sinsp_core::inspector::{Injector, Inspector, Mode, PurgeOptions, Statistics, Wants};
use sinsp_core::logger::{self, Messages};
use std::cell::{Cell, OnceCell, RefCell};
use std::ffi::{OsStr, c_void};
use std::os::fd::{FromRawFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicPtr, AtomicUsize, Ordering, fence};
use std::time::Duration;

/// Counters of a capture; `capi/headers` finds them where they are defined.
pub use scap_sys::engine::Stats as sinsp_stats;

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
    pub(crate) filter: RefCell<Option<Kept>>,
    /// Makes its filters and formatters, which so share what they extract.
    pub(crate) factory: Factory,
    /// How live engines are to capture, from the first that is opened.
    settings: RefCell<Vec<Setting>>,

    /// How the program's objects hold the data of threads and fds, once it said so.
    pub(crate) stores: OnceCell<Arc<Stores>>,
    /// What was handed out of its tables.
    pub(crate) tables: Handed,
    /// How many references to it there are: those of the program, and an entry of a table that is held is one too.
    count: AtomicUsize,
    /// Its system as libscap shows it, once that was asked for.
    pub(crate) platform: Attached,
    /// What it was measured by last.
    pub(crate) metrics: RefCell<Vec<metrics_v2>>,
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

    fn find_wants(&self) {
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
    fn set_purge(&self, change: impl FnOnce(&mut PurgeOptions)) -> Result<(), Failure> {
        let mut core = self.core_mut()?;
        let mut options = core.purge_options();
        change(&mut options);
        core.set_purge_options(options);
        Ok(())
    }

    /// Changes how the running system is scanned.
    fn set_scan(&self, change: impl FnOnce(&mut ScanOptions)) -> Result<(), Failure> {
        let mut core = self.core_mut()?;
        let mut options = core.scan_options().clone();
        change(&mut options);
        core.set_scan_options(options);
        Ok(())
    }

    /// Notes how live engines are to capture, and tells the one that is open.
    fn set(&self, setting: Setting) -> Result<(), Failure> {
        let mut core = self.core_mut()?;
        if let Some(engine) = core.engine() {
            engine.set(setting)?;
        }
        let mut settings = self.settings.borrow_mut();
        settings.retain(|known| std::mem::discriminant(known) != std::mem::discriminant(&setting));
        settings.push(setting);
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

/// How `sinsp_inspector_open_modern_bpf` captures.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct sinsp_modern_bpf_params {
    /// The size of each ring buffer, in bytes; 0 for the default.
    pub buffer_bytes: u64,
    /// How many CPUs share a ring buffer; 0: all of them one.
    pub cpus_per_buffer: u16,
    /// Whether CPUs that are not online get no ring buffer.
    pub online_only: bool,
    /// Whether the system is scanned through /proc alone, not through BPF iterators.
    pub no_iterators: bool,
    /// The system calls to capture, a byte a code; null for all.
    pub scs: *const u8,
    /// How many bytes `scs` has.
    pub scs_len: usize,
}

impl Drop for sinsp_inspector {
    /// Objects of the program that outlive their threads are told so.
    fn drop(&mut self) {
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

/// Says where the root directory of the host is mounted: users and groups are looked for there from now on, and the running system from the
/// next open on. At first it is what the environment variable HOST_ROOT says.
///
/// # Safety
/// `inspector` must be null or live, `path` readable, `error` null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_inspector_set_host_root(
    inspector: *mut sinsp_inspector,
    path: sinsp_str,
    error: *mut *mut sinsp_error,
) -> sinsp_status {
    // SAFETY: the caller vouches for it.
    let host_root = PathBuf::from(OsStr::from_bytes(unsafe { path.bytes() }));
    let act = |core: &mut Inspector| {
        let known = core.scan_options().clone();
        core.set_scan_options(ScanOptions { host_root, ..known });
        Ok(())
    };
    // SAFETY: passed on.
    unsafe { on_core(inspector, None, error, act) }
}

/// Where the root directory of the host is mounted, until it is set anew; empty where that is the program's.
///
/// # Safety
/// `inspector` must be null or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_inspector_host_root(inspector: *const sinsp_inspector) -> sinsp_str {
    // SAFETY: the caller vouches for it.
    let Some(inspector) = (unsafe { inspector.as_ref() }) else { return sinsp_str::EMPTY };
    guard_plain(sinsp_str::EMPTY, || match inspector.core() {
        Ok(core) => sinsp_str::of(core.scan_options().host_root.as_os_str().as_bytes()),
        Err(_) => sinsp_str::EMPTY,
    })
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
            settings: RefCell::default(),

            stores: OnceCell::new(),
            tables: Handed::default(),
            count: AtomicUsize::new(1),
            platform: Attached::default(),
            metrics: RefCell::default(),
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

/// Opens a capture file by its path, or by the file descriptor `fd`, which the library then closes, if that is not 0.
///
/// # Safety
/// `inspector` must be null or live, `path` readable, `error` null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_inspector_open_savefile(
    inspector: *mut sinsp_inspector,
    path: sinsp_str,
    fd: i32,
    error: *mut *mut sinsp_error,
) -> sinsp_status {
    let body = move || {
        // SAFETY: the caller vouches for both.
        let (inspector, path) = unsafe { (borrow(inspector, "inspector")?, path.bytes()) };
        // SAFETY: the caller gives the descriptor away.
        let fd = (fd != 0).then(|| unsafe { OwnedFd::from_raw_fd(fd) });
        let call = inspector.begin(Call::Open)?;
        if let Some(fd) = fd {
            inspector.core_mut()?.begin_capture(|sink| SavefileEngine::from_fd(fd, 0, sink))?;
        } else if path.is_empty() {
            return Err(Failure::illegal("When you use the 'savefile' engine you need to provide a path to the file."));
        } else {
            let path = Path::new(OsStr::from_bytes(path));
            inspector.core_mut()?.begin_capture(|sink| SavefileEngine::open(path, sink))?;
        }
        inspector.drive_initial(&call)?;
        Ok(sinsp_status::SINSP_SUCCESS)
    };
    // SAFETY: the caller vouches for `error`.
    unsafe { guard_status(error, body) }
}

/// Captures the running kernel with the BPF probe. No event comes before `sinsp_inspector_start`.
///
/// # Safety
/// `inspector` must be null or live, `params` null (for the defaults) or readable with its array, `error` null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_inspector_open_modern_bpf(
    inspector: *mut sinsp_inspector,
    params: *const sinsp_modern_bpf_params,
    error: *mut *mut sinsp_error,
) -> sinsp_status {
    let body = move || {
        // SAFETY: the caller vouches for both.
        let (inspector, params) = unsafe { (borrow(inspector, "inspector")?, params.as_ref()) };
        let mut options = BpfOptions::default();
        if let Some(params) = params {
            options.cpus_per_buffer = params.cpus_per_buffer;
            options.online_cpus_only = params.online_only;
            if params.buffer_bytes != 0 {
                let too_big = |_| Failure::illegal(format!("a ring buffer of {} bytes", params.buffer_bytes));
                options.buffer_bytes = usize::try_from(params.buffer_bytes).map_err(too_big)?;
            }
            if !params.scs.is_null() {
                // SAFETY: the caller vouches for the array.
                let scs = unsafe { codes::read(params.scs, params.scs_len) };
                options.interesting = Some(scs.iter().map(Sc).collect());
            }
        }
        let _call = inspector.begin(Call::Open)?;
        let mut core = inspector.core_mut()?;
        core.close();
        let without_users = core.state().without_users;
        let iterators = params.is_none_or(|p| !p.no_iterators);
        let known = core.scan_options().clone();
        core.set_scan_options(ScanOptions { without_users, iterators, minimal: false, ..known });
        let mut engine = BpfEngine::open(&options)?;
        for setting in inspector.settings.borrow().iter() {
            engine.set(*setting)?;
        }
        core.open_live(Box::new(engine))?;
        drop(core);
        inspector.hooks.get().start()?;
        Ok(sinsp_status::SINSP_SUCCESS)
    };
    // SAFETY: the caller vouches for `error`.
    unsafe { guard_status(error, body) }
}

/// Reads what the running system looks like, without events: `sinsp_inspector_next` answers `SINSP_TIMEOUT`. Without `full_scan` what
/// takes long is left out.
///
/// # Safety
/// `inspector` must be null or live, `error` null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_inspector_open_nodriver(
    inspector: *mut sinsp_inspector,
    full_scan: bool,
    error: *mut *mut sinsp_error,
) -> sinsp_status {
    let body = move || {
        // SAFETY: the caller vouches for it.
        let inspector = unsafe { borrow(inspector, "inspector")? };
        let _call = inspector.begin(Call::Open)?;
        let mut core = inspector.core_mut()?;
        let without_users = core.state().without_users;
        let known = core.scan_options().clone();
        core.set_scan_options(ScanOptions { minimal: !full_scan, without_users, iterators: false, ..known });
        core.open_nodriver()?;
        drop(core);
        inspector.hooks.get().start()?;
        Ok(sinsp_status::SINSP_SUCCESS)
    };
    // SAFETY: the caller vouches for `error`.
    unsafe { guard_status(error, body) }
}

/// The body of the functions that only move an inspector; `call` is the one that must not be nested.
///
/// # Safety
/// `inspector` must be null or live, `error` null or writable.
unsafe fn on_core(
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

/// Lets events through.
///
/// # Safety
/// `inspector` must be null or live, `error` null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_inspector_start(
    inspector: *mut sinsp_inspector,
    error: *mut *mut sinsp_error,
) -> sinsp_status {
    // SAFETY: passed on.
    unsafe { on_core(inspector, None, error, Inspector::start) }
}

/// Holds events back.
///
/// # Safety
/// `inspector` must be null or live, `error` null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_inspector_stop(
    inspector: *mut sinsp_inspector,
    error: *mut *mut sinsp_error,
) -> sinsp_status {
    // SAFETY: passed on.
    unsafe { on_core(inspector, None, error, Inspector::stop) }
}

/// Ends the capture, and with it the filter; the threads leave the table. Objects of threads that the program holds keep their values.
///
/// # Safety
/// `inspector` must be null or live, `error` null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_inspector_close(
    inspector: *mut sinsp_inspector,
    error: *mut *mut sinsp_error,
) -> sinsp_status {
    let body = || {
        // SAFETY: the caller vouches for it.
        let inspector = unsafe { borrow(inspector, "inspector")? };
        let _call = inspector.begin(Call::Close)?;
        inspector.core_mut()?.close();
        drop(inspector.filter.take());
        inspector.find_wants();
        Ok(sinsp_status::SINSP_SUCCESS)
    };
    // SAFETY: the caller vouches for `error`.
    unsafe { guard_status(error, body) }
}

/// The time of the last event: nanoseconds since the epoch; 0 before the first, and for null.
///
/// # Safety
/// `inspector` must be null or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_inspector_last_event_time(inspector: *const sinsp_inspector) -> u64 {
    // SAFETY: the caller vouches for it.
    let Some(inspector) = (unsafe { inspector.as_ref() }) else { return 0 };
    guard_plain(0, || inspector.core().map_or(0, |core| core.last_event_ts()))
}

/// How many events were read since the inspector was opened, those that its filter held back included; 0 while it is closed, and for null.
///
/// # Safety
/// `inspector` must be null or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_inspector_num_events(inspector: *const sinsp_inspector) -> u64 {
    // SAFETY: the caller vouches for it.
    let Some(inspector) = (unsafe { inspector.as_ref() }) else { return 0 };
    let count = |core: Read<'_, Inspector>| if core.mode() == Mode::Closed { 0 } else { core.event_count() };
    guard_plain(0, || inspector.core().map_or(0, count))
}

/// The tid of the thread that exited with the current event, which leaves the table when the next one comes; -1 if there is none.
///
/// # Safety
/// `inspector` must be null or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_inspector_exiting_thread(inspector: *const sinsp_inspector) -> i64 {
    // SAFETY: the caller vouches for it.
    let Some(inspector) = (unsafe { inspector.as_ref() }) else { return -1 };
    guard_plain(-1, || inspector.core().ok().and_then(|core| core.exiting_thread()).unwrap_or(-1))
}

/// Looks for threads that are gone and removes them, if it is time; answers whether it was. No observer is told.
///
/// # Safety
/// `inspector` must be null or live, `error` null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_inspector_remove_gone_threads(
    inspector: *mut sinsp_inspector,
    error: *mut *mut sinsp_error,
) -> bool {
    let body = move || {
        // SAFETY: the caller vouches for it.
        let inspector = unsafe { borrow(inspector, "inspector")? };
        Ok(inspector.core_mut()?.remove_gone_threads())
    };
    // SAFETY: the caller vouches for `error`.
    unsafe { guard(error, |_| false, body) }
}

/// The counters of the capture so far. Any thread may ask at any time, also while another one is in `sinsp_inspector_next`; an error if
/// nothing is open.
///
/// # Safety
/// `inspector` must be null or live, `stats` writable, `error` null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_inspector_stats(
    inspector: *mut sinsp_inspector,
    stats: *mut sinsp_stats,
    error: *mut *mut sinsp_error,
) -> sinsp_status {
    let body = move || {
        // SAFETY: the caller vouches for both.
        let (inspector, out) = unsafe { (borrow(inspector, "inspector")?, stats.as_mut()) };
        let out = out.ok_or_else(|| Failure::illegal("null counters"))?;
        *out = inspector.statistics.capture()?;
        Ok(sinsp_status::SINSP_SUCCESS)
    };
    // SAFETY: the caller vouches for `error`.
    unsafe { guard_status(error, body) }
}

/// Counters of what happened to the tables of threads.
#[repr(C)]
#[derive(Debug, Clone, Copy, Default)]
pub struct sinsp_state_stats {
    /// The size of this struct, which the caller sets: what is beyond it is not written.
    pub size: usize,
    /// Threads that came into the table.
    pub threads_added: u64,
    /// Threads that left it.
    pub threads_removed: u64,
    /// Threads that did not find room.
    pub threads_dropped: u64,
    /// Threads that were asked for and not there.
    pub thread_lookups_failed: u64,
    /// Threads that were invented because nothing could be found out about them.
    pub threads_invented: u64,
    /// Enter events kept for their exit events.
    pub enter_events_kept: u64,
    /// Exit events that wanted their enter event and did not find it.
    pub enter_events_missed: u64,
}

/// The counters of the tables since the inspector was made. Any thread may ask at any time, also while another one is in
/// `sinsp_inspector_next`.
///
/// # Safety
/// `inspector` must be null or live, `stats` null or writable as far as its size says, `error` null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_inspector_state_stats(
    inspector: *const sinsp_inspector,
    stats: *mut sinsp_state_stats,
    error: *mut *mut sinsp_error,
) -> sinsp_status {
    let body = move || {
        // SAFETY: the caller vouches for it; only what threads may share is used of it.
        let inspector = unsafe { borrow(inspector, "inspector")? };
        if stats.is_null() {
            return Err(Failure::illegal("null counters"));
        }
        // SAFETY: not null, and every such struct begins with its size.
        let size = unsafe { stats.cast::<usize>().read() };
        if size < size_of::<sinsp_state_stats>() {
            return Err(Failure::illegal(format!("counters of {size} bytes")));
        }
        let counted = inspector.statistics.state();
        let counted = sinsp_state_stats {
            size,
            threads_added: counted.threads_added.get(),
            threads_removed: counted.threads_removed.get(),
            threads_dropped: counted.threads_dropped.get(),
            thread_lookups_failed: counted.thread_lookups_failed.get(),
            threads_invented: counted.threads_invented.get(),
            enter_events_kept: counted.enter_events_kept.get(),
            enter_events_missed: counted.enter_events_missed.get(),
        };
        // SAFETY: it has room for this version of the struct.
        unsafe { stats.write(counted) };
        Ok(sinsp_status::SINSP_SUCCESS)
    };
    // SAFETY: the caller vouches for `error`.
    unsafe { guard_status(error, body) }
}

/// The name of the engine that is open, as `scap_open` knows it, valid forever; empty if none is.
///
/// # Safety
/// `inspector` must be null or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_inspector_engine(inspector: *const sinsp_inspector) -> sinsp_str {
    // SAFETY: the caller vouches for it.
    let Some(inspector) = (unsafe { inspector.as_ref() }) else { return sinsp_str::EMPTY };
    guard_plain(sinsp_str::EMPTY, || match inspector.core_mut() {
        Ok(mut core) => core.engine().map_or(sinsp_str::EMPTY, |engine| sinsp_str::of(engine.name().as_bytes())),
        Err(_) => sinsp_str::EMPTY,
    })
}

/// Lets only the events through for which `program` holds; null lets all through. The program is not used up: it may be freed at
/// any time, the inspector keeps what it needs. A program of another inspector is an error.
///
/// # Safety
/// `inspector` and `program` must be null or live, `error` null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_inspector_set_filter(
    inspector: *mut sinsp_inspector,
    program: *const sinsp_program,
    error: *mut *mut sinsp_error,
) -> sinsp_status {
    let body = move || {
        // SAFETY: the caller vouches for both.
        let (inspector, program) = unsafe { (borrow(inspector, "inspector")?, program.as_ref()) };
        let filter = program.map(|program| program.keep(inspector)).transpose()?;
        // The last one may be running: it ends with its last use.
        let _core = inspector.core_mut()?;
        let last = inspector.filter.replace(filter);
        drop(last);
        inspector.find_wants();
        Ok(sinsp_status::SINSP_SUCCESS)
    };
    // SAFETY: the caller vouches for `error`.
    unsafe { guard_status(error, body) }
}

/// Lets the events of one system call through, or not, while the inspector is open.
///
/// # Safety
/// `inspector` must be null or live, `error` null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_inspector_set_interesting(
    inspector: *mut sinsp_inspector,
    sc: u16,
    interesting: bool,
    error: *mut *mut sinsp_error,
) -> sinsp_status {
    let body = move || {
        // SAFETY: the caller vouches for it.
        let inspector = unsafe { borrow(inspector, "inspector")? };
        if usize::from(sc) >= SCS.len() {
            return Err(Failure::illegal(format!("inexistent ppm_sc code: {sc}")));
        }
        inspector.core_mut()?.set_interesting(Sc(sc), interesting)?;
        Ok(sinsp_status::SINSP_SUCCESS)
    };
    // SAFETY: the caller vouches for `error`.
    unsafe { guard_status(error, body) }
}

/// What `sinsp_inspector_set_option` changes.
#[repr(u32)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum sinsp_option {
    /// Whether the users and groups of the machine are taken in (0 or 1); takes effect at the next open.
    SINSP_OPTION_IMPORT_USERS = 0,
    /// Whether addresses and ports are shown by name (0 or 1).
    SINSP_OPTION_RESOLVE_NAMES = 1,
    /// How data buffers are shown: `sinsp_evt::param_fmt`.
    SINSP_OPTION_BUFFER_FORMAT = 2,
    /// How many bytes of text to show of a data buffer at most; 0: all.
    SINSP_OPTION_BUFFER_TEXT = 3,
    /// Whether a live capture shows the events of its own process (0 or 1).
    SINSP_OPTION_OWN_EVENTS = 4,
    /// How many bytes of a data buffer are captured.
    SINSP_OPTION_SNAPLEN = 5,
    /// Whether calls that fail are not captured (0 or 1).
    SINSP_OPTION_DROP_FAILED = 6,
    /// Whether the snaplen depends on what a data buffer looks like (0 or 1).
    SINSP_OPTION_DYNAMIC_SNAPLEN = 7,
    /// The ports whose traffic is captured whole: the first times 65536, plus the last.
    SINSP_OPTION_FULL_CAPTURE_PORTS = 8,
    /// The port of statsd, whose traffic is captured whole.
    SINSP_OPTION_STATSD_PORT = 9,
    /// Dropping mode: one part of so many of every second is captured; 0 turns it off.
    SINSP_OPTION_DROPPING = 10,
    /// Whether threads leave the table when they exit or are gone (0 or 1).
    SINSP_OPTION_PURGE = 11,
    /// How often an inspector of a running system looks for threads that are gone, in nanoseconds.
    SINSP_OPTION_PURGE_INTERVAL = 12,
    /// For how long a thread must have been quiet to be looked at then, in nanoseconds.
    SINSP_OPTION_THREAD_TIMEOUT = 13,
    /// Whether failed and pending connections are told apart from established ones (0 or 1).
    SINSP_OPTION_TRACK_CONNECTIONS = 14,
    /// The time of the last event, in nanoseconds since the epoch, as if one had happened then.
    SINSP_OPTION_LAST_EVENT_TIME = 15,
    /// When it was last looked for threads that are gone, in nanoseconds since the epoch.
    SINSP_OPTION_LAST_PURGE = 16,
    /// Whether events that the library makes for itself (of the category EC_INTERNAL) come through even if the filter, or a capture, keeps
    /// them back (0 or 1).
    SINSP_OPTION_INTERNAL_EVENTS = 17,
    /// After how many milliseconds a scan of the running system is given up; 0: never. Takes effect at the next open.
    SINSP_OPTION_SCAN_TIMEOUT = 18,
    /// After how many milliseconds each a scan of the running system logs how far it is; 0: it does not. Takes effect at the next open.
    SINSP_OPTION_SCAN_LOG_INTERVAL = 19,
}

fn narrow<T: TryFrom<u64>>(value: u64) -> Result<T, Failure> {
    T::try_from(value).map_err(|_| Failure::illegal(format!("the value {value} is too big")))
}

/// Changes an option (`sinsp_option`). Those that say how to capture hold for the engine that is open, and for those that are opened
/// later; an engine that cannot do it answers so.
///
/// # Safety
/// `inspector` must be null or live, `error` null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_inspector_set_option(
    inspector: *mut sinsp_inspector,
    option: u32,
    value: u64,
    error: *mut *mut sinsp_error,
) -> sinsp_status {
    use sinsp_option as Option;
    let body = move || {
        // SAFETY: the caller vouches for it.
        let inspector = unsafe { borrow(inspector, "inspector")? };
        match option {
            o if o == Option::SINSP_OPTION_IMPORT_USERS as u32 => {
                inspector.core_mut()?.state_mut().without_users = value == 0;
            }
            o if o == Option::SINSP_OPTION_RESOLVE_NAMES as u32 => {
                if value != 0 {
                    return Err(Failure::not_supported("showing addresses and ports by name"));
                }
            }
            o if o == Option::SINSP_OPTION_BUFFER_FORMAT as u32 => {
                let unknown = || Failure::illegal(format!("unknown format {value} of data buffers"));
                let format = BUFFER_FORMATS.iter().find(|(number, _)| *number == value).ok_or_else(unknown)?.1;
                inspector.core_mut()?.view_mut().buffers = format;
            }
            o if o == Option::SINSP_OPTION_BUFFER_TEXT as u32 => {
                inspector.core_mut()?.view_mut().max_buffer_text = value as usize;
            }
            o if o == Option::SINSP_OPTION_OWN_EVENTS as u32 => inspector.core_mut()?.set_debug(value != 0),
            o if o == Option::SINSP_OPTION_SNAPLEN as u32 => inspector.set(Setting::Snaplen(narrow(value)?))?,
            o if o == Option::SINSP_OPTION_DROP_FAILED as u32 => inspector.set(Setting::DropFailed(value != 0))?,
            o if o == Option::SINSP_OPTION_DYNAMIC_SNAPLEN as u32 => {
                inspector.set(Setting::DynamicSnaplen(value != 0))?;
            }
            o if o == Option::SINSP_OPTION_FULL_CAPTURE_PORTS as u32 => {
                inspector.set(Setting::FullCapturePorts(narrow(value >> 16)?, value as u16))?;
            }
            o if o == Option::SINSP_OPTION_STATSD_PORT as u32 => inspector.set(Setting::StatsdPort(narrow(value)?))?,
            o if o == Option::SINSP_OPTION_DROPPING as u32 => {
                let ratio = narrow(value)?;
                inspector.set(Setting::Dropping((ratio != 0).then_some(ratio)))?;
            }
            o if o == Option::SINSP_OPTION_PURGE as u32 => inspector.set_purge(|purge| purge.enabled = value != 0)?,
            o if o == Option::SINSP_OPTION_PURGE_INTERVAL as u32 => {
                inspector.set_purge(|purge| purge.interval = value)?
            }
            o if o == Option::SINSP_OPTION_THREAD_TIMEOUT as u32 => {
                inspector.set_purge(|purge| purge.timeout = value)?
            }
            o if o == Option::SINSP_OPTION_TRACK_CONNECTIONS as u32 => {
                inspector.core_mut()?.set_connection_tracking(value != 0);
            }
            o if o == Option::SINSP_OPTION_LAST_EVENT_TIME as u32 => inspector.core_mut()?.set_last_event_ts(value),
            o if o == Option::SINSP_OPTION_LAST_PURGE as u32 => inspector.core_mut()?.set_last_purge(value),
            o if o == Option::SINSP_OPTION_INTERNAL_EVENTS as u32 => {
                inspector.core_mut()?.set_internal_events(value != 0);
            }
            o if o == Option::SINSP_OPTION_SCAN_TIMEOUT as u32 => {
                inspector.set_scan(|scan| scan.timeout = Some(Duration::from_millis(value)))?;
            }
            o if o == Option::SINSP_OPTION_SCAN_LOG_INTERVAL as u32 => {
                inspector.set_scan(|scan| scan.log_interval = Some(Duration::from_millis(value)))?;
            }
            unknown => return Err(Failure::illegal(format!("unknown option {unknown}"))),
        }
        Ok(sinsp_status::SINSP_SUCCESS)
    };
    // SAFETY: the caller vouches for `error`.
    unsafe { guard_status(error, body) }
}

/// `sinsp_evt::param_fmt`; the JSON forms of a format show data as the plain one does.
const BUFFER_FORMATS: [(u64, BufferFormat); 12] = [
    (1, BufferFormat::Dots),
    (1 << 1, BufferFormat::Dots),
    (1 << 2, BufferFormat::Simple),
    (1 << 3, BufferFormat::Hex),
    (1 << 4, BufferFormat::HexAscii),
    (1 << 5, BufferFormat::Lines),
    (1 << 6, BufferFormat::LinesCompact),
    (1 << 7, BufferFormat::Base64),
    (1 << 8, BufferFormat::Lines),
    (1 << 9, BufferFormat::Hex),
    (1 << 10, BufferFormat::HexAscii),
    (1 << 11, BufferFormat::Base64),
];
