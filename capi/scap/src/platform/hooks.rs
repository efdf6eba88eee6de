//! What a program's own engine tells a Linux platform, through the functions that the program has put into its
//! `scap_linux_platform`. They go before /proc, which is asked for what they do not have or cannot tell.

use crate::engine::kmod_public::scap_kmod_linux_vtable;
use crate::engine::modern_bpf_public::scap_modern_bpf_linux_vtable;
use crate::platform::scap_linux_platform::{scap_fetch_callbacks, scap_linux_vtable};
use crate::platform::state::{Platform, Source};
use crate::types::engine_handle::scap_engine_handle;
use crate::types::from_c;
use crate::types::ppm::ppm_proclist_info;
use crate::types::scap::{scap_fdinfo, scap_threadinfo};
use crate::types::scap_const::{SCAP_FAILURE, SCAP_NOT_SUPPORTED, SCAP_SUCCESS};
use crate::types::to_c;
use capi_common::{ErrorText, guard, text, write_error};
use scap_sys::capture::Snapshot;
use scap_sys::linux::Scanner;
use scap_sys::{Error, FdInfo, Result, SystemSink};
use std::ffi::{c_char, c_void};
use std::ptr::{null, null_mut};

/// The functions of an engine, and its object.
#[derive(Clone, Copy)]
pub(crate) struct Hooks {
    engine: scap_engine_handle,
    vtable: *const scap_linux_vtable,
}

impl Hooks {
    /// No functions.
    pub const NONE: Hooks = Hooks { engine: scap_engine_handle { m_handle: null_mut() }, vtable: null() };

    /// What stands in a `scap_linux_platform`. The functions of this library's engines count as none: they tell what the platform
    /// finds out for itself.
    pub fn new(engine: scap_engine_handle, vtable: *const scap_linux_vtable) -> Hooks {
        let ours: [*const scap_linux_vtable; 2] = [&scap_modern_bpf_linux_vtable, &scap_kmod_linux_vtable];
        Hooks { engine, vtable: if ours.contains(&vtable) { null() } else { vtable } }
    }
}

/// The processor times that an engine has told, in memory that the engine has allocated.
pub(crate) struct ThreadList(*mut ppm_proclist_info);

impl ThreadList {
    pub const NONE: ThreadList = ThreadList(null_mut());
}

impl Drop for ThreadList {
    fn drop(&mut self) {
        // SAFETY: null, or from the C library's malloc, as the functions of an engine promise.
        unsafe { libc::free(self.0.cast()) };
    }
}

/// A sink that is told of open files alone.
struct Files<'a>(&'a mut dyn SystemSink);

impl SystemSink for Files<'_> {
    fn fd(&mut self, pid: i64, fd: FdInfo) {
        self.0.fd(pid, fd);
    }

    fn progress(&mut self, message: &str) {
        self.0.progress(message);
    }
}

/// The callback for a platform that keeps its threads and fds itself.
unsafe extern "C" fn keep(
    context: *mut c_void,
    error: *mut c_char,
    tid: i64,
    tinfo: *mut scap_threadinfo,
    fdinfo: *mut scap_fdinfo,
    _new_tinfo: *mut *mut scap_threadinfo,
) -> i32 {
    // SAFETY: the context is the platform's snapshot, the others are null or valid; they live for the call.
    let (known, thread, fd) = unsafe { (context.cast::<Snapshot>().as_mut(), tinfo.as_ref(), fdinfo.as_ref()) };
    let Some(known) = known else { return SCAP_FAILURE };
    let body = || {
        match (thread, fd) {
            (_, Some(fd)) => {
                if let Some(fd) = from_c::fd(fd)? {
                    known.fd(tid, fd);
                }
            }
            (Some(thread), None) => known.thread(from_c::thread(thread)),
            (None, None) => return Err(Error::Invalid("neither a thread nor an fd".into())),
        }
        Ok(())
    };
    match guard(|message| Err(Error::Invalid(message.into())), body) {
        Ok(()) => SCAP_SUCCESS,
        Err(e) => {
            // SAFETY: the buffer of whoever tells, if any.
            unsafe { write_error(error, &e) };
            SCAP_FAILURE
        }
    }
}

type Call<'a> =
    &'a mut dyn FnMut(&scap_linux_vtable, scap_engine_handle, &scap_fetch_callbacks, *mut c_char) -> Option<i32>;

impl Platform {
    /// Calls one of the engine's functions, by way of `call`, which answers `None` if the engine does not have it. `None` if there is
    /// no such function, or it cannot tell.
    fn ask_engine(&mut self, what: &str, call: Call<'_>) -> Option<Result<()>> {
        if self.source != Source::Linux {
            return None;
        }
        // SAFETY: the program keeps the functions as long as the platform.
        let vtable = unsafe { self.hooks.vtable.as_ref() }?;
        let callbacks = self.told_by(Some(keep));
        let mut error = ErrorText::new();
        match call(vtable, self.hooks.engine, &callbacks, error.0.as_mut_ptr())? {
            SCAP_SUCCESS => Some(Ok(())),
            SCAP_NOT_SUPPORTED => None,
            rc => {
                let why = String::from_utf8_lossy(text(&error.0));
                Some(Err(Error::Invalid(format!("the engine's {what} failed ({rc}): {why}"))))
            }
        }
    }

