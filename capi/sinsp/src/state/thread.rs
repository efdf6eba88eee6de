//! Threads as C sees them.
//!
//! C names a thread by a number, which finds nothing once the thread is gone: no address of the core reaches C. What is answered is a
//! copy, or a text that is borrowed.

use crate::ffi::{Failure, borrow, build_text, guard, guard_plain, guard_status, sinsp_error, sinsp_status, sinsp_str};
use crate::inspector::handle::sinsp_inspector;
use crate::state::fd::sinsp_fd;
use crate::state::store::{Stores, fd_object_of, sinsp_fd_store, sinsp_thread_store};
use sinsp_core::state::store::ThreadScalars;
use sinsp_core::state::{Fd, FdTable, List, State, Thread, ThreadId, ThreadTable};
use std::ffi::c_void;
use std::mem::offset_of;
use std::ptr::null_mut;
use std::sync::Arc;

/// The number of no thread.
pub const SINSP_NO_THREAD: u64 = 0;

const _: () = assert!(ThreadId::NONE_NUMBER == SINSP_NO_THREAD);

/// The scalars of a thread: append only.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct sinsp_thread {
    /// Its id.
    pub tid: i64,
    /// The id of its process, which is the tid of the main thread.
    pub pid: i64,
    /// The id of its parent.
    pub ptid: i64,
    /// Who takes its children when it dies; -1 where unknown.
    pub reaper_tid: i64,
    /// Its session.
    pub sid: i64,
    /// Its tid in its own pid namespace; -1 where unknown.
    pub vtid: i64,
    /// Its pid in its own pid namespace; -1 where unknown.
    pub vpid: i64,
    /// Its process group as its own pid namespace counts.
    pub vpgid: i64,
    /// Its process group as the host counts; -1 where unknown.
    pub pgid: i64,
    /// How many files it may open; -1 where unknown.
    pub fdlimit: i64,
    /// `PPM_CL_*` flags.
    pub flags: u32,
    /// Its user.
    pub uid: u32,
    /// Its group.
    pub gid: u32,
    /// The login uid.
    pub loginuid: u32,
    /// Its controlling terminal, as a device number.
    pub tty: u32,
    /// Virtual memory, in KiB.
    pub vmsize_kb: u32,
    /// Resident memory, in KiB.
    pub vmrss_kb: u32,
    /// Swapped memory, in KiB.
    pub vmswap_kb: u32,
    /// Major page faults since its start.
    pub pfmajor: u64,
    /// Minor page faults since its start.
    pub pfminor: u64,
    /// Its capabilities.
    pub cap_permitted: u64,
    /// Its capabilities in force.
    pub cap_effective: u64,
    /// The capabilities that it hands on.
    pub cap_inheritable: u64,
    /// The inode of its executable.
    pub exe_ino: u64,
    /// When that inode last changed: nanoseconds since the epoch.
    pub exe_ino_ctime: u64,
    /// When that file was last modified: nanoseconds since the epoch.
    pub exe_ino_mtime: u64,
    /// From the inode's change to the thread's start, in nanoseconds.
    pub exe_ino_ctime_duration_clone_ts: u64,
    /// From the start of its pid namespace to the inode's change, in nanoseconds.
    pub exe_ino_ctime_duration_pidns_start: u64,
    /// When its pid namespace started: nanoseconds since the epoch.
    pub pidns_init_start_ts: u64,
    /// When it was created: nanoseconds since the epoch.
    pub clone_ts: u64,
    /// When it last executed a program: nanoseconds since the epoch.
    pub lastexec_ts: u64,
    /// When its last event was: nanoseconds since the epoch.
    pub lastevent_ts: u64,
    /// When the event before that was: nanoseconds since the epoch.
    pub prevevent_ts: u64,
    /// When it was last asked for: nanoseconds since the epoch.
    pub lastaccess_ts: u64,
    /// The fd of its last event.
    pub lastevent_fd: i64,
    /// How many of its children are alive.
    pub not_expired_children: u64,
    /// Whether the user who runs it may write its executable.
    pub exe_writable: bool,
    /// Whether its executable is on the upper layer of an overlayfs.
    pub exe_upper_layer: bool,
    /// Whether its executable is on the lower layer of an overlayfs.
    pub exe_lower_layer: bool,
    /// Whether its executable is a memfd.
    pub exe_from_memfd: bool,
    /// Whether a dump leaves it out.
    pub filtered_out: bool,
}

