//! The data of a platform. What the functions return belongs to the platform and is valid until it is closed or refreshed.

use crate::platform::state::{Platform, scap_platform};
use crate::types::ppm::ppm_proclist_info;
use crate::types::scap::{scap_addrlist, scap_threadinfo, scap_userlist};
use crate::types::scap_const::{SCAP_FAILURE, SCAP_NOT_SUPPORTED, SCAP_SUCCESS};
use crate::types::scap_log::falcosecurity_log_severity;
use crate::types::scap_machine_info::{_scap_agent_info, _scap_machine_info};
use capi_common::{Lent, bytes, guard, write_error};
use scap_sys::linux::Scanner;
use scap_sys::{Error, Result};
use std::ffi::{c_char, c_int, c_ulong};
use std::ptr::null_mut;

/// Runs `body` on a platform and returns its code. The text of an error goes to `error`, or to the log if that is null.
///
/// # Safety
/// `platform` is null or a valid platform that nothing else uses during the call; `error` is null or has `SCAP_LASTERR_SIZE` bytes.
pub(super) unsafe fn run(
    platform: *mut scap_platform,
    error: *mut c_char,
    body: impl FnOnce(&mut Platform) -> Result<()>,
) -> i32 {
    // SAFETY: null or SCAP_LASTERR_SIZE bytes (# Safety).
    let fail = |code, text: &dyn std::fmt::Display| unsafe {
        write_error(error, text);
        code
    };
    // SAFETY: null or valid (# Safety).
    let Some(platform) = (unsafe { platform.as_ref() }) else { return fail(SCAP_FAILURE, &"null platform") };
    guard(
        |message| fail(SCAP_FAILURE, &message),
        || match platform.platform().and_then(|mut p| logged(&mut p, error.is_null(), body)) {
            Ok(()) => SCAP_SUCCESS,
            Err(e @ Error::NotSupported(_)) => fail(SCAP_NOT_SUPPORTED, &e),
            Err(e) => fail(SCAP_FAILURE, &e),
        },
    )
}

/// Runs `body`. If `log`, its failure is logged, unless it says that a thread or a file is gone.
fn logged(platform: &mut Platform, log: bool, body: impl FnOnce(&mut Platform) -> Result<()>) -> Result<()> {
    let gone = |e: &std::io::Error| matches!(e.raw_os_error(), Some(libc::ENOENT | libc::ESRCH));
    let answer = body(platform);
    if log
        && let Err(e @ Error::Io { source, .. }) = &answer
        && !gone(source)
    {
        platform.log(falcosecurity_log_severity::FALCOSECURITY_LOG_SEV_WARNING, &e.to_string());
    }
    answer
}

/// What `read` returns for a platform; null if that is nothing, or if the platform is in use.
///
/// # Safety
/// `platform` is null or a valid platform.
unsafe fn known<T>(platform: *mut scap_platform, read: impl FnOnce(&Platform) -> Option<&Lent<T>>) -> *mut T {
    // SAFETY: null or valid (# Safety).
    let Some(platform) = (unsafe { platform.as_ref() }) else { return null_mut() };
    guard(|_| null_mut(), || platform.platform().map_or(null_mut(), |p| read(&p).map_or(null_mut(), Lent::as_ptr)))
}

/// Returns the addresses of the machine; null if they are unknown.
///
/// # Safety
/// `platform` is null or a valid platform.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn scap_get_ifaddr_list(platform: *mut scap_platform) -> *mut scap_addrlist {
    // SAFETY: null or a valid platform that this thread alone uses (# Safety).
    unsafe { known(platform, |p| p.addresses.as_ref().map(|a| &a.list)) }
}

/// Reads the addresses of the machine again. On a failure the old ones stay, and the cause is logged.
///
/// # Safety
/// `platform` is null or a valid platform.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn scap_refresh_iflist(platform: *mut scap_platform) {
    // SAFETY: null or a valid platform that this thread alone uses (# Safety).
    unsafe { run(platform, null_mut(), Platform::refresh_addresses) };
}

/// Returns the users and groups of the machine; null if they are unknown.
///
/// # Safety
/// `platform` is null or a valid platform.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn scap_get_user_list(platform: *mut scap_platform) -> *mut scap_userlist {
    // SAFETY: null or a valid platform that this thread alone uses (# Safety).
    unsafe { known(platform, |p| p.users.as_ref().map(|u| &u.list)) }
}

/// Returns the machine; null if a capture does not have it.
///
/// # Safety
/// `platform` is null or a valid platform.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn scap_get_machine_info(platform: *mut scap_platform) -> *const _scap_machine_info {
    // SAFETY: null or a valid platform that this thread alone uses (# Safety).
    unsafe { known(platform, |p| p.machine.as_ref()) }
}

/// Returns the program that captures; null if it is not this process.
///
/// # Safety
/// `platform` is null or a valid platform.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn scap_get_agent_info(platform: *mut scap_platform) -> *const _scap_agent_info {
    // SAFETY: null or a valid platform that this thread alone uses (# Safety).
    unsafe { known(platform, |p| p.agent.as_ref()) }
}

