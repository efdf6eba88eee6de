use super::*;
use crate::platform::alloc::scap_linux_alloc_platform;
use crate::platform::scap_platform::{scap_platform_free, scap_platform_init};
use crate::platform::scap_platform_api::*;
use crate::types::engine::scap_engine_handle;
use crate::types::scap_const::{SCAP_LASTERR_SIZE, SCAP_NOTFOUND};
use crate::types::scap_linux_platform::scap_linux_platform;
use crate::types::scap_open::scap_open_args;
use crate::types::scap_procs::scap_proc_callbacks;
use crate::{platform::state::scap_platform, types::engine::scap_vtable};
use std::mem::{MaybeUninit, offset_of, size_of};
use std::process;

/// An engine that returns `answer` and records its calls.
struct Engine {
    answer: i32,
    calls: Vec<&'static str>,
}

/// # Safety
/// The handle is an [`Engine`].
unsafe fn record(engine: scap_engine_handle, what: &'static str) -> i32 {
    // SAFETY: an [`Engine`] (# Safety), which has no other user during the call.
    let engine = unsafe { &mut *engine.m_handle.cast::<Engine>() };
    engine.calls.push(what);
    engine.answer
}

/// Passes the process 4711 with its one fd, 17, to the callbacks.
unsafe fn report(callbacks: *const scap_fetch_callbacks, error: *mut c_char, thread: bool, fd: bool) {
    let mut info = to_c::empty_thread();
    (info.tid, info.pid) = (4711, 4711);
    capi_common::copy(&mut info.comm, b"reported");
    let mut file = to_c::empty_fd();
    file.fd = 17;
    file.r#type = crate::types::scap::scap_fd_type::SCAP_FD_EVENT as i32;
    // SAFETY: the platform's callback; what it gets is valid during the call.
    unsafe {
        let callback = (*callbacks).proc_entry_cb.unwrap();
        if thread {
            assert_eq!(callback((*callbacks).ctx, error, 4711, &mut *info, null_mut(), null_mut()), SCAP_SUCCESS);
        }
        if fd {
            assert_eq!(callback((*callbacks).ctx, error, 4711, null_mut(), &mut *file, null_mut()), SCAP_SUCCESS);
        }
    }
}

unsafe extern "C" fn fetch_threads(
    engine: scap_engine_handle,
    callbacks: *const scap_fetch_callbacks,
    error: *mut c_char,
) -> i32 {
    // SAFETY: the handle is the test's `Engine`, and the platform's pointers are valid for the call.
    unsafe {
        let answer = record(engine, "threads");
        match answer {
            SCAP_SUCCESS => report(callbacks, error, true, false),
            _ => write_error(error, "no threads today"),
        }
        answer
    }
}

unsafe extern "C" fn fetch_procs_files(
    engine: scap_engine_handle,
    callbacks: *const scap_fetch_callbacks,
    error: *mut c_char,
) -> i32 {
    // SAFETY: the handle is the test's `Engine`, and the platform's pointers are valid for the call.
    unsafe {
        report(callbacks, error, false, true);
        record(engine, "all files")
    }
}

unsafe extern "C" fn fetch_thread(
    engine: scap_engine_handle,
    callbacks: *const scap_fetch_callbacks,
    tid: u32,
    tinfo: *mut scap_threadinfo,
    error: *mut c_char,
) -> i32 {
    // SAFETY: the handle is the test's `Engine`, and the platform's pointers are valid for the call.
    unsafe {
        ((*tinfo).tid, (*tinfo).pid) = (tid.into(), tid.into());
        report(callbacks, error, true, false);
        record(engine, "thread")
    }
}

unsafe extern "C" fn fetch_proc_files(
    engine: scap_engine_handle,
    callbacks: *const scap_fetch_callbacks,
    pid: u32,
    _sockets: bool,
    _count: *mut u64,
    error: *mut c_char,
) -> i32 {
    assert_eq!(pid, 4711);
    // SAFETY: the handle is the test's `Engine`, and the platform's pointers are valid for the call.
    unsafe {
        report(callbacks, error, false, true);
        record(engine, "files")
    }
}