/// C's view of the scalars and the core's agree.
macro_rules! same_offsets {
    ($($field:ident),+ $(,)?) => { $(const _: () = assert!(offset_of!(sinsp_thread, $field) == offset_of!(ThreadScalars, $field));)+ };
}

same_offsets!(
    tid,
    pid,
    ptid,
    reaper_tid,
    sid,
    vtid,
    vpid,
    vpgid,
    pgid,
    fdlimit,
    flags,
    uid,
    gid,
    loginuid,
    tty,
    vmsize_kb,
    vmrss_kb,
    vmswap_kb,
    pfmajor,
    pfminor,
    cap_permitted,
    cap_effective,
    cap_inheritable,
    exe_ino,
    exe_ino_ctime,
    exe_ino_mtime,
    exe_ino_ctime_duration_clone_ts,
    exe_ino_ctime_duration_pidns_start,
    pidns_init_start_ts,
    clone_ts,
    lastexec_ts,
    lastevent_ts,
    prevevent_ts,
    lastaccess_ts,
    lastevent_fd,
    not_expired_children,
    exe_writable,
    exe_upper_layer,
    exe_lower_layer,
    exe_from_memfd,
    filtered_out,
);

/// The texts of a thread.
#[repr(u32)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum sinsp_thread_text_id {
    /// Its name.
    SINSP_THREAD_COMM = 0,
    /// `argv[0]`.
    SINSP_THREAD_EXE = 1,
    /// The full path of its executable.
    SINSP_THREAD_EXEPATH = 2,
    /// The root directory.
    SINSP_THREAD_ROOT = 3,
    /// The working directory of its process, with a `/` at its end.
    SINSP_THREAD_CWD = 4,
    /// Its name and arguments, with spaces between them.
    SINSP_THREAD_CMDLINE = 5,
    /// Its arguments, with spaces between them.
    SINSP_THREAD_ARGS_JOINED = 6,
    /// The environment of its process, with spaces between the variables.
    SINSP_THREAD_ENV_JOINED = 7,
}

/// The lists of texts of a thread.
#[repr(u32)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum sinsp_thread_list_id {
    /// The arguments after `argv[0]`.
    SINSP_THREAD_ARGS = 0,
    /// The environment of its process, `name=value`.
    SINSP_THREAD_ENV = 1,
    /// Its cgroups, `subsystem=path`.
    SINSP_THREAD_CGROUPS = 2,
}

/// The number that C gets for a thread.
pub(crate) fn number_of(thread: Option<&Thread>) -> u64 {
    thread.map_or(SINSP_NO_THREAD, |t| t.id().to_number())
}

/// Answers what `read` finds about a thread; `otherwise` for null, for a thread that is gone, and while the inspector is moved.
///
/// # Safety
/// `inspector` must be null or live.
unsafe fn ask<R>(
    inspector: *const sinsp_inspector,
    id: u64,
    otherwise: R,
    read: impl FnOnce(&ThreadTable, &Thread) -> R,
) -> R {
    // SAFETY: the caller vouches for it.
    let Some(inspector) = (unsafe { inspector.as_ref() }) else { return otherwise };
    let Ok(core) = inspector.core() else { return otherwise };
    let threads = &core.state().threads;
    match threads.pinned(ThreadId::from_number(id)) {
        Some(thread) => guard_plain(otherwise, || read(threads, thread)),
        None => otherwise,
    }
}

/// Says how a program's objects hold the data of threads and fds that are exposed to it from now on. To be called once, before anything is
/// opened; `context` is handed to `make`. Both tables are copied.
///
/// # Safety
/// `inspector` must be null or live, `error` null or writable. The tables must be null or readable for the sizes that they begin with, and
/// their functions follow the rules of `sinsp_thread_store` as long as the inspector lives.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_inspector_set_stores(
    inspector: *mut sinsp_inspector,
    threads: *const sinsp_thread_store,
    fds: *const sinsp_fd_store,
    context: *mut c_void,
    error: *mut *mut sinsp_error,
) -> sinsp_status {
    let body = move || {
        // SAFETY: the caller vouches for it.
        let inspector = unsafe { borrow(inspector, "inspector")? };
        let exposures = inspector.core()?.state().threads.exposures().clone();
        // SAFETY: the caller vouches for both.
        let stores = unsafe { Stores::new(threads, fds, context, exposures)? };
        let again = |_| Failure::illegal("the stores of an inspector can be set once");
        inspector.stores.set(stores).map_err(again)?;
        Ok(sinsp_status::SINSP_SUCCESS)
    };
    // SAFETY: the caller vouches for `error`.
    unsafe { guard_status(error, body) }
}