    /// Tells of all threads and open files.
    pub(crate) fn tell_all(&mut self) -> Result<()> {
        let threads = self.ask_engine("fetch_threads", &mut |v, engine, callbacks, error| {
            // SAFETY: the engine\'s own function and object; what it gets is valid for the call.
            v.fetch_threads.map(|f| unsafe { f(engine, callbacks, error) })
        });
        match threads {
            None => return self.scan(|scanner, sink| scanner.threads(sink)),
            Some(told) => told?,
        }
        let files = self.ask_engine("fetch_procs_files", &mut |v, engine, callbacks, error| {
            // SAFETY: the engine\'s own function and object; what it gets is valid for the call.
            v.fetch_procs_files.map(|f| unsafe { f(engine, callbacks, error) })
        });
        files.unwrap_or_else(|| self.scan(|scanner, sink| scanner.threads(&mut Files(sink))))
    }

    /// Tells of one thread, and if it is the main one of its open files; its sockets too if `sockets`.
    pub(crate) fn tell_thread(&mut self, tid: i64, sockets: bool) -> Result<()> {
        let id = u32::try_from(tid).unwrap_or(0);
        let mut thread = to_c::empty_thread();
        let told = self.ask_engine("fetch_thread", &mut |v, engine, callbacks, error| {
            // SAFETY: the engine\'s own function and object; what it gets is valid for the call.
            v.fetch_thread.map(|f| unsafe { f(engine, callbacks, id, &mut *thread, error) })
        });
        match told {
            None => return self.scan(|scanner, sink| scanner.thread(tid, sockets, sink)),
            Some(told) => told?,
        }
        if thread.pid != thread.tid {
            return Ok(());
        }
        let files = self.ask_files(id, sockets);
        files.unwrap_or_else(|| self.scan(|scanner, sink| scanner.thread(tid, sockets, &mut Files(sink))))
    }

    fn ask_files(&mut self, pid: u32, sockets: bool) -> Option<Result<()>> {
        self.ask_engine("fetch_proc_files", &mut |v, engine, callbacks, error| {
            // SAFETY: the engine\'s own function and object; what it gets is valid for the call.
            v.fetch_proc_files.map(|f| unsafe { f(engine, callbacks, pid, sockets, null_mut(), error) })
        })
    }

    /// Tells of the open files of a process.
    pub(crate) fn tell_files(&mut self, pid: i64) -> Result<()> {
        let told = self.ask_files(u32::try_from(pid).unwrap_or(0), true);
        told.unwrap_or_else(|| self.scan(|scanner, sink| scanner.fds(pid, sink)))
    }

    /// Tells of one open file of a process.
    pub(crate) fn tell_file(&mut self, pid: i64, fd: i64) -> Result<()> {
        let told = match (u32::try_from(pid), u32::try_from(fd)) {
            (Ok(pid), Ok(fd)) => self.ask_engine("fetch_proc_file", &mut |v, engine, callbacks, error| {
                // SAFETY: the engine\'s own function and object; what it gets is valid for the call.
                v.fetch_proc_file.map(|f| unsafe { f(engine, callbacks, pid, fd, error) })
            }),
            _ => None,
        };
        told.unwrap_or_else(|| self.scan(|scanner, sink| scanner.fd(pid, fd, sink)))
    }

    /// The pid of this program, as the host counts.
    pub(crate) fn own_pid(&mut self) -> Result<i64> {
        let mut pid = 0;
        let told = self.ask_engine("getpid_global", &mut |v, engine, _, error| {
            // SAFETY: the engine\'s own function and object; what it gets is valid for the call.
            v.getpid_global.map(|f| unsafe { f(engine, &mut pid, error) })
        });
        match told {
            Some(told) => told.map(|()| pid),
            None => self.ask(Scanner::own_pid),
        }
    }

    /// The processor times of all threads, as the engine tells them; `None` if it does not.
    pub(crate) fn engine_times(&mut self) -> Option<Result<*mut ppm_proclist_info>> {
        let mut list = std::mem::replace(&mut self.engine_list, ThreadList::NONE);
        let told = self.ask_engine("get_threadlist", &mut |v, engine, _, error| {
            // SAFETY: the engine\'s own function and object; what it gets is valid for the call.
            v.get_threadlist.map(|f| unsafe { f(engine, &mut list.0, error) })
        });
        self.engine_list = list;
        told.map(|told| told.map(|()| self.engine_list.0))
    }
}

#[cfg(test)]
mod tests;
