//! Open files as C sees them.

use crate::ffi::{Failure, borrow, guard, guard_plain, sinsp_error, sinsp_str};
use crate::inspector::handle::sinsp_inspector;
use crate::state::access::{read_fd, read_thread};
use crate::state::fd_data::{sinsp_fd, sinsp_fd_text_id, sinsp_sock};
use crate::state::store::Stores;
use crate::text::c_name;
use sinsp_core::state::store::FdText;
use sinsp_core::state::{Fd, Thread, ThreadId, ThreadTable};
use sinsp_core::state::{FdType, L4Proto};
use std::ffi::{c_char, c_void};
use std::sync::Arc;

/// A text (`sinsp_fd_text_id`) of the file that a thread has open as number `fd`, borrowed until the file changes or the inspector goes on;
/// empty if it is not known.
///
/// # Safety
/// `inspector` must be null or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_thread_fd_text(
    inspector: *const sinsp_inspector,
    id: u64,
    fd: i64,
    which: u32,
) -> sinsp_str {
    use sinsp_fd_text_id as Id;
    let read = |fd: &Fd| match which {
        w if w == Id::SINSP_FD_NAME as u32 => sinsp_str::of(fd.text(FdText::Name)),
        w if w == Id::SINSP_FD_NAME_RAW as u32 => sinsp_str::of(fd.text(FdText::NameRaw)),
        w if w == Id::SINSP_FD_OLD_NAME as u32 => sinsp_str::of(fd.text(FdText::OldName)),
        w if w == Id::SINSP_FD_TYPE_NAME as u32 => sinsp_str::of(fd.type_name().as_bytes()),
        _ => sinsp_str::EMPTY,
    };
    // SAFETY: this `# Safety` includes that of `read_fd`.
    unsafe { read_fd(inspector, id, fd, sinsp_str::EMPTY, read) }
}

/// The addresses of the file that a thread has open as number `fd`; family 0 for what is no socket or not known.
///
/// # Safety
/// `inspector` must be null or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_thread_fd_sock(inspector: *const sinsp_inspector, id: u64, fd: i64) -> sinsp_sock {
    // SAFETY: this `# Safety` includes that of `read_fd`.
    unsafe { read_fd(inspector, id, fd, sinsp_sock::default(), |fd| sinsp_sock::of(&fd.sock())) }
}

/// How many files a thread has open; for one that shares them, its process.
///
/// # Safety
/// `inspector` must be null or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_thread_fd_count(inspector: *const sinsp_inspector, id: u64) -> u64 {
    // SAFETY: this `# Safety` includes that of `read_thread`.
    unsafe { read_thread(inspector, id, 0, |threads, t| threads.fds(t).map_or(0, |fds| fds.len() as u64)) }
}

/// How many files the process of a thread may open; -1 where unknown.
///
/// # Safety
/// `inspector` must be null or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_thread_fd_limit(inspector: *const sinsp_inspector, id: u64) -> i64 {
    // SAFETY: this `# Safety` includes that of `read_thread`.
    unsafe { read_thread(inspector, id, -1, |threads, t| threads.fd_limit(t)) }
}

/// Copies the scalars of the file that a thread has open as number `fd` to `out`, at most `size` bytes. Returns whether it is
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
    // SAFETY: this `# Safety` includes that of `read_thread`.
    unsafe {
        read_thread(inspector, id, false, |threads, t| {
            threads.fd(t, fd).is_some_and(|fd| sinsp_fd::copy(fd, out, size))
        })
    }
}

/// Makes `object`, which the inspector takes over, the file that a thread has open as number `fd`, in place of another. Returns false
/// if the thread's table of files is full; the object is released then.
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
        // SAFETY: by `# Safety`, `inspector` is null or live.
        let inspector = unsafe { borrow(inspector, "inspector")? };
        let stores: &Arc<Stores> = inspector.stores()?;
        let object = stores.fd_object(object).ok_or_else(|| Failure::illegal("null fd"))?;
        let file = Fd::outside(Box::new(object), stores.exposures().add());
        Ok(inspector.core_mut()?.state_mut().add_fd(ThreadId::from_number(id), fd, file))
    };
    // SAFETY: by `# Safety`, `error` is null or writable.
    unsafe { guard(error, |_| false, body) }
}

/// Removes the file that a thread has open as number `fd`. Returns whether it was known.
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
        // SAFETY: by `# Safety`, `inspector` is null or live.
        let inspector = unsafe { borrow(inspector, "inspector")? };
        Ok(inspector.core_mut()?.state_mut().remove_fd(ThreadId::from_number(id), fd))
    };
    // SAFETY: by `# Safety`, `error` is null or writable.
    unsafe { guard(error, |_| false, body) }
}

/// Called with the number of an open file; false ends the iteration.
pub type sinsp_fd_visitor = Option<unsafe extern "C" fn(context: *mut c_void, fd: i64) -> bool>;

/// Calls `visit` for each file that a thread has open at the time of the call, in no order, until it returns false. Returns
/// false if `visit` did.
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
    // SAFETY: this `# Safety` includes that of `read_thread`.
    let (Some(visit), Some(numbers)) = (visit, unsafe { read_thread(inspector, id, None, numbers) }) else {
        return false;
    };
    // SAFETY: by `# Safety`, `visit` is callable with `context`. The numbers are a copy: the calls may change the state.
    numbers.into_iter().all(|fd| unsafe { visit(context, fd) })
}

/// The character for a kind of file (`SCAP_FD_*`), such as `f` for a file; 0 for an unknown kind.
#[unsafe(no_mangle)]
pub extern "C" fn sinsp_fd_kind_char(kind: i32) -> u8 {
    guard_plain(0, || kind_of(kind).map_or(0, |fd| fd.type_char()))
}

/// The word for a kind of file (`SCAP_FD_*`), such as `file`, ended by a NUL and valid forever; `<NA>` for a kind without one.
#[unsafe(no_mangle)]
pub extern "C" fn sinsp_fd_kind_name(kind: i32) -> *const c_char {
    c_name(Some(kind_of(kind).map_or("<NA>", |fd| fd.type_name())))
}

/// The transport protocol (`SCAP_L4_*`) of a socket whose role is in `flags` (`sinsp_fdinfo::flags`); `SCAP_L4_NA` for null and without a role.
///
/// # Safety
/// `sock` must be null or readable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_sock_l4proto(sock: *const sinsp_sock, flags: u32) -> u8 {
    // SAFETY: by `# Safety`, `sock` is null or readable.
    let sock = unsafe { sock.as_ref() };
    let proto = |sock: &sinsp_sock| {
        let mut fd = Fd::new(FdType::Unknown);
        fd.flags.set(flags);
        fd.set_sock(sock.info());
        fd.l4proto()
    };
    guard_plain(L4Proto::NotApplicable, || sock.map_or(L4Proto::NotApplicable, proto)) as u8
}

fn kind_of(kind: i32) -> Option<Fd> {
    FdType::from_number(kind).map(Fd::new)
}