/// The program's object for a thread, which is made if there is none; null for null, for a thread that is gone, and where no object can be made.
/// It is the program's own pointer, good for as long as the program says.
///
/// # Safety
/// `inspector` must be null or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_thread_object(inspector: *const sinsp_inspector, id: u64) -> *mut c_void {
    // SAFETY: the caller vouches for it.
    let Some(inspector) = (unsafe { inspector.as_ref() }) else { return null_mut() };
    guard_plain(null_mut(), || object_of(inspector, ThreadId::from_number(id)).unwrap_or(null_mut()))
}

/// The object that holds the data of a thread already, if one does.
pub(crate) fn known_object(thread: &Thread) -> Option<*mut c_void> {
    thread.store().map(|store| std::ptr::with_exposed_provenance_mut(store.address()))
}

fn object_of(inspector: &sinsp_inspector, id: ThreadId) -> Option<*mut c_void> {
    if let Some(known) = known_object(inspector.core().ok()?.state().threads.pinned(id)?) {
        return Some(known);
    }
    // Code of the program runs here: nothing is borrowed.
    let mut object = inspector.stores.get()?.make_thread()?;
    let address = object.as_ptr();
    {
        let core = inspector.core().ok()?;
        let threads = &core.state().threads;
        let thread = threads.by_id(id)?;
        if let Some(known) = known_object(thread) {
            return Some(known);
        }
        object.fill(thread);
        object.attach(inspector.pointer(), id.to_number());
        threads.expose(id, Box::new(object));
    }
    // Within a callback the core's own copy cannot be given back yet; it does no harm.
    if let Ok(mut core) = inspector.core_mut() {
        core.state_mut().threads.settle(id);
    }
    Some(address)
}

/// The thread `tid`; `SINSP_NO_THREAD` if it is not known.
///
/// # Safety
/// `inspector` must be null or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_inspector_thread(inspector: *const sinsp_inspector, tid: i64) -> u64 {
    // SAFETY: the caller vouches for it.
    let Some(inspector) = (unsafe { inspector.as_ref() }) else { return SINSP_NO_THREAD };
    guard_plain(SINSP_NO_THREAD, || {
        inspector.core().map_or(SINSP_NO_THREAD, |core| number_of(core.state().threads.get(tid)))
    })
}

/// The thread `tid`; if it is not known, the one that the running system has, or an invented one of which nothing but the tid is known.
/// `SINSP_NO_THREAD` if the table is full.
///
/// # Safety
/// `inspector` must be null or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_inspector_find_thread(inspector: *const sinsp_inspector, tid: i64) -> u64 {
    // SAFETY: the caller vouches for it.
    let Some(inspector) = (unsafe { inspector.as_ref() }) else { return SINSP_NO_THREAD };
    guard_plain(SINSP_NO_THREAD, || match inspector.core_mut() {
        Ok(mut core) => core.state_mut().find_or_invent(tid).map_or(SINSP_NO_THREAD, ThreadId::to_number),
        Err(_) => SINSP_NO_THREAD,
    })
}

/// How many threads are known.
///
/// # Safety
/// `inspector` must be null or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_inspector_thread_count(inspector: *const sinsp_inspector) -> usize {
    // SAFETY: the caller vouches for it.
    let Some(inspector) = (unsafe { inspector.as_ref() }) else { return 0 };
    guard_plain(0, || inspector.core().map_or(0, |core| core.state().threads.len()))
}

/// Who is told of one thread after the other; false ends it.
pub type sinsp_thread_visitor = Option<unsafe extern "C" fn(context: *mut c_void, id: u64) -> bool>;

/// Calls `visit` for each number; answers whether no call ended it.
///
/// # Safety
/// `visit` must be callable with `context` and must not throw.
pub(crate) unsafe fn visit_all(
    ids: impl IntoIterator<Item = u64>,
    visit: sinsp_thread_visitor,
    context: *mut c_void,
) -> bool {
    let Some(visit) = visit else { return false };
    // SAFETY: the caller vouches for it.
    ids.into_iter().all(|id| unsafe { visit(context, id) })
}