/// Returns the device of a mount, as the process whose folder in /proc is `procdir` sees it; 0 if unknown.
///
/// # Safety
/// `platform` is null or a valid platform; `procdir` is null or a string.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn scap_get_device_by_mount_id(
    platform: *mut scap_platform,
    procdir: *const c_char,
    requested_mount_id: c_ulong,
) -> u32 {
    // SAFETY: null or a string for this call (# Safety).
    let name = unsafe { bytes(procdir) }.unwrap_or_default();
    let last = name.split(|b| *b == b'/').rfind(|part| !part.is_empty()).unwrap_or_default();
    let pid = std::str::from_utf8(last).ok().and_then(|p| p.parse().ok());
    let (Some(pid), Ok(mount)) = (pid, u32::try_from(requested_mount_id)) else { return 0 };
    let mut device = 0;
    let ask = |p: &mut Platform| {
        device = p.read(|scanner| Ok(scanner.device_of_mount(pid, mount)))?;
        Ok(())
    };
    // SAFETY: null or a valid platform that this thread alone uses (# Safety).
    unsafe { run(platform, null_mut(), ask) };
    device
}

/// Passes one thread to the callback and, if it is a main thread, the fds of its process, with sockets if `scan_sockets`.
///
/// # Safety
/// `platform` is null or a valid platform.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn scap_proc_get(platform: *mut scap_platform, tid: i64, scan_sockets: bool) -> i32 {
    // SAFETY: null or a valid platform that this thread alone uses (# Safety).
    unsafe {
        run(platform, null_mut(), |p| {
            p.forget(tid);
            p.fetch_thread(tid, scan_sockets)
        })
    }
}

/// Scans the system again and passes all threads and fds to the callbacks.
///
/// # Safety
/// `platform` is null or a valid platform.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn scap_refresh_proc_table(platform: *mut scap_platform) -> i32 {
    // SAFETY: null or a valid platform that this thread alone uses (# Safety).
    unsafe { run(platform, null_mut(), Platform::refresh) }
}

/// Returns whether a thread still lives and has this name; true if that cannot be found out.
///
/// # Safety
/// `platform` is null or a valid platform; `comm` is null or a string.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn scap_is_thread_alive(
    platform: *mut scap_platform,
    pid: i64,
    tid: i64,
    comm: *const c_char,
) -> bool {
    // SAFETY: null or a string for this call (# Safety).
    let Some(comm) = (unsafe { bytes(comm) }) else { return true };
    let mut alive = true;
    let ask = |p: &mut Platform| {
        alive = p.read(|scanner| Ok(scanner.is_alive(pid, tid, Some(comm))))?;
        Ok(())
    };
    // SAFETY: null or a valid platform that this thread alone uses (# Safety).
    unsafe { run(platform, null_mut(), ask) };
    alive
}

/// Writes the pid of this process in the host's pid namespace to `*pid`.
///
/// # Safety
/// `platform` is null or a valid platform; `pid` is null or valid.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn scap_getpid_global(platform: *mut scap_platform, pid: *mut i64) -> i32 {
    let ask = |p: &mut Platform| {
        let own = p.own_pid()?;
        // SAFETY: null or valid for this call (# Safety).
        match unsafe { pid.as_mut() } {
            Some(pid) => *pid = own,
            None => return Err(Error::Invalid("scap_getpid_global: null output".into())),
        }
        Ok(())
    };
    // SAFETY: null or a valid platform that this thread alone uses (# Safety).
    unsafe { run(platform, null_mut(), ask) }
}

/// Returns the CPU times of all threads, valid until the next call; null on an error, whose text goes to `error`
/// (`SCAP_LASTERR_SIZE` bytes, or null).
///
/// # Safety
/// `platform` is null or a valid platform; `error` is null or has that size.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn scap_get_threadlist(
    platform: *mut scap_platform,
    error: *mut c_char,
) -> *mut ppm_proclist_info {
    let mut list = null_mut();
    let ask = |p: &mut Platform| {
        if let Some(reported) = p.engine_times() {
            list = reported?;
            return Ok(());
        }
        let times = p.read(Scanner::thread_times)?;
        // Two counts, then three numbers for each thread.
        p.thread_times.clear();
        p.thread_times.extend([times.len() as u64; 2]);
        p.thread_times.extend(times.iter().flat_map(|t| [t.tid as u64, t.user, t.system]));
        list = p.thread_times.as_mut_ptr().cast();
        Ok(())
    };
    // SAFETY: null or a valid platform that this thread alone uses (# Safety).
    unsafe { run(platform, error, ask) };
    list
}

/// Passes all fds of the process `tinfo->pid` to the callback.
///
/// # Safety
/// The pointers are null or valid; `error` is null or has `SCAP_LASTERR_SIZE` bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn scap_get_fdlist(
    platform: *mut scap_platform,
    tinfo: *mut scap_threadinfo,
    error: *mut c_char,
) -> i32 {
    // SAFETY: by `# Safety`, each pointer is null or valid, and `error` has `SCAP_LASTERR_SIZE` bytes.
    unsafe { run(platform, error, |p| p.fetch_files(pid_of(tinfo)?)) }
}

/// Passes one fd of the process `tinfo->pid` to the callback.
///
/// # Safety
/// The pointers are null or valid; `error` is null or has `SCAP_LASTERR_SIZE` bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn scap_get_fdinfo(
    platform: *mut scap_platform,
    tinfo: *mut scap_threadinfo,
    fd: c_int,
    error: *mut c_char,
) -> i32 {
    // SAFETY: by `# Safety`, each pointer is null or valid, and `error` has `SCAP_LASTERR_SIZE` bytes.
    unsafe { run(platform, error, |p| p.fetch_file(pid_of(tinfo)?, fd.into())) }
}

/// The pid of a thread from C.
///
/// # Safety
/// `tinfo` is null or a thread.
unsafe fn pid_of(tinfo: *mut scap_threadinfo) -> Result<i64> {
    // SAFETY: null or a thread (# Safety).
    let thread = unsafe { tinfo.as_ref() };
    thread
        .map(|t| t.pid as i64)
        .ok_or_else(|| Error::Invalid("asking the platform for files: the scap_threadinfo is null".into()))
}