unsafe extern "C" fn fetch_proc_file(
    engine: scap_engine_handle,
    _callbacks: *const scap_fetch_callbacks,
    pid: u32,
    fd: u32,
    _error: *mut c_char,
) -> i32 {
    assert_eq!((pid, fd), (4711, 17));
    // SAFETY: the handle is the test's `Engine`, and the platform's pointers are valid for the call.
    unsafe { record(engine, "file") }
}

unsafe extern "C" fn getpid_global(engine: scap_engine_handle, pid: *mut i64, _error: *mut c_char) -> i32 {
    // SAFETY: the handle is the test's `Engine`, and the platform's pointers are valid for the call.
    unsafe {
        *pid = 42;
        record(engine, "pid")
    }
}

unsafe extern "C" fn get_threadlist(
    engine: scap_engine_handle,
    list: *mut *mut ppm_proclist_info,
    _error: *mut c_char,
) -> i32 {
    // SAFETY: the handle is the test's `Engine`; the list is null or what this function allocated.
    unsafe {
        if (*list).is_null() {
            *list = libc::calloc(1, size_of::<ppm_proclist_info>()).cast();
        }
        (**list).n_entries += 1;
        record(engine, "times")
    }
}

static VTABLE: scap_linux_vtable = scap_linux_vtable {
    getpid_global: Some(getpid_global),
    get_threadlist: Some(get_threadlist),
    fetch_thread: Some(fetch_thread),
    fetch_threads: Some(fetch_threads),
    fetch_proc_file: Some(fetch_proc_file),
    fetch_proc_files: Some(fetch_proc_files),
    fetch_procs_files: Some(fetch_procs_files),
    ..scap_linux_vtable::NONE
};

/// The threads and fds that the callback got.
#[derive(Default)]
struct Received(Vec<u64>, Vec<(i64, i64)>);

unsafe extern "C" fn hear(
    context: *mut c_void,
    _error: *mut c_char,
    tid: i64,
    tinfo: *mut scap_threadinfo,
    fdinfo: *mut scap_fdinfo,
    _new: *mut *mut scap_threadinfo,
) -> i32 {
    // SAFETY: the context is the test's `Received`; the others are null or valid for the call.
    let (received, thread, fd) = unsafe { (&mut *context.cast::<Received>(), tinfo.as_ref(), fdinfo.as_ref()) };
    received.0.extend(thread.map(|t| t.tid));
    received.1.extend(fd.map(|f| (tid, f.fd)));
    SCAP_SUCCESS
}

/// Allocates a platform with the engine `engine` and opens it.
unsafe fn open(received: *mut Received, engine: *mut Engine) -> (*mut scap_platform, i32, String) {
    let callbacks = scap_proc_callbacks {
        m_refresh_start_cb: None,
        m_refresh_end_cb: None,
        m_proc_entry_cb: if received.is_null() { None } else { Some(hear) },
        m_callback_context: received.cast(),
    };
    let mut error = [0; SCAP_LASTERR_SIZE];
    // SAFETY: the platform starts with a `scap_linux_platform`; open arguments may be all zeros.
    unsafe {
        let platform = scap_linux_alloc_platform(callbacks);
        (*platform.cast::<scap_linux_platform>()).m_linux_vtable.set(&VTABLE);
        let mut args = MaybeUninit::<scap_open_args>::zeroed().assume_init();
        let handle = scap_engine_handle { m_handle: engine.cast() };
        let rc = scap_platform_init(platform, error.as_mut_ptr(), handle, &mut args);
        assert_eq!((*platform.cast::<scap_linux_platform>()).m_engine.get().m_handle, engine.cast());
        (platform, rc, String::from_utf8_lossy(text(&error)).into_owned())
    }
}

#[test]
fn a_platform_starts_with_what_c_may_write() {
    assert_eq!(offset_of!(scap_platform, public), 0);
    assert_eq!(offset_of!(scap_linux_platform, m_linux_vtable), size_of::<*const scap_vtable>());
}