/// Calls `visit` for each thread that is known at the time of the call, in no order; answers whether no call ended it. The calls may change what
/// is known.
///
/// # Safety
/// `inspector` must be null or live; `visit` must be callable with `context` and must not throw; `error` must be null or
/// writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_inspector_each_thread(
    inspector: *const sinsp_inspector,
    visit: sinsp_thread_visitor,
    context: *mut c_void,
    error: *mut *mut sinsp_error,
) -> bool {
    let body = move || {
        // SAFETY: the caller vouches for it.
        let inspector = unsafe { borrow(inspector, "inspector")? };
        if visit.is_none() {
            return Err(Failure::illegal("null callback"));
        }
        let ids: Vec<u64> = inspector.core()?.state().threads.iter().map(|t| t.id().to_number()).collect();
        // SAFETY: the caller vouches for both.
        Ok(unsafe { visit_all(ids, visit, context) })
    };
    // SAFETY: the caller vouches for `error`.
    unsafe { guard(error, |_| false, body) }
}

/// Makes `object`, which the program gives away, a thread of the inspector, in place of one of the same tid. `tie` says whether to make it part of
/// its process and a child of its parent. Answers its number; `SINSP_NO_THREAD` with an error if the table is full: the object is
/// released then.
///
/// # Safety
/// `inspector` must be null or live, `object` an object of the stores that belongs to no inspector, `error` null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_inspector_add_thread(
    inspector: *mut sinsp_inspector,
    object: *mut c_void,
    tie: bool,
    error: *mut *mut sinsp_error,
) -> u64 {
    let add = |state: &mut State, thread: Thread| {
        state.add_thread(thread, tie).ok_or_else(|| {
            let limit = state.threads.limit();
            Failure::new(sinsp_status::SINSP_FAILURE, format!("the table of threads is full: it holds {limit}"))
        })
    };
    // SAFETY: passed on.
    unsafe { take_in(inspector, object, error, add) }
}

/// Makes `object`, which the program gives away, part of its process and a child of its parent, without that its tid finds it. It stays until the
/// inspector is closed. Answers its number, or `SINSP_NO_THREAD` with an error.
///
/// # Safety
/// As `sinsp_inspector_add_thread`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_inspector_tie_thread(
    inspector: *mut sinsp_inspector,
    object: *mut c_void,
    error: *mut *mut sinsp_error,
) -> u64 {
    let place = |state: &mut State, thread: Thread| {
        let id = state.place_thread(thread);
        state.tie(id);
        Ok(id)
    };
    // SAFETY: passed on.
    unsafe { take_in(inspector, object, error, place) }
}

/// Makes `object`, which the program gives away, a thread of the inspector that neither its tid finds nor a process has. It stays until the
/// inspector is closed. Answers its number, or `SINSP_NO_THREAD` with an error.
///
/// # Safety
/// As `sinsp_inspector_add_thread`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_inspector_place_thread(
    inspector: *mut sinsp_inspector,
    object: *mut c_void,
    error: *mut *mut sinsp_error,
) -> u64 {
    // SAFETY: passed on.
    unsafe { take_in(inspector, object, error, |state, thread| Ok(state.place_thread(thread))) }
}

/// # Safety
/// As `sinsp_inspector_add_thread`.
unsafe fn take_in(
    inspector: *mut sinsp_inspector,
    object: *mut c_void,
    error: *mut *mut sinsp_error,
    add: impl FnOnce(&mut State, Thread) -> Result<ThreadId, Failure>,
) -> u64 {
    let body = move || {
        // SAFETY: the caller vouches for it.
        let inspector = unsafe { borrow(inspector, "inspector")? };
        let stores = inspector.stores()?;
        let held = stores.thread_object(object).ok_or_else(|| Failure::illegal("null thread"))?;
        let counted = stores.exposures().add();
        let mut core = inspector.core_mut()?;
        let id = add(core.state_mut(), Thread::outside(Box::new(held), FdTable::default(), counted))?;
        stores.attach(object, inspector.pointer(), id.to_number());
        Ok(id.to_number())
    };
    // SAFETY: the caller vouches for `error`.
    unsafe { guard(error, |_| SINSP_NO_THREAD, body) }
}

/// Changes what is known, where an inspector allows it.
///
/// # Safety
/// `inspector` must be null or live, `error` null or writable.
pub(crate) unsafe fn change(
    inspector: *mut sinsp_inspector,
    error: *mut *mut sinsp_error,
    act: impl FnOnce(&mut State) -> Result<(), Failure>,
) -> sinsp_status {
    let body = move || {
        // SAFETY: the caller vouches for it.
        let inspector = unsafe { borrow(inspector, "inspector")? };
        act(inspector.core_mut()?.state_mut())?;
        Ok(sinsp_status::SINSP_SUCCESS)
    };
    // SAFETY: the caller vouches for `error`.
    unsafe { guard_status(error, body) }
}

/// Takes the thread `tid` off the table as its end would: its children go to who takes orphans, a main thread stays until the last thread of its
/// process goes. A thread that is not known is no error.
///
/// # Safety
/// `inspector` must be null or live, `error` null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_inspector_remove_thread(
    inspector: *mut sinsp_inspector,
    tid: i64,
    error: *mut *mut sinsp_error,
) -> sinsp_status {
    // SAFETY: passed on.
    unsafe {
        change(inspector, error, |state| {
            state.remove_thread(tid);
            Ok(())
        })
    }
}

/// Forgets all threads.
///
/// # Safety
/// `inspector` must be null or live, `error` null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_inspector_clear_threads(
    inspector: *mut sinsp_inspector,
    error: *mut *mut sinsp_error,
) -> sinsp_status {
    // SAFETY: passed on.
    unsafe {
        change(inspector, error, |state| {
            state.threads.clear();
            Ok(())
        })
    }
}

/// Sets how many threads the table takes in; those that it has stay.
///
/// # Safety
/// `inspector` must be null or live, `error` null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_inspector_set_thread_limit(
    inspector: *mut sinsp_inspector,
    limit: usize,
    error: *mut *mut sinsp_error,
) -> sinsp_status {
    // SAFETY: passed on.
    unsafe {
        change(inspector, error, |state| {
            state.threads.set_limit(limit);
            Ok(())
        })
    }
}

/// How many threads the table takes in; 0 for null.
///
/// # Safety
/// `inspector` must be null or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_inspector_thread_limit(inspector: *const sinsp_inspector) -> usize {
    // SAFETY: the caller vouches for it.
    let Some(inspector) = (unsafe { inspector.as_ref() }) else { return 0 };
    guard_plain(0, || inspector.core().map_or(0, |core| core.state().threads.limit()))
}

/// Copies the scalars of a thread to `out`, as many bytes of them as `size` says: `sizeof` the struct as the caller knows it. Answers whether the
/// thread is there.
///
/// # Safety
/// `inspector` must be null or live, `out` null or writable for `size` bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_thread_get(
    inspector: *const sinsp_inspector,
    id: u64,
    out: *mut sinsp_thread,
    size: usize,
) -> bool {
    if out.is_null() {
        return false;
    }
    let copy = |_: &ThreadTable, t: &Thread| {
        let scalars: &ThreadScalars = t;
        let size = size.min(size_of::<ThreadScalars>());
        // SAFETY: not null, writable for `size` bytes, and laid out alike.
        unsafe { std::ptr::copy_nonoverlapping((&raw const *scalars).cast::<u8>(), out.cast(), size) };
        true
    };
    // SAFETY: passed on.
    unsafe { ask(inspector, id, false, copy) }
}

/// A text of a thread (`sinsp_thread_text_id`). `COMM`, `EXE`, `EXEPATH`, `ROOT` and `CWD` are borrowed until the thread changes or the inspector
/// goes on, the others until the next text on this operating-system thread. Empty for null and for a thread that is gone.
///
/// # Safety
/// `inspector` must be null or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_thread_text(inspector: *const sinsp_inspector, id: u64, which: u32) -> sinsp_str {
    use sinsp_thread_text_id as Id;
    let read = |threads: &ThreadTable, t: &Thread| match which {
        w if w == Id::SINSP_THREAD_COMM as u32 => sinsp_str::of(t.comm()),
        w if w == Id::SINSP_THREAD_EXE as u32 => sinsp_str::of(t.exe()),
        w if w == Id::SINSP_THREAD_EXEPATH as u32 => sinsp_str::of(t.exepath()),
        w if w == Id::SINSP_THREAD_ROOT as u32 => sinsp_str::of(t.root()),
        w if w == Id::SINSP_THREAD_CWD as u32 => sinsp_str::of(threads.cwd(t)),
        w if w == Id::SINSP_THREAD_CMDLINE as u32 => build_text(|out| t.cmdline(out)),
        w if w == Id::SINSP_THREAD_ARGS_JOINED as u32 => build_text(|out| t.args_joined(out)),
        w if w == Id::SINSP_THREAD_ENV_JOINED as u32 => build_text(|out| threads.env(t).join(out)),
        _ => sinsp_str::EMPTY,
    };
    // SAFETY: passed on.
    unsafe { ask(inspector, id, sinsp_str::EMPTY, read) }
}