#[test]
fn the_functions_of_an_engine_go_before_proc() {
    let (mut received, mut engine) = (Received::default(), Engine { answer: SCAP_SUCCESS, calls: Vec::new() });
    let (received, engine) = (&raw mut received, &raw mut engine);
    // SAFETY: all of them live to the end of the test.
    unsafe {
        let (platform, rc, error) = open(received, engine);
        assert_eq!((rc, &*error), (SCAP_SUCCESS, ""));
        assert_eq!(((*received).0.as_slice(), (*received).1.as_slice()), (&[4711][..], &[(4711, 17)][..]));
        assert_eq!(scap_proc_get(platform, 4711, true), SCAP_SUCCESS);
        let mut thread = to_c::empty_thread();
        thread.pid = 4711;
        let mut error = [0; SCAP_LASTERR_SIZE];
        assert_eq!(scap_get_fdlist(platform, &mut *thread, error.as_mut_ptr()), SCAP_SUCCESS);
        assert_eq!(scap_get_fdinfo(platform, &mut *thread, 17, error.as_mut_ptr()), SCAP_SUCCESS);
        let mut pid = 0;
        assert_eq!((scap_getpid_global(platform, &mut pid), pid), (SCAP_SUCCESS, 42));
        let list = scap_get_threadlist(platform, error.as_mut_ptr());
        assert_eq!((*list).n_entries, 1);
        assert_eq!(scap_get_threadlist(platform, error.as_mut_ptr()), list);
        assert_eq!((*list).n_entries, 2);
        assert_eq!(
            (*engine).calls,
            ["threads", "all files", "thread", "files", "files", "file", "pid", "times", "times"]
        );
        assert_eq!((*received).0, [4711, 4711]);
        assert_eq!((*received).1, [(4711, 17); 3]);
        scap_platform_free(platform);
    }
}

#[test]
fn a_platform_keeps_what_an_engine_tells() {
    let mut engine = Engine { answer: SCAP_SUCCESS, calls: Vec::new() };
    // SAFETY: the engine lives to the end of the test.
    unsafe {
        let (platform, rc, _) = open(null_mut(), &mut engine);
        assert_eq!(rc, SCAP_SUCCESS);
        {
            let known = &(*platform).platform().unwrap().known;
            assert_eq!(known.threads.len(), 1);
            assert_eq!((known.threads[0].tid, &*known.threads[0].comm), (4711, &b"reported"[..]));
            assert_eq!(known.fds.len(), 1);
        }
        scap_platform_free(platform);
    }
}

#[test]
fn proc_has_what_an_engine_does_not_support() {
    let (mut received, mut engine) = (Received::default(), Engine { answer: SCAP_NOT_SUPPORTED, calls: Vec::new() });
    let (received, engine) = (&raw mut received, &raw mut engine);
    // SAFETY: all of them live to the end of the test.
    unsafe {
        let (platform, rc, error) = open(received, engine);
        assert_eq!((rc, &*error), (SCAP_SUCCESS, ""));
        assert!((*received).0.contains(&process::id().into()));
        let mut pid = 0;
        assert_eq!((scap_getpid_global(platform, &mut pid), pid), (SCAP_SUCCESS, process::id().into()));
        assert!((*scap_get_threadlist(platform, null_mut())).n_entries > 1);
        assert_eq!((*engine).calls, ["threads", "pid", "times"]);
        scap_platform_free(platform);
    }
}

#[test]
fn an_error_of_an_engine_is_returned() {
    let mut engine = Engine { answer: SCAP_NOTFOUND, calls: Vec::new() };
    // SAFETY: the engine lives to the end of the test.
    unsafe {
        let (platform, rc, error) = open(null_mut(), &mut engine);
        assert_eq!((rc, &*error), (SCAP_FAILURE, "the engine's fetch_threads failed (4): no threads today"));
        scap_platform_free(platform);
    }
}