/// How many texts a list of a thread (`sinsp_thread_list_id`) has; 0 for null and for a thread that is gone.
///
/// # Safety
/// `inspector` must be null or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_thread_list_len(inspector: *const sinsp_inspector, id: u64, which: u32) -> usize {
    use sinsp_thread_list_id as Id;
    let read = |threads: &ThreadTable, t: &Thread| match which {
        w if w == Id::SINSP_THREAD_ARGS as u32 => t.args().len(),
        w if w == Id::SINSP_THREAD_ENV as u32 => threads.env(t).len(),
        w if w == Id::SINSP_THREAD_CGROUPS as u32 => t.cgroups().count(),
        _ => 0,
    };
    // SAFETY: passed on.
    unsafe { ask(inspector, id, 0, read) }
}

/// All texts of a list of a thread, each ended by a NUL; borrowed until the next text on this operating-system thread.
///
/// # Safety
/// `inspector` must be null or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_thread_list(inspector: *const sinsp_inspector, id: u64, which: u32) -> sinsp_str {
    use sinsp_thread_list_id as Id;
    let wire = |list: List<'_>| {
        build_text(|out| {
            for text in list.iter() {
                out.extend_from_slice(text);
                out.push(0);
            }
        })
    };
    let read = |threads: &ThreadTable, t: &Thread| match which {
        w if w == Id::SINSP_THREAD_ARGS as u32 => wire(t.args()),
        w if w == Id::SINSP_THREAD_ENV as u32 => wire(threads.env(t)),
        w if w == Id::SINSP_THREAD_CGROUPS as u32 => build_text(|out| out.extend_from_slice(t.cgroup_list().as_wire())),
        _ => sinsp_str::EMPTY,
    };
    // SAFETY: passed on.
    unsafe { ask(inspector, id, sinsp_str::EMPTY, read) }
}

/// The value of an environment variable of a thread's process, borrowed like the environment; empty if there is none.
///
/// # Safety
/// `inspector` must be null or live, `name` readable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_thread_env_var(
    inspector: *const sinsp_inspector,
    id: u64,
    name: sinsp_str,
) -> sinsp_str {
    // SAFETY: the caller vouches for both.
    unsafe {
        let name = name.bytes();
        ask(inspector, id, sinsp_str::EMPTY, |threads, t| {
            threads.env_var(t, name).map_or(sinsp_str::EMPTY, sinsp_str::of)
        })
    }
}

/// The main thread of a thread's process; `SINSP_NO_THREAD` if that is not known.
///
/// # Safety
/// `inspector` must be null or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_thread_main(inspector: *const sinsp_inspector, id: u64) -> u64 {
    // SAFETY: passed on.
    unsafe { ask(inspector, id, SINSP_NO_THREAD, |threads, t| number_of(threads.main_thread(t))) }
}

/// The main thread of the parent of a thread's process (`generation` 1), of its grandparent (2) and so on; the main thread itself
/// for 0. `SINSP_NO_THREAD` if it is not known.
///
/// # Safety
/// `inspector` must be null or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_thread_ancestor(inspector: *const sinsp_inspector, id: u64, generation: u32) -> u64 {
    let read = |threads: &ThreadTable, t: &Thread| match generation.checked_sub(1) {
        None => number_of(threads.main_thread(t)),
        Some(nth) => number_of(threads.ancestors(t).nth(nth as usize)),
    };
    // SAFETY: passed on.
    unsafe { ask(inspector, id, SINSP_NO_THREAD, read) }
}

/// Calls `visit` for the threads that the parent ids lead to, the parent first. `*in_circle`, if not null, becomes whether they lead in a circle,
/// which ends it. Answers whether no call ended it.
///
/// # Safety
/// `inspector` must be null or live, `in_circle` null or writable; `visit` must be callable with `context` and must not throw.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_thread_each_parent(
    inspector: *const sinsp_inspector,
    id: u64,
    in_circle: *mut bool,
    visit: sinsp_thread_visitor,
    context: *mut c_void,
) -> bool {
    let read = |threads: &ThreadTable, t: &Thread| {
        let parents: Vec<u64> = threads.parent_threads(t).map(|p| p.id().to_number()).collect();
        let last = parents.last().and_then(|&last| threads.by_id(ThreadId::from_number(last))).unwrap_or(t);
        (parents, threads.get(last.ptid.get()).is_some())
    };
    // SAFETY: the caller vouches for all of them; nothing is borrowed during the calls.
    unsafe {
        let (parents, circle) = ask(inspector, id, (Vec::new(), false), read);
        if let Some(in_circle) = in_circle.as_mut() {
            *in_circle = circle;
        }
        visit_all(parents, visit, context)
    }
}

/// How many threads the process of a thread has that have not exited, with the main thread if `with_main`.
///
/// # Safety
/// `inspector` must be null or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_thread_siblings(inspector: *const sinsp_inspector, id: u64, with_main: bool) -> u64 {
    let read = |threads: &ThreadTable, t: &Thread| {
        if with_main { threads.thread_count(t) } else { threads.secondary_thread_count(t) }
    };
    // SAFETY: passed on.
    unsafe { ask(inspector, id, 0, read) }
}

/// Calls `visit` for each child of a thread, the latest first; with `SINSP_NO_THREAD` for one that is gone but still counted. Answers whether
/// no call ended it.
///
/// # Safety
/// `inspector` must be null or live; `visit` must be callable with `context` and must not throw.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_thread_each_child(
    inspector: *const sinsp_inspector,
    id: u64,
    visit: sinsp_thread_visitor,
    context: *mut c_void,
) -> bool {
    let read = |threads: &ThreadTable, t: &Thread| {
        threads.child_ids(t).rev().map(|child| number_of(threads.by_id(child))).collect::<Vec<u64>>()
    };
    // SAFETY: the caller vouches for all of them; nothing is borrowed during the calls.
    unsafe {
        let children = ask(inspector, id, Vec::new(), read);
        visit_all(children, visit, context)
    }
}

/// Makes a thread the child of another.
///
/// # Safety
/// `inspector` must be null or live, `error` null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_thread_add_child(
    inspector: *mut sinsp_inspector,
    parent: u64,
    child: u64,
    error: *mut *mut sinsp_error,
) -> sinsp_status {
    // SAFETY: passed on.
    unsafe {
        change(inspector, error, |state| {
            state.add_child(ThreadId::from_number(parent), ThreadId::from_number(child));
            Ok(())
        })
    }
}

/// Drops the children that are gone from those of a thread.
///
/// # Safety
/// `inspector` must be null or live, `error` null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_thread_clean_children(
    inspector: *mut sinsp_inspector,
    id: u64,
    error: *mut *mut sinsp_error,
) -> sinsp_status {
    // SAFETY: passed on.
    unsafe {
        change(inspector, error, |state| {
            state.clean_children(ThreadId::from_number(id));
            Ok(())
        })
    }
}

/// Gives the children of a thread to `reaper`; with `SINSP_NO_THREAD` they have no parent then.
///
/// # Safety
/// `inspector` must be null or live, `error` null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_thread_move_children(
    inspector: *mut sinsp_inspector,
    id: u64,
    reaper: u64,
    error: *mut *mut sinsp_error,
) -> sinsp_status {
    // SAFETY: passed on.
    unsafe {
        change(inspector, error, |state| {
            if id == reaper {
                return Err(Failure::illegal("a thread cannot take its own children"));
            }
            state.move_children(
                ThreadId::from_number(id),
                (reaper != SINSP_NO_THREAD).then(|| ThreadId::from_number(reaper)),
            );
            Ok(())
        })
    }
}

/// Who would take the children of a thread that dies; `SINSP_NO_THREAD` if nobody is known.
///
/// # Safety
/// `inspector` must be null or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_thread_find_reaper(inspector: *const sinsp_inspector, id: u64) -> u64 {
    // SAFETY: the caller vouches for it.
    let Some(inspector) = (unsafe { inspector.as_ref() }) else { return SINSP_NO_THREAD };
    guard_plain(SINSP_NO_THREAD, || {
        let Ok(core) = inspector.core() else { return SINSP_NO_THREAD };
        core.state().find_reaper(ThreadId::from_number(id)).map_or(SINSP_NO_THREAD, ThreadId::to_number)
    })
}

/// How many files a thread has open; for one that shares them, its process.
///
/// # Safety
/// `inspector` must be null or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_thread_fd_count(inspector: *const sinsp_inspector, id: u64) -> u64 {
    // SAFETY: passed on.
    unsafe { ask(inspector, id, 0, |threads, t| threads.fds(t).map_or(0, |fds| fds.len() as u64)) }
}

/// How many files the process of a thread may open; -1 where unknown.
///
/// # Safety
/// `inspector` must be null or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_thread_fd_limit(inspector: *const sinsp_inspector, id: u64) -> i64 {
    // SAFETY: passed on.
    unsafe { ask(inspector, id, -1, |threads, t| threads.fd_limit(t)) }
}

/// Copies the scalars of the file that a thread has open as number `fd` to `out`, as many bytes of them as `size` says; answers whether it is
/// known.
///
/// # Safety
/// `inspector` must be null or live, `out` null or writable for `size` bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_thread_fd(
    inspector: *const sinsp_inspector,
    id: u64,
    fd: i64,
    out: *mut sinsp_fd,
    size: usize,
) -> bool {
    // SAFETY: passed on.
    unsafe { ask(inspector, id, false, |threads, t| threads.fd(t, fd).is_some_and(|fd| sinsp_fd::copy(fd, out, size))) }
}

/// Answers what `read` finds about a file of a thread.
///
/// # Safety
/// `inspector` must be null or live.
pub(crate) unsafe fn ask_fd<R>(
    inspector: *const sinsp_inspector,
    id: u64,
    fd: i64,
    otherwise: R,
    read: impl FnOnce(&Fd) -> R,
) -> R {
    // SAFETY: passed on.
    let found = unsafe { ask(inspector, id, None, |threads, t| threads.fd(t, fd).map(read)) };
    found.unwrap_or(otherwise)
}

/// The program's object for a file that a thread has open as number `fd`, which is made if there is none; null if that file is not known.
///
/// # Safety
/// `inspector` must be null or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_thread_fd_object(inspector: *const sinsp_inspector, id: u64, fd: i64) -> *mut c_void {
    // SAFETY: the caller vouches for it.
    let Some(inspector) = (unsafe { inspector.as_ref() }) else { return null_mut() };
    let find = || {
        let core = inspector.core().ok()?;
        let threads = &core.state().threads;
        fd_object_of(threads.fd(threads.pinned(ThreadId::from_number(id))?, fd)?, inspector.stores.get()?)
    };
    guard_plain(null_mut(), || find().unwrap_or(null_mut()))
}

/// Makes `object`, which the program gives away, the file that a thread has open as number `fd`, in place of another. Answers whether
/// there was room; without it the object is released.
///
/// # Safety
/// `inspector` must be null or live, `object` an object of the stores that belongs to no inspector, `error` null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_thread_add_fd(
    inspector: *mut sinsp_inspector,
    id: u64,
    fd: i64,
    object: *mut c_void,
    error: *mut *mut sinsp_error,
) -> bool {
    let body = move || {
        // SAFETY: the caller vouches for it.
        let inspector = unsafe { borrow(inspector, "inspector")? };
        let stores: &Arc<Stores> = inspector.stores()?;
        let object = stores.fd_object(object).ok_or_else(|| Failure::illegal("null fd"))?;
        let file = Fd::outside(Box::new(object), stores.exposures().add());
        Ok(inspector.core_mut()?.state_mut().add_fd(ThreadId::from_number(id), fd, file))
    };
    // SAFETY: the caller vouches for `error`.
    unsafe { guard(error, |_| false, body) }
}

/// Removes the file that a thread has open as number `fd`; answers whether it was known.
///
/// # Safety
/// `inspector` must be null or live, `error` null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_thread_remove_fd(
    inspector: *mut sinsp_inspector,
    id: u64,
    fd: i64,
    error: *mut *mut sinsp_error,
) -> bool {
    let body = move || {
        // SAFETY: the caller vouches for it.
        let inspector = unsafe { borrow(inspector, "inspector")? };
        Ok(inspector.core_mut()?.state_mut().remove_fd(ThreadId::from_number(id), fd))
    };
    // SAFETY: the caller vouches for `error`.
    unsafe { guard(error, |_| false, body) }
}

/// Who is told of one file after the other by its number; false ends it.
pub type sinsp_fd_visitor = Option<unsafe extern "C" fn(context: *mut c_void, fd: i64) -> bool>;

/// Calls `visit` for each file that a thread has open at the time of the call, in no order; answers whether no call ended it.
///
/// # Safety
/// `inspector` must be null or live; `visit` must be callable with `context` and must not throw.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_thread_each_fd(
    inspector: *const sinsp_inspector,
    id: u64,
    visit: sinsp_fd_visitor,
    context: *mut c_void,
) -> bool {
    let numbers = |threads: &ThreadTable, t: &Thread| {
        threads.fds(t).map(|fds| fds.iter().map(|fd| fd.fd.get()).collect::<Vec<i64>>())
    };
    // SAFETY: passed on.
    let (Some(visit), Some(numbers)) = (visit, unsafe { ask(inspector, id, None, numbers) }) else { return false };
    // SAFETY: the caller vouches for it; nothing is borrowed during the calls.
    numbers.into_iter().all(|fd| unsafe { visit(context, fd) })
}
